package slackfake

import (
	"strings"
	"time"
)

func (s *Slack) authTest(r *request) (reply, error) {
	answer := reply{"url": "https://" + r.ws.Domain + ".slack.com/", "team": r.ws.Name, "user": "tickmark", "team_id": r.ws.Team,
		"user_id": r.ws.BotUser, "bot_id": r.ws.Bot,
		"is_enterprise_install": false}
	if r.ws.Enterprise != "" {
		answer["enterprise_id"] = r.ws.Enterprise
	}
	return answer, nil
}

func (s *Slack) authRevoke(r *request) (reply, error) {
	if r.yes("test") {
		return reply{"revoked": false}, nil
	}
	return reply{"revoked": true}, s.Revoke(r.ws.Team)
}

func (s *Slack) teamInfo(r *request) (reply, error) {
	if t := r.args["team"]; t != "" && t != r.ws.Team {
		return nil, refuse("team_not_found")
	}
	team := reply{"id": r.ws.Team, "name": r.ws.Name, "domain": r.ws.Domain, "email_domain": ""}
	if r.ws.Enterprise != "" {
		team["enterprise_id"] = r.ws.Enterprise
	}
	return reply{"team": team}, nil
}

func (s *Slack) usersInfo(r *request) (reply, error) {
	s.mu.Lock()
	u := s.world.users[userKey{r.ws.Team, r.args["user"]}]
	s.mu.Unlock()
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return reply{"user": r.user(u)}, nil
}

func (s *Slack) usersLookup(r *request) (reply, error) {
	email := strings.TrimSpace(r.args["email"])
	if email == "" {
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: email")
	}
	u, err := s.byEmail(r.ws.Team, email)
	switch {
	case err != nil:
		return nil, err
	case u == nil || u.Deleted:
		return nil, refuse("users_not_found")
	}
	return reply{"user": r.user(u)}, nil
}

// byEmail returns who has an address in a workspace, asking the directory when nobody has; nil when there is nobody.
func (s *Slack) byEmail(team, email string) (*User, error) {
	known := func() *User {
		return s.world.users[userKey{team, s.world.emails[userKey{team, strings.ToLower(email)}]}]
	}
	s.mu.Lock()
	u := known()
	s.mu.Unlock()
	if u != nil || s.options.Directory == nil {
		return u, nil
	}
	found, ok := s.options.Directory(team, email)
	if !ok {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u = known(); u != nil { // somebody else was faster
		return u, nil
	}
	if found.Email == "" {
		found.Email = email
	}
	added, err := s.addUser(team, found)
	return &added, err
}

// user is how a user is told of: an address only to those who may see it, and little of strangers.
func (r *request) user(u *User) reply {
	profile := reply{"real_name": u.RealName, "display_name": u.Name, "real_name_normalized": u.RealName, "display_name_normalized": u.Name,
		"team": u.TeamID}
	if r.needs("users:read.email") == nil && !u.IsStranger && u.Email != "" {
		profile["email"] = u.Email
	}
	answer := reply{"id": u.ID, "team_id": u.TeamID, "name": u.Name, "deleted": u.Deleted, "real_name": u.RealName, "profile": profile,
		"is_admin": u.IsAdmin, "is_owner": false,
		"is_primary_owner": false, "is_restricted": u.IsRestricted, "is_ultra_restricted": u.IsUltra, "is_bot": u.IsBot,
		"is_app_user": u.IsAppUser,
		"is_stranger": u.IsStranger, "updated": 0}
	if !u.IsStranger && !u.Deleted {
		if zone, err := time.LoadLocation(u.TimeZone); err == nil {
			name, offset := r.now.In(zone).Zone()
			answer["tz"], answer["tz_label"], answer["tz_offset"] = u.TimeZone, name, offset
		}
	}
	return answer
}
