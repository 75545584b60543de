package holiday_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rickar/cal/v2"

	"tickmark/models"
	"tickmark/models/holiday"
)

func day(t testing.TB, s string) models.Date {
	t.Helper()
	d, err := models.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func between(t testing.TB, country, from, to string) map[models.Date]string {
	t.Helper()
	days, err := holiday.Between(country, day(t, from), day(t, to))
	if err != nil {
		t.Fatal(err)
	}
	return days
}

// list returns days off in order, each with its name.
func list(days map[models.Date]string) string {
	var out []string
	for d, name := range days {
		out = append(out, d.String()+" "+name)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestFederalHolidaysAsObserved(t *testing.T) {
	want := `2027-01-01 New Year's Day
2027-01-18 Martin Luther King Jr. Day
2027-02-15 Presidents' Day
2027-05-31 Memorial Day
2027-06-18 Juneteenth
2027-07-05 Independence Day
2027-09-06 Labor Day
2027-10-11 Columbus Day
2027-11-11 Veterans Day
2027-11-25 Thanksgiving Day
2027-12-24 Christmas Day
2027-12-31 New Year's Day`
	if got := list(between(t, "US", "2027-01-01", "2027-12-31")); got != want {
		t.Errorf("US 2027:\n%s", got)
	}
	if got := between(t, "US", "2028-01-01", "2028-01-10"); len(got) != 0 {
		t.Errorf("New Year 2028 is observed in 2027, yet there is %v", got)
	}
	if got := list(between(t, "us", "2026-07-01", "2026-07-31")); got != "2026-07-03 Independence Day" {
		t.Errorf("July 2026: %s", got)
	}
}

// The vectors of domain.md 9.1, with the holidays of this package.
func TestBusinessDaysWithFederalHolidays(t *testing.T) {
	us := models.Calendar{Closed: between(t, "US", "2026-01-01", "2028-12-31")}
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-07-02", 1, "2026-07-06"},
		{"2027-12-30", 1, "2028-01-03"},
		{"2026-11-25", 1, "2026-11-27"},
		{"2026-12-24", 3, "2026-12-30"},
		{"2026-07-04", 0, "2026-07-06"},
	} {
		if got := us.Add(day(t, c.from), c.n); got.String() != c.want {
			t.Errorf("%s %+d business days is %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestOtherCountries(t *testing.T) {
	for _, c := range []struct{ country, from, to, want string }{
		{"GB", "2027-12-20", "2028-01-05", "2027-12-27 Christmas Day\n2027-12-28 Boxing Day\n2028-01-03 New Year's Day"},
		{"DE", "2027-03-01", "2027-03-31", "2027-03-26 Karfreitag\n2027-03-29 Ostermontag"},
		{"DE-BY", "2027-11-01", "2027-11-30", "2027-11-01 Allerheiligen"},
		{"DE-BE", "2027-11-01", "2027-11-30", ""},
		{"CH", "2027-01-01", "2027-04-30", "2027-01-01 Neujahrstag"},
		{"AU", "2027-04-01", "2027-06-30", "2027-04-25 ANZAC Day"},
		{"AU-VIC", "2027-11-01", "2027-11-30", "2027-11-02 Melbourne Cup"},
		{"none", "2027-01-01", "2027-12-31", ""},
		{"None", "2027-01-01", "2027-12-31", ""},
		{"", "2027-01-01", "2027-12-31", ""},
		{"US", "2027-12-31", "2027-01-01", ""},
	} {
		if got := list(between(t, c.country, c.from, c.to)); got != c.want {
			t.Errorf("%s from %s to %s:\n%s\nwant\n%s", c.country, c.from, c.to, got, c.want)
		}
	}
}

func TestUnknownCountriesAreRefusedWithTheKnownOnes(t *testing.T) {
	_, err := holiday.Between("XX", day(t, "2027-01-01"), day(t, "2027-12-31"))
	var refusal *models.Error
	if !errors.As(err, &refusal) || refusal.Code != models.Invalid || refusal.Field != "country" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{`"XX"`, "none", "US", "DE-BY"} {
		if !strings.Contains(refusal.Message, want) {
			t.Errorf("%q does not name %s", refusal.Message, want)
		}
	}
}

func TestEveryCountryHasHolidaysEveryYear(t *testing.T) {
	all := holiday.Countries()
	if !slices.IsSorted(all) || len(all) < 80 || slices.Contains(all, "NONE") {
		t.Errorf("%d countries: %v", len(all), all)
	}
	for _, country := range all {
		if country != strings.ToUpper(country) {
			t.Errorf("%s is not in upper case", country)
		}
		for year := 2026; year <= 2035; year++ {
			days, err := holiday.Between(country, models.Date{Year: year, Month: 1, Day: 1}, models.Date{Year: year, Month: 12, Day: 31})
			if err != nil || len(days) < 3 || len(days) > 22 {
				t.Errorf("%s has %d days off in %d, %v", country, len(days), year, err)
			}
		}
	}
}

func TestTheMapBelongsToTheCaller(t *testing.T) {
	first := between(t, "US", "2027-01-01", "2027-12-31")
	clear(first)
	if again := between(t, "US", "2027-01-01", "2027-12-31"); len(again) != 12 {
		t.Errorf("emptying one map left %d days in the next", len(again))
	}
}

func TestManyAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for _, country := range holiday.Countries() {
				days, err := holiday.Between(country, models.Date{Year: 2040 + i%3, Month: 1, Day: 1}, models.Date{Year: 2045, Month: 12, Day: 31})
				if err != nil || len(days) == 0 {
					t.Errorf("%s: %d days, %v", country, len(days), err)
				}
			}
		})
	}
	wg.Wait()
}

// Counted in the machine's zone, a holiday would be the day before where its midnight is missing (domain.md 9.1).
func TestTheMachinesZoneDoesNotMatter(t *testing.T) {
	if cal.DefaultLoc != time.UTC {
		t.Errorf("the library counts in %s", cal.DefaultLoc)
	}
}

func BenchmarkBetween(b *testing.B) {
	from, to := day(b, "2026-01-01"), day(b, "2029-12-31")
	for b.Loop() {
		if _, err := holiday.Between("US", from, to); err != nil {
			b.Fatal(err)
		}
	}
}

// A company works on Columbus Day, and is closed on the Friday after Thanksgiving.
func TestACompanysOwnDays(t *testing.T) {
	columbus, friday, thanks := day(t, "2027-10-11"), day(t, "2027-11-26"), day(t, "2027-11-25")
	c, err := holiday.Calendar("US", []time.Weekday{}, []models.Date{friday}, []models.Date{columbus}, 2027, 2028)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[models.Date]bool{columbus: true, friday: false, thanks: false, day(t, "2028-10-09"): false,
		day(t, "2027-10-10"): false, day(t, "2027-10-12"): true} {
		if c.IsBusiness(d) != want {
			t.Errorf("%s: it is %t that they work", d, !want)
		}
	}
	if _, err := holiday.Calendar("XX", nil, nil, nil, 2027, 2027); models.CodeOf(err) != models.Invalid {
		t.Errorf("a calendar of XX: %v", err)
	}
}
