package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tickmark/models"
)

// healthz says that the process lives.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether requests would be served now: the database has its tables, Temporal answers, a worker asks for work.
func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	if err := s.cfg.Root.Ping(ctx); err != nil {
		return notReady("database", err)
	}
	if err := s.cfg.Engine.Ready(ctx); err != nil {
		return notReady("temporal", err)
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ready"})
}

// notReady names what does not answer.
func notReady(what string, err error) error {
	detail := what + " does not answer"
	if refused, ok := errors.AsType[*models.Error](err); ok {
		what, detail = orElse(refused.Field, what), refused.Message
	}
	return errors.Join(models.Refuse(models.Unavailable, what, "%s", detail), err)
}
