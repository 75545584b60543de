package embedded

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strings"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	temporalsql "go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
	_ "modernc.org/sqlite" // the driver that the plugin registers as "sqlite"
)

// A database is the path of the server's SQLite file, ready for a URI.
type database string

// openDatabase gives the file at path the server's tables, unless it has them.
//
// They are made in one transaction, so that a kill in the middle leaves an empty
// file and not half a schema, and are stamped with a sum of their definitions:
// the server ships no migrations for SQLite, and would fail in strange ways on
// the tables of another release.
func openDatabase(path string) (database, error) {
	// In a URI these three have a meaning; a directory may be called anything.
	d := database(strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path))

	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?mode=rwc&_pragma=busy_timeout=5000&_txlock=immediate", d))
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	defer tx.Rollback()

	want, err := schemaSum()
	if err != nil {
		return "", err
	}
	var tables, have int32
	if err := tx.QueryRow("SELECT (SELECT count(*) FROM sqlite_schema), user_version FROM pragma_user_version").Scan(&tables,
		&have); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	switch {
	case have == want:
		return d, nil
	case tables > 0:
		return "", fmt.Errorf("%s was made by another release of the Temporal server (schema %08x, this is %08x): "+
			"start the program that made it, or choose another directory", path, uint32(have), uint32(want))
	}
	create := func(stmt string) error { _, err := tx.Exec(stmt); return err }
	if err := sqliteschema.SetupSchemaOnDB(statements{run: create}); err != nil {
		return "", fmt.Errorf("create the tables of %s: %w", path, err)
	}
	if err := create(fmt.Sprintf("PRAGMA user_version = %d", want)); err != nil {
		return "", err
	}
	return d, tx.Commit()
}

// schemaSum is never the zero of a file without tables.
func schemaSum() (int32, error) {
	h := sha256.New()
	err := sqliteschema.SetupSchemaOnDB(statements{run: func(stmt string) error {
		fmt.Fprintln(h, stmt)
		return nil
	}})
	return int32(binary.BigEndian.Uint32(h.Sum(nil)) | 1), err
}

// statements hands each statement of the server's schema to run.
type statements struct {
	sqlplugin.AdminDB // none: the schema is made of Execs
	run               func(stmt string) error
}

func (s statements) Exec(stmt string, _ ...any) error { return s.run(stmt) }

func (d database) config() *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: string(d),
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "WAL",
			"synchronous":  "1", // with WAL: durable over a killed process, fast enough
			"busy_timeout": "5000",
		},
		MaxConns:     1, // one writer; more of them meet as SQLITE_BUSY
		MaxIdleConns: 1,
	}
}

// createNamespace does nothing when there is a namespace of that name.
func (d database) createNamespace(o Options) error {
	ns, err := sqliteschema.NewNamespaceConfig(clusterName, o.Namespace, false, o.SearchAttributes)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", o.Namespace, err)
	}
	ns.Detail.Config.Retention = durationpb.New(o.Retention)
	if err := sqliteschema.CreateNamespaces(d.config(), ns); err != nil {
		return fmt.Errorf("namespace %s: %w", o.Namespace, err)
	}
	return nil
}

// checkpoint moves the log into the file, so that the directory of a stopped
// server is one file to copy. It is a courtesy: opening the file does it too.
// The plugin never closes its connection, and lends it to whoever asks.
func (d database) checkpoint() {
	db, err := temporalsql.NewSQLAdminDB(sqlplugin.DbKindUnknown, d.config(),
		resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return
	}
	defer db.Close()
	_ = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
}
