// Command chaos plays mornings against the whole product while it is killed, stopped and lied to, and then holds what its ledger says
// against what arrived. It is built with the tag failpoints, as is the tickmark-solo it starts: see make chaos.
//
// A run is one working day of ten people at two clients, which lasts seconds. Its seed says what happens in it: at which step of a
// delivery a process is killed or stopped, when Temporal or the database is killed, what Slack and the mail server answer instead of
// the truth, and whether Slack lets the app read its history.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"tickmark/activities/failpoint"
)

type options struct {
	solo   string
	dir    string
	runs   int
	worlds int
	seed   uint64
	day    time.Duration
	apart  time.Duration // by how much clocks of workers may be wrong, in engagement time
	on     string        // which installations there are: onSQLite, onPostgres; empty: both by turns

	production bool
	clients    int
}

// What --on may be.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 3 && args[0] == "part" {
		return runPart(ctx, args[1], args[2])
	}
	if len(args) > 0 && args[0] == "production" {
		return runProduction(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "rate" {
		return runRate(ctx, args[1:])
	}
	var o options
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.StringVar(&o.solo, "solo", "", "the tickmark-solo to start, built with -tags failpoints")
	flags.StringVar(&o.dir, "dir", "", "directory for what the processes keep and log; a temporary one that is removed when all went well")
	flags.IntVar(&o.runs, "runs", 200, "how many mornings, over all worlds")
	flags.IntVar(&o.worlds, "worlds", 4,
		"how many installations beside each other: solo on SQLite and serve and worker on PostgreSQL by turns")
	flags.Uint64Var(&o.seed, "seed", 1, "of the first world; the next ones count on")
	flags.DurationVar(&o.day, "day", 20*time.Second, "how long a day lasts")
	flags.DurationVar(&o.apart, "apart", 0, apartUsage)
	flags.StringVar(&o.on, "on", "", "sqlite or postgres: only installations of that kind; left out, both by turns")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case !failpoint.Built:
		return errors.New("this was built without failpoints: see make chaos")
	case o.solo == "" || o.runs < 1 || o.worlds < 1 || o.day < 4*time.Second || o.day > time.Hour:
		return errors.New("--solo must name a program, --runs and --worlds be positive and --day be between 4s and 1h")
	case o.apart < 0 || o.apart > mostApart:
		return errApart
	case o.on != "" && o.on != onSQLite && o.on != onPostgres:
		return fmt.Errorf("--on %q must be %s, %s or left out", o.on, onSQLite, onPostgres)
	}
	return play(ctx, o)
}

// play lets all worlds live beside each other and says what came of it.
func play(ctx context.Context, o options) error {
	dir, own := o.dir, o.dir == ""
	if own {
		var err error
		if dir, err = os.MkdirTemp("", "tickmark-chaos-"); err != nil {
			return err
		}
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil { // PostgreSQL runs as somebody else
		return err
	}
	all, err := o.live(ctx, dir)
	all.print(os.Stdout)
	if err != nil {
		return fmt.Errorf("%w\n(what was kept and logged is in %s)", err, dir)
	}
	if missing := all.never(); !o.production && o.runs >= 100 && len(missing) > 0 {
		return fmt.Errorf("in %d mornings these never came about, and nothing is proved about them: %v", o.runs, missing)
	}
	if n := len(all.broken); n > 0 {
		return fmt.Errorf("%d promises were broken; what was kept and logged is in %s", n, dir)
	}
	if own {
		return os.RemoveAll(dir)
	}
	return nil
}

// alone reports whether the i-th installation is a solo on SQLite.
func (o options) alone(i int) bool {
	if o.production || o.on == onPostgres {
		return false
	}
	return o.on == onSQLite || i%2 == 0
}

// live lets all worlds live beside each other in a folder, and returns what came of them together.
func (o options) live(ctx context.Context, dir string) (all tally, err error) {
	tallies := make([]tally, o.worlds)
	errs := make([]error, o.worlds)
	var together sync.WaitGroup
	for i := range o.worlds {
		together.Go(func() {
			days := o.runs / o.worlds
			if i < o.runs%o.worlds {
				days++
			}
			w := &world{options: o, seed: o.seed + uint64(i), solo: o.alone(i), dir: filepath.Join(dir, fmt.Sprintf("world-%d", i+1))}
			tallies[i], errs[i] = w.live(ctx, days)
			if errs[i] != nil {
				errs[i] = fmt.Errorf("world %d, seed %d: %w", i+1, w.seed, errs[i])
			}
		})
	}
	together.Wait()
	for _, t := range tallies {
		all.add(t)
	}
	return all, errors.Join(errs...)
}
