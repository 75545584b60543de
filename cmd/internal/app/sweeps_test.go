package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tickmark/models"
)

// A desk clock is what a sweeper goes by in tests: the machine's time, which may be put right, and the process's own, which runs on.
type deskClock struct {
	machine time.Time
	running time.Duration
	last    time.Time // sweep
	done    []string
	broken  error
}

func (d *deskClock) pass(t time.Duration) { d.machine, d.running = d.machine.Add(t), d.running+t }

// begin is a sweep that begins, and notes that it looked.
func (d *deskClock) begin(how string) func(context.Context) error {
	return func(context.Context) error {
		if d.broken != nil {
			return d.broken
		}
		d.done, d.last = append(d.done, how), d.machine
		return nil
	}
}

func (d *deskClock) sweeper(every time.Duration) *sweeper {
	return &sweeper{every: every, stuck: sweepStuck, last: func(context.Context) (time.Time, error) { return d.last, nil },
		age:   func(at time.Time) time.Duration { return d.machine.Sub(at) },
		hurry: d.begin("hurry"), restart: d.begin("restart"), asked: -every, restarted: -sweepStuck}
}

// look has a sweeper look and returns what it began.
func (d *deskClock) look(t *testing.T, s *sweeper) []string {
	t.Helper()
	d.done = nil
	if err := s.look(t.Context(), d.running); err != nil {
		t.Fatal(err)
	}
	return d.done
}

// However long a stop was, one sweep begins after it, and the next an interval later.
func TestAStartAfterAStopOfAnyLength(t *testing.T) {
	for _, stop := range []time.Duration{time.Minute, time.Hour, 72 * time.Hour, 40 * 24 * time.Hour, 120 * 24 * time.Hour} {
		d := &deskClock{machine: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
		s := d.sweeper(time.Minute)
		d.last = d.machine.Add(-stop)
		began := 0
		for range 8 { // two minutes
			began += len(d.look(t, s))
			d.pass(s.tick())
		}
		if began != 2 {
			t.Errorf("%s: %d sweeps began in two minutes", stop, began)
		}
	}
}

// The clock was an hour ahead and is right again: a sweep begins at once, in a new run, for the one of before may wait for an hour
// that does not come. A clock that is seconds ahead of another's is none that was wrong.
func TestASweepFromTheFuture(t *testing.T) {
	d := &deskClock{machine: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
	s := d.sweeper(5 * time.Minute)
	d.last = d.machine.Add(time.Hour)
	if got := d.look(t, s); !slices.Equal(got, []string{"restart"}) {
		t.Errorf("an hour ahead: %v", got)
	}
	d.last = d.machine.Add(2 * time.Second)
	d.pass(s.tick())
	if got := d.look(t, s); len(got) != 0 {
		t.Errorf("two seconds ahead: %v", got)
	}
}

// Temporal is away, or its data are lost: the sweeper goes on asking, and the first that passes begins a sweep.
func TestASweepIsAskedForAgain(t *testing.T) {
	d := &deskClock{machine: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), broken: errors.New("no answer")}
	d.last = d.machine.Add(-6 * time.Minute)
	s := d.sweeper(5 * time.Minute)
	for range 3 {
		if err := s.look(t.Context(), d.running); err == nil {
			t.Fatal("nobody is told that Temporal does not answer")
		}
		d.pass(s.tick())
	}
	d.broken = nil
	if got := d.look(t, s); !slices.Equal(got, []string{"hurry"}) {
		t.Errorf("when it is back: %v", got)
	}
}

// At any length of day there are several sweeps a day, as far as the machine allows, and none waits longer than the keeper for a look.
func TestHowOftenSweepsBegin(t *testing.T) {
	for day, want := range map[time.Duration]time.Duration{time.Second: time.Second / 2, 10 * time.Second: 2500 * time.Millisecond,
		time.Minute: 15 * time.Second, 24 * time.Hour: 5 * time.Minute} {
		a := &App{cfg: Config{Clock: models.Clock{Rate: float64(24*time.Hour) / float64(day)}}}
		if s := a.sweeper(); s.every != want || s.tick() > keepEvery || s.tick() > s.every/4 {
			t.Errorf("a day of %s: every %s, looked for every %s", day, s.every, s.tick())
		}
	}
}
