// Package pages holds the parts of our documents that are generated against what they are generated from.
package pages

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// Part holds a part of a page against what it has to say. The part stands between two lines of the page that name it and the
// command that writes it: that command is a test, which writes the part anew when it is given -update. The flag is the one that
// the package under test defines. A page without the two lines is an error that shows them.
func Part(t *testing.T, path, name, command, want string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begins := "<!-- " + name + ", written by " + command + " -update: begin -->\n"
	ends := "<!-- " + name + ": end -->\n"
	head, rest, begun := strings.Cut(string(page), begins)
	got, tail, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		t.Fatalf("%s lacks the lines\n%s%s", path, begins, ends)
	}
	if want = "\n" + want + "\n"; got == want {
		return
	}
	if f := flag.Lookup("update"); f == nil || f.Value.String() != "true" {
		t.Fatalf("%s does not say of %s what is so: write it with %s -update\n%s", path, name, command, firstDifference(got, want))
	}
	if err := os.WriteFile(path, []byte(head+begins+want+ends+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// firstDifference returns the first line in which two texts differ, as each has it.
func firstDifference(got, want string) string {
	was, is := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) {
			return "it lacks\n" + is[i]
		}
		if i >= len(is) {
			return "it has too much\n" + was[i]
		}
		if was[i] != is[i] {
			return "it says\n" + was[i] + "\nand should say\n" + is[i]
		}
	}
	return ""
}

// Row returns a row of a Markdown table.
func Row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// Head returns the two first lines of a Markdown table.
func Head(cells ...string) string {
	return Row(cells...) + "|" + strings.Repeat(" --- |", len(cells)) + "\n"
}
