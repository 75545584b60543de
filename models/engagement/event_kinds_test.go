package engagement_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Whatever the code calls an event of an engagement is among the kinds, and nothing else is: a filter by a kind is refused where it
// could find nothing, and never where it could.
func TestEveryKindOfEventIsKnown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?:Kind:|event:|moved\(|Event[A-Z][A-Za-z]* +=) *"([a-z]+\.[a-z_]+)"`)
	found := map[string]bool{"engagement.created": true, "engagement.completed": true, "engagement.cancelled": true} // by the store; by status
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	for kind := range found {
		if !slices.Contains(engagement.EventKinds, kind) {
			t.Errorf("%s is written, and not among the kinds", kind)
		}
	}
	for _, kind := range engagement.EventKinds {
		if !found[kind] {
			t.Errorf("%s is among the kinds, and never written", kind)
		}
	}
	for _, kind := range []string{"", "task", "task.overdue", "window"} {
		if err := engagement.CheckEventKind(kind); err != nil {
			t.Errorf("%q: %v", kind, err)
		}
	}
	for kind, says := range map[string]string{"task.complet": "did you mean task.completed?", "tasks": "none of date, decision, engagement"} {
		err := engagement.CheckEventKind(kind)
		if models.CodeOf(err) != models.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", kind, err)
		}
	}
}
