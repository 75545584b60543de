package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"tickmark/models"
)

// A TaskFilter chooses tasks; empty fields choose all.
type TaskFilter struct {
	States  []models.TaskState
	Phase   models.Phase
	Owner   models.PersonID
	Overdue models.Date // open and due before this day
	Text    string      // in id and title; ASCII letters in any case
}

// Tasks returns a page of an engagement's tasks by due date, those without one last, and the cursor of the next page; empty
// when it was the last. Of an engagement that is not there it returns none. It refuses (invalid) a cursor that this list did
// not give.
func (s *Store) Tasks(ctx context.Context, id models.EngagementID, filter TaskFilter, cursor string, limit int) ([]models.Task, string, error) {
	p := s.pager("tasks/"+string(id), []string{"due", "id"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Table("tasks").Select(taskColumns).Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id))
	if len(filter.States) > 0 {
		q = q.Where("state IN ?", filter.States)
	}
	if filter.Phase != "" {
		q = q.Where("phase = ?", string(filter.Phase))
	}
	if filter.Owner != "" {
		q = q.Where("owner = ?", string(filter.Owner))
	}
	if !filter.Overdue.IsZero() {
		q = q.Where(openStates+" AND due < ?", filter.Overdue.String())
	}
	if filter.Text != "" {
		q = q.Where("(LOWER(title) LIKE ? ESCAPE '!' OR LOWER(id) LIKE ? ESCAPE '!')", likeASCII(filter.Text), likeASCII(filter.Text))
	}
	rows, err := scanTasks(q)
	if err != nil {
		return nil, "", err
	}
	rows, next := turn(p, rows, limit, func(t taskRow) []string { return []string{t.Due, t.ID} })
	out, r := make([]models.Task, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, next, r.err
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

// Task returns a task with what has been said on it, the oldest first.
func (s *Store) Task(ctx context.Context, id models.EngagementID, task models.TaskID) (models.Task, []models.Comment, error) {
	var t models.Task
	var comments []models.Comment
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

// Comments returns what has been said on a task, the oldest first: the last 1,000 at most.
func (s *Store) Comments(ctx context.Context, id models.EngagementID, task models.TaskID) ([]models.Comment, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	return s.comments(db, id, task)
}

func (s *Store) comments(tx *gorm.DB, id models.EngagementID, task models.TaskID) ([]models.Comment, error) {
	var rows []commentRow
	err := tx.Where("firm_id = ? AND engagement_id = ? AND task_id = ?", string(s.firm), string(id), string(task)).
		Order("seq DESC").Limit(1000).Find(&rows).Error
	if err != nil {
		return nil, fail("read the comments", err)
	}
	out := make([]models.Comment, len(rows))
	for i := range rows {
		out[len(rows)-1-i] = rows[i].model()
	}
	return out, nil
}

// A TaskStats counts the tasks of an engagement, cancelled ones too.
type TaskStats struct {
	Total   int
	Overdue int // open and due before the day asked about
	States  map[models.TaskState]int
	Phases  map[models.Phase]map[models.TaskState]int
}

// TaskStats counts the tasks of an engagement. Of one that is not there it counts none.
func (s *Store) TaskStats(ctx context.Context, id models.EngagementID, today models.Date) (TaskStats, error) {
	stats := TaskStats{States: map[models.TaskState]int{}, Phases: map[models.Phase]map[models.TaskState]int{}}
	db, err := s.root.query(ctx)
	if err != nil {
		return stats, err
	}
	rows, err := db.Raw(`SELECT phase, state, COUNT(*), SUM(CASE WHEN due < ? THEN 1 ELSE 0 END) FROM tasks
		WHERE firm_id = ? AND engagement_id = ? GROUP BY phase, state`, today.String(), string(s.firm), string(id)).Rows()
	if err != nil {
		return stats, fail("count the tasks", err)
	}
	defer rows.Close()
	for rows.Next() {
		var phase models.Phase
		var state models.TaskState
		var n, due int
		if err := rows.Scan(&phase, &state, &n, &due); err != nil {
			return stats, fail("count the tasks", err)
		}
		stats.Total += n
		stats.States[state] += n
		if stats.Phases[phase] == nil {
			stats.Phases[phase] = map[models.TaskState]int{}
		}
		stats.Phases[phase][state] += n
		if !state.Closed() {
			stats.Overdue += due
		}
	}
	return stats, fail("count the tasks", rows.Err())
}

// An OwnTask is a task somebody has to act on, and where.
type OwnTask struct {
	Engagement     models.EngagementID
	EngagementName string
	Client         models.ClientID
	Task           models.Task
}

// TasksOf returns a page of the tasks a person has to act on in running engagements, by due date: what is open or blocked
// and theirs, and what waits for their approval. It refuses (invalid) a cursor that this list did not give.
func (s *Store) TasksOf(ctx context.Context, person models.PersonID, cursor string, limit int) ([]OwnTask, string, error) {
	p := s.pager("own/"+string(person), []string{"t.due", "t.engagement_id", "t.id"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Table(`(SELECT * FROM tasks WHERE firm_id = ? AND owner = ? AND `+openStates+` AND (state = 'open' OR state = 'blocked')
			UNION ALL SELECT * FROM tasks WHERE firm_id = ? AND approver = ? AND state = 'submitted') AS t`,
		string(s.firm), string(person), string(s.firm), string(person)).
		Joins("JOIN engagements e ON e.firm_id = t.firm_id AND e.id = t.engagement_id").
		Select("t.engagement_id, e.name, e.client_id, t." + strings.ReplaceAll(taskColumns, ", ", ", t.")).
		Where("e.status = 'running'")
	rows, err := q.Rows()
	if err != nil {
		return nil, "", fail("list somebody's tasks", err)
	}
	defer rows.Close()
	var out []OwnTask
	r := &reader{}
	for rows.Next() {
		var own OwnTask
		var t taskRow
		if err := rows.Scan(append([]any{&own.Engagement, &own.EngagementName, &own.Client}, t.fields()...)...); err != nil {
			return nil, "", fail("list somebody's tasks", err)
		}
		own.Task = t.model(r)
		out = append(out, own)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fail("list somebody's tasks", err)
	}
	out, next := turn(p, out, limit, func(o OwnTask) []string {
		w := &writer{}
		return []string{w.date(o.Task.Due), string(o.Engagement), string(o.Task.ID)}
	})
	return out, next, r.err
}
