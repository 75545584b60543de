package api

import (
	"slices"
	"strings"
	"testing"

	"tickmark/api/gen"
	"tickmark/models"
)

// Marta, the partner, closes the firm between the years and renames it; Ines, the manager, who decided on what it was before, must look
// again. Plans count with the closed days, and the record says who did what.
func TestTheFirmChangesItsNameAndCalendar(t *testing.T) {
	both(t, func(w *world) {
		var firm gen.Firm
		before := w.get("priya", "/firm").is(200)
		before.into(&firm)
		if firm.ID != "acme" || firm.Name == "" || firm.Country != "US" || len(firm.ClosedDays) != 0 ||
			before.Header().Get("ETag") != etag(firm.Revision) {
			t.Fatalf("the firm: %+v", firm)
		}
		reach := func(kickoff string) models.Date {
			var plan gen.Plan
			w.post("ines", "/plans", object{"type": "soc2_type1", "categories": []string{"security"}, "client": "northgate",
				"kickoff": kickoff}).is(200).into(&plan)
			return plan.Report
		}
		report := reach("2026-05-04")

		was, name := firm, "Acme & Daughters"
		var closed []string
		for d := (models.Date{Year: 2026, Month: 5, Day: 4}); d.Before(models.Date{Year: 2027, Month: 5, Day: 4}); d = d.AddDays(7) {
			closed = append(closed, d.AddDays(4).String()) // every Friday of a year
		}
		patch := func(who string, body object) reply {
			return w.send(call{who: who, method: "PATCH", path: "/firm", body: body,
				header: map[string]string{"If-Match": before.Header().Get("ETag")}})
		}
		open := []string{"2026-07-03", "2026-09-07"} // Independence Day as observed is a Friday off already
		closed = slices.DeleteFunc(closed, func(d string) bool { return d == open[0] })
		changed := patch("marta", object{"name": name, "closed_days": closed, "open_days": open}).is(200)
		changed.into(&firm)
		if firm.Name != name || len(firm.ClosedDays) != len(closed) || len(firm.OpenDays) != 2 || firm.TimeZone != was.TimeZone ||
			changed.Header().Get("ETag") == before.Header().Get("ETag") {
			w.Errorf("the firm after: %+v", firm)
		}
		patch("ines", object{"time_zone": "America/Chicago"}).is(412)
		var me gen.Me
		w.get("ruth", "/me").is(200).into(&me)
		if me.Firm.Name != name {
			w.Errorf("Ruth sees %q", me.Firm.Name)
		}
		if later := reach("2026-05-04"); !later.After(report) {
			w.Errorf("with every Friday off the report is ready on %s, without on %s", later, report)
		}

		var record gen.EventPage
		w.get("ines", "/firm/timeline?kind=firm.updated").is(200).into(&record)
		var fields []string
		for _, e := range record.Items {
			if e.Actor != "marta" || e.Subject != "acme" {
				w.Errorf("%+v", e)
			}
			fields = append(fields, e.Field)
		}
		if !slices.Equal(fields, []string{"name", "closed_days", "open_days"}) || record.Items[0].From != was.Name || record.Items[0].To != name {
			w.Errorf("the record: %+v", record.Items)
		}
	})
}

// The record of the firm is read page by page, both ways round, and what happened to one person is found in it. A cursor of one order is
// refused in the other. Ines, who is a manager, is not told of the engagement that she is not on.
func TestTheRecordOfTheFirmIsRead(t *testing.T) {
	both(t, func(w *world) {
		w.send(call{who: "marta", method: "PATCH", path: "/people/kenji", body: object{"name": "Kenji the Great"}}).is(200)
		read := func(who, query string) (all []gen.Event) {
			for cursor := ""; ; {
				path := "/firm/timeline?limit=3" + query
				if cursor != "" {
					path += "&cursor=" + cursor
				}
				var page gen.EventPage
				w.get(who, path).is(200).into(&page)
				if all = append(all, page.Items...); page.Next == "" {
					return all
				}
				cursor = page.Next
			}
		}
		oldest, newest := read("marta", ""), read("marta", "&order=desc")
		for i, e := range oldest {
			if e.Seq != int64(i)+1 {
				w.Errorf("event %d has the number %d", i+1, e.Seq)
			}
		}
		slices.Reverse(newest)
		if !slices.Equal(oldest, newest) || len(oldest) < 10 || oldest[0].Kind != "firm.created" {
			w.Errorf("%d events oldest first, %d newest first; the first is %+v", len(oldest), len(newest), oldest[0])
		}
		var kinds []string
		for _, e := range read("ines", "&subject=kenji") {
			kinds = append(kinds, e.Kind)
		}
		if len(kinds) < 2 || kinds[0] != "person.created" || kinds[len(kinds)-1] != "person.updated" {
			w.Errorf("what happened to Kenji: %v", kinds)
		}
		told := read("ines", "")
		others := slices.DeleteFunc(slices.Clone(oldest), func(e gen.Event) bool { return e.Kind == "engagement.created" && e.Subject == "e2" })
		if len(others) != len(oldest)-1 || !slices.Equal(told, others) {
			w.Errorf("Ines reads %d of %d events", len(told), len(oldest))
		}
		var page gen.EventPage
		w.get("ines", "/firm/timeline?limit=1").is(200).into(&page)
		w.get("ines", "/firm/timeline?order=desc&cursor="+page.Next).is(400)
		w.get("ines", "/firm/timeline?kind=Person%20updated").is(400)
	})
}

// Whoever mistypes a person or a kind in a filter is told so, with what there is, and not that there is nothing.
func TestFiltersThatNameNobody(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	w.serve(yesEngine{})
	for path, says := range map[string]string{
		"/engagements/e1/tasks?owner=nobody":      "owner \"nobody\" is nobody: there are ",
		"/engagements/e1/rehearsal?person=nobody": "person \"nobody\" is nobody: there are ",
		"/engagements/e1/preview?person=nobody":   "person \"nobody\" is nobody: there are ",
		"/messages?person=nobody":                 "person \"nobody\" is nobody: there are ",
		"/engagements?manager=nobody":             "manager \"nobody\" is nobody: there are ",
		"/firm/timeline?kind=nonsense":            "kind \"nonsense\" is none of absence.added, ",
	} {
		if got := w.get("marta", path).is(400).Body.String(); !strings.Contains(strings.ReplaceAll(got, `\"`, `"`), says) {
			t.Errorf("%s: %s", path, got)
		}
	}
	w.get("marta", "/engagements/e1/tasks?owner=kenji").is(200)
	w.get("kenji", "/engagements/e1/tasks?owner=nobody").is(200) // who is shown nobody else is not told who there is
}
