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
	"net/http"
	"runtime/debug"
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

// logged writes one line per request: ids and the route, never a name, an address or what was sent.
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
		s.cfg.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request answered", attrs...)
		return nil
	}
}

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

// hardened sets the headers that browsers obey.
func hardened(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		h.Set("Cache-Control", "no-store")
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

// guard lets a request to the API pass when it carries a valid token, is what the document says, and is about what the
// caller may do: in this order, so that nobody learns from a refusal more than they may see. Other paths pass as they are.
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
		sender, err := s.sessions.Bearer(c.Request().Context(), c.Request().Header)
		if err != nil {
			return err
		}
		if err := op.checkParams(c); err != nil {
			return err
		}
		req := c.Request()
		ctx, cancel := context.WithTimeout(req.Context(), s.cfg.Patient)
		defer cancel()
		path, err := pathOf(c)
		if err != nil {
			return err
		}
		who := &caller{sender}
		if err := who.Admit(ctx, op.action, path); err != nil {
			return err
		}
		if err := s.readBody(c, op, who); err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(context.WithValue(ctx, callerKey{}, who)))
		return next(c)
	}
}

// readBody reads and checks the body, and says what makes a write take effect once.
func (s *Server) readBody(c echo.Context, op *operation, who *caller) error {
	req := c.Request()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), req.Body, s.cfg.MaxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return models.Refuse(models.TooLarge, "body", "the body is larger than %d bytes", s.cfg.MaxBody)
		}
		return models.Refuse(models.Invalid, "body", "the body did not arrive in full")
	}
	body, err = op.checkBody(req, body)
	if err != nil {
		return err
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		req.Body = http.NoBody
	}
	if op.write {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", req.Method, req.URL.EscapedPath(), body))
		who.Once = store.Once{Actor: who.Person.ID, Key: req.Header.Get("Idempotency-Key"), Hash: hex.EncodeToString(sum[:]),
			IfRevision: revisionOf(req.Header.Get("If-Match"))}
	}
	return nil
}
