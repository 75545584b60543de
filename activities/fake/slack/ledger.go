package slackfake

import (
	"errors"
	"maps"
	"slices"
	"sync"
)

// maxCalls is how many calls are remembered in full; of all of them there are counts.
const maxCalls = 20_000

// A ledger remembers the calls of the Web API.
type ledger struct {
	mu     sync.Mutex
	calls  []*entry
	counts map[callKey]int
	hits   map[FaultKind]int
}

// An entry is a call in the ledger; it may still be under way.
type entry struct{ Call }

// A callKey is a method and a workspace, of which calls are counted.
type callKey struct{ method, team string }

// enter notes a call that has come in.
func (s *Slack) enter(req *request) *entry {
	e := &entry{Call{Method: req.method, At: req.now, Args: req.args}}
	if req.ws != nil {
		e.Team = req.ws.Team
	}
	l := &s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts, l.hits = map[callKey]int{}, map[FaultKind]int{}
	}
	key := callKey{e.Method, e.Team}
	l.counts[key]++
	e.N = l.counts[key]
	if len(l.calls) >= maxCalls {
		l.calls = append([]*entry(nil), l.calls[maxCalls/2:]...)
	}
	l.calls = append(l.calls, e)
	return e
}

// met notes that a call met a fault.
func (l *ledger) met(e *entry, kind FaultKind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Fault = kind
	l.hits[kind]++
}

// came notes what executing a call came to.
func (l *ledger) came(e *entry, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Done = err == nil
	if err != nil {
		e.Error = "internal_error"
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		e.Error = r.code
	}
}

// Calls returns the calls of the Web API, the last 10,000 of them or more, in the order in which they came in: all of them, or those
// of some methods.
func (s *Slack) Calls(methods ...string) []Call {
	l := &s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	var calls []Call
	for _, e := range l.calls {
		if len(methods) > 0 && !slices.Contains(methods, e.Method) {
			continue
		}
		c := e.Call
		c.Args = maps.Clone(c.Args)
		calls = append(calls, c)
	}
	return calls
}

// CallCounts returns how many calls there were since New of each method, in one workspace or, when team is empty, in all and of unknown
// tokens too.
func (s *Slack) CallCounts(team string) map[string]int {
	l := &s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[string]int{}
	for key, n := range l.counts {
		if team == "" || key.team == team {
			counts[key.method] += n
		}
	}
	return counts
}

// FaultsHit returns how many calls met a fault, by its kind. A named error is counted as FaultError, and a call above a limit of the
// settings as FaultRateLimit.
func (s *Slack) FaultsHit() map[FaultKind]int {
	l := &s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.hits)
}
