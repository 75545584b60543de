package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// What somebody holds, and what has nobody once they have left.

// A Place is what somebody is to a thing that they hold.
type Place string

// The places. Those of functions are the client's, all others are of one engagement.
const (
	PlaceSeat           Place = "seat"            // on the engagement by name
	PlaceFunction       Place = "function"        // they hold a function at the client
	PlaceGate           Place = "gate"            // nobody else could sign it
	PlaceTask           Place = "task"            // it is theirs to do
	PlaceApproval       Place = "approval"        // it is theirs to accept
	PlaceBackup         Place = "backup"          // they stand in for the owner of a task
	PlaceFunctionBackup Place = "function_backup" // they stand in for the holder of a function
	PlaceQuestion       Place = "question"        // it waits for their answer
)

// A Held is one thing that somebody holds.
type Held struct {
	Place   Place
	Subject string // the role of a seat, or the id of a function, gate or task
	Title   string
	Role    string          // the role or function by which it is theirs
	Due     models.Date     // of a task
	To      models.PersonID // who takes it over; empty: nobody
}

// HeldBy returns what somebody holds, whether or not they have left: seats, functions, gates that nobody else could sign, tasks that are
// not closed, by due date, what is theirs to accept, and where they are a backup. Of an engagement that has ended nobody holds anything.
func (f *Facts) HeldBy(who models.PersonID) []Held {
	if f.Engagement.Status.Ended() || who == "" {
		return nil
	}
	var out []Held
	for _, role := range f.Engagement.SeatsOf(who) {
		out = append(out, Held{Place: PlaceSeat, Subject: string(role), Title: seatName(role), Role: string(role)})
	}
	var backups []Held
	for _, d := range f.Duties {
		h := Held{Place: PlaceFunction, Subject: d.Function, Title: f.FunctionName(d.Function), Role: d.Function}
		switch who {
		case d.Person:
			out = append(out, h)
		case d.Backup:
			h.Place = PlaceFunctionBackup
			backups = append(backups, h)
		}
	}
	out = append(out, f.gatesOnlyFor(who)...)
	out = append(out, f.heldTasks(PlaceTask, func(t *Task) (bool, string) { return t.Owner == who, t.OwnerRole })...)
	out = append(out, f.heldTasks(PlaceApproval, func(t *Task) (bool, string) { return t.Approver == who, t.ApproverRole })...)
	out = append(out, f.heldTasks(PlaceBackup, func(t *Task) (bool, string) { return t.Backup == who, t.OwnerRole })...)
	p, _ := f.anybody(who)
	for _, q := range f.Questions {
		if q.State == QuestionOpen && q.To == who {
			out = append(out, Held{Place: PlaceQuestion, Subject: q.ID, Title: q.Title, Role: ownerRole(p),
				Due: models.DateIn(q.OpenAt, f.Location())})
		}
	}
	return append(out, backups...)
}

// heldTasks returns the tasks that are not closed and held in a place, by due date.
func (f *Facts) heldTasks(place Place, holds func(*Task) (yes bool, role string)) []Held {
	var all []Task
	for _, t := range f.Tasks {
		if yes, _ := holds(t); yes && !t.State.Closed() {
			all = append(all, *t)
		}
	}
	slices.SortFunc(all, ByDue)
	out := make([]Held, len(all))
	for i := range all {
		_, role := holds(&all[i])
		out[i] = Held{Place: place, Subject: string(all[i].ID), Title: all[i].Heading(), Role: role, Due: all[i].Due}
	}
	return out
}

// gatesOnlyFor returns the gates still to be signed, of phases that are active or to come, that somebody could sign, and nobody else who is
// active. Of several who have left and could have signed for the client it is the last who left.
func (f *Facts) gatesOnlyFor(who models.PersonID) []Held {
	var out []Held
	for _, st := range f.Phases {
		if st.Standing != StandingActive && st.Standing != StandingWaiting {
			continue
		}
		tmpl, _ := f.Catalog.Phase(st.Phase)
		for _, g := range tmpl.Exit {
			if is := f.Gate(g.ID); st.Standing == StandingActive && is != nil && is.State == GateSigned {
				continue
			}
			if f.lastSigner(models.Role(g.Approver)) == who && !f.othersSign(models.Role(g.Approver), who) {
				out = append(out, Held{Place: PlaceGate, Subject: g.ID, Title: f.GateText(g.ID), Role: g.Approver})
			}
		}
	}
	return out
}

// othersSign reports whether somebody who is active, and is not a given person, may sign what a role signs.
func (f *Facts) othersSign(r models.Role, but models.PersonID) bool {
	if r == models.RoleSystem {
		return true
	}
	return slices.ContainsFunc(f.MayJudge(r), func(id models.PersonID) bool {
		_, active := f.Person(id)
		return active && id != but
	})
}

// lastSigner returns who may sign what a role signs: the first of those who are active, else who has the seat, else the last who left of
// those who had the role.
func (f *Facts) lastSigner(r models.Role) models.PersonID {
	for _, id := range f.MayJudge(r) {
		if _, active := f.Person(id); active {
			return id
		}
	}
	if seat := f.MayJudge(r); len(seat) > 0 {
		return seat[0]
	}
	var last models.Person
	for _, p := range f.Left {
		if p.Role == r && (p.Client == "" || p.Client == f.Client.ID) && (last.ID == "" || p.LeftAt.After(last.LeftAt)) {
			last = p
		}
	}
	return last.ID
}

// seatName says for people what a seat is.
func seatName(r models.Role) string {
	if r == models.RoleManager {
		return "project manager"
	}
	return string(r)
}

// FunctionName returns what a function of the client is called; its id where the catalog does not have it.
func (f *Facts) FunctionName(id string) string {
	if fn, ok := f.Catalog.Function(id); ok {
		return fn.Name
	}
	return id
}

// left returns somebody whose access has ended, and whether there is such a person.
func (f *Facts) left(id models.PersonID) (models.Person, bool) {
	for _, p := range f.Left {
		if p.ID == id {
			return p, true
		}
	}
	return models.Person{}, false
}

// anybody returns a person, active or not, and whether there is one.
func (f *Facts) anybody(id models.PersonID) (models.Person, bool) {
	if p, ok := f.Person(id); ok {
		return p, true
	}
	return f.left(id)
}

// A Vacancy is somebody who has left, and what of theirs has nobody since.
type Vacancy struct {
	Person models.Person
	On     models.Date // the engagement's day on which they left
	Held   []Held
}

// Vacancies returns who has left and still holds something for which somebody has to be found, who left first first. To be somebody's
// backup is told with the rest and is no vacancy by itself. An engagement that neither runs nor is paused has none.
func (f *Facts) Vacancies() []Vacancy {
	if !f.Engagement.Status.Live() {
		return nil
	}
	if len(f.Left) == 0 {
		return nil
	}
	var out []Vacancy
	holders := f.holders()
	for _, p := range f.Left {
		if !holders[p.ID] {
			continue
		}
		held := f.HeldBy(p.ID)
		if slices.ContainsFunc(held, func(h Held) bool { return h.Place != PlaceBackup && h.Place != PlaceFunctionBackup }) {
			out = append(out, Vacancy{p, models.DateIn(p.LeftAt, f.Location()), held})
		}
	}
	slices.SortFunc(out, func(a, b Vacancy) int {
		return cmp.Or(a.Person.LeftAt.Compare(b.Person.LeftAt), cmp.Compare(a.Person.ID, b.Person.ID))
	})
	return out
}

// holders returns who holds anything but the place of a backup: looking once through the tasks for all spares looking for each who left.
func (f *Facts) holders() map[models.PersonID]bool {
	out := map[models.PersonID]bool{}
	for _, t := range f.Tasks {
		out[t.Owner], out[t.Approver] = true, true
	}
	for _, q := range f.Questions {
		out[q.To] = out[q.To] || q.State == QuestionOpen
	}
	for _, id := range f.Engagement.team() {
		out[id] = true
	}
	for _, d := range f.Duties {
		out[d.Person] = true
	}
	for _, r := range models.Roles {
		out[f.lastSigner(r)] = true
	}
	return out
}

// Vacancy returns what has nobody since somebody left, and whether there is anything.
func (f *Facts) Vacancy(who models.PersonID) (Vacancy, bool) {
	for _, v := range f.Vacancies() {
		if v.Person.ID == who {
			return v, true
		}
	}
	return Vacancy{}, false
}

// givesAway returns what an item says that somebody holds and others are to take over: what they left, or what is theirs whom nothing
// reaches, and whether there is anything.
func (f *Facts) givesAway(item string, who models.PersonID) (Vacancy, bool) {
	if kind, _ := ParseItem(item); kind != ItemReach {
		return f.Vacancy(who)
	}
	p, active := f.Person(who)
	v := Vacancy{Person: p, Held: models.Keep(f.HeldBy(who), func(h Held) bool {
		return h.Place != PlaceFunction && h.Place != PlaceFunctionBackup && h.Place != PlaceGate
	})}
	return v, active && len(v.Held) > 0
}

// StaffedBy returns who is to find others for what somebody left: the manager and the partner; where both have left themselves, the
// partners of the firm.
func (f *Facts) StaffedBy() []models.PersonID {
	var out []models.PersonID
	for _, id := range []models.PersonID{f.Engagement.Manager, f.Engagement.Partner} {
		if _, active := f.Person(id); active && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, p := range f.People {
		if p.Role == models.RolePartner {
			out = append(out, p.ID)
		}
	}
	return out
}

// Headline says who left when, as in: Dana Whitfield left on Mon 2027-03-01; of who is still there, that nothing reaches them.
func (v Vacancy) Headline() string {
	if v.Person.Active {
		return v.Person.Name + " cannot be reached"
	}
	return v.Person.Name + " left on " + models.Dated(v.On)
}

// Text says what has nobody, as in: 12 tasks, 2 functions, 1 gate have nobody; of who is still there, that it is theirs.
func (v Vacancy) Text() string {
	text := counted(v.Held)
	switch {
	case v.Person.Active && len(v.Held) == 1:
		return text + " is theirs"
	case v.Person.Active:
		return text + " are theirs"
	case len(v.Held) == 1:
		return text + " has nobody"
	}
	return text + " have nobody"
}

// Detail names what weighs most: seats, functions and gates.
func (v Vacancy) Detail() string {
	var parts []string
	for _, x := range []struct {
		place Place
		says  string
	}{{PlaceSeat, "Nobody is the %s."}, {PlaceFunction, "Nobody holds %s."}, {PlaceGate, "Nobody can sign %s."}} {
		var names []string
		for _, h := range v.Held {
			switch {
			case h.Place != x.place:
			case h.Place == PlaceGate:
				names = append(names, h.Subject)
			default:
				names = append(names, h.Title)
			}
		}
		if len(names) > 0 {
			parts = append(parts, fmt.Sprintf(x.says, strings.Join(names, ", ")))
		}
	}
	return strings.Join(parts, " ")
}

// counted says how many things of which kind are held, as in: 12 tasks, 2 functions, 1 gate.
func counted(held []Held) string {
	n := map[Place]int{}
	for _, h := range held {
		n[h.Place]++
	}
	var parts []string
	for _, x := range []struct {
		place     Place
		one, more string
	}{{PlaceTask, "task", "tasks"}, {PlaceApproval, "task to accept", "tasks to accept"}, {PlaceFunction, "function", "functions"},
		{PlaceQuestion, "question to answer", "questions to answer"},
		{PlaceGate, "gate", "gates"}, {PlaceSeat, "place on the team", "places on the team"},
		{PlaceBackup, "task as its backup", "tasks as their backup"},
		{PlaceFunctionBackup, "function as its backup", "functions as their backup"}} {
		switch n[x.place] {
		case 0:
		case 1:
			parts = append(parts, "1 "+x.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n[x.place], x.more))
		}
	}
	return strings.Join(parts, ", ")
}

// vacant gives the reasons that somebody left and nobody has what was theirs.
func (f *Facts) vacant() []Reason {
	var out []Reason
	for _, v := range f.Vacancies() {
		out = append(out, Reason{Code: "left", Subject: string(v.Person.ID), Text: v.Headline() + "; " + v.Text()})
	}
	return out
}

// The events of the record about somebody who leaves, or is let in again, and about whose work has become others'.
const (
	EventLeft       = "person.left"
	EventBack       = "person.back"
	EventHandedOver = "engagement.handed_over"
)

// Leave notes in the record of an engagement that somebody's access has ended and what they held, or that they are let in again, and brings
// up to date what follows from it. The facts have the person among those who have left, or among the people again. Of an engagement that
// has ended nothing is noted.
func Leave(f *Facts, who, by models.PersonID, reason string, now time.Time) {
	if f.Engagement.Status.Ended() {
		return
	}
	e := Event{At: now, Actor: by, Kind: EventBack, Subject: string(who), Field: "active", From: models.YesNo(false), To: models.YesNo(true),
		Reason: reason}
	if _, left := f.left(who); left {
		e.Kind, e.Field, e.From, e.To = EventLeft, "held", counted(f.HeldBy(who)), ""
	}
	f.log(e)
	if f.Engagement.Status.Live() {
		f.recompute(now)
	}
}

// hasLeft reports whether somebody's access has ended.
func (f *Facts) hasLeft(who models.PersonID) bool {
	_, left := f.left(who)
	return left
}

// Whose names somebody who is not active any more, for who does what was theirs to do.
func (f *Facts) Whose(who models.PersonID) string {
	if p, left := f.left(who); left {
		return p.Name + ", who has left"
	}
	return "somebody who has left"
}
