package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Package is the Go code of one folder.
type Package struct {
	Path    string // its import path
	Dir     string // its folder, seen from the root, with slashes; "." is the root
	Files   []*File
	Imports []string // import paths of the tree that files other than tests import, each once, sorted
}

// A File is one file of Go code.
type File struct {
	Name      string // its path from the root, with slashes
	Syntax    *ast.File
	Lines     []string
	Test      bool // its name ends in _test.go
	Generated bool
}

// A Tree is all packages below a folder, those of modules within it too, sorted by folder.
type Tree struct {
	Set      *token.FileSet
	Packages []*Package
}

// readTree reads the packages below a root that holds a go.mod. Files are read whatever their build tags say.
func readTree(root string) (*Tree, error) {
	tree := &Tree{Set: token.NewFileSet()}
	modules := map[string]string{} // folder to module path
	packages := map[string]*Package{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enter(root, name, modules)
		case path.Ext(name) != ".go":
			return nil
		}
		dir := path.Dir(name)
		if packages[dir] == nil {
			packages[dir] = &Package{Dir: dir, Path: importPath(dir, modules)}
			tree.Packages = append(tree.Packages, packages[dir])
		}
		file, err := readFile(tree.Set, root, name)
		packages[dir].Files = append(packages[dir].Files, file)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tree.Packages, func(a, b *Package) int { return cmp.Compare(a.Dir, b.Dir) })
	return tree, tree.link()
}

// enter skips folders without code of ours, and notes which module a folder begins.
func enter(root, dir string, modules map[string]string) error {
	base := path.Base(dir)
	hidden := strings.HasPrefix(base, ".") && dir != "." && dir != ".ci"
	if hidden || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" {
		return fs.SkipDir
	}
	text, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
	switch {
	case err == nil:
		modules[dir] = modulePath(text)
	case dir == ".":
		return fmt.Errorf("this is no root of a module: %w", err)
	}
	return nil
}

// modulePath returns the module path of a go.mod.
func modulePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		if rest, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// importPath returns the import path of a folder, from the nearest module above it.
func importPath(dir string, modules map[string]string) string {
	for up := dir; ; up = path.Dir(up) {
		if module, ok := modules[up]; ok {
			if up == "." {
				up = ""
			}
			return path.Join(module, strings.TrimPrefix(strings.TrimPrefix(dir, up), "/"))
		}
	}
}

// readFile reads and parses a file.
func readFile(set *token.FileSet, root, name string) (*File, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &File{Name: name, Syntax: syntax, Test: strings.HasSuffix(name, "_test.go"), Generated: ast.IsGenerated(syntax)}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, len(text)+1)
	for scanner.Scan() {
		f.Lines = append(f.Lines, scanner.Text())
	}
	return f, scanner.Err()
}

// link notes for every package which others of the tree it imports.
func (t *Tree) link() error {
	ours := map[string]bool{}
	for _, p := range t.Packages {
		ours[p.Path] = true
	}
	for _, p := range t.Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, spec := range f.Syntax.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				if ours[name] {
					p.Imports = append(p.Imports, name)
				}
			}
		}
		slices.Sort(p.Imports)
		p.Imports = slices.Compact(p.Imports)
	}
	return nil
}

// Tests says whether a package consists of tests alone.
func (p *Package) Tests() bool {
	return !slices.ContainsFunc(p.Files, func(f *File) bool { return !f.Test })
}

// Comment returns the first sentence of the package's comment, that of a file written by hand before that of a generated one. It is
// empty where there is none.
func (p *Package) Comment() string {
	var generated string
	for _, f := range p.Files {
		if f.Test || f.Syntax.Doc == nil {
			continue
		}
		sentence := new(doc.Package).Synopsis(f.Syntax.Doc.Text())
		if !f.Generated {
			return sentence
		}
		generated = sentence
	}
	return generated
}
