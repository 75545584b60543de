package slackfake

import (
	"maps"
	"slices"
	"time"
)

// maxStack is how many modals lie upon one another.
const maxStack = 3

// triggerLife is how long a trigger is good.
const triggerLife = 3 * time.Second

// A trigger allows to open a modal for a user, once and soon.
type trigger struct {
	team, user string
	expires    time.Time
	used       bool
	modal      bool // it came of a modal, on which another may be pushed
}

// newTrigger makes a trigger and returns its id. The caller holds s.mu.
func (s *Slack) newTrigger(team, user string, modal bool) string {
	now := s.now()
	if len(s.triggers) > 1000 {
		maps.DeleteFunc(s.triggers, func(_ string, t *trigger) bool { return t.expires.Before(now.Add(-time.Minute)) })
	}
	id := newDigits(12) + "." + newDigits(12) + "." + newSecret(32)
	s.triggers[id] = &trigger{team: team, user: user, expires: now.Add(triggerLife), modal: modal}
	return id
}

// pull uses up the trigger of a call. The caller holds s.mu.
func (s *Slack) pull(r *request) (*trigger, error) {
	t := s.triggers[r.args["trigger_id"]]
	switch {
	case r.args["trigger_id"] == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: trigger_id")
	case t == nil || t.team != r.ws.Team:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case r.now.After(t.expires):
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

// A stack is whose modals lie upon one another.
type stack struct {
	ws   *Workspace
	user string
}

func (k stack) key() userKey { return userKey{k.ws.Team, k.user} }

// modals returns the ids of a stack, the lowest first. The caller holds s.mu.
func (s *Slack) modals(k stack) []string { return s.world.stacks[k.key()] }

// without returns, to be put, the modals of a stack from one on as gone. The caller holds s.mu.
func (s *Slack) without(k stack, from int) []record {
	var gone []record
	for _, id := range slices.Backward(s.modals(k)[from:]) {
		v := *s.world.views[id]
		v.Gone = true
		gone = append(gone, &v)
	}
	return gone
}

// over returns a view as it lies on a stack above some that stay. The caller holds s.mu.
func (s *Slack) over(k stack, v View, below []string) (*View, error) {
	if err := s.unused(k, v, ""); err != nil {
		return nil, err
	}
	v = k.owned(v)
	v.ID = newID("V")
	v.RootViewID = v.ID
	if len(below) > 0 {
		v.RootViewID, v.PreviousViewID = below[0], below[len(below)-1]
	}
	return &v, nil
}

// owned fills in whose a view is, and gives it a new hash.
func (k stack) owned(v View) View {
	v.TeamID, v.AppID, v.BotID, v.InstalledTeam, v.User = k.ws.Team, k.ws.App, k.ws.Bot, k.ws.Team, k.user
	v.Hash, v.Gone = newDigits(10)+"."+newSecret(8), false
	return v
}

// instead returns a view in the place of an old one. The caller holds s.mu.
func (s *Slack) instead(k stack, v View, old *View) (*View, error) {
	if err := s.unused(k, v, old.ID); err != nil {
		return nil, err
	}
	v = k.owned(v)
	v.ID, v.RootViewID, v.PreviousViewID, v.Changes = old.ID, old.RootViewID, old.PreviousViewID, old.Changes+1
	if v.ExternalID == "" {
		v.ExternalID = old.ExternalID
	}
	return &v, nil
}

// unused refuses a view whose external id another has. The caller holds s.mu.
func (s *Slack) unused(k stack, v View, id string) error {
	if has := s.world.external[userKey{k.ws.Team, v.ExternalID}]; v.ExternalID != "" && has != "" && has != id {
		return refuse("duplicate_external_id")
	}
	return nil
}

// putView puts a view, after other records, and returns it as it is told of. The caller holds s.mu.
func (s *Slack) putView(before []record, v *View) (reply, error) {
	if err := s.put(append(before, v)...); err != nil {
		return nil, err
	}
	return reply{"view": v.wire()}, nil
}

func (s *Slack) viewsOpen(r *request) (reply, error) {
	v, err := readView(r.args["view"], "modal")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.pull(r)
	if err != nil {
		return nil, err
	}
	k := stack{r.ws, t.user}
	opened, err := s.over(k, v, nil)
	if err != nil {
		return nil, err
	}
	return s.putView(s.without(k, 0), opened)
}

func (s *Slack) viewsPush(r *request) (reply, error) {
	v, err := readView(r.args["view"], "modal")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.pull(r)
	if err != nil {
		return nil, err
	}
	k := stack{r.ws, t.user}
	below := s.modals(k)
	switch {
	case !t.modal || len(below) == 0:
		return nil, refuse("not_found")
	case len(below) >= maxStack:
		return nil, refuse("push_limit_reached")
	}
	pushed, err := s.over(k, v, below)
	if err != nil {
		return nil, err
	}
	return s.putView(nil, pushed)
}

func (s *Slack) viewsUpdate(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.args["view_id"]
	if id == "" {
		id = s.world.external[userKey{r.ws.Team, r.args["external_id"]}]
	}
	old := s.world.views[id]
	switch {
	case r.args["view_id"] == "" && r.args["external_id"] == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: view_id")
	case old == nil || old.TeamID != r.ws.Team:
		return nil, refuse("not_found")
	case r.args["hash"] != "" && r.args["hash"] != old.Hash:
		return nil, refuse("hash_conflict")
	}
	v, err := readView(r.args["view"], old.Type)
	if err != nil {
		return nil, err
	}
	changed, err := s.instead(stack{r.ws, old.User}, v, old)
	if err != nil {
		return nil, err
	}
	return s.putView(nil, changed)
}

func (s *Slack) viewsPublish(r *request) (reply, error) {
	v, err := readView(r.args["view"], "home")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.world.users[userKey{r.ws.Team, r.args["user_id"]}]
	if user == nil || user.outside() || user.Deleted {
		return nil, refuse("user_not_found")
	}
	k := stack{r.ws, user.ID}
	old := s.world.homes[k.key()]
	var home *View
	switch {
	case old == nil:
		home, err = s.over(k, v, nil)
	case r.args["hash"] != "" && r.args["hash"] != old.Hash:
		return nil, refuse("hash_conflict")
	default:
		home, err = s.instead(k, v, old)
	}
	if err != nil {
		return nil, err
	}
	return s.putView(nil, home)
}
