package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// shown matches what no answer may show: SQL, a stack trace, a path of a machine, the name of a library.
var shown = regexp.MustCompile(`(?i)\b(SELECT|INSERT INTO|UPDATE|DELETE) [^"]{0,200}\b(FROM|VALUES|SET|WHERE)\b|SQLSTATE|` +
	`goroutine \d|\.go:\d+|(^|[" :])/(tmp|root|home|usr|var|srv|work|etc)/|\b(gorm|pgx|sqlite|pq)\b|` +
	`runtime error|nil pointer|syntax error at|constraint failed`)

// betrays returns what an answer shows that it must not show, unless it was in the question.
func betrays(answer, question string) string {
	for _, found := range shown.FindAllString(answer, -1) {
		if !strings.Contains(question, strings.Trim(found, `" :`)) {
			return found
		}
	}
	return ""
}

// rawTexts are put into paths, queries and headers, escaped as they are sent.
var rawTexts = []string{"", "%20", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%2e%2e", "'%20OR%201=1--", strings.Repeat("x", 5000),
	"-1", "1e9",
	"null", "%F0%9F%92%A3", "%E2%80%AE", "a%0d%0aSet-Cookie:x=1", "n1", "eastwick", "99999999999999999999", "%7B%22a%22:1%7D", "nd1", "a%00b",
	"e1%2f..%2fn1"}

// wholeBodies are sent in the place of a body.
var wholeBodies = []any{"null", "[]", `"text"`, "7", "", "{", strings.Repeat(`{"a":`, 5000), strings.Repeat("[", 100000),
	"\xff\xfe", "{\"a\":\"\xff\"}",
	`{"a":1,"a":2}`, `{"name":"x","name":"y"}`, "\x00", `{"\u0000":1}`, `{"a":1} {"b":2}`, `{"name":"\ud800"}`, "-1e9999",
	`{"__proto__":{"a":1}}`,
	`{"a":` + strings.Repeat("9", 5000) + `}`}

// A hostile is somebody who sends what nobody should, and knows the document.
type hostile struct {
	*world
	n                    int // of values, in turn
	sent, refused, taken int
}

// next returns the next of some values.
func next[T any](h *hostile, values []T) T {
	h.n++
	return values[h.n%len(values)]
}

// Whoever calls, with whatever role or none, sends in turn everything that is wrong: other types, huge numbers, NULs, deep nesting, texts
// that never end, bytes that are no UTF-8, keys twice, paths that climb, ids of another firm, SQL, line ends. Nothing of it is our
// fault, no refusal changes anything, and no answer shows SQL, a stack trace or a path.
func TestWhateverAnybodySendsIsAnswered(t *testing.T) {
	t.Parallel()
	both(t, func(w *world) {
		h := &hostile{world: w}
		for _, path := range slices.Sorted(keysOf(w.check.doc.Paths.Map())) {
			operations := w.check.doc.Paths.Value(path).Operations()
			for _, method := range slices.Sorted(maps.Keys(operations)) {
				for _, g := range guests {
					h.visits(path, method, operations[method], g)
				}
			}
		}
		w.Logf("%d requests, %d refused", h.sent, h.refused)
		if h.refused < h.sent*3/4 {
			w.Errorf("only %d of %d were refused: are they wrong at all?", h.refused, h.sent)
		}
	})
}

// visits has a guest send an operation wrongly in some ways, in turn.
func (h *hostile) visits(path, method string, op *openapi3.Operation, g guest) {
	h.Helper()
	calls := h.calls(path, method, op, g)
	before, taken := h.tables(), h.taken
	for _, c := range calls {
		h.tries(c)
	}
	if after := h.tables(); taken == h.taken && after != before {
		h.Fatalf("%s %s by %q was refused and changed:\n%s\nfrom:\n%s", method, path, g.token, after, before)
	}
}

func (h *hostile) tries(c call) {
	h.Helper()
	question := fmt.Sprint(c.path, " ", c.header, " ", c.key)
	if text, err := url.PathUnescape(question); err == nil {
		question += text
	}
	if text, ok := c.body.(string); ok {
		question += text
	} else if text, err := json.Marshal(c.body); err == nil {
		question += string(text)
	}
	r := h.send(c)
	h.sent++
	if r.Code >= 500 {
		h.Fatalf("%s by %q: %s %.300s\n%d %s\n%s", c.method, c.who, c.path, question, r.Code, r.Body, h.log.String())
	}
	if found := betrays(r.Body.String(), question); found != "" {
		h.Errorf("%s %.200s by %q shows %q: %s", c.method, c.path, c.who, found, r.Body)
	}
	if r.Code >= 400 {
		h.refused++
	} else if c.method != "GET" {
		h.taken++
	}
}

// calls returns what a guest sends to an operation: one value wrong in each place where there may be one.
func (h *hostile) calls(path, method string, op *openapi3.Operation, g guest) (out []call) {
	at := target{"cleo", "X-1", "G-KO-1", "D-2", "Q-1"}
	h.ready(op, at, g, h.n)
	var body any
	if op.RequestBody != nil {
		body = h.bodyFor(op, g, h.n)
	}
	right := call{who: g.token, method: method, path: h.fill(path, at, g, 0), body: body}
	for _, ref := range slices.Concat(h.check.doc.Paths.Value(path).Parameters, op.Parameters) {
		c, text := right, next(h, rawTexts)
		switch p := ref.Value; {
		case p.In == openapi3.ParameterInPath:
			c.path = h.fill(strings.Replace(path, "{"+p.Name+"}", text, 1), at, g, 0)
		case p.In == openapi3.ParameterInQuery:
			c.path += "?" + p.Name + "=" + text
		default:
			c.header = map[string]string{p.Name: strings.NewReplacer("%0d%0a", " ", "%00", "\x01").Replace(text)}
		}
		out = append(out, c)
	}
	if op.RequestBody != nil {
		return append(out, h.bodies(right, op.RequestBody.Value.Content.Get("application/json").Schema.Value)...)
	}
	right.body = next(h, wholeBodies)
	return append(out, right)
}

// bodies returns a call with bodies that are wrong: as a whole, and in two of the fields.
func (h *hostile) bodies(right call, schema *openapi3.Schema) (out []call) {
	flat := *schema
	flat.Properties = maps.Clone(schema.Properties)
	flatten(&flat)
	text, err := json.Marshal(right.body)
	if err != nil {
		h.Fatal(err)
	}
	var valid object
	if err := json.Unmarshal(text, &valid); err != nil {
		h.Fatal(err)
	}
	names := slices.Sorted(keysOf(flat.Properties))
	for range min(2, len(names)) {
		c := right
		c.body = with(valid, next(h, names), orNull(next(h, slices.Concat(always, odd))))
		out = append(out, c)
	}
	right.body = next(h, wholeBodies)
	return append(out, right)
}
