package desk

import (
	"context"

	"github.com/slack-go/slack"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
)

// event notes what has changed in a workspace.
func (v visit) event(ctx context.Context) (string, error) {
	var e wire.SlackEvent
	if err := e.Read(v.in.Body); err != nil {
		return "it cannot be read", nil
	}
	v.user = e.Event.User.ID
	switch e.Event.Type {
	case "app_home_opened":
		if e.Event.Tab != "home" {
			return "nothing to do", nil
		}
		return "shown", v.home(ctx, "")
	case "app_uninstalled":
		return "broken", v.Broken(ctx, v.s, v.ws.ID, "the app was removed from the workspace")
	case "tokens_revoked":
		if len(e.Event.Tokens.Bot) == 0 {
			return "nothing to do", nil
		}
		return "broken", v.Broken(ctx, v.s, v.ws.ID, "the app's token was revoked")
	case "user_change":
		return v.changed(ctx, e.Event.User)
	case "team_join":
		return "people are looked for", v.s.LookAgain(ctx, v.ws.ID, e.Event.User.Profile.Email)
	case "channel_id_changed":
		return "noted", v.s.RenameChannel(ctx, v.ws.ID, e.Event.OldID, e.Event.NewID)
	}
	return "nothing to do", nil
}

// changed notes that somebody's account was deactivated or has come back.
func (v visit) changed(ctx context.Context, u slack.User) (string, error) {
	p, b, err := v.s.BoundTo(ctx, v.ws.ID, u.ID)
	if models.CodeOf(err) == models.NotFound {
		return "nobody of ours", v.s.BindAgain(ctx, v.ws.ID, 0)
	} else if err != nil {
		return "", err
	}
	switch {
	case u.Deleted && b.State == reminders.BindingConfirmed:
		return "they are not reached there any more", v.s.SetBinding(ctx, p, v.ws.ID, v.Now(), func(b *reminders.Binding) { b.State = reminders.BindingDead })
	case !u.Deleted && b.State == reminders.BindingDead:
		return "they are reached there again", v.s.SetBinding(ctx, p, v.ws.ID, v.Now(), func(b *reminders.Binding) { b.State = reminders.BindingConfirmed })
	}
	return "nothing to do", nil
}
