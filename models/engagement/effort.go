package engagement

import (
	"slices"

	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// Progress is measured on effort: how much of the planned work of the whole plan is done. The plan is known from the start, so that the
// share falls only when there is more to do than was planned.

// leastMinutes is what a task counts that has no planned effort of its own, as a signature has none.
const leastMinutes = 15

// weight returns what a task counts in minutes; nothing when it comes again and again, as a weekly call does.
func (f *Facts) weight(t *Task) int {
	if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Repeats != nil {
		return 0
	}
	return max(leastMinutes, t.Minutes)
}

// foreseen returns the planned work of every phase of the route, as far as it is known before the phase begins.
func (f *Facts) foreseen() map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	sel, e := f.Scope(), f.Engagement
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Repeats != nil || !f.onRoute(tmpl.Phase) || e.WindowMonths < tmpl.MinWindowMonths {
			continue
		}
		n := 0
		if tmpl.Due.FromCadence {
			n = len(planning.Occurrences(f.Catalog, sel.Controls, e.Window(), f.ClientDays))
		} else {
			n = len(f.subjects(tmpl, sel))
		}
		out[tmpl.Phase] += n * max(leastMinutes, tmpl.EffortMinutes)
	}
	return out
}

// startEffort notes the planned work of an engagement of which it is not known yet: when it starts, or when it was started before effort
// was counted.
func (f *Facts) startEffort() {
	if f.Engagement.Outlook.Effort != nil {
		return
	}
	f.Engagement.Outlook.Effort = map[catalog.Phase]Effort{}
	for p, minutes := range f.foreseen() {
		w := Effort{Planned: minutes}
		switch st := f.Phase(p); {
		case st.Standing == StandingDone:
			w.Done = minutes
		case st.Standing == StandingActive && st.Tasks > 0:
			w.Done = minutes * st.Closed / st.Tasks
		}
		f.Engagement.Outlook.Effort[p] = w
	}
}

// effort changes what is planned and done in a phase.
func (f *Facts) effort(p catalog.Phase, planned, done int) {
	o := &f.Engagement.Outlook
	if o.Effort == nil || planned == 0 && done == 0 {
		return
	}
	w := o.Effort[p]
	w.Planned, w.Done = max(0, w.Planned+planned), max(0, w.Done+done)
	all := make(map[catalog.Phase]Effort, len(o.Effort)+1) // other copies of the engagement have the old one
	for q, x := range o.Effort {
		all[q] = x
	}
	all[p] = w
	o.Effort = all
}

// unforeseen adds a new task to the planned work unless the plan had it already.
func (f *Facts) unforeseen(t *Task) {
	tmpl, ok := f.Catalog.Template(t.Template)
	again := t.Round > 1 || tmpl.Expand != "" && subjectsOf[tmpl.Expand] == nil
	if !ok || again && !tmpl.Due.FromCadence {
		f.effort(t.Phase, f.weight(t), 0)
	}
}

// leftEffort makes the work of a phase that is left all done.
func (f *Facts) leftEffort(p catalog.Phase) {
	w := f.Engagement.Outlook.Effort[p]
	f.effort(p, 0, w.Planned-w.Done)
}

// replanEffort brings the planned work up to a changed scope: of phases to come to what is foreseen now, of active ones to no less than
// that.
func (f *Facts) replanEffort() {
	for p, minutes := range f.foreseen() {
		w, st := f.Engagement.Outlook.Effort[p], f.Phase(p)
		switch {
		case st.Standing == StandingWaiting:
			f.effort(p, minutes-w.Planned, 0)
		case st.Standing == StandingActive:
			f.effort(p, max(0, minutes-w.Planned), 0)
		}
	}
}

// percent returns how much of the planned work of the whole plan is done.
func (f *Facts) percent() int {
	if f.Engagement.Status == StatusCompleted {
		return 100
	}
	all, done := 0, 0
	for p, w := range f.Engagement.Outlook.Effort {
		if !f.onRoute(p) {
			continue
		}
		all += w.Planned
		done += min(w.Done, w.Planned)
	}
	if all == 0 {
		return 0
	}
	return 100 * done / all
}

// scopeChanged reports whether what was decided by this command changed what is to be done.
func (f *Facts) scopeChanged() bool {
	return slices.ContainsFunc(f.events, func(e Event) bool {
		return e.Kind == "scope.changed" || e.Kind == "phase.dropped" || e.Kind == "window.moved"
	})
}
