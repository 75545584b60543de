package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tickmark/models"
)

// A trouble is an error of the database: what people are told, and for the log what was being done and what was said.
type trouble struct {
	doing string
	told  error // nil when it is no refusal
	cause error
}

func (t *trouble) Error() string { return t.doing + ": " + t.cause.Error() }

func (t *trouble) Unwrap() []error {
	if t.told == nil {
		return []error{t.cause}
	}
	return []error{t.told, t.cause}
}

// fail says what was being done when err came. Refusals pass as they are. Trouble that may be over by the next attempt
// becomes unavailable.
func fail(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case models.CodeOf(err) != "":
		return err
	case errors.Is(err, errUnknown):
		return &trouble{doing, models.Refuse(models.Unavailable, "",
			"the database did not say whether it was done: send the same again with the same key, and nothing is done twice"), err}
	case passing(err):
		return &trouble{doing, models.Refuse(models.Unavailable, "",
			"the database is not available at the moment: nothing was done, try again"), err}
	}
	return &trouble{doing: doing, cause: err}
}

// errUnknown says that the answer to a COMMIT was lost: whether it was done is not known.
var errUnknown = errors.New("the answer to the commit was lost")

// undone reports whether an error of a COMMIT says that nothing was done: the database itself refused it.
func undone(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		class := e.Code[:min(2, len(e.Code))]
		return class != "57" && class != "58" // it was going down, perhaps after the commit
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff != sqlite3.SQLITE_IOERR
	}
	return errors.Is(err, sql.ErrTxDone) // not pgconn.SafeToRetry: it says so of a connection that ended under the COMMIT
}

// outage reports whether an error, as fail returns it, says that the database could not be had and that nothing was done: a second later
// that may be over. A database that the program has closed is not waited for.
func outage(err error) bool {
	return models.CodeOf(err) == models.Unavailable && !errors.Is(err, errUnknown) && !closed(err)
}

// closed reports whether the program itself has closed the database.
func closed(err error) bool { return strings.HasSuffix(err.Error(), "sql: database is closed") }

// passing reports whether err may be over by the next attempt: connections, locks, a full disk, a server that restarts.
func passing(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch class := e.Code[:min(2, len(e.Code))]; class {
		case "08", "40", "53", "55", "57", "58":
			return true
		}
		return e.Code == "25006" // read only: a standby, soon the primary
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
			sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT:
			return true
		}
		return false
	}
	for _, target := range []error{context.DeadlineExceeded, driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, target) {
			return true
		}
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return pgconn.SafeToRetry(err) || closed(err) // the program is going down
}

// duplicate reports whether err says that a row with the same key is there already.
func duplicate(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// noTable reports whether err says that a table is missing: nobody has run migrate.
func noTable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "42P01"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return strings.Contains(e.Error(), "no such table") // SQLite has no code for it
	}
	return false
}

// missing reports whether err says that there is no such row.
func missing(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}
