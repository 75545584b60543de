// Package fault counts out to a fake what goes wrong with it: the faults that were added, each for the occasions that it fits, and those
// that a function makes up.
package fault

import "sync"

// A Fault goes wrong on occasions of a type.
type Fault[O any] interface {
	// Fits reports whether the fault can happen on an occasion.
	Fits(O) bool
	// Often returns from the how-many-eth occasion that fits on the fault happens, counted since it was added, on every one when nth is 0;
	// and how many times, which when 0 is once, or always when nth is 0.
	Often() (nth, times int)
}

// A Table keeps the faults that wait for an occasion. It may be used by many at once; the zero Table has none.
type Table[F Fault[O], O any] struct {
	mu     sync.Mutex
	added  []*counted[F]
	chance func(O) *F
}

// counted is a fault with how many occasions it has seen and how many it has met.
type counted[F any] struct {
	fault     F
	seen, met int
}

// Add adds to what goes wrong.
func (t *Table[F, O]) Add(more ...F) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range more {
		t.added = append(t.added, &counted[F]{fault: f})
	}
}

// SetFunc sets what is asked, on each occasion that meets no fault of those added, for one. It is called by many at once. Nil: nothing.
func (t *Table[F, O]) SetFunc(chance func(O) *F) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chance = chance
}

// Clear takes back all faults and the function.
func (t *Table[F, O]) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.added, t.chance = nil, nil
}

// Meet returns the fault of an occasion, nil when nothing goes wrong: the first of those added that is due, else what the function
// says. All
// others that fit the occasion count it too.
func (t *Table[F, O]) Meet(o O) *F {
	first, chance := t.first(o)
	if first == nil && chance != nil {
		return chance(o)
	}
	return first
}

func (t *Table[F, O]) first(o O) (*F, func(O) *F) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var first *counted[F]
	for _, c := range t.added {
		if c.fault.Fits(o) && c.due(c.fault.Often()) && first == nil {
			first = c
			first.met++
		}
	}
	if first == nil {
		return nil, t.chance
	}
	found := first.fault
	return &found, nil
}

// due counts an occasion that a fault fits, and reports whether it is the fault's.
func (c *counted[F]) due(nth, times int) bool {
	c.seen++
	if times == 0 && nth > 0 {
		times = 1
	}
	return c.seen >= nth && (times == 0 || c.met < times)
}
