package session

import (
	"sync"

	"golang.org/x/time/rate"
)

// limits holds how much each person may still send.
type limits struct {
	rate  rate.Limit
	burst int
	mu    *sync.Mutex
	by    map[string]*rate.Limiter
}

func newLimits(perSecond float64, burst int) limits {
	return limits{rate: rate.Limit(perSecond), burst: burst, mu: new(sync.Mutex), by: map[string]*rate.Limiter{}}
}

// maxLimits is how many tokens are remembered; one more and those that have not been at their limit are forgotten.
const maxLimits = 10_000

func (l limits) allow(person string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.by[person]
	if limiter == nil {
		if len(l.by) >= maxLimits {
			for id, old := range l.by {
				if old.Tokens() >= float64(l.burst) {
					delete(l.by, id)
				}
			}
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.by[person] = limiter
	}
	return limiter.Allow()
}
