package slackfake

import (
	"path/filepath"
	"testing"
)

// What cannot be written is not acknowledged, and is not there.
func TestWhatCannotBeWrittenIsNotThere(t *testing.T) {
	s, err := New(Options{Journal: filepath.Join(t.TempDir(), "slack.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.journal.file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddWorkspace(Workspace{Team: "T1"}); err == nil {
		t.Error("it was acknowledged")
	}
	if _, ok := s.Workspace("T1"); ok {
		t.Error("it is there")
	}
}
