package planning

import (
	"cmp"
	"fmt"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
)

// An Occurrence is one due performance of a recurring control inside the window, or one coming of a repeated task.
type Occurrence struct {
	Subject string // control and period: IAM-07.2027-Q1
	Title   string
	Control string
	Owner   string      // client function that answers for the control
	Period  Span        // the performance belongs here
	Due     models.Date // evidence is due: the end of the period plus grace
	Planned int         // performances expected in the period, for daily and weekly controls
	// PerformBy is the business day by which the control is performed, in its period; zero where no performance is stated.
	PerformBy models.Date
}

// Occurrences returns the evidence calendar of a window: every performance of every recurring control, in order of its
// period (domain.md 4.3, sampling.yaml). Daily and weekly controls are asked for once a month, with the number of
// performances expected, so that nobody is asked for a backup log on every day of a year. Event controls have none: their
// populations are pulled at close. The setting of a continuous control is captured in the last business days of the window.
//
// A performance is in time on the last business day of its period at the latest, and so within the window. Its evidence may come for the
// grace days of its frequency after the period, and for a few days after the window's end. In catalogs of before there is one date.
//
// A first period of which only a few days lie in the window joins the next one (OccurrenceRules.JoinUnder): an auditor asks for no
// quarterly review of five days. There are no fewer performances by it than the length of the window has (domain.md 4.3: one quarterly
// performance for every three months), and so no smaller samples. Catalogs of before ask for the few days by themselves.
func Occurrences(c *catalog.Catalog, controls []catalog.Control, window Span, days models.Calendar) []Occurrence {
	var out []Occurrence
	for _, ctl := range controls {
		for _, o := range occurrencesOf(c, ctl, window, days) {
			o.Control, o.Owner = ctl.ID, ctl.Owner
			o.Title = ctl.Name + ", " + o.Title
			o.Subject = ctl.ID + "." + o.Subject
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Occurrence) int { return a.Period.Start.Compare(b.Period.Start) })
	return out
}

func occurrencesOf(c *catalog.Catalog, ctl catalog.Control, w Span, days models.Calendar) []Occurrence {
	every := everyPeriod[ctl.Frequency]
	if every == nil {
		return nil
	}
	rules := c.Sampling.Occurrences
	rule, _ := rules.Rule(ctl.Frequency)
	due := func(end models.Date) models.Date { return days.Add(end, rule.GraceDays) }
	var out []Occurrence
	if ctl.Frequency == "continuous" && rules.CaptureWithin > 0 {
		out = lastLook(w, rules.CaptureWithin, days, due)
	} else {
		out = every(w, rules.JoinUnder, days, due)
	}
	if rules.SendAfterClose == 0 { // a catalog of before: there is one date
		return out
	}
	for i := range out {
		o := &out[i]
		if rule.Perform != "" {
			o.PerformBy = performBy(o.Period, days)
		}
		if ctl.Frequency == "annual" {
			o.PerformBy = performEarly(w, days)
			o.Due = due(o.PerformBy)
		}
		o.Due = models.Earlier(o.Due, days.Add(w.End, rules.SendAfterClose))
	}
	return out
}

// performBy returns the last business day of a period; its last day when there is none in it.
func performBy(period Span, days models.Calendar) models.Date {
	if last := days.Back(period.End); !last.Before(period.Start) {
		return last
	}
	return period.End
}

// performEarly returns the day by which what comes once in a window is performed: in time for the check of yearly controls twenty business
// days before the close (WI-10), or by the close where the window is shorter than that.
func performEarly(w Span, days models.Calendar) models.Date {
	if early := days.Add(w.End, -22); early.After(w.Start) {
		return early
	}
	return performBy(w, days)
}

// everyPeriod says for which periods of a window a control's performances are asked for, by its frequency. due returns the date by which
// evidence of a period that ends on a day is due, and join is OccurrenceRules.JoinUnder.
var everyPeriod = map[string]func(w Span, join int, days models.Calendar, due func(models.Date) models.Date) []Occurrence{
	"continuous": threeLooks,
	"daily": func(w Span, join int, days models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inMonths(w, join, due, "business days", func(s Span) int { return days.Count(s.Start.AddDays(-1), s.End) })
	},
	"weekly": func(w Span, join int, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inMonths(w, join, due, "weeks", func(s Span) int { return sundays(s.Start, s.End) })
	},
	"monthly": func(w Span, join int, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inPeriods(w, join, months, due)
	},
	"quarterly": func(w Span, join int, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inPeriods(w, join, quarters, due)
	},
	"semiannual": func(w Span, _ int, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		var out []Occurrence
		for k := 0; ; k++ {
			s := Span{w.Start.AddMonths(6 * k), w.Start.AddMonths(6*k + 6).AddDays(-1)}
			if s.End.After(w.End) {
				return out
			}
			out = append(out, Occurrence{Subject: s.Start.String(), Title: "half-year from " + models.Dated(s.Start), Period: s, Due: due(s.End)})
		}
	},
	// The last performance of the twelve months before the window's end counts with the auditor's agreement; it is asked for in time for
	// the check of yearly controls twenty business days before the close (WI-10).
	"annual": func(w Span, _ int, days models.Calendar, _ func(models.Date) models.Date) []Occurrence {
		return []Occurrence{{Subject: w.Start.String(), Title: "this year's performance", Period: w, Due: days.Add(w.End, -22)}}
	},
}

// threeLooks asks for the setting of what runs by itself at the start, in the middle and at the end of a window.
func threeLooks(w Span, _ int, days models.Calendar, _ func(models.Date) models.Date) []Occurrence {
	var out []Occurrence
	for _, at := range []struct {
		day  models.Date
		name string
	}{{w.Start, "setting at the start of the window"}, {w.Middle(), "setting in the middle of the window"},
		{w.End, "setting at the end of the window"}} {
		out = append(out, Occurrence{Subject: at.day.String(), Title: at.name, Period: Span{at.day, at.day}, Due: days.Add(at.day, 5)})
	}
	return out
}

// lastLook asks once for the setting of what runs by itself, in so many of the last business days of a window, and for the record of its
// changes since the first. The name is that of the last of three looks, so that a window which is extended asks for it anew.
func lastLook(w Span, within int, days models.Calendar, due func(models.Date) models.Date) []Occurrence {
	from := models.Later(w.Start, days.Add(days.Back(w.End), 1-within))
	return []Occurrence{{Subject: w.End.String(), Title: "its setting, and the changes since " + models.Dated(w.Start),
		Period: Span{from, w.End}, Due: due(w.End)}}
}

// inMonths asks once a month for what is done more often, with how many performances are expected, counted in some unit. A first or last
// month of which less than a part lies in the window is asked for with its neighbour.
func inMonths(w Span, join int, due func(models.Date) models.Date, unit string, planned func(Span) int) []Occurrence {
	all := months.in(w)
	if n := len(all); n > 1 && months.short(all[n-1].Span, join) {
		all[n-2].End = all[n-1].End
		all = all[:n-1]
	}
	all, _ = months.joined(all, join)
	out := make([]Occurrence, len(all))
	for i, p := range all {
		out[i] = p.asked(months, due)
		out[i].Planned = planned(p.Span)
		out[i].Title += fmt.Sprintf(" (%d %s)", out[i].Planned, unit)
	}
	return out
}

// inPeriods asks once for each month or quarter that ends in a window (domain.md 4.3). A first one of which less than a part lies in the
// window joins the next; then the last, which the window cuts short, is asked for as well where half of it lies in the window, so
// that there are no fewer performances than the length of the window has.
func inPeriods(w Span, join int, u units, due func(models.Date) models.Date) []Occurrence {
	all, joined := u.joined(u.in(w), join)
	var out []Occurrence
	for _, p := range all {
		if p.End == u.end(p.End) || joined && !u.short(p.Span, atLeastHalf) {
			o := p.asked(u, due)
			if p.End.Before(u.end(p.End)) && p.of == p.Start {
				o.Title += " until " + models.Dated(p.End)
			}
			out = append(out, o)
		}
	}
	return out
}

// atLeastHalf is how much of the last period of a window has to lie in it to be asked for when the first one has joined the next, in
// percent.
const atLeastHalf = 50

// units are the stretches of the calendar by which a control is performed.
type units struct {
	end  func(models.Date) models.Date // the last day of the unit of a day
	name func(models.Date) string
	long int // months
}

var (
	months   = units{monthEnd, monthName, 1}
	quarters = units{quarterEnd, quarterName, 3}
)

// A period is a stretch of a window with the unit whose name it has.
type period struct {
	Span
	of models.Date // a day of the unit
}

// in returns the units of which days lie in a window, with those days.
func (u units) in(w Span) []period {
	var out []period
	for first := w.Start; !first.After(w.End); first = u.end(first).AddDays(1) {
		out = append(out, period{Span{first, models.Earlier(u.end(first), w.End)}, first})
	}
	return out
}

// short reports whether a stretch has less than some percent of the days of the unit in which it ends.
func (u units) short(s Span, percent int) bool {
	end := u.end(s.End)
	begin := end.MonthStart().AddMonths(1 - u.long)
	return 100*(s.Start.DaysUntil(s.End)+1) < percent*(begin.DaysUntil(end)+1)
}

// joined returns periods with the first one in the second where it has less than some percent of its unit, and whether it is.
func (u units) joined(all []period, percent int) ([]period, bool) {
	if len(all) < 2 || !u.short(all[0].Span, percent) {
		return all, false
	}
	all[1].Start = all[0].Start
	return all[1:], true
}

// asked is the occurrence of a period. It is named by its unit; one that the window cuts short by its last day, since in a window that is
// extended the whole unit has its own. What it has of the days beside its unit, or lacks of it at the end, its title says.
func (p period) asked(u units, due func(models.Date) models.Date) Occurrence {
	o := Occurrence{Subject: u.name(p.of), Title: u.name(p.of), Period: p.Span, Due: due(p.End)}
	if p.End != u.end(p.of) {
		o.Subject = p.End.String()
	}
	early := p.of.After(p.Start)
	switch late := p.End.After(u.end(p.of)); {
	case early && late, early && p.End.Before(u.end(p.of)):
		o.Title = models.Dated(p.Start) + " to " + models.Dated(p.End)
	case early:
		o.Title += " and the days before it from " + models.Dated(p.Start)
	case late:
		o.Title += " and the days after it until " + models.Dated(p.End)
	}
	return o
}

// Middle returns the day in the middle of a span; of two the earlier one.
func (w Span) Middle() models.Date { return w.Start.AddDays(w.Start.DaysUntil(w.End) / 2) }

func monthEnd(d models.Date) models.Date { return d.MonthStart().AddMonths(1).AddDays(-1) }
func monthName(d models.Date) string     { return d.String()[:7] }

func quarterName(d models.Date) string { return fmt.Sprintf("%d-Q%d", d.Year, (int(d.Month)+2)/3) }

func quarterEnd(d models.Date) models.Date {
	m := (d.Month-1)/3*3 + 1
	return models.Date{Year: d.Year, Month: m, Day: 1}.AddMonths(3).AddDays(-1)
}

// sundays counts the weeks, Monday to Sunday, that end in [from, to].
func sundays(from, to models.Date) int {
	first := from.AddDays((7 - int(from.Weekday())) % 7)
	if first.After(to) {
		return 0
	}
	return first.DaysUntil(to)/7 + 1
}

// NextBegin returns the first day after a day on which a period of Occurrences may begin in a window; zero when there is none. Not every
// such day has a period: the firsts of months and the halves of years are cheaper than reckoning every period of every control.
func NextBegin(c *catalog.Catalog, w Span, after models.Date, days models.Calendar) models.Date {
	half := w.Start
	for k := 1; !half.After(after); k++ {
		half = w.Start.AddMonths(6 * k)
	}
	var next models.Date
	capture := days.Add(days.Back(w.End), 1-c.Sampling.Occurrences.CaptureWithin)
	for _, day := range [...]models.Date{w.Start, after.MonthStart().AddMonths(1), half, w.Middle(), capture, w.End} {
		if day.After(after) && !day.Before(w.Start) && !day.After(w.End) && (next.IsZero() || day.Before(next)) {
			next = day
		}
	}
	return next
}

// ahead is how many days before its due date a repeated task is asked for.
const ahead = 10

// Repeats returns the comings of a repeated task due in [its first due date, until]: each is asked for ten days ahead.
func Repeats(t catalog.TaskTemplate, first, until models.Date, days *models.Calendar) []Occurrence {
	var out []Occurrence
	for k := 0; k < 200; k++ {
		due := dueAgain(t, first, k)
		if due.After(until) {
			return out
		}
		due = days.Roll(due)
		out = append(out, Occurrence{Subject: due.String(), Title: due.String(), Period: Span{due.AddDays(-ahead), due}, Due: due})
	}
	return out
}

// NextRepeat returns the first day after a day on which a coming of Repeats begins; zero when there is none.
func NextRepeat(t catalog.TaskTemplate, first, until models.Date, days *models.Calendar, after models.Date) models.Date {
	longest := map[string]int{"weekly": 7, "monthly": 31}[t.Repeats.Every] // days from one coming to the next
	k := max(0, first.DaysUntil(after)) / cmp.Or(longest, 92)              // due by that day
	for ; k < 200; k++ {
		due := dueAgain(t, first, k)
		if due.After(until) {
			break
		}
		if begin := days.Roll(due).AddDays(-ahead); begin.After(after) {
			return begin
		}
	}
	return models.Date{}
}

// dueAgain returns when the coming k of a repeated task is due, were that a business day; k counts from 0.
func dueAgain(t catalog.TaskTemplate, first models.Date, k int) models.Date {
	switch t.Repeats.Every {
	case "weekly":
		return first.AddDays(7 * k)
	case "monthly":
		return first.AddMonths(k)
	default: // quarterly
		return first.AddMonths(3 * k)
	}
}
