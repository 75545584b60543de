// Package mail sends letters by SMTP, and knows the addresses of the links in them.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"tickmark/models"
	"tickmark/models/fault"
	"tickmark/models/reminders"
)

// A Mailer sends mail by one SMTP server.
type Mailer struct {
	host     string
	port     int
	user     string
	password string
	security string // starttls, tls or none
	from     *mail.Address
	timeout  time.Duration
	roots    *tls.Config // for tests; nil: the system's
}

// NewMailer reads where mail goes, as smtp://user:password@host:587?tls=starttls, and whom it is from, as in
// Tickmark <audit@firm.example>. tls may be starttls (the default, and never less than asked for), tls (from the first byte, the default
// of port 465) or none, which is for servers on this machine. The error says what is wrong without repeating the address.
func NewMailer(server, from string) (*Mailer, error) {
	const form = "must be like smtp://user:password@mail.example:587?tls=starttls"
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "smtp" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("TICKMARK_SMTP " + form)
	}
	m := &Mailer{host: u.Hostname(), port: 587, user: u.User.Username(), timeout: 20 * time.Second}
	m.password, _ = u.User.Password()
	if text := u.Port(); text != "" {
		if m.port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("TICKMARK_SMTP " + form)
		}
	}
	if m.security, err = securityOf(u.Query(), m.host, m.port); err != nil {
		return nil, err
	}
	if m.from, err = mail.ParseAddress(from); err != nil {
		return nil, errors.New("TICKMARK_MAIL_FROM must be an address, as in: Tickmark <audit@firm.example>")
	}
	return m, nil
}

// securityOf reads how a connection to a mail server is secured: starttls, tls or none.
func securityOf(query url.Values, host string, port int) (string, error) {
	for name := range query {
		if name != "tls" {
			return "", fmt.Errorf("TICKMARK_SMTP: %q is not known there; only tls is", name)
		}
	}
	switch tls := query.Get("tls"); {
	case tls == "" && port == 465:
		return "tls", nil
	case tls == "":
		return "starttls", nil
	case tls == "none" && !local(host):
		return "", errors.New("TICKMARK_SMTP: tls=none is for a mail server on this machine only")
	case tls == "starttls", tls == "tls", tls == "none":
		return tls, nil
	}
	return "", errors.New("TICKMARK_SMTP: tls must be starttls, tls or none")
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A line is the connection to a mail server. The library leaves it open where the server does not say goodbye as it should.
type line struct{ conn net.Conn }

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		l.conn = conn
	}
	return conn, err
}

// hangUp closes the connection, whatever came of it.
func (l *line) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close() // it may be closed already
	}
}

// client returns an SMTP client that has not dialled, and the line it will dial on: whoever uses it hangs up.
func (m *Mailer) client() (*gomail.Client, *line, error) {
	l := &line{}
	options := []gomail.Option{gomail.WithPort(m.port), gomail.WithTimeout(m.timeout)}
	if m.security != "tls" { // else the library has to dial itself, to know that what it says is encrypted
		options = append(options, gomail.WithDialContextFunc(l.dial))
	}
	switch m.security {
	case "tls":
		options = append(options, gomail.WithSSL())
	case "starttls":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.roots != nil {
		options = append(options, gomail.WithTLSConfig(m.roots))
	}
	if m.user != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if m.security == "none" {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(m.user), gomail.WithPassword(m.password))
	}
	c, err := gomail.NewClient(m.host, options...)
	return c, l, err
}

// Check connects, signs in and hangs up: it says at the start what would otherwise be found out in the morning.
func (m *Mailer) Check(ctx context.Context) error {
	c, l, err := m.client()
	if err != nil {
		return err
	}
	defer l.hangUp()
	if err := c.DialWithContext(ctx); err != nil {
		return errors.New(m.ofDial(err).Reason)
	}
	return c.Close()
}

// A letter is a message as mail.
type Letter struct {
	To          string
	Name        string
	ID          string // of the delivery: the Message-ID is made of it, so that a second copy is the same letter
	Subject     string
	Text, HTML  string
	Unsubscribe string // an https address; empty: none
}

// MessageID is the same however often a delivery is sent: many mail programs show two copies as one.
func (m *Mailer) MessageID(id string) string {
	_, host, _ := strings.Cut(m.from.Address, "@")
	return id + "@" + host
}

// Send sends one letter, once.
func (m *Mailer) Send(ctx context.Context, l Letter) reminders.Verdict {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.FromFormat(m.from.Name, m.from.Address), msg.AddToFormat(models.Tame(l.Name), l.To)); err != nil {
		return reminders.Verdict{Class: reminders.AttemptRefused, Reason: "the address cannot be written to", Unbound: true}
	}
	msg.SetMessageIDWithValue(m.MessageID(l.ID))
	msg.SetDate()
	msg.Subject(models.Tame(l.Subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+l.Unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	c, dialled, err := m.client()
	if err != nil {
		return reminders.Verdict{Class: reminders.AttemptUnsent, Reason: "mail is not set up: " + err.Error(), Lane: true}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	defer dialled.hangUp()
	session, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return m.ofDial(err)
	}
	defer session.Close() // also where the line is not ours
	err = c.SendWithSMTPClient(session, msg)
	_ = c.CloseWithSMTPClient(session) // the letter is delivered, or not, whether or not the server says goodbye
	return ofMail(err, msg.IsDelivered())
}

// ofDial classes a failure to connect: nothing has been sent.
func (m *Mailer) ofDial(err error) reminders.Verdict {
	v := reminders.Verdict{Class: reminders.AttemptUnsent, Reason: "the mail server " + m.host + " cannot be reached", Lane: true}
	code := "not reached"
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		v.Status, v.Reason = said.Code, "the mail server "+m.host+" answered "+strconv.Itoa(said.Code)
		code = "greeting " + strconv.Itoa(said.Code)
	}
	if text := strings.ToLower(err.Error()); strings.Contains(text, "x509") || strings.Contains(text, "tls") {
		code = "not encrypted"
	}
	switch fault.Of(fault.SMTP, code).Effect {
	case fault.WrongPassword:
		v.Reason = "the mail server " + m.host + " refuses user and password"
	case fault.NotEncrypted:
		v.Reason = "the mail server " + m.host + " offers no encryption that can be trusted"
	}
	return v
}

// stages are the words of the table of faults for what a letter was at when it failed.
var stages = map[gomail.SendErrReason]string{gomail.ErrSMTPMailFrom: "sender ", gomail.ErrSMTPRcptTo: "recipient "}

// codeOf returns the code under which the table of faults has what came of a letter.
func codeOf(err error) string {
	failed, ok := errors.AsType[*gomail.SendError](err)
	switch {
	case !ok:
		return "no answer"
	case failed.ErrorCode() >= 100:
		return stages[failed.Reason] + strconv.Itoa(failed.ErrorCode())
	case failed.Reason == gomail.ErrSMTPDataClose, failed.Reason == gomail.ErrWriteContent: // the letter was on its way
		return "no answer"
	}
	return "hung up"
}

// ofMail classes what came of a letter (slack-and-reliability.md 2.4, 4).
func ofMail(err error, delivered bool) reminders.Verdict {
	if err == nil || delivered {
		return reminders.Verdict{Class: reminders.AttemptAccepted, Status: 250}
	}
	v := reminders.Verdict{Class: reminders.AttemptUnsent}
	if failed, ok := errors.AsType[*gomail.SendError](err); ok {
		v.Status = failed.ErrorCode()
	}
	v.Reason = "the mail server answered " + strconv.Itoa(v.Status)
	switch fault.Of(fault.SMTP, codeOf(err)).Effect {
	case fault.MailRefused:
		v.Reason, v.Lane = "the mail server refuses mail from our address", true
	case fault.Unbound:
		v.Class, v.Unbound = reminders.AttemptRefused, true
	case fault.Refused:
		v.Class = reminders.AttemptRefused
	case fault.Greylisted:
		v.Longer = 5
	case fault.NoMail:
		v.Reason, v.Lane = "the mail server hung up", true
	default:
		v.Class, v.Reason, v.Lane = reminders.AttemptAmbiguous, "the mail server did not answer", true
	}
	return v
}
