package api

import (
	"context"
	"errors"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

func (h handlers) HandOverPerson(ctx context.Context, r gen.HandOverPersonRequestObject) (gen.HandOverPersonResponseObject, error) {
	who, b := of(ctx), r.Body
	l := store.Leaving{Actor: who.Actor, Person: who.Target.ID, Ends: b.Leaves, Check: b.Check, Reason: b.Reason, To: b.To,
		Engagements: map[models.EngagementID]models.PersonID{}, Roles: map[string]models.PersonID{},
		Tasks: map[models.EngagementID]map[models.TaskID]models.PersonID{}}
	for _, x := range b.Engagements {
		l.Engagements[x.Engagement] = x.To
	}
	for _, x := range b.Functions {
		l.Roles[x.Function] = x.To
	}
	for _, x := range b.Tasks {
		if l.Tasks[x.Engagement] == nil {
			l.Tasks[x.Engagement] = map[models.TaskID]models.PersonID{}
		}
		l.Tasks[x.Engagement][x.Task] = x.To
	}
	if l.To == "" && len(l.Engagements)+len(l.Roles)+len(l.Tasks) == 0 && !l.Ends && !l.Check {
		return nil, models.Refuse(models.Invalid, "to", "to is missing: say who takes over")
	}
	var err error
	if !l.Ends && !l.Check {
		if l.Told, err = h.toldOfHandOver(ctx, l); err != nil {
			return nil, err
		}
	}
	done, err := who.Store.HandOver(ctx, who.Once, l, who.Now)
	if err := faultsOf(err); err != nil {
		return nil, err
	}
	out := gen.HandedOver{Person: showPerson(done.Person), Items: []gen.Held{}, Faults: []gen.FieldError{}, Elsewhere: done.Elsewhere}
	for _, x := range done.Held {
		out.Items = append(out.Items, showHeld(x))
	}
	for _, f := range done.Faults {
		out.Faults = append(out.Faults, gen.FieldError{Field: f.Field, Detail: f.Detail})
	}
	return gen.HandOverPerson200JSONResponse(out), nil
}

// faultsOf makes of all that is wrong with a request one answer that names every field.
func faultsOf(err error) error {
	if faults, ok := errors.AsType[store.Faults](err); ok {
		return badFields(each(faults, func(f store.Fault) fieldError { return fieldError{f.Field, f.Detail} }))
	}
	return err
}

func showHeld(x store.HeldThing) gen.Held {
	return gen.Held{Place: x.Place, ID: x.Subject, Title: x.Title, Role: x.Role, Engagement: x.Engagement, Client: x.Client, Due: x.Due,
		To: x.To}
}

// toldOfHandOver returns what is told to somebody who stays of the functions that approve and are taken from them.
func (h handlers) toldOfHandOver(ctx context.Context, l store.Leaving) (map[string][]store.NewDelivery, error) {
	who := of(ctx)
	duties, err := who.Store.DutiesOf(ctx, l.Person)
	if err != nil {
		return nil, err
	}
	out := map[string][]store.NewDelivery{}
	for _, d := range duties {
		f, _ := who.Root.Catalog.Function(d.Function)
		if !who.Root.Catalog.Approves(d.Function) && d.Function != string(models.RoleSponsor) {
			continue
		}
		if out[d.Function], err = h.cfg.Post.OfFunction(ctx, who.Store, who.Once, []models.PersonID{l.Person}, who.Person, f.ID,
			f.Name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (h handlers) HandOverEngagement(ctx context.Context, r gen.HandOverEngagementRequestObject) (gen.HandOverEngagementResponseObject,
	error) {
	who, b := of(ctx), r.Body
	c := engagement.Command{Kind: engagement.HandOverWork, Actor: who.Actor, Key: who.Once.Key, Hash: who.Once.Hash,
		IfRevision: who.Once.IfRevision, Reason: b.Reason,
		HandOver: &engagement.HandOver{From: b.From, Function: b.Function, To: b.To, Tasks: map[models.TaskID]models.PersonID{}}}
	for _, x := range b.Tasks {
		c.HandOver.Tasks[x.Task] = x.To
	}
	id := who.Engagement.ID
	held, err := who.Store.HeldFor(ctx, id, c)
	if err != nil {
		return nil, err
	}
	out := gen.HandedOver{Items: each(held, showHeld), Faults: []gen.FieldError{}}
	if b.Check {
		faults, err := who.Store.TryCommand(ctx, id, c, who.Now)
		for _, f := range faults {
			out.Faults = append(out.Faults, gen.FieldError{Field: f.Field, Detail: f.Detail})
		}
		out.Revision = who.Engagement.Revision
		return handedOver(out), err
	}
	done, err := h.cfg.Engine.Apply(ctx, models.Ref{Firm: who.Firm, Engagement: id}, c)
	if all, ok := errors.AsType[engagement.Refusals](err); ok {
		return nil, badFields(each(all, func(r *models.Error) fieldError { return fieldError{r.Field, r.Message} }))
	} else if err != nil {
		return nil, err
	}
	out.Revision, out.Replayed = done.Revision, done.Replayed
	return handedOver(out), nil
}

func handedOver(out gen.HandedOver) gen.HandOverEngagement200JSONResponse {
	return gen.HandOverEngagement200JSONResponse{Body: out, Headers: gen.HandOverEngagement200ResponseHeaders{ETag: etag(out.Revision)}}
}
