package engagement

import (
	"time"

	"tickmark/models"
)

// When says how a task stands in time for its owner. Status, lists, messages and the record say nothing else.
type When struct {
	Due      models.Date     // the stored due date: there is no other
	Late     bool            // the owner's business day on or after the due date is over, and it is still theirs to do
	Days     int             // business days of the owner's since it was due; negative: days left
	WaitsFor []models.TaskID // what is open and comes first, among the tasks loaded
}

// When returns how a task stands in time at an instant. What was reported as done, waits or is closed is late for nobody. What was late
// when a pause began is late in it, and nothing becomes late in it that it shifts.
func (f *Facts) When(t *Task, now time.Time) When {
	w := When{Due: t.Due, Late: t.Late || f.owed(t) && now.After(f.deadline(t)), Days: f.LateBy(f.DaysOf(t), t.Due, f.todayOf(t, now))}
	if t.State == TaskWaiting {
		w.WaitsFor = f.waitsOn(t)
	}
	return w
}

// waitsOn returns the open tasks that a task comes after, in the order of the facts.
func (f *Facts) waitsOn(t *Task) []models.TaskID {
	after := make(map[string]bool, len(t.After))
	for _, id := range t.After {
		after[id] = true
	}
	var out []models.TaskID
	for _, d := range f.Tasks {
		if !d.State.Closed() && d != t && (after[string(d.ID)] || t.Template != "" && d.Template != "" && after[d.Template]) {
			out = append(out, d.ID)
		}
	}
	return out
}

// DaysOf returns the business days of a task's owner: those of their company, less the holidays of the country in which they live if that
// is another.
func (f *Facts) DaysOf(t *Task) *models.Calendar {
	if days, ok := f.PersonDays[t.Owner]; ok {
		return &days
	}
	return f.Days(t.OwnerRole)
}

// zoneOf returns the time zone of a task's owner; the engagement's where nobody owns it.
func (f *Facts) zoneOf(t *Task) *time.Location {
	if p, ok := f.Person(t.Owner); ok {
		return models.Zone(p.TimeZone)
	}
	return f.Location()
}

// todayOf returns the date where a task's owner is.
func (f *Facts) todayOf(t *Task, now time.Time) models.Date { return models.DateIn(now, f.zoneOf(t)) }

// deadline returns the instant at which a task is overdue: the end of the owner's business day on its due date, or on the next that they
// work (reminders.yaml).
func (f *Facts) deadline(t *Task) time.Time {
	return f.Catalog.Reminders.Defaults.DueTime.On(f.DaysOf(t).Roll(t.Due), f.zoneOf(t))
}

// dayMinutes is how much effort a business day holds.
const dayMinutes = 8 * 60

// opensLate gives a task that opens after its due date the business days that its effort takes, at least one, from the day on which it opened: the slip is that of what it
// waited for, not of its owner. Its first due date stays for the record. A date that it can still be done by
// stays as it is. It reports whether the due date moved.
func (f *Facts) opensLate(t *Task, now time.Time) bool {
	if !t.OpenedOn.After(t.Due) {
		return false
	}
	to := f.DaysOf(t).Add(t.OpenedOn, max(1, (t.Minutes+dayMinutes-1)/dayMinutes))
	if !to.After(t.Due) {
		return false
	}
	f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(),
		Reason: f.whyLate(t)})
	t.dueOn(to)
	return true
}

// whyLate names what a task that opened late waited for last, and whose that was.
func (f *Facts) whyLate(t *Task) string {
	var last *Task
	for _, d := range f.Tasks {
		if d.State != TaskDone && d.State != TaskWaived {
			continue
		}
		for _, dep := range t.After {
			if (dep == string(d.ID) || dep == d.Template) && (last == nil || d.DoneAt.After(last.DoneAt)) {
				last = d
			}
		}
	}
	if last == nil {
		return "it opened on " + t.OpenedOn.String()
	}
	return "it opened on " + t.OpenedOn.String() + ", after " + string(last.ID) + " (" + f.Called(last.Owner, last.OwnerRole) + ")"
}
