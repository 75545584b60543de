package engagement

import "tickmark/models"

// Where due dates go that are moved by hand. What was asked for is done exactly, but for two things, which the answer says: what is overdue
// counts from today, and nothing is due before what it waits for.

// A placed is the day to which a task is moved, with why that is not the day that was asked for, or not by as much; empty where it is.
type placed struct {
	on  models.Date
	why string
}

// place finds where the tasks of the command go, each after those it waits for.
func (s *shifting) place(tasks []*Task) {
	m, moving := s.f.At(s.now), map[models.TaskID]bool{}
	for _, t := range tasks {
		moving[t.ID] = true
	}
	s.to = map[models.TaskID]placed{}
	var put func(t *Task) models.Date
	put = func(t *Task) models.Date {
		if p, ok := s.to[t.ID]; ok {
			return p.on
		}
		p := s.wanted(t)
		s.to[t.ID] = p // a circle cannot be, but must not hang either
		for _, d := range m.first(t) {
			on := d.Due
			if moving[d.ID] {
				on = put(d)
			} else if s.how.Days <= 0 || d.State == TaskSubmitted {
				continue
			}
			if on.After(p.on) {
				p = s.notBefore(t, d, on)
			}
		}
		s.to[t.ID] = p
		return p.on
	}
	for _, t := range tasks {
		put(t)
	}
}

// notBefore returns where a task goes that is not to be due before another one, which is due on a day.
func (s *shifting) notBefore(t, d *Task, on models.Date) placed {
	return placed{s.f.landing(t, on), "not before " + string(d.ID) + ", for which it waits"}
}

// wanted returns where a task goes by the command alone.
func (s *shifting) wanted(t *Task) placed {
	f, days := s.f, s.f.DaysOf(t)
	if s.froms == nil {
		p := placed{on: f.landing(t, s.c.Due)}
		if p.on.After(s.c.Due) {
			p.why = "the first business day from " + models.Dated(s.c.Due)
		} else if p.on.Before(s.c.Due) {
			p.why = "the last business day before " + models.Dated(s.c.Due)
		}
		return p
	}
	p := placed{on: days.Add(s.froms[t.ID], s.how.Days)}
	switch d := s.after[t.ID]; {
	case d != nil:
		p.why = "keeps its distance to " + string(d.ID) + ", for which it waits"
	case s.froms[t.ID].After(t.Due):
		p.why = "was overdue, and counts from today"
	}
	if s.how.Phase != "" && !s.c.Due.IsZero() && p.on.After(s.c.Due) { // by the days of others it would be due after the end of the phase
		p.on = models.Later(days.Back(s.c.Due), models.Earlier(t.Due, p.on))
	}
	return p
}

// outOfTurn refuses another due date of a task that lies before that of something open for which it waits.
func (s *shifting) outOfTurn(t *Task, to models.Date) error {
	for _, d := range s.f.At(s.now).first(t) {
		due := d.Due
		if p, ok := s.to[d.ID]; ok {
			due = p.on
		}
		if d.State == TaskSubmitted || !due.After(to) {
			continue
		}
		return models.Refuse(models.Conflict, "due", "%s would be due %s, before %s, for which it waits and which is due %s: move that as well, "+
			"or not to before it", t.ID, models.Dated(to), d.ID, models.Dated(due))
	}
	return nil
}

// untilThen finds by how many days a phase moves so that the last of its tasks is due on the day that was named. It refuses a day on which
// that one is due already, and one before the last of what is overdue could be due.
func (s *shifting) untilThen(tasks []*Task) error {
	last, slid := tasks[0], false
	for _, t := range tasks {
		slid = slid || s.froms[t.ID].After(t.Due)
		if s.froms[t.ID].After(s.froms[last.ID]) {
			last = t
		}
	}
	from := s.froms[last.ID]
	s.how.Days = s.f.DaysOf(last).Count(from, s.c.Due)
	switch name := s.f.PhaseName(s.how.Phase); {
	case s.how.Days < 0 && slid:
		return models.Refuse(models.Conflict, "due", "%s cannot end on %s: what is overdue in it counts from today, and what waits for that "+
			"keeps its distance, so that the last task, %s, is due after %s: name a later day, or tasks with a day of their own", name,
			models.Dated(s.c.Due), last.ID, models.Dated(from))
	case s.how.Days == 0 && from == last.Due:
		return models.Refuse(models.Conflict, "due", "%s ends on %s already: its last task, %s, is due then", name, models.Dated(last.Due),
			last.ID)
	}
	return nil
}

// countFrom notes from when tasks count that move by business days: their due dates, or today where that has passed. What waits for one
// that is overdue counts from as many business days after it as it was due after it, so that a chain stays a chain.
func (s *shifting) countFrom(tasks []*Task) {
	s.froms, s.after = map[models.TaskID]models.Date{}, map[models.TaskID]*Task{}
	moving := map[models.TaskID]bool{}
	for _, t := range tasks {
		moving[t.ID] = true
	}
	m := s.f.At(s.now)
	var from func(t *Task) models.Date
	from = func(t *Task) models.Date {
		if day, ok := s.froms[t.ID]; ok {
			return day
		}
		day := models.Later(t.Due, s.today)
		s.froms[t.ID] = day // a circle cannot be, but must not hang either
		for _, d := range m.first(t) {
			if !moving[d.ID] {
				continue
			}
			if on := from(d); on.After(d.Due) {
				days := s.f.DaysOf(t)
				if then := days.Add(on, max(0, days.Count(d.Due, t.Due))); then.After(day) {
					day, s.after[t.ID] = then, d
				}
			}
		}
		s.froms[t.ID] = day
		return day
	}
	for _, t := range tasks {
		from(t)
	}
}
