package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	mailfake "tickmark/activities/fake/mail"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store/storetest/thief"
)

const (
	zone       = "America/New_York"
	digestHour = 2  // when people get their digest: a morning is most of a day here
	quietHour  = 22 // from when nothing is sent
	patience   = time.Second
)

// A world is one installation with its people, on a fast clock.
type world struct {
	options
	seed uint64
	solo bool
	dir  string

	identity string // of Temporal and whoever calls it, where they are processes of their own

	// What production has besides: see production.go.
	thief  *thief.Thief
	loses  atomic.Bool    // Temporal starts with nothing the next time
	befell map[string]int // troubles that came about
	acked  map[string]ack // writes of the load that were answered, by key

	starts atomic.Int64 // of workers: each has another clock
	told   atomic.Int64 // how often somebody who asked was told that clocks differ

	slack    *slackfake.Slack
	scopes   map[string][]string // what the app may do, by team
	mail     *mailfake.Server
	clock    models.Clock
	location *time.Location
	first    models.Date
	api      caller
	database string

	processes []*process // in the order of their start
	sender    *process   // the one that delivers
	gone      []span     // when one of them was not there

	mu        sync.Mutex
	mornings  map[models.Date]*morning
	rest      []string         // of the failpoints of today, for those who are started later today
	hits      map[string]int   // of failpoints
	tasks     map[slot]string  // asked for and acknowledged in time, by whose day it is: the task's id
	added     map[string]int   // titles of tasks that were acknowledged
	questions map[string]asked // acknowledged, by their text
}

// A slot is somebody's day.
type slot struct {
	person string
	day    models.Date
}

// asked is a question to somebody.
type asked struct {
	person
	task string
	day  models.Date
	at   time.Time // when it was acknowledged
}

// at returns the machine's time at an hour of a day.
func (w *world) at(d models.Date, hour float64) time.Time {
	then := d.At(w.location, 0, 0).Add(time.Duration(hour * float64(time.Hour)))
	return w.clock.Origin.Add(time.Duration(float64(then.Sub(w.clock.Origin)) / w.clock.Rate))
}

// today returns the day it is.
func (w *world) today(now time.Time) models.Date { return models.DateIn(w.clock.At(now), w.location) }

// works says whether people work on a day.
func works(d models.Date) bool { return d.Weekday() != time.Sunday }

// next returns the next day on which people work.
func next(d models.Date) models.Date {
	for d = d.AddDays(1); !works(d); d = d.AddDays(1) {
	}
	return d
}

// live plays some mornings and returns what came of them.
func (w *world) live(ctx context.Context, days int) (tally, error) {
	w.mornings, w.hits, w.tasks, w.added, w.questions = map[models.Date]*morning{}, map[string]int{}, map[slot]string{}, map[string]int{},
		map[string]asked{}
	defer w.end()
	if err := w.begin(ctx); err != nil {
		return tally{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go w.watch(ctx)
	if w.options.apart > 0 && !w.solo {
		go w.askOfClocks(ctx)
	}
	w.ask(ctx, w.first, next(w.first))
	busy, rest := context.WithCancel(ctx)
	defer rest()
	var load sync.WaitGroup
	if w.production {
		load.Go(func() { w.load(busy) })
	}
	d := w.first
	for n := range days {
		d = next(d)
		m := w.plan(n, d)
		if err := w.day(ctx, &m); err != nil {
			return tally{}, err
		}
	}
	rest()
	load.Wait()
	for range 2 { // quiet days, on which everything comes to its end
		d = next(d)
		if err := w.day(ctx, &morning{date: d, last: true}); err != nil {
			return tally{}, err
		}
	}
	wrong := w.again(ctx)
	stop()
	w.halt()
	t, err := w.check(context.Background())
	for _, line := range wrong {
		t.breach("%s", line)
	}
	return t, err
}

// plan says what goes wrong on the n-th day.
func (w *world) plan(n int, d models.Date) morning {
	if w.production {
		return w.ordeal(n, d)
	}
	return plan(w.seed, n, d, w.names(), patience)
}

func (w *world) names() []string {
	var names []string
	for _, p := range w.processes {
		names = append(names, p.name)
	}
	return names
}

// begin starts the fakes and the processes, and hires everybody.
func (w *world) begin(ctx context.Context) error {
	var err error
	if w.location, err = time.LoadLocation(zone); err != nil {
		return err
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return err
	}
	w.first = models.Date{Year: 2027, Month: time.January, Day: 11} // a Monday
	now, from := time.Now().UTC(), w.first.At(w.location, 0, 5)
	w.clock.Rate = float64(24*time.Hour) / float64(w.options.day)
	w.clock.Origin = now.Add(-time.Duration(float64(from.Sub(now)) / (w.clock.Rate - 1)))
	if err := w.fakes(); err != nil {
		return err
	}
	start := w.parts
	switch {
	case w.solo:
		start = func(context.Context) error { return w.alone() }
	case w.production:
		start = w.twice
	}
	if err := start(ctx); err != nil {
		return err
	}
	if err := w.api.ready(ctx); err != nil {
		return err
	}
	token, err := os.ReadFile(filepath.Join(w.dir, "admin-token"))
	if err != nil {
		return err
	}
	w.api.token = strings.TrimSpace(string(token))
	return w.staff(ctx)
}

func (w *world) fakes() error {
	var err error
	if w.slack, err = slackfake.New(slackfake.Options{}); err != nil {
		return err
	}
	if err := w.slack.Start(); err != nil {
		return err
	}
	w.scopes = map[string][]string{}
	for _, client := range []string{"north", "south"} {
		ws, err := w.slack.AddWorkspace(slackfake.Workspace{Team: team(client), Name: client})
		if err != nil {
			return err
		}
		w.scopes[ws.Team] = ws.Scopes
	}
	for _, p := range cast {
		if p.mail {
			continue
		}
		if _, err := w.slack.AddUser(team(p.client),
			slackfake.User{ID: p.user(), Name: p.id, RealName: p.id, Email: p.email(), TimeZone: zone}); err != nil {
			return err
		}
	}
	w.mail, err = mailfake.Start(mailfake.Options{})
	return err
}

// env is the environment of the processes that send.
func (w *world) env() []string {
	return append(os.Environ(), "TICKMARK_SLACK_URL="+w.slack.URL()+"/api/", "TICKMARK_SMTP="+w.mail.URL(),
		"TICKMARK_MAIL_FROM=audits@firm.example",
		"TICKMARK_FAILPOINTS="+w.file("failpoints"), "TICKMARK_FAILPOINTS_HIT="+w.file("hits"), "TICKMARK_FAILPOINTS_PATIENCE="+patience.String())
}

func (w *world) file(name string) string { return filepath.Join(w.dir, name) }

// alone starts tickmark-solo.
func (w *world) alone() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	if err := os.Chmod(w.dir, 0o700); err != nil { // it holds logs of ours, and so is not closed by solo itself
		return err
	}
	clock, err := json.Marshal(w.clock)
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.file("clock.json"), clock, 0o600); err != nil {
		return err
	}
	w.api.url, w.database = fmt.Sprintf("http://127.0.0.1:%d", port), "sqlite:"+w.file("tickmark.sqlite")
	return w.process("solo", func() *exec.Cmd {
		cmd := exec.Command(w.options.solo, "--data", w.dir, "--day", w.options.day.String(), "--listen", fmt.Sprintf("127.0.0.1:%d", port),
			"--temporal-ui", "-1", "--sandbox", "-1")
		cmd.Env = w.env()
		return cmd
	})
}

// parts starts PostgreSQL, Temporal, what serves and what works, each for itself.
func (w *world) parts(context.Context) error {
	ports, db, err := w.postgres(3)
	if err != nil {
		return err
	}
	s := setting{Dir: w.dir, Temporal: ports[1], Listen: fmt.Sprintf("127.0.0.1:%d", ports[2]), Database: db.address(),
		Secret: seal.NewKey("chaos"), Clock: w.clock}
	w.api.url, w.database = "http://"+s.Listen, s.Database
	for _, part := range []string{"temporal", "serve", "worker"} {
		if err := w.part(part, s); err != nil {
			return err
		}
	}
	return nil
}

// postgres starts PostgreSQL on the first of some ports that are free, and returns all of them.
func (w *world) postgres(ports int) ([]int, *cluster, error) {
	free := make([]int, ports)
	for i := range free {
		var err error
		if free[i], err = freePort(); err != nil {
			return nil, nil, err
		}
	}
	db, err := newCluster(w.dir, free[0])
	if err != nil {
		return nil, nil, err
	}
	return free, db, w.process("postgres", db.server)
}

// process starts one; the last is the one that delivers.
func (w *world) process(name string, start func() *exec.Cmd) error {
	log, err := logFile(w.dir, name)
	if err != nil {
		return err
	}
	p := &process{name: name, start: start, log: log, rest: 100 * time.Millisecond}
	if name == "postgres" {
		p.bye = syscall.SIGINT // a server that is asked to end at once
	}
	if name == "solo" || name == "worker" || name == "worker-1" {
		w.sender, p.ended = p, w.died
	}
	w.processes = append(w.processes, p)
	return p.up()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// halt ends all processes but the database, the last started first.
func (w *world) halt() {
	for _, p := range slices.Backward(w.processes) {
		if w.gone = append(w.gone, p.away()...); p.name != "postgres" {
			p.end()
		}
	}
}

func (w *world) end() {
	for _, p := range slices.Backward(w.processes) {
		p.end()
	}
	if w.slack != nil {
		_ = w.slack.Close()
	}
	if w.mail != nil {
		_ = w.mail.Close()
	}
	if w.thief != nil {
		w.thief.Close()
	}
}

// arm writes down what is to happen at which step; nothing removes it.
func (w *world) arm(what string) {
	if what == "" {
		_ = os.Remove(w.file("failpoints"))
		return
	}
	tmp := w.file("failpoints.new")
	if err := os.WriteFile(tmp, []byte(what+"\n"), 0o644); err == nil {
		_ = os.Rename(tmp, w.file("failpoints")) // whoever reads it reads all of it
	}
}

// died arms the next failpoint of the day when the process that delivers has ended.
func (w *world) died() {
	w.mu.Lock()
	defer w.mu.Unlock()
	what := ""
	if len(w.rest) > 0 {
		what, w.rest = w.rest[0], w.rest[1:]
	}
	w.arm(what)
}

// watch sees which failpoints were hit, and lets who was stopped go on.
func (w *world) watch(ctx context.Context) {
	seen := 0
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		text, _ := os.ReadFile(w.file("hits")) // there is none before the first
		for ; bytes.Count(text, []byte("\n")) > seen; seen++ {
			line := strings.Split(string(text), "\n")[seen]
			w.mu.Lock()
			w.hits[line]++
			m := w.mornings[w.today(time.Now())]
			w.mu.Unlock()
			if strings.HasSuffix(line, "=stop") && m != nil {
				time.AfterFunc(m.stopped, func() { w.sender.signal(syscall.SIGCONT) })
			}
		}
	}
}

// day plays one.
func (w *world) day(ctx context.Context, m *morning) error {
	if err := sleepUntil(ctx, w.at(m.date, 1)); err != nil {
		return err
	}
	w.mu.Lock()
	w.mornings[m.date], w.rest = m, nil
	if len(m.points) > 0 {
		w.arm(m.points[0])
		w.rest = m.points[1:]
	}
	w.mu.Unlock()
	w.fail(m)
	var together sync.WaitGroup
	defer together.Wait()
	for _, k := range m.kills {
		together.Go(func() { w.kill(ctx, m.date, k) })
	}
	for _, t := range m.troubles {
		together.Go(func() { w.befall(ctx, m.date, t) })
	}
	for _, p := range w.processes {
		p.pause(max(m.rest, 100*time.Millisecond))
	}
	if !m.last {
		together.Go(func() { w.ask(ctx, m.date, next(m.date)) })
	}
	if err := sleepUntil(ctx, w.at(m.date, 19)); err != nil {
		return err
	}
	w.mu.Lock()
	w.rest = nil
	w.arm("")
	w.mu.Unlock()
	w.fail(&morning{})
	w.sender.signal(syscall.SIGCONT)
	together.Wait()
	if err := sleepUntil(ctx, w.at(m.date, 22.5)); err != nil {
		return err
	}
	w.finish(ctx, m.date)
	return ctx.Err()
}

// kill kills a process at its hour of a day.
func (w *world) kill(ctx context.Context, day models.Date, k kill) {
	if sleepUntil(ctx, w.at(day, k.hour)) != nil {
		return
	}
	for _, p := range w.processes {
		if p.name == k.process {
			p.signal(syscall.SIGKILL)
		}
	}
}

// fail lets Slack and the mail server fail as a morning has it.
func (w *world) fail(m *morning) {
	w.slack.SetFaultFunc(nil)
	w.mail.SetFaultFunc(nil)
	w.slack.Set(slackfake.Settings{Lag: m.lag, PageSize: m.pages})
	if m.slack != nil {
		w.slack.SetFaultFunc(m.slack.Chance())
	}
	if m.mail > 0 {
		var mu sync.Mutex
		chance := mailFault(rand.New(rand.NewPCG(w.seed, uint64(m.date.Day))), m.mail)
		w.mail.SetFaultFunc(func(o mailfake.Occasion) *mailfake.Fault {
			mu.Lock()
			defer mu.Unlock()
			return chance(o)
		})
	}
	for team, scopes := range w.scopes {
		if m.blind {
			scopes = slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return strings.HasSuffix(s, ":history") })
		}
		_ = w.slack.SetScopes(team, scopes...) // the workspace is there
	}
}

// ask asks something of everybody for the next day, and some a question in the course of this one.
func (w *world) ask(ctx context.Context, today, tomorrow models.Date) {
	dice := rand.New(rand.NewPCG(w.seed, uint64(today.Day)))
	var together sync.WaitGroup
	for i := range 3 {
		p, hour := cast[dice.IntN(len(cast))], 3+9*dice.Float64() // early enough for a look at messages before it is quiet
		together.Go(func() {
			if sleepUntil(ctx, w.at(today, hour)) != nil {
				return
			}
			w.mu.Lock()
			task := w.tasks[slot{p.id, today}]
			w.mu.Unlock()
			if task == "" {
				return // there is nothing to ask about
			}
			text := fmt.Sprintf("Question %d of %s, is it so?", i, today)
			err := w.api.do(ctx, "POST", "/engagements/"+p.engagement()+"/tasks/"+task+"/comments", fmt.Sprintf("question-%s-%d", today, i),
				object{"text": text, "to": p.id}, nil)
			w.note(err, func() { w.questions[text] = asked{p, task, today, time.Now()} })
		})
	}
	for _, p := range cast {
		together.Go(func() {
			if sleepUntil(ctx, w.at(today, 11+4*float64(len(p.id)%3)/3)) != nil {
				return
			}
			title := fmt.Sprintf("Work of %s for %s", tomorrow, p.id)
			var made struct{ Created string }
			err := w.api.do(ctx, "POST", "/engagements/"+p.engagement()+"/tasks", "work-"+tomorrow.String()+"-"+p.id,
				object{"title": title, "phase": "kickoff", "owner": p.id, "due": tomorrow.String()}, &made)
			w.note(err, func() {
				w.added[title]++
				if time.Now().Before(w.at(tomorrow, digestHour).Add(-w.apart())) {
					w.tasks[slot{p.id, tomorrow}] = made.Created
				}
			})
		})
	}
	together.Wait()
}

// finish completes what was asked of everybody for a day.
func (w *world) finish(ctx context.Context, d models.Date) {
	for _, client := range []string{"north", "south"} {
		var ids []string
		w.mu.Lock()
		for _, p := range cast {
			if id := w.tasks[slot{p.id, d}]; id != "" && p.client == client {
				ids = append(ids, id)
			}
		}
		w.mu.Unlock()
		if len(ids) > 0 {
			err := w.api.do(ctx, "POST", "/engagements/"+client+"-2027/tasks/complete", "complete-"+client+"-"+d.String(), object{"tasks": ids}, nil)
			w.note(err, func() {})
		}
	}
}

// note keeps what was acknowledged. What was refused, or never answered, is said and asked for no more.
func (w *world) note(err error, keep func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		keep()
	} else if !errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "world of seed %d: %v\n", w.seed, err)
	}
}
