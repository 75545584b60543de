package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/reminders"
)

// The ledger of deliveries: scheduled once, sent once, and never left in doubt (slack-and-reliability.md 2.2). A delivery is given to
// its provider only after Begin has committed that it is, under a number (the fence) that whoever tried before does not have.

type deliveryRow struct {
	FirmID       string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Kind         string
	Slot         string
	PersonID     string
	Channel      string
	Lane         string
	WorkspaceID  string
	Dest         string
	Status       string
	Reason       string
	ScheduledAt  int64
	NotAfter     int64
	SettledAt    int64
	Day          string
	MissingFrom  string
	MissingTo    string
	Fence        int64
	Attempts     int
	Looks        int
	SendingSince int64
	NextTry      int64
	Message      string
	Receipt      string
	Evidence     string
	Follows      string
	EditDue      int64
}

func (deliveryRow) TableName() string { return "deliveries" }

func (d *deliveryRow) model(r *reader) reminders.Delivery {
	out := reminders.Delivery{Firm: models.FirmID(d.FirmID), ID: d.ID, Kind: reminders.DeliveryKind(d.Kind), Slot: d.Slot,
		Person:  models.PersonID(d.PersonID),
		Channel: reminders.Channel(d.Channel), Workspace: d.WorkspaceID, Dest: d.Dest, Status: reminders.DeliveryStatus(d.Status),
		Reason:      d.Reason,
		ScheduledAt: instant(d.ScheduledAt), NotAfter: instant(d.NotAfter), SettledAt: instant(d.SettledAt), Day: r.date(d.Day),
		Missing: r.span(d.MissingFrom, d.MissingTo), Fence: d.Fence, Attempts: d.Attempts,
		Looks: d.Looks, SendingSince: instant(d.SendingSince), Receipt: d.Receipt, Evidence: d.Evidence, Follows: d.Follows, EditDue: d.EditDue}
	if d.Message != "" {
		out.Message = &reminders.Message{}
		r.json(d.Message, out.Message)
	}
	return out
}

func deliveryOf(w *writer, d reminders.Delivery) deliveryRow {
	row := deliveryRow{FirmID: string(d.Firm), ID: d.ID, Kind: string(d.Kind), Slot: d.Slot, PersonID: string(d.Person),
		Channel: string(d.Channel), Lane: d.Lane(),
		WorkspaceID: d.Workspace, Dest: d.Dest, Status: string(d.Status), Reason: d.Reason, ScheduledAt: micros(d.ScheduledAt),
		NotAfter:  micros(d.NotAfter),
		SettledAt: micros(d.SettledAt), Day: w.date(d.Day), MissingFrom: w.date(d.Missing.Start), MissingTo: w.date(d.Missing.End),
		Follows: d.Follows}
	if d.Message != nil {
		row.Message = w.json(d.Message)
	}
	return row
}

// clock is the database's own time in microseconds: what several machines wait for is measured by one clock.
func (r *Root) clock() string {
	if r.dialect == onPostgres {
		return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"
	}
	return "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
}

// Frozen is what Begin freezes of a delivery before it is sent.
type Frozen struct {
	Message   reminders.Message
	Dest      string
	Nudges    []reminders.Nudge             // the nudges that count as sent with it, besides its lines
	Revisions map[models.EngagementID]int64 // of the engagements the message was made from
	Anyway    bool                          // it is sent though they have moved on since: it is edited afterwards where that shows
	About     []models.EngagementID         // further engagements of which it speaks
	Made      bool                          // of which engagements it was made was noted when it was scheduled, and stays so
}

// A Begun is what became of an attempt to begin a delivery.
type Begun string

// What Begin answers.
const (
	MaySend Begun = "open"   // send it
	Stale   Begun = "stale"  // something has changed since the message was made: make it anew
	Taken   Begun = "closed" // somebody else has it, or it is settled
)

// Begin lets a scheduled delivery be sent: it freezes what is sent, to where and under which fence, and commits that before anything is
// sent. Nobody but the holder of the fence may say what became of it; when they do not within patience, it is looked for. It does not let a
// delivery pass that is not scheduled any more, whose firm has stopped all messages (it is suppressed then, or waits if it does so without
// end; what answers somebody passes), or whose message was made from what is not true any more, unless it is to be sent anyway.
func (s *Store) Begin(ctx context.Context, id string, z Frozen, patience time.Duration, now time.Time) (reminders.Delivery, Begun, error) {
	var d reminders.Delivery
	begun, paused := Taken, false
	err := s.root.write(ctx, "let a delivery be sent", func(tx *gorm.DB) error {
		begun, paused = Taken, false
		stale, err := s.stale(tx, z.Revisions) // first: a change locks its engagement before the deliveries that speak of it
		if err != nil {
			return err
		}
		row, err := s.lockDelivery(tx, id)
		if err != nil {
			return err
		}
		r := &reader{}
		if d = row.model(r); d.Status != reminders.DeliveryScheduled {
			return r.err
		}
		settings, err := s.messaging(tx)
		if err != nil {
			return err
		}
		settings.Paused = settings.Paused && !d.BearsPause()
		if settings.Paused && d.Endless() {
			return s.setStatus(tx, &row, statusChange{status: d.Status, reason: "all messages of the firm are paused: it waits", wait: patience})
		}
		if paused = settings.Paused; paused {
			w := &writer{}
			if err := firstError(s.keepItems(tx, w, row.ID, z), w.err); err != nil {
				return err
			}
			return s.setStatus(tx, &row, statusChange{status: reminders.DeliverySuppressed, reason: "all messages of the firm are paused", now: now})
		}
		if stale && !z.Anyway {
			begun = Stale
			return nil
		}
		w := &writer{}
		row.Message, row.Dest = w.json(z.Message), z.Dest
		if w.err != nil {
			return w.err
		}
		row.Fence, row.Attempts, row.Looks, row.Status = row.Fence+1, row.Attempts+1, 0, string(reminders.DeliverySending)
		err = tx.Exec(`UPDATE deliveries SET status = 'sending', fence = ?, attempts = ?, looks = 0, message = ?, dest = ?, sending_since = `+
			s.root.clock()+`, edit_due = CASE WHEN ? AND channel = 'slack' THEN `+s.root.clock()+` ELSE edit_due END,
			next_try = `+s.root.clock()+` + ? WHERE firm_id = ? AND id = ?`, row.Fence, row.Attempts, row.Message, row.Dest, stale,
			patience.Microseconds(), row.FirmID, row.ID).Error
		if err != nil {
			return fail("freeze a delivery", err)
		}
		if err := s.keepItems(tx, w, row.ID, z); err != nil {
			return err
		}
		begun, d = MaySend, row.model(r)
		return firstError(w.err, r.err)
	})
	if paused && err == nil {
		s.root.became(string(d.Channel), reminders.DeliverySuppressed)
	}
	return d, begun, err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) lockDelivery(tx *gorm.DB, id string) (deliveryRow, error) {
	var row deliveryRow
	err := tx.Clauses(lock).Where("firm_id = ? AND id = ?", string(s.firm), id).Take(&row).Error
	if missing(err) {
		return row, models.Refuse(models.NotFound, "message", "there is no message %.60q", id)
	}
	return row, fail("lock a delivery", err)
}

// stale reports whether one of the engagements has moved on from a revision. None of them moves on before the transaction ends: a change
// that comes after it finds the message and has it edited.
func (s *Store) stale(tx *gorm.DB, revisions map[models.EngagementID]int64) (bool, error) {
	if len(revisions) == 0 {
		return false, nil
	}
	ids := make([]string, 0, len(revisions))
	for id := range revisions {
		ids = append(ids, string(id))
	}
	var rows []struct {
		ID       models.EngagementID
		Revision int64
	}
	sql := "SELECT id, revision FROM engagements WHERE firm_id = ? AND id IN ?"
	if s.root.dialect == onPostgres {
		sql += " ORDER BY id FOR SHARE"
	}
	if err := tx.Raw(sql, string(s.firm), ids).Scan(&rows).Error; err != nil {
		return false, fail("read revisions", err)
	}
	for _, row := range rows {
		if revisions[row.ID] != row.Revision {
			return true, nil
		}
	}
	return len(rows) != len(revisions), nil
}

type itemRow struct {
	FirmID       string `gorm:"primaryKey"`
	DeliveryID   string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Item         string `gorm:"primaryKey"`
	Due          string
	Step         int
	Causes       string
}

func (itemRow) TableName() string { return "delivery_items" }

// keepItems notes of which items a message speaks: those it shows, and those it only counts. The empty item stands for everything else that
// may be in it of an engagement: who is not shown all engagements that it has is not shown the message.
func (s *Store) keepItems(tx *gorm.DB, w *writer, id string, z Frozen) error {
	had := tx.Where("firm_id = ? AND delivery_id = ?", string(s.firm), id)
	if z.Made {
		had = had.Where("item <> ''")
	}
	if err := had.Delete(&itemRow{}).Error; err != nil {
		return fail("forget items", err)
	}
	rows := map[string]itemRow{}
	for _, l := range z.Message.Lines() {
		if l.Item != "" {
			rows[string(l.Engagement)+"/"+l.Item] = itemRow{string(s.firm), id, string(l.Engagement), l.Item, w.date(models.Date{}), 0, ""}
		}
	}
	for _, n := range z.Nudges {
		rows[string(n.Item.Engagement)+"/"+n.Item.Key()] = itemRow{string(s.firm), id, string(n.Item.Engagement), n.Item.Key(),
			w.date(n.Step.Due), n.Step.Offset, causesOf(w, n)}
	}
	for _, e := range append(slices.Collect(maps.Keys(z.Revisions)), z.About...) {
		rows[string(e)+"/"] = itemRow{string(s.firm), id, string(e), "", w.date(models.Date{}), 0, ""}
	}
	list := make([]itemRow, 0, len(rows))
	for _, row := range rows {
		list = append(list, row)
	}
	return fail("keep items", insert(tx, list))
}

// causesOf returns what makes a report late of which a nudge says when it is expected, as JSON; empty of all other nudges.
func causesOf(w *writer, n reminders.Nudge) string {
	if n.Causes == nil {
		return ""
	}
	return w.json(n.Causes)
}

// An Outcome is what an attempt to deliver, or a look for what an attempt left in doubt, came to.
type Outcome struct {
	Attempt  reminders.Attempt
	Status   reminders.DeliveryStatus // that the delivery has now; scheduled: it is to be tried again
	Reason   string
	Dest     string // when it is known better now
	Receipt  string
	Evidence string
	Looked   bool                // it was looked for and not found
	Wait     time.Duration       // until the next try or look
	Fallback *reminders.Delivery // says it by another way
	Before   time.Time           // what was found says nothing of notices after that, in engagement time: they wait again. Zero: it says all
}

// RecordOutcome notes what became of a delivery that Begin let pass, and returns false when whoever asks has lost it: another holds the
// fence now, or it is settled. What was not sent is sent by another channel or with the next digest.
func (s *Store) RecordOutcome(ctx context.Context, id string, fence int64, o Outcome, now time.Time) (bool, error) {
	held, channel := false, ""
	err := s.root.write(ctx, "note what became of a delivery", func(tx *gorm.DB) error {
		held = false
		row, err := s.lockDelivery(tx, id)
		if err != nil || row.Fence != fence || row.Status != string(reminders.DeliverySending) {
			return err
		}
		held, channel = true, row.Channel
		if err := s.addAttempt(tx, id, fence, o.Attempt); err != nil {
			return err
		}
		if o.Looked {
			row.Looks++
		}
		if o.Dest != "" {
			row.Dest = o.Dest
		}
		row.Receipt, row.Evidence = o.Receipt, o.Evidence
		if !o.Before.IsZero() {
			err := tx.Model(&noticeRow{}).Where("firm_id = ? AND delivery_id = ? AND at > ?", row.FirmID, row.ID, micros(o.Before)).
				Update("delivery_id", "").Error
			if err != nil {
				return fail("let go of notices", err)
			}
		}
		return s.setStatus(tx, &row, statusChange{status: o.Status, reason: o.Reason, wait: o.Wait, fallback: o.Fallback, now: now})
	})
	if held && err == nil {
		s.root.became(channel, o.Status)
	}
	return held, err
}

// became tells who wants to hear it what became of a message.
func (r *Root) became(channel string, status reminders.DeliveryStatus) {
	if r.Became != nil {
		r.Became(channel, string(status))
	}
}

// A Suppression is why a scheduled delivery is not sent after all.
type Suppression struct {
	Status   reminders.DeliveryStatus // suppressed or expired
	Reason   string
	Drop     bool                // what it had taken up is not worth saying any more; else the next digest says it
	Fallback *reminders.Delivery // says it by another way
	Would    *Frozen             // what it would have said; nil: that is not known
}

// Suppress settles a delivery that is scheduled and not to be sent after all. One that is not scheduled any more stays as it is. Where it
// may have arrived with an earlier try, it is uncertain, and nothing else is said of it.
func (s *Store) Suppress(ctx context.Context, id string, why Suppression, now time.Time) error {
	channel := ""
	err := s.root.write(ctx, "suppress a delivery", func(tx *gorm.DB) error {
		channel = ""
		row, err := s.lockDelivery(tx, id)
		if err != nil || row.Status != string(reminders.DeliveryScheduled) {
			return err
		}
		channel = row.Channel
		if why.Would != nil {
			w := &writer{}
			if err := firstError(s.keepItems(tx, w, row.ID, *why.Would), w.err); err != nil {
				return err
			}
		}
		may, err := s.mayHaveArrived(tx, row, why.Status)
		if err != nil {
			return err
		}
		if may {
			why.Status, why.Reason = reminders.DeliveryUncertain, "nobody can tell whether it arrived: it was tried, and then "+why.Reason
		}
		return s.setStatus(tx, &row, statusChange{status: why.Status, reason: why.Reason, drop: why.Drop, fallback: why.Fallback, now: now})
	})
	if channel != "" && err == nil {
		s.root.became(channel, why.Status)
	}
	return err
}

// mayHaveArrived reports whether a delivery that is scheduled again may have arrived with an earlier try. In general only a try is in doubt
// of which nobody could tell, and which no complete search has shown to be absent since. To say that it is too late more is needed: then
// nothing of it must ever have left this machine.
func (s *Store) mayHaveArrived(tx *gorm.DB, row deliveryRow, status reminders.DeliveryStatus) (bool, error) {
	if row.Attempts == 0 {
		return false, nil
	}
	var tries []attemptRow
	err := tx.Where("firm_id = ? AND delivery_id = ?", row.FirmID, row.ID).Order("no").Find(&tries).Error
	doubt, left := false, false
	for _, a := range tries {
		switch class := reminders.AttemptClass(a.Class); class {
		case reminders.AttemptAmbiguous, reminders.AttemptUnreadable:
			doubt, left = true, true
		case reminders.AttemptAbsent:
			doubt = false
		default:
			left = left || class != reminders.AttemptUnsent || a.Status != 0
		}
	}
	return doubt || left && status == reminders.DeliveryExpired, fail("read the attempts", err)
}

// Postpone lets a scheduled delivery wait: its lane is held up, or it is too early.
func (s *Store) Postpone(ctx context.Context, id, reason string, wait time.Duration) error {
	return s.root.write(ctx, "postpone a delivery", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE deliveries SET reason = ?, next_try = "+s.root.clock()+" + ? WHERE firm_id = ? AND id = ? AND "+
			"status = 'scheduled'", reason, microsOf(wait), string(s.firm), id).Error
	})
}

// A statusChange is where a delivery stands from now on, and why.
type statusChange struct {
	status   reminders.DeliveryStatus
	reason   string
	wait     time.Duration
	fallback *reminders.Delivery
	drop     bool // notices that it had taken up are not worth saying any more
	now      time.Time
}

// setStatus writes where a delivery stands now, and what follows.
func (s *Store) setStatus(tx *gorm.DB, row *deliveryRow, z statusChange) error {
	set := map[string]any{"status": string(z.status), "reason": z.reason, "looks": row.Looks, "dest": row.Dest, "receipt": row.Receipt,
		"evidence": row.Evidence}
	if z.status.Settled() {
		set["settled_at"] = micros(z.now)
	} else {
		set["next_try"] = gorm.Expr(s.root.clock()+" + ?", microsOf(z.wait))
	}
	if err := tx.Model(&deliveryRow{}).Where("firm_id = ? AND id = ?", row.FirmID, row.ID).Updates(set).Error; err != nil {
		return fail("note what became of a delivery", err)
	}
	if !z.status.Settled() {
		return nil
	}
	if z.status == reminders.DeliverySent {
		return s.noteSent(tx, row)
	}
	heir := ""
	if z.fallback != nil {
		f := *z.fallback
		f.Firm, f.Follows = s.firm, row.ID
		w := &writer{}
		next := deliveryOf(w, f)
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&next)
		if err := firstError(w.err, made.Error); err != nil {
			return fail("schedule another way", err)
		}
		if made.RowsAffected == 1 { // else that way was tried already
			heir = f.ID
		}
	}
	if z.drop {
		return nil
	}
	return fail("let go of notices", tx.Model(&noticeRow{}).Where("firm_id = ? AND delivery_id = ?", row.FirmID, row.ID).
		Updates(map[string]any{"delivery_id": heir, "urgent": gorm.Expr("urgent AND ?", heir != "")}).Error)
}

// noteSent notes that what a delivery spoke of has been sent.
func (s *Store) noteSent(tx *gorm.DB, row *deliveryRow) error {
	if row.PersonID == "" {
		return nil
	}
	return fail("note what has been sent",
		tx.Exec(`INSERT INTO sent_steps (firm_id, person_id, engagement_id, item, due, step, causes, on_day, was_due, was_step)
		SELECT i.firm_id, ?, i.engagement_id, i.item, i.due, i.step, i.causes, ?, 'none', 0 FROM delivery_items i
		WHERE i.firm_id = ? AND i.delivery_id = ? AND i.due <> 'none'
		ON CONFLICT (firm_id, engagement_id, person_id, item) DO UPDATE SET
			was_due = CASE WHEN sent_steps.on_day < excluded.on_day THEN sent_steps.due ELSE sent_steps.was_due END,
			was_step = CASE WHEN sent_steps.on_day < excluded.on_day THEN sent_steps.step ELSE sent_steps.was_step END,
			due = excluded.due, step = excluded.step, causes = excluded.causes,
				on_day = excluded.on_day`, row.PersonID, row.Day, row.FirmID, row.ID).Error)
}

type attemptRow struct {
	FirmID     string `gorm:"primaryKey"`
	DeliveryID string `gorm:"primaryKey"`
	No         int    `gorm:"primaryKey;autoIncrement:false"`
	Fence      int64
	Class      string
	Status     int
	Error      string
	Request    string
	At         int64
	Took       int64
}

func (attemptRow) TableName() string { return "delivery_attempts" }

// addAttempt adds a try, or a look, to the record of a delivery that is locked.
func (s *Store) addAttempt(tx *gorm.DB, id string, fence int64, a reminders.Attempt) error {
	var n int64
	if err := tx.Model(&attemptRow{}).Where("firm_id = ? AND delivery_id = ?", string(s.firm), id).Count(&n).Error; err != nil {
		return fail("count attempts", err)
	}
	row := attemptRow{string(s.firm), id, int(n) + 1, fence, string(a.Class), a.Status, models.Cut(a.Error, 500), models.Cut(a.Request, 100),
		micros(a.At), a.Took.Microseconds()}
	return fail("note an attempt", tx.Create(&row).Error)
}

// Edit notes that a message that was sent, and was due to be edited as of due (Delivery.EditDue), has been changed where it stands, or
// cannot be; wait is when to try again, 0 when there is nothing more to do. When something else has changed meanwhile it stays due.
func (s *Store) Edit(ctx context.Context, id string, due int64, m reminders.Message, a reminders.Attempt, wait time.Duration) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.root.write(ctx, "note an edited message", func(tx *gorm.DB) error {
		row, err := s.lockDelivery(tx, id)
		if err != nil {
			return err
		}
		if a.Class != "" {
			if err := s.addAttempt(tx, id, row.Fence, a); err != nil {
				return err
			}
		}
		if wait > 0 {
			return tx.Exec("UPDATE deliveries SET next_try = "+s.root.clock()+" + ? WHERE firm_id = ? AND id = ?", microsOf(wait), row.FirmID,
				id).Error
		}
		if row.EditDue == due {
			row.EditDue = 0
		}
		return tx.Exec("UPDATE deliveries SET message = ?, edit_due = ? WHERE firm_id = ? AND id = ?", string(text), row.EditDue, row.FirmID,
			id).Error
	})
}
