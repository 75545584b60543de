package models

import "time"

// Permits refuses a command of somebody who may not know what it is about (not found) or whose role may not do it (forbidden): what the
// API checks by the paths of its requests, for commands that come by other ways. It expects what NeedOf the command names; what only
// some of those may do who may do it at all, Decide refuses.
func (f *Facts) Permits(a Actor, c Command, now time.Time) error {
	action := ActionOf(c.Kind)
	if !a.Covers(ReachOf(a.Role, "getEngagement"), f.Engagement, now) {
		return Refuse(NotFound, "engagement", "there is no engagement %q", f.Engagement.ID)
	}
	if !May(a.Role, action) {
		return Refuse(Forbidden, "", "this is not for you to do: you are %s", a.Role)
	}
	for _, id := range c.Tasks {
		if t := f.Task(id); ReachOf(a.Role, "getTask") == ReachOwn && (t == nil || !a.Owns(*t)) {
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
