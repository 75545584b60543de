package reminders_test

import (
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// Hugo, whose firm is replaced, reads so and why. Once he is the auditor again there is nothing to say.
func TestWhatTheAuditorWhoLeavesReads(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", "gap")
	id := d.Do("ruth", engagement.ReturnPhase, modelstest.Changed(engagement.Change{Rule: "RT-13"}), modelstest.Because("their partner left"))
	if _, err := engagement.Decide(d.Facts, d.Command("marta", engagement.ApproveDecision, modelstest.Decision(id)), d.Now); err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, n := range d.Facts.Changes().Notices {
		if n.To != "hugo" {
			continue
		}
		said++
		if l, ok := reminders.LineOf(d.Facts, n); !ok || l.Title != "You are not the auditor any more" || l.Detail != "“their partner left”" {
			t.Errorf("he reads %+v, %t", l, ok)
		}
		d.Facts.Engagement.Auditor = "hugo"
		if l, ok := reminders.LineOf(d.Facts, n); ok {
			t.Errorf("the auditor reads that he is it no more: %+v", l)
		}
	}
	if said != 1 {
		t.Errorf("he is told %d times", said)
	}
}
