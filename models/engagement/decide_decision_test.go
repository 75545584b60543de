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
	"tickmark/models/planning"
)

var withConfidentiality = []catalog.Category{catalog.Security, catalog.Confidentiality}

// Who must agree to what (catalog phases.yaml, returns), and who stands in where there is no auditor yet.
func TestWhoseAgreementADecisionNeeds(t *testing.T) {
	prep := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	window := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	day := prep.Facts.Engagement.AsOf.AddDays(30)
	for _, c := range []struct {
		name    string
		desk    *modelstest.Desk
		who     string
		kind    engagement.Kind
		change  engagement.Change
		missing string
		auditor string // without one
	}{
		{"as-of moved by the manager", prep, "ines", engagement.MoveAsOf, engagement.Change{AsOf: day}, "sponsor auditor", "sponsor partner"},
		{"as-of moved by the sponsor", prep, "ruth", engagement.MoveAsOf, engagement.Change{AsOf: day}, "auditor", "partner"},
		{"window moved before it opens", prep, "ines", engagement.MoveWindow, engagement.Change{WindowOpen: day}, "sponsor partner",
			"sponsor partner"},
		{"window moved by the partner", prep, "marta", engagement.MoveWindow, engagement.Change{WindowOpen: day}, "sponsor", "sponsor"},
		{"open window extended", window, "ines", engagement.MoveWindow, engagement.Change{Months: 9}, "sponsor auditor", "sponsor partner"},
		{"extended to an unusual length", window, "ines", engagement.MoveWindow, engagement.Change{Months: 8}, "sponsor auditor partner",
			"sponsor partner"},
		{"open window restarted", window, "ines", engagement.MoveWindow, engagement.Change{WindowOpen: window.Today().AddDays(20)},
			"sponsor partner auditor", "sponsor partner"},
		{"scope", prep, "priya", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality}, "sponsor partner",
			"sponsor partner"},
		{"scope from day one", window, "ines", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality, FromDayOne: true},
			"sponsor partner auditor", "sponsor partner"},
		{"Type 1 dropped", prep, "ines", engagement.DropType1, engagement.Change{}, "sponsor partner", "sponsor partner"},
		{"critical gap", prep, "ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-02", Subject: "IAM-07"}, "partner", "partner"},
		{"audit firm replaced", window, "ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-13"}, "sponsor partner", "sponsor partner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, auditor := range []models.PersonID{"hugo", ""} {
				d := c.desk.Copy(t)
				d.Facts.Engagement.Auditor = auditor
				want := map[models.PersonID]string{"hugo": c.missing, "": c.auditor}[auditor]
				id := d.Do(c.who, c.kind, modelstest.Changed(c.change), modelstest.Because("why"))
				var missing []string
				for _, r := range d.Missing(id) {
					missing = append(missing, string(r))
				}
				if got := strings.Join(missing, " "); got != want {
					t.Errorf("with auditor %q it waits for %q, want %q", auditor, got, want)
				}
			}
		})
	}
}

func TestApprovingAndRefusing(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	was := d.Facts.Engagement.AsOf
	to := was.AddDays(14)
	d.Refused(models.Invalid, "", "what is to change is missing", "ines", engagement.MoveAsOf, modelstest.Because("x"))
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}))
	id := d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}), modelstest.Because("the training slips"))
	if id != "D-1" || d.Facts.Engagement.AsOf != was {
		t.Fatalf("proposed as %s, the as-of date is %s already", id, d.Facts.Engagement.AsOf)
	}
	d.Refused(models.Conflict, "decision", "D-1 about the same is still pending: approve or refuse it first", "ruth", engagement.MoveAsOf,
		modelstest.Changed(engagement.Change{AsOf: to}), modelstest.Because("x"))
	d.Refused(models.NotFound, "decision", `there is no decision "D-7" in this engagement`, "ruth", engagement.ApproveDecision,
		modelstest.Decision("D-7"))
	for _, who := range []string{"ines", "marta"} {
		d.Refused(models.Forbidden, "decision", "D-1 waits for sponsor, auditor, which is not you", who, engagement.ApproveDecision,
			modelstest.Decision("D-1"))
	}
	d.Refused(models.NotFound, "decision", `there is no decision "D-1" in this engagement`, "kenji", engagement.ApproveDecision,
		modelstest.Decision("D-1"))
	if got := d.Report().WaitingFor; !slices.ContainsFunc(got, func(w engagement.Waiting) bool {
		return w.Person == "hugo" && w.First == "approve D-1" || w.Person == "hugo" && w.Items > 0
	}) {
		t.Errorf("hugo is not waited for: %+v", got)
	}
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision("D-1"))
	d.Refused(models.Forbidden, "decision", "D-1 waits for auditor, which is not you", "ruth", engagement.ApproveDecision,
		modelstest.Decision("D-1"))
	d.Do("hugo", engagement.ApproveDecision, modelstest.Decision("D-1"))
	if d.Facts.Engagement.AsOf != to {
		t.Errorf("agreed, the as-of date is %s", d.Facts.Engagement.AsOf)
	}
	d.Refused(models.Conflict, "decision", "D-1 is in force already, since "+d.Today().String(), "ruth", engagement.ApproveDecision,
		modelstest.Decision("D-1"))

	d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to.AddDays(7)}), modelstest.Because("once more"))
	d.Refused(models.Invalid, "reason", "reason must have", "ruth", engagement.RefuseDecision, modelstest.Decision("D-2"))
	d.Do("ruth", engagement.RefuseDecision, modelstest.Decision("D-2"), modelstest.Because("we promised June"))
	if x := d.Ended["D-2"]; x == nil || x.State != engagement.DecisionRefused || d.Facts.Engagement.AsOf != to {
		t.Errorf("refused, it is %+v and the as-of date %s", x, d.Facts.Engagement.AsOf)
	}
	d.Refused(models.Conflict, "decision", "D-2 is refused already", "hugo", engagement.ApproveDecision, modelstest.Decision("D-2"))
	d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to.AddDays(3)}), modelstest.Because("three days then"))
}

// What was right when it was proposed may not be any more when the last one agrees.
func TestADecisionIsCheckedAgainWhenItTakesEffect(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	to := d.Facts.Engagement.AsOf.AddDays(2)
	d.Do("ruth", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}), modelstest.Because("two days"))
	d.GoTo(to.AddDays(1))
	d.Refused(models.Conflict, "decision", "D-1 cannot take effect any more: the as-of date "+to.String()+" must lie between today", "hugo",
		engagement.ApproveDecision, modelstest.Decision("D-1"))
	d.Do("hugo", engagement.RefuseDecision, modelstest.Decision("D-1"), modelstest.Because("that day has passed"))

	w := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	w.Do("ruth", engagement.MoveWindow, modelstest.Changed(engagement.Change{Months: 9}), modelstest.Because("nine"))
	w.GoTo(w.Facts.Engagement.Window().End.AddDays(1))
	w.Refused(models.Conflict, "window_months", "has passed: it cannot be extended or restarted any more", "hugo",
		engagement.ApproveDecision, modelstest.Decision("D-1"))
}

func TestWhereTheAsOfDateMayNotGo(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	asOf := d.Facts.Engagement.AsOf
	for _, c := range []struct {
		to   string
		says string
	}{
		{"", "as_of_date must name a date other than the present one, " + asOf.String()},
		{asOf.String(), "as_of_date must name a date other than the present one"},
		{asOf.AddDays(-1).String(), "is earlier than " + asOf.String() + ": once preparation has begun it moves later only"},
		{"2027-05-01", "is before readiness sign-off on"},
		{"2031-01-01", "must lie between today"},
	} {
		var to models.Date
		if c.to != "" {
			to = modelstest.On(c.to)
		}
		d.Refused(models.Invalid, "as_of_date", c.says, "ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}),
			modelstest.Because("x"))
	}
	modelstest.In(t, "soc2_type2", catalog.PhaseGap).Refused(models.Invalid, "as_of_date",
		"this engagement has no Type 1, so it has no as-of date",
		"ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: modelstest.On("2027-09-01")}), modelstest.Because("x"))
	modelstest.In(t, "soc2_type1", catalog.PhaseT1Fieldwork).Refused(models.Conflict, "as_of_date",
		"Type 1 fieldwork has begun: send it back to preparation first (RT-04)",
		"ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: modelstest.On("2027-12-01")}), modelstest.Because("x"))
	modelstest.Started(t, "soc2_type1").Refused(models.Invalid, "as_of", "the as-of date 2027-01-05 is before the kickoff 2027-01-11",
		// it would hold up every plan
		"ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: modelstest.On("2027-01-05")}), modelstest.Because("x"))
	dropped := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Fieldwork)
	dropped.Decided("ruth", engagement.DropType1, engagement.Change{}, "marta")
	dropped.Refused(models.Invalid, "as_of_date", "this engagement has no Type 1", "ines", engagement.MoveAsOf,
		modelstest.Changed(engagement.Change{AsOf: modelstest.On("2027-12-01")}), modelstest.Because("x"))
	dropped.Refused(models.Invalid, "", "only an engagement with a Type 1 and a Type 2 can drop its Type 1", "ines", engagement.DropType1,
		modelstest.Changed(engagement.Change{}), modelstest.Because("x"))
}

// Before fieldwork, with everything prepared and the as-of date past, another as-of date has preparation done again.
func TestAnotherAsOfDateAfterPreparation(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Until(modelstest.On("2028-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Prep).Standing == engagement.StandingDone })
	to := d.Facts.Engagement.AsOf.AddDays(30)
	d.Decided("ruth", engagement.MoveAsOf, engagement.Change{AsOf: to}, "hugo")
	if got := d.Facts.Phase(catalog.PhaseT1Prep); got.Standing != engagement.StandingActive || got.Round != 2 {
		t.Fatalf("preparation is %+v", got)
	}
	for _, id := range []models.TaskID{"T1-01~2", "T1-03.GOV-01~2",
		models.TaskID("T1-04." + d.Facts.Scope().EvidenceFor(catalog.StageT1)[0].ID + "~2")} {
		if !d.Has(id) {
			t.Errorf("%s is not asked for", id)
		}
	}
	d.Until(modelstest.On("2028-06-01"), func() bool { return d.Facts.Engagement.Status == engagement.StatusCompleted })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}
	if got := d.Facts.Phase(catalog.PhaseT1Fieldwork).Actual.Start; got.Before(d.Facts.FirmDays.Add(to, 5)) {
		t.Errorf("fieldwork began on %s, the as-of date is %s", got, to)
	}
}

func TestWhereTheWindowMayNotGo(t *testing.T) {
	move := func(d *modelstest.Desk, code models.Code, field, says string, ch engagement.Change) {
		t.Helper()
		d.Refused(code, field, says, "ines", engagement.MoveWindow, modelstest.Changed(ch), modelstest.Because("x"))
	}
	setup := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	w := setup.Facts.Engagement.Window()
	move(setup, models.Invalid, "window_open", "that is the present window", engagement.Change{WindowOpen: w.Start})
	move(setup, models.Invalid, "window_open", "must lie between today", engagement.Change{WindowOpen: setup.Today().AddDays(-1)})
	move(setup, models.Invalid, "window_months", "window_months 25 must be 1 to 24", engagement.Change{Months: 25})
	move(setup, models.Invalid, "window_months", "window_months -3 must be 1 to 24", engagement.Change{Months: -3})
	shorter := setup.Copy(t)
	shorter.Decided("ines", engagement.MoveWindow, engagement.Change{Months: 3}, "ruth", "marta") // promised to nobody yet

	open := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	open.GoTo(w.Start.AddDays(40))
	move(open, models.Invalid, "window_months", "an open window is never shortened", engagement.Change{Months: 3})
	move(open, models.Invalid, "window_open", "an open window restarts on a later day than today", engagement.Change{WindowOpen: open.Today()})
	move(open, models.Invalid, "window_open", "an open window restarts on a later day than today",
		engagement.Change{WindowOpen: w.Start.AddDays(-10)})
	closing := open.Copy(t)
	closing.GoTo(w.End.AddDays(1))
	move(closing, models.Conflict, "window_months", "has passed: it cannot be extended or restarted any more", engagement.Change{Months: 9})
	move(closing, models.Conflict, "window_months", "has passed", engagement.Change{WindowOpen: w.End.AddDays(30)})
	move(modelstest.In(t, "soc2_type2", catalog.PhaseT2Fieldwork), models.Conflict, "window_open",
		"the window has been closed: it does not move any more", engagement.Change{Months: 9})
	move(modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep), models.Invalid, "window_open",
		"this engagement has no Type 2, so it has no window", engagement.Change{Months: 9})
	move(modelstest.Started(t, "soc2_type2"), models.Invalid, "window_open", "is before the kickoff",
		engagement.Change{WindowOpen: modelstest.On("2027-01-05")})
}

func TestRefusedScopes(t *testing.T) {
	scope := func(d *modelstest.Desk, code models.Code, says string, ch engagement.Change) {
		t.Helper()
		field := "categories"
		if len(ch.Addons) > 0 {
			field = "addons"
		}
		d.Refused(code, field, says, "ines", engagement.ChangeScope, modelstest.Changed(ch), modelstest.Because("x"))
	}
	gap := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	scope(gap, models.Invalid, "that is the present scope: security", engagement.Change{Categories: modelstest.SecurityOnly})
	scope(gap, models.Invalid, "every SOC 2 covers security", engagement.Change{Categories: []catalog.Category{catalog.Privacy}})
	scope(gap, models.Invalid, `category "quality" is none of`, engagement.Change{Categories: []catalog.Category{catalog.Security, "quality"}})
	scope(gap, models.Invalid, "", engagement.Change{Categories: modelstest.SecurityOnly, Addons: []string{"soc9"}})
	scope(modelstest.In(t, "soc2_type1", catalog.PhaseGap), models.Invalid, "",
		engagement.Change{Categories: modelstest.SecurityOnly, Addons: []string{"soc3"}})
	scope(modelstest.In(t, "soc1_type2", catalog.PhaseGap), models.Invalid, "SOC 1 has control objectives",
		engagement.Change{Categories: modelstest.SecurityOnly})
	window := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	scope(window, models.Conflict,
		"the window is open: a further category joins the next one, unless evidence exists from day one and the auditor agrees",
		engagement.Change{Categories: withConfidentiality})
	scope(modelstest.In(t, "soc2_type2", catalog.PhaseT2Close), models.Conflict, "the window is open",
		engagement.Change{Categories: withConfidentiality})
	scope(modelstest.In(t, "soc2_type2", catalog.PhaseT2Fieldwork), models.Conflict, "fieldwork has begun",
		engagement.Change{Categories: withConfidentiality, FromDayOne: true})
	scope(modelstest.In(t, "soc2_type1", catalog.PhaseT1Fieldwork), models.Conflict, "the scope changes in gap, remediation, t1_prep",
		engagement.Change{Categories: withConfidentiality})
}

// A customer asks for confidentiality in the middle of remediation, and everybody is on time. The plan keeps the as-of date, which only a
// decision moves: the report comes later by what fieldwork and report take more. The forecast says in addition by how much readiness comes
// too late to prepare for that day at the quickest; the plan warns of just these days.
func TestAWiderScopeMovesTheReportByOneRule(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
	was := d.Facts.Phase(catalog.PhaseT1Report).Plan.End
	d.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality}, "marta")
	fc, kept := d.Report().Forecast, d.Facts.Engagement.AsOf
	if got := d.Facts.LateAfter(was, d.Facts.Phase(catalog.PhaseT1Report).Plan.End); got != 3 {
		t.Errorf("the plan has the report %d business days later", got)
	}
	parts := map[catalog.Phase]int{}
	for _, x := range fc.Drivers {
		if x.Subject == "scope" {
			parts[x.Phase] += x.Days
		}
	}
	short := d.Facts.LateAfter(kept, fc.AsOf)
	if parts[catalog.PhaseT1Fieldwork] != 2 || parts[catalog.PhaseT1Report] != 1 || parts[catalog.PhaseRemediation] != short || short <= 0 {
		t.Errorf("the scope adds %v, and the as-of date would be %d business days later: %v", parts, short, fc.Drivers)
	}
}

// Security, then confidentiality in the middle of remediation: only what C1 asks for is added, what was answered stays, and
// the gates of kickoff and gap analysis open in a new version (domain.md 9.2).
func TestConfidentialityJoinsInRemediation(t *testing.T) {
	t.Parallel()
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseRemediation)
	d.Until(modelstest.On("2027-03-10"), func() bool { return false })
	was := map[models.TaskID]engagement.TaskState{}
	for _, x := range d.Tasks() {
		was[x.ID] = x.State
	}
	report := d.Report().Forecast.Report
	d.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality}, "marta")
	var fresh []string
	for _, x := range d.Tasks() {
		old, ok := was[x.ID]
		switch {
		case !ok:
			fresh = append(fresh, string(x.ID))
		case old.Closed() && x.State != old:
			t.Errorf("%s was %s and is %s", x.ID, old, x.State)
		}
	}
	slices.Sort(fresh)
	want := []string{"GA-02.EV-092~2", "GA-02.EV-093~2", "GA-04.CON~2", "GA-12~2", "KO-15~2"}
	if !slices.Equal(fresh, want) {
		t.Errorf("confidentiality adds %v, want %v", fresh, want)
	}
	for _, id := range []string{"G-KO-1", "G-KO-2", "G-KO-3", "G-GA-1", "G-GA-2", "G-GA-3"} {
		if g := d.Facts.Gate(id); g.State != engagement.GateOpen || g.Round != 2 {
			t.Errorf("%s is %s in round %d", id, g.State, g.Round)
		}
	}
	if got := d.Facts.Phase(catalog.PhaseRemediation).Standing; got != engagement.StandingActive {
		t.Errorf("remediation is %s", got)
	}
	if got := d.Report().Forecast.Report; got.Before(report) {
		t.Errorf("more to do, and the report is expected on %s instead of %s", got, report)
	}
	d.Refused(models.Conflict, "gate", "G-KO-1 cannot be signed yet: KO-15~2", "ruth", engagement.SignGate, modelstest.Gate("G-KO-1"))
	d.Until(modelstest.On("2030-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Prep).Standing == engagement.StandingActive })
	if !d.Has("T1-03.CON-01") {
		t.Error("the new controls are not confirmed on the as-of date")
	}
	d.Until(modelstest.On("2030-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}
}

// A category that goes and comes back is asked for anew; nothing is made twice under one name.
func TestACategoryGoesAndComesBack(t *testing.T) {
	t.Parallel()
	for _, p := range []catalog.Phase{catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseT1Prep, catalog.PhaseWindow} {
		d := modelstest.In(t, "soc2_type1_type2", p)
		day := p == catalog.PhaseWindow
		all := []catalog.Category{catalog.Security, catalog.Availability, catalog.Confidentiality, catalog.Privacy, catalog.ProcessingIntegrity}
		approvers := []string{"marta"}
		if day {
			approvers = append(approvers, "hugo")
			d.GoTo(d.Today().AddDays(75))
		}
		for range 2 {
			d.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: all, FromDayOne: day}, approvers...)
			n := len(d.Facts.Tasks)
			d.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: modelstest.SecurityOnly}, "marta")
			if m := len(d.Facts.Tasks); m >= n {
				t.Errorf("%s: with four categories %d tasks were open, without them %d are", p, n, m)
			}
		}
		for _, x := range d.Facts.Tasks {
			for _, prefix := range []string{"PRV-", "CON-", "AVL-", "PRC-"} {
				if strings.HasPrefix(x.Subject, prefix) {
					t.Errorf("%s: %s is still asked for", p, x.ID)
				}
			}
		}
		d.Until(modelstest.On("2031-01-01"), func() bool { return false })
		if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
			t.Errorf("%s: it is %s", p, got)
		}
	}
}

// Inside the window, with evidence from day one: what the new controls should have done since the first day is asked for
// now, and what they will do comes when it comes.
func TestACategoryFromDayOne(t *testing.T) {
	t.Parallel()
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	w := d.Facts.Engagement.Window()
	d.Until(w.Start.AddDays(75), func() bool { return false })
	before := map[models.TaskID]bool{}
	for _, x := range d.Tasks() {
		before[x.ID] = true
	}
	d.Decided("ruth", engagement.ChangeScope,
		engagement.Change{Categories: []catalog.Category{catalog.Security, catalog.Availability}, FromDayOne: true}, "marta", "hugo")
	d.Until(modelstest.On("2029-06-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindow).Standing == engagement.StandingDone })
	got := map[string]int{}
	for _, x := range d.Tasks() {
		if x.Template == "WI-01" && x.State == engagement.TaskDone {
			got[x.Subject]++
		}
	}
	want := planning.Occurrences(d.Facts.Catalog, d.Facts.Scope().Controls, w, d.Facts.ClientDays)
	for _, o := range want {
		if got[o.Subject] != 1 {
			t.Errorf("%s was asked for %d times", o.Subject, got[o.Subject])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d occurrences were asked for, %d belong to the window", len(got), len(want))
	}
}

func TestType1Dropped(t *testing.T) {
	t.Parallel()
	for _, p := range []catalog.Phase{catalog.PhaseRemediation, catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report} {
		for _, open := range []int{0, 21} {
			d := modelstest.In(t, "soc2_type1_type2", p)
			var ch engagement.Change
			if w := d.Facts.Phase(catalog.PhaseWindow); open > 0 && w.Standing == engagement.StandingWaiting {
				ch.WindowOpen = d.Facts.Engagement.WindowOpen.AddDays(open)
			}
			evidence := len(d.Closed)
			d.Decided("ines", engagement.DropType1, ch, "ruth", "marta")
			e := d.Facts.Engagement
			if e.Type != "soc2_type2" || !e.AsOf.IsZero() || !ch.WindowOpen.IsZero() && e.WindowOpen != ch.WindowOpen {
				t.Errorf("%s: without its Type 1 it is %s, as of %s, window %v", p, e.Type, e.AsOf, e.Window())
			}
			for _, x := range d.Facts.Tasks {
				if strings.HasPrefix(string(x.ID), "T1-") {
					t.Errorf("%s: %s is still asked for", p, x.ID)
				}
			}
			if len(d.Closed) < evidence {
				t.Errorf("%s: evidence was lost", p)
			}
			d.Until(modelstest.On("2031-01-01"), func() bool { return false })
			if e := d.Facts.Engagement; e.Status != engagement.StatusCompleted || len(d.Logged("window.opened")) != 1 {
				t.Errorf("%s: it is %s on %s; windows opened %v; waits for %+v", p, e.Status, d.Today(), d.Logged("window.opened"), d.Report().Gates)
			}
		}
	}
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Report)
	d.Until(modelstest.On("2031-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Report).Standing == engagement.StandingDone })
	d.Refused(models.Conflict, "", "the Type 1 report has been issued already", "ines", engagement.DropType1,
		modelstest.Changed(engagement.Change{}), modelstest.Because("x"))
	modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep).Refused(models.Invalid, "",
		"only an engagement with a Type 1 and a Type 2 can drop its Type 1", "ines", engagement.DropType1,
		modelstest.Changed(engagement.Change{}), modelstest.Because("x"))
}

func TestAWindowMovesBeforeItOpens(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	to := d.Facts.Engagement.WindowOpen.AddDays(30)
	due := d.Task("WS-06").Due
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: to}, "ruth", "marta")
	if got := d.Task("WS-06").Due; got != d.Facts.FirmDays.Roll(to) || got == due {
		t.Errorf("the window opens on %s, and that is due on %s", to, got)
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindow).Standing == engagement.StandingActive })
	if got := d.Logged("window.opened"); !slices.Equal(got,
		[]string{"t2_window ->" + to.String() + ".." + d.Facts.Engagement.Window().End.String()}) {
		t.Errorf("opened: %v", got)
	}
	if got := d.Facts.Phase(catalog.PhaseWindow).Actual.Start; got != to {
		t.Errorf("it opened on %s, not on %s", got, to)
	}
}

// An open window is extended: what the longer one asks for is asked for, once, and what the old end cut short in full.
func TestAnOpenWindowIsExtended(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 45, 130, 178, 182, 183} { // days into a window of 183
		d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseWindow)
		is := d.Facts.Engagement.Window()
		d.Until(earlier(is.Start.AddDays(after), is.End), func() bool { return false })
		annual := d.CopiesOf("WI-10")
		d.Decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "hugo")
		w := d.Facts.Engagement.Window()
		if w.Start != is.Start || w.End != is.Start.AddMonths(9).AddDays(-1) {
			t.Fatalf("extended, the window is %v", w)
		}
		if len(annual) == 1 && d.Task("WI-10").Due != d.Facts.FirmDays.Add(w.End, -20) {
			t.Errorf("after %d days: the check of yearly controls is due %s, the window ends %s", after, d.Task("WI-10").Due, w.End)
		}
		if len(d.CopiesOf("WI-12")) != 1 {
			t.Errorf("after %d days: nobody decides about the new end: %v", after, d.CopiesOf("WI-12"))
		}
		if g := d.Facts.Gate("G-WI-3"); g.State != engagement.GateOpen {
			t.Errorf("after %d days: closing on time is decided already", after)
		}
		d.Until(modelstest.On("2029-06-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindow).Standing == engagement.StandingDone })
		got := map[string]int{}
		for _, x := range d.Tasks() {
			if x.Template == "WI-01" && x.State == engagement.TaskDone {
				got[x.Subject]++
			}
		}
		want := planning.Occurrences(d.Facts.Catalog, d.Facts.Scope().Controls, w, d.Facts.ClientDays)
		for _, o := range want {
			if got[o.Subject] != 1 {
				t.Errorf("after %d days: %s, %v, was asked for %d times", after, o.Subject, o.Period, got[o.Subject])
			}
		}
		if got := d.Logged("window.closed"); !slices.Equal(got, []string{"t2_window ->" + w.End.String()}) {
			t.Errorf("after %d days: closed %v", after, got)
		}
		d.Until(modelstest.On("2031-01-01"), func() bool { return false })
		if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
			t.Errorf("after %d days: it is %s", after, got)
		}
	}
}

func earlier(a, b models.Date) models.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// An essential control fails in the first month: the window starts again, prepared anew, and the old days do not count.
func TestAWindowIsRestarted(t *testing.T) {
	t.Parallel()
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseWindow)
	d.Until(d.Facts.Engagement.WindowOpen.AddDays(25), func() bool { return false })
	kept := len(d.Closed)
	to := d.Today().AddDays(25)
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: to}, "ruth", "marta", "hugo")
	if len(d.Closed) < kept {
		t.Error("what was done is lost")
	}
	for _, x := range d.Facts.Tasks {
		if x.Phase == catalog.PhaseWindow {
			t.Errorf("%s is still asked for", x.ID)
		}
	}
	if got := d.Facts.Phase(catalog.PhaseWindow); got.Standing != engagement.StandingWaiting || !got.Actual.Start.IsZero() {
		t.Errorf("the window is %+v", got)
	}
	essential := len(d.Facts.Scope().Essential())
	if got := len(d.CopiesOf("WS-03")); got != essential {
		t.Errorf("%d of %d essential controls are confirmed anew", got, essential)
	}
	if got, want := d.Task("WS-06~2").Due, d.Facts.FirmDays.Roll(to); got != want {
		t.Errorf("the window is opened on %s, due on %s", want, got)
	}
	// Moved once more before it opens, what prepares it follows.
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: to.AddDays(7)}, "ruth", "marta")
	if got, want := d.Task("WS-06~2").Due, d.Facts.FirmDays.Roll(to.AddDays(7)); got != want {
		t.Errorf("moved, the window is opened on %s, due on %s", want, got)
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindow).Standing == engagement.StandingDone })
	if got := d.Facts.Phase(catalog.PhaseWindow); got.Actual.Start != to.AddDays(7) || got.Round != 2 {
		t.Errorf("the second window is %+v", got)
	}
	w, got := d.Facts.Engagement.Window(), map[string]int{}
	for _, x := range d.Tasks() {
		if x.Template == "WI-01" && x.State == engagement.TaskDone && x.Round == 2 {
			got[x.Subject]++
		}
	}
	for _, o := range planning.Occurrences(d.Facts.Catalog, d.Facts.Scope().Controls, w, d.Facts.ClientDays) {
		if got[o.Subject] != 1 {
			t.Errorf("%s was asked for %d times in the second window", o.Subject, got[o.Subject])
		}
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}
}

func TestRefusedReturns(t *testing.T) {
	t.Parallel()
	send := func(d *modelstest.Desk, code models.Code, field, says string, ch engagement.Change) {
		t.Helper()
		d.Refused(code, field, says, "ines", engagement.ReturnPhase, modelstest.Changed(ch), modelstest.Because("x"))
	}
	prep := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	send(prep, models.Invalid, "rule", `rule "RT-99" is none of RT-02, RT-04, RT-08, RT-12, RT-13; the others are commands of their own`,
		engagement.Change{Rule: "RT-99"})
	send(prep, models.Invalid, "rule", `rule "RT-03" is none of`, engagement.Change{Rule: "RT-03"})
	send(prep, models.Invalid, "rule", "RT-08 leads to a phase that this engagement does not have", engagement.Change{Rule: "RT-08"})
	send(prep, models.Conflict, "rule", "RT-04 applies in t1_fieldwork, none of which is active", engagement.Change{Rule: "RT-04"})
	send(prep, models.Conflict, "rule", "RT-12 applies in t1_report, t2_report, renewal, none of which is active",
		engagement.Change{Rule: "RT-12"})
	send(modelstest.In(t, "soc2_type1", catalog.PhaseT1Report), models.Conflict, "rule",
		"the report has not been issued yet: T1-16 is waiting", engagement.Change{Rule: "RT-12"})
	send(modelstest.In(t, "soc2_type2", catalog.PhaseRenewal), models.Conflict, "rule",
		"the report has not been issued yet: Type 2 report has not begun", engagement.Change{Rule: "RT-12"})
	send(modelstest.In(t, "soc2_type2", catalog.PhaseT2Close), models.Invalid, "subject", `subject "IAM-07" is none of the populations`,
		engagement.Change{Rule: "RT-08", Subject: "IAM-07"})
	send(modelstest.In(t, "soc2_type2", catalog.PhaseGap), models.Conflict, "rule",
		"RT-02 applies in t1_prep, window_setup, none of which is active", engagement.Change{Rule: "RT-02"})
}

// The readiness check was too kind: a critical gap shows in preparation (RT-02), a second one while the first is fixed.
func TestACriticalGapSendsItBack(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	d.Decided("ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-02", Subject: "IAM-07"}, "marta")
	if got := d.Facts.Phase(catalog.PhaseRemediation); got.Standing != engagement.StandingActive || got.Round != 2 {
		t.Fatalf("remediation is %+v", got)
	}
	fix, check := d.Task("RE-06.X1~2"), d.Task("RE-14.X1~2")
	if fix.Subject != "IAM-07" || fix.State != engagement.TaskOpen || !slices.Equal(check.After, []string{"RE-06.X1~2"}) ||
		check.Due.Before(fix.Due) {
		t.Errorf("the gap is %+v\nchecked by %+v", fix, check)
	}
	for _, id := range []models.TaskID{"RE-15~2", "RE-16~2"} {
		if got := d.Task(id).State; got != engagement.TaskWaiting {
			t.Errorf("%s is %s", id, got)
		}
	}
	if got := d.Task("T1-01").State; got != engagement.TaskWaiting {
		t.Errorf("the as-of date is agreed upon (%s) without readiness", got)
	}
	d.Decided("ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-02", Subject: "BCK-01"}, "marta")
	if !d.Has("RE-06.X2~2") || d.Has("RE-15~3") {
		t.Errorf("the second gap is there: %t; the readiness check is asked for a third time: %t", d.Has("RE-06.X2~2"), d.Has("RE-15~3"))
	}
	if r := d.Report(); !slices.ContainsFunc(r.Phases, func(p engagement.PhaseReport) bool {
		return p.Phase == catalog.PhaseRemediation && p.Standing == engagement.StandingActive
	}) {
		t.Error("the report does not show remediation")
	}
	asOf := d.Facts.Engagement.AsOf.AddDays(28)
	d.Decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: asOf}, "ruth", "hugo")
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: asOf.AddDays(1)}, "ruth", "marta")
	d.Until(modelstest.On("2031-01-01"), func() bool { return false })
	e := d.Facts.Engagement
	if e.Status != engagement.StatusCompleted || e.AsOf != asOf {
		t.Errorf("it is %s, as of %s", e.Status, e.AsOf)
	}
	if got := d.Task("RE-16~2"); got.State != engagement.TaskDone {
		t.Errorf("readiness was given again: %s", got.State)
	}
}

// The auditor finds a design deficiency (RT-04): remediation, a later as-of date, preparation and fieldwork again.
func TestADesignDeficiency(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Fieldwork)
	id := d.Decided("hugo", engagement.ReturnPhase, engagement.Change{Rule: "RT-04", Subject: "IAM-07"}, "ruth")
	want := map[catalog.Phase]engagement.Standing{catalog.PhaseRemediation: engagement.StandingActive,
		catalog.PhaseT1Prep: engagement.StandingActive, catalog.PhaseT1Fieldwork: engagement.StandingWaiting}
	for p, s := range want {
		if got := d.Facts.Phase(p).Standing; got != s {
			t.Errorf("after %s %s is %s", id, p, got)
		}
	}
	asOf := d.Facts.Engagement.AsOf.AddDays(60)
	d.Decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: asOf}, "ruth", "hugo")
	if got, want := d.Task("T1-01~2").Due, d.Facts.FirmDays.Add(asOf, -7); got != want {
		t.Errorf("the new as-of date is agreed on %s, want %s", got, want)
	}
	if got, want := d.Task(models.TaskID("T1-04."+d.Facts.Scope().EvidenceFor(catalog.StageT1)[0].ID+"~2")).Due,
		d.Facts.ClientDays.Add(asOf, 2); got != want {
		t.Errorf("its evidence is due %s, want %s", got, want)
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}
	if got := d.Facts.Phase(catalog.PhaseT1Fieldwork); got.Round != 2 || got.Actual.Start.Before(asOf) {
		t.Errorf("fieldwork is %+v", got)
	}
	if !d.Has(models.TaskID("T1-07." + d.Facts.Scope().EvidenceFor(catalog.StageT1)[0].ID + "~2")) {
		t.Error("the new evidence is released to nobody")
	}
}

// One population is incomplete (RT-08): it is pulled and checked again, the others stand, and fieldwork waits.
func TestAnIncompletePopulation(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseT2Fieldwork)
	pop := d.Facts.Scope().Populations()[2].ID
	d.Decided("hugo", engagement.ReturnPhase, engagement.Change{Rule: "RT-08", Subject: pop}, "ines")
	if got := d.Facts.Phase(catalog.PhaseT2Close); got.Standing != engagement.StandingActive {
		t.Errorf("populations are %s", got.Standing)
	}
	if n, m := len(d.CopiesOf("WC-02")), len(d.CopiesOf("WC-03")); n != 1 || m != 1 || !d.Has(models.TaskID("WC-02."+pop+"~2")) {
		t.Errorf("%d populations are pulled again and %d checked", n, m)
	}
	if d.Facts.Task("T2-01") != nil && d.Task("T2-01").State != engagement.TaskWaiting {
		t.Errorf("populations are released while one is incomplete: T2-01 is %s", d.Task("T2-01").State)
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}

	// While populations are still being pulled, the one that was done is done again.
	c := modelstest.In(t, "soc2_type2", catalog.PhaseT2Close)
	c.Until(modelstest.On("2031-01-01"), func() bool { x := c.Closed[models.TaskID("WC-03."+pop)]; return x != nil })
	c.Decided("hugo", engagement.ReturnPhase, engagement.Change{Rule: "RT-08", Subject: pop}, "ines")
	if x := c.Facts.Task(models.TaskID("WC-02." + pop + "~2")); x == nil || x.State != engagement.TaskOpen {
		t.Errorf("the population is pulled again as %+v", x)
	}
}

// An error in the issued report (RT-12): it is signed and issued again, of whichever type it is.
func TestAnErrorInTheReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ   string
		phase catalog.Phase
		again models.TaskID
	}{{"soc2_type2", catalog.PhaseT2Report, "T2-15~2"}, {"soc2_type1", catalog.PhaseT1Report, "T1-16~2"},
		{"soc2_type1_type2", catalog.PhaseT2Report, "T2-15~2"}} {
		d := modelstest.In(t, c.typ, catalog.PhaseRenewal)
		d.Until(modelstest.On("2031-01-01"), func() bool { return d.Facts.Phase(c.phase).Standing == engagement.StandingDone })
		d.Decided("hugo", engagement.ReturnPhase, engagement.Change{Rule: "RT-12"}, "ruth")
		if got := d.Facts.Phase(c.phase); got.Standing != engagement.StandingActive || !d.Has(c.again) {
			t.Errorf("%s: the report is %s, issued again: %t", c.typ, got.Standing, d.Has(c.again))
		}
		if r := d.Report(); r.Forecast.Report.Before(d.Today()) {
			t.Errorf("%s: the corrected report is expected on %s", c.typ, r.Forecast.Report)
		}
		d.Until(modelstest.On("2031-01-01"), func() bool { return false })
		if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
			t.Errorf("%s: it is %s", c.typ, got)
		}
	}
}

// The audit firm is replaced (RT-13), in every phase and also while all wait for their day.
func TestTheAuditFirmIsReplaced(t *testing.T) {
	t.Parallel()
	at := []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork, catalog.PhaseWindow,
		catalog.PhaseT2Fieldwork, catalog.PhaseRenewal}
	for _, p := range at {
		d := modelstest.In(t, "soc2_type1_type2", p)
		d.Decided("ruth", engagement.ReturnPhase, engagement.Change{Rule: "RT-13"}, "marta")
		replaced(t, d, string(p))
	}
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Until(modelstest.On("2028-01-01"), func() bool { return len(d.Facts.Active()) == 0 })
	d.Decided("ruth", engagement.ReturnPhase, engagement.Change{Rule: "RT-13"}, "marta")
	replaced(t, d, "between preparation and fieldwork")
}

func replaced(t *testing.T, d *modelstest.Desk, when string) {
	t.Helper()
	if got := d.Facts.Engagement.Auditor; got != "" {
		t.Errorf("%s: the auditor is still %s", when, got)
	}
	for _, x := range d.Facts.Tasks {
		if x.Owner == "hugo" {
			t.Errorf("%s: %s is still hugo's", when, x.ID)
		}
	}
	if !d.Has("X-1") || !d.Task("X-1").Gate || d.Task("X-1").Owner != "ruth" {
		t.Errorf("%s: nobody chooses another audit firm", when)
	}
	hana := models.PersonID("hana")
	d.Facts.People = append(d.Facts.People,
		models.Person{Firm: "acme", ID: hana, Name: "Hana", Role: models.RoleAuditor, TimeZone: "America/New_York", Active: true})
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Auditor: &hana}))
	for _, x := range d.Facts.Tasks {
		if x.OwnerRole == string(models.RoleAuditor) && x.Owner != hana {
			t.Errorf("%s: %s is %s's, not hana's", when, x.ID, x.Owner)
		}
	}
	d.Until(modelstest.On("2031-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("%s: it is %s", when, got)
	}
}

func TestAcceptingARisk(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	for _, title := range []string{"No access reviews", "Backups were never restored"} {
		d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: title}))
	}
	d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-07", Title: "Screens do not lock"}))
	accept := func(id models.TaskID) func(*engagement.Command) {
		return modelstest.Changed(engagement.Change{Task: id})
	}
	d.Refused(models.Invalid, "task", `task "RE-08" is not a gap of this engagement`, "ines", engagement.AcceptRisk, accept("RE-08"),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "task", `task "RE-06.X9" is not a gap`, "ines", engagement.AcceptRisk, accept("RE-06.X9"),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.AcceptRisk, accept("RE-06.X1"))
	d.Refused(models.Forbidden, "", "accepting a risk is for partner, pm or sponsor; you are consultant", "priya", engagement.AcceptRisk,
		accept("RE-06.X1"), modelstest.Because("x"))

	id := d.Do("ines", engagement.AcceptRisk, accept("RE-06.X1"), modelstest.Because("compensated by the SIEM"))
	d.Refused(models.Conflict, "decision", id+" about the same is still pending", "marta", engagement.AcceptRisk, accept("RE-06.X1"),
		modelstest.Because("x"))
	// another gap is another matter
	other := d.Do("ines", engagement.AcceptRisk, accept("RE-06.X2"), modelstest.Because("the provider restores them"))
	d.Refused(models.Forbidden, "decision", id+" waits for sponsor, which is not you", "marta", engagement.ApproveDecision,
		modelstest.Decision(id))
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision(id))
	for _, x := range []models.TaskID{"RE-06.X1", "RE-14.X1"} {
		if got := d.Task(x); got.State != engagement.TaskWaived || !strings.Contains(got.Reason, "compensated by the SIEM") {
			t.Errorf("%s is %s: %s", x, got.State, got.Reason)
		}
	}
	if got := d.Task("RE-14.X2").State; got != engagement.TaskWaiting {
		t.Errorf("the other gap's check is %s", got)
	}
	d.Refused(models.Conflict, "task", "RE-06.X1 is waived already", "ruth", engagement.AcceptRisk, accept("RE-06.X1"),
		modelstest.Because("x"))
	d.Do("ruth", engagement.RefuseDecision, modelstest.Decision(other), modelstest.Because("no"))
	d.Refused(models.Conflict, "gate", "G-RE-1 cannot be signed yet: RE-06.X2", "ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
	d.Do("ruth", engagement.AcceptRisk, accept("RE-06.X2"), modelstest.Because("then yes")) // the sponsor alone decides
	d.Do("ruth", engagement.AcceptRisk, accept("RE-07.X3"), modelstest.Because("housekeeping"))
	d.Do("ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
}

// Approving the first version does not approve the second: a scope memo that was submitted comes back when the scope changes.
func TestWhatWasSubmittedForAnotherScopeComesBack(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-15").State == engagement.TaskSubmitted })
	d.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality}, "marta")
	if got := d.Task("KO-15"); got.State != engagement.TaskOpen || got.DoneBy != "" || d.Has("KO-15~2") {
		t.Errorf("the memo of the old scope is %+v", got)
	}
	d.Refused(models.Conflict, "task", "KO-15 is open: only what was submitted", "ruth", engagement.AcceptTask, modelstest.Task("KO-15"))

	// Signed already, though kickoff goes on: the memo is written again, and its gate signed again.
	s := modelstest.Started(t, "soc2_type2")
	s.Do("ines", engagement.MoveTask, modelstest.Task("KO-07"), modelstest.Because("ruth is away"), modelstest.DueOn("2027-03-01"))
	s.Do("ines", engagement.AddTask,
		modelstest.Added(engagement.NewTask{Title: "Wait for the board", Owner: "ruth", Due: modelstest.On("2027-03-05"), Gate: true}))
	s.Until(modelstest.On("2027-06-01"), func() bool { return s.Facts.Gate("G-KO-1").State == engagement.GateSigned })
	if got := s.Facts.Phase(catalog.PhaseKickoff).Standing; got != engagement.StandingActive {
		t.Fatalf("kickoff is %s", got)
	}
	s.Decided("ruth", engagement.ChangeScope, engagement.Change{Categories: withConfidentiality}, "marta")
	if g := s.Facts.Gate("G-KO-1"); g.State != engagement.GateOpen || !s.Has("KO-15~2") {
		t.Errorf("the scope changed, and the memo's gate is %s; written again: %t", g.State, s.Has("KO-15~2"))
	}
}

// Whoever is asked for their word reads what would happen, whatever the way back, not the number of a rule alone.
func TestAReturnSaysWhatItDoes(t *testing.T) {
	for _, c := range []struct {
		rule, subject string
		without       bool // no auditor has been invited
		says          string
	}{
		{"RT-02", "", false, "Ines proposes that the engagement goes back to Remediation (readiness check finds a critical or high gap)"},
		{"RT-04", "AC-07", false, "Ines proposes that the engagement goes back to Remediation for AC-07 (auditor finds a design deficiency)"},
		{"RT-08", "", false, "Ines proposes that the engagement goes back to Window close and populations " +
			"(population incomplete or cannot be tied to the system)"},
		{"RT-12", "", false, "Ines proposes that the engagement goes back to Type 1 report (error found in an issued report)"},
		{"RT-13", "", false, "Ines proposes that Hugo leaves the engagement and another audit firm is chosen (audit firm replaced)"},
		{"RT-13", "", true, "Ines proposes that another audit firm is chosen (audit firm replaced)"},
	} {
		d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseGap)
		if c.without {
			d.Facts.Engagement.Auditor = ""
		}
		decision := &engagement.Decision{ID: "D-1", Kind: engagement.ReturnPhase, Rule: c.rule, ProposedBy: "ines",
			Change: engagement.Change{Rule: c.rule, Subject: c.subject}}
		if got := d.Facts.Explain(decision); got != c.says {
			t.Errorf("of %s it is said\n%s, not\n%s", c.rule, got, c.says)
		}
		if got := d.Facts.Describe(decision); !strings.Contains(got, c.rule) || len(got) < 30 {
			t.Errorf("the record says of %s %q", c.rule, got)
		}
	}
}

// The auditor who is replaced hears of it at once; nobody else does.
func TestTheAuditorWhoLeavesIsTold(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	id := d.Do("ruth", engagement.ReturnPhase, modelstest.Changed(engagement.Change{Rule: "RT-13"}), modelstest.Because("their partner left"))
	if _, err := engagement.Decide(d.Facts, d.Command("marta", engagement.ApproveDecision, modelstest.Decision(id)), d.Now); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range d.Facts.Changes().Notices {
		if n.Kind == engagement.NoticeLeft {
			told = append(told, fmt.Sprintf("%s %t", n.To, n.Urgent))
		}
	}
	if fmt.Sprint(told) != "[hugo true]" {
		t.Errorf("those told are %v", told)
	}
}
