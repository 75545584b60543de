package mailfake

import (
	"errors"
	"io"
	"log/slog"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// What is said to those who may not go on.
var (
	errNotEncrypted = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	errUnknown      = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	errNotKept      = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "The message could not be stored"}
)

// errDropped is said to nobody: there is no connection any more.
var errDropped = errors.New("the connection was dropped")

// A session is what one client says, one letter after the other.
type session struct {
	server    *Server
	conn      *conn
	encrypted bool
	known     bool // user and password were right
	over      bool // the connection was dropped: what the client had said ahead of that is not heard
	from      string
	to        []string
}

// session begins one, at EHLO: anew after STARTTLS, since nothing said before it counts.
func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	ours, err := connOf(c.Conn())
	if err != nil {
		return nil, err
	}
	_, encrypted := c.TLSConnectionState()
	return &session{server: s, conn: ours, encrypted: encrypted}, nil
}

// AuthMechanisms are the ways to sign in.
func (s *session) AuthMechanisms() []string {
	if s.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins to sign in.
func (s *session) Auth(way string) (sasl.Server, error) {
	switch {
	case s.server.options.User == "":
		return nil, smtp.ErrAuthUnsupported
	case way == sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.signIn(user, password) }), nil
	case way == sasl.Login:
		return &login{signIn: s.signIn}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) signIn(user, password string) error {
	if _, err := s.meet(StepAuth); err != nil {
		return err
	}
	if user != s.server.options.User || password != s.server.options.Password {
		return smtp.ErrAuthFailed
	}
	s.known = true
	return nil
}

// A login asks for user and password, one after the other: AUTH LOGIN, of which the library has the client only.
type login struct {
	signIn func(user, password string) error
	user   *string
}

// Next takes an answer, which may have come before it was asked for, and asks the next question.
func (l *login) Next(answer []byte) (question []byte, done bool, err error) {
	switch {
	case l.user != nil:
		return nil, true, l.signIn(*l.user, string(answer))
	case answer == nil:
		return []byte("Username:"), false, nil
	}
	user := string(answer)
	l.user = &user
	return []byte("Password:"), false, nil
}

// Mail begins a letter.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options.StartTLS && !s.encrypted {
		return errNotEncrypted
	}
	if s.server.options.User != "" && !s.known {
		return errUnknown
	}
	s.from = from
	_, err := s.meet(StepMail)
	return err
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := s.meet(StepRcpt, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the letter itself. All of it is read before anything goes wrong: a client cannot tell by the way the connection ends
// whether its letter was stored.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	fault, err := s.meet(StepData, s.to...)
	if err != nil {
		return err
	}
	if err := s.server.keep(envelope{From: s.from, To: s.to, Raw: raw, Received: s.server.options.Now()}); err != nil {
		if !errors.Is(err, errClosed) {
			slog.Error("a letter could not be stored", "err", err)
		}
		return errNotKept
	}
	if fault.Kind == FaultAcceptThenDrop {
		return s.drop()
	}
	return nil
}

// Reset forgets the letter that was begun.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// meet does what goes wrong at a step before the server does what it was asked: the error is what to answer instead.
func (s *session) meet(step Step, to ...string) (Fault, error) {
	if s.over {
		return Fault{}, errDropped
	}
	fault, ok := s.server.meet(Occasion{Session: s.conn.number, Step: step, From: s.from, To: to})
	switch {
	case ok && fault.Kind == FaultDrop:
		return fault, s.drop()
	case ok && fault.Kind == FaultReply:
		reply := fault.reply(step)
		s.over = reply.Code == serviceAway
		s.conn.last.Store(s.over)
		return fault, reply
	}
	return fault, nil
}

// drop ends the connection. What is answered afterwards reaches nobody.
func (s *session) drop() error {
	s.over = true
	return errors.Join(errDropped, s.conn.Close())
}
