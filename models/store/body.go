package store

import (
	"cmp"
	"slices"
	"sync"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A body is what is stored below an engagement's row and is not closed. It is only read.
type body struct {
	stamp     string
	tasks     []*engagement.Task // open ones, by id; shared by the bodies before and after
	texts     int                // how many texts are in their lists
	phases    []engagement.PhaseState
	gates     []engagement.Gate // as of their last round, by id
	decisions []decisionRow     // pending ones, the first one first
	questions []questionRow     // open ones, the first one first
}

// body puts what was found in order: a query of several tables promises none.
func (b *found) body(stamp string) *body {
	out := &body{stamp: stamp, tasks: b.tasks, gates: lastRounds(b.gates), decisions: b.decisions, questions: b.questions}
	slices.SortFunc(b.phases, func(x, y phaseRow) int { return cmp.Compare(x.Position, y.Position) })
	for i := range b.phases {
		out.phases = append(out.phases, b.phases[i].model(b.r))
	}
	return out.sorted()
}

func (b *body) sorted() *body {
	slices.SortFunc(b.tasks, func(x, y *engagement.Task) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.decisions, func(x, y decisionRow) int {
		return cmp.Or(cmp.Compare(len(x.ID), len(y.ID)), cmp.Compare(x.ID, y.ID))
	})
	slices.SortFunc(b.questions, func(x, y questionRow) int {
		return cmp.Or(cmp.Compare(len(x.ID), len(y.ID)), cmp.Compare(x.ID, y.ID))
	})
	b.texts = 0
	for _, t := range b.tasks {
		b.texts += len(t.After)
	}
	return b
}

// lastRounds returns the gates as of their last round, in the order of their ids.
func lastRounds(rows []gateRow) []engagement.Gate {
	slices.SortFunc(rows, func(x, y gateRow) int { return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Round, y.Round)) })
	var out []engagement.Gate
	for i := range rows {
		if i+1 == len(rows) || rows[i+1].ID != rows[i].ID {
			out = append(out, rows[i].model())
		}
	}
	return out
}

// task returns the place of an open task, and whether it is there.
func (b *body) task(id models.TaskID) (int, bool) {
	return slices.BinarySearchFunc(b.tasks, id, func(t *engagement.Task, id models.TaskID) int { return cmp.Compare(t.ID, id) })
}

// copyTo fills the facts with copies that share nothing with the body.
func (b *body) copyTo(f *engagement.Facts, r *reader) {
	tasks, texts := make([]engagement.Task, len(b.tasks)), make([]string, 0, b.texts)
	f.Tasks = make([]*engagement.Task, len(tasks), len(tasks)+8)
	for i := range tasks {
		t := &tasks[i]
		*t = *b.tasks[i]
		if n := len(texts); t.After != nil {
			texts = append(texts, t.After...)
			t.After = texts[n:len(texts):len(texts)]
		}
		f.Tasks[i] = t
	}
	f.Phases, f.Gates = slices.Clone(b.phases), slices.Clone(b.gates)
	for i := range b.decisions {
		d := b.decisions[i].model(r)
		f.Decisions = append(f.Decisions, &d)
	}
	for i := range b.questions {
		q := b.questions[i].model()
		f.Questions = append(f.Questions, &q)
	}
}

// written are the rows that a change wrote.
type written struct {
	tasks     []taskRow
	phases    []phaseRow // all of them
	gates     []gateRow
	decisions []decisionRow
	questions []questionRow
}

// after returns the body as it is stored once the rows are written: read from the rows, as the next one to ask would.
func (b *body) after(w written, r *reader) *body {
	out := &body{tasks: b.tasksAfter(w.tasks, r), gates: b.gatesAfter(w.gates), decisions: b.decisionsAfter(w.decisions),
		questions: b.questionsAfter(w.questions)}
	for i := range w.phases {
		out.phases = append(out.phases, w.phases[i].model(r))
	}
	return out.sorted()
}

// tasksAfter returns the tasks that are not closed once rows are written.
func (b *body) tasksAfter(rows []taskRow, r *reader) []*engagement.Task {
	out := make([]*engagement.Task, 0, len(b.tasks)+len(rows))
	touched := make(map[string]bool, len(rows))
	for i := range rows {
		touched[rows[i].ID] = true
	}
	for _, t := range b.tasks {
		if !touched[string(t.ID)] {
			out = append(out, t)
		}
	}
	for i := range rows {
		if t := rows[i].model(r); !t.State.Closed() {
			out = append(out, &t)
		}
	}
	return out
}

// gatesAfter returns the gates in their present round once rows are written.
func (b *body) gatesAfter(rows []gateRow) []engagement.Gate {
	out := slices.Clone(b.gates)
	for i := range rows {
		g := rows[i].model()
		n, there := slices.BinarySearchFunc(out, g.ID, func(g engagement.Gate, id string) int { return cmp.Compare(g.ID, id) })
		switch {
		case !there:
			out = slices.Insert(out, n, g)
		case g.Round >= out[n].Round:
			out[n] = g
		}
	}
	return out
}

// decisionsAfter returns the pending decisions once rows are written.
func (b *body) decisionsAfter(rows []decisionRow) []decisionRow {
	var out []decisionRow
	touched := make(map[string]bool, len(rows))
	for _, d := range rows {
		touched[d.ID] = true
		if d.State == string(engagement.DecisionPending) {
			out = append(out, d)
		}
	}
	for _, d := range b.decisions {
		if !touched[d.ID] {
			out = append(out, d)
		}
	}
	return out
}

// questionsAfter returns the open questions once rows are written.
func (b *body) questionsAfter(rows []questionRow) []questionRow {
	var out []questionRow
	touched := make(map[string]bool, len(rows))
	for _, q := range rows {
		touched[q.ID] = true
		if q.State == string(engagement.QuestionOpen) {
			out = append(out, q)
		}
	}
	for _, q := range b.questions {
		if !touched[q.ID] {
			out = append(out, q)
		}
	}
	return out
}

// bodies keeps what was read of the engagements that are being worked on, since reading their hundreds of tasks costs more
// than all the rest of a change: so a change costs the same in the first week and in the twelfth month. What is kept is used
// only while the engagement's row, which is read every time and locked by whoever changes anything, bears the same stamp. A
// stamp comes once: a database that was restored or failed over to never has the stamp of what was lost.
type bodies struct {
	mu   sync.Mutex
	kept map[models.Ref]*body
}

// maxBodies is how many are kept: a hundred engagements with 300 open tasks take about 20 MB.
const maxBodies = 100

func (b *bodies) get(e *engagementRow) *body {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kept := b.kept[models.Ref{Firm: models.FirmID(e.FirmID), Engagement: models.EngagementID(e.ID)}]; kept != nil &&
		kept.stamp == e.Stamp && e.Stamp != "" {
		return kept
	}
	return nil
}

// put keeps a body. When there are too many, it forgets any other.
func (b *bodies) put(e *engagementRow, is *body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ref := models.Ref{Firm: models.FirmID(e.FirmID), Engagement: models.EngagementID(e.ID)}
	if b.kept == nil {
		b.kept = map[models.Ref]*body{}
	}
	if b.kept[ref] == nil && len(b.kept) >= maxBodies {
		for other := range b.kept {
			delete(b.kept, other)
			break
		}
	}
	b.kept[ref] = is
}
