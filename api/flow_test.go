package api

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// both runs a test on both databases.
func both(t *testing.T, test func(w *world)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(onPostgres(t)) })
}

// A firm takes on a client, invites its people, drafts an engagement and starts it: all through the API.
func TestFromClientToRunningEngagement(t *testing.T) {
	both(t, func(w *world) {
		var client gen.Client
		w.post("ines", "/clients", object{"name": "Cedar Ltd", "id": "cedar", "headcount": 80, "country": "DE-BY", "time_zone": "Europe/Berlin",
			"closed_days": []string{"2026-12-24"}}).is(201).into(&client)
		var sponsor gen.Person
		w.post("ines", "/people", object{"name": "Tess Cedar", "id": "tess", "client": "cedar", "role": "sponsor",
			"time_zone": "Europe/Berlin"}).is(201).into(&sponsor)
		w.send(call{who: "ines", method: "PUT", path: "/clients/cedar/functions/sponsor", body: object{"person": "tess"}}).is(200)
		var plan gen.Plan
		w.post("ines", "/plans", object{"type": "soc2_type2", "categories": []string{"security"}, "client": "cedar", "kickoff": "2026-04-13",
			"window_months": 3}).is(200).into(&plan)
		if plan.Report.IsZero() || len(plan.Tasks) < 30 || len(plan.Phases) == 0 {
			w.Errorf("a thin plan: %+v", plan)
		}
		var e gen.Engagement
		draft := w.post("ines", "/engagements",
			object{"id": "cedar-2026", "client": "cedar", "type": "soc2_type2", "categories": []string{"security"},
				"kickoff": "2026-04-13", "window_months": 3, "partner": "marta", "manager": "ines", "consultants": []string{"priya"},
				"auditor": "hugo"}).is(201).into(&e)
		if e.Name != "Cedar Ltd: SOC 2 Type 2 (no Type 1 first)" || e.Status != engagement.StatusDraft ||
			draft.Header().Get("Location") != "/api/v1/engagements/cedar-2026" {
			w.Errorf("draft: %+v", e)
		}
		edit := w.send(call{who: "ines", method: "PATCH", path: "/engagements/cedar-2026", body: object{"name": "Cedar SOC 2"},
			header: map[string]string{"If-Match": draft.Header().Get("ETag")}}).is(200)
		w.send(call{who: "ines", method: "PATCH", path: "/engagements/cedar-2026", body: object{"name": "Cedar"},
			header: map[string]string{"If-Match": draft.Header().Get("ETag")}}).is(412)
		start := w.post("ines", "/engagements/cedar-2026/start", nil).is(200)
		if edit.Header().Get("ETag") >= start.Header().Get("ETag") {
			w.Errorf("the revision went from %s to %s", edit.Header().Get("ETag"), start.Header().Get("ETag"))
		}
		var status gen.Report
		w.get("ines", "/engagements/cedar-2026/status").is(200).into(&status)
		if status.Engagement.Status != engagement.StatusRunning || status.Forecast.Report.IsZero() || status.Engagement.Window.Months != 3 {
			w.Errorf("status: %+v", status)
		}
		w.get("ines", "/engagements/cedar-2026/plan").is(200)
		w.get("ines", "/engagements/cedar-2026/gates").is(200)
		var events gen.EventPage
		w.get("ines", "/engagements/cedar-2026/timeline?order=desc&limit=3").is(200).into(&events)
		if len(events.Items) != 3 || events.Next == "" {
			w.Errorf("timeline: %+v", events)
		}
	})
}

// A task is submitted by its owner, returned and accepted, and the record tells it.
func TestTaskIsDoneReturnedAndAccepted(t *testing.T) {
	both(t, func(w *world) {
		w.post("marta", "/engagements/e1/tasks/KO-01/complete", object{}).is(200)
		var d gen.TaskDetail
		w.get("ruth", "/engagements/e1/tasks/KO-01").is(200).into(&d)
		if d.Task.State != engagement.TaskSubmitted || d.Task.Minutes != 0 {
			w.Errorf("KO-01 is %s, %d minutes", d.Task.State, d.Task.Minutes)
		}
		w.post("ruth", "/engagements/e1/tasks/KO-01/return", object{"reason": "page 3 is missing"}).is(200)
		w.post("marta", "/engagements/e1/tasks/complete", object{"tasks": []string{"KO-01", "KO-02"}}).is(200)
		w.post("ruth", "/engagements/e1/tasks/accept", object{"tasks": []string{"KO-01"}}).is(200)
		w.post("kenji", "/engagements/e1/tasks/X-1/comments", object{"text": "where is the list?\nthanks"}).is(200)
		w.get("kenji", "/engagements/e1/tasks/X-1").is(200).into(&d)
		if len(d.Comments) != 1 || d.Comments[0].By != "kenji" || len(d.History) == 0 {
			w.Errorf("X-1: %+v", d)
		}
		w.get("marta", "/engagements/e1/tasks/KO-01").is(200).into(&d)
		if d.Task.State != engagement.TaskDone || d.Task.Minutes == 0 {
			w.Errorf("KO-01 is %s, %d minutes", d.Task.State, d.Task.Minutes)
		}
		var tasks gen.TaskPage
		w.get("kenji", "/engagements/e1/tasks").is(200).into(&tasks)
		for _, task := range tasks.Items {
			if task.Owner != "kenji" && task.Backup != "kenji" && task.Approver != "kenji" {
				w.Errorf("kenji is shown %s of %s", task.ID, task.Owner)
			}
		}
		if len(tasks.Items) == 0 {
			w.Error("kenji is shown no task")
		}
	})
}

// Pages follow each other without a gap, for those who see all and for those who see their own.
func TestPages(t *testing.T) {
	both(t, func(w *world) {
		for i := range 7 {
			w.post("ines", "/engagements/e1/tasks",
				object{"title": "Extra " + string(rune('A'+i)), "phase": "kickoff", "owner": "kenji", "due": "2026-04-15"}).is(200)
		}
		for _, who := range []string{"ines", "kenji"} {
			var all, page gen.TaskPage
			w.get(who, "/engagements/e1/tasks?limit=200").is(200).into(&all)
			var seen []models.TaskID
			for next := ""; ; {
				page = gen.TaskPage{}
				w.get(who, "/engagements/e1/tasks?limit=3"+next).is(200).into(&page)
				for _, t := range page.Items {
					seen = append(seen, t.ID)
				}
				if page.Next == "" {
					break
				}
				next = "&cursor=" + page.Next
			}
			if len(seen) != len(all.Items) {
				w.Fatalf("%s: %d tasks in pages, %d at once", who, len(seen), len(all.Items))
			}
			for i, t := range all.Items {
				if t.ID != seen[i] {
					w.Errorf("%s: task %d is %s in pages, %s at once", who, i, seen[i], t.ID)
				}
			}
		}
		var page gen.EngagementPage
		w.get("marta", "/engagements?limit=1&sort=-name").is(200).into(&page)
		first := page.Items[0].ID
		page = gen.EngagementPage{}
		w.get("marta", "/engagements?limit=5&sort=-name&cursor="+mustNext(w, "/engagements?limit=1&sort=-name")).is(200).into(&page)
		if len(page.Items) != 2 || page.Items[0].ID == first {
			w.Errorf("second page: %+v", page)
		}
	})
}

func mustNext(w *world, path string) string {
	w.Helper()
	var page struct{ Next string }
	w.get("marta", path).is(200).into(&page)
	return page.Next
}

// A write that is sent twice is done once and answered alike; the key is one person's own.
func TestSentTwice(t *testing.T) {
	both(t, func(w *world) {
		body := object{"name": "Delta", "headcount": 5, "country": "none", "time_zone": "UTC"}
		a := w.send(call{who: "marta", method: "POST", path: "/clients", body: body, key: "k1"}).is(201)
		b := w.send(call{who: "marta", method: "POST", path: "/clients", body: body, key: "k1"}).is(201)
		if a.Body.String() != b.Body.String() {
			w.Errorf("answered %s, then %s", a.Body, b.Body)
		}
		w.send(call{who: "marta", method: "POST", path: "/clients",
			body: object{"name": "Other", "headcount": 5, "country": "none", "time_zone": "UTC"}, key: "k1"}).is(422)
		c := w.send(call{who: "ines", method: "POST", path: "/clients", body: body, key: "k1"}).is(201)
		if c.Body.String() == a.Body.String() {
			w.Error("ines was answered with marta's client")
		}
		// The same request in other words: order and spaces of a body do not make it another.
		one := w.send(call{who: "ines", method: "POST", path: "/engagements/e1/tasks/X-1/move",
			body: `{"due":"2026-05-04","reason":"asked for"}`, key: "k2"}).is(200)
		two := w.send(call{who: "ines", method: "POST", path: "/engagements/e1/tasks/X-1/move",
			body: `{ "reason": "asked for", "due": "2026-05-04" }`, key: "k2"}).is(200)
		var r1, r2 gen.Result
		one.into(&r1)
		two.into(&r2)
		if r1.Revision != r2.Revision || r1.Replayed || !r2.Replayed {
			w.Errorf("%+v, then %+v", r1, r2)
		}
		// What became of it can be asked for, by who sent it.
		w.get("ines", "/engagements/e1/commands/k2").is(200).into(&r2)
		if r2.Revision != r1.Revision {
			w.Errorf("asked for later: %+v", r2)
		}
		w.get("marta", "/engagements/e1/commands/k2").is(404)
		w.get("ines", "/engagements/d1/commands/k2").is(404)
		w.send(call{who: "ines", method: "POST", path: "/engagements/e1/tasks/X-2/move",
			body: object{"due": "2026-05-04", "reason": "asked for"}, key: "k2"}).is(422)
	})
}

// Of twenty requests that are sent at once with one key one is carried out. It alone is answered as not replayed.
func TestTwentyAtOnceWithOneKey(t *testing.T) {
	both(t, func(w *world) {
		for _, c := range []call{
			{who: "ines", path: "/engagements/e1/tasks/X-1/comments", body: object{"text": "Is the vendor late?"}, key: "twenty-1"},
			{who: "ines", path: "/engagements/e1/tasks/X-1/assign", body: object{"person": "ruth"}, key: "twenty-2"},
		} {
			c.method = "POST"
			answers := make([]gen.Result, 20)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() {
					if got := w.send(c); got.Code != 200 || json.Unmarshal(got.Body.Bytes(), &answers[i]) != nil {
						w.Errorf("%s: %d: %s", c.path, got.Code, got.Body)
					}
				})
			}
			all.Wait()
			first := 0
			for _, a := range answers {
				if a.Revision != answers[0].Revision {
					w.Errorf("%s: answered with revision %d and %d", c.path, answers[0].Revision, a.Revision)
				}
				if !a.Replayed {
					first++
				}
			}
			if first != 1 {
				w.Errorf("%s: %d of 20 are answered as not replayed", c.path, first)
			}
			var again gen.Result
			w.send(c).is(200).into(&again)
			if !again.Replayed || again.Revision != answers[0].Revision {
				w.Errorf("%s: at once again: %+v", c.path, again)
			}
		}
	})
}

// Giving a task to whom it belongs does nothing: nobody hears of it, and the record says nothing (F4).
func TestGivingATaskToWhomItBelongs(t *testing.T) {
	both(t, func(w *world) {
		var before struct{ Task gen.Task }
		was := w.get("ines", "/engagements/e1/tasks/X-1").is(200)
		was.into(&before)
		if before.Task.Owner != "kenji" {
			w.Fatalf("X-1 is %s's", before.Task.Owner)
		}
		rows := w.tables()
		var r gen.Result
		c := call{who: "ines", method: "POST", path: "/engagements/e1/tasks/X-1/assign", body: object{"person": "kenji"}, key: "theirs"}
		w.send(c).is(200).into(&r)
		if etag(r.Revision) != was.Header().Get("ETag") || r.Replayed {
			w.Errorf("at %s it was answered with %+v", was.Header().Get("ETag"), r)
		}
		after := w.tables()
		if before, after := without(rows, "requests"), without(after, "requests"); before != after {
			w.Errorf("there were\n%s\nand now there are\n%s", before, after)
		}
		w.send(c).is(200).into(&r)
		if !r.Replayed {
			w.Errorf("the same again: %+v", r)
		}
		if is := w.get("ines", "/engagements/e1/tasks/X-1"); is.Body.String() != was.Body.String() {
			w.Errorf("X-1 was\n%s\nand is\n%s", was.Body, is.Body)
		}
	})
}

// without returns what tables returns, without one table.
func without(tables, name string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(tables, "; "), func(s string) bool { return strings.HasPrefix(s, name+" ") }), "; ")
}

// A token is shown once, works until it is revoked or its person leaves, and is stored as a hash.
func TestTokens(t *testing.T) {
	both(t, func(w *world) {
		issue := call{who: "priya", method: "POST", path: "/people/priya/tokens", body: object{"name": "laptop", "days": 7}, key: "t1"}
		var a, b gen.IssuedToken
		w.send(issue).is(201).into(&a)
		w.send(issue).is(201).into(&b)
		if a.Secret == "" || b.Secret != "" || a.Token.ID != b.Token.ID {
			w.Errorf("issued %+v, then %+v", a, b)
		}
		w.tokens["new"] = a.Secret
		defer delete(w.tokens, "new")
		w.get("new", "/me").is(200)
		w.send(call{who: "ines", method: "DELETE", path: "/people/priya/tokens/" + a.Token.ID}).is(403)
		w.send(call{who: "priya", method: "DELETE", path: "/people/priya/tokens/" + a.Token.ID}).is(204)
		w.get("new", "/me").is(401)
		w.get("priya", "/me").is(200)
		w.patch("ines", "/people/priya", object{"active": false}).is(200)
		w.get("priya", "/me").is(401)
		w.now = w.now.AddDate(4, 0, 0)
		w.get("marta", "/me").is(401)
	})
}

// Nobody rises by an invitation or a change: one looks after the roles below one's own, and never after oneself.
func TestNobodyRises(t *testing.T) {
	w := onSQLite(t)
	person := func(role string) object { return object{"name": "New", "role": role, "time_zone": "UTC"} }
	w.post("ines", "/people", person("partner")).is(403)
	w.post("ines", "/people", person("pm")).is(403)
	w.post("ines", "/people", person("consultant")).is(201)
	w.post("marta", "/people", person("partner")).is(201)
	w.post("ruth", "/people", object{"name": "New", "role": "owner", "client": "northgate", "time_zone": "UTC"}).is(201)
	w.post("ruth", "/people", object{"name": "New", "role": "owner", "client": "westfield", "time_zone": "UTC"}).is(403)
	w.post("ruth", "/people", person("auditor")).is(403)
	w.patch("ines", "/people/ines", object{"role": "partner"}).is(403)
	w.patch("ines", "/people/priya", object{"role": "pm"}).is(403)
	w.patch("ines", "/people/marta", object{"name": "Changed"}).is(403)
	w.patch("marta", "/people/marta", object{"active": false}).is(403)
	w.patch("priya", "/people/priya", object{"email": "else@where.test"}).is(403)
	w.patch("priya", "/people/priya", object{"time_zone": "Asia/Tokyo"}).is(200)
	w.post("ines", "/people/ruth/tokens", object{"name": "as the sponsor"}).is(403)
	w.post("ruth", "/people/kenji/tokens", object{"name": "for Kenji"}).is(201)
}

// The auditor is shown dates, phases and what is the auditor's: no gap, no health, no hours, nobody's lateness.
func TestAuditorSeesDatesOnly(t *testing.T) {
	w := onSQLite(t)
	w.now = w.now.AddDate(0, 2, 0)
	var r gen.Report
	w.get("hugo", "/engagements/e1/status").is(200).into(&r)
	if r.Health != "" || len(r.Reasons)+len(r.WaitingFor)+len(r.Forecast.Drivers) > 0 || r.Engagement.Reason != "" ||
		r.Engagement.OverdueTasks != 0 {
		w.Errorf("the auditor is shown %+v", r)
	}
	for _, l := range append(r.Overdue, r.Next...) {
		if l.OwnerRole != "auditor" && l.ApproverRole != "auditor" {
			w.Errorf("the auditor is shown %s", l.ID)
		}
	}
	var p gen.Plan
	w.get("hugo", "/engagements/e1/plan").is(200).into(&p)
	if len(p.Phases) == 0 || len(p.Tasks) > 0 {
		w.Errorf("the auditor's plan has %d phases, %d tasks", len(p.Phases), len(p.Tasks))
	}
	w.get("hugo", "/engagements?health=late").is(403)
	var page gen.EngagementPage
	w.get("hugo", "/engagements").is(200).into(&page)
	if len(page.Items) != 2 || page.Items[0].Health != "" {
		w.Errorf("the auditor's list: %+v", page)
	}
	w.now = monday
	w.post("marta", "/engagements/e1/cancel", object{"reason": "the client was bought", "confirm": "e1"}).is(200)
	w.now = monday.AddDate(0, 0, 29)
	w.get("hugo", "/engagements/e1").is(200)
	w.now = monday.AddDate(0, 0, 31)
	w.get("hugo", "/engagements/e1").is(404)
	w.get("hugo", "/engagements").is(200).into(&page)
	w.get("marta", "/engagements/e1").is(200)
}

// Backward planning says when to begin, or what stands in the way.
func TestPlanBackward(t *testing.T) {
	w := onSQLite(t)
	ask := object{"type": "soc2_type2", "categories": []string{"security"}, "headcount": 60, "country": "US", "window_months": 6,
		"report_by": "2027-09-30"}
	var p gen.Plan
	w.post("ines", "/plans", ask).is(200).into(&p)
	if !p.Backward.Possible || p.Backward.Kickoff.IsZero() || p.Report.After(models.Date{Year: 2027, Month: 9, Day: 30}) {
		w.Errorf("backward: %+v", p.Backward)
	}
	// Nothing begins in the past: without a kickoff, today is the earliest there can be.
	ask["report_by"] = w.now.AddDate(0, 3, 0).Format(time.DateOnly)
	p = gen.Plan{}
	w.post("ines", "/plans", ask).is(200).into(&p)
	if p.Backward.Possible || p.Backward.Binding.Text == "" || p.Backward.Earliest.IsZero() {
		w.Errorf("backward: %+v", p.Backward)
	}
	soonest := p.Backward.Earliest
	ask["report_by"] = soonest.String()
	p = gen.Plan{}
	w.post("ines", "/plans", ask).is(200).into(&p)
	if today := models.DateIn(w.now, time.UTC); !p.Backward.Possible || p.Report != soonest || p.Kickoff.Before(today) {
		w.Errorf("by %s: %+v", soonest, p.Backward)
	}
	ask["report_by"] = "2020-06-30"
	w.post("ines", "/plans", ask).is(400)
	ask["report_by"] = "2027-09-30"
	ask["kickoff"] = "2027-06-01"
	p = gen.Plan{}
	w.post("ines", "/plans", ask).is(200).into(&p)
	if p.Backward.Possible || p.Backward.Binding.Text == "" || p.Backward.Earliest.IsZero() {
		w.Errorf("backward: %+v", p.Backward)
	}
}
