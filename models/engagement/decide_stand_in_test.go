package engagement_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// standsFor has a command sent by somebody who stands in for others while they are away.
func standsFor(who ...models.PersonID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Actor.For = who }
}

// joins adds somebody to the people of an engagement.
func (d *desk) joins(id models.PersonID, r models.Role) {
	p := models.Person{Firm: "acme", ID: id, Name: strings.ToUpper(string(id[:1])) + string(id[1:]), Role: r, TimeZone: "America/New_York", Active: true}
	if r.Side() == models.SideClient {
		p.Client = "northgate"
	}
	d.f.People = append(d.f.People, p)
}

// absences is a week in which nina, who owns nothing, and other people stand in for those who are on leave. Kenji's answers about risks
// and vulnerabilities have been sent to ruth, who accepts them; those about monitoring are still his to give. Priya's interview plan
// has been sent to ines. Kenji has asked ines for five days more for what is about incidents; olga has proposed that he takes over what
// is about networks, which takes his word or the sponsor's.
func absences(t *testing.T) *desk {
	t.Helper()
	d := in(t, "soc2_type2", catalog.PhaseGap)
	d.joins("nina", models.RoleOwner)
	d.joins("sven", models.RoleSponsor)
	for _, id := range []models.TaskID{"GA-04.RSK", "GA-04.VUL", "GA-04.MON"} {
		x := d.f.Task(id)
		x.Backup, x.ApproverRole, x.Approver = "", "sponsor", "ruth"
	}
	plan := d.f.Task("GA-03")
	plan.ApproverRole, plan.Approver = "pm", "ines"
	d.do("kenji", engagement.CompleteTask, task("GA-04.RSK", "GA-04.VUL"))
	d.do("priya", engagement.CompleteTask, task("GA-03"))
	d.do("kenji", engagement.ExtendTask, task("GA-04.INC"), dueOn("2027-02-12"), because("ill"))
	d.do("olga", engagement.HandOverTask, task("GA-04.NET"), to("kenji"), because("I am no engineer"))
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
		{"nina does what is kenji's", "nina", []models.PersonID{"kenji"}, engagement.CompleteTask, task("GA-04.MON"), "", ""},
		{"she puts it off", "nina", []models.PersonID{"kenji"}, engagement.SnoozeTask, func(c *engagement.Command) { task("GA-04.MON")(c); dueOn("2027-01-26")(c) }, "", ""},
		{"she is blocked", "nina", []models.PersonID{"kenji"}, engagement.BlockTask, func(c *engagement.Command) { task("GA-04.MON")(c); by("vendor")(c) }, "", ""},
		{"she asks for more time", "nina", []models.PersonID{"kenji"}, engagement.ExtendTask, func(c *engagement.Command) { task("GA-04.MON")(c); dueOn("2027-02-12")(c) }, "", ""},
		{"she says that it is olga's", "nina", []models.PersonID{"kenji"}, engagement.HandOverTask, func(c *engagement.Command) { task("GA-04.MON")(c); to("olga")(c) }, "", ""},
		{"she takes back what he sent", "nina", []models.PersonID{"kenji"}, engagement.ReopenTask, task("GA-04.RSK"), "", ""},
		{"she comments", "nina", []models.PersonID{"kenji"}, engagement.CommentTask, task("GA-04.MON"), "", ""},
		{"he is back", "nina", nil, engagement.CompleteTask, task("GA-04.MON"), models.NotFound, "there is no task"},
		{"she stands in for somebody else", "nina", []models.PersonID{"olga"}, engagement.CompleteTask, task("GA-04.MON"), models.NotFound, "there is no task"},
		{"she accepts what is kenji's, since ruth is there", "nina", []models.PersonID{"kenji"}, engagement.AcceptTask, task("GA-04.RSK"), models.Forbidden, "GA-04.RSK is for Ruth to accept or return"},

		{"nina accepts what ruth accepts", "nina", []models.PersonID{"ruth"}, engagement.AcceptTask, task("GA-04.RSK"), "", ""},
		{"two at once", "nina", []models.PersonID{"ruth"}, engagement.AcceptTask, task("GA-04.RSK", "GA-04.VUL"), "", ""},
		{"she returns it", "nina", []models.PersonID{"ruth"}, engagement.ReturnTask, task("GA-04.RSK"), "", ""},
		{"ruth is back", "nina", nil, engagement.AcceptTask, task("GA-04.RSK"), models.NotFound, "there is no task"},
		{"she does for ruth what ruth only accepts", "nina", []models.PersonID{"ruth"}, engagement.CompleteTask, task("GA-04.MON"), models.Forbidden, "GA-04.MON is for Kenji to do"},
		{"kenji accepts his own for ruth", "kenji", []models.PersonID{"ruth"}, engagement.AcceptTask, task("GA-04.RSK"), models.Forbidden, "you submitted GA-04.RSK yourself: somebody else must accept it"},
		{"kenji returns his own for ruth", "kenji", []models.PersonID{"ruth"}, engagement.ReturnTask, task("GA-04.RSK"), models.Forbidden, "you submitted GA-04.RSK yourself"},
		{"another sponsor accepts it anyway", "sven", nil, engagement.AcceptTask, task("GA-04.RSK"), "", ""},
		{"tom accepts what ines accepts", "tom", []models.PersonID{"ines"}, engagement.AcceptTask, task("GA-03"), "", ""},
		{"ines is back", "tom", nil, engagement.AcceptTask, task("GA-03"), models.Forbidden, "GA-03 is for Ines to accept or return"},
		{"priya accepts her own for ines", "priya", []models.PersonID{"ines"}, engagement.AcceptTask, task("GA-03"), models.Forbidden, "you submitted GA-03 yourself"},

		{"nina signs for ruth", "nina", []models.PersonID{"ruth"}, engagement.SignGate, gate("G-GA-3"), models.Forbidden, "signing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"nina refuses to sign for ruth", "nina", []models.PersonID{"ruth"}, engagement.RefuseGate, gate("G-GA-3"), models.Forbidden, "refusing a gate is for partner, pm, sponsor or auditor; you are owner"},
		{"tom signs for ines", "tom", []models.PersonID{"ines"}, engagement.SignGate, gate("G-GA-1"), models.Forbidden, "signing a gate is for partner, pm, sponsor or auditor; you are consultant"},
		{"another manager refuses to sign for ines", "noor", []models.PersonID{"ines"}, engagement.RefuseGate, gate("G-GA-1"), models.Forbidden, "you are here in the place of somebody who is away"},
		{"the partner refuses to sign for ines", "marta", []models.PersonID{"ines"}, engagement.RefuseGate, gate("G-GA-1"), models.Forbidden, "G-GA-1 is for Ines to sign"},
		{"ines refuses to sign for marta", "ines", []models.PersonID{"marta"}, engagement.RefuseGate, gate("G-GA-2"), models.Forbidden, "G-GA-2 is for a partner to sign"},
		{"another sponsor refuses to sign, as she may herself", "sven", []models.PersonID{"ruth"}, engagement.RefuseGate, gate("G-GA-3"), "", ""},

		{"another manager decides for ines", "noor", []models.PersonID{"ines"}, engagement.ApproveDecision, decision("D-1"), models.NotFound, `there is no decision "D-1"`},
		{"the partner decides for ines", "marta", []models.PersonID{"ines"}, engagement.RefuseDecision, decision("D-1"), models.Forbidden, "D-1 waits for pm, which is not you"},
		{"tom decides for ines", "tom", []models.PersonID{"ines"}, engagement.ApproveDecision, decision("D-1"), models.Forbidden, "approving a decision is for partner, pm, sponsor, owner or auditor; you are consultant"},
		{"nina decides for ruth", "nina", []models.PersonID{"ruth"}, engagement.ApproveDecision, decision("D-2"), models.NotFound, `there is no decision "D-2"`},
		{"nina takes over in kenji's place", "nina", []models.PersonID{"kenji"}, engagement.ApproveDecision, decision("D-2"), models.NotFound, `there is no decision "D-2"`},
		{"olga, who proposed it, agrees for ruth", "olga", []models.PersonID{"ruth"}, engagement.ApproveDecision, decision("D-2"), models.Forbidden, "D-2 waits for sponsor, which is not you"},
		{"another sponsor agrees, as she may herself", "sven", []models.PersonID{"ruth"}, engagement.ApproveDecision, decision("D-2"), "", ""},
		{"ruth decides for ines", "ruth", []models.PersonID{"ines"}, engagement.ApproveDecision, decision("D-1"), models.Forbidden, "D-1 waits for pm, which is not you"},
	} {
		t.Run(x.name, func(t *testing.T) {
			d := absences(t)
			n := len(d.events)
			_, err := d.try(x.who, x.kind, x.with, standsFor(x.instead...), because("so it is"))
			if x.code != "" {
				if refusal, ok := errors.AsType[*models.Error](err); !ok || refusal.Code != x.code || !strings.Contains(refusal.Message, x.says) {
					t.Errorf("refused with %v, want %s: %s", err, x.code, x.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(d.events[n:], func(e engagement.Event) bool { return e.Actor == models.PersonID(x.who) }) {
				t.Errorf("the record does not say who: %+v", d.events[n:])
			}
			if slices.ContainsFunc(d.events[n:], func(e engagement.Event) bool { return slices.Contains(x.instead, e.Actor) }) {
				t.Errorf("the record says that who is away did it: %+v", d.events[n:])
			}
		})
	}
}

// Nina stands in for kenji and for ruth in the same week: what she does for the one she does not accept for the other.
func TestAStandInChecksNothingOfTheirOwn(t *testing.T) {
	d := absences(t)
	both := standsFor("kenji", "ruth")
	d.do("nina", engagement.CompleteTask, task("GA-04.MON"), both)
	if got := d.task("GA-04.MON"); got.State != engagement.TaskSubmitted || got.DoneBy != "nina" {
		t.Fatalf("it is %s, by %s", got.State, got.DoneBy)
	}
	d.refused(models.Forbidden, "task", "you submitted GA-04.MON yourself: somebody else must accept it", "nina", engagement.AcceptTask, task("GA-04.MON"), both)
	d.do("nina", engagement.AcceptTask, task("GA-04.RSK"), both)
	d.do("ruth", engagement.AcceptTask, task("GA-04.MON"))
	if got := d.task("GA-04.MON"); got.State != engagement.TaskDone || got.DoneBy != "nina" {
		t.Errorf("accepted, it is %s, by %s", got.State, got.DoneBy)
	}

	// A fix that tom made for somebody is not his to verify for somebody else.
	d = in(t, "soc2_type2", catalog.PhaseRemediation)
	d.do("priya", engagement.CompleteTask, task("RE-01"))
	d.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
	d.do("tom", engagement.CompleteTask, task("RE-06.X1"), standsFor(d.task("RE-06.X1").Owner))
	d.refused(models.Forbidden, "task", "RE-14.X1 checks RE-06.X1, which you did yourself: somebody else must check it", "tom", engagement.CompleteTask, task("RE-14.X1"), standsFor("priya"))
}
