package catalog

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"tickmark/models"
)

// index finds catalog items by id.
type index struct {
	types     map[string]EngagementType
	addons    map[string]Addon
	phases    map[Phase]PhaseTemplate
	tasks     map[string]TaskTemplate
	controls  map[string]Control
	evidence  map[string]EvidenceRequest
	questions map[string]Question
	policies  map[string]Policy
	domains   map[string]Domain
	functions map[string]ClientFunction
	ladders   map[string][]ReminderStep
	checkers  map[string][]string
}

// Index completes what the files leave to a rule (a control's category, a question's section, minutes of effort) and
// builds the lookups. The loader calls it once, before anybody reads the catalog.
func (c *Catalog) Index() {
	c.complete()
	c.index = index{
		types:     byID(c.Types, func(t EngagementType) string { return t.ID }),
		addons:    byID(c.Addons, func(a Addon) string { return a.ID }),
		phases:    byID(c.Phases, func(p PhaseTemplate) Phase { return p.ID }),
		tasks:     byID(c.Tasks, func(t TaskTemplate) string { return t.ID }),
		controls:  byID(slices.Concat(c.Controls, c.ObjectiveControls()), func(x Control) string { return x.ID }),
		evidence:  byID(slices.Concat(c.Evidence, c.SOC1.Evidence), func(e EvidenceRequest) string { return e.ID }),
		questions: byID(c.AllQuestions(), func(q Question) string { return q.ID }),
		policies:  byID(c.Policies, func(p Policy) string { return p.ID }),
		domains:   byID(c.AllDomains(), func(d Domain) string { return d.ID }),
		functions: byID(c.Functions, func(f ClientFunction) string { return f.ID }),
		ladders:   c.ladders(),
		checkers:  map[string][]string{},
	}
	for _, t := range c.Tasks {
		if t.Checks != "" {
			c.index.checkers[t.Checks] = append(c.index.checkers[t.Checks], t.ID)
		}
	}
}

// CheckersOf returns the ids of the task templates that look over the copies of a template; none for most.
func (c *Catalog) CheckersOf(id string) []string { return c.index.checkers[id] }

// ladders returns the schedules of reminders with every rung spelled out, in order; those of occurrences by frequency, since
// that says when one is missed (sampling.yaml).
func (c *Catalog) ladders() map[string][]ReminderStep {
	out := map[string][]ReminderStep{}
	for _, s := range c.Reminders.Schedules {
		missed := slices.ContainsFunc(s.Steps, func(step ReminderStep) bool { return step.At == "missed" })
		if !missed {
			out[s.ID] = rungs(s.Steps, 0)
			continue
		}
		for _, frequency := range []string{"continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual"} {
			rule, ok := c.Sampling.Occurrences.Rule(frequency)
			if !ok { // a catalog of before: a setting was captured within five business days
				rule.MissedAfter = 5
			}
			out[s.ID+"/"+frequency] = rungs(s.Steps, rule.MissedAfter-rule.GraceDays)
		}
	}
	return out
}

// rungs spells out the steps of a schedule: missed is how many business days after the due date an occurrence is missed.
func rungs(steps []ReminderStep, missed int) []ReminderStep {
	var out []ReminderStep
	for _, s := range steps {
		if s.At == "missed" {
			s.Offset = missed
		}
		for k := range max(1, s.Max) {
			if s.Every > 0 {
				s.Offset = s.From + k*s.Every
			}
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b ReminderStep) int { return cmp.Compare(a.Offset, b.Offset) })
	return out
}

// Ladder returns the rungs of a schedule of reminders, in order: one of Schedules, or "occurrence/" and a frequency.
func (c *Catalog) Ladder(id string) []ReminderStep { return c.index.ladders[id] }

func byID[K comparable, V any](items []V, id func(V) K) map[K]V {
	m := make(map[K]V, len(items))
	for _, item := range items {
		m[id(item)] = item
	}
	return m
}

func (c *Catalog) complete() {
	for i, t := range c.Tasks {
		c.Tasks[i].EffortMinutes = int(math.Round(t.EffortHours * 60))
	}
	domains := byID(c.Domains, func(d Domain) string { return d.ID })
	for i, x := range c.Controls {
		c.Controls[i].Category = cmp.Or(x.Category, domains[x.Domain].Category)
	}
	for i, e := range c.SOC1.Evidence {
		c.SOC1.Evidence[i].Sensitivity = cmp.Or(e.Sensitivity, "normal")
	}
	for i, q := range c.SOC1.Questions {
		c.SOC1.Questions[i].Domain = cmp.Or(q.Domain, DomainSOC1)
	}
	for i, q := range c.Cyber.Questions {
		c.Cyber.Questions[i].Domain = cmp.Or(q.Domain, DomainCyber)
	}
}

// Type returns the engagement type of that id.
func (c *Catalog) Type(id string) (EngagementType, bool) {
	t, ok := c.index.types[id]
	return t, ok
}

// Addon returns the add-on of that id.
func (c *Catalog) Addon(id string) (Addon, bool) {
	a, ok := c.index.addons[id]
	return a, ok
}

// Phase returns the template of a phase.
func (c *Catalog) Phase(id Phase) (PhaseTemplate, bool) {
	p, ok := c.index.phases[id]
	return p, ok
}

// Template returns the task template of that id.
func (c *Catalog) Template(id string) (TaskTemplate, bool) {
	t, ok := c.index.tasks[id]
	return t, ok
}

// RiskTasks returns the ids of the tasks that mend a gap whose risk may be accepted instead.
func (c *Catalog) RiskTasks() []string {
	var out []string
	for _, t := range c.Tasks {
		if t.Risk {
			out = append(out, t.ID)
		}
	}
	return out
}

// Control returns the control of that id, common or of a SOC 1 objective.
func (c *Catalog) Control(id string) (Control, bool) {
	x, ok := c.index.controls[id]
	return x, ok
}

// EvidenceRequest returns the request of that id, common or of SOC 1.
func (c *Catalog) EvidenceRequest(id string) (EvidenceRequest, bool) {
	e, ok := c.index.evidence[id]
	return e, ok
}

// Question returns the question of that id, common, of SOC 1 or of SOC for Cybersecurity.
func (c *Catalog) Question(id string) (Question, bool) {
	q, ok := c.index.questions[id]
	return q, ok
}

// Policy returns the policy template of that id.
func (c *Catalog) Policy(id string) (Policy, bool) {
	p, ok := c.index.policies[id]
	return p, ok
}

// Domain returns the domain of that id, also the two sections of AllDomains that hold questions only.
func (c *Catalog) Domain(id string) (Domain, bool) {
	d, ok := c.index.domains[id]
	return d, ok
}

// Function returns the client function of that id.
func (c *Catalog) Function(id string) (ClientFunction, bool) {
	f, ok := c.index.functions[id]
	return f, ok
}

// Approves reports whether who holds a client function approves anything: a task, a policy or a gate.
func (c *Catalog) Approves(function string) bool {
	if _, ok := c.Function(function); !ok {
		return false
	}
	return slices.ContainsFunc(c.Tasks, func(t TaskTemplate) bool { return t.Approver == function }) ||
		slices.ContainsFunc(c.Policies, func(p Policy) bool { return p.Approver == function }) ||
		slices.ContainsFunc(c.Phases, func(p PhaseTemplate) bool {
			return slices.ContainsFunc(p.Exit, func(g GateTemplate) bool { return g.Approver == function })
		})
}

// AllQuestions returns every question: common, then SOC 1, then SOC for Cybersecurity.
func (c *Catalog) AllQuestions() []Question {
	return slices.Concat(c.Questions, c.SOC1.Questions, c.Cyber.Questions)
}

// AllDomains returns the domains of the common controls and the two sections of the questionnaire without controls.
func (c *Catalog) AllDomains() []Domain {
	return slices.Concat(c.Domains, []Domain{
		{ID: DomainSOC1, Name: "Customers' financial reporting"},
		{ID: DomainCyber, Name: "Cybersecurity program"},
	})
}

// ObjectiveControls returns the controls of all SOC 1 objectives in the shape of common ones. Those about IT in
// general are essential: no other objective can be relied upon while they fail.
func (c *Catalog) ObjectiveControls() []Control {
	var out []Control
	for _, o := range c.SOC1.Objectives {
		for _, x := range o.Controls {
			out = append(out, Control{ID: x.ID, Name: x.Name, Frequency: x.Frequency, Nature: x.Nature, Owner: x.Owner,
				Statement: x.Name, Essential: o.Group == GroupITGC, Objective: o.ID, Reuse: x.Reuse})
		}
	}
	return out
}

// Duration returns how many business days a phase takes at a company of that headcount, low, typical and high, with
// security alone in scope. It is zero for the observation window, whose length is agreed in months.
func (c *Catalog) Duration(phase Phase, headcount int) [3]int {
	return c.duration(phase).Sizes[strconv.Itoa(c.Size(headcount))]
}

// ExtraDays returns the typical days the categories beyond security add to a phase. Privacy counts twice.
func (c *Catalog) ExtraDays(phase Phase, headcount int, categories []Category) int {
	extra := 0
	for _, x := range categories {
		switch x {
		case Security:
		case Privacy:
			extra += 2
		default:
			extra++
		}
	}
	return extra * c.duration(phase).PerCategory[strconv.Itoa(c.Size(headcount))]
}

func (c *Catalog) duration(phase Phase) PhaseDuration {
	for i := range c.Durations {
		if c.Durations[i].Phase == phase {
			return c.Durations[i]
		}
	}
	return PhaseDuration{}
}

// Size returns the company size of the tables that stands for a headcount: the nearest at or above, else the largest.
func (c *Catalog) Size(headcount int) int {
	for _, s := range c.Sizes {
		if s >= headcount {
			return s
		}
	}
	return c.Sizes[len(c.Sizes)-1]
}

// PhasesFor returns the phases of an engagement with these flags, in order.
func (c *Catalog) PhasesFor(flags []string) []PhaseTemplate {
	return models.Keep(c.Phases, func(p PhaseTemplate) bool { return models.HasAll(flags, p.When) })
}

// TasksFor returns the task templates of an engagement with these flags, in catalog order. A renewal leaves out what
// the year before has done. Templates with MinWindowMonths are included: only the caller knows the window.
func (c *Catalog) TasksFor(flags []string) []TaskTemplate {
	renewal := slices.Contains(flags, "renewal")
	return models.Keep(c.Tasks, func(t TaskTemplate) bool {
		return models.HasAll(flags, t.When) && !(renewal && slices.Contains(c.Renewal.SkipTasks, t.ID))
	})
}
