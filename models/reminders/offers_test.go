package reminders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// What a message offers somebody to do they may do, whoever is away: a button is never answered by "not for you".
func TestWhatAMessageOffersMayBeDone(t *testing.T) {
	absences := []struct{ who, standIn models.PersonID }{{"", ""}, {"kenji", ""}, {"kenji", "olga"}, {"ruth", ""}, {"ruth", "kenji"},
		{"ines", ""}, {"ines", "noor"}, {"ines", "tom"},
		{"marta", ""}, {"marta", "ines"}, {"priya", "tom"}, {"hugo", ""}}
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseWindowSetup,
		catalog.PhaseWindow, catalog.PhaseT2Report} {
		d := modelstest.In(t, "soc2_type2", p)
		blocked := map[models.PersonID]bool{} // the first open task of everybody, by the client
		for _, x := range d.Facts.Tasks {
			if x.State == engagement.TaskOpen && !blocked[x.Owner] && p != catalog.PhaseT2Report {
				_, err := d.Try(string(x.Owner), engagement.BlockTask, modelstest.Task(x.ID), modelstest.By(models.SideClient),
					modelstest.Because("who knows?"))
				blocked[x.Owner] = err == nil
			}
		}
		for _, away := range absences {
			aud := modelstest.Audience(d.Facts)
			aud.All = true
			if away.who != "" {
				aud.People[away.who].Away = []reminders.Absence{{Person: away.who, StandIn: away.standIn,
					Days: planning.Span{Start: d.Today(), End: d.Today()}}}
			}
			for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
				for _, act := range n.Acts {
					if err := d.Offered(aud, n, act); err != nil {
						t.Errorf("%s, %s away, %s for them: %s is offered %s of %s: %v", p, away.who, away.standIn, n.To, act, n.Item.Key(), err)
					}
				}
			}
		}
	}
}

// asked says who is asked for an item, and what they are offered; for whom, where they stand in.
func asked(d *modelstest.Desk, aud reminders.Audience, item string) string {
	d.T.Helper()
	aud.All = true
	var out []string
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		if n.As.Asked() && n.Item.Key() == item {
			out = append(out, strings.TrimSpace(fmt.Sprint(n.To, " ", n.Acts, " ", n.For)))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// Who is asked can answer: whoever is away, whoever did it.
func TestWhoIsAskedCanAnswer(t *testing.T) {
	away := func(who, standIn models.PersonID) func(*modelstest.Desk, reminders.Audience) {
		return func(d *modelstest.Desk, aud reminders.Audience) {
			aud.People[who].Away = append(aud.People[who].Away,
				reminders.Absence{Person: who, StandIn: standIn, Days: planning.Span{Start: d.Today(), End: d.Today()}})
		}
	}
	none := func(*modelstest.Desk, reminders.Audience) {}
	blocks := func(id models.TaskID, side models.Side) func(*modelstest.Desk) {
		return func(d *modelstest.Desk) {
			x := d.Facts.Task(id)
			x.State, x.BlockedBy, x.BlockedOn, x.OpenedOn, x.Reason = engagement.TaskBlocked, side, d.Today(), d.Today(), "who knows?"
		}
	}
	submitted := func(role string, approver, doneBy, backup models.PersonID) func(*modelstest.Desk) {
		return func(d *modelstest.Desk) {
			x := d.Facts.Task("GA-04.RSK")
			x.State, x.ApproverRole, x.Approver, x.DoneBy, x.DoneAt, x.Backup = engagement.TaskSubmitted, role, approver, doneBy, d.Now, backup
		}
	}
	auditors := func(d *modelstest.Desk) {
		x := d.Facts.Task("GA-04.RSK")
		x.OwnerRole, x.Owner, x.Backup = "auditor", "hugo", ""
	}
	const rsk = "GA-04.RSK"
	for _, x := range []struct {
		name, item string
		is         func(*modelstest.Desk)
		away       func(*modelstest.Desk, reminders.Audience)
		want       string
	}{
		{"a task of the firm that the client blocks", "unblock:GA-01", blocks("GA-01", models.SideClient), none, "ruth [unblock]"},
		{"of whose sponsor somebody stands in", "unblock:GA-01", blocks("GA-01", models.SideClient), away("ruth", "kenji"),
			"kenji [unblock] Ruth, who is away until Mon 2027-01-25"},
		{"of whose sponsor nobody stands in", "unblock:GA-01", blocks("GA-01", models.SideClient), away("ruth", ""), "ruth [unblock]"},
		{"the auditor's, that the firm blocks", "unblock:GA-04.RSK", func(d *modelstest.Desk) { auditors(d); blocks(rsk, models.SideFirm)(d) },
			none, "ines [unblock]"},
		{"while the manager is away", "unblock:GA-04.RSK", func(d *modelstest.Desk) { auditors(d); blocks(rsk, models.SideFirm)(d) },
			away("ines", ""), "marta [unblock] Ines, who is away until Mon 2027-01-25"},
		{"the auditor's", "do:GA-04.RSK", auditors, none, "hugo [done more_time snooze blocked]"},
		{"the auditor is away", "do:GA-04.RSK", auditors, away("hugo", ""), "hugo [done more_time snooze blocked]"},
		{"a colleague stands in for the manager", "do:GA-01",
			func(d *modelstest.Desk) { d.Facts.Task("GA-01").OwnerRole, d.Facts.Task("GA-01").Owner = "pm", "ines" }, away("ines", "noor"),
			"noor [done more_time snooze blocked not_mine] Ines, who is away until Mon 2027-01-25"},
		{"work for the sponsor, who is away", "accept:GA-04.RSK", submitted("sponsor", "ruth", "kenji", ""), away("ruth", "olga"),
			"olga [accept return] Ruth, who is away until Mon 2027-01-25"},
		{"whose stand-in did it", "accept:GA-04.RSK", submitted("sponsor", "ruth", "kenji", ""), away("ruth", "kenji"), "ruth [accept return]"},
		{"work for the manager, whose stand-in did it", "accept:GA-04.RSK", submitted("pm", "ines", "priya", ""), away("ines", "priya"),
			"marta [accept return] Ines, who is away until Mon 2027-01-25"},
		{"which the manager did", "accept:GA-04.RSK", submitted("pm", "ines", "ines", ""), none, "marta [accept return]"},
		{"work for a consultant, who is away", "accept:GA-04.RSK", submitted("consultant", "tom", "kenji", ""), away("tom", ""),
			"tom [accept return]"},
		{"and of whom no role says who accepts", "accept:GA-04.RSK", submitted("partner", "", "kenji", ""), none, "marta [accept return]"},
	} {
		t.Run(x.name, func(t *testing.T) {
			d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
			aud := modelstest.Audience(d.Facts)
			x.is(d)
			x.away(d, aud)
			if got := asked(d, aud, x.item); got != x.want {
				t.Errorf("asked: %s, want %s", got, x.want)
			}
		})
	}
}

// A decision that waits for two words is one line for everybody who hears of it.
func TestOneLineForTwoWords(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Facts.Decisions = []*engagement.Decision{{ID: "D-1", Kind: engagement.ExtendTask, State: engagement.DecisionPending,
		Needs: []models.Role{models.RolePartner, models.RoleSponsor}, ProposedBy: "kenji",
		ProposedAt: d.Now.AddDate(0, 0, -21), Change: engagement.Change{Task: "GA-04.RSK", Due: modelstest.On("2027-03-02")}}}
	aud := modelstest.Audience(d.Facts)
	for _, who := range []models.PersonID{"marta", "ruth"} {
		aud.Sent[reminders.SentKey{To: who, Engagement: "e1",
			Item: "decide:D-1"}] = reminders.Sent{Step: reminders.Step{Due: models.DateIn(d.Now.AddDate(0, 0, -21),
			models.Zone("America/New_York")), Offset: 99}, On: d.Today().AddDays(-7)}
	}
	heard := map[models.PersonID]string{}
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		if n.Item.Kind == engagement.ItemDecide {
			heard[n.To] += string(n.As)
		}
	}
	if got := fmt.Sprint(heard); got != "map[ines:pm marta:owner ruth:owner]" {
		t.Errorf("heard: %s", got)
	}
}

// What somebody asked for is said of an item while reminders rest, and not when they go on; what was put off, until the day comes where
// they are. Who does something about the task of somebody else reads what became of it, not whose it is.
func TestWhatBecameOfWhatWasAskedFor(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Do("kenji", engagement.ExtendTask, modelstest.Task("GA-04.RSK"), modelstest.DueOn("2027-02-18"), modelstest.Because("ill"))
	d.Do("ruth", engagement.ExtendTask, modelstest.Task("GA-04.MON"), modelstest.DueOn("2027-02-18"), modelstest.Because("ill"))
	d.Do("kenji", engagement.HandOverTask, modelstest.Task("GA-04.INC"), modelstest.To("olga"), modelstest.Because("hers"))
	d.Do("ruth", engagement.SnoozeTask, modelstest.Task("GA-04.VUL"), modelstest.DueOn("2027-01-27"))
	for i, p := range d.Facts.People {
		if p.ID == "kenji" {
			d.Facts.People[i].TimeZone = "Pacific/Auckland"
		}
	}
	late := d.Now.AddDate(0, 0, 1)
	late = time.Date(late.Year(), late.Month(), late.Day(), 12, 0, 0, 0, models.Zone("America/New_York")) // the 27th in Auckland
	for _, x := range []struct {
		item string
		who  models.PersonID
		at   time.Time
		want string
	}{
		{"do:GA-04.RSK", "kenji", d.Now, "you asked for more time, until Thu 2027-02-18"},
		{"do:GA-04.RSK", "kenji", d.Now.AddDate(0, 0, 3), ""},
		{"do:GA-04.MON", "ruth", d.Now, "you asked for more time, until Thu 2027-02-18"},
		{"do:GA-04.INC", "kenji", d.Now, "you proposed Olga"},
		{"do:GA-04.INC", "kenji", d.Now.AddDate(0, 0, 3), ""},
		{"do:GA-04.VUL", "ruth", late, "put off until Wed 2027-01-27"},
		{"do:GA-04.VUL", "kenji", late, ""},
	} {
		if got := reminders.Became(d.Facts, d.Facts.Asking(x.item), x.who, x.at); got != x.want {
			t.Errorf("%s, %s on %s: %q, want %q", x.item, x.who, x.at, got, x.want)
		}
	}
	aud := modelstest.Audience(d.Facts)
	for at, want := range map[time.Time]string{d.Now: "", d.Now.AddDate(0, 0, 3): "kenji [done more_time snooze blocked not_mine]"} {
		d.Now = at
		if got := asked(d, aud, "do:GA-04.INC"); got != want {
			t.Errorf("on %s asked: %s", at, got)
		}
	}
	l := d.Facts.Asking("do:GA-04.RSK")
	d.Facts.Task("GA-04.RSK").Owner, d.Facts.Task("GA-04.RSK").Backup = "olga", ""
	if got := reminders.Became(d.Facts, l, "ruth", d.Now); got != "Olga has it now" {
		t.Errorf("given to olga: %q", got)
	}
}
