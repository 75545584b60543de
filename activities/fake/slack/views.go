package slackfake

import (
	"encoding/json"
	"maps"
	"slices"
)

// A Text is a text object.
type Text struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji,omitempty"`
}

// A View is a modal that is open for a user, or their Home.
type View struct {
	ID              string          `json:"id"` // V…
	TeamID          string          `json:"team_id"`
	Type            string          `json:"type"` // "modal" or "home"
	Title           *Text           `json:"title"`
	Submit          *Text           `json:"submit"`
	Close           *Text           `json:"close"`
	Blocks          json.RawMessage `json:"blocks"`
	PrivateMetadata string          `json:"private_metadata"`
	CallbackID      string          `json:"callback_id"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
	Hash            string          `json:"hash"` // changes with every change
	RootViewID      string          `json:"root_view_id"`
	PreviousViewID  string          `json:"previous_view_id"`
	AppID           string          `json:"app_id"`
	BotID           string          `json:"bot_id"`
	InstalledTeam   string          `json:"app_installed_team_id"`
	State           ViewState       `json:"state"`
	User            string          `json:"user,omitempty"`    // whose it is; Slack does not tell
	Changes         int             `json:"changes,omitempty"` // how often it was changed; nor this
	Gone            bool            `json:"gone,omitempty"`    // closed; nor this
}

func (v View) clone() View {
	v.Blocks, v.State.Values = slices.Clone(v.Blocks), maps.Clone(v.State.Values)
	return v
}

// wire is a view as Slack tells of it.
func (v View) wire() View {
	v.User, v.Changes, v.Gone = "", 0, false
	if v.State.Values == nil {
		v.State.Values = map[string]map[string]any{}
	}
	return v
}

// A ViewState is what stands in the inputs of a view, by block and action.
type ViewState struct {
	Values map[string]map[string]any `json:"values"`
}

func (*View) kind() string { return "view" }

func (v *View) keep(in *world) {
	key := userKey{v.TeamID, v.User}
	if v.ExternalID != "" {
		in.external[userKey{v.TeamID, v.ExternalID}] = v.ID
	}
	switch {
	case v.Type == "home":
		in.homes[key] = v
	case v.Gone:
		in.stacks[key] = slices.DeleteFunc(in.stacks[key], func(id string) bool { return id == v.ID })
		delete(in.views, v.ID)
		delete(in.external, userKey{v.TeamID, v.ExternalID})
		return
	case in.views[v.ID] == nil:
		in.stacks[key] = append(in.stacks[key], v.ID)
	}
	in.views[v.ID] = v
}

// viewRules are what a view holds besides its blocks.
var viewRules = map[string]object{
	"modal": {[]string{"title", "blocks"},
		map[string]check{"title": plain(24), "submit": plain(24), "close": plain(24), "blocks": anything, "private_metadata": text(0, 3000),
			"callback_id": text(0, 255), "external_id": text(0, 255), "clear_on_close": boolean, "notify_on_close": boolean}},
	"home": {[]string{"blocks"}, map[string]check{"blocks": anything, "private_metadata": text(0, 3000), "callback_id": text(0, 255),
		"external_id": text(0, 255)}},
}

// readView reads a view, with an id for each of its blocks, or returns what Slack refuses it with.
func readView(raw string, kind string) (View, error) {
	var v View
	if len(raw) > maxView {
		return v, refuse("view_too_large")
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return v, refuse("invalid_arguments", "[ERROR] must be a valid view [json-pointer:/view]")
	}
	c := checker{blocks: map[string]bool{}}
	if m["type"] != kind {
		c.refuse("/view/type", "must be %s", kind)
	}
	viewRules[kind].check(&c, "/view", m)
	blocks, _ := m["blocks"].([]any)
	c.all("/view/blocks", blocks, maxViewBlocks)
	if kind == "modal" && c.inputs > 0 && m["submit"] == nil {
		c.refuse("/view", "missing required field: submit")
	}
	if len(c.wrong) > 0 {
		return v, refuse("invalid_arguments", c.wrong...)
	}
	return v, json.Unmarshal(encode(m), &v)
}

// Views returns the modals that lie open before a user, the lowest first.
func (s *Slack) Views(team, user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []View
	for _, id := range s.world.stacks[userKey{team, user}] {
		found = append(found, s.world.views[id].clone())
	}
	return found
}

// OpenView returns the modal that a user looks at, and whether there is one.
func (s *Slack) OpenView(team, user string) (View, bool) {
	views := s.Views(team, user)
	if len(views) == 0 {
		return View{}, false
	}
	return views[len(views)-1], true
}

// Home returns the Home of the app as a user sees it, and whether there is one.
func (s *Slack) Home(team, user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.world.homes[userKey{team, user}]
	if v == nil {
		return View{}, false
	}
	return v.clone(), true
}
