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
	d := modelstest.Started(t, "soc2_type2")
	first := d.Facts.Task("KO-12")
	due, owner := first.Due, first.Owner
	later := d.Facts.FirmDays.Add(due, 5)
	id := models.TaskID(d.Do("ines", engagement.SplitTask, modelstest.Task("KO-12"), modelstest.Because("there is a data centre too"),
		modelstest.Added(engagement.NewTask{Title: "Define the boundary of the data centre", Owner: "tom", Due: later})))
	second := d.Task(id)
	if second.Owner != "tom" || second.Due != later || second.Original != later || second.Template != "KO-12" ||
		second.Phase != first.Phase || second.ApproverRole != first.ApproverRole {
		t.Errorf("the second task is %+v", second)
	}
	if first := d.Facts.Task("KO-12"); first.Owner != owner || first.Due != due || first.Title == second.Title {
		t.Errorf("the first task is %+v", first)
	}
	for _, want := range []string{"KO-12 ->" + string(id), string(id) + " ->tom"} {
		found := false
		for _, kind := range []string{"task.split", "task.assigned"} {
			for _, got := range d.Logged(kind) {
				found = found || got == want
			}
		}
		if !found {
			t.Errorf("the record does not say %s: %v %v", want, d.Logged("task.split"), d.Logged("task.assigned"))
		}
	}
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-12").State == engagement.TaskDone })
	if d.Task(id).State == engagement.TaskDone {
		t.Fatal("both are done at once")
	}
	d.Refused(models.Conflict, "task", "waits for", "priya", engagement.CompleteTask, modelstest.Task("KO-13"))
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Facts.Phase("gap").Standing == engagement.StandingActive })
	if d.Task(id).DoneBy != "tom" {
		t.Errorf("the second task was done by %q", d.Task(id).DoneBy)
	}
}

// A half is never late when it is made, and says what it comes from, not why the first one was returned.
func TestAHalfIsANewTask(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	first := d.Facts.Task("KO-12")
	first.Reason = "the data centre is missing"
	why, half := modelstest.Because("two systems"), modelstest.Added(engagement.NewTask{Title: "The data centre"})
	id := models.TaskID(d.Do("ines", engagement.SplitTask, modelstest.Task("KO-12"), why, half))
	if got := d.Task(id); got.Reason != "" {
		t.Errorf("the half says why another was returned: %q", got.Reason)
	}
	said := false
	for _, e := range d.Events {
		said = said || e.Subject == string(id) && e.Kind == "task.assigned" && e.Reason == "split from KO-12: two systems"
	}
	if !said {
		t.Errorf("the record of %s does not say what it was split from", id)
	}
	first = d.Facts.Task("KO-12")
	first.Due = models.DateIn(d.Now, d.Facts.Location()).AddDays(-1)
	d.Refused(models.Invalid, "due", "say when the second task is due", "ines", engagement.SplitTask, modelstest.Task("KO-12"), why, half)
	later := d.Facts.FirmDays.Add(models.DateIn(d.Now, d.Facts.Location()), 3)
	id = models.TaskID(d.Do("ines", engagement.SplitTask, modelstest.Task("KO-12"), why,
		modelstest.Added(engagement.NewTask{Title: "The other site", Due: later})))
	if got := d.Task(id); got.Late || got.Due != later {
		t.Errorf("the half is due %s, late %t", got.Due, got.Late)
	}
}

// What cannot be split is said, and nothing is done.
func TestWhatCannotBeSplit(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	half := modelstest.Added(engagement.NewTask{Title: "The other half"})
	why := modelstest.Because("too much for one")
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.SplitTask, modelstest.Task("KO-12"), half)
	d.Refused(models.Invalid, "title", "title must have", "ines", engagement.SplitTask, modelstest.Task("KO-12"), why,
		modelstest.Added(engagement.NewTask{}))
	d.Refused(models.Invalid, "title", "the second task is missing", "ines", engagement.SplitTask, modelstest.Task("KO-12"), why)
	d.Refused(models.Invalid, "tasks", "takes one task at a time", "ines", engagement.SplitTask, modelstest.Task("KO-12", "KO-13"), why, half)
	d.Refused(models.Invalid, "person", "is of the client", "ines", engagement.SplitTask, modelstest.Task("KO-12"), why,
		modelstest.Added(engagement.NewTask{Title: "Half", Owner: "kenji"}))
	d.Refused(models.Invalid, "due", "must lie between", "ines", engagement.SplitTask, modelstest.Task("KO-12"), why,
		modelstest.Added(engagement.NewTask{Title: "Half", Due: modelstest.On("2026-01-02")}))
	d.Refused(models.Forbidden, "", "splitting a task is for partner, pm, consultant or sponsor; you are owner", "kenji",
		engagement.SplitTask, modelstest.Task("KO-07"), why, half)
	d.Refused(models.Forbidden, "task", "KO-12 is the firm's to assign", "ruth", engagement.SplitTask, modelstest.Task("KO-12"), why, half)
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-01").State == engagement.TaskDone })
	d.Refused(models.Conflict, "task", "KO-01 is done: there is nothing in it to split any more", "ines", engagement.SplitTask,
		modelstest.Task("KO-01"), why, half)
	w := modelstest.In(t, "soc2_type2", "t2_window")
	for _, x := range w.Facts.Tasks {
		if x.Template == "WI-01" {
			w.Refused(models.Conflict, "task", "recurs, and the calendar sets its dates", "ines", engagement.SplitTask, modelstest.Task(x.ID), why,
				half)
			return
		}
	}
	t.Error("there is no task that recurs")
}
