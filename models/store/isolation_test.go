package store

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A try asks a firm for what another has: it must be refused so, or find nothing.
type try struct {
	code models.Code
	call func() (any, error)
}

// No method of a Store finds, changes or reveals anything of another firm, even when it is given the very ids of it: here
// beta has nothing of its own and asks for what is alpha's. A method that is missing from this test fails it.
func TestFirmsAreApart(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		alpha := newWorld(t, root, "alpha")
		alpha.change(t, Once{Actor: "mia", Key: "k", Hash: "h"}, func(f *engagement.Facts) {
			put(f, task(1, engagement.TaskOpen))
			decided(f, engagement.Decision{ID: "D-1", State: engagement.DecisionPending})
			f.Phases, f.Gates = []engagement.PhaseState{{Phase: catalog.PhaseKickoff, Standing: engagement.StandingActive}},
				[]engagement.Gate{{ID: "G-KO-1", Round: 1}}
			f.Engagement.Status = engagement.StatusRunning
			f.Comments = []engagement.Comment{{Task: "KO-0001", By: "mia", Text: "secret", At: noon}}
			log(f, engagement.Event{At: noon, Kind: "x"})
		})
		_, err := alpha.CreateClient(ctx, Once{}, models.Client{ID: "bolt", Name: "Bolt", Headcount: 1, Country: "none", TimeZone: "UTC"}, noon)
		check(t, err)
		token, err := alpha.CreateToken(ctx, Once{}, "mia", "laptop", "hash", time.Time{}, noon)
		check(t, err)
		talks(t, alpha)
		_, _, err = root.CreateFirm(ctx, models.Firm{ID: "beta", Name: "Beta", Country: "US", TimeZone: "UTC"},
			models.Person{ID: "bert", Name: "Bert", Role: models.RolePartner, TimeZone: "UTC"}, noon)
		check(t, err)
		beta, before := root.For("beta"), dump(t, root, "alpha")

		called := map[string]bool{}
		listen(t, root, func(sql string) {
			if !strings.Contains(sql, "firm_id") && !strings.Contains(sql, "firms") {
				t.Errorf("a query without a firm: %s", sql)
			}
		})
		never := func() error { t.Error("the rows of another firm were handed out"); return nil }
		gone, nothing := models.NotFound, models.Code("nothing")
		once := Once{Actor: "mia", Key: "k", Hash: "h"} // alpha's own key: must be unknown here
		tries := map[string]try{
			"Change": {gone, func() (any, error) {
				f, _, err := beta.Change(ctx, "e1", once, engagement.Need{}, noon, func(*engagement.Facts) (string, error) { return "", never() })
				return f, err
			}},
			"Facts": {gone, func() (any, error) {
				return beta.Facts(ctx, "e1", engagement.Need{Tasks: []models.TaskID{"KO-0001"}, Decision: "D-1"})
			}},
			"Outcome": {gone, func() (any, error) {
				return beta.Outcome(ctx, "e1", engagement.Command{Tasks: []models.TaskID{"KO-0001"}}, "", engagement.Line{Item: "do:KO-0001"}, noon)
			}},
			"Became": {gone, func() (any, error) {
				m := reminders.Message{Sections: []reminders.Section{{Lines: []engagement.Line{{Engagement: "e1", Item: "do:KO-0001"}}}}}
				return beta.Became(ctx, reminders.Delivery{Firm: "alpha", Person: "mia", Message: &m}, noon)
			}},
			"Answer":     {gone, func() (any, error) { return beta.Answer(ctx, "e1", "mia", "k") }},
			"Engagement": {gone, func() (any, error) { return beta.Engagement(ctx, "e1") }},
			"Task":       {gone, func() (any, error) { a, b, err := beta.Task(ctx, "e1", "KO-0001"); return []any{a, b}, err }},
			"Client":     {gone, func() (any, error) { return beta.Client(ctx, "acme") }},
			"Duties":     {gone, func() (any, error) { return beta.Duties(ctx, "acme") }},
			"Person":     {gone, func() (any, error) { return beta.Person(ctx, "mia") }},
			"UpdateClient": {gone, func() (any, error) {
				return beta.UpdateClient(ctx, Once{}, "acme", noon, func(*models.Client) error { return never() })
			}},
			"UpdatePerson": {gone, func() (any, error) {
				return beta.UpdatePerson(ctx, Once{}, "mia", noon, func(*models.Person) error { return never() })
			}},
			"SetDuty": {gone, func() (any, error) {
				return beta.SetDuty(ctx, Once{}, models.Duty{Client: "acme", Function: "sponsor", Person: "olga"}, noon)
			}},
			"CreateToken": {gone, func() (any, error) { return beta.CreateToken(ctx, Once{}, "mia", "", "other", time.Time{}, noon) }},
			"RevokeToken": {gone, func() (any, error) { return beta.RevokeToken(ctx, Once{}, token.ID, noon) }},
			"TouchToken":  {nothing, func() (any, error) { return nil, beta.TouchToken(ctx, token.ID, time.Time{}, noon) }},
			"Tokens":      {nothing, func() (any, error) { return beta.Tokens(ctx, "mia") }},
			"Decisions":   {nothing, func() (any, error) { return beta.Decisions(ctx, "e1") }},
			"Comments":    {nothing, func() (any, error) { return beta.Comments(ctx, "e1", "KO-0001") }},
			"Tasks":       {nothing, func() (any, error) { rows, _, err := beta.Tasks(ctx, "e1", TaskFilter{}, "", 10); return rows, err }},
			"Events":      {nothing, func() (any, error) { rows, _, err := beta.Events(ctx, "e1", EventFilter{}, "", 10); return rows, err }},
			"Clients":     {nothing, func() (any, error) { rows, _, err := beta.Clients(ctx, ClientFilter{}, "", 10); return rows, err }},
			"Portfolio": {nothing, func() (any, error) {
				var all []PortfolioRow
				for _, scope := range []Scope{ScopeAll(), ScopeMember("carl"), ScopeClient("acme"), ScopeAuditor("audrey")} {
					rows, _, err := beta.Portfolio(ctx, PortfolioFilter{Scope: scope}, "", "", 10)
					if err != nil {
						return nil, err
					}
					all = append(all, rows...)
				}
				return all, nil
			}},
			"People": {nothing, func() (any, error) {
				rows, _, err := beta.People(ctx, PersonFilter{Inactive: true}, "", 10)
				return slices.DeleteFunc(rows, func(p models.Person) bool { return p.Firm == "beta" && p.ID == "bert" }), err
			}},
			"FirmEvents": {nothing, func() (any, error) {
				rows, _, err := beta.FirmEvents(ctx, EventFilter{}, "", 10)
				return slices.DeleteFunc(rows, func(e engagement.Event) bool { return e.Subject == "beta" || e.Subject == "bert" }), err
			}},
			"Firm": {nothing, func() (any, error) {
				f, err := beta.Firm(ctx)
				return strings.TrimPrefix(string(f.ID), "beta"), err
			}},
			// What one firm makes may have the ids of what another has.
			"UpdateFirm": {nothing, func() (any, error) {
				f, err := beta.UpdateFirm(ctx, Once{}, noon, func(f *models.Firm) error { f.Name, f.ID = "Beta Two", "alpha"; return nil })
				return strings.TrimPrefix(string(f.ID), "beta"), err
			}},
			"CreatePerson": {nothing, func() (any, error) {
				_, err := beta.CreatePerson(ctx, Once{},
					models.Person{ID: "carl", Firm: "alpha", Name: "Carl", Email: "carl@firm.test", Role: models.RoleConsultant, TimeZone: "UTC"}, noon)
				if err == nil { // but not at the client of another
					_, err = beta.CreatePerson(ctx, Once{}, models.Person{ID: "x", Client: "bolt", Name: "X", Role: models.RoleOwner, TimeZone: "UTC"},
						noon)
					refused(t, err, models.Invalid)
					err = nil
				}
				return nil, err
			}},
			"CreateEngagement": {nothing, func() (any, error) {
				e := draft("e1")
				e.Firm, e.Client = "alpha", "bolt"
				_, err := beta.CreateEngagement(ctx, Once{}, e, noon)
				refused(t, err, models.Invalid) // the client is another's
				return nil, nil
			}},
			"CreateClient": {nothing, func() (any, error) {
				c, err := beta.CreateClient(ctx, Once{},
					models.Client{ID: "acme", Firm: "alpha", Name: "Acme", Headcount: 1, Country: "none", TimeZone: "UTC"}, noon)
				if err == nil && c.Firm != "beta" {
					t.Errorf("a client was made for %q", c.Firm)
				}
				if err == nil {
					_, err = beta.CreateClient(ctx, once, models.Client{ID: "beta-two", Name: "Two", Headcount: 1, Country: "none", TimeZone: "UTC"}, noon)
				}
				return nil, err
			}},
		}
		maps.Copy(tries, messagesOfOthers(t, beta))
		maps.Copy(tries, sights(ctx, beta))
		names := slices.Collect(maps.Keys(tries))
		slices.SortFunc(names, func(a, b string) int { // what makes something comes last
			return cmp.Or(strings.Index(a, "reate")-strings.Index(b, "reate"), strings.Compare(a, b))
		})
		for _, name := range names {
			tries[name].findsNothing(t, name)
			called[strings.TrimPrefix(name, "create")] = true
		}
		if after := dump(t, root, "alpha"); after != before {
			t.Errorf("the rows of another firm have changed:\n%s", difference(before, after))
		}
		for m := range reflect.TypeFor[*Store]().Methods() {
			if !called[m.Name] {
				t.Errorf("%s is not tried here", m.Name)
			}
		}

		// A cursor of one firm is worth nothing in another.
		alpha.addEngagement(t, "e2")
		_, cursor, err := alpha.Portfolio(ctx, PortfolioFilter{Scope: ScopeAll()}, "", "", 1)
		check(t, err)
		_, _, err = beta.Portfolio(ctx, PortfolioFilter{Scope: ScopeAll()}, "", cursor, 1)
		refused(t, err, models.Invalid)
	})
}

// findsNothing calls a method and holds what it returns against what it should: that the thing is not there, or nothing.
func (c try) findsNothing(t *testing.T, name string) {
	t.Helper()
	found, err := c.call()
	switch {
	case c.code == models.NotFound:
		if models.CodeOf(err) != models.NotFound {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	case err != nil:
		t.Errorf("%s: %v", name, err)
	case !empty(reflect.ValueOf(found)):
		t.Errorf("%s found %+v", name, found)
	}
}

// empty reports whether a value is a slice without elements, or the zero value.
func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return !v.IsValid() || v.IsZero()
}

// listen hands every statement that gorm sends to hear.
func listen(t *testing.T, root *Root, hear func(sql string)) {
	t.Helper()
	catch := func(tx *gorm.DB) { hear(tx.Statement.SQL.String()) }
	c := root.db.Callback()
	check(t, c.Create().After("gorm:create").Register("test:listen", catch))
	check(t, c.Query().After("gorm:query").Register("test:listen", catch))
	check(t, c.Update().After("gorm:update").Register("test:listen", catch))
	check(t, c.Delete().After("gorm:delete").Register("test:listen", catch))
	check(t, c.Row().After("gorm:row").Register("test:listen", catch))
	check(t, c.Raw().After("gorm:raw").Register("test:listen", catch))
}
