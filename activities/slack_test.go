package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// Nobody has said who they are. Their addresses are looked up and they are asked; who says yes gets messages there, who says no or is
// not found goes on without.
func TestIsThisYou(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.fresh("acme")
		w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-12", 10)
		w.settle()
		w.settle() // what was planned by looking people up
		golden(t, "slack/is_this_you", messages(t, w.slackOf("olga")))
		if n := len(w.slackOf("olga")); n != 1 {
			t.Fatalf("Olga has %d messages", n)
		}
		m := w.last("olga")
		check(t, w.send("acme", w.forged(w.clickOn(m, "olga", "confirm"), userOf("otto"), "|bind:olga"), w.real())) // somebody else answers for her
		if got := w.answered("TACME", "olga", 1); !strings.Contains(got, "somebody else") {
			t.Errorf("who answers for her reads %q", got)
		}
		check(t, w.send("acme", w.clickOn(m, "olga", "confirm"), w.real()))
		w.eventually("she is bound", func() bool {
			b, err := w.s.Bindings(t.Context(), "olga")
			return err == nil && b[0].State == reminders.BindingConfirmed
		})
		if got := w.answered("TACME", "olga", 2); !strings.Contains(got, "Thank you, Olga") {
			t.Errorf("she reads %q", got)
		}
		o := w.last("otto")
		check(t, w.send("acme", w.clickOn(o, "otto", "deny"), w.real()))
		w.eventually("Otto said no", func() bool {
			b, err := w.s.Bindings(t.Context(), "otto")
			return err == nil && b[0].State == reminders.BindingRefused
		})
		w.on("2027-01-13", 10)
		w.settle()
		if m := w.last("olga"); !strings.HasPrefix(m.Text, "Hello Olga. 1 thing is coming up") {
			t.Errorf("the next day she reads %s", m.Text)
		}
		if n := len(w.slackOf("otto")); n != 1 {
			t.Errorf("Otto has %d messages", n)
		}
		check(t, w.s.BindAgain(t.Context(), "acme", 0))
		calls := w.slack.CallCounts("TACME")["users.lookupByEmail"]
		w.settle()
		if again := w.slack.CallCounts("TACME")["users.lookupByEmail"]; again != calls {
			t.Errorf("those who have answered are looked up again: %d calls", again-calls)
		}
	})
}

// fresh forgets who is who in a workspace, and has people looked up at the next sweep.
func (w *town) fresh(workspace string) {
	w.t.Helper()
	ws, err := w.s.Workspace(w.t.Context(), workspace)
	check(w.t, err)
	for _, team := range []string{"T-other", ws.Team} { // to another team and back
		_, err = w.s.UpdateWorkspace(w.t.Context(), store.Once{}, workspace, w.now(), func(x *reminders.Workspace) error { x.Team = team; return nil })
		check(w.t, err)
	}
	check(w.t, w.s.BindAgain(w.t.Context(), workspace, 0))
}

// clickOn is the body of a click of somebody on a button of theirs.
func (w *town) clickOn(m slackfake.Message, p models.PersonID, action string) []byte {
	w.t.Helper()
	body, err := w.slack.ClickBody(slackfake.Press{Team: m.Team, User: userOf(p), Channel: m.Channel, TS: m.TS, Action: action})
	check(w.t, err)
	return body
}

// What the command /tickmark and the home of the app show.
func TestCommandAndHome(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.task("olga", "Review the firewall rules", "2027-06-01") // far off
		w.engagement("e2")
		w.on("2027-01-13", 9)
		n := 0
		ask := func(team string, p models.PersonID, text string) string {
			t.Helper()
			before := len(w.slack.Responses(team, userOf(p)))
			a, err := w.slack.Command(slackfake.SlashCommand{Team: team, User: userOf(p), Command: "/tickmark", Text: text})
			check(t, err)
			if !a.OK() {
				t.Fatalf("answered %d", a.Status)
			}
			n++
			w.answered(team, p, before+1)
			r := w.slack.Responses(team, userOf(p))[before]
			if r.ResponseType == "in_channel" {
				t.Error("everybody can read the answer")
			}
			if len(r.Blocks) == 0 {
				return r.Text + "\n"
			}
			return shown(t, r.Blocks)
		}
		var out strings.Builder
		for _, c := range []struct {
			team string
			p    models.PersonID
			text string
		}{{"TACME", "olga", ""}, {"TACME", "olga", "status"}, {"TACME", "sam", "status e1"}, {"THQ", "mia", "status"}, {"THQ", "mia", "status nothing"}, {"TACME", "otto", "mine"}, {"TACME", "olga", "help"}} {
			fmt.Fprintf(&out, "=== %s: /tickmark %s\n%s\n", c.p, c.text, ask(c.team, c.p, c.text))
		}
		golden(t, "slack/command", out.String())

		_, err := w.slack.AppHomeOpened("TACME", userOf("olga"))
		check(t, err)
		var home slackfake.View
		w.eventually("the home is shown", func() (ok bool) { home, ok = w.slack.Home("TACME", userOf("olga")); return ok })
		golden(t, "slack/home", shown(t, home.Blocks))
		_, err = w.slack.Click(slackfake.Press{Team: "TACME", User: userOf("olga"), View: home.ID, Action: "done", Value: "e1|do:" + string(id)})
		check(t, err)
		w.eventually("the home says it is done", func() bool {
			home, _ = w.slack.Home("TACME", userOf("olga"))
			return strings.HasPrefix(shown(t, home.Blocks), "Send the organization chart: done by Olga Owner on 2027-01-13\n")
		})
		if got := shown(t, home.Blocks); strings.Count(got, "Send the organization chart") != 1 {
			t.Errorf("it is still shown:\n%s", got)
		}
		_, err = w.slack.AddUser("TACME", slackfake.User{ID: "UNOBODY", Name: "nobody"})
		check(t, err)
		_, err = w.slack.AppHomeOpened("TACME", "UNOBODY")
		check(t, err)
		w.eventually("a stranger is told so", func() bool {
			home, ok := w.slack.Home("TACME", "UNOBODY")
			return ok && strings.Contains(string(home.Blocks), "does not know this Slack account")
		})
	})
}

// People leave and come back, the app is removed: Slack says so, and it counts.
func TestEvents(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		state := func() reminders.BindingState {
			b, err := w.s.Bindings(t.Context(), "olga")
			check(t, err)
			return b[0].State
		}
		tell := func(inner map[string]any) {
			t.Helper()
			a, err := w.slack.Event("TACME", inner)
			check(t, err)
			if !a.OK() || a.Attempts != 1 {
				t.Fatalf("answered %d after %d attempts", a.Status, a.Attempts)
			}
		}
		tell(map[string]any{"type": "user_change", "user": map[string]any{"id": userOf("olga"), "deleted": true}})
		w.eventually("she is not reached there", func() bool { return state() == reminders.BindingDead })
		tell(map[string]any{"type": "user_change", "user": map[string]any{"id": userOf("olga"), "deleted": false}})
		w.eventually("she is reached again", func() bool { return state() == reminders.BindingConfirmed })
		_, err := w.s.SetClientChannel(t.Context(), store.Once{}, store.ClientChannel{Client: "acme", Workspace: "acme", Channel: "C0000000001"}, w.now())
		check(t, err)
		tell(map[string]any{"type": "channel_id_changed", "old_channel_id": "C0000000001", "new_channel_id": "C0000000002"})
		w.eventually("the channel has another id", func() bool {
			c, err := w.s.ClientChannel(t.Context(), "acme")
			return err == nil && c.Channel == "C0000000002"
		})
		tell(map[string]any{"type": "an_event_of_tomorrow", "user": []any{1}})
		tell(map[string]any{"type": "app_uninstalled"})
		w.eventually("the workspace is broken", func() bool {
			ws, err := w.s.Workspace(t.Context(), "acme")
			return err == nil && ws.State == reminders.WorkspaceBroken
		})
	})
}

// The app is installed from a page: the state of it is good once, in time, for the workspace it was begun for.
func TestInstall(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		ctx := t.Context()
		ws, err := w.s.Workspace(ctx, "acme")
		check(t, err)
		begin := func(state string) string {
			t.Helper()
			check(t, w.s.BeginInstall(ctx, "acme", "mia", state, w.real().Add(10*time.Minute)))
			u, err := url.Parse(w.post.InstallURL(ws, state))
			check(t, err)
			if u.Path != "/oauth/v2/authorize" || u.Query().Get("redirect_uri") != "https://tickmark.test/slack/firm/acme/installed" || !strings.Contains(u.Query().Get("scope"), "chat:write") {
				t.Errorf("Slack is asked at %s", u)
			}
			back, err := w.slack.Authorize(slackfake.Install{Team: "TACME", ClientID: ws.OAuthID, RedirectURI: u.Query().Get("redirect_uri"), State: state, Scopes: strings.Split(u.Query().Get("scope"), ",")})
			check(t, err)
			return strings.Replace(back, "https://tickmark.test", w.door.URL, 1)
		}
		get := func(at string) (int, string) {
			t.Helper()
			res, err := http.Get(at)
			check(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			check(t, err)
			return res.StatusCode, string(body)
		}
		at := begin("one")
		if status, body := get(strings.Replace(at, "state=one", "state=two", 1)); status != 403 || !strings.Contains(body, "not begun here") {
			t.Errorf("another state: %d %s", status, body)
		}
		if status, _ := get(strings.Replace(at, "/acme/", "/hq/", 1)); status != 403 {
			t.Errorf("another workspace: %d", status)
		}
		check(t, w.slack.Revoke("TACME"))
		check(t, w.s.Break(ctx, "acme", "revoked", w.now()))
		if status, body := get(at); status != 200 || !strings.Contains(body, "is connected") {
			t.Fatalf("%d %s", status, body)
		}
		if status, _ := get(at); status != 403 {
			t.Errorf("the same again: %d", status)
		}
		if status, _ := get(w.door.URL + "/slack/firm/acme/installed?error=access_denied&state=x"); status != 400 {
			t.Errorf("nobody approved: %d", status)
		}
		got, err := w.s.Workspace(ctx, "acme")
		check(t, err)
		if got.State != reminders.WorkspaceActive || got.Secrets.Token == ws.Secrets.Token || got.Reason != "" {
			t.Errorf("afterwards it is %s with token %.8s", got.State, got.Secrets.Token)
		}
		w.morning()
		w.settle()
		if n := len(w.slackOf("olga")); n != 1 {
			t.Errorf("Olga has %d messages", n)
		}
	})
}

// A firm behind a firewall: nothing reaches it from outside, so it asks. A connection that is cut off is taken up again.
func TestSocketMode(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		fake, _ := w.slack.Workspace("TACME")
		check(t, w.slack.SetRequestURLs("TACME", slackfake.RequestURLs{}))
		_, err := w.s.UpdateWorkspace(t.Context(), store.Once{}, "acme", w.now(), func(x *reminders.Workspace) error { x.Socket, x.Secrets.AppToken = true, fake.AppToken; return nil })
		check(t, err)
		running, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.desk.Sockets(running) }()
		defer func() { stop(); <-done }()
		w.eventually("it is connected", func() bool { return w.slack.Sockets("TACME") == 1 })
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		w.press("olga", engagement.ActBlocked, "do:"+string(id))
		w.submit(w.modal("olga").ID, map[string]string{"by": "firm", "reason": "We wait for your template"})
		w.eventually("it is blocked", func() bool { return w.state(id).State == engagement.TaskBlocked })
		w.slack.Disconnect("TACME", "refresh_requested")
		before := len(w.slack.Responses("TACME", userOf("olga")))
		w.eventually("it is connected again", func() bool {
			_, err := w.slack.Command(slackfake.SlashCommand{Team: "TACME", User: userOf("olga"), Command: "/tickmark"})
			return err == nil
		})
		w.answered("TACME", "olga", before+1)
	})
}

// Five hundred open tasks, names that would call everybody together, run from right to left or never end: Slack takes the message, it
// calls nobody, and it says how much it does not show.
func TestLimitsOfSlack(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		wild := "<!channel> *bold* <https://evil.test|click> & \u202Eمرحبا\u202C " + strings.Repeat("W<", 130)
		_, err := w.s.UpdatePerson(t.Context(), store.Once{}, "otto", w.now(), func(p *models.Person) error { p.Name = wild[:290]; return nil })
		check(t, err)
		w.like(w.task("olga", wild[:290], "2027-01-14"), 499)
		w.task("otto", "Send the network diagram", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		w.on("2027-01-22", 10) // late, with details
		w.settle()
		for _, p := range []models.PersonID{"olga", "otto", "sam", "mia"} {
			for _, m := range w.slackOf(p) {
				all := m.Text + string(m.Blocks)
				if strings.Contains(all, "<!channel>") || strings.Contains(all, "<https://evil") || strings.Contains(all, "\u202E") || strings.Contains(all, `\u202e`) {
					t.Errorf("%s: what people typed is not tamed: %.300s", p, all)
				}
				if n := len([]rune(m.Text)); n > 4000 {
					t.Errorf("%s: %d characters are read aloud", p, n)
				}
			}
		}
		if m := w.last("olga"); !strings.Contains(m.Text, "and 490 more") {
			t.Errorf("Olga reads %.200s … %s", m.Text, m.Text[max(0, len(m.Text)-200):])
		}
		for _, d := range w.said("olga") {
			if d.Status != reminders.DeliverySent {
				t.Errorf("%s %s: %s", d.Day, d.Status, d.Reason)
			}
		}
		if _, err := w.slack.AppHomeOpened("TACME", userOf("olga")); err != nil {
			t.Error(err)
		}
		w.eventually("the home is shown", func() bool {
			home, ok := w.slack.Home("TACME", userOf("olga"))
			return ok && strings.Contains(string(home.Blocks), "480 more")
		})
	})
}

// like adds n tasks to e1 like another one, faster than people could.
func (w *town) like(id models.TaskID, n int) {
	w.t.Helper()
	f := newFiller(w.t, w.dsn)
	defer f.close()
	f.copies(n, "tasks", "engagement_id = 'e1' AND id = '"+string(id)+"'", map[string]string{"id": "'X-' || (1000 + n.n)"})
	f.exec("UPDATE engagements SET stamp = '' WHERE id = 'e1'") // what is kept of it in memory is not true any more
}

// The client's channel hears on Mondays how much is open, and nothing of who owes what; the firm's hears how its engagements stand. A
// channel that cannot be posted to is no secret.
func TestChannelsOnMondays(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		theirs, err := w.slack.AddChannel("TACME", slackfake.Channel{Name: "audit", Members: []string{w.bot("acme"), userOf("olga")}})
		check(t, err)
		ours, err := w.slack.AddChannel("THQ", slackfake.Channel{Name: "portfolio", Members: []string{w.bot("hq")}})
		check(t, err)
		_, err = w.s.SetClientChannel(t.Context(), store.Once{}, store.ClientChannel{Client: "acme", Workspace: "acme", Channel: theirs.ID}, w.now())
		check(t, err)
		_, err = w.s.UpdateMessaging(t.Context(), store.Once{}, w.now(), func(m *reminders.Messaging) error { m.Workspace, m.Channel = "hq", ours.ID; return nil })
		check(t, err)
		w.task("olga", "Send the organization chart", "2027-01-14")
		for _, day := range []string{"2027-01-15", "2027-01-18", "2027-01-19", "2027-01-25", "2027-01-26"} {
			w.on(day, 8)
			w.settle()
			w.on(day, 10)
			w.settle()
			w.settle()
		}
		if n, m := len(w.slack.Messages("TACME", theirs.ID)), len(w.slack.Messages("THQ", ours.ID)); n != 3 || m != 3 {
			t.Errorf("in three weeks the client's channel has %d posts and the firm's %d", n, m)
		}
		golden(t, "slack/channel_client", messages(t, w.slack.Messages("TACME", theirs.ID)))
		golden(t, "slack/channel_firm", messages(t, w.slack.Messages("THQ", ours.ID)))
		for _, m := range w.slack.Messages("TACME", theirs.ID) {
			if strings.Contains(m.Text, "organization chart") || strings.Contains(m.Text, "Olga") {
				t.Errorf("the channel reads %s", m.Text)
			}
		}
		check(t, w.slack.ArchiveChannel("TACME", theirs.ID))
		w.on("2027-02-01", 10)
		w.settle()
		rows, _, err := w.s.Deliveries(t.Context(), store.DeliveryFilter{Kinds: []reminders.DeliveryKind{reminders.KindCounts}, Statuses: []reminders.DeliveryStatus{reminders.DeliveryFailed}}, "", 5)
		check(t, err)
		if len(rows) != 1 || !strings.Contains(rows[0].Reason, "is_archived") {
			t.Errorf("%+v", rows)
		}
		w.eventually("Mia is told", func() bool { w.sweep(); return strings.Contains(w.last("mia").Text, "cannot be posted to") })
	})
}

// Every message of this test file that was said is JSON that Slack takes; the fake refuses what is not.
func TestBlocksAreWhatSlackTakes(t *testing.T) {
	w := onSQLite(t)
	w.morning()
	w.settle()
	var blocks []map[string]any
	check(t, json.Unmarshal(w.last("olga").Blocks, &blocks))
	for _, c := range w.slack.Calls("chat.postMessage") {
		if c.Args["unfurl_links"] != "false" || c.Args["text"] == "" || c.Args["blocks"] == "" {
			t.Errorf("a call with %v", c.Args)
		}
	}
}
