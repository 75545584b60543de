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

// On no day of random lives, from the days before the kickoff on, in which the engagement letter waits for its signature, is a phase that
// is under way expected to end before what is open in it; the audit firm may be chosen after the kickoff (KO-14). Phases to come are
// expected one after the other along the route, that which ends with a report when it is expected. What has ended has its real days.
func TestNoPhaseEndsBeforeItsLastTask(t *testing.T) {
	looked := 0
	for seed := range uint64(4) {
		for _, typ := range []string{"soc2_type1_type2", "soc1_type2", "readiness_only"} {
			r := rand.New(rand.NewPCG(seed, 11))
			d := modelstest.Started(t, typ)
			for range 30 {
				for _, wrong := range append(endsEarly(d), outOfOrder(d)...) {
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

// comesAfter has, of each phase, those that are left before it is entered.
var comesAfter = map[catalog.Phase][]catalog.Phase{
	catalog.PhaseGap: {catalog.PhaseKickoff}, catalog.PhaseRemediation: {catalog.PhaseGap}, catalog.PhaseT1Prep: {catalog.PhaseRemediation},
	catalog.PhaseT1Fieldwork: {catalog.PhaseT1Prep}, catalog.PhaseT1Report: {catalog.PhaseT1Fieldwork},
	catalog.PhaseWindowSetup: {catalog.PhaseRemediation}, catalog.PhaseWindow: {catalog.PhaseWindowSetup},
	catalog.PhaseT2Fieldwork: {catalog.PhaseWindow, catalog.PhaseT2Close}, catalog.PhaseT2Report: {catalog.PhaseT2Fieldwork},
}

// outOfOrder says which phases are expected on days that do not fit the route, what has ended, or the reports.
func outOfOrder(d *modelstest.Desk) []string {
	if d.Facts.Engagement.Status != engagement.StatusRunning {
		return nil
	}
	r, at := d.Report(), map[catalog.Phase]engagement.PhaseReport{}
	for _, p := range r.Phases {
		at[p.Phase] = p
	}
	var out []string
	for _, p := range r.Phases {
		switch p.Standing {
		case engagement.StandingDone:
			if p.Starts != p.Actual.Start || p.Forecast != p.Actual.End {
				out = append(out, fmt.Sprintf("%s was from %s to %s, and is said to be from %s to %s", p.Phase, p.Actual.Start, p.Actual.End,
					p.Starts, p.Forecast))
			}
		case engagement.StandingWaiting:
			if p.Starts.Before(d.Facts.Engagement.Outlook.On) || p.Forecast.Before(p.Starts) {
				out = append(out, fmt.Sprintf("%s is to come, and expected from %s to %s", p.Phase, p.Starts, p.Forecast))
			}
			for _, q := range comesAfter[p.Phase] {
				if b, ok := at[q]; ok && (p.Starts.Before(b.Forecast) || p.Forecast.Before(b.Forecast)) {
					out = append(out, fmt.Sprintf("%s is expected from %s to %s, and %s before it until %s", p.Phase, p.Starts, p.Forecast, q,
						b.Forecast))
				}
			}
		}
	}
	for _, x := range r.Forecast.Reports {
		if p := at[x.Kind.Phase()]; x.Issued.IsZero() && p.Standing == engagement.StandingWaiting && p.Forecast != x.Expected {
			out = append(out, fmt.Sprintf("the %s is expected on %s, and %s until %s", x.Kind.Name(), x.Expected, p.Phase, p.Forecast))
		}
	}
	return out
}
