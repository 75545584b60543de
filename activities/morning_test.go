package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
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
			if d.Status != reminders.DeliverySent || d.Receipt == "" {
				w.t.Errorf("the ledger has %+v", d)
			}
		}
	})
}

// What Olga, Otto who is her backup, Sam and Mia read in Slack while a task stays open for three weeks, as they see it.
func TestWhatPeopleRead(t *testing.T) {
	w := onSQLite(t)
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

// We were away for a week. Everybody gets one message as of now, which says so, however many days were missed; what had gone up the
// ladder meanwhile does not reach Sam before Olga has had a day.
func TestAfterAnOutage(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		w.on("2027-01-21", 10) // five business days late by now: Sam, Mia and Paula would have heard
		w.settle()
		w.settle()
		if all := w.slackOf("olga"); len(all) != 2 || !strings.Contains(all[1].Text, "This is as of now: from 2027-01-14 to 2027-01-20 nothing could be sent to you.") {
			t.Errorf("Olga has %s", messages(t, all))
		}
		if all := w.slackOf("sam"); len(all) != 0 {
			t.Errorf("Sam hears of it before Olga had a day: %s", messages(t, all))
		}
		w.on("2027-01-22", 10)
		w.settle()
		if all := w.slackOf("sam"); len(all) != 1 || !strings.Contains(all[0].Text, "Send the organization chart") {
			t.Errorf("a day later Sam has %s", messages(t, all))
		}
	})
}

// Mia returns two things and asks a question within ten minutes: Olga hears of it in one message, soon. What happens in the evening
// waits for the morning.
func TestSaidAtOnce(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		chart, left := w.task("olga", "Send the organization chart", "2027-02-10"), w.task("olga", "List everybody who left since July", "2027-02-11")
		w.on("2027-01-13", 10)
		w.settle()
		n := len(w.slackOf("olga"))
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga", Reason: "With the interns?"})
		w.clock.Add((5 * time.Minute).Microseconds())
		w.settle()
		if got := len(w.slackOf("olga")); got != n {
			t.Error("a message before more of the same could come")
		}
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{left}, Person: "olga", Reason: "And contractors?"})
		w.clock.Add((6 * time.Minute).Microseconds())
		w.settle()
		if all := w.slackOf("olga"); len(all) != n+1 {
			t.Fatalf("%d messages", len(all)-n)
		}
		golden(t, "slack/at_once", messages(t, w.slackOf("olga")[n:]))
		w.on("2027-01-13", 21)
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga", Reason: "By Friday?"})
		w.clock.Add((30 * time.Minute).Microseconds())
		w.settle()
		if got := len(w.slackOf("olga")); got != n+1 {
			t.Error("a message in the evening")
		}
		w.on("2027-01-14", 10)
		w.settle()
		if m := w.last("olga"); len(w.slackOf("olga")) != n+2 || !strings.Contains(m.Text, "By Friday?") {
			t.Errorf("in the morning she has %s", m.Text)
		}
	})
}

// Mia asks in the evening and Olga does the work that night: in the morning she still reads the question, and that there is nothing to do.
// Slack is down until the next morning after another question: it comes with that morning's message, not with the one after.
func TestQuestionsAreNotLost(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		chart, left := w.task("olga", "Send the organization chart", "2027-02-10"), w.task("olga", "List everybody who left since July", "2027-01-15")
		w.on("2027-01-13", 19)
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Person: "olga", Reason: "Is the board in it?"})
		w.do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.on("2027-01-14", 10)
		w.settle()
		if m := w.last("olga"); !strings.Contains(m.Text, "“Is the board in it?”") || !strings.Contains(m.Text, "Mia Manager asked you; it is done meanwhile") {
			t.Errorf("in the morning she reads %s", m.Text)
		}

		w.on("2027-01-14", 17)
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{left}, Person: "olga", Reason: "With contractors?"})
		w.clock.Add((15 * time.Minute).Microseconds())
		w.slack.AddFaults(slackfake.Fault{Kind: slackfake.Fault500})
		w.sweep()
		if d := w.said("olga")[0]; d.Kind != reminders.KindNow || d.Status != reminders.DeliveryPlanned && d.Status != reminders.DeliverySending {
			t.Fatalf("while Slack is down: %s", w.ledger())
		}
		w.slack.ClearFaults()
		w.on("2027-01-15", 10)
		w.settle()
		if m := w.last("olga"); !strings.Contains(m.Text, "“With contractors?”") || strings.Contains(m.Text, "already") {
			t.Errorf("the morning after she reads %s", m.Text)
		}
	})
}

// Mia and Paula asked for a summary of the morning; Carl did not.
func TestMorningSummary(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		for _, p := range []models.PersonID{"mia", "paula"} {
			_, err := w.s.UpdatePreferences(t.Context(), store.Once{}, p, w.now(), func(x *reminders.Preferences) error { x.Summary = true; return nil })
			check(t, err)
		}
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		w.do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{id}})
		w.on("2027-01-14", 10)
		w.settle()
		golden(t, "slack/summary", messages(t, []slackfake.Message{w.last("mia")}))
		if m := w.last("paula"); !strings.Contains(m.Text, "Acme SOC 2 e1") {
			t.Errorf("Paula reads %s", m.Text)
		}
		for _, m := range w.slackOf("carl") {
			if strings.Contains(m.Text, "since yesterday") {
				t.Errorf("Carl reads %s", m.Text)
			}
		}
	})
}

// Mia mutes the engagement, then the partner stops everything: nothing goes out, nothing is lost, and when it goes on everybody hears
// once how things stand.
func TestKillSwitches(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.task("olga", "Send the organization chart", "2027-01-14")
		w.do("e1", "mia", engagement.Command{Kind: engagement.MuteEngagement, Reason: "the list of people was wrong"})
		w.on("2027-01-13", 10)
		w.settle()
		w.do("e1", "mia", engagement.Command{Kind: engagement.UnmuteEngagement})
		_, err := w.s.UpdateMessaging(t.Context(), store.Once{Actor: "paula"}, w.now(), func(m *reminders.Messaging) error { m.Paused, m.PausedReason = true, "a drill"; return nil })
		check(t, err)
		w.on("2027-01-14", 10)
		w.settle()
		if n := len(w.slack.AllMessages("TACME")) + len(w.slack.AllMessages("THQ")); n != 0 {
			t.Fatalf("%d messages although everything was stopped\n%s", n, w.ledger())
		}
		if d := w.said("olga"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed || !strings.Contains(d[0].Reason, "paused") {
			t.Errorf("the ledger says\n%s", w.ledger())
		}
		about, _, err := w.s.Deliveries(t.Context(), store.DeliveryFilter{Engagement: "e1", Person: "olga", Statuses: []reminders.DeliveryStatus{reminders.DeliverySuppressed}}, "", 10)
		check(t, err)
		if len(about) != 1 {
			t.Errorf("of what was not said about e1 the ledger knows %d", len(about))
		}
		_, err = w.s.UpdateMessaging(t.Context(), store.Once{Actor: "paula"}, w.now(), func(m *reminders.Messaging) error { m.Paused = false; return nil })
		check(t, err)
		w.on("2027-01-15", 10)
		w.settle()
		if all := w.slackOf("olga"); len(all) != 1 || !strings.Contains(all[0].Text, "1 business day ago") {
			t.Errorf("afterwards Olga has %s", messages(t, all))
		}
	})
}

// Mia mutes the engagement just after she asked something: Olga hears nothing of it, at once or in the morning, nor does the firm's
// channel, until it goes on; then she is asked.
func TestAMutedEngagementKeepsItsQuestions(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-02-14")
		w.on("2027-01-13", 10)
		w.settle()
		n := len(w.slackOf("olga"))
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga", Reason: "With the interns?"})
		w.do("e1", "mia", engagement.Command{Kind: engagement.MuteEngagement, Reason: "the wrong list"})
		w.clock.Add((15 * time.Minute).Microseconds())
		w.settle()
		w.on("2027-01-14", 10)
		w.settle()
		if all := w.slackOf("olga"); len(all) != n {
			t.Errorf("while it is muted she reads %s", messages(t, all[n:]))
		}
		w.do("e1", "mia", engagement.Command{Kind: engagement.UnmuteEngagement})
		w.clock.Add((15 * time.Minute).Microseconds())
		w.settle()
		w.on("2027-01-15", 10)
		w.settle()
		if all := w.slackOf("olga"); len(all) != n+1 || !strings.Contains(all[n].Text, "With the interns?") {
			t.Errorf("afterwards she reads %s", messages(t, all[n:]))
		}
	})
}

// The firm's quiet hours begin after midnight: the morning's messages go out all the same, and none after midnight.
func TestQuietHoursAfterMidnight(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		_, err := w.s.UpdateMessaging(t.Context(), store.Once{}, w.now(), func(m *reminders.Messaging) error {
			m.Quiet = catalog.QuietHours{From: 60, To: 8 * 60}
			return nil
		})
		check(t, err)
		w.task("olga", "Send the organization chart", "2027-01-13")
		w.on("2027-01-13", 10)
		w.settle()
		if all := w.slackOf("olga"); len(all) != 1 {
			t.Errorf("Olga has %s\n%s", messages(t, all), w.ledger())
		}
	})
}

// Mia says in the evening who Olga is in Slack: Olga is asked in the morning. She says no by mistake, and is asked again.
func TestAskedWhoTheyAreWhenTheyWork(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		olga, err := w.s.Person(t.Context(), "olga")
		check(t, err)
		n := len(w.slackOf("olga"))
		w.on("2027-01-12", 22)
		check(t, w.post.AskWho(t.Context(), w.s, store.Once{Key: "first"}, "acme", olga, userOf("olga")))
		check(t, w.post.AskWho(t.Context(), w.s, store.Once{Key: "first"}, "acme", olga, userOf("olga")))
		w.sweep()
		if all := w.slackOf("olga"); len(all) != n {
			t.Errorf("at night she reads %s", messages(t, all[n:]))
		}
		for i, key := range []string{"", "second"} {
			if key != "" {
				check(t, w.post.AskWho(t.Context(), w.s, store.Once{Key: key}, "acme", olga, userOf("olga")))
			}
			w.on("2027-01-13", 10+i)
			for _, d := range w.said("olga") { // what waited is looked at again
				check(t, w.s.Postpone(t.Context(), d.ID, "", 0))
			}
			w.settle()
			asked := 0
			for _, m := range w.slackOf("olga")[n:] {
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

// Paula renames the firm on Monday and on Tuesday, and a program of hers sends the same requests again. For thirty days they change
// nothing; after that Monday's keys are forgotten, however many they are, and Tuesday's are not yet.
func TestKeysAreForgotten(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.post.Real = w.now
		name := func(key string, to string) {
			t.Helper()
			once := store.Once{Actor: "paula", Key: key, Hash: "h"}
			_, err := w.s.UpdateFirm(t.Context(), once, w.now(), func(f *models.Firm) error { f.Name = to; return nil })
			check(t, err)
		}
		again := func(key string) bool {
			t.Helper()
			done, once := false, store.Once{Actor: "paula", Key: key, Hash: "h"}
			_, err := w.s.UpdateFirm(t.Context(), once, w.now(), func(*models.Firm) error { done = true; return nil })
			check(t, err)
			return done
		}
		name("monday", "Ledger")
		for n := range 450 {
			name(fmt.Sprint("n", n), "Ledger")
		}
		w.on("2027-01-12", 9)
		name("tuesday", "Ledger & Sons")

		w.on("2027-02-10", 7) // an hour short of thirty days after Monday's requests
		w.sweep()
		if again("monday") {
			t.Error("a key was forgotten within thirty days")
		}
		w.on("2027-02-11", 8)
		w.sweep()
		if !again("monday") || !again("n0") || !again("n449") {
			t.Error("a key is remembered after thirty days")
		}
		if again("tuesday") {
			t.Error("Tuesday's key was forgotten with Monday's")
		}
	})
}

// Olga has had her message of this week, as the firm has it: what only looks ahead is spared, what is late is not.
func TestWeeklyBudget(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		_, err := w.s.UpdateMessaging(t.Context(), store.Once{}, w.now(), func(m *reminders.Messaging) error { m.WeeklyBudget = 1; return nil })
		check(t, err)
		chart := w.task("olga", "Send the organization chart", "2027-01-14")
		w.task("olga", "List everybody who left since July", "2027-01-19")
		w.on("2027-01-13", 10)
		w.settle()
		w.do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.on("2027-01-15", 10)
		w.settle()
		if d := w.said("olga")[0]; d.Status != reminders.DeliverySuppressed || d.Reason != "1 messages this week already, and it only looks ahead" {
			t.Errorf("the ledger says\n%s", w.ledger())
		}
		w.on("2027-01-19", 10)
		w.settle()
		w.on("2027-01-20", 10)
		w.settle()
		if all := w.slackOf("olga"); len(all) != 3 || !strings.Contains(all[2].Text, "1 thing is late") {
			t.Errorf("Olga has %s", messages(t, all))
		}
	})
}
