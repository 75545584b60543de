package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
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

// BenchmarkCommand gives a task to somebody else, from a face's call to the answer, in turns with the same rows written by hand in one
// transaction: the engagement's, the task's, an event, two notices and the key. Who asks has a token, which is looked up once more. On
// SQLite commits are durable, as everywhere; PostgreSQL
// has to be, too (DURABLE=1), or it is not measured.
func BenchmarkCommand(b *testing.B) {
	for _, db := range databases {
		b.Run(db.name, func(b *testing.B) {
			w, ref := commented(b, db.open(b))
			durable(b, w.root)
			w.addEngagement(b, "e2")
			other := w
			other.engagement = "e2"
			for _, w := range []world{w, other} {
				w.change(b, Once{}, func(f *engagement.Facts) {
					f.Engagement.Status = engagement.StatusRunning
					x := task(1, engagement.TaskOpen)
					x.Template = "" // of the client's, for anybody to do
					put(f, x)
				})
			}
			pool, err := w.root.db.DB()
			check(b, err)
			token, err := w.CreateToken(b.Context(), Once{}, "ines", "laptop", "hash", time.Time{}, noon)
			check(b, err)
			owners := []models.PersonID{"olga", "ruth"} // in turns, from Olga on
			ours, theirs := 0, 0
			we := func() {
				ours++
				_, err := w.root.Apply(b.Context(), ref, engagement.Command{Key: fmt.Sprint("ours-", ours), Hash: "h", Kind: engagement.AssignTask,
					Tasks: []models.TaskID{"KO-0001"}, Person: owners[ours%2], Actor: engagement.Actor{Person: "ines", Role: models.RoleManager,
						Token: token.ID}})
				check(b, err)
			}
			hand := func() {
				theirs++
				check(b, byHand(b, pool, theirs, owners[theirs%2]))
			}
			if one, other := rowsAdded(b, w.root, hand), rowsAdded(b, w.root, we); one != other {
				b.Fatalf("by hand %s, by us %s", one, other)
			}
			inTurns(b, we, hand)
		})
	}
}

// durable skips a benchmark on a PostgreSQL that does not write through to the disk.
func durable(b *testing.B, root *Root) {
	b.Helper()
	if root.dialect != onPostgres {
		return
	}
	var on string
	check(b, root.db.Raw("SELECT current_setting('fsync') || current_setting('synchronous_commit')").Row().Scan(&on))
	if on != "onon" {
		b.Skip("this PostgreSQL does not write through: DURABLE=1 .ci/with-postgres starts one that does")
	}
}

// rowsAdded returns how many rows each table has more after do.
func rowsAdded(b *testing.B, root *Root, do func()) string {
	b.Helper()
	count := func() map[string]int {
		n := map[string]int{}
		for _, table := range tables {
			var rows int
			check(b, root.db.Raw("SELECT COUNT(*) FROM "+table).Row().Scan(&rows))
			n[table] = rows
		}
		return n
	}
	before := count()
	do()
	after := count()
	for table := range after {
		if after[table] -= before[table]; after[table] == 0 {
			delete(after, table)
		}
	}
	return fmt.Sprint(after)
}

// byHand writes what the command writes, to the other engagement.
func byHand(b *testing.B, pool *sql.DB, n int, owner models.PersonID) error {
	tx, err := pool.BeginTx(b.Context(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	at, seq, key, from := noon.UnixMicro(), 1_000_000+n, fmt.Sprint("hand-", n), "olga"
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{"UPDATE tasks SET owner = $1 WHERE firm_id = 'acme' AND engagement_id = 'e2' AND id = 'KO-0001'", []any{string(owner)}},
		{"INSERT INTO events (firm_id, engagement_id, seq, at, actor, kind, subject, field, from_value, to_value, reason, key, for_id) VALUES " +
			"('acme', 'e2', $1, $2, 'ines', 'task.assigned', 'KO-0001', 'owner', $3, $4, '', $5, '')", []any{seq, at, from, string(owner), key}},
		{"INSERT INTO notices (firm_id, engagement_id, seq, person_id, kind, subject, actor, from_value, to_value, text, at, urgent, " +
			"delivery_id) VALUES ('acme', 'e2', $1, $3, 'task.assigned', 'KO-0001', 'ines', $2, $3, '', $4, false, ''), " +
			"('acme', 'e2', $1, 'priya', 'task.assigned', 'KO-0001', 'ines', $2, $3, '', $4, false, '')",
			[]any{seq, from, string(owner), at}},
		{"UPDATE engagements SET event_seq = $1, event_at = $2, stamp = $3, revision = $4 WHERE firm_id = 'acme' AND id = 'e2'",
			[]any{seq, at, "s-" + key, n}},
		{"INSERT INTO requests (firm_id, actor, key, hash, engagement_id, result, at) VALUES ('acme', 'ines', $1, 'h', 'e2', $2, $3)",
			[]any{key, fmt.Sprintf(`{"revision":%d,"events":1}`, n), at}},
	} {
		if _, err := tx.ExecContext(b.Context(), s.sql, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
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

// BenchmarkAllTasks shows pages of 50 of the tasks of a firm with 10,000 engagements and 1,000,000 tasks by due date: from the first on,
// and from a day on.
func BenchmarkAllTasks(b *testing.B) {
	who := engagement.Actor{Person: "marta", Role: models.RolePartner}
	for _, db := range databases {
		w := newWorld(b, db.open(b), "acme")
		manyEngagements(b, w, 10_000)
		manyTasks(b, w, 100)
		for _, ask := range []struct {
			name   string
			filter TaskFilter
		}{{"open", TaskFilter{Open: true}}, {"all", TaskFilter{}}, {"from", TaskFilter{DueFrom: models.Date{Year: 2026, Month: 5, Day: 13}}},
			{"mine", TaskFilter{Open: true, Owner: "olga"}}, {"overdue", TaskFilter{Overdue: true}}} {
			b.Run(db.name+"/"+ask.name, func(b *testing.B) {
				defer cpu(b)()
				for b.Loop() {
					rows, _, _, err := w.allTasks(b.Context(), w.allTasksPager(ScopeOf(who), "", ask.filter), ScopeOf(who), "",
						ask.filter, "", 50)
					check(b, err)
					if len(rows) != 50 && ask.name != "overdue" && ask.name != "mine" {
						b.Fatalf("%d tasks", len(rows))
					}
				}
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
func manyTasks(b testing.TB, w world, n int) {
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
		case "due":
			values = append(values, "'2026-0' || (1 + n.n % 9) || '-1' || (n.n % 10)")
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
	b.ReportMetric(float64(we[len(we)/10])/float64(they[len(they)/10]), "x-p10")
	b.ReportMetric(ms(they[len(they)/2]), "ms-by-hand")
	b.ReportMetric(ms(we[len(we)/2]), "ms-ours")
	b.ReportMetric(ms(we[len(we)*99/100]), "ms-ours-p99")
	b.ReportMetric(float64(we[len(we)/2])/float64(they[len(they)/2]), "x-by-hand")
}
