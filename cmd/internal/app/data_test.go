package app

import (
	"database/sql"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tickmark/models/modelstest/waysin"
)

// lay writes files with a mode, whatever the umask, and the directories above them with 755.
func lay(t *testing.T, dir string, mode fs.FileMode, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		for _, above := range []string{filepath.Dir(path), dir} {
			if err := os.MkdirAll(above, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(above, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, []byte("of before"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// A directory that an earlier release, or somebody with mkdir, has left open to others is closed with all that is in it, and what a process
// makes there from then on is closed as well, though whoever starts it has a umask of 000. One that holds somebody's other things is not
// touched: it may be their home.
func TestADataDirectoryIsForItsOwner(t *testing.T) {
	old := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(old) })
	ours := []string{"admin-token", "clock.json", "sandbox.jsonl", "secret-keys", "tickmark.sqlite", "tickmark.sqlite-wal",
		"tickmark.sqlite-shm", "temporal/lock", "temporal/temporal.sqlite", "temporal/temporal.sqlite-wal", ".new-123"}
	for name, before := range map[string]func(t *testing.T, dir string){
		"there is none":               func(*testing.T, string) {},
		"made by hand":                func(t *testing.T, dir string) { lay(t, dir, 0o644); mkdir(t, dir) },
		"of an earlier release":       func(t *testing.T, dir string) { lay(t, dir, 0o644, ours...) },
		"written to by others":        func(t *testing.T, dir string) { lay(t, dir, 0o666, ours...) },
		"closed, but not its files":   func(t *testing.T, dir string) { lay(t, dir, 0o640, ours...); chmod(t, dir, 0o700) },
		"closed, with somebody's own": func(t *testing.T, dir string) { lay(t, dir, 0o600, "notes/today.txt"); chmod(t, dir, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			syscall.Umask(0)
			dir := filepath.Join(t.TempDir(), "data")
			before(t, dir)
			if err := OwnData(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "made-later"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(dir, "also-later"), 0o777); err != nil {
				t.Fatal(err)
			}
			got := waysin.Readable(t, dir)
			got = slices.DeleteFunc(got, func(line string) bool { return strings.HasSuffix(line, " notes") }) // theirs, and nobody gets there
			if len(got) > 0 {
				t.Errorf("others can read %q", got)
			}
		})
	}
	for name, holds := range map[string][]string{"a home": {"letters.txt"}, "ours beside others'": append(ours, "photos/1.jpg")} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			lay(t, dir, 0o644, holds...)
			err := OwnData(dir)
			if err == nil || !strings.Contains(err.Error(), "is open to others and holds what is not Tickmark's") {
				t.Errorf("got %v", err)
			}
			last := holds[len(holds)-1]
			files := waysin.Files(t, dir)
			if files["."].Perm() != 0o755 || files[last].Perm() != 0o644 {
				t.Errorf("it has changed %s and %s", files["."], files[last])
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := OwnData(dir); err == nil {
			t.Error("a file was taken for a directory")
		}
	})
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// The database of serve and worker, where it is SQLite's, is for its owner only, be it new or one that others could read.
func TestADatabaseFileIsForItsOwner(t *testing.T) {
	old := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(old) })
	dir := t.TempDir()
	chmod(t, dir, 0o755)
	open := func() {
		t.Helper()
		a, err := Open(t.Context(), Config{Database: "sqlite:" + filepath.Join(dir, "tickmark.sqlite"), Temporal: "127.0.0.1:1", Migrate: true,
			Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if got := waysin.Readable(t, dir); len(got) != 1 || got[0] != "drwxr-xr-x ." {
			t.Errorf("others can read %q", got)
		}
	}
	open()
	db, err := sql.Open("sqlite", filepath.Join(dir, "tickmark.sqlite")) // as a backup does that looks at it, so that -wal and -shm are there
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE looked (at INTEGER)"); err != nil {
		t.Fatal(err)
	}
	for name := range waysin.Files(t, dir) {
		if name != "." {
			chmod(t, filepath.Join(dir, name), 0o644)
		}
	}
	if n := len(waysin.Readable(t, dir)); n < 3 {
		t.Fatalf("%d files are open to others: the database and what is beside it were expected", n)
	}
	open()
}

// What a data directory holds is what docs/security.md says of it.
func TestTheFilesOfADataDirectoryAreListed(t *testing.T) {
	var listed []string
	for _, row := range waysin.Table(t, "../../../docs/security.md", "### Files") {
		listed = append(listed, strings.Trim(row[0], "`"))
	}
	want := []string{"."}
	for _, name := range dataFiles {
		want = append(want, strings.TrimSuffix(name, "/"))
	}
	slices.Sort(want)
	slices.Sort(listed)
	if !slices.Equal(listed, want) {
		t.Errorf("listed are %q, and there are %q", listed, want)
	}
}
