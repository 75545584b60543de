package app

import (
	"log/slog"
	"time"
)

// Readable is the ReplaceAttr of every log: it returns a duration as people write it, as in 1.25s, where a handler of JSON would write its
// nanoseconds, and everything else as it is.
func Readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().Round(time.Microsecond).String())
	}
	return a
}
