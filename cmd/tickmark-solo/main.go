// Command tickmark-solo is all of Tickmark in one process: an embedded Temporal server, a database in a file, the API and a
// worker. It is for trying out, for demonstrations, and for a firm on one machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tickmark/cmd/internal/app"
	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/cmd/tickmark-solo/sandbox"
	"tickmark/models"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := exit(run(ctx, os.Args[1:]), os.Stderr)
	stop()
	os.Exit(code)
}

// A misuse is an error of the command line: nothing was begun.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// exit writes what an error says to people and returns the exit code: those of the page of the command line.
func exit(err error, to io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	_, _ = fmt.Fprintln(to, "tickmark-solo:", sentence(err)) // whoever reads it may be gone
	if _, ok := errors.AsType[misuse](err); ok {
		_, _ = fmt.Fprintln(to, "See: tickmark-solo --help")
		return 2
	}
	if models.CodeOf(err) == models.Unavailable {
		return 3
	}
	return 1
}

// sentence returns what an error says to people.
func sentence(err error) string {
	err = app.Told(err)
	if refusal, ok := errors.AsType[*models.Error](err); ok {
		return refusal.Message
	}
	return err.Error()
}

type options struct {
	data   string
	listen string
	uiPort int
	slack  int
	day    time.Duration // 0: as the data directory has it, or 24 hours
	quiet  bool
	begin  app.Beginning
	given  map[string]bool // flags that were written
}

// sandboxAdmin is the address of an administrator who was given none: in the sandbox everybody with an address has an account.
const sandboxAdmin = "admin@firm.example"

// parse reads the command line, and refuses what cannot be as misuse. Asked for help it prints that, and returns flag.ErrHelp.
func parse(args []string, help io.Writer) (options, error) {
	o, err := parsed(args, help)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		err = misuse{err}
	}
	return o, err
}

func parsed(args []string, help io.Writer) (options, error) {
	o := options{begin: app.NewBeginning("My firm"), given: map[string]bool{}}
	flags := flag.NewFlagSet("tickmark-solo", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // what is wrong is said once, without all flags
	flags.StringVar(&o.data, "data", "./data", "directory that holds everything")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of the API")
	flags.IntVar(&o.uiPort, "temporal-ui", -1,
		"port of Temporal's web pages on this machine, at which nobody is asked who they are; 0: any; -1: none")
	flags.IntVar(&o.slack, "sandbox", 8090, "port of the Slack sandbox on this machine; 0: any; -1: none, to use a Slack of your own")
	flags.DurationVar(&o.day, "day", 24*time.Hour, "how long an engagement day lasts; 2s plays fifteen months in a quarter of an hour.\n"+
		"A data directory keeps what it was made with: left out, it is that")
	o.begin.Flags(flags)
	flags.Lookup("admin-email").Usage += " (default in the sandbox " + sandboxAdmin + ")"
	flags.BoolVar(&o.quiet, "quiet", false, "log errors only")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(help)
			flags.Usage()
		}
		return o, err
	}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	if err := o.check(flags.Args()); err != nil {
		return o, err
	}
	if !o.given["day"] {
		o.day = 0
	}
	if o.slack >= 0 && !o.given["admin-email"] {
		o.begin.AdminEmail = sandboxAdmin
	}
	return o, o.begin.Check()
}

// check refuses values that cannot be, whatever there is already. The firm's are looked at by themselves.
func (o options) check(more []string) error {
	switch {
	case o.data == "":
		return errors.New("--data must name a directory")
	case o.uiPort < -1 || o.uiPort > 65535:
		return fmt.Errorf("--temporal-ui %d must be a port, 0 for any, or -1 for none", o.uiPort)
	case o.slack < -1 || o.slack > 65535:
		return fmt.Errorf("--sandbox %d must be a port, 0 for any, or -1 for none", o.slack)
	case len(more) > 0:
		return fmt.Errorf("%q is no flag: see --help", more[0])
	case o.day < time.Millisecond || o.day > 24*time.Hour:
		return fmt.Errorf("--day %s must be between 1ms and 24h", o.day)
	}
	return app.CheckListen(o.listen, "--listen")
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args, os.Stdout)
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if o.quiet {
		level = slog.LevelError
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	clock, err := app.ClockOf(o.data, o.day, time.Now())
	if err != nil {
		return err
	}
	if err := o.portsFree(); err != nil {
		return err
	}
	if err := app.OwnData(o.data); err != nil {
		return err
	}
	keys, err := app.SecretKeys(o.data)
	if err != nil {
		return err
	}
	server, err := embedded.Start(ctx,
		embedded.Options{Dir: filepath.Join(o.data, "temporal"), UIPort: o.uiPort, Guard: app.Here, Log: log})
	if err != nil {
		return err
	}
	defer server.Stop()
	cfg := app.Config{
		Database: "sqlite:" + filepath.Join(o.data, "tickmark.sqlite"), Temporal: server.Address(), TemporalTLS: server.TLS(),
		Listen: o.listen, Worker: true, Migrate: true, Clock: clock, Rate: 500, Log: log, SecretKeys: keys,
	}
	cfg.MessagingFrom(os.Getenv)
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := app.KeepClock(o.data, clock); err != nil {
		return err
	}
	unheard, err := o.begin.Unheard(ctx, a, func(flag string) bool { return o.given[flag] })
	if err != nil {
		return err
	}
	token, fresh, err := a.FirstStart(ctx, o.data, o.begin)
	if err != nil {
		return err
	}
	slack, err := play(ctx, o, a, token, clock, log)
	if err != nil {
		return err
	}
	if slack != nil {
		defer slack.Close()
	}
	place := places{api: a.Address(), ui: server.UIAddress(), token: token, fresh: fresh, cli: cliBeside(os.Executable)}
	if slack != nil {
		place.sandbox = slack.Link()
	}
	if slack != nil {
		a.UseSandbox(slack.URL())
	}
	if place.enter, err = a.AdministratorsLink(ctx); err != nil {
		return err
	}
	place.ownSlack = slack == nil && o.slack >= 0
	for _, sentence := range unheard {
		fmt.Println(sentence)
	}
	if place.used, err = a.HasEngagements(ctx); err != nil {
		return err
	}
	fmt.Print(greeting(place, app.DayOf(clock), a.Now()))
	err = a.Run(ctx)
	fmt.Printf("Tickmark has ended: %s\n", context.Cause(ctx))
	return err
}

// portsFree refuses to start where something else listens already, and names all of it by its flags: before anything is made. What no port
// was chosen for is free. Ports are held until all have been looked at, so that two flags do not choose the same.
func (o options) portsFree() error {
	var where, flags []string
	for _, p := range []struct {
		address, flag string
		wanted        bool
	}{{o.listen, "--listen", true}, {fmt.Sprintf("%s:%d", embedded.Loopback, o.uiPort), "--temporal-ui", o.uiPort > 0},
		{fmt.Sprintf("%s:%d", embedded.Loopback, o.slack), "--sandbox", o.slack > 0}} {
		if !p.wanted {
			continue
		}
		switch held, err := net.Listen("tcp", p.address); {
		case err == nil:
			defer held.Close()
		case errors.Is(err, syscall.EADDRINUSE):
			where, flags = append(where, p.address), append(flags, p.flag)
		default:
			return fmt.Errorf("cannot listen on %s: choose another address with %s", p.address, p.flag)
		}
	}
	switch len(where) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s is already in use: choose another address with %s", where[0], flags[0])
	}
	return fmt.Errorf("%s are already in use: choose others with %s", models.Words(where), models.Words(flags))
}

// play starts the Slack sandbox for the first firm; nil when nobody wants it, or the firm has a Slack of its own. Its page opens with the
// link that is made of the administrator's token, which is in a file, or with the token of a partner.
func play(ctx context.Context, o options, a *app.App, token string, clock models.Clock, log *slog.Logger) (*sandbox.Sandbox, error) {
	firms, err := a.Root.Firms(ctx)
	if err != nil || len(firms) == 0 {
		return nil, err
	}
	firm := a.Root.For(firms[0].ID)
	if o.slack < 0 {
		return nil, sandbox.Leave(ctx, firm, a.Now())
	}
	secret, err := os.ReadFile(token)
	if err != nil {
		return nil, fmt.Errorf("the administrator's token cannot be read: remove %s, and the next start writes a new one", token)
	}
	slack, err := sandbox.Open(sandbox.Options{Dir: o.data, Port: o.slack, Log: log, Guard: app.Here, Secret: string(secret),
		Admits: func(ctx context.Context, token string) bool { return a.IsAdministrators(ctx, firms[0].ID, token) }})
	if err != nil {
		return nil, err
	}
	joined, err := slack.Join(ctx, firm, "http://"+a.Address(), clock)
	if err != nil || !joined {
		slack.Close()
		return nil, err
	}
	a.UseSlack(slack.URL() + "/api/")
	a.Also("accounts of the sandbox", "who is new has no account in the sandbox", slack.Welcome)
	return slack, nil
}
