package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

var databases = []struct {
	name string
	open func(testing.TB) *Root
}{{"sqlite", openSQLite}, {"postgres", openPostgres}}

// BenchmarkFacts reads an engagement with 200 open tasks: one that is being worked on, and one that nobody has asked for.
func BenchmarkFacts(b *testing.B) {
	for _, db := range databases {
		for _, cold := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/cold=%v", db.name, cold), func(b *testing.B) {
				w := newWorld(b, db.open(b), "acme")
				w.change(b, Once{}, func(f *engagement.Facts) { put(f, tasks(0, 200, engagement.TaskOpen)...) })
				defer cpu(b)()
				for b.Loop() {
					if cold {
						w.root.bodies.kept = nil
					}
					_, err := w.Facts(b.Context(), "e1", engagement.Need{})
					check(b, err)
				}
			})
		}
	}
}

// BenchmarkChange completes a task in a fresh engagement and in one that has had a year of daily controls: it must not cost
// twice as much.
func BenchmarkChange(b *testing.B) {
	for _, db := range databases {
		for _, size := range []struct {
			name         string
			open, closed int
		}{{"fresh", 40, 0}, {"grown", 300, 1500}} {
			b.Run(db.name+"/"+size.name, func(b *testing.B) {
				w := newWorld(b, db.open(b), "acme")
				w.change(b, Once{}, func(f *engagement.Facts) { put(f, tasks(0, size.open, engagement.TaskOpen)...) })
				w.change(b, Once{}, func(f *engagement.Facts) { put(f, tasks(size.open, size.open+size.closed, engagement.TaskDone)...) })
				n := 0
				defer cpu(b)()
				for b.Loop() {
					n++
					w.change(b, Once{Actor: "ines", Key: fmt.Sprint(n), Hash: "h"}, func(f *engagement.Facts) {
						t := *f.Tasks[n%len(f.Tasks)]
						t.Reason = fmt.Sprint(n)
						put(f, t)
						log(f, engagement.Event{At: noon, Actor: "ines", Kind: "task.done", Subject: string(t.ID), Field: "state", From: "open", To: "done"})
						f.Engagement.Summary.Percent = n % 100
					})
				}
			})
		}
	}
}

// BenchmarkPortfolio shows pages of 100 of a firm with 10,000 engagements and 1,000,000 tasks, in the ways in which pages ask
// for them, in turns with the same SQL sent and read by hand.
func BenchmarkPortfolio(b *testing.B) {
	const engagements, tasksEach, page = 10_000, 100, 100
	live := []engagement.Status{engagement.StatusRunning, engagement.StatusPaused}
	for _, db := range databases {
		w := newWorld(b, db.open(b), "acme")
		manyEngagements(b, w, engagements)
		manyTasks(b, w, tasksEach)
		pool, err := w.root.db.DB()
		check(b, err)
		for _, ask := range []struct {
			name   string
			filter PortfolioFilter
			sort   Sort
		}{
			{"health", PortfolioFilter{Scope: ScopeAll(), Statuses: live}, "-health"},
			{"name", PortfolioFilter{Scope: ScopeAll()}, "name"},
			{"member", PortfolioFilter{Scope: ScopeMember("priya"), Statuses: live, Healths: []engagement.Health{engagement.HealthLate}},
				"next_due"},
			{"phase", PortfolioFilter{Scope: ScopeAll(), Phase: catalog.PhaseGap, Statuses: live}, "forecast"},
			{"search", PortfolioFilter{Scope: ScopeAll(), Search: "found nowhere"}, "name"},
		} {
			var sql string
			var args []any
			catch := func(tx *gorm.DB) { sql, args = tx.Statement.SQL.String(), tx.Statement.Vars }
			check(b, w.root.db.Callback().Row().After("gorm:row").Replace("bench:catch", catch))
			_, _, err := w.Portfolio(b.Context(), ask.filter, ask.sort, "", page)
			check(b, err)
			check(b, w.root.db.Callback().Row().Remove("bench:catch"))
			b.Run(db.name+"/"+ask.name, func(b *testing.B) {
				inTurns(b, func() {
					_, _, err := w.Portfolio(b.Context(), ask.filter, ask.sort, "", page)
					check(b, err)
				}, func() {
					rows, err := pool.QueryContext(b.Context(), sql, args...)
					check(b, err)
					defer rows.Close()
					r := &reader{}
					for rows.Next() {
						_, err := scanPortfolio(rows, r)
						check(b, err)
					}
				})
			})
		}
	}
}

// BenchmarkStatus answers a project manager's questions about an engagement in remediation: its facts are read and its report
// is made.
func BenchmarkStatus(b *testing.B) {
	for _, db := range databases {
		b.Run(db.name, func(b *testing.B) {
			w := newWorld(b, db.open(b), "acme")
			w.change(b, Once{}, func(f *engagement.Facts) {
				put(f, tasks(0, 200, engagement.TaskOpen)...)
				f.Engagement.Status = engagement.StatusRunning
				for _, t := range f.Catalog.PhasesFor(f.Flags()) {
					f.Phases = append(f.Phases, engagement.PhaseState{Phase: t.ID, Standing: engagement.StandingWaiting, Round: 1})
				}
				f.Phases[0].Standing, f.Phases[0].Began = engagement.StandingActive, f.Engagement.Kickoff
			})
			defer cpu(b)()
			for b.Loop() {
				f, err := w.Facts(b.Context(), "e1", engagement.Need{})
				check(b, err)
				if f.Report(noon).OpenTasks != 200 {
					b.Fatal("the report does not count the open tasks")
				}
			}
		})
	}
}

// manyTasks gives every engagement n tasks, most of them closed, by copying one within the database.
func manyTasks(b *testing.B, w world, n int) {
	b.Helper()
	w.change(b, Once{}, func(f *engagement.Facts) { put(f, task(1, engagement.TaskOpen)) })
	columns, err := w.root.db.Migrator().ColumnTypes("tasks")
	check(b, err)
	var names, values []string
	for _, c := range columns {
		names = append(names, c.Name())
		switch c.Name() {
		case "engagement_id":
			values = append(values, "e.id")
		case "id":
			values = append(values, "'T-' || n.n")
		case "state":
			values = append(values, "CASE WHEN n.n % 5 = 0 THEN 'open' ELSE 'done' END")
		default:
			values = append(values, "t."+c.Name())
		}
	}
	check(b, w.root.db.Exec(fmt.Sprintf(`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < %d)
		INSERT INTO tasks (%s) SELECT %s FROM engagements e CROSS JOIN n CROSS JOIN tasks t WHERE t.engagement_id = 'e1' AND e.id <> 'e1'`,
		n, strings.Join(names, ", "), strings.Join(values, ", "))).Error)
	check(b, w.root.db.Exec("ANALYZE").Error)
}

// inTurns measures ours and the bare baseline alternately and reports the median of each, their ratio, and our 99th percentile.
func inTurns(b *testing.B, ours, bare func()) {
	b.Helper()
	var we, they []time.Duration
	timed := func(do func()) time.Duration {
		from := time.Now()
		do()
		return time.Since(from)
	}
	for b.Loop() {
		they = append(they, timed(bare))
		we = append(we, timed(ours))
	}
	slices.Sort(we)
	slices.Sort(they)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(they[len(they)/2]), "ms-by-hand")
	b.ReportMetric(ms(we[len(we)/2]), "ms-ours")
	b.ReportMetric(ms(we[len(we)*99/100]), "ms-ours-p99")
	b.ReportMetric(float64(we[len(we)/2])/float64(they[len(they)/2]), "x-by-hand")
}
