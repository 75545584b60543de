package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Changed is the answer of Change. It is kept with the idempotency key and given again when the key comes again.
type Changed struct {
	Revision int64  `json:"revision"`          // of the engagement, after
	Created  string `json:"created,omitempty"` // id of the task, decision or question that was made
	Events   int    `json:"events"`            // how many events were added
	// Shift is what it did to due dates; nil where it was not about any.
	Shift    *engagement.Shift `json:"shift,omitempty"`
	Effect   []string          `json:"effect,omitempty"` // what a pause or its end does, in sentences
	Replayed bool              `json:"-"`                // the key was known: nothing was done this time
}

// Change reads the facts of an engagement under its lock, has decide change them, and writes what decide touched, its
// events and the answer to the key: all of it or, when decide refuses, nothing. decide returns the id of what it made, if
// anything. It is the only way in which an engagement changes. It happens at now, or at the instant of the engagement's last event where
// that is later, which decide is told.
//
// Where once.Typed says that somebody typed the answer to a question, it is scheduled to be said there what it was taken for.
//
// The events are numbered on without holes and bear the key. The revision grows by one when anything but the next wake
// changed. When once.Key is known, decide is not called: Change returns the facts as they are now and the stored result with
// Replayed set. An empty key is not looked up and not remembered: so the workflow moves its engagement on.
//
// Besides what decide refuses, it refuses: not found, when this firm has no such engagement; key reused, when the key came
// with another request; stale, when once.IfRevision is not the revision; conflict, when decide makes a task, decision or question
// whose id is taken; invalid, when a date to be stored is out of range. decide may be called again after a rollback.
func (s *Store) Change(ctx context.Context, id models.EngagementID, once Once, need engagement.Need, now time.Time,
	decide func(*engagement.Facts, time.Time) (created string, err error)) (*engagement.Facts, Changed, error) {
	var f *engagement.Facts
	var result Changed
	var c *change
	done, err := s.root.turn(ctx, models.Ref{Firm: s.firm, Engagement: id})
	if err != nil {
		return nil, Changed{}, err
	}
	defer done()
	err = s.root.keyed(ctx, once, "change an engagement", func(tx *gorm.DB) error {
		f, result, c = nil, Changed{}, nil
		p := &pipeline{}
		h := s.head(p, id, forChange)
		if once.Token != "" { // what else there is to know of who asks stands in the facts: see engagement.Decide
			admitted(p, s, once)
		}
		known := recalled(p, s, once, id, &result)
		if err := p.send(tx); err != nil {
			return err
		}
		if !*known {
			if err := once.stale("the engagement", h.engagement.Revision); err != nil {
				return err
			}
		}
		var err error
		var before *body
		if f, before, err = s.facts(tx, h, need); err != nil {
			return err
		}
		if *known {
			result.Replayed = true
			return nil
		}
		at := now
		if last := instant(h.engagement.EventAt); last.After(at) {
			at = last
		}
		c = newChange(tx, &h.engagement, before, f, once.Key, at)
		c.clock = s.root.clock()
		if result.Created, err = decide(f, at); err != nil {
			return err
		}
		if err := c.write(f); err != nil {
			return err
		}
		result.Revision, result.Events, result.Shift, result.Effect = f.Engagement.Revision, c.added, f.Shifted(), f.Said()
		if err := s.remember(&c.out, once, id, result, now); err != nil {
			return err
		}
		if err := c.out.send(tx); err != nil {
			return err
		}
		return s.confirm(tx, once, f, at)
	})
	if err != nil {
		return nil, Changed{}, err
	}
	if c != nil && c.after != nil {
		s.root.bodies.put(c.row, c.after)
	}
	return f, result, nil
}

// A change knows what was stored before a decision, to write only what it changed.
type change struct {
	tx  *gorm.DB
	out pipeline // what is to be written
	ref models.Ref
	key string
	now time.Time
	w   *writer

	clock string // see Root.clock

	row       *engagementRow // as it was, then as it is
	before    *body
	team      []memberRow
	named     map[models.TaskID]engagement.Task // closed ones that were read, as they were
	decisions map[string]bool
	questions map[string]bool

	added int // events
	rows  written
	after *body // nil: nothing changed
}

func newChange(tx *gorm.DB, row *engagementRow, before *body, f *engagement.Facts, key string, now time.Time) *change {
	c := &change{tx: tx, ref: models.Ref{Firm: f.Engagement.Firm, Engagement: f.Engagement.ID}, key: key, now: now, w: &writer{},
		before: before,
		team:   members(f.Engagement), named: map[models.TaskID]engagement.Task{}, decisions: make(map[string]bool, len(f.Decisions)),
		questions: make(map[string]bool, len(f.Questions))}
	was := *row
	c.row = &was
	for _, t := range f.Tasks[len(before.tasks):] {
		c.named[t.ID] = *t
	}
	for _, d := range f.Decisions {
		c.decisions[d.ID] = true
	}
	for _, q := range f.Questions {
		c.questions[q.ID] = true
	}
	return c
}

// write has written what a decision made of the facts, as soon as the pipeline is sent.
func (c *change) write(f *engagement.Facts) error {
	f.Engagement.Firm, f.Engagement.ID, f.Engagement.Revision = c.ref.Firm, c.ref.Engagement, c.row.Revision // not decide's to change
	changes := f.Changes()
	c.added = len(changes.Events)
	row := engagementOf(c.w, f.Engagement)
	row.EventSeq, row.CommentSeq, row.Stamp = c.row.EventSeq+int64(len(changes.Events)), c.row.CommentSeq+int64(len(changes.Comments)),
		c.row.Stamp
	row.EventAt = c.row.EventAt
	for _, e := range changes.Events {
		row.EventAt = max(row.EventAt, micros(e.At))
	}

	if err := c.keepCatalog(f); err != nil {
		return err
	}
	below := len(changes.Tasks)+len(changes.Decisions)+len(changes.Questions) > 0
	for _, changed := range []bool{c.writePhases(f.Phases), c.writeGates(f.Gates)} {
		below = below || changed
	}
	c.writeTasks(changes.Tasks)
	c.writeDecisions(changes.Decisions)
	c.writeQuestions(changes.Questions)
	c.add(changes)
	c.writeTeam(members(f.Engagement))
	c.notify(changes)
	r := &reader{}
	c.row.inWordsOf(&row, c.w, r)
	if err := firstOf(c.w.err, r.err); err != nil {
		return err
	}
	asleep := *c.row
	asleep.Wake, asleep.Outlook = row.Wake, row.Outlook // neither is a change of the engagement
	if row != asleep || below {
		row.Revision++
	}
	if row == *c.row {
		return nil
	}
	c.keepForecasts(&row, f.Engagement)
	row.Stamp = newID("s")
	row.ClientID, row.Created = c.row.ClientID, c.row.Created // neither ever changes
	engagementTable.move(&c.out, "write the engagement", c.row, &row)
	f.Engagement.Revision = row.Revision
	c.row, c.after = &row, c.before.after(c.rows, r)
	c.after.stamp = row.Stamp
	return r.err
}

// writePhases writes the phases that changed and removes those that are gone, as a draft's may be. It returns whether there are any.
func (c *change) writePhases(phases []engagement.PhaseState) bool {
	was := make(map[string]phaseRow, len(c.before.phases))
	for i, p := range c.before.phases {
		was[string(p.Phase)] = phaseOf(c.w, c.ref, i, p)
	}
	var changed []phaseRow
	for i, p := range phases {
		row := phaseOf(c.w, c.ref, i, p)
		if was[row.Phase] != row {
			changed = append(changed, row)
		}
		delete(was, row.Phase)
		c.rows.phases = append(c.rows.phases, row)
	}
	phaseTable.put(&c.out, "write the phases", changed)
	for phase := range was {
		c.out.write("remove a phase", "DELETE FROM phases WHERE firm_id = $1 AND engagement_id = $2 AND phase = $3", string(c.ref.Firm),
			string(c.ref.Engagement), phase)
	}
	return len(changed)+len(was) > 0
}

// writeGates writes the gates that changed, and returns whether there are any. A gate opened anew is a row of its own: how it was signed
// before stays.
func (c *change) writeGates(gates []engagement.Gate) bool {
	for _, g := range gates {
		if !slices.Contains(c.before.gates, g) {
			c.rows.gates = append(c.rows.gates, gateOf(c.w, c.ref, g))
		}
	}
	gateTable.put(&c.out, "write the gates", c.rows.gates)
	return len(c.rows.gates) > 0
}

// task returns a task as it was read, and whether it was.
func (c *change) task(id models.TaskID) (*engagement.Task, bool) {
	if i, open := c.before.task(id); open {
		return c.before.tasks[i], true
	}
	t, named := c.named[id]
	return &t, named
}

// writeTasks writes the tasks that were touched. A new one must be new in the database too: a closed task that was not read
// is never written over.
func (c *change) writeTasks(touched []*engagement.Task) {
	for _, t := range touched {
		row := taskOf(c.w, c.ref, t)
		c.rows.tasks = append(c.rows.tasks, row)
		if read, ok := c.task(t.ID); ok {
			was := taskOf(c.w, c.ref, read)
			taskTable.move(&c.out, "write tasks", &was, &row)
			continue
		}
		taskTable.add(&c.out, "add tasks", []taskRow{row})
		c.out.judge(fresh("tasks", "a task with the same id exists already in this engagement"))
	}
}

func (c *change) writeDecisions(touched []*engagement.Decision) {
	for _, d := range touched {
		row := decisionOf(c.w, c.ref, d)
		c.rows.decisions = append(c.rows.decisions, row)
		if c.decisions[d.ID] {
			decisionTable.put(&c.out, "write decisions", []decisionRow{row})
			continue
		}
		decisionTable.add(&c.out, "add decisions", []decisionRow{row})
		c.out.judge(fresh("decision", "a decision with the same id exists already in this engagement"))
	}
}

func (c *change) writeQuestions(touched []*engagement.Question) {
	for _, q := range touched {
		row := questionOf(c.w, c.ref, q)
		c.rows.questions = append(c.rows.questions, row)
		if c.questions[q.ID] {
			questionTable.put(&c.out, "write questions", []questionRow{row})
			continue
		}
		questionTable.add(&c.out, "add questions", []questionRow{row})
		c.out.judge(fresh("question", "a question with the same id exists already in this engagement"))
	}
}

// fresh refuses (conflict) what is there already.
func fresh(field, message string) func(int64, error) error {
	return func(_ int64, err error) error {
		if duplicate(err) {
			return models.Refuse(models.Conflict, field, "%s", message)
		}
		return err
	}
}

// add adds events and comments, numbered on from the last ones.
func (c *change) add(changes engagement.Changes) {
	events := make([]eventRow, len(changes.Events))
	for i, e := range changes.Events {
		e.Seq, e.Key = c.row.EventSeq+int64(i)+1, c.key
		events[i] = eventOf(c.ref, e)
	}
	comments := make([]commentRow, len(changes.Comments))
	for i, said := range changes.Comments {
		comments[i] = commentOf(c.ref, c.row.CommentSeq+int64(i)+1, said)
	}
	eventTable.add(&c.out, "add events", events)
	commentTable.add(&c.out, "add comments", comments)
}

// editedFor is for how long a message is kept true where it stands; nobody reads older ones.
const editedFor = 14 * 24 * time.Hour

// notify adds the notices of a change, and has messages edited that speak of what changed: in the same transaction, so that no notice is
// lost and what was sent stays true.
func (c *change) notify(changes engagement.Changes) {
	notices := make([]noticeRow, len(changes.Notices))
	for i, n := range changes.Notices {
		n.Seq += c.row.EventSeq + 1
		notices[i] = noticeOf(c.ref, n)
	}
	noticeTable.add(&c.out, "add notices", notices)
	c.haveEdited(c.items(changes))
}

// wholes are the keys of what messages say about an engagement as a whole.
var wholes = []any{
	engagement.Item{Kind: engagement.ItemStall, Subject: "engagement"}.Key(),
	engagement.Item{Kind: engagement.ItemOutlook, Subject: "engagement"}.Key(),
	engagement.Item{Kind: engagement.ItemOutlook, Subject: engagement.ReportType1.Anchor()}.Key(),
	engagement.Item{Kind: engagement.ItemPaused, Subject: "engagement"}.Key(),
}

// items returns the keys of what messages may say about what a change touched.
func (c *change) items(changes engagement.Changes) []any {
	var items []any
	for _, t := range changes.Tasks {
		for _, kind := range []engagement.ItemKind{engagement.ItemDo, engagement.ItemAccept, engagement.ItemUnblock, engagement.ItemStaff} {
			items = append(items, engagement.Item{Kind: kind, Subject: string(t.ID)}.Key())
		}
	}
	for _, d := range changes.Decisions {
		items = append(items, engagement.Item{Kind: engagement.ItemDecide, Subject: d.ID}.Key())
		if d.Change.Task != "" { // more time or another owner is asked for it
			items = append(items, engagement.Item{Kind: engagement.ItemDo, Subject: string(d.Change.Task)}.Key())
		}
	}
	for _, e := range changes.Events {
		items = append(items, itemsOf(e)...)
	}
	for _, q := range changes.Questions {
		items = append(items, engagement.Item{Kind: engagement.ItemAnswer, Subject: q.ID}.Key())
	}
	for _, g := range c.rows.gates {
		items = append(items, engagement.Item{Kind: engagement.ItemSign, Subject: g.ID}.Key())
	}
	return items
}

// itemsOf returns the keys of what messages may say about what an event tells.
func itemsOf(e engagement.Event) []any {
	switch {
	case e.Kind == engagement.EventHandedOver:
		return []any{engagement.Item{Kind: engagement.ItemLeft, Subject: e.From}.Key()}
	case e.Kind == engagement.EventBack:
		return []any{engagement.Item{Kind: engagement.ItemLeft, Subject: e.Subject}.Key()}
	case e.Field == "status":
		return wholes
	}
	return nil
}

// haveEdited has the messages edited that name items.
func (c *change) haveEdited(items []any) {
	for part := range slices.Chunk(items, batch) {
		c.out.write("have messages edited", `UPDATE deliveries SET edit_due = `+c.clock+`,
			next_try = CASE WHEN status = 'sent' THEN 0 ELSE next_try END
			WHERE firm_id = $1 AND channel = 'slack' AND (status = 'sent' OR status = 'sending') AND scheduled_at > $2
			AND (`+mentioned(4, len(part))+`)
			AND id IN (SELECT delivery_id FROM delivery_items WHERE firm_id = $1 AND engagement_id = $3 AND item IN (`+marks(4, len(part))+`))`,
			append([]any{string(c.ref.Firm), micros(c.now.Add(-editedFor)), string(c.ref.Engagement)}, part...)...)
	}
}

// mentioned asks for each of n items, marked from first on, whether any message names it: what most changes touch no message does, and then
// no list of messages is made.
func mentioned(first, n int) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteString(" OR ")
		}
		out.WriteString("EXISTS (SELECT 1 FROM delivery_items WHERE firm_id = $1 AND engagement_id = $3 AND item = " + marks(first+i, 1) + ")")
	}
	return out.String()
}

// writeTeam writes who takes part, when that changed.
func (c *change) writeTeam(team []memberRow) {
	if slices.Equal(c.team, team) {
		return
	}
	c.out.write("write the team", "DELETE FROM engagement_members WHERE firm_id = $1 AND engagement_id = $2", string(c.ref.Firm),
		string(c.ref.Engagement))
	memberTable.add(&c.out, "write the team", team)
}

// batch is how many rows one INSERT carries: databases limit its values, to 32,766 in SQLite.
const batch = 200

// insert adds rows, none of which may be there.
func insert[T any](tx *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.CreateInBatches(&rows, batch).Error
}

// upsert writes whole rows, whether they are there or not.
func upsert[T any](tx *gorm.DB, rows []T) error {
	return insert(tx.Clauses(clause.OnConflict{UpdateAll: true}), rows)
}
