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
	Slips  []Slip                     `json:"slips,omitempty"`
	Effort map[catalog.Phase]Effort   `json:"effort,omitempty"`
	Issued map[ReportKind]models.Date `json:"issued,omitempty"` // the day that was stated when it was issued
	Last   []Kept                     `json:"last,omitempty"`   // what was reckoned last, report by report
	// Left has the day on which each phase was left first, and Closed whose task or signature came last in it.
	Left   map[catalog.Phase]models.Date `json:"left,omitempty"`
	Closed map[catalog.Phase]Closer      `json:"closed,omitempty"`
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
	if _, ok := f.Engagement.Outlook.Left[p]; !ok {
		f.Engagement.Outlook.Left = with(f.Engagement.Outlook.Left, p, today)
	}
}

// bookAcceptance notes how long a task that was done waited to be accepted: the business day after it was done is in time.
func (f *Facts) bookAcceptance(t *Task, today models.Date) {
	days := f.Days(t.ApproverRole)
	done, day := f.Unpaused(days, models.DateIn(t.DoneAt, f.Location())), f.Unpaused(days, today)
	f.Engagement.Pace.took(models.SideOf(t.ApproverRole), days.Count(done, day)-1, +1)
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
	paceFrom  = 10  // turns that must have been taken before the pace counts at all
	pacePrior = 12  // turns at the planned pace that every side is credited with
	paceMost  = 5.0 // business days that a turn counts as late at most
)

// over returns by how many business days people of a side are late with what is theirs, on average; never less than none.
func (p Pace) over(s models.Side) float64 {
	if p.Turns[s] < paceFrom {
		return 0
	}
	return min(paceMost, max(0, float64(p.Over[s])/float64(pacePrior+p.Turns[s])))
}

// slow reports whether any side is late on average.
func (p Pace) slow() bool {
	return slices.ContainsFunc(models.Sides, func(s models.Side) bool { return p.over(s) > 0 })
}

// took notes that somebody of a side took a turn and was so many business days late with it; n takes it out again when it is -1.
func (p *Pace) took(s models.Side, late, n int) {
	p.Turns, p.Over = maps.Clone(p.Turns), maps.Clone(p.Over)
	if p.Turns == nil {
		p.Turns, p.Over = map[models.Side]int{}, map[models.Side]int{}
	}
	p.Turns[s] += n
	p.Over[s] += n * min(int(paceMost), max(0, late))
}

// paceText says by how much people are late.
func (f *Facts) paceText() string {
	worst, most := models.SideClient, 0.0
	for _, s := range models.Sides {
		if n := f.Engagement.Pace.over(s); n > most {
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
	pace := o.Pace[k]
	if o.On.IsZero() || !v.today.After(o.On) || pace == o.Aim[k] {
		return pace
	}
	if v.then == nil { // what is known now, as it looked on that day
		v.then = v.f.outlookOn(o.On)
	}
	moved := known - max(v.then.ends[stepOf[k.Phase()]], v.days.On(o.On))
	return toward(pace, o.Aim[k], max(0, v.days.Between(o.On, v.today)-max(0, moved)))
}

// toward returns a number moved to another one by a step at most.
func toward(from, to, most int) int { return min(max(to, from-most), from+most) }

// newDay reckons the forecast on the first time of a day that anything is done about an engagement.
func (f *Facts) newDay(now time.Time) {
	if !f.Engagement.Outlook.On.IsZero() {
		f.reckon(now)
	}
}

// reckon brings what is kept of the forecast up to date, once on a day, before anything is done on it: what people do on a day does not
// move the pace on that day, in whatever order they do it.
func (f *Facts) reckon(now time.Time) {
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
	slow := v.slower()
	for _, k := range f.reports() {
		step := stepOf[k.Phase()]
		day := max(v.ends[step], v.days.On(today))
		pace[k], aim[k] = v.paceOn(k, day), 0
		if f.IssuedOn(k).IsZero() {
			aim[k] = min(max(0, slow[step]-v.ends[step]), max(0, day-v.days.On(today)))
		}
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
	f, p := v.f, v.f.Engagement.Pace
	net := slices.Clone(v.net)
	if p.slow() {
		for ph, n := range f.overruns(v) {
			if s, ok := stepOf[ph]; ok {
				net[s].Stretch = n
			} else if ph == catalog.PhaseT2Close {
				net[stepT2Start].Stretch = n
			}
		}
	}
	return net.Ends(nil, nil)
}

// turn returns how many days a turn at a task is expected to take longer: of who does it and of who accepts it.
func (p Pace) turn(owner, approver string) float64 {
	n := p.over(models.SideOf(owner))
	if approver != "" {
		n += p.over(models.SideOf(approver))
	}
	return n
}

// overruns returns by how many business days each phase that is not over would end later at the present pace.
func (f *Facts) overruns(v *view) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	pace := f.Engagement.Pace
	plan, err := f.plan()
	if err != nil {
		return out
	}
	for _, st := range f.Phases {
		p := st.Phase
		if st.Standing == StandingActive && !f.outrun(st) {
			r := f.reach(p)
			v.work.anew(nil, nil)
			was, _ := v.work.last(r)
			v.work.anew(nil, func(t *Task) float64 {
				if t.State == TaskSubmitted {
					return 0
				}
				return pace.turn(t.OwnerRole, t.ApproverRole)
			})
			is, last := v.work.last(r)
			v.work.anew(nil, nil)
			if last >= 0 {
				planned := was
				if s, ok := stepOf[p]; ok {
					planned = max(was, v.ends[s])
				}
				out[p] = max(0, is-planned)
			}
		}
		if st.Standing == StandingWaiting {
			out[p] = f.overrun(p, plan, pace, v.days)
		}
	}
	return out
}

// overrun returns by how many business days a phase to come would end later than planned at a pace: along the longest of its chains of
// tasks.
func (f *Facts) overrun(p catalog.Phase, plan planning.Plan, pace Pace, days *models.Workdays) int {
	due := map[string]int{}
	var mine []catalog.TaskTemplate
	for _, t := range f.Catalog.TasksFor(f.Flags()) {
		if t.Phase == p && t.Repeats == nil && !t.Due.FromCadence {
			mine = append(mine, t)
		}
	}
	for _, t := range plan.Tasks {
		if t.Phase == p {
			due[t.Template] = days.On(t.Due)
		}
	}
	end := map[string]float64{}
	byID := map[string]*catalog.TaskTemplate{}
	for i := range mine {
		byID[mine[i].ID] = &mine[i]
	}
	var of func(t *catalog.TaskTemplate) float64
	of = func(t *catalog.TaskTemplate) float64 {
		if d, ok := end[t.ID]; ok {
			return d
		}
		end[t.ID] = float64(due[t.ID])
		day := float64(due[t.ID])
		for _, id := range t.After {
			if dep := byID[id]; dep != nil {
				day = max(day, of(dep)+float64(max(0, due[t.ID]-due[id])))
			}
		}
		end[t.ID] = day + pace.turn(t.Owner, t.Approver)
		return end[t.ID]
	}
	last := 0.0
	for i := range mine {
		if mine[i].Gate {
			last = max(last, of(&mine[i]))
		}
	}
	var planned models.Date
	for _, ph := range plan.Phases {
		if ph.Phase == p {
			planned = ph.End
		}
	}
	if gates, ok := f.Catalog.Phase(p); ok && len(gates.Exit) > 0 {
		last += pace.over(models.Role(gates.Exit[len(gates.Exit)-1].Approver).Side())
	}
	return max(0, int(math.Round(last))-days.On(planned))
}
