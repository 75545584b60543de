package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Nobody has said who they are. Their addresses are looked up and they are asked; who says yes gets messages there, who says no or is
// not found goes on without.
func TestIsThisYou(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Fresh("northgate")
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-12", 10)
		w.Settle()
		w.Settle() // what was scheduled by looking people up
		town.Golden(t, "slack/is_this_you", town.Messages(t, w.SlackOf("olga")))
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Fatalf("Olga has %d messages", n)
		}
		m := w.Last("olga")
		// somebody else answers for her
		town.Check(t, send(w, "northgate", forged(w, w.ClickOn(m, "olga", "confirm"), town.UserOf("kenji"), "|bind:olga"), w.Real()))
		if got := w.Answered("TNORTHGATE", "olga", 1); !strings.Contains(got, "somebody else") {
			t.Errorf("who answers for her reads %q", got)
		}
		town.Check(t, send(w, "northgate", w.ClickOn(m, "olga", "confirm"), w.Real()))
		w.Eventually("she is bound", func() bool {
			b, err := w.Store.Bindings(t.Context(), "olga")
			return err == nil && b[0].State == reminders.BindingConfirmed
		})
		if got := w.Answered("TNORTHGATE", "olga", 2); !strings.Contains(got, "Thank you, Olga") {
			t.Errorf("she reads %q", got)
		}
		o := w.Last("kenji")
		town.Check(t, send(w, "northgate", w.ClickOn(o, "kenji", "deny"), w.Real()))
		w.Eventually("Kenji said no", func() bool {
			b, err := w.Store.Bindings(t.Context(), "kenji")
			return err == nil && b[0].State == reminders.BindingRefused
		})
		w.On("2027-01-13", 10)
		w.Settle()
		if m := w.Last("olga"); !strings.HasPrefix(m.Text, "Hello Olga. 1 thing is coming up") {
			t.Errorf("the next day she reads %s", m.Text)
		}
		if n := len(w.SlackOf("kenji")); n != 1 {
			t.Errorf("Kenji has %d messages", n)
		}
		town.Check(t, w.Store.BindSoon(t.Context(), "northgate"))
		calls := w.Slack.CallCounts("TNORTHGATE")["users.lookupByEmail"]
		w.Settle()
		if again := w.Slack.CallCounts("TNORTHGATE")["users.lookupByEmail"]; again != calls {
			t.Errorf("those who have answered are looked up again: %d calls", again-calls)
		}
	})
}

// What the command /tickmark and the home of the app show.
func TestCommandAndHome(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("olga", "Review the firewall rules", "2027-06-01") // far off
		w.Engagement("e2")
		w.On("2027-01-13", 9)
		n := 0
		ask := func(team string, p models.PersonID, text string) string {
			t.Helper()
			before := len(w.Slack.Responses(team, town.UserOf(p)))
			a, err := w.Slack.Command(slackfake.SlashCommand{Team: team, User: town.UserOf(p), Command: "/tickmark", Text: text})
			town.Check(t, err)
			if !a.OK() {
				t.Fatalf("answered %d", a.Status)
			}
			n++
			w.Answered(team, p, before+1)
			r := w.Slack.Responses(team, town.UserOf(p))[before]
			if r.ResponseType == "in_channel" {
				t.Error("everybody can read the answer")
			}
			if len(r.Blocks) == 0 {
				return r.Text + "\n"
			}
			return town.Shown(t, r.Blocks)
		}
		var out strings.Builder
		for _, c := range []struct {
			team string
			p    models.PersonID
			text string
		}{{"TNORTHGATE", "olga", ""}, {"TNORTHGATE", "olga", "status"}, {"TNORTHGATE", "ruth", "status e1"}, {"THQ", "ines", "status"},
			{"THQ", "ines", "status nothing"}, {"TNORTHGATE", "kenji", "mine"}, {"TNORTHGATE", "olga", "help"}} {
			fmt.Fprintf(&out, "=== %s: /tickmark %s\n%s\n", c.p, c.text, ask(c.team, c.p, c.text))
		}
		town.Golden(t, "slack/command", out.String())

		_, err := w.Slack.AppHomeOpened("TNORTHGATE", town.UserOf("olga"))
		town.Check(t, err)
		var home slackfake.View
		w.Eventually("the home is shown", func() (ok bool) { home, ok = w.Slack.Home("TNORTHGATE", town.UserOf("olga")); return ok })
		town.Golden(t, "slack/home", town.Shown(t, home.Blocks))
		_, err = w.Slack.Click(slackfake.Press{Team: "TNORTHGATE", User: town.UserOf("olga"), View: home.ID, Action: "done",
			Value: "e1|do:" + string(id)})
		town.Check(t, err)
		w.Eventually("the home says it is done", func() bool {
			home, _ = w.Slack.Home("TNORTHGATE", town.UserOf("olga"))
			return strings.HasPrefix(town.Shown(t, home.Blocks), "Send the organization chart: Olga did it on Wed 2027-01-13\n")
		})
		if got := town.Shown(t, home.Blocks); strings.Count(got, "Send the organization chart") != 1 {
			t.Errorf("it is still shown:\n%s", got)
		}
		_, err = w.Slack.AddUser("TNORTHGATE", slackfake.User{ID: "UNOBODY", Name: "nobody"})
		town.Check(t, err)
		_, err = w.Slack.AppHomeOpened("TNORTHGATE", "UNOBODY")
		town.Check(t, err)
		w.Eventually("a stranger is told so", func() bool {
			home, ok := w.Slack.Home("TNORTHGATE", "UNOBODY")
			return ok && strings.Contains(string(home.Blocks), "does not know this Slack account")
		})
	})
}

// People leave and come back, the app is removed: Slack says so, and it counts.
func TestEvents(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		state := func() reminders.BindingState {
			b, err := w.Store.Bindings(t.Context(), "olga")
			town.Check(t, err)
			return b[0].State
		}
		tell := func(inner map[string]any) {
			t.Helper()
			a, err := w.Slack.Event("TNORTHGATE", inner)
			town.Check(t, err)
			if !a.OK() || a.Attempts != 1 {
				t.Fatalf("answered %d after %d attempts", a.Status, a.Attempts)
			}
		}
		tell(map[string]any{"type": "user_change", "user": map[string]any{"id": town.UserOf("olga"), "deleted": true}})
		w.Eventually("she is not reached there", func() bool { return state() == reminders.BindingDead })
		tell(map[string]any{"type": "user_change", "user": map[string]any{"id": town.UserOf("olga"), "deleted": false}})
		w.Eventually("she is reached again", func() bool { return state() == reminders.BindingConfirmed })
		_, err := w.Store.SetClientChannel(t.Context(), store.Once{},
			store.ClientChannel{Client: "northgate", Workspace: "northgate", SlackChannel: "C0000000001"}, w.Now())
		town.Check(t, err)
		tell(map[string]any{"type": "channel_id_changed", "old_channel_id": "C0000000001", "new_channel_id": "C0000000002"})
		w.Eventually("the channel has another id", func() bool {
			c, err := w.Store.ClientChannel(t.Context(), "northgate")
			return err == nil && c.SlackChannel == "C0000000002"
		})
		town.Check(t, w.Slack.SetManifest("TNORTHGATE", false, "an_event_of_tomorrow", "app_uninstalled"))
		tell(map[string]any{"type": "an_event_of_tomorrow", "user": []any{1}})
		tell(map[string]any{"type": "app_uninstalled"})
		w.Eventually("the workspace is disconnected", func() bool {
			ws, err := w.Store.Workspace(t.Context(), "northgate")
			return err == nil && ws.State == reminders.WorkspaceDisconnected
		})
	})
}

// A firm behind a firewall: nothing reaches it from outside, so it asks. A connection that is cut off is taken up again.
func TestSocketMode(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		fake, _ := w.Slack.Workspace("TNORTHGATE")
		town.Check(t, w.Slack.SetRequestURLs("TNORTHGATE", slackfake.RequestURLs{}))
		_, err := w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", w.Now(),
			func(x *reminders.Workspace) error { x.Socket, x.Secrets.AppToken = true, fake.AppToken; return nil })
		town.Check(t, err)
		running, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.Desk.Sockets(running) }()
		defer func() { stop(); <-done }()
		w.Eventually("it is connected", func() bool { return w.Slack.Sockets("TNORTHGATE") == 1 })
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		w.Press("olga", engagement.ActBlocked, "do:"+string(id))
		w.Submit(w.Modal("olga").ID, map[string]string{"by": "firm", "reason": "We wait for your template"})
		w.Eventually("it is blocked", func() bool { return w.State(id).State == engagement.TaskBlocked })
		w.Slack.Disconnect("TNORTHGATE", "refresh_requested")
		before := len(w.Slack.Responses("TNORTHGATE", town.UserOf("olga")))
		w.Eventually("it is connected again", func() bool {
			_, err := w.Slack.Command(slackfake.SlashCommand{Team: "TNORTHGATE", User: town.UserOf("olga"), Command: "/tickmark"})
			return err == nil
		})
		w.Answered("TNORTHGATE", "olga", before+1)
	})
}
