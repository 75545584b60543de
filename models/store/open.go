// Package store keeps everything Tickmark knows in a database: SQLite for one machine, PostgreSQL for many. It is the only
// package that speaks to a database, and gives the same answers from both. It decides nothing: rules are functions of
// package models, which Change runs under the engagement's lock.
//
// Every row belongs to one firm. A Store, which Root.For makes, reads and writes that firm's rows only: its firm is in
// every condition and every key begins with it. What Root itself offers is for the machinery: signing in, healing, setting up.
//
// Refusals are *models.Error: their Message is fit for people. Any other error, and the text that Error returns for one, is
// for the log. Instants are stored as UTC microseconds, dates as text.
package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/fault"
	"tickmark/models/seal"
)

// A dialect is a kind of database. Its name is also the folder of its migrations.
type dialect string

const (
	onSQLite   dialect = "sqlite"
	onPostgres dialect = "postgres"
)

// A Root is an open database. It serves many goroutines.
type Root struct {
	// Catalog is the newest one, by which drafts are planned and engagements start; Open sets it to the embedded one.
	Catalog *catalog.Catalog
	// Keys seal the secrets of Slack workspaces. Without them there can be no workspaces.
	Keys *seal.Keys
	// Now is the time in which engagements live: Apply, Advance and Look need it.
	Now func() time.Time
	// Tell, unless nil, hears of every change of an engagement after its commit. It must return at once.
	Tell func(News)
	// Became, unless nil, hears after its commit of what became of a message that was tried, looked for or suppressed. It must return at
	// once.
	Became func(channel, status string)

	// Post, unless nil, writes to people whose address is corrected: without it none is.
	Post Correspondent

	db      *gorm.DB
	dialect dialect
	exposed bool // see Exposed
	// writer holds one token on SQLite, which has one writer at a time: waiting here is fair and ends with the context,
	// waiting in SQLite is neither. It is nil on PostgreSQL.
	writer chan struct{}
	// turns let few at a time change one engagement, so that the others wait here and not with a connection each; see turn.
	turns     [256]chan struct{}
	current   atomic.Bool // the schema has been seen to be the program's
	calendars calendars
	bodies    bodies
	crews     crews
	catalogs  catalogs
	prober    *prober
}

// Open prepares the use of a database and names it: "sqlite:" and the path of a file, which is made when it is not there,
// or a PostgreSQL address that begins with "postgres://". It refuses (invalid) any other address, and (unavailable) a file that cannot
// be opened or is no database. It does not look whether a server is there or has the right tables: Ping does.
func Open(dsn string) (*Root, error) {
	known, err := files.Load()
	if err != nil {
		return nil, fmt.Errorf("load the catalog: %w", err)
	}
	r := &Root{Catalog: known, prober: newProber()}
	var open gorm.Dialector
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch scheme {
	case "sqlite":
		if rest == "" || strings.HasPrefix(rest, ":") {
			return nil, models.Refuse(models.Invalid, "database", "a SQLite database is named by a file, as in sqlite:data/tickmark.db")
		}
		r.dialect, r.writer = onSQLite, make(chan struct{}, 1)
		open = sqlite.New(sqlite.Config{Conn: patientPool{sql.OpenDB(newConnector(rest))}})
	case "postgres", "postgresql":
		config, err := pgx.ParseConfig(dsn)
		if err != nil { // its text repeats the address, password and all
			return nil, models.Refuse(models.Invalid, "database", "the address of the PostgreSQL database cannot be read")
		}
		r.dialect, r.exposed = onPostgres, exposed(config)
		open = postgres.New(postgres.Config{Conn: patientPool{sql.OpenDB(patientConnector{stdlib.GetConnector(*config)})}})
	default:
		return nil, models.Refuse(models.Invalid, "database", `the database must be named as "sqlite:<path>" or "postgres://..."`)
	}
	for i := range r.turns {
		r.turns[i] = make(chan struct{}, abreast)
	}
	r.db, err = gorm.Open(open, &gorm.Config{
		SkipDefaultTransaction: true, // ours are explicit
		Logger:                 logger.Discard,
		DisableAutomaticPing:   true,
		NowFunc:                func() time.Time { return time.Time{} }, // nobody here asks what time it is
	})
	if why := barred(err); why != "" {
		return nil, &trouble{"open the database", models.Refuse(models.Unavailable, "database", "%s", why), err}
	} else if err != nil {
		return nil, fail("open the database", err)
	}
	return r, r.Connections(connections)
}

// A patientConnector waits for a server that is away for a moment, whoever asks and whatever is asked: reading as well as writing.
type patientConnector struct{ driver.Connector }

// Connect returns a connection. It tries again for as long as outlast does, unless the server has said something that lasts.
func (c patientConnector) Connect(ctx context.Context) (conn driver.Conn, err error) {
	err = outlast(ctx, passes, func() (err error) {
		conn, err = c.Connector.Connect(ctx)
		return err
	})
	return conn, err
}

// passes reports whether an error of what changes nothing may be over a moment later.
func passes(err error) bool { return judged(err).Verdict == fault.Passing && !fault.Closed(err) }

// A patientPool asks again where a connection ends under a question outside of transactions: there everybody only reads.
type patientPool struct{ *sql.DB }

// QueryContext returns the rows of a question. An error that comes while they are read is not its.
func (p patientPool) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = outlast(ctx, passes, func() (err error) {
		rows, err = p.DB.QueryContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// QueryRowContext returns the one row of a question.
func (p patientPool) QueryRowContext(ctx context.Context, query string, args ...any) (row *sql.Row) {
	_ = outlast(ctx, passes, func() error { // it is the row's
		row = p.DB.QueryRowContext(ctx, query, args...)
		return row.Err()
	})
	return row
}

// GetDBConn returns the pool itself, for gorm.
func (p patientPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// connections is how many connections a process keeps unless told otherwise: several processes must fit in PostgreSQL's default of 100,
// twice while a release replaces them.
const connections = 8

// LeastConnections is how few connections are enough: whoever brings the tables up to date holds one and works with another.
const LeastConnections = 2

// Connections sets how many connections to the database this process keeps at most, and returns an error when there cannot be as few. It is
// for before the first use.
func (r *Root) Connections(n int) error {
	if n < LeastConnections {
		return models.Refuse(models.Invalid, "connections", "%d connections to the database are too few: at least %d", n, LeastConnections)
	}
	pool, err := r.db.DB()
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return nil
}

// Close ends all connections. Whatever is under way fails.
func (r *Root) Close() error {
	pool, err := r.db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Ping returns nil when the database answers and has the tables this program needs. It refuses as Migrate says: unavailable
// when nobody answers or the tables are older, conflict when they are newer.
func (r *Root) Ping(ctx context.Context) error {
	v, err := r.Version(ctx)
	if err != nil {
		return err
	}
	return v.check()
}

// For returns the rows of one firm: the only way to them.
func (r *Root) For(firm models.FirmID) *Store { return &Store{root: r, firm: firm} }

// A Store is one firm's part of the database. Unless a method says otherwise, what does not exist in this firm is refused
// as not found, and trouble with the database as unavailable: then nothing was done and the same request may be sent again.
type Store struct {
	root *Root
	firm models.FirmID
}

// Exposed reports whether others on the way to the database may read what is said to it, or answer in its place: it is on another machine,
// and its address does not ask for TLS and a certificate that is checked.
func (r *Root) Exposed() bool { return r.exposed }

func exposed(c *pgx.ConnConfig) bool {
	open := func(host string, t *tls.Config) bool {
		ip, err := netip.ParseAddr(host)
		here := strings.HasPrefix(host, "/") || host == "localhost" || err == nil && ip.Unmap().IsLoopback()
		return !here && (t == nil || t.InsecureSkipVerify && t.VerifyPeerCertificate == nil)
	}
	return open(c.Host, c.TLSConfig) ||
		slices.ContainsFunc(c.Fallbacks, func(f *pgconn.FallbackConfig) bool { return open(f.Host, f.TLSConfig) })
}
