package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Event tells the app of something that happened in a workspace, as the Events API does: again, up to three times, when the app does not
// take it. It returns the last answer, and an error when there was none.
func (s *Slack) Event(team string, inner map[string]any) (Answer, error) {
	n, id, err := s.event(team, inner)
	if err != nil {
		return Answer{}, err
	}
	a, err := s.persist(n)
	a.ID = id
	return a, err
}

// EventBody returns the body of the request that tells of an event, to be signed and posted as one likes.
func (s *Slack) EventBody(team string, inner map[string]any) ([]byte, error) {
	n, _, err := s.event(team, inner)
	return n.payload, err
}

func (s *Slack) event(team string, inner map[string]any) (n notice, id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(team)
	if err != nil {
		return n, "", err
	}
	if err := w.hears(inner); err != nil {
		return n, "", err
	}
	now := s.now()
	inner = maps.Clone(inner)
	if inner["event_ts"] == nil {
		inner["event_ts"] = stamp(now)
	}
	outside := false
	if id, ok := inner["channel"].(string); ok {
		r := s.world.see(team, id)
		outside = r != nil && len(r.SharedWith) > 0
	}
	id = newID("Ev")
	body, err := json.Marshal(reply{"token": "", "team_id": team, "enterprise_id": w.Enterprise, "context_team_id": team,
		"api_app_id": w.App, "event": inner, "type": "event_callback",
		"event_id": id, "event_time": now.Unix(), "event_context": "4-" + newSecret(20), "is_ext_shared_channel": outside,
		"authorizations": []reply{{"enterprise_id": nil, "team_id": team, "user_id": w.BotUser, "is_bot": true, "is_enterprise_install": false}}})
	if err != nil {
		return n, "", fmt.Errorf("encode the event: %w", err)
	}
	return notice{ws: w, url: w.Events, kind: "events_api", payload: body}, id, nil
}

// eventScopes are the scopes without which an app is not told of an event; a message is of the kind of its channel.
var eventScopes = map[string]string{"message.im": "im:history", "message.mpim": "mpim:history", "message.channels": "channels:history",
	"message.groups": "groups:history", "team_join": "users:read", "user_change": "users:read", "channel_id_changed": "channels:read",
	"channel_rename": "channels:read"}

// hears refuses an event of which Slack would not tell the app of a workspace: its manifest does not ask for it, or its scopes do not allow
// it.
func (w *Workspace) hears(inner map[string]any) error {
	name, _ := inner["type"].(string)
	if kind, ok := inner["channel_type"].(string); ok && name == "message" {
		name += "." + map[string]string{"channel": "channels", "group": "groups"}[kind]
		if kind == "im" || kind == "mpim" {
			name = "message." + kind
		}
	}
	if w.BotEvents != nil && !slices.Contains(w.BotEvents, name) {
		return fmt.Errorf("the app of %s has not asked for the event %s", w.Team, name)
	}
	if scope := eventScopes[name]; scope != "" && !slices.Contains(w.Scopes, scope) {
		return fmt.Errorf("missing_scope: the event %s needs %s, the app of %s has %s", name, scope, w.Team, strings.Join(w.Scopes, ","))
	}
	return nil
}

// AppHomeOpened tells the app that somebody looks at its Home.
func (s *Slack) AppHomeOpened(team, user string) (Answer, error) {
	inner := map[string]any{"type": "app_home_opened", "user": user, "channel": s.DirectChannel(team, user), "tab": "home"}
	if home, ok := s.Home(team, user); ok {
		inner["view"] = home.wire()
	}
	return s.Event(team, inner)
}

// VerifyURL asks the app, as Slack does when its request URL is set, to repeat a challenge. It returns an error when it does not.
func (s *Slack) VerifyURL(team string) error {
	w, ok := s.Workspace(team)
	if !ok {
		return fmt.Errorf("there is no workspace %s", team)
	}
	challenge := newSecret(40)
	body := encode(reply{"token": "", "challenge": challenge, "type": "url_verification"})
	a, err := s.Post(w.Events, Sign(w.SigningSecret, s.now(), body), body)
	if err != nil {
		return err
	}
	said := strings.TrimSpace(string(a.Body))
	var object struct{ Challenge string }
	if json.Unmarshal(a.Body, &object) == nil && object.Challenge != "" {
		said = object.Challenge
	}
	if said == "" { // a form
		form, _ := url.ParseQuery(string(a.Body))
		said = form.Get("challenge")
	}
	if !a.OK() || said != challenge {
		return errors.New("the app did not repeat the challenge")
	}
	return nil
}

// A SlashCommand is a command that somebody types.
type SlashCommand struct {
	Team    string `json:"team"`
	User    string `json:"user"`
	Channel string `json:"channel"` // the direct messages of the user when empty
	Command string `json:"command"` // as in "/tickmark"
	Text    string `json:"text"`
}

// Command tells the app of a command. What the app says at once is shown to the user alone, unless it says otherwise. It returns an error
// when the user is not in the channel, or the app does not answer in time: it is not told again.
func (s *Slack) Command(c SlashCommand) (Answer, error) {
	n, err := s.command(c)
	if err != nil {
		return Answer{}, err
	}
	a, err := s.tell(n)
	if err != nil || !a.OK() {
		return a, err
	}
	return a, s.immediate(n.form.Get("response_url"), a.Body)
}

func (s *Slack) command(c SlashCommand) (n notice, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(c.Team)
	if err != nil {
		return n, err
	}
	u := s.world.users[userKey{c.Team, c.User}]
	if u == nil || u.Deleted || u.outside() { // commands are for the workspace that installed the app
		return n, fmt.Errorf("%s cannot type commands in the workspace %s", c.User, c.Team)
	}
	r, err := s.typedIn(w, c, u)
	if err != nil {
		return n, err
	}
	h, err := s.newHook(w, u.ID, r.ID, "", false)
	if err != nil {
		return n, err
	}
	form := url.Values{"token": {""}, "team_id": {w.Team}, "team_domain": {w.Domain}, "channel_id": {r.ID}, "channel_name": {r.told()},
		"user_id": {u.ID}, "user_name": {u.Name},
		"command": {c.Command}, "text": {c.Text}, "api_app_id": {w.App}, "is_enterprise_install": {"false"}, "response_url": {s.url + h.path()},
		"trigger_id": {s.newTrigger(w.Team, u.ID, false)}}
	if w.Enterprise != "" {
		form.Set("enterprise_id", w.Enterprise)
	}
	payload := map[string]string{}
	for k := range form {
		payload[k] = form.Get(k)
	}
	return notice{ws: w, url: w.Commands, kind: "slash_commands", payload: encode(payload), form: form}, nil
}

// typedIn returns the channel in which a command is typed: the direct messages with the app where none is named. The caller holds s.mu.
func (s *Slack) typedIn(w *Workspace, c SlashCommand, u *User) (*room, error) {
	if c.Channel == "" {
		direct, _, err := s.directWith(&request{ws: w, now: s.now()}, []string{c.User})
		if err != nil {
			return nil, err
		}
		c.Channel = direct.ID
	}
	return s.lookedAt(c.Team, c.Channel, u)
}

// told is how a channel is named to apps.
func (c *Channel) told() string {
	if c.IsIM {
		return "directmessage"
	}
	return c.Name
}
