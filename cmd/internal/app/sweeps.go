package app

import (
	"context"
	"time"

	"go.temporal.io/sdk/worker"

	"tickmark/activities"
	"tickmark/activities/safely"
	"tickmark/workflows"
)

// Pauses between tries of a part that fails, in real time: each is twice as long as the one before.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// again carries out a part of the process until ctx ends. When the part fails it is tried again after a pause that grows, and nothing else
// ends for it; a part that worked for longer than the longest pause is tried again soon.
func (a *App) again(ctx context.Context, part string, do func(context.Context) error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		began := time.Now()
		err := safely.Do(func() error { return do(ctx) })
		if err == nil || ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastPause {
			pause = firstPause
		}
		a.cfg.Log.Error("a part has failed and is tried again", "part", part, "in", pause, "error", err)
		if !rest(ctx, pause) {
			return
		}
	}
}

// always carries out a part that goes on until ctx ends: when it panics it is carried out again, as again says.
func (a *App) always(ctx context.Context, part string, do func(context.Context)) {
	a.again(ctx, part, func(ctx context.Context) error { do(ctx); return nil })
}

// rest waits for a while, and returns false when ctx ended meanwhile.
func rest(ctx context.Context, for_ time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(for_):
		return true
	}
}

// work has workers carry engagements and messages as soon as Temporal answers, until it is stopped.
func (a *App) work(ctx context.Context) (stop func()) {
	worker.SetStickyWorkflowCacheSize(a.cfg.Cache)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // the workers end after the API
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.again(ctx, "workers", a.carry)
	}()
	return func() { cancel(); <-done }
}

// carry runs two workers until ctx ends, or one of them cannot start or stops.
func (a *App) carry(ctx context.Context) error {
	if err := a.await(ctx); err != nil {
		return err
	}
	ended := make(chan error, 2)
	options := worker.Options{WorkerStopTimeout: drain, OnFatalError: func(err error) { ended <- err }}
	conductor := worker.New(a.temporal, workflows.TaskQueue, options)
	workflows.Register(conductor, a.skeleton())
	conductor.RegisterActivity(&activities.Activities{Root: a.Root, Log: a.cfg.Log})
	options.DisableWorkflowWorker = true
	postman := worker.New(a.temporal, workflows.DeliveryQueue, options)
	workflows.RegisterPost(postman, a.postman)
	for _, w := range []worker.Worker{conductor, postman} {
		if err := w.Start(); err != nil {
			return err
		}
		defer w.Stop()
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *App) skeleton() workflows.Skeleton { return workflows.Skeleton{Clock: a.cfg.Clock} }

// A sweeper begins sweeps. What it goes by is when the last one looked, as the database has it: nothing waits in Temporal for the next,
// so nothing can be lost there, and after a stop one sweep begins however many were missed.
type sweeper struct {
	every, stuck time.Duration // in real time: how often a sweep is to begin, and after how long the last run is given up
	last         func(context.Context) (time.Time, error)
	age          func(time.Time) time.Duration // how long ago an instant was, in real time; negative: it is to come
	hurry        func(context.Context) error
	restart      func(context.Context) error

	asked, restarted time.Duration // by the process's own clock, which is never put right
}

// sweepStuck is how old the last sweep may be before its run is taken to wait for what never comes.
const sweepStuck = 15 * time.Minute

func (a *App) sweeper() *sweeper {
	every := a.skeleton().Sweeps()
	return &sweeper{every: every, stuck: max(sweepStuck, 3*every), last: a.Root.LastSweep, hurry: a.Engine.Hurry, restart: a.Engine.Restart,
		age: func(at time.Time) time.Duration { return a.cfg.Clock.Wait(a.Now().Sub(at)) }, asked: -every, restarted: -sweepStuck}
}

// tick returns how often the sweeper looks.
func (s *sweeper) tick() time.Duration { return min(keepEvery, s.every/4) }

// look begins a sweep when the last one looked an interval ago. A last sweep that is to come was noted by a clock that was wrong: then the
// next would be further ahead than an interval, so it is due; clocks of machines may differ by a tick. Who asked for a sweep waits an
// interval for it.
func (s *sweeper) look(ctx context.Context, now time.Duration) error {
	last, err := s.last(ctx)
	if err != nil {
		return err
	}
	age := s.age(last)
	if age >= -s.tick() && age < s.every || now-s.asked < s.every {
		return nil
	}
	wrong := age < -s.tick() || age > s.stuck
	begin, at := s.hurry, &s.asked
	if wrong && now-s.restarted >= sweepStuck {
		begin, at = s.restart, &s.restarted
	}
	if err := begin(ctx); err != nil {
		return err
	}
	s.asked, *at = now, now
	return nil
}

// sweep begins sweeps until ctx ends. What hinders it is logged once, and it goes on looking.
func (a *App) sweep(ctx context.Context) {
	s, began, said := a.sweeper(), time.Now(), false
	for pause := s.tick(); ; {
		short, cancel := context.WithTimeout(ctx, pokeFor)
		err := s.look(short, time.Since(began))
		cancel()
		if err == nil {
			pause, said = s.tick(), false
		} else {
			pause = min(2*max(pause, firstPause), keepEvery)
			if !said && ctx.Err() == nil {
				a.cfg.Log.Warn("no sweep can begin: it is tried again", "error", err)
			}
			said = true
		}
		if !rest(ctx, pause) {
			return
		}
	}
}

// dropAgain is how often the schedule of releases before is looked for: a worker of such a release may have made it anew.
const dropAgain = time.Hour

// dropSchedule deletes the schedule of releases before, wherever it is found, until ctx ends.
func (a *App) dropSchedule(ctx context.Context) {
	for {
		a.again(ctx, "the schedule of an earlier release", func(ctx context.Context) error {
			short, cancel := context.WithTimeout(ctx, 4*pokeFor)
			defer cancel()
			return a.Engine.DropSchedule(short)
		})
		if !rest(ctx, dropAgain) {
			return
		}
	}
}
