package app

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
)

// others is a host that answers as handler says; get asks it with the one client.
func others(t *testing.T, handler http.HandlerFunc) (get func(path string) (*http.Response, error)) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client := outgoing()
	t.Cleanup(client.CloseIdleConnections)
	return func(path string) (*http.Response, error) { return client.Get(server.URL + path) }
}

// A redirect is an answer, and nobody is asked at the place to which it leads.
func TestNoRedirectIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var paths []string
		get := others(t, func(w http.ResponseWriter, r *http.Request) {
			paths = append(paths, r.URL.Path)
			http.Redirect(w, r, "/elsewhere", status)
		})
		res, err := get("/asked")
		town.Check(t, err)
		town.Check(t, res.Body.Close())
		if res.StatusCode != status || !slices.Equal(paths, []string{"/asked"}) {
			t.Errorf("%d: answered %d, asked %q", status, res.StatusCode, paths)
		}
	}
}

// An answer is read up to four MiB, as it is unpacked, and no further; one of exactly so much is whole.
func TestAnswersAreBounded(t *testing.T) {
	get := others(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		town.Check(t, err)
		out := io.Writer(w)
		if r.URL.Path == "/packed" {
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			defer func() { _ = zip.Close() }() // the reader may have gone
			out = zip
		}
		_, _ = io.CopyN(out, forever{}, int64(n))
	})
	for _, path := range []string{"/plain", "/packed"} {
		for n, whole := range map[int]bool{0: true, maxAnswer: true, maxAnswer + 1: false, 40 * maxAnswer: false} {
			res, err := get(path + "?n=" + strconv.Itoa(n))
			town.Check(t, err)
			text, err := io.ReadAll(res.Body)
			town.Check(t, res.Body.Close())
			if _, long := errors.AsType[*http.MaxBytesError](err); long == whole || len(text) != min(n, maxAnswer) {
				t.Errorf("%s of %d bytes: %d were read, %v", path, n, len(text), err)
			}
		}
	}
}

// forever is a text without an end.
type forever struct{}

func (forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// Whoever is called reads who calls: Tickmark and its version, or that it was built without one.
func TestTheProgramNamesItself(t *testing.T) {
	var agent string
	get := others(t, func(_ http.ResponseWriter, r *http.Request) { agent = r.Header.Get("User-Agent") })
	res, err := get("/")
	town.Check(t, err)
	town.Check(t, res.Body.Close())
	if agent != userAgent(debug.ReadBuildInfo()) || !strings.HasPrefix(agent, "Tickmark/") {
		t.Errorf("it says %q", agent)
	}
	for version, want := range map[string]string{"v1.4.0": "Tickmark/v1.4.0", "(devel)": "Tickmark/devel", "": "Tickmark/devel"} {
		if got := userAgent(&debug.BuildInfo{Main: debug.Module{Version: version}}, true); got != want {
			t.Errorf("of version %q it says %q", version, got)
		}
	}
	if got := userAgent(nil, false); got != "Tickmark/devel" {
		t.Errorf("of an unknown build it says %q", got)
	}
}

// Every step of a call has a limit, TLS is not older than 1.2, and proxies are those of the environment: of calls and of Socket Mode.
func TestCallsHaveLimits(t *testing.T) {
	client := outgoing()
	b, ok := client.Transport.(bounded)
	if !ok {
		t.Fatalf("calls go by %T", client.Transport)
	}
	by := b.next.(*http.Transport)
	for what, d := range map[string]time.Duration{"the whole call": client.Timeout, "the keys": by.TLSHandshakeTimeout,
		"the headers": by.ResponseHeaderTimeout, "an idle connection": by.IdleConnTimeout,
		"the opening of Socket Mode": dialer().HandshakeTimeout} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s may take %v", what, d)
		}
	}
	if by.MaxResponseHeaderBytes <= 0 || by.TLSClientConfig.MinVersion != tls.VersionTLS12 || by.TLSClientConfig.InsecureSkipVerify ||
		dialer().TLSClientConfig.MinVersion != tls.VersionTLS12 || by.Proxy == nil || dialer().Proxy == nil || dialer().NetDialContext == nil {
		t.Errorf("%+v", by)
	}
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	t.Cleanup(old.Close)
	trusting := by.Clone()
	trusting.TLSClientConfig.InsecureSkipVerify = true // so that nothing but the version is in the way
	res, err := bounded{trusting}.RoundTrip(httptest.NewRequest(http.MethodGet, old.URL, nil))
	if err == nil {
		town.Check(t, res.Body.Close())
	}
	if err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("of TLS 1.1 it says %v", err)
	}
}

// mayCall reports whether a file may make a client of its own: outgoing.go is the one of the product, api/client and the command line are
// the other side of our own API, the fakes and chaos stand for others.
func mayCall(file string) bool {
	if file == "cmd/internal/app/outgoing.go" || file == "cmd/internal/cli/session.go" {
		return true
	}
	return slices.ContainsFunc([]string{"api/client/", "activities/fake/", "cmd/tickmark-solo/chaos/"},
		func(folder string) bool { return strings.HasPrefix(file, folder) })
}

// Nobody in the product makes a client of his own, or uses one that calls without limits.
func TestNobodyElseMakesAClient(t *testing.T) {
	looked := 0
	for _, p := range ours(t) {
		files, err := filepath.Glob(filepath.Join("../../..", p.name, "*.go"))
		town.Check(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || mayCall(p.name+"/"+filepath.Base(file)) {
				continue
			}
			looked++
			for _, where := range callsByItself(t, file, nil) {
				t.Errorf("%s: makes a client of its own: it is given the one of outgoing.go", where)
			}
		}
	}
	if looked < 100 {
		t.Errorf("looked at %d files", looked)
	}
}

// What the lint finds, and what it lets pass.
func TestAClientOfOnesOwnIsFound(t *testing.T) {
	for code, found := range map[string]bool{
		`var c = &http.Client{}`: true, `var c http.Client`: true, `var c = new(http.Client)`: true, `var c = http.DefaultClient`: true,
		`func f() { _, _ = http.Get("x") }`: true, `var f = http.PostForm`: true, `var r = http.DefaultTransport`: true,
		`var r = &http.Transport{}`: true, `var d = websocket.DefaultDialer`: true, `type x struct { d websocket.Dialer }`: true,
		`type x struct { c *http.Client; d *websocket.Dialer }`: false, `var m = http.MethodGet`: false,
		`func f(c *http.Client) { c.Get("x") }`: false,
	} {
		source := "package x\nimport \"net/http\"\nimport \"github.com/gorilla/websocket\"\n" + code
		if got := callsByItself(t, "x.go", source); (len(got) > 0) != found {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// callers are the names by which one calls others: those of a type, which a pointer may name, and those of ready-made clients.
var (
	callerTypes = map[string][]string{"net/http": {"Client", "Transport"}, "github.com/gorilla/websocket": {"Dialer"}}
	callerNames = map[string][]string{"net/http": {"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"},
		"github.com/gorilla/websocket": {"DefaultDialer"}}
)

// callsByItself returns where a file makes a client, or uses a ready-made one. source is what is in it; nil: it is read.
func callsByItself(t *testing.T, file string, source any) []string {
	t.Helper()
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
	town.Check(t, err)
	imported := map[string]string{}
	for _, i := range syntax.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		town.Check(t, err)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		imported[name] = path
	}
	var out []string
	pointed := map[*ast.SelectorExpr]bool{}
	ast.Inspect(syntax, func(n ast.Node) bool {
		if star, ok := n.(*ast.StarExpr); ok {
			if s, ok := star.X.(*ast.SelectorExpr); ok {
				pointed[s] = true
			}
		}
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		if !ok {
			return true
		}
		path := imported[x.Name]
		if slices.Contains(callerNames[path], s.Sel.Name) || slices.Contains(callerTypes[path], s.Sel.Name) && !pointed[s] {
			out = append(out, set.Position(s.Pos()).String())
		}
		return true
	})
	return out
}
