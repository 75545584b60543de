package models

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// refused checks that err is a refusal about a field, with a sentence.
func refused(t *testing.T, err error, field string) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Code != Invalid || e.Field != field || e.Message == "" {
		t.Errorf("got %#v, want a refusal about %q", err, field)
	}
}

func TestParseDateTakesOnlyRealDays(t *testing.T) {
	for _, s := range []string{"2000-01-01", "2028-02-29", "2100-02-28", "2026-12-31", "2199-12-31"} {
		if d, err := ParseDate(s); err != nil || d.String() != s {
			t.Errorf("ParseDate(%q) = %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "2026", "2026-2-3", "2026-02-30", "2027-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
		"2026-01-00", "1999-12-31", "2200-01-01", "2026-01-01T00:00:00Z", "2026/01/01", "+026-01-01", " 2026-01-01", "２０２６-01"} {
		if d, err := ParseDate(s); err == nil || !d.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v; want a refusal and no date", s, d, err)
		} else {
			refused(t, err, "")
		}
	}
}

// Windows close on the day before the same day of a later month, clamped to its last (domain.md 9.1, 4.2).
func TestWindowsCloseByCalendarMonths(t *testing.T) {
	for _, w := range []struct {
		opens  string
		months int
		closes string
		days   int
	}{
		{"2026-01-01", 6, "2026-06-30", 181},
		{"2026-10-01", 9, "2027-06-30", 273},
		{"2026-08-31", 6, "2027-02-27", 181}, // AddDate gives 3 March
		{"2027-11-30", 3, "2028-02-28", 91},
		{"2026-11-30", 3, "2027-02-27", 90},
		{"2028-02-29", 12, "2029-02-27", 365},
		{"2027-07-01", 12, "2028-06-30", 366},
		{"2026-02-15", 3, "2026-05-14", 89},
	} {
		open := day(t, w.opens)
		closes := open.AddMonths(w.months).AddDays(-1)
		if closes.String() != w.closes || open.DaysUntil(closes)+1 != w.days {
			t.Errorf("%s + %d months closes %s after %d days, want %s after %d", w.opens, w.months, closes, open.DaysUntil(closes)+1, w.closes,
				w.days)
		}
	}
	if got := day(t, "2026-03-31").AddMonths(-1); got != day(t, "2026-02-28") {
		t.Errorf("a month before 31 March is %s", got)
	}
	if got := day(t, "2026-01-15").AddMonths(-13); got != day(t, "2024-12-15") {
		t.Errorf("13 months before 15 January 2026 is %s", got)
	}
}

func TestDatesAgreeWithPackageTime(t *testing.T) {
	d := Date{1999, time.December, 1}
	for at := time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2202; at = at.AddDate(0, 0, 1) {
		if want := DateIn(at, time.UTC); d != want || d.Weekday() != at.Weekday() {
			t.Fatalf("got %s %s, want %s %s", d, d.Weekday(), want, at.Weekday())
		}
		n := rand.IntN(2000) - 1000
		if got, want := d.AddDays(n), DateIn(at.AddDate(0, 0, n), time.UTC); got != want || d.DaysUntil(got) != n {
			t.Fatalf("%s + %d days = %s, want %s", d, n, got, want)
		}
		if next := d.Next(); next.previous() != d || next != d.AddDays(1) || !d.Before(next) || !next.After(d) || d.Compare(next) != -1 {
			t.Fatalf("%s and %s are not neighbours", d, next)
		}
		d = d.Next()
	}
}

func TestAddMonthsNeverOvershootsAndKeepsOrder(t *testing.T) {
	for range 20000 {
		d := Date{2000, 1, 1}.AddDays(rand.IntN(70000))
		e, n := d.AddDays(rand.IntN(40)), rand.IntN(60)-30
		got := d.AddMonths(n)
		if got.Year*12+int(got.Month) != d.Year*12+int(d.Month)+n || got.Day > d.Day || got.Check() != nil && got.Year >= MinYear {
			t.Fatalf("%s + %d months = %s", d, n, got)
		}
		if e.AddMonths(n).Before(got) {
			t.Fatalf("%s is not before %s, but %d months later it is", e, d, n)
		}
	}
}

// Wall times that come twice, never, or on days without a midnight (domain.md 9.1).
func TestAtIsTheFirstOfTwoAndTheNextOfNone(t *testing.T) {
	for _, c := range []struct {
		zone         string
		day          string
		hour, minute int
		want         string // in that zone
	}{
		{"America/New_York", "2026-10-31", 9, 0, "2026-10-31T09:00:00-04:00"},
		{"America/New_York", "2026-11-01", 9, 0, "2026-11-01T09:00:00-05:00"},
		{"America/New_York", "2026-11-01", 1, 30, "2026-11-01T01:30:00-04:00"}, // twice: the first
		{"America/New_York", "2026-11-01", 1, 0, "2026-11-01T01:00:00-04:00"},
		{"America/New_York", "2026-11-01", 2, 0, "2026-11-01T02:00:00-05:00"},
		{"America/New_York", "2027-03-14", 2, 30, "2027-03-14T03:00:00-04:00"}, // never: the next minute there is
		{"America/New_York", "2027-03-14", 1, 59, "2027-03-14T01:59:00-05:00"},
		{"America/New_York", "2027-03-14", 3, 0, "2027-03-14T03:00:00-04:00"},
		{"Australia/Sydney", "2026-10-04", 2, 30, "2026-10-04T03:00:00+11:00"},
		{"Australia/Sydney", "2027-04-04", 2, 30, "2027-04-04T02:30:00+11:00"},
		{"America/Santiago", "2026-09-06", 0, 0, "2026-09-06T01:00:00-03:00"},
		{"Africa/Cairo", "2027-04-30", 0, 0, "2027-04-30T01:00:00+03:00"},
		{"Asia/Beirut", "2027-03-28", 0, 0, "2027-03-28T01:00:00+03:00"},
		{"America/Havana", "2026-11-01", 0, 30, "2026-11-01T00:30:00-04:00"},
		{"Australia/Lord_Howe", "2026-10-04", 2, 15, "2026-10-04T02:30:00+11:00"}, // put forward by half an hour
		{"Asia/Kolkata", "2026-03-31", 23, 50, "2026-03-31T23:50:00+05:30"},
		{"Asia/Kathmandu", "2026-03-31", 9, 0, "2026-03-31T09:00:00+05:45"},
		{"Pacific/Chatham", "2026-07-01", 9, 0, "2026-07-01T09:00:00+12:45"},
		{"Pacific/Kiritimati", "2026-07-01", 0, 0, "2026-07-01T00:00:00+14:00"},
		{"Pacific/Pago_Pago", "2026-07-01", 23, 59, "2026-07-01T23:59:00-11:00"},
		{"Pacific/Apia", "2011-12-30", 9, 0, "2011-12-31T00:00:00+14:00"}, // a day that was left out
		{"UTC", "2026-07-01", 0, 0, "2026-07-01T00:00:00Z"},
	} {
		if got := day(t, c.day).At(zone(t, c.zone), c.hour, c.minute).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s %02d:%02d is %s, want %s", c.zone, c.day, c.hour, c.minute, got, c.want)
		}
	}
	if got := day(t, "2026-07-01").At(nil, 9, 0); got.Location() != time.UTC {
		t.Errorf("no zone gave %s", got)
	}
}

// Begin is the first instant of its day, in every zone that has ever moved a midnight, and the day before has ended.
func TestBeginIsTheFirstInstantOfTheDay(t *testing.T) {
	for _, name := range []string{"America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Asuncion",
		"Asia/Gaza", "Atlantic/Azores", "Asia/Tehran", "America/New_York", "Pacific/Auckland", "Pacific/Honolulu",
		"America/Scoresbysund", "Europe/London", "Asia/Amman", "America/Sao_Paulo"} {
		loc := zone(t, name)
		for d := (Date{2015, 1, 1}); d.Year < 2031; d = d.Next() {
			begin := d.Begin(loc)
			if DateIn(begin, loc) != d || DateIn(begin.Add(-time.Second), loc) == d {
				t.Fatalf("%s: %s begins at %s, a second after %s", name, d, begin, begin.Add(-time.Second))
			}
			if next := d.Next().Begin(loc); !next.After(begin) {
				t.Fatalf("%s: %s begins before %s", name, d.Next(), d)
			}
		}
	}
}

func TestAtAgreesWithTheClockOnTheWall(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"} {
		loc := zone(t, name)
		for range 20000 {
			d, h, m := Date{2020, 1, 1}.AddDays(rand.IntN(5000)), rand.IntN(24), rand.IntN(60)
			at := d.At(loc, h, m)
			if DateIn(at, loc) != d {
				t.Fatalf("%s %s %02d:%02d is on %s", name, d, h, m, at)
			}
			if at.Hour() != h || at.Minute() != m { // skipped: one minute earlier is before the wall time
				if before := at.Add(-time.Minute); before.Hour()*60+before.Minute() >= h*60+m {
					t.Fatalf("%s %s %02d:%02d became %s, which is not the next minute", name, d, h, m, at)
				}
				continue
			}
			for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
				if before := at.Add(-back); DateIn(before, loc) == d && before.Hour() == h && before.Minute() == m {
					t.Fatalf("%s %s %02d:%02d came first at %s, not %s", name, d, h, m, before, at)
				}
			}
		}
	}
}

func TestTodayDiffersAcrossTheDateLine(t *testing.T) {
	now := time.Date(2026, 7, 1, 11, 0, 0, 0, time.UTC)
	owner, manager := DateIn(now, zone(t, "Pacific/Auckland")), DateIn(now, zone(t, "Pacific/Honolulu"))
	if owner != day(t, "2026-07-01") || manager != day(t, "2026-07-01") {
		t.Errorf("at 11:00 UTC it is %s in Auckland and %s in Honolulu", owner, manager)
	}
	now = now.Add(2 * time.Hour)
	owner, manager = DateIn(now, zone(t, "Pacific/Auckland")), DateIn(now, zone(t, "Pacific/Honolulu"))
	if owner != day(t, "2026-07-02") || manager != day(t, "2026-07-01") {
		t.Errorf("at 13:00 UTC it is %s in Auckland and %s in Honolulu", owner, manager)
	}
}

func TestDatesAsTextAndInTheDatabase(t *testing.T) {
	type row struct {
		Due  Date `json:"due"`
		Done Date `json:"done,omitzero"`
	}
	text, err := json.Marshal(row{Due: day(t, "2026-03-31")})
	if err != nil || string(text) != `{"due":"2026-03-31"}` {
		t.Errorf("got %s, %v", text, err)
	}
	back := row{Done: day(t, "2026-01-01")}
	if err := json.Unmarshal([]byte(`{"due":"2026-03-31","done":""}`), &back); err != nil || back != (row{Due: day(t, "2026-03-31")}) {
		t.Errorf("got %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"due":"31.03.2026"}`), &back); err == nil {
		t.Error("31.03.2026 was taken for a date")
	}
	byDay, err := json.Marshal(map[Date]string{day(t, "2026-12-25"): "Christmas"})
	if err != nil || string(byDay) != `{"2026-12-25":"Christmas"}` {
		t.Errorf("got %s, %v", byDay, err)
	}
	for _, bad := range []Date{{2026, 2, 30}, {1999, 1, 1}, {0, 1, 1}} {
		if _, err := bad.MarshalText(); err == nil {
			t.Errorf("%v was written", bad)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-31", "2028-02-29", "", "0000-00-00", "2026-1-01", "9999-99-99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		_, wrong := time.Parse(time.DateOnly, s)
		if err == nil && (d.String() != s || wrong != nil) {
			t.Errorf("ParseDate(%q) = %s; package time says %v", s, d, wrong)
		}
		if err != nil && wrong == nil && s >= "2000-01-01" && s < "2200-01-01" {
			t.Errorf("ParseDate(%q): %v", s, err)
		}
	})
}
