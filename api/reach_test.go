package api

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A secret is a word that stands in one place of the world, and who may read it: whoever is shown one of its doors. What is internal is the
// firm's besides.
type secret struct {
	word     string
	doors    []string
	internal bool
}

// secrets are the words that the walk looks for. Those of tasks are planted by plant.
var secrets = []secret{
	{word: "quartzfalcon", doors: []string{"/engagements/e1/tasks/X-3"}},
	{word: "basaltheron", doors: []string{"/engagements/e1/tasks/X-3"}, internal: true},
	{word: "cobaltotter", doors: []string{"/engagements/e2/tasks/X-1"}},
	{word: "umberlynx", doors: []string{"/engagements/e2/tasks/X-1"}, internal: true},
	{word: "SOC 2 e1 of acme", doors: []string{"/engagements/e1"}},
	{word: "SOC 2 e2 of acme", doors: []string{"/engagements/e2"}},
	{word: "SOC 2 d1 of acme", doors: []string{"/engagements/d1"}},
	{word: "Northgate of acme", doors: []string{"/clients/northgate", "/engagements/e1", "/engagements/d1"}},
	{word: "Westfield of acme", doors: []string{"/clients/westfield", "/engagements/e2"}},
	{word: "kenji@acme.test", doors: []string{"/people/kenji"}},
	{word: "omar@acme.test", doors: []string{"/people/omar"}},
	{word: "cleo@acme.test", doors: []string{"/people/cleo"}},
	{word: `"internal":true`, doors: []string{"/engagements/e1/tasks/X-3", "/engagements/e2/tasks/X-1"}, internal: true},
}

// placed says of every operation that shows something which of the secrets it shows to the partner, at least: so that the walk looks where
// there is something to find. Who adds an operation places it here.
var placed = map[string]string{
	"getMe":              "",
	"getFirm":            "",
	"getCatalog":         "",
	"getFirmTimeline":    "SOC 2 e1 of acme, SOC 2 e2 of acme, SOC 2 d1 of acme",
	"listClients":        "Northgate of acme, Westfield of acme",
	"getClient":          "Northgate of acme, Westfield of acme",
	"listFunctions":      "",
	"getWork":            "quartzfalcon, cobaltotter, SOC 2 e1 of acme, SOC 2 e2 of acme",
	"listPeople":         "kenji@acme.test, omar@acme.test, cleo@acme.test",
	"getPerson":          "kenji@acme.test, omar@acme.test, cleo@acme.test",
	"listTokens":         "",
	"listInvitations":    "",
	"getPersonMessaging": "",
	"getMessaging":       "",
	"getMessagingHealth": "",
	"listMessages":       "kenji@acme.test, omar@acme.test",
	"getMessage":         "quartzfalcon, basaltheron, cobaltotter, umberlynx, kenji@acme.test, omar@acme.test",
	"listWorkspaces":     "",
	"getWorkspace":       "",
	"getManifest":        "",
	"getClientChannel":   "",
	"rehearseEngagement": "",
	"previewMessages":    "quartzfalcon",
	"listEngagements":    "SOC 2 e1 of acme, SOC 2 e2 of acme, SOC 2 d1 of acme, Northgate of acme, Westfield of acme",
	"getEngagement":      "SOC 2 e1 of acme, SOC 2 e2 of acme, SOC 2 d1 of acme, Northgate of acme, Westfield of acme",
	"getStatus":          "quartzfalcon, SOC 2 e1 of acme",
	"getPlan":            "",
	"getTimeline":        `"internal":true`,
	"listAllTasks":       "quartzfalcon, cobaltotter, SOC 2 e1 of acme, SOC 2 e2 of acme",
	"listChanges":        `"internal":true`,
	"listTasks":          "quartzfalcon, cobaltotter",
	"getTask":            `quartzfalcon, basaltheron, cobaltotter, umberlynx, "internal":true`,
	"listGates":          "",
	"listDecisions":      "",
	"getDecision":        "",
	"listQuestions":      "quartzfalcon, basaltheron, cobaltotter, umberlynx",
	"getCommand":         "",
}

// plant puts the secrets of tasks and messages where they belong: in e1 and e2 on a task of the firm's, in what was said about it, and in
// messages to those who know of it. It returns the ids of the messages.
func (w *world) plant() []string {
	w.Helper()
	s := w.root.For("acme")
	for i, x := range []struct {
		engagement       models.EngagementID
		manager, sponsor string
		other            models.PersonID
		shared, internal string
	}{{"e1", "ines", "ruth", "priya", "quartzfalcon", "basaltheron"}, {"e2", "noor", "sara", "cleo", "cobaltotter", "umberlynx"}} {
		e := "/engagements/" + string(x.engagement)
		task := e + "/tasks/" + []string{"X-3", "X-1"}[i]
		w.post(x.manager, e+"/tasks", object{"title": "Count the " + x.shared, "phase": catalog.PhaseKickoff, "owner": x.manager,
			"due": "2026-03-04"}).is(200)
		w.post(x.manager, task+"/comments", object{"text": "The fee for the " + x.internal + " is too low"}).is(200)
		w.post(x.manager, task+"/comments", object{"text": "Do you know of the " + x.internal + "?", "to": x.other}).is(200)
		w.post(x.sponsor, task+"/comments", object{"text": "We have no " + x.shared}).is(200)
		w.post(x.manager, task+"/comments", object{"text": "Then we wait for the " + x.shared, "to": x.sponsor}).is(200)
	}
	var ids []string
	say := func(to models.PersonID, kind reminders.DeliveryKind, words string, of ...models.EngagementID) {
		d := reminders.Delivery{ID: messageID(9000 + len(ids)), Kind: kind, Slot: "2026-03-02", Person: to, Channel: reminders.ChannelMail,
			Status: reminders.DeliveryScheduled, ScheduledAt: monday, NotAfter: monday.AddDate(0, 0, 1)}
		if _, err := s.Schedule(w.Context(), []store.NewDelivery{{Delivery: d}}, nil); err != nil {
			w.Fatal(err)
		}
		z := store.Frozen{Message: reminders.Message{Subject: "Your tasks", Intro: words}, Dest: "channel",
			Revisions: map[models.EngagementID]int64{}}
		if to != "" {
			z.Dest = string(to) + "@acme.test"
		}
		for _, id := range of {
			e, err := s.Engagement(w.Context(), id)
			if err != nil {
				w.Fatal(err)
			}
			z.Revisions[id] = e.Revision
		}
		if _, begun, err := s.Begin(w.Context(), d.ID, z, 0, monday); err != nil || begun != store.MaySend {
			w.Fatal(begun, err)
		}
		ids = append(ids, d.ID)
	}
	say("ruth", reminders.KindDigest, "quartzfalcon", "e1")
	say("ines", reminders.KindDigest, "quartzfalcon basaltheron", "e1", "d1")
	say("sara", reminders.KindDigest, "cobaltotter", "e2")
	say("noor", reminders.KindNow, "cobaltotter umberlynx", "e2")
	say("marta", reminders.KindDigest, "quartzfalcon basaltheron cobaltotter umberlynx", "e1", "e2")
	say("", reminders.KindCounts, "quartzfalcon", "e1")
	say("", reminders.KindPortfolio, "quartzfalcon cobaltotter", "e1", "e2")
	say("kenji", reminders.KindTest, "You asked for a test")
	say("omar", reminders.KindBinding, "Is this you?")
	return ids
}

// asksFor are the values that the walk names in a path or a query, besides those of an enumeration. Who adds a parameter says here what to
// name in it.
func asksFor(messages []string) map[string][]string {
	people := []string{"kenji", "omar", "cleo", "ines", "noor"}
	return map[string][]string{"client": {"northgate", "westfield"}, "person": people, "manager": people, "owner": people,
		"to": people, "by": people,
		"engagement": {"e1", "e2", "d1"}, "task": {"X-1", "X-2", "X-3", "KO-02"}, "decision": {"D-1", "D-2"},
		"message": messages, "workspace": {"hq"},
		"key": {"world-2", "no-such-key"}, "q": {"quartzfalcon", "cobaltotter", "of acme", "SOC"}, "subject": {"e1", "e2", "omar", "westfield"},
		"kind": {"engagement.created", "duty.set", "digest"}, "since": {"2026-03-01"}, "until": {"2026-03-09"}, "inactive": {"true"},
		"overdue": {"true"}, "open": {"true"}, "live": {"true"}, "due_from": {"2026-03-01"}, "due_to": {"2026-12-31"},
		"order": {"desc"}, "sort": {"-name"}}
}

// addresses are all addresses of an operation with what the walk names in its path, each alone and with one parameter of its query.
func addresses(t *testing.T, path string, op *openapi3.Operation, values map[string][]string) []string {
	t.Helper()
	out := []string{path}
	for name, all := range values {
		var filled []string
		for _, p := range out {
			if !strings.Contains(p, "{"+name+"}") {
				filled = append(filled, p)
				continue
			}
			for _, v := range all {
				filled = append(filled, strings.Replace(p, "{"+name+"}", v, 1))
			}
		}
		out = filled
	}
	if strings.HasPrefix(op.OperationID, "rehearse") || strings.HasPrefix(op.OperationID, "preview") { // each lives through years
		values, out = map[string][]string{"assume": {"on_time"}, "person": {"kenji"}}, out[:1]
	}
	bare := slices.Clone(out)
	for _, p := range op.Parameters {
		if p.Value.In != openapi3.ParameterInQuery || p.Value.Name == "cursor" || p.Value.Name == "limit" {
			continue
		}
		named := values[p.Value.Name]
		for _, v := range p.Value.Schema.Value.Enum {
			if len(named) < 3 {
				named = append(named, fmt.Sprint(v))
			}
		}
		if len(named) == 0 {
			t.Errorf("%s takes %s: say in asksFor what the walk names in it", op.OperationID, p.Value.Name)
		}
		for _, at := range bare {
			for _, v := range named {
				out = append(out, at+"?"+p.Value.Name+"="+url.QueryEscape(v))
			}
		}
	}
	if i := slices.IndexFunc(out, func(p string) bool { return strings.Contains(p, "{") }); i >= 0 {
		t.Errorf("%s has an address %s: say in asksFor what the walk names in it", op.OperationID, out[i])
	}
	return out
}

// A walk looks through doors as everybody, and notes what it finds.
type walk struct {
	*world
	kept  map[string][]string // by guest: the words that are not for them
	found map[string]bool     // operations with the words that they show to the partner
	tried int
}

// keep notes which words are not for a guest: those behind no door that is open to them, and those that are the firm's.
func (w *walk) keep(g guest) {
	w.Helper()
	for _, s := range secrets {
		shown := g.role != "" && slices.ContainsFunc(s.doors, func(door string) bool { return w.get(g.token, door).Code == 200 })
		if !shown || s.internal && g.role.Side() != models.SideFirm {
			w.kept[g.token] = append(w.kept[g.token], s.word)
		}
	}
}

// look looks through one door as one guest, and reports what is not for them.
func (w *walk) look(g guest, operation, at string) {
	w.Helper()
	got := w.get(g.token, at)
	w.tried++
	body := got.Body.String()
	for _, word := range w.kept[g.token] {
		if strings.Contains(body, word) && !strings.Contains(at, url.QueryEscape(word)) {
			w.Errorf("%s is shown %q by GET %s: %d: %s", g.token, word, at, got.Code, body)
		}
	}
	if got.Code >= 500 && got.Code != 503 || got.Code == 200 && g.role == "" { // a rehearsal takes its time on a slow machine
		w.Errorf("GET %s by %q: %d: %s", at, g.token, got.Code, body)
	}
	for _, s := range secrets {
		if g.token == "marta" && got.Code == 200 && strings.Contains(body, s.word) {
			w.found[operation+" "+s.word] = true
		}
	}
}

// missed reports what is placed and shows nothing: then the walk looks where there is nothing to find.
func (w *walk) missed(operations map[string]operationAt) {
	w.Helper()
	for id, words := range placed {
		if op, ok := operations[id]; !ok || op.method != "GET" {
			w.Errorf("%s is placed, and shows nothing", id)
		}
		for word := range strings.SplitSeq(words, ", ") {
			if word != "" && !w.found[id+" "+word] {
				w.Errorf("%s does not show %q to the partner: the walk looks where there is nothing", id, word)
			}
		}
	}
	for who, n := range map[string]int{"vera": 0, "marta": 0, "ines": 3, "noor": 4} {
		if len(w.kept[who]) != n {
			w.Errorf("from %s is kept %v", who, w.kept[who])
		}
	}
}

// The law of reach: whoever looks through whichever door, with whatever it can be asked for, is shown nothing of what is not shown to them
// where it stands; and of what is internal nobody is shown anything but the firm's people (F14, F15).
func TestReachIsTheSameThroughEveryDoor(t *testing.T) {
	t.Parallel()
	w := &walk{world: onSQLite(t), kept: map[string][]string{}, found: map[string]bool{}}
	values := asksFor(w.plant())
	if _, err := w.root.For("acme").AddWorkspace(t.Context(), storeOnce, reminders.Workspace{ID: "hq", Name: "HQ",
		Secrets: reminders.WorkspaceSecrets{Signing: "0123456789abcdef"}}, monday); err != nil {
		t.Fatal(err)
	}
	for _, g := range guests {
		w.keep(g)
	}
	operations := w.operations()
	for id, op := range operations {
		if op.method != "GET" {
			continue
		}
		if _, ok := placed[id]; !ok {
			t.Errorf("%s is not placed: say in placed what it shows", id)
			continue
		}
		for _, at := range addresses(t, op.path, op.Operation, values) {
			for _, g := range guests {
				w.look(g, id, at)
			}
		}
	}
	w.missed(operations)
	t.Logf("%d requests", w.tried)
}

// What a manager who is on no engagement of a client sees of it: who it is, its people and what they are for, and nothing of what happens
// in its engagements: nor by the messages about them, which they cannot have sent again (F14).
func TestAManagerWhoIsOnNoEngagementOfAClient(t *testing.T) {
	both(t, func(w *world) {
		ids := w.plant()
		for _, open := range []string{"/clients/northgate", "/clients/northgate/functions", "/people/kenji", "/people?client=northgate",
			"/people/kenji/messaging", "/messaging/health"} {
			w.get("noor", open).is(200)
		}
		for _, shut := range []string{"/engagements/e1", "/engagements/e1/tasks", "/engagements/e1/timeline", "/engagements/e1/rehearsal",
			"/messages/" + ids[0], "/messages/" + ids[1], "/messages/" + ids[4], "/messages/" + ids[5], "/messages/" + ids[6]} {
			w.get("noor", shut).is(404)
		}
		list := func(who, path string) (out []string) {
			var page struct{ Items []struct{ ID string } }
			w.get(who, path).is(200).into(&page)
			for _, m := range page.Items {
				out = append(out, m.ID)
			}
			slices.Sort(out)
			return out
		}
		for _, x := range []struct {
			who  string
			want []int // of ids
		}{{"marta", []int{0, 1, 2, 3, 4, 5, 6, 7, 8}}, {"ines", []int{0, 1, 5, 7, 8}}, {"noor", []int{2, 3, 7, 8}}, {"priya", nil},
			{"ruth", []int{0}}} {
			var want []string
			for _, i := range x.want {
				want = append(want, ids[i])
			}
			if got := list(x.who, "/messages"); !slices.Equal(got, want) {
				w.Errorf("%s is shown the messages %v, want %v", x.who, got, want)
			}
		}
		if got := list("noor", "/messages?engagement=e1"); len(got) > 0 {
			w.Errorf("noor is shown %v about e1", got)
		}
		w.post("noor", "/messages/"+ids[0]+"/resend", nil).is(404)
		w.post("ines", "/messages/"+ids[0]+"/resend", nil).is(409) // it is being sent: she sees it
	})
}
