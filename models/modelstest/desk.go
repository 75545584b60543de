package modelstest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Desk is an engagement as it lies on the firm's desk: judged by the real rules and kept as the store keeps it. What is closed is put
// away and only brought back when a command names it; a command that is refused leaves no trace. After every change the desk checks what
// must always hold.
type Desk struct {
	T        testing.TB
	Facts    *engagement.Facts // with open tasks and pending decisions, as the store reads them
	Closed   map[models.TaskID]*engagement.Task
	Ended    map[string]*engagement.Decision // those that are not pending any more
	Settled  map[string]*engagement.Question // those that are not open any more
	Events   []engagement.Event              // all since the desk was made
	Comments []engagement.Comment
	Notices  []engagement.Notice
	Now      time.Time // when the next command is sent; commands take no time
	Twice    bool      // advance twice, to see that the second time changes nothing

	// Keeper is where the facts are changed, when that is not in memory. The desk follows what is kept there; the engagement must not be
	// changed but by the desk.
	Keeper Keeper
}

// DeskOf returns a desk on which some facts lie at an instant. They are the desk's from then on.
func DeskOf(t testing.TB, f *engagement.Facts, now time.Time) *Desk {
	return &Desk{T: t, Facts: f, Closed: map[models.TaskID]*engagement.Task{}, Ended: map[string]*engagement.Decision{},
		Settled: map[string]*engagement.Question{}, Now: now}
}

// Copy returns a desk of its own, in memory, so that a test may do as it likes.
func (d *Desk) Copy(t testing.TB) *Desk {
	c := DeskOf(t, CopyOf(d.Facts), d.Now)
	c.Ended, c.Events, c.Comments = maps.Clone(d.Ended), slices.Clone(d.Events), slices.Clone(d.Comments)
	c.Settled = maps.Clone(d.Settled)
	for id, task := range d.Closed {
		c.Closed[id] = CopyOfTask(task)
	}
	return c
}

// CopyOf returns facts of their own, as the store would read them: without events, new comments and what was touched.
func CopyOf(old *engagement.Facts) *engagement.Facts {
	f := &engagement.Facts{Catalog: old.Catalog, Firm: old.Firm, Client: old.Client, Engagement: old.Engagement,
		Phases: slices.Clone(old.Phases),
		Gates:  slices.Clone(old.Gates), People: slices.Clone(old.People), Left: slices.Clone(old.Left), Duties: slices.Clone(old.Duties),
		Absences: slices.Clone(old.Absences),
		FirmDays: old.FirmDays, ClientDays: old.ClientDays, PersonDays: old.PersonDays}
	e := &f.Engagement
	e.Pace.Turns, e.Pace.Over = maps.Clone(e.Pace.Turns), maps.Clone(e.Pace.Over)
	e.Baseline.Phases = maps.Clone(e.Baseline.Phases)
	e.Pauses = slices.Clone(e.Pauses)
	e.Categories, e.Addons, e.Consultants = slices.Clone(e.Categories), slices.Clone(e.Addons), slices.Clone(e.Consultants)
	for _, t := range old.Tasks {
		f.Tasks = append(f.Tasks, CopyOfTask(t))
	}
	for _, d := range old.Decisions {
		c := *d
		c.Approvals = slices.Clone(d.Approvals)
		f.Decisions = append(f.Decisions, &c)
	}
	for _, q := range old.Questions {
		c := *q
		f.Questions = append(f.Questions, &c)
	}
	return f
}

// CopyOfTask returns a task of its own.
func CopyOfTask(t *engagement.Task) *engagement.Task {
	c := *t
	c.After = slices.Clone(t.After)
	return &c
}

// Change lets decide change the facts, at the desk's keeper or in memory, and keeps what it made of them, unless it refuses.
func (d *Desk) Change(need engagement.Need, decide func(*engagement.Facts) error) error {
	d.T.Helper()
	var f *engagement.Facts
	var before map[models.TaskID]bool
	var ch engagement.Changes
	judge := func(kept *engagement.Facts) (string, error) {
		f, before = kept, map[models.TaskID]bool{}
		for _, t := range f.Tasks {
			before[t.ID] = true
		}
		err := decide(f)
		ch = f.Changes()
		return "", err
	}
	keeper := d.Keeper
	if keeper == nil {
		keeper = memory{d}
	}
	if err := keeper.Change(need, d.Now, judge); err != nil {
		return err
	}
	if len(ch.Events) == 0 && len(ch.Decisions)+len(ch.Questions) > 0 || len(ch.Comments)+len(ch.Notices) > 0 && len(ch.Events) == 0 {
		d.T.Errorf("%s: something changes of which the record says nothing: %+v", d.Today(), ch)
	}
	d.checkDates(ch.Events)
	d.Events, d.Comments = append(d.Events, ch.Events...), append(d.Comments, ch.Comments...)
	d.Notices = append(d.Notices, ch.Notices...)
	if !d.putAway(CopyOf(f), before) { // a copy: nothing a decision remembered survives it
		return nil
	}
	for _, t := range d.Facts.Tasks {
		if !before[t.ID] {
			d.checkOrder(t)
		}
	}
	d.check()
	d.checkRequests()
	d.checkNotices(ch)
	return nil
}

// memory keeps the facts of a desk as its own.
type memory struct{ *Desk }

// Load returns a copy of the facts with what a need names, closed or not.
func (m memory) Load(need engagement.Need) (*engagement.Facts, error) { return m.Loaded(need), nil }

// Change lets decide change a copy of the facts, and counts what it changed as a revision. It is the desk that keeps the copy.
func (m memory) Change(need engagement.Need, _ time.Time, decide func(*engagement.Facts) (string, error)) error {
	f := m.Loaded(need)
	if _, err := decide(f); err != nil {
		return err
	}
	if ch := f.Changes(); len(ch.Events)+len(ch.Tasks)+len(ch.Decisions)+len(ch.Questions) > 0 {
		f.Engagement.Revision++
	}
	return nil
}

// putAway makes some facts the desk's, without what is closed in them. It reports whether no task was made a second time: the store
// refuses a change that makes one.
func (d *Desk) putAway(f *engagement.Facts, before map[models.TaskID]bool) bool {
	d.T.Helper()
	open := f.Tasks[:0:0]
	for _, t := range f.Tasks {
		switch {
		case !before[t.ID] && d.Closed[t.ID] != nil:
			d.T.Errorf("%s: %s was made a second time", d.Today(), t.ID)
			return false
		case t.State.Closed():
			d.Closed[t.ID] = t
		default:
			delete(d.Closed, t.ID)
			open = append(open, t)
		}
	}
	f.Tasks = open
	pending := f.Decisions[:0:0]
	for _, x := range f.Decisions {
		if x.State == engagement.DecisionPending {
			pending = append(pending, x)
		} else {
			d.Ended[x.ID] = x
		}
	}
	f.Decisions = pending
	waiting := f.Questions[:0:0]
	for _, q := range f.Questions {
		if q.State == engagement.QuestionOpen {
			waiting = append(waiting, q)
			delete(d.Settled, q.ID)
		} else {
			d.Settled[q.ID] = q
		}
	}
	f.Questions = waiting
	d.Facts = f
	return true
}

// Tasks returns all tasks, closed ones too.
func (d *Desk) Tasks() []*engagement.Task {
	return append(slices.Clone(d.Facts.Tasks), slices.Collect(maps.Values(d.Closed))...)
}

// Task returns a task, closed or not.
func (d *Desk) Task(id models.TaskID) *engagement.Task {
	d.T.Helper()
	if t := d.Facts.Task(id); t != nil {
		return t
	}
	if t := d.Closed[id]; t != nil {
		return t
	}
	d.T.Fatalf("there is no task %s", id)
	return nil
}

// Has reports whether there is a task, closed or not.
func (d *Desk) Has(id models.TaskID) bool { return d.Facts.Task(id) != nil || d.Closed[id] != nil }

// CopiesOf returns the open tasks of a template.
func (d *Desk) CopiesOf(template string) []*engagement.Task {
	var out []*engagement.Task
	for _, t := range d.Facts.Tasks {
		if t.Template == template {
			out = append(out, t)
		}
	}
	return out
}

// Today returns the day in the time zone of the engagement.
func (d *Desk) Today() models.Date { return d.Facts.Today(d.Now) }

// Report returns the report of the engagement as it is now.
func (d *Desk) Report() engagement.Report { return d.Facts.Report(d.Now) }

// Settle advances until nothing is ready, as the workflow does, and checks that it comes to rest.
func (d *Desk) Settle() {
	d.T.Helper()
	for i := 0; engagement.AgendaOf(d.Facts, d.Now).Ready; i++ {
		if i == 3 {
			d.T.Fatalf("%s: ready again and again: %+v", d.Today(), engagement.AgendaOf(d.Facts, d.Now))
		}
		d.Advance()
	}
}

// Advance is what the workflow does when it wakes.
func (d *Desk) Advance() {
	d.T.Helper()
	_ = d.Change(engagement.Need{}, func(f *engagement.Facts) error { engagement.Advance(f, d.Now); return nil })
	if engagement.AgendaOf(d.Facts, d.Now).Ready {
		d.T.Errorf("%s: ready again right after advancing", d.Today())
	}
	if !d.Twice {
		return
	}
	again := CopyOf(d.Facts)
	moved := engagement.Advance(again, d.Now)
	if ch := again.Changes(); moved || len(ch.Events)+len(ch.Tasks)+len(ch.Decisions) > 0 {
		d.T.Errorf("%s: advancing again moves %t, changes %d tasks and says %v", d.Today(), moved, len(ch.Tasks), ch.Events)
	}
	if !reflect.DeepEqual(CopyOf(again), CopyOf(d.Facts)) {
		d.T.Errorf("%s: advancing again changes\n%+v\nto\n%+v", d.Today(), d.Facts.Engagement.Summary, again.Engagement.Summary)
	}
}

// GoTo lets time pass until nine in the morning of a day, waking as the agenda says.
func (d *Desk) GoTo(day models.Date) {
	d.T.Helper()
	d.Pass(day.At(d.Facts.Location(), 9, 0))
}

// Pass lets time pass until an instant.
func (d *Desk) Pass(until time.Time) {
	d.T.Helper()
	for n := 0; ; n++ {
		d.Settle()
		a := engagement.AgendaOf(d.Facts, d.Now)
		if a.Closed || a.Wake.IsZero() || a.Wake.After(until) {
			break
		}
		if n > 5000 {
			d.T.Fatalf("%s: wakes without end: %+v", d.Today(), a)
		}
		d.Now = a.Wake
		d.Advance()
	}
	if until.After(d.Now) {
		d.Now = until
	}
	d.Settle()
}

// Command returns a command of somebody.
func (d *Desk) Command(who string, k engagement.Kind, with ...func(*engagement.Command)) engagement.Command {
	c := engagement.Command{Key: fmt.Sprintf("%s-%s", who, k), Kind: k, Actor: d.Actor(who)}
	for _, w := range with {
		w(&c)
	}
	if k == engagement.CompleteTask && c.On.IsZero() {
		c.On = d.Facts.StatedOn(c.Tasks, d.Now)
	}
	return c
}

// Actor returns somebody as who sends a command.
func (d *Desk) Actor(who string) engagement.Actor {
	p, _ := d.Facts.Person(models.PersonID(who))
	return engagement.Actor{Person: models.PersonID(who), Role: p.Role, Client: p.Client}
}

// Try carries a command out and returns the id of what it made, or the refusal. It reports when Permits and Decide do not agree.
func (d *Desk) Try(who string, k engagement.Kind, with ...func(*engagement.Command)) (created string, err error) {
	d.T.Helper()
	c := d.Command(who, k, with...)
	agreed := d.agreed()
	err = d.Change(engagement.NeedOf(c), func(f *engagement.Facts) (err error) {
		permits := f.Permits(c.Actor, c, d.Now)
		created, err = engagement.Decide(f, c, d.Now)
		if c.Check() == nil && d.known(c.Actor) && (permits == nil) == Denied(err) {
			d.T.Errorf("%s: %s %s %v%s%s: Permits says %v, Decide %v", d.Today(), who, k, c.Tasks, c.Gate, c.Decision, permits, err)
		}
		return err
	})
	if k == engagement.CompleteTask || k == engagement.AcceptTask || k == engagement.SignGate {
		d.checkAgreed(who, k, agreed)
	}
	return created, err
}

// agreed returns when what is open is due.
func (d *Desk) agreed() map[models.TaskID]models.Date {
	out := map[models.TaskID]models.Date{}
	for _, t := range d.Facts.Tasks {
		if t.State == engagement.TaskOpen || t.State == engagement.TaskBlocked {
			out[t.ID] = t.Due
		}
	}
	return out
}

// checkAgreed reports what was open and is due on another day because somebody finished something.
func (d *Desk) checkAgreed(who string, k engagement.Kind, was map[models.TaskID]models.Date) {
	d.T.Helper()
	for _, t := range d.Facts.Tasks {
		if due, ok := was[t.ID]; ok && t.State == engagement.TaskOpen && t.Due != due {
			d.T.Errorf("%s: %s %s, and %s, which was open and due %s, is due %s", d.Today(), who, k, t.ID, due, t.Due)
		}
	}
}

// known reports whether somebody is still who they say: nothing else keeps Decide from asking Permits.
func (d *Desk) known(a engagement.Actor) bool {
	p, ok := d.Facts.Person(a.Person)
	return ok && p.Role == a.Role && p.Client == a.Client
}

// Denied reports whether a command was refused for who sent it, not for how things stand.
func Denied(err error) bool {
	return models.CodeOf(err) == models.Forbidden || models.CodeOf(err) == models.NotFound
}

// Do carries a command out, which must be possible, lets the engagement move on, and returns the id of what was made.
func (d *Desk) Do(who string, k engagement.Kind, with ...func(*engagement.Command)) string {
	d.T.Helper()
	created, err := d.Try(who, k, with...)
	if err != nil {
		d.T.Fatalf("%s: %s %s: %v", d.Today(), who, k, err)
	}
	d.Settle()
	return created
}

// Refused expects a refusal with a code, about a field, saying something.
func (d *Desk) Refused(code models.Code, field, says string, who string, k engagement.Kind, with ...func(*engagement.Command)) {
	d.T.Helper()
	was := d.Facts.Engagement.Revision
	_, err := d.Try(who, k, with...)
	var refusal *models.Error
	switch {
	case err == nil:
		d.T.Errorf("%s may %s", who, k)
	case !errors.As(err, &refusal):
		d.T.Errorf("%s %s: %v is no refusal for people", who, k, err)
	case refusal.Code != code || refusal.Field != field || !strings.Contains(refusal.Message, says):
		d.T.Errorf("%s %s: refused as %s of %q: %s\nwant %s of %q: %s", who, k, refusal.Code, refusal.Field, refusal.Message, code, field, says)
	}
	if d.Facts.Engagement.Revision != was {
		d.T.Errorf("%s %s: a refusal changed something", who, k)
	}
}

// Decided proposes a decision, lets those who are named approve it, and returns its id; it must be in force then.
func (d *Desk) Decided(who string, k engagement.Kind, ch engagement.Change, approvers ...string) string {
	d.T.Helper()
	id := d.Do(who, k, Changed(ch), Because("agreed on the phone"))
	for _, a := range approvers {
		d.Do(a, engagement.ApproveDecision, Decision(id))
	}
	if x := d.Ended[id]; x == nil || x.State != engagement.DecisionInForce {
		d.T.Fatalf("%s: %s is not in force: it waits for %v", d.Today(), id, d.Missing(id))
	}
	return id
}

// Missing returns the roles whose approval a pending decision waits for.
func (d *Desk) Missing(id string) []models.Role {
	for _, x := range d.Facts.Decisions {
		if x.ID == id {
			return d.Facts.Missing(x)
		}
	}
	return nil
}

// Logged returns the events of a kind, as "subject from->to".
func (d *Desk) Logged(kind string) []string {
	var out []string
	for _, e := range d.Events {
		if e.Kind == kind {
			out = append(out, fmt.Sprintf("%s %s->%s", e.Subject, e.From, e.To))
		}
	}
	return out
}

// Joins adds a newcomer to the people of an engagement.
func (d *Desk) Joins(id models.PersonID, r models.Role) {
	d.Facts.People = append(d.Facts.People, Newcomer(id, r))
}

// Loaded returns a copy of the facts with what a command names, closed or not.
func (d *Desk) Loaded(need engagement.Need) *engagement.Facts {
	f := CopyOf(d.Facts)
	for _, id := range f.Named(need) {
		if t := d.Closed[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(f.Tasks, CopyOfTask(t))
		}
	}
	for _, id := range f.NamedDecisions(need) {
		if x := d.Ended[id]; x != nil {
			c := *x
			f.Decisions = append(f.Decisions, &c)
		}
	}
	for _, id := range need.Questions {
		if x := d.Settled[id]; x != nil && f.Question(id) == nil {
			c := *x
			f.Questions = append(f.Questions, &c)
		}
	}
	return f
}
