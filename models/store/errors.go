package store

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"

	"tickmark/models"
	"tickmark/models/fault"
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

// fail says what was being done when err came. Refusals pass as they are. What passes, by the table of faults, becomes unavailable,
// and bytes that are no text invalid. What else lasts, or is unknown, is no refusal: nothing can be promised of it.
func fail(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case models.CodeOf(err) != "":
		return err
	case errors.Is(err, errUnknown):
		return &trouble{doing, models.Refuse(models.Unavailable, "",
			"the database did not say whether it was done: send the same again with the same key, and nothing is done twice"), err}
	case judged(err).Effect == fault.NoText:
		return &trouble{doing, models.Refuse(models.Invalid, "", "the text has characters that cannot be kept, such as a NUL"), err}
	case judged(err).Verdict == fault.Passing:
		return &trouble{doing, models.Refuse(models.Unavailable, "",
			"the database is not available at the moment: nothing was done, try again"), err}
	}
	return &trouble{doing: doing, cause: err}
}

// errUnknown says that the answer to a COMMIT was lost: whether it was done is not known.
var errUnknown = errors.New("the answer to the commit was lost")

// judged returns what the table of faults says of an error of the database. What a server says is believed before what Go says of the
// connection. Of no error it returns the zero Row.
func judged(err error) fault.Row {
	if err == nil {
		return fault.Row{}
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fault.Of(fault.PostgreSQL, e.Code)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return ofSQLite(e)
	}
	if errors.Is(err, errNoText) {
		return fault.Of(fault.SQLite, "no text")
	}
	if row, ok := fault.Ground(err); ok {
		return row
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return fault.Of(fault.Connection, "not reached")
	}
	if pgconn.SafeToRetry(err) {
		return fault.Of(fault.Connection, "not sent")
	}
	return fault.Of(fault.Connection, err.Error())
}

// Why says in plain words why the database could not be had, for whoever runs Tickmark: that nobody listens, or that the disk is full. It
// returns "" for whatever else an error says, and where nobody knows.
func Why(err error) string {
	if _, ok := errors.AsType[*trouble](err); !ok || judged(err).Verdict != fault.Passing {
		return ""
	}
	return judged(err).Means
}

// ofSQLite returns the row of an error of SQLite: of its extended code, else of its code. That a table is missing SQLite says in words
// only.
func ofSQLite(e *sqlite.Error) fault.Row {
	if strings.Contains(e.Error(), "no such table") {
		return fault.Of(fault.SQLite, "no such table")
	}
	if row := fault.Of(fault.SQLite, strconv.Itoa(e.Code())); row.Effect != fault.InDoubt {
		return row
	}
	return fault.Of(fault.SQLite, strconv.Itoa(e.Code()&0xff))
}

// undone reports whether an error of a COMMIT says that nothing was done: the database itself refused it. Of a connection that ended
// under the COMMIT pgx says that it is safe to retry, which is not believed.
func undone(err error) bool { return judged(err).Undone }

// outage reports whether an error, as fail returns it, says that the database could not be had and that nothing was done: a second later
// that may be over. A database that the program has closed is not waited for.
func outage(err error) bool {
	return models.CodeOf(err) == models.Unavailable && !errors.Is(err, errUnknown) && !fault.Closed(err)
}

// duplicate reports whether err says that a row with the same key is there already.
func duplicate(err error) bool { return judged(err).Effect == fault.Taken }

// noTable reports whether err says that a table is missing: nobody has run migrate.
func noTable(err error) bool { return judged(err).Effect == fault.NoTable }

// missing reports whether err says that there is no such row.
func missing(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows)
}
