package files_test

import (
	"math"
	"slices"
	"testing"

	"tickmark/models/catalog"
)

// A timeline is a plan counted in business days from the kickoff, without holidays and with typical durations. It
// follows the rules of package planning roughly: enough to see whether the templates fit together, not a calendar.
type timeline struct {
	c       *catalog.Catalog
	flags   []string
	size    int
	tasks   map[string]catalog.TaskTemplate
	anchors map[string]int
	due     map[string]int
	clipped map[string]int // tasks that wait for others beyond their own date, and for how long
}

func newTimeline(c *catalog.Catalog, flags []string, size int) *timeline {
	l := &timeline{c: c, flags: flags, size: size, tasks: map[string]catalog.TaskTemplate{},
		anchors: map[string]int{}, due: map[string]int{}, clipped: map[string]int{}}
	for _, t := range c.TasksFor(flags) {
		l.tasks[t.ID] = t
	}
	l.anchor()
	for id := range l.tasks {
		l.dueOf(id)
	}
	return l
}

// days returns the typical duration of a phase, shorter in a renewal.
func (l *timeline) days(p catalog.Phase) int {
	d := float64(l.c.Duration(p, l.size)[1])
	if f, ok := l.c.Renewal.ShrinkDurations[p]; ok && slices.Contains(l.flags, "renewal") {
		d *= f
	}
	return int(math.Ceil(d))
}

func (l *timeline) anchor() {
	a := l.anchors
	a["gap_start"] = l.days(catalog.PhaseKickoff) + 1
	a["remediation_start"] = a["gap_start"] + l.days(catalog.PhaseGap) + 1
	a["readiness_date"] = a["remediation_start"] + l.days(catalog.PhaseRemediation)
	last, open := a["readiness_date"], a["readiness_date"]+l.days(catalog.PhaseWindowSetup)
	if slices.Contains(l.flags, "t1") {
		a["as_of_date"] = a["readiness_date"] + l.days(catalog.PhaseT1Prep)
		a["t1_fieldwork_start"] = a["as_of_date"] + 5
		a["t1_report_date"] = a["t1_fieldwork_start"] + l.days(catalog.PhaseT1Fieldwork) + l.days(catalog.PhaseT1Report)
		last, open = a["t1_report_date"], a["as_of_date"]+1
	}
	if slices.Contains(l.flags, "t2") {
		a["window_open"] = open
		a["window_mid"] = open + 63
		a["window_close"] = open + 126 // six months of 21 business days
		a["t2_fieldwork_start"] = a["window_close"] + max(10, l.days(catalog.PhaseT2Close))
		a["t2_report_date"] = a["t2_fieldwork_start"] + l.days(catalog.PhaseT2Fieldwork) + l.days(catalog.PhaseT2Report)
		last = a["t2_report_date"]
	}
	a["final_report_date"] = last
}

// offset scales the offsets of the five phases that are written for the 50-person duration, rounding up.
func (l *timeline) offset(t catalog.TaskTemplate) int {
	if t.Due.Unit == catalog.UnitCalendarDays {
		return t.Due.Offset * 5 / 7
	}
	switch t.Phase {
	case catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork, catalog.PhaseT2Fieldwork:
		if t.Due.Offset > 0 {
			written := float64(l.c.Duration(t.Phase, 50)[1])
			return int(math.Ceil(float64(t.Due.Offset*l.days(t.Phase)) / written))
		}
	}
	return t.Due.Offset
}

// dueOf returns the later of a task's own date and those of the tasks it waits for.
func (l *timeline) dueOf(id string) int {
	if d, ok := l.due[id]; ok {
		return d
	}
	t := l.tasks[id]
	own := l.anchors[t.Due.Anchor] + l.offset(t)
	due := own
	for _, dep := range t.After {
		if _, ok := l.tasks[dep]; ok {
			due = max(due, l.dueOf(dep))
		}
	}
	if due > own {
		l.clipped[id] = due - own
	}
	l.due[id] = due
	return due
}

func TestSimulatedPlansIssueTheReportOnItsDate(t *testing.T) {
	c := load(t)
	clipped := map[string]int{}
	for _, kind := range c.Types {
		for _, size := range c.Sizes {
			l := newTimeline(c, kind.Flags, size)
			for id, anchor := range map[string]string{"RE-16": "readiness_date", "T1-16": "t1_report_date",
				"T2-15": "t2_report_date"} {
				if _, planned := l.tasks[id]; planned && l.due[id] != l.anchors[anchor] {
					t.Errorf("%s with %d people: %s is due on day %d, its %s is day %d",
						kind.ID, size, id, l.due[id], anchor, l.anchors[anchor])
				}
			}
			for id, days := range l.clipped {
				clipped[id] = max(clipped[id], days)
				if size != c.Sizes[0] || days > 2 {
					t.Errorf("%s with %d people: %s waits %d days longer than its own date says", kind.ID, size, id, days)
				}
			}
		}
	}
	same(t, "days that tasks wait for others at the smallest size", clipped, map[string]int{"T1-01": 2, "WS-01": 2})
}
