package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/cmd/internal/app"
	"tickmark/models"
	"tickmark/models/engagement"
)

// Starting engagements, sixteen at once, and what 2,000 running ones take of memory.
func BenchmarkStarts(b *testing.B) {
	const engagements, starters = 2000, 16
	in := open(b, 24*time.Hour)
	c := stage(b, in.solo, "../../docs/examples/startup-type1.yaml")
	idle := resident(b)
	for b.Loop() {
		for n := range engagements {
			draft := map[string]any{"id": fmt.Sprintf("e-%d", n), "name": fmt.Sprintf("Engagement %d", n), "client": "fernleaf",
				"type":       "soc2_type1",
				"categories": []string{"security"}, "kickoff": models.DateIn(time.Now(), time.UTC).AddDays(10).String(), "partner": "marta",
				"manager": "joel"}
			in.must(c.admin, "POST", "/engagements", fmt.Sprintf("draft-%d", n), draft, nil)
		}
		var next atomic.Int64
		var wg sync.WaitGroup
		began := time.Now()
		for range starters {
			wg.Go(func() {
				for n := next.Add(1); n <= engagements; n = next.Add(1) {
					cmd := engagement.Command{Key: fmt.Sprintf("start-%d", n), Kind: engagement.StartEngagement,
						Actor: engagement.Actor{Person: "joel", Role: models.RoleManager}}
					ref := models.Ref{Firm: "firm", Engagement: models.EngagementID(fmt.Sprintf("e-%d", n-1))}
					for try := 0; ; try++ {
						_, err := in.app.Root.Apply(b.Context(), ref, cmd)
						if err == nil {
							break
						}
						if try == 20 {
							b.Error(err)
							return
						}
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		wg.Wait()
		b.ReportMetric(engagements/time.Since(began).Seconds(), "starts/s")
		b.ReportMetric(resident(b)-idle, "MiB-for-2000")
		b.ReportMetric(idle, "MiB-idle")
	}
}

// resident returns this process's resident memory in MiB.
func resident(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal("resident memory is read from /proc, which this machine does not have")
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}

// History events of a whole engagement, for each year it lasts, and in its longest run. People complete what is due on a day
// in one command each, as a list with checkboxes lets them.
func BenchmarkHistory(b *testing.B) {
	for _, file := range []string{"startup-type1", "saas-type1-type2"} {
		b.Run(file, func(b *testing.B) {
			in := open(b, 250*time.Millisecond)
			c := stage(b, in.solo, "../../docs/examples/"+file+".yaml")
			began := c.look().now
			for b.Loop() {
				c.play()
			}
			days := began.DaysUntil(c.look().now)
			sum, longest := 0, 0
			all := in.histories("WorkflowId = 'engagement/firm/" + c.id + "'")
			for _, h := range all {
				sum, longest = sum+len(h.Events), max(longest, len(h.Events))
			}
			b.ReportMetric(float64(sum)*365/float64(days), "events/year")
			b.ReportMetric(float64(longest), "events-longest-run")
			b.ReportMetric(float64(len(all)), "runs")
			b.ReportMetric(float64(len(c.keys)), "commands")
		})
	}
}

// BenchmarkReady starts a solo that has an engagement under way again, at each length of a day: at once, after stops of an hour, 40
// days and a year, and with a clock that has been put back by 40 days: nine times each, in turns. It reports the median of how long
// each start
// takes until everything answers, and the longest beside that without a stop.
func BenchmarkReady(b *testing.B) {
	stops := []time.Duration{0, time.Hour, 40 * 24 * time.Hour, 365 * 24 * time.Hour, -40 * 24 * time.Hour}
	for _, day := range []time.Duration{time.Second, 10 * time.Second, time.Minute, 24 * time.Hour} {
		b.Run(day.String(), func(b *testing.B) {
			stopped, took := map[time.Duration]string{}, map[time.Duration][]time.Duration{}
			for _, stop := range stops {
				stopped[stop] = stoppedFor(b, day, stop)
			}
			for b.Loop() {
				for range 9 { // in turns
					for _, stop := range stops {
						took[stop] = append(took[stop], startAgain(b, stopped[stop], day))
					}
				}
			}
			median := func(stop time.Duration) float64 {
				slices.Sort(took[stop])
				return took[stop][len(took[stop])/2].Seconds()
			}
			worst := 0.0
			for _, stop := range stops {
				b.ReportMetric(median(stop), "s-after-"+stop.String())
				worst = max(worst, median(stop)/median(0))
			}
			b.ReportMetric(worst, "x-without-a-stop")
		})
	}
}

// stoppedFor returns the data directory of a solo with an engagement that was stopped that long ago, as its clock has it. Where that is the
// machine's, which nobody sets, the last sweep is noted as that long ago instead.
func stoppedFor(b *testing.B, day, stop time.Duration) string {
	b.Helper()
	dir := b.TempDir()
	in := openIn(b, dir, day, setting{})
	stage(b, in.solo, "../../docs/examples/startup-type1.yaml")
	if day == 24*time.Hour {
		if _, err := in.app.Root.Sweeping(b.Context(), in.app.Now().Add(-stop)); err != nil {
			b.Fatal(err)
		}
	}
	in.close()
	clock, err := app.ClockOf(dir, day, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	if day != 24*time.Hour {
		clock.Origin = clock.Origin.Add(-clock.Wait(stop))
		if err := app.KeepClock(dir, clock); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// startAgain returns how long a solo takes to start on a copy of a data directory.
func startAgain(b *testing.B, stopped string, day time.Duration) time.Duration {
	b.Helper()
	dir := b.TempDir()
	if err := os.CopyFS(dir, os.DirFS(stopped)); err != nil {
		b.Fatal(err)
	}
	from := time.Now()
	again := openIn(b, dir, day, setting{})
	took := time.Since(from)
	again.close()
	return took
}
