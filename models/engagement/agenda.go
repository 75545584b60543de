package engagement

import (
	"slices"
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
	Why      string          `json:"-"`                // what happens then, for people: a workflow need not know
}

// AgendaOf returns what the engagement waits for at now, a UTC instant. Civil dates become instants here and nowhere else.
func AgendaOf(f *Facts, now time.Time) Agenda {
	a := Agenda{Revision: f.Engagement.Revision, Active: f.Active(), Closed: !f.Engagement.Status.Live()}
	if a.Closed {
		return a
	}
	today := f.Today(now)
	a.Ready = f.ready(today, now)
	w := &waking{f: f, now: now, agenda: &a}
	w.phases()
	w.window()
	w.begin(f.nextPeriod(today), "recurring tasks")
	w.missedWindow()
	for _, t := range f.Tasks {
		if f.owed(t) && !t.Late {
			w.at(f.deadline(t).Add(time.Second), "due "+string(t.ID))
		}
		if t.Performing() && !t.Missed && !t.State.Closed() {
			w.begin(t.Period.End.AddDays(1), "the period of "+string(t.ID)+" is over")
		}
	}
	if f.Engagement.Status == StatusRunning {
		w.superseded()
		w.forecast(today)
	}
	return a
}

// Next returns when the engagement has to be looked at next: at now when there is something to do, so that whoever looks after engagements
// that are overdue finds it though its workflow did not hear of it; zero when only people can move things.
func (a Agenda) Next(now time.Time) time.Time {
	if a.Ready {
		return now
	}
	return a.Wake
}

// Wakes reports whether a change of an engagement at now, from before to after, is something that its workflow has to hear of: it begins,
// it ends, it can move on at once, or it has to be looked at earlier than before.
func Wakes(before, after Engagement, now time.Time) bool {
	if !before.Status.Live() || !after.Status.Live() {
		return before.Status.Live() != after.Status.Live()
	}
	was, is := before.Summary.Wake, after.Summary.Wake
	return !is.IsZero() && (was.IsZero() || is.Before(was) || !is.After(now))
}

// waking looks for the next instant at which an engagement has to be looked at. Of several at the same instant the first found is kept.
type waking struct {
	f      *Facts
	now    time.Time
	agenda *Agenda
}

// at wakes the engagement at an instant, unless that has passed or it wakes earlier.
func (w *waking) at(when time.Time, why string) {
	if when.After(w.now) && (w.agenda.Wake.IsZero() || when.Before(w.agenda.Wake)) {
		w.agenda.Wake, w.agenda.Why = when, why
	}
}

// begin wakes the engagement when a local day begins; never for the zero date.
func (w *waking) begin(d models.Date, why string) {
	if !d.IsZero() {
		w.at(d.Begin(w.f.Location()), why)
	}
}

// phases wakes the engagement on the days on which phases may be entered.
func (w *waking) phases() {
	if !w.f.waits() {
		return
	}
	s, err := w.f.schedule()
	if err != nil {
		return
	}
	for _, p := range w.f.Phases {
		if p.Standing == StandingWaiting {
			w.begin(w.f.dayOf(p.Phase, s), "day of "+string(p.Phase))
		}
	}
}

// window wakes the engagement when the last day of an open window has passed.
func (w *waking) window() {
	if st := w.f.Phase(catalog.PhaseWindow); st != nil && st.Standing == StandingActive {
		w.begin(w.f.Engagement.Window().End.AddDays(1), "window closed")
	}
}

// missedWindow wakes the engagement when it is too late for its window to open on the day agreed.
func (w *waking) missedWindow() {
	if st := w.f.Phase(catalog.PhaseWindow); st != nil && st.Standing == StandingWaiting {
		w.begin(w.f.ClientDays.Add(w.f.Engagement.WindowOpen, lateOpening+1), "window missed")
	}
}

// superseded wakes the engagement on the day after one on which something that repeats was to be held, when the next is asked for already.
func (w *waking) superseded() {
	for _, t := range w.f.Tasks {
		if w.f.nextOf(t) != nil {
			w.begin(t.Due.AddDays(1), string(t.ID)+" is superseded")
		}
	}
}

// forecast wakes the engagement at six on every day on which firm and client both work: its forecast is reckoned and its cautious date
// played once a day, also when it is on time.
func (w *waking) forecast(today models.Date) {
	days := w.f.workdays()
	for _, day := range []models.Date{days.Day(days.On(today)), days.Day(days.Next(today))} {
		w.at(day.At(w.f.Location(), forecastHour, 0), "forecast of the day")
	}
}

// ready reports whether Advance would change more than the summary.
func (f *Facts) ready(today models.Date, now time.Time) bool {
	return slices.ContainsFunc(f.Gates, func(g Gate) bool { return f.closesItself(g, today) }) ||
		f.transitionDue(today) ||
		slices.ContainsFunc(f.Tasks, func(t *Task) bool {
			return !t.Late && f.owed(t) && now.After(f.deadline(t)) || t.misses(today) != t.Missed ||
				f.Engagement.Status == StatusRunning && f.superseded(t, today)
		}) ||
		f.periodBegun(today)
}

// transitionDue reports whether a phase may be left or entered today.
func (f *Facts) transitionDue(today models.Date) bool {
	if slices.ContainsFunc(f.Phases, func(st PhaseState) bool { return f.mayLeave(&st, today) }) {
		return true
	}
	if !f.waits() {
		return false
	}
	s, err := f.schedule()
	return err == nil && slices.ContainsFunc(f.Phases, func(st PhaseState) bool { return f.mayEnter(st.Phase, s, today) })
}

// waits reports whether any phase has not been entered yet, and may be: only then is it asked for when the plan has it begin.
func (f *Facts) waits() bool {
	return slices.ContainsFunc(f.Phases, func(st PhaseState) bool { return st.Standing == StandingWaiting })
}

// periodBegun reports whether recurring tasks may have begun that have not been brought.
func (f *Facts) periodBegun(today models.Date) bool {
	for i := range f.Phases {
		st := &f.Phases[i]
		if st.Standing != StandingActive || !f.goesOn(st.Phase) || !st.Through.Before(today) {
			continue
		}
		if next := f.nextIn(st, st.Through); !next.IsZero() && !next.After(today) {
			return true
		}
	}
	return false
}
