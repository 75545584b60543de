package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
	"tickmark/workflows"
)

// A mailroom is what a sweep asks of the world: so many pages of people, and what each lane has to do.
type mailroom struct {
	mu        sync.Mutex
	env       *testsuite.TestWorkflowEnvironment
	pages     int
	lanes     map[string]int // shifts that each needs
	stuck     map[string]bool
	slow      map[string]int // shifts of each that are cut off first
	broken    int            // times that Schedule fails first
	scheduled []time.Time
	first     int
	page      int
	shifts    map[string][]time.Time
	then      map[string][]workflows.DeliverOutput // what the first shifts of a lane find; the worker is killed where the time is negative
	hurry     func()                               // what comes up half a second after a sweep began, for which somebody hurries
}

func (m *mailroom) Schedule(_ context.Context, in workflows.ScheduleInput) (workflows.ScheduleOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken > 0 {
		m.broken--
		return workflows.ScheduleOutput{}, errors.New("the database does not answer")
	}
	m.scheduled = append(m.scheduled, m.env.Now())
	if in.First {
		m.first++
		m.page = 0
	}
	m.page++
	out := workflows.ScheduleOutput{More: m.page < m.pages}
	for name, n := range m.lanes {
		if n > 0 {
			out.Lanes = append(out.Lanes, workflows.Lane{Firm: "firm", Lane: name})
		}
	}
	slices.SortFunc(out.Lanes, func(a, b workflows.Lane) int { return len(a.Lane) - len(b.Lane) })
	return out, nil
}

func (m *mailroom) Deliver(ctx context.Context, in workflows.DeliverInput) (workflows.DeliverOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := in.Lane.Lane
	m.shifts[name] = append(m.shifts[name], m.env.Now())
	if m.stuck[name] {
		return workflows.DeliverOutput{}, temporal.NewTimeoutError(1, nil)
	}
	if m.slow[name] > 0 {
		m.slow[name]--
		return workflows.DeliverOutput{}, errors.New("the worker was killed")
	}
	m.lanes[name]--
	if outs := m.then[name]; len(outs) > 0 {
		m.then[name] = outs[1:]
		if outs[0].Again < 0 {
			return outs[0], errors.New("the worker was killed")
		}
		return outs[0], nil
	}
	return workflows.DeliverOutput{More: m.lanes[name] > 0}, nil
}

// sweep runs Post to its end and returns its error.
func (m *mailroom) sweep(t *testing.T) error {
	t.Helper()
	return m.run(t, models.Clock{}, workflows.PostInput{Once: true})
}

// run runs Post with an input, or as releases before did without one, to its end and returns its error.
func (m *mailroom) run(t *testing.T, clock models.Clock, in ...any) error {
	t.Helper()
	env := newEnvironment(time.Date(2027, 1, 11, 13, 0, 0, 0, time.UTC))
	m.env, m.shifts = env, map[string][]time.Time{}
	s := workflows.Skeleton{Clock: clock}
	workflows.Register(env, s)
	workflows.RegisterPost(env, m)
	delivered := 0
	// called where the workflow runs, not beside it
	env.SetOnActivityCompletedListener(func(a *activity.Info, _ converter.EncodedValue, _ error) {
		if a.ActivityType.Name == workflows.DeliverActivity {
			delivered++
			env.SetCurrentHistoryLength(6 * delivered) // as a server counts
		}
	})
	if m.hurry != nil {
		env.RegisterDelayedCallback(func() { m.hurry(); env.SignalWorkflow(workflows.HurrySignal, nil) }, time.Second/2)
	}
	env.ExecuteWorkflow(workflows.PostWorkflow, in...)
	if !env.IsWorkflowCompleted() {
		t.Fatal("the sweep never ends")
	}
	return env.GetWorkflowError()
}

// A sweep looks at everybody, page by page, and works on every lane until there is nothing more to do: once more where a page found a lane
// that was being worked on.
func TestASweep(t *testing.T) {
	m := &mailroom{pages: 3, lanes: map[string]int{"a": 1, "bb": 4}}
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	if len(m.scheduled) != 3 || m.first != 1 {
		t.Errorf("%d pages, %d of them first", len(m.scheduled), m.first)
	}
	if a, bb := len(m.shifts["a"]), len(m.shifts["bb"]); a < 1 || a > 2 || bb < 4 || bb > 5 {
		t.Errorf("shifts: %v", m.shifts)
	}
}

// One workspace does not answer: its shift fails again and again, and the sweep ends all the same, having worked on the others at once.
func TestAStuckLaneEndsItsShift(t *testing.T) {
	m := &mailroom{pages: 1, lanes: map[string]int{"a": 1, "bb": 3}, stuck: map[string]bool{"a": true}}
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	if len(m.shifts["bb"]) != 3 || len(m.shifts["a"]) < 2 {
		t.Errorf("shifts: %v", m.shifts)
	}
	if last := m.shifts["bb"][2].Sub(m.scheduled[0]); last > 5*time.Second {
		t.Errorf("the others waited %s", last)
	}
}

// Joel asks for a test message while a lane is being worked on: the sweep that is under way looks again at once, beside that lane. What
// came into the busy lane is looked for there once more, since it may have come after the lane's last look.
func TestSomebodyHurries(t *testing.T) {
	m := &mailroom{pages: 1, lanes: map[string]int{"a": 1}, slow: map[string]int{"a": 1}}
	m.hurry = func() { m.lanes["bb"] = 1 }
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	if m.first != 2 || len(m.shifts["bb"]) != 1 || len(m.shifts["a"]) != 3 {
		t.Fatalf("%d sweeps, shifts: %v", m.first, m.shifts)
	}
	if !m.shifts["bb"][0].Before(m.shifts["a"][1]) {
		t.Errorf("it waited for the busy lane: %v", m.shifts)
	}
}

// Slack asks a workspace to wait for half a minute, and refuses one message, which goes by mail: the mail goes out at once, and the
// workspace is worked on again after its half minute, not only by the next sweep. An hour is left to that.
func TestWhatComesAfterAShift(t *testing.T) {
	mail := workflows.Lane{Firm: "firm", Lane: "mail"}
	m := &mailroom{pages: 1, lanes: map[string]int{"a": 1, "bb": 1},
		then: map[string][]workflows.DeliverOutput{"a": {{Again: 30 * time.Second, Lanes: []workflows.Lane{mail}}}, "bb": {{Again: time.Hour}}}}
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	began := m.scheduled[0]
	if a := m.shifts["a"]; len(a) != 2 || a[1].Sub(began) < 30*time.Second || a[1].Sub(began) > 40*time.Second {
		t.Errorf("the workspace: %v", a)
	}
	if all := m.shifts["mail"]; len(all) != 1 || all[0].Sub(began) > 5*time.Second {
		t.Errorf("the mail: %v", all)
	}
	if bb := m.shifts["bb"]; len(bb) != 1 || m.first != 1 {
		t.Errorf("what waits for an hour was worked on %d times, in %d sweeps", len(bb), m.first)
	}
}

// A shift finds people for whom the day was not planned: they are planned for at once.
func TestWhoIsFoundIsPlannedFor(t *testing.T) {
	m := &mailroom{pages: 2, lanes: map[string]int{"a": 1}, then: map[string][]workflows.DeliverOutput{"a": {{Sweep: true}}}}
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	if m.first != 2 || m.scheduled[2].Sub(m.scheduled[0]) > 5*time.Second {
		t.Errorf("%d sweeps at %v", m.first, m.scheduled)
	}
}

// A lane has something to do at once when its run is too old to begin another shift: a new run goes on, and it is not left to the next
// sweep. A run that has nothing left ends.
func TestALongMorningGoesOnAtOnce(t *testing.T) {
	for more, want := range map[bool]bool{true: true, false: false} {
		m := &mailroom{pages: 1, lanes: map[string]int{"a": 3}, then: map[string][]workflows.DeliverOutput{
			"a": {{Again: 239 * time.Second}, {Again: -1}, {Again: -1}, {More: more}}}}
		err := m.sweep(t)
		if _, again := errors.AsType[*workflow.ContinueAsNewError](err); again != want {
			t.Errorf("more to do: %t, and the run ended with %v after %d shifts", more, err, len(m.shifts["a"]))
		}
		if n := len(m.shifts["a"]); n != 4 {
			t.Errorf("%d shifts", n)
		}
	}
}

// The database is away for a moment: the sweep goes on when it is back.
func TestASweepOutlivesTheDatabase(t *testing.T) {
	m := &mailroom{pages: 1, broken: 2}
	if err := m.sweep(t); err != nil {
		t.Fatal(err)
	}
	m = &mailroom{pages: 1, broken: 100}
	if err := m.sweep(t); err == nil {
		t.Error("a sweep without a database has not failed: nobody would know")
	}
}

// A lane with more work than a sweep has time for is left to the next one, and a sweep with too much history goes on in a new run.
func TestASweepDoesNotGrow(t *testing.T) {
	m := &mailroom{pages: 1, lanes: map[string]int{"a": 1_000_000}}
	err := m.sweep(t)
	var again *workflow.ContinueAsNewError
	if err != nil && !errors.As(err, &again) {
		t.Fatal(err)
	}
	if n := len(m.shifts["a"]); n < 10 || n > 1000 {
		t.Errorf("%d shifts in one run", n)
	}
}

// Runs that a release before started sweep, on a fast clock, several times in every engagement day.
func TestSweepsOnAFastClock(t *testing.T) {
	for day, most := range map[time.Duration]time.Duration{10 * time.Second: 10 * time.Second, time.Second: time.Second, 24 * time.Hour: 0} {
		clock := models.Clock{Origin: time.Date(2027, 1, 11, 13, 0, 0, 0, time.UTC), Rate: float64(24*time.Hour) / float64(day)}
		start, again := workflows.Skeleton{Clock: clock}.Every()
		m := &mailroom{pages: 1}
		if err := m.run(t, clock); err != nil {
			t.Fatal(err)
		}
		if most == 0 {
			if again != 0 || start != 5*time.Minute || m.first != 1 {
				t.Errorf("at an ordinary pace: every %s, %d sweeps a run", start, m.first)
			}
			continue
		}
		if again > day/4 || start < time.Second {
			t.Errorf("a day of %s: a run every %s, a sweep every %s", day, start, again)
		}
		if covered := time.Duration(m.first) * again; covered < start-again || covered > start+again {
			t.Errorf("a day of %s: %d sweeps in a run, which is started every %s", day, m.first, start)
		}
	}
}
