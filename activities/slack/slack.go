// Package slack is Slack's wire: the client, blocks, modals and what an answer of Slack's means.
package slack

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// A Slack speaks to Slack's Web API. It never repeats a call by itself: who does not know whether a message was taken asks first. Where
// Slack has asked to wait with a method, that method is not called before: others are.
type Slack struct {
	URL     string            // of the API, ending in a slash; Slack's own when empty
	Timeout time.Duration     // of one call; 10 s when 0
	Client  *http.Client      // by which every call goes: it follows no redirects and bounds answers
	Dialer  *websocket.Dialer // by which Socket Mode connects
	Real    func() time.Time  // the machine's, by which Slack is waited for
	Most    time.Duration     // for how long Slack is waited for at most, whatever it asks for; an hour when 0

	waits sync.Map // asking -> time.Time: until when a method is not to be called
}

// SlackURL is the Web API of Slack itself.
const SlackURL = "https://slack.com/api/"

func (s *Slack) deadline() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return 10 * time.Second
}

func (s *Slack) most() time.Duration {
	if s.Most > 0 {
		return s.Most
	}
	return time.Hour
}

func (s *Slack) BaseURL() string {
	if s.URL != "" {
		return s.URL
	}
	return SlackURL
}

// metadataType marks our messages; its payload holds nothing but the delivery's id.
const metadataType = "tickmark_delivery"

// Post sends a message to a channel once, into its thread where it has one, and returns the message's ts.
func (s *Slack) Post(ctx context.Context, token, channel, key string, attempt int, r rendered) (ts string, v reminders.Verdict) {
	options := []slack.MsgOption{slack.MsgOptionText(r.Text, false), slack.MsgOptionBlocks(r.Blocks...), slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"k": key, "n": attempt}})}
	if r.thread != "" {
		options = append(options, slack.MsgOptionTS(r.thread))
	}
	v = s.ask(ctx, token, methodPost, func(ctx context.Context, x *exchange) (err error) {
		var at string
		at, ts, err = x.api.PostMessageContext(ctx, channel, options...)
		return after(err, func() error { return posted(channel, at, ts) })
	})
	if v.Class != reminders.AttemptAccepted {
		return "", v
	}
	return ts, v
}

// Update changes a message where it stands.
func (s *Slack) Update(ctx context.Context, token, channel, ts string, r rendered) reminders.Verdict {
	return s.ask(ctx, token, "chat.update", func(ctx context.Context, x *exchange) error {
		at, when, _, err := x.api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText(r.Text, false), slack.MsgOptionBlocks(r.Blocks...))
		return after(err, func() error { return edited(channel, ts, at, when) })
	})
}

// Open returns the channel of somebody's direct messages. The verdict is never ambiguous: to open them twice is to open them once.
func (s *Slack) Open(ctx context.Context, token, user string) (channel string, v reminders.Verdict) {
	v = s.ask(ctx, token, "conversations.open", func(ctx context.Context, x *exchange) error {
		c, _, _, err := x.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
		return after(err, func() (err error) { channel, err = opened(user, c); return err })
	})
	if v.Class != reminders.AttemptAccepted {
		return "", again(v)
	}
	return channel, v
}

// Lookup returns the account that Slack has for an address; nil when it has none. Whether the account is to be believed is for whoever
// asks: it may have another address. The verdict is never ambiguous.
func (s *Slack) Lookup(ctx context.Context, token, email string) (*Account, reminders.Verdict) {
	var found *Account
	v := s.ask(ctx, token, "users.lookupByEmail", func(ctx context.Context, x *exchange) error {
		u, err := x.api.GetUserByEmailContext(ctx, email)
		return after(err, func() (err error) { found, err = looked(u); return err })
	})
	return orNone(found, v)
}

// Account returns what Slack says of an account; nil when it says that there is none. It may have another id by now. The verdict is never
// ambiguous.
func (s *Slack) Account(ctx context.Context, token, user string) (*Account, reminders.Verdict) {
	var found *Account
	v := s.ask(ctx, token, "users.info", func(ctx context.Context, x *exchange) error {
		u, err := x.api.GetUserInfoContext(ctx, user)
		return after(err, func() (err error) { found, err = described(u); return err })
	})
	return orNone(found, v)
}

// orNone is what came of asking for an account: that there is none is an answer as good as any.
func orNone(found *Account, v reminders.Verdict) (*Account, reminders.Verdict) {
	if v.Class == reminders.AttemptAccepted {
		return found, v
	}
	if v.Class == reminders.AttemptRefused && v.Unbound {
		v.Class = reminders.AttemptAccepted
	}
	return nil, again(v)
}

// WhoAmI returns whose a bot token is. The verdict is Disconnected when Slack does not take the token, and never ambiguous.
func (s *Slack) WhoAmI(ctx context.Context, token string) (who reminders.SlackIdentity, v reminders.Verdict) {
	v = s.ask(ctx, token, "auth.test", func(ctx context.Context, x *exchange) error {
		r, err := x.api.AuthTestContext(ctx)
		return after(err, func() (err error) { who, err = whose(r); return err })
	})
	return who, again(v)
}

// again is a verdict on a call that may be made twice: what has no answer was not made.
func again(v reminders.Verdict) reminders.Verdict {
	if v.Class == reminders.AttemptAmbiguous {
		v.Class = reminders.AttemptUnsent
	}
	return v
}

// belongs reports whether an address is Slack's: of a scheme, at a host that slacks knows. A Slack of our own, in tests and the sandbox, is
// at its own host.
func (s *Slack) belongs(u *url.URL, scheme string, slacks func(host string) bool) bool {
	if u.User != nil {
		return false
	}
	if u.Scheme == scheme && slacks(u.Host) {
		return true
	}
	own, err := url.Parse(s.URL)
	return err == nil && s.URL != "" && u.Scheme == own.Scheme && u.Host == own.Host
}

// Scopes are what the app may do in a workspace, and nothing beyond (deploy/slack/manifest.yaml).
var Scopes = []string{"chat:write", "commands", "im:write", "im:history", "users:read", "users:read.email", "channels:history",
	"channels:read", "groups:history", "groups:read"}

// Events are what the app is told of that happens in a workspace, and nothing beyond (deploy/slack/manifest.yaml).
var Events = []string{"app_home_opened", "app_uninstalled", "channel_id_changed", "message.im", "team_join", "tokens_revoked",
	"user_change"}
