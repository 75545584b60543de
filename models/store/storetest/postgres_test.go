package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"tickmark/models/modelstest/await"
)

func TestFreshDatabasesAreSeparate(t *testing.T) {
	one, two := Postgres(t), Postgres(t)
	if one == two {
		t.Fatalf("both are %s", one)
	}
	must(t, one, "CREATE TABLE letters (id int)")
	must(t, two, "CREATE TABLE letters (id int)") // would fail if there
}

func TestCopiesOfOneOriginal(t *testing.T) {
	var prepared atomic.Int64
	prepare := func(dsn string) error {
		prepared.Add(1)
		return do(dsn, "CREATE TABLE letters (id int primary key)", "INSERT INTO letters VALUES (1)")
	}
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			copied := PostgresFrom(t, "letters", prepare)
			must(t, copied, "INSERT INTO letters VALUES (2)") // would fail if another copy's row were seen
			if got := count(t, copied, "SELECT count(*) FROM letters"); got != 2 {
				t.Errorf("%d letters, want the original's and ours", got)
			}
			if n := prepared.Load(); n != 1 {
				t.Errorf("prepared %d times", n)
			}
		})
	}
}

func TestDatabaseIsDroppedWithItsTest(t *testing.T) {
	var dsn string
	t.Run("a test", func(t *testing.T) {
		dsn = Postgres(t)
		db, err := sql.Open("pgx", dsn)
		if err == nil {
			err = db.Ping()
		}
		if err != nil {
			t.Fatal(err)
		}
		// Left open on purpose: it must not keep the database alive.
	})
	u, _ := url.Parse(dsn)
	if n := count(t, Postgres(t), "SELECT count(*) FROM pg_database WHERE datname = $1", strings.TrimPrefix(u.Path, "/")); n != 0 {
		t.Errorf("%s is still there", u.Path)
	}
}

func TestLeftoversAreSwept(t *testing.T) {
	dsn := Postgres(t)
	const left = prefix + "ofadeadprocess_1"
	must(t, dsn, "CREATE DATABASE "+left)
	u, _ := url.Parse(dsn)
	s, err := connect(u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	if n := count(t, dsn, "SELECT count(*) FROM pg_database WHERE datname = $1", left); n != 0 {
		t.Error("the database of a process that is gone was kept")
	}
	if n := count(t, dsn, "SELECT 1"); n != 1 {
		t.Error("the database of a living process was dropped")
	}
}

// A childEnv tells the test binary that it is a child of the tests below: it
// starts a server of its own, says where, and ends in the way that is named.
const childEnv = "TICKMARK_STORETEST_CHILD"

func TestMain(m *testing.M) {
	how := os.Getenv(childEnv)
	if how == "" {
		os.Exit(m.Run())
	}
	s, err := running()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var directory string
	if err := s.db.QueryRow("SHOW data_directory").Scan(&directory); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.admin.Host, directory)
	if how == "wait" {
		select {}
	}
	os.Exit(0)
}

func TestServerEndsWithItsProcess(t *testing.T) {
	for _, how := range []string{"exit", "wait"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			endsWithItsProcess(t, how, exec.Command(os.Args[0]))
		})
	}
	if os.Getuid() != 0 {
		return // whom we run as is then no special case
	}
	t.Run("as nobody", func(t *testing.T) {
		t.Parallel()
		// Root's build directory is closed to others.
		dir, err := os.MkdirTemp("/tmp", "storetest")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		program := filepath.Join(dir, "storetest.test")
		if out, err := exec.Command("cp", os.Args[0], program).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program)
		cmd.Dir = dir
		endsWithItsProcess(t, "wait", cmd)
	})
}

func endsWithItsProcess(t *testing.T, how string, child *exec.Cmd) {
	child.Env = append(os.Environ(), childEnv+"="+how, "TICKMARK_TEST_POSTGRES=")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	var host, directory string
	if _, err := fmt.Fscan(stdout, &host, &directory); err != nil || !filepath.IsAbs(directory) {
		t.Fatalf("the child said %q %q: %v", host, directory, err)
	}
	if how == "wait" {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatalf("no server while its process lives: %v", err)
		}
		c.Close()
		// With all its group, as a shell or a supervisor does.
		if err := syscall.Kill(-child.Process.Pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	child.Wait()

	// The directory is removed after the server has ended.
	await.Until(t, directory+" is gone", func() bool {
		_, err := os.Stat(filepath.Dir(directory))
		return os.IsNotExist(err)
	})
	if c, err := net.Dial("tcp", host); err == nil {
		c.Close()
		t.Errorf("a server still answers at %s", host)
	}
}

func do(dsn string, statements ...string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			return err
		}
	}
	return nil
}

func must(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	if err := do(dsn, statements...); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, dsn, query string, args ...any) int {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
