package desk

import (
	"context"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
)

// event notes what has changed in a workspace.
func (v visit) event(ctx context.Context) (string, error) {
	e, err := wire.ReadEvent(v.in.Body)
	if err != nil {
		return "it cannot be read", nil
	}
	v.user = e.User.ID
	switch e.Type {
	case "app_home_opened":
		if e.Tab != "home" {
			return "nothing to do", nil
		}
		return "shown", v.home(ctx, "", 0)
	case "app_uninstalled":
		return "disconnected", v.desk.Post.Disconnected(ctx, v.s, v.ws.ID, "the app was removed from the workspace")
	case "tokens_revoked":
		if !e.Revoked {
			return "nothing to do", nil
		}
		return "disconnected", v.desk.Post.Disconnected(ctx, v.s, v.ws.ID, "the app's token was revoked")
	case "message":
		if e.Typed == nil || v.user == v.ws.Bot {
			return "nobody wrote it to us", nil
		}
		return v.typed(ctx, *e.Typed)
	case "user_change":
		return v.changed(ctx, e.User)
	case "team_join":
		return "people are looked for", v.s.LookAgain(ctx, v.ws.ID, e.User.Email)
	case "channel_id_changed":
		return "noted", v.s.RenameChannel(ctx, v.ws.ID, e.OldID, e.NewID)
	}
	return "nothing to do", nil
}

// changed notes that somebody's account was deactivated or has come back.
func (v visit) changed(ctx context.Context, u wire.Account) (string, error) {
	p, b, err := v.s.BoundTo(ctx, v.ws.ID, u.ID)
	if models.CodeOf(err) == models.NotFound {
		return "nobody of ours", v.s.BindSoon(ctx, v.ws.ID)
	} else if err != nil {
		return "", err
	}
	switch {
	case u.Deleted && b.State == reminders.BindingConfirmed:
		return "they are not reached there any more",
			v.s.SetBinding(ctx, p, v.ws.ID, v.desk.Now(), func(b *reminders.Binding) { b.State = reminders.BindingDead })
	case !u.Deleted && b.State == reminders.BindingDead:
		_, err := v.s.Regain(ctx, p, v.ws.ID, v.desk.Now())
		return "they are reached there again", err
	}
	return "nothing to do", nil
}
