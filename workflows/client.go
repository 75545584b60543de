package workflows

import (
	"context"
	"errors"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tickmark/models"
)

// A Client wakes engagements, and sees to it that their workflows run.
type Client struct{ Temporal client.Client }

func startOptions(ref models.Ref) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       ID(ref),
		TaskQueue:                TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, // the database guards against a second life
		TypedSearchAttributes:    temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword(FirmAttribute).ValueSet(string(ref.Firm))),
	}
}

// Poke makes sure that an engagement's workflow runs, and lets it look again when it ran already.
func (c Client) Poke(ctx context.Context, ref models.Ref) error {
	_, err := c.Temporal.SignalWithStartWorkflow(ctx, ID(ref), PokeSignal, nil, startOptions(ref), EngagementWorkflow, ref)
	return err
}

// EnsurePost sees to it that sweeps are started on their schedule: one at a time, also those that were missed in the last hour.
func (c Client) EnsurePost(ctx context.Context, s Skeleton) error {
	every, _ := s.Every()
	spec := client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}}
	action := &client.ScheduleWorkflowAction{ID: PostSchedule, Workflow: PostWorkflow, TaskQueue: TaskQueue}
	_, err := c.Temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{ID: PostSchedule, Spec: spec, Action: action,
		Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Hour, TriggerImmediately: true})
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err
	}
	return c.Temporal.ScheduleClient().GetHandle(ctx, PostSchedule).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			is := in.Description.Schedule
			if is.Spec != nil && len(is.Spec.Intervals) == 1 && is.Spec.Intervals[0].Every == every {
				return nil, temporal.ErrSkipScheduleUpdate
			}
			is.Spec, is.Action = &spec, action
			return &client.ScheduleUpdate{Schedule: &is}, nil
		},
	})
}

// Hurry has a sweep begin now, after the one that may be under way.
func (c Client) Hurry(ctx context.Context) error {
	return c.Temporal.ScheduleClient().GetHandle(ctx, PostSchedule).Trigger(ctx,
		client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
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
