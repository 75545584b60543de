package await

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What comes true after a while is waited for.
func TestUntil(t *testing.T) {
	asked := 0
	Until(t, "the third look finds it", func() bool { asked++; return asked == 3 })
	if asked != 3 {
		t.Errorf("it was looked for %d times", asked)
	}
}

// A spy is a test whose binary has reached its limit. It notes what it is told.
type spy struct {
	testing.TB
	said []string
}

func (s *spy) Helper()         {}
func (s *spy) Log(args ...any) { s.said = append(s.said, fmt.Sprint(args...)) }
func (s *spy) Fatalf(f string, all ...any) {
	s.said = append(s.said, fmt.Sprintf(f, all...))
	runtime.Goexit()
}
func (s *spy) Deadline() (time.Time, bool) { return time.Now(), true }

// What is waited for in vain is named when the limit of the test binary is near, with how things stand.
func TestInVain(t *testing.T) {
	s := &spy{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Until(s, "pigs fly", func() bool { return false }, func() string { return "they walk" })
	}()
	<-done
	if got := strings.Join(s.said, "; "); got != "they walk; it never came true that pigs fly" {
		t.Errorf("it says %q", got)
	}
}

// A wait that is held lasts until the test ends it; others are over at once.
func TestHand(t *testing.T) {
	h := NewHand(time.Hour)
	<-h.After(time.Minute)
	long := h.After(time.Hour)
	if d := h.Begun(); d != time.Hour {
		t.Errorf("a wait of %s is held", d)
	}
	select {
	case <-long:
		t.Error("the hour was over before its time")
	default:
	}
	h.Up()
	<-long
	if got := fmt.Sprint(h.Asked()); got != "[1m0s 1h0m0s]" {
		t.Errorf("it was asked for %s", got)
	}
}
