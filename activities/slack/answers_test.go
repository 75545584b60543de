package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// at is the present of these tests.
var at = time.Date(2027, 1, 13, 15, 0, 0, 0, time.UTC)

// saying is a Slack that answers every call with what is in answer, and counts the calls.
type saying struct {
	status int
	header map[string]string
	answer string
	calls  int
	*Slack
	present time.Time
}

func says(t *testing.T) *saying {
	t.Helper()
	s := &saying{status: http.StatusOK, present: at}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.calls++
		for k, v := range s.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(s.status)
		_, _ = fmt.Fprint(w, s.answer) // the client is there
	}))
	t.Cleanup(server.Close)
	s.Slack = &Slack{URL: server.URL + "/api/", Client: &http.Client{}, Real: func() time.Time { return s.present }}
	return s
}

// asked is a call of a method with its right answer, and the fields of that answer without which it is none.
type asked struct {
	call   func(context.Context, *Slack) reminders.Verdict
	answer string
	needed []string // paths, as in channel.id
}

var methods = map[string]asked{
	"chat.postMessage": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Post(ctx, "xoxb-1", "D0123456789", "key", 1, Render(reminders.Message{Intro: "hello"}))
		return v
	}, `{"ok":true,"channel":"D0123456789","ts":"1700000000.000100","message":{}}`, []string{"ok", "channel", "ts"}},
	"chat.update": {func(ctx context.Context, s *Slack) reminders.Verdict {
		return s.Update(ctx, "xoxb-1", "D0123456789", "1700000000.000100", Render(reminders.Message{Intro: "hello"}))
	}, `{"ok":true,"channel":"D0123456789","ts":"1700000000.000100"}`, []string{"ok", "channel", "ts"}},
	"conversations.open": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Open(ctx, "xoxb-1", "U0000000001")
		return v
	}, `{"ok":true,"channel":{"id":"D0123456789","user":"U0000000001"}}`, []string{"ok", "channel", "channel.id"}},
	"conversations.history": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Find(ctx, Search{Token: "xoxb-1", Channel: "D0123456789", Key: "key", Since: at})
		return v
	}, `{"ok":true,"messages":[{"ts":"1700000000.000100","user":"U1"}],"has_more":false}`, []string{"ok", "messages", "messages.0.ts"}},
	"conversations.replies": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Find(ctx, Search{Token: "xoxb-1", Channel: "D0123456789", Thread: "1700000000.000100", Key: "key", Since: at})
		return v
	}, `{"ok":true,"messages":[{"ts":"1700000000.000100","user":"U1"}],"has_more":false}`, []string{"ok", "messages", "messages.0.ts"}},
	"users.lookupByEmail": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Lookup(ctx, "xoxb-1", "olga@northgate.test")
		return v
	}, `{"ok":true,"user":{"id":"U0000000001","team_id":"T1","profile":{"email":"olga@northgate.test"}}}`,
		[]string{"ok", "user", "user.id", "user.team_id", "user.profile", "user.profile.email"}},
	"users.info": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.Account(ctx, "xoxb-1", "U0000000001")
		return v
	}, `{"ok":true,"user":{"id":"U0000000001","team_id":"T1"}}`, []string{"ok", "user", "user.id", "user.team_id"}},
	"auth.test": {func(ctx context.Context, s *Slack) reminders.Verdict {
		_, v := s.WhoAmI(ctx, "xoxb-1")
		return v
	}, `{"ok":true,"team_id":"T1","team":"Acme","user_id":"U0000000002"}`, []string{"ok", "team_id", "user_id"}},
	"views.open": {func(ctx context.Context, s *Slack) reminders.Verdict {
		return s.OpenForm(ctx, "xoxb-1", "trigger", engagement.Form{Title: "x", Submit: "Send"}, nil)
	}, `{"ok":true,"view":{"id":"V1"}}`, []string{"ok", "view", "view.id"}},
	"oauth.v2.access": {func(ctx context.Context, s *Slack) reminders.Verdict {
		if _, err := s.Exchange(ctx, "1.2", "secret", "code", "https://tickmark.test"); err != nil {
			return reminders.Verdict{Class: reminders.AttemptAmbiguous, Reason: err.Error()}
		}
		return reminders.Verdict{Class: reminders.AttemptAccepted}
	}, `{"ok":true,"access_token":"xoxb-2","token_type":"bot","app_id":"A1","bot_user_id":"U2","team":{"id":"T1","name":"Acme"}}`,
		[]string{"ok", "access_token", "app_id", "bot_user_id", "team", "team.id"}},
}

// spoil returns an answer with one of its fields left out, or set to another value.
func spoil(t *testing.T, answer, path string, value any) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(answer), &all); err != nil {
		t.Fatal(err)
	}
	var in any = all
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if list, ok := in.([]any); ok {
			in = list[0]
			continue
		}
		in = in.(map[string]any)[name]
	}
	last := names[len(names)-1]
	if value == nil {
		delete(in.(map[string]any), last)
	} else {
		in.(map[string]any)[last] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An answer is right when it has all that was asked for. Without any one of the fields, or with a null, an empty text, a number or another
// value in its place, it is no answer, and refuses nothing either.
func TestEveryNeededFieldIsDemanded(t *testing.T) {
	for method, m := range methods {
		s := says(t)
		s.answer = m.answer
		if v := m.call(t.Context(), s.Slack); v.Class != reminders.AttemptAccepted {
			t.Errorf("%s: the right answer is %s (%s)", method, v.Class, v.Reason)
		}
		for _, path := range m.needed {
			for _, value := range []any{nil, "", 7, []any{}, json.RawMessage("null"), "elsewhere"} {
				if value == "elsewhere" && slices.Contains([]string{"team_id", "user_id", "user.team_id", "user.profile.email", "view.id",
					"access_token", "app_id", "bot_user_id", "team.id"}, path) {
					continue // it is compared by who asks, or nobody knows what it should be
				}
				if _, list := value.([]any); list && path == "messages" {
					continue // none are there
				}
				s.answer = spoil(t, m.answer, path, value)
				if v := m.call(t.Context(), s.Slack); v.Class == reminders.AttemptAccepted || v.Class == reminders.AttemptRefused {
					t.Errorf("%s with %v for %s is %s", method, value, path, v.Class)
				}
			}
		}
	}
}

// Only Slack's own JSON with ok false refuses, and only with a word that is known to: of any method, whatever the status says.
func TestOnlySlacksOwnWordRefuses(t *testing.T) {
	word := func(name string) string { return `{"ok":false,"error":"` + name + `"}` }
	for _, c := range []struct {
		status int
		answer string
		class  reminders.AttemptClass // of a post
		lane   bool
	}{
		{200, word("is_archived"), reminders.AttemptRefused, false},
		{200, word("invalid_blocks"), reminders.AttemptRefused, false},
		{200, word("a_word_of_tomorrow"), reminders.AttemptAmbiguous, false},
		{200, word("invalid_auth"), reminders.AttemptUnsent, true},
		{200, word("ratelimited"), reminders.AttemptUnsent, true},
		{200, `{"error":"is_archived"}`, reminders.AttemptAmbiguous, true},
		{200, `{"ok":"false","error":"is_archived"}`, reminders.AttemptAmbiguous, true},
		{200, `{"ok":true,"error":"is_archived"}`, reminders.AttemptAmbiguous, false},
		{200, `{"ok":false}`, reminders.AttemptAmbiguous, true},
		{200, `[{"ok":false,"error":"is_archived"}]`, reminders.AttemptAmbiguous, true},
		{200, "<html>is_archived</html>", reminders.AttemptAmbiguous, true},
		{204, "", reminders.AttemptAmbiguous, true},
		{307, word("is_archived"), reminders.AttemptAmbiguous, true},
		{403, word("is_archived"), reminders.AttemptAmbiguous, true},
		{404, "<html></html>", reminders.AttemptAmbiguous, true},
		{503, word("is_archived"), reminders.AttemptAmbiguous, true},
		{429, word("ratelimited"), reminders.AttemptUnsent, true},
	} {
		s := says(t)
		s.status, s.answer = c.status, c.answer
		if v := methods["chat.postMessage"].call(t.Context(), s.Slack); v.Class != c.class || v.Lane != c.lane || v.Reason == "" {
			t.Errorf("%d %s: %+v", c.status, c.answer, v)
		}
	}
}

// A wait is at least a second and at most an hour, whatever is asked for; without a time, or with a date, it is a minute or five. It is of
// one method: others are called meanwhile, and that one not before it is over.
func TestWaitsAreBoundedAndOfOneMethod(t *testing.T) {
	for after, want := range map[string]time.Duration{"0": time.Second, "-5": time.Second, "1": time.Second, "30": 30 * time.Second,
		"3600": time.Hour, "31536000": time.Hour, "9223372036": time.Hour, "9223372036854775807": time.Hour,
		"92233720368547758070": time.Minute, "soon": time.Minute, "Wed, 13 Jan 2027 16:00:00 GMT": time.Minute, "": 5 * time.Minute} {
		s := says(t)
		s.status, s.answer, s.header = http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`, map[string]string{"Retry-After": after}
		if after == "" {
			s.header = nil
		}
		lookup := methods["users.lookupByEmail"]
		if v := lookup.call(t.Context(), s.Slack); v.Wait != want || v.Lane || v.Class != reminders.AttemptUnsent {
			t.Errorf("after %q: %+v, want %v", after, v, want)
		}
		s.status, s.header, s.answer = http.StatusOK, nil, methods["auth.test"].answer
		if v := methods["auth.test"].call(t.Context(), s.Slack); v.Class != reminders.AttemptAccepted {
			t.Errorf("after %q another method: %+v", after, v)
		}
		s.answer, s.present = lookup.answer, at.Add(want-time.Millisecond)
		if v := lookup.call(t.Context(), s.Slack); v.Wait != time.Millisecond || s.calls != 2 {
			t.Errorf("after %q, before the time: %+v, %d calls", after, v, s.calls)
		}
		s.present = at.Add(want)
		if v := lookup.call(t.Context(), s.Slack); v.Class != reminders.AttemptAccepted {
			t.Errorf("after %q, when the time has come: %+v", after, v)
		}
	}
}

// A clock that was an hour ahead when Slack asked to wait keeps nobody waiting for longer than an hour.
func TestAWaitOfAWrongClockEnds(t *testing.T) {
	s := says(t)
	s.status, s.header, s.present = http.StatusTooManyRequests, map[string]string{"Retry-After": "3600"}, at.Add(25*time.Hour)
	methods["auth.test"].call(t.Context(), s.Slack)
	s.status, s.header, s.answer, s.present = http.StatusOK, nil, methods["auth.test"].answer, at
	if v := methods["auth.test"].call(t.Context(), s.Slack); v.Class != reminders.AttemptAccepted {
		t.Errorf("%+v", v)
	}
}

// Socket Mode is opened at Slack's own hosts alone: whoever is at the other end is believed.
func TestSocketModeGoesToSlackAlone(t *testing.T) {
	for address, slacks := range map[string]bool{
		"https://wss-primary.slack.com/link/?ticket=1": true, "https://wss.slack-gov.com/link/": true, "http://127.0.0.1:7777/link/": true,
		"http://wss-primary.slack.com/link/": false, "https://slack.com.elsewhere.test/": false, "https://evilslack.com/": false,
		"https://127.0.0.1:7777/": false, "http://127.0.0.1:7778/": false, "https://user@wss-primary.slack.com/": false,
	} {
		s := &Slack{URL: "http://127.0.0.1:7777/api/", Dialer: &websocket.Dialer{}}
		if _, err := s.dialer().Proxy(httptest.NewRequest(http.MethodGet, address, nil)); (err == nil) != slacks {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Slack does not answer at the address that it gave for answers. Whoever knows such an address can speak in our place, so the error, which
// is logged, does not have it.
func TestALostAnswerTellsNoAddress(t *testing.T) {
	s := says(t)
	s.Client = &http.Client{Transport: cutOff{}}
	err := s.Say(t.Context(), "https://hooks.slack.com/actions/T1/12/s3cret", "done")
	if !errors.Is(err, ErrLost) || !errors.Is(err, errCutOff) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("it says %v", err)
	}
}

var errCutOff = errors.New("cut off")

// cutOff is a way to others on which nothing arrives.
type cutOff struct{}

func (cutOff) RoundTrip(*http.Request) (*http.Response, error) { return nil, errCutOff }
