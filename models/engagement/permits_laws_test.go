package engagement_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// perPhase is in how many states of a phase a law is held.
const perPhase = 5

// A moment is an engagement as a story left it on some day of a phase.
type moment struct {
	phase catalog.Phase
	*desk
}

// moments plays a story through every phase and returns perPhase moments of each: everybody does what is theirs, and some of them what
// else comes to their minds.
func moments(t *testing.T) []moment {
	t.Helper()
	const typ = "soc2_type1_type2"
	kind, _ := modelstest.Catalog().Type(typ)
	var out []moment
	for i, p := range modelstest.Catalog().PhasesFor(kind.Flags) {
		r := rand.New(rand.NewPCG(uint64(i), 8))
		d := in(t, typ, p.ID)
		d.joins("nina", models.RoleOwner)
		d.twice = true
		plan := d.f.Phase(p.ID).Plan
		for range perPhase {
			out = append(out, moment{p.ID, d.copied(t)})
			d.sensibly(r)
			d.sensibly(r)
			if r.IntN(2) == 0 {
				d.agree()
			}
			d.goTo(d.today().AddDays(max(1, plan.Start.DaysUntil(plan.End)/(perPhase+2))))
			d.work()
		}
	}
	return out
}

// senders are all who may try to send a command: on the engagement and beside it, for themselves and for somebody who is away.
func (d *desk) senders() []engagement.Actor {
	var out []engagement.Actor
	for _, p := range d.f.People {
		a := engagement.Actor{Person: p.ID, Role: p.Role, Client: p.Client}
		out = append(out, a)
		for _, other := range d.f.People {
			if other.ID != p.ID && other.Role.Side() == p.Role.Side() && other.Client == p.Client && p.Role != models.RoleAuditor {
				a.For = []models.PersonID{other.ID}
				out = append(out, a)
			}
		}
	}
	return out
}

// subjects are commands of one kind about everything that it may name: a task of each state, owner and approver, every gate, every
// decision, and something that is not there.
func (d *desk) subjects(info engagement.CommandInfo) []engagement.Command {
	var out []engagement.Command
	c := engagement.Command{Key: "k", Kind: info.Kind, Reason: "so it is", By: "vendor", Due: d.f.ClientDays.Add(d.today(), 1), Person: "olga",
		Add: &engagement.NewTask{Title: "One more", Owner: "kenji", Due: d.today().AddDays(7)}, Change: &engagement.Change{AsOf: d.today().AddDays(30)}, Edit: &engagement.Edit{}}
	switch info.On {
	case "task":
		seen := map[string]bool{}
		for _, t := range append(slices.Clone(d.f.Tasks), d.ofClosed()...) {
			if key := fmt.Sprint(t.State, t.Owner, t.Approver, t.BlockedBy, t.DoneBy); !seen[key] {
				seen[key], c.Tasks = true, []models.TaskID{t.ID}
				out = append(out, c)
			}
		}
		c.Tasks = []models.TaskID{"X-99"}
	case "gate":
		for _, g := range d.f.Gates {
			c.Gate = g.ID
			out = append(out, c)
		}
		c.Gate = "G-XX-9"
	case "decision":
		for _, x := range d.f.Decisions {
			c.Decision = x.ID
			out = append(out, c)
		}
		c.Decision = "D-99"
	}
	return append(out, c)
}

// ofClosed returns the tasks that are closed, in the order of their ids.
func (d *desk) ofClosed() []*engagement.Task {
	var out []*engagement.Task
	for _, t := range d.closed {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *engagement.Task) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// The law of the one lock: whatever the command, the role, whom somebody stands in for and the state of things, Permits refuses
// exactly what Decide refuses for who sent it; and what Permits lets pass is refused, if at all, for how things stand.
func TestPermitsIsTheOnlyLock(t *testing.T) {
	all := moments(t)
	r := rand.New(rand.NewPCG(8, 1))
	tried := map[string]int{}
	for _, m := range all {
		for _, info := range engagement.Commands() {
			commands := m.subjects(info)
			for _, a := range m.senders() {
				c := commands[r.IntN(len(commands))]
				c.Actor = a
				tried[m.try(c)]++
			}
		}
	}
	phases := map[catalog.Phase]int{}
	for _, m := range all {
		phases[m.phase]++
	}
	for p, n := range phases {
		if n < perPhase {
			t.Errorf("only %d moments of %s", n, p)
		}
	}
	if len(all) != perPhase*len(phases) || len(phases) != len(modelstest.Catalog().Phases) {
		t.Errorf("moments of %d phases only", len(phases))
	}
	for _, what := range []string{"done", "denied", "not now"} {
		if tried[what] < 500 {
			t.Errorf("the law was tried too little: %v", tried)
		}
	}
	t.Logf("%d moments: %v", len(all), tried)
}

// try sends a command to a copy of the engagement, and says what came of it.
func (m moment) try(c engagement.Command) string {
	m.t.Helper()
	f := m.loaded(engagement.NeedOf(c))
	permits := f.Permits(c.Actor, c, m.now)
	_, err := engagement.Decide(f, c, m.now)
	switch {
	case (permits == nil) == denied(err):
		m.t.Errorf("%s: %s for %v sends %s %v%s%s: Permits says %v, Decide %v", m.today(), c.Actor.Person, c.Actor.For, c.Kind, c.Tasks, c.Gate, c.Decision, permits, err)
		return "both"
	case permits != nil:
		return "denied"
	case err != nil:
		return "not now"
	}
	return "done"
}

// loaded returns a copy of the facts with what a command names.
func (d *desk) loaded(need engagement.Need) *engagement.Facts {
	f := copyOf(d.f)
	for _, id := range f.Named(need) {
		if t := d.closed[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(f.Tasks, copyOfTask(t))
		}
	}
	if x := d.ended[need.Decision]; x != nil {
		c := *x
		f.Decisions = append(f.Decisions, &c)
	}
	return f
}
