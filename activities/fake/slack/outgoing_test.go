package slackfake_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/await"
)

// buttons are those of a line of a digest.
func buttons(block, value string) slack.MsgOption {
	return slack.MsgOptionBlocks(actions(block, value))
}

func actions(block, value string) slack.Block {
	plain := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	return slack.NewActionBlock(block, slack.NewButtonBlockElement("done", value, plain("Done")),
		slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("snooze|"+value, plain("Remind me later"), nil),
			slack.NewOptionBlockObject("blocked|"+value, plain("I am blocked"), nil)))
}

// A click tells who pressed what on which message, signed, with a trigger and a place to answer.
func TestClicks(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	channel, ts, err := w.client().PostMessage("UANA", text("two lines"),
		slack.MsgOptionBlocks(actions("line-1", "e1|i1"), actions("line-2", "e1|i2")))
	check(t, err)
	press := slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"}
	answer, err := w.Click(press)
	check(t, err)
	got := a.one(t)
	p := got.payload(t)
	if got.Path != "/interactions" || !answer.OK() || answer.Attempts != 1 {
		t.Errorf("sent to %s, answered %+v", got.Path, answer)
	}
	if p.TriggerID == "" || !strings.HasPrefix(p.ResponseURL, w.URL()) || p.BlockActionState == nil {
		t.Errorf("the payload is %+v", p)
	}
	tells(t, []any{p.Type, p.Team.ID, p.User.ID, p.User.TeamID, p.APIAppID, p.Channel.ID, p.Message.Timestamp, p.Container.MessageTs,
		p.Container.ChannelID},
		[]any{slack.InteractionTypeBlockActions, "T1", "UANA", "T1", w.one.App, channel, ts, ts, channel})
	b := p.ActionCallback.BlockActions[0]
	tells(t, []any{b.ActionID, b.BlockID, b.Value, string(b.Type), b.Text.Text, b.ActionTs != ""},
		[]any{"done", "line-1", "e1|i1", "button", "Done", true})
	otherWays(t, w, a, press)
	nothingToPress(t, w, a, press)
	_, shared, err := w.client().PostMessage("C2", text("for all"), buttons("line-1", "e1|i1"))
	check(t, err)
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UZOE", Channel: "C2", TS: shared, Action: "done"})
	check(t, err)
	if p := a.one(t).payload(t); p.User.ID != "UZOE" || p.User.TeamID != "T2" || p.Team.ID != "T1" {
		t.Errorf("somebody of another workspace is told of as %+v in %+v", p.User, p.Team)
	}
}

// tells compares what a click tells with what it should, field by field.
func tells(t *testing.T, got, want []any) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("it tells %v, want %v", got, want)
	}
}

// otherWays presses what is named by its block, its value or a choice of its menu.
func otherWays(t *testing.T, w *world, a *app, press slackfake.Press) {
	t.Helper()
	for _, c := range []struct {
		name                string
		block, value, want  string
		action, chosenValue string
	}{
		{"by its block", "line-2", "", "e1|i2", "done", ""},
		{"by its value", "", "e1|i2", "e1|i2", "done", ""},
		{"one of a menu", "line-2", "blocked|e1|i2", "", "more", "blocked|e1|i2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			press := press
			press.Block, press.Value, press.Action = c.block, c.value, c.action
			_, err := w.Click(press)
			check(t, err)
			b := a.one(t).payload(t).ActionCallback.BlockActions[0]
			if b.Value != c.want || b.SelectedOption.Value != c.chosenValue || b.ActionID != c.action {
				t.Errorf("the action is %+v", b)
			}
		})
	}
}

// nothingToPress presses what is not there, or not for them to press: the app hears nothing of it.
func nothingToPress(t *testing.T, w *world, a *app, press slackfake.Press) {
	t.Helper()
	for name, change := range map[string]func(*slackfake.Press){
		"no such action":              func(p *slackfake.Press) { p.Action = "undo" },
		"no such block":               func(p *slackfake.Press) { p.Block = "line-3" },
		"no such choice":              func(p *slackfake.Press) { p.Action, p.Value = "more", "eat|e1|i1" },
		"no such message":             func(p *slackfake.Press) { p.TS = "1.000001" },
		"no such user":                func(p *slackfake.Press) { p.User = "UNONE" },
		"who left":                    func(p *slackfake.Press) { p.User = "UGONE" },
		"who does not see it":         func(p *slackfake.Press) { p.User = "UBEN" },
		"no such workspace":           func(p *slackfake.Press) { p.Team = "T9" },
		"a view of nobody":            func(p *slackfake.Press) { p.View = "V1" },
		"an input that is not there":  func(p *slackfake.Press) { p.Values = map[string]string{"x": "y"} },
		"a workspace that cannot see": func(p *slackfake.Press) { p.Team, p.User = "T2", "UZOE" },
	} {
		t.Run(name, func(t *testing.T) {
			press := press
			change(&press)
			if _, err := w.Click(press); err == nil {
				t.Error("it was pressed")
			}
			if n := len(a.heard()); n != 0 {
				t.Errorf("the app heard of it %d times", n)
			}
		})
	}
}

// The app that does not take a click is not told again: whoever pressed sees that it went wrong.
func TestAClickIsToldOnce(t *testing.T) {
	hand := await.NewHand(unlimited)
	w := settle(t, slackfake.Options{After: hand.After})
	a := w.connect(t)
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	press := slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"}
	a.will(status(500), silent(a, hand))
	answer, err := w.Click(press)
	check(t, err)
	if answer.Status != 500 || answer.OK() {
		t.Errorf("answered %+v", answer)
	}
	if _, err := w.Click(press); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an app that is slow: %v", err)
	}
	if n := len(a.heard()); n != 2 {
		t.Errorf("the app was told %d times", n)
	}
	check(t, w.SetRequestURLs("T1", slackfake.RequestURLs{}))
	if _, err := w.Click(press); err == nil {
		t.Error("an app that cannot be told was told")
	}
}

// What is forged, late or altered can be posted; the app tells it from what Slack signed.
func TestForgedRequests(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	body, err := w.ClickBody(slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"})
	check(t, err)
	if n := len(a.heard()); n != 0 {
		t.Error("making the body tells the app")
	}
	now := time.Now()
	for _, c := range []struct {
		name   string
		header http.Header
		body   []byte
		good   bool
	}{
		{"signed", slackfake.Sign("0123456789abcdef", now, body), body, true},
		{"signed and repeated", slackfake.Sign("0123456789abcdef", now, body), body, true},
		{"with another secret", slackfake.Sign("fedcba9876543210", now, body), body, false},
		{"six minutes late", slackfake.Sign("0123456789abcdef", now.Add(-6*time.Minute), body), body, false},
		{"altered", slackfake.Sign("0123456789abcdef", now, body), append(slices.Clone(body), '1'), false},
		{"not signed", http.Header{}, body, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.Post(a.URL+"/interactions", c.header, c.body)
			check(t, err)
			got := a.heard()
			if len(got) != 1 || (got[0].Bad == nil) != c.good {
				t.Errorf("the app got %+v", got)
			}
		})
	}
}

// A response_url takes five answers within half an hour: they change the message, delete it or are shown to one or to all.
func TestResponseURLs(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	a := w.connect(t)
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	hook := func() string {
		t.Helper()
		_, err := w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"})
		check(t, err)
		return a.heard()[0].payload(t).ResponseURL
	}
	to := hook()
	_, _, err = w.client().PostMessage("", slack.MsgOptionResponseURL(to, slack.ResponseTypeEphemeral), text("only you"))
	check(t, err)
	check(t, slack.PostWebhook(to, &slack.WebhookMessage{Text: "all of you", ResponseType: "in_channel"}))
	check(t, slack.PostWebhook(to, &slack.WebhookMessage{Text: "instead", ReplaceOriginal: true}))
	if got := texts(w.MessagesTo("T1", "UANA")); !slices.Equal(got, []string{"instead", "all of you"}) {
		t.Errorf("in the channel stands %q", got)
	}
	if e := w.Ephemerals("T1", "UANA"); len(e) != 1 || e[0].Text != "only you" {
		t.Errorf("she alone sees %+v", e)
	}
	check(t, slack.PostWebhook(to, &slack.WebhookMessage{DeleteOriginal: true}))
	if _, ok := w.Message("T1", channel, ts); ok {
		t.Error("it was not deleted")
	}
	fails := func(to, text string) {
		t.Helper()
		if err := slack.PostWebhook(to, &slack.WebhookMessage{Text: text}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	fails(to, "")
	check(t, slack.PostWebhook(to, &slack.WebhookMessage{Text: "the fifth"}))
	fails(to, "the sixth")
	fails(w.URL()+"/actions/T1/1/2", "nowhere")
	_, ts, err = w.client().PostMessage("UANA", text("again"), buttons("line-1", "e1|i1"))
	check(t, err)
	late := hook()
	c.pass(31 * time.Minute)
	fails(late, "too late")
	if r := w.Responses("T1", "UANA"); len(r) != 5 || r[2].Text != "instead" || !r[2].ReplaceOriginal || r[0].TS == "" {
		t.Errorf("the app answered %+v", r)
	}
}

// An event is told until the app takes it, and each time that it is told again says so.
func TestEventsAreToldAgain(t *testing.T) {
	set := slackfake.Settings{AckTimeout: unlimited, RetryDelays: []time.Duration{time.Minute, 5 * time.Minute, time.Hour}}
	inner := map[string]any{"type": "member_left_channel", "user": "UANA", "channel": "C2"}
	noRetry := func(w http.ResponseWriter) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusBadRequest)
	}
	for _, c := range []struct {
		name  string
		app   []func(http.ResponseWriter) // nil: it is silent
		tries string                      // the retry-num and retry-reason of each
		ok    bool
	}{
		{"at once", nil, "-", true},
		{"after an error", []func(http.ResponseWriter){status(500)}, "- 1:http_error", true},
		{"after a silence", []func(http.ResponseWriter){nil}, "- 1:http_timeout", true},
		{"never", []func(http.ResponseWriter){status(500), status(404), status(302), status(500)}, "- 1:http_error 2:http_error 3:http_error",
			false},
		{"not again", []func(http.ResponseWriter){noRetry}, "-", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			hand := await.NewHand(unlimited)
			w := settle(t, slackfake.Options{Settings: set, After: hand.After})
			a := w.connect(t)
			for _, answer := range c.app {
				if answer == nil {
					answer = silent(a, hand)
				}
				a.will(answer)
			}
			answer, err := w.Event("T1", inner)
			check(t, err)
			var tries []string
			ids := map[string]bool{}
			for _, got := range a.heard() {
				if got.Bad != nil || got.Path != "/events" {
					t.Errorf("sent to %s, %v", got.Path, got.Bad)
				}
				tries = append(tries, strings.TrimPrefix(got.Header.Get("X-Slack-Retry-Num")+":"+got.Header.Get("X-Slack-Retry-Reason"), ":"))
				if tries[len(tries)-1] == "" {
					tries[len(tries)-1] = "-"
				}
				ids[outer(t, got.Body).EventID] = true
			}
			if got := strings.Join(tries, " "); got != c.tries || answer.OK() != c.ok || answer.Attempts != len(tries) {
				t.Errorf("told %q, answered %+v", got, answer)
			}
			if len(ids) != 1 || !ids[answer.ID] {
				t.Errorf("one event has the ids %v, not %s", ids, answer.ID)
			}
		})
	}
}

func outer(t *testing.T, body string) *slackevents.EventsAPICallbackEvent {
	t.Helper()
	e, err := slackevents.ParseEvent(json.RawMessage(body), slackevents.OptionNoVerifyToken())
	check(t, err)
	found, ok := e.Data.(*slackevents.EventsAPICallbackEvent)
	if !ok {
		t.Fatalf("the event is %T", e.Data)
	}
	return found
}

// Events say of which workspace, app and installation they are.
func TestWhatEventsSay(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	_, err := w.Event("T1", map[string]any{"type": "member_left_channel", "user": "UANA", "channel": "C2"})
	check(t, err)
	e := outer(t, a.one(t).Body)
	if e.TeamID != "T1" || e.APIAppID != w.one.App || !strings.HasPrefix(e.EventID, "Ev") || e.EventTime == 0 || !e.IsExtSharedChannel ||
		len(e.Authorizations) != 1 || e.Authorizations[0].UserID != "UBOT1" {
		t.Errorf("the event is %+v", e)
	}
	_, _, err = w.client().PostMessage("UANA", text("hello"))
	check(t, err)
	_, err = w.AppHomeOpened("T1", "UANA")
	check(t, err)
	opened, err := slackevents.ParseEvent(json.RawMessage(a.one(t).Body), slackevents.OptionNoVerifyToken())
	check(t, err)
	home, ok := opened.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
	if !ok || home.User != "UANA" || home.Channel != w.DirectChannel("T1", "UANA") || home.Tab != "home" {
		t.Errorf("opening Home tells of %+v", opened.InnerEvent.Data)
	}
	body, err := w.EventBody("T1", map[string]any{"type": "app_uninstalled"})
	check(t, err)
	if outer(t, string(body)).TeamID != "T1" || len(a.heard()) != 0 {
		t.Error("the body of an event is none, or was sent")
	}
	for _, f := range []func(http.ResponseWriter){nil, answering(map[string]string{"challenge": "x"}), status(500)} {
		a.will(f)
		if w.VerifyURL("T1") == nil {
			t.Error("an app that does not repeat the challenge is trusted")
		}
	}
	a.heard()
}

// An app that repeats the challenge, in whatever form, has the URL.
func TestTheRequestURLIsVerified(t *testing.T) {
	w := settle(t, slackfake.Options{})
	for name, answer := range map[string]func(string) string{
		"as text": func(c string) string { return c },
		"as JSON": func(c string) string { return `{"challenge":"` + c + `"}` },
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, func(rw http.ResponseWriter, r *http.Request) {
				var q struct{ Type, Challenge string }
				if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Type != "url_verification" {
					t.Errorf("asked %+v, %v", q, err)
				}
				_, _ = rw.Write([]byte(answer(q.Challenge))) // Slack may have gone
			})
			check(t, w.SetRequestURLs("T1", slackfake.RequestURLs{Events: server}))
			check(t, w.VerifyURL("T1"))
		})
	}
}

// A command tells who typed what where; what the app says at once is shown to them.
func TestCommands(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	a.will(answering(map[string]string{"text": "nothing is open"}))
	_, err := w.Command(slackfake.SlashCommand{Team: "T1", User: "UANA", Command: "/tickmark", Text: "status & more"})
	check(t, err)
	got := a.one(t)
	typed, err := url.ParseQuery(got.Body)
	check(t, err)
	if got.Path != "/commands" || typed.Get("team_id") != "T1" || typed.Get("user_id") != "UANA" || typed.Get("command") != "/tickmark" ||
		typed.Get("text") != "status & more" ||
		typed.Get("channel_id") != w.DirectChannel("T1", "UANA") || typed.Get("channel_name") != "directmessage" ||
		typed.Get("api_app_id") != w.one.App {
		t.Errorf("the app got %s", got.Body)
	}
	if e := w.Ephemerals("T1", "UANA"); len(e) != 1 || e[0].Text != "nothing is open" {
		t.Errorf("she sees %+v", e)
	}
	if _, err := w.client().OpenView(typed.Get("trigger_id"), form()); err != nil {
		t.Errorf("the trigger opens nothing: %v", err)
	}
	check(t, slack.PostWebhook(typed.Get("response_url"), &slack.WebhookMessage{Text: "later"}))
	if e := w.Ephemerals("T1", "UANA"); len(e) != 2 || e[1].Text != "later" {
		t.Errorf("she sees %+v", e)
	}
	a.will(func(rw http.ResponseWriter) { _, _ = rw.Write([]byte("as text")) })
	_, err = w.Command(slackfake.SlashCommand{Team: "T1", User: "UANA", Channel: "C1", Command: "/tickmark"})
	check(t, err)
	if e := w.Ephemerals("T1", "UANA"); len(e) != 3 || e[2].Text != "as text" || e[2].Channel != "C1" {
		t.Errorf("she sees %+v", e)
	}
	for name, c := range map[string]slackfake.SlashCommand{
		"of another workspace": {Team: "T1", User: "UZOE", Channel: "C2", Command: "/tickmark"},
		"who left":             {Team: "T1", User: "UGONE", Command: "/tickmark"},
		"not in the channel":   {Team: "T1", User: "UBEN", Channel: "C3", Command: "/tickmark"},
	} {
		if _, err := w.Command(c); err == nil {
			t.Errorf("%s: typed", name)
		}
	}
}
