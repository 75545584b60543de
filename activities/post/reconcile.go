package post

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// looks is how often a message that was left in doubt is looked for before it is taken not to have been sent: history may lag.
const looks = 2

// doubtAtMost is for how long it is doubted whether what waits without end has arrived, when it cannot be looked for.
const doubtAtMost = 24 * time.Hour

// misreads is how often a history may be answered and be no complete search before nobody can tell.
const misreads = 5

// A channel is read page by page, at most so many pages of a workspace a minute: Slack allows fifty (slack-and-reliability.md 1.1).
const (
	pagesPerMinute = 40
	pagesAtOnce    = 10
)

// readTurn waits until a page of a channel of the lane may be read.
func (sh *shift) readTurn(ctx context.Context) error {
	alive(ctx)
	if sh.pace.PerMinute < 0 {
		return ctx.Err()
	}
	return sh.p.limiter(sh.lane+" history", rate.Limit(pagesPerMinute/60.0), pagesAtOnce).Wait(ctx)
}

// search looks for a delivery in the channel to which it went, or would go.
func (sh *shift) search(ctx context.Context, d reminders.Delivery, w reminders.Workspace, channel string,
	since time.Time) (ts string, v reminders.Verdict) {
	look := wire.Search{Token: w.Secrets.Token, Bot: w.Bot, Channel: channel, Key: d.ID, Since: since, Turn: sh.readTurn}
	if d.Message != nil {
		look.Thread = d.Message.Thread
	}
	return sh.p.Slack.Find(ctx, look)
}

// reconcile resolves a delivery that was given to its provider and of which no answer was kept: before anything is sent again, it is
// looked for where it should be (slack-and-reliability.md 2.2, P4). It ends: what cannot be looked for by the end of its day, or is
// answered too often by what is no complete search, is uncertain.
func (sh *shift) reconcile(ctx context.Context, d reminders.Delivery) error {
	if d.Channel == reminders.ChannelMail {
		return sh.unsure(ctx, d, reminders.Attempt{Class: reminders.AttemptUnreadable, Error: "mail cannot be looked for", At: sh.p.Real()})
	}
	ts, v := "", reminders.Verdict{Class: reminders.AttemptRefused, Reason: "the Slack workspace is not connected any more"}
	w, active := sh.workspace(d.Workspace)
	if active {
		if err := sh.readTurn(ctx); err != nil {
			return err
		}
	}
	began := sh.p.Real()
	if active {
		ts, v = sh.search(ctx, d, w, d.Dest, d.SendingSince.Add(-2*sh.pace.Patience-time.Minute))
	}
	a := sh.attempt(v, began)
	if ts != "" {
		a.Class = reminders.AttemptFound
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySent, Receipt: ts, Evidence: reminders.EvidenceHistory})
	}
	switch v.Class {
	case reminders.AttemptAccepted:
		return sh.absent(ctx, d, a)
	case reminders.AttemptRefused:
		a.Class = reminders.AttemptUnreadable
		return sh.unsure(ctx, d, a)
	}
	return sh.unread(ctx, d, a, v)
}

// absent notes that a complete search has not found a delivery: the first time it is looked for once more, then it is sent again.
func (sh *shift) absent(ctx context.Context, d reminders.Delivery, a reminders.Attempt) error {
	a.Class = reminders.AttemptAbsent
	if d.Looks+1 < looks {
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySending, Looked: true, Reason: "looked for and not found yet",
			Wait: sh.pace.Patience})
	}
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryScheduled, Looked: true,
		Reason: "it did not come through: it is sent again"})
}

// unread notes that a delivery that is in doubt could not be looked for now: it is looked for again, or nobody can tell any more.
func (sh *shift) unread(ctx context.Context, d reminders.Delivery, a reminders.Attempt, v reminders.Verdict) error {
	a.Class = reminders.AttemptUnreadable
	wait, end := sh.pause(v), d.TooLate(sh.p.Now()) || d.Endless() && sh.p.Real().Sub(d.SendingSince) > doubtAtMost
	if v.Class == reminders.AttemptUnreadable {
		n, err := sh.misread(ctx, d)
		if err != nil {
			return err
		}
		wait, end = sh.pace.Patience, n+1 >= misreads
	}
	sh.hold(ctx, v)
	if end {
		return sh.unsure(ctx, d, a)
	}
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySending, Reason: v.Reason, Wait: wait})
}

// misread returns how often the history was answered and was no complete search, since a complete one.
func (sh *shift) misread(ctx context.Context, d reminders.Delivery) (n int, err error) {
	_, all, err := sh.s.Delivery(ctx, d.ID)
	for _, a := range all {
		switch {
		case a.Class == reminders.AttemptAbsent:
			n = 0
		case a.Class == reminders.AttemptUnreadable && a.Status == http.StatusOK:
			n++
		}
	}
	return n, err
}

// looksFirst reports whether a delivery is looked for before its so-many-eth try: an earlier one may have come through after all, or it may
// have been sent already though the ledger does not know of it.
func (sh *shift) looksFirst(try int, d reminders.Delivery) bool {
	return d.Channel == reminders.ChannelSlack && (try > 1 || sh.gap.Has(d))
}

// lookBefore looks for a delivery that is about to be sent, and reports whether it is not to be sent now: it was found, or it is not known
// whether it is there. Where the app may not read the channel it is sent.
func (sh *shift) lookBefore(ctx context.Context, d reminders.Delivery, to address) (done bool, err error) {
	w, _ := sh.workspace(d.Workspace)
	began := sh.p.Real()
	ts, v := sh.search(ctx, d, w, to.channel, sh.since(d))
	a := sh.attempt(v, began)
	if ts != "" {
		a.Class = reminders.AttemptFound
		o := store.Outcome{Status: reminders.DeliverySent, Receipt: ts, Evidence: reminders.EvidenceHistory}
		if sh.gap.Has(d) {
			o.Before = sh.gap.From
		}
		return true, sh.record(ctx, d, a, o)
	}
	a.Class = reminders.AttemptUnreadable
	switch v.Class {
	case reminders.AttemptAccepted, reminders.AttemptRefused:
		return false, nil
	case reminders.AttemptUnreadable:
		n, err := sh.misread(ctx, d)
		if err != nil {
			return true, err
		}
		if n+1 >= misreads && d.AtLeastOnce() {
			return false, nil // it is said nowhere else
		}
		if n+1 >= misreads {
			return true, sh.unsure(ctx, d, a)
		}
		v.Wait = sh.pace.Patience
	}
	return true, sh.later(ctx, d, a, v)
}

// since returns from when on a delivery may stand in its channel.
func (sh *shift) since(d reminders.Delivery) time.Time {
	since := d.SendingSince.Add(-2*sh.pace.Patience - time.Hour)
	if !sh.gap.Has(d) {
		return since
	}
	from := sh.p.Real().Add(sh.gap.From.Sub(sh.p.Now()) - 2*sh.pace.Patience - time.Minute)
	if from.Before(since) {
		return from
	}
	return since
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
	if !m.Refresh(became) && d.Kind != reminders.KindReply { // which may have been rewritten
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
	for _, id := range managers {
		line, err := p.correcting(ctx, s, who, id)
		if err != nil {
			return err
		}
		err = p.warn(ctx, s, []models.PersonID{id}, "mail/"+string(who.ID)+"/"+d.Day.Monday().String(),
			reminders.Message{Subject: "Mail does not reach " + who.Name, Urgent: true,
				Intro:    fmt.Sprintf("Mail to %s (%s) comes back: %s.", who.Name, who.Email, reason),
				Sections: []reminders.Section{{Title: "What to do", Lines: []engagement.Line{line}}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// correcting returns the line that tells a manager that the address of somebody is wrong: it offers to correct it to who may.
func (p *Postman) correcting(ctx context.Context, s *store.Store, who models.Person, manager models.PersonID) (engagement.Line, error) {
	now := p.Now()
	line := engagement.Line{Title: "Correct the address, or bind them in Slack",
		Text: "Until then they hear nothing of what is due: talk to them."}
	reader, err := s.Person(ctx, manager)
	if err != nil {
		return line, err
	}
	a, err := s.Actor(ctx, reader, now)
	if err != nil {
		return line, err
	}
	ids, err := s.EngagementsOf(ctx, reader, models.DateIn(now, models.Zone(reader.TimeZone)))
	if err != nil {
		return line, err
	}
	it := engagement.Item{Kind: engagement.ItemReach, Subject: string(who.ID)}
	for _, id := range ids {
		f, err := s.Facts(ctx, id, engagement.Need{})
		if err != nil {
			return line, err
		}
		if slices.Contains(f.Offers(a, it, now), engagement.ActCorrect) {
			line.Engagement, line.Item, line.Acts = id, it.Key(), []engagement.Act{engagement.ActCorrect}
			break
		}
	}
	return line, nil
}

// troubleDays is for how many working days of who is told of a trouble it waits: after that it is another week's.
const troubleDays = 3

// warn schedules a message about trouble to some people, once for its slot: it waits until they may be written to, for some of
// their working days. Whom nothing reaches hears nothing.
func (p *Postman) warn(ctx context.Context, s *store.Store, people []models.PersonID, slot string, m reminders.Message) error {
	return p.say(ctx, s, people, slot, m, func(to *reminders.Recipient, today models.Date) time.Time {
		return to.DayEnds(to.WorkingDay(today, troubleDays))
	})
}

// tell schedules a message to somebody about their access, once for its slot: a token, an account. It is said nowhere else, and waits
// without end until they may be written to and something reaches them.
func (p *Postman) tell(ctx context.Context, s *store.Store, person models.PersonID, slot string, m reminders.Message) error {
	return p.say(ctx, s, []models.PersonID{person}, slot, m, func(*reminders.Recipient, models.Date) time.Time { return time.Time{} })
}

// say schedules a message to some people, once for its slot, which waits until an end.
func (p *Postman) say(ctx context.Context, s *store.Store, people []models.PersonID, slot string, m reminders.Message,
	end func(to *reminders.Recipient, today models.Date) time.Time) error {
	now := p.Now()
	var news []store.NewDelivery
	for _, id := range people {
		to, err := s.Recipient(ctx, id, now.Year(), p.Mail != nil)
		if err != nil {
			return err
		}
		today := to.Today(now)
		d := p.delivery(to.Firm, reminders.KindTrouble, slot, to, today, now)
		d.NotAfter, d.Message = end(to, today), &m
		if to.Channel == reminders.ChannelNone && !d.Endless() {
			d.Status, d.Reason = reminders.DeliverySuppressed, "neither Slack nor mail reaches them"
		}
		news = append(news, store.NewDelivery{Delivery: d})
	}
	_, err := s.Schedule(ctx, news, nil)
	return err
}
