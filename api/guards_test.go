package api

import (
	"strings"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// A draft with a kickoff of last month is started only with a word that it is meant so. Its kickoff then moves with a reason, its promise
// too, also by a file, and once a task is done the kickoff takes a decision.
func TestDatesAreAskedAboutAndMoveWithAReason(t *testing.T) {
	both(t, func(w *world) {
		f := cedar(1)
		f["draft"] = true
		file(f).at("engagement")["kickoff"] = "2026-02-16"
		w.post("ines", "/starts", f).is(200)
		const e = "/engagements/cedar-1-soc2"
		for _, body := range []any{nil, object{}, object{"confirm": []string{"kickoff_far"}}} {
			var p gen.Problem
			if w.post("ines", e+"/start", body).is(400).into(&p); p.Field != "confirm" || !strings.Contains(p.Detail, "confirm kickoff_past") {
				w.Errorf("with %v it is refused as %+v", body, p)
			}
		}
		w.post("ines", e+"/start", object{"confirm": []string{"kickoff_past"}}).is(200)

		w.patch("ines", e, object{"kickoff": "2026-03-09"}).is(400)
		w.patch("ruth", e, object{"kickoff": "2026-03-09", "reason": "x"}).is(404)
		w.patch("ines", e, object{"kickoff": "2026-03-09", "reason": "it was a typing error"}).is(200)
		var is gen.Engagement
		w.get("ines", e).is(200).into(&is)
		if is.Kickoff.String() != "2026-03-09" || is.TargetReport != is.BaselineReport {
			w.Errorf("moved, it is %+v", is)
		}
		later := is.TargetReport.AddDays(14)
		w.patch("ines", e, object{"target_report": later.String()}).is(400)
		w.patch("ines", e, object{"target_report": later.String(), "reason": "the auditor is full"}).is(200)

		file(f).at("engagement")["kickoff"] = "2026-03-09"
		file(f).at("engagement")["target_report"] = later.AddDays(7).String()
		f["update"] = true
		refused := said(w.T, w.post("marta", "/starts", f).is(400).Body.Bytes())
		if len(refused) != 1 || refused[0].Field != "engagement.target_report" || !strings.Contains(refused[0].Detail, "moves with a reason") {
			w.Errorf("a file that moves the promise without a reason is refused with %+v", refused)
		}
		f["reason"] = "a week more"
		w.post("marta", "/starts", f).is(200)
		var events gen.EventPage
		w.get("ines", e+"/timeline?order=desc&kind=engagement.edited&limit=1").is(200).into(&events)
		if x := events.Items[0]; x.Field != "target_report" || x.From != later.String() || x.To != later.AddDays(7).String() ||
			x.Reason != "a week more" {
			w.Errorf("the record says %+v", x)
		}

		w.post("ines", e+"/tasks/KO-02/complete", object{}).is(200)
		w.patch("ines", e, object{"kickoff": "2026-03-16", "reason": "x"}).is(409)
		var done gen.Result
		w.post("ines", e+"/kickoff", object{"kickoff": "2026-03-16", "reason": "Tess is ill"}).is(200).into(&done)
		var d gen.Decision
		w.get("marta", e+"/decisions/"+done.Created).is(200).into(&d)
		if d.Change.Kickoff.String() != "2026-03-16" || d.State != engagement.DecisionPending || len(d.Would.Text) == 0 ||
			d.Would.Report.IsZero() || d.Would.Retimed == 0 {
			w.Errorf("it would move %+v", d)
		}
	})
}

// Ines proposes, replaces and withdraws; Ruth refuses. Who, when and why stands in the list and at each.
func TestADecisionEndsWithWhoWhenAndWhy(t *testing.T) {
	both(t, func(w *world) {
		w.post("marta", "/engagements/e1/decisions/D-2/withdraw", object{"reason": "Ines proposes another"}).is(200)
		propose := func(who string, months int) string {
			var r gen.Result
			w.post(who, "/engagements/e1/window", object{"months": months, "reason": "so it is"}).is(200).into(&r)
			return r.Created
		}
		first, second := propose("ines", 9), propose("ines", 8)
		w.post("ruth", "/engagements/e1/window", object{"months": 7, "reason": "x"}).is(409)
		w.post("ines", "/engagements/e1/window", object{"months": 8, "reason": "x"}).is(409)
		w.post("ruth", "/engagements/e1/decisions/"+second+"/withdraw", object{"reason": "x"}).is(403)
		w.post("ines", "/engagements/e1/decisions/"+second+"/withdraw", object{}).is(400)
		w.post("ines", "/engagements/e1/decisions/"+second+"/withdraw", object{"reason": "a typing error"}).is(200)
		w.post("ines", "/engagements/e1/decisions/"+second+"/withdraw", object{"reason": "x"}).is(409)
		third := propose("ines", 7)
		w.post("ruth", "/engagements/e1/decisions/"+third+"/refuse", object{"reason": "six were agreed"}).is(200)
		var list gen.DecisionList
		w.get("ruth", "/engagements/e1/decisions").is(200).into(&list)
		for i, want := range []struct {
			id    string
			state engagement.DecisionState
			by    models.PersonID
			why   string
		}{{third, engagement.DecisionRefused, "ruth", "six were agreed"}, {second, engagement.DecisionWithdrawn, "ines", "a typing error"},
			{first, engagement.DecisionWithdrawn, "ines", "replaced by " + second}} {
			d := list.Items[i]
			if d.ID != want.id || d.State != want.state || d.ClosedBy != want.by || d.ClosedWhy != want.why || d.ClosedAt.IsZero() {
				w.Errorf("%+v, want %+v", d, want)
			}
			var one gen.Decision
			w.get("ruth", "/engagements/e1/decisions/"+want.id).is(200).into(&one)
			if one.ClosedBy != want.by || len(one.Would.Text) > 0 {
				w.Errorf("by itself it is %+v", one)
			}
		}
		w.get("ruth", "/engagements/e1/decisions?state=withdrawn").is(200).into(&list)
		if len(list.Items) != 3 {
			w.Errorf("%d were withdrawn", len(list.Items))
		}
		w.get("kenji", "/engagements/e1/decisions/"+first).is(404)
		w.get("ruth", "/engagements/e1/decisions/D-99").is(404)
	})
}

// Cancelling takes the id once more, is undone by a partner within a day, and not after it.
func TestCancellingAsksOnceMoreAndIsUndone(t *testing.T) {
	both(t, func(w *world) {
		var was, is gen.Engagement
		var open, again gen.TaskPage
		w.get("ines", "/engagements/e1").is(200).into(&was)
		w.get("ines", "/engagements/e1/tasks").is(200).into(&open)
		w.post("marta", "/engagements/e1/cancel", object{"reason": "sold"}).is(400)
		w.post("marta", "/engagements/e1/cancel", object{"reason": "sold", "confirm": "e2"}).is(400)
		w.post("marta", "/engagements/e1/reinstate", object{"reason": "x"}).is(409)
		w.post("marta", "/engagements/e1/cancel", object{"reason": "sold", "confirm": "e1"}).is(200)
		w.get("ines", "/engagements/e1").is(200).into(&is)
		if is.Status != engagement.StatusCancelled || !is.ReinstateUntil.Equal(w.now.Add(24*time.Hour)) {
			w.Errorf("cancelled, it is %s and can be undone until %s", is.Status, is.ReinstateUntil)
		}
		w.post("ines", "/engagements/e1/reinstate", object{"reason": "x"}).is(403)
		w.post("marta", "/engagements/e1/reinstate", object{"reason": "it was the wrong one"}).is(200)
		is = gen.Engagement{}
		w.get("ines", "/engagements/e1").is(200).into(&is)
		w.get("ines", "/engagements/e1/tasks").is(200).into(&again)
		if is.Status != was.Status || is.OpenTasks != was.OpenTasks || is.ForecastReport != was.ForecastReport || !is.ReinstateUntil.IsZero() ||
			len(again.Items) != len(open.Items) {
			w.Errorf("reinstated, it is %+v, and was %+v", is, was)
		}
		for i := range open.Items {
			if open.Items[i].ID != again.Items[i].ID || open.Items[i].State != again.Items[i].State || open.Items[i].Due != again.Items[i].Due {
				w.Errorf("reinstated, there is %+v instead of %+v", again.Items[i], open.Items[i])
			}
		}
		w.post("marta", "/engagements/e1/cancel", object{"reason": "sold", "confirm": "e1"}).is(200)
		w.now = w.now.Add(24 * time.Hour)
		w.post("marta", "/engagements/e1/reinstate", object{"reason": "x"}).is(409)
	})
}
