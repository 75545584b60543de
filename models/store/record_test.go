package store

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The firm's record has events of the kinds that it is said to have, and of no others: who asks for another is told so.
func TestKindsOfTheFirmsRecord(t *testing.T) {
	written := regexp.MustCompile(`rec\.(?:add|changed)\("([a-z]+\.[a-z_]*)"( ?\+)?`)
	files, err := filepath.Glob("*.go")
	check(t, err)
	found := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		for _, m := range written.FindAllStringSubmatch(string(text), -1) {
			if m[2] == "" && !strings.HasSuffix(file, "_test.go") {
				found[m[1]] = true
			}
		}
	}
	for _, kind := range []string{"message.again", "message.test", "workspace.pending", "workspace.active",
		"workspace.removed"} { // of which the second word is a kind of message, or a workspace's state
		found[kind] = true
	}
	for kind := range found {
		if !slices.Contains(FirmEventKinds, kind) {
			t.Errorf("%s is written, and not among the kinds", kind)
		}
	}
	found["workspace.broken"] = true // in records of before
	for _, kind := range FirmEventKinds {
		if !found[kind] {
			t.Errorf("%s is among the kinds, and never written", kind)
		}
	}
	if len(found) < 20 {
		t.Errorf("only %d kinds were found", len(found))
	}
}
