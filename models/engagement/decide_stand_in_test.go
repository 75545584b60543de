package engagement_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// absences is a week in which nina, who owns nothing, and other people stand in for those who are on leave. Kenji's answers about risks
// and vulnerabilities have been sent to ruth, who accepts them; those about monitoring are still his to give. Priya's interview plan
// has been sent to ines. Kenji has asked ines for five days more for what is about incidents; olga has proposed that he takes over what
// is about networks, which takes his approval or the sponsor's.
func absences(t *testing.T) *modelstest.Desk {
	t.Helper()
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Joins("nina", models.RoleOwner)
	d.Joins("sven", models.RoleSponsor)
	for _, id := range []models.TaskID{"GA-04.RSK", "GA-04.VUL", "GA-04.MON"} {
		x := d.Facts.Task(id)
		x.Backup, x.ApproverRole, x.Approver = "", "sponsor", "ruth"
	}
	plan := d.Facts.Task("GA-03")
	plan.ApproverRole, plan.Approver = "pm", "ines"
	d.Do("kenji", engagement.CompleteTask, modelstest.Task("GA-04.RSK", "GA-04.VUL"))
	d.Do("priya", engagement.CompleteTask, modelstest.Task("GA-03"))
	d.Do("kenji", engagement.ExtendTask, modelstest.Task("GA-04.INC"), modelstest.DueOn("2027-02-18"), modelstest.Because("ill"))
	d.Do("olga", engagement.HandOverTask, modelstest.Task("GA-04.NET"), modelstest.To("kenji"), modelstest.Because("I am no engineer"))
	return d
}

// Who stands in for somebody may do and accept what is theirs, in their own name. They sign and decide nothing in another's place.
func TestWhatAStandInMayDo(t *testing.T) {
	for _, x := range []struct {
		name    string
		who     string
		instead []models.PersonID
		kind    engagement.Kind
		with    func(*engagement.Command)
		code    models.Code // empty: they may
		says    string
	}{
		{"nina does what is kenji's", "nina", []models.PersonID{"kenji"}, engagement.CompleteTask, modelstest.Task("GA-04.MON"), "", ""},
		{"she puts it off", "nina", []models.PersonID{"kenji"}, engagement.SnoozeTask,
			func(c *engagement.Command) { modelstest.Task("GA-04.MON")(c); modelstest.DueOn("2027-01-26")(c) }, "", ""},
		{"she is blocked", "nina", []models.PersonID{"kenji"}, engagement.BlockTask,
			func(c *engagement.Command) { modelstest.Task("GA-04.MON")(c); modelstest.By("vendor")(c) }, "", ""},
		{"she asks for more time", "nina", []models.PersonID{"kenji"}, engagement.ExtendTask,
			func(c *engagement.Command) { modelstest.Task("GA-04.MON")(c); modelstest.DueOn("2027-02-18")(c) }, "", ""},
		{"she says that it is olga's", "nina", []models.PersonID{"kenji"}, engagement.HandOverTask,
			func(c *engagement.Command) { modelstest.Task("GA-04.MON")(c); modelstest.To("olga")(c) }, "", ""},
		{"she takes back what he sent", "nina", []models.PersonID{"kenji"}, engagement.ReopenTask, modelstest.Task("GA-04.RSK"), "", ""},
		{"she comments", "nina", []models.PersonID{"kenji"}, engagement.CommentTask, modelstest.Task("GA-04.MON"), "", ""},
		{"he is back", "nina", nil, engagement.CompleteTask, modelstest.Task("GA-04.MON"), models.NotFound, "there is no task"},
		{"she stands in for somebody else", "nina", []models.PersonID{"olga"}, engagement.CompleteTask, modelstest.Task("GA-04.MON"),
			models.NotFound, "there is no task"},
		{"she accepts what is kenji's, since ruth is there", "nina", []models.PersonID{"kenji"}, engagement.AcceptTask,
			modelstest.Task("GA-04.RSK"), models.Forbidden, "GA-04.RSK is for Ruth to accept or return"},

		{"nina accepts what ruth accepts", "nina", []models.PersonID{"ruth"}, engagement.AcceptTask, modelstest.Task("GA-04.RSK"), "", ""},
		{"two at once", "nina", []models.PersonID{"ruth"}, engagement.AcceptTask, modelstest.Task("GA-04.RSK", "GA-04.VUL"), "", ""},
		{"she returns it", "nina", []models.PersonID{"ruth"}, engagement.ReturnTask, modelstest.Task("GA-04.RSK"), "", ""},
		{"ruth is back", "nina", nil, engagement.AcceptTask, modelstest.Task("GA-04.RSK"), models.NotFound, "there is no task"},
		{"she does for ruth what ruth only accepts", "nina", []models.PersonID{"ruth"}, engagement.CompleteTask, modelstest.Task("GA-04.MON"),
			models.Forbidden, "GA-04.MON is for Kenji to do"},
		{"kenji accepts his own for ruth", "kenji", []models.PersonID{"ruth"}, engagement.AcceptTask, modelstest.Task("GA-04.RSK"),
			models.Forbidden, "you submitted GA-04.RSK yourself: somebody else must accept it"},
		{"kenji returns his own for ruth", "kenji", []models.PersonID{"ruth"}, engagement.ReturnTask, modelstest.Task("GA-04.RSK"),
			models.Forbidden, "you submitted GA-04.RSK yourself"},
		{"another sponsor accepts it anyway", "sven", nil, engagement.AcceptTask, modelstest.Task("GA-04.RSK"), "", ""},
		{"tom accepts what ines accepts", "tom", []models.PersonID{"ines"}, engagement.AcceptTask, modelstest.Task("GA-03"), "", ""},
		{"ines is back", "tom", nil, engagement.AcceptTask, modelstest.Task("GA-03"), models.Forbidden, "GA-03 is for Ines to accept or return"},
		{"priya accepts her own for ines", "priya", []models.PersonID{"ines"}, engagement.AcceptTask, modelstest.Task("GA-03"),
			models.Forbidden, "you submitted GA-03 yourself"},

		{"nina signs for ruth", "nina", []models.PersonID{"ruth"}, engagement.SignGate, modelstest.Gate("G-GA-3"), models.Forbidden,
			"signing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"nina refuses to sign for ruth", "nina", []models.PersonID{"ruth"}, engagement.RefuseGate, modelstest.Gate("G-GA-3"), models.Forbidden,
			"refusing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"tom signs for ines", "tom", []models.PersonID{"ines"}, engagement.SignGate, modelstest.Gate("G-GA-1"), models.Forbidden,
			"signing a gate is for partner, pm, sponsor or auditor; you are consultant"},
		{"another manager refuses to sign for ines", "noor", []models.PersonID{"ines"}, engagement.RefuseGate, modelstest.Gate("G-GA-1"),
			models.Forbidden, "you are here in the place of somebody who is away"},
		{"the partner refuses to sign for ines", "marta", []models.PersonID{"ines"}, engagement.RefuseGate, modelstest.Gate("G-GA-1"),
			models.Forbidden, "G-GA-1 is for Ines to sign"},
		{"ines refuses to sign for marta", "ines", []models.PersonID{"marta"}, engagement.RefuseGate, modelstest.Gate("G-GA-2"),
			models.Forbidden, "G-GA-2 is for a partner to sign"},
		{"another sponsor refuses to sign, as she may herself", "sven", []models.PersonID{"ruth"}, engagement.RefuseGate,
			modelstest.Gate("G-GA-3"), "", ""},

		{"another manager decides for ines", "noor", []models.PersonID{"ines"}, engagement.ApproveDecision, modelstest.Decision("D-1"),
			models.NotFound, `there is no decision "D-1"`},
		{"the partner decides for ines", "marta", []models.PersonID{"ines"}, engagement.RefuseDecision, modelstest.Decision("D-1"),
			models.Forbidden, "D-1 waits for pm, which is not you"},
		{"tom decides for ines", "tom", []models.PersonID{"ines"}, engagement.ApproveDecision, modelstest.Decision("D-1"), models.Forbidden,
			"approving a decision is for partner, pm, sponsor, owner or auditor; you are consultant"},
		{"nina decides for ruth", "nina", []models.PersonID{"ruth"}, engagement.ApproveDecision, modelstest.Decision("D-2"), models.NotFound,
			`there is no decision "D-2"`},
		{"nina takes over in kenji's place", "nina", []models.PersonID{"kenji"}, engagement.ApproveDecision, modelstest.Decision("D-2"),
			models.NotFound, `there is no decision "D-2"`},
		{"olga, who proposed it, agrees for ruth", "olga", []models.PersonID{"ruth"}, engagement.ApproveDecision, modelstest.Decision("D-2"),
			models.Forbidden, "D-2 waits for sponsor, which is not you"},
		{"another sponsor agrees, as she may herself", "sven", []models.PersonID{"ruth"}, engagement.ApproveDecision,
			modelstest.Decision("D-2"), "", ""},
		{"ruth decides for ines", "ruth", []models.PersonID{"ines"}, engagement.ApproveDecision, modelstest.Decision("D-1"), models.Forbidden,
			"D-1 waits for pm, which is not you"},
	} {
		t.Run(x.name, func(t *testing.T) {
			d := absences(t)
			n := len(d.Events)
			_, err := d.Try(x.who, x.kind, x.with, modelstest.StandsFor(x.instead...), modelstest.Because("so it is"))
			if x.code != "" {
				if refusal, ok := errors.AsType[*models.Error](err); !ok || refusal.Code != x.code || !strings.Contains(refusal.Message, x.says) {
					t.Errorf("refused with %v, want %s: %s", err, x.code, x.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(d.Events[n:], func(e engagement.Event) bool { return e.Actor == models.PersonID(x.who) }) {
				t.Errorf("the record does not say who: %+v", d.Events[n:])
			}
			instead := models.PersonID("")
			if len(x.instead) > 0 && !strings.HasSuffix(x.name, "as she may herself") {
				instead = x.instead[0]
			}
			for _, e := range d.Events[n:] {
				if e.Actor == models.PersonID(x.who) && e.For != instead || e.Actor == "" && e.For != "" {
					t.Errorf("the record says %q in the place of %q, not of %q: %+v", e.Actor, e.For, instead, e)
				}
			}
			if slices.ContainsFunc(d.Events[n:], func(e engagement.Event) bool { return slices.Contains(x.instead, e.Actor) }) {
				t.Errorf("the record says that who is away did it: %+v", d.Events[n:])
			}
		})
	}
}

// Nina stands in for kenji and for ruth in the same week: what she does for the one she does not accept for the other.
func TestAStandInChecksNothingOfTheirOwn(t *testing.T) {
	d := absences(t)
	both := modelstest.StandsFor("kenji", "ruth")
	d.Do("nina", engagement.CompleteTask, modelstest.Task("GA-04.MON"), both)
	if got := d.Task("GA-04.MON"); got.State != engagement.TaskSubmitted || got.DoneBy != "nina" {
		t.Fatalf("it is %s, by %s", got.State, got.DoneBy)
	}
	d.Refused(models.Forbidden, "task", "you submitted GA-04.MON yourself: somebody else must accept it", "nina", engagement.AcceptTask,
		modelstest.Task("GA-04.MON"), both)
	d.Do("nina", engagement.AcceptTask, modelstest.Task("GA-04.RSK"), both)
	d.Do("ruth", engagement.AcceptTask, modelstest.Task("GA-04.MON"))
	if got := d.Task("GA-04.MON"); got.State != engagement.TaskDone || got.DoneBy != "nina" {
		t.Errorf("accepted, it is %s, by %s", got.State, got.DoneBy)
	}

	// A fix that tom made for somebody is not his to verify for somebody else.
	d = modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	d.Do("tom", engagement.CompleteTask, modelstest.Task("RE-06.X1"), modelstest.StandsFor(d.Task("RE-06.X1").Owner))
	d.Refused(models.Forbidden, "task", "RE-14.X1 checks RE-06.X1, which you did yourself: somebody else must check it", "tom",
		engagement.CompleteTask, modelstest.Task("RE-14.X1"), modelstest.StandsFor("priya"))
}

// Nina stands in for kenji and for olga. What she does in one go the record has in the place of whoever's each task is, and what comes
// after it in nobody's.
func TestTheRecordSaysInWhosePlace(t *testing.T) {
	d := absences(t)
	n := len(d.Events)
	d.Do("nina", engagement.CompleteTask, modelstest.Task("GA-04.NET", "GA-04.MON"), modelstest.StandsFor("kenji", "olga"))
	got := map[string]models.PersonID{}
	for _, e := range d.Events[n:] {
		if e.Kind == "task.completed" {
			got[e.Subject] = e.For
		}
	}
	if got["GA-04.NET"] != "olga" || got["GA-04.MON"] != "kenji" {
		t.Errorf("done in the place of %v", got)
	}
	n = len(d.Events)
	d.Do("olga", engagement.CompleteTask, modelstest.Task("GA-04.IAM"))
	for _, e := range d.Events[n:] {
		if e.For != "" {
			t.Errorf("what is olga's she did in the place of %s: %+v", e.For, e)
		}
	}
}

// Noor, who is not on the engagement, stands in for its manager: she does what is the manager's, nothing else.
func TestAStandInFromOutside(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Facts.Task("GA-01").OwnerRole, d.Facts.Task("GA-01").Owner = "pm", "ines"
	for _, x := range []struct {
		instead models.PersonID
		task    models.TaskID
		code    models.Code
	}{{"ines", "GA-01", ""}, {"ines", "GA-04.RSK", models.NotFound}, {"kenji", "GA-01", models.NotFound}, {"", "GA-01", models.NotFound}} {
		c := d.Command("noor", engagement.CompleteTask, modelstest.Task(x.task), modelstest.StandsFor(x.instead))
		if err := d.Facts.Permits(c.Actor, c, d.Now); models.CodeOf(err) != x.code {
			t.Errorf("for %s: %s: %v", x.instead, x.task, err)
		}
	}
}
