package files_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
)

// The expected numbers are those of the check report the catalog was delivered with (design/catalog.md, section 5).

func load(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := files.Load()
	if err != nil {
		t.Fatalf("the built-in catalog does not load: %v", err)
	}
	return c
}

// count counts items by a property.
func count[T any, K comparable](items []T, by func(T) K) map[K]int {
	n := map[K]int{}
	for _, item := range items {
		n[by(item)]++
	}
	return n
}

func same[K comparable](t *testing.T, what string, got, want map[K]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s are %v, the check report says %v", what, got, want)
	}
}

func TestTheElevenFilesAreEmbedded(t *testing.T) {
	onDisk, err := fs.Glob(os.DirFS("."), "*.yaml")
	if err != nil || len(onDisk) != 11 {
		t.Fatalf("there are %d catalog files (%v), want 11: %v", len(onDisk), err, onDisk)
	}
	c := load(t)
	again, err := files.Parse(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != again.Version || !strings.HasPrefix(c.Version, "catalog/v1-") {
		t.Errorf("embedded version %q, on disk %q: want the same, after catalog/v1-", c.Version, again.Version)
	}
	if second := load(t); second != c {
		t.Error("the second load read the files again")
	}
}

func TestThereAreAsManyItemsAsReported(t *testing.T) {
	c := load(t)
	for _, n := range []struct {
		what      string
		got, want int
	}{
		{"criteria", len(c.Criteria), 61},
		{"SOC 2 description criteria", len(c.DescriptionCriteria), 9},
		{"controls", len(c.Controls), 120},
		{"domains", len(c.Domains), 20},
		{"policies", len(c.Policies), 27},
		{"evidence requests", len(c.Evidence), 106},
		{"questions", len(c.Questions), 72},
		{"SOC 1 objectives", len(c.SOC1.Objectives), 14},
		{"SOC 1 controls", len(c.ObjectiveControls()), 37},
		{"SOC 1 requests", len(c.SOC1.Evidence), 8},
		{"SOC 1 questions", len(c.SOC1.Questions), 8},
		{"Cybersecurity criteria", len(c.Cyber.Criteria), 19},
		{"Cybersecurity categories", len(c.Cyber.Categories), 9},
		{"Cybersecurity questions", len(c.Cyber.Questions), 9},
		{"engagement types", len(c.Types), 10},
		{"phases", len(c.Phases), 12},
		{"gates", len(gates(c)), 31},
		{"returns", len(c.Returns), 13},
		{"tasks", len(c.Tasks), 107},
		{"reminder schedules", len(c.Reminders.Schedules), 9},
		{"client functions", len(c.Functions), 14},
		{"app roles", len(c.AppRoles), 6},
	} {
		if n.got != n.want {
			t.Errorf("there are %d %s, the check report says %d", n.got, n.what, n.want)
		}
	}
}

func TestItemsAreOfTheReportedKinds(t *testing.T) {
	c := load(t)
	same(t, "criteria by category", count(c.Criteria, func(x catalog.Criterion) catalog.Category { return x.Category }),
		map[catalog.Category]int{catalog.Security: 33, catalog.Availability: 3, catalog.ProcessingIntegrity: 5,
			catalog.Confidentiality: 2, catalog.Privacy: 18})
	same(t, "controls by frequency", count(c.Controls, func(x catalog.Control) string { return x.Frequency }),
		map[string]int{"annual": 33, "continuous": 30, "quarterly": 9, "event": 32, "monthly": 7, "daily": 4,
			"semiannual": 4, "weekly": 1})
	same(t, "controls by being essential", count(c.Controls, func(x catalog.Control) bool { return x.Essential }),
		map[bool]int{true: 86, false: 34})
	same(t, "requests by kind", count(c.Evidence, func(x catalog.EvidenceRequest) string { return x.Kind }),
		map[string]int{"document": 24, "population": 33, "config": 22, "record": 27})
	same(t, "questions by severity", count(c.Questions, func(x catalog.Question) string { return x.IfNo.Severity }),
		map[string]int{"medium": 17, "low": 5, "high": 42, "critical": 8})

	effort := 0.0
	for _, q := range c.Questions {
		effort += q.IfNo.EffortDays * c.SizeFactors["50"]
	}
	if effort != 245 {
		t.Errorf("if a company of 50 answers no to everything it has %g person-days ahead, the check report says 245", effort)
	}
}

// reach lists, for each criterion, the items that reach it.
type reach map[string][]string

func (r reach) add(item string, criteria []string) {
	for _, id := range criteria {
		if !slices.Contains(r[id], item) {
			r[id] = append(r[id], item)
		}
	}
}

func coverage(c *catalog.Catalog) map[string]reach {
	out := map[string]reach{"controls": {}, "evidence": {}, "questions": {}, "policies": {}}
	for _, x := range c.Controls {
		out["controls"].add(x.ID, x.Criteria)
	}
	for _, e := range c.Evidence {
		for _, id := range e.Controls {
			x, _ := c.Control(id)
			out["evidence"].add(e.ID, x.Criteria)
		}
	}
	for _, q := range c.Questions {
		out["questions"].add(q.ID, q.Criteria)
	}
	for _, p := range c.Policies {
		out["policies"].add(p.ID, p.Criteria)
	}
	return out
}

func TestEveryCriterionIsCovered(t *testing.T) {
	c := load(t)
	all := coverage(c)
	for kind, want := range map[string]string{
		"controls":  "CC1.2 CC3.4 PI1.1 PI1.2 P1.1 P2.1 P3.2 P5.1 P5.2 P6.1 P6.3 P6.7",
		"evidence":  "CC3.4 PI1.1 PI1.2 P1.1 P2.1 P3.2 P5.1 P5.2 P6.1 P6.3",
		"questions": "CC1.2 CC3.2 CC3.4 CC5.3 CC9.1 A1.1 A1.3 PI1.1 PI1.2 PI1.3 PI1.5 P1.1",
		"policies":  "CC1.1 CC1.2 CC1.4 CC2.1 CC3.2 CC3.3 CC3.4 CC4.1 CC4.2 CC5.1 CC5.3 CC6.2",
	} {
		if n := len(all[kind]); n != 61 {
			t.Errorf("%s cover %d of 61 criteria", kind, n)
		}
		var thin []string
		for _, x := range c.Criteria {
			if len(all[kind][x.ID]) == 1 && len(thin) < 12 {
				thin = append(thin, x.ID)
			}
		}
		if got := strings.Join(thin, " "); got != want {
			t.Errorf("the first criteria with a single one of the %s are %s, the check report says %s", kind, got, want)
		}
	}
	// One row of section 6 in full.
	for kind, want := range map[string]string{
		"controls": "GOV-01 GOV-02 HR-02 HR-03 HR-06", "evidence": "EV-006 EV-007 EV-017 EV-022",
		"questions": "Q-001 Q-002 Q-006 Q-007", "policies": "POL-02",
	} {
		if got := strings.Join(all[kind]["CC1.1"], " "); got != want {
			t.Errorf("CC1.1 is reached by the %s %s, section 6 says %s", kind, got, want)
		}
	}
}

func TestEveryControlIsProvedRuledAndAskedAbout(t *testing.T) {
	c := load(t)
	proved, ruled, asked := reach{}, reach{}, reach{}
	for _, e := range c.Evidence {
		proved.add(e.ID, e.Controls)
	}
	for _, p := range c.Policies {
		ruled.add(p.ID, p.Controls)
	}
	for _, q := range c.Questions {
		asked.add(q.ID, q.Controls)
	}
	for _, x := range c.Controls {
		if len(proved[x.ID]) == 0 || len(ruled[x.ID]) == 0 || len(asked[x.ID]) == 0 {
			t.Errorf("%s has evidence %v, policies %v, questions %v: want one of each at least",
				x.ID, proved[x.ID], ruled[x.ID], asked[x.ID])
		}
	}
}

func TestQuestionsNameOnlyCriteriaTheirControlsReach(t *testing.T) {
	c := load(t)
	for _, q := range c.Questions {
		reached := reach{}
		for _, id := range q.Controls {
			x, _ := c.Control(id)
			reached.add(id, x.Criteria)
		}
		for _, id := range q.Criteria {
			if len(reached[id]) == 0 {
				t.Errorf("%s names %s, but its controls %v do not reach it", q.ID, id, q.Controls)
			}
		}
	}
}

func TestEachTypeOfEngagementHasItsPlan(t *testing.T) {
	c := load(t)
	type numbers struct{ tasks, phases, gateTasks int }
	want := map[string]numbers{
		"readiness_only":     {44, 4, 17},
		"soc2_type1":         {63, 7, 24},
		"soc2_type2":         {87, 9, 33},
		"soc2_type1_type2":   {104, 12, 40},
		"soc2_type2_renewal": {85, 9, 33},
		"soc1_type1":         {63, 7, 24},
		"soc1_type2":         {87, 9, 33},
		"soc1_type1_type2":   {104, 12, 40},
		"cyber_point":        {63, 7, 24},
		"cyber_period":       {87, 9, 33},
	}
	counted := func(flags []string) numbers {
		tasks := c.TasksFor(flags)
		gateTasks := count(tasks, func(t catalog.TaskTemplate) bool { return t.Gate })[true]
		return numbers{len(tasks), len(c.PhasesFor(flags)), gateTasks}
	}
	for _, kind := range c.Types {
		if got := counted(kind.Flags); got != want[kind.ID] {
			t.Errorf("%s has %+v, the check report says %+v", kind.ID, got, want[kind.ID])
		}
		delete(want, kind.ID)
	}
	for id := range want {
		t.Errorf("there is no engagement type %s", id)
	}
	kind, _ := c.Type("soc2_type2") // the check report counts this type with its add-on
	soc3, _ := c.Addon("soc3")
	if got, want := counted(slices.Concat(kind.Flags, []string{soc3.Flag})), (numbers{88, 9, 33}); got != want {
		t.Errorf("soc2_type2 with soc3 has %+v, the check report says %+v", got, want)
	}
}

func TestTheSkippedTasksOfARenewalAreThoseOfTheFirstYear(t *testing.T) {
	c := load(t)
	first, _ := c.Type("soc2_type2")
	renewal, _ := c.Type("soc2_type2_renewal")
	var skipped []string
	for _, x := range c.TasksFor(first.Flags) {
		if !slices.ContainsFunc(c.TasksFor(renewal.Flags), func(y catalog.TaskTemplate) bool { return x.ID == y.ID }) {
			skipped = append(skipped, x.ID)
		}
	}
	if got := strings.Join(skipped, " "); got != "GA-05 RE-02" {
		t.Errorf("a renewal leaves out %s, want GA-05 RE-02", got)
	}
}

func TestNobodyWaitsInACircleOrForALaterPhase(t *testing.T) {
	c := load(t)
	for _, kind := range c.Types {
		tasks := c.TasksFor(kind.Flags)
		present := map[string]bool{}
		for _, x := range tasks {
			present[x.ID] = true
		}
		done := map[string]bool{}
		for range tasks { // each round does at least one task, unless those left wait for each other
			for _, x := range tasks {
				if !slices.ContainsFunc(x.After, func(id string) bool { return present[id] && !done[id] }) {
					done[x.ID] = true
				}
			}
		}
		for _, x := range tasks {
			if !done[x.ID] {
				t.Errorf("%s: %s can never begin, it waits for %v", kind.ID, x.ID, x.After)
			}
		}
	}
	for _, x := range c.Tasks {
		mine, _ := c.Phase(x.Phase)
		for _, id := range x.After {
			dep, ok := c.Template(id)
			theirs, _ := c.Phase(dep.Phase)
			if !ok || theirs.Order > mine.Order {
				t.Errorf("%s in %s waits for %s in %q", x.ID, x.Phase, id, dep.Phase)
			}
			if x.Due.Anchor == dep.Due.Anchor && x.Due.Unit == dep.Due.Unit && dep.Due.Offset > x.Due.Offset {
				t.Errorf("%s is due on day %d after %s, before %s on day %d, for which it waits",
					x.ID, x.Due.Offset, x.Due.Anchor, id, dep.Due.Offset)
			}
		}
	}
}

func gates(c *catalog.Catalog) []catalog.GateTemplate {
	var out []catalog.GateTemplate
	for _, p := range c.Phases {
		out = append(out, p.Exit...)
	}
	return out
}

func TestGatesNeedTheGateTasksOfTheirPhase(t *testing.T) {
	c := load(t)
	needed, plain := map[string]bool{}, []string{}
	for _, p := range c.Phases {
		for _, g := range p.Exit {
			if len(g.Needs) == 0 && g.Approver != "system" {
				t.Errorf("%s needs no task, yet %s must sign it", g.ID, g.Approver)
			}
			for _, id := range g.Needs {
				needed[id] = true
				x, ok := c.Template(id)
				if !ok || x.Phase != p.ID {
					t.Errorf("%s of %s needs %s of phase %q", g.ID, p.ID, id, x.Phase)
				}
				if !x.Gate && x.Expand == "" {
					plain = append(plain, id)
				}
			}
		}
	}
	// These five are neither gate tasks nor expanded; the gates ask for them all the same.
	if got := strings.Join(plain, " "); got != "T1-11 WS-05 WS-04 T2-08 RN-04" {
		t.Errorf("the plain tasks that gates need are %s, want T1-11 WS-05 WS-04 T2-08 RN-04", got)
	}
	var idle []string
	for _, x := range c.Tasks {
		if x.Gate && !needed[x.ID] {
			idle = append(idle, x.ID)
		}
	}
	// Letter and independence check are entry conditions of the kickoff: no exit gate asks for them.
	if got := strings.Join(idle, " "); got != "KO-01 KO-02" {
		t.Errorf("the gate tasks no gate needs are %s, want KO-01 KO-02", got)
	}
}

func TestGatesAreSignedByThoseWhoMay(t *testing.T) {
	c := load(t)
	got := count(gates(c), func(g catalog.GateTemplate) string { return g.Approver })
	same(t, "gates by approver", got, map[string]int{"sponsor": 10, "pm": 11, "partner": 5, "auditor": 4, "system": 1})
	for _, g := range gates(c) {
		if g.Blocking == (g.ID == "G-RN-1") {
			t.Errorf("%s is blocking: %t; only G-RN-1, the next period, does not hold the end up", g.ID, g.Blocking)
		}
	}
}

func TestEveryFallbackEndsAtTheSponsor(t *testing.T) {
	c := load(t)
	for _, f := range c.Functions {
		path := []string{f.ID}
		for f.Fallback != "" && len(path) <= len(c.Functions) {
			f, _ = c.Function(f.Fallback)
			path = append(path, f.ID)
		}
		if f.ID != "sponsor" {
			t.Errorf("nobody answers for the items of %s: %v", path[0], path)
		}
	}
}

func TestEffortIsInMinutes(t *testing.T) {
	c := load(t)
	for id, want := range map[string]int{"KO-01": 120, "T1-03": 15, "RE-15": 1440, "T1-13": 0} {
		if x, ok := c.Template(id); !ok || x.EffortMinutes != want {
			t.Errorf("%s takes %d minutes, want %d", id, x.EffortMinutes, want)
		}
	}
}

func TestLookupsFindEverythingAndNothingElse(t *testing.T) {
	c := load(t)
	for _, x := range []struct {
		what  string
		found bool
		want  bool
	}{
		{"control GOV-01", ok(c.Control("GOV-01")), true},
		{"SOC 1 control S1-01A", ok(c.Control("S1-01A")), true},
		{"control GOV-99", ok(c.Control("GOV-99")), false},
		{"request EV-106", ok(c.EvidenceRequest("EV-106")), true},
		{"SOC 1 request S1E-08", ok(c.EvidenceRequest("S1E-08")), true},
		{"request EV-999", ok(c.EvidenceRequest("EV-999")), false},
		{"question CYQ-09", ok(c.Question("CYQ-09")), true},
		{"policy POL-27", ok(c.Policy("POL-27")), true},
		{"domain PRV", ok(c.Domain("PRV")), true},
		{"section SOC1", ok(c.Domain(catalog.DomainSOC1)), true},
		{"function vendor_lead", ok(c.Function("vendor_lead")), true},
		{"type soc2_type1", ok(c.Type("soc2_type1")), true},
		{"type soc4", ok(c.Type("soc4")), false},
		{"add-on soc3", ok(c.Addon("soc3")), true},
		{"phase t2_window", ok(c.Phase(catalog.PhaseWindow)), true},
		{"phase t3_window", ok(c.Phase("t3_window")), false},
		{"task RN-07", ok(c.Template("RN-07")), true},
		{"task RN-08", ok(c.Template("RN-08")), false},
	} {
		if x.found != x.want {
			t.Errorf("%s found: %t, want %t", x.what, x.found, x.want)
		}
	}
	if got, _ := c.Control("PHY-05"); got.Category != catalog.Availability {
		t.Errorf("PHY-05 has its own category, availability, not its domain's; got %s", got.Category)
	}
	if got, _ := c.Control("GOV-01"); got.Category != catalog.Security {
		t.Errorf("GOV-01 takes the category of its domain, security; got %s", got.Category)
	}
}

func ok[T any](_ T, found bool) bool { return found }

func ExampleLoad() {
	c, err := files.Load()
	if err != nil {
		panic(err)
	}
	gate, _ := c.Phase(catalog.PhaseKickoff)
	for _, g := range gate.Exit {
		fmt.Println(g.ID, g.Text, "- signed by", g.Approver, "after", g.Needs)
	}
	// Output:
	// G-KO-1 Scope memo approved - signed by sponsor after [KO-15]
	// G-KO-2 Every in-scope area has a control owner and a backup - signed by pm after [KO-07]
	// G-KO-3 Report type and target date agreed - signed by partner after [KO-08]
}
