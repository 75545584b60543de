package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
)

// What a newcomer is told can be copied into a shell as it is, wherever things are.
func TestTheGreeting(t *testing.T) {
	monday := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		p    places
		day  time.Duration
		want string
	}{
		{"as it comes", places{api: "127.0.0.1:8080", sandbox: "http://127.0.0.1:8090/?key=abc",
			enter: "/enter/SECRET", token: "data/admin-token", fresh: true, cli: "bin/tickmark"}, 24 * time.Hour,
			`Tickmark listens on http://127.0.0.1:8080; its administrator's token was written to data/admin-token
Open it in a browser, within ten minutes: http://127.0.0.1:8080/enter/SECRET
Messages arrive in the Slack sandbox; for an hour whoever opens this link acts as anybody: http://127.0.0.1:8090/?key=abc
API: http://127.0.0.1:8080/api/v1/docs
To start an engagement, in another terminal:
  export TICKMARK_TOKEN=$(cat data/admin-token)
  bin/tickmark engagement start -f docs/examples/startup-type1.yaml --kickoff today
`},
		{"with a Slack of one's own", places{api: "127.0.0.1:8080", ownSlack: true, token: "data/admin-token", cli: "bin/tickmark"},
			24 * time.Hour,
			`Tickmark listens on http://127.0.0.1:8080; its administrator's token is in data/admin-token
The Slack sandbox is off, since the firm has a Slack workspace of its own: bin/tickmark slack list shows it
API: http://127.0.0.1:8080/api/v1/docs
To start an engagement, in another terminal:
  export TICKMARK_TOKEN=$(cat data/admin-token)
  bin/tickmark engagement start -f docs/examples/startup-type1.yaml --kickoff today
`},
		{"a restart with engagements", places{api: "127.0.0.1:8080", sandbox: "http://127.0.0.1:8090/?key=abc", token: "data/admin-token",
			cli: "bin/tickmark", used: true}, 24 * time.Hour,
			`Tickmark listens on http://127.0.0.1:8080; its administrator's token is in data/admin-token
Messages arrive in the Slack sandbox; for an hour whoever opens this link acts as anybody: http://127.0.0.1:8090/?key=abc
API: http://127.0.0.1:8080/api/v1/docs
To see how engagements do, in another terminal:
  export TICKMARK_TOKEN=$(cat data/admin-token)
  bin/tickmark engagement list
`},
		{"elsewhere", places{api: "[::]:9000", enter: "/enter/SECRET", ui: "127.0.0.1:8233", token: "/srv/a firm's/admin-token",
			cli: "tickmark"}, 10 * time.Second,
			`Tickmark listens on http://[::]:9000; its administrator's token is in /srv/a firm's/admin-token
Open it in a browser, within ten minutes: http://127.0.0.1:9000/enter/SECRET
Workflows: http://127.0.0.1:8233/namespaces/tickmark/workflows
API: http://[::]:9000/api/v1/docs
An engagement day lasts 10s; today is 2026-11-30.
To start an engagement, in another terminal:
  export TICKMARK_URL=http://127.0.0.1:9000
  export TICKMARK_TOKEN=$(cat '/srv/a firm'\''s/admin-token')
  tickmark engagement start -f docs/examples/startup-type1.yaml --kickoff today
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := greeting(c.p, c.day, monday); got != c.want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// The command line is the one that was built with this program, where there is one.
func TestTheCommandLineBeside(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	if err := os.Mkdir("bin", 0o755); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd() // as the system calls it
	if err != nil {
		t.Fatal(err)
	}
	self := func() (string, error) { return filepath.Join(here, "bin", "tickmark-solo"), nil }
	if got := cliBeside(self); got != "tickmark" {
		t.Errorf("without one: %s", got)
	}
	if err := os.WriteFile(filepath.Join("bin", "tickmark"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := cliBeside(self); got != filepath.Join("bin", "tickmark") {
		t.Errorf("with one: %s", got)
	}
	t.Chdir(t.TempDir())
	if got := cliBeside(self); got != quoted(filepath.Join(here, "bin", "tickmark")) {
		t.Errorf("from elsewhere: %s", got)
	}
	if got := cliBeside(func() (string, error) { return "", errors.New("who knows") }); got != "tickmark" {
		t.Errorf("where nobody knows: %s", got)
	}
}

// What solo assumes and what it is told.
func TestTheFlagsOfSolo(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []string
		email string
	}{
		{"as it comes", nil, "admin@firm.example"},
		{"an address of one's own", []string{"--admin-email", "ines@harbor.example"}, "ines@harbor.example"},
		{"none", []string{"--admin-email", ""}, ""},
		{"a Slack of one's own", []string{"--sandbox", "-1"}, ""},
	} {
		o, err := parse(c.args, io.Discard)
		if err != nil || o.begin.AdminEmail != c.email {
			t.Errorf("%s: %q, %v", c.name, o.begin.AdminEmail, err)
		}
	}
	if _, err := parse([]string{"--country", "Germany"}, io.Discard); models.CodeOf(err) != models.Invalid {
		t.Errorf("got %v", err)
	}
}

// Whoever reads docs/operations.md finds every flag of solo there, and no other; asked for help it lists them, and nothing is wrong.
func TestThePageHasTheFlagsOfSolo(t *testing.T) {
	var help bytes.Buffer
	if _, err := parse([]string{"--help"}, &help); exit(err, &help) != 0 {
		t.Errorf("asked for help it says %v", err)
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := strings.Cut(string(page), "\n## On one machine\n")
	own, _, _ = strings.Cut(own, "\n## ")
	names := func(text, line string) []string {
		var out []string
		for _, m := range regexp.MustCompile(line).FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return out
	}
	has, told := names(help.String(), `(?m)^  -([a-z-]+)`), names(own, "(?m)^\\| `--([a-z-]+)` \\|")
	if len(has) < 10 || !slices.Equal(has, told) {
		t.Errorf("solo has %v, and the page %v", has, told)
	}
}
