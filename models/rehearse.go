package models

import (
	"cmp"
	"slices"
	"time"
)

// An Assumption is how people are taken to behave in a rehearsal.
type Assumption string

// The assumptions.
const (
	AssumeOnTime Assumption = "on_time" // everything is done on its day, and accepted, signed and approved the business day after
	AssumeLate   Assumption = "late"    // all of it three business days later
	AssumeSilent Assumption = "silent"  // the firm does its part on time, and nobody at the client or the audit firm ever answers
)

// Assumptions lists all assumptions.
var Assumptions = []Assumption{AssumeOnTime, AssumeLate, AssumeSilent}

// ParseAssumption returns the assumption of that name, or refuses with the list of those there are.
func ParseAssumption(s string) (Assumption, error) {
	if slices.Contains(Assumptions, Assumption(s)) {
		return Assumption(s), nil
	}
	return "", Refuse(Invalid, "assume", "assume %.40q is none of %s", s, words(Assumptions))
}

// A Rehearsed message is one that would go out.
type Rehearsed struct {
	At      time.Time
	To      *Recipient
	Kind    DeliveryKind
	Message Message
}

// lateDays is by how many business days people are late in a rehearsal of lateness.
const lateDays = 3

// Rehearse lives an engagement through from now until its end or a day, by the rules by which it will really run, and returns every
// message that would go out about it, in order. A draft is started first. It uses the facts up: nothing of them is to be kept. What
// other engagements have to say to the same people is not in it. It refuses a draft that cannot be started, and an unknown
// assumption.
func Rehearse(f *Facts, aud Audience, settings Messaging, a Assumption, now time.Time, until Date) ([]Rehearsed, error) {
	if _, err := ParseAssumption(string(a)); err != nil {
		return nil, err
	}
	r := &rehearsal{f: f, aud: aud, settings: settings.With(f.Catalog.Reminders.Defaults), assume: a, until: until, weeks: map[weekOf]int{}, news: map[PersonID][]Line{}}
	if r.aud.Said == nil {
		r.aud.Said = map[Saying]Said{}
	}
	if f.Engagement.Status == StatusDraft {
		c := Command{Key: "rehearsal", Kind: StartEngagement, Actor: Actor{Person: f.Engagement.Manager, Role: RoleManager}}
		if _, err := Decide(f, c, now); err != nil {
			return nil, err
		}
	}
	f.Engagement.Muted = false
	r.forget()
	for d := f.Today(now); !d.After(until) && f.Engagement.Status.Live(); d = d.next() {
		r.day(d, now)
	}
	slices.SortStableFunc(r.out, func(a, b Rehearsed) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.To.ID, b.To.ID)) })
	return r.out, nil
}

// A rehearsal is one going through.
type rehearsal struct {
	f        *Facts
	aud      Audience
	settings Messaging
	assume   Assumption
	until    Date
	weeks    map[weekOf]int      // how many messages somebody got
	news     map[PersonID][]Line // what could not be said at once
	out      []Rehearsed
}

// weekOf is a week of somebody's, named by its Monday.
type weekOf struct {
	to     PersonID
	monday Date
}

// day lives one day: the engagement moves on, everybody gets what they are to get in the morning, and people do what they do in the
// afternoon.
func (r *rehearsal) day(d Date, from time.Time) {
	f, zone := r.f, r.f.Location()
	if at := d.At(zone, 0, 1); at.After(from) {
		r.advance(at)
	}
	r.digests(d, from)
	if noon := d.At(zone, 15, 0); noon.After(from) && (f.ClientDays.IsBusiness(d) || f.FirmDays.IsBusiness(d)) {
		for r.act(d, noon) { // what one does lets another begin
			r.advance(noon)
		}
		r.notices(noon)
	}
}

// advance moves the engagement on without reckoning its forecast, which nobody reads here.
func (r *rehearsal) advance(now time.Time) {
	f, moved := r.f, false
	for f.step(now) {
		moved = true
	}
	if f.periodBegun(f.Today(now)) {
		f.bring(now)
	}
	if moved {
		f.retime(now)
	}
	f.dates = nil
	f.dropRequests(now)
	f.unlock(f.Today(now))
	f.markReady(now)
	r.forget()
}

// forget drops what the store would not have read again: closed tasks.
func (r *rehearsal) forget() {
	r.f.Tasks = slices.DeleteFunc(r.f.Tasks, func(t *Task) bool { return t.State.Closed() })
	r.f.Decisions = slices.DeleteFunc(r.f.Decisions, func(d *Decision) bool { return d.State != DecisionPending })
}

// digests writes the digests that fall into a day, in the order of their hours.
func (r *rehearsal) digests(d Date, from time.Time) {
	at := map[time.Time][]PersonID{}
	for id, to := range r.aud.People {
		if when := to.DigestAt.On(d, to.Zone()); to.Works(d) && when.After(from) {
			at[when] = append(at[when], id)
		}
	}
	for when, ids := range at {
		aud := r.aud
		aud.Only = map[PersonID]bool{}
		for _, id := range ids {
			aud.Only[id] = true
		}
		by := map[PersonID][]Nudge{}
		for _, n := range r.f.Nudges(aud, when) {
			by[n.To] = append(by[n.To], n)
		}
		for _, id := range ids {
			r.digest(r.aud.People[id], by[id], when, d)
		}
	}
}

func (r *rehearsal) digest(to *Recipient, nudges []Nudge, when time.Time, d Date) {
	g := Digesting{To: to, Day: d, Nudges: nudges, News: r.news[to.ID], Names: map[EngagementID]string{r.f.Engagement.ID: r.f.Engagement.Name}, Limit: r.f.Catalog.Reminders.Defaults.Lines}
	if to.Client != "" {
		g.Client = r.f.Client.Name
	}
	week := weekOf{to.ID, d.Monday()}
	if !g.Fresh() || g.Mild() && r.weeks[week] >= r.settings.WeeklyBudget {
		return
	}
	m, said := g.Digest()
	delete(r.news, to.ID)
	r.weeks[week]++
	r.out = append(r.out, Rehearsed{when, to, KindDigest, m})
	for _, n := range said {
		if n.Step != (Step{}) {
			key := Saying{to.ID, n.Item.Engagement, n.Item.Key()}
			r.aud.Said[key] = r.aud.Said[key].Then(n.Step, d)
		}
	}
}

// notices writes what is said at once about what people did.
func (r *rehearsal) notices(now time.Time) {
	by := map[PersonID][]Line{}
	for _, n := range r.f.notices() {
		if l, ok := r.f.Line(n); ok && n.Urgent {
			by[n.To] = append(by[n.To], l)
		}
	}
	at := now.Add(time.Duration(r.settings.BundleMinutes) * time.Minute)
	for id, lines := range by {
		to := r.aud.People[id]
		if to == nil {
			continue
		}
		week := weekOf{id, to.Today(at).Monday()}
		if r.weeks[week] >= 2*r.settings.WeeklyBudget {
			r.news[id] = append(r.news[id], lines...) // it waits for their digest
			continue
		}
		client := ""
		if to.Client != "" {
			client = r.f.Client.Name
		}
		r.weeks[week]++
		r.out = append(r.out, Rehearsed{at, to, KindNow, Urgently(to, lines, client)})
	}
	r.f.events, r.f.Comments = nil, nil
}

// act lets everybody do what they do on a day, and reports whether anybody did anything.
func (r *rehearsal) act(d Date, now time.Time) bool {
	f, did := r.f, false
	wait := 0
	if r.assume == AssumeLate {
		wait = lateDays
	}
	for _, t := range f.Tasks {
		days := f.Days(t.OwnerRole)
		switch t.State {
		case TaskOpen:
			if r.acts(t.Owner) && !days.Add(f.dueDay(t), wait).After(d) {
				t.DoneBy, t.DoneAt = cmp.Or(t.Owner, f.Engagement.Manager), now
				if t.ApproverRole != "" && t.Approver != t.Owner {
					t.State = TaskSubmitted
				} else {
					f.close(t, TaskDone)
				}
				did = true
			}
		case TaskSubmitted:
			if r.acts(t.Approver) && f.FirmDays.Count(DateIn(t.DoneAt, f.Location()), d) > wait {
				f.close(t, TaskDone)
				did = true
			}
		}
	}
	for i := range f.Gates {
		g := &f.Gates[i]
		if st := f.Phase(g.Phase); g.State == GateOpen && g.Approver != RoleSystem && st.Standing == StandingActive && !g.At.IsZero() &&
			f.FirmDays.Count(DateIn(g.At, f.Location()), d) > wait && len(f.GateBlockers(*g, d)) == 0 {
			if who := f.mayJudge(g.Approver)[0]; r.acts(who) {
				g.State, g.At, g.By = GateSigned, now, who
				did = true
			}
		}
	}
	return r.decide(d, now, wait) || did
}

// acts reports whether somebody does what they are asked; what nobody owns is done by the manager.
func (r *rehearsal) acts(who PersonID) bool {
	p, ok := r.f.Person(who)
	return r.assume != AssumeSilent || !ok || p.Role.Side() == SideFirm
}

// decide has a window that was missed moved, and pending decisions approved.
func (r *rehearsal) decide(d Date, now time.Time, wait int) bool {
	f := r.f
	send := func(who PersonID, c Command) bool {
		p, _ := f.Person(who)
		c.Key, c.Reason, c.Actor = "rehearsal", "rehearsed", Actor{Person: who, Role: p.Role, Client: p.Client}
		_, err := rowOf[c.Kind].does(f, c, now)
		return err == nil
	}
	if f.windowMissed(d) && len(f.Decisions) == 0 {
		return send(f.Engagement.Manager, Command{Kind: MoveWindow, Change: &Change{WindowOpen: d.AddDays(30)}})
	}
	did := false
	for _, x := range slices.Clone(f.Decisions) {
		if x.State != DecisionPending || f.FirmDays.Count(DateIn(x.ProposedAt, f.Location()), d) <= wait {
			continue
		}
		for _, j := range f.judges(x) {
			did = r.acts(j.person) && send(j.person, Command{Kind: ApproveDecision, Decision: x.ID}) || did
		}
	}
	return did
}
