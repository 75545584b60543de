package activities

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
	m := &Mailer{host: u.Hostname(), port: 587, user: u.User.Username(), security: u.Query().Get("tls"), timeout: 20 * time.Second}
	m.password, _ = u.User.Password()
	if text := u.Port(); text != "" {
		if m.port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("TICKMARK_SMTP " + form)
		}
	}
	for name := range u.Query() {
		if name != "tls" {
			return nil, fmt.Errorf("TICKMARK_SMTP: %q is not known there; only tls is", name)
		}
	}
	switch m.security {
	case "":
		m.security = "starttls"
		if m.port == 465 {
			m.security = "tls"
		}
	case "starttls", "tls", "none":
	default:
		return nil, errors.New("TICKMARK_SMTP: tls must be starttls, tls or none")
	}
	if m.security == "none" && !local(m.host) {
		return nil, errors.New("TICKMARK_SMTP: tls=none is for a mail server on this machine only")
	}
	if m.from, err = mail.ParseAddress(from); err != nil {
		return nil, errors.New("TICKMARK_MAIL_FROM must be an address, as in: Tickmark <audit@firm.example>")
	}
	return m, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client returns an SMTP client that has not dialled.
func (m *Mailer) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.port), gomail.WithTimeout(m.timeout)}
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
	return gomail.NewClient(m.host, options...)
}

// Check connects, signs in and hangs up: it says at the start what would otherwise be found out in the morning.
func (m *Mailer) Check(ctx context.Context) error {
	c, err := m.client()
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return errors.New(m.ofDial(err).reason)
	}
	return c.Close()
}

// A letter is a message as mail.
type letter struct {
	to          string
	name        string
	id          string // of the delivery: the Message-ID is made of it, so that a second copy is the same letter
	subject     string
	text, html  string
	unsubscribe string // an https address; empty: none
}

// messageID is the same however often a delivery is sent: many mail programs show two copies as one.
func (m *Mailer) messageID(id string) string {
	_, host, _ := strings.Cut(m.from.Address, "@")
	return id + "@" + host
}

// send sends one letter, once.
func (m *Mailer) send(ctx context.Context, l letter) verdict {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.FromFormat(m.from.Name, m.from.Address), msg.AddToFormat(tame(l.name), l.to)); err != nil {
		return verdict{class: reminders.AttemptRefused, reason: "the address cannot be written to", unbound: true}
	}
	msg.SetMessageIDWithValue(m.messageID(l.id))
	msg.SetDate()
	msg.Subject(tame(l.subject))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+l.unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.html)
	c, err := m.client()
	if err != nil {
		return verdict{class: reminders.AttemptUnsent, reason: "mail is not set up: " + err.Error(), lane: true}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	if err := c.DialWithContext(ctx); err != nil {
		return m.ofDial(err)
	}
	err = c.Send(msg)
	_ = c.Close() // the letter is delivered, or not, whether or not the server says goodbye
	return ofMail(err, msg.IsDelivered())
}

// ofDial classes a failure to connect: nothing has been sent.
func (m *Mailer) ofDial(err error) verdict {
	v := verdict{class: reminders.AttemptUnsent, reason: "the mail server " + m.host + " cannot be reached", lane: true}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		v.status, v.reason = said.Code, "the mail server "+m.host+" answered "+strconv.Itoa(said.Code)
		if said.Code == 535 || said.Code == 534 || said.Code == 530 {
			v.reason = "the mail server " + m.host + " refuses user and password"
		}
	}
	if text := strings.ToLower(err.Error()); strings.Contains(text, "x509") || strings.Contains(text, "tls") {
		v.reason = "the mail server " + m.host + " offers no encryption that can be trusted"
	}
	return v
}

// ofMail classes what came of a letter (slack-and-reliability.md 2.4, 4).
func ofMail(err error, delivered bool) verdict {
	if err == nil || delivered {
		return verdict{class: reminders.AttemptAccepted, status: 250}
	}
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return verdict{class: reminders.AttemptAmbiguous, reason: "the mail server did not answer", lane: true}
	}
	v := verdict{class: reminders.AttemptUnsent, status: failed.ErrorCode(), reason: "the mail server answered " + strconv.Itoa(failed.ErrorCode())}
	switch afterData := failed.Reason == gomail.ErrSMTPDataClose || failed.Reason == gomail.ErrWriteContent; {
	case v.status >= 500 && failed.Reason == gomail.ErrSMTPMailFrom:
		v.reason, v.lane = "the mail server refuses mail from our address", true
	case v.status >= 500:
		v.class, v.unbound = reminders.AttemptRefused, failed.Reason == gomail.ErrSMTPRcptTo
	case v.status >= 400:
		v.longer = 5
	case afterData:
		v.class, v.reason, v.lane = reminders.AttemptAmbiguous, "the mail server did not answer", true
	default:
		v.reason, v.lane = "the mail server hung up", true
	}
	return v
}
