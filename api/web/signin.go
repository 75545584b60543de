package web

import (
	"net/http"
	"net/url"

	"tickmark/api/session"
)

// signInPage says how one gets in.
func (p *Pages) signInPage(v *visit) error {
	return v.show(http.StatusOK, signInPage(v.bare("Sign in"), v.Day != 0))
}

// enterPage asks whether who follows a link wants to sign in with it: programs that check mails and chats follow links, and use none up.
func (p *Pages) enterPage(v *visit) error {
	to, err := p.Root.LinkOf(v.r.Context(), session.HashToken(v.r.PathValue("secret")), p.Sessions.Bound(v.r), p.Real())
	if err != nil {
		return v.show(http.StatusNotFound, usedPage(v.bare("This link does not work")))
	}
	return v.show(http.StatusOK, enterPage(v.bare("Sign in"), to.Person, v.r.URL.RequestURI()))
}

// enter signs in whom a link is for, and leads on to what they wanted to look at.
func (p *Pages) enter(v *visit) error {
	secret := v.r.PathValue("secret")
	if _, err := p.Sessions.ByLink(v.r.Context(), v.w, v.r, secret, p.Sessions.Bound(v.r)); err != nil {
		return v.show(http.StatusNotFound, usedPage(v.bare("This link does not work")))
	}
	v.seeOther(local(v.r.URL.Query().Get("next"), "/"))
	return nil
}

// signOut ends the session of the browser.
func (p *Pages) signOut(v *visit) error {
	p.Sessions.SignOut(v.r.Context(), v.w, v.r)
	v.seeOther("/sign-in?" + url.Values{"out": {"1"}}.Encode())
	return nil
}
