package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// Advance moves the engagement on as far as facts, signatures and the calendar allow at now: it signs what only the
// calendar decides, leaves and enters phases and creates their tasks, brings recurring tasks whose period has begun,
// notes what has become overdue, and ends the engagement when every phase has been left. It reports whether a phase was
// entered or left. Advancing twice at the same instant changes nothing the second time.
func Advance(f *Facts, now time.Time) (moved bool) {
	if !f.Engagement.Status.Live() {
		return false
	}
	for f.step(now) {
		moved = true
	}
	f.bring(now)
	if moved {
		f.retime(now)
	}
	f.settle(now)
	return moved
}

// settle brings what follows from any change up to date: which tasks can be done, which are late, and the summary, unless nobody
// reads it.
func (f *Facts) settle(now time.Time) {
	f.dates = nil // a decision may have moved a date after it logged so
	f.dropRequests(now)
	f.unlock(f.Today(now))
	f.markLate(now)
	f.markReady(now)
	if !f.SkipSummary {
		f.summarize(now)
	}
}

// markReady notes since when only its signature is missing at an open gate.
func (f *Facts) markReady(now time.Time) {
	today := f.Today(now)
	for i := range f.Gates {
		g := &f.Gates[i]
		if st := f.Phase(g.Phase); g.State != GateOpen || st.Standing != StandingActive {
			continue
		}
		switch ready := len(f.GateBlockers(*g, today)) == 0; {
		case ready && g.At.IsZero():
			g.At = now
		case !ready:
			g.At = time.Time{}
		}
	}
}

// step makes one transition, if one is due.
func (f *Facts) step(now time.Time) bool {
	today := f.Today(now)
	f.signForCalendar(today, now)
	for i := range f.Phases {
		if st := &f.Phases[i]; st.Standing == StandingActive && f.Engagement.Status == StatusRunning && len(f.holding(st, today)) == 0 {
			f.leave(st, today, now)
			return true
		}
	}
	plan, err := f.schedule()
	if err != nil {
		return false // dates are checked before they are stored; a plan that fails moves nothing
	}
	for i := range f.Phases {
		if f.mayEnter(f.Phases[i].Phase, plan, today) {
			f.enter(&f.Phases[i], today, now)
			return true
		}
	}
	return false
}

// signForCalendar signs the gates that no person decides: the window's last day has passed.
func (f *Facts) signForCalendar(today models.Date, now time.Time) {
	for i := range f.Gates {
		g := &f.Gates[i]
		if g.Approver == models.RoleSystem && g.State == GateOpen && len(f.GateBlockers(*g, today)) == 0 {
			g.State, g.At = GateSigned, now
			f.log(Event{At: now, Kind: "gate.signed", Subject: g.ID, From: string(GateOpen), To: string(GateSigned), Reason: f.GateText(g.ID)})
			f.log(Event{At: now, Kind: "window.closed", Subject: string(g.Phase), Field: "window_close", To: f.Engagement.Window().End.String()})
		}
	}
}

func (f *Facts) leave(st *PhaseState, today models.Date, now time.Time) {
	st.Standing, st.Actual.End = StandingDone, today
	f.log(Event{At: now, Kind: "phase.left", Subject: string(st.Phase), From: string(StandingActive), To: string(StandingDone)})
	for _, t := range f.Tasks { // a weekly call of a phase that is over is owed by nobody
		if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Repeats != nil && t.Phase == st.Phase && !t.State.Closed() {
			f.cancelTask(t, "its phase has been left", now)
		}
	}
	if f.allLeft() {
		f.end(StatusCompleted, "", "every phase has been left", now)
	}
}

func (f *Facts) allLeft() bool {
	return !slices.ContainsFunc(f.Phases, func(p PhaseState) bool {
		return p.Standing == StandingActive || p.Standing == StandingWaiting
	})
}

// end completes or cancels the engagement.
func (f *Facts) end(s Status, actor models.PersonID, reason string, now time.Time) {
	was := f.Engagement.Status
	f.Engagement.Status, f.Engagement.EndedAt = s, now
	f.log(Event{At: now, Actor: actor, Kind: "engagement." + string(s), Field: "status", From: string(was), To: string(s), Reason: reason})
	for _, d := range f.Decisions { // nobody is waited for any more
		if d.State == DecisionPending {
			d.State, d.ClosedAt = DecisionRefused, now
			f.touchDecision(d)
			f.log(Event{At: now, Kind: "decision.refused", Subject: d.ID, Reason: "the engagement is " + string(s)})
		}
	}
}

func (f *Facts) enter(st *PhaseState, today models.Date, now time.Time) {
	st.Standing, st.Round = StandingActive, st.Round+1
	if st.Actual.Start.IsZero() {
		st.Actual.Start = today
	}
	st.Actual.End = models.Date{}
	st.Began = f.begin(st.Phase, today)
	f.log(Event{At: now, Kind: "phase.entered", Subject: string(st.Phase), From: string(StandingWaiting), To: string(StandingActive)})
	if st.Phase == catalog.PhaseWindow {
		w := f.Engagement.Window()
		f.log(Event{At: now, Kind: "window.opened", Subject: string(st.Phase), Field: "window", To: w.Start.String() + ".." + w.End.String()})
	}
	f.openGates(st)
	f.createTasks(st, today)
	f.retime(now)
}

// begin returns the day from which the dates of a phase entered today are counted (catalog phases.yaml, anchors).
func (f *Facts) begin(p catalog.Phase, today models.Date) models.Date {
	switch p {
	case catalog.PhaseKickoff:
		return f.Engagement.Kickoff
	case catalog.PhaseGap, catalog.PhaseRemediation:
		return f.ClientDays.Add(today, 1) // the first business day after the gate
	case catalog.PhaseWindow:
		return f.Engagement.WindowOpen
	case catalog.PhaseT1Fieldwork, catalog.PhaseT2Fieldwork:
		return f.FirmDays.Roll(today)
	default:
		return today
	}
}

func (f *Facts) openGates(st *PhaseState) {
	tmpl, _ := f.Catalog.Phase(st.Phase)
	for _, g := range tmpl.Exit {
		f.openGate(st, g)
	}
}

// openGate opens a gate, or opens it anew as a new round when it has been signed before.
func (f *Facts) openGate(st *PhaseState, g catalog.GateTemplate) {
	fresh := Gate{ID: g.ID, Phase: st.Phase, Round: st.Round, Approver: models.Role(g.Approver), Blocking: g.Blocking, State: GateOpen}
	if old := f.Gate(g.ID); old != nil {
		fresh.Round = old.Round + 1
		*old = fresh
		return
	}
	f.Gates = append(f.Gates, fresh)
}

// unlock opens the tasks that wait for nothing any more, and closes those again whose predecessors were reopened.
func (f *Facts) unlock(today models.Date) {
	open := f.openDeps()
	for _, t := range f.Tasks {
		switch met := !slices.ContainsFunc(t.After, func(dep string) bool { return f.waitsFor(t, dep, open) }); {
		case t.State == TaskWaiting && met:
			t.State, t.OpenedOn = TaskOpen, today
			f.touch(t)
		case t.State == TaskOpen && !met:
			t.State, t.Late = TaskWaiting, false
			f.touch(t)
		}
	}
}

// openTasks are the tasks that are not closed, by id and by template.
type openTasks struct{ ids, templates map[string]bool }

func (f *Facts) openDeps() openTasks {
	open := openTasks{make(map[string]bool, len(f.Tasks)), make(map[string]bool, len(f.Tasks))}
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			open.ids[string(t.ID)] = true
			open.templates[t.Template] = true
		}
	}
	return open
}

// waitsFor reports whether a task waits for one of those it comes after. A task added by hand waits for the very tasks it was
// said to wait for, even where those have the name of a template.
func (f *Facts) waitsFor(t *Task, dep string, open openTasks) bool {
	if t.Template == "" {
		return open.ids[dep]
	}
	return !f.met(dep, open)
}

// met reports whether a dependency is closed: no open task bears the id or template, and if it is a template, its phase has
// been entered and, when it is expanded as the work brings it, what brings it is closed too.
func (f *Facts) met(dep string, open openTasks) bool {
	if open.ids[dep] || open.templates[dep] {
		return false
	}
	tmpl, ok := f.Catalog.Template(dep)
	if !ok || !f.applies(tmpl) {
		return true
	}
	if st := f.Phase(tmpl.Phase); st.Standing == StandingWaiting {
		return false
	}
	if tmpl.Expand == "" {
		return true
	}
	return !slices.ContainsFunc(tmpl.After, func(id string) bool { return !f.met(id, open) })
}

// markLate notes, once per due date, the tasks whose due time has passed while it was theirs to act.
func (f *Facts) markLate(now time.Time) {
	for _, t := range f.Tasks {
		if t.Late || !f.owed(t) || !now.After(f.deadline(t)) {
			continue
		}
		t.Late = true
		f.touch(t)
		f.log(Event{At: now, Kind: "task.overdue", Subject: string(t.ID), Field: "due", To: t.Due.String()})
	}
}

// owed reports whether lateness of a task counts against its owner: it is open, or blocked by somebody else than the firm
// (domain.md 6.5), and not shifted by a pause that goes on.
func (f *Facts) owed(t *Task) bool {
	if f.Engagement.Status == StatusPaused && shifts(t) {
		return false
	}
	return t.State == TaskOpen || t.State == TaskBlocked && t.BlockedBy != models.SideFirm
}

func (f *Facts) cancelTask(t *Task, reason string, now time.Time) {
	f.log(Event{At: now, Kind: "task.cancelled", Subject: string(t.ID), Field: "state", From: string(t.State), To: string(TaskCancelled), Reason: reason})
	t.State, t.Reason, t.Late = TaskCancelled, reason, false
	f.touch(t)
	if st := f.Phase(t.Phase); st != nil {
		st.Tasks--
	}
}

// plan returns the present plan: the dates agreed, what has really happened, and the rules for the rest.
func (f *Facts) plan() (planning.Plan, error) { return planning.NewPlan(f.Catalog, f.PlanInput()) }

// PlanInput returns what the present plan is computed from.
func (f *Facts) PlanInput() planning.PlanInput {
	e := f.Engagement
	in := planning.PlanInput{Type: e.Type, Addons: e.Addons, Headcount: e.Headcount, Categories: e.Categories, Kickoff: e.Kickoff,
		AsOf: e.AsOf, WindowOpen: e.WindowOpen, WindowMonths: e.WindowMonths, PreviousClose: e.PreviousClose,
		Firm: f.FirmDays, Client: f.ClientDays, Actual: map[catalog.Phase]planning.Span{}}
	for _, p := range f.Phases {
		if p.Standing == StandingActive || p.Standing == StandingDone {
			in.Actual[p.Phase] = planning.Span{Start: p.Began, End: p.Actual.End}
		}
	}
	return in
}
