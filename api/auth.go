package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A caller is who sent a request, what they may do with it, and the rows of their firm. It is all a handler knows of the
// outside: there is no other way to a store.
type caller struct {
	engagement.Actor
	firm       models.FirmID
	person     models.Person
	token      string // its id
	root       *store.Root
	store      *store.Store
	now        time.Time
	engagement engagement.Engagement // when the path names one
	subject    models.Person         // when the path names one
	once       store.Once            // of a write
}

type callerKey struct{}

// of returns the caller that guard has let in.
func of(ctx context.Context) *caller { return ctx.Value(callerKey{}).(*caller) }

// A token is "tm_", eight characters that people may repeat to each other, and a secret of 256 random bits. What is stored
// is a SHA-256 of the whole: looking it up by that compares nothing secret, character by character or otherwise.
var tokenForm = regexp.MustCompile(`^tm_[0-9A-Za-z]{8}_[0-9A-Za-z]{32,64}$`)

// NewToken returns a token nobody has and what is to be stored of it (store.CreateToken).
func NewToken() (token, hash string) {
	token = "tm_" + base62(8) + "_" + base62(43)
	return token, HashToken(token)
}

// HashToken returns what is stored of a token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func base62(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, n)
	for i := range out {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(digits))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		out[i] = digits[k.Int64()]
	}
	return string(out)
}

// authenticate returns whom the bearer token stands for, and notes that it was used.
func (s *Server) authenticate(c echo.Context) (*caller, error) {
	header := c.Request().Header.Values(echo.HeaderAuthorization)
	if len(header) == 0 {
		return nil, models.Refuse(models.Unauthenticated, echo.HeaderAuthorization, "Authorization is missing: Bearer and a token")
	}
	scheme, token, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") || !tokenForm.MatchString(token) {
		return nil, models.Refuse(models.Unauthenticated, echo.HeaderAuthorization, "Authorization must be Bearer and a token, as in Bearer tm_…")
	}
	ctx, now := c.Request().Context(), s.cfg.Real()
	p, err := s.cfg.Root.Token(ctx, HashToken(token), now)
	if err != nil {
		return nil, err
	}
	who := &caller{firm: p.Firm, person: p.Person, token: p.Token, root: s.cfg.Root, store: s.cfg.Root.For(p.Firm), now: s.cfg.Now()}
	if who.Actor, err = who.store.Actor(ctx, p.Person, who.now); err != nil {
		return nil, err
	}
	if err := who.store.TouchToken(ctx, p.Token, p.UsedAt, now); err != nil {
		s.cfg.Log.WarnContext(ctx, "token use not noted", "token", p.Token, "error", err) // it is not the caller's trouble
	}
	return who, nil
}

// revisionOf reads an If-Match that has been checked; 0 when there is none.
func revisionOf(tag string) int64 {
	n, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func etag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// limits holds how much each token may still send.
type limits struct {
	rate  rate.Limit
	burst int
	mu    *sync.Mutex
	by    map[string]*rate.Limiter
}

func newLimits(perSecond float64, burst int) limits {
	return limits{rate: rate.Limit(perSecond), burst: burst, mu: new(sync.Mutex), by: map[string]*rate.Limiter{}}
}

// maxLimits is how many tokens are remembered; one more and those that have not been at their limit are forgotten.
const maxLimits = 10_000

func (l limits) allow(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.by[token]
	if limiter == nil {
		if len(l.by) >= maxLimits {
			for id, old := range l.by {
				if old.Tokens() >= float64(l.burst) {
					delete(l.by, id)
				}
			}
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.by[token] = limiter
	}
	return limiter.Allow()
}
