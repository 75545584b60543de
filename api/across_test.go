package api

import (
	"net/url"
	"slices"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// What is somebody's is shown over all engagements, to whom each of them shows it: kenji owns a task that is open and holds a function,
// ruth has to approve two decisions and to accept what marta reported as done.
func TestWhatIsSomebodys(t *testing.T) {
	both(t, func(w *world) {
		w.post("marta", "/engagements/e1/tasks/KO-01/complete", object{}).is(200)
		for _, who := range []string{"kenji", "ruth", "ines", "priya", "marta"} {
			got := w.work(who, "kenji")
			if len(got.Tasks) != 1 || got.Tasks[0].ID != "X-1" || got.Tasks[0].Engagement != "e1" || got.Tasks[0].EngagementName == "" {
				w.Errorf("to %s is shown of kenji: %+v", who, got.Tasks)
			}
			if len(got.Functions) != 1 || got.Functions[0].Function != "security_lead" || got.Functions[0].Backup || len(got.Seats) != 0 {
				w.Errorf("to %s is shown of kenji: %+v %+v", who, got.Functions, got.Seats)
			}
		}
		ruth := w.work("ruth", "ruth")
		if len(ruth.Accept) != 1 || ruth.Accept[0].ID != "KO-01" || len(ruth.Decisions) != 2 || ruth.Decisions[0].Text == "" ||
			len(ruth.Functions) != 2 {
			w.Errorf("ruth: %+v", ruth)
		}
		if ines := w.work("marta", "ines"); len(ines.Seats) != 2 || ines.Seats[0].Role != models.RoleManager ||
			ines.Seats[0].Status != engagement.StatusDraft || ines.Seats[1].Engagement != "e1" {
			w.Errorf("ines sits on %+v", ines.Seats)
		}
	})
}

// work asks as somebody for what is somebody's.
func (w *world) work(who, of string) (out gen.Work) {
	w.Helper()
	w.get(who, "/people/"+of+"/work").is(200).into(&out)
	return out
}

// What an engagement does not show to somebody is in no list over all engagements either.
func TestListsOverAllEngagementsShowNoMoreThanEach(t *testing.T) {
	both(t, func(w *world) {
		if vera := w.work("vera", "vera"); slices.ContainsFunc(vera.Tasks, func(t gen.Task) bool { return t.Engagement == "e1" }) {
			w.Errorf("another partner's tasks are vera's: %+v", vera.Tasks)
		}
		if noor := w.work("noor", "ines"); len(noor.Tasks)+len(noor.Seats) != 0 { // she sees who ines is, and nothing of e1
			w.Errorf("noor is shown of ines: %+v", noor)
		}
		w.get("cleo", "/people/kenji/work").is(404)
		w.get("kenji", "/people/ruth/work").is(404)
		var tasks gen.TaskPage
		w.get("kenji", "/tasks?limit=200").is(200).into(&tasks)
		for _, x := range tasks.Items {
			if x.Engagement != "e1" || x.Owner != "kenji" && x.Backup != "kenji" && x.Approver != "kenji" {
				w.Errorf("kenji is shown %s of %s", x.ID, x.Engagement)
			}
		}
		w.get("kenji", "/changes").is(403)
		var events gen.EventPage
		w.get("noor", "/changes?limit=200").is(200).into(&events)
		if len(events.Items) == 0 || slices.ContainsFunc(events.Items, func(e gen.Event) bool { return e.Engagement != "e2" }) {
			w.Errorf("noor is shown %+v", events.Items)
		}
	})
}

// A message is named by the first letters of its id, among those that are shown to who asks: what another's begins with as well is no more
// in the way than it is told.
func TestAMessageByTheFirstLettersOfItsId(t *testing.T) {
	both(t, func(w *world) {
		for i, who := range []models.PersonID{"ruth", "ines"} {
			d := reminders.Delivery{ID: []string{"abcdef01-0000-5000-8000-000000000001", "abcdef01-0000-5000-8000-000000000002"}[i],
				Kind: reminders.KindTest, Slot: "2026-03-02", Person: who, Channel: reminders.ChannelMail, Status: reminders.DeliveryScheduled,
				ScheduledAt: monday, NotAfter: monday.AddDate(0, 0, 1)}
			if _, err := w.root.For("acme").Schedule(w.Context(), []store.NewDelivery{{Delivery: d}}, nil); err != nil {
				w.Fatal(err)
			}
		}
		var m gen.MessageDetail
		w.get("ruth", "/messages/abcdef01").is(200).into(&m)
		if m.Person != "ruth" {
			w.Errorf("ruth is shown a message of %s", m.Person)
		}
		w.get("marta", "/messages/abcdef01").is(400)
		w.get("marta", "/messages/abcdef01-0000-5000-8000-000000000002").is(200)
		w.get("kenji", "/messages/abcdef01").is(404)
		w.get("bright/marta", "/messages/abcdef01").is(404)
		w.get("ruth", "/messages/abcdef0").is(400) // too short to be an id
	})
}

// An engagement names the one that it renews or was made like: one for the same client that is shown to who drafts it.
func TestAnEngagementKeepsItsPredecessor(t *testing.T) {
	both(t, func(w *world) {
		next := func(predecessor string) object {
			return object{"id": "next", "client": "northgate", "type": "soc2_type1", "categories": []string{"security"}, "kickoff": "2027-03-01",
				"partner": "marta", "manager": "noor", "predecessor": predecessor}
		}
		for who, predecessor := range map[string]string{"marta": "e2", "noor": "e1", "ines": "nothing", "vera": "n1"} {
			var p gen.Problem
			w.post(who, "/engagements", next(predecessor)).is(400).into(&p)
			if p.Field != "predecessor" {
				w.Errorf("%s after %s: %+v", who, predecessor, p)
			}
		}
		w.post("ines", "/engagements", next("e1")).is(201)
		var e gen.Engagement
		w.get("marta", "/engagements/next").is(200).into(&e)
		if e.Predecessor != "e1" {
			w.Errorf("its predecessor is %q", e.Predecessor)
		}
	})
}

// Every count has a list that holds all of it: as many tasks as the status counts are in the lists of one and of all engagements.
func TestEveryCountHasItsList(t *testing.T) {
	both(t, func(w *world) {
		varyTasks(w)
		var status gen.Report
		w.get("ines", "/engagements/e1/status").is(200).into(&status)
		for filter, want := range map[string]int{"open=true": status.Engagement.OpenTasks, "overdue=true": status.Engagement.OverdueTasks} {
			var one, all gen.TaskPage
			w.get("ines", "/engagements/e1/tasks?limit=200&"+filter).is(200).into(&one)
			w.get("ines", "/tasks?limit=200&client=northgate&"+filter).is(200).into(&all)
			if want == 0 || len(one.Items) != want || len(all.Items) != want {
				w.Errorf("%s: %d are counted, %d listed, and %d over all engagements", filter, want, len(one.Items), len(all.Items))
			}
		}
	})
}

// What happened in several engagements comes in the order in which it happened, from page to page.
func TestChangesComeInTheOrderInWhichTheyHappened(t *testing.T) {
	both(t, func(w *world) {
		for i, e := range []string{"e2", "e1", "e2", "e1"} {
			w.now = monday.AddDate(0, 0, i)
			who := map[string]string{"e1": "ines", "e2": "noor"}[e]
			w.post(who, "/engagements/"+e+"/tasks", object{"title": "Fix the gate", "phase": "kickoff", "owner": who, "due": "2026-07-01"}).is(200)
		}
		var said []string
		for cursor, n := "", 0; n < 400; n++ {
			var page gen.EventPage
			w.get("marta", "/changes?kind=task.added&limit=1"+cursor).is(200).into(&page)
			for _, e := range page.Items {
				said = append(said, string(e.Engagement)+" "+e.At.Format("2006-01-02"))
			}
			if page.Next == "" {
				break
			}
			cursor = "&cursor=" + url.QueryEscape(page.Next)
		}
		last := said[max(0, len(said)-4):]
		if want := []string{"e2 2026-03-02", "e1 2026-03-03", "e2 2026-03-04", "e1 2026-03-05"}; !slices.Equal(last, want) {
			w.Errorf("the last changes are %v, want %v", last, want)
		}
	})
}
