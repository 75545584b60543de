package api

import (
	"context"
	"slices"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/store"
)

func (h handlers) ListEngagements(ctx context.Context, r gen.ListEngagementsRequestObject) (gen.ListEngagementsResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := who.names(ctx, "manager", &q.Manager); err != nil {
		return nil, err
	}
	filter := store.PortfolioFilter{Phase: q.Phase, Manager: q.Manager, Client: q.Client, Search: q.Q, Live: q.Live}
	if q.Status != "" {
		filter.Statuses = []engagement.Status{q.Status}
	}
	if q.Health != "" {
		if !who.SeesHealth() {
			return nil, models.Refuse(models.Forbidden, "health", "health is not shown to the auditor")
		}
		filter.Healths = []engagement.Health{q.Health}
	}
	page, next, err := who.Store.PortfolioFor(ctx, who.Actor, filter, store.Sort(q.Sort), q.Cursor, limitOf(q.Limit), who.Now)
	if err != nil {
		return nil, err
	}
	return gen.ListEngagements200JSONResponse{Items: each(page, who.showLine), Next: next}, nil
}

func (h handlers) DraftEngagement(ctx context.Context, r gen.DraftEngagementRequestObject) (gen.DraftEngagementResponseObject, error) {
	who, b := of(ctx), r.Body
	client, err := who.Store.Client(ctx, b.Client)
	if models.CodeOf(err) == models.NotFound {
		return nil, noClient(b.Client)
	} else if err != nil {
		return nil, err
	}
	if b.Predecessor != "" {
		if _, err := who.Store.SeesEngagement(ctx, who.Actor, b.Predecessor, who.Now); models.CodeOf(err) == models.NotFound {
			return nil, models.Refuse(models.Invalid, "predecessor", "there is no engagement %q", b.Predecessor)
		} else if err != nil {
			return nil, err
		}
	}
	name := b.Name
	if name == "" {
		kind, _ := who.Root.Catalog.Type(b.Type)
		name = clip(client.Name) + ": " + orElse(kind.Name, b.Type)
	}
	e, err := who.Store.CreateEngagement(ctx, who.Once, engagement.Engagement{ID: b.ID, Client: b.Client, Name: name, Type: b.Type,
		Categories: b.Categories, Addons: b.Addons, Kickoff: b.Kickoff, AsOf: b.AsOf, WindowOpen: b.WindowOpen, WindowMonths: b.WindowMonths,
		PreviousClose: b.PreviousClose, Predecessor: b.Predecessor,
		Target: b.TargetReport, Partner: b.Partner, Manager: b.Manager, Auditor: b.Auditor,
		Consultants: b.Consultants}, who.Now)
	return gen.DraftEngagement201JSONResponse{Body: who.showEngagement(e, client.Name),
		Headers: gen.DraftEngagement201ResponseHeaders{ETag: etag(e.Revision), Location: base + "/engagements/" + string(e.ID)}}, err
}

func (h handlers) GetEngagement(ctx context.Context, _ gen.GetEngagementRequestObject) (gen.GetEngagementResponseObject, error) {
	who := of(ctx)
	e := who.Engagement
	client, err := who.Store.Client(ctx, e.Client)
	return gen.GetEngagement200JSONResponse{Body: who.showEngagement(e, client.Name),
		Headers: gen.GetEngagement200ResponseHeaders{ETag: etag(e.Revision)}}, err
}

// facts reads the engagement that the path names, all of one moment.
func (w *caller) facts(ctx context.Context) (*engagement.Facts, string, error) {
	f, err := w.Store.Facts(ctx, w.Engagement.ID, engagement.Need{})
	if err != nil {
		return nil, "", err
	}
	return f, etag(f.Engagement.Revision), nil
}

func (h handlers) GetStatus(ctx context.Context, _ gen.GetStatusRequestObject) (gen.GetStatusResponseObject, error) {
	who := of(ctx)
	f, tag, err := who.facts(ctx)
	if err != nil {
		return nil, err
	}
	past, err := who.Store.Forecasts(ctx, f.Engagement.ID)
	if err != nil {
		return nil, err
	}
	body := who.showReport(f.ReportFor(who.Actor, who.Now))
	body.Forecast.History = each(past, showPast)
	return gen.GetStatus200JSONResponse{Body: body,
		Headers: gen.GetStatus200ResponseHeaders{ETag: tag}}, nil
}

func (h handlers) GetPlan(ctx context.Context, _ gen.GetPlanRequestObject) (gen.GetPlanResponseObject, error) {
	who := of(ctx)
	f, tag, err := who.facts(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := planning.NewPlan(f.Catalog, f.PlanInput())
	if err != nil {
		return nil, err
	}
	return gen.GetPlan200JSONResponse{Body: who.showPlan(f.Catalog, plan, f.Engagement.Type,
		who.SeesAllOf("listTasks", f.Engagement, who.Now)), Headers: gen.GetPlan200ResponseHeaders{ETag: tag}}, nil
}

func (h handlers) GetTimeline(ctx context.Context, r gen.GetTimelineRequestObject) (gen.GetTimelineResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := engagement.CheckEventKind(q.Kind); err != nil {
		return nil, err
	}
	filter := store.EventFilter{Kind: q.Kind, Since: dayStart(q.Since), Until: dayEnd(q.Until), Newest: q.Order == "desc"}
	events, next, err := who.Store.EventsFor(ctx, who.Actor, who.Engagement.ID, filter, q.Cursor, limitOf(q.Limit))
	return gen.GetTimeline200JSONResponse{Items: each(events, showEvent), Next: next}, err
}

func (h handlers) ListChanges(ctx context.Context, r gen.ListChangesRequestObject) (gen.ListChangesResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := engagement.CheckEventKind(q.Kind); err != nil {
		return nil, err
	}
	filter := store.EventFilter{Kind: q.Kind, Since: dayStart(q.Since), Until: dayEnd(q.Until)}
	events, next, err := who.Store.ChangesFor(ctx, who.Actor, q.Client, filter, q.Cursor, limitOf(q.Limit))
	return gen.ListChanges200JSONResponse{Items: each(events, func(e store.EventAt) gen.Event {
		out := showEvent(e.Event)
		out.Engagement = e.Engagement
		return out
	}), Next: next}, err
}

func (h handlers) ListGates(ctx context.Context, _ gen.ListGatesRequestObject) (gen.ListGatesResponseObject, error) {
	who := of(ctx)
	f, tag, err := who.facts(ctx)
	if err != nil {
		return nil, err
	}
	open := map[string]engagement.GateReport{}
	for _, g := range f.Report(who.Now).Gates {
		open[g.ID] = g
	}
	out := gen.GateList{Items: []gen.Gate{}}
	for _, g := range f.Gates {
		if !f.SeesGate(who.Actor, g.ID, who.Now) {
			continue
		}
		line, ok := open[g.ID]
		if !ok {
			line = engagement.GateReport{Gate: g, Text: f.GateText(g.ID)}
		}
		out.Items = append(out.Items, showGate(line))
	}
	return gen.ListGates200JSONResponse{Body: out, Headers: gen.ListGates200ResponseHeaders{ETag: tag}}, nil
}

func (h handlers) GetDecision(ctx context.Context, r gen.GetDecisionRequestObject) (gen.GetDecisionResponseObject, error) {
	who := of(ctx)
	d, would, err := who.Store.DecisionFor(ctx, who.Actor, who.Engagement.ID, r.Decision, who.Now)
	if err != nil {
		return nil, err
	}
	out := showDecision(d)
	if d.State == engagement.DecisionPending {
		out.Would = showEffects(would)
	}
	return gen.GetDecision200JSONResponse(out), nil
}

func (h handlers) ListQuestions(ctx context.Context, r gen.ListQuestionsRequestObject) (gen.ListQuestionsResponseObject, error) {
	who, p := of(ctx), r.Params
	if err := who.names(ctx, "to", &p.To); err != nil {
		return nil, err
	}
	if err := who.names(ctx, "by", &p.By); err != nil {
		return nil, err
	}
	questions, err := who.Store.QuestionsFor(ctx, who.Actor, who.Engagement,
		store.QuestionFilter{State: p.State, Task: p.Task, To: p.To, By: p.By}, who.Now)
	if err != nil {
		return nil, err
	}
	slices.Reverse(questions)
	return gen.ListQuestions200JSONResponse{Items: each(questions, showQuestion)}, nil
}

func (h handlers) ListDecisions(ctx context.Context, r gen.ListDecisionsRequestObject) (gen.ListDecisionsResponseObject, error) {
	who := of(ctx)
	decisions, err := who.Store.DecisionsFor(ctx, who.Actor, who.Engagement, who.Now)
	if err != nil {
		return nil, err
	}
	out := gen.ListDecisions200JSONResponse{Items: []gen.Decision{}}
	for i := range decisions {
		d := decisions[len(decisions)-1-i]
		if len(out.Items) < listed && (r.Params.State == "" || r.Params.State == d.State) {
			out.Items = append(out.Items, showDecision(d))
		}
	}
	return out, nil
}
