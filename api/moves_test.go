package api

import (
	"fmt"
	"testing"

	"tickmark/api/gen"
)

// What is asked of a move first, with check, is what it then does, and asking changes nothing; a phase moves by one request, and what is
// refused says why in the same words either way.
func TestAMoveIsLookedAtFirst(t *testing.T) {
	both(t, func(w *world) {
		const path = "/engagements/e1/tasks/move"
		for _, body := range []object{{"tasks": []string{"X-1", "KO-12"}, "days": 3, "along": true, "reason": "ill"},
			{"phase": "kickoff", "days": 2, "reason": "ill"}} {
			var would, done gen.Moves
			before := w.tables()
			body["check"] = true
			w.post("ines", path, body).is(200).into(&would)
			if w.tables() != before {
				w.Errorf("looking at %v changed something", body)
			}
			body["check"] = false
			w.post("ines", path, body).is(200).into(&done)
			if len(done.Moves) < 2 || fmt.Sprint(done.Moves, done.Stays, done.Phases, done.Reports, done.Anew, done.Text) !=
				fmt.Sprint(would.Moves, would.Stays, would.Phases, would.Reports, would.Anew, would.Text) || done.Revision <= would.Revision {
				w.Errorf("%v would do\n%+v\nand does\n%+v", body, would, done)
			}
			for _, m := range done.Moves {
				var is gen.TaskDetail
				if w.get("ines", "/engagements/e1/tasks/"+string(m.Task)).is(200).into(&is); is.Task.Due != m.Is {
					w.Errorf("%s is due %s, the answer says %s", m.Task, is.Task.Due, m.Is)
				}
			}
		}
		for _, body := range []object{{"tasks": []string{"X-1", "X-2"}, "reason": "ill"}, {"phase": "t2_report", "days": 2, "reason": "ill"},
			{"tasks": []string{"X-1"}, "days": -300, "reason": "ill"}, {"tasks": []string{"X-1"}, "phase": "kickoff", "days": 1, "reason": "ill"}} {
			var tried, sent gen.Problem
			body["check"] = true
			w.post("ines", path, body).into(&tried)
			body["check"] = false
			w.post("ines", path, body).into(&sent)
			if sent.Status < 400 || tried.Status != sent.Status || tried.Detail != sent.Detail {
				w.Errorf("%v: looked at it is refused: %+v, sent: %+v", body, tried, sent)
			}
		}
		w.post("ruth", path, object{"tasks": []string{"X-1"}, "days": 1, "reason": "ill", "check": true}).is(403)
	})
}
