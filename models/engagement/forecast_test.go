package engagement_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// On the first day the forecast is the plan, whatever the type, the size of the client, the kickoff or the calendars.
func TestOnTheFirstDayTheForecastIsThePlan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range allTypes {
		for _, people := range []int{8, 50, 180, 900, 20000} {
			kickoff := modelstest.On("2027-01-04").AddDays(r.IntN(700))
			d := draft(t, typ, func(f *engagement.Facts) {
				f.Client.Headcount = people
				f.Engagement.Kickoff = kickoff
				if people == 900 {
					f.ClientDays = models.Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}}
				}
				if f.Engagement.PreviousClose != (models.Date{}) {
					f.Engagement.PreviousClose = kickoff.AddMonths(11)
				}
				if len(f.Engagement.Categories) > 0 {
					f.Engagement.Categories = []catalog.Category{catalog.Security, catalog.Availability, catalog.Privacy}[:1+r.IntN(3)]
				}
			})
			d.now = d.f.FirmDays.Add(kickoff, -6).At(d.f.Location(), 9, 0)
			d.do("ines", engagement.StartEngagement)
			e, fc := d.f.Engagement, d.report().Forecast
			if fc.Report != e.Baseline.Report || len(fc.Drivers) != 0 {
				t.Errorf("%s, %d people, kickoff %s: the baseline is %s, the forecast %s: %v", typ, people, kickoff, e.Baseline.Report, fc.Report, fc.Drivers)
			}
			if fc.Cautious.Before(fc.Report) || e.Baseline.Cautious != fc.Cautious || fc.AsOf != e.AsOf || fc.Window != e.WindowOpen {
				t.Errorf("%s, %d people, kickoff %s: the forecast is %+v", typ, people, kickoff, fc)
			}
			if h := d.report(); h.Health != engagement.HealthOnTrack || len(h.Reasons) != 0 {
				t.Errorf("%s, %d people, kickoff %s: %s: %v", typ, people, kickoff, h.Health, h.Reasons)
			}
			if s := e.Summary; s.Forecast != fc.Report || s.Cautious != fc.Cautious || s.Health != engagement.HealthOnTrack {
				t.Errorf("%s: the portfolio shows %+v", typ, s)
			}
		}
	}
}

// The scope memo is six business days late: the report moves by as many, and the memo is named first.
func TestALateTaskMovesTheForecast(t *testing.T) {
	d := started(t, "soc2_type1")
	d.until(modelstest.On("2027-01-22"), func() bool { return d.task("KO-15").State == engagement.TaskOpen })
	base := d.f.Engagement.Baseline
	memo := d.task("KO-15")
	d.f.Engagement.Pace = engagement.Pace{} // nobody is quicker than planned: quick people make good for it
	before := d.report().Forecast.Report
	d.goTo(d.f.FirmDays.Add(memo.Due, 6))
	r := d.report()
	if r.Forecast.Report == before || !r.Forecast.Report.After(base.Report) {
		t.Fatalf("six days late, and the report is still expected on %s", r.Forecast.Report)
	}
	if n := d.f.ClientDays.Count(base.Report, r.Forecast.Report); n < 5 || n > 9 {
		t.Errorf("six days late, the report moves by %d business days", n)
	}
	if len(r.Forecast.Drivers) == 0 {
		t.Fatal("nothing is said to move it")
	}
	first := r.Forecast.Drivers[0]
	if first.Phase != catalog.PhaseKickoff || first.Subject != "KO-15" || !strings.Contains(first.Text, "Write scope memo and have it approved (Ines), due "+memo.Due.String()) || first.Days < 6 {
		t.Errorf("what moves it is %+v", first)
	}
	if r.Health != engagement.HealthLate || r.Reasons[0].Code != "report_late" || !strings.Contains(r.Reasons[0].Text, first.Text) {
		t.Errorf("it is %s: %+v", r.Health, r.Reasons)
	}
	// A task that waits is not named for what it waits for: the one that can be acted on is.
	d = started(t, "soc2_type1")
	d.until(modelstest.On("2027-01-13"), func() bool { return d.task("KO-12").State == engagement.TaskOpen })
	d.f.Engagement.Pace = engagement.Pace{}
	d.goTo(d.f.FirmDays.Add(d.task("KO-12").Due, 9))
	got := d.report().Forecast.Drivers
	if d.task("KO-15").State != engagement.TaskWaiting || len(got) == 0 || !d.has(models.TaskID(got[0].Subject)) || d.task(models.TaskID(got[0].Subject)).State != engagement.TaskOpen {
		t.Errorf("what moves it is %+v", got)
	}
}

// What does not hold up the report is not said to: the Type 1 report is written beside the window, training has slack.
func TestWhatDoesNotMoveTheReportIsNoDriver(t *testing.T) {
	d := in(t, "soc2_type1_type2", catalog.PhaseT1Report)
	d.until(modelstest.On("2028-01-01"), func() bool { return d.task("T1-13").State == engagement.TaskOpen })
	d.f.Engagement.Pace = engagement.Pace{}
	d.goTo(d.f.FirmDays.Add(d.f.Phase(catalog.PhaseT1Report).Plan.End, 12))
	r := d.report()
	if r.Forecast.Report != d.f.Engagement.Baseline.Report || len(r.Forecast.Drivers) != 0 {
		t.Errorf("the Type 1 report is late, and the Type 2 report is expected on %s instead of %s: %v", r.Forecast.Report, d.f.Engagement.Baseline.Report, r.Forecast.Drivers)
	}
	if r.Health != engagement.HealthLate || r.Reasons[0].Code != "gate_overdue" {
		t.Errorf("a Type 1 report twelve days late is %s: %+v", r.Health, r.Reasons)
	}
}

// Readiness cannot make the as-of date: slowness moves it in the forecast and says so; only a decision moves it in the plan.
func TestAnAsOfDateThatCannotBeHeld(t *testing.T) {
	d := in(t, "soc2_type1_type2", catalog.PhaseRemediation)
	agreed, window := d.f.Engagement.AsOf, d.f.Engagement.WindowOpen
	d.goTo(agreed.AddDays(20))
	fc := d.report().Forecast
	if !fc.AsOf.After(agreed) || !fc.Window.After(window) || d.f.Engagement.AsOf != agreed || d.f.Engagement.WindowOpen != window {
		t.Errorf("three weeks after the as-of date the forecast holds it on %s, and opens the window on %s", fc.AsOf, fc.Window)
	}
	var texts []string
	for _, x := range fc.Drivers {
		texts = append(texts, x.Text)
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"the as-of date cannot be " + agreed.String() + ": " + fc.AsOf.String() + " is the earliest, and takes a decision",
		"the window's first day cannot be " + window.String(), "Remediation is expected to end"} {
		if !strings.Contains(all, want) {
			t.Errorf("the drivers are\n%s\nwant one that says %s", all, want)
		}
	}
	codes := ""
	for _, r := range d.report().Reasons {
		codes += r.Code + " "
	}
	if !strings.Contains(codes, "window_missed") || !strings.Contains(codes, "report_late") {
		t.Errorf("the reasons are %s", codes)
	}
}

// A date moved by decision is a driver too: nobody is late, and still the report is.
func TestAMovedDateIsADriver(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseGap)
	d.decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: d.f.Engagement.AsOf.AddDays(28)}, "ruth", "hugo")
	if fc := d.report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "as_of_date" || !strings.Contains(fc.Drivers[0].Text, d.f.Engagement.AsOf.String()) {
		t.Errorf("the as-of date was moved by four weeks: %+v", fc)
	}
	w := in(t, "soc2_type2", catalog.PhaseGap)
	w.decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "marta")
	if fc := w.report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "window_close" || fc.Drivers[0].Days < 55 {
		t.Errorf("the window was extended by three months: %+v", fc)
	}
	open := in(t, "soc2_type2", catalog.PhaseWindow)
	open.decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "hugo")
	if fc := open.report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "window_close" {
		t.Errorf("the open window was extended by three months: %+v", fc)
	}
}

// Evidence that is still missing when fieldwork was to start holds fieldwork up.
func TestLateEvidenceOfTheWindow(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseT2Close)
	start := d.f.Engagement.Baseline.Phases[catalog.PhaseT2Fieldwork].Start
	var left models.TaskID
	for _, x := range d.copies("WI-01") {
		left = x.ID
	}
	if left == "" {
		t.Fatal("no evidence of the window is open on the day after it")
	}
	lazy := func() {
		for _, x := range append(d.copies("WC-01"), append(d.copies("WC-02"), append(d.copies("WC-03"), d.copies("WC-05")...)...)...) {
			if x.State == engagement.TaskOpen {
				d.do(string(d.doer(x)), engagement.CompleteTask, task(x.ID))
			}
		}
		for _, x := range d.copies("WI-01") {
			if x.ID != left && x.State == engagement.TaskOpen {
				d.do(string(x.Owner), engagement.CompleteTask, task(x.ID))
			}
		}
	}
	for d.today().Before(d.f.FirmDays.Add(start, 8)) {
		lazy()
		for _, g := range d.signable() {
			if g.Approver != models.RoleSystem {
				d.do(string(g.Who[0]), engagement.SignGate, gate(g.ID))
			}
		}
		d.goTo(d.f.ClientDays.Add(d.today(), 1))
	}
	r := d.report()
	if got := d.f.Phase(catalog.PhaseT2Close).Standing; got != engagement.StandingDone {
		t.Fatalf("populations are %s", got)
	}
	if !r.Forecast.Report.After(d.f.Engagement.Baseline.Report) || len(r.Forecast.Drivers) == 0 || r.Forecast.Drivers[0].Subject != string(left) {
		t.Errorf("%s is missing eight days after fieldwork was to start: %+v", left, r.Forecast)
	}
}

// The report was issued: that is the date, and it stays while delivery goes on, however long.
func TestADeliveredReportStaysOnItsDay(t *testing.T) {
	for typ, last := range map[string]catalog.Phase{"readiness_only": catalog.PhaseRemediation, "soc2_type1": catalog.PhaseT1Report, "soc2_type2": catalog.PhaseT2Report} {
		d := in(t, typ, last)
		d.until(modelstest.On("2030-01-01"), func() bool { return d.f.Phase(last).Standing == engagement.StandingDone })
		issued := d.f.Phase(last).Actual.End
		d.goTo(issued.AddDays(90))
		r := d.report()
		if r.Forecast.Report != issued {
			t.Errorf("%s: issued on %s, ninety days later it is expected on %s", typ, issued, r.Forecast.Report)
		}
		for _, why := range r.Reasons {
			if strings.HasPrefix(why.Code, "report_") {
				t.Errorf("%s: %+v", typ, why)
			}
		}
		d.until(modelstest.On("2031-01-01"), func() bool { return false })
		d.now = d.now.AddDate(1, 0, 0)
		if r := d.report(); r.Forecast.Report != issued || r.Forecast.Frozen || r.Health != engagement.HealthOnTrack && r.Health != engagement.HealthAtRisk && r.Health != engagement.HealthLate || d.f.Engagement.Summary.Percent != 100 {
			t.Errorf("%s: a year after its end: %+v, %d%%", typ, r.Forecast, d.f.Engagement.Summary.Percent)
		}
	}
}

// The forecast never lies before today, and the cautious one never before it, whoever is late with whatever.
func TestTheForecastNeverLiesInThePast(t *testing.T) {
	for _, typ := range []string{"readiness_only", "soc2_type1", "soc2_type1_type2"} {
		d := started(t, typ)
		for range 40 {
			d.goTo(d.today().AddDays(17))
			fc := d.report().Forecast
			if fc.Report.Before(d.today()) || fc.Cautious.Before(fc.Report) || fc.Report.Before(d.f.Engagement.Baseline.Report) {
				t.Errorf("%s: on %s, nobody having done anything, the report is expected on %s, cautiously on %s", typ, d.today(), fc.Report, fc.Cautious)
			}
			if d.f.Engagement.Summary.Forecast != fc.Report && d.f.ClientDays.Count(d.f.Engagement.Summary.Forecast, fc.Report) > 3 {
				t.Errorf("%s: on %s the portfolio still shows %s, the report %s", typ, d.today(), d.f.Engagement.Summary.Forecast, fc.Report)
			}
		}
	}
}

// Slow people make later phases slower too: the pace of a side stretches what it has still to do.
func TestThePaceOfPeopleStretchesThePlan(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseGap)
	p := &d.f.Engagement.Pace
	on1 := d.report().Forecast.Report
	p.Planned, p.Actual = map[models.Side]int{models.SideClient: 40}, map[models.Side]int{models.SideClient: 80}
	slow := d.report().Forecast.Report
	p.Actual = map[models.Side]int{models.SideClient: 4000}
	worst := d.report().Forecast.Report
	p.Actual = map[models.Side]int{models.SideClient: 1}
	quick := d.report().Forecast.Report
	if !quick.Before(on1) && quick != on1 || !slow.After(on1) || !worst.After(slow) || d.f.ClientDays.Count(on1, worst) > 3*d.f.ClientDays.Count(d.today(), on1) {
		t.Errorf("on %s: quick people are done on %s, as planned on %s, slow ones on %s, the slowest on %s", d.today(), quick, on1, slow, worst)
	}
}
