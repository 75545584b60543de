package store

import (
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A client's calendar has its country's holidays and its own closed days, and changes when they do.
func TestCalendars(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		own, unity := models.Date{Year: 2026, Month: 12, Day: 28}, models.Date{Year: 2026, Month: 10, Day: 3}
		days := func() models.Calendar {
			f, err := w.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			if _, off := f.FirmDays.Closed[models.Date{Year: 2026, Month: 11, Day: 26}]; !off {
				t.Error("the firm works on Thanksgiving")
			}
			return f.ClientDays
		}
		if c := days(); c.Closed[unity] == "" || c.Closed[own] != "" || !c.IsBusiness(own) {
			t.Errorf("%+v", c)
		}
		_, err := w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error {
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

// The firm closes on Friday and moves to Germany: its days change, the client's do not. Whoever works by the calendar that
// changed is looked at by the next sweep, nobody else.
func TestTheFirmChangesItsCalendar(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		friday, unity, thanksgiving := march2.AddDays(4), models.Date{Year: 2026, Month: 10, Day: 3}, models.Date{Year: 2026, Month: 11, Day: 26}
		asleep := func() {
			var looks []Look
			for _, id := range []models.PersonID{"marta", "ines", "priya", "hugo", "ruth", "olga"} {
				looks = append(looks, Look{Person: id, Next: noon.AddDate(0, 0, 7)})
			}
			_, err := w.Schedule(t.Context(), nil, looks)
			check(t, err)
		}
		due := func() (who []models.PersonID) {
			boxes, err := root.DueMailboxes(t.Context(), noon, 100)
			check(t, err)
			for _, b := range boxes {
				who = append(who, b.Person)
			}
			return who
		}
		days := func() (firm, client models.Calendar) {
			f, err := w.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			return f.FirmDays, f.ClientDays
		}
		asleep()
		same(t, "who is due before", len(due()), 0)
		_, err := w.UpdateFirm(t.Context(), Once{Actor: "marta"}, noon, func(f *models.Firm) error {
			f.Country, f.Closed = "DE", []models.Date{friday}
			return nil
		})
		check(t, err)
		firm, client := days()
		if firm.IsBusiness(friday) || firm.Closed[unity] == "" || firm.Closed[thanksgiving] != "" {
			t.Errorf("the firm's days: %+v", firm)
		}
		if !client.IsBusiness(friday) {
			t.Error("the client is closed when the firm is")
		}
		same(t, "who is due after the firm's change", due(), []models.PersonID{"hugo", "ines", "marta", "priya"})
		asleep()
		_, err = w.UpdateFirm(t.Context(), Once{Actor: "marta"}, noon, func(f *models.Firm) error { f.Name = "Acme & Sons"; return nil })
		check(t, err)
		same(t, "who is due after a change of the name", len(due()), 0)
		_, err = w.UpdateClient(t.Context(), Once{Actor: "ines"}, "northgate", noon, func(c *models.Client) error {
			c.Closed = []models.Date{friday}
			return nil
		})
		check(t, err)
		same(t, "who is due after the client's change", due(), []models.PersonID{"olga", "ruth"})
	})
}
