package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// beside are the places outside tests that may begin a goroutine of their own, by file and function, with the reason. All others do so by
// safely.Group, which keeps a panic of one from ending the process, or are parts of the supervisor.
var beside = map[string]string{
	"activities/safely/safely.go (*Group).Go":               "is how others do it: a panic becomes an error",
	"activities/safely/safely.go Begin":                     "begins a Group, which has no package's name at home",
	"workflows/engagement.go (*run).listen":                 "is a coroutine of a workflow: Temporal fails the workflow's task when it panics",
	"cmd/tickmark-solo/embedded/embedded.go (*Server).Stop": "ends a server that may take longer than the process waits",
	"cmd/tickmark-solo/embedded/ui.go (*Server).startUI":    "serves HTTP: a panic is its request's",
	"cmd/tickmark-solo/sandbox/sandbox.go Open":             "serves HTTP: a panic is its request's",
}

// notTheProduct are packages that only tests are made of.
const notTheProduct = "activities/fake/... models/modelstest/... models/store/storetest/... cmd/tickmark-solo/chaos/..."

// Nothing in the product begins a goroutine in which a panic would end the process with all that it does for others.
func TestNobodyIsBesideOthersUnwatched(t *testing.T) {
	found := map[string][]string{}
	throughTheProduct(t, func(path string, decl ast.Decl) {
		groups, place := groupsOf(decl), path+" "+nameOf(decl)
		ast.Inspect(decl, func(n ast.Node) bool {
			if what := begins(n, groups); what != "" {
				found[place] = append(found[place], what)
			}
			return true
		})
	})
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if beside[place] == "" {
			t.Errorf("%s has %s: use safely.Group, or make it a part of the supervisor", place, strings.Join(found[place], ", "))
		}
	}
	for _, place := range slices.Sorted(maps.Keys(beside)) {
		if found[place] == nil {
			t.Errorf("%s begins nothing any more: it need not be listed", place)
		}
	}
}

// throughTheProduct calls look with every declaration outside tests, and the path of its file.
func throughTheProduct(t *testing.T, look func(path string, decl ast.Decl)) {
	t.Helper()
	for _, p := range ours(t) {
		if among(p.name, notTheProduct) {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../../..", p.name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range file.Decls {
				look(p.name+"/"+filepath.Base(path), decl)
			}
		}
	}
}

// groupsOf returns the names of the variables that a declaration declares as safely.Group, as in var g safely.Group.
func groupsOf(decl ast.Decl) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(decl, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := v.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Group" {
			if pkg, ok := of.X.(*ast.Ident); ok && pkg.Name == "safely" {
				for _, name := range v.Names {
					out[name.Name] = true
				}
			}
		}
		return true
	})
	return out
}

// begins says how a node begins a goroutine that nobody watches; empty when it does not.
func begins(n ast.Node, groups map[string]bool) string {
	if _, ok := n.(*ast.GoStmt); ok {
		return "a go statement"
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	of, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, _ := of.X.(*ast.Ident)
	switch {
	case of.Sel.Name == "AfterFunc":
		return "AfterFunc"
	case of.Sel.Name == "Go" && (x == nil || !groups[x.Name]):
		return "a call of Go"
	}
	return ""
}
