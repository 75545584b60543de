// Package holiday knows the public holidays of countries, for the calendars of firms and clients. The rules are those of
// github.com/rickar/cal, and ours where it differs from the law (own.go). A company that works differently, or is in a country that is
// not here, lists closed and open days of its own.
package holiday

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"tickmark/models"
)

// None is the country of those who keep no public holidays.
const None = "none"

// Countries returns the codes Between knows, in order: ISO 3166-1 such as US and, for parts of countries
// that have holidays of their own, ISO 3166-2 such as DE-BY. "none" is not among them.
func Countries() []string { return slices.Sorted(maps.Keys(countries)) }

// Between returns the days off for public holidays from from to to, both inclusive, with their names in the language of
// the country. A holiday counts on the day it is observed, which may be in the year before or after: in the US, New
// Year 2028 is Friday 2027-12-31. US holidays are the federal ones. Codes are read in either case; an empty country or
// None has no holidays; any other unknown country is refused. The map belongs to the caller.
func Between(country string, from, to models.Date) (map[models.Date]string, error) {
	out := map[models.Date]string{}
	if country == "" || strings.EqualFold(country, None) {
		return out, nil
	}
	code := strings.ToUpper(country)
	if _, ok := countries[code]; !ok {
		return nil, models.Refuse(models.Invalid, "country", "country %.40q has no holiday calendar here: use %s, or one of %s",
			country, None, strings.Join(Countries(), ", "))
	}
	for year := max(from.Year, models.MinYear); year <= min(to.Year, models.MaxYear); year++ {
		for _, off := range observedIn(code, year) {
			if !off.day.Before(from) && !off.day.After(to) {
				out[off.day] = off.name
			}
		}
	}
	return out, nil
}

// Calendar returns the business days of a company from the first day of one year to the last of another: its weekend (empty: Saturday and
// Sunday), the public holidays of its country but those of open, and the days of closed. It refuses the countries that Between refuses.
func Calendar(country string, weekend []time.Weekday, closed, open []models.Date, from, to int) (models.Calendar, error) {
	off, err := Between(country, models.Date{Year: from, Month: time.January, Day: 1}, models.Date{Year: to, Month: time.December, Day: 31})
	if err != nil {
		return models.Calendar{}, err
	}
	for _, day := range open {
		delete(off, day)
	}
	for _, day := range closed {
		if _, known := off[day]; !known {
			off[day] = "closed"
		}
	}
	if len(weekend) == 0 {
		weekend = nil // the usual one
	}
	return models.Calendar{Weekend: weekend, Closed: off}, nil
}

// A dayOff is a holiday on the day on which nobody works for it.
type dayOff struct {
	day  models.Date
	name string
}

type countryYear struct {
	country string
	year    int
}

var observed sync.Map // of countryYear to []dayOff: at most as many as countries times years

// observedIn returns the days off in one calendar year, whichever year their holiday belongs to.
func observedIn(country string, year int) []dayOff {
	key := countryYear{country, year}
	if known, ok := observed.Load(key); ok {
		return known.([]dayOff)
	}
	var days []dayOff
	for _, h := range countries[country] {
		for _, of := range [...]int{year - 1, year, year + 1} {
			if _, day := h.Calc(of); !day.IsZero() && day.Year() == year {
				days = append(days, dayOff{models.Date{Year: year, Month: day.Month(), Day: day.Day()}, h.Name})
			}
		}
	}
	observed.Store(key, days)
	return days
}

// The library counts in the machine's zone unless told otherwise, where a midnight may be missing and a date with it.
func init() { cal.DefaultLoc = time.UTC }
