package app

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tickmark/models/modelstest/waysin"
)

// chapters are those of the Application Security Verification Standard 5.0.0, in order.
var chapters = []string{"Encoding and Sanitization", "Validation and Business Logic", "Web Frontend Security", "API and Web Service",
	"File Handling", "Authentication", "Session Management", "Authorization", "Self-contained Tokens", "OAuth and OIDC", "Cryptography",
	"Secure Communication", "Configuration", "Data Protection", "Secure Coding and Architecture", "Security Logging and Error Handling",
	"WebRTC"}

var (
	ofStandard = regexp.MustCompile(`^V(\d+)(\.\d+)? (.+)$`)
	testNamed  = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	testMade   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	target     = regexp.MustCompile("`make ([a-z-]+)`")
	anchor     = regexp.MustCompile(`\]\(([a-z]*(?:\.md)?)#([a-z0-9-]+)\)`)
	broughtBy  = regexp.MustCompile(`\b(9|1[0-4])\b|no issue yet`)
)

// A standing says of a chapter of the standard, or of a section, where we are.
type standing struct{ chapter, state, holds, missing string }

// The table of docs/security.md has each chapter of the standard once and in order, sections below their own and only where they stand
// otherwise, and one of four words for each. What is met names what holds it and lacks nothing; what is not names the issue that brings it.
// Tests, targets and headings that the document names are there.
func TestTheStandardIsFollowedByChapter(t *testing.T) {
	var rows []standing
	for _, row := range waysin.Table(t, "../../../docs/security.md", "## By OWASP ASVS 5.0, level 2") {
		if len(row) != 4 {
			t.Fatalf("the row %q has not four cells", row)
		}
		rows = append(rows, standing{row[0], row[1], row[2], row[3]})
	}
	for _, wrong := range wrongInShape(rows) {
		t.Error(wrong)
	}
	text, err := os.ReadFile("../../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range namedInVain(t, string(text)) {
		t.Error(wrong)
	}
}

// wrongInShape returns what is wrong with the rows of the table.
func wrongInShape(rows []standing) (wrong []string) {
	next, of := 1, standing{}
	for _, row := range rows {
		m := ofStandard.FindStringSubmatch(row.chapter)
		switch {
		case m == nil:
			wrong = append(wrong, fmt.Sprintf("%q is no chapter", row.chapter))
		case m[2] == "" && (next > len(chapters) || row.chapter != fmt.Sprintf("V%d %s", next, chapters[next-1])):
			wrong = append(wrong, row.chapter+" is not the next chapter")
		case m[2] == "":
			next, of = next+1, row
		case m[1] != fmt.Sprint(next-1):
			wrong = append(wrong, row.chapter+" stands below another chapter")
		case row.state == of.state:
			wrong = append(wrong, row.chapter+" stands as its chapter does: it needs no row")
		}
		wrong = append(wrong, wrongInState(row)...)
	}
	if next != len(chapters)+1 {
		wrong = append(wrong, fmt.Sprintf("%d chapters are there, of %d", next-1, len(chapters)))
	}
	return wrong
}

// wrongInState returns what is wrong with what a row says of its state.
func wrongInState(row standing) (wrong []string) {
	lacks := row.missing != ""
	switch row.state {
	case "met":
		if lacks || !strings.ContainsAny(row.holds, "`[") {
			wrong = append(wrong, row.chapter+" is met: by what is named, with nothing missing")
		}
	case "in part", "not yet":
		if !broughtBy.MatchString(row.missing) {
			wrong = append(wrong, row.chapter+" does not say which issue brings what is missing")
		}
		if row.state == "in part" && row.holds == "" {
			wrong = append(wrong, row.chapter+" does not say which part is met")
		}
	case "does not apply":
		if lacks || row.holds == "" {
			wrong = append(wrong, row.chapter+" does not say why it does not apply")
		}
	default:
		wrong = append(wrong, fmt.Sprintf("%s is %q, which is no state", row.chapter, row.state))
	}
	return wrong
}

// namedInVain returns what a document names that is not there: tests, targets of make, headings.
func namedInVain(t *testing.T, text string) (wrong []string) {
	t.Helper()
	tests, named := testsOfAll(t), 0
	for _, m := range testNamed.FindAllStringSubmatch(text, -1) {
		if named++; !tests[m[1]] {
			wrong = append(wrong, "there is no test "+m[1])
		}
	}
	make, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range target.FindAllStringSubmatch(text, -1) {
		if named++; !strings.Contains(string(make), "\n"+m[1]+":") {
			wrong = append(wrong, "there is no target "+m[1])
		}
	}
	for _, m := range anchor.FindAllStringSubmatch(text, -1) {
		named++
		to := text
		if m[1] != "" {
			other, err := os.ReadFile("../../../docs/" + m[1])
			if err != nil {
				t.Fatal(err)
			}
			to = string(other)
		}
		if !slices.Contains(headings(to), m[2]) {
			wrong = append(wrong, fmt.Sprintf("%s has no heading %s", m[1], m[2]))
		}
	}
	if named == 0 {
		wrong = append(wrong, "nothing is named")
	}
	return wrong
}

// headings returns the headings of a document, as links name them.
func headings(text string) (all []string) {
	for line := range strings.Lines(text) {
		if rest := strings.TrimLeft(line, "#"); rest != line {
			all = append(all, strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r):
					return unicode.ToLower(r)
				}
				return -1
			}, strings.TrimSpace(rest)))
		}
	}
	return all
}

// testsOfAll returns the names of all tests and fuzz targets of both modules.
func testsOfAll(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, top := range []string{"activities", "api", "cmd", "models", "workflows"} {
		err := filepath.WalkDir(filepath.Join("../../..", top), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range testMade.FindAllSubmatch(text, -1) {
				all[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// A table that leaves a chapter out, says more than is so or names what is not there is found out.
func TestATableThatSaysTooMuchIsFound(t *testing.T) {
	good := func() (rows []standing) {
		for i, name := range chapters {
			rows = append(rows, standing{fmt.Sprintf("V%d %s", i+1, name), "met", "`TestBearer`", ""})
		}
		return rows
	}
	if wrong := wrongInShape(good()); len(wrong) > 0 {
		t.Errorf("as it should be: %q", wrong)
	}
	alike, another := standing{"V4.3 GraphQL", "met", "`X`", ""}, standing{"V9.1 X", "in part", "`X`", "11"}
	for what, change := range map[string]func([]standing) []standing{
		"a chapter is left out":          func(r []standing) []standing { return slices.Delete(r, 3, 4) },
		"a chapter is there twice":       func(r []standing) []standing { return slices.Insert(r, 3, r[2]) },
		"a word of its own":              func(r []standing) []standing { r[3].state = "nearly"; return r },
		"met by nothing":                 func(r []standing) []standing { r[3].holds = "It is."; return r },
		"met and something is missing":   func(r []standing) []standing { r[3].missing = "11"; return r },
		"not yet, and nobody brings it":  func(r []standing) []standing { r[3].state = "not yet"; return r },
		"a section that stands alike":    func(r []standing) []standing { return slices.Insert(r, 4, alike) },
		"a section of another":           func(r []standing) []standing { return slices.Insert(r, 4, another) },
		"what does not apply has a hole": func(r []standing) []standing { r[3].state, r[3].missing = "does not apply", "11"; return r },
	} {
		if wrong := wrongInShape(change(good())); len(wrong) == 0 {
			t.Errorf("%s, and nobody notices", what)
		}
	}
	want := []string{"there is no test TestNobody", "there is no target nothing", " has no heading below"}
	got := namedInVain(t, "# Above\n`TestNobody`, `TestBearer`, `make nothing`, `make check`, [a](#above), [b](#below)")
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
