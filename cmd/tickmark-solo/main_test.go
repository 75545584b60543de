package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tickmark/models/modelstest/await"
)

// childEnv turns this test binary into tickmark-solo: the tests kill it for real.
const childEnv = "TICKMARK_SOLO_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := exit(run(ctx, os.Args[1:]), os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// A solo is a tickmark-solo process of its own, on a data directory that outlives it.
type solo struct {
	t    testing.TB
	dir  string
	day  string // empty: nobody says
	cmd  *exec.Cmd
	errs *bytes.Buffer
	url  string
	said []string // until it had said all
	done chan error
}

// start starts the process and returns when it answers.
func start(t testing.TB, dir, day string, more ...string) *solo {
	t.Helper()
	s := &solo{t: t, dir: dir, day: day}
	t.Cleanup(func() { s.stop() })
	s.up(more...)
	return s
}

func (s *solo) up(more ...string) {
	s.t.Helper()
	args := append([]string{"--data", s.dir, "--listen", "127.0.0.1:0", "--temporal-ui", "-1", "--sandbox", "-1"}, more...)
	if s.day != "" {
		args = append(args, "--day", s.day)
	}
	s.run(exec.Command(os.Args[0], args...))
}

// run starts a command that becomes tickmark-solo.
func (s *solo) run(cmd *exec.Cmd) {
	s.t.Helper()
	s.cmd = cmd
	s.cmd.Env = append(os.Environ(), childEnv+"=1")
	s.errs = &bytes.Buffer{}
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.said = nil
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		s.said = append(s.said, lines.Text())
		if _, rest, ok := strings.Cut(lines.Text(), "listens on "); ok {
			s.url, _, _ = strings.Cut(rest, ";")
		}
		// The last line is a command: of a first start, or of one that finds engagements.
		if strings.Contains(lines.Text(), " engagement start -f ") || strings.HasSuffix(lines.Text(), " engagement list") {
			break
		}
	}
	s.done = make(chan error, 1)
	go func() { _, _ = io.Copy(io.Discard, out); s.done <- s.cmd.Wait() }()
	if s.url == "" {
		<-s.done
		s.t.Fatalf("tickmark-solo did not start: %s", s.errs)
	}
	s.await()
}

// await waits until the whole product is ready.
func (s *solo) await() {
	s.t.Helper()
	await.Until(s.t, "tickmark-solo is ready", func() bool {
		res, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// kill ends the process as a power cut would.
func (s *solo) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	<-s.done
	s.cmd = nil
}

// stop ends the process as an operator would.
func (s *solo) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	<-s.done
	s.cmd = nil
}

// token returns the administrator's token.
func (s *solo) token() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "admin-token"))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// An answer is what the API said.
type answer struct {
	status int
	code   string
	detail string
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// call sends one request; a write bears a key.
func (s *solo) call(token, method, path, key string, body, out any) (answer, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, s.url+"/api/v1"+path, text)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	if !a.ok() {
		var problem struct{ Code, Detail string }
		_ = json.Unmarshal(a.body, &problem) // not everything that fails is a problem
		a.code, a.detail = problem.Code, problem.Detail
		return a, nil
	}
	if out != nil {
		return a, json.Unmarshal(a.body, out)
	}
	return a, nil
}

// must is call for what cannot go wrong.
func (s *solo) must(token, method, path, key string, body, out any) {
	s.t.Helper()
	a, err := s.call(token, method, path, key, body, out)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.errs)
	}
	if !a.ok() {
		s.t.Fatalf("%s %s: %d %s\n%s", method, path, a.status, a.body, s.errs)
	}
}
