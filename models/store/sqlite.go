package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"modernc.org/sqlite"
)

// A connector opens connections to a SQLite file that keep their prepared statements, as pgx does: reading the large
// queries of this package costs SQLite as much as answering them. database/sql offers it for statements that are prepared
// outside of transactions only, gorm for none that are used in several.
type connector struct{ dsn string }

// newConnector adds to a path what every connection must be set to. With synchronous FULL a commit that was acknowledged is
// on the disk: it survives the machine's end, not only the process's.
func newConnector(path string) *connector {
	return &connector{"file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-32000)"},
	}.Encode()}
}

func (c *connector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := (&sqlite.Driver{}).Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &connection{conn: opened.(conn), kept: map[string]*statement{}}, nil
}

// conn is what modernc's connection can do.
type conn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A connection is used by one goroutine at a time; database/sql sees to it.
type connection struct {
	conn
	kept map[string]*statement
}

// A statement is busy while its rows are being read: it cannot be asked again before.
type statement struct {
	driver.Stmt
	busy bool
}

// Statements that are long, such as INSERTs of many rows, come in too many forms to keep.
const (
	maxStatements = 200
	maxLength     = 6000
)

// statement returns a prepared statement that is not busy, or nil when the query is better not kept.
func (c *connection) statement(ctx context.Context, query string) (*statement, error) {
	if s, ok := c.kept[query]; ok && !s.busy {
		return s, nil
	} else if ok || len(query) > maxLength {
		return nil, nil
	}
	if len(c.kept) >= maxStatements {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	prepared, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: prepared}
	c.kept[query] = s
	return s, nil
}

// forget closes the statements that are not busy.
func (c *connection) forget() error {
	for query, s := range c.kept {
		if s.busy {
			continue
		}
		delete(c.kept, query)
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := texts(args); err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := texts(args); err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.conn.QueryContext(ctx, query, args)
	}
	found, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &rows{found, s}, nil
}

// errNoText says that a value is no text: it has bytes that are no UTF-8, or a NUL. SQLite would keep them, PostgreSQL keeps none.
var errNoText = errors.New("a value is no text")

// texts refuses values that are no text, as PostgreSQL does.
func texts(args []driver.NamedValue) error {
	for _, a := range args {
		if s, ok := a.Value.(string); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			return errNoText
		}
	}
	return nil
}

func (c *connection) Close() error {
	for _, s := range c.kept {
		s.busy = false
	}
	return firstOf(c.forget(), c.conn.Close())
}

// rows are a kept statement's.
type rows struct {
	driver.Rows
	from *statement
}

func (r *rows) Close() error {
	r.from.busy = false
	return r.Rows.Close()
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
