package desk

import (
	"context"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// look shows more of what is there: the list behind a line or a count, or another page of a list or of the home.
func (v visit) look(ctx context.Context, c wire.Click) (string, error) {
	p, _, err := v.who(ctx)
	if err != nil {
		if text, refused := models.Sorry(err); refused {
			return "refused: " + text, v.tell(ctx, wire.Click{}, text)
		}
		return "", err
	}
	if c.What.Act != wire.ActList {
		page := wire.ParsePage(c.What.Item)
		switch {
		case c.Home:
			return "shown", v.home(ctx, "", page)
		case c.List != nil:
			at := *c.List
			at.Page = page
			return "shown", v.relist(ctx, at, "")
		}
		return "nothing to do", nil
	}
	at := wire.List{Name: c.What.Item}
	if !c.Home {
		d, err := v.s.DeliveredAs(ctx, p.ID, v.ws.ID, c.Channel, c.TS)
		if models.CodeOf(err) == models.NotFound {
			return "no such message", v.say(ctx, "This message is not known any more: the home of this app has all that waits for you.")
		} else if err != nil {
			return "", err
		}
		at.Mail = d.ID
	}
	l, found, err := v.listed(ctx, at)
	if err != nil {
		return "", err
	}
	if !found {
		return "no such list", v.tell(ctx, c, nothingLeft)
	}
	shown := v.desk.Slack.OpenList(ctx, v.ws.Secrets.Token, c.Trigger, at, l)
	if shown.Class != reminders.AttemptAccepted {
		return "the list was not shown: " + shown.Reason, v.tell(ctx, c, "That took too long: please press the button again.")
	}
	return "the list was shown", nil
}

// nothingLeft says that what a list had is not waited for any more.
const nothingLeft = "Nothing of this waits for you any more."

// relist shows a list that lies open as things stand now, with something to say on top.
func (v visit) relist(ctx context.Context, at wire.List, news string) error {
	l, found, err := v.listed(ctx, at)
	if err != nil {
		return err
	}
	if !found {
		v.desk.Slack.Note(ctx, v.ws.Secrets.Token, at.View, "All of them", news+" "+nothingLeft)
		return nil
	}
	v.desk.Slack.ShowList(ctx, v.ws.Secrets.Token, at.View, at, l, news)
	return nil
}

// listed returns the line behind which a list stands, with what is in it as things stand now: of a message what it was sent with, crossed
// out where it does not wait any more; of the home what waits.
func (v visit) listed(ctx context.Context, at wire.List) (l engagement.Line, found bool, err error) {
	p, _, err := v.who(ctx)
	if err != nil {
		return l, false, err
	}
	if at.Mail == "" {
		m, err := v.owes(ctx, p, everything)
		if err != nil {
			return l, false, err
		}
		l, found = m.Listed(at.Name)
		return l, found, nil
	}
	d, _, err := v.s.Delivery(ctx, at.Mail)
	if err != nil {
		return l, false, err
	}
	if d.Person != p.ID || d.Message == nil {
		return l, false, nil
	}
	became, err := v.s.Became(ctx, d, v.desk.Now())
	if err != nil {
		return l, false, err
	}
	d.Message.Refresh(became)
	l, found = d.Message.Listed(at.Name)
	return l, found, nil
}
