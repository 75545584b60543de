package engagement_test

import (
	"math/rand/v2"
	"slices"
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
	for _, typ := range modelstest.Types() {
		for _, people := range []int{8, 50, 180, 900, 20000} {
			kickoff := modelstest.On("2027-01-04").AddDays(r.IntN(700))
			d := modelstest.Draft(t, typ, func(f *engagement.Facts) {
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
			d.Now = d.Facts.FirmDays.Add(kickoff, -6).At(d.Facts.Location(), 9, 0)
			d.Do("ines", engagement.StartEngagement)
			e, fc := d.Facts.Engagement, d.Report().Forecast
			if fc.Report != e.Baseline.Report || len(fc.Drivers) != 0 {
				t.Errorf("%s, %d people, kickoff %s: the baseline is %s, the forecast %s: %v", typ, people, kickoff, e.Baseline.Report, fc.Report,
					fc.Drivers)
			}
			if fc.Cautious.Before(fc.Report) || e.Baseline.Cautious != fc.Cautious || fc.AsOf != e.AsOf || fc.Window != e.WindowOpen {
				t.Errorf("%s, %d people, kickoff %s: the forecast is %+v", typ, people, kickoff, fc)
			}
			if h := d.Report(); h.Health != engagement.HealthOnTrack || len(h.Reasons) != 0 {
				t.Errorf("%s, %d people, kickoff %s: %s: %v", typ, people, kickoff, h.Health, h.Reasons)
			}
			if s := e.Summary; s.Forecast != fc.Report || s.Cautious != fc.Cautious || s.Health != engagement.HealthOnTrack {
				t.Errorf("%s: the portfolio shows %+v", typ, s)
			}
		}
	}
}

// The scope memo is twelve business days late: the report moves by what the time before the as-of date does not take up, and the memo is
// named first.
func TestALateTaskMovesTheForecast(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.Until(modelstest.On("2027-01-22"), func() bool { return d.Task("KO-15").State == engagement.TaskOpen })
	base := d.Facts.Engagement.Baseline
	memo := d.Task("KO-15")
	before := d.Report().Forecast.Report
	d.GoTo(d.Facts.FirmDays.Add(memo.Due, 12))
	r := d.Report()
	if r.Forecast.Report == before || !r.Forecast.Report.After(base.Report) {
		t.Fatalf("twelve days late, and the report is still expected on %s", r.Forecast.Report)
	}
	// The kickoff ends thirteen days late; the preparation of the as-of date, planned generously, takes some of them up.
	if n := d.Facts.Workdays(base.Report, r.Forecast.Report); n < 1 || n > 13 || n != r.Forecast.Late {
		t.Errorf("twelve days late, the report moves by %d business days: %+v", n, r.Forecast)
	}
	if len(r.Forecast.Drivers) == 0 {
		t.Fatal("nothing is said to move it")
	}
	first := r.Forecast.Drivers[0]
	if first.Phase != catalog.PhaseKickoff || first.Subject != "KO-15" ||
		!strings.Contains(first.Text, "Write scope memo and have it approved (Ines), due "+memo.Due.String()) ||
		first.Days != r.Forecast.Late-r.Forecast.Pace {
		t.Errorf("what moves it is %+v", first)
	}
	if r.Health != engagement.HealthLate || r.Reasons[0].Code != "report_late" || !strings.Contains(r.Reasons[0].Text, first.Text) {
		t.Errorf("it is %s: %+v", r.Health, r.Reasons)
	}
	// A task that waits is not named for what it waits for: the one that can be acted on is.
	d = modelstest.Started(t, "soc2_type1")
	d.Until(modelstest.On("2027-01-13"), func() bool { return d.Task("KO-12").State == engagement.TaskOpen })
	d.GoTo(d.Facts.FirmDays.Add(d.Task("KO-12").Due, 20))
	got := d.Report().Forecast.Drivers
	if d.Task("KO-15").State != engagement.TaskWaiting || len(got) == 0 || !d.Has(models.TaskID(got[0].Subject)) ||
		d.Task(models.TaskID(got[0].Subject)).State != engagement.TaskOpen {
		t.Errorf("what moves it is %+v", got)
	}
}

// What does not hold up the report is not said to: the Type 1 report is written beside the window, training has slack.
func TestWhatDoesNotMoveTheReportIsNoDriver(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Report)
	d.Until(modelstest.On("2028-01-01"), func() bool { return d.Task("T1-13").State == engagement.TaskOpen })
	d.GoTo(d.Facts.FirmDays.Add(d.Facts.Phase(catalog.PhaseT1Report).Plan.End, 12))
	r := d.Report()
	if r.Forecast.Report != d.Facts.Engagement.Baseline.Report || len(r.Forecast.Drivers) != 0 {
		t.Errorf("the Type 1 report is late, and the Type 2 report is expected on %s instead of %s: %v", r.Forecast.Report,
			d.Facts.Engagement.Baseline.Report, r.Forecast.Drivers)
	}
	if r.Health != engagement.HealthLate || r.Reasons[0].Subject != "t1_report_date" {
		t.Errorf("a Type 1 report twelve days late is %s: %+v", r.Health, r.Reasons)
	}
}

// Readiness cannot make the as-of date: slowness moves it in the forecast and says so; only a decision moves it in the plan.
func TestAnAsOfDateThatCannotBeHeld(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseRemediation)
	agreed, window := d.Facts.Engagement.AsOf, d.Facts.Engagement.WindowOpen
	d.GoTo(agreed.AddDays(20))
	fc := d.Report().Forecast
	if !fc.AsOf.After(agreed) || !fc.Window.After(window) || d.Facts.Engagement.AsOf != agreed || d.Facts.Engagement.WindowOpen != window {
		t.Errorf("three weeks after the as-of date the forecast holds it on %s, and opens the window on %s", fc.AsOf, fc.Window)
	}
	var texts []string
	for _, x := range fc.Drivers {
		texts = append(texts, x.Text)
	}
	all := strings.Join(texts, "\n")
	all += "\n" + strings.Join(fc.Notes, "\n")
	for _, want := range []string{"as things stand the as-of date would be " + fc.AsOf.String() + " instead of " + agreed.String(),
		"the window's first day would be " + fc.Window.String(), "Turn accepted gaps into remediation tasks"} {
		if !strings.Contains(all, want) {
			t.Errorf("the drivers are\n%s\nwant one that says %s", all, want)
		}
	}
	codes := ""
	for _, r := range d.Report().Reasons {
		codes += r.Code + " "
	}
	if !strings.Contains(codes, "window_missed") || !strings.Contains(codes, "report_late") {
		t.Errorf("the reasons are %s", codes)
	}
}

// A date moved by decision is a driver too: nobody is late, and still the report is.
func TestAMovedDateIsADriver(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
	d.Decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: d.Facts.Engagement.AsOf.AddDays(28)}, "ruth", "hugo")
	if fc := d.Report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "as_of_date" ||
		!strings.Contains(fc.Drivers[0].Text, d.Facts.Engagement.AsOf.String()) {
		t.Errorf("the as-of date was moved by four weeks: %+v", fc)
	}
	w := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	w.Decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "marta")
	if fc := w.Report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "window_close" || fc.Drivers[0].Days < 55 {
		t.Errorf("the window was extended by three months: %+v", fc)
	}
	open := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	open.Decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "hugo")
	if fc := open.Report().Forecast; len(fc.Drivers) != 1 || fc.Drivers[0].Subject != "window_close" {
		t.Errorf("the open window was extended by three months: %+v", fc)
	}
}

// Evidence that is still missing when fieldwork was to start holds fieldwork up.
func TestLateEvidenceOfTheWindow(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	close := d.Facts.Engagement.Window().End
	d.Until(d.Facts.ClientDays.Add(close, -6), func() bool { return false })
	d.GoTo(close.AddDays(1))
	start := d.Facts.Engagement.Baseline.Phases[catalog.PhaseT2Fieldwork].Start
	var left models.TaskID
	for _, x := range d.CopiesOf("WI-01") {
		left = x.ID
	}
	if left == "" {
		t.Fatal("no evidence of the window is open on the day after it")
	}
	lazy := func() {
		for _, x := range append(d.CopiesOf("WC-01"), append(d.CopiesOf("WC-02"), append(d.CopiesOf("WC-03"), d.CopiesOf("WC-05")...)...)...) {
			if x.State == engagement.TaskOpen {
				d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
			}
		}
		for _, x := range d.CopiesOf("WI-01") {
			if x.ID != left && x.State == engagement.TaskOpen {
				d.Do(string(x.Owner), engagement.CompleteTask, modelstest.Task(x.ID))
			}
		}
	}
	for d.Today().Before(d.Facts.FirmDays.Add(start, 8)) {
		lazy()
		for _, g := range d.Signable() {
			if g.Approver != models.RoleSystem {
				d.Do(string(g.Who[0]), engagement.SignGate, modelstest.Gate(g.ID))
			}
		}
		d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1))
	}
	r := d.Report()
	if got := d.Facts.Phase(catalog.PhaseT2Close).Standing; got != engagement.StandingDone {
		t.Fatalf("populations are %s", got)
	}
	if !r.Forecast.Report.After(d.Facts.Engagement.Baseline.Report) || len(r.Forecast.Drivers) == 0 ||
		r.Forecast.Drivers[0].Subject != string(left) {
		t.Errorf("%s is missing eight days after fieldwork was to start: %+v", left, r.Forecast)
	}
}

// The report was issued: that is the date, and it stays while delivery goes on, however long.
func TestADeliveredReportStaysOnItsDay(t *testing.T) {
	for typ, last := range map[string]catalog.Phase{"readiness_only": catalog.PhaseRemediation, "soc2_type1": catalog.PhaseT1Report,
		"soc2_type2": catalog.PhaseT2Report} {
		d := modelstest.In(t, typ, last)
		d.Until(modelstest.On("2030-01-01"), func() bool { return d.Facts.Phase(last).Standing == engagement.StandingDone })
		issued := d.Facts.Phase(last).Actual.End
		d.GoTo(issued.AddDays(90))
		r := d.Report()
		if r.Forecast.Report != issued {
			t.Errorf("%s: issued on %s, ninety days later it is expected on %s", typ, issued, r.Forecast.Report)
		}
		for _, why := range r.Reasons {
			if strings.HasPrefix(why.Code, "report_") {
				t.Errorf("%s: %+v", typ, why)
			}
		}
		d.Until(modelstest.On("2031-01-01"), func() bool { return false })
		d.Now = d.Now.AddDate(1, 0, 0)
		if r := d.Report(); r.Forecast.Report != issued || r.Forecast.Frozen || r.Health != engagement.HealthOnTrack &&
			r.Health != engagement.HealthAtRisk && r.Health != engagement.HealthLate || d.Facts.Engagement.Summary.Percent != 100 {
			t.Errorf("%s: a year after its end: %+v, %d%%", typ, r.Forecast, d.Facts.Engagement.Summary.Percent)
		}
	}
}

// The forecast never lies before today, and the cautious one never before it, whoever is late with whatever.
func TestTheForecastNeverLiesInThePast(t *testing.T) {
	for _, typ := range []string{"readiness_only", "soc2_type1", "soc2_type1_type2"} {
		d := modelstest.Started(t, typ)
		for range 40 {
			d.GoTo(d.Today().AddDays(17))
			fc := d.Report().Forecast
			if fc.Report.Before(d.Today()) || fc.Cautious.Before(fc.Report) || fc.Report.Before(d.Facts.Engagement.Baseline.Report) {
				t.Errorf("%s: on %s, nobody having done anything, the report is expected on %s, cautiously on %s", typ, d.Today(), fc.Report,
					fc.Cautious)
			}
			if d.Facts.Engagement.Summary.Forecast != fc.Report && d.Facts.ClientDays.Count(d.Facts.Engagement.Summary.Forecast, fc.Report) > 3 {
				t.Errorf("%s: on %s the portfolio still shows %s, the report %s", typ, d.Today(), d.Facts.Engagement.Summary.Forecast, fc.Report)
			}
		}
	}
}

// Hugo issues the Type 1 report on a Thursday, and Ines enters it on the Monday after: the report's day is the Thursday, in the forecast,
// in the list of promises and in the record, however late its gate is signed. A day that has not come is refused, and so is one before
// the report was begun, and any day at a task that issues nothing.
func TestTheDayOfAReportIsTheOneThatWasStated(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Report)
	d.Until(modelstest.On("2030-01-01"), func() bool { return d.Task("T1-16").State == engagement.TaskOpen })
	begun := d.Facts.Phase(catalog.PhaseT1Report).Actual.Start
	thursday := d.Today()
	d.GoTo(thursday.AddDays(4))
	on := func(day models.Date) func(*engagement.Command) { return func(c *engagement.Command) { c.On = day } }
	task := d.Task("T1-16")
	who := string(d.Doer(task))
	for _, day := range []models.Date{d.Today().AddDays(1), begun.AddDays(-1)} {
		d.Refused(models.Invalid, "on", "from "+begun.String()+", when", who, engagement.CompleteTask, modelstest.Task("T1-16"), on(day))
	}
	for _, x := range d.Facts.Tasks {
		if x.ID != "T1-16" && x.State == engagement.TaskOpen && d.Doer(x) != "" {
			d.Refused(models.Invalid, "on", "has no day of its own", string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID), on(thursday))
		}
	}
	d.Do(who, engagement.CompleteTask, modelstest.Task("T1-16"), on(thursday))
	if got := d.Logged("report.issued"); len(got) != 1 || !strings.Contains(got[0], thursday.String()) {
		t.Errorf("the record has %q", got)
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Report).Standing == engagement.StandingDone })
	fc := d.Report().Forecast
	if fc.Report != thursday || !fc.Issued || fc.Reports[0].Issued != thursday ||
		fc.Late != d.Facts.LateAfter(d.Facts.Engagement.Target, thursday) {
		t.Errorf("issued on %s, the forecast says %+v", thursday, fc)
	}
	if len(fc.Drivers) > 0 && fc.Late <= 0 || len(fc.Helps) > 0 {
		t.Errorf("of a report that is out something is expected: %+v", fc)
	}
}

// Whoever presses Done at a report is asked on which day it was issued: today is there already, and an answer is held to what the API and
// the command line hold it to. On an evening in New York it is tomorrow already where an auditor in Auckland is, which the form does not
// offer.
func TestAFormAsksForTheDayOfAReport(t *testing.T) {
	for typ, task := range map[string]models.TaskID{"soc2_type1": "T1-16", "soc2_type2": "T2-15"} {
		phase := map[models.TaskID]catalog.Phase{"T1-16": catalog.PhaseT1Report, "T2-15": catalog.PhaseT2Report}[task]
		d := modelstest.In(t, typ, phase)
		d.Until(modelstest.On("2030-01-01"), func() bool { return d.Task(task).State == engagement.TaskOpen })
		begun, tuesday := d.Facts.Phase(phase).Actual.Start, d.Today()
		d.GoTo(tuesday.AddDays(2))
		who, item := string(d.Doer(d.Task(task))), "do:"+string(task)
		for i := range d.Facts.People {
			if string(d.Facts.People[i].ID) == who {
				d.Facts.People[i].TimeZone = "Pacific/Auckland"
			}
		}
		d.Now = d.Today().At(d.Facts.Location(), 19, 0)
		form, err := d.Facts.Form(engagement.ActDone, item, d.Actor(who), d.Now)
		if want := "The report is issued | Issued | on day =" + d.Today().String(); err != nil || shown(form) != want {
			t.Fatalf("%s: asked %s, %v, want %s", typ, shown(form), err, want)
		}
		want := "a day from " + models.Dated(begun) + ", when " + d.Facts.PhaseName(phase) + " began, to today."
		if !strings.Contains(form.Note, want) {
			t.Errorf("%s: the form says %q, not %q", typ, form.Note, want)
		}
		for answer, says := range map[string]string{"": "On which day was it issued? This is missing",
			d.Today().AddDays(1).String(): "the report was issued",
			begun.AddDays(-1).String():    "the report was issued", "Tuesday": "date"} {
			if _, err := fill(d, who, engagement.ActDone, item, map[string]string{"on": answer}); models.CodeOf(err) != models.Invalid ||
				!strings.Contains(err.Error(), says) {
				t.Errorf("%s: %q was answered with %v, not %q", typ, answer, err, says)
			}
		}
		if _, err := fill(d, who, engagement.ActDone, item, map[string]string{"on": tuesday.String()}); err != nil {
			t.Fatal(err)
		}
		if got := d.Logged("report.issued"); len(got) != 1 || !strings.Contains(got[0], tuesday.String()) {
			t.Errorf("%s: the record has %q, issued on %s", typ, got, tuesday)
		}
	}
}

// Nobody holds the weekly call for two months: no more than two are open at a time, the next before the present one is due. Those of before
// are superseded, and none holds up the report.
func TestAWeeklyCallThatWasNotHeldIsSuperseded(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
	most := 0
	for range 60 {
		d.GoTo(d.Today().AddDays(1))
		open := 0
		for _, x := range d.Facts.Tasks {
			if x.Template == "RE-13" && !x.State.Closed() {
				open++
			}
		}
		most = max(most, open)
		for _, why := range d.Report().Reasons {
			if strings.HasPrefix(why.Subject, "RE-13") {
				t.Errorf("a call that was not held is a reason: %+v", why)
			}
		}
	}
	superseded := 0
	for _, x := range d.Closed {
		if x.Template == "RE-13" && x.State == engagement.TaskCancelled &&
			strings.HasPrefix(x.Reason, "it was not held, and the next one is due on ") {
			superseded++
		}
	}
	if most > 2 || superseded < 4 {
		t.Errorf("%d calls were open at a time, %d were superseded", most, superseded)
	}
}

// A line about an engagement says of each report when it is expected or was issued, beside its promise: by its name where there are two,
// and nothing of one of which nothing is known.
func TestALineSaysOfEachReport(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Report)
	d.Until(modelstest.On("2030-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Report).Standing == engagement.StandingDone })
	s := d.Facts.Engagement.Summary
	fc := d.Report().Forecast.Reports
	want := []string{"Type 1 report issued " + models.Dated(fc[0].Issued) + ", promised " + models.Dated(fc[0].Promised),
		"Type 2 report expected " + models.Dated(fc[1].Expected) + ", promised " + models.Dated(fc[1].Promised)}
	if got := s.ReportWords(); fc[0].Issued.IsZero() || fc[1].Expected.IsZero() || !slices.Equal(got, want) {
		t.Errorf("said %q, not %q", got, want)
	}
	s.Reports = s.Reports[1:]
	s.Reports[0].Promised = models.Date{}
	if got := s.ReportWords(); !slices.Equal(got, []string{"report expected " + models.Dated(fc[1].Expected)}) {
		t.Errorf("of one report without a promise %q is said", got)
	}
	s.Reports[0].Expected = models.Date{}
	if got := s.ReportWords(); len(got) > 0 {
		t.Errorf("of nothing %q is said", got)
	}
}

// Nobody does anything for three weeks. Two tasks are equally late and hold up the kickoff side by side: neither alone is said to make it
// late. Each of them holds up the report if it waits for another week, by as many business days as is said.
func TestWhatIsLateSideBySide(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.GoTo(d.Facts.FirmDays.Add(d.Task("KO-01").Due, 25))
	d.Task("KO-04").State = engagement.TaskDone // so that both are followed by the same
	was := d.Report().Forecast
	if len(was.Drivers) == 0 || !strings.Contains(was.Drivers[0].Text, ", and side by side with it ") {
		t.Errorf("what moves it is %+v", was.Drivers)
	}
	if len(was.Helps) < 2 || !strings.Contains(was.Helps[0].Text, " done today rather than in a week (Marta)") {
		t.Fatalf("what would help is %+v", was.Helps)
	}
	for _, h := range was.Helps[:2] {
		later := modelstest.CopyOf(d.Facts)
		task := later.Task(models.TaskID(h.Subject))
		task.Due, task.Moved = d.Facts.FirmDays.Add(d.Today(), 5), true // it is done then, and not before
		if is := later.Forecast(d.Now); is.Late-was.Late != h.Days {
			t.Errorf("done a week later the report is %d business days late instead of %d: %+v", is.Late, was.Late, h)
		}
	}
}
