package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// The clock of the worker's machine is ahead of the server's, or behind. By how much is named where somebody asks the server, and where
// somebody asks about messages; half a minute is not worth a word. A process of a release before this one says nothing of its clock.
func TestClocksThatDiffer(t *testing.T) {
	a := &App{}
	said := func(p store.Process) string {
		if d := a.apart([]store.Process{p}); d > 0 {
			return d.Round(time.Minute).String()
		}
		return "nothing"
	}
	for _, rate := range []float64{0, 1, 960} {
		a.cfg.Clock = models.Clock{Origin: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Rate: rate}
		for by, want := range map[time.Duration]string{30 * time.Second: "nothing", -30 * time.Second: "nothing", 5 * time.Minute: "5m0s",
			-5 * time.Minute: "5m0s", time.Hour: "1h0m0s", -time.Hour: "1h0m0s"} {
			if rate > 1 && by.Abs() == 5*time.Minute {
				want = "nothing" // a third of a second of the machine's time
			}
			ago := 4 * time.Second
			p := store.Process{Clock: a.cfg.Clock.At(time.Now().Add(-ago)).Add(by), Ago: ago}
			if got := said(p); got != want && rate <= 1 || rate > 1 && (got == "nothing") != (want == "nothing") {
				t.Errorf("at %g times the machine's pace, %s: %s", rate, by, got)
			}
		}
	}
	if got := said(store.Process{Ago: time.Second}); got != "nothing" {
		t.Errorf("of a clock that nobody told: %s", got)
	}
}

// Both processes of an installation run, and another machine says that it is an hour later. The server names that, for operators and in
// the health of messages, and commands are carried out.
func TestAClockThatIsWrongIsNamed(t *testing.T) {
	in := install(t)
	if _, state, text := in.ready(); isNamed(state, clocksPart) {
		t.Errorf("all clocks are right, and it says %s", text)
	}
	stranger := store.Process{ID: "another machine", Carries: true, Clock: time.Now().Add(time.Hour)}
	if err := in.w.Root.Alive(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	status, state, text := in.ready()
	if status != http.StatusOK || !isNamed(state, clocksPart) || !strings.Contains(text, "by up to 60 minutes") &&
		!strings.Contains(text, "by up to 59 minutes") {
		t.Errorf("it says %d %s", status, text)
	}
	if _, health := in.health(); !strings.Contains(health, fmt.Sprintf("%q", clocksPart)) {
		t.Errorf("the health of messages is %s", health)
	}
	if code := in.command(); code != http.StatusOK {
		t.Errorf("a command is answered %d %s", code, in.answer)
	}
}
