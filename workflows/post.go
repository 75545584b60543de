package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// postEvery is how often a sweep begins, in real time; on a fast clock more often, so that every engagement day has several.
const (
	postEvery  = 5 * time.Minute
	postOften  = 500 * time.Millisecond // however fast the clock is
	postDays   = 4                      // sweeps in an engagement day, on a clock that is too fast for postEvery
	postShort  = time.Second            // the least a schedule of Temporal can wait
	postLimit  = 4 * time.Minute        // after which a run starts nothing more: the next one goes on
	postPulse  = 30 * time.Second       // without a sign of life from an activity after which its worker is taken to be dead
	postEvents = 1000                   // of a run's history
)

// Sweeps returns how often a sweep is to begin, in real time.
func (s Skeleton) Sweeps() time.Duration {
	return min(postEvery, max(s.Clock.Wait(24*time.Hour)/postDays, postOften))
}

// Every returns how often the schedule of releases before started a run, and how long that waited between two sweeps: 0 for one sweep a
// run. It is for runs without an input.
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
	in      PostInput
	began   time.Time
	pulse   time.Duration
	busy    map[Lane]bool
	more    map[Lane]bool // lanes that are busy, and were found again meanwhile
	done    workflow.Selector
	signals workflow.ReceiveChannel
	hurried bool          // somebody asked for a sweep after the last one began
	grown   bool          // its history is long, or it is old: the rest is for a new run
	later   map[Lane]bool // lanes that are begun again when something that is waited for has come
	left    bool          // it is too old to begin a lane in which there is something to do: a new run does at once
}

// Post is one sweep: it has everything scheduled that is to be said now, page by page, and every lane worked on that has something in it.
// Lanes run beside each other: one that is stuck ends its shift without having held up the others. A HurrySignal has it sweep once more
// at once, beside the lanes that are being worked on. It waits for no time to pass: who starts it knows when (Skeleton.Sweeps).
func (s Skeleton) Post(ctx workflow.Context, in PostInput) error {
	p := &post{in: in, began: workflow.Now(ctx), pulse: s.pulse(), busy: map[Lane]bool{}, more: map[Lane]bool{}, later: map[Lane]bool{},
		done: workflow.NewSelector(ctx), signals: workflow.GetSignalChannel(ctx, HurrySignal)}
	p.done.AddReceive(p.signals, func(workflow.ReceiveChannel, bool) { p.heed() })
	if in.Once {
		if err := p.sweep(ctx); err != nil {
			return err
		}
		return p.finish(ctx)
	}
	return s.postAgain(ctx, p)
}

// postAgain is a run that a schedule of releases before started: it sweeps again and again until the next one.
func (s Skeleton) postAgain(ctx workflow.Context, p *post) error {
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

// heed takes what was signalled so far for one wish.
func (p *post) heed() {
	for p.signals.ReceiveAsync(nil) {
		p.hurried = true
	}
}

// sweep is a sweep for everybody who has asked for one so far.
func (p *post) sweep(ctx workflow.Context) error {
	p.heed()
	p.hurried = false
	return p.schedule(ctx)
}

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
	if p.busy[l] {
		p.more[l] = p.in.Once // what was scheduled just now may have come after its last look
		return
	}
	if p.grown || p.age(ctx) > postLimit {
		p.left = true // another run takes it up
		return
	}
	p.busy[l] = true
	p.done.AddFuture(workflow.ExecuteActivity(p.options(ctx, 2*time.Minute), DeliverActivity, DeliverInput{Lane: l}), func(f workflow.Future) {
		more := p.more[l]
		delete(p.busy, l)
		delete(p.more, l)
		var out DeliverOutput
		if err := f.Get(ctx, &out); err != nil {
			return
		}
		if out.More || more {
			p.start(ctx, l)
		}
		p.follow(ctx, l, out)
	})
}

// follow does what a shift on a lane found to be done after it: other lanes are begun, people are looked at who were not when the day was
// planned, and the lane is begun again when what it waits for has come. Shifts of releases before found nothing of that.
func (p *post) follow(ctx workflow.Context, l Lane, out DeliverOutput) {
	for _, other := range out.Lanes {
		p.start(ctx, other)
	}
	p.hurried = p.hurried || out.Sweep && p.in.Once
	if out.Again <= 0 || p.busy[l] || p.later[l] || p.grown || p.age(ctx)+out.Again > postLimit {
		return // the next sweep looks
	}
	p.later[l] = true
	p.done.AddFuture(workflow.NewTimer(ctx, out.Again), func(f workflow.Future) {
		delete(p.later, l)
		if f.Get(ctx, nil) == nil {
			p.start(ctx, l)
		}
	})
}

func (p *post) long(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetCurrentHistoryLength() > postEvents
}

// finish waits until every lane has come to an end, sweeping for those who hurry meanwhile, and goes on in a new run when there was too
// much for this one.
func (p *post) finish(ctx workflow.Context) error {
	for p.unfinished() {
		if !p.hurried || p.grown {
			p.done.Select(ctx)
			continue
		}
		if p.age(ctx) > postLimit {
			p.grown = true // the new run sweeps
			continue
		}
		if err := p.sweep(ctx); err != nil {
			return err
		}
	}
	if !p.grown && (!p.left || !p.in.Once) {
		return nil
	}
	if p.in.Once {
		return workflow.NewContinueAsNewError(ctx, PostWorkflow, p.in)
	}
	return workflow.NewContinueAsNewError(ctx, PostWorkflow)
}

// unfinished reports whether a lane is being worked on or waited for, or somebody waits for a sweep of this run.
func (p *post) unfinished() bool {
	p.heed()
	return len(p.busy) > 0 || len(p.later) > 0 && !p.grown || p.hurried && !p.grown
}

// options are those of an activity that may take so long. It is tried a few times: what stays undone is found by the next sweep.
func (p *post) options(ctx workflow.Context, for_ time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx,
		workflow.ActivityOptions{TaskQueue: DeliveryQueue, StartToCloseTimeout: for_, HeartbeatTimeout: p.pulse,
			ScheduleToCloseTimeout: 2 * for_,
			RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
				MaximumAttempts: 3}})
}
