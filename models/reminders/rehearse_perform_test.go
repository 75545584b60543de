package reminders_test

import (
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// Nobody hears of a control that recurs for the first time when its period is over: in the rehearsal of the example with a window each of
// them is first named on a day of its period, or counted on one among what a message has no room for, and with both its dates where its
// performance is stated.
func TestControlsAreAskedForInTheirPeriod(t *testing.T) {
	f, audience := anExample(t, "saas-type1-type2")
	kickoff := f.Engagement.Kickoff
	all, err := reminders.Rehearse(t.Context(), f, audience, reminders.Messaging{}, reminders.AssumeOnTime,
		kickoff.AddDays(-7).At(f.Location(), 9, 0), kickoff.AddMonths(36))
	if err != nil || all.Stopped != "" {
		t.Fatalf("%s: %v", all.Stopped, err)
	}
	asked := map[string]planning.Occurrence{}
	for _, o := range planning.Occurrences(f.Catalog, f.Scope().Controls, f.Engagement.Window(), f.ClientDays) {
		asked["do:WI-01."+o.Subject] = o
	}
	periodic, named, counted := len(asked), 0, map[models.PersonID]models.Date{}
	for _, m := range all.Messages {
		on := models.DateIn(m.At, m.To.Zone())
		for _, l := range m.Message.Lines() {
			if o, first := asked[l.Item]; first {
				delete(asked, l.Item)
				named++
				namedInTime(t, o, on, counted[m.To.ID], l)
			}
		}
		if m.Message.More > 0 {
			counted[m.To.ID] = on
		}
	}
	if named < periodic*9/10 || periodic < 50 {
		t.Errorf("of %d controls that are to be performed %d are named", periodic, named)
	}
}

// namedInTime checks the first line about a control: a message of its period names it, or has counted it.
func namedInTime(t *testing.T, o planning.Occurrence, on, counted models.Date, l *engagement.Line) {
	t.Helper()
	if on.After(o.Period.End) && (counted.Before(o.Period.Start) || counted.After(o.Period.End)) {
		t.Errorf("%s, of %v, is first named on %s: %s", o.Subject, o.Period, on, l.Text)
	}
	if o.PerformBy.IsZero() || on.After(o.Period.End) {
		return
	}
	for _, says := range []string{"performed by ", models.Dated(o.PerformBy), "send the proof by " + models.Dated(o.Due)} {
		if !strings.Contains(l.Text+" "+l.Detail, says) {
			t.Errorf("%s does not say %q: %s. %s", o.Subject, says, l.Text, l.Detail)
		}
	}
}
