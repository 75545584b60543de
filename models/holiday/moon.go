package holiday

import (
	"time"

	"github.com/rickar/cal/v2"
)

// Days that calendars of the moon give and nobody has to observe: those of the Hebrew calendar are reckoned, those of the Chinese New Year
// stand in a table.

// passoverBeforeNewYear is how many days before the next Hebrew New Year Passover begins.
const passoverBeforeNewYear = 163

// hebrewNewYear returns the day on which the Hebrew year begins in the autumn of a year of ours. The year begins with the new moon that is
// reckoned, but neither on Sunday, Wednesday nor Friday, nor so that a year would have a length that none has.
func hebrewNewYear(year int) time.Time {
	h := year + 3761
	before, days, after := hebrewDays(h-1), hebrewDays(h), hebrewDays(h+1)
	switch {
	case after-days == 356:
		days += 2
	case days-before == 382:
		days++
	}
	const first = -1373427 // the day before the first of the first Hebrew year, counted from 1 January of our year 1, which is 1
	return time.Date(1, time.January, first+days, 0, 0, 0, 0, time.UTC)
}

// hebrewDays returns how many days lie between the first new moon that is reckoned and the beginning of a Hebrew year.
func hebrewDays(h int) int {
	const month, parts = 29, 25920 // a month has 29 days and 13,753 parts of a day
	months := (235*h - 234) / 19
	days := month*months + (12084+13753*months)/parts
	if 3*(days+1)%7 < 3 {
		days++
	}
	return days
}

// hebrew is a holiday so many days after the Hebrew New Year of the autumn.
func hebrew(name string, days int) *cal.Holiday {
	return &cal.Holiday{Name: name, Offset: days, Func: func(h *cal.Holiday, year int) time.Time {
		return hebrewNewYear(year).AddDate(0, 0, h.Offset)
	}}
}

// passover is a holiday so many days after the first day of Passover, on another day of the week where observed says so.
func passover(name string, days int, observed ...cal.AltDay) *cal.Holiday {
	h := hebrew(name, days-passoverBeforeNewYear)
	h.Observed = observed
	return h
}

// israel has the days on which work rests by law. The day of independence is kept on the Thursday before where it would begin or end a
// sabbath, and a day later on Monday, so that the day of memory before it does not follow one.
func israel() []*cal.Holiday {
	return []*cal.Holiday{
		passover("פסח", 0), passover("שביעי של פסח", 6),
		passover("יום העצמאות", 20, cal.AltDay{Day: time.Friday, Offset: -1}, cal.AltDay{Day: time.Saturday, Offset: -2},
			cal.AltDay{Day: time.Monday, Offset: 1}),
		passover("שבועות", 50),
		hebrew("ראש השנה", 0), hebrew("ראש השנה", 1), hebrew("יום כיפור", 9), hebrew("סוכות", 14), hebrew("שמחת תורה", 21),
	}
}

// chineseNewYear has the first day of the Chinese year of each of our years, as in 217 for 17 February; of others nothing is known.
var chineseNewYear = map[int]int{2024: 210, 2025: 129, 2026: 217, 2027: 206, 2028: 126, 2029: 213, 2030: 203, 2031: 123, 2032: 211,
	2033: 131, 2034: 219, 2035: 208, 2036: 128, 2037: 215, 2038: 204, 2039: 124, 2040: 212, 2041: 201, 2042: 122, 2043: 210, 2044: 130,
	2045: 217, 2046: 206, 2047: 126, 2048: 214, 2049: 202, 2050: 123}

// newYearOfTheMoon is a holiday so many days after the Chinese New Year.
func newYearOfTheMoon(days int, observed ...cal.AltDay) *cal.Holiday {
	return &cal.Holiday{Name: "Chinese New Year", Offset: days, Observed: observed, Func: func(h *cal.Holiday, year int) time.Time {
		first := chineseNewYear[year]
		if first == 0 {
			return time.Time{}
		}
		return time.Date(year, time.Month(first/100), first%100+h.Offset, 0, 0, 0, 0, time.UTC)
	}}
}

// afterEaster is the day off for 2 May in years in which the orthodox Easter is on it, which is a Sunday: the Monday is Easter's own.
func afterEaster(name string) *cal.Holiday {
	return &cal.Holiday{Name: name, Func: func(_ *cal.Holiday, year int) time.Time {
		easter := cal.CalcEasterOffset(&cal.Holiday{Julian: true}, year)
		if easter.Month() != time.May || easter.Day() != 2 {
			return time.Time{}
		}
		return easter.AddDate(0, 0, 2)
	}}
}
