package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// waits are the places in tests that may look at how much real time passes, by file and function, with the reason.
var waits = map[string]string{
	"models/modelstest/await/await.go Until":               "asks again and again what must come true, without a limit of its own",
	"models/modelstest/await/await.go over":                "sees the limit of the test binary coming, to say what was waited for",
	"cmd/tickmark-solo/e2e_test.go (*solo).comment":        "a client that is told to come back later does not come back at once",
	"activities/fake/town/town.go (*Town).passUntilDue":    "reads how long the database still has to wait, and lets it pass at once",
	"cmd/internal/app/quiet_test.go (*quietTemporal).poll": "Temporal says after a while that there is nothing to do",
	"api/request_fuzz_test.go FuzzRequest":                 "what asks for too much is given up, before the fuzz engine ends the run",
	"api/web/live_test.go (*stream).silence":               "that nobody is told is heard by listening for a while",
	"models/store/change_test.go TestChangeGivenUp":        "somebody gives up, early or late, on what is held until afterwards",
}

// forTests are packages that are no tests themselves, but are what tests are made of.
const forTests = "models/modelstest/... activities/fake/town"

// clocks are the functions of package time that wait, or that say how much real time has passed.
var clocks = []string{"Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Since", "Until"}

// Tests wait for what must come true and not for time to pass, and none asserts how long something took: a slow machine fails no test.
// Who needs an exception gives its reason above.
func TestNobodyWaitsForTimeToPass(t *testing.T) {
	found := map[string][]string{}
	err := fs.WalkDir(os.DirFS("../../.."), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Base(path) == "bench_test.go": // benchmarks measure
		case strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".go") && among(filepath.Dir(path), forTests):
			return waiting(path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if waits[place] == "" {
			t.Errorf("%s uses %s: wait by await.Until for what must come true, or by await.Hand", place, strings.Join(found[place], ", "))
		}
	}
	for _, place := range slices.Sorted(maps.Keys(waits)) {
		if found[place] == nil {
			t.Errorf("%s waits for nothing any more: it need not be listed", place)
		}
	}
}

// waiting adds, by file and function, what a file does with real time.
func waiting(path string, found map[string][]string) error {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../..", path), nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		place := path + " " + nameOf(decl)
		ast.Inspect(decl, func(n ast.Node) bool {
			if what := waitOf(n); what != "" {
				found[place] = append(found[place], what)
			}
			return true
		})
	}
	return nil
}

// waitOf says how a node waits or measures; empty when it does not. Deadlines of contexts that are shorter than a minute count, and
// instants that the machine's clock is compared with.
func waitOf(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	of, _ := sel.X.(*ast.Ident)
	inner, _ := sel.X.(*ast.CallExpr)
	switch {
	case of != nil && of.Name == "time" && slices.Contains(clocks, sel.Sel.Name):
		return "time." + sel.Sel.Name
	case of != nil && of.Name == "context" && (sel.Sel.Name == "WithTimeout" || sel.Sel.Name == "WithDeadline"):
		return "context." + sel.Sel.Name
	case inner != nil && isNow(inner) && slices.Contains([]string{"After", "Before", "Sub", "Compare"}, sel.Sel.Name):
		return "time.Now()." + sel.Sel.Name
	case slices.Contains([]string{"Sub", "After", "Before"}, sel.Sel.Name) && slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
		c, ok := a.(*ast.CallExpr)
		return ok && isNow(c)
	}):
		return sel.Sel.Name + "(time.Now())"
	}
	return ""
}

func isNow(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Now" {
		return false
	}
	of, ok := sel.X.(*ast.Ident)
	return ok && of.Name == "time"
}

// nameOf names a declaration: a function with its receiver, or what it is.
func nameOf(decl ast.Decl) string {
	f, ok := decl.(*ast.FuncDecl)
	if !ok {
		return "outside of functions"
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
		return fmt.Sprintf("(*%s).%s", star.X, f.Name.Name)
	}
	return fmt.Sprintf("%s.%s", f.Recv.List[0].Type, f.Name.Name)
}
