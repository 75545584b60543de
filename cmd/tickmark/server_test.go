package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	root.SetErr(io.Discard)
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
			t.Setenv("TICKMARK_DATABASE", db.dsn())
			t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
			t.Setenv("TICKMARK_STATUS_LISTEN", "none")
			if out, err := call(t.Context(), "migrate"); err != nil || !strings.HasPrefix(out, "the database is at version ") ||
				!strings.Contains(out, "it was brought there from version 0") {
				t.Fatalf("migrate: %q %v", out, err)
			}
			if out, err := call(t.Context(), "migrate"); err != nil || !strings.Contains(out, "it was already current") {
				t.Errorf("migrate again: %q %v", out, err)
			}
			token, err := call(t.Context(), "setup", "--id", "acme", "--firm", "Acme Advisory", "--time-zone", "Europe/Berlin", "--country", "DE",
				"--admin", "Marta Lindqvist", "--admin-email", "marta@acme.example")
			if err != nil || !strings.HasPrefix(token, "tm_") {
				t.Fatalf("setup: %q %v", token, err)
			}
			if _, err := call(t.Context(), "setup", "--id", "acme", "--firm", "Acme again"); err == nil {
				t.Error("a firm was set up twice")
			}
			address := served(t)
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

// An operator uses two roles: the owner's for migrate, and one that owns nothing for everything else, with the fewest connections. Marta's
// first token is good for ninety days; when it is lost a new one takes its place, and both stand in the firm's record.
func TestAnOperatorUsesTwoRoles(t *testing.T) {
	owner, role := storetest.Postgres(t), storetest.Role(t)
	t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
	t.Setenv("TICKMARK_DATABASE", storetest.As(t, owner, role))
	t.Setenv("TICKMARK_DATABASE_CONNECTIONS", "2")
	if _, err := call(t.Context(), "migrate"); err == nil {
		t.Error("the role of serve has made tables")
	}
	t.Setenv("TICKMARK_DATABASE", owner)
	if _, err := call(t.Context(), "migrate"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TICKMARK_DATABASE", storetest.As(t, owner, role))
	if _, err := call(t.Context(), "worker"); err == nil || !strings.Contains(err.Error(), "tickmark migrate --role") {
		t.Errorf("a worker without rights: %v", err)
	}
	t.Setenv("TICKMARK_DATABASE", owner)
	if _, err := call(t.Context(), "migrate", "--role", role); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TICKMARK_DATABASE", storetest.As(t, owner, role))
	first, err := call(t.Context(), "setup", "--id", "acme", "--firm", "Acme Advisory", "--admin", "Marta Lindqvist")
	if err != nil {
		t.Fatal(err)
	}
	address := served(t)
	_, me := get(t, "http://"+address+"/api/v1/me", strings.TrimSpace(first))
	if inDays := time.Now().AddDate(0, 0, 90).UTC().Format("2006-01-02"); !strings.Contains(me, `"expires_at":"`+inDays) {
		t.Errorf("it is not good for 90 days: %s", me)
	}
	if _, err := call(t.Context(), "setup", "--new-token", "--id", "nobody"); err == nil ||
		!strings.Contains(err.Error(), `--id "nobody": there is no such firm`) {
		t.Errorf("a new token of a firm that is not there: %v", err)
	}
	for name, refused := range map[string][]string{"no such person": {"--id", "acme", "--person", "ines"},
		"for ever": {"--id", "acme", "--expires", "never"}, "too long": {"--id", "acme", "--expires", "367d"}} {
		if out, err := call(t.Context(), append([]string{"setup", "--new-token"}, refused...)...); err == nil {
			t.Errorf("%s: a token was made: %s", name, out)
		}
	}
	bright, err := call(t.Context(), "setup", "--id", "bright", "--firm", "Bright Advisory", "--admin", "Marta Lindqvist")
	if err != nil {
		t.Fatal(err)
	}
	second, err := call(t.Context(), "setup", "--id", "acme", "--new-token", "--expires", "7d")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, "http://"+address+"/api/v1/me", strings.TrimSpace(first)); status != http.StatusUnauthorized {
		t.Errorf("the lost token: %d", status)
	}
	if status, _ := get(t, "http://"+address+"/api/v1/me", strings.TrimSpace(bright)); status != http.StatusOK {
		t.Errorf("the token of another firm: %d", status)
	}
	status, events := get(t, "http://"+address+"/api/v1/firm/timeline", strings.TrimSpace(second))
	if status != http.StatusOK || strings.Count(events, `"token.created"`) != 2 || strings.Count(events, `"token.revoked"`) != 1 {
		t.Errorf("the record: %d %s", status, events)
	}
	if status, body := get(t, "http://"+address+"/readyz", ""); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, body)
	}
}

// served starts serve on a free port and returns its address; it ends with the test.
func served(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TICKMARK_LISTEN", address)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := call(ctx, "serve"); done <- err }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return address
}

// What waiting would not help ends a start at once, in a sentence that shows neither password nor path; what may pass is waited for.
func TestStartsThatWaitingWouldNotHelp(t *testing.T) {
	good, err := url.Parse(storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong, none, nowhere := *good, *good, *good
	wrong.User = url.UserPassword(good.User.Username(), "not-the-password")
	none.Path = "/tickmark_there_is_none"
	nowhere.RawQuery = "sslmode=verify-full"
	dir := t.TempDir()
	text := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(text, bytes.Repeat([]byte("Dear Marta, "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	for database, want := range map[string]string{
		wrong.String():   "does not accept user and password",
		none.String():    "has no database of this name",
		nowhere.String(): "offers no TLS",
		"sqlite:" + filepath.Join(dir, "none", "x.db"): "the folder in TICKMARK_DATABASE must be there",
		"sqlite:" + text: "is not a SQLite database",
	} {
		t.Setenv("TICKMARK_DATABASE", database)
		t.Setenv("TICKMARK_LISTEN", "127.0.0.1:0")
		for _, command := range []string{"serve", "worker", "migrate"} {
			_, err := call(t.Context(), command)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", command, err, want)
			} else if strings.Contains(err.Error(), "not-the-password") || strings.Contains(err.Error(), dir) {
				t.Errorf("%s shows too much: %v", command, err)
			}
		}
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

// Values of variables that cannot be are refused with the name of the variable.
func TestVariablesThatAreRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for line, want := range map[string]string{"TICKMARK_DATABASE_CONNECTIONS=1": "from 2 to",
		"TICKMARK_DATABASE_CONNECTIONS=many":     "from 2 to",
		"TICKMARK_TEMPORAL=http://temporal:7233": "must be a host and a port", "TICKMARK_HOSTS=https://x": "TICKMARK_HOSTS",
		"TICKMARK_PUBLIC_URL=audits.acme.example": "TICKMARK_PUBLIC_URL must be like", "TICKMARK_DATABASE_ROLE=x": "has no roles",
		"TICKMARK_SLACK_URL=https://slack.com/api": "a slash at its end",
		"TICKMARK_LISTEN=nowhere":                  "TICKMARK_LISTEN \"nowhere\" must be a host and a port",
		"TICKMARK_LISTEN=127.0.0.1:":               "must be a host and a port", "TICKMARK_LISTEN=127.0.0.1:99999": "must be a host and a port",
		"TICKMARK_STATUS_LISTEN=127.0.0.1":           "TICKMARK_STATUS_LISTEN \"127.0.0.1\" must be a host and a port",
		"TICKMARK_STATUS_LISTEN=8081":                "TICKMARK_STATUS_LISTEN \"8081\" must be a host and a port",
		"TEMPORAL_TLS=maybe":                         "TEMPORAL_TLS \"maybe\" must be true or false",
		"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION=yes": "must be true or false",
		"TICKMARK_LISTEN=" + taken.Addr().String():   "is already in use: choose another address with TICKMARK_LISTEN",
		"TEMPORAL_TLS_CLIENT_CERT_PATH=/none":        "TEMPORAL_TLS_CLIENT_CERT_PATH"} {
		t.Run(line, func(t *testing.T) {
			t.Setenv("TICKMARK_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "tickmark.sqlite"))
			t.Setenv("TICKMARK_LISTEN", "127.0.0.1:0")
			name, value, _ := strings.Cut(line, "=")
			t.Setenv(name, value)
			command := "serve"
			if name == "TICKMARK_DATABASE_ROLE" {
				command = "migrate"
			}
			if _, err := call(t.Context(), command); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
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

// Setup brings an empty database up to date by itself, and says so beside the token, which stays alone on stdout.
func TestSetupSaysWhatItDidToTheDatabase(t *testing.T) {
	t.Setenv("TICKMARK_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "tickmark.sqlite"))
	t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
	for _, c := range []struct{ id, want string }{{"acme", "it was brought there from version 0"}, {"harbor", "it was already current"}} {
		root := &cobra.Command{Use: "tickmark", SilenceUsage: true, SilenceErrors: true}
		root.AddCommand(serverCommands()...)
		var out, told bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&told)
		root.SetArgs([]string{"setup", "--id", c.id, "--firm", "Acme Advisory"})
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "tm_") || strings.Count(out.String(), "\n") != 1 || !strings.Contains(told.String(), c.want) {
			t.Errorf("%s: it prints %q and says %q", c.id, &out, &told)
		}
	}
}
