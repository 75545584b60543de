package api

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models/store"
)

// fuzzPatience is for how long an answer is waited for. The fuzz engine ends a process that has had one input for ten seconds, and calls it
// hung; a rehearsal of three years lasted for up to 25 on a machine that did 25 other things as well. It ends with its request.
const fuzzPatience = 3 * time.Second

// FuzzRequest sends any request to any operation as anybody, through the whole server on SQLite: path, query, body, cursor, If-Match and
// Idempotency-Key are any bytes. The answer is one of the document, never our fault, and shows nothing of the machine.
func FuzzRequest(f *testing.F) {
	w, operations := fuzzed(f)
	for i := range operations {
		f.Add(uint16(i), uint8(i), "e1", "", []byte(`{"name":"x","reason":"because","headcount":5}`), `"1"`, "key-1")
		f.Add(uint16(i), uint8(2*i), "e1%00", "limit=-1&cursor=bm9uc2Vuc2U&q=%ff", []byte("{\"a\":1,\"a\":\"\xff\"}"),
			`W/"99999999999999999999"`, "\u00e9")
		f.Add(uint16(i), uint8(3*i), "..%2fn1", "since=0000-00-00&until=9999-12-31", []byte(strings.Repeat("[", 40)), `*`,
			strings.Repeat("k", 300))
	}
	f.Add(numberOf(f, operations, "rehearseEngagement"), uint8(0), "e1", "assume=silent", []byte(nil), "", "")
	var once sync.Once
	f.Fuzz(func(t *testing.T, op uint16, who uint8, param, query string, body []byte, match, key string) {
		once.Do(func() { w.T = t; w.serve(nil) })
		o := operations[int(op)%len(operations)]
		path := base + filled(o.path, param)
		at, err := url.Parse(path)
		if err != nil || strings.ContainsAny(match+key+query, "\r\n\x00") {
			return // no server hears of it
		}
		at.RawQuery = query
		ctx, cancel := context.WithTimeout(t.Context(), fuzzPatience)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, o.method, at.String(), bytes.NewReader(body))
		if err != nil {
			return
		}
		req.RequestURI, req.Host = at.RequestURI(), "tickmark.test"
		req.Header = http.Header{"Content-Type": {"application/json"}, "If-Match": {match}, "Idempotency-Key": {key},
			"Authorization": {"Bearer " + w.tokens[guests[int(who)%12].token]}}
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		if ctx.Err() != nil {
			return // nobody waits for the answer any more
		}
		v := &world{T: t, check: w.check}
		if rec.Code >= 500 {
			t.Fatalf("%s %s: %d %s\n%s", o.method, at, rec.Code, rec.Body, w.log.String())
		}
		if rec.Code >= 400 {
			v.problem(req, rec)
		}
		text, _ := url.PathUnescape(at.String())
		if found := betrays(rec.Body.String(), strings.Join([]string{at.String(), text, string(body), match, key}, " ")); found != "" {
			t.Errorf("%s %s shows %q: %s", o.method, at, found, rec.Body)
		}
	})
}

// filled puts a text into a path for its first parameter, and what there is for the others.
func filled(path, text string) string {
	if open, end := strings.Index(path, "{"), strings.Index(path, "}"); open >= 0 {
		path = path[:open] + text + path[end+1:]
	}
	return strings.NewReplacer("{client}", "northgate", "{function}", "it_lead", "{person}", "kenji", "{token}", "t-none",
		"{engagement}", "e1",
		"{task}", "X-1", "{gate}", "G-KO-1", "{decision}", "D-2", "{question}", "Q-1", "{key}", "no-such-key",
		"{workspace}", "hq", "{message}", messageID(1),
		"{absence}", "a-none").Replace(path)
}

// numberOf returns which of the operations has an id.
func numberOf(f *testing.F, operations []operationAt, id string) uint16 {
	f.Helper()
	i := slices.IndexFunc(operations, func(o operationAt) bool { return o.OperationID == id })
	if i < 0 {
		f.Fatalf("there is no operation %s", id)
	}
	return uint16(i)
}

// fuzzed returns a world that stays for as long as its target is fuzzed, and the operations in order.
func fuzzed(f *testing.F) (*world, []operationAt) {
	f.Helper()
	dsn := "sqlite:" + filepath.Join(f.TempDir(), "world.db")
	tokens, err := prepare(dsn)
	if err != nil {
		f.Fatal(err)
	}
	root, err := store.Open(dsn)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = root.Close() })
	check, err := newChecker()
	if err != nil {
		f.Fatal(err)
	}
	w := &world{root: root, dsn: dsn, tokens: tokens, now: monday, check: check}
	var all []operationAt
	for _, o := range w.operations() {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b operationAt) int { return strings.Compare(a.OperationID, b.OperationID) })
	return w, all
}
