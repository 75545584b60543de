package workflows_test

import (
	"path/filepath"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// golden compares what happened with what happened before.
func (w *world) golden(name string) {
	w.t.Helper()
	modelstest.Golden(w.t, filepath.Join("stories", name+".golden"), w.transcript())
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
