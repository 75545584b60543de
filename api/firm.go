package api

import (
	"context"
	"slices"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/store"
)

func (h handlers) GetFirm(ctx context.Context, _ gen.GetFirmRequestObject) (gen.GetFirmResponseObject, error) {
	f, err := of(ctx).Store.Firm(ctx)
	return gen.GetFirm200JSONResponse{Body: showFirm(f), Headers: gen.GetFirm200ResponseHeaders{ETag: etag(f.Revision)}}, err
}

func (h handlers) UpdateFirm(ctx context.Context, r gen.UpdateFirmRequestObject) (gen.UpdateFirmResponseObject, error) {
	who, b := of(ctx), r.Body
	edit := func(f *models.Firm) error {
		put(&f.Name, b.Name)
		put(&f.Country, b.Country)
		put(&f.TimeZone, b.TimeZone)
		put(&f.Closed, b.ClosedDays)
		put(&f.Open, b.OpenDays)
		return nil
	}
	var moves store.CalendarEffect
	once := who.moving(&moves, b.Check)
	f, moves, err := who.Store.FirmMoves(ctx, who.Actor, once, who.Now, edit)
	if err == nil && !b.Check {
		f, err = who.Store.UpdateFirm(ctx, once, who.Now, edit)
	}
	out := showFirm(f)
	out.Moves = showMoves(moves)
	return gen.UpdateFirm200JSONResponse{Body: out, Headers: gen.UpdateFirm200ResponseHeaders{ETag: etag(f.Revision)}}, err
}

func showFirm(f models.Firm) gen.Firm {
	return gen.Firm{ID: string(f.ID), Name: f.Name, Country: f.Country, TimeZone: f.TimeZone, ClosedDays: some(f.Closed),
		OpenDays: some(f.Open), Revision: f.Revision}
}

func (h handlers) GetFirmTimeline(ctx context.Context, r gen.GetFirmTimelineRequestObject) (gen.GetFirmTimelineResponseObject, error) {
	who, q := of(ctx), r.Params
	filter := store.EventFilter{Subject: q.Subject, Since: dayStart(q.Since), Until: dayEnd(q.Until), Newest: q.Order == "desc"}
	if q.Kind != "" && !slices.Contains(store.FirmEventKinds, q.Kind) {
		return nil, models.Refuse(models.Invalid, "kind", "kind %.60q is none of %s", q.Kind, models.Words(store.FirmEventKinds))
	}
	if q.Kind != "" {
		filter.Kinds = []string{q.Kind}
	}
	events, next, err := who.Store.FirmEventsFor(ctx, who.Actor, filter, q.Cursor, limitOf(q.Limit))
	return gen.GetFirmTimeline200JSONResponse{Items: each(events, showEvent), Next: next}, err
}
