package reminders_test

import (
	"slices"
	"testing"
	"time"

	"tickmark/models/reminders"
)

// The firm changes its app's signing secret on Monday: the one before is good until Tuesday at the same hour. A request that is
// sent twice changes nothing of that, and she can end it at once. One that an earlier release kept without an end gets one.
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
	sent := s
	s.Rotate("second", monday.Add(time.Minute))
	if s != sent {
		t.Errorf("sent again it makes %+v of %+v", s, sent)
	}
	s.EndFormer()
	if got := s.SignedWith(monday.Add(time.Minute)); !slices.Equal(got, []string{"second"}) {
		t.Errorf("when the one before was ended %v are good", got)
	}
	first := reminders.WorkspaceSecrets{}
	if first.Rotate("first", monday); first != (reminders.WorkspaceSecrets{Signing: "first"}) {
		t.Errorf("the first one makes %+v", first)
	}
	old := reminders.WorkspaceSecrets{Signing: "second", OldSigning: "first"}
	if !old.Limit(monday) || old.Limit(monday.Add(time.Hour)) {
		t.Error("it is not limited once")
	}
	for after, want := range map[time.Duration]int{24*time.Hour - time.Second: 2, 24 * time.Hour: 1} {
		if got := old.SignedWith(monday.Add(after)); len(got) != want {
			t.Errorf("of one without an end, %s after it was seen, %v are good", after, got)
		}
	}
}
