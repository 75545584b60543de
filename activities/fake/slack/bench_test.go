package slackfake_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	slackfake "tickmark/activities/fake/slack"
)

// BenchmarkPost posts digests to 10,000 people, with a journal and without: the harness needs 2,000 calls a second.
func BenchmarkPost(b *testing.B) {
	blocks := "[" + many(10, section("*Access review* · Q3 is due on Friday")+","+inActions(button(`,"value":"e1|i#"`))) + "]"
	for _, c := range []struct{ name, journal string }{{"memory", ""}, {"journal", filepath.Join(b.TempDir(), "slack.jsonl")}} {
		b.Run(c.name, func(b *testing.B) {
			w := settle(b, slackfake.Options{Journal: c.journal})
			const people = 10_000
			for i := range people {
				if _, err := w.AddUser("T1", slackfake.User{ID: fmt.Sprintf("U%05d", i), Email: fmt.Sprintf("p%d@acme.test", i)}); err != nil {
					b.Fatal(err)
				}
			}
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
			var n atomic.Int64
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					form := url.Values{"token": {"xoxb-one"}, "channel": {fmt.Sprintf("U%05d", n.Add(1)%people)}, "text": {"Access review is due"},
						"blocks":   {blocks},
						"metadata": {`{"event_type":"tickmark_delivery","event_payload":{"k":"018f"}}`}}
					resp, err := client.PostForm(w.URL()+"/api/chat.postMessage", form)
					if err != nil {
						b.Error(err)
						return
					}
					body, err := io.ReadAll(resp.Body)
					_ = resp.Body.Close()
					if err != nil || !strings.Contains(string(body), `"ok":true`) {
						b.Errorf("answered %s, %v", body, err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}
