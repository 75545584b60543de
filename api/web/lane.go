package web

import (
	"fmt"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A lane is one engagement on an axis: above what happens, below what was promised.
type lane struct {
	Bars     []bar
	Slip     string // the class of what the running phase has run over
	Base     []string
	Miles    []bar
	Cautious string
	Ring     string // where the report was promised
	Dot      string // where it is expected
	Late     bool
	Beyond   string // when it is expected, where that is not on the axis
}

// A bar is a phase.
type bar struct {
	Class string
	Name  string // as it stands on the bar
	Said  string // what is read out
	Share string // how much of it is done, while it runs
}

// shortNames are the names of phases as they stand on a bar.
var shortNames = map[catalog.Phase]string{catalog.PhaseKickoff: "Kickoff", catalog.PhaseGap: "Gap", catalog.PhaseRemediation: "Remediation",
	catalog.PhaseWindowSetup: "Setup", catalog.PhaseWindow: "Window", catalog.PhaseT2Close: "Close", catalog.PhaseT2Fieldwork: "Fieldwork",
	catalog.PhaseT2Report: "Report", catalog.PhaseT1Prep: "Preparation", catalog.PhaseT1Fieldwork: "Fieldwork",
	catalog.PhaseT1Report: "Report"}

// laneOf draws an engagement.
func (v *visit) laneOf(a axis, row store.PortfolioRow, t store.Timeline) lane {
	var out lane
	for _, p := range t.Phases {
		if b, on := v.barOf(a, row, p); on {
			out.Bars = append(out.Bars, b)
		}
		if end := p.Plan.End; p.Standing == engagement.StandingActive && a.today.After(end) {
			out.Slip, _ = a.span(end.AddDays(1), a.today)
		}
		if span, ok := t.Baseline.Phases[p.Phase]; ok {
			if class, on := a.span(span.Start, span.End); on {
				out.Base = append(out.Base, class)
			}
		}
	}
	v.reportMarks(a, row, &out)
	return out
}

// barOf draws a phase, if any of it is on the axis.
func (v *visit) barOf(a axis, row store.PortfolioRow, p engagement.PhaseState) (bar, bool) {
	tmpl, _ := v.Root.Catalog.Phase(p.Phase)
	from, to, class, said := p.Plan.Start, p.Plan.End, "next", "planned"
	switch p.Standing {
	case engagement.StandingDone:
		from, to, class, said = p.Actual.Start, p.Actual.End, "done", "done"
	case engagement.StandingActive:
		from, to, class, said = p.Actual.Start, models.Later(p.Plan.End, p.Actual.Start), "now-on", "running"
	case engagement.StandingDropped:
		return bar{}, false
	}
	if row.Status == engagement.StatusPaused && p.Standing != engagement.StandingDone {
		class = "held"
	}
	at, on := a.span(from, to)
	if !on {
		return bar{}, false
	}
	b := bar{Class: at + " " + class, Name: shortNames[p.Phase],
		Said: fmt.Sprintf(", %s, %s, %s to %s", tmpl.Name, said, longDay(from), longDay(to))}
	if b.Name == "" {
		b.Name = tmpl.Name
	}
	if from.Before(a.from) {
		b.Class += " open-start"
	}
	switch p.Phase {
	case catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report:
		if len(row.Summary.Reports) > 1 {
			b.Class += " thin"
		}
	case catalog.PhaseWindow:
		b.Class += fmt.Sprintf(" window n%d", max(1, monthsIn(from, to)))
	}
	if p.Standing == engagement.StandingActive && p.Tasks > 0 {
		b.Share = fmt.Sprintf("%d %%", 100*p.Closed/p.Tasks)
	}
	return b, true
}

// monthsIn is how many months a span has, the last counted when more than half of it is there.
func monthsIn(from, to models.Date) int { return (from.DaysUntil(to) + 15) / 30 }

// reportMarks draws when reports were promised and are expected: the last on the line, one before it as a milestone.
func (v *visit) reportMarks(a axis, row store.PortfolioRow, out *lane) {
	reports := row.Summary.Reports
	for i, r := range reports {
		day := r.Expected
		if !r.Issued.IsZero() {
			day = r.Issued
		}
		at, on := a.spot(day)
		if i < len(reports)-1 {
			if on {
				class := at
				if !r.Issued.IsZero() {
					class += " passed"
				}
				out.Miles = append(out.Miles, bar{Class: class, Said: r.Kind.Name() + " " + longDay(day)})
			}
			continue
		}
		out.Late = r.Late > 0
		if on {
			out.Dot = at
		} else if day.After(a.from) {
			out.Beyond = longDay(day)
		}
		if at, on := a.spot(r.Promised); on {
			out.Ring = at
		}
		if r.Issued.IsZero() && r.Cautious.After(day) {
			out.Cautious, _ = a.span(day, r.Cautious.AddDays(-1))
		}
	}
}
