package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// The law of who is asked: over lives in which people are away with and without having named somebody, of every task, signature and
// decision the status, the list of today and of the week, the home and the messages name the same person as the one who is waited for and
// the same as the one who is asked instead; nobody who is away is asked while another is; and who reports to others that it waits says that
// they are away.
func TestTheSamePersonIsAskedInAllPlaces(t *testing.T) {
	var seen tally
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 77))
			d := modelstest.SomeLife(t, r)
			for range 6 {
				for range 4 {
					d.Sensibly(r)
				}
				proposes(d, r)
				d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(9)))
				for range 4 {
					d.Facts.Absences = someAway(d, r)
					seen.hold(t, d)
				}
			}
		})
	}
	if seen.turns < 200 || seen.away < 30 || seen.instead < 15 || seen.asked < 100 || seen.said < 5 {
		t.Errorf("the law was tried too little: %+v", seen)
	}
}

// someAway has about every fourth person be away for some days around today, half of them with a stand-in of their company.
func someAway(d *modelstest.Desk, r *rand.Rand) (out []engagement.Absence) {
	for _, p := range d.Facts.People {
		if r.IntN(4) > 0 {
			continue
		}
		a := engagement.Absence{Person: p.ID,
			Days: planning.Span{Start: d.Today().AddDays(-2 - r.IntN(5)), End: d.Today().AddDays(2 + r.IntN(9))}}
		for _, o := range d.Facts.People {
			if o.ID != p.ID && o.Client == p.Client && o.Role.Side() == p.Role.Side() && r.IntN(4) == 0 {
				a.StandIn = o.ID
			}
		}
		out = append(out, a)
	}
	return out
}

// A tally is how often a law was tried.
type tally struct{ turns, away, instead, asked, said int }

// hold holds all that waits on a day against the law.
func (y *tally) hold(t *testing.T, d *modelstest.Desk) {
	t.Helper()
	f, aud := d.Facts, modelstest.Audience(d.Facts)
	aud.All = true
	for _, a := range f.Absences {
		aud.People[a.Person].Away = []reminders.Absence{a}
	}
	aud.Failing = map[models.PersonID]bool{} // whom nothing reaches holds nothing up: it goes up on its day
	for id := range aud.People {
		aud.Failing[id] = true
	}
	nudges, report := reminders.Nudges(f, aud, d.Now), f.Report(d.Now)
	if f.Engagement.Status != engagement.StatusRunning || f.Engagement.Muted {
		return
	}
	for key, turns := range waits(f, report, f.Present(d.Now)) {
		for _, turn := range turns {
			y.turn(t, f, report, key, turn)
		}
		for _, n := range nudges {
			if n.Item.Key() != key {
				continue
			}
			is := slices.ContainsFunc(turns, func(x engagement.Turn) bool { return x.Asked == n.To })
			if n.As.Asked() && !n.Item.Overtaken && !is { // of one that is overtaken its proposer is asked for another day
				t.Errorf("%s: %s is asked for %s: %+v", d.Today(), n.To, key, turns)
			}
			if y.asked++; !n.As.Asked() {
				y.tells(t, d, aud, n, turns)
			}
		}
	}
}

// waits returns whose turn it is, by the items that wait for somebody.
func waits(f *engagement.Facts, report engagement.Report, present *engagement.Presence) map[string][]engagement.Turn {
	out := map[string][]engagement.Turn{}
	for _, x := range f.Tasks {
		switch x.State {
		case engagement.TaskOpen:
			if x.Owner != "" {
				out["do:"+string(x.ID)] = []engagement.Turn{present.Task(x)}
			}
		case engagement.TaskBlocked:
			out["unblock:"+string(x.ID)] = []engagement.Turn{present.Task(x)}
		case engagement.TaskSubmitted:
			out["accept:"+string(x.ID)] = []engagement.Turn{present.Task(x)}
		}
	}
	for _, g := range report.Gates {
		if turn, ok := present.Gate(g.Gate); ok && g.Ready && g.State == engagement.GateOpen && g.Approver != models.RoleSystem {
			out["sign:"+g.ID] = []engagement.Turn{turn}
		}
	}
	for _, x := range f.Questions {
		if x.State == engagement.QuestionOpen {
			out["answer:"+x.ID] = []engagement.Turn{present.Question(x)}
		}
	}
	for _, x := range f.Decisions {
		if x.State == engagement.DecisionPending {
			out["decide:"+x.ID] = present.Decision(x)
		}
	}
	return out
}

// turn holds one thing that waits for somebody against the status and the list of who is asked.
func (y *tally) turn(t *testing.T, f *engagement.Facts, report engagement.Report, key string, turn engagement.Turn) {
	t.Helper()
	y.turns++
	gone := func(who models.PersonID) (engagement.Absence, bool) {
		p, _ := f.Person(who)
		return engagement.AwayOn(f.Absences, who, models.DateIn(report.AsOf, models.Zone(p.TimeZone)))
	}
	absence, away := gone(turn.Whose)
	if _, asked := gone(turn.Asked); asked && turn.Asked != turn.Whose || turn.Until != absence.Days.End {
		t.Errorf("%s: %+v, though %s is away until %s", key, turn, turn.Whose, absence.Days.End)
	}
	i := slices.IndexFunc(report.WaitingFor, func(w engagement.Waiting) bool { return w.Person == turn.Whose })
	if i < 0 {
		t.Errorf("%s: the status does not wait for %s", key, turn.Whose)
		return
	}
	w := report.WaitingFor[i]
	if !away {
		return
	}
	y.away++
	if w.Until != turn.Until || !strings.Contains(w.Text, "away until "+models.Dated(turn.Until)) {
		t.Errorf("%s: %s is away until %s: the status says %q", key, turn.Whose, turn.Until, w.Text)
	}
	kind, id := engagement.ParseItem(key)
	saidOf(t, f, report, id, turn)
	if turn.Asked == turn.Whose || turn.Told {
		return
	}
	y.instead++
	if name := f.Called(turn.Asked, ""); !strings.Contains(w.Text, name) {
		t.Errorf("%s: %s is asked instead: the status says %q", key, name, w.Text)
	}
	if kind != engagement.ItemUnblock && !listed(f, report, kind, id, turn) { // no list has what is blocked
		t.Errorf("%s: %s is asked instead of %s, and it is not in their list", key, turn.Asked, turn.Whose)
	}
}

// saidOf holds what lists and cards say of the task or the gate for which somebody is asked who is away.
func saidOf(t *testing.T, f *engagement.Facts, report engagement.Report, id string, turn engagement.Turn) {
	t.Helper()
	away := f.Called(turn.Whose, "") + " is away until " + models.Dated(turn.Until)
	if task := f.Task(models.TaskID(id)); task != nil {
		said := f.When(task, report.AsOf).Away
		if !strings.Contains(said, away) || turn.Asked != turn.Whose && !strings.Contains(said, f.Called(turn.Asked, "")+" is ") {
			t.Errorf("%s: %+v, and of the task it is said %q", id, turn, said)
		}
	}
	for _, g := range report.Gates {
		if g.ID == id && !strings.Contains(g.Away, away) {
			t.Errorf("%s: %+v, and of the gate it is said %q", id, turn, g.Away)
		}
	}
}

// listed reports whether the list of who is asked instead has the thing.
func listed(f *engagement.Facts, report engagement.Report, kind engagement.ItemKind, id string, turn engagement.Turn) bool {
	p := f.Present(report.AsOf)
	work := f.WorkFor(p.Actor(turn.Asked), models.Date{}, report.AsOf)
	has := func(all []engagement.Task) bool {
		return slices.ContainsFunc(all, func(x engagement.Task) bool { return string(x.ID) == id })
	}
	return kind == engagement.ItemDo && has(work.Tasks) || kind == engagement.ItemAccept && has(work.Accept) ||
		slices.ContainsFunc(work.Gates, func(g engagement.Gate) bool { return g.ID == id }) ||
		slices.ContainsFunc(work.Questions, func(q engagement.Question) bool { return q.ID == id }) ||
		slices.ContainsFunc(work.Decisions, func(d engagement.Decision) bool { return d.ID == id })
}

// tells holds what others are told of somebody who is away against the law.
func (y *tally) tells(t *testing.T, d *modelstest.Desk, aud reminders.Audience, n reminders.Nudge, turns []engagement.Turn) {
	t.Helper()
	if n.As == reminders.CapacityBackup {
		return
	}
	ask := reminders.Managers{}
	ask.Add(d.Facts)
	to := aud.People[n.To]
	m, _ := reminders.Digesting{To: to, Day: to.Today(d.Now), Nudges: []reminders.Nudge{n}, Ask: ask, Limit: 50,
		Names: map[models.EngagementID]string{d.Facts.Engagement.ID: "e"}}.Digest()
	for _, turn := range turns {
		if turn.Until.IsZero() {
			continue
		}
		y.said++
		want := d.Facts.Called(turn.Whose, "") + " is away until " + models.Dated(turn.Until)
		if !slices.ContainsFunc(m.Lines(), func(l *engagement.Line) bool { return strings.Contains(l.Text, want) }) {
			t.Errorf("%s hears of %s without %q", n.To, n.Item.Key(), want)
		}
	}
}
