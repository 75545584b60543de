package post

import (
	"context"
	"slices"
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

// MissingScopes asks Slack what the app of a connected workspace may do, and returns the scopes of this release's manifest that it does not
// have: none where Slack does not say.
func (p *Postman) MissingScopes(ctx context.Context, w reminders.Workspace) []string {
	if w.State != reminders.WorkspaceActive || w.Secrets.Token == "" {
		return nil
	}
	who, v := p.Slack.WhoAmI(ctx, w.Secrets.Token)
	if v.Class != reminders.AttemptAccepted || who.Scopes == nil {
		return nil
	}
	return models.Keep(wire.Scopes, func(scope string) bool { return !slices.Contains(who.Scopes, scope) })
}

// InstallURL returns the address of the page at which a workspace's installation begins, given its secret.
func (p *Postman) InstallURL(w reminders.Workspace, secret string) string {
	return wire.InstallURL(p.Site.URL, w.Firm, w.ID, secret)
}
