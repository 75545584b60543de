package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"tickmark/models"
	"tickmark/models/store/storetest"
)

// Somebody has taken over serve, and has its password for the database. He can read and write as serve does; what is only added to he can
// neither change nor delete nor empty, he can switch off no guard, take no table away and make none, and cannot become who can.
func TestWhoTakesOverServeCannotTouchTheRecord(t *testing.T) {
	t.Parallel()
	root := openPostgres(t)
	_, ref := commented(t, root)
	_, err := root.Apply(t.Context(), ref, comment("k", "said"))
	check(t, err)
	tables, err := rights(root.db, storetest.Role(t))
	check(t, err)
	var added []string
	statements := []string{"CREATE TABLE mine (id int)", "CREATE SCHEMA mine", "DROP FUNCTION tickmark_only_added CASCADE",
		"CREATE OR REPLACE FUNCTION tickmark_only_added() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
		"SET session_replication_role = replica", "SET ROLE tickmark", "SET SESSION AUTHORIZATION tickmark",
		"ALTER ROLE " + storetest.Role(t) + " SUPERUSER", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"DROP TABLE people CASCADE", "ALTER TABLE people DISABLE TRIGGER ALL", "TRUNCATE people CASCADE", "DELETE FROM people"}
	for _, table := range tables {
		if !table.Added {
			continue
		}
		added = append(added, table.Name)
		for _, f := range []string{"UPDATE %s SET firm_id = 'x'", "UPDATE %s SET firm_id = firm_id WHERE false", "DELETE FROM %s",
			"DELETE FROM %s WHERE false", "TRUNCATE %s", "TRUNCATE %s CASCADE", "DROP TABLE %s", "DROP TABLE %s CASCADE",
			"ALTER TABLE %s DISABLE TRIGGER ALL", "ALTER TABLE %s DISABLE TRIGGER USER", "ALTER TABLE %s RENAME TO gone",
			"ALTER TABLE %s ADD COLUMN x int", "ALTER TABLE %s OWNER TO CURRENT_USER",
			"CREATE RULE none AS ON INSERT TO %s DO INSTEAD NOTHING",
			"CREATE TRIGGER none BEFORE INSERT ON %s EXECUTE FUNCTION tickmark_only_added()"} {
			statements = append(statements, fmt.Sprintf(f, table.Name))
		}
		if !slices.Contains(unguarded, table.Name) {
			statements = append(statements, fmt.Sprintf("ALTER TABLE %[1]s DISABLE TRIGGER %[1]s_only_added", table.Name),
				fmt.Sprintf("DROP TRIGGER %[1]s_only_added ON %[1]s", table.Name))
		}
		if table.Spoil || table.Owner || !table.Uses {
			t.Errorf("he may do more or less than he should: %+v", table)
		}
	}
	if want := []string{"catalogs", "comments", "delivery_attempts", "events", "firm_events"}; !slices.Equal(added, want) {
		t.Errorf("only added to are %v, want %v", added, want)
	}
	before := dump(t, root, "")
	for _, statement := range statements {
		err := root.db.Exec(statement).Error
		if refusal, _ := errors.AsType[*pgconn.PgError](err); refusal == nil || refusal.Code != "42501" && !strings.HasPrefix(statement, "SET ") {
			t.Errorf("%s: %v, want that he has no right to", statement, err)
		}
	}
	if after := dump(t, root, ""); after != before {
		t.Error(difference(before, after))
	}
	again, err := rights(root.db, storetest.Role(t))
	check(t, err)
	if !slices.Equal(again, tables) {
		t.Errorf("his rights were %+v and are %+v", tables, again)
	}
	_, err = root.Apply(t.Context(), ref, comment("next", "goes on"))
	check(t, err)
}

// Every table that is only added to has its guard, so that a new one is found: by a trigger, or by being named.
func TestWhatIsForgottenIsNotTheRecord(t *testing.T) {
	t.Parallel()
	root := open(t, migrated(t))
	all, err := rights(root.db, storetest.Role(t))
	check(t, err)
	for _, name := range slices.Concat(forgotten, unguarded) {
		i := slices.IndexFunc(all, func(r tableRow) bool { return r.Name == name })
		if i < 0 {
			t.Errorf("there is no table %s", name)
		} else if slices.Contains(forgotten, name) && all[i].Added {
			t.Errorf("%s is only added to, and is deleted from", name)
		}
	}
}

// A release brings a new table, and an operator has given a role too much by hand: the next migration puts both right.
func TestGrantsAreMadeAnew(t *testing.T) {
	t.Parallel()
	role := storetest.Role(t)
	dsn := migrated(t)
	owner := open(t, dsn)
	check(t, owner.db.Exec("CREATE TABLE visits (id int); GRANT ALL ON events TO "+role).Error)
	root := open(t, storetest.As(t, dsn, role))
	for _, want := range []Rights{{Lacks: "visits", Spoils: true}, {}} {
		got, err := root.Rights(t.Context())
		check(t, err)
		if got != want {
			t.Errorf("rights are %+v, want %+v", got, want)
		}
		check(t, owner.Grant(t.Context(), role))
	}
	if got, err := owner.Rights(t.Context()); err != nil || !got.Spoils || got.Lacks != "" {
		t.Errorf("the owner's rights are %+v, %v", got, err)
	}
}

// Who names a role that would not protect the record is told why.
func TestRolesThatAreRefused(t *testing.T) {
	t.Parallel()
	owner := open(t, migrated(t))
	var self string
	check(t, owner.db.Raw("SELECT current_user").Row().Scan(&self))
	for role, want := range map[string]string{"nobody": "has no role", "": "has no role", `x"; DROP TABLE events; --`: "has no role",
		self: "could help itself"} {
		err := owner.Grant(t.Context(), role)
		refused(t, err, models.Invalid)
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", role, err)
		}
	}
	check(t, owner.db.Exec("GRANT UPDATE ON events TO PUBLIC").Error)
	err := owner.Grant(t.Context(), storetest.Role(t))
	refused(t, err, models.Invalid)
	if !strings.Contains(err.Error(), "may change the table events") {
		t.Errorf("with rights for everybody: %v", err)
	}
	check(t, owner.db.Exec("REVOKE UPDATE ON events FROM PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC").Error)
	err = owner.Grant(t.Context(), storetest.Role(t))
	refused(t, err, models.Invalid)
	if !strings.Contains(err.Error(), "REVOKE CREATE ON SCHEMA") {
		t.Errorf("where everybody may make tables: %v", err)
	}
	refused(t, openSQLite(t).Grant(t.Context(), "anybody"), models.Invalid)
}

// A connection to the database is too few, since who brings the tables up to date holds one and works with another: with two it works.
func TestHowFewConnectionsAreEnough(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		root := open(t, dsn)
		refused(t, root.Connections(1), models.Invalid)
		check(t, root.Connections(LeastConnections))
		check(t, root.Migrate(t.Context()))
	})
}

// A role that owns nothing cannot make tables: whoever runs Tickmark is told so in a sentence, without SQL.
func TestMigratingNeedsTheOwner(t *testing.T) {
	t.Parallel()
	role := storetest.Role(t)
	err := open(t, storetest.As(t, storetest.Postgres(t), role)).Migrate(t.Context())
	refused(t, err, models.Conflict)
	if told, _ := errors.AsType[*models.Error](err); told == nil || !strings.Contains(told.Message, "run as the owner of the tables") {
		t.Errorf("told %v", told)
	}
}
