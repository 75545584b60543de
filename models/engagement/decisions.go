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

// A decisionRow is all there is to know about one kind of decision: which rule of the catalog it follows, whose approval it needs, what
// it may change and does when it takes effect, and how it is put into words.
type decisionRow struct {
	kind Kind
	// rule returns the return rule that a change follows. Nil: it follows none.
	rule func(f *Facts, ch Change) string
	// needs returns the roles whose approval it needs.
	needs func(f *Facts, d *Decision, now time.Time) []models.Role
	// check refuses a change that the dates, the route or the state of the engagement do not allow.
	check func(f *Facts, d *Decision, now time.Time) error
	// effect carries it out, once everybody has approved.
	effect func(f *Facts, d *Decision, now time.Time)
	// describes says in one line what it changes.
	describes func(f *Facts, ch Change) string
	// explains says who proposes what, for those who are to approve it. Nil: that it is proposed, and what it changes.
	explains func(f *Facts, d *Decision, who, title string) string
}

// decisionRows is the table of decisions by kind. It is filled in by init, since the rules it names ask it themselves.
var decisionRows = map[Kind]*decisionRow{}

func init() {
	always := func(rule string) func(*Facts, Change) string { return func(*Facts, Change) string { return rule } }
	for _, s := range []decisionRow{
		{kind: MoveKickoff, needs: (*Facts).neededForKickoff, check: (*Facts).checkKickoff, effect: (*Facts).moveKickoff,
			describes: func(_ *Facts, ch Change) string { return "kickoff " + ch.Kickoff.String() },
			explains: func(f *Facts, d *Decision, who, _ string) string {
				return who + " proposes to move the kickoff" + fromTo(f.Engagement.Kickoff, d.Change.Kickoff)
			}},
		{kind: MoveAsOf, rule: always("RT-03"), needs: (*Facts).neededByRule, check: (*Facts).checkAsOf, effect: (*Facts).moveAsOf,
			describes: func(_ *Facts, ch Change) string { return "as-of date " + ch.AsOf.String() },
			explains: func(f *Facts, d *Decision, who, _ string) string {
				return who + " proposes to move the as-of date" + fromTo(f.Engagement.AsOf, d.Change.AsOf)
			}},
		{kind: MoveWindow, rule: (*Facts).windowRule, needs: (*Facts).neededByRule, check: (*Facts).checkWindow, effect: (*Facts).moveWindow,
			describes: func(f *Facts, ch Change) string {
				w := f.windowOf(ch)
				return "window " + w.Start.String() + ".." + w.End.String()
			},
			explains: func(f *Facts, d *Decision, who, _ string) string {
				w := f.windowOf(d.Change)
				return fmt.Sprintf("%s proposes the window %s to %s", who, models.Dated(w.Start), models.Dated(w.End))
			}},
		{kind: ChangeScope, rule: always("RT-01"), needs: (*Facts).neededByRule, check: (*Facts).checkScope, effect: (*Facts).changeScope,
			describes: func(_ *Facts, ch Change) string {
				return strings.TrimSuffix("categories "+models.Words(ch.Categories)+", add-ons "+strings.Join(ch.Addons, ", "), ", add-ons ")
			},
			explains: func(_ *Facts, d *Decision, who, _ string) string {
				return fmt.Sprintf("%s proposes another scope: %s", who, namesOf(d.Change.Categories))
			}},
		{kind: DropType1, rule: always("RT-09"), needs: (*Facts).neededByRule, check: (*Facts).checkDrop, effect: (*Facts).dropType1,
			describes: func(f *Facts, ch Change) string {
				return "no Type 1; the window opens on " + f.windowOf(ch).Start.String()
			},
			explains: func(_ *Facts, _ *Decision, who, _ string) string {
				return fmt.Sprintf("%s proposes to drop the Type 1", who)
			}},
		{kind: ReturnPhase, rule: func(_ *Facts, ch Change) string { return ch.Rule }, needs: (*Facts).neededByRule, check: (*Facts).checkReturn,
			effect: (*Facts).sendBack,
			describes: func(f *Facts, ch Change) string {
				return fmt.Sprintf("%s (%s, %s)", f.returnDoes(ch), ch.Rule, models.Lower(f.returnRule(ch.Rule).Trigger))
			},
			explains: func(f *Facts, d *Decision, who, _ string) string {
				return fmt.Sprintf("%s proposes that %s (%s)", who, f.returnDoes(d.Change), models.Lower(f.returnRule(d.Rule).Trigger))
			}},
		{kind: AcceptRisk, needs: func(*Facts, *Decision, time.Time) []models.Role { return []models.Role{models.RoleSponsor} }, // G-RE-1
			check: (*Facts).checkRisk, effect: (*Facts).acceptRisk,
			describes: func(_ *Facts, ch Change) string { return string(ch.Task) },
			explains: func(_ *Facts, _ *Decision, who, title string) string {
				return fmt.Sprintf("%s proposes to accept the risk: %s", who, title)
			}},
		{kind: ExtendTask, needs: (*Facts).neededToExtend, check: (*Facts).checkExtension, effect: (*Facts).extend,
			describes: func(_ *Facts, ch Change) string { return string(ch.Task) + " due " + ch.Due.String() },
			explains: func(_ *Facts, d *Decision, who, title string) string {
				return fmt.Sprintf("%s asks for more time, until %s: %s", who, models.Dated(d.Change.Due), title)
			}},
		{kind: HandOverTask, needs: (*Facts).neededToHandOver, check: (*Facts).checkHandOver, effect: (*Facts).handOverTask,
			describes: func(_ *Facts, ch Change) string { return string(ch.Task) + " to " + string(ch.Person) },
			explains: func(f *Facts, d *Decision, who, title string) string {
				return fmt.Sprintf("%s proposes that %s takes over: %s", who, f.Called(d.Change.Person, "owner"), title)
			}},
	} {
		decisionRows[s.kind] = &s
	}
}

// fromTo says from which day to which other one something is moved; what has been moved there already, only to which.
func fromTo(is, to models.Date) string {
	if is == to {
		return " to " + models.Dated(to)
	}
	return " from " + models.Dated(is) + " to " + models.Dated(to)
}

// returnDoes says in words what a return does, of what it is about.
func (f *Facts) returnDoes(ch Change) string {
	if ch.Rule == "RT-13" {
		if f.Engagement.Auditor == "" {
			return "another audit firm is chosen"
		}
		return f.Called(f.Engagement.Auditor, "auditor") + " leaves the engagement and another audit firm is chosen"
	}
	text := "the engagement goes back to " + f.PhaseName(f.target(f.returnRule(ch.Rule)))
	if ch.Subject != "" {
		text += " for " + ch.Subject
	}
	return text
}

// checkChange refuses a change that the dates, the route or the state of the engagement do not allow.
func (f *Facts) checkChange(d *Decision, now time.Time) error {
	return decisionRows[d.Kind].check(f, d, now)
}

// Describe returns in one line what a decision changes, as the record has it.
func (f *Facts) Describe(d *Decision) string { return decisionRows[d.Kind].describes(f, d.Change) }

// Explain returns for people who proposes a decision, and what it is about.
func (f *Facts) Explain(d *Decision) string { return f.explain(d, f.Called(d.ProposedBy, "team")) }

// Proposal returns for people what a decision is about, as in: the window Mon 2027-03-01 to Tue 2027-08-31.
func (f *Facts) Proposal(d *Decision) string {
	text := strings.TrimPrefix(strings.TrimPrefix(f.explain(d, ""), " proposes"), " asks for")
	return strings.TrimSpace(strings.TrimPrefix(text, ":"))
}

// explain says that somebody proposes a decision, and what it is about.
func (f *Facts) explain(d *Decision, who string) string {
	title := string(d.Change.Task)
	if t := f.Task(d.Change.Task); t != nil {
		title = t.Heading()
	}
	if explains := decisionRows[d.Kind].explains; explains != nil {
		return explains(f, d, who, title)
	}
	return fmt.Sprintf("%s proposes: %s", who, f.Describe(d))
}

// propose records a decision and, when nobody else has to approve it, lets it take effect at once. It returns the
// decision's id. What is proposed is checked now and again when it takes effect.
func (f *Facts) propose(c Command, now time.Time) (string, error) {
	if c.Change == nil {
		return "", models.Refuse(models.Invalid, "", "what is to change is missing")
	}
	old := f.pendingLike(c)
	if err := f.mayReplace(old, c, now); err != nil {
		return "", err
	}
	d := &Decision{Kind: c.Kind, Rule: f.ruleOf(c), Change: *c.Change, Reason: c.Reason, ProposedBy: c.Actor.Person, ProposedAt: now,
		State: DecisionPending}
	if err := f.checkChange(d, now); err != nil {
		return "", err
	}
	f.Engagement.Decided++
	d.ID = fmt.Sprintf("D-%d", f.Engagement.Decided)
	if old != nil {
		f.replace(old, d, now)
	}
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

// pendingLike returns the pending decision about the same as a proposal, or nil.
func (f *Facts) pendingLike(c Command) *Decision {
	for _, d := range f.Decisions {
		if d.State == DecisionPending && d.Kind == c.Kind && d.Change.Task == c.Change.Task && d.Change.Rule == c.Change.Rule {
			return d
		}
	}
	return nil
}

// ruleOf returns the return rule of the catalog that a change follows (phases.yaml, returns); empty where it follows none.
func (f *Facts) ruleOf(c Command) string {
	if rule := decisionRows[c.Kind].rule; rule != nil {
		return rule(f, *c.Change)
	}
	return ""
}

// windowRule returns the rule by which a window moves: RT-02 before it opens, RT-07 when it is extended by whole months, RT-05 when
// it is restarted.
func (f *Facts) windowRule(ch Change) string {
	if w := f.Phase(catalog.PhaseWindow); w == nil || w.Standing != StandingActive {
		return "RT-02"
	}
	if ch.WindowOpen.IsZero() || ch.WindowOpen == f.Engagement.WindowOpen {
		return "RT-07"
	}
	return "RT-05"
}

// needed returns whose approval a decision needs, each role once. Where no auditor has been invited the partner stands in, and
// informs him.
func (f *Facts) needed(d *Decision, now time.Time) []models.Role {
	roles := decisionRows[d.Kind].needs(f, d, now)
	if d.Kind == ExtendTask || d.Kind == HandOverTask {
		return roles
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

// neededByRule returns the roles whose approval the decision's return rule asks for. A window that moves before it opens was agreed
// with the client: it takes the sponsor and the partner (domain.md 6.5).
func (f *Facts) neededByRule(d *Decision, _ time.Time) []models.Role {
	if d.Kind == MoveWindow && d.Rule == "RT-02" {
		return []models.Role{models.RoleSponsor, models.RolePartner}
	}
	var roles []models.Role
	for _, a := range f.returnRule(d.Rule).Approver {
		roles = append(roles, models.Role(a))
	}
	return roles
}

// pending refuses an answer to a decision that has been closed.
func (f *Facts) pending(d *Decision) error {
	if d.State != DecisionPending {
		return models.Refuse(models.Conflict, "decision", "%s is %s already, since %s", d.ID, strings.ReplaceAll(string(d.State), "_", " "),
			models.DateIn(d.ClosedAt, f.Location()))
	}
	return nil
}

// approve records one person's yes to a decision; the last yes lets it take effect.
func (f *Facts) approve(c Command, now time.Time) error {
	d := f.DecisionOf(c.Decision)
	if err := f.pending(d); err != nil {
		return err
	}
	if err := f.Overtaken(d, now); err != nil {
		return models.Refuse(models.Conflict, "decision", "%s cannot take effect any more: %s; propose another day, or refuse it", d.ID,
			spoken(err))
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
	d.State, d.ClosedAt, d.ClosedBy, d.ClosedWhy = DecisionRefused, now, c.Actor.Person, c.Reason
	return nil
}

// say records somebody's yes or no in each role in which it is waited for.
func (f *Facts) say(d *Decision, yes bool, c Command, now time.Time) {
	f.touchDecision(d)
	for _, role := range f.judgesAs(d, c.Actor) {
		d.Approvals = append(d.Approvals, Approval{Role: role, By: c.Actor.Person, At: now, Yes: yes, Reason: c.Reason})
		f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: d.ID, Field: string(role), Reason: c.Reason})
	}
}

// mayDecide refuses an actor whose approval a pending decision does not need.
func (f *Facts) mayDecide(a Actor, c Command) error {
	d := f.DecisionOf(c.Decision)
	if d.State == DecisionPending && len(f.judgesAs(d, a)) == 0 {
		return models.Refuse(models.Forbidden, "decision", "%s waits for %s, which is not you", d.ID, models.Words(f.Missing(d)))
	}
	return nil
}

// judgesAs returns the roles in which somebody's approval of a pending decision is missing. Nobody judges what is asked on their own
// behalf; who shall take a task over may say yes or no to that alone.
func (f *Facts) judgesAs(d *Decision, a Actor) []models.Role {
	missing := f.Missing(d)
	if d.Kind == HandOverTask && d.Change.Person == a.Person {
		return missing
	}
	return slices.DeleteFunc(missing, func(r models.Role) bool { return f.asks(d, a) || !slices.Contains(f.MayJudge(r), a.Person) })
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
	return f.carryOut(d, now)
}

// carryOut does what a decision decides, and plans with it.
func (f *Facts) carryOut(d *Decision, now time.Time) error {
	decisionRows[d.Kind].effect(f, d, now)
	if _, err := f.plan(); err != nil {
		return err // dates that contradict each other would hold up everything
	}
	f.retime(d.Kind != ExtendTask && d.Kind != HandOverTask, now)
	return nil
}

// checkRisk refuses the acceptance of a risk about what is no gap (invalid) or is closed already (conflict).
func (f *Facts) checkRisk(d *Decision, _ time.Time) error {
	t := f.Task(d.Change.Task)
	if t == nil || !f.templateOf(t).Risk {
		return models.Refuse(models.Invalid, "task", "task %q is not a gap of this engagement: a risk is accepted for %s tasks", d.Change.Task,
			strings.Join(f.Catalog.RiskTasks(), " or "))
	}
	if t.State.Closed() {
		return models.Refuse(models.Conflict, "task", "%s is %s already", t.ID, t.State)
	}
	return nil
}

// checkAsOf: the as-of date never precedes readiness sign-off, and moves later, not earlier, once preparation has begun
// (domain.md 3.3, phase 4).
func (f *Facts) checkAsOf(d *Decision, now time.Time) error {
	to := d.Change.AsOf
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
		return models.Refuse(models.Invalid, "as_of_date", "as_of_date %s is earlier than %s: once preparation has begun it moves later only",
			to, f.Engagement.AsOf)
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
func (f *Facts) checkWindow(d *Decision, now time.Time) error {
	ch := d.Change
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
		return models.Refuse(models.Conflict, "window_months",
			"the window's last day, %s, has passed: it cannot be extended or restarted any more", is.End)
	}
	if err := f.checkDays(st.Standing == StandingActive, is, to, now); err != nil {
		return err
	}
	in := f.PlanInput()
	in.WindowOpen, in.WindowMonths = to.Start, f.monthsOf(ch)
	_, err := planning.NewSchedule(f.Catalog, in)
	return err
}

// checkDays refuses days that a window cannot be moved to, open or not yet open.
func (f *Facts) checkDays(open bool, is, to planning.Span, now time.Time) error {
	switch {
	case to.Start == is.Start && open && to.End.Before(is.End):
		return models.Refuse(models.Invalid, "window_months", "an open window is never shortened: %s is before %s", to.End, is.End)
	case to.Start == is.Start:
		return nil
	case open && !to.Start.After(f.Today(now)):
		return models.Refuse(models.Invalid, "window_open", "an open window restarts on a later day than today")
	}
	return f.checkAhead("window_open", to.Start, now)
}

func (f *Facts) checkScope(d *Decision, _ time.Time) error {
	e, ch := f.Engagement, d.Change
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
		return models.Refuse(models.Conflict, "categories",
			"the window is open: a further category joins the next one, unless evidence exists from day one and the auditor agrees (from_day_one)")
	}
	if w := f.Phase(catalog.PhaseT2Fieldwork); w != nil && w.Standing != StandingWaiting {
		return models.Refuse(models.Conflict, "categories", "fieldwork has begun: the scope of this report is fixed")
	}
	if w != nil && w.Standing == StandingWaiting {
		return nil
	}
	from := append(f.returnRule("RT-01").From, string(catalog.PhaseKickoff))
	if !slices.ContainsFunc(f.Active(), func(p catalog.Phase) bool { return slices.Contains(from, string(p)) }) {
		return models.Refuse(models.Conflict, "categories", "the scope changes in %s, none of which is active: it is fixed for this report",
			strings.Join(from, ", "))
	}
	return nil
}

func (f *Facts) checkDrop(d *Decision, now time.Time) error {
	prep, report := f.Phase(catalog.PhaseT1Prep), f.Phase(catalog.PhaseT1Report)
	if prep == nil || !f.has("t1") || f.Phase(catalog.PhaseWindow) == nil {
		return models.Refuse(models.Invalid, "", "only an engagement with a Type 1 and a Type 2 can drop its Type 1")
	}
	if report.Standing == StandingDone {
		return models.Refuse(models.Conflict, "", "the Type 1 report has been issued already")
	}
	if f.windowOf(d.Change) == f.Engagement.Window() {
		return nil
	}
	return f.checkWindow(d, now)
}

func (f *Facts) checkReturn(d *Decision, _ time.Time) error {
	i := slices.IndexFunc(f.Catalog.Returns, func(r catalog.ReturnTemplate) bool { return r.ID == d.Rule })
	if i < 0 || !slices.Contains(sendsBack, d.Rule) {
		return models.Refuse(models.Invalid, "rule", "rule %q is none of %s; the others are commands of their own", d.Rule,
			strings.Join(sendsBack, ", "))
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
	switch d.Rule {
	case "RT-08":
		return f.checkPopulation(d.Change.Subject)
	case "RT-12":
		return f.checkIssued(to)
	}
	return nil
}

// checkPopulation refuses a subject that is no population of the engagement. An empty one means all of them.
func (f *Facts) checkPopulation(s string) error {
	if s != "" && !slices.ContainsFunc(f.Scope().Populations(), func(e catalog.EvidenceRequest) bool { return e.ID == s }) {
		return models.Refuse(models.Invalid, "subject", "subject %q is none of the populations of this engagement: name one, or none for all", s)
	}
	return nil
}

// checkIssued refuses a phase whose report has not been issued.
func (f *Facts) checkIssued(st *PhaseState) error {
	for _, t := range f.Tasks {
		if t.Phase == st.Phase && f.templateOf(t).IssuesReport && !t.State.Closed() {
			return models.Refuse(models.Conflict, "rule", "the report has not been issued yet: %s is %s", t.ID, t.State)
		}
	}
	if st.Standing == StandingWaiting {
		return models.Refuse(models.Conflict, "rule", "the report has not been issued yet: %s has not begun", f.PhaseName(st.Phase))
	}
	return nil
}

// request asks for more time or for another owner: a decision, which takes effect when those agree whose approval it needs.
func (f *Facts) request(c Command, now time.Time) (string, error) {
	t := f.Task(c.Tasks[0])
	if len([]rune(c.Blocking)) > 2000 {
		return "", models.Refuse(models.Invalid, "blocking", "blocking may have 2,000 characters at most")
	}
	c.Change = &Change{Task: t.ID, Due: c.Due, Blocking: c.Blocking, Person: c.Person}
	if c.Kind == ExtendTask {
		if err := f.checkDue(c.Due, now); err != nil { // of the day that was asked for, whatever it rolls to
			return "", err
		}
		c.Change.Due = f.DaysOf(t).Roll(c.Due)
		if !c.Change.Due.After(t.Due) && c.Due != c.Change.Due {
			return "", f.notLater(t, c.Due)
		}
	}
	return f.propose(c, now)
}

// dropRequests ends what was asked for about tasks that are closed since, or have been given what was asked.
func (f *Facts) dropRequests(now time.Time) {
	for _, d := range f.Decisions {
		if d.State != DecisionPending || d.Kind != ExtendTask && d.Kind != HandOverTask {
			continue
		}
		if why := f.needless(d); why != "" {
			f.lapse(d, why, now)
		}
	}
}

// needless says why nobody needs to answer a request any more; empty while somebody does.
func (f *Facts) needless(d *Decision) string {
	switch t, err := f.owing(d); {
	case err != nil:
		return "it is not to be done any more"
	case d.Kind == ExtendTask && !d.Change.Due.After(t.Due):
		return "it is due " + t.Due.String() + " already"
	case d.Kind == HandOverTask && d.Change.Person == t.Owner:
		return "it has been given to them already"
	case d.Kind == HandOverTask && f.hasLeft(d.Change.Person):
		return "who should take it over has left"
	}
	return ""
}

// A judge is a person whose approval a pending decision needs.
type judge struct {
	role   models.Role
	person models.PersonID
}

// judges returns whose approval a pending decision needs: for each role the first to ask of those who may.
func (f *Facts) judges(d *Decision) []judge {
	var out []judge
	for _, role := range f.Missing(d) {
		if who := f.MayAnswer(d, role); len(who) > 0 {
			out = append(out, judge{role, who[0]})
		}
	}
	return out
}

// MayAnswer returns those who may approve or refuse a pending decision in a role, the first to ask first. Who shall take a task over is
// asked where their role may approve at all.
func (f *Facts) MayAnswer(d *Decision, role models.Role) []models.PersonID {
	if p, ok := f.Person(d.Change.Person); ok && d.Kind == HandOverTask && ReachOf(p.Role, rowOf[ApproveDecision].action) != ReachNone {
		return []models.PersonID{p.ID}
	}
	return slices.DeleteFunc(f.MayJudge(role), func(p models.PersonID) bool { return f.asks(d, Actor{Person: p}) })
}
