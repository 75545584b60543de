package api

import (
	"context"
	"slices"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// most is how many things of one kind somebody's work has at most.
const most = 5000

func (h handlers) GetWork(ctx context.Context, r gen.GetWorkRequestObject) (gen.GetWorkResponseObject, error) {
	who := of(ctx)
	p := who.Target.Person
	works, err := who.Store.WorkFor(ctx, who.Actor, p, r.Params.Until, who.Now)
	if err != nil {
		return nil, err
	}
	duties, err := who.Store.DutiesOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := gen.Work{Person: p.ID, Today: models.DateIn(who.Now, models.Zone(p.TimeZone)), Tasks: []gen.Task{}, Accept: []gen.Task{},
		Gates: []gen.Awaited{}, Decisions: []gen.Awaited{}, Questions: []gen.Awaited{}, Functions: []gen.HeldFunction{},
		Left: []gen.Awaited{}, Seats: []gen.Seat{}}
	for _, in := range works {
		who.addWork(&out, in)
	}
	for _, d := range duties {
		f, _ := who.Root.Catalog.Function(d.Function)
		out.Functions = append(out.Functions, gen.HeldFunction{Client: d.Client, Function: d.Function, Name: orElse(f.Name, d.Function),
			Backup: d.Person != p.ID})
	}
	byDue := func(a, b gen.Task) int {
		return engagement.ByDue(engagement.Task{ID: a.ID, Due: a.Due}, engagement.Task{ID: b.ID, Due: b.Due})
	}
	slices.SortStableFunc(out.Tasks, byDue)
	slices.SortStableFunc(out.Accept, byDue)
	out.Tasks, out.Accept, out.Gates, out.Decisions = atMost(most, out.Tasks), atMost(most, out.Accept), atMost(most, out.Gates),
		atMost(most, out.Decisions)
	out.Questions = atMost(most, out.Questions)
	return gen.GetWork200JSONResponse(out), nil
}

// addWork adds to somebody's work what is theirs in one engagement.
func (w *caller) addWork(out *gen.Work, in store.WorkIn) {
	e := in.Engagement
	task := func(t engagement.Task) gen.Task {
		shown := w.showTaskIn(t, in.Whens[t.ID])
		shown.Engagement, shown.EngagementName, shown.For = e.ID, e.Name, in.For[string(t.ID)]
		return shown
	}
	out.Tasks, out.Accept = append(out.Tasks, each(in.Tasks, task)...), append(out.Accept, each(in.Accept, task)...)
	awaited := func(id string, since models.Date) gen.Awaited {
		return gen.Awaited{Engagement: e.ID, EngagementName: e.Name, ID: id, Text: in.Texts[id], Since: since, For: in.For[id]}
	}
	zone := models.Zone(e.TimeZone)
	for _, g := range in.Gates {
		var since models.Date
		if !g.At.IsZero() {
			since = models.DateIn(g.At, zone)
		}
		out.Gates = append(out.Gates, awaited(g.ID, since))
	}
	for _, d := range in.Decisions {
		out.Decisions = append(out.Decisions, awaited(d.ID, models.DateIn(d.ProposedAt, zone)))
	}
	for _, v := range in.Left {
		out.Left = append(out.Left, gen.Awaited{Engagement: e.ID, EngagementName: e.Name, ID: string(v.Person.ID),
			Text: v.Headline() + "; " + v.Text(), Since: v.On})
	}
	for _, q := range in.Questions {
		out.Questions = append(out.Questions, awaited(q.ID, models.DateIn(q.OpenAt, zone)))
	}
	for _, role := range in.Seats {
		out.Seats = append(out.Seats, gen.Seat{Engagement: e.ID, EngagementName: e.Name, Role: role, Status: e.Status})
	}
}
