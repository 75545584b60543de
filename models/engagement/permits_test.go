package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// about is a command that somebody sends from a message, before what it asks for is filled in.
func about(k engagement.Kind, with ...func(*engagement.Command)) engagement.Command {
	c := engagement.Command{Kind: k}
	for _, w := range with {
		w(&c)
	}
	return c
}

// Who may do what from a button in Slack or a link in a mail. The leaver list is kenji's, with olga as backup, for ruth to accept; the
// sampling plan is the auditor's, hugo's. Kenji asks for more time, which ines decides, and proposes that olga takes the firewall over.
func TestPermits(t *testing.T) {
	d := modelstest.OneTask(t, func(x *engagement.Task) { x.ApproverRole, x.Approver = "sponsor", "ruth" })
	f, now := d.Facts, modelstest.On("2027-03-10").At(d.Facts.Location(), 9, 0)
	f.Tasks = append(f.Tasks,
		&engagement.Task{ID: "X-2", Title: "Name the samples", State: engagement.TaskOpen, OwnerRole: "auditor", Owner: "hugo"},
		&engagement.Task{ID: "X-3", Title: "Review the firewall", State: engagement.TaskOpen, OwnerRole: "security_lead", Owner: "kenji"})
	f.Gates = []engagement.Gate{{ID: "G-GA-1", Phase: catalog.PhaseGap, Approver: models.RoleSponsor},
		{ID: "G-T1F-2", Phase: catalog.PhaseGap, Approver: models.RoleAuditor}}
	f.Decisions = []*engagement.Decision{
		{ID: "D-1", Kind: engagement.ExtendTask, Change: engagement.Change{Task: "X-1"}, ProposedBy: "kenji",
			Needs: []models.Role{models.RoleManager}},
		{ID: "D-2", Kind: engagement.HandOverTask, Change: engagement.Change{Task: "X-3", Person: "olga"}, ProposedBy: "kenji",
			Needs: []models.Role{models.RoleSponsor}},
		{ID: "D-3", Kind: engagement.MoveWindow, ProposedBy: "ines", Needs: []models.Role{models.RoleSponsor, models.RoleAuditor}}}

	client := func(id models.PersonID, role models.Role, stands ...models.PersonID) engagement.Actor {
		return engagement.Actor{Person: id, Role: role, Client: "northgate", For: stands}
	}
	firm := func(id models.PersonID, role models.Role, stands ...models.PersonID) engagement.Actor {
		return engagement.Actor{Person: id, Role: role, For: stands}
	}
	kenji, olga, nina := client("kenji", models.RoleOwner), client("olga", models.RoleOwner), client("nina", models.RoleOwner)
	ruth, sid := client("ruth", models.RoleSponsor), engagement.Actor{Person: "sid", Role: models.RoleSponsor, Client: "beta"}
	marta, ines, priya, hugo := firm("marta", models.RolePartner), firm("ines", models.RoleManager), firm("priya", models.RoleConsultant),
		firm("hugo", models.RoleAuditor)
	done, doneBoth, accept := about(engagement.CompleteTask, modelstest.Task("X-1")),
		about(engagement.CompleteTask, modelstest.Task("X-1", "X-2")), about(engagement.AcceptTask, modelstest.Task("X-1"))
	sign, approve := about(engagement.SignGate, modelstest.Gate("G-GA-1")), about(engagement.ApproveDecision, modelstest.Decision("D-1"))

	const none, notYours = `there is no engagement "e1"`, `there is no task "X-1" in this engagement that you can see`
	for _, x := range []struct {
		name string
		who  engagement.Actor
		c    engagement.Command
		code models.Code // empty: they may
		says string
	}{
		{"the owner", kenji, done, "", ""},
		{"the backup", olga, done, "", ""},
		{"another of the client", nina, done, models.NotFound, notYours},
		{"who stands in for the owner", client("nina", models.RoleOwner, "kenji"), done, "", ""},
		{"who stands in for somebody else", client("nina", models.RoleOwner, "tom"), done, models.NotFound, notYours},
		{"who stands in for the backup only", client("nina", models.RoleOwner, "olga"), done, models.NotFound, notYours},
		{"who stands in for who accepts it", client("nina", models.RoleOwner, "ruth"), accept, "", ""},
		{"the sponsor does what only she accepts", ruth, done, models.Forbidden, "X-1 is for you to accept: somebody else must do it"},
		{"the sponsor accepts it", ruth, accept, "", ""},
		{"the manager", ines, done, "", ""},
		{"a manager of other engagements", firm("noor", models.RoleManager), done, models.NotFound, none},
		{"the partner", marta, done, "", ""},
		{"another partner", firm("ava", models.RolePartner), done, "", ""},
		{"a consultant of the team", priya, done, "", ""},
		{"a consultant of another team", firm("carl", models.RoleConsultant), done, models.NotFound, none},
		{"the auditor, what is the client's", hugo, done, models.NotFound, notYours},
		{"the auditor, what is the auditor's", hugo, about(engagement.CompleteTask, modelstest.Task("X-2")), "", ""},
		{"an auditor who was not invited", firm("abe", models.RoleAuditor), about(engagement.CompleteTask, modelstest.Task("X-2")),
			models.NotFound, none},
		{"the sponsor of another client", sid, done, models.NotFound, none},
		{"somebody of another client who owns a task of that name", engagement.Actor{Person: "kenji", Role: models.RoleOwner, Client: "beta"},
			done, models.NotFound, none},
		{"somebody of another client who stands in for the owner",
			engagement.Actor{Person: "sid", Role: models.RoleOwner, Client: "beta", For: []models.PersonID{"kenji"}}, done, models.NotFound, none},
		{"somebody of no client", engagement.Actor{Person: "kenji", Role: models.RoleOwner}, done, models.NotFound, none},
		{"somebody without a role", firm("kenji", ""), done, models.NotFound, none},
		{"two tasks, one of another", kenji, doneBoth, models.NotFound, `there is no task "X-2" in this engagement that you can see`},
		{"two tasks, one of the auditor, by the manager", ines, doneBoth, models.Forbidden, "X-2 is for Hugo to do"},
		{"an owner and a task that is not there", kenji, about(engagement.CompleteTask, modelstest.Task("X-9")), models.NotFound,
			`there is no task "X-9" in this engagement that you can see`},
		{"a manager and a task that is not there", ines, about(engagement.CompleteTask, modelstest.Task("X-9")), models.NotFound,
			`there is no task "X-9" in this engagement that you can see`},
		{"an owner moves a due date", kenji, about(engagement.MoveTask, modelstest.Task("X-1")), models.Forbidden,
			"moving a task is for partner, pm or consultant; you are owner"},
		{"a consultant waives", priya, about(engagement.WaiveTask, modelstest.Task("X-1")), models.Forbidden,
			"waiving a task is for partner or pm; you are consultant"},
		{"the auditor hands over", hugo, about(engagement.HandOverTask, modelstest.Task("X-2")), models.Forbidden,
			"proposing another owner is for partner, pm, consultant, sponsor or owner; you are auditor"},
		{"the sponsor mutes", ruth, about(engagement.MuteEngagement), models.Forbidden,
			"muting an engagement is for partner or pm; you are sponsor"},
		{"the manager mutes", ines, about(engagement.MuteEngagement), "", ""},
		{"the manager pauses", ines, about(engagement.PauseEngagement), models.Forbidden, "pausing an engagement is for partner; you are pm"},
		{"the partner does what does not exist", marta, about("task.burn", modelstest.Task("X-1")), models.Forbidden,
			"this is nothing that anybody may do"},

		{"the sponsor signs", ruth, sign, "", ""},
		{"the manager signs the sponsor's gate", ines, sign, models.Forbidden, "G-GA-1 is for a sponsor to sign"},
		{"an owner signs", kenji, sign, models.Forbidden, "signing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"an owner who stands in for the sponsor signs", client("olga", models.RoleOwner, "ruth"), sign, models.Forbidden,
			"signing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"a consultant who stands in for the manager signs", firm("priya", models.RoleConsultant, "ines"), sign, models.Forbidden,
			"signing a gate is for partner, pm, sponsor or auditor; you are consultant"},
		{"the auditor signs the sponsor's gate", hugo, sign, models.NotFound,
			`there is no open gate "G-GA-1" that you can see: its phase has not begun, or it does not exist`},
		{"the auditor signs", hugo, about(engagement.SignGate, modelstest.Gate("G-T1F-2")), "", ""},
		{"a gate that is not open", ruth, about(engagement.SignGate, modelstest.Gate("G-RE-1")), models.NotFound,
			`there is no open gate "G-RE-1" that you can see: its phase has not begun, or it does not exist`},

		{"the manager decides", ines, approve, "", ""},
		{"who asked decides, which Decide refuses", kenji, approve, "", ""},
		{"an owner whom it does not concern", olga, approve, models.NotFound, `there is no decision "D-1" in this engagement that you can see`},
		{"who shall take it over decides", olga, about(engagement.ApproveDecision, modelstest.Decision("D-2")), "", ""},
		{"who stands in for who shall take it over", client("nina", models.RoleOwner, "olga"),
			about(engagement.ApproveDecision, modelstest.Decision("D-2")), models.NotFound,
			`there is no decision "D-2" in this engagement that you can see`},
		{"a consultant decides", priya, approve, models.Forbidden,
			"approving a decision is for partner, pm, sponsor, owner or auditor; you are consultant"},
		{"the auditor, without whom it goes", hugo, approve, models.NotFound, `there is no decision "D-1" in this engagement that you can see`},
		{"the auditor, whom it needs", hugo, about(engagement.RefuseDecision, modelstest.Decision("D-3")), "", ""},
		{"a decision that is not there", marta, about(engagement.ApproveDecision, modelstest.Decision("D-9")), models.NotFound,
			`there is no decision "D-9" in this engagement that you can see`},
	} {
		if err := f.Permits(x.who, x.c, now); models.CodeOf(err) != x.code || err != nil && err.Error() != x.says {
			t.Errorf("%s: %v, want %s %q", x.name, err, x.code, x.says)
		}
	}

	f.Engagement.EndedAt = now.AddDate(0, 0, -31)
	if err := f.Permits(hugo, about(engagement.CommentTask, modelstest.Task("X-2")), now); models.CodeOf(err) != models.NotFound ||
		err.Error() != none {
		t.Errorf("the auditor, a month after the end: %v", err)
	}
	if err := f.Permits(ruth, about(engagement.CommentTask, modelstest.Task("X-1")), now); err != nil {
		t.Errorf("the sponsor, a month after the end: %v", err)
	}
}

// Kenji has left, or is something else by now: his tasks still bear his name, but a button that he kept does nothing. Decide says so,
// which knows who is active and as what.
func TestSomebodyWhoHasLeft(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	done := d.Command("kenji", engagement.CompleteTask, modelstest.Task(ofKenji(d, 1).ID))
	elsewhere := done
	elsewhere.Actor.Client = "beta"
	i := slices.IndexFunc(d.Facts.People, func(p models.Person) bool { return p.ID == "kenji" })
	refused := func(what string, c engagement.Command) {
		t.Helper()
		if _, err := engagement.Decide(modelstest.CopyOf(d.Facts), c, d.Now); models.CodeOf(err) != models.Forbidden ||
			err.Error() != "you are not known here as owner any more" {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("he works for another client", elsewhere)
	d.Facts.People[i].Role = models.RoleSponsor
	refused("he is the sponsor now", done)
	d.Facts.People = slices.Delete(d.Facts.People, i, i+1)
	refused("he has left", done)
}
