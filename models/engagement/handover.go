package engagement

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A HandOver asks that what is somebody's, or a function's, becomes others'.
type HandOver struct {
	From     models.PersonID `json:"from,omitempty"`     // whose it is, also when they have left
	Function string          `json:"function,omitempty"` // instead of From: the open tasks and approvals of a function or role
	// To takes over what nothing else is said about. Roles says otherwise of what belongs to a role or function, Tasks of tasks, and more
	// than Roles. An empty name leaves a thing with whom it is.
	To    models.PersonID                   `json:"to,omitempty"`
	Roles map[string]models.PersonID        `json:"roles,omitempty"`
	Tasks map[models.TaskID]models.PersonID `json:"tasks,omitempty"`
	// Also says in words what else of a client each of them takes over in the same transaction.
	Also map[models.PersonID]string `json:"-"`
}

// takes returns who takes a thing over; empty: nobody.
func (h *HandOver) takes(x Held) models.PersonID {
	if to, said := h.Tasks[models.TaskID(x.Subject)]; said && (x.Place == PlaceTask || x.Place == PlaceApproval || x.Place == PlaceBackup) {
		return to
	}
	if to, said := h.Roles[x.Role]; said {
		return to
	}
	return h.To
}

// HandedOver returns what a hand-over is about, each thing with who takes it over. What somebody who stays signs by their role stays
// theirs: only a signature that goes with a place on the team goes along with it.
func (f *Facts) HandedOver(h *HandOver) []Held {
	held := f.HeldBy(h.From)
	if h.Function != "" {
		held = slices.Concat(
			f.heldTasks(PlaceTask, func(t *Task) (bool, string) { return t.OwnerRole == h.Function, t.OwnerRole }),
			f.heldTasks(PlaceApproval, func(t *Task) (bool, string) { return t.ApproverRole == h.Function, t.ApproverRole }))
	}
	_, here := f.Person(h.From)
	for i := range held {
		if x := &held[i]; x.Place != PlaceGate || !here || models.Role(x.Role) == models.RoleManager || x.Role == string(models.RoleAuditor) {
			x.To = h.takes(*x)
		}
	}
	return held
}

// handsOver refuses an actor who may not hand over what a command names: a sponsor hands over what is the client's, and the places of the
// team are given as by a change of the engagement. Who accepts for the client is chosen by those who may choose who holds its functions.
func (f *Facts) handsOver(a Actor, c Command) error {
	h := c.HandOver
	if h == nil {
		return nil
	}
	for _, x := range f.HandedOver(h) {
		if err := f.mayHandOver(a, x); err != nil {
			return err
		}
	}
	return nil
}

// mayHandOver refuses an actor who may not give one thing to another.
func (f *Facts) mayHandOver(a Actor, x Held) error {
	side := models.SideOf(x.Role)
	switch {
	case a.Role == models.RoleSponsor && side != models.SideClient:
		return models.Refuse(models.Forbidden, "from", "%s is the %s's to hand over, not the client's", x.Subject, side)
	case x.Place == PlaceSeat && x.Role == string(models.RolePartner) && f.Engagement.Status != StatusDraft && a.Role != models.RolePartner:
		return models.Refuse(models.Forbidden, "partner", "the partner of a running engagement is changed by a partner; you are %s", a.Role)
	case x.Place == PlaceApproval && side == models.SideClient && a.Role == models.RoleManager:
		return models.Refuse(models.Forbidden, "from",
			"as pm you may not choose who accepts %s for the client: it is for %s", x.Subject, tokenMakers(models.RoleSponsor))
	case x.Place == PlaceTask:
		return f.assigns(a, f.Task(models.TaskID(x.Subject)))
	}
	return nil
}

// Refusals refuse a hand-over, or a move of several tasks, for all that is in its way.
type Refusals []*models.Error

func (r Refusals) Error() string { return r.Unwrap().Error() }

// Unwrap returns one refusal that names up to ten of them.
func (r Refusals) Unwrap() error {
	const most = 10
	var parts []string
	for _, one := range r[:min(most, len(r))] {
		parts = append(parts, one.Message)
	}
	if more := len(r) - most; more > 0 {
		parts = append(parts, models.AndMore(more, "the same on the command line names all of them"))
	}
	return models.Refuse(r[0].Code, r[0].Field, "%s", strings.Join(parts, "; "))
}

// handOverWork gives all that a command names to those who take it over, or refuses it for all that is in the way.
func (f *Facts) handOverWork(c Command, now time.Time) error {
	h := c.HandOver
	if h == nil {
		return models.Refuse(models.Invalid, "from", "from is missing: say whose work is handed over")
	}
	if c.Person != "" { // as a form has it
		to := *h
		to.To, h = c.Person, &to
	}
	if err := f.checkHanding(h); err != nil {
		return err
	}
	t := &handing{f: f, c: c, h: h, now: now}
	t.all()
	if len(t.refusals) > 0 {
		return t.refusals
	}
	return nil
}

// checkHanding refuses a hand-over from nobody, to nobody, or to those who have it.
func (f *Facts) checkHanding(h *HandOver) error {
	_, known := f.anybody(h.From)
	switch {
	case h.From != "" && h.Function != "":
		return models.Refuse(models.Invalid, "function", "name whose work it is, or a function: not both")
	case h.From == "" && h.Function == "":
		return models.Refuse(models.Invalid, "from", "from is missing: say whose work is handed over")
	case h.From != "" && !known:
		return models.Refuse(models.Invalid, "from", "from %q is nobody of this engagement", h.From)
	case h.Function != "" && !f.isRole(h.Function):
		return models.Refuse(models.Invalid, "function", "function %.80q is neither a function of the client nor a role of the team", h.Function)
	}
	takers := slices.Collect(h.takers())
	if len(takers) == 0 {
		return models.Refuse(models.Invalid, "to", "to is missing: say who takes over")
	}
	for _, id := range takers {
		if _, err := f.member("to", id); err != nil && !f.joins(h, id) {
			return err
		}
		if id == h.From {
			return models.Refuse(models.Invalid, "to", "to %q is whose work it is: name somebody else", id)
		}
	}
	for id := range h.Tasks {
		if !slices.ContainsFunc(f.HandedOver(h), func(x Held) bool { return x.Subject == string(id) }) {
			return models.Refuse(models.Invalid, "tasks", "tasks names %s, which is not among what is handed over", id)
		}
	}
	return nil
}

// isRole reports whether a word is a function of the client, or a role of the team.
func (f *Facts) isRole(word string) bool {
	_, function := f.Catalog.Function(word)
	return function || slices.Contains([]models.Role{models.RolePartner, models.RoleManager, models.RoleConsultant, models.RoleAuditor},
		models.Role(word))
}

// takers goes through those who take something over, each once.
func (h *HandOver) takers() func(yield func(models.PersonID) bool) {
	all := []models.PersonID{h.To}
	for _, id := range h.Roles {
		all = append(all, id)
	}
	for _, id := range h.Tasks {
		all = append(all, id)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.Values(slices.DeleteFunc(all, func(id models.PersonID) bool { return id == "" }))
}

// joins reports whether somebody of the firm comes onto the engagement by the hand-over, since they take over a place on it.
func (f *Facts) joins(h *HandOver, id models.PersonID) bool {
	p, active := f.Person(id)
	return active && slices.ContainsFunc(f.HandedOver(h), func(x Held) bool {
		return x.Place == PlaceSeat && x.To == id && string(p.Role) == x.Role
	})
}

// A handing is one hand-over that is being carried out.
type handing struct {
	f        *Facts
	c        Command
	h        *HandOver
	now      time.Time
	refusals Refusals
	took     map[models.PersonID][]Held
}

// all hands over everything, places on the team first: with them others come onto the engagement.
func (t *handing) all() {
	held := t.f.HandedOver(t.h)
	t.took = map[models.PersonID][]Held{}
	t.seats(held)
	t.gates(held)
	for _, x := range held {
		if x.To == "" {
			continue
		}
		task := t.f.Task(models.TaskID(x.Subject))
		switch x.Place {
		case PlaceTask:
			t.task(task, x)
		case PlaceApproval:
			t.approval(task, x)
		case PlaceBackup:
			t.backup(task, x)
		case PlaceQuestion:
			t.question(t.f.Question(x.Subject), x)
		}
	}
	t.tell()
}

func (t *handing) refuse(field, format string, args ...any) {
	t.refusals = append(t.refusals, &models.Error{Code: models.Conflict, Field: field, Message: fmt.Sprintf(format, args...)})
}

// note collects a refusal of a rule.
func (t *handing) note(err error) bool {
	if refusal, ok := errors.AsType[*models.Error](err); ok {
		t.refuse("to", "%s", refusal.Message)
	}
	return err == nil
}

// seats gives the places on the team.
func (t *handing) seats(held []Held) {
	f, before := t.f, t.f.Engagement
	e := &f.Engagement
	for _, x := range held {
		if x.Place != PlaceSeat || x.To == "" {
			continue
		}
		ok := false
		switch role := models.Role(x.Role); role {
		case models.RoleAuditor:
			if ok = e.Status == StatusDraft; !ok {
				t.refuse("to",
					"the auditor's place is the audit firm's: send the engagement back by RT-13 (audit firm replaced), then name the next one")
				break
			}
			if ok = t.note(f.checkTeam("auditor", x.To, role)); ok {
				e.Auditor = x.To
			}
		case models.RolePartner:
			if ok = t.note(f.checkTeam("partner", x.To, role)); ok {
				e.Partner = x.To
			}
		case models.RoleManager:
			if ok = t.note(f.checkTeam("manager", x.To, role)); ok {
				e.Manager = x.To
			}
		case models.RoleConsultant:
			ok = t.consultant(x.To)
		}
		if ok {
			t.took[x.To] = append(t.took[x.To], x)
		}
	}
	edit := t.c
	edit.Kind = EditEngagement
	f.logEdit(edit, before, t.now)
}

// consultant gives somebody's place among the consultants: who is on the engagement as manager or partner needs none.
func (t *handing) consultant(to models.PersonID) bool {
	e := &t.f.Engagement
	i := slices.Index(e.Consultants, t.h.From)
	rest := slices.Delete(slices.Clone(e.Consultants), i, i+1)
	if to != e.Manager && to != e.Partner && !slices.Contains(rest, to) {
		if !t.note(t.f.checkTeam("consultants", to, models.RoleConsultant)) {
			return false
		}
		rest = slices.Insert(rest, i, to)
	}
	e.Consultants = rest
	return true
}

// gates refuses a hand-over after which a gate would have nobody to sign it, though somebody is named who is to sign it: a gate follows the
// place on the team, and what a sponsor signs is for sponsors.
func (t *handing) gates(held []Held) {
	var without []string
	var to models.PersonID
	for _, x := range held {
		if x.Place != PlaceGate || x.To == "" {
			continue
		}
		if t.f.othersSign(models.Role(x.Role), t.h.From) {
			t.took[x.To] = append(t.took[x.To], x)
			continue
		}
		if _, active := t.f.Person(t.h.From); !active && x.Role == string(models.RoleSponsor) {
			without, to = append(without, x.Subject), x.To
		}
	}
	if len(without) > 0 {
		p, _ := t.f.Person(to)
		t.refuse("to", "%s would have nobody to sign: %s is %s and no sponsor; make somebody a sponsor first",
			strings.Join(without, ", "), p.Name, p.Role)
	}
}

// logs records that a task has somebody else.
func (t *handing) logs(task *Task, field string, from, to models.PersonID) {
	t.f.log(Event{At: t.now, Actor: t.c.Actor.Person, Kind: "task.handed_over", Subject: string(task.ID), Field: field, From: string(from),
		To: string(to), Reason: t.c.Reason})
	t.f.touch(task)
}

// task gives a task to somebody, unless they may not do it: they are to accept it, they checked it, or it checks what they did.
func (t *handing) task(task *Task, x Held) {
	if task.Owner == x.To {
		return
	}
	if !t.note(t.f.checkOwner(task, x.To, t.c.Actor.Person)) || !t.apart(task, x.To) {
		return
	}
	t.logs(task, "owner", task.Owner, x.To)
	was := task.Backup
	task.give(x.To)
	if was == x.To { // who left is nobody's backup
		task.Backup = ""
	}
	t.took[x.To] = append(t.took[x.To], x)
}

// apart refuses somebody who would do what they checked, check what they did, or accept what is theirs to do.
func (t *handing) apart(task *Task, to models.PersonID) bool {
	name := t.f.Called(to, "")
	for other, checks := range t.f.paired(task) {
		switch {
		case other.DoneBy != to || !checks && other.State == TaskWaived:
		case checks:
			t.refuse("to", "%s checks %s, which %s did: somebody else must check it", task.ID, other.ID, name)
			return false
		default:
			t.refuse("to", "%s checks %s, and %s checked it: somebody else must do it", other.ID, task.ID, name)
			return false
		}
	}
	if task.ApproverRole != "" && task.Approver == to {
		t.refuse("to", "%s is to accept %s: somebody else must do it", name, task.ID)
		return false
	}
	return true
}

// approval gives somebody the acceptance of a task, unless it is theirs to do or was done by them, or is not for their role to accept.
func (t *handing) approval(task *Task, x Held) {
	if task.Approver == x.To {
		return
	}
	p, _ := t.f.Person(x.To)
	switch role := models.Role(task.ApproverRole); {
	case models.SideOf(task.ApproverRole) != p.Role.Side():
		t.refuse("to", "%s is of the %s, but %s is for the %s to accept", p.Name, p.Role.Side(), task.ID, models.SideOf(task.ApproverRole))
	case role == models.RoleAuditor && t.f.Engagement.Auditor != "":
		t.refuse("to", "%s is for the auditor to accept", task.ID)
	case task.Owner == x.To:
		t.refuse("to", "%s is %s's to do: somebody else must accept it", task.ID, p.Name)
	case task.State == TaskSubmitted && task.DoneBy == x.To:
		t.refuse("to", "%s was done by %s: somebody else must accept it", task.ID, p.Name)
	case slices.Contains(models.Roles, role) && !t.f.approves(t.f.Actor(x.To), task.ApproverRole, "") && !t.f.holds(x.To, task.ApproverRole):
		t.refuse("to", "%s is %s, but %s is for %s to accept", p.Name, p.Role, task.ID, task.ApproverRole)
	default:
		t.logs(task, "approver", task.Approver, x.To)
		task.Approver = x.To
		t.took[x.To] = append(t.took[x.To], x)
	}
}

// backup has somebody stand in for the owner of a task; its owner needs no other.
func (t *handing) backup(task *Task, x Held) {
	if task.Backup != t.h.From {
		return // they took the task over, and with it nobody's place as its backup
	}
	to := x.To
	if p, _ := t.f.Person(to); to == task.Owner || p.Role.Side() != models.SideOf(task.OwnerRole) {
		to = ""
	}
	t.logs(task, "backup", task.Backup, to)
	if task.Backup = to; to != "" {
		t.took[to] = append(t.took[to], x)
	}
}

// question has somebody else answer an open question. Who asked it themselves does not wait for an answer any more.
func (t *handing) question(q *Question, x Held) {
	f := t.f
	p, _ := f.Person(x.To)
	if q.By == x.To {
		q.State, q.ClosedBy, q.ClosedAt = QuestionWithdrawn, t.c.Actor.Person, t.now
		q.Answer = "who was asked has left it to " + p.Name + ", who asked"
		f.logQuestion(q, t.c, events[WithdrawQuestion], string(t.h.From), t.now)
		f.touchQuestion(q)
		t.took[x.To] = append(t.took[x.To], x)
		return
	}
	if q.Internal && p.Role.Side() != models.SideFirm {
		t.refuse("to", "%s is a question among the firm's people, and %s is not of the firm", q.ID, p.Name)
		return
	}
	q.To = x.To
	f.log(Event{At: t.now, Actor: t.c.Actor.Person, Kind: "question.handed_over", Subject: string(q.Task), Field: q.ID, From: string(t.h.From),
		To: string(x.To), Reason: t.c.Reason, Internal: q.Internal})
	f.touchQuestion(q)
	t.took[x.To] = append(t.took[x.To], x)
}

// tell records the hand-over to each who takes something over, by which they are told.
func (t *handing) tell() {
	from := cmp.Or(string(t.h.From), t.h.Function)
	t.f.handed = map[models.PersonID]string{}
	for to := range t.h.takers() {
		held := t.took[to]
		also := t.h.Also[to]
		if len(held) == 0 && also == "" {
			continue
		}
		t.f.handed[to] = taken(held, also)
		t.f.log(Event{At: t.now, Actor: t.c.Actor.Person, Kind: t.c.event(), Subject: from, Field: "work", From: from, To: string(to),
			Reason: t.c.Reason})
	}
	if len(t.f.handed) == 0 && len(t.refusals) == 0 {
		t.refuse("from", "%s holds nothing in this engagement that could be handed over", t.f.Called(t.h.From, t.h.Function))
	}
}

// taken says for who takes over what it is: what they are from now on, then the tasks with what was agreed, as many as a message has room
// for; where that is not all, a line each of all of them follows. It says of nothing that it is late: that was not theirs.
func taken(held []Held, also string) string {
	const most = 5
	var roles, gates, tasks, accept, questions []string
	backups := 0
	for _, x := range held {
		switch x.Place {
		case PlaceSeat:
			roles = append(roles, x.Title)
		case PlaceGate:
			gates = append(gates, models.Quoted(x.Title))
		case PlaceTask:
			tasks = append(tasks, x.Title+" (agreed for "+models.Dated(x.Due)+")")
		case PlaceApproval:
			accept = append(accept, x.Title)
		case PlaceQuestion:
			questions = append(questions, x.Title)
		case PlaceBackup:
			backups++
		}
	}
	var out, whole []string
	add := func(says string, all []string) {
		if n := len(all); n > most {
			for _, one := range all {
				whole = append(whole, says+one)
			}
			all = append(slices.Clone(all[:most]), models.AndMore(n-most, ""))
		}
		if len(all) > 0 {
			out = append(out, says+strings.Join(all, "; ")+".")
		}
	}
	add("You are now: ", roles)
	if also != "" {
		out = append(out, also)
	}
	add("Yours to sign: ", gates)
	add("Yours to do: ", tasks)
	add("Yours to accept once it is done: ", accept)
	add("Questions that wait for your answer, about: ", questions)
	if backups > 0 {
		out = append(out, "You stand in for the owner of "+models.Count(backups, "task")+".")
	}
	return strings.Join(append([]string{strings.Join(out, " ")}, whole...), "\n")
}

// named returns a hand-over with the ids of those whom it names.
func (h *HandOver) named(means func(models.PersonID) models.PersonID) *HandOver {
	to := *h
	name := func(id models.PersonID) models.PersonID {
		if id == "" {
			return id
		}
		return means(id)
	}
	to.From, to.To = name(h.From), name(h.To)
	to.Roles, to.Tasks = maps.Clone(h.Roles), maps.Clone(h.Tasks)
	for role, id := range h.Roles {
		to.Roles[role] = name(id)
	}
	for task, id := range h.Tasks {
		to.Tasks[task] = name(id)
	}
	return &to
}

// asksWhoTakesOver asks who takes over what somebody left: of those of the same side.
func (f *Facts) asksWhoTakesOver(form *Form, on asked) {
	who := Field{Name: "person", Label: "Who takes over?", Kind: FieldChoice}
	form.Title, form.Submit = "Hand over", "Hand over"
	v := on.vacancy
	for _, p := range f.People {
		_, err := f.member("person", p.ID)
		comes := err == nil || f.joins(&HandOver{From: v.Person.ID, To: p.ID}, p.ID)
		if comes && p.Role.Side() == v.Person.Role.Side() && len(who.Options) < maxOptions {
			who.Options = append(who.Options, Option{string(p.ID), p.Name})
		}
	}
	slices.SortFunc(who.Options, func(x, y Option) int { return strings.Compare(strings.ToLower(x.Label), strings.ToLower(y.Label)) })
	form.Note = models.Upper(v.Text()) + ". Who takes over is told at once."
	if slices.ContainsFunc(v.Held, func(h Held) bool { return h.Place == PlaceFunction || h.Place == PlaceFunctionBackup }) {
		form.Note += " Functions of " + f.Client.Name + " go along with the rest."
	}
	form.Fields = []Field{who}
}
