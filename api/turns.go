package api

import (
	"context"
	"sync"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
)

// inTurn are the operations that one person has carried out one after the other, with all their tokens together: each looks through several
// engagements, or hundreds of people, most of them in a transaction for which the firm's other writes wait.
var inTurn = map[engagement.Action]bool{"startFromFile": true, "handOverPerson": true, "assignFunction": true, "handOverEngagement": true,
	"updateFirm": true, "updateClient": true, "updatePersonMessaging": true}

// turns has each person wait for their own turn. The zero value is ready.
type turns struct {
	mu sync.Mutex
	of map[somebody]*place
}

// A place is where one person waits for it.
type place struct {
	held chan struct{} // full while it is taken
	asks int           // how many have it or wait for it
}

// take waits for somebody's turn, and returns what ends it. It refuses (too many requests) where ctx ends first.
func (t *turns) take(ctx context.Context, who somebody) (end func(), err error) {
	t.mu.Lock()
	one := t.of[who]
	if one == nil {
		if t.of == nil {
			t.of = map[somebody]*place{}
		}
		one = &place{held: make(chan struct{}, 1)}
		t.of[who] = one
	}
	one.asks++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.asks--; one.asks == 0 {
			delete(t.of, who)
		}
	}
	select {
	case one.held <- struct{}{}:
		return func() { <-one.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, models.Refuse(session.TooMany, "", "what you asked for before is still being done, and this is done after it: send this "+
			"again when that is answered")
	}
}
