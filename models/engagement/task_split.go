package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// split makes two tasks of one: the task keeps its title, owner and due date, and a second part, named after it, gets those that the
// command names; an owner or a due date that it leaves out is the first one's. Both come after what the task comes after, and what waits
// for the task, a gate or another task, waits for both; whoever does or checks a part does or checks the whole (see separate). It returns
// the id of the second one. It refuses (conflict) a task that nobody has to do any more, one that recurs, whose dates the calendar sets,
// one that issues a report, and one that has been split into maxParts; and (invalid) an owner, a due date, a title or minutes that a task
// cannot have.
func (f *Facts) split(c Command, now time.Time) (string, error) {
	first, n := f.Task(c.Tasks[0]), c.Add
	if n == nil {
		return "", models.Refuse(models.Invalid, "title", "the second task is missing: say what it is about")
	}
	if err := f.divisible(first); err != nil {
		return "", err
	}
	id, err := f.nextPart(first)
	if err != nil {
		return "", err
	}
	second, err := f.half(first, n, c.Actor.Person, now)
	if err != nil {
		return "", err
	}
	second.ID = id
	f.Tasks = append(f.Tasks, second)
	f.Phase(first.Phase).Tasks++
	f.touch(first)
	f.touch(second)
	for _, t := range f.Tasks {
		if slices.Contains(t.After, string(first.ID)) && !slices.Contains(t.After, string(id)) {
			t.After = append(t.After, string(id))
			f.touch(t)
		}
	}
	f.logTask(first, c, now, "part", "", string(id))
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: rowOf[AssignTask].event, Subject: string(id), Field: "owner",
		To: string(second.Owner), Reason: "split from " + string(first.ID) + ": " + c.Reason})
	f.keepOrder(first.Phase, now)
	return string(id), nil
}

// divisible refuses a task that cannot be split.
func (f *Facts) divisible(t *Task) error {
	if t.State.Closed() || t.State == TaskSubmitted {
		return models.Refuse(models.Conflict, "task", "%s is %s: there is nothing in it to split any more", t.ID, t.State)
	}
	if tmpl := f.templateOf(t); tmpl.Repeats != nil || tmpl.Due.FromCadence {
		return models.Refuse(models.Conflict, "task", "%s recurs, and the calendar sets its dates: add a task instead", t.ID)
	} else if tmpl.IssuesReport {
		return models.Refuse(models.Conflict, "task", "%s is done when the report is out, which is out once: add a task instead", t.ID)
	}
	return nil
}

// nextPart returns the id of the next part of a task, or refuses one that has as many parts as a task may have. The facts must hold all
// parts of it, closed or not.
func (f *Facts) nextPart(t *Task) (models.TaskID, error) {
	for _, id := range partsOf(t.ID) {
		if f.Task(id) == nil {
			return id, nil
		}
	}
	return "", models.Refuse(models.Conflict, "task", "%s has been split into %d tasks already, which is the most: add a task instead",
		wholeOf(t.ID), maxParts)
}

// half returns the second half of a task, still without an id: what the catalog says of the first one holds for it too, but not why that
// was returned. Where the first one is blocked the second is not.
func (f *Facts) half(first *Task, n *NewTask, by models.PersonID, now time.Time) (*Task, error) {
	if err := models.CheckName("title", n.Title); err != nil {
		return nil, err
	}
	if err := checkMinutes(n.Minutes); err != nil {
		return nil, err
	}
	second := *first
	second.Title, second.Moved, second.Minutes, second.After = n.Title, true, n.Minutes, slices.Clone(first.After)
	second.Snoozed, second.Snoozes, second.Late, second.Reason = models.Date{}, 0, false, ""
	if first.State == TaskBlocked {
		second.State, second.BlockedBy, second.BlockedOn = TaskWaiting, "", models.Date{}
	}
	if n.Owner != "" {
		if err := f.checkOwner(&second, n.Owner, by); err != nil {
			return nil, err
		}
		second.give(n.Owner)
	}
	if n.Due.IsZero() && first.Due.Before(f.Today(now)) {
		return nil, models.Refuse(models.Invalid, "due",
			"%s was due %s, and nothing is made that is late at once: say when the second task is due", first.ID, models.Dated(first.Due))
	}
	if !n.Due.IsZero() {
		if err := f.checkDue(n.Due, now); err != nil {
			return nil, err
		}
		second.Due = f.landing(&second, n.Due)
		f.agreed(&second, now)
	}
	second.Original = second.Due
	return &second, nil
}
