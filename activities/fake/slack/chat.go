package slackfake

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// What a message may hold.
const (
	maxText     = 40_000 // of a new message: more is cut off
	maxEditText = 4_000  // of a changed one: more is refused
	maxMetadata = 8 << 10
)

// A wireMessage is a message as Slack tells of it.
type wireMessage struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype,omitempty"`
	User        string          `json:"user,omitempty"`
	BotID       string          `json:"bot_id,omitempty"`
	AppID       string          `json:"app_id,omitempty"`
	Team        string          `json:"team"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	ParentUser  string          `json:"parent_user_id,omitempty"`
	ReplyCount  int             `json:"reply_count,omitempty"`
	LatestReply string          `json:"latest_reply,omitempty"`
	ClientMsgID string          `json:"client_msg_id,omitempty"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Metadata    *Metadata       `json:"metadata,omitempty"`
	Edited      *edited         `json:"edited,omitempty"`
}

type edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// wire is how a message is told of, with all of its metadata or only their type. The caller holds s.mu, or the room is nil.
func wire(m *Message, in *room, all bool) wireMessage {
	w := wireMessage{Type: "message", User: m.User, BotID: m.Bot, AppID: m.App, Team: m.Team, Text: m.Text, TS: m.TS, ThreadTS: m.ThreadTS,
		ClientMsgID: m.ClientMsgID,
		Blocks:      m.Blocks, Metadata: m.Metadata}
	if m.Metadata != nil && !all {
		w.Metadata = &Metadata{EventType: m.Metadata.EventType}
	}
	if m.Edits > 0 && len(m.Blocks) == 0 { // Slack shows it only of messages without blocks
		w.Edited = &edited{m.User, stamp(m.EditedAt)}
	}
	if in == nil {
		return w
	}
	if replies := in.replies[m.TS]; len(replies) > 0 {
		w.ThreadTS, w.ReplyCount, w.LatestReply = m.TS, len(replies), replies[len(replies)-1]
	}
	if parent := in.message(m.ThreadTS); m.isReply() && parent != nil {
		w.ParentUser = parent.User
		if m.Broadcast {
			w.Subtype = "thread_broadcast"
		}
	}
	return w
}

// shown is a message in a page of history.
func (s *Slack) shown(r *request, in *room, m *Message) wireMessage {
	return wire(m, in, r.yes("include_all_metadata"))
}

// A draft is what a call wants a message to say.
type draft struct {
	text      string
	hasText   bool
	blocks    json.RawMessage // with an id for each
	hasBlocks bool
	metadata  *Metadata
	hasMeta   bool
}

// draft reads a message from the arguments of a call, and refuses what Slack would.
func (r *request) draft() (d draft, err error) {
	d.text = r.args["text"]
	d.hasText, d.hasBlocks, d.hasMeta = d.text != "", r.args["blocks"] != "", r.args["metadata"] != ""
	if d.hasBlocks {
		if d.blocks, err = checkMessageBlocks([]byte(r.args["blocks"])); err != nil {
			return d, err
		}
	}
	if d.hasMeta {
		if d.metadata, err = readMetadata(r.args["metadata"]); err != nil {
			return d, err
		}
	}
	takesAway := d.hasBlocks && r.method == "chat.update" // blocks may be taken away
	if !d.hasText && len(d.blocks) == 0 && r.args["attachments"] == "" && !takesAway {
		return d, refuse("no_text")
	}
	return d, nil
}

// readMetadata reads what an app notes on a message; {} is nothing.
func readMetadata(raw string) (*Metadata, error) {
	if len(raw) > maxMetadata {
		return nil, refuse("metadata_too_large")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &fields); err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if len(fields) == 0 {
		return nil, nil
	}
	var m Metadata
	if err := json.Unmarshal([]byte(raw), &m); err != nil || m.EventType == "" || m.EventPayload == nil {
		return nil, refuse("invalid_metadata_format")
	}
	return &m, nil
}

func (s *Slack) chatPost(r *request) (reply, error) {
	d, err := r.draft()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.target(r)
	if err != nil {
		return nil, err
	}
	m := s.posted(r, in, d)
	if thread := r.args["thread_ts"]; thread != "" && in.message(thread) != nil { // else it stands by itself, as in Slack
		m.ThreadTS, m.Broadcast = thread, r.yes("reply_broadcast")
		if parent := in.message(thread); parent.isReply() {
			m.ThreadTS = parent.ThreadTS
		}
	}
	if err := s.put(m); err != nil {
		return nil, err
	}
	return reply{"channel": in.ID, "ts": m.TS, "message": wire(m, in, true)}, nil
}

// posted is a new message of the bot. The caller holds s.mu.
func (s *Slack) posted(r *request, in *room, d draft) *Message {
	return &Message{Team: r.ws.Team, Channel: in.ID, TS: in.next(r.now), User: r.ws.BotUser, Bot: r.ws.Bot, App: r.ws.App,
		Text: cut(d.text, maxText), Blocks: d.blocks,
		Metadata: d.metadata, ClientMsgID: r.args["client_msg_id"], PostedAt: r.now.UTC(), Unfurl: r.args["unfurl_links"] != "false" ||
			r.args["unfurl_media"] != "false"}
}

// target returns the room a message goes to: a channel by its id or name, or the direct messages of a user. The caller holds s.mu.
func (s *Slack) target(r *request) (*room, error) {
	to := r.args["channel"]
	if s.world.users[userKey{r.ws.Team, to}] != nil {
		c, _, err := s.directWith(r, []string{to})
		if err != nil {
			return nil, err
		}
		return s.world.rooms[c.ID], nil
	}
	in := s.world.see(r.ws.Team, to)
	if in == nil {
		in = s.world.see(r.ws.Team, s.world.names[userKey{r.ws.Team, strings.TrimPrefix(to, "#")}])
	}
	if in == nil {
		return nil, refuse("channel_not_found")
	}
	return in, s.writable(r, in)
}

// writable refuses a message of the bot to a channel that takes none. The caller holds s.mu.
func (s *Slack) writable(r *request, in *room) error {
	member := in.has(r.ws.BotUser)
	switch {
	case in.IsIM && !member, in.IsMPIM && !member, in.IsPrivate && !member:
		return refuse("channel_not_found")
	case in.IsArchived:
		return refuse("is_archived")
	case in.IsIM:
		return s.reachable(r, in.Members[0], false)
	case !member && (r.needs("chat:write.public") != nil || in.Team != r.ws.Team):
		return refuse("not_in_channel")
	}
	return nil
}

func (s *Slack) chatEphemeral(r *request) (reply, error) {
	d, err := r.draft()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.target(r)
	if err != nil {
		return nil, err
	}
	if !in.has(r.args["user"]) {
		return nil, refuse("user_not_in_channel")
	}
	e := &Ephemeral{Team: r.ws.Team, Channel: in.ID, User: r.args["user"], TS: in.next(r.now), Text: cut(d.text, maxText), Blocks: d.blocks}
	if err := s.put(e); err != nil {
		return nil, err
	}
	return reply{"message_ts": e.TS}, nil
}

// own returns a message of the bot that a call is about. The caller holds s.mu.
func (s *Slack) own(r *request, notOwn string) (*room, *Message, error) {
	in := s.world.see(r.ws.Team, r.args["channel"])
	if in == nil || !in.has(r.ws.BotUser) && in.IsPrivate {
		return nil, nil, refuse("channel_not_found")
	}
	m := in.message(r.args["ts"])
	switch {
	case m == nil:
		return nil, nil, refuse("message_not_found")
	case m.User != r.ws.BotUser || m.Team != r.ws.Team:
		return nil, nil, refuse(notOwn)
	}
	return in, m, nil
}

// edit returns a message as the draft changes it.
func (d draft) edit(m Message) Message {
	m.Text, m.Edits = d.text, m.Edits+1
	if d.hasBlocks || d.hasText { // a text without blocks takes the blocks away
		m.Blocks = d.blocks
	}
	if d.hasMeta {
		m.Metadata = d.metadata
	}
	return m
}

func (s *Slack) chatUpdate(r *request) (reply, error) {
	d, err := r.draft()
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(d.text) > maxEditText {
		return nil, refuse("msg_too_long")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in, m, err := s.own(r, "cant_update_message")
	if err != nil {
		return nil, err
	}
	switch window := s.settings.EditWindow; {
	case in.IsArchived:
		return nil, refuse("is_archived")
	case window > 0 && r.now.Sub(m.PostedAt) > window:
		return nil, refuse("edit_window_closed")
	}
	changed := d.edit(*m)
	changed.EditedAt = r.now.UTC()
	if err := s.put(&changed); err != nil {
		return nil, err
	}
	return reply{"channel": in.ID, "ts": m.TS, "text": changed.Text, "message": wire(&changed, in, true)}, nil
}

func (s *Slack) chatDelete(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, m, err := s.own(r, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	gone := *m
	gone.Deleted = true
	return reply{"channel": in.ID, "ts": m.TS}, s.put(&gone)
}

func (s *Slack) chatPermalink(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.world.see(r.ws.Team, r.args["channel"])
	if in == nil {
		return nil, refuse("channel_not_found")
	}
	ts := r.args["message_ts"]
	if in.message(ts) == nil {
		return nil, refuse("message_not_found")
	}
	link := "https://" + r.ws.Domain + ".slack.com/archives/" + in.ID + "/p" + strings.Replace(ts, ".", "", 1)
	return reply{"channel": in.ID, "permalink": link}, nil
}

// cut shortens a text to n characters.
func cut(text string, n int) string {
	if len(text) <= n || utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
