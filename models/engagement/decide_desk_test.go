package engagement_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// A desk is an engagement as it lies on the firm's desk: judged by the real rules and kept as the store keeps it. What is
// closed is put away and only brought back when a command names it; a command that is refused leaves no trace. After every
// change the desk checks what must always hold.
type desk struct {
	t      testing.TB
	f      *engagement.Facts
	closed map[models.TaskID]*engagement.Task
	ended  map[string]*engagement.Decision // decisions that are not pending any more
	events []engagement.Event
	now    time.Time
	said   []engagement.Comment
	twice  bool // advance twice, to see that the second time changes nothing
}

// draft returns a draft for Northgate, 180 people in New York: marta is the partner, ines the manager, priya and tom the
// consultants, hugo the auditor; ruth is the client's sponsor, kenji and olga own what there is to own.
func draft(t testing.TB, typ string, with ...func(*engagement.Facts)) *desk {
	t.Helper()
	person := func(id string, r models.Role) models.Person {
		p := models.Person{Firm: "acme", ID: models.PersonID(id), Name: strings.ToUpper(id[:1]) + id[1:], Role: r, TimeZone: "America/New_York", Active: true}
		if r.Side() == models.SideClient {
			p.Client = "northgate"
		}
		return p
	}
	cat := modelstest.Catalog()
	days := models.Calendar{Closed: modelstest.DaysOff()}
	f := &engagement.Facts{
		Catalog: cat,
		Firm:    models.Firm{ID: "acme", Name: "Acme Advisory", Country: "US", TimeZone: "America/New_York"},
		Client:  models.Client{Firm: "acme", ID: "northgate", Name: "Northgate", Headcount: 180, Country: "US", TimeZone: "America/New_York"},
		People: []models.Person{person("marta", models.RolePartner), person("ines", models.RoleManager), person("noor", models.RoleManager),
			person("priya", models.RoleConsultant), person("tom", models.RoleConsultant), person("hugo", models.RoleAuditor),
			person("ruth", models.RoleSponsor), person("kenji", models.RoleOwner), person("olga", models.RoleOwner)},
		Duties: []models.Duty{{Function: "sponsor", Person: "ruth"}, {Function: "security_lead", Person: "kenji", Backup: "olga"},
			{Function: "eng_lead", Person: "olga", Backup: "kenji"}},
		Engagement: engagement.Engagement{Firm: "acme", ID: "e1", Client: "northgate", Name: "Northgate", Type: typ, Status: engagement.StatusDraft,
			Categories: []catalog.Category{catalog.Security}, Kickoff: modelstest.On("2027-01-11"), TimeZone: "America/New_York", Revision: 1,
			Partner: "marta", Manager: "ines", Auditor: "hugo", Consultants: []models.PersonID{"priya", "tom"}},
		FirmDays: days, ClientDays: days,
	}
	kind, _ := cat.Type(typ)
	if !slices.Contains(kind.Flags, "soc2") {
		f.Engagement.Categories = nil
	}
	if slices.Contains(kind.Flags, "renewal") {
		f.Engagement.PreviousClose = modelstest.On("2027-06-30")
	}
	for _, change := range with {
		change(f)
	}
	d := &desk{t: t, f: f, closed: map[models.TaskID]*engagement.Task{}, ended: map[string]*engagement.Decision{}}
	d.now = modelstest.On("2027-01-04").At(f.Location(), 9, 0)
	return d
}

// started returns an engagement that ines has started a week before its kickoff.
func started(t testing.TB, typ string, with ...func(*engagement.Facts)) *desk {
	t.Helper()
	d := draft(t, typ, with...)
	d.do("ines", engagement.StartEngagement)
	return d
}

var (
	shelf   = map[string]*desk{}
	shelved sync.Mutex
)

// in returns an engagement on the first morning on which a phase is under way, everybody having done what was due.
func in(t testing.TB, typ string, p catalog.Phase) *desk {
	t.Helper()
	shelved.Lock()
	defer shelved.Unlock()
	key := typ + "/" + string(p)
	if shelf[key] == nil {
		d := started(t, typ)
		d.until(modelstest.On("2031-01-01"), func() bool { st := d.f.Phase(p); return st != nil && st.Standing == engagement.StandingActive })
		if d.f.Phase(p).Standing != engagement.StandingActive {
			t.Fatalf("%s never came to %s", typ, p)
		}
		shelf[key] = d
	}
	return shelf[key].copied(t)
}

// copied returns a desk of its own, so that a test may do as it likes.
func (d *desk) copied(t testing.TB) *desk {
	c := &desk{t: t, f: copyOf(d.f), closed: map[models.TaskID]*engagement.Task{}, ended: maps.Clone(d.ended), events: slices.Clone(d.events), now: d.now, said: slices.Clone(d.said)}
	for id, task := range d.closed {
		c.closed[id] = copyOfTask(task)
	}
	return c
}

func copyOf(old *engagement.Facts) *engagement.Facts {
	f := &engagement.Facts{Catalog: old.Catalog, Firm: old.Firm, Client: old.Client, Engagement: old.Engagement, Phases: slices.Clone(old.Phases),
		Gates: slices.Clone(old.Gates), People: slices.Clone(old.People), Duties: slices.Clone(old.Duties), FirmDays: old.FirmDays, ClientDays: old.ClientDays}
	e := &f.Engagement
	e.Pace.Planned, e.Pace.Actual = maps.Clone(e.Pace.Planned), maps.Clone(e.Pace.Actual)
	e.Baseline.Phases = maps.Clone(e.Baseline.Phases)
	e.Categories, e.Addons, e.Consultants = slices.Clone(e.Categories), slices.Clone(e.Addons), slices.Clone(e.Consultants)
	for _, t := range old.Tasks {
		f.Tasks = append(f.Tasks, copyOfTask(t))
	}
	for _, d := range old.Decisions {
		c := *d
		c.Approvals = slices.Clone(d.Approvals)
		f.Decisions = append(f.Decisions, &c)
	}
	return f
}

func copyOfTask(t *engagement.Task) *engagement.Task {
	c := *t
	c.After = slices.Clone(t.After)
	return &c
}

// change lets decide change a copy of the facts and keeps it, unless it refuses.
func (d *desk) change(need engagement.Need, decide func(*engagement.Facts) error) error {
	d.t.Helper()
	f := copyOf(d.f)
	before := map[models.TaskID]bool{}
	for _, t := range f.Tasks {
		before[t.ID] = true
	}
	for _, id := range f.Named(need) {
		if t := d.closed[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(f.Tasks, copyOfTask(t))
			before[id] = true
		}
	}
	if old := d.ended[need.Decision]; old != nil {
		c := *old
		f.Decisions = append(f.Decisions, &c)
	}
	if err := decide(f); err != nil {
		return err
	}
	ch := f.Changes()
	if len(ch.Events)+len(ch.Tasks)+len(ch.Decisions) > 0 {
		f.Engagement.Revision++
	}
	d.events, d.said = append(d.events, ch.Events...), append(d.said, ch.Comments...)
	f.Comments = nil
	open := f.Tasks[:0:0]
	for _, t := range f.Tasks {
		switch {
		case !before[t.ID] && d.closed[t.ID] != nil:
			d.t.Errorf("%s: %s was made a second time", d.today(), t.ID) // the store would refuse the whole change
			return nil
		case t.State.Closed():
			d.closed[t.ID] = t
		default:
			delete(d.closed, t.ID)
			open = append(open, t)
		}
	}
	f.Tasks = open
	pending := f.Decisions[:0:0]
	for _, x := range f.Decisions {
		if x.State == engagement.DecisionPending {
			pending = append(pending, x)
		} else {
			d.ended[x.ID] = x
		}
	}
	f.Decisions = pending
	d.f = copyOf(f) // nothing a decision remembered survives it
	for _, t := range d.f.Tasks {
		if !before[t.ID] {
			d.checkOrder(t)
		}
	}
	d.check()
	d.checkRequests()
	d.checkNotices(ch.Notices)
	return nil
}

// check reports what must hold after every change.
func (d *desk) check() {
	d.t.Helper()
	tasks, closed := map[catalog.Phase]int{}, map[catalog.Phase]int{}
	ids := map[models.TaskID]bool{}
	for _, t := range d.tasks() {
		if ids[t.ID] {
			d.t.Errorf("%s: two tasks are called %s", d.today(), t.ID)
		}
		ids[t.ID] = true
		if t.State != engagement.TaskCancelled {
			tasks[t.Phase]++
		}
		if t.State == engagement.TaskDone || t.State == engagement.TaskWaived {
			closed[t.Phase]++
		}
		if t.Late && (t.State.Closed() || t.State == engagement.TaskWaiting || t.State == engagement.TaskSubmitted) {
			d.t.Errorf("%s: %s is %s and late", d.today(), t.ID, t.State)
		}
		if t.State == engagement.TaskOpen && t.OpenedOn.IsZero() {
			d.t.Errorf("%s: %s is open since no day", d.today(), t.ID)
		}
		if t.Due.IsZero() || t.Original.IsZero() {
			d.t.Errorf("%s: %s is due on no day", d.today(), t.ID)
		}
	}
	for _, p := range d.f.Phases {
		if p.Tasks != tasks[p.Phase] || p.Closed != closed[p.Phase] {
			d.t.Errorf("%s: %s says %d of %d tasks are closed, counted are %d of %d", d.today(), p.Phase, p.Closed, p.Tasks, closed[p.Phase], tasks[p.Phase])
		}
		if p.Standing == engagement.StandingActive && (p.Actual.Start.IsZero() || !p.Actual.End.IsZero() || p.Began.IsZero()) {
			d.t.Errorf("%s: %s is active with %+v, counted from %q", d.today(), p.Phase, p.Actual, p.Began)
		}
	}
	a := engagement.AgendaOf(d.f, d.now)
	if !a.Wake.IsZero() && !a.Wake.After(d.now) {
		d.t.Errorf("%s: wakes at %s, which is past: %s", d.now, a.Wake, a.Why)
	}
	if !a.Closed && !a.Wake.Equal(d.f.Engagement.Summary.Wake) {
		d.t.Errorf("%s: wakes at %s, the summary says %s", d.now, a.Wake, d.f.Engagement.Summary.Wake)
	}
}

// checkOrder reports a new task that is due before one it waits for.
func (d *desk) checkOrder(t *engagement.Task) {
	d.t.Helper()
	for _, dep := range d.f.Tasks {
		if t.Template != "" && !t.Moved && dep.Due.After(t.Due) && (slices.Contains(t.After, string(dep.ID)) || slices.Contains(t.After, dep.Template)) {
			d.t.Errorf("%s: %s is due %s, before %s, which comes first and is due %s", d.today(), t.ID, t.Due, dep.ID, dep.Due)
		}
	}
}

// tasks returns all tasks, closed ones too.
func (d *desk) tasks() []*engagement.Task {
	return append(slices.Clone(d.f.Tasks), slices.Collect(maps.Values(d.closed))...)
}

// task returns a task, closed or not.
func (d *desk) task(id models.TaskID) *engagement.Task {
	d.t.Helper()
	if t := d.f.Task(id); t != nil {
		return t
	}
	if t := d.closed[id]; t != nil {
		return t
	}
	d.t.Fatalf("there is no task %s", id)
	return nil
}

func (d *desk) has(id models.TaskID) bool { return d.f.Task(id) != nil || d.closed[id] != nil }

// copies returns the open tasks of a template.
func (d *desk) copies(template string) []*engagement.Task {
	var out []*engagement.Task
	for _, t := range d.f.Tasks {
		if t.Template == template {
			out = append(out, t)
		}
	}
	return out
}

func (d *desk) today() models.Date { return d.f.Today(d.now) }

func (d *desk) report() engagement.Report { return d.f.Report(d.now) }

// settle advances until nothing is ready, as the workflow does, and checks that it comes to rest.
func (d *desk) settle() {
	d.t.Helper()
	for i := 0; engagement.AgendaOf(d.f, d.now).Ready; i++ {
		if i == 3 {
			d.t.Fatalf("%s: ready again and again: %+v", d.today(), engagement.AgendaOf(d.f, d.now))
		}
		d.advance()
	}
}

// advance is what the workflow does when it wakes.
func (d *desk) advance() {
	d.t.Helper()
	_ = d.change(engagement.Need{}, func(f *engagement.Facts) error { engagement.Advance(f, d.now); return nil })
	if engagement.AgendaOf(d.f, d.now).Ready {
		d.t.Errorf("%s: ready again right after advancing", d.today())
	}
	if !d.twice {
		return
	}
	again := copyOf(d.f)
	moved := engagement.Advance(again, d.now)
	if ch := again.Changes(); moved || len(ch.Events)+len(ch.Tasks)+len(ch.Decisions) > 0 {
		d.t.Errorf("%s: advancing again moves %t, changes %d tasks and says %v", d.today(), moved, len(ch.Tasks), ch.Events)
	}
	if !reflect.DeepEqual(copyOf(again), copyOf(d.f)) {
		d.t.Errorf("%s: advancing again changes\n%+v\nto\n%+v", d.today(), d.f.Engagement.Summary, again.Engagement.Summary)
	}
}

// goTo lets time pass until nine in the morning of a day, waking as the agenda says.
func (d *desk) goTo(day models.Date) {
	d.t.Helper()
	d.pass(day.At(d.f.Location(), 9, 0))
}

// pass lets time pass until an instant.
func (d *desk) pass(until time.Time) {
	d.t.Helper()
	for n := 0; ; n++ {
		d.settle()
		a := engagement.AgendaOf(d.f, d.now)
		if a.Closed || a.Wake.IsZero() || a.Wake.After(until) {
			break
		}
		if n > 5000 {
			d.t.Fatalf("%s: wakes without end: %+v", d.today(), a)
		}
		d.now = a.Wake
		d.advance()
	}
	if until.After(d.now) {
		d.now = until
	}
	d.settle()
}

// cmd makes a command of somebody, by name.
func (d *desk) cmd(who string, k engagement.Kind, with ...func(*engagement.Command)) engagement.Command {
	c := engagement.Command{Key: fmt.Sprintf("%s-%s", who, k), Kind: k, Actor: d.actor(who)}
	for _, w := range with {
		w(&c)
	}
	return c
}

func (d *desk) actor(who string) engagement.Actor {
	p, _ := d.f.Person(models.PersonID(who))
	return engagement.Actor{Person: models.PersonID(who), Role: p.Role, Client: p.Client}
}

// try carries a command out, or says why not.
func (d *desk) try(who string, k engagement.Kind, with ...func(*engagement.Command)) (created string, err error) {
	d.t.Helper()
	c := d.cmd(who, k, with...)
	err = d.change(engagement.NeedOf(c), func(f *engagement.Facts) (err error) {
		permits := f.Permits(c.Actor, c, d.now)
		created, err = engagement.Decide(f, c, d.now)
		if c.Check() == nil && d.known(c.Actor) && (permits == nil) == denied(err) {
			d.t.Errorf("%s: %s %s %v%s%s: Permits says %v, Decide %v", d.today(), who, k, c.Tasks, c.Gate, c.Decision, permits, err)
		}
		return err
	})
	return created, err
}

// known reports whether somebody is still who they say: nothing else keeps Decide from asking Permits.
func (d *desk) known(a engagement.Actor) bool {
	p, ok := d.f.Person(a.Person)
	return ok && p.Role == a.Role && p.Client == a.Client
}

// denied reports whether a command was refused for who sent it, not for how things stand.
func denied(err error) bool {
	return models.CodeOf(err) == models.Forbidden || models.CodeOf(err) == models.NotFound
}

// do carries a command out, which must be possible, and lets the engagement move on.
func (d *desk) do(who string, k engagement.Kind, with ...func(*engagement.Command)) string {
	d.t.Helper()
	created, err := d.try(who, k, with...)
	if err != nil {
		d.t.Fatalf("%s: %s %s: %v", d.today(), who, k, err)
	}
	d.settle()
	return created
}

// refused expects a refusal with a code, about a field, saying something.
func (d *desk) refused(code models.Code, field, says string, who string, k engagement.Kind, with ...func(*engagement.Command)) {
	d.t.Helper()
	was := d.f.Engagement.Revision
	_, err := d.try(who, k, with...)
	var refusal *models.Error
	switch {
	case err == nil:
		d.t.Errorf("%s may %s", who, k)
	case !errors.As(err, &refusal):
		d.t.Errorf("%s %s: %v is no refusal for people", who, k, err)
	case refusal.Code != code || refusal.Field != field || !strings.Contains(refusal.Message, says):
		d.t.Errorf("%s %s: refused as %s of %q: %s\nwant %s of %q: %s", who, k, refusal.Code, refusal.Field, refusal.Message, code, field, says)
	}
	if d.f.Engagement.Revision != was {
		d.t.Errorf("%s %s: a refusal changed something", who, k)
	}
}

// What a command is about.
func task(ids ...models.TaskID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Tasks = ids }
}
func because(s string) func(*engagement.Command) { return func(c *engagement.Command) { c.Reason = s } }
func dueOn(s string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Due = modelstest.On(s) }
}
func to(p models.PersonID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Person = p }
}
func by(s models.Side) func(*engagement.Command) { return func(c *engagement.Command) { c.By = s } }
func gate(id string) func(*engagement.Command)   { return func(c *engagement.Command) { c.Gate = id } }
func decision(id string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Decision = id }
}
func added(n engagement.NewTask) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Add = &n }
}
func changed(ch engagement.Change) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Change = &ch }
}
func edited(e engagement.Edit) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Edit = &e }
}

// decided proposes a decision and lets those who are named approve it; it must be in force then.
func (d *desk) decided(who string, k engagement.Kind, ch engagement.Change, approvers ...string) string {
	d.t.Helper()
	id := d.do(who, k, changed(ch), because("agreed on the phone"))
	for _, a := range approvers {
		d.do(a, engagement.ApproveDecision, decision(id))
	}
	if x := d.ended[id]; x == nil || x.State != engagement.DecisionInForce {
		d.t.Fatalf("%s: %s is not in force: it waits for %v", d.today(), id, d.missing(id))
	}
	return id
}

func (d *desk) missing(id string) []models.Role {
	for _, x := range d.f.Decisions {
		if x.ID == id {
			return d.f.Missing(x)
		}
	}
	return nil
}

// until lets diligent people work every business morning until done or the day comes.
func (d *desk) until(day models.Date, done func() bool) {
	d.t.Helper()
	for d.f.Engagement.Status.Live() && !done() && d.today().Before(day) {
		d.workUntil(done)
		if done() {
			return
		}
		next := d.f.ClientDays.Add(d.today(), 1)
		if day.Before(next) {
			next = day
		}
		d.goTo(next)
	}
}

// work lets everybody do what is due within three business days, accept what was submitted and sign what waits for them
// only, until nothing is left to do this morning.
func (d *desk) work() { d.workUntil(func() bool { return false }) }

func (d *desk) workUntil(done func() bool) {
	d.t.Helper()
	for range 12 {
		did := false
		mine := map[string][]models.TaskID{}
		for _, t := range d.f.Tasks {
			switch {
			case t.State == engagement.TaskOpen && t.Owner != "" && d.f.ClientDays.Count(d.today(), t.Due) <= 3:
				mine["do "+string(d.doer(t))] = append(mine["do "+string(d.doer(t))], t.ID)
			case t.State == engagement.TaskSubmitted:
				mine["ok "+string(t.Approver)] = append(mine["ok "+string(t.Approver)], t.ID)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(mine)) {
			kind := map[string]engagement.Kind{"do": engagement.CompleteTask, "ok": engagement.AcceptTask}[key[:2]]
			for ids := range slices.Chunk(mine[key], 200) {
				if _, err := d.try(key[3:], kind, task(ids...)); err != nil && d.twice {
					continue // somebody did before what somebody else should have done
				} else if err != nil {
					d.t.Fatalf("%s: %s %s %v: %v", d.today(), key[3:], kind, ids, err)
				}
				d.settle()
				if did = true; done() {
					return
				}
			}
		}
		for _, g := range d.signable() {
			if g.Approver != models.RoleSystem && d.f.Engagement.Status == engagement.StatusRunning {
				d.do(string(g.Who[0]), engagement.SignGate, gate(g.ID))
				if did = true; done() {
					return
				}
			}
		}
		if !did {
			return
		}
	}
}

// signable returns the gates of which only the signature is missing.
func (d *desk) signable() []engagement.GateReport {
	ready := func(g engagement.Gate) bool {
		return g.State != engagement.GateSigned && d.f.Phase(g.Phase).Standing == engagement.StandingActive && len(d.f.GateBlockers(g, d.today())) == 0
	}
	if !slices.ContainsFunc(d.f.Gates, ready) {
		return nil
	}
	return slices.DeleteFunc(d.report().Gates, func(g engagement.GateReport) bool { return !g.Ready })
}

// doer returns who does a task: its owner, but checks of what the owner may have done go to priya, or to marta where no
// consultant is on the engagement.
func (d *desk) doer(t *engagement.Task) models.PersonID {
	switch t.Template {
	case "RE-14", "WC-03", "T2-05", "WI-02", "T1-07":
		if len(d.f.Engagement.Consultants) == 0 {
			return "marta"
		}
		return "priya"
	}
	return t.Owner
}

// logged returns the events of a kind, as "subject from->to".
func (d *desk) logged(kind string) []string {
	var out []string
	for _, e := range d.events {
		if e.Kind == kind {
			out = append(out, fmt.Sprintf("%s %s->%s", e.Subject, e.From, e.To))
		}
	}
	return out
}
