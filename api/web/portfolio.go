package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// pageOf is how many engagements stand on a page of the portfolio.
const pageOf = 50

// A portfolio is the firm's engagements on one axis.
type portfolio struct {
	page
	Counts []healthCount // none where health is not for who looks
	Total  int
	Needs  []workItem // the first things that wait for who looks; none on a later page
	Wait   int        // how many there are
	Heads  []columnHead
	Axis   axis
	Rows   []portfolioRow
	Query  url.Values
	Next   string // the address of the next page
	Starts bool   // who looks may start an engagement
	CSV    string // of this page of the list as a file
}

// A healthCount leads to the engagements of one health.
type healthCount struct {
	Kind, Words string // of the glyph; "late"
	N           int
	At          string
	Current     bool
}

// A portfolioRow is one engagement.
type portfolioRow struct {
	At, Client, Type, Manager string
	Lane                      lane
	Cause                     string
	Reports                   []engagement.Kept
	State, Word               string
}

// healths are the healths as the pages name them, the worst first; a paused engagement has none.
var healths = []struct {
	is          engagement.Health
	kind, words string
}{{engagement.HealthLate, "late", "late"}, {engagement.HealthAtRisk, "risk", "at risk"}, {engagement.HealthOnTrack, "ok", "on time"},
	{"", "paused", "paused"}}

// zooms are the lengths of axis that one may choose, in months, and how many of them lie before this month.
var zooms = map[string][2]int{"6m": {6, 1}, "18m": {18, 5}, "3y": {36, 9}}

func (p *Pages) portfolio(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	filter, err := portfolioFilter(q)
	if err != nil {
		return err
	}
	sort := cmp.Or(q.Get("sort"), worstFirst)
	rows, next, err := v.Store.PortfolioFor(ctx, v.Actor, filter, store.Sort(sort), q.Get("cursor"), pageOf, v.Now)
	if err != nil {
		return err
	}
	times, err := v.Store.Timelines(ctx, rows)
	if err != nil {
		return err
	}
	if len(filter.Healths) > 0 && !v.SeesHealth() {
		return models.Refuse(models.Forbidden, "health", "health is not shown to the auditor")
	}
	counts, err := v.Store.HealthCounts(ctx, v.Actor, filter)
	if err != nil {
		return err
	}
	if v.wantsFile() {
		return v.portfolioFile(rows)
	}
	out := portfolio{page: v.framed("Portfolio", "portfolio", "/portfolio"), Query: q, CSV: with(q, "/portfolio", "as", "csv")}
	if out.Axis, err = axisChosen(q, out.Today); err != nil {
		return err
	}
	for _, row := range rows {
		out.Rows = append(out.Rows, v.portfolioRow(out.Axis, row, times[row.ID]))
	}
	out.addCounts(counts, v.SeesHealth())
	out.Starts = v.May("startFromFile", nil) == nil
	out.Heads = columnHeads(q, sort)
	if q.Get("cursor") == "" {
		if err := v.addNeeds(&out); err != nil {
			return err
		}
	}
	if next != "" {
		out.Next = with(q, "/portfolio", "cursor", next)
	}
	return v.show(http.StatusOK, portfolioPage(out))
}

// axisChosen returns the axis of the length, and around the day, that the address chooses; without a day it is today.
func axisChosen(q url.Values, today models.Date) (axis, error) {
	zoom, day := zooms[zoomOf(q)], today
	if on := q.Get("on"); on != "" {
		var err error
		if day, err = models.ParseDate(on); err != nil {
			return axis{}, models.Refuse(models.Invalid, "on", "on %.20q is no day such as 2027-06-30", on)
		}
	}
	return axisOf(day.MonthStart().AddMonths(-zoom[1]), zoom[0], today), nil
}

// addCounts adds how many engagements there are, and of each health where that is shown.
func (p *portfolio) addCounts(counts map[engagement.Health]int, seen bool) {
	for _, h := range healths {
		if p.Total += counts[h.is]; seen {
			p.Counts = append(p.Counts, healthCount{Kind: h.kind, Words: h.words, N: counts[h.is], Current: p.Query.Get("health") == h.kind,
				At: with(p.Query, "/portfolio", "health", h.kind)})
		}
	}
}

// worstFirst is how the portfolio is sorted unless somebody chooses: what is late first.
const worstFirst = "-health"

// A columnHead is the head of a column of a list, by which it may be sorted.
type columnHead struct {
	Name, At string // At is where the list is sorted by it, or the other way round when it is
	Aria     string // as aria-sort says it; empty: it is not sorted by this column
}

// portfolioSorts are what the columns of the portfolio are sorted by, and which way first.
var portfolioSorts = []struct{ name, sort string }{{"Client", "client"}, {"Expected", "forecast"}, {"Report", worstFirst}}

// columnHeads returns the heads of the portfolio's columns that sort it, as it is sorted now.
func columnHeads(q url.Values, now string) (out []columnHead) {
	for _, c := range portfolioSorts {
		head, to := columnHead{Name: c.name}, c.sort
		if strings.TrimPrefix(now, "-") == strings.TrimPrefix(c.sort, "-") {
			head.Aria, to = "ascending", "-"+now
			if down, is := strings.CutPrefix(now, "-"); is {
				head.Aria, to = "descending", down
			}
		}
		head.At = with(q, "/portfolio", "sort", to)
		out = append(out, head)
	}
	return out
}

// needsShown is how many of the things that wait for somebody stand above their portfolio.
const needsShown = 5

// addNeeds adds what waits for who looks, what stands first in their work first.
func (v *visit) addNeeds(out *portfolio) error {
	owed, err := v.Store.Owed(v.r.Context(), v.Person, v.Mail, everything, v.Now)
	if err != nil {
		return err
	}
	for _, s := range owed.Sections {
		for _, l := range s.Lines {
			if out.Wait++; len(out.Needs) < needsShown {
				out.Needs = append(out.Needs, v.workItem(l, s.Title))
			}
		}
	}
	return nil
}

// portfolioFile answers with engagements as a file, a line for each report.
func (v *visit) portfolioFile(rows []store.PortfolioRow) error {
	var table [][]any
	for _, row := range rows {
		_, word := stateOf(row)
		for _, r := range row.Summary.Reports {
			table = append(table, []any{string(row.ID), row.ClientName, row.Name, row.Type, row.ManagerName, r.Kind.Name(), r.Promised,
				r.Expected, r.Cautious, r.Issued, r.Late, word})
		}
	}
	return v.file("portfolio", []string{"Engagement", "Client", "Name", "Type", "Manager", "Report", "Promised", "Expected",
		"Cautious", "Issued",
		"Business days late", "State"}, table)
}

// portfolioFilter reads what the address of the portfolio chooses.
func portfolioFilter(q url.Values) (store.PortfolioFilter, error) {
	f := store.PortfolioFilter{Live: true, Search: q.Get("q")}
	if err := checkSearch(f.Search); err != nil {
		return f, err
	}
	switch chosen := q.Get("health"); chosen {
	case "":
	case "paused":
		f.Statuses = []engagement.Status{engagement.StatusPaused}
	default:
		for _, h := range healths {
			if h.kind == chosen {
				f.Healths, f.Statuses = []engagement.Health{h.is}, []engagement.Status{engagement.StatusRunning}
			}
		}
		if f.Healths == nil {
			return f, models.Refuse(models.Invalid, "health", "health %.20q is none of late, risk, ok, paused", chosen)
		}
	}
	return f, nil
}

// checkSearch refuses what is too long to be searched for.
func checkSearch(text string) error {
	if len([]rune(text)) > 100 {
		return models.Refuse(models.Invalid, "q", "what is searched for has at most 100 characters")
	}
	return nil
}

// with returns an address with the parameters of another, one of which is changed; a change but of the cursor begins at the first page.
func with(q url.Values, path, key, value string) string {
	out := url.Values{}
	for k, all := range q {
		if k != "cursor" && k != key {
			out[k] = all
		}
	}
	if value != "" {
		out.Set(key, value)
	}
	if len(out) == 0 {
		return path
	}
	return path + "?" + out.Encode()
}

func (v *visit) portfolioRow(a axis, row store.PortfolioRow, t store.Timeline) portfolioRow {
	kind, _ := v.Root.Catalog.Type(row.Type)
	out := portfolioRow{At: "/engagements/" + string(row.ID), Client: row.ClientName, Type: kind.Name, Manager: row.ManagerName,
		Lane: v.laneOf(a, row, t), Cause: sentenceOf(row.Summary.Reason), Reports: row.Summary.Reports}
	if out.Type == "" {
		out.Type = row.Type
	}
	out.State, out.Word = stateOf(row)
	return out
}

// sentenceOf is a text that was kept as a sentence with its days as people read them; nothing stays nothing.
func sentenceOf(text string) string {
	if text == "" {
		return ""
	}
	return models.Sentence(models.WithWeekdays(text))
}

// stateOf returns the shape and the word of how an engagement stands.
func stateOf(row store.PortfolioRow) (kind, word string) {
	late := 0
	for _, r := range row.Summary.Reports {
		late = r.Late
	}
	switch {
	case row.Status == engagement.StatusPaused && !row.Pause.Until.IsZero():
		return "paused", "until " + shortDay(row.Pause.Until)
	case row.Status == engagement.StatusPaused:
		return "paused", "paused"
	case row.Status == engagement.StatusDraft:
		return "open", "draft"
	case row.Summary.Health == engagement.HealthLate && late > 0:
		return "late", "+" + models.Count(late, "day")
	case row.Summary.Health == engagement.HealthLate:
		return "late", "late"
	case row.Summary.Health == engagement.HealthAtRisk:
		return "risk", "at risk"
	case row.Summary.Health == engagement.HealthOnTrack:
		return "ok", "on time"
	}
	return "", "" // it is not for who looks
}

// axisWords says which months an axis has.
func axisWords(a axis) string {
	last := a.from.AddDays(a.days - 1)
	return fmt.Sprintf("Engagements from %s %d to %s %d", a.from.Month, a.from.Year, last.Month, last.Year)
}

func itoa(n int) string { return strconv.Itoa(n) }

// withAny leaves of counts those of which there are any.
func withAny(all []healthCount) []healthCount {
	return models.Keep(all, func(c healthCount) bool { return c.N > 0 })
}

// colon stands before what is counted apart, where anything is.
func colon(n int) string {
	if n == 0 {
		return ""
	}
	return ": "
}

func engagementsWords(n int) string { return models.Count(n, "engagement") }

func upper(s string) string { return models.Upper(s) }

// A zoomName is a length of axis that one may choose.
type zoomName struct{ Key, Name string }

var zoomNames = []zoomName{{"6m", "6 m"}, {"18m", "18 m"}, {"3y", "3 y"}}

func zoomOf(q url.Values) string {
	if _, ok := zooms[q.Get("zoom")]; ok {
		return q.Get("zoom")
	}
	return "18m"
}
