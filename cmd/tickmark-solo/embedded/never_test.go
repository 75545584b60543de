package embedded_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/workflows"
)

// A tangle is a world in which the first that is asked of each lane and engagement never comes to its end, whoever ends it: it hears of
// nothing. What is asked after that is done at once.
type tangle struct {
	never chan struct{}
	mu    sync.Mutex
	asked map[string]int
	done  []string
}

// ask notes that something is asked, and does not return where it is the first time, unless it is said to be easy.
func (x *tangle) ask(what string, easy bool) {
	x.mu.Lock()
	x.asked[what]++
	first := x.asked[what] == 1
	x.mu.Unlock()
	if first && !easy {
		<-x.never
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done = append(x.done, what)
}

func (x *tangle) Look(_ context.Context, in workflows.LookInput) (engagement.Agenda, error) {
	x.ask("look at "+string(in.Ref.Engagement), in.Ref.Engagement == "easy")
	return engagement.Agenda{Ready: true}, nil
}

func (x *tangle) Advance(_ context.Context, in workflows.LookInput) (engagement.Agenda, error) {
	x.ask("advance "+string(in.Ref.Engagement), in.Ref.Engagement == "easy")
	return engagement.Agenda{Closed: true}, nil
}

func (x *tangle) Apply(context.Context, workflows.LookInput) (engagement.Result, error) {
	return engagement.Result{}, nil
}

func (x *tangle) Schedule(_ context.Context, in workflows.ScheduleInput) (workflows.ScheduleOutput, error) {
	x.ask("schedule", false)
	return workflows.ScheduleOutput{Lanes: []workflows.Lane{{Firm: "north", Lane: "stuck"}, {Firm: "north", Lane: "easy"}}}, nil
}

func (x *tangle) Deliver(_ context.Context, in workflows.DeliverInput) (workflows.DeliverOutput, error) {
	x.ask("deliver "+in.Lane.Lane, in.Lane.Lane == "easy")
	return workflows.DeliverOutput{}, nil
}

// Every activity that moves an engagement on or sends messages never returns when it is asked for the first time, on a server with its own
// limits of time. Each is given up and asked for again, the others have not waited, engagement and sweep come to their end, and so does the
// worker, in which what never returns is left behind.
func TestAnActivityThatNeverReturns(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Options{Dir: t.TempDir(), UIPort: -1})
	tc, err := dial(s.Server)
	check(t, err)
	defer tc.Close()
	x := &tangle{never: make(chan struct{}), asked: map[string]int{}}
	defer close(x.never)
	options := worker.Options{WorkerStopTimeout: time.Second}
	conductor := worker.New(tc, workflows.TaskQueue, options)
	workflows.Register(conductor, workflows.Skeleton{Clock: models.Clock{Origin: time.Now(), Rate: 86400}}) // a day is a second
	conductor.RegisterActivity(x)
	options.DisableWorkflowWorker = true
	postman := worker.New(tc, workflows.DeliveryQueue, options)
	workflows.RegisterPost(postman, x)
	check(t, conductor.Start())
	check(t, postman.Start())
	var runs []client.WorkflowRun
	for id, in := range map[string]any{"stuck": models.Ref{Firm: "north", Engagement: "stuck"},
		"easy": models.Ref{Firm: "north", Engagement: "easy"}, "sweep": workflows.PostInput{Once: true}} {
		kind := workflows.EngagementWorkflow
		if id == "sweep" {
			kind = workflows.PostWorkflow
		}
		run, err := tc.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: workflows.TaskQueue}, kind, in)
		check(t, err)
		runs = append(runs, run)
	}
	for _, run := range runs {
		check(t, run.Get(t.Context(), nil))
	}
	conductor.Stop() // it would not, if it waited for what never returns
	postman.Stop()
	x.mu.Lock()
	defer x.mu.Unlock()
	for what, n := range map[string]int{"look at stuck": 2, "advance stuck": 2, "schedule": 2, "deliver stuck": 2, "look at easy": 1,
		"advance easy": 1, "deliver easy": 1} {
		if x.asked[what] != n || !slices.Contains(x.done, what) {
			t.Errorf("%s was asked %d times, not %d; done are %q", what, x.asked[what], n, x.done)
		}
	}
	if before := slices.Index(x.done, "deliver easy"); before > slices.Index(x.done, "deliver stuck") {
		t.Errorf("a lane waited for another: %q", x.done)
	}
}
