package slackfake

import (
	"encoding/base64"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// maxTogether is how many people a group of direct messages has at most, besides the bot.
const maxTogether = 8

func (s *Slack) conversationsOpen(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := r.args["channel"]; id != "" {
		room := s.world.see(r.ws.Team, id)
		if room == nil || !room.IsIM && !room.IsMPIM {
			return nil, refuse("channel_not_found")
		}
		return reply{"no_op": true, "already_open": true, "channel": r.opened(room.Channel)}, nil
	}
	users := strings.FieldsFunc(r.args["users"], func(c rune) bool { return c == ',' || c == ' ' })
	slices.Sort(users)
	users = slices.Compact(users)
	scope := "im:write"
	if len(users) > 1 {
		scope = "mpim:write"
	}
	if err := r.needs(scope); err != nil {
		return nil, err
	}
	c, known, err := s.directWith(r, users)
	if err != nil {
		return nil, err
	}
	answer := reply{"channel": r.opened(c)}
	if known {
		answer["no_op"], answer["already_open"] = true, true
	}
	return answer, nil
}

// opened is how a channel of direct messages is told of: by its id, unless the rest is asked for.
func (r *request) opened(c *Channel) reply {
	if r.yes("return_im") {
		return r.channel(c)
	}
	return reply{"id": c.ID}
}

// directWith returns the channel of direct messages with some users, made when it was not known. The caller holds s.mu.
func (s *Slack) directWith(r *request, users []string) (c *Channel, known bool, err error) {
	users = slices.DeleteFunc(users, func(id string) bool { return id == r.ws.BotUser })
	switch {
	case len(users) == 0:
		return nil, false, refuse("users_list_not_supplied")
	case len(users) > maxTogether:
		return nil, false, refuse("too_many_users")
	}
	for _, id := range users {
		if err := s.reachable(r, id, len(users) > 1); err != nil {
			return nil, false, err
		}
	}
	members := append(slices.Clone(users), r.ws.BotUser)
	if id, ok := s.world.direct[userKey{r.ws.Team, together(members)}]; ok {
		return s.world.rooms[id].Channel, true, nil
	}
	c = &Channel{ID: newID("D"), Team: r.ws.Team, Members: members, IsIM: true, Created: r.now.UTC()}
	if len(users) > 1 {
		c.ID, c.IsIM, c.IsMPIM, c.Name = newID("G"), false, true, "mpdm-"+strings.ToLower(strings.Join(users, "--"))+"-1"
	}
	return c, false, s.put(c)
}

// reachable refuses direct messages to who cannot have any. The caller holds s.mu.
func (s *Slack) reachable(r *request, id string, inGroup bool) error {
	u := s.world.users[userKey{r.ws.Team, id}]
	switch {
	case u == nil:
		return refuse("user_not_found")
	case u.Deleted:
		return refuse("user_disabled")
	case u.IsBot:
		return refuse("cannot_dm_bot")
	case u.outside() && inGroup:
		return refuse("invalid_user_combination")
	case u.outside() && !s.world.meets(r.ws, id):
		return refuse("user_not_visible")
	}
	return nil
}

// kindOf is how scopes name the kind of a channel.
func kindOf(c *Channel) string {
	switch {
	case c.IsIM:
		return "im"
	case c.IsMPIM:
		return "mpim"
	case c.IsPrivate:
		return "groups"
	}
	return "channels"
}

// find returns the room that a call is about, which its token can see and has a scope for, as in "history". The caller holds s.mu.
func (s *Slack) find(r *request, scope string) (*room, error) {
	room := s.world.see(r.ws.Team, r.args["channel"])
	if room == nil || (room.IsPrivate || room.IsIM || room.IsMPIM) && !room.has(r.ws.BotUser) {
		return nil, refuse("channel_not_found")
	}
	return room, r.needs(kindOf(room.Channel) + ":" + scope)
}

func (s *Slack) conversationsInfo(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, err := s.find(r, "read")
	if err != nil {
		return nil, err
	}
	return reply{"channel": r.channel(room.Channel)}, nil
}

func (s *Slack) conversationsMembers(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, err := s.find(r, "read")
	if err != nil {
		return nil, err
	}
	from, err := r.cursor("member")
	if err != nil || from > int64(len(room.Members)) {
		return nil, refuse("invalid_cursor")
	}
	to := min(int(from)+r.limit(1000), len(room.Members))
	answer := reply{"members": slices.Clone(room.Members[from:to]), "response_metadata": reply{"next_cursor": ""}}
	if to < len(room.Members) {
		answer["response_metadata"] = reply{"next_cursor": cursorOf("member", int64(to))}
	}
	return answer, nil
}

// channel is how a channel is told of.
func (r *request) channel(c *Channel) reply {
	shared := len(c.SharedWith) > 0
	answer := reply{"id": c.ID, "created": c.Created.Unix(), "is_archived": c.IsArchived, "is_channel": kindOf(c) == "channels",
		"is_group": kindOf(c) == "groups", "is_im": c.IsIM,
		"is_mpim": c.IsMPIM, "is_private": c.IsPrivate || c.IsIM || c.IsMPIM, "is_member": c.has(r.ws.BotUser), "is_shared": shared,
		"is_ext_shared": shared, "is_org_shared": false,
		"context_team_id": c.Team, "name": c.Name, "name_normalized": c.Name}
	if shared {
		answer["connected_team_ids"], answer["shared_team_ids"], answer["conversation_host_id"] = c.SharedWith,
			append([]string{c.Team}, c.SharedWith...), c.Team
	}
	if r.yes("include_num_members") {
		answer["num_members"] = len(c.Members)
	}
	if c.IsIM {
		answer["user"] = c.Members[0]
		answer["is_open"] = true
	}
	return answer
}

// A span is the part of a channel that is asked for, by ts in microseconds, both ends included.
type span struct{ oldest, latest int64 }

// has reports whether a ts lies in the span.
func (sp span) has(at int64) bool { return at >= sp.oldest && at <= sp.latest }

// span reads the arguments oldest, latest and inclusive.
func (r *request) span() span {
	sp := span{micros(r.args["oldest"]), 1 << 62}
	if latest := micros(r.args["latest"]); latest > 0 {
		sp.latest = latest
		if !r.yes("inclusive") {
			sp.latest--
		}
	}
	if sp.oldest > 0 && !r.yes("inclusive") {
		sp.oldest++
	}
	return sp
}

func (s *Slack) conversationsHistory(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, err := s.readable(r)
	if err != nil {
		return nil, err
	}
	sp, next, err := r.window()
	if err != nil {
		return nil, err
	}
	if next > 0 {
		sp.latest = min(sp.latest, next)
	}
	return s.page(r, room, 100, func(yield func(*Message) bool) { // the youngest first
		before := sort.Search(len(room.messages), func(i int) bool { return micros(room.messages[i].TS) > sp.latest })
		for _, m := range slices.Backward(room.messages[:before]) {
			if micros(m.TS) < sp.oldest {
				return
			}
			if !m.Deleted && (!m.isReply() || m.Broadcast) && !yield(m) {
				return
			}
		}
	}), nil
}

// readable returns the channel whose messages a call asks for: the bot must be in it. The caller holds s.mu.
func (s *Slack) readable(r *request) (*room, error) {
	room, err := s.find(r, "history")
	if err != nil {
		return nil, err
	}
	if !room.has(r.ws.BotUser) {
		return nil, refuse("not_in_channel")
	}
	return room, nil
}

// window returns the span a call asks for, and where its page begins; 0 when it is the first.
func (r *request) window() (sp span, next int64, err error) {
	next, err = r.cursor("next_ts")
	return r.span(), next, err
}

// page makes a page of messages, those left out that history does not show yet. It has as many as are asked for, otherwise when they do
// not say, and never more than the settings allow. The caller holds s.mu.
func (s *Slack) page(r *request, in *room, otherwise int, all iter.Seq[*Message]) reply {
	limit := min(r.limit(otherwise), s.settings.PageSize)
	page, more := []any{}, int64(0)
	for m := range all {
		if s.lags(r, m) {
			continue
		}
		if len(page) == limit {
			more = micros(m.TS)
			break
		}
		page = append(page, s.shown(r, in, m))
	}
	return paged(page, "next_ts", more)
}

func (s *Slack) conversationsReplies(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, err := s.readable(r)
	if err != nil {
		return nil, err
	}
	parent := room.message(r.args["ts"])
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	if parent.isReply() {
		return paged([]any{s.shown(r, room, parent)}, "", 0), nil
	}
	sp, next, err := r.window()
	if err != nil {
		return nil, err
	}
	sp.oldest = max(sp.oldest, next)
	thread := []*Message{}
	if next == 0 && micros(parent.TS) <= sp.latest { // the parent begins the first page, however young they are to be
		thread = append(thread, parent)
	}
	for _, ts := range room.replies[parent.TS] {
		if m := room.message(ts); m != nil && sp.has(micros(ts)) {
			thread = append(thread, m)
		}
	}
	return s.page(r, room, 1000, slices.Values(thread)), nil
}

// lags says whether history does not show a message yet. The caller holds s.mu.
func (s *Slack) lags(r *request, m *Message) bool {
	return s.settings.Lag > 0 && r.now.Sub(m.PostedAt) < s.settings.Lag
}

// paged is a page of messages, with the cursor of the next when there is more.
func paged(page []any, kind string, more int64) reply {
	answer := reply{"messages": page, "has_more": more > 0}
	if more > 0 {
		answer["response_metadata"] = reply{"next_cursor": cursorOf(kind, more)}
	}
	return answer
}

// limit reads how much is asked for, at most 999.
func (r *request) limit(otherwise int) int {
	if n := r.number("limit", 0); n > 0 {
		return min(n, 999)
	}
	return otherwise
}

func cursorOf(kind string, at int64) string {
	return base64.StdEncoding.EncodeToString([]byte(kind + ":" + strconv.FormatInt(at, 10)))
}

// cursor reads where to go on, which is 0 at the beginning.
func (r *request) cursor(kind string) (int64, error) {
	if r.args["cursor"] == "" {
		return 0, nil
	}
	b, err := base64.StdEncoding.DecodeString(r.args["cursor"])
	digits, ok := strings.CutPrefix(string(b), kind+":")
	n, err2 := strconv.ParseInt(digits, 10, 64)
	if err != nil || err2 != nil || !ok || n < 0 {
		return 0, refuse("invalid_cursor")
	}
	return n, nil
}
