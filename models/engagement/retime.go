package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// retime moves the due dates that follow the plan after an anchor moved. What was submitted, moved by hand or would fall
// into the past stays.
func (f *Facts) retime(now time.Time) {
	plan, err := f.plan()
	if err != nil {
		return
	}
	f.replan(plan.Schedule)
	due := map[string]models.Date{}
	for _, t := range plan.Tasks {
		due[t.Template] = t.Due
	}
	today := f.Today(now)
	moves := map[models.TaskID]models.Date{}
	for _, t := range f.Tasks {
		to, ok := due[t.Template]
		if !ok || !follows(t) {
			continue
		}
		to = f.Days(t.OwnerRole).Roll(to)
		if to.Before(today) || t.Round > 1 && !calendarBound(t.Anchor) {
			to = t.Due // never into the past; and what is done again has a date of its own
		}
		if t.Anchor == "kickoff_date" && to.Before(t.Due) {
			to = t.Due // the kickoff does not move: what counts from it comes no sooner because there is more to do
		}
		moves[t.ID] = to
	}
	f.put(moves, now)
}

// follows reports whether the plan may move the due date of a task: not when it was set by hand, nor when the task has been
// submitted, nor when it is of a period.
func follows(t *Task) bool {
	return t.Anchor != "" && !t.Moved && !t.State.Closed() && t.State != TaskSubmitted && t.Period.Start.IsZero()
}

// keepOrder puts off what is due before something new that it waits for.
func (f *Facts) keepOrder(p catalog.Phase, now time.Time) {
	moves := map[models.TaskID]models.Date{}
	for _, t := range f.Tasks {
		if t.Phase == p && follows(t) {
			moves[t.ID] = t.Due
		}
	}
	f.put(moves, now)
}

// put sets new due dates, in turn.
func (f *Facts) put(moves map[models.TaskID]models.Date, now time.Time) {
	f.inTurn(moves)
	for _, t := range f.Tasks {
		if to, ok := moves[t.ID]; ok && to != t.Due {
			f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(), Reason: "follows " + t.Anchor})
			t.dueOn(to)
			if calendarBound(t.Anchor) {
				t.Original = to // moved by a decision: nobody is late for that
			}
			f.touch(t)
		}
	}
}

// inTurn puts off new due dates that lie before those of what comes first and is still open.
func (f *Facts) inTurn(moves map[models.TaskID]models.Date) {
	for changed, n := len(moves) > 0, 0; changed && n < len(f.Tasks); n++ {
		changed = false
		last := make(map[string]models.Date, 2*len(f.Tasks)) // by id and by template
		for _, t := range f.Tasks {
			if !t.State.Closed() {
				due, ok := moves[t.ID]
				if !ok {
					due = t.Due
				}
				last[string(t.ID)] = models.Later(last[string(t.ID)], due)
				if t.Template != "" {
					last[t.Template] = models.Later(last[t.Template], due)
				}
			}
		}
		for _, t := range f.Tasks {
			to, ok := moves[t.ID]
			if !ok {
				continue
			}
			for _, dep := range t.After {
				if last[dep].After(to) {
					to, changed = f.Days(t.OwnerRole).Roll(last[dep]), true
				}
			}
			moves[t.ID] = to
		}
	}
}

// replan notes where a plan puts the phases.
func (f *Facts) replan(plan planning.Schedule) {
	for i := range f.Phases {
		st := &f.Phases[i]
		for _, p := range plan.Phases {
			if p.Phase == st.Phase {
				st.Plan = planning.Span{Start: p.Start, End: p.End}
			}
		}
	}
}
