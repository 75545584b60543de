package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// asks has somebody ask somebody about a task of e1, and returns the question's id.
func asks(w *town.Town, by, to models.PersonID, task models.TaskID, text string) string {
	w.T.Helper()
	return w.Do("e1", by, engagement.Command{Kind: engagement.AskTask, Tasks: []models.TaskID{task}, Person: to, Reason: text})
}

// question returns a question of e1 as it stands.
func question(w *town.Town, id string) engagement.Question {
	w.T.Helper()
	f, err := w.Store.Facts(w.T.Context(), "e1", engagement.Need{Questions: []string{id}})
	town.Check(w.T, err)
	q := f.Question(id)
	if q == nil {
		w.T.Fatalf("there is no question %s", id)
	}
	return *q
}

// stands reports when a question does not stand as it should.
func stands(w *town.Town, id string, state engagement.QuestionState, by models.PersonID, answer string) {
	w.T.Helper()
	if q := question(w, id); q.State != state || q.ClosedBy != by || q.Answer != answer {
		w.T.Errorf("%s is %s by %q: %q", id, q.State, q.ClosedBy, q.Answer)
	}
}

// says reports when a message does not say something.
func says(t *testing.T, m slackfake.Message, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(m.Text, text) {
			t.Errorf("it does not say %q:\n%s", text, m.Text)
		}
	}
}

// On Tuesday Ines asks Olga which accounts are in scope. Her task is done the same evening, and the question waits all the same. On
// Wednesday Olga answers in the thread of the message; Ines hears, the message says so, and the record has the words. On Thursday nobody
// asks Olga any more.
func TestAnsweringInTheThread(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		w.On("2027-01-12", 11)
		q := asks(w, "ines", "olga", task, "Which AWS accounts are in scope?")
		w.Soon()
		asked := w.Last("olga")
		says(t, asked, "Ines", "asks you", "Which AWS accounts are in scope?")
		if !strings.Contains(string(asked.Blocks), `"action_id":"answer"`) {
			t.Errorf("there is no button: %s", asked.Blocks)
		}
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{task}})
		w.Settle()
		const line = "Collect the client profile (Northgate SOC 2 e1): Ines asks"
		if m, _ := w.Slack.Message("TNORTHGATE", asked.Channel, asked.TS); !strings.Contains(m.Text, line) ||
			!strings.Contains(string(m.Blocks), `"action_id":"answer"`) {
			t.Errorf("the question is overwritten: %s", m.Text)
		}
		w.On("2027-01-13", 10)
		w.Settle()
		told := w.Types("olga", asked.TS, "All accounts of the org 1234 &amp; the one of <https://old.test|old.test>")
		const words = "All accounts of the org 1234 & the one of old.test"
		stands(w, q, engagement.QuestionAnswered, "olga", words)
		says(t, told, "taken as your answer to Ines", "told at once", "Which AWS accounts", "That was no answer")
		if told.ThreadTS != asked.TS {
			t.Errorf("she is answered beside the thread: %+v", told)
		}
		w.Eventually("the message says so", func() bool {
			m, _ := w.Slack.Message("TNORTHGATE", asked.Channel, asked.TS)
			return strings.Contains(m.Text, "answered by Olga")
		})
		w.Soon()
		says(t, w.Last("ines"), "Olga", "answers your question", "All accounts of the org 1234 &amp; the one of old.test")
		_, comments, err := w.Store.Task(t.Context(), "e1", task)
		town.Check(t, err)
		if n := len(comments); n != 2 || comments[1].Text != words || comments[1].By != "olga" || comments[1].To != "ines" {
			t.Errorf("on the task was said %+v", comments)
		}
		before := len(w.SlackOf("olga"))
		w.On("2027-01-14", 10)
		w.Settle()
		for _, m := range w.SlackOf("olga")[before:] {
			if strings.Contains(m.Text, "Which AWS accounts") {
				t.Errorf("she is asked again: %s", m.Text)
			}
		}
	})
}

// Olga types into the conversation, below everything. One question is open to her: it is the answer. She meant something else and takes it
// back by the button of what she is told; then she answers by the form, and corrects what she said.
func TestTypingToTheApp(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		w.On("2027-01-12", 11)
		q := asks(w, "ines", "olga", task, "Which AWS accounts are in scope?")
		w.Soon()
		told := w.Types("olga", "", "Thank you all")
		stands(w, q, engagement.QuestionAnswered, "olga", "Thank you all")
		w.Press("olga", engagement.ActNoAnswer, "answered:"+q)
		w.Eventually("it is taken back", func() bool { return question(w, q).State == engagement.QuestionOpen })
		w.Eventually("the message says so", func() bool {
			m, _ := w.Slack.Message("TNORTHGATE", told.Channel, told.TS)
			return strings.Contains(m.Text, "waits for one again") && strings.Contains(string(m.Blocks), `"action_id":"answer"`)
		})
		form := w.Answers("olga", engagement.ActAnswer, "answer:"+q, map[string]string{"reason": "All of org 1234"})
		if !strings.Contains(form, "✓ Collect the client profile: answered by Olga") {
			t.Errorf("the form says %s", form)
		}
		stands(w, q, engagement.QuestionAnswered, "olga", "All of org 1234")
		w.Do("e1", "olga", engagement.Command{Kind: engagement.AnswerQuestion, Question: q, Reason: "All of org 1235"})
		stands(w, q, engagement.QuestionAnswered, "olga", "All of org 1235")
	})
}

// Two questions are open to Olga when she types: she is asked which one it is, presses the button of the second, and only that one is
// answered. In the thread of a message that asks both it is the same; in that of a message that asks nothing her words are no answer before
// she says so.
func TestWhichQuestion(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		task, other := w.Task("olga", "Collect the client profile", "2027-01-20"), w.Task("olga", "Draw the network", "2027-01-20")
		w.On("2027-01-12", 11)
		w.Settle()
		daily := w.Last("olga")
		first := asks(w, "ines", "olga", task, "Which accounts?")
		second := asks(w, "tom", "olga", other, "Which offices?")
		w.Soon()
		both := w.Last("olga")
		for _, thread := range []string{"", both.TS} {
			told := w.Types("olga", thread, "Berlin | Oslo")
			says(t, told, "Which question", "Nobody has been told", "Which accounts?", "Which offices?")
			stands(w, first, engagement.QuestionOpen, "", "")
			stands(w, second, engagement.QuestionOpen, "", "")
		}
		w.Press("olga", engagement.ActAnswer, "answer:"+second+"|Berlin | Oslo")
		w.Eventually("the second is answered", func() bool { return question(w, second).State == engagement.QuestionAnswered })
		stands(w, second, engagement.QuestionAnswered, "olga", "Berlin | Oslo")
		stands(w, first, engagement.QuestionOpen, "", "")
		w.Eventually("the message says whose it was", func() bool { return strings.Contains(w.Last("olga").Text, "your answer to Tom") })
		says(t, w.Types("olga", daily.TS, "Is it urgent?"), "Does this answer the question below", "Which accounts?")
		stands(w, first, engagement.QuestionOpen, "", "")
		says(t, w.Types("olga", both.TS, strings.Repeat("very ", 500)+"long"), "was not taken as an answer", "more than 2000 characters")
		stands(w, first, engagement.QuestionOpen, "", "")
		w.Do("e1", "ines", engagement.Command{Kind: engagement.WithdrawQuestion, Question: first})
		says(t, w.Types("olga", both.TS, "Two of them"), "no answer any more", "Nobody was told")
	})
}

// Nobody asked Olga anything. What she types is not lost without a word, and neither is the file she drops: she is told that nobody got it,
// and whom to write to.
func TestWhatIsNoAnswer(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		says(t, w.Types("olga", "", "Hello?"), "nobody waits for an answer from you", "Ines", "ines@")
		says(t, w.Types("olga", "", "", "chart.pdf"), "Files cannot be taken here yet", "nothing of this one was kept", "ines@")
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		q := asks(w, "ines", "olga", task, "Which accounts?")
		says(t, w.Types("olga", "", "They are in the list", "list.xlsx"), "taken as your answer to Ines", "Files cannot be taken here yet")
		stands(w, q, engagement.QuestionAnswered, "olga", "They are in the list")
		says(t, w.Types("ines", "", "Hm"), "nobody waits for an answer", "marta@")
		town.Check(t, w.Store.SetBinding(t.Context(), "kenji", "northgate", w.Now(),
			func(b *reminders.Binding) { b.State = reminders.BindingAsked }))
		says(t, w.Types("kenji", "", "It is me"), "say first who you are")
		_, err := w.Slack.AddUser("TNORTHGATE", slackfake.User{ID: "USTRANGER", Name: "stranger"})
		town.Check(t, err)
		_, _, err = w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: "USTRANGER", Text: "All of them"})
		town.Check(t, err)
		w.Eventually("the stranger is told", func() bool {
			all := w.Slack.MessagesTo("TNORTHGATE", "USTRANGER")
			return len(all) == 2 && strings.Contains(all[1].Text, "does not know this Slack account")
		})
	})
}

// What Slack calls a message and nobody wrote to us is no answer: what the app says itself, what other apps say, what is edited or deleted,
// what is said in a channel. The same event again, which Slack sends when it had no answer, answers nothing twice, and nothing is said
// twice.
func TestWhatNobodyTyped(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		db := town.NewFiller(t, w.DSN)
		defer db.Close()
		task := w.Task("olga", "Collect the client profile", "2027-01-20")
		w.On("2027-01-12", 11)
		q := asks(w, "ines", "olga", task, "Which accounts?")
		w.Soon()
		m := w.Last("olga")
		typed := func(more map[string]any) map[string]any {
			inner := map[string]any{"type": "message", "channel": m.Channel, "channel_type": "im", "user": town.UserOf("olga"), "text": "All",
				"ts": "1800000000.000100"}
			for name, value := range more {
				inner[name] = value
			}
			return inner
		}
		for name, more := range map[string]map[string]any{
			"our own": {"user": "UBOTTNORTHGATE", "bot_id": "BTNORTHGATE", "app_id": "ATNORTHGATE"},

			"our own by its user": {"user": "UBOTTNORTHGATE"},
			"another app's":       {"bot_id": "BOTHER"}, "a workflow's": {"subtype": "bot_message"}, "an app's in her name": {"app_id": "AOTHER"},
			"an edit": {"subtype": "message_changed", "hidden": true, "message": map[string]any{"text": "All"}},

			"edited":     {"edited": map[string]any{}},
			"a deletion": {"subtype": "message_deleted"}, "of nobody": {"user": ""}, "a joining": {"subtype": "channel_join"},
			"no direct message": {"channel": "C0123456"},
		} {
			a, err := w.Slack.Event("TNORTHGATE", typed(more))
			town.Check(t, err)
			w.Eventually(name+" is carried out", func() bool {
				_, done := db.Text(fmt.Sprintf("SELECT outcome FROM inbound WHERE done_at > 0 AND id = '%s'", a.ID))
				return done
			})
			if outcome, _ := db.Text(fmt.Sprintf("SELECT outcome FROM inbound WHERE id = '%s'", a.ID)); outcome != "nobody wrote it to us" {
				t.Errorf("%s: %s", name, outcome)
			}
			stands(w, q, engagement.QuestionOpen, "", "")
		}
		body, err := w.Slack.EventBody("TNORTHGATE", typed(nil))
		town.Check(t, err)
		before := len(w.SlackOf("olga"))
		for range 3 {
			town.Check(t, sendEvent(w, "northgate", body))
		}
		w.Eventually("it is answered", func() bool { return question(w, q).State == engagement.QuestionAnswered })
		w.Eventually("she is told", func() bool { return len(w.SlackOf("olga")) == before+1 })
		w.Eventually("all is carried out", func() bool {
			_, open := db.Text("SELECT id FROM inbound WHERE done_at = 0")
			return !open
		})
		if n := len(w.SlackOf("olga")); n != before+1 {
			t.Errorf("%d messages, before it were %d", n, before)
		}
		if _, comments, err := w.Store.Task(t.Context(), "e1", task); err != nil || len(comments) != 2 {
			t.Errorf("said is %v, %v", comments, err)
		}
	})
}

// Slack does not take what we say the first time, and another time nobody knows whether it did: the answer is carried out once, and who
// typed it is told once.
func TestTypingWhileSlackFails(t *testing.T) {
	w := town.OnSQLite(t)
	task := w.Task("olga", "Collect the client profile", "2027-01-20")
	for i, kind := range []slackfake.FaultKind{slackfake.FaultInternal, slackfake.FaultRateLimit, slackfake.FaultExecuteThenDrop} {
		q := asks(w, "ines", "olga", task, fmt.Sprint("Which accounts, ", i, "?"))
		words := fmt.Sprint("All of org ", i)
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Nth: 1, Kind: kind})
		_, _, err := w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: town.UserOf("olga"), Text: words})
		town.Check(t, err)
		w.Eventually("it is answered", func() bool { return question(w, q).State == engagement.QuestionAnswered })
		w.Eventually("the reply fails", func() bool {
			calls := w.Slack.Calls()
			return slices.ContainsFunc(calls, func(c slackfake.Call) bool { return c.Fault == kind })
		})
		carriedOut(w)
		w.Settle()
		if all := confirmed(w, words); len(all) != 1 {
			t.Errorf("after %s she is told %d times\n%s", kind, len(all), w.Ledger())
		}
		stands(w, q, engagement.QuestionAnswered, "olga", words)
		w.Slack.ClearFaults()
	}
}

// The app of a workspace whose manifest is of the release before hears nothing of what people type, and Slack says which scopes it has.
func TestAnAppOfTheReleaseBefore(t *testing.T) {
	w := town.OnSQLite(t)
	town.Check(t, w.Slack.SetManifest("TNORTHGATE", true, "app_home_opened"))
	if _, _, err := w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: town.UserOf("olga"), Text: "Hello"}); err == nil {
		t.Error("she can type into a tab that is read-only")
	}
	town.Check(t, w.Slack.SetManifest("TNORTHGATE", false, "app_home_opened"))
	if _, _, err := w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: town.UserOf("olga"), Text: "Hello"}); err == nil {
		t.Error("the app is told of what it has not asked for")
	}
	town.Check(t, w.Slack.SetManifest("TNORTHGATE", false, "app_home_opened", "message.im"))
	town.Check(t, w.Slack.SetScopes("TNORTHGATE", "chat:write", "im:write", "users:read"))
	if _, _, err := w.Slack.Type(slackfake.Typed{Team: "TNORTHGATE", User: town.UserOf("olga"), Text: "Hello"}); err == nil ||
		!strings.Contains(err.Error(), "missing_scope") || !strings.Contains(err.Error(), "im:history") {
		t.Errorf("the app is told of what its scopes do not allow: %v", err)
	}
	ws, err := w.Store.Workspace(t.Context(), "northgate")
	town.Check(t, err)
	missing := w.Post.MissingScopes(t.Context(), ws)
	if got := fmt.Sprint(missing); got != "[commands im:history users:read.email channels:history channels:read groups:history groups:read]" {
		t.Errorf("missing are %s", got)
	}
	hq, err := w.Store.Workspace(t.Context(), "hq")
	town.Check(t, err)
	if missing := w.Post.MissingScopes(t.Context(), hq); len(missing) > 0 || !hq.TypedAt.IsZero() {
		t.Errorf("of the firm's own %v are missing, and something was typed at %s", missing, hq.TypedAt)
	}
	w.Types("ines", "", "Hello")
	if hq, err = w.Store.Workspace(t.Context(), "hq"); err != nil || !hq.TypedAt.Equal(w.Now()) {
		t.Errorf("something was typed at %s, %v", hq.TypedAt, err)
	}
}

// sendEvent posts an event to the door, signed as Slack signs.
func sendEvent(w *town.Town, workspace string, body []byte) error {
	var e struct {
		TeamID string `json:"team_id"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	a, err := w.Slack.Post(w.Door.URL+"/slack/acme/"+workspace+"/events", slackfake.Sign(town.Signing, w.Real(), body), body)
	if err == nil && !a.OK() {
		return fmt.Errorf("answered with %d", a.Status)
	}
	return err
}
