package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
)

// A Result is what a Change came to. It is kept with the idempotency key and given again when the key comes again.
type Result struct {
	Revision int64  `json:"revision"`          // of the engagement, after
	Created  string `json:"created,omitempty"` // id of the task or decision that was made
	Events   int    `json:"events"`            // how many events were added
	Replayed bool   `json:"-"`                 // the key was known: nothing was done this time
}

// Change reads the facts of an engagement under its lock, has decide change them, and writes what decide touched, its
// events and the answer to the key: all of it or, when decide refuses, nothing. decide returns the id of what it made, if
// anything. It is the only way in which an engagement changes.
//
// The events are numbered on without holes and bear the key. The revision grows by one when anything but the next wake
// changed. When once.Key is known, decide is not called: Change returns the facts as they are now and the stored result with
// Replayed set. An empty key is not looked up and not remembered: so the workflow moves its engagement on.
//
// Besides what decide refuses, it refuses: not found, when this firm has no such engagement; key reused, when the key came
// with another request; stale, when once.IfRevision is not the revision; conflict, when decide makes a task or decision
// whose id is taken; invalid, when a date to be stored is out of range. decide may be called again after a rollback.
func (s *Store) Change(ctx context.Context, id models.EngagementID, once Once, need models.Need, now time.Time,
	decide func(*models.Facts) (created string, err error)) (*models.Facts, Result, error) {
	var f *models.Facts
	var result Result
	err := s.root.write(ctx, "change an engagement", func(tx *gorm.DB) error {
		f, result = nil, Result{}
		h, err := s.head(tx, id, forChange)
		if err != nil {
			return err
		}
		known, err := recall(s, tx, once, id, &result)
		if err != nil {
			return err
		}
		if !known {
			if err := once.stale("the engagement", h.engagement.Revision); err != nil {
				return err
			}
		}
		if f, err = s.facts(tx, h, need); err != nil {
			return err
		}
		if known {
			result.Replayed = true
			return nil
		}
		before := imageOf(&h.engagement, f)
		if result.Created, err = decide(f); err != nil {
			return err
		}
		if err := s.apply(tx, before, f, once); err != nil {
			return err
		}
		result.Revision, result.Events = f.Engagement.Revision, len(f.Changes().Events)
		return s.remember(tx, once, id, result, now)
	})
	if err != nil {
		return nil, Result{}, err
	}
	return f, result, nil
}

// An image is what was stored before a decision, to tell what it changed.
type image struct {
	row       *engagementRow
	team      []memberRow
	phases    []phaseRow
	gates     []gateRow
	tasks     map[models.TaskID]bool
	decisions map[string]bool
}

func imageOf(row *engagementRow, f *models.Facts) image {
	ref := models.Ref{Firm: f.Engagement.Firm, Engagement: f.Engagement.ID}
	w := &writer{} // what was read can be written
	was := engagementOf(w, f.Engagement)
	was.EventSeq, was.CommentSeq = row.EventSeq, row.CommentSeq
	before := image{row: &was, team: members(f.Engagement), tasks: make(map[models.TaskID]bool, len(f.Tasks)), decisions: map[string]bool{}}
	for i, p := range f.Phases {
		before.phases = append(before.phases, phaseOf(w, ref, i, p))
	}
	for _, g := range f.Gates {
		before.gates = append(before.gates, gateOf(w, ref, g))
	}
	for _, t := range f.Tasks {
		before.tasks[t.ID] = true
	}
	for _, d := range f.Decisions {
		before.decisions[d.ID] = true
	}
	return before
}

// apply writes what a decision changed.
func (s *Store) apply(tx *gorm.DB, before image, f *models.Facts, once Once) error {
	ref := models.Ref{Firm: s.firm, Engagement: models.EngagementID(before.row.ID)}
	f.Engagement.Firm, f.Engagement.ID = ref.Firm, ref.Engagement // not decide's to change
	f.Engagement.Revision = before.row.Revision
	w := &writer{}
	changes := f.Changes()

	after := engagementOf(w, f.Engagement)
	after.EventSeq = before.row.EventSeq + int64(len(changes.Events))
	after.CommentSeq = before.row.CommentSeq + int64(len(changes.Comments))
	phases, err := s.applyPhases(tx, w, ref, before.phases, f.Phases)
	if err != nil {
		return err
	}
	gates, err := s.applyGates(tx, w, ref, before.gates, f.Gates)
	if err != nil {
		return err
	}
	if err := s.applyTasks(tx, w, ref, before.tasks, changes.Tasks); err != nil {
		return err
	}
	if err := s.applyDecisions(tx, w, ref, before.decisions, changes.Decisions); err != nil {
		return err
	}
	if w.err != nil {
		return w.err
	}
	if err := s.append(tx, ref, before.row, changes, once.Key); err != nil {
		return err
	}
	if err := s.applyTeam(tx, ref, before.team, members(f.Engagement)); err != nil {
		return err
	}
	asleep := *before.row
	asleep.Wake = after.Wake
	if after != asleep || phases || gates || len(changes.Tasks)+len(changes.Decisions) > 0 {
		after.Revision++
	}
	if after == *before.row {
		return nil
	}
	f.Engagement.Revision = after.Revision
	if err := tx.Model(&after).Select("*").Omit("firm_id", "id", "client_id", "created_at").Updates(&after).Error; err != nil {
		return fail("write the engagement", err)
	}
	return nil
}

// applyPhases writes the phases that changed and removes those that are gone, as a draft's may be.
func (s *Store) applyPhases(tx *gorm.DB, w *writer, ref models.Ref, before []phaseRow, phases []models.PhaseState) (bool, error) {
	was := make(map[string]phaseRow, len(before))
	for _, p := range before {
		was[p.Phase] = p
	}
	var changed []phaseRow
	for i, p := range phases {
		row := phaseOf(w, ref, i, p)
		if was[row.Phase] != row {
			changed = append(changed, row)
		}
		delete(was, row.Phase)
	}
	if len(changed) > 0 {
		if err := upsert(tx, changed); err != nil {
			return false, fail("write the phases", err)
		}
	}
	for _, gone := range was {
		if err := tx.Delete(&gone).Error; err != nil {
			return false, fail("remove a phase", err)
		}
	}
	return len(changed)+len(was) > 0, nil
}

// applyGates writes the gates that changed. A gate opened anew is a row of its own: how it was signed before stays.
func (s *Store) applyGates(tx *gorm.DB, w *writer, ref models.Ref, before []gateRow, gates []models.Gate) (bool, error) {
	type key struct {
		id    string
		round int
	}
	was := make(map[key]gateRow, len(before))
	for _, g := range before {
		was[key{g.ID, g.Round}] = g
	}
	var changed []gateRow
	for _, g := range gates {
		row := gateOf(w, ref, g)
		if was[key{row.ID, row.Round}] != row {
			changed = append(changed, row)
		}
	}
	if len(changed) == 0 {
		return false, nil
	}
	return true, fail("write the gates", upsert(tx, changed))
}

// applyTasks writes the tasks that were touched. A new one must be new in the database too: a closed task that was not
// loaded is never written over.
func (s *Store) applyTasks(tx *gorm.DB, w *writer, ref models.Ref, loaded map[models.TaskID]bool, touched []*models.Task) error {
	var added, changed []taskRow
	for _, t := range touched {
		if loaded[t.ID] {
			changed = append(changed, taskOf(w, ref, t))
		} else {
			added = append(added, taskOf(w, ref, t))
		}
	}
	if len(added) > 0 {
		if err := tx.CreateInBatches(&added, batch).Error; duplicate(err) {
			return models.Refuse(models.Conflict, "tasks", "a task with the same id exists already in this engagement")
		} else if err != nil {
			return fail("add tasks", err)
		}
	}
	return fail("write tasks", upsert(tx, changed))
}

func (s *Store) applyDecisions(tx *gorm.DB, w *writer, ref models.Ref, loaded map[string]bool, touched []*models.Decision) error {
	var added, changed []decisionRow
	for _, d := range touched {
		if loaded[d.ID] {
			changed = append(changed, decisionOf(w, ref, d))
		} else {
			added = append(added, decisionOf(w, ref, d))
		}
	}
	if len(added) > 0 {
		if err := tx.Create(&added).Error; duplicate(err) {
			return models.Refuse(models.Conflict, "decision", "a decision with the same id exists already in this engagement")
		} else if err != nil {
			return fail("add decisions", err)
		}
	}
	return fail("write decisions", upsert(tx, changed))
}

// append adds events and comments, numbered on from the last ones.
func (s *Store) append(tx *gorm.DB, ref models.Ref, before *engagementRow, changes models.Changes, key string) error {
	if len(changes.Events) > 0 {
		rows := make([]eventRow, len(changes.Events))
		for i, e := range changes.Events {
			e.Seq, e.Key = before.EventSeq+int64(i)+1, key
			rows[i] = eventOf(ref, e)
		}
		if err := tx.CreateInBatches(&rows, batch).Error; err != nil {
			return fail("add events", err)
		}
	}
	if len(changes.Comments) > 0 {
		rows := make([]commentRow, len(changes.Comments))
		for i, c := range changes.Comments {
			rows[i] = commentOf(ref, before.CommentSeq+int64(i)+1, c)
		}
		if err := tx.CreateInBatches(&rows, batch).Error; err != nil {
			return fail("add comments", err)
		}
	}
	return nil
}

// applyTeam writes who takes part, when that changed.
func (s *Store) applyTeam(tx *gorm.DB, ref models.Ref, before, after []memberRow) error {
	if sameRows(before, after) {
		return nil
	}
	if err := tx.Where("firm_id = ? AND engagement_id = ?", string(ref.Firm), string(ref.Engagement)).Delete(&memberRow{}).Error; err != nil {
		return fail("write the team", err)
	}
	if len(after) == 0 {
		return nil
	}
	return fail("write the team", tx.Create(&after).Error)
}

// batch is how many rows one INSERT carries: databases limit its values, to 32,766 in SQLite.
const batch = 200

// upsert writes whole rows, whether they are there or not.
func upsert[T any](tx *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, batch).Error
}

func sameRows[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
