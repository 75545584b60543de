package engagement

import (
	"math"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A workload is the open tasks of an engagement with the days on which they can be expected, as numbers of joint business days.
type workload struct {
	f     *Facts
	days  *models.Workdays
	today models.Date
	by    map[string][]int // indexes of open tasks by id and by template
	due   []int            // by index of the task: when it is to be done
	plan  []int            // when it was first to be done
	next  [2]int           // the first business day of client and firm from today on
	ends  []int            // when it can be expected; reckoned as it is asked for
	paths []path           // the turns that lead to that, where people are as late as they were
	seen  []bool
	// done and slow change what is reckoned: which late tasks count as if they were done on a day, and how many days longer each takes.
	done func(i int) (day int, ok bool)
	slow func(t *Task) path
	// queue has, of each open task, how many others its owner has that are to be done before it.
	queue []int
}

func (f *Facts) workloadOn(today models.Date) *workload {
	w := &workload{f: f, days: f.workdays(), today: today, by: make(map[string][]int, 2*len(f.Tasks)), due: make([]int, len(f.Tasks)),
		plan: make([]int, len(f.Tasks)), ends: make([]int, len(f.Tasks)), paths: make([]path, len(f.Tasks)), seen: make([]bool, len(f.Tasks))}
	w.next = [2]int{w.days.On(f.ClientDays.Roll(w.today)), w.days.On(f.FirmDays.Roll(w.today))}
	for i, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		w.by[string(t.ID)] = append(w.by[string(t.ID)], i)
		if t.Template != "" && t.Template != string(t.ID) {
			w.by[t.Template] = append(w.by[t.Template], i)
		}
		w.plan[i] = w.days.On(f.plannedDue(t))
		w.due[i] = w.allowed(t, w.plan[i])
	}
	return w
}

// plannedDue returns when the plan has a task due: what was to be done before its phase was entered is due on the next business day.
func (f *Facts) plannedDue(t *Task) models.Date {
	planned := t.PlannedDue()
	if planned.IsZero() {
		return t.Due
	}
	if st := f.Phase(t.Phase); st != nil && !st.Actual.Start.IsZero() {
		if entered := f.Unpaused(f.Days(t.OwnerRole), st.Actual.Start); planned.Before(entered) {
			return f.Days(t.OwnerRole).Add(entered, 1)
		}
	}
	return planned
}

// allowed returns the day by which an open task is to be done for no time to be lost: the day that was agreed for it, or that of the plan,
// or, if it opened late, its planned span after that. A due date that was put off only so that it does not lie before that of another task
// is none of these.
func (w *workload) allowed(t *Task, plan int) int {
	due := w.days.On(t.Due)
	if t.Moved {
		return due
	}
	return min(due, w.opened(t, plan))
}

// byPlan returns the day by which an open task would be to be done that was put off, if it had not been.
func (w *workload) byPlan(i int) int { return w.opened(w.f.Tasks[i], w.plan[i]) }

// opened returns the day by which the plan has an open task done, or, if it opened late, its planned span after that.
func (w *workload) opened(t *Task, plan int) int {
	if t.State != TaskWaiting && !t.OpenedOn.IsZero() {
		plan = max(plan, w.on(t.OpenedOn)+w.f.atMost(t, w.span(t)))
	}
	return plan
}

// span returns how many joint business days the planned span of a task has: fewer than its owner's where only one of firm and client works
// on some of them. What is expected of a task that waits is reckoned so too, and it is not to be expected later once it opens.
func (w *workload) span(t *Task) int {
	planned := w.f.plannedDue(t)
	return min(t.Span, w.days.On(planned)-w.days.On(w.f.Days(t.OwnerRole).Add(planned, -t.Span)))
}

// on returns the number of the joint business day as which a day counts on which something was done or opened: on a closed day, or in the
// night before a forecast is reckoned, it was done no later than if it had been done on the business day before.
func (w *workload) on(d models.Date) int { return min(w.days.Next(d)-1, w.days.On(w.today)) }

// anew forgets what was reckoned, and reckons from now on with other assumptions.
func (w *workload) anew(done func(int) (int, bool), slow func(*Task) path) {
	clear(w.seen)
	w.done, w.slow = done, slow
	if slow != nil && w.queue == nil {
		w.line()
	}
}

// line counts of each open task how many others of its owner's are to be done before it.
func (w *workload) line() {
	w.queue = make([]int, len(w.f.Tasks))
	whose := map[models.PersonID][]int{}
	for i, t := range w.f.Tasks {
		if t.State == TaskOpen {
			whose[t.Owner] = append(whose[t.Owner], i)
		}
	}
	for _, mine := range whose {
		slices.SortStableFunc(mine, func(a, b int) int { return w.due[a] - w.due[b] })
		for n, i := range mine {
			w.queue[i] = n
		}
	}
}

// soonest returns the first business day from today on of a task's owner.
func (w *workload) soonest(t *Task) int {
	if models.SideOf(t.OwnerRole) == models.SideClient {
		return w.next[0]
	}
	return w.next[1]
}

// late reports whether a task is late now: it was to be done on a day before today.
func (w *workload) late(i int) bool {
	t := w.f.Tasks[i]
	return t.Due.Before(w.today) && t.State != TaskWaiting
}

// end returns when an open task can be expected: on the day it is due, unless what it waits for is so late that it has not the time that
// the plan gives it. What is overdue can be done today at the earliest.
func (w *workload) end(i int) int {
	if w.seen[i] {
		return w.ends[i]
	}
	w.seen[i], w.ends[i] = true, w.due[i] // a circle cannot be, but must not hang either
	t := w.f.Tasks[i]
	if w.slow != nil {
		w.ends[i] = w.slowly(i)
		return w.ends[i]
	}
	day, bound := w.due[i], false
	for _, dep := range t.After {
		for _, d := range w.by[dep] {
			day = max(day, w.after(i, d, w.end(d)))
		}
		bound = bound || len(w.by[dep]) > 0
	}
	if !bound || t.State != TaskWaiting {
		day = max(day, w.soonest(t))
	}
	if w.done != nil {
		if on, ok := w.done(i); ok {
			day = on
		}
	}
	w.ends[i] = day
	return day
}

// slowly returns when an open task can be expected to be accepted if people go on as late as they were: late by as much as they are, and
// where it opens too late for its due date as long after that as the plan gives it. Of what is late already half of that is still to come.
func (w *workload) slowly(i int) int {
	t, turns := w.f.Tasks[i], w.slow(w.f.Tasks[i])
	day, is := w.due[i], path{}
	if t.State == TaskWaiting {
		opens, before := 0, path{}
		for _, dep := range t.After {
			for _, d := range w.by[dep] {
				if end := w.end(d); end > opens {
					opens, before = end, w.paths[d]
				}
			}
		}
		due := day
		if !calendarBound(t.Anchor) {
			due = int(w.f.given(t).due(float64(day), float64(opens)))
		}
		if due = max(due, opens); due > day {
			day, is = due, before
		}
	}
	soonest := w.soonest(t)
	if a := w.f.Engagement.Pace.Each[t.Owner].aDay(); a > 0 {
		soonest += w.queue[i] / a
	}
	w.paths[i] = is.and(turns)
	return max(day+int(math.Round(turns.late)), soonest+int(math.Round(turns.late/2)))
}

// after returns when a task can be expected of which another one comes first that is done on a day: a waiting one not before it has had
// the time that the plan gives it, or that lies between both in the plan. Less of that may turn out to be enough: a due date stays while
// half of the time is left (dueFrom). What is expected would jump by the other half on a day on which nothing happens, if it followed that.
func (w *workload) after(i, before, done int) int {
	t := w.f.Tasks[i]
	if t.State != TaskWaiting {
		return w.due[i]
	}
	return max(w.due[i], done+w.f.atMost(t, min(w.f.Takes(t), max(0, w.plan[i]-w.plan[before]))))
}

// atMost returns a planned span, but no more than a task's effort takes when its date follows one that only a decision moves, or leads up
// to the kickoff: what lies between such dates is not work.
func (f *Facts) atMost(t *Task, span int) int {
	before := false
	if st := f.Phase(catalog.PhaseKickoff); t.Anchor == "kickoff_date" && st != nil {
		before = !t.PlannedDue().After(models.Later(st.Began, f.Engagement.Kickoff)) // the meeting is on its day
	}
	if before || calendarBound(t.Anchor) {
		return min(span, max(1, planning.Workdays(t.Minutes)))
	}
	return span
}

// A reach is the phases of which a phase cannot be left before all is done: its own, and those before it that were opened again beside it.
type reach struct {
	phases []catalog.Phase
	asked  []string // the templates on which gates rest that are not signed
}

// reach returns what has to be done before an active phase can be left.
func (f *Facts) reach(p catalog.Phase) reach {
	r := reach{phases: []catalog.Phase{p}, asked: f.neededByGates(p)}
	for i := 0; i < len(r.phases); i++ {
		for _, q := range f.before(r.phases[i]) {
			if f.Phase(q).Standing == StandingActive && !slices.Contains(r.phases, q) {
				r.phases, r.asked = append(r.phases, q), append(r.asked, f.neededByGates(q)...)
			}
		}
	}
	return r
}

// has reports whether a task has to be done before the phase can be left.
func (r reach) has(t *Task) bool {
	return !t.State.Closed() && slices.Contains(r.phases, t.Phase) && (t.Gate || slices.Contains(r.asked, t.Template))
}

// last returns when a phase can be expected to be left and the task that decides it; the index is -1 when no task does.
func (w *workload) last(r reach) (day, task int) {
	day, task = -1<<30, -1
	for i, t := range w.f.Tasks {
		if r.has(t) {
			if d := w.end(i); d > day {
				day, task = d, i
			}
		}
	}
	return day, task
}

// root follows what decides a task's day down to the task where the delay enters: one that is late itself, or one that waits for nothing.
func (w *workload) root(i int) int {
	for range w.f.Tasks {
		if w.late(i) {
			return i
		}
		from := -1
		for _, dep := range w.f.Tasks[i].After {
			for _, d := range w.by[dep] {
				if day := w.after(i, d, w.end(d)); day > w.due[i] && (from < 0 || day > w.after(i, from, w.end(from))) {
					from = d
				}
			}
		}
		if from < 0 {
			return i
		}
		i = from
	}
	return i
}

// neededByGates returns the templates that the blocking gates of a phase rest on, of those that are not signed.
func (f *Facts) neededByGates(p catalog.Phase) []string {
	var out []string
	for _, g := range f.Gates {
		if g.Phase == p && g.Blocking && g.State != GateSigned {
			out = append(out, f.gateTemplate(g.ID).Needs...)
		}
	}
	return out
}

// rootOf returns the task on which an open one waits in the end.
func (f *Facts) rootOf(t *Task, now time.Time) *Task {
	w := f.workloadOn(f.forecastDay(now))
	return f.Tasks[w.waitsFor(slices.Index(f.Tasks, t))]
}

// waitsFor follows the latest of what a task waits for down to the one that can be acted on.
func (w *workload) waitsFor(i int) int {
	for range w.f.Tasks {
		next := -1
		for _, dep := range w.f.Tasks[i].After {
			for _, d := range w.by[dep] {
				if next < 0 || w.end(d) > w.end(next) {
					next = d
				}
			}
		}
		if w.f.Tasks[i].State != TaskWaiting || next < 0 {
			return i
		}
		i = next
	}
	return i
}
