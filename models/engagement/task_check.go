package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// separate refuses to let somebody do what they are to check, or check what they did, be it by the same command (domain.md 7.2,
// separation of duties). Who did the one lends nobody the right to do the other.
func (f *Facts) separate(a Actor, t *Task, together []models.TaskID) error {
	var doers []models.PersonID
	for other, checks := range f.paired(t) {
		switch {
		case slices.Contains(together, other.ID):
			return models.Refuse(models.Forbidden, "task", "%s and %s are one to do and one to check: somebody else must do one of them", t.ID,
				other.ID)
		case other.DoneBy == "" || !checks && other.State == TaskWaived:
		case other.DoneBy == a.Person && checks:
			return models.Refuse(models.Forbidden, "task", "%s checks %s, which you did yourself: somebody else must check it", t.ID, other.ID)
		case other.DoneBy == a.Person:
			return models.Refuse(models.Forbidden, "task", "%s checks %s, and you checked it: somebody else must do it", other.ID, t.ID)
		default:
			doers = append(doers, other.DoneBy)
		}
	}
	if err := f.actsAlone(a, t, doers); err != nil {
		return err
	}
	if t.ApproverRole != "" && t.Approver == a.Person && t.Owner != a.Person && !f.othersApprove(t, a.Person) {
		return models.Refuse(models.Forbidden, "task", "%s is for you to accept: somebody else must do it", t.ID)
	}
	return nil
}

// actsAlone refuses an actor who may do a task, or is on the engagement at all, only in the place of some people.
func (f *Facts) actsAlone(a Actor, t *Task, but []models.PersonID) error {
	alone := a.without(but...)
	if len(alone.For) == len(a.For) && len(alone.Backs) == len(a.Backs) {
		return nil
	}
	if !f.SeesTask(alone, t, time.Time{}) {
		return models.Refuse(models.Forbidden, "task", "%s is not for you to do in the place of who did what it checks", t.ID)
	}
	return f.acts(alone, t)
}

// without returns the actor as standing in for none of some people.
func (a Actor) without(who ...models.PersonID) Actor {
	stays := func(id models.PersonID) bool { return !slices.Contains(who, id) }
	a.For, a.Backs = models.Keep(slices.Clone(a.For), stays), models.Keep(slices.Clone(a.Backs), stays)
	return a
}

// submitted refuses to judge what nobody has submitted.
func submitted(t *Task) error {
	if t.State != TaskSubmitted {
		return models.Refuse(models.Conflict, "task", "%s is %s: only what was submitted can be accepted or returned", t.ID, t.State)
	}
	return nil
}

// accept closes what was submitted.
func (f *Facts) accept(t *Task, c Command, now time.Time) error {
	if err := submitted(t); err != nil {
		return err
	}
	f.logTask(t, c, now, "state", string(t.State), string(TaskDone))
	f.bookAcceptance(t, f.Today(now))
	f.close(t, TaskDone)
	f.issued(t, models.Date{}, now)
	return nil
}

// giveBack returns what was submitted to its owner, who has to do it again.
func (f *Facts) giveBack(t *Task, c Command, now time.Time) error {
	if err := submitted(t); err != nil {
		return err
	}
	f.logTask(t, c, now, "state", string(t.State), string(TaskOpen))
	t.State, t.Reason, t.DoneBy, t.DoneAt = TaskOpen, c.Reason, "", time.Time{}
	return nil
}

// Accepts refuses an actor who may not accept or return what was submitted: their own work, or what others accept. Who did it lends
// nobody the right to accept it.
func (f *Facts) Accepts(a Actor, t *Task) error {
	if t.ApproverRole == "" {
		return models.Refuse(models.Forbidden, "task", "%s is nobody's to accept or return: it is done when it is completed", t.ID)
	}
	judge := a
	if t.State == TaskSubmitted {
		judge = a.without(t.DoneBy)
	}
	if !f.approves(judge, t.ApproverRole, t.Approver) {
		return models.Refuse(models.Forbidden, "task", "%s is for %s to accept or return", t.ID, f.Called(t.Approver, t.ApproverRole))
	}
	if t.State == TaskSubmitted && t.DoneBy == a.Person {
		return models.Refuse(models.Forbidden, "task", "you submitted %s yourself: somebody else must accept it", t.ID)
	}
	return nil
}

// othersApprove reports whether somebody but one person may accept a task.
func (f *Facts) othersApprove(t *Task, but models.PersonID) bool {
	return f.otherApprover(t, but) != ""
}

// otherApprover returns who but one person may accept a task: the approver it has, else the first of the engagement's people; empty when
// nobody may.
func (f *Facts) otherApprover(t *Task, but models.PersonID) models.PersonID {
	if t.Approver != but {
		if _, active := f.Person(t.Approver); active {
			return t.Approver
		}
	}
	for _, p := range f.People {
		if p.ID != but && f.approves(f.Actor(p.ID), t.ApproverRole, t.Approver) {
			return p.ID
		}
	}
	return ""
}

// approves reports whether the actor holds the approving role, or is the person named for it, or stands in for them.
func (f *Facts) approves(a Actor, role string, named models.PersonID) bool {
	if f.actsIn(a, role, named) {
		return true
	}
	switch models.Role(role) {
	case models.RolePartner, models.RoleSponsor:
		return a.Role == models.Role(role)
	case models.RoleManager:
		return a.Role == models.RolePartner || a.Role == models.RoleManager && a.Person == f.Engagement.Manager
	case models.RoleAuditor:
		return a.Role == models.RoleAuditor && a.Person == f.Engagement.Auditor
	}
	return a.Role == models.RoleSponsor && models.SideOf(role) == models.SideClient
}

// completes refuses an actor who may not complete the tasks that a command names.
func (f *Facts) completes(a Actor, c Command) error {
	for _, id := range c.Tasks {
		t := f.Task(id)
		if err := f.acts(a, t); err != nil {
			return err
		}
		if err := f.separate(a, t, c.Tasks); err != nil {
			return err
		}
	}
	return nil
}
