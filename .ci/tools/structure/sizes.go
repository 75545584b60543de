package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"io"
	"slices"
	"text/tabwriter"
)

// A Size is how large a package is, without tests and generated code unless a field says so.
type Size struct {
	Files, Lines     int
	TestLines        int
	Names            int // that other packages may use
	Facts            int // methods on Facts
	Functions        int
	FunctionLines    int
	Over10, Over20   int // functions that are more complex
	Wide120, Wide140 int // lines that are wider
}

func (s *Size) add(o Size) {
	s.Files += o.Files
	s.Lines += o.Lines
	s.TestLines += o.TestLines
	s.Names += o.Names
	s.Facts += o.Facts
	s.Functions += o.Functions
	s.FunctionLines += o.FunctionLines
	s.Over10 += o.Over10
	s.Over20 += o.Over20
	s.Wide120 += o.Wide120
	s.Wide140 += o.Wide140
}

// sizeOf measures a package.
func sizeOf(t *Tree, p *Package) Size {
	var s Size
	for _, f := range p.Files {
		switch {
		case f.Generated:
		case f.Test:
			s.TestLines += len(f.Lines)
		default:
			s.add(sizeOfFile(t, f))
		}
	}
	return s
}

func sizeOfFile(t *Tree, f *File) Size {
	s := Size{Files: 1, Lines: len(f.Lines), Names: exported(f)}
	for _, d := range f.Syntax.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			if of, _ := receiver(d); of == "Facts" {
				s.Facts++
			}
		}
	}
	for _, fn := range functions(t.Set, f) {
		s.Functions++
		s.FunctionLines += fn.Lines
		s.Over10 += one(fn.Complexity > 10)
		s.Over20 += one(fn.Complexity > 20)
	}
	for _, line := range f.Lines {
		s.Wide120 += one(width(line) > 120)
		s.Wide140 += one(width(line) > 140)
	}
	return s
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// sizes writes a line for every package and one for all of them, and with details every function over 10, the most complex first.
func sizes(w io.Writer, t *Tree, details bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "files\tlines\ttests\tnames\tFacts\tfuncs\tmean\t>10\t>20\tw>120\tw>140\t\u00a0package")
	var all Size
	for _, p := range t.Packages {
		s := sizeOf(t, p)
		all.add(s)
		if s.Files > 0 {
			s.write(table, p.Dir)
		}
	}
	all.write(table, "all")
	if err := table.Flush(); err != nil || !details {
		return err
	}
	var complex []Function
	for _, p := range t.Packages {
		complex = append(complex, tooComplex(t, p, 10)...)
	}
	slices.SortStableFunc(complex, func(a, b Function) int { return cmp.Compare(b.Complexity, a.Complexity) })
	for _, fn := range complex {
		if !fn.Test {
			fmt.Fprintf(w, "%3d %3d lines  %s %s\n", fn.Complexity, fn.Lines, fn.Where, fn.Name)
		}
	}
	return nil
}

func (s *Size) write(w io.Writer, name string) {
	mean := float64(s.FunctionLines) / float64(max(s.Functions, 1))
	fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t%d\t%d\t%d\t%d\t\u00a0%s\n", s.Files, s.Lines, s.TestLines, s.Names, s.Facts, s.Functions,
		mean, s.Over10, s.Over20, s.Wide120, s.Wide140, name)
}

// tooComplex returns the functions of a package that are more complex than a limit, those of tests too.
func tooComplex(t *Tree, p *Package, limit int) []Function {
	var out []Function
	for _, f := range p.Files {
		if f.Generated {
			continue
		}
		for _, fn := range functions(t.Set, f) {
			if fn.Complexity > limit {
				out = append(out, fn)
			}
		}
	}
	return out
}
