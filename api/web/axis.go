package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tickmark/models"
)

// An axis is a stretch of days on which marks stand: the first day is 0, and the day after the last is its length.
type axis struct {
	from  models.Date
	days  int
	today models.Date
}

// axisOf returns the axis from the first day of a month on that has some months, with today on it or not.
func axisOf(month models.Date, months int, today models.Date) axis {
	from := month.MonthStart()
	return axis{from: from, days: min(longestAxis, from.DaysUntil(from.AddMonths(months))), today: today}
}

// at returns where a day stands, between 0 and the length of the axis, and whether it stands on it.
func (a axis) at(d models.Date) (int, bool) {
	n := a.from.DaysUntil(d)
	return max(0, min(n, a.days)), n >= 0 && n < a.days
}

// span returns the classes of a mark from one day to another, both of which it covers, and whether any of it is on the axis.
func (a axis) span(from, to models.Date) (classes string, on bool) {
	s, e := a.from.DaysUntil(from), a.from.DaysUntil(to)+1
	if from.IsZero() || to.IsZero() || e <= 0 || s >= a.days || e <= s {
		return "", false
	}
	return fmt.Sprintf("s%d e%d", max(s, 0), min(e, a.days)), true
}

// spot returns the class of a mark on a day, and whether it is on the axis; off it there is none.
func (a axis) spot(d models.Date) (class string, on bool) {
	if d.IsZero() {
		return "", false
	}
	if n, on := a.at(d); on {
		return "d" + strconv.Itoa(n), true
	}
	return "", false
}

// board returns the classes of what has the axis: its length and where today is.
func (a axis) board() string {
	n, on := a.at(a.today)
	if !on {
		return "x" + strconv.Itoa(a.days)
	}
	return fmt.Sprintf("x%d t%d", a.days, n)
}

// box is the viewBox of a drawing as wide as the axis has days.
func (a axis) box(height int) string { return fmt.Sprintf("0 0 %d %d", a.days, height) }

// A monthMark is the first day of a month on the ruler.
type monthMark struct {
	class       string
	first, rest string // of its name: F and eb
	year        int    // in January and at the beginning of the axis
	current     bool
}

// months returns the months of the axis.
func (a axis) months() []monthMark {
	var out []monthMark
	for d := a.from; a.from.DaysUntil(d) < a.days; d = d.AddMonths(1) {
		name := d.Month.String()
		m := monthMark{class: "d" + strconv.Itoa(a.from.DaysUntil(d)), first: name[:1], rest: name[1:3],
			current: d.Year == a.today.Year && d.Month == a.today.Month}
		if d.Month == time.January || d == a.from {
			m.year = d.Year
		}
		out = append(out, m)
	}
	return out
}

// monthLines draws a line at each month that is no year, and yearLines at each year and at the beginning, of a height.
func (a axis) monthLines(height int) string {
	return a.lines(height, 0, func(d models.Date) bool { return d.Day == 1 })
}

func (a axis) weekLines(top, height int) string {
	return a.lines(height, top, func(d models.Date) bool { return d.Weekday() == time.Monday })
}

func (a axis) yearLines(height int) string {
	return a.lines(height, 0, func(d models.Date) bool { return d.Day == 1 && (d.Month == time.January || d == a.from) })
}

func (a axis) lines(height, top int, drawn func(models.Date) bool) string {
	var b strings.Builder
	for i := range a.days {
		if drawn(a.from.AddDays(i)) {
			fmt.Fprintf(&b, "M%d %dv%d", i, top, height)
		}
	}
	return b.String()
}

// mark returns the class of a day of the axis.
func (a axis) mark(d models.Date) string {
	at, _ := a.spot(d)
	return at
}

// weekend returns the classes of the Saturday and Sunday of a week that begins on a Monday.
func (a axis) weekend(monday models.Date) string {
	classes, _ := a.span(monday.AddDays(5), monday.AddDays(6))
	return classes
}

// everyDay returns the days of the axis.
func (a axis) everyDay() []models.Date {
	out := make([]models.Date, a.days)
	for i := range out {
		out[i] = a.from.AddDays(i)
	}
	return out
}
