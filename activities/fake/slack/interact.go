package slackfake

import (
	"fmt"
	"net/url"
)

// A Press is what somebody does to a message, to a modal or to the Home of the app: they press a button or choose something.
type Press struct {
	Team    string            `json:"team"`
	User    string            `json:"user"`
	Channel string            `json:"channel"` // with TS: the message
	TS      string            `json:"ts"`
	View    string            `json:"view"`   // or the id of the modal or Home
	Block   string            `json:"block"`  // the first block with such an element when empty
	Action  string            `json:"action"` // the element's action_id
	Value   string            `json:"value"`  // what they choose, several one a line; of a button: which of several with one action_id
	Values  map[string]string `json:"values"` // what they have put into inputs, as for Submit
}

// Click does what somebody does, and tells the app. It returns an error when they see no such thing, or when the app does not answer in
// time; it is not told again.
func (s *Slack) Click(p Press) (Answer, error) {
	n, err := s.click(p)
	if err != nil {
		return Answer{}, err
	}
	return s.tell(n)
}

// ClickBody returns the body of the request that tells of a click, to be signed and posted as one likes.
func (s *Slack) ClickBody(p Press) ([]byte, error) {
	n, err := s.click(p)
	if err != nil {
		return nil, err
	}
	return n.body(), nil
}

func (s *Slack) click(p Press) (n notice, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(p.Team)
	if err != nil {
		return n, err
	}
	u := s.world.users[userKey{p.Team, p.User}]
	if u == nil || u.Deleted {
		return n, fmt.Errorf("there is no user %s in the workspace %s", p.User, p.Team)
	}
	payload := s.interaction("block_actions", w, u, p.View != "")
	var i item
	if p.View != "" {
		i, err = s.inView(payload, p)
	} else {
		i, err = s.inMessage(payload, p, w, u)
	}
	if err != nil {
		return n, err
	}
	action, err := i.holding(p.Value)
	if err != nil {
		return n, err
	}
	action["action_id"], action["block_id"], action["action_ts"] = i.action, i.block, stamp(s.now())
	payload["actions"] = []reply{action}
	return interactive(w, payload), nil
}

// interactive is a notice of an interaction.
func interactive(w *Workspace, payload reply) notice {
	body := encode(payload)
	return notice{ws: w, url: w.Interactivity, kind: "interactive", payload: body, form: url.Values{"payload": {string(body)}}}
}

// interaction is what all interactions tell. The caller holds s.mu.
func (s *Slack) interaction(kind string, w *Workspace, u *User, inModal bool) reply {
	team := reply{"id": w.Team, "domain": w.Domain}
	var enterprise any
	if w.Enterprise != "" {
		team["enterprise_id"], team["enterprise_name"] = w.Enterprise, w.Enterprise
		enterprise = reply{"id": w.Enterprise, "name": w.Enterprise}
	}
	return reply{"type": kind, "token": "", "api_app_id": w.App, "team": team, "enterprise": enterprise, "is_enterprise_install": false,
		"user": reply{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}, "trigger_id": s.newTrigger(w.Team, u.ID, inModal)}
}

// lookedAt returns a channel that somebody can look at, or an error. The caller holds s.mu.
func (s *Slack) lookedAt(team, channel string, u *User) (*room, error) {
	r := s.world.see(team, channel)
	if r == nil || !r.has(u.ID) && (r.IsPrivate || r.IsIM || r.IsMPIM || u.outside()) {
		return nil, fmt.Errorf("%s does not see the channel %s", u.ID, channel)
	}
	return r, nil
}

// inMessage finds what somebody acts on in a message, and adds to the payload where that is. The caller holds s.mu.
func (s *Slack) inMessage(payload reply, p Press, w *Workspace, u *User) (item, error) {
	r, err := s.lookedAt(p.Team, p.Channel, u)
	if err != nil {
		return item{}, err
	}
	m := r.message(p.TS)
	ephemeral := m == nil
	if ephemeral {
		m = s.ephemeral(p)
	}
	if m == nil {
		return item{}, fmt.Errorf("there is no message %s in the channel %s", p.TS, p.Channel)
	}
	i, err := p.find(items(m.Blocks))
	if err != nil {
		return i, err
	}
	state, err := filled(m.Blocks, p.Values, false)
	if err != nil {
		return i, err
	}
	h, err := s.newHook(w, u.ID, r.ID, p.TS, ephemeral)
	if err != nil {
		return i, err
	}
	payload["channel"], payload["state"], payload["response_url"] = reply{"id": r.ID, "name": r.told()}, state, s.url+h.path()
	container := reply{"type": "message", "message_ts": m.TS, "channel_id": r.ID, "is_ephemeral": ephemeral}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload["container"] = container
	if !ephemeral {
		payload["message"] = wire(m, r, true)
	}
	return i, nil
}

// ephemeral returns, as a message, one that somebody alone sees; nil when there is none. The caller holds s.mu.
func (s *Slack) ephemeral(p Press) *Message {
	for _, e := range s.world.ephemerals[userKey{p.Team, p.User}] {
		if e.Channel == p.Channel && e.TS == p.TS {
			return &Message{Team: e.Team, Channel: e.Channel, TS: e.TS, Text: e.Text, Blocks: e.Blocks}
		}
	}
	return nil
}

// inView finds what somebody acts on in a modal or a Home, and adds to the payload where that is. The caller holds s.mu.
func (s *Slack) inView(payload reply, p Press) (item, error) {
	v := s.world.views[p.View]
	if v == nil || v.TeamID != p.Team || v.User != p.User {
		return item{}, fmt.Errorf("%s sees no view %s", p.User, p.View)
	}
	i, err := p.find(items(v.Blocks))
	if err != nil {
		return i, err
	}
	shown := v.wire()
	if shown.State, err = filled(v.Blocks, p.Values, false); err != nil {
		return i, err
	}
	payload["view"], payload["container"] = shown, reply{"type": "view", "view_id": v.ID}
	return i, nil
}

// find returns the element that a press means.
func (p Press) find(items []item) (item, error) {
	for _, i := range items {
		if i.action != p.Action || p.Block != "" && i.block != p.Block {
			continue
		}
		if i.kind() == "button" && p.Value != "" && i.element["value"] != p.Value {
			continue
		}
		return i, nil
	}
	return item{}, fmt.Errorf("there is no %s %s %s to act on", p.Block, p.Action, p.Value)
}
