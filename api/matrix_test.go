package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// yesEngine says yes to every command: what is tested with it is the door, not the rules behind it.
type yesEngine struct{}

func (yesEngine) Apply(context.Context, models.Ref, engagement.Command) (engagement.Result, error) {
	return engagement.Result{Revision: 7}, nil
}

// A guest is somebody who knocks at every door.
type guest struct {
	token  string
	role   models.Role // empty: nobody
	client models.ClientID
	team   bool   // on e1
	owns   string // the task that is theirs
}

func (g guest) id() string { return strings.TrimPrefix(g.token, "bright/") }

var guests = []guest{
	{token: "marta", role: models.RolePartner, team: true}, {token: "vera", role: models.RolePartner},
	{token: "ines", role: models.RoleManager, team: true}, {token: "noor", role: models.RoleManager},
	{token: "priya", role: models.RoleConsultant, team: true}, {token: "cleo", role: models.RoleConsultant},
	{token: "ruth", role: models.RoleSponsor, client: "northgate"}, {token: "sara", role: models.RoleSponsor, client: "westfield"},
	{token: "kenji", role: models.RoleOwner, client: "northgate", owns: "X-1"}, {token: "omar", role: models.RoleOwner, client: "westfield"},
	{token: "hugo", role: models.RoleAuditor, team: true, owns: "X-2"}, {token: "ivor", role: models.RoleAuditor},
	{token: "bright/marta", role: models.RolePartner}, {token: "bright/ruth", role: models.RoleSponsor, client: "eastwick"},
	{token: ""}, {token: "expired"}, {token: "revoked"}, {token: "tm_00000000_0000000000000000000000000000000000000000000"},
}

// asks has Marta ask Kenji about his task of e1, and Hugo about his.
func (w *world) asks() {
	w.Helper()
	w.post("marta", "/engagements/e1/tasks/X-1/questions", object{"text": "Which boundary is it?", "to": "kenji"}).is(200)
	w.post("marta", "/engagements/e1/tasks/X-2/questions", object{"text": "Are you free in May?", "to": "hugo"}).is(200)
}

// A target is what a path may name: one of each kind.
type target struct{ person, task, gate, decision, question string }

var targets = []target{
	{"kenji", "X-1", "G-KO-1", "D-2", "Q-1"},  // the owner's task; a gate and a decision without the auditor, and a question to the owner
	{"ruth", "X-2", "G-T1F-2", "D-1", "Q-2"},  // the auditor's task, gate, a decision that needs the auditor, and a question to the auditor
	{"cleo", "KO-02", "G-KO-3", "D-2", "Q-2"}, // a colleague who is not on e1
}

// want says what a guest gets at an operation on a target, by the one table and what it means (domain.md 7): the status, or
// 200 for whatever is not a refusal.
func want(g guest, op *openapi3.Operation, path string, at target) int {
	v := knock{g, path, at}
	switch {
	case g.role == "":
		return http.StatusUnauthorized
	case !v.seesPerson() || !v.seesThing():
		return http.StatusNotFound
	}
	return v.does(op.OperationID)
}

// A knock is a guest at a door: a path that names a target.
type knock struct {
	guest
	path string
	at   target
}

func (v knock) reach(action engagement.Action) engagement.Reach {
	return engagement.Grants[action][v.role]
}

func (v knock) has(param string) bool { return strings.Contains(v.path, "{"+param+"}") }

// mine reports whether the path names the guest.
func (v knock) mine() bool { return v.has("person") && v.at.person == v.id() }

// bright reports whether the guest is of another firm than the one whose doors these are.
func (v knock) bright() bool { return strings.HasPrefix(v.token, "bright/") }

// on reports whether a reach has northgate and e1 in it.
func (v knock) on(r engagement.Reach) bool {
	if v.bright() {
		return false
	}
	return r == engagement.ReachFirm || r == engagement.ReachTeam && v.team || r == engagement.ReachClient && v.client == "northgate"
}

// subject returns the person whom the path names, as the guest's own firm knows them.
func (v knock) subject() models.Person {
	p := map[string]models.Person{"kenji": {ID: "kenji", Role: models.RoleOwner, Client: "northgate"},
		"ruth": {ID: "ruth", Role: models.RoleSponsor, Client: "northgate"},
		"cleo": {ID: "cleo", Role: models.RoleConsultant}}[v.at.person]
	if v.bright() && p.Client != "" {
		p.Client = "eastwick"
	}
	return p
}

func (v knock) seesPerson() bool {
	if !v.has("person") || v.mine() {
		return true
	}
	client := v.subject().Client
	switch v.reach("getPerson") {
	case engagement.ReachFirm:
		return true
	case engagement.ReachTeam:
		return client == "" || v.team
	case engagement.ReachClient:
		return client == v.client && client != ""
	}
	return false
}

// seesThing says whether the guest sees the client, engagement, task, gate, decision and question that the path names.
func (v knock) seesThing() bool {
	switch {
	case v.has("client") && !v.on(v.reach("getClient")), v.has("engagement") && !v.on(v.reach("getEngagement")):
		return false
	case v.has("task") && v.reach("getTask") == engagement.ReachOwn:
		return v.owns == v.at.task
	case v.has("gate"):
		return v.seesOneFor(v.at.gate == "G-T1F-2")
	case v.has("question") && v.reach("listQuestions") == engagement.ReachOwn:
		return v.owns == map[string]string{"Q-1": "X-1", "Q-2": "X-2"}[v.at.question]
	case v.has("decision"):
		return v.seesOneFor(v.at.decision == "D-1")
	}
	return true
}

// seesOneFor says whether the guest sees a gate or decision that is, or is not, the auditor's too. Owners see none.
func (v knock) seesOneFor(auditor bool) bool {
	return v.role != models.RoleOwner && (v.role != models.RoleAuditor || auditor)
}

// mayLookAfter says whether the guest may change the person whom the path names.
func (v knock) mayLookAfter() bool {
	p := engagement.Target{Person: v.subject()}
	p.Ours = v.team == (p.ID != "cleo") // those on e1 work with acme's people, those on e2 with cleo
	return v.mine() || v.has("person") &&
		engagement.Actor{Person: models.PersonID(v.id()), Role: v.role, Client: v.client}.MayChange(p, p.Person) == nil
}

// does says what a guest gets who sees all that the path names.
func (v knock) does(operation string) int {
	r := v.reach(engagement.Action(operation))
	switch {
	case r == engagement.ReachNone, v.has("person") && r == engagement.ReachOwn && !v.mine():
		return http.StatusForbidden
	case v.has("message") && r == engagement.ReachOwn && v.at.person != v.id():
		return http.StatusNotFound
	}
	return v.alsoNeeds(operation)
}

// alsoNeeds says what operations ask for besides their row of the table.
func (v knock) alsoNeeds(operation string) int {
	allowed := true
	switch operation {
	case "listTokens", "issueToken", "revokeToken", "updatePerson", "handOverPerson", "updatePersonMessaging", "addAbsence", "removeAbsence",
		"unbindPerson", "sendInvitation":
		allowed = v.mayLookAfter()
	case "bindPerson": // kenji approves, ruth decides: a manager says of neither which account is theirs
		allowed = v.mayLookAfter() && (v.token != "ines" || v.at.person != "kenji" && v.at.person != "ruth")
	case "invitePerson": // the body names northgate
		allowed = v.token != "sara"
	case "sendTestMessage":
		allowed = v.mine()
	case "getCommand": // there is none with this key
		return http.StatusNotFound
	}
	if !allowed {
		return http.StatusForbidden
	}
	return http.StatusOK
}

// Every operation, every role: what one may not see is not there, what one may not do is forbidden.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.asks()
	w.serve(yesEngine{})
	tried := 0
	for _, path := range slices.Sorted(keysOf(w.check.doc.Paths.Map())) {
		for method, op := range w.check.doc.Paths.Value(path).Operations() {
			for _, at := range targets {
				for i, g := range guests {
					tried++
					w.ready(op, at, g, tried)
					c := call{who: g.token, method: method, path: w.fill(path, at, g, tried), body: w.bodyFor(op, g, tried)}
					got := w.send(c)
					status := got.Code
					if status < 300 {
						status = http.StatusOK
					}
					if want := want(g, op, path, at); status != want {
						t.Errorf("%s %s (%s) by guest %d %q: %d, want %d: %s", method, c.path, op.OperationID, i, g.token, got.Code, want, got.Body)
					}
				}
				if !varies(path) {
					break
				}
			}
		}
	}
	t.Logf("%d requests", tried)
}

// varies reports whether a path names something that differs from target to target.
func varies(path string) bool {
	return slices.ContainsFunc([]string{"{person}", "{task}", "{gate}", "{decision}", "{token}", "{message}", "{absence}"},
		func(param string) bool {
			return strings.Contains(path, param)
		})
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// fill puts a target into a path.
func (w *world) fill(path string, at target, g guest, n int) string {
	w.Helper()
	token := "t-none"
	if strings.Contains(path, "{token}") {
		firm := models.FirmID("acme")
		if strings.HasPrefix(g.token, "bright/") {
			firm = "bright"
		}
		token = w.tokenToRevoke(firm, models.PersonID(at.person))
	}
	return strings.NewReplacer("{client}", "northgate", "{function}", "it_lead", "{person}", at.person, "{token}", token, "{engagement}", "e1",
		"{task}", at.task, "{gate}", at.gate, "{decision}", at.decision, "{question}", at.question, "{key}", "no-such-key",
		"{workspace}", fmt.Sprint("ws-", n), "{message}", messageID(n), "{absence}", w.absence).Replace(path)
}

// tokenToRevoke makes a token of somebody's, in place of the one that it made before: nobody has many.
func (w *world) tokenToRevoke(firm models.FirmID, person models.PersonID) string {
	w.Helper()
	const label = "to revoke"
	s := w.root.For(firm)
	all, err := s.Tokens(w.Context(), person)
	for _, t := range all {
		if t.Label == label && t.RevokedAt.IsZero() && err == nil {
			_, err = s.RevokeToken(w.Context(), storeOnce, t.ID, monday)
		}
	}
	if err != nil {
		w.Fatal(err)
	}
	_, hash := session.NewToken()
	t, err := s.CreateToken(w.Context(), storeOnce, person, label, hash, time.Time{}, monday)
	if err != nil {
		w.Fatal(err)
	}
	return t.ID
}

var storeOnce = store.Once{}

// bodyFor makes a valid body of an operation, or none.
func (w *world) bodyFor(op *openapi3.Operation, g guest, n int) any {
	if op.RequestBody == nil {
		return nil
	}
	switch op.OperationID {
	case "invitePerson":
		if g.role == models.RoleSponsor {
			client := g.client
			if g.token == "sara" {
				client = "northgate"
			}
			return object{"name": "New", "role": "owner", "client": client, "time_zone": "UTC"}
		}
		return object{"name": "New", "role": "consultant", "time_zone": "UTC"}
	case "assignFunction":
		return object{"person": "kenji"}
	case "handOverPerson":
		return object{"check": true}
	case "addAbsence":
		day := models.Date{Year: 2030, Month: 1, Day: 1}.AddDays(n).String()
		return object{"from": day, "to": day}
	case "updatePersonMessaging":
		return object{"summary": n%2 == 0}
	case "updateMessaging":
		return object{"weekly_budget": 3 + n%50}
	case "updateFirm":
		return object{"name": fmt.Sprint("Renamed ", n)}
	case "updateWorkspace":
		return object{"name": fmt.Sprint("Renamed ", n)}
	case "bindPerson":
		return object{"user": fmt.Sprint("U", 1000+n)}
	case "addWorkspace":
		return object{"name": "HQ", "signing_secret": "0123456789abcdef"}
	case "updatePerson":
		return object{"name": fmt.Sprint("Renamed ", n)}
	case "draftEngagement":
		client := "northgate"
		if strings.HasPrefix(g.token, "bright/") {
			client = "eastwick"
		}
		return object{"client": client, "type": "soc2_type1", "categories": []string{"security"}, "kickoff": "2026-05-04", "partner": "marta",
			"manager": "ines"}
	case "startFromFile":
		return with(cedar(n), "draft", true)
	case "makePlan":
		return object{"type": "soc2_type1", "categories": []string{"security"}, "kickoff": "2026-05-04", "headcount": 60, "country": "US"}
	}
	return sample(op.RequestBody.Value.Content.Get("application/json").Schema.Value)
}

// sample makes a value that a schema allows, with the fields that are required.
func sample(s *openapi3.Schema) any {
	for len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	switch {
	case s.Example != nil:
		return s.Example
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("array"):
		return []any{sample(s.Items.Value)}
	case s.Type.Is("integer"):
		return 2
	case s.Type.Is("boolean"):
		return true
	case s.Type.Is("object"):
		out := object{}
		for _, name := range s.Required {
			out[name] = sample(s.Properties[name].Value)
		}
		if len(out) == 0 && s.MinProps > 0 {
			for _, name := range slices.Sorted(keysOf(s.Properties)) {
				out[name] = sample(s.Properties[name].Value)
				break
			}
		}
		return out
	}
	return "text"
}

// The table has a row for every operation of the document and none besides, and every role in every row.
func TestTableIsWhole(t *testing.T) {
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	known := map[engagement.Action]bool{}
	for _, op := range c.operations {
		known[op.action] = true
		if row, ok := engagement.Grants[op.action]; !ok || len(row) != len(models.Roles) {
			t.Errorf("%s is missing from the table", op.action)
		}
	}
	for action := range engagement.Grants {
		if !known[action] {
			t.Errorf("%s is in the table but not in the document", action)
		}
	}
}

// Lists show what is within reach and nothing else, whatever is asked for.
func TestListsShowWhatIsWithinReach(t *testing.T) {
	w := onSQLite(t)
	ids := func(who, path string) string {
		t.Helper()
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		w.get(who, path).is(200).into(&page)
		var out []string
		for _, x := range page.Items {
			out = append(out, x.ID)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	const everybody = "cleo hugo ines ivor kenji marta noor omar priya ruth sara vera"
	for _, x := range []struct{ who, engagements, clients, people string }{
		{"marta", "d1 e1 e2", "northgate westfield", everybody},
		{"vera", "d1 e1 e2", "northgate westfield", everybody},
		{"ines", "d1 e1", "northgate westfield", everybody},
		{"noor", "e2", "northgate westfield", everybody},
		{"priya", "d1 e1", "northgate", "cleo hugo ines ivor marta noor priya vera"},
		{"cleo", "e2", "westfield", "cleo hugo ines ivor marta noor priya vera"},
		{"ruth", "d1 e1", "northgate", "ines kenji ruth"},
		{"sara", "e2", "westfield", "noor omar sara"},
		{"kenji", "e1", "northgate", "ines kenji"},
		{"omar", "e2", "westfield", "noor omar"},
		{"hugo", "d1 e1", "-", "hugo ines"},
		{"ivor", "e2", "-", "ivor noor"},
		{"bright/marta", "e2 n1 nd1", "eastwick westfield", strings.Replace(everybody, "hugo", "gwen hugo", 1)},
		{"bright/ruth", "n1 nd1", "eastwick", "ines kenji ruth"},
	} {
		if got := ids(x.who, "/engagements"); got != x.engagements {
			t.Errorf("%s is shown the engagements %s, not %s", x.who, got, x.engagements)
		}
		if got := ids(x.who, "/engagements?client=westfield"); strings.Contains(got, "e1") ||
			got != "" && !strings.Contains(x.engagements, "e2") {
			t.Errorf("%s is shown the engagements %s of westfield", x.who, got)
		}
		if got := ids(x.who, "/people?limit=100"); got != x.people {
			t.Errorf("%s is shown the people %s, not %s", x.who, got, x.people)
		}
		if x.clients == "-" {
			w.get(x.who, "/clients").is(403)
		} else if got := ids(x.who, "/clients"); got != x.clients {
			t.Errorf("%s is shown the clients %s, not %s", x.who, got, x.clients)
		}
	}
	w.get("ruth", "/people?client=westfield").is(400)
	w.get("priya", "/people?client=westfield").is(400)
	if got := ids("priya", "/people?client=northgate"); got != "kenji ruth" {
		t.Errorf("priya is shown %s of northgate", got)
	}
	if got := ids("marta", "/people?inactive=true&role=consultant"); got != "cleo gwen priya" {
		t.Errorf("consultants: %s", got)
	}
	if got := ids("ines", "/engagements?q=of+acme&status=running&phase=kickoff&manager=ines&client=northgate"); got != "e1" {
		t.Errorf("all filters at once: %s", got)
	}
}
