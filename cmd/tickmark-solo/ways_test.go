package main

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models/modelstest/await"
	"tickmark/models/modelstest/waysin"
)

const security = "../../docs/security.md"

// A newcomer, whose umask is 000, makes a directory and starts solo on it, with nothing chosen but ports that are free. It listens where
// docs/security.md says and nowhere else, on this machine alone, and leaves no file that others can read or that is not listed there. An
// engagement begins and messages go out meanwhile. Then somebody opens everything to others, as a restored copy might be: the next start
// closes it again. Asked for Temporal's pages, one port more is open.
func TestTheWaysIntoSolo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	newcomer := func(more ...string) *exec.Cmd {
		args := append([]string{"-c", `umask 0; exec "$0" "$@"`, os.Args[0], "--data", dir, "--listen", "127.0.0.1:0", "--sandbox", "0"}, more...)
		return exec.Command("/bin/sh", args...)
	}
	s := &solo{t: t, dir: dir}
	t.Cleanup(s.stop)
	s.run(newcomer("--day", "2s"))
	ways := 0
	for _, row := range waysin.Table(t, security, "### Ports") {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatalf("the table of ports says %q", row)
		}
		if row[0] == "`tickmark-solo`" {
			ways += n
		}
	}
	s.listens(ways)
	c := stage(t, s, "../../docs/examples/startup-type1.yaml")
	if a := c.do("joel", "/tasks/KO-01/comments", map[string]any{"text": "zanzibar is what nobody says by chance"}); !a.ok() {
		t.Fatalf("the comment: %d %s", a.status, a.body)
	}
	p := s.playroom()
	p.until("somebody has a message", "UMARTA", func(page string) bool { return strings.Contains(page, "<article") })
	s.filesAreListed()
	s.queuesAreListed()
	s.saysNoWords(c, "zanzibar", "Sign engagement letter", "Fernleaf", "marta@", "Joel")
	s.stop()

	for name, mode := range waysin.Files(t, dir) {
		open := os.FileMode(0o666)
		if mode.IsDir() {
			open = 0o777
		}
		if err := os.Chmod(filepath.Join(dir, name), open); err != nil {
			t.Fatal(err)
		}
	}
	s.run(newcomer("--temporal-ui", "0"))
	s.listens(ways + 1)
	s.filesAreListed()
}

// listens fails unless solo listens at so many addresses, all of this machine, the API's and the sandbox's among them.
func (s *solo) listens(ways int) {
	s.t.Helper()
	found := waysin.Listening(s.t, s.cmd.Process.Pid)
	if len(found) != ways {
		s.t.Errorf("solo listens at %q: %d addresses are listed", found, ways)
	}
	for _, at := range found {
		if host, _, err := net.SplitHostPort(at); err != nil || host != embedded.Loopback {
			s.t.Errorf("%s is open to other machines: %v", at, err)
		}
	}
	for what, at := range map[string]string{"the API": s.url, "the sandbox": s.playroom().url} {
		u, err := url.Parse(at)
		if err != nil || !slices.Contains(found, u.Host) {
			s.t.Errorf("%s is at %s, and found was %q: %v", what, at, found, err)
		}
	}
}

// filesAreListed fails for a file that others can read, and for one that docs/security.md does not know.
func (s *solo) filesAreListed() {
	s.t.Helper()
	if open := waysin.Readable(s.t, s.dir); len(open) > 0 {
		s.t.Errorf("others can read %q", open)
	}
	rows := waysin.Table(s.t, security, "### Files")
	for name := range waysin.Files(s.t, s.dir) {
		if !slices.ContainsFunc(rows, func(row []string) bool {
			start, some := strings.CutSuffix(strings.Trim(row[0], "`"), "*")
			return name == start || some && strings.HasPrefix(name, start)
		}) {
			s.t.Errorf("%s is not listed", name)
		}
	}
}

// sticky is the name of the queue that a worker has for itself.
var sticky = regexp.MustCompile(`^.+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// queuesAreListed fails unless the task queues that Temporal has written down for Tickmark's namespace are those of docs/security.md.
func (s *solo) queuesAreListed() {
	s.t.Helper()
	var listed []string
	for _, row := range waysin.Table(s.t, security, "### Task queues") {
		listed = append(listed, strings.Trim(row[0], "`"))
	}
	slices.Sort(listed)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "temporal", "temporal.sqlite")+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var found []string
	look := func() {
		found = nil
		rows, err := db.QueryContext(s.t.Context(), `SELECT hex(task_queue_id) FROM task_queues
			WHERE substr(task_queue_id, 1, 16) = (SELECT id FROM namespaces WHERE name = 'tickmark')`)
		if err != nil {
			s.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				s.t.Fatal(err)
			}
			name, err := hex.DecodeString(id)
			if err != nil {
				s.t.Fatal(err)
			}
			found = append(found, sticky.ReplaceAllString(string(bytes.TrimRight(name[16:], "\x00\x01\x02\x03")), "HOST:UUID"))
		}
		if err := rows.Err(); err != nil {
			s.t.Fatal(err)
		}
		slices.Sort(found)
		found = slices.Compact(found)
	}
	await.Until(s.t, "the queues that are listed, and no others, are there", func() bool { look(); return slices.Equal(found, listed) },
		func() string { return strings.Join(found, ", ") })
}

// saysNoWords fails when Temporal has written down one of some words, which are said in an engagement. The engagement's id it has.
func (s *solo) saysNoWords(c *cast, words ...string) {
	s.t.Helper()
	var text []byte
	for _, name := range []string{"temporal.sqlite", "temporal.sqlite-wal"} {
		part, err := os.ReadFile(filepath.Join(s.dir, "temporal", name))
		if err != nil {
			s.t.Fatal(err)
		}
		text = append(text, part...)
	}
	if !bytes.Contains(text, []byte(c.id)) {
		s.t.Errorf("Temporal does not know of %s: is this its file?", c.id)
	}
	for _, word := range words {
		if bytes.Contains(text, []byte(word)) {
			s.t.Errorf("Temporal has written down %q", word)
		}
	}
}
