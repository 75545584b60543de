package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// recorded is how many events stand on a page of a record.
const recorded = 100

// A recordPage is what happened in an engagement, the newest first, all of it or what is chosen.
type recordPage struct {
	frame
	Kinds        []option
	Since, Until string
	Events       []eventLine
	Next         string // the address of what happened before
	CSV          string // of this page of the list as a file
}

// An option is one of several values of a field.
type option struct {
	Value, Label string
	Chosen       bool
}

// record shows what happened in an engagement.
func (p *Pages) record(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	filter, err := v.recordFilter(q)
	if err != nil {
		return err
	}
	events, next, err := v.Store.EventsFor(ctx, v.Actor, v.Engagement.ID, filter, q.Get("cursor"), recorded)
	if err != nil {
		return err
	}
	f, err := v.Store.Facts(ctx, v.Engagement.ID, needOf(events))
	if err != nil {
		return err
	}
	out := recordPage{frame: v.frameOf(f, f.ReportFor(v.Actor, v.Now), "/record"), Kinds: kindOptions(filter.Kind), Since: q.Get("since"),
		Until: q.Get("until")}
	for _, e := range events {
		out.Events = append(out.Events, v.eventLine(f, e))
	}
	if v.wantsFile() {
		rows := make([][]any, len(events))
		for i, e := range events {
			rows[i] = []any{e.At, e.Kind, e.Subject, f.Words(e, v.Actor, v.Now)}
		}
		return v.file("record of "+out.Client, []string{"At (UTC)", "Kind", "About", "What happened"}, rows)
	}
	out.CSV = with(q, out.At+"/record", "as", "csv")
	if next != "" {
		out.Next = with(q, out.At+"/record", "cursor", next)
	}
	return v.show(http.StatusOK, recordPageOf(out))
}

// recordFilter reads which part of a record an address asks for. Its days are those of who looks.
func (v *visit) recordFilter(q url.Values) (store.EventFilter, error) {
	out := store.EventFilter{Kind: q.Get("kind"), Newest: true}
	if err := engagement.CheckEventKind(out.Kind); err != nil {
		return out, err
	}
	zone := models.Zone(v.Person.TimeZone)
	for _, x := range []struct {
		field string
		to    *time.Time
		days  int
	}{{"since", &out.Since, 0}, {"until", &out.Until, 1}} {
		if q.Get(x.field) == "" {
			continue
		}
		d, err := models.ParseDate(q.Get(x.field))
		if err != nil {
			return out, models.Refuse(models.Invalid, x.field, "%s %.20q is no day such as 2027-06-30", x.field, q.Get(x.field))
		}
		*x.to = d.AddDays(x.days).At(zone, 0, 0)
	}
	return out, nil
}

// kindOptions are the kinds of events one may choose, by their first word.
func kindOptions(chosen string) []option {
	out := []option{{Value: "", Label: "everything", Chosen: chosen == ""}}
	for _, k := range engagement.EventKinds {
		word, _, _ := strings.Cut(k, ".")
		if out[len(out)-1].Value != word {
			out = append(out, option{Value: word, Label: word + "s", Chosen: chosen == word})
		}
	}
	if chosen != "" && strings.Contains(chosen, ".") {
		out = append(out, option{Value: chosen, Label: chosen, Chosen: true})
	}
	return out
}
