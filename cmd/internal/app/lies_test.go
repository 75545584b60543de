package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A reader counts how much of each answer is read.
type reader struct {
	next http.RoundTripper
	mu   sync.Mutex
	most int64 // of one answer
}

func (r *reader) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err == nil {
		res.Body = &counted{ReadCloser: res.Body, by: r}
	}
	return res, err
}

type counted struct {
	io.ReadCloser
	by *reader
	n  int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	c.by.mu.Lock()
	c.by.most = max(c.by.most, c.n)
	c.by.mu.Unlock()
	return n, err
}

// careful lets a town's Slack be called as the product calls it, and counts what is read.
func careful(t *testing.T, s *wire.Slack) *reader {
	t.Helper()
	client := outgoing()
	t.Cleanup(client.CloseIdleConnections)
	r := &reader{next: client.Transport.(bounded).next}
	client.Transport = bounded{r}
	s.Client, s.Dialer = client, dialer()
	return r
}

// unharmed holds what must be true after any lie: nobody but Slack was told anything, and no more of an answer was read than may be.
func (r *reader) unharmed(t *testing.T, s *slackfake.Slack) {
	t.Helper()
	if heard := s.Strayed(); len(heard) > 0 {
		t.Errorf("a stranger was told %q", heard)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.most > maxAnswer+1 {
		t.Errorf("%d bytes of one answer were read", r.most)
	}
}

// calls are the calls of Slack that the product makes, by their method, each of which says what came of it.
var calls = map[string]func(ctx context.Context, s *wire.Slack, token, channel string) reminders.AttemptClass{
	"chat.postMessage": func(ctx context.Context, s *wire.Slack, token, channel string) reminders.AttemptClass {
		_, v := s.Post(ctx, token, channel, "key", 1, wire.Render(reminders.Message{Subject: "a secret", Intro: "a secret"}))
		return v.Class
	},
	"chat.update": func(ctx context.Context, s *wire.Slack, token, channel string) reminders.AttemptClass {
		return s.Update(ctx, token, channel, "1700000000.000300", wire.Render(reminders.Message{Subject: "a secret"})).Class
	},
	"conversations.history": func(ctx context.Context, s *wire.Slack, token, channel string) reminders.AttemptClass {
		_, v := s.Find(ctx, wire.Search{Token: token, Channel: channel, Key: "key", Since: time.Unix(1700000000, 0)})
		return v.Class
	},
	"conversations.replies": func(ctx context.Context, s *wire.Slack, token, channel string) reminders.AttemptClass {
		_, v := s.Find(ctx, wire.Search{Token: token, Channel: channel, Thread: "1700000000.000100", Key: "key", Since: time.Unix(1700000000, 0)})
		return v.Class
	},
	"conversations.open": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		_, v := s.Open(ctx, token, town.UserOf("olga"))
		return v.Class
	},
	"users.lookupByEmail": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		_, v := s.Lookup(ctx, token, "olga@northgate.test")
		return v.Class
	},
	"users.info": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		_, v := s.Account(ctx, token, town.UserOf("olga"))
		return v.Class
	},
	"auth.test": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		_, v := s.WhoAmI(ctx, token)
		return v.Class
	},
	"views.open": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		return s.OpenForm(ctx, token, "trigger", engagement.Form{Title: "a secret", Submit: "Send"}, nil).Class
	},
	"views.update": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		s.Note(ctx, token, "V1", "a secret", "a secret") // nobody waits for what comes of it
		return reminders.AttemptAmbiguous
	},
	"views.publish": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		s.Publish(ctx, token, town.UserOf("olga"), wire.Home{News: "a secret", Message: reminders.Message{Intro: "a secret"}}) // likewise
		return reminders.AttemptAmbiguous
	},
	"oauth.v2.access": func(ctx context.Context, s *wire.Slack, _, _ string) reminders.AttemptClass {
		got, err := s.Exchange(ctx, "12345.67890", "abcdefabcdefabcdef", "code", "https://tickmark.test/back")
		if err == nil || got != (wire.Installation{}) {
			return reminders.AttemptAccepted
		}
		return reminders.AttemptAmbiguous
	},
	"apps.connections.open": func(ctx context.Context, s *wire.Slack, token, _ string) reminders.AttemptClass {
		ctx, leave := context.WithCancel(ctx)
		defer leave()
		watched := *s.Client
		watched.Transport = leaving{s.Client.Transport, leave}
		one := &wire.Slack{URL: s.URL, Timeout: s.Timeout, Client: &watched, Dialer: s.Dialer, Real: s.Real}
		_ = one.Listen(ctx, token, "xapp-1234567890", slog.New(slog.DiscardHandler), func(string, string) (any, error) { return nil, nil })
		return reminders.AttemptAmbiguous
	},
}

// leaving ends a connection that is tried again and again once its first answer is there.
type leaving struct {
	next  http.RoundTripper
	leave func()
}

func (l leaving) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(req)
	if err == nil {
		text, readErr := io.ReadAll(res.Body)
		_ = res.Body.Close()
		res.Body = io.NopCloser(strings.NewReader(string(text)))
		if err = readErr; err != nil {
			res = nil
		}
	}
	l.leave()
	return res, err
}

// whole are the lies that are whole answers, to another call: who made the call compares them with what was asked, and believes nothing.
var whole = map[string]bool{"auth.test": true, "users.lookupByEmail": true, "users.info": true, "views.open": true}

// Law: over all methods and all lies, no answer that is not Slack's is taken for Slack's word, neither for a yes nor for a no; the token
// and the message go to nobody else, and no more than four MiB of an answer are read.
func TestNoLieIsBelieved(t *testing.T) {
	w := town.OnSQLite(t)
	read := careful(t, w.Post.Slack)
	token := w.Token("northgate")
	for method, call := range calls {
		for _, kind := range append([]slackfake.FaultKind{slackfake.FaultHTML, slackfake.FaultEmpty, slackfake.FaultTruncated,
			slackfake.FaultDrop}, slackfake.Lies...) {
			w.Slack.ClearFaults()
			w.Slack.AddFaults(slackfake.Fault{Method: method, Kind: kind})
			met := w.Slack.FaultsHit()[kind]
			got := call(t.Context(), w.Post.Slack, token, "D0123456789")
			want := kind == slackfake.FaultSwapped && whole[method]
			if (got == reminders.AttemptAccepted) != want || got == reminders.AttemptRefused {
				t.Errorf("%s answered with %s: %s", method, kind, got)
			}
			if w.Slack.FaultsHit()[kind] == met {
				t.Errorf("%s was not answered with %s", method, kind)
			}
			w.PassFor(2 * time.Hour) // whatever Slack asked to wait is over
		}
	}
	read.unharmed(t, w.Slack)
	if w.Slack.Poured() < 4<<20 {
		t.Errorf("only %d bytes were written", w.Slack.Poured())
	}
}

// unlikely is what has to go wrong before a method is called at all.
var unlikely = map[string][]slackfake.Fault{
	"chat.postMessage":      nil,
	"conversations.open":    nil,
	"conversations.history": {{Method: "chat.postMessage", Kind: slackfake.FaultExecuteThenDrop}},
	"auth.test":             {{Method: "chat.postMessage", Kind: slackfake.FaultError, Error: "invalid_auth"}},
	"users.info":            {{Method: "conversations.open", Kind: slackfake.FaultError, Error: "user_not_found"}},
	"users.lookupByEmail": {{Method: "conversations.open", Kind: slackfake.FaultError, Error: "user_not_found"},
		{Method: "users.info", Kind: slackfake.FaultError, Error: "user_not_found"}},
	"chat.update": nil,
}

// suspicions are Slack's own words, said once, by which somebody would be given up.
var suspicions = []string{"invalid_auth", "token_revoked", "account_inactive", "not_authed", "channel_not_found", "user_not_found",
	"user_disabled", "cannot_dm_bot", "not_in_channel", "is_archived"}

// Law: a lie, or a refusal that is no more than a suspicion, told once and of whatever method, cuts nobody off: Olga has her message of the
// day once, the ledger says so, her account and the workspace are what they were, and what she has done is crossed out in the end.
func TestOneLieCutsNobodyOff(t *testing.T) {
	lies := map[string]slackfake.Fault{}
	for _, kind := range slackfake.Lies {
		lies[string(kind)] = slackfake.Fault{Kind: kind}
	}
	for _, word := range suspicions {
		lies[word] = slackfake.Fault{Kind: slackfake.FaultError, Error: word}
	}
	for method, before := range unlikely {
		for name, lie := range lies {
			if lie.Kind == slackfake.FaultError && (len(before) > 0 || method == "chat.update") {
				continue // said twice it is a suspicion no more; a message that cannot be edited is one of long ago
			}
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				oneLie(t, method, lie, before)
			})
		}
	}
}

func oneLie(t *testing.T, method string, lie slackfake.Fault, before []slackfake.Fault) {
	w := town.OnSQLite(t)
	read := careful(t, w.Post.Slack)
	id := w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-13", 10)
	for _, f := range append([]slackfake.Fault{lie}, before...) {
		if f.Method == "" {
			f.Method = method
		}
		f.Team, f.Nth, f.Times = "TNORTHGATE", 1, 1
		w.Slack.AddFaults(f)
	}
	w.Settle()
	got, said := w.SlackOf("olga"), w.Said("olga")
	if len(got) != 1 || len(said) != 1 || said[0].Status != reminders.DeliverySent || said[0].Receipt != got[0].TS {
		t.Errorf("Olga has %d messages, and the ledger says\n%s", len(got), w.Ledger())
	}
	w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{id}})
	for range 4 {
		w.Sweep()
		w.PassFor(61 * time.Minute)
	}
	if got = w.SlackOf("olga"); len(got) != 1 || got[0].Edits == 0 {
		t.Errorf("what she has done is not crossed out: %+v", got)
	}
	if w.Slack.FaultsHit()[lie.Kind] == 0 {
		t.Error("the lie was never told")
	}
	b, err := w.Store.Bindings(t.Context(), "olga")
	town.Check(t, err)
	if len(b) != 1 || b[0].State != reminders.BindingConfirmed || b[0].User != town.UserOf("olga") {
		t.Errorf("her account: %+v", b)
	}
	ws, err := w.Store.Workspace(t.Context(), "northgate")
	town.Check(t, err)
	if ws.State != reminders.WorkspaceActive {
		t.Errorf("the workspace is %s: %s", ws.State, ws.Reason)
	}
	read.unharmed(t, w.Slack)
}
