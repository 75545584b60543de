// Package session says who sends a request: it reads their credentials, holds them to their limits and opens the rows of their firm. REST,
// pages and assistants share it. It judges nothing itself: what somebody may see it asks of the store, what they may do of the tables in
// models.
package session

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// TooMany is the code of the refusal of more requests than a person may send.
const TooMany models.Code = "too_many_requests"

// A Caller is who sent a request, what they may do with it, and the rows of their firm. It is all a handler knows of the outside: there is
// no other way to a store.
type Caller struct {
	engagement.Actor
	Person models.Person // who the actor is
	Firm   models.FirmID
	DemoOf models.FirmID // whose demo their firm is; empty: it is none
	Root   *store.Root
	Store  *store.Store
	Now    time.Time // engagement time, the same for the whole request

	Engagement engagement.Engagement // that the path names; set by Admit
	Target     engagement.Target     // the person that the path names; set by Admit
	Once       store.Once            // of a write
}

// Sessions opens the requests of callers. Root, Now, Real and Log are needed.
type Sessions struct {
	Root *store.Root
	Now  func() time.Time // engagement time
	Real func() time.Time // the machine's time, in which tokens expire whatever day engagements have
	Log  *slog.Logger

	Cookies Cookies        // by which browsers show that somebody is signed in
	Proxies []netip.Prefix // that are believed from where a request comes; none: the line says it

	limits limits
}

// New returns sessions in which a person may send, with all their tokens together, perSecond requests a second in the long run, and burst
// at once.
func New(s Sessions, perSecond float64, burst int) *Sessions {
	s.limits = newLimits(perSecond, burst)
	return &s
}

// Bearer returns whom the bearer token of a request stands for, and notes that it was used; for whom they stand in Admit says. It refuses
// as unauthenticated a request without a valid token, and as too many requests one beyond the limits of its person.
func (s *Sessions) Bearer(ctx context.Context, h http.Header) (Caller, error) {
	token, err := bearerOf(h)
	if err != nil {
		return Caller{}, err
	}
	now := s.Real()
	p, err := s.Root.Token(ctx, HashToken(token), now)
	if err != nil {
		return Caller{}, err
	}
	return s.admitted(ctx, p, now)
}

// A token is "tm_", eight characters that people may repeat to each other, and a secret of at least 256 random bits. What is stored is
// a SHA-256 of the whole: looking it up by that compares nothing secret, character by character or otherwise.
var tokenForm = regexp.MustCompile(`^tm_[0-9A-Za-z]{8}_[0-9A-Za-z]{32,64}$`)

// bearerOf returns the token that a request carries. What carries none is refused in words that say which part of it is wrong: how many
// there are, the word before the token, or the token itself. They tell nothing but how tokens look, since nobody has been asked for one
// yet.
func bearerOf(h http.Header) (string, error) {
	const field = "Authorization"
	refuse := func(text string, more ...any) (string, error) {
		return "", models.Refuse(models.Unauthenticated, field, text, more...)
	}
	header := h.Values(field)
	switch {
	case len(header) == 0:
		return refuse("Authorization is missing: Bearer, a space and a token, as in Bearer tm_…")
	case len(header) > 1:
		return refuse("Authorization is there %d times: send it once", len(header))
	}
	scheme, token, _ := strings.Cut(header[0], " ")
	token = strings.TrimLeft(token, " ") // RFC 9110 allows several
	switch {
	case strings.HasPrefix(scheme, tokenBegins):
		return refuse("Authorization is a token without Bearer and a space before it, as in Bearer tm_…")
	case !strings.EqualFold(scheme, "Bearer"):
		return refuse("Authorization must be Bearer, a space and a token, as in Bearer tm_…: it begins with another word")
	}
	if wrong := wrongWith(token); wrong != "" {
		return refuse("%s", wrong)
	}
	return token, nil
}

const (
	tokenBegins  = "tm_"
	shortestOnes = len(tokenBegins) + 8 + 1 + 32
)

// wrongWith says what is wrong with the form of a token, none of which it repeats; empty where nothing is.
func wrongWith(token string) string {
	foreign := strings.IndexFunc(token, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	switch {
	case token == "":
		return "the token is missing: Authorization has Bearer and nothing after it"
	case !strings.HasPrefix(token, tokenBegins):
		return "this is no token of Tickmark: they begin with tm_"
	case foreign >= 0:
		return fmt.Sprintf("the token is mistyped: tokens have letters, digits and underlines alone, and its character %d is another",
			utf8.RuneCountInString(token[:foreign])+1)
	case len(token) < shortestOnes:
		return fmt.Sprintf("the token is cut off: it has %s, and tokens have at least %d", models.Count(len(token), "character"), shortestOnes)
	case !tokenForm.MatchString(token):
		return "the token is mistyped: it must be tm_, 8 letters and digits, an underline, and 32 to 64 letters and digits"
	}
	return ""
}

// NewToken returns a token nobody has and what is to be stored of it (store.CreateToken).
func NewToken() (token, hash string) {
	token = "tm_" + rand.Text()[:8] + "_" + rand.Text() + rand.Text()
	return token, HashToken(token)
}

// HashToken returns what is stored of a token.
func HashToken(token string) string { return store.HashOf(token) }
