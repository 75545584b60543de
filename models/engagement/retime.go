package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// retime moves the due dates that follow the plan after an anchor moved. What was submitted, moved by hand or would fall
// into the past stays, and what its owner can do stays unless a decision was made or it hangs on a date that only a decision moves.
func (f *Facts) retime(decided bool, now time.Time) {
	plan, err := f.plan()
	if err != nil {
		return
	}
	f.replan(plan.Schedule)
	planned := plannedIn(plan)
	today := f.Today(now)
	moves := map[models.TaskID]models.Date{}
	for _, t := range f.Tasks {
		p, ok := planned[t.Template]
		if !ok || !follows(t) || !decided && t.State != TaskWaiting && !calendarBound(t.Anchor) {
			continue
		}
		to := f.landing(t, p.Due)
		if to.Before(today) || t.Round > 1 && !calendarBound(t.Anchor) {
			to = t.Due // never into the past; and what is done again has a date of its own
		}
		if t.Anchor == "kickoff_date" && to.Before(t.Due) {
			to = t.Due // the kickoff does not move: what counts from it comes no sooner because there is more to do
		}
		if !t.OpenedOn.IsZero() && !calendarBound(t.Anchor) && to.Before(t.Due) {
			to = t.Due // what has opened keeps the time it takes
		}
		moves[t.ID] = to
		f.replanTask(t, p, to)
	}
	f.put(moves, now)
}

// replanTask notes when the plan has a task due that waits, and how many days it gives it, where its due date follows the plan.
func (f *Facts) replanTask(t *Task, p planning.TaskPlan, to models.Date) {
	by, span := f.landing(t, p.Due), f.span(t, p)
	if t.State != TaskWaiting || to != by || t.Planned == by && t.Span == span {
		return
	}
	t.Planned, t.Span = by, span
	f.touch(t)
}

// plannedIn returns the tasks of a plan by their templates.
func plannedIn(plan planning.Plan) map[string]planning.TaskPlan {
	out := make(map[string]planning.TaskPlan, len(plan.Tasks))
	for _, t := range plan.Tasks {
		out[t.Template] = t
	}
	return out
}

// span returns how many business days of its owner's a plan gives a task. Of what was to be begun before its phase was entered it
// is what was left then.
func (f *Facts) span(t *Task, p planning.TaskPlan) int {
	days := f.DaysOf(t)
	entered := f.Phase(t.Phase).Actual.Start
	if !entered.IsZero() {
		entered = f.Unpaused(days, entered)
	}
	return max(0, days.Count(models.Later(p.Opens, entered), f.landing(t, p.Due)))
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
	f.inTurn(moves)
	f.put(moves, now)
}

// put sets new due dates.
func (f *Facts) put(moves map[models.TaskID]models.Date, now time.Time) {
	for _, t := range f.Tasks {
		if to, ok := moves[t.ID]; ok && to != t.Due {
			f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(),
				Reason: "follows " + t.Anchor})
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
		last := f.lastDue(moves)
		for _, t := range f.Tasks {
			to, ok := moves[t.ID]
			if !ok {
				continue
			}
			for _, dep := range t.After {
				if last[dep].After(to) {
					to, changed = f.landing(t, last[dep]), true
				}
			}
			moves[t.ID] = to
		}
	}
}

// lastDue returns the last due date of open tasks, by their id and by their template, once some of them are moved.
func (f *Facts) lastDue(moves map[models.TaskID]models.Date) map[string]models.Date {
	last := make(map[string]models.Date, 2*len(f.Tasks))
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		due, ok := moves[t.ID]
		if !ok {
			due = t.Due
		}
		last[string(t.ID)] = models.Later(last[string(t.ID)], due)
		if t.Template != "" {
			last[t.Template] = models.Later(last[t.Template], due)
		}
	}
	return last
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

// MovesWithPauses reports whether a pause moves the due date of a task: unless it hangs on a date that only a decision moves.
func (t *Task) MovesWithPauses() bool { return !calendarBound(t.Anchor) }

// calendarBound reports whether an anchor is a date that only a decision moves.
func calendarBound(anchor string) bool {
	switch anchor {
	case "as_of_date", "window_open", "window_mid", "window_close":
		return true
	}
	return false
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

// schedule returns the dates of the present plan without its tasks. It is worked out once for as long as nothing is logged: what
// it rests on does not change without an event.
func (f *Facts) schedule() (planning.Schedule, error) {
	if f.dates == nil {
		s, err := planning.NewSchedule(f.Catalog, f.PlanInput())
		if err != nil {
			return s, err
		}
		f.dates = &s
	}
	return *f.dates, nil
}

// dueOn gives a task another due date: nobody is late with it yet, and what was put off begins anew. For a control it is the day by which
// it is performed as long as no performance is known, and then the day by which its evidence is sent.
func (t *Task) dueOn(to models.Date) {
	t.Due, t.Late, t.Snoozed, t.Snoozes, t.AgreedOn = to, false, models.Date{}, 0, models.Date{}
	switch {
	case t.Performing(): // what opened after its period is due later, and is performed too late all the same
		t.PerformBy = models.Earlier(to, t.Period.End)
	case !t.SendBy.IsZero():
		t.SendBy = to
	}
}
