package reminders

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// An Assumption is how people are taken to behave in a rehearsal.
type Assumption string

// The assumptions.
const (
	// AssumeOnTime has everything done on its day, and accepted, signed and approved the business day after, or at once where something would
	// be late by the answer: what comes next is due, or the phase is to end.
	AssumeOnTime Assumption = "on_time"
	AssumeLate   Assumption = "late"   // all of it three business days later
	AssumeSilent Assumption = "silent" // the firm does its part on time, and nobody at the client or the audit firm ever answers
)

// Assumptions lists all assumptions.
var Assumptions = []Assumption{AssumeOnTime, AssumeLate, AssumeSilent}

// ParseAssumption returns the assumption of that name, or refuses with the list of those there are.
func ParseAssumption(s string) (Assumption, error) {
	if slices.Contains(Assumptions, Assumption(s)) {
		return Assumption(s), nil
	}
	return "", models.Refuse(models.Invalid, "assume", "assume %.40q is none of %s", s, models.Words(Assumptions))
}

// A Rehearsal is what comes of living an engagement through.
type Rehearsal struct {
	Messages []Rehearsed // every message that would go out, in order
	// EndedOn is the engagement's local day on which it is complete; zero when it is not complete by the last day that was lived.
	EndedOn models.Date
	// StoppedOn is the engagement's local day on which the rehearsal stops without that: the last day it was asked for, or the day on which
	// nothing more can be lived; zero when the engagement is complete.
	StoppedOn models.Date
	// Stopped says in a sentence for people why it is not complete on that day; empty when it is.
	Stopped string
	// Remarks says who acts in another's place, since the one whose it is has left or may not, and what nobody can do.
	Remarks []string
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

// NeedToRehearse returns what must be loaded beyond what is open to rehearse an engagement: the closed tasks that open ones
// check or are checked by, since nobody checks what they did themselves.
func NeedToRehearse(f *engagement.Facts) engagement.Need {
	var need engagement.Need
	for _, t := range f.Tasks {
		for _, id := range f.Named(engagement.Need{Tasks: []models.TaskID{t.ID}}) {
			if f.Task(id) == nil {
				need.Tasks = append(need.Tasks, id)
			}
		}
	}
	return need
}

// Rehearse lives an engagement through from now until its end, or until the end of a day, and returns every message that would go out
// about it. Time passes and people act as they really do: by Advance at the instants that the agenda names, and by commands that Decide
// accepts. A draft is started first, and one that is muted is unmuted. It uses the facts up: nothing of them is to be kept. The
// forecast is not reckoned, except where a message names it. What other engagements have to say to the same people is not in it.
// The facts must hold what NeedToRehearse names.
//
// It refuses an unknown assumption, and a draft that cannot be started. When ctx ends before it has, it returns the error of ctx. It gives
// way to whatever else the process has to do.
func Rehearse(ctx context.Context, f *engagement.Facts, aud Audience, settings Messaging, a Assumption, now time.Time,
	until models.Date) (Rehearsal, error) {
	if _, err := ParseAssumption(string(a)); err != nil {
		return Rehearsal{}, err
	}
	r := newRehearsal(f, aud, settings, a, now)
	if err := r.begin(); err != nil {
		return Rehearsal{}, err
	}
	if err := r.live(ctx, until); err != nil {
		return Rehearsal{}, err
	}
	return r.outcome(until), nil
}

// A rehearsal is one going through.
type rehearsal struct {
	f         *engagement.Facts
	aud       Audience
	settings  Messaging
	assume    Assumption
	wait      int       // business days by which people are late
	now, wake time.Time // how far it has come, and when the engagement moves by itself next; zero when people have to move it
	tasks     map[models.TaskID]*engagement.Task
	decisions map[string]*engagement.Decision // which are closed, as tasks: a command or a message may name them
	digestAt  map[models.PersonID]time.Time
	actAt     time.Time                               // when people act next
	atOnceAt  time.Time                               // when what is said at once goes out; zero when nothing is to be said
	weeks     map[weekOf]int                          // how many messages somebody got
	notices   map[models.PersonID][]engagement.Notice // what has not been said
	out       []Rehearsed
	reckoned  models.Date // the last day of the engagement's on which the forecast was reckoned
	moves     int         // how often a window that was missed has been moved
	stuck     string      // why nothing more can be lived
	remarks   []*remark
	// acted and lived are told of every command that was accepted and of every instant that has been lived; nil tells nobody.
	acted func(engagement.Command, time.Time)
	lived func(*engagement.Facts, time.Time)
	// idle says who does nothing at an instant, though nothing says that they are away; nil: nobody.
	idle func(engagement.Actor, time.Time) bool
}

// weekOf is a week of somebody's, named by its Monday.
type weekOf struct {
	to     models.PersonID
	monday models.Date
}

func newRehearsal(f *engagement.Facts, aud Audience, settings Messaging, a Assumption, now time.Time) *rehearsal {
	f.SkipSummary = true
	r := &rehearsal{f: f, aud: aud, settings: settings.With(f.Catalog.Reminders.Defaults), assume: a, now: now,
		tasks:     map[models.TaskID]*engagement.Task{},
		decisions: map[string]*engagement.Decision{}, digestAt: map[models.PersonID]time.Time{}, weeks: map[weekOf]int{},
		notices: map[models.PersonID][]engagement.Notice{}}
	if a == AssumeLate {
		r.wait = lateDays
	}
	if r.aud.Sent == nil {
		r.aud.Sent = map[SentKey]Sent{}
	}
	for id, to := range aud.People {
		r.digestAt[id] = to.NextDigest(now)
	}
	return r
}

// begin starts a draft and lets messages about the engagement go out.
func (r *rehearsal) begin() error {
	var kinds []engagement.Kind
	if r.f.Engagement.Status == engagement.StatusDraft {
		kinds = append(kinds, engagement.StartEngagement)
	}
	if r.f.Engagement.Muted {
		kinds = append(kinds, engagement.UnmuteEngagement)
	}
	if who, ok := r.f.Planner(); ok {
		for _, k := range kinds {
			if err := r.send(engagement.Command{Kind: k, Actor: who}); err != nil {
				return err
			}
		}
	} else if len(kinds) > 0 {
		return models.Refuse(models.Conflict, "manager", "neither the manager nor the partner of the engagement is active: name a manager first")
	}
	r.take(r.f)
	r.actAt = r.nextActing()
	return nil
}

// live lets one instant after the other come at which somebody is written to or acts.
func (r *rehearsal) live(ctx context.Context, until models.Date) error {
	for r.stuck == "" && r.f.Engagement.Status == engagement.StatusRunning {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("rehearse: %w", err)
		}
		runtime.Gosched()
		at := r.next()
		if r.f.Today(at).After(until) {
			return nil
		}
		r.pass(at)
		r.digests(at)
		if at.Equal(r.actAt) {
			r.act()
			r.actAt = r.nextActing()
		}
		if at.Equal(r.atOnceAt) {
			r.sayAtOnce(at)
		}
		if r.lived != nil {
			r.lived(r.f, at)
		}
	}
	r.farewell()
	return nil
}

// farewell has everybody hear, in their next daily message, what is to be said once the engagement has ended.
func (r *rehearsal) farewell() {
	if !r.f.Engagement.Status.Ended() {
		return
	}
	for id := range r.notices {
		r.digest(r.aud.People[id], nil, r.digestAt[id])
	}
}

// next returns the instant at which somebody is written to or acts next.
func (r *rehearsal) next() time.Time {
	at := r.actAt
	for _, digest := range r.digestAt {
		if digest.Before(at) {
			at = digest
		}
	}
	if !r.atOnceAt.IsZero() && r.atOnceAt.Before(at) {
		at = r.atOnceAt
	}
	return at
}

// actingHour is when people act, on the engagement's clock, on days on which the firm or the client works.
const actingHour = 15

func (r *rehearsal) nextActing() time.Time {
	for d := r.f.Today(r.now); ; d = d.AddDays(1) {
		at := d.At(r.f.Location(), actingHour, 0)
		if at.After(r.now) && (r.f.ClientDays.IsBusiness(d) || r.f.FirmDays.IsBusiness(d)) {
			return at
		}
	}
}

// pass lets time pass until an instant. On the way the engagement moves on whenever its agenda says so.
func (r *rehearsal) pass(until time.Time) {
	for !r.wake.IsZero() && !r.wake.After(until) {
		r.now = r.wake
		r.advance()
	}
	r.now = until
}

func (r *rehearsal) advance() {
	engagement.Advance(r.f, r.now)
	r.take(r.f)
}

// send carries a command out as of now.
func (r *rehearsal) send(c engagement.Command) error {
	c.Key = "rehearsal"
	f := r.with(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, r.now); err != nil {
		return err
	}
	if r.acted != nil {
		r.acted(c, r.now)
	}
	r.take(f)
	return nil
}

// with returns the facts with what is needed of what is closed.
func (r *rehearsal) with(need engagement.Need) *engagement.Facts {
	f := *r.f
	for _, id := range f.Named(need) {
		if t := r.tasks[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(slices.Clip(f.Tasks), t)
		}
	}
	if d := r.decisions[need.Decision]; d != nil {
		f.Decisions = append(slices.Clip(f.Decisions), d)
	}
	return &f
}

// take keeps what a change came to, as the store does, and lets the engagement move on for as long as its agenda says that it is ready.
func (r *rehearsal) take(f *engagement.Facts) {
	for _, n := range f.Changes().Notices {
		if r.aud.People[n.To] == nil {
			continue
		}
		r.notices[n.To] = append(r.notices[n.To], n)
		if n.Urgent && r.atOnceAt.IsZero() {
			r.atOnceAt = r.now.Add(time.Duration(r.settings.BundleMinutes) * time.Minute)
		}
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			r.tasks[t.ID] = t
		}
	}
	for _, d := range f.Decisions {
		if d.State != engagement.DecisionPending {
			r.decisions[d.ID] = d
		}
	}
	r.f = f.Reread()
	a := engagement.AgendaOf(r.f, r.now)
	r.wake = a.Wake
	if a.Ready {
		r.advance()
	}
}

// digests writes the digests that fall on an instant.
func (r *rehearsal) digests(at time.Time) {
	aud := r.aud
	aud.Only = map[models.PersonID]bool{}
	for id, when := range r.digestAt {
		if when.Equal(at) {
			aud.Only[id] = true
			r.digestAt[id] = aud.People[id].NextDigest(at)
		}
	}
	if len(aud.Only) == 0 {
		return
	}
	r.reckon(at)
	by := map[models.PersonID][]Nudge{}
	for _, n := range Nudges(r.f, aud, at) {
		by[n.To] = append(by[n.To], n)
	}
	for id := range aud.Only {
		r.digest(r.aud.People[id], by[id], at)
	}
}

// reckon brings up to date, once on a day of the engagement's, what messages say of its forecast: nobody else reads the summary.
func (r *rehearsal) reckon(at time.Time) {
	e, today := &r.f.Engagement, r.f.Today(at)
	if r.reckoned == today || !e.Status.Live() {
		return
	}
	r.reckoned = today
	fc := r.f.Forecast(at)
	if e.Baseline.Cautious.IsZero() {
		e.Baseline.Cautious = fc.Cautious
	}
	e.Summary.Forecast, e.Summary.Cautious = fc.Report, fc.Cautious
	e.Summary.Health, _ = r.f.Health(fc, at)
	e.Outlook.Last = e.Outlook.Last[:0:0]
	for _, p := range fc.Reports {
		e.Outlook.Last = append(e.Outlook.Last, engagement.Kept{Kind: p.Kind, Promised: p.Promised, Expected: p.Expected, Issued: p.Issued})
	}
}

func (r *rehearsal) digest(to *Recipient, nudges []Nudge, at time.Time) {
	e, d := r.f.Engagement, to.Today(at)
	g := Digesting{To: to, Day: d, Nudges: nudges, Names: map[models.EngagementID]string{e.ID: e.Name},
		Client: r.client(to), Ask: r.managers(),
		Limit: r.f.Catalog.Reminders.Defaults.Lines}
	g.News, g.Patient = r.news(to.ID, at)
	week := weekOf{to.ID, d.Monday()}
	if !g.Fresh() || g.Mild() && r.weeks[week] >= r.settings.WeeklyBudget {
		return
	}
	m, said := g.Digest()
	delete(r.notices, to.ID)
	r.weeks[week]++
	r.out = append(r.out, Rehearsed{at, to, KindDigest, m})
	for _, n := range said {
		if n.Step != (Step{}) {
			key := SentKey{to.ID, n.Item.Engagement, n.Item.Key()}
			r.aud.Sent[key] = r.aud.Sent[key].Then(n.Step, d, n.Causes...)
		}
	}
}

// managers returns whom people may ask.
func (r *rehearsal) managers() Managers {
	m := Managers{}
	m.Add(r.f)
	return m
}

// client returns the client's name for its own people; empty for others.
func (r *rehearsal) client(to *Recipient) string {
	if to.Client == "" {
		return ""
	}
	return r.f.Client.Name
}

// news says what has not been said to somebody about what others did, as it stands now, and how much of it may wait.
func (r *rehearsal) news(to models.PersonID, now time.Time) (out []engagement.Line, patient int) {
	for _, n := range r.notices[to] {
		need := engagement.Need{}
		switch n.Kind { // it may be about what is closed
		case engagement.NoticeAnswered, engagement.NoticeApproval, engagement.NoticeWithdrawn:
			need.Decision = n.Subject
		case engagement.NoticeAsked, engagement.NoticeReplied, engagement.NoticeReopened, engagement.NoticeDropped:
			need.Tasks, need.Questions = []models.TaskID{models.TaskID(n.Subject)}, []string{n.Subject} // of a release before: a task
		case engagement.NoticeSaid:
			need.Tasks = []models.TaskID{models.TaskID(n.Subject)}
		}
		if l, ok := LineOf(r.with(need), n); ok {
			l.Where = r.f.Engagement.Name
			out = append(out, l)
			if n.Patient(now) {
				patient++
			}
		}
	}
	return out, patient
}

// sayAtOnce writes what is said at once about what people did. Who may not be written to now, or has had twice the weekly budget, hears of
// it in their digest.
func (r *rehearsal) sayAtOnce(at time.Time) {
	r.atOnceAt = time.Time{}
	for _, id := range slices.Sorted(maps.Keys(r.notices)) {
		if !slices.ContainsFunc(r.notices[id], func(n engagement.Notice) bool { return n.Urgent }) {
			continue
		}
		to := r.aud.People[id]
		week := weekOf{id, to.Today(at).Monday()}
		if !to.Open(at) || r.weeks[week] >= 2*r.settings.WeeklyBudget {
			continue
		}
		lines, _ := r.news(id, at)
		delete(r.notices, id)
		if len(lines) > 0 {
			r.weeks[week]++
			r.out = append(r.out, Rehearsed{at, to, KindNow, Urgently(to, lines, r.client(to), r.managers(),
				r.f.Catalog.Reminders.Defaults.Lines)})
		}
	}
}

// outcome says what has come of it.
func (r *rehearsal) outcome(until models.Date) Rehearsal {
	slices.SortStableFunc(r.out, func(a, b Rehearsed) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.To.ID, b.To.ID)) })
	out := Rehearsal{Messages: r.out}
	for _, m := range r.remarks {
		out.Remarks = append(out.Remarks, m.String())
	}
	e := r.f.Engagement
	switch {
	case e.Status == engagement.StatusCompleted:
		out.EndedOn = r.f.Today(e.EndedAt)
	case r.stuck != "":
		out.StoppedOn = r.f.Today(r.now)
		out.Stopped = "On " + models.Dated(out.StoppedOn) + " it stops: " + models.WithWeekdays(r.stuck) + "."
	case e.Status == engagement.StatusPaused:
		out.StoppedOn = r.f.Today(r.now)
		out.Stopped = "It is " + engagement.PausedSince(e.PausedOn, e.PausedUntil()) + ": nothing goes out until it is resumed."
	default:
		out.StoppedOn = until
		out.Stopped = "On " + models.Dated(until) + " it is not complete: it waits for " + r.waitingFor() + "."
	}
	return out
}

// waitingFor says for people what an engagement that is not complete waits for: everybody who is waited for with what it is, whoever is
// longest behind first, or the calendar. Of what nobody has lived through there is no other list.
func (r *rehearsal) waitingFor() string {
	report := r.f.Report(r.now)
	var parts []string
	for _, w := range report.WaitingFor {
		parts = append(parts, fmt.Sprintf("%s since %s (%s)", w.Name, models.Dated(w.Since), strings.Join(w.Things, "; ")))
	}
	if len(parts) == 0 {
		return cmp.Or(report.Why, "the calendar")
	}
	return strings.Join(parts, ", ")
}
