package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/activities/desk"
	"tickmark/activities/fake/town"
	"tickmark/activities/safely"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/modelstest/await"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// An installation is a server and a worker, as two processes would be, on the database of a town, with a Temporal in which nothing happens.
type installation struct {
	*testing.T
	w        *town.Town
	temporal *quietTemporal
	serve    *App
	worker   *App
	token    string
	task     models.TaskID
	harm     atomic.Pointer[harm]
	stop     map[*App]func() // ends a process, and returns when it has ended
	never    chan struct{}   // what is asked at neverPath is answered when it is closed, on every port
	stuck    atomic.Int64    // requests that wait for that
	commands int
	answer   string // to the last command
}

// A harm is what is done to the parts of a kind, at their next signs of life, until it is over.
type harm struct {
	kind, how string
	over      chan struct{}
	hangs     atomic.Bool // a part does, until over is closed
}

func newHarm(kind, how string) *harm { return &harm{kind: kind, how: how, over: make(chan struct{})} }

// do does the harm to a part that gives a sign of life, if it is one of the kind.
func (h *harm) do(kind string) error {
	if h == nil || h.kind != kind || h.how == deaf {
		return nil
	}
	switch h.how {
	case byPanic:
		panic("harm is done to " + kind)
	case byError:
		return errors.New("harm is done to " + kind)
	}
	h.hangs.Store(true)
	<-h.over
	return nil
}

// deaf is the harm that is done below the signs of life: what comes in at a port, and what a part asks others, is accepted and never
// answered.
const deaf = "deaf"

// makesDeaf reports whether the harm is that.
func (h *harm) makesDeaf(kind string) bool { return h != nil && h.kind == kind && h.how == deaf }

// A deafened listener accepts connections while harm is done to its kind, and hands none of them on.
type deafened struct {
	net.Listener
	kind string
	harm *atomic.Pointer[harm]
}

// Accept returns the next connection that comes while nothing keeps the part from hearing.
func (d deafened) Accept() (net.Conn, error) {
	var held safely.Group
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		h := d.harm.Load()
		if !h.makesDeaf(d.kind) {
			return c, nil
		}
		held.Go(func() error { <-h.over; return c.Close() })
	}
}

// install starts both processes, and returns when they work.
func install(t *testing.T) *installation {
	t.Helper()
	in := &installation{T: t, w: town.OnSQLite(t), temporal: newTemporal(t), never: make(chan struct{}), stop: map[*App]func(){}}
	in.temporal.deaf = func() bool { return in.harm.Load().makesDeaf(workersPart) }
	fake, _ := in.w.Slack.Workspace("TNORTHGATE")
	_, err := in.w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", in.w.Now(),
		func(x *reminders.Workspace) error { x.Socket, x.Secrets.AppToken = true, fake.AppToken; return nil })
	town.Check(t, err)
	in.task = in.w.Task("olga", "Send the organization chart", "2027-01-14")
	token, hash := session.NewToken()
	_, err = in.w.Store.CreateToken(t.Context(), store.Once{}, "marta", "tests", hash, time.Now().AddDate(9, 0, 0), in.w.Now())
	town.Check(t, err)
	in.token = token
	cfg := Config{Database: in.w.DSN, Temporal: in.temporal.address, Rate: 1e6, Log: slog.New(slog.DiscardHandler),
		SecretKeys: town.Keys, SlackURL: in.w.Slack.URL() + "/api/", Status: "127.0.0.1:0", Pace: in.w.Post.Pace}
	cfg.Listen = "127.0.0.1:0"
	in.serve = in.open(cfg)
	cfg.Listen, cfg.Worker, cfg.SMTP, cfg.MailFrom = "", true, "smtp://127.0.0.1:1?tls=none", "audits@firm.example"
	in.worker = in.open(cfg)
	in.run(in.serve)
	in.run(in.worker)
	await.Until(t, "both work, and there is no mail server", func() bool {
		_, state, _ := in.ready()
		return len(state.Missing) == 1 && isNamed(state, "check of mail") && in.w.Slack.Sockets("TNORTHGATE") == 1
	}, func() string { _, _, text := in.ready(); return text })
	return in
}

// open makes a process whose parts are quick to fail and to come back.
func (in *installation) open(cfg Config) *App {
	in.Helper()
	cfg.Trial = &Trial{Fault: func(_ context.Context, kind string) error { return in.harm.Load().do(kind) },
		Limit: func(kind string, own time.Duration) time.Duration {
			if h := in.harm.Load(); h != nil && h.kind == kind && (h.hangs.Load() || h.how == deaf) {
				return 100 * time.Millisecond
			}
			return time.Hour // a machine may be slow
		}}
	a, err := Open(in.Context(), cfg)
	town.Check(in, err)
	a.parts.seam.listener = func(kind string, own net.Listener) net.Listener { return deafened{own, kind, &in.harm} }
	a.parts.seam.handler = in.gettingStuck
	return a
}

// run runs a process until the test ends.
func (in *installation) run(a *App) {
	ctx, stop := context.WithCancel(context.Background())
	var together sync.WaitGroup
	together.Go(func() {
		if err := a.Run(ctx); err != nil {
			in.Error(err)
		}
	})
	in.stop[a] = sync.OnceFunc(func() { stop(); together.Wait() })
	in.Cleanup(func() {
		if h := in.harm.Swap(nil); h != nil {
			close(h.over)
		}
		in.stop[a]()
		a.Close()
	})
}

// command has Marta comment on a task, and returns the status of the answer; 0 when nobody answers.
func (in *installation) command() int {
	in.commands++
	req, err := http.NewRequestWithContext(in.Context(), http.MethodPost, "http://"+in.serve.Address()+"/api/v1/engagements/e1/tasks/"+
		string(in.task)+"/comments", strings.NewReader(fmt.Sprintf(`{"text":"look %d"}`, in.commands)))
	town.Check(in, err)
	req.Header.Set("Authorization", "Bearer "+in.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprint("k", in.commands))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		in.answer = err.Error()
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // what is there of it
	in.answer = string(text)
	return res.StatusCode
}

// ask asks a process how it does, and returns the status, 0 when nobody answers, and what it says.
func ask(ctx context.Context, url string) (int, readiness, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, readiness{}, err.Error()
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, readiness{}, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	var text bytes.Buffer
	var out readiness
	if _, err := io.Copy(&text, res.Body); err != nil {
		return 0, out, err.Error()
	}
	_ = json.Unmarshal(text.Bytes(), &out) // metrics and problems are no such answer
	return res.StatusCode, out, text.String()
}

// ready asks the server's one port.
func (in *installation) ready() (int, readiness, string) {
	return ask(in.Context(), "http://"+in.serve.Address()+"/readyz")
}

// isNamed says whether an answer names a part.
func isNamed(r readiness, kind string) bool {
	return slices.ContainsFunc(r.Missing, func(m store.Missing) bool { return m.Part == kind })
}

// isMissing reports whether a process says of its parts of a kind that one does not work.
func isMissing(a *App, kind string) bool {
	return slices.ContainsFunc(a.parts.missing(), func(m store.Missing) bool { return m.Part == kind })
}

// kinds returns the kinds of the parts of a process, once each, and how many signs of life they have given.
func (a *App) kinds() (kinds []string, beats map[string]int) {
	a.parts.mu.Lock()
	defer a.parts.mu.Unlock()
	beats = map[string]int{}
	for _, w := range a.parts.all {
		if !slices.Contains(kinds, w.kind) {
			kinds = append(kinds, w.kind)
		}
		beats[w.kind] += w.beats
	}
	return kinds, beats
}

// All parts of a server and a worker panic, fail and hang, each in turn, and none of them ends when it is told to while it hangs. Each
// time it is counted and named, by the process itself and by the server for the whole installation; commands are carried out; all other
// parts go on. When it is over the part works again.
func TestOnePartsFailureIsOneParts(t *testing.T) {
	in := install(t)
	for _, a := range []*App{in.serve, in.worker} {
		kinds, _ := a.kinds()
		if len(kinds) < 5 {
			t.Fatalf("parts: %v", kinds)
		}
		for _, kind := range kinds {
			for _, how := range []string{byPanic, byError, byHang} {
				in.suffers(a, kind, how)
			}
		}
	}
}

// suffers has one part of a process suffer harm while all else goes on, and sees it work again.
func (in *installation) suffers(a *App, kind, how string) {
	in.Helper()
	what := kind + ", " + how + ": "
	_, ends := a.parts.counts()
	before := ends[ending{kind, how}]
	h := newHarm(kind, how)
	in.harm.Store(h)
	await.Until(in, what+"it is counted", func() bool {
		_, ends := a.parts.counts()
		return ends[ending{kind, how}] > before
	})
	if !isMissing(a, kind) {
		in.Errorf("%sit is not named: %v", what, a.parts.missing())
	}
	for _, other := range []*App{in.serve, in.worker} {
		in.goesOn(what, other, kind)
	}
	var last string
	if kind != "requests" || how == byHang { // while its own part fails again and again, nobody answers
		await.Until(in, what+"a command is carried out", func() bool { return in.command() == http.StatusOK },
			func() string { return in.answer })
		if kind != "signs of life" || a == in.serve {
			await.Until(in, what+"the server names it", func() bool {
				status, state, text := in.ready()
				last = fmt.Sprint(status, " ", text)
				return status == http.StatusOK && isNamed(state, kind)
			}, func() string { return last })
		}
	}
	in.harm.Store(nil)
	close(h.over)
	if kind == "check of mail" { // there is no mail server
		return
	}
	await.Until(in, what+"it works again", func() bool { return !isMissing(a, kind) }, func() string { return fmt.Sprint(a.parts.missing()) })
	await.Until(in, what+"a command is carried out afterwards", func() bool { return in.command() == http.StatusOK },
		func() string { return in.answer })
}

// goesOn sees all parts of a process but those of one kind give signs of life. Connections of Socket Mode end with what began them.
func (in *installation) goesOn(what string, a *App, but string) {
	in.Helper()
	kinds, before := a.kinds()
	await.Until(in, what+"all others go on", func() bool {
		_, now := a.kinds()
		return !slices.ContainsFunc(kinds, func(kind string) bool {
			return kind != but && (kind != desk.Connection || but != socketsPart) && now[kind] <= before[kind]
		})
	}, func() string { _, now := a.kinds(); return fmt.Sprint(before, now) })
}

// Every part whose work is done by what it has begun hears nothing, while its signs of life could go on: the ports accept connections and
// never answer, Temporal accepts that workers ask for work and never answers, Slack accepts a connection of Socket Mode and is silent. It
// is found to hang, counted and named, all other parts go on, and when it is over it works again. Which parts there are is taken from the
// supervisor's own list; that no other part is of this kind is held by TestWhoRestsHasWorked.
func TestAPartThatAnswersNobodyHangs(t *testing.T) {
	in := install(t)
	tried := map[string]bool{}
	for _, a := range []*App{in.serve, in.worker} {
		kinds, _ := a.kinds()
		for _, kind := range kinds {
			if slices.Contains([]string{requestsPart, statusPart, workersPart, desk.Connection}, kind) {
				in.hearsNothing(a, kind)
				tried[kind] = true
			}
		}
	}
	if len(tried) != 4 {
		t.Errorf("tried: %v", tried)
	}
}

// hearsNothing makes one part of a process deaf, and sees it work again.
func (in *installation) hearsNothing(a *App, kind string) {
	in.Helper()
	what := kind + ", deaf: "
	_, ends := a.parts.counts()
	before := ends[ending{kind, byHang}]
	h := newHarm(kind, deaf)
	in.harm.Store(h)
	if kind == desk.Connection {
		in.slackIsMute(true)
	}
	await.Until(in, what+"it is counted", func() bool {
		_, ends := a.parts.counts()
		return ends[ending{kind, byHang}] > before
	})
	if !isMissing(a, kind) {
		in.Errorf("%sit is not named: %v", what, a.parts.missing())
	}
	for _, other := range []*App{in.serve, in.worker} {
		in.goesOn(what, other, kind)
	}
	in.isTold(what, a, kind)
	in.harm.Store(nil)
	close(h.over)
	if kind == desk.Connection {
		in.slackIsMute(false)
	}
	await.Until(in, what+"it works again", func() bool { return !isMissing(a, kind) }, func() string { return fmt.Sprint(a.parts.missing()) })
	await.Until(in, what+"a command is carried out afterwards", func() bool { return in.command() == http.StatusOK },
		func() string { return in.answer })
	if kind == workersPart {
		await.Until(in, what+"the worker is ready again", func() bool { status, _, _ := in.workerSays(); return status == http.StatusOK })
	}
}

// isTold sees a part of a process be named by the server's port, or by that for operators where that does not answer.
// A worker that is not answered is not ready, and the server knows of none that works.
func (in *installation) isTold(what string, a *App, kind string) {
	in.Helper()
	asked, want, also := in.ready, http.StatusOK, kind
	switch kind {
	case requestsPart:
		asked = func() (int, readiness, string) { return ask(in.Context(), "http://"+*a.statusAt.Load()+"/readyz") }
	case workersPart:
		also = workerPart
	}
	var last string
	named := func(asked func() (int, readiness, string), want int) func() bool {
		return func() bool {
			status, state, text := asked()
			last = fmt.Sprint(status, " ", text)
			return status == want && isNamed(state, kind) && isNamed(state, also)
		}
	}
	await.Until(in, what+"the other port names it", named(asked, want), func() string { return last })
	if kind == workersPart {
		await.Until(in, what+"the worker is not ready", named(in.workerSays, http.StatusServiceUnavailable), func() string { return last })
		await.Until(in, what+"the health of messages names it", func() bool {
			_, last = in.health()
			return strings.Contains(last, `"`+workerPart+`"`) && strings.Contains(last, `"`+workersPart+`"`)
		}, func() string { return last })
	}
}

// workerSays asks the worker's port for operators.
func (in *installation) workerSays() (int, readiness, string) {
	return ask(in.Context(), "http://"+*in.worker.statusAt.Load()+"/readyz")
}

// slackIsMute has Slack say nothing on connections of Socket Mode, or speak again; those that are open end.
func (in *installation) slackIsMute(mute bool) {
	set := in.w.Slack.Settings()
	set.Mute = mute
	in.w.Slack.Set(set)
	in.w.Slack.Disconnect("TNORTHGATE", "refresh_requested")
}

// What listens on all addresses is asked by the loopback address of its family.
func TestWhereAServerIsAsked(t *testing.T) {
	for at, want := range map[string]string{"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "[::1]:80", "127.0.0.2:81": "127.0.0.2:81",
		"[::ffff:0.0.0.0]:80": "127.0.0.1:80", "10.0.0.7:82": "10.0.0.7:82"} {
		if got, err := nearby(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(at))); err != nil || got != want {
			t.Errorf("%s: %s, %v", at, got, err)
		}
	}
}
