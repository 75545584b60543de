package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ourPath is a file or folder of the repository, as documents name one: in backticks, from the top.
var ourPath = regexp.MustCompile("`((?:\\.ci|activities|api|cmd|deploy|docs|models|workflows)/[A-Za-z0-9_./-]+)`")

// link is a link of a document to another file.
var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// mayCome are folders that rules name before they are there.
var mayCome = []string{"api/session", "api/web"}

// What documents say is there is there: files and folders that they name, and files that they link to.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	const top = "../../.."
	documents, err := filepath.Glob(top + "/docs/*.md")
	if err != nil || len(documents) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	looked := 0
	for _, path := range append(documents, top+"/README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ourPath.FindAllStringSubmatch(string(text), -1) {
			looked++
			name := strings.TrimSuffix(m[1], "/...")
			if _, err := os.Stat(filepath.Join(top, name)); err != nil && !slices.Contains(mayCome, name) {
				t.Errorf("%s names %s, which is not there", filepath.Base(path), m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			looked++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(path), m[1])
			}
		}
	}
	if looked < 50 {
		t.Errorf("only %d names and links were found", looked)
	}
}
