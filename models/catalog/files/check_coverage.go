package files

import (
	"slices"
	"strings"

	"tickmark/models/catalog"
)

// everyControlIsUsed: every common control has evidence that proves it, a policy that asks for it and a question that
// finds it missing.
func (k *checker) everyControlIsUsed() {
	proved, ruled, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range k.c.Evidence {
		mark(proved, e.Controls)
	}
	for _, p := range k.c.Policies {
		mark(ruled, p.Controls)
	}
	for _, q := range k.c.Questions {
		mark(asked, q.Controls)
	}
	for _, x := range k.c.Controls {
		if !proved[x.ID] {
			k.fail("evidence.yaml", x.ID, "no request proves the control; allowed: at least one")
		}
		if !ruled[x.ID] {
			k.fail("policies.yaml", x.ID, "no policy names the control; allowed: at least one")
		}
		if !asked[x.ID] {
			k.fail("questions.yaml", x.ID, "no question asks about the control; allowed: at least one")
		}
	}
}

// questionsReachTheirCriteria: a question's criteria are met by its controls.
func (k *checker) questionsReachTheirCriteria() {
	for _, q := range k.c.Questions {
		reached := map[string]bool{}
		for _, id := range q.Controls {
			x, _ := k.c.Control(id)
			mark(reached, x.Criteria)
		}
		for _, id := range q.Criteria {
			if !reached[id] {
				k.fail("questions.yaml", q.ID, "criteria has %s, which none of its controls meets; allowed: criteria of %s",
					id, strings.Join(q.Controls, ", "))
			}
		}
	}
}

// objectivesAreCovered: every SOC 1 objective has evidence of its own and a question, every description criterion of
// SOC for Cybersecurity a question, every trust services criterion a question and a policy.
func (k *checker) objectivesAreCovered() {
	proved, asked, ruled := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range k.c.SOC1.Evidence {
		mark(proved, e.Objectives)
	}
	for _, q := range k.c.AllQuestions() {
		mark(asked, q.Objectives)
		mark(asked, q.Criteria)
	}
	for _, p := range k.c.Policies {
		mark(ruled, p.Criteria)
	}
	for _, o := range k.c.SOC1.Objectives {
		if !proved[o.ID] || !asked[o.ID] {
			k.fail("soc1.yaml", o.ID, "the objective lacks evidence or a question; allowed: at least one of each")
		}
	}
	for _, x := range k.c.Cyber.Criteria {
		if !asked[x.ID] {
			k.fail("soccyber.yaml", x.ID, "no question asks about it; allowed: at least one")
		}
	}
	for _, x := range k.c.Criteria {
		if !asked[x.ID] || !ruled[x.ID] {
			k.fail("criteria.yaml", x.ID, "the criterion lacks a question or a policy; allowed: at least one of each")
		}
	}
}

// scopesStayCovered: whatever categories are chosen at whatever size, every criterion in scope keeps a control that is
// there by default, and evidence for it.
func (k *checker) scopesStayCovered() {
	for _, scope := range scopes(k.c) {
		selected := k.c.InScope(scope)
		controlled, proved := map[string]bool{}, map[string]bool{}
		for _, x := range selected.Controls {
			mark(controlled, x.Criteria)
		}
		for _, e := range selected.Evidence {
			for _, x := range selected.ProvedBy(e) {
				mark(proved, x.Criteria)
			}
		}
		for _, x := range k.c.Criteria {
			if slices.Contains(scope.Categories, x.Category) && !(controlled[x.ID] && proved[x.ID]) {
				k.fail("controls.yaml", x.ID, "with %v and %d people no control or evidence is left for the criterion; "+
					"allowed: at least one of each", scope.Categories, scope.Headcount)
			}
		}
	}
}

// scopes returns every SOC 2 scope there is: security with any of the other four categories, at three sizes.
func scopes(c *catalog.Catalog) []catalog.Scope {
	choices := [][]catalog.Category{{catalog.Security}}
	for _, info := range c.Categories {
		if info.Required {
			continue
		}
		for _, chosen := range choices {
			choices = append(choices, append(slices.Clone(chosen), info.ID))
		}
	}
	var out []catalog.Scope
	for _, chosen := range choices {
		for _, people := range []int{10, 50, 250} {
			out = append(out, catalog.Scope{Kind: catalog.ReportSOC2, Categories: chosen, Headcount: people})
		}
	}
	return out
}

func mark(set map[string]bool, ids []string) {
	for _, id := range ids {
		set[id] = true
	}
}
