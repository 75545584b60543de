package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// A TaskFilter chooses tasks; empty fields choose all.
type TaskFilter struct {
	States  []engagement.TaskState
	Phase   catalog.Phase
	Owner   models.PersonID
	Overdue bool        // late, and not closed
	Open    bool        // not closed
	DueFrom models.Date // due on this day or later
	DueTo   models.Date // due on this day or before
	Text    string      // in id and title; ASCII letters in any case
}

// where adds the filter to a query of tasks.
func (filter TaskFilter) where(q *gorm.DB) *gorm.DB {
	if len(filter.States) > 0 {
		q = q.Where("state IN ?", filter.States)
	}
	if filter.Phase != "" {
		q = q.Where("phase = ?", string(filter.Phase))
	}
	if filter.Owner != "" {
		q = q.Where("owner = ?", string(filter.Owner))
	}
	if filter.Overdue {
		q = q.Where(openStates + " AND late")
	}
	if filter.Open {
		q = q.Where(openStates)
	}
	if !filter.DueFrom.IsZero() {
		q = q.Where("due >= ? AND due <> ?", filter.DueFrom.String(), noDate)
	}
	if !filter.DueTo.IsZero() {
		q = q.Where("due <= ?", filter.DueTo.String())
	}
	if filter.Text != "" {
		q = q.Where("(LOWER(title) LIKE ? ESCAPE '!' OR LOWER(title) LIKE ? ESCAPE '!' OR LOWER(id) LIKE ? ESCAPE '!')",
			likeASCII(filter.Text), likeHeading(filter.Text), likeASCII(filter.Text))
	}
	return q
}

// Tasks returns a page of an engagement's tasks by due date, those without one last, and the cursor of the next page; empty
// when it was the last. Of an engagement that is not there it returns none. It refuses (invalid) a cursor that this list did
// not give.
func (s *Store) Tasks(ctx context.Context, id models.EngagementID, filter TaskFilter, cursor string, limit int) ([]engagement.Task,
	string, error) {
	p := s.pager("tasks/"+string(id), []string{"due", "id"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = filter.where(q.Table("tasks").Select(taskColumns).Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id)))
	rows, err := scanTasks(q)
	if err != nil {
		return nil, "", err
	}
	rows, next := turn(p, rows, limit, func(t taskRow) []string { return []string{t.Due, t.ID} })
	out, r := make([]engagement.Task, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, next, r.err
}

// A TaskAt is a task of one of several engagements.
type TaskAt struct {
	Engagement models.EngagementID
	engagement.Task
}

// byDue reports whether a list of tasks is walked by due date until a page is full: the open ones of all engagements, or of them the late
// ones, for which there is an index. Others are found by whose they are or by their engagements, and then sorted: the walk would pass by
// everybody else's, or by many that are not asked for.
func (filter TaskFilter) byDue(scope Scope, client models.ClientID) bool {
	few := len(filter.States) > 0 || filter.Owner != "" || filter.Text != "" || client != "" || scope.kind != ScopeAll().kind
	return (filter.Open || filter.Overdue) && !few
}

// allTasksPager turns the pages of the tasks of many engagements. Open ones that are not to be walked by due date are sorted by an
// expression in place of the column, which keeps both databases from it.
func (s *Store) allTasksPager(scope Scope, client models.ClientID, filter TaskFilter) *pager {
	due := "due"
	if (filter.Open || filter.Overdue) && !filter.byDue(scope, client) {
		due = "(due || '')"
	}
	return s.pager("all-tasks", []string{due, "engagement_id", "id"}, false)
}

// allTasks returns a page of the tasks of the engagements of a scope that run or are paused, for a client where one is named, by due date,
// those without one last; with the place of each, where the next page may begin, and whether there is more.
func (s *Store) allTasks(ctx context.Context, p *pager, scope Scope, client models.ClientID, filter TaskFilter, cursor string,
	limit int) (tasks []TaskAt, places []string, more bool, err error) {
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, nil, false, err
	}
	on := s.root.db.Table("engagements AS e").Select("e.id").Where("e.firm_id = ? AND e.status IN ('running', 'paused')", string(s.firm))
	on = PortfolioFilter{Scope: scope, Client: client}.where(on, s.firm)
	q = filter.where(q.Table("tasks").Select("engagement_id, "+taskColumns).Where("tasks.firm_id = ?", string(s.firm)))
	if filter.byDue(scope, client) {
		q = q.Where("EXISTS (?)", on.Where("e.id = tasks.engagement_id"))
	} else {
		q = q.Where("engagement_id IN (?)", on)
	}
	rows, err := q.Rows()
	if err != nil {
		return nil, nil, false, fail("list the tasks", err)
	}
	defer rows.Close()
	r := &reader{}
	for rows.Next() {
		var t taskRow
		if err := rows.Scan(append([]any{&t.EngagementID}, t.fields()...)...); err != nil {
			return nil, nil, false, fail("list the tasks", err)
		}
		if len(tasks) == limit {
			more = true
			continue
		}
		tasks = append(tasks, TaskAt{models.EngagementID(t.EngagementID), t.model(r)})
		places = append(places, p.cursor([]string{t.Due, t.EngagementID, t.ID}))
	}
	return tasks, places, more, firstOf(fail("list the tasks", rows.Err()), r.err)
}

// likeASCII is like for columns that have no copy in lower case: there databases agree on ASCII letters only.
func likeASCII(words string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.TrimSpace(words))+"%")
}

// likeHeading returns a pattern for a title as it is kept, of words from the title as it is shown: there what a task is about stands first.
func likeHeading(words string) string {
	about, what, ok := strings.Cut(words, ": ")
	if !ok {
		return likeASCII(words)
	}
	return likeASCII(what) + likeASCII(about)
}

// scanTasks runs a query of taskColumns.
func scanTasks(q *gorm.DB) ([]taskRow, error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, fail("list the tasks", err)
	}
	defer rows.Close()
	var out []taskRow
	for rows.Next() {
		var t taskRow
		if err := t.scan(rows); err != nil {
			return nil, fail("list the tasks", err)
		}
		out = append(out, t)
	}
	return out, fail("list the tasks", rows.Err())
}

// Task returns a task with its comments, the oldest first.
func (s *Store) Task(ctx context.Context, id models.EngagementID, task models.TaskID) (engagement.Task, []engagement.Comment, error) {
	var t engagement.Task
	var comments []engagement.Comment
	err := s.root.read(ctx, "read a task", func(tx *gorm.DB) error {
		rows, err := scanTasks(tx.Table("tasks").Select(taskColumns).
			Where("firm_id = ? AND engagement_id = ? AND id = ?", string(s.firm), string(id), string(task)))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return models.Refuse(models.NotFound, "task", "there is no task %.80q in this engagement", string(task))
		}
		r := &reader{}
		if t = rows[0].model(r); r.err != nil {
			return r.err
		}
		comments, err = s.comments(tx, id, task)
		return err
	})
	return t, comments, err
}

// Comments returns the comments on a task, the oldest first: the last 1,000 at most.
func (s *Store) Comments(ctx context.Context, id models.EngagementID, task models.TaskID) ([]engagement.Comment, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	return s.comments(db, id, task)
}

func (s *Store) comments(tx *gorm.DB, id models.EngagementID, task models.TaskID) ([]engagement.Comment, error) {
	var rows []commentRow
	err := tx.Where("firm_id = ? AND engagement_id = ? AND task_id = ?", string(s.firm), string(id), string(task)).
		Order("seq DESC").Limit(1000).Find(&rows).Error
	if err != nil {
		return nil, fail("read the comments", err)
	}
	out := make([]engagement.Comment, len(rows))
	for i := range rows {
		out[len(rows)-1-i] = rows[i].model()
	}
	return out, nil
}
