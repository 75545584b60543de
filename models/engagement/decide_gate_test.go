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
	d := started(t, "soc2_type2")
	d.refused(models.NotFound, "gate", `there is no open gate "G-GA-1" that you can see: its phase has not begun`, "ines", engagement.SignGate, gate("G-GA-1"))
	d.refused(models.Conflict, "gate", "G-KO-1 cannot be signed yet: KO-15 (Write scope memo and have it approved)", "ruth", engagement.SignGate, gate("G-KO-1"))
	for _, who := range []string{"marta", "ines"} {
		d.refused(models.Forbidden, "gate", "G-KO-1 is for a sponsor to sign", who, engagement.SignGate, gate("G-KO-1"))
	}
	d.refused(models.NotFound, "engagement", `there is no engagement "e1"`, "noor", engagement.SignGate, gate("G-KO-2")) // she is on others
	d.refused(models.Forbidden, "gate", "G-KO-2 is for Ines to sign", "marta", engagement.SignGate, gate("G-KO-2"))      // not even a partner signs for the manager

	d.until(modelstest.On("2027-06-01"), func() bool { return d.f.Gate("G-KO-3").State == engagement.GateSigned })
	g := d.f.Gate("G-KO-3")
	d.refused(models.Conflict, "gate", fmt.Sprintf("G-KO-3 was signed already by Marta on %s", models.DateIn(g.At, d.f.Location())), "marta", engagement.SignGate, gate("G-KO-3"))
	d.until(modelstest.On("2027-06-01"), func() bool { return d.task("KO-15").State == engagement.TaskDone })
	d.refused(models.Invalid, "reason", "reason must have", "ruth", engagement.RefuseGate, gate("G-KO-1"))
	d.do("ruth", engagement.RefuseGate, gate("G-KO-1"), because("the app is missing from the scope"))
	if got := d.f.Gate("G-KO-1"); got.State != engagement.GateRefused || got.By != "ruth" || got.Reason != "the app is missing from the scope" {
		t.Errorf("refused, the gate is %+v", got)
	}
	if got := d.f.Phase(catalog.PhaseKickoff).Standing; got != engagement.StandingActive {
		t.Errorf("with a gate refused, kickoff is %s", got)
	}
	if got := d.report().Gates; !slices.ContainsFunc(got, func(g engagement.GateReport) bool { return g.ID == "G-KO-1" && g.State == engagement.GateRefused }) {
		t.Errorf("the report does not show the refusal: %+v", got)
	}
	d.do("ruth", engagement.SignGate, gate("G-KO-1"))
	if got := d.f.Phase(catalog.PhaseGap).Standing; got != engagement.StandingActive {
		t.Errorf("with every gate signed, the gap analysis is %s", got)
	}
	d.refused(models.Conflict, "gate", "G-KO-1 was signed already by Ruth", "ruth", engagement.RefuseGate, gate("G-KO-1"), because("x"))
}

func TestPausedNobodySigns(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.do("marta", engagement.PauseEngagement, because("not paid"))
	d.refused(models.Conflict, "status", "the engagement is paused: resume it before gates are signed", "ruth", engagement.SignGate, gate("G-RE-1"))
	d.do("kenji", engagement.CompleteTask, task("RE-08")) // work may go on
}

func TestOnlyTheCalendarClosesAWindow(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseWindow)
	for _, who := range []string{"marta", "ines", "ruth"} {
		d.refused(models.Forbidden, "gate", "G-WI-1 is for the calendar alone to sign", who, engagement.SignGate, gate("G-WI-1"))
	}
	d.refused(models.NotFound, "gate", `there is no open gate "G-WI-1" that you can see`, "hugo", engagement.SignGate, gate("G-WI-1"))
	if len(d.logged("window.opened")) != 1 {
		t.Errorf("opened: %v", d.logged("window.opened"))
	}
	end := d.f.Engagement.Window().End
	d.goTo(end)
	if got := d.f.Gate("G-WI-1").State; got != engagement.GateOpen {
		t.Errorf("on its last day, %s, the window's gate is %s", end, got)
	}
	d.goTo(end.AddDays(1))
	if got := d.f.Gate("G-WI-1"); got.State != engagement.GateSigned || got.By != "" || !got.At.Equal(end.AddDays(1).Begin(d.f.Location())) {
		t.Errorf("the first moment after its last day, the gate is %+v", got)
	}
}

func TestTheAsOfDateHasToCome(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseT1Prep)
	d.until(d.f.Engagement.AsOf, func() bool { return len(d.copies("T1-03"))+len(d.copies("T1-04")) == 0 && d.has("T1-04.DOC-01") })
	if n := len(d.copies("T1-03")) + len(d.copies("T1-04")); n > 0 {
		for _, x := range append(d.copies("T1-03"), d.copies("T1-04")...) {
			d.do(string(x.Owner), engagement.CompleteTask, task(x.ID))
		}
	}
	if !d.today().Before(d.f.Engagement.AsOf) {
		d.now = d.f.Engagement.AsOf.AddDays(-1).At(d.f.Location(), 12, 0)
	}
	d.refused(models.Conflict, "gate", "G-T1P-2 cannot be signed yet: as_of_date (the as-of date has not come)", "ines", engagement.SignGate, gate("G-T1P-2"))
	d.goTo(d.f.Engagement.AsOf)
	d.do("ines", engagement.SignGate, gate("G-T1P-2"))
}

// A gate of a phase that waits again, or was dropped, is nobody's to sign.
func TestGatesOfPhasesThatAreNotOpen(t *testing.T) {
	d := in(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	d.decided("ruth", engagement.DropType1, engagement.Change{}, "marta")
	d.refused(models.Conflict, "gate", "G-T1P-1 is not to be signed: Type 1 preparation is dropped", "ruth", engagement.SignGate, gate("G-T1P-1"))
	w := in(t, "soc2_type2", catalog.PhaseWindow)
	w.decided("ruth", engagement.MoveWindow, engagement.Change{WindowOpen: w.today().AddDays(30)}, "marta", "hugo")
	w.refused(models.Conflict, "gate", "G-WI-2 is not to be signed: Observation window is waiting", "ines", engagement.SignGate, gate("G-WI-2"))
}

// Every gate of every type can be signed in the end, by somebody who exists: followed through by the diligent. Here: also
// when nobody but the sponsor holds a function, and with no auditor invited.
func TestEveryGateCanBeSigned(t *testing.T) {
	for _, typ := range allTypes {
		d := started(t, typ, func(f *engagement.Facts) {
			f.Duties, f.Engagement.Auditor, f.Engagement.Consultants = f.Duties[:1], "", nil
			f.Client.Headcount = 8
		})
		d.until(modelstest.On("2031-01-01"), func() bool { return false })
		if got := d.f.Engagement.Status; got != engagement.StatusCompleted {
			var why []string
			for _, g := range d.report().Gates {
				why = append(why, fmt.Sprint(g.ID, " ", g.Who, " ", g.Blockers))
			}
			t.Errorf("%s is %s: %s", typ, got, strings.Join(why, "; "))
		}
	}
}

// A gap that is found after the sponsor said there is none opens that gate again.
func TestANewGapOpensTheGateAgain(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.do("ruth", engagement.SignGate, gate("G-RE-1"))
	d.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "Backups were never restored", Subject: "BCK-01"}))
	if got := d.f.Gate("G-RE-1"); got.State != engagement.GateOpen || got.Round != 2 {
		t.Errorf("no open critical or high gap, signed by %q in round %d: %s", got.By, got.Round, got.State)
	}
	if got := d.task("RE-12").State; got != engagement.TaskWaiting {
		t.Errorf("the control wording waits for the fix, but is %s", got)
	}
	d.do("ruth", engagement.CompleteTask, task("RE-06.X1"))
	d.refused(models.Conflict, "gate", "G-RE-1 cannot be signed yet: RE-14.X1", "ruth", engagement.SignGate, gate("G-RE-1"))
	d.do("tom", engagement.CompleteTask, task("RE-14.X1"))
	d.do("ruth", engagement.SignGate, gate("G-RE-1"))
}
