package engagement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// broughtByWork lists the expansions whose copies are added by hand, as the work brings them.
var broughtByWork = []string{"per_gap_high", "per_gap_low", "per_auditor_request", "per_sample_request"}

// adds refuses an auditor who adds anything but requests and samples.
func (f *Facts) adds(a Actor, c Command) error {
	if a.Role != models.RoleAuditor || c.Add == nil {
		return nil
	}
	if tmpl, ok := f.Catalog.Template(c.Add.From); ok && (tmpl.Expand == "per_auditor_request" || tmpl.Expand == "per_sample_request") {
		return nil
	}
	return models.Refuse(models.Forbidden, "from", "an auditor adds requests and samples only: name T1-10, T2-04 or T2-07 in from")
}

// addTask adds a task by hand and returns its id: a free one, or the tasks that belong to one gap, sample or request.
func (f *Facts) addTask(c Command, now time.Time) (string, error) {
	n := c.Add
	if n == nil {
		return "", models.Refuse(models.Invalid, "title", "the task to add is missing")
	}
	if n.From != "" {
		return f.addFrom(c, now)
	}
	st, p, err := f.checkNew(n, now)
	if err != nil {
		return "", err
	}
	f.Engagement.Added++
	t := &Task{ID: models.TaskID(fmt.Sprintf("X-%d", f.Engagement.Added)), Subject: n.Subject, Phase: n.Phase, Title: n.Title,
		State: TaskWaiting, Gate: n.Gate,
		OwnerRole: ownerRole(p), Owner: n.Owner, Moved: true, Minutes: n.Minutes, Round: st.Round}
	t.Due = f.landing(t, n.Due)
	t.Original = t.Due
	f.agreed(t, now)
	if err := f.link(t, n); err != nil {
		return "", err
	}
	f.Tasks = append(f.Tasks, t)
	f.touch(t)
	st.Tasks++
	f.logTask(t, c, now, "due", "", t.Due.String())
	f.keepOrder(t.Phase, now)
	return string(t.ID), nil
}

// checkNew returns the phase and the owner of a new task, whose phase is the last active one unless it names another. It refuses (invalid,
// naming the field) a title, phase, owner, due date or effort that a task cannot have.
func (f *Facts) checkNew(n *NewTask, now time.Time) (*PhaseState, models.Person, error) {
	if err := models.CheckName("title", n.Title); err != nil {
		return nil, models.Person{}, err
	}
	if active := f.Active(); n.Phase == "" && len(active) > 0 {
		n.Phase = active[len(active)-1]
	}
	st := f.Phase(n.Phase)
	if st == nil || st.Standing != StandingActive {
		return nil, models.Person{}, models.Refuse(models.Invalid, "phase", "phase %q is none of the active phases: %s", n.Phase,
			models.Words(f.Active()))
	}
	p, err := f.member("owner", n.Owner)
	if err != nil {
		return nil, p, err
	}
	if err := f.checkDue(n.Due, now); err != nil {
		return nil, p, err
	}
	return st, p, checkMinutes(n.Minutes)
}

// checkMinutes refuses an effort that a task cannot have.
func checkMinutes(n int) error {
	if n < 0 || n > 100_000 {
		return models.Refuse(models.Invalid, "minutes", "minutes %d must be between 0 and 100,000", n)
	}
	return nil
}

// ownerRole returns the owner role of a task given to a person by name.
func ownerRole(p models.Person) string {
	if p.Role == models.RoleOwner {
		return string(models.RoleSponsor) // of the client, whatever the function
	}
	return string(p.Role)
}

// link makes the new task wait for those in After, and those in Before wait for it. A circle is refused.
func (f *Facts) link(t *Task, n *NewTask) error {
	for _, id := range n.After {
		if f.Task(id) == nil {
			return models.Refuse(models.Invalid, "after", "after names %q, which is no task of this engagement", id)
		}
		t.After = append(t.After, string(id))
	}
	for _, id := range n.Before {
		b := f.Task(id)
		if b == nil || b.State.Closed() || b.State == TaskSubmitted {
			return models.Refuse(models.Invalid, "before", "before names %q, which is no open task of this engagement", id)
		}
		b.After = append(b.After, string(t.ID))
		f.touch(b)
		if path := f.path(t, b.ID, map[models.TaskID]bool{}); path != nil {
			return models.Refuse(models.Invalid, "before", "that would be a circle: %s waits for %s", b.ID, strings.Join(path, ", which waits for "))
		}
	}
	return nil
}

// path returns the chain of waiting from t to the task of that id, or nil when t does not wait for it.
func (f *Facts) path(t *Task, to models.TaskID, seen map[models.TaskID]bool) []string {
	seen[t.ID] = true
	for _, dep := range t.After {
		for _, d := range f.Tasks {
			if string(d.ID) != dep && d.Template != dep || seen[d.ID] {
				continue
			}
			if d.ID == to {
				return []string{string(t.ID), string(to)}
			}
			if p := f.path(d, to, seen); p != nil {
				return append([]string{string(t.ID)}, p...)
			}
		}
	}
	return nil
}

// addFrom adds every task of the expansion that the named template belongs to: a high gap brings its fix and its
// verification, a sample its request and its check.
func (f *Facts) addFrom(c Command, now time.Time) (string, error) {
	n := c.Add
	tmpl, err := f.addableFrom(n, now)
	if err != nil {
		return "", err
	}
	var who models.Person
	if n.Owner != "" {
		if who, err = f.member("owner", n.Owner); err != nil {
			return "", err
		}
	}
	of := f.subjectOf(n)
	plan, err := f.plan()
	if err != nil {
		return "", err
	}
	var first *Task
	for _, other := range f.expandedWith(tmpl) {
		due := n.Due
		if due.IsZero() || other.ID != tmpl.ID {
			due = models.Later(plan.Due(other.ID), n.Due)
		}
		t := f.create(other, of, due, f.Today(now))
		if t.Subject, t.Moved = n.Subject, !n.Due.IsZero(); t.Moved {
			f.agreed(t, now)
		}
		if n.Owner != "" && other.ID == tmpl.ID {
			if err := f.giveNew(t, who, c.Actor.Person); err != nil {
				return "", err
			}
		}
		f.reopenGates(t, string(t.ID)+" was added", now)
		f.logTask(t, c, now, "due", "", t.Due.String())
		if first == nil {
			first = t
		}
	}
	f.keepOrder(first.Phase, now)
	return string(first.ID), nil
}

// expandedWith returns the templates that are expanded together with one: those of the same expansion in the same phase.
func (f *Facts) expandedWith(tmpl catalog.TaskTemplate) []catalog.TaskTemplate {
	return models.Keep(f.Catalog.TasksFor(f.Flags()),
		func(t catalog.TaskTemplate) bool { return t.Expand == tmpl.Expand && t.Phase == tmpl.Phase })
}

// addableFrom returns the template that a new task names. It refuses one whose copies the work does not bring, or whose phase is not
// active, and a title or due date that a task cannot have.
func (f *Facts) addableFrom(n *NewTask, now time.Time) (catalog.TaskTemplate, error) {
	tmpl, ok := f.Catalog.Template(n.From)
	if !ok || !slices.Contains(broughtByWork, tmpl.Expand) || !f.applies(tmpl) {
		return tmpl, models.Refuse(models.Invalid, "from", "from %q is none of the tasks that are added as the work brings them: %s", n.From,
			strings.Join(f.addable(), ", "))
	}
	if st := f.Phase(tmpl.Phase); st.Standing != StandingActive {
		return tmpl, models.Refuse(models.Conflict, "from", "%s belongs to %s, which is not active", n.From, f.PhaseName(tmpl.Phase))
	}
	if err := models.CheckName("title", n.Title); err != nil {
		return tmpl, err
	}
	if n.Due.IsZero() {
		return tmpl, nil
	}
	return tmpl, f.checkDue(n.Due, now)
}

// subjectOf returns what tasks added from a template are about, under the next free number.
func (f *Facts) subjectOf(n *NewTask) subject {
	f.Engagement.Added++
	of := subject{id: fmt.Sprintf("X%d", f.Engagement.Added), name: n.Title, owner: string(models.RoleSponsor)}
	if n.Subject != "" {
		of.owner = f.functionFor(n.Subject)
	}
	return of
}

// giveNew makes somebody the owner of a new task, or refuses when the task is for another side or for a role above theirs to do.
func (f *Facts) giveNew(t *Task, who models.Person, by models.PersonID) error {
	if side := models.SideOf(t.OwnerRole); who.Role.Side() != side {
		return models.Refuse(models.Invalid, "owner", "%s is of the %s, but %s is for the %s to do", who.Name, who.Role.Side(), t.Template, side)
	}
	if err := f.checkRank(t, who, by); err != nil {
		return err
	}
	if t.Backup == who.ID {
		t.Backup = t.Owner
	}
	t.Owner = who.ID
	return nil
}

func (f *Facts) addable() []string {
	var out []string
	for _, t := range f.Catalog.TasksFor(f.Flags()) {
		if slices.Contains(broughtByWork, t.Expand) {
			out = append(out, t.ID)
		}
	}
	return out
}

// functionFor returns the client function that answers for a control, question, evidence request or policy.
func (f *Facts) functionFor(id string) string {
	if c, ok := f.Catalog.Control(id); ok {
		return c.Owner
	}
	if q, ok := f.Catalog.Question(id); ok {
		return q.IfNo.Owner
	}
	if e, ok := f.Catalog.EvidenceRequest(id); ok {
		return e.Owner
	}
	if p, ok := f.Catalog.Policy(id); ok {
		return p.Owner
	}
	return string(models.RoleSponsor)
}
