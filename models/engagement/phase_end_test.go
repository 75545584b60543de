package engagement_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// No phase that is under way is expected to end before what is open in it: on no day of random lives, from the days before the kickoff on,
// in which the engagement letter waits for its signature. The audit firm may be chosen after the kickoff (KO-14).
func TestNoPhaseEndsBeforeItsLastTask(t *testing.T) {
	looked := 0
	for seed := range uint64(4) {
		for _, typ := range []string{"soc2_type1_type2", "soc1_type2", "readiness_only"} {
			r := rand.New(rand.NewPCG(seed, 11))
			d := modelstest.Started(t, typ)
			for range 30 {
				for _, wrong := range endsEarly(d) {
					t.Errorf("%s %d, %s: %s", typ, seed, d.Today(), wrong)
				}
				looked++
				switch lazy := int(seed) * 2; { // of six mornings nobody does anything on so many
				case r.IntN(6) < lazy:
				case r.IntN(3) > 0:
					d.Work()
				default:
					d.Busily(r)
				}
				d.GoTo(d.Today().AddDays(1 + r.IntN(6)))
			}
		}
	}
	if looked < 200 {
		t.Errorf("looked at %d days", looked)
	}
}

// endsEarly says which phases under way are expected to end before something that is open in them.
func endsEarly(d *modelstest.Desk) []string {
	if d.Facts.Engagement.Status != engagement.StatusRunning {
		return nil
	}
	ends := map[catalog.Phase]models.Date{}
	for _, p := range d.Report().Phases {
		if p.Standing == engagement.StandingActive {
			ends[p.Phase] = p.Forecast
		}
	}
	var out []string
	at := d.Facts.At(d.Now)
	for _, x := range d.Facts.Tasks {
		day := at.Expected(x)
		if end, ok := ends[x.Phase]; ok && x.Template != "KO-14" && !x.State.Closed() && day.After(end) {
			out = append(out, fmt.Sprintf("%s is expected to end on %s, and its %s, %s, on %s", x.Phase, end, x.ID, x.State, day))
		}
	}
	return out
}
