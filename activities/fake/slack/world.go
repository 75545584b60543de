package slackfake

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A world is what there is in Slack, found by what it is asked for. Its records are never changed, only put anew: whoever has one may
// read it without a lock.
type world struct {
	workspaces map[string]*Workspace
	grants     map[string]*grant // by token
	users      map[userKey]*User
	emails     map[userKey]string  // the id of who has an address, which is in lower case
	rooms      map[string]*room    // by the channel's id
	names      map[userKey]string  // the id of the channel of a name
	direct     map[userKey]string  // the id of the channel of some people
	open       map[string][]string // a workspace's channels that are no direct messages
	ephemerals map[userKey][]*Ephemeral
	views      map[string]*View     // that are open, by id
	stacks     map[userKey][]string // the ids of the modals open before a user, the lowest first
	homes      map[userKey]*View
	external   map[userKey]string // the id of the view an app calls so
	codes      map[string]*code   // of installations under way
	hooks      map[string]*hook   // of response_urls
	responses  []*Response
}

// A userKey is an id, or an address, or a name, in a workspace.
type userKey struct{ team, id string }

func newWorld() world {
	return world{workspaces: map[string]*Workspace{}, grants: map[string]*grant{}, users: map[userKey]*User{}, emails: map[userKey]string{},
		rooms: map[string]*room{}, names: map[userKey]string{}, direct: map[userKey]string{}, open: map[string][]string{},
		ephemerals: map[userKey][]*Ephemeral{},
		views:      map[string]*View{}, stacks: map[userKey][]string{}, homes: map[userKey]*View{}, external: map[userKey]string{},
		codes: map[string]*code{}, hooks: map[string]*hook{}}
}

// A room is a channel with what stands in it.
type room struct {
	*Channel
	messages []*Message          // by ts, those deleted among them
	at       map[string]int      // a ts: its place among them
	replies  map[string][]string // the ts of a thread: those of its replies
	last     int64               // the highest ts, in microseconds
}

// A grant is what a token allows.
type grant struct {
	Token   string   `json:"token"`
	Team    string   `json:"team"`
	Scopes  []string `json:"scopes"`
	Revoked string   `json:"revoked,omitempty"` // the error it is answered with
}

func (*Workspace) kind() string { return "workspace" }
func (*grant) kind() string     { return "grant" }
func (*User) kind() string      { return "user" }
func (*Channel) kind() string   { return "channel" }
func (*Message) kind() string   { return "message" }
func (*Ephemeral) kind() string { return "ephemeral" }

func (w *Workspace) keep(in *world) { in.workspaces[w.Team] = w }

func (g *grant) keep(in *world) { in.grants[g.Token] = g }

func (u *User) keep(in *world) {
	key := userKey{u.Team, u.ID}
	if old := in.users[key]; old != nil {
		delete(in.emails, userKey{u.Team, strings.ToLower(old.Email)})
	}
	if u.MovedTo != "" {
		delete(in.users, key)
		return
	}
	in.users[key] = u
	if u.Email != "" && !u.IsStranger {
		in.emails[userKey{u.Team, strings.ToLower(u.Email)}] = u.ID
	}
}

func (c *Channel) keep(in *world) {
	r := in.rooms[c.ID]
	if c.MovedTo != "" {
		r.move(c.MovedTo)
		in.rooms[c.MovedTo] = r
		delete(in.rooms, c.ID)
		in.direct[userKey{c.Team, together(c.Members)}] = c.MovedTo
		return
	}
	if r == nil {
		r = &room{at: map[string]int{}, replies: map[string][]string{}}
		in.rooms[c.ID] = r
		if !c.IsIM && !c.IsMPIM {
			in.open[c.Team] = append(in.open[c.Team], c.ID)
		}
	} else if r.Name != c.Name {
		delete(in.names, userKey{c.Team, r.Name})
	}
	r.Channel = c
	if c.IsIM || c.IsMPIM {
		in.direct[userKey{c.Team, together(c.Members)}] = c.ID
	} else {
		in.names[userKey{c.Team, c.Name}] = c.ID
	}
}

// move gives a channel another id, with all that stands in it.
func (r *room) move(id string) {
	changed := r.clone()
	changed.ID = id
	r.Channel = &changed
	for i, m := range r.messages {
		moved := m.clone()
		moved.Channel = id
		r.messages[i] = &moved
	}
}

func (m *Message) keep(in *world) {
	r := in.rooms[m.Channel]
	if i, ok := r.at[m.TS]; ok {
		r.messages[i] = m
		return
	}
	r.at[m.TS] = len(r.messages)
	r.messages = append(r.messages, m)
	r.last = max(r.last, micros(m.TS))
	if m.isReply() {
		r.replies[m.ThreadTS] = append(r.replies[m.ThreadTS], m.TS)
	}
}

func (e *Ephemeral) keep(in *world) {
	key := userKey{e.Team, e.User}
	in.ephemerals[key] = append(in.ephemerals[key], e)
}

func (m *Message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

// message returns a message that stands in a room, or nil.
func (r *room) message(ts string) *Message {
	if i, ok := r.at[ts]; ok && !r.messages[i].Deleted {
		return r.messages[i]
	}
	return nil
}

// next returns a ts for a message of now: later than all others in the room.
func (r *room) next(now time.Time) string {
	n := max(now.UnixMicro(), r.last+1)
	return fmt.Sprintf("%d.%06d", n/1e6, n%1e6)
}

// micros reads a ts in microseconds; what is none is 0.
func micros(ts string) int64 {
	whole, part, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || s < 0 || s > 1e12 {
		return 0
	}
	part = (part + "000000")[:6]
	us, err := strconv.ParseInt(part, 10, 64)
	if err != nil {
		return 0
	}
	return s*1e6 + us
}

// together names some people, in whatever order.
func together(users []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(users))), ",")
}

// see returns a channel that a workspace sees.
func (w *world) see(team, id string) *room {
	if r := w.rooms[id]; r != nil && r.seenBy(team) {
		return r
	}
	return nil
}

// meets says whether somebody of another workspace is in an open channel with the bot of this one.
func (w *world) meets(ws *Workspace, user string) bool {
	for _, id := range w.open[ws.Team] {
		if r := w.rooms[id]; r.has(user) && r.has(ws.BotUser) && !r.IsArchived {
			return true
		}
	}
	return false
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// newID makes up an id as Slack's are.
func newID(prefix string) string {
	id := []byte(prefix + "0000000000")
	for i := len(prefix); i < len(id); i++ {
		id[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(id)
}

// newSecret makes up a secret of n digits.
func newSecret(n int) string {
	secret := make([]byte, n)
	for i := range secret {
		secret[i] = "0123456789abcdef"[rand.IntN(16)]
	}
	return string(secret)
}
