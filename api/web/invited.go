package web

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/store"
)

// invitationLasts is for how long an invitation is good, in words.
var invitationLasts = models.Count(int(store.InvitationLasts/(24*time.Hour)), "day")

// An invitedPage asks whether who opens an invitation wants to sign in, or says why it lets nobody in any more.
type invitedPage struct {
	page
	State    store.InvitationState // empty: it is none
	Name, By string                // of an open one
	Firm     string
	At       string // where its form leads
}

// invitedPage shows an invitation, and uses none up.
func (p *Pages) invitedPage(v *visit) error { return v.invited() }

// accept signs in whom an invitation is for.
func (p *Pages) accept(v *visit) error {
	err := p.Sessions.ByInvitation(v.r.Context(), v.w, v.r, v.r.PathValue("secret"))
	if models.CodeOf(err) == models.NotFound {
		return v.invited()
	} else if err != nil {
		return err
	}
	v.seeOther("/")
	return nil
}

// invited shows what has become of an invitation.
func (v *visit) invited() error {
	ctx := v.r.Context()
	in, state, err := v.Pages.Root.InvitationOf(ctx, session.HashToken(v.r.PathValue("secret")), v.Real())
	switch {
	case models.CodeOf(err) == models.NotFound:
		state = ""
	case err != nil:
		return err
	}
	if state != store.InvitationOpen {
		return v.show(http.StatusNotFound, invitedPageOf(invitedPage{page: v.bare("This invitation does not work"), State: state}))
	}
	firm, err := v.Pages.Root.For(in.Firm).Firm(ctx)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, invitedPageOf(invitedPage{page: v.bare("You are invited"), State: state, Name: in.Person.Name, By: in.ByNamed,
		Firm: firm.Name, At: v.r.URL.Path}))
}

// invite sends an invitation, and leads back to the list in which its button stands.
func (p *Pages) invite(v *visit) error {
	once, err := v.once()
	if err != nil {
		return err
	}
	if _, err := p.Invite(v.r.Context(), v.Store, v.Target.Person, v.Person, once); err != nil {
		return err
	}
	back := "/people"
	if c := v.Target.Client; c != "" {
		back = "/clients/" + url.PathEscape(string(c))
	}
	v.seeOther(local(v.r.PostForm.Get("back"), back))
	return nil
}

// An inviteLine is what has become of the last invitation of somebody, and the button that sends another.
type inviteLine struct {
	Said string // who invited when, and whether it was accepted; empty: nobody did
	At   string // where the button leads; empty: there is none
	Name string // whom it invites
	Key  string
	Back string // the page on which it stands
}

// inviteLines returns for each of some people what has become of their last invitation, as far as that is shown to who looks.
func (v *visit) inviteLines(all []models.Person) ([]inviteLine, error) {
	names := map[models.PersonID]string{}
	for _, x := range all {
		names[x.ID] = x.Name
	}
	last, err := v.lastInvitations(slices.Collect(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	out := make([]inviteLine, len(all))
	for k, x := range all {
		on, err := v.Store.Meet(v.r.Context(), v.Actor, x)
		if err != nil {
			return nil, err
		}
		if v.May("listInvitations", &on) == nil {
			out[k].Said = v.saysOf(last[x.ID], names)
		}
		if x.Active && x.ID != v.Actor.Person && v.Invite != nil && v.May("sendInvitation", &on) == nil {
			out[k].At, out[k].Name = "/people/"+url.PathEscape(string(x.ID))+"/invite", x.Name
			out[k].Key, out[k].Back = rand.Text(), v.r.URL.RequestURI()
		}
	}
	return out, nil
}

// lastInvitations returns the last invitation of each of these people who has any.
func (v *visit) lastInvitations(people []models.PersonID) (map[models.PersonID]store.Invitation, error) {
	last := map[models.PersonID]store.Invitation{}
	if len(people) == 0 {
		return last, nil
	}
	sent, err := v.Store.Invitations(v.r.Context(), people...)
	for _, i := range sent { // the latest comes first
		if _, newer := last[i.Person]; !newer {
			last[i.Person] = i
		}
	}
	return last, err
}

// saysOf says what has become of an invitation.
func (v *visit) saysOf(i store.Invitation, names map[models.PersonID]string) string {
	if i.ID == "" {
		return ""
	}
	zone := models.Zone(v.Person.TimeZone)
	on := func(t time.Time) string { return nearDay(models.DateIn(t, zone), models.DateIn(v.Real(), zone)) }
	said := "invited " + on(i.CreatedAt)
	if by := names[i.By]; by != "" {
		said += " by " + by
	} else if i.By == v.Actor.Person {
		said += " by you"
	}
	switch i.StateAt(v.Real()) {
	case store.InvitationAccepted:
		return said + ", accepted " + on(i.AcceptedAt)
	case store.InvitationExpired:
		return said + ", expired " + on(i.ExpiresAt)
	case store.InvitationEnded:
		return said + ", withdrawn"
	}
	return said + ", good until " + on(i.ExpiresAt)
}
