package api

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/store"
)

func (h handlers) ListTasks(ctx context.Context, r gen.ListTasksRequestObject) (gen.ListTasksResponseObject, error) {
	who, q := of(ctx), r.Params
	filter := store.TaskFilter{Phase: q.Phase, Owner: q.Owner, Text: q.Q}
	if q.State != "" {
		filter.States = []models.TaskState{q.State}
	}
	if q.Overdue {
		zone, err := time.LoadLocation(who.engagement.TimeZone)
		if err != nil {
			zone = time.UTC // zones are checked before they are stored
		}
		filter.Overdue = models.DateIn(who.now, zone)
	}
	list := who.store.Tasks
	if who.reach == models.ReachOwn {
		list = who.ownTasks
	}
	tasks, next, err := list(ctx, who.engagement.ID, filter, q.Cursor, limitOf(q.Limit))
	return gen.ListTasks200JSONResponse{Items: each(tasks, who.showTask), Next: next}, err
}

// ownTasks is store.Tasks for those who are shown their own only. An engagement has some hundreds of tasks: it looks through
// all of them, and its cursor names the last one shown.
func (w *caller) ownTasks(ctx context.Context, id models.EngagementID, filter store.TaskFilter, cursor string, limit int) ([]models.Task, string, error) {
	after, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(cursor, "own"))
	if cursor != "" && (err != nil || !strings.HasPrefix(cursor, "own")) {
		return nil, "", models.Refuse(models.Invalid, "cursor", "the cursor is none that this list gave: begin again without one")
	}
	var out []models.Task
	skip := len(after) > 0
	for at := ""; ; {
		page, next, err := w.store.Tasks(ctx, id, filter, at, 500)
		if err != nil {
			return nil, "", err
		}
		for _, t := range page {
			switch {
			case !w.Owns(t):
			case skip:
				skip = string(t.ID) != string(after)
			case len(out) == limit:
				return out, "own" + base64.RawURLEncoding.EncodeToString([]byte(out[limit-1].ID)), nil
			default:
				out = append(out, t)
			}
		}
		if at = next; at == "" {
			return out, "", nil
		}
	}
}

func (h handlers) GetTask(ctx context.Context, r gen.GetTaskRequestObject) (gen.GetTaskResponseObject, error) {
	who := of(ctx)
	t, comments, err := who.store.Task(ctx, who.engagement.ID, r.Task)
	if err != nil {
		return nil, err
	}
	history, _, err := who.store.Events(ctx, who.engagement.ID, store.EventFilter{Subject: string(r.Task)}, "", 200)
	if err != nil {
		return nil, err
	}
	return gen.GetTask200JSONResponse{
		Body:    gen.TaskDetail{Task: who.showTask(t), Comments: each(comments, showComment), History: each(history, showEvent)},
		Headers: gen.GetTask200ResponseHeaders{ETag: etag(who.engagement.Revision)},
	}, nil
}
