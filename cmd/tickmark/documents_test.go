package main

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tickmark/models/store/storetest"
)

const top = "../../"

// written finds the commands of this package, as documents, units and examples write them.
var written = regexp.MustCompile("(?:`|ExecStart=/usr/local/bin/|-- Then: )tickmark ((?:serve|worker|migrate|setup)\\b[^`,\n]*)")

// commandLines returns the command lines of this package's commands in all documents and in deploy, without those of other programs.
func commandLines(t *testing.T) (lines []string) {
	t.Helper()
	for _, pattern := range []string{"docs/*.md", "README.md", "deploy/*.*", "deploy/systemd/*"} {
		files, err := filepath.Glob(top + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range written.FindAllStringSubmatch(string(text), -1) {
				lines = append(lines, strings.TrimSpace(m[1]))
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// words splits a command line at blanks that are not in quotes.
func words(line string) (out []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// An operator follows the documents to the letter: the roles of deploy/roles.sql, the commands in the order of docs/operations.md. Each
// command line of ours that a document has is taken, and each that ends by itself is run; those that go on are run by the other tests here.
func TestTheDocumentedWay(t *testing.T) {
	owner, app := theDocumentedRoles(t)
	t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
	t.Setenv("TICKMARK_LISTEN", "127.0.0.1:0")
	lines := commandLines(t)
	for _, must := range []string{"serve", "worker", "migrate", "migrate --role tickmark_app", "setup --temporal",
		"setup --id harbor --firm 'Harbor Advisory'", "setup --id harbor --new-token"} {
		if !slices.Contains(lines, must) {
			t.Errorf("no document says tickmark %s any more", must)
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return order(a) - order(b) })
	ran := 0
	for _, line := range lines {
		args := words(line)
		root := &cobra.Command{Use: "tickmark"}
		root.AddCommand(serverCommands()...)
		cmd, rest, err := root.Find(args)
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Errorf("tickmark %s: %v", line, err)
			continue
		}
		if args[0] == "serve" || args[0] == "worker" || line == "setup" || slices.Contains(args, "--temporal") {
			continue // they go on, or it is spoken of, or it is run in cmd/internal/app, which has a Temporal
		}
		t.Setenv("TICKMARK_DATABASE", app)
		if args[0] == "migrate" {
			t.Setenv("TICKMARK_DATABASE", owner)
		}
		ran++
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "tickmark_app", roleNamed("tickmark_app"))
		}
		if out, err := call(t.Context(), args...); err != nil || out == "" {
			t.Errorf("tickmark %s: %q %v", line, out, err)
		}
	}
	if ran < 4 {
		t.Errorf("only %d command lines were run", ran)
	}
	t.Setenv("TICKMARK_DATABASE", app)
	address := served(t)
	if status, body := get(t, "http://"+address+"/readyz", ""); status != 200 {
		t.Errorf("/readyz: %d %s", status, body)
	}
}

// order is that in which the documents have the commands run.
func order(line string) int {
	return slices.IndexFunc([]string{"migrate", "setup --id harbor --firm", ""},
		func(begin string) bool { return strings.HasPrefix(line, begin) })
}

// roleNamed is what a role of the documents is called in tests: a server has one of a name, and tests share it.
func roleNamed(name string) string { return name + "_of_tests" }

// theDocumentedRoles has psql run deploy/roles.sql as a superuser, for a database of the test's own, and returns its address for the owner
// and for the other role. Where one of the passwords is not set, or is empty, psql stops, and nothing is made.
func theDocumentedRoles(t *testing.T) (owner, app string) {
	t.Helper()
	admin := storetest.Postgres(t)
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/") + "_documented"
	file := rolesFor(t, name)
	ours := "'" + roleNamed("tickmark_owner") + "', '" + roleNamed("tickmark_app") + "'"
	has := func(owner, app string) string {
		return "export OWNER_PASSWORD='" + owner + "' APP_PASSWORD='" + app + "'; psql"
	}
	for _, variables := range []string{"psql", "OWNER_PASSWORD=" + rolePassword + " psql", "psql -v app_password=" + rolePassword,
		has("", rolePassword), has(rolePassword, ""), has("", ""), has("  ", rolePassword), has("", "") + " -v owner_password=" + rolePassword,
		has(rolePassword, rolePassword) + " -v app_password="} {
		if out, err := shell(t, admin, variables+" -f "+file); err == nil || !strings.Contains(out, "nothing was made") {
			t.Errorf("with %q psql says: %s %v", variables, out, err)
		}
		n, err := shell(t, admin, `psql -Atc "SELECT count(*) FROM pg_roles WHERE rolname IN (`+ours+`)"`)
		if err != nil || n != "0\n" {
			t.Errorf("with %q roles were made: %s %v", variables, n, err)
		}
	}
	t.Cleanup(func() { dropRoles(t, admin, name) })
	if out, err := shell(t, admin, has(rolePassword, rolePassword)+" -f "+file); err != nil {
		t.Fatalf("deploy/roles.sql: %v %s", err, out)
	}
	u.Path, u.User = "/"+name, url.UserPassword(roleNamed("tickmark_owner"), rolePassword)
	owner = u.String()
	u.User = url.UserPassword(roleNamed("tickmark_app"), rolePassword)
	return owner, u.String()
}

// rolesFor returns a copy of deploy/roles.sql with the names of roles and database that a test has.
func rolesFor(t *testing.T, database string) (file string) {
	t.Helper()
	script, err := os.ReadFile(top + "deploy/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("tickmark_owner", roleNamed("tickmark_owner"), "tickmark_app", roleNamed("tickmark_app"),
		"DATABASE tickmark ", "DATABASE "+database+" ", "\\connect tickmark\n", "\\connect "+database+"\n").Replace(string(script))
	file = filepath.Join(t.TempDir(), "roles.sql")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// shell runs a command line with PostgreSQL's programs, as the user of an address and in its database. It returns what the command says.
func shell(t *testing.T, address, line string) (string, error) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := exec.CommandContext(context.WithoutCancel(t.Context()), top+"models/store/storetest/postgres.sh", "find").Output()
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-ec", line) // tests clean up with it, too
	cmd.Env = append(os.Environ(), "PATH="+strings.TrimSpace(string(programs))+":"+os.Getenv("PATH"), "PGHOST="+u.Hostname(),
		"PGPORT="+u.Port(), "PGUSER="+u.User.Username(), "PGPASSWORD="+password, "PGDATABASE="+strings.TrimPrefix(u.Path, "/"),
		"PGSSLMODE=disable")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// rolePassword is what a test has as both passwords of deploy/roles.sql.
const rolePassword = "of-this-test"

// Nobody runs deploy/roles.sql with a password that others know: it has none, its variables have no default, and psql stops where one is
// not set.
func TestTheRolesHaveNoPasswordOfOurs(t *testing.T) {
	script, err := os.ReadFile(top + "deploy/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	roles := 0
	for line := range strings.Lines(withoutRemarks(string(script))) {
		_, password, has := strings.Cut(line, " PASSWORD ")
		if !has {
			continue
		}
		if roles++; !strings.HasPrefix(password, ":'") {
			t.Errorf("a password stands in %s", line)
		}
	}
	stop, first := strings.Index(string(script), "\\set ON_ERROR_STOP on"), strings.Index(string(script), "CREATE ROLE")
	if roles != 2 || stop < 0 || stop > first || strings.Count(string(script), "\\set ") != 1+strings.Count(string(script), "`printenv ") {
		t.Errorf("%d roles have a password, and psql is told at %d to stop, before %d", roles, stop, first)
	}
}

// withoutRemarks returns SQL without its lines of remarks.
func withoutRemarks(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// dropRoles takes the roles and their database away.
func dropRoles(t *testing.T, admin, database string) {
	t.Helper()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"DROP DATABASE " + database + " WITH (FORCE)",
		"DROP ROLE " + roleNamed("tickmark_owner"), "DROP ROLE " + roleNamed("tickmark_app")} {
		if _, err := db.Exec(statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
