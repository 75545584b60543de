package api

import (
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tickmark/api/client"
)

// impatient lets requests wait for a fifth of a second.
func (w *world) impatient() {
	w.Helper()
	now := func() time.Time { return w.now }
	s, err := New(Config{Root: w.root, Post: w.postman(), Now: now, Real: now, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Rate: 1e6, Burst: 1e6, Patient: 200 * time.Millisecond})
	if err != nil {
		w.Fatal(err)
	}
	w.server = s
}

// locks locks what a comment on e1 writes to, as somebody else's long transaction does, until the returned function is called.
func (w *world) locks() (frees func()) {
	w.Helper()
	w.tables() // opens w.db
	tx, err := w.db.BeginTx(w.Context(), &sql.TxOptions{})
	if err == nil {
		_, err = tx.Exec("UPDATE engagements SET revision = revision WHERE firm_id = 'acme' AND id = 'e1'")
	}
	if err != nil {
		w.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			w.Fatal(err)
		}
	}
}

// Kenji comments while somebody else's transaction holds the engagement. He is told that it is not available, and that nothing was done.
// With the same key it passes as soon as the lock is gone, once.
func TestALockedRowIsNotTheOutcomeOfAKey(t *testing.T) {
	t.Parallel()
	both(t, func(w *world) {
		w.impatient()
		before := w.tables()
		frees := w.locks()
		say := func() reply {
			return w.send(call{who: "kenji", method: "POST", path: "/engagements/e1/tasks/X-1/comments",
				body: object{"text": "It is there"}, key: "K"})
		}
		var p client.Problem
		say().is(503).into(&p)
		if !strings.Contains(p.Detail, "nothing was done") {
			w.Errorf("told %q", p.Detail)
		}
		frees()
		if after := w.tables(); after != before {
			w.Errorf("something was done:\n%s\nbefore:\n%s", after, before)
		}
		w.serve(nil)
		for _, replayed := range []string{"false", "true"} {
			if r := say().is(200); !strings.Contains(strings.ReplaceAll(r.Body.String(), " ", ""), `"replayed":`+replayed) {
				w.Errorf("replayed is not %s: %s", replayed, r.Body)
			}
		}
	})
}

// The database has a rule that ours have not: a second comment breaks it. That is our fault: 500, an error in the log, no word of
// sending it again later, and nothing of the database in the answer. When the rule is gone the same key passes.
func TestAConstraintIsOurFault(t *testing.T) {
	t.Parallel()
	both(t, func(w *world) {
		w.tables() // opens w.db
		rule := func(statement string) {
			if _, err := w.db.Exec(statement); err != nil {
				w.Fatal(err)
			}
		}
		say := func(key string) reply {
			return w.send(call{who: "kenji", method: "POST", path: "/engagements/e1/tasks/X-1/comments",
				body: object{"text": "It is there"}, key: key})
		}
		rule("CREATE UNIQUE INDEX one_each ON comments (firm_id, engagement_id, by_id)")
		say("first").is(200)
		before := w.tables()
		r := say("second").is(500)
		if found := betrays(r.Body.String(), ""); found != "" || strings.Contains(r.Body.String(), "one_each") {
			w.Errorf("it shows %q: %s", found, r.Body)
		}
		if log := w.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "one_each") &&
			!strings.Contains(log, "comments.by_id") {
			w.Errorf("the log says %s", log)
		}
		if after := w.tables(); after != before {
			w.Errorf("something was done:\n%s\nbefore:\n%s", after, before)
		}
		rule("DROP INDEX one_each")
		say("second").is(200)
	})
}
