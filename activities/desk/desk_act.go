package desk

import (
	"context"
	"fmt"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// action carries out what somebody did: they pressed a button, or sent a form.
func (v visit) action(ctx context.Context) (string, error) {
	a, err := wire.ReadAction(v.in.Body)
	if err != nil {
		return "it cannot be read", nil
	}
	v.user, v.reply = a.User, a.Reply
	switch {
	case a.Click != nil:
		return v.click(ctx, *a.Click)
	case a.Sent != nil:
		a.Sent.Noted = v.in.ID
		return v.submit(ctx, *a.Sent)
	}
	return "nothing to do", nil
}

// click carries out what a button says, or asks first for what is needed.
func (v visit) click(ctx context.Context, c wire.Click) (string, error) {
	what := c.What
	if what.Act == engagement.ActConfirm || what.Act == engagement.ActDeny {
		return v.identify(ctx, what)
	}
	if what.Act == wire.ActList || what.Act == wire.ActEarlier || what.Act == wire.ActLater {
		return v.look(ctx, c)
	}
	cmd, ok := engagement.CommandOn(what.Act, what.Item)
	if !ok {
		return "a button that is unknown", v.tell(ctx, c, "This button is not known any more.")
	}
	outcome, err := v.begin(ctx, c, cmd)
	if text, refused := models.Sorry(err); refused {
		v.desk.Post.EditNow(ctx, v.ws) // the message may speak of what has changed since
		return "refused: " + text, v.tell(ctx, c, text)
	}
	return outcome, err
}

// begin asks for what an act needs, or carries it out.
func (v visit) begin(ctx context.Context, c wire.Click, cmd engagement.Command) (string, error) {
	what := c.What
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
	form, err := f.Form(what.Act, what.Item, actor, v.desk.Now())
	if err != nil {
		return "", err
	}
	if what.Words != "" && cmd.Kind == engagement.AnswerQuestion {
		if err := f.Answer(form, &cmd, map[string]string{"reason": what.Words}); err != nil {
			return "", err
		}
	} else if len(form.Fields) > 0 || form.Asks {
		shown := v.desk.Slack.OpenForm(ctx, v.ws.Secrets.Token, c.Trigger, form, c.List)
		if shown.Class != reminders.AttemptAccepted {
			return "the form was not shown: " + shown.Reason, v.tell(ctx, c, "That took too long: please press the button again.")
		}
		return "the form was shown", nil
	}
	cmd.Key, cmd.Hash, cmd.Actor = "slack-"+v.in.ID, v.in.ID, actor
	became, err := v.s.CarryOut(ctx, v.desk.Engine, cmd, f.Asking(what.Item), v.desk.Now)
	if err != nil {
		return "", err
	}
	v.desk.Post.EditNow(ctx, v.ws)
	if c.Home {
		return became, v.home(ctx, form.About+": "+became, c.Page)
	}
	if c.List != nil {
		return became, v.relist(ctx, *c.List, engagement.Line{Done: became}.Mark()+" "+form.About+": "+became+".")
	}
	if replaced, err := v.replaced(ctx, c); replaced || err != nil {
		return became, err
	}
	// The message itself is changed for a while only: whatever its age, who pressed the button reads what became of it.
	return became, v.say(ctx, engagement.Line{Done: became}.Mark()+" "+form.About+": "+became+".")
}

// replaced puts what became of a question in the place of a message of ours that is no reminder, and on which a button was pressed: a
// reminder is edited where it stands. It reports whether the message was one.
func (v visit) replaced(ctx context.Context, c wire.Click) (bool, error) {
	what := c.What
	kind, id := engagement.ParseItem(what.Item)
	if kind != engagement.ItemAnswered && what.Words == "" {
		return false, nil
	}
	f, err := v.s.Facts(ctx, what.Engagement, engagement.Need{Questions: []string{id}})
	if err != nil {
		return false, err
	}
	q := f.Question(id)
	if q == nil {
		return false, nil
	}
	m := reminders.AnswerTaken(f, q, "")
	if q.State == engagement.QuestionOpen {
		lines := []engagement.Line{{Engagement: what.Engagement, Item: asking{f, q}.item(), Title: q.Title, Where: f.Engagement.Name,
			Text: f.Called(q.By, "the team") + " asks you", Detail: models.Quoted(q.Text), Acts: []engagement.Act{engagement.ActAnswer}}}
		m = reminders.Message{Subject: "Taken back", Intro: "Your answer was taken back: the question waits for one again.",
			Sections: []reminders.Section{{Title: "Waits for your answer", Lines: lines}}}
	}
	p, _, err := v.s.PersonIn(ctx, v.ws.ID, v.user)
	if err != nil {
		return false, err
	}
	d, err := v.s.DeliveredAs(ctx, p.ID, v.ws.ID, c.Channel, c.TS)
	switch {
	case models.CodeOf(err) == models.NotFound: // what releases before said is in no ledger
		return true, v.answered(ctx, v.desk.Slack.ReplaceWith(ctx, v.reply, m))
	case err != nil || d.Kind != reminders.KindReply:
		return false, err
	}
	if d.Message != nil {
		m.Thread = d.Message.Thread
	}
	if err := v.s.Rewrite(ctx, d.ID, m); err != nil {
		return false, err
	}
	v.desk.Post.EditNow(ctx, v.ws)
	return true, nil
}

// submit carries out what a form asked for, and says in its place what became of it.
func (v visit) submit(ctx context.Context, sent wire.Sent) (string, error) {
	cmd, ok := engagement.CommandOn(sent.What.Act, sent.What.Item)
	if !ok {
		return "a form that is unknown", nil
	}
	form, became, err := v.fill(ctx, sent.What, cmd, sent.Values)
	if text, refused := models.Sorry(err); refused {
		if len(form.Fields) > 0 {
			v.desk.Slack.AskAgain(ctx, v.ws.Secrets.Token, sent, form, text)
		} else {
			v.desk.Slack.Became(ctx, v.ws.Secrets.Token, sent, "Not done", text)
		}
		v.desk.Post.EditNow(ctx, v.ws)
		return "refused: " + text, nil
	} else if err != nil {
		return "", err
	}
	v.desk.Slack.Became(ctx, v.ws.Secrets.Token, sent, form.Title,
		engagement.Line{Done: became}.Mark()+" "+form.About+": "+became+".")
	v.desk.Post.EditNow(ctx, v.ws)
	if sent.What.List != nil {
		return became, v.relist(ctx, *sent.What.List, "")
	}
	return became, nil
}

func (v visit) fill(ctx context.Context, what wire.Subject, cmd engagement.Command, values map[string]string) (form engagement.Form,
	became string, err error) {
	_, actor, err := v.who(ctx)
	if err != nil {
		return form, "", err
	}
	f, err := v.s.Facts(ctx, what.Engagement, engagement.NeedOf(cmd))
	if err != nil {
		return form, "", err
	}
	if form, err = f.Form(what.Act, what.Item, actor, v.desk.Now()); err != nil {
		return form, "", err
	}
	cmd.Key, cmd.Hash, cmd.Actor = "slack-"+v.in.ID, v.in.ID, actor
	if err = f.Answer(form, &cmd, values); err != nil {
		return form, "", err
	}
	became, err = v.s.CarryOut(ctx, v.desk.Engine, cmd, f.Asking(what.Item), v.desk.Now)
	return form, became, err
}

// tell says something to who pressed a button: beside the message, on top of their home, or of the list.
func (v visit) tell(ctx context.Context, c wire.Click, text string) error {
	if c.Home {
		return v.home(ctx, text, c.Page)
	}
	if c.List != nil {
		return v.relist(ctx, *c.List, text)
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
	state, text := reminders.BindingConfirmed,
		fmt.Sprintf("Thank you, %s. What an audit needs from you comes here from now on. Type /tickmark to see it at any time.",
			reminders.FirstName(p.Name))
	if what.Act == engagement.ActDeny {
		state, text = reminders.BindingRefused, "Thank you for saying so. Nothing about "+p.Name+" comes here any more."
	}
	if err := v.s.SetBinding(ctx, p.ID, v.ws.ID, v.desk.Now(), func(b *reminders.Binding) { b.State = state }); err != nil {
		return "", err
	}
	return string(state), v.answered(ctx, v.desk.Slack.Replace(ctx, v.reply, text))
}
