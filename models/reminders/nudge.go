// Package reminders holds the rules of messages to people: who is reminded of what, when and by which channel, what has been sent and what
// was answered to it, the words of every message, and the rehearsal that shows in advance what an engagement will send. It sends nothing
// itself and reads no clock and no database.
package reminders

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// A Capacity is the recipient's role in an item: its owner, backup, sponsor, and so on up the ladder.
type Capacity string

// The capacities, from the one who is asked up the ladder (domain.md 6.2).
const (
	CapacityOwner   Capacity = "owner" // or whose approval or signature is missing
	CapacityStandIn Capacity = "stand_in"
	CapacityBackup  Capacity = "backup"
	CapacitySponsor Capacity = "sponsor"
	CapacityManager Capacity = "pm"
	CapacityPartner Capacity = "partner"
)

// Asked reports whether the capacity is that of whom something is asked, not of who hears that it is late.
func (p Capacity) Asked() bool { return p == CapacityOwner || p == CapacityStandIn }

// A Step is a rung of a ladder that an item has reached: so many business days after the due date. Another due date begins anew.
type Step struct {
	Due    models.Date
	Offset int
}

// A SentKey names what is kept of messages that were sent: which person was sent something about which item of which engagement.
type SentKey struct {
	To         models.PersonID
	Engagement models.EngagementID
	Item       string // Item.Key
}

// A Sent is the last step that was sent about an item, the recipient's local day on which it was sent, and the last step that was sent on
// an earlier day.
type Sent struct {
	Step   Step
	On     models.Date
	Was    Step
	Causes []Cause // of when a report is expected: what made it late then; nil where that was not kept
}

// Then returns what has been sent once a step is sent on a local day, with what makes a report late that is expected so.
func (s Sent) Then(step Step, on models.Date, causes ...Cause) Sent {
	if s.On.Before(on) {
		s.Was = s.Step
	}
	return Sent{step, on, s.Was, causes}
}

// before returns the last step that was sent before a local day.
func (s Sent) before(d models.Date) Step {
	if s.On.Before(d) {
		return s.Step
	}
	return s.Was
}

// An Audience is what reminders need to know of people beyond the facts: everybody on the engagement, and what has been sent to them.
type Audience struct {
	People  map[models.PersonID]*Recipient
	Sent    map[SentKey]Sent
	Failing map[models.PersonID]bool // people whose last digest failed
	Only    map[models.PersonID]bool // those whose nudges are wanted; nil: everybody's
	All     bool                     // what is asked is shown however far off it is
}

// A Nudge is one item that one person is reminded of or told about.
type Nudge struct {
	To    models.PersonID
	As    Capacity
	For   string   // of a stand-in: whose task it is
	Whom  []string // whom it waits for, by their names
	Away  []string // who of them is away until when, and who is asked instead, a clause each
	Item  engagement.Item
	Step  Step // zero: no step has been reached, it is only shown beside others
	Tone  catalog.Tone
	Level int              // how far up the ladder it is
	Late  int              // business days since it was due, a task's those of its owner, else the recipient's; negative: days left
	Apart bool             // it was due before a pause that did not move its date, and is not counted in Late
	First bool             // it is late, its owner's, and they have never heard of it
	Fresh bool             // this step is to be said now
	Goes  Goes             // where it goes next when nothing happens; zero when nowhere soon
	next  Step             // that of the next business day, where that looks ahead too: a message that goes out today says it already
	Acts  []engagement.Act // what they may do about it
	// Causes are what makes a report late that is expected on Step.Due; nil of all other items.
	Causes []Cause
	// tells is what counts as told with a message that says what the item costs: when the last report is expected. Nil: nothing.
	tells *Nudge
}

// Goes says to whom an item goes next, and when.
type Goes struct {
	On models.Date
	To []string // names
}

// Nudges returns what everybody on the engagement is to hear of, as of now: a pure function of facts, people, and what has been
// said. A step is fresh from the recipient's day on which it is reached until it has been said; of several that were missed only
// the newest is. Who is asked hears of a thing before it climbs: it goes up on its day only when they heard of it on an earlier
// day, and one that is late itself, as after an outage of ours, only a day after they were told so (domain.md 6).
func Nudges(f *engagement.Facts, aud Audience, now time.Time) []Nudge {
	if f.Engagement.Status != engagement.StatusRunning || f.Engagement.Muted {
		return nil
	}
	n := &nudging{f: f, aud: aud, now: now, hushed: hushed(f, now), sponsor: f.Sponsor(), present: aud.Presence(f, now)}
	n.manager = n.present.First(f.Engagement.Manager, f.Engagement.Partner)
	n.left()
	for _, t := range f.Tasks {
		n.task(t)
	}
	for _, g := range f.Gates {
		n.gate(g)
	}
	for _, d := range f.Decisions {
		n.decision(d)
	}
	for _, q := range f.Questions {
		n.question(q)
	}
	n.window()
	n.stall()
	n.outlook()
	n.reach()
	return models.Keep(n.out, func(x Nudge) bool { return n.wanted(aud.People[x.To]) && n.sees(x.To, x.Item) })
}

// nudging is one going through an engagement.
type nudging struct {
	f                *engagement.Facts
	aud              Audience
	now              time.Time
	hushed           map[models.TaskID]bool // tasks that rest while more time or another owner is asked for
	sponsor, manager models.PersonID        // the manager who is not away
	present          *engagement.Presence
	forecast         *engagement.Forecast
	effect           *string
	effects          map[string]engagement.Effects // of decisions, by their ids
	out              []Nudge
}

// hushed returns the tasks that rest because of what somebody asks for about them.
func hushed(f *engagement.Facts, now time.Time) map[models.TaskID]bool {
	out := map[models.TaskID]bool{}
	for _, d := range f.Decisions {
		if hushes(f, d, now) {
			out[d.Change.Task] = true
		}
	}
	return out
}

// hushes reports whether reminders of a task rest because of a decision: for the first days in which more time or another owner is
// asked for.
func hushes(f *engagement.Facts, d *engagement.Decision, now time.Time) bool {
	t := f.Task(d.Change.Task)
	if t == nil || d.State != engagement.DecisionPending || d.Kind != engagement.ExtendTask && d.Kind != engagement.HandOverTask {
		return false
	}
	days := f.Days(t.OwnerRole)
	asked := f.Unpaused(days, models.DateIn(d.ProposedAt, f.Location()))
	return days.Count(asked, f.Today(now)) <= f.Catalog.Reminders.Extension.PendingPausesBusinessDays
}

// task adds who hears of a task.
func (n *nudging) task(t *engagement.Task) {
	f := n.f
	it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemDo, Subject: string(t.ID), Title: t.Heading(), Due: t.Due,
		Gate: t.Gate, Performing: t.Performing(),
		Owner: t.Owner, OwnerName: f.Called(t.Owner, t.OwnerRole)}
	it.Like, it.Many = likeOf(f, t)
	switch t.State {
	case engagement.TaskOpen:
		if n.hushed[t.ID] {
			return
		}
		if n.f.ComesLater(t, n.f.Today(n.now)) {
			return
		}
		if t.Owner == "" {
			it.Kind, it.Due = engagement.ItemStaff, t.OpenedOn
			n.waiting(it, f.Engagement.Manager)
			return
		}
		n.climb(it, f.LadderOf(t), n.asked(n.present.Task(t)), t.Backup, t.Snoozed)
	case engagement.TaskSubmitted:
		it.Kind, it.Due, it.OwnerName = engagement.ItemAccept, models.DateIn(t.DoneAt, f.Location()), f.Called(t.DoneBy, t.OwnerRole)
		n.word(it, n.present.Task(t))
	case engagement.TaskBlocked:
		it.Kind, it.Due, it.Ask = engagement.ItemUnblock, f.BlockedSince(t), t.Reason
		n.waiting(it, f.Unblocker(t))
	}
}

// likeOf returns of which kind a task is, and what several of that kind are called: what the catalog has several copies of, or brings
// again, is alike. Both are empty for every other task.
func likeOf(f *engagement.Facts, t *engagement.Task) (like, many string) {
	if tmpl, ok := f.Catalog.Template(t.Template); ok && t.Subject != "" {
		return tmpl.ID, tmpl.Many
	}
	return "", ""
}

// gate adds who is to sign a gate of which only the signature is missing, and tells the manager of one that was refused.
func (n *nudging) gate(g engagement.Gate) {
	f := n.f
	if st := f.Phase(g.Phase); g.State == engagement.GateSigned || g.At.IsZero() || g.Approver == models.RoleSystem || st == nil ||
		st.Standing != engagement.StandingActive {
		return
	}
	it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemSign, Subject: g.ID, Title: f.GateText(g.ID),
		Due: models.DateIn(g.At, f.Location()), Gate: true}
	if g.State == engagement.GateRefused {
		it.Kind, it.Ask, it.Owner, it.OwnerName = engagement.ItemRefused, g.Reason, g.By, f.Called(g.By, string(g.Approver))
		n.waiting(it, f.Engagement.Manager)
		return
	}
	if turn, ok := n.present.Gate(g); ok {
		n.word(it, turn)
	}
}

// decision adds who is to approve a pending decision: everybody once, in however many capacities they hear of it.
func (n *nudging) decision(d *engagement.Decision) {
	if d.State != engagement.DecisionPending {
		return
	}
	from := len(n.out)
	it := engagement.Item{Engagement: n.f.Engagement.ID, Kind: engagement.ItemDecide, Subject: d.ID, Title: n.f.Explain(d), Ask: d.Reason,
		Overtaken: n.f.Overtaken(d, n.now) != nil, Due: models.DateIn(d.ProposedAt, n.f.Location()), Owner: d.ProposedBy,
		OwnerName: n.f.Called(d.ProposedBy, "team")}
	for _, turn := range n.present.Decision(d) {
		n.word(it, turn)
	}
	if it.Overtaken && len(n.f.Offers(n.f.Actor(d.ProposedBy), it, n.now)) > 0 {
		n.waiting(it, d.ProposedBy) // who proposed it can propose another day, and hears that it takes one
	}
	n.out = append(n.out[:from], once(n.out[from:])...)
}

// untold is for how many business days a question waits to be told at once before a daily message tells it all the same.
const untold = 1

// question adds who is asked an open question, and while they are away who stands in for them. Who is asked is told at once: until then
// their daily message does not say it besides.
func (n *nudging) question(q *engagement.Question) {
	if q.State != engagement.QuestionOpen {
		return
	}
	it, from := questionItem(n.f, q), len(n.out)
	n.waiting(it, q.To)
	n.out = append(n.out[:from], models.Keep(n.out[from:], func(x Nudge) bool {
		_, told := n.said(x.To, it)
		return told || n.aud.All || x.As != CapacityOwner || x.Late > untold
	})...)
}

// questionItem is a question as it waits for its answer.
func questionItem(f *engagement.Facts, q *engagement.Question) engagement.Item {
	return engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemAnswer, Subject: q.ID, Title: q.Title, Ask: q.Text,
		Due: models.DateIn(q.OpenAt, f.Location()), Owner: q.By, OwnerName: f.Called(q.By, "team")}
}

// once returns of what people hear of one item the line in which each of them is asked, else the one that has gone up furthest.
func once(all []Nudge) []Nudge {
	rank := map[Capacity]int{CapacityOwner: 2, CapacityStandIn: 1}
	var out []Nudge
	for _, x := range all {
		i := slices.IndexFunc(out, func(o Nudge) bool { return o.To == x.To })
		switch {
		case i < 0:
			out = append(out, x)
		case cmp.Or(cmp.Compare(rank[x.As], rank[out[i].As]), cmp.Compare(x.Level, out[i].Level)) > 0:
			out[i] = x
		}
	}
	return out
}

// window tells the manager of a window that was missed and of which nobody has proposed another first day.
func (n *nudging) window() {
	f := n.f
	if !f.WindowMissed(f.Today(n.now)) || windowProposed(f) {
		return
	}
	n.waiting(engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemWindow, Subject: string(catalog.PhaseWindow),
		Due: f.Engagement.WindowOpen, OwnerName: f.Called(f.Engagement.Manager, "manager"),
		Title: "The window was to open on " + models.Dated(f.Engagement.WindowOpen), Gate: true}, f.Engagement.Manager)
}

// reach tells the manager, once a week, of everybody who should hear something and has no channel.
func (n *nudging) reach() {
	f := n.f
	lost := map[models.PersonID]bool{}
	for _, x := range n.out {
		if r := n.aud.People[x.To]; x.Step != (Step{}) && r.Channel == ChannelNone {
			lost[x.To] = true
		}
	}
	for _, p := range f.People {
		if !lost[p.ID] || p.Role == models.RolePartner && p.ID != f.Engagement.Partner && p.Email == "" {
			continue // a partner beside the engagement's who has no address, as the administrator of a first start, is missed by nobody
		}
		r := n.aud.People[n.manager]
		if r == nil || r.ID == p.ID {
			continue
		}
		monday := r.Today(n.now).Monday()
		it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemReach, Subject: string(p.ID),
			Title: p.Name + " cannot be reached", Due: monday, Owner: p.ID, OwnerName: p.Name}
		n.add(r, Nudge{As: CapacityManager, Tone: catalog.ToneOverdue, Step: Step{Due: monday}, Item: it,
			Acts: f.Offers(n.actor(r), it, n.now)})
	}
}

// waiting adds an item that waits for somebody's approval or answer since it.Due.
func (n *nudging) waiting(it engagement.Item, who models.PersonID) {
	side := models.SideFirm
	if p, ok := n.f.Person(who); ok {
		side = p.Role.Side()
	}
	n.word(it, n.present.Ask(it, who, side))
}

// word adds an item that waits for the approval or answer of whose turn it is, and while they are away for that of another who may give
// it. Its ladder is called word in the catalog, and in every catalog that engagements were started with.
func (n *nudging) word(it engagement.Item, turn engagement.Turn) {
	n.climb(it, n.f.Catalog.Ladder("word"), n.asked(turn), "", models.Date{})
}

// climb adds everybody who hears of an item: who is asked, and those to whom it has gone up.
func (n *nudging) climb(it engagement.Item, ladder []catalog.ReminderStep, ask holder, backup models.PersonID, snoozed models.Date) {
	for _, c := range n.cast(ask.id, backup) {
		r := n.aud.People[c.id]
		if r == nil || !n.wanted(r) && r.Channel != ChannelNone { // a person without a channel is reported to the manager
			continue
		}
		today := r.Today(n.now)
		x := Nudge{To: r.ID, As: c.capacities[0], Item: it, Late: n.late(it, r), Apart: n.apart(it)}
		x.Whom, x.Away = n.whom(it, ask, r.ID)
		if x.As == CapacityOwner {
			x.As, x.For = ask.capacity, ask.instead
		}
		if x.As.Asked() && today.Before(snoozed) {
			continue
		}
		if !n.rung(&x, ladder, c.capacities, ask, snoozed) {
			continue
		}
		n.equip(&x, ladder, r)
		n.add(r, x)
	}
}

// whom names to a reader those for whom an item waits, of a decision everybody whose word is missing, and says who of them is away.
func (n *nudging) whom(it engagement.Item, ask holder, to models.PersonID) (names, away []string) {
	turns := []engagement.Turn{ask.turn}
	if d := n.f.DecisionOf(it.Subject); it.Kind == engagement.ItemDecide && d != nil {
		turns = n.present.Decision(d)
	}
	for _, turn := range turns {
		who := turn.Whose
		if turn.Until.IsZero() {
			who = turn.Asked
		}
		name := n.f.Called(who, cmp.Or(turn.Role, "team"))
		if slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		if !turn.Until.IsZero() {
			away = append(away, name+" is "+n.f.Instead(turn, to))
		}
	}
	return names, away
}

// late returns how many business days ago an item was due: a task for everybody by the days of its owner, as the status and the lists say,
// what waits for a word by those of who hears of it. Pauses are not counted. The day since which a task is open moves with them.
func (n *nudging) late(it engagement.Item, r *Recipient) int {
	if t := n.f.Task(models.TaskID(it.Subject)); it.Kind == engagement.ItemDo && t != nil {
		return n.f.DaysLate(t, n.now)
	}
	if it.Kind == engagement.ItemStaff {
		return n.f.LateBy(&r.Days, it.Due, r.Today(n.now))
	}
	return n.f.Waited(&r.Days, it.Due, r.Today(n.now))
}

// apart reports whether the time since a task was due is counted without a pause, though the pause did not move its date.
func (n *nudging) apart(it engagement.Item) bool {
	t := n.f.Task(models.TaskID(it.Subject))
	if it.Kind != engagement.ItemDo || t == nil || t.MovesWithPauses() {
		return false
	}
	days, today := n.f.DaysOf(t), n.f.Today(n.now)
	return n.f.Waited(days, t.Due, today) != n.f.LateBy(days, t.Due, today)
}

// said returns what was sent to somebody about an item last, and whether anything was. What was said of a due date holds for the one that a
// pause has made of it: ladders go on from where they were.
func (n *nudging) said(to models.PersonID, it engagement.Item) (Sent, bool) {
	said, ok := n.aud.Sent[SentKey{to, it.Engagement, it.Key()}]
	t := n.f.Task(models.TaskID(it.Subject))
	if !ok || t == nil || it.Kind != engagement.ItemDo && it.Kind != engagement.ItemStaff {
		return said, ok
	}
	due := t.Due
	if it.Kind == engagement.ItemStaff {
		due = t.OpenedOn
	}
	for _, step := range []*Step{&said.Step, &said.Was} {
		if step.Due != due && n.f.MovedTo(t, step.Due, due) {
			step.Due = due
		}
	}
	return said, ok
}

// rung puts a nudge on the last rung of the ladder that is for its recipient by now, and returns false when they do not hear of the item:
// it has not come up to them, or is shown to whom it asks only when it is due soon.
func (n *nudging) rung(x *Nudge, ladder []catalog.ReminderStep, capacities []Capacity, ask holder, snoozed models.Date) bool {
	step, ok := reached(ladder, x.Late, capacities)
	if ahead, soon := reached(ladder, x.Late+1, capacities); soon && ahead.Offset == x.Late+1 && ahead.Offset < 0 && x.As.Asked() {
		x.next = Step{x.Item.Due, ahead.Offset}
	}
	if !ok {
		x.Tone = catalog.ToneHeadsUp
		soon := -x.Late <= n.f.Catalog.Reminders.Defaults.ShownWithin && !n.weekly(x.Item)
		return x.As.Asked() && (n.aud.All || soon)
	}
	x.Step, x.Tone, x.Level = Step{x.Item.Due, step.Offset}, step.Tone, step.Escalation
	return x.As.Asked() || x.Level == 0 || n.mayClimb(x.Item, ladder, step, ask, x.Late, snoozed)
}

// weekly reports whether an item is something that is held every week: it is shown on its day and the business day before, in a message
// that goes out anyway (waits), and its next coming takes the place of one that was not held, so that it never goes further.
func (n *nudging) weekly(it engagement.Item) bool {
	t := n.f.Task(models.TaskID(it.Subject))
	return it.Kind == engagement.ItemDo && t != nil && n.f.Weekly(t)
}

// soon is for how many business days before it is due a thing says where it goes next: from the last reminder before that on.
const soon = 2

// equip adds to a nudge what its recipient needs to know: what exactly is asked for, what they can do about it, where it goes next, and
// what it holds up.
func (n *nudging) equip(x *Nudge, ladder []catalog.ReminderStep, r *Recipient) {
	it, task := x.Item, x.Item.Kind == engagement.ItemDo
	if x.As.Asked() || x.As == CapacityBackup {
		if task {
			t := n.f.Task(models.TaskID(it.Subject))
			x.Item.Perform, x.Item.Ask, x.Item.Send = performOf(t, r.Today(n.now)), askOf(n.f, t), sendOf(n.f, t, r.ID)
		}
		x.Acts = n.f.Offers(n.actor(r), it, n.now)
	}
	if !x.As.Asked() && x.As != CapacityBackup && x.Level >= 2 {
		x.Acts = n.f.OffersAbove(n.actor(r), it, n.now)
	}
	if x.As.Asked() && x.Late >= -soon && !n.weekly(it) { // nobody is told of it before it is due
		x.Goes = n.goes(ladder, *x, r)
	}
	if x.Level >= 2 && task {
		if x.Item.Effect, x.Item.Cost = n.holdsUp(it); x.Item.Cost != "" {
			x.tells = n.tells(r.ID)
		}
	}
	if it.Kind == engagement.ItemDecide && x.As.Asked() {
		x.Item.Effect, x.Item.Whole = n.wouldMove(it.Subject, r)
	}
}

// sees reports whether an item is shown to somebody, by the lock that the API asks too: of what is not shown nobody is told.
func (n *nudging) sees(id models.PersonID, it engagement.Item) bool {
	return n.f.SeesItem(n.actor(n.aud.People[id]), it.Key(), n.now)
}

// actor returns somebody as they would act now.
func (n *nudging) actor(r *Recipient) engagement.Actor {
	return n.present.Actor(r.ID)
}

// Actor returns a recipient as they would act in an engagement now: with those of the audience in whose place they act where they are
// today.
func (aud Audience) Actor(f *engagement.Facts, r *Recipient, now time.Time) engagement.Actor {
	return aud.Presence(f, now).Actor(r.ID)
}

// Presence returns who of the audience is there now.
func (aud Audience) Presence(f *engagement.Facts, now time.Time) *engagement.Presence {
	var absences []Absence
	for _, p := range f.People {
		if r := aud.People[p.ID]; r != nil {
			absences = append(absences, r.Away...)
		}
	}
	reaches := func(id models.PersonID) bool { return aud.People[id] != nil && aud.People[id].Channel != ChannelNone }
	return f.PresenceOf(absences, reaches, now)
}

// A member of a cast is somebody with the capacities they have: in a small company one person has several.
type member struct {
	id         models.PersonID
	capacities []Capacity
}

// cast returns who may hear of an item, everybody once, from the one who is asked up the ladder.
func (n *nudging) cast(asked, backup models.PersonID) []member {
	e := n.f.Engagement
	var out []member
	for _, m := range []member{{asked, []Capacity{CapacityOwner}}, {backup, []Capacity{CapacityBackup}},
		{n.sponsor, []Capacity{CapacitySponsor}},
		{n.manager, []Capacity{CapacityManager}}, {e.Partner, []Capacity{CapacityPartner}}} {
		if i := slices.IndexFunc(out, func(o member) bool { return o.id == m.id }); i >= 0 {
			out[i].capacities = append(out[i].capacities, m.capacities...)
		} else if m.id != "" {
			out = append(out, m)
		}
	}
	return out
}

// reached returns the last rung by a number of business days that is for somebody in one of the capacities.
func reached(ladder []catalog.ReminderStep, late int, capacities []Capacity) (last catalog.ReminderStep, ok bool) {
	for _, s := range ladder {
		if s.Offset > late {
			break
		}
		if slices.ContainsFunc(capacities,
			func(p Capacity) bool { return slices.Contains(s.To, string(p)) || slices.Contains(s.CC, string(p)) }) {
			last, ok = s, true
		}
	}
	return last, ok
}

// mayClimb reports whether a rung may be said to those above who is asked: on its day when they have heard, on an earlier day, their own
// last rung before it; later only when they have heard, on an earlier day, how far it has come. What they had put off themselves counts
// as heard, and what was said to who stood in for them. Whom nothing reaches, or who is not shown it, holds nothing up.
func (n *nudging) mayClimb(it engagement.Item, ladder []catalog.ReminderStep, step catalog.ReminderStep, ask holder, late int,
	snoozed models.Date) bool {
	r := n.aud.People[ask.id]
	if r == nil || r.Channel == ChannelNone || n.aud.Failing[ask.id] || !n.sees(ask.id, it) {
		return true
	}
	sent, _ := n.said(ask.id, it)
	said := sent.before(r.Today(n.now))
	if said.Due != it.Due {
		return false
	}
	by := step.Offset
	if late == step.Offset {
		by-- // they hear this rung today, as those above them
	}
	own, ok := reached(ladder, by, []Capacity{CapacityOwner})
	if !ok || said.Offset >= own.Offset || by < step.Offset && own.Offset < 0 {
		return true
	}
	on := n.reaches(it, own.Offset, r)
	_, away := r.AwayOn(on)
	return away || on.Before(snoozed)
}

// goes returns where an item goes next beyond those who have heard of it, when that is within the next five business days.
func (n *nudging) goes(ladder []catalog.ReminderStep, x Nudge, r *Recipient) Goes {
	e := n.f.Engagement
	for _, s := range ladder {
		if s.Offset <= x.Late || s.Escalation <= x.Level {
			continue
		}
		if s.Offset-x.Late > n.f.Catalog.Reminders.Defaults.ShownWithin {
			return Goes{}
		}
		g := Goes{On: n.reaches(x.Item, s.Offset, r)}
		for _, role := range slices.Concat(s.To, s.CC) {
			id := map[Capacity]models.PersonID{CapacitySponsor: n.sponsor, CapacityManager: e.Manager, CapacityPartner: e.Partner}[Capacity(role)]
			if p, ok := n.f.Person(id); ok && id != r.ID && !slices.Contains(g.To, p.Name) {
				g.To = append(g.To, p.Name)
			}
		}
		if len(g.To) > 0 {
			return g
		}
	}
	return Goes{}
}

// reaches returns the day on which an item reaches a rung of its ladder for somebody, by the days that late counts.
func (n *nudging) reaches(it engagement.Item, offset int, r *Recipient) models.Date {
	t := n.f.Task(models.TaskID(it.Subject))
	if it.Kind == engagement.ItemStaff || it.Kind == engagement.ItemDo && t != nil && t.MovesWithPauses() {
		return r.Days.Add(r.Days.Roll(it.Due), offset)
	}
	return n.f.WaitedBy(&r.Days, it.Due, offset)
}

// holdsUp says what an item holds up: its phase, and the report when that is late.
func (n *nudging) holdsUp(it engagement.Item) (effect, cost string) {
	if n.effect == nil {
		text := ""
		fc := n.expects()
		if fc.Late > 0 && !fc.Issued && !fc.Report.IsZero() {
			text = "The report is now expected on " + models.Dated(fc.Report) + ", " + models.BusinessDays(fc.Late) + " after the promised " +
				models.Dated(n.f.Engagement.Target) + "."
		}
		n.effect = &text
	}
	if t := n.f.Task(models.TaskID(it.Subject)); t != nil && t.Gate {
		effect = n.f.PhaseName(t.Phase) + " cannot end without it."
	}
	return effect, *n.effect
}

// wouldMove says to somebody what a decision would move that they are asked about.
func (n *nudging) wouldMove(id string, r *Recipient) (effect string, whole []string) {
	e, known := n.effects[id]
	if !known {
		e = n.f.Effects(n.f.DecisionOf(id), n.now)
		if n.effects == nil {
			n.effects = map[string]engagement.Effects{}
		}
		n.effects[id] = e
	}
	e = e.SeenBy(n.actor(r), n.f, n.now)
	return strings.Join(e.Lines(), " "), e.Whole()
}

// wanted reports whether somebody's nudges are asked for.
func (n *nudging) wanted(r *Recipient) bool { return n.aud.Only == nil || n.aud.Only[r.ID] }

// add notes a nudge, and whether it is fresh.
func (n *nudging) add(r *Recipient, x Nudge) {
	x.To = r.ID
	said, ok := n.said(r.ID, x.Item)
	x.First = !ok && x.As == CapacityOwner && x.Late > 0 && x.Item.Kind == engagement.ItemDo &&
		!n.weekly(x.Item) // what is held every week is new to nobody
	x.Fresh = x.Step != (Step{}) && (!ok || said.Step != x.Step && said.Step != x.next) && !n.waits(x)
	if x.next != (Step{}) {
		x.Step = x.next
	}
	n.out = append(n.out, x)
}

// waits reports whether a nudge waits for a message that goes out anyway: what is not due yet is no news to who is not asked to do it, and
// what is held every week stands in the calendar of whoever holds it. What comes once a month or a quarter is told as anything else is.
func (n *nudging) waits(x Nudge) bool {
	if x.Item.Kind != engagement.ItemDo || x.Late > 0 || x.Level > 0 {
		return false
	}
	return n.weekly(x.Item) || !x.As.Asked() && x.As != CapacityBackup
}

// WorstFirst orders nudges as a digest shows them: what has gone up furthest and is latest first, then by due date.
func WorstFirst(a, b Nudge) int {
	return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(max(0, b.Late), max(0, a.Late)), a.Item.Due.Compare(b.Item.Due),
		cmp.Compare(a.Item.Engagement, b.Item.Engagement), cmp.Compare(a.Item.Key(), b.Item.Key()))
}
