package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"tickmark/models/modelstest"
)

const secret = "tm_test_secret"

// here is the package's directory, also for tests that run elsewhere.
var here, _ = os.Getwd()

// A reply is what the fake server answers to one request.
type reply struct {
	status int
	body   string // a file of testdata/api, or JSON
	header map[string]string
}

// ok answers with a file of testdata/api.
func ok(file string) reply { return reply{status: http.StatusOK, body: file} }

// but answers with a file of testdata/api in which something else is said.
func but(file, old, new string) reply {
	return reply{status: http.StatusOK, body: strings.ReplaceAll(ok(file).text(nil), old, new)}
}

// refuse answers with a problem.
func refuse(status int, code, detail, field string) reply {
	return reply{status: status, body: fmt.Sprintf(`{"type":"/api/v1/docs#%s","title":"Refused","status":%d,"code":%q,"detail":%q,"field":%q}`,
		code, status, code, detail, field)}
}

var busy = reply{status: 503, body: `{"type":"/api/v1/docs#unavailable","title":"Not available","status":503,` +
	`"code":"unavailable","detail":"no worker is there: nothing was done"}`,
	header: map[string]string{"Retry-After": "2"}}

// A fake is a server that answers from files, and holds every request and every answer against the API's document.
type fake struct {
	t   *testing.T
	url string

	mu      sync.Mutex
	answers map[string][]reply              // by method and path; one after another, the last for ever
	plans   func(body string) (reply, bool) // what planning says of a plan that is asked for; false: that it can be made
	got     []received
	keys    int // handed out
}

// A received request, as far as tests ask.
type received struct{ call, key, match, body string }

// The answers that are the same in most tests, by operation.
var usual = map[string]reply{
	"getFirm": ok("firm"), "updateFirm": ok("firm"), "getFirmTimeline": ok("firm_timeline"),
	"listAllTasks": ok("tasks_all"), "moveTasks": ok("moves"), "listChanges": ok("changes"), "getWork": ok("work"),
	"getMe": ok("me"), "listClients": ok("clients"), "createClient": created("client"), "getClient": ok("client"),
	"updateClient":  ok("client"),
	"listFunctions": ok("functions"), "assignFunction": ok("function"), "listPeople": ok("people"), "invitePerson": created("person"),
	"getPerson": ok("person"), "updatePerson": ok("person"), "listInvitations": ok("invitations"), "sendInvitation": created("invitation"),
	"listTokens": ok("tokens"), "issueToken": created("token_issued"),
	"revokeToken": {status: http.StatusNoContent}, "getCatalog": ok("catalog"), "makePlan": ok("plan"), "startFromFile": ok("start"),
	"listEngagements": ok("engagements_2"),
	"draftEngagement": created("draft"), "getEngagement": ok("engagement"), "getStatus": ok("status"), "getPlan": ok("plan"),
	"getTimeline": ok("timeline"), "listTasks": ok("tasks"), "getTask": ok("task"), "listGates": ok("gates"), "listDecisions": ok("decisions"),
	"addTask": ok("result_created"), "extendTask": ok("result_extended"), "handOverTask": ok("result_handed"),
	"listQuestions": ok("questions"),
	"moveAsOfDate":  ok("result_proposed"), "handOverPerson": ok("handed"), "handOverEngagement": ok("handed_in"),
	"rehearseEngagement": ok("rehearsal"), "previewMessages": ok("preview"), "listMessages": ok("messages"), "getMessage": ok("message"),
	"resendMessage": created("message_again"), "sendTestMessage": created("message_test"), "getMessagingHealth": ok("messaging_health"),
	"getMessaging": ok("messaging"), "updateMessaging": ok("messaging"), "pauseMessaging": ok("messaging_paused"),
	"resumeMessaging":    ok("messaging"),
	"getPersonMessaging": ok("person_messaging"), "updatePersonMessaging": ok("person_messaging"), "addAbsence": created("absence"),
	"removeAbsence": {status: http.StatusNoContent}, "bindPerson": ok("binding"), "unbindPerson": {status: http.StatusNoContent},
	"listWorkspaces": ok("workspaces"), "addWorkspace": created("workspace"), "getWorkspace": ok("workspace"),
	"updateWorkspace": ok("workspace"),
	"removeWorkspace": {status: http.StatusNoContent}, "installWorkspace": ok("installation"), "getManifest": ok("manifest"),
	"getClientChannel": ok("client_channel"), "setClientChannel": ok("client_channel"),
}

func created(file string) reply {
	return reply{status: http.StatusCreated, body: file, header: map[string]string{"Location": "/api/v1/there"}}
}

func newFake(t *testing.T, answers map[string][]reply) *fake {
	t.Helper()
	if _, err := document(); err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, answers: answers}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

// document reads the API's document. An answer must not have more than it tells.
var document = sync.OnceValues(func() (routers.Router, error) {
	openapi3.SchemaErrorDetailsDisabled = true
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(here, "../../../api/openapi.yaml"))
	if err != nil {
		return nil, err
	}
	for _, s := range doc.Components.Schemas {
		if s.Value.Properties != nil && s.Value.AdditionalProperties.Schema == nil {
			s.Value.AdditionalProperties.Has = new(bool)
		}
	}
	doc.Servers = openapi3.Servers{{URL: "/api/v1"}}
	return legacy.NewRouter(doc)
})

func (f *fake) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(req.URL.Path, "/api/v1")
	call := req.Method + " " + path
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	full := call
	if req.URL.RawQuery != "" {
		full += "?" + req.URL.RawQuery
	}
	f.got = append(f.got, received{full, req.Header.Get("Idempotency-Key"), req.Header.Get("If-Match"), string(body)})
	if got := req.Header.Get("Authorization"); got != "Bearer "+secret {
		f.t.Errorf("%s: Authorization %q", call, got)
	}

	router, _ := document()
	route, params, err := router.FindRoute(req)
	if err != nil {
		f.t.Errorf("%s: not in the document: %v", call, err)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		f.t.Errorf("%s: the request is not as the document says: %v\n%s", call, err, body)
	}

	r := f.answer(req.Method, path, f.got[len(f.got)-1], route.Operation.OperationID)
	if r.status == 0 { // nobody answers
		panic(http.ErrAbortHandler)
	}
	text := r.text(f.t)
	w.Header().Set("Content-Type", "application/json")
	if r.status >= 400 {
		w.Header().Set("Content-Type", "application/problem+json")
	}
	if r.status < 300 && route.Operation.Responses.Status(r.status) != nil &&
		route.Operation.Responses.Status(r.status).Value.Headers["ETag"] != nil {
		w.Header().Set("ETag", `"413"`)
	}
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.status, Header: w.Header(), Options: options}
	if r.header["Content-Type"] == "" && r.status != http.StatusNoContent {
		out.SetBodyBytes([]byte(text))
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			f.t.Errorf("%s: the answer %.40q is not as the document says: %v", call, r.body, err)
		}
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, text)
}

// answer returns what to answer: what the test said, else what its state says, else the usual.
func (f *fake) answer(method, path string, got received, operation string) reply {
	if rest := f.answers[method+" "+path]; len(rest) > 0 {
		if len(rest) > 1 {
			f.answers[method+" "+path] = rest[1:]
		}
		return rest[0]
	}
	if f.plans != nil && operation == "makePlan" {
		if r, refused := f.plans(got.body); refused {
			return r
		}
	}
	if operation == "getDecision" {
		return f.decision(path)
	}
	if r, ok := usual[operation]; ok {
		return r
	}
	return ok("result")
}

// decision answers with one of the decisions of the list that the test or the usual answers have; of D-2 it tells what it would move.
func (f *fake) decision(path string) reply {
	list, id := ok("decisions"), path[strings.LastIndexByte(path, '/')+1:]
	if rest := f.answers["GET "+strings.TrimSuffix(path, "/"+id)]; len(rest) > 0 {
		list = rest[0]
	}
	var all struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(list.text(f.t)), &all); err != nil {
		f.t.Error(err)
	}
	for _, d := range all.Items {
		if d["id"] != id {
			continue
		}
		if d["state"] == "pending" && id == "D-2" {
			d["would"] = json.RawMessage(ok("effects").text(f.t))
		}
		body, err := json.Marshal(d)
		if err != nil {
			f.t.Error(err)
		}
		return reply{status: http.StatusOK, body: string(body)}
	}
	return refuse(http.StatusNotFound, "not_found", "there is no such decision", "decision")
}

func (r reply) text(t *testing.T) string {
	if r.body == "" || strings.HasPrefix(r.body, "{") || strings.HasPrefix(r.body, "<") {
		return r.body
	}
	data, err := os.ReadFile(filepath.Join(here, "testdata", "api", r.body+".json"))
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// A result is what a command line came to.
type ran struct {
	code     int
	out, err string
	slept    []time.Duration
}

// run carries a command line out against the fake.
func (f *fake) run(args ...string) ran {
	f.t.Helper()
	return f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, "", args...)
}

func (f *fake) runWith(env map[string]string, stdin string, args ...string) ran {
	f.t.Helper()
	var r ran
	all := map[string]string{"TICKMARK_URL": f.url}
	maps.Copy(all, env)
	var out, errs bytes.Buffer
	a := newApp(strings.NewReader(stdin), &out, &errs, func(name string) string { return all[name] })
	a.sleep = func(_ context.Context, d time.Duration) error { r.slept = append(r.slept, d); return nil }
	a.newKey = func() string { f.keys++; return fmt.Sprintf("k-%d", f.keys) }
	r.code = Run(f.t.Context(), a.root(), args)
	r.out, r.err = out.String(), errs.String()
	return r
}

// calls returns the requests received so far, and forgets them.
func (f *fake) calls() []received {
	f.mu.Lock()
	defer f.mu.Unlock()
	got := f.got
	f.got = nil
	return got
}

// golden compares a transcript with its file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(here, "testdata", name+".golden")
	if *modelstest.Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", file, got)
	}
}
