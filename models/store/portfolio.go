package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// A PortfolioRow is what the portfolio shows of an engagement: columns of one table and two names, nothing that has to be
// counted.
type PortfolioRow struct {
	ID          models.EngagementID
	Name        string
	Client      models.ClientID
	ClientName  string
	Type        string
	Status      engagement.Status
	Manager     models.PersonID
	ManagerName string
	Kickoff     models.Date
	Target      models.Date
	Summary     engagement.Summary // without the wake
	Pause       engagement.Pause   // the one in which it is; zero where it is in none
	Revision    int64
}

// A PortfolioFilter chooses engagements. Empty fields choose all, except Scope, which has to be named.
type PortfolioFilter struct {
	Scope    Scope
	Statuses []engagement.Status
	Healths  []engagement.Health
	Phase    catalog.Phase // active now
	Manager  models.PersonID
	Client   models.ClientID
	Search   string // in the names and ids of engagement and client, in any case
	Live     bool   // only those that have not ended
	Unmuted  bool   // only those of which messages go out
}

// A Sort is what the portfolio is sorted by. With "-" before it, the other way round.
type Sort string

// The sorts. Engagements without a date come after those with one.
const (
	SortName     Sort = "name"
	SortClient   Sort = "client" // by the client's id
	SortHealth   Sort = "health" // on track first; "-health": late first
	SortForecast Sort = "forecast"
	SortNextDue  Sort = "next_due"
	SortKickoff  Sort = "kickoff"
)

// Sorts lists all sorts.
var Sorts = []Sort{SortName, SortClient, SortHealth, SortForecast, SortNextDue, SortKickoff}

var sortColumn = map[Sort]string{SortName: "e.name_key", SortClient: "e.client_id", SortHealth: "e.health_rank", SortForecast: "e.forecast",
	SortNextDue: "e.next_due", SortKickoff: "e.kickoff"}

// ParseSort returns the sort of that name, which may begin with "-", or refuses (invalid) with the list of those there are.
// The empty name is by name.
func ParseSort(s string) (Sort, error) {
	if s == "" {
		return SortName, nil
	}
	if _, ok := sortColumn[Sort(strings.TrimPrefix(s, "-"))]; !ok {
		names := make([]string, len(Sorts))
		for i, known := range Sorts {
			names[i] = string(known)
		}
		return "", models.Refuse(models.Invalid, "sort", `sort %.40q is none of %s; "-" before it turns it round`, s, strings.Join(names, ", "))
	}
	return Sort(s), nil
}

const portfolioColumns = `e.id, e.name, e.client_id, c.name, e.type, e.status, e.manager, COALESCE(m.name, ''),
	e.kickoff, e.target, e.health, e.forecast,
	e.cautious, e.reports, e.percent, e.open_tasks, e.overdue, e.reason, e.phases, e.next_due, e.revision, e.name_key, e.health_rank,
	CASE WHEN e.status = 'paused' THEN e.pauses ELSE '' END, e.paused_on`

// Portfolio returns a page of engagements and the cursor of the next page; empty when it was the last. It refuses (invalid)
// an unknown sort and a cursor that this list, sorted so, did not give.
func (s *Store) Portfolio(ctx context.Context, filter PortfolioFilter, sort Sort, cursor string, limit int) ([]PortfolioRow, string,
	error) {
	sort, err := ParseSort(string(sort))
	if err != nil {
		return nil, "", err
	}
	down := strings.HasPrefix(string(sort), "-")
	p := s.pager("portfolio/"+string(sort), []string{sortColumn[Sort(strings.TrimPrefix(string(sort), "-"))], "e.id"}, down)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Table("engagements AS e").
		Joins("JOIN clients c ON c.firm_id = e.firm_id AND c.id = e.client_id").
		Joins("LEFT JOIN people m ON m.firm_id = e.firm_id AND m.id = e.manager").
		Select(portfolioColumns).Where("e.firm_id = ?", string(s.firm))
	rows, err := filter.where(q, s.firm).Rows()
	if err != nil {
		return nil, "", fail("list the portfolio", err)
	}
	defer rows.Close()
	lines := make([]portfolioLine, 0, min(limit+1, 64))
	r := &reader{}
	for rows.Next() {
		line, err := scanPortfolio(rows, r)
		if err != nil {
			return nil, "", fail("list the portfolio", err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fail("list the portfolio", err)
	}
	lines, next := turn(p, lines, limit, func(l portfolioLine) []string { return []string{l.key(p.columns[0]), string(l.row.ID)} })
	out := make([]PortfolioRow, len(lines))
	for i := range lines {
		out[i] = lines[i].row
	}
	return out, next, r.err
}

// where leaves of the engagements (e) and their clients (c) of a query those that the filter lets pass. A field that is not set lets
// all pass.
func (filter PortfolioFilter) where(q *gorm.DB, firm models.FirmID) *gorm.DB {
	q = filter.Scope.where(q, firm)
	if filter.Unmuted {
		q = q.Where("NOT e.muted")
	}
	if filter.Live {
		q = q.Where("e.status NOT IN ('cancelled', 'completed')")
	}
	if len(filter.Statuses) > 0 {
		q = q.Where("e.status IN ?", filter.Statuses)
	}
	if len(filter.Healths) > 0 {
		q = q.Where("e.health IN ?", filter.Healths)
	}
	if filter.Phase != "" {
		q = q.Where("e.id IN (SELECT engagement_id FROM phases WHERE firm_id = ? AND phase = ? AND standing = 'active')", string(firm),
			string(filter.Phase))
	}
	if filter.Manager != "" {
		q = member(q, firm, []models.PersonID{filter.Manager}, []models.Role{models.RoleManager})
	}
	if filter.Client != "" {
		q = q.Where("e.client_id = ?", string(filter.Client))
	}
	if filter.Search != "" {
		words := like(filter.Search)
		q = q.Where("(e.name_key LIKE ? ESCAPE '!' OR c.name_key LIKE ? ESCAPE '!' OR e.id LIKE ? ESCAPE '!' OR e.client_id LIKE ? ESCAPE '!')",
			words, words, words, words)
	}
	return q
}

// A portfolioLine is a row with what it may be sorted by.
type portfolioLine struct {
	row               PortfolioRow
	name              string
	health            int
	forecast, nextDue string
	kickoff           string
}

func (l *portfolioLine) key(column string) string {
	switch column {
	case "e.client_id":
		return string(l.row.Client)
	case "e.health_rank":
		return strconv.Itoa(l.health)
	case "e.forecast":
		return l.forecast
	case "e.next_due":
		return l.nextDue
	case "e.kickoff":
		return l.kickoff
	}
	return l.name
}

func scanPortfolio(rows *sql.Rows, r *reader) (portfolioLine, error) {
	var l portfolioLine
	var target, cautious, reports, phases, pauses, pausedOn string
	p, sum := &l.row, &l.row.Summary
	err := rows.Scan(&p.ID, &p.Name, &p.Client, &p.ClientName, &p.Type, &p.Status, &p.Manager, &p.ManagerName, &l.kickoff, &target,
		&sum.Health, &l.forecast,
		&cautious, &reports, &sum.Percent, &sum.Open, &sum.Overdue, &sum.Reason, &phases, &l.nextDue, &p.Revision, &l.name, &l.health,
		&pauses, &pausedOn)
	if err != nil {
		return l, err
	}
	p.Kickoff, p.Target, sum.Forecast, sum.Cautious, sum.NextDue = r.date(l.kickoff), r.date(target), r.date(l.forecast), r.date(cautious),
		r.date(l.nextDue)
	sum.Reports = reportsOf(r, reports)
	if p.Status == engagement.StatusPaused {
		e := engagement.Engagement{Status: p.Status}
		if pauses != "" {
			r.json(pauses, &e.Pauses)
		}
		p.Pause = engagement.Pause{From: r.date(pausedOn), Until: e.PausedUntil()}
	}
	for _, phase := range r.ids(phases) {
		sum.Phases = append(sum.Phases, catalog.Phase(phase))
	}
	return l, nil
}
