package engagement_test

import (
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Priya finds that the boundary of the system is two jobs: the app, which stays with her, and the data centre, which is Tom's a week
// later. The scope memo waits for both.
func TestSplittingATask(t *testing.T) {
	d := started(t, "soc2_type2")
	first := d.f.Task("KO-12")
	due, owner := first.Due, first.Owner
	later := d.f.FirmDays.Add(due, 5)
	id := models.TaskID(d.do("ines", engagement.SplitTask, task("KO-12"), because("there is a data centre too"),
		added(engagement.NewTask{Title: "Define the boundary of the data centre", Owner: "tom", Due: later})))
	second := d.task(id)
	if second.Owner != "tom" || second.Due != later || second.Original != later || second.Template != "KO-12" || second.Phase != first.Phase || second.ApproverRole != first.ApproverRole {
		t.Errorf("the second task is %+v", second)
	}
	if first := d.f.Task("KO-12"); first.Owner != owner || first.Due != due || first.Title == second.Title {
		t.Errorf("the first task is %+v", first)
	}
	for _, want := range []string{"KO-12 ->" + string(id), string(id) + " ->tom"} {
		found := false
		for _, kind := range []string{"task.split", "task.assigned"} {
			for _, got := range d.logged(kind) {
				found = found || got == want
			}
		}
		if !found {
			t.Errorf("the record does not say %s: %v %v", want, d.logged("task.split"), d.logged("task.assigned"))
		}
	}
	d.until(modelstest.On("2027-06-01"), func() bool { return d.task("KO-12").State == engagement.TaskDone })
	if d.task(id).State == engagement.TaskDone {
		t.Fatal("both are done at once")
	}
	d.refused(models.Conflict, "task", "waits for", "priya", engagement.CompleteTask, task("KO-13"))
	d.until(modelstest.On("2027-06-01"), func() bool { return d.f.Phase("gap").Standing == engagement.StandingActive })
	if d.task(id).DoneBy != "tom" {
		t.Errorf("the second task was done by %q", d.task(id).DoneBy)
	}
}

// What cannot be split is said, and nothing is done.
func TestWhatCannotBeSplit(t *testing.T) {
	d := started(t, "soc2_type2")
	half := added(engagement.NewTask{Title: "The other half"})
	why := because("too much for one")
	d.refused(models.Invalid, "reason", "reason must have", "ines", engagement.SplitTask, task("KO-12"), half)
	d.refused(models.Invalid, "title", "title must have", "ines", engagement.SplitTask, task("KO-12"), why, added(engagement.NewTask{}))
	d.refused(models.Invalid, "title", "the second task is missing", "ines", engagement.SplitTask, task("KO-12"), why)
	d.refused(models.Invalid, "tasks", "takes one task at a time", "ines", engagement.SplitTask, task("KO-12", "KO-13"), why, half)
	d.refused(models.Invalid, "person", "is of the client", "ines", engagement.SplitTask, task("KO-12"), why, added(engagement.NewTask{Title: "Half", Owner: "kenji"}))
	d.refused(models.Invalid, "due", "must lie between", "ines", engagement.SplitTask, task("KO-12"), why, added(engagement.NewTask{Title: "Half", Due: modelstest.On("2026-01-02")}))
	d.refused(models.Forbidden, "", "splitting a task is for partner, pm, consultant or sponsor; you are owner", "kenji", engagement.SplitTask, task("KO-07"), why, half)
	d.refused(models.Forbidden, "task", "KO-12 is the firm's to assign", "ruth", engagement.SplitTask, task("KO-12"), why, half)
	d.until(modelstest.On("2027-06-01"), func() bool { return d.task("KO-01").State == engagement.TaskDone })
	d.refused(models.Conflict, "task", "KO-01 is done: there is nothing in it to split any more", "ines", engagement.SplitTask, task("KO-01"), why, half)
	w := in(t, "soc2_type2", "t2_window")
	for _, x := range w.f.Tasks {
		if x.Template == "WI-01" {
			w.refused(models.Conflict, "task", "recurs, and the calendar sets its dates", "ines", engagement.SplitTask, task(x.ID), why, half)
			return
		}
	}
	t.Error("there is no task that recurs")
}
