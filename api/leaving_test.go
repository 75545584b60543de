package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/store"
)

// Kenji, who leads security at Northgate, leaves by the request that is a year old and names nobody: his token opens nothing any more, and
// what has nobody stands first in the status and in the work of those who are to find somebody, and of nobody else. Marta gives it to Olga,
// who has just come; then nothing is open.
func TestWhoLeavesLeavesNothingUnsaid(t *testing.T) {
	both(t, func(w *world) {
		w.post("ines", "/people", object{"id": "olga", "name": "Olga", "role": "owner", "client": "northgate", "time_zone": "UTC"}).is(201)
		w.get("kenji", "/me").is(200)
		w.patch("ines", "/people/kenji", object{"active": false}).is(200)
		w.get("kenji", "/me").is(401)
		first := func() gen.HealthReason {
			var r gen.Report
			w.get("ines", "/engagements/e1/status").is(200).into(&r)
			if len(r.Reasons) == 0 {
				return gen.HealthReason{}
			}
			return r.Reasons[0]
		}
		if r := first(); r.Code != "left" || !strings.HasPrefix(r.Text, "Kenji of acme left on Mon 2026-03-02; ") || r.Subject != "kenji" {
			w.Errorf("the status begins with %+v", r)
		}
		for who, asked := range map[string]int{"ines": 1, "marta": 1, "noor": 0, "priya": 0, "ruth": 0} {
			var work gen.Work
			w.get("marta", "/people/"+who+"/work").is(200).into(&work)
			if len(work.Left) != asked {
				w.Errorf("%s is asked for %+v", who, work.Left)
			}
		}
		if s := w.get("ines", "/engagements/e1/timeline").is(200).Body.String(); !strings.Contains(s, `"person.left"`) {
			w.Error("the record does not say that he left")
		}

		give := object{"to": "olga", "reason": "she knows it"}
		var done gen.HandedOver
		w.post("marta", "/people/kenji/hand-over", with(file(give), "check", true)).is(200).into(&done)
		if len(done.Items) == 0 || len(done.Faults) > 0 || first().Code != "left" {
			w.Errorf("a check says %+v", done)
		}
		w.post("ines", "/people/kenji/hand-over", give).is(403) // he approves: she may not choose who does
		w.post("priya", "/people/kenji/hand-over", give).is(403)
		w.post("sara", "/people/kenji/hand-over", give).is(404)
		w.post("marta", "/people/kenji/hand-over", object{}).is(400)
		w.post("marta", "/people/kenji/hand-over", object{"to": "sara"}).is(400)
		w.post("marta", "/people/kenji/hand-over", give).is(200).into(&done)
		for _, x := range done.Items {
			if x.To != "olga" {
				w.Errorf("%+v is nobody's", x)
			}
		}
		if r := first(); r.Code == "left" {
			w.Errorf("it still says %+v", r)
		}
		var functions gen.FunctionList
		w.get("marta", "/clients/northgate/functions").is(200).into(&functions)
		i := slices.IndexFunc(functions.Items, func(f gen.Function) bool { return f.Function == "security_lead" })
		if f := functions.Items[i]; f.Person != "olga" || f.Backup != "ruth" {
			w.Errorf("security is led by %+v", f)
		}
	})
}

// Noor takes over from Ines in one request, or nothing is done at all: what is in the way is named, field by field. When Ines leaves, her
// access ends in the same request.
func TestAHandOverIsAllOrNothing(t *testing.T) {
	both(t, func(w *world) {
		before := w.tables()
		var problem gen.Problem
		w.post("marta", "/people/ines/hand-over", object{"to": "priya"}).is(400).into(&problem)
		if len(problem.Errors) == 0 || !strings.Contains(problem.Errors[0].Detail, "not pm") {
			w.Errorf("%+v", problem)
		}
		w.post("marta", "/people/ines/hand-over", object{"to": "noor", "tasks": []object{{"engagement": "e1", "task": "X-99",
			"to": "noor"}}}).is(400)
		w.post("marta", "/people/ines/hand-over", object{"leaves": true, "check": true, "to": "noor"}).is(200)
		w.post("marta", "/people/marta/hand-over", object{"leaves": true}).is(403)
		if after := w.tables(); after != before {
			w.Errorf("a refusal or a check changed something:\n%s\n%s", before, after)
		}
		w.get("ines", "/me").is(200)
		var done gen.HandedOver
		w.post("marta", "/people/ines/hand-over", object{"leaves": true, "to": "noor"}).is(200).into(&done)
		if done.Person.Active || len(done.Items) == 0 {
			w.Errorf("%+v", done)
		}
		w.get("ines", "/me").is(401)
		var e gen.Engagement
		for _, id := range []string{"e1", "d1"} {
			if w.get("noor", "/engagements/"+id).is(200).into(&e); e.Manager != "noor" {
				w.Errorf("%s is managed by %s", id, e.Manager)
			}
		}
	})
}

// Ines leaves, and what is asked of Priya is refused: the answer says so, and Ines gets in no more.
func TestAccessEndsAlthoughAHandOverIsRefused(t *testing.T) {
	both(t, func(w *world) {
		var done gen.HandedOver
		w.post("marta", "/people/ines/hand-over", object{"leaves": true, "to": "priya"}).is(200).into(&done)
		if len(done.Faults) == 0 || !strings.Contains(done.Faults[0].Detail, "not pm") || done.Person.Active {
			w.Errorf("%+v", done)
		}
		w.get("ines", "/me").is(401)
		var e gen.Engagement
		if w.get("marta", "/engagements/e1").is(200).into(&e); e.Manager != "ines" {
			w.Errorf("e1 is managed by %s", e.Manager)
		}
		w.post("marta", "/people/ines/hand-over", object{"to": "noor"}).is(200)
	})
}

// Of one engagement: all that is somebody's, or a function's, becomes another's by one command; with a check nothing does.
func TestAHandOverInAnEngagement(t *testing.T) {
	both(t, func(w *world) {
		path := "/engagements/e1/hand-over"
		w.post("priya", path, object{"from": "ines", "to": "noor"}).is(403)
		w.post("ruth", path, object{"from": "ines", "to": "noor"}).is(403)
		w.post("sara", path, object{"from": "kenji", "to": "ruth"}).is(404)
		for _, wrong := range []object{{}, {"from": "ines"}, {"from": "nemo", "to": "noor"}, {"from": "ines", "to": "ines"},
			{"function": "astronaut", "to": "noor"}, {"from": "ines", "function": "pm", "to": "noor"}} {
			w.post("marta", path, wrong).is(400)
			w.post("marta", path, with(file(wrong), "check", true)).is(200).into(new(gen.HandedOver))
		}
		var done gen.HandedOver
		before := w.tables()
		w.post("marta", path, object{"from": "ines", "to": "noor", "check": true}).is(200).into(&done)
		if len(done.Items) == 0 || len(done.Faults) != 0 || w.tables() != before {
			w.Errorf("a check says %+v", done)
		}
		w.post("marta", path, object{"from": "ines", "to": "noor"}).is(200).into(&done)
		w.post("marta", path, object{"from": "ines", "to": "noor"}).is(400) // nothing is left
		w.post("marta", path, object{"function": "pm", "to": "vera"}).is(200)
		var tasks gen.TaskPage
		w.get("marta", "/engagements/e1/tasks?owner=noor&limit=200").is(200).into(&tasks)
		for _, task := range tasks.Items {
			if task.OwnerRole == "pm" && !task.State.Closed() {
				w.Errorf("%s is still noor's", task.ID)
			}
		}
	})
}

// A function goes to Ruth: who stood in for it before stays so, the answer says how many tasks stay with Kenji, and they go along when that
// is asked for. Who loses a function that approves is told, whichever request takes it.
func TestAFunctionIsGivenWithItsTasks(t *testing.T) {
	both(t, func(w *world) {
		w.post("ines", "/people", object{"id": "olga", "name": "Olga", "role": "owner", "client": "northgate", "time_zone": "UTC"}).is(201)
		put := func(body object) (f gen.Function) {
			w.send(call{who: "marta", method: http.MethodPut, path: "/clients/northgate/functions/security_lead", body: body}).is(200).into(&f)
			return f
		}
		if f := put(object{"person": "olga"}); f.Person != "olga" || f.Backup != "ruth" || f.Former != "kenji" || f.Handed != 0 {
			w.Errorf("%+v", f)
		}
		if f := put(object{"person": "kenji", "hand_over": true}); f.Person != "kenji" || f.Backup != "ruth" || f.Stays != 0 {
			w.Errorf("%+v", f)
		}
		if f := put(object{"person": "ruth"}); f.Person != "ruth" || f.Backup != "" {
			w.Errorf("nobody stands in for themselves: %+v", f)
		}
		if f := put(object{"person": "kenji", "backup": "olga"}); f.Backup != "olga" {
			w.Errorf("%+v", f)
		}
		if f := put(object{"person": "kenji", "no_backup": true}); f.Backup != "" {
			w.Errorf("%+v", f)
		}
		told := func(who models.PersonID) (n int) {
			all, _, err := w.root.For("acme").Deliveries(w.Context(), store.DeliveryFilter{Person: who}, "", 500)
			if err != nil {
				w.Fatal(err)
			}
			for _, d := range all {
				if d.Message != nil && d.Message.Subject == "A function was taken from you" {
					n++
				}
			}
			return n
		}
		was := told("kenji")
		w.post("marta", "/starts", with(with(northgate(4), "functions", []any{object{"function": "security_lead", "person": "olga"}}),
			"update", true)).is(200)
		if n := told("kenji"); n != was+1 {
			w.Errorf("kenji is told %d times of what a file took from him", n-was)
		}
	})
}

// Ruth gives somebody of hers an address. Whether somebody of another client has it, of the firm, an auditor or nobody, the answer is the
// same but for the address; whose it is at Northgate she is told.
func TestAnAddressTellsNothingOfOthers(t *testing.T) {
	both(t, func(w *world) {
		said := map[string]string{}
		for _, email := range []string{"sara@acme.test", "ines@acme.test", "hugo@acme.test", "nobody@acme.test"} {
			var p gen.Person
			got := w.post("ruth", "/people", object{"name": "New", "role": "owner", "client": "northgate", "time_zone": "UTC",
				"email": email}).is(201).into(&p)
			strip := strings.NewReplacer(email, "EMAIL", string(p.ID), "ID")
			said[strip.Replace(got.Body.String())] = email
			w.patch("ruth", "/people/"+string(p.ID), object{"email": "moved-" + email}).is(200)
			got = w.patch("ruth", "/people/"+string(p.ID), object{"email": strings.ToUpper(email[:1]) + email[1:]}).is(200)
			said[strings.Replace(strip.Replace(got.Body.String()), strings.ToUpper(email[:1])+email[1:], "EMAIL", 1)] = email
		}
		if len(said) != 2 { // one of inviting, one of changing
			w.Errorf("the answers differ: %v", said)
		}
		w.post("ruth", "/people", object{"name": "New", "role": "owner", "client": "northgate", "time_zone": "UTC",
			"email": "kenji@acme.test"}).is(409)
	})
}
