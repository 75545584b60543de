package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models/modelstest"
)

// Marta looks at what a pause would do, which changes nothing, pauses until a day, and everybody reads until when: in the engagement, its
// status and the list of all. A day that is over is none until which something is paused. It is paused once for its key, and what goes on
// is paused until no day.
func TestAPauseSaysUntilWhen(t *testing.T) {
	both(t, func(w *world) {
		const path = "/engagements/e1/pause"
		before := w.tables()
		var would gen.Result
		w.post("marta", path, object{"reason": "they are being bought", "until": "2026-03-16", "check": true}).is(200).into(&would)
		if says := strings.Join(would.Effect, " "); !strings.Contains(says, "by 10 business days if it resumes on Mon 2026-03-16.") ||
			!strings.Contains(says, " report is expected on ") || w.tables() != before {
			w.Errorf("it would do %q", says)
		}
		for _, day := range []string{"2026-03-02", "2025-01-01", "2037-01-01"} {
			var p gen.Problem
			w.post("marta", path, object{"reason": "x", "until": day}).is(400).into(&p)
			if p.Field != "until" || !strings.Contains(p.Detail, "must lie after today, 2026-03-02") {
				w.Errorf("until %s it is refused with %+v", day, p)
			}
		}
		w.post("marta", path, object{"reason": "x", "confirm": []string{"whatever"}}).is(400)
		w.post("kenji", path, object{"reason": "x", "check": true}).is(403)
		pause := call{who: "marta", method: http.MethodPost, path: path, key: "the-pause",
			body: object{"reason": "they are being bought", "until": "2026-03-16", "confirm": []string{"unasked"}}}
		var first, again gen.Result
		w.send(pause).is(200).into(&first)
		w.send(pause).is(200).into(&again)
		if again.Revision != first.Revision || !again.Replayed || first.Replayed || !slices.Equal(first.Effect, would.Effect) ||
			!slices.Equal(again.Effect, first.Effect) {
			w.Errorf("it is paused with %+v, and then %+v", first, again)
		}
		w.post("marta", path, object{"reason": "x", "check": true}).is(409)
		until := modelstest.On("2026-03-16")
		var e gen.Engagement
		var s gen.Report
		var list gen.EngagementPage
		w.get("ruth", "/engagements/e1").is(200).into(&e)
		w.get("ines", "/engagements/e1/status").is(200).into(&s)
		w.get("ines", "/engagements?status=paused").is(200).into(&list)
		if e.PausedUntil != until || s.Engagement.PausedUntil != until || len(list.Items) != 1 || list.Items[0].PausedUntil != until ||
			list.Items[0].PausedOn != modelstest.On("2026-03-02") {
			w.Errorf("it is paused until %s, by its status until %s, in the list %+v", e.PausedUntil, s.Engagement.PausedUntil, list.Items)
		}
		resumesAsItWasSaid(w)
	})
}

// resumesAsItWasSaid looks a week later at what it would do if the engagement went on, which changes nothing, and lets it go on: it does
// that.
func resumesAsItWasSaid(w *world) {
	w.now = w.now.Add(7 * 24 * time.Hour)
	before := w.tables()
	var would, first gen.Result
	w.post("marta", "/engagements/e1/resume", object{"check": true}).is(200).into(&would)
	if w.tables() != before || !strings.Contains(would.Effect[0], "It was paused for 5 business days: ") {
		w.Errorf("if it went on: %q", would.Effect)
	}
	w.post("marta", "/engagements/e1/resume", object{}).is(200).into(&first)
	if !slices.Equal(first.Effect, would.Effect) {
		w.Errorf("it was said that %q, and it goes on with %q", would.Effect, first.Effect)
	}
	var e gen.Engagement
	if w.get("ruth", "/engagements/e1").is(200).into(&e); !e.PausedUntil.IsZero() {
		w.Errorf("it goes on, and is paused until %s", e.PausedUntil)
	}
}

// A request that is sent again, since its answer was lost, is answered as it was, whatever it moved: a move of due dates, and a change of
// calendar, also one that was decided upon a revision which has passed by now.
func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	both(t, func(w *world) {
		move := call{who: "ines", method: http.MethodPost, path: "/engagements/e1/tasks/move", key: "the-move",
			body: object{"tasks": []string{"X-1", "KO-12"}, "days": 3, "along": true, "reason": "ill"}}
		var moved, again gen.Moves
		w.send(move).is(200).into(&moved)
		w.send(move).is(200).into(&again)
		if again.Replayed = !again.Replayed; len(moved.Moves) < 2 || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", moved) {
			w.Errorf("a move did\n%+v\nand the same key says\n%+v", moved, again)
		}
		was := w.due("X-1")
		for _, c := range []call{{who: "ines", path: "/clients/northgate", body: object{"closed_days": []string{was.String()}}},
			{who: "marta", path: "/firm", body: object{"closed_days": []string{"2026-03-03", "2026-03-04", "2026-03-05"}}},
			{who: "ines", path: "/people/kenji/messaging", body: object{"country": "NO"}}} {
			c.method, c.key = http.MethodPatch, strings.ReplaceAll("calendar"+c.path, "/", "-")
			c.header = map[string]string{"If-Match": w.get(c.who, c.path).is(200).Header().Get("ETag")}
			var first, second struct{ Moves gen.CalendarMoves }
			w.send(c).is(200).into(&first)
			w.wake("e1")
			w.send(c).is(200).into(&second)
			if fmt.Sprintf("%+v", first) != fmt.Sprintf("%+v", second) {
				w.Errorf("%s moved\n%+v\nand the same key says\n%+v", c.path, first, second)
			}
			if c.path == "/clients/northgate" && len(first.Moves.Engagements) == 0 {
				w.Errorf("%s moves nothing", c.path)
			}
		}
	})
}

// The company closes on the day of a draft's kickoff: the answer names the day, which does not move by itself.
func TestAKickoffOnAClosedDayIsNamed(t *testing.T) {
	both(t, func(w *world) {
		var e gen.Engagement
		w.get("ines", "/engagements/d1").is(200).into(&e)
		var c gen.Client
		w.patch("ines", "/clients/northgate", object{"closed_days": []string{e.Kickoff.String()}, "check": true}).is(200).into(&c)
		named := false
		for _, m := range c.Moves.Engagements {
			named = named || m.Engagement == "d1" && m.KickoffClosed == e.Kickoff
		}
		if !named {
			w.Errorf("closed on %s, the kickoff of a draft, it says %+v", e.Kickoff, c.Moves)
		}
	})
}
