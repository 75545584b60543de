package models

import (
	"sync"
	"time"
)

// A Clock maps the machine's time to engagement time. The zero Clock is the identity: in production the two are the same.
// In solo a day of an engagement may last seconds, against the real server, with real timers (architecture.md 7).
type Clock struct {
	Origin time.Time `json:"origin,omitzero"` // real instant at which both times agree
	Rate   float64   `json:"rate,omitempty"`  // engagement seconds in a real second; 0 and 1 are real time
}

// At returns the engagement time at a real instant.
func (c Clock) At(real time.Time) time.Time {
	if c.identity() {
		return real
	}
	return c.Origin.Add(time.Duration(float64(real.Sub(c.Origin)) * c.Rate))
}

// Wait returns how long to sleep, in real time, for d of engagement time.
func (c Clock) Wait(d time.Duration) time.Duration {
	if c.identity() {
		return d
	}
	return time.Duration(float64(d) / c.Rate)
}

func (c Clock) identity() bool { return c.Rate == 0 || c.Rate == 1 }

var zones sync.Map // name to *time.Location: loading one reads the zone data each time

// Zone returns the time zone of that name; UTC for a name that is none, since names are checked before they are stored.
func Zone(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC
	}
	zones.Store(name, loc)
	return loc
}
