package store

import (
	"context"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Load is what somebody of the firm has still to do of what is due on a day, over all engagements that run.
type Load struct {
	Person  models.PersonID
	Due     models.Date
	Tasks   int
	Late    int // of the tasks: those that are late by their owner's calendar
	Minutes int
}

// Loads returns what the firm's people have still to do of what is due before a day, in the engagements shown to an actor of the firm that
// run, by person and due date. To others it shows nothing: who works on what in the firm is its own.
func (s *Store) Loads(ctx context.Context, a engagement.Actor, before models.Date) ([]Load, error) {
	if a.Role.Side() != models.SideFirm {
		return nil, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	on := PortfolioFilter{Scope: ScopeOf(a), Statuses: []engagement.Status{engagement.StatusRunning}}.where(
		db.Session(&gorm.Session{NewDB: true}).Table("engagements AS e").Select("e.id").Where("e.firm_id = ?", string(s.firm)), s.firm)
	ours := db.Session(&gorm.Session{NewDB: true}).Table("people").Select("id").Where("firm_id = ? AND client_id = '' AND role IN ?",
		string(s.firm), []models.Role{models.RolePartner, models.RoleManager, models.RoleConsultant})
	var rows []struct {
		Owner, Due           string
		Tasks, Late, Minutes int
	}
	err = db.Table("tasks").Where("firm_id = ? AND owner IN (?) AND due < ? AND engagement_id IN (?)", string(s.firm), ours,
		before.String(), on).Where(openStates).
		Select("owner, due, COUNT(*) AS tasks, SUM(CASE WHEN late THEN 1 ELSE 0 END) AS late, SUM(minutes) AS minutes").
		Group("owner, due").Order("owner, due").Scan(&rows).Error
	out := make([]Load, len(rows))
	r := &reader{}
	for i, row := range rows {
		out[i] = Load{models.PersonID(row.Owner), r.date(row.Due), row.Tasks, row.Late, row.Minutes}
	}
	return out, firstOf(fail("count what is to do", err), r.err)
}
