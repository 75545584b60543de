package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	Percent     int // how much of the planned work of the whole plan is done
	Health      Health
	Reasons     []Reason
	Baseline    models.Date // report date of the plan as it was agreed
	Target      models.Date // report date that was promised
	Forecast    Forecast
	Gates       []GateReport // open gates of active phases
	Overdue     []TaskLine   // longest overdue first
	Next        []TaskLine   // due next, soonest first, also what waits for others
	Past        []TaskLine   // past their date and waiting for others, the oldest first
	PastTasks   int          // how many those are
	NextTasks   int          // how many are due next, of which Next has the first
	Missed      []Missed     // controls that were not performed in their period, by its end
	MissedTasks int          // how many those are
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
	Starts   models.Date // when it began, or is expected to begin
	Forecast models.Date // when it ended, or is expected to be left
}

// A Reason says why an engagement is not simply on track. Codes are stable; texts are for people.
type Reason struct {
	Code    string
	Text    string
	Subject string   // a task, gate, phase or anchor
	Like    []string // where it stands for several tasks of one kind: all of them, Subject among them
	Days    int      // business days late, when it is about lateness
	Late    bool     // it makes the engagement late, not only at risk
}

// A GateReport is an open gate of an active phase and what is in its way.
type GateReport struct {
	Gate
	Text     string
	Who      []models.PersonID // who may sign it
	Ready    bool              // only the signature is missing
	Blockers []Blocker
	Away     string // who signs it is away, until when, and who hears of it instead; empty where they are there
}

// A TaskLine is a task as lists show it.
type TaskLine struct {
	Task
	OwnerName string
	When      When
}

// Waiting says that somebody is waited for, for how many things, and since when.
type Waiting struct {
	Person models.PersonID // empty: nobody holds the role
	Name   string
	Role   string // by which they are known in the engagement, or which nobody holds
	Items  int
	Since  models.Date // the day the oldest of them became theirs to do
	First  string
	Things []string // all of them, the first of them first
	// Until is the last day on which they are away, zero when they are there; Instead are the names of those who are asked for something of it
	// in their place, and Text says both.
	Until   models.Date
	Instead []string
	Text    string
}

// summarize brings the summary up to date: what the portfolio shows without reading the engagement.
func (f *Facts) summarize(now time.Time) {
	e := &f.Engagement
	fc := f.Forecast(now)
	f.keep(fc)
	if e.Baseline.Cautious.IsZero() {
		e.Baseline.Cautious = fc.Cautious
	}
	s := Summary{Forecast: fc.Report, Cautious: fc.Cautious, Phases: f.Active(), Percent: f.percent(), Health: HealthOnTrack}
	if e.Status == StatusCompleted {
		s.Forecast, s.Cautious, s.Percent = e.Summary.Forecast, e.Summary.Cautious, 100
	}
	s.Reports = slices.Clone(e.Outlook.Last)
	for i := range s.Reports {
		s.Reports[i].Pace = 0
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		s.Open++
		if t.Late {
			s.Overdue++
		}
		if t.State != TaskWaiting && t.State != TaskSubmitted && (s.NextDue.IsZero() || t.Due.Before(s.NextDue)) {
			s.NextDue = t.Due
		}
	}
	var reasons []Reason
	s.Health, reasons = f.Health(fc, now)
	if len(reasons) > 0 {
		s.Reason = reasons[0].Text
	}
	e.Summary = s
	e.Summary.Wake = AgendaOf(f, now).Next(now)
}

// ReportWords says of each report when it is expected or was issued, and for when it was promised: by its name where there are several.
// Nothing is said of a report of which neither is known.
func (s Summary) ReportWords() []string {
	var out []string
	for _, k := range s.Reports {
		name, stands, day := "report", "expected", k.Expected
		if len(s.Reports) > 1 {
			name = k.Kind.Name()
		}
		if !k.Issued.IsZero() {
			stands, day = "issued", k.Issued
		}
		if day.IsZero() {
			continue
		}
		text := name + " " + stands + " " + models.Dated(day)
		if !k.Promised.IsZero() {
			text += ", promised " + models.Dated(k.Promised)
		}
		out = append(out, text)
	}
	return out
}

// The slack that health allows (domain.md 8, metrics).
const (
	gateOverdue   = 5  // business days a gate task may be overdue before the engagement is late
	cautiousSlack = 5  // business days the cautious forecast may slip before the engagement is at risk
	onTimeFloor   = 70 // percent of tasks on time under which the engagement is at risk
	onTimeFrom    = 10 // closed tasks before that share means anything
)

// Health returns how the engagement stands and why, the worst reason first, as of the day of the forecast. Paused and ended engagements
// keep the health they had, and have no reasons.
func (f *Facts) Health(fc Forecast, now time.Time) (Health, []Reason) {
	e := f.Engagement
	if e.Status != StatusRunning {
		return cmp.Or(e.Summary.Health, HealthOnTrack), nil
	}
	today := f.forecastDay(now)
	morning := today.At(f.Location(), forecastHour, 0)
	out := slices.Concat(f.reportLate(fc), f.windowMissed(today), f.overdueGates(today, morning), f.reportAtRisk(fc), f.oftenLate(),
		f.nobodyOwns(), f.blockedGates(), f.notPerformed())
	slices.SortStableFunc(out, func(a, b Reason) int {
		return cmp.Or(a.rank()-b.rank(), b.Days-a.Days, cmp.Compare(a.Subject, b.Subject))
	})
	late := len(out) > 0 && out[0].Late
	out = append(f.vacant(), out...) // the loudest, until somebody else has what is theirs
	switch {
	case len(out) == 0:
		return HealthOnTrack, nil
	case late:
		return HealthLate, out
	}
	return HealthAtRisk, out
}

// LateCode is the code of the reason that a report is expected late.
const LateCode = "report_late"

// rank orders reasons: first that a report is late, then what makes the engagement late, then what only puts it at risk.
func (r Reason) rank() int {
	switch {
	case r.Code == LateCode:
		return 0
	case r.Late:
		return 1
	}
	return 2
}

// reportLate gives the reasons that reports are expected after the days for which they were promised. A report that is out is none.
func (f *Facts) reportLate(fc Forecast) []Reason {
	var out []Reason
	for i := len(fc.Reports) - 1; i >= 0; i-- {
		p := fc.Reports[i]
		if p.Late <= 0 || !p.Issued.IsZero() {
			continue
		}
		text := fmt.Sprintf("the %s is expected on %s, %s after the promised %s", p.Kind.Name(), p.Expected, models.BusinessDays(p.Late),
			p.Promised)
		if len(p.Drivers) > 0 {
			text += ": " + p.Drivers[0].Text
		}
		out = append(out, Reason{Code: LateCode, Text: text, Subject: p.Kind.Anchor(), Days: p.Late, Late: true})
	}
	return out
}

// windowMissed gives the reason that the window did not open on its first day.
func (f *Facts) windowMissed(today models.Date) []Reason {
	if !f.WindowMissed(today) {
		return nil
	}
	e := f.Engagement
	prepared := "is not prepared yet"
	if st := f.Phase(catalog.PhaseWindowSetup); st.Standing == StandingDone {
		prepared = fmt.Sprintf("was not prepared before %s", st.Actual.End)
	}
	return []Reason{{Code: "window_missed", Subject: "window_open", Days: f.ClientDays.Count(e.WindowOpen, today), Late: true,
		Text: fmt.Sprintf("the window was to open on %s but %s: %s has to propose another first day", e.WindowOpen, prepared,
			f.Called(e.Manager, "manager"))}}
}

// reportAtRisk gives the reason that the cautious date has slipped too far.
func (f *Facts) reportAtRisk(fc Forecast) []Reason {
	e := f.Engagement
	n := f.LateAfter(models.Later(e.Target, e.Baseline.Cautious), fc.Cautious)
	if n <= cautiousSlack || fc.Issued {
		return nil
	}
	return []Reason{{Code: "report_at_risk", Subject: "report_date", Days: n,
		Text: fmt.Sprintf("at the present pace the report may come as late as %s", fc.Cautious)}}
}

// oftenLate gives the reason that too few tasks came on time.
func (f *Facts) oftenLate() []Reason {
	percent, of := f.Engagement.Pace.onTime()
	if of < onTimeFrom || percent >= onTimeFloor {
		return nil
	}
	return []Reason{{Code: "often_late", Text: fmt.Sprintf("only %d%% of %d tasks came by their first due date", percent, of)}}
}

// nobodyOwns gives the reason that nobody owns an open task; the first such task stands for all.
func (f *Facts) nobodyOwns() []Reason {
	for _, t := range f.Tasks {
		if t.State == TaskOpen && t.Owner == "" && models.SideOf(t.OwnerRole) != models.SideAuditor {
			return []Reason{{Code: "nobody_owns", Subject: string(t.ID),
				Text: fmt.Sprintf("nobody holds the role %s, which %s waits for", t.OwnerRole, t.ID)}}
		}
	}
	return nil
}

// blockedGates gives a reason for every blocked task on which a gate rests.
func (f *Facts) blockedGates() []Reason {
	var out []Reason
	for _, t := range f.Tasks {
		if t.State == TaskBlocked && t.Gate {
			out = append(out, Reason{Code: "blocked", Subject: string(t.ID),
				Text: fmt.Sprintf("%s is blocked by the %s: %s", t.Heading(), t.BlockedBy, t.Reason)})
		}
	}
	return out
}

// overdueGates returns a reason for the overdue tasks on which a gate rests, one for those of one kind and person, and for a phase that has
// none the longest overdue of those that still wait for others: who is late with something small may hold up everything.
func (f *Facts) overdueGates(today models.Date, now time.Time) []Reason {
	var out []Reason
	waits, late := map[catalog.Phase]*Task{}, map[catalog.Phase]bool{}
	var alike [][]*Task
	for _, t := range f.Tasks {
		if !t.Gate || t.State.Closed() || !f.counts(t) {
			continue
		}
		if t.Late {
			late[t.Phase] = true
			alike = withLike(alike, t)
			continue
		}
		if w := waits[t.Phase]; t.State == TaskWaiting && now.After(f.deadline(t)) && (w == nil || t.Due.Before(w.Due)) {
			waits[t.Phase] = t
		}
	}
	for _, all := range alike {
		out = append(out, f.overdueAlike(all, today))
	}
	for _, p := range f.Phases {
		if t := waits[p.Phase]; t != nil && !late[p.Phase] {
			out = append(out, f.waitingGate(t, today, now))
		}
	}
	return out
}

// withLike adds a task to those of its kind, person and phase, or as the first of another kind.
func withLike(alike [][]*Task, t *Task) [][]*Task {
	for i, all := range alike {
		if x := all[0]; t.Subject != "" && x.Subject != "" && x.Template == t.Template && x.Owner == t.Owner && x.OwnerRole == t.OwnerRole &&
			x.Phase == t.Phase {
			alike[i] = append(all, t)
			return alike
		}
	}
	return append(alike, []*Task{t})
}

// overdueAlike gives the reason that overdue tasks of one kind and person hold up their phase: of several, how many, and since when the
// first of them.
func (f *Facts) overdueAlike(all []*Task, today models.Date) Reason {
	first, whose := all[0], f.Called(all[0].Owner, all[0].OwnerRole)
	for _, t := range all {
		if t.Due.Before(first.Due) {
			first = t
		}
	}
	r := f.overdueGate(first, fmt.Sprintf(" (%s)", whose), today)
	if len(all) == 1 {
		return r
	}
	for _, t := range all {
		r.Like = append(r.Like, string(t.ID))
	}
	r.Text = fmt.Sprintf("%s (%s), the first of them due %s, hold up %s", f.manyOf(len(all), first), whose, first.Due,
		f.PhaseName(first.Phase))
	return r
}

// manyOf says how many tasks there are of the kind that one of them is.
func (f *Facts) manyOf(n int, t *Task) string {
	tmpl, _ := f.Catalog.Template(t.Template)
	return Several(n, tmpl.Many, t.Heading())
}

// Several says how many things of a kind there are: by what several of it are called, or else by the title of one of them.
func Several(n int, many, title string) string {
	if many != "" {
		return fmt.Sprintf("%d %s", n, many)
	}
	if _, what, ok := strings.Cut(title, ": "); ok {
		title = what
	}
	return fmt.Sprintf("%d tasks %s", n, models.Quoted(models.Upper(title)))
}

// counts reports whether a task holds up a report: that of a phase which leads to one does, and what comes again and again does not,
// since its next coming takes its place.
func (f *Facts) counts(t *Task) bool {
	tmpl, ok := f.Catalog.Template(t.Template)
	return t.Phase != catalog.PhaseRenewal && (!ok || tmpl.Repeats == nil)
}

// waitingGate gives the reason that an overdue task which waits for others holds up its phase, with the one that can be acted on.
func (f *Facts) waitingGate(t *Task, today models.Date, now time.Time) Reason {
	r := f.overdueGate(t, "", today)
	if root := f.rootOf(t, now); root != t {
		r.Text += fmt.Sprintf(": it waits for %s (%s), due %s", root.Heading(), f.Called(root.Owner, root.OwnerRole), root.Due)
	}
	return r
}

// overdueGate gives the reason that a task holds up its phase, naming whose it is where that helps.
func (f *Facts) overdueGate(t *Task, whose string, today models.Date) Reason {
	n := f.lateOn(f.DaysOf(t), t, today)
	return Reason{Code: "gate_overdue", Subject: string(t.ID), Days: n, Late: n > gateOverdue,
		Text: fmt.Sprintf("%s%s, due %s, holds up %s", t.Heading(), whose, t.Due, f.PhaseName(t.Phase))}
}

// nextDays is how many days ahead the next due tasks of a report reach; lines is how many of each list it shows.
const (
	nextDays = 14
	lines    = 50
)

// Report returns the answers to a project manager's questions as of now. Forecast and health are those that lists show: of the day for
// which they were reckoned last.
func (f *Facts) Report(now time.Time) Report {
	e := f.Engagement
	r := Report{Engagement: e, ClientName: f.Client.Name, Baseline: e.Baseline.Report, Target: e.Target, AsOf: now, Health: e.Summary.Health,
		Percent: e.Summary.Percent}
	if e.Status == StatusDraft {
		return r
	}
	today := f.Today(now)
	r.Forecast = f.Forecast(now)
	r.Health, r.Reasons = f.Health(r.Forecast, now)
	a := AgendaOf(f, now)
	r.Wake, r.Why = a.Wake, a.Why
	r.Phases = f.phaseReports(now)
	present := f.Present(now)
	for _, g := range f.Gates {
		if f.toSign(g) {
			in := f.GateBlockers(g, today)
			turn, _ := present.Gate(g)
			r.Gates = append(r.Gates, GateReport{Gate: g, Text: f.GateText(g.ID), Who: f.MayJudge(g.Approver), Ready: len(in) == 0, Blockers: in,
				Away: f.NamedAway(turn)})
		}
	}
	r.tasks(f, today, now)
	r.Missed, r.MissedTasks = f.Missed()
	for _, d := range f.Decisions {
		if d.State == DecisionPending {
			r.Decisions = append(r.Decisions, *d)
		}
	}
	r.WaitingFor = f.waiting(today, now)
	return r
}

// phaseReports returns every phase against its plan, in the order of the route.
func (f *Facts) phaseReports(now time.Time) []PhaseReport {
	var out []PhaseReport
	spans := f.spans(now)
	for _, p := range f.Phases {
		pr := PhaseReport{PhaseState: p, Name: f.PhaseName(p.Phase), Baseline: f.Engagement.Baseline.Phases[p.Phase]}
		if p.Tasks > 0 {
			pr.Percent = 100 * p.Closed / p.Tasks
		}
		pr.Starts, pr.Forecast = spans[p.Phase].Start, spans[p.Phase].End
		out = append(out, pr)
	}
	return out
}

// tasks adds to a report the tasks that are overdue and those due next, by due date.
func (r *Report) tasks(f *Facts, today models.Date, now time.Time) {
	moment := f.At(now)
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		r.OpenTasks++
		line := TaskLine{Task: *t, OwnerName: f.Called(t.Owner, t.OwnerRole), When: moment.When(t)}
		switch {
		case line.When.Late:
			r.Overdue = append(r.Overdue, line)
			r.OverdueDays = max(r.OverdueDays, line.When.Days)
		case line.When.Past:
			r.Past = append(r.Past, line)
		case t.State != TaskSubmitted && t.Due.Before(today.AddDays(nextDays)):
			r.Next = append(r.Next, line)
		}
	}
	byDue := func(a, b TaskLine) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(r.Overdue, byDue)
	slices.SortFunc(r.Next, byDue)
	slices.SortFunc(r.Past, byDue)
	r.PastTasks, r.NextTasks = len(r.Past), len(r.Next)
	r.Overdue, r.Next = r.Overdue[:min(lines, len(r.Overdue))], r.Next[:min(lines, len(r.Next))]
	r.Past = r.Past[:min(lines, len(r.Past))]
}

// waiting returns whom everybody waits for: owners of open tasks, approvers of submitted ones, who lets blocked ones go on, who was asked a
// question, and those whose signature or approval alone is missing; the longest wait first.
func (f *Facts) waiting(today models.Date, now time.Time) []Waiting {
	w := waits{f: f, present: f.Present(now), by: map[string]*Waiting{}}
	w.tasks()
	w.gates(today)
	w.decisions(today)
	w.questions()
	out := make([]Waiting, 0, len(w.by))
	for _, one := range w.by {
		one.Text = one.words()
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(b.Items, a.Items), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Person, b.Person))
	})
	return out
}

// waits gathers who is waited for: by person, or by role where nobody holds it.
type waits struct {
	f       *Facts
	present *Presence
	by      map[string]*Waiting
}

// add notes that somebody is waited for since a day, for one more thing.
func (w waits) add(turn Turn, what string, since models.Date) {
	id, role := turn.Whose, turn.Role
	who := string(id)
	if who == "" {
		who = "role:" + role
	}
	one := w.by[who]
	if one == nil {
		one = &Waiting{Person: id, Name: w.f.Called(id, role), Role: w.f.knownAs(id, role), Since: since, First: what}
		w.by[who] = one
	}
	one.Items++
	one.Until = turn.Until
	if name := w.f.Called(turn.Asked, role); turn.Asked != id && !turn.Told && !slices.Contains(one.Instead, name) {
		one.Instead = append(one.Instead, name)
	}
	if since.Before(one.Since) {
		one.Since, one.First = since, what
		one.Things = append([]string{what}, one.Things...)
	} else {
		one.Things = append(one.Things, what)
	}
}

// words says until when they are away, and who is asked instead; nothing while they are there.
func (w Waiting) words() string {
	var parts []string
	if !w.Until.IsZero() {
		parts = append(parts, "away until "+models.Dated(w.Until))
	}
	switch {
	case len(w.Instead) == 1:
		parts = append(parts, w.Instead[0]+" is asked instead")
	case len(w.Instead) > 1:
		parts = append(parts, models.Listed(w.Instead)+" are asked instead")
	case !w.Until.IsZero():
		parts = append(parts, "nobody else can be asked")
	}
	return strings.Join(parts, "; ")
}

// knownAs returns by which role somebody is known in the engagement, whatever is theirs to do today: that of the sponsor, the first by name
// of the functions that they hold, or their own. Of nobody it is the role that nobody holds.
func (f *Facts) knownAs(id models.PersonID, role string) string {
	p, ok := f.Person(id)
	if !ok {
		return role
	}
	out := ""
	for _, d := range f.Duties {
		if name := d.Function; d.Person == id && out != string(models.RoleSponsor) &&
			(out == "" || name < out || name == string(models.RoleSponsor)) {
			out = name
		}
	}
	return cmp.Or(out, string(p.Role))
}

// tasks adds who does, unblocks or accepts each task.
func (w waits) tasks() {
	for _, t := range w.f.Tasks {
		name := string(t.ID) + " " + t.Heading()
		switch t.State {
		case TaskOpen:
			w.add(w.present.Task(t), name, t.OpenedOn)
		case TaskBlocked:
			w.add(w.present.Task(t), "unblock "+name, w.f.BlockedSince(t))
		case TaskSubmitted:
			w.add(w.present.Task(t), "accept "+name, models.DateIn(t.DoneAt, w.f.Location()))
		}
	}
}

// gates adds who signs each gate of which only the signature is missing: the first to ask of those who may.
func (w waits) gates(today models.Date) {
	for _, g := range w.f.Gates {
		if !w.f.toSign(g) || g.Approver == models.RoleSystem || len(w.f.GateBlockers(g, today)) > 0 {
			continue
		}
		since := today
		if !g.At.IsZero() {
			since = models.DateIn(g.At, w.f.Location())
		}
		if turn, ok := w.present.Gate(g); ok {
			w.add(turn, "sign "+g.ID+" "+w.f.GateText(g.ID), since)
		}
	}
}

// decisions adds who approves each pending decision, and who has to propose another first day for a window that was missed.
func (w waits) decisions(today models.Date) {
	pending := models.Keep(w.f.Decisions, func(d *Decision) bool { return d.State == DecisionPending })
	if w.f.WindowMissed(today) && !slices.ContainsFunc(pending, func(d *Decision) bool { return d.Kind == MoveWindow }) {
		turn := w.present.Word(Item{Kind: ItemWindow, Subject: string(catalog.PhaseWindow)}, w.f.Engagement.Manager)
		turn.Role = string(models.RoleManager)
		w.add(turn, "move the window's first day", w.f.Engagement.WindowOpen)
	}
	for _, d := range pending {
		for _, turn := range w.present.Decision(d) {
			w.add(turn, "approve "+d.ID, models.DateIn(d.ProposedAt, w.f.Location()))
		}
	}
}

// questions adds whose answer each open question waits for.
func (w waits) questions() {
	for _, q := range w.f.Questions {
		if q.State == QuestionOpen {
			w.add(w.present.Question(q), "answer "+q.Title, models.DateIn(q.OpenAt, w.f.Location()))
		}
	}
}

// toSign reports whether a gate is of an active phase and not signed.
func (f *Facts) toSign(g Gate) bool {
	return g.State != GateSigned && f.Phase(g.Phase).Standing == StandingActive
}
