package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A series is what a number is counted under: the values of its labels. None of them names a firm, a client, an engagement or a person.
type series [2]string

// metrics are what a process counts. They serve many goroutines.
type metrics struct {
	mu         sync.Mutex
	deliveries map[series]int // by channel and outcome
	commands   map[string]*latency
	away       map[string]*turned // by why
}

// turned are the requests that were turned away for one reason.
type turned struct {
	count, told int // told: how many there were when it was logged last
	at          time.Time
}

// tellAwayEvery is how often at most it is logged that requests are turned away for one reason.
const tellAwayEvery = time.Minute

// turnedAway counts a request that was turned away at a moment. It returns how many there were since it was logged last, this one among
// them, and 0 when it is too soon to log it again.
func (m *metrics) turnedAway(why string, now time.Time) (since int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.away[why]
	if t == nil {
		t = &turned{}
		m.away[why] = t
	}
	t.count++
	if ago := now.Sub(t.at); t.told > 0 && ago >= 0 && ago < tellAwayEvery { // a clock that was set back silences nothing
		return 0
	}
	since = t.count - t.told
	t.told, t.at = t.count, now
	return since
}

// turnedAway notes a request that was turned away, and logs it once a minute.
func (a *App) turnedAway(why string, r *http.Request) {
	if n := a.metrics.turnedAway(why, time.Now()); n > 0 {
		a.cfg.Log.Warn("requests are turned away before anything looks at them: see TICKMARK_HOSTS and TICKMARK_PUBLIC_URL", "by", why,
			"host", fmt.Sprintf("%.80s", r.Host), "origin", fmt.Sprintf("%.80s", r.Header.Get("Origin")), "since_last_line", n)
	}
}

// A latency is how long commands of one outcome took: how many took at most as long as each bound says.
type latency struct {
	within [len(bounds)]int
	count  int
	sum    time.Duration
}

// bounds are those of latencies.
var bounds = [...]time.Duration{time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2500 * time.Millisecond, 5 * time.Second, 10 * time.Second}

func newMetrics() *metrics {
	return &metrics{deliveries: map[series]int{}, commands: map[string]*latency{}, away: map[string]*turned{}}
}

// became counts what became of a message.
func (m *metrics) became(channel, status string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deliveries[series{channel, status}]++
}

// took counts how long a command took.
func (m *metrics) took(outcome string, d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.commands[outcome]
	if l == nil {
		l = &latency{}
		m.commands[outcome] = l
	}
	for i, bound := range bounds {
		if d <= bound {
			l.within[i]++
		}
	}
	l.count++
	l.sum += d
}

// measured carries out commands and counts how long they take.
type measured struct {
	engagement.Engine
	metrics *metrics
}

// Apply carries out one command.
func (t measured) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	began := time.Now()
	result, err := t.Engine.Apply(ctx, ref, c)
	t.metrics.took(outcomeOf(err), time.Since(began))
	return result, err
}

// outcomeOf names what came of a command.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "done"
	case models.CodeOf(err) == models.Unavailable:
		return "unavailable"
	case models.CodeOf(err) != "":
		return "refused"
	}
	return "failed"
}

// commands returns what carries out commands, whatever face they come by.
func (a *App) commands() engagement.Engine { return measured{a.Root, a.metrics} }

// status answers operators, and their machines, until ctx ends: whether the process lives, whether it can do its work, and what it counts.
func (a *App) status(ctx context.Context) error {
	listener, err := net.Listen("tcp", a.cfg.Status)
	if err != nil {
		return err
	}
	address, of := listener.Addr().String(), a.cfg
	of.Listen = of.Status
	hosts, err := of.served(listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	a.statusAt.Store(&address)
	a.cfg.Log.Info("operators can ask how this process does", "listen", address)
	return a.answer(ctx, statusPart, listener, guard(hosts, a.turnedAway, a.statusHandler()))
}

// statusHandler returns what answers operators. Everything is shown for GET and HEAD, and there is nothing else.
func (a *App) statusHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, readiness{Status: "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		state := a.readiness(ctx)
		code := http.StatusOK
		if state.Status != ready {
			code = http.StatusServiceUnavailable
		}
		writeJSON(w, code, state)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		a.writeMetrics(ctx, w)
	})
	return mux
}

// ready is the status of what can do its work.
const ready = "ready"

// readiness is an answer about how the process does.
type readiness struct {
	Status  string          `json:"status"`
	Missing []store.Missing `json:"missing,omitempty"`
}

// readiness says whether the process can do its work: a server, and a worker, when the database lets itself be written to; a worker when
// its workers ask for work and Temporal answers, too. What else is missing is named.
func (a *App) readiness(ctx context.Context) readiness {
	if err := a.Root.Writable(ctx); err != nil {
		away := store.Missing{Part: databasePart, Detail: "the database does not answer"}
		if refusal, ok := errors.AsType[*models.Error](err); ok {
			away.Detail = refusal.Message
		}
		return readiness{"not ready", append([]store.Missing{away}, a.lacks()...)}
	}
	out := readiness{ready, a.missing(ctx)}
	if a.listener != nil {
		return out
	}
	lacks := a.looked.Load()
	if !a.carries.Load() || lacks == nil || slices.ContainsFunc(*lacks, func(m store.Missing) bool { return m.Part != workerPart }) {
		out.Status = "not ready"
	}
	return out
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may be gone
}

// writeMetrics writes what the process counts, in Prometheus' text format.
func (a *App) writeMetrics(ctx context.Context, to io.Writer) {
	w := bufio.NewWriter(to)
	defer func() { _ = w.Flush() }() // whoever asked may be gone
	up, ends := a.parts.counts()
	head(w, "tickmark_part_up", "gauge", "Whether all parts of this kind work.")
	for _, kind := range slices.Sorted(maps.Keys(up)) {
		fmt.Fprintf(w, "tickmark_part_up{part=%q} %d\n", kind, up[kind])
	}
	head(w, "tickmark_part_failures_total", "counter", "How often parts, or pieces of their work, failed, panicked or hung.")
	for _, e := range slices.SortedFunc(maps.Keys(ends), func(x, y ending) int { return strings.Compare(x.kind+x.how, y.kind+y.how) }) {
		fmt.Fprintf(w, "tickmark_part_failures_total{part=%q,how=%q} %d\n", e.kind, e.how, ends[e])
	}
	head(w, "tickmark_locked_workspaces", "gauge", "Of how many Slack workspaces the secrets do not open with the keys of this process.")
	fmt.Fprintf(w, "tickmark_locked_workspaces %d\n", a.locked.Load())
	head(w, "tickmark_activities_lost", "gauge", "Activities that were given up and have not returned: each keeps a place of a worker.")
	fmt.Fprintf(w, "tickmark_activities_lost %d\n", a.errands.lost())
	a.metrics.write(w)
	a.writeQueues(ctx, w)
}

// write writes what has been counted of messages and commands.
func (m *metrics) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head(w, "tickmark_deliveries_total", "counter", "What became of messages that were tried, looked for or suppressed.")
	for _, s := range slices.SortedFunc(maps.Keys(m.deliveries), func(x, y series) int { return strings.Compare(x[0]+x[1], y[0]+y[1]) }) {
		fmt.Fprintf(w, "tickmark_deliveries_total{channel=%q,outcome=%q} %d\n", s[0], s[1], m.deliveries[s])
	}
	head(w, "tickmark_turned_away_total", "counter", "Requests that were refused for their Host or Origin.")
	for _, why := range slices.Sorted(maps.Keys(m.away)) {
		fmt.Fprintf(w, "tickmark_turned_away_total{by=%q} %d\n", why, m.away[why].count)
	}
	head(w, "tickmark_command_seconds", "histogram", "How long commands took, from a face's call to the answer.")
	for _, outcome := range slices.Sorted(maps.Keys(m.commands)) {
		l := m.commands[outcome]
		for i, bound := range bounds {
			fmt.Fprintf(w, "tickmark_command_seconds_bucket{outcome=%q,le=\"%g\"} %d\n", outcome, bound.Seconds(), l.within[i])
		}
		fmt.Fprintf(w, "tickmark_command_seconds_bucket{outcome=%q,le=\"+Inf\"} %d\n", outcome, l.count)
		fmt.Fprintf(w, "tickmark_command_seconds_sum{outcome=%q} %g\n", outcome, l.sum.Seconds())
		fmt.Fprintf(w, "tickmark_command_seconds_count{outcome=%q} %d\n", outcome, l.count)
	}
}

// writeQueues writes what is asked of the database for each answer.
func (a *App) writeQueues(ctx context.Context, w io.Writer) {
	head(w, "tickmark_database_writable", "gauge", "Whether the database lets itself be written to.")
	if err := a.Root.Writable(ctx); err != nil {
		fmt.Fprintln(w, "tickmark_database_writable 0")
		return
	}
	fmt.Fprintln(w, "tickmark_database_writable 1")
	head(w, "tickmark_missing", "gauge", "What does not work in the whole installation.")
	for _, m := range a.missing(ctx) {
		fmt.Fprintf(w, "tickmark_missing{part=%q} 1\n", m.Part)
	}
	q, err := a.Root.Queues(ctx, a.Now(), time.Now())
	if err != nil {
		return
	}
	head(w, "tickmark_queue_age_seconds", "gauge", "How long the oldest has waited: messages and engagements in engagement time.")
	for _, age := range []struct {
		queue string
		d     time.Duration
	}{{"messages", q.Messages}, {"inbound", q.Inbound}, {"engagements", q.Engagements}} {
		fmt.Fprintf(w, "tickmark_queue_age_seconds{queue=%q} %g\n", age.queue, age.d.Seconds())
	}
}

func head(w io.Writer, name, kind, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}
