package modelstest

import (
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// Pressed is the command of a button that somebody presses; of a button that does not go with the item it is no command.
func (d *Desk) Pressed(who string, act engagement.Act, item string) engagement.Command {
	c, _ := engagement.CommandOn(act, item)
	sent := d.Command(who, c.Kind)
	sent.Tasks, sent.Gate, sent.Decision, sent.HandOver, sent.Change = c.Tasks, c.Gate, c.Decision, c.HandOver, c.Change
	sent.Question = c.Question
	return sent
}

// ActorIn is somebody with those in whose place they act on a day on which people are away.
func (d *Desk) ActorIn(aud reminders.Audience, id models.PersonID) engagement.Actor {
	a := d.Actor(string(id))
	as := aud.Actor(d.Facts, aud.People[id], d.Now)
	a.For, a.Backs = as.For, as.Backs
	return a
}

// Offered does what somebody is offered, and returns why it is not for them to do, if it is not.
func (d *Desk) Offered(aud reminders.Audience, n reminders.Nudge, act engagement.Act) error {
	c := d.Pressed(string(n.To), act, n.Item.Key())
	c.Reason, c.By, c.Due = "so it is", "vendor", d.Facts.ClientDays.Add(d.Today(), 1)
	as := d.ActorIn(aud, n.To)
	c.Actor.For, c.Actor.Backs = as.For, as.Backs
	if _, err := engagement.Decide(CopyOf(d.Facts), c, d.Now); Denied(err) {
		return err
	}
	return nil
}

// Audience returns everybody on an engagement, reached by Slack, at the hours of the catalog.
func Audience(f *engagement.Facts) reminders.Audience {
	aud := reminders.Audience{People: map[models.PersonID]*reminders.Recipient{}, Sent: map[reminders.SentKey]reminders.Sent{}}
	rules := f.Catalog.Reminders
	settings := reminders.Messaging{}.With(rules.Defaults)
	for _, p := range f.People {
		r := &reminders.Recipient{Person: p, Days: f.FirmDays, Quiet: settings.Quiet, Channel: reminders.ChannelSlack}
		if p.Client != "" {
			r.Days = f.ClientDays
		}
		if days, ok := f.PersonDays[p.ID]; ok {
			r.Days = days
		}
		r.DigestAt = settings.DigestOf(p, reminders.Preferences{}, rules.Digest)
		aud.People[p.ID] = r
	}
	return aud
}
