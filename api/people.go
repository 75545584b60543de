package api

import (
	"context"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
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
	switch who.reach {
	case models.ReachOwn:
		return gen.ListPeople200JSONResponse{Items: []gen.Person{showPerson(who.person)}}, nil
	case models.ReachClient:
		filter.Client = &who.Client
		if q.Client != "" && q.Client != who.Client {
			return nil, noClient(q.Client)
		}
	case models.ReachTeam: // colleagues and auditors, or the people of one client of theirs
		if q.Client == "" {
			filter.Client = new(models.ClientID)
		} else if ok, err := who.hasClient(ctx, models.ReachTeam, q.Client); err != nil {
			return nil, err
		} else if !ok {
			return nil, noClient(q.Client)
		}
	}
	page, next, err := who.store.People(ctx, filter, q.Cursor, limitOf(q.Limit))
	return gen.ListPeople200JSONResponse{Items: each(page, showPerson), Next: next}, err
}

// noClient refuses a client that is not there, or not to be seen, where a request names one beside the path.
func noClient(id models.ClientID) error {
	return models.Refuse(models.Invalid, "client", "there is no client %q", id)
}

func (h handlers) InvitePerson(ctx context.Context, r gen.InvitePersonRequestObject) (gen.InvitePersonResponseObject, error) {
	who, b := of(ctx), r.Body
	p := models.Person{ID: b.ID, Client: b.Client, Name: b.Name, Email: b.Email, Role: b.Role, TimeZone: b.TimeZone}
	if !who.MayLookAfter(p) {
		return nil, models.Refuse(models.Forbidden, "role", "as %s you may not invite somebody as %s here", who.Role, p.Role)
	}
	p, err := who.store.CreatePerson(ctx, who.once, p, who.now)
	return gen.InvitePerson201JSONResponse{Body: showPerson(p),
		Headers: gen.InvitePerson201ResponseHeaders{ETag: etag(p.Revision), Location: base + "/people/" + string(p.ID)}}, err
}

func (h handlers) GetPerson(ctx context.Context, _ gen.GetPersonRequestObject) (gen.GetPersonResponseObject, error) {
	p := of(ctx).subject
	return gen.GetPerson200JSONResponse{Body: showPerson(p), Headers: gen.GetPerson200ResponseHeaders{ETag: etag(p.Revision)}}, nil
}

func (h handlers) UpdatePerson(ctx context.Context, r gen.UpdatePersonRequestObject) (gen.UpdatePersonResponseObject, error) {
	who, b := of(ctx), r.Body
	p, err := who.store.UpdatePerson(ctx, who.once, r.Person, who.now, func(p *models.Person) error {
		was := *p
		put(&p.Name, b.Name)
		put(&p.Email, b.Email)
		put(&p.Role, b.Role)
		put(&p.TimeZone, b.TimeZone)
		put(&p.Active, b.Active)
		switch {
		case was.ID == who.Person && (p.Role != was.Role || p.Active != was.Active):
			return models.Refuse(models.Forbidden, "", "nobody changes their own role or ends their own access: ask somebody else")
		case was.ID == who.Person && p.Email != was.Email && who.Role != models.RolePartner:
			return models.Refuse(models.Forbidden, "email", "nobody changes their own address: ask who invited you")
		case was.ID != who.Person && !(who.MayLookAfter(was) && who.MayLookAfter(*p)):
			return models.Refuse(models.Forbidden, "role", "as %s you may not change somebody who is %s, or make somebody that", who.Role, later(was, *p))
		}
		return nil
	})
	return gen.UpdatePerson200JSONResponse{Body: showPerson(p), Headers: gen.UpdatePerson200ResponseHeaders{ETag: etag(p.Revision)}}, err
}

// later returns the role a change is refused for.
func later(was, is models.Person) models.Role {
	if was.Role != is.Role {
		return is.Role
	}
	return was.Role
}

func (h handlers) ListTokens(ctx context.Context, r gen.ListTokensRequestObject) (gen.ListTokensResponseObject, error) {
	who := of(ctx)
	tokens, err := who.store.Tokens(ctx, r.Person)
	return gen.ListTokens200JSONResponse{Items: each(tokens, showToken)}, err
}

// defaultDays is how long a token lives when nobody says.
const defaultDays = 90

func (h handlers) IssueToken(ctx context.Context, r gen.IssueTokenRequestObject) (gen.IssueTokenResponseObject, error) {
	who := of(ctx)
	now := h.cfg.Real()
	secret, hash := NewToken()
	expires := now.AddDate(0, 0, orElse(r.Body.Days, defaultDays)).Truncate(time.Second)
	t, err := who.store.CreateToken(ctx, who.once, r.Person, r.Body.Name, hash, expires, now)
	if err != nil {
		return nil, err
	}
	out := gen.IssuedToken{Token: showToken(t)}
	// When the same request came before, the token is the one that was made then: its secret has been shown, and is nowhere.
	if p, err := h.cfg.Root.Token(ctx, hash, now); err == nil && p.Token == t.ID {
		out.Secret = secret
	}
	return gen.IssueToken201JSONResponse{Body: out,
		Headers: gen.IssueToken201ResponseHeaders{Location: base + "/people/" + string(r.Person) + "/tokens"}}, nil
}

func (h handlers) RevokeToken(ctx context.Context, r gen.RevokeTokenRequestObject) (gen.RevokeTokenResponseObject, error) {
	who := of(ctx)
	tokens, err := who.store.Tokens(ctx, r.Person)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if t.ID == r.Token {
			_, err := who.store.RevokeToken(ctx, who.once, r.Token, h.cfg.Real())
			return gen.RevokeToken204Response{}, err
		}
	}
	return nil, unknown("token", r.Token)
}
