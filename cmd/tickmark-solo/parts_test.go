package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/cmd/internal/app"
	"tickmark/models/modelstest/await"
)

// How a part is harmed, as its failures are counted.
var harms = []string{"panic", "error", "hang"}

// A vandal does harm to the parts of one kind, at their signs of life, and counts those of all.
type vandal struct {
	mu    sync.Mutex
	kind  string // empty: nobody is harmed
	how   string
	hangs bool // a part does, until over is closed
	over  chan struct{}
	signs map[string]int
}

// fault is called by a part at a sign of life.
func (v *vandal) fault(_ context.Context, kind string) error {
	v.mu.Lock()
	how, over := v.how, v.over
	if v.kind != kind {
		v.signs[kind]++
		v.mu.Unlock()
		return nil
	}
	v.hangs = how == "hang"
	v.mu.Unlock()
	switch how {
	case "panic":
		panic("harm is done to " + kind)
	case "error":
		return errors.New("harm is done to " + kind)
	}
	<-over
	return nil
}

// limit says within which time a part gives signs of life: one that hangs, soon; others when a slow machine has them.
func (v *vandal) limit(kind string, _ time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kind == kind && v.hangs {
		return 100 * time.Millisecond
	}
	return time.Hour
}

// harm begins to harm a kind, until end is called, which may be called more than once.
func (v *vandal) harm(kind, how string) (end func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kind, v.how, v.hangs, v.over = kind, how, false, make(chan struct{})
	return sync.OnceFunc(func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.kind = ""
		close(v.over)
	})
}

func (v *vandal) given() map[string]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return maps.Clone(v.signs)
}

// All parts of solo panic, fail and hang, each in turn, with Temporal and the sandbox in the same process. Each time it is counted and
// named, commands are carried out, and all other parts go on. When it is over the part works again.
func TestOnePartsFailureInSoloIsOneParts(t *testing.T) {
	t.Parallel()
	v := &vandal{signs: map[string]int{}}
	status := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	in := openWith(t, 24*time.Hour, setting{trial: &app.Trial{Fault: v.fault, Limit: v.limit}, status: status})
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	kinds := partsOf(t, status)
	for _, must := range []string{"requests", "status", "workers", "keeper", "sweeps", "accounts of the sandbox"} {
		if !slices.Contains(kinds, must) {
			t.Fatalf("no part is called %s: %v", must, kinds)
		}
	}
	for _, kind := range kinds {
		for _, how := range harms {
			in.suffers(t, c, v, kinds, kind, how, status)
		}
	}
}

// suffers has one kind of parts suffer harm while all else goes on, and sees it work again.
func (in *inside) suffers(t *testing.T, c *cast, v *vandal, kinds []string, kind, how, status string) {
	t.Helper()
	what := kind + ", " + how + ": "
	counted := fmt.Sprintf("tickmark_part_failures_total{part=%q,how=%q} ", kind, how)
	end := v.harm(kind, how)
	defer end()
	before := v.given()
	await.Until(t, what+"all others go on", func() bool {
		now := v.given()
		return !slices.ContainsFunc(kinds, func(k string) bool { return k != kind && now[k] <= before[k] })
	}, func() string { return fmt.Sprint(before, v.given()) })
	if kind != "status" || how == "hang" { // while its own part fails again and again, nobody answers
		await.Until(t, what+"it is counted", func() bool { return strings.Contains(metrics(status), counted) },
			func() string { return metrics(status) })
	}
	if kind != "requests" || how == "hang" {
		await.Until(t, what+"it is named", func() bool { return in.names(kind) })
		await.Until(t, what+"a command is carried out", func() bool { return c.comments(what) })
	}
	end()
	await.Until(t, what+"it works again", func() bool {
		up := fmt.Sprintf("tickmark_part_up{part=%q} 1\n", kind)
		return c.comments(what+"afterwards") && strings.Contains(metrics(status), up)
	}, func() string { return metrics(status) })
}

// comments has Joel comment on a task, once a text, and reports whether it was carried out.
func (c *cast) comments(text string) bool {
	key := strings.NewReplacer(" ", "-", ",", "", ":", "").Replace(text)
	a, err := c.call(c.tokens["joel"], "POST", "/engagements/"+c.id+"/tasks/KO-01/comments", key, map[string]any{"text": text}, nil)
	return err == nil && a.ok()
}

// names reports whether /readyz answers that work can be done and that a part does not work.
func (in *inside) names(kind string) bool {
	res, err := http.Get(in.url + "/readyz")
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return err == nil && res.StatusCode == http.StatusOK && strings.Contains(string(text), fmt.Sprintf(`"part":%q`, kind))
}

// metrics returns what a process counts; empty when nobody answers.
func metrics(status string) string {
	res, err := http.Get("http://" + status + "/metrics")
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // what is there of it
	return string(text)
}

// partsOf returns the kinds of parts that a process has, as its supervisor says, in order.
func partsOf(t *testing.T, status string) (kinds []string) {
	t.Helper()
	await.Until(t, "operators are answered", func() bool { return metrics(status) != "" })
	for line := range strings.Lines(metrics(status)) {
		if rest, ok := strings.CutPrefix(line, `tickmark_part_up{part="`); ok {
			kind, _, _ := strings.Cut(rest, `"`)
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
