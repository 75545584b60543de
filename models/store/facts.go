package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"tickmark/models"
)

// Facts returns what a decision about an engagement needs, all of one moment: what is open, and of what is closed the tasks
// and the decision that need names, where they exist. It refuses (not found) an engagement that this firm does not have.
func (s *Store) Facts(ctx context.Context, id models.EngagementID, need models.Need) (*models.Facts, error) {
	var f *models.Facts
	err := s.root.read(ctx, "read the facts of an engagement", func(tx *gorm.DB) error {
		row, err := s.engagement(tx, id)
		if err != nil {
			return err
		}
		f, err = s.facts(tx, row, need)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// engagement reads an engagement's row; with clauses for locking it, it locks it.
func (s *Store) engagement(tx *gorm.DB, id models.EngagementID) (*engagementRow, error) {
	var row engagementRow
	err := tx.Where("firm_id = ? AND id = ?", string(s.firm), string(id)).Take(&row).Error
	switch {
	case missing(err):
		return nil, models.Refuse(models.NotFound, "engagement", "there is no engagement %.80q", string(id))
	case err != nil:
		return nil, fail("read the engagement", err)
	}
	return &row, nil
}

// facts reads everything below the engagement's row. It takes few queries, of the columns that count, scanned by hand.
func (s *Store) facts(tx *gorm.DB, row *engagementRow, need models.Need) (*models.Facts, error) {
	r := &reader{}
	f := &models.Facts{Catalog: s.root.Catalog, Engagement: row.model(r)}
	firm, engagement := row.FirmID, row.ID

	var client clientRow
	if err := tx.Where("firm_id = ? AND id = ?", firm, row.ClientID).Take(&client).Error; err != nil {
		return nil, fail("read the client", err)
	}
	f.Client = client.model(r)
	var own firmRow
	if err := tx.Where("id = ?", firm).Take(&own).Error; err != nil {
		return nil, fail("read the firm", err)
	}
	f.Firm = own.model(r)

	var err error
	if f.Phases, err = phases(tx, firm, engagement); err != nil {
		return nil, err
	}
	if f.Gates, err = presentGates(tx, firm, engagement); err != nil {
		return nil, err
	}
	if err := s.factTasks(tx, f, r, engagement, need.Tasks); err != nil {
		return nil, err
	}
	var decisions []decisionRow
	if err := tx.Where("firm_id = ? AND engagement_id = ? AND (state = ? OR id = ?)", firm, engagement, string(models.DecisionPending), need.Decision).
		Order("LENGTH(id), id").Find(&decisions).Error; err != nil {
		return nil, fail("read the decisions", err)
	}
	for i := range decisions {
		d := decisions[i].model(r)
		f.Decisions = append(f.Decisions, &d)
	}
	var people []personRow
	if err := tx.Where("firm_id = ? AND client_id IN ('', ?) AND active", firm, row.ClientID).
		Order("id").Find(&people).Error; err != nil {
		return nil, fail("read the people", err)
	}
	f.People = make([]models.Person, len(people))
	for i := range people {
		f.People[i] = people[i].model()
	}
	var duties []dutyRow
	if err := tx.Where("firm_id = ? AND client_id = ?", firm, row.ClientID).Order("function").Find(&duties).Error; err != nil {
		return nil, fail("read the duties", err)
	}
	for i := range duties {
		f.Duties = append(f.Duties, duties[i].model())
	}
	if r.err != nil {
		return nil, r.err
	}
	return f, s.addCalendars(f)
}

// factTasks reads the open tasks, in the order of their ids, and after them those of the named ones that are closed.
func (s *Store) factTasks(tx *gorm.DB, f *models.Facts, r *reader, engagement string, named []models.TaskID) error {
	f.Tasks = make([]*models.Task, 0, max(16, f.Engagement.Summary.Open+8))
	read := func(condition string, args ...any) error {
		rows, err := tx.Raw("SELECT "+taskColumns+" FROM tasks WHERE firm_id = ? AND engagement_id = ? AND "+condition+" ORDER BY id", args...).Rows()
		if err != nil {
			return fail("read the tasks", err)
		}
		defer rows.Close()
		var row taskRow
		for rows.Next() {
			if err := row.scan(rows); err != nil {
				return fail("read a task", err)
			}
			t := row.model(r)
			f.Tasks = append(f.Tasks, &t)
		}
		return fail("read the tasks", rows.Err())
	}
	firm := string(s.firm)
	if err := read(openStates, firm, engagement); err != nil {
		return err
	}
	wanted := make([]string, 0, len(named))
	for _, id := range named {
		if f.Task(id) == nil && !slices.Contains(wanted, string(id)) {
			wanted = append(wanted, string(id))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return read("id IN ?", firm, engagement, wanted)
}

// phases reads the phases of an engagement in the catalog's order.
func phases(tx *gorm.DB, firm, engagement string) ([]models.PhaseState, error) {
	var rows []phaseRow
	if err := tx.Where("firm_id = ? AND engagement_id = ?", firm, engagement).Order("position").Find(&rows).Error; err != nil {
		return nil, fail("read the phases", err)
	}
	var out []models.PhaseState
	r := &reader{}
	for i := range rows {
		out = append(out, rows[i].model(r))
	}
	return out, r.err
}

// presentGates reads the gates of an engagement as of their last round.
func presentGates(tx *gorm.DB, firm, engagement string) ([]models.Gate, error) {
	var rows []gateRow
	if err := tx.Where("firm_id = ? AND engagement_id = ?", firm, engagement).Order("id, round").Find(&rows).Error; err != nil {
		return nil, fail("read the gates", err)
	}
	var out []models.Gate
	for i := range rows {
		if last := len(out) - 1; last >= 0 && out[last].ID == rows[i].ID {
			out[last] = rows[i].model()
		} else {
			out = append(out, rows[i].model())
		}
	}
	return out, nil
}

// addCalendars gives the facts the business days of the years in which the engagement may have dates.
func (s *Store) addCalendars(f *models.Facts) error {
	e := &f.Engagement
	from, to := e.CreatedAt.Year(), e.CreatedAt.Year()
	for _, d := range []models.Date{e.Kickoff, e.AsOf, e.WindowOpen, e.PreviousClose, e.Target, e.Baseline.Report, e.Summary.Forecast} {
		if !d.IsZero() {
			from, to = min(from, d.Year), max(to, d.Year)
		}
	}
	from, to = max(from-1, models.MinYear), min(to+4, models.MaxYear)
	var err error
	if f.FirmDays, err = s.root.calendars.of(f.Firm.Country, nil, f.Firm.Closed, from, to); err != nil {
		return err
	}
	f.ClientDays, err = s.root.calendars.of(f.Client.Country, f.Client.Weekend, f.Client.Closed, from, to)
	return err
}
