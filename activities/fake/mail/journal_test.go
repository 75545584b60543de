package mailfake_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	mailfake "tickmark/activities/fake/mail"
)

// journalVariable names the journal to the process that is killed.
const journalVariable = "MAILFAKE_TEST_JOURNAL"

// TestMain is, in a process of its own, a mail server until it is killed.
func TestMain(m *testing.M) {
	path := os.Getenv(journalVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	s, err := mailfake.Start(mailfake.Options{Journal: path})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.Addr())
	select {}
}

// What was acknowledged is there after a kill -9, and the letter that was stored without an answer too.
func TestLettersSurviveAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), journalVariable+"="+path)
	out, err := other.StdoutPipe()
	check(t, err)
	check(t, other.Start())
	addr, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	for i := range 3 {
		check(t, sendRaw(strings.TrimSpace(addr), fmt.Sprintf("Message-ID: <d%d@firm.example>\r\n\r\nHello\r\n", i)))
	}
	check(t, other.Process.Signal(syscall.SIGKILL))
	_ = other.Wait() // it was killed

	s := start(t, mailfake.Options{Journal: path})
	check(t, s.AddFault(mailfake.Fault{Kind: mailfake.FaultAcceptThenDrop, Times: 1}))
	wantLostRaw(t, sendRaw(s.Addr(), "Message-ID: <d3@firm.example>\r\n\r\nHello\r\n"))
	check(t, s.Close())
	s = start(t, mailfake.Options{Journal: path})
	if ids := idsOf(s); ids != "d0 d1 d2 d3" {
		t.Errorf("after two restarts there are %s", ids)
	}
}

// A letter is in the journal before it is acknowledged, and comes back the same.
func TestTheJournalIsFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	s := start(t, mailfake.Options{Journal: path})
	check(t, post(t, s, "d1", "ruth@north.example", "ines@firm.example"))
	text, err := os.ReadFile(path)
	check(t, err)
	if lines := strings.Count(string(text), "\n"); lines != 1 || !strings.HasSuffix(string(text), "\n") {
		t.Errorf("the journal has %d lines: %s", lines, text)
	}
	before := s.Messages()
	check(t, s.Close())
	after := start(t, mailfake.Options{Journal: path}).Messages()
	if len(after) != 1 || !before[0].Received.Equal(after[0].Received) {
		t.Fatalf("%v became %v", before, after)
	}
	after[0].Received = before[0].Received // with its monotonic clock
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%v became %v", before, after)
	}
}

// A last line that was cut short is forgotten, for it was never acknowledged; what comes then stands on a line of its own.
func TestACutJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	s := start(t, mailfake.Options{Journal: path})
	check(t, post(t, s, "d1", "ruth@north.example"))
	check(t, post(t, s, "d2", "ruth@north.example"))
	check(t, s.Close())
	text, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(path, text[:len(text)-20], 0o600))
	s = start(t, mailfake.Options{Journal: path})
	if ids := idsOf(s); ids != "d1" {
		t.Errorf("cut, it holds %s", ids)
	}
	check(t, post(t, s, "d3", "ruth@north.example"))
	check(t, s.Close())
	s = start(t, mailfake.Options{Journal: path})
	if ids := idsOf(s); ids != "d1 d3" {
		t.Errorf("written on, it holds %s", ids)
	}
}

// A journal that is damaged elsewhere, or cannot be had, is none to start with.
func TestABadJournal(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mail.jsonl")
	check(t, os.WriteFile(path, []byte("{\"from\":\"a\"}\nnonsense\n{}\n"), 0o600))
	for _, bad := range []string{path, dir} {
		if s, err := mailfake.Start(mailfake.Options{Journal: bad}); err == nil {
			_ = s.Close()
			t.Errorf("started with %s", bad)
		}
	}
	_, err := mailfake.Start(mailfake.Options{Journal: path})
	if !strings.Contains(fmt.Sprint(err), "line 2") {
		t.Errorf("it says %v", err)
	}
}

// A letter that cannot be written to the journal is not acknowledged, nor kept: the client sends it again.
func TestAJournalThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.jsonl")
	s, err := mailfake.Start(mailfake.Options{Journal: path})
	check(t, err)
	check(t, post(t, s, "d1", "ruth@north.example"))
	check(t, s.LoseJournal())
	wantCode(t, post(t, s, "d2", "ruth@north.example"), 451)
	if ids := idsOf(s); ids != "d1" {
		t.Errorf("it holds %s", ids)
	}
	if s.Close() == nil {
		t.Error("nothing is said of the journal at the end")
	}
}

func idsOf(s *mailfake.Server) string {
	var ids []string
	for _, m := range s.Messages() {
		ids = append(ids, strings.TrimSuffix(m.MessageID, "@firm.example"))
	}
	return strings.Join(ids, " ")
}
