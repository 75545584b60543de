package planning_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
)

func window(opens string, months int) planning.Span {
	return engagement.Engagement{WindowOpen: modelstest.On(opens), WindowMonths: months}.Window()
}

// counts asks for a control of each frequency and says what comes of it: how often it is asked for and, for daily and weekly
// ones, how many performances are expected in all.
func counts(w planning.Span, days models.Calendar) map[string][2]int {
	out := map[string][2]int{}
	for _, frequency := range []string{"continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual", "event"} {
		all := planning.Occurrences(modelstest.Catalog(), []catalog.Control{{ID: "C", Name: "Control", Frequency: frequency, Owner: "it_lead"}},
			w, days)
		n := [2]int{len(all), 0}
		for _, o := range all {
			n[1] += o.Planned
		}
		out[frequency] = n
	}
	return out
}

// The planned occurrences of domain.md 4.3, and the windows of 9.1.
func TestOccurrencesOfAWindow(t *testing.T) {
	for _, c := range []struct {
		opens  string
		months int
		closes string
		// asked for, and performances of daily and weekly controls
		daily, weekly                          [2]int
		monthly, quarterly, semiannual, annual int
	}{
		{"2026-01-01", 3, "2026-03-31", [2]int{3, 61}, [2]int{3, 13}, 3, 1, 0, 1}, // 64 weekdays, three holidays
		{"2026-01-01", 6, "2026-06-30", [2]int{6, 124}, [2]int{6, 26}, 6, 2, 1, 1},
		{"2026-01-01", 9, "2026-09-30", [2]int{9, 188}, [2]int{9, 39}, 9, 3, 1, 1},
		{"2026-01-01", 12, "2026-12-31", [2]int{12, 250}, [2]int{12, 52}, 12, 4, 2, 1},
		{"2026-02-15", 3, "2026-05-14", [2]int{4, 63}, [2]int{4, 13}, 3, 1, 0, 1},      // Feb, Mar, Apr; one quarter end
		{"2026-10-01", 9, "2027-06-30", [2]int{9, 186}, [2]int{9, 39}, 9, 3, 1, 1},     // over a year's end
		{"2026-08-31", 6, "2027-02-27", [2]int{6, 122}, [2]int{6, 25}, 6, 2, 1, 1},     // August has one day, as September
		{"2027-11-30", 3, "2028-02-28", [2]int{3, 61}, [2]int{3, 13}, 3, 1, 0, 1},      // November has one day, which December has
		{"2028-02-29", 12, "2029-02-27", [2]int{12, 250}, [2]int{12, 52}, 12, 4, 2, 1}, // from a leap day
		{"2027-07-01", 12, "2028-06-30", [2]int{12, 251}, [2]int{12, 52}, 12, 4, 2, 1}, // 366 days
		{"2027-06-17", 6, "2027-12-16", [2]int{7, 125}, [2]int{7, 26}, 6, 2, 1, 1},
		{"2026-05-01", 1, "2026-05-31", [2]int{1, 20}, [2]int{1, 5}, 1, 0, 0, 1},
		{"2026-01-01", 24, "2027-12-31", [2]int{24, 499}, [2]int{24, 104}, 24, 8, 4, 1},
	} {
		w := window(c.opens, c.months)
		if w.End != modelstest.On(c.closes) {
			t.Errorf("%s + %d months closes on %s, want %s", c.opens, c.months, w.End, c.closes)
		}
		got := counts(w, models.Calendar{Closed: modelstest.DaysOff()})
		want := map[string][2]int{"continuous": {1, 0}, "daily": c.daily, "weekly": c.weekly, "monthly": {c.monthly, 0},
			"quarterly": {c.quarterly, 0}, "semiannual": {c.semiannual, 0}, "annual": {c.annual, 0}, "event": {0, 0}}
		for frequency, n := range want {
			if got[frequency] != n {
				t.Errorf("%s to %s: %s controls are asked for %d times, %d performances; want %d, %d", w.Start, w.End, frequency, got[frequency][0],
					got[frequency][1], n[0], n[1])
			}
		}
	}
}

// The whole calendar of one short window, as the owner sees it.
func TestAnEvidenceCalendar(t *testing.T) {
	var controls []catalog.Control
	for _, frequency := range []string{"continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual"} {
		controls = append(controls, catalog.Control{ID: strings.ToUpper(frequency[:2]), Name: frequency, Frequency: frequency, Owner: "it_lead"})
	}
	var got []string
	for _, o := range planning.Occurrences(modelstest.Catalog(), controls, window("2026-02-15", 3),
		models.Calendar{Closed: modelstest.DaysOff()}) {
		by := ""
		if !o.PerformBy.IsZero() {
			by = " perform by " + o.PerformBy.String()
		}
		got = append(got, fmt.Sprintf("%s..%s%s send by %s %s: %s", o.Period.Start, o.Period.End, by, o.Due, o.Subject, o.Title))
	}
	want := []string{
		"2026-02-15..2026-02-28 send by 2026-03-02 DA.2026-02: daily, 2026-02 (9 business days)",
		"2026-02-15..2026-02-28 send by 2026-03-03 WE.2026-02: weekly, 2026-02 (2 weeks)",
		"2026-02-15..2026-02-28 perform by 2026-02-27 send by 2026-03-06 MO.2026-02: monthly, 2026-02",
		"2026-02-15..2026-03-31 perform by 2026-03-31 send by 2026-04-14 QU.2026-Q1: quarterly, 2026-Q1",
		"2026-02-15..2026-05-14 perform by 2026-04-14 send by 2026-05-12 AN.2026-02-15: annual, this year's performance",
		"2026-03-01..2026-03-31 send by 2026-04-01 DA.2026-03: daily, 2026-03 (22 business days)",
		"2026-03-01..2026-03-31 send by 2026-04-02 WE.2026-03: weekly, 2026-03 (5 weeks)",
		"2026-03-01..2026-03-31 perform by 2026-03-31 send by 2026-04-07 MO.2026-03: monthly, 2026-03",
		"2026-04-01..2026-04-30 send by 2026-05-01 DA.2026-04: daily, 2026-04 (22 business days)",
		"2026-04-01..2026-04-30 send by 2026-05-04 WE.2026-04: weekly, 2026-04 (4 weeks)",
		"2026-04-01..2026-04-30 perform by 2026-04-30 send by 2026-05-07 MO.2026-04: monthly, 2026-04",
		"2026-04-24..2026-05-14 perform by 2026-05-14 send by 2026-05-21 CO.2026-05-14: continuous, its setting, and the changes since " +
			"Sun 2026-02-15",
		"2026-05-01..2026-05-14 send by 2026-05-15 DA.2026-05-14: daily, 2026-05 (10 business days)",
		"2026-05-01..2026-05-14 send by 2026-05-18 WE.2026-05-14: weekly, 2026-05 (2 weeks)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the calendar is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Northgate's window opens on Thursday 24 June, five business days before the quarter ends. Nobody is asked for a review of those
// five days: the first one is of the summer with them, and there are as many as in a window that opens on the first of July.
func TestAWindowThatOpensAtTheEndOfAQuarter(t *testing.T) {
	controls := []catalog.Control{{ID: "QU", Name: "Access review", Frequency: "quarterly"}, {ID: "MO", Name: "Scan", Frequency: "monthly"}}
	days := models.Calendar{Closed: modelstest.DaysOff()}
	var got []string
	for _, o := range planning.Occurrences(modelstest.Catalog(), controls, window("2027-06-24", 6), days) {
		got = append(got, fmt.Sprintf("%s: %s to %s, perform by %s: %s", o.Subject, o.Period.Start, o.Period.End, o.PerformBy, o.Title))
	}
	want := []string{
		"QU.2027-Q3: 2027-06-24 to 2027-09-30, perform by 2027-09-30: Access review, 2027-Q3 and the days before it from Thu 2027-06-24",
		"MO.2027-07: 2027-06-24 to 2027-07-31, perform by 2027-07-30: Scan, 2027-07 and the days before it from Thu 2027-06-24",
		"MO.2027-08: 2027-08-01 to 2027-08-31, perform by 2027-08-31: Scan, 2027-08",
		"MO.2027-09: 2027-09-01 to 2027-09-30, perform by 2027-09-30: Scan, 2027-09",
		"QU.2027-12-23: 2027-10-01 to 2027-12-23, perform by 2027-12-23: Access review, 2027-Q4 until Thu 2027-12-23",
		"MO.2027-10: 2027-10-01 to 2027-10-31, perform by 2027-10-29: Scan, 2027-10",
		"MO.2027-11: 2027-11-01 to 2027-11-30, perform by 2027-11-30: Scan, 2027-11",
		"MO.2027-12-23: 2027-12-01 to 2027-12-23, perform by 2027-12-23: Scan, 2027-12 until Thu 2027-12-23",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the calendar is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	before := *modelstest.Catalog() // an engagement that runs goes on as it was started
	before.Sampling.Occurrences.JoinUnder = 0
	if o := planning.Occurrences(&before, controls, window("2027-06-24", 6), days); o[0].Subject != "QU.2027-Q2" ||
		o[0].Period.End != modelstest.On("2027-06-30") {
		t.Errorf("with a catalog of before it begins with %+v", o[0])
	}
}

// What belongs to a window lies in it: a period ends on its last day at the latest, days are told apart, every day of it is
// covered by daily controls once, and extending it takes nothing away that was complete.
func TestLawsOfOccurrences(t *testing.T) {
	controls := []catalog.Control{}
	for _, frequency := range []string{"continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual"} {
		controls = append(controls, catalog.Control{ID: frequency, Name: frequency, Frequency: frequency})
	}
	friSat := models.Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}}
	for start := modelstest.On("2026-01-01"); start.Before(modelstest.On("2029-03-02")); start = start.AddDays(7) {
		for _, months := range []int{1, 2, 3, 6, 9, 12} {
			w := engagement.Engagement{WindowOpen: start, WindowMonths: months}.Window()
			all := planning.Occurrences(modelstest.Catalog(), controls, w, friSat)
			seen := toldApart(t, w, all)
			for _, o := range all {
				liesInItsWindow(t, w, o, friSat)
			}
			coversEachDayOnce(t, w, all)
			allBegin(t, w, all, friSat)
			asksForNoStub(t, w, months, all)
			staysWhenExtended(t, w, seen, toldApart(t, w, planning.Occurrences(modelstest.Catalog(), controls,
				engagement.Engagement{WindowOpen: start, WindowMonths: months + 3}.Window(), friSat)))
		}
	}
}

// asksForNoStub checks that no period of a monthly or quarterly control is a few days at the beginning of a window, unless the window
// has no more, that a period which joined another says its days, and that there are no fewer performances than the length of the
// window has.
func asksForNoStub(t *testing.T, w planning.Span, length int, all []planning.Occurrence) {
	t.Helper()
	n := map[string]int{}
	for _, o := range all {
		n[o.Control]++
		least := map[string]int{"daily": 9, "weekly": 9, "monthly": 9, "quarterly": 27}[o.Control]
		days := o.Period.Start.DaysUntil(o.Period.End) + 1
		if o.Period.Start == w.Start && days < least && o.Period.End != w.End {
			t.Fatalf("%v: %s is asked for of %d days", w, o.Subject, days)
		}
		longest := map[string]int{"daily": 50, "weekly": 50, "monthly": 41, "quarterly": 120}[o.Control]
		if longest > 0 && days > longest {
			t.Fatalf("%v: %s is asked for once in %d days", w, o.Subject, days)
		}
		if o.Control == "quarterly" && days > 92 && !strings.Contains(o.Title, w.Start.String()) {
			t.Fatalf("%v: the days of %v are not said: %q", w, o.Period, o.Title)
		}
	}
	if n["monthly"] != length || n["quarterly"] < length/3 || length%3 == 0 && n["quarterly"] != length/3 {
		t.Fatalf("%v: %d months have %d monthly and %d quarterly performances", w, length, n["monthly"], n["quarterly"])
	}
}

// toldApart returns occurrences by their subjects, of which none comes twice.
func toldApart(t *testing.T, w planning.Span, all []planning.Occurrence) map[string]planning.Occurrence {
	t.Helper()
	seen := map[string]planning.Occurrence{}
	for _, o := range all {
		if _, twice := seen[o.Subject]; twice {
			t.Fatalf("%v: %s comes twice", w, o.Subject)
		}
		seen[o.Subject] = o
	}
	return seen
}

// allBegin checks that who goes from one NextBegin to the next passes no period.
func allBegin(t *testing.T, w planning.Span, all []planning.Occurrence, off models.Calendar) {
	t.Helper()
	days := map[models.Date]bool{}
	for day := w.Start.AddDays(-3); ; {
		if day = planning.NextBegin(modelstest.Catalog(), w, day, off); day.IsZero() {
			break
		}
		if days[day] = true; len(days) > 60 {
			t.Fatalf("%v: periods begin on more than 60 days", w)
		}
	}
	for _, o := range all {
		if !days[o.Period.Start] {
			t.Fatalf("%v: %s begins on %s, which is passed", w, o.Subject, o.Period.Start)
		}
	}
}

// Who goes from one NextRepeat to the next meets every coming of a repeated task, also after a company was closed for weeks, and nothing
// else.
func TestTheNextRepeatIsTheNextComing(t *testing.T) {
	closed := map[models.Date]string{}
	for day := range 40 {
		closed[modelstest.On("2027-03-10").AddDays(day)] = "shut"
	}
	for _, days := range []models.Calendar{{}, {Closed: closed}, {Weekend: []time.Weekday{time.Friday}}} {
		for _, every := range []string{"weekly", "monthly", "quarterly"} {
			tmpl := catalog.TaskTemplate{Repeats: &catalog.Repeat{Every: every}}
			for n := range 40 {
				first := modelstest.On("2027-01-05").AddDays(n)
				until := first.AddDays(500)
				var want, got []models.Date
				for _, o := range planning.Repeats(tmpl, first, until, &days) {
					want = append(want, o.Period.Start)
				}
				want = slices.Compact(want) // what comes on one day comes once
				for day := first.AddDays(-30); ; {
					if day = planning.NextRepeat(tmpl, first, until, &days, day); day.IsZero() {
						break
					}
					got = append(got, day)
				}
				if len(want) < 5 || !slices.Equal(got, want) {
					t.Fatalf("%s from %s: comings begin on\n%v, met were\n%v", every, first, want, got)
				}
			}
		}
	}
}

// liesInItsWindow checks that an occurrence is of days of its window, and due on a business day when its period is over.
func liesInItsWindow(t *testing.T, w planning.Span, o planning.Occurrence, days models.Calendar) {
	t.Helper()
	if o.Period.Start.Before(w.Start) || o.Period.End.After(w.End) || o.Period.End.Before(o.Period.Start) {
		t.Fatalf("%v: %s is of %v", w, o.Subject, o.Period)
	}
	if !days.IsBusiness(o.Due) {
		t.Fatalf("%v: %s is due on a %s", w, o.Subject, o.Due.Weekday())
	}
	if o.Control != "annual" && o.Due.Before(o.Period.End) {
		t.Fatalf("%v: %s, of %v, is due %s", w, o.Subject, o.Period, o.Due)
	}
	performedInItsPeriod(t, w, o, days)
}

// performedInItsPeriod checks that a control is performed in its period and on a business day, as long as that has one, and before its
// evidence is sent, which is five business days after the window at the latest. Daily and weekly controls state no performance.
func performedInItsPeriod(t *testing.T, w planning.Span, o planning.Occurrence, days models.Calendar) {
	t.Helper()
	if often := o.Control == "daily" || o.Control == "weekly"; often != o.PerformBy.IsZero() {
		t.Fatalf("%v: %s is performed by %s", w, o.Subject, o.PerformBy)
	} else if often {
		return
	}
	if o.PerformBy.Before(o.Period.Start) || o.PerformBy.After(o.Period.End) || o.Due.Before(o.PerformBy) || o.Due.After(days.Add(w.End, 5)) {
		t.Fatalf("%v: %s, of %v, is performed by %s and sent by %s", w, o.Subject, o.Period, o.PerformBy, o.Due)
	}
	if any := !days.Back(o.Period.End).Before(o.Period.Start); any && !days.IsBusiness(o.PerformBy) {
		t.Fatalf("%v: %s is performed by a %s", w, o.Subject, o.PerformBy.Weekday())
	}
}

// coversEachDayOnce checks that each day of a window is in the period of one occurrence of the daily control.
func coversEachDayOnce(t *testing.T, w planning.Span, all []planning.Occurrence) {
	t.Helper()
	daily := map[models.Date]int{}
	for _, o := range all {
		if o.Control != "daily" {
			continue
		}
		for d := o.Period.Start; !d.After(o.Period.End); d = d.AddDays(1) {
			daily[d]++
		}
	}
	for d := w.Start; !d.After(w.End); d = d.AddDays(1) {
		if daily[d] != 1 {
			t.Fatalf("%v: %s is covered %d times", w, d, daily[d])
		}
	}
}

// staysWhenExtended checks that a longer window has what was complete in the shorter one, w, of the same periods.
func staysWhenExtended(t *testing.T, w planning.Span, seen, longer map[string]planning.Occurrence) {
	t.Helper()
	for id, o := range seen {
		switch next, ok := longer[id]; {
		case o.Control == "continuous": // middle and end are elsewhere
		case !ok && o.Period.End != w.End:
			t.Fatalf("%v: %s, of %v, is gone when the window is extended", w, id, o.Period)
		case ok && o.Control != "annual" && next.Period != o.Period:
			t.Fatalf("%v: %s is of %v, and of %v when the window is extended", w, id, o.Period, next.Period)
		}
	}
}

// An engagement that was started with a catalog of before goes on with it: one date for each control, and three looks at a setting.
func TestACatalogOfBeforeHasOneDate(t *testing.T) {
	before := *modelstest.Catalog()
	before.Sampling.Occurrences.SendAfterClose, before.Sampling.Occurrences.CaptureWithin = 0, 0
	w, days := window("2027-01-01", 6), models.Calendar{Closed: modelstest.DaysOff()}
	controls := []catalog.Control{{ID: "CO", Frequency: "continuous"}, {ID: "QU", Frequency: "quarterly"}, {ID: "AN", Frequency: "annual"}}
	var got []string
	for _, o := range planning.Occurrences(&before, controls, w, days) {
		if !o.PerformBy.IsZero() {
			t.Errorf("%s is performed by %s", o.Subject, o.PerformBy)
		}
		got = append(got, o.Subject+" "+o.Due.String())
	}
	want := []string{"CO.2027-01-01 2027-01-08", "QU.2027-Q1 2027-04-14", "AN.2027-01-01 2027-05-27", "CO.2027-04-01 2027-04-08",
		"QU.2027-Q2 2027-07-15", "CO.2027-06-30 2027-07-08"}
	if !slices.Equal(got, want) {
		t.Errorf("it asks for %v", got)
	}
}
