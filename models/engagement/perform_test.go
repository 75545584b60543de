package engagement_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// quarterly returns a quarterly control that is asked for in an open window.
func quarterly(t *testing.T, d *modelstest.Desk) *engagement.Task {
	t.Helper()
	for _, x := range d.CopiesOf("WI-01") {
		control, _ := d.Facts.Catalog.Control(engagement.ControlOf(x.Subject))
		if control.Frequency == "quarterly" && x.State == engagement.TaskOpen {
			return x
		}
	}
	t.Fatal("no quarterly control is asked for")
	return nil
}

// A quarterly control is to be performed by the end of its quarter, and sent ten business days after it. Its owner says on which day it was
// done, corrects the day, and sends the proof.
func TestAControlIsPerformedAndThenSent(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	x := quarterly(t, d)
	days, id, owner := d.Facts.ClientDays, x.ID, string(x.Owner)
	if x.PerformBy != days.Back(x.Period.End) || x.Due != x.PerformBy || x.SendBy != days.Add(x.Period.End, 10) {
		t.Fatalf("%s, of %v, is performed by %s, due %s and sent by %s", id, x.Period, x.PerformBy, x.Due, x.SendBy)
	}
	d.Refused(models.Invalid, "on", "must be a day from", owner, engagement.PerformTask, modelstest.Task(id),
		modelstest.PerformedOnThe(d.Today().AddDays(3)))
	d.Refused(models.Invalid, "on", "must be a day from", owner, engagement.PerformTask, modelstest.Task(id),
		modelstest.PerformedOnThe(x.Period.Start.AddDays(-1)))
	d.Refused(models.Conflict, "due", "a later performance does not count", "ines", engagement.MoveTask, modelstest.Task(id),
		modelstest.DueOn(days.Add(x.Period.End, 2).String()), modelstest.Because("she is busy"))
	d.Do(owner, engagement.PerformTask, modelstest.Task(id))
	if x = d.Facts.Task(id); x.PerformedOn != d.Today() || x.Due != x.SendBy || x.State != engagement.TaskOpen || x.Performing() {
		t.Fatalf("performed today: %+v", x)
	}
	d.GoTo(x.Period.End.AddDays(3))
	if x = d.Facts.Task(id); x.Missed || x.Late {
		t.Errorf("its quarter is over, and it was performed in it: %+v", x)
	}
	d.Do(owner, engagement.PerformTask, modelstest.Task(id), modelstest.PerformedOnThe(x.Period.End.AddDays(2)))
	if x = d.Facts.Task(id); !x.Missed {
		t.Errorf("it was performed two days after its quarter, and counts: %+v", x)
	}
	d.Do(owner, engagement.PerformTask, modelstest.Task(id), modelstest.PerformedOnThe(x.Period.End))
	d.Do(owner, engagement.CompleteTask, modelstest.Task(id))
	if x = d.Task(id); x.Missed || x.PerformedOn != x.Period.End || x.State != engagement.TaskDone {
		t.Errorf("sent: %+v", x)
	}
}

// Nobody says anything until the quarter is over. On the day after it the control counts as missed, in the record and in the status, and
// who reports it as done has to say on which day it was performed; a day in the quarter takes it back.
func TestAControlIsMissedTheDayAfterItsPeriod(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	x := quarterly(t, d)
	id, owner, over := x.ID, string(x.Owner), x.Period.End.AddDays(1)
	d.GoTo(x.Period.End)
	if d.Facts.Task(id).Missed {
		t.Error("its last day is not over, and it is missed")
	}
	d.GoTo(over)
	if x = d.Facts.Task(id); !x.Missed || !x.Late {
		t.Errorf("nobody has performed it: %+v", x)
	}
	if said := d.Logged("task.missed"); !slices.Contains(said, string(id)+" no->yes") {
		t.Errorf("the record does not say so on %s: %v", over, said)
	}
	if i := slices.IndexFunc(d.Report().Reasons, func(r engagement.Reason) bool { return r.Code == "missed" }); i < 0 {
		t.Errorf("the status does not say so: %+v", d.Report().Reasons)
	} else if text := d.Report().Reasons[i].Text; !strings.Contains(text, "was not performed by") {
		t.Error(text)
	}
	unsaid := engagement.Command{Kind: engagement.CompleteTask, Key: "k", Actor: d.Actor(owner), Tasks: []models.TaskID{id}}
	err := d.Change(engagement.NeedOf(unsaid), func(f *engagement.Facts) error {
		_, err := engagement.Decide(f, unsaid, d.Now)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "say on which day it was performed") {
		t.Errorf("it is reported as done without a day: %v", err)
	}
	d.Do(owner, engagement.CompleteTask, modelstest.Task(id), modelstest.PerformedOnThe(x.Period.End.AddDays(-4)))
	if x = d.Task(id); x.Missed || x.State != engagement.TaskDone {
		t.Errorf("it was performed in its quarter: %+v", x)
	}
}

// A control is reported as done a month after its quarter: it was performed after it. It is closed, and the status names it all the same,
// with the day, as long as that stands: taken up again it is named as what is open, and with a day in its quarter nothing is left of it.
func TestWhatWasPerformedTooLateStaysInTheStatus(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	x := quarterly(t, d)
	id, owner, late := x.ID, string(x.Owner), x.Period.End.AddDays(20)
	named := func() (is []engagement.Missed) {
		return models.Keep(d.Report().Missed, func(m engagement.Missed) bool { return m.Task == id })
	}
	d.GoTo(late)
	if all := named(); len(all) != 1 || all[0].Done || !all[0].On.IsZero() || all[0].Ended != x.Period.End {
		t.Errorf("nobody has performed it: %+v", all)
	}
	d.Do(owner, engagement.CompleteTask, modelstest.Task(id), modelstest.PerformedOnThe(late))
	_, about, _ := strings.Cut(x.Title, ": ")
	want := engagement.Missed{Task: id, Title: about, Owner: x.Owner, Ended: x.Period.End, On: late, Done: true}
	if all := named(); len(all) != 1 || all[0] != want {
		t.Errorf("it is done: %+v, not %+v", all, want)
	}
	r := d.Report()
	if r.MissedTasks != len(r.Missed) {
		t.Errorf("%d are counted, %d listed", r.MissedTasks, len(r.Missed))
	}
	says := engagement.MissedWords("northgate-2027", named(), 4, 3)
	if !strings.HasPrefix(says, "4 controls were not performed in their period, which an auditor will find: ") ||
		!strings.Contains(says, "(its period ended on "+models.Dated(x.Period.End)+", performed on "+models.Dated(late)+")") ||
		!strings.HasSuffix(says, "; and 3 more: tickmark engagement status northgate-2027 --all.") {
		t.Error(says)
	}
	if olga := d.Facts.ReportFor(d.Actor("olga"), d.Now); len(olga.Missed) > 0 || olga.MissedTasks > 0 {
		t.Errorf("who owns a task is told what all others missed: %+v", olga.Missed)
	}
	d.Do(owner, engagement.ReopenTask, modelstest.Task(id), modelstest.Because("the day is wrong"))
	if all := named(); len(all) != 1 || all[0].Done || all[0].On != late {
		t.Errorf("it is taken up again: %+v", all)
	}
	d.Do(owner, engagement.PerformTask, modelstest.Task(id), modelstest.PerformedOnThe(x.Period.End))
	d.Do(owner, engagement.CompleteTask, modelstest.Task(id))
	if all := named(); len(all) > 0 {
		t.Errorf("it was performed in its quarter: %+v", all)
	}
}

// What recurs without being a control, and what looks over a control, has no day of performance.
func TestOnlyControlsHaveADayOfPerformance(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	for _, x := range d.Tasks() {
		if x.Template != "WI-01" && !x.PerformBy.IsZero() {
			t.Errorf("%s is performed by %s", x.ID, x.PerformBy)
		}
	}
	for _, x := range d.CopiesOf("WI-05") {
		d.Refused(models.Invalid, "on", "has no day of its own", string(x.Owner), engagement.PerformTask, modelstest.Task(x.ID))
		d.Refused(models.Invalid, "on", "has no day of its own", string(x.Owner), engagement.CompleteTask, modelstest.Task(x.ID),
			modelstest.PerformedOnThe(d.Today()))
	}
}
