package web

import (
	"fmt"
	"time"

	"tickmark/models"
)

// shortDay is a day as a table has it: "27 Apr 28". The spaces do not break.
func shortDay(d models.Date) string {
	return fmt.Sprintf("%d\u00a0%s\u00a0%02d", d.Day, d.Month.String()[:3], d.Year%100)
}

// dayAndMonth is a day of this year: "16 June".
func dayAndMonth(d models.Date) string { return fmt.Sprintf("%d %s", d.Day, d.Month) }

// weekOf is the weekday and the week of the year, as ISO 8601 counts them.
func weekOf(d models.Date) string {
	_, week := d.At(time.UTC, 12, 0).ISOWeek()
	return fmt.Sprintf("%s, week %d", d.Weekday(), week)
}

// weekdayAndDay is a day close by: "Wed 16 Jun".
func weekdayAndDay(d models.Date) string {
	return fmt.Sprintf("%s %d %s", d.Weekday().String()[:3], d.Day, d.Month.String()[:3])
}

// nearDay is a day in a list: with its year where that is not the present one.
func nearDay(d, today models.Date) string {
	if d.Year == today.Year {
		return weekdayAndDay(d)
	}
	return fmt.Sprintf("%s %d", weekdayAndDay(d), d.Year)
}

// twoDigits is a year as the ruler has it.
func twoDigits(year int) string { return fmt.Sprintf("%02d", year%100) }

// longDay is a day in a sentence: "27 Apr 2028".
func longDay(d models.Date) string {
	if d.IsZero() {
		return "no day"
	}
	return fmt.Sprintf("%d %s %d", d.Day, d.Month.String()[:3], d.Year)
}

// figureDay is a day among the figures of an engagement. Its spaces do not break.
func figureDay(d models.Date) string {
	return fmt.Sprintf("%d\u00a0%s\u00a0%d", d.Day, d.Month.String()[:3], d.Year)
}

// lateWords says by how many business days something is late.
func lateWords(days int) string {
	switch {
	case days > 0:
		return models.BusinessDays(days) + " late"
	case days < 0:
		return models.BusinessDays(-days) + " early"
	}
	return "as promised"
}

// signed is a number with its sign.
func signed(n int) string { return fmt.Sprintf("%+d", n) }

// gateClass is how the shape of a gate is drawn.
func gateClass(glyph string) string {
	return map[string]string{"gpass": "pass", "gopen": "open", "gstop": "stop"}[glyph]
}

// weekName names a week by its Monday: the first, and the first of each month, with the month.
func weekName(monday, first models.Date) string {
	if monday == first || monday.Day <= 7 {
		return fmt.Sprintf("%d %s", monday.Day, monday.Month.String()[:3])
	}
	return fmt.Sprint(monday.Day)
}

// changedWords says how much changed, and in how many engagements.
func changedWords(p todayPage) string {
	n := fmt.Sprint(p.N)
	if p.More {
		n = "More than " + n
	}
	return n + " " + map[bool]string{true: "thing", false: "things"}[p.N == 1] + " changed in " + models.Count(p.Places, "engagement") + "."
}
