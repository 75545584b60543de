package planning

import (
	"fmt"
	"slices"
	"strconv"

	"tickmark/models"
	"tickmark/models/catalog"
)

// dates are the turning points of an engagement. Those of a report it has not are zero.
type dates struct {
	kickoff, scoped       models.Date // the kickoff phase's first and last day
	gap, accepted         models.Date
	remediation, ready    models.Date
	asOf                  models.Date
	t1Fieldwork, t1Closed models.Date
	t1Report              models.Date
	open, close           models.Date // the observation window
	t2Fieldwork, t2Closed models.Date
	t2Report              models.Date
	final                 models.Date
}

const (
	t1FieldworkAfter = 5  // business days from the as-of date to Type 1 fieldwork (anchor t1_fieldwork_start)
	t1PrepAfter      = 2  // business days after the as-of date on which the last tasks of its preparation are due
	T2FieldworkAfter = 10 // least business days from the window's last day to Type 2 fieldwork (anchor t2_fieldwork_start)
)

// dates computes every turning point from the kickoff, by the rules of the catalog's anchors. What has really happened
// takes the place of what was planned. Each step is monotone: a later kickoff never makes anything earlier; PlanBack
// relies on it.
func (p *planner) dates(kickoff models.Date) dates {
	var d dates
	d.kickoff = p.start(catalog.PhaseKickoff, kickoff)
	d.scoped = p.end(catalog.PhaseKickoff, d.kickoff)
	d.gap = p.start(catalog.PhaseGap, p.roll(d.scoped.Next()))
	d.accepted = p.end(catalog.PhaseGap, d.gap)
	d.remediation = p.start(catalog.PhaseRemediation, p.roll(d.accepted.Next()))
	d.ready = p.end(catalog.PhaseRemediation, d.remediation)
	p.fromReady(&d)
	return d
}

// fromReady continues from readiness sign-off.
func (p *planner) fromReady(d *dates) {
	d.final = d.ready
	if p.t1 {
		d.asOf = p.in.AsOf
		if d.asOf.IsZero() {
			d.asOf = p.finish(p.start(catalog.PhaseT1Prep, d.ready), p.days[catalog.PhaseT1Prep])
		}
		p.fromAsOf(d)
	}
	if p.t2 {
		d.open = p.opening(*d)
		p.fromOpen(d)
	}
}

// fromAsOf continues with the Type 1 from its as-of date.
func (p *planner) fromAsOf(d *dates) {
	d.t1Fieldwork = p.start(catalog.PhaseT1Fieldwork, models.Later(p.finish(d.asOf, t1FieldworkAfter), p.known(catalog.PhaseT1Prep)))
	d.t1Closed = p.end(catalog.PhaseT1Fieldwork, d.t1Fieldwork)
	d.t1Report = p.end(catalog.PhaseT1Report, p.start(catalog.PhaseT1Report, d.t1Closed))
	d.final = d.t1Report
}

// opening returns the first day of the observation window. When it is not given it is the day after the as-of date, but
// not before the window has been set up; in a renewal the day after the previous window, come what may, since a gap
// between two reports is worse than a late preparation (domain.md 4.2, 4.6).
func (p *planner) opening(d dates) models.Date {
	switch {
	case !p.in.WindowOpen.IsZero():
		return p.in.WindowOpen
	case p.again:
		return p.in.PreviousClose.Next()
	}
	open := p.end(catalog.PhaseWindowSetup, p.start(catalog.PhaseWindowSetup, d.ready))
	if p.t1 {
		open = models.Later(open, d.asOf.Next())
	}
	return p.start(catalog.PhaseWindow, open)
}

// fromOpen continues with the Type 2 from the first day of its window. The window's last day does not move when people
// are late, only what follows it (domain.md 8).
func (p *planner) fromOpen(d *dates) {
	d.close = d.open.AddMonths(p.months).AddDays(-1)
	d.t2Fieldwork = p.start(catalog.PhaseT2Fieldwork, p.closed(d.close))
	d.t2Closed = p.end(catalog.PhaseT2Fieldwork, d.t2Fieldwork)
	d.t2Report = p.end(catalog.PhaseT2Report, p.start(catalog.PhaseT2Report, d.t2Closed))
	d.final = d.t2Report
}

// closed returns when Type 2 fieldwork may start after a window's last day: when populations are pulled, which takes its
// time from the day the window phase was really left, and in any case not before ten business days.
func (p *planner) closed(last models.Date) models.Date {
	earliest := p.finish(last, max(T2FieldworkAfter, p.days[catalog.PhaseT2Close]))
	if left := p.in.Actual[catalog.PhaseT2Close].End; !left.IsZero() {
		return models.Later(earliest, p.roll(left))
	}
	window := p.in.Actual[catalog.PhaseWindow].End
	if window.IsZero() {
		window = p.in.Ends[catalog.PhaseWindow]
	}
	for _, late := range [...]models.Date{window, p.in.Actual[catalog.PhaseT2Close].Start} { // left late; entered late or sent back
		if late.After(p.roll(last.Next())) {
			earliest = models.Later(earliest, p.finish(late, p.days[catalog.PhaseT2Close]))
		}
	}
	return models.Later(earliest, p.known(catalog.PhaseT2Close))
}

// start returns when a phase was entered, else when it is planned to be.
func (p *planner) start(ph catalog.Phase, planned models.Date) models.Date {
	if was := p.in.Actual[ph].Start; !was.IsZero() {
		return was
	}
	return planned
}

// end returns when a phase entered on start was left, else when it is expected to be.
func (p *planner) end(ph catalog.Phase, start models.Date) models.Date {
	if was := p.in.Actual[ph].End; !was.IsZero() {
		return was
	}
	return models.Later(p.finish(start, p.days[ph]), p.known(ph))
}

// known returns the business day on or after which a phase was left or, being under way, is at least expected to be left;
// zero when nothing is known.
func (p *planner) known(ph catalog.Phase) models.Date {
	end := p.in.Actual[ph].End
	if end.IsZero() {
		end = p.in.Ends[ph]
	}
	if end.IsZero() {
		return end
	}
	return p.roll(end)
}

// finish returns the day n business days after d for firm and client both: the later of their two, on a day when both
// work. Phases are joint work: the side with more holidays sets the pace.
func (p *planner) finish(d models.Date, n int) models.Date {
	return p.roll(models.Later(p.in.Firm.Add(d, n), p.in.Client.Add(d, n)))
}

// roll returns the first day, d or after it, on which both firm and client work; when they find none in a year of
// closures, the firm's next one.
func (p *planner) roll(d models.Date) models.Date {
	day := d
	for range 60 {
		firm := p.in.Firm.Roll(day)
		if day = p.in.Client.Roll(firm); day == firm {
			return day
		}
	}
	return p.in.Firm.Roll(d)
}

// back is roll into the past.
func (p *planner) back(d models.Date) models.Date {
	day := d
	for range 60 {
		firm := p.in.Firm.Back(day)
		if day = p.in.Client.Back(firm); day == firm {
			return day
		}
	}
	return p.in.Firm.Back(d)
}

// anchors names the turning points as the catalog does.
func (p *planner) anchors(d dates) map[string]models.Date {
	a := make(map[string]models.Date, 16)
	a["kickoff_date"], a["gap_start"], a["remediation_start"] = d.kickoff, d.gap, d.remediation
	a["readiness_date"], a["final_report_date"] = d.ready, d.final
	if p.t1 {
		a["as_of_date"], a["t1_fieldwork_start"], a["t1_report_date"] = d.asOf, d.t1Fieldwork, d.t1Report
	}
	if p.t2 {
		a["window_open"], a["window_mid"], a["window_close"] = d.open, Span{d.open, d.close}.Middle(), d.close
		a["t2_fieldwork_start"], a["t2_report_date"] = d.t2Fieldwork, d.t2Report
	}
	return a
}

// phases lays the phases of the route between the turning points.
func (p *planner) phases(d dates) []PhasePlan {
	out := make([]PhasePlan, 0, len(p.c.Phases))
	for i := range p.c.Phases { // where it stands: a phase with its gates is dear to copy
		if !models.HasAll(p.flags, p.c.Phases[i].When) {
			continue
		}
		ph := p.c.Phases[i].ID
		s := p.span(ph, d)
		s.Start = p.start(ph, s.Start)
		s.End = models.Later(s.Start, s.End)
		if was := p.in.Actual[ph].End; !was.IsZero() {
			s = Span{models.Earlier(s.Start, was), was} // it may have been left before it was to begin
		}
		out = append(out, PhasePlan{ph, s.Start, s.End})
	}
	return out
}

// span returns the first and last day of a phase, as planned.
func (p *planner) span(ph catalog.Phase, d dates) Span {
	switch ph {
	case catalog.PhaseKickoff:
		return Span{d.kickoff, d.scoped}
	case catalog.PhaseGap:
		return Span{d.gap, d.accepted}
	case catalog.PhaseRemediation:
		return Span{d.remediation, d.ready}
	case catalog.PhaseT1Prep:
		return Span{d.ready, models.Later(p.finish(d.asOf, t1PrepAfter), p.known(ph))}
	case catalog.PhaseT1Fieldwork:
		return Span{d.t1Fieldwork, d.t1Closed}
	case catalog.PhaseT1Report:
		return Span{d.t1Closed, d.t1Report}
	case catalog.PhaseWindowSetup:
		n := -p.days[ph]
		start := models.Earlier(p.in.Firm.Add(d.open, n), p.in.Client.Add(d.open, n))
		return Span{models.Later(start, models.Earlier(d.kickoff, d.open)), models.Later(d.open, p.in.Ends[ph])}
	case catalog.PhaseWindow:
		return Span{d.open, models.Later(d.close, p.in.Ends[ph])}
	case catalog.PhaseT2Close:
		return Span{d.close.Next(), d.t2Fieldwork}
	case catalog.PhaseT2Fieldwork:
		return Span{d.t2Fieldwork, d.t2Closed}
	case catalog.PhaseT2Report:
		return Span{d.t2Closed, d.t2Report}
	default:
		return Span{d.final, models.Later(p.end(catalog.PhaseRenewal, d.final), p.tidied(d.final))}
	}
}

// tidied returns when the last is due of what follows the last report: in a small company the table gives that phase fewer days than its
// own tasks have, and it does not end before they are done.
func (p *planner) tidied(report models.Date) models.Date {
	last := report
	for i := range p.c.Tasks {
		t := &p.c.Tasks[i]
		if t.Phase == catalog.PhaseRenewal && t.Due.Anchor == "final_report_date" && t.Due.Unit != catalog.UnitCalendarDays &&
			models.HasAll(p.flags, t.When) {
			last = models.Later(last, p.calendar(t.Owner).Add(report, t.Due.Offset))
		}
	}
	return p.roll(last)
}

// warnings returns what people should look at before they agree to the dates.
func (p *planner) warnings(d dates) []Warning {
	var out []Warning
	warn := func(code, field string, days int, format string, args ...any) {
		out = append(out, Warning{Code: code, Field: field, Days: days, Text: fmt.Sprintf(format, args...)})
	}
	if p.in.Actual[catalog.PhaseKickoff].Start.IsZero() && p.roll(d.kickoff) != d.kickoff {
		warn(WarnKickoffDayOff, "kickoff", 0, "the kickoff, %s %s, is a day off for the firm or the client", d.kickoff.Weekday(), d.kickoff)
	}
	if late := p.late(d.asOf, d); p.t1 && late > 0 {
		warn(WarnReadinessLate, "as_of", late, "readiness sign-off on %s comes %s after the as-of date %s", d.ready, models.BusinessDays(late),
			d.asOf)
	} else if least, left := p.preparation(), p.in.Firm.Count(d.ready, d.asOf); p.t1 && left < least {
		warn(WarnPreparationShort, "as_of", least-left, "readiness sign-off on %s leaves %s until the as-of date %s, and preparing for it takes "+
			"%s at the quickest", d.ready, models.BusinessDays(left), d.asOf, models.BusinessDays(least))
	}
	if p.t2 {
		out = append(out, p.windowWarnings(d)...)
	}
	return out
}

// preparation returns how many business days lie between readiness and the as-of date at the least: the quickest of the table, as the
// forecast has it too; none once the preparation has begun.
func (p *planner) preparation() int {
	if !p.in.Actual[catalog.PhaseT1Prep].Start.IsZero() {
		return 0
	}
	return p.c.Duration(catalog.PhaseT1Prep, p.size)[0]
}

// windowWarnings returns what people should look at before they agree to a window.
func (p *planner) windowWarnings(d dates) []Warning {
	var out []Warning
	warn := func(code, field string, days int, format string, args ...any) {
		out = append(out, Warning{Code: code, Field: field, Days: days, Text: fmt.Sprintf(format, args...)})
	}
	if late := p.late(d.open, d); late > 0 {
		warn(WarnReadinessLate, "window_open", late, "readiness sign-off on %s comes %s after the window's first day %s", d.ready,
			models.BusinessDays(late), d.open)
	}
	lengths := p.c.WindowLengths
	if !slices.Contains(lengths.Allowed, p.months) {
		warn(WarnWindowLength, "window_months", 0, "a window of %d months needs the partner's approval: the usual lengths are %s", p.months,
			models.Words(idsOf(lengths.Allowed, strconv.Itoa)))
	}
	if p.months < lengths.WarnBelow {
		warn(WarnWindowShort, "window_months", 0,
			"a window of less than %d months tells readers little: controls that run quarterly or less often may not run in it", lengths.WarnBelow)
	}
	if _, joined := p.joined(d, months); d.open == monthEnd(d.open) && !joined {
		warn(WarnWindowMonthEnd, "window_open", 0,
			"the window opens on the last day of a month: the controls of that month count only if they run on %s itself; better open on the "+
				"first of a month", d.open)
	}
	if p.t1 && !d.open.After(d.asOf) {
		warn(WarnWindowOverlap, "window_open", 0, "the window opens on %s, not after the Type 1 as-of date %s", d.open, d.asOf)
	}
	if p.again && !p.in.PreviousClose.IsZero() {
		switch gap := p.in.PreviousClose.DaysUntil(d.open) - 1; {
		case gap > 0:
			warn(WarnCoverageGap, "window_open", gap, "no report covers the %d days between %s and %s", gap, p.in.PreviousClose, d.open)
		case gap < 0:
			warn(WarnCoverageOverlap, "window_open", -gap, "%d days up to %s are covered by the previous window already", -gap, p.in.PreviousClose)
		}
	}
	if first, joined := p.joined(d, quarters); joined {
		warn(WarnWindowFirst, "window_open", 0,
			"the window opens on %s, shortly before the end of a quarter: quarterly controls are first asked for of the days until %s, once",
			models.Dated(d.open), models.Dated(first.End))
	}
	return out
}

// joined returns the first period of a window by months or quarters where it has the days of a shorter one before it, and whether it has.
func (p *planner) joined(d dates, u units) (period, bool) {
	all, joined := u.joined(u.in(Span{d.open, d.close}), p.c.Sampling.Occurrences.JoinUnder)
	return all[0], joined
}

// late returns how many business days of the firm readiness sign-off comes after day; 0 when it does not. A day it is
// late counts even when nobody works between the two.
func (p *planner) late(day models.Date, d dates) int {
	if !d.ready.After(day) {
		return 0
	}
	return max(1, p.in.Firm.Count(day, d.ready))
}
