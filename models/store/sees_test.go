package store

import (
	"context"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
)

// sights tries what shows rows to an actor: as a partner of bright, whose ids are those of somebody in acme, and as an owner.
func sights(ctx context.Context, bright *Store) map[string]try {
	gone, nothing := models.NotFound, models.Code("nothing")
	boss, olga := engagement.Actor{Person: "ines", Role: models.RolePartner},
		engagement.Actor{Person: "olga", Role: models.RoleOwner, Client: "northgate"}
	e1 := engagement.Engagement{Firm: "bright", ID: "e1", Client: "northgate"}
	return map[string]try{
		"SeesClient": {gone, func() (any, error) { return nil, bright.SeesClient(ctx, boss, "northgate") }},
		"SeesPerson": {gone, func() (any, error) { return bright.SeesPerson(ctx, boss, "ines") }},
		"Meet": {nothing, func() (any, error) { // in bright nobody works with anybody, whoever does in acme
			on, err := bright.Meet(ctx, engagement.Actor{Person: "ines", Role: models.RoleManager},
				models.Person{ID: "olga", Client: "northgate"})
			return !on.Ours, err
		}},
		"SeesEngagement": {gone, func() (any, error) { return bright.SeesEngagement(ctx, boss, "e1", noon) }},
		"Names": {nothing, func() (any, error) { // a client of the other firm has short names of its own
			id, err := bright.Names(ctx, boss, "northgate", "olga")
			return id != "olga", err
		}},
		"SeesTask":     {gone, func() (any, error) { return nil, bright.SeesTask(ctx, olga, e1, "KO-0001", noon) }},
		"SeesGate":     {gone, func() (any, error) { return nil, bright.SeesGate(ctx, boss, e1, "G-KO-1", noon) }},
		"SeesDecision": {gone, func() (any, error) { return nil, bright.SeesDecision(ctx, olga, e1, "D-1", noon) }},
		"DecisionFor": {gone, func() (any, error) {
			_, _, err := bright.DecisionFor(ctx, boss, "e1", "D-1", noon)
			return nil, err
		}},
		"PortfolioFor": {nothing, func() (any, error) {
			rows, _, err := bright.PortfolioFor(ctx, boss, PortfolioFilter{}, "", "", 10, noon)
			return rows, err
		}},
		"ClientsFor": {nothing, func() (any, error) {
			rows, _, err := bright.ClientsFor(ctx, boss, ClientFilter{}, "", 10)
			return rows, err
		}},
		"PeopleFor": {nothing, func() (any, error) {
			rows, _, err := bright.PeopleFor(ctx, boss, PersonFilter{Inactive: true}, "", 10)
			return slices.DeleteFunc(rows, func(p models.Person) bool { return p.Firm == "bright" && p.ID == "vera" }), err
		}},
		"TasksFor": {nothing, func() (any, error) {
			rows, _, err := bright.TasksFor(ctx, boss, e1, TaskFilter{}, "", 10, noon)
			return rows, err
		}},
		"TaskFor": {gone, func() (any, error) {
			t, comments, events, err := bright.TaskFor(ctx, boss, "e1", "KO-0001")
			return []any{t, comments, events}, err
		}},
		"EventsFor": {nothing, func() (any, error) {
			rows, _, err := bright.EventsFor(ctx, boss, "e1", EventFilter{}, "", 10)
			return rows, err
		}},
		"FirmEventsFor": {nothing, func() (any, error) {
			rows, _, err := bright.FirmEventsFor(ctx, boss, EventFilter{}, "", 100)
			return slices.DeleteFunc(rows, func(e engagement.Event) bool { return e.Subject == "bright" || e.Subject == "vera" }), err
		}},
		"AllTasksFor": {nothing, func() (any, error) {
			rows, _, err := bright.AllTasksFor(ctx, boss, "", TaskFilter{}, "", 10, noon)
			return rows, err
		}},
		"ChangesFor": {nothing, func() (any, error) {
			rows, _, err := bright.ChangesFor(ctx, boss, "", EventFilter{}, "", 10)
			return rows, err
		}},
		"WorkFor": {nothing, func() (any, error) {
			return bright.WorkFor(ctx, boss, models.Person{ID: "ines", Role: models.RoleManager}, models.Date{}, noon)
		}},
		"DutiesOf":     {nothing, func() (any, error) { return bright.DutiesOf(ctx, "kenji") }},
		"DecisionsFor": {nothing, func() (any, error) { return bright.DecisionsFor(ctx, boss, e1, noon) }},
		"DeliveriesFor": {nothing, func() (any, error) {
			rows, _, err := bright.DeliveriesFor(ctx, boss, DeliveryFilter{}, "", 10)
			return rows, err
		}},
	}
}
