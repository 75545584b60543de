package engagement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tickmark/models"
)

func itoa(n int) string { return strconv.Itoa(n) }

// logTask records a command on a task.
func (f *Facts) logTask(t *Task, c Command, now time.Time, field, from, to string) {
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: string(t.ID), Field: field, From: from, To: to, Reason: c.Reason})
}

// acts refuses an actor who may not do the work of a task: its owner and backup may; the team may for the client, and the
// sponsor for the client's people; nobody of the firm may for an invited auditor (domain.md 7.1, 7.3).
func (f *Facts) acts(a Actor, t *Task) error {
	if f.actsIn(a, t.OwnerRole, t.Owner) || t.Backup == a.Person || f.actsAs(a.Role, t) {
		return nil
	}
	return models.Refuse(models.Forbidden, "task", "%s is for %s to do", t.ID, f.Called(t.Owner, t.OwnerRole))
}

// actsAs reports whether everybody in a role may do the work of a task.
func (f *Facts) actsAs(r models.Role, t *Task) bool {
	side := models.SideOf(t.OwnerRole)
	switch r {
	case models.RolePartner, models.RoleManager:
		return side != models.SideAuditor || f.Engagement.Auditor == ""
	case models.RoleConsultant:
		return side == models.SideClient || t.OwnerRole == string(models.RoleConsultant)
	case models.RoleSponsor:
		return side == models.SideClient
	case models.RoleAuditor:
		return side == models.SideAuditor
	}
	return false
}

// complete reports a task as done: it is submitted to its approver where it has one.
func (f *Facts) complete(t *Task, c Command, now time.Time) error {
	if t.State == TaskWaiting && len(f.unmet(t)) == 0 { // what it waits for was completed by this very command
		t.State, t.OpenedOn = TaskOpen, f.askedOn(t.Anchor, f.Today(now))
	}
	switch t.State {
	case TaskOpen, TaskBlocked:
	case TaskWaiting:
		return models.Refuse(models.Conflict, "task", "%s waits for %s", t.ID, strings.Join(f.unmet(t), ", "))
	case TaskDone, TaskSubmitted:
		return models.Refuse(models.Conflict, "task", "%s was completed already by %s on %s", t.ID, f.Called(t.DoneBy, t.OwnerRole),
			models.DateIn(t.DoneAt, f.Location()))
	default:
		return models.Refuse(models.Conflict, "task", "%s is %s: reopen it first", t.ID, t.State)
	}
	if err := f.mayBeIssued(t, c.On, f.Today(now)); err != nil {
		return err
	}
	if in := f.unmet(t); len(in) > 0 { // blocked before it could be begun
		return models.Refuse(models.Conflict, "task", "%s waits for %s", t.ID, strings.Join(in, ", "))
	}
	if err := f.performs(t, c, now); err != nil {
		return err
	}
	from, me := t.State, c.Actor.Person
	t.DoneBy, t.DoneAt, t.BlockedBy, t.BlockedOn, t.Reason, t.Late = me, now, "", models.Date{}, "", false
	if judge := f.otherApprover(t, me); t.ApproverRole != "" && (judge != "" || t.Approver != t.Owner || t.Approver != me) {
		t.State = TaskSubmitted
		if t.Approver == me {
			t.Approver = judge
		}
		f.logTask(t, c, now, "state", string(from), string(t.State))
		return nil
	} // else, in a company of ten, owner and approver are one, and there is nobody else
	f.logTask(t, c, now, "state", string(from), string(TaskDone))
	f.close(t, TaskDone)
	f.issued(t, c.On, now)
	return nil
}

// unmet returns what a waiting task waits for, and who has to accept what has been reported as done.
func (f *Facts) unmet(t *Task) []string {
	open := f.openDeps()
	var out []string
	for _, dep := range t.After {
		if !f.waitsFor(t, dep, open) {
			continue
		}
		if d := f.Task(models.TaskID(dep)); d != nil && d.State == TaskSubmitted {
			dep += ", which " + f.Called(d.Approver, d.ApproverRole) + " has to accept"
		} else if !open.ids[dep] && open.templates[dep] && f.partsAwaited(t, dep) {
			continue // it is closed itself, and what it was split into is named beside it
		}
		out = append(out, dep)
	}
	return out
}

// partsAwaited reports whether a task comes, by their ids, after all open copies of a template.
func (f *Facts) partsAwaited(t *Task, template string) bool {
	return !slices.ContainsFunc(f.Tasks, func(d *Task) bool {
		return d.Template == template && !d.State.Closed() && !slices.Contains(t.After, string(d.ID))
	})
}

// close marks a task as owing nothing and counts it: its phase's tally, and the pace of its side.
func (f *Facts) close(t *Task, s TaskState) {
	t.State, t.Late = s, false
	if st := f.Phase(t.Phase); st != nil {
		st.Closed++
	}
	f.effort(t.Phase, 0, f.weight(t))
	if s == TaskDone {
		f.tally(t, +1)
		f.bookMissed(t)
	}
}

// tally counts a task that is done into the pace of its side, or takes it out again.
func (f *Facts) tally(t *Task, n int) {
	if t.OpenedOn.IsZero() {
		return
	}
	days := f.Days(t.OwnerRole)
	p, done := &f.Engagement.Pace, models.DateIn(t.DoneAt, f.Location())
	if n > 0 {
		done = f.Unpaused(days, done)
	} else { // its due date is as it was when it was closed
		done = f.countedDone(days, t)
	}
	p.took(t.Owner, models.SideOf(t.OwnerRole), t.Due, done, days.Count(t.Due, done), n)
	p.Closed += n
	if !done.After(t.Original) {
		p.OnTime += n
	}
}

// reopen takes a closed or submitted task up again. A signed gate that rests on it has to be signed anew.
func (f *Facts) reopen(t *Task, c Command, now time.Time) error {
	if !t.State.Closed() && t.State != TaskSubmitted {
		return models.Refuse(models.Conflict, "task", "%s is %s: only what is closed or submitted can be reopened", t.ID, t.State)
	}
	st := f.Phase(t.Phase)
	if t.State == TaskCancelled || st == nil || st.Standing != StandingActive {
		return models.Refuse(models.Conflict, "task", "the phase of %s is not open any more: send the phase back instead", t.ID)
	}
	f.logTask(t, c, now, "state", string(t.State), string(TaskOpen))
	f.takeUp(t, st, c.Reason, now)
	why := string(t.ID) + " was reopened"
	for other, checks := range f.paired(t) { // what is done again is checked again
		st := f.Phase(other.Phase)
		if checks || other.State != TaskDone && other.State != TaskWaived && other.State != TaskSubmitted || st.Standing != StandingActive {
			continue
		}
		f.log(Event{At: now, Kind: c.event(), Subject: string(other.ID), Field: "state", From: string(other.State), To: string(TaskOpen),
			Reason: why})
		f.takeUp(other, st, why, now)
		f.touch(other)
	}
	return nil
}

// takeUp makes a task that was closed or submitted open again, in a phase that is active, with the gates that rest on it.
func (f *Facts) takeUp(t *Task, st *PhaseState, reason string, now time.Time) {
	if t.State.Closed() {
		st.Closed--
	}
	if t.State == TaskDone {
		f.tally(t, -1)
		f.unbookMissed(t)
	}
	if t.State.Closed() {
		f.effort(t.Phase, f.weight(t), 0) // it is to be done again
		f.catchUp(t)
	}
	today := f.askedOn(t.Anchor, f.Today(now))
	t.State, t.Reason, t.DoneBy, t.DoneAt, t.OpenedOn = TaskOpen, reason, "", time.Time{}, today
	f.renew(t, today, redoDays, "it was reopened", now)
	f.reopenGates(t, string(t.ID)+" was reopened", now)
}

// redoDays is how many business days there are to do again what was done already.
const redoDays = 5

// renew gives a task whose due date passed while it was not its owner's to act a new one: nobody is late with that.
func (f *Facts) renew(t *Task, today models.Date, n int, why string, now time.Time) {
	if !t.Due.Before(today) {
		return
	}
	to := f.DaysOf(t).Add(today, n)
	f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(), Reason: why})
	t.dueOn(to)
}

// reopenGates opens the signed gates anew that rest on a task which is open again, or new.
func (f *Facts) reopenGates(t *Task, why string, now time.Time) {
	for i := range f.Gates {
		g := &f.Gates[i]
		if g.State == GateSigned && g.Phase == t.Phase && slices.Contains(f.gateTemplate(g.ID).Needs, t.Template) {
			f.log(Event{At: now, Kind: "gate.reopened", Subject: g.ID, From: string(GateSigned), To: string(GateOpen), Reason: why})
			*g = Gate{ID: g.ID, Phase: g.Phase, Round: g.Round + 1, Approver: g.Approver, Blocking: g.Blocking, State: GateOpen}
		}
	}
}

// unblocks refuses an actor who may not say that a blocked task can go on: who is asked may, and their stand-in, the others who speak for
// the side that has to act, and those who may do the task.
func (f *Facts) unblocks(a Actor, t *Task) error {
	if t.State == TaskBlocked && (f.mayUnblock(a, t) || a.Role == models.RoleSponsor && t.BlockedBy == models.SideClient ||
		a.Role == models.RolePartner && t.BlockedBy != models.SideClient) {
		return nil
	}
	return f.acts(a, t)
}

// mayUnblock reports whether the actor is who is asked to let a blocked task go on, or acts in their place.
func (f *Facts) mayUnblock(a Actor, t *Task) bool {
	who := f.Unblocker(t)
	if t.BlockedBy == models.SideClient {
		return f.actsIn(a, string(models.RoleSponsor), who)
	}
	return a.answersFor(who)
}

// unblock lets a blocked task go on.
func (f *Facts) unblock(t *Task, c Command, now time.Time) error {
	if t.State != TaskBlocked {
		return models.Refuse(models.Conflict, "task", "%s is not blocked: it is %s", t.ID, t.State)
	}
	f.logTask(t, c, now, "blocked_by", string(t.BlockedBy), "")
	if today := f.askedOn(t.Anchor, f.Today(now)); t.BlockedBy == models.SideFirm { // that time was not the owner's
		t.OpenedOn = today
		f.renew(t, today, 1, "the firm had blocked it", now)
		t.Original = models.Later(t.Original, t.Due)
	}
	t.State, t.BlockedBy, t.BlockedOn, t.Reason = TaskOpen, "", models.Date{}, ""
	return nil
}

// block notes that a task cannot go on until somebody else acts.
func (f *Facts) block(t *Task, c Command, now time.Time) error {
	if t.State != TaskOpen && t.State != TaskWaiting {
		return models.Refuse(models.Conflict, "task", "%s is %s: only a task that is open or waiting can be blocked", t.ID, t.State)
	}
	switch c.By {
	case models.SideFirm, models.SideClient, models.SideAuditor, "vendor":
	default:
		return models.Refuse(models.Invalid, "by", "by %q is none of firm, client, auditor, vendor", c.By)
	}
	f.logTask(t, c, now, "blocked_by", "", string(c.By))
	t.State, t.BlockedBy, t.BlockedOn, t.Reason = TaskBlocked, c.By, f.Today(now), c.Reason
	if t.OpenedOn.IsZero() {
		t.OpenedOn = f.askedOn(t.Anchor, f.Today(now))
	}
	if c.By == models.SideFirm {
		t.Late = false
	}
	return nil
}

// maxAhead is how far ahead a due date may be set, in days.
const maxAhead = 3 * 366

func (f *Facts) checkDue(due models.Date, now time.Time) error {
	today := f.Today(now)
	if due.IsZero() {
		return models.Refuse(models.Invalid, "due", "due is missing: a date as YYYY-MM-DD")
	}
	if due.Before(today) || due.After(today.AddDays(maxAhead)) {
		return models.Refuse(models.Invalid, "due", "due %s must lie between today, %s, and %s", due, today, today.AddDays(maxAhead))
	}
	return nil
}

func (f *Facts) assign(t *Task, c Command, now time.Time) error {
	if t.State.Closed() {
		return models.Refuse(models.Conflict, "task", "%s is %s: nobody has to do it any more", t.ID, t.State)
	}
	if t.Owner == c.Person { // it is theirs already: nothing is done, and nobody hears of it
		_, err := f.member("person", c.Person)
		return err
	}
	if err := f.checkOwner(t, c.Person, c.Actor.Person); err != nil {
		return err
	}
	f.logTask(t, c, now, "owner", string(t.Owner), string(c.Person))
	t.give(c.Person)
	return nil
}

// give makes somebody the owner of a task. A backup who takes it over changes places with the owner. What the old owner put
// off is asked of the new one.
func (t *Task) give(to models.PersonID) {
	if t.Backup == to {
		t.Backup = t.Owner
	}
	t.Owner, t.Snoozed, t.Snoozes = to, models.Date{}, 0
}

// waivable refuses a task that nobody may waive: one about a grave gap, and one that issues a report, which would be taken for issued.
func (f *Facts) waivable(t *Task) error {
	switch tmpl := f.templateOf(t); {
	case tmpl.NoWaiver:
		return models.Refuse(models.Conflict, "task",
			"%s is about a critical or high gap: it is closed by a verified fix, or by a risk acceptance of the sponsor", t.ID)
	case tmpl.IssuesReport:
		return models.Refuse(models.Conflict, "task", "%s is done when the report is out and cannot be waived: an engagement without a report "+
			"is cancelled, and a Type 1 before a Type 2 dropped by a decision", t.ID)
	}
	return nil
}

func (f *Facts) waive(t *Task, c Command, now time.Time) error {
	if t.State.Closed() {
		return models.Refuse(models.Conflict, "task", "%s is %s already", t.ID, t.State)
	}
	if err := f.waivable(t); err != nil {
		return err
	}
	f.logTask(t, c, now, "state", string(t.State), string(TaskWaived))
	t.Reason, t.DoneBy, t.DoneAt = c.Reason, c.Actor.Person, now
	f.close(t, TaskWaived)
	f.bookWaived(t)
	return nil
}
