package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/modelstest"
)

var (
	trustedThree = []catalog.Category{catalog.Security, catalog.Availability, catalog.Confidentiality}
	allFive      = []catalog.Category{catalog.Security, catalog.Availability, catalog.ProcessingIntegrity,
		catalog.Confidentiality, catalog.Privacy}
)

func builtIn(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := files.Load()
	if err != nil {
		t.Fatalf("the built-in catalog does not load: %v", err)
	}
	return c
}

func soc2(people int, categories ...catalog.Category) catalog.Scope {
	return catalog.Scope{Kind: catalog.ReportSOC2, Categories: categories, Headcount: people}
}

func idsIn[T any](items []T, id func(T) string) []string {
	var out []string
	for _, item := range items {
		out = append(out, id(item))
	}
	return out
}

func controlIDs(s catalog.Selection) []string {
	return idsIn(s.Controls, func(x catalog.Control) string { return x.ID })
}

func evidenceIDs(all []catalog.EvidenceRequest) []string {
	return idsIn(all, func(e catalog.EvidenceRequest) string { return e.ID })
}

func questionIDs(s catalog.Selection) []string {
	return idsIn(s.Questions, func(q catalog.Question) string { return q.ID })
}

func policyIDs(s catalog.Selection) []string {
	return idsIn(s.Policies, func(p catalog.Policy) string { return p.ID })
}

// The rows are those of the check report (design/catalog.md, section 5).
func TestWhatASOC2Asks(t *testing.T) {
	c := builtIn(t)
	type asked struct{ controls, requests, questions int }
	for _, row := range []struct {
		categories []catalog.Category
		people     int
		want       asked
	}{
		{modelstest.SecurityOnly, 10, asked{84, 76, 56}},
		{modelstest.SecurityOnly, 50, asked{91, 81, 57}},
		{modelstest.SecurityOnly, 250, asked{91, 81, 57}},
		{trustedThree, 10, asked{92, 84, 59}},
		{trustedThree, 50, asked{101, 91, 60}},
		{trustedThree, 250, asked{101, 91, 60}},
		{allFive, 10, asked{111, 99, 71}},
		{allFive, 50, asked{120, 106, 72}},
		{allFive, 250, asked{120, 106, 72}},
	} {
		s := c.InScope(soc2(row.people, row.categories...))
		if got := (asked{len(s.Controls), len(s.Evidence), len(s.Questions)}); got != row.want {
			t.Errorf("%v at %d people asks %+v, the check report says %+v", row.categories, row.people, got, row.want)
		}
	}
}

// choices returns security with each of the sixteen choices of the other four categories.
func choices() [][]catalog.Category {
	out := [][]catalog.Category{modelstest.SecurityOnly}
	for _, x := range allFive[1:] {
		for _, chosen := range out {
			out = append(out, append(slices.Clone(chosen), x))
		}
	}
	return out
}

func TestEveryCriterionOfAll48ScopesKeepsAControlAndItsEvidence(t *testing.T) {
	c := builtIn(t)
	scopes := 0
	for _, categories := range choices() {
		for _, people := range []int{10, 50, 250} {
			scopes++
			s := c.InScope(soc2(people, categories...))
			controlled, proved := map[string]bool{}, map[string]bool{}
			for _, x := range s.Controls {
				for _, id := range x.Criteria {
					controlled[id] = true
				}
			}
			for _, e := range s.Evidence {
				for _, x := range s.ProvedBy(e) {
					for _, id := range x.Criteria {
						proved[id] = true
					}
				}
			}
			for _, x := range c.Criteria {
				if slices.Contains(categories, x.Category) && !(controlled[x.ID] && proved[x.ID]) {
					t.Errorf("%v at %d people: %s has a control: %t, evidence: %t", categories, people, x.ID,
						controlled[x.ID], proved[x.ID])
				}
			}
		}
	}
	if scopes != 48 {
		t.Errorf("%d scopes were tried, the check report says 48", scopes)
	}
}

func TestSecurityIsInEverySOC2(t *testing.T) {
	c := builtIn(t)
	silent, said := c.InScope(soc2(50, catalog.Availability)), c.InScope(soc2(50, catalog.Security, catalog.Availability))
	if got, want := controlIDs(silent), controlIDs(said); !slices.Equal(got, want) {
		t.Errorf("availability alone selects %d controls, with security %d: security is always in scope", len(got), len(want))
	}
}

func TestAControlWithACategoryOfItsOwnFollowsIt(t *testing.T) {
	c := builtIn(t)
	for _, id := range []string{"PHY-05", "BCP-03", "BCP-05", "BCP-06"} {
		if slices.Contains(controlIDs(c.InScope(soc2(50, modelstest.SecurityOnly...))), id) {
			t.Errorf("%s is of availability, yet security alone selects it", id)
		}
		if !slices.Contains(controlIDs(c.InScope(soc2(50, catalog.Security, catalog.Availability))), id) {
			t.Errorf("%s is of availability, yet availability does not select it", id)
		}
	}
}

func TestSmallCompaniesAreAskedForLess(t *testing.T) {
	c := builtIn(t)
	for _, x := range c.InScope(soc2(10, allFive...)).Controls {
		if x.Scale > 10 {
			t.Errorf("%s is expected from %d people on, yet asked of 10", x.ID, x.Scale)
		}
	}
}

func TestPoliciesFollowTheirCriteria(t *testing.T) {
	c := builtIn(t)
	for _, row := range []struct {
		categories []catalog.Category
		want       int
	}{{modelstest.SecurityOnly, 23}, {trustedThree, 25}, {allFive, 27}} {
		if got := len(c.InScope(soc2(50, row.categories...)).Policies); got != row.want {
			t.Errorf("%v asks for %d policies, want %d", row.categories, got, row.want)
		}
	}
	without := policyIDs(c.InScope(soc2(50, modelstest.SecurityOnly...)))
	if p, _ := c.Policy("POL-21"); slices.Contains(without, p.ID) {
		t.Errorf("%s %q names availability criteria only, yet security alone asks for it", p.ID, p.Name)
	}
}

func TestDomainsAreThoseOfTheQuestionsAsked(t *testing.T) {
	c := builtIn(t)
	for _, row := range []struct {
		scope catalog.Scope
		want  string
	}{
		// Two questions of PRV also ask about INC-05 and VND-04, which security selects.
		{soc2(50, modelstest.SecurityOnly...), "GOV HR COM RSK MON IAM AST NET CRY PHY VUL LOG INC CHG BCP VND PRV"},
		{soc2(50, allFive...), "GOV HR COM RSK MON IAM AST NET CRY PHY VUL LOG INC CHG BCP AVL VND PIN CON PRV"},
		{catalog.Scope{Kind: catalog.ReportSOC1, Headcount: 50}, "COM MON IAM PHY INC CHG BCP VND PIN SOC1"},
		{catalog.Scope{Kind: catalog.ReportCyber, Headcount: 50},
			"GOV HR COM RSK MON IAM AST NET CRY PHY VUL LOG INC CHG BCP AVL VND CON PRV CYBER"},
	} {
		s := c.InScope(row.scope)
		if got := strings.Join(s.Domains, " "); got != row.want {
			t.Errorf("%s %v asks about %s, want %s", row.scope.Kind, row.scope.Categories, got, row.want)
		}
		asked := 0
		for _, d := range s.Domains {
			asked += len(s.QuestionsIn(d))
		}
		if asked != len(s.Questions) {
			t.Errorf("%s: the sections hold %d of %d questions", row.scope.Kind, asked, len(s.Questions))
		}
	}
}

func TestEvidenceIsAskedForStageByStage(t *testing.T) {
	s := builtIn(t).InScope(soc2(50, allFive...))
	for stage, want := range map[string]int{catalog.StageGap: 57, catalog.StageT1: 103, catalog.StageT2: 100, "t3": 0} {
		if got := len(s.EvidenceFor(stage)); got != want {
			t.Errorf("at stage %s %d requests are raised, want %d", stage, got, want)
		}
	}
	if got := len(s.Populations()); got != 33 {
		t.Errorf("%d populations are pulled, the check report says 33", got)
	}
	if got := len(s.Essential()); got != 86 {
		t.Errorf("%d controls are essential, the check report says 86", got)
	}
}

func TestWhatASOC1Asks(t *testing.T) {
	c := builtIn(t)
	s := c.InScope(catalog.Scope{Kind: catalog.ReportSOC1, Headcount: 50})
	if len(s.Controls) != 37 || len(s.Essential()) != 22 {
		t.Errorf("SOC 1 has %d controls, %d essential; want the 37 of all objectives, 22 of them about IT in general",
			len(s.Controls), len(s.Essential()))
	}
	if len(s.Evidence) != 29+8 || len(s.Questions) != 21+8 {
		t.Errorf("SOC 1 has %d requests and %d questions; want 29 and 21 that are reused and 8 of its own each",
			len(s.Evidence), len(s.Questions))
	}
	want := "POL-08 POL-09 POL-13 POL-16 POL-17 POL-18 POL-20 POL-22 POL-26"
	if got := strings.Join(policyIDs(s), " "); got != want {
		t.Errorf("SOC 1 asks for the policies %s, want %s", got, want)
	}
	tiny := c.InScope(catalog.Scope{Kind: catalog.ReportSOC1, Headcount: 1})
	if !slices.Equal(controlIDs(tiny), controlIDs(s)) {
		t.Error("objectives hold for tiny companies too, yet their controls differ")
	}
	x, _ := c.Control("S1-01D")
	if x.Objective != "CO-01" || !slices.Equal(x.Reuse, []string{"IAM-02", "IAM-03"}) || x.Owner != "it_lead" ||
		x.Frequency != "continuous" || !x.Essential {
		t.Errorf("S1-01D came out as %+v", x)
	}
}

func TestWhatASOCForCybersecurityAsks(t *testing.T) {
	c := builtIn(t)
	s := c.InScope(catalog.Scope{Kind: catalog.ReportCyber, Headcount: 50})
	like := c.InScope(soc2(50, trustedThree...))
	if !slices.Equal(controlIDs(s), controlIDs(like)) || !slices.Equal(policyIDs(s), policyIDs(like)) {
		t.Errorf("by default it asks for %d controls and %d policies, a SOC 2 of the same categories for %d and %d",
			len(s.Controls), len(s.Policies), len(like.Controls), len(like.Policies))
	}
	if got := len(s.Questions) - len(like.Questions); got != 9 {
		t.Errorf("it asks %d questions more than the SOC 2, want its own 9", got)
	}
	var more []string
	for _, id := range evidenceIDs(s.Evidence) {
		if !slices.Contains(evidenceIDs(like.Evidence), id) {
			more = append(more, id)
		}
	}
	// The description lists sensitive data, whose inventory is otherwise a matter of privacy.
	if !slices.Equal(more, []string{"EV-099"}) {
		t.Errorf("beyond the SOC 2 it asks for %v, want EV-099", more)
	}
	for _, x := range c.Cyber.Criteria {
		for _, id := range x.Evidence {
			if !slices.Contains(evidenceIDs(s.Evidence), id) {
				t.Errorf("%s needs %s, which is not asked for", x.ID, id)
			}
		}
	}
	narrow := c.InScope(catalog.Scope{Kind: catalog.ReportCyber, Headcount: 50, Categories: modelstest.SecurityOnly})
	if !slices.Equal(controlIDs(narrow), controlIDs(c.InScope(soc2(50, modelstest.SecurityOnly...)))) {
		t.Error("categories that were chosen do not replace the default ones")
	}
}

func TestEvidenceProvesControlsOfItsScope(t *testing.T) {
	c := builtIn(t)
	for _, row := range []struct {
		kind, request, want string
	}{
		{catalog.ReportSOC2, "EV-006", "GOV-02 COM-03"},
		{catalog.ReportSOC1, "EV-036", "S1-01A"},
		{catalog.ReportSOC1, "S1E-06", "S1-12A S1-12B S1-12C"},
		{catalog.ReportCyber, "EV-099", ""},
	} {
		e, _ := c.EvidenceRequest(row.request)
		s := c.InScope(catalog.Scope{Kind: row.kind, Categories: nil, Headcount: 50})
		var got []string
		for _, x := range s.ProvedBy(e) {
			got = append(got, x.ID)
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("in %s %s proves %v, want %s", row.kind, row.request, got, row.want)
		}
	}
	for _, kind := range []string{catalog.ReportSOC2, catalog.ReportSOC1} {
		s := c.InScope(catalog.Scope{Kind: kind, Headcount: 50})
		proved := map[string]bool{}
		for _, e := range s.Evidence {
			for _, x := range s.ProvedBy(e) {
				proved[x.ID] = true
			}
		}
		for _, x := range s.Controls {
			if !proved[x.ID] {
				t.Errorf("%s: nothing that is asked for proves %s", kind, x.ID)
			}
		}
	}
}

func TestASelectionKeepsTheOrderOfTheCatalogAndNamesNothingTwice(t *testing.T) {
	c := builtIn(t)
	all := map[string][]string{
		"controls":  controlIDs(catalog.Selection{Controls: slices.Concat(c.Controls, c.ObjectiveControls())}),
		"requests":  evidenceIDs(slices.Concat(c.Evidence, c.SOC1.Evidence)),
		"questions": questionIDs(catalog.Selection{Questions: c.AllQuestions()}),
		"policies":  policyIDs(catalog.Selection{Policies: c.Policies}),
	}
	for _, kind := range []string{catalog.ReportSOC2, catalog.ReportSOC1, catalog.ReportCyber} {
		for _, categories := range choices() {
			s := c.InScope(catalog.Scope{Kind: kind, Categories: categories, Headcount: 50})
			for what, got := range map[string][]string{"controls": controlIDs(s), "requests": evidenceIDs(s.Evidence),
				"questions": questionIDs(s), "policies": policyIDs(s)} {
				last := -1
				for _, id := range got {
					at := slices.Index(all[what], id)
					if at <= last {
						t.Errorf("%s %v: among the %s, %s is out of order or there twice", kind, categories, what, id)
					}
					last = at
				}
			}
		}
	}
}

func TestAnUnknownKindSelectsNothing(t *testing.T) {
	s := builtIn(t).InScope(catalog.Scope{Kind: "soc4", Categories: allFive, Headcount: 50})
	if len(s.Controls)+len(s.Evidence)+len(s.Questions)+len(s.Policies)+len(s.Domains) > 0 {
		t.Errorf("a report there is not selects %d controls", len(s.Controls))
	}
}

func TestASelectionMayBeChangedWithoutChangingTheCatalog(t *testing.T) {
	c := builtIn(t)
	s := c.InScope(catalog.Scope{Kind: catalog.ReportSOC2, Categories: allFive, Headcount: 250})
	s.Controls[0].Name, s.Evidence[0].Name = "spoiled", "spoiled"
	if c.Controls[0].Name == "spoiled" || c.Evidence[0].Name == "spoiled" {
		t.Error("renaming a selected item renamed it for every engagement")
	}
}

func TestPhasesTakeLongerAtLargerCompanies(t *testing.T) {
	c := builtIn(t)
	for _, row := range []struct {
		phase  catalog.Phase
		people int
		want   [3]int
	}{
		{catalog.PhaseKickoff, 1, [3]int{3, 5, 8}},
		{catalog.PhaseKickoff, 10, [3]int{3, 5, 8}},
		{catalog.PhaseKickoff, 11, [3]int{5, 8, 12}}, // the nearest size at or above, never in between
		{catalog.PhaseRemediation, 1000, [3]int{60, 100, 160}},
		{catalog.PhaseRenewal, 50000, [3]int{20, 30, 45}},
		{catalog.PhaseWindow, 50, [3]int{}},
	} {
		if got := c.Duration(row.phase, row.people); got != row.want {
			t.Errorf("%s at %d people takes %v days, want %v", row.phase, row.people, got, row.want)
		}
	}
	if got := c.ExtraDays(catalog.PhaseGap, 50, allFive); got != 5*3 {
		t.Errorf("four more categories add %d days to the gap analysis, want 15: privacy counts twice", got)
	}
	if got := c.ExtraDays(catalog.PhaseGap, 50, modelstest.SecurityOnly); got != 0 {
		t.Errorf("security alone adds %d days, want none", got)
	}
}
