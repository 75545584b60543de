// Package storetest gives tests a PostgreSQL database of their own.
//
// Nothing has to be set up: the first test that asks starts a server, and the
// server ends with the test process, however that ends. `make test` starts one
// server for all packages and names it in TICKMARK_TEST_POSTGRES.
package storetest

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Postgres returns the address of a fresh, empty database, which is dropped
// when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return fresh(t, "template1")
}

// PostgresFrom returns the address of a fresh copy of the named database, which
// is dropped when the test ends. prepare fills the original, once per test
// process, and must have closed its connections when it returns.
func PostgresFrom(t testing.TB, name string, prepare func(dsn string) error) string {
	t.Helper()
	o, _ := originals.LoadOrStore(name, &original{})
	template, err := o.(*original).get(prepare)
	if err != nil {
		t.Fatalf("prepare the database %q: %v", name, err)
	}
	return fresh(t, template)
}

// Role returns the name of a role of the server that may log in and owns
// nothing. It is the same for all processes that share the server.
func Role(t testing.TB) string {
	t.Helper()
	s, err := running()
	if err == nil {
		_, err = s.db.Exec("CREATE ROLE " + role + " LOGIN PASSWORD '" + s.password() + "'")
	}
	// Another process may have made it, or may be at it.
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && (refused.Code == "42710" || refused.Code == "23505") {
		err = nil
	}
	if err != nil {
		t.Fatalf("make a role for tests: %v", err)
	}
	return role
}

const role = "tickmark_tests_alone"

// As returns the address of a database for a role that Role returned.
func As(t testing.TB, dsn, role string) string {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, s.password())
	return u.String()
}

// Owner returns the address of a database for whoever owns its tables: tests change them by hand where a role that owns nothing may not.
func Owner(t testing.TB, dsn string) string {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = s.admin.User
	return u.String()
}

// password returns that of the superuser, which the role of tests has as well,
// so that all processes know it.
func (s *server) password() string {
	password, _ := s.admin.User.Password()
	return strings.ReplaceAll(password, "'", "")
}

func fresh(t testing.TB, template string) string {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	database, err := s.create(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.drop(database); err != nil {
			t.Error(err)
		}
	})
	return s.address(database)
}

// originals has an *original for every name given to PostgresFrom.
var originals sync.Map

// An original is a database to be copied.
type original struct {
	once     sync.Once
	database string
	err      error
}

func (o *original) get(prepare func(dsn string) error) (string, error) {
	o.once.Do(func() {
		var s *server
		if s, o.err = running(); o.err != nil {
			return
		}
		if o.database, o.err = s.create("template1"); o.err != nil {
			return
		}
		o.err = errors.New("prepare did not return") // stays so if it calls t.Fatal or panics
		o.err = prepare(s.address(o.database))
	})
	return o.database, o.err
}

// A server is a running PostgreSQL and this process's share of it.
type server struct {
	admin *url.URL
	db    *sql.DB
	mine  string // what the names of this process's databases begin with
	copy  string // how to copy a database, where there is a choice
	made  atomic.Int64

	// lifeline keeps a server of our own alive. Without a reference to it the
	// garbage collector would close it.
	lifeline io.Closer
}

// running returns the server of this process. There is one.
var running = sync.OnceValues(func() (*server, error) {
	if address := os.Getenv("TICKMARK_TEST_POSTGRES"); address != "" {
		return connect(address)
	}
	address, lifeline, err := start()
	if err != nil {
		return nil, err
	}
	s, err := connect(address)
	if err != nil {
		lifeline.Close()
		return nil, err
	}
	s.lifeline = lifeline
	return s, nil
})

// prefix begins the names of all databases that tests make.
const prefix = "tickmark_test_"

// connect returns the server at the address of a superuser.
func connect(address string) (_ *server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("PostgreSQL for tests: %w", err)
		}
	}()
	admin, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(admin.Scheme, "postgres") {
		return nil, errors.New("TICKMARK_TEST_POSTGRES is not like postgres://user:password@host:port/database")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	s := &server{admin: admin, mine: prefix + strings.ToLower(rand.Text()[:12])}
	config.RuntimeParams["application_name"] = s.mine
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(4)
	s.db.SetMaxIdleConns(4) // so one stays open to the end, and other processes see that we live
	var version int
	if err := s.db.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, err
	}
	if version >= 150000 {
		s.copy = " STRATEGY file_copy" // a fifth of the time of the other one
	}
	return s, s.sweep()
}

// sweep drops what earlier test processes left on a server that outlived them:
// databases whose names begin like no living process's.
func (s *server) sweep() error {
	rows, err := s.db.Query(`SELECT d.datname FROM pg_database d WHERE starts_with(d.datname, $1)
		AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE starts_with(d.datname, a.application_name)
			AND starts_with(a.application_name, $1))`, prefix)
	if err != nil {
		return err
	}
	defer rows.Close()
	var left []string
	for rows.Next() {
		var database string
		if err := rows.Scan(&database); err != nil {
			return err
		}
		left = append(left, database)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, database := range left {
		if err := s.drop(database); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) create(template string) (string, error) {
	database := fmt.Sprintf("%s_%d", s.mine, s.made.Add(1))
	if _, err := s.db.Exec("CREATE DATABASE " + database + " TEMPLATE " + template + s.copy); err != nil {
		return "", fmt.Errorf("create a test database: %w", err)
	}
	return database, nil
}

func (s *server) drop(database string) error {
	if _, err := s.db.Exec("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop a test database: %w", err)
	}
	return nil
}

// address returns where the named database is.
func (s *server) address(database string) string {
	u := *s.admin
	u.Path = "/" + database
	return u.String()
}

//go:embed postgres.sh
var script string

// start starts a server. It returns the address of its superuser and what to
// close to end it; the kernel does that when this process ends.
func start() (address string, lifeline io.Closer, err error) {
	cmd := exec.Command("sh", "-c", script, "postgres.sh")
	// Whoever kills us with our whole process group must miss the script.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start PostgreSQL for tests: %w", err)
	}
	address, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stdin.Close()
		cmd.Wait()
		return "", nil, errors.New(strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(address), stdin, nil
}
