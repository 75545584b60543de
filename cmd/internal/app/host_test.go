package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"tickmark/api/gen"
)

// address is where something listens.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// A page at another address, whose name its owner has made to point at Marta's machine, finds nothing there; neither does a page that
// her browser shows beside Tickmark's change anything. The command line, Slack and mail programs come in as ever.
func TestWhoComesInAtAPort(t *testing.T) {
	served, err := Config{Listen: "127.0.0.1:8080", PublicURL: "https://audits.acme.example", Hosts: "Balancer.internal., 10.0.0.7"}.
		served(address("127.0.0.1:8080"))
	if err != nil {
		t.Fatal(err)
	}
	guarded := Guard(served, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	const in, lost, forbidden = http.StatusTeapot, http.StatusMisdirectedRequest, http.StatusForbidden
	for _, c := range []struct {
		method, host, path string
		header             http.Header
		want               int
	}{
		// hosts
		{"GET", "127.0.0.1:8080", "/api/v1/me", nil, in},
		{"GET", "localhost:8080", "/api/v1/me", nil, in},
		{"GET", "LOCALHOST.:8080", "/api/v1/me", nil, in},
		{"GET", "[::1]:8080", "/api/v1/me", nil, in},
		{"GET", "audits.acme.example", "/m/act/x", nil, in},
		{"GET", "audits.acme.example:443", "/m/act/x", nil, in},
		{"GET", "balancer.internal:8080", "/api/v1/me", nil, in},
		{"GET", "10.0.0.7", "/api/v1/me", nil, in},
		{"GET", "10.0.0.8", "/healthz", nil, in},
		{"GET", "evil.example:8080", "/readyz", nil, in},
		{"GET", "evil.example:8080", "/api/v1/me", nil, lost},
		{"POST", "evil.example:8080", "/api/v1/me", http.Header{"Origin": {"http://evil.example:8080"}}, lost},
		{"GET", "evil.example:8080", "/m/act/x", nil, lost},
		{"HEAD", "evil.example:8080", "/api/v1/me", nil, lost},
		{"GET", "10.0.0.8", "/api/v1/me", nil, lost},
		{"GET", "evil.example", "/readyz/../api/v1/me", nil, lost},
		{"GET", "127.0.0.1.evil.example", "/api/v1/me", nil, lost},
		{"GET", "audits.acme.example.evil.example", "/api/v1/me", nil, lost},
		{"GET", "", "/api/v1/me", nil, lost},
		// origins
		{"POST", "127.0.0.1:8080", "/api/v1/clients", nil, in},
		{"POST", "audits.acme.example", "/slack/acme/hq/events", nil, in},
		{"POST", "audits.acme.example", "/m/act/x",
			http.Header{"Origin": {"https://audits.acme.example"}, "Sec-Fetch-Site": {"same-origin"}}, in},
		{"POST", "audits.acme.example", "/m/act/x", http.Header{"Origin": {"https://audits.acme.example"}}, in},
		{"POST", "audits.acme.example", "/m/act/x", http.Header{"Sec-Fetch-Site": {"none"}}, in},
		{"POST", "audits.acme.example", "/m/act/x", http.Header{"Origin": {"https://evil.example"}}, forbidden},
		{"POST", "audits.acme.example", "/m/act/x", http.Header{"Origin": {"null"}}, forbidden},
		{"POST", "127.0.0.1:8080", "/api/v1/clients", http.Header{"Origin": {"http://127.0.0.1:8090"}}, forbidden},
		{"POST", "127.0.0.1:8080", "/api/v1/clients", http.Header{"Sec-Fetch-Site": {"same-site"}}, forbidden},
		{"PUT", "127.0.0.1:8080", "/api/v1/clients", http.Header{"Sec-Fetch-Site": {"cross-site"}}, forbidden},
		{"PATCH", "127.0.0.1:8080", "/api/v1/clients", http.Header{"Sec-Fetch-Site": {"cross-site"}}, forbidden},
		{"DELETE", "127.0.0.1:8080", "/api/v1/clients", http.Header{"Sec-Fetch-Site": {"cross-site"}}, forbidden},
		{"GET", "audits.acme.example", "/m/act/x", http.Header{"Sec-Fetch-Site": {"cross-site"}}, in}, // a link in a mail
	} {
		r := httptest.NewRequest(c.method, "http://127.0.0.1"+c.path, nil)
		r.Host, r.Header = c.host, c.header
		if r.Header == nil {
			r.Header = http.Header{}
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s at %q with %v: %d, want %d", c.method, c.path, c.host, c.header, w.Code, c.want)
		}
		if w.Code != in && c.method != "HEAD" {
			explained(t, strings.HasPrefix(c.path, "/api/"), w)
		}
	}
}

// explained holds a refusal against what programs and people expect: a problem below /api, a sentence elsewhere.
func explained(t *testing.T, problem bool, w *httptest.ResponseRecorder) {
	t.Helper()
	if !problem {
		if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") || w.Body.Len() == 0 {
			t.Errorf("a page is refused with %s %q", kind, w.Body)
		}
		return
	}
	var p gen.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.Code == "" || p.Field == "" || p.Detail == "" {
		t.Errorf("the problem of a %d is %s (%v)", w.Code, w.Body, err)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("a problem is of the type %s", kind)
	}
}

// A machine asks by a wrong name again and again: the operator reads it once a minute, with how often it was, and counts all of it.
func TestWhoIsTurnedAwayIsLoggedAndCounted(t *testing.T) {
	m := newMetrics()
	noon := time.Date(2027, time.January, 11, 12, 0, 0, 0, time.UTC)
	for i, want := range []int{1, 0, 0} {
		if got := m.turnedAway(byHost, noon.Add(time.Duration(i)*time.Second)); got != want {
			t.Errorf("request %d: %d to be told, want %d", i, got, want)
		}
	}
	if got := m.turnedAway(byOrigin, noon); got != 1 {
		t.Errorf("another reason: %d to be told", got)
	}
	if got := m.turnedAway(byHost, noon.Add(tellAwayEvery)); got != 3 {
		t.Errorf("a minute later: %d to be told, want 3", got)
	}
	var log, counted bytes.Buffer
	a := &App{metrics: m, cfg: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, hosts: func(h string) bool { return h == "localhost" }}
	front := a.front(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it came in") }))
	ask := func(header http.Header) {
		r := httptest.NewRequest("POST", "http://localhost/api/v1/clients", nil)
		r.Header = header
		if r.Host = header.Get("X-Host"); r.Host == "" {
			r.Host = "localhost"
		}
		front.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask(http.Header{"X-Host": {"evil.example"}})
	ask(http.Header{"Origin": {"https://evil.example"}})
	m.write(&counted)
	for _, want := range []string{`tickmark_turned_away_total{by="host"} 5`, `tickmark_turned_away_total{by="origin"} 2`} {
		if !strings.Contains(counted.String(), want) {
			t.Errorf("%s is missing in %s", want, &counted)
		}
	}
	if !strings.Contains(log.String(), "by=host host=evil.example") || !strings.Contains(log.String(), "by=origin") {
		t.Errorf("the log says %s", &log)
	}
}

// A server that listens for other machines answers `tickmark --server http://HOST:8080` by its own name and by any IP address, behind
// which it may stand; other names are set.
func TestWhichHostsAServerForOthersAnswers(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		listen, at string
		in, out    []string
	}{
		{"0.0.0.0:8080", "0.0.0.0:8080", []string{own, "192.0.2.7", "2001:db8::1", "localhost", "127.0.0.1"},
			[]string{"evil.example", "", "0x7f.1"}},
		{":8080", "[::]:8080", []string{own, "192.0.2.7"}, []string{"evil.example", ""}},
		{"audits.acme.example:8080", "192.0.2.7:8080", []string{own, "audits.acme.example", "192.0.2.7"}, []string{"192.0.2.8", "evil.example"}},
		{"127.0.0.1:8080", "127.0.0.1:8080", []string{"127.0.0.1"}, []string{"192.0.2.7", "evil.example"}},
	} {
		served, err := Config{Listen: c.listen}.served(address(c.at))
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range c.in {
			if !served(hostOf(host)) {
				t.Errorf("%s does not answer %q", c.listen, host)
			}
		}
		for _, host := range c.out {
			if served(hostOf(host)) {
				t.Errorf("%s answers %q", c.listen, host)
			}
		}
	}
}

// What TICKMARK_HOSTS cannot list is refused before anything is opened but the port.
func TestHostsThatAreNone(t *testing.T) {
	for _, hosts := range []string{"https://audits.acme.example", "audits.acme.example:8080", "a b", "*.acme.example", "me@acme.example"} {
		_, err := Open(t.Context(), Config{Listen: "127.0.0.1:0", Hosts: hosts, Database: "sqlite:" + t.TempDir() + "/x"})
		if err == nil || !strings.Contains(err.Error(), "TICKMARK_HOSTS") {
			t.Errorf("%q: %v", hosts, err)
		}
	}
	var at net.Addr = address("[::1]:8080")
	if served, err := (Config{Hosts: "::2,,[2001:db8::1]"}).served(at); err != nil || !served("::2") || !served("2001:db8::1") {
		t.Errorf("addresses of IPv6: %v", err)
	}
}

// What TICKMARK_PROXIES cannot list is refused before anything is opened but the port.
func TestProxiesThatAreNone(t *testing.T) {
	for _, proxies := range []string{"proxy.internal", "10.0.0.0/33", "10.0.0.1:80", "10.0.0.1 10.0.0.2"} {
		_, err := Open(t.Context(), Config{Listen: "127.0.0.1:0", Proxies: proxies, Database: "sqlite:" + t.TempDir() + "/x"})
		if err == nil || !strings.Contains(err.Error(), "TICKMARK_PROXIES") {
			t.Errorf("%q: %v", proxies, err)
		}
	}
	got, err := Config{Proxies: "10.0.0.7, ::1,,10.1.2.3/16"}.proxies()
	if err != nil || fmt.Sprint(got) != "[10.0.0.7/32 ::1/128 10.1.0.0/16]" {
		t.Errorf("they are %v, %v", got, err)
	}
}
