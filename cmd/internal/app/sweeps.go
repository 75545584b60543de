package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"tickmark/activities"
	"tickmark/activities/safely"
	"tickmark/workflows"
)

// carry runs two workers until ctx ends, or one of them cannot start or stops. It gives signs of life only while Temporal is seen to answer
// them. It returns why it ended.
func (a *App) carry(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, pokeFor)
	_, err := a.temporal.CheckHealth(short, &client.CheckHealthRequest{})
	cancel()
	if err != nil {
		return fmt.Errorf("wait for Temporal at %s: %w: %s", a.cfg.Temporal, err, a.cfg.knock(ctx))
	}
	ended := make(chan struct{})
	var fatal error
	var once sync.Once
	options := worker.Options{WorkerStopTimeout: a.parts.pace.drain, Interceptors: []interceptor.WorkerInterceptor{&a.errands},
		OnFatalError:              func(err error) { once.Do(func() { fatal = err; close(ended) }) },
		BackgroundActivityContext: safely.Under(context.WithoutCancel(ctx), safely.Watch{Failed: a.parts.piece})}
	conductor := worker.New(a.temporal, workflows.TaskQueue, options)
	workflows.Register(conductor, a.skeleton())
	conductor.RegisterActivity(&activities.Activities{Root: a.Root, Log: a.cfg.Log})
	options.DisableWorkflowWorker = true
	postman := worker.New(a.temporal, workflows.DeliveryQueue, options)
	workflows.RegisterPost(postman, a.postman)
	var started safely.Group // they are stopped beside each other: an activity may take as long to end as there is
	defer func() { _ = started.Wait() }()
	for _, w := range []worker.Worker{conductor, postman} {
		if err := w.Start(); err != nil {
			return err
		}
		defer started.Go(func() error { w.Stop(); return nil })
	}
	a.carries.Store(!a.unanswered.Load())
	defer a.carries.Store(false)
	if err := a.seenToPoll(ctx, ended); err != nil {
		a.unanswered.Store(true) // it was told to end: where that is because it hung, it works again when it was answered
		return err
	}
	return fatal
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

// sweeping returns what begins sweeps until its ctx ends. It returns what hinders it, and goes on where it was.
func (a *App) sweeping() func(context.Context) error {
	s, began := a.sweeper(), time.Now()
	return func(ctx context.Context) error {
		for {
			short, cancel := context.WithTimeout(ctx, pokeFor)
			err := s.look(short, time.Since(began))
			cancel()
			if err != nil {
				return err
			}
			if err := safely.Rest(ctx, s.tick(), nil); err != nil {
				return err
			}
		}
	}
}

// dropAgain is how often the schedule of releases before is looked for: a worker of such a release may have made it anew.
const dropAgain = time.Hour

// dropSchedule deletes the schedule of releases before, wherever it is found, until ctx ends. It returns what hinders it.
func (a *App) dropSchedule(ctx context.Context) error {
	for {
		short, cancel := context.WithTimeout(ctx, pokeFor)
		err := a.Engine.DropSchedule(short)
		cancel()
		if err != nil {
			return err
		}
		if err := safely.Rest(ctx, dropAgain, nil); err != nil {
			return err
		}
	}
}
