package activities_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to fill a database
	_ "modernc.org/sqlite"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/workflows"
)

// A filler fills a town's database by copying rows, faster than people could be hired.
type filler struct {
	testing.TB
	db       *sql.DB
	postgres bool
}

func newFiller(b testing.TB, dsn string) *filler {
	f := &filler{TB: b, postgres: strings.HasPrefix(dsn, "postgres")}
	var err error
	if f.postgres {
		f.db, err = sql.Open("pgx", dsn)
	} else {
		f.db, err = sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:")+"?_pragma=busy_timeout(5000)")
	}
	check(b, err)
	return f
}

func (f *filler) close() { _ = f.db.Close() }

// exec changes rows by hand.
func (f *filler) exec(sql string) {
	f.Helper()
	_, err := f.db.Exec(sql)
	check(f, err)
}

// number asks for one.
func (f *filler) number(sql string) (n int64) {
	f.Helper()
	check(f, f.db.QueryRow(sql).Scan(&n))
	return n
}

// copies inserts n copies of the rows of a table that where finds. change says what differs in a copy: an expression of n.n by column.
func (f *filler) copies(n int, table, where string, change map[string]string) {
	f.Helper()
	rows, err := f.db.Query("SELECT * FROM " + table + " LIMIT 0")
	check(f, err)
	names, err := rows.Columns()
	check(f, err)
	check(f, rows.Close())
	values := slices.Clone(names)
	for i, name := range names {
		values[i] = "t." + name
		if to := change[name]; to != "" {
			values[i] = to
		}
	}
	f.exec(fmt.Sprintf("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < %d) INSERT INTO %s (%s) SELECT %s FROM %s t CROSS JOIN n WHERE %s",
		n, table, strings.Join(names, ", "), strings.Join(values, ", "), table, where))
}

// clients adds n clients with an engagement each, as Acme and e1 are, but without tasks: m-1 and on.
func (f *filler) clients(n int) {
	f.Helper()
	f.copies(n, "clients", "id = 'acme'", map[string]string{"id": "'m-' || n.n", "name": "'M ' || n.n"})
	f.copies(n, "engagements", "id = 'e1'", map[string]string{"id": "'m-' || n.n", "client_id": "'m-' || n.n"})
	for _, table := range []string{"engagement_members", "phases", "gates"} {
		f.copies(n, table, "engagement_id = 'e1'", map[string]string{"engagement_id": "'m-' || n.n"})
	}
}

// people adds n people like Olga, named p1 and on, to as many clients, with accounts in the firm's Slack.
func (f *filler) people(n, clients int) {
	f.Helper()
	at, mail := fmt.Sprintf("'m-' || (1 + n.n %% %d)", clients), "'p' || n.n || '@acme.test'"
	f.copies(n, "people", "id = 'olga'", map[string]string{"id": "'p' || n.n", "client_id": at, "email": mail, "email_key": mail})
	f.copies(n, "mailboxes", "person_id = 'olga'", map[string]string{"person_id": "'p' || n.n", "client_id": at})
	f.copies(n, "bindings", "person_id = 'olga'", map[string]string{"person_id": "'p' || n.n", "workspace_id": "'hq'", "user_id": "'UP' || n.n", "channel": "'DP' || n.n", "email_key": mail})
}

// work gives each of them what Olga has to do, in their client's engagement.
func (f *filler) work(n, clients int, like models.TaskID) {
	f.Helper()
	f.copies(n, "tasks", "engagement_id = 'e1' AND id = '"+string(like)+"'", map[string]string{"engagement_id": fmt.Sprintf("'m-' || (1 + n.n %% %d)", clients),
		"id": "'X-' || (1000 + n.n)", "owner": "'p' || n.n"})
}

// analyzed lets the database know what it holds.
func (f *filler) analyzed() {
	f.Helper()
	f.exec("ANALYZE")
}

// BenchmarkMorning is the morning of 10,000 people at 100 clients, each with something due today: planned, written, sent to the fake
// Slack and settled, without pacing. The bare baseline is 10,000 messages of the same size posted to it by as many at once.
func BenchmarkMorning(b *testing.B) {
	const people, clients = 10_000, 100
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := map[string]func(testing.TB) *town{"sqlite": onSQLite, "postgres": onPostgres}[name](b)
				id := w.task("olga", "Send the organization chart", "2027-01-13")
				f := newFiller(b, w.dsn)
				b.Cleanup(f.close)
				f.clients(clients)
				f.people(people, clients)
				f.work(people, clients, id)
				f.analyzed()
				hq, _ := w.slack.Workspace("THQ")
				for i := range people {
					_, err := w.slack.AddUser("THQ", slackfake.User{ID: fmt.Sprintf("UP%d", i+1), Email: fmt.Sprintf("p%d@acme.test", i+1)})
					check(b, err)
					_, err = w.slack.AddChannel("THQ", slackfake.Channel{ID: fmt.Sprintf("DP%d", i+1), Members: []string{fmt.Sprintf("UP%d", i+1), hq.BotUser}, IsIM: true})
					check(b, err)
				}
				w.post.Slack.Timeout, w.post.Pace.Patience, w.post.Pace.Shift = 0, 0, 0 // as in production
				w.clock.Store(time.Date(2027, 1, 13, 15, 0, 0, 0, time.UTC).UnixMicro())
				peak := memory()
				b.StartTimer()

				began := time.Now()
				w.sweep()
				took := time.Since(began)

				b.StopTimer()
				top := peak()
				counts, err := w.s.CountDeliveries(b.Context(), time.Time{})
				check(b, err)
				if n := len(w.slack.AllMessages("THQ")); counts[reminders.DeliverySent] < people || n < people {
					b.Fatalf("%d messages arrived, and the ledger says %v: %+v", n, counts, w.said("p1"))
				}
				bare := posted(b, w, people)
				b.ReportMetric(float64(people)/took.Seconds(), "deliveries/s")
				b.ReportMetric(took.Seconds()/bare.Seconds(), "ratio")
				b.ReportMetric(top, "MiB")
				b.StartTimer()
			}
		})
	}
}

// memory watches what the process has of the machine's memory; what it returns ends that, and returns the most in MiB.
func memory() func() float64 {
	ctx, stop := context.WithCancel(context.Background())
	most, done := uint64(0), make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse+m.StackInuse)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return func() float64 { stop(); <-done; return float64(most) / (1 << 20) }
}

// posted posts n messages to the fake as it is, four at once, and returns how long that took.
func posted(b *testing.B, w *town, n int) time.Duration {
	b.Helper()
	like := w.slack.MessagesTo("THQ", "UP1")[0]
	token := ""
	for _, ws := range w.slack.Workspaces() {
		if ws.Team == "THQ" {
			token = ws.Token
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	work := make(chan int)
	var together sync.WaitGroup
	began := time.Now()
	for range 4 {
		together.Go(func() {
			for i := range work {
				res, err := client.PostForm(w.slack.URL()+"/api/chat.postMessage", url.Values{"token": {token}, "channel": {fmt.Sprintf("UP%d", i+1)}, "text": {like.Text}, "blocks": {string(like.Blocks)},
					"metadata": {`{"event_type":"bare","event_payload":{"k":"018f"}}`}})
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	together.Wait()
	return time.Since(began)
}

// BenchmarkIdleSweep is a sweep when nothing is due, at 10,000 engagements with 40,000 people.
func BenchmarkIdleSweep(b *testing.B) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			w := map[string]func(testing.TB) *town{"sqlite": onSQLite, "postgres": onPostgres}[name](b)
			w.on("2027-01-13", 10)
			w.settle()
			f := newFiller(b, w.dsn)
			b.Cleanup(f.close)
			f.clients(10_000)
			f.people(40_000, 10_000)
			f.copies(100_000, "deliveries", "id = (SELECT min(id) FROM deliveries)", map[string]string{"id": "'copy-' || n.n", "status": "'sent'"})
			f.analyzed()
			w.clock.Add(time.Minute.Microseconds())
			b.ReportAllocs()
			for b.Loop() {
				out, err := w.post.Plan(b.Context(), workflows.PlanInput{First: true})
				check(b, err)
				if out.More || len(out.Lanes) > 0 {
					b.Fatalf("something is due: %+v", out)
				}
			}
		})
	}
}
