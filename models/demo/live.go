package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A life is a story while it is lived through.
type life struct {
	story
	ctx  context.Context
	s    *store.Store
	now  time.Time
	sent int
	told map[reminders.SentKey]reminders.Sent
	out  []store.NewDelivery
}

// live lives a story through from its kickoff until now.
func live(ctx context.Context, root *store.Root, s *store.Store, st story, now time.Time) error {
	zone := models.Zone(newYork)
	kickoff := models.DateIn(now, zone).AddDays(-st.ago)
	for kickoff.Weekday() == time.Saturday || kickoff.Weekday() == time.Sunday {
		kickoff = kickoff.Next()
	}
	l := &life{story: st, ctx: ctx, s: s, now: kickoff.AddDays(-4).At(zone, 10, 0), told: map[reminders.SentKey]reminders.Sent{}}
	b := l.bundle(kickoff)
	if _, err := s.Start(ctx,
		store.Once{Actor: st.manager, Role: models.RoleManager, Key: string(st.id) + "-start", Hash: "demo"}, b, l.now); err != nil {
		return err
	}
	for day := kickoff; ; day = day.Next() {
		if l.now = day.At(zone, 10, 0); l.now.After(now) {
			break
		}
		if err := l.day(day, kickoff.DaysUntil(day)); err != nil {
			return err
		}
	}
	if _, err := s.Schedule(ctx, l.out, nil); err != nil {
		return err
	}
	if root.Tell != nil {
		root.Tell(store.News{Ref: models.Ref{Firm: b.Client.Firm, Engagement: st.id}, Wakes: true})
	}
	return nil
}

// bundle is what the manager starts the engagement with.
func (l *life) bundle(kickoff models.Date) store.Bundle {
	l.client.Country, l.client.TimeZone = "US", newYork
	b := store.Bundle{Actor: engagement.Actor{Person: l.manager, Role: models.RoleManager}, Client: l.client, Named: true, Begin: true,
		Engagement: engagement.Engagement{ID: l.id, Client: l.client.ID, Name: l.client.Name + " " + l.name, Type: l.typ, Categories: l.covers,
			Kickoff: kickoff, WindowMonths: l.months, Partner: Partner, Manager: l.manager, Auditor: "hugo", Consultants: l.with},
		Confirm: []string{planning.WarnKickoffPast, planning.WarnAsOfPast, planning.WarnReportPast}}
	for _, p := range l.people {
		is := person(p)
		is.Client = l.client.ID
		b.People = append(b.People, is)
	}
	for i, function := range functions {
		is, other := l.people[0], l.people[1]
		if i > 0 {
			is, other = l.people[1+i%(len(l.people)-1)], l.people[1+(i+1)%(len(l.people)-1)]
		}
		b.Duties = append(b.Duties, models.Duty{Client: l.client.ID, Function: function, Person: is.id, Backup: other.id})
	}
	return b
}

// day lets the engagement move on, and on business days everybody read what they are sent and do what is theirs.
func (l *life) day(day models.Date, nth int) error {
	f, err := l.advance()
	if err != nil || !f.ClientDays.IsBusiness(day) || f.Engagement.Status != engagement.StatusRunning {
		return err
	}
	if err := l.hear(f); err != nil {
		return err
	}
	for _, h := range l.happens {
		if h.day == nth || h.day == nth-1 && !f.ClientDays.IsBusiness(day.AddDays(-1)) {
			l.happen(f, h)
		}
	}
	for range 6 {
		l.now = l.now.Add(50 * time.Minute)
		did := false
		for _, c := range l.turns(f) {
			did = l.send(c) == nil || did // what cannot be done is not done
		}
		if !did {
			return nil
		}
		if f, err = l.advance(); err != nil {
			return err
		}
	}
	return nil
}

// advance lets the engagement move on as its workflow does.
func (l *life) advance() (*engagement.Facts, error) {
	for range 10 {
		f, err := l.s.Facts(l.ctx, l.id, engagement.Need{})
		if err != nil {
			return nil, err
		}
		agenda := engagement.AgendaOf(f, l.now)
		if !agenda.Ready && (agenda.Wake.IsZero() || agenda.Wake.After(l.now)) {
			return l.s.Facts(l.ctx, l.id, reminders.NeedToRehearse(f))
		}
		if _, _, err := l.s.Change(l.ctx, l.id, store.Once{}, engagement.Need{}, l.now, func(f *engagement.Facts, at time.Time) (string, error) {
			engagement.Advance(f, at)
			return "", nil
		}); err != nil {
			return nil, err
		}
	}
	return l.s.Facts(l.ctx, l.id, engagement.Need{})
}

// send has a command carried out.
func (l *life) send(c engagement.Command) error {
	l.sent++
	c.Key, c.Hash = fmt.Sprintf("%s-%d", l.id, l.sent), "demo"
	once := store.Once{Actor: c.Actor.Person, Role: c.Actor.Role, Key: c.Key, Hash: c.Hash}
	_, _, err := l.s.Change(l.ctx, l.id, once, engagement.NeedOf(c), l.now,
		func(f *engagement.Facts, at time.Time) (string, error) { return engagement.Decide(f, c, at) })
	return err
}

// turns are the commands of those whose turn it is, each as late as they are.
func (l *life) turns(f *engagement.Facts) []engagement.Command {
	today, out := f.Today(l.now), []engagement.Command(nil)
	does, accepts := map[models.PersonID][]models.TaskID{}, map[models.PersonID][]models.TaskID{}
	for i, t := range f.Tasks {
		early := i%3 - l.late[t.Owner] // some do things a day or two before they are due
		switch {
		case t.State == engagement.TaskOpen && !f.Days(t.OwnerRole).Add(t.Due, -early).After(today):
			if a, ok := f.Doer(t, l.now); ok {
				does[a.Person] = append(does[a.Person], t.ID)
			}
		case t.State == engagement.TaskSubmitted:
			if a, ok := f.Acceptor(t, l.now); ok {
				accepts[a.Person] = append(accepts[a.Person], t.ID)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(does)) {
		out = append(out, engagement.Command{Kind: engagement.CompleteTask, Actor: f.Actor(id), Tasks: does[id],
			On: f.StatedOn(does[id], l.now)})
	}
	for _, id := range slices.Sorted(maps.Keys(accepts)) {
		out = append(out, engagement.Command{Kind: engagement.AcceptTask, Actor: f.Actor(id), Tasks: accepts[id]})
	}
	for _, g := range f.Gates {
		p := f.Phase(g.Phase)
		if g.State == engagement.GateSigned || p == nil || p.Standing != engagement.StandingActive || len(f.GateBlockers(g, today)) > 0 {
			continue
		}
		if a, ok := f.Signer(g, l.now); ok {
			out = append(out, engagement.Command{Kind: engagement.SignGate, Actor: a, Gate: g.ID})
		}
	}
	for _, d := range f.Decisions {
		for _, a := range f.Approvers(d, l.now) {
			out = append(out, engagement.Command{Kind: engagement.ApproveDecision, Actor: a, Decision: d.ID})
		}
	}
	return out
}

// happen has somebody ask about a task of theirs, say something about it, or move one that is open.
func (l *life) happen(f *engagement.Facts, h happening) {
	for _, t := range f.Tasks {
		firm := f.Actor(h.who).Role.Side() == models.SideFirm
		if t.State != engagement.TaskOpen || !firm && t.Owner != h.who || firm && models.SideOf(t.OwnerRole) != models.SideClient {
			continue
		}
		c := engagement.Command{Kind: h.kind, Actor: f.Actor(h.who), Tasks: []models.TaskID{t.ID}, Reason: h.says}
		if h.kind == engagement.MoveTask {
			c.Due = f.ClientDays.Add(models.DateIn(l.now, f.Location()), 5)
		}
		if l.send(c) == nil {
			return
		}
	}
}

// hear writes down what people are sent this morning, with the words of the product.
func (l *life) hear(f *engagement.Facts) error {
	aud, err := l.s.Audience(l.ctx, f, false)
	if err != nil {
		return err
	}
	aud.Sent = l.told
	by := map[models.PersonID][]reminders.Nudge{}
	for _, n := range reminders.Nudges(f, aud, l.now) {
		by[n.To] = append(by[n.To], n)
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		to := aud.People[id]
		if to == nil {
			continue
		}
		g := reminders.Digesting{To: to, Day: f.Today(l.now), Nudges: by[id], Ask: reminders.Managers{},
			Names: map[models.EngagementID]string{l.id: f.Engagement.Name}, Limit: f.Catalog.Reminders.Defaults.Lines}
		if to.Role.Side() == models.SideClient {
			g.Client = l.client.Name
		}
		g.Ask.Add(f)
		if !g.Fresh() {
			continue
		}
		m, said := g.Digest()
		l.out = append(l.out, store.NewDelivery{Delivery: l.delivery(to, g.Day, &m)})
		for _, n := range said {
			if n.Step != (reminders.Step{}) {
				key := reminders.SentKey{To: id, Engagement: n.Item.Engagement, Item: n.Item.Key()}
				l.told[key] = l.told[key].Then(n.Step, g.Day, n.Causes...)
			}
		}
	}
	return nil
}

// delivery is a message that was sent this morning.
func (l *life) delivery(to *reminders.Recipient, day models.Date, m *reminders.Message) reminders.Delivery {
	return reminders.Delivery{ID: reminders.DeliveryID(to.Firm, to.ID, reminders.KindDigest, day.String(), reminders.ChannelMail),
		Kind: reminders.KindDigest, Slot: day.String(), Person: to.ID, Channel: reminders.ChannelMail, Status: reminders.DeliverySent,
		ScheduledAt: l.now, SettledAt: l.now.Add(time.Minute), NotAfter: l.now.Add(8 * time.Hour), Day: day, Message: m}
}
