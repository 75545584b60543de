package api

import (
	"context"

	"tickmark/api/gen"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

func (h handlers) ListTasks(ctx context.Context, r gen.ListTasksRequestObject) (gen.ListTasksResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := who.names(ctx, "owner", &q.Owner); err != nil {
		return nil, err
	}
	filter := store.TaskFilter{Phase: q.Phase, Owner: q.Owner, Overdue: q.Overdue, Open: q.Open, DueFrom: q.DueFrom, DueTo: q.DueTo, Text: q.Q}
	if q.State != "" {
		filter.States = []engagement.TaskState{q.State}
	}
	tasks, next, err := who.Store.TasksFor(ctx, who.Actor, who.Engagement, filter, q.Cursor, limitOf(q.Limit), who.Now)
	if err != nil {
		return nil, err
	}
	f, err := who.Store.Facts(ctx, who.Engagement.ID, engagement.Need{})
	if err != nil {
		return nil, err
	}
	moment := f.At(who.Now)
	return gen.ListTasks200JSONResponse{Items: each(tasks, func(t engagement.Task) gen.Task { return who.showTaskIn(t, moment.When(&t)) }),
		Next: next}, nil
}

func (h handlers) ListAllTasks(ctx context.Context, r gen.ListAllTasksRequestObject) (gen.ListAllTasksResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := who.namesAt(ctx, q.Client, "owner", &q.Owner); err != nil {
		return nil, err
	}
	filter := store.TaskFilter{Phase: q.Phase, Owner: q.Owner, Overdue: q.Overdue, Open: q.Open, DueFrom: q.DueFrom, DueTo: q.DueTo, Text: q.Q}
	if q.State != "" {
		filter.States = []engagement.TaskState{q.State}
	}
	tasks, next, err := who.Store.AllTasksFor(ctx, who.Actor, q.Client, filter, q.Cursor, limitOf(q.Limit), who.Now)
	return gen.ListAllTasks200JSONResponse{Items: each(tasks, func(t store.NamedTask) gen.Task {
		out := who.showTaskIn(t.Task, t.When)
		out.Engagement, out.EngagementName = t.Engagement, t.EngagementName
		return out
	}), Next: next}, err
}

func (h handlers) GetTask(ctx context.Context, r gen.GetTaskRequestObject) (gen.GetTaskResponseObject, error) {
	who := of(ctx)
	t, comments, history, err := who.Store.TaskFor(ctx, who.Actor, who.Engagement.ID, r.Task)
	if err != nil {
		return nil, err
	}
	f, err := who.Store.Facts(ctx, who.Engagement.ID, engagement.Need{})
	if err != nil {
		return nil, err
	}
	return gen.GetTask200JSONResponse{
		Body: gen.TaskDetail{Task: who.showTaskIn(t, f.When(&t, who.Now)), Comments: each(comments, showComment),
			History:    each(history, showEvent),
			Commenting: showCommenting(engagement.CommentingOn(who.Actor, &t, f.Firm, f.Client))},
		Headers: gen.GetTask200ResponseHeaders{ETag: etag(who.Engagement.Revision)},
	}, nil
}
