package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"tickmark/models/store"
)

// errands are the activities that the workers of a process carry out at present. Those that were given up and have not returned keep a
// place of their worker each, and nobody can end them: they are counted and named. The zero value, with a clock, is ready for use, by many
// goroutines. It is what Temporal calls an interceptor of a worker.
type errands struct {
	interceptor.WorkerInterceptorBase
	now func() time.Time

	mu  sync.Mutex
	all map[*errand]bool // whether it was logged that it does not return
}

// An errand is one activity that is carried out.
type errand struct {
	what  string
	until time.Time     // when Temporal gives it up; zero: never
	pulse time.Duration // within which it gives signs of life, else it is given up; 0: it need not
	began time.Time
	beat  time.Time // its last sign of life
}

// overtime is how long after it was given up an activity may take to notice.
const overtime = 10 * time.Second

// lost reports whether an activity was given up long enough ago to have returned.
func (e *errand) lost(now time.Time) bool {
	return !e.until.IsZero() && now.Sub(e.until) > overtime || e.pulse > 0 && now.Sub(e.beat) > e.pulse+overtime
}

type errandKey struct{}

// InterceptActivity notes when an activity begins, gives a sign of life, and returns.
func (all *errands) InterceptActivity(_ context.Context,
	next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &errandIn{interceptor.ActivityInboundInterceptorBase{Next: next}, all}
}

type errandIn struct {
	interceptor.ActivityInboundInterceptorBase
	all *errands
}

// Init has signs of life pass by errandOut.
func (in *errandIn) Init(out interceptor.ActivityOutboundInterceptor) error {
	return in.Next.Init(&errandOut{interceptor.ActivityOutboundInterceptorBase{Next: out}, in.all})
}

// ExecuteActivity carries out an activity, which is among the errands until it returns or panics.
func (in *errandIn) ExecuteActivity(ctx context.Context, with *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	e := in.all.begin(info.ActivityType.Name, info.Deadline, info.HeartbeatTimeout)
	defer in.all.end(e)
	return in.Next.ExecuteActivity(context.WithValue(ctx, errandKey{}, e), with)
}

type errandOut struct {
	interceptor.ActivityOutboundInterceptorBase
	all *errands
}

// RecordHeartbeat notes a sign of life, and passes it on.
func (out *errandOut) RecordHeartbeat(ctx context.Context, details ...any) {
	if e, ok := ctx.Value(errandKey{}).(*errand); ok {
		out.all.alive(e)
	}
	out.Next.RecordHeartbeat(ctx, details...)
}

func (all *errands) begin(what string, until time.Time, pulse time.Duration) *errand {
	now := all.now()
	e := &errand{what: what, until: until, pulse: pulse, began: now, beat: now}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.all == nil {
		all.all = map[*errand]bool{}
	}
	all.all[e] = false
	return e
}

func (all *errands) end(e *errand) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.all, e)
}

func (all *errands) alive(e *errand) {
	all.mu.Lock()
	defer all.mu.Unlock()
	e.beat = all.now()
}

// lost returns how many activities were given up and have not returned.
func (all *errands) lost() (n int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for e := range all.all {
		if e.lost(all.now()) {
			n++
		}
	}
	return n
}

// tell logs each activity once that was given up and has not returned.
func (all *errands) tell(log *slog.Logger) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for e, told := range all.all {
		if !told && e.lost(all.now()) {
			all.all[e] = true
			log.Error("an activity was given up and has not returned: it keeps a place of this worker until the process is started anew",
				"activity", e.what, "since", e.began.UTC())
		}
	}
}

// lostWork is named without a number, as lockedSecrets is: who operates the installation finds it in the metrics.
var lostWork = store.Missing{Part: "work", Detail: "work that was given up has never returned, and keeps places of its worker, which has " +
	"a thousand of each kind: start that process anew when it suits"}
