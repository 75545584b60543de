package slackfake

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// AddWorkspace adds a workspace, or changes that of the same id, and returns it with what was made up. What is empty stays as it is in
// a workspace that is there already, so that a program can add its workspaces whenever it starts.
func (s *Slack) AddWorkspace(w Workspace) (Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old Workspace
	if known := s.world.workspaces[w.Team]; known != nil {
		old = *known
	}
	fresh := newWorkspace(s.options.SigningSecret, w.NotInstalled)
	for _, f := range []struct {
		field            *string
		known, otherwise string
	}{
		{&w.Team, old.Team, fresh.Team}, {&w.Name, old.Name, "Workspace"}, {&w.Enterprise, old.Enterprise, ""}, {&w.App, old.App, fresh.App},
		{&w.ClientID, old.ClientID, fresh.ClientID}, {&w.ClientSecret, old.ClientSecret, fresh.ClientSecret},
		{&w.SigningSecret, old.SigningSecret, fresh.SigningSecret},
		{&w.BotUser, old.BotUser, fresh.BotUser}, {&w.Bot, old.Bot, fresh.Bot}, {&w.Token, old.Token, fresh.Token},
		{&w.AppToken, old.AppToken, fresh.AppToken},
		{&w.Events, old.Events, ""}, {&w.Interactivity, old.Interactivity, ""}, {&w.Commands, old.Commands, ""},
	} {
		*f.field = cmp.Or(*f.field, f.known, f.otherwise)
	}
	w.Domain = cmp.Or(w.Domain, strings.ToLower(w.Team))
	if w.Scopes == nil {
		w.Scopes = old.Scopes
	}
	if w.Scopes == nil {
		w.Scopes = DefaultScopes
	}
	if w.BotEvents == nil {
		w.BotEvents = old.BotEvents
	}
	w.Scopes, w.BotEvents, w.NotInstalled = slices.Clone(w.Scopes), slices.Clone(w.BotEvents), w.Token == ""
	records := []record{&w, &User{Team: w.Team, TeamID: w.Team, ID: w.BotUser, Name: "tickmark", RealName: "Tickmark", TimeZone: "UTC",
		IsBot: true}}
	if g := s.world.grants[w.Token]; w.Token != "" && (g == nil || g.Revoked == "") {
		records = append(records, &grant{Token: w.Token, Team: w.Team, Scopes: w.Scopes})
	}
	return w, s.put(records...)
}

// newWorkspace makes up what a workspace has.
func newWorkspace(signing string, notInstalled bool) Workspace {
	w := Workspace{Team: newID("T"), App: newID("A"), ClientID: newDigits(10) + "." + newDigits(10), ClientSecret: newSecret(32),
		SigningSecret: signing,
		BotUser:       newID("U"), Bot: newID("B"), AppToken: "xapp-1-" + newSecret(48)}
	if w.SigningSecret == "" {
		w.SigningSecret = newSecret(32)
	}
	if !notInstalled {
		w.Token = newToken()
	}
	return w
}

func newDigits(n int) string {
	digits := make([]byte, n)
	for i := range digits {
		digits[i] = "123456789"[rand.IntN(9)]
	}
	return string(digits)
}

func newToken() string { return "xoxb-" + newDigits(12) + "-" + newSecret(24) }

// workspace returns a workspace, or an error. The caller holds s.mu.
func (s *Slack) workspace(team string) (*Workspace, error) {
	if w := s.world.workspaces[team]; w != nil {
		return w, nil
	}
	return nil, fmt.Errorf("there is no workspace %s", team)
}

// SetRequestURLs says where the app of a workspace is told what happens.
func (s *Slack) SetRequestURLs(team string, urls RequestURLs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(team)
	if err != nil {
		return err
	}
	changed := *w
	changed.RequestURLs = urls
	return s.put(&changed)
}

// AddUser adds somebody to a workspace, or changes who has the same id, and returns them with what was made up.
func (s *Slack) AddUser(team string, u User) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(team, u)
}

func (s *Slack) addUser(team string, u User) (User, error) {
	if _, err := s.workspace(team); err != nil {
		return u, err
	}
	u.Team = team
	if u.ID == "" {
		u.ID = newID("U")
	}
	if u.TeamID == "" {
		u.TeamID = team
	}
	if u.Name == "" {
		u.Name, _, _ = strings.Cut(u.Email, "@")
	}
	if u.Name == "" {
		u.Name = strings.ToLower(u.ID)
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.TimeZone == "" {
		u.TimeZone = "UTC"
	}
	if _, err := time.LoadLocation(u.TimeZone); err != nil {
		return u, fmt.Errorf("the time zone of %s: %w", u.ID, err)
	}
	return u, s.put(&u)
}

// DeactivateUser takes somebody's account away: they cannot be written to any more.
func (s *Slack) DeactivateUser(team, id string) error {
	return s.changeUser(team, id, func(u *User) { u.Deleted = true })
}

// ReactivateUser gives it back.
func (s *Slack) ReactivateUser(team, id string) error {
	return s.changeUser(team, id, func(u *User) { u.Deleted = false })
}

// RenameUser gives somebody's account another id, as happens when a workspace joins an organization: the former one is nobody's any more.
func (s *Slack) RenameUser(team, id, now string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.users[userKey{team, id}]
	if u == nil {
		return fmt.Errorf("there is no user %s in the workspace %s", id, team)
	}
	former, next := *u, *u
	former.MovedTo, next.ID = now, now
	return s.put(&former, &next)
}

// MoveDirect gives the channel of the direct messages of the bot and a user another id, which it returns.
func (s *Slack) MoveDirect(team, user string) (string, error) {
	id := s.DirectChannel(team, user)
	now := newID("D")
	return now, s.changeChannel(team, id, func(c *Channel) { c.MovedTo = now })
}

func (s *Slack) changeUser(team, id string, change func(*User)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.users[userKey{team, id}]
	if u == nil {
		return fmt.Errorf("there is no user %s in the workspace %s", id, team)
	}
	changed := *u
	change(&changed)
	return s.put(&changed)
}

// AddChannel adds a channel to a workspace, or changes that of the same id or name, and returns it with what was made up. The bot is
// in it only when it is among the members.
func (s *Slack) AddChannel(team string, c Channel) (Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.workspace(team); err != nil {
		return c, err
	}
	c.Team, c.Name, c.Members, c.SharedWith = team, strings.TrimPrefix(c.Name, "#"), slices.Clone(c.Members), slices.Clone(c.SharedWith)
	if c.ID == "" {
		c.ID = s.world.names[userKey{team, c.Name}]
	}
	if c.ID == "" {
		c.ID = newID("C")
	}
	if c.Name == "" {
		c.Name = strings.ToLower(c.ID)
	}
	if old := s.world.rooms[c.ID]; old != nil && old.Team != team {
		return c, fmt.Errorf("there is a channel %s in the workspace %s", c.ID, old.Team)
	}
	if c.Created.IsZero() {
		c.Created = s.now().UTC()
	}
	return c, s.put(&c)
}

// ArchiveChannel closes a channel to new messages.
func (s *Slack) ArchiveChannel(team, id string) error {
	return s.changeChannel(team, id, func(c *Channel) { c.IsArchived = true })
}

// Invite makes somebody, or the bot, a member of a channel.
func (s *Slack) Invite(team, id, user string) error {
	return s.changeChannel(team, id, func(c *Channel) {
		if !c.has(user) {
			c.Members = append(slices.Clone(c.Members), user)
		}
	})
}

// Kick takes somebody, or the bot, out of a channel.
func (s *Slack) Kick(team, id, user string) error {
	return s.changeChannel(team, id, func(c *Channel) {
		c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(m string) bool { return m == user })
	})
}

func (s *Slack) changeChannel(team, id string, change func(*Channel)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.world.see(team, id)
	if r == nil {
		return fmt.Errorf("there is no channel %s in the workspace %s", id, team)
	}
	changed := *r.Channel
	change(&changed)
	return s.put(&changed)
}

// Revoke takes the token of a workspace back, as its owner may: who uses it is told token_revoked. The app hears of it by an Event of the
// type tokens_revoked, if one sends it.
func (s *Slack) Revoke(team string) error { return s.revoke(team, "token_revoked") }

// Uninstall takes the app out of a workspace: who uses its token is told account_inactive. The app hears of it by an Event of the type
// app_uninstalled, if one sends it.
func (s *Slack) Uninstall(team string) error { return s.revoke(team, "account_inactive") }

func (s *Slack) revoke(team, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(team)
	if err != nil {
		return err
	}
	g := s.world.grants[w.Token]
	if g == nil {
		return fmt.Errorf("the app is not installed in the workspace %s", team)
	}
	revoked := *g
	revoked.Revoked = reason
	return s.put(&revoked)
}

// SetManifest changes what the manifest of a workspace's app asks for beside scopes: the events that it is told of, and whether people can
// write in its messages tab.
func (s *Slack) SetManifest(team string, readOnly bool, events ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(team)
	if err != nil {
		return err
	}
	changed := *w
	changed.ReadOnly, changed.BotEvents = readOnly, slices.Clone(events)
	return s.put(&changed)
}

// SetScopes changes what the token of a workspace may do.
func (s *Slack) SetScopes(team string, scopes ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workspace(team)
	if err != nil {
		return err
	}
	changed := *w
	changed.Scopes = slices.Clone(scopes)
	records := []record{&changed}
	if g := s.world.grants[w.Token]; g != nil {
		granted := *g
		granted.Scopes = changed.Scopes
		records = append(records, &granted)
	}
	return s.put(records...)
}

// Say lets somebody write a message. It returns the message, and an error when they cannot write there.
func (s *Slack) Say(team, channel, user, text string, m *Metadata) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, u := s.world.see(team, channel), s.world.users[userKey{team, user}]
	if r == nil || u == nil || r.IsArchived || u.Deleted {
		return Message{}, fmt.Errorf("%s cannot write in %s", user, channel)
	}
	now := s.now()
	said := &Message{Team: u.TeamID, Channel: channel, TS: r.next(now), User: user, Text: text, Metadata: m, PostedAt: now.UTC()}
	return said.clone(), s.put(said)
}
