package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
)

// A settingTried is another value for a setting of the firm, a client or a person.
type settingTried struct {
	to    any
	at    string // when it is changed; empty: on the Monday of the kickoff
	moves bool   // whether it moves when something is due or late
}

// settingsTried are all settings that may change when something is due or late, by the path at which they are changed.
var settingsTried = map[string]struct {
	body   any
	fields map[string]settingTried
}{
	"/firm": {gen.FirmChange{}, map[string]settingTried{
		"name": {to: "Acme & Sons"}, "time_zone": {to: "Asia/Tokyo"},
		"country":     {to: "NO", at: "2026-04-01T15:00:00Z", moves: true},
		"closed_days": {to: []string{"2026-03-02", "2026-03-03"}, moves: true},
		"open_days":   {to: []string{"2026-05-25"}}, // what is agreed comes no sooner
	}},
	"/clients/northgate": {gen.ClientChange{}, map[string]settingTried{
		"name": {to: "Northgate & Sons"}, "headcount": {to: 300},
		"time_zone":   {to: "Asia/Tokyo", at: "2026-04-01T15:00:00Z"}, // of an engagement that has begun it stays as it was
		"country":     {to: "NO", moves: true},
		"weekend":     {to: []string{"wednesday", "thursday"}, moves: true},
		"closed_days": {to: []string{"2026-04-01"}, moves: true},
		"open_days":   {to: []string{"2026-05-25"}}, // what is agreed comes no sooner
	}},
	"/people/kenji": {gen.PersonChange{}, map[string]settingTried{
		"name": {to: "Kenji Moreno"}, "email": {to: "kenji.m@northgate.example"}, "role": {to: "owner"},
		"active":      {to: true},
		"time_zone":   {to: "Asia/Tokyo", at: "2026-04-01T15:00:00Z", moves: true},
		"closed_days": {to: []string{"2026-04-01"}, moves: true},
		"open_days":   {to: []string{"2026-05-25"}},
	}},
	"/people/kenji/messaging": {gen.PersonMessagingChange{}, map[string]settingTried{
		"digest_at": {to: "10:00"}, "mail_off": {to: true}, "prefer": {to: "mail"}, "summary": {to: false},
		"country": {to: "NO", at: "2026-04-01T15:00:00Z"},
	}},
}

// Whatever setting of the firm, a client or a person changes when something is due or late answers with what it moves, and with what is
// late by it, and has a check that says the same and changes nothing. The fields are the document's: a new one fails until it is here.
func TestASettingThatMovesTimeSaysSo(t *testing.T) {
	for path, of := range settingsTried {
		body := reflect.TypeOf(of.body)
		for i := range body.NumField() {
			field, _, _ := strings.Cut(body.Field(i).Tag.Get("json"), ",")
			if field == "check" {
				continue
			}
			try, known := of.fields[field]
			if !known {
				t.Errorf("%s: nobody says whether %s moves anything", path, field)
				continue
			}
			t.Run(strings.ReplaceAll(path[1:], "/", "_")+"_"+field, func(t *testing.T) {
				t.Parallel()
				onSQLite(t).tries(path, field, try)
			})
		}
	}
}

// tries changes a setting and holds what is answered against what comes of it.
func (w *world) tries(path, field string, try settingTried) {
	w.Helper()
	if try.at != "" {
		at, err := time.Parse(time.RFC3339, try.at)
		if err != nil {
			w.Fatal(err)
		}
		w.now = at
	}
	w.wake("e1")
	w.wake("e2")
	before, rows := w.times(), w.tables()
	set := func(check bool) (moves gen.CalendarMoves) {
		var out struct {
			Moves gen.CalendarMoves `json:"moves"`
		}
		w.patch("marta", path, object{field: try.to, "check": check}).is(200).into(&out)
		return out.Moves
	}
	tried := set(true)
	if got := w.tables(); got != rows {
		w.Errorf("a check changed something: %s, before %s", got, rows)
	}
	done := set(false)
	if a, b := saidToMove(w, tried), saidToMove(w, done); a != b {
		w.Errorf("it moves\n%s\nand would have moved\n%s", b, a)
	}
	w.wake("e1")
	w.wake("e2")
	was := map[string]string{}
	for _, m := range done.Engagements {
		for _, d := range m.Dates {
			was[fmt.Sprint(m.Engagement, " ", d.Task, " ", d.Field)] = fmt.Sprint(d.From, " ", d.To)
		}
		for _, t := range m.TurnLate {
			was[fmt.Sprint(m.Engagement, " ", t.Task, " late")] = "false true"
		}
	}
	for what, is := range w.times() {
		if now := before[what] + " " + is; before[what] != is && was[what] != now {
			w.Errorf("%s is %s, and the answer says %q", what, now, was[what])
		} else if before[what] == is && was[what] != "" {
			w.Errorf("%s stays %s, and the answer says %s", what, is, was[what])
		}
	}
	if (len(done.Engagements) > 0) != try.moves {
		w.Errorf("it moves %+v", done.Engagements)
	}
}

// times returns until when each task of e1 and e2 is done and its evidence sent, and whether it is late.
func (w *world) times() map[string]string {
	w.Helper()
	out := map[string]string{}
	for e, who := range map[models.EngagementID]string{"e1": "marta", "e2": "vera"} {
		for next := ""; ; {
			var page gen.TaskPage
			w.get(who, "/engagements/"+string(e)+"/tasks?limit=200"+next).is(200).into(&page)
			for _, t := range page.Items {
				key := fmt.Sprint(e, " ", t.ID, " ")
				out[key+"due"], out[key+"late"] = t.Due.String(), fmt.Sprint(t.Late)
				if !t.SendBy.IsZero() {
					out[key+"send_by"] = t.SendBy.String()
				}
			}
			if page.Next == "" {
				break
			}
			next = "&cursor=" + page.Next
		}
	}
	return out
}

// saidToMove returns what an answer says that a setting moves, as text.
func saidToMove(w *world, moves gen.CalendarMoves) string {
	w.Helper()
	slices.SortFunc(moves.Engagements, func(a, b gen.CalendarMove) int { return cmp.Compare(a.Engagement, b.Engagement) })
	text, err := json.Marshal(moves)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// At half past eleven in New York Ines says that Kenji sits in Berlin, where the day on which his task is due is over: his task is late by
// that. In Los Angeles, where it goes on, it stays late.
func TestAnotherTimeZoneSaysWhatIsLate(t *testing.T) {
	both(t, func(w *world) {
		w.now = time.Date(2026, time.April, 1, 15, 30, 0, 0, time.UTC)
		w.wake("e1")
		late := func() bool {
			var task gen.TaskDetail
			w.get("ines", "/engagements/e1/tasks/X-1").is(200).into(&task)
			return task.Task.Late
		}
		sits := func(zone string, check bool) []gen.LateTask {
			var p gen.Person
			w.patch("ines", "/people/kenji", object{"time_zone": zone, "check": check}).is(200).into(&p)
			w.wake("e1")
			var out []gen.LateTask
			for _, m := range p.Moves.Engagements {
				out = append(out, models.Keep(m.TurnLate, func(t gen.LateTask) bool { return t.Task == "X-1" })...)
			}
			return out
		}
		want := []gen.LateTask{{Task: "X-1", Title: "Read the boundary"}}
		if got := sits("Europe/Berlin", true); !slices.Equal(got, want) || late() {
			w.Errorf("in Berlin %+v would be late; it is late: %t", got, late())
		}
		if got := sits("Europe/Berlin", false); !slices.Equal(got, want) || !late() {
			w.Errorf("in Berlin %+v is late: %t", got, late())
		}
		if got := sits("America/Los_Angeles", false); len(got) > 0 || !late() {
			w.Errorf("in Los Angeles %+v is late: %t", got, late())
		}
	})
}
