package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A Report answers a project manager's questions about one engagement in one read.
type Report struct {
	Engagement  Engagement
	ClientName  string
	Phases      []PhaseReport
	Percent     int // of the tasks known so far, those closed
	Health      Health
	Reasons     []Reason
	Baseline    models.Date // report date of the plan as it was agreed
	Target      models.Date // report date that was promised
	Forecast    Forecast
	Gates       []GateReport // open gates of active phases
	Overdue     []TaskLine   // longest overdue first
	Next        []TaskLine   // due next, soonest first
	WaitingFor  []Waiting    // people by how long they have been waited for
	Decisions   []Decision   // pending
	OpenTasks   int
	OverdueDays int       // business days of the longest overdue task
	Wake        time.Time // when the engagement looks at itself next
	Why         string    // why then
	AsOf        time.Time // the instant this report is of
}

// A PhaseReport is one phase against its plan.
type PhaseReport struct {
	PhaseState
	Name     string
	Baseline planning.Span
	Percent  int
	Forecast models.Date // when it is expected to be left
}

// A Reason says why an engagement is not simply on track. Codes are stable; texts are for people.
type Reason struct {
	Code    string
	Text    string
	Subject string // a task, gate, phase or anchor
	Days    int    // business days late, when it is about lateness
	Late    bool   // it makes the engagement late, not only at risk
}

// A GateReport is an open gate of an active phase and what is in its way.
type GateReport struct {
	Gate
	Text     string
	Who      []models.PersonID // who may sign it
	Ready    bool              // only the signature is missing
	Blockers []Blocker
}

// A TaskLine is a task as lists show it.
type TaskLine struct {
	Task
	OwnerName string
	Days      int // business days overdue, in the owner's calendar; negative: days left
}

// Waiting says that somebody is waited for, for how many things, and since when.
type Waiting struct {
	Person models.PersonID // empty: nobody holds the role
	Name   string
	Role   string
	Items  int
	Since  models.Date // the day the oldest of them became theirs to do
	First  string
}

// summarize brings the summary up to date: what the portfolio shows without reading the engagement.
func (f *Facts) summarize(now time.Time) {
	e := &f.Engagement
	fc := f.Forecast(now)
	if e.Baseline.Cautious.IsZero() {
		e.Baseline.Cautious = fc.Cautious
	}
	s := Summary{Forecast: fc.Report, Cautious: fc.Cautious, Phases: f.Active(), Percent: f.percent(), Health: HealthOnTrack}
	if e.Status == StatusCompleted {
		s.Forecast, s.Cautious, s.Percent = e.Summary.Forecast, e.Summary.Cautious, 100
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		s.Open++
		if t.Late {
			s.Overdue++
		}
		if t.State != TaskWaiting && (s.NextDue.IsZero() || t.Due.Before(s.NextDue)) {
			s.NextDue = t.Due
		}
	}
	var reasons []Reason
	s.Health, reasons = f.Health(fc, now)
	if len(reasons) > 0 {
		s.Reason = reasons[0].Text
	}
	e.Summary = s
	e.Summary.Wake = AgendaOf(f, now).Wake
}

// percent returns the share of the work known so far that is closed.
func (f *Facts) percent() int {
	all, closed := 0, 0
	for _, p := range f.Phases {
		all += p.Tasks
		closed += p.Closed
		if p.Standing == StandingWaiting { // what is still to come counts by its days
			all += 10
		}
	}
	if all == 0 {
		return 0
	}
	return 100 * closed / all
}

// The slack that health allows (domain.md 8, metrics).
const (
	gateOverdue   = 5  // business days a gate task may be overdue before the engagement is late
	cautiousSlack = 5  // business days the cautious forecast may slip before the engagement is at risk
	onTimeFloor   = 70 // percent of tasks on time under which the engagement is at risk
	onTimeFrom    = 10 // closed tasks before that share means anything
)

// Health says how the engagement stands and why, the worst reason first. Paused and ended engagements keep what they had.
func (f *Facts) Health(fc Forecast, now time.Time) (Health, []Reason) {
	e := f.Engagement
	if e.Status != StatusRunning {
		return cmp.Or(e.Summary.Health, HealthOnTrack), nil
	}
	today := f.Today(now)
	var out []Reason
	if n := f.ClientDays.Count(e.Target, fc.Report); n > 0 {
		text := fmt.Sprintf("the report is expected on %s, %s after %s", fc.Report, models.BusinessDays(n), e.Target)
		if len(fc.Drivers) > 0 {
			text += ": " + fc.Drivers[0].Text
		}
		out = append(out, Reason{Code: "report_late", Text: text, Subject: "report_date", Days: n, Late: true})
	}
	if f.WindowMissed(today) {
		n := f.ClientDays.Count(e.WindowOpen, today)
		prepared := "is not prepared yet"
		if st := f.Phase(catalog.PhaseWindowSetup); st.Standing == StandingDone {
			prepared = fmt.Sprintf("was not prepared before %s", st.Actual.End)
		}
		out = append(out, Reason{Code: "window_missed", Subject: "window_open", Days: n, Late: true,
			Text: fmt.Sprintf("the window was to open on %s but %s: %s has to propose another first day", e.WindowOpen, prepared, f.Called(e.Manager, "manager"))})
	}
	out = append(out, f.overdueGates(today, now)...)
	if n := f.ClientDays.Count(models.Later(e.Target, e.Baseline.Cautious), fc.Cautious); n > cautiousSlack {
		out = append(out, Reason{Code: "report_at_risk", Subject: "report_date", Days: n,
			Text: fmt.Sprintf("at the present pace the report may come as late as %s", fc.Cautious)})
	}
	if percent, of := e.Pace.onTime(); of >= onTimeFrom && percent < onTimeFloor {
		out = append(out, Reason{Code: "often_late", Text: fmt.Sprintf("only %d%% of %d tasks came by their first due date", percent, of)})
	}
	for _, t := range f.Tasks {
		if t.State == TaskOpen && t.Owner == "" && models.SideOf(t.OwnerRole) != models.SideAuditor {
			out = append(out, Reason{Code: "nobody_owns", Subject: string(t.ID), Text: fmt.Sprintf("nobody holds the role %s, which %s waits for", t.OwnerRole, t.ID)})
			break
		}
	}
	for _, t := range f.Tasks {
		if t.State == TaskBlocked && t.Gate {
			out = append(out, Reason{Code: "blocked", Subject: string(t.ID), Text: fmt.Sprintf("%s is blocked by the %s: %s", t.Title, t.BlockedBy, t.Reason)})
		}
	}
	slices.SortStableFunc(out, func(a, b Reason) int {
		if a.Late != b.Late {
			if a.Late {
				return -1
			}
			return 1
		}
		return b.Days - a.Days
	})
	switch {
	case len(out) == 0:
		return HealthOnTrack, nil
	case out[0].Late:
		return HealthLate, out
	}
	return HealthAtRisk, out
}

// overdueGates returns a reason for every overdue task on which a gate rests, and for a phase that has none the longest
// overdue of those that still wait for others: who is late with something small may hold up everything.
func (f *Facts) overdueGates(today models.Date, now time.Time) []Reason {
	var out []Reason
	waits, late := map[catalog.Phase]*Task{}, map[catalog.Phase]bool{}
	for _, t := range f.Tasks {
		if !t.Gate || t.State.Closed() {
			continue
		}
		if t.Late {
			n := f.Days(t.OwnerRole).Count(t.Due, today)
			late[t.Phase] = true
			out = append(out, Reason{Code: "gate_overdue", Subject: string(t.ID), Days: n, Late: n > gateOverdue,
				Text: fmt.Sprintf("%s (%s) holds up %s, overdue since %s", t.Title, f.Called(t.Owner, t.OwnerRole), f.PhaseName(t.Phase), t.Due)})
			continue
		}
		if w := waits[t.Phase]; t.State == TaskWaiting && now.After(f.deadline(t)) && (w == nil || t.Due.Before(w.Due)) {
			waits[t.Phase] = t
		}
	}
	for _, p := range f.Phases {
		t := waits[p.Phase]
		if t == nil || late[p.Phase] {
			continue
		}
		n := f.Days(t.OwnerRole).Count(t.Due, today)
		r := Reason{Code: "gate_overdue", Subject: string(t.ID), Days: n, Late: n > gateOverdue,
			Text: fmt.Sprintf("%s holds up %s, overdue since %s", t.Title, f.PhaseName(t.Phase), t.Due)}
		if root := f.outlook(now).root(t); root != nil && root != t {
			r.Text += fmt.Sprintf(": it waits for %s (%s), due %s", root.Title, f.Called(root.Owner, root.OwnerRole), root.Due)
		}
		out = append(out, r)
	}
	return out
}

// nextDays is how many days ahead the next due tasks of a report reach; lines is how many of each list it shows.
const (
	nextDays = 14
	lines    = 50
)

// Report returns the answers to a project manager's questions as of now.
func (f *Facts) Report(now time.Time) Report {
	e := f.Engagement
	r := Report{Engagement: e, ClientName: f.Client.Name, Baseline: e.Baseline.Report, Target: e.Target, AsOf: now, Health: e.Summary.Health, Percent: e.Summary.Percent}
	if e.Status == StatusDraft {
		return r
	}
	today := f.Today(now)
	r.Forecast = f.Forecast(now)
	r.Health, r.Reasons = f.Health(r.Forecast, now)
	a := AgendaOf(f, now)
	r.Wake, r.Why = a.Wake, a.Why
	look := f.outlook(now)
	for _, p := range f.Phases {
		pr := PhaseReport{PhaseState: p, Name: f.PhaseName(p.Phase), Baseline: e.Baseline.Phases[p.Phase]}
		if p.Tasks > 0 {
			pr.Percent = 100 * p.Closed / p.Tasks
		}
		if p.Standing == StandingActive {
			pr.Forecast, _ = look.end(p.Phase)
		}
		r.Phases = append(r.Phases, pr)
	}
	for _, g := range f.Gates {
		if st := f.Phase(g.Phase); g.State != GateSigned && st.Standing == StandingActive {
			in := f.GateBlockers(g, today)
			r.Gates = append(r.Gates, GateReport{Gate: g, Text: f.GateText(g.ID), Who: f.MayJudge(g.Approver), Ready: len(in) == 0, Blockers: in})
		}
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		r.OpenTasks++
		line := f.line(t, today)
		switch {
		case t.Late:
			r.Overdue = append(r.Overdue, line)
			r.OverdueDays = max(r.OverdueDays, line.Days)
		case t.State != TaskWaiting && t.Due.Before(today.AddDays(nextDays)):
			r.Next = append(r.Next, line)
		}
	}
	byDue := func(a, b TaskLine) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(r.Overdue, byDue)
	slices.SortFunc(r.Next, byDue)
	r.Overdue, r.Next = r.Overdue[:min(lines, len(r.Overdue))], r.Next[:min(lines, len(r.Next))]
	for _, d := range f.Decisions {
		if d.State == DecisionPending {
			r.Decisions = append(r.Decisions, *d)
		}
	}
	r.WaitingFor = f.waiting(today)
	return r
}

func (f *Facts) line(t *Task, today models.Date) TaskLine {
	return TaskLine{Task: *t, OwnerName: f.Called(t.Owner, t.OwnerRole), Days: f.Days(t.OwnerRole).Count(t.Due, today)}
}

// waiting says whom everybody waits for: owners of open tasks, approvers of submitted ones, and those whose signature alone
// is missing; the longest wait first.
func (f *Facts) waiting(today models.Date) []Waiting {
	byWho := map[string]*Waiting{}
	add := func(id models.PersonID, role, what string, since models.Date) {
		who := string(id)
		if who == "" {
			who = "role:" + role
		}
		w := byWho[who]
		if w == nil {
			w = &Waiting{Person: id, Name: f.Called(id, role), Role: role, Since: since, First: what}
			byWho[who] = w
		}
		w.Items++
		if since.Before(w.Since) {
			w.Since, w.First = since, what
		}
	}
	for _, t := range f.Tasks {
		switch {
		case t.State == TaskOpen:
			add(t.Owner, t.OwnerRole, string(t.ID)+" "+t.Title, t.OpenedOn)
		case t.State == TaskBlocked:
			add("", string(t.BlockedBy), "unblock "+string(t.ID)+" "+t.Title, t.OpenedOn)
		case t.State == TaskSubmitted:
			add(t.Approver, t.ApproverRole, "accept "+string(t.ID)+" "+t.Title, models.DateIn(t.DoneAt, f.Location()))
		}
	}
	for _, g := range f.Gates {
		if st := f.Phase(g.Phase); g.State != GateSigned && st.Standing == StandingActive && g.Approver != models.RoleSystem && len(f.GateBlockers(g, today)) == 0 {
			if who := f.MayJudge(g.Approver); len(who) > 0 {
				since := today
				if !g.At.IsZero() {
					since = models.DateIn(g.At, f.Location())
				}
				add(who[0], string(g.Approver), "sign "+g.ID+" "+f.GateText(g.ID), since)
			}
		}
	}
	if f.WindowMissed(today) && !slices.ContainsFunc(f.Decisions, func(d *Decision) bool { return d.State == DecisionPending && d.Kind == MoveWindow }) {
		add(f.Engagement.Manager, string(models.RoleManager), "move the window's first day", f.Engagement.WindowOpen)
	}
	for _, d := range f.Decisions {
		if d.State == DecisionPending {
			for _, j := range f.judges(d) {
				add(j.person, string(j.role), "approve "+d.ID, models.DateIn(d.ProposedAt, f.Location()))
			}
		}
	}
	out := make([]Waiting, 0, len(byWho))
	for _, w := range byWho {
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(b.Items, a.Items), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Person, b.Person))
	})
	return out
}
