package planning_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

func back(t testing.TB, in planning.PlanInput, want string) planning.Backward {
	t.Helper()
	b, err := planning.PlanBack(loaded(t), in, date(t, want))
	if err != nil {
		t.Fatalf("%s for %d people by %s: %v", in.Type, in.Headcount, want, err)
	}
	return b
}

// nextMeeting returns the next day on which firm and client both work.
func nextMeeting(in planning.PlanInput, d models.Date) models.Date {
	for {
		if d = in.Firm.Add(d, 1); in.Client.IsBusiness(d) {
			return d
		}
	}
}

// inTime reports whether a plan gives its report by want without a date that comes before readiness.
func inTime(t testing.TB, in planning.PlanInput, want models.Date) bool {
	t.Helper()
	p, err := planning.NewPlan(loaded(t), in)
	if err != nil {
		return false // a date that was given is before the kickoff
	}
	return !p.Report.After(want) && !strings.Contains(codes(p.Warnings), planning.WarnReadinessLate)
}

// roundTrip checks that the kickoff PlanBack returns is in time, and the next one is not; so for the other dates.
func roundTrip(t *testing.T, in planning.PlanInput, want models.Date) {
	t.Helper()
	b, err := planning.PlanBack(loaded(t), in, want)
	if err != nil || !b.Possible {
		t.Fatalf("%s by %s: %+v, %v", brief(in), want, b, err)
	}
	from := in
	from.Kickoff = b.Kickoff
	if !inTime(t, from, want) || plan(t, from).Report != b.Report {
		t.Fatalf("%s by %s: kickoff on %s reports on %s", brief(in), want, b.Kickoff, plan(t, from).Report)
	}
	if !in.Firm.IsBusiness(b.Kickoff) || !in.Client.IsBusiness(b.Kickoff) {
		t.Fatalf("%s by %s: kickoff on a day off, %s", brief(in), want, b.Kickoff)
	}
	dates := from // the latest as-of date and window are in time as well
	dates.AsOf, dates.WindowOpen = b.AsOf, b.WindowOpen
	if !inTime(t, dates, want) {
		t.Fatalf("%s by %s: as of %s and with a window from %s it reports on %s", brief(in), want, b.AsOf, b.WindowOpen, plan(t, dates).Report)
	}
	if in.WindowOpen.IsZero() && in.PreviousClose.IsZero() && !b.WindowOpen.IsZero() {
		dates.WindowOpen = b.WindowOpen.AddDays(1)
		if inTime(t, dates, want) {
			t.Fatalf("%s by %s: a window from %s is in time, too", brief(in), want, dates.WindowOpen)
		}
		if last := plan(t, from).Months; b.WindowClose.AddDays(1) != b.WindowOpen.AddMonths(last) {
			t.Fatalf("%s by %s: the window goes from %s to %s", brief(in), want, b.WindowOpen, b.WindowClose)
		}
	}
	if in.AsOf.IsZero() && !b.AsOf.IsZero() && b.WindowOpen.IsZero() {
		dates.AsOf = b.AsOf.AddDays(1)
		if inTime(t, dates, want) {
			t.Fatalf("%s by %s: an as-of date of %s is in time, too", brief(in), want, dates.AsOf)
		}
	}
	from.Kickoff = nextMeeting(in, b.Kickoff)
	if inTime(t, from, want) {
		t.Fatalf("%s by %s: kickoff on %s is in time, later than %s", brief(in), want, from.Kickoff, b.Kickoff)
	}
}

func TestPlanningBackMeetsPlanningForth(t *testing.T) {
	c := loaded(t)
	for _, kind := range c.Types {
		for _, people := range c.Sizes {
			for _, want := range []string{"2029-06-29", "2029-12-25", "2030-03-01", "2029-09-02"} {
				in := request(t, kind.ID, people, models.Date{})
				if strings.HasSuffix(kind.ID, "renewal") {
					in.PreviousClose = date(t, "2027-06-30")
				}
				roundTrip(t, in, date(t, want))
			}
		}
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 10))
		in := someInput(t, r)
		report := plan(t, in).Report
		if in.Kickoff = (models.Date{}); r.IntN(2) == 0 {
			in.Kickoff = date(t, "2020-03-02")
		}
		roundTrip(t, in, report.AddDays(r.IntN(100)))
	}
}

// The latest safe dates for a Type 1 and then a Type 2 of six months, wanted for the end of March 2028.
func TestBackFromAReportDate(t *testing.T) {
	in := request(t, "soc2_type1_type2", 50, models.Date{})
	b := back(t, in, "2028-03-31")
	got := fmt.Sprint(b.Kickoff, b.AsOf, b.WindowOpen, b.WindowClose, b.Report)
	if want := "2027-04-08 2027-07-31 2027-08-01 2028-01-31 2028-03-30"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if b.Binding != (planning.Constraint{}) || !b.Earliest.IsZero() || !b.Possible {
		t.Errorf("got %+v", b)
	}
}

// When the wanted date cannot be met, it says what does not fit and what can be met.
func TestWhatStandsInTheWay(t *testing.T) {
	for _, c := range []struct {
		kind, want string
		change     func(*planning.PlanInput)
		phase      catalog.Phase
		days       int
		says       string
	}{
		{"soc2_type2", "2027-01-22", nil, catalog.PhaseT2Report, 15, "the report takes 15"},
		{"soc2_type2", "2027-02-15", nil, catalog.PhaseT2Fieldwork, 33, "fieldwork and report take 33"},
		{"soc2_type2", "2027-03-15", nil, catalog.PhaseT2Close, 41, "window close, fieldwork and report"},
		{"soc2_type2", "2027-06-30", nil, catalog.PhaseWindow, 0, "observation window of 6 months"},
		{"soc2_type2", "2027-09-24", nil, catalog.PhaseWindowSetup, 8, "window"},
		{"soc2_type2", "2027-10-15", nil, catalog.PhaseRemediation, 45, "remediation takes 45"},
		{"soc2_type2", "2027-12-10", nil, catalog.PhaseGap, 15, "gap analysis takes 15"},
		{"soc2_type2", "2028-01-06", nil, catalog.PhaseKickoff, 8, "kickoff"},
		{"soc2_type1", "2027-02-01", nil, catalog.PhaseT1Report, 15, "report takes 15"},
		{"soc2_type1", "2027-02-11", nil, catalog.PhaseT1Fieldwork, 27, "fieldwork and report"},
		{"soc2_type1", "2027-02-26", nil, catalog.PhaseT1Prep, 8, "preparation takes 8"},
		{"soc2_type1_type2", "2027-09-24", nil, catalog.PhaseT1Prep, 8, "Type 1 preparation"},
		{"readiness_only", "2027-02-01", nil, catalog.PhaseRemediation, 45, "remediation"},
		{"soc2_type2", "2027-12-31", func(in *planning.PlanInput) { in.WindowOpen = date(t, "2027-08-01") }, catalog.PhaseWindow, 0,
			"opens on 2027-08-01"},
		{"soc2_type2", "2027-12-31", func(in *planning.PlanInput) { in.WindowOpen = date(t, "2027-03-01") }, catalog.PhaseRemediation, 68,
			"sign-off on 2027-04-28 would come after the window's first day 2027-03-01"},
		{"soc2_type1", "2027-12-31", func(in *planning.PlanInput) { in.AsOf = date(t, "2027-03-01") }, catalog.PhaseRemediation, 68,
			"as-of date 2027-03-01"},
		{"soc2_type1", "2027-12-31", func(in *planning.PlanInput) { in.AsOf = date(t, "2027-12-01") }, catalog.PhaseT1Prep, 8,
			"as-of date is 2027-12-01"},
	} {
		in := request(t, c.kind, 50, date(t, "2027-01-19"))
		if c.change != nil {
			c.change(&in)
		}
		b := back(t, in, c.want)
		if b.Possible || b.Binding.Phase != c.phase || b.Binding.Days != c.days || !strings.Contains(b.Binding.Text, c.says) {
			t.Errorf("%s by %s: %+v, want %s", c.kind, c.want, b, c.phase)
			continue
		}
		free := in
		if c.phase == catalog.PhaseRemediation && c.days == 68 {
			free.AsOf, free.WindowOpen = models.Date{}, models.Date{}
		}
		if b.Earliest != plan(t, free).Report || !b.Kickoff.IsZero() && b.Kickoff != in.Kickoff {
			t.Errorf("%s by %s: the earliest report is on %s, want %s", c.kind, c.want, b.Earliest, plan(t, free).Report)
		}
		in.AsOf, in.WindowOpen = free.AsOf, free.WindowOpen
		if again := back(t, in, b.Earliest.String()); !again.Possible || again.Report.After(b.Earliest) {
			t.Errorf("%s: the earliest report on %s cannot be met: %+v", c.kind, b.Earliest, again)
		}
		if b.Earliest.AddDays(-1).Compare(date(t, c.want)) > 0 {
			if sooner := back(t, in, b.Earliest.AddDays(-1).String()); sooner.Possible {
				t.Errorf("%s: a day before the earliest report, %s, is possible", c.kind, b.Earliest)
			}
		}
	}
}

func TestARenewalOpensEvenWhenReadinessIsLate(t *testing.T) {
	in := request(t, "soc2_type2_renewal", 50, date(t, "2027-02-01"))
	in.PreviousClose = date(t, "2026-12-31")
	b := back(t, in, "2028-06-30")
	if !b.Possible || b.Kickoff != in.Kickoff || b.WindowOpen != date(t, "2027-01-01") ||
		!strings.Contains(codes(b.Warnings), planning.WarnReadinessLate) {
		t.Errorf("got %+v", b)
	}
	b = back(t, in, "2028-01-31") // but its report cannot come before its window has closed
	if b.Possible || b.Binding.Phase != catalog.PhaseWindow || !strings.Contains(b.Binding.Text, "opens on 2027-01-01") ||
		b.Earliest != plan(t, in).Report {
		t.Errorf("got %+v", b)
	}
	in.Kickoff = models.Date{}
	if b = back(t, in, "2028-06-30"); !b.Possible || !b.Kickoff.Before(in.PreviousClose) {
		t.Errorf("got %+v", b)
	}
	if b = back(t, in, "2028-01-31"); b.Possible || b.Binding.Phase != catalog.PhaseWindow || b.Earliest.IsZero() {
		t.Errorf("got %+v", b)
	}
}

func TestReportDatesThatCannotBe(t *testing.T) {
	c := loaded(t)
	for _, x := range []struct {
		kickoff string
		want    models.Date
		field   string
	}{
		{"2027-03-01", date(t, "2027-02-28"), "report"},
		{"2027-03-01", models.Date{}, "report"},
		{"2027-03-01", models.Date{Year: 2027, Month: 2, Day: 29}, "report"},
		{"2027-03-01", models.Date{Year: 2300, Month: 1, Day: 1}, "report"},
		{"", date(t, "2000-02-01"), "report"},
	} {
		in := request(t, "soc2_type2", 50, date(t, x.kickoff))
		_, err := planning.PlanBack(c, in, x.want)
		var refusal *models.Error
		if !errors.As(err, &refusal) || refusal.Code != models.Invalid || refusal.Field != x.field {
			t.Errorf("kickoff %q, report %s: %v", x.kickoff, x.want, err)
		}
	}
	in := request(t, "soc2_type2", 50, date(t, "2027-03-01"))
	in.WindowOpen = date(t, "2027-02-01")
	_, err := planning.PlanBack(c, in, date(t, "2028-01-01"))
	var refusal *models.Error
	if !errors.As(err, &refusal) || refusal.Field != "window_open" {
		t.Errorf("a window before the kickoff: %v", err)
	}
}
