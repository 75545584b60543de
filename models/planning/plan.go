// Package planning turns what is agreed about an engagement into dates, forwards and backwards.
package planning

import (
	"fmt"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A plan turns what is agreed about an engagement into dates: anchors, phases, and the day each task is due. It is the same
// calculation before the start, while the engagement runs (with what has really happened) and in a forecast. The rules are
// those of catalog phases.yaml (anchors, durations, tasks, renewal_rules) and domain.md 3 and 4.

// A Span is a stretch of days, both inclusive. A zero Start or End is not known yet.
type Span struct {
	Start models.Date `json:"start,omitzero"`
	End   models.Date `json:"end,omitzero"`
}

// Columns of the table of durations (domain.md 3.2).
const (
	PaceLow     = -1
	PaceTypical = 0
	PaceHigh    = +1
)

// PlanInput is what a plan is computed from.
type PlanInput struct {
	Type       string             // an engagement type of the catalog
	Addons     []string           // add-ons of the catalog
	Headcount  int                // people at the client, 1 to 1,000,000: sets the size
	Categories []catalog.Category // SOC 2: with security. SOC 1: none. Cybersecurity: none stands for the usual three

	Kickoff       models.Date
	AsOf          models.Date // Type 1: zero is the default of the rule; a given one never moves
	WindowOpen    models.Date // Type 2: zero is the default of the rule; a given one never moves
	WindowMonths  int         // Type 2: 1 to 24; 0 is the catalog's default
	PreviousClose models.Date // renewal: last day of the window before; the new one opens the day after

	Firm   models.Calendar // business days of partner, manager, consultants and auditor
	Client models.Calendar // business days of everybody else

	Actual map[catalog.Phase]Span        // what has really happened: Start once entered, End once left
	Ends   map[catalog.Phase]models.Date // forecast: a phase that is under way is not expected to end before this day
	Days   map[catalog.Phase]int         // forecast: durations in business days in place of the catalog's, stretched no further
	Factor float64                       // by how much the catalog's durations are stretched; 0 is 1
	Pace   int                           // which of the catalog's durations: PaceLow, PaceTypical, PaceHigh
}

// A Schedule is the outline of an engagement: its anchors and phases. It is cheap to compute, as a forecast does it
// at every command.
type Schedule struct {
	Flags    []string               // of the type and its add-ons
	Size     int                    // company size of the catalog's tables that stands for the headcount
	Months   int                    // length of the observation window; 0 without Type 2
	Days     map[catalog.Phase]int  // business days each phase takes; the window has none
	Anchors  map[string]models.Date // by the catalog's anchor id, those whose flags are set
	Phases   []PhasePlan            // in the catalog's order
	Report   models.Date            // the last deliverable: anchor final_report_date
	Warnings []Warning              // what is possible but should be looked at
}

// A Plan is a schedule with the tasks in it.
type Plan struct {
	Schedule
	Tasks []TaskPlan // in the catalog's order
}

// A PhasePlan is when a phase is under way, first and last day. Phases overlap, and one that follows another at once
// begins on the day it ends.
type PhasePlan struct {
	Phase catalog.Phase
	Start models.Date
	End   models.Date
}

// A TaskPlan is the day on which a task of the catalog is due: a business day of its owner. Every copy of an expanded task
// has it, and it is the first of a repeated one. Of a task with FromCadence it is the earliest there could be: each
// occurrence has a date of its own.
type TaskPlan struct {
	Template string
	Phase    catalog.Phase
	Due      models.Date
	Opens    models.Date // when it can be begun: what comes first is due and has been accepted, and its phase has begun
}

// A Warning says what in a plan is possible but should be looked at by people.
type Warning struct {
	Code  string // one of the codes below: stable
	Field string // of the input it is about
	Text  string // for people
	Days  int    // business days, when it is about lateness; calendar days of a gap or overlap
}

// The codes of warnings.
const (
	WarnReadinessLate = "readiness_late" // as-of date or window come before readiness sign-off, by Days business days
	// WarnPreparationShort is that the as-of date comes Days business days too soon after readiness sign-off to prepare for it.
	WarnPreparationShort = "preparation_short"
	WarnWindowLength     = "window_length"    // a length that needs the partner's approval
	WarnWindowShort      = "window_short"     // shorter than readers expect of a Type 2
	WarnWindowMonthEnd   = "window_month_end" // opens at a month's end: by a catalog of before monthly controls count from that one day
	// WarnWindowFirst is that the window opens shortly before the end of a quarter, whose few days join the next one.
	WarnWindowFirst     = "window_first_period"
	WarnWindowOverlap   = "window_overlap"   // opens on or before the Type 1 as-of date
	WarnCoverageGap     = "coverage_gap"     // Days calendar days between two windows are covered by no report
	WarnCoverageOverlap = "coverage_overlap" // Days calendar days are covered twice
	WarnKickoffDayOff   = "kickoff_day_off"  // kickoff when firm or client do not work
	WarnKickoffPast     = "kickoff_past"     // the kickoff was before today, by Days calendar days
	WarnKickoffFar      = "kickoff_far"      // the kickoff is more than a year ahead
	WarnAsOfPast        = "as_of_past"       // the as-of date was before today
	WarnReportPast      = "report_past"      // the report would have been due before today
	// WarnPhaseShort is that a phase is Days business days too short for its work: the tasks it names are due sooner after they open than
	// they take.
	WarnPhaseShort = "phase_short"
)

// Asked are the codes of warnings that are asked about before an engagement is started: they may be right, and are mostly a wrong year.
var Asked = []string{WarnKickoffPast, WarnKickoffFar, WarnAsOfPast, WarnReportPast}

// Doubts returns what is to be asked about before an engagement with these dates is started on a day: what of them lies in the past, and a
// kickoff more than a year ahead.
func (s Schedule) Doubts(today models.Date) []Warning {
	var out []Warning
	past := func(code, field, what string, day models.Date) {
		if !day.IsZero() && day.Before(today) {
			out = append(out, Warning{Code: code, Field: field, Days: day.DaysUntil(today),
				Text: fmt.Sprintf("%s, %s, lies in the past: today is %s", what, day, today)})
		}
	}
	kickoff := s.Anchors["kickoff_date"]
	past(WarnKickoffPast, "kickoff", "the kickoff", kickoff)
	if kickoff.After(today.AddMonths(12)) {
		out = append(out, Warning{Code: WarnKickoffFar, Field: "kickoff", Days: today.DaysUntil(kickoff),
			Text: fmt.Sprintf("the kickoff, %s, is more than a year ahead of today, %s", kickoff, today)})
	}
	past(WarnAsOfPast, "as_of", "the as-of date", s.Anchors["as_of_date"])
	past(WarnReportPast, "kickoff", "the report", s.Report)
	return out
}

// NewPlan plans an engagement from kickoff to report. It refuses input that contradicts itself, naming the field; what is
// merely unwise is planned with a warning. No task is due before one it depends on, and by a catalog that asks for it none with less time
// than it takes, unless its phase is too short for that.
func NewPlan(c *catalog.Catalog, in PlanInput) (Plan, error) {
	p, err := newPlanner(c, in)
	if err != nil {
		return Plan{}, err
	}
	s, err := p.schedule()
	if err != nil {
		return Plan{}, err
	}
	tasks, short, err := p.tasks(s)
	s.Warnings = append(s.Warnings, short...)
	return Plan{s, tasks}, err
}

// NewSchedule plans as NewPlan does, without the tasks.
func NewSchedule(c *catalog.Catalog, in PlanInput) (Schedule, error) {
	p, err := newPlanner(c, in)
	if err != nil {
		return Schedule{}, err
	}
	return p.schedule()
}

// schedule lays out anchors and phases.
func (p *planner) schedule() (Schedule, error) {
	if err := p.checkKickoff(); err != nil {
		return Schedule{}, err
	}
	d := p.dates(p.in.Kickoff)
	s := Schedule{Flags: p.flags, Size: p.size, Months: p.months, Days: p.days,
		Anchors: p.anchors(d), Phases: p.phases(d), Report: d.final, Warnings: p.warnings(d)}
	for _, ph := range s.Phases {
		for _, day := range [...]models.Date{ph.Start, ph.End} {
			if day.Check() != nil {
				return Schedule{}, p.outOfRange(day)
			}
		}
	}
	return s, nil
}

func (p *planner) outOfRange(day models.Date) error {
	return models.Refuse(models.Invalid, "kickoff", "a plan from kickoff %s would reach %s: years go from %d to %d", p.in.Kickoff, day,
		models.MinYear, models.MaxYear)
}

// Due returns when a template's task is due in a plan; zero when it has none.
func (p Plan) Due(template string) models.Date {
	for _, t := range p.Tasks {
		if t.Template == template {
			return t.Due
		}
	}
	return models.Date{}
}
