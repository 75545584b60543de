package slackfake

import "fmt"

// A Typed is something that somebody writes to the app in their direct messages.
type Typed struct {
	Team   string   `json:"team"`
	User   string   `json:"user"`
	Thread string   `json:"thread"` // ts of the message under which they write; empty: under none
	Text   string   `json:"text"`   // as Slack keeps it: escaped, with its marks
	Files  []string `json:"files"`  // names of what they drop beside it
}

// Type has somebody write to the app: the message stands in their conversation, and the app is told of it as the Events API does. It
// returns an error when they cannot write there, since the manifest makes the tab read-only, or when the app is not told.
func (s *Slack) Type(t Typed) (Message, Answer, error) {
	m, err := s.typed(t)
	if err != nil {
		return Message{}, Answer{}, err
	}
	a, err := s.Event(t.Team, m.event())
	return m, a, err
}

// typed lets what somebody writes to the app stand in their conversation.
func (s *Slack) typed(t Typed) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(t.Team)
	if err != nil {
		return Message{}, err
	}
	u := s.world.users[userKey{t.Team, t.User}]
	switch {
	case u == nil || u.Deleted || u.outside():
		return Message{}, fmt.Errorf("%s cannot write in the workspace %s", t.User, t.Team)
	case w.ReadOnly:
		return Message{}, fmt.Errorf("the messages tab of the app of %s is read-only", t.Team)
	}
	c, _, err := s.directWith(&request{ws: w, now: s.now()}, []string{t.User})
	if err != nil {
		return Message{}, err
	}
	in := s.world.rooms[c.ID]
	now := s.now()
	m := &Message{Team: t.Team, Channel: in.ID, TS: in.next(now), User: t.User, Text: t.Text, ClientMsgID: newSecret(32), Files: t.Files,
		PostedAt: now.UTC()}
	if parent := in.message(t.Thread); parent != nil {
		m.ThreadTS = t.Thread
		if parent.isReply() {
			m.ThreadTS = parent.ThreadTS
		}
	}
	return m.clone(), s.put(m)
}

// event is what an app is told of a message that somebody wrote to it.
func (m Message) event() map[string]any {
	inner := map[string]any{"type": "message", "channel": m.Channel, "channel_type": "im", "user": m.User, "team": m.Team, "text": m.Text,
		"ts": m.TS, "event_ts": m.TS, "client_msg_id": m.ClientMsgID}
	if m.ThreadTS != "" {
		inner["thread_ts"] = m.ThreadTS
	}
	if len(m.Files) > 0 {
		var files []map[string]any
		for i, name := range m.Files {
			files = append(files, map[string]any{"id": fmt.Sprintf("F%08d", i+1), "name": name, "title": name, "mode": "hosted"})
		}
		inner["subtype"], inner["files"] = "file_share", files
		delete(inner, "client_msg_id")
	}
	return inner
}
