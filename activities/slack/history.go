package slack

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// A Search looks for a message of ours in a channel.
type Search struct {
	Token   string
	Bot     string // our app's user in the workspace; empty: that is not known
	Channel string
	Thread  string // of the channel, in which the message would stand; empty: in none
	Key     string // of the message
	Since   time.Time
	Turn    func(context.Context) error // waits until another page may be asked for; nil: at once
}

// maxHistory is how many pages of a channel are looked through for one message: what is longer is not read to its end.
const maxHistory = 25

// Find looks for a message of ours by its key, over all pages of its channel or of its thread. It returns the ts, which is empty when the
// message was not found. The verdict is accepted only when it was found or the search was complete: every page was there, readable, and led
// to the next or said that it was the last. It is unreadable when Slack answered and the answers are no complete search, refused when the
// channel cannot be read at all, and unsent or ambiguous when it could not be read now.
func (s *Slack) Find(ctx context.Context, look Search) (ts string, v reminders.Verdict) {
	bare, cursor := false, ""
	seen := map[string]bool{}
	for range maxHistory {
		page, v := s.page(ctx, look, cursor)
		if v.Class != reminders.AttemptAccepted {
			return "", v
		}
		ts, odd := among(page.Messages, look)
		if ts != "" {
			return ts, v
		}
		bare = bare || odd
		cursor = page.ResponseMetaData.NextCursor
		switch {
		case page.Messages == nil:
			return "", unreadable("Slack's history has no messages in it")
		case cursor == "" && page.HasMore:
			return "", unreadable("Slack's history goes on, and does not say where")
		case cursor == "" && bare:
			return "", unreadable("Slack's history does not say which messages of ours are in it")
		case cursor == "":
			return "", v
		case seen[cursor]:
			return "", unreadable("Slack's history leads in a circle")
		}
		seen[cursor] = true
		if look.Turn != nil {
			if err := look.Turn(ctx); err != nil {
				return "", reminders.Verdict{Class: reminders.AttemptUnsent, Reason: "there was no time to look through the channel"}
			}
		}
	}
	return "", unreadable("the channel has too many messages to look through")
}

// among returns the ts of the message that is looked for, where it is among some, and whether one of ours among them does not say which it
// is: it may be the one.
func among(all []slack.Message, look Search) (ts string, bare bool) {
	for _, m := range all {
		key, named := m.Metadata.EventPayload["k"].(string)
		switch {
		case m.Metadata.EventType == metadataType && named && key == look.Key:
			return m.Timestamp, false
		case m.Metadata.EventType == metadataType && !named, look.Bot != "" && m.User == look.Bot && m.Metadata.EventType == "":
			bare = true
		}
	}
	return "", bare
}

// unreadable is the verdict on a history that was answered and is no complete search: nobody can tell from it that something is absent.
func unreadable(why string) reminders.Verdict {
	return reminders.Verdict{Class: reminders.AttemptUnreadable, Status: http.StatusOK, Reason: why}
}

// pageSize is how many messages of a channel, or of a thread, are asked for at a time.
const pageSize = 200

// page asks for one page of history, or of a thread. An answer that is no JSON, or none of Slack's, is unreadable: it was answered, and
// says nothing.
func (s *Slack) page(ctx context.Context, look Search, cursor string) (page *slack.GetConversationHistoryResponse, v reminders.Verdict) {
	method, read := "conversations.history", s.history
	if look.Thread != "" {
		method, read = "conversations.replies", s.replies
	}
	odd := ""
	v = s.ask(ctx, look.Token, method, func(ctx context.Context, x *exchange) (err error) {
		page, err = read(ctx, x, look, cursor)
		err = after(err, func() error { return readable(page) })
		switch ok := x.said.OK; {
		case x.status != http.StatusOK:
		case ok == nil && !x.json || ok != nil && *ok && err != nil:
			odd = "Slack's history cannot be read"
		case ok == nil || !*ok && x.said.Error == "":
			odd = "Slack's history says nothing"
		}
		return err
	})
	if odd != "" {
		return nil, unreadable(odd)
	}
	return page, v
}

// oldest is from when on messages are looked at, as Slack takes it.
func (look Search) oldest() string {
	return fmt.Sprintf("%d.%06d", look.Since.Unix(), look.Since.Nanosecond()/1000)
}

// history asks for a page of a channel.
func (s *Slack) history(ctx context.Context, x *exchange, look Search, cursor string) (*slack.GetConversationHistoryResponse, error) {
	return x.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: look.Channel, Inclusive: true,
		Limit: pageSize, IncludeAllMetadata: true, Oldest: look.oldest(), Cursor: cursor})
}

// replies asks for a page of a thread.
func (s *Slack) replies(ctx context.Context, x *exchange, look Search, cursor string) (*slack.GetConversationHistoryResponse, error) {
	page := &slack.GetConversationHistoryResponse{}
	var err error
	page.Messages, page.HasMore, page.ResponseMetaData.NextCursor, err = x.api.GetConversationRepliesContext(ctx,
		&slack.GetConversationRepliesParameters{ChannelID: look.Channel, Timestamp: look.Thread, Inclusive: true, Limit: pageSize,
			IncludeAllMetadata: true, Oldest: look.oldest(), Cursor: cursor})
	return page, err
}
