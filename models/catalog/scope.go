package catalog

import (
	"slices"

	"tickmark/models"
)

// What is reported on. Each is also the flag of its engagement types.
const (
	ReportSOC2  = "soc2"
	ReportSOC1  = "soc1"
	ReportCyber = "cyber"
)

// A Scope is what an engagement covers: the kind of report, the categories and the size of the company.
type Scope struct {
	Kind       string // soc2, soc1 or cyber
	Categories []Category
	Headcount  int
}

// A Selection is what the catalog asks of a scope by default; people may add and drop. Everything is in the order of
// the catalog, common items first, and comes once.
type Selection struct {
	Controls  []Control
	Evidence  []EvidenceRequest
	Questions []Question
	Policies  []Policy
	Domains   []string // the sections of the questionnaire with at least one question in scope
}

// InScope returns what the catalog selects for a scope. For SOC 2 a control is in scope when its category is, security
// always being so, and the company is large enough to be expected to have it; evidence and questions follow their
// controls, policies their criteria. An unknown kind selects nothing.
func (c *Catalog) InScope(s Scope) Selection {
	switch s.Kind {
	case ReportSOC2:
		return c.soc2(s)
	case ReportSOC1:
		return c.soc1()
	case ReportCyber:
		return c.cyber(s)
	}
	return Selection{}
}

// soc2 selects by category and headcount.
func (c *Catalog) soc2(s Scope) Selection {
	in := func(x Category) bool { return x == Security || slices.Contains(s.Categories, x) }
	controls := models.Keep(c.Controls, func(x Control) bool { return in(x.Category) && x.Scale <= s.Headcount })
	criteria := setOf(models.Keep(c.Criteria, func(x Criterion) bool { return in(x.Category) }),
		func(x Criterion) string { return x.ID })
	ids := setOf(controls, controlID)
	return c.withDomains(Selection{
		Controls:  controls,
		Evidence:  models.Keep(c.Evidence, func(e EvidenceRequest) bool { return ids.hasAny(e.Controls) }),
		Questions: models.Keep(c.Questions, func(q Question) bool { return ids.hasAny(q.Controls) }),
		Policies:  models.Keep(c.Policies, func(p Policy) bool { return criteria.hasAny(p.Criteria) }),
	})
}

// soc1 selects the controls of all objectives, and of the common items those that the reused controls bring.
func (c *Catalog) soc1() Selection {
	controls := c.ObjectiveControls()
	reused := set{}
	for _, x := range controls {
		reused.add(x.Reuse)
	}
	common := models.Keep(c.Evidence, func(e EvidenceRequest) bool { return reused.hasAny(e.Controls) })
	asked := models.Keep(c.Questions, func(q Question) bool { return reused.hasAny(q.Controls) })
	return c.withDomains(Selection{
		Controls:  controls,
		Evidence:  slices.Concat(common, c.SOC1.Evidence),
		Questions: slices.Concat(asked, c.SOC1.Questions),
		Policies:  models.Keep(c.Policies, func(p Policy) bool { return reused.hasAny(p.Controls) }),
	})
}

// cyber selects as SOC 2 does, by default for the categories of the default control criteria, and adds what the
// description of the cybersecurity program needs.
func (c *Catalog) cyber(s Scope) Selection {
	if len(s.Categories) == 0 {
		s.Categories = c.Cyber.defaultCategories()
	}
	out := c.soc2(s)
	evidence := setOf(out.Evidence, func(e EvidenceRequest) string { return e.ID })
	for _, x := range c.Cyber.Criteria {
		evidence.add(x.Evidence)
	}
	out.Evidence = models.Keep(c.Evidence, func(e EvidenceRequest) bool { return evidence[e.ID] })
	out.Questions = slices.Concat(out.Questions, c.Cyber.Questions)
	return c.withDomains(out)
}

func (f CyberFile) defaultCategories() []Category {
	for _, o := range f.Options {
		if o.Default {
			return o.Uses
		}
	}
	return nil
}

// withDomains fills in the domains of the questions, in catalog order.
func (c *Catalog) withDomains(s Selection) Selection {
	asked := setOf(s.Questions, func(q Question) string { return q.Domain })
	s.Domains = nil
	for _, d := range c.AllDomains() {
		if asked[d.ID] {
			s.Domains = append(s.Domains, d.ID)
		}
	}
	return s
}

// EvidenceFor returns the requests that are raised at a stage: gap, t1 or t2.
func (s Selection) EvidenceFor(stage string) []EvidenceRequest {
	return models.Keep(s.Evidence, func(e EvidenceRequest) bool { return slices.Contains(e.Stages, stage) })
}

// Populations returns the requests for complete lists of a period, from which the auditor samples.
func (s Selection) Populations() []EvidenceRequest {
	return models.Keep(s.Evidence, func(e EvidenceRequest) bool { return e.Kind == KindPopulation })
}

// Essential returns the controls that must operate before an as-of date or the first day of a window.
func (s Selection) Essential() []Control {
	return models.Keep(s.Controls, func(x Control) bool { return x.Essential })
}

// QuestionsIn returns the questions of one section of the questionnaire.
func (s Selection) QuestionsIn(domain string) []Question {
	return models.Keep(s.Questions, func(q Question) bool { return q.Domain == domain })
}

// ProvedBy returns the controls in scope that a request is evidence for: those it names, those of the objectives it
// names, and SOC 1 controls that reuse what it proves. Evidence for the description alone proves none.
func (s Selection) ProvedBy(e EvidenceRequest) []Control {
	named := set{}
	named.add(e.Controls)
	return models.Keep(s.Controls, func(x Control) bool {
		return named[x.ID] || slices.Contains(e.Objectives, x.Objective) || named.hasAny(x.Reuse)
	})
}

// A set of ids.
type set map[string]bool

func setOf[T any](items []T, id func(T) string) set {
	s := make(set, len(items))
	for _, item := range items {
		s[id(item)] = true
	}
	return s
}

func (s set) add(ids []string) {
	for _, id := range ids {
		s[id] = true
	}
}

func (s set) hasAny(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return s[id] })
}

func controlID(x Control) string { return x.ID }
