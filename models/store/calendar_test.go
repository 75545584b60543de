package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// A client's calendar has its country's holidays and its own closed days, and changes when they do.
func TestCalendars(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		own, unity := models.Date{Year: 2026, Month: 12, Day: 28}, models.Date{Year: 2026, Month: 10, Day: 3}
		christmas := models.Date{Year: 2026, Month: 12, Day: 25}
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
		_, err = w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error { // it works on that day all the same
			c.Closed, c.Open = []models.Date{own}, []models.Date{christmas}
			return nil
		})
		check(t, err)
		if c := days(); !c.IsBusiness(christmas) || c.Closed[own] != "closed" || c.Closed[unity] == "" {
			t.Errorf("%+v", c)
		}
		kept, err := w.Client(t.Context(), "northgate")
		check(t, err)
		same(t, "the open days", kept.Open, []models.Date{christmas})
		_, err = w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error { c.Open = c.Closed; return nil })
		refused(t, err, models.Invalid)
		for n := range maxCalendars + 10 {
			_, err := root.calendars.of("none", nil, nil, nil, 2000, 2000+n)
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

// Olga lives in the country of her company, or in a part of it: she works on the holidays on which it works, and is off when it is closed.
// In another country she has its holidays besides.
func TestWhoLivesWhereTheirCompanyIs(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		own, unity := models.Date{Year: 2026, Month: 12, Day: 28}, models.Date{Year: 2026, Month: 10, Day: 3}
		ascension, epiphany := models.Date{Year: 2026, Month: 5, Day: 14}, models.Date{Year: 2026, Month: 1, Day: 6}
		_, err := w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error {
			c.Country, c.Closed, c.Open = "DE", []models.Date{own}, []models.Date{ascension}
			return nil
		})
		check(t, err)
		for country, off := range map[string][4]bool{ // own, unity (a Saturday), ascension, epiphany
			"": {true, true, false, false}, "DE": {true, true, false, false}, "DE-BY": {true, true, false, true}, "AT": {true, true, true, true},
			"none": {true, true, false, false},
		} {
			_, err := w.UpdatePreferences(t.Context(), Once{}, "olga", noon,
				func(p *reminders.Preferences) error { p.Country = country; return nil })
			check(t, err)
			f, err := w.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			to, err := w.Recipient(t.Context(), "olga", 2026, false)
			check(t, err)
			aud, err := w.Audience(t.Context(), f, false)
			check(t, err)
			theirs, elsewhere := f.PersonDays["olga"]
			if !elsewhere {
				theirs = f.ClientDays
			}
			for i, day := range []models.Date{own, unity, ascension, epiphany} {
				for where, days := range map[string]models.Calendar{"the facts": theirs, "her own": to.Days, "the audience": aud.People["olga"].Days} {
					if days.IsBusiness(day) == off[i] {
						t.Errorf("in %q by %s she is off on %s: %t", country, where, day, !off[i])
					}
				}
			}
		}
	})
}

// olgaWorksOtherwise is a world in which Olga works on a public holiday and on a day on which her company is closed, and takes the
// Fridays of July off.
func olgaWorksOtherwise(t *testing.T, root *Root) (w world, olga models.Person) {
	t.Helper()
	w = newWorld(t, root, "acme")
	_, err := w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error {
		c.Closed = []models.Date{olgasShut}
		return nil
	})
	check(t, err)
	olga, err = olgasOwn(t, w, olgasFridays, []models.Date{olgasShut, olgasAscension})
	check(t, err)
	return w, olga
}

var (
	olgasShut, olgasAscension = models.Date{Year: 2026, Month: 12, Day: 28}, models.Date{Year: 2026, Month: 5, Day: 14}
	olgasFridays              = []models.Date{{Year: 2026, Month: 7, Day: 3}, {Year: 2026, Month: 7, Day: 10},
		{Year: 2026, Month: 7, Day: 17}, {Year: 2026, Month: 7, Day: 24}, {Year: 2026, Month: 7, Day: 31}}
)

func olgasOwn(t *testing.T, w world, closed, open []models.Date) (models.Person, error) {
	return w.UpdatePerson(t.Context(), Once{Actor: "ines"}, "olga", noon, func(p *models.Person) error {
		p.Closed, p.Open = closed, open
		return nil
	})
}

// By the engagement, by what is due of hers, and by her own messages she works as she said, wherever she lives.
func TestAPersonHasDaysOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w, olga := olgaWorksOtherwise(t, root)
		kept, err := w.Person(t.Context(), "olga")
		check(t, err)
		same(t, "olga", kept, olga)
		for _, country := range []string{"", "AT"} {
			_, err := w.UpdatePreferences(t.Context(), Once{}, "olga", noon,
				func(p *reminders.Preferences) error { p.Country = country; return nil })
			check(t, err)
			f, err := w.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			to, err := w.Recipient(t.Context(), "olga", 2026, false)
			check(t, err)
			aud, err := w.Audience(t.Context(), f, false)
			check(t, err)
			theirs := *f.DaysOf(&engagement.Task{Owner: "olga", OwnerRole: string(models.RoleOwner)})
			for where, days := range map[string]models.Calendar{"the facts": theirs, "her own": to.Days,
				"the audience": aud.People["olga"].Days} {
				olgasYear(t, fmt.Sprintf("living in %q, by %s", country, where), days, f.ClientDays)
			}
		}
		events, _, err := w.FirmEvents(t.Context(), EventFilter{Kind: "person.updated", Subject: "olga"}, "", 10)
		check(t, err)
		if len(events) != 2 || events[0].Field != "closed_days" || events[0].To != dates(olgasFridays) || events[0].Actor != "ines" ||
			events[1].Field != "open_days" || events[1].To != "2026-12-28 2026-05-14" {
			t.Errorf("the record says %+v", events)
		}
	})
}

// olgasYear fails the test if some calendar is not hers, or if that of her company has become hers.
func olgasYear(t *testing.T, whose string, days, companys models.Calendar) {
	t.Helper()
	for _, open := range []models.Date{olgasShut, olgasAscension} {
		if !days.IsBusiness(open) || companys.IsBusiness(open) {
			t.Errorf("%s she is off on %s, or her company is not", whose, open)
		}
	}
	for _, friday := range olgasFridays {
		if days.IsBusiness(friday) || !days.IsBusiness(friday.AddDays(-1)) || !days.IsBusiness(friday.AddDays(3)) ||
			!companys.IsBusiness(friday) {
			t.Errorf("%s she works on %s, or her company does not", whose, friday)
		}
	}
	if days.IsBusiness(models.Date{Year: 2026, Month: 12, Day: 25}) || !days.IsBusiness(models.Date{Year: 2026, Month: 8, Day: 7}) {
		t.Errorf("%s the rest of the year is another", whose)
	}
}

// What cannot be somebody's days is refused by the field; days that once could be are in the way of nothing else.
func TestWhatCannotBeAPersonsDaysIsRefused(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w, _ := olgaWorksOtherwise(t, root)
		for field, of := range map[string][2][]models.Date{
			"closed_days": {make([]models.Date, 1001), nil},
			"open_days":   {olgasFridays, olgasFridays[:1]},
		} {
			_, err := olgasOwn(t, w, of[0], of[1])
			if refusal, ok := errors.AsType[*models.Error](err); !ok || refusal.Field != field || refusal.Code != models.Invalid {
				t.Errorf("%s: %v", field, err)
			}
		}
		_, err := w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error {
			c.Weekend = []time.Weekday{time.Thursday, time.Friday}
			return nil
		})
		check(t, err)
		_, err = w.UpdatePerson(t.Context(), Once{}, "olga", noon, func(p *models.Person) error { p.Name = "Olga Lind"; return nil })
		check(t, err) // her open Thursday is of the weekend now, which is in the way of nothing else
		thursday := []models.Date{{Year: 2026, Month: 5, Day: 21}}
		_, err = olgasOwn(t, w, nil, thursday)
		refused(t, err, models.Invalid)
		newcomer := modelstest.Person("kenji")
		newcomer.Client, newcomer.Role, newcomer.Open = "northgate", models.RoleOwner, thursday
		_, err = w.CreatePerson(t.Context(), Once{}, newcomer, noon)
		refused(t, err, models.Invalid)
		newcomer.Open = []models.Date{{Year: 2026, Month: 12, Day: 26}}
		made, err := w.CreatePerson(t.Context(), Once{}, newcomer, noon)
		check(t, err)
		kept, err := w.Person(t.Context(), "kenji")
		check(t, err)
		same(t, "kenji", kept, made)
	})
}

// The Fridays of a manager are for colleagues: the client's people, who see who their manager is, are not told of them.
func TestOwnDaysAreForColleagues(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		for _, id := range []models.PersonID{"ines", "olga"} {
			_, err := w.UpdatePerson(t.Context(), Once{}, id, noon, func(p *models.Person) error {
				p.Closed = []models.Date{{Year: 2026, Month: 7, Day: 3}}
				return nil
			})
			check(t, err)
		}
		check(t, w.root.write(t.Context(), "have it run", func(tx *gorm.DB) error {
			return tx.Model(&engagementRow{}).Where("id = ?", "e1").Update("status", "running").Error
		}))
		for who, want := range map[models.PersonID][2]bool{ // whether they are told of ines's and of olga's
			"marta": {true, true}, "priya": {true, false}, "ruth": {false, true}, "olga": {false, true}} {
			p, err := w.Person(t.Context(), who)
			check(t, err)
			page, _, err := w.PeopleFor(t.Context(), engagement.Actor{Person: p.ID, Role: p.Role, Client: p.Client}, PersonFilter{}, "", 50)
			check(t, err)
			for _, p := range page {
				if (p.ID == "ines" && want[0] || p.ID == "olga" && want[1]) != (len(p.Closed) == 1) {
					t.Errorf("%s is shown of %s: %v", who, p.ID, p.Closed)
				}
			}
			if !slices.ContainsFunc(page, func(p models.Person) bool { return p.ID == "ines" }) {
				t.Errorf("%s does not see the manager", who)
			}
		}
	})
}

// The firm closes on Friday and moves to Germany: its days change, the client's do not. Whoever works by the calendar that
// changed is looked at by the next sweep, nobody else; so it is when Olga changes hers.
func TestTheFirmChangesItsCalendar(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		friday, unity, thanksgiving := march2.AddDays(4), models.Date{Year: 2026, Month: 10, Day: 3}, models.Date{Year: 2026, Month: 11, Day: 26}
		asleep := func() {
			var looks []Look
			for _, id := range []models.PersonID{"marta", "ines", "priya", "hugo", "ruth", "olga"} {
				looks = append(looks, Look{Person: id, Next: noon.Add(LookAgain)})
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
		asleep()
		_, err = olgasOwn(t, w, olgasFridays, nil)
		check(t, err)
		same(t, "who is due after a change of her own days", due(), []models.PersonID{"olga"})
	})
}

// A firm or a client opens on a day on which it meant to be closed, or somebody moves: what the engagement waits for may come earlier now.
// It is looked at soon, and then waits for its hour; other clients' and other firms' engagements are left alone, and so is a draft.
func TestAnotherCalendarWakesEngagements(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w, other := newWorld(t, root, "acme"), newWorld(t, root, "bright")
		_, err := w.CreateClient(t.Context(), Once{}, models.Client{ID: "zenith", Name: "Zenith", Headcount: 80, Country: "DE",
			TimeZone: "Europe/Berlin"}, noon)
		check(t, err)
		zeniths := draft("e2")
		zeniths.Client = "zenith"
		_, err = w.CreateEngagement(t.Context(), Once{Actor: "ines"}, zeniths, noon)
		check(t, err)
		w.addEngagement(t, "draft")
		next := noon.AddDate(0, 0, 7)
		look := func(s world, ids ...models.EngagementID) {
			t.Helper()
			for _, id := range ids {
				_, _, err := s.Change(t.Context(), id, Once{}, engagement.Need{}, noon, func(f *engagement.Facts, _ time.Time) (string, error) {
					f.Engagement.Status, f.Engagement.Summary.Wake = engagement.StatusRunning, next
					return "", nil
				})
				check(t, err)
			}
		}
		look(w, "e1", "e2")
		look(other, "e1")
		woken := func(when string, want ...models.EngagementID) {
			t.Helper()
			refs, err := root.Overdue(t.Context(), noon.Add(time.Second), 100)
			check(t, err)
			var got []models.EngagementID
			for _, r := range refs {
				if r.Firm != "acme" {
					t.Errorf("%s: another firm's %s is woken", when, r.Engagement)
				}
				got = append(got, r.Engagement)
			}
			slices.Sort(got)
			same(t, when, got, want)
			look(w, "e1", "e2")
			if refs, err = root.Overdue(t.Context(), noon.Add(time.Second), 100); err != nil || len(refs) > 0 {
				t.Errorf("%s: looked at, it is woken again: %v, %v", when, refs, err)
			}
		}
		client := func(edit func(*models.Client)) {
			t.Helper()
			_, err := w.UpdateClient(t.Context(), Once{}, "northgate", noon, func(c *models.Client) error { edit(c); return nil })
			check(t, err)
		}
		firm := func(edit func(*models.Firm)) {
			t.Helper()
			_, err := w.UpdateFirm(t.Context(), Once{}, noon, func(f *models.Firm) error { edit(f); return nil })
			check(t, err)
		}
		moves := func(who models.PersonID, zone string) {
			t.Helper()
			_, err := w.UpdatePerson(t.Context(), Once{}, who, noon, func(p *models.Person) error { p.TimeZone = zone; return nil })
			check(t, err)
		}
		client(func(c *models.Client) { c.Closed = []models.Date{march2.AddDays(4)} })
		woken("the client closes", "e1")
		client(func(c *models.Client) { c.Closed = nil })
		woken("the client opens again", "e1")
		client(func(c *models.Client) { c.Weekend = []time.Weekday{time.Friday, time.Saturday} })
		woken("the client has another weekend", "e1")
		client(func(c *models.Client) { c.TimeZone = "Asia/Tokyo" })
		woken("the client moves", "e1")
		client(func(c *models.Client) { c.Name = "Acme & Sons" })
		woken("the client has another name")
		firm(func(f *models.Firm) { f.Closed = []models.Date{march2.AddDays(4)} })
		woken("the firm closes", "e1", "e2")
		firm(func(f *models.Firm) { f.Name = "Alpha & Sons" })
		woken("the firm has another name")
		moves("olga", "Asia/Tokyo")
		woken("one of the client's people moves", "e1")
		moves("priya", "Asia/Tokyo")
		woken("one of the firm's people moves", "e1", "e2")
	})
}
