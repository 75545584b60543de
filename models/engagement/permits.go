package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// Permits refuses a command to somebody who may not send it: not_found when they may not know what it is about, or when it is not
// there; forbidden when they see it and it is somebody else's to do. It is the one judge of commands: Decide asks it before
// it carries anything out, and whatever offers a command asks it before it does. What the state of things does not allow is
// Decide's to refuse, as a conflict. The facts must hold what NeedOf the command names.
func (f *Facts) Permits(a Actor, c Command, now time.Time) error {
	if !a.SeesEngagement(f.Engagement, now) {
		return models.Refuse(models.NotFound, "engagement", "there is no engagement %q", f.Engagement.ID)
	}
	row, known := rowOf[c.Kind]
	if !known {
		return a.notFor("")
	}
	if err := a.MayIn(row.action, f.Engagement, now); err != nil {
		return err
	}
	if err := f.there(a, row, c, now); err != nil {
		return err
	}
	if row.entitled == nil {
		return nil
	}
	return row.entitled(f, a, c)
}

// there refuses a command that names what the engagement does not have, or what is not shown to the actor.
func (f *Facts) there(a Actor, row *row, c Command, now time.Time) error {
	if row.on != onEngagement && f.Engagement.Status == StatusDraft {
		return models.Refuse(models.NotFound, string(row.on), "the engagement is a draft and has no %ss yet: start it first", row.on)
	}
	switch row.on {
	case onTask:
		for _, id := range c.Tasks {
			if t := f.Task(id); t == nil || !f.SeesTask(a, t, now) {
				return models.Refuse(models.NotFound, "task", "there is no task %q in this engagement that you can see", id)
			}
		}
	case onGate:
		if f.Gate(c.Gate) == nil || !f.SeesGate(a, c.Gate, now) {
			return models.Refuse(models.NotFound, "gate", "there is no open gate %q that you can see: its phase has not begun, or it does not exist", c.Gate)
		}
	case onDecision:
		if d := f.DecisionOf(c.Decision); d == nil || !f.SeesDecision(a, d, now) {
			return models.Refuse(models.NotFound, "decision", "there is no decision %q in this engagement that you can see", c.Decision)
		}
	}
	return nil
}

// Owns reports whether a task is somebody's own: theirs to do, to stand in for, for now or always, to accept, or to let go on. The
// auditor of an engagement owns what is the auditor's, whoever held the seat before.
func (f *Facts) Owns(a Actor, t *Task) bool {
	for _, who := range append([]models.PersonID{a.Person}, a.For...) {
		if t.Owner == who || t.Approver == who || t.Backup == a.Person {
			return true
		}
	}
	if t.State == TaskBlocked && a.answersFor(f.Unblocker(t)) {
		return true
	}
	return a.Role == models.RoleAuditor && (t.OwnerRole == string(models.RoleAuditor) || t.ApproverRole == string(models.RoleAuditor))
}

// answersFor reports whether the actor is somebody, or stands in for them.
func (a Actor) answersFor(who models.PersonID) bool {
	return who != "" && (a.Person == who || slices.Contains(a.For, who))
}

// SeesTask reports whether a task is shown to the actor: all of the engagement to those whose reach is wider than their own tasks.
func (f *Facts) SeesTask(a Actor, t *Task, now time.Time) bool {
	switch a.ReachIn("getTask", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		return f.Owns(a, t)
	}
	return true
}

// SeesGate reports whether a gate of the catalog is shown to the actor, whether or not it is open: to the auditor only those that the
// auditor signs, to owners of tasks and to stand-ins none.
func (f *Facts) SeesGate(a Actor, id string, now time.Time) bool {
	tmpl := f.gateTemplate(id)
	switch a.ReachIn("listGates", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		return a.Role == models.RoleAuditor && tmpl.Approver == string(models.RoleAuditor)
	}
	return tmpl.ID != ""
}

// SeesDecision reports whether a decision is shown to the actor: to the auditor those that need or come from the auditor, to
// owners and stand-ins those they asked for and tasks they shall take over.
func (f *Facts) SeesDecision(a Actor, d *Decision, now time.Time) bool {
	switch a.ReachIn("listDecisions", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		if a.Role == models.RoleAuditor && slices.Contains(d.Needs, models.RoleAuditor) {
			return true
		}
		return d.ProposedBy == a.Person || d.Kind == HandOverTask && d.Change.Person == a.Person
	}
	return true
}

// ReportFor returns the report on the engagement as of now, without what is not for the actor: owners of tasks, stand-ins and the
// auditor are not told what others are behind with, and the auditor gets dates and phases only.
func (f *Facts) ReportFor(a Actor, now time.Time) Report {
	return f.seenBy(f.Report(now), a, now)
}

// seenBy returns a report without what is not for the actor.
func (f *Facts) seenBy(r Report, a Actor, now time.Time) Report {
	r.Engagement = r.Engagement.SeenBy(a)
	if a.Role != models.RoleOwner && a.Role != models.RoleAuditor && a.ReachIn("getStatus", f.Engagement, now) != ReachOwn {
		return r
	}
	if a.Role == models.RoleAuditor {
		r.Health, r.OpenTasks, r.OverdueDays = "", 0, 0
	}
	r.Reasons, r.WaitingFor, r.Forecast.Drivers, r.Wake, r.Why = nil, nil, nil, time.Time{}, ""
	r.Gates = models.Keep(r.Gates, func(g GateReport) bool { return f.SeesGate(a, g.ID, now) })
	r.Decisions = models.Keep(r.Decisions, func(d Decision) bool { return f.SeesDecision(a, &d, now) })
	owned := func(l TaskLine) bool { return f.Owns(a, &l.Task) }
	r.Overdue, r.Next = models.Keep(r.Overdue, owned), models.Keep(r.Next, owned)
	return r
}

// Offers returns what somebody is offered to do about an item: what Permits lets them send, and no rest from what may not be put
// off any more.
func (f *Facts) Offers(a Actor, it Item, now time.Time) []Act {
	return models.Keep(ActsOn(it.Kind), func(act Act) bool {
		c, ok := CommandOn(act, it.Key())
		if !ok || f.Permits(a, c, now) != nil {
			return false
		}
		return act != ActSnooze || f.rests(f.Task(c.Tasks[0]), f.Today(now)) == nil
	})
}

// Actor returns somebody as an actor who stands in for nobody.
func (f *Facts) Actor(id models.PersonID) Actor {
	p, _ := f.Person(id)
	return Actor{Person: id, Role: p.Role, Client: p.Client}
}
