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

func TestAGateIsSignedByItsApproverOnceEverythingIsThere(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Refused(models.NotFound, "gate", `there is no open gate "G-GA-1" that you can see: its phase has not begun`, "ines",
		engagement.SignGate, modelstest.Gate("G-GA-1"))
	d.Refused(models.Conflict, "gate", "G-KO-1 cannot be signed yet: KO-15 (Write scope memo and have it approved)", "ruth",
		engagement.SignGate, modelstest.Gate("G-KO-1"))
	for _, who := range []string{"marta", "ines"} {
		d.Refused(models.Forbidden, "gate", "G-KO-1 is for a sponsor to sign", who, engagement.SignGate, modelstest.Gate("G-KO-1"))
	}
	// she is on others
	d.Refused(models.NotFound, "engagement", `there is no engagement "e1"`, "noor", engagement.SignGate, modelstest.Gate("G-KO-2"))
	// not even a partner signs for the manager
	d.Refused(models.Forbidden, "gate", "G-KO-2 is for Ines to sign", "marta", engagement.SignGate, modelstest.Gate("G-KO-2"))

	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Facts.Gate("G-KO-3").State == engagement.GateSigned })
	g := d.Facts.Gate("G-KO-3")
	d.Refused(models.Conflict, "gate", fmt.Sprintf("G-KO-3 was signed already by Marta on %s", models.DateIn(g.At, d.Facts.Location())),
		"marta", engagement.SignGate, modelstest.Gate("G-KO-3"))
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-15").State == engagement.TaskDone })
	d.Refused(models.Invalid, "reason", "reason must have", "ruth", engagement.RefuseGate, modelstest.Gate("G-KO-1"))
	d.Do("ruth", engagement.RefuseGate, modelstest.Gate("G-KO-1"), modelstest.Because("the app is missing from the scope"))
	if got := d.Facts.Gate("G-KO-1"); got.State != engagement.GateRefused || got.By != "ruth" ||
		got.Reason != "the app is missing from the scope" {
		t.Errorf("refused, the gate is %+v", got)
	}
	if got := d.Facts.Phase(catalog.PhaseKickoff).Standing; got != engagement.StandingActive {
		t.Errorf("with a gate refused, kickoff is %s", got)
	}
	if got := d.Report().Gates; !slices.ContainsFunc(got,
		func(g engagement.GateReport) bool { return g.ID == "G-KO-1" && g.State == engagement.GateRefused }) {
		t.Errorf("the report does not show the refusal: %+v", got)
	}
	d.Do("ruth", engagement.SignGate, modelstest.Gate("G-KO-1"))
	if got := d.Facts.Phase(catalog.PhaseGap).Standing; got != engagement.StandingActive {
		t.Errorf("with every gate signed, the gap analysis is %s", got)
	}
	d.Refused(models.Conflict, "gate", "G-KO-1 was signed already by Ruth", "ruth", engagement.RefuseGate, modelstest.Gate("G-KO-1"),
		modelstest.Because("x"))
}

func TestPausedNobodySigns(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"))
	d.Refused(models.Conflict, "status", "the engagement is paused: resume it before gates are signed", "ruth", engagement.SignGate,
		modelstest.Gate("G-RE-1"))
	d.Do("kenji", engagement.CompleteTask, modelstest.Task("RE-08")) // work may go on
}

func TestOnlyTheCalendarClosesAWindow(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	for _, who := range []string{"marta", "ines", "ruth"} {
		d.Refused(models.Forbidden, "gate", "G-WI-1 is for the calendar alone to sign", who, engagement.SignGate, modelstest.Gate("G-WI-1"))
	}
	d.Refused(models.NotFound, "gate", `there is no open gate "G-WI-1" that you can see`, "hugo", engagement.SignGate,
		modelstest.Gate("G-WI-1"))
	if len(d.Logged("window.opened")) != 1 {
		t.Errorf("opened: %v", d.Logged("window.opened"))
	}
	end := d.Facts.Engagement.Window().End
	d.GoTo(end)
	if got := d.Facts.Gate("G-WI-1").State; got != engagement.GateOpen {
		t.Errorf("on its last day, %s, the window's gate is %s", end, got)
	}
	d.GoTo(end.AddDays(1))
	if got := d.Facts.Gate("G-WI-1"); got.State != engagement.GateSigned || got.By != "" ||
		!got.At.Equal(end.AddDays(1).Begin(d.Facts.Location())) {
		t.Errorf("the first moment after its last day, the gate is %+v", got)
	}
}

func TestTheAsOfDateHasToCome(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Until(d.Facts.Engagement.AsOf, func() bool { return len(d.CopiesOf("T1-03"))+len(d.CopiesOf("T1-04")) == 0 && d.Has("T1-04.DOC-01") })
	if n := len(d.CopiesOf("T1-03")) + len(d.CopiesOf("T1-04")); n > 0 {
		for _, x := range append(d.CopiesOf("T1-03"), d.CopiesOf("T1-04")...) {
			d.Do(string(x.Owner), engagement.CompleteTask, modelstest.Task(x.ID))
		}
	}
	if !d.Today().Before(d.Facts.Engagement.AsOf) {
		d.Now = d.Facts.Engagement.AsOf.AddDays(-1).At(d.Facts.Location(), 12, 0)
	}
	d.Refused(models.Conflict, "gate", "G-T1P-2 cannot be signed yet: as_of_date (the as-of date has not come)", "ines", engagement.SignGate,
		modelstest.Gate("G-T1P-2"))
	d.GoTo(d.Facts.Engagement.AsOf)
	d.Do("ines", engagement.SignGate, modelstest.Gate("G-T1P-2"))
}

// A gate of a phase that waits again, or was dropped, is nobody's to sign.
func TestGatesOfPhasesThatAreNotOpen(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	d.Decided("ruth", engagement.DropType1, engagement.Change{}, "marta")
	d.Refused(models.Conflict, "gate", "G-T1P-1 is not to be signed: Type 1 preparation is dropped", "ruth", engagement.SignGate,
		modelstest.Gate("G-T1P-1"))
	w := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	w.Decided("ruth", engagement.MoveWindow, engagement.Change{WindowOpen: w.Today().AddDays(30)}, "marta", "hugo")
	w.Refused(models.Conflict, "gate", "G-WI-2 is not to be signed: Observation window is waiting", "ines", engagement.SignGate,
		modelstest.Gate("G-WI-2"))
}

// Every gate of every type can be signed in the end, by somebody who exists: followed through by the diligent. Here: also
// when nobody but the sponsor holds a function, and with no auditor invited.
func TestEveryGateCanBeSigned(t *testing.T) {
	t.Parallel()
	for _, typ := range modelstest.Types() {
		d := modelstest.Started(t, typ, func(f *engagement.Facts) {
			f.Duties, f.Engagement.Auditor, f.Engagement.Consultants = f.Duties[:1], "", nil
			f.Client.Headcount = 8
		})
		d.Until(modelstest.On("2031-01-01"), func() bool { return false })
		if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
			var why []string
			for _, g := range d.Report().Gates {
				why = append(why, fmt.Sprint(g.ID, " ", g.Who, " ", g.Blockers))
			}
			t.Errorf("%s is %s: %s", typ, got, strings.Join(why, "; "))
		}
	}
}

// A gap that is found after the sponsor said there is none opens that gate again.
func TestANewGapOpensTheGateAgain(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
	d.Do("priya", engagement.AddTask,
		modelstest.Added(engagement.NewTask{From: "RE-06", Title: "Backups were never restored", Subject: "BCK-01"}))
	if got := d.Facts.Gate("G-RE-1"); got.State != engagement.GateOpen || got.Round != 2 {
		t.Errorf("no open critical or high gap, signed by %q in round %d: %s", got.By, got.Round, got.State)
	}
	if got := d.Task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("the control wording waits for the fix, but is %s", got)
	}
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	d.Refused(models.Conflict, "gate", "G-RE-1 cannot be signed yet: RE-14.X1", "ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
	d.Do("tom", engagement.CompleteTask, modelstest.Task("RE-14.X1"))
	d.Do("ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
}

// Everything is ready for the window but one signature, which comes three business days after the window's first day. The window opens with
// it, and says for whom it waited. One that opens when it was to says nothing of the kind.
func TestAWindowThatOpensLateNamesTheGate(t *testing.T) {
	punctual := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	d := punctual.Copy(t)
	opened := func(d *modelstest.Desk) string {
		i := slices.IndexFunc(d.Events, func(e engagement.Event) bool { return e.Kind == "window.opened" })
		if i < 0 {
			return "not open"
		}
		return d.Events[i].Reason
	}
	isOpen := func(d *modelstest.Desk) func() bool { return func() bool { return opened(d) != "not open" } }
	punctual.Until(modelstest.On("2031-01-01"), isOpen(punctual))
	if got := opened(punctual); got != "" {
		t.Errorf("a window that opens in time says %q", got)
	}

	open := d.Facts.Engagement.WindowOpen
	unsigned := func() (out []engagement.Gate) {
		for _, g := range d.Facts.Gates {
			if g.Phase == catalog.PhaseWindowSetup && g.State == engagement.GateOpen {
				out = append(out, g)
			}
		}
		return out
	}
	d.Until(open.AddDays(1), func() bool { return len(unsigned()) == 1 })
	last := unsigned()
	if len(last) != 1 || isOpen(d)() {
		t.Fatalf("on %s wait %+v", d.Today(), last)
	}
	d.GoTo(d.Facts.ClientDays.Add(d.Facts.ClientDays.Roll(open), 3))
	d.Until(open.AddDays(30), isOpen(d))
	name, _ := d.Facts.Person(d.Facts.Gate(last[0].ID).By)
	want := fmt.Sprintf("opened 3 business days after its first day, since “%s” was signed on %s by %s", d.Facts.GateText(last[0].ID),
		models.Dated(d.Today()), name.Name)
	if got := opened(d); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
