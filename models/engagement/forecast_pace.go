package engagement

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// An Outlook is what of a forecast is kept from one day to the next.
type Outlook struct {
	On     models.Date                `json:"on,omitzero"`      // the local day on which it was reckoned last
	Pace   map[ReportKind]int         `json:"pace,omitempty"`   // business days that the pace of people adds to each report
	Aim    map[ReportKind]int         `json:"aim,omitempty"`    // what it goes towards, a day at a time
	Spread map[ReportKind]int         `json:"spread,omitempty"` // business days from the expected to the cautious date
	Played models.Date                `json:"played,omitzero"`  // the local day of the spread
	Turns  int                        `json:"turns,omitempty"`  // that the pace has seen
	Slips  []Slip                     `json:"slips,omitempty"`
	Effort map[catalog.Phase]Effort   `json:"effort,omitempty"`
	Issued map[ReportKind]models.Date `json:"issued,omitempty"` // the day that was stated when it was issued
	Last   []Kept                     `json:"last,omitempty"`   // what was reckoned last, report by report
	// Left has the day on which each phase was left first, and Closed whose task or signature came last in it.
	Left   map[catalog.Phase]models.Date `json:"left,omitempty"`
	Closed map[catalog.Phase]Closer      `json:"closed,omitempty"`
	Took   map[catalog.Phase]float64     `json:"took,omitempty"` // by what share of its planned business days each phase took longer
}

// A Closer is what was done last in a phase, and by whom.
type Closer struct {
	Title string          `json:"title"`
	Owner models.PersonID `json:"owner,omitempty"`
	Role  string          `json:"role,omitempty"`
	On    models.Date     `json:"on"`
}

// Effort is planned and done work, in minutes.
type Effort struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
}

// A Kept is a report as it was forecast last.
type Kept struct {
	Kind     ReportKind  `json:"kind"`
	Promised models.Date `json:"promised"`
	Expected models.Date `json:"expected"`
	Cautious models.Date `json:"cautious"`
	Issued   models.Date `json:"issued,omitzero"`
	Late     int         `json:"late"`
	Pace     int         `json:"pace,omitempty"`
}

// A Slip is what was done late, or a pause, and by how many business days it has moved the end of its phase.
type Slip struct {
	Phase   catalog.Phase   `json:"phase"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject,omitempty"`
	Title   string          `json:"title,omitempty"`
	Owner   models.PersonID `json:"owner,omitempty"`
	Role    string          `json:"role,omitempty"`
	Days    int             `json:"days"`           // by which the end of the phase moved
	Over    int             `json:"over,omitempty"` // by which it was late itself
	On      models.Date     `json:"on,omitzero"`    // when it was done, or the pause ended
	From    models.Date     `json:"from,omitzero"`  // of a pause: when it began; zero: that was not kept
}

const (
	slipTask  = "task"
	slipGate  = "gate"
	slipPause = "pause"
	mostSlips = 16 // how many are kept: the largest
)

// A PastForecast is what was forecast of one report on one day.
type PastForecast struct {
	Day      models.Date // the engagement's local day
	Report   ReportKind
	Expected models.Date
	Cautious models.Date
	Late     int // business days after the promised day; negative before it
	Percent  int // of the planned work that was done
}

// promises returns the reports as they were forecast last.
func (o Outlook) promises() []Promise {
	out := make([]Promise, len(o.Last))
	for i, k := range o.Last {
		out[i] = Promise{Kind: k.Kind, Promised: k.Promised, Expected: k.Expected, Cautious: k.Cautious, Issued: k.Issued, Late: k.Late,
			Pace: k.Pace}
	}
	return out
}

// keep remembers what was forecast, for lists and for a pause.
func (f *Facts) keep(fc Forecast) {
	o := &f.Engagement.Outlook
	o.Last = make([]Kept, len(fc.Reports))
	for i, p := range fc.Reports {
		o.Last[i] = Kept{p.Kind, p.Promised, p.Expected, p.Cautious, p.Issued, p.Late, p.Pace}
	}
}

// bookTask notes that somebody was late with a task that is now done, and what that has added to the end of its phase.
func (f *Facts) bookTask(t *Task) {
	if t.Gate {
		f.closer(t.Phase, Closer{t.Heading(), t.Owner, t.OwnerRole, models.DateIn(t.DoneAt, f.Location())})
	}
	done := models.DateIn(t.DoneAt, f.Location())
	f.bookTurn(t, Slip{Title: t.Heading(), Owner: t.Owner, Role: t.OwnerRole, On: done}, t.Due, f.Unpaused(f.Days(t.OwnerRole), done))
}

// closer notes what was done last in a phase. Of what was done on one day it is the same in whatever order it was done.
func (f *Facts) closer(p catalog.Phase, c Closer) {
	was := f.Engagement.Outlook.Closed[p]
	if !f.Engagement.Baseline.Report.IsZero() && (c.On.After(was.On) || c.On == was.On && c.Title > was.Title) {
		f.Engagement.Outlook.Closed = with(f.Engagement.Outlook.Closed, p, c)
	}
}

// with returns a map with one entry changed; other copies of an engagement have the old one.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	out := make(map[K]V, len(m)+1)
	maps.Copy(out, m)
	out[k] = v
	return out
}

// bookLeft notes the day on which a phase was left first.
func (f *Facts) bookLeft(p catalog.Phase, today models.Date) {
	o := &f.Engagement.Outlook
	if _, ok := o.Left[p]; ok {
		return
	}
	o.Left = with(o.Left, p, today)
	base := f.Engagement.Baseline.Phases[p]
	if planned := f.Workdays(base.Start, base.End); planned > 0 {
		o.Took = with(o.Took, p, float64(f.Workdays(f.Phase(p).Actual.Start, today)-planned)/float64(planned))
	}
}

// bookAcceptance notes how long a task that was done waited to be accepted: the business day after it was done is in time.
func (f *Facts) bookAcceptance(t *Task, today models.Date) {
	days := f.Days(t.ApproverRole)
	done, day := f.Unpaused(days, models.DateIn(t.DoneAt, f.Location())), f.Unpaused(days, today)
	f.Engagement.Pace.took(t.Approver, models.SideOf(t.ApproverRole), days.Count(done, day)-1, +1)
	f.bookTurn(t, Slip{Title: "Acceptance of " + t.Heading(), Owner: t.Approver, Role: t.ApproverRole, On: today},
		models.Later(t.Due, days.Add(done, 1)), day)
}

// bookSignature notes how long a gate waited for nothing but a signature: the business day after it was ready is in time.
func (f *Facts) bookSignature(g Gate, by models.PersonID, ready, today models.Date) {
	f.closer(g.Phase, Closer{"the signature for " + f.GateText(g.ID), by, string(g.Approver), today})
	st := f.Phase(g.Phase)
	if ready.IsZero() || st == nil || f.Engagement.Baseline.Report.IsZero() {
		return
	}
	ready = f.Unpaused(f.Days(string(g.Approver)), ready)
	due := models.Later(f.Days(string(g.Approver)).Add(ready, 1), f.workdays().Day(f.agreedEnd(g.Phase)))
	last, _ := f.workloadOn(today).last(f.reach(g.Phase))
	if over := f.Workdays(due, today); over > 0 && last <= f.workdays().On(today) {
		f.slip(Slip{Phase: g.Phase, Kind: slipGate, Subject: g.ID, Title: "The signature for " + f.GateText(g.ID), Owner: by,
			Role: string(g.Approver), Days: over, Over: f.Workdays(f.Days(string(g.Approver)).Add(ready, 1), today), On: today})
	}
}

// bookTurn notes that what was to be done by a day was done on a later one, if that has moved the end of its phase.
func (f *Facts) bookTurn(t *Task, s Slip, due, day models.Date) {
	at := slices.Index(f.Tasks, t)
	st := f.Phase(t.Phase)
	if !day.After(due) || f.Engagement.Baseline.Report.IsZero() || !f.Engagement.Status.Live() || at < 0 || st == nil {
		return
	}
	if s.Over = f.Workdays(due, day); s.Over <= 0 {
		return
	}
	state, end := t.State, f.agreedEnd(t.Phase)
	t.State = TaskOpen
	w := f.workloadOn(day)
	r := f.reach(t.Phase)
	as := func(on models.Date) int {
		w.anew(func(i int) (int, bool) { return w.days.On(on), i == at }, nil)
		last, _ := w.last(r)
		return last
	}
	s.Days = as(day) - max(as(due), end)
	t.State = state
	if s.Days > 0 {
		s.Phase, s.Kind, s.Subject, s.Days = t.Phase, slipTask, string(t.ID), min(s.Days, s.Over)
		f.slip(s)
	}
}

// slip keeps a slip; of too many the largest stay.
func (f *Facts) slip(s Slip) {
	all := append(slices.Clone(f.Engagement.Outlook.Slips), s)
	if len(all) > mostSlips {
		least := 0
		for i := range all {
			if all[i].Kind != slipPause && all[i].Days < all[least].Days {
				least = i
			}
		}
		all = slices.Delete(all, least, least+1)
	}
	f.Engagement.Outlook.Slips = all
}

// agreedEnd returns the number of the joint business day on which a phase ends as it was agreed, and by the pauses since.
func (f *Facts) agreedEnd(p catalog.Phase) int {
	return f.workdays().On(f.Engagement.Baseline.Phases[p].End) + f.pausedIn(p)
}

// endings returns the number of the joint business day on which each phase can be expected to end that a pause moves, as of a day.
func (f *Facts) endings(day models.Date) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	if f.Engagement.Baseline.Report.IsZero() {
		return out
	}
	w := f.workloadOn(day)
	for _, p := range f.Active() {
		if _, ok := stepOf[p]; ok && !calendarBound(f.anchorOf(p)) {
			out[p] = w.days.On(day)
			if end, task := w.last(f.reach(p)); task >= 0 {
				out[p] = end
			}
		}
	}
	return out
}

// bookPause notes for how many business days the engagement was paused, in the phases that were under way: joint ones, or more where
// dates that have moved by it, each by the business days of its owner, end the phase later. The pace of people goes on from where it was.
func (f *Facts) bookPause(p Pause, before, after map[catalog.Phase]int) {
	n := f.Workdays(p.From, p.To)
	if f.Engagement.Baseline.Report.IsZero() || n <= 0 {
		return
	}
	most := max(n, f.ClientDays.Count(p.From, p.To), f.FirmDays.Count(p.From, p.To))
	for _, phase := range f.Active() {
		if end, ok := before[phase]; ok {
			f.slip(Slip{Phase: phase, Kind: slipPause, Owner: p.By, Days: min(most, max(n, after[phase]-end)), From: p.From, On: p.To})
		}
	}
	for _, day := range []*models.Date{&f.Engagement.Outlook.On, &f.Engagement.Outlook.Played} {
		if !day.IsZero() {
			*day = models.Earlier(f.workdays().Day(f.workdays().On(*day)+n), p.To)
		}
	}
}

// What is told of the pace of people: it takes weeks of evidence, and it has bounds.
const (
	paceFrom  = 6    // turns that must have been taken before the pace counts at all
	paceAfter = 10   // business days since the start before it does
	paceSide  = 2    // turns at the planned pace that every side is credited with
	paceOwn   = 3    // turns at the pace of their side that everybody is credited with
	paceMost  = 15.0 // business days by which somebody is reckoned with to be late with a turn at most
	mostLate  = 20   // business days that a turn counts as late at most
	paceStep  = 5    // business days by which it may move a report on the morning after somebody took a turn,
	paceLeap  = 10   // or a quarter of what is missing, but no more than this
	paceLast  = 40   // turns of somebody after which the earlier ones count half
)

// spread says how much more than the average counts of how late people are, in standard deviations: of what goes on side by side the
// latest counts.
const spread = 0.35

// A Took is how many turns somebody took, and by how many business days they were late with them.
type Took struct {
	Turns int `json:"n"`
	Over  int `json:"over,omitempty"`
}

// Earlier is what was seen in earlier engagements of the firm.
type Earlier struct {
	Pace Pace                        // all their turns
	Took map[catalog.Phase][]float64 // by what share of its planned business days each phase took longer; negative: it was quicker
}

// With returns what was seen with one more engagement.
func (e Earlier) With(p Pace, o Outlook) Earlier {
	out := Earlier{Took: maps.Clone(e.Took), Pace: Pace{Turns: maps.Clone(e.Pace.Turns), Over: maps.Clone(e.Pace.Over),
		Squares: maps.Clone(e.Pace.Squares)}}
	for _, s := range models.Sides {
		out.Pace.Turns = with(out.Pace.Turns, s, out.Pace.Turns[s]+p.Turns[s])
		out.Pace.Over = with(out.Pace.Over, s, out.Pace.Over[s]+p.Over[s])
		out.Pace.Squares = with(out.Pace.Squares, s, out.Pace.Squares[s]+p.Squares[s])
	}
	for ph, share := range o.Took {
		out.Took = with(out.Took, ph, append(slices.Clone(out.Took[ph]), share))
	}
	return out
}

// over returns by how many business days people of a side are late with what is theirs, on average; never less than none. Of whom little is
// known, as they were in earlier engagements.
func (f *Facts) over(s models.Side) float64 {
	p, was := f.Engagement.Pace, f.Earlier.Pace
	before := float64(was.Over[s]) / float64(paceFrom+was.Turns[s])
	return max(0, (float64(p.Over[s])+paceSide*before)/float64(paceSide+p.Turns[s]))
}

// deviation returns the standard deviation of how late people of a side are, in business days; of whom little is known, none.
func (f *Facts) deviation(s models.Side) float64 {
	p, was := f.Engagement.Pace, f.Earlier.Pace
	n := float64(p.Turns[s] + was.Turns[s])
	if n < paceFrom {
		return 0
	}
	mean := float64(p.Over[s]+was.Over[s]) / n
	return math.Sqrt(max(0, float64(p.Squares[s]+was.Squares[s])/n-mean*mean))
}

// pace returns by how many business days somebody of a side is to be reckoned with to be late with what is theirs; of whom little is known,
// as their side is.
func (f *Facts) pace(who models.PersonID, s models.Side) float64 {
	own := f.Engagement.Pace.Each[who]
	mean := (float64(own.Over) + paceOwn*f.over(s)) / float64(own.Turns+paceOwn)
	return min(paceMost, mean+spread*f.deviation(s))
}

// turns returns how many turns were taken.
func (p Pace) turns() int {
	n := 0
	for _, of := range p.Turns {
		n += of
	}
	return n
}

// slow reports whether any side is late on average.
func (p Pace) slow() bool {
	return slices.ContainsFunc(models.Sides, func(s models.Side) bool { return p.Over[s] > 0 })
}

// took notes that somebody of a side took a turn and was so many business days late with it; n takes it out again when it is -1.
func (p *Pace) took(who models.PersonID, s models.Side, late, n int) {
	late = min(mostLate, max(0, late))
	p.Turns = with(p.Turns, s, max(0, p.Turns[s]+n))
	p.Over = with(p.Over, s, max(0, p.Over[s]+n*late))
	p.Squares = with(p.Squares, s, max(0, p.Squares[s]+n*late*late))
	own := p.Each[who]
	if own = (Took{max(0, own.Turns+n), max(0, own.Over+n*late)}); own.Turns >= paceLast {
		own = Took{own.Turns / 2, own.Over / 2}
	}
	p.Each = with(p.Each, who, own)
}

// paceText says by how much people are late.
func (f *Facts) paceText() string {
	worst, most := models.SideClient, 0.0
	for _, s := range models.Sides {
		if n := f.over(s); n > most {
			worst, most = s, n
		}
	}
	who := map[models.Side]string{models.SideClient: "the client's people", models.SideFirm: "the firm's people",
		models.SideAuditor: "the auditor"}[worst]
	days := float64(f.Engagement.Pace.Over[worst]) / float64(max(1, f.Engagement.Pace.Turns[worst]))
	return fmt.Sprintf("%s took %.1f business days longer for each task than was planned", who, days)
}

// paceOn returns what the pace adds to a report today: what it added when it was reckoned last, moved towards its aim by a business day for
// every business day since, as far as what is late already has not moved the report.
func (v *view) paceOn(k ReportKind, known int) int {
	o := v.f.Engagement.Outlook
	return v.paceTo(k, known, o.Aim[k], v.days.Between(o.On, v.today))
}

// paceTo returns what the pace adds to a report today if it may move it towards an aim by so many business days.
func (v *view) paceTo(k ReportKind, known, aim, most int) int {
	o := v.f.Engagement.Outlook
	pace := o.Pace[k]
	if o.On.IsZero() || !v.today.After(o.On) || pace == aim {
		return pace
	}
	if v.then == nil { // what is known now, as it looked on that day
		v.then = v.f.outlookOn(o.On)
	}
	moved := known - max(v.then.ends[stepOf[k.Phase()]], v.days.On(o.On))
	return toward(pace, aim, max(0, most-max(0, moved)))
}

// toward returns a number moved to another one by a step at most.
func toward(from, to, most int) int { return min(max(to, from-most), from+most) }

// newDay reckons the forecast on the first time of a day that anything is done about an engagement.
func (f *Facts) newDay(now time.Time) {
	if !f.Engagement.Outlook.On.IsZero() {
		f.reckon(now, false)
	}
}

// reckonDay reckons the forecast and its cautious date on the first time of a day that time moves an engagement on.
func (f *Facts) reckonDay(now time.Time) {
	if !f.Engagement.Outlook.On.IsZero() {
		f.reckon(now, true)
	}
	f.play(now)
}

// reckon brings what is kept of the forecast up to date, once on a day, before anything is done on it: what people do on a day does not
// move the pace on that day, in whatever order they do it. On a morning on which turns are known that it has not seen, the pace moves
// further than on others.
func (f *Facts) reckon(now time.Time, morning bool) {
	e := &f.Engagement
	if e.Status != StatusRunning || e.Baseline.Report.IsZero() {
		return
	}
	f.startEffort()
	today := f.Today(now)
	if !today.After(e.Outlook.On) {
		return
	}
	v := f.outlook(now)
	pace, aim := map[ReportKind]int{}, map[ReportKind]int{}
	slow, turns := v.slower(), e.Pace.turns()
	seen := morning && turns != e.Outlook.Turns
	for _, k := range f.reports() {
		step := stepOf[k.Phase()]
		day := max(v.ends[step], v.days.On(today))
		if f.IssuedOn(k).IsZero() {
			aim[k] = min(max(0, slow[step]-v.ends[step]), max(0, day-v.days.On(today)))
		}
		if pace[k] = v.paceOn(k, day); seen {
			missing := aim[k] - e.Outlook.Pace[k]
			pace[k] = v.paceTo(k, day, aim[k], min(max(paceStep, missing/4), paceLeap))
		}
	}
	if seen {
		e.Outlook.Turns = turns
	}
	e.Outlook.Pace, e.Outlook.Aim, e.Outlook.On = pace, aim, today
}

// play plays the rest of the engagement for its cautious date, once on a day; commands leave what was played last as it is.
func (f *Facts) play(now time.Time) {
	e := &f.Engagement
	if today := f.Today(now); !f.SkipSummary && e.Status == StatusRunning && !e.Baseline.Report.IsZero() && today.After(e.Outlook.Played) {
		e.Outlook.Spread, e.Outlook.Played = f.outlook(now).simulate(simulations), today
	}
}

// slower returns when the steps end if everybody goes on to be as late as they were with what is theirs.
func (v *view) slower() []int {
	net := slices.Clone(v.net)
	for ph, n := range v.f.overruns(v) {
		if s, ok := stepOf[ph]; ok {
			net[s].Stretch = n
		} else if ph == catalog.PhaseT2Close {
			base := v.f.Engagement.Baseline.Phases
			slack := v.days.Between(base[ph].End, base[catalog.PhaseT2Fieldwork].Start)
			net[stepT2Start].Stretch = max(0, n-max(0, slack))
		}
	}
	return net.Ends(nil, nil)
}

// known reports whether enough was seen for the pace of people to count.
func (v *view) known() bool {
	e := v.f.Engagement
	return e.Pace.slow() && e.Pace.turns() >= paceFrom && v.days.Between(models.DateIn(e.StartedAt, v.f.Location()), v.today) >= paceAfter
}

// overruns returns by how many business days each phase that is not over would end later at the present pace.
func (f *Facts) overruns(v *view) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	if !v.known() {
		return out
	}
	plan, err := f.plan()
	if err != nil {
		return out
	}
	for _, st := range f.Phases {
		switch {
		case st.Standing == StandingActive && !f.outrun(st):
			out[st.Phase] = v.overrunOf(st.Phase)
		case st.Standing == StandingWaiting:
			out[st.Phase] = f.overrun(st.Phase, plan, v.days)
		}
	}
	return out
}

// overrunOf returns by how many business days an active phase would end later at the present pace.
func (v *view) overrunOf(p catalog.Phase) int {
	f, r := v.f, v.f.reach(p)
	v.work.anew(nil, nil)
	was, _ := v.work.last(r)
	v.work.anew(nil, f.late)
	is, last := v.work.last(r)
	v.work.anew(nil, nil)
	if s, ok := stepOf[p]; ok {
		was = max(was, v.ends[s])
	}
	if last < 0 {
		return 0
	}
	return max(0, is+int(math.Round(f.signing(p)))-was)
}

// late returns by how many business days a task that is open or waits is expected to be done and accepted late.
func (f *Facts) late(t *Task) float64 {
	n := 0.0
	if t.State != TaskSubmitted {
		n += f.pace(t.Owner, models.SideOf(t.OwnerRole))
	}
	if t.ApproverRole != "" {
		n += f.pace(t.Approver, models.SideOf(t.ApproverRole))
	}
	return n
}

// signing returns by how many business days the signature that ends a phase is expected to come late.
func (f *Facts) signing(p catalog.Phase) float64 {
	tmpl, ok := f.Catalog.Phase(p)
	if !ok || len(tmpl.Exit) == 0 || tmpl.Exit[len(tmpl.Exit)-1].Approver == string(models.RoleSystem) {
		return 0
	}
	role := tmpl.Exit[len(tmpl.Exit)-1].Approver
	who, _ := f.holder(role)
	return f.pace(who, models.SideOf(role))
}

// A chain is the tasks of a phase to come, by their templates, with when each would be done by the plan.
type chain struct {
	f      *Facts
	of     map[string]*catalog.TaskTemplate
	opens  map[string]int
	due    map[string]int
	ends   map[string]float64
	onTime bool // everybody is
}

// end returns when a task of a phase to come would be accepted: late by as much as those who do and accept it, and where it opens too late
// for its due date as long after that as the plan gives it.
func (c *chain) end(t *catalog.TaskTemplate) float64 {
	if d, ok := c.ends[t.ID]; ok {
		return d
	}
	due, span := float64(c.due[t.ID]), max(0, c.due[t.ID]-c.opens[t.ID])
	c.ends[t.ID] = due
	opens := float64(c.opens[t.ID])
	for _, id := range t.After {
		if dep := c.of[id]; dep != nil {
			opens = max(opens, c.end(dep))
		}
	}
	if !calendarBound(t.Due.Anchor) && opens+float64((span+1)/2) > due {
		due = max(due, opens+float64(max(1, span)))
	}
	if !c.onTime {
		due += c.f.turn(t.Owner)
		if t.Approver != "" {
			due += c.f.turn(t.Approver)
		}
	}
	c.ends[t.ID] = due
	return due
}

// turn returns by how many business days who holds a role is late with a turn.
func (f *Facts) turn(role string) float64 {
	who, _ := f.holder(role)
	return f.pace(who, models.SideOf(role))
}

// last returns when the last of the tasks is done on which the gates of the phase rest.
func (c *chain) last() float64 {
	last := 0.0
	for _, t := range c.of {
		if t.Gate {
			last = max(last, c.end(t))
		}
	}
	return last
}

// overrun returns by how many business days a phase to come would end later than planned at the present pace: along the longest of its
// chains of tasks.
func (f *Facts) overrun(p catalog.Phase, plan planning.Plan, days *models.Workdays) int {
	c := chain{f: f, of: map[string]*catalog.TaskTemplate{}, opens: map[string]int{}, due: map[string]int{}}
	mine := f.Catalog.TasksFor(f.Flags())
	for i, t := range mine {
		if t.Phase == p && t.Repeats == nil && !t.Due.FromCadence {
			c.of[t.ID] = &mine[i]
		}
	}
	for _, t := range plan.Tasks {
		if t.Phase == p {
			c.opens[t.Template], c.due[t.Template] = days.On(t.Opens), days.On(t.Due)
		}
	}
	last := func(onTime bool) float64 {
		c.ends, c.onTime = map[string]float64{}, onTime
		return c.last()
	}
	return max(0, int(math.Round(last(false)-last(true)+f.signing(p))))
}
