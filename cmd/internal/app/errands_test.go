package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tickmark/models/modelstest/await"
)

// A delivery is begun by a worker and never comes to its end. As long as it may take, nobody hears of it; when it was given up it is
// counted, named in /readyz and in the health of messages, to all processes, and logged once. When it returns after all, it is forgotten.
func TestWorkThatNeverReturnsIsNamed(t *testing.T) {
	in := install(t)
	var log spoken
	in.stop[in.worker]()
	var ahead atomic.Int64 // of the clock
	cfg := in.worker.cfg
	cfg.Log = slog.New(slog.NewJSONHandler(&log, nil))
	a := in.open(cfg)
	a.errands.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	in.run(a)

	begun, never := make(chan struct{}), make(chan struct{})
	var together sync.WaitGroup
	defer together.Wait()
	end := sync.OnceFunc(func() { close(never) })
	defer end()
	together.Go(func() { carryOut(t, &a.errands, func(context.Context) error { close(begun); <-never; return nil }) })
	<-begun
	if n := a.errands.lost(); n != 0 {
		t.Errorf("just begun, and %d are lost", n)
	}
	ahead.Store(int64(24 * time.Hour))
	await.Until(t, "both processes name it", func() bool {
		_, own, _ := ask(t.Context(), "http://"+statusAddress(a)+"/readyz")
		code, theirs, _ := in.ready()
		return isNamed(own, "work") && code == http.StatusOK && isNamed(theirs, "work")
	})
	_, _, text := ask(t.Context(), "http://"+statusAddress(a)+"/metrics")
	if !strings.Contains(text, "\ntickmark_activities_lost 1\n") {
		t.Errorf("the metrics are\n%s", text)
	}
	if code, health := in.health(); code != http.StatusOK || !strings.Contains(health, "work that was given up has never returned") {
		t.Errorf("the health of messages: %d %s", code, health)
	}
	said := ""
	await.Until(t, "it is logged", func() bool { said += log.all(); return strings.Contains(said, "has not returned") })
	a.errands.tell(cfg.Log)
	said += log.all()
	if n := strings.Count(said, `"activity":"Deliver"`); n != 1 {
		t.Errorf("it is logged %d times:\n%s", n, said)
	}
	end()
	await.Until(t, "it is named no more", func() bool { return a.errands.lost() == 0 })
}

// carryOut carries out an activity as a worker with these errands does.
func carryOut(t *testing.T, all *errands, do func(context.Context) error) {
	env := (&testsuite.WorkflowTestSuite{}).NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{all}})
	env.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: "Deliver"})
	if _, err := env.ExecuteActivity("Deliver"); err != nil {
		t.Error(err)
	}
}

// What gives signs of life is not lost, however long it takes, until they stay out or its time is up; a panic is an end as well.
func TestSignsOfLifeKeepWorkFromBeingLost(t *testing.T) {
	now := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	all := &errands{now: func() time.Time { return now }}
	e := all.begin("Deliver", now.Add(10*time.Minute), 30*time.Second)
	for range 10 {
		now = now.Add(40 * time.Second)
		if n := all.lost(); n != 0 {
			t.Fatalf("%d are lost within overtime", n)
		}
		all.alive(e)
	}
	now = now.Add(41 * time.Second)
	if n := all.lost(); n != 1 {
		t.Errorf("no sign of life for 41 s: %d are lost", n)
	}
	all.alive(e)
	now = now.Add(2 * time.Minute)
	all.alive(e)
	if n := all.lost(); n != 0 {
		t.Errorf("a sign of life, and time left: %d are lost", n)
	}
	now = now.Add(2 * time.Minute)
	all.alive(e)
	if n := all.lost(); n != 1 {
		t.Errorf("its time is up: %d are lost", n)
	}
	all.end(e)
	beaten := 0
	carryOut(t, all, func(ctx context.Context) error {
		began := now
		now = now.Add(time.Second)
		activity.RecordHeartbeat(ctx)
		for e := range all.all {
			if e.beat.After(began) {
				beaten++
			}
		}
		return nil
	})
	if n := len(all.all); n != 0 || beaten != 1 {
		t.Errorf("%d are carried out, %d signs of life were noted", n, beaten)
	}
}
