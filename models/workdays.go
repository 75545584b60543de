package models

import (
	"sync"
	"sync/atomic"
)

// Workdays numbers the days on which two calendars both work, so that what is joint work can be reckoned with whole numbers: on the day
// numbered n+3 three more joint business days have passed than on the day numbered n. A Workdays is only read.
type Workdays struct {
	first  int   // the first day that is looked at, as Date.Number counts
	before []int // by days from the first: how many joint business days lie before that day
	days   []int // the joint business days, as Date.Number counts
}

// WorkdaysOf returns the joint business days of two calendars from a day on, for a number of days. Where they have none in all that time it
// counts every day. What it counted of indexed calendars it keeps for whoever asks for the same again.
func WorkdaysOf(a, b Calendar, from Date, days int) *Workdays {
	if len(a.Closed) > 0 && a.closed == nil || len(b.Closed) > 0 && b.closed == nil {
		return countWorkdays(a, b, from, days)
	}
	key := joint{a: a.closed, b: b.closed, off: a.off() | b.off(), from: from.Number(), days: days}
	if w, ok := counted.Load(key); ok {
		return w.(*Workdays)
	}
	w := countWorkdays(a, b, from, days)
	if countedMany.Add(1) > maxCounted {
		counted.Clear()
		countedMany.Store(1)
	}
	counted.Store(key, w)
	return w
}

// A joint is what Workdays are counted of: two indexed calendars, which are known by their index, from a day on for a number of days.
type joint struct {
	a, b       *dayset
	off        week
	from, days int
}

// maxCounted is how many Workdays are kept at most, of some 30 KB each; then all are forgotten.
const maxCounted = 200

var (
	counted     sync.Map // joint -> *Workdays
	countedMany atomic.Int64
)

func countWorkdays(a, b Calendar, from Date, days int) *Workdays {
	w := &Workdays{first: from.Number(), before: make([]int, days), days: make([]int, 0, days*5/7+1)}
	off, at := a.off()|b.off(), from.Weekday()
	shutA, shutB := a.numbers(), b.numbers()
	for i := range days {
		day := w.first + i
		w.before[i] = len(w.days)
		if !off.has(at) && !shutA(day) && !shutB(day) {
			w.days = append(w.days, day)
		}
		at = (at + 1) % 7
	}
	if len(w.days) == 0 {
		for i := range days {
			w.before[i], w.days = i, append(w.days, w.first+i)
		}
	}
	return w
}

// numbers returns whether the calendar is closed on a day, by its number.
func (c Calendar) numbers() func(int) bool {
	switch {
	case len(c.Closed) == 0:
		return func(int) bool { return false }
	case c.closed != nil:
		return c.closed.has
	}
	return c.Indexed().closed.has
}

// On returns the number of the first joint business day on or after d. Before and after the days that are looked at five days of seven
// count.
func (w *Workdays) On(d Date) int {
	switch n := d.Number() - w.first; {
	case n < 0:
		return -(-n * 5 / 7)
	case n < len(w.before):
		return w.before[n]
	default:
		return len(w.days) + (n-len(w.before))*5/7
	}
}

// Day returns the day of a number.
func (w *Workdays) Day(n int) Date {
	zero := Date{Year: 2000, Month: 1, Day: 1}
	origin := zero.Number()
	switch {
	case n < 0:
		return zero.AddDays(w.first + n*7/5 - origin)
	case n < len(w.days):
		return zero.AddDays(w.days[n] - origin)
	}
	return zero.AddDays(w.first + len(w.before) + ((n-len(w.days))*7+4)/5 - origin)
}

// Between returns how many joint business days b lies after a; negative when it lies before. Days off count as the next business day.
func (w *Workdays) Between(a, b Date) int { return w.On(b) - w.On(a) }

// Next returns the number of the first joint business day after d.
func (w *Workdays) Next(d Date) int { return w.On(d.Next()) }
