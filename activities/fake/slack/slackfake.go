// Package slackfake is a Slack on this machine: its Web API, its rules and limits, what it sends to an app, and how it fails. Tests run
// it inside themselves, a harness as a process of its own, and whoever tries the product out plays with it.
//
// It speaks HTTP, so that the client of the product is the real one: give it URL() + "/api/". What people do in Slack is done by the
// methods Click, Submit, Command and so on; what the app did is seen by Messages, Home and others.
package slackfake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"tickmark/activities/fake/fault"
)

// Options say how a Slack is set up. The zero value is good.
type Options struct {
	// Journal is the path of a file that everything which counts is written to before it is acknowledged, and read from by New: a Slack
	// with one survives being killed. Without, all is in memory.
	Journal string

	// Directory is asked for somebody who is looked up by an address that no user has. Whom it returns becomes a user.
	Directory func(team, email string) (User, bool)

	// Now is the clock: of messages, of what expires, and of signatures, so that it should not be far from the app's. Defaults to
	// time.Now.
	Now func() time.Time

	// After is by what the Slack waits: for apps that have to answer, before it tells an event again, and where a fault has a delay. It
	// returns a channel on which something comes when so much time has passed. Defaults to time.After.
	After func(time.Duration) <-chan time.Time

	// SigningSecret is that of workspaces which have none of their own.
	SigningSecret string

	// URL is where the Slack is reached from, when Listen does not tell: behind another server, or under a path of it. Defaults to the
	// host of the last call.
	URL string

	// Client sends to the app. Defaults to one that follows no redirects.
	Client *http.Client

	Settings
}

// Settings say how a Slack behaves. They can be changed while it runs.
type Settings struct {
	// Lag is how long a message does not appear in the history of its channel.
	Lag time.Duration `json:"lag"`

	// PageSize is how many messages a page of history has at most, whatever was asked for. Defaults to 999.
	PageSize int `json:"page_size"`

	// EditWindow is how long a message can be changed. Defaults to for ever.
	EditWindow time.Duration `json:"edit_window"`

	// ChannelEvery is the time between two messages of an app in a channel: who posts sooner is told to wait. Defaults to none; Slack's
	// is 1 s.
	ChannelEvery time.Duration `json:"channel_every"`

	// ChannelBurst is how many messages may come sooner than that at once.
	ChannelBurst int `json:"channel_burst"`

	// MethodRate is how many calls a minute a workspace may make of a method. Defaults to any number.
	MethodRate map[string]int `json:"method_rate"`

	// Mute is whether connections of Socket Mode are accepted and nothing is said on them.
	Mute bool `json:"mute"`

	// AckTimeout is how long the app has to answer. Defaults to 3 s, as Slack's.
	AckTimeout time.Duration `json:"ack_timeout"`

	// RetryDelays are the pauses before an event is sent again to an app that did not take it. Defaults to three of 50 ms; Slack's are
	// none, 1 min and 5 min.
	RetryDelays []time.Duration `json:"retry_delays"`
}

func (o Settings) withDefaults() Settings {
	if o.PageSize <= 0 {
		o.PageSize = 999
	}
	if o.AckTimeout <= 0 {
		o.AckTimeout = 3 * time.Second
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{50 * time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond}
	}
	return o
}

// A Slack is a whole Slack of several workspaces. It is an http.Handler and safe for use by many at once.
type Slack struct {
	options Options
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	client  *http.Client
	life    context.Context // ends with Close
	end     context.CancelFunc

	mu       sync.Mutex
	settings Settings
	world    world
	journal  *journal
	url      string
	server   *http.Server
	closed   bool
	triggers map[string]*trigger
	tickets  map[string]string    // of sockets that may be opened: the app's token
	sockets  map[string][]*socket // by the app's token

	ledger ledger
	faults fault.Table[Fault, Call]
	limits limits
	lying
}

// New returns a Slack with what its journal holds, if it has one. Close gives back what it took.
func New(o Options) (*Slack, error) {
	s := &Slack{options: o, now: o.Now, after: o.After, client: o.Client, settings: o.Settings.withDefaults(), world: newWorld(),
		triggers: map[string]*trigger{}, tickets: map[string]string{},
		sockets: map[string][]*socket{}, url: strings.TrimSuffix(o.URL, "/")}
	s.life, s.end = context.WithCancel(context.Background())
	if s.now == nil {
		s.now = time.Now
	}
	if s.after == nil {
		s.after = time.After
	}
	if s.client == nil {
		s.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if o.Journal != "" {
		var err error
		if s.journal, err = openJournal(o.Journal, func(r record) { r.keep(&s.world) }); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Set changes how the Slack behaves, from the next call on.
func (s *Slack) Set(settings Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings.withDefaults()
}

// Settings returns how the Slack behaves.
func (s *Slack) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// Listen serves on an address, as in "127.0.0.1:0", until Close. It returns an error when the address cannot be had.
func (s *Slack) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.URL == "" {
		s.url = "http://" + l.Addr().String()
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // it ends with Close
	return nil
}

// Start serves on some port of this machine, until Close.
func (s *Slack) Start() error { return s.Listen("127.0.0.1:0") }

// URL is where the Slack is reached, without a slash at the end. The Web API is at URL() + "/api/".
func (s *Slack) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Close ends the Slack: calls under way are cut off. What it holds can still be looked at. A second Close does nothing.
func (s *Slack) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.end()
	server := s.server
	for _, open := range s.sockets {
		for _, c := range open {
			_ = c.conn.Close() // its end notices
		}
	}
	s.mu.Unlock()
	s.stranger.close()
	var err error
	if server != nil {
		err = server.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.journal.close())
}

var errClosed = errors.New("this Slack is closed")

// put journals records and keeps them, all or none. The caller holds s.mu.
func (s *Slack) put(records ...record) error {
	if s.closed {
		return errClosed
	}
	if err := s.journal.write(records); err != nil {
		return err
	}
	for _, r := range records {
		r.keep(&s.world)
	}
	return nil
}

// ServeHTTP answers what apps, and browsers, ask of Slack.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.located(r)
	if name, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
		s.api(w, r, strings.TrimSuffix(name, "/"))
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/actions/"); ok {
		s.respond(w, r, id)
		return
	}
	switch r.URL.Path {
	case "/oauth/v2/authorize":
		s.authorizePage(w, r)
	case "/link/":
		s.link(w, r)
	default:
		http.NotFound(w, r)
	}
}

// located notes where the Slack is reached, when nobody said.
func (s *Slack) located(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.URL == "" && s.server == nil {
		s.url = "http://" + r.Host
	}
}

// pause waits, but not longer than the Slack lives or somebody waits with it. It says whether all the time has passed.
func (s *Slack) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-s.after(d):
		return true
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return false
}
