package models_test

import (
	"testing"

	"tickmark/models"
)

var allTypes = []string{"readiness_only", "soc2_type1", "soc2_type2", "soc2_type1_type2", "soc2_type2_renewal",
	"soc1_type1", "soc1_type2", "soc1_type1_type2", "cyber_point", "cyber_period"}

// When everybody does what is due, every type of engagement completes on its own, and is on track on every single morning.
func TestDiligentPeopleAreOnTrackEveryMorning(t *testing.T) {
	for _, typ := range allTypes {
		t.Run(typ, func(t *testing.T) {
			d := started(t, typ)
			complaints := 0
			d.until(on("2031-01-01"), func() bool {
				if r := d.report(); r.Health != models.HealthOnTrack && complaints < 3 && d.f.Engagement.Status == models.StatusRunning {
					complaints++
					t.Errorf("%s: %s: %+v", d.today(), r.Health, r.Reasons[0])
				}
				return false
			})
			if d.f.Engagement.Status != models.StatusCompleted {
				t.Errorf("it is %s on %s", d.f.Engagement.Status, d.today())
			}
		})
	}
}
