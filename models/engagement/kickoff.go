package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// How the kickoff of a running engagement moves: until the first task is done by an edit, which plans everything anew, afterwards by a
// decision, which plans anew what is not done. An as-of date and a window that came of the plan move along; those that were chosen, or
// decided upon, stay.

// mayEditRunning refuses of an edit what only a decision changes once the engagement has been started, and to move the promise or the
// kickoff without a reason.
func (f *Facts) mayEditRunning(c Command, now time.Time) error {
	e, d := f.Engagement, c.Edit
	for _, fixed := range []struct {
		field string
		set   bool
	}{{"type", d.Type != nil}, {"previous_close", d.Previous != nil}, {"categories", d.Categories != nil}, {"addons", d.Addons != nil},
		{"as_of_date", d.AsOf != nil}, {"window_open", d.WindowOpen != nil}, {"window_months", d.WindowMonths != nil}} {
		if fixed.set {
			return models.Refuse(models.Conflict, fixed.field,
				"%s of a running engagement changes by a decision (kickoff, as-of-date, window, scope), not by an edit", fixed.field)
		}
	}
	if d.Auditor != nil && e.Auditor != "" && *d.Auditor != e.Auditor {
		return models.Refuse(models.Conflict, "auditor",
			"auditor of a running engagement changes by a decision: send the engagement back by RT-13 (audit firm replaced), then name the next one")
	}
	moves := d.Target != nil && *d.Target != e.Target
	if d.Kickoff != nil && *d.Kickoff != e.Kickoff {
		moves = true
		if what := f.firstDone(); what != "" {
			return models.Refuse(models.Conflict, "kickoff", "%s: from the first task that is done, the kickoff moves by a decision, not by an edit",
				what)
		}
		if err := f.mayMoveKickoff(*d.Kickoff, now); err != nil {
			return err
		}
	}
	if moves {
		return models.CheckText("reason", c.Reason, 2000)
	}
	return nil
}

// firstDone says which task or gate is done already, or that some are; empty as long as nothing is.
func (f *Facts) firstDone() string {
	for _, p := range f.Phases {
		if p.Closed > 0 {
			return models.Count(p.Closed, "task") + " of " + f.PhaseName(p.Phase) + " " + map[bool]string{true: "is", false: "are"}[p.Closed == 1] +
				" done"
		}
	}
	for _, g := range f.Gates {
		if g.State == GateSigned {
			return g.ID + " is signed"
		}
	}
	for _, t := range f.Tasks {
		if t.State == TaskSubmitted {
			return string(t.ID) + " is done and waits to be accepted"
		}
	}
	return ""
}

// mayMoveKickoff refuses to move the kickoff once it is over, in a pause, and to a day that is past or more than a year ahead.
func (f *Facts) mayMoveKickoff(to models.Date, now time.Time) error {
	today := f.Today(now)
	st := f.Phase(catalog.PhaseKickoff)
	switch {
	case st == nil || st.Standing != StandingActive:
		return models.Refuse(models.Conflict, "kickoff", "the kickoff is over: what comes after it does not count from it any more")
	case f.Engagement.Status == StatusPaused:
		return models.Refuse(models.Conflict, "status", "the engagement is paused: resume it first")
	case to == f.Engagement.Kickoff:
		return models.Refuse(models.Invalid, "kickoff", "kickoff must name a date other than the present one, %s", to)
	case to.Before(today) || to.After(today.AddMonths(12)):
		return models.Refuse(models.Invalid, "kickoff", "kickoff %s must lie between today, %s, and %s", to, today, today.AddMonths(12))
	}
	return nil
}

// agreedIn returns the baseline of a plan.
func agreedIn(plan planning.Plan) Baseline {
	b := Baseline{Report: plan.Report, Phases: map[catalog.Phase]planning.Span{}, AsOf: plan.Anchors["as_of_date"], Days: plan.Days}
	for _, p := range plan.Phases {
		b.Phases[p.Phase] = planning.Span{Start: p.Start, End: p.End}
	}
	return b
}

// following returns the engagement with another kickoff: its as-of date and window move along where they came of the plan for the kickoff
// before. It refuses dates that contradict each other then.
func (f *Facts) following(was Engagement, to models.Date) (Engagement, error) {
	in := f.PlanInput()
	in.Kickoff, in.AsOf, in.WindowOpen = was.Kickoff, was.AsOf, was.WindowOpen
	st := f.Phase(catalog.PhaseKickoff)
	in.Actual[st.Phase] = planning.Span{Start: st.Began}
	planned := func(anchor string, without func(*planning.PlanInput)) models.Date {
		in := in
		without(&in)
		s, err := planning.NewSchedule(f.Catalog, in)
		if err != nil {
			return models.Date{}
		}
		return s.Anchors[anchor]
	}
	asOf := planned("as_of_date", func(in *planning.PlanInput) { in.AsOf = models.Date{} })
	window := planned("window_open", func(in *planning.PlanInput) { in.WindowOpen = models.Date{} })
	if asOf == was.AsOf {
		in.AsOf = models.Date{}
	}
	if window == was.WindowOpen {
		in.WindowOpen = models.Date{}
	}
	in.Kickoff, in.Actual[st.Phase] = to, planning.Span{Start: to}
	s, err := planning.NewSchedule(f.Catalog, in)
	if err != nil {
		return was, err
	}
	is := was
	is.Kickoff = to
	if !was.AsOf.IsZero() {
		is.AsOf = s.Anchors["as_of_date"]
	}
	if !was.WindowOpen.IsZero() {
		is.WindowOpen = s.Anchors["window_open"]
	}
	return is, nil
}

// agreeAnew agrees the dates of an engagement of which nothing is done anew, after its kickoff was moved by an edit: baseline and, unless
// another was made, the promise are those of the new plan.
func (f *Facts) agreeAnew(was Engagement, promised bool) error {
	e := &f.Engagement
	is, err := f.following(was, e.Kickoff)
	if err != nil {
		return err
	}
	e.AsOf, e.WindowOpen = is.AsOf, is.WindowOpen
	f.Phase(catalog.PhaseKickoff).Began = e.Kickoff
	plan, err := f.plan()
	if err != nil {
		return err
	}
	e.Baseline, e.Outlook = agreedIn(plan), Outlook{}
	if !promised && was.Target == was.Baseline.Report {
		e.Target = plan.Report
	}
	return nil
}

// beginAnew puts the tasks of an engagement of which nothing is done where its new plan has them.
func (f *Facts) beginAnew(was Engagement, now time.Time) error {
	plan, err := f.plan()
	if err != nil {
		return err
	}
	f.log(Event{At: now, Kind: "plan.agreed", Field: "report_date", From: was.Baseline.Report.String(), To: plan.Report.String()})
	f.putAnew(plan, now)
	return nil
}

// putAnew gives what is not done the due dates of a plan for another kickoff, earlier ones too, but none that has passed.
func (f *Facts) putAnew(plan planning.Plan, now time.Time) {
	f.replan(plan.Schedule)
	today, planned := f.Today(now), plannedIn(plan)
	moves := map[models.TaskID]models.Date{}
	for _, t := range f.Tasks {
		p, ok := planned[t.Template]
		if !ok || !follows(t) || t.Round > 1 {
			continue
		}
		days := f.DaysOf(t)
		moves[t.ID] = f.landing(t, p.Due)
		if p.Due.Before(today) && !moves[t.ID].After(today) { // as of a task that is new
			moves[t.ID] = days.Add(today, 1)
		}
	}
	f.inTurn(moves)
	f.put(moves, now)
	for _, t := range f.Tasks {
		if _, moved := moves[t.ID]; moved { // agreed anew: nobody is late for that
			p := planned[t.Template]
			t.Original, t.Planned, t.Span = t.Due, f.landing(t, p.Due), f.span(t, p)
			f.touch(t)
		}
	}
}

// checkKickoff refuses to move the kickoff where mayMoveKickoff does, and where the dates would contradict each other.
func (f *Facts) checkKickoff(d *Decision, now time.Time) error {
	if err := f.mayMoveKickoff(d.Change.Kickoff, now); err != nil {
		return err
	}
	_, err := f.following(f.Engagement, d.Change.Kickoff)
	return err
}

// neededForKickoff returns whose approval another kickoff needs: that of those who agreed upon it, sponsor and partner, and where the as-of
// date moves along, of those whom its own move takes.
func (f *Facts) neededForKickoff(d *Decision, _ time.Time) []models.Role {
	roles := []models.Role{models.RoleSponsor, models.RolePartner}
	if is, err := f.following(f.Engagement, d.Change.Kickoff); err == nil && is.AsOf != f.Engagement.AsOf {
		for _, a := range f.returnRule("RT-03").Approver {
			roles = append(roles, models.Role(a))
		}
	}
	return roles
}

// moveKickoff moves the kickoff by a decision: what is done stays, what is not is planned anew. Baseline and promise stay as agreed.
func (f *Facts) moveKickoff(d *Decision, now time.Time) {
	e := &f.Engagement
	is, err := f.following(*e, d.Change.Kickoff)
	if err != nil {
		return // it was checked just before
	}
	moved := func(kind, field, from, to string) {
		if from != to {
			f.log(Event{At: now, Kind: kind, Subject: d.ID, Field: field, From: from, To: to, Reason: d.Reason})
		}
	}
	moved("kickoff.moved", "kickoff", e.Kickoff.String(), is.Kickoff.String())
	moved("date.moved", "as_of_date", e.AsOf.String(), is.AsOf.String())
	w, v := e.Window(), is.Window()
	moved("window.moved", "window", w.Start.String()+".."+w.End.String(), v.Start.String()+".."+v.End.String())
	e.Kickoff, e.AsOf, e.WindowOpen = is.Kickoff, is.AsOf, is.WindowOpen
	f.Phase(catalog.PhaseKickoff).Began = e.Kickoff
	f.dates, f.due = nil, nil
	if plan, err := f.plan(); err == nil {
		f.putAnew(plan, now)
	}
}

// toldOfKickoff tells of a kickoff that was moved: whoever leads the engagement or is on its team, the sponsor, and who owns a task; of one
// that was moved by a decision those whose it is not.
func (n *noticing) toldOfKickoff() {
	f, e := n.f, n.f.Engagement
	who := append([]models.PersonID{e.Partner, e.Manager, f.Sponsor(), e.Auditor}, e.Consultants...)
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			who = append(who, t.Owner)
		}
	}
	n.tell(NoticeKickoff, false, n.event.Reason, n.others(who)...)
}

// toldOfPromise tells of a promise that was moved: partner, manager and sponsor. Where it moved with the kickoff, that is told.
func (n *noticing) toldOfPromise() {
	e := n.f.Engagement
	if slices.ContainsFunc(n.f.events, func(e Event) bool { return e.Kind == n.event.Kind && e.Field == "kickoff" }) {
		return
	}
	n.tell(NoticePromise, false, n.event.Reason, e.Partner, e.Manager, n.f.Sponsor())
}
