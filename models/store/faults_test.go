package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"gorm.io/gorm"
	sqlite3 "modernc.org/sqlite/lib"

	"tickmark/models"
	"tickmark/models/fault"
	"tickmark/models/modelstest"
	"tickmark/models/store/storetest"
)

// A patient is a database with a firm, and one connection to it beside the root's own.
type patient struct {
	world
	ref    models.Ref
	beside *sql.DB
}

// eachPatient runs a test on both databases.
func eachPatient(t *testing.T, test func(t *testing.T, p patient)) {
	t.Helper()
	for _, d := range []dialect{onSQLite, onPostgres} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			test(t, newPatient(t, d))
		})
	}
}

func newPatient(t *testing.T, d dialect) (p patient) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tickmark.db")
	dsn := "sqlite:" + file
	if d == onPostgres {
		at, err := url.Parse(storetest.Postgres(t))
		check(t, err)
		q := at.Query()
		q.Set("lock_timeout", "100") // milliseconds
		at.RawQuery = q.Encode()
		dsn = at.String()
	}
	root := open(t, dsn)
	check(t, root.Migrate(t.Context()))
	p.world, p.ref = commented(t, root)
	if d == onSQLite {
		p.beside = sql.OpenDB(newConnector(file))
	} else {
		var err error
		p.beside, err = sql.Open("pgx", dsn)
		check(t, err)
	}
	p.beside.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = p.beside.Close() })
	return p
}

func run(t *testing.T, db interface {
	Exec(string, ...any) (sql.Result, error)
}, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.Exec(s)
		check(t, err)
	}
}

// A sickness is a fault of the database that passes. It returns how it heals.
type sickness struct {
	name   string
	falls  func(t *testing.T, p patient) (heals func())
	spares string // what can be written all the same
}

var sicknesses = map[dialect][]sickness{
	onSQLite: {
		{"locked", func(t *testing.T, p patient) func() {
			tx, err := p.beside.Begin() // immediate: it has the lock
			check(t, err)
			return func() { check(t, tx.Rollback()) }
		}, ""},
		{"read only", func(t *testing.T, p patient) func() { return pragma(t, p, "query_only = 1", "query_only = 0") }, ""},
		{"disk full", func(t *testing.T, p patient) func() {
			return pragma(t, p, "max_page_count = 1", "max_page_count = 1000000") // as many as there are
		}, "a client"}, // it has room on its page
	},
	onPostgres: {
		{"locked", func(t *testing.T, p patient) func() {
			tx, err := p.beside.Begin()
			check(t, err)
			run(t, tx, "SELECT * FROM engagements WHERE id = 'e1' FOR UPDATE", "LOCK TABLE clients IN SHARE MODE")
			return func() { check(t, tx.Rollback()) }
		}, ""},
		{"read only", func(t *testing.T, p patient) func() {
			set := func(to string) {
				var name string
				check(t, p.beside.QueryRow("SELECT current_database()").Scan(&name))
				run(t, p.beside, "SET default_transaction_read_only = off", "ALTER DATABASE "+name+" SET default_transaction_read_only = "+to,
					"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			}
			set("on")
			return func() { set("off") }
		}, ""},
	},
}

// pragma sets every connection of the root, of which there is one from then on.
func pragma(t *testing.T, p patient, on, off string) func() {
	t.Helper()
	pool, err := p.root.db.DB()
	check(t, err)
	pool.SetMaxOpenConns(1)
	run(t, pool, "PRAGMA "+on)
	return func() { run(t, pool, "PRAGMA "+off) }
}

// A row is locked for too long, the database can only be read, the disk is full: what Ines sends is refused as unavailable, and the refusal
// says that nothing was done, which is so. Sent again under the same key as soon as the fault is gone it passes, and a third time it is
// answered as the second. That holds for commands and for whatever else has a key.
func TestAPassingFaultIsNeverTheOutcomeOfAKey(t *testing.T) {
	t.Parallel()
	for d, list := range sicknesses {
		for _, s := range list {
			t.Run(string(d)+" "+s.name, func(t *testing.T) {
				t.Parallel()
				p := newPatient(t, d)
				long := strings.Repeat("The log is missing. ", 95)
				for _, key := range []string{"one", "two"} { // a third needs a page of its own
					_, err := p.root.Apply(t.Context(), p.ref, comment(key, long))
					check(t, err)
				}
				client := modelstest.Client("westfield")
				client.Name = strings.Repeat("Westfield ", 12)
				writes := map[string]func() (replayed bool, err error){
					"a command": func() (bool, error) {
						r, err := p.root.Apply(t.Context(), p.ref, comment("k", long))
						return r.Replayed, err
					},
					"a client": func() (bool, error) {
						c, err := p.CreateClient(t.Context(), Once{Actor: "ines", Key: "k-client", Hash: "h"}, client, noon)
						return c.ID == "" && err == nil, err
					},
				}
				delete(writes, s.spares)
				before := p.dump(t)
				heals := s.falls(t, p)
				for name, write := range writes {
					_, err := write()
					refused(t, err, models.Unavailable)
					if told, _ := errors.AsType[*models.Error](err); !strings.Contains(told.Message, "nothing was done") {
						t.Errorf("%s: told %q", name, told.Message)
					}
				}
				heals()
				if after := p.dump(t); after != before {
					t.Errorf("something was done:\n%s\nbefore:\n%s", after, before)
				}
				for name, write := range writes {
					replayed, err := write()
					if err != nil || replayed {
						t.Errorf("%s sent again: replayed %v, %v", name, replayed, err)
					}
					if _, err := write(); err != nil {
						t.Errorf("%s sent a third time: %v", name, err)
					}
				}
				events, _, err := p.Events(t.Context(), "e1", EventFilter{Kinds: []string{"task.commented"}}, "", 500)
				check(t, err)
				if clients := p.count(t, "clients"); len(events) != 3 || clients != len(writes) {
					t.Errorf("%d comments, %d clients", len(events), clients)
				}
			})
		}
	}
}

func (p patient) count(t *testing.T, table string) (n int) {
	t.Helper()
	check(t, p.beside.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

// dump counts what a command or a client would add to.
func (p patient) dump(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(p.count(t, "requests"), p.count(t, "events"), p.count(t, "comments"), p.count(t, "clients"), p.count(t, "firm_events"))
}

// What the database refuses for good is our fault, before the COMMIT and as its answer: it is never said to be unavailable, and never
// that it is not known. Nothing is kept of it, and the same key passes once the cause is mended.
func TestALastingFaultIsNeverUnavailable(t *testing.T) {
	t.Parallel()
	eachPatient(t, func(t *testing.T, p patient) {
		run(t, p.beside,
			"CREATE TABLE later (id INT PRIMARY KEY CHECK (id < 100), after INT REFERENCES later (id) DEFERRABLE INITIALLY DEFERRED)",
			"INSERT INTO later VALUES (1, NULL)")
		for name, statement := range map[string]string{
			"a row that is there":         "INSERT INTO later VALUES (1, NULL)",
			"a constraint, at the COMMIT": "INSERT INTO later VALUES (2, 99)",
			"wrong SQL":                   "SELEKT 1",
			"a table that is not there":   "DELETE FROM nowhere",
			"a column that is not there":  "UPDATE later SET colour = 1",
			"a record that is changed":    "UPDATE events SET reason = 'never'",
			"a value that must be there":  "INSERT INTO requests (firm_id) VALUES (NULL)",
			"a value that breaks a rule":  "INSERT INTO later VALUES (100, NULL)",
		} {
			tries := 0
			do := func(tx *gorm.DB) error { tries++; return tx.Exec(statement).Error }
			err := p.root.keyed(t.Context(), Once{Actor: "ines", Key: name, Hash: "h"}, "try "+name, do)
			if err == nil || models.CodeOf(err) != "" || errors.Is(err, errUnknown) || tries != 1 {
				t.Errorf("%s: %v (%q), tried %d times", name, err, models.CodeOf(err), tries)
			}
		}
		if n := p.count(t, "later"); n != 1 {
			t.Errorf("%d rows", n)
		}
		run(t, p.beside, "CREATE UNIQUE INDEX one_event ON events (firm_id, kind, actor)")
		apply := func(key string) error {
			_, err := p.root.Apply(t.Context(), p.ref, comment(key, "said"))
			return err
		}
		check(t, apply("first"))
		if err := apply("second"); err == nil || models.CodeOf(err) != "" {
			t.Errorf("a constraint is told as %v (%q)", err, models.CodeOf(err))
		}
		run(t, p.beside, "DROP INDEX one_event")
		check(t, apply("second"))
	})
}

// Bytes that are no text are refused by both databases, wherever they are written or asked for, as the fault of who sent them: nobody is
// told to send them again later.
func TestBytesThatAreNoTextAreRefused(t *testing.T) {
	t.Parallel()
	eachPatient(t, func(t *testing.T, p patient) {
		before := p.dump(t)
		for _, bad := range []string{"a\x00b", "\x00", "\xff\xfe", "Fran\xe7ois"} {
			client := modelstest.Client("westfield")
			client.Name = bad
			for name, do := range map[string]func() error{
				"the reason of a command": func() error { _, err := p.root.Apply(t.Context(), p.ref, comment("k", bad)); return err },
				"a key":                   func() error { _, err := p.root.Apply(t.Context(), p.ref, comment(bad, "said")); return err },
				"the name of a client": func() error {
					_, err := p.CreateClient(t.Context(), Once{Actor: "ines", Key: "c", Hash: "h"}, client, noon)
					return err
				},
				"a workspace": func() error { _, err := p.Workspace(t.Context(), bad); return err },
				"a firm":      func() error { _, err := p.root.For(models.FirmID(bad)).Firm(t.Context()); return err },
				"a filter": func() error {
					_, _, err := p.Events(t.Context(), "e1", EventFilter{Kinds: []string{bad}}, "", 10)
					return err
				},
			} {
				if err := do(); models.CodeOf(err) != models.Invalid {
					t.Errorf("%s %q: %v (%q)", name, bad, err, models.CodeOf(err))
				}
			}
		}
		if after := p.dump(t); after != before {
			t.Errorf("something was done: %s, before %s", after, before)
		}
	})
}

// The numbers under which the table has SQLite's codes are SQLite's.
func TestTheTableHasTheNumbersOfSQLite(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]int{"SQLITE_ERROR": sqlite3.SQLITE_ERROR, "SQLITE_INTERNAL": sqlite3.SQLITE_INTERNAL,
		"SQLITE_PERM": sqlite3.SQLITE_PERM, "SQLITE_ABORT": sqlite3.SQLITE_ABORT, "SQLITE_BUSY": sqlite3.SQLITE_BUSY,
		"SQLITE_LOCKED": sqlite3.SQLITE_LOCKED, "SQLITE_NOMEM": sqlite3.SQLITE_NOMEM, "SQLITE_READONLY": sqlite3.SQLITE_READONLY,
		"SQLITE_INTERRUPT": sqlite3.SQLITE_INTERRUPT, "SQLITE_IOERR": sqlite3.SQLITE_IOERR, "SQLITE_CORRUPT": sqlite3.SQLITE_CORRUPT,
		"SQLITE_FULL": sqlite3.SQLITE_FULL, "SQLITE_CANTOPEN": sqlite3.SQLITE_CANTOPEN, "SQLITE_PROTOCOL": sqlite3.SQLITE_PROTOCOL,
		"SQLITE_TOOBIG": sqlite3.SQLITE_TOOBIG, "SQLITE_CONSTRAINT": sqlite3.SQLITE_CONSTRAINT, "SQLITE_MISMATCH": sqlite3.SQLITE_MISMATCH,
		"SQLITE_MISUSE": sqlite3.SQLITE_MISUSE, "SQLITE_AUTH": sqlite3.SQLITE_AUTH, "SQLITE_RANGE": sqlite3.SQLITE_RANGE,
		"SQLITE_NOTADB": sqlite3.SQLITE_NOTADB, "SQLITE_CONSTRAINT_PRIMARYKEY": sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
		"SQLITE_CONSTRAINT_UNIQUE": sqlite3.SQLITE_CONSTRAINT_UNIQUE} {
		if means, _, _ := strings.Cut(fault.Of(fault.SQLite, fmt.Sprint(number)).Means, ","); means != name {
			t.Errorf("%d is %s, in the table %q", number, name, means)
		}
	}
}
