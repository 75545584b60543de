package modelstest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Update is whether golden files are written anew, instead of being held against what is made: go test PACKAGE -update.
var Update = flag.Bool("update", false, "write the golden files of this package anew")

// Golden compares a text with a file below testdata of the package that is tested, and names the first line that differs. With the flag
// -update it writes the file instead.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: go test -run %s -update, in the package that is tested, writes it", err, t.Name())
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			t.Fatalf("%s, line %d:\n got %s\nwant %s", path, i+1, at(is, i), at(was, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no such line)"
}
