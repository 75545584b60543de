package post_test

import (
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Tom and Cora want a summary every morning. Tom, who is on the engagement, reads how it stands; Cora, who is on it for Tom once he is
// away, is told what is his to do, and not how the whole stands.
func TestASummaryIsForTheTeam(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		ctx := t.Context()
		cora := models.Person{ID: "cora", Name: "Cora Consultant", Email: "cora@acme.test", Role: models.RoleConsultant,
			TimeZone: "America/New_York"}
		_, err := w.Store.CreatePerson(ctx, store.Once{}, cora, w.Now())
		town.Check(t, err)
		_, err = w.Slack.AddUser("THQ", slackfake.User{ID: town.UserOf("cora"), Name: "cora", RealName: cora.Name, Email: cora.Email})
		town.Check(t, err)
		w.Bind("hq", "cora")
		for _, id := range []models.PersonID{"tom", "cora"} {
			_, err := w.Store.UpdatePreferences(ctx, store.Once{}, id, w.Now(),
				func(p *reminders.Preferences) error { p.Summary = true; return nil })
			town.Check(t, err)
		}
		w.Task("tom", "Draw the boundary", "2027-01-14")
		const summary = "Your engagements this morning"
		w.On("2027-01-13", 10)
		w.Settle()
		if m := w.Last("tom"); !strings.Contains(town.Shown(t, m.Blocks), summary) {
			t.Errorf("Tom reads %s", town.Shown(t, m.Blocks))
		}
		day := planning.Span{Start: models.DateIn(w.Now(), models.Zone(cora.TimeZone)).Next()}
		day.End = day.Start.AddDays(5)
		_, err = w.Store.AddAbsence(ctx, store.Once{}, reminders.Absence{Person: "tom", StandIn: "cora", Days: day}, w.Now())
		town.Check(t, err)
		w.On("2027-01-14", 10)
		w.Settle()
		if m := town.Shown(t, w.Last("cora").Blocks); !strings.Contains(m, "Draw the boundary") || strings.Contains(m, summary) {
			t.Errorf("Cora reads %s", m)
		}
	})
}
