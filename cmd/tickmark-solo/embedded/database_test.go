package embedded

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// MakeForeign makes a database that has tables, and not ours.
func MakeForeign(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE namespaces (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
}

func TestTheTablesAreMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporal.sqlite")
	for range 2 {
		if _, err := openDatabase(path); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := schemaSum()
	if err != nil || sum == 0 {
		t.Fatalf("sum %d, error %v", sum, err)
	}
}
