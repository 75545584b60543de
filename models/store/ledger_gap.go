package store

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/reminders"
)

// What the ledger may not know. A database that was put back from a copy knows nothing of what was sent since the copy was made, and
// nothing in it says so. Whoever begins to work on it therefore opens a gap: what is scheduled until the next sweep has looked at everybody
// may have been sent since the last sweep that the database knows of, and is looked for before it is sent.

// The rows of sweeps, by their ids.
const (
	sweepLast = 1 // when the last sweep looked
	gapFrom   = 2 // since when messages may have been sent that the ledger does not know of
	gapUntil  = 3 // what was scheduled until then is looked for first
)

// gapOpen is the end of a gap that no sweep has closed yet.
const gapOpen = math.MaxInt64

// A Gap is a time of which the ledger may not know what was sent, in engagement time. The zero Gap is none.
type Gap struct {
	From  time.Time // the last sweep before it
	Until time.Time // by when a delivery was scheduled that may have been sent already; zero: it is open, and every one may
}

// Has reports whether a delivery may have been sent already though the ledger does not know of it.
func (g Gap) Has(d reminders.Delivery) bool {
	return !g.From.IsZero() && (g.Until.IsZero() || !d.ScheduledAt.After(g.Until))
}

// sweepTimes returns the rows of sweeps by their ids.
func sweepTimes(tx *gorm.DB) (map[int]int64, error) {
	var rows []struct {
		ID int
		At int64
	}
	err := tx.Raw("SELECT id, at FROM sweeps").Scan(&rows).Error
	out := map[int]int64{}
	for _, row := range rows {
		out[row.ID] = row.At
	}
	return out, fail("read the sweeps", err)
}

// keepSweep notes an instant under an id.
func keepSweep(tx *gorm.DB, id int, at int64) error {
	return tx.Exec("INSERT INTO sweeps (id, at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at", id, at).Error
}

// OpenGap notes that messages may have been sent since the last sweep that the database knows of. Where there was none, nothing can have
// been sent. A gap of before goes on as long as something that it has is still to be sent.
func (r *Root) OpenGap(ctx context.Context) error {
	return r.write(ctx, "note what the ledger may not know", func(tx *gorm.DB) error {
		at, err := sweepTimes(tx)
		from := at[sweepLast]
		if err != nil || from == 0 {
			return err
		}
		if before := at[gapFrom]; before > 0 && before < from {
			unsent := 0
			err := tx.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE "+openDelivery+
				" AND status <> 'sent' AND scheduled_at <= ? AND firm_id <> '' LIMIT 1) d", at[gapUntil]).Row().Scan(&unsent)
			if err != nil {
				return err
			}
			if unsent > 0 || at[gapUntil] == gapOpen {
				from = before
			}
		}
		return firstError(keepSweep(tx, gapFrom, from), keepSweep(tx, gapUntil, gapOpen))
	})
}

// CloseGap notes that a sweep that looked at an instant has scheduled everything that may have been sent in a gap.
func (r *Root) CloseGap(ctx context.Context, now time.Time) error {
	return r.write(ctx, "note what the ledger knows again", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE sweeps SET at = ? WHERE id = ? AND at = ?", micros(now), gapUntil, int64(gapOpen)).Error
	})
}

// Gap returns of which time the ledger may not know what was sent.
func (r *Root) Gap(ctx context.Context) (Gap, error) {
	db, err := r.query(ctx)
	if err != nil {
		return Gap{}, err
	}
	at, err := sweepTimes(db)
	g := Gap{From: instant(at[gapFrom])}
	if at[gapUntil] != gapOpen {
		g.Until = instant(at[gapUntil])
	}
	return g, err
}

// Sweeping notes that a sweep looked at an instant, and returns when the one before did; zero for the first.
func (r *Root) Sweeping(ctx context.Context, now time.Time) (time.Time, error) {
	var last int64
	err := r.write(ctx, "note a sweep", func(tx *gorm.DB) error {
		at, err := sweepTimes(tx)
		last = at[sweepLast]
		return firstError(err, keepSweep(tx, sweepLast, micros(now)))
	})
	return instant(last), err
}

// LastSweep returns when the last sweep looked, in engagement time; zero when none ever did.
func (r *Root) LastSweep(ctx context.Context) (time.Time, error) {
	db, err := r.query(ctx)
	if err != nil {
		return time.Time{}, err
	}
	at, err := sweepTimes(db)
	return instant(at[sweepLast]), err
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

// Awaited returns which of some people nobody has looked for yet in the Slack workspace that is theirs, and may be found there, and since when
// it is in use: a workspace of their company, or of the firm where theirs has none in use.
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
