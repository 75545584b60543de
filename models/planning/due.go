package planning

import (
	"fmt"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
)

// dayMinutes is how much effort a business day holds.
const dayMinutes = 8 * 60

// Workdays returns how many business days an effort takes, in whole days.
func Workdays(minutes int) int { return ceilDiv(minutes, dayMinutes) }

// tasks returns the tasks of the engagement with their due dates, and a warning of each phase that is too short for its tasks.
func (p *planner) tasks(s Schedule) ([]TaskPlan, []Warning, error) {
	templates := p.c.TasksFor(p.flags)
	due := dueDates{planner: p, anchors: s.Anchors, tasks: make(map[string]*taskDue, len(templates)),
		phases: make(map[catalog.Phase]PhasePlan, len(s.Phases))}
	for _, ph := range s.Phases {
		due.phases[ph.Phase] = ph
	}
	all := make([]taskDue, 0, len(templates))
	for i := range templates {
		if t := &templates[i]; p.months >= t.MinWindowMonths {
			all = append(all, taskDue{TaskTemplate: t})
			due.tasks[t.ID] = &all[len(all)-1]
		}
	}
	for i := range all {
		t := &all[i]
		if _, ok := s.Anchors[t.Due.Anchor]; !ok {
			return nil, nil, fmt.Errorf("plan %s: task %s counts from %q, an anchor it has not", p.in.Type, t.ID, t.Due.Anchor)
		}
		due.know(t)
	}
	out := make([]TaskPlan, len(all))
	for i := range all {
		t := &all[i]
		day := due.of(t)
		if day.Check() != nil {
			return nil, nil, p.outOfRange(day)
		}
		opens := t.opens
		if opens.IsZero() {
			opens = due.phases[t.Phase].Start
		}
		out[i] = TaskPlan{t.ID, t.Phase, day, models.Earlier(opens, day)}
	}
	return out, due.short(all, s.Phases), nil
}

// dueDates works out due dates in the order of dependencies.
type dueDates struct {
	*planner
	anchors map[string]models.Date
	phases  map[catalog.Phase]PhasePlan
	tasks   map[string]*taskDue
}

type taskDue struct {
	*catalog.TaskTemplate
	days  *models.Calendar
	own   models.Date // by its anchor alone
	takes int         // business days from when it opens
	next  []*taskDue  // of the same phase, what comes after it

	early, soonest, late models.Date // see the methods of dueDates
	reckoned             bool        // soonest is known
	opens, due           models.Date
	free                 models.Date // when it would be due if its phase were as long as its work
	seen                 bool        // stops a circle of dependencies, which the catalog's check refuses
}

// know notes of a task what hangs on no other one.
func (p *dueDates) know(t *taskDue) {
	t.days = p.calendar(t.Owner)
	t.own = t.days.Roll(p.date(t.TaskTemplate, t.days))
	if !p.leaves(t) {
		return
	}
	if !t.OnTheDay {
		t.takes = max(p.c.LeastDays, Workdays(t.EffortMinutes))
	}
	for _, id := range t.After {
		if dep := p.tasks[id]; dep != nil && dep.Phase == t.Phase {
			dep.next = append(dep.next, t)
		}
	}
}

// leaves reports whether a task is left the time it takes: by a catalog of before none is, and what is due by the occurrences of a control
// has dates of its own.
func (p *dueDates) leaves(t *taskDue) bool { return p.c.LeastDays > 0 && !t.Due.FromCadence }

// of returns when t is due: on its own date or, for what comes after it in its phase to have the time it takes, before that; but not before
// it has had its own time since it opens, unless what comes after it would then be due after the end of the phase. It is not due before
// what it depends on, and on a business day of its owner. Tasks the engagement has not got do not count.
func (p *dueDates) of(t *taskDue) models.Date {
	if t.seen {
		return t.due
	}
	t.seen = true
	var first, free models.Date
	for _, id := range t.After {
		dep := p.tasks[id]
		if dep == nil || dep.Phase != t.Phase && !p.in.Actual[dep.Phase].End.IsZero() { // it has been done, whenever it was due
			continue
		}
		day := p.of(dep)
		first, t.opens = models.Later(first, day), models.Later(t.opens, accepted(dep, t, day))
		if dep.Phase == t.Phase {
			day = dep.free
		}
		free = models.Later(free, accepted(dep, t, day))
	}
	if !p.leaves(t) {
		t.due = t.days.Roll(models.Later(t.own, first))
		t.free = t.due
		return t.due
	}
	t.opens = models.Later(t.opens, p.entered(t.Phase))
	t.due, t.free = p.early(t), p.early(t)
	if !t.opens.IsZero() {
		t.due = models.Later(t.due, models.Earlier(t.days.Add(t.opens, t.takes), p.late(t)))
		t.free = models.Later(t.due, t.days.Add(models.Later(free, t.opens), t.takes))
	}
	t.due = t.days.Roll(models.Later(t.due, first))
	t.free = models.Later(t.due, t.free)
	return t.due
}

// accepted returns when t can be begun after one that is due on a day: then, and on the next business day of its owner's where somebody
// has to accept that.
func accepted(dep, t *taskDue, due models.Date) models.Date {
	if dep.Approver != "" {
		return t.days.Add(due, 1)
	}
	return due
}

// leaving returns the last day on which dep may be due for t, which comes after it, to have its time before a day.
func leaving(dep, t *taskDue, day models.Date) models.Date {
	n := t.takes
	if dep.Approver != "" {
		n++
	}
	return dep.days.Back(t.days.Add(t.days.Back(day), -n))
}

// early returns when t is due where there is time enough: on its own date, or earlier, as far as what comes after it in its phase would
// not be left its time before its own; but no earlier than that can make use of. What happens on its day stays there.
func (p *dueDates) early(t *taskDue) models.Date {
	if t.early.IsZero() {
		t.early = t.own
		for _, next := range t.next {
			if t.OnTheDay {
				break
			}
			by := models.Later(p.early(next), models.Earlier(p.soonest(next), p.late(next)))
			t.early = models.Earlier(t.early, leaving(t, next, by))
		}
	}
	return t.early
}

// soonest returns when t could be done if nothing in its phase had more time than it takes; zero where nothing of the plan comes first.
func (p *dueDates) soonest(t *taskDue) models.Date {
	if t.reckoned {
		return t.soonest
	}
	t.reckoned = true
	opens := p.entered(t.Phase)
	for _, id := range t.After {
		dep := p.tasks[id]
		switch {
		case dep == nil:
		case dep.Phase == t.Phase:
			if day := p.soonest(dep); !day.IsZero() {
				opens = models.Later(opens, accepted(dep, t, day))
			}
		case p.in.Actual[dep.Phase].End.IsZero():
			opens = models.Later(opens, accepted(dep, t, p.of(dep)))
		}
	}
	if !opens.IsZero() {
		t.soonest = t.days.Add(opens, t.takes)
	}
	if t.OnTheDay {
		t.soonest = models.Later(t.soonest, t.own)
	}
	return t.soonest
}

// late returns the last day on which t may be due for its phase to end in time; its own date at the earliest.
func (p *dueDates) late(t *taskDue) models.Date {
	if t.late.IsZero() {
		t.late = t.days.Back(p.phases[t.Phase].End)
		for i, next := range t.next {
			day := leaving(t, next, p.late(next))
			if i > 0 {
				day = models.Earlier(day, t.late)
			}
			t.late = day
		}
		t.late = models.Later(t.late, t.own)
	}
	return t.late
}

// entered returns the day from which the tasks of a phase can be begun; zero for those of the kickoff, which are begun when the engagement
// is started, before any date of the plan. It is the day on which the phase was entered or is to be, but for two whose tasks do not all
// count from that.
func (p *dueDates) entered(ph catalog.Phase) models.Date {
	switch ph {
	case catalog.PhaseKickoff:
		return models.Date{}
	case catalog.PhaseWindowSetup: // with readiness, however long before the window that is
		return p.anchors["readiness_date"]
	case catalog.PhaseRenewal: // beside fieldwork, once the window has closed
		if last, ok := p.anchors["window_close"]; ok {
			return last.Next()
		}
	}
	return p.phases[ph].Start
}

// short returns a warning of each phase, but of those that have been left, that leaves tasks less time than they take.
func (p *dueDates) short(all []taskDue, phases []PhasePlan) []Warning {
	var out []Warning
	for _, ph := range phases {
		if !p.in.Actual[ph.Phase].End.IsZero() {
			continue
		}
		var names []string
		days := 0
		for i := range all {
			t := &all[i]
			if t.Phase != ph.Phase || t.opens.IsZero() || !p.leaves(t) || !t.days.Add(t.opens, t.takes).After(t.due) {
				continue
			}
			names, days = append(names, t.Title+" ("+t.ID+")"), max(days, t.days.Count(t.due, t.free))
		}
		if len(names) > 0 {
			is, _ := p.c.Phase(ph.Phase)
			out = append(out, Warning{Code: WarnPhaseShort, Field: fieldOf(ph.Phase), Days: days,
				Text: fmt.Sprintf("%s is %s too short for the work in it: less time than it takes is left for %s", is.Name,
					models.BusinessDays(days), strings.Join(names, ", "))})
		}
	}
	return out
}

// fieldOf names the input on which the length of a phase hangs most.
func fieldOf(ph catalog.Phase) string {
	switch ph {
	case catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report:
		return "as_of"
	case catalog.PhaseWindowSetup, catalog.PhaseWindow, catalog.PhaseT2Close, catalog.PhaseT2Fieldwork, catalog.PhaseT2Report:
		return "window_open"
	}
	return "kickoff"
}

// date returns the date of a task by its anchor alone. The first of a repeated task is not later than the last day on which
// it is repeated, however short the stretch.
func (p *dueDates) date(t *catalog.TaskTemplate, days *models.Calendar) models.Date {
	from := p.anchors[t.Due.Anchor]
	if t.Due.Unit == catalog.UnitCalendarDays {
		return from.AddDays(t.Due.Offset)
	}
	if t.Repeats == nil {
		return days.Add(from, p.offset(t))
	}
	due, until := days.Add(from, t.Due.Offset), p.anchors[t.Repeats.Until]
	if due.After(until) {
		return days.Back(until)
	}
	return due
}

// writtenFor is the size for whose typical durations the catalog's offsets are written.
const writtenFor = 50

// offset returns how many business days from its anchor a task is due. In the phases people work through from one end to
// the other, offsets grow and shrink with the phase, rounded up to whole days away from the anchor; what repeats does so at its own
// rhythm, however long the phase.
func (p *planner) offset(t *catalog.TaskTemplate) int {
	switch t.Phase {
	case catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork, catalog.PhaseT2Fieldwork:
		written, n := p.c.Duration(t.Phase, writtenFor)[1], t.Due.Offset
		if n < 0 {
			return -ceilDiv(-n*p.days[t.Phase], written)
		}
		return ceilDiv(n*p.days[t.Phase], written)
	}
	return t.Due.Offset
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// calendar returns the business days of those who hold an owner role.
func (p *planner) calendar(owner string) *models.Calendar {
	if models.SideOf(owner) == models.SideClient {
		return &p.in.Client
	}
	return &p.in.Firm
}
