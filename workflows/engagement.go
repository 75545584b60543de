package workflows

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// maxRunAge is the age at which a run continues as new, in real time: a release must replay histories of a week, not of an
// engagement.
const maxRunAge = 7 * 24 * time.Hour

// run is one run of an engagement's workflow. All it carries is a name; what it knows it has looked up.
type run struct {
	ref     models.Ref
	clock   models.Clock
	began   time.Time
	agenda  engagement.Agenda
	phases  []catalog.Phase // active when this run began
	updated bool            // by an update: see applied
}

// Engagement conducts one engagement from kickoff to close. What people do are facts, which it finds. It reads like what it does: listen,
// look, and then wait for a day or for somebody who pokes it, and move on when there is something to move.
func (s Skeleton) Engagement(ctx workflow.Context, ref models.Ref) error {
	e := &run{ref: ref, clock: s.Clock, began: workflow.Now(ctx)}
	if err := e.listen(ctx); err != nil { // before anything that blocks
		return err
	}
	if err := e.ask(ctx, LookActivity); err != nil {
		return err
	}
	e.phases = e.agenda.Active
	for {
		switch {
		case e.agenda.Closed:
			// In old histories a command may be under way that opens the engagement: the one that starts a draft.
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil || e.agenda.Closed {
				return err
			}
		case e.agenda.Ready:
			if err := e.advance(ctx); err != nil {
				return err
			}
			if !e.agenda.Closed && !slices.Equal(e.phases, e.agenda.Active) {
				return e.carryOn(ctx) // a run per phase
			}
		case e.stale(ctx):
			return e.carryOn(ctx)
		default:
			if err := e.wait(ctx); err != nil {
				return err
			}
		}
	}
}

// listen sets the handlers. A poke carries nothing and proves nothing: whoever sends one has the engagement looked at, no more.
func (e *run) listen(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, WaitingForQuery, func() (engagement.Agenda, error) { return e.agenda, nil }); err != nil {
		return err
	}
	poke := workflow.GetSignalChannel(ctx, PokeSignal)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for poke.Receive(ctx, nil) {
			// look again, and believe an older revision: the database may have been restored
			e.agenda = engagement.Agenda{Active: e.agenda.Active, Ready: true}
		}
	})
	return workflow.SetUpdateHandlerWithOptions(ctx, ApplyUpdate, e.applied, workflow.UpdateHandlerOptions{
		Validator: func(workflow.Context, engagement.Command) error {
			return temporal.NewNonRetryableApplicationError("commands are not carried out here: send them to the API", string(models.Forbidden), nil)
		},
	})
}

// applied replays what histories hold of before commands were transactions of the store: an update had one carried out by a local
// activity. No new one passes the validator, which does not see what is replayed. One whose activity had not ended is refused by it.
func (e *run) applied(ctx workflow.Context, _ engagement.Command) (engagement.Result, error) {
	out, err := brief[LookInput, struct {
		Result engagement.Result
		Agenda engagement.Agenda
	}](ctx, "Apply", LookInput{e.ref})
	if err != nil {
		return engagement.Result{}, err
	}
	e.updated = true
	e.take(out.Agenda)
	return out.Result, nil
}

// ask runs Look or Advance and takes the answer.
func (e *run) ask(ctx workflow.Context, what string) error {
	a, err := patient[LookInput, engagement.Agenda](ctx, what, LookInput{e.ref})
	if err != nil {
		return err
	}
	e.take(a)
	return nil
}

// advance moves the engagement on. Rules that would move it for ever without changing anything are looked at again in an hour
// of engagement time: never spin.
func (e *run) advance(ctx workflow.Context) error {
	before := e.agenda.Revision
	err := e.ask(ctx, AdvanceActivity)
	if e.agenda.Ready && e.agenda.Revision == before {
		e.agenda.Ready, e.agenda.Wake = false, e.now(ctx).Add(time.Hour)
	}
	return err
}

// take keeps an agenda; after an update the newer of two, since handlers interleave and revisions order them. Otherwise an older one is
// believed as well: the database may have been restored.
func (e *run) take(a engagement.Agenda) {
	if !e.updated || a.Revision >= e.agenda.Revision {
		e.agenda = a
	}
}

func (e *run) now(ctx workflow.Context) time.Time { return e.clock.At(workflow.Now(ctx)) }

// wait sleeps until the agenda's hour, or until a command changes what there is to wait for, or until the run is old.
func (e *run) wait(ctx workflow.Context) error {
	wake, now := e.agenda.Wake, workflow.Now(ctx)
	sleep := e.began.Add(maxRunAge).Sub(now)
	due := false
	if !wake.IsZero() {
		if d := max(e.clock.Wait(wake.Sub(e.clock.At(now))), shortest); d < sleep { // never spin
			sleep, due = d, true
		}
	}
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel() // a satisfied await leaves its timer running
	changed, err := workflow.AwaitWithTimeout(timer, sleep, func() bool {
		return e.agenda.Ready || e.agenda.Closed || !e.agenda.Wake.Equal(wake) || grown(ctx)
	})
	if err == nil && !changed && due {
		e.agenda.Ready = true
	}
	return err
}

// shortest is the least a run sleeps, in real time.
const shortest = 10 * time.Millisecond

// stale reports whether the run should give way to a new one: it is old, has grown long, or another build is current.
func (e *run) stale(ctx workflow.Context) bool {
	return workflow.Now(ctx).Sub(e.began) >= maxRunAge || grown(ctx) || workflow.GetInfo(ctx).GetTargetWorkerDeploymentVersionChanged()
}

func grown(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetCurrentHistoryLength() > maxHistory || info.GetContinueAsNewSuggested()
}

// maxHistory is how many events a run may have before it continues as new; far under the server's own suggestion, so that
// replay after a restart is quick.
const maxHistory = 400

// carryOn continues as new, once every handler has answered.
func (e *run) carryOn(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, EngagementWorkflow, e.ref)
}

// localFor is how long a local activity may try; after that Look and Advance go on as regular activities.
const localFor = 4 * time.Second

// brief runs a short database transaction as a local activity. When it cannot be done in time, nothing was done.
func brief[In, Out any](ctx workflow.Context, what string, in In) (Out, error) {
	var out Out
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    2 * time.Second,
		ScheduleToCloseTimeout: localFor,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 50 * time.Millisecond, BackoffCoefficient: 2,
			MaximumInterval: time.Second},
	})
	err := workflow.ExecuteLocalActivity(ctx, what, in).Get(ctx, &out)
	if app := (*temporal.ApplicationError)(nil); err != nil && (!errors.As(err, &app) || !app.NonRetryable()) {
		err = temporal.NewNonRetryableApplicationError("the database does not answer", string(models.Unavailable), nil)
	}
	return out, err
}

// patient runs Look or Advance until it succeeds: first as a local activity, then as a regular one, for as long as it
// takes. Returning an error would end the workflow for ever.
func patient[In, Out any](ctx workflow.Context, what string, in In) (Out, error) {
	out, err := brief[In, Out](ctx, what, in)
	if err == nil || temporal.IsCanceledError(err) {
		return out, err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
	err = workflow.ExecuteActivity(ctx, what, in).Get(ctx, &out)
	return out, err
}
