package reminders_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// sees asks for an item what the API asks for what it is about.
func sees(f *engagement.Facts, a engagement.Actor, it engagement.Item, d *modelstest.Desk) bool {
	switch it.Kind {
	case engagement.ItemSign, engagement.ItemRefused:
		return f.SeesGate(a, it.Subject, d.Now)
	case engagement.ItemDecide:
		return f.SeesDecision(a, f.DecisionOf(it.Subject), d.Now)
	case engagement.ItemStall, engagement.ItemOutlook:
		return a.SeesAllOf("getStatus", f.Engagement, d.Now)
	case engagement.ItemWindow, engagement.ItemReach, engagement.ItemLeft:
		return a.Role.Side() == models.SideFirm && a.SeesAllOf("getStatus", f.Engagement, d.Now)
	}
	return f.SeesTask(a, f.Task(models.TaskID(it.Subject)), d.Now)
}

// The law of what is told: nobody's message speaks of a task, gate or decision that the API does not show them, whoever is away and
// whoever stands in; and for all that nothing is left that nobody hears of.
func TestMessagesTellWhatIsShown(t *testing.T) {
	absences := []struct{ who, standIn models.PersonID }{{"", ""}, {"kenji", "olga"}, {"ruth", "kenji"}, {"ruth", "olga"}, {"ines", "noor"},
		{"ines", "tom"}, {"marta", "ines"}, {"marta", "noor"}, {"marta", "tom"}, {"priya", "noor"}, {"hugo", ""}}
	told, gates := 0, 0
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseWindowSetup,
		catalog.PhaseWindow, catalog.PhaseT2Report} {
		d := modelstest.In(t, "soc2_type2", p)
		d.Try("ines", engagement.MoveWindow, modelstest.Because("the vendor is late"))
		for i := range d.Facts.Gates { // of each only the signature is missing
			if g := &d.Facts.Gates[i]; g.State != engagement.GateSigned {
				g.State, g.At = engagement.GateOpen, d.Now
			}
		}
		items := map[string]bool{}
		for _, away := range absences {
			aud := modelstest.Audience(d.Facts)
			aud.All = true
			if away.who != "" {
				aud.People[away.who].Away = []reminders.Absence{{Person: away.who, StandIn: away.standIn,
					Days: planning.Span{Start: d.Today(), End: d.Today()}}}
			}
			heard := map[string]bool{}
			for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
				told++
				if n.Item.Kind == engagement.ItemSign {
					gates++
				}
				heard[n.Item.Key()] = true
				a := engagement.Actor{Person: n.To, Role: aud.People[n.To].Role, Client: aud.People[n.To].Client}
				if away.standIn == n.To {
					a.For = []models.PersonID{away.who}
				}
				if !sees(d.Facts, a, n.Item, d) {
					t.Errorf("%s, %s away, %s for them: %s is told of %s (%s)", p, away.who, away.standIn, n.To, n.Item.Key(), n.Item.Title)
				}
			}
			if away.who == "" {
				items = heard
			}
			for key := range items {
				if !heard[key] {
					t.Errorf("%s, %s away, %s for them: nobody hears of %s", p, away.who, away.standIn, key)
				}
			}
		}
	}
	if told < 500 || gates < 20 {
		t.Errorf("the law was tried too little: %d nudges, %d about gates", told, gates)
	}
}

// Priya has left the team and still owns a task: she is told nothing of an engagement that is not shown to her any more, and that nobody
// reminds her holds nothing up: the manager hears that it is late.
func TestWhoLeftTheTeamIsToldNothing(t *testing.T) {
	d := modelstest.OneTask(t, func(x *engagement.Task) { x.OwnerRole, x.Owner, x.Backup = "consultant", "priya", "" })
	told := func() (out []string) {
		for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
			if n.Item.Kind != engagement.ItemOutlook { // it is about no task
				out = append(out, string(n.To)+" "+string(n.As))
			}
		}
		return out
	}
	d.Now = modelstest.On("2027-03-26").At(d.Facts.Location(), 10, 0)
	if got := told(); !slices.Contains(got, "priya owner") {
		t.Errorf("on the team she is not asked: %v", got)
	}
	d.Facts.Engagement.Consultants = []models.PersonID{"tom"}
	if got := told(); len(got) != 0 {
		t.Errorf("on its day %v hear of it", got)
	}
	d.Now = modelstest.On("2027-04-16").At(d.Facts.Location(), 10, 0)
	if got := told(); slices.Contains(got, "priya owner") || !slices.Contains(got, "ines pm") {
		t.Errorf("three weeks late %v hear of it", got)
	}
}
