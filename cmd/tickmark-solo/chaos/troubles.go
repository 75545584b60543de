package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"syscall"
	"time"

	"tickmark/models"
)

// A trouble is something that befalls an installation of production for a while.
type trouble struct {
	name string
	do   func(ctx context.Context, w *world, lasts time.Duration) error
}

// troubles are all that are known, in the order of their turns.
var troubles = []trouble{
	{"a worker killed", kills("worker-1")},
	{"PostgreSQL killed", kills("postgres")},
	{"an engagement locked", locked},
	{"Temporal killed", kills("temporal")},
	{"a server killed", kills("serve-1")},
	{"the database read only", readOnly},
	{"connections cut", cut},
	{"PostgreSQL not reached", barred},
	{"both workers killed", kills("worker-1", "worker-2")},
	{"answers to COMMIT stolen", stolen},
	{"Temporal's data lost", lostTemporal},
	{"both servers killed", kills("serve-1", "serve-2")},
	{"a release", release},
}

// A misfortune is a trouble at an hour of a day.
type misfortune struct {
	trouble
	hour  float64
	lasts time.Duration
}

// ordeal says what befalls production on the n-th day of a world: two troubles, so that every one has its turn in seven days.
func (w *world) ordeal(n int, d models.Date) morning {
	dice := rand.New(rand.NewPCG(w.seed, uint64(n)))
	m := morning{date: d, pages: 8 + dice.IntN(15), rest: time.Duration(dice.Int64N(int64(4 * time.Second)))}
	for i := range 2 {
		m.troubles = append(m.troubles, misfortune{troubles[(2*n+i)%len(troubles)], 1 + 8*(float64(i)+dice.Float64()),
			time.Second + time.Duration(dice.Int64N(int64(8*time.Second)))})
	}
	return m
}

// befall lets a misfortune come about, and notes when it was.
func (w *world) befall(ctx context.Context, day models.Date, m misfortune) {
	if sleepUntil(ctx, w.at(day, m.hour)) != nil {
		return
	}
	from := time.Now()
	err := m.do(ctx, w, m.lasts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = append(w.gone, span{from, time.Now()})
	if err == nil {
		w.befell[m.name]++
	} else if ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "%s on %s did not come about: %v\n", m.name, day, err)
	}
}

// kills returns the trouble of processes that end at once; they are started again after the rest of the day's plan.
func kills(names ...string) func(context.Context, *world, time.Duration) error {
	return func(ctx context.Context, w *world, lasts time.Duration) error {
		for _, name := range names {
			p := w.named(name)
			p.pause(lasts)
			p.signal(syscall.SIGKILL)
		}
		return pause(ctx, lasts)
	}
}

// release stops everything of ours in turn, as an operator does who brings another version: workers, then servers.
func release(ctx context.Context, w *world, _ time.Duration) error {
	for _, name := range []string{"worker-1", "worker-2", "serve-1", "serve-2"} {
		p := w.named(name)
		p.pause(100 * time.Millisecond)
		born := p.born()
		p.signal(syscall.SIGTERM)
		for p.born().Equal(born) {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
		if err := w.api.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lostTemporal kills Temporal and takes away all it has kept.
func lostTemporal(ctx context.Context, w *world, lasts time.Duration) error {
	w.loses.Store(true)
	return kills("temporal")(ctx, w, lasts)
}

// stolen keeps the answers to some COMMITs from those who wait for them; in the first half nobody gets through afterwards, so that they
// cannot ask.
func stolen(ctx context.Context, w *world, lasts time.Duration) error {
	w.thief.CloseAfter(true)
	defer w.thief.CloseAfter(false)
	if err := steal(ctx, w, lasts/2); err != nil {
		return err
	}
	w.thief.CloseAfter(false)
	return steal(ctx, w, lasts/2)
}

// barred lets nobody through to the database.
func barred(ctx context.Context, w *world, lasts time.Duration) error {
	from := w.thief.Turned()
	w.thief.Bar()
	defer w.thief.Unbar()
	if err := pause(ctx, lasts); err != nil {
		return err
	}
	if w.thief.Turned() == from {
		return errors.New("nobody came to the closed door")
	}
	return nil
}

func steal(ctx context.Context, w *world, lasts time.Duration) error {
	for until := time.Now().Add(lasts); time.Now().Before(until); {
		w.thief.Steal()
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// locked holds the rows of an engagement for longer than anybody waits for them.
func locked(ctx context.Context, w *world, lasts time.Duration) error {
	return w.torment(ctx, func(db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // it wrote nothing
		if _, err := tx.ExecContext(ctx, "SELECT 1 FROM engagements WHERE id = 'north-2027' FOR UPDATE"); err != nil {
			return err
		}
		return pause(ctx, lasts+3*time.Second)
	})
}

// readOnly lets the database be read only, as a standby is.
func readOnly(ctx context.Context, w *world, lasts time.Duration) error {
	return w.torment(ctx, func(db *sql.DB) error {
		set := func(ctx context.Context, value string) error {
			_, err := db.ExecContext(ctx, "ALTER SYSTEM SET default_transaction_read_only = "+value)
			if err != nil {
				return err
			}
			_, err = db.ExecContext(ctx, "SELECT pg_reload_conf()")
			return err
		}
		if err := set(ctx, "on"); err != nil {
			return err
		}
		wait := pause(ctx, lasts)
		return errors.Join(wait, set(context.WithoutCancel(ctx), "off"))
	})
}

// cut ends all connections to the database, again and again.
func cut(ctx context.Context, w *world, lasts time.Duration) error {
	return w.torment(ctx, func(db *sql.DB) error {
		for until := time.Now().Add(lasts); time.Now().Before(until); {
			if _, err := db.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE pid <> pg_backend_pid() AND datname = current_database()`); err != nil {
				return err
			}
			if err := pause(ctx, 500*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
}

// torment does something to the database over one connection of its own.
func (w *world) torment(ctx context.Context, do func(*sql.DB) error) error {
	db, err := sql.Open("pgx", w.database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // whatever was to be done is done
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	return do(db)
}

// named returns a process.
func (w *world) named(name string) *process {
	for _, p := range w.processes {
		if p.name == name {
			return p
		}
	}
	panic("there is no process " + name)
}

// pause waits for a while, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error { return sleepUntil(ctx, time.Now().Add(d)) }

// refuses reports whether a status says that the request is wrong, so that saying it again is of no use.
func refuses(status int) bool { return status/100 == 4 && status != http.StatusTooManyRequests }
