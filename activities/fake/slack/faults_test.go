package slackfake_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/await"
)

// Each kind of fault looks to the client as it does with Slack, and what was executed is there.
func TestKindsOfFaults(t *testing.T) {
	hand := await.NewHand(time.Hour)
	w := settle(t, slackfake.Options{After: hand.After})
	limited := func(d time.Duration) func(error) bool {
		return func(err error) bool {
			e, ok := errors.AsType[*slack.RateLimitedError](err)
			return ok && e.RetryAfter == d
		}
	}
	code := func(n int) func(error) bool {
		return func(err error) bool { e, ok := errors.AsType[slack.StatusCodeError](err); return ok && e.Code == n }
	}
	named := func(s string) func(error) bool {
		return func(err error) bool { e, ok := errors.AsType[slack.SlackErrorResponse](err); return ok && e.Err == s }
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	number := func(err error) bool { _, ok := errors.AsType[*strconv.NumError](err); return ok }
	cut := func(err error) bool {
		_, ok := errors.AsType[*json.SyntaxError](err)
		return ok || errors.Is(err, io.ErrUnexpectedEOF)
	}
	none := func(err error) bool { return err == nil }
	long := func(err error) bool { _, ok := errors.AsType[*http.MaxBytesError](err); return ok }
	careful := slack.New("xoxb-one", slack.OptionAPIURL(w.URL()+"/api/"), slack.OptionHTTPClient(&http.Client{Transport: upTo(1 << 20)}))
	for _, c := range []struct {
		fault    slackfake.Fault
		leaves   bool // the client gives up once nothing happens any more
		like     func(error) bool
		executed bool
	}{
		{slackfake.Fault{Kind: slackfake.FaultRateLimit, RetryAfter: 30 * time.Second}, false, limited(30 * time.Second), false},
		{slackfake.Fault{Kind: slackfake.FaultRateLimit}, false, limited(time.Second), false},
		{slackfake.Fault{Kind: slackfake.FaultRateLimitBare}, false, code(429), false},
		{slackfake.Fault{Kind: slackfake.FaultRateLimitOdd}, false, number, false},
		{slackfake.Fault{Kind: slackfake.FaultError, Error: "ekm_access_denied"}, false, named("ekm_access_denied"), false},
		{slackfake.Fault{Kind: slackfake.FaultInternal}, false, named("internal_error"), false},
		{slackfake.Fault{Kind: slackfake.FaultInternalDone}, false, named("internal_error"), true},
		{slackfake.Fault{Kind: slackfake.FaultFatal}, false, named("fatal_error"), false},
		{slackfake.Fault{Kind: slackfake.FaultFatalDone}, false, named("fatal_error"), true},
		{slackfake.Fault{Kind: slackfake.Fault500}, false, code(500), false},
		{slackfake.Fault{Kind: slackfake.Fault500Done}, false, code(500), true},
		{slackfake.Fault{Kind: slackfake.FaultHTML}, false, code(503), false},
		{slackfake.Fault{Kind: slackfake.FaultEmpty}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultEmptyDone}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultTruncated}, false, cut, false},
		{slackfake.Fault{Kind: slackfake.FaultTruncatedDone}, false, cut, true},
		{slackfake.Fault{Kind: slackfake.FaultDrop}, false, is(io.EOF), false},
		{slackfake.Fault{Kind: slackfake.FaultExecuteThenDrop}, false, is(io.EOF), true},
		{slackfake.Fault{Kind: slackfake.FaultExecuteThenSleep}, true, is(context.Canceled), true},
		{slackfake.Fault{Kind: slackfake.FaultExecuteThenSleep, Delay: 7 * time.Minute}, false, is(io.EOF), true},
		{slackfake.Fault{Kind: slackfake.FaultSleep}, true, is(context.Canceled), false},
		{slackfake.Fault{Kind: slackfake.FaultAnswer, Answer: `{"ok":true}`}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultSlow, Delay: 8 * time.Minute}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryCut}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryLoop}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryEndless}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryBare}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryPlain}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultHistoryNull}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultMoved307}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultMoved302}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultPage403}, false, code(403), false},
		{slackfake.Fault{Kind: slackfake.FaultPage404}, false, code(404), false},
		{slackfake.Fault{Kind: slackfake.FaultPage407}, false, code(407), false},
		{slackfake.Fault{Kind: slackfake.FaultPage408}, false, code(408), false},
		{slackfake.Fault{Kind: slackfake.FaultPage425}, false, code(425), false},
		{slackfake.Fault{Kind: slackfake.FaultNull}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultBare}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultBareDone}, false, none, true},
		{slackfake.Fault{Kind: slackfake.FaultSwapped}, false, none, false},
		{slackfake.Fault{Kind: slackfake.FaultHuge}, false, long, false},
		{slackfake.Fault{Kind: slackfake.FaultHugeDone}, false, long, true},
		{slackfake.Fault{Kind: slackfake.FaultEndless}, false, long, false},
		{slackfake.Fault{Kind: slackfake.FaultRateLimitYear}, false, limited(365 * 24 * time.Hour), false},
		{slackfake.Fault{Kind: slackfake.FaultRateLimitAge}, false, limited(9223372036 * time.Second), false},
	} {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			before := len(w.Messages("T1", "C1"))
			hits := w.FaultsHit()[c.fault.Kind]
			c.fault.Method, c.fault.Times = "chat.postMessage", 1
			w.AddFaults(c.fault)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			if c.leaves {
				go func() { hand.Begun(); leave() }()
			}
			channel, ts, err := careful.PostMessageContext(ctx, "C1", text("hello"))
			if !c.like(err) {
				t.Errorf("the client sees %T %v", err, err)
			}
			if c.fault.Kind == slackfake.FaultEmptyDone && (channel != "" || ts != "") {
				t.Errorf("an empty answer tells of %s %s", channel, ts)
			}
			if waits := hand.Asked(); c.fault.Delay > 0 && !slices.Contains(waits, c.fault.Delay) {
				t.Errorf("it was answered too soon: after %v", waits)
			}
			if n := len(w.Messages("T1", "C1")) - before; n != map[bool]int{true: 1}[c.executed] {
				t.Errorf("%d messages were posted, executed: %t", n, c.executed)
			}
			calls := w.Calls("chat.postMessage")
			if last := calls[len(calls)-1]; last.Fault != c.fault.Kind || last.Done != c.executed {
				t.Errorf("the call is remembered as %+v", last)
			}
			if got := w.FaultsHit()[c.fault.Kind]; got != hits+1 {
				t.Errorf("the fault was hit %d times", got-hits)
			}
			if _, _, err := w.client().PostMessage("C1", text("afterwards")); err != nil {
				t.Errorf("the next call meets it too: %v", err)
			}
		})
	}
	for _, kind := range slackfake.FaultKinds {
		if w.FaultsHit()[kind] == 0 {
			t.Errorf("%s is not tried", kind)
		}
	}
}

// upTo is a client that reads so much of an answer, and no more.
type upTo int64

func (n upTo) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, int64(n))
	}
	return res, err
}

// Whom a redirect misleads tells a stranger what it was to tell Slack: the token and the message.
func TestWhoIsMisledIsHeardOf(t *testing.T) {
	w := settle(t, slackfake.Options{})
	w.AddFaults(slackfake.Fault{Kind: slackfake.FaultMoved307, Times: 1}, slackfake.Fault{Kind: slackfake.FaultMoved302, Times: 1})
	for range 2 {
		if _, _, err := w.client().PostMessage("C1", text("a secret")); err != nil {
			t.Error(err)
		}
	}
	heard := w.Strayed()
	if len(heard) != 2 || !strings.Contains(heard[0], "xoxb-one") || !strings.Contains(heard[0], "a+secret") ||
		!strings.HasPrefix(heard[1], "GET ") {
		t.Errorf("the stranger heard %q", heard)
	}
	if len(w.Messages("T1", "C1")) != 0 {
		t.Error("Slack has the message")
	}
}

// Accounts and conversations get other ids: the former ones are unknown, what was said stays, and a journal knows it too.
func TestIDsChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	w := settle(t, slackfake.Options{Journal: path})
	_, _, err := w.client().PostMessage("UANA", text("hello"))
	check(t, err)
	was := w.DirectChannel("T1", "UANA")
	now, err := w.MoveDirect("T1", "UANA")
	check(t, err)
	check(t, w.RenameUser("T1", "UBEN", "WBEN"))
	look := func(w *world) {
		t.Helper()
		if _, _, err := w.client().PostMessage(was, text("x")); err == nil || err.Error() != "channel_not_found" {
			t.Errorf("at the former id: %v", err)
		}
		if all := w.MessagesTo("T1", "UANA"); w.DirectChannel("T1", "UANA") != now || len(all) != 1 || all[0].Channel != now {
			t.Errorf("what was said: %+v", all)
		}
		if _, err := w.client().GetUserInfo("UBEN"); err == nil || err.Error() != "user_not_found" {
			t.Errorf("by the former id: %v", err)
		}
		if u, err := w.client().GetUserByEmail("ben@acme.test"); err != nil || u.ID != "WBEN" {
			t.Errorf("by the address: %+v, %v", u, err)
		}
	}
	look(w)
	check(t, w.Close())
	look(start(t, slackfake.Options{Journal: path}))
	if err := w.RenameUser("T1", "UNOBODY", "W1"); err == nil {
		t.Error("nobody got another id")
	}
}

// A call that is slow is executed in the end, whether or not anybody waits for it.
func TestASlowCallIsExecutedThoughNobodyWaits(t *testing.T) {
	hand := await.NewHand(time.Minute)
	w := settle(t, slackfake.Options{After: hand.After})
	w.AddFaults(slackfake.Fault{Kind: slackfake.FaultSlow, Delay: time.Minute})
	ctx, leave := context.WithCancel(t.Context())
	go func() { hand.Begun(); leave() }()
	if _, _, err := w.client().PostMessageContext(ctx, "C1", text("late")); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(w.Messages("T1", "C1")) != 0 {
		t.Error("it was executed at once")
	}
	hand.Up()
	await.Until(t, "it is executed", func() bool { return len(w.Messages("T1", "C1")) > 0 })
}

// A fault is met by the calls it is for: of its method, of its workspace, from the nth on, so many times.
func TestWhichCallsMeetAFault(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults []slackfake.Fault
		want   string // of six calls in T1: which fail
		others string // of two calls in T2
	}{
		{"none", nil, "......", ".."},
		{"every call", []slackfake.Fault{{}}, "xxxxxx", "xx"},
		{"two", []slackfake.Fault{{Times: 2}}, "xx....", ".."},
		{"the third", []slackfake.Fault{{Nth: 3}}, "..x...", ".."},
		{"two from the third on", []slackfake.Fault{{Nth: 3, Times: 2}}, "..xx..", ".."},
		{"of one workspace", []slackfake.Fault{{Team: "T2"}}, "......", "xx"},
		{"of another method", []slackfake.Fault{{Method: "chat.postMessage"}}, "......", ".."},
		{"the first and the third", []slackfake.Fault{{Nth: 1}, {Nth: 3}}, "x.x...", ".."},
		{"the first of two that are due", []slackfake.Fault{{Times: 1}, {Times: 1}}, "xx....", ".."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := settle(t, slackfake.Options{})
			for i := range c.faults {
				c.faults[i].Kind = slackfake.FaultInternal
			}
			w.AddFaults(c.faults...)
			call := func(token string, n int) (marks string) {
				for range n {
					mark := "."
					if _, err := w.as(token).AuthTest(); err != nil {
						mark = "x"
					}
					marks += mark
				}
				return marks
			}
			if got := call("xoxb-one", 6); got != c.want {
				t.Errorf("in T1 %s, want %s", got, c.want)
			}
			if got := call("xoxb-two", 2); got != c.others {
				t.Errorf("in T2 %s, want %s", got, c.others)
			}
			w.AddFaults(slackfake.Fault{Kind: slackfake.FaultInternal})
			w.ClearFaults()
			if got := call("xoxb-one", 1); got != "." {
				t.Error("a fault that was taken back is met")
			}
		})
	}
}

// The same seed makes the same calls go wrong, whatever the order in which they come, and about as many as it should.
func TestFaultsByChance(t *testing.T) {
	met := func(seed uint64) map[int]slackfake.FaultKind {
		w := settle(t, slackfake.Options{})
		w.SetFaultFunc(slackfake.Profile{Seed: seed, Methods: []string{"auth.test"},
			Kinds: map[slackfake.FaultKind]float64{slackfake.FaultInternal: 0.2, slackfake.Fault500: 0.1}}.Chance())
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 100 {
					_, _ = w.client().AuthTest() // as often as not it fails
				}
			})
		}
		all.Wait()
		if _, err := w.client().GetTeamInfo(); err != nil {
			t.Errorf("another method: %v", err)
		}
		found := map[int]slackfake.FaultKind{}
		for _, c := range w.Calls("auth.test") {
			if c.Fault != "" {
				found[c.N] = c.Fault
			}
		}
		hits := w.FaultsHit()
		if n := hits[slackfake.FaultInternal]; n < 50 || n > 110 {
			t.Errorf("of 400 calls %d met the first kind", n)
		}
		if n := hits[slackfake.Fault500]; n < 20 || n > 65 {
			t.Errorf("of 400 calls %d met the second kind", n)
		}
		return found
	}
	first := met(7)
	if !maps.Equal(first, met(7)) {
		t.Error("the same seed makes others go wrong")
	}
	if maps.Equal(first, met(8)) {
		t.Error("another seed makes the same go wrong")
	}
}

// Limits are off unless they are set. Who posts too often to one channel is told to wait, and how long; others are not.
func TestRateLimits(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	post := func(token, channel string) string {
		_, _, err := w.as(token).PostMessage(channel, text("hello"))
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			return limited.RetryAfter.String()
		}
		check(t, err)
		return "ok"
	}
	for range 5 {
		if got := post("xoxb-one", "C1"); got != "ok" {
			t.Fatalf("without limits: %s", got)
		}
	}
	w.Set(slackfake.Settings{ChannelEvery: time.Second, ChannelBurst: 1})
	check(t, w.Invite("T1", "C2", "UBOT2"))
	var got []string
	for _, step := range []func() string{
		func() string { return post("xoxb-one", "C1") },
		func() string { return post("xoxb-one", "C1") }, // the burst
		func() string { return post("xoxb-one", "C1") },
		func() string { return post("xoxb-one", "C2") },
		func() string { return post("xoxb-two", "C2") },
		func() string { c.pass(time.Second); return post("xoxb-one", "C1") },
		func() string { return post("xoxb-one", "C1") },
	} {
		got = append(got, step())
	}
	if want := []string{"ok", "ok", "1s", "ok", "ok", "ok", "1s"}; !slices.Equal(got, want) {
		t.Errorf("posting goes %q, want %q", got, want)
	}
	w.Set(slackfake.Settings{MethodRate: map[string]int{"auth.test": 2}})
	for i, want := range []bool{true, true, false} {
		if _, err := w.client().AuthTest(); (err == nil) != want {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
	if _, err := w.as("xoxb-two").AuthTest(); err != nil {
		t.Errorf("another workspace: %v", err)
	}
	c.pass(30 * time.Second)
	if _, err := w.client().AuthTest(); err != nil {
		t.Errorf("half a minute later: %v", err)
	}
	if n := w.FaultsHit()[slackfake.FaultRateLimit]; n != 3 {
		t.Errorf("%d calls were too soon", n)
	}
	if n := w.CallCounts("T1")["auth.test"]; n != 4 {
		t.Errorf("%d calls are counted", n)
	}
}

// Close does not wait for calls that will never be answered.
func TestCloseCutsOffWhatHangs(t *testing.T) {
	w := settle(t, slackfake.Options{})
	w.AddFaults(slackfake.Fault{Kind: slackfake.FaultSleep})
	done := make(chan error, 1)
	go func() {
		_, err := w.client().AuthTest()
		done <- err
	}()
	await.Until(t, "it is called", func() bool { return len(w.Calls()) > 0 })
	check(t, w.Close())
	if err := <-done; err == nil {
		t.Error("it was answered")
	}
	if _, err := w.AddUser("T1", slackfake.User{}); err == nil {
		t.Error("what is closed takes something more")
	}
}
