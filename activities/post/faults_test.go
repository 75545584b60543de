package post_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Whatever Slack does with a message, Olga gets it once, and the ledger says so.
func TestSlackFailsAndOlgaGetsItOnce(t *testing.T) {
	for _, f := range []slackfake.Fault{
		{Kind: slackfake.FaultRateLimit, RetryAfter: time.Second},
		{Kind: slackfake.FaultInternal}, {Kind: slackfake.FaultInternalDone}, {Kind: slackfake.FaultFatal}, {Kind: slackfake.FaultFatalDone},
		{Kind: slackfake.Fault500}, {Kind: slackfake.FaultHTML}, {Kind: slackfake.FaultEmpty}, {Kind: slackfake.FaultEmptyDone},
		{Kind: slackfake.FaultTruncated}, {Kind: slackfake.FaultTruncatedDone}, {Kind: slackfake.FaultDrop},
		{Kind: slackfake.FaultExecuteThenDrop},
		{Kind: slackfake.FaultExecuteThenSleep}, {Kind: slackfake.FaultSleep}, {Kind: slackfake.FaultSlow, Delay: 400 * time.Millisecond},
		{Kind: slackfake.FaultError, Error: "service_unavailable"}, {Kind: slackfake.FaultError, Error: "an_error_of_tomorrow"},
	} {
		t.Run(string(f.Kind)+f.Error, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Morning()
			f.Method, f.Team, f.Nth, f.Times = "chat.postMessage", "TNORTHGATE", 1, 1
			w.Slack.AddFaults(f)
			switch f.Kind { // we give up once there is no answer
			case slackfake.FaultSleep:
				givingUp(w, "Slack sleeps", func() bool { return len(w.Slack.FaultsHit()) > 0 }, w.Settle)
			case slackfake.FaultExecuteThenSleep:
				givingUp(w, "Slack has posted it", func() bool { return len(w.SlackOf("olga")) > 0 }, w.Settle)
			default:
				w.Settle()
			}
			if got := w.SlackOf("olga"); len(got) != 1 {
				t.Errorf("Olga has %d messages", len(got))
			}
			if got := w.Said("olga"); len(got) != 1 || got[0].Status != reminders.DeliverySent || got[0].Receipt != w.SlackOf("olga")[0].TS {
				t.Errorf("the ledger says\n%s", w.Ledger())
			}
			if n := w.Slack.FaultsHit(); len(n) == 0 {
				t.Error("the fault was never met")
			}
		})
	}
}

// Slack answers once with what is no answer to what was asked, method by method: nothing ends for it, and Olga, whose account was looked
// for in that morning, gets her message once.
func TestAnOddAnswerOfSlackEndsNothing(t *testing.T) {
	for _, method := range []string{"users.lookupByEmail", "conversations.open", "chat.postMessage", "conversations.history", "auth.test"} {
		for name, answer := range map[string]string{"says yes": `{"ok":true}`, "says nothing": `{}`, "null": `null`, "a list": `[]`,
			"a word":        `"ok"`,
			"null fields":   `{"ok":true,"channel":null,"user":null,"ts":null,"messages":null,"response_metadata":null}`,
			"empty fields":  `{"ok":true,"channel":{},"user":{},"ts":"","messages":[{}],"response_metadata":{}}`,
			"somebody else": `{"ok":true,"channel":{"id":""},"user":{"id":"U0000000009","profile":{"email":"mallory@elsewhere.test"}},"ts":""}`} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				w := town.OnSQLite(t)
				w.Morning()
				w.Slack.AddFaults(slackfake.Fault{Method: method, Nth: 1, Times: 1, Kind: slackfake.FaultAnswer, Answer: answer})
				w.Settle()
				if got := w.SlackOf("olga"); len(got) != 1 {
					t.Errorf("Olga has %d messages\n%s", len(got), w.Ledger())
				}
				if met := len(w.Slack.FaultsHit()) > 0; !met && method != "users.lookupByEmail" && method != "conversations.history" &&
					method != "auth.test" {
					t.Error("the fault was never met")
				}
			})
		}
	}
}

// Slack answers the look for an address with somebody who has another, or with nobody: who was looked for is not taken for them.
func TestAnotherAccountIsNotBelieved(t *testing.T) {
	for name, answer := range map[string]string{"no account": `{"ok":true}`, "an account without an id": `{"ok":true,"user":{}}`,
		"another address": `{"ok":true,"user":{"id":"U0000000009","profile":{"email":"mallory@elsewhere.test"}}}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Fresh("northgate")
			w.Slack.AddFaults(slackfake.Fault{Method: "users.lookupByEmail", Kind: slackfake.FaultAnswer, Answer: answer})
			w.Settle()
			if len(w.Slack.FaultsHit()) == 0 {
				t.Fatal("nobody was looked for")
			}
			all, err := w.Store.BindingsOf(t.Context(), []models.PersonID{"ruth", "kenji", "olga"})
			town.Check(t, err)
			for p, bindings := range all {
				for _, b := range bindings {
					if b.Workspace == "northgate" && b.User != "" {
						t.Errorf("%s is taken for %s: %+v", p, b.User, b)
					}
				}
			}
		})
	}
}

// givingUp does something that calls Slack and gets no answer: once what comes true, and before has been called, the calls that are under
// way are given up, as they are when their time is up.
func givingUp(w *town.Town, what string, comes func() bool, do func(), before ...func()) {
	w.T.Helper()
	calls := &impatient{}
	w.Post.Slack.Client = &http.Client{Transport: calls}
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	w.Eventually(what, comes)
	for _, f := range before {
		f()
	}
	calls.giveUp()
	<-done
}

// An impatient client gives up all calls that are under way when it is told to.
type impatient struct {
	mu    sync.Mutex
	calls []context.CancelFunc
}

func (c *impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	c.mu.Lock()
	c.calls = append(c.calls, cancel)
	c.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req.WithContext(ctx))
}

func (c *impatient) giveUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.calls {
		cancel()
	}
	c.calls = nil
}

// History lags behind: a message that came through is not found at first. It is looked for again before it is sent again.
func TestHistoryLags(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Slack.Set(slackfake.Settings{Lag: town.Patience + town.Patience/2, PageSize: 2, AckTimeout: town.Unlimited})
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Kind: slackfake.FaultExecuteThenDrop})
		w.Sweep()
		for range 7 { // and there is more than a page of other messages
			_, err := w.Slack.Say("TNORTHGATE", w.Slack.DirectChannel("TNORTHGATE", town.UserOf("olga")), town.UserOf("olga"), "hello?", nil)
			town.Check(t, err)
		}
		w.Settle()
		n := 0
		for _, m := range w.SlackOf("olga") {
			if m.Metadata != nil {
				n++
			}
		}
		if n != 1 {
			t.Errorf("Olga has the message %d times", n)
		}
		_, attempts, err := w.Store.Delivery(t.Context(), w.Said("olga")[0].ID)
		town.Check(t, err)
		var classes []string
		for _, a := range attempts {
			classes = append(classes, string(a.Class))
		}
		if got := strings.Join(classes, " "); got != "ambiguous absent found" {
			t.Errorf("the attempts: %s", got)
		}
	})
}

// Nobody can tell whether a digest came through, since history cannot be read: it is not sent again, and the next day's says it. What is
// said at once is sent again, and says that it may have come before.
func TestNobodyCanTell(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Slack.AddFaults(slackfake.Fault{Method: "conversations.history", Kind: slackfake.FaultError, Error: "missing_scope"},
			slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Kind: slackfake.FaultExecuteThenDrop})
		w.Settle()
		if got := w.Said("olga"); len(got) != 1 || got[0].Status != reminders.DeliveryUncertain {
			t.Fatalf("the ledger says\n%s", w.Ledger())
		}
		w.On("2027-01-14", 10)
		w.Settle()
		if got := w.SlackOf("olga"); len(got) != 2 || !strings.Contains(got[1].Text, "Send the organization chart") {
			t.Errorf("the next day she reads %v", got)
		}

		id := w.Task("olga", "Name the owner of the firewall", "2027-01-25")
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga",
			Reason: "Is it still you?"})
		w.Slack.ClearFaults()
		w.Slack.AddFaults(slackfake.Fault{Method: "conversations.history", Kind: slackfake.FaultError, Error: "missing_scope"},
			slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Kind: slackfake.FaultDrop})
		w.Clock.Add((15 * time.Minute).Microseconds())
		w.Settle()
		all := w.SlackOf("olga")
		if last := all[len(all)-1].Text; len(all) != 3 || !strings.Contains(last, "Is it still you?") ||
			!strings.Contains(last, "You may have received this already") {
			t.Errorf("asked, she reads %q", last)
		}
	})
}

// The worker dies after the gate, or after sending and before it could note so. Another one takes it up; Olga gets the message once.
func TestTheWorkerDies(t *testing.T) {
	for _, c := range []struct {
		sent bool
		want reminders.AttemptClass // what a look finds
	}{{false, reminders.AttemptAbsent}, {true, reminders.AttemptFound}} {
		town.Each(t, func(t *testing.T, w *town.Town) {
			w.Morning()
			w.Slack.AddFaults(slackfake.Fault{Method: "conversations.open", Kind: slackfake.FaultError, Error: "service_unavailable"})
			w.Sweep() // scheduled, and held up before the gate
			w.Slack.ClearFaults()
			d := w.Said("olga")[0]
			if d.Status != reminders.DeliveryScheduled {
				t.Fatalf("it is %s already", d.Status)
			}
			channel, _, _, err := slack.New(w.Token("northgate"),
				slack.OptionAPIURL(w.Slack.URL()+"/api/")).OpenConversation(&slack.OpenConversationParameters{Users: []string{town.UserOf("olga")}})
			town.Check(t, err)
			_, at, err := w.Store.Begin(t.Context(), d.ID,
				store.Frozen{Dest: channel.ID, Message: reminders.Message{Subject: "x", Intro: "Hello Olga."}}, 0, w.Now())
			town.Check(t, err)
			if at != store.MaySend {
				t.Fatal(at)
			}
			if c.sent {
				_, err := w.Slack.Say("TNORTHGATE", channel.ID, w.Bot("northgate"), "Hello Olga.",
					&slackfake.Metadata{EventType: "tickmark_delivery", EventPayload: map[string]any{"k": d.ID}})
				town.Check(t, err)
			}
			town.Check(t, w.Store.HoldLane(t.Context(), "acme/northgate", "", 0, w.Now()))
			w.Settle()
			if n := len(w.SlackOf("olga")); n != 1 {
				t.Errorf("Olga has %d messages", n)
			}
			got, attempts, err := w.Store.Delivery(t.Context(), d.ID)
			town.Check(t, err)
			if got.Status != reminders.DeliverySent || attempts[0].Class != c.want {
				t.Errorf("%s, %+v", got.Status, attempts)
			}
		})
	}
}

// Slack asks a workspace to wait. Nothing of it is sent before; the other workspace does not notice.
func TestALaneWaits(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Task("tom", "Draft the scope", "2027-01-14")
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: slackfake.FaultRateLimitOdd})
		w.Sweep()
		w.Sweep()
		if n := len(w.SlackOf("olga")); n != 0 {
			t.Errorf("a message although Slack asked to wait")
		}
		if n := len(w.SlackOf("tom")); n != 1 {
			t.Errorf("the other workspace has %d messages", n)
		}
		lanes, err := w.Store.LaneStates(t.Context())
		town.Check(t, err)
		if len(lanes) == 0 || lanes[0].Lane != "acme/northgate" || lanes[0].Failures != 1 || lanes[0].Error != "Slack asks to wait" ||
			lanes[0].Waiting == 0 {
			t.Errorf("%+v", lanes)
		}
		town.Check(t, w.Store.HoldLane(t.Context(), "acme/northgate", "", 0, w.Now()))
		town.Check(t, w.Store.Postpone(t.Context(), w.Said("olga")[0].ID, "", 0))
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("Olga has %d messages in the end", n)
		}
	})
}

// A workspace hangs: its calls are never answered. All others are delivered meanwhile.
func TestAStuckWorkspaceDelaysNoOther(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Task("tom", "Draft the scope", "2027-01-14")
		w.Slack.AddFaults(slackfake.Fault{Team: "TNORTHGATE", Kind: slackfake.FaultSleep})
		var ended atomic.Bool
		givingUp(w, "a call hangs and Tom has heard", func() bool {
			if len(w.Slack.FaultsHit()) == 0 || len(w.SlackOf("tom")) == 0 {
				return false
			}
			w.Slack.ClearFaults() // what is called from now on is answered
			return true
		}, func() { w.Sweep(); ended.Store(true) }, func() {
			if ended.Load() {
				t.Error("the sweep ended though a call hung")
			}
		})
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("Olga has %d messages in the end", n)
		}
	})
}

// The app's token is revoked in the middle of a morning. Who was reached there gets mail where there is mail; the managers are told once.
func TestTokenRevoked(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		town.Check(t, w.Slack.Revoke("TNORTHGATE"))
		w.Settle()
		w.On("2027-01-14", 10)
		w.Settle()
		ws, err := w.Store.Workspace(t.Context(), "northgate")
		town.Check(t, err)
		if ws.State != reminders.WorkspaceDisconnected || !strings.Contains(ws.Reason, "revoked") {
			t.Errorf("the workspace: %s, %s", ws.State, ws.Reason)
		}
		n := 0
		for _, m := range w.SlackOf("ines") {
			if strings.Contains(m.Text, "The Slack workspace TNORTHGATE is not connected any more") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("Ines was told %d times\n%s", n, w.Ledger())
		}
		failed, _, err := w.Store.Deliveries(t.Context(), store.DeliveryFilter{Person: "olga"}, "", 10)
		town.Check(t, err)
		for _, d := range failed {
			if d.Status != reminders.DeliveryFailed && d.Status != reminders.DeliverySuppressed {
				t.Errorf("Olga, whom nothing reaches: %s (%s)", d.Status, d.Reason)
			}
		}
	})
}

// Olga's account is deactivated: what cannot be said to her there is said by mail, and she counts as bound no more.
func TestAccountDeactivated(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		town.Check(t, w.Slack.DeactivateUser("TNORTHGATE", town.UserOf("olga")))
		w.Settle()
		b, err := w.Store.Bindings(t.Context(), "olga")
		town.Check(t, err)
		if len(b) != 1 || b[0].State != reminders.BindingDead {
			t.Errorf("%+v", b)
		}
		to, err := w.Store.Recipient(t.Context(), "olga", 2027, true)
		town.Check(t, err)
		if to.Channel != reminders.ChannelMail {
			t.Errorf("she is reached by %q", to.Channel)
		}
	})
}
