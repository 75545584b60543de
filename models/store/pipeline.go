package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// A pipeline is statements of one transaction that go to the database together. PostgreSQL is sent all of them before its first answer is
// waited for; SQLite, which is a call away and not a network, takes one after the other. Their arguments are marked $1, $2 and so on. What
// every command does goes this way, with statements written by hand: see docs/performance.md.
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
	for _, a := range p.asked {
		if hear, ok := tx.Get(heard); ok {
			hear.(func(string))(a.sql)
		}
	}
	ctx := tx.Statement.Context
	if conn, ok := tx.Get(carried); ok {
		return conn.(*sql.Conn).Raw(func(driver any) error { return p.together(ctx, driver.(*stdlib.Conn).Conn()) })
	}
	return p.apart(ctx, tx.Statement.ConnPool)
}

// What a transaction of ours carries: the connection that it runs on, where that takes several statements at once, and who listens to them
// in tests.
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
func (p *pipeline) apart(ctx context.Context, to gorm.ConnPool) error {
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

func (a *asked) ask(ctx context.Context, to gorm.ConnPool) error {
	if a.read == nil {
		done, err := to.ExecContext(ctx, a.sql, a.args...)
		var n int64
		if err == nil {
			n, err = done.RowsAffected()
		}
		return a.judged(n, err)
	}
	rows, err := to.QueryContext(ctx, a.sql, a.args...)
	if err != nil {
		return fail(a.doing, err)
	}
	defer rows.Close()
	return a.rows(rows)
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
