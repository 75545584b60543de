package workflows

import (
	"context"
	"errors"
	"hash/fnv"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tickmark/models"
	"tickmark/models/engagement"
)

// ErrAccepted says that a command is durably accepted but not finished: its result will be found under its key.
var ErrAccepted = errors.New("the command was accepted and will be carried out")

// A Client sends commands to engagements and sees to it that their workflows run.
type Client struct {
	Temporal client.Client
	slots    *[256]chan struct{}
}

// abreast is how many commands one process sends to one engagement at the same time. A server takes ten updates of a workflow
// at once; the eleventh costs it the workflow task it was working on, and everybody ten seconds. Commands of one engagement
// queue for its row anyway.
const abreast = 4

// NewClient returns a client on a connection.
func NewClient(t client.Client) Client {
	c := Client{Temporal: t, slots: new([256]chan struct{})}
	for i := range c.slots {
		c.slots[i] = make(chan struct{}, abreast)
	}
	return c
}

// slotsOf returns what the commands of an engagement take turns by; engagements may share them.
func (c Client) slotsOf(ref models.Ref) chan struct{} {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ID(ref))) // never fails
	return c.slots[h.Sum32()%uint32(len(c.slots))]
}

// Apply sends one command and waits for its result, until ctx ends. A refusal comes back as a models.Error. A workflow that
// is missing is started: the database says what is running, and a lost workflow costs nothing but a look.
func (c Client) Apply(ctx context.Context, ref models.Ref, cmd engagement.Command) (engagement.Result, error) {
	update := client.UpdateWorkflowOptions{
		UpdateID:     cmd.Key + "/" + string(cmd.Actor.Person) + "/" + cmd.Hash,
		WorkflowID:   ID(ref),
		UpdateName:   ApplyUpdate,
		Args:         []any{cmd},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	slots := c.slotsOf(ref)
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return engagement.Result{}, models.Refuse(models.Unavailable, "",
			"too many commands wait for this engagement: send the same request again")
	}
	handle, err := c.update(ctx, ref, update)
	if err != nil {
		return engagement.Result{}, outcome(ctx, err)
	}
	var r engagement.Result
	if err := handle.Get(ctx, &r); err != nil {
		if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
			return engagement.Result{}, ErrAccepted
		}
		return engagement.Result{}, outcome(ctx, err)
	}
	return r, nil
}

// update sends the update to the running workflow, or starts one with it.
func (c Client) update(ctx context.Context, ref models.Ref, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	handle, err := c.Temporal.UpdateWorkflow(ctx, o)
	if gone(err) {
		start := c.Temporal.NewWithStartWorkflowOperation(startOptions(ref), EngagementWorkflow, ref)
		return c.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start, UpdateOptions: o})
	}
	return handle, err
}

// gone reports whether there is no workflow to take an update.
func gone(err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return true
	}
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && app.Type() == "AcceptedUpdateCompletedWorkflow"
}

func startOptions(ref models.Ref) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       ID(ref),
		TaskQueue:                TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, // the database guards against a second life
		TypedSearchAttributes:    temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword(FirmAttribute).ValueSet(string(ref.Firm))),
	}
}

// Start makes sure that an engagement's workflow runs, and lets it look again when it ran already.
func (c Client) Start(ctx context.Context, ref models.Ref) error {
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

// Ready returns nil when the server answers and a worker polls for engagements.
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

// outcome turns what Temporal says into a refusal for people.
func outcome(ctx context.Context, err error) error {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		var field string
		if app.HasDetails() {
			_ = app.Details(&field) // a refusal without a field is one all the same
		}
		if app.Type() != "" && app.NonRetryable() {
			return models.Refuse(models.Code(app.Type()), field, "%s", app.Message())
		}
	}
	if _, ok := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err); ok || ctx.Err() != nil {
		return models.Refuse(models.Unavailable, "", "the engagement does not answer at present: send the same request again")
	}
	return errors.Join(models.Refuse(models.Unavailable, "", "the engagement cannot be reached at present: send the same request again"), err)
}
