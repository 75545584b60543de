package api

import (
	"slices"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/modelstest"
)

// moved returns what a change of calendar moves of a task, and fails where the answer says nothing of the engagement.
func moved(w *world, moves gen.CalendarMoves, task models.TaskID) (out []gen.DateMove) {
	w.Helper()
	of := models.Keep(moves.Engagements, func(m gen.CalendarMove) bool { return m.Engagement != "d1" }) // it has no tasks yet
	if len(of) != 1 || of[0].Engagement != "e1" {
		w.Fatalf("it moves %+v", moves)
	}
	return models.Keep(of[0].Dates, func(d gen.DateMove) bool { return d.Task == task })
}

// due returns when a task is due, as ines sees it.
func (w *world) due(task string) models.Date {
	w.Helper()
	var t gen.TaskDetail
	w.get("ines", "/engagements/e1/tasks/"+task).is(200).into(&t)
	return t.Task.Due
}

// wake has an engagement of acme's looked at, as its workflow does.
func (w *world) wake(id models.EngagementID) {
	w.Helper()
	if _, err := w.root.Advance(w.Context(), models.Ref{Firm: "acme", Engagement: id}); err != nil {
		w.Fatal(err)
	}
}

// Northgate closes on the day on which kenji's task is due: ines asks what that moves, nothing is changed, she does it, and it moves as was
// said. Then kenji moves to Norway, where the next days are holidays, and back to the country of his company, which changes nothing.
func TestAChangeOfCalendarAnswersWithWhatItMoves(t *testing.T) {
	both(t, func(w *world) {
		closes := func(check bool) (c gen.Client) {
			w.patch("ines", "/clients/northgate", object{"closed_days": []string{"2026-04-01"}, "check": check}).is(200).into(&c)
			return c
		}
		before := w.tables()
		tried := closes(true)
		want := []gen.DateMove{{Task: "X-1", Title: "Read the boundary", Field: "due", From: modelstest.On("2026-04-01"),
			To: modelstest.On("2026-04-02")}}
		if got := moved(w, tried.Moves, "X-1"); !slices.Equal(got, want) || len(tried.ClosedDays) != 1 {
			w.Errorf("it would move %+v, want %+v; the client would be %+v", got, want, tried)
		}
		if after := w.tables(); after != before || w.due("X-1") != modelstest.On("2026-04-01") {
			w.Errorf("a check changed something: %s, before %s", after, before)
		}
		if done := closes(false); !slices.Equal(moved(w, done.Moves, "X-1"), want) {
			w.Errorf("it moves %+v, and would have moved %+v", done.Moves, tried.Moves)
		}
		w.wake("e1")
		if got := w.due("X-1"); got != modelstest.On("2026-04-02") {
			w.Errorf("X-1 is due %s", got)
		}
		if again := closes(false); len(again.Moves.Engagements) != 0 {
			w.Errorf("what is so already moves %+v", again.Moves)
		}
		var events gen.EventPage
		w.get("ines", "/engagements/e1/timeline?kind=task.retimed&limit=200").is(200).into(&events)
		said := models.Keep(events.Items, func(e gen.Event) bool { return e.Subject == "X-1" })
		if len(said) != 1 || said[0].Reason != "Wed 2026-04-01 is no business day for Kenji of acme" {
			w.Errorf("the record says %+v", said)
		}

		lives := func(country string, check bool) (p gen.PersonMessaging) {
			w.patch("ines", "/people/kenji/messaging", object{"country": country, "check": check}).is(200).into(&p)
			return p
		}
		want = []gen.DateMove{{Task: "X-1", Title: "Read the boundary", Field: "due", From: modelstest.On("2026-04-02"),
			To: modelstest.On("2026-04-07")}}
		if p := lives("NO", true); !slices.Equal(moved(w, p.Moves, "X-1"), want) || p.Country != "NO" {
			w.Errorf("Norway would move %+v, %+v", p.Moves, p)
		}
		if p := lives("US", false); len(p.Moves.Engagements) != 0 || p.Country != "US" {
			w.Errorf("the company's own country moves %+v", p)
		}
		if p := lives("NO", false); !slices.Equal(moved(w, p.Moves, "X-1"), want) {
			w.Errorf("Norway moves %+v", p.Moves)
		}
		w.wake("e1")
		if got := w.due("X-1"); got != modelstest.On("2026-04-07") {
			w.Errorf("X-1 is due %s, after Easter in Norway", got)
		}
	})
}

// kenji takes Wednesday off, on which his task is due: ines asks what that moves, nothing is changed, he says it himself, and it moves as
// was said. Of his open days it says that he works on Maundy Thursday: so Norway, where it is a holiday, moves nothing of what is due then.
// Who does not look after him does not change his days.
func TestOwnDaysAnswerWithWhatTheyMove(t *testing.T) {
	both(t, func(w *world) {
		off := func(who, field, day string, check bool) (p gen.Person) {
			w.patch(who, "/people/kenji", object{field: []string{day}, "check": check}).is(200).into(&p)
			return p
		}
		before := w.tables()
		tried := off("ines", "closed_days", "2026-04-01", true)
		want := []gen.DateMove{{Task: "X-1", Title: "Read the boundary", Field: "due", From: modelstest.On("2026-04-01"),
			To: modelstest.On("2026-04-02")}}
		if got := moved(w, tried.Moves, "X-1"); !slices.Equal(got, want) || len(tried.ClosedDays) != 1 {
			w.Errorf("it would move %+v, want %+v; kenji would be %+v", got, want, tried)
		}
		if after := w.tables(); after != before || w.due("X-1") != modelstest.On("2026-04-01") {
			w.Errorf("a check changed something: %s, before %s", after, before)
		}
		if done := off("kenji", "closed_days", "2026-04-01", false); !slices.Equal(moved(w, done.Moves, "X-1"), want) {
			w.Errorf("it moves %+v, and would have moved %+v", done.Moves, tried.Moves)
		}
		w.wake("e1")
		if got := w.due("X-1"); got != modelstest.On("2026-04-02") {
			w.Errorf("X-1 is due %s", got)
		}
		var p gen.Person
		w.get("kenji", "/people/kenji").is(200).into(&p)
		if len(p.ClosedDays) != 1 || len(p.OpenDays) != 0 || len(p.Moves.Engagements) != 0 {
			w.Errorf("kenji is %+v", p)
		}

		off("kenji", "open_days", "2026-04-02", false)
		var lives gen.PersonMessaging
		w.patch("ines", "/people/kenji/messaging", object{"country": "NO"}).is(200).into(&lives)
		w.wake("e1")
		if got := w.due("X-1"); got != modelstest.On("2026-04-02") {
			w.Errorf("X-1 is due %s, and kenji works on Maundy Thursday", got)
		}
		w.patch("priya", "/people/kenji", object{"closed_days": []string{}}).is(403)
		var me gen.Me
		w.get("kenji", "/me").is(200).into(&me)
		if len(me.Person.OpenDays) != 1 || len(me.Person.ClosedDays) != 1 {
			w.Errorf("of himself kenji is told %+v", me.Person)
		}
	})
}

// The firm closes, too: what that moves is said of engagements that are shown to who asks, and of no others.
func TestWhatTheFirmsCalendarMoves(t *testing.T) {
	both(t, func(w *world) {
		var firm gen.Firm
		w.patch("marta", "/firm", object{"closed_days": []string{"2026-03-02", "2026-03-03"}, "check": true}).is(200).into(&firm)
		if len(firm.Moves.Engagements) == 0 || len(firm.ClosedDays) != 2 {
			w.Fatalf("closing on the first two days moves nothing: %+v", firm)
		}
		for _, m := range firm.Moves.Engagements {
			if draft := m.Engagement == "d1"; draft != (len(m.Dates) == 0) || draft && m.KickoffClosed.IsZero() {
				w.Errorf("%s: %+v", m.Engagement, m.Dates)
			}
			for _, d := range m.Dates {
				if d.To.Before(modelstest.On("2026-03-04")) {
					w.Errorf("%s moves to %s", d.Task, d.To)
				}
			}
		}
	})
}
