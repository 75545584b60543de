package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models/modelstest/await"
	"tickmark/models/store"
)

// neverPath is where requests are not answered until the test says so.
const neverPath = "/never"

// gettingStuck returns what answers on a port of a process, but for requests that are to get stuck.
func (in *installation) gettingStuck(_ string, own http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != neverPath {
			own.ServeHTTP(w, r)
			return
		}
		in.stuck.Add(1)
		defer in.stuck.Add(-1)
		<-in.never
	})
}

// On a Friday both processes are told to end while on each of their ports a request is carried out that never comes to its end, and while
// Marta comments on a task again and again. Both end, all their parts have ended, none is taken for one that works, and every comment that
// was acknowledged is there once.
func TestARequestThatNeverEndsDoesNotKeepAProcess(t *testing.T) {
	in := install(t)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer close(in.never)
	ports := []string{in.serve.Address(), *in.serve.statusAt.Load(), *in.worker.statusAt.Load()}
	for _, port := range ports {
		asking.Go(func() { ask(context.WithoutCancel(t.Context()), "http://"+port+neverPath) }) // nobody is interested in the answer
	}
	await.Until(t, "all are stuck", func() bool { return in.stuck.Load() == int64(len(ports)) })
	acknowledged, told := 0, make(chan struct{})
	var commenting sync.WaitGroup
	commenting.Go(func() {
		for in.command() == http.StatusOK {
			if acknowledged++; acknowledged == 3 {
				close(told)
			}
		}
	})
	<-told
	in.stop[in.serve]()
	in.stop[in.worker]()
	commenting.Wait()
	if n := in.stuck.Load(); n != int64(len(ports)) {
		t.Errorf("%d requests are stuck, not %d: nothing is proved", n, len(ports))
	}
	for _, a := range []*App{in.serve, in.worker} {
		if kinds, _ := a.kinds(); len(kinds) > 0 {
			t.Errorf("these have not ended: %v", kinds)
		}
	}
	all, err := in.w.Root.Processes(t.Context(), unseen)
	town.Check(t, err)
	if slices.ContainsFunc(all, func(p store.Process) bool { return p.ID == in.serve.id || p.ID == in.worker.id }) {
		t.Errorf("they have ended, and are taken for alive: %+v", all)
	}
	comments, err := in.w.Store.Comments(t.Context(), "e1", in.task)
	town.Check(t, err)
	if n := len(comments); n != acknowledged && n != acknowledged+1 { // the last one may have been carried out and not answered
		t.Errorf("%d comments are there, and %d were acknowledged", n, acknowledged)
	}
}

// An operator who comes too late reads in the log that a process ended since it was told to, by what, and that all of it ended.
func TestAProcessSaysWhyItEnds(t *testing.T) {
	in := install(t)
	var log spoken
	cfg := in.serve.cfg
	cfg.Listen, cfg.Log = "127.0.0.1:0", slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: Readable}))
	a := in.open(cfg)
	defer a.Close()
	ctx, end := context.WithCancelCause(t.Context())
	end(errors.New("terminated signal received"))
	if err := a.Run(ctx); err != nil {
		t.Fatal(err)
	}
	said := log.all()
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, `level=INFO msg="tickmark has ended" why="terminated signal received"`) ||
		!strings.Contains(said, `msg="tickmark ends: it finishes what it has begun" why="terminated signal received"`) {
		t.Errorf("the log is\n%s", said)
	}
}

// A process ends within half a minute, which is how long the units of systemd in deploy let it take.
func TestAProcessEndsWithinHalfAMinute(t *testing.T) {
	p := usualPace
	if p.drain >= p.grace {
		t.Errorf("requests have %s to end, and the part that carries them out %s", p.drain, p.grace)
	}
	if most := 2*p.grace + signEvery; most.Seconds() >= 30 {
		t.Errorf("it takes up to %s", most)
	}
}
