package engagement

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// Effects are what a pending decision would move if it took effect now, found by carrying it out on a copy of the facts and planning with
// what comes out. Those who are asked for their approval are shown them before they give it.
type Effects struct {
	Report, ReportWas models.Date        // when the report is expected, with it and without it
	Type1, Type1Was   models.Date        // the same of the Type 1 report; zero where there is none, and once it is issued
	Promised          models.Date        // the report date that was promised
	Gone, Joins       []catalog.Category // which leave the scope, and which come into it
	Phases            []PhaseMove        // in the order of the route
	Anew              []AskedAnew        // those of whom something new is asked, or something once more
	Retimed           int                // open tasks that get another due date
	Dropped           int                // open tasks that are not to be done any more
	Warnings          []planning.Warning
	Stopped           string // why it cannot take effect now; empty: it can
}

// A PhaseMove is a phase that is not over and would be elsewhere in the plan, come back or be dropped.
type PhaseMove struct {
	Phase    catalog.Phase
	Name     string
	Was, Is  planning.Span
	Reopened bool
	Dropped  bool
}

// AskedAnew says of whom something is asked anew: tasks that are new or come back, and gates to be signed again.
type AskedAnew struct {
	Person models.PersonID // empty: nobody holds the role
	Name   string
	Tasks  int
	Gates  []string
}

// Effects returns what a pending decision would move if it took effect now. Of one that is not pending nothing is moved any more.
func (f *Facts) Effects(d *Decision, now time.Time) Effects {
	if d.State != DecisionPending || !f.Engagement.Status.Live() {
		return Effects{}
	}
	e := Effects{Promised: f.Engagement.Target}
	c := f.trial()
	x := c.DecisionOf(d.ID)
	err := c.checkChange(x, now)
	if err == nil {
		if err = c.carryOut(x, now); err == nil {
			c.recompute(now)
		}
	}
	if err != nil {
		e.Stopped = spoken(err)
		return e
	}
	after, before := c.Forecast(now), f.Forecast(now)
	e.Report, e.ReportWas = after.Report, before.Report
	e.Type1, e.Type1Was = after.toCome(ReportType1), before.toCome(ReportType1)
	was, errWas := f.plan()
	is, errIs := c.plan()
	if errWas != nil || errIs != nil {
		return e
	}
	e.Warnings = is.Warnings
	e.Gone = without(f.Engagement.Categories, c.Engagement.Categories)
	e.Joins = without(c.Engagement.Categories, f.Engagement.Categories)
	e.phases(f, c, was.Schedule, is.Schedule)
	e.tasks(f, c)
	return e
}

// namesOf returns what people call some categories.
func namesOf(all []catalog.Category) string { return strings.ReplaceAll(models.Words(all), "_", " ") }

// datesOf is what people call the fields of a change that a refusal may begin with.
var datesOf = map[string]string{"window_open": "the window's first day", "as_of_date": "the as-of date",
	"window_months": "the months of the window", "kickoff": "the kickoff", "categories": "the categories", "addons": "the add-ons"}

// spoken returns what a refusal says, for people who sent no request: its field is named in words.
func spoken(err error) string {
	var refusal *models.Error
	if text := err.Error(); !errors.As(err, &refusal) || datesOf[refusal.Field] == "" || !strings.HasPrefix(text, refusal.Field+" ") {
		return text
	}
	return datesOf[refusal.Field] + strings.TrimPrefix(err.Error(), refusal.Field)
}

// without returns of some categories those that are not among others.
func without(some, others []catalog.Category) []catalog.Category {
	return models.Keep(some, func(c catalog.Category) bool { return !slices.Contains(others, c) })
}

// trial returns facts of their own, on which something is tried.
func (f *Facts) trial() *Facts {
	c := *f
	c.events, c.shifted, c.effect, c.handed, c.instead, c.touched, c.decided = nil, nil, nil, nil, nil, nil, nil
	c.dates, c.due, c.Comments, c.SkipSummary = nil, nil, nil, true
	c.Phases, c.Gates = slices.Clone(f.Phases), slices.Clone(f.Gates)
	c.Tasks, c.Decisions = make([]*Task, len(f.Tasks)), make([]*Decision, len(f.Decisions))
	for i, t := range f.Tasks {
		own := *t
		c.Tasks[i] = &own
	}
	for i, d := range f.Decisions {
		own := *d
		own.Approvals = slices.Clone(d.Approvals)
		c.Decisions[i] = &own
	}
	return &c
}

// phases notes which phases would be elsewhere, come back or be dropped.
func (e *Effects) phases(f, c *Facts, was, is planning.Schedule) {
	span := func(s planning.Schedule, p catalog.Phase) planning.Span {
		i := slices.IndexFunc(s.Phases, func(x planning.PhasePlan) bool { return x.Phase == p })
		if i < 0 {
			return planning.Span{}
		}
		return planning.Span{Start: s.Phases[i].Start, End: s.Phases[i].End}
	}
	for i, st := range c.Phases {
		before := f.Phases[i].Standing
		m := PhaseMove{Phase: st.Phase, Name: f.PhaseName(st.Phase), Was: span(was, st.Phase), Is: span(is, st.Phase),
			Reopened: before != st.Standing && before == StandingDone, Dropped: before != st.Standing && st.Standing == StandingDropped}
		if st.Standing == StandingDropped {
			m.Is = planning.Span{}
		}
		over := before == StandingDone || before == StandingDropped
		if m.Reopened || m.Dropped || !over && m.Was != m.Is {
			e.Phases = append(e.Phases, m)
		}
	}
}

// tasks notes which tasks would move, be dropped, come back or be new, and which gates would have to be signed again.
func (e *Effects) tasks(f, c *Facts) {
	anew := map[models.PersonID]*AskedAnew{}
	of := func(id models.PersonID, role string) *AskedAnew {
		if anew[id] == nil {
			anew[id] = &AskedAnew{Person: id, Name: f.Called(id, role)}
		}
		return anew[id]
	}
	for _, t := range c.Tasks {
		switch was := f.Task(t.ID); {
		case was == nil:
			of(t.Owner, t.OwnerRole).Tasks++
		case was.State.Closed():
		case t.State == TaskCancelled || t.State == TaskWaived:
			e.Dropped++
		case was.State == TaskSubmitted && t.State != TaskSubmitted:
			of(t.Owner, t.OwnerRole).Tasks++
		case was.Due != t.Due:
			e.Retimed++
		}
	}
	for _, g := range c.Gates {
		was := f.Gate(g.ID)
		if g.State == GateSigned || was == nil || was.State != GateSigned || g.Approver == models.RoleSystem {
			continue
		}
		var first models.PersonID
		if who := f.MayJudge(g.Approver); len(who) > 0 {
			first = who[0]
		}
		one := of(first, string(g.Approver))
		one.Gates = append(one.Gates, g.ID)
	}
	for _, one := range anew {
		e.Anew = append(e.Anew, *one)
	}
	sortAnew(e.Anew)
}

// sortAnew puts those first of whom most is asked.
func sortAnew(all []AskedAnew) {
	slices.SortFunc(all, func(a, b AskedAnew) int {
		return cmp.Or(cmp.Compare(b.Tasks+len(b.Gates), a.Tasks+len(a.Gates)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Person, b.Person))
	})
}

// SeenBy returns the effects without what is not for the actor: to whom SeesOthers does not show it is not said what is asked of others.
func (e Effects) SeenBy(a Actor, f *Facts, now time.Time) Effects {
	if !a.SeesOthers(f.Engagement, now) {
		e.Anew, e.Retimed, e.Dropped = nil, 0, 0
	}
	return e
}

// named is how many phases, people or warnings a sentence names before it only counts them.
const named = 4

// Lines says the effects in sentences for people; nothing of a decision that would move nothing that matters to a plan.
func (e Effects) Lines() []string {
	if e.Stopped != "" {
		return []string{"It could not take effect now: " + models.WithWeekdays(e.Stopped) + "."}
	}
	if e.Report.IsZero() {
		return nil
	}
	var out []string
	if len(e.Gone) > 0 {
		out = append(out, "Out of scope then: "+namesOf(e.Gone)+".")
	}
	if len(e.Joins) > 0 {
		out = append(out, "In scope then besides: "+namesOf(e.Joins)+".")
	}
	out = append(out, e.report())
	if e.Type1 != e.Type1Was {
		out = append(out, e.type1())
	}
	for _, s := range []string{listing("Phases that move", e.phaseLines()), listing("Asked anew", e.anewLines())} {
		if s != "" {
			out = append(out, s)
		}
	}
	var counts []string
	if e.Retimed > 0 {
		counts = append(counts, models.Count(e.Retimed, "due date")+" "+verb(e.Retimed, "moves", "move"))
	}
	if e.Dropped > 0 {
		counts = append(counts, models.Count(e.Dropped, "open task")+" "+verb(e.Dropped, "is", "are")+" dropped")
	}
	if len(counts) > 0 {
		out = append(out, models.Upper(strings.Join(counts, ", "))+".")
	}
	if s := listing("Look at", e.lookAt()); s != "" {
		out = append(out, s)
	}
	return out
}

// type1 says when the Type 1 report is expected with the decision.
func (e Effects) type1() string {
	if e.Type1.IsZero() {
		return "The Type 1 report, expected on " + models.Dated(e.Type1Was) + ", is not to come any more then."
	}
	return "The Type 1 report is expected on " + models.Dated(e.Type1) + " then, instead of " + models.Dated(e.Type1Was) + "."
}

// report says when the report is expected with the decision, and how that compares with what was promised.
func (e Effects) report() string {
	text := "The report stays expected on " + models.Dated(e.Report)
	if e.Report != e.ReportWas {
		text = "The report is expected on " + models.Dated(e.Report) + " then, instead of " + models.Dated(e.ReportWas)
	}
	if !e.Promised.IsZero() && e.Promised != e.Report {
		text += "; it was promised for " + models.Dated(e.Promised)
	}
	return text + "."
}

// Whole returns all that Lines counts without naming it, with what it names; nothing where it names everything.
func (e Effects) Whole() []string {
	var out []string
	for _, x := range []struct {
		what string
		all  []string
	}{{"", e.phaseLines()}, {"Asked anew: ", e.anewLines()}, {"Look at: ", e.lookAt()}} {
		if len(x.all) > named {
			for _, one := range x.all {
				out = append(out, x.what+one)
			}
		}
	}
	return out
}

// lookAt are the planner's warnings.
func (e Effects) lookAt() []string {
	var out []string
	for _, w := range e.Warnings {
		out = append(out, models.WithWeekdays(w.Text))
	}
	return out
}

func (e Effects) phaseLines() []string {
	var out []string
	for _, m := range e.Phases {
		switch {
		case m.Dropped:
			out = append(out, m.Name+" is dropped")
		case m.Reopened:
			out = append(out, m.Name+" is opened again")
		case m.Was.End != m.Is.End:
			out = append(out, m.Name+" ends "+models.Dated(m.Is.End)+" instead of "+models.Dated(m.Was.End))
		default:
			out = append(out, m.Name+" begins "+models.Dated(m.Is.Start)+" instead of "+models.Dated(m.Was.Start))
		}
	}
	return out
}

func (e Effects) anewLines() []string {
	var out []string
	for _, one := range e.Anew {
		var what []string
		if one.Tasks > 0 {
			what = append(what, models.Count(one.Tasks, "task"))
		}
		if len(one.Gates) > 0 {
			what = append(what, models.Count(len(one.Gates), "signature"))
		}
		out = append(out, one.Name+" ("+strings.Join(what, ", ")+")")
	}
	return out
}

// listing says a few things after what they are, and how many more there are; nothing where there is none.
func listing(what string, all []string) string {
	if len(all) == 0 {
		return ""
	}
	text := strings.Join(all[:min(named, len(all))], "; ")
	if what != "" {
		text = what + ": " + text
	}
	if more := len(all) - named; more > 0 {
		text += "; " + models.AndMore(more, "")
	}
	return text + "."
}

func verb(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
