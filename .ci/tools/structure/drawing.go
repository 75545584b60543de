package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// The drawing stands between these lines.
const (
	drawingBegins = "<!-- written by `make generate` (structure imports): begin -->\n"
	drawingEnds   = "<!-- written by `make generate` (structure imports): end -->\n"
)

// writeDrawing puts the drawing of a tree between the markers of a file. It writes nothing where the drawing is as it should be.
func writeDrawing(file string, t *Tree) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err := between(string(old), drawing(t))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if text == string(old) {
		return nil
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// between returns a text with what stands between the markers replaced.
func between(text, with string) (string, error) {
	head, rest, ok := strings.Cut(text, drawingBegins)
	_, tail, ends := strings.Cut(rest, drawingEnds)
	if !ok || !ends {
		return "", fmt.Errorf("it lacks the lines\n%s%s", drawingBegins, drawingEnds)
	}
	return head + drawingBegins + with + drawingEnds + tail, nil
}

// drawing returns who imports whom as Markdown: a drawing, and a table of the packages with what each is for. The drawing leaves out
// an arrow where a longer way leads to the same package; the table has every import. Tests and .ci are not in it.
func drawing(t *Tree) string {
	var shown []*Package
	byPath := map[string]*Package{}
	for _, p := range t.Packages {
		if !p.Tests() && !strings.HasPrefix(p.Dir, ".") {
			shown = append(shown, p)
			byPath[p.Path] = p
		}
	}
	var b strings.Builder
	b.WriteString("\n```mermaid\nflowchart TD\n")
	for _, p := range shown {
		fmt.Fprintf(&b, "    %s[\"%s\"]\n", node(p.Dir), p.Dir)
	}
	for _, p := range shown {
		for _, to := range direct(p, byPath) {
			fmt.Fprintf(&b, "    %s --> %s\n", node(p.Dir), node(to.Dir))
		}
	}
	b.WriteString("```\n\n| floor | package | what it is for | what it imports of ours |\n| --- | --- | --- | --- |\n")
	heights := map[string]int{}
	for _, p := range shown {
		heights[p.Path] = height(p, byPath)
	}
	slices.SortStableFunc(shown, func(a, b *Package) int { return heights[b.Path] - heights[a.Path] })
	for _, p := range shown {
		fmt.Fprintf(&b, "| %d | `%s` | %s | %s |\n", heights[p.Path], p.Dir, strings.ReplaceAll(p.Comment(), "|", "\\|"), list(p, byPath))
	}
	b.WriteString("\n")
	return b.String()
}

// node returns the name of a package's folder as Mermaid takes it.
func node(dir string) string {
	return strings.NewReplacer("/", "_", "-", "_", ".", "_").Replace(dir)
}

// list returns the folders of what a package imports, or a dash.
func list(p *Package, byPath map[string]*Package) string {
	if len(p.Imports) == 0 {
		return "–"
	}
	var out []string
	for _, to := range p.Imports {
		out = append(out, "`"+byPath[to].Dir+"`")
	}
	return strings.Join(out, ", ")
}

// height returns the floor of a package: 0 where it imports none of ours, otherwise one more than that of the highest it imports.
func height(p *Package, byPath map[string]*Package) int {
	h := 0
	for _, to := range p.Imports {
		h = max(h, height(byPath[to], byPath)+1)
	}
	return h
}

// direct returns the packages that a package imports, and that none of its other imports leads to.
func direct(p *Package, byPath map[string]*Package) []*Package {
	var out []*Package
	for _, to := range p.Imports {
		longer := slices.ContainsFunc(p.Imports, func(other string) bool { return other != to && leads(byPath[other], to, byPath) })
		if !longer {
			out = append(out, byPath[to])
		}
	}
	return out
}

// leads says whether a package imports another, however many are between them.
func leads(from *Package, to string, byPath map[string]*Package) bool {
	return slices.ContainsFunc(from.Imports, func(next string) bool { return next == to || leads(byPath[next], to, byPath) })
}
