package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tickmark/models/modelstest/await"
	"tickmark/models/modelstest/waysin"
)

// childEnv turns this test binary into tickmark: what a process opens can be told only of one that opens nothing else.
const childEnv = "TICKMARK_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// An operator whose umask is 000 migrates a database and starts serve and worker on it. Each listens where docs/security.md says and
// nowhere else, and no file is left that others can read.
func TestTheWaysIntoServeAndWorker(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	tickmark := func(command string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", `umask 0; exec "$0" "$@"`, os.Args[0], command)
		cmd.Env = append(os.Environ(), childEnv+"=1", "TICKMARK_DATABASE=sqlite:"+filepath.Join(dir, "tickmark.sqlite"),
			"TICKMARK_LISTEN=127.0.0.1:0", "TICKMARK_STATUS_LISTEN=127.0.0.1:0", "TICKMARK_TEMPORAL=127.0.0.1:1")
		return cmd
	}
	if out, err := tickmark("migrate").CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	ways := map[string]int{}
	for _, row := range waysin.Table(t, "../../docs/security.md", "### Ports") {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatalf("the table of ports says %q", row)
		}
		if command, ours := strings.CutPrefix(strings.Trim(row[0], "`"), "tickmark "); ours {
			ways[command] += n
		}
	}
	for command, want := range ways {
		t.Run(command, func(t *testing.T) {
			cmd := tickmark(command)
			says := &bytes.Buffer{}
			cmd.Stderr = says
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
				if err := cmd.Wait(); err != nil {
					t.Errorf("%s ended with %v:\n%s", command, err, says)
				}
			})
			var found []string
			look := func() string { found = waysin.Listening(t, cmd.Process.Pid); return strings.Join(found, ", ") }
			await.Until(t, fmt.Sprintf("%s listens at %d addresses", command, want), func() bool { look(); return len(found) >= want }, look)
			for _, at := range found {
				if !strings.HasPrefix(at, "127.0.0.1:") {
					t.Errorf("%s is open to other machines", at)
				}
				await.Until(t, at+" answers", func() bool {
					res, err := http.Get("http://" + at + "/healthz")
					return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
				})
			}
			if look(); len(found) != want {
				t.Errorf("%s listens at %q: %d addresses are listed", command, found, want)
			}
			if open := waysin.Readable(t, dir); len(open) > 0 {
				t.Errorf("others can read %q", open)
			}
		})
	}
}
