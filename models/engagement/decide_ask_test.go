package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// ofKenji returns an open task of kenji's with at least some business days left.
func ofKenji(d *modelstest.Desk, left int) *engagement.Task {
	d.T.Helper()
	for _, t := range d.Facts.Tasks {
		if t.Owner == "kenji" && t.State == engagement.TaskOpen && d.Facts.ClientDays.Count(d.Today(), t.Due) >= left {
			return t
		}
	}
	d.T.Fatal("kenji has nothing to do")
	return nil
}

// Kenji rests from reminders twice, for three business days at most; then he has to ask for more time. His due date stays.
func TestSnoozing(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	id := ofKenji(d, 1).ID
	due := d.Task(id).Due
	next := func(n int) string { return d.Facts.ClientDays.Add(d.Today(), n).String() }
	d.Refused(models.Invalid, "until", "3 business days at most", "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(next(4)))
	d.Refused(models.Invalid, "until", "must be a day from", "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(d.Today().String()))
	d.Refused(models.Invalid, "until", "must be a day from", "kenji", engagement.SnoozeTask, modelstest.Task(id))
	d.Refused(models.NotFound, "task", "there is no task", "hugo", engagement.SnoozeTask, modelstest.Task(id), modelstest.DueOn(next(1)))
	for range 2 {
		d.Do("kenji", engagement.SnoozeTask, modelstest.Task(id), modelstest.DueOn(next(3)))
	}
	if got := d.Task(id); got.Due != due || got.Snoozed.String() != next(3) {
		t.Errorf("due %s, put off until %s", got.Due, got.Snoozed)
	}
	d.Refused(models.Conflict, "task", "was put off 2 times already: ask for more time", "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(next(1)))
	d.Do("ines", engagement.MoveTask, modelstest.Task(id), modelstest.DueOn(next(8)), modelstest.Because("the vendor is late"))
	if got := d.Task(id); !got.Snoozed.IsZero() || got.Snoozes != 0 {
		t.Errorf("with another due date it is still put off until %s", got.Snoozed)
	}
	d.GoTo(d.Facts.ClientDays.Add(d.Task(id).Due, 10))
	d.Refused(models.Conflict, "task", "has gone up to the sponsor", "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(next(1)))
	d.Do("kenji", engagement.CompleteTask, modelstest.Task(id))
	d.Refused(models.Conflict, "task", "there is nothing to put off", "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(next(1)))
}

// Kenji is in Auckland, where it is Tuesday already while it is Monday at Northgate: what he is offered and may choose begins with his own
// tomorrow, and ends with his third business day. His today is no rest at all.
func TestSnoozingCountsInTheOwnersDays(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	for i, p := range d.Facts.People {
		if p.ID == "kenji" {
			d.Facts.People[i].TimeZone = "Pacific/Auckland"
		}
	}
	id := ofKenji(d, 1).ID
	d.Now = d.Facts.ClientDays.Roll(d.Today()).At(d.Facts.Location(), 16, 0)
	his := models.DateIn(d.Now, models.Zone("Pacific/Auckland"))
	if his == d.Today() {
		t.Fatalf("it is %s everywhere", his)
	}
	form, err := d.Facts.Form(engagement.ActSnooze, "do:"+string(id), d.Actor("kenji"), d.Now)
	if err != nil {
		t.Fatal(err)
	}
	var offered []string
	for _, o := range form.Fields[0].Options {
		offered = append(offered, o.Value)
	}
	days := d.Facts.ClientDays
	if want := []string{days.Add(his, 1).String(), days.Add(his, 2).String(), days.Add(his, 3).String()}; !slices.Equal(offered, want) {
		t.Errorf("on %s he is offered %v, want %v", his, offered, want)
	}
	d.Refused(models.Invalid, "until", "must be a day from "+offered[0], "kenji", engagement.SnoozeTask, modelstest.Task(id),
		modelstest.DueOn(his.String()))
	for _, day := range []string{offered[0], offered[2]} {
		d.Do("kenji", engagement.SnoozeTask, modelstest.Task(id), modelstest.DueOn(day))
	}
}

// Two business days are given at once, once, where they hold nothing up; ten are the manager's to give; what moves an agreed date
// takes partner and sponsor. Nobody gives it to themselves.
func TestMoreTime(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	id := models.TaskID("RE-09") // training: no gate rests on it
	at := func(n int) string { return d.Facts.ClientDays.Add(d.Task(id).Due, n).String() }
	d.Refused(models.Invalid, "reason", "reason must have", "kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(1)))
	d.Refused(models.Invalid, "due", "due is missing", "kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.Because("holidays"))
	d.Refused(models.Invalid, "due", "is not later than", "kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(0)),
		modelstest.Because("holidays"))
	d.Refused(models.Invalid, "due", "must lie between today", "kenji", engagement.ExtendTask, modelstest.Task(id),
		modelstest.DueOn("2040-01-02"), modelstest.Because("holidays"))
	d.Refused(models.Invalid, "tasks", "tasks must name at least one task", "kenji", engagement.ExtendTask, modelstest.DueOn(at(1)),
		modelstest.Because("holidays"))
	d.Refused(models.NotFound, "task", "there is no task", "hugo", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(1)),
		modelstest.Because("x"))

	was := at(2)
	if d.Do("kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(was),
		modelstest.Because("two people are ill")); d.Task(id).Due.String() != was {
		t.Errorf("two days off the critical path were not given at once: due %s", d.Task(id).Due)
	}
	second := d.Do("kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(2)), modelstest.Because("still ill"),
		modelstest.InTheWay("the trainer"))
	if got := d.Missing(second); !slices.Equal(got, []models.Role{models.RoleManager}) {
		t.Errorf("the second time it waits for %v", got)
	}
	d.Refused(models.Conflict, "decision", second+" proposes the same and is still pending", "kenji", engagement.ExtendTask,
		modelstest.Task(id), modelstest.DueOn(at(2)), modelstest.Because("x"), modelstest.InTheWay("the trainer"))
	d.Refused(models.NotFound, "decision", "there is no decision", "olga", engagement.ApproveDecision, modelstest.Decision(second))
	d.Refused(models.Forbidden, "decision", "which is not you", "kenji", engagement.ApproveDecision, modelstest.Decision(second))
	d.Do("ines", engagement.RefuseDecision, modelstest.Decision(second), modelstest.Because("Friday is the last day"))
	if got := d.Ended[second]; got.State != engagement.DecisionRefused || d.Task(id).Due.String() != was {
		t.Errorf("refused, it is %s and due %s", got.State, d.Task(id).Due)
	}
	third := d.Do("kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(5)), modelstest.Because("still ill"))
	to := at(5)
	d.Do("ines", engagement.ApproveDecision, modelstest.Decision(third))
	if d.Task(id).Due.String() != to {
		t.Errorf("approved, it is due %s", d.Task(id).Due)
	}
	fourth := d.Do("kenji", engagement.ExtendTask, modelstest.Task(id), modelstest.DueOn(at(11)), modelstest.Because("it takes longer"))
	if got := d.Missing(fourth); !slices.Equal(got, []models.Role{models.RolePartner, models.RoleSponsor}) {
		t.Errorf("eleven days wait for %v", got)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("ines", engagement.CompleteTask, modelstest.Task(id))
	if got := d.Ended[fourth]; got.State != engagement.DecisionRefused {
		t.Errorf("the task is done, and the request for more time is %s", got.State)
	}
}

// Time on the critical path is never given silently, and what moves the report takes partner and sponsor: not the one who asks.
func TestMoreTimeOnTheCriticalPath(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseKickoff)
	before := d.Report().Forecast.Report
	id := d.Do("ines", engagement.ExtendTask, modelstest.Task("KO-15"),
		modelstest.DueOn(d.Facts.FirmDays.Add(d.Task("KO-15").Due, 8).String()), modelstest.Because("the boundary is not clear"))
	if got := d.Missing(id); !slices.Equal(got, []models.Role{models.RolePartner, models.RoleSponsor}) {
		t.Errorf("what moves the report waits for %v", got)
	}
	if got := d.Report().Forecast.Report; got != before {
		t.Errorf("asking alone moved the forecast from %s to %s", before, got)
	}
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision(id))
	d.Do("marta", engagement.ApproveDecision, modelstest.Decision(id))
	if got := d.Report().Forecast.Report; !got.After(before) {
		t.Errorf("eight days more for the scope memo, and the report is still expected on %s", got)
	}
	sponsors := d.Do("ruth", engagement.ExtendTask, modelstest.Task("KO-07"),
		modelstest.DueOn(d.Facts.ClientDays.Add(d.Task("KO-07").Due, 30).String()), modelstest.Because("a merger"))
	if got := d.Missing(sponsors); slices.Contains(got, models.RoleSponsor) {
		t.Errorf("the only sponsor asks, and it waits for %v", got)
	}
}

// "Not mine": olga is proposed, and says yes herself; nobody else of the client can. The sponsor could say it for her.
func TestHandingOver(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	x := ofKenji(d, 1)
	backup := x.Backup
	d.Refused(models.Invalid, "person", "owns", "kenji", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("kenji"),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "person", "is of the firm", "kenji", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("priya"),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "person", "nobody active", "kenji", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("nobody"),
		modelstest.Because("x"))
	d.Refused(models.Forbidden, "", "proposing another owner is for partner, pm, consultant, sponsor or owner; you are auditor", "hugo",
		engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("olga"), modelstest.Because("x"))
	id := d.Do("kenji", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("olga"), modelstest.Because("she runs the directory"))
	if got := d.Report().WaitingFor; !slices.ContainsFunc(got, func(w engagement.Waiting) bool { return w.Person == "olga" }) {
		t.Errorf("olga is not waited for: %+v", got)
	}
	d.Refused(models.Forbidden, "decision", "which is not you", "kenji", engagement.ApproveDecision, modelstest.Decision(id))
	d.Do("olga", engagement.ApproveDecision, modelstest.Decision(id))
	if got := d.Task(x.ID); got.Owner != "olga" || backup == "olga" && got.Backup != "kenji" {
		t.Errorf("it is %s's, with %s as backup", got.Owner, got.Backup)
	}
	again := d.Do("olga", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("kenji"), modelstest.Because("she does not"))
	d.Do("kenji", engagement.RefuseDecision, modelstest.Decision(again), modelstest.Because("she does"))
	sponsors := d.Do("ruth", engagement.HandOverTask, modelstest.Task(x.ID), modelstest.To("kenji"), modelstest.Because("I decide"))
	if d.Ended[sponsors] == nil || d.Task(x.ID).Owner != "kenji" {
		t.Error("the sponsor's own proposal waits for somebody")
	}
}

// A question goes to somebody who can see the task.
func TestAsking(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	x := ofKenji(d, 1)
	d.Do("priya", engagement.CommentTask, modelstest.Task(x.ID), modelstest.To("kenji"), modelstest.Because("Which system is this from?"))
	if last := d.Comments[len(d.Comments)-1]; last.To != "kenji" || last.Text != "Which system is this from?" {
		t.Errorf("asked: %+v", last)
	}
	if got := d.Logged("task.asked"); len(got) != 1 {
		t.Errorf("the record says %v", got)
	}
	d.Refused(models.Invalid, "to", "is not shown", "priya", engagement.CommentTask, modelstest.Task("GA-01"), modelstest.To("kenji"),
		modelstest.Because("And this?"))
	d.Refused(models.Invalid, "to", "nobody active", "priya", engagement.CommentTask, modelstest.Task(x.ID), modelstest.To("nobody"),
		modelstest.Because("And this?"))
}

// Kenji is on leave: who stands in for him may do what is his, as long as they do.
func TestAStandInActs(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	var x *engagement.Task
	for _, task := range d.Facts.Tasks {
		if task.Owner == "ruth" && task.State == engagement.TaskOpen && task.Backup != "olga" {
			x = task
		}
	}
	if x == nil {
		t.Fatal("ruth has nothing to do")
	}
	d.Refused(models.NotFound, "task", "there is no task", "olga", engagement.CompleteTask, modelstest.Task(x.ID))
	d.Do("olga", engagement.CompleteTask, modelstest.Task(x.ID), func(c *engagement.Command) { c.Actor.For = []models.PersonID{"ruth"} })
	if got := d.Task(x.ID).DoneBy; got != "olga" {
		t.Errorf("done by %q", got)
	}
}

// The kill switch of one engagement: nobody is told anything, and its days go on.
func TestMuting(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Refused(models.Conflict, "muted", "are sent already", "ines", engagement.UnmuteEngagement)
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.MuteEngagement)
	d.Do("ines", engagement.MuteEngagement, modelstest.Because("a merger is being announced"))
	d.Refused(models.Conflict, "muted", "already", "ines", engagement.MuteEngagement, modelstest.Because("x"))
	if !d.Facts.Engagement.Muted || d.Facts.Engagement.Status != engagement.StatusRunning {
		t.Errorf("muted %t, %s", d.Facts.Engagement.Muted, d.Facts.Engagement.Status)
	}
	d.GoTo(d.Facts.ClientDays.Add(d.Today(), 10))
	if len(d.Logged("task.overdue")) == 0 {
		t.Error("its days do not go on")
	}
	d.Do("marta", engagement.UnmuteEngagement)
	if d.Facts.Engagement.Muted {
		t.Error("it is still muted")
	}
}
