package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
)

type inboundRow struct {
	FirmID      string `gorm:"primaryKey"`
	WorkspaceID string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	Kind        string
	Body        string
	At          int64
	Lease       int64
	Tries       int
	DoneAt      int64
	Outcome     string
}

func (inboundRow) TableName() string { return "inbound" }

// An Inbound is something that came from Slack: kept before it is answered, carried out once.
type Inbound struct {
	Firm      models.FirmID
	Workspace string
	ID        string // the same thing sent twice has the same
	Kind      string // events, actions, commands
	Body      string
	At        time.Time
	Tries     int // how often somebody has begun to carry it out
}

// TakeIn keeps something that came from Slack and returns whether it is new: what has come before is not kept
// twice. It refuses what is for a workspace that is not there (not found).
func (s *Store) TakeIn(ctx context.Context, in Inbound) (bool, error) {
	fresh := false
	err := s.root.write(ctx, "keep what came from Slack", func(tx *gorm.DB) error {
		if err := s.hasWorkspace(tx, in.Workspace); err != nil {
			return err
		}
		row := inboundRow{FirmID: string(s.firm), WorkspaceID: in.Workspace, ID: in.ID, Kind: in.Kind, Body: in.Body, At: micros(in.At)}
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		fresh = done.RowsAffected == 1
		return done.Error
	})
	return fresh, err
}

// OpenInbound returns up to limit things that came from Slack, which nobody is carrying out, the oldest first. It is asked over all
// firms.
func (r *Root) OpenInbound(ctx context.Context, limit int) ([]Inbound, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []inboundRow
	err = db.Raw("SELECT * FROM inbound WHERE done_at = 0 AND firm_id <> '' AND lease <= "+r.clock()+" ORDER BY lease, at LIMIT ?",
		limit).Scan(&rows).Error
	out := make([]Inbound, len(rows))
	for i, row := range rows {
		out[i] = Inbound{models.FirmID(row.FirmID), row.WorkspaceID, row.ID, row.Kind, row.Body, instant(row.At), row.Tries}
	}
	return out, fail("look for what came from Slack", err)
}

// Lease takes something that came from Slack to carry it out, for so long: nobody else gets it before. It returns false when somebody
// else has it, or it is done.
func (s *Store) Lease(ctx context.Context, workspace, id string, long time.Duration) (bool, error) {
	got := false
	err := s.root.write(ctx, "take up what came from Slack", func(tx *gorm.DB) error {
		done := tx.Exec("UPDATE inbound SET lease = "+s.root.clock()+
			" + ?, tries = tries + 1 WHERE firm_id = ? AND workspace_id = ? AND id = ? AND done_at = 0 AND lease <= "+s.root.clock(),
			long.Microseconds(), string(s.firm), workspace, id)
		got = done.RowsAffected == 1
		return done.Error
	})
	return got, err
}

// CarriedOut notes what became of something that came from Slack. Only that is kept: what people wrote is in the record by then.
func (s *Store) CarriedOut(ctx context.Context, workspace, id, outcome string, now time.Time) error {
	return s.root.write(ctx, "note what became of it", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE inbound SET done_at = ?, outcome = ?, body = '' WHERE firm_id = ? AND workspace_id = ? AND id = ?",
			micros(now), models.Cut(outcome, 300), string(s.firm), workspace, id).Error
	})
}

// ForgetInbound removes up to limit things of all firms that came from Slack before an instant and are done, and returns how many.
// Slack does not send again what is older than an hour.
func (r *Root) ForgetInbound(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := r.write(ctx, "forget what came from Slack", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM inbound WHERE (firm_id, workspace_id, id) IN (SELECT firm_id, workspace_id, id FROM inbound WHERE done_at "+
			"<> 0 AND at < ? LIMIT ?)", micros(before), limit)
		n = done.RowsAffected
		return done.Error
	})
	return int(n), err
}
