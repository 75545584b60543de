package api

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
)

// A sponsor calls somebody new as they like. Whether somebody of another client, of the firm or nobody is called so, the answer is the same
// (B40); whom they call as somebody of their own company they are told.
func TestASponsorLearnsNothingOfOthersByAnID(t *testing.T) {
	both(t, func(w *world) {
		invite := func(id string) reply {
			return w.post("sara", "/people", object{"id": id, "name": "Sam", "client": "westfield", "role": "owner", "time_zone": "UTC"})
		}
		for _, id := range []string{"kenji", "ruth", "ines", "marta", "unused"} { // of Northgate, of the firm, nobody's
			var p gen.Person
			got := invite(id).is(201).into(&p)
			if want := "westfield." + id; string(p.ID) != want || p.Client != "westfield" || got.Header().Get("Location") != base+"/people/"+want {
				w.Errorf("%s became %+v at %s", id, p, got.Header().Get("Location"))
			}
		}
		for _, id := range []string{"omar", "kenji"} { // who was there before, under an id of before, and who has just come
			if got := invite(id).is(409); !strings.Contains(got.Body.String(), "there is a person \\\""+id+"\\\" already") {
				w.Errorf("%s: %s", id, got.Body)
			}
		}
		w.get("sara", "/people/ines").is(200).into(new(gen.Person)) // her own
		w.get("sara", "/people/ruth2").is(404)
		var ines gen.Person
		w.get("marta", "/people/ines").is(200).into(&ines)
		if ines.Role != models.RoleManager {
			w.Errorf("to the firm ines is %+v", ines)
		}
	})
}

// instance is the part of a refusal that is another for every request.
var instance = regexp.MustCompile(`"instance":"[^"]*"`)

// Whom a client's people name in any other place, be they somebody's of another client or nobody: the answer is the same but for the name.
func TestNamingOthersTellsNothing(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.post("sara", "/engagements/e2/tasks/X-1/comments", object{"text": "?"}).is(404) // there is none yet
	w.post("noor", "/engagements/e2/tasks",
		object{"title": "Send the chart", "phase": "kickoff", "owner": "omar", "due": "2026-03-04"}).is(200)
	for _, c := range []call{
		{method: "GET", path: "/people/NAME"},
		{method: "GET", path: "/people/NAME/messaging"},
		{method: "GET", path: "/people/NAME/tokens"},
		{method: "PATCH", path: "/people/NAME", body: object{"name": "Sam"}},
		{method: "GET", path: "/messages?person=NAME"},
		{method: "GET", path: "/engagements/e2/tasks?owner=NAME"},
		{method: "GET", path: "/engagements?manager=NAME"},
		{method: "PUT", path: "/clients/westfield/functions/it_lead", body: object{"person": "NAME"}},
		{method: "PUT", path: "/clients/westfield/functions/it_lead", body: object{"person": "omar", "backup": "NAME"}},
		{method: "POST", path: "/people/omar/absences", body: object{"from": "2026-05-04", "to": "2026-05-05", "stand_in": "NAME"}},
		{method: "POST", path: "/engagements/e2/tasks/X-1/assign", body: object{"person": "NAME"}},
		{method: "POST", path: "/engagements/e2/tasks/X-1/hand-over", body: object{"person": "NAME", "reason": "not mine"}},
		{method: "POST", path: "/engagements/e2/tasks/X-1/comments", body: object{"text": "whose is it?", "to": "NAME"}},
		{method: "POST", path: "/engagements/e2/tasks/X-1/split", body: object{"title": "The rest", "owner": "NAME", "reason": "too large"}},
	} {
		for _, who := range []string{"sara", "omar"} {
			said := map[string]string{}
			for _, name := range []string{"kenji", "ruth", "northgate.kenji", "nemo", "northgate.nemo"} {
				named := c
				named.who, named.path = who, strings.Replace(c.path, "NAME", name, 1)
				if body, ok := c.body.(object); ok {
					filled := object{}
					for k, v := range body {
						filled[k] = strings.Replace(fmt.Sprint(v), "NAME", name, 1)
					}
					named.body = filled
				}
				got := w.send(named)
				said[name] = fmt.Sprint(got.Code, " ", instance.ReplaceAllString(strings.ReplaceAll(got.Body.String(), name, "NAME"), ""))
			}
			for name, answer := range said {
				if answer != said["nemo"] {
					t.Errorf("%s %s by %s, of %s: %s\nof nobody: %s", c.method, c.path, who, name, answer, said["nemo"])
				}
			}
		}
	}
}

// Two clients each have a Sam. In its own engagements and by its own people each is meant by the short name alone.
func TestShortNamesAreAClientsOwn(t *testing.T) {
	both(t, func(w *world) {
		var first, second gen.Person
		person := object{"id": "sam", "name": "Sam", "role": "owner", "time_zone": "UTC"}
		person["client"] = "northgate"
		w.post("ines", "/people", person).is(201).into(&first)
		w.post("ines", "/people", person).is(409)
		person["client"] = "westfield"
		w.post("noor", "/people", person).is(201).into(&second)
		if first.ID != "sam" || second.ID != "westfield.sam" {
			w.Fatalf("they are %s and %s", first.ID, second.ID)
		}
		w.post("noor", "/people", person).is(409)
		w.send(call{who: "sara", method: "PUT", path: "/clients/westfield/functions/it_lead", body: object{"person": "sam"}}).is(200)
		w.send(call{who: "noor", method: "PUT", path: "/clients/westfield/functions/hr_lead",
			body: object{"person": "omar", "backup": "sam"}}).is(200)
		w.send(call{who: "ines", method: "PUT", path: "/clients/northgate/functions/it_lead", body: object{"person": "sam"}}).is(200)
		var l gen.FunctionList
		w.get("noor", "/clients/westfield/functions").is(200).into(&l)
		for _, f := range l.Items {
			if f.Function == "it_lead" && f.Person != "westfield.sam" || f.Function == "hr_lead" && f.Backup != "westfield.sam" {
				w.Errorf("%+v", f)
			}
		}
		for i, x := range []struct {
			who, engagement string
			is              models.PersonID
		}{{"ines", "e1", "sam"}, {"ruth", "e1", "sam"}, {"noor", "e2", "westfield.sam"}, {"sara", "e2", "westfield.sam"}} {
			manager := map[string]string{"e1": "ines", "e2": "noor"}[x.engagement]
			var made gen.Result
			w.post(manager, "/engagements/"+x.engagement+"/tasks", object{"title": fmt.Sprint("Send it ", i), "phase": "kickoff",
				"owner": map[string]string{"e1": "kenji", "e2": "omar"}[x.engagement], "due": "2026-03-04"}).is(200).into(&made)
			task := "/engagements/" + x.engagement + "/tasks/" + made.Created
			w.post(x.who, task+"/assign", object{"person": "sam"}).is(200)
			w.post(x.who, task+"/comments", object{"text": "Is it yours?", "to": "sam"}).is(200)
			var d gen.TaskDetail
			w.get(x.who, task).is(200).into(&d)
			if d.Task.Owner != x.is || d.Comments[0].To != x.is {
				w.Errorf("%s gave it to %s and asked %s, not %s", x.who, d.Task.Owner, d.Comments[0].To, x.is)
			}
			var page gen.TaskPage
			w.get(x.who, "/engagements/"+x.engagement+"/tasks?owner=sam").is(200).into(&page)
			if len(page.Items) == 0 || page.Items[0].Owner != x.is {
				w.Errorf("%s finds %+v of sam", x.who, page.Items)
			}
		}
		w.send(call{who: "sara", method: "PATCH", path: "/people/sam", body: object{"name": "Sam of the west"}}).is(200).into(&second)
		w.get("marta", "/people/sam").is(200).into(&first)
		if second.ID != "westfield.sam" || first.Client != "northgate" || first.Name != "Sam" {
			w.Errorf("they became %+v and %+v", first, second)
		}
	})
}
