package engagement_test

import (
	"fmt"
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

func TestAddingATask(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	ok := engagement.NewTask{Title: "Visit the data centre", Owner: "kenji", Due: modelstest.On("2027-02-20"), Minutes: 90}
	with := func(change func(*engagement.NewTask)) func(*engagement.Command) {
		n := ok
		change(&n)
		return modelstest.Added(n)
	}
	d.Refused(models.Invalid, "title", "the task to add is missing", "ines", engagement.AddTask)
	d.Refused(models.Invalid, "title", "title must have 1 to 300 characters", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Title = " " }))
	d.Refused(models.Invalid, "owner", `owner "" is nobody active`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Owner = "" }))
	d.Refused(models.Invalid, "owner", `owner "zoe" is nobody active`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Owner = "zoe" }))
	d.Refused(models.Invalid, "due", "due is missing", "ines", engagement.AddTask, with(func(n *engagement.NewTask) { n.Due = models.Date{} }))
	d.Refused(models.Invalid, "due", "must lie between today", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Due = modelstest.On("2026-12-31") }))
	d.Refused(models.Invalid, "minutes", "minutes -1 must be between 0 and 100,000", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Minutes = -1 }))
	d.Refused(models.Invalid, "phase", `phase "t2_window" is none of the active phases: gap`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Phase = catalog.PhaseWindow }))
	d.Refused(models.Invalid, "phase", `phase "kickoff" is none of the active phases`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Phase = catalog.PhaseKickoff }))
	d.Refused(models.Invalid, "after", `after names "GA-99", which is no task of this engagement`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.After = []models.TaskID{"GA-99"} }))
	d.Refused(models.Invalid, "after", `after names "X-1", which is no task of this engagement`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.After = []models.TaskID{"X-1"} }))
	d.Refused(models.Invalid, "before", `before names "KO-06", which is no open task`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Before = []models.TaskID{"KO-06"} }))
	d.Refused(models.Forbidden, "from", "an auditor adds requests and samples only", "hugo", engagement.AddTask, modelstest.Added(ok))
	d.Refused(models.Forbidden, "", "adding a task is for partner, pm, consultant or auditor; you are sponsor", "ruth", engagement.AddTask,
		modelstest.Added(ok))

	id := d.Do("priya", engagement.AddTask, with(func(n *engagement.NewTask) {
		n.After, n.Before, n.Gate = []models.TaskID{"GA-01"}, []models.TaskID{"GA-09"}, true
	}))
	if id != "X-1" {
		t.Fatalf("the first task added is called %s", id)
	}
	got := d.Task("X-1")
	if got.Phase != catalog.PhaseGap || got.State != engagement.TaskWaiting || got.Due != modelstest.On("2027-02-22") ||
		got.OwnerRole != "sponsor" || !got.Gate {
		t.Errorf("a visit on Saturday 20 February is %+v", got)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task("GA-01"))
	if got := d.Task("X-1").State; got != engagement.TaskOpen {
		t.Errorf("after the document request the visit is %s", got)
	}
	if got := d.Task("GA-09"); !slices.Contains(got.After, "X-1") {
		t.Errorf("the report waits for %v", got.After)
	}
	d.Do("kenji", engagement.CompleteTask, modelstest.Task("X-1"))
}

func TestCirclesAreRefused(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	n := engagement.NewTask{Title: "Look again", Owner: "priya", Due: modelstest.On("2027-02-20")}
	n.After, n.Before = []models.TaskID{"GA-09"}, []models.TaskID{"GA-07"}
	d.Refused(models.Invalid, "before",
		"that would be a circle: GA-07 waits for X-1, which waits for GA-09, which waits for GA-08, which waits for GA-07", "ines",
		engagement.AddTask, modelstest.Added(n))
	n.After, n.Before = []models.TaskID{"GA-07"}, []models.TaskID{"GA-07"}
	d.Refused(models.Invalid, "before", "that would be a circle", "ines", engagement.AddTask, modelstest.Added(n))
	n.After, n.Before = []models.TaskID{"GA-07"}, []models.TaskID{"GA-04.GOV"} // by way of the template GA-04
	d.Refused(models.Invalid, "before", "that would be a circle: GA-04.GOV waits for X-1, which waits for GA-07, which waits for GA-04.GOV",
		"ines", engagement.AddTask, modelstest.Added(n))
	n.After, n.Before = []models.TaskID{"GA-04.GOV"}, []models.TaskID{"GA-07"}
	d.Do("ines", engagement.AddTask, modelstest.Added(n))
	n.After, n.Before = []models.TaskID{"GA-08"}, []models.TaskID{"X-1"} // by way of what was added before
	d.Refused(models.Invalid, "before", "that would be a circle: X-1 waits for X-2", "ines", engagement.AddTask, modelstest.Added(n))
}

// A ladder on which every rung waits for the two below has more paths than anybody can walk, a billion and more; who looked for a circle on
// each of them would never return.
func TestLookingForCirclesDoesNotTakeForEver(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	n := engagement.NewTask{Title: "Rung", Owner: "priya", Due: modelstest.On("2027-02-20"), After: []models.TaskID{"GA-01"}}
	d.Do("ines", engagement.AddTask, modelstest.Added(n))
	for i := 2; i <= 60; i++ {
		n.After = []models.TaskID{models.TaskID(fmt.Sprintf("X-%d", i-1)), models.TaskID(fmt.Sprintf("X-%d", max(1, i-2)))}
		d.Do("ines", engagement.AddTask, modelstest.Added(n))
	}
	n.After, n.Before = []models.TaskID{"X-60"}, []models.TaskID{"GA-12"}
	d.Do("ines", engagement.AddTask, modelstest.Added(n))
}

func TestAddingFromATemplate(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	gap := engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}
	with := func(change func(*engagement.NewTask)) func(*engagement.Command) {
		n := gap
		change(&n)
		return modelstest.Added(n)
	}
	d.Refused(models.Invalid, "from",
		`from "KO-01" is none of the tasks that are added as the work brings them: RE-06, RE-07, RE-14, T2-04, T2-05, T2-07`, "ines",
		engagement.AddTask, with(func(n *engagement.NewTask) { n.From = "KO-01" }))
	// this engagement has no Type 1
	d.Refused(models.Invalid, "from", `from "T1-10" is none of`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.From = "T1-10" }))
	d.Refused(models.Conflict, "from", "T2-04 belongs to Type 2 fieldwork, which is not active", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.From = "T2-04" }))
	d.Refused(models.Invalid, "title", "title must have", "ines", engagement.AddTask, with(func(n *engagement.NewTask) { n.Title = "" }))
	d.Refused(models.Forbidden, "from", "an auditor adds requests and samples only", "hugo", engagement.AddTask, modelstest.Added(gap))
	d.Refused(models.Invalid, "owner", `owner "zoe" is nobody active`, "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Owner = "zoe" }))
	d.Refused(models.Invalid, "owner", "Priya is of the firm, but RE-06 is for the client to do", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Owner = "priya" }))
	d.Refused(models.Invalid, "due", "must lie between today", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Due = modelstest.On("2026-12-31") }))
	d.Refused(models.Invalid, "due", "must lie between today", "ines", engagement.AddTask,
		with(func(n *engagement.NewTask) { n.Due = modelstest.On("2099-12-31") }))

	if id := d.Do("priya", engagement.AddTask, modelstest.Added(gap)); id != "RE-06.X1" {
		t.Errorf("the gap is called %s", id)
	}
	fix, check := d.Task("RE-06.X1"), d.Task("RE-14.X1")
	if fix.Title != "Fix gap (critical or high): No access reviews" || fix.Subject != "IAM-07" || !fix.Gate || fix.OwnerRole == "" ||
		fix.Owner == "" {
		t.Errorf("the fix is %+v", fix)
	}
	if !slices.Equal(check.After, []string{"RE-06.X1"}) || check.Due.Before(fix.Due) {
		t.Errorf("the check waits for %v and is due %s, the fix %s", check.After, check.Due, fix.Due)
	}
	// A date given by hand stays, whatever the plan does next; its check does not come before it.
	d.Do("priya", engagement.AddTask, with(func(n *engagement.NewTask) { n.Due, n.Owner = modelstest.On("2027-03-05"), "olga" }))
	d.Do("priya", engagement.AddTask, with(func(n *engagement.NewTask) { n.From, n.Due = "RE-14", modelstest.On("2027-03-05") }))
	if got := d.Task("RE-06.X2"); got.Owner != "olga" || got.Due != modelstest.On("2027-03-05") {
		t.Errorf("the second gap is %s's, due %s", got.Owner, got.Due)
	}
	if fix, check := d.Task("RE-06.X3"), d.Task("RE-14.X3"); check.Due.Before(fix.Due) {
		t.Errorf("the third gap is checked on %s and fixed on %s", check.Due, fix.Due)
	}
	d.Decided("ines", engagement.MoveWindow, engagement.Change{Months: 9}, "ruth", "marta") // every date is planned anew
	if got := d.Task("RE-06.X2").Due; got != modelstest.On("2027-03-05") {
		t.Errorf("the date given by hand became %s", got)
	}
}

func TestTheAuditorAsks(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseT2Fieldwork)
	if id := d.Do("hugo", engagement.AddTask,
		modelstest.Added(engagement.NewTask{From: "T2-04", Title: "25 changes of August", Subject: "CHG-01"})); id != "T2-04.X1" {
		t.Errorf("the sample is called %s", id)
	}
	for _, id := range []models.TaskID{"T2-04.X1", "T2-05.X1"} {
		if got := d.Task(id); got.Phase != catalog.PhaseT2Fieldwork || got.Subject != "CHG-01" {
			t.Errorf("%+v", got)
		}
	}
	d.Do("hugo", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "T2-07", Title: "Who approved change 4711?"}))
	d.Until(modelstest.On("2029-01-01"), func() bool { return d.Facts.Gate("G-T2F-1").State == engagement.GateSigned })
	for _, id := range []models.TaskID{"T2-04.X1", "T2-05.X1", "T2-07.X2"} {
		if got := d.Task(id).State; got != engagement.TaskDone {
			t.Errorf("all samples and follow-ups are answered, but %s is %s", id, got)
		}
	}
}
