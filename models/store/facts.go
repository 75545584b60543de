package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"tickmark/models"
)

// Facts returns what a decision about an engagement needs, all of one moment: what is open, and of what is closed the tasks
// and the decision that need names, where they exist. It refuses (not found) an engagement that this firm does not have.
func (s *Store) Facts(ctx context.Context, id models.EngagementID, need models.Need) (*models.Facts, error) {
	var f *models.Facts
	err := s.root.read(ctx, "read the facts of an engagement", func(tx *gorm.DB) error {
		head, err := s.head(tx, id, "")
		if err != nil {
			return err
		}
		f, err = s.facts(tx, head, need)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// A head is an engagement's row with its client's and its firm's.
type head struct {
	engagement engagementRow
	client     clientRow
	firm       firmRow
}

// forChange locks the engagement until the transaction ends, but lets others add rows that refer to it, as every new task
// does. SQLite has locked everything already.
const forChange = " FOR NO KEY UPDATE OF e"

// head reads the head of an engagement; suffix may be forChange.
func (s *Store) head(tx *gorm.DB, id models.EngagementID, suffix string) (*head, error) {
	if s.root.dialect == onSQLite {
		suffix = ""
	}
	h := &head{}
	var engagement, client, firm string
	err := tx.Raw(headSQL+suffix, map[string]any{"firm": string(s.firm), "id": string(id)}).Row().Scan(&engagement, &client, &firm)
	switch {
	case missing(err):
		return nil, unknownEngagement(id)
	case err != nil:
		return nil, fail("read the engagement", err)
	}
	h.engagement.FirmID, h.client.FirmID = string(s.firm), string(s.firm)
	for _, err := range []error{packEngagement.open(engagement, &h.engagement), packClient.open(client, &h.client), packFirm.open(firm, &h.firm)} {
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

func unknownEngagement(id models.EngagementID) error {
	return models.Refuse(models.NotFound, "engagement", "there is no engagement %.80q", string(id))
}

// facts reads everything below the head.
func (s *Store) facts(tx *gorm.DB, h *head, need models.Need) (*models.Facts, error) {
	b := &body{firm: string(s.firm), r: &reader{}}
	b.Catalog = s.root.Catalog
	b.Engagement, b.Client, b.Firm = h.engagement.model(b.r), h.client.model(b.r), h.firm.model(b.r)
	b.Tasks = make([]*models.Task, 0, max(16, b.Engagement.Summary.Open+8))
	err := b.read(tx, bodySQL, map[string]any{"firm": b.firm, "id": h.engagement.ID, "client": h.engagement.ClientID, "decision": need.Decision})
	if err != nil {
		return nil, err
	}
	b.sort()
	if named := b.closed(need.Tasks); len(named) > 0 {
		err := b.read(tx, "SELECT 't', "+packTask.sql+" FROM tasks t WHERE t.firm_id = @firm AND t.engagement_id = @id AND t.id IN @named ORDER BY t.id",
			map[string]any{"firm": b.firm, "id": h.engagement.ID, "named": named})
		if err != nil {
			return nil, err
		}
	}
	f := &b.Facts
	return f, s.addCalendars(f)
}

// A body is a Facts that is being read.
type body struct {
	models.Facts
	firm   string
	r      *reader
	phases []phaseRow
	gates  []gateRow
}

// read runs a query of kinds of rows and packed rows.
func (b *body) read(tx *gorm.DB, query string, args map[string]any) error {
	rows, err := tx.Raw(query, args).Rows()
	if err != nil {
		return fail("read the facts", err)
	}
	defer rows.Close()
	var kind, text string
	for rows.Next() {
		if err := rows.Scan(&kind, &text); err != nil {
			return fail("read the facts", err)
		}
		if err := b.add(kind, text); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fail("read the facts", err)
	}
	return b.r.err
}

// add unpacks a row into its place.
func (b *body) add(kind, text string) (err error) {
	switch kind {
	case "t":
		var row taskRow
		err = packTask.open(text, &row)
		t := row.model(b.r)
		b.Tasks = append(b.Tasks, &t)
	case "p":
		var row phaseRow
		err = packPhase.open(text, &row)
		b.phases = append(b.phases, row)
	case "g":
		var row gateRow
		err = packGate.open(text, &row)
		b.gates = append(b.gates, row)
	case "d":
		var row decisionRow
		err = packDecision.open(text, &row)
		d := row.model(b.r)
		b.Decisions = append(b.Decisions, &d)
	case "h":
		row := personRow{FirmID: b.firm}
		err = packPerson.open(text, &row)
		b.People = append(b.People, row.model())
	case "u":
		row := dutyRow{FirmID: b.firm}
		err = packDuty.open(text, &row)
		b.Duties = append(b.Duties, row.model())
	default:
		err = fmt.Errorf("read the facts: a row of the kind %q", kind)
	}
	return err
}

// sort puts everything in order: a query of several tables promises none.
func (b *body) sort() {
	slices.SortFunc(b.Tasks, func(x, y *models.Task) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.phases, func(x, y phaseRow) int { return cmp.Compare(x.Position, y.Position) })
	for i := range b.phases {
		b.Phases = append(b.Phases, b.phases[i].model(b.r))
	}
	b.Gates = lastRounds(b.gates)
	slices.SortFunc(b.Decisions, func(x, y *models.Decision) int {
		return cmp.Or(cmp.Compare(len(x.ID), len(y.ID)), cmp.Compare(x.ID, y.ID))
	})
	slices.SortFunc(b.People, func(x, y models.Person) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.Duties, func(x, y models.Duty) int { return cmp.Compare(x.Function, y.Function) })
}

// closed returns which of the named tasks have not been read as open ones.
func (b *body) closed(named []models.TaskID) []string {
	var out []string
	for _, id := range named {
		_, open := slices.BinarySearchFunc(b.Tasks, id, func(t *models.Task, id models.TaskID) int { return cmp.Compare(t.ID, id) })
		if !open && !slices.Contains(out, string(id)) {
			out = append(out, string(id))
		}
	}
	return out
}

// lastRounds returns the gates as of their last round, in the order of their ids.
func lastRounds(rows []gateRow) []models.Gate {
	slices.SortFunc(rows, func(x, y gateRow) int { return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Round, y.Round)) })
	var out []models.Gate
	for i := range rows {
		if i+1 == len(rows) || rows[i+1].ID != rows[i].ID {
			out = append(out, rows[i].model())
		}
	}
	return out
}

// addCalendars gives the facts the business days of the years in which the engagement may have dates.
func (s *Store) addCalendars(f *models.Facts) error {
	e := &f.Engagement
	from, to := e.CreatedAt.Year(), e.CreatedAt.Year()
	for _, d := range []models.Date{e.Kickoff, e.AsOf, e.WindowOpen, e.PreviousClose, e.Target, e.Baseline.Report, e.Summary.Cautious} {
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
