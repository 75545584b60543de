package engagement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// propose records a decision and, when nobody else has to approve it, lets it take effect at once. It returns the
// decision's id. What is proposed is checked now and again when it takes effect.
func (f *Facts) propose(c Command, now time.Time) (string, error) {
	if c.Change == nil {
		return "", models.Refuse(models.Invalid, "", "what is to change is missing")
	}
	for _, d := range f.Decisions {
		if d.State == DecisionPending && d.Kind == c.Kind && d.Change.Task == c.Change.Task && d.Change.Rule == c.Change.Rule {
			return "", models.Refuse(models.Conflict, "decision", "%s about the same is still pending: approve or refuse it first", d.ID)
		}
	}
	d := &Decision{Kind: c.Kind, Rule: f.ruleOf(c), Change: *c.Change, Reason: c.Reason, ProposedBy: c.Actor.Person, ProposedAt: now, State: DecisionPending}
	if err := f.checkChange(d, now); err != nil {
		return "", err
	}
	f.Engagement.Decided++
	d.ID = fmt.Sprintf("D-%d", f.Engagement.Decided)
	d.Needs = f.needed(d, now)
	f.Decisions = append(f.Decisions, d)
	f.touchDecision(d)
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: d.ID, Field: string(d.Kind), To: f.Describe(d), Reason: d.Reason})
	for _, role := range d.Needs {
		if d.Kind != ExtendTask && slices.Contains(f.MayJudge(role), c.Actor.Person) {
			d.Approvals = append(d.Approvals, Approval{Role: role, By: c.Actor.Person, At: now, Yes: true, Reason: "proposed it"})
		}
	}
	return d.ID, f.takeEffect(d, now)
}

// ruleOf returns the return rule of the catalog that a change follows (phases.yaml, returns).
func (f *Facts) ruleOf(c Command) string {
	switch c.Kind {
	case MoveAsOf:
		return "RT-03"
	case MoveWindow:
		if w := f.Phase(catalog.PhaseWindow); w == nil || w.Standing != StandingActive {
			return "RT-02" // the window has not opened: its start moves
		}
		if c.Change.WindowOpen.IsZero() || c.Change.WindowOpen == f.Engagement.WindowOpen {
			return "RT-07" // extended by whole months
		}
		return "RT-05" // restarted
	case ChangeScope:
		return "RT-01"
	case DropType1:
		return "RT-09"
	case ReturnPhase:
		return c.Change.Rule
	}
	return "" // a risk acceptance is the sponsor's (G-RE-1)
}

// needed returns whose approval a decision needs: those of its rule, and both sponsor and partner when an anchor moves that
// was agreed with the client (domain.md 6.5). Where no auditor has been invited the partner stands in, and informs him.
func (f *Facts) needed(d *Decision, now time.Time) []models.Role {
	var roles []models.Role
	switch {
	case d.Kind == ExtendTask:
		return f.neededToExtend(d, now)
	case d.Kind == HandOverTask:
		return []models.Role{f.givers(f.Task(d.Change.Task))}
	case d.Kind == AcceptRisk:
		roles = []models.Role{models.RoleSponsor}
	case d.Kind == MoveWindow && d.Rule == "RT-02":
		roles = []models.Role{models.RoleSponsor, models.RolePartner}
	default:
		for _, r := range f.Catalog.Returns {
			if r.ID == d.Rule {
				for _, a := range r.Approver {
					roles = append(roles, models.Role(a))
				}
			}
		}
	}
	if d.Change.FromDayOne {
		roles = append(roles, models.RoleAuditor)
	}
	if d.Change.Months != 0 && !slices.Contains(f.Catalog.WindowLengths.Allowed, d.Change.Months) {
		roles = append(roles, models.RolePartner) // an unusual length (domain.md 4.1)
	}
	var out []models.Role
	for _, r := range roles {
		if r == models.RoleAuditor && f.Engagement.Auditor == "" {
			r = models.RolePartner
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// pending refuses a word on a decision that does not wait for one any more.
func (f *Facts) pending(d *Decision) error {
	if d.State != DecisionPending {
		return models.Refuse(models.Conflict, "decision", "%s is %s already, since %s", d.ID, strings.ReplaceAll(string(d.State), "_", " "), models.DateIn(d.ClosedAt, f.Location()))
	}
	return nil
}

// approve records one person's yes to a decision; the last yes lets it take effect.
func (f *Facts) approve(c Command, now time.Time) error {
	d := f.DecisionOf(c.Decision)
	if err := f.pending(d); err != nil {
		return err
	}
	f.say(d, true, c, now)
	return f.takeEffect(d, now)
}

// decline records one person's no to a decision, which ends it.
func (f *Facts) decline(c Command, now time.Time) error {
	d := f.DecisionOf(c.Decision)
	if err := f.pending(d); err != nil {
		return err
	}
	f.say(d, false, c, now)
	d.State, d.ClosedAt = DecisionRefused, now
	return nil
}

// say records somebody's yes or no in each role in which it is waited for.
func (f *Facts) say(d *Decision, yes bool, c Command, now time.Time) {
	f.touchDecision(d)
	for _, role := range f.judgesAs(d, c.Actor.Person) {
		d.Approvals = append(d.Approvals, Approval{Role: role, By: c.Actor.Person, At: now, Yes: yes, Reason: c.Reason})
		f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: d.ID, Field: string(role), Reason: c.Reason})
	}
}

// mayDecide refuses an actor whose word a pending decision does not wait for.
func (f *Facts) mayDecide(a Actor, c Command) error {
	d := f.DecisionOf(c.Decision)
	if d.State == DecisionPending && len(f.judgesAs(d, a.Person)) == 0 {
		return models.Refuse(models.Forbidden, "decision", "%s waits for %s, which is not you", d.ID, models.Words(f.Missing(d)))
	}
	return nil
}

// judgesAs returns the roles in which somebody's word on a pending decision is waited for. Nobody judges their own request for
// more time (domain.md 7.2); who shall take a task over may say yes or no to that alone.
func (f *Facts) judgesAs(d *Decision, who models.PersonID) []models.Role {
	missing := f.Missing(d)
	if d.Kind == HandOverTask && d.Change.Person == who {
		return missing
	}
	return slices.DeleteFunc(missing, func(r models.Role) bool {
		return d.Kind == ExtendTask && d.ProposedBy == who || !slices.Contains(f.MayJudge(r), who)
	})
}

// Missing returns the roles whose approval a pending decision still waits for.
func (f *Facts) Missing(d *Decision) []models.Role {
	return slices.DeleteFunc(slices.Clone(d.Needs), func(r models.Role) bool {
		return slices.ContainsFunc(d.Approvals, func(a Approval) bool { return a.Role == r })
	})
}

// takeEffect carries a decision out when everybody has approved.
func (f *Facts) takeEffect(d *Decision, now time.Time) error {
	if len(f.Missing(d)) > 0 {
		return nil
	}
	if err := f.checkChange(d, now); err != nil {
		return err
	}
	d.State, d.ClosedAt = DecisionInForce, now
	f.log(Event{At: now, Kind: "decision.in_force", Subject: d.ID, Field: string(d.Kind), To: f.Describe(d), Reason: d.Reason})
	switch d.Kind {
	case MoveAsOf:
		f.moveAsOf(d, now)
	case MoveWindow:
		f.moveWindow(d, now)
	case ChangeScope:
		f.changeScope(d, now)
	case DropType1:
		f.dropType1(d, now)
	case ReturnPhase:
		f.sendBack(d, now)
	case AcceptRisk:
		f.acceptRisk(d, now)
	case ExtendTask:
		f.extend(d, now)
	case HandOverTask:
		f.handOverTask(d, now)
	}
	if _, err := f.plan(); err != nil {
		return err // dates that contradict each other would hold up everything
	}
	f.retime(now)
	return nil
}

// Describe says in one line what a decision changes.
func (f *Facts) Describe(d *Decision) string {
	ch := d.Change
	switch d.Kind {
	case MoveAsOf:
		return "as-of date " + ch.AsOf.String()
	case MoveWindow:
		w := f.windowOf(ch)
		return "window " + w.Start.String() + ".." + w.End.String()
	case ChangeScope:
		return strings.TrimSuffix("categories "+models.Words(ch.Categories)+", add-ons "+strings.Join(ch.Addons, ", "), ", add-ons ")
	case DropType1:
		return "no Type 1; the window opens on " + f.windowOf(ch).Start.String()
	case ReturnPhase:
		return d.Rule + " " + ch.Subject
	case ExtendTask:
		return string(ch.Task) + " due " + ch.Due.String()
	case HandOverTask:
		return string(ch.Task) + " to " + string(ch.Person)
	}
	return string(ch.Task)
}

// windowOf returns the window that a change asks for.
func (f *Facts) windowOf(ch Change) planning.Span {
	e := f.Engagement
	if !ch.WindowOpen.IsZero() {
		e.WindowOpen = ch.WindowOpen
	}
	if ch.Months != 0 {
		e.WindowMonths = ch.Months
	}
	return e.Window()
}

// checkChange refuses a change that the dates, the route or the state of the engagement do not allow.
func (f *Facts) checkChange(d *Decision, now time.Time) error {
	switch d.Kind {
	case MoveAsOf:
		return f.checkAsOf(d.Change.AsOf, now)
	case MoveWindow:
		return f.checkWindow(d.Change, now)
	case ChangeScope:
		return f.checkScope(d.Change)
	case DropType1:
		return f.checkDrop(d.Change, now)
	case ReturnPhase:
		return f.checkReturn(d)
	case ExtendTask:
		return f.checkExtension(d, now)
	case HandOverTask:
		return f.checkHandOver(d)
	case AcceptRisk:
		t := f.Task(d.Change.Task)
		if t == nil || !f.templateOf(t).Risk {
			return models.Refuse(models.Invalid, "task", "task %q is not a gap of this engagement: a risk is accepted for %s tasks", d.Change.Task,
				strings.Join(f.Catalog.RiskTasks(), " or "))
		}
		if t.State.Closed() {
			return models.Refuse(models.Conflict, "task", "%s is %s already", t.ID, t.State)
		}
	}
	return nil
}

// checkAsOf: the as-of date never precedes readiness sign-off, and moves later, not earlier, once preparation has begun
// (domain.md 3.3, phase 4).
func (f *Facts) checkAsOf(to models.Date, now time.Time) error {
	prep, field := f.Phase(catalog.PhaseT1Prep), f.Phase(catalog.PhaseT1Fieldwork)
	if !f.has("t1") {
		return models.Refuse(models.Invalid, "as_of_date", "this engagement has no Type 1, so it has no as-of date")
	}
	if field.Standing != StandingWaiting {
		return models.Refuse(models.Conflict, "as_of_date", "Type 1 fieldwork has begun: send it back to preparation first (RT-04)")
	}
	if to.IsZero() || to == f.Engagement.AsOf {
		return models.Refuse(models.Invalid, "as_of_date", "as_of_date must name a date other than the present one, %s", f.Engagement.AsOf)
	}
	if ready := f.Phase(catalog.PhaseRemediation).Actual.End; !ready.IsZero() && to.Before(ready) {
		return models.Refuse(models.Invalid, "as_of_date", "as_of_date %s is before readiness sign-off on %s", to, ready)
	}
	if prep.Standing == StandingActive && to.Before(f.Engagement.AsOf) {
		return models.Refuse(models.Invalid, "as_of_date", "as_of_date %s is earlier than %s: once preparation has begun it moves later only", to, f.Engagement.AsOf)
	}
	if err := f.checkAhead("as_of_date", to, now); err != nil {
		return err
	}
	in := f.PlanInput()
	in.AsOf = to
	_, err := planning.NewSchedule(f.Catalog, in)
	return err
}

func (f *Facts) checkAhead(field string, to models.Date, now time.Time) error {
	if today := f.Today(now); to.Before(today) || to.After(today.AddDays(maxAhead)) {
		return models.Refuse(models.Invalid, field, "%s %s must lie between today, %s, and %s", field, to, today, today.AddDays(maxAhead))
	}
	return nil
}

// checkWindow: before it opens a window may be moved as a whole; once open it may be extended by whole months or restarted
// on a later day, never shortened (domain.md 4.1, 4.2; RT-05, RT-07).
func (f *Facts) checkWindow(ch Change, now time.Time) error {
	st := f.Phase(catalog.PhaseWindow)
	if st == nil {
		return models.Refuse(models.Invalid, "window_open", "this engagement has no Type 2, so it has no window")
	}
	if st.Standing != StandingWaiting && st.Standing != StandingActive {
		return models.Refuse(models.Conflict, "window_open", "the window has been closed: it does not move any more")
	}
	is, to := f.Engagement.Window(), f.windowOf(ch)
	if ch.Months < 0 || ch.Months > 24 {
		return models.Refuse(models.Invalid, "window_months", "window_months %d must be 1 to 24", ch.Months)
	}
	if is == to {
		return models.Refuse(models.Invalid, "window_open", "that is the present window, %s to %s", is.Start, is.End)
	}
	if st.Standing == StandingActive && f.Today(now).After(is.End) {
		return models.Refuse(models.Conflict, "window_months", "the window's last day, %s, has passed: it cannot be extended or restarted any more", is.End)
	}
	if to.Start != is.Start {
		if st.Standing == StandingActive && !to.Start.After(f.Today(now)) {
			return models.Refuse(models.Invalid, "window_open", "an open window restarts on a later day than today")
		}
		if err := f.checkAhead("window_open", to.Start, now); err != nil {
			return err
		}
	} else if st.Standing == StandingActive && to.End.Before(is.End) {
		return models.Refuse(models.Invalid, "window_months", "an open window is never shortened: %s is before %s", to.End, is.End)
	}
	in := f.PlanInput()
	in.WindowOpen, in.WindowMonths = to.Start, f.monthsOf(ch)
	_, err := planning.NewSchedule(f.Catalog, in)
	return err
}

func (f *Facts) monthsOf(ch Change) int {
	if ch.Months != 0 {
		return ch.Months
	}
	return f.Engagement.WindowMonths
}

func (f *Facts) checkScope(ch Change) error {
	e := f.Engagement
	in := f.PlanInput()
	in.Categories, in.Addons = ch.Categories, ch.Addons
	if _, err := planning.NewSchedule(f.Catalog, in); err != nil {
		return err
	}
	if sameSet(e.Categories, ch.Categories) && sameSet(e.Addons, ch.Addons) {
		return models.Refuse(models.Invalid, "categories", "that is the present scope: %s", models.Words(e.Categories))
	}
	w := f.Phase(catalog.PhaseWindow)
	if w != nil && w.Standing != StandingWaiting && !ch.FromDayOne && len(missingFrom(e.Categories, ch.Categories)) > 0 {
		return models.Refuse(models.Conflict, "categories", "the window is open: a further category joins the next one, unless evidence exists from day one and the auditor agrees (from_day_one)")
	}
	if w := f.Phase(catalog.PhaseT2Fieldwork); w != nil && w.Standing != StandingWaiting {
		return models.Refuse(models.Conflict, "categories", "fieldwork has begun: the scope of this report is settled")
	}
	from := append(f.returnRule("RT-01").From, string(catalog.PhaseKickoff))
	if active := f.Active(); (w == nil || w.Standing != StandingWaiting) && !slices.ContainsFunc(active, func(p catalog.Phase) bool { return slices.Contains(from, string(p)) }) {
		return models.Refuse(models.Conflict, "categories", "the scope changes in %s, none of which is active: it is settled for this report", strings.Join(from, ", "))
	}
	return nil
}

// returnRule returns a return rule of the catalog.
func (f *Facts) returnRule(id string) catalog.ReturnTemplate {
	for _, r := range f.Catalog.Returns {
		if r.ID == id {
			r.From = slices.Clone(r.From)
			return r
		}
	}
	return catalog.ReturnTemplate{}
}

func sameSet[S ~string](a, b []S) bool {
	return len(missingFrom(a, b)) == 0 && len(missingFrom(b, a)) == 0
}

// missingFrom returns those of want that have does not hold.
func missingFrom[S ~string](have, want []S) []S {
	return slices.DeleteFunc(slices.Clone(want), func(s S) bool { return slices.Contains(have, s) })
}

func (f *Facts) checkDrop(ch Change, now time.Time) error {
	prep, report := f.Phase(catalog.PhaseT1Prep), f.Phase(catalog.PhaseT1Report)
	if prep == nil || !f.has("t1") || f.Phase(catalog.PhaseWindow) == nil {
		return models.Refuse(models.Invalid, "", "only an engagement with a Type 1 and a Type 2 can drop its Type 1")
	}
	if report.Standing == StandingDone {
		return models.Refuse(models.Conflict, "", "the Type 1 report has been issued already")
	}
	if f.windowOf(ch) == f.Engagement.Window() {
		return nil
	}
	return f.checkWindow(ch, now)
}

func (f *Facts) checkReturn(d *Decision) error {
	i := slices.IndexFunc(f.Catalog.Returns, func(r catalog.ReturnTemplate) bool { return r.ID == d.Rule })
	if i < 0 || !slices.Contains(sendsBack, d.Rule) {
		return models.Refuse(models.Invalid, "rule", "rule %q is none of %s; the others are commands of their own", d.Rule, strings.Join(sendsBack, ", "))
	}
	r := f.Catalog.Returns[i]
	to := f.Phase(f.target(r))
	if to == nil || to.Standing == StandingDropped {
		return models.Refuse(models.Invalid, "rule", "%s leads to a phase that this engagement does not have", r.ID)
	}
	if !slices.ContainsFunc(r.From, func(from string) bool {
		st := f.Phase(catalog.Phase(from))
		return from == "*" || st != nil && st.Standing == StandingActive
	}) {
		return models.Refuse(models.Conflict, "rule", "%s applies in %s, none of which is active", r.ID, strings.Join(r.From, ", "))
	}
	switch s := d.Change.Subject; d.Rule {
	case "RT-08":
		if s != "" && !slices.ContainsFunc(f.Scope().Populations(), func(e catalog.EvidenceRequest) bool { return e.ID == s }) {
			return models.Refuse(models.Invalid, "subject", "subject %q is none of the populations of this engagement: name one, or none for all", s)
		}
	case "RT-12":
		for _, t := range f.Tasks {
			if t.Phase == to.Phase && f.templateOf(t).IssuesReport && !t.State.Closed() {
				return models.Refuse(models.Conflict, "rule", "the report has not been issued yet: %s is %s", t.ID, t.State)
			}
		}
		if to.Standing == StandingWaiting {
			return models.Refuse(models.Conflict, "rule", "the report has not been issued yet: %s has not begun", f.PhaseName(to.Phase))
		}
	}
	return nil
}
