package embedded_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tickmark/cmd/internal/app"
	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models/modelstest/await"
	"tickmark/models/modelstest/waysin"
)

// A list is a workflow that notes what it is told, until a while after it has
// been told to sign.
func list(ctx workflow.Context, wait time.Duration) ([]string, error) {
	var notes []string
	signed := false
	upsert := func(phase string) error {
		return workflow.UpsertTypedSearchAttributes(ctx,
			temporal.NewSearchAttributeKeyKeyword("TickmarkFirm").ValueSet("north"),
			temporal.NewSearchAttributeKeyKeyword("TickmarkPhase").ValueSet(phase),
			temporal.NewSearchAttributeKeyTime("TickmarkWake").ValueSet(workflow.Now(ctx).Add(wait)))
	}
	if err := workflow.SetUpdateHandler(ctx, "note", func(ctx workflow.Context, note string) (int, error) {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Second})
		var loud string
		if err := workflow.ExecuteLocalActivity(ctx, shout, note).Get(ctx, &loud); err != nil {
			return 0, err
		}
		notes = append(notes, loud)
		signed = signed || note == "sign"
		return len(notes), nil
	}); err != nil {
		return nil, err
	}
	if err := upsert("fieldwork"); err != nil {
		return nil, err
	}
	if err := workflow.Await(ctx, func() bool { return signed }); err != nil {
		return nil, err
	}
	if err := workflow.Sleep(ctx, wait); err != nil {
		return nil, err
	}
	return notes, upsert("report")
}

func shout(_ context.Context, s string) (string, error) { return strings.ToUpper(s), nil }

const queue = "lists"

// A child process is killed where it stands, with a workflow asleep; the next
// server on the same directory wakes it.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EMBEDDED_CHILD"); dir != "" {
		child(dir)
	}
	os.Exit(m.Run())
}

func child(dir string) {
	must := func(err error) {
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir, UIPort: -1})
	must(err)
	tc, err := dial(s)
	must(err)
	must(newWorker(tc).Start())
	_, err = tc.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "survivor", TaskQueue: queue}, list, 3*time.Second)
	must(err)
	for _, note := range []string{"before", "sign"} {
		h, err := tc.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: "survivor", UpdateName: "note", Args: []any{note}, WaitForStage: client.WorkflowUpdateStageCompleted})
		must(err)
		must(h.Get(ctx, nil))
	}
	fmt.Println("asleep")
	select {}
}

func TestAWorkflowSurvivesKill9(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "EMBEDDED_CHILD="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	said := bufio.NewScanner(out)
	for said.Scan() && said.Text() != "asleep" {
		t.Log("child:", said.Text())
	}
	if said.Text() != "asleep" {
		t.Fatal("the child did not get to sleep")
	}
	if _, err := embedded.Start(ctx, embedded.Options{Dir: dir, UIPort: -1}); err == nil ||
		!strings.Contains(err.Error(), "in use by another instance (process "+strconv.Itoa(cmd.Process.Pid)+")") {
		t.Fatalf("a second process on the same directory: got %v", err)
	}
	check(t, cmd.Process.Kill()) // SIGKILL
	_ = cmd.Wait()

	s := start(t, embedded.Options{Dir: dir, UIPort: -1})
	tc := s.dial()
	var notes []string
	check(t, tc.GetWorkflow(ctx, "survivor", "").Get(ctx, &notes))
	equal(t, fmt.Sprint(notes), "[BEFORE SIGN]")
}

func TestCommandsAndTheWebUI(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	// A directory may be called anything, also what means something in a URI.
	dir := filepath.Join(t.TempDir(), "a 100%? #1 firm")
	s := start(t, embedded.Options{Dir: dir, Guard: app.Here})
	tc := s.dial()

	// A command that finds no engagement starts it.
	begin := tc.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: "engagement", TaskQueue: queue, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, list, 100*time.Millisecond)
	h, err := tc.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: begin,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: "1", UpdateName: "note", Args: []any{"plan"}, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	check(t, err)
	var n int
	check(t, h.Get(ctx, &n))
	equal(t, n, 1)

	// One may also only hand a command over, and ask for its outcome later.
	h, err = tc.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: "engagement", UpdateID: "2", UpdateName: "note", Args: []any{"test"}, WaitForStage: client.WorkflowUpdateStageAccepted})
	check(t, err)
	check(t, h.Get(ctx, &n))
	equal(t, n, 2)

	eventually(t, "it is found by firm, phase and wake", func() bool {
		r, err := tc.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: `TickmarkFirm = "north" AND TickmarkPhase = "fieldwork" AND TickmarkWake > "2020-01-01T00:00:00Z"`})
		check(t, err)
		return len(r.Executions) == 1
	})

	h, err = tc.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: "engagement", UpdateName: "note", Args: []any{"sign"}, WaitForStage: client.WorkflowUpdateStageCompleted})
	check(t, err)
	check(t, h.Get(ctx, &n))
	var notes []string
	check(t, tc.GetWorkflow(ctx, "engagement", "").Get(ctx, &notes))
	equal(t, fmt.Sprint(notes), "[PLAN TEST SIGN]")

	page := get(t, "http://"+s.UIAddress()+"/")
	if !strings.Contains(page, "/_app/") {
		t.Errorf("this is no Web UI: %.300s", page)
	}
	asset := page[strings.Index(page, "/_app/"):]
	get(t, "http://"+s.UIAddress()+asset[:strings.IndexByte(asset, '"')])
	get(t, "http://"+s.UIAddress()+"/namespaces/tickmark/workflows")
	var api struct {
		Namespaces []struct {
			NamespaceInfo struct{ Name string }
			Config        struct{ WorkflowExecutionRetentionTtl string }
		}
	}
	check(t, json.Unmarshal([]byte(get(t, "http://"+s.UIAddress()+"/api/v1/namespaces")), &api))
	found := ""
	for _, ns := range api.Namespaces {
		found += ns.NamespaceInfo.Name + " " + ns.Config.WorkflowExecutionRetentionTtl + ";"
	}
	if !strings.Contains(found, "tickmark 2592000s;") {
		t.Errorf("the Web UI knows of these namespaces: %s", found)
	}

	for _, path := range []string{"/", "/api/v1/namespaces", "/api/v1/settings", "/healthz"} {
		res, err := http.Head("http://" + s.UIAddress() + path)
		check(t, err)
		check(t, res.Body.Close())
		if res.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: %s", path, res.Status)
		}
		if wrong := waysin.Unsafe(res.Header); len(wrong) > 0 {
			t.Errorf("%s: %q", path, wrong)
		}
	}
	forged, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+s.UIAddress()+"/api/v1/namespaces/tickmark/workflows/engagement/terminate", strings.NewReader("{}"))
	check(t, err)
	forged.Header.Set("Origin", "http://evil.example")
	forged.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(forged)
	check(t, err)
	check(t, res.Body.Close())
	equal(t, res.StatusCode, http.StatusForbidden)

	_, port, _ := net.SplitHostPort(s.UIAddress())
	for host, want := range map[string]int{"localhost:" + port: 200, "127.0.0.1": 200, "evil.example:" + port: 421, "evil.example": 421,
		"127.0.0.1.evil.example": 421} {
		for _, path := range []string{"/", "/api/v1/namespaces"} {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.UIAddress()+path, nil)
			check(t, err)
			r.Host = host
			res, err := http.DefaultClient.Do(r)
			check(t, err)
			check(t, res.Body.Close())
			if res.StatusCode != want {
				t.Errorf("%s of %s: %d, want %d", path, host, res.StatusCode, want)
			}
			if wrong := waysin.Unsafe(res.Header); len(wrong) > 0 {
				t.Errorf("%s of %s: %q", path, host, wrong)
			}
		}
	}

	s.Stop()
	s.Stop() // again: nothing
	if _, err := os.Stat(filepath.Join(dir, "temporal.sqlite")); err != nil {
		t.Error(err)
	}
	if wal, err := os.Stat(filepath.Join(dir, "temporal.sqlite-wal")); err == nil && wal.Size() > 0 {
		t.Errorf("%d bytes are left in the log of a stopped server", wal.Size())
	}
}

func TestTwoAtOnceAndOneAfterTheOther(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a := start(t, embedded.Options{Dir: t.TempDir(), Guard: app.Here})
	b := start(t, embedded.Options{Dir: t.TempDir(), UIPort: -1})
	equal(t, b.UIAddress(), "")
	for _, s := range []*server{a, b} {
		_, err := s.dial().ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "same", TaskQueue: queue}, list, time.Hour)
		check(t, err)
	}

	_, err := embedded.Start(ctx, embedded.Options{Dir: a.dir, UIPort: -1})
	refused(t, err, a.dir+" is in use by another instance")
	_, port, _ := net.SplitHostPort(a.UIAddress())
	taken, _ := strconv.Atoi(port)
	_, err = embedded.Start(ctx, embedded.Options{Dir: t.TempDir(), UIPort: taken, Guard: app.Here})
	refused(t, err, "port "+port+" on 127.0.0.1 is already in use: choose another with --temporal-ui")
	_, port, _ = net.SplitHostPort(a.Address())
	taken, _ = strconv.Atoi(port)
	dir := t.TempDir()
	_, err = embedded.Start(ctx, embedded.Options{Dir: dir, FrontendPort: taken, UIPort: -1})
	refused(t, err, "port "+port+" on 127.0.0.1 is already in use")
	a.Stop()

	// The refused start has let go of its directory, and the stopped server of
	// its port. A later release may want more of an old directory.
	more := embedded.SearchAttributes()
	more["TickmarkLead"] = enums.INDEXED_VALUE_TYPE_KEYWORD
	c := start(t, embedded.Options{Dir: a.dir, FrontendPort: taken, UIPort: -1, Retention: 48 * time.Hour, SearchAttributes: more})
	tc := c.dial()
	d, err := tc.DescribeWorkflowExecution(ctx, "same", "")
	check(t, err)
	equal(t, d.WorkflowExecutionInfo.Status, enums.WORKFLOW_EXECUTION_STATUS_RUNNING)
	ns, err := tc.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: "tickmark"})
	check(t, err)
	equal(t, ns.Config.WorkflowExecutionRetentionTtl.AsDuration(), 48*time.Hour)
	sa, err := tc.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: "tickmark"})
	check(t, err)
	for name, kind := range more {
		equal(t, sa.CustomAttributes[name], kind)
	}
}

func TestAnotherReleasesDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	embedded.MakeForeign(t, filepath.Join(dir, "temporal.sqlite"))
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, UIPort: -1})
	refused(t, err, "was made by another release of the Temporal server")
}

type server struct {
	*embedded.Server
	t   *testing.T
	dir string
}

// start fails the test if the server finds anything to complain of while it runs.
func start(t *testing.T, o embedded.Options) *server {
	t.Helper()
	var log buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s, err := embedded.Start(t.Context(), o)
	check(t, err)
	t.Cleanup(func() {
		s.Stop()
		if log.String() != "" {
			t.Errorf("the server said:\n%s", log.String())
		}
	})
	return &server{s, t, o.Dir}
}

func (s *server) dial() client.Client {
	s.t.Helper()
	tc, err := dial(s.Server)
	check(s.t, err)
	w := newWorker(tc)
	check(s.t, w.Start())
	s.t.Cleanup(func() { w.Stop(); tc.Close() })
	return tc
}

func dial(s *embedded.Server) (client.Client, error) {
	return client.Dial(client.Options{HostPort: s.Address(), Namespace: "tickmark", Logger: quiet,
		ConnectionOptions: client.ConnectionOptions{TLS: s.TLS()}})
}

func newWorker(tc client.Client) worker.Worker {
	w := worker.New(tc, queue, worker.Options{})
	w.RegisterWorkflow(list)
	return w
}

var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q", err, want)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	await.Until(t, what, ok)
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	check(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	check(t, err)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", url, r.Status, body)
	}
	return string(body)
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
