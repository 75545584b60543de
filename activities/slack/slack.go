// Package slack is Slack's wire: the client, blocks, modals and what an answer of Slack's means.
package slack

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// A Slack speaks to Slack's Web API. It never repeats a call by itself: who does not know whether a message was taken asks first.
type Slack struct {
	URL     string        // of the API, ending in a slash; Slack's own when empty
	Timeout time.Duration // of one call; 10 s when 0
	Client  *http.Client  // http.DefaultClient's transport when nil
}

// SlackURL is the Web API of Slack itself.
const SlackURL = "https://slack.com/api/"

func (s *Slack) deadline() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return 10 * time.Second
}

func (s *Slack) client() *http.Client {
	if s.Client != nil {
		return s.Client
	}
	return &http.Client{Timeout: s.deadline()}
}

func (s *Slack) BaseURL() string {
	if s.URL != "" {
		return s.URL
	}
	return SlackURL
}

// With returns a client for a token.
func (s *Slack) With(token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(s.BaseURL()), slack.OptionHTTPClient(s.client()))
}

// Watched bounds a call in time and notes whether any of it left this machine.
func (s *Slack) Watched(ctx context.Context) (context.Context, context.CancelFunc, *atomic.Bool) {
	ctx, cancel := context.WithTimeout(ctx, s.deadline())
	wrote := &atomic.Bool{}
	trace := &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }}
	return httptrace.WithClientTrace(ctx, trace), cancel, wrote
}

// metadataType marks our messages; its payload holds nothing but the delivery's id.
const metadataType = "tickmark_delivery"

// Post sends a message to a channel once. It returns the message's ts; a success without one is none (slack-and-reliability.md 0.4).
func (s *Slack) Post(ctx context.Context, token, channel, key string, attempt int, r rendered) (ts string, v reminders.Verdict) {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	_, ts, err := s.With(token).PostMessageContext(ctx, channel, slack.MsgOptionText(r.Text, false), slack.MsgOptionBlocks(r.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"k": key, "n": attempt}}))
	v = OfSlack(err, wrote.Load())
	if err == nil && ts == "" {
		v = says(reminders.AttemptAmbiguous)
	}
	return ts, v
}

// Update changes a message where it stands.
func (s *Slack) Update(ctx context.Context, token, channel, ts string, r rendered) reminders.Verdict {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	_, _, _, err := s.With(token).UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText(r.Text, false),
		slack.MsgOptionBlocks(r.Blocks...))
	return OfSlack(err, wrote.Load())
}

// Open returns the channel of somebody's direct messages.
func (s *Slack) Open(ctx context.Context, token, user string) (string, reminders.Verdict) {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	c, _, _, err := s.With(token).OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	v := OfSlack(err, wrote.Load())
	if v.Class == reminders.AttemptAmbiguous {
		v.Class = reminders.AttemptUnsent // to open a conversation twice is to open it once
	}
	switch {
	case err != nil:
		return "", v
	case c == nil || c.ID == "":
		return "", says(reminders.AttemptUnsent)
	}
	return c.ID, v
}

// says is the verdict on an answer that calls itself right and lacks what was asked for: it is not Slack's, and the call is made again
// later.
func says(class reminders.AttemptClass) reminders.Verdict {
	return reminders.Verdict{Class: class, Status: http.StatusOK, Reason: "Slack's answer says nothing", Lane: true}
}

// Lookup returns the account that has an address, nil if there is none. An account with another address is not believed: it is none.
func (s *Slack) Lookup(ctx context.Context, token, email string) (*slack.User, reminders.Verdict) {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	u, err := s.With(token).GetUserByEmailContext(ctx, email)
	v := OfSlack(err, wrote.Load())
	switch {
	case err != nil:
		return nil, v
	case u == nil || u.ID == "":
		return nil, says(reminders.AttemptAmbiguous)
	case !strings.EqualFold(u.Profile.Email, email):
		return nil, v
	}
	return u, v
}

// answers reports whether an address is one at which Slack takes answers.
func (s *Slack) answers(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "https" && u.Host == "hooks.slack.com" {
		return true
	}
	own, err := url.Parse(s.URL)
	return err == nil && s.URL != "" && u.Scheme == own.Scheme && u.Host == own.Host // a Slack of our own, in tests and the sandbox
}

// Scopes are what the app may do in a workspace, and nothing beyond (deploy/slack/manifest.yaml).
var Scopes = []string{"chat:write", "commands", "im:write", "im:history", "users:read", "users:read.email", "channels:history",
	"channels:read", "groups:history", "groups:read"}
