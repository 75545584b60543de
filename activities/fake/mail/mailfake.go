// Package mailfake is a mail server on this machine: it takes letters by SMTP, keeps them to be looked at, sends none on, and fails as
// it is told to. Tests run it inside themselves, a harness as a process of its own, and whoever tries the product out reads the mails
// there.
//
// It speaks SMTP over TCP, so that the client of the product is the real one: give it URL().
package mailfake

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"tickmark/activities/fake/fault"
)

// Options say how a mail server is set up. The zero value is good.
type Options struct {
	// Addr is where it listens. Defaults to 127.0.0.1:0, a free port of this machine.
	Addr string

	// User and Password are asked for before a letter is taken, by AUTH PLAIN or LOGIN. Without a user nobody is asked.
	User, Password string

	// StartTLS offers STARTTLS with a certificate that is made for the occasion, and takes neither password nor letter without it.
	StartTLS bool

	// Journal is the path of a file that every letter is written to before it is acknowledged, and read from by Start: a server with one
	// survives being killed. Without, all is in memory.
	Journal string

	// Now is the clock. Defaults to time.Now.
	Now func() time.Time

	// After is by what the server waits where a fault has a delay. It returns a channel on which something comes when so much time has
	// passed. Defaults to time.After.
	After func(time.Duration) <-chan time.Time
}

// What is taken: as much as usual elsewhere, so that a letter that is too big is found out.
const (
	maxLetter     = 25 << 20
	maxRecipients = 100
)

// A Server is a mail server. It is safe for use by many at once.
type Server struct {
	options  Options
	smtp     *smtp.Server
	listener net.Listener
	own      *certificate    // nil without STARTTLS
	life     context.Context // ends with Close
	end      context.CancelFunc
	served   chan error // one, when no more connections are taken

	mu       sync.Mutex
	journal  *journal
	messages []Message
	conns    map[*conn]bool // those that are open
	sessions int
	closed   bool

	faults fault.Table[Fault, Occasion]
	hits   hits
}

// Start returns a mail server with the letters of its journal, if it has one, taking more until Close.
func Start(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	s := &Server{options: o, served: make(chan error, 1), conns: map[*conn]bool{}, hits: hits{all: map[Hit]int{}}}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.journal.close())
	}
	s.life, s.end = context.WithCancel(context.Background())
	go func() { s.served <- s.smtp.Serve(listener{s.listener, s}) }()
	return s, nil
}

// open acquires what the server needs.
func (s *Server) open() (err error) {
	if s.options.Journal != "" {
		if s.journal, err = openJournal(s.options.Journal, func(e envelope) { s.messages = append(s.messages, newMessage(e)) }); err != nil {
			return err
		}
	}
	if s.listener, err = net.Listen("tcp", s.options.Addr); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain = "mailfake"
	s.smtp.MaxMessageBytes = maxLetter
	s.smtp.MaxRecipients = maxRecipients
	s.smtp.AllowInsecureAuth = !s.options.StartTLS
	s.smtp.ErrorLog = slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)
	if !s.options.StartTLS {
		return nil
	}
	if s.own, err = newCertificate(s.listener.Addr()); err != nil {
		return errors.Join(err, s.listener.Close())
	}
	s.smtp.TLSConfig = &tls.Config{Certificates: []tls.Certificate{s.own.pair}}
	return nil
}

// Addr is where the server listens, as in 127.0.0.1:2525.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL says how to reach the server and as whom, in the form of TICKMARK_SMTP: smtp://user:password@127.0.0.1:2525?tls=none.
func (s *Server) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.Addr(), RawQuery: "tls=none"}
	if s.options.User != "" {
		u.User = url.UserPassword(s.options.User, s.options.Password)
	}
	if s.options.StartTLS {
		u.RawQuery = "tls=starttls"
	}
	return u.String()
}

// Roots is what a client of this process must trust for STARTTLS. Nil when it is not offered.
func (s *Server) Roots() *x509.CertPool {
	if s.own == nil {
		return nil
	}
	return s.own.roots()
}

// RootPEM is the same for another process, as a file of its SSL_CERT_FILE. Nil when STARTTLS is not offered.
func (s *Server) RootPEM() []byte {
	if s.own == nil {
		return nil
	}
	return slices.Clone(s.own.pem)
}

// Messages returns the letters that were taken, in the order in which they came. What they hold is not to be changed.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// MessagesTo returns the letters to an address: to it they were sent, whatever their header says.
func (s *Server) MessagesTo(address string) []Message {
	return slices.DeleteFunc(s.Messages(), func(m Message) bool { return !contains(m.To, address) })
}

// Sessions is how many connections there were since Start, those that were refused among them.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Close ends the server: sessions under way are cut off. What it holds can still be looked at. A second Close does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	open := s.conns
	s.conns = nil
	s.mu.Unlock()
	s.end()
	err := s.listener.Close()
	if ended := <-s.served; !errors.Is(ended, net.ErrClosed) {
		err = errors.Join(err, ended)
	}
	for c := range open {
		_ = c.Close() // its session notices
	}
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.journal.close())
}

// settle waits for the sessions to notice that their connections are closed: at once, but for one that is in a fault function. The
// library's own Close would not wait, and looks at connections while STARTTLS changes them.
func (s *Server) settle() {
	patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.smtp.Shutdown(patience) // it can only say that the listener is closed already, or that a session is late
}

var errClosed = errors.New("this mail server is closed")

// keep journals a letter and keeps it, or does neither.
func (s *Server) keep(e envelope) error {
	m := newMessage(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if err := s.journal.write(e); err != nil {
		return err
	}
	s.messages = append(s.messages, m)
	return nil
}

// pause waits, but not longer than the server lives.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-s.options.After(d):
	case <-s.life.Done():
	}
}

// contains says whether an address is among some. Capitals make no difference, as with all mail servers there are.
func contains(addresses []string, address string) bool {
	return slices.ContainsFunc(addresses, func(a string) bool { return strings.EqualFold(a, address) })
}
