package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
	"tickmark/workflows"
)

// A world is an engagement in memory, judged by the real rules. It implements workflows.Activities as the store does: one
// change at a time, all of it or nothing, once for each key.
type world struct {
	t      *testing.T
	facts  *engagement.Facts
	closed map[models.TaskID]*engagement.Task
	known  map[string]engagement.Result
	events []engagement.Event
	runs   int
	now    time.Time // instant of the last activity
	mu     sync.Mutex
	env    *testsuite.TestWorkflowEnvironment // of the present run

	script []*line        // what people do besides their work
	slow   map[string]int // templates that are done so many business days after they are due
}

// A line of a story: on the first business hour from a day on, somebody does something, one line an hour.
type line struct {
	day     models.Date
	who     string
	kind    engagement.Kind
	with    []func(*world, *engagement.Command)
	refused string // what the refusal says; empty when it is done
	said    bool
}

// on adds a line to the script.
func (w *world) on(day, who string, k engagement.Kind, with ...func(*world, *engagement.Command)) {
	w.t.Helper()
	w.script = append(w.script, &line{day: date(w.t, day), who: who, kind: k, with: with})
}

// refuses adds a line that has to be refused, as "code: part of the sentence".
func (w *world) refuses(says, day, who string, k engagement.Kind, with ...func(*world, *engagement.Command)) {
	w.t.Helper()
	w.script = append(w.script, &line{day: date(w.t, day), who: who, kind: k, with: with, refused: says})
}

// lateBy lets the tasks of a template be done so many business days after they are due.
func (w *world) lateBy(template string, days int) {
	if w.slow == nil {
		w.slow = map[string]int{}
	}
	w.slow[template] = days
}

var _ workflows.Activities = (*world)(nil)

func date(t *testing.T, s string) models.Date {
	t.Helper()
	d, err := models.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// newWorld makes a world with a draft of the given type: the cast's own.
func newWorld(t *testing.T, typ string) *world {
	t.Helper()
	t.Parallel() // worlds have nothing in common
	return &world{t: t, facts: modelstest.Draft(t, typ).Facts, closed: map[models.TaskID]*engagement.Task{},
		known: map[string]engagement.Result{}}
}

// loaded returns a copy of the facts with what a need names, closed or not.
func (w *world) loaded(need engagement.Need) *engagement.Facts {
	f := modelstest.CopyOf(w.facts)
	for _, id := range f.Named(need) {
		if t := w.closed[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(f.Tasks, modelstest.CopyOfTask(t))
		}
	}
	return f
}

// change runs decide on a copy of the facts and keeps it unless decide refuses.
func (w *world) change(need engagement.Need, decide func(*engagement.Facts) error) error {
	old := w.facts
	f := w.loaded(need)
	if err := decide(f); err != nil {
		return err
	}
	ch := f.Changes()
	if len(ch.Events)+len(ch.Tasks)+len(ch.Decisions) > 0 {
		f.Engagement.Revision++
	}
	w.events = append(w.events, ch.Events...)
	if was, is := old.Engagement.Summary, f.Engagement.Summary; was.Health != is.Health && was.Health != "" {
		w.events = append(w.events, engagement.Event{At: w.now, Kind: "health", Subject: string(is.Health), Field: "report",
			To: strings.TrimSuffix(is.Forecast.String()+": "+is.Reason, ": ")})
	}
	open := f.Tasks[:0:0]
	for _, t := range f.Tasks {
		if t.State.Closed() {
			w.closed[t.ID] = t
		} else {
			if w.closed[t.ID] != nil && old.Task(t.ID) == nil && !slices.Contains(f.Named(need), t.ID) {
				w.t.Fatalf("%s was made a second time", t.ID)
			}
			delete(w.closed, t.ID)
			open = append(open, t)
		}
	}
	f.Tasks = open
	w.facts = f
	return nil
}

func (w *world) Look(context.Context, workflows.LookInput) (engagement.Agenda, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.env.Now()
	return engagement.AgendaOf(w.facts, w.now), nil
}

func (w *world) Advance(context.Context, workflows.LookInput) (engagement.Agenda, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.env.Now()
	if err := w.change(engagement.Need{}, func(f *engagement.Facts) error { engagement.Advance(f, w.now); return nil }); err != nil {
		return engagement.Agenda{}, err
	}
	a := engagement.AgendaOf(w.facts, w.now)
	if a.Ready {
		w.t.Errorf("%s: ready again right after advancing: %+v", w.now, a)
	}
	if !a.Wake.IsZero() && !a.Wake.After(w.now) {
		w.t.Errorf("%s: wakes in the past: %+v", w.now, a)
	}
	return a, nil
}

func (w *world) apply(c engagement.Command, now time.Time) (r engagement.Result, err error) {
	if known, ok := w.known[c.Key]; ok {
		known.Replayed = true
		return known, nil
	}
	err = w.change(engagement.NeedOf(c), func(f *engagement.Facts) error {
		r.Created, err = engagement.Decide(f, c, now)
		return err
	})
	r.Revision = w.facts.Engagement.Revision
	if err == nil {
		w.known[c.Key] = r
	}
	return r, err
}

// people is what somebody does on a morning: it may send any number of commands.
type people func(w *world, morning time.Time, send func(engagement.Command))

// newEnvironment returns an environment for a workflow that begins at an instant. It measures nothing by real time: on a busy machine a
// workflow that got no processor for a second is not deadlocked, and a test that takes long is not stuck.
func newEnvironment(start time.Time) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(start)
	env.SetTestTimeout(math.MaxInt64)
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: math.MaxInt64})
	return env
}

// live plays the engagement through as many runs as it takes, until it ends or the day comes; people act every business
// morning at nine and again every hour until they have nothing left to do.
func (w *world) live(act people, until models.Date) {
	w.t.Helper()
	start := w.now
	if start.IsZero() {
		start = date(w.t, "2027-01-04").At(w.facts.Location(), 8, 0)
	}
	for ; w.runs < 2000; w.runs++ {
		env := newEnvironment(start)
		w.env = env
		workflows.Register(env, workflows.Skeleton{})
		env.RegisterActivity(w)
		w.schedule(env, act, until)
		env.ExecuteWorkflow(workflows.EngagementWorkflow, models.Ref{Firm: "acme", Engagement: "e1"})
		start = env.Now()
		if !env.IsWorkflowCompleted() {
			w.t.Fatalf("run %d did not end", w.runs)
		}
		err := env.GetWorkflowError()
		if workflow.IsContinueAsNewError(err) {
			continue
		}
		if temporal.IsCanceledError(err) { // the story is over
			return
		}
		if err != nil {
			w.t.Fatal(err)
		}
		return
	}
	w.t.Fatal("2,000 runs and no end")
}

// schedule wakes the people for their next business hour.
func (w *world) schedule(env *testsuite.TestWorkflowEnvironment, act people, until models.Date) {
	next := nextHour(env.Now().In(w.facts.Location()), w.facts)
	env.RegisterDelayedCallback(func() {
		now := env.Now()
		today := models.DateIn(now, w.facts.Location())
		if !today.Before(until) {
			env.CancelWorkflow()
			return
		}
		if !w.say(today, func(l *line, c engagement.Command) { w.sendLine(env, l, c, now) }) {
			var second time.Duration // one after the other: time passes when the one before has had its effect
			act(w, now, func(c engagement.Command) {
				env.RegisterDelayedCallback(func() { w.send(env, c, now) }, second)
				second += time.Second
			})
		}
		w.schedule(env, act, until)
	}, next.Sub(env.Now()))
}

// nextHour returns the next hour between nine and five on a day on which the firm or the client works.
func nextHour(now time.Time, f *engagement.Facts) time.Time {
	t := now.Truncate(time.Hour).Add(time.Hour)
	off := func(d models.Date) bool { return !f.ClientDays.IsBusiness(d) && !f.FirmDays.IsBusiness(d) }
	for t.Hour() < 9 || t.Hour() > 16 || off(models.DateIn(t, f.Location())) {
		t = t.Add(time.Hour)
	}
	return t
}

// say lets the next line be said whose day has come, and reports whether there was one: others listen then.
func (w *world) say(today models.Date, send func(*line, engagement.Command)) bool {
	for _, l := range w.script {
		if !l.said && !l.day.After(today) {
			l.said = true
			c := engagement.Command{Kind: l.kind, Actor: engagement.Actor{Person: models.PersonID(l.who)}}
			for _, with := range l.with {
				with(w, &c)
			}
			send(l, c)
			return true
		}
	}
	return false
}

func (w *world) send(env *testsuite.TestWorkflowEnvironment, c engagement.Command, now time.Time) {
	w.sendLine(env, nil, c, now)
}

func (w *world) sendLine(env *testsuite.TestWorkflowEnvironment, l *line, c engagement.Command, now time.Time) {
	for _, p := range w.facts.People {
		if p.ID == c.Actor.Person {
			c.Actor.Role, c.Actor.Client = p.Role, p.Client
		}
	}
	if c.Key == "" {
		c.Key = fmt.Sprintf("%s-%s-%s-%v%s%s", now.Format("20060102T15"), c.Kind, c.Actor.Person, c.Tasks, c.Gate, c.Decision)
		c.Key = strings.NewReplacer(" ", ",", "[", "", "]", "").Replace(c.Key)
		c.Key = c.Key[:min(200, len(c.Key))]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = env.Now()
	before := w.facts.Engagement
	_, err := w.apply(c, w.now)
	if err == nil && engagement.Wakes(before, w.facts.Engagement, w.now) {
		env.SignalWorkflow(workflows.PokeSignal, nil)
	}
	w.answered(l, c, now, err)
}

// answered notes a refusal that the story expects; any other is a mistake.
func (w *world) answered(l *line, c engagement.Command, now time.Time, err error) {
	refusal, refused := errors.AsType[*models.Error](err)
	switch {
	case err == nil && (l == nil || l.refused == ""):
		return
	case l != nil && l.refused != "" && refused && strings.Contains(string(refusal.Code)+": "+refusal.Message, l.refused):
		w.events = append(w.events, engagement.Event{At: now, Actor: c.Actor.Person, Kind: "refused", Subject: string(c.Kind),
			To: refusal.Message})
		return
	}
	w.t.Errorf("%s: %s %s %v%s%s: %v", now.Format("2006-01-02T15"), c.Actor.Person, c.Kind, c.Tasks, c.Gate, c.Decision, err)
}

// diligent people do what is their turn, twenty tasks at once, but for what the story says is done late.
func diligent(w *world, now time.Time, send func(engagement.Command)) {
	f := w.facts
	if need := reminders.NeedToRehearse(f); len(need.Tasks) > 0 {
		f = w.loaded(need)
	}
	today := f.Today(now)
	late := func(t *engagement.Task) bool {
		return w.slow[t.Template] > 0 && f.ClientDays.Count(t.Due, today) < w.slow[t.Template]
	}
	for _, c := range (modelstest.Habits{AtOnce: 20, Later: late}).Turns(f, now) {
		send(c)
	}
}

// transcript tells what happened, a line for each event that moves the engagement, counting the rest.
func (w *world) transcript() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d people, kickoff %s\n", w.facts.Engagement.Type, w.facts.Engagement.Headcount, w.facts.Engagement.Kickoff)
	fmt.Fprintf(&b, "baseline report %s, as-of %s, window %s..%s\n\n", w.facts.Engagement.Baseline.Report, w.facts.Engagement.AsOf,
		w.facts.Engagement.Window().Start, w.facts.Engagement.Window().End)
	tally := map[string]int{}
	flush := func() {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(tally)) {
			parts = append(parts, fmt.Sprintf("%d %s", tally[k], k))
		}
		if len(parts) > 0 {
			fmt.Fprintf(&b, "            (%s)\n", strings.Join(parts, ", "))
		}
		clear(tally)
	}
	for _, e := range w.events {
		if strings.HasPrefix(e.Kind, "task.") && e.Kind != "task.moved" {
			tally[e.Kind]++
			continue
		}
		flush()
		who := string(e.Actor)
		if who == "" {
			who = "-"
		}
		line := fmt.Sprintf("%s  %-7s %-20s %s", models.DateIn(e.At, w.facts.Location()), who, e.Kind, e.Subject)
		if e.Field != "" || e.To != "" {
			line += fmt.Sprintf(" %s %s", e.Field, e.To)
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	flush()
	e := w.facts.Engagement
	fmt.Fprintf(&b, "\n%s, %d tasks closed, %d open, %d%% on time\n", e.Status, len(w.closed), len(w.facts.Tasks),
		100*e.Pace.OnTime/max(1, e.Pace.Closed))
	return b.String()
}

// quiet is a logger that says nothing.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
