package post_test

import (
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// copiedAndSent makes a copy of the database after the sweep of eight, lets the day's messages go out at ten, and returns the copy.
func copiedAndSent(w *town.Town) (copied string) {
	w.On("2027-01-13", 8)
	w.Sweep()
	copied = w.Copy()
	w.On("2027-01-13", 10)
	w.Settle()
	return copied
}

// A copy of the database is made before the day's messages were planned, or when they were planned and not sent. They go out; then the copy
// is put back and the program started. Nobody gets a message again that history has, and the ledger knows of it again. What is new since is
// said.
func TestACopyIsPutBack(t *testing.T) {
	for name, planned := range map[string]bool{"planned and not sent": true, "not planned": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			question := w.Task("olga", "Name the owner of the firewall", "2027-02-25")
			w.Task("olga", "Send the organization chart", "2027-01-14")
			w.Task("kenji", "Send the network diagram", "2027-01-14")
			w.On("2027-01-13", 8)
			w.Sweep() // the ledger knows of a sweep
			w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{question}, Person: "olga",
				Reason: "Is it still you?"})
			w.On("2027-01-13", 10)
			var copied string
			if planned {
				w.Slack.AddFaults(slackfake.Fault{Method: "conversations.open", Kind: slackfake.FaultRateLimit})
				w.Sweep()
				w.Slack.ClearFaults()
				copied = w.Copy()
				w.Pass()
			} else {
				copied = w.Copy()
			}
			w.Settle()
			sent := map[models.PersonID]int{"olga": len(w.SlackOf("olga")), "kenji": len(w.SlackOf("kenji"))}
			if sent["olga"] != 1 || sent["kenji"] == 0 {
				t.Fatalf("before it is put back: %v\n%s", sent, w.Ledger())
			}
			w.Clock.Add((40 * time.Minute).Microseconds())

			w.Restore(copied)
			w.Pass()
			w.Settle()
			for p, n := range sent {
				if all := w.SlackOf(p); len(all) != n {
					t.Errorf("%s has %d messages, and had %d: %s", p, len(all), n, town.Messages(t, all[n:]))
				}
			}
			if d := w.Said("olga")[0]; d.Status != reminders.DeliverySent || d.Evidence != reminders.EvidenceHistory ||
				d.Receipt != w.SlackOf("olga")[0].TS {
				t.Errorf("the ledger says %s by %q (%s)\n%s", d.Status, d.Evidence, d.Reason, w.Ledger())
			}
			w.Task("olga", "List everybody who left", "2027-01-14")
			w.On("2027-01-14", 10)
			w.Settle()
			if all := w.SlackOf("olga"); len(all) != 2 || !strings.Contains(all[1].Text, "List everybody who left") {
				t.Errorf("the next day she has %s", town.Messages(t, all))
			}
		})
	}
}

// A copy is put back, and Ines asks Olga something before the postman is started. Her message of the morning is found, and says nothing of
// that: she is asked all the same.
func TestAQuestionAfterACopyWasPutBack(t *testing.T) {
	w := town.OnSQLite(t)
	question := w.Task("olga", "Name the owner of the firewall", "2027-02-25")
	w.Task("olga", "Send the organization chart", "2027-01-14")
	copied := copiedAndSent(w)
	w.Restore(copied)
	w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{question}, Person: "olga",
		Reason: "Is it still you?"})
	w.Settle()
	w.Clock.Add((15 * time.Minute).Microseconds())
	w.Settle()
	if all := w.SlackOf("olga"); len(all) != 2 || !strings.Contains(all[1].Text, "Is it still you?") {
		t.Errorf("Olga has %s\n%s", town.Messages(t, all), w.Ledger())
	}
}

// A copy that was put back looks first, and history lies: nobody can tell whether Olga has her message, and she does not get it twice.
func TestACopyIsPutBackAndHistoryLies(t *testing.T) {
	for _, kind := range slackfake.HistoryLies {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Task("olga", "Send the organization chart", "2027-01-14")
			copied := copiedAndSent(w)
			w.Restore(copied)
			w.Slack.AddFaults(slackfake.Fault{Method: "conversations.history", Kind: kind})
			w.Settle()
			if n := len(w.SlackOf("olga")); n != 1 {
				t.Errorf("Olga has %d posts\n%s", n, w.Ledger())
			}
			if d := w.Said("olga")[0]; d.Status != reminders.DeliveryUncertain {
				t.Errorf("the ledger says %s (%s)", d.Status, d.Reason)
			}
		})
	}
}

// A copy is put back under the feet of a postman that goes on: it knows of a later sweep than the database, and looks first as well.
func TestACopyIsPutBackWhileAWorkerRuns(t *testing.T) {
	w := town.OnSQLite(t)
	w.Task("olga", "Send the organization chart", "2027-01-14")
	copied := copiedAndSent(w)
	worker := w.Post
	w.Restore(copied)
	worker.Root, w.Post = w.Root, worker
	w.Settle()
	if n := len(w.SlackOf("olga")); n != 1 {
		t.Errorf("Olga has %d posts\n%s", n, w.Ledger())
	}
}

// On ordinary days nothing is looked for: only what was planned by the first sweep after a start is, once.
func TestOrdinaryDaysLookForNothing(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-15")
		for i, day := range []string{"2027-01-13", "2027-01-14", "2027-01-15", "2027-01-19"} {
			w.On(day, 8)
			w.Sweep() // nobody's hour has come
			w.On(day, 10)
			if i == 2 {
				w.Restart()
			}
			w.Settle()
			looked := len(w.Slack.Calls("conversations.history"))
			if first := i >= 2; looked > 0 != first || looked > 4 {
				t.Errorf("on %s %d pages of history had been read", day, looked)
			}
		}
		if n := len(w.SlackOf("olga")); n < 2 {
			t.Errorf("Olga has %d messages\n%s", n, w.Ledger())
		}
	})
}
