package models

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones are the same on every machine, also where none are installed
)

// A Date is a day on the calendar, in no time zone. Plans are made of dates: an as-of date or the last day of a window is
// the same day in Auckland and in Honolulu, though not the same moment. At and Begin turn a date into an instant, late and
// in one zone; a date is never represented by a midnight, which some days do not have (domain.md 9.1).
//
// The zero Date is no date: the empty text.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// The years a Date may have when it is read or stored.
const (
	MinYear = 2000
	MaxYear = 2199
)

// ParseDate reads a date of the form 2026-03-31 and refuses anything else, days that do not exist, and years before
// MinYear or after MaxYear.
func ParseDate(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, Refuse(Invalid, "", "%.40q is not a date: write year-month-day, as in 2026-03-31", s)
	}
	var n [3]int
	for i, part := range [...]string{s[:4], s[5:7], s[8:]} {
		for _, r := range []byte(part) {
			if r < '0' || r > '9' {
				return Date{}, Refuse(Invalid, "", "%.40q is not a date: write year-month-day, as in 2026-03-31", s)
			}
			n[i] = n[i]*10 + int(r-'0')
		}
	}
	d := Date{n[0], time.Month(n[1]), n[2]}
	if err := d.Check(); err != nil {
		return Date{}, err
	}
	return d, nil
}

// Check refuses a day that does not exist or is out of range.
func (d Date) Check() error {
	switch {
	case d.Month < time.January || d.Month > time.December || d.Day < 1 || d.Day > daysIn(d.Year, d.Month):
		return Refuse(Invalid, "", "%s is not a day of the calendar", d)
	case d.Year < MinYear || d.Year > MaxYear:
		return Refuse(Invalid, "", "%s is out of range: years go from %d to %d", d, MinYear, MaxYear)
	}
	return nil
}

// DateIn returns the day it is in loc at the instant t. A nil loc is UTC.
func DateIn(t time.Time, loc *time.Location) Date {
	year, month, day := t.In(orUTC(loc)).Date()
	return Date{year, month, day}
}

// String returns the date as 2026-03-31, and the empty string for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare returns -1, 0 or +1 as d is before, on or after e. The zero Date is before all others.
func (d Date) Compare(e Date) int {
	a, b := d.key(), e.key()
	switch {
	case a < b:
		return -1
	case a > b:
		return +1
	}
	return 0
}

// key orders dates without counting days.
func (d Date) key() int { return d.Year<<16 | int(d.Month)<<8 | d.Day }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.key() < e.key() }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.key() > e.key() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return weekdayOf(d.Number()) }

// Monday returns the Monday of the day's week: the day itself when it is one.
func (d Date) Monday() Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// AddDays returns the day n calendar days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	if day := d.Day + n; day >= 1 && day <= 28 {
		return Date{d.Year, d.Month, day}
	}
	return DateOf(d.Number() + n)
}

// AddMonths returns the same day n calendar months later, or earlier when n is negative. When that month has no such day
// it returns its last one: a window of six months from 31 August ends with February, not in March (domain.md 4.2).
func (d Date) AddMonths(n int) Date {
	months := d.Year*12 + int(d.Month) - 1 + n
	year, month := floorDiv(months, 12), time.Month(months-12*floorDiv(months, 12)+1)
	return Date{year, month, min(d.Day, daysIn(year, month))}
}

// DaysUntil returns how many calendar days e is after d; negative when it is before.
func (d Date) DaysUntil(e Date) int { return e.Number() - d.Number() }

// At returns the instant at which clocks in loc show hour:minute on that day. When they never do, because they are put
// forward over it, it is the next minute they show; when they do twice, because they are put back, it is the first time.
// A nil loc is UTC.
func (d Date) At(loc *time.Location, hour, minute int) time.Time {
	loc = orUTC(loc)
	wall := int64(d.Number())*86400 + int64(hour)*3600 + int64(minute)*60 // as seconds, were the zone UTC
	// Walk through the zone's offsets in order of time. No zone is more than 16 hours ahead of UTC, so that the wall
	// time cannot have come before the walk begins.
	t := time.Unix(wall-16*3600, 0).In(loc)
	for {
		begins, ends := t.ZoneBounds()
		_, offset := t.Zone()
		at := wall - int64(offset)
		if !begins.IsZero() && at < begins.Unix() {
			return begins // skipped when this offset began
		}
		if ends.IsZero() || at < ends.Unix() {
			return time.Unix(at, 0).In(loc)
		}
		t = ends
	}
}

// Begin returns the first instant of the day in loc: midnight, or later where midnight is skipped. A nil loc is UTC.
func (d Date) Begin(loc *time.Location) time.Time { return d.At(loc, 0, 0) }

// MarshalText returns the date as 2026-03-31, the empty text for the zero Date, and refuses dates that ParseDate would.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes; the empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d = Date{}
	if len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

// Bind reads the date from a query, as UnmarshalText does. The generated server asks for it by name: of what cannot bind itself it looks
// for the fields in the query instead, finds none and says nothing.
func (d *Date) Bind(text string) error { return d.UnmarshalText([]byte(text)) }

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}

// daysIn returns how many days a month has; 0 when there is no such month.
func daysIn(year int, month time.Month) int {
	switch month {
	case time.January, time.March, time.May, time.July, time.August, time.October, time.December:
		return 31
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 0
}

// Number counts days from 1970-01-01, in the calendar of today carried back for ever. Years are counted from March, so
// that the leap day is the last of its year, and in eras of 400 years, after which the calendar repeats.
func (d Date) Number() int {
	year, month := d.Year, int(d.Month)
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + d.Day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}

// DateOf is the inverse of number.
func DateOf(n int) Date {
	n += 719468
	era := floorDiv(n, 146097)
	ofEra := n - era*146097
	year := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*year + year/4 - year/100)
	month := (5*ofYear + 2) / 153
	d := Date{year + era*400, time.Month(month + 3), ofYear - (153*month+2)/5 + 1}
	if d.Month > time.December {
		d.Month -= 12
		d.Year++
	}
	return d
}

// weekdayOf returns the weekday of the day that number counts; 1970-01-01 was a Thursday.
func weekdayOf(n int) time.Weekday { return time.Weekday(n + 4 - 7*floorDiv(n+4, 7)) }

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// MonthStart returns the first day of the month of d.
func (d Date) MonthStart() Date { return Date{Year: d.Year, Month: d.Month, Day: 1} }

// Earlier returns the earlier of two dates. The zero date is before every other.
func Earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}

// Later returns the later of two dates. The zero date is before every other.
func Later(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}
