package engagement_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

func TestWhoIsHeardAtAll(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Refused(models.Forbidden, "", "you are not known here as partner any more", "marta", engagement.CompleteTask, modelstest.Task("KO-01"),
		func(c *engagement.Command) { c.Actor.Person = "zoe" })
	d.Refused(models.Forbidden, "", "you are not known here as partner any more", "tom", engagement.CompleteTask, modelstest.Task("KO-01"),
		func(c *engagement.Command) { c.Actor.Role = models.RolePartner })
	d.Refused(models.Forbidden, "", "you are not known here as sponsor any more", "ruth", engagement.CompleteTask, modelstest.Task("KO-07"),
		func(c *engagement.Command) { c.Actor.Client = "southgate" })
	d.Refused(models.Invalid, "kind", `kind "task.burn" is none of`, "marta", "task.burn")
	d.Refused(models.Invalid, "Idempotency-Key", "must be 1 to 200 visible ASCII characters", "marta", engagement.CompleteTask,
		func(c *engagement.Command) { c.Key = "" })
	d.Refused(models.Invalid, "Idempotency-Key", "must be", "marta", engagement.CompleteTask,
		func(c *engagement.Command) { c.Key = strings.Repeat("k", 201) })
	d.Refused(models.Invalid, "tasks", "tasks may name 200 tasks at most", "marta", engagement.CompleteTask,
		modelstest.Task(make([]models.TaskID, 201)...))
	d.Refused(models.Invalid, "reason", "reason may have 2,000 characters at most", "marta", engagement.CompleteTask,
		modelstest.Task("KO-01"), modelstest.Because(strings.Repeat("ä", 2001)))
}

// The table of commands, role by role: a command that the table does not grant is refused before anything is looked at.
func TestEveryRoleAndEveryCommand(t *testing.T) {
	who := map[models.Role]string{models.RolePartner: "marta", models.RoleManager: "ines", models.RoleConsultant: "priya",
		models.RoleSponsor: "ruth", models.RoleOwner: "kenji", models.RoleAuditor: "hugo"}
	granted := map[engagement.Kind]string{
		engagement.StartEngagement: "partner pm", engagement.PauseEngagement: "partner", engagement.ResumeEngagement: "partner pm",
		engagement.CancelEngagement: "partner", engagement.EditEngagement: "partner pm",
		engagement.AddTask:      "partner pm consultant auditor",
		engagement.CompleteTask: "partner pm consultant sponsor owner auditor",
		engagement.AcceptTask:   "partner pm consultant sponsor owner auditor",
		engagement.ReturnTask:   "partner pm consultant sponsor owner auditor",
		engagement.ReopenTask:   "partner pm consultant sponsor owner auditor",
		engagement.BlockTask:    "partner pm consultant sponsor owner auditor",
		engagement.UnblockTask:  "partner pm consultant sponsor owner auditor",
		engagement.MoveTask:     "partner pm consultant", engagement.AssignTask: "partner pm consultant sponsor",
		engagement.WaiveTask:   "partner pm",
		engagement.CommentTask: "partner pm consultant sponsor owner auditor",
		engagement.SignGate:    "partner pm sponsor auditor", engagement.RefuseGate: "partner pm sponsor auditor",
		engagement.ReopenGate: "partner pm",
		engagement.MoveAsOf:   "partner pm sponsor", engagement.MoveWindow: "partner pm sponsor",
		engagement.ChangeScope: "partner pm consultant sponsor",
		engagement.DropType1:   "partner pm sponsor", engagement.ReturnPhase: "partner pm sponsor auditor",
		engagement.AcceptRisk:      "partner pm sponsor",
		engagement.ApproveDecision: "partner pm sponsor owner auditor", engagement.RefuseDecision: "partner pm sponsor owner auditor",
		engagement.SnoozeTask:   "partner pm consultant sponsor owner auditor",
		engagement.ExtendTask:   "partner pm consultant sponsor owner auditor",
		engagement.HandOverTask: "partner pm consultant sponsor owner", engagement.MuteEngagement: "partner pm",
		engagement.UnmuteEngagement: "partner pm",
	}
	d := modelstest.Started(t, "soc2_type1_type2")
	for kind, roles := range granted {
		for _, role := range models.Roles {
			_, err := d.Try(who[role], kind, modelstest.Because("x"), modelstest.Task("KO-01"))
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
		with  func(*engagement.Facts)
		field string
		says  string
	}{
		{"no partner", func(f *engagement.Facts) { f.Engagement.Partner = "" }, "partner",
			"partner is missing: name a person with the role partner"},
		{"no manager", func(f *engagement.Facts) { f.Engagement.Manager = "" }, "manager", "manager is missing"},
		{"a partner who left", func(f *engagement.Facts) { f.Engagement.Partner = "zoe" }, "partner",
			`partner "zoe" is nobody Tickmark knows as active`},
		{"a consultant as manager", func(f *engagement.Facts) { f.Engagement.Manager = "tom" }, "manager",
			`manager "tom" has the role consultant, not pm`},
		{"no sponsor", func(f *engagement.Facts) { f.Duties = f.Duties[1:] }, "functions.sponsor",
			"nobody at the client holds the function sponsor"},
		{"a sponsor who cannot sign", func(f *engagement.Facts) {
			f.Duties[0].Person = "kenji"
			f.People = slices.DeleteFunc(f.People, func(p models.Person) bool { return p.ID == "ruth" })
		}, "functions.sponsor", "nobody at the client has the role sponsor"},
		{"no kickoff", func(f *engagement.Facts) { f.Engagement.Kickoff = models.Date{} }, "kickoff", "kickoff is missing"},
		{"no security", func(f *engagement.Facts) { f.Engagement.Categories = []catalog.Category{catalog.Privacy} }, "categories",
			"every SOC 2 covers security"},
		{"as-of before kickoff", func(f *engagement.Facts) { f.Engagement.AsOf = modelstest.On("2027-01-01") }, "as_of",
			"the as-of date 2027-01-01 is before the kickoff 2027-01-11"},
		{"window before kickoff", func(f *engagement.Facts) { f.Engagement.WindowOpen = modelstest.On("2026-12-01") }, "window_open",
			"is before the kickoff"},
		{"a window of three years", func(f *engagement.Facts) { f.Engagement.WindowMonths = 36 }, "window_months", "must be between 1 and 24"},
		{"nobody works there", func(f *engagement.Facts) { f.Client.Headcount = 0 }, "headcount", "headcount 0 must be between"},
	} {
		t.Run(c.name, func(t *testing.T) {
			modelstest.Draft(t, "soc2_type1_type2", c.with).Refused(models.Invalid, c.field, c.says, "marta", engagement.StartEngagement)
		})
	}
	d := modelstest.Draft(t, "soc2_type1_type2")
	d.Refused(models.NotFound, "task", "the engagement is a draft and has no tasks yet: start it first", "marta", engagement.CompleteTask,
		modelstest.Task("KO-01"))
	d.Refused(models.Conflict, "status", "the engagement is a draft: start it first", "marta", engagement.PauseEngagement,
		modelstest.Because("no money"))
	d.Do("ines", engagement.StartEngagement)
	e := d.Facts.Engagement
	if e.Status != engagement.StatusRunning || e.Target != e.Baseline.Report || e.AsOf.IsZero() || e.WindowOpen != e.AsOf.AddDays(1) ||
		e.WindowMonths != 6 {
		t.Errorf("started, it is %+v", e)
	}
	if got := d.Logged("engagement.started"); !slices.Equal(got, []string{" draft->running"}) {
		t.Errorf("the record says %v", got)
	}
	d.Refused(models.Conflict, "status", "the engagement has been started already: it is running", "ines", engagement.StartEngagement)
}

// A kickoff that has passed when the engagement starts makes nobody late.
func TestStartingLate(t *testing.T) {
	d := modelstest.Draft(t, "soc2_type2", func(f *engagement.Facts) { f.Engagement.Kickoff = modelstest.On("2026-11-02") })
	d.Refused(models.Invalid, "confirm",
		"the kickoff, 2026-11-02, lies in the past: today is 2027-01-04: if that is meant, confirm kickoff_past", "ines",
		engagement.StartEngagement)
	d.Do("ines", engagement.StartEngagement, modelstest.Confirmed("kickoff_past"))
	for _, x := range d.Facts.Tasks {
		if !x.Due.After(d.Today()) || x.Late {
			t.Errorf("%s is due %s on the day it is asked for, %s", x.ID, x.Due, d.Today())
		}
	}
	d.GoTo(modelstest.On("2027-01-05"))
	if r := d.Report(); r.OverdueDays != 0 {
		t.Errorf("overdue at once: %+v", r.Overdue)
	}
}

func TestEditing(t *testing.T) {
	text := func(s string) *string { return &s }
	id := func(s string) *models.PersonID { p := models.PersonID(s); return &p }
	day := func(s string) *models.Date { d := modelstest.On(s); return &d }
	months := 9

	d := modelstest.Draft(t, "soc2_type2")
	d.Refused(models.Invalid, "", "nothing to change was named", "ines", engagement.EditEngagement)
	d.Refused(models.Invalid, "name", "name must have 1 to 300 characters", "ines", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Name: text(" ")}))
	d.Refused(models.Invalid, "target_report", "target_report 2026-01-01 is before the kickoff on 2027-01-11", "ines",
		engagement.EditEngagement, modelstest.Edited(engagement.Edit{Target: day("2026-01-01")}))
	d.Refused(models.Invalid, "auditor", `auditor "marta" has the role partner, not auditor`, "ines", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Auditor: id("marta")}))
	d.Refused(models.Invalid, "consultants", `consultants "zoe" is nobody`, "ines", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Consultants: &[]models.PersonID{"tom", "zoe"}}))
	d.Refused(models.Invalid, "type", "", "ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Type: text("soc9")}))
	d.Do("ines", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Type: text("soc2_type1_type2"), AsOf: day("2027-09-01"), WindowMonths: &months,
			Name: text("Northgate 2027")}))
	if e := d.Facts.Engagement; e.Type != "soc2_type1_type2" || e.AsOf != modelstest.On("2027-09-01") || e.WindowMonths != 9 ||
		e.Name != "Northgate 2027" {
		t.Errorf("edited, the draft is %+v", e)
	}
	d.Do("ines", engagement.StartEngagement)
	for _, c := range []struct {
		field string
		edit  engagement.Edit
	}{
		{"type", engagement.Edit{Type: text("soc2_type2")}},
		{"previous_close", engagement.Edit{Previous: day("2027-02-01")}},
		{"categories", engagement.Edit{Categories: &[]catalog.Category{catalog.Security}}},
		{"addons", engagement.Edit{Addons: &[]string{"soc3"}}},
		{"as_of_date", engagement.Edit{AsOf: day("2027-10-01")}}, {"window_open", engagement.Edit{WindowOpen: day("2027-10-01")}},
		{"window_months", engagement.Edit{WindowMonths: &months}},
	} {
		d.Refused(models.Conflict, c.field, "changes by a decision (kickoff, as-of-date, window, scope), not by an edit", "ines",
			engagement.EditEngagement, modelstest.Edited(c.edit))
	}
	d.Refused(models.Invalid, "manager", "manager is missing", "marta", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Manager: id("")}))
	d.Refused(models.Invalid, "partner", "partner is missing", "marta", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Partner: id("")}))
	for _, field := range []engagement.Edit{{Target: day("2028-12-24")}, {Kickoff: day("2027-02-01")}} {
		d.Refused(models.Invalid, "reason", "reason must have 1 to 2000 characters", "marta", engagement.EditEngagement, modelstest.Edited(field))
	}
	d.Refused(models.Invalid, "target_report", "is before the kickoff", "marta", engagement.EditEngagement,
		modelstest.Edited(engagement.Edit{Target: day("2027-01-10")}), modelstest.Because("x"))
	d.Do("marta", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Target: day("2028-12-24")}), modelstest.Because("a year more"))
	d.Do("marta", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Target: &models.Date{}}), modelstest.Because("as planned"))
	if e := d.Facts.Engagement; e.Target != e.Baseline.Report {
		t.Errorf("without a target of its own the target is %s, not the baseline %s", e.Target, e.Baseline.Report)
	}
}

func TestAManagerIsReplaced(t *testing.T) {
	id := func(s string) *models.PersonID { p := models.PersonID(s); return &p }
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("GA-12").State == engagement.TaskSubmitted })
	kickoff := d.Facts.Gate("G-KO-2")
	d.Do("marta", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Manager: id("noor")}))
	for _, x := range d.Facts.Tasks {
		if x.Owner == "ines" || x.Backup == "ines" || x.Approver == "ines" {
			t.Errorf("%s is still with ines", x.ID)
		}
	}
	if got := d.Task("GA-12"); got.Approver != "noor" || got.DoneBy != "ruth" {
		t.Errorf("what waited for ines waits for %s, done by %s", got.Approver, got.DoneBy)
	}
	if got := d.Task("KO-04"); got.DoneBy != "ines" {
		t.Errorf("what ines did is said to be done by %q", got.DoneBy)
	}
	if got := d.Facts.Gate("G-KO-2"); got.By != "ines" || got.By != kickoff.By {
		t.Errorf("what ines signed is said to be signed by %q", got.By)
	}
	d.Refused(models.NotFound, "engagement", `there is no engagement "e1"`, "ines", engagement.AcceptTask, modelstest.Task("GA-12"))
	d.Do("noor", engagement.AcceptTask, modelstest.Task("GA-12"))
	k := modelstest.Started(t, "soc2_type2")
	k.Do("marta", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Manager: id("noor")}))
	if got := k.Logged("task.assigned"); !slices.Contains(got, "KO-15 ines->noor") {
		t.Errorf("the record does not say that the scope memo changed hands: %v", got)
	}
}

func TestTheTeamAroundThem(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("ines", engagement.AssignTask, modelstest.Task("RE-01"), modelstest.To("tom"))
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Consultants: &[]models.PersonID{"priya"}}))
	if got := d.Task("RE-01"); got.Owner != "priya" {
		t.Errorf("tom left the team and RE-01 is %s's", got.Owner)
	}
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Consultants: &[]models.PersonID{}}))
	if got := d.Task("RE-01"); got.Owner != "ines" {
		t.Errorf("nobody is left and RE-01 is %s's", got.Owner)
	}
}

func TestCancelling(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Fieldwork)
	id := d.Do("ines", engagement.MoveWindow, modelstest.Changed(engagement.Change{Months: 9}), modelstest.Because("the customers want nine"))
	d.Refused(models.Invalid, "reason", "reason must have", "marta", engagement.CancelEngagement, modelstest.Confirmed("e1"))
	for _, not := range [][]string{nil, {""}, {"e2"}, {"kickoff_past"}} {
		d.Refused(models.Invalid, "confirm", "Northgate would end with all that is open in it: if that is meant, confirm its id, e1", "marta",
			engagement.CancelEngagement, modelstest.Because("x"), modelstest.Confirmed(not...))
	}
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"), modelstest.Confirmed("e1"))
	e := d.Facts.Engagement
	if e.Status != engagement.StatusCancelled || !e.EndedAt.Equal(d.Now) {
		t.Errorf("it is %s since %s", e.Status, e.EndedAt)
	}
	if len(d.Facts.Tasks) != 0 || len(d.Facts.Decisions) != 0 || d.Ended[id].State != engagement.DecisionRefused {
		t.Errorf("%d tasks and %d decisions are still open", len(d.Facts.Tasks), len(d.Facts.Decisions))
	}
	if s := e.Summary; s.Open+s.Overdue+len(s.Phases) != 0 || !s.NextDue.IsZero() || !s.Wake.IsZero() {
		t.Errorf("the portfolio still shows %+v", s)
	}
	for _, p := range d.Facts.Phases {
		if p.Standing != engagement.StandingDone && p.Standing != engagement.StandingDropped {
			t.Errorf("%s is %s", p.Phase, p.Standing)
		}
	}
	if a := engagement.AgendaOf(d.Facts, d.Now); !a.Closed || a.Ready || !a.Wake.IsZero() {
		t.Errorf("the workflow does not end: %+v", a)
	}
	if r := d.Report(); len(r.Gates)+len(r.WaitingFor)+len(r.Next)+len(r.Overdue)+len(r.Decisions) != 0 {
		t.Errorf("somebody is still waited for: %+v", r)
	}
	if engagement.Advance(d.Facts, d.Now.AddDate(1, 0, 0)) {
		t.Error("a cancelled engagement moves on")
	}
	modelstest.Draft(t, "soc2_type2").Do("marta", engagement.CancelEngagement, modelstest.Because("never began"),
		modelstest.Confirmed("e1"))
}

// Paused forty days in remediation: nobody is late, nothing is asked for, and what is open shifts by the business days of
// the pause; the as-of date and the window stay (domain.md 9.2).
func TestAPauseInRemediation(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseRemediation)
	d.Until(modelstest.On("2027-03-10"), func() bool { return false })
	was := map[models.TaskID]engagement.Task{}
	for _, x := range d.Facts.Tasks {
		was[x.ID] = *x
	}
	asOf, window, pace := d.Facts.Engagement.AsOf, d.Facts.Engagement.Window(), d.Facts.Engagement.Pace
	began := d.Facts.Phase(catalog.PhaseRemediation).Began
	d.Refused(models.Invalid, "reason", "reason must have", "marta", engagement.PauseEngagement)
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("the client is being bought"))
	d.Refused(models.Conflict, "status", "the engagement is paused already, since 2027-03-10", "marta", engagement.PauseEngagement,
		modelstest.Because("x"))
	keepsItsForecastUntil(t, d, modelstest.On("2027-04-19"))
	asksForNothing(t, d, len(was), modelstest.On("2027-03-10"))
	d.Refused(models.Conflict, "gate", "", "ruth", engagement.SignGate, modelstest.Gate("G-RE-1"))
	d.Do("ines", engagement.ResumeEngagement)
	away := d.Facts.ClientDays.Count(modelstest.On("2027-03-10"), modelstest.On("2027-04-19")) // 28 business days
	if away != 28 {
		t.Fatalf("the pause took %d business days", away)
	}
	shiftsWhatIsOpen(t, d, was, away)
	e := d.Facts.Engagement
	if e.AsOf != asOf || e.Window() != window {
		t.Errorf("the as-of date became %s and the window %v", e.AsOf, e.Window())
	}
	if got, want := d.Facts.Phase(catalog.PhaseRemediation).Began, d.Facts.ClientDays.Add(began, away); got != want {
		t.Errorf("remediation counts from %s, not from %s", got, want)
	}
	d.Refused(models.Conflict, "status", "the engagement is not paused: it is running", "ines", engagement.ResumeEngagement)
	if h := d.Report(); h.Health != engagement.HealthLate || h.Reasons[0].Code != "report_late" {
		t.Errorf("28 days of pause, the as-of date cannot be held, and it is %s: %+v", h.Health, h.Reasons)
	}
	leavesTheShiftAlone(t, d, engagement.Change{AsOf: asOf.AddDays(56)})
	d.Decided("ines", engagement.MoveWindow, engagement.Change{WindowOpen: asOf.AddDays(57)}, "ruth", "marta")
	d.Until(modelstest.On("2029-01-01"), func() bool { return false })
	if e := d.Facts.Engagement; e.Status != engagement.StatusCompleted {
		t.Errorf("it is %s", e.Status)
	}
	if e := d.Facts.Engagement; e.Pace.OnTime-pace.OnTime != e.Pace.Closed-pace.Closed {
		t.Errorf("since the pause %d of %d tasks were on time: it counts against somebody", e.Pace.OnTime-pace.OnTime, e.Pace.Closed-pace.Closed)
	}
}

// keepsItsForecastUntil lets a paused engagement lie until a day: its forecast is frozen and says the same then as today.
func keepsItsForecastUntil(t *testing.T, d *modelstest.Desk, day models.Date) {
	t.Helper()
	frozen := d.Report().Forecast
	if !frozen.Frozen || frozen.Report.IsZero() {
		t.Errorf("a paused engagement forecasts %+v", frozen)
	}
	d.GoTo(day)
	if got := d.Report().Forecast; got.Report != frozen.Report || got.Cautious != frozen.Cautious || len(got.Drivers) != 0 {
		t.Errorf("the forecast was %+v and became %+v in the pause", frozen, got)
	}
}

// asksForNothing checks that an engagement paused since a day has as many open tasks as then, and that none is late or said to be.
func asksForNothing(t *testing.T, d *modelstest.Desk, open int, since models.Date) {
	t.Helper()
	if n := len(d.Facts.Tasks); n != open {
		t.Errorf("%d tasks were open before the pause, %d are now", open, n)
	}
	for _, x := range d.Facts.Tasks {
		if x.Late {
			t.Errorf("%s was due %s and is late in a pause", x.ID, x.Due)
		}
	}
	for _, e := range d.Events {
		if e.Kind == "task.overdue" && models.DateIn(e.At, d.Facts.Location()).After(since) {
			t.Errorf("%s is said to be overdue in a pause", e.Subject)
		}
	}
}

// shiftsWhatIsOpen checks the tasks that are open after a pause of some business days against those that were before: each is due so
// much later, but for those that hang on the as-of date or the window, and for what was submitted. None is new but the next call.
func shiftsWhatIsOpen(t *testing.T, d *modelstest.Desk, was map[models.TaskID]engagement.Task, away int) {
	t.Helper()
	for _, x := range d.Facts.Tasks {
		old, ok := was[x.ID]
		switch {
		case !ok && x.Template == "RE-13": // the next call is ten days ahead
		case !ok:
			t.Errorf("%s, due %s, was asked for by the resumption", x.ID, x.Due)
		case old.Anchor == "as_of_date" || old.Anchor == "window_open":
			if x.Due != old.Due {
				t.Errorf("%s hangs on %s and moved from %s to %s", x.ID, old.Anchor, old.Due, x.Due)
			}
		case old.State != engagement.TaskSubmitted && x.Due != d.Facts.ClientDays.Add(old.Due, away):
			t.Errorf("%s moved from %s to %s, not by %d business days", x.ID, old.Due, x.Due, away)
		}
	}
}

// leavesTheShiftAlone moves the as-of date and checks that the new plan pulls nothing back to where it was before the pause.
func leavesTheShiftAlone(t *testing.T, d *modelstest.Desk, change engagement.Change) {
	t.Helper()
	shifted := map[models.TaskID]models.Date{}
	for _, x := range d.Facts.Tasks {
		shifted[x.ID] = x.Due
	}
	d.Decided("ines", engagement.MoveAsOf, change, "ruth", "hugo")
	for _, x := range d.Facts.Tasks {
		if old := shifted[x.ID]; x.Due.Before(old) || old.AddDays(4).Before(x.Due) {
			t.Errorf("%s, shifted to %s, was put to %s by the next plan", x.ID, old, x.Due)
		}
	}
}

// Paused and resumed on the same morning, nothing has moved.
func TestAPauseOfNoTime(t *testing.T) {
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork} {
		d := modelstest.In(t, "soc2_type1_type2", p)
		began := d.Facts.Phase(p).Began
		was := map[models.TaskID]models.Date{}
		for _, x := range d.Facts.Tasks {
			was[x.ID] = x.Due
		}
		d.Do("marta", engagement.PauseEngagement, modelstest.Because("by mistake"), modelstest.Confirmed("unasked"))
		d.Do("marta", engagement.ResumeEngagement)
		if got := d.Facts.Phase(p).Began; got != began {
			t.Errorf("%s counts from %s, before from %s", p, got, began)
		}
		for _, x := range d.Facts.Tasks {
			if x.Due != was[x.ID] {
				t.Errorf("%s moved from %s to %s", x.ID, was[x.ID], x.Due)
			}
		}
	}
}

// Paused inside the window: it runs on and closes on its day. Nobody is asked for what falls due, and nobody is late with it, but what was
// not performed in its period is known.
func TestAPauseInTheWindow(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	d.Until(modelstest.On("2027-10-01"), func() bool { return false })
	w := d.Facts.Engagement.Window()
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"), modelstest.Confirmed("unasked"))
	before := len(d.Tasks())
	d.GoTo(w.End.AddDays(1))
	if len(d.Tasks()) == before {
		t.Error("a window that runs on asks for nothing")
	}
	if d.Facts.Engagement.Window() != w {
		t.Errorf("the window became %v", d.Facts.Engagement.Window())
	}
	missed := slices.ContainsFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.Missed && x.Template == "WI-01" })
	late := slices.ContainsFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.Late && !x.Due.Before(modelstest.On("2027-10-01")) })
	if !missed || late {
		t.Errorf("missed %t, late %t: nobody was asked for the window's evidence, and none came", missed, late)
	}
	if got := d.Facts.Phase(catalog.PhaseT2Close).Standing; got != engagement.StandingActive {
		t.Errorf("the window's last day has passed, and %s is %s", catalog.PhaseT2Close, got)
	}
	if got := d.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingActive {
		t.Errorf("a paused engagement left its window: %s", got)
	}
	if got := d.Logged("window.closed"); len(got) != 1 {
		t.Errorf("the window was closed %d times", len(got))
	}
	d.Do("marta", engagement.ResumeEngagement)
	d.Until(modelstest.On("2029-01-01"), func() bool { return false })
	if got := d.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it is %s", got)
	}
}

// A window opens in a pause when it was prepared before.
func TestAWindowOpensInAPause(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseWindowSetup)
	d.Until(modelstest.On("2028-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindowSetup).Standing == engagement.StandingDone })
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"), modelstest.Confirmed("unasked"))
	d.GoTo(d.Facts.Engagement.WindowOpen)
	if got := d.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingActive {
		t.Errorf("on its first day the window is %s", got)
	}
	if got := d.Facts.Phase(catalog.PhaseT1Fieldwork).Standing; got != engagement.StandingWaiting {
		t.Errorf("fieldwork is %s in a pause", got)
	}
}

// Weekly calls after a pause go on weekly: none twice, none for the weeks of the pause.
func TestWeeklyCallsAfterAPause(t *testing.T) {
	d := modelstest.In(t, "readiness_only", catalog.PhaseRemediation)
	d.Until(modelstest.On("2027-03-10"), func() bool { return false })
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("audit of the tax office"))
	d.GoTo(modelstest.On("2027-04-19"))
	d.Do("marta", engagement.ResumeEngagement)
	d.Until(modelstest.On("2027-12-01"), func() bool { return d.Facts.Phase(catalog.PhaseRemediation).Standing == engagement.StandingDone })
	var due []models.Date
	for _, x := range d.Tasks() {
		if x.Template == "RE-13" && x.State == engagement.TaskDone {
			due = append(due, x.Due)
		}
	}
	slices.SortFunc(due, models.Date.Compare)
	for i := 1; i < len(due); i++ {
		switch gap := due[i-1].DaysUntil(due[i]); {
		case gap < 4: // Friday 18 June is a day off: that call is on Monday
			t.Errorf("calls on %s and %s", due[i-1], due[i])
		case gap > 10 && !(due[i-1].Before(modelstest.On("2027-03-25")) && due[i].After(modelstest.On("2027-04-18"))):
			t.Errorf("no call between %s and %s", due[i-1], due[i])
		}
	}
	if d.Now.Before(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("remediation ended on %s already", d.Today())
	}
}
