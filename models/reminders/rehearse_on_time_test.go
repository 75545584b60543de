package reminders_test

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// Whoever does everything on its day ends no phase later than planned: of every type and size of engagement the rehearsal on time leaves
// each phase on the last day that was agreed for it, or before, and issues no report later than promised. Of the window that is the last
// day on which its evidence may come: the window itself ends whatever anybody does.
func TestWhoIsOnTimeEndsNoPhaseLate(t *testing.T) {
	for _, typ := range modelstest.Types() {
		for _, people := range []int{9, 180, 900} {
			t.Run(typ, func(t *testing.T) {
				t.Parallel()
				d := modelstest.Draft(t, typ, func(f *engagement.Facts) { f.Client.Headcount = people })
				last := d.Facts
				got, err := reminders.RehearseWatched(d.Facts, modelstest.Audience(d.Facts), reminders.AssumeOnTime, d.Now,
					d.Facts.Engagement.Kickoff.AddMonths(60), func(engagement.Command, time.Time) {},
					func(f *engagement.Facts, _ time.Time) { last = f })
				if err != nil || got.EndedOn.IsZero() {
					t.Fatalf("%d people: it ends on %q: %s %v", people, got.EndedOn, got.Stopped, err)
				}
				for _, st := range last.Phases {
					agreed := last.Engagement.Baseline.Phases[st.Phase].End
					if st.Phase == catalog.PhaseWindow {
						agreed = last.ClientDays.Add(agreed, last.Catalog.Sampling.Occurrences.SendAfterClose)
					}
					if n := last.LateAfter(agreed, st.Actual.End); n > 0 {
						t.Errorf("%d people: %s was to end on %s and ended on %s, %s later", people, st.Phase, agreed, st.Actual.End,
							models.BusinessDays(n))
					}
				}
				for _, p := range last.Forecast(d.Now).Reports {
					if p.Issued.IsZero() || p.Issued.After(p.Promised) {
						t.Errorf("%d people: the %s was promised for %s and issued on %q", people, p.Kind, p.Promised, p.Issued)
					}
				}
			})
		}
	}
}
