package slackfake

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Lies are answers that are not Slack's, and look more or less as if they were: a client that believes them loses messages, tokens, people
// or its memory.
const (
	FaultMoved307      FaultKind = "307"      // sent on to another host, which answers that all is well
	FaultMoved302      FaultKind = "302"      // the same, as browsers follow it
	FaultPage403       FaultKind = "page_403" // a proxy's page, as are the next four
	FaultPage404       FaultKind = "page_404"
	FaultPage407       FaultKind = "page_407"
	FaultPage408       FaultKind = "page_408"
	FaultPage425       FaultKind = "page_425"
	FaultNull          FaultKind = "null"     // an answer of null
	FaultBare          FaultKind = "bare"     // an answer of {"ok":true} and nothing else
	FaultBareDone      FaultKind = "bare_but" // executed, and answered so
	FaultSwapped       FaultKind = "swapped"  // a whole answer, about something else: with other ids
	FaultHuge          FaultKind = "huge"     // an answer of 600 MB
	FaultHugeDone      FaultKind = "huge_but" // executed, and answered so
	FaultEndless       FaultKind = "endless"  // an answer in chunks that has no end
	FaultRateLimitYear FaultKind = "429_year" // with a Retry-After of a year
	FaultRateLimitAge  FaultKind = "429_age"  // with one of 292 years, the most that a program can count in nanoseconds
)

// Lies are the kinds of faults that are lies.
var Lies = []FaultKind{FaultMoved307, FaultMoved302, FaultPage403, FaultPage404, FaultPage407, FaultPage408, FaultPage425, FaultNull,
	FaultBare, FaultBareDone, FaultSwapped, FaultHuge, FaultHugeDone, FaultEndless, FaultRateLimitYear, FaultRateLimitAge}

// pages are the statuses of proxies' pages.
var pages = map[FaultKind]int{FaultPage403: 403, FaultPage404: 404, FaultPage407: 407, FaultPage408: 408, FaultPage425: 425}

// moved are the statuses of answers that send a call elsewhere.
var moved = map[FaultKind]int{FaultMoved307: http.StatusTemporaryRedirect, FaultMoved302: http.StatusFound}

// Retry-After of a year and of an age, in seconds.
const (
	year = "31536000"
	age  = "9223372036"
)

// huge is how long a huge answer is.
const huge = 600_000_000

// lie answers a call of a method with a lie; it reports whether the fault is one.
func (s *Slack) lie(w http.ResponseWriter, r *http.Request, f Fault, method string) bool {
	switch {
	case moved[f.Kind] != 0:
		w.Header().Set("Location", s.stranger.at()+"/api/"+method)
		w.WriteHeader(moved[f.Kind])
	case pages[f.Kind] != 0:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(pages[f.Kind])
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Not here</h1></body></html>")
	case f.Kind == FaultNull:
		send(w, []byte("null"))
	case f.Kind == FaultBare || f.Kind == FaultBareDone:
		send(w, []byte(`{"ok":true}`))
	case f.Kind == FaultSwapped:
		send(w, swapped(method))
	case f.Kind == FaultHuge || f.Kind == FaultHugeDone:
		w.Header().Set("Content-Length", strconv.Itoa(huge))
		s.pour(w, r, huge)
	case f.Kind == FaultEndless:
		s.pour(w, r, -1)
	case f.Kind == FaultRateLimitYear:
		tooMany(w, year)
	case f.Kind == FaultRateLimitAge:
		tooMany(w, age)
	default:
		return false
	}
	return true
}

// swapped is a whole answer to another call of a method.
func swapped(method string) []byte {
	user := reply{"id": "U0ELSEWHERE", "team_id": "T0ELSEWHERE", "name": "elsewhere", "profile": reply{"email": "elsewhere@elsewhere.test"}}
	answer := reply{"ok": true, "channel": "C0ELSEWHERE"}
	switch {
	case strings.HasPrefix(method, "chat."):
		answer["ts"] = "1700000000.000100"
	case method == "conversations.open":
		answer["channel"] = reply{"id": "D0ELSEWHERE", "is_im": true, "user": "U0ELSEWHERE"}
	case strings.HasPrefix(method, "users."):
		answer["user"] = user
	case method == "auth.test":
		answer["team_id"], answer["team"], answer["user_id"], answer["bot_id"] = "T0ELSEWHERE", "Elsewhere", "U0ELSEWHERE", "B0ELSEWHERE"
	case strings.HasPrefix(method, "views."):
		answer["view"] = reply{"id": "V0ELSEWHERE"}
	}
	return encode(answer)
}

// pour writes the beginning of an answer that would be good, and goes on: for n bytes, or for ever when n is negative. It ends when nobody
// reads any more.
func (s *Slack) pour(w http.ResponseWriter, r *http.Request, n int64) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	chunk := bytes.Repeat([]byte("a"), 64<<10)
	for next := []byte(`{"ok":true,"ts":"`); n != 0 && r.Context().Err() == nil && s.life.Err() == nil; next = chunk {
		if n > 0 {
			next = next[:min(n, int64(len(next)))]
			n -= int64(len(next))
		}
		written, err := w.Write(next)
		s.poured.Add(int64(written))
		if err != nil {
			return
		}
	}
}

// Poured returns how many bytes of huge and endless answers were written. Some of them may have reached nobody.
func (s *Slack) Poured() int64 { return s.poured.Load() }

// A stranger is a host that is not Slack's, and to which an answer sends a call. It says that all is well, whatever it is asked.
type stranger struct {
	mu     sync.Mutex
	server *http.Server
	url    string
	heard  []string
}

// at starts the stranger when it is first wanted, and returns where it is.
func (x *stranger) at() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.server == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "http://127.0.0.1:1" // nobody is there
		}
		x.url = "http://" + l.Addr().String()
		x.server = &http.Server{Handler: x, ReadHeaderTimeout: 10 * time.Second}
		go func(server *http.Server) { _ = server.Serve(l) }(x.server) // it ends with close
	}
	return x.url
}

// ServeHTTP takes whatever comes.
func (x *stranger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody)) // who sends it may have gone
	x.mu.Lock()
	x.heard = append(x.heard, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), body))
	x.mu.Unlock()
	args, _, err := parse(r)
	if err != nil || args["channel"] == "" {
		args = map[string]string{"channel": "C0ELSEWHERE"}
	}
	send(w, encode(reply{"ok": true, "channel": args["channel"], "ts": "1700000000.000200"}))
}

func (x *stranger) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.server != nil {
		_ = x.server.Close() // it is at its end
	}
}

// Strayed returns what reached the host to which redirects lead: with each call its method, its address, its Authorization and its body.
func (s *Slack) Strayed() []string {
	s.stranger.mu.Lock()
	defer s.stranger.mu.Unlock()
	return append([]string(nil), s.stranger.heard...)
}

// lying is what a Slack needs to tell lies.
type lying struct {
	poured   atomic.Int64
	stranger stranger
}
