package post_test

import (
	"strings"
	"testing"
	"time"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// tokenFor has Ines make a token for somebody.
func tokenFor(w *town.Town, p models.PersonID) {
	w.T.Helper()
	ines, err := w.Store.Person(w.T.Context(), "ines")
	town.Check(w.T, err)
	town.Check(w.T, w.Post.TellOfToken(w.T.Context(), w.Store, store.Token{ID: "t-1", Person: p, Label: "laptop"}, ines))
}

// toldOfToken returns how often somebody reads in Slack that a token was made for them.
func toldOfToken(w *town.Town, p models.PersonID) (n int) {
	for _, m := range w.SlackOf(p) {
		n += strings.Count(m.Text, "made a token for you, named")
	}
	return n
}

// Ines makes a token for Olga on the Friday evening before a public holiday. Olga reads of it on Tuesday, her next working day, once.
// A sweep at any hour before says nothing, and settles nothing.
func TestWhatIsMadeBeforeALongWeekendIsToldAfterIt(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.On("2027-01-15", 19)
		tokenFor(w, "olga")
		for _, day := range []string{"2027-01-16", "2027-01-17", "2027-01-18"} {
			w.On(day, 20)
			w.Sweep()
			w.Pass()
		}
		if n := toldOfToken(w, "olga"); n != 0 {
			t.Errorf("on a holiday she is told %d times", n)
		}
		w.On("2027-01-19", 10)
		w.Settle()
		w.Settle()
		if n := toldOfToken(w, "olga"); n != 1 {
			t.Errorf("on Tuesday she is told %d times\n%s", n, w.Ledger())
		}
	})
}

// Kenji has a token before anybody looked for him in Slack, and there is no mail. He is told when he is found there two weeks later. While
// the firm has stopped all messages that waits, too; whoever has left meanwhile is told nothing.
func TestWhoIsNotReachedYetIsToldLater(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		state := func(is reminders.BindingState) {
			town.Check(t, w.Store.SetBinding(t.Context(), "kenji", "northgate", w.Now(), func(b *reminders.Binding) { b.State = is }))
		}
		pause := func(paused bool) {
			_, err := w.Store.UpdateMessaging(t.Context(), store.Once{}, w.Now(),
				func(m *reminders.Messaging) error { m.Paused = paused; return nil })
			town.Check(t, err)
		}
		state(reminders.BindingMissing)
		w.On("2027-01-13", 10)
		tokenFor(w, "kenji")
		w.Sweep()
		w.On("2027-01-27", 10)
		w.Pass()
		w.Sweep()
		if d := w.Said("kenji"); len(d) != 1 || d[0].Status != reminders.DeliveryScheduled ||
			!strings.HasPrefix(d[0].Reason, "neither Slack nor mail") {
			t.Errorf("%+v", d)
		}
		state(reminders.BindingConfirmed)
		pause(true)
		w.Pass()
		w.Sweep()
		w.Pass()
		w.Sweep()
		if n := toldOfToken(w, "kenji"); n != 0 {
			t.Errorf("while all is stopped he is told %d times", n)
		}
		pause(false)
		w.Settle()
		w.Settle()
		if n := toldOfToken(w, "kenji"); n != 1 {
			t.Errorf("he is told %d times\n%s", n, w.Ledger())
		}
	})
}

// Whoever leaves before anything reached them is told nothing, and nothing waits for them.
func TestWhoHasLeftIsNotWaitedFor(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		town.Check(t, w.Store.SetBinding(t.Context(), "kenji", "northgate", w.Now(),
			func(b *reminders.Binding) { b.State = reminders.BindingMissing }))
		tokenFor(w, "kenji")
		w.Sweep()
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "kenji", w.Now(), func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		w.Settle()
		if d := w.Said("kenji"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed || !strings.Contains(d[0].Reason, "has left") {
			t.Errorf("%+v", d)
		}
	})
}

// Olga's mailbox is not there any more: the mail about her token is refused for good, and not sent there again, until she has another
// address.
func TestARefusedMailboxIsNotToldAgainAndTheNextOneIs(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.On("2027-01-13", 10)
		town.Check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 550, Nth: 1}))
		tokenFor(w, "olga")
		for range 3 {
			w.Sweep()
			w.Pass()
		}
		if got := server.MessagesTo("olga@northgate.test"); len(got) != 0 {
			t.Errorf("where it was refused it is sent %d times", len(got))
		}
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "olga", w.Now(),
			func(p *models.Person) error { p.Email = "olga.new@northgate.test"; return nil })
		town.Check(t, err)
		w.Settle()
		w.Settle()
		if got := server.MessagesTo("olga.new@northgate.test"); len(got) != 1 || !strings.Contains(got[0].Text, "made a token for you") {
			t.Errorf("at her new address are %d letters\n%s", len(got), w.Ledger())
		}
	})
}

// Where a day lasts ten seconds the 85 hours from Friday evening until Tuesday morning are 36 seconds, and that is how long a notice waits.
func TestOpeningHoursAreWaitedForByTheClockOfEngagements(t *testing.T) {
	w := town.OnSQLite(t)
	w.Post.Wait = models.Clock{Origin: w.Now(), Rate: 8640}.Wait
	w.On("2027-01-15", 19)
	tokenFor(w, "olga")
	w.Sweep()
	d := w.Said("olga")
	wait, waits, err := w.Store.LaneWaits(t.Context(), "acme/northgate")
	if err != nil || !waits || wait > 36*time.Second || len(d) != 1 || d[0].Reason != "it waits until they may be written to" {
		t.Errorf("it waits %t for %s: %+v, %v", waits, wait, d, err)
	}
}

// What comes too late says in the ledger what says it instead: the next digest only where it does.
func TestWhatIsTooLateDoesNotPromiseWhatNothingSays(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.On("2027-01-13", 20)
		said := map[reminders.DeliveryKind]string{reminders.KindDigest: "the next digest says it", reminders.KindNow: "the next digest says it",
			reminders.KindCounts: "the next one says how it stands then", reminders.KindPortfolio: "the next one says how it stands then",
			reminders.KindTrouble: "it is not said any more", reminders.KindBinding: "it is not said any more",
			reminders.KindTest: "it is not said any more", reminders.KindAgain: "it is not said any more",
			reminders.KindSignIn: "it is not said any more"}
		var news []store.NewDelivery
		for kind := range said {
			news = append(news, store.NewDelivery{Delivery: reminders.Delivery{ID: string(kind), Kind: kind, Slot: "late", Person: "olga",
				Channel: reminders.ChannelSlack, Workspace: "northgate", Status: reminders.DeliveryScheduled, ScheduledAt: w.Now(),
				NotAfter: w.Now().Add(-time.Hour)}})
		}
		_, err := w.Store.Schedule(t.Context(), news, nil)
		town.Check(t, err)
		w.Sweep()
		for kind, says := range said {
			d, _, err := w.Store.Delivery(t.Context(), string(kind))
			if err != nil || d.Status != reminders.DeliveryExpired || !strings.HasSuffix(d.Reason, ": "+says) {
				t.Errorf("%s is %s: %s, %v", kind, d.Status, d.Reason, err)
			}
		}
	})
}
