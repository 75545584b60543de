package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	gooselock "github.com/pressly/goose/v3/lock"

	"tickmark/models"
)

//go:embed migrations
var migrations embed.FS

// A Version says which tables a database has and which the program needs: the numbers of the last migrations.
type Version struct {
	Database int64 // 0: none at all
	Program  int64
}

// check refuses versions that do not fit.
func (v Version) check() error {
	switch {
	case v.Database > v.Program:
		return models.Refuse(models.Conflict, "", "the database has version %d, this program knows versions up to %d: use a newer program",
			v.Database, v.Program)
	case v.Database == 0:
		return models.Refuse(models.Unavailable, "", "the database has no tables yet: run tickmark migrate")
	case v.Database < v.Program:
		return models.Refuse(models.Unavailable, "", "the database has version %d, this program needs version %d: run tickmark migrate",
			v.Database, v.Program)
	}
	return nil
}

// Version returns which migrations the database has had and which the program knows. It refuses (unavailable) when the
// database does not answer.
func (r *Root) Version(ctx context.Context) (Version, error) {
	v := Version{Program: programVersion(r.dialect)}
	err := r.db.WithContext(ctx).Raw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Row().Scan(&v.Database)
	if err != nil && !noTable(err) {
		return Version{}, fail("read the version of the database", err)
	}
	return v, nil
}

// Migrate brings the tables to the version the program needs; when they are, it does nothing. Several processes may try at
// once. It refuses a database that is newer than the program (conflict), naming both versions, and leaves it as it is, and a role that may
// not make or change tables (conflict).
func (r *Root) Migrate(ctx context.Context) error {
	v, err := r.Version(ctx)
	if err != nil {
		return err
	}
	if v.Database > v.Program {
		return v.check()
	}
	pool, err := r.db.DB()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := r.provider(pool)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for range 5 {
		if _, err = provider.Up(ctx); err == nil {
			if err := r.Ping(ctx); err != nil {
				return err
			}
			return r.keepCatalog(ctx)
		}
		if r.dialect != onSQLite {
			break
		}
		// goose has no lock on SQLite: when two processes start at once, one finds done what it was about to do. Nothing is
		// done by halves, so it tries again from there.
	}
	if why := barred(err); why != "" {
		return &trouble{"migrate", models.Refuse(models.Conflict, "database", "%s", why), err}
	}
	return fail("migrate", err)
}

// ready refuses the use of tables that are not the program's. Once they are, it asks no more.
func (r *Root) ready(ctx context.Context) error {
	if r.current.Load() {
		return nil
	}
	if err := r.Ping(ctx); err != nil {
		return err
	}
	r.current.Store(true)
	return nil
}

// programVersion returns the number of the last migration of a dialect.
func programVersion(d dialect) int64 {
	entries, err := migrations.ReadDir("migrations/" + string(d))
	if err != nil {
		panic(err) // embedded
	}
	var last int64
	for _, e := range entries {
		n, err := goose.NumericComponent(e.Name())
		if err != nil {
			panic(err) // embedded
		}
		last = max(last, n)
	}
	return last
}

// provider returns what brings a database of the program's dialect up to date; on PostgreSQL it lets one process at a time do so.
func (r *Root) provider(pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+string(r.dialect))
	if err != nil {
		return nil, err
	}
	if r.dialect != onPostgres {
		return goose.NewProvider(goose.DialectSQLite3, pool, files)
	}
	only, err := gooselock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, files, goose.WithSessionLocker(only))
}
