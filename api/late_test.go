package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/store"
)

// A late body is one that arrives only after something has happened: whoever sends it has shown their token before.
type late struct {
	happens func()
	body    io.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if l.happens != nil {
		l.happens()
		l.happens = nil
	}
	return l.body.Read(p)
}

// admits gives Vera a token of her own, as a partner who is active, and returns its id.
func (w *world) admits() string {
	w.Helper()
	s, ctx := w.root.For("acme"), w.Context()
	_, err := s.UpdatePerson(ctx, store.Once{}, "vera", w.now, func(p *models.Person) error {
		p.Active, p.Role = true, models.RolePartner
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	token, hash := session.NewToken()
	made, err := s.CreateToken(ctx, store.Once{}, "vera", "late", hash, time.Time{}, w.now)
	if err != nil {
		w.Fatal(err)
	}
	w.tokens["vera"] = token
	return made.ID
}

// endings are how it ends that Vera may do all with her token.
func (w *world) endings() map[string]func(token string) {
	s, ctx := w.root.For("acme"), w.Context()
	change := func(edit func(*models.Person)) func(string) {
		return func(string) {
			_, err := s.UpdatePerson(ctx, store.Once{}, "vera", w.now, func(p *models.Person) error { edit(p); return nil })
			if err != nil {
				w.Error(err)
			}
		}
	}
	return map[string]func(string){
		"she has left":        change(func(p *models.Person) { p.Active = false }),
		"she is a consultant": change(func(p *models.Person) { p.Role = models.RoleConsultant }),
		"her token is revoked": func(token string) {
			if _, err := s.RevokeToken(ctx, store.Once{}, token, w.now); err != nil {
				w.Error(err)
			}
		},
	}
}

// Vera, a partner, shows her token and keeps the rest of her request back until she has left, has another role, or the token is revoked.
// Whatever she asks for: nothing of it is done.
func TestWhatArrivesLateIsNotDone(t *testing.T) {
	both(t, func(w *world) {
		w.asks()
		n, refused := 0, map[string]int{}
		for _, path := range slices.Sorted(keysOf(w.check.doc.Paths.Map())) {
			for method, op := range w.check.doc.Paths.Value(path).Operations() {
				if method == http.MethodGet || op.OperationID == "makePlan" { // which keeps nothing
					continue
				}
				for why, ends := range w.endings() {
					n++
					token := w.admits()
					vera := guest{token: "vera", role: models.RolePartner}
					w.ready(op, targets[0], vera, n)
					c := call{method: method, path: w.fill(path, targets[0], vera, n), body: w.bodyFor(op, vera, n)}
					switch op.OperationID {
					case "sendTestMessage":
						c.path = "/people/vera/test-message"
					case "updateClient":
						c.body = object{"headcount": 60 + n}
					}
					var since string
					code, answer := w.late(c, func() { ends(token); since = w.tables() })
					if code != 401 && code != 403 || w.tables() != since {
						t.Errorf("%s, and %s %s (%s) is answered %d %s: rows were\n%s and are\n%s", why, method, c.path, op.OperationID, code, answer,
							since, w.tables())
					}
					refused[fmt.Sprint(why, " ", code)]++
				}
			}
		}
		w.admits()
		if code, answer := w.late(call{method: http.MethodPatch, path: "/firm", body: object{"name": "Acme again"}}, func() {}); code != 200 {
			t.Errorf("nothing happened, and it is answered %d %s", code, answer)
		}
		for what, times := range refused { // no other refusal stands before this one
			if (strings.HasSuffix(what, "401") != !strings.Contains(what, "consultant")) || times != n/3 {
				t.Errorf("%s: %d times of %d", what, times, n/3)
			}
		}
	})
}

// late sends a request as Vera, of which the body arrives after something has happened.
func (w *world) late(c call, happens func()) (code int, answer string) {
	w.Helper()
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			w.Fatal(err)
		}
	}
	req := httptest.NewRequest(c.method, base+c.path, &late{happens, bytes.NewReader(body)})
	req.Header.Set("Authorization", "Bearer "+w.tokens["vera"])
	req.Header.Set("Idempotency-Key", fmt.Sprint("late-", calls.Add(1)))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// What only shows is not kept waiting for a body that it does not take.
func TestWhatShowsWaitsForNoBody(t *testing.T) {
	w := onSQLite(t)
	w.admits()
	for _, length := range []int64{-1, 5} {
		req := httptest.NewRequest(http.MethodGet, base+"/people", &late{happens: func() { t.Error("the body is read") }, body: http.NoBody})
		req.ContentLength = length
		req.Header.Set("Authorization", "Bearer "+w.tokens["vera"])
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		if rec.Code != 400 || !strings.Contains(rec.Body.String(), "takes no body") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
}
