package files

import (
	"fmt"
	"slices"
	"strings"

	"tickmark/models/catalog"
)

// check returns everything that is wrong with a catalog: first what is misnamed, used twice or refers to nothing; only
// when all of that is right, what leaves a control unproved, a criterion uncovered or a plan impossible.
func check(c *catalog.Catalog) []error {
	k := &checker{c: c}
	k.schemas()
	k.uniqueIDs()
	k.criteria()
	k.roles()
	k.controls()
	k.policies()
	k.evidence()
	k.questions()
	k.objectives()
	k.cyber()
	k.types()
	k.durations()
	k.phases()
	k.gates()
	k.returns()
	k.tasks()
	k.reported()
	k.renewal()
	k.sampling()
	k.reminders()
	if len(k.problems) > 0 {
		return k.problems
	}
	k.everyControlIsUsed()
	k.questionsReachTheirCriteria()
	k.objectivesAreCovered()
	k.scopesStayCovered()
	k.everyTypeIsWhole()
	k.dependenciesEnd()
	k.dependenciesPointBack()
	k.offsetsFollowDependencies()
	return k.problems
}

// A checker gathers the problems of one catalog.
type checker struct {
	c        *catalog.Catalog
	problems []error
}

// fail notes a problem of one item of a file.
func (k *checker) fail(file, id, format string, args ...any) {
	k.problems = append(k.problems, fmt.Errorf("%s: %s: %s", file, id, fmt.Sprintf(format, args...)))
}

// A vocabulary is what a key may name.
type vocabulary struct {
	what  string // for people, when there are too many names to list
	names []string
}

func oneOf(names ...string) vocabulary { return vocabulary{names: names} }

// idsOf returns the ids of items as a vocabulary.
func idsOf[T any, K ~string](what string, items []T, id func(T) K) vocabulary {
	v := vocabulary{what: what}
	for _, item := range items {
		v.names = append(v.names, string(id(item)))
	}
	return v
}

func (v vocabulary) and(names ...string) vocabulary {
	return vocabulary{v.what, slices.Concat(v.names, names)}
}

// String says what is allowed: the names, or what they are names of when there are more than twenty.
func (v vocabulary) String() string {
	if len(v.names) <= 20 {
		return strings.Join(v.names, ", ")
	}
	return fmt.Sprintf("the ids of the %d %s", len(v.names), v.what)
}

// known notes every name under a key that is not in the vocabulary, or there twice.
func known[K ~string](k *checker, file, id, key string, allowed vocabulary, names ...K) {
	for i, name := range names {
		if !slices.Contains(allowed.names, string(name)) {
			k.fail(file, id, "%s is %q; allowed: %s", key, name, allowed)
		} else if slices.Contains(names[:i], name) {
			k.fail(file, id, "%s has %q twice", key, name)
		}
	}
}

// some notes a list or text that must not be empty.
func (k *checker) some(file, id, key string, length int) {
	if length == 0 {
		k.fail(file, id, "%s is empty; allowed: at least one", key)
	}
}

// ordered notes low, typical and high values that do not rise.
func (k *checker) ordered(file, id, key string, low, typical, high int) {
	if low < 0 || typical < low || high < typical {
		k.fail(file, id, "%s is %d, %d, %d; allowed: low, typical and high in rising order", key, low, typical, high)
	}
}

func (k *checker) schemas() {
	c := k.c
	for _, f := range [][2]string{
		{"criteria.yaml", c.CriteriaFile.Schema}, {"roles.yaml", c.RolesFile.Schema},
		{"controls.yaml", c.ControlsFile.Schema}, {"policies.yaml", c.PoliciesFile.Schema},
		{"evidence.yaml", c.EvidenceFile.Schema}, {"questions.yaml", c.QuestionsFile.Schema},
		{"soc1.yaml", c.SOC1.Schema}, {"soccyber.yaml", c.Cyber.Schema}, {"phases.yaml", c.PhasesFile.Schema},
		{"sampling.yaml", c.Sampling.Schema}, {"reminders.yaml", c.Reminders.Schema},
	} {
		known(k, f[0], "the file", "schema", oneOf(Schema), f[1])
	}
}

// uniqueIDs notes ids that two things of a kind share, also across files, and things without one.
func (k *checker) uniqueIDs() {
	c := k.c
	gates := []catalog.GateTemplate{}
	for _, p := range c.Phases {
		gates = append(gates, p.Exit...)
	}
	k.unique("criteria.yaml", k.categoryIDs())
	k.unique("criteria.yaml", k.groupIDs())
	k.unique("criteria.yaml", k.criteriaIDs())
	k.unique("criteria.yaml", idsOf("description criteria", c.DescriptionCriteria,
		func(x catalog.DescriptionCriterion) string { return x.ID }))
	k.unique("roles.yaml", k.functionIDs())
	k.unique("roles.yaml", k.roleIDs())
	k.unique("controls.yaml", k.domainIDs())
	k.unique("controls.yaml", k.controlIDs())
	k.unique("soc1.yaml", idsOf("controls", c.ObjectiveControls(), controlID), k.controlIDs())
	k.unique("policies.yaml", idsOf("policies", c.Policies, func(x catalog.Policy) string { return x.ID }))
	k.unique("evidence.yaml", k.evidenceIDs())
	k.unique("soc1.yaml", idsOf("requests", c.SOC1.Evidence, evidenceID), k.evidenceIDs())
	k.unique("questions.yaml", idsOf("questions", c.Questions, questionID))
	k.unique("soc1.yaml", idsOf("questions", c.SOC1.Questions, questionID), idsOf("", c.Questions, questionID))
	k.unique("soccyber.yaml", idsOf("questions", c.Cyber.Questions, questionID),
		idsOf("", c.Questions, questionID), idsOf("", c.SOC1.Questions, questionID))
	k.unique("soc1.yaml", k.objectiveIDs())
	k.unique("soccyber.yaml", k.cyberIDs(), k.criteriaIDs())
	k.unique("phases.yaml", idsOf("types", c.Types, func(x catalog.EngagementType) string { return x.ID }))
	k.unique("phases.yaml", k.addonIDs())
	k.unique("phases.yaml", k.anchorIDs())
	k.unique("phases.yaml", k.phaseIDs())
	k.unique("phases.yaml", k.taskIDs())
	k.unique("phases.yaml", idsOf("gates", gates, func(x catalog.GateTemplate) string { return x.ID }))
	k.unique("phases.yaml", idsOf("returns", c.Returns, func(x catalog.ReturnTemplate) string { return x.ID }))
	k.unique("reminders.yaml", idsOf("schedules", c.Reminders.Schedules,
		func(x catalog.ReminderSchedule) string { return x.ID }))
}

// unique notes ids of a file that are empty, there twice or taken by other files.
func (k *checker) unique(file string, ids vocabulary, others ...vocabulary) {
	taken := map[string]bool{}
	for _, o := range others {
		mark(taken, o.names)
	}
	for _, id := range ids.names {
		if id == "" {
			k.fail(file, "one of the "+ids.what, "id is empty; allowed: an id of its own")
		} else if taken[id] {
			k.fail(file, id, "the id is used twice; allowed: once among all of its kind")
		}
		taken[id] = true
	}
}

func controlID(x catalog.Control) string          { return x.ID }
func evidenceID(x catalog.EvidenceRequest) string { return x.ID }
func questionID(x catalog.Question) string        { return x.ID }

func (k *checker) groupIDs() vocabulary {
	return idsOf("groups in criteria.yaml", k.c.Groups, func(x catalog.CriteriaGroup) string { return x.ID })
}

func (k *checker) cyberIDs() vocabulary {
	return idsOf("criteria in soccyber.yaml", k.c.Cyber.Criteria, func(x catalog.CyberCriterion) string { return x.ID })
}

func (k *checker) criteriaIDs() vocabulary {
	return idsOf("criteria in criteria.yaml", k.c.Criteria, func(x catalog.Criterion) string { return x.ID })
}

func (k *checker) categoryIDs() vocabulary {
	return idsOf("categories in criteria.yaml", k.c.Categories, func(x catalog.CategoryInfo) catalog.Category { return x.ID })
}

func (k *checker) functionIDs() vocabulary {
	return idsOf("client functions in roles.yaml", k.c.Functions, func(x catalog.ClientFunction) string { return x.ID })
}

func (k *checker) roleIDs() vocabulary {
	return idsOf("app roles in roles.yaml", k.c.AppRoles, func(x catalog.AppRole) string { return x.ID })
}

func (k *checker) domainIDs() vocabulary {
	return idsOf("domains in controls.yaml", k.c.Domains, func(x catalog.Domain) string { return x.ID })
}

func (k *checker) controlIDs() vocabulary {
	return idsOf("controls in controls.yaml", k.c.Controls, controlID)
}

func (k *checker) evidenceIDs() vocabulary {
	return idsOf("requests in evidence.yaml", k.c.Evidence, evidenceID)
}

func (k *checker) objectiveIDs() vocabulary {
	return idsOf("objectives in soc1.yaml", k.c.SOC1.Objectives, func(x catalog.Objective) string { return x.ID })
}

func (k *checker) addonIDs() vocabulary {
	return idsOf("add-ons in phases.yaml", k.c.Addons, func(x catalog.Addon) string { return x.ID })
}

func (k *checker) anchorIDs() vocabulary {
	return idsOf("anchors in phases.yaml", k.c.Anchors, func(x catalog.AnchorTemplate) string { return x.ID })
}

func (k *checker) phaseIDs() vocabulary {
	return idsOf("phases in phases.yaml", k.c.Phases, func(x catalog.PhaseTemplate) catalog.Phase { return x.ID })
}

func (k *checker) taskIDs() vocabulary {
	return idsOf("tasks in phases.yaml", k.c.Tasks, func(x catalog.TaskTemplate) string { return x.ID })
}
