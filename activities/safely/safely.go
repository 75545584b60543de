// Package safely keeps the trouble of one piece of work from becoming that of all others: what panics fails, what goes on beside others is
// under somebody's eyes, and what has work that lasts says that it is alive.
package safely

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// A Panic is what a piece of work ended with that panicked.
type Panic struct {
	Said  any
	Stack string // where it happened, for the log and not for people
}

// Error returns what was said and where.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v\n%s", p.Said, p.Stack) }

// Do calls do and returns its error. A panic of do becomes a *Panic.
func Do(do func() error) (err error) {
	defer func() {
		if said := recover(); said != nil {
			err = &Panic{said, string(debug.Stack())}
		}
	}()
	return do()
}

// A Group is work that is done beside other work. Its zero value is ready for use.
type Group struct {
	all   sync.WaitGroup
	mu    sync.Mutex
	first error
}

// Go does something beside what the caller does. When it panics, or returns an error, Wait returns that.
func (g *Group) Go(do func() error) {
	g.all.Go(func() {
		if err := Do(do); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.first == nil {
				g.first = err
			}
		}
	})
}

// Wait returns when everything is done, with the first error that there was.
func (g *Group) Wait() error {
	g.all.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.first
}

// A Watch is who looks after a part of the program.
type Watch struct {
	// Alive is called at every sign of life, by the goroutine that gives it. What it returns ends the part.
	Alive func() error
	// Failed hears of pieces of a part's work that failed, where the part itself goes on.
	Failed func(part string, err error)
	// Every is how often a part that rests gives a sign of life; 0: every second.
	Every time.Duration
	// Begin begins a part beside others, under a name and its kind, as Begin says; it returns what ends it.
	Begin func(ctx context.Context, kind, name string, serve func(context.Context) error) (end func())
}

type key struct{}

// Under returns a context in which a part works that somebody looks after.
func Under(ctx context.Context, w Watch) context.Context { return context.WithValue(ctx, key{}, w) }

func watch(ctx context.Context) Watch {
	w, _ := ctx.Value(key{}).(Watch)
	return w
}

// Beat says that a part is alive and has got on: it is called after each piece of its work. The error that it returns, that of ctx or of
// who looks after it, ends the part.
func Beat(ctx context.Context) error {
	if w := watch(ctx); w.Alive != nil {
		if err := w.Alive(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Failed notes that a piece of a part's work failed or panicked, while the part goes on. Nil is no failure.
func Failed(ctx context.Context, part string, err error) {
	if w := watch(ctx); w.Failed != nil && err != nil {
		w.Failed(part, err)
	}
}

// beats is how often a part that rests says that it is alive.
const beats = time.Second

// Every returns how often a part gives signs of life for as long as what it has begun is seen to work. Defaults to once a second.
func Every(ctx context.Context) time.Duration { return cmp.Or(watch(ctx).Every, beats) }

// Rest waits for a while, giving signs of life, or until wake says something; wake may be nil. The error that it returns, as Beat does,
// ends the part.
func Rest(ctx context.Context, while time.Duration, wake <-chan struct{}) error {
	over := time.NewTimer(while)
	defer over.Stop()
	again := time.NewTicker(Every(ctx))
	defer again.Stop()
	for {
		if err := Beat(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		case <-wake:
			return Beat(ctx)
		case <-over.C:
			return Beat(ctx)
		}
	}
}

// Begin begins a part beside others, until ctx ends or end is called, which waits for it. Of a kind there may be many parts with names of
// their own. Where nobody looks after them, a part that fails is not tried again.
func Begin(ctx context.Context, kind, name string, serve func(context.Context) error) (end func()) {
	if w := watch(ctx); w.Begin != nil {
		return w.Begin(ctx, kind, name, serve)
	}
	ctx, cancel := context.WithCancel(ctx)
	var g Group
	g.Go(func() error { return serve(ctx) })
	return func() {
		cancel()
		_ = g.Wait() // nobody looks after it
	}
}
