package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// A pipeline is statements of one transaction that go to the database together, by its driver's own connection. PostgreSQL is sent all of
// them before its first answer is waited for; SQLite, which is a call away and not a network, takes one after the other. Their arguments
// are marked $1, $2 and so on. What every command does goes this way, with statements written by hand: see docs/performance.md.
type pipeline struct{ asked []asked }

// An asked is a statement and what is to be done with its answer.
type asked struct {
	doing string // for the log
	sql   string
	args  []any
	read  func(answer) error             // reads the rows of a question; nil for what writes
	wrote func(n int64, err error) error // judges what a write did, to how many rows; nil: an error fails, any number will do
}

// An answer is rows, whichever way they came.
type answer interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// read adds a question.
func (p *pipeline) read(doing, query string, args []any, read func(answer) error) {
	p.asked = append(p.asked, asked{doing: doing, sql: query, args: args, read: read})
}

// write adds a statement that writes.
func (p *pipeline) write(doing, query string, args ...any) {
	p.asked = append(p.asked, asked{doing: doing, sql: query, args: args})
}

// judge has the last statement judged by how many rows it wrote, and by its error.
func (p *pipeline) judge(by func(n int64, err error) error) { p.asked[len(p.asked)-1].wrote = by }

// send asks for everything that was added, within the transaction, and returns the first error. What comes after that is not done.
func (p *pipeline) send(tx *gorm.DB) error {
	if len(p.asked) == 0 {
		return nil
	}
	carries := &tx.Statement.Settings
	if hear, ok := carries.Load(heard); ok {
		for _, a := range p.asked {
			hear.(func(string))(a.sql)
		}
	}
	conn, ok := carries.Load(carried)
	if !ok {
		return errOutside
	}
	ctx := tx.Statement.Context
	return conn.(*sql.Conn).Raw(func(driver any) error {
		if lite, ok := driver.(*connection); ok {
			return p.apart(ctx, lite)
		}
		return p.together(ctx, driver.(*stdlib.Conn).Conn())
	})
}

// errOutside says that a pipeline was sent outside of a transaction that begin has begun.
var errOutside = errors.New("statements are sent outside of a transaction")

// What a transaction of ours carries: the connection that it runs on, and who listens to its statements in tests.
const (
	carried = "store:connection"
	heard   = "store:heard"
)

// together sends all statements at once.
func (p *pipeline) together(ctx context.Context, conn *pgx.Conn) error {
	all := &pgx.Batch{}
	for _, a := range p.asked {
		all.Queue(a.sql, a.args...)
	}
	answers := conn.SendBatch(ctx, all)
	for _, a := range p.asked {
		if err := a.take(answers); err != nil {
			return errors.Join(err, discard(answers))
		}
	}
	return fail("send statements", answers.Close())
}

// discard closes answers of which one was an error, which closing repeats.
func discard(answers pgx.BatchResults) error {
	_ = answers.Close()
	return nil
}

func (a *asked) take(answers pgx.BatchResults) error {
	if a.read == nil {
		tag, err := answers.Exec()
		return a.judged(tag.RowsAffected(), err)
	}
	rows, err := answers.Query()
	if err != nil {
		return fail(a.doing, err)
	}
	defer rows.Close()
	return a.rows(rows)
}

// apart sends one statement after the other. A caller who gives up is noticed between two of them: watching for it during each, which lasts
// microseconds, would cost SQLite's driver a goroutine every time.
func (p *pipeline) apart(ctx context.Context, to *connection) error {
	unwatched := context.WithoutCancel(ctx)
	for _, a := range p.asked {
		if err := ctx.Err(); err != nil {
			return fail(a.doing, err)
		}
		if err := a.ask(unwatched, to); err != nil {
			return err
		}
	}
	return nil
}

func (a *asked) ask(ctx context.Context, to *connection) error {
	args, err := named(a.args)
	if err != nil {
		return fail(a.doing, err)
	}
	if a.read == nil {
		done, err := to.ExecContext(ctx, a.sql, args)
		var n int64
		if err == nil {
			n, err = done.RowsAffected()
		}
		return a.judged(n, err)
	}
	found, err := to.QueryContext(ctx, a.sql, args)
	if err != nil {
		return fail(a.doing, err)
	}
	defer found.Close()
	return a.rows(&direct{rows: found, row: make([]driver.Value, len(found.Columns()))})
}

func (a *asked) rows(rows answer) error {
	if err := a.read(rows); err != nil {
		return fail(a.doing, err)
	}
	return fail(a.doing, rows.Err())
}

func (a *asked) judged(n int64, err error) error {
	if a.wrote != nil {
		err = a.wrote(n, err)
	}
	return fail(a.doing, err)
}

// named returns arguments as drivers take them.
func named(args []any) ([]driver.NamedValue, error) {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out, nil
}

// direct is an answer that comes from a driver.
type direct struct {
	rows driver.Rows
	row  []driver.Value
	err  error
}

func (d *direct) Next() bool {
	if err := d.rows.Next(d.row); err != nil {
		if err != io.EOF {
			d.err = err
		}
		return false
	}
	return true
}

func (d *direct) Err() error { return d.err }

// Scan reads texts, numbers and whether something is so, which is all that is stored.
func (d *direct) Scan(into ...any) error {
	if len(into) != len(d.row) {
		return fmt.Errorf("a row has %d values, not %d", len(d.row), len(into))
	}
	for i, to := range into {
		if err := scanned(d.row[i], to); err != nil {
			return fmt.Errorf("value %d of a row: %w", i+1, err)
		}
	}
	return nil
}

func scanned(from driver.Value, to any) error {
	switch is := from.(type) {
	case string:
		if to, ok := to.(*string); ok {
			*to = is
			return nil
		}
	case int64:
		switch to := to.(type) {
		case *int64:
			*to = is
			return nil
		case *bool:
			*to = is != 0
			return nil
		}
	}
	return fmt.Errorf("%T is no %T", from, to)
}

// marks returns n marks for arguments, separated by commas, of which the first is the argument number first.
func marks(first, n int) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteByte('$')
		out.WriteString(strconv.Itoa(first + i))
	}
	return out.String()
}
