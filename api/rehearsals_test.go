package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// Ines has two rehearsals under way and asks for a third: she is told to wait for hers. Marta gets one, and no second, so that there is
// room for Omar, who has none: two people never keep everybody else out. With his there are four, and Vera is
// told to wait for the others; what was reckoned before is shown to everybody all the same, and as soon as one ends there is room for one
// more.
func TestRehearsalsAreFewAtOnce(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	const path = "/engagements/d1/rehearsal?assume="
	waits := func(who, path, why string) {
		t.Helper()
		var p gen.Problem
		r := w.get(who, path).is(429)
		if r.into(&p); !strings.Contains(p.Detail, why) || r.Header().Get("Retry-After") == "" {
			t.Errorf("%s is told %q, and to wait %q seconds", who, p.Detail, r.Header().Get("Retry-After"))
		}
	}
	begin := func(who models.PersonID) func() {
		t.Helper()
		end, err := w.server.rehearsals.begin(somebody{"acme", who})
		if err != nil {
			t.Fatal(err)
		}
		return end
	}
	w.get("ines", path+"silent").is(200)
	first, second := begin("ines"), begin("ines")
	waits("ines", path+"on_time", "2 rehearsals that you asked for")
	w.get("ines", path+"silent").is(200) // it is kept
	third := begin("marta")
	if _, err := w.server.rehearsals.begin(somebody{"acme", "marta"}); models.CodeOf(err) != session.TooMany {
		t.Errorf("Marta's second beside both of Ines's: %v", err)
	}
	fourth := begin("omar")
	waits("vera", "/engagements/e2/rehearsal", "4 rehearsals are being reckoned")
	waits("vera", "/engagements/e2/preview", "4 rehearsals are being reckoned")
	w.get("bright/vera", "/engagements/e2/status").is(200) // other reads are not limited by them
	first()
	w.get("vera", "/engagements/e2/rehearsal").is(200)
	third()
	fourth()
	w.get("ines", path+"on_time").is(200)
	second()
	if left := &w.server.rehearsals; left.under != 0 || len(left.of) != 0 {
		t.Errorf("when all have ended, %d are counted, %v", left.under, left.of)
	}
}

// A rehearsal that was reckoned is shown again on the same day, without what is over by then; after anything that it came of has changed it
// is reckoned anew: a task, a person, what the firm wants, when somebody is away, another day.
func TestRehearsalsAreKept(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	const path = "/engagements/e1/rehearsal"
	ask := func() (all gen.Rehearsal) {
		t.Helper()
		w.get("ines", path).is(200).into(&all)
		return all
	}
	first := ask()
	again := ask()
	if len(w.server.rehearsals.kept) != 1 || len(again.Items) != len(first.Items) || len(first.Items) == 0 {
		t.Fatalf("%d are kept of two that are the same, of %d and %d messages", len(w.server.rehearsals.kept), len(first.Items), len(again.Items))
	}
	w.now = first.Items[0].At.Add(time.Second)
	if models.DateIn(w.now, time.UTC) == models.DateIn(monday, time.UTC) {
		if later := ask(); len(later.Items) >= len(first.Items) {
			t.Errorf("after the first message %d are to come, before it %d", len(later.Items), len(first.Items))
		}
	}
	w.now = monday
	for n, change := range []func(){
		func() {
			w.post("ines", "/engagements/e1/tasks", object{"title": "Call them", "phase": "kickoff", "owner": "kenji", "due": "2026-04-02"}).is(200)
		},
		func() { w.patch("ines", "/people/kenji", object{"name": "Kenji K of acme"}).is(200) },
		func() { w.patch("marta", "/messaging", object{"clients_at": "11:00"}).is(200) },
		func() {
			w.post("ines", "/people/kenji/absences", object{"from": "2026-04-01", "to": "2026-04-20"}).is(201)
		},
		func() { w.now = monday.AddDate(0, 0, 1) },
	} {
		change()
		ask()
		if kept := len(w.server.rehearsals.kept); kept != n+2 {
			t.Errorf("after change %d there are %d rehearsals kept, not %d", n+1, kept, n+2)
		}
	}
	for n := range rehearsalsKept {
		w.server.rehearsals.keep([sha256.Size]byte{byte(n)}, reminders.Rehearsal{})
	}
	if kept := len(w.server.rehearsals.kept); kept != rehearsalsKept {
		t.Errorf("%d rehearsals are kept", kept)
	}
}

// Whoever hangs up has their rehearsal stopped, and room is made for the next.
func TestARehearsalEndsWithItsRequest(t *testing.T) {
	w := onSQLite(t)
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	d := modelstest.In(t, "soc2_type1", "gap")
	f := modelstest.CopyOf(d.Facts)
	r := &rehearsing{f, modelstest.Audience(f), reminders.Messaging{}, reminders.AssumeOnTime, d.Today(), d.Today().AddMonths(36)}
	_, err := w.server.rehearsal(ctx, &caller{}, r)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if left := &w.server.rehearsals; left.under != 0 || len(left.kept) != 0 {
		t.Errorf("%d are counted and %d kept", left.under, len(left.kept))
	}
}
