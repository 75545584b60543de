package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// A checker holds every answer, and every request that was taken, against the document. It reads the document on its own,
// by another road than the server.
type checker struct {
	doc    *openapi3.T
	router routers.Router
}

// newChecker returns the checker that all worlds share: nobody may change its document.
var newChecker = sync.OnceValues(func() (*checker, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	for _, s := range doc.Components.Schemas { // an answer must not have more than the document tells
		if s.Value.Properties != nil && s.Value.AdditionalProperties.Schema == nil {
			no := false
			s.Value.AdditionalProperties.Has = &no
		}
	}
	router, err := legacy.NewRouter(doc)
	return &checker{doc, router}, err
})

var quiet = &openapi3filter.Options{
	AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
	IncludeResponseStatus: true, MultiError: true,
}

// A call is one request.
type call struct {
	who    string // whose token; empty: none
	method string
	path   string // below /api/v1, or from the root with a leading "//"
	body   any    // JSON; a string is sent as it is
	header map[string]string
	key    string // Idempotency-Key; one that nobody used when empty, none when "-"
}

// A reply is its answer.
type reply struct {
	*httptest.ResponseRecorder
	t *world
}

var calls atomic.Int64

// send sends a request and holds it and its answer against the document.
func (w *world) send(c call) reply {
	w.Helper()
	var body []byte
	switch b := c.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		var err error
		if body, err = json.Marshal(b); err != nil {
			w.Fatal(err)
		}
	}
	path := base + c.path
	if rest, ok := strings.CutPrefix(c.path, "//"); ok {
		path = "/" + rest
	}
	req := httptest.NewRequest(c.method, path, bytes.NewReader(body))
	if body == nil {
		req = httptest.NewRequest(c.method, path, http.NoBody)
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.who != "" {
		token, ok := w.tokens[c.who]
		if !ok {
			token = c.who
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if c.key == "" {
		c.key = fmt.Sprint("call-", calls.Add(1))
	}
	if c.method != http.MethodGet && c.key != "-" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	for k, v := range c.header {
		req.Header.Del(k)
		if v != "" {
			req.Header.Set(k, v)
		}
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	req.Body = io.NopCloser(bytes.NewReader(body))
	w.holds(req, rec)
	other := "of bright"
	if strings.HasPrefix(c.who, "bright/") {
		other = "of acme"
	}
	if !strings.Contains(string(body), other) && strings.Contains(rec.Body.String(), other) {
		w.Errorf("%s %s shows %s something %s: %s", c.method, path, c.who, other, rec.Body)
	}
	return reply{rec, w}
}

// holds reports an answer that is not what the document says, and a request that was taken though the document refuses it.
func (w *world) holds(req *http.Request, rec *httptest.ResponseRecorder) {
	w.Helper()
	if rec.Code >= 400 {
		w.problem(req, rec)
	}
	route, params, err := w.check.router.FindRoute(req)
	if err != nil || strings.HasSuffix(req.URL.Path, "/") { // the router of the check forgives a slash at the end
		return // not of the API, or not there
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: quiet}
	if rec.Code < 400 {
		if err := openapi3filter.ValidateRequest(req.Context(), in); err != nil {
			w.Errorf("%s %s was taken with %d though the document says no: %v", req.Method, req.URL, rec.Code, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Options: quiet}
	out.SetBodyBytes(rec.Body.Bytes())
	if err := openapi3filter.ValidateResponse(req.Context(), out); err != nil {
		w.Errorf("%s %s: the answer is not what the document says: %v\n%s", req.Method, req.URL, err, rec.Body)
	}
	if op := route.Operation; slices.Contains([]int{200, 201, 202}, rec.Code) {
		for name, h := range op.Responses.Status(rec.Code).Value.Headers {
			if h.Value.Required && rec.Header().Get(name) == "" {
				w.Errorf("%s %s: the answer lacks %s", req.Method, req.URL, name)
			}
		}
	}
}

// problem reports an error that is not a problem.
func (w *world) problem(req *http.Request, rec *httptest.ResponseRecorder) {
	w.Helper()
	if kind := rec.Header().Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s %s: %d comes as %q", req.Method, req.URL, rec.Code, kind)
		return
	}
	var p any
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
		w.Errorf("%s %s: the problem is not JSON: %v", req.Method, req.URL, err)
		return
	}
	if err := w.check.doc.Components.Schemas["Problem"].Value.VisitJSON(p); err != nil {
		w.Errorf("%s %s: the problem is not what the document says: %v\n%s", req.Method, req.URL, err, rec.Body)
	}
	if status := p.(map[string]any)["status"]; status != float64(rec.Code) {
		w.Errorf("%s %s: the problem says %v, the status %d", req.Method, req.URL, status, rec.Code)
	}
}

// is requires a status.
func (r reply) is(status int) reply {
	r.t.Helper()
	if r.Code != status {
		r.t.Fatalf("status %d instead of %d: %s", r.Code, status, r.Body)
	}
	return r
}

// into reads the answer.
func (r reply) into(v any) reply {
	r.t.Helper()
	if err := json.Unmarshal(r.Body.Bytes(), v); err != nil {
		r.t.Fatalf("%v: %s", err, r.Body)
	}
	return r
}

func (w *world) get(who, path string) reply {
	w.Helper()
	return w.send(call{who: who, method: http.MethodGet, path: path})
}

func (w *world) post(who, path string, body any) reply {
	w.Helper()
	return w.send(call{who: who, method: http.MethodPost, path: path, body: body})
}

func (w *world) patch(who, path string, body any) reply {
	w.Helper()
	return w.send(call{who: who, method: http.MethodPatch, path: path, body: body})
}

// object is a JSON object.
type object = map[string]any
