package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"tickmark/activities/desk"
	"tickmark/activities/failpoint"
	"tickmark/activities/mail"
	"tickmark/activities/post"
	"tickmark/activities/safely"
	wire "tickmark/activities/slack"
	"tickmark/api"
	"tickmark/api/session"
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

	was      store.Version // of the database, before Open brought it up to date
	cfg      Config
	postman  *post.Postman
	desk     *desk.Desk
	letters  *web.Letters
	listener net.Listener
	hosts    func(string) bool // which hosts the API answers
	temporal client.Client
	pokes    chan models.Ref  // see tell
	asks     chan web.LinkAsk // see askLink
	proxies  []netip.Prefix   // see Config.Proxies
	solo     bool             // links are printed on this machine: see AdministratorsLink

	parts   *supervisor
	more    []part // that the program adds to those of the app
	id      string // of the process, among those that use the database
	carries atomic.Bool
	polls   polls   // of its workers
	errands errands // of its workers
	// unanswered: its workers were not answered for so long that they were begun anew, and have not been answered since
	unanswered atomic.Bool
	signs      time.Duration                   // between two signs of life in the database
	looked     atomic.Pointer[[]store.Missing] // what Temporal lacks, as of the last look; nil before the first
	locked     atomic.Int64                    // of how many workspaces the secrets do not open here, as of the last look
	metrics    *metrics
	served     atomic.Bool
	sandbox    string // where the sandbox is that stands in for Slack; empty: there is none
	statusAt   atomic.Pointer[string]
}

// Open checks the configuration, opens database, Temporal and port, and starts nothing. It fails with a sentence for
// people when the port is taken, the database is newer than the program, or an address makes no sense.
func Open(ctx context.Context, cfg Config) (a *App, err error) {
	cfg.Namespace, cfg.Cache = cmp.Or(cfg.Namespace, defaultNamespace), cmp.Or(cfg.Cache, defaultCache)
	a = &App{cfg: cfg, pokes: make(chan models.Ref, pokesWaiting), asks: make(chan web.LinkAsk, asksWaiting),
		parts: newSupervisor(cfg.Log), id: rand.Text(), metrics: newMetrics(),
		signs: signEvery, errands: errands{now: time.Now}}
	if t := cfg.Trial; t != nil {
		a.parts.pace, a.parts.seam, a.signs = trialPace, seam{fault: t.Fault, limit: t.Limit}, trialSigns
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if cfg.Status != "" {
		if err = CheckListen(cfg.Status, "TICKMARK_STATUS_LISTEN"); err != nil {
			return a, err
		}
	}
	if cfg.Listen != "" {
		if a.listener, err = Listen(cfg.Listen, cmp.Or(cfg.ListenBy, "--listen")); err != nil {
			return a, err
		}
		if a.hosts, err = cfg.served(a.listener.Addr()); err != nil {
			return a, err
		}
		if a.proxies, err = cfg.proxies(); err != nil {
			return a, err
		}
	}
	if err = ownDatabase(cfg.Database); err != nil {
		return a, err
	}
	if err = a.openDatabase(ctx); err != nil {
		return a, err
	}
	if a.temporal, err = cfg.dial(a.polls.hear); err != nil {
		return a, err
	}
	a.Engine = workflows.Client{Temporal: a.temporal, Namespace: cfg.Namespace}
	a.Root.Now, a.Root.Tell, a.Root.Became = a.Now, a.tell, a.metrics.became
	return a, a.openPost()
}

// openPost prepares what speaks to Slack and mail; nothing is sent yet.
func (a *App) openPost() error {
	if u, ok := webAddress(a.cfg.PublicURL); !ok || strings.Trim(u.Path, "/") != "" {
		return errors.New("TICKMARK_PUBLIC_URL must be like https://audits.firm.example, without a path")
	}
	if _, ok := webAddress(a.cfg.SlackURL); !ok || a.cfg.SlackURL != "" && !strings.HasSuffix(a.cfg.SlackURL, "/") {
		return errors.New("TICKMARK_SLACK_URL must be like https://slack.com/api/, with a slash at its end")
	}
	a.postman = &post.Postman{Root: a.Root, Now: a.Now, Real: time.Now, Wait: a.cfg.Clock.Wait, Log: a.cfg.Log,
		Slack: &wire.Slack{URL: a.cfg.SlackURL, Timeout: failpoint.Patience() / 2, Client: outgoing(), Dialer: dialer(), Real: time.Now,
			Most: 5 * failpoint.Patience()}, Pace: a.pace(),
		Site: seal.Site{URL: strings.TrimSuffix(a.cfg.PublicURL, "/")}}
	a.Root.Post = a.postman
	if a.cfg.Worker && a.listener != nil { // who sends links is who serves the pages
		if at, err := netip.ParseAddrPort(a.Address()); err == nil && at.Addr().IsLoopback() {
			a.postman.Here = "http://" + a.Address()
		}
	}
	if a.cfg.SecretKeys != "" {
		keys, err := seal.Parse(a.cfg.SecretKeys)
		if err != nil {
			return fmt.Errorf("TICKMARK_SECRET_KEYS %w", err)
		}
		a.Root.Keys, a.postman.Site.Keys = keys, keys
	}
	a.letters = &web.Letters{Root: a.Root, Engine: a.commands(), Site: a.postman.Site, Now: a.Now, Log: a.cfg.Log}
	a.desk = &desk.Desk{Root: a.Root, Engine: a.commands(), Post: a.postman, Slack: a.postman.Slack, URL: a.postman.Site.URL,
		Now: a.Now, Real: time.Now, Log: a.cfg.Log, Pages: a.letters}
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

// checkMail finds out at the start what would otherwise be found out in the morning.
func (a *App) checkMail(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := a.postman.Mail.Check(ctx); err != nil {
		return fmt.Errorf("mail cannot be sent: see TICKMARK_SMTP: %w", err)
	}
	return nil
}

// pace is how patient deliveries are: as configured, unless this is a build whose failures are on purpose.
func (a *App) pace() post.Pace {
	if d := failpoint.Patience(); d > 0 {
		return post.Pace{PerMinute: -1, Patience: d, Backoff: d / 20, Shift: 5 * d}
	}
	return a.cfg.Pace
}

// CheckListen refuses an address to listen on that is no host and port. The refusal names the flag or variable that sets it.
func CheckListen(address, by string) error {
	_, port, err := net.SplitHostPort(address)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return fmt.Errorf("%s %q must be a host and a port, as in 127.0.0.1:8080", by, address)
	}
	return nil
}

// Listen opens a TCP port; when it is taken, or is none, the error says which flag chooses another.
func Listen(address, flag string) (net.Listener, error) {
	if err := CheckListen(address, flag); err != nil {
		return nil, err
	}
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

// Run carries out all parts of the process until ctx ends. A part that fails ends nothing else, and is tried again. Run returns when
// everything has stopped: first the API, so that nothing new comes in, then the workers. It logs why it ends, and when it has ended.
func (a *App) Run(ctx context.Context) error {
	late, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var ends, lastEnds []func()
	for _, p := range a.list() {
		if p.last {
			lastEnds = append(lastEnds, a.parts.begin(late, p))
		} else {
			ends = append(ends, a.parts.begin(ctx, p))
		}
	}
	<-ctx.Done()
	why := context.Cause(ctx).Error()
	a.cfg.Log.Info("tickmark ends: it finishes what it has begun", "why", why)
	for _, end := range ends {
		end()
	}
	stop()
	for _, end := range lastEnds {
		end()
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), signEvery)
	defer cancel()
	if err := a.Root.Gone(short, a.id); err != nil {
		a.cfg.Log.Warn("the end of this process cannot be noted", "error", err)
	}
	a.cfg.Log.Info("tickmark has ended", "why", why)
	return nil
}

// handler returns what answers on the one port: the API, the door of Slack and the pages of mails. Pages that listen stop when ending is
// closed.
func (a *App) handler(ending <-chan struct{}) (http.Handler, error) {
	server, err := api.New(api.Config{Root: a.Root, Engine: a.commands(), Missing: a.missing, Post: a.postman, Hurry: a.Engine.Hurry,
		Now: a.Now, Log: a.cfg.Log, Rate: a.cfg.Rate, Burst: int(10 * a.cfg.Rate), Patient: a.cfg.Patient,
		Cookies: session.CookiesFor(a.cfg.PublicURL, a.port()), Proxies: a.proxies})
	if err != nil {
		return nil, err
	}
	server.Mount(wire.Path+"*", a.desk.Door())
	server.Mount(seal.LettersPath+"*", a.letters.Handler())
	pages, err := web.New(web.Config{Root: a.Root, Engine: a.commands(), Sessions: server.Sessions(), Now: a.Now, Real: time.Now,
		Log: a.cfg.Log, Invite: a.invite, AskLink: a.askLink, SendsLinks: a.postman.SendsLinks, Solo: a.solo,
		Patient: cmp.Or(a.cfg.Patient, pagePatience), Mail: a.postman.SendsMail(), Day: a.fastDay(), Sandbox: a.sandbox,
		Ending: ending})
	if err != nil {
		return nil, err
	}
	for _, path := range web.Paths {
		server.Mount(path, pages)
	}
	server.Otherwise(pages)
	return server.Handler(), nil
}

// pagePatience is how long a page may take.
const pagePatience = 5 * time.Second

// port is at which port the process listens.
func (a *App) port() string {
	_, port, err := net.SplitHostPort(a.Address())
	if err != nil {
		return ""
	}
	return port
}

// fastDay is how long an engagement day lasts where the clock is fast; else 0.
func (a *App) fastDay() time.Duration {
	if day := DayOf(a.cfg.Clock); day != 24*time.Hour {
		return day
	}
	return 0
}

// UseSandbox tells people on the pages where the sandbox is that stands in for Slack. It is for before Run.
func (a *App) UseSandbox(link string) { a.sandbox = link }

// AdministratorsLink makes a link by which the administrator of the first firm signs in, as SignInLink does.
func (a *App) AdministratorsLink(ctx context.Context) (string, error) {
	a.solo = true
	firms, err := a.Root.Firms(ctx)
	if err != nil || len(firms) == 0 {
		return "", err
	}
	return a.SignInLink(ctx, firms[0].ID, firstAdmin)
}

// SignInLink makes a link by which somebody signs in, once, within store.LinkLasts, in any browser: for who has the machine. It returns its
// path.
func (a *App) SignInLink(ctx context.Context, firm models.FirmID, person models.PersonID) (string, error) {
	secret, hash := store.NewSecret()
	err := a.Root.For(firm).CreateLink(ctx, store.Link{Person: person, Way: store.ByConsole, Hash: hash}, time.Now())
	return "/enter/" + secret, err
}

// serve answers requests on the one port until ctx ends, and finishes those that it has begun.
func (a *App) serve(ctx context.Context) error {
	handler, err := a.handler(ctx.Done())
	if err != nil {
		return err
	}
	listener := a.listener
	if a.served.Swap(true) { // the first listener ended with the first try
		if listener, err = Listen(a.listener.Addr().String(), "--listen"); err != nil {
			return err
		}
	}
	return a.answer(ctx, requestsPart, listener, a.front(handler))
}

// front returns what stands before all that the one port serves.
func (a *App) front(handler http.Handler) http.Handler {
	return overTLS(a.cfg.PublicURL, guard(a.hosts, a.turnedAway, handler))
}

// answer answers requests on a listener until ctx ends, and finishes then what it has begun. It gives signs of life, as a part of a kind,
// only while it is seen to answer. It returns why it ended.
func (a *App) answer(ctx context.Context, kind string, listener net.Listener, handler http.Handler) error {
	if a.parts.seam.listener != nil {
		listener = a.parts.seam.listener(kind, listener)
	}
	if a.parts.seam.handler != nil {
		handler = a.parts.seam.handler(kind, handler)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, DisableGeneralOptionsHandler: true}
	defer func() { _ = srv.Close() }() // it is closed already, unless there was a panic
	ended := make(chan struct{})
	var g safely.Group
	g.Go(func() error { defer close(ended); return srv.Serve(listener) })
	err := a.seenToAnswer(ctx, listener.Addr(), ended)
	select {
	case <-ended:
		return g.Wait()
	default:
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.parts.pace.drain)
	defer cancel()
	if err := srv.Shutdown(short); err != nil {
		a.cfg.Log.Warn("a server was stopped before every request was answered", "address", listener.Addr(), "error", err)
	}
	return err
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

// poke sends what tell has put down, beside the answers to those who caused it. It returns what hinders it: the engagement that it was at
// is woken by the keeper.
func (a *App) poke(ctx context.Context) error {
	for {
		idle := time.NewTimer(a.parts.pace.beat)
		select {
		case <-ctx.Done():
		case <-idle.C:
		case ref := <-a.pokes:
			short, cancel := context.WithTimeout(ctx, pokeFor)
			err := a.Engine.Poke(short, ref)
			cancel()
			if err != nil {
				return fmt.Errorf("poke %s of %s: %w", ref.Engagement, ref.Firm, err)
			}
		}
		idle.Stop()
		if err := safely.Beat(ctx); err != nil {
			return err
		}
	}
}

// pokeFor is how long a poke may take.
const pokeFor = 5 * time.Second

// keep looks after engagements that should have moved but did not: a workflow that was lost with its cluster is started
// again from the database, one that sleeps is woken. Both are harmless where nothing was wrong. It returns what hinders it.
func (a *App) keep(ctx context.Context) error {
	for {
		if err := a.heal(ctx); err != nil {
			return err
		}
		if err := safely.Rest(ctx, keepEvery, nil); err != nil {
			return err
		}
	}
}

func (a *App) heal(ctx context.Context) error {
	refs, err := a.Root.Overdue(ctx, a.cfg.Clock.At(time.Now().Add(-keepAfter)), 100)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		short, cancel := context.WithTimeout(ctx, pokeFor)
		err := a.Engine.Poke(short, ref)
		cancel()
		if err != nil {
			return fmt.Errorf("wake %s of %s: %w", ref.Engagement, ref.Firm, err)
		}
		a.cfg.Log.Info("woke an engagement that was due", "firm", ref.Firm, "engagement", ref.Engagement)
		if err := safely.Beat(ctx); err != nil {
			return err
		}
	}
	return nil
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
