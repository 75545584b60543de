package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/api/gen"
)

// The law of lists: whatever an operation answers, every list in it has a most that the document names; and one with pages has no more
// on a page than may be asked for. Every answer in these tests is held against the document, see world.holds.
func TestEveryListHasAMost(t *testing.T) {
	w := onSQLite(t)
	lists, paged := 0, 0
	for id, op := range w.operations() {
		for status, r := range op.Responses.Map() {
			for _, content := range r.Value.Content {
				for at, list := range listsIn(content.Schema, map[*openapi3.Schema]bool{}) {
					lists++
					if list.MaxItems == nil {
						t.Errorf("%s %s: %s may be of any length", id, status, at)
						continue
					}
					limit := op.Parameters.GetByInAndName("query", "limit")
					if limit == nil || at != ".items" {
						continue
					}
					paged++
					if most := limit.Schema.Value.Max; most == nil || uint64(*most) != *list.MaxItems {
						t.Errorf("%s: a page has up to %d, and limit up to %v", id, *list.MaxItems, most)
					}
				}
			}
		}
	}
	if lists < 200 || paged < 7 {
		t.Errorf("only %d lists and %d pages were found", lists, paged)
	}
}

// listsIn returns the lists in a schema by where they are.
func listsIn(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) map[string]*openapi3.Schema {
	out := map[string]*openapi3.Schema{}
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return out
	}
	s := ref.Value
	seen[s] = true
	below := func(name string, ref *openapi3.SchemaRef) {
		for at, list := range listsIn(ref, seen) {
			out[name+at] = list
		}
	}
	if s.Type.Is("array") {
		out[""] = s
		below("[]", s.Items)
	}
	for name, p := range s.Properties {
		below("."+name, p)
	}
	for _, all := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, one := range all {
			below("", one)
		}
	}
	below(".*", s.AdditionalProperties.Schema)
	return out
}

// What can be made without end is made, a hundred more of each than its list has at most: no answer is longer than the document says, and
// what was made last is in it.
func TestLongListsAreCut(t *testing.T) {
	w := onSQLite(t)
	w.asks()
	for table, more := range map[string]int{"decisions": listed, "questions": listed, "comments": 1000, "tokens": 200, "absences": 100,
		"events": 200} {
		w.copies(table, more+100)
	}
	var decisions gen.DecisionList
	w.get("ines", "/engagements/e1/decisions").is(200).into(&decisions)
	if len(decisions.Items) != listed || decisions.Items[0].ID != fmt.Sprintf("D-%d", 10_000+listed+99) {
		t.Errorf("%d decisions, from %s on", len(decisions.Items), decisions.Items[0].ID)
	}
	w.get("ines", "/engagements/e1/decisions?state=pending").is(200).into(&decisions)
	if len(decisions.Items) == 0 {
		t.Error("no decision is pending")
	}
	var questions gen.QuestionList
	w.get("ines", "/engagements/e1/questions").is(200).into(&questions)
	if len(questions.Items) != listed || questions.Items[0].ID != fmt.Sprintf("Q-%d", 10_000+listed+99) {
		t.Errorf("%d questions, from %s on", len(questions.Items), questions.Items[0].ID)
	}
	var task gen.TaskDetail
	w.get("ines", "/engagements/e1/tasks/X-1").is(200).into(&task)
	if len(task.Comments) != 1000 || len(task.History) == 0 {
		t.Errorf("%d comments and %d events of a task", len(task.Comments), len(task.History))
	}
	if last := task.Comments[len(task.Comments)-1].Text; last != "comment 11099" {
		t.Errorf("the last comment is %q", last)
	}
	var tokens gen.TokenList
	w.get("marta", "/people/ines/tokens").is(200).into(&tokens)
	var messaging gen.PersonMessaging
	w.get("ines", "/people/ines/messaging").is(200).into(&messaging)
	if len(tokens.Items) != 200 || len(messaging.Absences) != 100 {
		t.Errorf("%d tokens and %d absences", len(tokens.Items), len(messaging.Absences))
	}
	w.get("ines", "/engagements/e1/status").is(200)
	w.get("ines", "/engagements/e1/timeline?limit=200").is(200)
	w.get("ines", "/engagements/e1/timeline?limit=201").is(400)
}

// copies writes n more rows like one that is there into a table, numbered on from 10,000.
func (w *world) copies(table string, n int) {
	w.Helper()
	first := map[string]struct{ where, make string }{
		"decisions": {"engagement_id = 'e1'", "id = 'D-' || n.n"},
		"questions": {"engagement_id = 'e1'", "id = 'Q-' || n.n"},
		"comments":  {"", ""},
		"tokens":    {"person_id = 'ines'", "id = 't-' || n.n, hash = 'h-' || n.n"},
		"absences":  {"person_id = 'ines'", "id = 'a-' || n.n"},
		"events":    {"engagement_id = 'e1'", "seq = n.n"},
	}[table]
	switch table {
	case "comments":
		w.post("ines", "/engagements/e1/tasks/X-1/comments", object{"text": "the first"}).is(200)
		first.where, first.make = "engagement_id = 'e1'", "seq = n.n, text = 'comment ' || n.n"
	case "absences":
		w.post("ines", "/people/ines/absences", object{"from": "2026-04-01", "to": "2026-04-20"}).is(201)
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(first.make, ", ") {
		name, value, _ := strings.Cut(part, " = ")
		values[name] = value
	}
	w.tables() // opens the database
	rows, err := w.db.Query("SELECT * FROM " + table + " LIMIT 0")
	if err != nil {
		w.Fatal(err)
	}
	columns, err := rows.Columns()
	rows.Close()
	if err != nil {
		w.Fatal(err)
	}
	selects := slices.Clone(columns)
	for i, c := range columns {
		if v, ok := values[c]; ok {
			selects[i] = v
		}
	}
	_, err = w.db.Exec(fmt.Sprintf(`WITH RECURSIVE n (n) AS (SELECT 10000 UNION ALL SELECT n + 1 FROM n WHERE n < %d), one AS
		(SELECT * FROM %s WHERE firm_id = 'acme' AND %s LIMIT 1) INSERT INTO %s (%s) SELECT %s FROM one CROSS JOIN n`,
		9999+n, table, first.where, table, strings.Join(columns, ", "), strings.Join(selects, ", ")))
	if err != nil {
		w.Fatal(table, err)
	}
}
