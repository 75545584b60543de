package engagement

import (
	"fmt"
	"slices"
	"time"

	"tickmark/models"
)

// split makes two tasks of one: the task keeps its title, owner and due date, and a second one, X-n, gets those that the command
// names; an owner or a due date that it leaves out is the first one's. Both come after what the task comes after, and what waits for the
// task, a gate or another task, waits for both. It returns the id of the second one. It refuses (conflict) a task that nobody has to
// do any more and one that recurs, whose dates the calendar sets; and (invalid) an owner, a due date or a title that a task cannot have.
func (f *Facts) split(c Command, now time.Time) (string, error) {
	first, n := f.Task(c.Tasks[0]), c.Add
	if n == nil {
		return "", models.Refuse(models.Invalid, "title", "the second task is missing: say what it is about")
	}
	if err := f.divisible(first); err != nil {
		return "", err
	}
	if err := models.CheckText("title", n.Title, 300); err != nil {
		return "", err
	}
	second := f.half(first, n)
	if n.Owner != "" {
		if err := f.checkOwner(second, n.Owner); err != nil {
			return "", err
		}
		second.give(n.Owner)
	}
	if !n.Due.IsZero() {
		if err := f.checkDue(n.Due, now); err != nil {
			return "", err
		}
		second.Due = f.Days(second.OwnerRole).Roll(n.Due)
	}
	second.Original = second.Due
	f.Engagement.Added++
	f.Tasks = append(f.Tasks, second)
	f.Phase(first.Phase).Tasks++
	f.touch(first)
	f.touch(second)
	for _, t := range f.Tasks {
		if !t.State.Closed() && slices.Contains(t.After, string(first.ID)) {
			t.After = append(t.After, string(second.ID))
			f.touch(t)
		}
	}
	f.logTask(first, c, now, "part", "", string(second.ID))
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: rowOf[AssignTask].event, Subject: string(second.ID), Field: "owner",
		To: string(second.Owner), Reason: c.Reason})
	f.keepOrder(first.Phase, now)
	return string(second.ID), nil
}

// divisible refuses a task that cannot be split.
func (f *Facts) divisible(t *Task) error {
	if t.State.Closed() || t.State == TaskSubmitted {
		return models.Refuse(models.Conflict, "task", "%s is %s: there is nothing in it to split any more", t.ID, t.State)
	}
	if tmpl := f.templateOf(t); tmpl.Repeats != nil || tmpl.Due.FromCadence {
		return models.Refuse(models.Conflict, "task", "%s recurs, and the calendar sets its dates: add a task instead", t.ID)
	}
	return nil
}

// half returns the second half of a task: what the catalog says of the first one holds for it too.
func (f *Facts) half(first *Task, n *NewTask) *Task {
	second := *first
	second.ID, second.Title, second.Moved, second.Minutes = models.TaskID(fmt.Sprintf("X-%d", f.Engagement.Added+1)), n.Title, true, n.Minutes
	second.After = slices.Clone(first.After)
	second.Snoozed, second.Snoozes, second.Extended, second.Late = models.Date{}, 0, 0, false
	return &second
}
