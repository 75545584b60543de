package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest/await"
	"tickmark/models/store/storetest"
)

// An operator writes down where the database is. What is said to it on another machine is for nobody else when its certificate is checked;
// an address that leaves TLS to chance, or believes any certificate, does not do.
func TestTheWayToTheDatabase(t *testing.T) {
	const away = "postgres://tickmark_app:secret@db.firm.test/tickmark"
	for dsn, want := range map[string]bool{away: true, away + "?sslmode=disable": true, away + "?sslmode=prefer": true,
		away + "?sslmode=allow": true, away + "?sslmode=require": true, away + "?sslmode=verify-ca": false,
		away + "?sslmode=verify-full": false, "postgres://tickmark@localhost/tickmark": false,
		"postgres://tickmark@127.0.0.1/tickmark": false, "postgres://tickmark@[::1]/tickmark?sslmode=disable": false,
		"postgres:///tickmark?host=/run/postgresql": false, "postgres://tickmark@10.0.0.7/tickmark": true,
		"postgres://tickmark@localhost,db.firm.test/tickmark": true, "sqlite:" + filepath.Join(t.TempDir(), "t.sqlite"): false} {
		root, err := Open(dsn)
		if err != nil {
			t.Fatalf("%s: %v", dsn, err)
		}
		if got := root.Exposed(); got != want {
			t.Errorf("%s: exposed is %v", dsn, got)
		}
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, dsn := range []string{"", "tickmark.db", "sqlite:", "sqlite::memory:", "mysql://localhost/x",
		"postgres://u:secret@host:notaport/x"} {
		_, err := Open(dsn)
		refused(t, err, models.Invalid)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the password is in %q", dsn, err)
		}
	}
}

// Trouble with the database is unavailable, whatever it is, and people are told nothing else; who starts Tickmark is told of a file that
// cannot be opened.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	trouble := func(t *testing.T, err error) {
		t.Helper()
		refused(t, err, models.Unavailable)
		told, _ := errors.AsType[*models.Error](err)
		if want := "the database is not available at the moment: nothing was done, try again"; told.Message != want {
			t.Errorf("people are told %q", told.Message)
		}
		if err.Error() == told.Message {
			t.Errorf("the log is told no more than people are: %q", err)
		}
	}
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		check(t, root.Close())
		_, err := w.Facts(t.Context(), "e1", engagement.Need{})
		trouble(t, err)
		_, _, err = w.Change(t.Context(), "e1", Once{}, engagement.Need{}, noon, nil)
		trouble(t, err)
		_, err = root.Token(t.Context(), "hash", noon)
		trouble(t, err)
		trouble(t, root.Ping(t.Context()))
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		trouble(t, open(t, "postgres://u:p@127.0.0.1:1/x?connect_timeout=2").Ping(t.Context()))
		_, err := Open("sqlite:/nowhere/at/all/tickmark.db")
		refused(t, err, models.Unavailable)
		if told, _ := errors.AsType[*models.Error](err); !strings.Contains(told.Message, "the folder in TICKMARK_DATABASE must be there") ||
			err.Error() == told.Message {
			t.Errorf("of a file that cannot be opened people are told %q, and the log %q", told.Message, err)
		}
	})
	t.Run("connection lost", func(t *testing.T) {
		t.Parallel()
		root := openPostgres(t)
		w := newWorld(t, root, "acme")
		_, _, err := w.Change(t.Context(), "e1", Once{Actor: "ines", Key: "k", Hash: "h"}, engagement.Need{}, noon,
			func(f *engagement.Facts, _ time.Time) (string, error) {
				f.Engagement.Name = "lost"
				return "", root.db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle " +
					"in transaction'").Error
			})
		trouble(t, err)
		e, err := w.Engagement(t.Context(), "e1")
		check(t, err)
		if e.Name == "lost" {
			t.Error("a change was kept that was said to have failed")
		}
		_, again := w.change(t, Once{Actor: "ines", Key: "k", Hash: "h"}, func(f *engagement.Facts) { f.Engagement.Name = "found" })
		if again.Replayed {
			t.Error("a change was remembered that was said to have failed")
		}
	})
	t.Run("locked by another process", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "tickmark.db")
		root := open(t, "sqlite:"+path)
		check(t, root.Migrate(t.Context()))
		w := newWorld(t, root, "acme")
		other := sql.OpenDB(newConnector(path))
		defer other.Close()
		tx, err := other.BeginTx(t.Context(), nil)
		check(t, err)
		if _, err := w.Facts(t.Context(), "e1", engagement.Need{}); err != nil {
			t.Errorf("a reader had to wait for a writer: %v", err)
		}
		_, _, err = w.Change(t.Context(), "e1", Once{}, engagement.Need{}, noon, nil)
		trouble(t, err)
		check(t, tx.Rollback())
		w.change(t, Once{}, func(f *engagement.Facts) { f.Engagement.Name = "free" })
	})
}

// What was acknowledged is there after kill -9, whole; what was not is there whole or not at all.
func TestKilled(t *testing.T) {
	if dsn := os.Getenv("STORE_TEST_KILLED"); dsn != "" {
		changeUntilKilled(t, dsn)
		return
	}
	t.Parallel()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := "sqlite:" + filepath.Join(t.TempDir(), "tickmark.db")
			if name == "postgres" {
				dsn = storetest.Postgres(t)
			}
			root := open(t, dsn)
			check(t, root.Migrate(t.Context()))
			w := newWorld(t, root, "acme")
			acknowledged := 0
			for range 3 {
				child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
				child.Env = append(os.Environ(), "STORE_TEST_KILLED="+dsn)
				child.Stderr = os.Stderr
				out, err := child.StdoutPipe()
				check(t, err)
				check(t, child.Start())
				lines := bufio.NewScanner(out)
				for n := 0; n < 25 && lines.Scan(); n++ {
					acknowledged, err = strconv.Atoi(lines.Text())
					check(t, err)
				}
				check(t, child.Process.Kill())
				_ = child.Wait()
			}
			var f *engagement.Facts
			var err error
			await.Until(t, "PostgreSQL has noticed", func() bool { f, err = w.Facts(t.Context(), "e1", engagement.Need{}); return err == nil },
				func() string { return err.Error() })
			events, _, err := w.Events(t.Context(), "e1", EventFilter{Kinds: []string{"task.added"}}, "", 500)
			check(t, err)
			if len(f.Tasks) != f.Engagement.Added || len(events) != f.Engagement.Added || f.Engagement.Added < acknowledged || acknowledged < 75 {
				t.Errorf("%d acknowledged, %d counted, %d tasks, %d events", acknowledged, f.Engagement.Added, len(f.Tasks), len(events))
			}
		})
	}
}

func changeUntilKilled(t *testing.T, dsn string) {
	w := world{open(t, dsn), nil, "northgate", "e1"}
	w.Store = w.root.For("acme")
	for {
		f, _, err := w.Change(context.Background(), "e1", Once{}, engagement.Need{}, noon,
			func(f *engagement.Facts, _ time.Time) (string, error) {
				put(f, task(f.Engagement.Added, engagement.TaskOpen))
				log(f, engagement.Event{At: noon, Kind: "task.added"})
				f.Engagement.Added++
				return "", nil
			})
		check(t, err)
		fmt.Println(f.Engagement.Added)
	}
}
