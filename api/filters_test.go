package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A row is what a list shows of one thing.
type row map[string]any

// text returns a field of a row as it is written; empty when the row has none.
func (r row) text(field string) string {
	switch v := r[field].(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		return fmt.Sprint(v)
	default:
		return fmt.Sprint(v)
	}
}

// A choice says what one parameter of a list does: which rows its values leave, or by what they sort.
type choice struct {
	values []string                             // besides those of an enumeration
	keeps  func(w *world, r row, v string) bool // whether a value leaves a row
	sorts  func(r row, v string) string         // by what a value sorts, ascending unless the value is desc or begins with a minus
}

// A listing says how the rows of one list are made to differ, and what each of its parameters does.
type listing struct {
	path    string // as it is asked for
	items   string // the field with its rows; items where it is empty
	whole   string // the query that leaves every row
	prepare func(w *world)
	choices map[string]choice
}

// equals is the choice of rows in which a field has the value.
func equals(field string, values ...string) choice {
	return choice{values: values, keeps: func(_ *world, r row, v string) bool { return r.text(field) == v }}
}

// within is the choice of rows in one of whose fields the value stands, in any case.
func within(values []string, fields ...string) choice {
	return choice{values: values, keeps: func(_ *world, r row, v string) bool {
		return slices.ContainsFunc(fields, func(f string) bool {
			return strings.Contains(strings.ToLower(r.text(f)), strings.ToLower(v))
		})
	}}
}

// from and upTo are the choices of rows whose day is not before and not after the value; a row without a day is left by neither.
func from(field string, values ...string) choice {
	return choice{values: values, keeps: func(_ *world, r row, v string) bool { return day(r.text(field)) >= v }}
}

func upTo(field string, values ...string) choice {
	return choice{values: values, keeps: func(_ *world, r row, v string) bool { return r.text(field) != "" && day(r.text(field)) <= v }}
}

func day(text string) string { return text[:min(10, len(text))] }

// order is the choice of the order in which a record is read.
func order() choice {
	return choice{sorts: func(r row, _ string) string { return fmt.Sprintf("%12.0f", r["seq"]) }}
}

// listings has every list that takes more than a page. Who adds a parameter to a list says here what it does, and sees to it that rows
// differ in it.
var listings = map[string]listing{
	"getFirmTimeline": {path: "/firm/timeline", choices: map[string]choice{
		"kind": equals("kind", "person.created", "duty.set"), "subject": equals("subject", "kenji", "e1"), "order": order(),
		"since": from("at", "2026-03-02", "2026-03-03"), "until": upTo("at", "2026-03-02", "2026-03-03")},
		prepare: func(w *world) {
			w.now = monday.AddDate(0, 0, 1)
			w.patch("marta", "/clients/northgate", object{"headcount": 61}).is(200)
		}},
	"listClients": {path: "/clients", choices: map[string]choice{"q": within([]string{"NORTHG", "westf"}, "name", "id")}},
	"listPeople": {path: "/people", whole: "inactive=true", choices: map[string]choice{
		"client": equals("client", "northgate", "westfield"), "role": equals("role"),
		"inactive": {values: []string{"true", "false"}, keeps: func(_ *world, r row, v string) bool {
			return v == "true" || r["active"] == true
		}},
		"q": within([]string{"KENJI", "ines@"}, "name", "email", "id")}},
	"listMessages": {path: "/messages", prepare: varyMessages, choices: map[string]choice{
		"person": equals("person", "ruth", "ines"), "status": equals("status"), "kind": equals("kind"),
		"since": from("scheduled_at", "2026-03-02", "2026-03-03", "2030-01-01"), "until": upTo("scheduled_at", "2026-03-02", "2026-03-03"),
		"engagement": {values: []string{"e1", "e2"}, keeps: func(w *world, r row, v string) bool { return w.speaksOf(r.text("id"), v) }}}},
	"listEngagements": {path: "/engagements", prepare: varyEngagements, choices: map[string]choice{
		"live": {values: []string{"true", "false"}, keeps: func(_ *world, r row, v string) bool {
			return v == "false" || r.text("status") != "cancelled"
		}},
		"status": equals("status"), "health": equals("health"), "manager": equals("manager", "ines", "noor"),
		"client": equals("client", "northgate", "westfield"), "phase": within(nil, "active_phases"),
		"q":    within([]string{"E1 OF", "d1", "westf", "late-start"}, "name", "client_name", "id"),
		"sort": {sorts: portfolioKey}}},
	"getTimeline": {path: "/engagements/e1/timeline", prepare: varyTasks, choices: map[string]choice{"order": order(),
		"kind": ofKind(), "since": from("at", "2026-03-02", "2026-03-04"), "until": upTo("at", "2026-03-02", "2026-03-04")}},
	"listChanges": {path: "/changes", prepare: varyTasks, choices: map[string]choice{
		"kind": ofKind(), "since": from("at", "2026-03-02", "2026-03-04"), "until": upTo("at", "2026-03-02", "2026-03-04"),
		"client": {values: []string{"northgate", "westfield"}, keeps: func(_ *world, r row, v string) bool { return ofClient(r, v) }}}},
	"listAllTasks": {path: "/tasks", prepare: varyTasks, choices: taskChoices(map[string]choice{
		"client": {values: []string{"northgate", "westfield"}, keeps: func(_ *world, r row, v string) bool { return ofClient(r, v) }}})},
	"getWork": {path: "/people/kenji/work", items: "tasks", prepare: varyTasks, choices: map[string]choice{
		"until": upTo("due", "2026-03-31", "2026-04-01", "2026-12-31")}},
	"listTasks": {path: "/engagements/e1/tasks", prepare: varyTasks, choices: taskChoices(nil)},
	"listQuestions": {path: "/engagements/e1/questions", prepare: varyQuestions, choices: map[string]choice{"state": equals("state"),
		"task": equals("task", "X-1", "X-2"), "to": equals("to", "kenji", "hugo"), "by": equals("by", "marta", "ines")}},
	"listDecisions":   {path: "/engagements/e1/decisions", prepare: varyDecisions, choices: map[string]choice{"state": equals("state")}},
	"previewMessages": {path: "/engagements/e1/preview", choices: map[string]choice{"person": equals("person", "kenji", "ruth")}},
	"rehearseEngagement": {path: "/engagements/e1/rehearsal", choices: map[string]choice{"person": equals("person", "kenji", "ruth"),
		"assume": {}}}, // see TestAssumptions
}

// taskChoices are what lists of tasks take, and what one takes besides.
func taskChoices(more map[string]choice) map[string]choice {
	out := map[string]choice{"state": equals("state"), "phase": equals("phase"), "owner": equals("owner", "kenji", "hugo"),
		"overdue": {values: []string{"true", "false"}, keeps: func(_ *world, r row, v string) bool { return v == "false" || r["late"] == true }},
		"open": {values: []string{"true", "false"}, keeps: func(_ *world, r row, v string) bool {
			return v == "false" || !engagement.TaskState(r.text("state")).Closed()
		}},
		"due_from": from("due", "2026-03-10", "2026-04-01"), "due_to": upTo("due", "2026-03-10", "2026-04-01"),
		"q": within([]string{"BOUNDARY", "x-1"}, "title", "id")}
	maps.Copy(out, more)
	return out
}

// ofKind is the choice of events of a kind, or of a kind that begins with it and a dot.
func ofKind() choice {
	return choice{values: []string{"task.completed", "task"}, keeps: func(_ *world, r row, v string) bool {
		return r.text("kind") == v || strings.HasPrefix(r.text("kind"), v+".")
	}}
}

// ofClient reports whether a row is of the engagement that runs for a client.
func ofClient(r row, client string) bool {
	return map[string]string{"e1": "northgate", "d1": "northgate", "e2": "westfield"}[r.text("engagement")] == client
}

// portfolioKey returns by what a portfolio is sorted. An engagement without a date comes after those with one.
func portfolioKey(r row, v string) string {
	switch field := strings.TrimPrefix(v, "-"); field {
	case "name", "client":
		return strings.ToLower(r.text(field))
	case "health":
		return map[string]string{"on_track": "1", "at_risk": "2", "late": "3"}[r.text("health")]
	case "forecast":
		return cmp.Or(r.text("forecast_report"), "~")
	default:
		return cmp.Or(r.text(field), "~")
	}
}

// varyEngagements makes engagements that differ in all that the portfolio is chosen and sorted by: time passes for e1, and another is
// drafted for a later day.
func varyEngagements(w *world) {
	w.post("ines", "/engagements", object{"id": "late-start", "client": "northgate", "type": "soc2_type1", "categories": []string{"security"},
		"kickoff": "2026-06-01", "partner": "marta", "manager": "noor", "name": "Another"}).is(201)
	w.post("marta", "/engagements/d1/cancel", object{"reason": "not needed", "confirm": "d1"}).is(200)
	w.now = monday.AddDate(0, 2, 0)
	w.post("ines", "/engagements/e1/tasks/X-1/comments", object{"text": "Where is it?"}).is(200)
}

// varyTasks makes tasks of e1 that differ in all that they are chosen by, and what happened to them on several days.
func varyTasks(w *world) {
	w.post("ines", "/engagements/e1/tasks", object{"title": "Fix the gate", "phase": "kickoff", "owner": "kenji", "due": "2026-07-01"}).is(200)
	w.exec("UPDATE tasks SET phase = 'remediation' WHERE firm_id = 'acme' AND engagement_id = 'e1' AND id = 'X-3'")
	w.post("marta", "/engagements/e1/tasks/KO-01/complete", object{}).is(200)
	w.post("hugo", "/engagements/e1/tasks/X-2/block", object{"by": "client", "reason": "no access"}).is(200)
	w.now = monday.AddDate(0, 0, 2)
	w.post("marta", "/engagements/e1/tasks/KO-02/complete", object{}).is(200)
	w.post("ines", "/engagements/e1/tasks", object{"title": "Not needed", "phase": "kickoff", "owner": "ines", "due": "2026-06-01"}).is(200)
	w.post("ines", "/engagements/e1/tasks/X-4/waive", object{"reason": "not needed"}).is(200)
	w.now = monday.AddDate(0, 0, 49)
	w.post("ines", "/engagements/e1/tasks/X-1/comments", object{"text": "Where is it?"}).is(200)
}

// varyDecisions makes decisions of e1 in several states: two are pending.
func varyDecisions(w *world) {
	w.post("ruth", "/engagements/e1/decisions/D-1/refuse", object{"reason": "too late"}).is(200)
}

// varyQuestions makes questions about e1 that differ in all that they are chosen by: of those that were asked first one is answered.
func varyQuestions(w *world) {
	w.asks()
	w.post("kenji", "/engagements/e1/questions/Q-1/answer", object{"text": "The one of 2025."}).is(200)
	w.post("ines", "/engagements/e1/tasks/X-2/questions", object{"text": "And in June?", "to": "hugo"}).is(200)
	w.post("ines", "/engagements/e1/tasks/X-1/questions", object{"text": "By when?", "to": "kenji"}).is(200)
	w.post("ines", "/engagements/e1/questions/Q-4/withdraw", object{}).is(200)
}

// varyMessages makes messages that differ in all that they are chosen by.
func varyMessages(w *world) {
	w.plant()
	s := w.root.For("acme")
	for i, status := range []reminders.DeliveryStatus{reminders.DeliveryScheduled, reminders.DeliveryScheduled} {
		d := reminders.Delivery{ID: messageID(9500 + i), Kind: reminders.KindTrouble, Slot: fmt.Sprint("late ", i), Person: "ines",
			Channel: reminders.ChannelMail, Status: status, ScheduledAt: monday.AddDate(0, 0, 1+i), NotAfter: monday.AddDate(0, 0, 9)}
		if _, err := s.Schedule(w.Context(), []store.NewDelivery{{Delivery: d}}, nil); err != nil {
			w.Fatal(err)
		}
	}
	for i, m := range []string{"sent", "suppressed", "failed"} {
		w.exec(fmt.Sprintf("UPDATE deliveries SET status = '%s' WHERE id = '%s'", m, messageID(9000+i)))
	}
	for i, e := range []string{"e1", "e1", "e2"} { // what they speak of
		w.exec(fmt.Sprintf("INSERT INTO delivery_items (firm_id, delivery_id, engagement_id, item, due, step) "+
			"VALUES ('acme', '%s', '%s', 'do:X-1', '2026-03-09', 0)", messageID(9000+i), e))
	}
}

// exec changes the database by hand.
func (w *world) exec(statement string) {
	w.Helper()
	w.tables() // opens the database
	if _, err := w.db.Exec(statement); err != nil {
		w.Fatal(err)
	}
}

// speaksOf reports whether a message speaks of something in an engagement.
func (w *world) speaksOf(message, engagement string) bool {
	w.Helper()
	w.tables()
	var n int
	err := w.db.QueryRow(fmt.Sprintf("SELECT COUNT(*) FROM delivery_items WHERE delivery_id = '%s' AND engagement_id = '%s' AND item <> ''",
		message, engagement)).Scan(&n)
	if err != nil {
		w.Fatal(err)
	}
	return n > 0
}

// rows reads a list to its end, in pages of the size; 0: it has no pages.
func (l *filterLaw) rows(query string, size int) []row {
	l.Helper()
	var out []row
	for cursor := ""; ; {
		at := l.path + "?" + query
		if size > 0 {
			at += fmt.Sprint("&limit=", size)
		}
		if cursor != "" {
			at += "&cursor=" + cursor
		}
		var page map[string]json.RawMessage
		l.get("marta", at).is(200).into(&page)
		var items []row
		if err := json.Unmarshal(page[cmp.Or(l.items, "items")], &items); err != nil {
			l.Fatal(at, err)
		}
		out, cursor = append(out, items...), strings.Trim(string(page["next"]), `"`)
		if cursor == "" {
			return out
		}
	}
}

// values are the values of a parameter that are tried: those of its enumeration, and those that its choice names.
func (c choice) all(p *openapi3.Parameter) []string {
	out := slices.Clone(c.values)
	for _, v := range p.Schema.Value.Enum {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// A filterLaw tries one list.
type filterLaw struct {
	*world
	listing
	id    string
	paged bool
	every []row
}

// tries holds what a parameter does against what its choice says it does.
func (l *filterLaw) tries(p *openapi3.Parameter, c choice) {
	l.Helper()
	divides := false
	values := c.all(p)
	if len(values) == 0 {
		l.Errorf("%s: say in listings which values of %s are tried", l.id, p.Name)
	}
	for _, v := range values {
		query := p.Name + "=" + url.QueryEscape(v)
		if l.whole != "" && !strings.HasPrefix(l.whole, p.Name+"=") {
			query += "&" + l.whole
		}
		size := 0
		if l.paged {
			size = 3
		}
		got := l.rows(query, size)
		if c.sorts != nil {
			divides = l.sorted(p.Name, v, c, got) || divides
			continue
		}
		var want []row
		for _, r := range l.every {
			if c.keeps(l.world, r, v) {
				want = append(want, r)
			}
		}
		if !slices.Equal(written(got), written(want)) {
			l.Errorf("%s?%s leaves %d rows of %d, want %d: %.2000s", l.id, query, len(got), len(l.every), len(want), written(got))
		}
		divides = divides || len(want) > 0 && len(want) < len(l.every)
	}
	if !divides {
		l.Errorf("%s: no value of %s leaves some rows and not others: make rows that differ in it", l.id, p.Name)
	}
}

// sorted reports whether the rows differ in what they are sorted by, and complains when they are not sorted so or not all there.
func (l *filterLaw) sorted(name, v string, c choice, got []row) bool {
	l.Helper()
	keys := make([]string, len(got))
	for i, r := range got {
		keys[i] = c.sorts(r, v)
	}
	up := slices.Clone(keys)
	slices.Sort(up)
	if v == "desc" || strings.HasPrefix(v, "-") {
		slices.Reverse(up)
	}
	if !slices.Equal(keys, up) {
		l.Errorf("%s?%s=%s is not sorted: %q", l.id, name, v, keys)
	}
	if !sameRows(got, l.every) {
		l.Errorf("%s?%s=%s shows %d rows, and %d are there", l.id, name, v, len(got), len(l.every))
	}
	return len(keys) > 0 && keys[0] != keys[len(keys)-1]
}

// written returns rows as text, to be compared.
func written(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			panic(err) // it came as JSON
		}
		out[i] = string(text)
	}
	return out
}

func sameRows(a, b []row) bool {
	x, y := written(a), written(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// The law of filters: every parameter of every list does what it says, by both databases and across pages: it leaves just the rows that it
// should and sorts all of them. The lists and parameters are those of the document, so that a new one fails here until it is told what it
// does (B02: a date in a query had no effect).
func TestEveryFilterFilters(t *testing.T) {
	both(t, func(w *world) {
		operations := w.operations()
		for id := range listings {
			if _, ok := operations[id]; !ok {
				w.Errorf("there is no list %s", id)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(operations)) {
			op := operations[id]
			var params []*openapi3.Parameter
			paged := false
			for _, p := range op.Parameters {
				paged = paged || p.Value.Name == "limit"
				if p.Value.In == openapi3.ParameterInQuery && p.Value.Name != "cursor" && p.Value.Name != "limit" {
					params = append(params, p.Value)
				}
			}
			if len(params) == 0 {
				continue
			}
			w.Run(id, func(t *testing.T) {
				fresh := onSQLite
				if strings.HasPrefix(w.dsn, "postgres") {
					fresh = onPostgres
				}
				l := &filterLaw{world: fresh(t), listing: listings[id], id: id, paged: paged}
				l.holds(params)
			})
		}
	})
}

// holds tries every parameter of a list.
func (l *filterLaw) holds(params []*openapi3.Parameter) {
	l.Helper()
	for _, p := range params {
		if _, ok := l.choices[p.Name]; !ok {
			l.Errorf("%s takes %s: say in listings what it does", l.id, p.Name)
		}
	}
	if l.prepare != nil {
		l.prepare(l.world)
	}
	size := 0
	if l.paged {
		size = 200
	}
	l.every = l.rows(l.whole, size)
	for _, p := range params {
		if c := l.choices[p.Name]; c.keeps != nil || c.sorts != nil {
			l.tries(p, c)
		}
	}
}

// What a rehearsal assumes makes a difference: three answers to three assumptions.
func TestAssumptions(t *testing.T) {
	w := onSQLite(t)
	seen := map[string]reminders.Assumption{}
	for _, a := range []reminders.Assumption{reminders.AssumeOnTime, reminders.AssumeLate, reminders.AssumeSilent} {
		text := w.get("marta", "/engagements/e1/rehearsal?person=ines&assume="+string(a)).is(200).Body.String()
		if before, ok := seen[text]; ok {
			t.Errorf("%s is as %s", a, before)
		}
		seen[text] = a
	}
}
