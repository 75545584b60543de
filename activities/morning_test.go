package activities_test

import (
	"strings"
	"testing"

	"tickmark/models"
)

// Olga has tasks of an engagement that has begun. On every working day on which there is something new she gets one message, however
// often the sweep looks; at night and on Sundays nobody gets any.
func TestOneMessageADay(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.task("olga", "Send the organization chart", "2027-01-14")
		w.task("olga", "List everybody who left since July", "2027-01-15")
		for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-16", "2027-01-17"} {
			w.on(day, 5)
			before := len(w.slackOf("olga"))
			w.settle()
			if n := len(w.slackOf("olga")); n != before {
				w.t.Errorf("%s: a message at five in the morning", day)
			}
			for _, hour := range []int{9, 11, 14, 17} {
				w.on(day, hour)
				w.settle()
			}
			if n := len(w.slackOf("olga")) - before; n > 1 {
				w.t.Errorf("%s: %d messages", day, n)
			} else if weekend := day >= "2027-01-16"; weekend && n > 0 {
				w.t.Errorf("%s: a message on a weekend", day)
			}
		}
		all := w.slackOf("olga")
		if len(all) < 2 {
			w.t.Fatalf("%d messages in a week\n%s", len(all), w.ledger())
		}
		first := all[0]
		if first.Metadata == nil || first.Metadata.EventPayload["k"] == "" || !strings.HasPrefix(first.Text, "Hello Olga") || first.Unfurl {
			w.t.Errorf("her first message: %+v", first)
		}
		for _, d := range w.said("olga") {
			if d.Status != models.DeliverySent || d.Receipt == "" {
				w.t.Errorf("the ledger has %+v", d)
			}
		}
	})
}

// What Olga, Otto who is her backup, Sam and Mia read in Slack while a task stays open for three weeks, as they see it.
func TestWhatPeopleRead(t *testing.T) {
	w := newTown(t, "sqlite:"+t.TempDir()+"/t.sqlite", true)
	w.task("olga", "Send the organization chart", "2027-01-14")
	w.task("olga", "List everybody who left since July", "2027-01-15")
	for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-19", "2027-01-20", "2027-01-21", "2027-01-22", "2027-01-25", "2027-01-26",
		"2027-01-27", "2027-01-28", "2027-01-29", "2027-02-01"} {
		w.on(day, 10)
		w.settle()
	}
	for _, p := range []models.PersonID{"olga", "sam", "mia", "paula"} {
		golden(t, "slack/"+string(p), messages(t, w.slackOf(p)))
	}
}
