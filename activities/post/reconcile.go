package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// looks is how often a message that was left in doubt is looked for before it is taken not to have been sent: history may lag.
const looks = 2

// reconcile resolves a delivery that was given to its provider and of which no answer was kept: before anything is sent again, it is
// looked for where it should be (slack-and-reliability.md 2.2, P4).
func (sh *shift) reconcile(ctx context.Context, d reminders.Delivery) error {
	if d.Channel == reminders.ChannelMail {
		return sh.unsure(ctx, d, reminders.Attempt{Class: reminders.AttemptUnreadable, Error: "mail cannot be looked for", At: sh.p.Real()})
	}
	began := sh.p.Real()
	ts, v := "", reminders.Verdict{Class: reminders.AttemptRefused, Reason: "the Slack workspace is not connected any more"}
	if w, active := sh.workspace(d.Workspace); active {
		ts, v = sh.p.Slack.Find(ctx, w.Secrets.Token, d.Dest, d.ID, d.SendingSince.Add(-2*sh.pace.Patience-time.Minute))
	}
	a := sh.attempt(v, began)
	switch {
	case ts != "":
		a.Class = reminders.AttemptFound
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySent, Receipt: ts, Evidence: reminders.EvidenceHistory})
	case v.Class == reminders.AttemptUnsent || v.Class == reminders.AttemptAmbiguous: // it could not be looked for now
		a.Class = reminders.AttemptUnreadable
		sh.hold(ctx, v)
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySending, Reason: v.Reason, Wait: sh.pause(v)})
	case v.Class == reminders.AttemptRefused:
		a.Class = reminders.AttemptUnreadable
		if v.Disconnected {
			if err := sh.p.Disconnected(ctx, sh.s, d.Workspace, v.Reason); err != nil {
				return err
			}
		}
		return sh.unsure(ctx, d, a)
	}
	a.Class = reminders.AttemptAbsent
	if d.Looks+1 < looks {
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySending, Looked: true, Reason: "looked for and not found yet",
			Wait: sh.pace.Patience})
	}
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryScheduled, Looked: true,
		Reason: "it did not come through: it is sent again"})
}

// maxUnsure is how often what must be said is sent without knowing whether it was.
const maxUnsure = 2

// unsure resolves a delivery of which nobody can tell whether it arrived. A digest is not sent again: the next one says what it said.
// What is said nowhere else is, saying that it may have come before.
func (sh *shift) unsure(ctx context.Context, d reminders.Delivery, a reminders.Attempt) error {
	if d.AtLeastOnce() && d.Attempts < maxUnsure {
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryScheduled,
			Reason: "nobody can tell whether it arrived: it is sent again, saying so"})
	}
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryUncertain, Reason: "nobody can tell whether it arrived: " + a.Error})
}

// edit brings a message that was sent in line with what is true now: what is done is crossed out where it stands, not said again.
func (sh *shift) edit(ctx context.Context, d reminders.Delivery) error {
	if d.Message == nil {
		return nil
	}
	became, err := sh.s.Became(ctx, d, sh.r.now)
	if err != nil {
		return err
	}
	m := *d.Message
	if !m.Refresh(became) {
		return sh.s.Edit(ctx, d.ID, d.EditDue, m, reminders.Attempt{}, 0)
	}
	w, active := sh.workspace(d.Workspace)
	if !active {
		return sh.s.Edit(ctx, d.ID, d.EditDue, m, reminders.Attempt{}, 0) // nobody sees it there
	}
	if err := sh.p.wait(ctx, sh.lane, ""); err != nil {
		return err
	}
	began := sh.p.Real()
	v := sh.p.Slack.Update(ctx, w.Secrets.Token, d.Dest, d.Receipt, wire.Render(m))
	a := sh.attempt(v, began)
	switch v.Class {
	case reminders.AttemptAccepted:
		a.Class = reminders.AttemptEdited
		return sh.s.Edit(ctx, d.ID, d.EditDue, m, a, 0)
	case reminders.AttemptRefused:
		return sh.s.Edit(ctx, d.ID, d.EditDue, m, a, 0) // it is gone, or too old to be changed
	}
	sh.hold(ctx, v)
	return sh.s.Edit(ctx, d.ID, d.EditDue, m, reminders.Attempt{}, sh.pause(v))
}

// Disconnected notes that a workspace's app cannot be used any more, and tells the managers of those whom it reached: once.
func (p *Postman) Disconnected(ctx context.Context, s *store.Store, workspace, reason string) error {
	now := p.Now()
	w, err := s.Workspace(ctx, workspace)
	if err != nil || w.State != reminders.WorkspaceActive {
		return err
	}
	managers, err := s.ManagersOf(ctx, w.Client)
	if err != nil {
		return err
	}
	m := reminders.Message{Subject: "Slack cannot be reached any more", Urgent: true,
		Intro: fmt.Sprintf("The Slack workspace %s is not connected any more: %s.", w.Name, reason),
		Sections: []reminders.Section{{Title: "What happens now", Lines: []engagement.Line{{Title: "Mail goes out instead",
			Text:   "Whoever was reached there gets mail, if there is an address.",
			Detail: "Install the app again to use Slack: see Slack workspaces."}}}}}
	// before it is noted: who comes after us would not tell them
	if err := p.warn(ctx, s, managers, fmt.Sprintf("%s/%d", workspace, w.Revision), m); err != nil {
		return err
	}
	return s.Disconnect(ctx, workspace, reason, now)
}

// warnOfChannel tells the managers that a channel cannot be posted to: once a week, as long as it is so.
func (p *Postman) warnOfChannel(ctx context.Context, s *store.Store, d reminders.Delivery, reason string) error {
	client := models.ClientID("")
	if d.Kind == reminders.KindCounts {
		id, _, _ := strings.Cut(d.Slot, "/")
		client = models.ClientID(id)
	}
	managers, err := s.ManagersOf(ctx, client)
	if err != nil {
		return err
	}
	return p.warn(ctx, s, managers, d.Dest+"/"+d.Day.Monday().String(),
		reminders.Message{Subject: "A Slack channel cannot be posted to", Urgent: true,
			Intro: fmt.Sprintf("The Slack channel %s cannot be posted to: %s.", d.Dest, strings.TrimPrefix(reason, "Slack says ")),
			Sections: []reminders.Section{{Title: "What to do",
				Lines: []engagement.Line{{Title: "Invite the app to the channel, or choose another one",
					Text: "Until then nobody reads there how the audit stands; direct messages go on."}}}}})
}

// warnOfAddress tells the managers that mail to an address bounces: once a week, as long as it is so.
func (p *Postman) warnOfAddress(ctx context.Context, s *store.Store, d reminders.Delivery, reason string) error {
	who, err := s.Person(ctx, d.Person)
	if err != nil {
		return err
	}
	managers, err := s.ManagersOf(ctx, who.Client)
	if err != nil {
		return err
	}
	managers = slices.DeleteFunc(managers, func(id models.PersonID) bool { return id == who.ID })
	return p.warn(ctx, s, managers, "mail/"+string(who.ID)+"/"+d.Day.Monday().String(),
		reminders.Message{Subject: "Mail does not reach " + who.Name, Urgent: true,
			Intro: fmt.Sprintf("Mail to %s (%s) comes back: %s.", who.Name, who.Email, reason),
			Sections: []reminders.Section{{Title: "What to do", Lines: []engagement.Line{{Title: "Correct the address, or bind them in Slack",
				Text: "Until then they hear nothing of what is due: talk to them."}}}}})
}

// warn schedules a message about trouble to some people, once for its slot.
func (p *Postman) warn(ctx context.Context, s *store.Store, people []models.PersonID, slot string, m reminders.Message) error {
	now := p.Now()
	var news []store.NewDelivery
	for _, id := range people {
		to, err := s.Recipient(ctx, id, now.Year(), p.Mail != nil)
		if err != nil {
			return err
		}
		d := p.delivery(to.Firm, reminders.KindTrouble, slot, to, to.Today(now), now)
		d.NotAfter, d.Message = now.AddDate(0, 0, 3), &m
		if to.Channel == reminders.ChannelNone {
			d.Status, d.Reason = reminders.DeliverySuppressed, "neither Slack nor mail reaches them"
		}
		news = append(news, store.NewDelivery{Delivery: d})
	}
	_, err := s.Schedule(ctx, news, nil)
	return err
}
