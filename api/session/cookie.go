package session

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// Cookies says how the cookies of this installation are called and sent. They are of one host, of all its paths, and no script reads
// them; where people reach the installation by TLS they are sent by TLS alone.
type Cookies struct {
	secure bool
	suffix string
}

// CookiesFor returns the cookies of an installation with a public address, which may be empty, that listens at a port. A browser knows no
// ports: without TLS, where several installations may be on one machine, the names have the port.
func CookiesFor(public, port string) Cookies {
	if u, err := url.Parse(public); err == nil && u.Scheme == "https" {
		return Cookies{secure: true}
	}
	return Cookies{suffix: "-" + port}
}

// The cookies. That of a session is its secret; that of a browser is what a link that was asked for in it is bound to.
const (
	sessionCookie = "tickmark"
	browserCookie = "tickmark-browser"
)

func (c Cookies) name(name string) string {
	if c.secure {
		return "__Host-" + name
	}
	return name + c.suffix
}

func (c Cookies) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: c.name(name), Value: value, Path: "/", MaxAge: int(lasts.Seconds()), Secure: c.secure,
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// value returns what a cookie has; empty where it is not there, or there more than once, which no browser of ours sends.
func (c Cookies) value(r *http.Request, name string) string {
	if all := r.CookiesNamed(c.name(name)); len(all) == 1 {
		return all[0].Value
	}
	return ""
}

// Cookie returns who is signed in in the browser that sent a request, and notes that they were here; for whom they stand in Admit says. It
// refuses as unauthenticated a request without a session that is open, and as too many requests one beyond the limits of its person.
func (s *Sessions) Cookie(ctx context.Context, r *http.Request) (Caller, error) {
	now := s.Real()
	p, err := s.Root.Session(ctx, hashOf(s.Cookies.value(r, sessionCookie)), now)
	if err != nil {
		return Caller{}, err
	}
	return s.admitted(ctx, p, now)
}

// Stays refuses when the session of a browser that keeps a request open has ended, or its person is not what they were when it began. It
// does not note that they were here: an open page alone keeps no session.
func (s *Sessions) Stays(ctx context.Context, r *http.Request, c Caller) error {
	p, err := s.Root.Session(ctx, hashOf(s.Cookies.value(r, sessionCookie)), s.Real())
	if err == nil && (p.Person.Role != c.Person.Role || p.Person.Client != c.Person.Client) {
		err = models.Refuse(models.Unauthenticated, "", "who you are here has changed: look again")
	}
	return err
}

// Caller returns who sends a request: by the bearer token where the request has one, else by the session of its browser. It refuses as
// Bearer and Cookie do.
func (s *Sessions) Caller(ctx context.Context, r *http.Request) (Caller, error) {
	if r.Header.Get("Authorization") == "" && s.Cookies.value(r, sessionCookie) != "" {
		return s.Cookie(ctx, r)
	}
	return s.Bearer(ctx, r.Header)
}

// admitted returns the caller that a credential lets in.
func (s *Sessions) admitted(ctx context.Context, p store.Principal, now time.Time) (Caller, error) {
	c := Caller{Person: p.Person, Firm: p.Firm, DemoOf: p.DemoOf, Root: s.Root, Store: s.Root.For(p.Firm), Now: s.Now()}
	c.Actor = engagement.Actor{Person: p.Person.ID, Role: p.Person.Role, Client: p.Person.Client, Token: p.Token}
	if err := c.Store.TouchToken(ctx, p.Token, p.UsedAt, now); err != nil {
		s.Log.WarnContext(ctx, "the use of a credential is not noted", "token", p.Token, "error", err) // it is not the caller's trouble
	}
	if !s.limits.allow(string(p.Firm) + "/" + string(p.Person.ID)) {
		return Caller{}, models.Refuse(TooMany, "", "more requests than you may send, with all your tokens and browsers together: wait a moment")
	}
	return c, nil
}

// Browser returns what links that are asked for in the browser of a request are bound to, and gives the browser its cookie where it has
// none.
func (s *Sessions) Browser(w http.ResponseWriter, r *http.Request) (bound string) {
	value := s.Cookies.value(r, browserCookie)
	if len(value) < 26 || len(value) > 64 {
		value = rand.Text()
	}
	s.Cookies.set(w, browserCookie, value, store.SentLinkLasts)
	return HashToken(value)
}

// Bound returns what links that were asked for in the browser of a request are bound to.
func (s *Sessions) Bound(r *http.Request) string { return hashOf(s.Cookies.value(r, browserCookie)) }

// hashOf returns what is stored of a secret; of none, nothing, which is nobody's.
func hashOf(secret string) string {
	if secret == "" {
		return ""
	}
	return HashToken(secret)
}

// ByLink signs in whom a link is for, in the browser of a request: its session of before, if there is one, ends, and the new one has
// another secret. It refuses as store.UseLink does.
func (s *Sessions) ByLink(ctx context.Context, w http.ResponseWriter, r *http.Request, link, bound string) (store.Principal, error) {
	return s.signIn(ctx, w, r, func(hash string, now time.Time) (store.Principal, error) {
		return s.Root.UseLink(ctx, HashToken(link), bound, hash, r.UserAgent(), now)
	})
}

// signIn signs in, in the browser of a request, whom it is told by what begins the session with this hash.
func (s *Sessions) signIn(ctx context.Context, w http.ResponseWriter, r *http.Request,
	begin func(hash string, now time.Time) (store.Principal, error)) (store.Principal, error) {
	now := s.Real()
	secret, hash := store.NewSecret()
	p, err := begin(hash, now)
	if err != nil {
		return p, err
	}
	s.leave(ctx, r, now)
	s.forgive(ctx, r, p.Person.Email)
	s.Cookies.set(w, sessionCookie, secret, store.SessionLasts)
	return p, nil
}

// ByInvitation signs in whom an invitation is for, as ByLink does. It refuses as store.Accept does.
func (s *Sessions) ByInvitation(ctx context.Context, w http.ResponseWriter, r *http.Request, invitation string) error {
	_, err := s.signIn(ctx, w, r, func(hash string, now time.Time) (store.Principal, error) {
		return s.Root.Accept(ctx, HashToken(invitation), hash, r.UserAgent(), now)
	})
	return err
}

// SignOut ends the session of the browser that sent a request, and takes its cookie away. Who is not signed in is none the worse for it.
func (s *Sessions) SignOut(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	s.leave(ctx, r, s.Real())
	s.Cookies.set(w, sessionCookie, "", -time.Second)
}

// leave ends the session of a browser, if it is in one.
func (s *Sessions) leave(ctx context.Context, r *http.Request, now time.Time) {
	p, err := s.Root.Session(ctx, hashOf(s.Cookies.value(r, sessionCookie)), now)
	if err != nil {
		return
	}
	if err := s.Root.For(p.Firm).EndSessions(ctx, store.Once{Actor: p.Person.ID}, p.Person.ID, p.Token, now); err != nil {
		s.Log.WarnContext(ctx, "a session was not ended", "token", p.Token, "error", err)
	}
}
