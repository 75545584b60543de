package models

import "time"

// Permits refuses a command of somebody who may not know what it is about (not found) or whose role may not do it (forbidden): what the
// API checks by the paths of its requests, for commands that come by other ways. It expects what NeedOf the command names; what only
// some of those may do who may do it at all, Decide refuses. Who is on the engagement only in another's place may do what is that one's.
func (f *Facts) Permits(a Actor, c Command, now time.Time) error {
	action := ActionOf(c.Kind)
	reach := ReachOf(a.Role, "getEngagement")
	covers := a.Covers(reach, f.Engagement, now)
	if !covers && !a.standsIn(reach, f.Engagement, now) {
		return Refuse(NotFound, "engagement", "there is no engagement %q", f.Engagement.ID)
	}
	if !May(a.Role, action) {
		return Refuse(Forbidden, "", "this is not for you to do: you are %s", a.Role)
	}
	for _, id := range c.Tasks {
		if t := f.Task(id); (!covers || ReachOf(a.Role, "getTask") == ReachOwn) && (t == nil || !f.owns(a, t)) {
			return Refuse(NotFound, "task", "%s is not yours", id)
		}
	}
	if c.Gate != "" {
		if g := f.Gate(c.Gate); g == nil || !a.SeesGate(*g) {
			return Refuse(NotFound, "gate", "there is no gate %q for you", c.Gate)
		}
	}
	if c.Decision != "" {
		if d := f.decisionOf(c.Decision); d == nil || !May(a.Role, "listDecisions") || ReachOf(a.Role, "listDecisions") == ReachOwn && !a.SeesDecision(*d) {
			return Refuse(NotFound, "decision", "there is no decision %q for you", c.Decision)
		}
	}
	return nil
}

// owns reports whether a task is somebody's own, or theirs to let go on.
func (f *Facts) owns(a Actor, t *Task) bool {
	return a.Owns(*t) || t.State == TaskBlocked && a.answersFor(f.unblocker(t))
}

// kindOf has what acts come to.
var kindOf = map[Act]Kind{ActDone: CompleteTask, ActMoreTime: ExtendTask, ActSnooze: SnoozeTask, ActBlocked: BlockTask, ActNotMine: HandOverTask,
	ActAccept: AcceptTask, ActReturn: ReturnTask, ActSign: SignGate, ActRefuse: RefuseGate, ActApprove: ApproveDecision, ActDecline: RefuseDecision, ActUnblock: UnblockTask}

// offers returns what somebody is offered to do about an item: what neither Permits nor Decide refuses them for who they are, and no rest
// from what may not be put off any more.
func (f *Facts) offers(a Actor, it Item, now time.Time) []Act {
	return keep(actsOf[it.Kind], func(act Act) bool {
		c := Command{Kind: kindOf[act], Actor: a}
		switch it.Kind {
		case ItemSign:
			c.Gate = it.Subject
		case ItemDecide:
			c.Decision = it.Subject
		default:
			c.Tasks = []TaskID{TaskID(it.Subject)}
		}
		if f.Permits(a, c, now) != nil || f.entitles(c) != nil {
			return false
		}
		return act != ActSnooze || f.rests(f.Task(c.Tasks[0]), f.Today(now)) == nil
	})
}

// actor returns somebody as an actor who stands in for nobody.
func (f *Facts) actor(id PersonID) Actor {
	p, _ := f.Person(id)
	return Actor{Person: id, Role: p.Role, Client: p.Client}
}

// entitles refuses the command of an act for who sends it, as Decide does.
func (f *Facts) entitles(c Command) error {
	a := c.Actor
	switch c.Kind {
	case SignGate, RefuseGate:
		return f.signs(a, f.Gate(c.Gate))
	case ApproveDecision, RefuseDecision:
		_, err := f.says(a, f.decisionOf(c.Decision))
		return err
	}
	t := f.Task(c.Tasks[0])
	if t == nil || !f.sees(a, t) {
		return Refuse(NotFound, "task", "there is no task %q in this engagement", c.Tasks[0])
	}
	switch c.Kind {
	case AcceptTask, ReturnTask:
		return f.accepts(a, t)
	case UnblockTask:
		return f.unblocks(a, t)
	case CompleteTask:
		if err := f.acts(a, t); err != nil {
			return err
		}
		return f.separate(a, t)
	}
	return f.acts(a, t)
}
