package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// An Agenda is all that a workflow knows of its engagement: whether something is to be done now, and when to look again.
type Agenda struct {
	Revision int64           `json:"revision"`
	Active   []catalog.Phase `json:"active,omitempty"`
	Ready    bool            `json:"ready,omitempty"`  // Advance would change something
	Closed   bool            `json:"closed,omitempty"` // nothing more happens: draft, cancelled or completed
	Wake     time.Time       `json:"wake,omitzero"`    // after now; zero when only people can move things
	Why      string          `json:"why,omitempty"`    // what happens then
}

// AgendaOf returns what the engagement waits for at now. Civil dates become instants here and nowhere else.
func AgendaOf(f *Facts, now time.Time) Agenda {
	a := Agenda{Revision: f.Engagement.Revision, Active: f.Active(), Closed: !f.Engagement.Status.Live()}
	if a.Closed {
		return a
	}
	today := f.Today(now)
	a.Ready = f.ready(today, now)
	at := func(when time.Time, why string) {
		if when.After(now) && (a.Wake.IsZero() || when.Before(a.Wake)) {
			a.Wake, a.Why = when, why
		}
	}
	begin := func(d models.Date, why string) {
		if !d.IsZero() {
			at(d.Begin(f.Location()), why)
		}
	}
	if s, err := f.schedule(); err == nil {
		for _, p := range f.Phases {
			if p.Standing == StandingWaiting {
				begin(f.dayOf(p.Phase, s), "day of "+string(p.Phase))
			}
		}
	}
	if w := f.Phase(catalog.PhaseWindow); w != nil && w.Standing == StandingActive {
		begin(f.Engagement.Window().End.AddDays(1), "window closed")
	}
	begin(f.nextPeriod(today), "recurring tasks")
	if w := f.Phase(catalog.PhaseWindow); w != nil && w.Standing == StandingWaiting {
		begin(f.ClientDays.Add(f.Engagement.WindowOpen, lateOpening+1), "window missed")
	}
	late, overrun := false, models.Date{}
	for _, p := range f.Phases { // what overruns moves the forecast every day, whether or not a task is late
		if p.Standing == StandingActive {
			late = late || p.Plan.End.Before(today)
			if overrun.IsZero() || p.Plan.End.Before(overrun) {
				overrun = p.Plan.End
			}
		}
	}
	for _, t := range f.Tasks {
		late = late || t.Late
		if f.owed(t) && !t.Late {
			at(f.deadline(t).Add(time.Second), "due "+string(t.ID))
		}
	}
	if f.Engagement.Status == StatusRunning {
		const forecast = "forecast of a late engagement"
		if late {
			at(f.ClientDays.Add(today, 1).At(f.Location(), 6, 0), forecast)
		} else if !overrun.IsZero() {
			at(f.ClientDays.Add(overrun, 1).At(f.Location(), 6, 0), forecast)
		}
	}
	return a
}

// ready reports whether Advance would change more than the summary.
func (f *Facts) ready(today models.Date, now time.Time) bool {
	for _, g := range f.Gates {
		if g.Approver == models.RoleSystem && g.State == GateOpen && len(f.GateBlockers(g, today)) == 0 {
			return true
		}
	}
	s, err := f.schedule()
	for i := range f.Phases {
		st := &f.Phases[i]
		if st.Standing == StandingActive && f.Engagement.Status == StatusRunning && len(f.holding(st, today)) == 0 {
			return true
		}
		if err == nil && f.mayEnter(st.Phase, s, today) {
			return true
		}
	}
	for _, t := range f.Tasks {
		if !t.Late && f.owed(t) && now.After(f.deadline(t)) {
			return true
		}
	}
	return f.periodBegun(today)
}

// periodBegun reports whether recurring tasks may have begun that have not been brought.
func (f *Facts) periodBegun(today models.Date) bool {
	for _, p := range []catalog.Phase{catalog.PhaseWindow, catalog.PhaseRemediation} {
		if st := f.Phase(p); st != nil && st.Standing == StandingActive && f.goesOn(p) {
			if st.Through.IsZero() || !f.nextPeriod(st.Through).IsZero() && !f.nextPeriod(st.Through).After(today) {
				return true
			}
		}
	}
	return false
}
