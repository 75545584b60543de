package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	_ "modernc.org/sqlite" // to look into a data directory

	"tickmark/cmd/internal/app"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest/await"
	"tickmark/models/store/storetest"
	"tickmark/workflows"
)

// An engagement whose workflow was lost with its cluster goes on by itself when its day comes; commands are carried out without it.
func TestALostWorkflowIsHealed(t *testing.T) {
	t.Parallel()
	in := open(t, 2*time.Second)
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	id := "engagement/firm/" + c.id
	await.Until(t, "its workflow, which is started after the answer, runs and is lost", func() bool {
		return in.app.Engine.Temporal.TerminateWorkflow(t.Context(), id, "", "lost") == nil
	})
	if a := c.do("joel", "/tasks/KO-01/comments", map[string]any{"text": "after the loss"}); !a.ok() {
		t.Fatalf("the command after the loss: %d %s", a.status, a.body)
	}
	await.Until(t, "somebody starts the workflow again", func() bool {
		d, err := in.app.Engine.Temporal.DescribeWorkflowExecution(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		return d.GetWorkflowExecutionInfo().GetStatus().String() == "Running"
	})
}

// With Temporal gone commands are carried out all the same, and readiness names what is missing. What they set in motion happens when
// Temporal is back: the poke was lost, and the wake stands in the database.
func TestTemporalDown(t *testing.T) {
	t.Parallel()
	cut := &proxy{}
	in := openWith(t, 24*time.Hour, setting{temporal: cut})
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	cut.cut(true)
	before := len(c.events())
	if a := in.post(t, c, "while-down"); a.StatusCode != http.StatusOK {
		t.Errorf("a command without Temporal: %s", a.Status)
	}
	if n := len(c.events()); n != before+1 {
		t.Errorf("%d events came of a command that was carried out", n-before)
	}
	await.Until(t, "/readyz names Temporal", func() bool {
		return slices.ContainsFunc(in.ready(t).Missing, func(m struct{ Part, Detail string }) bool { return m.Part == "temporal" })
	}, func() string { return fmt.Sprintf("%+v", in.ready(t)) })
	draft := map[string]any{"id": "second", "name": "Second", "client": "fernleaf", "type": "soc2_type1", "categories": []string{"security"},
		"kickoff": models.DateIn(time.Now(), time.UTC).String(), "partner": "marta", "manager": "joel"}
	in.must(c.admin, "POST", "/engagements", "second", draft, nil)
	in.must(c.tokens["joel"], "POST", "/engagements/second/start", "second-start", map[string]any{}, nil)
	cut.cut(false)
	await.Until(t, "the engagement that was started without Temporal enters its first phase", func() bool {
		var report struct{ Phases []struct{ Standing string } }
		in.must(c.admin, "GET", "/engagements/second/status", "", nil, &report)
		return slices.ContainsFunc(report.Phases, func(p struct{ Standing string }) bool { return p.Standing == "active" })
	})
	await.Until(t, "/readyz misses nothing with Temporal back", func() bool { return len(in.ready(t).Missing) == 0 },
		func() string { return fmt.Sprintf("%+v", in.ready(t)) })
}

// readiness is what /readyz says.
type readiness struct {
	Missing []struct{ Part, Detail string }
}

func (in *inside) ready(t *testing.T) readiness {
	t.Helper()
	res, err := http.Get(in.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var ready readiness
	if err := json.NewDecoder(res.Body).Decode(&ready); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("/readyz: %s, %v", res.Status, err)
	}
	return ready
}

// Nothing can be done through Temporal: an update as they were before commands were transactions of the store is refused, whoever it says
// has sent it.
func TestAForgedUpdateIsRefused(t *testing.T) {
	t.Parallel()
	in := open(t, 24*time.Hour)
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	id := "engagement/firm/" + c.id
	await.Until(t, "the workflow runs", func() bool {
		_, err := in.app.Engine.Temporal.DescribeWorkflowExecution(t.Context(), id, "")
		return err == nil
	})
	before := len(c.events())
	h, err := in.app.Engine.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{UpdateID: "forged",
		WorkflowID: id, UpdateName: workflows.ApplyUpdate, WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{engagement.Command{Key: "forged", Kind: engagement.WaiveTask, Reason: "because", Tasks: []models.TaskID{"KO-01"},
			Actor: engagement.Actor{Person: "marta", Role: models.RolePartner}}}})
	if err == nil {
		err = h.Get(t.Context(), nil)
	}
	if err == nil || !strings.Contains(err.Error(), "commands are not carried out here") {
		t.Errorf("answered %v", err)
	}
	if n := len(c.events()) - before; n != 0 {
		t.Errorf("%d events came of it", n)
	}
}

// With the database gone everything is answered 503, nothing half done; the same key works when it is back.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	cut := &proxy{}
	in := openWith(t, 24*time.Hour, setting{database: cut})
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	cut.cut(true)
	if a := in.post(t, c, "while-down"); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("a command without the database: %s, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	if res, err := http.Get(in.url + "/readyz"); err != nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("/readyz without the database: %v %v", res, err)
	}
	if res, err := http.Get(in.url + "/healthz"); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("/healthz without the database: %v %v", res, err)
	}
	cut.cut(false)
	in.await()
	before := len(c.events())
	c.again(t, "while-down")
	if n := len(c.events()) - before; n > 1 {
		t.Errorf("the command left %d events", n)
	}
}

// post sends a comment and returns the whole response.
func (in *inside) post(t *testing.T, c *cast, key string) *http.Response {
	t.Helper()
	req, err := http.NewRequest("POST", in.url+"/api/v1/engagements/"+c.id+"/tasks/KO-01/comments", strings.NewReader(`{"text":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.tokens["joel"])
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	for _, secret := range []string{"SQL", "sqlite", "pgx", "127.0.0.1", "goroutine", ".go:"} {
		if bytes.Contains(body, []byte(secret)) {
			t.Errorf("the answer tells about %s: %s", secret, body)
		}
	}
	return res
}

// again sends the command of a key until it is carried out, and then once more: it has one effect.
func (c *cast) again(t *testing.T, key string) {
	t.Helper()
	await.Until(t, "the command gets through", func() bool {
		a, err := c.call(c.tokens["joel"], "POST", "/engagements/"+c.id+"/tasks/KO-01/comments", key, map[string]any{"text": "hello"}, nil)
		return err == nil && a.ok()
	})
	c.must(c.tokens["joel"], "POST", "/engagements/"+c.id+"/tasks/KO-01/comments", key, map[string]any{"text": "hello"}, nil)
	var detail struct{ Comments []struct{ Text string } }
	c.must(c.admin, "GET", "/engagements/"+c.id+"/tasks/KO-01", "", nil, &detail)
	if len(detail.Comments) != 1 {
		t.Errorf("the task has %d comments, not one", len(detail.Comments))
	}
}

// What a start refuses, it refuses in a sentence that says what to do, before anything changes.
func TestStartsThatAreRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })

	used := t.TempDir()
	s := start(t, used, "2s")
	s.stop()
	newer := t.TempDir()
	s = start(t, newer, "24h")
	s.stop()
	db, err := sql.Open("sqlite", filepath.Join(newer, "tickmark.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	never := filepath.Join(t.TempDir(), "never")
	const failed, misused = 1, 2
	for _, refused := range []struct {
		name string
		args []string
		want string
		code int
	}{
		{"a port in use", []string{"--data", t.TempDir(), "--listen", taken.Addr().String()},
			taken.Addr().String() + " is already in use: choose another address with --listen", failed},
		{"every port in use", []string{"--data", never, "--listen", taken.Addr().String(), "--temporal-ui", portOf(taken),
			"--sandbox", portOf(taken)}, "are already in use: choose others with --listen, --temporal-ui, --sandbox", failed},
		{"the sandbox's port in use", []string{"--data", never, "--listen", "127.0.0.1:0", "--sandbox", portOf(taken)},
			taken.Addr().String() + " is already in use: choose another address with --sandbox", failed},
		{"no day at all", []string{"--data", never, "--day", "0s"}, "--day 0s must be between 1ms and 24h", misused},
		{"another day", []string{"--data", used, "--day", "1s", "--listen", "127.0.0.1:0"},
			"this data directory lives with --day 2s and cannot change to --day 1s", failed},
		{"a newer database", []string{"--data", newer, "--listen", "127.0.0.1:0"}, "the database has version 99999", failed},
		{"no such port", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--temporal-ui", "99999"},
			"--temporal-ui 99999 must be a port", misused},
		{"an impossible day", []string{"--data", t.TempDir(), "--day", "48h", "--listen", "127.0.0.1:0"},
			"--day 48h0m0s must be between 1ms and 24h", misused},
		{"an unknown argument", []string{"later"}, `"later" is no flag`, misused},
		{"no firm", []string{"--data", never, "--firm", ""}, "--firm must have 1 to 300 characters", misused},
		{"no such country", []string{"--data", never, "--country", "Germany"},
			`--country "Germany" is not one Tickmark has public holidays for; did you mean DE (Germany)?`, misused},
		{"no such zone", []string{"--data", never, "--time-zone", "Berlin"}, `--time-zone "Berlin" is not an IANA time zone such as`, misused},
		{"no administrator", []string{"--data", never, "--admin", ""}, "--admin must have 1 to 300 characters", misused},
		{"no such address", []string{"--data", never, "--admin-email", "ines"}, `--admin-email "ines" is not a mail address`, misused},
		{"no length of a day", []string{"--data", never, "--day", "ten"}, `invalid value "ten" for flag -day`, misused},
		{"no such flag", []string{"--data", never, "--dya", "10s"}, "flag provided but not defined: -dya\nSee: tickmark-solo --help\n", misused},
		{"an address without a port", []string{"--data", never, "--listen", "8080"}, `--listen "8080" must be a host and a port`, misused},
		{"no directory", []string{"--data", ""}, "--data must name a directory", misused},
		{"a file", []string{"--data", filepath.Join(newer, "tickmark.sqlite"), "--listen", "127.0.0.1:0"}, "is no directory", failed},
	} {
		t.Run(refused.name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], append([]string{"--temporal-ui", "-1"}, refused.args...)...)
			cmd.Env = append(os.Environ(), childEnv+"=1")
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != refused.code || !strings.Contains(string(out), refused.want) {
				t.Errorf("got %v: %s", err, out)
			}
			if n := strings.Count(string(out), "\n"); n > 2 {
				t.Errorf("it says %d lines: %s", n, out)
			}
		})
	}
	if _, err := os.Stat(never); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a data directory was made for flags that cannot be: %v", err)
	}
}

// portOf returns the port on which something listens.
func portOf(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// A data directory made with a fast clock goes on with it when nobody says how long a day is.
func TestADataDirectoryKeepsItsDay(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "10s")
	s.stop()
	s.day = ""
	s.up()
	if said := strings.Join(s.said, "\n"); len(s.said) == 0 || s.url == "" {
		t.Errorf("it did not start: %s", said)
	}
	clock, err := app.ClockOf(s.dir, 0, time.Now())
	if err != nil || app.DayOf(clock) != 10*time.Second {
		t.Errorf("a day lasts %s: %v", app.DayOf(clock), err)
	}
}

// A start that fails decides nothing, and a token file that was removed is written anew with a token that replaces the old.
func TestAFirstStartThatFailedAndATokenThatWasLost(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "--data", dir, "--listen", taken.Addr().String(), "--temporal-ui", "-1")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("it started: %s", out)
	}
	s := start(t, dir, "5s")
	old := s.token()
	s.must(old, "GET", "/me", "", nil, nil)
	s.stop()
	if err := os.Remove(filepath.Join(dir, "admin-token")); err != nil {
		t.Fatal(err)
	}
	s.up()
	s.must(s.token(), "GET", "/me", "", nil, nil)
	if a, err := s.call(old, "GET", "/me", "", nil, nil); err != nil || a.status != http.StatusUnauthorized {
		t.Errorf("the lost token still opens the door: %d %v", a.status, err)
	}
}

// A proxy stands between the product and one of its parts, and can be cut.
type proxy struct {
	to       string
	listener net.Listener
	mu       sync.Mutex
	dead     bool
	open     map[net.Conn]bool
}

// start lets the proxy stand in front of an address, and returns its own.
func (p *proxy) start(t testing.TB, to string) string {
	t.Helper()
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.listener.Close() })
	p.to, p.open = to, map[net.Conn]bool{}
	go func() {
		for {
			c, err := p.listener.Accept()
			if err != nil {
				return
			}
			go p.carry(c)
		}
	}()
	return p.listener.Addr().String()
}

func (p *proxy) carry(from net.Conn) {
	to, err := net.Dial("tcp", p.to)
	p.mu.Lock()
	if err != nil || p.dead {
		p.mu.Unlock()
		_ = from.Close()
		return
	}
	p.open[from], p.open[to] = true, true
	p.mu.Unlock()
	go func() { _, _ = io.Copy(to, from); _ = to.Close(); _ = from.Close() }()
	_, _ = io.Copy(from, to)
	_ = to.Close()
	_ = from.Close()
}

// cut breaks all connections and refuses new ones, or lets them through again.
func (p *proxy) cut(dead bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = dead
	if dead {
		for c := range p.open {
			_ = c.Close()
		}
		clear(p.open)
	}
}

// postgres returns the address of a fresh database behind the proxy.
func (p *proxy) postgres(t testing.TB) string {
	t.Helper()
	dsn, err := url.Parse(storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	dsn.Host = p.start(t, dsn.Host)
	return dsn.String()
}
