package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"tickmark/models"
	"tickmark/models/fault"
)

// A Client wakes engagements, and sees to it that their workflows run.
type Client struct {
	Temporal  client.Client
	Namespace string // of Temporal
}

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
	if err != nil && judged(err).Effect != fault.NotThere {
		return err
	}
	return c.Hurry(ctx)
}

// DropSchedule deletes the schedule that releases before started sweeps by: after a stop it would walk through everything that was
// missed. It returns nil when there is none.
func (c Client) DropSchedule(ctx context.Context) error {
	err := c.Temporal.ScheduleClient().GetHandle(ctx, PostSchedule).Delete(ctx)
	if err != nil && judged(err).Effect == fault.NotThere {
		return nil
	}
	return err
}

// judged returns what the table of faults says of an error of Temporal: by its kind, or by the name of its code where it has none. Of no
// error it returns the zero Row.
func judged(err error) fault.Row {
	if err == nil {
		return fault.Row{}
	}
	if said, ok := errors.AsType[serviceerror.ServiceError](err); ok {
		return fault.Of(fault.Temporal, strings.TrimPrefix(fmt.Sprintf("%T", said), "*serviceerror."))
	}
	return fault.Of(fault.Temporal, status.Code(err).String())
}

// Ready returns nil when the server answers, has what Tickmark needs, and a worker polls for engagements: they are conducted. Otherwise it
// refuses as Missing does, or (unavailable) about the field "worker".
func (c Client) Ready(ctx context.Context) error {
	if err := c.Missing(ctx); err != nil {
		return err
	}
	d, err := c.Temporal.DescribeTaskQueue(ctx, TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return errAway
	}
	for _, p := range d.GetPollers() {
		if time.Since(p.GetLastAccessTime().AsTime()) < 2*time.Minute {
			return nil
		}
	}
	return models.Refuse(models.Unavailable, "worker", "no worker asks for work")
}

// The refusals of Missing that name nothing of their own.
var (
	errAway    = models.Refuse(models.Unavailable, "temporal", "Temporal does not answer")
	errRefused = models.Refuse(models.Unavailable, "temporal_access",
		"Temporal does not let this program in: look at TEMPORAL_API_KEY, and at what its client certificate may do")
)

// Missing returns nil when the server answers and has the namespace and the search attribute that Tickmark needs. Otherwise it refuses
// (unavailable) with a sentence about one of these fields: "temporal" when nobody answers, "temporal_access" when the server does not let
// this program in, "temporal_namespace" and "temporal_attribute" when there is none, which Prepare mends. Where a server does not let this
// program ask for its attributes it is taken for granted that they are there; where it does not answer nothing is.
func (c Client) Missing(ctx context.Context) error {
	_, err := c.Temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.Namespace})
	switch effect := judged(err).Effect; {
	case effect == fault.NoNamespace || effect == fault.NotThere:
		return c.noNamespace()
	case effect == fault.NotLetIn:
		return errRefused
	case err != nil:
		return errAway
	}
	known, err := c.attributes(ctx)
	switch effect := judged(err).Effect; {
	case effect == fault.NotLetIn || effect == fault.Refuses:
		return nil // not everybody may ask
	case effect == fault.NoNamespace || effect == fault.NotThere:
		return c.noNamespace() // it was made a moment ago, and not all of the server knows of it
	case err != nil:
		return errAway
	}
	return c.hasAttribute(known)
}

// noNamespace is the refusal of Missing where there is no namespace.
func (c Client) noNamespace() error {
	return models.Refuse(models.Unavailable, "temporal_namespace", "Temporal has no namespace %q: tickmark setup --temporal makes it",
		c.Namespace)
}

// hasAttribute refuses as Missing does unless the search attribute is among those that are known.
func (c Client) hasAttribute(known map[string]enums.IndexedValueType) error {
	switch kind, ok := known[FirmAttribute]; {
	case !ok:
		return models.Refuse(models.Unavailable, "temporal_attribute",
			"the namespace %q of Temporal has no search attribute %s: tickmark setup --temporal makes it", c.Namespace, FirmAttribute)
	case kind != enums.INDEXED_VALUE_TYPE_KEYWORD:
		return models.Refuse(models.Unavailable, "temporal_attribute",
			"the search attribute %s of the namespace %q of Temporal is of another type than Keyword: choose another namespace", FirmAttribute,
			c.Namespace)
	}
	return nil
}

// attributes returns the search attributes that were added to the namespace.
func (c Client) attributes(ctx context.Context) (map[string]enums.IndexedValueType, error) {
	list, err := c.Temporal.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: c.Namespace})
	return list.GetCustomAttributes(), err
}

// Prepare makes the namespace, in which closed workflows are kept for keep, and the search attribute, where they are missing. What is there
// stays as it is, whatever its retention. It returns when the server has them, which takes some seconds, or with the refusal of Missing
// when ctx ends before.
func (c Client) Prepare(ctx context.Context, keep time.Duration) error {
	for {
		err := c.Missing(ctx)
		var refusal *models.Error
		if !errors.As(err, &refusal) {
			return err // nil
		}
		switch refusal.Field {
		case "temporal_namespace":
			err = c.makeNamespace(ctx, keep)
		case "temporal_attribute":
			err = c.makeAttribute(ctx)
		case "temporal_access":
			return refusal
		}
		if judged(err).Effect == fault.NotLetIn {
			return models.Refuse(models.Forbidden, refusal.Field,
				"%s. Temporal does not let this program make it: whoever runs Temporal has to", refusal.Message)
		}
		select {
		case <-ctx.Done():
			return refusal
		case <-time.After(prepareEvery):
		}
	}
}

// prepareEvery is how often Prepare looks whether the server knows already what was made.
const prepareEvery = 250 * time.Millisecond

func (c Client) makeNamespace(ctx context.Context, keep time.Duration) error {
	_, err := c.Temporal.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{Namespace: c.Namespace,
		Description: "Tickmark", WorkflowExecutionRetentionPeriod: durationpb.New(keep)})
	return err // that it exists already shows when Missing looks again
}

func (c Client) makeAttribute(ctx context.Context) error {
	if known, err := c.attributes(ctx); err != nil || known[FirmAttribute] != enums.INDEXED_VALUE_TYPE_UNSPECIFIED {
		return err // it is there, with another type
	}
	_, err := c.Temporal.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: c.Namespace,
		SearchAttributes: map[string]enums.IndexedValueType{FirmAttribute: enums.INDEXED_VALUE_TYPE_KEYWORD}})
	return err
}
