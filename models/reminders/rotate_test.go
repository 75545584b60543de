package reminders_test

import (
	"slices"
	"testing"
	"time"

	"tickmark/models/reminders"
)

// The firm changes its app's signing secret on Monday: the one before is good until Tuesday at the same hour, and where the present one is
// named again it is good no longer at once. One that was kept without an end is good no more.
func TestAFormerSigningSecretEnds(t *testing.T) {
	monday := time.Date(2027, time.January, 11, 13, 0, 0, 0, time.UTC)
	s := reminders.WorkspaceSecrets{Signing: "first"}
	s.Rotate("second", monday)
	for after, want := range map[time.Duration][]string{0: {"second", "first"}, 24*time.Hour - time.Second: {"second", "first"},
		24 * time.Hour: {"second"}, 1000 * time.Hour: {"second"}} {
		if got := s.SignedWith(monday.Add(after)); !slices.Equal(got, want) {
			t.Errorf("after %s %v are good", after, got)
		}
	}
	s.Rotate("second", monday.Add(time.Minute))
	if got := s.SignedWith(monday.Add(time.Minute)); !slices.Equal(got, []string{"second"}) {
		t.Errorf("when it was named again %v are good", got)
	}
	old := reminders.WorkspaceSecrets{Signing: "second", OldSigning: "first"}
	if got := old.SignedWith(monday); !slices.Equal(got, []string{"second"}) {
		t.Errorf("of one without an end %v are good", got)
	}
}
