package desk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Olga presses Done in the message, twice: the task is done once, and the message says so where it stands.
func TestPressingDone(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		first := w.Last("olga")
		w.Press("olga", engagement.ActDone, "do:"+string(id))
		w.Eventually("the task is submitted or done",
			func() bool { s := w.State(id).State; return s == engagement.TaskSubmitted || s == engagement.TaskDone })
		w.Eventually("the message is edited", func() bool { return w.Last("olga").Edits == 1 })
		m := w.Last("olga")
		if m.TS != first.TS || !strings.Contains(m.Text, "✓ Send the organization chart: Olga did it on Wed 2027-01-13") ||
			strings.Contains(string(m.Blocks), `"action_id":"done"`) {
			t.Errorf("the message says %s", m.Text)
		}
		a, err := w.Slack.Click(slackfake.Press{Team: "TNORTHGATE", User: town.UserOf("olga"), Channel: m.Channel, TS: m.TS, Action: "done"})
		if err == nil {
			t.Errorf("there is still a button: %d", a.Status)
		}
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

// What Olga can say from a message, and what comes of it: each is a form that says afterwards what became of it.
func TestForms(t *testing.T) {
	for _, c := range []struct {
		act    engagement.Act
		values map[string]string
		wrong  map[string]string // is refused first, and the form stays
		why    string
		says   string
		check  func(w *town.Town, task engagement.Task)
	}{
		{act: engagement.ActSnooze, values: map[string]string{"due": "2027-01-15"}, says: "put off until Fri 2027-01-15",
			check: func(w *town.Town, task engagement.Task) {
				if task.Snoozed.String() != "2027-01-15" {
					w.T.Errorf("snoozed until %s", task.Snoozed)
				}
			}},
		{act: engagement.ActBlocked, values: map[string]string{"by": "firm", "reason": "We wait for your template"},
			says: "blocked by the firm: We wait for your template",
			check: func(w *town.Town, task engagement.Task) {
				if task.State != engagement.TaskBlocked || task.BlockedBy != models.SideFirm {
					w.T.Errorf("%s by %s", task.State, task.BlockedBy)
				}
			}},
		{act: engagement.ActMoreTime, values: map[string]string{"due": "2027-01-28", "reason": "Vacation"},
			wrong: map[string]string{"due": "2027-01-12", "reason": "Vacation"},
			why:   "must lie between today", says: "you asked for more time, until Thu 2027-01-28",
			check: func(w *town.Town, task engagement.Task) {
				if task.Due.String() != "2027-01-14" {
					w.T.Errorf("due %s before anybody agreed", task.Due)
				}
			}},
		{act: engagement.ActMoreTime, values: map[string]string{"due": "2027-01-15", "reason": "One day", "blocking": "HR"},
			says: "due Fri 2027-01-15 now",
			check: func(w *town.Town, task engagement.Task) {
				if task.Due.String() != "2027-01-15" {
					w.T.Errorf("due %s", task.Due)
				}
			}},
		{act: engagement.ActNotMine, values: map[string]string{"person": "kenji", "reason": "He keeps the chart"}, says: "you proposed Kenji",
			check: func(w *town.Town, task engagement.Task) {
				if task.Owner != "olga" {
					w.T.Errorf("it is %s's already", task.Owner)
				}
			}},
	} {
		t.Run(string(c.act), func(t *testing.T) {
			town.Each(t, func(t *testing.T, w *town.Town) {
				id := w.Task("olga", "Send the organization chart", "2027-01-14")
				w.On("2027-01-13", 10)
				w.Settle()
				w.Press("olga", c.act, "do:"+string(id))
				v := w.Modal("olga")
				town.Golden(w.T, "slack/form_"+string(c.act), v.Title.Text+"\n"+town.Shown(w.T, v.Blocks)+"["+v.Submit.Text+"] ["+v.Close.Text+"]\n")
				if c.wrong != nil {
					w.Submit(v.ID, c.wrong)
					w.Eventually("the form says what is wrong", func() bool {
						v, _ := w.Slack.OpenView("TNORTHGATE", town.UserOf("olga"))
						return strings.Contains(string(v.Blocks), ":warning:")
					})
					if got := town.Shown(w.T, w.Modal("olga").Blocks); !strings.Contains(got, c.why) {
						w.T.Errorf("it says %s", got)
					}
				}
				w.Submit(v.ID, c.values)
				w.Eventually("the form says what became of it", func() bool {
					v, _ := w.Slack.OpenView("TNORTHGATE", town.UserOf("olga"))
					return strings.Contains(string(v.Blocks), c.says)
				})
				c.check(w, w.State(id))
				w.Eventually("the message says it too", func() bool { return strings.Contains(w.Last("olga").Text, c.says) })
			})
		})
	}
}

// Olga proposes Kenji; he says yes from his own message, and the task is his.
func TestHandingOver(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-20")
		w.On("2027-01-13", 9)
		decision := w.Do("e1", "olga",
			engagement.Command{Kind: engagement.HandOverTask, Tasks: []models.TaskID{id}, Person: "kenji", Reason: "He keeps it"})
		w.Clock.Add((11 * time.Minute).Microseconds())
		w.Settle()
		if m := w.Last("kenji"); !strings.Contains(m.Text, "Olga proposes that Kenji takes over: Send the organization chart") {
			t.Fatalf("Kenji reads %s", m.Text)
		}
		w.Press("kenji", engagement.ActApprove, "decide:"+decision)
		v := w.Modal("kenji")
		if got := town.Shown(w.T, v.Blocks); v.Submit.Text != "Approve" || !strings.Contains(got, "Olga proposes that Kenji takes over") ||
			w.State(id).Owner != "olga" {
			t.Errorf("before he approves, it is %s's and he reads %s", w.State(id).Owner, got)
		}
		w.Submit(v.ID, nil)
		w.Eventually("it is Kenji's", func() bool { return w.State(id).Owner == "kenji" })
	})
}

// Whoever approves a decision in Slack is shown before what it would move, in the words of their message, and nothing is approved until
// then.
func TestApprovingShowsWhatMovesFirst(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-20")
		w.On("2027-01-13", 9)
		decision := w.Do("e1", "olga", engagement.Command{Kind: engagement.ExtendTask, Tasks: []models.TaskID{id},
			Due: modelstest.On("2027-04-20"), Reason: "The office moves"})
		w.Clock.Add((11 * time.Minute).Microseconds())
		w.Settle()
		f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
		town.Check(t, err)
		would := f.Effects(f.DecisionOf(decision), w.Now()).Lines()
		if len(would) == 0 || !strings.Contains(would[0], "The report") {
			t.Fatalf("it would move %q", would)
		}
		w.Press("ruth", engagement.ActApprove, "decide:"+decision)
		v := w.Modal("ruth")
		shown := town.Shown(w.T, v.Blocks)
		for _, line := range would {
			if !strings.Contains(shown, line) {
				t.Errorf("the form does not say %q:\n%s", line, shown)
			}
		}
		said := func() int {
			f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{Decision: decision})
			town.Check(t, err)
			return len(f.DecisionOf(decision).Approvals)
		}
		before := said()
		w.Submit(v.ID, nil)
		w.Eventually("she has approved it", func() bool { return said() > before })
	})
}

// Marta does not approve another scope; Ruth proposes it again from the message that says so: the form shows what it would move and asks
// what has changed, and Marta is asked once more.
func TestProposingAgain(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.On("2027-01-13", 9)
		f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
		town.Check(t, err)
		wants := append(slices.Clone(f.Engagement.Categories), "privacy")
		decision := w.Do("e1", "ruth", engagement.Command{Kind: engagement.ChangeScope, Reason: "A customer asks for it",
			Change: &engagement.Change{Categories: wants}})
		w.Clock.Add(time.Minute.Microseconds())
		w.Do("e1", "marta", engagement.Command{Kind: engagement.RefuseDecision, Decision: decision, Reason: "not this year"})
		w.On("2027-01-14", 10)
		w.Settle()
		if m := w.Last("ruth"); !strings.Contains(m.Text, "not this year") {
			t.Fatalf("Ruth reads %s", m.Text)
		}
		w.Press("ruth", engagement.ActScope, "again:"+decision)
		v := w.Modal("ruth")
		if got := town.Shown(w.T, v.Blocks); v.Submit.Text != "Propose" || !strings.Contains(got, "The report") ||
			!strings.Contains(got, "What has changed since?") || !strings.Contains(got, decision+" was not approved by Marta") {
			t.Errorf("the form says %s [%s]", got, v.Submit.Text)
		}
		w.Submit(v.ID, map[string]string{"reason": "The customer waits for it"})
		w.Eventually("it is proposed again", func() bool {
			f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
			town.Check(t, err)
			return slices.ContainsFunc(f.Decisions, func(d *engagement.Decision) bool {
				return d.State == engagement.DecisionPending && d.Kind == engagement.ChangeScope && slices.Equal(d.Change.Categories, wants) &&
					d.Reason == "The customer waits for it"
			})
		})
	})
}

// Buttons that are not for who presses them, or no longer for anybody, do nothing and say why, where nobody else sees it.
func TestPoliteRefusals(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		click := func() func() []byte { // each can be answered a few times only
			var all [][]byte
			for range 8 {
				all = append(all, done(w))
			}
			return func() (one []byte) { one, all = all[0], all[1:]; return one }
		}()
		stranger, err := w.Slack.AddUser("TNORTHGATE", slackfake.User{ID: "UNOBODY", Name: "nobody", Email: "nobody@northgate.test"})
		town.Check(t, err)
		for i, who := range []string{stranger.ID, town.UserOf("kenji")} {
			body := forged(w, click(), who, "e1|do:"+string(id))
			town.Check(t, send(w, "northgate", body, w.Real()))
			got := w.Answered("TNORTHGATE", "olga", i+1) // at the address of her message
			if want := []string{"Tickmark does not know this Slack account", "This is not waited for any more"}[i]; !strings.Contains(got, want) {
				t.Errorf("%s is answered %q", who, got)
			}
		}
		if s := w.State(id).State; s != engagement.TaskOpen {
			t.Errorf("the task is %s", s)
		}
		// The task is done meanwhile on a page; Olga's phone still shows the button.
		body := forged(w, click(), town.UserOf("olga"), "e1|do:"+string(id))
		w.Do("e1", "ines", engagement.Command{Kind: engagement.WaiveTask, Tasks: []models.TaskID{id}, Reason: "not needed"})
		town.Check(t, send(w, "northgate", body, w.Real()))
		if got := w.Answered("TNORTHGATE", "olga", 3); !strings.Contains(got, "waived") {
			t.Errorf("Olga is answered %q", got)
		}
		for _, value := range []string{"e9|do:KO-01", "e1|do:nothing", "e1|sign:G-KO-1", "nonsense", "e1|bind:olga"} {
			n := len(w.Slack.Responses("TNORTHGATE", town.UserOf("olga")))
			town.Check(t, send(w, "northgate", forged(w, click(), town.UserOf("olga"), value), w.Real()))
			if got := w.Answered("TNORTHGATE", "olga", n+1); got == "" || strings.Contains(got, "SQL") {
				t.Errorf("%s is answered %q", value, got)
			}
		}
	})
}

// done is the body of a click on Done in Olga's last message.
func done(w *town.Town) []byte {
	w.T.Helper()
	m := w.Last("olga")
	body, err := w.Slack.ClickBody(slackfake.Press{Team: "TNORTHGATE", User: town.UserOf("olga"), Channel: m.Channel, TS: m.TS,
		Action: "done"})
	town.Check(w.T, err)
	return body
}

// forged is a click as another one, by somebody and with a value as one likes.
func forged(w *town.Town, body []byte, user, value string) []byte {
	w.T.Helper()
	form, err := url.ParseQuery(string(body))
	town.Check(w.T, err)
	var payload map[string]any
	town.Check(w.T, json.Unmarshal([]byte(form.Get("payload")), &payload))
	payload["user"].(map[string]any)["id"] = user
	payload["actions"].([]any)[0].(map[string]any)["value"] = value
	text, err := json.Marshal(payload)
	town.Check(w.T, err)
	return []byte(url.Values{"payload": {string(text)}}.Encode())
}

// send sends a body as Slack would, signed at an instant.
func send(w *town.Town, workspace string, body []byte, at time.Time) error {
	a, err := w.Slack.Post(w.Door.URL+"/slack/acme/"+workspace+"/actions", slackfake.Sign(town.Signing, at, body), body)
	if err == nil && !a.OK() {
		err = fmt.Errorf("answered %d %s", a.Status, a.Body)
	}
	return err
}

// What is not Slack's, not for this workspace, or too old is answered with 401 and does nothing; what comes twice is done once.
func TestTheDoor(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		body, secret := done(w), town.Signing
		good := slackfake.Sign(secret, w.Real(), body)
		with := func(name, value string) http.Header {
			h := good.Clone()
			h.Del(name)
			if value != "" {
				h.Set(name, value)
			}
			return h
		}
		twice := good.Clone()
		twice["X-Slack-Signature"] = []string{"v0=00", good.Get("X-Slack-Signature")}
		at := w.Door.URL + "/slack/acme/northgate/actions"
		for name, c := range map[string]struct {
			at     string
			header http.Header
			body   []byte
			status int
		}{
			"unsigned":                 {at, with("X-Slack-Signature", ""), body, 401},
			"forged":                   {at, slackfake.Sign("ffffffffffffffffffffffffffffffff", w.Real(), body), body, 401},
			"another body":             {at, good, append(body, ' '), 401},
			"no time":                  {at, with("X-Slack-Request-Timestamp", ""), body, 401},
			"another time":             {at, with("X-Slack-Request-Timestamp", "1"), body, 401},
			"late":                     {at, slackfake.Sign(secret, w.Real().Add(-6*time.Minute), body), body, 401},
			"early":                    {at, slackfake.Sign(secret, w.Real().Add(6*time.Minute), body), body, 401},
			"two signatures":           {at, twice, body, 401},
			"smuggled in the query":    {at + "?payload=%7B%7D", good, body, 401},
			"for another workspace":    {w.Door.URL + "/slack/acme/hq/actions", good, body, 401},
			"for no workspace":         {w.Door.URL + "/slack/acme/nowhere/actions", good, body, 401},
			"for no firm":              {w.Door.URL + "/slack/nofirm/northgate/actions", good, body, 401},
			"no JSON":                  {at, slackfake.Sign(secret, w.Real(), []byte("payload=x")), []byte("payload=x"), 401},
			"too much":                 {at, good, []byte(strings.Repeat("x", 2<<20)), 413},
			"no such place":            {w.Door.URL + "/slack/acme/northgate/other", good, body, 404},
			"an event instead of that": {w.Door.URL + "/slack/acme/northgate/events", good, body, 401},
		} {
			a, err := w.Slack.Post(c.at, c.header, c.body)
			town.Check(t, err)
			if a.Status != c.status {
				t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
			}
		}
		open, err := w.Root.OpenInbound(t.Context(), 10)
		town.Check(t, err)
		if len(open) != 0 || w.State(id).State != engagement.TaskOpen {
			t.Fatalf("%d things were kept, and the task is %s", len(open), w.State(id).State)
		}
		for range 3 { // Slack, or somebody who has seen it, sends it again
			a, err := w.Slack.Post(at, good, body)
			town.Check(t, err)
			if a.Status != 200 {
				t.Errorf("answered %d", a.Status)
			}
		}
		w.Eventually("it is done", func() bool { return w.State(id).State != engagement.TaskOpen })
		events, _, err := w.Store.Events(t.Context(), "e1",
			store.EventFilter{Subject: string(id), Kinds: []string{"task.submitted", "task.done", "task.completed"}}, "", 10)
		town.Check(t, err)
		if len(events) != 1 {
			t.Errorf("it was done %d times", len(events))
		}
		town.Check(t, w.Slack.VerifyURL("TNORTHGATE"))
		// The secret is rotated: the old one is good for a while.
		_, err = w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", w.Now(), func(x *reminders.Workspace) error {
			x.Secrets.Rotate("00000000000000000000000000000000", w.Real())
			return nil
		})
		town.Check(t, err)
		for _, key := range []string{secret, "00000000000000000000000000000000"} {
			if got := signedWith(w, at, key, body); got != 200 {
				t.Errorf("signed with %.4s: answered %d", key, got)
			}
		}
	})
}

// signedWith sends to the door what is signed with a secret now, and returns the status of the answer.
func signedWith(w *town.Town, at, secret string, body []byte) int {
	w.T.Helper()
	a, err := w.Slack.Post(at, slackfake.Sign(secret, w.Real(), body), body)
	town.Check(w.T, err)
	return a.Status
}

// On Wednesday Marta gives another signing secret. What is signed with the one before is taken for a day and refused then; so it is at once
// when she ends it. One that an earlier release kept without an end is good for a day from the first request on, and no request after that
// one makes the day longer.
func TestTheDoorRefusesAFormerSecret(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		body, at := done(w), w.Door.URL+"/slack/acme/northgate/actions"
		const second, third, fourth = "00000000000000000000000000000002", "00000000000000000000000000000003", "00000000000000000000000000000004"
		change := func(how func(*reminders.WorkspaceSecrets)) {
			_, err := w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", w.Now(), func(x *reminders.Workspace) error {
				how(&x.Secrets)
				return nil
			})
			town.Check(t, err)
		}
		takes := func(when, secret string, want int) {
			t.Helper()
			if got := signedWith(w, at, secret, body); got != want {
				t.Errorf("%s: signed with %.4s…%s it is answered %d, want %d", when, secret, secret[len(secret)-1:], got, want)
			}
		}
		change(func(s *reminders.WorkspaceSecrets) { s.Rotate(second, w.Real()) })
		w.PassFor(23 * time.Hour)
		takes("an hour before the end", town.Signing, 200)
		w.PassFor(2 * time.Hour)
		takes("an hour after it", town.Signing, 401)
		takes("an hour after it", second, 200)

		change(func(s *reminders.WorkspaceSecrets) { s.Rotate(third, w.Real()) })
		takes("rotated again", second, 200)
		change((*reminders.WorkspaceSecrets).EndFormer)
		takes("ended", second, 401)
		takes("ended", third, 200)

		change(func(s *reminders.WorkspaceSecrets) { s.OldSigning, s.OldUntil, s.Signing = third, 0, fourth })
		w.PassFor(48 * time.Hour)
		takes("without an end, seen first", third, 200)
		w.PassFor(23 * time.Hour)
		takes("without an end, 23 hours later", third, 200)
		w.PassFor(2 * time.Hour)
		takes("without an end, a day later", third, 401)
		takes("without an end, a day later", fourth, 200)
	})
}
