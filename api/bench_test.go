package api

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models/store"
)

// BenchmarkReadsBesideRehearsals has Ruth read a status, in turns with nothing beside it and while eight rehearsals are asked for all the
// time, none of which was reckoned before.
func BenchmarkReadsBesideRehearsals(b *testing.B) {
	dsn := "sqlite:" + filepath.Join(b.TempDir(), "world.db")
	tokens, err := prepare(dsn)
	if err != nil {
		b.Fatal(err)
	}
	root, err := store.Open(dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	now := func() time.Time { return monday }
	postman := (&world{T: new(testing.T), root: root, now: monday}).postman()
	s, err := New(Config{Root: root, Post: postman, Now: now, Real: now, Rate: 1e6, Burst: 1e6, Patient: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	get := func(who, path string) int {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+base+path, http.NoBody)
		if err != nil {
			b.Error(err)
			return 0
		}
		req.Header.Set("Authorization", "Bearer "+tokens[who])
		answer, err := server.Client().Do(req)
		if err != nil {
			b.Error(err)
			return 0
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	var alone, beside []time.Duration
	rehearsed, waited := 0, 0
	read := func() time.Duration {
		from := time.Now()
		if status := get("ruth", "/engagements/e1/status"); status != http.StatusOK {
			b.Fatal(status)
		}
		return time.Since(from)
	}
	for b.Loop() {
		for range 50 {
			alone = append(alone, read())
		}
		stop := make(chan struct{})
		var all sync.WaitGroup
		var mu sync.Mutex
		for _, who := range []string{"marta", "marta", "marta", "ines", "ines", "ines", "bright/marta", "bright/ines"} {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					path := "/engagements/d1/rehearsal"
					if strings.HasPrefix(who, "bright/") {
						path = "/engagements/nd1/rehearsal"
					}
					s.rehearsals.mu.Lock()
					s.rehearsals.kept = nil
					s.rehearsals.mu.Unlock()
					status := get(who, path)
					mu.Lock()
					switch status {
					case http.StatusOK:
						rehearsed++
					case http.StatusTooManyRequests:
						waited++
					default:
						b.Error(status)
					}
					mu.Unlock()
					if status == http.StatusTooManyRequests { // a client waits; this one for less than it is told to
						select {
						case <-stop:
						case <-time.After(100 * time.Millisecond):
						}
					}
				}
			})
		}
		for range 200 {
			beside = append(beside, read())
		}
		close(stop)
		all.Wait()
	}
	slices.Sort(alone)
	slices.Sort(beside)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(alone[len(alone)/2]), "ms-alone")
	b.ReportMetric(ms(beside[len(beside)/2]), "ms-beside")
	b.ReportMetric(ms(beside[len(beside)*99/100]), "ms-beside-p99")
	b.ReportMetric(float64(beside[len(beside)/2])/float64(alone[len(alone)/2]), "x-alone")
	b.ReportMetric(float64(rehearsed), "rehearsed")
	b.ReportMetric(float64(waited), "told-to-wait")
}
