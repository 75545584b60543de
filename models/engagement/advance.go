package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Advance moves the engagement on as far as facts, signatures and the calendar allow at now: it signs what only the
// calendar decides, leaves and enters phases and creates their tasks, brings recurring tasks whose period has begun,
// notes what has become overdue, and ends the engagement when every phase has been left. It reports whether a phase was
// entered or left. Advancing twice at the same instant changes nothing the second time.
func Advance(f *Facts, now time.Time) (moved bool) {
	if !f.Engagement.Status.Live() {
		return false
	}
	f.reckonDay(now)
	for f.step(now) {
		moved = true
	}
	f.bring(now)
	if moved {
		f.retime(false, now)
	}
	f.recompute(now)
	return moved
}

// recompute brings what follows from any change up to date: which tasks can be done, which are late, and the summary, unless nobody
// reads it.
func (f *Facts) recompute(now time.Time) {
	f.dates, f.due = nil, nil // a decision may have moved a date after it logged so
	f.dropRequests(now)
	f.unlock(f.Today(now), now)
	f.offClosedDays(now)
	f.markLate(now)
	f.markMissed(now)
	f.markReady(now)
	if f.scopeChanged() {
		f.replanEffort()
	}
	if f.Engagement.Outlook.On.IsZero() { // it has been started
		f.reckon(now, false)
		f.play(now)
	}
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
		if st := &f.Phases[i]; f.mayLeave(st, today) {
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
		if f.closesItself(*g, today) {
			g.State, g.At = GateSigned, now
			f.log(Event{At: now, Kind: "gate.signed", Subject: g.ID, From: string(GateOpen), To: string(GateSigned), Reason: f.GateText(g.ID)})
			f.log(Event{At: now, Kind: "window.closed", Subject: string(g.Phase), Field: "window_close", To: f.Engagement.Window().End.String()})
		}
	}
}

func (f *Facts) leave(st *PhaseState, today models.Date, now time.Time) {
	st.Standing, st.Actual.End = StandingDone, today
	f.leftEffort(st.Phase)
	f.bookLeft(st.Phase, today)
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
			f.lapse(d, "the engagement is "+string(s), now)
		}
	}
}

func (f *Facts) enter(st *PhaseState, today models.Date, now time.Time) {
	st.Standing, st.Round = StandingActive, st.Round+1
	if st.Actual.Start.IsZero() {
		st.Actual.Start = today
	}
	st.Actual.End = models.Date{}
	st.Began = f.begin(st, today)
	f.log(Event{At: now, Kind: "phase.entered", Subject: string(st.Phase), From: string(StandingWaiting), To: string(StandingActive)})
	if st.Phase == catalog.PhaseWindow {
		w := f.Engagement.Window()
		f.log(Event{At: now, Kind: "window.opened", Subject: string(st.Phase), Field: "window", To: w.Start.String() + ".." + w.End.String(),
			Reason: f.openedLate(today)})
	}
	f.openGates(st)
	f.createTasks(st, today)
	f.retime(false, now)
}

// begin returns the day from which the dates of a phase entered today are counted (catalog phases.yaml, anchors): where what comes before
// was done early, that on which it was to begin by the plan that was agreed. Dates come no sooner because somebody was quick.
func (f *Facts) begin(st *PhaseState, today models.Date) models.Date {
	agreed := models.Date{}
	if st.Round == 1 {
		agreed = f.Engagement.Baseline.Phases[st.Phase].Start
	}
	switch st.Phase {
	case catalog.PhaseKickoff:
		return f.Engagement.Kickoff
	case catalog.PhaseGap, catalog.PhaseRemediation:
		return models.Later(f.afterPauses(agreed), f.ClientDays.Add(today, 1)) // the first business day after the gate
	case catalog.PhaseWindow:
		return f.Engagement.WindowOpen
	case catalog.PhaseT1Fieldwork, catalog.PhaseT2Fieldwork:
		return models.Later(agreed, f.FirmDays.Roll(today))
	default:
		return models.Later(agreed, today)
	}
}

// unlock opens the tasks that wait for nothing any more, and closes those again whose predecessors were reopened.
func (f *Facts) unlock(today models.Date, now time.Time) {
	open := f.openDeps()
	for _, t := range f.Tasks {
		switch met := !slices.ContainsFunc(t.After, func(dep string) bool { return f.waitsFor(t, dep, open) }); {
		case t.State == TaskWaiting && met:
			t.State, t.OpenedOn = TaskOpen, f.askedOn(t.Anchor, today)
			f.opensLate(t, now)
			f.touch(t)
		case t.State == TaskOpen && !met:
			t.State, t.Late = TaskWaiting, false
			f.touch(t)
		case t.State == TaskOpen && t.OpenedOn.After(t.Due): // it was blocked before it could be begun, or is of a version before
			f.opensLate(t, now)
			f.touch(t)
		}
	}
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
