package engagement

import (
	"slices"

	"tickmark/models"
)

// Who may give a task to somebody, and to whom (domain.md 7.1, 7.3).

// edits refuses the firm and the client what is the auditor's: nobody else moves, waives, splits or assigns it. Where no auditor has been
// invited it is the manager's and the partner's, who act in the auditor's place.
func (f *Facts) edits(a Actor, t *Task) error {
	if models.SideOf(t.OwnerRole) != models.SideAuditor || f.actsAs(a.Role, t) {
		return nil
	}
	return models.Refuse(models.Forbidden, "task", "%s is the auditor's: only the auditor changes it", t.ID)
}

// assigns refuses an actor who may not give a task, or a part of it, to somebody. A sponsor assigns what is the client's to do, a
// consultant that and what is a consultant's; the manager and the partner assign whatever is not the auditor's, and of that what nobody
// owns.
func (f *Facts) assigns(a Actor, t *Task) error {
	side := models.SideOf(t.OwnerRole)
	switch {
	case a.Role == models.RoleSponsor && side != models.SideClient:
		return models.Refuse(models.Forbidden, "task", "%s is the %s's to assign", t.ID, side)
	case a.Role == models.RoleConsultant && side == models.SideFirm && !f.actsAs(a.Role, t):
		return models.Refuse(models.Forbidden, "task", "%s is the %s's: the partner or the manager assigns it", t.ID, t.OwnerRole)
	case side == models.SideAuditor && t.Owner == "" && (a.Role == models.RolePartner || a.Role == models.RoleManager):
		return nil
	}
	return f.edits(a, t)
}

// splits refuses an actor who may not split a task, or who would by it get more time than they may give: only who moves due dates names a
// later one for the second task.
func (f *Facts) splits(a Actor, c Command) error {
	if err := theOne((*Facts).assigns)(f, a, c); err != nil {
		return err
	}
	if c.Add == nil || c.Add.Due.IsZero() || ReachOf(a.Role, rowOf[MoveTask].action) != ReachNone {
		return nil
	}
	for _, id := range c.Tasks {
		if t := f.Task(id); c.Add.Due.After(t.Due) {
			return models.Refuse(models.Forbidden, "due",
				"due %s is later than %s, when %s is due: split it without a later day, and ask for more time with extend", c.Add.Due, t.Due, t.ID)
		}
	}
	return nil
}

// checkOwner refuses somebody who cannot own a task: of the wrong side, not on the engagement, below the role whose task it is, or who is
// to accept it. by is who gives it to them.
func (f *Facts) checkOwner(t *Task, id, by models.PersonID) error {
	p, err := f.member("person", id)
	if err != nil {
		return err
	}
	side := models.SideOf(t.OwnerRole)
	if p.Role.Side() != side {
		return models.Refuse(models.Invalid, "person", "%s is of the %s, but %s is for the %s to do", p.Name, p.Role.Side(), t.ID, side)
	}
	if side == models.SideFirm && t.ApproverRole != "" && t.Approver == id {
		return models.Refuse(models.Invalid, "person", "%s is to accept %s: somebody else must do it", p.Name, t.ID)
	}
	return f.checkRank(t, p, by)
}

// rank orders the roles of the firm: who is above does what those below do.
var rank = map[models.Role]int{models.RoleConsultant: 1, models.RoleManager: 2, models.RolePartner: 3}

// checkRank refuses somebody whose role is below the one that owns a task in the catalog. What is the sponsor's goes to a sponsor, to who
// holds the sponsor's function, or to whom a sponsor gives it. Other functions of the client are given to anybody there.
func (f *Facts) checkRank(t *Task, p models.Person, by models.PersonID) error {
	given := f.Actor(by).Role == models.RoleSponsor
	switch owner := models.Role(f.templateOf(t).Owner); {
	case rank[p.Role] < rank[owner]:
		return models.Refuse(models.Invalid, "person", "%s is %s, but %s is for %s to do", p.Name, p.Role, t.ID, orAbove(owner))
	case owner == models.RoleSponsor && p.Role != models.RoleSponsor && !given && !f.holds(p.ID, string(owner)):
		return models.Refuse(models.Invalid, "person", "%s is %s, but %s is for sponsor to do, and for sponsor to give on", p.Name, p.Role, t.ID)
	}
	return nil
}

// orAbove names a role of the firm and those above it, as in: partner or pm.
func orAbove(r models.Role) string {
	var out []string
	for _, above := range models.Roles {
		if rank[above] >= rank[r] && rank[above] > 0 {
			out = append(out, string(above))
		}
	}
	return either(out)
}

// holds reports whether somebody holds a function of the client or is the backup in it.
func (f *Facts) holds(who models.PersonID, function string) bool {
	return slices.ContainsFunc(f.Duties, func(d models.Duty) bool {
		return d.Function == function && (d.Person == who || d.Backup == who)
	})
}
