// Package engagement holds the facts of one engagement and the rules by which they change: the commands that people send and who may send
// them, what time brings about, tasks, gates and decisions, the forecast and the status report, and the forms and buttons by which people
// answer a message. It reads no clock and no database: instants are UTC arguments, dates are local to the engagement's time zone.
package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// Facts is what a decision about one engagement needs: open tasks in full, closed ones as counts. The store reads it
// under the engagement's lock; the functions of this package change it and say so in events; the store writes what was
// touched. A Facts belongs to one goroutine and is thrown away when a decision refuses.
type Facts struct {
	Catalog    *catalog.Catalog
	Firm       models.Firm
	Client     models.Client
	Engagement Engagement
	Phases     []PhaseState
	Gates      []Gate          // of the phases entered so far, present round
	Tasks      []*Task         // all that are not closed, and those a command names
	Decisions  []*Decision     // pending, and those a command names
	Questions  []*Question     // open, and those a command names
	People     []models.Person // active people of the firm, of this client, and the auditor
	Left       []models.Person // people of the same whose access has ended
	Duties     []models.Duty   // the client's function map
	Comments   []Comment       // only new ones; the store appends them
	Absences   []Absence       // of these people, also past ones; a command is decided without them

	FirmDays   models.Calendar // the firm's business days
	ClientDays models.Calendar // the client's

	// PersonDays are the business days of those people who live in another country than their company or have days of their own.
	PersonDays map[models.PersonID]models.Calendar

	// Earlier is what was seen in earlier engagements of the firm, by which the forecast is reckoned; without it nothing was.
	Earlier Earlier

	// SkipSummary says that nobody reads the engagement's summary and the cautious date of its baseline: Decide and Advance leave them as
	// they are, which saves the forecast, the dearest part of both. Everything else comes out the same. The default reckons them.
	SkipSummary bool

	events     []Event
	shifted    *Shift                     // what the present command does to due dates
	effect     []string                   // what the present command does, in sentences
	handed     map[models.PersonID]string // what each takes over by the present hand-over, in words
	instead    *standing                  // who acts at present in whose place; nil: nobody does
	touched    map[models.TaskID]bool
	decided    map[string]bool
	questioned map[string]bool
	scope      *catalog.Selection
	dates      *planning.Schedule           // of the present plan; nil when stale
	due        map[string]planning.TaskPlan // of the present plan, by template; nil when stale
	joint      *models.Workdays             // on which firm and client both work
}

// A Need says what of an engagement's closed rows a command has to see.
type Need struct {
	Tasks     []models.TaskID // further tasks, closed or not, with those that they check and are checked by
	Parts     bool            // with all parts into which those were split
	Decision  string          // a decision that is not pending any more
	Hand      *HandOver       // with what the tasks that it is about check and are checked by
	Undo      bool            // the tasks and decisions that ended with a cancelled engagement
	Questions []string        // those that are not open any more
}

// NeedOf returns what must be loaded, beyond what is open, to decide c.
func NeedOf(c Command) Need {
	need := Need{Tasks: slices.Clone(c.Tasks), Decision: c.Decision, Hand: c.HandOver, Undo: c.Kind == ReinstateEngagement,
		Parts: c.Kind == SplitTask || c.Kind == ReopenTask}
	if c.Question != "" {
		need.Questions = []string{c.Question}
	}
	if c.Add != nil {
		need.Tasks = append(append(need.Tasks, c.Add.After...), c.Add.Before...)
	}
	if c.Change != nil && c.Change.Task != "" {
		need.Tasks = append(need.Tasks, c.Change.Task)
	}
	return need
}

// Named returns the ids of the tasks that a need names, closed or not, and of those that they check and are checked by. Some of them may
// name no task.
func (f *Facts) Named(need Need) []models.TaskID {
	names := slices.Clone(need.Tasks)
	for _, id := range need.Tasks {
		names = append(names, f.counterparts(id)...)
	}
	if need.Hand != nil {
		for _, x := range f.HandedOver(need.Hand) {
			if x.Place == PlaceTask {
				names = append(names, f.counterparts(models.TaskID(x.Subject))...)
			}
		}
	}
	if need.Undo {
		names = append(names, f.Engagement.Undo.tasks()...)
	}
	if need.Parts {
		for _, id := range slices.Clone(names) {
			names = append(names, partsOf(id)...)
		}
	}
	return names
}

// NamedDecisions returns the ids of the decisions that a need names, pending or not. Some of them may name none.
func (f *Facts) NamedDecisions(need Need) []string {
	var out []string
	if need.Decision != "" {
		out = append(out, need.Decision)
	}
	if u := f.Engagement.Undo; need.Undo && u != nil {
		out = append(out, u.Decisions...)
	}
	return out
}

// Location returns the engagement's time zone.
func (f *Facts) Location() *time.Location {
	return models.Zone(f.Engagement.TimeZone)
}

// Today returns the engagement's local date at now.
func (f *Facts) Today(now time.Time) models.Date { return models.DateIn(now, f.Location()) }

// Flags returns the flags that choose phases and tasks: the type's and the add-ons'.
func (f *Facts) Flags() []string {
	t, _ := f.Catalog.Type(f.Engagement.Type)
	flags := slices.Clone(t.Flags)
	for _, id := range f.Engagement.Addons {
		if a, ok := f.Catalog.Addon(id); ok {
			flags = append(flags, a.Flag)
		}
	}
	return flags
}

func (f *Facts) has(flag string) bool { return slices.Contains(f.Flags(), flag) }

// Phase returns the state of a phase, or nil when the engagement's route does not have it.
func (f *Facts) Phase(p catalog.Phase) *PhaseState {
	for i := range f.Phases {
		if f.Phases[i].Phase == p {
			return &f.Phases[i]
		}
	}
	return nil
}

// Active returns the phases that have been entered and not left, in the catalog's order.
func (f *Facts) Active() []catalog.Phase {
	var out []catalog.Phase
	for _, p := range f.Phases {
		if p.Standing == StandingActive {
			out = append(out, p.Phase)
		}
	}
	return out
}

// Task returns the task of that id among those loaded, or nil.
func (f *Facts) Task(id models.TaskID) *Task {
	for _, t := range f.Tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// Person returns the person of that id, and whether there is one.
func (f *Facts) Person(id models.PersonID) (models.Person, bool) {
	for _, p := range f.People {
		if p.ID == id {
			return p, true
		}
	}
	return models.Person{}, false
}

// Scope returns what the catalog selects for this engagement.
func (f *Facts) Scope() catalog.Selection {
	if f.scope == nil {
		s := f.scopeOf(f.Engagement.Categories)
		f.scope = &s
	}
	return *f.scope
}

func (f *Facts) scopeOf(categories []catalog.Category) catalog.Selection {
	t, _ := f.Catalog.Type(f.Engagement.Type)
	return f.Catalog.InScope(catalog.Scope{Kind: t.Flags[0], Categories: categories, Headcount: f.Engagement.Headcount})
}

// Days returns the business days of those who hold an owner role: the client's for client functions, else the firm's.
func (f *Facts) Days(owner string) *models.Calendar {
	if models.SideOf(owner) == models.SideClient {
		return &f.ClientDays
	}
	return &f.FirmDays
}

// touch marks a task as changed.
func (f *Facts) touch(t *Task) {
	if f.touched == nil {
		f.touched = map[models.TaskID]bool{}
	}
	f.touched[t.ID] = true
}

// touchDecision marks a decision as changed.
func (f *Facts) touchDecision(d *Decision) {
	if f.decided == nil {
		f.decided = map[string]bool{}
	}
	f.decided[d.ID] = true
}

// log adds an event. The store numbers events and stamps the command's key.
func (f *Facts) log(e Event) {
	e.For = f.instead.of(e)
	f.events = append(f.events, e)
	f.dates, f.due = nil, nil
}

// Actor returns somebody as an actor who stands in for nobody.
func (f *Facts) Actor(id models.PersonID) Actor {
	p, _ := f.Person(id)
	return Actor{Person: id, Role: p.Role, Client: p.Client}
}

// templateOf returns the catalog's entry of a task; the zero entry for a task that was added freely.
func (f *Facts) templateOf(t *Task) catalog.TaskTemplate {
	tmpl, _ := f.Catalog.Template(t.Template)
	return tmpl
}

// Called names who holds a role, for sentences; of who has left it says so.
func (f *Facts) Called(id models.PersonID, role string) string {
	if p, ok := f.Person(id); ok {
		return p.Name
	}
	if p, left := f.left(id); left {
		return p.Name + " (left)"
	}
	return "the " + role
}

// DecisionOf returns the decision of that id among those loaded, or nil.
func (f *Facts) DecisionOf(id string) *Decision {
	for _, d := range f.Decisions {
		if d.ID == id {
			return d
		}
	}
	return nil
}
