package api

import (
	"slices"
	"testing"
)

// A release is on its way: what serves is of the version before, and the operator has migrated the database, so that every table has a
// column more. Whoever asks meanwhile gets an answer. PostgreSQL refuses once whatever a connection has prepared over such a table.
func TestARequestOutlivesAMigration(t *testing.T) {
	t.Parallel()
	w := onPostgres(t)
	w.asks()
	w.serve(yesEngine{})
	tried := 0
	everything := func(when string) {
		for _, path := range slices.Sorted(keysOf(w.check.doc.Paths.Map())) {
			item := w.check.doc.Paths.Value(path)
			for _, method := range slices.Sorted(keysOf(item.Operations())) {
				op := item.Operations()[method]
				if op.OperationID == "cancelEngagement" || op.OperationID == "deactivatePerson" {
					continue // nothing would be left to ask about
				}
				tried++
				w.ready(op, targets[0], guests[0], tried)
				got := w.send(call{who: "marta", method: method, path: w.fill(path, targets[0], guests[0], tried),
					body: w.bodyFor(op, guests[0], tried)})
				if got.Code >= 500 {
					t.Errorf("%s: %s %s: %d %s", when, method, path, got.Code, got.Body)
				}
			}
		}
	}
	everything("before")
	for _, table := range w.widen() {
		t.Log(table, "has a column more")
	}
	everything("after")
	if tried < 150 {
		t.Errorf("only %d requests", tried)
	}
}

// widen gives every table a column more, as a migration does, and returns their names.
func (w *world) widen() (tables []string) {
	w.Helper()
	w.tables() // opens the database as whoever owns the tables
	rows, err := w.db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			w.Fatal(err)
		}
		tables = append(tables, table)
	}
	for _, table := range tables {
		if _, err := w.db.Exec("ALTER TABLE " + table + " ADD COLUMN of_the_next_release TEXT NOT NULL DEFAULT ''"); err != nil {
			w.Fatal(err)
		}
	}
	return tables
}
