package post_test

import (
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Olga's mail program unsubscribed her, and she saw no page that says so. No daily mail comes; the ones that say what went up to her
// sponsor still do, and each says how to have the daily ones again. Kenji, who did not unsubscribe, reads nothing of that.
func TestWhoUnsubscribedReadsHowToUndoIt(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		_, err := w.Store.UpdatePreferences(t.Context(), store.Once{Actor: "olga"}, "olga", w.Now(),
			func(x *reminders.Preferences) error { x.MailOff = true; return nil })
		town.Check(t, err)
		for _, day := range []string{"2027-01-13", "2027-01-15", "2027-01-18", "2027-01-19", "2027-01-20", "2027-01-21", "2027-01-22",
			"2027-01-25", "2027-01-26"} {
			w.On(day, 10)
			w.Settle()
		}
		const how = "Your project manager can turn them on again."
		hers, his := server.MessagesTo("olga@northgate.test"), server.MessagesTo("kenji@northgate.test")
		if len(hers) == 0 || len(his) <= len(hers) {
			t.Fatalf("she has %d letters, he has %d", len(hers), len(his))
		}
		for _, m := range hers {
			if !strings.Contains(m.Text, how) || !strings.Contains(m.HTML, how) {
				t.Errorf("her letter does not say how to undo it: %s", m.Text)
			}
		}
		for _, m := range his {
			if strings.Contains(m.Text, how) {
				t.Errorf("he did not unsubscribe: %s", m.Text)
			}
		}
	})
}
