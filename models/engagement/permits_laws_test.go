package engagement_test

import (
	"math/rand/v2"
	"testing"

	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// The law of the one lock: whatever the command, the role, whom somebody stands in for and the state of things, Permits refuses
// exactly what Decide refuses for who sent it; and what Permits lets pass is refused, if at all, for how things stand.
func TestPermitsIsTheOnlyLock(t *testing.T) {
	t.Parallel()
	all := modelstest.Moments(t)
	r := rand.New(rand.NewPCG(8, 1))
	tried := map[string]int{}
	for _, m := range all {
		for _, info := range engagement.Commands() {
			commands := m.Subjects(info)
			for _, a := range m.Senders() {
				c := commands[r.IntN(len(commands))]
				c.Actor = a
				tried[try(m, c)]++
			}
		}
	}
	phases := map[catalog.Phase]int{}
	for _, m := range all {
		phases[m.Phase]++
	}
	for p, n := range phases {
		if n < modelstest.PerPhase {
			t.Errorf("only %d moments of %s", n, p)
		}
	}
	if len(all) != modelstest.PerPhase*len(phases) || len(phases) != len(modelstest.Catalog().Phases) {
		t.Errorf("moments of %d phases only", len(phases))
	}
	for _, what := range []string{"done", "denied", "not now"} {
		if tried[what] < 500 {
			t.Errorf("the law was tried too little: %v", tried)
		}
	}
	t.Logf("%d moments: %v", len(all), tried)
}

// try sends a command to a copy of the engagement, and says what came of it.
func try(m modelstest.Moment, c engagement.Command) string {
	m.T.Helper()
	f := m.Loaded(engagement.NeedOf(c))
	permits := f.Permits(c.Actor, c, m.Now)
	_, err := engagement.Decide(f, c, m.Now)
	switch {
	case (permits == nil) == modelstest.Denied(err):
		m.T.Errorf("%s: %s for %v sends %s %v%s%s: Permits says %v, Decide %v", m.Today(), c.Actor.Person, c.Actor.For, c.Kind, c.Tasks, c.Gate,
			c.Decision, permits, err)
		return "both"
	case permits != nil:
		return "denied"
	case err != nil:
		return "not now"
	}
	return "done"
}
