package slackfake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/await"
)

// listen runs slack-go's client of Socket Mode with a handler, until the test ends, and waits until it is connected.
func (w *world) listen(t *testing.T, handle func(*socketmode.Client, socketmode.Event)) {
	t.Helper()
	client := socketmode.New(slack.New("xoxb-one", slack.OptionAPIURL(w.URL()+"/api/"), slack.OptionAppLevelToken("xapp-one")))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	go func() {
		for e := range client.Events {
			handle(client, e)
		}
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the client ended with %v", err)
		}
	})
	w.connected(t, 1)
}

func (w *world) connected(t *testing.T, n int) {
	t.Helper()
	await.Until(t, fmt.Sprintf("%d sockets are open", n), func() bool { return w.Sockets("T1") == n })
}

// acknowledgement is what the app says when it acknowledges: a form is too vague, a command is repeated, all else takes no answer.
func acknowledgement(e socketmode.Event) any {
	switch said := e.Data.(type) {
	case slack.InteractionCallback:
		if said.Type == slack.InteractionTypeViewSubmission {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "too vague"})
		}
	case slack.SlashCommand:
		return map[string]string{"text": "you typed " + said.Text}
	}
	return nil
}

// Over a socket the app hears all that it hears by HTTP, and answers in what it acknowledges with.
func TestSocketMode(t *testing.T) {
	w := settle(t, slackfake.Options{})
	heard := make(chan socketmode.Event, 10)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		heard <- e
		if err := c.Ack(*e.Request, acknowledgement(e)); err != nil {
			t.Error(err)
		}
	})
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	answer, err := w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"})
	check(t, err)
	click, ok := (<-heard).Data.(slack.InteractionCallback)
	if !ok || !answer.OK() || click.User.ID != "UANA" || click.ActionCallback.BlockActions[0].Value != "e1|i1" {
		t.Fatalf("heard %+v", click)
	}
	v, err := w.client().OpenView(click.TriggerID, form())
	check(t, err)
	answer, err = w.Submit(v.ID, answers)
	check(t, err)
	if answer.Action != "errors" || answer.Errors["reason"] != "too vague" || len(w.Views("T1", "UANA")) != 1 {
		t.Errorf("a submission was answered %+v", answer)
	}
	<-heard
	_, err = w.Command(slackfake.SlashCommand{Team: "T1", User: "UANA", Command: "/tickmark", Text: "status"})
	check(t, err)
	if c, ok := (<-heard).Data.(slack.SlashCommand); !ok || c.Command != "/tickmark" || c.TeamID != "T1" {
		t.Errorf("heard the command %+v", c)
	}
	if e := w.Ephemerals("T1", "UANA"); len(e) != 1 || e[0].Text != "you typed status" {
		t.Errorf("she sees %+v", e)
	}
	answer, err = w.AppHomeOpened("T1", "UANA")
	check(t, err)
	event, ok := (<-heard).Data.(slackevents.EventsAPIEvent)
	if inner, is := event.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); !ok || !is || inner.User != "UANA" || answer.Attempts != 1 {
		t.Errorf("heard the event %+v", event)
	}
}

// An event that is not acknowledged comes again and says so; a click does not.
func TestWhatIsNotAcknowledged(t *testing.T) {
	hand := await.NewHand(unlimited)
	w := settle(t, slackfake.Options{After: hand.After, Settings: slackfake.Settings{RetryDelays: []time.Duration{time.Minute}}})
	tries := make(chan int, 10)
	w.listen(t, func(c *socketmode.Client, e socketmode.Event) {
		if e.Request == nil || e.Request.EnvelopeID == "" {
			return
		}
		tries <- e.Request.RetryAttempt
		if e.Request.RetryAttempt == 0 {
			hand.Up()
		}
		if e.Request.RetryAttempt == 1 && e.Request.RetryReason == "http_timeout" {
			if err := c.Ack(*e.Request); err != nil {
				t.Error(err)
			}
		}
	})
	answer, err := w.Event("T1", map[string]any{"type": "app_uninstalled"})
	check(t, err)
	if first, second := <-tries, <-tries; first != 0 || second != 1 || answer.Attempts != 2 || !answer.OK() {
		t.Errorf("tried %d and %d, answered %+v", first, second, answer)
	}
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	if _, err := w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"}); !errors.Is(err,
		context.DeadlineExceeded) {
		t.Errorf("a click that nobody acknowledged: %v", err)
	}
}

// Slack sends a socket away every now and then: the client comes back by itself.
func TestASocketIsSentAway(t *testing.T) {
	w := settle(t, slackfake.Options{})
	connected := make(chan bool, 10)
	w.listen(t, func(_ *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeHello {
			connected <- true
		}
	})
	<-connected
	w.Disconnect("T1", "refresh_requested")
	<-connected // it comes back
	w.connected(t, 1)
}

// A socket that closes while something waits for it is not waited for.
func TestASocketCloses(t *testing.T) {
	hand := await.NewHand(unlimited) // nobody lets it pass: who waited would wait for ever
	w := settle(t, slackfake.Options{After: hand.After, Settings: slackfake.Settings{RetryDelays: []time.Duration{}}})
	_, url, err := slack.New("", slack.OptionAPIURL(w.URL()+"/api/"),
		slack.OptionAppLevelToken("xapp-one")).StartSocketModeContext(t.Context())
	check(t, err)
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	check(t, err)
	check(t, resp.Body.Close())
	var hello, event struct{ Type string }
	check(t, conn.ReadJSON(&hello))
	told := make(chan error, 1)
	go func() {
		_, err := w.Event("T1", map[string]any{"type": "app_uninstalled"})
		told <- err
	}()
	check(t, conn.ReadJSON(&event))
	check(t, conn.Close())
	if err := <-told; err == nil || event.Type != "events_api" {
		t.Errorf("%v; it heard %+v", err, event)
	}
	w.connected(t, 0)
}

// A socket needs a ticket that is good once, and an app has ten at most.
func TestSocketsAreLimited(t *testing.T) {
	w := settle(t, slackfake.Options{})
	_, _, err := w.client().StartSocketModeContext(t.Context())
	says(t, err, "not_authed")
	api := slack.New("xoxb-one", slack.OptionAPIURL(w.URL()+"/api/"), slack.OptionAppLevelToken("xapp-one"))
	dial := func(url string) (string, error) {
		conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
		if resp != nil {
			_ = resp.Body.Close()
		}
		if err != nil {
			return "", err
		}
		t.Cleanup(func() { _ = conn.Close() })
		var first struct{ Type, Reason string }
		check(t, conn.ReadJSON(&first))
		return first.Type + first.Reason, nil
	}
	_, url, err := api.StartSocketModeContext(t.Context())
	check(t, err)
	for i := range 11 {
		want := "hello"
		if i == 10 {
			want = "disconnecttoo_many_websockets"
		}
		if got, err := dial(url); got != want {
			t.Errorf("socket %d: %s, %v", i+1, got, err)
		}
		if _, err := dial(url); err == nil {
			t.Error("a ticket is good twice")
		}
		_, url, err = api.StartSocketModeContext(t.Context())
		check(t, err)
	}
	w.connected(t, 10)
	check(t, w.Close())
	w.connected(t, 0)
}
