package activities

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
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

func (s *Slack) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return 10 * time.Second
}

func (s *Slack) client() *http.Client {
	if s.Client != nil {
		return s.Client
	}
	return &http.Client{Timeout: s.timeout()}
}

func (s *Slack) url() string {
	if s.URL != "" {
		return s.URL
	}
	return SlackURL
}

// with returns a client for a token.
func (s *Slack) with(token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(s.url()), slack.OptionHTTPClient(s.client()))
}

// watched bounds a call in time and notes whether any of it left this machine.
func (s *Slack) watched(ctx context.Context) (context.Context, context.CancelFunc, *atomic.Bool) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	wrote := &atomic.Bool{}
	trace := &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }}
	return httptrace.WithClientTrace(ctx, trace), cancel, wrote
}

// metadataType marks our messages; its payload holds nothing but the delivery's id.
const metadataType = "tickmark_delivery"

// post sends a message to a channel once. It returns the message's ts; a success without one is none (slack-and-reliability.md 0.4).
func (s *Slack) post(ctx context.Context, token, channel, key string, attempt int, r rendered) (ts string, v verdict) {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	_, ts, err := s.with(token).PostMessageContext(ctx, channel, slack.MsgOptionText(r.text, false), slack.MsgOptionBlocks(r.blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"k": key, "n": attempt}}))
	v = ofSlack(err, wrote.Load())
	if err == nil && ts == "" {
		v = verdict{class: reminders.AttemptAmbiguous, status: http.StatusOK, reason: "Slack's answer says nothing", lane: true}
	}
	return ts, v
}

// update changes a message where it stands.
func (s *Slack) update(ctx context.Context, token, channel, ts string, r rendered) verdict {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	_, _, _, err := s.with(token).UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText(r.text, false), slack.MsgOptionBlocks(r.blocks...))
	return ofSlack(err, wrote.Load())
}

// maxHistory is how many pages of a channel are looked through for one message.
const maxHistory = 200

// find looks for a message of ours in a channel by its key, from an instant on, over all pages. It returns the ts, which is empty when
// the message is not there; the verdict is refused when the channel cannot be read at all.
func (s *Slack) find(ctx context.Context, token, channel, key string, since time.Time) (ts string, v verdict) {
	oldest := fmt.Sprintf("%d.%06d", since.Unix(), since.Nanosecond()/1000)
	cursor := ""
	for range maxHistory {
		page, v := s.page(ctx, token, &slack.GetConversationHistoryParameters{ChannelID: channel, Oldest: oldest, Inclusive: true, Limit: 200, Cursor: cursor, IncludeAllMetadata: true})
		if v.class != reminders.AttemptAccepted {
			return "", v
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["k"] == key {
				return m.Timestamp, v
			}
		}
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" {
			return "", v
		}
	}
	return "", verdict{class: reminders.AttemptRefused, reason: "the channel has too many messages to look through"}
}

func (s *Slack) page(ctx context.Context, token string, p *slack.GetConversationHistoryParameters) (*slack.GetConversationHistoryResponse, verdict) {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	page, err := s.with(token).GetConversationHistoryContext(ctx, p)
	return page, ofSlack(err, wrote.Load())
}

// open returns the channel of somebody's direct messages.
func (s *Slack) open(ctx context.Context, token, user string) (string, verdict) {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	c, _, _, err := s.with(token).OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	v := ofSlack(err, wrote.Load())
	if v.class == reminders.AttemptAmbiguous {
		v.class = reminders.AttemptUnsent // to open a conversation twice is to open it once
	}
	if err != nil {
		return "", v
	}
	return c.ID, v
}

// lookup returns the account that has an address, if there is one.
func (s *Slack) lookup(ctx context.Context, token, email string) (*slack.User, verdict) {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	u, err := s.with(token).GetUserByEmailContext(ctx, email)
	return u, ofSlack(err, wrote.Load())
}
