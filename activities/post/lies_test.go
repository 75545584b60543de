package post_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// historyFaults are all ways in which a history is no complete search: those in which Slack answers, and those in which it does not for
// now.
func historyFaults() (answered, passing []slackfake.Fault) {
	for _, kind := range slackfake.HistoryLies {
		answered = append(answered, slackfake.Fault{Kind: kind})
	}
	for _, kind := range []slackfake.FaultKind{slackfake.FaultEmpty, slackfake.FaultTruncated, slackfake.FaultTruncatedDone} {
		answered = append(answered, slackfake.Fault{Kind: kind})
	}
	for _, answer := range []string{`null`, `[]`, `"ok"`, `{"ok":true}`, `{"ok":true,"messages":null,"has_more":false}`,
		`{"ok":true,"messages":{},"has_more":false}`, `{"ok":true,"messages":[],"has_more":true}`, `{"ok":true,"messages":"none"}`} {
		answered = append(answered, slackfake.Fault{Kind: slackfake.FaultAnswer, Answer: answer})
	}
	for _, kind := range []slackfake.FaultKind{slackfake.FaultRateLimit, slackfake.FaultRateLimitBare, slackfake.FaultInternal,
		slackfake.Fault500, slackfake.FaultHTML, slackfake.FaultDrop} {
		passing = append(passing, slackfake.Fault{Kind: kind})
	}
	return answered, append(passing, slackfake.Fault{Kind: slackfake.FaultError, Error: "an_error_of_tomorrow"})
}

// An answer to Olga's daily message is lost, though Slack has posted it, or before it could. History then lies in every way, for a while or
// for ever. She never gets two posts of it; the ledger comes to an end that is true, and is never expired; and what was posted is found as
// soon as history can be read.
func TestHistoryLies(t *testing.T) {
	answered, passing := historyFaults()
	for i, f := range append(answered, passing...) {
		for _, lost := range []slackfake.FaultKind{slackfake.FaultExecuteThenDrop, slackfake.FaultDrop} {
			if lost == slackfake.FaultDrop && (f.Kind == slackfake.FaultHistoryBare || f.Kind == slackfake.FaultHistoryPlain) {
				continue // nothing is left out of a history in which there is nothing of ours
			}
			for _, times := range []int{3, 0} { // a few times, or always
				t.Run(fmt.Sprintf("%s%s%s/%s/%d times", f.Kind, f.Answer, f.Error, lost, times), func(t *testing.T) {
					t.Parallel()
					historyLies(t, f, lost, times, i < len(answered))
				})
			}
		}
	}
}

// historyLies plays a morning on which the answer to Olga's message is lost and history lies so often, or always when times is 0; answered
// says whether Slack answers at all when it lies.
func historyLies(t *testing.T, f slackfake.Fault, lost slackfake.FaultKind, times int, answered bool) {
	w := town.OnSQLite(t)
	w.Morning()
	f.Method, f.Times, f.Nth = "conversations.history", times, min(times, 1)
	w.Slack.AddFaults(f, slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: lost})
	if times == 0 && !answered {
		notReadAllDay(t, w)
	}
	w.Settle()
	got, want := w.Said("olga")[0], reminders.DeliverySent
	if times == 0 {
		want = reminders.DeliveryUncertain
	}
	if got.Status != want {
		t.Errorf("it is %s (%s)\n%s", got.Status, got.Reason, w.Ledger())
	}
	if posts := w.SlackOf("olga"); len(posts) > 1 || len(posts) == 0 && (times > 0 || lost != slackfake.FaultDrop) {
		t.Errorf("Olga has %d posts", len(posts))
	} else if got.Status == reminders.DeliverySent && got.Receipt != posts[0].TS {
		t.Errorf("the ledger knows another post than Olga's: %s, %s", got.Receipt, posts[0].TS)
	}
	hit := 0
	for _, n := range w.Slack.FaultsHit() {
		hit += n
	}
	if hit < 2 {
		t.Error("the lie was never met")
	}
}

// notReadAllDay lets a day go by on which nobody can look for Olga's message.
func notReadAllDay(t *testing.T, w *town.Town) {
	t.Helper()
	w.Sweep()
	for range 3 {
		w.Pass()
		w.Sweep()
	}
	if d := w.Said("olga")[0]; d.Status != reminders.DeliverySending {
		t.Errorf("while nobody can look it is %s (%s)", d.Status, d.Reason)
	}
	w.On("2027-01-14", 7)
	w.Pass()
}

// History goes on for ever, or in a circle: one look asks for no more pages than a minute's, and a circle is seen at once.
func TestALookHasAnEnd(t *testing.T) {
	for kind, most := range map[slackfake.FaultKind]int{slackfake.FaultHistoryEndless: 25, slackfake.FaultHistoryLoop: 2,
		slackfake.FaultHistoryCut: 1} {
		t.Run(string(kind), func(t *testing.T) {
			w := town.OnSQLite(t)
			w.Morning()
			w.Slack.AddFaults(slackfake.Fault{Method: "conversations.history", Kind: kind},
				slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: slackfake.FaultExecuteThenDrop})
			w.Sweep()
			w.Pass()
			w.Sweep()
			if n := len(w.Slack.Calls("conversations.history")); n == 0 || n > most {
				t.Errorf("one look asked for %d pages", n)
			}
		})
	}
}

// What Olga is asked at once is said nowhere else. When history lies she is asked again, and told that she may have been asked before; not
// a third time.
func TestAQuestionIsAskedAgainWhenHistoryLies(t *testing.T) {
	for _, kind := range slackfake.HistoryLies {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			id := w.Task("olga", "Name the owner of the firewall", "2027-02-25")
			w.On("2027-01-13", 10)
			w.Settle()
			n := len(w.SlackOf("olga"))
			w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga",
				Reason: "Is it still you?"})
			w.Clock.Add((15 * time.Minute).Microseconds())
			w.Slack.AddFaults(slackfake.Fault{Method: "conversations.history", Kind: kind},
				slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Nth: 1, Times: 1, Kind: slackfake.FaultExecuteThenDrop})
			w.Settle()
			all := w.SlackOf("olga")[n:]
			if len(all) != 2 || strings.Contains(all[0].Text, "already") || !strings.Contains(all[1].Text, "You may have received this already") {
				t.Errorf("she reads %s\n%s", town.Messages(t, all), w.Ledger())
			}
		})
	}
}

// Slack takes nothing of Olga's message all day. Where it may have been given to Slack nobody says that it was too late; where nothing
// could leave this machine, it was.
func TestWhatExpires(t *testing.T) {
	for name, c := range map[string]struct {
		fault slackfake.Fault
		tried bool
		want  reminders.DeliveryStatus
	}{
		"asked to wait":      {slackfake.Fault{Method: "chat.postMessage", Kind: slackfake.FaultRateLimit}, true, reminders.DeliveryUncertain},
		"no answer":          {slackfake.Fault{Method: "chat.postMessage", Kind: slackfake.FaultDrop}, true, reminders.DeliveryUncertain},
		"a page that says 5": {slackfake.Fault{Method: "chat.postMessage", Kind: slackfake.FaultHTML}, true, reminders.DeliveryUncertain},
		"never tried":        {slackfake.Fault{Method: "conversations.open", Kind: slackfake.FaultRateLimit}, false, reminders.DeliveryExpired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Morning()
			c.fault.Team = "TNORTHGATE"
			w.Slack.AddFaults(c.fault)
			for range 8 {
				w.Sweep()
				w.Pass()
			}
			w.On("2027-01-14", 7)
			w.Sweep()
			w.Slack.ClearFaults()
			w.Settle()
			d := w.Said("olga")[0]
			if d.Status != c.want || d.Attempts > 0 != c.tried {
				t.Errorf("it is %s (%s) after %d tries", d.Status, d.Reason, d.Attempts)
			}
			w.On("2027-01-14", 10)
			w.Settle()
			if all := w.SlackOf("olga"); len(all) != 1 || !strings.Contains(all[0].Text, "Send the organization chart") {
				t.Errorf("the next day she reads %s", town.Messages(t, all))
			}
		})
	}
}
