package engagement_test

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Performed in the last minutes of the last day in the client's zone and uploaded the day after: in time. The window opens
// and closes with the client's day, wherever the firm is.
func TestTheWindowIsTheClientsDay(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Asia/Kolkata", "Pacific/Auckland", "Pacific/Honolulu", "America/St_Johns", "Pacific/Chatham", "UTC"} {
		d := modelstest.Started(t, "soc2_type2", func(f *engagement.Facts) {
			f.Client.TimeZone = zone
			for i := range f.People {
				if f.People[i].Role.Side() == models.SideClient {
					f.People[i].TimeZone = zone
				}
			}
		})
		d.Until(modelstest.On("2028-01-01"), func() bool { return d.Facts.Phase(catalog.PhaseWindowSetup).Standing == engagement.StandingDone })
		w := d.Facts.Engagement.Window()
		loc := d.Facts.Location()
		if loc.String() != zone {
			t.Fatalf("it is kept in %s", loc)
		}
		d.Pass(w.Start.Begin(loc).Add(-time.Second))
		if got := d.Facts.Phase(catalog.PhaseWindow).Standing; got != engagement.StandingWaiting {
			t.Errorf("%s: a second before its first day the window is %s", zone, got)
		}
		d.Pass(w.Start.Begin(loc))
		if got := d.Facts.Phase(catalog.PhaseWindow); got.Standing != engagement.StandingActive || got.Actual.Start != w.Start {
			t.Errorf("%s: as its first day begins the window is %+v", zone, got)
		}
		d.Pass(w.End.At(loc, 23, 50))
		if got := d.Facts.Gate("G-WI-1").State; got != engagement.GateOpen {
			t.Errorf("%s: at ten to midnight on its last day the window is closed", zone)
		}
		d.Pass(w.End.AddDays(1).Begin(loc))
		if got := d.Facts.Gate("G-WI-1").State; got != engagement.GateSigned {
			t.Errorf("%s: as the next day begins the window is not closed", zone)
		}
		if got := d.Facts.Phase(catalog.PhaseT2Close); got.Standing != engagement.StandingActive || got.Actual.Start != w.End.AddDays(1) {
			t.Errorf("%s: %+v", zone, got)
		}
		for _, x := range d.CopiesOf("WI-01") {
			if x.Period.Start == w.End && x.Due.Before(w.End.AddDays(1)) {
				t.Errorf("%s: %s is to be uploaded on %s", zone, x.ID, x.Due)
			}
		}
	}
}
