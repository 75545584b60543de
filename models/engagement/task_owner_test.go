package engagement_test

import (
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// The auditor's tasks are the auditor's (domain.md 7.3): of the firm nobody moves, splits, waives, assigns or blocks them. One that nobody
// owns is assigned by the manager.
func TestTheFirmDoesNotEditTheAuditorsTasks(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	d.Joins("abe", models.RoleAuditor)
	why, half := modelstest.Because("so it is"), modelstest.Added(engagement.NewTask{Title: "Half"})
	later := modelstest.DueOn(d.Today().AddDays(9).String())
	for _, who := range []string{"marta", "ines", "priya"} {
		for kind, with := range map[engagement.Kind]func(*engagement.Command){engagement.MoveTask: later, engagement.SplitTask: half,
			engagement.AssignTask: modelstest.To("hugo")} {
			d.Refused(models.Forbidden, "task", "T1-02 is the auditor's: only the auditor changes it", who, kind, modelstest.Task("T1-02"), why,
				with)
		}
		d.Refused(models.Forbidden, "task", "T1-02 is for Hugo to do", who, engagement.BlockTask, modelstest.Task("T1-02"), why,
			modelstest.By(models.SideFirm))
	}
	for _, who := range []string{"marta", "ines"} {
		d.Refused(models.Forbidden, "task", "T1-02 is the auditor's: only the auditor changes it", who, engagement.WaiveTask,
			modelstest.Task("T1-02"), why)
	}
	alone := d.Copy(t)
	alone.Facts.Task("T1-02").Owner = ""
	alone.Refused(models.Forbidden, "task", "T1-02 is the auditor's", "priya", engagement.AssignTask, modelstest.Task("T1-02"),
		modelstest.To("hugo"))
	alone.Do("ines", engagement.AssignTask, modelstest.Task("T1-02"), modelstest.To("hugo"))

	nobody := d.Copy(t) // no auditor has been invited: the manager does what is the auditor's, and moves it
	nobody.Facts.Engagement.Auditor = ""
	nobody.Refused(models.Forbidden, "task", "T1-02 is the auditor's", "priya", engagement.MoveTask, modelstest.Task("T1-02"), why,
		later)
	nobody.Do("ines", engagement.MoveTask, modelstest.Task("T1-02"), why, later)
}

// A task goes to somebody of the role that owns it in the catalog, or above: to be assigned gives nobody what their role withholds.
func TestAssigningGivesNothingThatIsWithheld(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	to := func(who models.PersonID) func(*engagement.Command) { return modelstest.To(who) }
	for _, who := range []models.PersonID{"priya", "marta"} {
		d.Refused(models.Forbidden, "task", "KO-02 is the partner's: the partner or the manager assigns it", "priya", engagement.AssignTask,
			modelstest.Task("KO-02"), to(who))
	}
	d.Refused(models.Forbidden, "task", "KO-02 is the partner's", "priya", engagement.SplitTask, modelstest.Task("KO-02"),
		modelstest.Because("two"), modelstest.Added(engagement.NewTask{Title: "Half", Owner: "priya"}))
	for who, says := range map[models.PersonID]string{"priya": "Priya is consultant, but KO-02 is for partner to do",
		"ines": "Ines is pm, but KO-02 is for partner to do"} {
		d.Refused(models.Invalid, "person", says, "ines", engagement.AssignTask, modelstest.Task("KO-02"), to(who))
		d.Refused(models.Invalid, "person", says, "marta", engagement.HandOverTask, modelstest.Task("KO-02"), to(who),
			modelstest.Because("you do it"))
		d.Refused(models.Invalid, "person", says, "ines", engagement.SplitTask, modelstest.Task("KO-02"), modelstest.Because("two"),
			modelstest.Added(engagement.NewTask{Title: "Half", Owner: who}))
	}
	d.Refused(models.Invalid, "person", "Tom is consultant, but KO-04 is for partner or pm to do", "ines", engagement.AssignTask,
		modelstest.Task("KO-04"), to("tom"))
	d.Do("ines", engagement.AssignTask, modelstest.Task("KO-04"), to("marta"))
	d.Do("priya", engagement.AssignTask, modelstest.Task("KO-05"), to("tom"))
	d.Do("ines", engagement.AssignTask, modelstest.Task("KO-05"), to("ines"))

	d.Refused(models.Invalid, "person", "Kenji is owner, but KO-07 is for sponsor to do, and for sponsor to give on", "ines",
		engagement.AssignTask, modelstest.Task("KO-07"), to("kenji"))
	d.Do("ruth", engagement.AssignTask, modelstest.Task("KO-07"), to("kenji"))
	d.Do("ines", engagement.AssignTask, modelstest.Task("KO-07"), to("ruth"))
}

// Where there is a second sponsor, what a sponsor does herself is submitted to the other one; where there is none it is done.
func TestASponsorDoesNotCloseWhatSheAccepts(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Until(modelstest.On("2027-12-01"), func() bool { return d.Has("RE-11") && d.Task("RE-11").State == engagement.TaskOpen })
	alone := d.Copy(t)
	d.Joins("sven", models.RoleSponsor)
	for _, x := range []*modelstest.Desk{d, alone} {
		x.Do("ruth", engagement.AssignTask, modelstest.Task("RE-11"), modelstest.To("ruth"))
		x.Do("ruth", engagement.CompleteTask, modelstest.Task("RE-11"))
	}
	if x := d.Task("RE-11"); x.State != engagement.TaskSubmitted || x.Approver != "sven" {
		t.Errorf("it is %s, for %s to accept", x.State, x.Approver)
	}
	d.Refused(models.Forbidden, "task", "you submitted RE-11 yourself", "ruth", engagement.AcceptTask, modelstest.Task("RE-11"))
	d.Do("sven", engagement.AcceptTask, modelstest.Task("RE-11"))
	if x := alone.Task("RE-11"); x.State != engagement.TaskDone {
		t.Errorf("where she is the only sponsor it is %s", x.State)
	}
}

// An auditor who has been invited is replaced by the decision of sponsor and partner (RT-13), and the partner by a partner. A draft is
// changed as anybody who may edit it likes.
func TestSeatsOfARunningEngagement(t *testing.T) {
	id := func(who models.PersonID) *models.PersonID { return &who }
	d := modelstest.Draft(t, "soc2_type2")
	d.Joins("abe", models.RoleAuditor)
	d.Joins("ava", models.RolePartner)
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Auditor: id("abe"), Partner: id("ava")}))
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Auditor: id("hugo"), Partner: id("marta")}))
	d.Do("ines", engagement.StartEngagement)

	for _, who := range []string{"ines", "marta"} {
		for _, to := range []models.PersonID{"abe", ""} {
			d.Refused(models.Conflict, "auditor", "send the engagement back by RT-13 (audit firm replaced)", who, engagement.EditEngagement,
				modelstest.Edited(engagement.Edit{Auditor: id(to)}))
		}
	}
	d.Refused(models.Forbidden, "partner", "the partner of a running engagement is changed by a partner; you are pm", "ines",
		engagement.EditEngagement, modelstest.Edited(engagement.Edit{Partner: id("ava")}))
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Auditor: id("hugo"), Partner: id("marta")})) // as they are
	d.Do("ava", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Partner: id("ava")}))

	d.Decided("ines", engagement.ReturnPhase, engagement.Change{Rule: "RT-13"}, "ruth", "ava")
	d.Do("ines", engagement.EditEngagement, modelstest.Edited(engagement.Edit{Auditor: id("abe")}))
	if got := d.Facts.Engagement; got.Auditor != "abe" || got.Partner != "ava" {
		t.Errorf("the seats are %s and %s", got.Partner, got.Auditor)
	}
}
