package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Kickoff week at Northgate: the letter is signed by the partner and accepted by the sponsor; only then can the rest begin.
func TestATaskIsDoneByItsOwnerAndAcceptedBySomebodyElse(t *testing.T) {
	d := started(t, "soc2_type2")
	d.do("marta", engagement.CompleteTask, task("KO-01"))
	if got := d.task("KO-01"); got.State != engagement.TaskSubmitted || got.DoneBy != "marta" {
		t.Fatalf("the letter is %s by %q, want submitted by marta", got.State, got.DoneBy)
	}
	d.refused(models.Conflict, "task", "KO-01 was completed already by Marta on 2027-01-04", "marta", engagement.CompleteTask, task("KO-01"))
	d.refused(models.Forbidden, "task", "KO-01 is for Ruth to accept or return", "ines", engagement.AcceptTask, task("KO-01"))

	d.do("ruth", engagement.ReturnTask, task("KO-01"), because("page 3 is missing"))
	if got := d.task("KO-01"); got.State != engagement.TaskOpen || got.Reason != "page 3 is missing" || got.DoneBy != "" {
		t.Errorf("the returned letter is %+v", got)
	}
	d.do("marta", engagement.CompleteTask, task("KO-01"))
	d.do("ruth", engagement.AcceptTask, task("KO-01"))
	if got := d.task("KO-01"); got.State != engagement.TaskDone {
		t.Errorf("the accepted letter is %s", got.State)
	}
	d.refused(models.Conflict, "task", "KO-01 is done: only what was submitted can be accepted or returned", "ruth", engagement.AcceptTask, task("KO-01"))
	if got := d.task("KO-04"); got.State != engagement.TaskOpen || got.OpenedOn != modelstest.On("2027-01-04") {
		t.Errorf("what waited for the letter is %s since %s", got.State, got.OpenedOn)
	}
	if got := d.task("KO-03"); got.State != engagement.TaskWaiting {
		t.Errorf("KO-03 waits for KO-02 too, but is %s", got.State)
	}
	d.refused(models.Conflict, "task", "KO-03 waits for KO-02", "marta", engagement.CompleteTask, task("KO-03"))
}

func TestWhoMayDoAnothersTask(t *testing.T) {
	for _, c := range []struct {
		who   string
		id    models.TaskID
		field string // of the refusal; "-" when it is allowed
	}{
		{"marta", "KO-02", "-"}, {"ines", "KO-02", "-"}, // the firm's leads may for everybody of the firm
		{"priya", "KO-02", "task"},  // a consultant not for the partner
		{"ruth", "KO-02", "task"},   // nobody of the client for the firm
		{"kenji", "KO-02", "task?"}, // an owner does not even see it
		{"hugo", "KO-02", "task?"},  // nor the auditor
		{"priya", "RE-08", "-"},     // a consultant may record what the client did
		{"ruth", "RE-08", "-"},      // the sponsor may for the client
		{"olga", "RE-08", "-"},      // and so may the backup
		{"hugo", "RE-08", "task?"},  // the auditor may not
		{"tom", "GA-01", "-"},       // one consultant for another
		{"priya", "GA-10", "task"},  // but not for the manager
		{"ines", "T1-09", "task"},   // nobody of the firm for an invited auditor
		{"marta", "T1-09", "task"},  // not even the partner
		{"ruth", "T1-09", "task"},   // nor the client
		{"hugo", "T1-09", "-"},      // only himself
		{"noor", "KO-04", "task?"},  // a manager who is not on the engagement
	} {
		phase := map[byte]catalog.Phase{'K': catalog.PhaseKickoff, 'G': catalog.PhaseGap, 'R': catalog.PhaseRemediation, 'T': catalog.PhaseT1Fieldwork}[c.id[0]]
		d := in(t, "soc2_type1", phase)
		if phase == catalog.PhaseKickoff {
			d = started(t, "soc2_type1")
		}
		for d.f.Task(c.id).State == engagement.TaskWaiting { // do what comes before
			for _, x := range d.f.Tasks {
				if x.ID != c.id && x.State == engagement.TaskOpen {
					d.do(string(d.doer(x)), engagement.CompleteTask, task(x.ID))
				} else if x.State == engagement.TaskSubmitted {
					d.do(string(x.Approver), engagement.AcceptTask, task(x.ID))
				}
			}
		}
		_, err := d.try(c.who, engagement.CompleteTask, task(c.id))
		switch {
		case c.field == "-" && err != nil:
			t.Errorf("%s may not do %s: %v", c.who, c.id, err)
		case c.field == "task" && models.CodeOf(err) != models.Forbidden:
			t.Errorf("%s does %s: %v, want forbidden", c.who, c.id, err)
		case c.field == "task?" && models.CodeOf(err) != models.NotFound:
			t.Errorf("%s does %s: %v, want not found", c.who, c.id, err)
		}
	}
}

// Where no auditor has been invited, the firm records what the auditor did.
func TestTheManagerRecordsForAnAuditorWhoWasNotInvited(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseT1Prep)
	d.do("ines", engagement.EditEngagement, edited(engagement.Edit{Auditor: new(models.PersonID)}))
	d.until(modelstest.On("2028-01-01"), func() bool { return d.f.Phase(catalog.PhaseT1Fieldwork).Standing == engagement.StandingActive })
	for _, x := range d.copies("T1-07") {
		d.do("priya", engagement.CompleteTask, task(x.ID))
	}
	d.do("ines", engagement.CompleteTask, task("T1-08"))
	if got := d.task("T1-09"); got.Owner != "ines" {
		t.Errorf("the auditor's interviews are recorded by %q", got.Owner)
	}
	d.do("ines", engagement.CompleteTask, task("T1-09"))
}

func TestSeveralTasksAtOnceAreAllOrNothing(t *testing.T) {
	d := started(t, "soc2_type2")
	d.refused(models.Invalid, "tasks", "tasks must name at least one task", "marta", engagement.CompleteTask)
	d.refused(models.Invalid, "tasks", "tasks names KO-02 twice", "marta", engagement.WaiveTask, task("KO-02", "KO-02"), because("x"))
	d.refused(models.NotFound, "task", `there is no task "KO-99"`, "marta", engagement.CompleteTask, task("KO-01", "KO-99"))
	if got := d.task("KO-01").State; got != engagement.TaskOpen {
		t.Errorf("half of a refused command was done: KO-01 is %s", got)
	}
	d.refused(models.Invalid, "tasks", "task.block takes one task at a time", "marta", engagement.BlockTask, task("KO-01", "KO-02"), because("x"), by(models.SideClient))
	d.do("marta", engagement.CompleteTask, task("KO-01", "KO-02"))
	d.do("ruth", engagement.AcceptTask, task("KO-01"))
	// One after the other in one command: what the first lets begin, the second does.
	d.do("ines", engagement.CompleteTask, task("KO-03", "KO-04", "KO-05", "KO-06"))
	if got := d.task("KO-06"); got.State != engagement.TaskDone || got.OpenedOn != d.today() {
		t.Errorf("the kickoff meeting is %s, opened on %s", got.State, got.OpenedOn)
	}
	d.refused(models.Conflict, "task", "KO-15 waits for KO-07", "ines", engagement.CompleteTask, task("KO-15"))
}

func TestNobodyChecksWhatTheyDidThemselves(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseT2Close)
	d.do("ines", engagement.CompleteTask, task("WC-01"))
	pulled := d.copies("WC-02")[0]
	check := models.TaskID("WC-03." + pulled.Subject)
	d.do("priya", engagement.CompleteTask, task(pulled.ID)) // a consultant pulled it for the client
	d.refused(models.Forbidden, "task", string(check)+" checks "+string(pulled.ID)+", which you did yourself", "priya", engagement.CompleteTask, task(check))
	d.do("tom", engagement.CompleteTask, task(check))

	g := in(t, "soc2_type2", catalog.PhaseRemediation)
	g.do("priya", engagement.CompleteTask, task("RE-01"))
	g.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	g.do("priya", engagement.CompleteTask, task("RE-06.X1"))
	g.refused(models.Forbidden, "task", "RE-14.X1 checks RE-06.X1, which you did yourself", "priya", engagement.CompleteTask, task("RE-14.X1"))
	g.do("tom", engagement.CompleteTask, task("RE-14.X1"))
}

// In a company of ten the one who does may be the one who accepts; whoever does it for them does not accept it too.
func TestOwnerAndApproverInOnePerson(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	if got := d.task("RE-11"); got.Owner != "ruth" || got.Approver != "ruth" {
		t.Fatalf("nobody leads the product, so the description is for %s to draft and %s to approve; want ruth both", got.Owner, got.Approver)
	}
	own := d.copied(t)
	own.do("ruth", engagement.CompleteTask, task("RE-11"))
	if got := own.task("RE-11").State; got != engagement.TaskDone {
		t.Errorf("what ruth drafts for herself is %s", got)
	}
	d.do("priya", engagement.CompleteTask, task("RE-11"))
	if got := d.task("RE-11").State; got != engagement.TaskSubmitted {
		t.Errorf("what priya drafts for ruth is %s without her word", got)
	}
	d.do("ruth", engagement.AcceptTask, task("RE-11"))

	// The only one who may accept does not do it for somebody else: it could never be accepted.
	e := in(t, "soc2_type2", catalog.PhaseRemediation)
	e.do("priya", engagement.CompleteTask, task("RE-01"))
	e.do("ines", engagement.AssignTask, task("RE-11"), to("kenji"))
	e.refused(models.Forbidden, "task", "RE-11 is for you to accept: somebody else must do it", "ruth", engagement.CompleteTask, task("RE-11"))
	e.do("kenji", engagement.CompleteTask, task("RE-11"))
	e.do("ruth", engagement.AcceptTask, task("RE-11"))
}

func TestWhoAcceptsForAManager(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	d.until(modelstest.On("2027-06-01"), func() bool { return d.task("GA-12").State == engagement.TaskOpen })
	d.do("ines", engagement.CompleteTask, task("GA-12")) // for ruth; ines is the one to accept it
	d.refused(models.Forbidden, "task", "you submitted GA-12 yourself", "ines", engagement.AcceptTask, task("GA-12"))
	d.refused(models.Forbidden, "task", "GA-12 is for Ines to accept or return", "ruth", engagement.AcceptTask, task("GA-12"))
	d.refused(models.NotFound, "engagement", `there is no engagement "e1"`, "noor", engagement.AcceptTask, task("GA-12")) // she manages others
	d.do("marta", engagement.AcceptTask, task("GA-12"))                                                                   // a partner may for a manager
}

func TestReopeningATask(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	d.refused(models.Conflict, "task", "the phase of KO-07 is not open any more: send the phase back instead", "ruth", engagement.ReopenTask, task("KO-07"), because("olga left"))
	d.refused(models.Invalid, "reason", "reason must have 1 to 2000 characters", "priya", engagement.ReopenTask, task("GA-01"))
	d.until(modelstest.On("2027-06-01"), func() bool { return d.task("GA-07").State == engagement.TaskOpen })
	open := d.task("GA-07")
	d.refused(models.Conflict, "task", "GA-07 is open: only what is closed or submitted can be reopened", "priya", engagement.ReopenTask, task("GA-07"), because("again"))
	gate1 := d.f.Gate("G-GA-1")
	if gate1.State != engagement.GateSigned {
		t.Fatalf("G-GA-1 is %s", gate1.State)
	}
	pace := d.f.Engagement.Pace
	asked := models.TaskID("GA-04.GOV")
	d.do("priya", engagement.ReopenTask, task(asked), because("half of it is blank"))
	got := d.task(asked)
	if got.State != engagement.TaskOpen || got.Reason != "half of it is blank" || got.DoneBy != "" || got.OpenedOn != d.today() {
		t.Errorf("the reopened questionnaire is %+v", got)
	}
	if got.Late || got.Due.Before(d.today()) {
		t.Errorf("the reopened questionnaire is due %s and late: %t; on %s nobody was late with it", got.Due, got.Late, d.today())
	}
	if got := d.f.Gate("G-GA-1"); got.State != engagement.GateOpen || got.Round != gate1.Round+1 || got.By != "" {
		t.Errorf("the gate that rested on it is %+v", got)
	}
	if got := d.task("GA-07"); got.State != engagement.TaskWaiting || got.Late {
		t.Errorf("what follows it is %s, was %s", got.State, open.State)
	}
	if got := d.f.Engagement.Pace; got.Closed != pace.Closed-1 {
		t.Errorf("%d tasks count as closed, before there were %d", got.Closed, pace.Closed)
	}
	d.refused(models.Conflict, "gate", "G-GA-1 cannot be signed yet: GA-04.GOV", "ines", engagement.SignGate, gate("G-GA-1"))
	d.do("ruth", engagement.CompleteTask, task(asked))
	d.do("ines", engagement.SignGate, gate("G-GA-1"))
	if got := d.f.Engagement.Pace; got.Closed != pace.Closed {
		t.Errorf("a task done twice counts %d times", 1+got.Closed-pace.Closed)
	}
}

func TestBlocking(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.refused(models.Invalid, "by", `by "nobody" is none of firm, client, auditor, vendor`, "kenji", engagement.BlockTask, task("RE-08"), because("x"), by("nobody"))
	d.refused(models.Invalid, "reason", "reason must have", "kenji", engagement.BlockTask, task("RE-08"), by(models.SideFirm))
	d.refused(models.Conflict, "task", "RE-08 is not blocked: it is open", "kenji", engagement.UnblockTask, task("RE-08"))
	d.do("kenji", engagement.BlockTask, task("RE-08"), because("the firm owes us the template"), by(models.SideFirm))
	d.do("kenji", engagement.BlockTask, task("RE-10"), because("no date from the testers"), by("vendor"))
	d.refused(models.Conflict, "task", "RE-10 is blocked: only a task that is open or waiting can be blocked", "kenji", engagement.BlockTask, task("RE-10"), because("x"), by("vendor"))

	due := d.task("RE-08").Due
	d.goTo(d.f.ClientDays.Add(later(d.task("RE-08").Due, d.task("RE-10").Due), 4))
	if d.task("RE-08").Late {
		t.Error("kenji is late with what the firm blocks")
	}
	if !d.task("RE-10").Late {
		t.Error("a vendor in the way does not stop the clock")
	}
	if got := d.report().WaitingFor; !slices.ContainsFunc(got, func(w engagement.Waiting) bool { return w.Name == "the firm" && w.Since == d.task("RE-08").OpenedOn }) {
		t.Errorf("nobody is said to wait for the firm: %+v", got)
	}
	d.do("kenji", engagement.UnblockTask, task("RE-08"))
	if got := d.task("RE-08"); got.Late || got.Due != d.f.ClientDays.Add(d.today(), 1) || got.Due == due || got.BlockedBy != "" || got.Reason != "" {
		t.Errorf("on the day the firm is out of the way RE-08 is %+v", got)
	}
	d.do("kenji", engagement.CompleteTask, task("RE-10")) // done although blocked
	if got := d.task("RE-10"); got.BlockedBy != "" || got.State != engagement.TaskDone {
		t.Errorf("done, RE-10 is %+v", got)
	}
}

// A task that was blocked before it could be begun still waits for what comes before it.
func TestBlockingDoesNotJumpTheQueue(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseGap)
	d.do("priya", engagement.BlockTask, task("GA-07"), because("no mapping table"), by(models.SideFirm))
	d.refused(models.Conflict, "task", "GA-07 waits for GA-04, GA-06", "priya", engagement.CompleteTask, task("GA-07"))
	d.do("priya", engagement.UnblockTask, task("GA-07"))
	if got := d.task("GA-07").State; got != engagement.TaskWaiting {
		t.Errorf("unblocked, it is %s", got)
	}
}

func later(a, b models.Date) models.Date {
	if a.Before(b) {
		return b
	}
	return a
}

func TestMovingADueDate(t *testing.T) {
	d := started(t, "soc2_type2")
	for _, c := range []struct {
		due   string
		field string
		says  string
	}{
		{"2027-01-03", "due", "due 2027-01-03 must lie between today, 2027-01-04, and 2030-01-06"},
		{"2030-01-07", "due", "must lie between"},
	} {
		d.refused(models.Invalid, c.field, c.says, "ines", engagement.MoveTask, task("KO-08"), because("x"), dueOn(c.due))
	}
	d.refused(models.Invalid, "due", "due is missing: a date as YYYY-MM-DD", "ines", engagement.MoveTask, task("KO-08"), because("x"))
	d.refused(models.Invalid, "reason", "reason must have", "ines", engagement.MoveTask, task("KO-08"), dueOn("2027-01-20"))
	d.refused(models.Forbidden, "", "moving a task is for partner, pm or consultant; you are sponsor", "ruth", engagement.MoveTask, task("KO-08"), because("x"), dueOn("2027-01-20"))
	was := d.task("KO-08")
	d.do("ines", engagement.MoveTask, task("KO-08"), because("ruth is away"), dueOn("2027-01-16")) // a Saturday, and Monday is a holiday
	if got := d.task("KO-08"); got.Due != modelstest.On("2027-01-19") || got.Original != was.Original || !got.Moved {
		t.Errorf("moved, it is due %s, first %s, moved %t", got.Due, got.Original, got.Moved)
	}
	// Lateness ends with a new date.
	d.goTo(modelstest.On("2027-01-08"))
	if !d.task("KO-02").Late {
		t.Fatal("marta is not late with the conflict check")
	}
	d.do("ines", engagement.MoveTask, task("KO-02"), because("new date"), dueOn("2027-01-12"))
	if d.task("KO-02").Late {
		t.Error("late in spite of a new date")
	}
	d.do("marta", engagement.CompleteTask, task("KO-02"))
	d.refused(models.Conflict, "task", "KO-02 is done: its due date does not move any more", "ines", engagement.MoveTask, task("KO-02"), because("x"), dueOn("2027-01-20"))
	d.do("marta", engagement.CompleteTask, task("KO-01"))
	d.refused(models.Conflict, "task", "KO-01 is submitted: its due date does not move any more", "ines", engagement.MoveTask, task("KO-01"), because("x"), dueOn("2027-01-20"))
}

func TestAssigning(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.refused(models.Invalid, "person", `person "nobody" is nobody active at this firm, client or auditor`, "ines", engagement.AssignTask, task("RE-08"), to("nobody"))
	d.refused(models.Invalid, "person", "Priya is of the firm, but RE-08 is for the client to do", "ines", engagement.AssignTask, task("RE-08"), to("priya"))
	d.refused(models.Invalid, "person", "Kenji is of the client, but RE-01 is for the firm to do", "ines", engagement.AssignTask, task("RE-01"), to("kenji"))
	d.refused(models.Forbidden, "task", "RE-01 is the firm's to assign", "ruth", engagement.AssignTask, task("RE-01"), to("tom"))
	d.refused(models.Forbidden, "", "giving a task to somebody is for partner, pm, consultant or sponsor; you are owner", "kenji", engagement.AssignTask, task("RE-08"), to("olga"))
	d.do("ruth", engagement.AssignTask, task("RE-08"), to("olga"))
	if got := d.task("RE-08"); got.Owner != "olga" || got.Backup != "kenji" {
		t.Errorf("olga, who was the backup, took over: it is %s's, backup %s", got.Owner, got.Backup)
	}
	d.do("ines", engagement.AssignTask, task("RE-01"), to("tom"))
	if got := d.task("RE-01"); got.Owner != "tom" {
		t.Errorf("RE-01 is %s's", got.Owner)
	}
	d.do("tom", engagement.CompleteTask, task("RE-01"))
	d.refused(models.Conflict, "task", "RE-01 is done: nobody has to do it any more", "ines", engagement.AssignTask, task("RE-01"), to("priya"))

	g := in(t, "soc2_type2", catalog.PhaseGap)
	g.refused(models.Invalid, "person", "Marta is to accept GA-10: somebody else must do it", "ines", engagement.AssignTask, task("GA-10"), to("marta"))
}

func TestWaiving(t *testing.T) {
	d := in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	for _, who := range []string{"priya", "ruth", "kenji", "hugo"} {
		if _, err := d.try(who, engagement.WaiveTask, task("RE-10"), because("x")); models.CodeOf(err) != models.Forbidden {
			t.Errorf("%s waives: %v", who, err)
		}
	}
	d.refused(models.Invalid, "reason", "reason must have", "ines", engagement.WaiveTask, task("RE-10"))
	for _, id := range []models.TaskID{"RE-06.X1", "RE-14.X1"} {
		d.refused(models.Conflict, "task", "closed by a verified fix, or by a risk acceptance of the sponsor", "marta", engagement.WaiveTask, task(id), because("x"))
	}
	d.do("ines", engagement.WaiveTask, task("RE-10", "RE-09"), because("done last autumn"))
	if got := d.task("RE-10"); got.State != engagement.TaskWaived || got.Reason != "done last autumn" || got.DoneBy != "ines" {
		t.Errorf("the waived test is %+v", got)
	}
	d.refused(models.Conflict, "task", "RE-10 is waived already", "ines", engagement.WaiveTask, task("RE-10"), because("x"))
	d.refused(models.Conflict, "task", "RE-10 is waived: reopen it first", "kenji", engagement.CompleteTask, task("RE-10"))
	d.do("ines", engagement.ReopenTask, task("RE-10"), because("the auditor wants one"))
}

func TestCommenting(t *testing.T) {
	d := started(t, "soc2_type1")
	d.refused(models.Invalid, "reason", "reason must have", "ruth", engagement.CommentTask, task("KO-01"))
	d.refused(models.NotFound, "task", "there is no task", "kenji", engagement.CommentTask, task("KO-01"), because("mine?"))
	d.do("ruth", engagement.CommentTask, task("KO-01"), because("our lawyer reads it until Friday"))
	if len(d.said) != 1 || d.said[0].By != "ruth" || d.said[0].Task != "KO-01" || d.said[0].Text != "our lawyer reads it until Friday" {
		t.Errorf("said was %+v", d.said)
	}
	if got := d.events[len(d.events)-1]; got.Kind != "task.commented" || got.Reason != "" {
		t.Errorf("the record says %+v", got)
	}
	d.do("marta", engagement.CancelEngagement, because("the client was bought"))
	d.do("ruth", engagement.CommentTask, task("KO-01"), because("thank you all"))
	d.refused(models.Conflict, "status", "the engagement is cancelled: nothing in it changes any more", "marta", engagement.CompleteTask, task("KO-01"))
}
