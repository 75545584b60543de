package app

import (
	"io/fs"
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

// Whatever test a document names as what holds something is there: who renames one, or takes it away, looks at what it was to hold.
func TestDocumentsNameTestsThatAreThere(t *testing.T) {
	const top = "../../.."
	there := map[string]bool{}
	err := fs.WalkDir(os.DirFS(top), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(top, path))
		for _, m := range testMade.FindAllStringSubmatch(string(text), -1) {
			there[m[1]] = true
		}
		return err
	})
	documents, none := filepath.Glob(top + "/docs/*.md")
	if err != nil || none != nil || len(there) < 500 {
		t.Fatalf("%d tests, %v, %v", len(there), err, none)
	}
	looked := 0
	for _, path := range documents {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testNamed.FindAllStringSubmatch(string(text), -1) {
			if looked++; !there[m[1]] {
				t.Errorf("%s names %s, which is not there", filepath.Base(path), m[1])
			}
		}
	}
	if looked < 200 {
		t.Errorf("only %d names were found", looked)
	}
}

// logsNamed is the sentence that tells operators which lines of the log to look for.
var logsNamed = regexp.MustCompile(`(?s)Logs to look for: (.*?)\n\n`)

// What the log is said to say it says somewhere.
func TestLogsToLookForAreWritten(t *testing.T) {
	const top = "../../.."
	text, err := os.ReadFile(top + "/docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, folder := range []string{"activities/*", "api/*", "cmd/internal/*", "models/*"} {
		files, err := filepath.Glob(filepath.Join(top, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		more, err := filepath.Glob(filepath.Join(top, filepath.Dir(folder), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(files, more...) {
			if words, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
				code.Write(words)
			}
		}
	}
	sentence := logsNamed.FindString(string(text))
	said := regexp.MustCompile("`([^`/]+)`").FindAllStringSubmatch(sentence, -1)
	if len(said) < 6 {
		t.Fatalf("only %d lines of the log are named", len(said))
	}
	for _, line := range said {
		if !strings.Contains(code.String(), line[1]) {
			t.Errorf("docs/operations.md tells to look for %q, which nothing writes", line[1])
		}
	}
}
