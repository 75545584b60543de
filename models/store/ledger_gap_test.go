package store

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A worker begins to work on a database that knows of a sweep at noon: what is scheduled until the next sweep has looked at everybody may
// have been sent since noon. Where no sweep ever looked nothing can have been sent.
func TestGap(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
		holds := func(when int, want bool, from time.Time) {
			t.Helper()
			g, err := root.Gap(ctx)
			check(t, err)
			if got := g.Has(reminders.Delivery{ScheduledAt: at(when)}); got != want || !g.From.Equal(from) {
				t.Errorf("what is scheduled at minute %d may have been sent: %t since %s, want %t since %s", when, got, g.From, want, from)
			}
		}
		sweep := func(minutes int) {
			t.Helper()
			_, err := root.Sweeping(ctx, at(minutes))
			check(t, err)
		}
		check(t, root.OpenGap(ctx))
		holds(0, false, time.Time{})
		sweep(0)
		holds(1, false, time.Time{})

		check(t, root.OpenGap(ctx))
		holds(1, true, noon)
		holds(600, true, noon) // no sweep has looked at everybody yet
		sweep(5)
		check(t, root.CloseGap(ctx, at(6)))
		check(t, root.CloseGap(ctx, at(66))) // the next sweep has nothing to close
		holds(6, true, noon)
		holds(7, false, noon)

		// Something that is in doubt since noon is still to be sent when another worker begins: it stays in doubt since noon.
		d := delivery(w, "olga", march2)
		d.ScheduledAt = at(3)
		w.schedule(t, d)
		check(t, root.OpenGap(ctx))
		holds(3, true, noon)
		sweep(10)
		check(t, root.CloseGap(ctx, at(10)))
		check(t, w.Suppress(ctx, d.ID, Suppression{Status: reminders.DeliverySuppressed}, noon))
		check(t, root.OpenGap(ctx))
		holds(11, true, at(10))
		if last, err := root.LastSweep(ctx); err != nil || !last.Equal(at(10)) {
			t.Errorf("the last sweep: %s, %v", last, err)
		}
	})
}

// A message was tried, in every way, and is not to be sent after all. Whether it is said to be too late, or not worth saying, or that
// nobody can tell, goes by what its tries left in doubt.
func TestWhatMayHaveArrivedIsUncertain(t *testing.T) {
	try := func(class reminders.AttemptClass, status int) reminders.Attempt {
		return reminders.Attempt{Class: class, Status: status, At: noon}
	}
	unreached, asked, lost := try(reminders.AttemptUnsent, 0), try(reminders.AttemptUnsent, 429), try(reminders.AttemptAmbiguous, 0)
	absent, unread := try(reminders.AttemptAbsent, 200), try(reminders.AttemptUnreadable, 200)
	for name, c := range map[string]struct {
		tries                   []reminders.Attempt
		tooLate, notWorthSaying reminders.DeliveryStatus
	}{
		"nothing left":            {[]reminders.Attempt{unreached}, reminders.DeliveryExpired, reminders.DeliverySuppressed},
		"nothing left, twice":     {[]reminders.Attempt{unreached, unreached}, reminders.DeliveryExpired, reminders.DeliverySuppressed},
		"asked to wait":           {[]reminders.Attempt{unreached, asked}, reminders.DeliveryUncertain, reminders.DeliverySuppressed},
		"no answer":               {[]reminders.Attempt{lost}, reminders.DeliveryUncertain, reminders.DeliveryUncertain},
		"no answer, and absent":   {[]reminders.Attempt{lost, absent, absent}, reminders.DeliveryUncertain, reminders.DeliverySuppressed},
		"absent, and then unread": {[]reminders.Attempt{lost, absent, unread}, reminders.DeliveryUncertain, reminders.DeliveryUncertain},
		"a history that lies":     {[]reminders.Attempt{unread}, reminders.DeliveryUncertain, reminders.DeliveryUncertain},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, root *Root) {
				w := newWorld(t, root, "acme")
				for i, say := range map[int]reminders.DeliveryStatus{0: reminders.DeliveryExpired, 1: reminders.DeliverySuppressed} {
					want := map[int]reminders.DeliveryStatus{0: c.tooLate, 1: c.notWorthSaying}[i]
					d := delivery(w, []models.PersonID{"olga", "ines"}[i], march2)
					w.schedule(t, d)
					for _, a := range c.tries {
						gated, at, err := w.Begin(t.Context(), d.ID, says(w, "KO-0001", 0), 0, noon)
						check(t, err)
						held, err := w.RecordOutcome(t.Context(), d.ID, gated.Fence, Outcome{Attempt: a, Status: reminders.DeliveryScheduled}, noon)
						check(t, err)
						if at != MaySend || !held {
							t.Fatal(at, held)
						}
					}
					check(t, w.Suppress(t.Context(), d.ID, Suppression{Status: say, Reason: "it is over"}, noon))
					w.stands(t, d.ID, want)
				}
			})
		})
	}
}

// An engagement moves on whenever a message about it has been written. It is sent anyway in the end, and edited afterwards.
func TestWhatIsSentAnywayIsEdited(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		d := delivery(w, "olga", march2)
		d.Channel, d.Workspace = reminders.ChannelSlack, "hq"
		w.schedule(t, d)
		e, err := w.Engagement(ctx, "e1")
		check(t, err)
		z := says(w, "KO-0001", 0)
		z.Revisions = map[models.EngagementID]int64{"e1": e.Revision}
		w.change(t, Once{}, func(f *engagement.Facts) { put(f, task(1, engagement.TaskOpen)) })
		if _, at, err := w.Begin(ctx, d.ID, z, 0, noon); err != nil || at != Stale {
			t.Fatalf("an old message: %s, %v", at, err)
		}
		z.Anyway = true
		gated, at, err := w.Begin(ctx, d.ID, z, 0, noon)
		check(t, err)
		if at != MaySend {
			t.Fatalf("an old message that is to go out anyway: %s", at)
		}
		_, err = w.RecordOutcome(ctx, d.ID, gated.Fence, Outcome{Status: reminders.DeliverySent, Receipt: "1.2"}, noon)
		check(t, err)
		if due, err := w.Due(ctx, d.Lane(), 10); err != nil || len(due) != 1 || due[0].EditDue == 0 {
			t.Errorf("to be edited: %+v, %v", due, err)
		}
	})
}

// A shift ends. What is due in its lane, and when, is known: nothing, in a while, when the lane goes on, now. What is due in the firm's
// other lanes is known too.
func TestWhatALaneWaitsFor(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		waits := func(least, most time.Duration, want bool) {
			t.Helper()
			got, some, err := w.LaneWaits(ctx, "acme/mail")
			check(t, err)
			if some != want || got < least || got > most {
				t.Errorf("it waits %s, %t, want %s to %s, %t", got, some, least, most, want)
			}
		}
		waits(0, 0, false)
		a, b := delivery(w, "olga", march2), delivery(w, "ines", march2)
		b.Channel, b.Workspace = reminders.ChannelSlack, "hq"
		w.schedule(t, a)
		waits(0, 0, true)
		check(t, w.Postpone(ctx, a.ID, "later", time.Minute))
		waits(time.Second, time.Minute, true)
		check(t, w.HoldLane(ctx, "acme/mail", "no answer", 10*time.Minute, noon))
		waits(9*time.Minute, 10*time.Minute, true)
		if lanes, err := w.LanesBeside(ctx, "acme/mail"); err != nil || len(lanes) != 0 {
			t.Errorf("other lanes: %v, %v", lanes, err)
		}
		w.schedule(t, b)
		lanes, err := w.LanesBeside(ctx, "acme/mail")
		check(t, err)
		same(t, "the other lanes", lanes, []Lane{{"acme", "acme/hq"}})
		check(t, w.HoldLane(ctx, "acme/hq", "no answer", time.Minute, noon))
		if lanes, err := w.LanesBeside(ctx, "acme/mail"); err != nil || len(lanes) != 0 {
			t.Errorf("other lanes, held up: %v, %v", lanes, err)
		}
	})
}
