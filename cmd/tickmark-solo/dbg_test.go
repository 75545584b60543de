package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/models"
)

func TestDbg(t *testing.T) {
	in := open(t, 24*time.Hour)
	c := stage(t, in.solo, "../../docs/examples/startup-type1.yaml")
	var next atomic.Int64
	var wg sync.WaitGroup
	t0 := time.Now()
	for range 32 {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > 200 || time.Since(t0) > 15*time.Second {
					return
				}
				b := time.Now()
				a, err := in.call(c.tokens["joel"], "POST", "/engagements/"+c.id+"/tasks/KO-01/comments", fmt.Sprintf("many-%d", n), map[string]any{"text": fmt.Sprintf("comment %d", n)}, nil)
				fmt.Println(n, a.status, err, time.Since(b).Round(time.Millisecond), a.detail)
			}
		})
	}
	go func() {
		time.Sleep(9 * time.Second)
		f, _ := os.Create("/tmp/goroutines.txt")
		pprof.Lookup("goroutine").WriteTo(f, 1)
		f.Close()
	}()
	wg.Wait()
	for _, h := range in.histories(models.Ref{Firm: "firm", Engagement: models.EngagementID(c.id)}) {
		fmt.Println("RUN", len(h.Events))
		for _, e := range h.Events[max(0, len(h.Events)-25):] {
			fmt.Println(e.EventId, e.EventType, e.GetWorkflowTaskFailedEventAttributes().GetFailure().GetMessage())
		}
	}
}
