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

// readyz says whether requests would be served now: the database answers, has its tables and can be written to. What else is missing, so
// that engagements do not move on by themselves or messages wait, it names, and answers 200 all the same: commands are carried out.
func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	if err := s.cfg.Root.Writable(ctx); err != nil {
		return notReady("database", err)
	}
	state := readiness{Status: "ready"}
	if s.cfg.Conducted != nil {
		if err := s.cfg.Conducted(ctx); err != nil {
			refused, _ := errors.AsType[*models.Error](notReady("temporal", err))
			state.Missing = append(state.Missing, missing{refused.Field, refused.Message})
		}
	}
	return c.JSON(http.StatusOK, state)
}

// readiness is the answer of readyz.
type readiness struct {
	Status  string    `json:"status"`
	Missing []missing `json:"missing,omitempty"` // what does not answer
}

type missing struct {
	Part   string `json:"part"`
	Detail string `json:"detail"`
}

// notReady names what does not answer.
func notReady(what string, err error) error {
	detail := what + " does not answer"
	if refused, ok := errors.AsType[*models.Error](err); ok {
		what, detail = orElse(refused.Field, what), refused.Message
	}
	return errors.Join(models.Refuse(models.Unavailable, what, "%s", detail), err)
}
