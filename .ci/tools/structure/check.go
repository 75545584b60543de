package main

import (
	"fmt"
	"io"
)

// The limits. Width and the largest complexity hold for tests too, the share does not.
const (
	maxComplexity = 20   // of any function
	complexFrom   = 10   // above this a function is complex
	maxShare      = 0.04 // of functions may be complex
	maxWidth      = 140  // characters of a line, a tab being one
)

// check writes what is over a limit and how much of it there is, and returns errFound where there is anything.
func check(w io.Writer, t *Tree) error {
	found := 0
	say := func(format string, args ...any) {
		found++
		fmt.Fprintf(w, format+"\n", args...)
	}
	all, complex := 0, 0
	for _, p := range t.Packages {
		s := sizeOf(t, p)
		all += s.Functions
		complex += s.Over10
		checkPackage(t, p, say)
	}
	if float64(complex) > maxShare*float64(all) {
		say("%d of %d functions have a complexity over %d: %.1f %%, at most %.0f %% may; `structure sizes -v` names them",
			complex, all, complexFrom, 100*float64(complex)/float64(all), 100*maxShare)
	}
	if found > 0 {
		fmt.Fprintf(w, "%d over the limits of the code's structure\n", found)
		return errFound
	}
	return nil
}

func checkPackage(t *Tree, p *Package, say func(string, ...any)) {
	if !p.Tests() && p.Comment() == "" {
		say("%s: the package has no comment", p.Dir)
	}
	for _, fn := range tooComplex(t, p, maxComplexity) {
		say("%s: %s has a complexity of %d, at most %d is allowed", fn.Where, fn.Name, fn.Complexity, maxComplexity)
	}
	for _, f := range p.Files {
		if f.Generated {
			continue
		}
		for i, line := range f.Lines {
			if n := width(line); n > maxWidth {
				say("%s:%d: the line has %d characters, at most %d are allowed", f.Name, i+1, n, maxWidth)
			}
		}
	}
}
