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
	d := modelstest.Started(t, "soc2_type2")
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01"))
	if got := d.Task("KO-01"); got.State != engagement.TaskSubmitted || got.DoneBy != "marta" {
		t.Fatalf("the letter is %s by %q, want submitted by marta", got.State, got.DoneBy)
	}
	d.Refused(models.Conflict, "task", "KO-01 was completed already by Marta on 2027-01-04", "marta", engagement.CompleteTask,
		modelstest.Task("KO-01"))
	d.Refused(models.Forbidden, "task", "KO-01 is for Ruth to accept or return", "ines", engagement.AcceptTask, modelstest.Task("KO-01"))

	d.Do("ruth", engagement.ReturnTask, modelstest.Task("KO-01"), modelstest.Because("page 3 is missing"))
	if got := d.Task("KO-01"); got.State != engagement.TaskOpen || got.Reason != "page 3 is missing" || got.DoneBy != "" {
		t.Errorf("the returned letter is %+v", got)
	}
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01"))
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	if got := d.Task("KO-01"); got.State != engagement.TaskDone {
		t.Errorf("the accepted letter is %s", got.State)
	}
	d.Refused(models.Conflict, "task", "KO-01 is done: only what was submitted can be accepted or returned", "ruth", engagement.AcceptTask,
		modelstest.Task("KO-01"))
	if got := d.Task("KO-04"); got.State != engagement.TaskOpen || got.OpenedOn != modelstest.On("2027-01-04") {
		t.Errorf("what waited for the letter is %s since %s", got.State, got.OpenedOn)
	}
	if got := d.Task("KO-03"); got.State != engagement.TaskWaiting {
		t.Errorf("KO-03 waits for KO-02 too, but is %s", got.State)
	}
	d.Refused(models.Conflict, "task", "KO-03 waits for KO-02", "marta", engagement.CompleteTask, modelstest.Task("KO-03"))
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
		phase := map[byte]catalog.Phase{'K': catalog.PhaseKickoff, 'G': catalog.PhaseGap, 'R': catalog.PhaseRemediation,
			'T': catalog.PhaseT1Fieldwork}[c.id[0]]
		d := modelstest.In(t, "soc2_type1", phase)
		if phase == catalog.PhaseKickoff {
			d = modelstest.Started(t, "soc2_type1")
		}
		for d.Facts.Task(c.id).State == engagement.TaskWaiting { // do what comes before
			for _, x := range d.Facts.Tasks {
				if x.ID != c.id && x.State == engagement.TaskOpen {
					d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
				} else if x.State == engagement.TaskSubmitted {
					d.Do(string(x.Approver), engagement.AcceptTask, modelstest.Task(x.ID))
				}
			}
		}
		_, err := d.Try(c.who, engagement.CompleteTask, modelstest.Task(c.id))
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
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Decided("ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-13"}, "ruth", "marta")
	d.Until(modelstest.On("2028-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseT1Fieldwork).Standing == engagement.StandingActive })
	for _, x := range d.CopiesOf("T1-07") {
		d.Do("priya", engagement.CompleteTask, modelstest.Task(x.ID))
	}
	d.Do("ines", engagement.CompleteTask, modelstest.Task("T1-08"))
	if got := d.Task("T1-09"); got.Owner != "ines" {
		t.Errorf("the auditor's interviews are recorded by %q", got.Owner)
	}
	d.Do("ines", engagement.CompleteTask, modelstest.Task("T1-09"))
}

func TestSeveralTasksAtOnceAreAllOrNothing(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Refused(models.Invalid, "tasks", "tasks must name at least one task", "marta", engagement.CompleteTask)
	d.Refused(models.Invalid, "tasks", "tasks names KO-02 twice", "marta", engagement.WaiveTask, modelstest.Task("KO-02", "KO-02"),
		modelstest.Because("x"))
	d.Refused(models.NotFound, "task", `there is no task "KO-99"`, "marta", engagement.CompleteTask, modelstest.Task("KO-01", "KO-99"))
	if got := d.Task("KO-01").State; got != engagement.TaskOpen {
		t.Errorf("half of a refused command was done: KO-01 is %s", got)
	}
	d.Refused(models.Invalid, "tasks", "task.block takes one task at a time", "marta", engagement.BlockTask,
		modelstest.Task("KO-01", "KO-02"), modelstest.Because("x"), modelstest.By(models.SideClient))
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01", "KO-02"))
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("KO-01"))
	// One after the other in one command: what the first lets begin, the second does.
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-03", "KO-04", "KO-05", "KO-06"))
	if got := d.Task("KO-06"); got.State != engagement.TaskDone || got.OpenedOn != d.Today() {
		t.Errorf("the kickoff meeting is %s, opened on %s", got.State, got.OpenedOn)
	}
	d.Refused(models.Conflict, "task", "KO-15 waits for KO-07", "ines", engagement.CompleteTask, modelstest.Task("KO-15"))
}

func TestNobodyChecksWhatTheyDidThemselves(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseT2Close)
	d.Do("ines", engagement.CompleteTask, modelstest.Task("WC-01"))
	pulled := d.CopiesOf("WC-02")[0]
	check := models.TaskID("WC-03." + pulled.Subject)
	d.Do("priya", engagement.CompleteTask, modelstest.Task(pulled.ID)) // a consultant pulled it for the client
	d.Refused(models.Forbidden, "task", string(check)+" checks "+string(pulled.ID)+", which you did yourself", "priya",
		engagement.CompleteTask, modelstest.Task(check))
	d.Do("tom", engagement.CompleteTask, modelstest.Task(check))

	g := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	g.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	g.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	g.Do("priya", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	g.Refused(models.Forbidden, "task", "RE-14.X1 checks RE-06.X1, which you did yourself", "priya", engagement.CompleteTask,
		modelstest.Task("RE-14.X1"))
	g.Do("tom", engagement.CompleteTask, modelstest.Task("RE-14.X1"))
}

// In a company of ten the one who does may be the one who accepts; whoever does it for them does not accept it too.
func TestOwnerAndApproverInOnePerson(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	if got := d.Task("RE-11"); got.Owner != "ruth" || got.Approver != "ruth" {
		t.Fatalf("nobody leads the product, so the description is for %s to draft and %s to approve; want ruth both", got.Owner, got.Approver)
	}
	own := d.Copy(t)
	own.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-11"))
	if got := own.Task("RE-11").State; got != engagement.TaskDone {
		t.Errorf("what ruth drafts for herself is %s", got)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-11"))
	if got := d.Task("RE-11").State; got != engagement.TaskSubmitted {
		t.Errorf("what priya drafts for ruth is %s without her approval", got)
	}
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("RE-11"))

	// The only one who may accept does not do it for somebody else: it could never be accepted.
	e := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	e.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	e.Do("ines", engagement.AssignTask, modelstest.Task("RE-11"), modelstest.To("kenji"))
	e.Refused(models.Forbidden, "task", "RE-11 is for you to accept: somebody else must do it", "ruth", engagement.CompleteTask,
		modelstest.Task("RE-11"))
	e.Do("kenji", engagement.CompleteTask, modelstest.Task("RE-11"))
	e.Do("ruth", engagement.AcceptTask, modelstest.Task("RE-11"))
}

func TestWhoAcceptsForAManager(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("GA-12").State == engagement.TaskOpen })
	d.Do("ines", engagement.CompleteTask, modelstest.Task("GA-12")) // for ruth; ines is the one to accept it
	d.Refused(models.Forbidden, "task", "you submitted GA-12 yourself", "ines", engagement.AcceptTask, modelstest.Task("GA-12"))
	d.Refused(models.Forbidden, "task", "GA-12 is for Marta to accept or return", "ruth", engagement.AcceptTask, modelstest.Task("GA-12"))
	// she manages others
	d.Refused(models.NotFound, "engagement", `there is no engagement "e1"`, "noor", engagement.AcceptTask, modelstest.Task("GA-12"))
	d.Do("marta", engagement.AcceptTask, modelstest.Task("GA-12")) // a partner may for a manager
}

func TestReopeningATask(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Refused(models.Conflict, "task", "the phase of KO-07 is not open any more: send the phase back instead", "ruth", engagement.ReopenTask,
		modelstest.Task("KO-07"), modelstest.Because("olga left"))
	d.Refused(models.Invalid, "reason", "reason must have 1 to 2000 characters", "priya", engagement.ReopenTask, modelstest.Task("GA-01"))
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("GA-07").State == engagement.TaskOpen })
	open := d.Task("GA-07")
	d.Refused(models.Conflict, "task", "GA-07 is open: only what is closed or submitted can be reopened", "priya", engagement.ReopenTask,
		modelstest.Task("GA-07"), modelstest.Because("again"))
	gate1 := d.Facts.Gate("G-GA-1")
	if gate1.State != engagement.GateSigned {
		t.Fatalf("G-GA-1 is %s", gate1.State)
	}
	pace := d.Facts.Engagement.Pace
	asked := models.TaskID("GA-04.GOV")
	d.Do("priya", engagement.ReopenTask, modelstest.Task(asked), modelstest.Because("half of it is blank"))
	got := d.Task(asked)
	if got.State != engagement.TaskOpen || got.Reason != "half of it is blank" || got.DoneBy != "" || got.OpenedOn != d.Today() {
		t.Errorf("the reopened questionnaire is %+v", got)
	}
	if got.Late || got.Due.Before(d.Today()) {
		t.Errorf("the reopened questionnaire is due %s and late: %t; on %s nobody was late with it", got.Due, got.Late, d.Today())
	}
	if got := d.Facts.Gate("G-GA-1"); got.State != engagement.GateOpen || got.Round != gate1.Round+1 || got.By != "" {
		t.Errorf("the gate that rested on it is %+v", got)
	}
	if got := d.Task("GA-07"); got.State != engagement.TaskWaiting || got.Late {
		t.Errorf("what follows it is %s, was %s", got.State, open.State)
	}
	if got := d.Facts.Engagement.Pace; got.Closed != pace.Closed-1 {
		t.Errorf("%d tasks count as closed, before there were %d", got.Closed, pace.Closed)
	}
	d.Refused(models.Conflict, "gate", "G-GA-1 cannot be signed yet: GA-04.GOV", "ines", engagement.SignGate, modelstest.Gate("G-GA-1"))
	d.Do("ruth", engagement.CompleteTask, modelstest.Task(asked))
	d.Do("ines", engagement.SignGate, modelstest.Gate("G-GA-1"))
	if got := d.Facts.Engagement.Pace; got.Closed != pace.Closed {
		t.Errorf("a task done twice counts %d times", 1+got.Closed-pace.Closed)
	}
}

func TestBlocking(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Refused(models.Invalid, "by", `by "nobody" is none of firm, client, auditor, vendor`, "kenji", engagement.BlockTask,
		modelstest.Task("RE-08"), modelstest.Because("x"), modelstest.By("nobody"))
	d.Refused(models.Invalid, "reason", "reason must have", "kenji", engagement.BlockTask, modelstest.Task("RE-08"),
		modelstest.By(models.SideFirm))
	d.Refused(models.Conflict, "task", "RE-08 is not blocked: it is open", "kenji", engagement.UnblockTask, modelstest.Task("RE-08"))
	d.Do("kenji", engagement.BlockTask, modelstest.Task("RE-08"), modelstest.Because("the firm owes us the template"),
		modelstest.By(models.SideFirm))
	d.Do("kenji", engagement.BlockTask, modelstest.Task("RE-10"), modelstest.Because("no date from the testers"), modelstest.By("vendor"))
	d.Refused(models.Conflict, "task", "RE-10 is blocked: only a task that is open or waiting can be blocked", "kenji", engagement.BlockTask,
		modelstest.Task("RE-10"), modelstest.Because("x"), modelstest.By("vendor"))

	due := d.Task("RE-08").Due
	d.GoTo(d.Facts.ClientDays.Add(modelstest.Later(d.Task("RE-08").Due, d.Task("RE-10").Due), 4))
	if d.Task("RE-08").Late {
		t.Error("kenji is late with what the firm blocks")
	}
	if !d.Task("RE-10").Late {
		t.Error("a vendor in the way does not stop the clock")
	}
	if got := d.Report().WaitingFor; !slices.ContainsFunc(got,
		func(w engagement.Waiting) bool {
			return w.Person == d.Facts.Engagement.Manager && w.Since == d.Task("RE-08").OpenedOn
		}) {
		t.Errorf("the status does not wait for the manager: %+v", got)
	}
	d.Do("kenji", engagement.UnblockTask, modelstest.Task("RE-08"))
	if got := d.Task("RE-08"); got.Late || got.Due != d.Facts.ClientDays.Add(d.Today(), 1) || got.Due == due || got.BlockedBy != "" ||
		got.Reason != "" {
		t.Errorf("on the day the firm is out of the way RE-08 is %+v", got)
	}
	d.Do("kenji", engagement.CompleteTask, modelstest.Task("RE-10")) // done although blocked
	if got := d.Task("RE-10"); got.BlockedBy != "" || got.State != engagement.TaskDone {
		t.Errorf("done, RE-10 is %+v", got)
	}
}

// A task that was blocked before it could be begun still waits for what comes before it.
func TestBlockingDoesNotJumpTheQueue(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Do("priya", engagement.BlockTask, modelstest.Task("GA-07"), modelstest.Because("no mapping table"), modelstest.By(models.SideFirm))
	d.Refused(models.Conflict, "task", "GA-07 waits for GA-04, GA-06", "priya", engagement.CompleteTask, modelstest.Task("GA-07"))
	d.Do("priya", engagement.UnblockTask, modelstest.Task("GA-07"))
	if got := d.Task("GA-07").State; got != engagement.TaskWaiting {
		t.Errorf("unblocked, it is %s", got)
	}
}

func TestMovingADueDate(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	for _, c := range []struct {
		due   string
		field string
		says  string
	}{
		{"2027-01-03", "due", "due 2027-01-03 must lie between today, 2027-01-04, and 2030-01-06"},
		{"2030-01-07", "due", "must lie between"},
	} {
		d.Refused(models.Invalid, c.field, c.says, "ines", engagement.MoveTask, modelstest.Task("KO-08"), modelstest.Because("x"),
			modelstest.DueOn(c.due))
	}
	d.Refused(models.Invalid, "due", "due is missing: a date as YYYY-MM-DD", "ines", engagement.MoveTask, modelstest.Task("KO-08"),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.MoveTask, modelstest.Task("KO-08"),
		modelstest.DueOn("2027-01-20"))
	d.Refused(models.Forbidden, "", "moving a task is for partner, pm or consultant; you are sponsor", "ruth", engagement.MoveTask,
		modelstest.Task("KO-08"), modelstest.Because("x"), modelstest.DueOn("2027-01-20"))
	was := d.Task("KO-08")
	// a Saturday, and Monday is a holiday
	d.Do("ines", engagement.MoveTask, modelstest.Task("KO-08"), modelstest.Because("ruth is away"), modelstest.DueOn("2027-01-16"))
	if got := d.Task("KO-08"); got.Due != modelstest.On("2027-01-19") || got.Original != was.Original || !got.Moved {
		t.Errorf("moved, it is due %s, first %s, moved %t", got.Due, got.Original, got.Moved)
	}
	// Lateness ends with a new date.
	d.GoTo(modelstest.On("2027-01-08"))
	if !d.Task("KO-02").Late {
		t.Fatal("marta is not late with the conflict check")
	}
	d.Do("ines", engagement.MoveTask, modelstest.Task("KO-02"), modelstest.Because("new date"), modelstest.DueOn("2027-01-12"))
	if d.Task("KO-02").Late {
		t.Error("late in spite of a new date")
	}
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-02"))
	d.Refused(models.Conflict, "task", "KO-02 is done: its due date does not move any more", "ines", engagement.MoveTask,
		modelstest.Task("KO-02"), modelstest.Because("x"), modelstest.DueOn("2027-01-20"))
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-01"))
	d.Refused(models.Conflict, "task", "KO-01 is submitted: its due date does not move any more", "ines", engagement.MoveTask,
		modelstest.Task("KO-01"), modelstest.Because("x"), modelstest.DueOn("2027-01-20"))
}

func TestAssigning(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Refused(models.Invalid, "person", `person "nobody" is nobody active who takes part in this engagement`, "ines", engagement.AssignTask,
		modelstest.Task("RE-08"), modelstest.To("nobody"))
	d.Refused(models.Invalid, "person", "Priya is of the firm, but RE-08 is for the client to do", "ines", engagement.AssignTask,
		modelstest.Task("RE-08"), modelstest.To("priya"))
	d.Refused(models.Invalid, "person", "Kenji is of the client, but RE-01 is for the firm to do", "ines", engagement.AssignTask,
		modelstest.Task("RE-01"), modelstest.To("kenji"))
	d.Refused(models.Forbidden, "task", "RE-01 is the firm's to assign", "ruth", engagement.AssignTask, modelstest.Task("RE-01"),
		modelstest.To("tom"))
	d.Refused(models.Forbidden, "", "giving a task to somebody is for partner, pm, consultant or sponsor; you are owner", "kenji",
		engagement.AssignTask, modelstest.Task("RE-08"), modelstest.To("olga"))
	d.Do("ruth", engagement.AssignTask, modelstest.Task("RE-08"), modelstest.To("olga"))
	if got := d.Task("RE-08"); got.Owner != "olga" || got.Backup != "kenji" {
		t.Errorf("olga, who was the backup, took over: it is %s's, backup %s", got.Owner, got.Backup)
	}
	d.Do("ines", engagement.AssignTask, modelstest.Task("RE-01"), modelstest.To("tom"))
	if got := d.Task("RE-01"); got.Owner != "tom" {
		t.Errorf("RE-01 is %s's", got.Owner)
	}
	was, said := d.Facts.Engagement.Revision, len(d.Events)
	d.Do("ines", engagement.AssignTask, modelstest.Task("RE-01"), modelstest.To("tom"))
	if is := d.Facts.Engagement.Revision; is != was || len(d.Events) != said || d.Task("RE-01").Owner != "tom" {
		t.Errorf("it was tom's already, and revision %d became %d: %v", was, is, d.Events[said:])
	}
	d.Do("tom", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Refused(models.Conflict, "task", "RE-01 is done: nobody has to do it any more", "ines", engagement.AssignTask,
		modelstest.Task("RE-01"), modelstest.To("priya"))

	g := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	g.Refused(models.Invalid, "person", "Marta is to accept GA-10: somebody else must do it", "ines", engagement.AssignTask,
		modelstest.Task("GA-10"), modelstest.To("marta"))
}

func TestWaiving(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	for _, who := range []string{"priya", "ruth", "kenji", "hugo"} {
		if _, err := d.Try(who, engagement.WaiveTask, modelstest.Task("RE-10"), modelstest.Because("x")); models.CodeOf(err) != models.Forbidden {
			t.Errorf("%s waives: %v", who, err)
		}
	}
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.WaiveTask, modelstest.Task("RE-10"))
	for _, id := range []models.TaskID{"RE-06.X1", "RE-14.X1"} {
		d.Refused(models.Conflict, "task", "closed by a verified fix, or by a risk acceptance of the sponsor", "marta", engagement.WaiveTask,
			modelstest.Task(id), modelstest.Because("x"))
	}
	d.Do("ines", engagement.WaiveTask, modelstest.Task("RE-10", "RE-09"), modelstest.Because("done last autumn"))
	if got := d.Task("RE-10"); got.State != engagement.TaskWaived || got.Reason != "done last autumn" || got.DoneBy != "ines" {
		t.Errorf("the waived test is %+v", got)
	}
	d.Refused(models.Conflict, "task", "RE-10 is waived already", "ines", engagement.WaiveTask, modelstest.Task("RE-10"),
		modelstest.Because("x"))
	d.Refused(models.Conflict, "task", "RE-10 is waived: reopen it first", "kenji", engagement.CompleteTask, modelstest.Task("RE-10"))
	d.Do("ines", engagement.ReopenTask, modelstest.Task("RE-10"), modelstest.Because("the auditor wants one"))
}

func TestCommenting(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.Refused(models.Invalid, "reason", "reason must have", "ruth", engagement.CommentTask, modelstest.Task("KO-01"))
	d.Refused(models.NotFound, "task", "there is no task", "kenji", engagement.CommentTask, modelstest.Task("KO-01"),
		modelstest.Because("mine?"))
	d.Do("ruth", engagement.CommentTask, modelstest.Task("KO-01"), modelstest.Because("our lawyer reads it until Friday"))
	if len(d.Comments) != 1 || d.Comments[0].By != "ruth" || d.Comments[0].Task != "KO-01" ||
		d.Comments[0].Text != "our lawyer reads it until Friday" {
		t.Errorf("said was %+v", d.Comments)
	}
	if got := d.Events[len(d.Events)-1]; got.Kind != "task.commented" || got.Reason != "" {
		t.Errorf("the record says %+v", got)
	}
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"),
		modelstest.Confirmed("e1"))
	d.Do("ruth", engagement.CommentTask, modelstest.Task("KO-01"), modelstest.Because("thank you all"))
	d.Refused(models.Conflict, "status", "the engagement is cancelled: nothing in it changes any more", "marta", engagement.CompleteTask,
		modelstest.Task("KO-01"))
}

// Kenji's answer was blocked before it opened: since it opened it waits to be let go on, in the report as in the task and in what is asked.
func TestSinceWhenATaskIsBlocked(t *testing.T) {
	day := modelstest.On("2027-01-04")
	for _, c := range []struct {
		state           engagement.TaskState
		opened, blocked int
		since           models.Date
	}{{engagement.TaskBlocked, 0, 3, day.AddDays(3)}, {engagement.TaskBlocked, 5, 3, day.AddDays(5)},
		{engagement.TaskOpen, 0, 3, models.Date{}}} {
		x := engagement.Task{State: c.state, OpenedOn: day.AddDays(c.opened), BlockedOn: day.AddDays(c.blocked)}
		if got := x.BlockedSince(); got != c.since {
			t.Errorf("%+v: since %s, not %s", c, got, c.since)
		}
	}
	d := modelstest.In(t, "soc2_type2", "gap")
	d.Until(d.Today().AddDays(3), func() bool { return false })
	d.Do("kenji", engagement.BlockTask, modelstest.Task("GA-04.MON"), modelstest.By("vendor"), modelstest.Because("no answer"))
	want := d.Task("GA-04.MON").BlockedSince()
	for _, w := range d.Facts.Report(d.Now).WaitingFor {
		if w.Role == "vendor" && w.Since != want {
			t.Errorf("the report says since %s, the task since %s", w.Since, want)
		}
	}
	if d.Task("GA-04.MON").OpenedOn == want {
		t.Error("it was blocked on the day it opened: nothing was tried")
	}
}
