package store

import (
	"fmt"
	"strings"
	"testing"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// The queries that every command and every page ask find their rows by an index, in order where order is asked for. SQLite
// tells so without any rows; what PostgreSQL does depends on how many there are.
func TestQueriesUseIndexes(t *testing.T) {
	root := openSQLite(t)
	w := newWorld(t, root, "acme")
	args := []any{"acme", "e1"}
	for name, c := range map[string]struct {
		sql   string
		args  []any
		wants []string
	}{
		"head": {headSQL, args,
			[]string{"e USING INDEX sqlite_autoindex_engagements_1", "c USING INDEX sqlite_autoindex_clients_1",
				"f USING INDEX sqlite_autoindex_firms_1", "v USING INDEX sqlite_autoindex_firm_events_1"}},
		"body": {bodySQL, args,
			[]string{"t USING INDEX tasks_open", "p USING INDEX sqlite_autoindex_phases_1", "g USING INDEX sqlite_autoindex_gates_1",
				"d USING INDEX sqlite_autoindex_decisions_1", "q USING INDEX sqlite_autoindex_questions_1"}},
		"people": {peopleSQL, []any{"acme", "northgate"}, []string{"h USING INDEX people_client", "u USING INDEX sqlite_autoindex_duties_1"}},
		"overdue": {"SELECT firm_id, id FROM engagements WHERE status IN ('running', 'paused') AND wake > 0 AND wake < ? ORDER BY wake LIMIT ?",
			[]any{1, 1}, []string{"engagements_wake"}},
	} {
		plan := explain(t, root, c.sql, c.args...)
		for _, want := range c.wants {
			if !strings.Contains(plan, want) {
				t.Errorf("%s does not do %q:\n%s", name, want, plan)
			}
		}
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s walks or sorts a table:\n%s", name, plan)
		}
	}
	// What gorm builds is caught on its way.
	for _, sort := range Sorts {
		for _, sign := range []string{"", "-"} {
			plan := planOf(t, root, func() error {
				_, _, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeAll(), Statuses: []engagement.Status{engagement.StatusRunning}},
					Sort(sign)+sort, "", 50)
				return err
			})
			if !strings.Contains(plan, "e USING INDEX engagements_") || strings.Contains(plan, "TEMP B-TREE FOR ORDER") {
				t.Errorf("%s%s:\n%s", sign, sort, plan)
			}
		}
	}
	for want, ask := range map[string]func() error{
		"tasks USING INDEX tasks_list":              func() error { _, _, err := w.Tasks(t.Context(), "e1", TaskFilter{}, "", 50); return err },
		"engagements USING INDEX engagements_ended": func() error { _, err := w.earlier(t.Context()); return err },
		"events USING INDEX events_subject": func() error {
			_, _,
				err := w.Events(t.Context(), "e1", EventFilter{Subject: "x"}, "", 50)
			return err
		},
		"engagement_members USING ": func() error {
			_, _, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeMember("ines")}, "", "", 50)
			return err
		},
		"events USING INDEX events_at (firm_id=? AND at>?)": func() error {
			_, _, err := w.changes(t.Context(), ScopeAll(), "", EventFilter{Since: noon}, "", 50)
			return err
		},
		"mailboxes USING INDEX mailboxes_next": func() error { _, err := root.DueMailboxes(t.Context(), noon, 50); return err },
		"notices USING INDEX notices_urgent":   func() error { _, err := root.UrgentNotices(t.Context(), noon, 50); return err },
		"notices USING INDEX notices_person":   func() error { _, err := w.Notices(t.Context(), "olga"); return err },
		"notices USING INDEX notices_delivery": func() error { _, err := w.NoticesOf(t.Context(), "x"); return err },
		"deliveries USING INDEX deliveries_list": func() error {
			_, _,
				err := w.Deliveries(t.Context(), DeliveryFilter{}, "", 50)
			return err
		},
		"deliveries USING INDEX deliveries_open (firm_id=? AND lane=?)": func() error {
			_, _, err := w.LaneWaits(t.Context(), "acme/mail")
			return err
		},
		"USING INDEX deliveries_open (firm_id=?)":          func() error { _, err := w.LanesBeside(t.Context(), "acme/mail"); return err },
		"mailboxes USING INDEX mailboxes_next (next_at=?)": func() error { _, err := w.AnybodyToLookAt(t.Context()); return err },
		"deliveries USING INDEX deliveries_open":           func() error { _, err := w.Due(t.Context(), "acme/mail", 50); return err },
		"SCAN deliveries USING INDEX deliveries_open":      func() error { _, err := root.Lanes(t.Context()); return err },
		"deliveries USING INDEX deliveries_person":         func() error { _, err := w.SentSince(t.Context(), "olga", march2); return err },
		"inbound USING INDEX inbound_open":                 func() error { _, err := root.OpenInbound(t.Context(), 50); return err },
		"absences USING INDEX absences_stand_in":           func() error { _, _, err := w.ActsFor(t.Context(), "olga", march2); return err },
		"people USING INDEX people_address":                func() error { _, err := root.Addressed(t.Context(), "o@n.test"); return err },
		"t USING INDEX tokens_hash":                        func() error { _, _ = root.Token(t.Context(), "hash", noon); return nil },
	} {
		if plan := planOf(t, root, ask); !strings.Contains(plan, want) {
			t.Errorf("want %q:\n%s", want, plan)
		}
	}
}

func explain(t *testing.T, root *Root, sql string, args ...any) string {
	t.Helper()
	var rows []struct{ Detail string }
	check(t, root.db.Raw("EXPLAIN QUERY PLAN "+sql, args...).Scan(&rows).Error)
	return fmt.Sprintf("%+v", rows)
}

// planOf explains the last query that ask sends.
func planOf(t *testing.T, root *Root, ask func() error) string {
	t.Helper()
	var sql string
	var vars []any
	catch := func(tx *gorm.DB) { sql, vars = tx.Statement.SQL.String(), tx.Statement.Vars }
	check(t, root.db.Callback().Row().After("gorm:row").Replace("test:catch", catch))
	check(t, root.db.Callback().Query().After("gorm:query").Replace("test:catch", catch))
	check(t, ask())
	check(t, root.db.Callback().Row().Remove("test:catch"))
	check(t, root.db.Callback().Query().Remove("test:catch"))
	return explain(t, root, sql, vars...)
}

// The open tasks of all engagements are walked by due date, whether or not the database knows how many there are of what; those of some
// engagements, or that are few, are not looked for among everybody's.
func TestOpenTasksAreFoundByDueDate(t *testing.T) {
	root := openSQLite(t)
	w := newWorld(t, root, "acme")
	partner := engagement.Actor{Person: "marta", Role: models.RolePartner}
	consultant := engagement.Actor{Person: "priya", Role: models.RoleConsultant}
	planned := func(a engagement.Actor, client models.ClientID, filter TaskFilter) string {
		return planOf(t, root, func() error {
			_, _, _, err := w.allTasks(t.Context(), w.allTasksPager(ScopeOf(a), client, filter), ScopeOf(a), client, filter, "", 50)
			return err
		})
	}
	for _, known := range []bool{false, true} {
		if known {
			manyEngagements(t, w, 200)
			manyTasks(t, w, 20)
		}
		for _, filter := range []TaskFilter{{Open: true}, {Overdue: true}, {Open: true, DueFrom: march2}} {
			plan := planned(partner, "", filter)
			walks := strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE")
			if walks || !strings.Contains(plan, "SEARCH tasks USING INDEX tasks_due") {
				t.Errorf("analyzed %v, %+v:\n%s", known, filter, plan)
			}
			for _, plan := range []string{planned(consultant, "", filter), planned(partner, "northgate", filter)} {
				if strings.Contains(plan, "tasks_due") || strings.Contains(plan, "SCAN") {
					t.Errorf("analyzed %v, of some engagements, %+v:\n%s", known, filter, plan)
				}
			}
		}
		for _, filter := range []TaskFilter{{Open: true, Owner: "olga"}, {Open: true, Text: "scope"}, {}} {
			if plan := planned(partner, "", filter); strings.Contains(plan, "tasks_due") || strings.Contains(plan, "SCAN") {
				t.Errorf("analyzed %v, %+v:\n%s", known, filter, plan)
			}
		}
	}
}
