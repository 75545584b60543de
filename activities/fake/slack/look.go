package slackfake

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// stamp is an instant as a ts.
func stamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// Messages returns what stands in a channel as a workspace sees it, the oldest first.
func (s *Slack) Messages(team, channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.see(team, channel)
	if r == nil {
		return nil
	}
	return standing(r)
}

func standing(r *room) []Message {
	var found []Message
	for _, m := range r.messages {
		if !m.Deleted {
			found = append(found, m.clone())
		}
	}
	return found
}

// MessagesTo returns what stands in the direct messages of the bot and a user, the oldest first.
func (s *Slack) MessagesTo(team, user string) []Message {
	return s.Messages(team, s.DirectChannel(team, user))
}

// DirectChannel returns the id of the channel of direct messages of the bot and a user, which is empty when there is none yet.
func (s *Slack) DirectChannel(team, user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.world.workspaces[team]
	if w == nil {
		return ""
	}
	return s.world.direct[userKey{team, together([]string{user, w.BotUser})}]
}

// Message returns a message that stands in a channel, and whether there is one.
func (s *Slack) Message(team, channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.see(team, channel)
	if r == nil || r.message(ts) == nil {
		return Message{}, false
	}
	return r.message(ts).clone(), true
}

// AllMessages returns every message that was ever posted, those deleted among them, by channel and ts: in one workspace's channels, or in
// all when team is empty.
func (s *Slack) AllMessages(team string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Message
	for _, r := range s.world.rooms {
		if team != "" && r.Team != team {
			continue
		}
		for _, m := range r.messages {
			found = append(found, m.clone())
		}
	}
	slices.SortFunc(found, func(a, b Message) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(micros(a.TS), micros(b.TS)))
	})
	return found
}

// Workspaces returns all workspaces, by their ids.
func (s *Slack) Workspaces() []Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Workspace
	for _, w := range s.world.workspaces {
		found = append(found, w.clone())
	}
	slices.SortFunc(found, func(a, b Workspace) int { return cmp.Compare(a.Team, b.Team) })
	return found
}

// Workspace returns a workspace, and whether there is one.
func (s *Slack) Workspace(team string) (Workspace, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.world.workspaces[team]
	if w == nil {
		return Workspace{}, false
	}
	return w.clone(), true
}

// Users returns the users of a workspace, by their ids.
func (s *Slack) Users(team string) []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []User
	for key, u := range s.world.users {
		if key.team == team {
			found = append(found, *u)
		}
	}
	slices.SortFunc(found, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// User returns a user of a workspace, and whether there is one.
func (s *Slack) User(team, id string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.users[userKey{team, id}]
	if u == nil {
		return User{}, false
	}
	return *u, true
}

// Channels returns the channels a workspace sees, direct messages among them, by their ids.
func (s *Slack) Channels(team string) []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Channel
	for _, r := range s.world.rooms {
		if r.seenBy(team) {
			found = append(found, r.clone())
		}
	}
	slices.SortFunc(found, func(a, b Channel) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// Channel returns a channel that a workspace sees, and whether there is one.
func (s *Slack) Channel(team, id string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.see(team, id)
	if r == nil {
		return Channel{}, false
	}
	return r.clone(), true
}

// Ephemerals returns what one user alone was shown, in the order in which it came.
func (s *Slack) Ephemerals(team, user string) []Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Ephemeral
	for _, e := range s.world.ephemerals[userKey{team, user}] {
		c := *e
		c.Blocks = slices.Clone(e.Blocks)
		found = append(found, c)
	}
	return found
}
