package post_test

import (
	"encoding/json"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Five hundred open tasks, names that would call everybody together, run from right to left or never end: Slack takes the message, it
// calls nobody, and it says how much it does not show.
func TestLimitsOfSlack(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		wild := "<!channel> *bold* <https://evil.test|click> & مرحبا " + strings.Repeat("W<", 130)
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "kenji", w.Now(),
			func(p *models.Person) error { p.Name = wild[:290]; return nil })
		town.Check(t, err)
		w.Like(w.Task("olga", wild[:290], "2027-01-14"), 499)
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		w.On("2027-01-22", 10) // late, with details
		w.Settle()
		for _, p := range []models.PersonID{"olga", "kenji", "ruth", "ines"} {
			for _, m := range w.SlackOf(p) {
				all := m.Text + string(m.Blocks)
				if strings.Contains(all, "<!channel>") || strings.Contains(all, "<https://evil") || strings.Contains(all, "\u202E") ||
					strings.Contains(all, `\u202e`) {
					t.Errorf("%s: what people typed is not tamed: %.300s", p, all)
				}
				if n := len([]rune(m.Text)); n > 4000 {
					t.Errorf("%s: %d characters are read aloud", p, n)
				}
			}
		}
		if m := w.Last("olga"); !strings.Contains(m.Text, "and 490 more") {
			t.Errorf("Olga reads %.200s … %s", m.Text, m.Text[max(0, len(m.Text)-200):])
		}
		for _, d := range w.Said("olga") {
			if d.Status != reminders.DeliverySent {
				t.Errorf("%s %s: %s", d.Day, d.Status, d.Reason)
			}
		}
		if _, err := w.Slack.AppHomeOpened("TNORTHGATE", town.UserOf("olga")); err != nil {
			t.Error(err)
		}
		w.Eventually("the home is shown", func() bool {
			home, ok := w.Slack.Home("TNORTHGATE", town.UserOf("olga"))
			return ok && strings.Contains(string(home.Blocks), "1 to 20 of ")
		})
	})
}

// The client's channel hears on Mondays how much is open, and nothing of who owes what; the firm's hears how its engagements stand. A
// channel that cannot be posted to is no secret.
func TestChannelsOnMondays(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		theirs, err := w.Slack.AddChannel("TNORTHGATE",
			slackfake.Channel{Name: "audit", Members: []string{w.Bot("northgate"), town.UserOf("olga")}})
		town.Check(t, err)
		ours, err := w.Slack.AddChannel("THQ", slackfake.Channel{Name: "portfolio", Members: []string{w.Bot("hq")}})
		town.Check(t, err)
		_, err = w.Store.SetClientChannel(t.Context(), store.Once{},
			store.ClientChannel{Client: "northgate", Workspace: "northgate", SlackChannel: theirs.ID}, w.Now())
		town.Check(t, err)
		_, err = w.Store.UpdateMessaging(t.Context(), store.Once{}, w.Now(),
			func(m *reminders.Messaging) error { m.Workspace, m.SlackChannel = "hq", ours.ID; return nil })
		town.Check(t, err)
		w.Task("olga", "Send the organization chart", "2027-01-14")
		for _, day := range []string{"2027-01-15", "2027-01-18", "2027-01-19", "2027-01-25", "2027-01-26"} {
			w.On(day, 8)
			w.Settle()
			w.On(day, 10)
			w.Settle()
			w.Settle()
		}
		if n, m := len(w.Slack.Messages("TNORTHGATE", theirs.ID)), len(w.Slack.Messages("THQ", ours.ID)); n != 3 || m != 3 {
			t.Errorf("in three weeks the client's channel has %d posts and the firm's %d", n, m)
		}
		town.Golden(t, "slack/channel_client", town.Messages(t, w.Slack.Messages("TNORTHGATE", theirs.ID)))
		town.Golden(t, "slack/channel_firm", town.Messages(t, w.Slack.Messages("THQ", ours.ID)))
		for _, m := range w.Slack.Messages("TNORTHGATE", theirs.ID) {
			if strings.Contains(m.Text, "organization chart") || strings.Contains(m.Text, "Olga") {
				t.Errorf("the channel reads %s", m.Text)
			}
		}
		town.Check(t, w.Slack.ArchiveChannel("TNORTHGATE", theirs.ID))
		w.On("2027-02-01", 10)
		w.Settle()
		rows, _, err := w.Store.Deliveries(t.Context(),
			store.DeliveryFilter{Kinds: []reminders.DeliveryKind{reminders.KindCounts},
				Statuses: []reminders.DeliveryStatus{reminders.DeliveryFailed}}, "", 5)
		town.Check(t, err)
		if len(rows) != 1 || !strings.Contains(rows[0].Reason, "is_archived") {
			t.Errorf("%+v", rows)
		}
		w.Eventually("Ines is told", func() bool { w.Sweep(); return strings.Contains(w.Last("ines").Text, "cannot be posted to") })
	})
}

// Every message of this test file that was said is JSON that Slack takes; the fake refuses what is not.
func TestBlocksAreWhatSlackTakes(t *testing.T) {
	w := town.OnSQLite(t)
	w.Morning()
	w.Settle()
	var blocks []map[string]any
	town.Check(t, json.Unmarshal(w.Last("olga").Blocks, &blocks))
	for _, c := range w.Slack.Calls("chat.postMessage") {
		if c.Args["unfurl_links"] != "false" || c.Args["text"] == "" || c.Args["blocks"] == "" {
			t.Errorf("a call with %v", c.Args)
		}
	}
}
