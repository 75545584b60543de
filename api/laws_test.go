package api

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// onStore keeps an engagement in the world's database.
type onStore struct {
	ctx context.Context
	s   *store.Store
	id  models.EngagementID
}

func (k onStore) Load(need engagement.Need) (*engagement.Facts, error) {
	return k.s.Facts(k.ctx, k.id, need)
}

func (k onStore) Change(need engagement.Need, now time.Time, decide func(*engagement.Facts) (string, error)) error {
	_, _, err := k.s.Change(k.ctx, k.id, store.Once{}, need, now, func(f *engagement.Facts, _ time.Time) (string, error) { return decide(f) })
	return err
}

// dryEngine decides every command by the real rules and keeps nothing. It notes whether Permits let the last one pass.
type dryEngine struct {
	root *store.Root
	now  func() time.Time

	asked   bool
	permits error
}

func (e *dryEngine) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	f, err := e.root.For(ref.Firm).Facts(ctx, ref.Engagement, engagement.NeedOf(c))
	if err != nil {
		return engagement.Result{}, err
	}
	e.asked, e.permits = true, f.Permits(c.Actor, c, e.now())
	_, err = engagement.Decide(f, c, e.now())
	return engagement.Result{Revision: f.Engagement.Revision}, err
}

// away notes that somebody is away for years, and who stands in.
func (w *world) away(who, standIn models.PersonID) {
	w.Helper()
	today := models.DateIn(w.now, models.Zone("America/New_York"))
	for year := range 4 {
		from := today.AddDays(365 * year)
		_, err := w.root.For("acme").AddAbsence(w.Context(), store.Once{},
			reminders.Absence{Person: who, StandIn: standIn, Days: planning.Span{Start: from, End: from.AddDays(364)}}, w.now)
		if err != nil {
			w.Fatal(err)
		}
	}
}

// operations are the operations of the API by their ids.
func (w *world) operations() map[string]operationAt {
	out := map[string]operationAt{}
	for path, item := range w.check.doc.Paths.Map() {
		for method, op := range item.Operations() {
			out[op.OperationID] = operationAt{path, method, op}
		}
	}
	return out
}

type operationAt struct {
	path, method string
	*openapi3.Operation
}

// The law of the one lock at the API: whatever the command, the role, whom somebody stands in for and the state of things, the API answers
// 403 or 404 exactly where Permits refuses. The states come from a story through all phases, five of each.
func TestTheAPIRefusesWhatPermitsRefuses(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.away("priya", "cleo")
	w.away("ines", "noor")
	w.away("ruth", "kenji")
	dry := &dryEngine{root: w.root, now: func() time.Time { return w.now }}
	w.serve(dry)
	law := &law{world: w, dry: dry, operations: w.operations(), r: rand.New(rand.NewPCG(8, 2)), tried: map[string]int{}}
	story := modelstest.Story{Keeper: onStore{t.Context(), w.root.For("acme"), "e1"}, Now: monday, Chance: rand.New(rand.NewPCG(8, 3))}
	moments := map[catalog.Phase]int{}
	err := story.Moments(func(p catalog.Phase, f *engagement.Facts) {
		moments[p]++
		w.now = story.Now
		for _, g := range guests {
			if g.role != "" && !strings.HasPrefix(g.token, "bright/") {
				law.everyCommand(g, f)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range w.root.Catalog.Phases {
		if moments[p.ID] < modelstest.PerPhase-2 { // some phases are over sooner than planned
			t.Errorf("%d moments of %s", moments[p.ID], p.ID)
		}
	}
	if law.tried["200"] < 200 || law.tried["403"] < 500 || law.tried["404"] < 500 || law.tried["409"] < 100 {
		t.Errorf("the law was tried too little: %v", law.tried)
	}
	t.Logf("%v: %v", moments, law.tried)
}

// A law is held against what is sent.
type law struct {
	*world
	dry        *dryEngine
	operations map[string]operationAt
	r          *rand.Rand
	tried      map[string]int
}

// everyCommand has a guest send each command about something that it may name, chosen by chance.
func (l *law) everyCommand(g guest, f *engagement.Facts) {
	for _, info := range engagement.Commands() {
		if l.r.IntN(4) > 0 {
			continue
		}
		at := target{task: "X-99", gate: "G-XX-9", decision: "D-99", question: "Q-99"}
		if n := len(f.Tasks); n > 0 && l.r.IntN(8) > 0 {
			at.task = string(l.some(g, f))
		}
		if n := len(f.Gates); n > 0 && l.r.IntN(8) > 0 {
			at.gate = f.Gates[l.r.IntN(n)].ID
		}
		if n := len(f.Decisions); n > 0 && l.r.IntN(8) > 0 {
			at.decision = f.Decisions[l.r.IntN(n)].ID
		}
		if n := len(f.Questions); n > 0 && l.r.IntN(8) > 0 {
			at.question = f.Questions[l.r.IntN(n)].ID
		}
		l.one(g, info, at)
	}
}

// some returns a task, half of the time one that is somebody's whom the guest is or stands in for.
func (l *law) some(g guest, f *engagement.Facts) models.TaskID {
	people := []models.PersonID{models.PersonID(g.id())}
	if whom, ok := map[string]models.PersonID{"cleo": "priya", "noor": "ines", "kenji": "ruth"}[g.id()]; ok {
		people = append(people, whom)
	}
	theirs := slices.DeleteFunc(slices.Clone(f.Tasks), func(t *engagement.Task) bool {
		return !slices.Contains(people, t.Owner) && !slices.Contains(people, t.Approver)
	})
	if len(theirs) > 0 && l.r.IntN(2) == 0 {
		return theirs[l.r.IntN(len(theirs))].ID
	}
	return f.Tasks[l.r.IntN(len(f.Tasks))].ID
}

// one sends a command and holds the answer against what Permits says.
func (l *law) one(g guest, info engagement.CommandInfo, at target) {
	l.Helper()
	op := l.operations[string(info.Action)]
	path := strings.NewReplacer("{engagement}", "e1", "{task}", at.task, "{gate}", at.gate, "{decision}", at.decision,
		"{question}", at.question).Replace(op.path)
	l.dry.asked, l.dry.permits = false, nil
	got := l.send(call{who: g.token, method: op.method, path: path, body: l.bodyFor(op.Operation, g, 1)})
	l.tried[fmt.Sprint(got.Code)]++
	denied := got.Code == http.StatusForbidden || got.Code == http.StatusNotFound
	permits := l.dry.permits
	if !l.dry.asked { // refused at the door: by the same questions, or for what it says
		permits = l.permits(g, info, at)
	}
	malformed := got.Code == http.StatusBadRequest && !l.dry.asked // by the document, or by Decide before it asks who sends it
	if denied != (permits != nil) && !malformed {
		l.Errorf("%s: %s sends %s %+v: %d, and Permits says %v: %s", l.now, g.token, info.Kind, at, got.Code, permits, got.Body)
	}
}

// permits asks Permits about a command that did not come as far as the engine.
func (l *law) permits(g guest, info engagement.CommandInfo, at target) error {
	l.Helper()
	s := l.root.For("acme")
	p, err := s.Person(l.Context(), models.PersonID(g.id()))
	if err != nil {
		l.Fatal(err)
	}
	c := engagement.Command{Kind: info.Kind}
	switch info.On {
	case "task":
		c.Tasks = []models.TaskID{models.TaskID(at.task)}
	case "gate":
		c.Gate = at.gate
	case "decision":
		c.Decision = at.decision
	case "question":
		c.Question = at.question
	}
	a, err := s.Actor(l.Context(), p, l.now)
	if err != nil {
		l.Fatal(err)
	}
	f, err := s.Facts(l.Context(), "e1", engagement.NeedOf(c))
	if err != nil {
		l.Fatal(err)
	}
	return f.Permits(a, c, l.now)
}

// standInGets says what a stand-in of a role gets at an operation; sees says whether they see the task that its path names, if any.
func standInGets(role models.Role, operation string, sees bool) int {
	if !sees || operation == "getCommand" { // there is none with this key
		return http.StatusNotFound
	}
	for _, r := range []models.Role{role, models.RoleOwner} {
		if engagement.ReachOf(r, engagement.Action(operation)) == engagement.ReachNone {
			return http.StatusForbidden
		}
	}
	return http.StatusOK
}

// Who stands in for somebody on an engagement sees it by every route as an owner of tasks does, and what is that one's to do; the
// client and its people as its team does. What they may not, they may not in another's place either.
func TestWhatAStandInReads(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.serve(yesEngine{})
	before := w.get("cleo", "/engagements/e1").Code
	w.away("priya", "cleo")
	w.away("ines", "noor")
	if before != http.StatusNotFound {
		t.Errorf("before anybody is away: %d", before)
	}
	f, err := w.root.For("acme").Facts(t.Context(), "e1", engagement.Need{})
	if err != nil {
		t.Fatal(err)
	}
	of := func(owner models.PersonID) string {
		for _, x := range f.Tasks {
			if x.Owner == owner {
				return string(x.ID)
			}
		}
		t.Fatalf("%s has no task", owner)
		return ""
	}
	tried := 0
	for id, op := range w.operations() {
		if op.method != http.MethodGet || !strings.Contains(op.path, "{engagement}") {
			continue
		}
		for standIn, whom := range map[string]models.PersonID{"cleo": "priya", "noor": "ines"} {
			role := map[string]models.Role{"cleo": models.RoleConsultant, "noor": models.RoleManager}[standIn]
			for task, theirs := range map[string]bool{of(whom): true, of("kenji"): false} {
				path := strings.NewReplacer("{engagement}", "e1", "{task}", task, "{decision}", "D-2", "{key}", "no-such-key").Replace(op.path)
				decision := strings.Contains(op.path, "{decision}") // which is nobody's of them
				want := standInGets(role, id, !decision && (!strings.Contains(op.path, "{task}") || theirs))
				tried++
				if got := w.get(standIn, path); got.Code != want {
					t.Errorf("%s, for %s: GET %s: %d, want %d: %s", standIn, whom, path, got.Code, want, got.Body)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d requests", tried)
	}
	var tasks struct{ Items []struct{ ID, Owner string } }
	w.get("cleo", "/engagements/e1/tasks?limit=200").is(200).into(&tasks)
	for _, x := range tasks.Items {
		if task := f.Task(models.TaskID(x.ID)); x.Owner != "priya" && task.Approver != "priya" {
			t.Errorf("cleo is shown %+v", x)
		}
	}
	if len(tasks.Items) == 0 {
		t.Error("cleo is shown nothing of what is priya's")
	}
	var page struct{ Items []struct{ ID string } }
	w.get("cleo", "/engagements").is(200).into(&page)
	if !slices.ContainsFunc(page.Items, func(x struct{ ID string }) bool { return x.ID == "e1" }) {
		t.Errorf("cleo is shown the engagements %v", page.Items)
	}
	w.get("cleo", "/clients/northgate").is(200)
	var status struct {
		Reasons, Gates, WaitingFor []any
		Overdue, Next              []struct{ Owner string }
	}
	w.get("cleo", "/engagements/e1/status").is(200).into(&status)
	if len(status.Reasons)+len(status.Gates)+len(status.WaitingFor) > 0 {
		t.Errorf("cleo is told %+v", status)
	}
}
