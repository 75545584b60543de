package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
)

// always is what is put in the place of every value, whatever it should be; odd is put in turn.
var always = []any{nil, true, -1, "", strings.Repeat("x", 5000), "\x00", []any{nil}, object{}}

var odd = []any{0, json.Number("1e308"), json.Number("99999999999999999999"), 0.5, " ", "x", "\u202etxt.exe",
	"{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE tasks;--", "<!channel> <script>alert(1)</script>", "../../etc/passwd",
	"=cmd|' /C calc'!A0", "2026-02-30",
	"0000-00-00", "9999-12-31", "2026-03-31T00:00:00+14:00", []any{}, object{"$ref": "#"}, []any{[]any{[]any{}}}}

var turn int

// oddities returns what is put in the place of the next value.
func oddities() []any {
	out := slices.Clone(always)
	for range 5 {
		turn++
		out = append(out, odd[turn%len(odd)])
	}
	return out
}

// mutants are bodies that differ from a valid one in one thing.
func mutants(s *openapi3.Schema, valid object) []any {
	var out []any
	for _, name := range slices.Sorted(keysOf(s.Properties)) {
		for _, o := range oddities() {
			out = append(out, with(valid, name, orNull(o)))
		}
		if slices.Contains(s.Required, name) {
			out = append(out, with(valid, name, nil))
		}
		if p := s.Properties[name].Value; p.Type.Is("array") {
			for _, o := range oddities() {
				out = append(out, with(valid, name, []any{o}))
			}
			out = append(out, with(valid, name, slices.Repeat([]any{sample(p.Items.Value)}, 2000)))
		}
	}
	for _, extra := range []string{"firm", "firm_id", "tenant_id", "status", "revision", "__proto__", "", strings.Repeat("k", 500)} {
		out = append(out, with(valid, extra, "x"))
	}
	return append(out, "null", "[]", `"text"`, "7", "", "{", strings.Repeat(`{"a":`, 100), "\xff\xfe", `{"a":1,"a":2}`)
}

// null stands for null in a body, since nil leaves a field out.
func orNull(v any) any {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}

// Whatever is sent in whatever field: never our fault, always an answer of the document, and a refusal changes nothing.
func TestNoBodyIsOurFault(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	before, sent, refused := w.tables(), 0, 0
	for _, path := range slices.Sorted(keysOf(w.check.doc.Paths.Map())) {
		for method, op := range w.check.doc.Paths.Value(path).Operations() {
			if op.RequestBody == nil || op.OperationID == "cancelEngagement" {
				continue
			}
			schema := op.RequestBody.Value.Content.Get("application/json").Schema.Value
			flat := *schema
			flat.Properties = maps.Clone(schema.Properties)
			flatten(&flat)
			text, err := json.Marshal(w.bodyFor(op, guests[0], sent))
			if err != nil {
				t.Fatal(err)
			}
			var valid object
			if err := json.Unmarshal(text, &valid); err != nil {
				t.Fatal(err)
			}
			at := w.fill(path, target{"cleo", "X-1", "G-KO-1", "D-2", "Q-1"}, guests[0], 0)
			for _, body := range mutants(&flat, valid) {
				sent++
				r := w.send(call{who: "marta", method: method, path: at, body: body})
				if r.Code >= 500 {
					t.Fatalf("%s %s with %.300v: %d %s", method, at, body, r.Code, r.Body)
				}
				after := w.tables()
				if r.Code >= 400 {
					if refused++; after != before {
						t.Fatalf("%s %s with %.300v was refused and changed:\n%s\nfrom:\n%s", method, at, body, after, before)
					}
				}
				before = after
			}
		}
	}
	t.Logf("%d requests, %d refused", sent, refused)
	if refused < sent/2 {
		t.Errorf("only %d of %d were refused: are the bodies wrong at all?", refused, sent)
	}
}

// Whatever is put into path, query and headers.
func TestNoParameterIsOurFault(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	texts := []string{"", "%20", "%00", "%ff%fe", "..%2f..%2f", "%2e%2e", "'%20OR%201=1--", strings.Repeat("x", 5000), "-1", "1e9", "null",
		"%F0%9F%92%A3", "%E2%80%AE", "a%0d%0aSet-Cookie:x=1"}
	for path, item := range w.check.doc.Paths.Map() {
		for method, op := range item.Operations() {
			var body any
			if op.RequestBody != nil {
				body = w.bodyFor(op, guests[0], 1)
			}
			at := target{"cleo", "X-1", "G-KO-1", "D-2", "Q-1"}
			for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
				p := ref.Value
				for _, text := range texts {
					c := call{who: "marta", method: method, path: w.fill(path, at, guests[0], 0), body: body}
					switch p.In {
					case openapi3.ParameterInPath:
						c.path = w.fill(strings.Replace(path, "{"+p.Name+"}", text, 1), at, guests[0], 0)
					case openapi3.ParameterInQuery:
						c.path += "?" + p.Name + "=" + text
					default:
						c.header = map[string]string{p.Name: strings.ReplaceAll(text, "%0d%0a", " ")}
					}
					if r := w.send(c); r.Code >= 500 {
						t.Errorf("%s %s %v: %d %s", method, c.path, c.header, r.Code, r.Body)
					}
				}
			}
		}
	}
}

// FuzzParse reads any bytes: what is let pass means to encoding/json what it meant to parse, and is written in one form.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,1e2,"x",null,true]}`, `[]`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":1} x`,
		strings.Repeat("[", 30), `"\ud800"`, `-0`, `1e400`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := parse(body)
		if err != nil {
			if models.CodeOf(err) != models.Invalid {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q was let pass and is not JSON", body)
		}
		once, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(once)
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", body, once, err)
		}
		if twice, _ := json.Marshal(again); !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q, then %q", body, once, twice)
		}
	})
}
