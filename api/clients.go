package api

import (
	"context"
	"strings"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/store"
)

func (h handlers) ListClients(ctx context.Context, r gen.ListClientsRequestObject) (gen.ListClientsResponseObject, error) {
	who := of(ctx)
	page, next, err := who.Store.ClientsFor(ctx, who.Actor, store.ClientFilter{Search: r.Params.Q}, r.Params.Cursor, limitOf(r.Params.Limit))
	return gen.ListClients200JSONResponse{Items: each(page, showClient), Next: next}, err
}

func (h handlers) CreateClient(ctx context.Context, r gen.CreateClientRequestObject) (gen.CreateClientResponseObject, error) {
	who, b := of(ctx), r.Body
	c, err := who.Store.CreateClient(ctx, who.Once, models.Client{ID: b.ID, Name: b.Name, Headcount: b.Headcount, Country: b.Country,
		TimeZone: b.TimeZone, Weekend: weekdays(b.Weekend), Closed: b.ClosedDays, Open: b.OpenDays}, who.Now)
	return gen.CreateClient201JSONResponse{Body: showClient(c),
		Headers: gen.CreateClient201ResponseHeaders{ETag: etag(c.Revision), Location: base + "/clients/" + string(c.ID)}}, err
}

func (h handlers) GetClient(ctx context.Context, r gen.GetClientRequestObject) (gen.GetClientResponseObject, error) {
	c, err := of(ctx).Store.Client(ctx, r.Client)
	return gen.GetClient200JSONResponse{Body: showClient(c), Headers: gen.GetClient200ResponseHeaders{ETag: etag(c.Revision)}}, err
}

func (h handlers) UpdateClient(ctx context.Context, r gen.UpdateClientRequestObject) (gen.UpdateClientResponseObject, error) {
	who, b := of(ctx), r.Body
	edit := func(c *models.Client) error {
		put(&c.Name, b.Name)
		put(&c.Headcount, b.Headcount)
		put(&c.Country, b.Country)
		put(&c.TimeZone, b.TimeZone)
		put(&c.Closed, b.ClosedDays)
		put(&c.Open, b.OpenDays)
		if b.Weekend != nil {
			c.Weekend = weekdays(*b.Weekend)
		}
		return nil
	}
	var moves store.CalendarEffect
	once := who.moving(&moves, b.Check)
	c, moves, err := who.Store.ClientMoves(ctx, who.Actor, once, r.Client, who.Now, edit)
	if err == nil && !b.Check {
		c, err = who.Store.UpdateClient(ctx, once, r.Client, who.Now, edit)
	}
	out := showClient(c)
	out.Moves = showMoves(moves)
	return gen.UpdateClient200JSONResponse{Body: out, Headers: gen.UpdateClient200ResponseHeaders{ETag: etag(c.Revision)}}, err
}

// put changes a field when a request names it.
func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (h handlers) ListFunctions(ctx context.Context, r gen.ListFunctionsRequestObject) (gen.ListFunctionsResponseObject, error) {
	who := of(ctx)
	duties, err := who.Store.Duties(ctx, r.Client)
	if err != nil {
		return nil, err
	}
	held := map[string]models.Duty{}
	for _, d := range duties {
		held[d.Function] = d
	}
	return gen.ListFunctions200JSONResponse{Items: each(who.Root.Catalog.Functions, func(f catalog.ClientFunction) gen.Function {
		return showFunction(f, held[f.ID])
	})}, nil
}

func showFunction(f catalog.ClientFunction, d models.Duty) gen.Function {
	return gen.Function{Function: f.ID, Name: f.Name, Fallback: f.Fallback, Person: d.Person, Backup: d.Backup}
}

func (h handlers) AssignFunction(ctx context.Context, r gen.AssignFunctionRequestObject) (gen.AssignFunctionResponseObject, error) {
	who := of(ctx)
	f, ok := who.Root.Catalog.Function(r.Function)
	if !ok {
		names := make([]string, 0, len(who.Root.Catalog.Functions))
		for _, f := range who.Root.Catalog.Functions {
			names = append(names, f.ID)
		}
		return nil, models.Refuse(models.Invalid, "function", "function %q is none of %s", r.Function, strings.Join(names, ", "))
	}
	d := models.Duty{Client: r.Client, Function: r.Function}
	var err error
	if d.Person, err = who.Store.Names(ctx, who.Actor, r.Client, r.Body.Person); err != nil {
		return nil, err
	}
	if d.Backup, err = h.backupOf(ctx, d, r.Body); err != nil {
		return nil, err
	}
	was, told, err := h.toldOfFunction(ctx, d)
	if err != nil {
		return nil, err
	}
	done, err := who.Store.HandDuty(ctx, who.Once, who.Actor, was, d, r.Body.HandOver, who.Now, told...)
	if err := faultsOf(err); err != nil {
		return nil, err
	}
	out := showFunction(f, done.Duty)
	out.Stays, out.Handed = done.Stays, done.Handed
	if was.Person != d.Person {
		out.Former = was.Person
	}
	return gen.AssignFunction200JSONResponse(out), nil
}

// backupOf returns who stands in for the new holder of a function: whom the request names, nobody where it says so, and otherwise who does
// so already, unless they hold it now.
func (h handlers) backupOf(ctx context.Context, d models.Duty, b *gen.FunctionChange) (models.PersonID, error) {
	who := of(ctx)
	switch {
	case b.NoBackup && b.Backup != "":
		return "", models.Refuse(models.Invalid, "no_backup", "name a backup, or say that there is none: not both")
	case b.NoBackup:
		return "", nil
	case b.Backup != "":
		return who.Store.Names(ctx, who.Actor, d.Client, b.Backup)
	}
	is, err := who.Store.Duty(ctx, d.Client, d.Function)
	if err != nil || is.Backup == d.Person {
		return "", err
	}
	p, err := who.Store.Person(ctx, is.Backup)
	if models.CodeOf(err) == models.NotFound || err == nil && !p.Active { // who has left stands in for nobody
		return "", nil
	}
	return is.Backup, err
}

// toldOfFunction returns who holds a function now, and what is told to those from whom the caller takes one that approves. It refuses the
// change to whom may not make it.
func (h handlers) toldOfFunction(ctx context.Context, d models.Duty) (was models.Duty, told []store.NewDelivery, err error) {
	who := of(ctx)
	f, _ := who.Root.Catalog.Function(d.Function)
	if was, err = who.Store.Duty(ctx, d.Client, d.Function); err != nil || !who.Root.Catalog.Approves(d.Function) &&
		d.Function != string(models.RoleSponsor) {
		return was, nil, err
	}
	seat, err := who.Store.Meet(ctx, who.Actor, models.Person{Client: d.Client, Role: models.RoleSponsor})
	if err != nil {
		return was, nil, err
	}
	lost := was.LostBy(d)
	switch {
	case d.Function == string(models.RoleSponsor):
		err = who.MaySeat(seat)
	case len(lost) > 0:
		err = who.MayReplace(seat, d.Function)
	}
	if err != nil {
		return was, nil, err
	}
	told, err = h.cfg.Post.OfFunction(ctx, who.Store, who.Once, lost, who.Person, f.ID, f.Name)
	return was, told, err
}
