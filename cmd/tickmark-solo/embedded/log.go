package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// noHTTP is how the server begins to warn of what is meant: its HTTP API would
// obey any page in the browser of whoever runs this, and Nexus is not used.
const noHTTP = "HTTP API port has not been set."

// A logger passes the server's warnings and errors on, what it repeats with
// growing pauses. All the rest the server has to say is about itself.
type logger struct {
	slog  *slog.Logger
	quiet *atomic.Bool
	again *repeats
}

func newLogger(l *slog.Logger) *logger {
	return &logger{slog: l.With("component", "temporal"), quiet: new(atomic.Bool), again: &repeats{now: time.Now}}
}

// How long a line is not repeated: for a minute, doubling up to an hour for as
// long as it would be. After an hour without it, it is new.
const (
	firstPause = time.Minute
	mostPause  = time.Hour
)

// mostLines is how many lines are remembered; where more differ they are told.
const mostLines = 500

// A repeats remembers which lines were logged, so that what goes on for long,
// such as a full disk, does not fill the disk with its log.
type repeats struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*repeated
}

// A repeated is a line that was logged.
type repeated struct {
	told, last time.Time // when it was logged, and when it would have been
	pause      time.Duration
	silent     int // how often it was not logged since told
}

// tell reports whether a line is to be logged now, and how often it would have
// been since it was logged before.
func (r *repeats) tell(line string) (now bool, since int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.now()
	known := r.all[line]
	switch {
	case known == nil || at.Sub(known.last) >= mostPause || at.Before(known.told): // a clock that was set back silences nothing
		if r.all == nil || len(r.all) >= mostLines {
			r.all = map[string]*repeated{}
		}
		r.all[line] = &repeated{told: at, last: at, pause: firstPause}
		return true, 0
	case at.Sub(known.told) < known.pause:
		known.last = at
		known.silent++
		return false, 0
	}
	since = known.silent
	*known = repeated{told: at, last: at, pause: min(2*known.pause, mostPause)}
	return true, since
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
	return &logger{slog: l.slog.With(attrs...), quiet: l.quiet, again: l.again}
}

// diskFull is how SQLite says that it cannot write, whatever the server was at.
const diskFull = "database or disk is full"

// lineOf returns what makes a line the same as another: what it says, and of
// which type its error is. Of a full disk the server says something else with
// everything that it tries.
func lineOf(msg string, attrs []slog.Attr) string {
	kind := ""
	for _, a := range attrs {
		if strings.Contains(a.Value.String(), diskFull) {
			return diskFull
		}
		if a.Key == "error-type" {
			kind = a.Value.String()
		}
	}
	return msg + " " + kind
}

// passes reports whether an error of the server is none: whoever asked has gone,
// as a worker does that stops, or the server has not taken hold of its shard of
// the database yet, as it has to at each start and after a write whose end it
// does not know. It asks again by itself, and what went wrong with the write, or
// with taking hold, is told by a line of its own.
func passes(err string) bool {
	return strings.HasSuffix(err, "context canceled") || strings.HasSuffix(err, "shard status unknown")
}

func (l *logger) log(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background()
	if l.quiet.Load() || !l.slog.Enabled(ctx, level) || strings.HasPrefix(msg, noHTTP) {
		return
	}
	attrs := make([]slog.Attr, len(tags))
	for i, t := range tags {
		if t.Key() == "error" && passes(fmt.Sprint(t.Value())) {
			return
		}
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	now, since := l.again.tell(lineOf(msg, attrs))
	if !now {
		return
	}
	if since > 0 {
		attrs = append(attrs, slog.Int("since_last_line", since))
	}
	l.slog.LogAttrs(ctx, level, msg, attrs...)
}
