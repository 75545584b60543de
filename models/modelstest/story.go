package modelstest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A Keeper has the facts of one engagement: a database, for tests that play on one.
type Keeper interface {
	// Load returns the facts with what a need names.
	Load(engagement.Need) (*engagement.Facts, error)
	// Change has the facts changed at an instant, and keeps them unless decide refuses.
	Change(need engagement.Need, now time.Time, decide func(*engagement.Facts) (string, error)) error
}

// A Story is an engagement that has been started and whose people do what is theirs, day by day, by the commands and the Advance of the
// product. Some of what they do comes from a source of chance, so that tasks are blocked, put off, asked more time for and handed over.
type Story struct {
	Keeper Keeper
	Now    time.Time
	Chance *rand.Rand

	sent int
}

// PerPhase is how many moments of each phase Moments visits.
const PerPhase = 5

// Moments plays the story to its end and calls visit on PerPhase days of every phase, spread over the time that was planned for it. It
// returns an error when the story comes to no end within four years.
func (s *Story) Moments(visit func(catalog.Phase, *engagement.Facts)) error {
	taken, next := map[catalog.Phase]int{}, map[catalog.Phase]models.Date{}
	for range 4 * 366 {
		f, err := s.Keeper.Load(engagement.Need{})
		if err != nil {
			return err
		}
		if !f.Engagement.Status.Live() {
			return nil
		}
		today := f.Today(s.Now)
		for _, p := range f.Active() {
			if taken[p] < PerPhase && !today.Before(next[p]) {
				plan := f.Phase(p).Plan
				taken[p], next[p] = taken[p]+1, today.AddDays(max(1, plan.Start.DaysUntil(plan.End)/(PerPhase+2)))
				visit(p, f)
			}
		}
		if err := s.day(f); err != nil {
			return err
		}
	}
	return fmt.Errorf("after four years the story is not over, on %s", s.Now)
}

// day lets everybody do what is theirs today, and the night pass.
func (s *Story) day(f *engagement.Facts) error {
	for n := 0; n < 12; n++ {
		did, err := s.work()
		if err != nil {
			return err
		}
		if !did {
			break
		}
	}
	s.trouble()
	s.Now = f.ClientDays.Add(f.Today(s.Now), 1).At(f.Location(), 9, 0)
	return s.advance()
}

// advance lets the engagement move on as its workflow does.
func (s *Story) advance() error {
	for range 10 {
		f, err := s.Keeper.Load(engagement.Need{})
		if err != nil {
			return err
		}
		agenda := engagement.AgendaOf(f, s.Now)
		if !agenda.Ready && (agenda.Wake.IsZero() || agenda.Wake.After(s.Now)) {
			return nil
		}
		err = s.Keeper.Change(engagement.Need{}, s.Now, func(f *engagement.Facts) (string, error) {
			engagement.Advance(f, s.Now)
			return "", nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// work lets everybody do once what is due, accept what was submitted, sign and approve; it reports whether anybody did something.
func (s *Story) work() (bool, error) {
	f, err := s.Keeper.Load(engagement.Need{})
	if err != nil {
		return false, err
	}
	if f, err = s.Keeper.Load(reminders.NeedToRehearse(f)); err != nil {
		return false, err
	}
	did := false
	for _, c := range s.turns(f) {
		did = s.send(c) == nil || did
	}
	return did, s.advance()
}

// turns are the commands of a day: what is anybody's turn, what people let go on that was blocked, and what they approve.
func (s *Story) turns(f *engagement.Facts) []engagement.Command {
	out := Habits{}.Turns(f, s.Now)
	for _, t := range f.Tasks {
		if t.State == engagement.TaskBlocked && s.Chance.IntN(3) == 0 {
			if a, ok := f.Doer(t, s.Now); ok {
				out = append(out, engagement.Command{Kind: engagement.UnblockTask, Actor: a, Tasks: []models.TaskID{t.ID}})
			}
		}
	}
	for _, d := range f.Decisions {
		for _, a := range f.Approvers(d, s.Now) {
			out = append(out, engagement.Command{Kind: engagement.ApproveDecision, Actor: a, Decision: d.ID})
		}
	}
	return out
}

// trouble lets somebody be blocked, put something off, ask for more time or propose another owner, now and then.
func (s *Story) trouble() {
	f, err := s.Keeper.Load(engagement.Need{})
	if err != nil || len(f.Tasks) == 0 || s.Chance.IntN(3) > 0 {
		return
	}
	t := f.Tasks[s.Chance.IntN(len(f.Tasks))]
	a, ok := f.Doer(t, s.Now)
	if !ok {
		return
	}
	kinds := []engagement.Kind{engagement.BlockTask, engagement.SnoozeTask, engagement.ExtendTask, engagement.HandOverTask}
	c := engagement.Command{Kind: kinds[s.Chance.IntN(len(kinds))], Actor: a, Tasks: []models.TaskID{t.ID}, Reason: "so it is", By: "vendor",
		Due: f.ClientDays.Add(models.Later(t.Due, f.Today(s.Now)), 1), Person: f.People[s.Chance.IntN(len(f.People))].ID}
	if c.Kind == engagement.SnoozeTask {
		c.Due = f.ClientDays.Add(f.Today(s.Now), 1)
	}
	_ = s.send(c) // what cannot be done is not done
}

// send has a command carried out.
func (s *Story) send(c engagement.Command) error {
	s.sent++
	c.Key, c.Hash = fmt.Sprint("story-", s.sent), "story"
	return s.Keeper.Change(engagement.NeedOf(c), s.Now, func(f *engagement.Facts) (string, error) { return engagement.Decide(f, c, s.Now) })
}
