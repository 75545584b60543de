package slackfake

import (
	"sync"
	"time"
)

// limits hold, for what has a rate, when its next call is due.
type limits struct {
	mu  sync.Mutex
	due map[limitKey]time.Time
}

// A limitKey is what has a rate: a channel of a workspace, or a method of one.
type limitKey struct{ team, method, channel string }

// tooSoon returns how long a call has to wait, which is 0 when it may go on and counts then.
func (s *Slack) tooSoon(req *request) time.Duration {
	set := s.Settings()
	if req.ws == nil {
		return 0
	}
	if req.method == "chat.postMessage" && set.ChannelEvery > 0 {
		key := limitKey{req.ws.Team, "", req.args["channel"]}
		if wait := s.limits.take(key, req.now, set.ChannelEvery, set.ChannelBurst); wait > 0 {
			return wait
		}
	}
	if rate := set.MethodRate[req.method]; rate > 0 {
		return s.limits.take(limitKey{req.ws.Team, req.method, ""}, req.now, time.Minute/time.Duration(rate), rate-1)
	}
	return 0
}

// take counts a call of what may be called every so often, and as often as burst sooner. It returns how long it has to wait instead.
func (l *limits) take(key limitKey, now time.Time, every time.Duration, burst int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due == nil {
		l.due = map[limitKey]time.Time{}
	}
	due := l.due[key]
	if due.Before(now) {
		due = now
	}
	if wait := due.Sub(now) - time.Duration(burst)*every; wait > 0 {
		return wait
	}
	l.due[key] = due.Add(every)
	return 0
}
