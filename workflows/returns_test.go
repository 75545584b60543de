package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
)

// What people put into their commands.
type with = func(*world, *engagement.Command)

func because(s string) with { return func(_ *world, c *engagement.Command) { c.Reason = s } }

// confirmed is that what a command asks about is meant so.
func confirmed(all ...string) with { return func(_ *world, c *engagement.Command) { c.Confirm = all } }

func changed(ch engagement.Change) with {
	return func(_ *world, c *engagement.Command) { c.Change = &ch }
}

func added(n engagement.NewTask) with { return func(_ *world, c *engagement.Command) { c.Add = &n } }

func edited(e engagement.Edit) with { return func(_ *world, c *engagement.Command) { c.Edit = &e } }

func tasks(ids ...models.TaskID) with { return func(_ *world, c *engagement.Command) { c.Tasks = ids } }

func gate(id string) with { return func(_ *world, c *engagement.Command) { c.Gate = id } }

// theLast means the decision that was proposed last.
func theLast(w *world, c *engagement.Command) {
	if all := w.facts.Decisions; len(all) > 0 {
		c.Decision = all[len(all)-1].ID
	}
}

// story begins an engagement that ines has started a week before its kickoff.
func story(t *testing.T, typ string) *world {
	t.Helper()
	w := newWorld(t, typ)
	w.start()
	return w
}

// ends expects that the engagement has come to its end, and the story to be as it was told before.
func (w *world) ends(status engagement.Status, name string) {
	w.t.Helper()
	if got := w.facts.Engagement.Status; got != status {
		w.t.Errorf("it ended %s, not %s", got, status)
	}
	for _, l := range w.script {
		if !l.said {
			w.t.Errorf("%s never came to %s", l.who, l.kind)
		}
	}
	w.golden(name)
}

func (w *world) logged(kind string) []string {
	var out []string
	for _, e := range w.events {
		if e.Kind == kind {
			out = append(out, strings.TrimSpace(e.Subject+" "+e.From+" "+e.To))
		}
	}
	return out
}

var confidential = []catalog.Category{catalog.Security, catalog.Confidentiality}

func theEnd(t *testing.T) models.Date { return date(t, "2031-12-31") }

// The scope memo takes a week too long: the forecast and the health follow, and so do the dates of what comes after.
func TestScopingSlipsAWeek(t *testing.T) {
	w := story(t, "readiness_only")
	w.lateBy("KO-15", 6)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "scoping_slips_a_week")
}

// The as-of date moves: the manager proposes, sponsor and auditor agree, and what hangs on it is due on another day.
func TestTheAsOfDateMoves(t *testing.T) {
	w := story(t, "soc2_type1")
	w.on("2027-05-24", "ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: date(t, "2027-07-14")}),
		because("single sign-on comes in July"))
	w.refuses("conflict: D-1 about the same is still pending", "2027-05-24", "ruth", engagement.MoveAsOf,
		changed(engagement.Change{AsOf: date(t, "2027-07-01")}), because("or the first"))
	w.refuses("forbidden: D-1 waits for sponsor, auditor", "2027-05-25", "marta", engagement.ApproveDecision, theLast)
	w.on("2027-05-25", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-05-26", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, date(t, "2027-05-26").AddDays(1))
	for _, x := range w.facts.Tasks {
		if x.Template == "T1-01" && x.Due != w.facts.FirmDays.Add(date(t, "2027-07-14"), -7) {
			t.Errorf("agreeing the as-of date is due %s", x.Due)
		}
	}
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "as_of_date_moves")
}

func TestTheWindowStartsLater(t *testing.T) {
	w := story(t, "soc2_type2")
	w.on("2027-06-03", "ines", engagement.MoveWindow, changed(engagement.Change{WindowOpen: date(t, "2027-07-01")}),
		because("start on the first of a month"))
	w.on("2027-06-03", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-06-04", "marta", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "window_starts_later")
	if got := w.logged("window.opened"); !slices.Equal(got, []string{"t2_window  2027-07-01..2027-12-31"}) {
		t.Errorf("opened: %v", got)
	}
}

// Six months become nine while the window is open; it closes on the new day, once, and asks for every occurrence once.
func TestTheWindowIsExtended(t *testing.T) {
	w := story(t, "soc2_type2")
	w.refuses("invalid: an open window is never shortened", "2027-11-08", "ines", engagement.MoveWindow,
		changed(engagement.Change{Months: 3}), because("sooner"))
	w.on("2027-11-09", "ines", engagement.MoveWindow, changed(engagement.Change{Months: 9}), because("the restore test did not run"))
	w.on("2027-11-10", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-11-12", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "window_is_extended")
	if got := w.logged("window.closed"); !slices.Equal(got, []string{"t2_window  2028-03-15"}) {
		t.Errorf("closed: %v", got)
	}
	w.occurrences(1)
}

// An essential control fails in the first month (RT-05): the window begins again, and is completed.
func TestTheWindowIsRestarted(t *testing.T) {
	w := story(t, "soc2_type2")
	w.on("2027-07-08", "ines", engagement.MoveWindow, changed(engagement.Change{WindowOpen: date(t, "2027-08-02")}),
		because("leavers kept their access"))
	w.on("2027-07-08", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-07-09", "marta", engagement.ApproveDecision, theLast)
	w.on("2027-07-12", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "window_is_restarted")
	if got := w.logged("window.opened"); !slices.Equal(got,
		[]string{"t2_window  2027-06-16..2027-12-15", "t2_window  2027-08-02..2028-02-01"}) {
		t.Errorf("opened: %v", got)
	}
	w.occurrences(2)
}

// occurrences expects that the window's evidence was asked for in full, once, in a round of the window.
func (w *world) occurrences(round int) {
	w.t.Helper()
	got := map[string]int{}
	for _, x := range w.closed {
		if x.Template == "WI-01" && x.State == engagement.TaskDone && x.Round >= round {
			got[x.Subject]++
		}
	}
	for _, o := range planning.Occurrences(w.facts.Catalog, w.facts.Scope().Controls, w.facts.Engagement.Window(), w.facts.ClientDays) {
		if got[o.Subject] != 1 {
			w.t.Errorf("%s was asked for %d times", o.Subject, got[o.Subject])
		}
	}
}

// A customer asks for confidentiality in the middle of remediation (RT-01): only what C1 asks for is added, and the scope
// memo is signed anew.
func TestConfidentialityJoins(t *testing.T) {
	w := story(t, "soc2_type1")
	w.on("2027-03-10", "priya", engagement.ChangeScope, changed(engagement.Change{Categories: confidential}), because("the bank asks for it"))
	w.on("2027-03-11", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-03-12", "marta", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "confidentiality_joins")
	var again []string
	for _, x := range w.closed {
		if x.Round > 1 {
			again = append(again, string(x.ID))
		}
	}
	slices.Sort(again)
	if want := []string{"GA-02.EV-092~2", "GA-02.EV-093~2", "GA-04.CON~2", "GA-12~2", "KO-15~2"}; !slices.Equal(again, want) {
		t.Errorf("asked for once more: %v", again)
	}
	if n := len(w.logged("gate.signed")); w.facts.Gate("G-KO-1").Round != 2 || n == 0 {
		t.Errorf("the scope memo is signed in round %d", w.facts.Gate("G-KO-1").Round)
	}
}

// In an open window a category waits for the next one, unless there is evidence from day one and the auditor agrees.
func TestACategoryInAnOpenWindow(t *testing.T) {
	w := story(t, "soc2_type2")
	w.refuses("conflict: the window is open", "2027-09-01", "ruth", engagement.ChangeScope,
		changed(engagement.Change{Categories: confidential}), because("the bank asks for it"))
	w.on("2027-09-02", "ruth", engagement.ChangeScope, changed(engagement.Change{Categories: confidential, FromDayOne: true}),
		because("we have it all since May"))
	w.on("2027-09-03", "marta", engagement.ApproveDecision, theLast)
	w.on("2027-09-06", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "category_in_an_open_window")
	w.occurrences(1)
}

// The client does without its Type 1 (RT-09): its tasks go, the window stays, and a Type 2 is what comes out.
func TestTheType1IsDropped(t *testing.T) {
	w := story(t, "soc2_type1_type2")
	w.on("2027-05-26", "ruth", engagement.DropType1, changed(engagement.Change{WindowOpen: date(t, "2027-07-01")}),
		because("the customer waits for the Type 2"))
	w.on("2027-05-27", "marta", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "type_1_is_dropped")
	if got := w.facts.Engagement.Type; got != "soc2_type2" {
		t.Errorf("it is a %s", got)
	}
}

// Paused for forty days in remediation: nobody is asked or late, dates shift by business days, as-of date and window stay
// until somebody moves them.
func TestPausedInRemediation(t *testing.T) {
	w := story(t, "soc2_type1_type2")
	w.on("2027-03-10", "marta", engagement.PauseEngagement, because("the client is being bought"))
	w.refuses("conflict: the engagement is paused", "2027-03-11", "ruth", engagement.SignGate, gate("G-RE-2"))
	w.on("2027-04-19", "marta", engagement.ResumeEngagement)
	w.on("2027-04-20", "ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: date(t, "2027-07-27")}), because("after the pause"))
	w.on("2027-04-20", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-04-20", "hugo", engagement.ApproveDecision, theLast)
	w.on("2027-04-21", "ines", engagement.MoveWindow, changed(engagement.Change{WindowOpen: date(t, "2027-07-28")}),
		because("after the pause"))
	w.on("2027-04-21", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-04-21", "marta", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "paused_in_remediation")
}

// Paused inside the window: it runs on, asks for what it asks for, and closes on its day.
func TestPausedInTheWindow(t *testing.T) {
	w := story(t, "soc2_type2")
	w.on("2027-11-01", "marta", engagement.PauseEngagement, because("not paid"), func(_ *world, c *engagement.Command) {
		c.Confirm = []string{engagement.UnaskedCode}
	})
	w.on("2028-01-10", "marta", engagement.ResumeEngagement)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "paused_in_the_window")
	if got := w.logged("window.closed"); !slices.Equal(got, []string{"t2_window  2027-12-15"}) {
		t.Errorf("closed: %v", got)
	}
	w.occurrences(1)
}

// The readiness check was too kind (RT-02): back to remediation, a later as-of date, and on.
func TestACriticalGap(t *testing.T) {
	w := story(t, "soc2_type1")
	w.on("2027-05-31", "ines", engagement.ReturnPhase, changed(engagement.Change{Rule: "RT-02", Subject: "BCK-03"}),
		because("no restore was ever tested"))
	w.on("2027-05-31", "marta", engagement.ApproveDecision, theLast)
	w.on("2027-06-01", "ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: date(t, "2027-07-15")}), because("time for the fix"))
	w.on("2027-06-01", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-06-02", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "critical_gap")
}

// The auditor finds a design deficiency (RT-04): remediation, preparation for a later as-of date, and fieldwork again.
func TestADesignDeficiency(t *testing.T) {
	w := story(t, "soc2_type1")
	w.on("2027-06-30", "hugo", engagement.ReturnPhase, changed(engagement.Change{Rule: "RT-04", Subject: "IAM-07"}),
		because("access reviews leave out the database"))
	w.on("2027-07-01", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-07-02", "ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: date(t, "2027-08-16")}), because("after the fix"))
	w.on("2027-07-02", "ruth", engagement.ApproveDecision, theLast)
	w.on("2027-07-06", "hugo", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "design_deficiency")
}

// A population cannot be tied to the system (RT-08): it is pulled again, and fieldwork waits for it.
func TestAPopulationIsIncomplete(t *testing.T) {
	w := story(t, "soc2_type2")
	pop := w.facts.Scope().Populations()[0].ID
	w.on("2028-01-04", "hugo", engagement.ReturnPhase, changed(engagement.Change{Rule: "RT-08", Subject: pop}),
		because("two repositories are missing"))
	w.on("2028-01-05", "ines", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "population_incomplete")
}

// An error in the report that was issued (RT-12): it is signed and issued again.
func TestTheReportIsCorrected(t *testing.T) {
	w := story(t, "soc2_type2")
	w.on("2028-03-06", "hugo", engagement.ReturnPhase, changed(engagement.Change{Rule: "RT-12"}),
		because("a subservice organization is missing"))
	w.on("2028-03-07", "ruth", engagement.ApproveDecision, theLast)
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "report_is_corrected")
}

// The audit firm is replaced in the window (RT-13): its seat is empty, another one is chosen and takes it.
func TestTheAuditFirmIsReplaced(t *testing.T) {
	w := story(t, "soc2_type2")
	w.facts.People = append(w.facts.People, modelstest.Newcomer("hana", models.RoleAuditor))
	hana := models.PersonID("hana")
	w.on("2027-09-01", "ruth", engagement.ReturnPhase, changed(engagement.Change{Rule: "RT-13"}), because("their partner left"))
	w.on("2027-09-02", "marta", engagement.ApproveDecision, theLast)
	w.on("2027-09-13", "ines", engagement.EditEngagement, edited(engagement.Edit{Auditor: &hana}))
	w.refuses("not_found: there is no engagement", "2028-01-24", "hugo", engagement.SignGate, gate("G-T2F-3"))
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "audit_firm_replaced")
	for _, e := range w.events {
		if e.Kind == "gate.signed" && e.Subject == "G-T2R-3" && e.Actor != hana {
			t.Errorf("the report is issued by %s", e.Actor)
		}
	}
}

// Cancelled in the middle: nothing is open, nobody is waited for, the workflow ends, and what was started again ends too.
func TestCancelled(t *testing.T) {
	w := story(t, "soc2_type1_type2")
	w.on("2027-07-20", "ines", engagement.MoveWindow, changed(engagement.Change{Months: 12}), because("a full year"))
	w.on("2027-07-21", "marta", engagement.CancelEngagement, because("the client was bought"), confirmed("e1"))
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCancelled, "cancelled")
	if got := models.DateIn(w.now, w.facts.Location()); got != date(t, "2027-07-21") {
		t.Errorf("the workflow still looked on %s", got)
	}
	if len(w.facts.Tasks)+len(w.facts.Decisions) > 0 &&
		slices.ContainsFunc(w.facts.Decisions, func(d *engagement.Decision) bool { return d.State == engagement.DecisionPending }) {
		t.Errorf("%d tasks and %d decisions are left", len(w.facts.Tasks), len(w.facts.Decisions))
	}
	runs := w.runs
	w.live(diligent, theEnd(t))
	if w.runs != runs {
		t.Errorf("started again, it ran on for %d runs", w.runs-runs)
	}
}

// The manager is replaced in the gap analysis: open tasks, approvals and gates are the new one's; what was done stays.
func TestTheManagerIsReplaced(t *testing.T) {
	w := story(t, "readiness_only")
	noor := models.PersonID("noor")
	w.on("2027-02-08", "marta", engagement.EditEngagement, edited(engagement.Edit{Manager: &noor}))
	w.refuses("not_found: there is no engagement", "2027-03-08", "ines", engagement.SignGate, gate("G-RE-3"))
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "manager_replaced")
	for _, e := range w.events {
		if day := models.DateIn(e.At, w.facts.Location()); e.Actor == "ines" && day.After(date(t, "2027-02-08")) && e.Kind != "refused" {
			t.Errorf("%s: ines still did %s %s", day, e.Kind, e.Subject)
		}
	}
}

// A gap found and fixed, a risk accepted, a task added, blocked and moved: the daily business of remediation.
func TestADayInRemediation(t *testing.T) {
	w := story(t, "readiness_only")
	w.on("2027-03-02", "priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	w.on("2027-03-02", "priya", engagement.AddTask,
		added(engagement.NewTask{From: "RE-06", Title: "Old servers without patches", Subject: "VUL-02"}))
	w.refuses("forbidden: accepting a risk is for partner, pm or sponsor; you are consultant", "2027-03-03", "priya", engagement.AcceptRisk,
		changed(engagement.Change{Task: "RE-06.X2"}), because("they go in June"))
	w.on("2027-03-03", "ruth", engagement.AcceptRisk, changed(engagement.Change{Task: "RE-06.X2"}), because("they go in June"))
	w.on("2027-03-04", "ines", engagement.AddTask,
		added(engagement.NewTask{Title: "Show the board the plan", Owner: "ruth", Due: date(t, "2027-03-19"), Before: []models.TaskID{"RE-12"}}))
	w.refuses("invalid: that would be a circle", "2027-03-04", "ines", engagement.AddTask,
		added(engagement.NewTask{Title: "Wait for each other", Owner: "ruth", Due: date(t, "2027-03-19"),
			After: []models.TaskID{"RE-12"}, Before: []models.TaskID{"X-3"}}))
	w.on("2027-03-05", "kenji", engagement.BlockTask, tasks("RE-08"), because("the firm owes us the template"),
		func(_ *world, c *engagement.Command) { c.By = models.SideFirm })
	w.on("2027-03-29", "kenji", engagement.UnblockTask, tasks("RE-08"))
	w.on("2027-03-30", "ines", engagement.MoveTask, tasks("RE-10"), because("the testers come in May"),
		func(_ *world, c *engagement.Command) { c.Due = date(t, "2027-05-14") })
	w.on("2027-03-31", "ines", engagement.WaiveTask, tasks("RE-09"), because("trained in January"))
	w.on("2027-04-01", "ines", engagement.CommentTask, tasks("RE-10"), because("ask for the report in English"))
	w.live(diligent, theEnd(t))
	w.ends(engagement.StatusCompleted, "a_day_in_remediation")
}

// A button pressed twice, in one run or in two, has one effect; the second of two people hears who was first.
func TestTwiceIsOnce(t *testing.T) {
	key := func(s string) with { return func(_ *world, c *engagement.Command) { c.Key = s } }
	w := story(t, "readiness_only")
	w.on("2027-01-05", "marta", engagement.CompleteTask, tasks("KO-02"), key("slack-4711"))
	w.on("2027-01-05", "marta", engagement.CompleteTask, tasks("KO-02"), key("slack-4711"))
	w.refuses("conflict: KO-02 was completed already by Marta on 2027-01-05", "2027-01-05", "ines", engagement.CompleteTask, tasks("KO-02"),
		key("web-1"))
	w.on("2027-02-15", "marta", engagement.CompleteTask, tasks("KO-02"), key("slack-4711")) // weeks and runs later
	w.refuses("invalid: Idempotency-Key must be", "2027-02-16", "marta", engagement.CompleteTask, tasks("KO-02"), key("müll"))
	w.live(quietly, date(t, "2027-02-20"))
	if got := w.logged("task.completed"); !slices.Equal(got, []string{"KO-02 open done"}) {
		t.Errorf("completed: %v", got)
	}
	for _, l := range w.script {
		if !l.said {
			t.Errorf("%s never came to %s", l.who, l.kind)
		}
	}
}

// quietly is how people live who do nothing of their own.
func quietly(*world, time.Time, func(engagement.Command)) {}
