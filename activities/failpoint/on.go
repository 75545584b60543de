//go:build failpoints

package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// TICKMARK_FAILPOINTS says what happens where, as in "after_gate=kill@3,after_send=stop@1": at the third time the program comes to
// after_gate it is killed, as by kill -9; at the first time it comes to after_send it is stopped until somebody continues it.
var plan = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split(os.Getenv("TICKMARK_FAILPOINTS"), ",") {
		if name, what, ok := strings.Cut(part, "="); ok {
			out[name] = what
		}
	}
	return out
})

var (
	mu   sync.Mutex
	hits = map[string]int{}
)

// Patience is how patient deliveries are, as TICKMARK_FAILPOINTS_PATIENCE says; 0: as configured.
func Patience() time.Duration {
	d, err := time.ParseDuration(os.Getenv("TICKMARK_FAILPOINTS_PATIENCE"))
	if err != nil {
		return 0
	}
	return d
}

// Hit marks a place.
func Hit(name string) {
	what, at, _ := strings.Cut(plan()[name], "@")
	if what == "" {
		return
	}
	mu.Lock()
	hits[name]++
	now := hits[name]
	mu.Unlock()
	if n, err := strconv.Atoi(at); err != nil || n != now {
		return
	}
	// Whoever set the plan reads that it came about: a failpoint that is never hit proves nothing.
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
	case "sleep":
		time.Sleep(3 * time.Second)
	}
}
