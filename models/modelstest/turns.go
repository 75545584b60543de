package modelstest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Habits are how people work who do what is theirs.
type Habits struct {
	AtOnce int                         // how many tasks one command names at most; without it 200
	Later  func(*engagement.Task) bool // reports what is left for another day although it is due; nil when nothing is
}

// Turns returns the commands of those whose turn it is: first tasks are done and accepted, then gates are signed. There are none while the
// engagement is not running. The facts must hold what reminders.NeedToRehearse names.
func (h Habits) Turns(f *engagement.Facts, now time.Time) []engagement.Command {
	return append(h.onTasks(f, now), onGates(f, now)...)
}

// onTasks returns who does what is due within three business days, and then who accepts what was submitted, each in the order of their ids.
func (h Habits) onTasks(f *engagement.Facts, now time.Time) []engagement.Command {
	if f.Engagement.Status != engagement.StatusRunning {
		return nil
	}
	does, accepts := map[models.PersonID][]models.TaskID{}, map[models.PersonID][]models.TaskID{}
	today := f.Today(now)
	for _, t := range f.Tasks {
		switch {
		case t.State == engagement.TaskOpen && f.ClientDays.Count(today, t.Due) <= 3 && (h.Later == nil || !h.Later(t)):
			if a, ok := f.Doer(t, now); ok {
				does[a.Person] = append(does[a.Person], t.ID)
			}
		case t.State == engagement.TaskSubmitted:
			if a, ok := f.Acceptor(t, now); ok {
				accepts[a.Person] = append(accepts[a.Person], t.ID)
			}
		}
	}
	done := h.commands(f, engagement.CompleteTask, does)
	for i := range done {
		done[i].On = f.StatedOn(done[i].Tasks, now)
	}
	return append(done, h.commands(f, engagement.AcceptTask, accepts)...)
}

// commands returns the commands of one kind by which people do something about their tasks.
func (h Habits) commands(f *engagement.Facts, k engagement.Kind, whose map[models.PersonID][]models.TaskID) []engagement.Command {
	var out []engagement.Command
	for _, id := range slices.Sorted(maps.Keys(whose)) {
		for tasks := range slices.Chunk(whose[id], cmp.Or(h.AtOnce, 200)) {
			out = append(out, engagement.Command{Kind: k, Actor: f.Actor(id), Tasks: tasks})
		}
	}
	return out
}

// onGates returns who signs the gates of which only the signature is missing.
func onGates(f *engagement.Facts, now time.Time) []engagement.Command {
	var out []engagement.Command
	for _, g := range f.Gates {
		if f.Engagement.Status != engagement.StatusRunning || !waits(f, g, now) {
			continue
		}
		if a, ok := f.Signer(g, now); ok {
			out = append(out, engagement.Command{Kind: engagement.SignGate, Actor: a, Gate: g.ID})
		}
	}
	return out
}

// waits reports whether only the signature of a gate is missing.
func waits(f *engagement.Facts, g engagement.Gate, now time.Time) bool {
	p := f.Phase(g.Phase)
	return g.State != engagement.GateSigned && p != nil && p.Standing == engagement.StandingActive && len(f.GateBlockers(g, f.Today(now))) == 0
}
