// Package api serves Tickmark over HTTP. The document openapi.yaml comes first: types and routes are generated from it, every
// request is checked against it before a handler sees it, and tests check every answer. It is the only package that knows
// Echo.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"tickmark/api/gen"
	"tickmark/api/session"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A Config is what a Server is made of. Root, Post and Now are needed.
type Config struct {
	Root   *store.Root
	Engine engagement.Engine // Root when nil
	// Missing returns what does not work in the whole installation, so that engagements do not move on or messages wait. Commands are
	// carried out all the same. When it is nil, nobody asks.
	Missing func(context.Context) []store.Missing
	Post    Post
	Hurry   func(context.Context) error // has a sweep begin at once; nil: it begins on schedule
	Now     func() time.Time            // engagement time
	Real    func() time.Time            // the machine's time, in which tokens expire whatever day engagements have; time.Now when nil
	Log     *slog.Logger                // discards when nil

	MaxBody int64         // bytes of a request; 1 MiB when 0
	Patient time.Duration // how long a request may take before it is answered with 503; 5 s when 0
	Rate    float64       // requests a second of one token in the long run; 50 when 0
	Burst   int           // requests of one token at once; 200 when 0

	Cookies session.Cookies // by which browsers show that somebody is signed in
	Proxies []netip.Prefix  // that are believed from where a request comes
}

// A Server answers requests.
type Server struct {
	cfg      Config
	contract *contract
	echo     *echo.Echo
	sessions *session.Sessions

	pages http.Handler // see Otherwise

	rehearsals rehearsals
	turns      turns
}

// New returns a server. It fails only when the program was built wrong: the document and the code do not fit together.
func New(cfg Config) (*Server, error) {
	if cfg.Root == nil || cfg.Post == nil || cfg.Now == nil {
		return nil, errors.New("api: Root, Post and Now are needed")
	}
	if cfg.Engine == nil {
		cfg.Engine = cfg.Root
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Real == nil {
		cfg.Real = time.Now
	}
	cfg.MaxBody = orElse(cfg.MaxBody, 1<<20)
	cfg.Patient = orElse(cfg.Patient, 5*time.Second)
	cfg.Rate = orElse(cfg.Rate, 50)
	cfg.Burst = orElse(cfg.Burst, 200)
	c, err := load()
	if err != nil {
		return nil, err
	}
	sessions := session.New(session.Sessions{Root: cfg.Root, Now: cfg.Now, Real: cfg.Real, Log: cfg.Log,
		Cookies: cfg.Cookies, Proxies: cfg.Proxies}, cfg.Rate, cfg.Burst)
	s := &Server{cfg: cfg, contract: c, echo: echo.New(), sessions: sessions}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.Use(named, s.logged, s.recover, hardened, taken, s.guard)
	r := reading{e}
	gen.RegisterHandlersWithBaseURL(r, gen.NewStrictHandler(handlers{s}, nil), base)
	r.GET("/healthz", s.healthz)
	r.GET("/readyz", s.readyz)
	s.serveDocs(r)
	return s, nil
}

func orElse[T comparable](v, fallback T) T {
	var none T
	if v == none {
		return fallback
	}
	return v
}

// Handler returns what answers requests: give it to an http.Server with timeouts.
func (s *Server) Handler() http.Handler { return s.echo }

// Sessions says who sends a request: pages that are mounted ask the same as the API does.
func (s *Server) Sessions() *session.Sessions { return s.sessions }

// Mount lets another handler answer what is under a path that the API does not use: the pages. It is given every method, also those that
// the router does not know, and says itself which of them it takes.
func (s *Server) Mount(path string, h http.Handler) { s.echo.RouteNotFound(path, echo.WrapHandler(h)) }

// Otherwise lets the pages say that nothing is at an address which neither the API nor what is mounted has, to browsers that ask for
// a page.
func (s *Server) Otherwise(pages http.Handler) { s.pages = pages }

// reading registers what answers GET for HEAD too. The answer to HEAD is the same without its body, which the HTTP server leaves out.
type reading struct{ *echo.Echo }

// GET registers a handler that only shows something, for GET and HEAD, and returns the route of GET.
func (r reading) GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	r.HEAD(path, h, m...)
	return r.Echo.GET(path, h, m...)
}

// handlers has one method per operation of the document: it binds, acts and replies.
type handlers struct{ *Server }

var _ gen.StrictServerInterface = handlers{}
