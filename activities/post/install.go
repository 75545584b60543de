package post

import (
	"context"
	"net/url"
	"strings"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
)

// Identify asks Slack whose a bot token is. It refuses (invalid) one that Slack does not take.
func (p *Postman) Identify(ctx context.Context, token string) (reminders.SlackIdentity, error) {
	who, v := p.Slack.WhoAmI(ctx, token)
	switch {
	case v.Disconnected:
		return reminders.SlackIdentity{},
			models.Refuse(models.Invalid, "token", "Slack does not take this token (%s): copy the Bot User OAuth Token of the app again",
				strings.TrimPrefix(v.Reason, "Slack says "))
	case v.Class != reminders.AttemptAccepted:
		return reminders.SlackIdentity{}, models.Refuse(models.Unavailable, "", "Slack does not answer at present: try again")
	}
	return who, nil
}

// InstallURL returns where a workspace's administrator installs the app, given the one-time state of it.
func (p *Postman) InstallURL(w reminders.Workspace, state string) string {
	_, _, _, back := wire.URLs(p.Site.URL, w.Firm, w.ID)
	q := url.Values{"client_id": {w.OAuthID}, "scope": {strings.Join(wire.Scopes, ",")}, "state": {state}, "redirect_uri": {back}}
	return strings.TrimSuffix(p.Slack.BaseURL(), "api/") + "oauth/v2/authorize?" + q.Encode()
}
