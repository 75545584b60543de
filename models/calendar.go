package models

import (
	"maps"
	"slices"
	"time"
)

// A Calendar says on which days people work: the firm's and the client's differ by weekend and by holidays. The zero
// Calendar works Monday to Friday. It is only read: one Calendar serves many goroutines.
type Calendar struct {
	Weekend []time.Weekday  // days of the week on which nobody works; nil: Saturday and Sunday
	Closed  map[Date]string // further days off, with their names: public holidays, the company's own

	closed *dayset // what Closed has, if it was indexed
}

// A dayset has a bit for each day from the first one on.
type dayset struct {
	first int // as Date.Number counts
	bits  []uint64
}

func (s *dayset) has(day int) bool {
	n := day - s.first
	return n >= 0 && n < 64*len(s.bits) && s.bits[n/64]>>(n%64)&1 == 1
}

// Indexed returns the same calendar in a form in which walking over its days is several times as quick. Its closed days must not change
// after that.
func (c Calendar) Indexed() Calendar {
	if len(c.Closed) == 0 {
		return c
	}
	numbers := make([]int, 0, len(c.Closed))
	for day := range c.Closed {
		numbers = append(numbers, day.Number())
	}
	first := slices.Min(numbers)
	c.closed = &dayset{first, make([]uint64, (slices.Max(numbers)-first)/64+1)}
	for _, n := range numbers {
		c.closed.bits[(n-first)/64] |= 1 << ((n - first) % 64)
	}
	return c
}

// And returns the calendar of who works by this calendar and keeps the closed days of another too, as somebody does who lives in another
// country than their company. Its weekend is this one's.
func (c Calendar) And(other Calendar) Calendar {
	closed := make(map[Date]string, len(c.Closed)+len(other.Closed))
	maps.Copy(closed, other.Closed)
	maps.Copy(closed, c.Closed)
	return Calendar{Weekend: c.Weekend, Closed: closed}.Indexed()
}

// Own returns the calendar of who works by this calendar but for days of their own: closed ones on which they do not work, and open ones on
// which they do although they are holidays or closed days of it. Days of its weekend stay off.
func (c Calendar) Own(closed, open []Date) Calendar {
	if len(closed)+len(open) == 0 {
		return c
	}
	off := make(map[Date]string, len(c.Closed)+len(closed))
	maps.Copy(off, c.Closed)
	for _, day := range open {
		delete(off, day)
	}
	for _, day := range closed {
		if _, known := off[day]; !known {
			off[day] = "closed"
		}
	}
	return Calendar{Weekend: c.Weekend, Closed: off}.Indexed()
}

// search is how many days Roll and Back look for a business day before they give up: a company may close for a season,
// not for years.
const search = 3 * 366

// Check refuses a calendar that leaves no day of the week to work on, or names days of the week that do not exist.
func (c Calendar) Check() error {
	for _, w := range c.Weekend {
		if w < time.Sunday || w > time.Saturday {
			return Refuse(Invalid, "weekend", "day of the week %d does not exist: 0 is Sunday, 6 is Saturday", int(w))
		}
	}
	if c.off() == everyDay {
		return Refuse(Invalid, "weekend", "weekend must leave at least one working day")
	}
	return nil
}

// week is a set of days of the week, a bit for each.
type week uint8

// everyDay is the week without a working day.
const everyDay week = 1<<7 - 1

func (w week) has(day time.Weekday) bool { return w>>day&1 == 1 }

// off returns the days of the week on which nobody works; Saturday and Sunday unless the calendar names others.
func (c Calendar) off() week {
	if c.Weekend == nil {
		return 1<<time.Saturday | 1<<time.Sunday
	}
	var w week
	for _, day := range c.Weekend {
		w |= 1 << day
	}
	return w & everyDay
}

// MeetsWith reports whether there is a day of the week on which people of both calendars work; closed days do not count.
func (c Calendar) MeetsWith(other Calendar) bool { return c.off()|other.off() != everyDay }

// IsBusiness reports whether people work on d.
func (c Calendar) IsBusiness(d Date) bool {
	return !c.closedOn(d) && !slices.Contains(c.weekend(), d.Weekday())
}

func (c Calendar) closedOn(d Date) bool {
	if c.closed != nil {
		return c.closed.has(d.Number())
	}
	_, closed := c.Closed[d]
	return closed
}

var satSun = []time.Weekday{time.Saturday, time.Sunday}

func (c Calendar) weekend() []time.Weekday {
	if c.Weekend == nil {
		return satSun
	}
	return c.Weekend
}

// Roll returns d when it is a business day, else the next one. It returns d itself when the calendar has no business day
// in the three years after it.
func (c Calendar) Roll(d Date) Date {
	if c.IsBusiness(d) {
		return d
	}
	return c.step(d, 1, +1)
}

// Back returns d when it is a business day, else the one before. It returns d itself when the calendar has no business
// day in the three years before it.
func (c Calendar) Back(d Date) Date {
	if c.IsBusiness(d) {
		return d
	}
	return c.step(d, 1, -1)
}

// Add returns the n-th business day after d, or before it when n is negative; for n = 0 it rolls d. d itself never
// counts: one business day after a Saturday is Monday, as after the Friday before. Where the calendar has no business day
// for three years it stops.
func (c Calendar) Add(d Date, n int) Date {
	switch {
	case n > 0:
		return c.step(d, n, +1)
	case n < 0:
		return c.step(d, -n, -1)
	}
	return c.Roll(d)
}

// step walks n > 0 business days from d, forwards (by = +1) or backwards (by = -1).
func (c Calendar) step(d Date, n, by int) Date {
	off := c.off()
	if off == everyDay {
		return d
	}
	if c.closed != nil {
		return c.stepIndexed(d, n, by, off)
	}
	day, at, last := d, d.Weekday(), d
	for idle := 0; n > 0 && idle < search; {
		if by > 0 {
			day, at = day.Next(), (at+1)%7
		} else {
			day, at = day.previous(), (at+6)%7
		}
		if idle++; off.has(at) {
			continue
		}
		if len(c.Closed) > 0 {
			if _, closed := c.Closed[day]; closed {
				continue
			}
		}
		n, idle, last = n-1, 0, day
	}
	return last
}

// stepIndexed is step by the numbers of days.
func (c Calendar) stepIndexed(d Date, n, by int, off week) Date {
	from := d.Number()
	day, last, at := from, from, d.Weekday()
	for idle := 0; n > 0 && idle < search; {
		day, at = day+by, (at+time.Weekday(7+by))%7
		if idle++; off.has(at) || c.closed.has(day) {
			continue
		}
		n, idle, last = n-1, 0, day
	}
	return d.AddDays(last - from)
}

// Next and previous are AddDays(1) and AddDays(-1), for walking.
func (d Date) Next() Date {
	if d.Day < 28 || d.Day < daysIn(d.Year, d.Month) {
		d.Day++
		return d
	}
	if d.Month == time.December {
		return Date{d.Year + 1, time.January, 1}
	}
	return Date{d.Year, d.Month + 1, 1}
}

func (d Date) previous() Date {
	if d.Day > 1 {
		d.Day--
		return d
	}
	if d.Month == time.January {
		return Date{d.Year - 1, time.December, 31}
	}
	return Date{d.Year, d.Month - 1, daysIn(d.Year, d.Month-1)}
}

// countDays counts as Count does, day by day.
func (c Calendar) countDays(a, b Date) int {
	n := 0
	for day := a; day != b; {
		day = day.Next()
		if c.IsBusiness(day) {
			n++
		}
	}
	return n
}

// Count returns how many business days there are after a up to and including b, so that Count(d, Add(d, n)) is n for
// n > 0. When b is before a it is the same from b to a, negative.
func (c Calendar) Count(a, b Date) int {
	if b.Before(a) {
		return -c.Count(b, a)
	}
	off, from, to := c.off(), a.Number(), b.Number()
	if to-from <= len(c.Closed) { // looking at each day is quicker than at each closed one
		return c.countDays(a, b)
	}
	weeks := (to - from) / 7
	n := 0
	for day := time.Sunday; day <= time.Saturday; day++ {
		if !off.has(day) {
			n += weeks
		}
	}
	for day := from + weeks*7 + 1; day <= to; day++ {
		if !off.has(weekdayOf(day)) {
			n++
		}
	}
	for day := range c.Closed {
		if day.After(a) && !day.After(b) && !off.has(day.Weekday()) {
			n--
		}
	}
	return n
}
