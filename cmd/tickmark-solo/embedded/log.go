package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// noHTTP is how the server begins to warn of what is meant: its HTTP API would
// obey any page in the browser of whoever runs this, and Nexus is not used.
const noHTTP = "HTTP API port has not been set."

// A logger passes the server's warnings and errors on. All the rest the server
// has to say is about itself.
type logger struct {
	slog  *slog.Logger
	quiet *atomic.Bool
}

func newLogger(l *slog.Logger) *logger {
	return &logger{slog: l.With("component", "temporal"), quiet: new(atomic.Bool)}
}

func (l *logger) Debug(string, ...tag.Tag)           {}
func (l *logger) Info(string, ...tag.Tag)            {}
func (l *logger) Warn(msg string, tags ...tag.Tag)   { l.log(slog.LevelWarn, msg, tags) }
func (l *logger) Error(msg string, tags ...tag.Tag)  { l.log(slog.LevelError, msg, tags) }
func (l *logger) DPanic(msg string, tags ...tag.Tag) { l.log(slog.LevelError, msg, tags) }

// A fatal is what the server saw no way to go on from.
type fatal string

func (f fatal) Error() string { return string(f) }

// Panic and Fatal do not return, as their callers expect.
func (l *logger) Panic(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	for _, t := range tags {
		msg += fmt.Sprintf(" %s=%v", t.Key(), t.Value())
	}
	panic(fatal(msg))
}

func (l *logger) Fatal(msg string, tags ...tag.Tag) { l.Panic(msg, tags...) }

// With makes this a log.WithLogger.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	attrs := make([]any, len(tags))
	for i, t := range tags {
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	return &logger{slog: l.slog.With(attrs...), quiet: l.quiet}
}

func (l *logger) log(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background()
	if l.quiet.Load() || !l.slog.Enabled(ctx, level) || strings.HasPrefix(msg, noHTTP) {
		return
	}
	attrs := make([]slog.Attr, len(tags))
	for i, t := range tags {
		if t.Key() == "error" && strings.HasSuffix(fmt.Sprint(t.Value()), "context canceled") {
			return // whoever asked has gone, as a worker does that stops
		}
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	l.slog.LogAttrs(ctx, level, msg, attrs...)
}
