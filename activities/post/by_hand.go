package post

import (
	"context"
	"fmt"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// SendsMail reports whether this process is set to send mail.
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
	case was.Kind.Keyed():
		return was, models.Refuse(models.Conflict, "", "the message bears a link that is a key, and is sent once: ask for another link")
	case was.Message == nil:
		return was, models.Refuse(models.Conflict, "", "the message was never written (%s): the next daily message says what is due", was.Reason)
	}
	now := p.Now()
	m := *was.Message
	m.Urgent, m.Thread = true, ""
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
	if d, ok := p.toAccount(ctx, w, person, was, slot, m); ok {
		_, err := s.Schedule(ctx, []store.NewDelivery{d}, nil)
		return err
	}
	return p.tell(ctx, s, person.ID, slot, m)
}

// toAccount returns what tells somebody something at an account that they confirmed, whoever they are taken for by then; false when it is
// not confirmed or cannot be written to: they are told another way.
func (p *Postman) toAccount(ctx context.Context, w reminders.Workspace, person models.Person, b reminders.Binding, slot string,
	m reminders.Message) (store.NewDelivery, bool) {
	if b.State != reminders.BindingConfirmed {
		return store.NewDelivery{}, false
	}
	if b.SlackChannel == "" {
		b.SlackChannel, _ = p.Slack.Open(ctx, w.Secrets.Token, b.User)
	}
	d := p.former(w.Firm, person, reminders.ChannelSlack, slot, slot+"/former", m)
	d.Workspace, d.Dest = w.ID, b.SlackChannel
	return store.NewDelivery{Delivery: d}, d.Dest != ""
}

// former returns a delivery to where somebody was reached before: it is addressed to the place and not to the person.
func (p *Postman) former(firm models.FirmID, person models.Person, channel reminders.Channel, slot, unique string,
	m reminders.Message) reminders.Delivery {
	now := p.Now()
	return reminders.Delivery{Firm: firm, ID: reminders.DeliveryID(firm, person.ID, reminders.KindTrouble, unique, channel),
		Kind: reminders.KindTrouble, Slot: slot, Channel: channel, Status: reminders.DeliveryScheduled, ScheduledAt: now,
		Day: models.DateIn(now, models.Zone(person.TimeZone)), Message: &m}
}

// OfAddress returns what tells somebody that their mail address becomes another: at the address before and at every account that they
// confirmed, since an account goes with the address where a workspace is trusted. It is scheduled with the change.
func (p *Postman) OfAddress(ctx context.Context, s *store.Store, person, by models.Person) ([]store.NewDelivery, error) {
	m := reminders.OtherAddress(person, by)
	slot := fmt.Sprintf("address/%s/%d", person.ID, person.Revision)
	var told []store.NewDelivery
	if p.Mail != nil && person.Email != "" {
		d := p.former(person.Firm, person, reminders.ChannelMail, slot, slot, m)
		d.Dest = person.Email
		told = append(told, store.NewDelivery{Delivery: d})
	}
	accounts, err := s.Bindings(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	for _, b := range accounts {
		w, err := s.Workspace(ctx, b.Workspace)
		if err != nil {
			return nil, err
		}
		if w.State != reminders.WorkspaceActive {
			continue
		}
		if d, ok := p.toAccount(ctx, w, person, b, slot+"/"+w.ID, m); ok {
			told = append(told, d)
		}
	}
	return told, nil
}

// OfFunction returns what tells some people that a function of the client which approves is taken from them. It is scheduled with the
// change.
func (p *Postman) OfFunction(ctx context.Context, s *store.Store, once store.Once, lost []models.PersonID, by models.Person, id,
	name string) ([]store.NewDelivery, error) {
	now := p.Now()
	var told []store.NewDelivery
	for _, who := range lost {
		if who == by.ID {
			continue
		}
		person, err := s.Person(ctx, who)
		if err != nil {
			return nil, err
		}
		to, err := s.Recipient(ctx, who, now.Year(), p.Mail != nil)
		if err != nil {
			return nil, err
		}
		m := reminders.FunctionTaken(person, by, name)
		d := p.delivery(to.Firm, reminders.KindTrouble, "function/"+id+"/"+string(by.ID)+"/"+once.Key, to, to.Today(now), now)
		d.Message = &m
		told = append(told, store.NewDelivery{Delivery: d})
	}
	return told, nil
}

// TellOfToken tells somebody that somebody else made a token with which one can act as them: once for the token.
func (p *Postman) TellOfToken(ctx context.Context, s *store.Store, token store.Token, by models.Person) error {
	person, err := s.Person(ctx, token.Person)
	if err != nil {
		return err
	}
	return p.tell(ctx, s, person.ID, "token/"+token.ID, reminders.TokenMade(person, by, token.Label))
}
