package web

import (
	"net/http"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// An accountPage is who somebody is here, and where they are signed in.
type accountPage struct {
	page
	Facts    []fact
	Sessions []sessionLine
}

// A sessionLine is a browser in which somebody is signed in.
type sessionLine struct {
	At, Browser, Since, Used, Until string
	Current                         bool
}

// account shows somebody who they are here, and where they are signed in.
func (p *Pages) account(v *visit) error {
	all, err := v.Store.Sessions(v.r.Context(), v.Person.ID, p.Real())
	if err != nil {
		return err
	}
	out := accountPage{page: v.framed("Your account", "settings", "/account"), Facts: []fact{{Term: "Name", Text: v.Person.Name},
		{Term: "Mail", Text: v.Person.Email}, {Term: "Role", Text: roleNames[v.Role]}, {Term: "Time zone", Text: v.Person.TimeZone}}}
	zone := models.Zone(v.Person.TimeZone)
	say := func(t time.Time) string { return models.Dated(models.DateIn(t, zone)) + t.In(zone).Format(", 15:04") }
	for _, s := range all {
		line := sessionLine{At: "/account/sessions/" + s.ID + "/end", Browser: s.Browser, Since: say(s.CreatedAt), Used: say(s.UsedAt),
			Until: say(s.ExpiresAt), Current: s.ID == v.Actor.Token}
		if line.Browser == "" {
			line.Browser = "A browser that does not say what it is"
		}
		out.Sessions = append(out.Sessions, line)
	}
	return v.show(http.StatusOK, accountPageOf(out))
}

// endSession signs somebody out of one of their browsers.
func (p *Pages) endSession(v *visit) error { return v.end(v.r.PathValue("session")) }

// endSessions signs somebody out everywhere.
func (p *Pages) endSessions(v *visit) error { return v.end("") }

func (v *visit) end(session string) error {
	err := v.Store.EndSessions(v.r.Context(), store.Once{Actor: v.Person.ID, Role: v.Role, Token: v.Actor.Token}, v.Person.ID, session,
		v.Real())
	if err != nil {
		return err
	}
	v.seeOther("/account")
	return nil
}
