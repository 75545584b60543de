package await

import (
	"slices"
	"sync"
	"time"
)

// A Hand lets time pass when a test says so, where a program waits by a function like time.After. Make one with NewHand. It serves many
// goroutines.
type Hand struct {
	holds []time.Duration
	begun chan time.Duration

	mu    sync.Mutex
	last  chan time.Time // of the held wait that was begun last
	asked []time.Duration
}

// NewHand returns a Hand that holds waits of the given lengths until Up ends them. Waits of any other length are over at once.
func NewHand(holds ...time.Duration) *Hand {
	return &Hand{holds: holds, begun: make(chan time.Duration, 1000)}
}

// After stands in for time.After.
func (h *Hand) After(d time.Duration) <-chan time.Time {
	up := make(chan time.Time, 1)
	h.mu.Lock()
	h.asked = append(h.asked, d)
	held := slices.Contains(h.holds, d)
	if held {
		h.last = up
	}
	h.mu.Unlock()
	if held {
		h.begun <- d
	} else {
		up <- time.Time{}
	}
	return up
}

// Begun returns when a wait that is held has begun: the next one each time. It returns how long that wait is to be.
func (h *Hand) Begun() time.Duration { return <-h.begun }

// Up ends the held wait that was begun last. It panics when there is none that has not been ended yet.
func (h *Hand) Up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil {
		panic("no wait is held")
	}
	h.last <- time.Time{}
	h.last = nil
}

// Asked returns the lengths of all waits so far, in the order in which they were begun.
func (h *Hand) Asked() []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}
