package post_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Olga has tasks of an engagement that has begun. On every working day on which there is something new she gets one message, however
// often the sweep looks; at night and on Sundays nobody gets any.
func TestOneMessageADay(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("olga", "List everybody who left since July", "2027-01-15")
		for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-16", "2027-01-17"} {
			w.On(day, 5)
			before := len(w.SlackOf("olga"))
			w.Settle()
			if n := len(w.SlackOf("olga")); n != before {
				w.T.Errorf("%s: a message at five in the morning", day)
			}
			for _, hour := range []int{9, 11, 14, 17} {
				w.On(day, hour)
				w.Settle()
			}
			if n := len(w.SlackOf("olga")) - before; n > 1 {
				w.T.Errorf("%s: %d messages", day, n)
			} else if weekend := day >= "2027-01-16"; weekend && n > 0 {
				w.T.Errorf("%s: a message on a weekend", day)
			}
		}
		all := w.SlackOf("olga")
		if len(all) < 2 {
			w.T.Fatalf("%d messages in a week\n%s", len(all), w.Ledger())
		}
		first := all[0]
		if first.Metadata == nil || first.Metadata.EventPayload["k"] == "" || !strings.HasPrefix(first.Text, "Hello Olga") || first.Unfurl {
			w.T.Errorf("her first message: %+v", first)
		}
		for _, d := range w.Said("olga") {
			if d.Status != reminders.DeliverySent || d.Receipt == "" {
				w.T.Errorf("the ledger has %+v", d)
			}
		}
	})
}

// What Olga, Kenji who is her backup, Ruth and Ines read in Slack while a task stays open for three weeks, as they see it.
func TestWhatPeopleRead(t *testing.T) {
	w := town.OnSQLite(t)
	w.Task("olga", "Send the organization chart", "2027-01-14")
	w.Task("olga", "List everybody who left since July", "2027-01-15")
	for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-19", "2027-01-20", "2027-01-21",
		"2027-01-22", "2027-01-25", "2027-01-26",
		"2027-01-27", "2027-01-28", "2027-01-29", "2027-02-01"} {
		w.On(day, 10)
		w.Settle()
	}
	for _, p := range []models.PersonID{"olga", "ruth", "ines", "marta"} {
		town.Golden(t, "slack/"+string(p), town.Messages(t, w.SlackOf(p)))
	}
}

// We were away for a week. Everybody gets one message as of now, which says so, however many days were missed; what had gone up the
// ladder meanwhile does not reach Ruth before Olga has had a day.
func TestAfterAnOutage(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		w.On("2027-01-21", 10) // five business days late by now: Ruth, Ines and Marta would have heard
		w.Settle()
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != 2 ||
			!strings.Contains(all[1].Text, "This is as of now: from Thu 2027-01-14 to Wed 2027-01-20 nothing could be sent to you.") {
			t.Errorf("Olga has %s", town.Messages(t, all))
		}
		if all := w.SlackOf("ruth"); strings.Contains(town.Messages(t, all), "Olga") {
			t.Errorf("Ruth hears of it before Olga had a day: %s", town.Messages(t, all))
		}
		w.On("2027-01-22", 10)
		w.Settle()
		if all := w.SlackOf("ruth"); len(all) == 0 || !strings.Contains(all[len(all)-1].Text, "Send the organization chart") {
			t.Errorf("a day later Ruth has %s", town.Messages(t, all))
		}
	})
}

// Ines returns two things and asks a question within ten minutes: Olga hears of it in one message, soon. What happens in the evening
// waits for the morning.
func TestSaidAtOnce(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		chart, left := w.Task("olga", "Send the organization chart", "2027-02-10"),
			w.Task("olga", "List everybody who left since July", "2027-02-11")
		w.On("2027-01-13", 10)
		w.Settle()
		n := len(w.SlackOf("olga"))
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga",
			Reason: "With the interns?"})
		w.Clock.Add((5 * time.Minute).Microseconds())
		w.Settle()
		if got := len(w.SlackOf("olga")); got != n {
			t.Error("a message before more of the same could come")
		}
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{left}, Person: "olga",
			Reason: "And contractors?"})
		w.Clock.Add((6 * time.Minute).Microseconds())
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != n+1 {
			t.Fatalf("%d messages", len(all)-n)
		}
		town.Golden(t, "slack/at_once", town.Messages(t, w.SlackOf("olga")[n:]))
		w.On("2027-01-13", 21)
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga", Reason: "By Friday?"})
		w.Clock.Add((30 * time.Minute).Microseconds())
		w.Settle()
		if got := len(w.SlackOf("olga")); got != n+1 {
			t.Error("a message in the evening")
		}
		w.On("2027-01-14", 10)
		w.Settle()
		if m := w.Last("olga"); len(w.SlackOf("olga")) != n+2 || !strings.Contains(m.Text, "By Friday?") {
			t.Errorf("in the morning she has %s", m.Text)
		}
	})
}

// Ines asks in the evening and Olga does the work that night: in the morning she still reads the question, and can answer it.
// Slack is down until the next morning after another question: it comes with that morning's message, not with the one after.
func TestQuestionsAreNotLost(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		chart, left := w.Task("olga", "Send the organization chart", "2027-02-10"),
			w.Task("olga", "List everybody who left since July", "2027-01-15")
		w.On("2027-01-13", 19)
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga",
			Reason: "Is the board in it?"})
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.On("2027-01-14", 10)
		w.Settle()
		if m := w.Last("olga"); !strings.Contains(m.Text, "“Is the board in it?”") ||
			!strings.Contains(m.Text, "Ines asks you") || !strings.Contains(string(m.Blocks), `"action_id":"answer"`) {
			t.Errorf("in the morning she reads %s", m.Text)
		}

		w.On("2027-01-14", 17)
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{left}, Person: "olga",
			Reason: "With contractors?"})
		w.Clock.Add((15 * time.Minute).Microseconds())
		w.Slack.AddFaults(slackfake.Fault{Kind: slackfake.Fault500})
		w.Sweep()
		if d := w.Said("olga")[0]; d.Kind != reminders.KindNow ||
			d.Status != reminders.DeliveryScheduled && d.Status != reminders.DeliverySending {
			t.Fatalf("while Slack is down: %s", w.Ledger())
		}
		w.Slack.ClearFaults()
		w.On("2027-01-15", 10)
		w.Settle()
		if m := w.Last("olga"); !strings.Contains(m.Text, "“With contractors?”") || strings.Contains(m.Text, "already") {
			t.Errorf("the morning after she reads %s", m.Text)
		}
	})
}

// Ines and Marta asked for a summary of the morning; Tom did not.
func TestMorningSummary(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		for _, p := range []models.PersonID{"ines", "marta"} {
			_, err := w.Store.UpdatePreferences(t.Context(), store.Once{}, p, w.Now(),
				func(x *reminders.Preferences) error { x.Summary = true; return nil })
			town.Check(t, err)
		}
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{id}})
		w.On("2027-01-14", 10)
		w.Settle()
		town.Golden(t, "slack/summary", town.Messages(t, []slackfake.Message{w.Last("ines")}))
		if m := w.Last("marta"); !strings.Contains(m.Text, "Northgate SOC 2 e1") {
			t.Errorf("Marta reads %s", m.Text)
		}
		for _, m := range w.SlackOf("tom") {
			if strings.Contains(m.Text, "since yesterday") {
				t.Errorf("Tom reads %s", m.Text)
			}
		}
	})
}

// Ines mutes the engagement, then the partner stops everything: nothing goes out, nothing is lost, and when it goes on everybody hears
// once how things stand.
func TestKillSwitches(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Do("e1", "ines", engagement.Command{Kind: engagement.MuteEngagement, Reason: "the list of people was wrong"})
		w.On("2027-01-13", 10)
		w.Settle()
		w.Do("e1", "ines", engagement.Command{Kind: engagement.UnmuteEngagement})
		_, err := w.Store.UpdateMessaging(t.Context(), store.Once{Actor: "marta"}, w.Now(),
			func(m *reminders.Messaging) error { m.Paused, m.PausedReason = true, "a drill"; return nil })
		town.Check(t, err)
		w.On("2027-01-14", 10)
		w.Settle()
		if n := len(w.Slack.AllMessages("TNORTHGATE")) + len(w.Slack.AllMessages("THQ")); n != 0 {
			t.Fatalf("%d messages although everything was stopped\n%s", n, w.Ledger())
		}
		if d := w.Said("olga"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed || !strings.Contains(d[0].Reason, "paused") {
			t.Errorf("the ledger says\n%s", w.Ledger())
		}
		about, _, err := w.Store.Deliveries(t.Context(),
			store.DeliveryFilter{Engagement: "e1", Person: "olga", Statuses: []reminders.DeliveryStatus{reminders.DeliverySuppressed}}, "", 10)
		town.Check(t, err)
		if len(about) != 1 {
			t.Errorf("of what was not said about e1 the ledger knows %d", len(about))
		}
		_, err = w.Store.UpdateMessaging(t.Context(), store.Once{Actor: "marta"}, w.Now(),
			func(m *reminders.Messaging) error { m.Paused = false; return nil })
		town.Check(t, err)
		w.On("2027-01-15", 10)
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != 1 || !strings.Contains(all[0].Text, "agreed for Thu 2027-01-14") {
			t.Errorf("afterwards Olga has %s", town.Messages(t, all))
		}
	})
}

// Ines mutes the engagement just after she asked something: Olga hears nothing of it, at once or in the morning, nor does the firm's
// channel, until it goes on; then she is asked.
func TestAMutedEngagementKeepsItsQuestions(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-02-14")
		w.On("2027-01-13", 10)
		w.Settle()
		n := len(w.SlackOf("olga"))
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga",
			Reason: "With the interns?"})
		w.Do("e1", "ines", engagement.Command{Kind: engagement.MuteEngagement, Reason: "the wrong list"})
		w.Clock.Add((15 * time.Minute).Microseconds())
		w.Settle()
		w.On("2027-01-14", 10)
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != n {
			t.Errorf("while it is muted she reads %s", town.Messages(t, all[n:]))
		}
		w.Do("e1", "ines", engagement.Command{Kind: engagement.UnmuteEngagement})
		w.Clock.Add((15 * time.Minute).Microseconds())
		w.Settle()
		w.On("2027-01-15", 10)
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != n+1 || !strings.Contains(all[n].Text, "With the interns?") {
			t.Errorf("afterwards she reads %s", town.Messages(t, all[n:]))
		}
	})
}

// The firm's quiet hours begin after midnight: the morning's messages go out all the same, and none after midnight.
func TestQuietHoursAfterMidnight(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		_, err := w.Store.UpdateMessaging(t.Context(), store.Once{}, w.Now(), func(m *reminders.Messaging) error {
			m.Quiet = catalog.QuietHours{From: 60, To: 8 * 60}
			return nil
		})
		town.Check(t, err)
		w.Task("olga", "Send the organization chart", "2027-01-13")
		w.On("2027-01-13", 10)
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != 1 {
			t.Errorf("Olga has %s\n%s", town.Messages(t, all), w.Ledger())
		}
	})
}

// Ines says in the evening who Olga is in Slack: Olga is asked in the morning. She says no by mistake, and is asked again.
func TestAskedWhoTheyAreWhenTheyWork(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		olga, err := w.Store.Person(t.Context(), "olga")
		town.Check(t, err)
		n := len(w.SlackOf("olga"))
		w.On("2027-01-12", 22)
		town.Check(t, w.Post.AskWho(t.Context(), w.Store, store.Once{Key: "first"}, "northgate", olga, town.UserOf("olga")))
		town.Check(t, w.Post.AskWho(t.Context(), w.Store, store.Once{Key: "first"}, "northgate", olga, town.UserOf("olga")))
		w.Sweep()
		if all := w.SlackOf("olga"); len(all) != n {
			t.Errorf("at night she reads %s", town.Messages(t, all[n:]))
		}
		for i, key := range []string{"", "second"} {
			if key != "" {
				town.Check(t, w.Post.AskWho(t.Context(), w.Store, store.Once{Key: key}, "northgate", olga, town.UserOf("olga")))
			}
			w.On("2027-01-13", 10+i)
			for _, d := range w.Said("olga") { // what waited is looked at again
				town.Check(t, w.Store.Postpone(t.Context(), d.ID, "", 0))
			}
			w.Settle()
			asked := 0
			for _, m := range w.SlackOf("olga")[n:] {
				if strings.Contains(m.Text, "Is this you?") {
					asked++
				}
			}
			if asked != i+1 {
				t.Errorf("she was asked %d times", asked)
			}
		}
	})
}

// Marta renames the firm on Monday and on Tuesday, and a program of hers sends the same requests again. For thirty days they change
// nothing; after that Monday's keys are forgotten, however many they are, and Tuesday's are not yet.
func TestKeysAreForgotten(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Post.Real = w.Now
		name := func(key string, to string) {
			t.Helper()
			once := store.Once{Actor: "marta", Key: key, Hash: "h"}
			_, err := w.Store.UpdateFirm(t.Context(), once, w.Now(), func(f *models.Firm) error { f.Name = to; return nil })
			town.Check(t, err)
		}
		again := func(key string) bool {
			t.Helper()
			done, once := false, store.Once{Actor: "marta", Key: key, Hash: "h"}
			_, err := w.Store.UpdateFirm(t.Context(), once, w.Now(), func(*models.Firm) error { done = true; return nil })
			town.Check(t, err)
			return done
		}
		name("monday", "Ledger")
		for n := range 450 {
			name(fmt.Sprint("n", n), "Ledger")
		}
		w.On("2027-01-12", 9)
		name("tuesday", "Ledger & Sons")

		w.On("2027-02-10", 7) // an hour short of thirty days after Monday's requests
		w.Sweep()
		if again("monday") {
			t.Error("a key was forgotten within thirty days")
		}
		w.On("2027-02-11", 8)
		w.Sweep()
		if !again("monday") || !again("n0") || !again("n449") {
			t.Error("a key is remembered after thirty days")
		}
		if again("tuesday") {
			t.Error("Tuesday's key was forgotten with Monday's")
		}
	})
}

// Olga has had her message of this week, as the firm has it: what only looks ahead is spared, what is due tomorrow or late is not.
func TestWeeklyBudget(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		_, err := w.Store.UpdateMessaging(t.Context(), store.Once{}, w.Now(),
			func(m *reminders.Messaging) error { m.WeeklyBudget = 1; return nil })
		town.Check(t, err)
		chart := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("olga", "List everybody who left since July", "2027-01-22")
		w.On("2027-01-13", 10)
		w.Settle()
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.On("2027-01-15", 10)
		w.Settle()
		if d := w.Said("olga")[0]; d.Status != reminders.DeliverySuppressed ||
			d.Reason != "1 message this week already, and it only looks ahead" {
			t.Errorf("the ledger says\n%s", w.Ledger())
		}
		for _, day := range []string{"2027-01-19", "2027-01-21", "2027-01-25"} {
			w.On(day, 10)
			w.Settle()
		}
		if all := w.SlackOf("olga"); len(all) != 4 || !strings.Contains(all[2].Text, "in 1 business day") ||
			!strings.Contains(all[3].Text, "1 thing is late") {
			t.Errorf("Olga has %s", town.Messages(t, all))
		}
	})
}
