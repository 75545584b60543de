package store

import (
	"context"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Timeline is what is drawn of an engagement.
type Timeline struct {
	Phases   []engagement.PhaseState // in their order
	Baseline engagement.Baseline     // as it was promised on the first day
}

// Timelines returns what is drawn of engagements that are shown to who asks: of those that a page of the portfolio lists.
func (s *Store) Timelines(ctx context.Context, shown []PortfolioRow) (map[models.EngagementID]Timeline, error) {
	out := map[models.EngagementID]Timeline{}
	ids := make([]string, len(shown))
	for i := range shown {
		ids[i] = string(shown[i].ID)
	}
	if len(ids) == 0 {
		return out, nil
	}
	r := &reader{}
	err := s.root.read(ctx, "read timelines", func(tx *gorm.DB) error {
		var rows []struct{ ID, Baseline string }
		if err := tx.Table("engagements").Select("id, baseline").Where("firm_id = ? AND id IN ?", string(s.firm),
			ids).Scan(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			var t Timeline
			r.json(row.Baseline, &t.Baseline)
			out[models.EngagementID(row.ID)] = t
		}
		var phases []phaseRow
		if err := tx.Where("firm_id = ? AND engagement_id IN ?", string(s.firm),
			ids).Order("engagement_id, position").Find(&phases).Error; err != nil {
			return err
		}
		for i := range phases {
			id := models.EngagementID(phases[i].EngagementID)
			t := out[id]
			t.Phases = append(t.Phases, phases[i].model(r))
			out[id] = t
		}
		return r.err
	})
	return out, err
}

// HealthCounts returns how many engagements that have not ended there are of each health among those that are shown to an actor; those that
// are paused are counted as that alone, under the empty health.
func (s *Store) HealthCounts(ctx context.Context, a engagement.Actor, filter PortfolioFilter) (map[engagement.Health]int, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	filter.Scope, filter.Healths, filter.Live = ScopeOf(a), nil, true
	var rows []struct {
		Health string
		N      int
	}
	q := db.Table("engagements AS e").Joins("JOIN clients c ON c.firm_id = e.firm_id AND c.id = e.client_id").
		Where("e.firm_id = ?", string(s.firm))
	err = filter.where(q, s.firm).Select("CASE WHEN e.status = 'paused' THEN '' ELSE e.health END AS health, COUNT(*) AS n").
		Group("CASE WHEN e.status = 'paused' THEN '' ELSE e.health END").Scan(&rows).Error
	out := map[engagement.Health]int{}
	for _, row := range rows {
		out[engagement.Health(row.Health)] = row.N
	}
	return out, fail("count the healths", err)
}
