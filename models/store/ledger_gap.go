package store

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"

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
