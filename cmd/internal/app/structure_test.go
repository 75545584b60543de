package app

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tickmark/models/modelstest/pages"
)

// mayImport says of every package of ours which others of ours it may import, outside tests. A name that ends in /... means the
// package and all below it. What a package's imports import is their own affair.
var mayImport = []struct{ pkg, ours string }{
	{"cmd/tickmark", "cmd/internal/app cmd/internal/cli models models/engagement models/reminders"},
	{"cmd/tickmark-solo", "cmd/internal/app cmd/tickmark-solo/embedded cmd/tickmark-solo/sandbox models models/engagement models/reminders"},
	{"cmd/tickmark-solo/chaos", "cmd/internal/app cmd/tickmark-solo/embedded activities/... models/..."},
	{"cmd/tickmark-solo/embedded", ""},
	{"cmd/tickmark-solo/sandbox", "activities/fake/slack activities/safely models models/engagement models/reminders models/store"},
	{"cmd/internal/app", "api/... activities/... workflows models models/engagement models/holiday models/reminders models/store models/seal"},
	{"cmd/internal/cli", "api/client models models/catalog models/engagement models/reminders"},
	{"api", "api/gen api/session workflows models models/catalog models/planning models/engagement models/reminders models/holiday " +
		"models/store"},
	{"api/session", "models models/engagement models/store"},
	{"api/web",
		"api/session workflows models models/catalog models/demo models/engagement models/holiday models/planning models/reminders " +
			"models/seal models/store"},
	{"api/client", "models models/catalog models/engagement models/reminders"},
	{"api/gen", "models models/catalog models/engagement models/reminders"},
	{"activities", "workflows models models/engagement models/store"},
	{"activities/desk", "activities/failpoint activities/safely activities/slack workflows models models/engagement models/reminders " +
		"models/store"},
	{"activities/post", "activities/safely activities/failpoint activities/mail activities/slack workflows " +
		"models models/catalog models/planning models/engagement models/reminders models/seal models/store"},
	{"activities/slack", "activities/safely deploy/slack models models/engagement models/fault models/reminders"},
	{"activities/mail", "models models/engagement models/fault models/reminders models/seal"},
	{"activities/failpoint", ""},
	{"activities/fake/browser", "models/modelstest/await"},
	{"activities/fake/fault", ""},
	{"activities/fake/mail", "activities/fake/fault"},
	{"activities/fake/slack", "activities/fake/fault"},
	{"activities/fake/town", "activities activities/desk activities/fake/mail activities/fake/slack activities/mail activities/post " +
		"activities/slack " +
		"workflows models/..."},
	{"deploy/slack", ""},
	{"activities/safely", ""},
	{"workflows", "models models/catalog models/engagement models/fault"},
	{"models/store", "models models/catalog models/catalog/files models/planning models/engagement models/fault models/reminders " +
		"models/holiday models/seal"},
	{"models/store/storetest", ""},
	{"models/store/storetest/thief", ""},
	{"models/demo", "models models/catalog models/planning models/engagement models/reminders models/store"},
	{"models/modelstest", "models/..."},
	{"models/modelstest/await", ""},
	{"models/modelstest/pages", ""},
	{"models/modelstest/waysin", ""},
	{"models/reminders", "models models/catalog models/planning models/engagement"},
	{"models/engagement", "models models/catalog models/planning models/outlook"},
	{"models/planning", "models models/catalog"},
	{"models/outlook", ""},
	{"models/catalog/files", "models models/catalog"},
	{"models/catalog", "models"},
	{"models/holiday", "models"},
	{"models/fault", ""},
	{"models/seal", ""},
	{"models", ""},
}

// importers says which packages may import a library, or a package of ours, outside tests. What is not named here is open to all but the
// pure packages of models.
var importers = []struct{ library, ours string }{
	{"gorm.io", "models/store"},
	{"github.com/jackc/pgx", "models/store models/store/storetest"},
	{"github.com/labstack/echo", "api api/gen api/session api/web cmd/tickmark-solo/embedded"},
	{"github.com/slack-go", "activities/slack"},
	{"github.com/wneessen/go-mail", "activities/mail"},
	{"github.com/spf13/cobra", "cmd/internal/cli cmd/tickmark"},
	{"github.com/rickar/cal", "models/holiday"},
	{"go.yaml.in/yaml", "models/catalog/files cmd/internal/cli"},
	{"go.temporal.io/sdk", "workflows activities activities/post cmd/internal/app"},
	{"go.temporal.io/server", "cmd/tickmark-solo/embedded"},
	{"github.com/google/uuid", "models/reminders"},
	{"net/http", "api/... activities/... cmd/..."},
}

// impure are the packages of models that import more than the standard library. All others there know it alone.
var impure = []string{"models/store", "models/store/storetest", "models/catalog/files", "models/holiday"}

// harmless are libraries that a pure package may import where importers names it: what they do there is a function of what they are given.
var harmless = []string{"github.com/google/uuid"}

// apart are libraries that must not come into a package by any way, however long.
var apart = []struct{ pkg, libraries string }{
	{"workflows", "gorm.io github.com/labstack github.com/slack-go"},
	{"api/session", "models models/engagement models/store"},
	{"api/web",
		"api/session workflows models models/catalog models/demo models/engagement models/holiday models/planning models/reminders " +
			"models/seal models/store"},
	{"api/client", "gorm.io github.com/labstack go.temporal.io"},
	{"cmd/tickmark", "go.temporal.io/server"},
}

// A listed package is one as `go list` knows it.
type listed struct {
	name    string   // its folder
	imports []string // import paths, outside tests
}

// ours lists all packages of both modules.
func ours(t *testing.T) []listed {
	t.Helper()
	var out []listed
	for line := range strings.Lines(listAll(t)) {
		fields := strings.Fields(line)
		out = append(out, listed{strings.TrimPrefix(fields[0], "tickmark/"), fields[1:]})
	}
	slices.SortFunc(out, func(a, b listed) int { return cmp.Compare(a.name, b.name) })
	return slices.CompactFunc(out, func(a, b listed) bool { return a.name == b.name })
}

// listAll asks `go list` once for all tests: a line for each package, with what it imports.
func listAll(t *testing.T) string {
	t.Helper()
	once.Do(func() {
		everything = goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "tickmark/...", "tickmark/cmd/tickmark-solo/...")
	})
	return everything
}

var (
	once       sync.Once
	everything string
)

func goList(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", args, err, &stderr)
	}
	return string(out)
}

// among says whether a name is one of a list, or lies below one that ends in /...
func among(name, list string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(entry string) bool {
		below, all := strings.CutSuffix(entry, "/...")
		return name == entry || all && within(name, below)
	})
}

// within says whether an import path is a library or lies in it.
func within(path, library string) bool {
	return path == library || strings.HasPrefix(path, library+"/")
}

func TestWhoImportsWhom(t *testing.T) {
	rules := map[string]string{}
	for _, rule := range mayImport {
		rules[rule.pkg] = rule.ours
	}
	for _, p := range ours(t) {
		allowed, ok := rules[p.name]
		if !ok {
			t.Errorf("nothing says what %s may import: give it a line in mayImport", p.name)
		}
		delete(rules, p.name)
		for _, imported := range p.imports {
			if name, ours := strings.CutPrefix(imported, "tickmark/"); ours && !among(name, allowed) {
				t.Errorf("%s imports %s, it may import: %s", p.name, name, cmp.Or(allowed, "none of ours"))
			}
		}
	}
	for name := range rules {
		t.Errorf("there is no package %s any more, but a rule for it", name)
	}
}

func TestLibrariesStayWhereTheyBelong(t *testing.T) {
	for _, p := range ours(t) {
		pure := within(p.name, "models") && !slices.Contains(impure, p.name)
		for _, imported := range p.imports {
			first, _, _ := strings.Cut(imported, "/")
			if pure && strings.Contains(first, ".") && !slices.Contains(harmless, imported) {
				t.Errorf("%s imports %s, it may import the standard library alone", p.name, imported)
			}
			for _, rule := range importers {
				if within(imported, rule.library) && !among(p.name, rule.ours) {
					t.Errorf("%s imports %s, only these may: %s", p.name, imported, rule.ours)
				}
			}
		}
	}
}

func TestLibrariesThatComeInByNoWay(t *testing.T) {
	for _, rule := range apart {
		for _, dependency := range strings.Fields(goList(t, "-deps", "tickmark/"+rule.pkg)) {
			for _, library := range strings.Fields(rule.libraries) {
				if within(dependency, library) {
					t.Errorf("%s depends on %s", rule.pkg, dependency)
				}
			}
		}
	}
}

// The rules stand in docs/architecture.md as they are here.
func TestTheArchitectureSaysWhoMayImportWhom(t *testing.T) {
	pages.Part(t, "../../../docs/architecture.md", "rules", "go test ./cmd/internal/app -run Architecture", rulesInWords())
}

// rulesInWords returns the rules as Markdown.
func rulesInWords() string {
	var b strings.Builder
	b.WriteString("| package | may import of ours |\n| --- | --- |\n")
	for _, rule := range mayImport {
		fmt.Fprintf(&b, "| `%s` | %s |\n", rule.pkg, quoted(rule.ours))
	}
	b.WriteString("\n| library | only these may import it |\n| --- | --- |\n")
	for _, rule := range importers {
		fmt.Fprintf(&b, "| %s | %s |\n", rule.library, quoted(rule.ours))
	}
	fmt.Fprintf(&b, "\nOf `models` and the packages below it only %s may import more than the standard library, but for %s where the table "+
		"above has it.\n\n",
		quoted(strings.Join(impure, " ")), strings.Join(harmless, ", "))
	b.WriteString("| package | must not depend on, by any way |\n| --- | --- |\n")
	for _, rule := range apart {
		fmt.Fprintf(&b, "| `%s` | %s |\n", rule.pkg, strings.Join(strings.Fields(rule.libraries), ", "))
	}
	return b.String()
}

func quoted(names string) string {
	if names == "" {
		return "nothing"
	}
	return "`" + strings.Join(strings.Fields(names), "`, `") + "`"
}

// readClock are the files that may ask the machine what time it is.
var readClock = []string{
	"workflows/client.go", // whether a poller was seen of late is a question about real time
}

// timeless are the packages in which nothing asks the machine what time it is: now is an argument. The fakes of Slack and mail are
// machines of their own, and tests' databases are none of ours.
const (
	timeless = "models/... workflows/... activities/..."
	timed    = "models/store/storetest models/modelstest/await activities/fake/mail activities/fake/slack activities/fake/town"
)

// Nothing that decides, stores or waits asks the machine what time it is.
func TestNobodyAsksTheMachineWhatTimeItIs(t *testing.T) {
	looked := 0
	for _, p := range ours(t) {
		if !among(p.name, timeless) || among(p.name, timed) {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../../..", p.name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || slices.Contains(readClock, p.name+"/"+filepath.Base(file)) {
				continue
			}
			looked++
			for _, where := range asksTheTime(t, file) {
				t.Errorf("%s: asks the machine what time it is", where)
			}
		}
	}
	if looked == 0 {
		t.Error("looked at no file")
	}
}

// asksTheTime returns where a file uses time.Now, time.Since or time.Until, be it as a call or as a value.
func asksTheTime(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == "time" {
			out = append(out, set.Position(selector.Pos()).String())
		}
		return true
	})
	return out
}
