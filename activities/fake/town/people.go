package town

import (
	"strings"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Last returns the last message to somebody.
func (w *Town) Last(p models.PersonID) slackfake.Message {
	w.T.Helper()
	all := w.SlackOf(p)
	if len(all) == 0 {
		w.T.Fatalf("%s has no message\n%s", p, w.Ledger())
	}
	return all[len(all)-1]
}

// Press has somebody press a button of their last message, about an item.
func (w *Town) Press(p models.PersonID, act engagement.Act, item string) {
	w.T.Helper()
	w.pressAs(p, p, act, item)
}

// pressAs has somebody press a button of another's last message.
func (w *Town) pressAs(who, whose models.PersonID, act engagement.Act, item string) {
	w.T.Helper()
	m := w.Last(whose)
	one, err := w.Store.Person(w.T.Context(), whose)
	Check(w.T, err)
	team := "THQ"
	if one.Client != "" {
		team = "TNORTHGATE"
	}
	value := "e1|" + item
	a, err := w.Slack.Click(slackfake.Press{Team: team, User: UserOf(who), Channel: m.Channel, TS: m.TS, Action: string(act), Value: value})
	if err != nil { // it is behind the button with the dots
		a, err = w.Slack.Click(slackfake.Press{Team: team, User: UserOf(who), Channel: m.Channel, TS: m.TS, Action: "more",
			Value: string(act) + "|" + value})
	}
	Check(w.T, err)
	if !a.OK() || len(a.Body) > 0 {
		w.T.Fatalf("answered %d %q", a.Status, a.Body)
	}
}

// Modal waits for the modal that somebody looks at.
func (w *Town) Modal(p models.PersonID) slackfake.View {
	w.T.Helper()
	var v slackfake.View
	w.Eventually("a form is shown", func() (ok bool) { v, ok = w.Slack.OpenView("TNORTHGATE", UserOf(p)); return ok })
	return v
}

// Answered waits until somebody was answered beside the message, and returns the answer.
func (w *Town) Answered(team string, p models.PersonID, n int) string {
	w.T.Helper()
	var all []slackfake.Response
	w.Eventually("somebody is answered", func() bool { all = w.Slack.Responses(team, UserOf(p)); return len(all) >= n })
	return all[len(all)-1].Text
}

// Submit sends a form.
func (w *Town) Submit(view string, values map[string]string) {
	w.T.Helper()
	a, err := w.Slack.Submit(view, values)
	Check(w.T, err)
	if a.Action != "update" {
		w.T.Fatalf("answered %d %s", a.Status, a.Body)
	}
}

// Morning brings the town to a morning on which Olga has something to hear.
func (w *Town) Morning() {
	w.T.Helper()
	w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-13", 10)
}

// Token returns the token of a workspace.
func (w *Town) Token(workspace string) string {
	ws, err := w.Store.Workspace(w.T.Context(), workspace)
	Check(w.T, err)
	return ws.Secrets.Token
}

// Bot returns the user of the app in a workspace.
func (w *Town) Bot(workspace string) string {
	ws, err := w.Store.Workspace(w.T.Context(), workspace)
	Check(w.T, err)
	return ws.Bot
}

// Fresh forgets who is who in a workspace, and has people looked up at the next sweep.
func (w *Town) Fresh(workspace string) {
	w.T.Helper()
	ws, err := w.Store.Workspace(w.T.Context(), workspace)
	Check(w.T, err)
	for _, team := range []string{"T-other", ws.Team} { // to another team and back
		_, err = w.Store.UpdateWorkspace(w.T.Context(), store.Once{}, workspace, w.Now(), func(x *reminders.Workspace) error {
			x.Team = team
			return nil
		})
		Check(w.T, err)
	}
	Check(w.T, w.Store.BindSoon(w.T.Context(), workspace))
}

// ClickOn is the body of a click of somebody on a button of theirs.
func (w *Town) ClickOn(m slackfake.Message, p models.PersonID, action string) []byte {
	w.T.Helper()
	body, err := w.Slack.ClickBody(slackfake.Press{Team: m.Team, User: UserOf(p), Channel: m.Channel, TS: m.TS, Action: action})
	Check(w.T, err)
	return body
}

// Like adds n tasks to e1 like another one, faster than people could.
func (w *Town) Like(id models.TaskID, n int) {
	w.T.Helper()
	f := NewFiller(w.T, w.DSN)
	defer f.Close()
	f.Copies(n, "tasks", "engagement_id = 'e1' AND id = '"+string(id)+"'", map[string]string{"id": "'X-' || (1000 + n.n)"})
	w.Touched()
}

// Touched says that somebody has changed rows of e1 by hand: what is kept of it in memory is not true any more.
func (w *Town) Touched() {
	w.T.Helper()
	f := NewFiller(w.T, w.DSN)
	defer f.Close()
	f.exec("UPDATE engagements SET stamp = '' WHERE id = 'e1'")
}

// Types has somebody write to the app, under a message when thread is not empty, and returns what they are told then: the message of the
// app that comes after theirs.
func (w *Town) Types(p models.PersonID, thread, text string, files ...string) slackfake.Message {
	w.T.Helper()
	one, err := w.Store.Person(w.T.Context(), p)
	Check(w.T, err)
	team := "THQ"
	if one.Client != "" {
		team = "TNORTHGATE"
	}
	m, a, err := w.Slack.Type(slackfake.Typed{Team: team, User: UserOf(p), Thread: thread, Text: text, Files: files})
	Check(w.T, err)
	if !a.OK() {
		w.T.Fatalf("what %s typed was answered with %d", p, a.Status)
	}
	w.Eventually("who typed is told what became of it", func() bool { return w.Last(p).TS > m.TS && w.Last(p).Bot != "" })
	return w.Last(p)
}

// Soon lets the minutes pass after which what is said at once is sent, and sends it.
func (w *Town) Soon() {
	w.T.Helper()
	w.Clock.Add((11 * time.Minute).Microseconds())
	w.Settle()
}

// Answers has somebody of the client press a button of their last message, fill the form in that it shows, and send it. It returns what the
// form says then.
func (w *Town) Answers(p models.PersonID, act engagement.Act, item string, values map[string]string) string {
	w.T.Helper()
	w.Press(p, act, item)
	var v, after slackfake.View
	w.Eventually("a form is shown", func() (ok bool) { v, ok = w.Slack.OpenView("TNORTHGATE", UserOf(p)); return ok })
	w.Submit(v.ID, values)
	w.Eventually("the form says what became of it", func() bool {
		after, _ = w.Slack.OpenView("TNORTHGATE", UserOf(p))
		return !strings.Contains(string(after.Blocks), "is being noted") && string(after.Blocks) != string(v.Blocks)
	})
	return Shown(w.T, after.Blocks)
}
