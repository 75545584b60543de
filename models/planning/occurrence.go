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
		out = every(w, days, due)
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
// evidence of a period that ends on a day is due.
var everyPeriod = map[string]func(w Span, days models.Calendar, due func(models.Date) models.Date) []Occurrence{
	"continuous": threeLooks,
	"daily": func(w Span, days models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inMonths(w, due, "business days", func(s Span) int { return days.Count(s.Start.AddDays(-1), s.End) })
	},
	"weekly": func(w Span, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		return inMonths(w, due, "weeks", func(s Span) int { return sundays(s.Start, s.End) })
	},
	"monthly": func(w Span, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		var out []Occurrence
		for first := w.Start; !monthEnd(first).After(w.End); first = first.MonthStart().AddMonths(1) {
			out = append(out, Occurrence{Subject: monthName(first), Title: monthName(first), Period: Span{first, monthEnd(first)},
				Due: due(monthEnd(first))})
		}
		return out
	},
	"quarterly": func(w Span, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
		var out []Occurrence
		for first := w.Start; !quarterEnd(first).After(w.End); first = quarterEnd(first).AddDays(1) {
			name := fmt.Sprintf("%d-Q%d", first.Year, (int(first.Month)+2)/3)
			out = append(out, Occurrence{Subject: name, Title: name, Period: Span{first, quarterEnd(first)}, Due: due(quarterEnd(first))})
		}
		return out
	},
	"semiannual": func(w Span, _ models.Calendar, due func(models.Date) models.Date) []Occurrence {
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
	"annual": func(w Span, days models.Calendar, _ func(models.Date) models.Date) []Occurrence {
		return []Occurrence{{Subject: w.Start.String(), Title: "this year's performance", Period: w, Due: days.Add(w.End, -22)}}
	},
}

// threeLooks asks for the setting of what runs by itself at the start, in the middle and at the end of a window.
func threeLooks(w Span, days models.Calendar, _ func(models.Date) models.Date) []Occurrence {
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

// inMonths asks once a month for what is done more often, with how many performances are expected, counted in some unit.
func inMonths(w Span, due func(models.Date) models.Date, unit string, planned func(Span) int) []Occurrence {
	var out []Occurrence
	for first := w.Start; !first.After(w.End); first = first.MonthStart().AddMonths(1) {
		last := models.Earlier(monthEnd(first), w.End)
		o := Occurrence{Subject: monthName(first), Period: Span{first, last}, Due: due(last), Planned: planned(Span{first, last})}
		if last != monthEnd(first) {
			o.Subject = last.String() // cut short: in a window that is extended the whole month has its own
		}
		o.Title = fmt.Sprintf("%s (%d %s)", monthName(first), o.Planned, unit)
		out = append(out, o)
	}
	return out
}

// Middle returns the day in the middle of a span; of two the earlier one.
func (w Span) Middle() models.Date { return w.Start.AddDays(w.Start.DaysUntil(w.End) / 2) }

func monthEnd(d models.Date) models.Date { return d.MonthStart().AddMonths(1).AddDays(-1) }
func monthName(d models.Date) string     { return d.String()[:7] }

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
