//go:build failpoints

package failpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Built says whether failpoints do anything.
const Built = true

// What TICKMARK_FAILPOINTS names is a file that says what happens where, a line each, as in "after_gate=kill@3" and "after_send=stop@1":
// at the third time the program comes to after_gate it is killed, as by kill -9; at the first time it comes to after_send it is stopped
// until somebody continues it. The file may be written anew while the program runs: times are counted from then on.
var state struct {
	sync.Mutex
	text string
	hits map[string]int
}

// Patience is how patient deliveries are, as TICKMARK_FAILPOINTS_PATIENCE says; 0: as configured.
func Patience() time.Duration {
	d, err := time.ParseDuration(os.Getenv("TICKMARK_FAILPOINTS_PATIENCE"))
	if err != nil {
		return 0
	}
	return d
}

// due counts a coming to a place and returns what is to happen there now.
func due(name string) string {
	state.Lock()
	defer state.Unlock()
	text, err := os.ReadFile(os.Getenv("TICKMARK_FAILPOINTS"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(fmt.Sprintf("TICKMARK_FAILPOINTS cannot be read: %v", err))
	}
	if string(text) != state.text || state.hits == nil {
		state.text, state.hits = string(text), map[string]int{}
	}
	state.hits[name]++
	for line := range strings.Lines(state.text) {
		place, what, _ := strings.Cut(strings.TrimSpace(line), "=")
		what, at, _ := strings.Cut(what, "@")
		if n, err := strconv.Atoi(at); err == nil && place == name && n == state.hits[name] {
			return what
		}
	}
	return ""
}

// Hit marks a place.
func Hit(name string) {
	if os.Getenv("TICKMARK_FAILPOINTS") == "" {
		return
	}
	what := due(name)
	if what == "" {
		return
	}
	// Whoever made the plan reads that it came about: a failpoint that is never hit proves nothing.
	if path := os.Getenv("TICKMARK_FAILPOINTS_HIT"); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, _ = f.WriteString(name + "=" + what + "\n")
			_ = f.Close()
		}
	}
	switch what {
	case "kill":
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	case "stop":
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
	}
}
