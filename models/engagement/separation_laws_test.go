package engagement_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// The law of separation of duties (domain.md 7.2): whatever people send, for themselves and for whomever they stand in, nobody both does
// and checks, accepts or grants the same, be it in parts, again, after it was given to somebody else, or several at once; and what is the
// auditor's, or a role's above, is not taken from them.
func TestNobodyDoesAndJudges(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for i, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseRemediation, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork,
		catalog.PhaseWindow, catalog.PhaseT2Close, catalog.PhaseT2Fieldwork} {
		r := rand.New(rand.NewPCG(uint64(i), 17))
		d := modelstest.In(t, "soc2_type1_type2", p)
		d.Joins("sven", models.RoleSponsor)
		d.Joins("ava", models.RolePartner)
		for range 2 {
			_, _ = d.Try("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "A gap"}))
			_, _ = d.Try("hugo", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "T2-04", Title: "A sample"}))
		}
		w := &wiles{Desk: d, r: r, count: count, senders: d.Senders()}
		for step := range 320 {
			w.step()
			if step%40 == 39 {
				d.GoTo(d.Facts.ClientDays.Add(d.Today(), 2))
			}
			if t.Failed() {
				return
			}
		}
	}
	for what, least := range map[string]int{"task.complete": 150, "a check": 40, "a part of a pair": 10, "in another's place": 50,
		"task.accept": 10, "task.split": 30, "task.assign": 30, "task.reopen": 20, "a check again": 5,
		"task.extend": 30, "decision.approve": 10, "denied": 500} {
		if count[what] < least {
			t.Errorf("%s: %d times only: %v", what, count[what], count)
		}
	}
	t.Logf("%v", count)
}

// wiles are what people try at a desk to get round each other.
type wiles struct {
	*modelstest.Desk
	r       *rand.Rand
	count   map[string]int
	senders []engagement.Actor

	templates map[string]bool // those whose copies check something or are checked
}

// nameOf returns what a task and those that check it have in common: their id without the template and without the number of a part.
func nameOf(x *engagement.Task) string {
	_, rest, _ := strings.Cut(string(x.ID), ".")
	if i := strings.LastIndex(rest, "_"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// checks reports whether a task is the check of another, by what the catalog says and the ids.
func (w *wiles) checks(check, done *engagement.Task) bool {
	tmpl, _ := w.Facts.Catalog.Template(check.Template)
	return tmpl.Checks != "" && tmpl.Checks == done.Template &&
		(nameOf(check) == nameOf(done) || slices.Contains(check.After, string(done.ID)))
}

// paired returns the tasks that check something or are checked, closed ones too, in the order of their ids.
func (w *wiles) paired() []*engagement.Task {
	if w.templates == nil {
		w.templates = map[string]bool{}
		for _, x := range w.Facts.Catalog.Tasks {
			if x.Checks != "" {
				w.templates[x.ID], w.templates[x.Checks] = true, true
			}
		}
	}
	out := models.Keep(w.Tasks(), func(x *engagement.Task) bool { return w.templates[x.Template] })
	slices.SortFunc(out, func(a, b *engagement.Task) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out
}

// some returns a few tasks that have to do with each other, or any one: what can be done when it is to be done, what is closed when it is
// to be reopened, and now and then something else.
func (w *wiles) some(k engagement.Kind) []models.TaskID {
	if w.r.IntN(3) == 0 {
		toAccept := models.Keep(w.Facts.Tasks, func(x *engagement.Task) bool { return x.ApproverRole != "" && x.State == engagement.TaskOpen })
		if len(toAccept) > 0 && w.r.IntN(2) == 0 {
			return []models.TaskID{toAccept[w.r.IntN(len(toAccept))].ID}
		}
		return []models.TaskID{w.AnyTask(w.r)}
	}
	pairs, fits := w.paired(), func(x *engagement.Task) bool { return x.State.Closed() == (k == engagement.ReopenTask) }
	var names []string
	for _, x := range pairs {
		if !x.State.Closed() && !slices.Contains(names, nameOf(x)) {
			names = append(names, nameOf(x))
		}
	}
	if len(names) == 0 {
		return []models.TaskID{w.AnyTask(w.r)}
	}
	name := names[w.r.IntN(min(len(names), 3))] // the same few again and again
	var out []models.TaskID
	for _, x := range pairs {
		if nameOf(x) == name && (fits(x) || w.r.IntN(9) == 0) && w.r.IntN(3) == 0 {
			out = append(out, x.ID)
		}
	}
	if len(out) == 0 {
		return []models.TaskID{pairs[slices.IndexFunc(pairs, func(x *engagement.Task) bool { return nameOf(x) == name })].ID}
	}
	w.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	if k != engagement.CompleteTask {
		out = out[:1]
	}
	return out
}

// step lets somebody try something, until somebody may.
func (w *wiles) step() {
	kinds := []engagement.Kind{engagement.CompleteTask, engagement.CompleteTask, engagement.CompleteTask, engagement.CompleteTask,
		engagement.AcceptTask, engagement.AcceptTask, engagement.SplitTask, engagement.ReopenTask, engagement.ReopenTask,
		engagement.AssignTask, engagement.ExtendTask, engagement.ApproveDecision, engagement.ApproveDecision, engagement.HandOverTask,
		engagement.MoveTask, engagement.WaiveTask}
	kind := kinds[w.r.IntN(len(kinds))]
	for range 8 {
		c := w.command(kind)
		before := w.Loaded(engagement.NeedOf(c))
		if before.Permits(c.Actor, c, w.Now) != nil {
			w.count["denied"]++
			continue
		}
		var created string
		err := w.Change(engagement.NeedOf(c), func(f *engagement.Facts) (err error) {
			created, err = engagement.Decide(f, c, w.Now)
			return err
		})
		if err != nil {
			continue
		}
		w.Settle()
		w.count[string(c.Kind)]++
		if len(c.Actor.For) > 0 {
			w.count["in another's place"]++
		}
		w.judge(before, c, created)
		return
	}
}

// command returns something that somebody might try.
func (w *wiles) command(kind engagement.Kind) engagement.Command {
	c := engagement.Command{Key: "k", Kind: kind, Actor: w.senders[w.r.IntN(len(w.senders))], Reason: "so it is",
		Tasks: w.some(kind), Person: w.Facts.People[w.r.IntN(len(w.Facts.People))].ID, Due: w.Today().AddDays(5 + w.r.IntN(40)),
		Add: &engagement.NewTask{Title: "Half"}}
	if w.r.IntN(3) == 0 {
		c.Actor.For = append(slices.Clone(c.Actor.For), w.Facts.People[w.r.IntN(len(w.Facts.People))].ID)
	}
	if w.r.IntN(2) == 0 {
		c.Add.Owner, c.Add.Due = c.Person, c.Due
	}
	if submitted := models.Keep(w.Facts.Tasks, func(x *engagement.Task) bool { return x.State == engagement.TaskSubmitted }); len(
		submitted) > 0 && c.Kind == engagement.AcceptTask {
		c.Tasks = []models.TaskID{submitted[w.r.IntN(len(submitted))].ID}
	}
	w.scheme(&c)
	if n := len(w.Facts.Decisions); n > 0 {
		c.Decision = w.Facts.Decisions[w.r.IntN(n)].ID
	}
	return c
}

// scheme makes a command, now and then, what somebody would send who means to get round the rules: by the right of who did what is checked,
// or with the approver as the owner.
func (w *wiles) scheme(c *engagement.Command) {
	if w.r.IntN(2) == 0 {
		return
	}
	own := models.Keep(w.Facts.Tasks, func(x *engagement.Task) bool {
		return x.State == engagement.TaskOpen && x.Approver != "" && models.SideOf(x.OwnerRole) == models.SideClient &&
			(x.Owner == x.Approver || c.Kind == engagement.AssignTask)
	})
	pairs := w.paired()
	switch {
	case len(own) > 0 && (c.Kind == engagement.AssignTask || c.Kind == engagement.CompleteTask && w.r.IntN(3) == 0):
		x := own[w.r.IntN(len(own))]
		c.Tasks, c.Person, c.Actor = []models.TaskID{x.ID}, x.Approver, w.Actor(string(x.Approver))
	case c.Kind == engagement.CompleteTask && len(pairs) > 0:
		for _, check := range w.Facts.Tasks {
			for _, done := range pairs {
				if check.State == engagement.TaskOpen && done.State == engagement.TaskDone && w.checks(check, done) &&
					w.Actor(string(done.DoneBy)).Role.Side() == models.SideFirm {
					c.Tasks, c.Actor.For = []models.TaskID{check.ID}, []models.PersonID{done.DoneBy}
					check.Owner = done.DoneBy // as it was given to them before they did the other
				}
			}
		}
	}
}

// judge reports what must not come of a command that was carried out.
func (w *wiles) judge(before *engagement.Facts, c engagement.Command, created string) {
	w.T.Helper()
	w.pairsApart()
	for _, id := range c.Tasks {
		was, is := before.Task(id), w.Task(id)
		what := fmt.Sprintf("%s: %s for %v sends %s %v", w.Today(), c.Actor.Person, c.Actor.For, c.Kind, c.Tasks)
		switch c.Kind {
		case engagement.CompleteTask:
			w.completed(before, c, was, is, what)
		case engagement.AcceptTask:
			if was.DoneBy == c.Actor.Person || !w.mayWithout(before, c, id, was.DoneBy) {
				w.T.Errorf("%s, which %s did", what, was.DoneBy)
			}
		case engagement.SplitTask:
			half := w.Task(models.TaskID(created))
			if c.Actor.Role == models.RoleSponsor && half.Due.After(was.Due) {
				w.T.Errorf("%s, which is due %s, to be due %s", what, was.Due, half.Due)
			}
			w.owned(half, what)
			w.ofTheAuditor(c, was, what)
		case engagement.AssignTask:
			w.owned(is, what)
			w.ofTheAuditor(c, was, what)
		case engagement.MoveTask, engagement.WaiveTask:
			w.ofTheAuditor(c, was, what)
		case engagement.ReopenTask:
			for _, other := range w.paired() {
				if w.checks(other, is) {
					w.count["a check again"]++
					if other.State == engagement.TaskDone {
						w.T.Errorf("%s, and %s, which checks it, is done", what, other.ID)
					}
				}
			}
		}
	}
	if c.Kind == engagement.ApproveDecision {
		w.granted(before, c)
	}
}

// pairsApart reports a check that was done by who did what it checks.
func (w *wiles) pairsApart() {
	w.T.Helper()
	did := func(x *engagement.Task) bool {
		return x.State == engagement.TaskDone || x.State == engagement.TaskSubmitted
	}
	by := map[string][]*engagement.Task{} // what one person did about one thing, in whatever round
	for _, x := range models.Keep(w.paired(), did) {
		about, _, _ := strings.Cut(nameOf(x), "~")
		by[about+" "+string(x.DoneBy)] = append(by[about+" "+string(x.DoneBy)], x)
	}
	for _, own := range by {
		for _, check := range own {
			for _, done := range own {
				if w.checks(check, done) {
					w.T.Errorf("%s: %s did %s and checked it: %s", w.Today(), check.DoneBy, done.ID, check.ID)
				}
			}
		}
	}
}

// completed reports what was done by the right of who did what it checks, and what was closed though others could accept it.
func (w *wiles) completed(before *engagement.Facts, c engagement.Command, was, is *engagement.Task, what string) {
	w.T.Helper()
	for _, other := range w.paired() {
		if !w.checks(is, other) {
			if w.checks(other, is) && strings.Contains(string(is.ID), "_") {
				w.count["a part of a pair"]++
			}
			continue
		}
		w.count["a check"]++
		if other.State == engagement.TaskDone && !w.mayWithout(before, c, is.ID, other.DoneBy) {
			w.T.Errorf("%s by the right of %s, who did %s", what, other.DoneBy, other.ID)
		}
	}
	if is.ApproverRole == "" || is.State != engagement.TaskDone {
		return
	}
	f := modelstest.CopyOf(before)
	x := f.Task(was.ID)
	x.State, x.DoneBy = engagement.TaskSubmitted, c.Actor.Person
	accept := engagement.Command{Kind: engagement.AcceptTask, Tasks: []models.TaskID{is.ID}}
	for _, p := range f.People {
		if f.Permits(f.Actor(p.ID), accept, w.Now) == nil {
			w.T.Errorf("%s, and it is done, though %s could accept it", what, p.ID)
		}
	}
}

// mayWithout reports whether who sent a command might have sent it about one task without standing in for somebody.
func (w *wiles) mayWithout(before *engagement.Facts, c engagement.Command, id models.TaskID, who models.PersonID) bool {
	c.Tasks = []models.TaskID{id}
	c.Actor.For = models.Keep(c.Actor.For, func(p models.PersonID) bool { return p != who })
	return before.Permits(c.Actor, c, w.Now) == nil
}

// owned reports an owner whose role is below that which owns the task in the catalog.
func (w *wiles) owned(x *engagement.Task, what string) {
	w.T.Helper()
	tmpl, _ := w.Facts.Catalog.Template(x.Template)
	above := map[string]string{"partner": "partner", "pm": "partner pm", "consultant": "partner pm consultant"}
	p, _ := w.Facts.Person(x.Owner)
	if roles := above[tmpl.Owner]; roles != "" && !slices.Contains(strings.Fields(roles), string(p.Role)) {
		w.T.Errorf("%s, which is for %s to do, and %s, who is %s, owns it", what, tmpl.Owner, x.Owner, p.Role)
	}
}

// ofTheAuditor reports what somebody else changed of the auditor's.
func (w *wiles) ofTheAuditor(c engagement.Command, was *engagement.Task, what string) {
	w.T.Helper()
	if was.OwnerRole == "auditor" && was.Owner != "" && w.Facts.Engagement.Auditor != "" && c.Actor.Role != models.RoleAuditor {
		w.T.Errorf("%s, which is the auditor's", what)
	}
}

// granted reports more time that somebody granted for what is theirs, or whose they stand in for, or what they asked for themselves.
func (w *wiles) granted(before *engagement.Facts, c engagement.Command) {
	w.T.Helper()
	x := before.DecisionOf(c.Decision)
	if x == nil || x.Kind != engagement.ExtendTask {
		return
	}
	owner, a := before.Task(x.Change.Task).Owner, c.Actor
	if a.Person == x.ProposedBy || a.Person == owner || slices.Contains(a.For, owner) {
		w.T.Errorf("%s: %s for %v grants more time for %s, which is %s's and was asked for by %s", w.Today(), a.Person, a.For, x.Change.Task,
			owner, x.ProposedBy)
	}
}
