package models

import (
	"math/rand/v2"
	"testing"
	"time"
)

// federal holds the US federal days off that the vectors of domain.md 9.1 touch, as observed.
func federal(t testing.TB) Calendar {
	closed := map[Date]string{}
	for _, s := range []string{"2026-07-03", "2026-11-26", "2026-12-25", "2027-01-01", "2027-12-24", "2027-12-31"} {
		closed[day(t, s)] = "holiday"
	}
	return Calendar{Closed: closed}
}

func TestBusinessDaysAroundUSHolidays(t *testing.T) {
	us := federal(t)
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-07-02", 1, "2026-07-06"}, // 4 July is a Saturday, observed on Friday
		{"2027-12-30", 1, "2028-01-03"}, // New Year 2028 is observed in 2027
		{"2026-11-25", 1, "2026-11-27"},
		{"2026-12-24", 3, "2026-12-30"},
		{"2026-07-04", 0, "2026-07-06"}, // due on a Saturday: rolls
		{"2026-07-06", -1, "2026-07-02"},
		{"2026-07-04", -1, "2026-07-02"},
		{"2026-07-05", 1, "2026-07-06"},
		{"2026-07-06", 0, "2026-07-06"},
	} {
		if got := us.Add(day(t, c.from), c.n); got.String() != c.want {
			t.Errorf("%s %+d business days is %s, want %s", c.from, c.n, got, c.want)
		}
	}
	if got := us.Back(day(t, "2026-07-05")); got != day(t, "2026-07-02") {
		t.Errorf("the business day at or before 5 July is %s", got)
	}
	if n := us.Count(day(t, "2026-12-24"), day(t, "2026-12-30")); n != 3 {
		t.Errorf("from 24 to 30 December there are %d business days", n)
	}
}

func TestOtherWeekends(t *testing.T) {
	gulf := Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}}
	if got := gulf.Add(day(t, "2026-07-02"), 1); got != day(t, "2026-07-05") {
		t.Errorf("after Thursday 2 July comes %s, want Sunday 5 July", got)
	}
	everyday := Calendar{Weekend: []time.Weekday{}}
	if got := everyday.Add(day(t, "2026-07-03"), 1); got != day(t, "2026-07-04") {
		t.Errorf("without a weekend, after Friday 3 July comes %s", got)
	}
}

func TestCalendarsWithoutBusinessDays(t *testing.T) {
	never := Calendar{Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}
	refused(t, never.Check(), "weekend")
	refused(t, Calendar{Weekend: []time.Weekday{7}}.Check(), "weekend")
	if err := (Calendar{}).Check(); err != nil {
		t.Error(err)
	}
	shut := Calendar{Closed: map[Date]string{}} // a company that has closed for good
	for d := (Date{2026, 1, 1}); d.Year < 2036; d = d.Next() {
		shut.Closed[d] = "closed"
	}
	for _, c := range []Calendar{never, shut, shut.Indexed()} { // none of them hangs
		d := day(t, "2026-07-01")
		if c.Roll(d) != d || c.Add(d, 5) != d {
			t.Errorf("found a business day on %s", c.Add(d, 5))
		}
	}
	if never.Back(day(t, "2026-07-01")) != day(t, "2026-07-01") || never.Count(day(t, "2026-01-01"), day(t, "2026-12-31")) != 0 {
		t.Error("found a business day in a calendar without any")
	}
}

// anyCalendar returns a random calendar with at least one working day a week and, often, days off.
func anyCalendar(r *rand.Rand) Calendar {
	var c Calendar
	if r.IntN(3) > 0 {
		c.Weekend = []time.Weekday{}
		for _, w := range r.Perm(7)[:r.IntN(7)] {
			c.Weekend = append(c.Weekend, time.Weekday(w))
		}
	}
	if r.IntN(4) > 0 {
		c.Closed = map[Date]string{}
		for range r.IntN(60) {
			first := Date{2026, 1, 1}.AddDays(r.IntN(1500))
			for i := range 1 + r.IntN(8) {
				c.Closed[first.AddDays(i)] = "closed"
			}
		}
	}
	return c
}

// The laws of business days, for any calendar.
func TestLawsOfBusinessDays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		c, d := anyCalendar(r), Date{2025, 10, 1}.AddDays(r.IntN(1700))
		n := 1 + r.IntN(60)
		e := d.AddDays(r.IntN(400))
		f := e.AddDays(r.IntN(400))
		rollsToBusinessDays(t, c, d)
		countsWhatItAdds(t, c, d, n)
		keepsTheOrderOfDays(t, c, d, e, n)
		countsEachBusinessDay(t, c, d, e, f)
		reckonsTheSameIndexed(t, c, d, n)
	}
}

// reckonsTheSameIndexed checks that a calendar that was indexed gives the same answers.
func reckonsTheSameIndexed(t *testing.T, c Calendar, d Date, n int) {
	t.Helper()
	i := c.Indexed()
	if i.Add(d, n) != c.Add(d, n) || i.Add(d, -n) != c.Add(d, -n) || i.Add(d, 0) != c.Add(d, 0) || i.Back(d) != c.Back(d) ||
		i.Count(d, d.AddDays(9*n)) != c.Count(d, d.AddDays(9*n)) || i.IsBusiness(d) != c.IsBusiness(d) {
		t.Fatalf("%v: indexed it reckons something else from %s by %d", c, d, n)
	}
}

// rollsToBusinessDays checks that a day rolls forward and back to business days, and stays if it is one.
func rollsToBusinessDays(t *testing.T, c Calendar, d Date) {
	t.Helper()
	roll, back := c.Roll(d), c.Back(d)
	if !c.IsBusiness(roll) || !c.IsBusiness(back) || roll.Before(d) || back.After(d) || c.IsBusiness(d) && (roll != d || back != d) {
		t.Fatalf("%v: %s rolls to %s and back to %s", c, d, roll, back)
	}
}

// countsWhatItAdds checks that n business days after a day and before it count n, that they go there and back, and that zero roll.
func countsWhatItAdds(t *testing.T, c Calendar, d Date, n int) {
	t.Helper()
	a, roll := c.Add(d, n), c.Roll(d)
	if !c.IsBusiness(a) || c.Count(d, a) != n || c.Count(a, d) != -n || c.Add(c.Add(d, n-1), 1) != a && n > 1 {
		t.Fatalf("%v: %s + %d business days is %s, which counts %d", c, d, n, a, c.Count(d, a))
	}
	if b := c.Add(d, -n); !c.IsBusiness(b) || !b.Before(d) || c.Add(b, n) != roll {
		t.Fatalf("%v: %d business days before %s is %s", c, n, d, b)
	}
	if c.Add(d, 0) != roll || c.Count(d, d) != 0 || c.Count(d, roll) > 1 {
		t.Fatalf("%v: zero days from %s", c, d)
	}
}

// keepsTheOrderOfDays checks that what is reckoned from a day e, not before d, is not before what is reckoned from d.
func keepsTheOrderOfDays(t *testing.T, c Calendar, d, e Date, n int) {
	t.Helper()
	if c.Add(e, n).Before(c.Add(d, n)) || c.Add(e, -n).Before(c.Add(d, -n)) || c.Roll(e).Before(c.Roll(d)) || c.Back(e).Before(c.Back(d)) {
		t.Fatalf("%v: %s is not before %s, but after %d business days it is", c, e, d, n)
	}
}

// countsEachBusinessDay checks the count between days d, e and f in their order: it adds up, and going day by day gives the same.
func countsEachBusinessDay(t *testing.T, c Calendar, d, e, f Date) {
	t.Helper()
	if c.Count(d, e)+c.Count(e, f) != c.Count(d, f) {
		t.Fatalf("%v: counting %s, %s, %s does not add up", c, d, e, f)
	}
	slow := 0
	for x := d; x != e; {
		if x = x.Next(); c.IsBusiness(x) {
			slow++
		}
	}
	if got := c.Count(d, e); got != slow {
		t.Fatalf("%v: from %s to %s counted %d business days, there are %d", c, d, e, got, slow)
	}
}

func BenchmarkCalendarAdd(b *testing.B) {
	us, d := federal(b), day(b, "2026-03-02")
	for b.Loop() {
		us.Add(d, 45)
	}
}
