package store

import (
	"context"

	"gorm.io/gorm"

	"tickmark/models"
)

// Demo returns the firm's demo; not found, where it has none.
func (s *Store) Demo(ctx context.Context) (models.Firm, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Firm{}, err
	}
	var row firmRow
	err = db.Where("demo_of = ?", string(s.firm)).Take(&row).Error
	switch {
	case missing(err):
		return models.Firm{}, models.Refuse(models.NotFound, "firm", "your firm has no demo")
	case err != nil:
		return models.Firm{}, fail("read the demo", err)
	}
	r := &reader{}
	return row.model(r), r.err
}

// ofFirms are all tables with a firm's rows, in an order in which rows can go: none is named by what comes after it.
var ofFirms = []string{"doubts", "inbound", "installs", "sent_steps", "delivery_items", "delivery_attempts", "deliveries", "notices",
	"forecasts", "questions", "decisions", "comments", "events", "gates", "tasks", "phases", "engagement_members", "engagements",
	"requests", "client_channels", "bindings", "lanes", "mailboxes", "messaging", "preferences", "absences", "duties", "tokens", "workspaces",
	"catalogs", "firm_events", "people", "clients"}

// DropDemo takes the firm away as a whole, its record too. It refuses (forbidden) a firm that is no demo. Workflows that carry its
// engagements end when they next look.
func (s *Store) DropDemo(ctx context.Context) error {
	return s.root.write(ctx, "drop a demo", func(tx *gorm.DB) error {
		firm, err := s.readFirm(tx)
		if err != nil {
			return err
		}
		if firm.DemoOf == "" {
			return models.Refuse(models.Forbidden, "firm", "%s is no demo: only a demo can be dropped", firm.Name)
		}
		if s.root.dialect == onPostgres { // the role that serves may take nothing out of these tables by itself: see the migration
			return tx.Exec("SELECT tickmark_drop_demo(?)", string(s.firm)).Error
		}
		for _, table := range ofFirms {
			if err := tx.Exec("DELETE FROM "+table+" WHERE firm_id = ?", string(s.firm)).Error; err != nil {
				return fail("drop a demo's "+table, err)
			}
		}
		return tx.Exec("DELETE FROM firms WHERE id = ?", string(s.firm)).Error
	})
}
