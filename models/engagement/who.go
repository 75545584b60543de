package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// Who acts: questions about who may send a command, asked before it is sent. They change nothing.

// Doer returns who does a task when everybody does what is theirs: its owner. Where the owner has left or may not do it, it is the first
// who may of its backup, the client's sponsor for what the client does, the manager, the consultants and the partner; what nobody owns is
// the manager's. It returns false when nobody may do it. It expects what NeedOf the command names.
func (f *Facts) Doer(t *Task, now time.Time) (Actor, bool) {
	e, sponsor := f.Engagement, models.PersonID("")
	if t.Owner != "" && models.SideOf(t.OwnerRole) == models.SideClient {
		sponsor, _ = f.holder(string(models.RoleSponsor))
	}
	who := append([]models.PersonID{t.Owner, t.Backup, sponsor, e.Manager}, e.Consultants...)
	return f.firstOf(append(who, e.Partner), Command{Kind: CompleteTask, Tasks: []models.TaskID{t.ID}}, now)
}

// Acceptor returns who accepts what was submitted: the task's approver. Where the approver has left or may not, since they did it
// themselves, it is the first who may of its backup, the client's sponsor, the manager and the partner. It returns false when nobody may.
func (f *Facts) Acceptor(t *Task, now time.Time) (Actor, bool) {
	sponsor, _ := f.holder(string(models.RoleSponsor))
	who := []models.PersonID{t.Approver, t.Backup, sponsor, f.Engagement.Manager, f.Engagement.Partner}
	return f.firstOf(who, Command{Kind: AcceptTask, Tasks: []models.TaskID{t.ID}}, now)
}

// Signer returns who signs a gate: the first of those who hold its approving role. It returns false when nobody may.
func (f *Facts) Signer(g Gate, now time.Time) (Actor, bool) {
	return f.firstOf(f.MayJudge(g.Approver), Command{Kind: SignGate, Gate: g.ID}, now)
}

// Approvers returns who approves a pending decision: for each role whose approval is missing the first of those who may give it. A role for
// which nobody may is left out.
func (f *Facts) Approvers(d *Decision, now time.Time) []Actor {
	var out []Actor
	for _, role := range f.Missing(d) {
		if a, ok := f.firstOf(f.MayAnswer(d, role), Command{Kind: ApproveDecision, Decision: d.ID}, now); ok {
			out = append(out, a)
		}
	}
	return out
}

// Planner returns who starts the engagement and proposes what moves its dates: its manager, or its partner where the manager has left.
// It returns false when the firm has neither.
func (f *Facts) Planner() (Actor, bool) {
	for _, id := range []models.PersonID{f.Engagement.Manager, f.Engagement.Partner} {
		if _, active := f.Person(id); active {
			return f.Actor(id), true
		}
	}
	return Actor{}, false
}

// Possible refuses a change that the dates, the route or the state of the engagement do not allow at now, whoever proposed or approved it.
func (f *Facts) Possible(d Decision, now time.Time) error { return f.checkChange(&d, now) }

// A standing is who acts in the place of people who are away: for the whole command, or for each of its tasks.
type standing struct {
	actor models.PersonID
	whose map[string]models.PersonID // by task; under no task, of the command
}

// of returns in whose place the actor of an event did it; empty: in nobody's.
func (s *standing) of(e Event) models.PersonID {
	if s == nil || e.Actor == "" || e.Actor != s.actor {
		return ""
	}
	if who, ok := s.whose[e.Subject]; ok {
		return who
	}
	return s.whose[""]
}

// standing returns in whose place the sender of a permitted command acts: nil when they may send it themselves. Of a command on tasks it is
// asked task by task, since each may be another's.
func (f *Facts) standing(c Command, now time.Time) *standing {
	if len(c.Actor.For) == 0 && len(c.Actor.Backs) == 0 {
		return nil
	}
	s := &standing{actor: c.Actor.Person, whose: map[string]models.PersonID{}}
	tasks := c.Tasks
	if len(tasks) <= 1 {
		s.whose[""] = f.insteadOf(c, now)
		return s
	}
	for _, id := range tasks {
		c.Tasks = []models.TaskID{id}
		s.whose[string(id)] = f.insteadOf(c, now)
	}
	return s
}

// insteadOf returns the first of those in whose place the sender may send a command that is not theirs to send; empty when it is theirs.
func (f *Facts) insteadOf(c Command, now time.Time) models.PersonID {
	away, backs := c.Actor.For, c.Actor.Backs
	c.Actor.For, c.Actor.Backs = nil, nil
	if f.Permits(c.Actor, c, now) == nil {
		return ""
	}
	for _, who := range away {
		c.Actor.For = []models.PersonID{who}
		if f.Permits(c.Actor, c, now) == nil {
			return who
		}
	}
	c.Actor.For = nil
	for _, who := range backs {
		c.Actor.Backs = []models.PersonID{who}
		if f.Permits(c.Actor, c, now) == nil {
			return who
		}
	}
	return ""
}

// firstOf returns the first of some people who may send a command.
func (f *Facts) firstOf(who []models.PersonID, c Command, now time.Time) (Actor, bool) {
	for i, id := range who {
		if id == "" || slices.Contains(who[:i], id) {
			continue
		}
		if c.Actor = f.Actor(id); f.Permits(c.Actor, c, now) == nil {
			return c.Actor, true
		}
	}
	return Actor{}, false
}
