package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"tickmark/activities/desk"
	"tickmark/activities/failpoint"
	"tickmark/activities/mail"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/api"
	"tickmark/api/web"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/workflows"
)

// An App is a running Tickmark, or a part of it.
type App struct {
	Root   *store.Root
	Engine workflows.Client

	cfg      Config
	postman  *post.Postman
	desk     *desk.Desk
	letters  *web.Letters
	listener net.Listener
	hosts    func(string) bool // which hosts the API answers
	temporal client.Client
	pokes    chan models.Ref // see tell
}

// Open checks the configuration, opens database, Temporal and port, and starts nothing. It fails with a sentence for
// people when the port is taken, the database is newer than the program, or an address makes no sense.
func Open(ctx context.Context, cfg Config) (a *App, err error) {
	cfg.Namespace, cfg.Cache = cmp.Or(cfg.Namespace, defaultNamespace), cmp.Or(cfg.Cache, defaultCache)
	a = &App{cfg: cfg, pokes: make(chan models.Ref, pokesWaiting)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if cfg.Listen != "" {
		if a.listener, err = Listen(cfg.Listen, "--listen"); err != nil {
			return a, err
		}
		if a.hosts, err = cfg.served(a.listener.Addr()); err != nil {
			return a, err
		}
	}
	if a.Root, err = store.Open(cfg.Database); err != nil {
		return a, err
	}
	if cfg.Migrate {
		if err = a.Root.Migrate(ctx); err != nil {
			return a, err
		}
	}
	if a.temporal, err = cfg.dial(); err != nil {
		return a, err
	}
	a.Engine = workflows.Client{Temporal: a.temporal, Namespace: cfg.Namespace}
	a.Root.Now, a.Root.Tell = a.Now, a.tell
	return a, a.openPost()
}

// openPost prepares what speaks to Slack and mail; nothing is sent yet.
func (a *App) openPost() error {
	if u, ok := webAddress(a.cfg.PublicURL); !ok || strings.Trim(u.Path, "/") != "" {
		return errors.New("TICKMARK_PUBLIC_URL must be like https://audits.firm.example, without a path")
	}
	if _, ok := webAddress(a.cfg.SlackURL); !ok {
		return errors.New("TICKMARK_SLACK_URL must be like https://slack.com/api/")
	}
	a.postman = &post.Postman{Root: a.Root, Now: a.Now, Real: time.Now, Log: a.cfg.Log,
		Slack: &wire.Slack{URL: a.cfg.SlackURL, Timeout: failpoint.Patience() / 2}, Pace: a.pace(),
		Site: seal.Site{URL: strings.TrimSuffix(a.cfg.PublicURL, "/")}}
	if a.cfg.SecretKeys != "" {
		keys, err := seal.Parse(a.cfg.SecretKeys)
		if err != nil {
			return fmt.Errorf("TICKMARK_SECRET_KEYS %w", err)
		}
		a.Root.Keys, a.postman.Site.Keys = keys, keys
	}
	a.letters = &web.Letters{Root: a.Root, Engine: a.Root, Site: a.postman.Site, Now: a.Now, Log: a.cfg.Log}
	a.desk = &desk.Desk{Root: a.Root, Engine: a.Root, Post: a.postman, Slack: a.postman.Slack, URL: a.postman.Site.URL,
		Now: a.Now, Real: time.Now, Log: a.cfg.Log, Page: a.letters.Say}
	if a.cfg.SMTP != "" {
		mail, err := mail.NewMailer(a.cfg.SMTP, a.cfg.MailFrom)
		if err != nil {
			return err
		}
		a.postman.Mail = mail
	}
	return nil
}

// webAddress reads the address of a web server, which may be empty. It returns false for what is none.
func webAddress(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil || s == "" {
		return &url.URL{}, s == ""
	}
	return u, (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == "" && u.User == nil
}

// UseSlack lets a Slack at another address than the configured one answer: a sandbox, which takes as much as there is. It is for before
// Run.
func (a *App) UseSlack(url string) {
	a.postman.Slack.URL = url
	a.postman.Pace.PerMinute, a.postman.Pace.PerSecond = -1, -1
}

// checkMail says at the start what would otherwise be found out in the morning.
func (a *App) checkMail(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := a.postman.Mail.Check(ctx); err != nil && ctx.Err() == nil {
		a.cfg.Log.Error("mail cannot be sent: see TICKMARK_SMTP. It is tried again whenever there is some", "error", err)
	}
}

// pace is how patient deliveries are: as configured, unless this is a build whose failures are on purpose.
func (a *App) pace() post.Pace {
	if d := failpoint.Patience(); d > 0 {
		return post.Pace{PerMinute: -1, Patience: d, Backoff: d / 20, Shift: 5 * d}
	}
	return a.cfg.Pace
}

// Listen opens a TCP port; when it is taken the error says which flag chooses another.
func Listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is already in use: choose another address with %s", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: choose another address with %s", address, flag)
	}
	return l, nil
}

// Address returns where the API listens; empty without one.
func (a *App) Address() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// Now returns the present engagement time.
func (a *App) Now() time.Time { return a.cfg.Clock.At(time.Now()) }

// Run serves and works until ctx ends or the API fails. A worker that fails is tried again: it ends nothing else. Run returns when
// everything has stopped: first the API, so that nothing new comes in, then the worker.
func (a *App) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var stops []func()
	begin := func(stop func(), err error) {
		if err != nil {
			fail(err)
			return
		}
		stops = append(stops, stop)
	}
	for range pokers {
		go a.always(ctx, "pokes", a.poke)
	}
	if a.listener != nil {
		begin(a.serve(fail))
		go a.always(ctx, "what comes from Slack", a.desk.Run)
		go a.always(ctx, "Socket Mode", a.desk.Sockets)
	}
	if a.cfg.Worker {
		begin(a.work(ctx), nil)
		if a.postman.Mail != nil {
			go a.always(ctx, "the check of mail", a.checkMail)
		}
		go a.always(ctx, "the keeper", a.keep)
		go a.always(ctx, "sweeps", a.sweep)
		go a.always(ctx, "the schedule of an earlier release", a.dropSchedule)
	}
	<-ctx.Done()
	for _, stop := range stops {
		stop()
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// drain is how long a stopping process lets requests and activities finish.
const drain = 10 * time.Second

// handler returns what answers on the one port: the API, the door of Slack and the pages of mails. conducted says what does not answer, as
// in api.Config.
func (a *App) handler(conducted func(context.Context) error) (http.Handler, error) {
	server, err := api.New(api.Config{Root: a.Root, Conducted: conducted, Post: a.postman, Hurry: a.Engine.Hurry, Now: a.Now,
		Log: a.cfg.Log, Rate: a.cfg.Rate, Burst: int(10 * a.cfg.Rate)})
	if err != nil {
		return nil, err
	}
	server.Mount(wire.Path+"*", a.desk.Door())
	server.Mount(seal.LettersPath+"*", a.letters.Handler())
	return server.Handler(), nil
}

func (a *App) serve(fail context.CancelCauseFunc) (stop func(), err error) {
	handler, err := a.handler(a.conducted)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: Guard(a.hosts, handler), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	go func() {
		if err := srv.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			fail(fmt.Errorf("the API stopped: %w", err))
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			a.cfg.Log.Warn("the API was stopped before every request was answered", "error", err)
		}
	}, nil
}

// await waits until Temporal answers, saying once that it does.
func (a *App) await(ctx context.Context) error {
	for said := false; ; {
		if _, err := a.temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err == nil {
			return nil
		} else if ctx.Err() != nil {
			return context.Cause(ctx)
		} else if !said {
			said = true
			a.cfg.Log.Warn("waiting for Temporal", "address", a.cfg.Temporal, "why", a.cfg.knock(ctx), "error", err)
		}
		rest(ctx, time.Second)
	}
}

// pokesWaiting is how many pokes may wait to be sent, and pokers how many are sent at once.
const (
	pokesWaiting = 4096
	pokers       = 4
)

// tell hears of what was committed, and has workflows poked that have something to do. Where too many wait, it drops the poke: the
// engagement's wake stands in the database, and keep finds it.
func (a *App) tell(n store.News) {
	if !n.Wakes {
		return
	}
	select {
	case a.pokes <- n.Ref:
	default:
	}
}

// poke sends what tell has put down, beside the answers to those who caused it.
func (a *App) poke(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case ref := <-a.pokes:
			short, cancel := context.WithTimeout(ctx, pokeFor)
			if err := a.Engine.Poke(short, ref); err != nil && ctx.Err() == nil {
				a.cfg.Log.Info("cannot poke an engagement: it is woken when Temporal answers again", "firm", ref.Firm, "engagement", ref.Engagement,
					"error", err)
			}
			cancel()
		}
	}
}

// pokeFor is how long a poke may take.
const pokeFor = 5 * time.Second

// keep looks after engagements that should have moved but did not: a workflow that was lost with its cluster is started
// again from the database, one that sleeps is woken. Both are harmless where nothing was wrong.
func (a *App) keep(ctx context.Context) {
	for a.heal(ctx); rest(ctx, keepEvery); {
		a.heal(ctx)
	}
}

func (a *App) heal(ctx context.Context) {
	refs, err := a.Root.Overdue(ctx, a.cfg.Clock.At(time.Now().Add(-keepAfter)), 100)
	if err != nil {
		if ctx.Err() == nil {
			a.cfg.Log.Warn("cannot look for engagements to heal", "error", err)
		}
		return
	}
	for _, ref := range refs {
		if err := a.Engine.Poke(ctx, ref); err != nil {
			if ctx.Err() == nil {
				a.cfg.Log.Warn("cannot wake an engagement", "firm", ref.Firm, "engagement", ref.Engagement, "error", err)
			}
			return
		}
		a.cfg.Log.Info("woke an engagement that was due", "firm", ref.Firm, "engagement", ref.Engagement)
	}
}

// Close gives back what Open took. It may be called more than once.
func (a *App) Close() {
	if a.listener != nil {
		_ = a.listener.Close() // closed already when it was served
	}
	if a.temporal != nil {
		a.temporal.Close()
	}
	if a.Root != nil {
		if err := a.Root.Close(); err != nil {
			a.cfg.Log.Warn("cannot close the database", "error", err)
		}
		a.Root = nil
	}
}
