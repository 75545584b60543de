package engagement

import (
	"cmp"
	"slices"
	"time"

	"tickmark/models"
)

// Work is what of an engagement is somebody's.
type Work struct {
	Tasks     []Task     // theirs to do and not closed, by due date
	Accept    []Task     // reported as done, and theirs to accept or return, by due date
	Gates     []Gate     // of which only a signature is missing that may be theirs
	Decisions []Decision // that wait for an approval that may be theirs
	Left      []Vacancy  // people who have left, for whose work they are to find others
	Questions []Question // that wait for their answer
	// For says of what is theirs only while somebody is away whose that is, by the id of the task or question.
	For map[string]models.PersonID
}

// WorkFor returns what is somebody's to do on a day, as WorkOf does, and with it what is theirs while others are away: their tasks, what
// waits for these to accept, and what these were asked; and all for which they are asked instead of who is away, as it is said to others.
// What nobody does for another, a signature and a decision, stays with those who may give it. Of tasks that one reported as done themselves
// nothing is theirs to accept.
func (f *Facts) WorkFor(a Actor, until models.Date, now time.Time) Work {
	w := f.WorkOf(a.Person, until, f.Today(now))
	w.For = map[string]models.PersonID{}
	if !f.Engagement.Status.Live() {
		return w
	}
	add := func(to *[]Task, all []Task, whose func(*Task) models.PersonID, may func(*Task) bool) {
		for i := range all {
			if who := whose(&all[i]); who != a.Person && may(&all[i]) {
				*to, w.For[string(all[i].ID)] = append(*to, all[i]), who
			}
		}
		slices.SortFunc(*to, ByDue)
	}
	away := func(who models.PersonID) bool { return who != a.Person && a.speaksFor(who) }
	add(&w.Tasks, f.tasksUntil(until, func(t *Task) bool { return away(t.Owner) && t.State != TaskSubmitted }),
		func(t *Task) models.PersonID { return t.Owner },
		func(t *Task) bool { return t.Backup == a.Person || f.actsIn(a, t.OwnerRole, t.Owner) })
	add(&w.Accept, f.tasksUntil(models.Date{}, func(t *Task) bool { return away(t.Approver) && t.State == TaskSubmitted }),
		func(t *Task) models.PersonID { return t.Approver },
		func(t *Task) bool { return f.actsIn(a, t.ApproverRole, t.Approver) && f.Accepts(a, t) == nil })
	for _, q := range f.Questions {
		if q.State == QuestionOpen && away(q.To) {
			w.Questions, w.For[q.ID] = append(w.Questions, *q), q.To
		}
	}
	turns := turning{f, &w, a.Person, f.Present(now), now}
	turns.tasks(until)
	turns.words()
	return w
}

// A turning adds to somebody's work for what they are asked instead of others who are away.
type turning struct {
	f       *Facts
	work    *Work
	who     models.PersonID
	present *Presence
	now     time.Time
}

// theirs reports whether somebody else is away whose turn it is, and the person is asked instead.
func (t turning) theirs(turn Turn) bool {
	return turn.Asked == t.who && turn.Whose != t.who && !turn.Until.IsZero() && !turn.Told
}

// tasks adds those to do until a day, all for the zero day, and those to accept.
func (t turning) tasks(until models.Date) {
	w := t.work
	for _, x := range t.f.Tasks {
		to := &w.Tasks
		if x.State == TaskSubmitted {
			to = &w.Accept
		} else if x.State != TaskOpen || !until.IsZero() && (x.Due.IsZero() || x.Due.After(until)) {
			continue
		}
		listed := slices.ContainsFunc(*to, func(o Task) bool { return o.ID == x.ID })
		if turn := t.present.Task(x); t.theirs(turn) && !listed {
			*to, w.For[string(x.ID)] = append(*to, *x), turn.Whose
		}
	}
	slices.SortFunc(w.Tasks, ByDue)
	slices.SortFunc(w.Accept, ByDue)
}

// words adds the gates to sign and the decisions to approve.
func (t turning) words() {
	f, w := t.f, t.work
	for _, g := range f.Gates {
		if !f.toSign(g) || g.Approver == models.RoleSystem || slices.ContainsFunc(w.Gates, func(x Gate) bool { return x.ID == g.ID }) {
			continue
		}
		if turn, ok := t.present.Gate(g); ok && t.theirs(turn) && len(f.GateBlockers(g, f.Today(t.now))) == 0 {
			w.Gates, w.For[g.ID] = append(w.Gates, g), turn.Whose
		}
	}
	for _, d := range f.Decisions {
		if d.State != DecisionPending || slices.ContainsFunc(w.Decisions, func(x Decision) bool { return x.ID == d.ID }) {
			continue
		}
		turns := t.present.Decision(d)
		if i := slices.IndexFunc(turns, t.theirs); i >= 0 {
			w.Decisions, w.For[d.ID] = append(w.Decisions, *d), turns[i].Whose
		}
	}
}

// WorkOf returns what is somebody's on a day, of tasks those due until then; all for the zero day. Of an engagement that neither runs nor
// is paused nothing is anybody's.
func (f *Facts) WorkOf(who models.PersonID, until, today models.Date) Work {
	var w Work
	if !f.Engagement.Status.Live() {
		return w
	}
	w.Tasks = f.tasksUntil(until, func(t *Task) bool { return t.Owner == who && t.State != TaskSubmitted })
	w.Accept = f.tasksUntil(models.Date{}, func(t *Task) bool { return t.Approver == who && t.State == TaskSubmitted })
	for _, g := range f.Gates {
		if f.toSign(g) && g.Approver != models.RoleSystem && f.isAsked(who, f.MayJudge(g.Approver)) && len(f.GateBlockers(g, today)) == 0 {
			w.Gates = append(w.Gates, g)
		}
	}
	if slices.Contains(f.StaffedBy(), who) {
		w.Left = f.Vacancies()
	}
	for _, d := range f.Decisions {
		if d.State == DecisionPending && slices.ContainsFunc(f.Missing(d), func(r models.Role) bool {
			return f.isAsked(who, f.MayAnswer(d, r))
		}) {
			w.Decisions = append(w.Decisions, *d)
		}
	}
	for _, q := range f.Questions {
		if q.State == QuestionOpen && q.To == who {
			w.Questions = append(w.Questions, *q)
		}
	}
	return w
}

// isAsked reports whether somebody is among those who may give a word, of partners the first: any partner may, and one of them is asked.
func (f *Facts) isAsked(who models.PersonID, may []models.PersonID) bool {
	at := slices.Index(may, who)
	p, _ := f.Person(who)
	return at == 0 || at > 0 && p.Role != models.RolePartner
}

// tasksUntil returns the tasks that are not closed, due until a day (the zero day: all) and as wanted, by due date.
func (f *Facts) tasksUntil(until models.Date, want func(*Task) bool) []Task {
	var out []Task
	for _, t := range f.Tasks {
		if !t.State.Closed() && want(t) && (until.IsZero() || !t.Due.IsZero() && !t.Due.After(until)) {
			out = append(out, *t)
		}
	}
	slices.SortFunc(out, ByDue)
	return out
}

// ByDue compares tasks by due date, those without one last, and by id.
func ByDue(a, b Task) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		return b.Due.Compare(a.Due)
	}
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
}

// SeatsOf returns the roles in which somebody is on the engagement by name.
func (e Engagement) SeatsOf(who models.PersonID) []models.Role {
	var out []models.Role
	for _, seat := range []struct {
		role   models.Role
		people []models.PersonID
	}{{models.RolePartner, []models.PersonID{e.Partner}}, {models.RoleManager, []models.PersonID{e.Manager}},
		{models.RoleConsultant, e.Consultants}, {models.RoleAuditor, []models.PersonID{e.Auditor}}} {
		if slices.Contains(seat.people, who) {
			out = append(out, seat.role)
		}
	}
	return out
}
