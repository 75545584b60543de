package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// carriedOut waits until nothing that came in waits any more.
func carriedOut(w *town.Town) {
	w.T.Helper()
	db := town.NewFiller(w.T, w.DSN)
	defer db.Close()
	w.Eventually("all is carried out", func() bool {
		_, open := db.Text("SELECT id FROM inbound WHERE done_at = 0")
		return !open
	})
}

// confirmed returns what Olga is told by which some words of hers were taken for an answer.
func confirmed(w *town.Town, words string) (out []slackfake.Message) {
	for _, m := range w.SlackOf("olga") {
		if m.Bot != "" && strings.Contains(m.Text, "taken as your answer") && strings.Contains(m.Text, words) {
			out = append(out, m)
		}
	}
	return out
}

// replies returns the answers of the ledger to what Olga typed, the last one first.
func replies(w *town.Town) (out []reminders.Delivery) {
	for _, d := range w.Said("olga") {
		if d.Kind == reminders.KindReply {
			out = append(out, d)
		}
	}
	return out
}

// types has Olga type something, of which nothing is waited for.
func types(w *town.Town, thread, text string) {
	w.T.Helper()
	_, _, err := w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: town.UserOf("olga"), Thread: thread, Text: text})
	town.Check(w.T, err)
}

// sending are the places on the way from what is to be said to what was said.
var sending = []string{"before_gate", "after_gate", "after_send", "before_settle", "after_settle", "before_carried_out"}

// Olga answers, once in the thread of the message that asks and once below everything, and the process dies: before the answer is there,
// when it is there and nothing was said, at each step of saying it, and when it was said and nobody has noted that. She reads once that it
// was taken, where she typed it; the answer is there once.
func TestAProcessDiesBetweenAnAnswerAndItsConfirmation(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		w.On("2027-01-12", 11)
		for i, place := range append([]string{"before_act", "after_act"}, sending...) {
			for _, in := range []string{"the thread", "the conversation"} {
				q := asks(w, "ines", "olga", task, fmt.Sprintf("Which accounts, %d in %s?", i, in))
				thread, words := "", fmt.Sprintf("Those of org %d in %s", i, in)
				if in == "the thread" {
					w.Soon()
					thread = w.Last("olga").TS
				}
				revive := w.KillAt(place)
				types(w, thread, words)
				revive()
				carriedOut(w)
				w.Settle()
				stands(w, q, engagement.QuestionAnswered, "olga", words)
				all := confirmed(w, words)
				if len(all) != 1 || all[0].ThreadTS != thread {
					t.Errorf("dead at %s in %s: she is told %d times\n%s", place, in, len(all), w.Ledger())
				}
				kept := 0
				for _, d := range replies(w) {
					if strings.Contains(d.Message.Text(), words) && d.Status == reminders.DeliverySent && d.Message.Thread == thread {
						kept++
					}
				}
				if kept != 1 {
					t.Errorf("dead at %s in %s: the ledger has %d\n%s", place, in, kept, w.Ledger())
				}
			}
		}
		_, comments, err := w.Store.Task(t.Context(), "e1", task)
		town.Check(t, err)
		if want := 4 * (2 + len(sending)); len(comments) != want {
			t.Errorf("%d things were said on the task, asked and answered %d", len(comments), want)
		}
	})
}

// Two questions are open when Olga types, and the process dies before she is asked which one it is, or while she is: she is asked once, and
// her words are in the buttons.
func TestAProcessDiesBeforeItAsksWhichQuestion(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		w.On("2027-01-12", 11)
		first, second := asks(w, "ines", "olga", task, "Which accounts?"), asks(w, "tom", "olga", task, "Which offices?")
		w.Soon()
		for i, place := range append([]string{"after_reply"}, sending...) {
			words := fmt.Sprint("Oslo ", i)
			revive := w.KillAt(place)
			types(w, "", words)
			revive()
			carriedOut(w)
			w.Settle()
			asked := 0
			for _, m := range w.SlackOf("olga") {
				if strings.Contains(m.Text, "Which question") && strings.Contains(string(m.Blocks), "|"+words+`"`) {
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("dead at %s: she is asked %d times\n%s", place, asked, w.Ledger())
			}
		}
		stands(w, first, engagement.QuestionOpen, "", "")
		w.Press("olga", engagement.ActAnswer, fmt.Sprintf("answer:%s|Oslo %d", second, len(sending)))
		w.Eventually("the message says whose it was", func() bool { return strings.Contains(w.Last("olga").Text, "your answer to Tom") })
		stands(w, second, engagement.QuestionAnswered, "olga", fmt.Sprint("Oslo ", len(sending)))
		w.Eventually("the others say that it is answered", func() bool {
			w.Settle()
			n := 0
			for _, m := range w.SlackOf("olga") {
				if strings.Contains(m.Text, "Which question") && strings.Contains(m.Text, "answered by Olga") {
					n++
				}
			}
			return n == len(sending)
		})
	})
}

// Marta has stopped all messages. What Olga types is answered all the same: she just did it.
func TestTypingWhileAllMessagesArePaused(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		q := asks(w, "ines", "olga", w.Task("olga", "Collect the client profile", "2027-01-20"), "Which accounts?")
		_, err := w.Store.UpdateMessaging(t.Context(), store.Once{Actor: "marta"}, w.Now(),
			func(m *reminders.Messaging) error { m.Paused, m.PausedReason = true, "a drill"; return nil })
		town.Check(t, err)
		says(t, w.Types("olga", "", "All of org 1234"), "taken as your answer to Ines")
		stands(w, q, engagement.QuestionAnswered, "olga", "All of org 1234")
		says(t, w.Types("olga", "", "And one more"), "nobody waits for an answer from you")
		w.On("2027-01-13", 10)
		w.Settle()
		for _, d := range w.Said("olga") {
			if (d.Kind == reminders.KindReply) != (d.Status == reminders.DeliverySent) {
				t.Errorf("a message of kind %s is %s: %s", d.Kind, d.Status, d.Reason)
			}
		}
	})
}

// Olga's answer is there and the process dies; then her company removes the app. Nobody can tell her any more: the ledger has given it up
// and says why, to her, to Marta, and to Ines, who is on the engagement; not to a manager who is not.
func TestAWorkspaceIsGoneBeforeTheConfirmation(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		q := asks(w, "ines", "olga", w.Task("olga", "Collect the client profile", "2027-01-20"), "Which accounts?")
		revive := w.KillAt("after_act")
		types(w, "", "All of org 1234")
		w.Eventually("it is answered", func() bool { return question(w, q).State == engagement.QuestionAnswered })
		town.Check(t, w.Store.Disconnect(t.Context(), "northgate", "the app was removed from the workspace", w.Now()))
		revive()
		carriedOut(w)
		w.Settle()
		if all := confirmed(w, "All of org 1234"); len(all) != 0 {
			t.Errorf("she is told %d times", len(all))
		}
		lists := func(who models.PersonID, role models.Role, client models.ClientID) (out []reminders.Delivery) {
			all, _, err := w.Store.DeliveriesFor(t.Context(), engagement.Actor{Person: who, Role: role, Client: client},
				store.DeliveryFilter{Kinds: []reminders.DeliveryKind{reminders.KindReply}}, "", 10)
			town.Check(t, err)
			return all
		}
		for who, role := range map[models.PersonID]models.Role{"olga": models.RoleOwner, "marta": models.RolePartner,
			"ines": models.RoleManager} {
			client := models.ClientID("")
			if who == "olga" {
				client = "northgate"
			}
			if all := lists(who, role, client); len(all) != 1 || all[0].Status != reminders.DeliverySuppressed ||
				all[0].Reason != "the Slack workspace is not connected any more" {
				t.Errorf("%s reads %+v", who, all)
			}
		}
		if all := lists("nadia", models.RoleManager, ""); len(all) != 0 {
			t.Errorf("who is not on the engagement reads %+v", all)
		}
	})
}

// Nothing runs for four days after Olga answered: it is too late to say so, and the ledger knows that nothing ever left.
func TestAConfirmationIsTooLate(t *testing.T) {
	w := town.OnSQLite(t)
	q := asks(w, "ines", "olga", w.Task("olga", "Collect the client profile", "2027-01-20"), "Which accounts?")
	revive := w.KillAt("after_act")
	types(w, "", "All of org 1234")
	w.Eventually("it is answered", func() bool { return question(w, q).State == engagement.QuestionAnswered })
	w.Clock.Add((4 * 24 * time.Hour).Microseconds())
	revive()
	carriedOut(w)
	w.Settle()
	if d := replies(w); len(d) != 1 || d[0].Status != reminders.DeliveryExpired || d[0].Reason != "too late: it is not said any more" {
		t.Errorf("the ledger says\n%s", w.Ledger())
	}
}
