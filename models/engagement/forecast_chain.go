package engagement

import (
	"maps"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A chain is the tasks of a phase to come, by their templates, with when each would be done by the plan.
type chain struct {
	f      *Facts
	scope  catalog.Selection
	of     map[string]*catalog.TaskTemplate
	opens  map[string]int
	due    map[string]int
	ends   map[string]float64
	paths  map[string]path
	onTime bool // everybody is
}

// A path is how many turns are taken one after the other, and by how many business days they are late with them, all together.
type path struct {
	turns int
	late  float64
}

// and returns a path with turns of another one added.
func (p path) and(q path) path { return path{p.turns + q.turns, p.late + q.late} }

// end returns when a task of a phase to come would be accepted: late by as much as those who do and accept it, and where it opens too late
// for its due date as long after that as the plan gives it.
func (c *chain) end(t *catalog.TaskTemplate) float64 {
	if d, ok := c.ends[t.ID]; ok {
		return d
	}
	due, span := float64(c.due[t.ID]), max(0, c.due[t.ID]-c.opens[t.ID])
	c.ends[t.ID] = due
	opens, before := float64(c.opens[t.ID]), path{}
	for _, id := range t.After {
		if dep := c.of[id]; dep != nil {
			if end := c.end(dep); end > opens {
				opens, before = end, c.paths[id]
			}
		}
	}
	is := path{}
	if !calendarBound(t.Due.Anchor) {
		if to := (given{(span + 1) / 2, max(1, span)}).due(due, opens); to > due {
			due, is = to, before
		}
	}
	if !c.onTime && !slices.Contains(broughtByWork, t.Expand) { // nobody knows whether there will be any
		turns := path{1, c.turnOf(t)}
		if t.Approver != "" {
			turns = turns.and(path{1, c.f.turn(t.Approver)})
		}
		due, is = due+turns.late, is.and(turns)
	}
	c.ends[t.ID], c.paths[t.ID] = due, is
	return due
}

// turnOf returns by how many business days the last copy of a task is late: each is its owner's.
func (c *chain) turnOf(t *catalog.TaskTemplate) float64 {
	if t.Expand == "" {
		return c.f.turn(t.Owner)
	}
	whose, sides := map[models.PersonID]int{}, map[models.PersonID]models.Side{}
	for _, s := range c.f.subjects(*t, c.scope) {
		role := s.role(*t)
		who, _ := c.f.holder(role)
		whose[who], sides[who] = whose[who]+1, models.SideOf(role)
	}
	late := 0.0
	for who, n := range whose {
		late = max(late, c.f.paceOf(who, sides[who], n))
	}
	return late
}

// turn returns by how many business days who holds a role is late with a turn.
func (f *Facts) turn(role string) float64 {
	who, _ := f.holder(role)
	return f.pace(who, models.SideOf(role))
}

// last returns when the last of the tasks is done on which the gates of the phase rest, and the turns that lead to it.
func (c *chain) last() (float64, path) {
	last, is := 0.0, path{}
	for _, id := range slices.Sorted(maps.Keys(c.of)) {
		if t := c.of[id]; t.Gate && c.end(t) > last {
			last, is = c.end(t), c.paths[id]
		}
	}
	return last, is
}

// An ahead is what all phases to come are lived through with.
type ahead struct {
	f     *Facts
	mine  []catalog.TaskTemplate
	scope catalog.Selection
	plan  planning.Plan
	days  *models.Workdays
}

func (f *Facts) ahead(plan planning.Plan, days *models.Workdays) ahead {
	return ahead{f, f.Catalog.TasksFor(f.Flags()), f.Scope(), plan, days}
}

// overrun returns by how many business days a phase to come would end later than planned at the present pace, along the longest of its
// chains of tasks, and the turns of that.
func (a ahead) overrun(p catalog.Phase) (float64, path) {
	f, days := a.f, a.days
	c := chain{f: f, scope: a.scope, of: map[string]*catalog.TaskTemplate{}, opens: map[string]int{}, due: map[string]int{}}
	for i, t := range a.mine {
		if t.Phase == p && t.Repeats == nil && !t.Due.FromCadence {
			c.of[t.ID] = &a.mine[i]
		}
	}
	for _, t := range a.plan.Tasks {
		if t.Phase == p {
			c.opens[t.Template], c.due[t.Template] = days.On(t.Opens), days.On(t.Due)
		}
	}
	last := func(onTime bool) (float64, path) {
		c.ends, c.paths, c.onTime = map[string]float64{}, map[string]path{}, onTime
		return c.last()
	}
	ends, _ := last(true)
	if at := slices.IndexFunc(a.plan.Phases, func(q planning.PhasePlan) bool { return q.Phase == p }); at >= 0 && !untilFieldwork(p) {
		ends = max(ends, float64(days.On(a.plan.Phases[at].End))) // what is planned after the last task is slack
	}
	is, turns := last(false)
	turns = turns.and(f.signing(p))
	return max(0, is+f.signing(p).late-ends), turns
}
