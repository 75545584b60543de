package api

import (
	"context"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

func (h handlers) StartFromFile(ctx context.Context, r gen.StartFromFileRequestObject) (gen.StartFromFileResponseObject, error) {
	who, b := of(ctx), bundleOf(r.Body)
	b.Actor = who.Actor
	if b.Engagement.Name == "" {
		kind, _ := who.Root.Catalog.Type(b.Engagement.Type)
		b.Engagement.Name = clip(b.Client.Name) + ": " + orElse(kind.Name, clip(b.Engagement.Type))
	}
	if b.Update && !b.Check {
		if err := h.tellOfAddresses(ctx, &b); err != nil {
			return nil, err
		}
		if err := h.tellOfFunctions(ctx, &b); err != nil {
			return nil, err
		}
	}
	done, err := who.Store.Start(ctx, who.Once, b, who.Now)
	if err := faultsOf(err); err != nil {
		return nil, err
	}
	out := gen.StartResult{Was: done.Was, Steps: []gen.StartStep{}, Differs: []gen.StartDifference{},
		Warnings: each(done.Warnings, showWarning),
		People:   []gen.StartLoad{}, Faults: []gen.FieldError{}}
	for _, s := range done.Steps {
		out.Steps = append(out.Steps, gen.StartStep{Verb: s.Verb, What: s.What})
	}
	for _, d := range done.Differs {
		out.Differs = append(out.Differs, gen.StartDifference{What: d.What, Field: d.Field, There: d.There, Wants: d.Wants, Decided: d.Decided})
	}
	for _, l := range done.Loads {
		out.People = append(out.People, gen.StartLoad{Person: l.Person, Tasks: l.Tasks})
	}
	for _, f := range done.Faults {
		out.Faults = append(out.Faults, gen.FieldError{Field: f.Field, Detail: f.Detail})
	}
	if done.Plan != nil {
		out.Plan = who.showPlan(who.Root.Catalog, *done.Plan, b.Engagement.Type, true)
	}
	if !b.Check {
		client, err := who.Store.Client(ctx, done.Engagement.Client)
		if err != nil {
			return nil, err
		}
		out.Engagement = who.showEngagement(done.Engagement, client.Name)
	}
	return gen.StartFromFile200JSONResponse(out), nil
}

// bundleOf returns what a request asks for, as it was written.
func bundleOf(b *gen.StartRequest) store.Bundle {
	c, e := b.Client, b.Engagement
	out := store.Bundle{Begin: !b.Draft, Update: b.Update, Check: b.Check, Confirm: b.Confirm, Reason: b.Reason, Named: e.Name != "",
		Client: models.Client{ID: c.ID, Name: c.Name, Headcount: c.Headcount, Country: c.Country, TimeZone: c.TimeZone,
			Weekend: weekdays(c.Weekend), Closed: c.ClosedDays, Open: c.OpenDays},
		Engagement: engagement.Engagement{ID: e.ID, Client: c.ID, Name: e.Name, Type: e.Type, Addons: e.Addons, Kickoff: e.Kickoff, AsOf: e.AsOf,
			WindowOpen: e.WindowOpen, WindowMonths: e.WindowMonths, PreviousClose: e.PreviousClose, Predecessor: e.Predecessor,
			Target: e.TargetReport, Partner: e.Partner,
			Manager: e.Manager, Auditor: e.Auditor, Consultants: e.Consultants}}
	if e.Categories != nil {
		out.Engagement.Categories = []catalog.Category{}
	}
	for _, category := range e.Categories {
		out.Engagement.Categories = append(out.Engagement.Categories, catalog.Category(category))
	}
	for _, p := range b.People {
		out.People = append(out.People, models.Person{ID: p.ID, Name: p.Name, Email: p.Email, Role: models.Role(p.Role),
			TimeZone: p.TimeZone, Closed: p.ClosedDays, Open: p.OpenDays})
	}
	for _, d := range b.Functions {
		out.Duties = append(out.Duties, models.Duty{Client: c.ID, Function: d.Function, Person: d.Person, Backup: d.Backup})
	}
	return out
}

// tellOfAddresses adds what is told to whom the bundle gives another address.
func (h handlers) tellOfAddresses(ctx context.Context, b *store.Bundle) error {
	who := of(ctx)
	b.Told = map[models.PersonID]store.ToldOf{}
	for _, p := range b.People {
		for _, id := range []models.PersonID{p.ID, models.PersonIDAt(b.Client.ID, p.ID)} {
			is, err := who.Store.Person(ctx, id)
			if models.CodeOf(err) == models.NotFound || err == nil && (p.Email == "" || is.Email == p.Email) {
				continue
			} else if err != nil {
				return err
			}
			told, err := h.cfg.Post.OfAddress(ctx, who.Store, is, who.Person)
			if err != nil {
				return err
			}
			b.Told[id] = store.ToldOf{Email: is.Email, What: told}
		}
	}
	return nil
}

// tellOfFunctions adds what is told to those who hold functions that approve, or are the backup in them, should the bundle take them away.
func (h handlers) tellOfFunctions(ctx context.Context, b *store.Bundle) error {
	who := of(ctx)
	b.Taken = map[string]map[models.PersonID][]store.NewDelivery{}
	for _, d := range b.Duties {
		f, known := who.Root.Catalog.Function(d.Function)
		if !known || d.Function != string(models.RoleSponsor) && !who.Root.Catalog.Approves(d.Function) {
			continue
		}
		is, err := who.Store.Duty(ctx, b.Client.ID, d.Function)
		if err != nil {
			return err
		}
		b.Taken[d.Function] = map[models.PersonID][]store.NewDelivery{}
		for _, id := range []models.PersonID{is.Person, is.Backup} {
			if id == "" {
				continue
			}
			if b.Taken[d.Function][id], err = h.cfg.Post.OfFunction(ctx, who.Store, who.Once, []models.PersonID{id}, who.Person, f.ID,
				f.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
