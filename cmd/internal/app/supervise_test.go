package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tickmark/activities/safely"
)

// A nightShift is a supervisor under whose eyes parts go wrong, in time that a test lets pass, and what it writes down.
type nightShift struct {
	*supervisor
	t   *testing.T
	mu  sync.Mutex
	log bytes.Buffer
}

func (n *nightShift) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.log.Write(b)
}

// wrote returns how often the log says something.
func (n *nightShift) wrote(what string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Count(n.log.String(), what)
}

// night lets a test play in time of its own.
func night(t *testing.T, play func(n *nightShift)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &nightShift{t: t}
		n.supervisor = newSupervisor(slog.New(slog.NewTextHandler(n, nil)))
		play(n)
	})
}

// pass lets time pass.
func (n *nightShift) pass(d time.Duration) {
	rest(n.t.Context(), d)
	synctest.Wait()
}

// names returns what is missing, as one line.
func (n *nightShift) names() string {
	var out []string
	for _, m := range n.missing() {
		out = append(out, m.Part+": "+m.Detail)
	}
	return strings.Join(out, "; ")
}

func (n *nightShift) counts(kind, how string) int {
	_, ends := n.supervisor.counts()
	return ends[ending{kind, how}]
}

// goesOn is a part that works.
func goesOn(ctx context.Context) error { return safely.Rest(ctx, 1000*time.Hour, nil) }

// A part fails all night. It is tried again with pauses that grow up to a minute, it is named, and the log has one line of it; another goes
// on. In the morning it works: after ten seconds it is not named any more, and the next failure is tried again soon.
func TestAPartThatFails(t *testing.T) {
	night(t, func(n *nightShift) {
		var tries []time.Time
		works := false
		end := n.begin(n.t.Context(), part{kind: "pokes", without: "nobody is woken", limit: time.Minute, serve: func(ctx context.Context) error {
			tries = append(tries, time.Now())
			if works {
				return goesOn(ctx)
			}
			return errors.New("no answer")
		}})
		defer end()
		other := n.begin(n.t.Context(), part{kind: "sweeps", serve: goesOn, limit: time.Minute})
		defer other()
		n.pass(8 * time.Hour)
		var pauses []string
		for i := 1; i < 9; i++ {
			pauses = append(pauses, tries[i].Sub(tries[i-1]).String())
		}
		if got := strings.Join(pauses, " "); got != "1s 2s 4s 8s 16s 32s 1m0s 1m0s" {
			t.Errorf("pauses of %s", got)
		}
		if got := n.counts("pokes", byError); got != len(tries) || got < 400 {
			t.Errorf("%d failures are counted of %d", got, len(tries))
		}
		if got := n.names(); !strings.HasPrefix(got, "pokes: fails since ") || !strings.HasSuffix(got, " in a row: nobody is woken") {
			t.Errorf("it says %q", got)
		}
		if got := n.wrote("level=ERROR"); got != 1 {
			t.Errorf("%d lines of one state:\n%s", got, &n.log)
		}
		works = true
		n.pass(time.Minute)
		n.pass(n.pace.settle)
		if got := n.names(); got != "" || n.wrote("a part works again") != 1 {
			t.Errorf("it works, and it says %q:\n%s", got, &n.log)
		}
	})
}

// A part panics: the log has the place, and it is tried again.
func TestAPartThatPanics(t *testing.T) {
	night(t, func(n *nightShift) {
		tries := 0
		end := n.begin(n.t.Context(), part{kind: "sweeps", serve: func(ctx context.Context) error {
			if tries++; tries == 1 {
				panic("a map that is nil")
			}
			return goesOn(ctx)
		}})
		defer end()
		n.pass(time.Second)
		if n.counts("sweeps", byPanic) != 1 || tries != 2 || n.wrote("a map that is nil") != 1 || n.wrote("supervise_test.go") == 0 {
			t.Errorf("%d tries:\n%s", tries, &n.log)
		}
	})
}

// A part hangs. It is named with the instant of its last sign of life, the log says where it hangs, and it is told to end. This one does,
// and is tried again.
func TestAPartThatHangs(t *testing.T) {
	night(t, func(n *nightShift) {
		tries, began := 0, time.Now().UTC().Format(time.RFC3339)
		end := n.begin(n.t.Context(), part{kind: "keeper", without: "nothing is healed", limit: 15 * time.Second,
			serve: func(ctx context.Context) error {
				if tries++; tries == 1 {
					return waitsForNothing(ctx.Done())
				}
				return goesOn(ctx)
			}})
		defer end()
		n.pass(19 * time.Second)
		if got := n.names(); got != "keeper: hangs since "+began+", 1 time in a row: nothing is healed" {
			t.Errorf("it says %q", got)
		}
		if n.counts("keeper", byHang) != 1 || n.wrote("waitsForNothing") == 0 || tries != 2 {
			t.Errorf("%d tries:\n%s", tries, &n.log)
		}
		n.pass(time.Minute)
		if got := n.names(); got != "" {
			t.Errorf("it works, and it says %q", got)
		}
	})
}

// waitsForNothing is where a part hangs.
func waitsForNothing(c <-chan struct{}) error { <-c; return errors.New("it was told to end") }

// What hangs and does not end when it is told to: a fresh one is started beside it where that is harmless, three times at most; the one
// that was left behind ends as soon as it comes back. Where it is not harmless nothing is started, and it is named until it returns.
func TestAPartThatDoesNotEnd(t *testing.T) {
	for _, beside := range []bool{true, false} {
		t.Run(fmt.Sprint("beside ", beside), func(t *testing.T) {
			night(t, func(n *nightShift) {
				var tries atomic.Int64
				back, returned := make(chan struct{}), make(chan error, 10)
				end := n.begin(n.t.Context(), part{kind: "a part", beside: beside, limit: 15 * time.Second, without: "it is missed",
					serve: func(ctx context.Context) error {
						if tries.Add(1) > 9 {
							return goesOn(ctx)
						}
						<-back
						err := safely.Beat(ctx)
						returned <- err
						return err
					}})
				defer end()
				n.pass(time.Hour)
				want := map[bool]int{true: 1 + mostLeft, false: 1}[beside]
				if int(tries.Load()) != want || !strings.HasPrefix(n.names(), "a part: hangs since") {
					t.Errorf("%d tries, not %d: %q", tries.Load(), want, n.names())
				}
				tries.Store(9)
				close(back)
				n.pass(2 * time.Minute)
				if got := n.names(); got != "" || tries.Load() != 10 {
					t.Errorf("it has come back, and after %d tries it says %q", tries.Load(), got)
				}
				for range len(returned) {
					if err := <-returned; err == nil {
						t.Error("one that was given up goes on")
					}
				}
			})
		})
	}
}

// A part that hangs, and does not end, does not keep the process from ending.
func TestTheEndDoesNotWaitForEver(t *testing.T) {
	night(t, func(n *nightShift) {
		back := make(chan struct{})
		end := n.begin(n.t.Context(), part{kind: "a part", limit: 15 * time.Second, serve: func(context.Context) error { <-back; return nil }})
		n.pass(time.Second)
		end()
		close(back)
		if n.wrote("has not ended in time") != 1 {
			t.Errorf("the log says:\n%s", &n.log)
		}
	})
}

// A part has others beside it, each with a name of its own, which only the log tells. One of them fails.
func TestPartsOfAPart(t *testing.T) {
	night(t, func(n *nightShift) {
		end := n.begin(n.t.Context(), part{kind: "Socket Mode", limit: time.Minute, serve: func(ctx context.Context) error {
			for _, name := range []string{"acme/hq", "acme/northgate"} {
				defer safely.Begin(ctx, "a connection", name, func(ctx context.Context) error {
					if name == "acme/hq" {
						return errors.New("it was cut off")
					}
					return goesOn(ctx)
				})()
			}
			return goesOn(ctx)
		}})
		n.pass(time.Minute)
		if got := n.names(); !strings.HasPrefix(got, "a connection: 1 of 2: fails since ") || strings.Contains(got, "acme") {
			t.Errorf("it says %q", got)
		}
		if n.wrote("acme/hq") != 1 {
			t.Errorf("the log says:\n%s", &n.log)
		}
		end()
		if got := n.names(); got != "" || len(n.all) != 0 {
			t.Errorf("all have ended, and it says %q of %d", got, len(n.all))
		}
	})
}
