package app

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// unreadFields are the fields of the catalog that no program reads, and what reads them or is going to. A rule in a file that no code
// reads is a lie: whoever builds what a field waits for takes it off this list, and a field for which nothing is planned is deleted.
var unreadFields = func() map[string]string {
	out := map[string]string{}
	for _, x := range []struct{ what, fields string }{
		{"the loader, which checks the files by it",
			"ControlsFile.Schema CriteriaFile.Schema CyberFile.Schema EvidenceFile.Schema PhasesFile.Schema " +
				"PoliciesFile.Schema QuestionsFile.Schema RemindersFile.Schema RolesFile.Schema SOC1File.Schema " +
				"SamplingFile.Schema CategoryInfo.Count Criterion.Group CriteriaFile.Framework CriteriaFile.Groups " +
				"CriteriaGroup.ID CriteriaGroup.Category Framework.ID Framework.Total AnchorTemplate.Needs " +
				"RolesFile.AppRoles AppRole.ID AppRole.Side CyberFile.Categories CyberCategory.ID"},
		{"docs/reminders.md, which is written from it",
			"ReminderSchedule.For"},
		{"documents: the name of the criteria, their groups and titles in reports and matrices (issue 13)",
			"Framework.Name CriteriaGroup.Name Criterion.Title Criterion.COSO Objective.Title " +
				"Objective.Assertions"},
		{"documents: the description of the system, section by section (issue 13)",
			"CriteriaFile.DescriptionCriteria DescriptionCriterion.ID DescriptionCriterion.Title " +
				"DescriptionCriterion.EvidenceStage DescriptionCriterion.Type2Only"},
		{"documents: the description of a cybersecurity program, and what it is measured against (issue 13)",
			"CriteriaOption.ID CriteriaOption.Name CriteriaOption.NeedsAuditorAgreement CyberCategory.Name " +
				"CyberCriterion.ID CyberCriterion.Ref CyberCriterion.Category CyberCriterion.Title " +
				"CyberCriterion.Controls"},
		{"documents: the control matrix (issue 13)",
			"Control.Criteria Control.Nature Control.Type"},
		{"gaps: what is asked of a small firm instead (issue 13)",
			"Control.SmallAlt"},
		{"gaps: the questionnaire, its severities, and what remediation costs (issue 13)",
			"Question.Question Question.Criteria Question.Objectives IfNo.Severity IfNo.Gap IfNo.Task " +
				"IfNo.EffortDays QuestionsFile.SizeFactors"},
		{"policies: when one is looked at again (issue 13)",
			"Policy.Review"},
		{"evidence: how often a request comes, and what is pulled for each sampled item (issue 14)",
			"EvidenceRequest.Cadence EvidenceRequest.Sample"},
		{"evidence: the states of a request (issue 14)",
			"SamplingFile.EvidenceStates"},
		{"fieldwork: the states of a deviation (issue 14)",
			"SamplingFile.DeviationStates"},
		{"fieldwork: how many items owners are to expect (issue 14)",
			"SamplingFile.ByFrequency SamplingFile.ByPopulation SamplingFile.ShorterWindows " +
				"FrequencySample.Frequency FrequencySample.ExpectedPerYear FrequencySample.Low " +
				"FrequencySample.Default FrequencySample.High FrequencySample.Note PopulationSample.Min " +
				"PopulationSample.Max PopulationSample.TakeAll PopulationSample.Low PopulationSample.Default " +
				"PopulationSample.High PopulationSample.Note"},
		{"pages: what a phase leaves behind (issue 11)",
			"PhaseTemplate.Deliverables"},
		{"pages: what a role is called (issue 11)",
			"AppRole.Name"},
	} {
		for field := range strings.FieldsSeq(x.fields) {
			out[field] = x.what
		}
	}
	return out
}()

// Every field of the catalog's types is read by something that is neither a test nor the loader and its checks, or is named in
// unreadFields.
func TestEveryFieldOfTheCatalogIsRead(t *testing.T) {
	unread := ourSource(t).unreadFields(
		func(pkg string) bool { return pkg == "tickmark/models/catalog" },
		func(file string) bool { return strings.Contains(file, "/models/catalog/files/") })
	for _, name := range unread {
		if unreadFields[name] == "" {
			t.Errorf("%s is read by no program: delete it, also from the YAML, or say in unreadFields what is going to read it", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unreadFields)) {
		if !slices.Contains(unread, name) {
			t.Errorf("%s is read or is gone: take it off unreadFields", name)
		}
	}
}

// The check finds fields that are only written, or read only where it does not count, and lets be what is read: here in three
// packages that are made up.
func TestFieldsThatNothingReadsAreFound(t *testing.T) {
	u := newUniverse(nil)
	u.sources = map[string][]source{
		"made.up/catalog": {{"catalog/catalog.go", `package catalog

type Part struct{ ID, Filled, Moved, Checked, Shown string; hidden int; Steps []struct{ Inner int } }

type Whole struct {
	Part
	Read, Counted int
}

func (w *Whole) Complete() { w.Moved = w.ID; w.Counted++ }
`}},
		"made.up/files": {{"catalog/files/check.go", `package files

import "made.up/catalog"

func Check(p catalog.Part) bool { return p.Checked != "" }
`}},
		"made.up/api": {{"api/api.go", `package api

import "made.up/catalog"

func Show(w catalog.Whole) (catalog.Part, string, int) { return catalog.Part{Filled: "x"}, w.Shown, w.Read }
`}},
	}
	u.checkAll()
	got := u.unreadFields(func(pkg string) bool { return pkg == "made.up/catalog" },
		func(file string) bool { return strings.Contains(file, "/files/") })
	want := []string{"Part.Checked", "Part.Filled", "Part.Moved", "Part.Steps", "Whole.Counted"}
	if !slices.Equal(got, want) {
		t.Errorf("unread are %v, want %v", got, want)
	}
}

// unreadFields returns the exported fields of the structs of some packages that no file reads, in order; files that are left out do
// not count. Filling a field in, assigning to it and counting it up are no reading.
func (u *universe) unreadFields(of, leaveOut func(string) bool) []string {
	read := map[types.Object]bool{}
	for _, f := range u.files {
		if !leaveOut(u.fset.Position(f.Pos()).Filename) {
			u.readIn(f, read)
		}
	}
	var out []string
	for name, pkg := range u.checked {
		if _, ours := u.sources[name]; !ours || !of(name) {
			continue
		}
		for _, id := range pkg.Scope().Names() {
			fields, ok := pkg.Scope().Lookup(id).Type().Underlying().(*types.Struct)
			if _, isType := pkg.Scope().Lookup(id).(*types.TypeName); !ok || !isType {
				continue
			}
			for f := range fields.Fields() {
				if f.Exported() && !f.Embedded() && !read[f] {
					out = append(out, id+"."+f.Name())
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// readIn adds the fields that a file reads.
func (u *universe) readIn(f *ast.File, to map[types.Object]bool) {
	written := map[*ast.Ident]bool{}
	writes := func(e ast.Expr) {
		if s, ok := e.(*ast.SelectorExpr); ok {
			written[s.Sel] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				written[id] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN {
				for _, e := range n.Lhs {
					writes(e)
				}
			}
		case *ast.IncDecStmt:
			writes(n.X)
		case *ast.Ident:
			if v, ok := u.info.Uses[n].(*types.Var); ok && v.IsField() && !written[n] {
				to[v] = true
			}
		}
		return true
	})
}
