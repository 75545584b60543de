package api

import (
	"context"
	"time"

	"tickmark/api/gen"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

func (h handlers) ListPeople(ctx context.Context, r gen.ListPeopleRequestObject) (gen.ListPeopleResponseObject, error) {
	who, q := of(ctx), r.Params
	filter := store.PersonFilter{Inactive: q.Inactive, Search: q.Q}
	if q.Role != "" {
		filter.Roles = []models.Role{q.Role}
	}
	if q.Client != "" {
		filter.Client = &q.Client
	}
	page, next, err := who.Store.PeopleFor(ctx, who.Actor, filter, q.Cursor, limitOf(q.Limit))
	return gen.ListPeople200JSONResponse{Items: each(page, showPerson), Next: next}, err
}

// names finds whom a filter names, by their id or, of the engagement's client or the caller's company, by their short name. It refuses
// (invalid) a person who is not there, and says who is: as far as the caller is shown people. Who is shown only themselves is told nothing
// of others: for them a filter by somebody else finds nothing.
func (w *caller) names(ctx context.Context, field string, person *models.PersonID) error {
	return w.namesAt(ctx, w.Engagement.Client, field, person)
}

// namesAt is names where a client is named whose short names count.
func (w *caller) namesAt(ctx context.Context, client models.ClientID, field string, person *models.PersonID) (err error) {
	if *person, err = w.Store.Names(ctx, w.Actor, client, *person); err != nil {
		return err
	}
	id := *person
	if id == "" || engagement.ReachOf(w.Actor.Role, "getPerson") == engagement.ReachOwn {
		return nil
	}
	if _, err := w.Store.SeesPerson(ctx, w.Actor, id); models.CodeOf(err) != models.NotFound {
		return err
	}
	const most = 20
	var of store.PersonFilter
	if w.Actor.Client != "" { // without the managers, of whom they see who they are and nothing else
		of.Client = &w.Actor.Client
	}
	people, next, err := w.Store.PeopleFor(ctx, w.Actor, of, "", most)
	if err != nil {
		return err
	}
	var ids []models.PersonID
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	more := ""
	if next != "" {
		more = " and others"
	}
	return models.Refuse(models.Invalid, field, "%s %q is nobody: there are %s%s", field, id, models.Words(ids), more)
}

// noClient refuses a client that is not there, or not to be seen, where a request names one beside the path.
func noClient(id models.ClientID) error {
	return models.Refuse(models.Invalid, "client", "there is no client %q", id)
}

func (h handlers) InvitePerson(ctx context.Context, r gen.InvitePersonRequestObject) (gen.InvitePersonResponseObject, error) {
	who, b := of(ctx), r.Body
	p := models.Person{ID: b.ID, Client: b.Client, Name: b.Name, Email: b.Email, Role: b.Role, TimeZone: b.TimeZone,
		Closed: b.ClosedDays, Open: b.OpenDays}
	on, err := who.Store.Meet(ctx, who.Actor, p)
	if err != nil {
		return nil, err
	}
	if err := who.May("invitePerson", &on); err != nil {
		return nil, err
	}
	if who.Actor.Role.Side() == models.SideClient && p.ID != "" { // whether it is taken elsewhere or not: the answer tells nothing of others
		p.ID = models.PersonIDAt(p.Client, p.ID)
	}
	p, err = who.Store.CreatePerson(ctx, who.Once, p, who.Now)
	return gen.InvitePerson201JSONResponse{Body: showPerson(p),
		Headers: gen.InvitePerson201ResponseHeaders{ETag: etag(p.Revision), Location: base + "/people/" + string(p.ID)}}, err
}

func (h handlers) GetPerson(ctx context.Context, _ gen.GetPersonRequestObject) (gen.GetPersonResponseObject, error) {
	p := of(ctx).Target.Person
	return gen.GetPerson200JSONResponse{Body: showPerson(p), Headers: gen.GetPerson200ResponseHeaders{ETag: etag(p.Revision)}}, nil
}

func (h handlers) UpdatePerson(ctx context.Context, r gen.UpdatePersonRequestObject) (gen.UpdatePersonResponseObject, error) {
	who, b := of(ctx), r.Body
	told, err := h.toldOfAddress(ctx, b.Email)
	if err != nil {
		return nil, err
	}
	edit := func(p *models.Person) error {
		was := who.Target
		was.Person = *p
		put(&p.Name, b.Name)
		put(&p.Email, b.Email)
		put(&p.Role, b.Role)
		put(&p.TimeZone, b.TimeZone)
		put(&p.Closed, b.ClosedDays)
		put(&p.Open, b.OpenDays)
		put(&p.Active, b.Active)
		if p.Email != was.Email && was.Revision != who.Target.Revision {
			return models.Refuse(models.Conflict, "email", "somebody changed this person just now: look again before you change the email")
		}
		return who.MayChange(was, *p)
	}
	var moves store.CalendarEffect
	once := who.moving(&moves, b.Check)
	p, moves, err := who.Store.OwnTimeMoves(ctx, who.Actor, once, who.Target.ID, who.Now, edit)
	if err == nil && !b.Check {
		p, err = who.Store.UpdatePerson(ctx, once, who.Target.ID, who.Now, edit, told...)
	}
	out := showPerson(p)
	out.Moves = showMoves(moves)
	return gen.UpdatePerson200JSONResponse{Body: out, Headers: gen.UpdatePerson200ResponseHeaders{ETag: etag(p.Revision)}}, err
}

// toldOfAddress returns what is told to whom the caller gives another address; nothing where they do not, or may not change anything.
func (h handlers) toldOfAddress(ctx context.Context, email *string) ([]store.NewDelivery, error) {
	who := of(ctx)
	is := who.Target.Person
	put(&is.Email, email)
	if is.Email == who.Target.Email || who.MayChange(who.Target, is) != nil {
		return nil, nil
	}
	return h.cfg.Post.OfAddress(ctx, who.Store, who.Target.Person, who.Person)
}

func (h handlers) ListInvitations(ctx context.Context, _ gen.ListInvitationsRequestObject) (gen.ListInvitationsResponseObject, error) {
	who := of(ctx)
	all, err := who.Store.Invitations(ctx, who.Target.ID)
	now := h.cfg.Real()
	return gen.ListInvitations200JSONResponse{Items: each(all, func(i store.Invitation) gen.Invitation { return showInvitation(i, now) })}, err
}

func (h handlers) SendInvitation(ctx context.Context, _ gen.SendInvitationRequestObject) (gen.SendInvitationResponseObject, error) {
	who := of(ctx)
	sent, err := h.cfg.Post.Invite(ctx, who.Store, who.Target.Person, who.Person, who.Once)
	return gen.SendInvitation201JSONResponse{Body: showInvitation(sent, h.cfg.Real()),
		Headers: gen.SendInvitation201ResponseHeaders{Location: base + "/people/" + string(who.Target.ID) + "/invitations"}}, err
}

func (h handlers) ListTokens(ctx context.Context, r gen.ListTokensRequestObject) (gen.ListTokensResponseObject, error) {
	who := of(ctx)
	tokens, err := who.Store.Tokens(ctx, who.Target.ID)
	return gen.ListTokens200JSONResponse{Items: each(tokens, showToken)}, err
}

// defaultDays is how long a token lives when nobody says.
const defaultDays = 90

func (h handlers) IssueToken(ctx context.Context, r gen.IssueTokenRequestObject) (gen.IssueTokenResponseObject, error) {
	who := of(ctx)
	now := h.cfg.Real()
	secret, hash := session.NewToken()
	expires := now.AddDate(0, 0, orElse(r.Body.Days, defaultDays)).Truncate(time.Second)
	t, err := who.Store.CreateToken(ctx, who.Once, who.Target.ID, r.Body.Name, hash, expires, now)
	if err != nil {
		return nil, err
	}
	if t.Person != who.Person.ID {
		if err := h.cfg.Post.TellOfToken(ctx, who.Store, t, who.Person); err != nil { // the secret is shown now or never
			h.cfg.Log.WarnContext(ctx, "somebody is not told of a token that was made for them", "token", t.ID, "error", err)
		}
	}
	out := gen.IssuedToken{Token: showToken(t)}
	// When the same request came before, the token is the one that was made then: its secret has been shown, and is nowhere.
	if p, err := h.cfg.Root.Token(ctx, hash, now); err == nil && p.Token == t.ID {
		out.Secret = secret
	}
	return gen.IssueToken201JSONResponse{Body: out,
		Headers: gen.IssueToken201ResponseHeaders{Location: base + "/people/" + string(who.Target.ID) + "/tokens"}}, nil
}

func (h handlers) RevokeToken(ctx context.Context, r gen.RevokeTokenRequestObject) (gen.RevokeTokenResponseObject, error) {
	who := of(ctx)
	tokens, err := who.Store.Tokens(ctx, who.Target.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if t.ID == r.Token {
			_, err := who.Store.RevokeToken(ctx, who.Once, r.Token, h.cfg.Real())
			return gen.RevokeToken204Response{}, err
		}
	}
	return nil, unknown("token", r.Token)
}
