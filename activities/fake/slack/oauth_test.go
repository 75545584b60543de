package slackfake_test

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// An app is installed by consent: the code is exchanged once, soon and with the app's secret for the workspace's token.
func TestInstalling(t *testing.T) {
	c := standing()
	w := start(t, slackfake.Options{Now: c.now})
	ws, err := w.AddWorkspace(slackfake.Workspace{Team: "T1", Name: "Acme", ClientID: "12.34", ClientSecret: "secret", NotInstalled: true,
		Enterprise: "E1"})
	check(t, err)
	if ws.Token != "" {
		t.Fatal("it is installed")
	}
	consent := func() string {
		t.Helper()
		location, err := w.Authorize(slackfake.Install{Team: "T1", User: "UANA", ClientID: "12.34", RedirectURI: "https://app.test/cb?x=1",
			State: "s&t", Scopes: []string{"chat:write", "im:write"}})
		check(t, err)
		u, err := url.Parse(location)
		check(t, err)
		if u.Host != "app.test" || u.Query().Get("state") != "s&t" || u.Query().Get("x") != "1" {
			t.Errorf("the browser is sent to %s", location)
		}
		return u.Query().Get("code")
	}
	exchange := func(id, secret, code, redirect string) (*slack.OAuthV2Response, error) {
		return slack.GetOAuthV2Response(http.DefaultClient, id, secret, code, redirect, slack.OAuthOptionAPIURL(w.URL()+"/api/"))
	}
	code := consent()
	for _, x := range []struct{ id, secret, code, redirect, want string }{
		{"99.99", "secret", code, "https://app.test/cb?x=1", "invalid_client_id"},
		{"12.34", "wrong", code, "https://app.test/cb?x=1", "bad_client_secret"},
		{"12.34", "secret", "none", "https://app.test/cb?x=1", "invalid_code"},
		{"12.34", "secret", code, "https://evil.test/cb", "bad_redirect_uri"},
	} {
		_, err := exchange(x.id, x.secret, x.code, x.redirect)
		says(t, err, x.want)
	}
	got, err := exchange("12.34", "secret", code, "https://app.test/cb?x=1")
	check(t, err)
	if !strings.HasPrefix(got.AccessToken, "xoxb-") {
		t.Errorf("the token is %s", got.AccessToken)
	}
	if want := (slack.OAuthV2Response{AccessToken: got.AccessToken, TokenType: "bot", Scope: "chat:write,im:write", BotUserID: ws.BotUser,
		AppID: ws.App,
		Team:  slack.OAuthV2ResponseTeam{ID: "T1", Name: "Acme"}, Enterprise: slack.OAuthV2ResponseEnterprise{ID: "E1", Name: "E1"},
		AuthedUser:    slack.OAuthV2ResponseAuthedUser{ID: "UANA"},
		SlackResponse: slack.SlackResponse{Ok: true}}); !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	_, err = exchange("12.34", "secret", code, "https://app.test/cb?x=1")
	says(t, err, "invalid_code")
	who, err := w.as(got.AccessToken).AuthTest()
	check(t, err)
	if who.TeamID != "T1" {
		t.Errorf("the token is of %+v", who)
	}
	_, err = w.as(got.AccessToken).GetTeamInfo()
	says(t, err, "missing_scope")

	if ws, _ := w.Workspace("T1"); ws.NotInstalled || ws.Token != got.AccessToken || len(ws.Scopes) != 2 {
		t.Errorf("the workspace became %+v", ws)
	}

	again, err := exchange("12.34", "secret", consent(), "https://app.test/cb?x=1")
	check(t, err)
	if again.AccessToken != got.AccessToken {
		t.Error("installed again it has another token")
	}
	_, err = w.as(got.AccessToken).SendAuthRevoke("")
	check(t, err)
	fresh, err := exchange("12.34", "secret", consent(), "https://app.test/cb?x=1")
	check(t, err)
	if fresh.AccessToken == got.AccessToken {
		t.Error("after a revocation it has the old token")
	}
	_, err = w.as(got.AccessToken).AuthTest()
	says(t, err, "token_revoked")

	late := consent()
	c.pass(11 * time.Minute)
	_, err = exchange("12.34", "secret", late, "https://app.test/cb?x=1")
	says(t, err, "invalid_code")
	says(t, w.as(fresh.AccessToken).UninstallApp("12.34", "wrong"), "bad_client_secret")
	check(t, w.as(fresh.AccessToken).UninstallApp("12.34", "secret"))
	_, err = w.as(fresh.AccessToken).AuthTest()
	says(t, err, "account_inactive")
	if _, err := w.Authorize(slackfake.Install{Team: "T1", ClientID: "99.99"}); err == nil {
		t.Error("an app that is not the workspace's was let in")
	}
}

// Somebody at a browser sees what an app asks for, and is sent back to it when they allow it.
func TestTheConsentPage(t *testing.T) {
	w := settle(t, slackfake.Options{})
	page := w.URL() + "/oauth/v2/authorize?" + url.Values{"client_id": {w.one.ClientID}, "scope": {"chat:write,im:write"},
		"redirect_uri": {"https://app.test/cb"}, "state": {"<s>"}}.Encode()
	resp, err := http.Get(page)
	check(t, err)
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	if s := string(body); !strings.Contains(s, "Allow in Acme") || !strings.Contains(s, "im:write") || strings.Contains(s, "North") {
		t.Errorf("the page is %s", s)
	}
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	allow := func(team string) *http.Response {
		t.Helper()
		resp, err := stay.PostForm(page, url.Values{"team": {team}})
		check(t, err)
		check(t, resp.Body.Close())
		return resp
	}
	to, err := allow("T1").Location()
	check(t, err)
	if to.Host != "app.test" || to.Query().Get("code") == "" || to.Query().Get("state") != "<s>" {
		t.Errorf("sent to %s", to)
	}
	if resp := allow("T2"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("another workspace: %s", resp.Status)
	}
}
