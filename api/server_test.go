package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/api/client"
	"tickmark/api/gen"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// What browsers obey is on every answer, also on problems and on the page.
func TestHeaders(t *testing.T) {
	w := onSQLite(t)
	for _, path := range []string{"/me", "/docs", "/openapi.json", "//healthz", "//nowhere"} {
		h := w.get("marta", path).Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Request-Id": ""} {
			if got := h.Get(name); got == "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %s", path, h.Get("Content-Security-Policy"))
		}
	}
	a, b := w.get("marta", "/me"), w.send(call{who: "marta", method: "GET", path: "/me", header: map[string]string{"X-Request-Id": "mine"}})
	if a.Header().Get("X-Request-Id") == b.Header().Get("X-Request-Id") || b.Header().Get("X-Request-Id") == "mine" {
		t.Error("the request's id is not its own")
	}
}

// The page is three files of our own; what it shows is the document with the table of who may.
func TestDocs(t *testing.T) {
	w := onSQLite(t)
	w.get("", "//api").is(302)
	page := w.get("", "/docs").is(200).Body.String()
	if strings.Contains(page, "http:") || strings.Contains(page, "https:") || strings.Contains(page, "<style") ||
		strings.Contains(page, "onclick") {
		t.Error("the page is not self-contained")
	}
	w.get("", "/docs/docs.js").is(200)
	w.get("", "/docs/docs.css").is(200)
	var doc struct {
		OpenAPI string
		Paths   map[string]struct {
			Get struct {
				Reach map[models.Role]engagement.Reach `json:"x-reach"`
			}
		}
	}
	w.get("", "/openapi.json").is(200).into(&doc)
	if doc.OpenAPI != "3.0.3" || doc.Paths["/engagements"].Get.Reach[models.RoleManager] != engagement.ReachTeam {
		t.Errorf("openapi.json: %+v", doc.Paths["/engagements"])
	}
}

func TestHealth(t *testing.T) {
	w := onSQLite(t)
	w.get("", "//healthz").is(200)
	w.get("", "//readyz").is(200)
	w.missing = func(context.Context) []store.Missing {
		return []store.Missing{{Part: "worker", Detail: "no worker asks for work"}}
	}
	w.serve(nil)
	var state readiness
	w.get("", "//readyz").is(200).into(&state) // commands are carried out
	if len(state.Missing) != 1 || state.Missing[0].Part != "worker" || state.Missing[0].Detail != "no worker asks for work" {
		t.Errorf("readyz: %+v", state)
	}
	var health gen.MessagingHealth
	w.get("ines", "/messaging/health").is(200).into(&health)
	if len(health.Missing) != 1 || health.Missing[0].Part != "worker" {
		t.Errorf("the health of messages: %+v", health.Missing)
	}
	var p client.Problem
	if err := w.root.Close(); err != nil {
		t.Fatal(err)
	}
	w.get("", "//readyz").is(503).into(&p)
	if p.Field != "database" {
		t.Errorf("readyz: %+v", p)
	}
	w.get("", "//healthz").is(200)
}

// A token that sends too much is asked to wait, and another is not.
func TestRateLimit(t *testing.T) {
	w := onSQLite(t)
	s, err := New(Config{Root: w.root, Post: w.postman(), Now: func() time.Time { return monday },
		Real: func() time.Time { return monday }, Rate: 0.001, Burst: 3})
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	for range 3 {
		w.get("marta", "/me").is(200)
	}
	if r := w.get("marta", "/me").is(429); r.Header().Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	} else {
		r.golden("too many requests")
	}
	another, hash := session.NewToken() // Marta makes herself another token: it gives her no more
	if _, err := w.root.For("acme").CreateToken(w.Context(), storeOnce, "marta", "another", hash, time.Time{}, monday); err != nil {
		t.Fatal(err)
	}
	w.tokens["marta's other"] = another
	w.get("marta's other", "/me").is(429)
	w.get("ines", "/me").is(200)
}

// The generated client speaks to the server over the wire.
func TestGeneratedClient(t *testing.T) {
	both(t, func(w *world) {
		srv := httptest.NewServer(w.server.Handler())
		defer srv.Close()
		c, err := client.Open(srv.URL, w.tokens["ines"])
		if err != nil {
			w.Fatal(err)
		}
		ctx := w.Context()
		status := engagement.StatusRunning
		page, err := c.ListEngagementsWithResponse(ctx, &client.ListEngagementsParams{Status: &status})
		if err := client.Check(page.HTTPResponse, page.ApplicationProblemJSONDefault, err); err != nil {
			w.Fatal(err)
		}
		if len(page.JSON200.Items) != 1 || page.JSON200.Items[0].ID != "e1" {
			w.Errorf("ines is on %+v", page.JSON200.Items)
		}
		done, err := c.MoveTaskWithResponse(ctx, "e1", "X-1",
			&client.MoveTaskParams{IdempotencyKey: client.NewKey(), IfMatch: client.At(page.JSON200.Items[0].Revision)},
			client.Move{Due: models.Date{Year: 2026, Month: 4, Day: 20}, Reason: "asked for"})
		if err := client.Check(done.HTTPResponse, done.ApplicationProblemJSONDefault, err); err != nil {
			w.Fatal(err)
		}
		if done.JSON200.Revision <= page.JSON200.Items[0].Revision || done.Headers200.ETag == "" {
			w.Errorf("moved: %+v", done.JSON200)
		}
		start, err := c.StartEngagementWithResponse(ctx, "e1", &client.StartEngagementParams{IdempotencyKey: client.NewKey()}, client.StartNote{})
		if err := client.Check(start.HTTPResponse, start.ApplicationProblemJSONDefault, err); client.CodeOf(err) != models.Conflict {
			w.Errorf("started twice: %v", err)
		}
		other, err := client.Open(srv.URL, "tm_wrong")
		if err != nil {
			w.Fatal(err)
		}
		me, err := other.GetMeWithResponse(ctx)
		if err := client.Check(me.HTTPResponse, me.ApplicationProblemJSONDefault, err); client.CodeOf(err) != models.Unauthenticated {
			w.Errorf("a wrong token: %v", err)
		}
	})
}

// Many at once: each command is done once, and nobody is answered with our fault.
func TestManyAtOnce(t *testing.T) {
	both(t, func(w *world) {
		srv := httptest.NewServer(w.server.Handler())
		defer srv.Close()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 2 { // the second time it is the same request
					req, err := http.NewRequest("POST", srv.URL+base+"/engagements/e1/tasks/X-1/comments",
						strings.NewReader(fmt.Sprintf(`{"text":"note %d"}`, i)))
					if err != nil {
						w.Error(err)
						return
					}
					req.Header.Set("Authorization", "Bearer "+w.tokens["kenji"])
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("Idempotency-Key", fmt.Sprint("note-", i))
					res, err := http.DefaultClient.Do(req)
					if err != nil {
						w.Error(err)
						return
					}
					var r engagement.Result
					err = json.NewDecoder(res.Body).Decode(&r)
					res.Body.Close()
					if err != nil || res.StatusCode != 200 {
						w.Errorf("%d %v", res.StatusCode, err)
					}
				}
			})
		}
		wg.Wait()
		var d client.TaskDetail
		w.get("kenji", "/engagements/e1/tasks/X-1").is(200).into(&d)
		if len(d.Comments) != 8 {
			w.Errorf("%d comments", len(d.Comments))
		}
	})
}
