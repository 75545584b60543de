package api

import (
	"context"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

func (h handlers) MoveTask(ctx context.Context, r gen.MoveTaskRequestObject) (gen.MoveTaskResponseObject, error) {
	b := r.Body
	out, err := h.shift(ctx, engagement.Command{Kind: engagement.MoveTask, Tasks: one(r.Task), Due: b.Due, Reason: b.Reason,
		Moving: &engagement.Moving{Along: b.Along}}, b.Check)
	return gen.MoveTask200JSONResponse{Body: out, Headers: gen.MoveTask200ResponseHeaders{ETag: etag(out.Revision)}}, err
}

func (h handlers) MoveTasks(ctx context.Context, r gen.MoveTasksRequestObject) (gen.MoveTasksResponseObject, error) {
	b := r.Body
	out, err := h.shift(ctx, engagement.Command{Kind: engagement.MoveTask, Tasks: b.Tasks, Due: b.Due, Reason: b.Reason,
		Moving: &engagement.Moving{Phase: b.Phase, Days: b.Days, Along: b.Along}}, b.Check)
	return gen.MoveTasks200JSONResponse{Body: out, Headers: gen.MoveTasks200ResponseHeaders{ETag: etag(out.Revision)}}, err
}

// shift carries out a command that moves due dates, or with check only says what it would move.
func (h handlers) shift(ctx context.Context, c engagement.Command, check bool) (gen.Moves, error) {
	who := of(ctx)
	c.Actor, c.Key, c.Hash, c.IfRevision = who.Actor, who.Once.Key, who.Once.Hash, who.Once.IfRevision
	if check {
		s, revision, err := who.Store.TryShift(ctx, who.Engagement.ID, c, who.Now)
		return showShift(s, engagement.Result{Revision: revision}), err
	}
	done, err := h.cfg.Engine.Apply(ctx, models.Ref{Firm: who.Firm, Engagement: who.Engagement.ID}, c)
	return showShift(done.Shift, done), err
}

func showShift(s *engagement.Shift, done engagement.Result) gen.Moves {
	out := gen.Moves{Revision: done.Revision, Replayed: done.Replayed, Moves: []gen.MovedTask{}, Stays: []gen.StayingTask{},
		Phases: []gen.PhaseEnd{}, Reports: []gen.ReportMove{}, Anew: []gen.AskedAnew{}, Text: []string{}}
	if s == nil {
		return out
	}
	for _, m := range s.Moves {
		out.Moves = append(out.Moves, gen.MovedTask{Task: m.Task, Title: m.Title, Owner: m.Owner, Name: m.Name, Was: m.Was, Is: m.Is,
			Along: m.Along, Why: m.Why})
	}
	for _, x := range s.Stays {
		out.Stays = append(out.Stays, gen.StayingTask{Task: x.Task, Title: x.Title, Owner: x.Owner, Name: x.Name, Due: x.Due,
			For: append([]models.TaskID{}, x.For...), Needs: x.Needs, Fixed: x.Fixed, Theirs: x.Theirs, Text: x.Line()})
	}
	for _, p := range s.Phases {
		out.Phases = append(out.Phases, gen.PhaseEnd{Phase: p.Phase, Name: p.Name, Was: p.Was, Is: p.Is})
	}
	for _, r := range s.Reports {
		out.Reports = append(out.Reports, gen.ReportMove{Kind: r.Kind, Promised: r.Promised, Was: r.Was, Is: r.Is})
	}
	for _, a := range s.Anew {
		out.Anew = append(out.Anew, gen.AskedAnew{Person: a.Person, Name: a.Name, Tasks: a.Tasks, Gates: append([]string{}, a.Gates...)})
	}
	out.Text = append(out.Text, s.Lines()...)
	return out
}
