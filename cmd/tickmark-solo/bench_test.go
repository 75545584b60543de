package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
	"tickmark/models/engagement"
)

// bare is the least there is: a workflow that answers an update with an empty local activity, and continues as new as often
// as an engagement does.
func bare(ctx workflow.Context) error {
	err := workflow.SetUpdateHandler(ctx, "apply", func(ctx workflow.Context, c engagement.Command) (engagement.Result, error) {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Second})
		var r engagement.Result
		err := workflow.ExecuteLocalActivity(ctx, nothing, c).Get(ctx, &r)
		return r, err
	})
	if err != nil {
		return err
	}
	err = workflow.Await(ctx, func() bool {
		return workflow.GetInfo(ctx).GetCurrentHistoryLength() > 400 && workflow.AllHandlersFinished(ctx)
	})
	if err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, bare)
}

func nothing(context.Context, engagement.Command) (engagement.Result, error) {
	return engagement.Result{}, nil
}

// One command, from the client to the answer, beside a bare Temporal update on the same server, in turns.
func BenchmarkCommand(b *testing.B) {
	in := open(b, 24*time.Hour)
	c := stage(b, in.solo, "../../docs/examples/startup-type1.yaml")
	w := worker.New(in.app.Engine.Temporal, "bare", worker.Options{})
	w.RegisterWorkflow(bare)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.Stop)
	if _, err := in.app.Engine.Temporal.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: "bare", TaskQueue: "bare"},
		bare); err != nil {
		b.Fatal(err)
	}
	ref := models.Ref{Firm: "firm", Engagement: models.EngagementID(c.id)}
	var ours, theirs []time.Duration
	n := 0
	for b.Loop() {
		n++
		cmd := engagement.Command{Key: "bench-" + strconv.Itoa(n), Kind: engagement.CommentTask, Reason: "a comment",
			Actor: engagement.Actor{Person: "joel", Role: models.RoleManager}, Tasks: []models.TaskID{"KO-01"}}
		theirs = append(theirs, timed(b, func() error {
			h, err := in.app.Engine.Temporal.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{UpdateID: cmd.Key, WorkflowID: "bare",
				UpdateName: "apply", Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted})
			if err != nil {
				return err
			}
			return h.Get(b.Context(), nil)
		}))
		ours = append(ours, timed(b, func() error {
			_, err := in.app.Engine.Apply(b.Context(), ref, cmd)
			return err
		}))
	}
	b.ReportMetric(ms(median(theirs)), "ms-bare")
	b.ReportMetric(ms(median(ours)), "ms-command")
	b.ReportMetric(float64(median(ours))/float64(median(theirs)), "x-bare")
}

func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	began := time.Now()
	for try := 0; ; try++ {
		err := do()
		if err == nil {
			return time.Since(began)
		}
		if try == 5 {
			b.Fatal(err)
		}
	}
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

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
						_, err := in.app.Engine.Apply(b.Context(), ref, cmd)
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
