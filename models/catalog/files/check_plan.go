package files

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tickmark/models/catalog"
)

const plan = "phases.yaml"

// sizes returns the company sizes of the tables.
func (k *checker) sizes() vocabulary {
	v := vocabulary{what: "sizes"}
	for _, s := range k.c.Sizes {
		v.names = append(v.names, strconv.Itoa(s))
	}
	return v
}

// flags returns all flags that types and add-ons may set.
func (k *checker) flags() vocabulary {
	v := oneOf("soc2", "soc1", "cyber", "audit", "t1", "t2", "renewal")
	for _, a := range k.c.Addons {
		v.names = append(v.names, a.Flag)
	}
	return v
}

func (k *checker) types() {
	for _, t := range k.c.Types {
		known(k, plan, t.ID, "flags", k.flags(), t.Flags...)
	}
	for _, a := range k.c.Addons {
		known(k, plan, a.ID, "requires_flags", k.flags(), a.Requires...)
	}
	for _, a := range k.c.Anchors {
		known(k, plan, a.ID, "needs", k.flags(), a.Needs...)
	}
	w := k.c.WindowLengths
	for _, months := range []int{w.DefaultFirst, w.DefaultRenewal} {
		if !slices.Contains(w.Allowed, months) {
			k.fail(plan, "window_lengths_months", "a default is %d; allowed: %v", months, w.Allowed)
		}
	}
	if n := k.c.LeastDays; n < 0 || n > 5 {
		k.fail(plan, "least_days", "it is %d; allowed: 0 to 5", n)
	}
	k.some(plan, "sizes", "the list", len(k.c.Sizes))
	if !slices.IsSorted(k.c.Sizes) {
		k.fail(plan, "sizes", "the list is %v; allowed: rising", k.c.Sizes)
	}
}

// durations: every phase but the window, whose length is agreed in months, has one for every size.
func (k *checker) durations() {
	timed := map[catalog.Phase]bool{catalog.PhaseWindow: true}
	for _, d := range k.c.Durations {
		known(k, plan, "durations", "phase", k.phaseIDs(), d.Phase)
		timed[d.Phase] = true
		for _, size := range k.sizes().names {
			days, ok := d.Sizes[size]
			_, extra := d.PerCategory[size]
			if !ok || !extra {
				k.fail(plan, string(d.Phase), "size %s is missing in sizes or per_category; allowed: each of %s", size, k.sizes())
			}
			k.ordered(plan, string(d.Phase), "size "+size, days[0], days[1], days[2])
		}
		if len(d.Sizes) > len(k.c.Sizes) || len(d.PerCategory) > len(k.c.Sizes) {
			k.fail(plan, string(d.Phase), "sizes or per_category has a size too many; allowed: %s", k.sizes())
		}
	}
	for _, p := range k.c.Phases {
		if !timed[p.ID] {
			k.fail(plan, string(p.ID), "it has no duration; allowed: one for every phase but %s", catalog.PhaseWindow)
		}
	}
}

func (k *checker) phases() {
	order := oneOf(string(catalog.PhaseKickoff), string(catalog.PhaseGap), string(catalog.PhaseRemediation),
		string(catalog.PhaseT1Prep), string(catalog.PhaseT1Fieldwork), string(catalog.PhaseT1Report),
		string(catalog.PhaseWindowSetup), string(catalog.PhaseWindow), string(catalog.PhaseT2Close),
		string(catalog.PhaseT2Fieldwork), string(catalog.PhaseT2Report), string(catalog.PhaseRenewal))
	if !slices.Equal(k.phaseIDs().names, order.names) {
		k.fail(plan, "phases", "they are %s; allowed: %s, in this order", k.phaseIDs(), order)
	}
	for i, p := range k.c.Phases {
		id := string(p.ID)
		known(k, plan, id, "when", k.flags(), p.When...)
		known(k, plan, id, "start_anchor", k.anchorIDs(), p.StartAnchor)
		k.some(plan, id, "exit", len(p.Exit))
		if p.Order != i+1 {
			k.fail(plan, id, "order is %d; allowed: %d, its place in the list", p.Order, i+1)
		}
	}
}

// gates: signed by a role of the product or the calendar; what they need are tasks of their own phase.
func (k *checker) gates() {
	for _, p := range k.c.Phases {
		tasks := vocabulary{what: "tasks of phase " + string(p.ID)}
		for _, t := range k.c.Tasks {
			if t.Phase == p.ID {
				tasks.names = append(tasks.names, t.ID)
			}
		}
		for _, g := range p.Exit {
			known(k, plan, g.ID, "approver", k.roleIDs().and("system"), g.Approver)
			known(k, plan, g.ID, "needs", tasks, g.Needs...)
			if g.Approver != "system" {
				k.some(plan, g.ID, "needs", len(g.Needs))
			}
			k.some(plan, g.ID, "text", len(g.Text))
		}
	}
}

func (k *checker) returns() {
	for _, r := range k.c.Returns {
		known(k, plan, r.ID, "from", k.phaseIDs().and("*"), r.From...)
		known(k, plan, r.ID, "to", k.phaseIDs().and("same phase"), r.To)
		known(k, plan, r.ID, "approver", k.roleIDs(), r.Approver...)
		k.some(plan, r.ID, "from", len(r.From))
		k.some(plan, r.ID, "approver", len(r.Approver))
	}
}

// expansions are the things of which each may get its own copy of a task.
var expansions = oneOf("", "per_auditor_request", "per_control", "per_essential_control", "per_evidence_gap",
	"per_evidence_t1", "per_gap_high", "per_gap_low", "per_missing_occurrence", "per_occurrence", "per_policy",
	"per_population", "per_question_domain", "per_sample_request")

func (k *checker) tasks() {
	people := vocabulary{what: "roles and client functions", names: slices.Concat(k.roleIDs().names, k.functionIDs().names)}
	owners := people.and("control_owner", "domain_owner", "evidence_owner", "gap_owner", "policy_owner")
	for _, t := range k.c.Tasks {
		known(k, plan, t.ID, "phase", k.phaseIDs(), t.Phase)
		known(k, plan, t.ID, "when", k.flags(), t.When...)
		known(k, plan, t.ID, "owner", owners, t.Owner)
		known(k, plan, t.ID, "approver", people.and(""), t.Approver)
		known(k, plan, t.ID, "due.anchor", k.anchorIDs(), t.Due.Anchor)
		known(k, plan, t.ID, "due.unit", oneOf("", catalog.UnitCalendarDays), t.Due.Unit)
		known(k, plan, t.ID, "depends_on", k.taskIDs(), t.After...)
		known(k, plan, t.ID, "expand", expansions, t.Expand)
		k.some(plan, t.ID, "title", len(t.Title))
		if t.EffortHours < 0 {
			k.fail(plan, t.ID, "effort_h is %g; allowed: 0 or more", t.EffortHours)
		}
		k.flagged(t)
		if t.Repeats != nil {
			known(k, plan, t.ID, "repeats.every", oneOf("weekly", "monthly", "quarterly"), t.Repeats.Every)
			known(k, plan, t.ID, "repeats.until", k.anchorIDs(), t.Repeats.Until)
		}
	}
}

// maxOnTheDay is how many hours of effort can be done on the day on which a task opens.
const maxOnTheDay = 2

// flagged: what is checked is another task of the same things; a gap whose risk may be accepted has its own copy of the task; what happens
// on its day is not work of a day.
func (k *checker) flagged(t catalog.TaskTemplate) {
	if t.Checks != "" {
		known(k, plan, t.ID, "checks", k.taskIDs(), t.Checks)
		if other, ok := k.c.Template(t.Checks); ok && (other.Expand != t.Expand || t.Expand == "") {
			k.fail(plan, t.ID, "checks is %s, which is %q; allowed: a task with the same expand, %q", t.Checks, other.Expand, t.Expand)
		}
	}
	if t.OnTheDay && (t.EffortHours > maxOnTheDay || t.Due.FromCadence) {
		k.fail(plan, t.ID, "on_the_day is true, but effort_h is %g or it is due from_cadence; allowed: at most %d hours, on a date of the plan",
			t.EffortHours, maxOnTheDay)
	}
	if t.Risk && t.Expand != "per_gap_high" && t.Expand != "per_gap_low" {
		k.fail(plan, t.ID, "risk is true, but expand is %q; allowed: per_gap_high, per_gap_low", t.Expand)
	}
}

// reported: every phase that ends with a report has the one task that issues it.
func (k *checker) reported() {
	issues := map[catalog.Phase]int{}
	for _, t := range k.c.Tasks {
		if t.IssuesReport {
			issues[t.Phase]++
		}
	}
	for _, p := range k.c.Phases {
		want := 0
		if p.ID == catalog.PhaseT1Report || p.ID == catalog.PhaseT2Report {
			want = 1
		}
		if issues[p.ID] != want {
			k.fail(plan, string(p.ID), "%d of its tasks have issues_report; allowed: %d", issues[p.ID], want)
		}
	}
}

func (k *checker) renewal() {
	known(k, plan, "renewal_rules", "skip_tasks", k.taskIDs(), k.c.Renewal.SkipTasks...)
	for _, phase := range slices.Sorted(maps.Keys(k.c.Renewal.ShrinkDurations)) {
		known(k, plan, "renewal_rules", "shrink_durations", k.phaseIDs(), phase)
		if factor := k.c.Renewal.ShrinkDurations[phase]; factor <= 0 || factor > 1 {
			k.fail(plan, "renewal_rules", "%s shrinks by %g; allowed: above 0, at most 1", phase, factor)
		}
	}
}

// A variant is a type of engagement, alone or with an add-on it may have.
type variant struct {
	name  string
	flags []string
}

func variants(c *catalog.Catalog) []variant {
	var out []variant
	for _, t := range c.Types {
		out = append(out, variant{t.ID, t.Flags})
		for _, a := range c.Addons {
			if hasAll(t.Flags, a.Requires) {
				out = append(out, variant{t.ID + " with " + a.ID, slices.Concat(t.Flags, []string{a.Flag})})
			}
		}
	}
	return out
}

func hasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

// everyTypeIsWhole: in every type of engagement the tasks have their phase and anchor, and the gates their tasks.
func (k *checker) everyTypeIsWhole() {
	for _, v := range variants(k.c) {
		phases := k.c.PhasesFor(v.flags)
		tasks := k.c.TasksFor(v.flags)
		for _, t := range tasks {
			if !slices.ContainsFunc(phases, func(p catalog.PhaseTemplate) bool { return p.ID == t.Phase }) {
				k.fail(plan, t.ID, "%s has the task but not its phase %s; allowed: a when that holds only if the phase's does",
					v.name, t.Phase)
			}
			k.anchored(t, v)
		}
		for _, p := range phases {
			k.gatesHaveTasks(p, tasks, v)
		}
	}
}

func (k *checker) gatesHaveTasks(p catalog.PhaseTemplate, tasks []catalog.TaskTemplate, v variant) {
	for _, g := range p.Exit {
		for _, id := range g.Needs {
			if !slices.ContainsFunc(tasks, func(t catalog.TaskTemplate) bool { return t.ID == id }) {
				k.fail(plan, g.ID, "needs has %q, which %s has not; allowed: tasks that come with the phase", id, v.name)
			}
		}
	}
}

func (k *checker) anchored(t catalog.TaskTemplate, v variant) {
	for _, a := range k.c.Anchors {
		if a.ID == t.Due.Anchor && !hasAll(v.flags, a.Needs) {
			k.fail(plan, t.ID, "due.anchor is %q, which %s has not; allowed: anchors whose needs are met", a.ID, v.name)
		}
	}
}

// dependenciesEnd: no task waits for itself, however far around, in any type of engagement: leaving out tasks only
// ever removes dependencies, so the whole plan without a circle is every plan without one.
func (k *checker) dependenciesEnd() {
	const begun, done = 1, 2
	state := map[string]int{}
	var visit func(id string, path []string)
	visit = func(id string, path []string) {
		path = append(path, id)
		if state[id] == begun {
			k.fail(plan, id, "depends_on goes in a circle: %s; allowed: none", strings.Join(path, " after "))
			return
		}
		if state[id] == done {
			return
		}
		state[id] = begun
		t, _ := k.c.Template(id)
		for _, dep := range t.After {
			visit(dep, path)
		}
		state[id] = done
	}
	for _, t := range k.c.Tasks {
		visit(t.ID, nil)
	}
}

// dependenciesPointBack: no task waits for one of a later phase.
func (k *checker) dependenciesPointBack() {
	k.eachDependency(func(t, dep catalog.TaskTemplate) {
		mine, _ := k.c.Phase(t.Phase)
		other, _ := k.c.Phase(dep.Phase)
		if other.Order > mine.Order {
			k.fail(plan, t.ID, "depends_on has %s of the later phase %s; allowed: tasks of %s and before",
				dep.ID, dep.Phase, t.Phase)
		}
	})
}

// offsetsFollowDependencies: of two tasks counted from the same anchor, the one waited for is not due later.
func (k *checker) offsetsFollowDependencies() {
	k.eachDependency(func(t, dep catalog.TaskTemplate) {
		same := t.Due.Anchor == dep.Due.Anchor && t.Due.Unit == dep.Due.Unit && t.Due.FromCadence == dep.Due.FromCadence
		if same && dep.Due.Offset > t.Due.Offset {
			k.fail(plan, t.ID, "due.offset is %d, but it depends on %s due at %d; allowed: %d or more",
				t.Due.Offset, dep.ID, dep.Due.Offset, dep.Due.Offset)
		}
	})
}

func (k *checker) eachDependency(do func(task, dep catalog.TaskTemplate)) {
	for _, t := range k.c.Tasks {
		for _, id := range t.After {
			dep, _ := k.c.Template(id)
			do(t, dep)
		}
	}
}
