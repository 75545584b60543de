package planning_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// weekends of the world, and a few no country has.
var weekends = [][]time.Weekday{nil, {time.Friday, time.Saturday}, {time.Thursday, time.Friday}, {time.Sunday}, {time.Friday}, {},
	{time.Saturday, time.Sunday, time.Monday}}

// someCalendar returns a calendar with public holidays, a weekend, and closures such as companies have.
func someCalendar(t testing.TB, r *rand.Rand) models.Calendar {
	countries := []string{"US", "none", "NZ", "JP", "BR", "DE-BY", "GB", "SE", "AU-WA"}
	c := publicHolidays(t, countries[r.IntN(len(countries))])
	c.Weekend = weekends[max(0, r.IntN(2*len(weekends))-len(weekends))]
	for range r.IntN(4) {
		first := date(t, "2026-01-01").AddDays(r.IntN(3000))
		for i := range 1 + r.IntN(21) {
			c.Closed[first.AddDays(i)] = "closed"
		}
	}
	return c
}

// someKickoff returns a day between 2025 and 2031, often one that is special.
func someKickoff(t testing.TB, r *rand.Rand) models.Date {
	special := []string{"2028-02-29", "2027-12-31", "2028-01-01", "2026-12-24", "2026-07-04", "2027-02-28", "2026-08-31", "2030-12-31"}
	if r.IntN(4) == 0 {
		return date(t, special[r.IntN(len(special))])
	}
	return date(t, "2025-07-01").AddDays(r.IntN(2200))
}

// someInput returns a plan's input that contradicts nothing.
func someInput(t testing.TB, r *rand.Rand) planning.PlanInput {
	c := loaded(t)
	kind := c.Types[r.IntN(len(c.Types))]
	sizes := []int{1, 10, 11, 50, 250, 251, 1000, 1001, 10000, 900000}
	in := request(t, kind.ID, sizes[r.IntN(len(sizes))], someKickoff(t, r))
	in.Firm, in.Client = someCalendar(t, r), someCalendar(t, r)
	in.Pace = r.IntN(3) - 1
	if slices.Contains(kind.Flags, "soc2") {
		more := []catalog.Category{catalog.Availability, catalog.Confidentiality, catalog.ProcessingIntegrity, catalog.Privacy}
		in.Categories = append(in.Categories, more[:r.IntN(5)]...)
	}
	if slices.Contains(kind.Flags, "t2") {
		in.WindowMonths = r.IntN(25)
		if slices.Contains(kind.Flags, "soc2") && r.IntN(2) == 0 {
			in.Addons = []string{"soc3"}
		}
	}
	if r.IntN(3) == 0 {
		in.Factor = 0.3 + 2*r.Float64()
	}
	return in
}

// agreed gives some of the dates that people may agree on, early or late.
func agreed(in planning.PlanInput, flags []string, r *rand.Rand) planning.PlanInput {
	if slices.Contains(flags, "t1") && r.IntN(2) == 0 {
		in.AsOf = in.Kickoff.AddDays(r.IntN(500))
	}
	if slices.Contains(flags, "t2") && r.IntN(2) == 0 {
		in.WindowOpen = in.Kickoff.AddDays(r.IntN(500))
	}
	return in
}

// happened lets some phases begin and end, in order, as they do, and others drag on.
func happened(in planning.PlanInput, p planning.Plan, r *rand.Rand) planning.PlanInput {
	in.Actual, in.Ends = map[catalog.Phase]planning.Span{}, map[catalog.Phase]models.Date{}
	at := in.Kickoff
	for _, ph := range p.Phases[:r.IntN(len(p.Phases))] {
		at = at.AddDays(r.IntN(20))
		s := planning.Span{Start: at}
		if r.IntN(3) > 0 {
			at = at.AddDays(r.IntN(60))
			s.End = at
		} else {
			in.Ends[ph.Phase] = at.AddDays(r.IntN(100))
		}
		in.Actual[ph.Phase] = s
	}
	return in
}

// brief prints an input without its calendars' holidays.
func brief(in planning.PlanInput) string {
	firm, client := in.Firm.Weekend, in.Client.Weekend
	in.Firm, in.Client = models.Calendar{}, models.Calendar{}
	return fmt.Sprintf("%+v, weekends %v and %v", in, firm, client)
}

// lawful checks what every plan must keep, whatever it is of.
func lawful(t *testing.T, in planning.PlanInput, p planning.Plan) {
	t.Helper()
	plansWhatIsAskedFor(t, in, p)
	for _, ph := range p.Phases {
		if in.Actual[ph.Phase] == (planning.Span{}) && ph.End.Before(ph.Start) || ph.Start.IsZero() || ph.End.IsZero() {
			t.Fatalf("%s: %s goes from %s to %s", brief(in), ph.Phase, ph.Start, ph.End)
		}
	}
	if p.Report != p.Anchors["final_report_date"] {
		t.Fatalf("%s: reports on %s, its last deliverable is of %s", brief(in), p.Report, p.Anchors["final_report_date"])
	}
	if open, ok := p.Anchors["window_open"]; ok {
		last := p.Anchors["window_close"]
		if last.AddDays(1) != open.AddMonths(p.Months) {
			t.Fatalf("%s: the window from %s closes on %s", brief(in), open, last)
		}
		if n := in.Firm.Count(last, p.Anchors["t2_fieldwork_start"]); n < 10 && in.Actual[catalog.PhaseT2Fieldwork].Start.IsZero() {
			t.Fatalf("%s: fieldwork starts %d business days after the window closed", brief(in), n)
		}
	}
}

// plansWhatIsAskedFor checks that a plan has each task that its flags ask for and no other, due on a business day of its owner and
// not before what it comes after.
func plansWhatIsAskedFor(t *testing.T, in planning.PlanInput, p planning.Plan) {
	t.Helper()
	due := map[string]models.Date{}
	for _, task := range p.Tasks {
		due[task.Template] = task.Due
	}
	zones := someZones(t)
	want := 0
	for _, tmpl := range loaded(t).TasksFor(p.Flags) {
		if tmpl.MinWindowMonths > p.Months {
			continue
		}
		want++
		day, ok := due[tmpl.ID]
		if !ok {
			t.Fatalf("%s: %s is not planned", brief(in), tmpl.ID)
		}
		days := in.Firm
		if models.SideOf(tmpl.Owner) == models.SideClient {
			days = in.Client
		}
		if !days.IsBusiness(day) {
			t.Fatalf("%s: %s is due on %s, a day off for its owner", brief(in), tmpl.ID, day)
		}
		for _, dep := range tmpl.After {
			first, ok := due[dep]
			of, _ := loaded(t).Template(dep)
			if of.Phase != tmpl.Phase && !in.Actual[of.Phase].End.IsZero() {
				continue // it has been done, whenever it was due
			}
			if ok && day.Before(first) {
				t.Fatalf("%s: %s is due on %s, before %s on %s", brief(in), tmpl.ID, day, dep, first)
			}
			if ok && day.At(zones[len(dep)%len(zones)], 17, 0).Before(first.At(zones[len(dep)%len(zones)], 17, 0)) {
				t.Fatalf("%s: %s is due before %s by the clock", brief(in), tmpl.ID, dep)
			}
		}
	}
	if want != len(p.Tasks) {
		t.Fatalf("%s: %d tasks, want %d", brief(in), len(p.Tasks), want)
	}
}

// someZones returns UTC and zones far from it whose clocks change.
func someZones(t *testing.T) []*time.Location {
	t.Helper()
	zones := []*time.Location{time.UTC}
	for _, name := range []string{"Pacific/Auckland", "Pacific/Honolulu", "America/Santiago", "America/New_York"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, loc)
	}
	return zones
}

// onTime checks what holds when people left the dates to the rules: nothing is due after the milestone it leads to.
func onTime(t *testing.T, in planning.PlanInput, p planning.Plan) {
	t.Helper()
	milestones := map[string]string{"RE-16": "readiness_date", "T1-16": "t1_report_date", "T2-15": "t2_report_date"}
	late := codes(ofDates(p.Warnings))
	for _, task := range p.Tasks {
		anchor, ok := milestones[task.Template]
		if !ok || slices.Contains(p.Flags, "renewal") && late != "" {
			continue
		}
		if day := p.Anchors[anchor]; task.Due.After(day) || anchor != "readiness_date" && task.Due != day {
			t.Fatalf("%s: %s is due on %s, its milestone %s is of %s", brief(in), task.Template, task.Due, anchor, day)
		}
	}
	if open, ok := p.Anchors["window_open"]; ok && !slices.Contains(p.Flags, "renewal") {
		if p.Anchors["readiness_date"].After(open) || p.Anchors["as_of_date"].Compare(open) >= 0 {
			t.Fatalf("%s: the window opens on %s, readiness is on %s, the as-of date is %s", brief(in), open, p.Anchors["readiness_date"],
				p.Anchors["as_of_date"])
		}
	}
}

func checkLaws(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	in := someInput(t, r)
	p := plan(t, in)
	lawful(t, in, p)
	onTime(t, in, p)
	given := agreed(in, p.Flags, r)
	lawful(t, given, plan(t, given))
	real := happened(given, p, r)
	lawful(t, real, plan(t, real))
}

// No plan puts a task before one it depends on, on a day off, or after the milestone it leads to: over all types, sizes,
// days, calendars and agreements.
func TestLawsOfPlans(t *testing.T) {
	for seed := range uint64(1500) {
		checkLaws(t, seed)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkLaws)
}

// A later kickoff never makes anything earlier: what planning back relies on.
func TestALaterKickoffMakesNothingEarlier(t *testing.T) {
	c := loaded(t)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 8))
		in := someInput(t, r)
		if slices.Contains([]uint64{1, 3, 5}, seed%6) {
			in = agreed(in, nil, r)
		}
		last, err := planning.NewSchedule(c, in)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			in.Kickoff = in.Kickoff.AddDays(1)
			s, err := planning.NewSchedule(c, in)
			if err != nil {
				t.Fatal(err)
			}
			for id, day := range s.Anchors {
				if day.Before(last.Anchors[id]) {
					t.Fatalf("%s: with the kickoff a day later %s is on %s, not %s", brief(in), id, day, last.Anchors[id])
				}
			}
			last = s
		}
	}
}

// The outline is the plan without its tasks.
func TestAScheduleIsThePlanWithoutTasks(t *testing.T) {
	for seed := range uint64(50) {
		in := someInput(t, rand.New(rand.NewPCG(seed, 9)))
		s, err := planning.NewSchedule(loaded(t), in)
		if err != nil {
			t.Fatal(err)
		}
		p := plan(t, in)
		if s.Report != p.Report || !slices.Equal(s.Phases, p.Phases) || codes(s.Warnings) != codes(ofDates(p.Warnings)) ||
			len(s.Anchors) != len(p.Anchors) {
			t.Fatalf("%s: the outline differs from the plan", brief(in))
		}
	}
}
