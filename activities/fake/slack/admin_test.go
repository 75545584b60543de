package slackfake_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// Another process sets the Slack up, makes it fail, does what people do and looks at what came of it.
func TestTheAdminDoor(t *testing.T) {
	w := start(t, slackfake.Options{})
	server := httptest.NewServer(w.AdminHandler(func(_ context.Context, token string) bool { return token == "the administrator's" }))
	t.Cleanup(server.Close)
	ask := func(name string, question, answer any) {
		t.Helper()
		check(t, slackfake.Ask(t.Context(), server.URL, "the administrator's", name, question, answer))
	}
	a := &app{}
	at := newServer(t, a.ServeHTTP)
	var ws slackfake.Workspace
	ask("workspace", slackfake.Workspace{Team: "T1", Token: "xoxb-one", SigningSecret: "0123456789abcdef",
		RequestURLs: slackfake.RequestURLs{Interactivity: at, Events: at}}, &ws)
	var ana slackfake.User
	ask("user", slackfake.User{Team: "T1", Email: "ana@acme.test"}, &ana)
	ask("faults", []slackfake.Fault{{Method: "chat.postMessage", Kind: slackfake.FaultExecuteThenDrop, Times: 1}}, nil)
	if _, _, err := w.client().PostMessage(ana.ID, text("one"), buttons("line-1", "e1|i1")); err == nil {
		t.Error("the fault is not there")
	}
	ask("settings", slackfake.Settings{Lag: time.Hour}, nil)
	ask("profile", slackfake.Profile{Seed: 1, Kinds: map[slackfake.FaultKind]float64{slackfake.FaultInternal: 1}}, nil)
	if _, err := w.client().AuthTest(); err == nil {
		t.Error("chance never strikes")
	}
	ask("clear", nil, nil)
	var hits map[slackfake.FaultKind]int
	ask("hits", nil, &hits)
	if hits[slackfake.FaultExecuteThenDrop] != 1 || hits[slackfake.FaultInternal] != 1 {
		t.Errorf("the hits are %v", hits)
	}
	var messages []slackfake.Message
	ask("messages", slackfake.Question{Team: "T1"}, &messages)
	if len(messages) != 1 || messages[0].Text != "one" {
		t.Fatalf("the messages are %+v", messages)
	}
	page, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: messages[0].Channel})
	check(t, err)
	if len(page.Messages) != 0 {
		t.Error("the lag is not there")
	}
	var answer slackfake.Answer
	ask("click", slackfake.Press{Team: "T1", User: ana.ID, Channel: messages[0].Channel, TS: messages[0].TS, Action: "done"}, &answer)
	if answer.Status != 200 || a.one(t).payload(t).User.ID != ana.ID {
		t.Errorf("the click was answered %+v", answer)
	}
	ask("event", slackfake.Question{Team: "T1", Event: map[string]any{"type": "app_uninstalled"}}, &answer)
	if answer.ID == "" || len(a.heard()) != 1 {
		t.Errorf("the event was answered %+v", answer)
	}
	var counts map[string]int
	ask("counts", slackfake.Question{Team: "T1"}, &counts)
	if counts["chat.postMessage"] != 1 || counts["auth.test"] != 1 {
		t.Errorf("the counts are %v", counts)
	}
	for name, question := range map[string]any{
		"no_such_door": nil,
		"revoke":       slackfake.Question{Team: "T9"},
		"click":        slackfake.Press{},
		"faults":       map[string]string{"not": "a list"},
		"settings":     map[string]string{"no_such": "setting"},
	} {
		if err := slackfake.Ask(t.Context(), server.URL, "the administrator's", name, question, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Somebody on the machine who has no administrator's token gets nothing out of the door, and nothing done.
func TestTheAdminDoorAsksWhoItIs(t *testing.T) {
	w := start(t, slackfake.Options{})
	_, err := w.AddWorkspace(slackfake.Workspace{Team: "T1", Token: "xoxb-one", SigningSecret: "0123456789abcdef"})
	check(t, err)
	ours := func(_ context.Context, token string) bool { return token == "ours" }
	for name, c := range map[string]struct {
		admits func(context.Context, string) bool
		token  string
	}{"no token": {ours, ""}, "another's": {ours, "theirs"}, "a door that admits nobody": {nil, "ours"}} {
		server := httptest.NewServer(w.AdminHandler(c.admits))
		t.Cleanup(server.Close)
		var spaces []slackfake.Workspace
		if err := slackfake.Ask(t.Context(), server.URL, c.token, "workspaces", nil, &spaces); err == nil ||
			!strings.Contains(err.Error(), "401") || len(spaces) > 0 {
			t.Errorf("%s: %v and %v", name, err, spaces)
		}
		if err := slackfake.Ask(t.Context(), server.URL, c.token, "user", slackfake.User{Team: "T1", Email: "eve@acme.test"}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, u := range w.Users("T1") {
		if u.Email != "" {
			t.Errorf("there is an account of %s", u.Email)
		}
	}
}
