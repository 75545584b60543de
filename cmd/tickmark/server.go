package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tickmark/cmd/internal/app"
	"tickmark/cmd/internal/cli"
	"tickmark/models"
)

// serverCommands are the commands that run Tickmark rather than talk to it. Their configuration comes from the environment: see
// app.FromEnvironment.
func serverCommands() []*cobra.Command {
	return []*cobra.Command{serveCommand(), workerCommand(), migrateCommand(), setupCommand()}
}

// config returns what the environment says, with a log of the level that it says. Names that are no settings are logged whatever that is.
func config() (app.Config, error) {
	var level slog.LevelVar
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: &level, ReplaceAttr: app.Readable}))
	cfg, err := app.FromEnvironment(os.Environ(), log)
	level.Set(cfg.LogLevel)
	return cfg, err
}

// run opens the part of Tickmark that change chooses and runs it until it is told to stop.
func run(cmd *cobra.Command, change func(*app.Config)) error {
	cfg, err := config()
	if err != nil {
		return err
	}
	change(&cfg)
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return app.Told(err)
	}
	defer a.Close()
	if err := a.Check(ctx); err != nil {
		return app.Told(err) // waiting would not help
	}
	cfg.Log.Info("tickmark starts", "listen", a.Address(), "worker", cfg.Worker)
	return a.Run(ctx)
}

// Where a process tells operators how it does, on this machine, unless TICKMARK_STATUS_LISTEN says otherwise.
const (
	serveStatus  = "127.0.0.1:8081"
	workerStatus = "127.0.0.1:8082"
)

// statusListen returns where a process tells operators how it does; empty when TICKMARK_STATUS_LISTEN is none.
func statusListen(usual string) string {
	if at := cmp.Or(os.Getenv("TICKMARK_STATUS_LISTEN"), usual); at != "none" {
		return at
	}
	return ""
}

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "serve",
		Short:   "Serve the API on TICKMARK_LISTEN (127.0.0.1:8080)",
		Example: "  tickmark serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd, func(c *app.Config) {
				c.Listen, c.ListenBy = cmp.Or(os.Getenv("TICKMARK_LISTEN"), "127.0.0.1:8080"), "TICKMARK_LISTEN"
				c.Status = statusListen(serveStatus)
			})
		},
	}
}

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "worker",
		Short:   "Carry engagements: run as many workers as you like",
		Example: "  tickmark worker",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd, func(c *app.Config) { c.Worker, c.Status = true, statusListen(workerStatus) })
		},
	}
}

// opened brings the database up to date, with the rights of a role if one is named, and runs do on it.
func opened(cmd *cobra.Command, role string, do func(context.Context, *app.App) error) error {
	cfg, err := config()
	if err != nil {
		return err
	}
	cfg.Migrate, cfg.Role = true, cmp.Or(role, cfg.Role)
	a, err := app.Open(cmd.Context(), cfg)
	if err != nil {
		return app.Told(err)
	}
	defer a.Close()
	return app.Told(do(cmd.Context(), a))
}

func migrateCommand() *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to date; a newer one is refused",
		Long: "Bring the database up to date; a newer one is refused. With a role it also gives that role the rights that serve and worker " +
			"need: it may neither change nor delete what is only added to.",
		Example: "  tickmark migrate\n  tickmark migrate --role tickmark_app",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, role, func(ctx context.Context, a *app.App) error {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), a.Migrated())
				return err
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "PostgreSQL role of serve and worker, which gets its rights; else TICKMARK_DATABASE_ROLE")
	return cmd
}

// A setup is what setup was told.
type setup struct {
	id, expires, retention, person string
	newToken, temporal             bool
	begin                          app.Beginning
}

func setupCommand() *cobra.Command {
	s := setup{begin: app.NewBeginning("")}
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Create a firm and its administrator, and print the administrator's token once",
		Long: "Create a firm and its administrator, and print the administrator's token once. The namespace and the search attribute that " +
			"Tickmark needs in Temporal are made where they are missing. With --new-token an existing firm's administrator gets a new token, " +
			"and those from setup before are revoked; with --temporal alone nothing but Temporal is looked at.",
		Example: `  tickmark setup --id acme --firm "Acme Advisory" --country US --time-zone America/New_York \
      --admin "Marta Lindqvist" --admin-email marta@acme.example
  tickmark setup --id acme --new-token
  tickmark setup --temporal`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&s.id, "id", "", "id of the firm: lower-case letters, digits, hyphens")
	s.begin.Flags(flags)
	flags.StringVar(&s.expires, "expires", "90d", "after how many days the token expires, at most 366d")
	flags.BoolVar(&s.newToken, "new-token", false, "print a new token for the administrator of a firm that is there, and revoke the lost one")
	flags.StringVar(&s.person, "person", "", "with --new-token, the partner who gets it; else the administrator whom setup made")
	flags.BoolVar(&s.temporal, "temporal", false, "only make what is missing in Temporal")
	flags.StringVar(&s.retention, "retention", "30d", "for how many days a namespace that is made keeps the histories of what has ended")
	return cmd
}

// days reads a number of days, as in 90d.
func days(flag, value string, most int) (time.Duration, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("--%s %q must be a number of days from 1d to %dd", flag, value, most)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

func (s setup) run(cmd *cobra.Command) error {
	keep, err := days("retention", s.retention, 3650)
	if err != nil {
		return cli.Misused(err)
	}
	if s.temporal && !s.newToken && s.id == "" {
		return s.onTemporal(cmd, keep)
	}
	lasts, err := days("expires", s.expires, 366)
	if err == nil {
		err = models.CheckID("--id", s.id)
	}
	if err == nil && !s.newToken {
		err = s.begin.Check()
	}
	if err != nil {
		return cli.Misused(err)
	}
	return opened(cmd, "", func(ctx context.Context, a *app.App) error {
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "tickmark: %s\n", a.Migrated()); err != nil {
			return err
		}
		token, err := s.token(ctx, a, lasts)
		if err != nil {
			return err
		}
		if _, err = fmt.Fprintln(cmd.OutOrStdout(), token); err != nil || s.newToken {
			return err
		}
		if err := a.Prepare(ctx, keep); err != nil { // the firm is there, and its token was shown
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "tickmark: %s. When that is mended: tickmark setup --temporal\n", app.Told(err))
			return err
		}
		return nil
	})
}

// token makes the firm, or a new token where it is there already, and returns the token.
func (s setup) token(ctx context.Context, a *app.App, lasts time.Duration) (string, error) {
	if s.newToken {
		return a.Renew(ctx, models.FirmID(s.id), models.PersonID(s.person), lasts)
	}
	return a.Setup(ctx, models.FirmID(s.id), s.begin, lasts)
}

// onTemporal makes what is missing in Temporal. The database is not needed.
func (s setup) onTemporal(cmd *cobra.Command, keep time.Duration) error {
	cfg, err := config()
	if err != nil {
		return err
	}
	a, err := app.Open(cmd.Context(), cfg)
	if err != nil {
		return app.Told(err)
	}
	defer a.Close()
	if err := a.Prepare(cmd.Context(), keep); err != nil {
		return app.Told(err)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "Temporal has what Tickmark needs")
	return err
}
