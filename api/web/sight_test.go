package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Kenji stands in for Olga and gets her tasks by mail. She is back sooner, and does one: his page does not say so, nor has it buttons any
// more for what is hers.
func TestAPageTellsNothingNew(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.On("2027-01-12", 9)
		day := planning.Span{Start: models.DateIn(w.Now(), models.Zone("America/New_York"))}
		day.End = day.Start.AddDays(10)
		away, err := w.Store.AddAbsence(t.Context(), store.Once{}, reminders.Absence{Person: "olga", StandIn: "kenji", Days: day}, w.Now())
		town.Check(t, err)
		chart, left := w.Task("olga", "Send the organization chart", "2027-01-14"),
			w.Task("olga", "List everybody who left since July", "2027-01-15")
		w.On("2027-01-13", 10)
		w.Settle()
		site := httptest.NewServer(letters(w).Handler())
		defer site.Close()
		p := pagesOfMail{T: t, w: w, site: site.URL, text: server.MessagesTo("kenji@northgate.test")[0].Text}
		_, list := p.ask("GET", p.link("act"), nil)
		if !strings.Contains(list, "Send the organization chart") || strings.Contains(list, "not yours any more") ||
			!strings.Contains(list, "act="+string(engagement.ActDone)) {
			t.Fatalf("while he stands in: %s", list)
		}
		town.Check(t, w.Store.RemoveAbsence(t.Context(), store.Once{}, "olga", away.ID, w.Now()))
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.Do("e1", "olga", engagement.Command{Kind: engagement.BlockTask, Tasks: []models.TaskID{left}, By: models.SideFirm,
			Reason: "a secret of Olga's"})
		_, list = p.ask("GET", p.link("act"), nil)
		if strings.Count(list, "This is not yours any more") < 2 || strings.Contains(list, "done by") || strings.Contains(list, "secret") ||
			strings.Contains(list, "blocked") || strings.Contains(list, "act="+string(engagement.ActDone)) {
			t.Errorf("when she is back: %s", list)
		}
	})
}
