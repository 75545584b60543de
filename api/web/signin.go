package web

import (
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/store"
)

// A LinkAsk is that somebody asks in a browser for a link by which they sign in.
type LinkAsk struct {
	Address string // as it was typed
	Bound   string // a hash of what the browser has: the link works there alone
	Next    string // the page to which they want; may be empty
}

// A signIn is the page on which one asks for a link.
type signIn struct {
	page
	Sends bool   // links are sent from here
	Solo  bool   // links are printed on this machine
	Next  string // the page to which they want
	Mail  string // as it was typed
	Wrong string // what is wrong with it
	Asked bool   // they have asked
}

// linkLasts is for how long a link that is sent is good, in words.
var linkLasts = models.Count(int(store.SentLinkLasts/time.Minute), "minute")

func (v *visit) signInOf(title string) signIn {
	return signIn{page: v.bare(title), Sends: v.AskLink != nil && v.SendsLinks(), Solo: v.Solo, Next: local(v.r.URL.Query().Get("next"), "")}
}

// signInPage says how one gets in, and takes a mail address to which a link is sent.
func (p *Pages) signInPage(v *visit) error {
	out := v.signInOf("Sign in")
	if v.r.URL.Query().Has("asked") {
		out = v.signInOf("Look at your messages")
		out.Asked = true
	}
	return v.show(http.StatusOK, signInPageOf(out))
}

// signInAt is where the form of the page leads that comes back to a page.
func signInAt(next string) string {
	if next == "" {
		return "/sign-in"
	}
	return "/sign-in?" + url.Values{"next": {next}}.Encode()
}

// askLink has a link sent to whom a mail address is of. What is answered, and after how long, is the same whether that is anybody: who
// they are is looked up beside the answer.
func (p *Pages) askLink(v *visit) error {
	out := v.signInOf("Sign in")
	out.Mail = strings.TrimSpace(v.r.PostFormValue("mail"))
	address, err := mail.ParseAddress(out.Mail)
	switch {
	case !out.Sends:
		return v.show(http.StatusOK, signInPageOf(out))
	case err != nil || address.Address != out.Mail || len(out.Mail) > 254:
		out.Mail, out.Wrong = models.Cut(out.Mail, 254), "Type your mail address, as in olga@northgate.example."
		return v.show(http.StatusOK, signInPageOf(out))
	}
	if err := p.Sessions.TryAs(v.r.Context(), v.r, out.Mail); models.CodeOf(err) == session.TooMany {
		out.Wrong = models.Sentence(err.Error())
		return v.show(http.StatusTooManyRequests, signInPageOf(out))
	} else if err != nil {
		return err
	}
	p.AskLink(LinkAsk{Address: out.Mail, Bound: p.Sessions.Browser(v.w, v.r), Next: out.Next})
	v.seeOther("/sign-in?" + url.Values{"asked": {"1"}}.Encode())
	return nil
}

// enterPage asks whether who follows a link wants to sign in with it: programs that check mails and chats follow links, and use none up.
func (p *Pages) enterPage(v *visit) error {
	to, err := p.Root.LinkOf(v.r.Context(), session.HashToken(v.r.PathValue("secret")), p.Sessions.Bound(v.r), p.Real())
	if models.CodeOf(err) == models.NotFound {
		return v.show(http.StatusNotFound, usedPage(v.bare("This link does not work")))
	} else if err != nil {
		return err
	}
	return v.show(http.StatusOK, enterPage(v.bare("Sign in"), to.Person, v.r.URL.RequestURI()))
}

// enter signs in whom a link is for, and leads on to what they wanted to look at.
func (p *Pages) enter(v *visit) error {
	secret := v.r.PathValue("secret")
	_, err := p.Sessions.ByLink(v.r.Context(), v.w, v.r, secret, p.Sessions.Bound(v.r))
	if models.CodeOf(err) == models.NotFound {
		return v.show(http.StatusNotFound, usedPage(v.bare("This link does not work")))
	} else if err != nil {
		return err
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
