package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tickmark/cmd/internal/app"
	"tickmark/models"
)

// serverCommands are the commands that run Tickmark rather than talk to it. Their configuration comes from TICKMARK_DATABASE,
// TICKMARK_TEMPORAL, TICKMARK_NAMESPACE, TICKMARK_PAYLOAD_KEYS, TICKMARK_LISTEN and TICKMARK_STATUS_LISTEN, and what Config.MessagingFrom
// reads.
func serverCommands() []*cobra.Command {
	return []*cobra.Command{serveCommand(), workerCommand(), migrateCommand(), setupCommand()}
}

func config() (app.Config, error) {
	cfg := app.Config{
		Database:    os.Getenv("TICKMARK_DATABASE"),
		PayloadKeys: os.Getenv("TICKMARK_PAYLOAD_KEYS"),
		Log:         slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
	cfg.MessagingFrom(os.Getenv)
	if err := cfg.TemporalFrom(os.Environ()); err != nil {
		return cfg, err
	}
	cfg.Temporal = cmp.Or(cfg.Temporal, "127.0.0.1:7233")
	if cfg.Database == "" {
		return cfg, fmt.Errorf("TICKMARK_DATABASE is not set: postgres://user:password@host/database, or sqlite:<path>")
	}
	return cfg, nil
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
		return err
	}
	defer a.Close()
	if err := a.Root.Ping(ctx); models.CodeOf(err) == models.Conflict {
		return err // the wrong version: waiting would not help
	}
	cfg.Log.Info("tickmark runs", "listen", a.Address(), "worker", cfg.Worker)
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
				c.Listen, c.Status = cmp.Or(os.Getenv("TICKMARK_LISTEN"), "127.0.0.1:8080"), statusListen(serveStatus)
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

// opened brings the database up to date and runs do on it alone.
func opened(cmd *cobra.Command, do func(context.Context, *app.App) error) error {
	cfg, err := config()
	if err != nil {
		return err
	}
	cfg.Migrate = true
	a, err := app.Open(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return do(cmd.Context(), a)
}

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "migrate",
		Short:   "Bring the database up to date; a newer one is refused",
		Example: "  tickmark migrate",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, func(ctx context.Context, a *app.App) error {
				v, err := a.Root.Version(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "the database is at version %d\n", v.Database)
				return err
			})
		},
	}
}

func setupCommand() *cobra.Command {
	var id string
	begin := app.NewBeginning("")
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Create a firm and its administrator, and print the administrator's token once",
		Example: `  tickmark setup --id acme --firm "Acme Advisory" --country US --time-zone America/New_York \
      --admin "Marta Lindqvist" --admin-email marta@acme.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := models.CheckID("--id", id); err != nil {
				return err
			}
			if err := begin.Check(); err != nil {
				return err
			}
			return opened(cmd, func(ctx context.Context, a *app.App) error {
				token, err := a.Setup(ctx, models.FirmID(id), begin)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "id of the firm: lower-case letters, digits, hyphens")
	begin.Flags(cmd.Flags())
	return cmd
}
