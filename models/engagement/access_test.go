package engagement

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Every row of the table of commands is whole: nothing that another list would have to know is left out.
func TestEveryCommandIsWhole(t *testing.T) {
	seen := map[string]Kind{}
	for _, r := range rows {
		if r.kind == "" || r.action == "" || r.verb == "" || r.event == "" || r.on == "" || r.does == nil {
			t.Errorf("the row of %s is not whole: %+v", r.kind, r)
		}
		hasNamesOfItsOwn(t, r, seen)
		hasAWholeButton(t, r)
		if r.plural != "" && (!r.many || r.on != onTask) || r.many && r.on != onTask {
			t.Errorf("%s: only commands on tasks take several", r.kind)
		}
		if r.may[0] != ReachFirm {
			t.Errorf("%s: not even a partner may", r.kind)
		}
	}
	for action, row := range Grants {
		if len(row) != len(models.Roles) || verbs[action] == "" {
			t.Errorf("%s: %d roles, called %q", action, len(row), verbs[action])
		}
	}
	if ReachOf(models.RolePartner, "made.up") != ReachNone || ReachOf("admin", "getMe") != ReachNone ||
		ReachOf(models.RoleSystem, "signGate") != ReachNone {
		t.Error("what no table says is allowed")
	}
}

// hasNamesOfItsOwn checks that no row seen before has a name of this row, and adds its names to those seen.
func hasNamesOfItsOwn(t *testing.T, r row, seen map[string]Kind) {
	t.Helper()
	once := func(what, name string) {
		t.Helper()
		if other, twice := seen[what+name]; twice {
			t.Errorf("%s and %s have the same %s, %s", other, r.kind, what, name)
		}
		seen[what+name] = r.kind
	}
	once("kind", string(r.kind))
	once("action", string(r.action))
	if r.event != EventProposed {
		once("event", r.event)
	}
	if r.act != "" {
		once("act", string(r.act))
	}
}

// hasAWholeButton checks that a row has all of a button or nothing of it, and that the button asks for what the command takes.
func hasAWholeButton(t *testing.T, r row) {
	t.Helper()
	if (r.act == "") != (r.label == "") || (r.act == "") != (len(r.items)+len(r.above) == 0) || r.asks != nil && r.act == "" {
		t.Errorf("%s: a button has an act, a label and items, and only a button asks", r.kind)
	}
	if r.reason && r.act != "" && r.asks == nil {
		t.Errorf("%s takes a reason, which its button does not ask for", r.kind)
	}
}

// Refusals say who may.
func TestNotFor(t *testing.T) {
	for _, x := range []struct {
		role   models.Role
		action Action
		want   string
	}{
		{models.RoleSponsor, "moveTask", "moving a task is for partner, pm or consultant; you are sponsor"},
		{models.RoleManager, "pauseEngagement", "pausing an engagement is for partner; you are pm"},
		{models.RoleAuditor, "draftEngagement", "drafting an engagement is for partner or pm; you are auditor"},
	} {
		if err := (Actor{Role: x.role}).May(x.action, nil); err == nil || err.Error() != x.want {
			t.Errorf("got %v, want %q", err, x.want)
		}
	}
}

// The laws of domain.md 7 that no edit of the table may break.
func TestTableKeepsTheLaws(t *testing.T) {
	for action, row := range Grants {
		for role, reach := range row {
			keepsToItsSide(t, action, role, reach)
		}
	}
	for _, law := range []struct {
		who    models.Role
		not    string
		reason string
	}{
		{models.RoleAuditor, "listClients getClient listFunctions draftEngagement editEngagement startEngagement moveTask assignTask waiveTask " +
			"changeScope acceptRisk moveAsOfDate moveWindow getTimeline makePlan invitePerson createClient getFirm updateFirm getFirmTimeline",
			"the auditor is independent: takes no decision for management, edits nothing of firm or client"},
		{models.RoleOwner, "listGates signGate refuseGate muteEngagement getTimeline invitePerson moveTask assignTask waiveTask addTask " +
			"makePlan", "an owner has their own tasks"},
		{models.RoleSponsor, "getFirm updateFirm getFirmTimeline createClient updateClient draftEngagement startEngagement cancelEngagement " +
			"waiveTask moveTask", "a sponsor approves; the firm plans"},
		{models.RoleConsultant, "updateFirm getFirmTimeline signGate approveDecision invitePerson createClient draftEngagement startEngagement " +
			"waiveTask pauseEngagement cancelEngagement", "a consultant drafts and does"},
		{models.RoleManager, "pauseEngagement cancelEngagement", "RT-10 is the partner's"},
	} {
		for _, action := range strings.Fields(law.not) {
			if _, ok := Grants[Action(action)]; !ok || ReachOf(law.who, Action(action)) != ReachNone {
				t.Errorf("a %s may %s: %s", law.who, action, law.reason)
			}
		}
	}
}

// keepsToItsSide checks that a role does not reach further than is meant for it, whatever the action.
func keepsToItsSide(t *testing.T, action Action, role models.Role, reach Reach) {
	t.Helper()
	switch {
	case role.Side() != models.SideFirm && reach == ReachFirm && action != "getCatalog":
		t.Errorf("%s: a %s reaches the whole firm", action, role)
	// none is about engagements
	case role == models.RoleConsultant && reach == ReachFirm && !slices.Contains([]Action{"getCatalog", "getMessaging", "getFirm"}, action):
		t.Errorf("%s: a consultant reaches more than their engagements", action)
	case role == models.RoleOwner && strings.HasSuffix(string(action), "Decision") && reach != ReachNone && reach != ReachOwn:
		t.Errorf("%s: an owner reaches decisions about others", action)
	case role == models.RoleAuditor && reach == ReachClient, role.Side() == models.SideFirm && reach == ReachClient,
		role.Side() == models.SideClient && reach == ReachTeam:
		t.Errorf("%s: the reach %s means nothing for a %s", action, reach, role)
	}
}

func TestCovers(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e := Engagement{Client: "acme", Partner: "ana", Manager: "max", Consultants: []models.PersonID{"cy"}, Auditor: "ada"}
	over := e
	over.EndedAt = now.AddDate(0, 0, -29)
	long := e
	long.EndedAt = now.AddDate(0, 0, -31)
	for _, x := range []struct {
		name  string
		actor Actor
		reach Reach
		e     Engagement
		want  bool
	}{
		{"a partner reaches all", Actor{Person: "ava", Role: models.RolePartner}, ReachFirm, e, true},
		{"firm reach is nothing outside the firm", Actor{Person: "sue", Role: models.RoleSponsor, Client: "beta"}, ReachFirm, e, false},
		{"a manager on it", Actor{Person: "max", Role: models.RoleManager}, ReachTeam, e, true},
		{"a manager not on it", Actor{Person: "mia", Role: models.RoleManager}, ReachTeam, e, false},
		{"a consultant on it", Actor{Person: "cy", Role: models.RoleConsultant}, ReachTeam, e, true},
		{"a sponsor of the client", Actor{Person: "sue", Role: models.RoleSponsor, Client: "acme"}, ReachClient, e, true},
		{"a sponsor of another", Actor{Person: "sid", Role: models.RoleSponsor, Client: "beta"}, ReachClient, e, false},
		{"a sponsor of nobody", Actor{Person: "sid", Role: models.RoleSponsor}, ReachClient, Engagement{}, false},
		{"the auditor", Actor{Person: "ada", Role: models.RoleAuditor}, ReachTeam, e, true},
		{"the auditor, soon after", Actor{Person: "ada", Role: models.RoleAuditor}, ReachTeam, over, true},
		{"the auditor, long after", Actor{Person: "ada", Role: models.RoleAuditor}, ReachTeam, long, false},
		{"an auditor who was not invited", Actor{Person: "abe", Role: models.RoleAuditor}, ReachTeam, e, false},
		{"an auditor of the same name as the manager", Actor{Person: "max", Role: models.RoleAuditor}, ReachTeam, e, false},
		{"nobody by no reach", Actor{Person: "ana", Role: models.RolePartner}, ReachNone, e, false},
		{"nobody by a made-up reach", Actor{Person: "ana", Role: models.RolePartner}, "all", e, false},
	} {
		if got := x.actor.covers(x.reach, x.e, now); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

func TestSeenBy(t *testing.T) {
	own := TaskLine{Task: Task{ID: "X-1", Owner: "oz", Title: "own"}}
	secret := TaskLine{Task: Task{ID: "RE-06.gap-7", Owner: "sue", Title: "Fix: no offboarding"}}
	audits := TaskLine{Task: Task{ID: "T1-09", OwnerRole: "auditor"}}
	r := Report{Health: HealthLate, OpenTasks: 9, OverdueDays: 4, Why: "secret", Reasons: []Reason{{Text: "no offboarding"}},
		WaitingFor: []Waiting{{Name: "Sue"}}, Overdue: []TaskLine{secret, own}, Next: []TaskLine{secret, audits},
		Gates: []GateReport{{Gate: Gate{ID: "G-KO-1", Approver: models.RoleSponsor}},
			{Gate: Gate{ID: "G-T1F-2", Approver: models.RoleAuditor}}},
		Decisions: []Decision{{ID: "D-1", Needs: []models.Role{models.RoleSponsor, models.RoleAuditor}},
			{ID: "D-2", Needs: []models.Role{models.RolePartner}}},
		Forecast: Forecast{Drivers: []Driver{{Text: "no offboarding"}}}}
	r.Engagement.Summary = Summary{Health: HealthLate, Reason: "no offboarding", Overdue: 3}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	f := &Facts{Engagement: Engagement{Client: "acme", Consultants: []models.PersonID{"cy"}, Auditor: "ada"},
		Catalog: &catalog.Catalog{PhasesFile: catalog.PhasesFile{Phases: []catalog.PhaseTemplate{{
			Exit: []catalog.GateTemplate{{ID: "G-KO-1", Approver: string(models.RoleSponsor)},
				{ID: "G-T1F-2", Approver: string(models.RoleAuditor)}}}}}}}

	a := f.seenBy(r, Actor{Person: "ada", Role: models.RoleAuditor}, now)
	if a.Health != "" || a.OpenTasks+a.OverdueDays != 0 || a.Why != "" ||
		len(a.Reasons)+len(a.WaitingFor)+len(a.Forecast.Drivers)+len(a.Overdue) > 0 ||
		len(a.Next) != 1 || len(a.Gates) != 1 || len(a.Decisions) != 1 || a.Engagement.Summary.Reason != "" || a.Engagement.Summary.Health != "" {
		t.Errorf("the auditor sees %+v", a)
	}
	o := f.seenBy(r, Actor{Person: "oz", Role: models.RoleOwner, Client: "acme"}, now)
	if len(o.Overdue) != 1 || o.Overdue[0].ID != "X-1" || len(o.Next)+len(o.Gates)+len(o.Decisions)+len(o.Reasons) > 0 ||
		o.Health != HealthLate {
		t.Errorf("the owner sees %+v", o)
	}
	if c := f.seenBy(r, Actor{Person: "cy", Role: models.RoleConsultant}, now); len(c.Overdue) != 2 {
		t.Errorf("the consultant sees %+v", c)
	}
	if c := f.seenBy(r, Actor{Person: "cleo", Role: models.RoleConsultant, For: []models.PersonID{"cy"}}, now); len(c.Overdue)+len(c.Gates)+
		len(c.Reasons) > 0 {
		t.Errorf("who stands in for the consultant sees %+v", c)
	}
	if s := f.seenBy(r, Actor{Person: "sue", Role: models.RoleSponsor, Client: "acme"}, now); len(s.Overdue) != 2 || len(s.Reasons) != 1 {
		t.Errorf("the sponsor sees %+v", s)
	}
	if len(r.Overdue) != 2 || r.Reasons == nil {
		t.Error("the report itself was changed")
	}
}

func TestLooksAfter(t *testing.T) {
	for _, x := range []struct {
		actor Actor
		p     models.Person
		want  bool
	}{
		{Actor{Person: "ana", Role: models.RolePartner}, models.Person{ID: "ava", Role: models.RolePartner}, true},
		{Actor{Person: "ana", Role: models.RolePartner}, models.Person{ID: "ana", Role: models.RolePartner}, false},
		{Actor{Person: "max", Role: models.RoleManager}, models.Person{ID: "cy", Role: models.RoleConsultant}, true},
		{Actor{Person: "max", Role: models.RoleManager}, models.Person{ID: "sue", Role: models.RoleSponsor, Client: "acme"}, true},
		{Actor{Person: "max", Role: models.RoleManager}, models.Person{ID: "mia", Role: models.RoleManager}, false},
		{Actor{Person: "max", Role: models.RoleManager}, models.Person{ID: "ana", Role: models.RolePartner}, false},
		{Actor{Person: "sue", Role: models.RoleSponsor, Client: "acme"}, models.Person{ID: "oz", Role: models.RoleOwner, Client: "acme"}, true},
		{Actor{Person: "sue", Role: models.RoleSponsor, Client: "acme"}, models.Person{ID: "olga", Role: models.RoleOwner, Client: "beta"},
			false},
		{Actor{Person: "sue", Role: models.RoleSponsor, Client: "acme"}, models.Person{ID: "ada", Role: models.RoleAuditor}, false},
		{Actor{Person: "cy", Role: models.RoleConsultant}, models.Person{ID: "oz", Role: models.RoleOwner, Client: "acme"}, false},
		{Actor{Person: "oz", Role: models.RoleOwner, Client: "acme"}, models.Person{ID: "sue", Role: models.RoleSponsor, Client: "acme"}, false},
	} {
		if got := x.actor.looksAfter(Target{Person: x.p, Ours: true}); got != x.want {
			t.Errorf("%s looks after %s: %v", x.actor.Person, x.p.ID, got)
		}
		if got, want := x.actor.looksAfter(Target{Person: x.p}), x.want && x.actor.Role != models.RoleManager; got != want {
			t.Errorf("%s looks after %s, with whom they do not work: %v", x.actor.Person, x.p.ID, got)
		}
	}
}

// Mo manages the engagement of acme: he mends the address of an owner who approves nothing; that of who decides is for those who may make
// tokens for them, and who the sponsor is he says until the work has begun.
func TestNobodyChoosesWhoDecidesButWhoMayActAsThem(t *testing.T) {
	mo := Actor{Person: "mo", Role: models.RoleManager}
	partner, sponsor := Actor{Person: "ana", Role: models.RolePartner}, Actor{Person: "sal", Role: models.RoleSponsor, Client: "acme"}
	sue := Target{Person: models.Person{ID: "sue", Role: models.RoleSponsor, Client: "acme", Email: "sue@acme.test", Active: true}, Ours: true,
		Decides: true}
	oz := Target{Person: models.Person{ID: "oz", Role: models.RoleOwner, Client: "acme", Email: "oz@acme.test", Active: true}, Ours: true}
	ada := Target{Person: models.Person{ID: "ada", Role: models.RoleAuditor, Email: "ada@cpa.test", Active: true}, Ours: true, Decides: true}
	lead, early, gone := oz, oz, sue
	lead.Decides, early.Unbegun, gone.Active = true, true, false
	mail := func(p *models.Person) { p.Email = "evil@mo.test" }
	zone := func(p *models.Person) { p.TimeZone = "UTC" }
	promote := func(p *models.Person) { p.Role = models.RoleSponsor }
	demote := func(p *models.Person) { p.Role, p.Email = models.RoleOwner, "evil@mo.test" }
	back := func(p *models.Person) { p.Active = true }
	leave := func(p *models.Person) { p.Active = false }
	for name, x := range map[string]struct {
		on      Target
		edit    func(*models.Person)
		mo, sal bool
	}{
		"the sponsor's address":            {sue, mail, false, true},
		"a time zone":                      {sue, zone, true, true},
		"an owner's address":               {oz, mail, true, true},
		"the address of who approves":      {lead, mail, false, true},
		"the auditor's address":            {ada, mail, false, false},
		"a second sponsor":                 {oz, promote, false, true},
		"a sponsor before it begins":       {early, promote, true, true},
		"a sponsor no more, and elsewhere": {sue, demote, false, true},
		"a sponsor who is back":            {gone, back, false, true},
		"a sponsor who leaves":             {sue, leave, true, true},
	} {
		is := x.on.Person
		x.edit(&is)
		for _, who := range []struct {
			Actor
			want bool
		}{{mo, x.mo}, {sponsor, x.sal}, {partner, true}} {
			if err := who.MayChange(x.on, is); (err == nil) != who.want || err != nil && models.CodeOf(err) != models.Forbidden {
				t.Errorf("%s: %s: %v", name, who.Person, err)
			}
		}
	}
	for _, unbegun := range []bool{false, true} {
		on := Target{Person: models.Person{ID: "evil", Role: models.RoleSponsor, Client: "acme"}, Ours: true, Unbegun: unbegun}
		if err := mo.May("invitePerson", &on); (err == nil) != unbegun {
			t.Errorf("mo invites a sponsor, nothing has begun %t: %v", unbegun, err)
		}
		if err := errors.Join(sponsor.May("invitePerson", &on), partner.May("invitePerson", &on)); err != nil {
			t.Errorf("sal and ana: %v", err)
		}
	}
}
