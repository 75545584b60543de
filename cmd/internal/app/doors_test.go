package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whatever the rules, the store and the packages below them export is used by something that is no test. An ability that no program
// reaches looks finished and is not: it is deleted, or given a door. The tool deadcode does not see it, because reflection (gorm's,
// encoding/json's) keeps all methods of a reached type reachable.
func TestEveryAbilityHasADoor(t *testing.T) {
	u := ourSource(t)
	unused := u.unused(func(pkg string) bool { return pkg == "tickmark/models" || strings.HasPrefix(pkg, "tickmark/models/") })
	forTests := namedForTests(t)
	for _, name := range unused {
		if !slices.Contains(forTests, name) {
			t.Errorf("%s is used by no program, by tests at most: delete it, or give it a door (API, command line, a sweep)", name)
		}
	}
	for _, name := range forTests {
		if !slices.Contains(unused, name) {
			t.Errorf("%s has a door or is gone: take it off .ci/for-tests", name)
		}
	}
}

// namedForTests returns what is exported for tests of other packages alone.
func namedForTests(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile("../../../.ci/for-tests")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] != "#" {
			names = append(names, words[0])
		}
	}
	return names
}

// The check finds what it should, and lets be what is used: here in two packages that are made up.
func TestWhatHasNoDoorIsFound(t *testing.T) {
	u := newUniverse(nil)
	u.sources = map[string][]source{
		"made.up/models": {{"rules.go", `package models

type Clock struct{ Hour int }

func (c Clock) Now() int        { return c.Hour }
func (c *Clock) Wind()          { c.Hour++ }
func (c Clock) String() string  { return "" }
func (c Clock) Seen() bool      { return true }
func Used() Clock               { return Clock{} }
func Forgotten() int            { return Forgotten() }
func Generic[T any](x T) T      { return x }
func inside() int               { return Inside }

var _ = inside()

const Inside, Nowhere = 1, 2

type Lonely struct{ next *Lonely }

func (Lonely) Alone() Lonely { return Lonely{} }

type List[T any] []T

func (l List[T]) Len() int   { return len(l) }
func (l List[T]) Empty() bool { return len(l) == 0 }
`}},
		"made.up/api": {{"api.go", `package api

import "made.up/models"
import "nowhere.test/missing"

type looker interface{ Seen() bool }

func serve(l looker) bool { return l.Seen() }

func Main() int {
	missing.Call(models.Generic(2))
	serve(models.Used())
	return models.Used().Now() + models.List[int]{1}.Len()
}
`}},
	}
	u.checkAll()
	got := u.unused(func(pkg string) bool { return pkg == "made.up/models" })
	want := []string{"models.Clock.Wind", "models.Forgotten", "models.List.Empty", "models.Lonely", "models.Lonely.Alone", "models.Nowhere"}
	if !slices.Equal(got, want) {
		t.Errorf("without a door are %v, want %v", got, want)
	}
}

// askedByName are methods that libraries call on whatever has them.
var askedByName = []string{"Error", "Is", "Unwrap", "String", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	"MarshalYAML", "UnmarshalYAML", "TableName", "Bind"}

// A universe is our own packages, type-checked together from their source without tests.
type universe struct {
	fset    *token.FileSet
	others  types.Importer
	sources map[string][]source
	checked map[string]*types.Package
	info    *types.Info
	files   []*ast.File
}

// A source is a file; without text it is read.
type source struct{ name, text string }

// newUniverse returns an empty universe in which export names the file with the export data of somebody else's package.
func newUniverse(export map[string]string) *universe {
	u := &universe{fset: token.NewFileSet(), sources: map[string][]source{}, checked: map[string]*types.Package{},
		info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}}
	u.others = importer.ForCompiler(u.fset, "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, errors.New("no export data")
		}
		return os.Open(export[path])
	})
	return u
}

// ourSource returns all packages that are part of a program, of both modules. What tests alone import is none: its uses do not count.
func ourSource(t *testing.T) *universe {
	t.Helper()
	type listed struct {
		ImportPath, Dir, Name, Export string
		GoFiles, Imports              []string
	}
	list := func(args ...string) (all []listed) {
		cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Name,Export,GoFiles,Imports"}, args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, &stderr)
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p listed
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				return all
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
	ours := list("tickmark/...")
	imports, fromHere := map[string][]string{}, []string{"-export", "-deps"}
	var reached []string // from a program, be it by way of others; what tests are made of is not
	for _, p := range ours {
		imports[p.ImportPath] = p.Imports
		if p.Name == "main" {
			reached = append(reached, p.ImportPath)
		}
		// The embedded Temporal server is large and calls nothing of ours: what solo needs of it is not compiled for this.
		if !strings.HasPrefix(p.ImportPath, "tickmark/cmd/tickmark-solo") {
			fromHere = append(fromHere, p.ImportPath)
		}
	}
	export := map[string]string{}
	for _, p := range list(fromHere...) {
		export[p.ImportPath] = p.Export
	}
	for i := 0; i < len(reached); i++ {
		for _, path := range imports[reached[i]] {
			if _, isOurs := imports[path]; isOurs && !slices.Contains(reached, path) {
				reached = append(reached, path)
			}
		}
	}
	u := newUniverse(export)
	for _, p := range ours {
		if slices.Contains(reached, p.ImportPath) {
			for _, f := range p.GoFiles {
				u.sources[p.ImportPath] = append(u.sources[p.ImportPath], source{name: filepath.Join(p.Dir, f)})
			}
		}
	}
	if len(u.sources) < 15 {
		t.Fatalf("only %d packages of ours were found", len(u.sources))
	}
	u.checkAll()
	return u
}

func (u *universe) checkAll() {
	for _, path := range slices.Sorted(maps.Keys(u.sources)) {
		_, _ = u.Import(path) // never fails
	}
}

// Import returns a package of ours checked from its source, another one as it was compiled, and an empty one where there is nothing:
// what is not known of others does not hide what is used of ours.
func (u *universe) Import(name string) (*types.Package, error) {
	if pkg := u.checked[name]; pkg != nil {
		return pkg, nil
	}
	if _, ours := u.sources[name]; !ours {
		pkg, err := u.others.Import(name)
		if err != nil {
			pkg = types.NewPackage(name, path.Base(name))
			pkg.MarkComplete()
		}
		u.checked[name] = pkg
		return pkg, nil
	}
	var files []*ast.File
	for _, s := range u.sources[name] {
		var text any
		if s.text != "" {
			text = s.text
		}
		f, err := parser.ParseFile(u.fset, s.name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", s.name, err)
		}
		files = append(files, f)
	}
	cfg := types.Config{Importer: u, Error: func(error) {}} // of what is not known
	pkg, _ := cfg.Check(name, u.fset, files, u.info)
	u.checked[name] = pkg
	u.files = append(u.files, files...)
	return pkg, nil
}

// unused returns what some packages export and nothing uses, in order: functions, methods, types, constants and variables. What a
// declaration says of itself is no use.
func (u *universe) unused(of func(pkg string) bool) []string {
	used := u.used()
	var out []string
	for name, pkg := range u.checked {
		if _, ours := u.sources[name]; !ours || !of(name) {
			continue
		}
		for _, id := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(id)
			if !obj.Exported() {
				continue
			}
			if !used[obj] {
				out = append(out, pkg.Name()+"."+id)
			}
			named, _ := obj.Type().(*types.Named)
			if _, isType := obj.(*types.TypeName); !isType || named == nil {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() && !used[m] && !slices.Contains(askedByName, m.Name()) && !u.seenAs(named, m.Name()) {
					out = append(out, pkg.Name()+"."+id+"."+m.Name())
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// seenAs reports whether a type has a method because an interface of ours asks for it.
func (u *universe) seenAs(named *types.Named, method string) bool {
	for _, obj := range u.info.Defs {
		name, ok := obj.(*types.TypeName)
		if !ok {
			continue
		}
		asks, ok := name.Type().Underlying().(*types.Interface)
		if !ok || named.TypeParams() != nil {
			continue
		}
		for m := range asks.Methods() {
			if m.Name() == method && (types.Implements(named, asks) || types.Implements(types.NewPointer(named), asks)) {
				return true
			}
		}
	}
	return false
}

// used returns all objects that something other than their own declaration names.
func (u *universe) used() map[types.Object]bool {
	out := map[types.Object]bool{}
	for _, f := range u.files {
		for _, decl := range f.Decls {
			if group, ok := decl.(*ast.GenDecl); ok {
				for _, spec := range group.Specs {
					u.usedIn(spec, u.ownOf(spec), out)
				}
			} else {
				u.usedIn(decl, u.ownOf(decl), out)
			}
		}
	}
	return out
}

// usedIn adds what a declaration names, other than what it is about.
func (u *universe) usedIn(decl ast.Node, own []types.Object, to map[types.Object]bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := u.info.Uses[id]
		if fn, ok := obj.(*types.Func); ok {
			obj = fn.Origin()
		}
		if obj != nil && !slices.Contains(own, obj) {
			to[obj] = true
		}
		return true
	})
}

// ownOf returns what a declaration is about: the function or type it declares, and the type whose method it is.
func (u *universe) ownOf(decl ast.Node) (own []types.Object) {
	if spec, ok := decl.(*ast.TypeSpec); ok {
		return []types.Object{u.info.Defs[spec.Name]}
	}
	fn, ok := decl.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	own = append(own, u.info.Defs[fn.Name])
	if fn.Recv == nil {
		return own
	}
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if name, ok := u.info.Uses[id].(*types.TypeName); ok {
				own = append(own, name)
			}
		}
		return true
	})
	return own
}
