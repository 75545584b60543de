package town

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
)

// A Filler fills a town's database by copying rows, faster than people could be hired.
type Filler struct {
	testing.TB
	db       *sql.DB
	postgres bool
}

// NewFiller opens a town's database beside the store, which must be closed again by Close.
func NewFiller(b testing.TB, dsn string) *Filler {
	f := &Filler{TB: b, postgres: strings.HasPrefix(dsn, "postgres")}
	var err error
	if f.postgres {
		f.db, err = sql.Open("pgx", dsn)
	} else {
		f.db, err = sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:")+"?_pragma=busy_timeout(5000)")
	}
	Check(b, err)
	return f
}

// Text asks for one text; it returns false when there is none yet.
func (f *Filler) Text(sql string) (text string, there bool) {
	err := f.db.QueryRow(sql).Scan(&text)
	return text, err == nil
}

// Close closes the database.
func (f *Filler) Close() { _ = f.db.Close() }

// exec changes rows by hand.
func (f *Filler) exec(sql string) {
	f.Helper()
	_, err := f.db.Exec(sql)
	Check(f, err)
}

// number asks for one.
func (f *Filler) number(sql string) (n int64) {
	f.Helper()
	Check(f, f.db.QueryRow(sql).Scan(&n))
	return n
}

// Copies inserts n copies of the rows of a table that where finds. change says what differs in a copy: an expression of n.n by column.
func (f *Filler) Copies(n int, table, where string, change map[string]string) {
	f.Helper()
	rows, err := f.db.Query("SELECT * FROM " + table + " LIMIT 0")
	Check(f, err)
	names, err := rows.Columns()
	Check(f, err)
	Check(f, rows.Close())
	values := slices.Clone(names)
	for i, name := range names {
		values[i] = "t." + name
		if to := change[name]; to != "" {
			values[i] = to
		}
	}
	f.exec(fmt.Sprintf("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < %d) "+
		"INSERT INTO %s (%s) SELECT %s FROM %s t CROSS JOIN n WHERE %s",
		n, table, strings.Join(names, ", "), strings.Join(values, ", "), table, where))
}

// Clients adds n clients with an engagement each, as Northgate and e1 are, but without tasks: m-1 and on.
func (f *Filler) Clients(n int) {
	f.Helper()
	f.Copies(n, "clients", "id = 'northgate'", map[string]string{"id": "'m-' || n.n", "name": "'M ' || n.n"})
	f.Copies(n, "engagements", "id = 'e1'", map[string]string{"id": "'m-' || n.n", "client_id": "'m-' || n.n"})
	for _, table := range []string{"engagement_members", "phases", "gates"} {
		f.Copies(n, table, "engagement_id = 'e1'", map[string]string{"engagement_id": "'m-' || n.n"})
	}
}

// People adds n people like Olga, named p1 and on, to as many clients, with accounts in the firm's Slack.
func (f *Filler) People(n, clients int) {
	f.Helper()
	at, mail := fmt.Sprintf("'m-' || (1 + n.n %% %d)", clients), "'p' || n.n || '@northgate.test'"
	f.Copies(n, "people", "id = 'olga'", map[string]string{"id": "'p' || n.n", "client_id": at, "email": mail, "email_key": mail})
	f.Copies(n, "mailboxes", "person_id = 'olga'", map[string]string{"person_id": "'p' || n.n", "client_id": at})
	f.Copies(n, "bindings", "person_id = 'olga'", map[string]string{"person_id": "'p' || n.n", "workspace_id": "'hq'",
		"user_id": "'UP' || n.n", "channel": "'DP' || n.n", "email_key": mail})
}

// Work gives each of them what Olga has to do, in their client's engagement.
func (f *Filler) Work(n, clients int, like models.TaskID) {
	f.Helper()
	f.Copies(n, "tasks", "engagement_id = 'e1' AND id = '"+string(like)+"'", map[string]string{
		"engagement_id": fmt.Sprintf("'m-' || (1 + n.n %% %d)", clients),
		"id":            "'X-' || (1000 + n.n)", "owner": "'p' || n.n"})
}

// Analyzed lets the database know what it holds.
func (f *Filler) Analyzed() {
	f.Helper()
	f.exec("ANALYZE")
}
