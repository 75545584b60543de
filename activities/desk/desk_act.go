package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// chosen returns what a button or a menu entry stands for.
func chosen(a *slack.BlockAction) wire.Subject {
	text := string(a.ActionID) + "|" + a.Value
	if a.SelectedOption.Value != "" {
		text = a.SelectedOption.Value
	}
	act, rest, _ := strings.Cut(text, "|")
	id, item, _ := strings.Cut(rest, "|")
	return wire.Subject{Act: engagement.Act(act), Engagement: models.EngagementID(id), Item: item}
}

// click carries out what a button says, or asks first for what is needed.
func (v visit) click(ctx context.Context, cb *slack.InteractionCallback) (string, error) {
	if len(cb.ActionCallback.BlockActions) == 0 {
		return "nothing to do", nil
	}
	what := chosen(cb.ActionCallback.BlockActions[0])
	if what.Act == engagement.ActConfirm || what.Act == engagement.ActDeny {
		return v.identify(ctx, what)
	}
	cmd, ok := engagement.CommandOn(what.Act, what.Item)
	if !ok {
		return "a button that is unknown", v.tell(ctx, cb, "This button is not known any more.")
	}
	outcome, err := v.begin(ctx, cb, what, cmd)
	if text, refused := sorry(err); refused {
		v.settle(ctx) // the message may speak of what has changed since
		return "refused: " + text, v.tell(ctx, cb, text)
	}
	return outcome, err
}

// begin asks for what an act needs, or carries it out.
func (v visit) begin(ctx context.Context, cb *slack.InteractionCallback, what wire.Subject, cmd engagement.Command) (string, error) {
	_, actor, err := v.who(ctx)
	if models.CodeOf(err) == models.NotFound {
		return "", models.Refuse(models.Forbidden, "", "Tickmark does not know this Slack account: ask your project manager to add you")
	} else if err != nil {
		return "", err
	}
	f, err := v.s.Facts(ctx, what.Engagement, engagement.NeedOf(cmd))
	if err != nil {
		return "", err
	}
	form, err := f.Form(what.Act, what.Item, actor, v.Now())
	if err != nil {
		return "", err
	}
	if len(form.Fields) > 0 {
		shown := v.Slack.OpenView(ctx, v.ws.Secrets.Token, cb.TriggerID, wire.Modal(form, nil, ""))
		if shown.Class != reminders.AttemptAccepted {
			return "the form was not shown: " + shown.Reason, v.tell(ctx, cb, "That took too long: please press the button again.")
		}
		return "the form was shown", nil
	}
	cmd.Key, cmd.Hash, cmd.Actor = "slack-"+v.in.ID, v.in.ID, actor
	became, err := v.Carry(ctx, models.Ref{Firm: v.ws.Firm, Engagement: what.Engagement}, cmd, f.Asking(what.Item))
	if err != nil {
		return "", err
	}
	v.settle(ctx)
	if cb.View.Type == slack.VTHomeTab {
		return became, v.home(ctx, form.About+": "+became)
	}
	return became, nil
}

// submit carries out what a form asked for, and says in its place what became of it.
func (v visit) submit(ctx context.Context, cb *slack.InteractionCallback) (string, error) {
	var what wire.Subject
	if cb.View.CallbackID != wire.FormID || json.Unmarshal([]byte(cb.View.PrivateMetadata), &what) != nil {
		return "a form that is unknown", nil
	}
	cmd, ok := engagement.CommandOn(what.Act, what.Item)
	if !ok {
		return "a form that is unknown", nil
	}
	values := wire.Answers(cb.View)
	form, became, err := v.fill(ctx, what, cmd, values)
	if text, refused := sorry(err); refused {
		shown := wire.Notice("Not done", text, "")
		if len(form.Fields) > 0 {
			shown = wire.Modal(form, values, text)
		}
		v.Slack.UpdateView(ctx, v.ws.Secrets.Token, cb.View.ID, shown)
		v.settle(ctx)
		return "refused: " + text, nil
	} else if err != nil {
		return "", err
	}
	v.Slack.UpdateView(ctx, v.ws.Secrets.Token, cb.View.ID, wire.Notice(form.Title, "✓ "+form.About+": "+became+".", ""))
	v.settle(ctx)
	return became, nil
}

func (v visit) fill(ctx context.Context, what wire.Subject, cmd engagement.Command, values map[string]string) (form engagement.Form, became string, err error) {
	_, actor, err := v.who(ctx)
	if err != nil {
		return form, "", err
	}
	f, err := v.s.Facts(ctx, what.Engagement, engagement.NeedOf(cmd))
	if err != nil {
		return form, "", err
	}
	if form, err = f.Form(what.Act, what.Item, actor, v.Now()); err != nil {
		return form, "", err
	}
	if err = f.Answer(form, &cmd, values); err != nil {
		return form, "", err
	}
	cmd.Key, cmd.Hash, cmd.Actor = "slack-"+v.in.ID, v.in.ID, actor
	became, err = v.Carry(ctx, models.Ref{Firm: v.ws.Firm, Engagement: what.Engagement}, cmd, f.Asking(what.Item))
	return form, became, err
}

// tell says something to who pressed a button: beside the message, or on top of their home.
func (v visit) tell(ctx context.Context, cb *slack.InteractionCallback, text string) error {
	if cb.View.Type == slack.VTHomeTab {
		return v.home(ctx, text)
	}
	return v.say(ctx, text)
}

// identify notes that somebody is, or is not, whom an account was taken for.
func (v visit) identify(ctx context.Context, what wire.Subject) (string, error) {
	p, b, err := v.s.PersonIn(ctx, v.ws.ID, v.user)
	kind, id := engagement.ParseItem(what.Item)
	switch {
	case models.CodeOf(err) == models.NotFound, err == nil && (kind != engagement.ItemBind || models.PersonID(id) != p.ID):
		return "a foreign button", v.say(ctx, "This question was for somebody else.")
	case err != nil:
		return "", err
	case b.State == reminders.BindingConfirmed && what.Act == engagement.ActConfirm:
		return "confirmed already", v.say(ctx, "You have said so already: thank you.")
	}
	state, text := reminders.BindingConfirmed, fmt.Sprintf("Thank you, %s. What an audit needs from you comes here from now on. Type /tickmark to see it at any time.", reminders.FirstName(p.Name))
	if what.Act == engagement.ActDeny {
		state, text = reminders.BindingRefused, "Thank you for saying so. Nothing about "+p.Name+" comes here any more."
	}
	if err := v.s.SetBinding(ctx, p.ID, v.ws.ID, v.Now(), func(b *reminders.Binding) { b.State = state }); err != nil {
		return "", err
	}
	return string(state), v.respond(ctx, map[string]any{"replace_original": true, "text": wire.Escape(text)})
}
