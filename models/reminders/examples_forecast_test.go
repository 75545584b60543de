package reminders_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

var showWeeks = flag.Bool("weeks", false, "print by how much the forecasts of the examples were wrong")

// The examples of the documents, whose messages are kept word for word: where everybody is on time each report is forecast within three
// business days, where all of the startup are late by three business days within a quarter of what it is late by. In the others somebody
// who is that late misses the window, and nobody who is rehearsed proposes another one.
func TestForecastsOfTheExamples(t *testing.T) {
	for _, of := range []struct {
		example string
		people  reminders.Assumption
		least   float64 // business days by which a forecast may be wrong on average, whatever the promised day was
	}{
		{"startup-type1", reminders.AssumeOnTime, 3}, {"saas-type1-type2", reminders.AssumeOnTime, 3},
		{"processor-soc1", reminders.AssumeOnTime, 3}, {"startup-type1", reminders.AssumeLate, 0},
	} {
		t.Run(of.example+" "+string(of.people), func(t *testing.T) {
			t.Parallel()
			for kind, miss := range missesOf(t, of.example, of.people) {
				if *showWeeks {
					fmt.Printf("%s, %s, %s: %d weekly forecasts, wrong by %.1f business days on average, the promised day by %.1f\n", of.example,
						of.people, kind.Name(), miss.n, miss.forecast, miss.promised)
				}
				if miss.n < 10 || miss.forecast > max(of.least, miss.promised/4) {
					t.Errorf("of the %s %d weekly forecasts are wrong by %.1f business days on average, the promised day by %.1f", kind.Name(), miss.n,
						miss.forecast, miss.promised)
				}
			}
		})
	}
}

// A missed is by how many business days weekly forecasts of a report were wrong on average, and how far its promised day was.
type missed struct {
	n                  int
	forecast, promised float64
}

// missesOf lives an example through and holds what was forecast of each report each week against the day on which it was issued.
func missesOf(t *testing.T, example string, a reminders.Assumption) map[engagement.ReportKind]missed {
	t.Helper()
	f, aud := anExample(t, example)
	said, issued := map[engagement.ReportKind][]engagement.Promise{}, map[engagement.ReportKind]models.Date{}
	week := models.Date{}
	lives := func(f *engagement.Facts, at time.Time) {
		day := f.Today(at)
		if !f.Engagement.Status.Live() || day.Monday() == week {
			return
		}
		week = day.Monday()
		for _, p := range f.Forecast(at).Reports {
			if !p.Issued.IsZero() {
				issued[p.Kind] = p.Issued
			} else if !day.Before(f.Engagement.Kickoff) {
				said[p.Kind] = append(said[p.Kind], p)
			}
		}
	}
	if _, err := reminders.RehearseIdle(f, aud, a, f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0),
		f.Engagement.Kickoff.AddMonths(40), nil, nil, lives); err != nil {
		t.Fatal(err)
	}
	out := map[engagement.ReportKind]missed{}
	for kind, on := range issued {
		m := missed{n: len(said[kind])}
		for _, p := range said[kind] {
			m.forecast += apartFrom(f, on, p.Expected) / float64(m.n)
			m.promised += apartFrom(f, on, p.Promised) / float64(m.n)
		}
		out[kind] = m
	}
	if len(out) == 0 {
		t.Fatal("no report is issued")
	}
	return out
}

// apartFrom returns how many joint business days two days are apart.
func apartFrom(f *engagement.Facts, a, b models.Date) float64 {
	return float64(max(f.Workdays(a, b), f.Workdays(b, a)))
}
