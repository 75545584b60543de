// Package await lets a test wait for what other goroutines or processes bring about, without a limit of its own: a slow machine fails
// no test. Only the limit of the whole test binary (go test -timeout) ends a wait that is in vain.
package await

import (
	"testing"
	"time"
)

// Until returns when ok returns true. It asks at once, then every few milliseconds, and less often the longer it lasts. Shortly before the
// limit of the test binary it ends the test, naming what never came true and what the functions in more say of how things stand. It must be
// called by the goroutine of the test.
func Until(t testing.TB, what string, ok func() bool, more ...func() string) {
	t.Helper()
	for wait := first; !ok(); wait = min(2*wait, most) {
		if over(t) {
			for _, say := range more {
				t.Log(say())
			}
			t.Fatalf("it never came true that %s", what)
		}
		time.Sleep(wait)
	}
}

const (
	first = time.Millisecond
	most  = 20 * time.Millisecond
	spare = 10 * time.Second // of the test binary's limit, to say what went wrong
)

// over reports whether the limit of the test binary is near. A benchmark has none.
func over(t testing.TB) bool {
	limited, is := t.(interface{ Deadline() (time.Time, bool) })
	if !is {
		return false
	}
	end, ends := limited.Deadline()
	return ends && time.Until(end) < spare
}
