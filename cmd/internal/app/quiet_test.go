package app

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tickmark/workflows"
)

// A quietTemporal is a Temporal to which everybody may talk, and in which nothing ever has to be done. What it lacks a test says.
type quietTemporal struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer
	address     string
	noNamespace atomic.Bool
	noAttribute atomic.Bool
	polls       atomic.Int64 // that wait at present
	deaf        func() bool  // whether polls are accepted and never answered; nil: they are answered
	pokes       atomic.Int64 // signals so far

	mu     sync.Mutex
	server *grpc.Server
	t      *testing.T
}

// newTemporal starts one that lacks nothing.
func newTemporal(t *testing.T) *quietTemporal {
	t.Helper()
	q := &quietTemporal{t: t, address: "127.0.0.1:0"}
	q.start()
	t.Cleanup(q.stop)
	return q
}

// start has it answer, at the address that it had before.
func (q *quietTemporal) start() {
	q.t.Helper()
	l, err := net.Listen("tcp", q.address)
	if err != nil {
		q.t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, q)
	operatorservice.RegisterOperatorServiceServer(server, q)
	healthy := health.NewServer()
	healthy.SetServingStatus("temporal.api.workflowservice.v1.WorkflowService", grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, healthy)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.address, q.server = l.Addr().String(), server
	go func() { _ = server.Serve(l) }()
}

// stop has it answer no more.
func (q *quietTemporal) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.server.Stop()
}

func (q *quietTemporal) lacking() error {
	if q.noNamespace.Load() {
		return serviceerror.ToStatus(serviceerror.NewNamespaceNotFound("tickmark")).Err()
	}
	return nil
}

func (q *quietTemporal) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (
	*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (q *quietTemporal) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest) (
	*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{}, q.lacking()
}

func (q *quietTemporal) DescribeTaskQueue(context.Context, *workflowservice.DescribeTaskQueueRequest) (
	*workflowservice.DescribeTaskQueueResponse, error) {
	out := &workflowservice.DescribeTaskQueueResponse{}
	if q.polls.Load() > 0 {
		out.Pollers = []*taskqueue.PollerInfo{{LastAccessTime: timestamppb.New(time.Now())}}
	}
	return out, q.lacking()
}

func (q *quietTemporal) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (
	*operatorservice.ListSearchAttributesResponse, error) {
	out := &operatorservice.ListSearchAttributesResponse{}
	if !q.noAttribute.Load() {
		out.CustomAttributes = map[string]enums.IndexedValueType{workflows.FirmAttribute: enums.INDEXED_VALUE_TYPE_KEYWORD}
	}
	return out, nil
}

// pollsTake is after how long a poll is answered; Temporal takes a minute.
const pollsTake = 20 * time.Millisecond

// poll answers after a while that there is nothing to do. Where it is deaf it waits until whoever asked gives up.
func (q *quietTemporal) poll(ctx context.Context) error {
	q.polls.Add(1)
	defer q.polls.Add(-1)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollsTake):
		}
		if q.deaf == nil || !q.deaf() {
			return nil
		}
	}
}

func (q *quietTemporal) PollWorkflowTaskQueue(ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest) (
	*workflowservice.PollWorkflowTaskQueueResponse, error) {
	return &workflowservice.PollWorkflowTaskQueueResponse{}, q.poll(ctx)
}

func (q *quietTemporal) PollActivityTaskQueue(ctx context.Context, _ *workflowservice.PollActivityTaskQueueRequest) (
	*workflowservice.PollActivityTaskQueueResponse, error) {
	return &workflowservice.PollActivityTaskQueueResponse{}, q.poll(ctx)
}

func (q *quietTemporal) SignalWithStartWorkflowExecution(context.Context, *workflowservice.SignalWithStartWorkflowExecutionRequest) (
	*workflowservice.SignalWithStartWorkflowExecutionResponse, error) {
	q.pokes.Add(1)
	return &workflowservice.SignalWithStartWorkflowExecutionResponse{RunId: "a-run"}, q.lacking()
}

func (q *quietTemporal) TerminateWorkflowExecution(context.Context, *workflowservice.TerminateWorkflowExecutionRequest) (
	*workflowservice.TerminateWorkflowExecutionResponse, error) {
	return nil, serviceerror.ToStatus(serviceerror.NewNotFound("there is none")).Err()
}

func (q *quietTemporal) DeleteSchedule(context.Context, *workflowservice.DeleteScheduleRequest) (
	*workflowservice.DeleteScheduleResponse, error) {
	return nil, serviceerror.ToStatus(serviceerror.NewNotFound("there is none")).Err()
}
