package demo_test

import (
	"path/filepath"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/demo"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A partner looks at the demo on whatever day: one client is late, one in its observation window, one near its report; messages
// were sent; nobody has an address; the firm is marked, and has one demo.
func TestADemoShowsThreePhases(t *testing.T) {
	for _, on := range []string{"2026-12-01", "2027-07-04"} {
		for name, dsn := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "demo.sqlite"),
			"postgres": storetest.Postgres(t)} {
			t.Run(on+" "+name, func(t *testing.T) {
				root, err := store.Open(dsn)
				check(t, err)
				t.Cleanup(func() { _ = root.Close() })
				check(t, root.Migrate(t.Context()))
				day, err := models.ParseDate(on)
				check(t, err)
				now := day.At(models.Zone("America/New_York"), 15, 0)
				root.Now = func() time.Time { return now }
				_, _, err = root.CreateFirm(t.Context(), models.Firm{ID: "acme", Name: "Acme", Country: "US", TimeZone: "UTC"},
					models.Person{ID: "vera", Name: "Vera", Role: models.RolePartner, TimeZone: "UTC"}, now)
				check(t, err)
				firm, err := demo.Make(t.Context(), root, "acme", "demo-1", now)
				check(t, err)
				s := root.For(firm.ID)
				health, phases := map[models.EngagementID]engagement.Health{}, map[models.EngagementID]string{}
				rows, _, err := s.Portfolio(t.Context(), store.PortfolioFilter{Scope: store.ScopeAll()}, "", "", 10)
				check(t, err)
				for _, r := range rows {
					f, err := s.Facts(t.Context(), r.ID, engagement.Need{})
					check(t, err)
					health[r.ID] = f.Engagement.Summary.Health
					for _, p := range f.Active() {
						phases[r.ID] += " " + string(p)
					}
					for _, p := range f.People {
						if p.Email != "" {
							t.Errorf("%s has an address", p.Name)
						}
					}
					t.Log(r.ID, f.Engagement.Status, health[r.ID], phases[r.ID], f.Engagement.Summary.Percent, f.Engagement.Summary.Forecast,
						f.Engagement.Target, f.Engagement.Summary.Overdue, f.Engagement.Window(), f.Engagement.Pace.Closed, f.Engagement.Pace.OnTime)
				}
				for id, phase := range map[models.EngagementID]string{"northgate-type2": " t2_window", "fernleaf-type1": " remediation",
					"alder-type1": " t1_fieldwork"} {
					if phases[id] != phase {
						t.Errorf("%s is in%s, want%s", id, phases[id], phase)
					}
				}
				if health["fernleaf-type1"] != engagement.HealthLate || health["alder-type1"] != engagement.HealthOnTrack {
					t.Errorf("they do as %v", health)
				}
				counts, err := s.CountDeliveries(t.Context(), now.AddDate(-2, 0, 0))
				check(t, err)
				t.Log(counts)
				if counts[reminders.DeliverySent] < 50 {
					t.Errorf("of messages there are %v", counts)
				}
				if is, err := root.For("acme").Demo(t.Context()); err != nil || is.ID != firm.ID || is.DemoOf != "acme" {
					t.Errorf("its firm finds %+v, %v", is, err)
				}
				if _, err := demo.Make(t.Context(), root, "acme", "demo-2", now); models.CodeOf(err) != models.Conflict {
					t.Errorf("a second demo is answered %v", err)
				}
			})
		}
	}
}
