package main

import (
	"database/sql"
	"net/url"
	"os"
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

// theDocumentedRoles runs deploy/roles.sql as a superuser would, in a database of the test's own, and returns its address for the owner
// and for the other role.
func theDocumentedRoles(t *testing.T) (owner, app string) {
	t.Helper()
	admin := storetest.Postgres(t)
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(top + "deploy/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := strings.TrimPrefix(u.Path, "/")
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	t.Cleanup(func() { dropRoles(t, admin, name) })
	statements, made := 0, false
	for _, statement := range strings.Split(string(script), ";\n") {
		statement = strings.ReplaceAll(withoutRemarks(statement), "tickmark_owner", roleNamed("tickmark_owner"))
		statement = strings.ReplaceAll(statement, "tickmark_app", roleNamed("tickmark_app"))
		statement = strings.ReplaceAll(statement, "DATABASE tickmark ", "DATABASE "+name+" ")
		statement = strings.TrimSpace(strings.ReplaceAll(statement, "\\connect tickmark\n", ""))
		if rest, is := strings.CutPrefix(statement, "CREATE DATABASE "+name+" OWNER "); is { // it is there
			statement, made = "ALTER DATABASE "+name+" OWNER TO "+rest, true
		}
		if statement != "" {
			statements++
			run(statement)
		}
	}
	if statements < 6 || !made {
		t.Errorf("deploy/roles.sql has %d statements, and makes the database: %v", statements, made)
	}
	u.User = url.UserPassword(roleNamed("tickmark_owner"), "change-me")
	owner = u.String()
	u.User = url.UserPassword(roleNamed("tickmark_app"), "change-me")
	return owner, u.String()
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

// dropRoles takes the roles away, with what they own in the database.
func dropRoles(t *testing.T, admin, database string) {
	t.Helper()
	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"ALTER DATABASE " + database + " OWNER TO CURRENT_USER", "DROP OWNED BY " +
		roleNamed("tickmark_owner") + ", " + roleNamed("tickmark_app") + " CASCADE",
		"DROP ROLE " + roleNamed("tickmark_owner"), "DROP ROLE " + roleNamed("tickmark_app")} {
		if _, err := db.Exec(statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
