package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/reminders"
)

// What is to be sent, and in which order: deliveries are scheduled once, and stand in lanes of which none holds up another.

// A NewDelivery is a delivery to be scheduled.
type NewDelivery struct {
	Delivery reminders.Delivery
	Notices  bool    // it takes up every notice that waits for its person
	Would    *Frozen // what it would say, when it is suppressed from the start
}

// A Look notes that a person's mailbox was looked at: on which local day of theirs, and when to look next, a UTC instant.
type Look struct {
	Person models.PersonID
	On     models.Date // zero: as it was
	Next   time.Time
}

// Schedule writes down what is to be delivered, and when to look again: all of it or nothing. What is scheduled already stays as it is, so
// that scheduling twice is scheduling once. A digest takes the place of an earlier one of the same person that was never sent. It returns
// how many deliveries are new.
func (s *Store) Schedule(ctx context.Context, list []NewDelivery, looks []Look) (int, error) {
	scheduled := 0
	err := s.root.write(ctx, "schedule deliveries", func(tx *gorm.DB) error {
		scheduled = 0
		w := &writer{}
		if err := s.coalesce(tx, list); err != nil {
			return err
		}
		var err error
		if scheduled, err = s.schedule(tx, w, list); err != nil {
			return err
		}
		return firstError(s.keepLooks(tx, w, looks), w.err)
	})
	return scheduled, err
}

// schedule writes down what is to be delivered, and returns how many deliveries are new.
func (s *Store) schedule(tx *gorm.DB, w *writer, list []NewDelivery) (scheduled int, err error) {
	for _, p := range list {
		p.Delivery.Firm = s.firm
		row := deliveryOf(w, p.Delivery)
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if done.Error != nil {
			return scheduled, fail("schedule a delivery", done.Error)
		}
		scheduled += int(done.RowsAffected)
		if p.Would != nil && done.RowsAffected == 1 {
			if err := s.keepItems(tx, w, row.ID, *p.Would); err != nil {
				return scheduled, err
			}
		}
		if p.Notices && done.RowsAffected == 1 && p.Delivery.Status == reminders.DeliveryScheduled {
			err := tx.Model(&noticeRow{}).Where("firm_id = ? AND person_id = ? AND delivery_id = '' AND "+unmuted, row.FirmID,
				row.PersonID).Update("delivery_id", row.ID).Error
			if err != nil {
				return scheduled, fail("take up notices", err)
			}
		}
	}
	return scheduled, w.err
}

// keepLooks notes when people were looked at, and when to look next.
func (s *Store) keepLooks(tx *gorm.DB, w *writer, looks []Look) error {
	for _, l := range looks {
		set := map[string]any{"next_at": micros(l.Next)}
		if !l.On.IsZero() {
			set["looked_on"] = w.date(l.On)
		}
		if err := tx.Model(&mailboxRow{}).Where("firm_id = ? AND person_id = ?", string(s.firm),
			string(l.Person)).Updates(set).Error; err != nil {
			return fail("note a look", err)
		}
	}
	return nil
}

// coalesce settles the digests that were scheduled for earlier days of people who get another one now, and never sent. What was tried is
// settled when its day is over, as what may have arrived.
func (s *Store) coalesce(tx *gorm.DB, list []NewDelivery) error {
	var people, ids []string
	var at time.Time
	for _, p := range list {
		if p.Delivery.Kind == reminders.KindDigest {
			people, ids, at = append(people, string(p.Delivery.Person)), append(ids, p.Delivery.ID), p.Delivery.ScheduledAt
		}
	}
	if len(people) == 0 {
		return nil
	}
	var old []string
	err := tx.Raw(`SELECT id FROM deliveries
		WHERE firm_id = ? AND person_id IN ? AND kind = 'digest' AND status = 'scheduled' AND attempts = 0 AND id NOT IN ?`,
		string(s.firm), people, ids).Scan(&old).Error
	if err != nil || len(old) == 0 {
		return fail("look for digests that were not sent", err)
	}
	err = tx.Model(&deliveryRow{}).Where("firm_id = ? AND id IN ?", string(s.firm), old).
		Updates(map[string]any{"status": string(reminders.DeliveryCoalesced), "reason": "the next digest says it",
			"settled_at": micros(at)}).Error
	if err != nil {
		return fail("coalesce digests", err)
	}
	return fail("let go of notices",
		tx.Model(&noticeRow{}).Where("firm_id = ? AND delivery_id IN ?", string(s.firm), old).Update("delivery_id", "").Error)
}

// openDelivery chooses the deliveries with which there is something to do; the words are those of the index.
const openDelivery = "(status = 'scheduled' OR status = 'sending' OR status = 'sent' AND edit_due > 0)"

// A Lane is a queue of deliveries with work in it.
type Lane struct {
	Firm models.FirmID
	Lane string
}

// How long something waits at most, by the database's clock. What waits until later was noted by a clock that was wrong, and waits no more.
const (
	waitAtMost = time.Hour      // a delivery for its next try, and a lane that is held up
	lookAtMost = 24 * time.Hour // a workspace until its people are looked for again
)

// waiting is the condition under which a column holds an instant that is to come, and most ahead at most.
func (r *Root) waiting(column string, most time.Duration) string {
	return fmt.Sprintf("(%[1]s > %[2]s AND %[1]s <= %[2]s + %[3]d)", column, r.clock(), (most + clocksDiffer).Microseconds())
}

// microsOf returns how long something is to wait, as the database keeps it.
func microsOf(wait time.Duration) int64 { return min(wait, waitAtMost).Microseconds() }

// Lanes returns the lanes in which something is to be sent, looked for or edited now, or people are to be looked for, and which nothing
// holds up; and those in which Slack is to be asked again, whatever holds them up: of all firms.
func (r *Root) Lanes(ctx context.Context) ([]Lane, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var out []Lane
	err = db.Raw(`SELECT d.firm_id AS firm, d.lane AS lane FROM (
			SELECT DISTINCT firm_id, lane FROM deliveries WHERE ` + openDelivery + ` AND NOT ` +
		r.waiting("next_try", waitAtMost) + `
			UNION SELECT firm_id, firm_id || '/' || id FROM workspaces WHERE state = 'active' AND NOT ` +
		r.waiting("look_at", lookAtMost) + `) d
		WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.firm_id = d.firm_id AND l.lane = d.lane AND ` +
		r.waiting("l.not_before", waitAtMost) + `)
		UNION SELECT firm_id, firm_id || '/' || workspace_id FROM doubts WHERE ` + r.dueDoubts() + `
		ORDER BY 1, 2`).Scan(&out).Error
	return out, fail("look for lanes", err)
}

// LaneWaits returns after how long something is to be sent, looked for or edited in a lane, or people are to be looked for, as far as it is
// known now: 0 when it is now. It returns false when nothing is waited for. That it is time already to look for people does not count.
func (s *Store) LaneWaits(ctx context.Context, lane string) (time.Duration, bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return 0, false, err
	}
	var now, due, look, held int64
	firm := string(s.firm)
	err = db.Raw(`SELECT `+s.root.clock()+`,
		COALESCE((SELECT MIN(next_try) FROM deliveries WHERE firm_id = ? AND lane = ? AND `+openDelivery+`), -1),
		COALESCE((SELECT look_at FROM workspaces WHERE firm_id = ? AND state = 'active' AND firm_id || '/' || id = ?), 0),
		COALESCE((SELECT not_before FROM lanes WHERE firm_id = ? AND lane = ?), 0)`, firm, lane, firm, lane, firm, lane).
		Row().Scan(&now, &due, &look, &held)
	if err != nil {
		return 0, false, fail("look when a lane is due", err)
	}
	if look > now && (due < 0 || look < due) {
		due = look
	}
	return time.Duration(max(due, held, now)-now) * time.Microsecond, due >= 0, nil
}

// LanesBeside returns up to 100 other lanes of the firm in which something is to be sent, looked for or edited now, and which nothing holds
// up: what was said in one lane may be said on in another.
func (s *Store) LanesBeside(ctx context.Context, lane string) ([]Lane, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var out []Lane
	err = db.Raw(`SELECT DISTINCT firm_id AS firm, lane FROM deliveries d WHERE firm_id = ? AND lane <> ? AND `+openDelivery+` AND NOT `+
		s.root.waiting("next_try", waitAtMost)+`
		AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.firm_id = d.firm_id AND l.lane = d.lane AND `+
		s.root.waiting("l.not_before", waitAtMost)+`)
		ORDER BY lane LIMIT 100`, string(s.firm), lane).Scan(&out).Error
	return out, fail("look for lanes", err)
}

// AnybodyToLookAt reports whether somebody's mailbox is to be looked at at once: what says when or how they get their messages has changed.
func (s *Store) AnybodyToLookAt(ctx context.Context) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	n := 0
	err = db.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM mailboxes WHERE next_at = 0 AND firm_id = ? LIMIT 1) m", string(s.firm)).Row().Scan(&n)
	return n > 0, fail("look for mailboxes", err)
}

// Late returns up to limit deliveries of all firms that are still scheduled when their day is over, whatever holds their lanes up. It is
// called by the sweep and spans firms.
func (r *Root) Late(ctx context.Context, now time.Time, limit int) ([]reminders.Delivery, error) {
	return r.open(ctx, "look for late deliveries",
		"SELECT * FROM deliveries WHERE "+openDelivery+" AND status = 'scheduled' AND not_after > 0 AND not_after < ? AND firm_id <> '' LIMIT ?",
		micros(now), limit)
}

// Due returns up to limit deliveries of a lane that are to be sent, looked for or edited now, the longest waiting first; none when
// something holds the lane up.
func (s *Store) Due(ctx context.Context, lane string, limit int) ([]reminders.Delivery, error) {
	return s.root.open(ctx, "look for due deliveries",
		`SELECT * FROM deliveries WHERE firm_id = ? AND lane = ? AND `+openDelivery+` AND NOT `+s.root.waiting("next_try", waitAtMost)+`
			AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.firm_id = deliveries.firm_id AND l.lane = deliveries.lane AND `+
			s.root.waiting("l.not_before", waitAtMost)+`)
		ORDER BY next_try, scheduled_at, id LIMIT ?`, string(s.firm), lane, limit)
}

// open returns the deliveries that a query finds.
func (r *Root) open(ctx context.Context, doing, query string, args ...any) ([]reminders.Delivery, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRow
	if err := db.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fail(doing, err)
	}
	out, rd := make([]reminders.Delivery, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(rd)
	}
	return out, rd.err
}

// HoldLane holds a lane up until wait is over, an hour at most, because of an error: nothing of it is tried before. Without an
// error it lets it go.
func (s *Store) HoldLane(ctx context.Context, lane, why string, wait time.Duration, now time.Time) error {
	return s.root.write(ctx, "hold a lane up", func(tx *gorm.DB) error {
		failures := "lanes.failures + 1"
		if why == "" {
			failures = "0"
		}
		return tx.Exec(fmt.Sprintf(`INSERT INTO lanes (firm_id, lane, not_before, failures, error, at) VALUES (?, ?, %[1]s + ?, 1, ?, ?)
			ON CONFLICT (firm_id, lane) DO UPDATE
			SET not_before = excluded.not_before, failures = %[2]s, error = excluded.error, at = excluded.at`, s.root.clock(), failures),
			string(s.firm), lane, microsOf(wait), models.Cut(why, 300), micros(now)).Error
	})
}

// LaneFailures returns how often in a row a lane has been held up, and why the last time.
func (s *Store) LaneFailures(ctx context.Context, lane string) (int, string, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return 0, "", err
	}
	var n int
	var why string
	err = db.Raw("SELECT failures, error FROM lanes WHERE firm_id = ? AND lane = ?", string(s.firm), lane).Row().Scan(&n, &why)
	if missing(err) {
		err = nil
	}
	return n, why, fail("read a lane", err)
}

// Awaited returns which of some people nobody has looked for yet in the Slack workspace that is theirs, and may be found there, and since
// when it is in use: a workspace of their company, or of the firm where theirs has none in use.
func (s *Store) Awaited(ctx context.Context, people []models.PersonID) (map[models.PersonID]time.Time, error) {
	out := map[models.PersonID]time.Time{}
	if len(people) == 0 {
		return out, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID models.PersonID
		At int64
	}
	err = db.Raw(`SELECT p.id AS id, w.state_at AS at FROM people p JOIN workspaces w ON w.firm_id = p.firm_id AND w.state = 'active'
			AND (w.client_id = p.client_id OR w.client_id = '' AND NOT EXISTS (SELECT 1 FROM workspaces o
				WHERE o.firm_id = p.firm_id AND o.client_id = p.client_id AND o.state = 'active'))
		WHERE p.firm_id = ? AND p.id IN ? AND p.active AND p.email <> '' AND NOT EXISTS (SELECT 1 FROM bindings b
			WHERE b.firm_id = p.firm_id AND b.person_id = p.id AND b.workspace_id = w.id AND b.email_key = p.email_key)`,
		string(s.firm), people).Scan(&rows).Error
	for _, row := range rows {
		out[row.ID] = instant(row.At)
	}
	return out, fail("look for people who are not bound", err)
}
