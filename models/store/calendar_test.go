package store

import (
	"testing"

	"tickmark/models"
)

// A client's calendar has its country's holidays and its own closed days, and changes when they do.
func TestCalendars(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "alpha")
		own, unity := models.Date{Year: 2026, Month: 12, Day: 28}, models.Date{Year: 2026, Month: 10, Day: 3}
		days := func() models.Calendar {
			f, err := w.Facts(t.Context(), "e1", models.Need{})
			check(t, err)
			if _, off := f.FirmDays.Closed[models.Date{Year: 2026, Month: 11, Day: 26}]; !off {
				t.Error("the firm works on Thanksgiving")
			}
			return f.ClientDays
		}
		if c := days(); c.Closed[unity] == "" || c.Closed[own] != "" || !c.IsBusiness(own) {
			t.Errorf("%+v", c)
		}
		_, err := w.UpdateClient(t.Context(), Once{}, "acme", noon, func(c *models.Client) error {
			c.Closed = []models.Date{own, unity}
			return nil
		})
		check(t, err)
		if c := days(); c.Closed[unity] == "closed" || c.Closed[own] != "closed" || c.IsBusiness(own) {
			t.Errorf("%+v", c)
		}
		for n := range maxCalendars + 10 {
			_, err := root.calendars.of("none", nil, nil, 2000, 2000+n)
			check(t, err)
		}
		if len(root.calendars.made) > maxCalendars {
			t.Errorf("%d calendars are kept", len(root.calendars.made))
		}
		if c := days(); c.Closed[own] != "closed" {
			t.Errorf("%+v", c)
		}
	})
}
