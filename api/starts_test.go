package api

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// cedar is an engagement file as the API is sent it: Cedar's people are called after a number, so that there can be many Cedars.
func cedar(n int) object {
	id := func(name string) string { return fmt.Sprint(name, "-", n) }
	return object{
		"client": object{"id": id("cedar"), "name": "Cedar Ltd", "headcount": 80, "country": "US", "time_zone": "America/New_York",
			"closed_days": []string{"2026-12-24"}},
		"people": []any{
			object{"id": id("tess"), "name": "Tess Cedar", "role": "sponsor", "time_zone": "America/New_York", "email": id("tess") + "@cedar.test"},
			object{"id": id("otto"), "name": "Otto Cedar", "role": "owner", "time_zone": "America/New_York", "email": id("otto") + "@cedar.test"},
			object{"id": id("pia"), "name": "Pia Firm", "role": "consultant", "time_zone": "UTC"},
		},
		"functions": []any{object{"function": "sponsor", "person": id("tess"), "backup": id("otto")},
			object{"function": "eng_lead", "person": id("otto")}},
		"engagement": object{"id": id("cedar") + "-soc2", "type": "soc2_type1", "categories": []string{"security"}, "kickoff": "2026-04-13",
			"partner": "marta", "manager": "ines", "consultants": []string{id("pia")}},
	}
}

// at returns a part of a file.
func (f file) at(path ...any) object {
	var is any = object(f)
	for _, key := range path {
		switch key := key.(type) {
		case string:
			is = is.(object)[key]
		case int:
			is = is.([]any)[key]
		}
	}
	return is.(object)
}

type file object

// A slip is a way in which somebody gets an engagement file wrong, or only writes it otherwise.
type slip struct {
	part  []any
	field string
	to    any // nil: left out
}

var slips = func() []slip {
	out := []slip{}
	for field, values := range map[string][]any{
		"name":      {"", " ", strings.Repeat("n", 301), "Ce\u200bdar", "Cedar\nLtd", "Zeder GmbH"},
		"headcount": {0, -3, 2_000_000, 12, 4000}, "country": {"USA", "Germany", "XX", "us", "none", "DE-BY"},
		"time_zone": {"PST8", "Europe/Berlin", "America/Nowhere", ""},
		"weekend": {[]string{"friday", "saturday"}, []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday"},
			[]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}},
		"open_days":   {[]string{"2026-12-24"}, []string{"2026-12-26"}, []string{"2026-11-11"}},
		"closed_days": {[]string{}, []string{"2026-12-24", "2026-12-24"}},
	} {
		for _, v := range values {
			out = append(out, slip{[]any{"client"}, field, v})
		}
	}
	for i := range 3 {
		for field, values := range map[string][]any{
			"name": {"", strings.Repeat("n", 500), "Jo\u202eel", "Zoë"}, "email": {"sam at hazel", "l ee@x.example",
				"joël@x.example", "x@y.example", nil},
			"role": {"boss", "Sponser", "manager", "owner", "sponsor", "consultant", "auditor"}, "time_zone": {"Mars/Olympus", "UTC"},
			"closed_days": {[]string{"2026-07-03"}, []string{"2026-07-03", "2026-07-03"}},
			"open_days":   {[]string{"2026-12-24"}, []string{"2026-12-26"}},
			"id":          {"marta", "kenji", "sam"},
		} {
			for _, v := range values {
				out = append(out, slip{[]any{"people", i}, field, v})
			}
		}
	}
	for i := range 2 {
		for field, values := range map[string][]any{
			"function": {"engine_lead", "sponsor", "legal", "it_lead"}, "person": {"nobody", "marta", "kenji"}, "backup": {"nobody", "kenji", nil},
		} {
			for _, v := range values {
				out = append(out, slip{[]any{"functions", i}, field, v})
			}
		}
	}
	for field, values := range map[string][]any{
		"id": {"e1", "d1", "e2"}, "name": {"", "Ce\u2066dar", "SOC 2"}, "type": {"soc2_type1", "soc2_type2", "soc2_type3",
			"soc1_type1", "soc2_type1_type2"},
		"categories": {nil, []string{"availability"}, []string{"security", "privacy"}, []string{"securty"}},
		"addons":     {[]string{"soc3"}, []string{"soc5"}},
		"kickoff":    {"2025-04-14", "2027-09-01", "2026-03-02", "9990-01-01"}, "as_of": {"2026-04-01", "2026-11-30", "2025-01-01"},
		"window_open": {"2026-10-01", "2026-04-01"}, "window_months": {0, 6, 40, -1}, "previous_close": {"2026-02-28"},
		"predecessor":   {"e1", "e2", "nothing"},
		"target_report": {"2026-01-01", "2027-06-01"}, "partner": {"ines", "nobody", "kenji", "vera"}, "manager": {"marta", "nobody", "noor"},
		"auditor": {"hugo", "priya", "nobody"}, "consultants": {[]string{"priya", "priya"}, []string{"marta", "nobody"}, []string{}},
	} {
		for _, v := range values {
			out = append(out, slip{[]any{"engagement"}, field, v})
		}
	}
	slices.SortFunc(out, func(x, y slip) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	return out
}()

// slipped returns a Cedar with one to four slips in its file.
func slipped(rnd *rand.Rand, n int) (object, []slip) {
	f := cedar(n)
	var made []slip
	for range 1 + rnd.IntN(4) {
		s := slips[rnd.IntN(len(slips))]
		made = append(made, s)
		if part := file(f).at(s.part...); s.to == nil {
			delete(part, s.field)
		} else {
			part[s.field] = s.to
		}
	}
	return f, made
}

var allDoubts = []string{"kickoff_past", "kickoff_far", "as_of_past", "report_past"}

// said returns what a refusal says, by field.
func said(t *testing.T, body []byte) []gen.FieldError {
	t.Helper()
	var p gen.Problem
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Errors) == 0 {
		return []gen.FieldError{{Field: p.Field, Detail: p.Detail}}
	}
	return p.Errors
}

// What a check says of a file is what a start says of it, whatever is wrong with the file; and where it is refused, no row is new.
func TestCheckAndStartSayTheSame(t *testing.T) {
	both(t, func(w *world) {
		rnd := rand.New(rand.NewPCG(17, 10)) //nolint:gosec // the same files every time
		refused, several := 0, 0
		const files = 500
		before := w.tables()
		for n := range files {
			f, made := slipped(rnd, n)
			f["confirm"] = allDoubts
			checked := w.post("ines", "/starts", with(f, "check", true))
			var would gen.StartResult
			var faults []gen.FieldError
			switch checked.Code {
			case http.StatusOK:
				checked.into(&would)
				faults = would.Faults
			case http.StatusBadRequest, http.StatusForbidden:
				faults = said(w.T, checked.Body.Bytes())
			default:
				w.Fatalf("a check of %v: %d %s", made, checked.Code, checked.Body)
			}
			if checked.Code == http.StatusOK && len(faults) == 0 {
				if after := w.tables(); after != before {
					w.Fatalf("after a check of %v there is %s, before %s", made, after, before)
				}
				w.post("ines", "/starts", f).is(200)
				before = w.tables()
				continue
			}
			refused++
			if len(faults) > 1 {
				several++
			}
			started := w.post("ines", "/starts", f)
			if started.Code != http.StatusBadRequest && started.Code != http.StatusForbidden || !slices.Equal(said(w.T,
				started.Body.Bytes()), faults) {
				w.Errorf("of %v a check says %v, a start %d %s", made, faults, started.Code, started.Body)
			}
			if after := w.tables(); after != before {
				w.Errorf("after a check and a refusal of %v there is %s, before %s", made, after, before)
			}
		}
		if refused < files/2 || several < files/5 {
			w.Errorf("only %d of %d files were refused, %d for several things", refused, files, several)
		}
		t.Logf("%d files: %d refused, %d for several things", files, refused, several)
	})
}

// All that is wrong with a file is said in one round, each by its field, and nothing besides.
func TestAllFaultsOfAFile(t *testing.T) {
	both(t, func(w *world) {
		f := cedar(1)
		file(f).at("client")["name"] = strings.Repeat("n", 500)
		file(f).at("client")["country"] = "USA"
		file(f).at("people", 0)["role"] = "sponser"
		file(f).at("people", 1)["email"] = "otto at cedar"
		file(f).at("people", 2)["time_zone"] = "Mars"
		file(f).at("functions", 1)["function"] = "eng-lead"
		file(f).at("engagement")["type"] = "soc2_typ1"
		file(f).at("engagement")["manager"] = "nobody"
		file(f).at("engagement")["target_report"] = "2026-01-01"
		before := w.tables()
		var got gen.StartResult
		w.post("ines", "/starts", with(f, "check", true)).is(200).into(&got)
		var all []string
		for _, fault := range got.Faults {
			all = append(all, fault.Field+": "+fault.Detail)
		}
		want := []string{"client.name: name must have 1 to 300 characters",
			`client.country: country "USA" is not one Tickmark has public holidays for; did you mean US (United States)?`,
			`people[0].role: role "sponser" is none of partner, pm, consultant, sponsor, owner, auditor; did you mean sponsor?`,
			`people[1].email: email "otto at cedar" is not a mail address, as in ana@example.com`,
			`people[2].time_zone: time_zone "Mars" is not an IANA time zone such as America/New_York`,
			`functions[1].function: function "eng-lead" is none of`, `engagement.manager: manager "nobody" is nobody Tickmark knows as active`,
			`engagement.target_report: target_report 2026-01-01 is before the kickoff on 2026-04-13`,
			`engagement.type: engagement type "soc2_typ1" is none of`}
		if len(all) != len(want) {
			w.Fatalf("said %d things:\n%s", len(all), strings.Join(all, "\n"))
		}
		for i := range want {
			if !strings.HasPrefix(all[i], want[i]) {
				w.Errorf("said %q, not %q", all[i], want[i])
			}
		}
		if after := w.tables(); after != before {
			w.Errorf("after a check there is %s, before %s", after, before)
		}
	})
}

// A file is started by one request, all of it; sent again, with the same key or another, it changes nothing, and one that was
// corrected goes
// on where it stood. What differs is said, and changed only when that is asked for.
func TestAFileIsStarted(t *testing.T) {
	both(t, func(w *world) {
		f := cedar(1)
		var checked, started, again gen.StartResult
		w.post("ines", "/starts", with(f, "check", true)).is(200).into(&checked)
		one := w.send(call{who: "ines", method: "POST", path: "/starts", body: f, key: "file-1"}).is(200).into(&started)
		if started.Engagement.Status != engagement.StatusRunning || started.Engagement.Name != "Cedar Ltd: SOC 2 Type 1" ||
			len(started.Steps) != 8 || !slices.Equal(checked.Steps, started.Steps) || !slices.Equal(checked.People, started.People) ||
			checked.Plan.Report.IsZero() || len(checked.Faults) > 0 {
			w.Errorf("checked %+v\nstarted %s", checked, one.Body)
		}
		saysWhoDoesWhat(w.T, checked)
		before := w.tables()
		w.send(call{who: "ines", method: "POST", path: "/starts", body: f, key: "file-1"}).is(200)
		if after := w.tables(); after != before {
			w.Errorf("sent again there is %s, before %s", after, before)
		}
		w.send(call{who: "ines", method: "POST", path: "/starts", body: cedar(2), key: "file-1"}).is(422)
		w.post("ines", "/starts", f).is(200).into(&again)
		if again.Was != engagement.StatusRunning || len(again.Steps) > 0 || len(again.Differs) > 0 {
			w.Errorf("once it runs: %+v", again)
		}
		file(f).at("engagement")["kickoff"] = "2026-04-20"
		file(f).at("client")["headcount"] = 90
		w.post("ines", "/starts", f).is(200).into(&again)
		if len(again.Differs) != 2 || again.Differs[0].Field != "client.headcount" || again.Differs[1].Field != "engagement.kickoff" ||
			!again.Differs[1].Decided || again.Differs[0].Decided {
			w.Errorf("of another headcount and kickoff is said %+v", again.Differs)
		}
		w.post("ines", "/starts", with(f, "update", true)).is(200)
		var c gen.Client
		if w.get("ines", "/clients/cedar-1").is(200).into(&c); c.Headcount != 90 {
			w.Errorf("updated, the client is %+v", c)
		}
	})
}

// saysWhoDoesWhat reports a check that does not say how many tasks each person gets and what the first gate will miss.
func saysWhoDoesWhat(t *testing.T, checked gen.StartResult) {
	t.Helper()
	sum := 0
	for _, load := range checked.People {
		sum += load.Tasks
	}
	if sum < len(checked.Plan.Tasks) || checked.People[0].Person == "" {
		t.Errorf("%d tasks of people, and %d in the plan: %v", sum, len(checked.Plan.Tasks), checked.People)
	}
	warned := fmt.Sprint(checked.Warnings)
	for _, of := range []string{"function_falls_back", "no_backup", "Tess Cedar, tess-1, gets their tasks", "G-KO-2", "eng_lead: no backup"} {
		if !strings.Contains(warned, of) {
			t.Errorf("a check warns of %s, not of %s", warned, of)
		}
	}
}

// Every field of a file that differs from what is there is said, of a draft as a refusal, and changed by an update.
func TestEveryDifferenceOfAFileIsSaid(t *testing.T) {
	w := onSQLite(t)
	f := cedar(1)
	f["draft"] = true
	w.post("ines", "/starts", f).is(200)
	want := []string{}
	for _, change := range []slip{
		{[]any{"client"}, "name", "Zeder"}, {[]any{"client"}, "headcount", 90}, {[]any{"client"}, "country", "DE"},
		{[]any{"client"}, "time_zone", "Europe/Berlin"}, {[]any{"client"}, "weekend", []string{"friday", "saturday"}},
		{[]any{"client"}, "closed_days", []string{"2026-12-31"}},
		{[]any{"people", 1}, "name", "Otto Zeder"}, {[]any{"people", 1}, "role", "sponsor"}, {[]any{"people", 1}, "email", "o@zeder.test"},
		{[]any{"people", 1}, "time_zone", "UTC"}, {[]any{"people", 1}, "closed_days", []string{"2026-07-03"}},
		{[]any{"people", 1}, "open_days", []string{"2026-10-12"}},
		{[]any{"functions", 1}, "person", "tess-1"}, {[]any{"functions", 1}, "backup", "otto-1"},
		{[]any{"engagement"}, "name", "Zeder 2026"}, {[]any{"engagement"}, "target_report", "2027-06-01"},
		{[]any{"engagement"}, "partner", "vera"}, {[]any{"engagement"}, "auditor", "hugo"}, {[]any{"engagement"},
			"consultants", []string{"priya"}},
		{[]any{"engagement"}, "type", "soc2_type1_type2"}, {[]any{"engagement"}, "categories", []string{"security", "privacy"}},
		{[]any{"engagement"}, "addons", []string{"soc3"}},
		{[]any{"engagement"}, "kickoff", "2026-05-04"}, {[]any{"engagement"}, "as_of", "2026-12-15"},
		{[]any{"engagement"}, "window_open", "2027-01-04"}, {[]any{"engagement"}, "window_months", 6},
	} {
		file(f).at(change.part...)[change.field] = change.to
		at := fmt.Sprint(change.part[0])
		if len(change.part) > 1 {
			at += fmt.Sprintf("[%d]", change.part[1])
		}
		want = append(want, at+"."+change.field)
	}
	var got []string
	for _, e := range said(t, w.post("ines", "/starts", f).is(400).Body.Bytes()) {
		got = append(got, e.Field)
	}
	if !slices.Equal(got, want) {
		t.Errorf("differences are said of %v, not of %v", got, want)
	}
	w.post("marta", "/starts", with(f, "update", true)).is(200)
	w.post("marta", "/starts", f).is(200)
}

// A kickoff, an as-of or a report date in the past and a kickoff more than a year ahead are warned of in a plan and in a check, and refused
// by a start until they are confirmed, by their codes.
func TestDoubtfulDatesAreAskedAbout(t *testing.T) {
	w := onSQLite(t)
	for i, x := range []struct {
		kickoff string
		codes   []string
	}{
		{"2025-03-03", []string{"kickoff_past", "as_of_past", "report_past"}}, {"2026-02-27", []string{"kickoff_past"}},
		{"2027-06-01", []string{"kickoff_far"}}, {"2026-03-02", nil}, {"2027-03-02", nil},
	} {
		f := cedar(i)
		file(f).at("engagement")["kickoff"] = x.kickoff
		var plan gen.Plan
		w.post("ines", "/plans", object{"type": "soc2_type1", "categories": []string{"security"}, "headcount": 80, "country": "US",
			"kickoff": x.kickoff}).is(200).into(&plan)
		var checked gen.StartResult
		w.post("ines", "/starts", with(f, "check", true)).is(200).into(&checked)
		for what, warnings := range map[string][]gen.PlanWarning{"a plan": plan.Warnings, "a check": checked.Warnings} {
			var codes []string
			for _, v := range warnings {
				if slices.Contains(allDoubts, v.Code) {
					codes = append(codes, v.Code)
				}
			}
			if !slices.Equal(codes, x.codes) {
				t.Errorf("of a kickoff on %s %s warns of %v, not %v", x.kickoff, what, codes, x.codes)
			}
		}
		if x.codes == nil {
			continue
		}
		errs := said(t, w.post("ines", "/starts", f).is(400).Body.Bytes())
		if len(errs) != 1 || errs[0].Field != "confirm" || !strings.HasSuffix(errs[0].Detail, "confirm "+strings.Join(x.codes, ", ")) {
			t.Errorf("of a kickoff on %s is said %v", x.kickoff, errs)
		}
		w.post("ines", "/starts", with(f, "confirm", x.codes)).is(200)
	}
}

// Whoever may not do a part of a file by its own request may not do it by sending the file: not even look whether it could be done.
func TestAFileMayNotDoWhatItsPartsMayNot(t *testing.T) {
	w := onSQLite(t)
	person := func(id, role string) []any {
		return []any{object{"id": id, "name": "Somebody", "role": role, "time_zone": "UTC"}}
	}
	for i, x := range []struct {
		name, who, path, method string
		single                  object
		bundle                  object
	}{
		{"a pm of others invites a sponsor", "noor", "/people", "POST",
			object{"id": "new", "name": "Somebody", "role": "sponsor", "client": "northgate", "time_zone": "UTC"},
			with(northgate(1), "people", person("new", "sponsor"))},
		{"a pm of others invites an owner", "noor", "/people", "POST",
			object{"id": "new", "name": "Somebody", "role": "owner", "client": "northgate", "time_zone": "UTC"},
			with(northgate(2), "people", person("new", "owner"))},
		{"a pm invites a partner", "ines", "/people", "POST", object{"id": "new", "name": "Somebody", "role": "partner", "time_zone": "UTC"},
			with(northgate(3), "people", person("new", "partner"))},
		{"a pm chooses the sponsor of a client that has begun", "ines", "/clients/northgate/functions/sponsor", "PUT", object{"person": "kenji"},
			with(with(northgate(4), "functions", []any{object{"function": "sponsor", "person": "kenji"}}), "update", true)},
		{"a pm takes a function that approves", "ines", "/clients/northgate/functions/security_lead", "PUT", object{"person": "ruth"},
			with(with(northgate(8), "functions", []any{object{"function": "security_lead", "person": "ruth"}}), "update", true)},
		{"a pm changes a partner", "ines", "/people/marta", "PATCH", object{"name": "Somebody"},
			with(with(northgate(5), "people", person("marta", "partner")), "update", true)},
	} {
		before := w.tables()
		single := w.send(call{who: x.who, method: x.method, path: x.path, body: x.single})
		if single.Code != http.StatusForbidden {
			t.Fatalf("%s: by itself %d %s", x.name, single.Code, single.Body)
		}
		for _, check := range []bool{true, false} {
			got := w.post(x.who, "/starts", with(x.bundle, "check", check))
			if got.Code != http.StatusForbidden || said(t, got.Body.Bytes())[0].Detail != said(t, single.Body.Bytes())[0].Detail {
				t.Errorf("%d. %s: by a file, check %t, %d %s, by itself %s", i, x.name, check, got.Code, got.Body, single.Body)
			}
		}
		if after := w.tables(); after != before {
			t.Errorf("%s: there is %s, before %s", x.name, after, before)
		}
	}
	for _, who := range []string{"priya", "ruth", "kenji", "hugo"} {
		w.post(who, "/starts", cedar(6)).is(403)
	}
	f := northgate(7)
	file(f).at("engagement")["id"], file(f).at("engagement")["manager"] = "e2", "noor" // westfield's, which ines does not see
	if errs := said(t, w.post("ines", "/starts", f).is(400).Body.Bytes()); errs[0].Detail != `there is an engagement "e2" already` {
		t.Errorf("of an engagement that is not shown is said %v", errs)
	}
	if _, err := w.root.For("acme").Client(w.Context(), "cedar-6"); models.CodeOf(err) != models.NotFound {
		t.Errorf("the client of who may not: %v", err)
	}
}

// A plan takes every field of a client that dates may hang on, and counts with it.
func TestAPlanTakesEveryFieldOfAClient(t *testing.T) {
	w := onSQLite(t)
	schemas := w.check.doc.Components.Schemas
	for name := range schemas["ClientInput"].Value.Properties {
		if schemas["PlanRequest"].Value.Properties[name] == nil && name != "id" && name != "name" {
			t.Errorf("a plan does not take %s of a client", name)
		}
	}
	ask := func(more object) (p gen.Plan) {
		in := object{"type": "soc2_type1", "categories": []string{"security"}, "kickoff": "2026-04-13"}
		for k, v := range more {
			in[k] = v
		}
		w.post("ines", "/plans", in).is(200).into(&p)
		return p
	}
	c := object{"headcount": 80, "country": "US", "time_zone": "America/New_York", "weekend": []string{"friday", "saturday"},
		"closed_days": []string{"2026-12-24"}}
	before := ask(c)
	w.post("ines", "/clients", with(with(c, "name", "Cedar"), "id", "cedar")).is(201)
	if after := ask(object{"client": "cedar"}); after.Report != before.Report || before.Report == ask(with(c, "weekend", nil)).Report {
		t.Errorf("the plan of a client has the report on %s, the preview on %s", after.Report, before.Report)
	}
}

// northgate is a file for Northgate, as it is there, with an engagement of its own.
func northgate(n int) object {
	f := cedar(n)
	f["client"] = object{"id": "northgate", "name": "Northgate of acme", "headcount": 60, "country": "US", "time_zone": "America/New_York"}
	f["people"], f["functions"] = []any{}, []any{}
	file(f).at("engagement")["consultants"] = []string{}
	return f
}
