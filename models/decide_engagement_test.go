package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
)

func TestWhoIsHeardAtAll(t *testing.T) {
	d := started(t, "soc2_type2")
	d.refused(models.Forbidden, "", "you are not known here as partner any more", "marta", models.CompleteTask, task("KO-01"), func(c *models.Command) { c.Actor.Person = "zoe" })
	d.refused(models.Forbidden, "", "you are not known here as partner any more", "tom", models.CompleteTask, task("KO-01"), func(c *models.Command) { c.Actor.Role = models.RolePartner })
	d.refused(models.Forbidden, "", "you are not known here as sponsor any more", "ruth", models.CompleteTask, task("KO-07"), func(c *models.Command) { c.Actor.Client = "southgate" })
	d.refused(models.Invalid, "kind", `kind "task.burn" is none of`, "marta", "task.burn")
	d.refused(models.Invalid, "Idempotency-Key", "must be 1 to 200 visible ASCII characters", "marta", models.CompleteTask, func(c *models.Command) { c.Key = "" })
	d.refused(models.Invalid, "Idempotency-Key", "must be", "marta", models.CompleteTask, func(c *models.Command) { c.Key = strings.Repeat("k", 201) })
	d.refused(models.Invalid, "tasks", "tasks may name 200 tasks at most", "marta", models.CompleteTask, task(make([]models.TaskID, 201)...))
	d.refused(models.Invalid, "reason", "reason may have 2,000 characters at most", "marta", models.CompleteTask, task("KO-01"), because(strings.Repeat("ä", 2001)))
}

// The table of commands, role by role: a command that the table does not grant is refused before anything is looked at.
func TestEveryRoleAndEveryCommand(t *testing.T) {
	who := map[models.Role]string{models.RolePartner: "marta", models.RoleManager: "ines", models.RoleConsultant: "priya",
		models.RoleSponsor: "ruth", models.RoleOwner: "kenji", models.RoleAuditor: "hugo"}
	granted := map[models.Kind]string{
		models.StartEngagement: "partner pm", models.PauseEngagement: "partner", models.ResumeEngagement: "partner pm",
		models.CancelEngagement: "partner", models.EditEngagement: "partner pm",
		models.AddTask:      "partner pm consultant auditor",
		models.CompleteTask: "partner pm consultant sponsor owner auditor", models.AcceptTask: "partner pm consultant sponsor owner auditor",
		models.ReturnTask: "partner pm consultant sponsor owner auditor", models.ReopenTask: "partner pm consultant sponsor owner auditor",
		models.BlockTask: "partner pm consultant sponsor owner auditor", models.UnblockTask: "partner pm consultant sponsor owner auditor",
		models.MoveTask: "partner pm consultant", models.AssignTask: "partner pm consultant sponsor", models.WaiveTask: "partner pm",
		models.CommentTask: "partner pm consultant sponsor owner auditor",
		models.SignGate:    "partner pm sponsor auditor", models.RefuseGate: "partner pm sponsor auditor",
		models.MoveAsOf: "partner pm sponsor", models.MoveWindow: "partner pm sponsor", models.ChangeScope: "partner pm consultant sponsor",
		models.DropType1: "partner pm sponsor", models.ReturnPhase: "partner pm sponsor auditor", models.AcceptRisk: "partner pm sponsor",
		models.ApproveDecision: "partner pm sponsor owner auditor", models.RefuseDecision: "partner pm sponsor owner auditor",
		models.SnoozeTask: "partner pm consultant sponsor owner auditor", models.ExtendTask: "partner pm consultant sponsor owner auditor",
		models.HandOverTask: "partner pm consultant sponsor owner", models.MuteEngagement: "partner pm", models.UnmuteEngagement: "partner pm",
	}
	d := started(t, "soc2_type1_type2")
	for kind, roles := range granted {
		for _, role := range models.Roles {
			_, err := d.try(who[role], kind, because("x"), task("KO-01"))
			refused := models.CodeOf(err) == models.Forbidden && strings.HasSuffix(err.Error(), "; you are "+string(role))
			if want := !slices.Contains(strings.Fields(roles), string(role)); refused != want {
				t.Errorf("a %s sends %s: %v; the table refuses it: %t", role, kind, err, want)
			}
		}
	}
}

func TestStarting(t *testing.T) {
	for _, c := range []struct {
		name  string
		with  func(*models.Facts)
		field string
		says  string
	}{
		{"no partner", func(f *models.Facts) { f.Engagement.Partner = "" }, "partner", "partner is missing: name a person with the role partner"},
		{"no manager", func(f *models.Facts) { f.Engagement.Manager = "" }, "manager", "manager is missing"},
		{"a partner who left", func(f *models.Facts) { f.Engagement.Partner = "zoe" }, "partner", `partner "zoe" is nobody Tickmark knows as active`},
		{"a consultant as manager", func(f *models.Facts) { f.Engagement.Manager = "tom" }, "manager", `manager "tom" has the role consultant, not pm`},
		{"no sponsor", func(f *models.Facts) { f.Duties = f.Duties[1:] }, "functions.sponsor", "nobody at the client holds the function sponsor"},
		{"a sponsor who cannot sign", func(f *models.Facts) {
			f.Duties[0].Person = "kenji"
			f.People = slices.DeleteFunc(f.People, func(p models.Person) bool { return p.ID == "ruth" })
		}, "functions.sponsor", "nobody at the client has the role sponsor"},
		{"no kickoff", func(f *models.Facts) { f.Engagement.Kickoff = models.Date{} }, "kickoff", "kickoff is missing"},
		{"no security", func(f *models.Facts) { f.Engagement.Categories = []models.Category{models.Privacy} }, "categories", "every SOC 2 covers security"},
		{"as-of before kickoff", func(f *models.Facts) { f.Engagement.AsOf = on("2027-01-01") }, "as_of", "the as-of date 2027-01-01 is before the kickoff 2027-01-11"},
		{"window before kickoff", func(f *models.Facts) { f.Engagement.WindowOpen = on("2026-12-01") }, "window_open", "is before the kickoff"},
		{"a window of three years", func(f *models.Facts) { f.Engagement.WindowMonths = 36 }, "window_months", "must be between 1 and 24"},
		{"nobody works there", func(f *models.Facts) { f.Client.Headcount = 0 }, "headcount", "headcount 0 must be between"},
	} {
		t.Run(c.name, func(t *testing.T) {
			draft(t, "soc2_type1_type2", c.with).refused(models.Invalid, c.field, c.says, "marta", models.StartEngagement)
		})
	}
	d := draft(t, "soc2_type1_type2")
	d.refused(models.NotFound, "task", "the engagement is a draft and has no tasks yet: start it first", "marta", models.CompleteTask, task("KO-01"))
	d.refused(models.Conflict, "status", "the engagement is a draft: start it first", "marta", models.PauseEngagement, because("no money"))
	d.do("ines", models.StartEngagement)
	e := d.f.Engagement
	if e.Status != models.StatusRunning || e.Target != e.Baseline.Report || e.AsOf.IsZero() || e.WindowOpen != e.AsOf.AddDays(1) || e.WindowMonths != 6 {
		t.Errorf("started, it is %+v", e)
	}
	if got := d.logged("engagement.started"); !slices.Equal(got, []string{" draft->running"}) {
		t.Errorf("the record says %v", got)
	}
	d.refused(models.Conflict, "status", "the engagement has been started already: it is running", "ines", models.StartEngagement)
}

// A kickoff that has passed when the engagement starts makes nobody late.
func TestStartingLate(t *testing.T) {
	d := draft(t, "soc2_type2", func(f *models.Facts) { f.Engagement.Kickoff = on("2026-11-02") })
	d.do("ines", models.StartEngagement)
	for _, x := range d.f.Tasks {
		if !x.Due.After(d.today()) || x.Late {
			t.Errorf("%s is due %s on the day it is asked for, %s", x.ID, x.Due, d.today())
		}
	}
	d.goTo(on("2027-01-05"))
	if r := d.report(); r.OverdueDays != 0 {
		t.Errorf("overdue at once: %+v", r.Overdue)
	}
}

func TestEditing(t *testing.T) {
	text := func(s string) *string { return &s }
	id := func(s string) *models.PersonID { p := models.PersonID(s); return &p }
	day := func(s string) *models.Date { d := on(s); return &d }
	months := 9

	d := draft(t, "soc2_type2")
	d.refused(models.Invalid, "", "nothing to change was named", "ines", models.EditEngagement)
	d.refused(models.Invalid, "name", "name must have 1 to 300 characters", "ines", models.EditEngagement, edited(models.Edit{Name: text(" ")}))
	d.refused(models.Invalid, "target_report", "target_report 2026-01-01 is before the kickoff on 2027-01-11", "ines", models.EditEngagement, edited(models.Edit{Target: day("2026-01-01")}))
	d.refused(models.Invalid, "auditor", `auditor "marta" has the role partner, not auditor`, "ines", models.EditEngagement, edited(models.Edit{Auditor: id("marta")}))
	d.refused(models.Invalid, "consultants", `consultants "zoe" is nobody`, "ines", models.EditEngagement, edited(models.Edit{Consultants: &[]models.PersonID{"tom", "zoe"}}))
	d.refused(models.Invalid, "type", "", "ines", models.EditEngagement, edited(models.Edit{Type: text("soc9")}))
	d.do("ines", models.EditEngagement, edited(models.Edit{Type: text("soc2_type1_type2"), AsOf: day("2027-09-01"), WindowMonths: &months, Name: text("Northgate 2027")}))
	if e := d.f.Engagement; e.Type != "soc2_type1_type2" || e.AsOf != on("2027-09-01") || e.WindowMonths != 9 || e.Name != "Northgate 2027" {
		t.Errorf("edited, the draft is %+v", e)
	}
	d.do("ines", models.StartEngagement)
	for _, c := range []struct {
		field string
		edit  models.Edit
	}{
		{"type", models.Edit{Type: text("soc2_type2")}}, {"kickoff", models.Edit{Kickoff: day("2027-02-01")}}, {"previous_close", models.Edit{Previous: day("2027-02-01")}},
		{"categories", models.Edit{Categories: &[]models.Category{models.Security}}}, {"addons", models.Edit{Addons: &[]string{"soc3"}}},
		{"as_of_date", models.Edit{AsOf: day("2027-10-01")}}, {"window_open", models.Edit{WindowOpen: day("2027-10-01")}}, {"window_months", models.Edit{WindowMonths: &months}},
	} {
		d.refused(models.Conflict, c.field, "changes by a decision (as-of-date, window, scope), not by an edit", "ines", models.EditEngagement, edited(c.edit))
	}
	d.refused(models.Invalid, "manager", "manager is missing", "marta", models.EditEngagement, edited(models.Edit{Manager: id("")}))
	d.refused(models.Invalid, "partner", "partner is missing", "marta", models.EditEngagement, edited(models.Edit{Partner: id("")}))
	d.refused(models.Invalid, "target_report", "is before the kickoff", "marta", models.EditEngagement, edited(models.Edit{Target: day("2027-01-10")}))
	d.do("marta", models.EditEngagement, edited(models.Edit{Target: day("2028-12-24")}))
	d.do("marta", models.EditEngagement, edited(models.Edit{Target: &models.Date{}}))
	if e := d.f.Engagement; e.Target != e.Baseline.Report {
		t.Errorf("without a target of its own the target is %s, not the baseline %s", e.Target, e.Baseline.Report)
	}
}

func TestAManagerIsReplaced(t *testing.T) {
	id := func(s string) *models.PersonID { p := models.PersonID(s); return &p }
	d := in(t, "soc2_type2", models.PhaseGap)
	d.until(on("2027-06-01"), func() bool { return d.task("GA-12").State == models.TaskSubmitted })
	kickoff := d.f.Gate("G-KO-2")
	d.do("marta", models.EditEngagement, edited(models.Edit{Manager: id("noor")}))
	for _, x := range d.f.Tasks {
		if x.Owner == "ines" || x.Backup == "ines" || x.Approver == "ines" {
			t.Errorf("%s is still with ines", x.ID)
		}
	}
	if got := d.task("GA-12"); got.Approver != "noor" || got.DoneBy != "ruth" {
		t.Errorf("what waited for ines waits for %s, done by %s", got.Approver, got.DoneBy)
	}
	if got := d.task("KO-04"); got.DoneBy != "ines" {
		t.Errorf("what ines did is said to be done by %q", got.DoneBy)
	}
	if got := d.f.Gate("G-KO-2"); got.By != "ines" || got.By != kickoff.By {
		t.Errorf("what ines signed is said to be signed by %q", got.By)
	}
	d.refused(models.NotFound, "engagement", `there is no engagement "e1"`, "ines", models.AcceptTask, task("GA-12"))
	d.do("noor", models.AcceptTask, task("GA-12"))
	k := started(t, "soc2_type2")
	k.do("marta", models.EditEngagement, edited(models.Edit{Manager: id("noor")}))
	if got := k.logged("task.assigned"); !slices.Contains(got, "KO-15 ines->noor") {
		t.Errorf("the record does not say that the scope memo changed hands: %v", got)
	}
}

func TestTheTeamAroundThem(t *testing.T) {
	d := in(t, "soc2_type2", models.PhaseRemediation)
	d.do("ines", models.AssignTask, task("RE-01"), to("tom"))
	d.do("ines", models.EditEngagement, edited(models.Edit{Consultants: &[]models.PersonID{"priya"}}))
	if got := d.task("RE-01"); got.Owner != "priya" {
		t.Errorf("tom left the team and RE-01 is %s's", got.Owner)
	}
	d.do("ines", models.EditEngagement, edited(models.Edit{Consultants: &[]models.PersonID{}}))
	if got := d.task("RE-01"); got.Owner != "ines" {
		t.Errorf("nobody is left and RE-01 is %s's", got.Owner)
	}
}

func TestCancelling(t *testing.T) {
	d := in(t, "soc2_type1_type2", models.PhaseT1Fieldwork)
	id := d.do("ines", models.MoveWindow, changed(models.Change{Months: 9}), because("the customers want nine"))
	d.refused(models.Invalid, "reason", "reason must have", "marta", models.CancelEngagement)
	d.do("marta", models.CancelEngagement, because("the client was bought"))
	e := d.f.Engagement
	if e.Status != models.StatusCancelled || !e.EndedAt.Equal(d.now) {
		t.Errorf("it is %s since %s", e.Status, e.EndedAt)
	}
	if len(d.f.Tasks) != 0 || len(d.f.Decisions) != 0 || d.ended[id].State != models.DecisionRefused {
		t.Errorf("%d tasks and %d decisions are still open", len(d.f.Tasks), len(d.f.Decisions))
	}
	if s := e.Summary; s.Open+s.Overdue+len(s.Phases) != 0 || !s.NextDue.IsZero() || !s.Wake.IsZero() {
		t.Errorf("the portfolio still shows %+v", s)
	}
	for _, p := range d.f.Phases {
		if p.Standing != models.StandingDone && p.Standing != models.StandingDropped {
			t.Errorf("%s is %s", p.Phase, p.Standing)
		}
	}
	if a := models.AgendaOf(d.f, d.now); !a.Closed || a.Ready || !a.Wake.IsZero() {
		t.Errorf("the workflow does not end: %+v", a)
	}
	if r := d.report(); len(r.Gates)+len(r.WaitingFor)+len(r.Next)+len(r.Overdue)+len(r.Decisions) != 0 {
		t.Errorf("somebody is still waited for: %+v", r)
	}
	if models.Advance(d.f, d.now.AddDate(1, 0, 0)) {
		t.Error("a cancelled engagement moves on")
	}
	draft(t, "soc2_type2").do("marta", models.CancelEngagement, because("never began"))
}

// Paused forty days in remediation: nobody is late, nothing is asked for, and what is open shifts by the business days of
// the pause; the as-of date and the window stay (domain.md 9.2).
func TestAPauseInRemediation(t *testing.T) {
	d := in(t, "soc2_type1_type2", models.PhaseRemediation)
	d.until(on("2027-03-10"), func() bool { return false })
	was := map[models.TaskID]models.Task{}
	for _, x := range d.f.Tasks {
		was[x.ID] = *x
	}
	asOf, window, pace := d.f.Engagement.AsOf, d.f.Engagement.Window(), d.f.Engagement.Pace
	began := d.f.Phase(models.PhaseRemediation).Began
	d.refused(models.Invalid, "reason", "reason must have", "marta", models.PauseEngagement)
	d.do("marta", models.PauseEngagement, because("the client is being bought"))
	d.refused(models.Conflict, "status", "the engagement is paused already, since 2027-03-10", "marta", models.PauseEngagement, because("x"))
	frozen := d.report().Forecast
	if !frozen.Frozen || frozen.Report.IsZero() {
		t.Errorf("a paused engagement forecasts %+v", frozen)
	}
	d.goTo(on("2027-04-19"))
	if got := d.report().Forecast; got.Report != frozen.Report || got.Cautious != frozen.Cautious || len(got.Drivers) != 0 {
		t.Errorf("the forecast was %+v and became %+v in the pause", frozen, got)
	}
	if n := len(d.f.Tasks); n != len(was) {
		t.Errorf("%d tasks were open before the pause, %d are now", len(was), n)
	}
	for _, x := range d.f.Tasks {
		if x.Late {
			t.Errorf("%s was due %s and is late in a pause", x.ID, x.Due)
		}
	}
	for _, e := range d.events {
		if e.Kind == "task.overdue" && models.DateIn(e.At, d.f.Location()).After(on("2027-03-10")) {
			t.Errorf("%s is said to be overdue in a pause", e.Subject)
		}
	}
	d.refused(models.Conflict, "gate", "", "ruth", models.SignGate, gate("G-RE-1"))
	d.do("ines", models.ResumeEngagement)
	away := d.f.ClientDays.Count(on("2027-03-10"), on("2027-04-19")) // 28 business days
	if away != 28 {
		t.Fatalf("the pause took %d business days", away)
	}
	for _, x := range d.f.Tasks {
		old, ok := was[x.ID]
		switch {
		case !ok && x.Template == "RE-13": // the next call is ten days ahead
		case !ok:
			t.Errorf("%s, due %s, was asked for by the resumption", x.ID, x.Due)
		case old.Anchor == "as_of_date" || old.Anchor == "window_open":
			if x.Due != old.Due {
				t.Errorf("%s hangs on %s and moved from %s to %s", x.ID, old.Anchor, old.Due, x.Due)
			}
		case old.State != models.TaskSubmitted && x.Due != d.f.ClientDays.Add(old.Due, away):
			t.Errorf("%s moved from %s to %s, not by %d business days", x.ID, old.Due, x.Due, away)
		}
	}
	e := d.f.Engagement
	if e.AsOf != asOf || e.Window() != window {
		t.Errorf("the as-of date became %s and the window %v", e.AsOf, e.Window())
	}
	if got, want := d.f.Phase(models.PhaseRemediation).Began, d.f.ClientDays.Add(began, away); got != want {
		t.Errorf("remediation counts from %s, not from %s", got, want)
	}
	d.refused(models.Conflict, "status", "the engagement is not paused: it is running", "ines", models.ResumeEngagement)
	if h := d.report(); h.Health != models.HealthLate || h.Reasons[0].Code != "report_late" {
		t.Errorf("28 days of pause, the as-of date cannot be held, and it is %s: %+v", h.Health, h.Reasons)
	}
	// Later plans leave the shift alone: nothing is pulled back to where it was.
	shifted := map[models.TaskID]models.Date{}
	for _, x := range d.f.Tasks {
		shifted[x.ID] = x.Due
	}
	d.decided("ines", models.MoveAsOf, models.Change{AsOf: asOf.AddDays(56)}, "ruth", "hugo")
	for _, x := range d.f.Tasks {
		if old := shifted[x.ID]; x.Due.Before(old) || old.AddDays(4).Before(x.Due) {
			t.Errorf("%s, shifted to %s, was put to %s by the next plan", x.ID, old, x.Due)
		}
	}
	d.decided("ines", models.MoveWindow, models.Change{WindowOpen: asOf.AddDays(57)}, "ruth", "marta")
	d.until(on("2029-01-01"), func() bool { return false })
	if e := d.f.Engagement; e.Status != models.StatusCompleted {
		t.Errorf("it is %s", e.Status)
	}
	if e := d.f.Engagement; e.Pace.OnTime-pace.OnTime != e.Pace.Closed-pace.Closed {
		t.Errorf("since the pause %d of %d tasks were on time: it counts against somebody", e.Pace.OnTime-pace.OnTime, e.Pace.Closed-pace.Closed)
	}
}

// Paused and resumed on the same morning, nothing has moved.
func TestAPauseOfNoTime(t *testing.T) {
	for _, p := range []models.Phase{models.PhaseKickoff, models.PhaseGap, models.PhaseRemediation, models.PhaseT1Fieldwork} {
		d := in(t, "soc2_type1_type2", p)
		began := d.f.Phase(p).Began
		was := map[models.TaskID]models.Date{}
		for _, x := range d.f.Tasks {
			was[x.ID] = x.Due
		}
		d.do("marta", models.PauseEngagement, because("by mistake"))
		d.do("marta", models.ResumeEngagement)
		if got := d.f.Phase(p).Began; got != began {
			t.Errorf("%s counts from %s, before from %s", p, got, began)
		}
		for _, x := range d.f.Tasks {
			if x.Due != was[x.ID] {
				t.Errorf("%s moved from %s to %s", x.ID, was[x.ID], x.Due)
			}
		}
	}
}

// Paused inside the window: it runs on, what it asks for is asked for and becomes late, and it closes on its day.
func TestAPauseInTheWindow(t *testing.T) {
	d := in(t, "soc2_type2", models.PhaseWindow)
	d.until(on("2027-10-01"), func() bool { return false })
	w := d.f.Engagement.Window()
	d.do("marta", models.PauseEngagement, because("not paid"))
	before := len(d.tasks())
	d.goTo(w.End.AddDays(1))
	if len(d.tasks()) == before {
		t.Error("a window that runs on asks for nothing")
	}
	if d.f.Engagement.Window() != w {
		t.Errorf("the window became %v", d.f.Engagement.Window())
	}
	late := slices.ContainsFunc(d.f.Tasks, func(x *models.Task) bool { return x.Late && x.Template == "WI-01" })
	if !late {
		t.Error("nobody is late with the window's evidence")
	}
	if got := d.f.Phase(models.PhaseT2Close).Standing; got != models.StandingActive {
		t.Errorf("the window's last day has passed, and %s is %s", models.PhaseT2Close, got)
	}
	if got := d.f.Phase(models.PhaseWindow).Standing; got != models.StandingActive {
		t.Errorf("a paused engagement left its window: %s", got)
	}
	if got := d.logged("window.closed"); len(got) != 1 {
		t.Errorf("the window was closed %d times", len(got))
	}
	d.do("marta", models.ResumeEngagement)
	d.until(on("2029-01-01"), func() bool { return false })
	if got := d.f.Engagement.Status; got != models.StatusCompleted {
		t.Errorf("it is %s", got)
	}
}

// A window opens in a pause when it was prepared before.
func TestAWindowOpensInAPause(t *testing.T) {
	d := in(t, "soc2_type1_type2", models.PhaseWindowSetup)
	d.until(on("2028-01-01"), func() bool { return d.f.Phase(models.PhaseWindowSetup).Standing == models.StandingDone })
	d.do("marta", models.PauseEngagement, because("not paid"))
	d.goTo(d.f.Engagement.WindowOpen)
	if got := d.f.Phase(models.PhaseWindow).Standing; got != models.StandingActive {
		t.Errorf("on its first day the window is %s", got)
	}
	if got := d.f.Phase(models.PhaseT1Fieldwork).Standing; got != models.StandingWaiting {
		t.Errorf("fieldwork is %s in a pause", got)
	}
}

// Weekly calls after a pause go on weekly: none twice, none for the weeks of the pause.
func TestWeeklyCallsAfterAPause(t *testing.T) {
	d := in(t, "readiness_only", models.PhaseRemediation)
	d.until(on("2027-03-10"), func() bool { return false })
	d.do("marta", models.PauseEngagement, because("audit of the tax office"))
	d.goTo(on("2027-04-19"))
	d.do("marta", models.ResumeEngagement)
	d.until(on("2027-12-01"), func() bool { return d.f.Phase(models.PhaseRemediation).Standing == models.StandingDone })
	var due []models.Date
	for _, x := range d.tasks() {
		if x.Template == "RE-13" && x.State == models.TaskDone {
			due = append(due, x.Due)
		}
	}
	slices.SortFunc(due, models.Date.Compare)
	for i := 1; i < len(due); i++ {
		switch gap := due[i-1].DaysUntil(due[i]); {
		case gap < 5:
			t.Errorf("calls on %s and %s", due[i-1], due[i])
		case gap > 10 && !(due[i-1].Before(on("2027-03-25")) && due[i].After(on("2027-04-18"))):
			t.Errorf("no call between %s and %s", due[i-1], due[i])
		}
	}
	if d.now.Before(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("remediation ended on %s already", d.today())
	}
}
