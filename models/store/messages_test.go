package store

import (
	"testing"
	"time"

	"tickmark/models"
)

// slackApp is a workspace that works.
func slackApp(id string, client models.ClientID) models.Workspace {
	return models.Workspace{ID: id, Client: client, Name: "Slack of " + id, Secrets: models.WorkspaceSecrets{Signing: "0123456789abcdef0123456789abcdef"}}
}

// addWorkspace adds a Slack workspace that is installed.
func (w world) addWorkspace(t testing.TB, id string, client models.ClientID) models.Workspace {
	t.Helper()
	_, err := w.AddWorkspace(t.Context(), Once{Actor: "mia"}, slackApp(id, client), noon)
	check(t, err)
	ws, err := w.UpdateWorkspace(t.Context(), Once{Actor: "mia"}, id, noon, func(x *models.Workspace) error {
		x.Team, x.App, x.Bot, x.State, x.Secrets.Token = "T-"+string(w.firm)+"-"+id, "A1", "B1", models.WorkspaceActive, "xoxb-1234567890-"+id
		return nil
	})
	check(t, err)
	return ws
}

// bound binds a person in a workspace.
func (w world) bound(t testing.TB, person models.PersonID, workspace string) {
	t.Helper()
	check(t, w.Bind(t.Context(), models.Binding{Person: person, Workspace: workspace, User: "U-" + string(person), State: models.BindingConfirmed, Email: string(person) + "@x.test"}, true, noon))
}

// delivery is a planned digest.
func delivery(w world, person models.PersonID, day models.Date) models.Delivery {
	return models.Delivery{ID: models.DeliveryID(w.firm, person, models.KindDigest, day.String(), models.ChannelMail), Kind: models.KindDigest, Slot: day.String(), Person: person,
		Channel: models.ChannelMail, Status: models.DeliveryPlanned, PlannedAt: noon, NotAfter: noon.Add(8 * time.Hour), Day: day}
}

var march2 = models.Date{Year: 2026, Month: 3, Day: 2}

// talks gives a firm something of everything that has to do with messages.
func talks(t testing.TB, w world) {
	t.Helper()
	ctx := t.Context()
	w.addWorkspace(t, "hq", "")
	w.bound(t, "mia", "hq")
	_, err := w.SetClientChannel(ctx, Once{}, ClientChannel{"acme", "hq", "C0123456789"}, noon)
	check(t, err)
	_, err = w.AddAbsence(ctx, Once{}, models.Absence{Person: "olga", Days: models.Span{Start: march2, End: march2}, StandIn: "sam"}, noon)
	check(t, err)
	_, err = w.UpdatePreferences(ctx, Once{}, "olga", noon, func(p *models.Preferences) error { p.Summary = true; return nil })
	check(t, err)
	_, err = w.UpdateMessaging(ctx, Once{}, noon, func(m *models.Messaging) error { m.WeeklyBudget = 9; return nil })
	check(t, err)
	d := delivery(w, "olga", march2)
	_, err = w.Plan(ctx, []Plan{{Delivery: d}}, nil)
	check(t, err)
	check(t, w.HoldLane(ctx, d.Lane(), "no answer", 0, noon))
	_, err = w.TakeIn(ctx, Inbound{Workspace: "hq", ID: "x", Kind: "events", Body: "{}", At: noon})
	check(t, err)
	check(t, w.BeginInstall(ctx, "hq", "mia", "state", noon.Add(time.Hour)))
	check(t, w.root.db.Exec(`INSERT INTO notices (firm_id, engagement_id, seq, person_id, kind, subject, actor, from_value, to_value, text, at, urgent, delivery_id)
		VALUES (?, 'e1', 1, 'olga', 'asked', 'KO-0001', 'mia', '', '', 'secret', ?, ?, '')`, string(w.firm), micros(noon), true).Error)
}

// messagesOfOthers asks beta for what talks gave alpha.
func messagesOfOthers(t *testing.T, beta *Store) map[string]try {
	ctx := t.Context()
	gone, nothing, invalid := models.NotFound, models.Code("nothing"), func(err error) (any, error) { refused(t, err, models.Invalid); return nil, nil }
	none := func(v any, err error) (any, error) { return v, err }
	id := delivery(world{Store: &Store{firm: "alpha"}}, "olga", march2).ID
	made := func(name string, err error) (any, error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil, nil
	}
	return map[string]try{
		"Absences": {nothing, func() (any, error) { return none(beta.Absences(ctx, "olga")) }},
		"AddAbsence": {gone, func() (any, error) {
			return none(beta.AddAbsence(ctx, Once{}, models.Absence{Person: "olga", Days: models.Span{Start: march2, End: march2}}, noon))
		}},
		"RemoveAbsence": {gone, func() (any, error) { return nil, beta.RemoveAbsence(ctx, Once{}, "olga", "x", noon) }},
		"StandsFor":     {nothing, func() (any, error) { return none(beta.StandsFor(ctx, "sam", march2)) }},
		"Preferences":   {gone, func() (any, error) { return none(beta.Preferences(ctx, "olga")) }},
		"UpdatePreferences": {gone, func() (any, error) {
			return none(beta.UpdatePreferences(ctx, Once{}, "olga", noon, func(*models.Preferences) error { return nil }))
		}},
		"Messaging": {nothing, func() (any, error) { m, err := beta.Messaging(ctx); return m.WeeklyBudget == 9, err }},
		"UpdateMessaging": {nothing, func() (any, error) {
			_, err := beta.UpdateMessaging(ctx, Once{}, noon, func(m *models.Messaging) error { m.Workspace, m.Channel = "hq", "C0123456789"; return nil })
			return invalid(err)
		}},
		"Workspace":  {gone, func() (any, error) { return none(beta.Workspace(ctx, "hq")) }},
		"Workspaces": {nothing, func() (any, error) { return none(beta.Workspaces(ctx)) }},
		"UpdateWorkspace": {gone, func() (any, error) {
			return none(beta.UpdateWorkspace(ctx, Once{}, "hq", noon, func(*models.Workspace) error { t.Error("the secrets of another firm were handed out"); return nil }))
		}},
		"Break":        {nothing, func() (any, error) { return nil, beta.Break(ctx, "hq", "x", noon) }},
		"BeginInstall": {gone, func() (any, error) { return nil, beta.BeginInstall(ctx, "hq", "bert", "other", noon.Add(time.Hour)) }},
		"EndInstall": {nothing, func() (any, error) {
			_, err := beta.EndInstall(ctx, "hq", "state", noon)
			refused(t, err, models.Forbidden)
			return nil, nil
		}},
		"Bindings":      {nothing, func() (any, error) { return none(beta.Bindings(ctx, "mia")) }},
		"Unbound":       {nothing, func() (any, error) { return none(beta.Unbound(ctx, "hq", noon, 10)) }},
		"SetBinding":    {gone, func() (any, error) { return nil, beta.SetBinding(ctx, "mia", "hq", noon, func(*models.Binding) {}) }},
		"PersonIn":      {gone, func() (any, error) { p, _, err := beta.PersonIn(ctx, "hq", "U-mia"); return p, err }},
		"ClientChannel": {gone, func() (any, error) { return none(beta.ClientChannel(ctx, "acme")) }},
		"SetClientChannel": {gone, func() (any, error) {
			return none(beta.SetClientChannel(ctx, Once{}, ClientChannel{"acme", "hq", "C0123456789"}, noon))
		}},
		"Audience": {nothing, func() (any, error) {
			a, err := beta.Audience(ctx, &models.Facts{Engagement: models.Engagement{ID: "e1"}, People: []models.Person{{ID: "mia"}}}, true)
			return a.People["mia"].Workspace, err
		}},
		"Recipient": {gone, func() (any, error) { return none(beta.Recipient(ctx, "olga", 2026, true)) }},
		"EngagementsOf": {nothing, func() (any, error) {
			return none(beta.EngagementsOf(ctx, models.Person{ID: "olga", Client: "acme", Role: models.RoleOwner}))
		}},
		"Notices":    {nothing, func() (any, error) { return none(beta.Notices(ctx, "olga")) }},
		"NoticesOf":  {nothing, func() (any, error) { return none(beta.NoticesOf(ctx, id)) }},
		"Fold":       {nothing, func() (any, error) { return nil, beta.Fold(ctx, "olga") }},
		"HasNotices": {nothing, func() (any, error) { m, err := beta.HasNotices(ctx, []models.PersonID{"olga"}); return len(m), err }},
		"Due":        {nothing, func() (any, error) { return none(beta.Due(ctx, "alpha/mail", 10)) }},
		"Gate":       {gone, func() (any, error) { d, _, err := beta.Gate(ctx, id, Frozen{}, time.Minute, noon); return d, err }},
		"Settle":     {gone, func() (any, error) { return none(beta.Settle(ctx, id, 0, Outcome{Status: models.DeliverySent}, noon)) }},
		"Suppress": {gone, func() (any, error) {
			return nil, beta.Suppress(ctx, id, Suppression{Status: models.DeliveryExpired}, noon)
		}},
		"Postpone":    {nothing, func() (any, error) { return nil, beta.Postpone(ctx, id, "x", time.Hour) }},
		"Edit":        {gone, func() (any, error) { return nil, beta.Edit(ctx, id, models.Message{}, models.Attempt{}, 0) }},
		"SentSince":   {nothing, func() (any, error) { return none(beta.SentSince(ctx, "olga", march2)) }},
		"HasDelivery": {nothing, func() (any, error) { return none(beta.HasDelivery(ctx, id)) }},
		"ManagersOf":  {nothing, func() (any, error) { return none(beta.ManagersOf(ctx, "")) }},
		"HoldLane":    {nothing, func() (any, error) { return nil, beta.HoldLane(ctx, "alpha/mail", "x", time.Hour, noon) }}, // a lane of its own by that name
		"LaneFailures": {nothing, func() (any, error) {
			_, why, err := beta.LaneFailures(ctx, "alpha/mail")
			return why == "no answer", err
		}},
		"LaneStates": {nothing, func() (any, error) {
			for _, l := range must(beta.LaneStates(ctx)) {
				if l.Error == "no answer" {
					return l, nil
				}
			}
			return nil, nil
		}},
		"Deliveries": {nothing, func() (any, error) {
			rows, _, err := beta.Deliveries(ctx, DeliveryFilter{Person: "olga"}, "", 10)
			return rows, err
		}},
		"Delivery":        {gone, func() (any, error) { d, _, err := beta.Delivery(ctx, id); return d, err }},
		"CountDeliveries": {nothing, func() (any, error) { m, err := beta.CountDeliveries(ctx, time.Time{}); return len(m), err }},
		"Lease":           {nothing, func() (any, error) { return none(beta.Lease(ctx, "hq", "x", time.Hour)) }},
		"CarriedOut":      {nothing, func() (any, error) { return nil, beta.CarriedOut(ctx, "hq", "x", "done", noon) }},
		// What one firm makes may have the ids of what another has.
		"TakeIn": {gone, func() (any, error) { return none(beta.TakeIn(ctx, Inbound{Workspace: "hq", ID: "x"})) }},
		"Bind": {gone, func() (any, error) {
			return nil, beta.Bind(ctx, models.Binding{Person: "mia", Workspace: "hq", User: "U9", State: models.BindingConfirmed}, true, noon)
		}},
		"createAddWorkspace": {nothing, func() (any, error) {
			_, err := beta.AddWorkspace(ctx, Once{}, slackApp("hq", ""), noon)
			return made("AddWorkspace", err)
		}},
		"createPlan": {nothing, func() (any, error) {
			d := delivery(world{Store: &Store{firm: "alpha"}}, "olga", march2)
			_, err := beta.Plan(ctx, []Plan{{Delivery: d}}, []Look{{Person: "olga", Next: noon}})
			return made("Plan", err)
		}},
		"createPlanByHand": {nothing, func() (any, error) {
			d := delivery(world{Store: &Store{firm: "alpha"}}, "olga", march2)
			d.ID += "2"
			_, err := beta.PlanByHand(ctx, Once{}, d, noon)
			return made("PlanByHand", err)
		}},
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
