package embedded

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/durationpb"
)

// settle waits until the server answers, and gives an old directory's
// namespace what this program wants of it.
func settle(ctx context.Context, address string, certified *tls.Config, o Options) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(certified)))
	if err != nil {
		return err
	}
	defer conn.Close()
	workflows := workflowservice.NewWorkflowServiceClient(conn)

	// The frontend first; then history, by way of a workflow that is not there.
	health := grpc_health_v1.NewHealthClient(conn)
	if err := until(ctx, func() (bool, error) {
		r, err := health.Check(ctx, &grpc_health_v1.HealthCheckRequest{
			Service: workflowservice.WorkflowService_ServiceDesc.ServiceName,
		})
		return r.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING, err
	}); err != nil {
		return fmt.Errorf("embedded Temporal: the frontend does not answer: %w", err)
	}
	if err := until(ctx, func() (bool, error) {
		_, err := workflows.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
			Namespace: o.Namespace,
			Execution: &common.WorkflowExecution{WorkflowId: "tickmark-solo is there anybody"},
		})
		var none *serviceerror.NotFound
		return errors.As(serviceerror.FromStatus(serviceerror.ToStatus(err)), &none), err
	}); err != nil {
		return fmt.Errorf("embedded Temporal: history does not answer: %w", err)
	}

	if err := settleRetention(ctx, workflows, o); err != nil {
		return fmt.Errorf("retention of namespace %s: %w", o.Namespace, err)
	}
	if err := settleAttributes(ctx, workflows, operatorservice.NewOperatorServiceClient(conn), o); err != nil {
		return fmt.Errorf("search attributes of namespace %s: %w", o.Namespace, err)
	}
	return nil
}

// until asks again and again; when ctx ends it says why the last try failed.
func until(ctx context.Context, ready func() (bool, error)) error {
	for {
		ok, err := ready()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func settleRetention(ctx context.Context, workflows workflowservice.WorkflowServiceClient, o Options) error {
	ns, err := workflows.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: o.Namespace})
	if err != nil {
		return err
	}
	if ns.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == o.Retention {
		return nil
	}
	_, err = workflows.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: o.Namespace,
		Config:    &namespace.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(o.Retention)},
	})
	return err
}

func settleAttributes(ctx context.Context, workflows workflowservice.WorkflowServiceClient,
	operator operatorservice.OperatorServiceClient, o Options) error {

	have, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: o.Namespace})
	if err != nil {
		return err
	}
	missing := map[string]enums.IndexedValueType{}
	for name, want := range o.SearchAttributes {
		switch is, ok := have.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = want
		case is != want:
			return fmt.Errorf("%s is %v in this directory and cannot become %v", name, is, want)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: o.Namespace, SearchAttributes: missing,
	}); err != nil {
		return err
	}
	for name := range missing { // the frontend looks at namespaces every two seconds
		if err := until(ctx, func() (bool, error) {
			_, err := workflows.CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
				Namespace: o.Namespace, Query: name + " IS NOT NULL",
			})
			return err == nil, err
		}); err != nil {
			return err
		}
	}
	return nil
}
