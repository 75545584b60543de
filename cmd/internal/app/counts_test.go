package app

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// countsMore is what a text looks like that counts what it does not name.
var countsMore = regexp.MustCompile(`"[^"\n]*%[ds] more\b[^"\n]*"|"[^"\n]*\b(?:and|the) %[ds] others\b[^"\n]*"`)

// moreOf are the files that count more of something otherwise than by models.AndMore: how many texts of a file do, and why.
var moreOf = map[string]struct {
	texts int
	why   string
}{
	"models/words.go":             {2, "it is the function"},
	"models/engagement/forms.go":  {1, "it is more time, and not more things"},
	"models/reminders/outlook.go": {1, "it is more business days, and not more things"},
}

// Whatever is cut short says by one function how many more there are and where all of them stand, so that no count is without its list: who
// writes a text that counts otherwise says here why it may.
func TestWhatIsCutSaysWhereAllOfItIs(t *testing.T) {
	top := os.DirFS("../../..")
	found := map[string]int{}
	for _, folder := range []string{"models", "activities", "api", "cmd"} {
		err := fs.WalkDir(top, folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.HasSuffix(path, ".gen.go") || strings.HasPrefix(path, "activities/fake/") {
				return err
			}
			text, err := fs.ReadFile(top, path)
			for _, line := range bytes.Split(text, []byte("\n")) {
				if n := len(countsMore.FindAll(line, -1)); n > 0 && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("//")) {
					found[path] += n
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if found[path] > moreOf[path].texts {
			t.Errorf("%s counts %d times what it does not name, %d of them with a reason: say it by models.AndMore, with where all of it is",
				path, found[path], moreOf[path].texts)
		}
	}
	for path, x := range moreOf {
		if found[path] < x.texts {
			t.Errorf("%s counts %d times, and %d are listed here", path, found[path], x.texts)
		}
	}
}
