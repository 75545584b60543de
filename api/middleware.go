package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tickmark/models"
	"tickmark/models/store"
)

// named gives the request an id that its log lines and problems bear. Nobody outside chooses it.
func named(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, strings.ToLower(rand.Text()[:16]))
		return next(c)
	}
}

// logged writes one line per request: ids and the route, never a person's name or address, or what was sent. Who was refused because of who
// they are, or for asking too much, is said on the level of what operators read, with the machine that asked; that is the proxy's where
// there is one, and its own log has the other. Everything else is for who debugs.
func (s *Server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		attrs := []slog.Attr{slog.String("request", c.Response().Header().Get(echo.HeaderXRequestID)), slog.String("method", c.Request().Method),
			slog.String("route", c.Path()), slog.Int("status", c.Response().Status), slog.Duration("took", time.Since(began))}
		if who, ok := c.Request().Context().Value(callerKey{}).(*caller); ok {
			attrs = append(attrs, slog.String("firm", string(who.Firm)), slog.String("token", who.Token))
		}
		level, what := slog.LevelDebug, "request answered"
		if slices.Contains(securityRefusals, c.Response().Status) {
			from, _, _ := net.SplitHostPort(c.Request().RemoteAddr)
			level, what, attrs = slog.LevelInfo, "request refused", append(attrs, slog.String("from", from))
		}
		s.cfg.Log.LogAttrs(c.Request().Context(), level, what, attrs...)
		return nil
	}
}

// securityRefusals are the answers to whom nobody knows, who may not, and who asks too much.
var securityRefusals = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}

// recover turns a panic into an error: the other requests go on.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch r := recover(); r {
			case nil:
			case http.ErrAbortHandler:
				panic(r)
			default:
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// Harden sets the headers that browsers obey, as strictly as they can be: an answer is no page, is in no frame, is kept nowhere, and tells
// no other site where it was. It is set before a request is looked at, so that refusals have it too; whoever shows a page sets its own
// Content-Security-Policy, and loosens of the others what that page cannot do without.
func Harden(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// hardened sets the headers that browsers obey.
func hardened(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		Harden(c.Response().Header())
		return next(c)
	}
}

// taken answers a method that an address does not take with 405 and what it takes. OPTIONS is among those: the router would answer it by
// itself, but nothing here is for pages of other origins.
func taken(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		takes, other := c.Get(echo.ContextKeyHeaderAllow).(string)
		if !other {
			return next(c)
		}
		c.Response().Header().Set(echo.HeaderAllow, strings.TrimPrefix(takes, http.MethodOptions+", "))
		return echo.ErrMethodNotAllowed
	}
}

// guard lets a request to the API pass when it carries a valid token, or comes from a browser in which somebody is signed in, is what the
// document says, and is about what the caller may do: in this order, so that nobody learns from a refusal more than they may see. Other
// paths pass as they are.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		method := c.Request().Method
		if method == http.MethodHead { // it is answered as GET is: see reading
			method = http.MethodGet
		}
		op, ok := s.contract.operations[method+" "+c.Path()]
		if !ok {
			return next(c)
		}
		sender, err := s.sessions.Caller(c.Request().Context(), c.Request())
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.cfg.Patient)
		defer cancel()
		body, err := s.whole(c) // it may take its time: what they may do is judged after that
		if err != nil {
			return err
		}
		if err := op.checkParams(c); err != nil {
			return err
		}
		path, err := pathOf(c)
		if err != nil {
			return err
		}
		who := &caller{sender}
		c.SetRequest(c.Request().WithContext(context.WithValue(ctx, callerKey{}, who))) // also of who is refused the log says who it was
		if err := who.Admit(ctx, op.action, path); err != nil {
			return err
		}
		if err := readBody(c, op, who, body); err != nil {
			return err
		}
		if inTurn[op.action] {
			end, err := s.turns.take(ctx, somebody{who.Firm, who.Person.ID})
			if err != nil {
				return err
			}
			defer end()
		}
		return next(c)
	}
}

// whole waits for the whole body. It refuses one that is too large or does not arrive, and does not wait for that of what only shows.
func (s *Server) whole(c echo.Context) ([]byte, error) {
	if m := c.Request().Method; m == http.MethodGet || m == http.MethodHead {
		if c.Request().ContentLength != 0 {
			return nil, noBody()
		}
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, s.cfg.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, models.Refuse(models.TooLarge, "body", "the body is larger than %d bytes", s.cfg.MaxBody)
	} else if err != nil {
		return nil, models.Refuse(models.Invalid, "body", "the body did not arrive in full")
	}
	return body, nil
}

// readBody checks the body, and says what makes a write take effect once.
func readBody(c echo.Context, op *operation, who *caller, body []byte) error {
	req := c.Request()
	body, err := op.checkBody(req, body)
	if err != nil {
		return err
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		req.Body = http.NoBody
	}
	if op.write {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", req.Method, req.URL.EscapedPath(), body))
		who.Once = store.Once{Actor: who.Person.ID, Role: who.Role, Token: who.Token, Key: req.Header.Get("Idempotency-Key"),
			Hash: hex.EncodeToString(sum[:]), IfRevision: revisionOf(req.Header.Get("If-Match"))}
	}
	return nil
}
