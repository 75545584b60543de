package post_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	mailfake "tickmark/activities/fake/mail"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/activities/mail"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Olga is not in Slack: she gets a mail a day, in plain text and HTML, with a link to act and one to end it.
func TestMail(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Task("olga", "Send the organization chart", "2027-01-14")
		for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-19"} {
			w.On(day, 10)
			w.Settle()
			w.Settle()
		}
		got := server.MessagesTo("olga@northgate.test")
		town.Golden(t, "mail/olga", town.Letters(got))
		ids := map[string]bool{}
		for _, m := range got {
			if ids[m.MessageID] || !strings.HasSuffix(m.MessageID, "@acme.test") || m.Problem != "" {
				t.Errorf("the mail %q has a problem %q, or comes twice", m.MessageID, m.Problem)
			}
			ids[m.MessageID] = true
		}
		if n := len(w.SlackOf("olga")); n != 0 {
			t.Errorf("she got %d messages in Slack too", n)
		}
	})
}

// Whatever the mail server does, Olga gets the letter once; where nobody can tell, the next day's says what it said.
func TestMailServerFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  mailfake.Fault
		status reminders.DeliveryStatus
		got    int
		later  bool // it is tried again after minutes
	}{
		{name: "refuses to connect", fault: mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultDrop, Nth: 1},
			status: reminders.DeliverySent, got: 1},
		{name: "is busy at the greeting", fault: mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultReply, Code: 421, Nth: 1},
			status: reminders.DeliverySent, got: 1},
		{name: "is busy at the sender", fault: mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 421, Nth: 1},
			status: reminders.DeliverySent, got: 1, later: true},
		{name: "refuses the password once", fault: mailfake.Fault{Step: mailfake.StepAuth, Kind: mailfake.FaultReply, Code: 535, Nth: 1},
			status: reminders.DeliverySent, got: 1},
		{name: "asks to come back", fault: mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 450, Nth: 1},
			status: reminders.DeliverySent, got: 1, later: true},
		{name: "knows no such address", fault: mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 550, Nth: 1},
			status: reminders.DeliveryFailed, got: 0},
		{name: "refuses the content", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 554, Nth: 1},
			status: reminders.DeliveryFailed, got: 0},
		{name: "refuses our address", fault: mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 553, Nth: 1},
			status: reminders.DeliverySent, got: 1},
		{name: "takes it and hangs up", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop, Nth: 1},
			status: reminders.DeliveryUncertain, got: 1},
		{name: "hangs up before it takes it", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultDrop, Nth: 1},
			status: reminders.DeliveryUncertain, got: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			server := w.WithMail()
			w.Morning()
			town.Check(t, server.AddFault(c.fault))
			if c.later {
				w.Sweep()
				d := w.Said("olga")[0]
				if d.Status != reminders.DeliveryScheduled || !strings.Contains(d.Reason, fmt.Sprint(c.fault.Code)) {
					t.Errorf("at first it is %s: %s", d.Status, d.Reason)
				}
				town.Check(t, w.Store.Postpone(t.Context(), d.ID, "", 0)) // five minutes later
			}
			w.Settle()
			w.Settle()
			if got := server.MessagesTo("olga@northgate.test"); len(got) != c.got {
				t.Errorf("she has %d letters", len(got))
			}
			if d := w.Said("olga")[0]; d.Status != c.status {
				t.Errorf("the ledger says %s: %s", d.Status, d.Reason)
			}
			if len(server.FaultsHit()) != 1 {
				t.Errorf("met %v", server.FaultsHit())
			}
			if c.fault.Code == 550 && !strings.Contains(w.Last("ines").Text, "Mail to Olga (olga@northgate.test) comes back") {
				t.Errorf("Ines reads %s", w.Last("ines").Text)
			}
			if c.status != reminders.DeliverySent { // the next day's says it
				w.On("2027-01-14", 10)
				w.Settle()
				if got := server.MessagesTo("olga@northgate.test"); len(got) != c.got+1 {
					t.Errorf("the next day she has %d letters", len(got))
				}
			}
		})
	}
}

// Whose mail was refused for good is named in the health of messages as reached by nothing, until a mail reaches them or they have another
// address (B44).
func TestWhoseMailComesBackIsNotReached(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		lost := func() bool {
			ids, err := w.Store.Unreachable(t.Context(), true, 50)
			town.Check(t, err)
			return slices.Contains(ids, "olga")
		}
		w.Morning()
		town.Check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 550, Nth: 1}))
		if lost() {
			t.Error("nothing has been sent, and she is said to be reached by nothing")
		}
		w.Settle()
		w.Settle()
		if d := w.Said("olga")[0]; d.Status != reminders.DeliveryFailed || !lost() {
			t.Errorf("her mail is %s, and that nothing reaches her is said: %t", d.Status, lost())
		}
		address := func(to string) {
			_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "olga", w.Now(), func(p *models.Person) error { p.Email = to; return nil })
			town.Check(t, err)
		}
		address("olga.p@northgate.test")
		if lost() {
			t.Error("her new address is held against the old one")
		}
		address("olga@northgate.test")
		w.On("2027-01-14", 10)
		w.Settle()
		if lost() {
			t.Error("mail has reached her again, and nothing is said to")
		}
	})
}

// A question is asked at once and said nowhere else: when nobody can tell whether it came, it goes again as the same letter, saying so.
func TestMailSaidAtOnce(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		id := w.Task("olga", "Name the owner of the firewall", "2027-01-28")
		w.On("2027-01-13", 11)
		w.Settle()
		before := len(server.MessagesTo("olga@northgate.test"))
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga",
			Reason: "Is it still you?"})
		w.Clock.Add((15 * time.Minute).Microseconds())
		town.Check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop, Nth: 1}))
		w.Settle()
		all := server.MessagesTo("olga@northgate.test")[before:]
		if len(all) != 2 || all[0].MessageID != all[1].MessageID || !strings.Contains(all[1].Text, "You may have received this already") ||
			strings.Contains(all[0].Text, "already") {
			t.Errorf("she has %s", town.Letters(all))
		}
	})
}

// The mail server's settings are wrong: it says so when it is asked at the start, and in the ledger.
func TestWrongMailSettings(t *testing.T) {
	w := town.OnSQLite(t)
	server := w.WithMail()
	u, err := url.Parse(server.URL())
	town.Check(t, err)
	town.Check(t, w.Post.Mail.Check(t.Context()))
	for want, address := range map[string]string{
		"refuses user and password":                "smtp://tickmark:wrong@" + u.Host + "?tls=none",
		"cannot be reached":                        "smtp://127.0.0.1:1?tls=none",
		"offers no encryption that can be trusted": "smtp://tickmark:s3cret@" + u.Host,
	} {
		w.Post.Mail, err = mail.NewMailer(address, "audit@acme.test")
		town.Check(t, err)
		err := w.Post.Mail.Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong") ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", want, err)
		}
	}
	w.Post.Mail, err = mail.NewMailer("smtp://tickmark:wrong@"+u.Host+"?tls=none", "audit@acme.test")
	town.Check(t, err)
	w.Morning()
	w.Sweep()
	if d := w.Said("olga")[0]; d.Status != reminders.DeliveryScheduled || !strings.Contains(d.Reason, "refuses user and password") {
		t.Errorf("%s: %s", d.Status, d.Reason)
	}
	for _, bad := range []string{"", "mail.example", "http://mail.example", "smtp://mail.example?tls=none", "smtp://mail.example?tls=maybe",
		"smtp://mail.example?x=y", "smtp://mail.example:x"} {
		if _, err := mail.NewMailer(bad, "audit@acme.test"); err == nil || !strings.HasPrefix(err.Error(), "TICKMARK_SMTP") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := mail.NewMailer("smtp://mail.example", "nobody"); err == nil || !strings.HasPrefix(err.Error(), "TICKMARK_MAIL_FROM") {
		t.Errorf("%v", err)
	}
}

// Slack refuses Olga's message for good, as her account is gone: the same morning it comes by mail.
func TestMailInsteadOfSlack(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Bind("northgate", "olga")
		w.Morning()
		town.Check(t, w.Slack.DeactivateUser("TNORTHGATE", town.UserOf("olga")))
		w.Settle()
		if got := server.MessagesTo("olga@northgate.test"); len(got) != 1 || !strings.Contains(got[0].Text, "Send the organization chart") {
			t.Errorf("she has %s\n%s", town.Letters(got), w.Ledger())
		}
		rows := w.Said("olga")
		if len(rows) != 2 || rows[0].Follows+rows[1].Follows == "" {
			t.Errorf("%s", w.Ledger())
		}
	})
}

// Nobody reaches Kenji: he has neither Slack nor an address. Ines is told that he cannot be reached; nothing is lost on the way.
func TestNobodyReachesOtto(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.WithMail()
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "kenji", w.Now(), func(p *models.Person) error { p.Email = ""; return nil })
		town.Check(t, err)
		w.Task("kenji", "Send the network diagram", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		if d := w.Said("kenji"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed ||
			d[0].Reason != "neither Slack nor mail reaches them" {
			t.Errorf("%s", w.Ledger())
		}
		if m := w.Last("ines"); !strings.Contains(m.Text, "Kenji cannot be reached") {
			t.Errorf("Ines reads %s", m.Text)
		}
	})
}

// Slack refuses what a message says, for good, though Olga can be reached there: she gets it by mail the same morning, with the question
// that was in it.
func TestRefusedBySlackGoesByMail(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		town.Check(t, w.Store.SetBinding(t.Context(), "olga", "northgate", w.Now(),
			func(b *reminders.Binding) { b.State = reminders.BindingConfirmed }))
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-12", 21)
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga",
			Reason: "With the interns?"})
		w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Kind: slackfake.FaultError, Error: "invalid_blocks"})
		w.On("2027-01-13", 10)
		w.Settle()
		got := server.MessagesTo("olga@northgate.test")
		if len(got) != 1 || !strings.Contains(got[0].Text, "Send the organization chart") || !strings.Contains(got[0].Text, "With the interns?") {
			t.Errorf("she has %d letters\n%s\n%s", len(got), town.Letters(got), w.Ledger())
		}
	})
}

// Olga's mail comes back day after day: what is late goes up to Ruth as it should, though she never heard of it.
func TestWhatGoesUpWhenMailComesBack(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		town.Check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, To: "olga@northgate.test", Kind: mailfake.FaultReply, Code: 550}))
		w.Task("olga", "Send the organization chart", "2027-01-14")
		for day := 13; day <= 22; day++ {
			w.On(fmt.Sprintf("2027-01-%02d", day), 10)
			w.Settle()
		}
		told := false
		for _, m := range w.SlackOf("ruth") {
			told = told || strings.Contains(m.Text, "Send the organization chart")
		}
		if !told {
			t.Errorf("Ruth has %s\n%s", town.Messages(t, w.SlackOf("ruth")), w.Ledger())
		}
	})
}

// Marta gives Olga another address: Olga reads of it at the one before, and Kenji, whom Slack reaches, at his account as well; nothing of
// it goes to the new address, no letter that tells it lets anybody act, and when the old one takes no mail any more nobody else is told.
func TestWhoGetsAnotherAddressIsToldAtTheOneBefore(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		town.Check(t, w.Store.SetBinding(t.Context(), "kenji", "northgate", w.Now(),
			func(b *reminders.Binding) { b.State = reminders.BindingConfirmed }))
		marta, err := w.Store.Person(t.Context(), "marta")
		town.Check(t, err)
		w.On("2027-01-13", 11)
		w.Settle()
		move := func(id models.PersonID, to string) {
			t.Helper()
			p, err := w.Store.Person(t.Context(), id)
			town.Check(t, err)
			told, err := w.Post.OfAddress(t.Context(), w.Store, p, marta)
			town.Check(t, err)
			edit := func(p *models.Person) error { p.Email = to; return nil }
			_, err = w.Store.UpdatePerson(t.Context(), store.Once{}, id, w.Now(), edit, told...)
			town.Check(t, err)
			w.Settle()
		}
		told := func(address string) (n int) {
			for _, m := range server.MessagesTo(address) {
				if m.Headers.Get("Subject") == "Your mail address was changed" {
					n++
					if town.Changing.MatchString(m.Text) || !strings.Contains(m.Text, marta.Name) {
						t.Errorf("%s reads %s", address, m.Text)
					}
				}
			}
			return n
		}
		n := len(w.SlackOf("kenji"))
		move("olga", "olga.p@northgate.test")
		move("kenji", "kenji.m@northgate.test")
		if told("olga@northgate.test") != 1 || told("kenji@northgate.test") != 1 || told("olga.p@northgate.test")+
			told("kenji.m@northgate.test") != 0 {
			t.Errorf("told: %s", w.Ledger())
		}
		read := w.SlackOf("kenji")[n:]
		if len(read) != 1 || !strings.Contains(read[0].Text, "changed the mail address") {
			t.Errorf("kenji reads %s", town.Messages(t, read))
		}
		before := len(w.Said("ines"))
		town.Check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 550, Nth: 1}))
		move("olga", "olga.q@northgate.test")
		w.Settle()
		if told("olga.p@northgate.test") != 0 || len(w.Said("ines")) != before {
			t.Errorf("what comes back is said to others: %s", w.Ledger())
		}
	})
}
