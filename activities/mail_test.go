package activities_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	mailfake "tickmark/activities/fake/mail"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/mail"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// withMail gives the town a mail server, and takes Olga and Otto out of Slack.
func (w *town) withMail() *mailfake.Server {
	w.t.Helper()
	server, err := mailfake.Start(mailfake.Options{User: "tickmark", Password: "s3cret&more"})
	check(w.t, err)
	w.t.Cleanup(func() { _ = server.Close() })
	w.post.Mail, err = mail.NewMailer(server.URL(), "Ledger & Co <audit@firm.test>")
	check(w.t, err)
	for _, p := range []models.PersonID{"olga", "otto"} {
		check(w.t, w.s.SetBinding(w.t.Context(), p, "acme", w.now(), func(b *reminders.Binding) { b.State = reminders.BindingRefused }))
	}
	return server
}

var changing = regexp.MustCompile(`[A-Za-z0-9_-]{60,}\.[A-Za-z0-9_-]+`) // signed links

// letters writes mails as people read them.
func letters(all []mailfake.Message) string {
	var out strings.Builder
	for i, m := range all {
		fmt.Fprintf(&out, "=== mail %d\n", i+1)
		for _, h := range []string{"From", "To", "Subject", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if v := m.Headers.Get(h); v != "" {
				fmt.Fprintf(&out, "%s: %s\n", h, v)
			}
		}
		fmt.Fprintf(&out, "\n%s\n--- as HTML\n%s\n", m.Text, m.HTML)
	}
	return changing.ReplaceAllString(out.String(), "SIGNED")
}

// Olga is not in Slack: she gets a mail a day, in plain text and HTML, with a link to act and one to end it.
func TestMail(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		w.task("olga", "Send the organization chart", "2027-01-14")
		for _, day := range []string{"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15", "2027-01-19"} {
			w.on(day, 10)
			w.settle()
			w.settle()
		}
		got := server.MessagesTo("olga@acme.test")
		golden(t, "mail/olga", letters(got))
		ids := map[string]bool{}
		for _, m := range got {
			if ids[m.MessageID] || !strings.HasSuffix(m.MessageID, "@firm.test") || m.Problem != "" {
				t.Errorf("the mail %q has a problem %q, or comes twice", m.MessageID, m.Problem)
			}
			ids[m.MessageID] = true
		}
		if n := len(w.slackOf("olga")); n != 0 {
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
		{name: "refuses to connect", fault: mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultDrop, Nth: 1}, status: reminders.DeliverySent, got: 1},
		{name: "is busy at the greeting", fault: mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultReply, Code: 421, Nth: 1}, status: reminders.DeliverySent, got: 1},
		{name: "is busy at the sender", fault: mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 421, Nth: 1}, status: reminders.DeliverySent, got: 1, later: true},
		{name: "refuses the password once", fault: mailfake.Fault{Step: mailfake.StepAuth, Kind: mailfake.FaultReply, Code: 535, Nth: 1}, status: reminders.DeliverySent, got: 1},
		{name: "asks to come back", fault: mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 450, Nth: 1}, status: reminders.DeliverySent, got: 1, later: true},
		{name: "knows no such address", fault: mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 550, Nth: 1}, status: reminders.DeliveryFailed, got: 0},
		{name: "refuses the content", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 554, Nth: 1}, status: reminders.DeliveryFailed, got: 0},
		{name: "refuses our address", fault: mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 553, Nth: 1}, status: reminders.DeliverySent, got: 1},
		{name: "takes it and hangs up", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop, Nth: 1}, status: reminders.DeliveryUncertain, got: 1},
		{name: "hangs up before it takes it", fault: mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultDrop, Nth: 1}, status: reminders.DeliveryUncertain, got: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := onSQLite(t)
			server := w.withMail()
			w.morning()
			check(t, server.AddFault(c.fault))
			if c.later {
				w.sweep()
				d := w.said("olga")[0]
				if d.Status != reminders.DeliveryPlanned || !strings.Contains(d.Reason, fmt.Sprint(c.fault.Code)) {
					t.Errorf("at first it is %s: %s", d.Status, d.Reason)
				}
				check(t, w.s.Postpone(t.Context(), d.ID, "", 0)) // five minutes later
			}
			w.settle()
			w.settle()
			if got := server.MessagesTo("olga@acme.test"); len(got) != c.got {
				t.Errorf("she has %d letters", len(got))
			}
			if d := w.said("olga")[0]; d.Status != c.status {
				t.Errorf("the ledger says %s: %s", d.Status, d.Reason)
			}
			if len(server.FaultsHit()) != 1 {
				t.Errorf("met %v", server.FaultsHit())
			}
			if c.fault.Code == 550 && !strings.Contains(w.last("mia").Text, "Mail to Olga Owner (olga@acme.test) comes back") {
				t.Errorf("Mia reads %s", w.last("mia").Text)
			}
			if c.status != reminders.DeliverySent { // the next day's says it
				w.on("2027-01-14", 10)
				w.settle()
				if got := server.MessagesTo("olga@acme.test"); len(got) != c.got+1 {
					t.Errorf("the next day she has %d letters", len(got))
				}
			}
		})
	}
}

// A question is asked at once and said nowhere else: when nobody can tell whether it came, it goes again as the same letter, saying so.
func TestMailSaidAtOnce(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		id := w.task("olga", "Name the owner of the firewall", "2027-01-28")
		w.on("2027-01-13", 11)
		w.settle()
		before := len(server.MessagesTo("olga@acme.test"))
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga", Reason: "Is it still you?"})
		w.clock.Add((15 * time.Minute).Microseconds())
		check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop, Nth: 1}))
		w.settle()
		all := server.MessagesTo("olga@acme.test")[before:]
		if len(all) != 2 || all[0].MessageID != all[1].MessageID || !strings.Contains(all[1].Text, "You may have received this already") || strings.Contains(all[0].Text, "already") {
			t.Errorf("she has %s", letters(all))
		}
	})
}

// The mail server's settings are wrong: it says so when it is asked at the start, and in the ledger.
func TestWrongMailSettings(t *testing.T) {
	w := onSQLite(t)
	server := w.withMail()
	u, err := url.Parse(server.URL())
	check(t, err)
	check(t, w.post.Mail.Check(t.Context()))
	for want, address := range map[string]string{
		"refuses user and password":                "smtp://tickmark:wrong@" + u.Host + "?tls=none",
		"cannot be reached":                        "smtp://127.0.0.1:1?tls=none",
		"offers no encryption that can be trusted": "smtp://tickmark:s3cret@" + u.Host,
	} {
		w.post.Mail, err = mail.NewMailer(address, "audit@firm.test")
		check(t, err)
		err := w.post.Mail.Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", want, err)
		}
	}
	w.post.Mail, err = mail.NewMailer("smtp://tickmark:wrong@"+u.Host+"?tls=none", "audit@firm.test")
	check(t, err)
	w.morning()
	w.sweep()
	if d := w.said("olga")[0]; d.Status != reminders.DeliveryPlanned || !strings.Contains(d.Reason, "refuses user and password") {
		t.Errorf("%s: %s", d.Status, d.Reason)
	}
	for _, bad := range []string{"", "mail.example", "http://mail.example", "smtp://mail.example?tls=none", "smtp://mail.example?tls=maybe", "smtp://mail.example?x=y", "smtp://mail.example:x"} {
		if _, err := mail.NewMailer(bad, "audit@firm.test"); err == nil || !strings.HasPrefix(err.Error(), "TICKMARK_SMTP") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := mail.NewMailer("smtp://mail.example", "nobody"); err == nil || !strings.HasPrefix(err.Error(), "TICKMARK_MAIL_FROM") {
		t.Errorf("%v", err)
	}
}

// Slack refuses Olga's message for good, as her account is gone: the same morning it comes by mail.
func TestMailInsteadOfSlack(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		w.bind("acme", "olga")
		w.morning()
		check(t, w.slack.DeactivateUser("TACME", userOf("olga")))
		w.settle()
		if got := server.MessagesTo("olga@acme.test"); len(got) != 1 || !strings.Contains(got[0].Text, "Send the organization chart") {
			t.Errorf("she has %s\n%s", letters(got), w.ledger())
		}
		rows := w.said("olga")
		if len(rows) != 2 || rows[0].Follows+rows[1].Follows == "" {
			t.Errorf("%s", w.ledger())
		}
	})
}

// By the link in her mail Olga looks at her tasks, says that one is done, and asks for more time for the other. Looking changes nothing;
// sending a form twice does it once; a link that was changed, or is old, shows nothing.
func TestPagesOfMails(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		chart, left := w.task("olga", "Send the organization chart", "2027-01-14"), w.task("olga", "List everybody who left since July", "2027-01-15")
		w.on("2027-01-13", 10)
		w.settle()
		site := httptest.NewServer(w.desk.Pages())
		defer site.Close()
		text := server.MessagesTo("olga@acme.test")[0].Text
		link := func(kind string) string {
			at := regexp.MustCompile(`https://tickmark\.test(/m/` + kind + `/\S+)`).FindStringSubmatch(text)
			if at == nil {
				t.Fatalf("no link in %s", text)
			}
			return site.URL + at[1]
		}
		ask := func(method, at string, form url.Values) (int, string) {
			t.Helper()
			req, err := http.NewRequest(method, at, strings.NewReader(form.Encode()))
			check(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := http.DefaultClient.Do(req)
			check(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			check(t, err)
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || res.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: headers %v", at, res.Header)
			}
			return res.StatusCode, string(body)
		}
		act := link("act")
		status, list := ask("GET", act, nil)
		if status != 200 || !strings.Contains(list, "Hello Olga") || !strings.Contains(list, "Send the organization chart") {
			t.Fatalf("%d %s", status, list)
		}
		golden(t, "mail/page_list", changing.ReplaceAllString(list, "SIGNED"))
		to := func(a engagement.Act, id models.TaskID) string {
			return act + "?" + url.Values{"act": {string(a)}, "engagement": {"e1"}, "item": {"do:" + string(id)}}.Encode()
		}
		key := func(page string) string {
			m := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(page)
			if m == nil {
				t.Fatalf("no form in %s", page)
			}
			return m[1]
		}
		_, form := ask("GET", to(engagement.ActDone, chart), nil)
		if s := w.state(chart).State; s != engagement.TaskOpen {
			t.Fatalf("looking at the page made it %s", s)
		}
		for range 2 {
			if status, body := ask("POST", to(engagement.ActDone, chart), url.Values{"key": {key(form)}}); status != 200 || !strings.Contains(body, "done by Olga Owner on 2027-01-13") {
				t.Errorf("%d %s", status, body)
			}
		}
		_, form = ask("GET", to(engagement.ActMoreTime, left), nil)
		golden(t, "mail/page_form", strings.ReplaceAll(changing.ReplaceAllString(form, "SIGNED"), key(form), "KEY"))
		if status, body := ask("POST", to(engagement.ActMoreTime, left), url.Values{"key": {key(form)}, "due": {"2027-01-28"}}); status != 200 || !strings.Contains(body, "Why? This is missing") || !strings.Contains(body, `value="2027-01-28"`) {
			t.Errorf("%d %s", status, body)
		}
		if _, body := ask("POST", to(engagement.ActMoreTime, left), url.Values{"key": {key(form)}, "due": {"2027-01-28"}, "reason": {"Vacation"}}); !strings.Contains(body, "you asked for more time, until Thu 2027-01-28") {
			t.Errorf("%s", body)
		}
		for name, at := range map[string]string{"changed": act[:len(act)-2] + "xx", "another's": strings.Replace(act, "/act/", "/unsubscribe/", 1), "none": site.URL + "/m/act/x",
			"of another use": strings.Replace(link("unsubscribe"), "/unsubscribe/", "/act/", 1)} {
			if status, body := ask("GET", at, nil); status != 404 || strings.Contains(body, "Olga") {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		other := w.task("otto", "Send the network diagram", "2027-01-14")
		if status, _ := ask("GET", to(engagement.ActDone, other), nil); status == 200 {
			t.Error("a task that the mail does not speak of can be done by it")
		}
		if status, body := ask("POST", to("nonsense", chart), url.Values{"key": {"x"}}); status == 200 {
			t.Errorf("%s", body)
		}

		if status, body := ask("GET", link("unsubscribe"), nil); status != 200 || !strings.Contains(body, "Stop reminders by mail") {
			t.Errorf("%d %s", status, body)
		}
		if to, err := w.s.Recipient(t.Context(), "olga", 2027, true); err != nil || to.Prefs.MailOff {
			t.Errorf("looking at the page has unsubscribed her: %v", err)
		}
		if status, body := ask("POST", link("unsubscribe"), url.Values{"List-Unsubscribe": {"One-Click"}}); status != 200 {
			t.Errorf("%d %s", status, body)
		}
		w.on("2027-01-14", 10)
		w.settle()
		if got := server.MessagesTo("olga@acme.test"); len(got) != 1 {
			t.Errorf("unsubscribed, she has %d letters", len(got))
		}
		w.on("2027-02-12", 10) // the link is a month old
		if status, body := ask("GET", act, nil); status != 404 || !strings.Contains(body, "too old") {
			t.Errorf("%d %s", status, body)
		}
	})
}

// Nobody reaches Otto: he has neither Slack nor an address. Mia is told that he cannot be reached; nothing is lost on the way.
func TestNobodyReachesOtto(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		w.withMail()
		_, err := w.s.UpdatePerson(t.Context(), store.Once{}, "otto", w.now(), func(p *models.Person) error { p.Email = ""; return nil })
		check(t, err)
		w.task("otto", "Send the network diagram", "2027-01-14")
		w.on("2027-01-13", 10)
		w.settle()
		if d := w.said("otto"); len(d) != 1 || d[0].Status != reminders.DeliverySuppressed || d[0].Reason != "neither Slack nor mail reaches them" {
			t.Errorf("%s", w.ledger())
		}
		if m := w.last("mia"); !strings.Contains(m.Text, "Otto Other cannot be reached") {
			t.Errorf("Mia reads %s", m.Text)
		}
	})
}

// Slack refuses what a message says, for good, though Olga can be reached there: she gets it by mail the same morning, with the question
// that was in it.
func TestRefusedBySlackGoesByMail(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		check(t, w.s.SetBinding(t.Context(), "olga", "acme", w.now(), func(b *reminders.Binding) { b.State = reminders.BindingConfirmed }))
		id := w.task("olga", "Send the organization chart", "2027-01-14")
		w.on("2027-01-12", 21)
		w.do("e1", "mia", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{id}, Person: "olga", Reason: "With the interns?"})
		w.slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TACME", Kind: slackfake.FaultError, Error: "invalid_blocks"})
		w.on("2027-01-13", 10)
		w.settle()
		got := server.MessagesTo("olga@acme.test")
		if len(got) != 1 || !strings.Contains(got[0].Text, "Send the organization chart") || !strings.Contains(got[0].Text, "With the interns?") {
			t.Errorf("she has %d letters\n%s\n%s", len(got), letters(got), w.ledger())
		}
	})
}

// Olga's mail comes back day after day: what is late goes up to Sam as it should, though she never heard of it.
func TestWhatGoesUpWhenMailComesBack(t *testing.T) {
	towns(t, func(t *testing.T, w *town) {
		server := w.withMail()
		check(t, server.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, To: "olga@acme.test", Kind: mailfake.FaultReply, Code: 550}))
		w.task("olga", "Send the organization chart", "2027-01-14")
		for day := 13; day <= 22; day++ {
			w.on(fmt.Sprintf("2027-01-%02d", day), 10)
			w.settle()
		}
		told := false
		for _, m := range w.slackOf("sam") {
			told = told || strings.Contains(m.Text, "Send the organization chart")
		}
		if !told {
			t.Errorf("Sam has %s\n%s", messages(t, w.slackOf("sam")), w.ledger())
		}
	})
}
