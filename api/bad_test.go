package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// golden compares an answer with testdata/name.golden, line by line as people would read it.
func (r reply) golden(name string) {
	r.t.Helper()
	var p map[string]any
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil {
		r.t.Fatalf("%v: %s", err, r.Body)
	}
	if p["instance"] != nil {
		p["instance"] = "(the request's id)"
	}
	if detail, ok := p["detail"].(string); ok {
		p["detail"] = strings.ReplaceAll(detail, r.Header().Get("X-Request-Id"), "(the request's id)")
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		r.t.Fatal(err)
	}
	got := fmt.Sprintf("%d %s\n%s\n", r.Code, http.StatusText(r.Code), text)
	file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "_")+".golden")
	if *modelstest.Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	if got != string(want) {
		r.t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

func with(o object, pairs ...any) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if k := pairs[i].(string); pairs[i+1] == nil {
			delete(out, k)
		} else {
			out[k] = pairs[i+1]
		}
	}
	return out
}

var (
	aClient = object{"name": "Delta", "headcount": 5, "country": "US", "time_zone": "America/New_York"}
	aPerson = object{"name": "Dora", "role": "consultant", "time_zone": "UTC"}
	aPlan   = object{"type": "soc2_type1_type2", "categories": []string{"security"}, "headcount": 60, "country": "US",
		"kickoff": "2026-05-04", "window_months": 6}
	aDraft = object{"client": "northgate", "type": "soc2_type2", "categories": []string{"security"}, "kickoff": "2026-05-04",
		"partner": "marta", "manager": "ines"}
)

// Every kind of bad input: the answer names the field and says what is allowed, and nothing has changed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	var page struct{ Next string }
	w.get("marta", "/engagements?limit=1").is(200).into(&page)
	before := w.tables()
	for _, x := range []struct {
		name   string
		status int
		call
	}{
		{"unknown type", 400, call{method: "POST", path: "/plans", body: with(aPlan, "type", "soc9")}},
		{"unknown category", 400, call{method: "POST", path: "/plans", body: with(aPlan, "categories", []string{"security", "securty"})}},
		{"unknown addon", 400, call{method: "POST", path: "/plans", body: with(aPlan, "addons", []string{"soc5"})}},
		{"unknown country", 400, call{method: "POST", path: "/clients", body: with(aClient, "country", "XX")}},
		{"malformed country", 400, call{method: "POST", path: "/clients", body: with(aClient, "country", "Deutschland")}},
		{"unknown time zone", 400, call{method: "POST", path: "/clients", body: with(aClient, "time_zone", "Europe/Atlantis")}},
		{"unknown person", 400, call{method: "POST", path: "/engagements", body: with(aDraft, "partner", "nobody")}},
		{"person in the wrong role", 400, call{method: "POST", path: "/engagements", body: with(aDraft, "manager", "priya")}},
		{"unknown client", 400, call{method: "POST", path: "/engagements", body: with(aDraft, "client", "nowhere")}},
		{"client of another firm", 400, call{method: "POST", path: "/engagements", body: with(aDraft, "client", "eastwick")}},
		{"unknown role", 400, call{method: "POST", path: "/people", body: with(aPerson, "role", "admin")}},
		{"owner without client", 400, call{method: "POST", path: "/people", body: with(aPerson, "role", "owner")}},
		{"unknown function", 400, call{method: "PUT", path: "/clients/northgate/functions/cio", body: object{"person": "kenji"}}},
		{"function for a stranger", 400, call{method: "PUT", path: "/clients/northgate/functions/it_lead", body: object{"person": "omar"}}},
		{"unknown field", 400, call{method: "POST", path: "/clients", body: with(aClient, "firm_id", "bright")}},
		{"unknown return rule", 400, call{method: "POST", path: "/engagements/e1/returns", body: object{"rule": "RT-99", "reason": "because"}}},
		{"as of before kickoff", 400, call{method: "POST", path: "/plans", body: with(aPlan, "as_of", "2026-05-01")}},
		{"window for a type 1", 400, call{method: "POST", path: "/plans",
			body: with(aPlan, "type", "soc2_type1", "window_months", nil, "window_open", "2026-10-01")}},
		{"target before kickoff", 400, call{method: "POST", path: "/engagements", body: with(aDraft, "target_report", "2026-05-01")}},
		{"soc 2 without security", 400, call{method: "POST", path: "/plans", body: with(aPlan, "categories", []string{"privacy"})}},
		{"report before kickoff", 400, call{method: "POST", path: "/plans", body: with(aPlan, "report_by", "2026-05-01")}},
		{"headcount with client", 400, call{method: "POST", path: "/plans", body: with(aPlan, "client", "northgate")}},
		{"neither client nor headcount", 400, call{method: "POST", path: "/plans", body: with(aPlan, "headcount", nil)}},
		{"due in the past", 400, call{method: "POST", path: "/engagements/e1/tasks/X-1/move",
			body: object{"due": "2026-02-27", "reason": "earlier"}}},
		{"no such day", 400, call{method: "POST", path: "/plans", body: with(aPlan, "kickoff", "2026-02-30")}},
		{"a year out of range", 400, call{method: "POST", path: "/plans", body: with(aPlan, "kickoff", "1999-02-03")}},
		{"not a date", 400, call{method: "POST", path: "/clients", body: with(aClient, "closed_days", []string{"2026-12-24", "tomorrow"})}},
		{"wrong kind", 400, call{method: "POST", path: "/clients", body: with(aClient, "headcount", "many")}},
		{"several wrong fields", 400, call{method: "POST", path: "/clients",
			body: object{"name": "", "headcount": -3, "country": "us", "timezone": "UTC"}}},
		{"a fraction of a person", 400, call{method: "POST", path: "/clients", body: with(aClient, "headcount", 2.5)}},
		{"too many people", 400, call{method: "POST", path: "/clients",
			body: `{"name":"Delta","headcount":1e400,"country":"US","time_zone":"UTC"}`}},
		{"null", 400, call{method: "POST", path: "/clients", body: `{"name":null,"headcount":5,"country":"US","time_zone":"UTC"}`}},
		{"name too long", 400, call{method: "POST", path: "/clients", body: with(aClient, "name", strings.Repeat("x", 301))}},
		{"name of spaces", 400, call{method: "POST", path: "/clients", body: with(aClient, "name", "   ")}},
		{"nul in a name", 400, call{method: "POST", path: "/clients", body: with(aClient, "name", "Del\x00ta")}},
		{"text that is turned", 400, call{method: "POST", path: "/clients", body: with(aClient, "name", "Del\u202eta")}},
		{"line break in a name", 400, call{method: "POST", path: "/clients", body: with(aClient, "name", "Delta\r\nBcc: all")}},
		{"escape in a reason", 400, call{method: "POST", path: "/engagements/e1/pause", body: object{"reason": "bought \x1b[31m"}}},
		{"not a mail address", 400, call{method: "POST", path: "/people", body: with(aPerson, "email", "dora at example")}},
		{"an address beyond ASCII", 400, call{method: "POST", path: "/people", body: with(aPerson, "email", "l\u00e9e@fernleaf.example")}},
		{"a domain beyond ASCII", 400, call{method: "PATCH", path: "/people/priya", body: object{"email": "lee@f\u00e4rnleaf.example"}}},
		{"the same twice", 400, call{method: "POST", path: "/engagements/e1/tasks/complete", body: object{"tasks": []string{"KO-01", "KO-01"}}}},
		{"too many tasks", 400, call{method: "POST", path: "/engagements/e1/tasks/complete", body: object{"tasks": many(201)}}},
		{"nothing to change", 400, call{method: "PATCH", path: "/clients/northgate", body: object{}}},
		{"a list instead of an object", 400, call{method: "POST", path: "/clients", body: `[]`}},
		{"no body", 400, call{method: "POST", path: "/clients"}},
		{"malformed json", 400, call{method: "POST", path: "/clients", body: `{"name": "Delta", `}},
		{"text after json", 400, call{method: "POST", path: "/clients",
			body: `{"name":"Delta","headcount":5,"country":"US","time_zone":"UTC"} {}`}},
		{"the same key twice", 400, call{method: "POST", path: "/clients",
			body: `{"name":"Delta","name":"Gamma","headcount":5,"country":"US","time_zone":"UTC"}`}},
		{"digest in the night", 400, call{method: "PATCH", path: "/messaging", body: object{"clients_at": "23:30"}}},
		{"not a time", 400, call{method: "PATCH", path: "/messaging", body: object{"quiet_from": "24:00"}}},
		{"quiet all day", 400, call{method: "PATCH", path: "/messaging", body: object{"quiet_from": "07:00", "quiet_to": "06:00"}}},
		{"channel by its name", 400, call{method: "PATCH", path: "/messaging", body: object{"workspace": "hq", "channel": "#general"}}},
		{"channel without a workspace", 400, call{method: "PATCH", path: "/messaging", body: object{"channel": "C0123456789"}}},
		{"unknown workspace for the portfolio", 400,
			call{method: "PATCH", path: "/messaging", body: object{"workspace": "nowhere", "channel": "C0123456789"}}},
		{"nothing to change in the firm", 400, call{method: "PATCH", path: "/firm", body: object{}}},
		{"firm without a name", 400, call{method: "PATCH", path: "/firm", body: object{"name": "  "}}},
		{"firm in an unknown country", 400, call{method: "PATCH", path: "/firm", body: object{"country": "XX"}}},
		{"kind of event that cannot be", 400, call{method: "GET", path: "/firm/timeline?kind=Updated"}},
		{"nothing to change in messaging", 400, call{method: "PATCH", path: "/messaging", body: object{}}},
		{"messages that go out already", 409, call{method: "POST", path: "/messaging/resume"}},
		{"unknown holidays", 400, call{method: "PATCH", path: "/people/kenji/messaging", body: object{"country": "XX"}}},
		{"absence that ends before it begins", 400,
			call{method: "POST", path: "/people/kenji/absences", body: object{"from": "2026-05-10", "to": "2026-05-09"}}},
		{"stand-in of another company", 400,
			call{method: "POST", path: "/people/kenji/absences", body: object{"from": "2026-05-10", "to": "2026-05-12", "stand_in": "omar"}}},
		{"token of another sort", 400,
			call{method: "POST", path: "/slack/workspaces",
				body: object{"name": "HQ", "token": "xoxp-123456789012", "signing_secret": "0123456789abcdef"}}},
		{"workspace without a signing secret", 400,
			call{method: "POST", path: "/slack/workspaces", body: object{"name": "HQ", "token": "xoxb-0123456789-0123456789"}}},
		{"socket mode without its token", 400,
			call{method: "POST", path: "/slack/workspaces", body: object{"name": "HQ", "socket_mode": true, "token": "xoxb-0123456789-0123456789"}}},
		{"workspace of an unknown client", 400,
			call{method: "POST", path: "/slack/workspaces", body: object{"name": "HQ", "client": "nowhere", "signing_secret": "0123456789abcdef"}}},
		{"account by its name", 400, call{method: "PUT", path: "/people/kenji/slack/hq", body: object{"user": "@kenji"}}},
		{"unknown message", 404, call{method: "POST", path: "/messages/5f0c2d1e-8a4b-5c3d-9e2f-1a2b3c4d5e6f/resend"}},
		{"unknown assumption", 400, call{method: "GET", path: "/engagements/e1/rehearsal?assume=never"}},
		{"preview of a draft", 409, call{method: "GET", path: "/engagements/d1/preview"}},
		{"test message to somebody else", 403, call{method: "POST", path: "/people/kenji/test-message"}},
		{"nested too deep", 400, call{method: "POST", path: "/clients", body: strings.Repeat("[", 5000)}},
		{"not utf-8", 400, call{method: "POST", path: "/clients",
			body: "{\"name\":\"D\xe9lta\",\"headcount\":5,\"country\":\"US\",\"time_zone\":\"UTC\"}"}},
		{"wrong content type", 400, call{method: "POST", path: "/clients", body: aClient,
			header: map[string]string{"Content-Type": "text/plain"}}},
		{"ten megabytes", 413, call{method: "POST", path: "/clients", body: `{"name":"` + strings.Repeat("x", 10<<20) + `"}`}},
		{"bad cursor", 400, call{method: "GET", path: "/engagements?cursor=bm9uc2Vuc2U"}},
		{"cursor of another list", 400, call{method: "GET", path: "/clients?cursor=" + page.Next}},
		{"cursor with odd characters", 400, call{method: "GET", path: "/clients?cursor=%27%3B--"}},
		{"limit too large", 400, call{method: "GET", path: "/engagements?limit=201"}},
		{"limit not a number", 400, call{method: "GET", path: "/engagements?limit=ten"}},
		{"unknown status", 400, call{method: "GET", path: "/engagements?status=open"}},
		{"unknown sort", 400, call{method: "GET", path: "/engagements?sort=fee"}},
		{"unknown parameter", 400, call{method: "GET", path: "/engagements?statsu=running"}},
		{"parameter given twice", 400, call{method: "GET", path: "/engagements?status=draft&status=running"}},
		{"neither true nor false", 400, call{method: "GET", path: "/engagements/e1/tasks?overdue=maybe"}},
		{"query that cannot be read", 400, call{method: "GET", path: "/engagements?q=%zz"}},
		{"bad if-match", 400, call{method: "POST", path: "/engagements/e1/start", header: map[string]string{"If-Match": "42"}}},
		{"stale if-match", 412, call{method: "POST", path: "/engagements/e1/tasks/X-1/move",
			body: object{"due": "2026-04-20", "reason": "later"}, header: map[string]string{"If-Match": `"1"`}}},
		{"stale client", 412, call{method: "PATCH", path: "/clients/northgate", body: object{"headcount": 61},
			header: map[string]string{"If-Match": `"9"`}}},
		{"missing key", 400, call{method: "POST", path: "/clients", body: aClient, key: "-"}},
		{"bad key", 400, call{method: "POST", path: "/clients", body: aClient, key: "no spaces please"}},
		{"unknown route", 404, call{method: "GET", path: "/engagement/e1"}},
		{"unknown route outside", 404, call{method: "GET", path: "//admin"}},
		{"wrong method", 405, call{method: "DELETE", path: "/engagements/e1"}},
		{"unknown engagement", 404, call{method: "GET", path: "/engagements/e77"}},
		{"unknown task", 404, call{method: "POST", path: "/engagements/e1/tasks/KO-99/complete"}},
		{"unknown gate", 404, call{method: "POST", path: "/engagements/e1/gates/G-XX-9/sign"}},
		{"unknown decision", 404, call{method: "POST", path: "/engagements/e1/decisions/D-99/approve"}},
		{"engagement of another firm", 404, call{method: "GET", path: "/engagements/n1"}},
		{"path out of the engagement", 400, call{method: "GET", path: "/engagements/..%2f..%2fn1"}},
		{"path with dots", 404, call{method: "GET", path: "/engagements/../../n1"}},
		{"nul in the path", 400, call{method: "GET", path: "/engagements/e1%00"}},
		{"quote in the path", 400, call{method: "GET", path: "/engagements/e1'%20or%201=1"}},
		{"not utf-8 in the path", 400, call{method: "GET", path: "/engagements/e1%ff"}},
		{"id is taken", 409, call{method: "POST", path: "/clients", body: with(aClient, "id", "northgate")}},
		{"started twice", 409, call{method: "POST", path: "/engagements/e1/start"}},
		{"task that waits", 409, call{method: "POST", path: "/engagements/e1/tasks/KO-15/complete"}},
		{"gate not ready", 409, call{method: "POST", path: "/engagements/e1/gates/G-KO-3/sign"}},
		{"command on a draft", 409, call{method: "POST", path: "/engagements/d1/tasks",
			body: object{"title": "Early", "phase": "kickoff", "owner": "kenji", "due": "2026-04-15"}}},
		{"no token", 401, call{who: "-", method: "GET", path: "/me"}},
		{"no bearer", 401, call{who: "-", method: "GET", path: "/me", header: map[string]string{"Authorization": "Basic YW5hOmFuYQ=="}}},
		{"expired token", 401, call{who: "expired", method: "GET", path: "/me"}},
		{"not theirs to do", 403, call{who: "priya", method: "POST", path: "/engagements/e1/cancel",
			body: object{"reason": "because", "confirm": "e1"}}},
		{"gate of somebody else", 403, call{who: "ines", method: "POST", path: "/engagements/e1/gates/G-KO-1/sign"}},
		{"task of somebody else", 404, call{who: "kenji", method: "GET", path: "/engagements/e1/tasks/KO-02"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			v := &world{T: t, root: w.root, dsn: w.dsn, server: w.server, tokens: w.tokens, now: w.now, check: w.check, db: w.db,
				counts: w.counts}
			switch x.who {
			case "":
				x.who = "marta"
			case "-":
				x.who = ""
			}
			v.send(x.call).is(x.status).golden(x.name)
			if after := v.tables(); after != before {
				t.Errorf("the database has changed:\n%s\nbefore:\n%s", after, before)
				before = after
			}
		})
	}
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("X-", i)
	}
	return out
}

// The same key with another body is refused, and the first answer stays.
func TestKeyReusedGolden(t *testing.T) {
	w := onSQLite(t)
	w.send(call{who: "marta", method: "POST", path: "/clients", body: aClient, key: "k"}).is(201)
	w.send(call{who: "marta", method: "POST", path: "/clients", body: with(aClient, "headcount", 6), key: "k"}).is(422).golden("key reused")
}

// An engine that fails in every way there is: what is not a refusal is told as nothing but our fault.
type sickEngine struct{ err error }

func (e sickEngine) Apply(context.Context, models.Ref, engagement.Command) (engagement.Result, error) {
	if e.err == nil {
		panic("at the disco")
	}
	return engagement.Result{}, e.err
}

func TestTrouble(t *testing.T) {
	w := onSQLite(t)
	start := func() reply { return w.post("marta", "/engagements/d1/start", nil) }
	w.serve(sickEngine{})
	start().is(500).golden("panic")
	w.serve(sickEngine{errors.New(`pq: relation "engagements" does not exist at /srv/store.go:42`)})
	r := start().is(500)
	r.golden("internal")
	if said := w.log.String(); !strings.Contains(said, "at /srv/store.go:42") || !strings.Contains(said, r.Header().Get("X-Request-Id")) {
		t.Errorf("the log does not say what happened: %s", said)
	}
	w.serve(sickEngine{models.Refuse("made_up", "secret", "SELECT * FROM people")})
	start().is(500).golden("unknown code")
	w.serve(sickEngine{models.Refuse(models.Unavailable, "", "the engagement cannot be reached at present: send the same request again")})
	if r := start().is(503); r.Header().Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	} else {
		r.golden("unavailable")
	}
	w.serve(sickEngine{fmt.Errorf("apply: %w", context.DeadlineExceeded)})
	start().is(503).golden("took too long")
	w.get("marta", "/engagements/d1/commands/k-9").is(404).golden("command not carried out")
}
