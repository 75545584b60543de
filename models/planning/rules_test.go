package planning_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// What contradicts itself is refused, with the field it is about and, where there is a choice, what is allowed.
func TestContradictionsAreRefused(t *testing.T) {
	day := func(s string) models.Date { return date(t, s) }
	for _, c := range []struct {
		name   string
		kind   string
		change func(*planning.PlanInput)
		field  string
		says   string
	}{
		{"unknown type", "soc2_type1", func(in *planning.PlanInput) { in.Type = "soc5" }, "type", "soc2_type1_type2"},
		{"no type", "soc2_type1", func(in *planning.PlanInput) { in.Type = "" }, "type", "readiness_only"},
		{"unknown category", "soc2_type1", func(in *planning.PlanInput) { in.Categories = []catalog.Category{"security", "speed"} },
			"categories", "processing_integrity"},
		{"SOC 2 without security", "soc2_type1", func(in *planning.PlanInput) { in.Categories = []catalog.Category{catalog.Privacy} },
			"categories", "security"},
		{"SOC 2 without categories", "readiness_only", func(in *planning.PlanInput) { in.Categories = nil }, "categories", "security"},
		{"SOC 1 with categories", "soc1_type1", func(in *planning.PlanInput) { in.Categories = []catalog.Category{catalog.Security} },
			"categories", "empty"},
		{"unknown add-on", "soc2_type2", func(in *planning.PlanInput) { in.Addons = []string{"soc4"} }, "addons", "soc3"},
		{"add-on of another type", "soc2_type1", func(in *planning.PlanInput) { in.Addons = []string{"soc3"} }, "addons", "t2"},
		{"add-on of another report", "soc1_type2", func(in *planning.PlanInput) { in.Addons = []string{"soc3"} }, "addons", "soc2"},
		{"nobody", "soc2_type1", func(in *planning.PlanInput) { in.Headcount = 0 }, "headcount", "1,000,000"},
		{"too many", "soc2_type1", func(in *planning.PlanInput) { in.Headcount = 1_000_001 }, "headcount", "1,000,000"},
		{"no kickoff", "soc2_type1", func(in *planning.PlanInput) { in.Kickoff = models.Date{} }, "kickoff", "missing"},
		{"no such day", "soc2_type1", func(in *planning.PlanInput) { in.Kickoff = models.Date{Year: 2027, Month: 2, Day: 29} }, "kickoff",
			"2027-02-29"},
		{"long ago", "soc2_type1", func(in *planning.PlanInput) { in.Kickoff = models.Date{Year: 1999, Month: 2, Day: 1} }, "kickoff", "2000"},
		{"first day of all", "soc2_type1", func(in *planning.PlanInput) { in.Kickoff = day("2000-01-03") }, "kickoff", "1999"},
		{"end of time", "soc2_type2", func(in *planning.PlanInput) { in.Kickoff = day("2199-10-01") }, "kickoff", "2200"},
		{"as-of before kickoff", "soc2_type1", func(in *planning.PlanInput) { in.AsOf = day("2026-03-01") }, "as_of", "2026-03-01"},
		{"as-of without Type 1", "soc2_type2", func(in *planning.PlanInput) { in.AsOf = day("2027-03-01") }, "as_of", "Type 1"},
		{"as-of on no day", "soc2_type1", func(in *planning.PlanInput) { in.AsOf = models.Date{Year: 2026, Month: 6, Day: 31} }, "as_of",
			"calendar"},
		{"window before kickoff", "soc2_type2", func(in *planning.PlanInput) { in.WindowOpen = day("2026-03-01") }, "window_open",
			"before the kickoff"},
		{"window without Type 2", "soc2_type1", func(in *planning.PlanInput) { in.WindowOpen = day("2027-03-01") }, "window_open", "Type 2"},
		{"window of a readiness assessment", "readiness_only", func(in *planning.PlanInput) { in.WindowMonths = 6 }, "window_months", "Type 2"},
		{"long window", "soc2_type2", func(in *planning.PlanInput) { in.WindowMonths = 25 }, "window_months", "24"},
		{"negative window", "soc2_type2", func(in *planning.PlanInput) { in.WindowMonths = -1 }, "window_months", "24"},
		{"renewal of nothing", "soc2_type2_renewal", func(in *planning.PlanInput) { in.PreviousClose = models.Date{} }, "previous_close",
			"last day"},
		{"previous window of a first one", "soc2_type2", func(in *planning.PlanInput) { in.PreviousClose = day("2026-05-31") },
			"previous_close", "renewal"},
		{"a week of Sundays", "soc2_type2", func(in *planning.PlanInput) { in.Firm.Weekend = []time.Weekday{0, 1, 2, 3, 4, 5, 6} }, "weekend",
			"working day"},
		{"a client of Sundays", "soc2_type2", func(in *planning.PlanInput) { in.Client.Weekend = []time.Weekday{0, 1, 2, 3, 4, 5, 6} },
			"weekend", "working day"},
		{"never together", "soc2_type2", func(in *planning.PlanInput) { in.Client.Weekend = []time.Weekday{1, 2, 3, 4, 5} }, "weekend",
			"same day"},
		{"negative factor", "soc2_type2", func(in *planning.PlanInput) { in.Factor = -1 }, "factor", "20"},
		{"no factor", "soc2_type2", func(in *planning.PlanInput) { in.Factor = math.NaN() }, "factor", "20"},
		{"endless", "soc2_type2", func(in *planning.PlanInput) { in.Factor = math.Inf(1) }, "factor", "20"},
		{"another pace", "soc2_type2", func(in *planning.PlanInput) { in.Pace = 2 }, "pace", "typical"},
		{"a phase of no days", "soc2_type2", func(in *planning.PlanInput) { in.Days = map[catalog.Phase]int{catalog.PhaseGap: 0} }, "days",
			"gap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := request(t, c.kind, 50, day("2026-03-02"))
			c.change(&in)
			_, err := planning.NewPlan(loaded(t), in)
			var refusal *models.Error
			if !errors.As(err, &refusal) || refusal.Code != models.Invalid || refusal.Field != c.field ||
				!strings.Contains(refusal.Message, c.says) {
				t.Errorf("got %#v, want a refusal about %s that says %q", err, c.field, c.says)
			}
			if _, again := planning.NewSchedule(loaded(t), in); again == nil && c.name != "first day of all" {
				t.Error("the outline was not refused")
			}
		})
	}
}

func TestFlagsSizesAndMonths(t *testing.T) {
	in := request(t, "soc2_type2", 51, date(t, "2026-03-02"))
	in.Addons = []string{"soc3", "soc3"}
	p := plan(t, in)
	if !slices.Equal(p.Flags, []string{"soc2", "audit", "t2", "soc3"}) || p.Size != 250 || p.Months != 6 {
		t.Errorf("got flags %v, size %d, %d months", p.Flags, p.Size, p.Months)
	}
	if due(p, "T2-17").IsZero() || !due(plan(t, request(t, "soc2_type2", 51, in.Kickoff)), "T2-17").IsZero() {
		t.Error("the SOC 3 report comes with its add-on, and only then")
	}
	for people, size := range map[int]int{1: 10, 10: 10, 11: 50, 1000: 1000, 1001: 10000, 10001: 10000, 1_000_000: 10000} {
		if got := plan(t, request(t, "soc2_type1", people, in.Kickoff)).Size; got != size {
			t.Errorf("%d people are planned as %d, not %d", people, got, size)
		}
	}
	if p := plan(t, request(t, "soc2_type2_renewal", 50, in.Kickoff)); p.Months != 12 {
		t.Errorf("a renewal has a window of %d months", p.Months)
	}
	if p := plan(t, request(t, "soc2_type1", 50, in.Kickoff)); p.Months != 0 {
		t.Errorf("a Type 1 has a window of %d months", p.Months)
	}
}

func due(p planning.Plan, template string) models.Date {
	for _, task := range p.Tasks {
		if task.Template == template {
			return task.Due
		}
	}
	return models.Date{}
}

func phase(p planning.Plan, id catalog.Phase) planning.Span {
	for _, ph := range p.Phases {
		if ph.Phase == id {
			return planning.Span{Start: ph.Start, End: ph.End}
		}
	}
	return planning.Span{}
}

// Business days a phase takes: the table, more categories, a renewal's shrinking, a stretch.
func TestDurations(t *testing.T) {
	const all = "security availability confidentiality processing_integrity privacy"
	for _, c := range []struct {
		kind       string
		people     int
		categories string
		pace       int
		factor     float64
		phase      catalog.Phase
		days       int
	}{
		{"soc2_type1", 50, "security", 0, 0, catalog.PhaseRemediation, 45},
		{"soc2_type1", 50, "security", planning.PaceLow, 0, catalog.PhaseRemediation, 20},
		{"soc2_type1", 50, "security", planning.PaceHigh, 0, catalog.PhaseRemediation, 65},
		{"soc2_type1", 50, "security availability", 0, 0, catalog.PhaseRemediation, 50},
		{"soc2_type1", 50, "availability security availability", 0, 0, catalog.PhaseRemediation, 50},
		{"soc2_type1", 50, "security privacy", 0, 0, catalog.PhaseRemediation, 55}, // privacy counts twice
		{"soc2_type1", 50, all, 0, 0, catalog.PhaseRemediation, 45 + 5*5},
		{"soc2_type1", 50, all, 0, 0, catalog.PhaseT1Prep, 8},
		{"soc2_type1", 10000, all, 0, 0, catalog.PhaseGap, 60 + 5*10},
		{"soc2_type1", 50, "security", 0, 1.1, catalog.PhaseRemediation, 50},
		{"soc2_type1", 50, "security", 0, 2, catalog.PhaseRemediation, 90},
		{"soc2_type1", 10, "security", 0, 0.01, catalog.PhaseKickoff, 1},
		{"soc2_type2_renewal", 50, "security", 0, 0, catalog.PhaseKickoff, 4},
		{"soc2_type2_renewal", 50, "security", 0, 0, catalog.PhaseGap, 6},
		{"soc2_type2_renewal", 50, "security", 0, 0, catalog.PhaseRemediation, 14}, // 13.5
		{"soc2_type2_renewal", 50, "security", 0, 0, catalog.PhaseT2Fieldwork, 18},
		{"soc1_type1", 50, "", 0, 0, catalog.PhaseRemediation, 45},
		{"cyber_point", 50, "", 0, 0, catalog.PhaseRemediation, 45},                                      // the usual three
		{"cyber_point", 50, "security availability confidentiality", 0, 0, catalog.PhaseRemediation, 55}, // chosen
	} {
		in := request(t, c.kind, c.people, date(t, "2026-03-02"))
		in.Categories = nil
		for _, x := range strings.Fields(c.categories) {
			in.Categories = append(in.Categories, catalog.Category(x))
		}
		in.Pace, in.Factor = c.pace, c.factor
		p := plan(t, in)
		if got := p.Days[c.phase]; got != c.days {
			t.Errorf("%s, %d people, %s, pace %d, factor %g: %s takes %d business days, want %d", c.kind, c.people, c.categories, c.pace, c.factor,
				c.phase, got, c.days)
		}
		if ph := phase(p, c.phase); c.phase == catalog.PhaseRemediation && in.Firm.Count(ph.Start, ph.End) != c.days {
			t.Errorf("%s goes from %s to %s", c.phase, ph.Start, ph.End)
		}
	}
	in := request(t, "soc2_type1", 50, date(t, "2026-03-02"))
	in.Factor, in.Days = 3, map[catalog.Phase]int{catalog.PhaseGap: 7}
	if p := plan(t, in); p.Days[catalog.PhaseGap] != 7 || p.Days[catalog.PhaseKickoff] != 24 {
		t.Errorf("got %v", p.Days)
	}
}

// A renewal leaves out what the year before has done; what depended on it does not wait for it.
func TestRenewal(t *testing.T) {
	in := request(t, "soc2_type2_renewal", 50, date(t, "2026-10-01"))
	in.PreviousClose = date(t, "2026-12-31")
	p := plan(t, in)
	if !due(p, "GA-05").IsZero() || !due(p, "RE-02").IsZero() || due(p, "GA-06").IsZero() || due(p, "RE-03").IsZero() {
		t.Error("a renewal skips GA-05 and RE-02, and only those")
	}
	if open, last := p.Anchors["window_open"], p.Anchors["window_close"]; open != date(t, "2027-01-01") || last != date(t, "2027-12-31") {
		t.Errorf("the window goes from %s to %s", open, last)
	}
	in.Kickoff = date(t, "2027-02-01") // late: the window opens all the same
	p = plan(t, in)
	if p.Anchors["window_open"] != date(t, "2027-01-01") || !strings.Contains(codes(p.Warnings), planning.WarnReadinessLate) {
		t.Errorf("kickoff after the window opened: it opens %s, %v", p.Anchors["window_open"], p.Warnings)
	}
	for open, want := range map[string]planning.Warning{
		"2027-01-04": {Code: planning.WarnCoverageGap, Field: "window_open", Days: 3},
		"2026-12-22": {Code: planning.WarnCoverageOverlap, Field: "window_open", Days: 10},
	} {
		in.Kickoff, in.WindowOpen = date(t, "2026-09-01"), date(t, open)
		p = plan(t, in)
		found := slices.ContainsFunc(p.Warnings, func(w planning.Warning) bool {
			return w.Code == want.Code && w.Field == want.Field && w.Days == want.Days
		})
		if !found || p.Anchors["window_open"] != in.WindowOpen {
			t.Errorf("a window from %s: %+v", open, p.Warnings)
		}
	}
	in.PreviousClose, in.WindowOpen = models.Date{}, date(t, "2027-01-01")
	if p = plan(t, in); len(ofDates(p.Warnings)) > 0 {
		t.Errorf("got %+v", p.Warnings)
	}
}

// Dates people have agreed on stay; those of the rules move until readiness can make them.
func TestAgreedDatesStay(t *testing.T) {
	in := request(t, "soc2_type1_type2", 50, date(t, "2026-01-05"))
	free := plan(t, in)
	ready := free.Anchors["readiness_date"] // 2026-04-15
	if free.Anchors["window_open"] != free.Anchors["as_of_date"].AddDays(1) || len(free.Warnings) > 0 {
		t.Errorf("by the rules the window opens %s, as of %s, %v", free.Anchors["window_open"], free.Anchors["as_of_date"], free.Warnings)
	}

	in.AsOf, in.WindowOpen = date(t, "2026-04-04"), date(t, "2026-04-05") // a weekend before readiness
	early := plan(t, in)
	if early.Anchors["as_of_date"] != in.AsOf || early.Anchors["window_open"] != in.WindowOpen || early.Anchors["readiness_date"] != ready {
		t.Errorf("dates moved: %v", early.Anchors)
	}
	if late := ofDates(early.Warnings); codes(late) != "readiness_late readiness_late" || late[0].Days != 8 || late[1].Field != "window_open" {
		t.Errorf("got %+v", early.Warnings)
	}

	in.WindowOpen = models.Date{} // the as-of date is too early, the window waits for readiness
	if open := plan(t, in).Anchors["window_open"]; open != in.Firm.Add(ready, 8) {
		t.Errorf("the window opens %s, readiness is on %s", open, ready)
	}

	in.AsOf, in.WindowOpen = date(t, "2026-05-31"), date(t, "2026-05-31")
	p := plan(t, in)
	if p.Anchors["as_of_date"] != in.AsOf || p.Anchors["t1_fieldwork_start"] != date(t, "2026-06-05") ||
		codes(p.Warnings) != "window_overlap" {
		t.Errorf("got %v, %v", p.Anchors, p.Warnings)
	}
	if got := phase(p, catalog.PhaseWindowSetup); got != (planning.Span{Start: date(t, "2026-05-19"), End: in.WindowOpen}) {
		t.Errorf("the window is set up from %s to %s", got.Start, got.End)
	}

	in.AsOf, in.WindowOpen = date(t, "2026-01-06"), date(t, "2026-01-08")
	p = plan(t, in)
	if got := phase(p, catalog.PhaseWindowSetup); got.Start != in.Kickoff {
		t.Errorf("setting up the window begins on %s, before the kickoff", got.Start)
	}
	if got := phase(p, catalog.PhaseT1Prep); got.Start != ready || got.End != ready {
		t.Errorf("preparing an as-of date that has passed goes from %s to %s", got.Start, got.End)
	}

	in = request(t, "soc2_type1_type2", 10000, date(t, "2026-01-05")) // setting up takes longer than preparing
	p = plan(t, in)
	if p.Anchors["window_open"] != in.Firm.Add(p.Anchors["readiness_date"], 25) {
		t.Errorf("the window opens %s, readiness is on %s", p.Anchors["window_open"], p.Anchors["readiness_date"])
	}
}

// The as-of date that was agreed stays, and it is said when too little is left to prepare for it: fewer business days than the quickest
// preparation of the table takes.
func TestAnAsOfDateLeavesTimeToPrepare(t *testing.T) {
	in := request(t, "soc2_type1", 180, date(t, "2027-01-11"))
	in.Categories = []catalog.Category{catalog.Security}
	ready := plan(t, in).Anchors["readiness_date"]
	least := loaded(t).Duration(catalog.PhaseT1Prep, 180)[0]
	for left := range least + 2 {
		in.AsOf = in.Firm.Add(ready, left)
		warned := ofDates(plan(t, in).Warnings)
		switch short := codes(warned) == planning.WarnPreparationShort; {
		case short != (left < least):
			t.Errorf("with %d of %d business days to prepare it warns of %q", left, least, codes(warned))
		case short && (warned[0].Field != "as_of" || warned[0].Days != least-left || !strings.Contains(warned[0].Text, in.AsOf.String())):
			t.Errorf("with %d business days to prepare it says %+v", left, warned)
		}
	}
	in.AsOf, in.Actual = in.Firm.Add(ready, 1), map[catalog.Phase]planning.Span{catalog.PhaseT1Prep: {Start: ready}}
	if got := codes(ofDates(plan(t, in).Warnings)); got != "" {
		t.Errorf("while it is prepared it warns of %q", got)
	}
}

func TestWarningsAboutWindowsAndKickoffs(t *testing.T) {
	for _, c := range []struct {
		kickoff, open string
		months        int
		want          string
	}{
		{"2026-01-05", "2026-06-01", 6, ""},
		{"2026-01-05", "2026-06-01", 9, ""},
		{"2026-01-05", "2026-06-01", 5, "window_length"},
		{"2026-01-05", "2026-06-01", 2, "window_length window_short"},
		{"2026-01-05", "2026-08-31", 6, ""}, // August's one day is asked for with September
		{"2026-01-05", "2026-09-01", 6, ""},
		{"2026-01-05", "2026-06-24", 6, "window_first_period"},
		{"2026-01-04", "2026-06-01", 6, "kickoff_day_off"},
		{"2026-01-01", "2026-06-01", 6, "kickoff_day_off"},
	} {
		in := request(t, "soc2_type2", 50, date(t, c.kickoff))
		in.WindowOpen, in.WindowMonths = date(t, c.open), c.months
		p := plan(t, in)
		if codes(p.Warnings) != c.want {
			t.Errorf("kickoff %s, %d months from %s: %v", c.kickoff, c.months, c.open, p.Warnings)
		}
		for _, w := range p.Warnings {
			if w.Text == "" || w.Field == "" {
				t.Errorf("%+v says nothing", w)
			}
		}
		if c.want != planning.WarnKickoffDayOff && due(p, "KO-06") != in.Kickoff || due(p, "KO-06").Before(in.Kickoff) {
			t.Errorf("kickoff on %s, meeting on %s", in.Kickoff, due(p, "KO-06"))
		}
	}
}

// Offsets grow and shrink with the phase; lead times too. Weekly calls stay weekly, and what is short stays inside.
func TestOffsets(t *testing.T) {
	big := plan(t, request(t, "soc2_type2", 10000, date(t, "2026-01-05")))
	us := publicHolidays(t, "US")
	for task, want := range map[string]struct {
		anchor string
		days   int
	}{
		"KO-01": {"kickoff_date", -22},     // 5 x 35/8
		"KO-04": {"kickoff_date", -5},      // 1 x 35/8
		"KO-15": {"kickoff_date", 35},      // 8 x 35/8
		"GA-02": {"gap_start", 20},         // 5 x 60/15
		"RE-08": {"remediation_start", 54}, // 15 x 160/45
		"RE-13": {"remediation_start", 5},  // every week
		"WS-01": {"window_open", -7},
		"WC-02": {"window_close", 5},
		"T2-03": {"t2_fieldwork_start", 9}, // 3 x 50/18
		"T2-10": {"t2_report_date", -12},
	} {
		if got := us.Add(big.Anchors[want.anchor], want.days); due(big, task) != got {
			t.Errorf("%s is due on %s, want %s", task, due(big, task), got)
		}
	}
	for task, want := range map[string]models.Date{ // calendar days, rolled to a business day
		"RN-01": us.Roll(big.Anchors["window_close"].AddDays(1)),
		"RN-03": us.Roll(big.Anchors["window_close"].AddDays(30)),
	} {
		if due(big, task) != want {
			t.Errorf("%s is due on %s, want %s", task, due(big, task), want)
		}
	}
	in := request(t, "soc2_type2", 50, date(t, "2026-01-05"))
	in.WindowMonths = 1
	short := plan(t, in)
	if last := short.Anchors["window_close"]; due(short, "WI-07").After(last) || !due(short, "WI-09").IsZero() {
		t.Errorf("the window closes on %s; WI-07 is due on %s, WI-09 on %s", last, due(short, "WI-07"), due(short, "WI-09"))
	}
	in.WindowMonths = 6
	if due(plan(t, in), "WI-09").IsZero() {
		t.Error("a window of six months has interim testing")
	}
}

// Owners at the client work on the client's days, everybody else on the firm's; phases go at the pace of the slower side.
func TestTwoCalendars(t *testing.T) {
	in := request(t, "soc2_type1", 50, date(t, "2026-01-05"))
	alone := plan(t, in)
	in.Client = models.Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}, Closed: map[models.Date]string{}}
	for d := date(t, "2026-03-01"); d.Before(date(t, "2026-03-15")); d = d.AddDays(1) {
		in.Client.Closed[d] = "summer"
	}
	both := plan(t, in)
	if d := due(both, "GA-12"); !in.Client.IsBusiness(d) || in.Client.Count(both.Anchors["gap_start"], d) > 15+1 {
		t.Errorf("the sponsor accepts the gaps on %s", d)
	}
	if late := alone.Anchors["readiness_date"].DaysUntil(both.Anchors["readiness_date"]); late < 7 || late > 21 {
		t.Errorf("a fortnight's closure of the client makes readiness %d days later", late)
	}
	for id, d := range both.Anchors {
		if !in.Firm.IsBusiness(d) || !in.Client.IsBusiness(d) {
			t.Errorf("%s is on %s, a day off", id, d)
		}
	}
}

// What has really happened takes the place of the plan; what drags on is not expected before the day given.
func TestActualDates(t *testing.T) {
	in := request(t, "soc2_type1_type2", 50, date(t, "2026-01-05"))
	planned := plan(t, in)
	in.AsOf, in.WindowOpen = planned.Anchors["as_of_date"], planned.Anchors["window_open"]
	in.Actual = map[catalog.Phase]planning.Span{
		catalog.PhaseKickoff:     {Start: date(t, "2026-01-06"), End: date(t, "2026-01-20")},
		catalog.PhaseGap:         {Start: date(t, "2026-01-20"), End: date(t, "2026-02-20")},
		catalog.PhaseRemediation: {Start: date(t, "2026-02-23")},
	}
	p := plan(t, in)
	for anchor, want := range map[string]string{"kickoff_date": "2026-01-06", "gap_start": "2026-01-20", "remediation_start": "2026-02-23",
		"readiness_date": "2026-04-27"} {
		if p.Anchors[anchor].String() != want {
			t.Errorf("%s is %s, want %s", anchor, p.Anchors[anchor], want)
		}
	}
	if got := phase(p, catalog.PhaseGap); got != in.Actual[catalog.PhaseGap] {
		t.Errorf("gap went from %s to %s", got.Start, got.End)
	}
	if p.Anchors["as_of_date"] != in.AsOf || p.Report != planned.Report || codes(ofDates(p.Warnings)) != planning.WarnPreparationShort {
		t.Errorf("as of %s, report %s, %v", p.Anchors["as_of_date"], p.Report, p.Warnings)
	}

	in.Ends = map[catalog.Phase]models.Date{catalog.PhaseRemediation: date(t, "2026-05-16")} // a Saturday
	p = plan(t, in)
	if p.Anchors["readiness_date"] != date(t, "2026-05-18") || codes(ofDates(p.Warnings)) != "readiness_late readiness_late" ||
		p.Warnings[0].Days != 15 {
		t.Errorf("readiness on %s, %+v", p.Anchors["readiness_date"], p.Warnings)
	}
	in.AsOf, in.WindowOpen = models.Date{}, models.Date{} // what could be held
	p = plan(t, in)
	if p.Anchors["as_of_date"] != date(t, "2026-05-29") || p.Anchors["window_open"] != date(t, "2026-05-30") || len(p.Warnings) > 0 {
		t.Errorf("as of %s, window from %s, %v", p.Anchors["as_of_date"], p.Anchors["window_open"], p.Warnings)
	}

	in.AsOf, in.Ends = date(t, "2026-05-29"), map[catalog.Phase]models.Date{catalog.PhaseT1Prep: date(t, "2026-06-20")}
	p = plan(t, in)
	if start, end := p.Anchors["t1_fieldwork_start"], phase(p, catalog.PhaseT1Prep).End; start != date(t, "2026-06-22") || end != start {
		t.Errorf("preparation drags on to %s, fieldwork starts on %s", end, start)
	}

	in.Actual[catalog.PhaseRemediation] = planning.Span{Start: date(t, "2026-02-23"), End: date(t, "2026-04-01")}
	if p = plan(t, in); p.Anchors["readiness_date"] != date(t, "2026-04-01") {
		t.Errorf("readiness, signed off on 1 April, is on %s", p.Anchors["readiness_date"])
	}
}

// The window's last day does not move when people are late, only what follows it.
func TestLatenessAfterTheWindow(t *testing.T) {
	in := request(t, "soc2_type2", 10000, date(t, "2026-01-05"))
	planned := plan(t, in)
	last, fieldwork := planned.Anchors["window_close"], planned.Anchors["t2_fieldwork_start"]
	in.WindowOpen = planned.Anchors["window_open"]
	next := in.Firm.Add(last, 1)
	for _, c := range []struct {
		name   string
		actual map[catalog.Phase]planning.Span
		ends   map[catalog.Phase]models.Date
		want   models.Date
	}{
		{"left on the next business day",
			map[catalog.Phase]planning.Span{catalog.PhaseWindow: {Start: in.WindowOpen, End: next}, catalog.PhaseT2Close: {Start: next}}, nil,
			fieldwork},
		{"left a week late", map[catalog.Phase]planning.Span{catalog.PhaseWindow: {Start: in.WindowOpen, End: in.Firm.Add(last, 5)}}, nil,
			in.Firm.Add(last, 20)},
		{"drags on", nil, map[catalog.Phase]models.Date{catalog.PhaseWindow: in.Firm.Add(last, 5)}, in.Firm.Add(last, 20)},
		{"populations drag on", nil, map[catalog.Phase]models.Date{catalog.PhaseT2Close: in.Firm.Add(last, 30)}, in.Firm.Add(last, 30)},
		{"populations soon", map[catalog.Phase]planning.Span{catalog.PhaseT2Close: {Start: next, End: in.Firm.Add(last, 3)}}, nil, fieldwork},
		{"populations late", map[catalog.Phase]planning.Span{catalog.PhaseT2Close: {Start: next, End: in.Firm.Add(last, 40)}}, nil,
			in.Firm.Add(last, 40)},
		{"fieldwork began", map[catalog.Phase]planning.Span{catalog.PhaseT2Fieldwork: {Start: in.Firm.Add(last, 12)}}, nil,
			in.Firm.Add(last, 12)},
	} {
		in.Actual, in.Ends = c.actual, c.ends
		p := plan(t, in)
		if p.Anchors["window_close"] != last || p.Anchors["t2_fieldwork_start"] != c.want {
			t.Errorf("%s: the window closes on %s, fieldwork starts on %s, want %s and %s", c.name, p.Anchors["window_close"],
				p.Anchors["t2_fieldwork_start"], last, c.want)
		}
		if want := in.Firm.Add(c.want, 50+35); p.Report != want {
			t.Errorf("%s: reports on %s, want %s", c.name, p.Report, want)
		}
	}
}
