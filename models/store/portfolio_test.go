package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// manyEngagements fills a firm with engagements of all kinds, quickly, and returns them.
func manyEngagements(t testing.TB, w world, n int) []engagement.Engagement {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []models.Client{{ID: "westfield", Name: "Westfield & Söhne_100%"}, {ID: "zeta", Name: "ZETA"}} {
		c.Headcount, c.Country, c.TimeZone = 10, "none", "UTC"
		_, err := w.CreateClient(t.Context(), Once{}, c, noon)
		check(t, err)
	}
	var all []engagement.Engagement
	var rows []engagementRow
	var team []memberRow
	var phases []phaseRow
	wr := &writer{}
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for i := range n {
		e := draft(models.EngagementID(fmt.Sprintf("m%04d", i)))
		e.Firm, e.Revision, e.CreatedAt = "acme", 1, noon
		e.Client = models.ClientID(pick("northgate", "westfield", "zeta"))
		e.Name = pick("soc 2", "SOC 2", "Öl SOC 1", "öl soc 1", "Zyx") // many have the same name
		e.Status = statuses[random.IntN(len(statuses))]
		e.Manager, e.Consultants = models.PersonID(pick("ines", "max", "")), []models.PersonID{models.PersonID(pick("priya", "ines", "nobody"))}
		e.Auditor = models.PersonID(pick("hugo", ""))
		e.Kickoff = models.Date{Year: 2026, Month: 1, Day: 1}.AddDays(random.IntN(5))
		e.Summary = engagement.Summary{Percent: i, Open: 3, Overdue: 2, Reason: "because", Phases: []catalog.Phase{catalog.PhaseGap}}
		if random.IntN(3) > 0 {
			e.Summary.Health = engagement.Healths[random.IntN(3)]
			e.Summary.Forecast, e.Summary.NextDue = e.Kickoff.AddDays(random.IntN(4)), e.Kickoff.AddDays(random.IntN(4))
		}
		active := catalog.Phase(pick("kickoff", "gap"))
		phases = append(phases, phaseOf(wr, models.Ref{Firm: "acme", Engagement: e.ID}, 0,
			engagement.PhaseState{Phase: active, Standing: engagement.StandingActive}),
			phaseOf(wr, models.Ref{Firm: "acme", Engagement: e.ID}, 1,
				engagement.PhaseState{Phase: "renewal", Standing: engagement.StandingWaiting}))
		e.Summary.Phases = []catalog.Phase{active}
		all, rows, team = append(all, e), append(rows, engagementOf(wr, e)), append(team, members(e)...)
	}
	check(t, wr.err)
	check(t, w.root.db.CreateInBatches(&rows, 100).Error)
	check(t, w.root.db.CreateInBatches(&team, 100).Error)
	check(t, w.root.db.CreateInBatches(&phases, 100).Error)
	return all
}

// pages walks all pages of the portfolio.
func pages(t testing.TB, w world, filter PortfolioFilter, sort Sort, limit int, between func()) []PortfolioRow {
	t.Helper()
	var all []PortfolioRow
	for cursor, n := "", 0; ; n++ {
		rows, next, err := w.Portfolio(t.Context(), filter, sort, cursor, limit)
		check(t, err)
		if len(rows) > limit || next != "" && len(rows) != limit || n > 1000 {
			t.Fatalf("a page of %d rows, limit %d, next %q", len(rows), limit, next)
		}
		all = append(all, rows...)
		if cursor = next; cursor == "" {
			return all
		}
		between()
	}
}

func TestPortfolioPages(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all := manyEngagements(t, w, 83)
		value := map[Sort]func(PortfolioRow) string{
			SortName:     func(r PortfolioRow) string { return strings.ToLower(r.Name) },
			SortClient:   func(r PortfolioRow) string { return string(r.Client) },
			SortHealth:   func(r PortfolioRow) string { return fmt.Sprint(slices.Index(engagement.Healths, r.Summary.Health) + 1) },
			SortForecast: func(r PortfolioRow) string { return orLast(r.Summary.Forecast) },
			SortNextDue:  func(r PortfolioRow) string { return orLast(r.Summary.NextDue) },
			SortKickoff:  func(r PortfolioRow) string { return orLast(r.Kickoff) },
		}
		for _, sort := range Sorts {
			for _, sign := range []string{"", "-"} {
				for _, limit := range []int{1, 7, 84, 500} {
					rows := pages(t, w, PortfolioFilter{Scope: ScopeAll()}, Sort(sign)+sort, limit, func() {})
					if len(rows) != len(all)+1 {
						t.Fatalf("%s%s by %d: %d rows of %d", sign, sort, limit, len(rows), len(all)+1)
					}
					seen := map[models.EngagementID]bool{}
					for i, row := range rows {
						if seen[row.ID] {
							t.Errorf("%s%s: %s comes twice", sign, sort, row.ID)
						}
						seen[row.ID] = true
						if i == 0 {
							continue
						}
						a, b := value[sort](rows[i-1])+"\x00"+string(rows[i-1].ID), value[sort](row)+"\x00"+string(row.ID)
						if sign == "-" {
							a, b = b, a
						}
						if a > b {
							t.Errorf("%s%s: %q comes before %q", sign, sort, a, b)
						}
					}
				}
			}
		}
		// Rows that come and go between pages do not move the others.
		n := 0
		rows := pages(t, w, PortfolioFilter{Scope: ScopeAll()}, SortName, 10, func() {
			n++
			w.addEngagement(t, models.EngagementID(fmt.Sprintf("new%d", n)))
		})
		seen := map[models.EngagementID]int{}
		for _, row := range rows {
			seen[row.ID]++
		}
		for _, e := range all {
			if seen[e.ID] != 1 {
				t.Errorf("%s came %d times", e.ID, seen[e.ID])
			}
		}
	})
}

func orLast(d models.Date) string {
	if d.IsZero() {
		return "none"
	}
	return d.String()
}

// mayFindNothing says whether a filter of TestPortfolioFilters is one that is to find nothing, or a search, which may.
func mayFindNothing(name string) bool {
	return slices.ContainsFunc([]string{"no ", "nobody's", "another", "search", "waiting"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func TestPortfolioFilters(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all := append(manyEngagements(t, w, 83), draft("e1"))
		all[83].Status, all[83].Revision = engagement.StatusDraft, 1
		clients := map[models.ClientID]string{"northgate": "northgate", "westfield": "westfield & söhne_100%", "zeta": "zeta"}
		in := func(e engagement.Engagement, p models.PersonID) bool {
			return e.Partner == p || e.Manager == p || slices.Contains(e.Consultants, p)
		}
		matches := func(e engagement.Engagement, text string) bool {
			return strings.Contains(strings.ToLower(e.Name), text) || strings.Contains(clients[e.Client], text)
		}
		for name, c := range map[string]struct {
			filter PortfolioFilter
			want   func(engagement.Engagement) bool
		}{
			"no scope":       {PortfolioFilter{}, func(engagement.Engagement) bool { return false }},
			"nobody's scope": {PortfolioFilter{Scope: ScopeMember("")}, func(engagement.Engagement) bool { return false }},
			"no client":      {PortfolioFilter{Scope: ScopeClient("")}, func(engagement.Engagement) bool { return false }},
			"all":            {PortfolioFilter{Scope: ScopeAll()}, func(engagement.Engagement) bool { return true }},
			"member's":       {PortfolioFilter{Scope: ScopeMember("ines")}, func(e engagement.Engagement) bool { return in(e, "ines") }},
			"no member's":    {PortfolioFilter{Scope: ScopeMember("hugo")}, func(e engagement.Engagement) bool { return false }},
			"auditor's": {PortfolioFilter{Scope: ScopeAuditor("hugo")},
				func(e engagement.Engagement) bool { return e.Auditor == "hugo" }},
			"client's": {PortfolioFilter{Scope: ScopeClient("westfield")}, func(e engagement.Engagement) bool { return e.Client == "westfield" }},
			"statuses": {PortfolioFilter{Scope: ScopeAll(), Statuses: []engagement.Status{"running", "paused"}},
				func(e engagement.Engagement) bool { return e.Status.Live() }},
			"healths": {PortfolioFilter{Scope: ScopeAll(), Healths: []engagement.Health{"late"}},
				func(e engagement.Engagement) bool { return e.Summary.Health == "late" }},
			"manager": {PortfolioFilter{Scope: ScopeMember("priya"), Manager: "ines"},
				func(e engagement.Engagement) bool { return e.Manager == "ines" && in(e, "priya") }},
			"client": {PortfolioFilter{Scope: ScopeAll(), Client: "zeta"},
				func(e engagement.Engagement) bool { return e.Client == "zeta" }},
			"another's client": {PortfolioFilter{Scope: ScopeClient("westfield"), Client: "zeta"},
				func(e engagement.Engagement) bool { return false }},
			"phase": {PortfolioFilter{Scope: ScopeAll(), Phase: catalog.PhaseGap},
				func(e engagement.Engagement) bool { return slices.Contains(e.Summary.Phases, catalog.PhaseGap) }},
			"waiting phase": {PortfolioFilter{Scope: ScopeAll(), Phase: catalog.PhaseRenewal},
				func(e engagement.Engagement) bool { return false }},
			"search": {PortfolioFilter{Scope: ScopeAll(), Search: " ÖL "}, func(e engagement.Engagement) bool { return matches(e, "öl") }},
			"search client": {PortfolioFilter{Scope: ScopeAll(), Search: "SÖHNE_1"},
				func(e engagement.Engagement) bool { return matches(e, "söhne_1") }},
			"search wild":      {PortfolioFilter{Scope: ScopeAll(), Search: "e_1"}, func(e engagement.Engagement) bool { return matches(e, "e_1") }},
			"search percent":   {PortfolioFilter{Scope: ScopeAll(), Search: "0%"}, func(e engagement.Engagement) bool { return matches(e, "0%") }},
			"search injection": {PortfolioFilter{Scope: ScopeAll(), Search: "' OR 1=1 --"}, func(e engagement.Engagement) bool { return false }},
			"everything": {PortfolioFilter{Scope: ScopeMember("ines"), Statuses: []engagement.Status{"running"},
				Healths: []engagement.Health{"late", "at_risk"}, Search: "soc", Phase: catalog.PhaseGap},
				func(e engagement.Engagement) bool {
					return in(e, "ines") && e.Status == "running" && (e.Summary.Health == "late" || e.Summary.Health == "at_risk") && matches(e, "soc") &&
						slices.Contains(e.Summary.Phases, catalog.PhaseGap)
				}},
		} {
			var want []models.EngagementID
			for _, e := range all {
				if c.want(e) {
					want = append(want, e.ID)
				}
			}
			var got []models.EngagementID
			for _, row := range pages(t, w, c.filter, "", 10, func() {}) {
				got = append(got, row.ID)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v\nwant %v", name, got, want)
			}
			if len(want) == 0 && !mayFindNothing(name) {
				t.Errorf("%s tries nothing", name)
			}
		}
	})
}

func TestPortfolioRow(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all := manyEngagements(t, w, 5)
		rows := pages(t, w, PortfolioFilter{Scope: ScopeAll()}, "", 3, func() {})
		for _, e := range all {
			i := slices.IndexFunc(rows, func(r PortfolioRow) bool { return r.ID == e.ID })
			want := PortfolioRow{ID: e.ID, Name: e.Name, Client: e.Client, Type: e.Type, Status: e.Status, Manager: e.Manager, Kickoff: e.Kickoff,
				Target: e.Target, Summary: e.Summary, Revision: 1}
			want.ClientName = map[models.ClientID]string{"northgate": "Northgate", "westfield": "Westfield & Söhne_100%", "zeta": "ZETA"}[e.Client]
			want.ManagerName = map[models.PersonID]string{"ines": "Ines"}[e.Manager]
			same(t, "a row of the portfolio", rows[i], want)
		}
	})
}

// A cursor that this list, sorted so, did not give is refused.
func TestCursors(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		manyEngagements(t, w, 10)
		list := func(sort Sort, cursor string) error {
			_, _, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeAll()}, sort, cursor, 3)
			return err
		}
		_, cursor, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeAll()}, SortName, "", 3)
		check(t, err)
		check(t, list(SortName, cursor))
		_, clients, err := w.Clients(t.Context(), ClientFilter{}, "", 1)
		check(t, err)
		turned := []byte(cursor)
		turned[10] ^= 1
		for name, bad := range map[string]string{"forged": "eyJhIjoxfQ", "garbage": "%%%", "long": strings.Repeat("A", 10000),
			"changed":        string(turned),
			"another list's": clients, "null": "bnVsbA", "empty list": "W10"} {
			if err := list(SortName, bad); models.CodeOf(err) != models.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		refused(t, list(SortHealth, cursor), models.Invalid)
		refused(t, list("-name", cursor), models.Invalid)
		refused(t, list("name; DROP TABLE events", ""), models.Invalid)
		for _, limit := range []int{-1, 0, 501} {
			_, _, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeAll()}, "", "", limit)
			refused(t, err, models.Invalid)
		}
	})
}
