package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"tickmark/models"
)

// forgotten are the tables of which the program deletes rows: everything else stays for as long as the database does.
var forgotten = []string{"absences", "bindings", "client_channels", "delivery_items", "doubts", "duties", "engagement_members", "inbound",
	"installs", "phases", "probes", "processes", "requests", "tokens", "tries", "workspaces"}

// unguarded are tables that are only added to though no trigger guards them.
var unguarded = []string{"catalogs"}

// A tableRow is a table of the database as its rights see it.
type tableRow struct {
	Name  string
	Owner bool // the role may do what the table's owner may
	Added bool // the table is only ever added to
	Uses  bool // the role may read it and, but for the list of migrations, add to it
	Spoil bool // the role may change, delete or empty it, or make triggers on it
}

// rightsOf asks what a role may do with each table: those that are only added to are known by their guard.
const rightsOf = `SELECT c.relname AS name, pg_has_role(r.oid, c.relowner, 'MEMBER') AS owner,
	EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
		WHERE g.tgrelid = c.oid AND p.proname = 'tickmark_only_added') AS added,
	has_table_privilege(r.oid, c.oid, 'SELECT')
		AND (c.relname = 'goose_db_version' OR has_table_privilege(r.oid, c.oid, 'INSERT')) AS uses,
	has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') AS spoil
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_roles r
	WHERE n.nspname = current_schema AND c.relkind IN ('r', 'p') AND r.rolname = ? ORDER BY c.relname`

// rights returns what a role may do with each table, sorted by name. There are none for a role that does not exist.
func rights(tx *gorm.DB, role string) ([]tableRow, error) {
	var all []tableRow
	if err := tx.Raw(rightsOf, role).Scan(&all).Error; err != nil {
		return nil, fail("read the rights of a role", err)
	}
	for i := range all {
		all[i].Added = all[i].Added || slices.Contains(unguarded, all[i].Name)
	}
	return all, nil
}

// Grant gives a role of PostgreSQL what this program does with the tables, and takes all else from it: it reads all of them, adds to all
// but the list of migrations, changes those that may change, and deletes where things are forgotten. It neither changes nor deletes what
// is only added to. It may be called again at any time, and must be after a migration; it is for the tables' owner. It refuses (invalid) a
// role that is not there, or could help itself to more, and any role on SQLite, which has none.
func (r *Root) Grant(ctx context.Context, role string) error {
	if r.dialect != onPostgres {
		return models.Refuse(models.Invalid, "role", "a SQLite database has no roles: --role and TICKMARK_DATABASE_ROLE are for PostgreSQL")
	}
	return r.write(ctx, "give a role its rights", func(tx *gorm.DB) error {
		// Several may do so at once, and PostgreSQL does not wait by itself.
		if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended('tickmark roles', 0))").Error; err != nil {
			return err
		}
		all, err := rights(tx, role)
		if err != nil {
			return err
		}
		if err := mayBeGranted(tx, role, all); err != nil {
			return err
		}
		if err := grant(tx, role, all); err != nil {
			return err
		}
		return granted(tx, role)
	})
}

// mayBeGranted refuses roles that could help themselves to more than Grant gives them.
func mayBeGranted(tx *gorm.DB, role string, tables []tableRow) error {
	if len(tables) == 0 {
		return models.Refuse(models.Invalid, "role",
			`the database has no role %.80q: CREATE ROLE it first, with LOGIN and a password`, role)
	}
	var mighty bool
	err := tx.Raw(`SELECT r.rolsuper OR r.rolcreaterole OR r.rolreplication
		OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(r.oid, d.datdba, 'MEMBER'))
		OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = current_schema AND pg_has_role(r.oid, n.nspowner, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = ?`, role).Row().Scan(&mighty)
	if err != nil {
		return err
	}
	for _, t := range tables {
		mighty = mighty || t.Owner
	}
	if mighty {
		return models.Refuse(models.Invalid, "role", "the role %.80q could help itself to all rights: serve and worker need one that owns "+
			"nothing, is no member of a role that does, and has neither SUPERUSER nor CREATEROLE nor REPLICATION", role)
	}
	return nil
}

// grant takes all rights from a role and gives it those that it needs.
func grant(tx *gorm.DB, role string, tables []tableRow) error {
	var schema string
	if err := tx.Raw("SELECT quote_ident(current_schema)").Row().Scan(&schema); err != nil {
		return err
	}
	name := pgx.Identifier{role}.Sanitize()
	statements := []string{"REVOKE ALL ON ALL TABLES IN SCHEMA " + schema + " FROM " + name,
		"REVOKE ALL ON SCHEMA " + schema + " FROM " + name, "GRANT USAGE ON SCHEMA " + schema + " TO " + name}
	for _, t := range tables {
		may := "SELECT, INSERT"
		switch {
		case t.Name == "goose_db_version":
			may = "SELECT"
		case t.Added:
		case slices.Contains(forgotten, t.Name):
			may += ", UPDATE, DELETE"
		default:
			may += ", UPDATE"
		}
		statements = append(statements, "GRANT "+may+" ON "+schema+"."+pgx.Identifier{t.Name}.Sanitize()+" TO "+name)
	}
	for _, statement := range statements {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}

// granted refuses when a role may do more than grant gave it, since everybody may.
func granted(tx *gorm.DB, role string) error {
	all, err := rights(tx, role)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Added && t.Spoil {
			return models.Refuse(models.Invalid, "role", "the role %.80q may change the table %s still, since another role of which it is a member "+
				"may, or everybody: REVOKE that first", role, t.Name)
		}
	}
	var makes bool
	if err := tx.Raw("SELECT has_schema_privilege(?, current_schema, 'CREATE')", role).Row().Scan(&makes); err != nil {
		return err
	}
	if makes {
		return models.Refuse(models.Invalid, "role",
			"everybody may make tables in this database: REVOKE CREATE ON SCHEMA public FROM PUBLIC first")
	}
	return nil
}

// Rights are what the role of this program may do in the database.
type Rights struct {
	Lacks  string // a table that it may not use as it must; empty: none
	Spoils bool   // it may change or delete what is only added to
}

// Rights returns what the role of this program may do. On SQLite whoever may write the file may do all.
func (r *Root) Rights(ctx context.Context) (Rights, error) {
	if r.dialect != onPostgres {
		return Rights{Spoils: true}, nil
	}
	var out Rights
	err := r.read(ctx, "read the rights of a role", func(tx *gorm.DB) error {
		var role string
		if err := tx.Raw("SELECT current_user").Row().Scan(&role); err != nil {
			return err
		}
		all, err := rights(tx, role)
		for _, t := range all {
			if !t.Uses {
				out.Lacks = t.Name
			}
			out.Spoils = out.Spoils || t.Owner || t.Added && t.Spoil
		}
		return err
	})
	return out, err
}
