package slackfake

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An Install is somebody's consent to an app in their workspace.
type Install struct {
	Team        string   `json:"team"`
	User        string   `json:"user"` // who consents; somebody made up when empty
	ClientID    string   `json:"client_id"`
	RedirectURI string   `json:"redirect_uri"`
	State       string   `json:"state"`
	Scopes      []string `json:"scopes"`
}

// A code is what the app exchanges for a token, once and within ten minutes.
type code struct {
	Code string `json:"code"`
	Install
	Expires time.Time `json:"expires"`
	Used    bool      `json:"used,omitempty"`
}

func (*code) kind() string { return "code" }

func (c *code) keep(in *world) { in.codes[c.Code] = c }

// codeLife is how long a code is good.
const codeLife = 10 * time.Minute

// Authorize consents to the installation of an app and returns the URL that Slack sends the browser to next: the redirect URI with a
// code and the state. It returns an error when the app is not the workspace's.
func (s *Slack) Authorize(i Install) (location string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(i.Team)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(i.RedirectURI)
	switch {
	case err != nil:
		return "", fmt.Errorf("the redirect URI: %w", err)
	case w.ClientID != i.ClientID:
		return "", fmt.Errorf("the workspace %s has another app than %s", i.Team, i.ClientID)
	}
	if i.User == "" {
		i.User = newID("U")
	}
	i.Scopes = slices.Clone(i.Scopes)
	c := &code{Code: newDigits(12) + "." + newDigits(12) + "." + newSecret(32), Install: i, Expires: s.now().Add(codeLife)}
	query := to.Query()
	query.Set("code", c.Code)
	query.Set("state", i.State)
	to.RawQuery = query.Encode()
	return to.String(), s.put(c)
}

func (s *Slack) oauthAccess(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if grant := r.args["grant_type"]; grant != "" && grant != "authorization_code" {
		return nil, refuse("invalid_grant_type")
	}
	id, c := r.args["client_id"], s.world.codes[r.args["code"]]
	switch {
	case !s.isApp(id):
		return nil, refuse("invalid_client_id")
	case !c.good(id, r.now):
		return nil, refuse("invalid_code")
	case s.world.workspaces[c.Team].ClientSecret != r.args["client_secret"]:
		return nil, refuse("bad_client_secret")
	case c.RedirectURI != r.args["redirect_uri"]:
		return nil, refuse("bad_redirect_uri")
	}
	return s.install(c)
}

// isApp reports whether a client id is that of some workspace's app. The caller holds s.mu.
func (s *Slack) isApp(clientID string) bool {
	for _, w := range s.world.workspaces {
		if w.ClientID == clientID {
			return true
		}
	}
	return false
}

// good reports whether an app may exchange a code now: one that was given to it, is not used yet and not too old.
func (c *code) good(clientID string, now time.Time) bool {
	return c != nil && !c.Used && !now.After(c.Expires) && c.ClientID == clientID
}

// install gives out the token of a workspace: that which it has, if it is still good. The caller holds s.mu.
func (s *Slack) install(c *code) (reply, error) {
	used, w := *c, *s.world.workspaces[c.Team]
	used.Used = true
	if g := s.world.grants[w.Token]; g == nil || g.Revoked != "" {
		w.Token = newToken()
	}
	if len(c.Scopes) > 0 {
		w.Scopes = c.Scopes
	}
	w.NotInstalled = false
	if err := s.put(&used, &w, &grant{Token: w.Token, Team: w.Team, Scopes: w.Scopes}); err != nil {
		return nil, err
	}
	answer := reply{"access_token": w.Token, "token_type": "bot", "scope": strings.Join(w.Scopes, ","), "bot_user_id": w.BotUser,
		"app_id": w.App,
		"team":   reply{"id": w.Team, "name": w.Name}, "enterprise": nil, "is_enterprise_install": false, "authed_user": reply{"id": c.User}}
	if w.Enterprise != "" {
		answer["enterprise"] = reply{"id": w.Enterprise, "name": w.Enterprise}
	}
	return answer, nil
}

func (s *Slack) appsUninstall(r *request) (reply, error) {
	switch {
	case r.args["client_id"] != r.ws.ClientID:
		return nil, refuse("invalid_client_id")
	case r.args["client_secret"] != r.ws.ClientSecret:
		return nil, refuse("bad_client_secret")
	}
	return nil, s.Uninstall(r.ws.Team)
}

var consent = template.Must(template.New("consent").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Install an app</title></head><body>
<h1>An app wants to be installed</h1>
<p>This is no real Slack: it runs on this machine, and nothing leaves it. The app asks for: {{range .Scopes}}<code>{{.}}</code> {{end}}</p>
<form method="post">{{range .Teams}}
<p><button name="team" value="{{.Team}}">Allow in {{.Name}}</button></p>{{else}}
<p>No workspace has an app with this client id.</p>{{end}}
</form></body></html>
`))

// authorizePage asks somebody at a browser whether an app may be installed, and sends them back to it.
func (s *Slack) authorizePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i := Install{ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"), State: q.Get("state"), User: q.Get("user"),
		Scopes: strings.FieldsFunc(q.Get("scope"), func(c rune) bool { return c == ',' || c == ' ' })}
	if r.Method == http.MethodPost {
		i.Team = r.PostFormValue("team")
		location, err := s.Authorize(i)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, location, http.StatusFound)
		return
	}
	var teams []Workspace
	for _, ws := range s.Workspaces() {
		if ws.ClientID == i.ClientID {
			teams = append(teams, ws)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := consent.Execute(w, struct {
		Scopes []string
		Teams  []Workspace
	}{i.Scopes, teams}); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		panic(http.ErrAbortHandler) // who asked has gone
	}
}
