package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/models/engagement"
)

// The 180-person file lives through its fourteen months in a minute or two, on the real server. In the middle of its window the
// process is killed as by a power cut and started again on the same data: nothing acknowledged is lost, nothing happens
// twice, and the engagement ends by itself.
func TestAnEngagementLivesFromKickoffToReportThroughAKill(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "150ms")
	c := stage(t, s, "../../docs/examples/saas-type1-type2.yaml")
	killed := false
	c.playWith(func(now state) {
		if !killed && slices.Contains(now.Phases, "t2_window") && !slices.Contains(now.Phases, "t1_report") {
			killed = true
			s.kill()
			s.up()
		}
	})
	if !killed {
		t.Error("the window went by without the process being killed")
	}
	c.checkRecord()
	c.checkKeys()
}

// checkRecord: events are numbered without holes, each phase is entered and left once, each gate signed once, each task
// closed once, and again only after something was opened again: a slow machine on a fast clock misses the window's first day.
func (c *cast) checkRecord() {
	c.t.Helper()
	seen := map[string]int64{} // the number of the event
	var again int64            // of the event by which something was opened again
	for i, e := range c.events() {
		if e.Seq != int64(i+1) {
			c.t.Fatalf("event %d has the number %d", i+1, e.Seq)
		}
		switch e.Kind {
		case "phase.reopened", "gate.reopened", "task.reopened":
			again = e.Seq
		case "phase.entered", "phase.left", "gate.signed", "task.accepted", "task.completed", "window.opened", "window.closed",
			"engagement.completed":
			what := e.Kind + " " + e.Subject
			if before := seen[what]; before > again {
				c.t.Errorf("%s happened twice, as events %d and %d", what, before, e.Seq)
			}
			seen[what] = e.Seq
		}
	}
	for _, phase := range []string{"kickoff", "gap", "remediation", "t1_prep", "t1_fieldwork", "t1_report", "window_setup", "t2_window",
		"t2_close", "t2_fieldwork", "t2_report", "renewal"} {
		if left := seen["phase.left "+phase]; left == 0 || left < seen["phase.entered "+phase] {
			c.t.Errorf("%s was not left", phase)
		}
	}
	for _, left := range []string{"open", "submitted", "waiting", "blocked"} {
		if n := len(c.tasks(engagement.TaskState(left))); n > 0 {
			c.t.Errorf("%d tasks are still %s", n, left)
		}
	}
}

// checkKeys: every command that was acknowledged is remembered with its result. The auditor sees an engagement for thirty days after its
// end, which are seconds here.
func (c *cast) checkKeys() {
	c.t.Helper()
	for _, k := range c.keys {
		a, err := c.call(c.tokens[k[0]], "GET", "/engagements/"+c.id+"/commands/"+k[1], "", nil, nil)
		ended := c.roles[k[0]] == "auditor" && a.status == http.StatusNotFound
		if err != nil || !a.ok() && !ended {
			c.t.Errorf("%s, which %s sent: %d %s %v", k[1], k[0], a.status, a.body, err)
		}
	}
}

// 480 commands at once, over as many continue-as-news as they cause: each is applied exactly once, though each is sent
// twice.
func TestManyCommandsAtOnceAcrossContinueAsNew(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "24h")
	c := stage(t, s, "../../docs/examples/startup-type1.yaml")
	const commands, senders = 480, 32
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan string, commands*2)
	for range senders {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > commands {
					return
				}
				for range 2 { // as a client does that did not hear the answer
					if err := s.comment(c, n); err != "" {
						errs <- err
					}
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	var detail struct{ Comments []struct{ Text string } }
	s.must(c.admin, "GET", "/engagements/"+c.id+"/tasks/KO-01", "", nil, &detail)
	times := map[string]int{}
	for _, said := range detail.Comments {
		times[said.Text]++
	}
	for n := range commands {
		if text := fmt.Sprintf("comment %d", n+1); times[text] != 1 {
			t.Errorf("%s was applied %d times", text, times[text])
		}
	}
}

// comment sends one comment, and again for as long as the answer is that nothing was done.
func (s *solo) comment(c *cast, n int64) string {
	for wait := time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		a, err := s.call(c.tokens["joel"], "POST", "/engagements/"+c.id+"/tasks/KO-01/comments", fmt.Sprintf("many-%d", n),
			map[string]any{"text": fmt.Sprintf("comment %d", n)}, nil)
		switch {
		case err != nil:
			return err.Error()
		case a.status == http.StatusServiceUnavailable: // as often as it takes
			time.Sleep(wait)
		case !a.ok():
			return fmt.Sprintf("command %d: %d %s", n, a.status, a.body)
		default:
			return ""
		}
	}
}
