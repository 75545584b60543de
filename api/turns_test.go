package api

import (
	"context"
	"sync"
	"testing"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/modelstest/await"
)

// While something of Ines's is done that looks through much, all of her next such requests wait for it; Marta's do not, and neither do the
// others of Ines. Then they are carried out, and nothing is left of the turns.
func TestWhatLooksThroughMuchIsDoneInTurn(t *testing.T) {
	w := onSQLite(t)
	ines := somebody{"acme", "ines"}
	end, err := w.server.turns.take(t.Context(), ines)
	if err != nil {
		t.Fatal(err)
	}
	check := object{"check": true, "to": "noor"}
	asks := map[string]any{"/people/kenji/hand-over": object{"check": true, "to": "ruth"}, "/starts": with(cedar(1), "check", true),
		"/engagements/e1/hand-over": object{"check": true, "from": "priya", "to": "ines"}}
	var together sync.WaitGroup
	for path, body := range asks {
		together.Go(func() {
			if r := w.post("ines", path, body); r.Code >= 500 || r.Code == 429 {
				t.Errorf("%s is answered %d %s", path, r.Code, r.Body)
			}
		})
	}
	await.Until(t, "they wait", func() bool { return w.server.turns.waiting(ines) == 1+len(asks) })
	w.post("marta", "/people/ines/hand-over", check).is(200)
	w.get("ines", "/engagements/e1").is(200)
	w.post("ines", "/engagements/e1/tasks/KO-02/comments", object{"text": "It goes on."}).is(200)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.server.turns.take(ended, ines); models.CodeOf(err) != session.TooMany {
		t.Errorf("who does not wait is answered %v", err)
	}
	if n := w.server.turns.waiting(ines); n != 1+len(asks) {
		t.Errorf("%d wait", n)
	}
	end()
	together.Wait()
	if n := len(w.server.turns.of); n != 0 {
		t.Errorf("%d turns are left", n)
	}
}

// waiting returns how many have somebody's turn or wait for it.
func (t *turns) waiting(who somebody) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one := t.of[who]; one != nil {
		return one.asks
	}
	return 0
}
