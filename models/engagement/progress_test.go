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

var allTypes = []string{"readiness_only", "soc2_type1", "soc2_type2", "soc2_type1_type2", "soc2_type2_renewal",
	"soc1_type1", "soc1_type2", "soc1_type1_type2", "cyber_point", "cyber_period"}

// When everybody does what is due, every type of engagement completes on its own, is on track on every single morning, and
// never expects its report later than was agreed.
func TestDiligentPeopleAreOnTrackEveryMorning(t *testing.T) {
	for _, typ := range allTypes {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			d := started(t, typ)
			complaints := 0
			d.until(modelstest.On("2031-01-01"), func() bool {
				if d.now.Hour() != 9 || complaints > 2 || d.f.Engagement.Status != engagement.StatusRunning {
					return false
				}
				if r := d.report(); r.Health != engagement.HealthOnTrack || r.Forecast.Report.After(r.Baseline) {
					complaints++
					t.Errorf("%s: %s, the report is expected on %s, agreed was %s: %+v", d.today(), r.Health, r.Forecast.Report, r.Baseline, r.Reasons)
				}
				return false
			})
			if d.f.Engagement.Status != engagement.StatusCompleted {
				t.Errorf("it is %s on %s", d.f.Engagement.Status, d.today())
			}
			if p := d.f.Engagement.Pace; p.Closed == 0 || p.OnTime != p.Closed {
				t.Errorf("%d of %d tasks were on time", p.OnTime, p.Closed)
			}
		})
	}
}

// The route of every type: which phase is entered when which has been left (domain.md 3, may_overlap).
func TestTheRouteOfEveryType(t *testing.T) {
	type2 := "kickoff gap remediation window_setup t2_window t2_close t2_fieldwork t2_report renewal"
	want := map[string]string{
		"readiness_only": "kickoff gap remediation renewal", "soc2_type1": "kickoff gap remediation t1_prep t1_fieldwork t1_report renewal",
		"soc2_type2": type2, "soc2_type2_renewal": type2, "cyber_period": type2, "soc1_type2": type2,
		"soc2_type1_type2": "kickoff gap remediation t1_prep t1_fieldwork t1_report window_setup t2_window t2_close t2_fieldwork t2_report renewal",
	}
	for typ, phases := range want {
		d := started(t, typ)
		var got []string
		for _, p := range d.f.Phases {
			got = append(got, string(p.Phase))
		}
		if strings.Join(got, " ") != phases {
			t.Errorf("%s goes through %v", typ, got)
		}
	}
	d := in(t, "soc2_type1_type2", catalog.PhaseT1Report)
	if got := fmt.Sprint(d.f.Active()); got != "[t1_report t2_window]" {
		t.Errorf("while the Type 1 report is written, active are %s", got)
	}
	d = in(t, "soc2_type2", catalog.PhaseT2Fieldwork)
	if got := fmt.Sprint(d.f.Active()); got != "[t2_fieldwork renewal]" {
		t.Errorf("in fieldwork, active are %s: the next window begins before the report", got)
	}
}

// Tasks open when what comes before is done, and wait again when it is taken up again; late is noted once.
func TestTasksOpenInTurn(t *testing.T) {
	d := started(t, "soc2_type2")
	open := func() string {
		var out []string
		for _, x := range d.f.Tasks {
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
	d.do("marta", engagement.CompleteTask, task("KO-01", "KO-02"))
	if got := open(); got != "" {
		t.Errorf("the letter waits for ruth, and yet there is %s", got)
	}
	d.do("ruth", engagement.AcceptTask, task("KO-01"))
	d.do("ines", engagement.CompleteTask, task("KO-03", "KO-04"))
	d.do("priya", engagement.CompleteTask, task("KO-05"))
	d.do("ines", engagement.CompleteTask, task("KO-06"))
	if got := open(); got != "KO-07 KO-08 KO-09 KO-12" {
		t.Errorf("after the kickoff meeting there is %s", got)
	}
	d.do("ines", engagement.ReopenTask, task("KO-06"), because("ruth could not come"))
	if got := open(); got != "KO-06" {
		t.Errorf("the meeting is held again, and yet there is %s", got)
	}
}

// A check is not asked for before there is something to check: what the work brings is waited for, once it is known.
func TestWhatTheWorkBringsIsWaitedFor(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	if got := d.task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("gaps are not known yet, and the control wording is %s", got)
	}
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	if got := d.task("RE-12").State; got != engagement.TaskOpen {
		t.Errorf("no gap is high, and the control wording is %s", got)
	}
	d.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews"}))
	if got := d.task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("a gap is high, and the control wording is %s", got)
	}
}

// Fieldwork waits for its day, though everything before it is done, and for what is before it, though its day has come.
func TestPhasesWaitForTheirDay(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseT1Prep)
	d.until(modelstest.On("2028-01-01"), func() bool { return d.f.Phase(catalog.PhaseT1Prep).Standing == engagement.StandingDone })
	day := d.f.FirmDays.Add(d.f.Engagement.AsOf, 5)
	d.pass(day.Begin(d.f.Location()).Add(-1))
	if got := d.f.Phase(catalog.PhaseT1Fieldwork).Standing; got != engagement.StandingWaiting {
		t.Errorf("a moment before %s fieldwork is %s", day, got)
	}
	d.pass(day.Begin(d.f.Location()))
	if got := d.f.Phase(catalog.PhaseT1Fieldwork); got.Standing != engagement.StandingActive || got.Actual.Start != day {
		t.Errorf("on %s fieldwork is %+v", day, got)
	}
	w := in(t, "soc2_type2", catalog.PhaseWindowSetup)
	w.goTo(w.f.Engagement.WindowOpen)
	if got := w.f.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingWaiting {
		t.Errorf("nothing is prepared, and the window is %s", got)
	}
}

// Who is waited for since when: owners since their task was theirs to do, approvers since it was submitted, signatories since
// only they are missing, those who decide since it was proposed.
func TestWhomEverybodyWaitsFor(t *testing.T) {
	d := started(t, "soc2_type2")
	d.goTo(modelstest.On("2027-01-06"))
	d.do("marta", engagement.CompleteTask, task("KO-01"))
	d.goTo(modelstest.On("2027-01-07"))
	since := func(p models.PersonID) string {
		for _, w := range d.report().WaitingFor {
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
	d.until(modelstest.On("2027-02-20"), func() bool { return d.task("KO-15").State == engagement.TaskDone })
	ready := d.today()
	d.goTo(d.today().AddDays(20))
	d.do("ruth", engagement.CompleteTask, task("KO-14"))
	if got := since("ruth"); got != "1 since "+ready.String()+": sign G-KO-1 Scope memo approved" {
		t.Errorf("for twenty days, since %s, only her signature is missing; ruth is waited for: %s", ready, got)
	}
	d.do("ruth", engagement.RefuseGate, gate("G-KO-1"), because("not yet"))
	d.goTo(d.today().AddDays(3))
	if got := since("ruth"); !strings.Contains(got, "since "+d.today().AddDays(-3).String()) {
		t.Errorf("three days after she refused, ruth is waited for: %s", got)
	}
	d.do("ines", engagement.ChangeScope, changed(engagement.Change{Categories: withConfidentiality}), because("the bank asks"))
	asked := d.today()
	d.goTo(asked.AddDays(4))
	if got := since("marta"); !strings.Contains(got, "since "+asked.String()+": approve D-1") {
		t.Errorf("marta is waited for: %s", got)
	}
}

func TestTheReportOfAnEngagement(t *testing.T) {
	d := draft(t, "soc2_type2")
	if r := d.report(); len(r.Phases)+len(r.Gates) > 0 || r.Baseline != (models.Date{}) {
		t.Errorf("a draft reports %+v", r)
	}
	d.do("ines", engagement.StartEngagement)
	d.goTo(modelstest.On("2027-01-12"))
	r := d.report()
	if len(r.Overdue) == 0 || r.Overdue[0].ID != "KO-01" || r.Overdue[0].Days != 5 || r.OverdueDays != 5 || r.Overdue[0].OwnerName != "Marta" {
		t.Errorf("overdue are %+v", r.Overdue)
	}
	if r.OpenTasks != 13 || len(r.Gates) != 3 || r.Gates[0].Ready || len(r.Gates[0].Blockers) != 1 || r.Gates[0].Blockers[0].Subject != "KO-15" || r.Gates[0].Who[0] != "ruth" {
		t.Errorf("%d tasks are open, the gates are %+v", r.OpenTasks, r.Gates)
	}
	if r.Phases[0].Percent != 0 || r.Phases[0].Forecast.Before(d.today()) || r.Phases[0].Baseline.Start != modelstest.On("2027-01-11") || r.Phases[3].Standing != engagement.StandingWaiting {
		t.Errorf("the phases are %+v", r.Phases)
	}
	if r.Wake.Before(d.now) || r.Why == "" {
		t.Errorf("it wakes at %s: %s", r.Wake, r.Why)
	}
	if d.f.Engagement.Summary.Overdue != len(r.Overdue) || d.f.Engagement.Summary.Open != r.OpenTasks {
		t.Errorf("the portfolio shows %+v", d.f.Engagement.Summary)
	}
}
