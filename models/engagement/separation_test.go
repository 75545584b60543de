package engagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// gap is remediation with one high gap: its fix is RE-06.X1, which is ruth's, its verification RE-14.X1, which is priya's.
func gap(t *testing.T) *modelstest.Desk {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews"}))
	return d
}

// halved splits a task in the name of ines and returns the id of the second part, which is somebody's.
func halved(d *modelstest.Desk, id models.TaskID, owner models.PersonID) models.TaskID {
	d.T.Helper()
	return models.TaskID(d.Do("ines", engagement.SplitTask, modelstest.Task(id), modelstest.Because("two jobs"),
		modelstest.Added(engagement.NewTask{Title: "The other half of " + string(id), Owner: owner})))
}

const ownWork = "which you did yourself: somebody else must check it"

// Half of the fix is priya's doing: she verifies neither the whole of it nor a half of the verification.
func TestADoerOfHalfAFixVerifiesNoneOfIt(t *testing.T) {
	d := gap(t)
	half := halved(d, "RE-06.X1", "kenji")
	quarter := halved(d, half, "kenji")
	check := halved(d, "RE-14.X1", "priya")
	if half != "RE-06.X1_2" || quarter != "RE-06.X1_3" || check != "RE-14.X1_2" {
		t.Fatalf("the parts are called %s, %s and %s", half, quarter, check)
	}
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-06.X1", half))
	d.Do("priya", engagement.CompleteTask, modelstest.Task(quarter))
	for _, id := range []models.TaskID{"RE-14.X1", check} {
		d.Refused(models.Forbidden, "task", string(id)+" checks "+string(quarter)+", "+ownWork, "priya", engagement.CompleteTask,
			modelstest.Task(id))
	}
	d.Do("tom", engagement.CompleteTask, modelstest.Task("RE-14.X1", check))
}

// A fix that was made whole before its verification was split is verified, in all parts, by others.
func TestAHalfOfAVerificationIsOne(t *testing.T) {
	d := gap(t)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	half := halved(d, "RE-14.X1", "tom")
	quarter := halved(d, half, "priya")
	for _, id := range []models.TaskID{"RE-14.X1", half, quarter} {
		d.Refused(models.Forbidden, "task", string(id)+" checks RE-06.X1, "+ownWork, "priya", engagement.CompleteTask, modelstest.Task(id))
	}
	d.Do("tom", engagement.CompleteTask, modelstest.Task("RE-14.X1", half, quarter))
}

// One command is no way round: whoever names a part of the fix and a part of its verification, in whatever order, does neither.
func TestOneCommandDoesNotDoAndCheck(t *testing.T) {
	d := gap(t)
	half, check := halved(d, "RE-06.X1", "kenji"), halved(d, "RE-14.X1", "tom")
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	for _, both := range [][]models.TaskID{{half, "RE-14.X1"}, {half, check}, {check, half}, {"RE-14.X1", half, check}} {
		d.Refused(models.Forbidden, "task", "are one to do and one to check: somebody else must do one of them", "priya",
			engagement.CompleteTask, modelstest.Task(both...))
	}
}

// Priya has verified the fix with tom. When it is made again it is verified again, all of it; and who verified it does not make it, should
// the verification still stand.
func TestWhatIsDoneAgainIsCheckedAgain(t *testing.T) {
	d := gap(t)
	half := halved(d, "RE-14.X1", "tom")
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-14.X1"))
	d.Do("tom", engagement.CompleteTask, modelstest.Task(half))
	old := d.Copy(t) // of a release before this one: the fix is open again, and the verification stands
	d.Do("priya", engagement.ReopenTask, modelstest.Task("RE-06.X1"), modelstest.Because("it does not hold"))
	for _, id := range []models.TaskID{"RE-14.X1", half} {
		if x := d.Task(id); x.State != engagement.TaskWaiting || x.DoneBy != "" || x.Reason != "RE-06.X1 was reopened" {
			t.Errorf("%s is %s, done by %q: %s", id, x.State, x.DoneBy, x.Reason)
		}
	}
	if got := d.Logged("task.reopened"); !slices.Contains(got, "RE-14.X1 done->open") || !slices.Contains(got, string(half)+" done->open") {
		t.Errorf("reopened were %v", got)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	d.Refused(models.Forbidden, "task", ownWork, "priya", engagement.CompleteTask, modelstest.Task("RE-14.X1"))

	fix := old.Closed["RE-06.X1"]
	delete(old.Closed, fix.ID)
	fix.State, fix.DoneBy = engagement.TaskOpen, ""
	old.Facts.Phase(fix.Phase).Closed--
	old.Facts.Tasks = append(old.Facts.Tasks, fix)
	old.Refused(models.Forbidden, "task", "RE-14.X1 checks RE-06.X1, and you checked it: somebody else must do it", "priya",
		engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	old.Do("kenji", engagement.CompleteTask, modelstest.Task("RE-06.X1"), modelstest.StandsFor("ruth"))
}

// A population is pulled and checked again, while the check of the first is still to be done: it waits for what is pulled anew, and
// whoever pulls that does not check it.
func TestWhatIsRedoneIsWaitedForByItsCheck(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseT2Close)
	d.Until(modelstest.On("2029-01-01"), func() bool {
		return slices.ContainsFunc(d.CopiesOf("WC-03"), func(x *engagement.Task) bool { return x.State == engagement.TaskOpen })
	})
	i := slices.IndexFunc(d.CopiesOf("WC-03"), func(x *engagement.Task) bool { return x.State == engagement.TaskOpen })
	if i < 0 {
		t.Fatal("no population is to be checked")
	}
	check := d.CopiesOf("WC-03")[i].ID
	subject := d.Task(check).Subject
	d.Decided("ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-08", Subject: subject})
	again := models.TaskID("WC-02." + subject + "~2")
	if x := d.Task(check); x.State != engagement.TaskWaiting || !slices.Contains(x.After, string(again)) {
		t.Fatalf("%s is %s after %v", check, x.State, x.After)
	}
	d.Do("priya", engagement.CompleteTask, modelstest.Task(again))
	d.Refused(models.Forbidden, "task", string(check)+" checks "+string(again)+", "+ownWork, "priya", engagement.CompleteTask,
		modelstest.Task(check))
}

// A risk is accepted of a gap, not of half of it: with one part of the fix the others are waived, and the verification.
func TestARiskIsAcceptedOfAWholeGap(t *testing.T) {
	d := gap(t)
	half, check := halved(d, "RE-06.X1", "kenji"), halved(d, "RE-14.X1", "tom")
	d.Decided("ruth", engagement.AcceptRisk, engagement.Change{Task: half})
	for _, id := range []models.TaskID{"RE-06.X1", half, "RE-14.X1", check} {
		if x := d.Task(id); x.State != engagement.TaskWaived {
			t.Errorf("%s is %s", id, x.State)
		}
	}
}

// Who did something lends nobody the right to accept or check it: in their place stands whoever else may.
func TestWhoDidItLendsNobodyTheRightToJudgeIt(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Joins("ava", models.RolePartner)
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-08").State == engagement.TaskOpen })
	d.Do("marta", engagement.CompleteTask, modelstest.Task("KO-08"))
	if x := d.Task("KO-08"); x.State != engagement.TaskSubmitted || x.Approver != "ava" {
		t.Fatalf("it is %s, for %s to accept", x.State, x.Approver)
	}
	d.Refused(models.Forbidden, "task", "you submitted KO-08 yourself", "marta", engagement.AcceptTask, modelstest.Task("KO-08"))
	for _, kind := range []engagement.Kind{engagement.AcceptTask, engagement.ReturnTask} {
		d.Refused(models.Forbidden, "task", "KO-08 is for Ava to accept or return", "priya", kind, modelstest.Task("KO-08"),
			modelstest.StandsFor("marta"), modelstest.Because("she is away"))
	}
	x := d.Facts.Task("KO-08") // of a release before this one, which left the approver as it was
	x.Approver = "marta"
	d.Refused(models.Forbidden, "task", "KO-08 is for Marta to accept or return", "priya", engagement.AcceptTask, modelstest.Task("KO-08"),
		modelstest.StandsFor("marta"))
	d.Do("ava", engagement.AcceptTask, modelstest.Task("KO-08"), modelstest.StandsFor("marta"))

	v := gap(t) // noor is on the engagement in priya's place only, and priya made the fix
	v.Do("priya", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	v.Refused(models.Forbidden, "task", "RE-14.X1 is not for you to do in the place of who did what it checks", "noor",
		engagement.CompleteTask, modelstest.Task("RE-14.X1"), modelstest.StandsFor("priya"))
	v.Do("tom", engagement.CompleteTask, modelstest.Task("RE-14.X1"), modelstest.StandsFor("priya")) // he may himself

	g := gap(t)
	check := g.Facts.Task("RE-14.X1")
	check.Owner, check.Backup = "ruth", ""
	check.OwnerRole = "sponsor"
	g.Joins("nina", models.RoleOwner)
	g.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
	g.Refused(models.Forbidden, "task", "RE-14.X1 is not for you to do in the place of who did what it checks", "nina",
		engagement.CompleteTask, modelstest.Task("RE-14.X1"), modelstest.StandsFor("ruth"))
}

// Nobody grants more time for what is theirs to do, nor does who stands in for them; where nobody else could speak for a role another is
// asked.
func TestMoreTimeForOnesOwnIsGrantedByOthers(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-15").State == engagement.TaskOpen })
	later := d.Facts.FirmDays.Add(d.Task("KO-15").Due, 4)
	ask := func(d *modelstest.Desk, who string, stands ...models.PersonID) string {
		return d.Do(who, engagement.ExtendTask, modelstest.Task("KO-15"), modelstest.DueOn(later.String()), modelstest.Because("too much"),
			modelstest.StandsFor(stands...))
	}
	mine := d.Copy(t)
	id := ask(mine, "tom", "ines") // in her place: she is away, and it is hers
	if got := mine.Missing(id); slices.Contains(got, models.RoleManager) || len(got) == 0 {
		t.Errorf("it waits for %v", got)
	}
	mine.Refused(models.Forbidden, "decision", "which is not you", "ines", engagement.ApproveDecision, modelstest.Decision(id))

	for _, x := range d.Facts.Tasks {
		if x.ID == "KO-15" {
			x.Owner = "priya"
		}
	}
	hers := d.Copy(t)
	id = ask(hers, "priya")
	if got := hers.Missing(id); !slices.Contains(got, models.RoleManager) {
		t.Fatalf("it waits for %v", got)
	}
	for _, kind := range []engagement.Kind{engagement.ApproveDecision, engagement.RefuseDecision} {
		hers.Refused(models.Forbidden, "decision", "which is not you", "ines", kind, modelstest.Decision(id), modelstest.StandsFor("priya"),
			modelstest.Because("she asked me"))
	}
	hers.Do("ines", engagement.ApproveDecision, modelstest.Decision(id))
	if hers.Task("KO-15").Due != later {
		t.Errorf("it is due %s", hers.Task("KO-15").Due)
	}
}

// A sponsor makes no time by a split: the second part is due with the first. Who moves due dates may name a later day.
func TestASplitMakesNoTime(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	split := func(due models.Date) []func(*engagement.Command) {
		return []func(*engagement.Command){modelstest.Task("KO-14"), modelstest.Because("two firms"),
			modelstest.Added(engagement.NewTask{Title: "The other firm", Due: due})}
	}
	due := d.Task("KO-14").Due
	d.Refused(models.Forbidden, "due", fmt.Sprintf("due 2029-11-20 is later than %s, when KO-14 is due: split it without a later day, "+
		"and ask for more time with extend", due), "ruth", engagement.SplitTask, split(modelstest.On("2029-11-20"))...)
	d.Do("ruth", engagement.SplitTask, split(due)...)
	d.Do("priya", engagement.SplitTask, split(due.AddDays(14))...)
}

// A task is split into twenty at most, whichever of its parts is split; a twenty-first would be one more than anybody oversees.
func TestATaskIsSplitTwentyTimesAtMost(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	id := models.TaskID("KO-05")
	for n := 2; n <= 20; n++ {
		if id = halved(d, id, "tom"); id != models.TaskID(fmt.Sprint("KO-05_", n)) {
			t.Fatalf("the part %d is called %s", n, id)
		}
	}
	d.Do("ines", engagement.WaiveTask, modelstest.Task("KO-05_7"), modelstest.Because("not needed"))
	for _, part := range []models.TaskID{"KO-05", "KO-05_20"} {
		d.Refused(models.Conflict, "task", "KO-05 has been split into 20 tasks already, which is the most", "ines", engagement.SplitTask,
			modelstest.Task(part), modelstest.Because("more"), modelstest.Added(engagement.NewTask{Title: "One more"}))
	}
}

// What blocks the first half does not block the second, of which nobody said so.
func TestTheHalfOfABlockedTaskIsOpen(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-08").State == engagement.TaskOpen })
	d.Do("ruth", engagement.BlockTask, modelstest.Task("KO-08"), modelstest.By("vendor"), modelstest.Because("the bank is closed"))
	half := d.Task(halved(d, "KO-08", "ruth"))
	if half.State != engagement.TaskOpen || half.BlockedBy != "" || !half.BlockedOn.IsZero() || half.Reason != "" || half.OpenedOn.IsZero() {
		t.Errorf("the half is %+v", half)
	}
	if first := d.Task("KO-08"); first.State != engagement.TaskBlocked || first.BlockedBy != "vendor" {
		t.Errorf("the first is %+v", first)
	}
	d.Do("ines", engagement.UnblockTask, modelstest.Task("KO-08"))
	d.Do("ruth", engagement.CompleteTask, modelstest.Task("KO-08"))
	d.Do("marta", engagement.AcceptTask, modelstest.Task("KO-08"))
	_, err := d.Try("ruth", engagement.CompleteTask, modelstest.Task("KO-14"))
	if err == nil || err.Error() != "KO-14 waits for KO-08_2" {
		t.Errorf("of KO-14 it is said: %v", err)
	}
}

// What is said of what takes no acceptance, and of an engagement that has ended, is so.
func TestSentencesOfTheLock(t *testing.T) {
	d := gap(t)
	d.Refused(models.Forbidden, "task", "RE-06.X1 is nobody's to accept or return: it is done when it is completed", "ines",
		engagement.AcceptTask, modelstest.Task("RE-06.X1"))
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"),
		modelstest.Confirmed("e1"))
	d.Do("ines", engagement.CommentTask, modelstest.Task("RE-06.X1"), modelstest.Because("for the record"))
	d.Refused(models.Conflict, "status",
		"the engagement is cancelled: nothing in it changes any more, only comments and answers are taken", "ines",
		engagement.ReopenTask, modelstest.Task("RE-06.X1"), modelstest.Because("once more"))
}

// Ids that the catalog makes are never taken for those of parts: nothing that a task is about ends like one.
func TestNoIDOfTheCatalogLooksLikeAPart(t *testing.T) {
	n := 0
	for _, typ := range modelstest.Types() {
		for _, x := range modelstest.Started(t, typ).Tasks() {
			n++
			if i := strings.LastIndex(string(x.ID), "_"); i >= 0 && strings.Trim(string(x.ID[i+1:]), "0123456789") == "" {
				t.Errorf("%s looks like a part", x.ID)
			}
		}
	}
	c := modelstest.Catalog()
	sel := c.InScope(catalog.Scope{Kind: "soc2", Categories: []catalog.Category{catalog.Security, catalog.Availability,
		catalog.Confidentiality, catalog.ProcessingIntegrity, catalog.Privacy}, Headcount: 900})
	ids := slices.Clone(sel.Domains)
	for _, x := range sel.Controls {
		ids = append(ids, x.ID)
	}
	for _, x := range sel.Policies {
		ids = append(ids, x.ID)
	}
	for _, x := range c.Evidence {
		ids = append(ids, x.ID)
	}
	for _, id := range ids {
		n++
		if i := strings.LastIndex(id, "_"); i >= 0 && strings.Trim(id[i+1:], "0123456789") == "" {
			t.Errorf("%s looks like a part", id)
		}
	}
	if n < 200 {
		t.Errorf("only %d ids were looked at", n)
	}
}
