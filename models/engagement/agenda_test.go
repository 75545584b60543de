package engagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// What an engagement waits for, stop by stop: when nobody does anything, and when a decision moves a date.
func TestWhatAnEngagementWaitsFor(t *testing.T) {
	d := modelstest.Draft(t, "soc2_type1")
	if a := engagement.AgendaOf(d.Facts, d.Now); !a.Closed || a.Ready || !a.Wake.IsZero() {
		t.Errorf("a draft waits for %+v", a)
	}
	d.Do("ines", engagement.StartEngagement)
	stop := func(want string) {
		t.Helper()
		a := engagement.AgendaOf(d.Facts, d.Now)
		if got := fmt.Sprintf("%s %s", a.Wake.In(d.Facts.Location()).Format("2006-01-02 15:04:05"), a.Why); got != want || a.Ready {
			t.Errorf("ready %t, it waits until %s, want %s", a.Ready, got, want)
		}
		d.Now = a.Wake
		d.Advance()
	}
	stop("2027-01-05 06:00:00 forecast of the day") // also while it is on time
	stop("2027-01-05 17:00:01 due KO-01")           // the letter was due before the engagement began
	stop("2027-01-06 06:00:00 forecast of the day")
	stop("2027-01-07 06:00:00 forecast of the day")
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01", "KO-02"))
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	stop("2027-01-08 06:00:00 forecast of the day")
	stop("2027-01-08 17:00:01 due KO-03") // what opened on its due date has a day more
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"))
	if a := engagement.AgendaOf(d.Facts, d.Now); a.Closed || a.Ready || !strings.HasPrefix(a.Why, "day of t1_fieldwork") {
		t.Errorf("paused, it waits for %+v", a)
	}
}

// besides returns what an engagement waits for besides the forecast of each day, if nothing happens till then.
func besides(d *modelstest.Desk) engagement.Agenda {
	a := engagement.AgendaOf(d.Facts, d.Now)
	for range 1000 {
		if a.Why != "forecast of the day" {
			break
		}
		a = engagement.AgendaOf(d.Facts, a.Wake)
	}
	return a
}

// The as-of date moves: what it wakes for moves with it, at once.
func TestAMovedDateIsWaitedForAnew(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Until(d.Facts.Engagement.AsOf.AddDays(-2), func() bool { return false })
	was := besides(d)
	d.Decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: d.Facts.Engagement.AsOf.AddDays(45)}, "ruth", "hugo")
	if now := besides(d); !now.Wake.After(was.Wake) {
		t.Errorf("six weeks later, and it still wakes at %s for %q, before at %s for %q", now.Wake, now.Why, was.Wake, was.Why)
	}
	for _, e := range d.Events {
		if e.Kind == "task.retimed" && strings.HasPrefix(e.Subject, "T1-") && e.Reason == "follows as_of_date" {
			return
		}
	}
	t.Error("nothing that hangs on the as-of date was put to another day")
}

// A due time is five in the afternoon where its owner is.
func TestOverdueIsDecidedWhereTheOwnerIs(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1", func(f *engagement.Facts) {
		for i := range f.People {
			switch f.People[i].ID {
			case "marta":
				f.People[i].TimeZone = "Pacific/Honolulu"
			case "ines":
				f.People[i].TimeZone = "Pacific/Auckland"
			}
		}
	})
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01"))
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	ko2, ko4 := d.Task("KO-02"), d.Task("KO-04") // marta's and ines'
	hawaii, zealand := zoneOf(t, "Pacific/Honolulu"), zoneOf(t, "Pacific/Auckland")
	d.Pass(ko2.Due.At(hawaii, 17, 0))
	if d.Task("KO-02").Late {
		t.Error("at five in Honolulu marta is late already")
	}
	d.Pass(ko2.Due.At(hawaii, 17, 0).Add(time.Second))
	if !d.Task("KO-02").Late {
		t.Error("after five in Honolulu marta is not late")
	}
	d.Pass(ko4.Due.At(zealand, 17, 0).Add(time.Second))
	if !d.Task("KO-04").Late || !d.Now.Before(ko4.Due.At(d.Facts.Location(), 9, 0)) {
		t.Errorf("ines is late: %t, at %s", d.Task("KO-04").Late, d.Now.In(d.Facts.Location()))
	}
	n := 0
	for _, e := range d.Events {
		if e.Kind == "task.overdue" && e.Subject == "KO-02" {
			n++
		}
	}
	d.GoTo(d.Today().AddDays(30))
	if n != 1 {
		t.Errorf("it was noted %d times", n)
	}
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// A gate that nobody signs moves the forecast every day, though nobody is late with a task: the portfolio has to show it.
func TestAnUnsignedGateIsNotForgotten(t *testing.T) {
	d := modelstest.In(t, "readiness_only", catalog.PhaseRemediation)
	d.Until(modelstest.On("2027-12-31"), func() bool { return len(d.CopiesOf("RE-16")) == 0 })
	for _, x := range d.Facts.Tasks {
		if x.Phase == catalog.PhaseRemediation && x.State == engagement.TaskOpen {
			d.Do(string(x.Owner), engagement.CompleteTask, modelstest.Task(x.ID))
		}
	}
	d.Pass(d.Now.AddDate(0, 0, 60))
	if d.Facts.Phase(catalog.PhaseRemediation).Standing != engagement.StandingActive {
		t.Fatal("it went on without a signature")
	}
	s := d.Facts.Engagement.Summary
	if s.Health != engagement.HealthLate || s.Forecast.Before(d.Today().AddDays(-4)) {
		t.Errorf("for sixty days nobody has signed, and the portfolio shows %s, forecast %s, on %s", s.Health, s.Forecast, d.Today())
	}
}

// A window that was not prepared is missed on a day that nothing else happens on.
func TestAMissedWindowIsNoticed(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	d.Until(d.Facts.Engagement.WindowOpen.AddDays(-1), func() bool { return d.Task("WS-06").State == engagement.TaskDone })
	for _, x := range d.Facts.Tasks { // everything is done, two gates wait for ines, who is away
		if x.State == engagement.TaskOpen {
			d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
		}
		if x.State == engagement.TaskSubmitted {
			d.Do(string(x.Approver), engagement.AcceptTask, modelstest.Task(x.ID))
		}
	}
	open := d.Facts.Engagement.WindowOpen
	d.Pass(d.Facts.ClientDays.Add(open, 5).At(d.Facts.Location(), 23, 0))
	if d.Facts.Phase(catalog.PhaseWindow).Standing != engagement.StandingWaiting {
		t.Fatal("the gates were signed")
	}
	missed := func() bool {
		return strings.Contains(d.Facts.Engagement.Summary.Reason, "has to propose another first day")
	}
	d.Pass(d.Facts.ClientDays.Add(open, 6).At(d.Facts.Location(), 7, 0))
	codes := ""
	for _, r := range d.Report().Reasons {
		codes += r.Code + " "
	}
	if !strings.Contains(codes, "window_missed") || !missed() && d.Facts.Engagement.Summary.Health != engagement.HealthLate {
		t.Errorf("a week after its first day the window is not said to be missed: %s; %s", codes, d.Facts.Engagement.Summary.Reason)
	}
	for _, g := range d.Signable() {
		d.Do(string(g.Who[0]), engagement.SignGate, modelstest.Gate(g.ID))
	}
	if got := d.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingWaiting {
		t.Errorf("prepared a week late, the window is %s: its first days cannot be seen any more", got)
	}
	if fc := d.Report().Forecast; fc.Window.Before(d.Today()) || !fc.Report.After(fc.Window.AddMonths(d.Facts.Engagement.WindowMonths)) {
		t.Errorf("on %s a window that was missed is expected to open %s, the report on %s", d.Today(), fc.Window, fc.Report)
	}
	if got := d.Report().WaitingFor; !slices.ContainsFunc(got,
		func(w engagement.Waiting) bool { return w.Person == "ines" && w.First == "move the window's first day" }) {
		t.Errorf("nobody waits for ines to move the window: %+v", got)
	}
	to := d.Today().AddDays(14)
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: to}, "ruth", "marta")
	if d.Facts.Gate("G-WS-2").State != engagement.GateOpen || d.Facts.Gate("G-WS-1").State != engagement.GateOpen {
		t.Error("what was agreed and confirmed for another day still stands")
	}
	d.Until(to.AddDays(1), func() bool { return d.Facts.Phase(catalog.PhaseWindow).Standing == engagement.StandingActive })
	if got := d.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingActive {
		t.Errorf("moved, the window is %s", got)
	}
}

// Who could begin only after the due date, since others were late, is not late in the same moment: there is a day for it.
func TestNobodyIsLateWithWhatJustBecameTheirs(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.GoTo(modelstest.On("2027-01-25")) // three weeks in which marta does not sign the letter
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01", "KO-02"))
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	ko4 := d.Task("KO-04")
	if ko4.State != engagement.TaskOpen || ko4.Late || !ko4.Due.After(d.Today()) || ko4.PlannedDue() == ko4.Due {
		t.Fatalf("what just became ines' to do is %+v", ko4)
	}
	d.Pass(ko4.Due.At(d.Facts.Location(), 17, 0))
	if d.Task("KO-04").Late {
		t.Error("at five on the day it is due she is late already")
	}
	d.Pass(ko4.Due.At(d.Facts.Location(), 17, 1))
	if !d.Task("KO-04").Late {
		t.Error("after five on the day it is due she is not late")
	}
}

// An engagement is looked at on every business day at six, whoever looked last and when: while nobody is late with anything, on the day
// after the planned end of its phase, which overruns since all of it waits for approvals, and on all after that.
func TestAPhaseThatOverrunsIsLookedAt(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	end := d.Facts.Phase(catalog.PhaseKickoff).Plan.End
	d.Facts.Tasks = slices.DeleteFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.ID != "KO-01" })
	x := d.Facts.Task("KO-01")
	x.State, x.DoneBy, x.DoneAt = engagement.TaskSubmitted, "marta", d.Now
	for day := d.Today(); !day.After(end.AddDays(14)); day = day.Next() {
		a := engagement.AgendaOf(d.Facts, day.At(d.Facts.Location(), 9, 0))
		want := d.Facts.ClientDays.Add(day, 1).At(d.Facts.Location(), 6, 0)
		if !a.Wake.Equal(want) || a.Why != "forecast of the day" {
			t.Errorf("from %s on it is looked at on %s for %q, want %s", day, a.Wake, a.Why, want)
		}
	}
}
