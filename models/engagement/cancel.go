package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// reinstateWithin is for how long a cancelled engagement can be reinstated.
const reinstateWithin = 24 * time.Hour

// An Undo is how an engagement stood when it was cancelled: what it takes to reinstate it.
type Undo struct {
	Status    Status                        `json:"status"`
	Phases    map[catalog.Phase]Standing    `json:"phases,omitempty"`
	Tasks     map[TaskState][]models.TaskID `json:"tasks,omitempty"`
	Reasons   map[models.TaskID]string      `json:"reasons,omitempty"`
	Late      []models.TaskID               `json:"late,omitempty"`
	Decisions []string                      `json:"decisions,omitempty"`
}

// openStates are the states of tasks that are not closed.
var openStates = []TaskState{TaskWaiting, TaskOpen, TaskSubmitted, TaskBlocked}

// cancel ends the engagement early: open tasks are cancelled, the record stays. It asks once more, and can be undone for a day.
func (f *Facts) cancel(c Command, now time.Time) error {
	e := &f.Engagement
	if !slices.Contains(c.Confirm, string(e.ID)) {
		return models.Refuse(models.Invalid, "confirm",
			"%s would end with all that is open in it: if that is meant, confirm its id, %s", e.Name, e.ID)
	}
	e.Undo = f.undo()
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			f.cancelTask(t, "the engagement was cancelled", now)
		}
	}
	for i := range f.Phases {
		if st := &f.Phases[i]; st.Standing == StandingActive || st.Standing == StandingWaiting {
			st.Standing = StandingDropped
		}
	}
	f.end(StatusCancelled, c.Actor.Person, c.Reason, now)
	s := &f.Engagement.Summary
	s.Open, s.Overdue, s.Phases, s.NextDue, s.Wake = 0, 0, nil, models.Date{}, time.Time{}
	return nil
}

// undo notes how the engagement stands.
func (f *Facts) undo() *Undo {
	u := &Undo{Status: f.Engagement.Status, Phases: map[catalog.Phase]Standing{}, Tasks: map[TaskState][]models.TaskID{},
		Reasons: map[models.TaskID]string{}}
	for _, p := range f.Phases {
		u.Phases[p.Phase] = p.Standing
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		u.Tasks[t.State] = append(u.Tasks[t.State], t.ID)
		if t.Reason != "" {
			u.Reasons[t.ID] = t.Reason
		}
		if t.Late {
			u.Late = append(u.Late, t.ID)
		}
	}
	for _, d := range f.Decisions {
		if d.State == DecisionPending {
			u.Decisions = append(u.Decisions, d.ID)
		}
	}
	return u
}

// tasks returns the ids of all tasks that were open.
func (u *Undo) tasks() []models.TaskID {
	if u == nil {
		return nil
	}
	var out []models.TaskID
	for _, state := range openStates {
		out = append(out, u.Tasks[state]...)
	}
	return out
}

// ReinstateUntil returns until when a cancelled engagement can be reinstated; zero for one that is not cancelled, and for one that was
// cancelled before that could be undone.
func (e Engagement) ReinstateUntil() time.Time {
	if e.Status != StatusCancelled || e.Undo == nil {
		return time.Time{}
	}
	return e.EndedAt.Add(reinstateWithin)
}

// reinstate undoes a cancellation, within a day of it: all is as before, and the time in between is treated as a pause.
func (f *Facts) reinstate(c Command, now time.Time) error {
	e := &f.Engagement
	until := e.ReinstateUntil()
	switch {
	case e.Status != StatusCancelled:
		return models.Refuse(models.Conflict, "status", "the engagement is not cancelled: it is %s", e.Status)
	case !now.Before(until):
		return models.Refuse(models.Conflict, "status", "the engagement was cancelled on %s, which can be undone for 24 hours only",
			models.DateIn(e.EndedAt, f.Location()))
	}
	u, ended := e.Undo, e.EndedAt
	e.Status, e.EndedAt, e.Undo = u.Status, time.Time{}, nil
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: "status", From: string(StatusCancelled), To: string(e.Status),
		Reason: c.Reason})
	for i := range f.Phases {
		f.Phases[i].Standing = u.Phases[f.Phases[i].Phase]
	}
	for _, state := range openStates {
		for _, id := range u.Tasks[state] {
			f.reinstateTask(id, state, u, now)
		}
	}
	for _, id := range u.Decisions {
		if d := f.DecisionOf(id); d != nil {
			d.State, d.ClosedAt, d.ClosedWhy = DecisionPending, time.Time{}, ""
			f.touchDecision(d)
			f.log(Event{At: now, Kind: "decision.reinstated", Subject: id})
		}
	}
	if e.Status == StatusRunning {
		e.PausedOn = models.DateIn(ended, f.Location())
		e.Pauses = append(slices.Clone(e.Pauses), Pause{From: e.PausedOn, At: ended})
		f.goOn(now)
	}
	return nil
}

// reinstateTask makes a task what it was when the engagement was cancelled.
func (f *Facts) reinstateTask(id models.TaskID, state TaskState, u *Undo, now time.Time) {
	t := f.Task(id)
	if t == nil {
		return
	}
	f.log(Event{At: now, Kind: "task.reinstated", Subject: string(id), Field: "state", From: string(t.State), To: string(state)})
	t.State, t.Reason, t.Late = state, u.Reasons[id], slices.Contains(u.Late, id)
	f.touch(t)
	f.effort(t.Phase, f.weight(t), 0)
	if st := f.Phase(t.Phase); st != nil {
		st.Tasks++
	}
}
