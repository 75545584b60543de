package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models/reminders"
	"tickmark/models/store/storetest"
)

// restoring finds the part of docs/operations.md about backups, and block what is to be typed.
var (
	restoring = regexp.MustCompile("(?ms)^### Backup and restore of PostgreSQL\n(.*?)^## ")
	block     = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")
)

// A copyist does what docs/operations.md says about backups, to the letter but for names, which are the test's own.
type copyist struct {
	*testing.T
	owner, database, dir string
}

// does carries out a block of commands.
func (c copyist) does(commands string) {
	c.Helper()
	for line := range strings.Lines(commands) {
		line = strings.TrimSpace(line)
		if args, is := strings.CutPrefix(line, "tickmark "); is {
			args = strings.ReplaceAll(args, "tickmark_app", storetest.Role(c.T))
			if out, err := call(c.Context(), words(args)...); err != nil || out == "" {
				c.Fatalf("tickmark %s: %q %v", args, out, err)
			}
			continue
		}
		line = strings.NewReplacer("tickmark.dump", filepath.Join(c.dir, "tickmark.dump"), "tickmark_before", c.database+"_before",
			"tickmark", c.database).Replace(line)
		if out, err := shell(c.T, c.owner, line); err != nil {
			c.Fatalf("%s: %v %s", line, err, out)
		}
	}
}

// contents returns all that is in the database, with its tables and rights, but not who lives there at the moment.
func (c copyist) contents() string {
	c.Helper()
	out, err := shell(c.T, c.owner, "pg_dump --exclude-table-data=processes --exclude-table-data=probes "+c.database)
	if err != nil {
		c.Fatal(err, out)
	}
	return regexp.MustCompile(`(?m)^\\(un)?restrict .*$`).ReplaceAllString(out, "") // they bear a key of each run
}

// An operator makes a copy of PostgreSQL at eight in the morning. At ten Olga gets her message; then the disk breaks. The operator follows
// docs/operations.md: everything is there as it was at eight, serve is ready, Olga gets nothing a second time, and hears what is new.
func TestABackupIsRestored(t *testing.T) {
	page, err := os.ReadFile(top + "docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	part := restoring.FindStringSubmatch(string(page))
	if part == nil {
		t.Fatal("docs/operations.md says nothing of backups")
	}
	blocks := block.FindAllStringSubmatch(part[1], -1)
	if len(blocks) != 2 {
		t.Fatalf("it has %d blocks of commands, and should have those of the copy and those of the restore", len(blocks))
	}
	w := town.OnPostgres(t)
	c := copyist{T: t, owner: storetest.Owner(t, w.DSN), dir: t.TempDir()}
	c.database = c.owner[strings.LastIndex(c.owner, "/")+1:]
	c.database, _, _ = strings.Cut(c.database, "?")
	t.Setenv("TICKMARK_DATABASE", c.owner)
	t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
	t.Setenv("TICKMARK_SECRET_KEYS", town.Keys)

	w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-13", 8)
	w.Sweep()
	c.does(blocks[0][1])
	was := c.contents()
	w.On("2027-01-13", 10)
	w.Settle()
	if n := len(w.SlackOf("olga")); n != 1 || c.contents() == was {
		t.Fatalf("before the disk breaks Olga has %d messages\n%s", n, w.Ledger())
	}

	w.Halt()
	town.Check(t, w.Root.Close())
	t.Cleanup(func() {
		if out, err := shell(t, c.owner, "dropdb --force --maintenance-db=postgres "+c.database+"_before"); err != nil {
			t.Error(out, err)
		}
	})
	c.does(blocks[1][1])
	if now := c.contents(); now != was {
		t.Errorf("what was restored differs:\n%s\nit was\n%s", now, was)
	}
	t.Setenv("TICKMARK_DATABASE", w.DSN)
	if status, body := get(t, "http://"+served(t)+"/readyz", ""); status != 200 || strings.Contains(body, "secrets") {
		t.Errorf("/readyz: %d %s", status, body)
	}

	w.Reopen(w.DSN)
	w.Settle()
	if d := w.Said("olga"); len(w.SlackOf("olga")) != 1 || len(d) != 1 || d[0].Status != reminders.DeliverySent {
		t.Errorf("Olga has %d messages\n%s", len(w.SlackOf("olga")), w.Ledger())
	}
	w.Task("olga", "List everybody who left", "2027-01-14")
	w.On("2027-01-14", 10)
	w.Settle()
	if all := w.SlackOf("olga"); len(all) != 2 || !strings.Contains(all[1].Text, "List everybody who left") {
		t.Errorf("the next day she has %s", town.Messages(t, all))
	}
}
