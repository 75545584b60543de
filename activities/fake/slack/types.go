package slackfake

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// A Workspace is a team in which one app is installed, or can be.
type Workspace struct {
	Team          string   `json:"team"` // T…; made up when empty
	Name          string   `json:"name"`
	Domain        string   `json:"domain"`
	Enterprise    string   `json:"enterprise,omitempty"` // E…, of a Grid organisation
	App           string   `json:"app"`                  // A…; made up when empty
	ClientID      string   `json:"client_id"`            // for OAuth; made up when empty
	ClientSecret  string   `json:"client_secret"`
	SigningSecret string   `json:"signing_secret"` // Options.SigningSecret, or made up, when empty
	BotUser       string   `json:"bot_user"`       // U…, who the app is among the users; made up when empty
	Bot           string   `json:"bot"`            // B…, the same in messages; made up when empty
	Token         string   `json:"token"`          // xoxb-…; made up when empty, unless NotInstalled
	AppToken      string   `json:"app_token"`      // xapp-…, for Socket Mode; made up when empty
	Scopes        []string `json:"scopes"`         // of the token; DefaultScopes when nil
	NotInstalled  bool     `json:"not_installed"`  // there is no token until somebody installs the app by OAuth
	BotEvents     []string `json:"bot_events"`     // that the app's manifest asks for; all that its scopes allow when nil
	ReadOnly      bool     `json:"read_only"`      // the manifest makes the messages tab of the app read-only: nobody can write to it
	RequestURLs
}

func (w Workspace) clone() Workspace {
	w.Scopes, w.BotEvents = slices.Clone(w.Scopes), slices.Clone(w.BotEvents)
	return w
}

// RequestURLs are where the app wants to be told what happens in a workspace.
type RequestURLs struct {
	Events        string `json:"events_url,omitempty"`
	Interactivity string `json:"interactivity_url,omitempty"`
	Commands      string `json:"commands_url,omitempty"`
}

// DefaultScopes are what the token of a workspace may do unless it says otherwise: everything the fake knows.
var DefaultScopes = []string{"chat:write", "chat:write.public", "im:write", "im:history", "im:read", "mpim:write", "mpim:history",
	"mpim:read", "channels:history", "channels:read",
	"groups:history", "groups:read", "users:read", "users:read.email", "team:read", "commands"}

// A User is somebody in a workspace, or somebody of another one who is seen there through a shared channel.
type User struct {
	Team         string `json:"team"`    // the workspace in which they are seen
	ID           string `json:"id"`      // U…; made up when empty
	TeamID       string `json:"team_id"` // where they are at home; the workspace itself when empty
	Name         string `json:"name"`
	RealName     string `json:"real_name"`
	Email        string `json:"email"`
	TimeZone     string `json:"tz"` // as in Europe/Berlin; UTC when empty
	IsAdmin      bool   `json:"is_admin"`
	IsBot        bool   `json:"is_bot"`
	IsRestricted bool   `json:"is_restricted"` // a guest
	IsUltra      bool   `json:"is_ultra"`      // a guest in one channel
	IsAppUser    bool   `json:"is_app_user"`   // uses the app that asks, beside others
	IsStranger   bool   `json:"is_stranger"`   // of another workspace, and known only from a shared channel
	Deleted      bool   `json:"deleted"`       // deactivated

	// MovedTo is the id that they have instead: this one is nobody's any more.
	MovedTo string `json:"moved_to,omitempty"`
}

// outside says whether somebody is of another workspace than the one in which they are seen.
func (u *User) outside() bool { return u.IsStranger || u.TeamID != u.Team }

// A Channel is a place for messages: a public or private channel, a direct message or a group of them.
type Channel struct {
	ID         string    `json:"id"`   // C…, D… or G…; made up when empty
	Team       string    `json:"team"` // whose it is
	Name       string    `json:"name,omitempty"`
	Members    []string  `json:"members"` // ids of users, with the bot's when it is in
	IsPrivate  bool      `json:"is_private,omitempty"`
	IsArchived bool      `json:"is_archived,omitempty"`
	IsIM       bool      `json:"is_im,omitempty"`       // a direct message of the bot and one user
	IsMPIM     bool      `json:"is_mpim,omitempty"`     // one with several
	SharedWith []string  `json:"shared_with,omitempty"` // other workspaces, by Slack Connect
	Created    time.Time `json:"created"`
	MovedTo    string    `json:"moved_to,omitempty"` // the id that it has instead: this one is no channel's any more
}

func (c Channel) clone() Channel {
	c.Members, c.SharedWith = slices.Clone(c.Members), slices.Clone(c.SharedWith)
	return c
}

func (c *Channel) has(user string) bool { return slices.Contains(c.Members, user) }

// seenBy says whether a workspace sees a channel at all.
func (c *Channel) seenBy(team string) bool {
	return c.Team == team || slices.Contains(c.SharedWith, team)
}

// Metadata is what an app notes on a message.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload,omitempty"`
}

// A Message is what stands in a channel.
type Message struct {
	Team        string          `json:"team"` // of who wrote it
	Channel     string          `json:"channel"`
	TS          string          `json:"ts"` // unique in the channel, and rising
	ThreadTS    string          `json:"thread_ts,omitempty"`
	Broadcast   bool            `json:"broadcast,omitempty"` // a reply that stands in the channel too
	User        string          `json:"user"`
	Bot         string          `json:"bot,omitempty"` // empty when a person wrote it
	App         string          `json:"app,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Metadata    *Metadata       `json:"metadata,omitempty"`
	ClientMsgID string          `json:"client_msg_id,omitempty"`
	Unfurl      bool            `json:"unfurl,omitempty"` // links or media in it are shown
	PostedAt    time.Time       `json:"posted_at"`
	Edits       int             `json:"edits,omitempty"` // how often it was changed
	EditedAt    time.Time       `json:"edited_at,omitzero"`
	Deleted     bool            `json:"deleted,omitempty"`
	Files       []string        `json:"files,omitempty"` // names of what was put beside it
}

func (m Message) clone() Message {
	m.Blocks = slices.Clone(m.Blocks)
	if m.Metadata != nil {
		m.Metadata = &Metadata{EventType: m.Metadata.EventType, EventPayload: maps.Clone(m.Metadata.EventPayload)}
	}
	return m
}

// An Ephemeral is a message that one user sees and that is kept nowhere.
type Ephemeral struct {
	Team    string          `json:"team"`
	Channel string          `json:"channel"`
	User    string          `json:"user"`
	TS      string          `json:"ts"`
	Text    string          `json:"text"`
	Blocks  json.RawMessage `json:"blocks,omitempty"`
}

// A Call is a call of the Web API. What it came to is filled in when it is answered.
type Call struct {
	Method string            `json:"method"`
	Team   string            `json:"team"` // of the token; empty when that is unknown
	N      int               `json:"n"`    // the how-many-eth of the method and team since New, from 1
	At     time.Time         `json:"at"`
	Args   map[string]string `json:"args"`            // without the token; what is not a string as JSON
	Fault  FaultKind         `json:"fault,omitempty"` // that it met
	Done   bool              `json:"done"`            // it was executed and came to something
	Error  string            `json:"error,omitempty"` // that it was answered with, or would have been but for the fault
}
