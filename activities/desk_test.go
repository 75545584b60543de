package activities_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// last returns the last message to somebody.
func (w *town) last(p models.PersonID) slackfake.Message {
	w.t.Helper()
	all := w.slackOf(p)
	if len(all) == 0 {
		w.t.Fatalf("%s has no message\n%s", p, w.ledger())
	}
	return all[len(all)-1]
}

// press has somebody press a button of their last message, about an item.
func (w *town) press(p models.PersonID, act engagement.Act, item string) {
	w.t.Helper()
	w.pressAs(p, p, act, item)
}

// pressAs has somebody press a button of another's last message.
func (w *town) pressAs(who, whose models.PersonID, act engagement.Act, item string) {
	w.t.Helper()
	m := w.last(whose)
	one, err := w.s.Person(w.t.Context(), whose)
	check(w.t, err)
	team := "THQ"
	if one.Client != "" {
		team = "TACME"
	}
	value := "e1|" + item
	a, err := w.slack.Click(slackfake.Press{Team: team, User: userOf(who), Channel: m.Channel, TS: m.TS, Action: string(act), Value: value})
	if err != nil { // it is behind the button with the dots
		a, err = w.slack.Click(slackfake.Press{Team: team, User: userOf(who), Channel: m.Channel, TS: m.TS, Action: "more", Value: string(act) + "|" + value})
	}
	check(w.t, err)
	if !a.OK() || len(a.Body) > 0 {
		w.t.Fatalf("answered %d %q", a.Status, a.Body)
	}
}

// modal waits for the modal that somebody looks at.
func (w *town) modal(p models.PersonID) slackfake.View {
	w.t.Helper()
	var v slackfake.View
	w.eventually("a form is shown", func() (ok bool) { v, ok = w.slack.OpenView("TACME", userOf(p)); return ok })
	return v
}

// answered waits until somebody was answered beside the message, and returns the answer.
func (w *town) answered(team string, p models.PersonID, n int) string {
	w.t.Helper()
	var all []slackfake.Response
	w.eventually("somebody is answered", func() bool { all = w.slack.Responses(team, userOf(p)); return len(all) >= n })
	return all[len(all)-1].Text
}

// Olga presses Done in the message, twice: the task is done once, and the message says so where it stands.
func TestPressingDone(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		first := w.last("olga")
		w.press("olga", engagement.ActDone, "do:"+string(id))
		w.eventually("the task is submitted or done", func() bool { s := w.state(id).State; return s == engagement.TaskSubmitted || s == engagement.TaskDone })
		w.eventually("the message is edited", func() bool { return w.last("olga").Edits == 1 })
		m := w.last("olga")
		if m.TS != first.TS || !strings.Contains(m.Text, "✓ Send the organization chart: done by Olga Owner on 2027-01-13") || strings.Contains(string(m.Blocks), `"action_id":"done"`) {
			t.Errorf("the message says %s", m.Text)
		}
		a, err := w.slack.Click(slackfake.Press{Team: "TACME", User: userOf("olga"), Channel: m.Channel, TS: m.TS, Action: "done"})
		if err == nil {
			t.Errorf("there is still a button: %d", a.Status)
		}
		if n := len(w.slackOf("olga")); n != 1 {
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
		check  func(w *town, task engagement.Task)
	}{
		{act: engagement.ActSnooze, values: map[string]string{"due": "2027-01-15"}, says: "put off until Fri 2027-01-15",
			check: func(w *town, task engagement.Task) {
				if task.Snoozed.String() != "2027-01-15" {
					w.t.Errorf("snoozed until %s", task.Snoozed)
				}
			}},
		{act: engagement.ActBlocked, values: map[string]string{"by": "firm", "reason": "We wait for your template"}, says: "blocked by the firm: We wait for your template",
			check: func(w *town, task engagement.Task) {
				if task.State != engagement.TaskBlocked || task.BlockedBy != models.SideFirm {
					w.t.Errorf("%s by %s", task.State, task.BlockedBy)
				}
			}},
		{act: engagement.ActMoreTime, values: map[string]string{"due": "2027-01-28", "reason": "Vacation"}, wrong: map[string]string{"due": "2027-01-12", "reason": "Vacation"},
			why: "must lie between today", says: "you asked for more time, until Thu 2027-01-28",
			check: func(w *town, task engagement.Task) {
				if task.Due.String() != "2027-01-14" {
					w.t.Errorf("due %s before anybody agreed", task.Due)
				}
			}},
		{act: engagement.ActMoreTime, values: map[string]string{"due": "2027-01-15", "reason": "One day", "blocking": "HR"}, says: "due Fri 2027-01-15 now",
			check: func(w *town, task engagement.Task) {
				if task.Due.String() != "2027-01-15" {
					w.t.Errorf("due %s", task.Due)
				}
			}},
		{act: engagement.ActNotMine, values: map[string]string{"person": "otto", "reason": "He keeps the chart"}, says: "you proposed Otto Other",
			check: func(w *town, task engagement.Task) {
				if task.Owner != "olga" {
					w.t.Errorf("it is %s's already", task.Owner)
				}
			}},
	} {
		t.Run(string(c.act), func(t *testing.T) {
			towns(t, func(t *testing.T, w *town) {
				id := w.task("olga", "Send the organization chart", "2027-01-14")
				w.on("2027-01-13", 10)
				w.settle()
				w.press("olga", c.act, "do:"+string(id))
				v := w.modal("olga")
				golden(w.t, "slack/form_"+string(c.act), v.Title.Text+"\n"+shown(w.t, v.Blocks)+"["+v.Submit.Text+"] ["+v.Close.Text+"]\n")
				if c.wrong != nil {
					w.submit(v.ID, c.wrong)
					w.eventually("the form says what is wrong", func() bool {
						v, _ := w.slack.OpenView("TACME", userOf("olga"))
						return strings.Contains(string(v.Blocks), ":warning:")
					})
					if got := shown(w.t, w.modal("olga").Blocks); !strings.Contains(got, c.why) {
						w.t.Errorf("it says %s", got)
					}
				}
				w.submit(v.ID, c.values)
				w.eventually("the form says what became of it", func() bool {
					v, _ := w.slack.OpenView("TACME", userOf("olga"))
					return strings.Contains(string(v.Blocks), c.says)
				})
				c.check(w, w.state(id))
				w.eventually("the message says it too", func() bool { return strings.Contains(w.last("olga").Text, c.says) })
			})
		})
	}
}

// submit sends a form.
func (w *town) submit(view string, values map[string]string) {
	w.t.Helper()
	a, err := w.slack.Submit(view, values)
	check(w.t, err)
	if a.Action != "update" {
		w.t.Fatalf("answered %d %s", a.Status, a.Body)
	}
}

// Olga proposes Otto; he says yes from his own message, and the task is his.
func TestHandingOver(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-01-20")
		w.on("2027-01-13", 9)
		decision := w.do("e1", "olga", engagement.Command{Kind: engagement.HandOverTask, Tasks: []models.TaskID{id}, Person: "otto", Reason: "He keeps it"})
		w.clock.Add((11 * time.Minute).Microseconds())
		w.settle()
		if m := w.last("otto"); !strings.Contains(m.Text, "Olga Owner proposes that Otto Other takes over: Send the organization chart") {
			t.Fatalf("Otto reads %s", m.Text)
		}
		w.press("otto", engagement.ActApprove, "decide:"+decision)
		w.eventually("it is Otto's", func() bool { return w.state(id).Owner == "otto" })
	})
}

// Buttons that are not for who presses them, or no longer for anybody, do nothing and say why, where nobody else sees it.
func TestPoliteRefusals(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		click := func() func() []byte { // each can be answered a few times only
			var all [][]byte
			for range 8 {
				all = append(all, w.done())
			}
			return func() (one []byte) { one, all = all[0], all[1:]; return one }
		}()
		stranger, err := w.slack.AddUser("TACME", slackfake.User{ID: "UNOBODY", Name: "nobody", Email: "nobody@acme.test"})
		check(t, err)
		for i, who := range []string{stranger.ID, userOf("otto")} {
			body := w.forged(click(), who, "e1|do:"+string(id))
			check(t, w.send("acme", body, w.real()))
			got := w.answered("TACME", "olga", i+1) // at the address of her message
			if want := []string{"Tickmark does not know this Slack account", "There is no task"}[i]; !strings.Contains(got, want) {
				t.Errorf("%s is answered %q", who, got)
			}
		}
		if s := w.state(id).State; s != engagement.TaskOpen {
			t.Errorf("the task is %s", s)
		}
		// The task is done meanwhile on a page; Olga's phone still shows the button.
		body := w.forged(click(), userOf("olga"), "e1|do:"+string(id))
		w.do("e1", "mia", engagement.Command{Kind: engagement.WaiveTask, Tasks: []models.TaskID{id}, Reason: "not needed"})
		check(t, w.send("acme", body, w.real()))
		if got := w.answered("TACME", "olga", 3); !strings.Contains(got, "waived") {
			t.Errorf("Olga is answered %q", got)
		}
		for _, value := range []string{"e9|do:KO-01", "e1|do:nothing", "e1|sign:G-KO-1", "nonsense", "e1|bind:olga"} {
			n := len(w.slack.Responses("TACME", userOf("olga")))
			check(t, w.send("acme", w.forged(click(), userOf("olga"), value), w.real()))
			if got := w.answered("TACME", "olga", n+1); got == "" || strings.Contains(got, "SQL") {
				t.Errorf("%s is answered %q", value, got)
			}
		}
	})
}

// done is the body of a click on Done in Olga's last message.
func (w *town) done() []byte {
	w.t.Helper()
	m := w.last("olga")
	body, err := w.slack.ClickBody(slackfake.Press{Team: "TACME", User: userOf("olga"), Channel: m.Channel, TS: m.TS, Action: "done"})
	check(w.t, err)
	return body
}

// forged is a click as another one, by somebody and with a value as one likes.
func (w *town) forged(body []byte, user, value string) []byte {
	w.t.Helper()
	form, err := url.ParseQuery(string(body))
	check(w.t, err)
	var payload map[string]any
	check(w.t, json.Unmarshal([]byte(form.Get("payload")), &payload))
	payload["user"].(map[string]any)["id"] = user
	payload["actions"].([]any)[0].(map[string]any)["value"] = value
	text, err := json.Marshal(payload)
	check(w.t, err)
	return []byte(url.Values{"payload": {string(text)}}.Encode())
}

// send sends a body as Slack would, signed at an instant.
func (w *town) send(workspace string, body []byte, at time.Time) error {
	a, err := w.slack.Post(w.door.URL+"/slack/firm/"+workspace+"/actions", slackfake.Sign(signing, at, body), body)
	if err == nil && !a.OK() {
		err = fmt.Errorf("answered %d %s", a.Status, a.Body)
	}
	return err
}

// What is not Slack's, not for this workspace, or too old is answered with 401 and does nothing; what comes twice is done once.
func TestTheDoor(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		body, secret := w.done(), signing
		good := slackfake.Sign(secret, w.real(), body)
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
		at := w.door.URL + "/slack/firm/acme/actions"
		for name, c := range map[string]struct {
			at     string
			header http.Header
			body   []byte
			status int
		}{
			"unsigned":                 {at, with("X-Slack-Signature", ""), body, 401},
			"forged":                   {at, slackfake.Sign("ffffffffffffffffffffffffffffffff", w.real(), body), body, 401},
			"another body":             {at, good, append(body, ' '), 401},
			"no time":                  {at, with("X-Slack-Request-Timestamp", ""), body, 401},
			"another time":             {at, with("X-Slack-Request-Timestamp", "1"), body, 401},
			"late":                     {at, slackfake.Sign(secret, w.real().Add(-6*time.Minute), body), body, 401},
			"early":                    {at, slackfake.Sign(secret, w.real().Add(6*time.Minute), body), body, 401},
			"two signatures":           {at, twice, body, 401},
			"smuggled in the query":    {at + "?payload=%7B%7D", good, body, 401},
			"for another workspace":    {w.door.URL + "/slack/firm/hq/actions", good, body, 401},
			"for no workspace":         {w.door.URL + "/slack/firm/nowhere/actions", good, body, 401},
			"for no firm":              {w.door.URL + "/slack/nofirm/acme/actions", good, body, 401},
			"no JSON":                  {at, slackfake.Sign(secret, w.real(), []byte("payload=x")), []byte("payload=x"), 401},
			"too much":                 {at, good, []byte(strings.Repeat("x", 2<<20)), 413},
			"no such place":            {w.door.URL + "/slack/firm/acme/other", good, body, 404},
			"an event instead of that": {w.door.URL + "/slack/firm/acme/events", good, body, 401},
		} {
			a, err := w.slack.Post(c.at, c.header, c.body)
			check(t, err)
			if a.Status != c.status {
				t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
			}
		}
		open, err := w.root.OpenInbound(t.Context(), 10)
		check(t, err)
		if len(open) != 0 || w.state(id).State != engagement.TaskOpen {
			t.Fatalf("%d things were kept, and the task is %s", len(open), w.state(id).State)
		}
		for range 3 { // Slack, or somebody who has seen it, sends it again
			a, err := w.slack.Post(at, good, body)
			check(t, err)
			if a.Status != 200 {
				t.Errorf("answered %d", a.Status)
			}
		}
		w.eventually("it is done", func() bool { return w.state(id).State != engagement.TaskOpen })
		events, _, err := w.s.Events(t.Context(), "e1", store.EventFilter{Subject: string(id), Kinds: []string{"task.submitted", "task.done", "task.completed"}}, "", 10)
		check(t, err)
		if len(events) != 1 {
			t.Errorf("it was done %d times", len(events))
		}
		check(t, w.slack.VerifyURL("TACME"))
		// The secret is rotated: the old one is good for a while.
		_, err = w.s.UpdateWorkspace(t.Context(), store.Once{}, "acme", w.now(), func(x *reminders.Workspace) error {
			x.Secrets.OldSigning, x.Secrets.Signing = x.Secrets.Signing, "00000000000000000000000000000000"
			return nil
		})
		check(t, err)
		for _, key := range []string{secret, "00000000000000000000000000000000"} {
			a, err := w.slack.Post(at, slackfake.Sign(key, w.real(), body), body)
			check(t, err)
			if a.Status != 200 {
				t.Errorf("signed with %.4s: answered %d", key, a.Status)
			}
		}
	})
}
