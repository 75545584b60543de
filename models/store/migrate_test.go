package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tickmark/models"
	"tickmark/models/store/storetest"
)

// bare runs a test on both databases, fresh and empty, by their addresses.
func bare(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "tickmark.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, storetest.Postgres(t))
	})
}

func TestMigrate(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		root := open(t, dsn)
		err := root.Ping(t.Context())
		refused(t, err, models.Unavailable)
		if !strings.Contains(err.Error(), "run tickmark migrate") {
			t.Errorf("an empty database says %q", err)
		}
		_, err = root.For("acme").Client(t.Context(), "northgate")
		refused(t, err, models.Unavailable)
		_, err = root.For("acme").CreateClient(t.Context(), Once{}, models.Client{}, noon)
		refused(t, err, models.Unavailable)

		var together sync.WaitGroup
		for range 4 { // several processes start at once
			other := open(t, dsn)
			together.Go(func() {
				if err := other.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		together.Wait()
		check(t, root.Ping(t.Context()))
		check(t, root.Migrate(t.Context()))
		v, err := root.Version(t.Context())
		check(t, err)
		if v.Database != v.Program || v.Program < 1 {
			t.Errorf("%+v", v)
		}
		newWorld(t, root, "acme")
	})
}

func TestNewerDatabase(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		root := open(t, dsn)
		check(t, root.Migrate(t.Context()))
		check(t, root.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)").Error)
		root = open(t, dsn)
		for name, err := range map[string]error{"ping": root.Ping(t.Context()), "migrate": root.Migrate(t.Context()),
			"use": func() error { _, err := root.Firms(t.Context()); return err }()} {
			refused(t, err, models.Conflict)
			if !strings.Contains(err.Error(), "9999") || !strings.Contains(err.Error(), fmt.Sprint("up to ", programVersion(root.dialect))) {
				t.Errorf("%s: %q does not name both versions", name, err)
			}
		}
	})
}

// Both databases have the same tables, columns and indexes.
func TestTables(t *testing.T) {
	shape := func(root *Root) []string {
		var out []string
		all, err := root.db.Migrator().GetTables()
		check(t, err)
		for _, table := range all {
			if strings.HasPrefix(table, "goose") || strings.HasPrefix(table, "sqlite") {
				continue
			}
			ofNoFirm := []string{"sweeps", "processes", "probes", "tries"}
			if !slices.Contains(tables, table) && !slices.Contains(ofNoFirm, table) {
				t.Errorf("table %s is missing from the list of tables that tests look at", table)
			}
			columns, err := root.db.Migrator().ColumnTypes(table)
			check(t, err)
			for _, c := range columns {
				out = append(out, table+"."+c.Name())
			}
		}
		query := "SELECT tablename || ' ' || indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND " +
			"tablename NOT LIKE 'goose%'"
		if root.dialect == onSQLite {
			query = "SELECT tbl_name || ' ' || name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%'"
		}
		var indexes []string
		check(t, root.db.Raw(query).Scan(&indexes).Error)
		out = append(out, indexes...)
		slices.Sort(out)
		return out
	}
	lite, post := shape(openSQLite(t)), shape(openPostgres(t))
	if !slices.Equal(lite, post) {
		t.Errorf("the databases differ:\n%s", difference(strings.Join(lite, "\n"), strings.Join(post, "\n")))
	}
}
