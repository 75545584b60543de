package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// schedule schedules deliveries that must be new.
func (w world) schedule(t testing.TB, ds ...reminders.Delivery) {
	t.Helper()
	var list []NewDelivery
	for _, d := range ds {
		list = append(list, NewDelivery{Delivery: d, Notices: true})
	}
	n, err := w.Schedule(t.Context(), list, nil)
	check(t, err)
	if n != len(ds) {
		t.Fatalf("%d of %d were scheduled", n, len(ds))
	}
}

// notice leaves something to be said to somebody.
func (w world) notice(t testing.TB, seq int64, to models.PersonID, urgent bool) {
	t.Helper()
	row := noticeOf(models.Ref{Firm: w.firm, Engagement: w.engagement},
		engagement.Notice{Seq: seq, To: to, Kind: engagement.NoticeAsked, Subject: "KO-0001", At: noon, Urgent: urgent})
	check(t, w.root.db.Create(&row).Error)
}

// stands fails unless a delivery stands so.
func (w world) stands(t testing.TB, id string, status reminders.DeliveryStatus) reminders.Delivery {
	t.Helper()
	d, _, err := w.Delivery(t.Context(), id)
	check(t, err)
	if d.Status != status {
		t.Fatalf("the delivery is %s (%s), want %s", d.Status, d.Reason, status)
	}
	return d
}

// says is a frozen message that speaks of a task at a step.
func says(w world, task models.TaskID, step int) Frozen {
	item := engagement.Item{Engagement: w.engagement, Kind: engagement.ItemDo, Subject: string(task)}
	return Frozen{Dest: "olga@northgate.test",
		Message: reminders.Message{Subject: "Your tasks",
			Sections: []reminders.Section{{Title: "Due",
				Lines: []engagement.Line{{Engagement: w.engagement, Item: item.Key(), Title: "Send the org chart"}}}}},
		Nudges: []reminders.Nudge{{To: "olga", Item: item, Step: reminders.Step{Due: march2, Offset: step}}}}
}

// On Monday Olga's digest is scheduled twice, by two workers at once. It is one delivery, goes out once, and what it spoke of has been
// said to her.
func TestDeliveryGoesOutOnce(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.notice(t, 1, "olga", true)
		d := delivery(w, "olga", march2)
		w.schedule(t, d)
		n, err := w.Schedule(ctx, []NewDelivery{{Delivery: d, Notices: true}}, nil)
		check(t, err)
		if n != 0 {
			t.Error("what was scheduled was scheduled again")
		}
		if taken, err := w.NoticesOf(ctx, d.ID); err != nil || len(taken) != 1 {
			t.Errorf("it took up %d notices: %v", len(taken), err)
		}
		if lanes, err := root.Lanes(ctx); err != nil || len(lanes) != 1 || lanes[0] != (Lane{"acme", "acme/mail"}) {
			t.Errorf("lanes with work: %v, %v", lanes, err)
		}
		due, err := w.Due(ctx, "acme/mail", 10)
		check(t, err)
		if len(due) != 1 || due[0].ID != d.ID {
			t.Fatalf("due: %+v", due)
		}
		w.sendsOnce(t, d)
		f, err := w.Facts(ctx, "e1", engagement.Need{})
		check(t, err)
		aud, err := w.Audience(ctx, f, true)
		check(t, err)
		said := aud.Sent[reminders.SentKey{To: "olga", Engagement: "e1", Item: "do:KO-0001"}]
		if said.Step != (reminders.Step{Due: march2, Offset: -2}) || said.On != march2 {
			t.Errorf("what has been said: %+v", said)
		}
		if lanes, err := root.Lanes(ctx); err != nil || len(lanes) != 0 {
			t.Errorf("lanes with work afterwards: %v, %v", lanes, err)
		}
	})
}

// sendsOnce brings a delivery that is due through the gate and settles it; a second worker does neither.
func (w world) sendsOnce(t *testing.T, d reminders.Delivery) {
	t.Helper()
	ctx := t.Context()
	gated, at, err := w.Begin(ctx, d.ID, says(w, "KO-0001", -2), time.Hour, noon)
	check(t, err)
	if at != MaySend || gated.Fence != 1 || gated.Attempts != 1 || gated.Status != reminders.DeliverySending ||
		gated.Dest != "olga@northgate.test" {
		t.Fatalf("the gate: %s %+v", at, gated)
	}
	if _, at, err := w.Begin(ctx, d.ID, says(w, "KO-0001", -2), time.Hour, noon); err != nil || at != Taken {
		t.Errorf("a second one passed the gate: %s, %v", at, err)
	}
	if due, err := w.Due(ctx, "acme/mail", 10); err != nil || len(due) != 0 {
		t.Errorf("it is due while it is being sent: %v, %v", due, err)
	}
	held, err := w.RecordOutcome(ctx, d.ID, 1,
		Outcome{Attempt: reminders.Attempt{Class: reminders.AttemptAccepted, Status: 250, At: noon}, Status: reminders.DeliverySent,
			Receipt: "<id@firm.test>", Evidence: reminders.EvidenceResponse}, noon.Add(time.Second))
	check(t, err)
	if !held {
		t.Error("who sent it may not settle it")
	}
	sent := w.stands(t, d.ID, reminders.DeliverySent)
	if sent.Receipt != "<id@firm.test>" || sent.Message == nil || !sent.SettledAt.Equal(noon.Add(time.Second)) {
		t.Errorf("what is kept of it: %+v", sent)
	}
	if held, err := w.RecordOutcome(ctx, d.ID, 1, Outcome{Status: reminders.DeliveryFailed}, noon); err != nil || held {
		t.Errorf("it was settled twice: %v", err)
	}
}

// Two workers want to send the same message at the same instant, again and again: each message passes the gate once.
func TestGateLetsOnePass(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		for i := range 10 {
			d := delivery(w, "olga", march2.AddDays(i))
			d.ID = fmt.Sprint(i)
			w.schedule(t, d)
			var together sync.WaitGroup
			open := make(chan int64, 8)
			for range 8 {
				together.Go(func() {
					d, at, err := w.Begin(t.Context(), d.ID, says(w, "KO-0001", 0), time.Hour, noon)
					if err != nil {
						t.Error(err)
					} else if at == MaySend {
						open <- d.Fence
					}
				})
			}
			together.Wait()
			if len(open) != 1 {
				t.Errorf("message %d passed the gate %d times", i, len(open))
			}
			d = w.stands(t, d.ID, reminders.DeliverySending)
			held, err := w.RecordOutcome(t.Context(), d.ID, d.Fence, Outcome{Status: reminders.DeliverySent}, noon)
			check(t, err)
			if !held {
				t.Error("it was lost")
			}
		}
	})
}

// A worker falls asleep after sending; another looks for the message and takes it over. When the first wakes up it has nothing to say
// any more: its fence is old.
func TestFence(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		d := delivery(w, "olga", march2)
		w.schedule(t, d)
		first, _, err := w.Begin(ctx, d.ID, says(w, "KO-0001", 0), 0, noon)
		check(t, err)
		due, err := w.Due(ctx, d.Lane(), 10)
		check(t, err)
		if len(due) != 1 || due[0].Status != reminders.DeliverySending || due[0].SendingSince.IsZero() {
			t.Fatalf("nobody looks for what was left in doubt: %+v", due)
		}
		held, err := w.RecordOutcome(ctx, d.ID, first.Fence,
			Outcome{Attempt: reminders.Attempt{Class: reminders.AttemptAbsent}, Status: reminders.DeliverySending, Looked: true}, noon)
		check(t, err)
		if again := w.stands(t, d.ID, reminders.DeliverySending); !held || again.Looks != 1 {
			t.Errorf("a look was not counted: %+v", again)
		}
		_, err = w.RecordOutcome(ctx, d.ID, first.Fence,
			Outcome{Attempt: reminders.Attempt{Class: reminders.AttemptAbsent}, Status: reminders.DeliveryScheduled, Looked: true}, noon)
		check(t, err)
		second, at, err := w.Begin(ctx, d.ID, says(w, "KO-0001", 0), time.Hour, noon)
		check(t, err)
		if at != MaySend || second.Fence != first.Fence+1 || second.Looks != 0 {
			t.Errorf("the second try: %s %+v", at, second)
		}
		for name, o := range map[string]Outcome{"sent": {Status: reminders.DeliverySent}, "scheduled": {Status: reminders.DeliveryScheduled}} {
			if held, err := w.RecordOutcome(ctx, d.ID, first.Fence, o, noon); err != nil || held {
				t.Errorf("%s: an old fence settled it: %v", name, err)
			}
		}
		w.stands(t, d.ID, reminders.DeliverySending)
		_, attempts, err := w.Delivery(ctx, d.ID)
		check(t, err)
		if len(attempts) != 2 {
			t.Errorf("attempts: %+v", attempts)
		}
	})
}

// A task is done between the writing of a message and its sending: the gate does not let the old message pass.
func TestGateRefusesWhatIsStale(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		d := delivery(w, "olga", march2)
		w.schedule(t, d)
		e, err := w.Engagement(ctx, "e1")
		check(t, err)
		z := says(w, "KO-0001", 0)
		z.Revisions = map[models.EngagementID]int64{"e1": e.Revision}
		w.change(t, Once{}, func(f *engagement.Facts) { put(f, task(1, engagement.TaskOpen)) })
		if _, at, err := w.Begin(ctx, d.ID, z, time.Hour, noon); err != nil || at != Stale {
			t.Errorf("an old message: %s, %v", at, err)
		}
		z.Revisions["e1"]++
		z.Revisions["e9"] = 1
		if _, at, err := w.Begin(ctx, d.ID, z, time.Hour, noon); err != nil || at != Stale {
			t.Errorf("a message about what is gone: %s, %v", at, err)
		}
		delete(z.Revisions, "e9")
		if _, at, err := w.Begin(ctx, d.ID, z, time.Hour, noon); err != nil || at != MaySend {
			t.Errorf("a message that is true: %s, %v", at, err)
		}
	})
}

// The partner stops all messages while some are scheduled: none of them goes out, and what they had to say waits.
func TestPausedFirm(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.notice(t, 1, "olga", false)
		d := delivery(w, "olga", march2)
		w.schedule(t, d)
		_, err := w.UpdateMessaging(ctx, Once{Actor: "marta"}, noon, func(m *reminders.Messaging) error {
			m.Paused, m.PausedReason = true, "a wrong list of people"
			return nil
		})
		check(t, err)
		if _, at, err := w.Begin(ctx, d.ID, says(w, "KO-0001", 0), time.Hour, noon); err != nil || at != Taken {
			t.Errorf("a message of a firm that is paused: %s, %v", at, err)
		}
		w.stands(t, d.ID, reminders.DeliverySuppressed)
		if waiting, err := w.Notices(ctx, "olga"); err != nil || len(waiting) != 1 {
			t.Errorf("what waits to be said: %+v, %v", waiting, err)
		}
		_, err = w.ScheduleByHand(ctx, Once{Actor: "ines", Key: "k", Hash: "h"}, delivery(w, "ines", march2), noon)
		refused(t, err, models.Conflict)
	})
}

// Nothing of Monday's reached Olga, so Tuesday's digest takes its place and says what it had to say. Slack refuses Wednesday's for good:
// mail says it instead.
func TestOneTakesTheOthersPlace(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.notice(t, 1, "olga", true)
		monday, tuesday := delivery(w, "olga", march2), delivery(w, "olga", march2.AddDays(1))
		w.schedule(t, monday)
		w.schedule(t, tuesday)
		w.stands(t, monday.ID, reminders.DeliveryCoalesced)
		if got, err := w.NoticesOf(ctx, tuesday.ID); err != nil || len(got) != 1 {
			t.Errorf("the next digest has %d notices, %v", len(got), err)
		}
		gated, _, err := w.Begin(ctx, tuesday.ID, says(w, "KO-0001", 0), time.Hour, noon)
		check(t, err)
		mail := tuesday
		mail.ID, mail.Dest = "by-mail", "olga@northgate.test"
		_, err = w.RecordOutcome(ctx, tuesday.ID, gated.Fence, Outcome{Status: reminders.DeliveryFailed, Reason: "channel_not_found",
			Fallback: &mail},
			noon)
		check(t, err)
		if d := w.stands(t, "by-mail", reminders.DeliveryScheduled); d.Follows != tuesday.ID {
			t.Errorf("it does not say what it follows: %+v", d)
		}
		if got, err := w.NoticesOf(ctx, "by-mail"); err != nil || len(got) != 1 || !got[0].Urgent {
			t.Errorf("the mail has %+v, %v", got, err)
		}
		// It comes too late for its day: what it had to say waits for the next digest, and is said at once no more.
		check(t, w.Suppress(ctx, "by-mail", Suppression{Status: reminders.DeliveryExpired}, noon))
		if got, err := w.Notices(ctx, "olga"); err != nil || len(got) != 1 || got[0].Urgent {
			t.Errorf("what waits: %+v, %v", got, err)
		}
		check(t, w.Suppress(ctx, tuesday.ID, Suppression{Status: reminders.DeliveryExpired}, noon)) // settled already
		w.stands(t, tuesday.ID, reminders.DeliveryFailed)
	})
}

// A workspace does not answer. Its lane waits, longer and longer, and the others go on.
func TestLanes(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		stuck, free := delivery(w, "olga", march2), delivery(w, "ines", march2)
		stuck.Channel, stuck.Workspace = reminders.ChannelSlack, "hq"
		w.schedule(t, stuck, free)
		check(t, w.HoldLane(ctx, "acme/hq", "Slack does not answer", time.Hour, noon))
		check(t, w.HoldLane(ctx, "acme/hq", "Slack does not answer", time.Hour, noon))
		lanes, err := root.Lanes(ctx)
		check(t, err)
		same(t, "the lanes that go on", lanes, []Lane{{"acme", "acme/mail"}})
		if due, err := w.Due(ctx, "acme/hq", 10); err != nil || len(due) != 0 {
			t.Errorf("due in a lane that waits: %v, %v", due, err)
		}
		if n, why, err := w.LaneFailures(ctx, "acme/hq"); err != nil || n != 2 || why != "Slack does not answer" {
			t.Errorf("%d failures, %q, %v", n, why, err)
		}
		states, err := w.LaneStates(ctx)
		check(t, err)
		if len(states) != 2 || states[0].Failures != 2 || states[0].Waiting != 1 || states[1].Failures != 0 || states[1].Waiting != 1 {
			t.Errorf("%+v", states)
		}
		check(t, w.HoldLane(ctx, "acme/hq", "", 0, noon))
		if n, _, err := w.LaneFailures(ctx, "acme/hq"); err != nil || n != 0 {
			t.Errorf("%d failures after it worked, %v", n, err)
		}
		if due, err := w.Due(ctx, "acme/hq", 10); err != nil || len(due) != 1 {
			t.Errorf("due in a lane that works: %v, %v", due, err)
		}
		check(t, w.Postpone(ctx, stuck.ID, "too early", time.Hour))
		if due, err := w.Due(ctx, "acme/hq", 10); err != nil || len(due) != 0 {
			t.Errorf("due although it was postponed: %v, %v", due, err)
		}
	})
}

// A message was sent; then its task is done. The message is to be edited where it stands, once.
func TestMessagesAreEdited(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.change(t, Once{}, func(f *engagement.Facts) {
			f.Engagement.Status = engagement.StatusRunning
			put(f, task(1, engagement.TaskOpen))
		})
		d := delivery(w, "olga", march2)
		d.Channel, d.Workspace = reminders.ChannelSlack, "hq"
		w.schedule(t, d)
		gated, _, err := w.Begin(ctx, d.ID, says(w, "KO-0001", 0), time.Hour, noon)
		check(t, err)
		_, err = w.RecordOutcome(ctx, d.ID, gated.Fence, Outcome{Status: reminders.DeliverySent, Receipt: "1.2"}, noon)
		check(t, err)
		_, _, err = w.Change(ctx, "e1", Once{Actor: "olga"}, engagement.Need{Tasks: []models.TaskID{"KO-0001"}}, noon.Add(time.Hour),
			func(f *engagement.Facts, _ time.Time) (string, error) {
				done := *f.Task("KO-0001")
				done.State = engagement.TaskDone
				put(f, done)
				log(f, engagement.Event{At: noon, Kind: "task.done", Subject: "KO-0001", Actor: "olga"})
				return "", nil
			})
		check(t, err)
		if got := w.stands(t, d.ID, reminders.DeliverySent); got.EditDue == 0 {
			t.Fatal("nobody will edit it")
		}
		due, err := w.Due(ctx, d.Lane(), 10)
		check(t, err)
		if len(due) != 1 {
			t.Fatalf("due: %+v", due)
		}
		check(t, w.Edit(ctx, d.ID, due[0].EditDue, *due[0].Message, reminders.Attempt{}, time.Hour)) // not now
		if due, err := w.Due(ctx, d.Lane(), 10); err != nil || len(due) != 0 {
			t.Errorf("%v, %v", due, err)
		}
		m := *due[0].Message
		m.Sections[0].Lines[0].Done = "done"
		check(t, w.Edit(ctx, d.ID, due[0].EditDue, m, reminders.Attempt{Class: reminders.AttemptEdited, Status: 200}, 0))
		got := w.stands(t, d.ID, reminders.DeliverySent)
		if got.EditDue != 0 || got.Message.Sections[0].Lines[0].Done != "done" {
			t.Errorf("%+v", got)
		}
	})
}

// Ines sends yesterday's digest again by hand, and her browser sends the request twice.
func TestScheduleByHand(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		d := delivery(w, "olga", march2)
		once := Once{Actor: "ines", Key: "again", Hash: "h"}
		for range 2 {
			got, err := w.ScheduleByHand(ctx, once, d, noon)
			check(t, err)
			if got.ID != d.ID {
				t.Errorf("%+v", got)
			}
		}
		counts, err := w.CountDeliveries(ctx, noon)
		check(t, err)
		same(t, "the counts", counts, map[reminders.DeliveryStatus]int{reminders.DeliveryScheduled: 1})
		_, err = w.ScheduleByHand(ctx, Once{Actor: "ines", Key: "again", Hash: "another"}, d, noon)
		refused(t, err, models.KeyReused)
	})
}

// The ledger is read by the page, by person, by engagement and by what became of it; the last scheduled comes first.
func TestLedgerIsListed(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		for i := range 5 {
			d := delivery(w, []models.PersonID{"olga", "ines"}[i%2], march2.AddDays(i))
			d.ID, d.ScheduledAt = fmt.Sprint("d", i), noon.Add(time.Duration(i)*time.Hour)
			if i > 2 {
				d.Status, d.Reason = reminders.DeliverySuppressed, "paused"
			}
			if i == 4 {
				d.Kind = reminders.KindTest
			}
			w.schedule(t, d)
		}
		_, _, err := w.Begin(ctx, "d2", says(w, "KO-0001", 0), time.Hour, noon)
		check(t, err)
		list := func(f DeliveryFilter) (ids []string) {
			t.Helper()
			for cursor := ""; ; {
				rows, next, err := w.Deliveries(ctx, f, cursor, 2)
				check(t, err)
				for _, d := range rows {
					ids = append(ids, d.ID)
				}
				if cursor = next; cursor == "" {
					return ids
				}
			}
		}
		for _, c := range []struct {
			f    DeliveryFilter
			want string
		}{
			{DeliveryFilter{}, "[d4 d3 d2 d1 d0]"},
			{DeliveryFilter{Statuses: []reminders.DeliveryStatus{reminders.DeliverySuppressed}}, "[d4 d3]"},
			{DeliveryFilter{Kinds: []reminders.DeliveryKind{reminders.KindTest}}, "[d4]"},
			{DeliveryFilter{Person: "ines"}, "[d3 d1]"},
			{DeliveryFilter{Engagement: "e1"}, "[d2]"},
			{DeliveryFilter{Since: noon.Add(3 * time.Hour)}, "[d4 d3]"},
			{DeliveryFilter{Since: noon.Add(time.Hour), Until: noon.Add(2 * time.Hour)}, "[d1]"},
		} {
			if got := list(c.f); fmt.Sprint(got) != c.want {
				t.Errorf("%+v: %v, want %s", c.f, got, c.want)
			}
		}
		w.stands(t, "d0", reminders.DeliveryCoalesced)
		_, _, err = w.Deliveries(ctx, DeliveryFilter{}, "nonsense", 2)
		refused(t, err, models.Invalid)
		_, _, err = w.Delivery(ctx, "nonsense")
		refused(t, err, models.NotFound)
		if n, err := w.SentSince(ctx, "olga", march2); err != nil || n != 1 {
			t.Errorf("%d messages to Olga this week, %v", n, err)
		}
	})
}

// A lane that is held up, a delivery that was postponed and a workspace whose people were looked for wait for as long as they can wait, by
// the database's clock, and not longer: what is to wait until later was noted by a clock that was wrong, and comes next instead of being
// forgotten. The wait that somebody asks for is cut to the same.
func TestWhatWaitsForLongerThanItCanIsDue(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		w.addWorkspace(t, "hq", "")
		check(t, w.BindSoon(ctx, "hq"))
		d := delivery(w, "olga", march2)
		_, err := w.Schedule(ctx, []NewDelivery{{Delivery: d}}, nil)
		check(t, err)
		mail, hq := Lane{"acme", d.Lane()}, Lane{"acme", "acme/hq"}
		check(t, w.HoldLane(ctx, mail.Lane, "", 0, noon))
		set := func(table, column string, ahead time.Duration) {
			t.Helper()
			sql := "UPDATE " + table + " SET " + column + " = " + root.clock() + " + ? WHERE firm_id = 'acme'"
			check(t, root.db.Exec(sql, ahead.Microseconds()).Error)
		}
		for _, c := range []struct {
			what, table, column string
			lane                Lane
			most                time.Duration
		}{
			{"a lane", "lanes", "not_before", mail, time.Hour},
			{"a delivery", "deliveries", "next_try", mail, time.Hour},
			{"a workspace", "workspaces", "look_at", hq, 24 * time.Hour},
		} {
			for _, x := range []struct {
				ahead time.Duration
				waits bool
			}{{-time.Minute, false}, {c.most / 2, true}, {c.most, true}, {c.most + time.Hour, false}, {365 * 24 * time.Hour, false}} {
				set(c.table, c.column, x.ahead)
				lanes, err := root.Lanes(ctx)
				check(t, err)
				if waits := !slices.Contains(lanes, c.lane); waits != x.waits {
					t.Errorf("%s until %s from now waits: %v", c.what, x.ahead, waits)
				}
				if c.lane != mail {
					if due, err := w.BindingDue(ctx, "hq"); err != nil || due == x.waits {
						t.Errorf("people of a workspace until %s from now are due: %v, %v", x.ahead, due, err)
					}
					continue
				}
				if due, err := w.Due(ctx, mail.Lane, 10); err != nil || len(due) == 0 != x.waits {
					t.Errorf("%s until %s from now: %d deliveries are due, %v", c.what, x.ahead, len(due), err)
				}
			}
			set(c.table, c.column, -time.Minute)
		}
		check(t, w.HoldLane(ctx, mail.Lane, "Retry-After: 31536000", 365*24*time.Hour, noon))
		lanes, err := root.Lanes(ctx)
		check(t, err)
		if slices.Contains(lanes, mail) {
			t.Error("a lane that was asked to wait for a year does not wait at all")
		}
		var ahead time.Duration
		check(t, root.db.Raw("SELECT not_before - "+root.clock()+" FROM lanes WHERE firm_id = 'acme' AND lane = ?", mail.Lane).Row().Scan(&ahead))
		if ahead *= time.Microsecond; ahead > time.Hour {
			t.Errorf("a lane that was asked to wait for a year waits for %s", ahead)
		}
	})
}

// More lanes have work than anybody would look at one by one, more deliveries of one lane are due than one shift takes, and more people are
// to be looked for than one look takes: whatever is beyond what is taken at once comes next, and nothing is forgotten or comes twice.
func TestWhatIsBeyondALimitComesNext(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		const many, atOnce = 130, 25
		for n := range many {
			id := models.PersonID(fmt.Sprintf("p-%03d", n))
			_, err := w.CreatePerson(ctx, Once{}, models.Person{ID: id, Client: "northgate", Name: string(id), Email: string(id) + "@x.test",
				Role: models.RoleOwner, TimeZone: "UTC"}, noon)
			check(t, err)
			d := delivery(w, id, march2)
			if n%2 == 0 { // each in a lane of its own
				d.Channel, d.Workspace = reminders.ChannelSlack, fmt.Sprintf("w-%03d", n)
				d.ID = reminders.DeliveryID(w.firm, id, reminders.KindDigest, march2.String(), reminders.ChannelSlack)
			}
			_, err = w.Schedule(ctx, []NewDelivery{{Delivery: d}}, nil)
			check(t, err)
		}
		lanes, err := root.Lanes(ctx)
		check(t, err)
		if len(lanes) != many/2+1 {
			t.Errorf("%d lanes have work, not %d", len(lanes), many/2+1)
		}
		came := map[string]int{}
		for shift := 0; ; shift++ {
			due, err := w.Due(ctx, "acme/mail", atOnce)
			check(t, err)
			if len(due) == 0 {
				break
			}
			if shift > many {
				t.Fatal("it does not come to an end")
			}
			for _, d := range due {
				came[d.ID]++
				check(t, w.Postpone(ctx, d.ID, "no answer", time.Hour)) // whoever takes it, it is not due before
			}
		}
		if len(came) != many/2 {
			t.Errorf("%d of %d deliveries of a lane came", len(came), many/2)
		}
		for id, n := range came {
			if n != 1 {
				t.Errorf("%s came %d times", id, n)
			}
		}
		w.addWorkspace(t, "hq", "")
		found := map[models.PersonID]bool{}
		for look := 0; ; look++ {
			people, err := w.Unbound(ctx, "hq", noon, atOnce)
			check(t, err)
			if len(people) == 0 {
				break
			}
			if look > many {
				t.Fatal("it does not come to an end")
			}
			for _, p := range people {
				found[p.ID] = true
				check(t, w.Bind(ctx, reminders.Binding{Person: p.ID, Workspace: "hq", State: reminders.BindingMissing, Email: p.Email}, false, noon))
			}
		}
		if len(found) < many {
			t.Errorf("%d of %d people were looked for", len(found), many)
		}
	})
}
