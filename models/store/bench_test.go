package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
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
				w := newWorld(b, db.open(b), "alpha")
				w.change(b, Once{}, func(f *models.Facts) { put(f, tasks(0, 200, models.TaskOpen)...) })
				defer cpu(b)()
				for b.Loop() {
					if cold {
						w.root.bodies.kept = nil
					}
					_, err := w.Facts(b.Context(), "e1", models.Need{})
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
				w := newWorld(b, db.open(b), "alpha")
				w.change(b, Once{}, func(f *models.Facts) { put(f, tasks(0, size.open, models.TaskOpen)...) })
				w.change(b, Once{}, func(f *models.Facts) { put(f, tasks(size.open, size.open+size.closed, models.TaskDone)...) })
				n := 0
				defer cpu(b)()
				for b.Loop() {
					n++
					w.change(b, Once{Actor: "mia", Key: fmt.Sprint(n), Hash: "h"}, func(f *models.Facts) {
						t := *f.Tasks[n%len(f.Tasks)]
						t.Reason = fmt.Sprint(n)
						put(f, t)
						log(f, models.Event{At: noon, Actor: "mia", Kind: "task.done", Subject: string(t.ID), Field: "state", From: "open", To: "done"})
						f.Engagement.Summary.Percent = n % 100
					})
				}
			})
		}
	}
}

// BenchmarkPortfolio shows pages of a firm with 10,000 engagements, in the ways in which pages ask for them, beside the same
// SQL sent and read by hand.
func BenchmarkPortfolio(b *testing.B) {
	live := []models.Status{models.StatusRunning, models.StatusPaused}
	for _, db := range databases {
		w := newWorld(b, db.open(b), "alpha")
		manyEngagements(b, w, 10_000)
		if w.root.dialect == onPostgres {
			check(b, w.root.db.Exec("ANALYZE").Error)
		}
		for _, ask := range []struct {
			name   string
			filter PortfolioFilter
			sort   Sort
		}{
			{"health", PortfolioFilter{Scope: ScopeAll(), Statuses: live}, "-health"},
			{"name", PortfolioFilter{Scope: ScopeAll()}, "name"},
			{"member", PortfolioFilter{Scope: ScopeMember("carl"), Statuses: live, Healths: []models.Health{models.HealthLate}}, "next_due"},
			{"phase", PortfolioFilter{Scope: ScopeAll(), Phase: models.PhaseGap, Statuses: live}, "forecast"},
			{"search", PortfolioFilter{Scope: ScopeAll(), Search: "found nowhere"}, "name"},
		} {
			var sql string
			var args []any
			catch := func(tx *gorm.DB) { sql, args = tx.Statement.SQL.String(), tx.Statement.Vars }
			check(b, w.root.db.Callback().Row().After("gorm:row").Replace("bench:catch", catch))
			_, _, err := w.Portfolio(b.Context(), ask.filter, ask.sort, "", 50)
			check(b, err)
			check(b, w.root.db.Callback().Row().Remove("bench:catch"))
			b.Run(db.name+"/"+ask.name, func(b *testing.B) {
				measure(b, func() {
					_, _, err := w.Portfolio(b.Context(), ask.filter, ask.sort, "", 50)
					check(b, err)
				})
			})
			pool, err := w.root.db.DB()
			check(b, err)
			b.Run(db.name+"/"+ask.name+"/by hand", func(b *testing.B) {
				measure(b, func() {
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

// measure reports the 99th percentile beside the mean.
func measure(b *testing.B, do func()) {
	var took []time.Duration
	for b.Loop() {
		from := time.Now()
		do()
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
