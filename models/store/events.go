package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Questions returns the questions of an engagement that fit a filter, the first one first: the last 500 at most.
func (s *Store) Questions(ctx context.Context, id models.EngagementID, filter QuestionFilter) ([]engagement.Question, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	q := db.Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id))
	for column, value := range map[string]string{"state": string(filter.State), "task_id": string(filter.Task), "to_id": string(filter.To),
		"by_id": string(filter.By)} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	var rows []questionRow
	if err := q.Order("asked_at DESC, LENGTH(id) DESC, id DESC").Limit(500).Find(&rows).Error; err != nil {
		return nil, fail("list the questions", err)
	}
	out := make([]engagement.Question, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	slices.Reverse(out)
	return out, nil
}

// A QuestionFilter says which questions of an engagement are asked for. What is empty filters nothing.
type QuestionFilter struct {
	State engagement.QuestionState
	Task  models.TaskID
	To    models.PersonID
	By    models.PersonID
}

// Decisions returns all decisions of an engagement, the first one first.
func (s *Store) Decisions(ctx context.Context, id models.EngagementID) ([]engagement.Decision, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []decisionRow
	if err := db.Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id)).Order("LENGTH(id), id").Find(&rows).Error; err != nil {
		return nil, fail("list the decisions", err)
	}
	out, r := make([]engagement.Decision, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, r.err
}

// An EventFilter chooses events; empty fields choose all but those that only the firm's people read.
type EventFilter struct {
	Kinds    []string
	Subject  string
	Kind     string    // of this kind, or of a kind that begins with it and a dot, as task.completed does with task
	Since    time.Time // that happened then or later
	Until    time.Time // that happened before
	Newest   bool      // the newest first, else the oldest
	Internal bool      // also those that only the firm's people read

	reader engagement.Actor // of the firm's record: who is shown what happened to their engagements only; nobody: it is not bounded so
}

// where adds the filter to a query of events.
func (f EventFilter) where(q *gorm.DB) *gorm.DB {
	if len(f.Kinds) > 0 {
		q = q.Where("kind IN ?", f.Kinds)
	}
	if f.Subject != "" {
		q = q.Where("subject = ?", f.Subject)
	}
	if !f.Internal {
		q = q.Where("NOT internal")
	}
	if !f.Since.IsZero() {
		q = q.Where("at >= ?", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q = q.Where("at < ?", micros(f.Until))
	}
	if f.Kind != "" {
		q = q.Where("(kind = ? OR kind LIKE ? ESCAPE '!')", f.Kind, strings.ReplaceAll(f.Kind, "_", "!_")+".%")
	}
	return q
}

// Events returns a page of what happened in an engagement, and the cursor of the next page; empty when it was the last. Of
// an engagement that is not there it returns none. It refuses (invalid) a cursor that this list, in this order, did not give.
func (s *Store) Events(ctx context.Context, id models.EngagementID, filter EventFilter, cursor string, limit int) ([]engagement.Event,
	string, error) {
	p := s.pager("events/"+string(id)+"/"+strconv.FormatBool(filter.Newest), []string{"seq"}, filter.Newest)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = filter.where(q.Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id)))
	var rows []eventRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the events", err)
	}
	rows, next := turn(p, rows, limit, func(e eventRow) []string { return []string{strconv.FormatInt(e.Event.Seq, 10)} })
	out := make([]engagement.Event, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	return out, next, nil
}

// FirmEvents returns a page of the firm's record, which is what happened outside of engagements: to the firm, its clients,
// people and tokens, to how it has its messages, and the making of engagements. It returns and refuses as Events does.
func (s *Store) FirmEvents(ctx context.Context, filter EventFilter, cursor string, limit int) ([]engagement.Event, string, error) {
	p := s.pager("firm-events/"+strconv.FormatBool(filter.Newest), []string{"seq"}, filter.Newest)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = filter.where(q.Where("firm_id = ?", string(s.firm)))
	if filter.reader.Person != "" {
		on := s.root.db.Table("engagements AS e").Select("e.id").Where("e.firm_id = ?", string(s.firm))
		q = q.Where("(kind NOT LIKE 'engagement.%' OR subject IN (?))", ScopeOf(filter.reader).where(on, s.firm))
	}
	var rows []firmEventRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the firm's events", err)
	}
	rows, next := turn(p, rows, limit, func(e firmEventRow) []string { return []string{strconv.FormatInt(e.Event.Seq, 10)} })
	out := make([]engagement.Event, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	return out, next, nil
}

// An EventAt is what happened in one of several engagements.
type EventAt struct {
	Engagement models.EngagementID
	engagement.Event
}

// changes returns a page of what happened since filter.Since in the engagements of a scope, for a client where one is named, in the order
// in which it happened: of one instant one engagement after the other by id; and the cursor of the next page, which is empty when it was
// the last. It refuses (invalid) a cursor that this list did not give.
func (s *Store) changes(ctx context.Context, scope Scope, client models.ClientID, filter EventFilter, cursor string, limit int) ([]EventAt,
	string, error) {
	p := s.pager("changes", []string{"at", "engagement_id", "seq"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	on := s.root.db.Table("engagements AS e").Select("e.id").Where("e.firm_id = ? AND e.event_at >= ?", string(s.firm), micros(filter.Since))
	q = filter.where(q.Where("firm_id = ?", string(s.firm)).
		Where("engagement_id IN (?)", PortfolioFilter{Scope: scope, Client: client}.where(on, s.firm)))
	var rows []eventRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the changes", err)
	}
	rows, next := turn(p, rows, limit, func(e eventRow) []string {
		return []string{strconv.FormatInt(e.Event.At, 10), e.EngagementID, strconv.FormatInt(e.Event.Seq, 10)}
	})
	out := make([]EventAt, len(rows))
	for i := range rows {
		out[i] = EventAt{models.EngagementID(rows[i].EngagementID), rows[i].model()}
	}
	return out, next, nil
}

// A Stir says that something happened, and nothing of what it was: an event of an engagement or, without one, of the firm's record.
type Stir struct {
	Engagement models.EngagementID
	At, Seq    int64
	Internal   bool // only the firm's people read it
}

// Stirs returns the latest events of all engagements, and the last one of the firm's record before them. It is what is asked again and
// again by who wants to hear of changes, also of those that others make who share the database.
func (s *Store) Stirs(ctx context.Context, limit int) ([]Stir, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	out := []Stir{{}}
	if err := db.Model(&firmRow{}).Select("event_seq").Where("id = ?", string(s.firm)).Scan(&out[0].Seq).Error; err != nil {
		return nil, fail("look at the firm's record", err)
	}
	var rows []Stir
	err = db.Table("events").Select("engagement_id AS engagement, at, seq, internal").Where("firm_id = ?", string(s.firm)).
		Order("at DESC, engagement_id DESC, seq DESC").Limit(limit).Scan(&rows).Error
	return append(out, rows...), fail("list the latest events", err)
}
