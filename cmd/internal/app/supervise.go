package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"tickmark/activities/safely"
	"tickmark/models"
	"tickmark/models/store"
)

// A part is work that goes on in the background for as long as the process does.
type part struct {
	kind  string // what it is called; of one kind there may be several parts
	name  string // of one of several: for the log alone, since it may name a firm
	serve func(context.Context) error

	without string        // what does not happen while it does not work, for people
	limit   time.Duration // within which it gives signs of life; 0: it need not
	most    time.Duration // the longest pause before it is tried again; 0: a minute
	beside  bool          // while it hangs and does not end, a fresh one is harmless beside it
	last    bool          // it ends when those have ended that are not last
}

// A pace is how a supervisor waits, in real time.
type pace struct {
	first, most time.Duration // pauses between tries: each is twice as long as the one before
	settle      time.Duration // a part that failed works again when it gives a sign of life after so long
	drain       time.Duration // for requests and activities that were begun, in a part that is to end
	grace       time.Duration // for a part that is to end
	beat        time.Duration // between signs of life of a part that rests
}

// usualPace has a process end within half a minute: all parts end beside each other, then those that are last, and then its end is noted,
// which takes signEvery at most.
var usualPace = pace{first: time.Second, most: time.Minute, settle: 10 * time.Second, drain: 8 * time.Second, grace: 12 * time.Second,
	beat: time.Second}

// trialPace and trialSigns are for tests, which wait for nothing that takes seconds.
var trialPace = pace{first: 5 * time.Millisecond, most: 100 * time.Millisecond, settle: 40 * time.Millisecond, drain: 30 * time.Millisecond,
	grace: 50 * time.Millisecond, beat: 10 * time.Millisecond}

const trialSigns = 50 * time.Millisecond

// A seam lets tests do harm to parts, by their kinds. It is set before any part begins.
type seam struct {
	// fault is called by the part itself at each sign of life, and may panic, fail or hang there.
	fault func(ctx context.Context, kind string) error
	// limit says within which time the part is to give signs of life, instead of its own limit.
	limit func(kind string, own time.Duration) time.Duration
	// listener returns what a part of a kind is to listen by, instead of its own listener. It does harm below the signs of life.
	listener func(kind string, own net.Listener) net.Listener
	// handler returns what a part of a kind is to answer requests with, instead of its own handler.
	handler func(kind string, own http.Handler) http.Handler
}

// mostLeft is how many of a part that hang and do not end may be left behind before no fresh one is started.
const mostLeft = 3

// A supervisor looks after the parts of a process: one that panics, fails or hangs is logged with its place, counted, named and tried
// again, and nothing else ends for it. The zero value is not ready for use: see newSupervisor.
type supervisor struct {
	log  *slog.Logger
	pace pace
	seam seam

	mu   sync.Mutex
	all  []*watched
	ends map[ending]int
}

// An ending is how a try of a part ended.
type ending struct{ kind, how string }

// How a try may end, but well.
const (
	byError = "error"
	byPanic = "panic"
	byHang  = "hang"
)

func newSupervisor(log *slog.Logger) *supervisor {
	return &supervisor{log: log, pace: usualPace, ends: map[ending]int{}}
}

// A state is how a part does.
type state string

const (
	works state = "works"
	fails state = "fails"
	hangs state = "hangs"
)

// watched is a part and what is known of it. The supervisor's lock guards it.
type watched struct {
	part
	state     state
	since     time.Time // of the state
	failures  int       // in a row
	try       int       // the present one
	began     time.Time // the present try
	beat      time.Time // the last sign of life, or when the present try began
	beats     int       // all signs of life
	left      int       // tries that hang and were left behind
	goroutine []byte    // of the present try, as runtime.Stack calls it
	end       context.CancelFunc
}

// begin begins a part, until ctx ends or end is called, which returns when the part has ended.
func (s *supervisor) begin(ctx context.Context, p part) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watched{part: p, state: works, since: time.Now(), end: cancel}
	s.mu.Lock()
	s.all = append(s.all, w)
	s.mu.Unlock()
	var g safely.Group
	g.Go(func() error {
		defer cancel()
		s.look(ctx, w)
		return nil
	})
	return func() {
		cancel()
		if err := g.Wait(); err != nil {
			s.log.Error("the supervisor has failed", "part", p.kind, "error", err)
		}
	}
}

// look looks after a part until ctx ends or the part is done.
func (s *supervisor) look(ctx context.Context, w *watched) {
	defer s.forget(w)
	most := min(cmp.Or(w.most, s.pace.most), s.pace.most)
	for pause := s.pace.first; ; pause = min(2*pause, most) {
		began := time.Now()
		err := s.attempt(ctx, w)
		if err == nil || ctx.Err() != nil {
			return
		}
		if time.Since(began) > s.pace.most {
			pause = s.pace.first
		}
		s.failed(w, err, pause)
		if !rest(ctx, pause) {
			return
		}
	}
}

// forget takes a part that is done from the list.
func (s *supervisor) forget(w *watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(x *watched) bool { return x == w })
}

// A hang is what a try ends with that gave no sign of life.
type hang struct{ stack []byte }

func (h *hang) Error() string { return fmt.Sprintf("it gives no sign of life\n%s", h.stack) }

// errReplaced ends a try that was left behind and comes back.
var errReplaced = errors.New("it was given up for another")

// attempt carries out a part once and returns what it ended with. When it hangs it is told to end; when it does not, attempt returns all
// the same where a fresh one is harmless.
func (s *supervisor) attempt(ctx context.Context, w *watched) error {
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	try := s.newTry(w)
	own = safely.Under(own, safely.Watch{Alive: func() error { return s.alive(own, w, try) }, Failed: s.piece,
		Every: s.pace.beat, Begin: s.child})
	var g safely.Group
	g.Go(func() error {
		s.isIn(w, try)
		err := safely.Do(func() error {
			if err := safely.Beat(own); err != nil {
				return err
			}
			return w.serve(own)
		})
		if ctx.Err() == nil && errors.Is(err, context.Canceled) && own.Err() != nil {
			err = errors.New("it was told to end")
		}
		ended <- err
		s.back(w, try)
		return nil
	})
	tick := time.NewTicker(s.pace.beat)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return s.leave(ctx, w, ended)
		case <-tick.C:
			if stuck := s.stuck(w); stuck != nil {
				cancel()
				return s.unstick(ctx, w, ended, stuck)
			}
		}
	}
}

// newTry notes that a try begins, and returns its number.
func (s *supervisor) newTry(w *watched) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.try++
	w.began, w.beat, w.goroutine = time.Now(), time.Now(), nil
	return w.try
}

// isIn notes in which goroutine a try is.
func (s *supervisor) isIn(w *watched, try int) {
	head := make([]byte, 64)
	head = head[:runtime.Stack(head, false)]
	at := bytes.IndexByte(head, '[')
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.try == try && at > 0 {
		w.goroutine = head[:at]
	}
}

// back notes that a try has ended which was left behind.
func (s *supervisor) back(w *watched, try int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.try != try && w.left > 0 {
		w.left--
	}
}

// alive notes a sign of life, unless the try was given up. A part that failed works again when it has worked for a while.
func (s *supervisor) alive(ctx context.Context, w *watched, try int) error {
	if s.seam.fault != nil {
		if err := s.seam.fault(ctx, w.kind); err != nil {
			return err
		}
	}
	s.mu.Lock()
	if w.try != try {
		s.mu.Unlock()
		return errReplaced
	}
	now := time.Now()
	w.beat = now
	w.beats++
	failures, bad := w.failures, now.Sub(w.since).Round(time.Second)
	again := w.state != works && now.Sub(w.began) >= s.pace.settle && ctx.Err() == nil
	if again {
		w.state, w.since, w.failures = works, now, 0
	}
	s.mu.Unlock()
	if again {
		s.log.Info("a part works again", "part", w.kind, "name", w.name, "failures", failures, "after", bad)
	}
	return nil
}

// stuck returns a hang when a part has given no sign of life for as long as it may, and notes that.
func (s *supervisor) stuck(w *watched) *hang {
	limit := w.limit
	if s.seam.limit != nil {
		limit = s.seam.limit(w.kind, limit)
	}
	s.mu.Lock()
	if limit == 0 || time.Since(w.beat) < limit {
		s.mu.Unlock()
		return nil
	}
	goroutine, since, fresh := w.goroutine, w.beat, w.state != hangs
	if fresh {
		w.state, w.since = hangs, since
	}
	w.failures++
	s.ends[ending{w.kind, byHang}]++
	s.mu.Unlock()
	if !fresh {
		return &hang{}
	}
	h := &hang{stackOf(goroutine)}
	s.log.Error("a part hangs", "part", w.kind, "name", w.name, "since", since.UTC().Format(time.RFC3339), "error", h)
	return h
}

// unstick waits for a part that hangs and was told to end. When it does not end in time, it is left behind where a fresh one beside it does
// no harm; otherwise nothing is done until it has ended.
func (s *supervisor) unstick(ctx context.Context, w *watched, ended <-chan error, stuck *hang) error {
	grace := time.NewTimer(s.pace.grace)
	defer grace.Stop()
	for {
		select {
		case <-ended:
			return stuck
		case <-ctx.Done():
			return s.leave(ctx, w, ended)
		case <-grace.C:
			if s.leftBehind(w) {
				return stuck
			}
		}
	}
}

// leftBehind notes that a try is left behind, if that may be.
func (s *supervisor) leftBehind(w *watched) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.beside || w.left >= mostLeft {
		return false
	}
	w.left++
	w.try++
	return true
}

// leave waits for a part that ends with the process, for as long as grace says.
func (s *supervisor) leave(ctx context.Context, w *watched, ended <-chan error) error {
	grace := time.NewTimer(s.pace.grace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C:
		s.log.Warn("a part has not ended in time", "part", w.kind, "name", w.name)
	}
	return ctx.Err()
}

// failed notes what a try ended with. It is logged when the part worked before; how it goes on then is in the counts.
func (s *supervisor) failed(w *watched, err error, pause time.Duration) {
	if _, hung := errors.AsType[*hang](err); hung {
		return // noted when it was found
	}
	how := howOf(err)
	s.mu.Lock()
	s.ends[ending{w.kind, how}]++
	w.failures++
	fresh := w.state == works
	if w.state != fails {
		w.since = time.Now()
	}
	w.state = fails
	s.mu.Unlock()
	if fresh {
		s.log.Error("a part has failed and is tried again", "part", w.kind, "name", w.name, "in", pause, "error", err)
	}
}

// piece counts a piece of a part's work that failed, where the part went on.
func (s *supervisor) piece(kind string, err error) {
	how := howOf(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[ending{kind, how}]++
}

// childWithin is within which time a part gives a sign of life that another part wants beside it: a connection of Socket Mode that is lost
// is noticed within a minute, and taken up again within another.
const childWithin = 2 * time.Minute

// child begins a part that another part wants beside it, of which there may be many.
func (s *supervisor) child(ctx context.Context, kind, name string, serve func(context.Context) error) (end func()) {
	return s.begin(ctx, part{kind: kind, name: name, serve: serve, limit: childWithin, without: "some of what comes from Slack is not heard"})
}

// howOf says how a try ended with an error.
func howOf(err error) string {
	if _, panicked := errors.AsType[*safely.Panic](err); panicked {
		return byPanic
	}
	return byError
}

// stackOf returns where a goroutine is, as runtime.Stack writes it; nil when it is gone.
func stackOf(goroutine []byte) []byte {
	if goroutine == nil {
		return nil
	}
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	at := bytes.Index(all, goroutine)
	if at < 0 {
		return nil
	}
	own, _, _ := bytes.Cut(all[at:], []byte("\n\n"))
	return own
}

// missing returns the kinds of which a part does not work, in order, with what follows from it.
func (s *supervisor) missing() []store.Missing {
	s.mu.Lock()
	defer s.mu.Unlock()
	worst, of, bad := map[string]*watched{}, map[string]int{}, map[string]int{}
	for _, w := range s.all {
		of[w.kind]++
		if w.state == works {
			continue
		}
		bad[w.kind]++
		if b := worst[w.kind]; b == nil || w.since.Before(b.since) {
			worst[w.kind] = w
		}
	}
	var out []store.Missing
	for _, kind := range slices.Sorted(maps.Keys(worst)) {
		w := worst[kind]
		many := ""
		if of[kind] > 1 {
			many = fmt.Sprintf("%d of %d: ", bad[kind], of[kind])
		}
		out = append(out, store.Missing{Part: kind, Detail: fmt.Sprintf("%s%s since %s, %s in a row: %s", many, w.state,
			w.since.UTC().Format(time.RFC3339), models.Count(w.failures, "time"), w.without)})
	}
	return out
}

// counts returns for every kind of part 1 when all of it work, else 0, and how often tries and pieces of work ended how.
func (s *supervisor) counts() (up map[string]int, ends map[ending]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	up = map[string]int{}
	for _, w := range s.all {
		if _, known := up[w.kind]; !known {
			up[w.kind] = 1
		}
		if w.state != works {
			up[w.kind] = 0
		}
	}
	return up, maps.Clone(s.ends)
}

// rest waits for a while, and returns false when ctx ended meanwhile.
func rest(ctx context.Context, while time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(while):
		return true
	}
}
