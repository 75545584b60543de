package post_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/workflows"
)

// The team comments without a pause: whenever a message has been composed and comes to the gate, its engagement has moved on. Everybody has
// their daily message all the same, once, in that sweep.
func TestABusyEngagementDoesNotStarveItsMessages(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		w.Task("tom", "Draft the scope", "2027-01-14")
		w.On("2027-01-13", 10)
		people := []models.PersonID{"olga", "kenji", "tom"}
		all := func() bool {
			return !slices.ContainsFunc(people, func(p models.PersonID) bool { return len(w.SlackOf(p)) == 0 })
		}
		var mu sync.Mutex
		var comments atomic.Int64
		w.Post.Now = func() time.Time { // the last that is asked before the gate
			mu.Lock()
			defer mu.Unlock()
			if all() || comments.Load() == 300 { // what was sent is edited at every comment, and that would be commented again
				return w.Now()
			}
			w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id},
				Reason: fmt.Sprint("note ", comments.Add(1))})
			return w.Now()
		}
		w.Sweep()
		w.Post.Now = w.Now
		if n := comments.Load(); n < 9 || n == 300 {
			t.Fatalf("%d comments until everybody had a message", n)
		}
		for _, p := range people {
			d := w.Said(p)
			if len(d) != 1 || d[0].Status != reminders.DeliverySent || len(w.SlackOf(p)) != 1 {
				t.Errorf("%s has %d messages\n%s", p, len(w.SlackOf(p)), w.Ledger())
			}
		}
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{id}})
		w.Pass()
		w.Settle()
		w.Sweep()
		if m := town.Shown(t, w.Last("olga").Blocks); !strings.Contains(m, "~") {
			t.Errorf("what is done is not crossed out: %s", m)
		}
	})
}

// It is a minute to six in the evening. While Olga's message waits at the door quiet hours begin: she does not get it, whether it is the
// daily one, is said at once, or is looked for first. In the morning she reads what it had to say.
func TestQuietHoursAreAskedAtTheGate(t *testing.T) {
	for name, c := range map[string]struct {
		method string // while Slack carries this out two minutes pass
		before func(*town.Town, models.TaskID)
		says   string
	}{
		"daily": {"conversations.open", func(*town.Town, models.TaskID) {}, "Send the organization chart"},
		"looked for first": {"conversations.history", func(w *town.Town, _ models.TaskID) {
			w.Sweep()
			w.Restart()
		}, "Send the organization chart"},
		"at once": {"conversations.open", func(w *town.Town, id models.TaskID) {
			w.On("2027-01-13", 10)
			w.Settle()
			w.Clock.Add((7*time.Hour + 40*time.Minute).Microseconds())
			w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga", Reason: "By Friday?"})
			town.Check(w.T, w.Store.SetBinding(w.T.Context(), "olga", "northgate", w.Now(),
				func(b *reminders.Binding) { b.SlackChannel = "" }))
		}, "By Friday?"},
	} {
		t.Run(name, func(t *testing.T) {
			town.Each(t, func(t *testing.T, w *town.Town) {
				c.before(w, w.Task("olga", "Send the organization chart", "2027-01-14"))
				n := len(w.SlackOf("olga"))
				w.On("2027-01-13", 17)
				w.Clock.Add((59 * time.Minute).Microseconds())
				var called atomic.Bool
				w.Slack.SetFaultFunc(func(x slackfake.Call) *slackfake.Fault {
					if x.Method == c.method && x.Team == "TNORTHGATE" && !called.Swap(true) {
						w.Clock.Add((2 * time.Minute).Microseconds())
					}
					return nil
				})
				w.Sweep()
				w.Sweep()
				if all := w.SlackOf("olga"); len(all) != n || !called.Load() {
					t.Errorf("in the evening, called %t, she reads %s\n%s", called.Load(), town.Messages(t, all[n:]), w.Ledger())
				}
				w.On("2027-01-14", 10)
				w.Settle()
				if read := town.Messages(t, w.SlackOf("olga")[n:]); strings.Count(read, c.says) != 2 { // as it is shown, and read aloud
					t.Errorf("in the morning she reads %s\n%s", read, w.Ledger())
				}
			})
		})
	}
}

// The client's workspace is connected in the morning, an hour after Olga's: nobody has been looked for. She is found, and hears that day;
// no day is given up before anybody looked.
func TestAWorkspaceConnectedInTheMorningReachesPeopleThatDay(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Fresh("northgate")
		_, err := w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", w.Now(), func(x *reminders.Workspace) error {
			x.Trusted = true
			return nil
		})
		town.Check(t, err)
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 9)
		w.Clock.Add(time.Hour.Microseconds() / 2)
		town.Check(t, w.Store.BindSoon(t.Context(), "northgate"))
		w.Sweep() // the plan, and then the look for people
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != 1 || !strings.Contains(all[0].Text, "Send the organization chart") {
			t.Errorf("Olga has %s\n%s", town.Messages(t, all), w.Ledger())
		}
		for _, d := range w.Said("olga") {
			if d.Status == reminders.DeliverySuppressed {
				t.Errorf("her day was given up before anybody looked: %s", d.Reason)
			}
		}
	})
}

// In a workspace that asks, Olga says at eleven that it is her. She hears what is due that day, though at ten nothing reached her. Kenji
// has no account there: an hour after his hour the ledger says that nothing reaches him.
func TestWhoIsBoundLaterHearsThatDay(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		w.Fresh("northgate")
		w.Slack.AddFaults(slackfake.Fault{Method: "users.lookupByEmail", Kind: slackfake.FaultError, Error: "missing_scope"})
		w.On("2027-01-13", 9)
		w.Sweep()
		if n := len(w.Said("kenji")); n != 0 {
			t.Errorf("planned for Kenji before anybody looked:\n%s", w.Ledger())
		}
		w.On("2027-01-13", 10)
		w.Clock.Add(time.Minute.Microseconds())
		w.Sweep()
		if d := w.Said("kenji"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed {
			t.Errorf("nobody can look for Kenji:\n%s", w.Ledger())
		}
		w.Bind("northgate", "olga")
		w.Settle()
		if all := w.SlackOf("olga"); len(all) != 1 || !strings.Contains(all[0].Text, "Send the organization chart") {
			t.Errorf("Olga has %s\n%s", town.Messages(t, all), w.Ledger())
		}
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("Olga has %d messages", n)
		}
	})
}

// A shift says what comes after it: when a lane that is held up goes on, which other lanes it has given something to, and that somebody was
// found for whom the day was not planned.
func TestAShiftSaysWhatComesAfterIt(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.WithMail()
		town.Check(t, w.Store.SetBinding(t.Context(), "olga", "northgate", w.Now(),
			func(b *reminders.Binding) { b.State = reminders.BindingConfirmed }))
		w.Morning()
		deliver := func(lane string) workflows.DeliverOutput {
			t.Helper()
			out, err := w.Post.Deliver(t.Context(), workflows.DeliverInput{Lane: workflows.Lane{Firm: "acme", Lane: lane}})
			town.Check(t, err)
			return out
		}
		_, err := w.Post.Schedule(t.Context(), workflows.ScheduleInput{First: true})
		town.Check(t, err)
		deliver("acme/hq")
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: slackfake.FaultRateLimit,
			RetryAfter: 30 * time.Second})
		if out := deliver("acme/northgate"); out.More || out.Again <= 20*time.Second || out.Again > 30*time.Second {
			t.Errorf("Slack asks to wait for half a minute: %+v", out)
		}
		w.Pass()
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: slackfake.FaultError,
			Error: "msg_too_long"})
		if out := deliver("acme/northgate"); len(out.Lanes) != 1 || out.Lanes[0].Lane != "acme/mail" {
			t.Errorf("Olga gets mail instead: %+v\n%s", out, w.Ledger())
		}
		if out := deliver("acme/mail"); out.More || len(out.Lanes) > 0 || out.Sweep {
			t.Errorf("nothing is left: %+v\n%s", out, w.Ledger())
		}
		w.Bind("northgate", "kenji")
		if out := deliver("acme/mail"); !out.Sweep {
			t.Errorf("Kenji was found: %+v", out)
		}
	})
}
