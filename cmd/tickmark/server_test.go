package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tickmark/models/modelstest/await"
	"tickmark/models/store/storetest"
)

// call runs one of the commands that run Tickmark and returns what it printed.
func call(ctx context.Context, args ...string) (string, error) {
	root := &cobra.Command{Use: "tickmark", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(serverCommands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return out.String(), err
}

// An operator brings a new database up to date, creates the firm, and serves: the administrator's token opens the API, and
// /readyz says that Temporal does not answer, since nobody has started it.
func TestAnOperatorSetsTickmarkUp(t *testing.T) {
	for _, db := range []struct {
		name string
		dsn  func() string
	}{
		{"sqlite", func() string { return "sqlite:" + filepath.Join(t.TempDir(), "tickmark.sqlite") }},
		{"postgres", func() string { return storetest.Postgres(t) }},
	} {
		t.Run(db.name, func(t *testing.T) {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := free.Addr().String()
			if err := free.Close(); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TICKMARK_DATABASE", db.dsn())
			t.Setenv("TICKMARK_LISTEN", address)
			t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
			t.Setenv("TICKMARK_STATUS_LISTEN", "none")
			if out, err := call(t.Context(), "migrate"); err != nil || !strings.HasPrefix(out, "the database is at version ") {
				t.Fatalf("migrate: %q %v", out, err)
			}
			token, err := call(t.Context(), "setup", "--id", "acme", "--firm", "Acme Advisory", "--time-zone", "Europe/Berlin", "--country", "DE",
				"--admin", "Marta Lindqvist", "--admin-email", "marta@acme.example")
			if err != nil || !strings.HasPrefix(token, "tm_") {
				t.Fatalf("setup: %q %v", token, err)
			}
			if _, err := call(t.Context(), "setup", "--id", "acme", "--firm", "Acme again"); err == nil {
				t.Error("a firm was set up twice")
			}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { _, err := call(ctx, "serve"); done <- err }()
			t.Cleanup(func() {
				stop()
				if err := <-done; err != nil {
					t.Errorf("serve: %v", err)
				}
			})
			status, body := get(t, "http://"+address+"/api/v1/me", strings.TrimSpace(token))
			if status != http.StatusOK || !strings.Contains(body, "Acme Advisory") || !strings.Contains(body, "Marta Lindqvist") {
				t.Errorf("/me: %d %s", status, body)
			}
			await.Until(t, "it is named what is missing", func() bool {
				status, body := get(t, "http://"+address+"/readyz", "")
				return status == http.StatusOK && strings.Contains(body, "Temporal does not answer") // commands are carried out
			})
		})
	}
}

// get asks until somebody listens.
func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	var res *http.Response
	await.Until(t, "somebody listens", func() bool { res, err = http.DefaultClient.Do(req); return err == nil })
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// A configuration that makes no sense is refused in a sentence that names the variable or the flag.
func TestConfigurationsThatAreRefused(t *testing.T) {
	file, untouched := "sqlite:"+filepath.Join(t.TempDir(), "tickmark.sqlite"), "sqlite:"+filepath.Join(t.TempDir(), "tickmark.sqlite")
	for _, refused := range []struct {
		name, database, keys, want string
		args                       []string
	}{
		{"no database", "", "", "TICKMARK_DATABASE is not set", []string{"serve"}},
		{"another database", "mysql://root@localhost/x", "", "postgres://", []string{"migrate"}},
		{"keys that are none", file, "abc", "TICKMARK_PAYLOAD_KEYS must list keys", []string{"worker"}},
		{"a firm without an id", untouched, "", `--id "" must be 1 to 63`, []string{"setup", "--firm", "Acme"}},
		{"a firm without a name", untouched, "", "--firm must have 1 to 300 characters", []string{"setup", "--id", "acme"}},
		{"no such zone", untouched, "", `--time-zone "Mars/Olympus" is not`,
			[]string{"setup", "--id", "acme", "--firm", "Acme", "--time-zone", "Mars/Olympus"}},
		{"no such country", untouched, "", `--country "ZZ" is not`, []string{"setup", "--id", "acme", "--firm", "Acme", "--country", "ZZ"}},
		{"no such address", untouched, "", `--admin-email "marta" is not a mail address`,
			[]string{"setup", "--id", "acme", "--firm", "Acme", "--admin-email", "marta"}},
		{"an id with blanks", untouched, "", `--id "Acme Inc" must be`, []string{"setup", "--id", "Acme Inc", "--firm", "Acme"}},
	} {
		t.Run(refused.name, func(t *testing.T) {
			t.Setenv("TICKMARK_DATABASE", refused.database)
			t.Setenv("TICKMARK_PAYLOAD_KEYS", refused.keys)
			if out, err := call(t.Context(), refused.args...); err == nil || !strings.Contains(err.Error(), refused.want) {
				t.Errorf("got %q, %v", out, err)
			}
			if _, err := os.Stat(strings.TrimPrefix(refused.database, "sqlite:")); err == nil && refused.args[0] == "setup" {
				t.Error("a database was made")
			}
		})
	}
}
