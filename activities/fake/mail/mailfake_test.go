package mailfake_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/models/modelstest/await"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, o mailfake.Options) *mailfake.Server {
	t.Helper()
	s, err := mailfake.Start(o)
	check(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// unlimited is how long a client waits, unless a test says otherwise: the machine may be slow.
const unlimited = 10 * time.Minute

// mailer is the client of the product, set up from the server's URL as the product does it.
func mailer(t *testing.T, s *mailfake.Server, more ...gomail.Option) *gomail.Client {
	t.Helper()
	u, err := url.Parse(s.URL())
	check(t, err)
	port, err := strconv.Atoi(u.Port())
	check(t, err)
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(unlimited), gomail.WithTLSPolicy(gomail.NoTLS)}
	auth := gomail.SMTPAuthPlainNoEnc
	if s.Roots() != nil {
		auth = gomail.SMTPAuthAutoDiscover
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory),
			gomail.WithTLSConfig(&tls.Config{RootCAs: s.Roots(), ServerName: u.Hostname()}))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	c, err := gomail.NewClient(u.Hostname(), append(options, more...)...)
	check(t, err)
	return c
}

// digest is a letter as the product writes them.
func digest(t *testing.T, id string, to ...string) *gomail.Msg {
	t.Helper()
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	check(t, m.FromFormat("Tickmark", "audit@firm.example"))
	check(t, m.To(to...))
	m.SetMessageIDWithValue(id + "@firm.example")
	m.Subject("Due this week")
	m.SetBodyString(gomail.TypeTextPlain, "* Access review\n")
	m.AddAlternativeString(gomail.TypeTextHTML, "<p>Access review</p>")
	return m
}

// post sends a digest in a session of its own.
func post(t *testing.T, s *mailfake.Server, id string, to ...string) error {
	t.Helper()
	return mailer(t, s).DialAndSendWithContext(t.Context(), digest(t, id, to...))
}

// What Ruth is sent is kept as it came and as she reads it: with a subject and lines in any script, however they are encoded on the way.
func TestALetterIsKeptAsItIsRead(t *testing.T) {
	for _, encoding := range []gomail.Encoding{gomail.EncodingQP, gomail.EncodingB64, gomail.NoEncoding} {
		t.Run(string(encoding), func(t *testing.T) {
			received := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
			s := start(t, mailfake.Options{Now: func() time.Time { return received }})
			m := gomail.NewMsg(gomail.WithEncoding(encoding))
			check(t, errors.Join(m.FromFormat("Tickmark", "audit@firm.example"), m.AddToFormat("Ruth", "ruth@north.example")))
			check(t, m.Bcc("ines@firm.example"))
			m.SetMessageIDWithValue("d1@firm.example")
			m.Subject("Überfällig: Zugriffsprüfung – 3 Punkte")
			m.SetGenHeader("Auto-Submitted", "auto-generated")
			text := "* Zugriffsprüfung\n.. and a line of dots\n.\n" + strings.Repeat("überlang ", 20) + "\n"
			html := `<p style="color: red">Zugriffsprüfung = 3</p>`
			m.SetBodyString(gomail.TypeTextPlain, text)
			m.AddAlternativeString(gomail.TypeTextHTML, html)
			check(t, m.AttachReader("list.txt", strings.NewReader("not the text")))
			check(t, mailer(t, s).DialAndSendWithContext(t.Context(), m))

			all := s.Messages()
			if len(all) != 1 {
				t.Fatalf("%d letters", len(all))
			}
			got := all[0]
			if got.Problem != "" || got.From != "audit@firm.example" || fmt.Sprint(got.To) != "[ruth@north.example ines@firm.example]" ||
				!got.Received.Equal(received) {
				t.Errorf("kept as %q from %s to %v at %s", got.Problem, got.From, got.To, got.Received)
			}
			if got.MessageID != "d1@firm.example" || got.Subject != "Überfällig: Zugriffsprüfung – 3 Punkte" ||
				got.Headers.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("the header is read as %q %q %v", got.MessageID, got.Subject, got.Headers)
			}
			if got.Text != text || got.HTML != html {
				t.Errorf("the letter is read as\n%s\nand\n%s", got.Text, got.HTML)
			}
			if raw := string(got.Raw); !strings.Contains(raw, "\r\n") || strings.Contains(raw, "\r\n...") {
				t.Errorf("raw, it is\n%s", raw)
			}
		})
	}
}

// Letters are found by whom they were sent to, in whatever capitals.
func TestLettersAreFoundByAddress(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, post(t, s, "d1", "ruth@north.example"))
	check(t, post(t, s, "d2", "Ruth@North.example", "ines@firm.example"))
	if n, m := len(s.MessagesTo("ruth@north.EXAMPLE")), s.MessagesTo("ines@firm.example"); n != 2 || len(m) != 1 ||
		m[0].MessageID != "d2@firm.example" {
		t.Errorf("%d letters to Ruth, and to Ines %v", n, m)
	}
	if len(s.MessagesTo("bo@firm.example")) != 0 || len(s.Messages()) != 2 || s.Sessions() != 2 {
		t.Errorf("%d letters in %d sessions", len(s.Messages()), s.Sessions())
	}
}

// Who does not say user and password, or says others, sends nothing; both ways to say them do.
func TestSigningIn(t *testing.T) {
	s := start(t, mailfake.Options{User: "tick@firm", Password: "s3:cr/t"})
	check(t, post(t, s, "plain", "ruth@north.example"))
	check(t, mailer(t, s, gomail.WithSMTPAuth(gomail.SMTPAuthLoginNoEnc)).DialAndSendWithContext(t.Context(),
		digest(t, "login", "ruth@north.example")))
	for _, way := range []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc} {
		err := mailer(t, s, gomail.WithSMTPAuth(way), gomail.WithPassword("guess")).DialWithContext(t.Context())
		wantCode(t, err, 535)
	}
	err := smtp.SendMail(s.Addr(), nil, "audit@firm.example", []string{"ruth@north.example"}, []byte("Subject: x\r\n\r\nx\r\n"))
	wantCode(t, err, 530)
	if n := len(s.Messages()); n != 2 {
		t.Errorf("%d letters", n)
	}
	open := start(t, mailfake.Options{})
	if err := mailer(t, open, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc),
		gomail.WithUsername("x")).DialWithContext(t.Context()); err == nil {
		t.Error("a server without users lets one sign in")
	}
}

// A user whose name comes with AUTH LOGIN is not asked for it again.
func TestLoginWithTheNameAtOnce(t *testing.T) {
	s := start(t, mailfake.Options{User: "tick", Password: "secret"})
	c, err := textproto.Dial("tcp", s.Addr())
	check(t, err)
	defer func() { _ = c.Close() }()
	for _, line := range []struct {
		say  string
		code int
	}{{"", 220}, {"EHLO here", 250}, {"AUTH LOGIN dGljaw==", 334}, {"c2VjcmV0", 235}, {"MAIL FROM:<audit@firm.example>", 250}} {
		if line.say != "" {
			check(t, c.PrintfLine("%s", line.say))
		}
		if _, _, err := c.ReadResponse(line.code); err != nil {
			t.Fatalf("%q is answered %v", line.say, err)
		}
	}
}

// With STARTTLS, a client that trusts the certificate sends; one that does not, or that would do without, does not.
func TestStartTLS(t *testing.T) {
	s := start(t, mailfake.Options{StartTLS: true, User: "tick", Password: "secret"})
	check(t, post(t, s, "d1", "ruth@north.example"))
	err := mailer(t, s, gomail.WithTLSConfig(&tls.Config{ServerName: "127.0.0.1"})).DialWithContext(t.Context())
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("a stranger's certificate is met with %v", err)
	}
	c, err := smtp.Dial(s.Addr())
	check(t, err)
	defer func() { _ = c.Close() }()
	if ok, _ := c.Extension("AUTH"); ok {
		t.Error("a password is asked for without encryption")
	}
	if !strings.HasSuffix(s.URL(), "?tls=starttls") || !strings.HasPrefix(string(s.RootPEM()), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%s, %s", s.URL(), s.RootPEM())
	}
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d letters", n)
	}
	c, err = smtp.Dial(start(t, mailfake.Options{StartTLS: true}).Addr())
	check(t, err)
	wantCode(t, c.Mail("audit@firm.example"), 530)
	check(t, c.Quit())
	if plain := start(t, mailfake.Options{}); plain.Roots() != nil || plain.RootPEM() != nil {
		t.Error("there is something to trust without STARTTLS")
	}
}

// The URL is in the form of TICKMARK_SMTP, with what would be misread escaped.
func TestURL(t *testing.T) {
	for _, c := range []struct {
		options mailfake.Options
		want    string
	}{
		{mailfake.Options{}, "smtp://ADDR?tls=none"},
		{mailfake.Options{User: "tick@firm", Password: "s3:cr/t?"}, "smtp://tick%40firm:s3%3Acr%2Ft%3F@ADDR?tls=none"},
		{mailfake.Options{User: "tick", Password: "secret", StartTLS: true}, "smtp://tick:secret@ADDR?tls=starttls"},
	} {
		s := start(t, c.options)
		if want := strings.Replace(c.want, "ADDR", s.Addr(), 1); s.URL() != want || !strings.HasPrefix(s.Addr(), "127.0.0.1:") {
			t.Errorf("%s, not %s", s.URL(), want)
		}
	}
}

// A letter that breaks off before its end is not kept, and one that is too big is not begun.
func TestHalfALetterIsNone(t *testing.T) {
	s := start(t, mailfake.Options{})
	c, err := smtp.Dial(s.Addr())
	check(t, err)
	check(t, errors.Join(c.Mail("audit@firm.example"), c.Rcpt("ruth@north.example")))
	w, err := c.Data()
	check(t, err)
	_, err = io.WriteString(w, "Subject: half\r\n\r\n"+strings.Repeat("x\r\n", 3000))
	check(t, err)
	check(t, c.Close())
	c, err = smtp.Dial(s.Addr())
	check(t, err)
	defer func() { _ = c.Close() }()
	check(t, c.Hello("here"))
	_, err = c.Text.Cmd("MAIL FROM:<audit@firm.example> SIZE=30000000")
	check(t, err)
	_, _, err = c.Text.ReadResponse(250)
	wantCode(t, err, 552)
	if n := len(s.Messages()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

// One after the other, a session takes several letters: nobody is sent the letter of another.
func TestLettersOfOneSession(t *testing.T) {
	s := start(t, mailfake.Options{})
	c := mailer(t, s)
	check(t, c.DialWithContext(t.Context()))
	check(t, c.Send(digest(t, "d1", "ruth@north.example"), digest(t, "d2", "ines@firm.example")))
	check(t, c.Close())
	if s.Sessions() != 1 || len(s.Messages()) != 2 || len(s.MessagesTo("ruth@north.example")) != 1 {
		t.Errorf("%d sessions, %v", s.Sessions(), s.Messages())
	}
}

// Many send at once, while things go wrong and somebody looks on: what was acknowledged is there.
func TestManyAtOnce(t *testing.T) {
	s := start(t, mailfake.Options{})
	s.SetFaultFunc(func(o mailfake.Occasion) *mailfake.Fault {
		if o.Session%3 == 0 && o.Step == mailfake.StepData {
			return &mailfake.Fault{Kind: mailfake.FaultAcceptThenDrop}
		}
		return nil
	})
	var (
		mu   sync.Mutex
		sent []string
		wg   sync.WaitGroup
	)
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				id := fmt.Sprintf("d%d-%d", i, j)
				if err := post(t, s, id, "ruth@north.example"); err == nil {
					mu.Lock()
					sent = append(sent, id+"@firm.example")
					mu.Unlock()
				}
				_, _, _ = s.MessagesTo("ruth@north.example"), s.Sessions(), s.FaultsHit()
			}
		})
	}
	wg.Wait()
	kept := map[string]int{}
	for _, m := range s.Messages() {
		kept[m.MessageID]++
	}
	for _, id := range sent {
		if kept[id] != 1 {
			t.Errorf("%s was acknowledged and is kept %d times", id, kept[id])
		}
	}
	dropped := s.FaultsHit()[mailfake.Hit{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop}]
	if len(kept) != 40 || dropped != 13 || len(sent) != 27 || s.Sessions() != 40 {
		t.Errorf("%d kept, %d dropped, %d acknowledged, %d sessions", len(kept), dropped, len(sent), s.Sessions())
	}
}

// A closed server cuts off who is there, takes nobody any more, and can still be looked at.
func TestClose(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, post(t, s, "d1", "ruth@north.example"))
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultSlow, Delay: time.Hour}))
	idle, err := smtp.Dial(s.Addr())
	check(t, err)
	stuck := make(chan error)
	go func() { stuck <- post(t, s, "d2", "ruth@north.example") }()
	await.Until(t, "a letter is stuck", func() bool { return len(s.FaultsHit()) > 0 })
	check(t, s.Close())
	check(t, s.Close())
	if err := <-stuck; err == nil {
		t.Error("a letter is acknowledged by a closed server")
	}
	if err := idle.Noop(); err == nil {
		t.Error("a session goes on")
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		_ = c.Close()
		t.Error("a closed server takes connections")
	}
	if n := len(s.Messages()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// Two servers cannot have one address.
func TestAnAddressThatIsTaken(t *testing.T) {
	s := start(t, mailfake.Options{})
	if other, err := mailfake.Start(mailfake.Options{Addr: s.Addr()}); err == nil {
		_ = other.Close()
		t.Error("the address is had twice")
	}
}

// A server that is closed as clients begin to encrypt ends all the same. Run with -race: the library's own way to close has one.
func TestCloseDuringStartTLS(t *testing.T) {
	for round := range 40 {
		s := start(t, mailfake.Options{StartTLS: true})
		var clients sync.WaitGroup
		for range 6 {
			clients.Go(func() {
				for {
					c, err := smtp.Dial(s.Addr())
					if err != nil {
						return
					}
					_ = c.StartTLS(&tls.Config{RootCAs: s.Roots(), ServerName: "127.0.0.1"}) // it works, or the server is closed
					_ = c.Close()
				}
			})
		}
		await.Until(t, "clients are there", func() bool { return s.Sessions() > round%12 })
		check(t, s.Close())
		clients.Wait()
	}
}
