package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/outlook"
)

// The steps of every engagement, in the order in which they are reckoned. Those that its route has not are never asked for.
const (
	stepKickoff = iota
	stepGap
	stepRemediation
	stepAsOf
	stepT1Prep
	stepT1Fieldwork
	stepT1Report
	stepSetup
	stepOpen
	stepClose
	stepT2Start // the first day of Type 2 fieldwork
	stepT2Fieldwork
	stepT2Report
	steps
)

// stepOf says with which step a phase ends.
var stepOf = map[catalog.Phase]int{catalog.PhaseKickoff: stepKickoff, catalog.PhaseGap: stepGap, catalog.PhaseRemediation: stepRemediation,
	catalog.PhaseT1Prep: stepT1Prep, catalog.PhaseT1Fieldwork: stepT1Fieldwork, catalog.PhaseT1Report: stepT1Report,
	catalog.PhaseWindowSetup: stepSetup, catalog.PhaseT2Fieldwork: stepT2Fieldwork, catalog.PhaseT2Report: stepT2Report}

// A view says when the steps of an engagement can be expected, and why.
type view struct {
	f      *Facts
	today  models.Date
	days   *models.Workdays
	work   *workload
	net    outlook.Network
	ends   []int
	causes []cause
	then   *view // the same on the day on which the pace was reckoned last
	// accounts are what each phase was late by, and running what holds up the phases now.
	accounts []*account
	running  []Slip
	rate     float64 // by how many business days each turn to come is taken to be late, once overruns were asked for
}

// outlook reckons when the steps of an engagement can be expected: those that were left when they were, those that are under way by what is
// open in them, those to come as they were agreed.
func (f *Facts) outlook(now time.Time) *view { return f.outlookOn(f.forecastDay(now)) }

// outlookOn reckons as if it were a day.
func (f *Facts) outlookOn(day models.Date) *view {
	v := &view{f: f, today: day, days: f.workdays(), work: f.workloadOn(day), net: make(outlook.Network, 0, steps),
		ends: make([]int, 0, steps), accounts: f.accounts()}
	base := f.Engagement.Baseline
	end := func(p catalog.Phase) int { return v.days.On(base.Phases[p].End) }
	start := func(p catalog.Phase) int { return v.days.On(base.Phases[p].Start) }
	kickoff, gap, ready := end(catalog.PhaseKickoff), end(catalog.PhaseGap), end(catalog.PhaseRemediation)
	v.phase(catalog.PhaseKickoff, step{Floor: kickoff})
	v.phase(catalog.PhaseGap, after(stepKickoff, gap-kickoff))
	v.phase(catalog.PhaseRemediation, after(stepGap, ready-gap))

	asOf := v.days.On(base.asOf(f.Engagement))
	v.asOf(asOf, ready)
	v.phase(catalog.PhaseT1Prep, after(stepAsOf, end(catalog.PhaseT1Prep)-asOf))
	v.phase(catalog.PhaseT1Fieldwork, after(stepAsOf, end(catalog.PhaseT1Fieldwork)-asOf).
		and(stepT1Prep, end(catalog.PhaseT1Fieldwork)-start(catalog.PhaseT1Fieldwork)))
	v.phase(catalog.PhaseT1Report, after(stepT1Fieldwork, end(catalog.PhaseT1Report)-end(catalog.PhaseT1Fieldwork)))

	open, shut := start(catalog.PhaseWindow), v.days.Next(base.Phases[catalog.PhaseWindow].End)
	moved := v.windowMoved(open)
	setup := after(stepRemediation, v.need(catalog.PhaseWindowSetup, open-ready))
	setup.Floor, setup.Moved = end(catalog.PhaseWindowSetup), moved // its tasks are due before the window
	v.phase(catalog.PhaseWindowSetup, setup)
	v.open(open, moved)
	v.shut(open, shut)
	v.t2Start(after(stepClose, start(catalog.PhaseT2Fieldwork)-shut))
	v.phase(catalog.PhaseT2Fieldwork, after(stepT2Start, end(catalog.PhaseT2Fieldwork)-start(catalog.PhaseT2Fieldwork)))
	v.phase(catalog.PhaseT2Report, after(stepT2Fieldwork, end(catalog.PhaseT2Report)-end(catalog.PhaseT2Fieldwork)))
	return v
}

// asOf returns the as-of date that was agreed at the start; of an engagement from before that was kept, the present one.
func (b Baseline) asOf(e Engagement) models.Date {
	if b.AsOf.IsZero() {
		return e.AsOf
	}
	return b.AsOf
}

// A step is one that waits for others.
type step outlook.Step

func after(from, days int) step {
	return step{Floor: outlook.None, After: []outlook.Link{{From: from, Days: days}}}
}

func (s step) and(from, days int) step {
	s.After = append(s.After, outlook.Link{From: from, Days: days})
	return s
}

// add adds a step, and returns the day on which it ends as long as nothing of its own makes it late.
func (v *view) add(s outlook.Step) int {
	day := s.Before(v.ends, nil)
	v.net, v.ends = append(v.net, s), append(v.ends, day)
	return day
}

// late makes the last step later, or earlier, for a cause of its own.
func (v *view) late(days int, c cause) {
	if days != 0 {
		s := len(v.net) - 1
		v.net[s].Late = append(v.net[s].Late, outlook.Part{Cause: len(v.causes), Days: days})
		v.ends[s] += days
		c.days = days
		v.causes = append(v.causes, c)
	}
}

// need returns how many business days a preparation needs at its quickest, and no more than were planned for it; none once it is under way.
func (v *view) need(p catalog.Phase, planned int) int {
	least := 0
	if st := v.f.Phase(p); st != nil && st.Standing == StandingWaiting {
		least = v.f.Catalog.Duration(p, v.f.Engagement.Headcount)[0]
		if p == catalog.PhaseT1Prep {
			least = min(least, v.f.hops(p)+1)
		}
	}
	return min(least, planned)
}

// hops returns how many tasks of a phase follow one another at most.
func (f *Facts) hops(p catalog.Phase) int {
	of := map[string]int{}
	most := 0
	for _, t := range f.Catalog.TasksFor(f.Flags()) { // each stands after those that it waits for
		if t.Phase != p || !t.Gate {
			continue
		}
		of[t.ID] = 1
		for _, id := range t.After {
			if n, ok := of[id]; ok {
				of[t.ID] = max(of[t.ID], n+1)
			}
		}
		most = max(most, of[t.ID])
	}
	return most
}

// asOf adds the as-of date: the day agreed, unless readiness cannot make it.
func (v *view) asOf(agreed, ready int) {
	s := outlook.Step{Floor: agreed, After: []outlook.Link{{From: stepRemediation, Days: v.need(catalog.PhaseT1Prep, agreed-ready)}}}
	e := v.f.Engagement
	st := v.f.Phase(catalog.PhaseT1Prep)
	if st == nil || st.Standing == StandingDropped {
		v.add(outlook.Step{Floor: 0})
		return
	}
	is := v.days.On(e.AsOf)
	if is != agreed {
		s.Moved = []outlook.Part{{Cause: len(v.causes), Days: is - agreed}}
		v.causes = append(v.causes, cause{kind: causeAsOf, phase: catalog.PhaseT1Prep})
	}
	if day := v.add(s); st.Standing == StandingDone {
		v.late(is-day, cause{kind: causeEarly, phase: catalog.PhaseT1Prep})
	}
}

// windowMoved returns by what a decision has moved the first day of the window.
func (v *view) windowMoved(agreed int) []outlook.Part {
	is := v.days.On(v.f.Engagement.WindowOpen)
	if !v.f.onRoute(catalog.PhaseWindow) || is == agreed {
		return nil
	}
	v.causes = append(v.causes, cause{kind: causeWindow, phase: catalog.PhaseWindow})
	return []outlook.Part{{Cause: len(v.causes) - 1, Days: is - agreed}}
}

// open adds the first day of the window: the day agreed, unless it cannot be prepared by then or was missed.
func (v *view) open(agreed int, moved []outlook.Part) {
	st := v.f.Phase(catalog.PhaseWindow)
	if st == nil || st.Standing == StandingDropped {
		v.add(outlook.Step{Floor: 0})
		return
	}
	day := v.add(outlook.Step{Floor: agreed, Moved: moved, After: []outlook.Link{{From: stepSetup}}})
	switch is := v.days.On(v.f.Engagement.WindowOpen); {
	case st.Standing != StandingWaiting:
		v.late(is-day, cause{kind: causeEarly, phase: catalog.PhaseWindow})
	case v.f.WindowMissed(v.today):
		v.late(max(0, v.work.next[0]-day), cause{kind: causeMissed, phase: catalog.PhaseWindow, owner: v.f.Engagement.Manager})
	}
}

// shut adds the first day after the window: it moves with the first, and by a decision on its length.
func (v *view) shut(open, shut int) {
	w := v.f.Engagement.Window()
	v.add(outlook.Step(after(stepOpen, shut-open)))
	if v.f.onRoute(catalog.PhaseWindow) && !w.Start.IsZero() {
		longer := v.days.Next(w.End) - v.days.On(w.Start) - (shut - open)
		v.late(longer, cause{kind: causeWindow, phase: catalog.PhaseWindow})
	}
}

// t2Start adds the first day of Type 2 fieldwork: so long after the window, and not before its evidence is in and populations are pulled.
func (v *view) t2Start(s step) {
	day := v.add(outlook.Step(s))
	fieldwork, pulled := v.f.Phase(catalog.PhaseT2Fieldwork), v.f.Phase(catalog.PhaseT2Close)
	if fieldwork == nil || pulled == nil {
		return
	}
	if fieldwork.Standing == StandingActive || fieldwork.Standing == StandingDone {
		v.split(v.work.on(fieldwork.Actual.Start)-day, catalog.PhaseWindow, catalog.PhaseT2Close)
		return
	}
	if pulled.Standing == StandingDone {
		v.split(max(0, v.work.on(pulled.Actual.End)-v.ends[stepT2Start]), catalog.PhaseT2Close)
	}
	for _, p := range []catalog.Phase{catalog.PhaseWindow, catalog.PhaseT2Close} {
		if st := v.f.Phase(p); st != nil && st.Standing == StandingActive {
			v.openTasks(p)
		}
	}
}

// phase adds the step with which a phase ends.
func (v *view) phase(p catalog.Phase, s step) {
	day := v.add(outlook.Step(s))
	st := v.f.Phase(p)
	if st == nil || st.Standing == StandingDropped {
		return
	}
	switch left := v.f.leftOn(st); {
	case !left.IsZero():
		v.split(v.work.on(left)-day, p)
	case v.f.outrun(*st): // when it was left first was not kept
	default:
		v.late(v.f.longer(p), cause{kind: causeScope, phase: p})
		if st.Standing == StandingActive {
			v.paused(p, v.f.pausedIn(p))
			v.openTasks(p)
		}
	}
}

// leftOn returns the day on which a phase let begin what comes after it; zero as long as it has not.
func (f *Facts) leftOn(st *PhaseState) models.Date {
	if f.outrun(*st) {
		return f.Engagement.Outlook.Left[st.Phase]
	}
	if st.Standing == StandingDone {
		return st.Actual.End
	}
	return models.Date{}
}

// longer returns how many business days a phase takes more than was agreed, since the scope has changed.
func (f *Facts) longer(p catalog.Phase) int {
	was := f.Engagement.Baseline.Days[p]
	if was == 0 {
		return 0
	}
	s, err := f.schedule()
	if err != nil {
		return 0
	}
	return s.Days[p] - was
}

// paused makes the last step later by the pauses while a phase was under way, each by itself and all by so many days at most; it returns by
// how many.
func (v *view) paused(p catalog.Phase, most int) int {
	n := 0
	for _, s := range v.f.Engagement.Outlook.Slips {
		if s.Phase == p && s.Kind == slipPause && n < most {
			v.late(min(s.Days, most-n), cause{kind: causePause, phase: p, slip: s, owner: s.Owner})
			n += min(s.Days, most-n)
		}
	}
	return n
}

// pausedIn returns for how many business days the engagement was paused while a phase was the first under way.
func (f *Facts) pausedIn(p catalog.Phase) int {
	n := 0
	for _, s := range f.Engagement.Outlook.Slips {
		if s.Phase == p && s.Kind == slipPause {
			n += s.Days
		}
	}
	return n
}

// day returns the day on which a step can be expected, not before today.
func (v *view) day(step int) models.Date { return models.Later(v.days.Day(v.ends[step]), v.today) }
