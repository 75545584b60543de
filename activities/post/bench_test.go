package post_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to fill a database
	_ "modernc.org/sqlite"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models/reminders"
	"tickmark/workflows"
)

// BenchmarkMorning is the morning of 10,000 people at 100 clients, each with something due today: scheduled, written, sent to the fake
// Slack and settled, without pacing. The bare baseline is 10,000 messages of the same size posted to it by as many at once.
func BenchmarkMorning(b *testing.B) {
	const people, clients = 10_000, 100
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := map[string]func(testing.TB) *town.Town{"sqlite": town.OnSQLite, "postgres": town.OnPostgres}[name](b)
				id := w.Task("olga", "Send the organization chart", "2027-01-13")
				f := town.NewFiller(b, w.DSN)
				b.Cleanup(f.Close)
				f.Clients(clients)
				f.People(people, clients)
				f.Work(people, clients, id)
				f.Analyzed()
				hq, _ := w.Slack.Workspace("THQ")
				for i := range people {
					_, err := w.Slack.AddUser("THQ", slackfake.User{ID: fmt.Sprintf("UP%d", i+1), Email: fmt.Sprintf("p%d@northgate.test", i+1)})
					town.Check(b, err)
					_, err = w.Slack.AddChannel("THQ",
						slackfake.Channel{ID: fmt.Sprintf("DP%d", i+1), Members: []string{fmt.Sprintf("UP%d", i+1), hq.BotUser}, IsIM: true})
					town.Check(b, err)
				}
				w.Post.Slack.Timeout, w.Post.Pace.Patience, w.Post.Pace.Shift = 0, 0, 0 // as in production
				w.Clock.Store(time.Date(2027, 1, 13, 15, 0, 0, 0, time.UTC).UnixMicro())
				peak := memory()
				b.StartTimer()

				began := time.Now()
				w.Sweep()
				took := time.Since(began)

				b.StopTimer()
				top := peak()
				counts, err := w.Store.CountDeliveries(b.Context(), time.Time{})
				town.Check(b, err)
				if n := len(w.Slack.AllMessages("THQ")); counts[reminders.DeliverySent] < people || n < people {
					b.Fatalf("%d messages arrived, and the ledger says %v: %+v", n, counts, w.Said("p1"))
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
func posted(b *testing.B, w *town.Town, n int) time.Duration {
	b.Helper()
	like := w.Slack.MessagesTo("THQ", "UP1")[0]
	token := ""
	for _, ws := range w.Slack.Workspaces() {
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
				res, err := client.PostForm(w.Slack.URL()+"/api/chat.postMessage",
					url.Values{"token": {token}, "channel": {fmt.Sprintf("UP%d", i+1)}, "text": {like.Text}, "blocks": {string(like.Blocks)},
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
			w := map[string]func(testing.TB) *town.Town{"sqlite": town.OnSQLite, "postgres": town.OnPostgres}[name](b)
			w.On("2027-01-13", 10)
			w.Settle()
			f := town.NewFiller(b, w.DSN)
			b.Cleanup(f.Close)
			f.Clients(10_000)
			f.People(40_000, 10_000)
			f.Copies(100_000, "deliveries", "id = (SELECT min(id) FROM deliveries)", map[string]string{"id": "'copy-' || n.n", "status": "'sent'"})
			f.Analyzed()
			w.Clock.Add(time.Minute.Microseconds())
			b.ReportAllocs()
			for b.Loop() {
				out, err := w.Post.Schedule(b.Context(), workflows.ScheduleInput{First: true})
				town.Check(b, err)
				if out.More || len(out.Lanes) > 0 {
					b.Fatalf("something is due: %+v", out)
				}
			}
		})
	}
}
