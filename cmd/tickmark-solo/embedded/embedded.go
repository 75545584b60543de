// Package embedded runs a Temporal server, and its Web UI, inside this process
// on one SQLite file, so that tickmark-solo needs nothing but itself.
//
// What it keeps survives a restart and a kill -9: the directory is the server.
// One process at a time may have a directory; any number of servers may run
// beside one another on directories of their own.
package embedded

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/server/temporal"
)

// Loopback is where everything listens, always.
const Loopback = "127.0.0.1"

// StopTimeout is how long Stop waits for the server to come to rest.
const StopTimeout = 10 * time.Second

// SearchAttributes are those that tickmark's workflows may set on themselves.
// They set the firm; the others wait for lists in the Web UI that need them.
func SearchAttributes() map[string]enums.IndexedValueType {
	return map[string]enums.IndexedValueType{
		"TickmarkFirm":  enums.INDEXED_VALUE_TYPE_KEYWORD,
		"TickmarkPhase": enums.INDEXED_VALUE_TYPE_KEYWORD,
		"TickmarkWake":  enums.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// Options say where a Server keeps its state and where it listens.
// Only Dir must be given, and Guard where there is a Web UI.
type Options struct {
	Dir          string       // created when absent; holds the database and a lock
	FrontendPort int          // on Loopback; 0: any free port
	UIPort       int          // on Loopback; 0: any free port; -1: no Web UI
	Log          *slog.Logger // gets warnings and errors; nil: slog.Default()

	// PollsFor is how long a worker that asks for work is left without an
	// answer when there is none; 0: as long as the server has it, a minute.
	PollsFor time.Duration

	// Identity is what the server shows and asks for at each of its ports, as
	// NewIdentity returns it; empty: one of its own, which is kept in memory.
	Identity string

	// Guard stands before the Web UI, which asks nobody who they are: it
	// refuses the hosts that are not this machine, and what pages of other
	// origins send.
	Guard func(http.Handler) http.Handler

	// The namespace is created with the directory, and brought up to date when
	// a later start asks for another retention or for more search attributes.
	Namespace        string                            // "": "tickmark"
	Retention        time.Duration                     // of closed workflows; 0: 30 days
	SearchAttributes map[string]enums.IndexedValueType // nil: SearchAttributes()
}

func (o *Options) setDefaults() error {
	if o.Dir == "" {
		return errors.New("embedded Temporal: no directory given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.UIPort >= 0 && o.Guard == nil {
		return errors.New("embedded Temporal: the Web UI has no guard")
	}
	if o.Identity == "" {
		if o.Identity, err = NewIdentity(); err != nil {
			return err
		}
	}
	if o.Namespace == "" {
		o.Namespace = "tickmark"
	}
	if o.Retention == 0 {
		o.Retention = 30 * 24 * time.Hour
	}
	if o.SearchAttributes == nil {
		o.SearchAttributes = SearchAttributes()
	}
	return nil
}

// A Server is a Temporal server in this process, on a SQLite file.
type Server struct {
	address   string
	uiAddress string
	tls       *tls.Config
	log       *logger
	temporal  temporal.Server
	ui        *http.Server
	uiCalls   io.Closer // by which the Web UI calls the frontend
	db        database
	lock      lock
	stop      sync.Once
	stopped   chan struct{}
}

// Start returns when the frontend answers for the namespace. Whatever it had
// begun is undone when it returns an error.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s := &Server{log: newLogger(o.Log), stopped: make(chan struct{})}
	if s.tls, err = TLS(o.Identity); err != nil {
		return nil, err
	}
	if s.lock, err = lockDir(o.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()

	// Ports before anything slow: this is the mistake people make.
	p, err := choosePorts(o)
	defer p.release()
	if err != nil {
		return nil, err
	}
	s.address = net.JoinHostPort(Loopback, strconv.Itoa(p.frontend.number))

	if s.db, err = openDatabase(filepath.Join(o.Dir, "temporal.sqlite")); err != nil {
		return nil, err
	}
	if err = s.startTemporal(o, &p); err != nil {
		return nil, err
	}
	if err = settle(ctx, s.address, s.tls, o); err != nil {
		return nil, err
	}
	if o.UIPort >= 0 {
		if err = s.startUI(o, &p.ui); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// startTemporal starts the server on its database, with the namespace in it.
func (s *Server) startTemporal(o Options, p *ports) (err error) {
	if err := s.db.createNamespace(o); err != nil {
		return err
	}
	if s.temporal, err = newTemporal(s.db, p, s.tls, o.PollsFor, s.log); err != nil {
		return fmt.Errorf("embedded Temporal: %w", err)
	}
	if err := s.temporal.Start(); err != nil {
		return fmt.Errorf("embedded Temporal: %w", err)
	}
	return nil
}

// Address is the frontend's, as host:port.
func (s *Server) Address() string { return s.address }

// TLS is what a client of the frontend calls it with.
func (s *Server) TLS() *tls.Config { return s.tls.Clone() }

// UIAddress is the Web UI's, as host:port; it is empty when there is none.
func (s *Server) UIAddress() string { return s.uiAddress }

// Stop lets the server finish what it is doing, for at most StopTimeout. Stop
// the workers first. A server that takes longer than that goes on stopping in
// the background and keeps its directory until it has; ending the process then
// does no harm, for the file survives it.
func (s *Server) Stop() {
	s.stop.Do(func() {
		s.log.quiet.Store(true) // a server that is going down complains a lot
		go func() {
			defer close(s.stopped)
			if s.ui != nil {
				_ = s.ui.Close() // nobody waits for a page of a server that goes down
				_ = s.uiCalls.Close()
			}
			if s.temporal != nil {
				if err := s.temporal.Stop(); err != nil {
					s.log.slog.Warn("temporal did not stop cleanly", "error", err)
				}
				s.db.checkpoint()
			}
			s.lock.release()
		}()
	})
	select {
	case <-s.stopped:
	case <-time.After(StopTimeout):
		s.log.slog.Warn("temporal is still stopping", "after", StopTimeout)
	}
}
