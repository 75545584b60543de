package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/planning"
)

// When says how a task stands in time for its owner. Status, lists, messages and the record say nothing else.
type When struct {
	Due      models.Date     // the stored due date: there is no other
	Late     bool            // as recorded: the owner's business day on or after the due date is over, and it is still theirs to do
	Days     int             // business days of the owner's since it was due; negative: days left
	WaitsFor []models.TaskID // what is open and comes first, among the tasks loaded
	Past     bool            // it waits, and would be late if it did not
	Expected models.Date     // of what waits: the due date it can be expected to have once it opens, Due at the earliest
	Away     string          // who is asked for it is away, until when, and who is asked instead; empty: they are there
	Paused   bool            // the engagement is paused and the date moves with it: all of this is as it was when the pause began
}

// When returns how a task stands in time at an instant. What was reported as done, waits or is closed is late for nobody. What was late
// when a pause began is late in it, and nothing becomes late in it.
func (f *Facts) When(t *Task, now time.Time) When { return f.At(now).When(t) }

// A Moment says of many tasks how they stand in time at one instant. It is of no use once anything has changed.
type Moment struct {
	f        *Facts
	now      time.Time
	open     map[string][]*Task // by their ids, and by their templates
	expected map[models.TaskID]models.Date
	present  *Presence // nil, where nobody is away
}

// At returns a moment of the facts.
func (f *Facts) At(now time.Time) *Moment {
	m := &Moment{f: f, now: now, open: make(map[string][]*Task, 2*len(f.Tasks)), expected: map[models.TaskID]models.Date{}}
	if len(f.Absences) > 0 && f.Engagement.Status.Live() {
		m.present = f.Present(now)
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		m.open[string(t.ID)] = append(m.open[string(t.ID)], t)
		if t.Template != "" && t.Template != string(t.ID) {
			m.open[t.Template] = append(m.open[t.Template], t)
		}
	}
	return m
}

// When returns how a task stands in time: see Facts.When.
func (m *Moment) When(t *Task) When {
	f := m.f
	w := When{Due: t.Due, Late: t.Late, Days: f.DaysLate(t, m.now), Paused: f.restsIn(t)}
	if m.present != nil {
		w.Away = m.present.AwayFrom(t)
	}
	if t.State == TaskWaiting {
		for _, d := range m.first(t) {
			w.WaitsFor = append(w.WaitsFor, d.ID)
		}
		w.Past = f.Engagement.Status == StatusRunning && m.now.After(f.deadline(t))
		w.Expected = m.Expected(t)
	}
	return w
}

// DaysLate returns how many business days of its owner's ago a task was due; negative: the days left.
func (f *Facts) DaysLate(t *Task, now time.Time) int {
	return f.lateOn(f.DaysOf(t), t, f.countedToday(t, now))
}

// restsIn reports whether a task rests in a pause: its days do not count, and its date moves when the pause ends.
func (f *Facts) restsIn(t *Task) bool {
	return f.Engagement.Status == StatusPaused && t.MovesWithPauses()
}

// countedToday returns the date where a task's owner is; of what rests in a pause that on which the pause began.
func (f *Facts) countedToday(t *Task, now time.Time) models.Date {
	day := f.todayOf(t, now)
	if f.restsIn(t) {
		day = day.AddDays(f.Today(now).DaysUntil(f.Engagement.PausedOn))
	}
	return day
}

// lateOn returns how many business days before a day a task was due; negative: the days left. The due date of most tasks moves with a
// pause; of those whose date only a decision moves the time since it is counted without pauses.
func (f *Facts) lateOn(days *models.Calendar, t *Task, day models.Date) int {
	due := f.landing(t, t.Due)
	if t.MovesWithPauses() {
		return f.LateBy(days, due, day)
	}
	return f.Waited(days, due, day)
}

// first returns the open tasks that a task comes after.
func (m *Moment) first(t *Task) []*Task {
	var out []*Task
	for _, dep := range t.After {
		for _, d := range m.open[dep] {
			if d.ID != t.ID && t.ComesAfter(d) && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// ComesAfter reports whether a task comes after another: by its id, or by its template where both are of the catalog.
func (t *Task) ComesAfter(d *Task) bool {
	return slices.Contains(t.After, string(d.ID)) || t.Template != "" && d.Template != "" && slices.Contains(t.After, d.Template)
}

// Expected returns the due date that a task can be expected to have: the one it has where it is open, today where that has passed, and for
// what waits the days it takes from when all that comes first can be expected.
func (m *Moment) Expected(t *Task) models.Date {
	if day, ok := m.expected[t.ID]; ok {
		return day
	}
	today := m.f.countedToday(t, m.now)
	day := models.Later(t.Due, today)
	m.expected[t.ID] = day // a circle cannot be, but must not hang either
	if t.State != TaskWaiting {
		return day
	}
	opens := today
	for _, d := range m.first(t) {
		opens = models.Later(opens, m.Expected(d))
	}
	day, _ = m.f.dueFrom(t, opens)
	m.expected[t.ID] = day
	return day
}

// DaysOf returns the business days of a task's owner: those of their company, less the holidays of the country in which they live if that
// is another, but for days of their own.
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

// deadline returns the instant at which a task is overdue: the end of the owner's business day on its due date, or, where they do not work
// then, on the day on which it lands (reminders.yaml).
func (f *Facts) deadline(t *Task) time.Time {
	return f.Catalog.Reminders.Defaults.DueTime.On(f.landing(t, t.Due), f.zoneOf(t))
}

// Takes returns how many business days of its owner's a task takes from the day on which it opens late: its planned span, at least the days
// of its effort and at least one.
func (f *Facts) Takes(t *Task) int { return max(1, t.Span, planning.Workdays(t.Minutes)) }

// PlannedDue returns the day on which the plan has a task due, whatever its due date has become: dates that were agreed later, or put off
// because it opened late, are not the plan's.
func (t *Task) PlannedDue() models.Date {
	if t.Planned.IsZero() {
		return t.Original
	}
	return t.Planned
}

// A given is the time of somebody for what opens late, in business days: it opens too late for the due date it has with less than the least
// left, and is due then after what it takes.
type given struct {
	least, takes int
}

// given returns the time for a task that opens late: too late is less than half of the days that the plan gives it. A date that was agreed
// by hand, that of what leads to the kickoff and one that only a decision moves are kept for as long as a day is left.
func (f *Facts) given(t *Task) given {
	g := given{least: (t.Span + 1) / 2, takes: f.Takes(t)}
	if t.Moved || t.Anchor == "kickoff_date" || calendarBound(t.Anchor) || !t.Period.Start.IsZero() {
		g.least = min(1, g.least)
	}
	return g
}

// due returns when something is due that opens on a day, both as numbers of business days.
func (g given) due(due, opens float64) float64 {
	if opens+float64(g.least) > due {
		return max(due, opens+float64(g.takes))
	}
	return due
}

// dueFrom returns when a task is due that opens on a day, and whether it opens too late for the due date it has.
func (f *Facts) dueFrom(t *Task, opens models.Date) (models.Date, bool) {
	days, g := f.DaysOf(t), f.given(t)
	if !opens.After(t.Due) && !days.Add(opens, g.least).After(t.Due) {
		return t.Due, false
	}
	return models.Later(t.Due, days.Add(opens, g.takes)), true
}

// opensLate gives a task that opens late the time it takes, from the day on which it opened: the slip is that of what it waited for, not of
// its owner, who never had another date. When the plan had it due stays beside it. It reports whether the due date moved.
func (f *Facts) opensLate(t *Task, now time.Time) bool {
	to, late := f.dueFrom(t, t.OpenedOn)
	if !late || to == t.Due {
		return false
	}
	f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(),
		Reason: f.whyLate(t)})
	if t.Planned.IsZero() {
		t.Planned = t.Due
	}
	t.dueOn(to)
	t.Original = to
	return true
}

// whyLate names what a task that opened late waited for last, and whose that was.
func (f *Facts) whyLate(t *Task) string {
	var last *Task
	for _, d := range f.Tasks {
		if (d.State == TaskDone || d.State == TaskWaived) && t.ComesAfter(d) && (last == nil || d.DoneAt.After(last.DoneAt)) {
			last = d
		}
	}
	if last == nil {
		return "it opened on " + t.OpenedOn.String()
	}
	return "it opened on " + t.OpenedOn.String() + ", after " + string(last.ID) + " (" + f.Called(last.Owner, last.OwnerRole) + ")"
}
