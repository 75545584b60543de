package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tickmark/api/gen"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
)

// The codes that only the API gives.
const (
	codeMethod  models.Code = "method_not_allowed"
	codeTooMany             = session.TooMany
	// Misdirected says that nothing is served for the host of the request.
	Misdirected  models.Code = "misdirected"
	codeInternal models.Code = "internal"
)

// problems says which status and title a code has.
var problems = map[models.Code]struct {
	status int
	title  string
}{
	models.Invalid:         {http.StatusBadRequest, "The request is not valid"},
	models.Unauthenticated: {http.StatusUnauthorized, "A valid token is needed"},
	models.Forbidden:       {http.StatusForbidden, "This is not yours to do"},
	models.NotFound:        {http.StatusNotFound, "There is no such thing"},
	codeMethod:             {http.StatusMethodNotAllowed, "This cannot be done here"},
	models.Conflict:        {http.StatusConflict, "Not in the present state"},
	models.Stale:           {http.StatusPreconditionFailed, "It has changed since"},
	models.TooLarge:        {http.StatusRequestEntityTooLarge, "The request is too large"},
	Misdirected:            {http.StatusMisdirectedRequest, "Nothing is served for this host"},
	models.KeyReused:       {http.StatusUnprocessableEntity, "The key was used for another request"},
	codeTooMany:            {http.StatusTooManyRequests, "Too many requests"},
	codeInternal:           {http.StatusInternalServerError, "Something went wrong on our side"},
	models.Unavailable:     {http.StatusServiceUnavailable, "Not available at the moment"},
}

// fail is the one exit for errors: a refusal becomes the problem that its code says, anything else is logged in full and
// shown as nothing but our fault.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if s.pages != nil && errors.Is(err, echo.ErrNotFound) && strings.Contains(c.Request().Header.Get("Accept"), "text/html") {
		s.pages.ServeHTTP(c.Response(), c.Request())
		return
	}
	id := c.Response().Header().Get(echo.HeaderXRequestID)
	p := problemOf(err)
	switch {
	case p.Code == codeInternal && !errors.Is(err, context.Canceled):
		s.cfg.Log.ErrorContext(c.Request().Context(), "request failed", "request", id, "method", c.Request().Method, "path", c.Path(), "error",
			err)
		p.Detail = "Something went wrong on our side. Please try again; if it stays, tell us this request's id: " + id
	case p.Code == models.Unavailable:
		s.cfg.Log.WarnContext(c.Request().Context(), "not available", "request", id, "method", c.Request().Method, "path", c.Path(), "error", err)
	}
	p.Instance = id
	h := c.Response().Header()
	switch p.Code {
	case models.Unauthenticated:
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="tickmark"`)
	case models.Unavailable, codeTooMany:
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(retryAfter))
	}
	h.Del("ETag")
	h.Set(echo.HeaderContentType, "application/problem+json")
	c.Response().WriteHeader(p.Status)
	if c.Request().Method == http.MethodHead {
		return
	}
	if err := json.NewEncoder(c.Response()).Encode(p); err != nil {
		s.cfg.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "answer not sent", slog.String("request", id))
	}
}

// Refuse answers a request with the problem that a refusal is, for what stands before the API.
func Refuse(w http.ResponseWriter, r *http.Request, refusal error) {
	p := problemOf(refusal)
	w.Header().Set(echo.HeaderContentType, "application/problem+json")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(p) // who hung up is not told
	}
}

// retryAfter is for how many seconds a caller is asked to wait.
const retryAfter = 2

// maxErrors is how much of what is wrong with a request is named.
const maxErrors = 1000

// problemOf says what an error is to the caller.
func problemOf(err error) gen.Problem {
	code, field, detail := codeInternal, "", ""
	if refused, ok := errors.AsType[*models.Error](err); ok {
		code, field, detail = refused.Code, refused.Field, refused.Message
	} else if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		code, detail = ofStatus(he.Code)
	} else if errors.Is(err, context.DeadlineExceeded) {
		code, detail = models.Unavailable, "this took too long: send the same request again, with the same key where it had one"
	}
	p, known := problems[code]
	if !known {
		code, field, detail = codeInternal, "", ""
		p = problems[code]
	}
	out := gen.Problem{Type: base + "/docs#" + string(code), Title: p.title, Status: p.status, Detail: detail, Code: code, Field: field}
	if many, ok := errors.AsType[badFields](err); ok && len(many) > 1 {
		for _, f := range atMost(maxErrors, many) {
			out.Errors = append(out.Errors, gen.FieldError{Field: f.field, Detail: f.detail})
		}
	}
	if many, ok := errors.AsType[engagement.Refusals](err); ok && len(many) > 1 {
		for _, r := range atMost(maxErrors, many) {
			out.Errors = append(out.Errors, gen.FieldError{Field: r.Field, Detail: r.Message})
		}
	}
	return out
}

// ofStatus says what the router or a generated wrapper means.
func ofStatus(status int) (models.Code, string) {
	switch status {
	case http.StatusNotFound:
		return models.NotFound, "there is nothing at this address: see " + base + "/docs"
	case http.StatusMethodNotAllowed:
		return codeMethod, "this address does not take this method: see Allow"
	case http.StatusRequestEntityTooLarge:
		return models.TooLarge, "the body is too large"
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return models.Invalid, "the request cannot be read"
	}
	return codeInternal, ""
}
