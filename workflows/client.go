package workflows

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tickmark/models"
)

// A Client wakes engagements, and sees to it that their workflows run.
type Client struct{ Temporal client.Client }

// started are the options of a workflow that runs at most once under its id, and again after it has ended: the database guards against a
// second life.
func started(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE}
}

// Poke makes sure that an engagement's workflow runs, and lets it look again when it ran already.
func (c Client) Poke(ctx context.Context, ref models.Ref) error {
	options := started(ID(ref))
	options.TypedSearchAttributes = temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyKeyword(FirmAttribute).ValueSet(string(ref.Firm)))
	_, err := c.Temporal.SignalWithStartWorkflow(ctx, options.ID, PokeSignal, nil, options, EngagementWorkflow, ref)
	return err
}

// Hurry has a sweep begin now: in the run that is under way, or in a new one.
func (c Client) Hurry(ctx context.Context) error {
	_, err := c.Temporal.SignalWithStartWorkflow(ctx, PostID, HurrySignal, nil, started(PostID), PostWorkflow, PostInput{Once: true})
	return err
}

// Restart has a sweep begin in a new run, and ends the one that may be under way: it waits for what does not come, as for an hour by a
// clock that was wrong. What it had begun is resolved by the next one.
func (c Client) Restart(ctx context.Context) error {
	err := c.Temporal.TerminateWorkflow(ctx, PostID, "", "it should have ended long ago")
	if _, none := errors.AsType[*serviceerror.NotFound](err); err != nil && !none {
		return err
	}
	return c.Hurry(ctx)
}

// DropSchedule deletes the schedule that releases before started sweeps by: after a stop it would walk through everything that was
// missed. It returns nil when there is none.
func (c Client) DropSchedule(ctx context.Context) error {
	err := c.Temporal.ScheduleClient().GetHandle(ctx, PostSchedule).Delete(ctx)
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return nil
	}
	return err
}

// Ready returns nil when the server answers and a worker polls for engagements: they are conducted.
func (c Client) Ready(ctx context.Context) error {
	d, err := c.Temporal.DescribeTaskQueue(ctx, TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return models.Refuse(models.Unavailable, "temporal", "Temporal does not answer")
	}
	for _, p := range d.GetPollers() {
		if time.Since(p.GetLastAccessTime().AsTime()) < 2*time.Minute {
			return nil
		}
	}
	return models.Refuse(models.Unavailable, "worker", "no worker asks for work")
}
