package activities

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Scopes are what the app may do in a workspace, and nothing beyond (deploy/slack/manifest.yaml).
var Scopes = []string{"chat:write", "commands", "im:write", "im:history", "users:read", "users:read.email", "channels:history", "channels:read", "groups:history", "groups:read"}

// Identify asks Slack whose a bot token is. It refuses (invalid) one that Slack does not take.
func (p *Postman) Identify(ctx context.Context, token string) (reminders.SlackIdentity, error) {
	ctx, cancel, wrote := p.Slack.watched(ctx)
	defer cancel()
	r, err := p.Slack.with(token).AuthTestContext(ctx)
	switch v := ofSlack(err, wrote.Load()); {
	case v.broken:
		return reminders.SlackIdentity{}, models.Refuse(models.Invalid, "token", "Slack does not take this token (%s): copy the Bot User OAuth Token of the app again", strings.TrimPrefix(v.reason, "Slack says "))
	case err != nil || r.TeamID == "":
		return reminders.SlackIdentity{}, models.Refuse(models.Unavailable, "", "Slack does not answer at present: try again")
	}
	return reminders.SlackIdentity{Team: r.TeamID, Name: r.Team, Bot: r.UserID}, nil
}

// SlackURLs are where Slack finds this installation for a workspace; empty without a public address.
func (s Site) SlackURLs(firm models.FirmID, workspace string) (events, actions, commands, installed string) {
	if s.URL == "" {
		return "", "", "", ""
	}
	at := s.slackURL(firm, workspace)
	return at + inEvents, at + inActions, at + inCommands, at + "installed"
}

func (s Site) slackURL(firm models.FirmID, workspace string) string {
	return s.URL + SlackPath + url.PathEscape(string(firm)) + "/" + url.PathEscape(workspace) + "/"
}

// InstallURL returns where a workspace's administrator installs the app, given the one-time state of it.
func (p *Postman) InstallURL(w reminders.Workspace, state string) string {
	_, _, _, back := p.Site.SlackURLs(w.Firm, w.ID)
	q := url.Values{"client_id": {w.OAuthID}, "scope": {strings.Join(Scopes, ",")}, "state": {state}, "redirect_uri": {back}}
	return strings.TrimSuffix(p.Slack.url(), "api/") + "oauth/v2/authorize?" + q.Encode()
}

// installed ends an installation that was begun here: Slack sends the browser of who approved it. A state is good once, for ten minutes.
func (d *Desk) installed(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	firm, id := models.FirmID(r.PathValue("firm")), r.PathValue("workspace")
	if q.Get("error") != "" || q.Get("code") == "" {
		d.tell(w, http.StatusBadRequest, "Not connected", "Slack was not connected: nobody approved it.")
		return
	}
	name, err := d.endInstall(r.Context(), d.Root.For(firm), id, q.Get("state"), q.Get("code"))
	if text, refused := sorry(err); refused {
		d.tell(w, http.StatusForbidden, "Not connected", text)
		return
	} else if err != nil {
		d.Log.WarnContext(r.Context(), "an installation failed", "workspace", id, "error", err)
		d.tell(w, http.StatusBadGateway, "Not connected", "Slack could not be connected just now: begin again.")
		return
	}
	d.tell(w, http.StatusOK, "Connected", "Slack of "+name+" is connected. You can close this page.")
}

func (d *Desk) endInstall(ctx context.Context, s *store.Store, id, state, code string) (string, error) {
	who, err := s.EndInstall(ctx, id, state, d.Real())
	if err != nil {
		return "", err
	}
	ws, err := s.Workspace(ctx, id)
	if err != nil {
		return "", err
	}
	_, _, _, back := d.Site.SlackURLs(ws.Firm, ws.ID)
	ctx, cancel := context.WithTimeout(ctx, d.Slack.timeout())
	defer cancel()
	got, err := slack.GetOAuthV2ResponseContext(ctx, d.Slack.client(), ws.OAuthID, ws.Secrets.OAuth, code, back, slack.OAuthOptionAPIURL(d.Slack.url()))
	if err != nil {
		return "", err
	}
	if got.IsEnterpriseInstall || got.Team.ID == "" || got.TokenType != "" && got.TokenType != "bot" {
		return "", models.Refuse(models.Invalid, "", "Tickmark is installed in one workspace at a time, not in a whole organization: choose a workspace")
	}
	_, err = s.UpdateWorkspace(ctx, store.Once{Actor: who}, id, d.Now(), func(x *reminders.Workspace) error {
		x.Team, x.App, x.Bot, x.Secrets.Token, x.State, x.Reason = got.Team.ID, got.AppID, got.BotUserID, got.AccessToken, reminders.WorkspaceActive, ""
		return nil
	})
	return got.Team.Name, err
}
