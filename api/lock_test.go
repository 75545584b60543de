package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A resident is somebody of Acme, with the engagement that they, or their company, are on.
type resident struct {
	id     string
	role   models.Role
	client models.ClientID
	on     string
}

var residents = []resident{{"marta", models.RolePartner, "", "e1"}, {"vera", models.RolePartner, "", "e2"},
	{"ines", models.RoleManager, "", "e1"}, {"noor", models.RoleManager, "", "e2"},
	{"priya", models.RoleConsultant, "", "e1"}, {"cleo", models.RoleConsultant, "", "e2"},
	{"ruth", models.RoleSponsor, "northgate", "e1"}, {"sara", models.RoleSponsor, "westfield", "e2"},
	{"kenji", models.RoleOwner, "northgate", "e1"}, {"omar", models.RoleOwner, "westfield", "e2"},
	{"hugo", models.RoleAuditor, "", "e1"}, {"ivor", models.RoleAuditor, "", "e2"}}

// looksAfter says in the words of the trade who changes what is another's: partners everybody's, managers that of those with whom they
// work and who are no managers, sponsors that of their company.
func (r resident) looksAfter(x resident) bool {
	switch r.role {
	case models.RolePartner:
		return true
	case models.RoleManager:
		return r.on == x.on && x.role != models.RolePartner && x.role != models.RoleManager
	case models.RoleSponsor:
		return r.client == x.client
	}
	return false
}

// sees says whether somebody is shown another person.
func (r resident) sees(x resident) bool {
	switch r.role {
	case models.RolePartner, models.RoleManager:
		return true
	case models.RoleConsultant:
		return x.client == "" || r.on == x.on
	case models.RoleSponsor:
		return r.client == x.client
	}
	return r.id == x.id
}

// gets says what somebody gets who does something that changes what is another's, or their own.
func (r resident) gets(operation string, x resident) int {
	reach := engagement.ReachOf(r.role, engagement.Action(operation))
	switch {
	case !r.sees(x):
		return http.StatusNotFound
	case reach == engagement.ReachNone, r.id != x.id && (reach == engagement.ReachOwn || !r.looksAfter(x)):
		return http.StatusForbidden
	case operation == "bindPerson" && r.role == models.RoleManager && r.id != x.id && x.decides():
		return http.StatusForbidden
	}
	return http.StatusOK
}

// decides says whether somebody decides or approves: sponsors, auditors, and Kenji, who leads security.
func (r resident) decides() bool {
	return r.role == models.RoleSponsor || r.role == models.RoleAuditor || r.id == "kenji"
}

// The law of what is somebody's: whatever operation changes another person's record, token, account, absence or messages, whoever sends
// it and whomever it is about, the API answers 403 or 404 exactly where May refuses, which is where they do not look after that
// person; what passes is in the firm's record, by whom and about whom, and what is refused is not. Standing in for Ines makes Noor nobody
// by whom her people are looked after.
func TestWhoChangesWhatIsSomebodys(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.away("ines", "noor")
	operations, n, tried := w.operations(), 0, map[int]int{}
	for _, id := range []string{"updatePerson", "issueToken", "revokeToken", "updatePersonMessaging", "addAbsence", "removeAbsence",
		"bindPerson", "unbindPerson", "sendInvitation"} {
		op := operations[id]
		for _, r := range residents {
			for _, x := range residents {
				n++
				at, g := target{person: x.id}, guest{token: r.id, role: r.role, client: r.client}
				w.ready(op.Operation, at, g, n)
				path, body := w.fill(op.path, at, g, n), w.bodyFor(op.Operation, g, n)
				if id == "updatePersonMessaging" { // always something else
					body = object{"digest_at": fmt.Sprintf("%02d:%02d", 9+n/60%8, n%60)}
				}
				before := w.recorded()
				got := w.send(call{who: r.id, method: op.method, path: path, body: body})
				w.holdsTheLaw(id, r, x, got, before)
				tried[got.Code/100*100]++
			}
		}
	}
	if n != 9*12*12 || tried[200] < 100 || tried[400] < 100 {
		t.Errorf("%d requests: %v", n, tried)
	}
}

// recorded returns the newest event of the firm's record.
func (w *world) recorded() engagement.Event {
	w.Helper()
	all, _, err := w.root.For("acme").FirmEvents(w.Context(), store.EventFilter{Newest: true}, "", 1)
	if err != nil || len(all) != 1 {
		w.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

// holdsTheLaw holds an answer against what the trade says, what the lock says and what is in the record.
func (w *world) holdsTheLaw(id string, r, x resident, got reply, before engagement.Event) {
	w.Helper()
	status := got.Code
	if status < 300 {
		status = http.StatusOK
	}
	if want := r.gets(id, x); status != want {
		w.Errorf("%s: %s for %s: %d, want %d: %s", id, r.id, x.id, got.Code, want, got.Body)
	}
	s := w.root.For("acme")
	p, err := s.Person(w.Context(), models.PersonID(r.id))
	if err != nil {
		w.Fatal(err)
	}
	a, err := s.Actor(w.Context(), p, w.now)
	if err != nil {
		w.Fatal(err)
	}
	whom, err := s.SeesPerson(w.Context(), a, models.PersonID(x.id))
	if err == nil {
		on, failed := s.Meet(w.Context(), a, whom)
		if failed != nil {
			w.Fatal(failed)
		}
		err = a.May(engagement.Action(id), &on)
	}
	if (err == nil) != (status == http.StatusOK) {
		w.Errorf("%s: %s for %s: %d, and the lock says %v", id, r.id, x.id, got.Code, err)
	}
	after := w.recorded()
	if status != http.StatusOK && after.Seq != before.Seq {
		w.Errorf("%s: %s for %s is refused, and recorded as %+v", id, r.id, x.id, after)
	}
	if status == http.StatusOK && (after.Seq == before.Seq || after.Actor != models.PersonID(r.id) || after.Subject != x.id) {
		w.Errorf("%s: %s for %s passes, and the record ends with %+v", id, r.id, x.id, after)
	}
}

// Partners alone connect a workspace, change its secrets, have the app installed and remove it; each is recorded, and of secrets which was
// changed and never what it is.
func TestWorkspacesAreForPartners(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	operations := w.operations()
	for n, id := range []string{"addWorkspace", "updateWorkspace", "installWorkspace", "removeWorkspace"} {
		op := operations[id]
		for i, r := range residents {
			g := guest{token: r.id, role: r.role, client: r.client}
			w.ready(op.Operation, target{}, g, 100*n+i)
			before := w.recorded()
			got := w.send(call{who: r.id, method: op.method, path: w.fill(op.path, target{}, g, 100*n+i),
				body: w.bodyFor(op.Operation, g, 100*n+i)})
			after, partner := w.recorded(), r.role == models.RolePartner
			if partner != (got.Code < 300) || !partner && got.Code != http.StatusForbidden {
				w.Errorf("%s: %s: %d %s", id, r.id, got.Code, got.Body)
			}
			if partner != (after.Seq > before.Seq) || partner && (after.Actor != models.PersonID(r.id) ||
				!strings.HasPrefix(after.Kind, "workspace.")) {
				w.Errorf("%s: %s: the record goes on with %+v", id, r.id, after)
			}
		}
	}
	w.ready(operations["updateWorkspace"].Operation, target{}, guest{token: "marta"}, 900)
	const secret = "feedfacefeedfacefeedface"
	w.patch("ines", "/slack/workspaces/ws-900", object{"signing_secret": secret}).is(403)
	w.patch("marta", "/slack/workspaces/ws-900", object{"signing_secret": secret, "client_secret": secret}).is(200)
	all, _, err := w.root.For("acme").FirmEvents(w.Context(), store.EventFilter{Newest: true}, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, e := range all {
		fields = append(fields, e.Kind+" "+e.Field+" "+e.From+e.To)
	}
	slices.Sort(fields)
	if got := strings.Join(fields, ", "); got != "workspace.updated client_secret changed, workspace.updated signing_secret changed" {
		t.Errorf("recorded: %s", got)
	}
}

// Noor says that an account is Ruth's, whom she does not work with: no. Nor does Ines, since Ruth decides. Marta does, in a workspace that
// is trusted: the account is asked all the same, Ruth reads of it where she was reached before, and the record says who said so.
func TestAnAccountIsTakenForSomebodys(t *testing.T) {
	both(t, func(w *world) {
		fake, app := w.slack()
		w.post("marta", "/slack/workspaces", object{"id": "hq", "name": "Acme", "token": app.Token, "signing_secret": app.SigningSecret,
			"trusted": true}).is(201)
		for _, id := range []string{"URUTH", "UEVIL"} {
			mail := map[string]string{"URUTH": "ruth@acme.test", "UEVIL": "evil@private.test"}[id]
			if _, err := fake.AddUser("THQ", slackfake.User{ID: id, Name: strings.ToLower(id), Email: mail}); err != nil {
				w.Fatal(err)
			}
		}
		w.sweep()
		bound := func() (accounts []string) {
			all, err := w.root.For("acme").Bindings(w.Context(), "ruth")
			if err != nil {
				w.Fatal(err)
			}
			for _, b := range all {
				accounts = append(accounts, b.User+" "+string(b.State))
			}
			return accounts
		}
		if got := fmt.Sprint(bound()); got != "[URUTH confirmed]" {
			w.Fatalf("found by her address: %s", got)
		}
		bind := func(who string) reply {
			return w.send(call{who: who, method: "PUT", path: "/people/ruth/slack/hq", body: object{"user": "UEVIL"}})
		}
		bind("noor").is(403)
		bind("ruth").is(403)
		bind("ines").is(403)
		bind("marta").is(200)
		if e := w.recorded(); e.Kind != "person.bound" || e.Actor != "marta" || e.Subject != "ruth" || e.Field != "hq" ||
			e.From != "URUTH confirmed" || e.To != "UEVIL asked" || fmt.Sprint(bound()) != "[UEVIL asked]" {
			w.Errorf("%v, recorded as %+v", bound(), e)
		}
		w.sweep()
		var old, asked string
		for _, m := range fake.MessagesTo("THQ", "URUTH") {
			old += m.Text
		}
		for _, m := range fake.MessagesTo("THQ", "UEVIL") {
			asked += m.Text
		}
		if !strings.Contains(old, "Marta of acme says that you have another account") || !strings.Contains(asked, "Is this you?") ||
			strings.Contains(asked, "another account") {
			w.Errorf("the former account reads %q, the other %q", old, asked)
		}
	})
}

// A token that somebody makes for themselves is nobody's news; of one that her partner makes for her Ruth reads, and the record says so.
func TestATokenMadeForSomebody(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.post("ruth", "/people/ruth/tokens", object{"name": "mine"}).is(201)
	w.post("ines", "/people/ruth/tokens", object{"name": "theirs"}).is(403)
	told := func() int {
		all, _, err := w.root.For("acme").Deliveries(w.Context(), store.DeliveryFilter{Person: "ruth"}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, d := range all {
			if d.Message != nil && d.Message.Subject == "A token was made for you" && strings.Contains(d.Message.Text()+d.Message.Intro, "Marta") {
				n++
			}
		}
		return n
	}
	if n := told(); n != 0 {
		t.Errorf("she is told %d times of her own", n)
	}
	w.post("marta", "/people/ruth/tokens", object{"name": "hers"}).is(201)
	if e := w.recorded(); e.Kind != "token.created" || e.Actor != "marta" || e.Subject != "ruth" || told() != 1 {
		t.Errorf("she is told %d times; recorded: %+v", told(), e)
	}
}

// Who notes the absence of somebody else does not take their place; who is away names whom they like.
func TestNobodyTakesAnothersPlace(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	days := object{"from": "2026-03-02", "to": "2026-03-06", "stand_in": "ines"}
	w.post("ines", "/people/marta/absences", days).is(403) // she does not look after her
	w.post("ines", "/people/priya/absences", days).is(403) // nor takes the place of whom she looks after
	w.patch("ines", "/people/marta/messaging", object{"prefer": "mail"}).is(403)
	days["stand_in"] = "cleo"
	w.post("ines", "/people/priya/absences", days).is(201)
	days["stand_in"] = "ines"
	w.post("marta", "/people/marta/absences", days).is(201)
	days["stand_in"] = "ruth"
	w.post("ruth", "/people/kenji/absences", days).is(403)
	w.post("kenji", "/people/kenji/absences", days).is(201)
	w.patch("noor", "/people/ruth", object{"email": "noor@private.test"}).is(403)
	w.patch("ines", "/people/ruth", object{"email": "ruth@private.test"}).is(403) // she decides
	w.patch("marta", "/people/ruth", object{"email": "ruth@private.test"}).is(200)
}

// The law of addresses: whoever gives whomever another address, it passes where the trade says so, and then whose it is is told, once, at
// the address before; what is refused tells nobody and leaves the address. The address of who decides (sponsors, the auditors and Kenji,
// who is the security lead) is for those who may make tokens for them.
func TestWhoseAddressChangesIsToldWhereTheyWere(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	n, passed := 0, 0
	for _, r := range residents {
		for _, x := range residents {
			if n++; w.moves(r, x, fmt.Sprintf("%s-%d@acme.test", x.id, n)) {
				passed++
			}
		}
	}
	if n != 144 || passed != 29 { // partners all, managers three, sponsors one each
		t.Errorf("%d of %d passed", passed, n)
	}
}

// readdresses says in the words of the trade who gives whom another address.
func (r resident) readdresses(x resident) bool {
	if r.role == models.RolePartner || r.id == x.id || r.gets("updatePerson", x) != http.StatusOK {
		return r.role == models.RolePartner
	}
	decides := x.role == models.RoleSponsor || x.role == models.RoleAuditor || x.id == "kenji"
	return !decides || r.role == models.RoleSponsor
}

// moves has somebody give another an address, holds the answer and what is told against the law, and reports whether it passed.
func (w *world) moves(r, x resident, to string) bool {
	w.Helper()
	s := w.root.For("acme")
	was, err := s.Person(w.Context(), models.PersonID(x.id))
	if err != nil {
		w.Fatal(err)
	}
	got, may := w.patch(r.id, "/people/"+x.id, object{"email": to}), r.readdresses(x)
	is, err := s.Person(w.Context(), was.ID)
	if err != nil || (got.Code == http.StatusOK) != may || (is.Email == to) != may {
		w.Errorf("%s for %s: %d %s; it is %s: %v", r.id, x.id, got.Code, got.Body, is.Email, err)
	}
	told := 0
	all, _, err := s.Deliveries(w.Context(), store.DeliveryFilter{}, "", 500)
	if err != nil {
		w.Fatal(err)
	}
	for _, d := range all {
		if d.Slot != fmt.Sprintf("address/%s/%d", x.id, was.Revision) {
			continue
		}
		if told++; d.Dest != was.Email || d.Person != "" || d.Message.Subject != "Your mail address was changed" {
			w.Errorf("%s is told %q at %q", x.id, d.Message.Subject, d.Dest)
		}
	}
	if want := may && was.Email != ""; (told == 1) != want || told > 1 {
		w.Errorf("%s for %s: told %d times", r.id, x.id, told)
	}
	return may
}

// Ines is Northgate's manager: once the work has begun she seats no sponsor of her own, neither by an invitation, nor by a role, nor by the
// function; nor makes Priya the auditor, nor does anybody. Ruth and Marta choose the sponsor.
func TestNobodyFillsTheSeatsOfOthers(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	evil := object{"name": "Eve", "id": "eve", "client": "northgate", "role": "sponsor", "email": "eve@ines.test", "time_zone": "UTC"}
	w.post("ines", "/people", evil).is(403)
	function := func(who string, body object) reply {
		return w.send(call{who: who, method: "PUT", path: "/clients/northgate/functions/sponsor", body: body})
	}
	w.patch("ines", "/people/kenji", object{"role": "sponsor"}).is(403)
	w.patch("ines", "/people/ruth", object{"role": "owner"}).is(403)
	function("ines", object{"person": "kenji"}).is(403)
	function("ines", object{"person": "ruth", "backup": "kenji"}).is(403)
	w.patch("ines", "/people/ruth", object{"active": false}).is(200) // who has left does not make way for hers
	w.post("ines", "/people", evil).is(403)
	w.patch("ines", "/people/ruth", object{"active": true}).is(403)
	w.patch("marta", "/people/ruth", object{"active": true}).is(200)
	for _, who := range []string{"ines", "marta"} {
		var problem struct{ Field, Detail string }
		w.patch(who, "/people/priya", object{"role": "auditor"}).is(400).into(&problem)
		if problem.Field != "role" || !strings.Contains(problem.Detail, "changes sides") {
			t.Errorf("%s: %+v", who, problem)
		}
	}
	w.patch("ines", "/engagements/d1", object{"consultants": []string{}, "auditor": "priya"}).is(400)
	w.post("marta", "/people", evil).is(201)
	function("marta", object{"person": "ruth", "backup": "eve"}).is(200)
}

// Once the work has begun Ines, the manager, neither says which account is Ruth's, who decides, nor takes from Kenji that he leads
// security, even for a day: who may make tokens for them does, and he is told with the change. A function that nobody holds she gives.
func TestNobodyTakesTheAccountOrFunctionOfWhoDecides(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	bind := func(who, whom string) reply {
		return w.send(call{who: who, method: "PUT", path: "/people/" + whom + "/slack/none", body: object{"user": "U0EVIL"}})
	}
	bind("ines", "ruth").is(403)
	bind("ines", "kenji").is(403)
	bind("marta", "ruth").is(404) // she may: there is no such workspace
	function := func(who, id string, body object) reply {
		return w.send(call{who: who, method: "PUT", path: "/clients/northgate/functions/" + id, body: body})
	}
	told := func() (n int) {
		all, _, err := w.root.For("acme").Deliveries(w.Context(), store.DeliveryFilter{}, "", 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			if d.Message != nil && d.Message.Subject == "A function was taken from you" && d.Person == "kenji" {
				n++
			}
		}
		return n
	}
	function("ines", "security_lead", object{"person": "priya"}).is(403)
	function("ines", "security_lead", object{"person": "kenji", "no_backup": true}).is(403) // Ruth is the backup
	function("ines", "security_lead", object{"person": "kenji"}).is(200)                    // who stays so where nobody says otherwise
	function("ines", "security_lead", object{"person": "kenji", "backup": "ruth"}).is(200)
	if n := told(); n != 0 {
		t.Errorf("Kenji is told %d times of what was not done", n)
	}
	for _, nobody := range []object{{}, {"person": ""}, {"person": nil}, {"backup": "ruth"}} { // nobody can make it nobody's
		function("ines", "security_lead", nobody).is(400)
		function("marta", "security_lead", nobody).is(400)
	}
	function("marta", "security_lead", object{"person": "ruth"}).is(200)
	if n := told(); n != 1 {
		t.Errorf("Kenji is told %d times that a function was taken from him", n)
	}
}

// What is not there and what is not shown to somebody are refused in the same words, whoever is named.
func TestNotThereAndNotYoursAreOne(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	task := "/engagements/e1/tasks/X-1"
	for path, body := range map[string]func(id string) object{
		task + "/assign": func(id string) object { return object{"person": id} },
		task + "/hand-over": func(id string) object {
			return object{"person": id, "reason": "it is theirs"}
		},
		task + "/comments": func(id string) object { return object{"to": id, "text": "look"} },
		task + "/split": func(id string) object {
			return object{"reason": "two people", "title": "The rest", "owner": id, "due": "2026-04-01"}
		},
		"/people/ruth/absences": func(id string) object {
			return object{"from": "2026-04-01", "to": "2026-04-02", "stand_in": id}
		},
	} {
		said := map[string]bool{}
		for _, id := range []string{"nobody", "cleo", "omar", "gwen"} {
			got := w.post("ruth", path, body(id))
			var problem struct{ Detail string }
			got.is(400).into(&problem)
			said[strings.ReplaceAll(problem.Detail, fmt.Sprintf("%q", id), "X")] = true
			if strings.Contains(problem.Detail, "of acme") {
				t.Errorf("%s names whom she is not shown: %s", path, problem.Detail)
			}
		}
		if len(said) != 1 {
			t.Errorf("%s tells them apart: %v", path, said)
		}
	}
}

// Owners see an engagement from its start on, the sponsor from its draft, neither a draft that was cancelled; in lists as by name.
func TestDraftsAtTheClient(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	listed := func(who string) bool {
		var page struct{ Items []struct{ ID string } }
		w.get(who, "/engagements").is(200).into(&page)
		return slices.ContainsFunc(page.Items, func(x struct{ ID string }) bool { return x.ID == "d1" })
	}
	sees := func(who string, want bool) {
		t.Helper()
		if got := w.get(who, "/engagements/d1").Code; got == 200 != want || listed(who) != want {
			t.Errorf("%s sees d1: %d, in the list: %v", who, got, listed(who))
		}
	}
	sees("kenji", false)
	sees("ruth", true)
	w.post("marta", "/engagements/d1/cancel", object{"reason": "they chose another firm", "confirm": "d1"}).is(200)
	sees("kenji", false)
	sees("ruth", false)
	sees("ines", true)
}

// Cleo stands in for Priya: neither the engagement by its name nor the list of engagements tells her why it is late.
func TestAStandInIsNotToldWhyItIsLate(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.now = monday.AddDate(0, 0, 60)
	f, err := w.root.For("acme").Facts(t.Context(), "e1", engagement.Need{})
	if err != nil {
		t.Fatal(err)
	}
	w.post("ines", "/engagements/e1/tasks/X-1/comments", object{"text": "late"}).is(200) // the summary is made anew by a command
	w.away("priya", "cleo")
	reason := func(who string) (byName, listed string) {
		var e struct{ Reason string }
		w.get(who, "/engagements/e1").is(200).into(&e)
		var page struct{ Items []struct{ ID, Reason string } }
		w.get(who, "/engagements").is(200).into(&page)
		for _, x := range page.Items {
			if x.ID == "e1" {
				listed = x.Reason
			}
		}
		return e.Reason, listed
	}
	if one, all := reason("priya"); one == "" || all == "" {
		t.Fatalf("%s: nobody is late: %q, %q", f.Engagement.ID, one, all)
	}
	for _, who := range []string{"cleo", "kenji"} {
		if one, all := reason(who); one+all != "" {
			t.Errorf("%s is told %q and %q", who, one, all)
		}
	}
}

// People of Northgate have Slack forget who Kenji is there. About a workspace of Westfield's they hear what they hear of one that nobody
// has. In their own and in the firm's there is nobody afterwards, whether somebody was known or not: that they do not learn.
func TestForgettingWhoSomebodyIsTellsOfNoOtherClient(t *testing.T) {
	both(t, func(w *world) {
		s := w.root.For("acme")
		for id, client := range map[string]models.ClientID{"firms": "", "ours": "northgate", "theirs": "westfield"} {
			_, err := s.AddWorkspace(w.Context(), storeOnce, reminders.Workspace{ID: id, Name: id, Client: client,
				Secrets: reminders.WorkspaceSecrets{Signing: "0123456789abcdef"}}, monday)
			if err != nil {
				w.Fatal(err)
			}
		}
		if err := s.Bind(w.Context(), reminders.Binding{Person: "kenji", Workspace: "ours", User: "U1", State: reminders.BindingConfirmed}, true,
			monday); err != nil {
			w.Fatal(err)
		}
		forget := func(who, workspace string) reply {
			return w.send(call{who: who, method: "DELETE", path: "/people/kenji/slack/" + workspace})
		}
		detail := func(r reply) string {
			var p struct{ Detail string }
			r.into(&p)
			return p.Detail
		}
		for _, who := range []string{"ruth", "kenji"} {
			there, nowhere := forget(who, "theirs"), forget(who, "nowhere")
			there.is(404)
			nowhere.is(404)
			if a, b := detail(there), strings.ReplaceAll(detail(nowhere), "nowhere", "theirs"); a != b {
				w.Errorf("%s hears %q of Westfield's, and of one that nobody has %q", who, a, b)
			}
			forget(who, "firms").is(204)
			forget(who, "ours").is(204) // Ruth's is the one that forgets
		}
		forget("marta", "ours").is(404)
		all, err := s.Bindings(w.Context(), "kenji")
		if err != nil || len(all) != 0 {
			w.Errorf("known is %+v, %v", all, err)
		}
	})
}
