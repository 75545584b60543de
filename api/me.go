package api

import (
	"context"

	"tickmark/api/gen"
	"tickmark/models/engagement"
)

func (h handlers) GetMe(ctx context.Context, _ gen.GetMeRequestObject) (gen.GetMeResponseObject, error) {
	who := of(ctx)
	firm, err := who.Store.Firm(ctx)
	if err != nil {
		return nil, err
	}
	me := gen.GetMe200JSONResponse{
		Person: showPerson(who.Person),
		Firm:   gen.MyFirm{ID: string(firm.ID), Name: firm.Name, Country: firm.Country, TimeZone: firm.TimeZone},
		May:    map[string]engagement.Reach{},
	}
	tokens, err := who.Store.Tokens(ctx, who.Person.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if t.ID == who.Token {
			me.Token = showToken(t)
		}
	}
	for action := range engagement.Grants {
		if reach := engagement.ReachOf(who.Role, action); reach != engagement.ReachNone {
			me.May[string(action)] = reach
		}
	}
	return me, nil
}
