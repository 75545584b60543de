package post

import (
	"context"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// SendsMail reports whether this installation sends mail.
func (p *Postman) SendsMail() bool { return p.Mail != nil }

// Manifest returns the manifest of a workspace's app. It refuses (conflict) when Slack could not reach this installation.
func (p *Postman) Manifest(w reminders.Workspace) (string, error) {
	if w.Socket {
		return wire.Manifest("", true), nil
	}
	if p.Site.URL == "" {
		return "", models.Refuse(models.Conflict, "",
			"Slack does not know where this installation is: set TICKMARK_PUBLIC_URL, or use Socket Mode")
	}
	return wire.Manifest(wire.DoorURL(p.Site.URL, w.Firm, w.ID), false), nil
}

// Test schedules a test message to a person, by the way their messages take at present. It refuses (conflict) when nothing reaches them.
func (p *Postman) Test(ctx context.Context, s *store.Store, person models.PersonID, once store.Once) (reminders.Delivery, error) {
	now := p.Now()
	to, err := s.Recipient(ctx, person, now.Year(), p.Mail != nil)
	if err != nil {
		return reminders.Delivery{}, err
	}
	if to.Channel == reminders.ChannelNone {
		return reminders.Delivery{}, models.Refuse(models.Conflict, "",
			"nothing reaches you: there is no Slack account that you have confirmed, and no mail address or mail server")
	}
	m := reminders.TestMessage(to.Person, to.Channel)
	d := p.delivery(to.Firm, reminders.KindTest, "test/"+once.Key, to, to.Today(now), now)
	d.Message, d.NotAfter = &m, now.AddDate(0, 0, 1)
	return s.ScheduleByHand(ctx, once, d, now)
}

// Again schedules a message that was sent, or was to be sent, once more: by the way that reaches its person now. It refuses (conflict) one
// with which something still happens, or that was never written.
func (p *Postman) Again(ctx context.Context, s *store.Store, id string, by models.Person, once store.Once) (reminders.Delivery, error) {
	was, _, err := s.Delivery(ctx, id)
	if err != nil {
		return was, err
	}
	switch {
	case !was.Status.Settled():
		return was, models.Refuse(models.Conflict, "", "the message is %s: wait until it is sent or refused", was.Status)
	case was.Message == nil:
		return was, models.Refuse(models.Conflict, "", "the message was never written (%s): the next daily message says what is due", was.Reason)
	}
	now := p.Now()
	m := *was.Message
	m.Urgent = true
	m.Footer = "Sent again by " + by.Name + "."
	var d reminders.Delivery
	if was.Person == "" {
		d = was
		d.Status, d.Reason, d.Receipt, d.Evidence, d.ScheduledAt, d.SettledAt = reminders.DeliveryScheduled, "", "", "", now, now
		d.ID = reminders.DeliveryID(was.Firm, "", reminders.KindAgain, id+"/"+once.Key, was.Channel)
	} else {
		to, err := s.Recipient(ctx, was.Person, now.Year(), p.Mail != nil)
		if err != nil {
			return d, err
		}
		if to.Channel == reminders.ChannelNone {
			return d, models.Refuse(models.Conflict, "", "nothing reaches %s: neither Slack nor mail", to.Name)
		}
		d = p.delivery(was.Firm, reminders.KindAgain, id+"/"+once.Key, to, to.Today(now), now)
	}
	d.Kind, d.Slot, d.Follows, d.Message, d.NotAfter = reminders.KindAgain, id+"/"+once.Key, id, &m, now.AddDate(0, 0, 1)
	return s.ScheduleByHand(ctx, once, d, now)
}

// AskWho notes who somebody is in a workspace, as the sender of the request says, and asks the account whether it is them, also in a
// workspace that is trusted: nothing but that word ties the account to the person. The person is told where they were reached before, at
// their former account or by mail. It asks and tells once for a key.
func (p *Postman) AskWho(ctx context.Context, s *store.Store, once store.Once, workspace string, person models.Person, user string) error {
	w, err := s.Workspace(ctx, workspace)
	if err != nil {
		return err
	}
	if w.State != reminders.WorkspaceActive {
		return models.Refuse(models.Conflict, "workspace", "the Slack workspace %s is not connected", workspace)
	}
	now := p.Now()
	b := reminders.Binding{Person: person.ID, Workspace: w.ID, User: user, State: reminders.BindingAsked, Email: person.Email}
	was, err := s.BindByHand(ctx, once, b, now)
	if err != nil {
		return err
	}
	if once.Actor != person.ID && was.User != user {
		if err := p.tellOfAccount(ctx, s, once, w, person, was); err != nil {
			return err
		}
	}
	return p.ask(ctx, s, w, person, b, "/"+once.Key, now)
}

// tellOfAccount tells somebody that another account of a workspace is taken for theirs: at the account that was theirs there and that
// they had confirmed, else by the way that reaches them now.
func (p *Postman) tellOfAccount(ctx context.Context, s *store.Store, once store.Once, w reminders.Workspace, person models.Person,
	was reminders.Binding) error {
	by, err := s.Person(ctx, once.Actor)
	if err != nil {
		return err
	}
	m := reminders.OtherAccount(person, by, w.Name)
	slot := "bound/" + w.ID + "/" + string(once.Actor) + "/" + once.Key
	if was.State == reminders.BindingConfirmed {
		if was.SlackChannel == "" {
			was.SlackChannel, _ = p.Slack.Open(ctx, w.Secrets.Token, was.User) // where it cannot be opened they are told another way
		}
		if was.SlackChannel != "" {
			now := p.Now()
			d := reminders.Delivery{Firm: w.Firm, ID: reminders.DeliveryID(w.Firm, person.ID, reminders.KindTrouble, slot+"/former",
				reminders.ChannelSlack), Kind: reminders.KindTrouble, Slot: slot, Channel: reminders.ChannelSlack, Workspace: w.ID,
				Dest: was.SlackChannel, Status: reminders.DeliveryScheduled, ScheduledAt: now, NotAfter: now.AddDate(0, 0, 3),
				Day: models.DateIn(now, models.Zone(person.TimeZone)), Message: &m}
			_, err := s.Schedule(ctx, []store.NewDelivery{{Delivery: d}}, nil)
			return err
		}
	}
	return p.warn(ctx, s, []models.PersonID{person.ID}, slot, m)
}

// TellOfToken tells somebody that somebody else made a token with which one can act as them: once for the token.
func (p *Postman) TellOfToken(ctx context.Context, s *store.Store, token store.Token, by models.Person) error {
	person, err := s.Person(ctx, token.Person)
	if err != nil {
		return err
	}
	return p.warn(ctx, s, []models.PersonID{person.ID}, "token/"+token.ID, reminders.TokenMade(person, by, token.Label))
}
