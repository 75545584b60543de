package post

import (
	"context"
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

// InstallURL returns the address of the page at which a workspace's installation begins, given its secret.
func (p *Postman) InstallURL(w reminders.Workspace, secret string) string {
	return wire.InstallURL(p.Site.URL, w.Firm, w.ID, secret)
}
