package store

import (
	"fmt"
	"testing"

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

// BenchmarkPortfolio shows a page of a firm with 2,000 engagements.
func BenchmarkPortfolio(b *testing.B) {
	for _, db := range databases {
		b.Run(db.name, func(b *testing.B) {
			w := newWorld(b, db.open(b), "alpha")
			manyEngagements(b, w, 2000)
			defer cpu(b)()
			for b.Loop() {
				_, _, err := w.Portfolio(b.Context(), PortfolioFilter{Scope: ScopeAll(), Statuses: []models.Status{models.StatusRunning, models.StatusPaused}}, "-health", "", 50)
				check(b, err)
			}
		})
	}
}
