package engagement

import (
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
	row := judged(c.Kind)
	if row == nil {
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
	if row.on != onEngagement && row.on != onPerson && f.Engagement.Status == StatusDraft {
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
			return models.Refuse(models.NotFound, "gate",
				"there is no open gate %q that you can see: its phase has not begun, or it does not exist", c.Gate)
		}
	case onQuestion:
		if q := f.Question(c.Question); q == nil || !f.SeesQuestion(a, q, now) {
			return models.Refuse(models.NotFound, "question", "there is no question %q in this engagement that you can see", c.Question)
		}
	case onDecision:
		if d := f.DecisionOf(c.Decision); d == nil || !f.SeesDecision(a, d, now) {
			return models.Refuse(models.NotFound, "decision", "there is no decision %q in this engagement that you can see", c.Decision)
		}
	}
	return nil
}

// ReportFor returns the report on the engagement as of now, without what is not for the actor: owners of tasks, stand-ins and the
// auditor are not told what others are behind with, and the auditor gets dates and phases only.
func (f *Facts) ReportFor(a Actor, now time.Time) Report {
	return f.seenBy(f.Report(now), a, now)
}

// seenBy returns a report without what is not for the actor.
func (f *Facts) seenBy(r Report, a Actor, now time.Time) Report {
	r.Engagement = r.Engagement.SeenBy(a, now)
	if a.SeesOthers(f.Engagement, now) {
		return r
	}
	if !a.SeesHealth() {
		r.Health, r.OpenTasks, r.OverdueDays = "", 0, 0
	}
	r.Reasons, r.WaitingFor, r.Wake, r.Why, r.Missed, r.MissedTasks = nil, nil, time.Time{}, "", nil, 0
	r.Forecast = r.Forecast.dates()
	r.Gates = models.Keep(r.Gates, func(g GateReport) bool { return f.SeesGate(a, g.ID, now) })
	r.Decisions = models.Keep(r.Decisions, func(d Decision) bool { return f.SeesDecision(a, &d, now) })
	owned := func(l TaskLine) bool { return f.Owns(a, &l.Task) }
	r.Overdue, r.Next, r.Past = models.Keep(r.Overdue, owned), models.Keep(r.Next, owned), models.Keep(r.Past, owned)
	r.PastTasks, r.NextTasks = len(r.Past), len(r.Next)
	return r
}
