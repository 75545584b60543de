package session

import (
	"context"
	"net/http"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// homeCookie is the session of somebody at their own firm, while they look at its demo.
const homeCookie = "tickmark-home"

// LookAround signs who is signed in at their firm in as somebody of its demo. Their own session stays, and GoHome leads back to it.
func (s *Sessions) LookAround(ctx context.Context, w http.ResponseWriter, r *http.Request, demo models.FirmID, as models.PersonID) error {
	now := s.Real()
	_, link := store.NewSecret()
	if err := s.Root.For(demo).CreateLink(ctx, store.Link{Person: as, Way: store.ByConsole, Hash: link}, now); err != nil {
		return err
	}
	secret, hash := store.NewSecret()
	if _, err := s.Root.UseLink(ctx, link, "", hash, r.UserAgent(), now); err != nil {
		return err
	}
	s.Cookies.set(w, homeCookie, s.Cookies.value(r, sessionCookie), store.SessionLasts)
	s.Cookies.set(w, sessionCookie, secret, store.SessionLasts)
	return nil
}

// GoHome ends the session in which a demo was looked at, and goes on with that at one's own firm. Where that has ended, one signs in.
func (s *Sessions) GoHome(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	s.leave(ctx, r, s.Real())
	if own := s.Cookies.value(r, homeCookie); own != "" {
		s.Cookies.set(w, sessionCookie, own, store.SessionLasts)
	} else {
		s.Cookies.set(w, sessionCookie, "", -time.Second)
	}
	s.Cookies.set(w, homeCookie, "", -time.Second)
}
