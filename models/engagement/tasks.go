package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// createTasks creates the tasks a phase brings with it.
func (f *Facts) createTasks(st *PhaseState, today models.Date) {
	due := f.planned()
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Phase == st.Phase && tmpl.Repeats == nil && !tmpl.Due.FromCadence && f.Engagement.WindowMonths >= tmpl.MinWindowMonths {
			for _, s := range f.subjects(tmpl, f.Scope()) {
				f.create(tmpl, s, due[tmpl.ID].Due, today)
			}
		}
	}
}

// A subject is one thing an expanded task is about, and the client function that answers for it.
type subject struct{ id, name, owner string }

// subjects returns what a template is expanded into: one nameless subject for a plain task, none for what the work brings
// later (gaps, samples, auditor requests) or the calendar (occurrences).
func (f *Facts) subjects(t catalog.TaskTemplate, sel catalog.Selection) []subject {
	if t.Expand == "" {
		return []subject{{}}
	}
	if of := subjectsOf[t.Expand]; of != nil {
		return of(f, sel)
	}
	return nil
}

// role returns the role of who owns the copy of a template that is about the subject: of control_owner, evidence_owner and the like the
// owner of the subject.
func (s subject) role(tmpl catalog.TaskTemplate) string {
	if strings.HasSuffix(tmpl.Owner, "_owner") {
		return s.owner
	}
	return tmpl.Owner
}

// subjectsOf says what a template is expanded into, by its expansion.
var subjectsOf = map[string]func(f *Facts, sel catalog.Selection) []subject{
	"per_control":           func(_ *Facts, sel catalog.Selection) []subject { return controlSubjects(sel.Controls) },
	"per_essential_control": func(_ *Facts, sel catalog.Selection) []subject { return controlSubjects(sel.Essential()) },
	"per_evidence_gap": func(_ *Facts, sel catalog.Selection) []subject {
		return evidenceSubjects(sel.EvidenceFor(catalog.StageGap))
	},
	"per_evidence_t1": func(_ *Facts, sel catalog.Selection) []subject {
		return evidenceSubjects(sel.EvidenceFor(catalog.StageT1))
	},
	"per_population":      func(_ *Facts, sel catalog.Selection) []subject { return evidenceSubjects(sel.Populations()) },
	"per_policy":          func(_ *Facts, sel catalog.Selection) []subject { return policySubjects(sel.Policies) },
	"per_question_domain": (*Facts).domainSubjects,
}

func controlSubjects(list []catalog.Control) []subject {
	var out []subject
	for _, c := range list {
		out = append(out, subject{c.ID, c.Name, c.Owner})
	}
	return out
}

func policySubjects(list []catalog.Policy) []subject {
	var out []subject
	for _, p := range list {
		out = append(out, subject{p.ID, p.Name, p.Owner})
	}
	return out
}

// domainSubjects returns the domains of gap questions in scope; who answers the first question of one answers for it.
func (f *Facts) domainSubjects(sel catalog.Selection) []subject {
	var out []subject
	for _, id := range sel.Domains {
		d := subject{id: id, name: id, owner: string(models.RoleSponsor)}
		if info, ok := f.Catalog.Domain(id); ok {
			d.name = info.Name
		}
		if qs := sel.QuestionsIn(id); len(qs) > 0 {
			d.owner = qs[0].IfNo.Owner
		}
		out = append(out, d)
	}
	return out
}

func evidenceSubjects(list []catalog.EvidenceRequest) []subject {
	out := make([]subject, len(list))
	for i, e := range list {
		out[i] = subject{e.ID, e.Name, e.Owner}
	}
	return out
}

// taskID names a task: the template, its subject and, from the second round of its phase, the round.
func taskID(template, subject string, round int) models.TaskID {
	id := template
	if subject != "" {
		id += "." + subject
	}
	if round > 1 {
		id += fmt.Sprintf("~%d", round)
	}
	return models.TaskID(id)
}

// create adds one task of a template, with what has to be known of it before it gets its dates. A due date that has passed already becomes
// the next business day: nobody is late with what was never asked.
func (f *Facts) create(tmpl catalog.TaskTemplate, s subject, due, today models.Date, with ...func(*Task)) *Task {
	st := f.Phase(tmpl.Phase)
	id := taskID(tmpl.ID, s.id, st.Round)
	if old := f.Task(id); old != nil {
		return old
	}
	t := &Task{ID: id, Template: tmpl.ID, Subject: s.id, Phase: tmpl.Phase, Title: tmpl.Title, State: TaskWaiting, Gate: tmpl.Gate,
		OwnerRole: s.role(tmpl), ApproverRole: tmpl.Approver, Anchor: tmpl.Due.Anchor, Minutes: tmpl.EffortMinutes, Round: st.Round}
	if s.name != "" {
		t.Title += ": " + s.name
	}
	t.After = f.afterOf(tmpl, s.id)
	f.staff(t)
	for _, set := range with {
		set(t)
	}
	t.Due = f.firstDue(t, due, today)
	t.Original, t.Planned = t.Due, f.landing(t, due)
	if p, ok := f.planned()[t.Template]; ok && p.Due == due { // what is done again, or by a day that was said, has none of the plan's
		t.Span = f.span(t, p)
	}
	f.Tasks = append(f.Tasks, t)
	f.touch(t)
	f.unforeseen(t)
	st.Tasks++
	return t
}

// planned returns the tasks of the present plan by their templates, none where it has no dates. They are worked out once for as long as
// nothing is logged.
func (f *Facts) planned() map[string]planning.TaskPlan {
	if f.due == nil {
		if plan, err := f.plan(); err == nil {
			f.due = plannedIn(plan)
		}
	}
	return f.due
}

// firstDue returns when a new task is due that the plan has due on a day: on a business day of its owner's, after today, and not before
// what comes first. What the plan has stays beside it.
func (f *Facts) firstDue(t *Task, planned, today models.Date) models.Date {
	due, today := f.landing(t, planned), f.askedOn(t.Anchor, today)
	if !due.After(today) && today.After(planned) {
		due = f.DaysOf(t).Add(today, 1)
	}
	for _, dep := range f.Tasks {
		if !dep.State.Closed() && dep.Due.After(due) && t.ComesAfter(dep) {
			due = f.landing(t, dep.Due)
		}
	}
	return due
}

// afterOf returns what a copy of a template waits for. Dependencies on templates the engagement does not have are dropped;
// a template expanded over the same things is waited for copy by copy.
func (f *Facts) afterOf(tmpl catalog.TaskTemplate, subject string) []string {
	var out []string
	for _, id := range tmpl.After {
		dep, ok := f.Catalog.Template(id)
		if !ok || !f.applies(dep) {
			continue
		}
		if subject != "" && dep.Expand != "" && dep.Expand == tmpl.Expand {
			id = string(taskID(id, subject, f.Phase(dep.Phase).Round))
		}
		out = append(out, id)
	}
	return out
}

// applies reports whether the engagement has tasks of a template.
func (f *Facts) applies(t catalog.TaskTemplate) bool {
	flags := f.Flags()
	if !models.HasAll(flags, t.When) || !f.onRoute(t.Phase) || f.Engagement.WindowMonths < t.MinWindowMonths {
		return false
	}
	return !slices.Contains(flags, "renewal") || !slices.Contains(f.Catalog.Renewal.SkipTasks, t.ID)
}

// staff names the people of a task from the team and the client's function map.
func (f *Facts) staff(t *Task) {
	t.Owner, t.Backup = f.holder(t.OwnerRole)
	if t.ApproverRole != "" {
		t.Approver, _ = f.holder(t.ApproverRole)
	}
}

// holder returns who holds a firm role, the auditor's seat or a client function, following the function's fallbacks when
// nobody does (roles.yaml); empty when there is nobody at the end of the chain.
func (f *Facts) holder(role string) (person, backup models.PersonID) {
	if r := models.Role(role); slices.Contains(models.Roles, r) && r.Side() != models.SideClient {
		return f.Engagement.seat(r)
	}
	for seen := 0; role != "" && seen < 20; seen++ {
		for _, d := range f.Duties {
			if _, active := f.Person(d.Person); d.Function == role && active {
				return d.Person, d.Backup
			}
		}
		fn, _ := f.Catalog.Function(role)
		role = fn.Fallback
	}
	return "", ""
}

// seat returns who has a seat of the firm or the auditor's, and their backup. Where no auditor has been invited the manager asks the
// auditor and records the answers.
func (e Engagement) seat(r models.Role) (person, backup models.PersonID) {
	switch {
	case r == models.RolePartner:
		return e.Partner, ""
	case r == models.RoleConsultant && len(e.Consultants) > 0:
		return e.Consultants[0], e.Manager
	case r == models.RoleAuditor && e.Auditor != "":
		return e.Auditor, ""
	}
	return e.Manager, e.Partner
}

// bring creates the recurring tasks whose period has begun.
func (f *Facts) bring(now time.Time) {
	today := f.Today(now)
	for i := range f.Phases {
		st := &f.Phases[i]
		if st.Standing != StandingActive || !st.Through.Before(today) || !f.goesOn(st.Phase) {
			continue
		}
		for _, r := range f.recurring(st) {
			if r.Period.Start.After(st.Through) && !r.Period.Start.After(today) && !f.comes(r) {
				f.createRecurring(r, today)
			}
		}
		st.Through = today
	}
	if f.Engagement.Status == StatusRunning {
		f.supersede(today, now)
	}
}

// Weekly reports whether a task is one coming of something that is held every week.
func (f *Facts) Weekly(t *Task) bool {
	tmpl, ok := f.Catalog.Template(t.Template)
	return ok && tmpl.Repeats != nil && tmpl.Repeats.Every == "weekly"
}

// supersede cancels what repeats and was not held by its day once the next one is asked for: nobody owes two of them.
func (f *Facts) supersede(today models.Date, now time.Time) {
	for _, t := range f.Tasks {
		if f.superseded(t, today) {
			f.cancelTask(t, "it was not held, and the next one is due on "+f.nextOf(t).Due.String(), now)
		}
	}
}

// superseded reports whether the day of something that repeats has passed, and the next is asked for in its place.
func (f *Facts) superseded(t *Task, today models.Date) bool {
	return t.Due.Before(today) && f.nextOf(t) != nil
}

// ComesLater reports whether something that repeats is not due yet, while one before it is open: only the nearest is asked for.
func (f *Facts) ComesLater(t *Task, today models.Date) bool {
	if tmpl, ok := f.Catalog.Template(t.Template); !ok || tmpl.Repeats == nil || !t.Due.After(today) {
		return false
	}
	return slices.ContainsFunc(f.Tasks, func(x *Task) bool {
		return x.Template == t.Template && x.State == TaskOpen && x.Due.Before(t.Due) && !x.Due.Before(today)
	})
}

// nextOf returns what is asked for in the place of something that repeats once its day has passed; nil when it does not repeat, has been
// held, or nothing else is asked for yet.
func (f *Facts) nextOf(t *Task) *Task {
	if tmpl, ok := f.Catalog.Template(t.Template); !ok || tmpl.Repeats == nil || t.State.Closed() || t.State == TaskSubmitted {
		return nil
	}
	for _, next := range f.Tasks {
		if next.Template == t.Template && next.Due.After(t.Due) && !next.State.Closed() {
			return next
		}
	}
	return nil
}

func (f *Facts) createRecurring(r recurring, today models.Date) {
	first := r.Due
	if !r.PerformBy.IsZero() {
		first = r.PerformBy
	}
	t := f.create(r.tmpl, subject{r.Subject, r.Title, r.owner}, first, today, func(t *Task) {
		t.Period = r.Period
		if !r.PerformBy.IsZero() {
			t.PerformBy, t.SendBy = r.PerformBy, f.DaysOf(t).Roll(r.Due)
		}
	})
	t.Period = r.Period
	if t.Performing() && !t.Due.After(t.Period.End) {
		t.PerformBy = t.Due
	}
}

// comes reports whether a repeated task is asked for already, for a day so near that it is the same coming: a pause shifts
// what is open by business days, and what is to come with its phase.
func (f *Facts) comes(r recurring) bool {
	return r.tmpl.Repeats != nil && slices.ContainsFunc(f.Tasks, func(t *Task) bool {
		return t.Template == r.tmpl.ID && !t.State.Closed() && t.Due.AddDays(-4).Before(r.Due) && r.Due.Before(t.Due.AddDays(4))
	})
}

// goesOn reports whether what repeats in a phase comes now: in a pause only what the window asks for does.
func (f *Facts) goesOn(p catalog.Phase) bool {
	return f.Engagement.Status == StatusRunning || p == catalog.PhaseWindow
}

type recurring struct {
	planning.Occurrence
	tmpl  catalog.TaskTemplate
	owner string
}

// recurring returns every recurring task of a phase over its whole length, in no particular order.
func (f *Facts) recurring(st *PhaseState) []recurring {
	var out []recurring
	recurs := func(t catalog.TaskTemplate) bool {
		return t.Phase == st.Phase && (t.Repeats != nil || t.Due.FromCadence)
	}
	if !slices.ContainsFunc(f.Catalog.Tasks, recurs) {
		return nil
	}
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if !recurs(tmpl) {
			continue
		}
		days := f.Days(tmpl.Owner)
		switch {
		case tmpl.Repeats != nil:
			first, until, ok := f.repeats(tmpl)
			if !ok {
				return nil
			}
			for _, o := range planning.Repeats(tmpl, first, until, days) {
				o.Title = "due " + o.Title
				out = append(out, recurring{o, tmpl, tmpl.Owner})
			}
		case tmpl.Due.FromCadence:
			for _, o := range planning.Occurrences(f.Catalog, f.Scope().Controls, f.Engagement.Window(), f.ClientDays) {
				out = append(out, recurring{f.occurs(o, tmpl, days), tmpl, o.Owner})
			}
		}
	}
	return out
}

// nextPeriod returns the first day after today on which recurring tasks may begin; zero when there are none. It may name a day that brings
// nothing, and passes none that brings something.
func (f *Facts) nextPeriod(today models.Date) models.Date {
	var next models.Date
	for i := range f.Phases {
		if st := &f.Phases[i]; st.Standing == StandingActive && f.goesOn(st.Phase) {
			next = sooner(next, f.nextIn(st, today))
		}
	}
	return next
}

// nextIn returns the first day after a day on which recurring tasks of a phase may begin; zero when there are none.
func (f *Facts) nextIn(st *PhaseState, after models.Date) models.Date {
	var next models.Date
	flags := f.Flags()
	for i := range f.Catalog.Tasks {
		tmpl := &f.Catalog.Tasks[i]
		if tmpl.Phase != st.Phase || tmpl.Repeats == nil && !tmpl.Due.FromCadence || !models.HasAll(flags, tmpl.When) {
			continue
		}
		if tmpl.Repeats == nil {
			next = sooner(next, planning.NextBegin(f.Catalog, f.Engagement.Window(), after, f.ClientDays))
		} else if first, until, ok := f.repeats(*tmpl); ok {
			next = sooner(next, planning.NextRepeat(*tmpl, first, until, f.Days(tmpl.Owner), after))
		}
	}
	return next
}

// sooner returns the earlier of two days; the other when one is zero.
func sooner(a, b models.Date) models.Date {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// repeats returns when a repeated task is first due, and until when it comes; ok is false when the plan has no dates.
func (f *Facts) repeats(tmpl catalog.TaskTemplate) (first, until models.Date, ok bool) {
	plan, err := f.schedule()
	if err != nil {
		return first, until, false
	}
	return f.Days(tmpl.Owner).Add(plan.Anchors[tmpl.Due.Anchor], tmpl.Due.Offset), plan.Anchors[tmpl.Repeats.Until], true
}

// Sponsor returns who holds the function of the client's sponsor; empty when nobody does.
func (f *Facts) Sponsor() models.PersonID {
	who, _ := f.holder(string(models.RoleSponsor))
	return who
}

// openTasks are the tasks that are not closed, by id and by template.
type openTasks struct{ ids, templates map[string]bool }

func (f *Facts) openDeps() openTasks {
	open := openTasks{make(map[string]bool, len(f.Tasks)), make(map[string]bool, len(f.Tasks))}
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			open.ids[string(t.ID)] = true
			open.templates[t.Template] = true
		}
	}
	return open
}

// waitsFor reports whether a task waits for one of those it comes after. A task added by hand waits for the very tasks it was
// said to wait for, even where those have the name of a template.
func (f *Facts) waitsFor(t *Task, dep string, open openTasks) bool {
	if t.Template == "" {
		return open.ids[dep]
	}
	return !f.met(dep, open)
}

// met reports whether a dependency is closed: no open task bears the id or template, and if it is a template, its phase has
// been entered and, when it is expanded as the work brings it, what brings it is closed too.
func (f *Facts) met(dep string, open openTasks) bool {
	if open.ids[dep] || open.templates[dep] {
		return false
	}
	tmpl, ok := f.Catalog.Template(dep)
	if !ok || !f.applies(tmpl) {
		return true
	}
	if st := f.Phase(tmpl.Phase); st.Standing == StandingWaiting {
		return false
	}
	if tmpl.Expand == "" {
		return true
	}
	return !slices.ContainsFunc(tmpl.After, func(id string) bool { return !f.met(id, open) })
}

// owed reports whether lateness of a task counts against its owner: it is open, or blocked by somebody else than the firm
// (domain.md 6.5). In a pause, in which nobody is asked for anything, nothing is owed.
func (f *Facts) owed(t *Task) bool {
	if f.Engagement.Status == StatusPaused {
		return false
	}
	return t.State == TaskOpen || t.State == TaskBlocked && t.BlockedBy != models.SideFirm
}

func (f *Facts) cancelTask(t *Task, reason string, now time.Time) {
	f.log(Event{At: now, Kind: "task.cancelled", Subject: string(t.ID), Field: "state", From: string(t.State), To: string(TaskCancelled),
		Reason: reason})
	t.State, t.Reason, t.Late = TaskCancelled, reason, false
	f.touch(t)
	f.effort(t.Phase, -f.weight(t), 0)
	if st := f.Phase(t.Phase); st != nil {
		st.Tasks--
	}
}

// BlockedSince returns the day since which a blocked task waits to be let go on: the one on which it was blocked, or that on which it
// opened if that is later. It is zero for a task that is not blocked.
func (t *Task) BlockedSince() models.Date {
	if t.State != TaskBlocked {
		return models.Date{}
	}
	return models.Later(t.BlockedOn, t.OpenedOn)
}

// BlockedSince returns the day since which a blocked task waits, as the task says; where it was paused since it is the day on which it was
// blocked, though the day on which it opened has moved with the pause.
func (f *Facts) BlockedSince(t *Task) models.Date {
	if t.State == TaskBlocked && slices.ContainsFunc(f.pauses(), func(p Pause) bool { return p.To.IsZero() || !p.To.Before(t.BlockedOn) }) {
		return t.BlockedOn
	}
	return t.BlockedSince()
}

// Unblocker returns who is asked whether a blocked task can go on: the sponsor where the client has to act, else the manager.
func (f *Facts) Unblocker(t *Task) models.PersonID {
	if t.BlockedBy == models.SideClient {
		return cmp.Or(f.Sponsor(), f.Engagement.Manager)
	}
	return f.Engagement.Manager
}

// member returns a person who takes part in the engagement: on the firm's team, a partner, at the client, or its auditor.
// Nobody else could see what he is asked to do. Who is not there and who does not take part is refused in the same words.
func (f *Facts) member(field string, id models.PersonID) (models.Person, error) {
	e := f.Engagement
	p, ok := f.Person(id)
	switch {
	case !ok:
	case p.Role == models.RolePartner, p.ID == e.Manager, p.ID == e.Auditor, slices.Contains(e.Consultants, p.ID):
		return p, nil
	case p.Role.Side() == models.SideClient && p.Client == f.Client.ID:
		return p, nil
	}
	return models.Person{}, models.Refuse(models.Invalid, field,
		"%s %q is nobody active who takes part in this engagement: add them to its team or its client first, or name somebody who does",
		field, id)
}
