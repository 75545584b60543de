package sandbox

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/cmd/internal/app"
	"tickmark/models"
	"tickmark/models/modelstest/waysin"
)

// token is the administrator's.
const token = "tm_ADMINADM_of-the-administrator"

// opened starts a sandbox that the administrator's token opens, on any port.
func opened(t *testing.T, dir string) *Sandbox {
	t.Helper()
	s, err := Open(Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Guard: app.Here, Secret: token + "\n",
		Admits: func(_ context.Context, said string) bool { return said == token }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A visit is a request to the sandbox, as a browser or a program sends it.
type visit struct {
	method, at string
	host       string // empty: the sandbox's own
	header     map[string]string
	cookie     string
	form       url.Values
}

func (s *Sandbox) answer(v visit) *http.Response {
	r := httptest.NewRequest(v.method, s.URL()+v.at, strings.NewReader(v.form.Encode()))
	if v.host != "" {
		r.Host = v.host
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range v.header {
		r.Header.Set(name, value)
	}
	if v.cookie != "" {
		r.AddCookie(&http.Cookie{Name: s.cookie(), Value: v.cookie})
	}
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	return w.Result()
}

// said returns the body of an answer.
func said(t *testing.T, res *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := res.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Mallory has an account on the machine, and no token. None of the addresses that ask for something gives him anything or does anything,
// whatever he tries in place of it, and no answer names the secrets of the workspace. With the right thing each address answers.
func TestEachRouteAsksForWhatItSays(t *testing.T) {
	s := opened(t, t.TempDir())
	w, err := s.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: "Sandbox"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.slack.AddUser(team, slackfake.User{ID: "UMARTA", RealName: "Marta", Email: "marta@acme.test"})
	if err != nil {
		t.Fatal(err)
	}
	tries := map[string]visit{
		"nothing":          {},
		"another cookie":   {cookie: strings.Repeat("0", len(s.key))},
		"the token as key": {cookie: token},
		"another token":    {header: map[string]string{"Authorization": "Bearer tm_OTHER000_of-nobody"}},
		"no bearer":        {header: map[string]string{"Authorization": token}},
	}
	for _, each := range s.routes() {
		method, at, _ := strings.Cut(each.pattern, " ")
		at, _, _ = strings.Cut(strings.Replace(at, "{$}", "", 1), "{")
		form := url.Values{"user": {u.ID}, "text": {"/tickmark"}, "channel": {u.ID}, "token": {"tm_OTHER000_of-nobody"}}
		switch {
		case at == "/api/":
			at += "chat.postMessage"
		case at == "/admin/":
			at += "workspaces"
		case at == "/actions/":
			at += team + "/0/guessed"
		}
		for what, v := range tries {
			v.method, v.at, v.form = method, at, form
			res := s.answer(v)
			body := said(t, res)
			if each.asks != asksNothing && !refuses(each.asks, res.StatusCode, body) {
				t.Errorf("%s with %s is answered %s", each.pattern, what, body)
			}
			for _, secret := range []string{w.Token, w.SigningSecret, w.ClientSecret, s.key, token, u.Email, u.RealName} {
				if secret != "" && strings.Contains(body, secret) {
					t.Errorf("%s with %s tells %q", each.pattern, what, secret)
				}
			}
		}
		form.Set("token", token)
		if each.asks == asksSlack {
			form.Del("token") // which Slack's API knows as another thing
		}
		v := visit{method: method, at: at, form: form, cookie: s.key}
		if v.header = map[string]string{"Authorization": "Bearer " + token}; each.asks == asksSlack {
			v.header["Authorization"] = "Bearer " + w.Token
		}
		if res := s.answer(v); each.asks != asksAddress && refuses(each.asks, res.StatusCode, said(t, res)) {
			t.Errorf("%s with what it asks for is answered %s", each.pattern, res.Status)
		}
	}
	if n := len(s.slack.AllMessages(team)); n != 1 {
		t.Errorf("there are %d messages: one was posted with the bot's token", n)
	}
}

// refuses reports whether an answer is a refusal: Slack says so in the body.
func refuses(asks string, status int, body string) bool {
	switch asks {
	case asksSlack:
		return strings.Contains(body, `"ok":false`)
	case asksAddress:
		return status == http.StatusNotFound || strings.Contains(body, "no_active_hooks")
	}
	return status == http.StatusUnauthorized
}

// Ines clicks the link that was printed and is in, with a cookie that no page and no script gets hold of; so is she with her token. The key
// is gone from the address of the page that she sees.
func TestTheLinkOpensThePage(t *testing.T) {
	s := opened(t, t.TempDir())
	link, err := url.Parse(s.Link() + "&at=UMARTA")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]visit{"link": {method: "GET", at: link.RequestURI()},
		"token": {method: "POST", at: "/enter", form: url.Values{"token": {" " + token + "\n"}}}} {
		res := s.answer(v)
		if len(res.Cookies()) != 1 {
			t.Fatalf("%s gives %d cookies and %s", name, len(res.Cookies()), res.Status)
		}
		c := res.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Value != s.key || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s gives %s", name, c.Raw)
		}
		to := res.Header.Get("Location")
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Cache-Control") != "no-store" ||
			name == "link" && res.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s is answered with %s and %v", name, res.Status, res.Header)
		}
		if strings.Contains(to, "key=") || !strings.HasPrefix(to, "/") || name == "link" && to != "/?at=UMARTA" {
			t.Errorf("%s goes on to %q", name, to)
		}
		page := s.answer(visit{method: "GET", at: to, cookie: c.Value})
		if body := said(t, page); page.StatusCode != http.StatusOK || !strings.Contains(body, "no place for real approvals") {
			t.Errorf("%s leads to %s", name, body)
		}
	}
}

// Ines clicks the link that was printed a second time, in the same browser, and it leads her on; so it does after a restart, by her
// cookie alone. Who finds the link later has no cookie, and nothing: neither by the link nor by the value of the cookie in its place. From
// a page of another site a browser does not send the cookie until it goes on from ours, once.
func TestTheLinkOpensNothingLater(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	link, err := url.Parse(s.Link() + "&at=UMARTA")
	if err != nil {
		t.Fatal(err)
	}
	again := visit{method: "GET", at: link.RequestURI(), cookie: s.key}
	s.Close()
	other := opened(t, dir)
	for name, each := range map[string]*Sandbox{"again": s, "after a restart": other} {
		if res := each.answer(again); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/?at=UMARTA" ||
			len(res.Cookies()) != 0 {
			t.Errorf("%s it leads to %s %v", name, res.Status, res.Header)
		}
	}
	for _, at := range []string{link.RequestURI(), "/?key=" + s.key, "/?key="} {
		if res := other.answer(visit{method: "GET", at: at}); res.StatusCode != http.StatusUnauthorized || len(res.Cookies()) != 0 {
			t.Errorf("%s after a restart: %s", at, res.Status)
		}
	}
	for site, want := range map[string]string{"cross-site": "0", "same-origin": "", "none": ""} {
		res := other.answer(visit{method: "GET", at: "/", header: map[string]string{"Sec-Fetch-Site": site}})
		if got := res.Header.Get("Refresh"); got != want || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("from %s: %s, %q", site, res.Status, got)
		}
	}
	if other.key != s.key {
		t.Error("the same secret makes another key: pages that are open end with a restart")
	}
	if keyOf("another secret") == s.key {
		t.Error("another secret makes the same key")
	}
}

// Ines leaves it running over lunch. For an hour the link opened the page in any browser, as often as it was opened; then it leads on only
// in those that it opened before. In another she is told how to get in, and gets in with her token.
func TestTheLinkIsGoodForAnHour(t *testing.T) {
	s := opened(t, t.TempDir())
	link, err := url.Parse(s.Link() + "&at=UMARTA")
	if err != nil {
		t.Fatal(err)
	}
	for _, browser := range []string{"Firefox", "Chromium", "Chromium, in private"} {
		if res := s.answer(visit{method: "GET", at: link.RequestURI()}); res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
			t.Errorf("%s: %s", browser, res.Status)
		}
	}
	s.began = s.began.Add(-linkOpensFor)
	if res := s.answer(visit{method: "GET", at: link.RequestURI(), cookie: s.key}); res.Header.Get("Location") != "/?at=UMARTA" {
		t.Errorf("in her own browser it leads to %s %v", res.Status, res.Header)
	}
	res := s.answer(visit{method: "GET", at: link.RequestURI()})
	if body := said(t, res); res.StatusCode != http.StatusUnauthorized || len(res.Cookies()) != 0 || !strings.Contains(body, "that is over") ||
		!strings.Contains(body, "prints a new link") || !strings.Contains(body, `action="/enter"`) || strings.Contains(body, s.link) {
		t.Errorf("in another browser: %s", body)
	}
	if body := said(t, s.answer(visit{method: "GET", at: "/?key=guessed"})); strings.Contains(body, "that is over") {
		t.Errorf("who guesses is told that there was a link: %s", body)
	}
	if res := s.answer(visit{method: "POST", at: "/enter", form: url.Values{"token": {token}}}); len(res.Cookies()) != 1 {
		t.Errorf("with her token: %s", res.Status)
	}
}

// Hosts that are not this machine are not served, and pages of other origins do nothing, at any address and with all that it asks for.
func TestOnlyThisMachineIsServed(t *testing.T) {
	s := opened(t, t.TempDir())
	for _, each := range s.routes() {
		method, at, _ := strings.Cut(each.pattern, " ")
		at, _, _ = strings.Cut(strings.Replace(at, "{$}", "", 1), "{")
		if strings.HasSuffix(at, "/") && at != "/" {
			at += "x"
		}
		for _, host := range []string{"rebound.example", "rebound.example:8090", "127.0.0.1.rebound.example", ""} {
			v := visit{method: method, at: at, host: host, cookie: s.key, header: map[string]string{"Authorization": "Bearer " + token}}
			want := http.StatusMisdirectedRequest
			if host == "" { // it is called rightly, but by another page
				if method == http.MethodGet {
					continue
				}
				v.header["Origin"], v.header["Sec-Fetch-Site"] = "http://evil.example", "cross-site"
				want = http.StatusForbidden
			}
			if res := s.answer(v); res.StatusCode != want {
				t.Errorf("%s for the host %q is answered %s", each.pattern, host, res.Status)
			}
		}
	}
}

// Somebody gets a link to the page with words in it that are not the sandbox's. They are not shown; its own are.
func TestWordsOfOthersAreNotShown(t *testing.T) {
	s := opened(t, t.TempDir())
	if _, err := s.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: "Sandbox"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.slack.AddUser(team, slackfake.User{ID: "UMARTA", RealName: "Marta"}); err != nil {
		t.Fatal(err)
	}
	own := url.Values{"at": {"UMARTA"}}
	s.problem(own, "there is no such button")
	forged := url.Values{"at": {"UMARTA"}, "problem": {"Call 555-0100 to go on"}}
	resigned := url.Values{"at": {"UMARTA"}, "problem": {"Call 555-0100 to go on"}, "said": own["said"]}
	var shown []string
	for _, q := range []url.Values{own, forged, resigned} {
		body := said(t, s.answer(visit{method: "GET", at: "/?" + q.Encode(), cookie: s.key}))
		if strings.Contains(body, q.Get("problem")) {
			shown = append(shown, q.Get("problem"))
		}
	}
	if !slices.Equal(shown, []string{"there is no such button"}) {
		t.Errorf("shown is %q", shown)
	}
	acted := s.answer(visit{method: "POST", at: "/submit", cookie: s.key, form: url.Values{"user": {"UMARTA"}, "view": {"VNONE"}}})
	to, err := url.Parse(acted.Header.Get("Location"))
	if err != nil || to.Query().Get("problem") == "" {
		t.Fatalf("a form that is not there is answered %s to %s", acted.Status, to)
	}
	if body := said(t, s.answer(visit{method: "GET", at: to.RequestURI(), cookie: s.key})); !strings.Contains(body, `role="alert"`) {
		t.Error("what Slack refused is not shown")
	}
}

// The routes of the sandbox are those that docs/security.md lists, with what each asks for.
func TestTheRoutesOfTheSandboxAreListed(t *testing.T) {
	var served, listed []string
	for _, each := range opened(t, t.TempDir()).routes() {
		served = append(served, each.pattern+" asks for "+each.asks)
	}
	for _, row := range waysin.Table(t, "../../../docs/security.md", "### Routes of the sandbox") {
		listed = append(listed, strings.Trim(row[0], "`")+" asks for "+row[1])
	}
	slices.Sort(served)
	slices.Sort(listed)
	if !slices.Equal(served, listed) {
		t.Errorf("served are\n%s\nand listed are\n%s", strings.Join(served, "\n"), strings.Join(listed, "\n"))
	}
}

// People may have any ids that Tickmark takes. No two of them have one account in the sandbox, and each account's id is one as Slack
// has them.
func TestNoTwoPeopleHaveOneAccount(t *testing.T) {
	ids, whose := []string{""}, map[string]string{}
	for range 4 {
		for _, id := range ids {
			for _, r := range "a5-.z01_" {
				ids = append(ids, id+string(r))
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	slack := regexp.MustCompile(`^U[A-Z0-9]+$`)
	tried := 0
	for _, id := range ids {
		if models.CheckID("id", id) != nil {
			continue
		}
		tried++
		user := userID(models.PersonID(id))
		if other, taken := whose[user]; taken || !slack.MatchString(user) {
			t.Errorf("%q has %s, as %q", id, user, other)
		}
		whose[user] = id
	}
	if tried < 500 {
		t.Errorf("only %d are ids", tried)
	}
}
