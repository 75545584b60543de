package api

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// Nobody does anything for a week: on every morning of it the engagement is looked at, twice on each, and the status has one forecast of
// each business day, the first on the day of the start, in order. In time or not, none is missing. The cautious date is never before the
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
			if day := models.DateIn(w.now, models.Zone("America/New_York")); day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
				want = append(want, day)
			}
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

// Nobody does anything from a Thursday on. At half past midnight, a minute before six, after six, and on Saturday and Sunday the list
// and the card say of health, reason and reports what the status says, whether a worker has looked since or not; and on the weekend
// nothing slips.
func TestListAndStatusSayTheSameByNightAndOnWeekends(t *testing.T) {
	both(t, func(w *world) {
		zone := models.Zone("America/New_York")
		day := models.DateIn(w.now, zone)
		for day.Weekday() != time.Thursday {
			day = day.Next()
		}
		friday := map[models.EngagementID]models.Date{}
		for n := range 6 {
			for _, at := range [][2]int{{0, 30}, {5, 59}, {6, 1}, {23, 50}} {
				w.now = day.AddDays(n).At(zone, at[0], at[1])
				if at[0] > 0 { // the worker is behind in the first half of a night
					w.wake("e1")
					w.wake("e2")
				}
				for id, expected := range w.listAndStatusAgree("ines") {
					switch weekday := day.AddDays(n).Weekday(); {
					case weekday == time.Friday && at[0] == 23:
						friday[id] = expected
					case (weekday == time.Saturday || weekday == time.Sunday) && expected != friday[id]:
						w.Errorf("at %s the report of %s, expected on %s on Friday, is expected on %s", w.now.In(zone), id, friday[id], expected)
					}
				}
			}
		}
		if len(friday) == 0 {
			w.Error("no engagement was looked at")
		}
	})
}

// listAndStatusAgree holds list, card and status of what somebody sees running against each other, and returns when reports are expected.
func (w *world) listAndStatusAgree(who string) map[models.EngagementID]models.Date {
	w.Helper()
	out := map[models.EngagementID]models.Date{}
	var page gen.EngagementPage
	w.get(who, "/engagements?status=running").is(200).into(&page)
	for _, line := range page.Items {
		var card gen.Engagement
		var status gen.Report
		w.get(who, "/engagements/"+string(line.ID)).is(200).into(&card)
		w.get(who, "/engagements/"+string(line.ID)+"/status").is(200).into(&status)
		reason := ""
		if len(status.Reasons) > 0 {
			reason = status.Reasons[0].Text
		}
		says := func(health engagement.Health, reason string, percent int, expected, cautious models.Date) string {
			return fmt.Sprintf("%s, %q, %d%%, %s to %s", health, reason, percent, expected, cautious)
		}
		want := says(status.Health, reason, status.Percent, status.Forecast.Report, status.Forecast.Cautious)
		if is := says(line.Health, line.Reason, line.Percent, line.ForecastReport, line.CautiousReport); is != want {
			w.Errorf("at %s the list says of %s %s, and the status %s", w.now, line.ID, is, want)
		}
		if is := says(card.Health, card.Reason, card.Percent, card.ForecastReport, card.CautiousReport); is != want {
			w.Errorf("at %s the card says of %s %s, and the status %s", w.now, line.ID, is, want)
		}
		out[line.ID] = line.ForecastReport
	}
	return out
}
