package store

import (
	"context"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
)

// sights tries what shows rows to an actor: as a partner of beta, whose ids are those of somebody in alpha, and as an owner.
func sights(ctx context.Context, beta *Store) map[string]try {
	gone, nothing := models.NotFound, models.Code("nothing")
	boss, olga := engagement.Actor{Person: "mia", Role: models.RolePartner},
		engagement.Actor{Person: "olga", Role: models.RoleOwner, Client: "acme"}
	e1 := engagement.Engagement{Firm: "beta", ID: "e1", Client: "acme"}
	return map[string]try{
		"SeesClient":     {gone, func() (any, error) { return nil, beta.SeesClient(ctx, boss, "acme") }},
		"SeesPerson":     {gone, func() (any, error) { return beta.SeesPerson(ctx, boss, "mia") }},
		"SeesEngagement": {gone, func() (any, error) { return beta.SeesEngagement(ctx, boss, "e1", noon) }},
		"SeesTask":       {gone, func() (any, error) { return nil, beta.SeesTask(ctx, olga, e1, "KO-0001", noon) }},
		"SeesGate":       {gone, func() (any, error) { return nil, beta.SeesGate(ctx, boss, e1, "G-KO-1", noon) }},
		"SeesDecision":   {gone, func() (any, error) { return nil, beta.SeesDecision(ctx, olga, e1, "D-1", noon) }},
		"PortfolioFor": {nothing, func() (any, error) {
			rows, _, err := beta.PortfolioFor(ctx, boss, PortfolioFilter{}, "", "", 10, noon)
			return rows, err
		}},
		"ClientsFor": {nothing, func() (any, error) {
			rows, _, err := beta.ClientsFor(ctx, boss, ClientFilter{}, "", 10)
			return rows, err
		}},
		"PeopleFor": {nothing, func() (any, error) {
			rows, _, err := beta.PeopleFor(ctx, boss, PersonFilter{Inactive: true}, "", 10)
			return slices.DeleteFunc(rows, func(p models.Person) bool { return p.Firm == "beta" && p.ID == "bert" }), err
		}},
		"TasksFor": {nothing, func() (any, error) {
			rows, _, err := beta.TasksFor(ctx, boss, e1, TaskFilter{}, "", 10, noon)
			return rows, err
		}},
		"DecisionsFor": {nothing, func() (any, error) { return beta.DecisionsFor(ctx, boss, e1, noon) }},
		"DeliveriesFor": {nothing, func() (any, error) {
			rows, _, err := beta.DeliveriesFor(ctx, boss, DeliveryFilter{}, "", 10)
			return rows, err
		}},
	}
}
