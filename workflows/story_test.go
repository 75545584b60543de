package workflows_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares what happened with what happened before.
func (w *world) golden(name string) {
	w.t.Helper()
	path, got := filepath.Join("testdata", "stories", name+".golden"), w.transcript()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if got != string(want) {
		w.t.Errorf("the story %s went otherwise (go test ./workflows -update writes it anew):\n%s", name, got)
	}
}

// start starts the draft before the workflow looks at it, as the API does with the first command.
func (w *world) start() {
	w.t.Helper()
	w.now = date(w.t, "2027-01-04").At(w.facts.Location(), 8, 0)
	c := engagement.Command{Key: "start", Kind: engagement.StartEngagement, Actor: engagement.Actor{Person: "ines", Role: models.RoleManager}}
	if _, err := w.apply(c, w.now); err != nil {
		w.t.Fatal(err)
	}
}

// Every type of engagement runs from kickoff to close when everybody does what is due: on its own, through as many runs as
// there are phases and weeks, and the report comes on the day that was agreed.
func TestEveryEngagementRunsFromKickoffToClose(t *testing.T) {
	for _, typ := range modelstest.Types() {
		t.Run(typ, func(t *testing.T) {
			w := newWorld(t, typ)
			w.start()
			w.live(diligent, date(t, "2030-12-31"))
			if got := w.facts.Engagement.Status; got != engagement.StatusCompleted {
				t.Errorf("it ended %s, not completed", got)
			}
			w.golden(typ)
		})
	}
}
