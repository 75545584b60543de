package api

import (
	"slices"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// Nobody does anything for a week: on every morning of it the engagement is looked at, twice on each, and the status has one forecast of
// each day, the first on the day of the start, in order. In time or not, no business day is missing. The cautious date is never before the
// expected one, and the last is what the status itself says.
func TestEveryDayHasOneForecast(t *testing.T) {
	both(t, func(w *world) {
		w.post("ines", "/engagements", object{"id": "north-2026", "client": "northgate", "type": "soc2_type1_type2",
			"categories": []string{"security"}, "kickoff": "2026-04-13", "window_months": 3, "partner": "marta", "manager": "ines",
			"consultants": []string{"priya"}, "auditor": "hugo"}).is(201)
		w.post("ines", "/engagements/north-2026/start", nil).is(200)
		want := []models.Date{models.DateIn(w.now, models.Zone("America/New_York"))}
		for range 7 {
			w.now = w.now.Add(24 * time.Hour)
			want = append(want, want[len(want)-1].Next())
			w.wake("north-2026")
			w.wake("north-2026")
		}
		var status gen.Report
		w.get("ines", "/engagements/north-2026/status").is(200).into(&status)
		for _, k := range []engagement.ReportKind{engagement.ReportType1, engagement.ReportType2} {
			past := models.Keep(status.Forecast.History, func(p gen.PastForecast) bool { return p.Report == k })
			if len(past) != len(want) {
				w.Fatalf("of the %s there are %d forecasts of %d days: %+v", k.Name(), len(past), len(want), past)
			}
			for i, p := range past {
				if p.Day != want[i] || p.Cautious.Before(p.Expected) || p.Expected.IsZero() {
					w.Errorf("the forecast of %s, the %s: %+v", want[i], k.Name(), p)
				}
			}
			for _, now := range status.Forecast.Reports {
				if last := past[len(past)-1]; now.Kind == k && (now.Expected != last.Expected || now.Cautious != last.Cautious) {
					w.Errorf("the status says %+v, what was kept of today %+v", now, last)
				}
			}
		}
	})
}

// Type 1 and Type 2 are two promises with two forecasts wherever engagements are shown: the list, the card and the status say the same of
// each, on the day of the start and after a week in which nobody did anything.
func TestEachReportIsShownInEveryList(t *testing.T) {
	both(t, func(w *world) {
		for week := range 2 {
			var page gen.EngagementPage
			w.get("marta", "/engagements?live=true").is(200).into(&page)
			several := 0
			for _, line := range page.Items {
				var card gen.Engagement
				var status gen.Report
				w.get("marta", "/engagements/"+string(line.ID)).is(200).into(&card)
				w.get("marta", "/engagements/"+string(line.ID)+"/status").is(200).into(&status)
				var want []gen.ReportDates
				for _, p := range status.Forecast.Reports {
					want = append(want, gen.ReportDates{Kind: p.Kind, Name: p.Name, Promised: p.Promised, Expected: p.Expected, Cautious: p.Cautious,
						Issued: p.Issued, Late: p.Late})
				}
				if !slices.Equal(line.Reports, want) || !slices.Equal(card.Reports, want) {
					w.Errorf("week %d, %s: the status has %+v, the list %+v, the card %+v", week, line.ID, want, line.Reports, card.Reports)
				}
				if n := len(want); n == 2 && want[0].Promised.Before(want[1].Promised) && want[1].Promised == line.TargetReport {
					several++
				}
			}
			if several < 2 {
				w.Fatalf("week %d: only %d engagements have two reports: %+v", week, several, page.Items)
			}
			for range 7 {
				w.now = w.now.Add(24 * time.Hour)
				w.wake("e1")
				w.wake("e2")
			}
		}
	})
}
