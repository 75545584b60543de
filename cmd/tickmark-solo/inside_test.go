package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/cmd/internal/app"
	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models/modelstest/await"
	"tickmark/workflows"
)

// An inside is the whole product in the test's own process, so that the test can look into it.
type inside struct {
	*solo
	app   *app.App
	close func() // stops everything, as the end of the test does
}

// open starts everything on a fresh data directory, as run does, and stops it when the test ends.
func open(t testing.TB, day time.Duration) *inside {
	t.Helper()
	return openWith(t, day, setting{})
}

// A setting puts proxies between the product and its parts; with one in front of the database, that is PostgreSQL. With a mail server
// messages go out.
type setting struct {
	temporal, database *proxy
	mail               *mailfake.Server
	trial              *app.Trial // with it the sandbox is there, too, and operators ask at the address of status
	status             string
}

func openWith(t testing.TB, day time.Duration, with setting) *inside {
	t.Helper()
	return openIn(t, t.TempDir(), day, with)
}

// openIn starts everything on a data directory, which may have been used before.
func openIn(t testing.TB, dir string, day time.Duration, with setting) *inside {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(dir, "temporal"), UIPort: -1, Log: log,
		PollsFor: with.pollsFor()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	begin := app.NewBeginning("Firm")
	clock, err := app.ClockOf(dir, day, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	database, temporal := "sqlite:"+filepath.Join(dir, "tickmark.sqlite"), server.Address()
	if with.database != nil {
		database = with.database.postgres(t)
	}
	if with.temporal != nil {
		temporal = with.temporal.start(t, temporal)
	}
	cfg := app.Config{Database: database, Temporal: temporal, TemporalTLS: server.TLS(), Listen: "127.0.0.1:0", Worker: true, Migrate: true,
		Clock: clock, Rate: 500, Log: log, Trial: with.trial, Status: with.status}
	if with.trial != nil {
		if cfg.SecretKeys, err = app.SecretKeys(dir); err != nil {
			t.Fatal(err)
		}
	}
	if with.mail != nil {
		cfg.SMTP, cfg.MailFrom = with.mail.URL(), "audits@firm.example"
		begin.AdminEmail = sandboxAdmin
	}
	a, err := app.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.KeepClock(dir, clock); err != nil {
		t.Fatal(err)
	}
	token, _, err := a.FirstStart(t.Context(), dir, begin)
	if err != nil {
		t.Fatal(err)
	}
	if with.trial != nil {
		slack, err := play(t.Context(), options{data: dir}, a, token, clock, log)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(slack.Close)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	in := &inside{&solo{t: t, dir: dir, day: day.String(), url: "http://" + a.Address()}, a, sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		a.Close()
		server.Stop()
	})}
	t.Cleanup(in.close)
	in.await()
	return in
}

// pollsFor is how long Temporal leaves a worker without an answer: where parts are looked at, not for a minute.
func (s setting) pollsFor() time.Duration {
	if s.trial == nil {
		return 0
	}
	return 50 * time.Millisecond
}

// play lets the people of an engagement live until it is completed.
func (c *cast) play() {
	c.t.Helper()
	c.playWith(func(state) {})
}

// playWith lets the people of an engagement live until it is completed, and calls a function after each of their days.
func (c *cast) playWith(after func(state)) {
	c.t.Helper()
	await.Until(c.t, "the engagement is completed", func() bool {
		for {
			now := c.look()
			if now.Status == "completed" {
				return true
			}
			done := c.day(now.now)
			after(now)
			if done == 0 {
				return false // nobody looks all the time
			}
		}
	}, c.standing)
}

// standing says where the engagement stands.
func (c *cast) standing() string {
	now := c.look()
	return fmt.Sprintf("%s in %v on %s", now.Status, now.Phases, now.now)
}

// histories returns the history of every run that a query finds, oldest first.
func (in *inside) histories(query string) []*historypb.History {
	in.t.Helper()
	var all []*historypb.History
	var page []byte
	for {
		res, err := in.app.Engine.Temporal.ListWorkflow(in.t.Context(),
			&workflowservice.ListWorkflowExecutionsRequest{Query: query, NextPageToken: page})
		if err != nil {
			in.t.Fatal(err)
		}
		for _, e := range res.Executions {
			all = append(all, historyOf(in.t, in.app.Engine.Temporal, e.Execution.WorkflowId, e.Execution.RunId))
		}
		if page = res.NextPageToken; len(page) == 0 {
			break
		}
	}
	slices.Reverse(all)
	return all
}

func historyOf(t testing.TB, c client.Client, id, run string) *historypb.History {
	t.Helper()
	h := &historypb.History{}
	events := c.GetWorkflowHistory(t.Context(), id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	return h
}

// sweeps returns the histories of two runs of Post that have ended, on a clock on which messages go out in time: one in which a letter was
// delivered, and the shortest.
func sweeps(t *testing.T) []*historypb.History {
	t.Helper()
	mail, err := mailfake.Start(mailfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	in := openWith(t, 2*time.Second, setting{mail: mail})
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	in.must(c.tokens["joel"], "POST", "/people/joel/test-message", "test", nil, nil)
	var found []*historypb.History
	await.Until(t, "a sweep delivers something", func() bool {
		all := in.histories("WorkflowType = 'Post' AND ExecutionStatus != 'Running'")
		slices.SortFunc(all, func(a, b *historypb.History) int { return len(a.Events) - len(b.Events) })
		for _, h := range all {
			for _, e := range h.Events {
				if e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == workflows.DeliverActivity && len(all) > 1 {
					found = []*historypb.History{h, all[0]}
					return true
				}
			}
		}
		return false
	}, func() string { return fmt.Sprintf("%d letters arrived", len(mail.Messages())) })
	return found
}

var record = flag.String("record", "", "directory to record histories of a whole engagement in")

// Without -record this plays the smallest engagement and looks at its histories; with it, it writes them down for the replay
// tests of package workflows.
func TestRecordHistory(t *testing.T) {
	t.Parallel()
	in := open(t, 60*time.Millisecond)
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	c.play()
	all := in.histories("WorkflowId = 'engagement/firm/" + c.id + "'")
	sum := 0
	for _, h := range all {
		sum += len(h.Events)
		if len(h.Events) >= 500 {
			t.Errorf("a run has %d events: under 500 were promised", len(h.Events))
		}
	}
	t.Logf("%d runs, %d events", len(all), sum)
	posts := sweeps(t)
	if *record == "" {
		return
	}
	if err := os.MkdirAll(*record, 0o755); err != nil {
		t.Fatal(err)
	}
	clock, err := os.ReadFile(filepath.Join(in.dir, "clock.json")) // a history replays under its own clock
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*record, "clock.json"), clock, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, histories := range map[string][]*historypb.History{"run": all, "post": posts} {
		for i, h := range histories {
			text, err := protojson.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(*record, fmt.Sprintf("%s-%02d.json", name, i+1)), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
