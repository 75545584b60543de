package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Advance moves the engagement on as far as facts, signatures and the calendar allow at now: it signs what only the
// calendar decides, leaves and enters phases and creates their tasks, brings recurring tasks whose period has begun,
// notes what has become overdue, and ends the engagement when every phase has been left. It reports whether a phase was
// entered or left. Advancing twice at the same instant changes nothing the second time.
func Advance(f *Facts, now time.Time) (moved bool) {
	if !f.Engagement.Status.Live() {
		return false
	}
	for f.step(now) {
		moved = true
	}
	f.bring(now)
	if moved {
		f.retime(now)
	}
	f.settle(now)
	return moved
}

// settle brings what follows from any change up to date: which tasks can be done, which are late, and the summary.
func (f *Facts) settle(now time.Time) {
	f.dates = nil // a decision may have moved a date after it logged so
	f.unlock(f.Today(now))
	f.markLate(now)
	f.markReady(now)
	f.summarize(now)
}

// markReady notes since when only its signature is missing at an open gate.
func (f *Facts) markReady(now time.Time) {
	today := f.Today(now)
	for i := range f.Gates {
		g := &f.Gates[i]
		if st := f.Phase(g.Phase); g.State != GateOpen || st.Standing != StandingActive {
			continue
		}
		switch ready := len(f.GateBlockers(*g, today)) == 0; {
		case ready && g.At.IsZero():
			g.At = now
		case !ready:
			g.At = time.Time{}
		}
	}
}

// step makes one transition, if one is due.
func (f *Facts) step(now time.Time) bool {
	today := f.Today(now)
	f.signForCalendar(today, now)
	for i := range f.Phases {
		if st := &f.Phases[i]; st.Standing == StandingActive && f.Engagement.Status == StatusRunning && len(f.holding(st, today)) == 0 {
			f.leave(st, today, now)
			return true
		}
	}
	plan, err := f.schedule()
	if err != nil {
		return false // dates are checked before they are stored; a plan that fails moves nothing
	}
	for i := range f.Phases {
		if f.mayEnter(f.Phases[i].Phase, plan, today) {
			f.enter(&f.Phases[i], today, now)
			return true
		}
	}
	return false
}

// signForCalendar signs the gates that no person decides: the window's last day has passed.
func (f *Facts) signForCalendar(today Date, now time.Time) {
	for i := range f.Gates {
		g := &f.Gates[i]
		if g.Approver == RoleSystem && g.State == GateOpen && len(f.GateBlockers(*g, today)) == 0 {
			g.State, g.At = GateSigned, now
			f.log(Event{At: now, Kind: "gate.signed", Subject: g.ID, From: string(GateOpen), To: string(GateSigned), Reason: f.gateText(g.ID)})
			f.log(Event{At: now, Kind: "window.closed", Subject: string(g.Phase), Field: "window_close", To: f.Engagement.Window().End.String()})
		}
	}
}

func (f *Facts) leave(st *PhaseState, today Date, now time.Time) {
	st.Standing, st.Actual.End = StandingDone, today
	f.log(Event{At: now, Kind: "phase.left", Subject: string(st.Phase), From: string(StandingActive), To: string(StandingDone)})
	for _, t := range f.Tasks { // a weekly call of a phase that is over is owed by nobody
		if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Repeats != nil && t.Phase == st.Phase && !t.State.Closed() {
			f.cancelTask(t, "its phase has been left", now)
		}
	}
	if f.allLeft() {
		f.end(StatusCompleted, "", "every phase has been left", now)
	}
}

func (f *Facts) allLeft() bool {
	return !slices.ContainsFunc(f.Phases, func(p PhaseState) bool {
		return p.Standing == StandingActive || p.Standing == StandingWaiting
	})
}

// end completes or cancels the engagement.
func (f *Facts) end(s Status, actor PersonID, reason string, now time.Time) {
	was := f.Engagement.Status
	f.Engagement.Status, f.Engagement.EndedAt = s, now
	f.log(Event{At: now, Actor: actor, Kind: "engagement." + string(s), Field: "status", From: string(was), To: string(s), Reason: reason})
	for _, d := range f.Decisions { // nobody is waited for any more
		if d.State == DecisionPending {
			d.State, d.ClosedAt = DecisionRefused, now
			f.decide(d)
			f.log(Event{At: now, Kind: "decision.refused", Subject: d.ID, Reason: "the engagement is " + string(s)})
		}
	}
}

func (f *Facts) enter(st *PhaseState, today Date, now time.Time) {
	st.Standing, st.Round = StandingActive, st.Round+1
	if st.Actual.Start.IsZero() {
		st.Actual.Start = today
	}
	st.Actual.End = Date{}
	st.Began = f.begin(st.Phase, today)
	f.log(Event{At: now, Kind: "phase.entered", Subject: string(st.Phase), From: string(StandingWaiting), To: string(StandingActive)})
	if st.Phase == PhaseWindow {
		w := f.Engagement.Window()
		f.log(Event{At: now, Kind: "window.opened", Subject: string(st.Phase), Field: "window", To: w.Start.String() + ".." + w.End.String()})
	}
	f.openGates(st)
	f.createTasks(st, today)
	f.retime(now)
}

// begin returns the day from which the dates of a phase entered today are counted (catalog phases.yaml, anchors).
func (f *Facts) begin(p Phase, today Date) Date {
	switch p {
	case PhaseKickoff:
		return f.Engagement.Kickoff
	case PhaseGap, PhaseRemediation:
		return f.ClientDays.Add(today, 1) // the first business day after the gate
	case PhaseWindow:
		return f.Engagement.WindowOpen
	case PhaseT1Fieldwork, PhaseT2Fieldwork:
		return f.FirmDays.Roll(today)
	default:
		return today
	}
}

func (f *Facts) openGates(st *PhaseState) {
	tmpl, _ := f.Catalog.Phase(st.Phase)
	for _, g := range tmpl.Exit {
		f.openGate(st, g)
	}
}

// openGate opens a gate, or opens it anew as a new round when it has been signed before.
func (f *Facts) openGate(st *PhaseState, g GateTemplate) {
	fresh := Gate{ID: g.ID, Phase: st.Phase, Round: st.Round, Approver: Role(g.Approver), Blocking: g.Blocking, State: GateOpen}
	if old := f.Gate(g.ID); old != nil {
		fresh.Round = old.Round + 1
		*old = fresh
		return
	}
	f.Gates = append(f.Gates, fresh)
}

// createTasks creates the tasks a phase brings with it.
func (f *Facts) createTasks(st *PhaseState, today Date) {
	plan, err := f.plan()
	if err != nil {
		return
	}
	due := map[string]Date{}
	for _, t := range plan.Tasks {
		due[t.Template] = t.Due
	}
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Phase == st.Phase && tmpl.Repeats == nil && !tmpl.Due.FromCadence && f.Engagement.WindowMonths >= tmpl.MinWindowMonths {
			for _, s := range f.subjects(tmpl, f.Scope()) {
				f.create(tmpl, s, due[tmpl.ID], today)
			}
		}
	}
}

// A subject is one thing an expanded task is about, and the client function that answers for it.
type subject struct{ id, name, owner string }

// subjects returns what a template is expanded into: one nameless subject for a plain task, none for what the work brings
// later (gaps, samples, auditor requests) or the calendar (occurrences).
func (f *Facts) subjects(t TaskTemplate, sel Selection) []subject {
	var out []subject
	switch t.Expand {
	case "":
		out = append(out, subject{})
	case "per_control":
		for _, c := range sel.Controls {
			out = append(out, subject{c.ID, c.Name, c.Owner})
		}
	case "per_essential_control":
		for _, c := range sel.Essential() {
			out = append(out, subject{c.ID, c.Name, c.Owner})
		}
	case "per_evidence_gap":
		out = evidenceSubjects(sel.EvidenceFor(StageGap))
	case "per_evidence_t1":
		out = evidenceSubjects(sel.EvidenceFor(StageT1))
	case "per_population":
		out = evidenceSubjects(sel.Populations())
	case "per_policy":
		for _, p := range sel.Policies {
			out = append(out, subject{p.ID, p.Name, p.Owner})
		}
	case "per_question_domain":
		for _, id := range sel.Domains {
			d := subject{id: id, name: id, owner: string(RoleSponsor)}
			if info, ok := f.Catalog.Domain(id); ok {
				d.name = info.Name
			}
			if qs := sel.QuestionsIn(id); len(qs) > 0 {
				d.owner = qs[0].IfNo.Owner
			}
			out = append(out, d)
		}
	}
	return out
}

func evidenceSubjects(list []EvidenceRequest) []subject {
	out := make([]subject, len(list))
	for i, e := range list {
		out[i] = subject{e.ID, e.Name, e.Owner}
	}
	return out
}

// taskID names a task: the template, its subject and, from the second round of its phase, the round.
func taskID(template, subject string, round int) TaskID {
	id := template
	if subject != "" {
		id += "." + subject
	}
	if round > 1 {
		id += fmt.Sprintf("~%d", round)
	}
	return TaskID(id)
}

// create adds one task of a template. A due date that has passed already becomes the next business day: nobody is late
// with what was never asked.
func (f *Facts) create(tmpl TaskTemplate, s subject, due, today Date) *Task {
	st := f.Phase(tmpl.Phase)
	id := taskID(tmpl.ID, s.id, st.Round)
	if old := f.Task(id); old != nil {
		return old
	}
	t := &Task{ID: id, Template: tmpl.ID, Subject: s.id, Phase: tmpl.Phase, Title: tmpl.Title, State: TaskWaiting, Gate: tmpl.Gate,
		OwnerRole: tmpl.Owner, ApproverRole: tmpl.Approver, Anchor: tmpl.Due.Anchor, Minutes: tmpl.EffortMinutes, Round: st.Round}
	if s.name != "" {
		t.Title += ": " + s.name
	}
	if strings.HasSuffix(tmpl.Owner, "_owner") { // control_owner, evidence_owner, …: the owner of the subject
		t.OwnerRole = s.owner
	}
	days := f.Days(t.OwnerRole)
	t.Due = days.Roll(due)
	if !t.Due.After(today) && today.After(due) {
		t.Due = days.Add(today, 1)
	}
	t.After = f.afterOf(tmpl, s.id)
	for _, dep := range f.Tasks { // dates that had passed were put off: order is kept
		if !dep.State.Closed() && dep.Due.After(t.Due) && (slices.Contains(t.After, string(dep.ID)) || slices.Contains(t.After, dep.Template)) {
			t.Due = days.Roll(dep.Due)
		}
	}
	t.Original = t.Due
	f.staff(t)
	f.Tasks = append(f.Tasks, t)
	f.touch(t)
	st.Tasks++
	return t
}

// afterOf returns what a copy of a template waits for. Dependencies on templates the engagement does not have are dropped;
// a template expanded over the same things is waited for copy by copy.
func (f *Facts) afterOf(tmpl TaskTemplate, subject string) []string {
	var out []string
	for _, id := range tmpl.After {
		dep, ok := f.Catalog.Template(id)
		if !ok || !f.applies(dep) {
			continue
		}
		if subject != "" && dep.Expand != "" && dep.Expand == tmpl.Expand {
			id = string(taskID(id, subject, f.Phase(dep.Phase).Round))
		}
		out = append(out, id)
	}
	return out
}

// applies reports whether the engagement has tasks of a template.
func (f *Facts) applies(t TaskTemplate) bool {
	flags := f.Flags()
	if !hasAll(flags, t.When) || !f.onRoute(t.Phase) || f.Engagement.WindowMonths < t.MinWindowMonths {
		return false
	}
	return !slices.Contains(flags, "renewal") || !slices.Contains(f.Catalog.Renewal.SkipTasks, t.ID)
}

// staff names the people of a task from the team and the client's function map.
func (f *Facts) staff(t *Task) {
	t.Owner, t.Backup = f.holder(t.OwnerRole)
	if t.ApproverRole != "" {
		t.Approver, _ = f.holder(t.ApproverRole)
	}
}

// holder returns who holds a firm role, the auditor's seat or a client function, following the function's fallbacks when
// nobody does (roles.yaml); empty when there is nobody at the end of the chain.
func (f *Facts) holder(role string) (person, backup PersonID) {
	e := &f.Engagement
	switch Role(role) {
	case RolePartner:
		return e.Partner, ""
	case RoleManager:
		return e.Manager, e.Partner
	case RoleConsultant:
		if len(e.Consultants) > 0 {
			return e.Consultants[0], e.Manager
		}
		return e.Manager, e.Partner
	case RoleAuditor:
		if e.Auditor == "" {
			return e.Manager, e.Partner // somebody must ask the auditor, and record what he said
		}
		return e.Auditor, ""
	}
	for seen := 0; role != "" && seen < 20; seen++ {
		for _, d := range f.Duties {
			if _, active := f.Person(d.Person); d.Function == role && active {
				return d.Person, d.Backup
			}
		}
		fn, _ := f.Catalog.Function(role)
		role = fn.Fallback
	}
	return "", ""
}

// bring creates the recurring tasks whose period has begun.
func (f *Facts) bring(now time.Time) {
	today := f.Today(now)
	for i := range f.Phases {
		st := &f.Phases[i]
		if st.Standing != StandingActive || !st.Through.Before(today) || !f.goesOn(st.Phase) {
			continue
		}
		for _, r := range f.recurring(st) {
			if r.Period.Start.After(st.Through) && !r.Period.Start.After(today) && !f.comes(r) {
				f.createRecurring(r, today)
			}
		}
		st.Through = today
	}
}

func (f *Facts) createRecurring(r recurring, today Date) {
	t := f.create(r.tmpl, subject{r.Subject, r.Title, r.owner}, r.Due, today)
	t.Period = r.Period
}

// comes reports whether a repeated task is asked for already, for a day so near that it is the same coming: a pause shifts
// what is open by business days, and what is to come with its phase.
func (f *Facts) comes(r recurring) bool {
	return r.tmpl.Repeats != nil && slices.ContainsFunc(f.Tasks, func(t *Task) bool {
		return t.Template == r.tmpl.ID && !t.State.Closed() && t.Due.AddDays(-4).Before(r.Due) && r.Due.Before(t.Due.AddDays(4))
	})
}

// goesOn reports whether what repeats in a phase comes now: in a pause only what the window asks for does.
func (f *Facts) goesOn(p Phase) bool {
	return f.Engagement.Status == StatusRunning || p == PhaseWindow
}

type recurring struct {
	Occurrence
	tmpl  TaskTemplate
	owner string
}

// recurring returns every recurring task of a phase over its whole length, in no particular order.
func (f *Facts) recurring(st *PhaseState) []recurring {
	var out []recurring
	plan, err := f.plan()
	if err != nil {
		return nil
	}
	for _, tmpl := range f.Catalog.TasksFor(f.Flags()) {
		if tmpl.Phase != st.Phase {
			continue
		}
		days := f.Days(tmpl.Owner)
		switch {
		case tmpl.Repeats != nil:
			first := days.Add(plan.Anchors[tmpl.Due.Anchor], tmpl.Due.Offset)
			until := plan.Anchors[tmpl.Repeats.Until]
			for _, o := range repeats(tmpl, first, until, days) {
				o.Title = "due " + o.Title
				out = append(out, recurring{o, tmpl, tmpl.Owner})
			}
		case tmpl.Due.FromCadence:
			for _, o := range f.Catalog.Occurrences(f.Scope().Controls, f.Engagement.Window(), f.ClientDays) {
				o.Due = days.Add(o.Due, tmpl.Due.Offset)
				out = append(out, recurring{o, tmpl, o.Owner})
			}
		}
	}
	return out
}

// nextPeriod returns the first day after today on which recurring tasks may begin; zero when there are none. It may name
// a day that brings nothing: Mondays and firsts of months, besides the middle and the end of the window, are few, and
// cheaper than reckoning every period at every command.
func (f *Facts) nextPeriod(today Date) Date {
	window, calls := f.Phase(PhaseWindow), f.Phase(PhaseRemediation)
	inWindow := window != nil && window.Standing == StandingActive
	if !inWindow && (calls == nil || calls.Standing != StandingActive || !f.goesOn(PhaseRemediation)) {
		return Date{}
	}
	next := earlier(today.AddDays(8-(int(today.Weekday())+6)%7-1), monthStart(today).AddMonths(1))
	if inWindow {
		w := f.Engagement.Window()
		for _, day := range []Date{middle(w), w.End} {
			if day.After(today) {
				next = earlier(next, day)
			}
		}
	}
	return next
}

// unlock opens the tasks that wait for nothing any more, and closes those again whose predecessors were reopened.
func (f *Facts) unlock(today Date) {
	open := f.openDeps()
	for _, t := range f.Tasks {
		switch met := !slices.ContainsFunc(t.After, func(dep string) bool { return f.waitsFor(t, dep, open) }); {
		case t.State == TaskWaiting && met:
			t.State, t.OpenedOn = TaskOpen, today
			f.touch(t)
		case t.State == TaskOpen && !met:
			t.State, t.Late = TaskWaiting, false
			f.touch(t)
		}
	}
}

// openTasks are the tasks that are not closed, by id and by template.
type openTasks struct{ ids, templates map[string]bool }

func (f *Facts) openDeps() openTasks {
	open := openTasks{make(map[string]bool, len(f.Tasks)), make(map[string]bool, len(f.Tasks))}
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			open.ids[string(t.ID)] = true
			open.templates[t.Template] = true
		}
	}
	return open
}

// waitsFor reports whether a task waits for one of those it comes after. A task added by hand waits for the very tasks it was
// said to wait for, even where those have the name of a template.
func (f *Facts) waitsFor(t *Task, dep string, open openTasks) bool {
	if t.Template == "" {
		return open.ids[dep]
	}
	return !f.met(dep, open)
}

// met reports whether a dependency is closed: no open task bears the id or template, and if it is a template, its phase has
// been entered and, when it is expanded as the work brings it, what brings it is closed too.
func (f *Facts) met(dep string, open openTasks) bool {
	if open.ids[dep] || open.templates[dep] {
		return false
	}
	tmpl, ok := f.Catalog.Template(dep)
	if !ok || !f.applies(tmpl) {
		return true
	}
	if st := f.Phase(tmpl.Phase); st.Standing == StandingWaiting {
		return false
	}
	if tmpl.Expand == "" {
		return true
	}
	return !slices.ContainsFunc(tmpl.After, func(id string) bool { return !f.met(id, open) })
}

// markLate notes, once per due date, the tasks whose due time has passed while it was theirs to act.
func (f *Facts) markLate(now time.Time) {
	for _, t := range f.Tasks {
		if t.Late || !f.owed(t) || !now.After(f.deadline(t)) {
			continue
		}
		t.Late = true
		f.touch(t)
		f.log(Event{At: now, Kind: "task.overdue", Subject: string(t.ID), Field: "due", To: t.Due.String()})
	}
}

// owed reports whether lateness of a task counts against its owner: it is open, or blocked by somebody else than the firm
// (domain.md 6.5), and not shifted by a pause that goes on.
func (f *Facts) owed(t *Task) bool {
	if f.Engagement.Status == StatusPaused && shifts(t) {
		return false
	}
	return t.State == TaskOpen || t.State == TaskBlocked && t.BlockedBy != SideFirm
}

// retime moves the due dates that follow the plan after an anchor moved. What was submitted, moved by hand or would fall
// into the past stays (schedule_rules.frozen).
func (f *Facts) retime(now time.Time) {
	plan, err := f.plan()
	if err != nil {
		return
	}
	f.replan(plan.Schedule)
	due := map[string]Date{}
	for _, t := range plan.Tasks {
		due[t.Template] = t.Due
	}
	today := f.Today(now)
	moves := map[TaskID]Date{}
	for _, t := range f.Tasks {
		to, ok := due[t.Template]
		if !ok || !follows(t) {
			continue
		}
		to = f.Days(t.OwnerRole).Roll(to)
		if to.Before(today) || t.Round > 1 && !calendarBound(t.Anchor) {
			to = t.Due // never into the past; and what is done again has a date of its own
		}
		if t.Anchor == "kickoff_date" && to.Before(t.Due) {
			to = t.Due // the kickoff does not move: what counts from it comes no sooner because there is more to do
		}
		moves[t.ID] = to
	}
	f.put(moves, now)
}

// follows reports whether the plan may move the due date of a task: not when it was set by hand, nor when the task has been
// submitted (schedule_rules.frozen), nor when it is of a period.
func follows(t *Task) bool {
	return t.Anchor != "" && !t.Moved && !t.State.Closed() && t.State != TaskSubmitted && t.Period.Start.IsZero()
}

// keepOrder puts off what is due before something new that it waits for.
func (f *Facts) keepOrder(p Phase, now time.Time) {
	moves := map[TaskID]Date{}
	for _, t := range f.Tasks {
		if t.Phase == p && follows(t) {
			moves[t.ID] = t.Due
		}
	}
	f.put(moves, now)
}

// put sets new due dates, in turn.
func (f *Facts) put(moves map[TaskID]Date, now time.Time) {
	f.inTurn(moves)
	for _, t := range f.Tasks {
		if to, ok := moves[t.ID]; ok && to != t.Due {
			f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(), Reason: "follows " + t.Anchor})
			t.Due, t.Late = to, false
			if calendarBound(t.Anchor) {
				t.Original = to // moved by a decision: nobody is late for that
			}
			f.touch(t)
		}
	}
}

// inTurn puts off new due dates that lie before those of what comes first and is still open (schedule_rules:
// dependency_clip).
func (f *Facts) inTurn(moves map[TaskID]Date) {
	for changed, n := len(moves) > 0, 0; changed && n < len(f.Tasks); n++ {
		changed = false
		last := make(map[string]Date, 2*len(f.Tasks)) // by id and by template
		for _, t := range f.Tasks {
			if !t.State.Closed() {
				due, ok := moves[t.ID]
				if !ok {
					due = t.Due
				}
				last[string(t.ID)] = later(last[string(t.ID)], due)
				if t.Template != "" {
					last[t.Template] = later(last[t.Template], due)
				}
			}
		}
		for _, t := range f.Tasks {
			to, ok := moves[t.ID]
			if !ok {
				continue
			}
			for _, dep := range t.After {
				if last[dep].After(to) {
					to, changed = f.Days(t.OwnerRole).Roll(last[dep]), true
				}
			}
			moves[t.ID] = to
		}
	}
}

// replan notes where a plan puts the phases.
func (f *Facts) replan(plan Schedule) {
	for i := range f.Phases {
		st := &f.Phases[i]
		for _, p := range plan.Phases {
			if p.Phase == st.Phase {
				st.Plan = Span{p.Start, p.End}
			}
		}
	}
}

func (f *Facts) cancelTask(t *Task, reason string, now time.Time) {
	f.log(Event{At: now, Kind: "task.cancelled", Subject: string(t.ID), Field: "state", From: string(t.State), To: string(TaskCancelled), Reason: reason})
	t.State, t.Reason, t.Late = TaskCancelled, reason, false
	f.touch(t)
	if st := f.Phase(t.Phase); st != nil {
		st.Tasks--
	}
}

// plan returns the present plan: the dates agreed, what has really happened, and the rules for the rest.
func (f *Facts) plan() (Plan, error) { return f.Catalog.NewPlan(f.PlanInput()) }

// due returns when a template's task is due in a plan; zero when it has none.
func (p Plan) due(template string) Date {
	for _, t := range p.Tasks {
		if t.Template == template {
			return t.Due
		}
	}
	return Date{}
}

// PlanInput returns what the present plan is computed from.
func (f *Facts) PlanInput() PlanInput {
	e := f.Engagement
	in := PlanInput{Type: e.Type, Addons: e.Addons, Headcount: e.Headcount, Categories: e.Categories, Kickoff: e.Kickoff,
		AsOf: e.AsOf, WindowOpen: e.WindowOpen, WindowMonths: e.WindowMonths, PreviousClose: e.PreviousClose,
		Firm: f.FirmDays, Client: f.ClientDays, Actual: map[Phase]Span{}}
	for _, p := range f.Phases {
		if p.Standing == StandingActive || p.Standing == StandingDone {
			in.Actual[p.Phase] = Span{p.Began, p.Actual.End}
		}
	}
	return in
}
