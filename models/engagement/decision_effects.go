package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// moveAsOf moves the as-of date. What was prepared for the day before is prepared again (RT-03).
func (f *Facts) moveAsOf(d *Decision, now time.Time) {
	e := &f.Engagement
	f.log(Event{At: now, Kind: "date.moved", Subject: d.ID, Field: "as_of_date", From: e.AsOf.String(), To: d.Change.AsOf.String(),
		Reason: d.Reason})
	e.AsOf = d.Change.AsOf
	if f.Phase(catalog.PhaseT1Prep).Standing == StandingDone {
		f.reenter(catalog.PhaseT1Prep, d.Rule, "", now)
	}
}

// moveWindow moves, extends or restarts the window. A restart keeps what was done but takes it out of the window; its first
// day has to be prepared again.
func (f *Facts) moveWindow(d *Decision, now time.Time) {
	e, is, to := &f.Engagement, f.Engagement.Window(), f.windowOf(d.Change)
	st := f.Phase(catalog.PhaseWindow)
	asked := f.calendar()
	f.log(Event{At: now, Kind: "window.moved", Subject: d.ID, Field: "window", From: is.Start.String() + ".." + is.End.String(),
		To: to.Start.String() + ".." + to.End.String(), Reason: d.Reason})
	e.WindowOpen, e.WindowMonths = to.Start, f.monthsOf(d.Change)
	if st.Standing != StandingActive {
		if setup := f.Phase(catalog.PhaseWindowSetup); setup.Standing != StandingWaiting && to.Start != is.Start {
			f.reenter(catalog.PhaseWindowSetup, d.Rule, "", now) // what was agreed and confirmed was so for another day
		}
		return
	}
	if to.Start == is.Start { // extended: its end is decided upon again
		f.recast(asked, d, now)
		f.reenter(catalog.PhaseWindow, d.Rule, "", now)
		return
	}
	for _, t := range f.Tasks {
		if t.Phase == catalog.PhaseWindow && !t.State.Closed() {
			f.cancelTask(t, "outside the window since "+d.ID, now)
		}
	}
	// RT-05: back to setup; essential controls are confirmed anew for the new first day.
	st.Standing, st.Through, st.Actual, st.Began = StandingWaiting, models.Date{}, planning.Span{}, models.Date{}
	f.log(Event{At: now, Kind: "phase.returned", Subject: string(catalog.PhaseWindow), From: string(StandingActive),
		To: string(StandingWaiting), Reason: d.Rule})
	f.reenter(catalog.PhaseWindowSetup, d.Rule, "", now)
}

// calendar returns what an open window asks for over its whole length, by template and subject.
func (f *Facts) calendar() map[string]recurring {
	st := f.Phase(catalog.PhaseWindow)
	if st == nil || st.Standing != StandingActive {
		return nil
	}
	out := map[string]recurring{}
	for _, r := range f.recurring(st) {
		out[r.tmpl.ID+"."+r.Subject] = r
	}
	return out
}

// recast brings an open window's tasks in line with what it asks for since its end or its scope was changed: what is not
// asked for any more is cancelled, what was cut short by the old end is asked for in full, and what should have been asked
// for already is asked for now. What was not asked for before and has not begun comes when it begins.
func (f *Facts) recast(asked map[string]recurring, d *Decision, now time.Time) {
	if asked == nil {
		return
	}
	st, today := f.Phase(catalog.PhaseWindow), f.Today(now)
	asks := f.calendar()
	for _, t := range f.Tasks {
		if t.Phase != catalog.PhaseWindow || t.State.Closed() || t.Period.Start.IsZero() {
			continue
		}
		key := t.Template + "." + t.Subject
		switch r, ok := asks[key]; {
		case !ok:
			f.cancelTask(t, "not asked for any more since "+d.ID, now)
		case r.Period != asked[key].Period || r.Due != asked[key].Due:
			f.lengthen(t, r, now)
		}
	}
	f.askMissed(st, asked, d, today)
}

// lengthen gives a task the period that the window asks for now, and a later due date that comes with it.
func (f *Facts) lengthen(t *Task, r recurring, now time.Time) {
	t.Period = r.Period
	due := r.Due
	if t.Performing() {
		due = r.PerformBy
		t.SendBy = models.Later(t.SendBy, r.Due)
	}
	if !t.Moved && t.State != TaskSubmitted && due.After(t.Due) {
		f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: due.String(),
			Reason: "follows the window"})
		t.dueOn(due)
		t.Original = due
	}
	f.touch(t)
}

// askMissed asks for what has begun by now and was not asked for before.
func (f *Facts) askMissed(st *PhaseState, asked map[string]recurring, d *Decision, today models.Date) {
	var missed []recurring
	for _, r := range f.recurring(st) {
		if _, ok := asked[r.tmpl.ID+"."+r.Subject]; !ok && !r.Period.Start.After(st.Through) {
			missed = append(missed, r)
		}
	}
	if len(missed) > 0 && d.Kind == ChangeScope { // it may have been asked for before, in a scope before the present one
		st.Round++
	}
	for _, r := range missed {
		f.createRecurring(r, today)
	}
}

// reenter opens a phase again as a new round: its gates have to be signed anew, and its gate tasks done again, or those of
// one subject. In a phase that is active still, what was done is done again. It reports whether the phase had been left.
func (f *Facts) reenter(p catalog.Phase, rule, only string, now time.Time) bool {
	st := f.Phase(p)
	today := f.Today(now)
	plan, err := f.plan()
	if err != nil {
		return false
	}
	left := st.Standing != StandingActive
	if left {
		f.log(Event{At: now, Kind: "phase.reopened", Subject: string(p), From: string(st.Standing), To: string(StandingActive), Reason: rule})
		st.Standing, st.Actual.End, st.Through = StandingActive, models.Date{}, today
	}
	var again []func() *Task
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Phase != p || !tmpl.Redo {
			continue
		}
		due := f.redoBy(tmpl, plan, today)
		for _, s := range f.redone(tmpl, rule, only, now) {
			again = append(again, func() *Task { return f.create(tmpl, s, due, today) })
		}
	}
	if left || len(again) > 0 {
		st.Round++
	}
	if left {
		f.openGates(st)
	}
	for _, create := range again {
		t := create()
		f.pair(t)
		f.reopenGates(t, rule+": "+string(t.ID)+" is done again", now)
	}
	return left
}

// redoBy returns when what is done again is due: some business days from today, or on the date that only a decision moves.
func (f *Facts) redoBy(tmpl catalog.TaskTemplate, plan planning.Plan, today models.Date) models.Date {
	if due := plan.Due(tmpl.ID); calendarBound(tmpl.Due.Anchor) && !due.Before(today) {
		return due
	}
	return f.Days(tmpl.Owner).Add(today, redoDays)
}

// redone returns the subjects of a template, or the one named, about which there is no open task. Where there is one, what was submitted
// is taken back.
func (f *Facts) redone(tmpl catalog.TaskTemplate, rule, only string, now time.Time) []subject {
	var out []subject
	for _, s := range f.subjects(tmpl, f.Scope()) {
		if only != "" && only != s.id {
			continue
		}
		if i := slices.IndexFunc(f.Tasks, func(t *Task) bool { return t.Template == tmpl.ID && t.Subject == s.id && !t.State.Closed() }); i >= 0 {
			f.takeBack(f.Tasks[i], rule, now)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// takeBack returns what was submitted and not accepted yet: it was about what was agreed before.
func (f *Facts) takeBack(t *Task, why string, now time.Time) {
	if t.State != TaskSubmitted {
		return
	}
	f.log(Event{At: now, Kind: "task.returned", Subject: string(t.ID), Field: "state", From: string(t.State), To: string(TaskOpen),
		Reason: why})
	t.State, t.Reason, t.DoneBy, t.DoneAt = TaskOpen, why, "", time.Time{}
	f.renew(t, f.askedOn(t.Anchor, f.Today(now)), redoDays, why, now)
	f.touch(t)
}

// sendsBack lists the return rules that open a phase again; the other rules are commands of their own, or tasks.
var sendsBack = []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13"}

// target returns the phase that a return rule leads to: for RT-13 the phases go on, and fieldwork is planned anew; RT-12 is
// about the report that was issued last.
func (f *Facts) target(r catalog.ReturnTemplate) catalog.Phase {
	switch r.ID {
	case "RT-13":
		return catalog.PhaseKickoff
	case "RT-12":
		if st := f.Phase(catalog.PhaseT2Report); f.onRoute(catalog.PhaseT1Report) && (st == nil || st.Standing == StandingWaiting) {
			return catalog.PhaseT1Report
		}
	}
	return catalog.Phase(r.To)
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
		f.addNamed("Choose audit firm again and agree dates and period letter", string(models.RoleSponsor), d, today, now)
		return
	case "RT-02", "RT-04":
		f.reenter(catalog.PhaseRemediation, d.Rule, "", now)
		f.gapFound(d, today, now)
	case "RT-08":
		f.reenter(catalog.PhaseT2Close, d.Rule, d.Change.Subject, now)
	case "RT-12":
		f.reenter(f.target(f.returnRule(d.Rule)), d.Rule, "", now)
	}
	f.enterAgain(d, now)
}

// gapFound adds the fix and the verification of the gap that sent the engagement back.
func (f *Facts) gapFound(d *Decision, today models.Date, now time.Time) {
	f.Engagement.Added++
	s := subject{id: "X" + itoa(f.Engagement.Added), name: models.Cut(d.Reason, 200), owner: f.functionFor(d.Change.Subject)}
	for _, tmpl := range f.Catalog.Tasks {
		if tmpl.Expand != "per_gap_high" {
			continue
		}
		t := f.create(tmpl, s, f.Days(s.owner).Add(today, 10), today)
		t.Subject = d.Change.Subject
		f.reopenGates(t, string(t.ID)+" was added", now)
	}
}

// enterAgain lets active phases that build on a reopened one wait: they are entered again when it has been left.
func (f *Facts) enterAgain(d *Decision, now time.Time) {
	if d.Rule != "RT-04" {
		return
	}
	// A design deficiency found in fieldwork: fieldwork starts again after a later as-of date (RT-04).
	st := f.Phase(catalog.PhaseT1Fieldwork)
	if st == nil || st.Standing != StandingActive {
		return
	}
	for _, t := range f.Tasks {
		if t.Phase == catalog.PhaseT1Fieldwork && !t.State.Closed() {
			f.cancelTask(t, "fieldwork starts again after "+d.ID, now)
		}
	}
	st.Standing, st.Began, st.Actual = StandingWaiting, models.Date{}, planning.Span{}
	f.log(Event{At: now, Kind: "phase.returned", Subject: string(catalog.PhaseT1Fieldwork), From: string(StandingActive),
		To: string(StandingWaiting), Reason: d.Rule})
	f.reenter(catalog.PhaseT1Prep, d.Rule, "", now)
}

// addNamed adds a gate task to the phase that is furthest on, or to the next one when all wait for their day.
func (f *Facts) addNamed(title, role string, d *Decision, today models.Date, now time.Time) {
	var st *PhaseState
	for i := range f.Phases {
		if p := &f.Phases[i]; p.Standing == StandingActive || st == nil && p.Standing == StandingWaiting {
			st = p
		}
	}
	if st == nil {
		return
	}
	f.Engagement.Added++
	t := &Task{ID: models.TaskID("X-" + itoa(f.Engagement.Added)), Phase: st.Phase, Title: title, State: TaskWaiting, Gate: true,
		OwnerRole: role, Moved: true, Round: st.Round}
	t.Due = f.Days(role).Add(today, 10)
	t.Original = t.Due
	f.staff(t)
	f.Tasks = append(f.Tasks, t)
	f.touch(t)
	st.Tasks++
	f.log(Event{At: now, Kind: "task.added", Subject: string(t.ID), Field: "due", To: t.Due.String(), Reason: d.Rule})
}

// changeScope brings what a further category asks for into every phase that is under way or opened again for it, cancels what
// a dropped one asked for, and has the scope memo approved again (RT-01). A Type 1 whose as-of date has passed keeps its scope.
func (f *Facts) changeScope(d *Decision, now time.Time) {
	e := &f.Engagement
	was, asked := f.Scope(), f.calendar()
	had, from := e.Categories, models.Words(e.Categories)
	e.Categories, e.Addons = f.inOrder(d.Change.Categories), d.Change.Addons
	f.scope = nil
	is := f.Scope()
	f.log(Event{At: now, Kind: "scope.changed", Subject: d.ID, Field: "categories", From: from, To: models.Words(e.Categories),
		Reason: d.Reason})
	opened := map[catalog.Phase]bool{}
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap} {
		if f.Phase(p).Standing != StandingWaiting && (p == catalog.PhaseKickoff || !sameSet(had, e.Categories)) {
			opened[p] = f.reenter(p, d.Rule, "", now)
		}
	}
	fresh := f.fresh(was, is)
	for _, p := range f.preparedForLess(fresh, len(missingFrom(had, e.Categories)) > 0) {
		opened[p] = f.reenter(p, d.Rule, "", now)
	}
	f.dropOut(was, is, d, now)
	f.addFresh(fresh, opened, now)
	f.recast(asked, d, now)
}

// preparedForLess returns the phases that were left and prepared less than is in scope now: remediation, when it has something new to
// do or, before the window opens, when readiness was signed off without a category that was added; and the window's setup before it
// opens.
func (f *Facts) preparedForLess(fresh map[catalog.Phase][]freshTask, further bool) []catalog.Phase {
	var out []catalog.Phase
	w := f.Phase(catalog.PhaseWindow)
	ahead := w == nil || w.Standing == StandingWaiting
	if f.Phase(catalog.PhaseRemediation).Standing == StandingDone && (len(fresh[catalog.PhaseRemediation]) > 0 || ahead && further) {
		out = append(out, catalog.PhaseRemediation)
	}
	if w != nil && ahead && f.Phase(catalog.PhaseWindowSetup).Standing == StandingDone && len(fresh[catalog.PhaseWindowSetup]) > 0 {
		out = append(out, catalog.PhaseWindowSetup)
	}
	return out
}

// inOrder returns categories in the catalog's order, each once.
func (f *Facts) inOrder(all []catalog.Category) []catalog.Category {
	var out []catalog.Category
	for _, c := range f.Catalog.Categories {
		if slices.Contains(all, c.ID) {
			out = append(out, c.ID)
		}
	}
	return out
}

// A freshTask is a copy of a template that a scope asks for and the one before did not.
type freshTask struct {
	tmpl catalog.TaskTemplate
	of   subject
}

// fresh returns what one scope asks for beyond another, by phase.
func (f *Facts) fresh(was, is catalog.Selection) map[catalog.Phase][]freshTask {
	out := map[catalog.Phase][]freshTask{}
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Expand == "" || f.Phase(tmpl.Phase) == nil {
			continue
		}
		before := f.subjects(tmpl, was)
		for _, s := range f.subjects(tmpl, is) {
			if !slices.ContainsFunc(before, func(b subject) bool { return b.id == s.id }) {
				out[tmpl.Phase] = append(out[tmpl.Phase], freshTask{tmpl, s})
			}
		}
	}
	return out
}

// addFresh creates what a further category asks for, in a new round of each phase: it may have been in scope before.
func (f *Facts) addFresh(fresh map[catalog.Phase][]freshTask, opened map[catalog.Phase]bool, now time.Time) {
	plan, err := f.plan()
	if err != nil {
		return
	}
	today := f.Today(now)
	for i := range f.Phases {
		st := &f.Phases[i]
		if st.Standing != StandingActive || len(fresh[st.Phase]) == 0 {
			continue
		}
		if !opened[st.Phase] {
			st.Round++
		}
		for _, n := range fresh[st.Phase] {
			if opened[st.Phase] && n.tmpl.Redo {
				continue // made when the phase was opened again
			}
			t := f.create(n.tmpl, n.of, models.Later(plan.Due(n.tmpl.ID), today.AddDays(7)), today)
			f.reopenGates(t, string(t.ID)+" was added", now)
		}
	}
}

// dropOut cancels the open tasks about what is not in scope any more.
func (f *Facts) dropOut(was, is catalog.Selection, d *Decision, now time.Time) {
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Expand == "" {
			continue
		}
		had, has := f.subjects(tmpl, was), f.subjects(tmpl, is)
		for _, t := range f.Tasks {
			about := func(s subject) bool { return s.id == t.Subject }
			if t.Template == tmpl.ID && !t.State.Closed() && slices.ContainsFunc(had, about) && !slices.ContainsFunc(has, about) {
				f.cancelTask(t, "out of scope since "+d.ID, now)
			}
		}
	}
}

// dropType1 cancels what is open of the Type 1, keeps its evidence, and turns the engagement into a Type 2 (RT-09).
func (f *Facts) dropType1(d *Decision, now time.Time) {
	e := &f.Engagement
	for _, p := range []catalog.Phase{catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report} {
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
	e.AsOf = models.Date{}
	if f.windowOf(d.Change) != e.Window() {
		f.moveWindow(d, now)
	}
}

// acceptRisk leaves a gap as it is, with the sponsor's approval: its fix and verification are waived, in all their parts.
func (f *Facts) acceptRisk(d *Decision, now time.Time) {
	t := f.Task(d.Change.Task)
	gap := map[*Task]bool{}
	for _, other := range f.Tasks {
		gap[other] = gap[other] || wholeOf(other.ID) == wholeOf(t.ID)
	}
	for other, checks := range f.paired(t) {
		gap[other] = gap[other] || !checks
	}
	for _, other := range f.Tasks {
		if gap[other] && !other.State.Closed() {
			f.log(Event{At: now, Kind: "risk.accepted", Subject: string(other.ID), Field: "state", From: string(other.State),
				To: string(TaskWaived), Reason: d.Reason})
			other.Reason, other.DoneBy, other.DoneAt = "risk accepted by "+d.ID+": "+d.Reason, d.ProposedBy, now
			f.close(other, TaskWaived)
			f.touch(other)
		}
	}
}

// windowOf returns the window that a change asks for.
func (f *Facts) windowOf(ch Change) planning.Span {
	e := f.Engagement
	if !ch.WindowOpen.IsZero() {
		e.WindowOpen = ch.WindowOpen
	}
	if ch.Months != 0 {
		e.WindowMonths = ch.Months
	}
	return e.Window()
}

func (f *Facts) monthsOf(ch Change) int {
	if ch.Months != 0 {
		return ch.Months
	}
	return f.Engagement.WindowMonths
}

// returnRule returns a return rule of the catalog.
func (f *Facts) returnRule(id string) catalog.ReturnTemplate {
	for _, r := range f.Catalog.Returns {
		if r.ID == id {
			r.From = slices.Clone(r.From)
			return r
		}
	}
	return catalog.ReturnTemplate{}
}

func sameSet[S ~string](a, b []S) bool {
	return len(missingFrom(a, b)) == 0 && len(missingFrom(b, a)) == 0
}

// missingFrom returns those of want that have does not hold.
func missingFrom[S ~string](have, want []S) []S {
	return slices.DeleteFunc(slices.Clone(want), func(s S) bool { return slices.Contains(have, s) })
}
