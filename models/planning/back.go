package planning

import (
	"fmt"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Backward says what a wanted report date asks for: the latest days on which everything could still begin (domain.md 3,
// 4), or why it cannot be met.
type Backward struct {
	Want     models.Date // the report date asked for
	Possible bool        // it can be met, from the kickoff given or, when none was, from some kickoff

	// When possible: the latest kickoff from which the plan reports in time and is ready before its as-of date and window,
	// on a business day of firm and client; when that plan reports; and the latest as-of date and window that leave time
	// for fieldwork and report. Dates that were given are repeated; those the type does not have are zero.
	Kickoff     models.Date
	Report      models.Date
	AsOf        models.Date
	WindowOpen  models.Date
	WindowClose models.Date
	Warnings    []Warning // of the plan from Kickoff

	// When not possible: the first thing, counted back from the wanted date, that does not fit after the kickoff; and the
	// earliest report date that can be met from that kickoff.
	Binding  Constraint
	Earliest models.Date
}

// A Constraint is what stands between a kickoff and a wanted report date.
type Constraint struct {
	Phase catalog.Phase
	Text  string // for people
	Days  int    // business days that the phase named takes, with those of the same text; 0 for the window
}

// PlanBack plans from a wanted report date back to the kickoff. Kickoff in the input, when given, is the earliest possible
// one. Actual and Ends do not count: it is about a beginning. It refuses the input that NewPlan refuses, and a report date
// before the kickoff.
func PlanBack(c *catalog.Catalog, in PlanInput, want models.Date) (Backward, error) {
	in.Actual, in.Ends = nil, nil
	p, err := newPlanner(c, in)
	if err != nil {
		return Backward{}, err
	}
	switch {
	case want.IsZero():
		return Backward{}, models.Refuse(models.Invalid, "report", "report is missing: the date on which the report is wanted")
	case want.Check() != nil:
		return Backward{}, models.Refuse(models.Invalid, "report", "report: %s", want.Check())
	case !in.Kickoff.IsZero() && want.Before(in.Kickoff):
		return Backward{}, models.Refuse(models.Invalid, "report", "the report date %s is before the kickoff %s", want, in.Kickoff)
	}
	if !in.Kickoff.IsZero() {
		if _, err := p.schedule(); err != nil {
			return Backward{}, err
		}
		return p.backTo(in.Kickoff, want)
	}
	first := models.Date{Year: models.MinYear, Month: 1, Day: 1}
	from := models.Later(first, want.AddDays(-366))
	for span := 366; !p.safe(from, want) && from != first; span *= 2 {
		from = models.Later(first, want.AddDays(-span))
	}
	return p.backTo(from, want)
}

// safe reports whether a kickoff on day k gives a report by want, with readiness before whatever needs it.
func (p *planner) safe(k, want models.Date) bool {
	d := p.dates(k)
	return !d.final.After(want) && p.ready(d)
}

// ready reports whether readiness sign-off comes before the dates that need it. Dates that are not given follow it.
func (p *planner) ready(d dates) bool {
	return !(p.t1 && d.ready.After(d.asOf)) && !(p.t2 && d.ready.After(d.open)) &&
		!(p.t1 && d.asOf.Before(d.kickoff)) && !(p.t2 && !p.again && d.open.Before(d.kickoff))
}

// backTo plans back from want to no earlier than first.
func (p *planner) backTo(first, want models.Date) (Backward, error) {
	b := Backward{Want: want, Kickoff: first}
	d := p.dates(first)
	switch {
	case p.safe(first, want):
		b.Kickoff = p.back(p.latest(first, want, func(k models.Date) bool { return p.safe(k, want) }))
		if b.Kickoff.Before(p.in.Kickoff) { // the earliest possible day is a day off, and the only one
			b.Kickoff = p.in.Kickoff
		}
	case p.again && !d.final.After(want) && !p.in.Kickoff.IsZero():
		// Late for the new window, which opens all the same: the controls have run since the last one.
	case p.in.Kickoff.IsZero() && p.in.WindowOpen.IsZero() && p.in.AsOf.IsZero() && !p.again:
		return Backward{}, models.Refuse(models.Invalid, "report", "no kickoff since %s gives a report by %s", first, want)
	default:
		return p.impossible(first, want), nil
	}
	b.Possible = true
	p.in.Kickoff = b.Kickoff
	d = p.dates(b.Kickoff)
	b.Report, b.Warnings = d.final, p.warnings(d)
	p.latestDates(&b, d)
	return b, nil
}

// latest returns the latest day from first, for which ok holds, to last for which it does. What ok asks must not become
// true again once it is false.
func (p *planner) latest(first, last models.Date, ok func(models.Date) bool) models.Date {
	lo, hi := first.Number(), max(first.Number(), last.Number())+1 // ok at lo, not at hi
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; ok(models.DateOf(mid)) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return models.DateOf(lo)
}

// latestDates fills in the latest as-of date and window, given the plan from the latest kickoff.
func (p *planner) latestDates(b *Backward, d dates) {
	if p.t2 {
		b.WindowOpen = d.open
		if p.in.WindowOpen.IsZero() && !p.again {
			b.WindowOpen = p.latest(d.open, b.Want, func(open models.Date) bool {
				x := dates{open: open}
				p.fromOpen(&x)
				return !x.t2Report.After(b.Want)
			})
		}
		b.WindowClose = b.WindowOpen.AddMonths(p.months).AddDays(-1)
	}
	if p.t1 {
		b.AsOf = d.asOf
		if p.in.AsOf.IsZero() {
			b.AsOf = p.latest(d.asOf, b.Want, func(asOf models.Date) bool {
				x := dates{asOf: asOf}
				p.fromAsOf(&x)
				return !x.t1Report.After(b.Want) && (!p.t2 || asOf.Before(b.WindowOpen))
			})
		}
	}
}

// impossible says why a kickoff on day k, or none at all, does not give a report by want.
func (p *planner) impossible(k, want models.Date) Backward {
	b := Backward{Want: want, Binding: p.binding(k, want)}
	d := p.dates(k)
	if !p.ready(d) && !p.again { // the dates given are too early for this kickoff: the earliest that are not
		free := *p
		free.in.AsOf, free.in.WindowOpen = models.Date{}, models.Date{}
		d = free.dates(k)
	}
	if !p.in.Kickoff.IsZero() || !p.in.WindowOpen.IsZero() || p.again {
		b.Earliest = d.final
	}
	return b
}

// binding finds the first part of the route, counted from its end, with which it no longer fits between k and want.
func (p *planner) binding(k, want models.Date) Constraint {
	for _, tail := range p.tails() {
		if d := tail.from(k); d.final.After(want) {
			return tail.Constraint
		}
	}
	d := p.dates(k)
	field, day := "as-of date", d.asOf
	if p.t2 && d.ready.After(d.open) {
		field, day = "window's first day", d.open
	}
	days := p.days[catalog.PhaseKickoff] + p.days[catalog.PhaseGap] + p.days[catalog.PhaseRemediation]
	return Constraint{catalog.PhaseRemediation, "readiness takes " + models.BusinessDays(days) + ": sign-off on " + d.ready.String() +
		" would come after the " + field + " " + day.String(), days}
}

// A tail is the last part of a route, from one of its phases to the report.
type tail struct {
	Constraint
	from func(k models.Date) dates // when its first phase begins on day k
}

// tails returns the ends of the route, the shortest first.
func (p *planner) tails() []tail {
	var out []tail
	add := func(from func(*dates, models.Date), text string, phases ...catalog.Phase) {
		t := tail{Constraint: Constraint{Phase: phases[0]}, from: func(k models.Date) dates {
			var d dates
			from(&d, k)
			return d
		}}
		for _, ph := range phases {
			t.Days += p.days[ph]
		}
		t.Text = text
		if t.Days > 0 {
			t.Text += " " + models.BusinessDays(t.Days)
		}
		out = append(out, t)
	}
	switch {
	case p.t2:
		p.tailsOfType2(add)
	case p.t1:
		p.tailsOfType1(add)
	}
	add(func(d *dates, k models.Date) {
		d.ready = p.end(catalog.PhaseRemediation, k)
		p.fromReady(d)
	}, "remediation takes", catalog.PhaseRemediation)
	add(func(d *dates, k models.Date) {
		d.remediation = p.roll(p.end(catalog.PhaseGap, k).Next())
		d.ready = p.end(catalog.PhaseRemediation, d.remediation)
		p.fromReady(d)
	}, "the gap analysis takes", catalog.PhaseGap)
	add(func(d *dates, k models.Date) { *d = p.dates(k) }, "kickoff and scoping take", catalog.PhaseKickoff)
	return out
}

func (p *planner) tailsOfType2(add func(func(*dates, models.Date), string, ...catalog.Phase)) {
	add(func(d *dates, k models.Date) { d.final = p.end(catalog.PhaseT2Report, k) },
		"the report takes", catalog.PhaseT2Report)
	add(func(d *dates, k models.Date) {
		d.final = p.end(catalog.PhaseT2Report, p.end(catalog.PhaseT2Fieldwork, k))
	},
		"fieldwork and report take", catalog.PhaseT2Fieldwork, catalog.PhaseT2Report)
	add(func(d *dates, k models.Date) {
		d.final = p.end(catalog.PhaseT2Report, p.end(catalog.PhaseT2Fieldwork, p.closed(k)))
	},
		"window close, fieldwork and report take", catalog.PhaseT2Close, catalog.PhaseT2Fieldwork, catalog.PhaseT2Report)
	window := fmt.Sprintf("the observation window of %d months", p.months)
	fixed := p.in.WindowOpen
	if fixed.IsZero() && p.again {
		fixed = p.in.PreviousClose.Next()
	}
	if !fixed.IsZero() {
		window += " that opens on " + fixed.String()
	}
	add(func(d *dates, k models.Date) {
		if d.open = k; !fixed.IsZero() {
			d.open = fixed
		}
		p.fromOpen(d)
	}, window, catalog.PhaseWindow)
	fromReady := func(d *dates, k models.Date) {
		d.ready = k
		p.fromReady(d)
	}
	switch {
	case p.t1 && !p.in.AsOf.IsZero():
		add(fromReady, "the Type 1 as-of date is "+p.in.AsOf.String()+"; its preparation takes", catalog.PhaseT1Prep)
	case p.t1 && p.days[catalog.PhaseT1Prep] >= p.days[catalog.PhaseWindowSetup]:
		add(fromReady, "Type 1 preparation takes", catalog.PhaseT1Prep)
	default:
		add(fromReady, "setting up the window takes", catalog.PhaseWindowSetup)
	}
}

func (p *planner) tailsOfType1(add func(func(*dates, models.Date), string, ...catalog.Phase)) {
	add(func(d *dates, k models.Date) { d.final = p.end(catalog.PhaseT1Report, k) },
		"the report takes", catalog.PhaseT1Report)
	add(func(d *dates, k models.Date) {
		d.final = p.end(catalog.PhaseT1Report, p.end(catalog.PhaseT1Fieldwork, k))
	},
		"fieldwork and report take", catalog.PhaseT1Fieldwork, catalog.PhaseT1Report)
	prep := "Type 1 preparation takes"
	if !p.in.AsOf.IsZero() {
		prep = "the as-of date is " + p.in.AsOf.String() + "; its preparation takes"
	}
	add(func(d *dates, k models.Date) {
		d.ready = k
		p.fromReady(d)
	}, prep, catalog.PhaseT1Prep)
}
