package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// What people ask for about their own tasks, from a message or a page: a rest from reminders, more time, another owner, an
// answer (domain.md 6.5).

// mute stops everything that is sent about an engagement, or lets it go on: its days and deadlines are not touched.
func (f *Facts) mute(c Command, now time.Time) error {
	e, to := &f.Engagement, c.Kind == MuteEngagement
	if e.Muted == to {
		return models.Refuse(models.Conflict, "muted", "%s",
			map[bool]string{true: "nothing is sent about this engagement already", false: "messages about this engagement are sent already"}[to])
	}
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: "muted", From: models.YesNo(e.Muted), To: models.YesNo(to),
		Reason: c.Reason})
	e.Muted = to
	return nil
}

// commentTask says something on a task. With somebody to whom it is said it is a question, whose id is returned. What is said by whom one
// question about the task is open to, for the same readers, is the answer to it, and the question's id is returned; who asked hears of it
// where several are open.
func (f *Facts) commentTask(c Command, now time.Time) (string, error) {
	t := f.Task(c.Tasks[0])
	if c.Person != "" {
		if f.Engagement.Status.Ended() {
			return "", models.Refuse(models.Conflict, "status", "the engagement is %s: nobody is asked any more", f.Engagement.Status)
		}
		return f.ask(t, c, now)
	}
	internal, err := f.internal(t, c)
	if err != nil {
		return "", err
	}
	if q := f.meantFor(t, c, internal); q != nil {
		return q.ID, f.answer(q, c, now)
	}
	f.Comments = append(f.Comments, Comment{Task: t.ID, At: now, By: c.Actor.Person, Text: c.Reason, Internal: internal})
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: string(t.ID), Field: "comment", Internal: internal})
	f.touch(t)
	return "", nil
}

// snooze lets the owner of a task rest from reminders for a few business days. The due date stays, and so does the day on which
// it goes up the ladder.
func (f *Facts) snooze(t *Task, c Command, now time.Time) error {
	if t.State != TaskOpen {
		return models.Refuse(models.Conflict, "task", "%s is %s: there is nothing to put off", t.ID, t.State)
	}
	rules, today, days := f.Catalog.Reminders.Snooze, f.todayOf(t, now), f.DaysOf(t)
	if err := f.rests(t, today); err != nil {
		return err
	}
	last := days.Add(today, rules.MaxBusinessDaysEach)
	if c.Due.IsZero() || !c.Due.After(today) || c.Due.After(last) {
		return models.Refuse(models.Invalid, "until", "until %s must be a day from %s to %s: %s at most", c.Due, days.Add(today, 1), last,
			models.BusinessDays(rules.MaxBusinessDaysEach))
	}
	f.logTask(t, c, now, "until", t.Snoozed.String(), c.Due.String())
	t.Snoozed, t.Snoozes = c.Due, t.Snoozes+1
	return nil
}

// mayRest reports whether a task may be put off once more.
func (f *Facts) mayRest(t *Task, now time.Time) bool { return f.rests(t, f.todayOf(t, now)) == nil }

// rests refuses a task that may not be put off any more.
func (f *Facts) rests(t *Task, today models.Date) error {
	rules := f.Catalog.Reminders.Snooze
	switch {
	case t.Snoozes >= rules.MaxTimes:
		return models.Refuse(models.Conflict, "task", "%s was put off %d times already: ask for more time instead", t.ID, t.Snoozes)
	case f.level(t, today) >= rules.NotAllowedAtEscalation:
		return models.Refuse(models.Conflict, "task", "%s has gone up to the sponsor: it cannot be put off any more", t.ID)
	}
	return nil
}

// owing returns the task that a request is about, or refuses when it is nobody's to do any more.
func (f *Facts) owing(d *Decision) (*Task, error) {
	t := f.Task(d.Change.Task)
	if t == nil {
		return nil, models.Refuse(models.Conflict, "task", "%s is closed: there is nothing to ask for any more", d.Change.Task)
	}
	if t.State.Closed() || t.State == TaskSubmitted {
		return nil, models.Refuse(models.Conflict, "task", "%s is %s: there is nothing to ask for any more", t.ID, t.State)
	}
	return t, nil
}

func (f *Facts) checkExtension(d *Decision, now time.Time) error {
	t, err := f.owing(d)
	if err != nil {
		return err
	}
	if d.Change.Due.Before(f.Today(now)) {
		return f.checkDue(d.Change.Due, now)
	}
	if !d.Change.Due.After(t.Due) {
		return f.notLater(t, d.Change.Due)
	}
	return t.checkPerformBy(d.Change.Due)
}

func (f *Facts) notLater(t *Task, due models.Date) error {
	return models.Refuse(models.Invalid, "due", "due %s is not later than %s, when %s is due now", due, t.Due, t.ID)
}

// neededToExtend returns whose approval more time needs: nobody's for two business days once, off the critical path; the manager's
// for ten when no agreed date moves; otherwise the partner's and the sponsor's (reminders.yaml, extension).
func (f *Facts) neededToExtend(d *Decision, now time.Time) []models.Role {
	t := f.Task(d.Change.Task)
	rules, more := f.Catalog.Reminders.Extension, f.Days(t.OwnerRole).Count(t.Due, d.Change.Due)
	phase, report := f.delays(t, d.Change.Due, now)
	switch {
	case more <= rules.AutoApprove.MaxBusinessDays && !phase && !report && t.Extended < rules.AutoApprove.MaxPerTask:
		return nil
	case more <= rules.PMApproves.MaxBusinessDays && !report:
		return f.others(d, models.RoleManager)
	}
	return f.others(d, models.RolePartner, models.RoleSponsor)
}

// others returns the roles, replacing those for which nobody could speak but those on whose behalf it is asked: by the partner, the manager
// or the sponsor, the first of them for whom somebody else can.
func (f *Facts) others(d *Decision, roles ...models.Role) []models.Role {
	var out []models.Role
	for _, r := range roles {
		for _, instead := range []models.Role{r, models.RolePartner, models.RoleManager, models.RoleSponsor} {
			if slices.ContainsFunc(f.MayJudge(instead), func(p models.PersonID) bool { return !f.asks(d, Actor{Person: p}) }) {
				r = instead
				break
			}
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// asks reports whether more time is asked for on somebody's behalf: they propose it, it is for what they own, or they stand in for the
// owner. Nobody says yes or no to that (domain.md 7.2).
func (f *Facts) asks(d *Decision, a Actor) bool {
	if d.Kind != ExtendTask {
		return false
	}
	t := f.Task(d.Change.Task)
	return d.ProposedBy == a.Person || t != nil && f.actsIn(a, t.OwnerRole, t.Owner)
}

// delays reports what a later due date would move in the forecast: the end of the task's phase, and the dates agreed with the
// client and the auditor.
func (f *Facts) delays(t *Task, to models.Date, now time.Time) (phase, report bool) {
	ends := func() (models.Date, Forecast) {
		return f.outlook(now).reckonedEnd(t.Phase, f.reach(t.Phase)), f.Forecast(now)
	}
	due, moved := t.Due, t.Moved
	t.Moved = true // both dates are ones that were agreed
	was, before := ends()
	t.Due = to
	is, after := ends()
	t.Due, t.Moved = due, moved
	return is.After(was), after.Report.After(before.Report) || after.AsOf.After(before.AsOf) || after.Window.After(before.Window)
}

// extend gives a task more time.
func (f *Facts) extend(d *Decision, now time.Time) {
	t := f.Task(d.Change.Task)
	f.log(Event{At: now, Actor: d.ProposedBy, Kind: "task.moved", Subject: string(t.ID), Field: "due", From: t.Due.String(),
		To: d.Change.Due.String(), Reason: d.ID + ": " + d.Reason})
	by := d.ProposedBy // who asks for so little more that it is granted at once
	if n := len(d.Approvals); n > 0 {
		by = d.Approvals[n-1].By
	}
	f.agree(t, d.Change.Due, by, now)
	if len(d.Needs) == 0 {
		t.Extended++
	}
	f.touch(t)
}

func (f *Facts) checkHandOver(d *Decision, _ time.Time) error {
	t, err := f.owing(d)
	if err != nil {
		return err
	}
	return f.mayTake(t, d.Change.Person, d.ProposedBy)
}

// mayTake refuses somebody who cannot take a task over: its owner, and who cannot own it. by is who proposes them.
func (f *Facts) mayTake(t *Task, id, by models.PersonID) error {
	if id == t.Owner {
		return models.Refuse(models.Invalid, "person", "%s owns %s already", f.Called(t.Owner, t.OwnerRole), t.ID)
	}
	return f.checkOwner(t, id, by)
}

// neededToHandOver returns whose approval another owner needs, where the new one does not approve.
func (f *Facts) neededToHandOver(d *Decision, _ time.Time) []models.Role {
	return []models.Role{f.givers(f.Task(d.Change.Task))}
}

// givers returns the role that may approve another owner in the place of the new one: the sponsor's for the
// client's people, the manager's for the firm's.
func (f *Facts) givers(t *Task) models.Role {
	if models.SideOf(t.OwnerRole) == models.SideClient {
		return models.RoleSponsor
	}
	return models.RoleManager
}

// handOverTask gives a task to its new owner; what was done stays under the old name.
func (f *Facts) handOverTask(d *Decision, now time.Time) {
	t := f.Task(d.Change.Task)
	f.log(Event{At: now, Actor: d.ProposedBy, Kind: "task.assigned", Subject: string(t.ID), Field: "owner", From: string(t.Owner),
		To: string(d.Change.Person), Reason: d.ID + ": " + d.Reason})
	t.give(d.Change.Person)
	f.touch(t)
}
