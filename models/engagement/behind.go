package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// Behind returns the waiting tasks whose date has passed, the one that was due first before the others, by the task that holds them up and
// can be acted on: of several the one that is due first. Those that wait for what the work has yet to bring stand under no task.
func (f *Facts) Behind(now time.Time) map[models.TaskID][]*Task {
	b := behind{by: map[string][]*Task{}, known: map[models.TaskID]*Task{}}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		b.by[string(t.ID)] = append(b.by[string(t.ID)], t)
		if t.Template != "" && t.Template != string(t.ID) {
			b.by[t.Template] = append(b.by[t.Template], t)
		}
	}
	out, at := map[models.TaskID][]*Task{}, f.At(now)
	for _, t := range f.Tasks {
		if t.State == TaskWaiting && at.When(t).Past {
			id := models.TaskID("")
			if root := b.root(t); root != nil {
				id = root.ID
			}
			out[id] = append(out[id], t)
		}
	}
	for _, all := range out {
		slices.SortStableFunc(all, func(x, y *Task) int { return x.Due.Compare(y.Due) })
	}
	return out
}

// behind follows what tasks wait for.
type behind struct {
	by    map[string][]*Task // those that are not closed, by id and by template
	known map[models.TaskID]*Task
}

// root returns what holds a task up and can be acted on: itself where it waits for nothing, nil where that is yet to come.
func (b behind) root(t *Task) *Task {
	if t.State != TaskWaiting {
		return t
	}
	if root, ok := b.known[t.ID]; ok {
		return root
	}
	b.known[t.ID] = nil // a circle cannot be, but must not hang either
	var first *Task
	for _, dep := range t.After {
		for _, d := range b.by[dep] {
			if t.Template == "" && string(d.ID) != dep {
				continue // a task added by hand waits for the very tasks that it names
			}
			if root := b.root(d); root != nil && (first == nil || root.Due.Before(first.Due)) {
				first = root
			}
		}
	}
	b.known[t.ID] = first
	return first
}

// Heading returns the title of a task as it is shown everywhere, beginning with what tells it from its like: what the copy of a catalog
// task is about stands before what is to be done with it, and a day on which it was to be due, as in its title, is left out where it is due
// then.
func (t *Task) Heading() string {
	if what, day, ok := strings.Cut(t.Title, ": due "); ok && t.Template != "" {
		if d, err := models.ParseDate(day); err == nil && d == t.Due {
			return what
		} else if err == nil {
			return what + " of " + models.Dated(d)
		}
	}
	what, about, ok := strings.Cut(t.Title, ": ")
	if !ok || t.Template == "" || t.Subject == "" || wholeOf(t.ID) != t.ID { // a part has the title that somebody gave it
		return t.Title
	}
	return about + ": " + models.Lower(what)
}
