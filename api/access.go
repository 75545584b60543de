package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tickmark/api/session"
	"tickmark/models"
)

// A caller is who sent a request, as the handlers show things to them.
type caller struct{ session.Caller }

type callerKey struct{}

// of returns the caller that guard has let in.
func of(ctx context.Context) *caller { return ctx.Value(callerKey{}).(*caller) }

// pathOf returns what the path of a request names.
func pathOf(c echo.Context) (session.Path, error) {
	var p session.Path
	for _, part := range []struct {
		param string
		set   func(string)
	}{
		{"client", func(id string) { p.Client = models.ClientID(id) }},
		{"person", func(id string) { p.Person = models.PersonID(id) }},
		{"engagement", func(id string) { p.Engagement = models.EngagementID(id) }},
		{"task", func(id string) { p.Task = models.TaskID(id) }},
		{"gate", func(id string) { p.Gate = id }},
		{"question", func(id string) { p.Question = id }},
		{"decision", func(id string) { p.Decision = id }},
	} {
		id, err := pathParam(c, part.param)
		if err != nil {
			return p, err
		}
		part.set(id)
	}
	return p, nil
}

func unknown(what, id string) error {
	return models.Refuse(models.NotFound, what, "there is no %s %q", what, clip(id))
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
