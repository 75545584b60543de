package models

import (
	"slices"
	"time"
)

func (f *Facts) moveDate(field *Date, to Date, name string, d *Decision, now time.Time) {
	f.log(Event{At: now, Kind: "date.moved", Subject: d.ID, Field: name, From: field.String(), To: to.String(), Reason: d.Reason})
	*field = to
}

// moveWindow moves, extends or restarts the window. A restart keeps what was done but takes it out of the window; its first
// day has to be prepared again.
func (f *Facts) moveWindow(d *Decision, now time.Time) {
	e, is, to := &f.Engagement, f.Engagement.Window(), f.windowOf(d.Change)
	st := f.Phase(PhaseWindow)
	f.log(Event{At: now, Kind: "window.moved", Subject: d.ID, Field: "window", From: is.Start.String() + ".." + is.End.String(), To: to.Start.String() + ".." + to.End.String(), Reason: d.Reason})
	if d.Change.Months != 0 {
		e.WindowMonths = d.Change.Months
	}
	e.WindowOpen = to.Start
	if st.Standing != StandingActive {
		return
	}
	for _, t := range f.Tasks {
		restarted := to.Start != is.Start && t.Phase == PhaseWindow
		lastDay := t.Phase == PhaseWindow && t.Period.Start == is.End && t.Period.End == is.End
		if !t.State.Closed() && (restarted || lastDay) {
			f.cancelTask(t, "outside the window since "+d.ID, now)
		}
	}
	if to.Start == is.Start {
		return
	}
	// RT-05: back to setup; essential controls are confirmed anew for the new first day.
	st.Standing, st.Through, st.Actual, st.Began = StandingWaiting, Date{}, Span{}, Date{}
	f.log(Event{At: now, Kind: "phase.returned", Subject: string(PhaseWindow), From: string(StandingActive), To: string(StandingWaiting), Reason: d.Rule})
	f.reenter(PhaseWindowSetup, d.Rule, now)
}

// reenter opens a phase again as a new round: its gates have to be signed anew, and its gate tasks done again.
func (f *Facts) reenter(p Phase, rule string, now time.Time) {
	st := f.Phase(p)
	if st.Standing == StandingActive {
		return
	}
	st.Standing, st.Round, st.Actual.End = StandingActive, st.Round+1, Date{}
	f.log(Event{At: now, Kind: "phase.reopened", Subject: string(p), From: string(StandingDone), To: string(StandingActive), Reason: rule})
	f.openGates(st)
	today := f.Today(now)
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Phase != p || !tmpl.Gate || tmpl.Repeats != nil || tmpl.Due.FromCadence || !slices.Contains(redone(p), tmpl.ID) {
			continue
		}
		for _, s := range f.subjects(tmpl, f.Scope()) {
			f.create(tmpl, s, f.Days(tmpl.Owner).Add(today, 5), today)
		}
	}
}

// redone lists the tasks that have to be done again when a phase is opened again; what else it needs is added as the work
// shows it.
func redone(p Phase) []string {
	switch p {
	case PhaseKickoff:
		return []string{"KO-15"}
	case PhaseGap:
		return []string{"GA-12"}
	case PhaseRemediation:
		return []string{"RE-15", "RE-16"}
	case PhaseT1Prep:
		return []string{"T1-01", "T1-03"}
	case PhaseWindowSetup:
		return []string{"WS-03", "WS-06"}
	case PhaseT2Close:
		return []string{"WC-02", "WC-03"}
	case PhaseT2Report:
		return []string{"T2-14", "T2-15"}
	}
	return nil
}

// sendsBack lists the return rules that open a phase again; the other rules are commands of their own, or tasks.
var sendsBack = []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13"}

// target returns the phase that a return rule leads to; for RT-13 the phases go on, and fieldwork is planned anew.
func target(r ReturnTemplate) Phase {
	if r.ID == "RT-13" {
		return PhaseKickoff
	}
	return Phase(r.To)
}

// sendBack carries out a return rule: the phase is opened again, and phases after it that have begun wait for it.
func (f *Facts) sendBack(d *Decision, now time.Time) {
	today := f.Today(now)
	switch d.Rule {
	case "RT-13": // another audit firm: its seat is empty, and it has to be chosen again
		old := f.Engagement.Auditor
		f.Engagement.Auditor = ""
		f.log(Event{At: now, Kind: "engagement.edited", Subject: d.ID, Field: "auditor", From: string(old), Reason: d.Reason})
		for _, t := range f.Tasks {
			if !t.State.Closed() && t.Owner == old && old != "" {
				t.Owner, t.Backup = f.holder(t.OwnerRole)
				f.touch(t)
			}
		}
		f.addNamed("Choose audit firm again and agree dates and period letter", string(RoleSponsor), d, today, now)
		return
	case "RT-02", "RT-04":
		f.reenter(PhaseRemediation, d.Rule, now)
		f.gapFound(d, today)
	case "RT-08":
		f.reenter(PhaseT2Close, d.Rule, now)
	case "RT-12":
		f.reenter(PhaseT2Report, d.Rule, now)
	}
	f.hold(d, now)
}

// gapFound adds the fix and the verification of the gap that sent the engagement back.
func (f *Facts) gapFound(d *Decision, today Date) {
	f.Engagement.Added++
	s := subject{id: "X" + itoa(f.Engagement.Added), name: d.Reason, owner: f.answersFor(d.Change.Subject)}
	for _, id := range []string{"RE-06", "RE-14"} {
		tmpl, _ := f.Catalog.Template(id)
		t := f.create(tmpl, s, f.Days(s.owner).Add(today, 10), today)
		t.Subject = d.Change.Subject
	}
}

// hold lets active phases that build on a reopened one wait: they are entered again when it has been left.
func (f *Facts) hold(d *Decision, now time.Time) {
	if d.Rule != "RT-04" {
		return
	}
	// A design deficiency found in fieldwork: fieldwork starts again after a later as-of date (RT-04).
	st := f.Phase(PhaseT1Fieldwork)
	if st == nil || st.Standing != StandingActive {
		return
	}
	for _, t := range f.Tasks {
		if t.Phase == PhaseT1Fieldwork && !t.State.Closed() {
			f.cancelTask(t, "fieldwork starts again after "+d.ID, now)
		}
	}
	st.Standing, st.Began, st.Actual = StandingWaiting, Date{}, Span{}
	f.log(Event{At: now, Kind: "phase.returned", Subject: string(PhaseT1Fieldwork), From: string(StandingActive), To: string(StandingWaiting), Reason: d.Rule})
	f.reenter(PhaseT1Prep, d.Rule, now)
}

// addNamed adds a gate task to the phase that is furthest on.
func (f *Facts) addNamed(title, role string, d *Decision, today Date, now time.Time) {
	active := f.Active()
	if len(active) == 0 {
		return
	}
	f.Engagement.Added++
	st := f.Phase(active[len(active)-1])
	t := &Task{ID: TaskID("X-" + itoa(f.Engagement.Added)), Phase: st.Phase, Title: title, State: TaskWaiting, Gate: true, OwnerRole: role, Moved: true, Round: st.Round}
	t.Due = f.Days(role).Add(today, 10)
	t.Original = t.Due
	f.staff(t)
	f.Tasks = append(f.Tasks, t)
	f.touch(t)
	st.Tasks++
	f.log(Event{At: now, Kind: "task.added", Subject: string(t.ID), Field: "due", To: t.Due.String(), Reason: d.Rule})
}

// changeScope brings what a further category asks for into every phase that has been entered, waives what a dropped one
// asked for, and has the scope memo approved again (RT-01).
func (f *Facts) changeScope(d *Decision, now time.Time) {
	e := &f.Engagement
	was := f.Scope()
	from := words(e.Categories)
	e.Categories, e.Addons = d.Change.Categories, d.Change.Addons
	f.scope = nil
	is := f.Scope()
	f.log(Event{At: now, Kind: "scope.changed", Subject: d.ID, Field: "categories", From: from, To: words(e.Categories), Reason: d.Reason})
	today := f.Today(now)
	plan, err := f.plan()
	if err != nil {
		return
	}
	kept := map[string]bool{}
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		st := f.Phase(tmpl.Phase)
		if tmpl.Expand == "" || st == nil || st.Round == 0 {
			continue
		}
		old := map[string]bool{}
		for _, s := range f.subjects(tmpl, was) {
			old[s.id] = true
		}
		for _, s := range f.subjects(tmpl, is) {
			kept[tmpl.ID+"."+s.id] = true
			if !old[s.id] {
				f.create(tmpl, s, later(plan.due(tmpl.ID), today.AddDays(7)), today)
			}
		}
		for _, t := range f.Tasks {
			if t.Template == tmpl.ID && old[t.Subject] && !kept[tmpl.ID+"."+t.Subject] && !t.State.Closed() {
				f.cancelTask(t, "out of scope since "+d.ID, now)
			}
		}
	}
	if f.Phase(PhaseKickoff).Standing == StandingDone {
		f.reenter(PhaseKickoff, d.Rule, now)
	}
	if f.Phase(PhaseGap).Standing == StandingDone {
		f.reenter(PhaseGap, d.Rule, now)
	}
}

// dropType1 cancels what is open of the Type 1, keeps its evidence, and turns the engagement into a Type 2 (RT-09).
func (f *Facts) dropType1(d *Decision, now time.Time) {
	e := &f.Engagement
	for _, p := range []Phase{PhaseT1Prep, PhaseT1Fieldwork, PhaseT1Report} {
		st := f.Phase(p)
		if st.Standing == StandingDone {
			continue
		}
		st.Standing = StandingDropped
		f.log(Event{At: now, Kind: "phase.dropped", Subject: string(p), To: string(StandingDropped), Reason: d.Rule})
		for _, t := range f.Tasks {
			if t.Phase == p && !t.State.Closed() {
				f.cancelTask(t, "the Type 1 was dropped", now)
			}
		}
	}
	t, _ := f.Catalog.Type(e.Type)
	for _, other := range f.Catalog.Types { // the type with the same flags but Type 1's
		if sameSet(other.Flags, missingFrom([]string{"t1"}, t.Flags)) {
			f.log(Event{At: now, Kind: "engagement.edited", Subject: d.ID, Field: "type", From: e.Type, To: other.ID, Reason: d.Reason})
			e.Type = other.ID
			break
		}
	}
	e.AsOf = Date{}
	if !d.Change.WindowOpen.IsZero() {
		f.moveWindow(d, now)
	}
}

// acceptRisk leaves a gap as it is, on the sponsor's word: its fix and verification are waived.
func (f *Facts) acceptRisk(d *Decision, now time.Time) {
	t := f.Task(d.Change.Task)
	for _, other := range f.Tasks {
		verifies := other.Template == "RE-14" && slices.Contains(other.After, string(t.ID))
		if (other == t || verifies) && !other.State.Closed() {
			f.log(Event{At: now, Kind: "risk.accepted", Subject: string(other.ID), Field: "state", From: string(other.State), To: string(TaskWaived), Reason: d.Reason})
			other.Reason, other.DoneBy, other.DoneAt = "risk accepted by "+d.ID+": "+d.Reason, d.ProposedBy, now
			f.close(other, TaskWaived)
			f.touch(other)
		}
	}
}
