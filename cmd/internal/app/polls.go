package app

import (
	"cmp"
	"context"
	"sync"
	"time"

	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"tickmark/activities/safely"
	"tickmark/workflows"
)

// pollsWithin is within which time every queue answers a worker that asks it for work: Temporal answers after a minute when there is none,
// and one answer may be lost.
const pollsWithin = 150 * time.Second

// A work is a kind of work that Temporal hands out, by its queue.
type work struct {
	activities bool // else workflows
	queue      string
}

// allWork is the work that a worker asks for.
var allWork = []work{{false, workflows.TaskQueue}, {true, workflows.TaskQueue}, {true, workflows.DeliveryQueue}}

// polls are the answers of Temporal to a worker that asks it for work. The zero value is ready for use, by many goroutines.
type polls struct {
	mu       sync.Mutex
	answered map[work]bool // since round returned true last
}

// hear calls Temporal and notes an answer to somebody who asks for work, also when it is that there is none. It is what gRPC calls an
// interceptor of a client.
func (p *polls) hear(ctx context.Context, method string, req, reply any, on *grpc.ClientConn, call grpc.UnaryInvoker,
	options ...grpc.CallOption) error {
	err := call(ctx, method, req, reply, on, options...)
	if err != nil {
		return err
	}
	switch r := req.(type) {
	case *workflowservice.PollWorkflowTaskQueueRequest:
		p.note(work{false, nameOfQueue(r.GetTaskQueue())})
	case *workflowservice.PollActivityTaskQueueRequest:
		p.note(work{true, nameOfQueue(r.GetTaskQueue())})
	}
	return nil
}

// nameOfQueue returns the name of a queue, and of one that belongs to a worker alone the name of that for which it stands.
func nameOfQueue(q *taskqueue.TaskQueue) string { return cmp.Or(q.GetNormalName(), q.GetName()) }

func (p *polls) note(w work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answered == nil {
		p.answered = map[work]bool{}
	}
	p.answered[w] = true
}

// round reports whether there was an answer about all work that is asked for since it returned true last.
func (p *polls) round() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range allWork {
		if !p.answered[w] {
			return false
		}
	}
	clear(p.answered)
	return true
}

// forget forgets the answers so far: those to workers that have ended.
func (p *polls) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.answered)
}

// seenToPoll gives a sign of life each time that every queue has answered the workers, and none without, until ctx ends or the workers do.
// It returns nil when the workers have ended, and otherwise what ends the part.
func (a *App) seenToPoll(ctx context.Context, ended <-chan struct{}) error {
	a.polls.forget()
	again := time.NewTicker(a.parts.pace.beat)
	defer again.Stop()
	for {
		a.errands.tell(a.cfg.Log)
		if a.polls.round() {
			a.unanswered.Store(false)
			a.carries.Store(true)
			if err := safely.Beat(ctx); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return nil
		case <-again.C:
		}
	}
}
