package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// postEvery is how often the schedule starts a sweep, in real time. On a fast clock a run sweeps again and again until the next one, so
// that every engagement day has several.
const (
	postEvery  = 5 * time.Minute
	postDays   = 4                // sweeps in an engagement day, on a clock that is too fast for postEvery
	postShort  = time.Second      // the least a schedule of Temporal can wait
	postLimit  = 4 * time.Minute  // after which a run starts nothing more: the next one goes on
	postPulse  = 30 * time.Second // without a sign of life from an activity after which its worker is taken to be dead
	postEvents = 1000             // of a run's history
)

// Every returns how often sweeps are to be started, and how long to wait between two sweeps of one run: 0 for one sweep a run.
func (s Skeleton) Every() (start, again time.Duration) {
	again = s.Clock.Wait(24*time.Hour) / postDays
	if again >= postEvery {
		return postEvery, 0
	}
	return min(postEvery, max(again, postShort)), again
}

// pulse returns after how long without a sign of life an activity is given to another worker: on a fast clock sooner, so that a worker
// that was killed costs no days.
func (s Skeleton) pulse() time.Duration {
	return min(postPulse, max(s.Clock.Wait(3*time.Hour), 2*postShort))
}

// post is one run of the Post workflow.
type post struct {
	began time.Time
	pulse time.Duration
	busy  map[Lane]bool
	done  workflow.Selector
	grown bool // its history is long: the rest is for a new run
}

// Post is one sweep: it has everything scheduled that is to be said now, page by page, and every lane worked on that has something in it.
// Lanes run beside each other: one that is stuck ends its shift without having held up the others.
func (s Skeleton) Post(ctx workflow.Context) error {
	p := &post{began: workflow.Now(ctx), pulse: s.pulse(), busy: map[Lane]bool{}, done: workflow.NewSelector(ctx)}
	start, again := s.Every()
	for {
		if err := p.schedule(ctx); err != nil {
			return err
		}
		if p.grown || again == 0 || p.age(ctx)+again >= start {
			return p.finish(ctx)
		}
		if err := workflow.Sleep(ctx, again); err != nil {
			return err
		}
		for p.done.HasPending() { // lanes that have come to an end meanwhile
			p.done.Select(ctx)
		}
	}
}

func (p *post) age(ctx workflow.Context) time.Duration { return workflow.Now(ctx).Sub(p.began) }

// schedule goes through all pages, starting lanes as they come.
func (p *post) schedule(ctx workflow.Context) error {
	for first := true; ; first = false {
		var out ScheduleOutput
		err := workflow.ExecuteActivity(p.options(ctx, time.Minute), ScheduleActivity, ScheduleInput{First: first}).Get(ctx, &out)
		if err != nil {
			return err
		}
		for _, l := range out.Lanes {
			p.start(ctx, l)
		}
		if !out.More || p.grown {
			return nil
		}
		p.grown = p.long(ctx)
	}
}

// start has a lane worked on, unless it is already; when its shift ends and there is more, again.
func (p *post) start(ctx workflow.Context, l Lane) {
	p.grown = p.grown || p.long(ctx)
	if p.busy[l] || p.grown || p.age(ctx) > postLimit {
		return // another run takes it up
	}
	p.busy[l] = true
	p.done.AddFuture(workflow.ExecuteActivity(p.options(ctx, 2*time.Minute), DeliverActivity, DeliverInput{Lane: l}), func(f workflow.Future) {
		delete(p.busy, l)
		var out DeliverOutput
		if err := f.Get(ctx, &out); err == nil && out.More {
			p.start(ctx, l)
		}
	})
}

func (p *post) long(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetCurrentHistoryLength() > postEvents
}

// finish waits until every lane has come to an end, and goes on in a new run when there was too much for this one.
func (p *post) finish(ctx workflow.Context) error {
	for len(p.busy) > 0 {
		p.done.Select(ctx)
	}
	if p.grown {
		return workflow.NewContinueAsNewError(ctx, PostWorkflow)
	}
	return nil
}

// options are those of an activity that may take so long. It is tried a few times: what stays undone is found by the next sweep.
func (p *post) options(ctx workflow.Context, for_ time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx,
		workflow.ActivityOptions{TaskQueue: DeliveryQueue, StartToCloseTimeout: for_, HeartbeatTimeout: p.pulse,
			ScheduleToCloseTimeout: 2 * for_,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
				MaximumAttempts: 3}})
}
