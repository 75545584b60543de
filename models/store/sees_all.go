package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// What somebody may see of several engagements at once: each is judged as it is judged alone.

// A sight says of each of several engagements what of it is shown to an actor. It reads an engagement once.
type sight struct {
	s     *Store
	actor engagement.Actor
	now   time.Time
	known map[models.EngagementID]*seen
}

// seen is an engagement as it is shown to somebody.
type seen struct {
	engagement engagement.Engagement
	shown      bool
	all        bool              // all tasks are shown
	facts      *engagement.Facts // by which the others are judged; nil where they were not needed yet
	moment     *engagement.Moment
}

func (s *Store) sightOf(a engagement.Actor, now time.Time) *sight {
	return &sight{s, a, now, map[models.EngagementID]*seen{}}
}

// of returns an engagement as it is shown to the actor.
func (v *sight) of(ctx context.Context, id models.EngagementID) (*seen, error) {
	if one := v.known[id]; one != nil {
		return one, nil
	}
	e, err := v.s.Engagement(ctx, id)
	if err != nil {
		return nil, err
	}
	one := &seen{engagement: e, shown: v.actor.SeesEngagement(e, v.now), all: v.actor.SeesAllOf("listTasks", e, v.now)}
	if one.shown && !one.all {
		if _, err := v.judge(ctx, one); err != nil {
			return nil, err
		}
	}
	v.known[id] = one
	return one, nil
}

// judge returns the facts of an engagement.
func (v *sight) judge(ctx context.Context, one *seen) (f *engagement.Facts, err error) {
	if one.facts == nil {
		if one.facts, err = v.s.Facts(ctx, one.engagement.ID, engagement.Need{}); err != nil {
			return nil, err
		}
		one.moment = one.facts.At(v.now)
	}
	return one.facts, nil
}

// task reports whether a task of an engagement is shown to the actor.
func (v *sight) task(one *seen, t *engagement.Task) bool {
	return one.shown && (one.all || one.facts.SeesTask(v.actor, t, v.now))
}

// A NamedTask is a task with the name of its engagement.
type NamedTask struct {
	TaskAt
	EngagementName string
	When           engagement.When // how it stands in time
}

// AllTasksFor returns a page of the tasks that are shown to the actor in all engagements that run or are paused, for a client where one is
// named, by due date; and the cursor of the next page, which is empty when it was the last. It refuses (invalid) a cursor that this list
// did not give.
func (s *Store) AllTasksFor(ctx context.Context, a engagement.Actor, client models.ClientID, filter TaskFilter, cursor string, limit int,
	now time.Time) ([]NamedTask, string, error) {
	p, view := s.allTasksPager(ScopeOf(a), client, filter), s.sightOf(a, now)
	var out []NamedTask
	last := ""
	for {
		page, places, more, err := s.allTasks(ctx, p, ScopeOf(a), client, filter, cursor, limit)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			one, err := view.of(ctx, page[i].Engagement)
			if err != nil {
				return nil, "", err
			}
			if !view.task(one, &page[i].Task) {
				continue
			}
			if len(out) == limit {
				return out, last, nil
			}
			if _, err := view.judge(ctx, one); err != nil {
				return nil, "", err
			}
			out, last = append(out, NamedTask{page[i], one.engagement.Name, one.moment.When(&page[i].Task)}), places[i]
		}
		if !more {
			return out, "", nil
		}
		cursor = places[len(places)-1]
	}
}

// ChangesFor returns a page of what happened in all engagements whose record is shown to the actor, as changes does, without what is not
// for them.
func (s *Store) ChangesFor(ctx context.Context, a engagement.Actor, client models.ClientID, filter EventFilter, cursor string,
	limit int) ([]EventAt, string, error) {
	filter.Internal, a.For = a.SeesInternal(), nil // who stands in for somebody is not shown the record
	return s.changes(ctx, ScopeOf(a), client, filter, cursor, limit)
}

// WorkIn is what is somebody's in one engagement.
type WorkIn struct {
	Engagement engagement.Engagement
	Seats      []models.Role // by name
	engagement.Work
	Texts map[string]string                 // of gates, decisions and questions, by id
	Whens map[models.TaskID]engagement.When // how the tasks stand in time
}

// WorkFor returns what is a person's in the engagements that have not ended, and theirs while others are away, as far as it is shown to the
// actor: of tasks those due until a day, all for the zero day.
func (s *Store) WorkFor(ctx context.Context, a engagement.Actor, p models.Person, until models.Date, now time.Time) ([]WorkIn, error) {
	doer, err := s.Actor(ctx, p, now)
	if err != nil {
		return nil, err
	}
	ids, err := s.workplaces(ctx, p, doer.For)
	if err != nil {
		return nil, err
	}
	view := s.sightOf(a, now)
	var out []WorkIn
	for _, id := range ids {
		one, err := view.of(ctx, id)
		if err != nil {
			return nil, err
		}
		if !one.shown {
			continue
		}
		f, err := view.judge(ctx, one)
		if err != nil {
			return nil, err
		}
		in := WorkIn{Engagement: one.engagement, Seats: one.engagement.SeatsOf(p.ID), Work: f.WorkFor(doer, until, now),
			Texts: map[string]string{}, Whens: map[models.TaskID]engagement.When{}}
		in.show(view, one, f)
		for _, t := range slices.Concat(in.Tasks, in.Accept) {
			in.Whens[t.ID] = one.moment.When(&t)
		}
		out = append(out, in)
	}
	return out, nil
}

// show leaves of somebody's work what is shown to the actor of the view, and says what it is about.
func (in *WorkIn) show(v *sight, one *seen, f *engagement.Facts) {
	shown := func(t engagement.Task) bool { return !v.task(one, &t) }
	in.Tasks, in.Accept = slices.DeleteFunc(in.Tasks, shown), slices.DeleteFunc(in.Accept, shown)
	in.Gates = slices.DeleteFunc(in.Gates, func(g engagement.Gate) bool { return !f.SeesGate(v.actor, g.ID, v.now) })
	in.Decisions = slices.DeleteFunc(in.Decisions, func(d engagement.Decision) bool { return !f.SeesDecision(v.actor, &d, v.now) })
	if !v.actor.SeesOthers(f.Engagement, v.now) {
		in.Left = nil
	}
	in.Questions = slices.DeleteFunc(in.Questions, func(q engagement.Question) bool { return !f.SeesQuestion(v.actor, &q, v.now) })
	for _, q := range in.Questions {
		in.Texts[q.ID] = f.Called(q.By, "the team") + " asks about " + q.Title + ": " + models.Quoted(q.Text)
	}
	for _, g := range in.Gates {
		in.Texts[g.ID] = f.GateText(g.ID)
	}
	for i := range in.Decisions {
		in.Texts[in.Decisions[i].ID] = f.Describe(&in.Decisions[i])
	}
}

// workplaces returns the engagements that have not ended in which something may be somebody's, by id: those of their company, those they
// are on by name, and those in which they own an open task or it is theirs to accept one; and where that is so of somebody for whom they
// stand in.
func (s *Store) workplaces(ctx context.Context, p models.Person, away []models.PersonID) ([]models.EngagementID, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	firm, who := string(s.firm), append([]models.PersonID{p.ID}, away...)
	q := db.Table("engagements AS e").Where("e.firm_id = ? AND e.status NOT IN ('cancelled', 'completed')", firm)
	if p.Role != models.RolePartner { // any partner may sign in place of another
		mine := db.Session(&gorm.Session{NewDB: true}).
			Where("e.id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id IN ?)", firm, who).
			Or("e.id IN (SELECT engagement_id FROM tasks WHERE firm_id = ? AND owner IN ? AND "+openStates+")", firm, who).
			Or("e.id IN (SELECT engagement_id FROM tasks WHERE firm_id = ? AND approver IN ? AND state = 'submitted')", firm, who)
		if p.Client != "" {
			mine = mine.Or("e.client_id = ?", string(p.Client))
		}
		q = q.Where(mine)
	}
	var out []models.EngagementID
	return out, fail("look where somebody has work", q.Order("e.id").Limit(500).Pluck("e.id", &out).Error)
}

// DutiesOf returns the functions that somebody holds or is the backup for, by client and function.
func (s *Store) DutiesOf(ctx context.Context, p models.PersonID) ([]models.Duty, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []dutyRow
	err = db.Where("firm_id = ? AND (person_id = ? OR backup_id = ?)", string(s.firm), string(p), string(p)).
		Order("client_id, function").Limit(200).Find(&rows).Error
	out := make([]models.Duty, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	return out, fail("list somebody's functions", err)
}
