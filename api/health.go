package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tickmark/models"
	"tickmark/models/store"
)

// healthz says that the process lives.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether requests would be served now: the database answers, has its tables and can be written to. What else is missing, so
// that engagements do not move on by themselves or messages wait, it names, and answers 200 all the same: commands are carried out.
func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	if err := s.cfg.Root.Writable(ctx); err != nil {
		detail := "the database does not answer"
		if refused, ok := errors.AsType[*models.Error](err); ok {
			detail = refused.Message
		}
		return errors.Join(models.Refuse(models.Unavailable, "database", "%s", detail), err)
	}
	return c.JSON(http.StatusOK, readiness{Status: "ready", Missing: s.missing(ctx)})
}

// missing returns what does not work in the whole installation.
func (s *Server) missing(ctx context.Context) []store.Missing {
	if s.cfg.Missing == nil {
		return nil
	}
	return s.cfg.Missing(ctx)
}

// readiness is the answer of readyz.
type readiness struct {
	Status  string          `json:"status"`
	Missing []store.Missing `json:"missing,omitempty"` // what does not work
}
