package engagement

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Due dates are moved by hand: of one task, of several, or of all that is open in a phase. What waits for them and would be due too early
// then moves along, or is named in the answer.

// A Moving says of a command that moves due dates what Command.Tasks and Command.Due do not.
type Moving struct {
	Phase catalog.Phase `json:"phase,omitempty"` // all that is open in it, instead of tasks; a day is that of the last of them then
	Days  int           `json:"days,omitempty"`  // by how many business days of each owner's, instead of to a day
	Along bool          `json:"along,omitempty"` // what waits for them moves along, by as much as it has to
}

// Shifted returns what the command that was carried out on the facts did to due dates; nil where it was not about any.
func (f *Facts) Shifted() *Shift { return f.shifted }

// A shifting is one command that moves due dates and is being carried out.
type shifting struct {
	f     *Facts
	c     Command
	how   Moving
	now   time.Time
	today models.Date
	out   *Shift
	asked map[models.TaskID]bool        // moved since the command says so
	froms map[models.TaskID]models.Date // from when those count that move by business days; nil where they move to a day
	after map[models.TaskID]*Task       // what is overdue and from which those count that keep their distance to it
	to    map[models.TaskID]placed      // where they go
	waits []*Task                       // what waits for them, at once or later
	was   map[models.TaskID]models.Date
}

// moves refuses an actor who may not move one of the tasks that a command names. Of a phase only what the actor may move is moved.
func (f *Facts) moves(a Actor, c Command) error { return theOne((*Facts).edits)(f, a, c) }

// moveTasks moves the due dates of all tasks that a command is about, or of none.
func (f *Facts) moveTasks(c Command, now time.Time) error {
	s := &shifting{f: f, c: c, now: now, today: f.Today(now), out: &Shift{}, asked: map[models.TaskID]bool{},
		was: map[models.TaskID]models.Date{}}
	if c.Moving != nil {
		s.how = *c.Moving
	}
	tasks, err := s.tasks()
	if err != nil {
		return err
	}
	if err := s.byHowMuch(tasks); err != nil {
		return err
	}
	f.expectedBefore(s.out, now)
	s.whatWaits(tasks)
	s.place(tasks)
	if err := s.each(tasks, s.asks); err != nil {
		return err
	}
	if err := s.follow(); err != nil {
		return err
	}
	s.anew()
	f.shifted = s.out
	return nil
}

// tasks returns the tasks that the command is about: those it names, or what is open in its phase. What is the auditor's of a phase is
// left to the auditor.
func (s *shifting) tasks() ([]*Task, error) {
	f := s.f
	if s.how.Phase == "" {
		return models.Keep(f.Tasks, func(t *Task) bool { return slices.Contains(s.c.Tasks, t.ID) }), nil
	}
	st := f.Phase(s.how.Phase)
	if st == nil || st.Standing != StandingActive {
		return nil, models.Refuse(models.Conflict, "phase", "phase %q is none of the active phases: %s; what has not begun has no tasks yet",
			s.how.Phase, models.Words(f.Active()))
	}
	var out []*Task
	for _, t := range f.Tasks {
		switch {
		case t.Phase != st.Phase || t.State.Closed() || t.State == TaskSubmitted:
		case f.edits(s.c.Actor, t) != nil:
			s.out.Stays = append(s.out.Stays, Stays{Task: t.ID, Title: t.Title, Owner: t.Owner, Name: f.Called(t.Owner, t.OwnerRole), Due: t.Due,
				Theirs: true})
		default:
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, models.Refuse(models.Conflict, "phase", "nothing in %s is open that you could move", f.PhaseName(st.Phase))
	}
	return out, nil
}

// maxShift is by how many business days due dates may be moved at once.
const maxShift = 500

// byHowMuch refuses a command that does not say, in one way, where the due dates go, and finds by how many days a phase moves whose last
// task is to be due on a day.
func (s *shifting) byHowMuch(tasks []*Task) error {
	switch due := s.c.Due; {
	case s.how.Days != 0 && !due.IsZero():
		return models.Refuse(models.Invalid, "days", "say to which day, or by how many business days: not both")
	case s.how.Days < -maxShift || s.how.Days > maxShift:
		return models.Refuse(models.Invalid, "days", "days %d must be between -%d and %d", s.how.Days, maxShift, maxShift)
	case s.how.Days != 0:
		s.countFrom(tasks)
		return nil
	case len(tasks) > 1 && due.IsZero():
		return models.Refuse(models.Invalid, "due", "due is missing: a date as YYYY-MM-DD, or days, by how many business days")
	default:
		if err := s.f.checkDue(due, s.now); err != nil {
			return err
		}
	}
	if s.how.Phase == "" {
		return nil
	}
	s.countFrom(tasks)
	return s.untilThen(tasks)
}

// whatWaits notes what waits for some tasks, at once or later, and when it can be expected to be done.
func (s *shifting) whatWaits(tasks []*Task) {
	m, after := s.f.At(s.now), map[models.TaskID][]*Task{}
	for _, t := range s.f.Tasks {
		if t.State.Closed() {
			continue
		}
		for _, d := range m.first(t) {
			after[d.ID] = append(after[d.ID], t)
		}
	}
	seen := map[models.TaskID]bool{}
	for todo := slices.Clone(tasks); len(todo) > 0; todo = todo[1:] {
		for _, t := range after[todo[0].ID] {
			if !seen[t.ID] {
				seen[t.ID] = true
				s.waits, todo = append(s.waits, t), append(todo, t)
			}
		}
	}
	for _, t := range s.waits {
		s.was[t.ID] = m.Expected(t)
	}
}

// each does something with tasks, and refuses everything for all that is in the way of one of them.
func (s *shifting) each(tasks []*Task, do func(*Task) error) error {
	var all Refusals
	past := map[string][]*tooFar{}
	for _, t := range tasks {
		err := do(t)
		if far, ok := errors.AsType[*tooFar](err); ok {
			past[far.fixed] = append(past[far.fixed], far)
		} else if refusal, ok := errors.AsType[*models.Error](err); ok {
			all = append(all, refusal)
		} else if err != nil {
			return err
		}
	}
	for _, fixed := range slices.Sorted(maps.Keys(past)) {
		all = append(all, together(past[fixed]))
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

// A tooFar refuses another due date of a task since it lies beyond a date that only a decision moves.
type tooFar struct {
	task  models.TaskID
	to    models.Date
	fixed string // in words
}

func (x *tooFar) Error() string { return together([]*tooFar{x}).Message }

// together refuses due dates beyond one date in one sentence, which names the first of the tasks and the one that would be due last.
func together(all []*tooFar) *models.Error {
	one := &models.Error{Code: models.Conflict, Field: "due"}
	if len(all) == 1 {
		x := all[0]
		one.Message = fmt.Sprintf("%s would be due %s, after %s, which only a decision moves: move that first", x.task, models.Dated(x.to),
			x.fixed)
		return one
	}
	last, names := all[0], []string{}
	for i, x := range all {
		if x.to.After(last.to) {
			last = x
		}
		if i < named {
			names = append(names, string(x.task))
		}
	}
	text := strings.Join(names, ", ")
	if more := len(all) - len(names); more > 0 {
		text += " " + models.AndMore(more, "") // all of them are refused one by one beside this
	}
	one.Message = fmt.Sprintf("%s would be due after %s, which only a decision moves, %s the last of them on %s: move that first", text,
		last.fixed, last.task, models.Dated(last.to))
	return one
}

// asks moves a task to where the command says.
func (s *shifting) asks(t *Task) error {
	if t.State.Closed() || t.State == TaskSubmitted {
		return models.Refuse(models.Conflict, "task", "%s is %s: its due date does not move any more", t.ID, t.State)
	}
	p := s.to[t.ID]
	if s.froms != nil && p.on == t.Due {
		s.asked[t.ID] = true
		return nil
	}
	if s.froms != nil && (p.on.Before(s.today) || p.on.After(s.today.AddDays(maxAhead))) {
		return models.Refuse(models.Invalid, "days", "%s would be due %s, which does not lie between today, %s, and %s", t.ID, p.on, s.today,
			s.today.AddDays(maxAhead))
	}
	if err := s.outOfTurn(t, p.on); err != nil {
		return err
	}
	if err := s.f.mayStand(t, p.on, s.today); err != nil {
		return err
	}
	s.asked[t.ID] = true
	s.move(t, p, false)
	return nil
}

// move gives a task another due date, which was agreed by hand. A task that moves twice is recorded once.
func (s *shifting) move(t *Task, p placed, along bool) {
	f, i := s.f, slices.IndexFunc(s.out.Moves, func(m Moved) bool { return m.Task == t.ID })
	if i < 0 {
		i = len(s.out.Moves)
		s.out.Moves = append(s.out.Moves, Moved{Task: t.ID, Title: t.Title, Owner: t.Owner, Name: f.Called(t.Owner, t.OwnerRole), Was: t.Due,
			Along: along})
		f.logTask(t, s.c, s.now, "due", t.Due.String(), p.on.String())
	} else {
		f.events[slices.IndexFunc(f.events, func(e Event) bool {
			return e.Kind == s.c.event() && e.Subject == string(t.ID)
		})].To = p.on.String()
	}
	s.out.Moves[i].Is, s.out.Moves[i].Why = p.on, p.why
	if _, asked := s.to[t.ID]; asked {
		s.to[t.ID] = p
	}
	f.touch(t)
	f.agree(t, p.on, s.c.Actor.Person, s.now)
}

// mayStand refuses another due date that lies after the end of the period in which a control is to be performed, or beyond a date that
// only a decision moves and that the task leads to.
func (f *Facts) mayStand(t *Task, to, today models.Date) error {
	if err := t.checkPerformBy(to); err != nil {
		return err
	}
	if fixed := f.beyond(t, to, today); fixed != "" {
		return &tooFar{t.ID, to, fixed}
	}
	return nil
}

// leadsTo says which of the dates that only a decision moves come after what is done in a phase.
var leadsTo = map[catalog.Phase][]string{
	catalog.PhaseKickoff: {"as_of_date", "window_open"}, catalog.PhaseGap: {"as_of_date", "window_open"},
	catalog.PhaseRemediation: {"as_of_date", "window_open"}, catalog.PhaseT1Prep: {"as_of_date"}, catalog.PhaseWindowSetup: {"window_open"},
	catalog.PhaseWindow: {"window_close"},
}

// beyond returns, in words, the date that only a decision moves and that lies between the due date of a task, which leads to it, and
// another one; empty where there is none. A date that has passed holds nothing up.
func (f *Facts) beyond(t *Task, to, today models.Date) string {
	w := f.Engagement.Window()
	dates := map[string]models.Date{"as_of_date": f.Engagement.AsOf, "window_open": w.Start, "window_close": w.End}
	called := map[string]string{"as_of_date": "the as-of date", "window_open": "the first day of the window",
		"window_close": "the last day of the window"}
	for _, anchor := range leadsTo[t.Phase] {
		if on := dates[anchor]; !on.IsZero() && !on.Before(today) && !t.Due.After(on) && to.After(on) {
			return called[anchor] + ", " + models.Dated(on)
		}
	}
	return ""
}

// follow moves along what waits for the moved tasks and would be due too early, or names it.
func (s *shifting) follow() error {
	for n, again := 0, s.how.Along; again && n <= len(s.waits); n++ {
		m := s.f.At(s.now)
		again = false
		err := s.each(s.waits, func(t *Task) error {
			if s.asked[t.ID] {
				moved, err := s.keepTurn(m, t)
				again = again || moved
				return err
			}
			to := s.needs(m, t)
			if !to.After(t.Due) || t.State == TaskSubmitted || s.f.edits(s.c.Actor, t) != nil {
				return nil
			}
			if err := s.f.mayStand(t, to, s.today); err != nil {
				return err
			}
			s.move(t, placed{on: to}, true)
			again = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	s.name()
	return nil
}

// keepTurn keeps what was asked for after what moves along and comes first: it is put off where it moves by days, and refused where it was
// to be due on a day. It reports whether it was put off.
func (s *shifting) keepTurn(m *Moment, t *Task) (bool, error) {
	err := s.outOfTurn(t, t.Due)
	if err == nil || s.how.Days <= 0 || !s.c.Due.IsZero() {
		return false, err
	}
	p := placed{on: t.Due}
	for _, d := range m.first(t) {
		if d.State != TaskSubmitted && d.Due.After(p.on) {
			p = s.notBefore(t, d, d.Due)
		}
	}
	if err := s.outOfTurn(t, p.on); err != nil {
		return false, err
	}
	if err := s.f.mayStand(t, p.on, s.today); err != nil {
		return false, err
	}
	s.move(t, p, false)
	return true, nil
}

// needs returns when a task that waits could be done, its due date at the earliest: not before what comes first is due, and where that
// makes it open later than it would have, once it has the time it takes.
func (s *shifting) needs(m *Moment, t *Task) models.Date {
	needs := t.Due
	for _, d := range m.first(t) {
		if d.Due.After(needs) {
			needs = s.f.DaysOf(t).Roll(d.Due)
		}
	}
	if is := m.Expected(t); is.After(s.was[t.ID]) && is.After(needs) {
		needs = s.f.DaysOf(t).Roll(is)
	}
	return needs
}

// name notes what stays where it is though it is due too early for what it waits for.
func (s *shifting) name() {
	f, m := s.f, s.f.At(s.now)
	for _, t := range s.waits {
		needs := s.needs(m, t)
		if t.State == TaskSubmitted || !needs.After(t.Due) || s.asked[t.ID] {
			continue
		}
		x := Stays{Task: t.ID, Title: t.Title, Owner: t.Owner, Name: f.Called(t.Owner, t.OwnerRole), Due: t.Due, Needs: needs,
			Fixed: f.beyond(t, needs, s.today), Theirs: f.edits(s.c.Actor, t) != nil}
		for _, d := range m.first(t) {
			if d.Due.After(t.Due) || m.Expected(d).After(t.Due) || len(m.first(t)) == 1 {
				x.For = append(x.For, d.ID)
			}
		}
		s.out.Stays = slices.DeleteFunc(s.out.Stays, func(y Stays) bool { return y.Task == x.Task })
		s.out.Stays = append(s.out.Stays, x)
	}
}

// anew counts of whom something is asked for another day, those of whom most is asked first.
func (s *shifting) anew() {
	for _, m := range s.out.Moves {
		i := slices.IndexFunc(s.out.Anew, func(a AskedAnew) bool { return a.Person == m.Owner && a.Name == m.Name })
		if i < 0 {
			i = len(s.out.Anew)
			s.out.Anew = append(s.out.Anew, AskedAnew{Person: m.Owner, Name: m.Name})
		}
		s.out.Anew[i].Tasks++
	}
	sortAnew(s.out.Anew)
}
