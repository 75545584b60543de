package engagement

import (
	"math"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// spans returns when each phase began or can be expected to begin, and when it ended or can be expected to be left, in whole days: of what
// ended the real days, nothing of what was dropped, and nothing more once nothing is expected.
func (f *Facts) spans(now time.Time) map[catalog.Phase]planning.Span {
	out := map[catalog.Phase]planning.Span{}
	v, at := f.outlook(now), f.At(now)
	for _, st := range f.Phases { // each stands after those that it waits for
		switch {
		case st.Standing == StandingDone:
			out[st.Phase] = st.Actual
		case st.Standing == StandingDropped, !f.Engagement.Status.Live(), f.Engagement.Baseline.Report.IsZero():
			out[st.Phase] = planning.Span{Start: st.Actual.Start}
		case st.Standing == StandingActive:
			out[st.Phase] = planning.Span{Start: st.Actual.Start, End: v.phaseEnd(st.Phase, at)}
		default:
			start := v.start(st, out)
			out[st.Phase] = planning.Span{Start: start, End: models.Later(start, v.end(st, start))}
		}
	}
	return out
}

// start returns when a phase to come can be expected to be entered: when those before it are left, or on the business day after that where
// the plan has it so; what begins with the window or a date of the audit, not before that.
func (v *view) start(st PhaseState, spans map[catalog.Phase]planning.Span) models.Date {
	f, base, day := v.f, v.f.Engagement.Baseline.Phases, v.today
	for _, q := range f.before(st.Phase) {
		left := spans[q].End
		if !left.IsZero() && base[st.Phase].Start.After(base[q].End) {
			left = v.days.Day(v.days.Next(left))
		}
		day = models.Later(day, left)
	}
	switch st.Phase {
	case catalog.PhaseT1Fieldwork:
		asOf := f.Engagement.Baseline.asOf(f.Engagement)
		return models.Later(day, v.days.Day(v.ends[stepAsOf]+v.days.Between(asOf, base[st.Phase].Start)))
	case catalog.PhaseWindowSetup:
		return models.Later(day, v.days.Day(v.ends[stepSetup]-v.days.Between(base[st.Phase].Start, base[st.Phase].End)))
	case catalog.PhaseWindow:
		return models.Later(day, v.opens())
	case catalog.PhaseT2Close:
		return models.Later(day, spans[catalog.PhaseWindow].End.AddDays(1))
	case catalog.PhaseT2Fieldwork:
		return models.Later(day, v.day(stepT2Start))
	case catalog.PhaseRenewal:
		for _, k := range f.reports() {
			day = models.Later(day, v.expected(k))
		}
	}
	return day
}

// opens returns the first day that the window can be expected to have: the one agreed, unless it cannot be prepared by then.
func (v *view) opens() models.Date {
	if open := v.f.Engagement.WindowOpen; v.ends[stepOpen] <= v.days.On(open) {
		return open
	}
	return v.day(stepOpen)
}

// end returns when a phase to come that is entered on a day can be expected to be left.
func (v *view) end(st PhaseState, start models.Date) models.Date {
	base := v.f.Engagement.Baseline.Phases[st.Phase]
	switch st.Phase {
	case catalog.PhaseWindow:
		return start.AddMonths(v.f.Engagement.WindowMonths).AddDays(-1)
	case catalog.PhaseRenewal:
		return v.days.Day(v.days.On(start) + v.days.Between(base.Start, base.End))
	case catalog.PhaseT2Close:
		return v.atPace(stepT2Start, st.Phase)
	}
	return v.atPace(stepOf[st.Phase], st.Phase)
}

// expected returns when a report is expected that is to come.
func (v *view) expected(k ReportKind) models.Date {
	if on := v.f.IssuedOn(k); !on.IsZero() {
		return on
	}
	day := max(v.ends[stepOf[k.Phase()]], v.days.On(v.today))
	return v.days.Day(day + v.paceOn(k, day))
}

// leadsTo returns the first report of the route that waits for a phase; false when none does.
func (f *Facts) leadsTo(p catalog.Phase) (ReportKind, bool) {
	for _, k := range f.reports() {
		for all, i := []catalog.Phase{k.Phase()}, 0; i < len(all); i++ {
			if all[i] == p {
				return k, true
			}
			all = append(all, f.before(all[i])...)
		}
	}
	return "", false
}

// atPace returns when the step with which a phase ends can be expected at the pace of people: later by what the pace adds to it, as far as
// it counts by now in the report to which the phase leads. The phase that ends with a report ends when that is expected.
func (v *view) atPace(step int, p catalog.Phase) models.Date {
	o := v.f.Engagement.Outlook
	k, ok := v.f.leadsTo(p)
	if !ok || !v.f.IssuedOn(k).IsZero() {
		return v.day(step)
	}
	report := v.expected(k)
	if p == k.Phase() {
		return report
	}
	share := float64(o.Slow[p])
	if aim := o.Aim[k]; aim > 0 {
		day := max(v.ends[stepOf[k.Phase()]], v.days.On(v.today))
		share *= min(1, float64(v.paceOn(k, day))/float64(aim))
	}
	day := models.Later(v.today, v.days.Day(v.ends[step]+int(math.Round(share))))
	return models.Earlier(day, report)
}

// paceByPhase returns by how many business days each phase that is not over would end later at the present pace, when those before it do.
func (v *view) paceByPhase(slow []int) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	for _, st := range v.f.Phases {
		step, ok := stepOf[st.Phase]
		if st.Phase == catalog.PhaseT2Close {
			step, ok = stepT2Start, true
		}
		if ok && (st.Standing == StandingWaiting || st.Standing == StandingActive) && slow[step] > v.ends[step] {
			out[st.Phase] = slow[step] - v.ends[step]
		}
	}
	return out
}

// phaseEnd returns when an active phase can be expected to be left: when the forecast has it end, and not before what is open in it can be
// expected to be done. A forecast gives what waits no more time than the plan does; what a task is due once it opens too late is shown
// beside the phase, which cannot end earlier.
func (v *view) phaseEnd(p catalog.Phase, at *Moment) models.Date {
	r := v.f.reach(p)
	end := v.reckonedEnd(p, r)
	for _, t := range v.f.Tasks {
		if r.has(t) {
			end = models.Later(end, at.Expected(t))
		}
	}
	return end
}

// reckonedEnd returns when the forecast has an active phase end.
func (v *view) reckonedEnd(p catalog.Phase, r reach) models.Date {
	if s, ok := stepOf[p]; ok {
		return v.atPace(s, p)
	}
	planned := v.f.Phase(p).Plan.End
	if p == catalog.PhaseWindow {
		planned = v.f.Engagement.Window().End
	}
	day, _ := v.work.last(r)
	if v.days.On(planned) >= day {
		return models.Later(planned, v.today)
	}
	return models.Later(v.days.Day(day), v.today)
}
