package workflows_test

import (
	"maps"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/workflows"
)

// In April the database is lost, and a copy of the first of March is put back under the feet of the workflow, which knows of a later
// revision and is told nothing. People look first and send nothing. The keeper finds the engagement overdue and pokes its workflow, which
// believes what is there now: it moves on, and the engagement gets to its end.
func TestAWorkflowBelievesACopyThatWasPutBack(t *testing.T) {
	w := newWorld(t, "soc2_type1")
	w.start()
	var copied *world
	var before, after, believes int64 // revisions: when the copy was put back, of the copy, and what the workflow believes then
	poked, waited := 0, 0
	moved := func() bool { return after > 0 && w.facts.Engagement.Revision > after }
	w.live(func(w *world, now time.Time, send func(engagement.Command)) {
		today := models.DateIn(now, w.facts.Location())
		if copied == nil && !today.Before(date(t, "2027-03-01")) {
			copied = w.copied()
		}
		if after == 0 && !today.Before(date(t, "2027-04-15")) {
			before, after = w.facts.Engagement.Revision, copied.facts.Engagement.Revision
			w.facts, w.closed, w.known = copied.facts, copied.closed, copied.known
		}
		if moved() && believes == 0 {
			value, err := w.env.QueryWorkflow(workflows.WaitingForQuery)
			var agenda engagement.Agenda
			if err == nil {
				err = value.Get(&agenda)
			}
			if believes = agenda.Revision; err != nil || believes != w.facts.Engagement.Revision {
				t.Errorf("the workflow believes revision %d (%v), where the database has %d", believes, err, w.facts.Engagement.Revision)
			}
		}
		if after == 0 || moved() {
			diligent(w, now, send)
			return
		}
		if waited++; waited > 8 {
			t.Errorf("a day after the copy was put back the engagement has not moved: it is at revision %d", after)
			w.env.CancelWorkflow()
			return
		}
		wake := engagement.AgendaOf(copied.facts, copied.now).Next(copied.now) // as it stands in the copy
		if !wake.IsZero() && wake.Before(now.Add(-30*time.Second)) {
			poked++
			w.env.SignalWorkflow(workflows.PokeSignal, nil)
		}
	}, date(t, "2030-12-31"))
	if after == 0 || before <= after || poked == 0 {
		t.Fatalf("the copy was put back at revision %d and is of revision %d; the keeper poked %d times", before, after, poked)
	}
	if got := w.facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("it ended %s, not completed", got)
	}
}

// copied returns a copy of what the database of a world holds.
func (w *world) copied() *world {
	c := &world{now: w.now, facts: modelstest.CopyOf(w.facts), closed: map[models.TaskID]*engagement.Task{}, known: maps.Clone(w.known)}
	for id, task := range w.closed {
		c.closed[id] = modelstest.CopyOfTask(task)
	}
	return c
}
