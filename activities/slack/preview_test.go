package slack_test

import (
	"strings"
	"testing"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A telephone shows the beginning of a message: it tells what is new where the greeting counts nothing of it, and no line stands twice for
// those who have the text read to them.
func TestTheBeginningOfAMessageTellsItsNews(t *testing.T) {
	marta := &reminders.Recipient{Person: models.Person{ID: "marta", Name: "Marta Lindqvist", Role: models.RolePartner, Active: true}}
	news := []engagement.Line{{Title: "The report is expected 6 business days later", Text: "on Thu 2027-05-13"},
		{Title: "Gap analysis is complete", Text: "since Mon 2027-05-03"}}
	stall := reminders.Nudge{To: "marta", As: reminders.CapacityPartner, Level: 2, Fresh: true, Item: engagement.Item{
		Kind: engagement.ItemStall, Subject: "engagement", Title: "Work stands still since Mon 2027-05-03", Ask: "it waits for Kenji"}}
	due := reminders.Nudge{To: "marta", As: reminders.CapacityOwner, Fresh: true, Late: 1, Acts: []engagement.Act{engagement.ActDone},
		Item: engagement.Item{Kind: engagement.ItemDo, Subject: "KO-01", Title: "Sign the letter"}}
	digest := func(lines []engagement.Line, nudges ...reminders.Nudge) reminders.Message {
		m, _ := reminders.Digesting{To: marta, News: lines, Nudges: nudges, Limit: 10}.Digest()
		return m
	}
	for _, c := range []struct {
		name, begins string
		m            reminders.Message
	}{
		{"only news", "Hello Marta. News: The report is expected 6 business days later: on Thu 2027-05-13\n• Gap", digest(news)},
		{"at once", "Hello Marta. News: The report is expected 6 business days later: on Thu 2027-05-13\n• Gap",
			reminders.Urgently(marta, news, "", nil, 10)},
		{"what stands still", "Hello Marta. Held up: Work stands still since Mon 2027-05-03: it waits for Kenji", digest(nil, stall)},
		{"what stands still, and news",
			"Hello Marta. Held up: Work stands still since Mon 2027-05-03: it waits for Kenji\n\nNews\n• The report", digest(news, stall)},
		{"work and news", "Hello Marta. 1 thing is late. News: The report is expected", digest(news, due)},
		{"work alone", "Hello Marta. 1 thing is late.\n\nLate\n• Sign the letter", digest(nil, due)},
	} {
		text := wire.Render(c.m).Text
		if !strings.HasPrefix(text, c.begins) {
			t.Errorf("%s begins %.120q, not %q", c.name, text, c.begins)
		}
		for _, l := range c.m.Lines() {
			if n := strings.Count(text, l.Title); n != 1 {
				t.Errorf("%s: %q is said %d times: %s", c.name, l.Title, n, text)
			}
		}
	}
}
