package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// A Try is something that is tried by somebody who is not known yet: as whom, or from where. Subject is a hash of that.
type Try struct {
	Subject string
	Free    int // how many are taken within TriesWithin; after that one, and each further, there is a pause
}

// What TriesWithin holds begins anew after it has gone by without a try. The first pause is firstPause, each further one twice as long,
// and none longer than longestPause.
const (
	TriesWithin  = 15 * time.Minute
	firstPause   = time.Minute
	longestPause = time.Hour
)

type tryRow struct {
	Subject string `gorm:"primaryKey"`
	N       int
	At      int64
	Until   int64
}

func (tryRow) TableName() string { return "tries" }

// pauseAfter returns how long nothing is taken after the n-th try.
func pauseAfter(n, free int) time.Duration {
	if n < free {
		return 0
	}
	return min(firstPause<<min(n-free, 10), longestPause)
}

// Try counts a try, and returns 0. Where one of its subjects is to pause it counts nothing, and returns for how long still. What it does
// and how long that takes is the same whoever they are.
func (r *Root) Try(ctx context.Context, now time.Time, tries ...Try) (wait time.Duration, err error) {
	tries = slices.SortedFunc(slices.Values(tries), func(a, b Try) int { // in one order, so that no two wait for each other
		return cmp.Compare(a.Subject, b.Subject)
	})
	err = r.write(ctx, "count a try", func(tx *gorm.DB) error {
		wait = 0
		rows := make([]tryRow, len(tries))
		for i, t := range tries {
			fresh := tryRow{Subject: t.Subject, At: micros(now)}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
				return err
			}
			if err := tx.Clauses(lock).Where("subject = ?", t.Subject).Take(&rows[i]).Error; err != nil {
				return err
			}
			if until := instant(rows[i].Until); rows[i].Until != 0 && until.After(now) {
				wait = max(wait, min(until.Sub(now), longestPause)) // not longer, whatever a clock once said
			}
		}
		if wait > 0 {
			return nil
		}
		for i, t := range tries {
			row := rows[i]
			if micros(now.Add(-TriesWithin)) > max(row.At, row.Until) {
				row.N = 0
			}
			row.N, row.At, row.Until = row.N+1, micros(now), 0
			if pause := pauseAfter(row.N, t.Free); pause > 0 {
				row.Until = micros(now.Add(pause))
			}
			if err := tx.Save(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return wait, err
}

// Forgive says that somebody who tried was let in: as whom is forgotten, and from where is counted one less.
func (r *Root) Forgive(ctx context.Context, as, from string) error {
	return r.write(ctx, "forgive tries", func(tx *gorm.DB) error {
		if err := tx.Where("subject = ?", as).Delete(&tryRow{}).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE tries SET n = n - 1 WHERE subject = ? AND n > 0", from).Error
	})
}

// ForgetTries removes up to limit subjects of which there was no try and no pause after an instant, and returns how many.
func (r *Root) ForgetTries(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := r.write(ctx, "forget tries", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM tries WHERE subject IN (SELECT subject FROM tries WHERE at < ? AND until < ? LIMIT ?)", micros(before),
			micros(before), limit)
		n = done.RowsAffected
		return done.Error
	})
	return int(n), err
}
