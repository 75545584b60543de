package engagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// When everybody does what is due, every type of engagement completes on its own, is on track on every single morning, and
// never expects its report later than was agreed.
func TestDiligentPeopleAreOnTrackEveryMorning(t *testing.T) {
	for _, typ := range modelstest.Types() {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			d := modelstest.Started(t, typ)
			complaints := 0
			d.Until(modelstest.On("2031-01-01"), func() bool {
				if d.Now.Hour() != 9 || complaints > 2 || d.Facts.Engagement.Status != engagement.StatusRunning {
					return false
				}
				if r := d.Report(); r.Health != engagement.HealthOnTrack || r.Forecast.Report.After(r.Baseline) {
					complaints++
					t.Errorf("%s: %s, the report is expected on %s, agreed was %s: %+v", d.Today(), r.Health, r.Forecast.Report, r.Baseline, r.Reasons)
				}
				return false
			})
			if d.Facts.Engagement.Status != engagement.StatusCompleted {
				t.Errorf("it is %s on %s", d.Facts.Engagement.Status, d.Today())
			}
			if p := d.Facts.Engagement.Pace; p.Closed == 0 || p.OnTime != p.Closed {
				t.Errorf("%d of %d tasks were on time", p.OnTime, p.Closed)
			}
		})
	}
}

// The route of every type: which phase is entered when which has been left (domain.md 3).
func TestTheRouteOfEveryType(t *testing.T) {
	type2 := "kickoff gap remediation window_setup t2_window t2_close t2_fieldwork t2_report renewal"
	type1 := "kickoff gap remediation t1_prep t1_fieldwork t1_report renewal"
	both := "kickoff gap remediation t1_prep t1_fieldwork t1_report window_setup t2_window t2_close t2_fieldwork t2_report renewal"
	want := map[string]string{"readiness_only": "kickoff gap remediation renewal",
		"soc2_type1": type1, "soc2_type2": type2, "soc2_type1_type2": both, "soc2_type2_renewal": type2,
		"soc1_type1": type1, "soc1_type2": type2, "soc1_type1_type2": both, "cyber_point": type1, "cyber_period": type2}
	for _, typ := range modelstest.Types() {
		d := modelstest.Started(t, typ)
		var got []string
		for _, p := range d.Facts.Phases {
			got = append(got, string(p.Phase))
		}
		if strings.Join(got, " ") != want[typ] {
			t.Errorf("%s goes through %v", typ, got)
		}
	}
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Report)
	if got := fmt.Sprint(d.Facts.Active()); got != "[t1_report t2_window]" {
		t.Errorf("while the Type 1 report is written, active are %s", got)
	}
	d = modelstest.In(t, "soc2_type2", catalog.PhaseT2Fieldwork)
	if got := fmt.Sprint(d.Facts.Active()); got != "[t2_fieldwork renewal]" {
		t.Errorf("in fieldwork, active are %s: the next window begins before the report", got)
	}
}

// Tasks open when what comes before is done, and wait again when it is taken up again; late is noted once.
func TestTasksOpenInTurn(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	open := func() string {
		var out []string
		for _, x := range d.Facts.Tasks {
			if x.State == engagement.TaskOpen {
				out = append(out, string(x.ID))
			}
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	if got := open(); got != "KO-01 KO-02" {
		t.Errorf("first is %s", got)
	}
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01", "KO-02"))
	if got := open(); got != "" {
		t.Errorf("the letter waits for ruth, and yet there is %s", got)
	}
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-03", "KO-04"))
	d.Do("priya", engagement.CompleteTask, modelstest.Task("KO-05"))
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-06"))
	if got := open(); got != "KO-07 KO-08 KO-09 KO-12" {
		t.Errorf("after the kickoff meeting there is %s", got)
	}
	d.Do("ines", engagement.ReopenTask, modelstest.Task("KO-06"), modelstest.Because("ruth could not come"))
	if got := open(); got != "KO-06" {
		t.Errorf("the meeting is held again, and yet there is %s", got)
	}
}

// A check is not asked for before there is something to check: what the work brings is waited for, once it is known.
func TestWhatTheWorkBringsIsWaitedFor(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	if got := d.Task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("gaps are not known yet, and the control wording is %s", got)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	if got := d.Task("RE-12").State; got != engagement.TaskOpen {
		t.Errorf("no gap is high, and the control wording is %s", got)
	}
	d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews"}))
	if got := d.Task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("a gap is high, and the control wording is %s", got)
	}
}

// Fieldwork waits for its day, though everything before it is done, and for what is before it, though its day has come.
func TestPhasesWaitForTheirDay(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Until(modelstest.On("2028-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Prep).Standing == engagement.StandingDone })
	day := d.Facts.FirmDays.Add(d.Facts.Engagement.AsOf, 5)
	d.Pass(day.Begin(d.Facts.Location()).Add(-1))
	if got := d.Facts.Phase(catalog.PhaseT1Fieldwork).Standing; got != engagement.StandingWaiting {
		t.Errorf("a moment before %s fieldwork is %s", day, got)
	}
	d.Pass(day.Begin(d.Facts.Location()))
	if got := d.Facts.Phase(catalog.PhaseT1Fieldwork); got.Standing != engagement.StandingActive || got.Actual.Start != day {
		t.Errorf("on %s fieldwork is %+v", day, got)
	}
	w := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	w.GoTo(w.Facts.Engagement.WindowOpen)
	if got := w.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingWaiting {
		t.Errorf("nothing is prepared, and the window is %s", got)
	}
}

// Who is waited for since when: owners since their task was theirs to do, approvers since it was submitted, signatories since
// only they are missing, those who decide since it was proposed.
func TestWhomEverybodyWaitsFor(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.GoTo(modelstest.On("2027-01-06"))
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01"))
	d.GoTo(modelstest.On("2027-01-07"))
	since := func(p models.PersonID) string {
		for _, w := range d.Report().WaitingFor {
			if w.Person == p {
				return fmt.Sprintf("%d since %s: %s", w.Items, w.Since, w.First)
			}
		}
		return ""
	}
	if got := since("marta"); got != "1 since 2027-01-04: KO-02 Check independence and conflicts" {
		t.Errorf("marta is waited for: %s", got)
	}
	if got := since("ruth"); got != "1 since 2027-01-06: accept KO-01 Sign engagement letter and confidentiality agreement" {
		t.Errorf("ruth is waited for: %s", got)
	}
	d.Until(modelstest.On("2027-02-20"), func() bool { return d.Task("KO-15").State == engagement.TaskDone })
	ready := d.Today()
	d.GoTo(d.Today().AddDays(20))
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("KO-14"))
	if got := since("ruth"); got != "1 since "+ready.String()+": sign G-KO-1 Scope memo approved" {
		t.Errorf("for twenty days, since %s, only her signature is missing; ruth is waited for: %s", ready, got)
	}
	d.Do("ruth", engagement.RefuseGate, modelstest.Gate("G-KO-1"), modelstest.Because("not yet"))
	d.GoTo(d.Today().AddDays(3))
	if got := since("ruth"); !strings.Contains(got, "since "+d.Today().AddDays(-3).String()) {
		t.Errorf("three days after she refused, ruth is waited for: %s", got)
	}
	d.Do("ines", engagement.ChangeScope, modelstest.Changed(engagement.Change{Categories: withConfidentiality}),
		modelstest.Because("the bank asks"))
	asked := d.Today()
	d.GoTo(asked.AddDays(4))
	if got := since("marta"); !strings.Contains(got, "since "+asked.String()+": approve D-1") {
		t.Errorf("marta is waited for: %s", got)
	}
}

func TestTheReportOfAnEngagement(t *testing.T) {
	d := modelstest.Draft(t, "soc2_type2")
	if r := d.Report(); len(r.Phases)+len(r.Gates) > 0 || r.Baseline != (models.Date{}) {
		t.Errorf("a draft reports %+v", r)
	}
	d.Do("ines", engagement.StartEngagement)
	d.GoTo(modelstest.On("2027-01-12"))
	r := d.Report()
	reportsWhatIsOpen(t, r)
	if r.Phases[0].Percent != 0 || r.Phases[0].Forecast.Before(d.Today()) || r.Phases[0].Baseline.Start != modelstest.On("2027-01-11") ||
		r.Phases[3].Standing != engagement.StandingWaiting {
		t.Errorf("the phases are %+v", r.Phases)
	}
	if r.Wake.Before(d.Now) || r.Why == "" {
		t.Errorf("it wakes at %s: %s", r.Wake, r.Why)
	}
	if d.Facts.Engagement.Summary.Overdue != len(r.Overdue) || d.Facts.Engagement.Summary.Open != r.OpenTasks {
		t.Errorf("the portfolio shows %+v", d.Facts.Engagement.Summary)
	}
}

// reportsWhatIsOpen checks a report of the second day: the overdue tasks, the open ones, and the gates with what stands in their way.
func reportsWhatIsOpen(t *testing.T, r engagement.Report) {
	t.Helper()
	if len(r.Overdue) == 0 || r.Overdue[0].ID != "KO-01" || r.Overdue[0].When.Days != 5 ||
		r.OverdueDays != 5 || r.Overdue[0].OwnerName != "Marta" {
		t.Errorf("overdue are %+v", r.Overdue)
	}
	if r.OpenTasks != 13 || len(r.Gates) != 3 || r.Gates[0].Ready || len(r.Gates[0].Blockers) != 1 ||
		r.Gates[0].Blockers[0].Subject != "KO-15" || r.Gates[0].Who[0] != "ruth" {
		t.Errorf("%d tasks are open, the gates are %+v", r.OpenTasks, r.Gates)
	}
}
