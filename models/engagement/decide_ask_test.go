package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func inTheWay(s string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Blocking = s }
}

// ofKenji returns an open task of kenji's with at least some business days left.
func (d *desk) ofKenji(left int) *engagement.Task {
	d.t.Helper()
	for _, t := range d.f.Tasks {
		if t.Owner == "kenji" && t.State == engagement.TaskOpen && d.f.ClientDays.Count(d.today(), t.Due) >= left {
			return t
		}
	}
	d.t.Fatal("kenji has nothing to do")
	return nil
}

// Kenji rests from reminders twice, for three business days at most; then he has to ask for more time. His due date stays.
func TestSnoozing(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	id := d.ofKenji(1).ID
	due := d.task(id).Due
	next := func(n int) string { return d.f.ClientDays.Add(d.today(), n).String() }
	d.refused(models.Invalid, "until", "3 business days at most", "kenji", engagement.SnoozeTask, task(id), dueOn(next(4)))
	d.refused(models.Invalid, "until", "must be a day from", "kenji", engagement.SnoozeTask, task(id), dueOn(d.today().String()))
	d.refused(models.Invalid, "until", "must be a day from", "kenji", engagement.SnoozeTask, task(id))
	d.refused(models.NotFound, "task", "there is no task", "hugo", engagement.SnoozeTask, task(id), dueOn(next(1)))
	for range 2 {
		d.do("kenji", engagement.SnoozeTask, task(id), dueOn(next(3)))
	}
	if got := d.task(id); got.Due != due || got.Snoozed.String() != next(3) {
		t.Errorf("due %s, put off until %s", got.Due, got.Snoozed)
	}
	d.refused(models.Conflict, "task", "was put off 2 times already: ask for more time", "kenji", engagement.SnoozeTask, task(id), dueOn(next(1)))
	d.do("ines", engagement.MoveTask, task(id), dueOn(next(8)), because("the vendor is late"))
	if got := d.task(id); !got.Snoozed.IsZero() || got.Snoozes != 0 {
		t.Errorf("with another due date it is still put off until %s", got.Snoozed)
	}
	d.goTo(d.f.ClientDays.Add(d.task(id).Due, 10))
	d.refused(models.Conflict, "task", "has gone up to the sponsor", "kenji", engagement.SnoozeTask, task(id), dueOn(next(1)))
	d.do("kenji", engagement.CompleteTask, task(id))
	d.refused(models.Conflict, "task", "there is nothing to put off", "kenji", engagement.SnoozeTask, task(id), dueOn(next(1)))
}

// Two business days are given at once, once, where they hold nothing up; ten are the manager's to give; what moves an agreed date
// takes partner and sponsor. Nobody gives it to themselves.
func TestMoreTime(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	id := models.TaskID("RE-09") // training: no gate rests on it
	at := func(n int) string { return d.f.ClientDays.Add(d.task(id).Due, n).String() }
	d.refused(models.Invalid, "reason", "reason must have", "kenji", engagement.ExtendTask, task(id), dueOn(at(1)))
	d.refused(models.Invalid, "due", "due is missing", "kenji", engagement.ExtendTask, task(id), because("holidays"))
	d.refused(models.Invalid, "due", "is not later than", "kenji", engagement.ExtendTask, task(id), dueOn(at(0)), because("holidays"))
	d.refused(models.Invalid, "due", "must lie between today", "kenji", engagement.ExtendTask, task(id), dueOn("2040-01-02"), because("holidays"))
	d.refused(models.Invalid, "tasks", "tasks must name at least one task", "kenji", engagement.ExtendTask, dueOn(at(1)), because("holidays"))
	d.refused(models.NotFound, "task", "there is no task", "hugo", engagement.ExtendTask, task(id), dueOn(at(1)), because("x"))

	was := at(2)
	if d.do("kenji", engagement.ExtendTask, task(id), dueOn(was), because("two people are ill")); d.task(id).Due.String() != was {
		t.Errorf("two days off the critical path were not given at once: due %s", d.task(id).Due)
	}
	second := d.do("kenji", engagement.ExtendTask, task(id), dueOn(at(2)), because("still ill"), inTheWay("the trainer"))
	if got := d.missing(second); !slices.Equal(got, []models.Role{models.RoleManager}) {
		t.Errorf("the second time it waits for %v", got)
	}
	d.refused(models.Conflict, "decision", "about the same is still pending", "kenji", engagement.ExtendTask, task(id), dueOn(at(3)), because("x"))
	d.refused(models.NotFound, "decision", "there is no decision", "olga", engagement.ApproveDecision, decision(second))
	d.refused(models.Forbidden, "decision", "which is not you", "kenji", engagement.ApproveDecision, decision(second))
	d.do("ines", engagement.RefuseDecision, decision(second), because("Friday is the last day"))
	if got := d.ended[second]; got.State != engagement.DecisionRefused || d.task(id).Due.String() != was {
		t.Errorf("refused, it is %s and due %s", got.State, d.task(id).Due)
	}
	third := d.do("kenji", engagement.ExtendTask, task(id), dueOn(at(5)), because("still ill"))
	to := at(5)
	d.do("ines", engagement.ApproveDecision, decision(third))
	if d.task(id).Due.String() != to {
		t.Errorf("approved, it is due %s", d.task(id).Due)
	}
	fourth := d.do("kenji", engagement.ExtendTask, task(id), dueOn(at(11)), because("it takes longer"))
	if got := d.missing(fourth); !slices.Equal(got, []models.Role{models.RolePartner, models.RoleSponsor}) {
		t.Errorf("eleven days wait for %v", got)
	}
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.do("ines", engagement.CompleteTask, task(id))
	if got := d.ended[fourth]; got.State != engagement.DecisionRefused {
		t.Errorf("the task is done, and the request for more time is %s", got.State)
	}
}

// Time on the critical path is never given silently, and what moves the report takes partner and sponsor: not the one who asks.
func TestMoreTimeOnTheCriticalPath(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseKickoff)
	before := d.report().Forecast.Report
	id := d.do("ines", engagement.ExtendTask, task("KO-15"), dueOn(d.f.FirmDays.Add(d.task("KO-15").Due, 8).String()), because("the boundary is not clear"))
	if got := d.missing(id); !slices.Equal(got, []models.Role{models.RolePartner, models.RoleSponsor}) {
		t.Errorf("what moves the report waits for %v", got)
	}
	if got := d.report().Forecast.Report; got != before {
		t.Errorf("asking alone moved the forecast from %s to %s", before, got)
	}
	d.do("ruth", engagement.ApproveDecision, decision(id))
	d.do("marta", engagement.ApproveDecision, decision(id))
	if got := d.report().Forecast.Report; !got.After(before) {
		t.Errorf("eight days more for the scope memo, and the report is still expected on %s", got)
	}
	sponsors := d.do("ruth", engagement.ExtendTask, task("KO-07"), dueOn(d.f.ClientDays.Add(d.task("KO-07").Due, 30).String()), because("a merger"))
	if got := d.missing(sponsors); slices.Contains(got, models.RoleSponsor) {
		t.Errorf("the only sponsor asks, and it waits for %v", got)
	}
}

// "Not mine": olga is proposed, and says yes herself; nobody else of the client can. The sponsor could say it for her.
func TestHandingOver(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	x := d.ofKenji(1)
	backup := x.Backup
	d.refused(models.Invalid, "person", "owns", "kenji", engagement.HandOverTask, task(x.ID), to("kenji"), because("x"))
	d.refused(models.Invalid, "person", "is of the firm", "kenji", engagement.HandOverTask, task(x.ID), to("priya"), because("x"))
	d.refused(models.Invalid, "person", "nobody active", "kenji", engagement.HandOverTask, task(x.ID), to("nobody"), because("x"))
	d.refused(models.Forbidden, "", "proposing another owner is for partner, pm, consultant, sponsor or owner; you are auditor", "hugo", engagement.HandOverTask, task(x.ID), to("olga"), because("x"))
	id := d.do("kenji", engagement.HandOverTask, task(x.ID), to("olga"), because("she runs the directory"))
	if got := d.report().WaitingFor; !slices.ContainsFunc(got, func(w engagement.Waiting) bool { return w.Person == "olga" }) {
		t.Errorf("olga is not waited for: %+v", got)
	}
	d.refused(models.Forbidden, "decision", "which is not you", "kenji", engagement.ApproveDecision, decision(id))
	d.do("olga", engagement.ApproveDecision, decision(id))
	if got := d.task(x.ID); got.Owner != "olga" || backup == "olga" && got.Backup != "kenji" {
		t.Errorf("it is %s's, with %s as backup", got.Owner, got.Backup)
	}
	again := d.do("olga", engagement.HandOverTask, task(x.ID), to("kenji"), because("she does not"))
	d.do("kenji", engagement.RefuseDecision, decision(again), because("she does"))
	sponsors := d.do("ruth", engagement.HandOverTask, task(x.ID), to("kenji"), because("I decide"))
	if d.ended[sponsors] == nil || d.task(x.ID).Owner != "kenji" {
		t.Error("the sponsor's own proposal waits for somebody")
	}
}

// A question goes to somebody who can see the task.
func TestAsking(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	x := d.ofKenji(1)
	d.do("priya", engagement.CommentTask, task(x.ID), to("kenji"), because("Which system is this from?"))
	if last := d.said[len(d.said)-1]; last.To != "kenji" || last.Text != "Which system is this from?" {
		t.Errorf("asked: %+v", last)
	}
	if got := d.logged("task.asked"); len(got) != 1 {
		t.Errorf("the record says %v", got)
	}
	d.refused(models.Invalid, "to", "is not shown", "priya", engagement.CommentTask, task("GA-01"), to("kenji"), because("And this?"))
	d.refused(models.Invalid, "to", "nobody active", "priya", engagement.CommentTask, task(x.ID), to("nobody"), because("And this?"))
}

// Kenji is on leave: who stands in for him may do what is his, as long as they do.
func TestAStandInActs(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	var x *engagement.Task
	for _, task := range d.f.Tasks {
		if task.Owner == "ruth" && task.State == engagement.TaskOpen && task.Backup != "olga" {
			x = task
		}
	}
	if x == nil {
		t.Fatal("ruth has nothing to do")
	}
	d.refused(models.NotFound, "task", "there is no task", "olga", engagement.CompleteTask, task(x.ID))
	d.do("olga", engagement.CompleteTask, task(x.ID), func(c *engagement.Command) { c.Actor.For = []models.PersonID{"ruth"} })
	if got := d.task(x.ID).DoneBy; got != "olga" {
		t.Errorf("done by %q", got)
	}
}

// The kill switch of one engagement: nobody is told anything, and its days go on.
func TestMuting(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	d.refused(models.Conflict, "muted", "are sent already", "ines", engagement.UnmuteEngagement)
	d.refused(models.Invalid, "reason", "reason must have", "ines", engagement.MuteEngagement)
	d.do("ines", engagement.MuteEngagement, because("a merger is being announced"))
	d.refused(models.Conflict, "muted", "already", "ines", engagement.MuteEngagement, because("x"))
	if !d.f.Engagement.Muted || d.f.Engagement.Status != engagement.StatusRunning {
		t.Errorf("muted %t, %s", d.f.Engagement.Muted, d.f.Engagement.Status)
	}
	d.goTo(d.f.ClientDays.Add(d.today(), 10))
	if len(d.logged("task.overdue")) == 0 {
		t.Error("its days do not go on")
	}
	d.do("marta", engagement.UnmuteEngagement)
	if d.f.Engagement.Muted {
		t.Error("it is still muted")
	}
}
