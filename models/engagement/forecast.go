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

// factor returns how much longer a side takes than planned: 1 for a side that has closed nothing yet, between 0.7 and 3
// (domain.md 8, forecast).
func (p Pace) factor(s models.Side) float64 {
	const prior = 4 // business days at the planned pace that every side is credited with
	return min(3, max(0.7, float64(prior+p.Actual[s])/float64(prior+p.Planned[s])))
}

// all returns the factor over all sides.
func (p Pace) all() float64 {
	sum := Pace{Planned: map[models.Side]int{"": 0}, Actual: map[models.Side]int{"": 0}}
	for s := range p.Planned {
		sum.Planned[""] += p.Planned[s]
		sum.Actual[""] += p.Actual[s]
	}
	return sum.factor("")
}

// onTime returns the share of closed tasks that came by their first due date, in percent, and how many were counted.
func (p Pace) onTime() (percent, of int) {
	if p.Closed == 0 {
		return 100, 0
	}
	return 100 * p.OnTime / p.Closed, p.Closed
}

// Forecast returns when the report is expected, what moves that date, and a date that holds four times in five. It never
// lies before today. The window and the as-of date stay where they were agreed unless readiness cannot make them: slowness
// moves them in the forecast, only a decision moves them in the plan (domain.md 8).
func (f *Facts) Forecast(now time.Time) Forecast {
	if !f.Engagement.Status.Live() {
		return Forecast{Report: f.Engagement.Summary.Forecast, Cautious: f.Engagement.Summary.Cautious}
	}
	if f.Engagement.Status == StatusPaused && !f.Engagement.Summary.Forecast.IsZero() {
		return Forecast{Report: f.Engagement.Summary.Forecast, Cautious: f.Engagement.Summary.Cautious, Frozen: true}
	}
	look := f.outlook(now)
	in := look.input()
	s, err := f.shifted(in, look.today)
	if err != nil {
		return Forecast{}
	}
	out := Forecast{Report: s.Report, AsOf: s.Anchors["as_of_date"], Window: s.Anchors["window_open"]}
	if !f.delivered() { // what has been delivered stays delivered on its day
		out.Report = models.Later(s.Report, look.today)
	}
	if c, err := f.shifted(f.cautious(in, s.Days), look.today); err == nil {
		out.Cautious = models.Later(c.Report, out.Report)
	}
	out.Drivers = look.drivers(s)
	return out
}

// delivered reports whether the last deliverable of the route has been handed over.
func (f *Facts) delivered() bool {
	for _, p := range []catalog.Phase{catalog.PhaseT2Report, catalog.PhaseT1Report, catalog.PhaseRemediation} {
		if f.onRoute(p) {
			return f.Phase(p).Standing == StandingDone
		}
	}
	return false
}

// shifted schedules in; when readiness cannot make the as-of date or the window that were agreed, it schedules with the dates
// that could be held.
func (f *Facts) shifted(in planning.PlanInput, today models.Date) (planning.Schedule, error) {
	s, err := planning.NewSchedule(f.Catalog, in)
	if err != nil {
		return s, err
	}
	ready := s.Anchors["readiness_date"]
	asOf, open := f.asOfLost(in, ready), f.windowLost(in, ready, today)
	if !asOf && !open {
		return s, nil
	}
	if asOf {
		in.AsOf = models.Date{}
	}
	if open {
		f.openAnew(&in, ready)
	}
	s, err = planning.NewSchedule(f.Catalog, in)
	if err != nil || !open || s.Anchors["window_open"].After(today) {
		return s, err
	}
	in.WindowOpen = f.ClientDays.Add(today, 1) // a window that was missed opens tomorrow at the earliest
	return planning.NewSchedule(f.Catalog, in)
}

// asOfLost reports whether the as-of date cannot be held when readiness comes on a day.
func (f *Facts) asOfLost(in planning.PlanInput, ready models.Date) bool {
	return f.onRoute(catalog.PhaseT1Prep) && f.Phase(catalog.PhaseT1Prep).Standing != StandingDone &&
		f.tooLate(ready, in.AsOf, catalog.PhaseT1Prep)
}

// windowLost reports whether the window cannot open on its first day when readiness comes on a day: it leaves too little time, or its setup
// takes too long, or the window was missed already.
func (f *Facts) windowLost(in planning.PlanInput, ready, today models.Date) bool {
	st := f.Phase(catalog.PhaseWindow)
	if st == nil || st.Standing != StandingWaiting {
		return false
	}
	return f.tooLate(ready, in.WindowOpen, catalog.PhaseWindowSetup) ||
		in.Ends[catalog.PhaseWindowSetup].After(f.ClientDays.Add(in.WindowOpen, lateOpening)) || f.WindowMissed(today)
}

// openAnew lets a window open when it has been prepared: on the day after the as-of date where the plan says so, in a renewal once its
// setup ends, whenever the window before has closed.
func (f *Facts) openAnew(in *planning.PlanInput, ready models.Date) {
	if !f.has("renewal") {
		in.WindowOpen = models.Date{}
		return
	}
	in.WindowOpen, in.PreviousClose = in.Ends[catalog.PhaseWindowSetup], models.Date{}
	if in.WindowOpen.Before(ready) {
		in.WindowOpen = f.ClientDays.Add(ready, f.setupDays())
	}
}

// tooLate reports whether readiness leaves too little time to prepare for a date that was agreed: less than the preparation
// takes at its quickest, and less than was planned for it.
func (f *Facts) tooLate(ready, agreed models.Date, prepared catalog.Phase) bool {
	if ready.After(agreed) {
		return true
	}
	st := f.Phase(prepared)
	need := min(f.Catalog.Duration(prepared, f.Engagement.Headcount)[0],
		f.ClientDays.Count(f.Engagement.Baseline.Phases[catalog.PhaseRemediation].End, agreed))
	return st != nil && st.Standing == StandingWaiting && need > 0 && f.ClientDays.Add(ready, need).After(agreed)
}

// setupDays returns how many business days the window's setup usually takes.
func (f *Facts) setupDays() int {
	return f.Catalog.Duration(catalog.PhaseWindowSetup, f.Engagement.Headcount)[1]
}

// cautious stretches every phase still to come so that the sum of them holds four times in five: durations are taken as
// triangular between low and high, their sum as normal. The closed form gives the same answer every time, in microseconds.
func (f *Facts) cautious(in planning.PlanInput, typical map[catalog.Phase]int) planning.PlanInput {
	const eighty = 0.8416 // standard deviations above the mean, one-sided
	mean, vary, sum := map[catalog.Phase]float64{}, map[catalog.Phase]float64{}, 0.0
	for _, p := range f.Phases {
		if p.Standing == StandingDone || p.Standing == StandingDropped || p.Phase == catalog.PhaseWindow || p.Phase == catalog.PhaseRenewal {
			continue
		}
		d := f.Catalog.Duration(p.Phase, f.Engagement.Headcount)
		typ := float64(typical[p.Phase])
		scale := typ / float64(max(1, d[1])) // further categories, a renewal or slow people stretch the whole range
		lo, hi := float64(d[0])*scale, float64(d[2])*scale
		mean[p.Phase] = (lo+typ+hi)/3 - typ
		vary[p.Phase] = (lo*lo + typ*typ + hi*hi - lo*typ - lo*hi - typ*hi) / 18
		sum += vary[p.Phase]
	}
	in.Days, in.Ends = map[catalog.Phase]int{}, maps.Clone(in.Ends)
	for p := range mean {
		extra := 0
		if sum > 0 {
			extra = int(math.Round(max(0, mean[p]+eighty*vary[p]/math.Sqrt(sum))))
		}
		in.Days[p] = typical[p] + extra
		if end := in.Ends[p]; !end.IsZero() {
			in.Ends[p] = f.ClientDays.Add(end, extra)
		}
	}
	return in
}

// An outlook says when open tasks can be expected.
type outlook struct {
	f     *Facts
	today models.Date
	by    map[string][]*Task // open tasks by id and by template
	done  map[models.TaskID]models.Date
}

func (f *Facts) outlook(now time.Time) *outlook {
	o := &outlook{f: f, today: f.Today(now), by: make(map[string][]*Task, 2*len(f.Tasks)),
		done: make(map[models.TaskID]models.Date, len(f.Tasks))}
	for _, t := range f.Tasks {
		if !t.State.Closed() {
			o.by[string(t.ID)] = append(o.by[string(t.ID)], t)
			if t.Template != "" && t.Template != string(t.ID) {
				o.by[t.Template] = append(o.by[t.Template], t)
			}
		}
	}
	return o
}

// input returns the plan's input with the ends that active phases can be expected to have.
func (o *outlook) input() planning.PlanInput {
	in := o.f.PlanInput()
	in.Factor = o.stretch()
	in.Ends = map[catalog.Phase]models.Date{}
	for _, p := range o.f.Phases {
		if p.Standing == StandingActive {
			in.Ends[p.Phase], _ = o.end(p.Phase)
		}
	}
	if evidence := in.Ends[catalog.PhaseWindow]; !evidence.IsZero() {
		// The last evidence of a window comes in while populations are pulled: fieldwork waits for both.
		in.Ends[catalog.PhaseWindow] = o.f.Engagement.Window().End
		in.Ends[catalog.PhaseT2Close] = models.Later(in.Ends[catalog.PhaseT2Close], evidence)
		if pulled, ok := in.Actual[catalog.PhaseT2Close]; ok && !pulled.End.IsZero() {
			in.Actual[catalog.PhaseT2Close] = planning.Span{Start: pulled.Start, End: models.Later(pulled.End, evidence)}
		}
	}
	return in
}

// stretch returns by how much the slowness of people stretches what is to come. Quick people make it no shorter: their due
// dates are those of the plan, and what they gain shows when a phase ends.
func (o *outlook) stretch() float64 { return max(1, o.f.Engagement.Pace.all()) }

// end returns when an active phase can be expected to be left, and the task that decides it.
func (o *outlook) end(p catalog.Phase) (models.Date, *Task) {
	end, last := o.today, (*Task)(nil)
	asked := o.f.neededByGates(p)
	for _, t := range o.f.Tasks {
		if t.Phase == p && !t.State.Closed() && (t.Gate || slices.Contains(asked, t.Template)) {
			if d := o.finish(t); d.After(end) {
				end, last = d, t
			}
		}
	}
	if last != nil && !calendarBound(last.Anchor) {
		days := o.f.Days(last.OwnerRole)
		end = models.Later(end, days.Add(o.today, int(math.Ceil(float64(days.Count(o.today, end))*o.stretch()-1e-9))))
	}
	if p == catalog.PhaseWindow {
		end = models.Later(end, o.f.Engagement.Window().End)
	}
	return end, last
}

// neededByGates returns the templates that the blocking gates of a phase rest on, of those that are not signed.
func (f *Facts) neededByGates(p catalog.Phase) []string {
	var out []string
	for _, g := range f.Gates {
		if g.Phase == p && g.Blocking && g.State != GateSigned {
			out = append(out, f.gateTemplate(g.ID).Needs...)
		}
	}
	return out
}

// finish returns when an open task can be expected: on its due date as long as nothing it waits for is late; otherwise as
// many days after that as were planned between them, at its side's pace. What is overdue takes at least one day more.
func (o *outlook) finish(t *Task) models.Date {
	if d, ok := o.done[t.ID]; ok {
		return d
	}
	o.done[t.ID] = t.Due // a circle cannot be, but must not hang either
	days := o.f.Days(t.OwnerRole)
	var ready, planned models.Date
	for _, dep := range t.After {
		for _, d := range o.by[dep] {
			if end := o.finish(d); end.After(ready) {
				ready, planned = end, d.Due
			}
		}
	}
	end := t.Due
	if ready.After(planned) { // what it waits for is late
		gap := float64(max(0, days.Count(planned, t.Due))) * o.f.Engagement.Pace.factor(models.SideOf(t.OwnerRole))
		end = models.Later(end, days.Add(ready, int(math.Ceil(gap))))
	}
	end = models.Later(end, days.Roll(ready))
	if !end.After(o.today) && (t.Due.Before(o.today) || end.Before(o.today)) {
		end = days.Add(o.today, 1)
	}
	o.done[t.ID] = end
	return end
}

// drivers says what makes the forecast differ from the plan as it was agreed: phases on the way to the report that were left
// late or are expected to be, by how many days beyond those before them, with the task that decides it, the longest delay first;
// and then dates that were moved or cannot be held. A report that is not late has none.
func (o *outlook) drivers(s planning.Schedule) []Driver {
	f := o.f
	if !s.Report.After(f.Engagement.Baseline.Report) {
		return nil
	}
	var out []Driver
	carried := 0 // business days that phases before have cost already
	own := func(d Driver) {
		if d.Days > carried {
			d.Days, carried = d.Days-carried, d.Days
			out = append(out, d)
		}
	}
	for _, p := range f.Phases {
		base := f.Engagement.Baseline.Phases[p.Phase].End
		if base.IsZero() || !f.leadsToReport(p.Phase) {
			continue
		}
		switch p.Standing {
		case StandingDone:
			if n := f.ClientDays.Count(base, p.Actual.End); n > 0 && !f.outrun(p) {
				own(Driver{p.Phase, string(p.Phase), fmt.Sprintf("%s ended %s instead of %s", f.PhaseName(p.Phase), p.Actual.End, base), n})
			}
		case StandingActive:
			end, task := o.end(p.Phase)
			if n := f.ClientDays.Count(base, end); n > 0 && f.holdsUp(p.Phase) {
				own(o.overrun(p, base, end, n, task))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Driver) int { return b.Days - a.Days })
	return append(out, o.dates(s)...) // causes first, then what they move
}

// overrun says why an active phase is expected to end n business days after its baseline: an anchor that moved, a plan that has changed, or
// the task that decides it.
func (o *outlook) overrun(p PhaseState, base, end models.Date, n int, task *Task) Driver {
	f := o.f
	d := Driver{p.Phase, string(p.Phase), fmt.Sprintf("%s is expected to end %s instead of %s", f.PhaseName(p.Phase), end, base), n}
	switch {
	case task != nil && p.Phase == catalog.PhaseT1Prep && calendarBound(task.Anchor) && !o.finish(task).After(task.Due):
		d.Subject, d.Text = "as_of_date", fmt.Sprintf("the as-of date is %s: %s", f.Engagement.AsOf, d.Text)
	case !end.After(p.Plan.End):
		d.Text = fmt.Sprintf("%s is planned to end %s instead of %s since what was agreed has changed", f.PhaseName(p.Phase), end, base)
	default:
		d.decidedBy(f, o.root(task))
	}
	return d
}

// decidedBy names the task that decides a driver, if there is one.
func (d *Driver) decidedBy(f *Facts, task *Task) {
	if task != nil {
		d.Subject = string(task.ID)
		d.Text += fmt.Sprintf(": %s (%s), due %s", task.Title, f.Called(task.Owner, task.OwnerRole), task.Due)
	}
}

// outrun reports whether what comes after a phase had begun before the phase was left for the last time: it was opened again
// beside the others, for a further category say.
func (f *Facts) outrun(p PhaseState) bool {
	return p.Round > 1 && slices.ContainsFunc(f.Phases, func(q PhaseState) bool {
		return !q.Actual.Start.IsZero() && q.Actual.Start.Before(p.Actual.End) && slices.Contains(f.before(q.Phase), p.Phase)
	})
}

// holdsUp reports whether an active phase holds up a phase that has not begun, or is the last before the report itself.
func (f *Facts) holdsUp(p catalog.Phase) bool {
	st := f.Phase(p)
	if st.Round == 1 || p == catalog.PhaseT1Report || p == catalog.PhaseT2Report {
		return true
	}
	return slices.ContainsFunc(f.Phases, func(q PhaseState) bool {
		return slices.Contains(f.before(q.Phase), p) && (q.Standing == StandingWaiting || q.Standing == StandingActive && f.holdsUp(q.Phase))
	})
}

// leadsToReport reports whether the end of a phase can move the last report by itself: the Type 1 report is written beside
// the window, and what ends a window is the calendar.
func (f *Facts) leadsToReport(p catalog.Phase) bool {
	switch p {
	case catalog.PhaseRenewal, catalog.PhaseWindowSetup, catalog.PhaseWindow:
		return false
	case catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report:
		return !f.onRoute(catalog.PhaseT2Report)
	}
	return true
}

// dates says which of the agreed dates were moved since the baseline, cannot be held, or wait for late evidence.
func (o *outlook) dates(s planning.Schedule) []Driver {
	e := o.f.Engagement
	return slices.Concat(o.lost("as_of_date", "the as-of date", e.AsOf, s), o.lost("window_open", "the window's first day", e.WindowOpen, s),
		o.windowMoved(), o.asOfMoved(), o.lateEvidence())
}

// lost says that a date cannot be held as it was agreed.
func (o *outlook) lost(anchor, name string, agreed models.Date, s planning.Schedule) []Driver {
	to := s.Anchors[anchor]
	if agreed.IsZero() || !to.After(agreed) {
		return nil
	}
	return []Driver{{"", anchor, fmt.Sprintf("%s cannot be %s: %s is the earliest, and takes a decision", name, agreed, to),
		o.f.ClientDays.Count(agreed, to)}}
}

// windowMoved says that the window closes later than the baseline has it.
func (o *outlook) windowMoved() []Driver {
	w, was := o.f.Engagement.Window(), o.f.Engagement.Baseline.Phases[catalog.PhaseWindow]
	if was.End.IsZero() || !w.End.After(was.End) {
		return nil
	}
	text := fmt.Sprintf("the window was moved by decision: %s to %s instead of %s to %s", w.Start, w.End, was.Start, was.End)
	return []Driver{{catalog.PhaseWindow, "window_close", text, o.f.ClientDays.Count(was.End, w.End)}}
}

// asOfMoved says that the preparation of a Type 1 that has not begun is planned to end later than the baseline has it.
func (o *outlook) asOfMoved() []Driver {
	f := o.f
	prep, was := f.Phase(catalog.PhaseT1Prep), f.Engagement.Baseline.Phases[catalog.PhaseT1Prep].End
	if prep == nil || prep.Standing != StandingWaiting || !f.leadsToReport(catalog.PhaseT1Prep) || was.IsZero() || !prep.Plan.End.After(was) {
		return nil
	}
	text := fmt.Sprintf("the as-of date is %s: %s is planned to end %s instead of %s", f.Engagement.AsOf, f.PhaseName(catalog.PhaseT1Prep),
		prep.Plan.End, was)
	return []Driver{{catalog.PhaseT1Prep, "as_of_date", text, f.ClientDays.Count(was, prep.Plan.End)}}
}

// lateEvidence says that the last evidence of the window comes after fieldwork was to start, unless the window was moved.
func (o *outlook) lateEvidence() []Driver {
	f := o.f
	w, fieldwork := f.Phase(catalog.PhaseWindow), f.Engagement.Baseline.Phases[catalog.PhaseT2Fieldwork].Start
	if w == nil || fieldwork.IsZero() {
		return nil
	}
	fieldwork = models.Later(fieldwork, f.FirmDays.Add(f.Engagement.Window().End, planning.T2FieldworkAfter))
	end, task := w.Actual.End, (*Task)(nil)
	if w.Standing == StandingActive {
		end, task = o.end(catalog.PhaseWindow)
	}
	if !end.After(fieldwork) {
		return nil
	}
	text := fmt.Sprintf("the window's last evidence is of %s, when fieldwork was to start on %s", end, fieldwork)
	d := Driver{catalog.PhaseWindow, string(catalog.PhaseWindow), text, f.ClientDays.Count(fieldwork, end)}
	d.decidedBy(f, task)
	return []Driver{d}
}

// root follows the latest of what a task waits for down to the one that can be acted on.
func (o *outlook) root(t *Task) *Task {
	for seen := 0; t != nil && t.State == TaskWaiting && seen < 200; seen++ {
		var next *Task
		for _, dep := range t.After {
			for _, d := range o.by[dep] {
				if next == nil || o.finish(d).After(o.finish(next)) {
					next = d
				}
			}
		}
		if next == nil {
			break
		}
		t = next
	}
	return t
}

// A Forecast is when the report is expected and what makes the difference to the target (domain.md 8).
type Forecast struct {
	Report   models.Date // as likely as not; zero when there is no forecast
	Cautious models.Date // four times in five not later
	AsOf     models.Date // when the Type 1 as-of date could be held
	Window   models.Date // when the window could open
	Drivers  []Driver    // what moves it most, first
	Frozen   bool        // paused: the last forecast before the pause
}

// A Driver is a phase or task that moves the forecast, and by how many business days.
type Driver struct {
	Phase   catalog.Phase
	Subject string
	Text    string
	Days    int
}
