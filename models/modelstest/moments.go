package modelstest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// A Moment is an engagement as a story left it on some day of a phase.
type Moment struct {
	Phase catalog.Phase
	*Desk
}

// Moments returns PerPhase moments of every phase of an engagement of the longest type, in memory: everybody does what is theirs, and some
// of them what else comes to their minds. Story.Moments plays the like on a database.
func Moments(t *testing.T) []Moment {
	t.Helper()
	const typ = "soc2_type1_type2"
	kind, _ := Catalog().Type(typ)
	var out []Moment
	for i, p := range Catalog().PhasesFor(kind.Flags) {
		r := rand.New(rand.NewPCG(uint64(i), 8))
		d := In(t, typ, p.ID)
		d.Joins("nina", models.RoleOwner)
		d.Twice = true
		plan := d.Facts.Phase(p.ID).Plan
		for range PerPhase {
			out = append(out, Moment{p.ID, d.Copy(t)})
			d.Sensibly(r)
			d.Sensibly(r)
			if r.IntN(2) == 0 {
				d.Agree()
			}
			d.GoTo(d.Today().AddDays(max(1, plan.Start.DaysUntil(plan.End)/(PerPhase+2))))
			d.Work()
		}
	}
	return out
}

// Senders are all who may try to send a command: on the engagement and beside it, for themselves and for somebody who is away.
func (d *Desk) Senders() []engagement.Actor {
	var out []engagement.Actor
	for _, p := range d.Facts.People {
		a := engagement.Actor{Person: p.ID, Role: p.Role, Client: p.Client}
		out = append(out, a)
		for _, other := range d.Facts.People {
			if other.ID != p.ID && other.Role.Side() == p.Role.Side() && other.Client == p.Client && p.Role != models.RoleAuditor {
				a.For = []models.PersonID{other.ID}
				out = append(out, a)
			}
		}
	}
	return out
}

// Subjects are commands of one kind about everything that it may name: a task of each state, owner and approver, every gate, every
// decision, and something that is not there.
func (d *Desk) Subjects(info engagement.CommandInfo) []engagement.Command {
	var out []engagement.Command
	c := engagement.Command{Key: "k", Kind: info.Kind, Reason: "so it is", By: "vendor", Due: d.Facts.ClientDays.Add(d.Today(), 1),
		Person: "olga", Add: &engagement.NewTask{Title: "One more", Owner: "kenji", Due: d.Today().AddDays(7)},
		Change: &engagement.Change{AsOf: d.Today().AddDays(30)}, Edit: &engagement.Edit{}}
	switch info.On {
	case "task":
		seen := map[string]bool{}
		for _, t := range append(slices.Clone(d.Facts.Tasks), d.ofClosed()...) {
			if key := fmt.Sprint(t.State, t.Owner, t.Approver, t.BlockedBy, t.DoneBy); !seen[key] {
				seen[key], c.Tasks = true, []models.TaskID{t.ID}
				out = append(out, c)
			}
		}
		c.Tasks = []models.TaskID{"X-99"}
	case "gate":
		for _, g := range d.Facts.Gates {
			c.Gate = g.ID
			out = append(out, c)
		}
		c.Gate = "G-XX-9"
	case "decision":
		for _, x := range d.Facts.Decisions {
			c.Decision = x.ID
			out = append(out, c)
		}
		c.Decision = "D-99"
	case "question":
		for _, q := range append(slices.Clone(d.Facts.Questions), d.settled()...) {
			c.Question = q.ID
			out = append(out, c)
		}
		c.Question = "Q-99"
	}
	return append(out, c)
}

// settled returns the questions that are not open, in the order of their ids.
func (d *Desk) settled() []*engagement.Question {
	var out []*engagement.Question
	for _, q := range d.Settled {
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b *engagement.Question) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// ofClosed returns the tasks that are closed, in the order of their ids.
func (d *Desk) ofClosed() []*engagement.Task {
	var out []*engagement.Task
	for _, t := range d.Closed {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *engagement.Task) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
