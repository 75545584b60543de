package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// A findPage is where one can go from what was typed.
type findPage struct {
	page
	Search string
	Groups []findGroup
}

// A findGroup is what was found of one kind.
type findGroup struct {
	Name, Icon string
	Hits       []findHit
}

// A findHit leads somewhere.
type findHit struct {
	At, Text, Note string
}

// findHint says, where nothing is typed yet, what may be.
const findHint = "A client, a person, a task, 8 June"

const (
	foundEach  = 6                      // of each kind
	taskSearch = 700 * time.Millisecond // how long tasks may be searched for: the others are shown without them
)

// find shows where one can go from what was typed: pages and acts, engagements, clients, people, tasks and days.
func (p *Pages) find(v *visit) error {
	out := findPage{page: v.framed("Find", "folk finding", "/find"), Search: strings.TrimSpace(v.r.URL.Query().Get("q"))}
	if err := checkSearch(out.Search); err != nil {
		return err
	}
	out.add("Go to", "arrow-right", v.findActs(out.Search))
	if out.Search == "" {
		return v.show(http.StatusOK, findPageOf(out))
	}
	if err := v.findDay(&out); err != nil {
		return err
	}
	for _, add := range []func(*findPage) error{v.findEngagements, v.findFolk, v.findTasks} {
		if err := add(&out); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, findPageOf(out))
}

func (p *findPage) add(name, icon string, hits []findHit) {
	if len(hits) > 0 {
		p.Groups = append(p.Groups, findGroup{name, icon, hits})
	}
}

// findActs returns the pages and acts whose names have what was typed; all for nothing.
func (v *visit) findActs(search string) []findHit {
	all := []findHit{}
	for _, m := range menus[v.Role.Side()] {
		all = append(all, findHit{At: m.At, Text: m.Name})
	}
	if v.May("startFromFile", nil) == nil {
		all = append(all, findHit{At: "/start", Text: "Start an engagement"})
	}
	if v.SeesHealth() {
		all = append(all, findHit{At: "/portfolio?health=late", Text: "Engagements that are late"},
			findHit{At: "/portfolio?health=risk", Text: "Engagements at risk"})
	}
	all = append(all, findHit{At: "/account", Text: "Your account", Note: "keys, light and dark, signing out"})
	return models.Keep(all, func(h findHit) bool { return strings.Contains(strings.ToLower(h.Text), strings.ToLower(search)) })
}

// findDay adds a day that was typed: what is due on it, and the timeline there.
func (v *visit) findDay(out *findPage) error {
	day, ok := dayTyped(out.Search, out.Today)
	if !ok {
		return nil
	}
	hits := []findHit{{At: "/portfolio?" + url.Values{"on": {day.String()}}.Encode(), Text: weekdayAndDay(day),
		Note: "the timeline from there on"}}
	due, err := v.tasksFound(v.r.Context(), store.TaskFilter{Open: true, DueFrom: day, DueTo: day})
	out.add("Day", "calendar", append(hits, due...))
	return err
}

func (v *visit) findEngagements(out *findPage) error {
	rows, _, err := v.Store.PortfolioFor(v.r.Context(), v.Actor, store.PortfolioFilter{Search: out.Search}, store.SortName, "", foundEach,
		v.Now)
	var hits []findHit
	for _, row := range rows {
		hits = append(hits, findHit{At: "/engagements/" + string(row.ID), Text: row.Name, Note: row.ClientName})
	}
	out.add("Engagements", "layout-list", hits)
	return err
}

// findFolk adds clients and people, for the firm's people, who have pages of them.
func (v *visit) findFolk(out *findPage) error {
	if v.Role.Side() != models.SideFirm {
		return nil
	}
	ctx := v.r.Context()
	clients, _, err := v.Store.ClientsFor(ctx, v.Actor, store.ClientFilter{Search: out.Search}, "", foundEach)
	if err != nil {
		return err
	}
	var hits []findHit
	for _, c := range clients[:min(len(clients), foundEach)] {
		hits = append(hits, findHit{At: "/clients/" + url.PathEscape(string(c.ID)), Text: c.Name})
	}
	out.add("Clients", "file-text", hits)
	people, _, err := v.Store.PeopleFor(ctx, v.Actor, store.PersonFilter{Search: out.Search}, "", foundEach)
	hits = nil
	for _, x := range people {
		hit := findHit{At: "/people?" + url.Values{"q": {x.Name}}.Encode(), Text: x.Name, Note: roleNames[x.Role]}
		if x.Client != "" {
			hit.At = "/clients/" + url.PathEscape(string(x.Client))
		}
		hits = append(hits, hit)
	}
	out.add("People", "user-round", hits)
	return err
}

func (v *visit) findTasks(out *findPage) error {
	if len([]rune(out.Search)) < 2 {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), taskSearch)
	defer cancel()
	hits, err := v.tasksFound(ctx, store.TaskFilter{Open: true, Text: out.Search})
	if err != nil && ctx.Err() != nil && v.r.Context().Err() == nil {
		return nil
	}
	out.add("Tasks", "check", hits)
	return err
}

func (v *visit) tasksFound(ctx context.Context, filter store.TaskFilter) ([]findHit, error) {
	tasks, _, err := v.Store.AllTasksFor(ctx, v.Actor, "", filter, "", foundEach, v.Now)
	var hits []findHit
	for _, t := range tasks {
		hits = append(hits, findHit{At: taskAt(t.Engagement, t.ID), Text: t.Heading(),
			Note: t.EngagementName + ", due " + nearDay(t.Due, v.today())})
	}
	return hits, err
}

var (
	dayFirst   = regexp.MustCompile(`^(\d{1,2})\.?\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?$`)
	monthFirst = regexp.MustCompile(`^([a-z]{3,9})\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?$`)
)

// dayTyped reads a day as people write it: "8 June", "june 8 2027", "2027-06-08", "today". Without a year it is the one nearest to today.
func dayTyped(text string, today models.Date) (models.Date, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if days, ok := map[string]int{"today": 0, "tomorrow": 1, "yesterday": -1}[text]; ok {
		return today.AddDays(days), true
	}
	if d, err := models.ParseDate(text); err == nil {
		return d, true
	}
	m := dayFirst.FindStringSubmatch(text)
	if m == nil {
		if m = monthFirst.FindStringSubmatch(text); m == nil {
			return models.Date{}, false
		}
		m[1], m[2] = m[2], m[1]
	}
	if m[3] != "" {
		return dayIn(m[3], m[2], m[1])
	}
	var best models.Date
	for year := today.Year - 1; year <= today.Year+1; year++ {
		if d, ok := dayIn(strconv.Itoa(year), m[2], m[1]); ok && (best.IsZero() || far(today, d) < far(today, best)) {
			best = d
		}
	}
	return best, !best.IsZero()
}

// dayIn returns the day of a year, a month whose name begins so, and a number; false where there is none.
func dayIn(year, month, day string) (models.Date, bool) {
	if month == "sept" {
		month = "sep"
	}
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), month) {
			y, _ := strconv.Atoi(year)
			n, _ := strconv.Atoi(day)
			d := models.DateIn(time.Date(y, m, n, 0, 0, 0, 0, time.UTC), time.UTC)
			return d, d.Day == n && d.Month == m
		}
	}
	return models.Date{}, false
}

// far is how many days lie between two.
func far(a, b models.Date) int { return max(a.DaysUntil(b), b.DaysUntil(a)) }
