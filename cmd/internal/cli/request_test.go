package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const pause = "POST /engagements/northgate-2027/pause"

var pauses = []string{"engagement", "pause", "northgate-2027", "--reason", "sold"}

// A write that nobody could take is sent again with the same key, after as long as the server asks.
func TestSendsAgain(t *testing.T) {
	t.Parallel()
	gone := reply{} // the connection breaks
	for _, tt := range []struct {
		name    string
		answers []reply
		args    []string
		code    int
		tries   int
		slept   []time.Duration
		says    string
	}{
		{"busy once", []reply{busy, ok("result")}, nil, 0, 2, []time.Duration{2 * time.Second}, ""},
		{"busy for an hour", []reply{{status: 503, body: busy.body, header: map[string]string{"Retry-After": "3600"}}, ok("result")}, nil, 0, 2,
			[]time.Duration{maxWait}, ""},
		{"gone twice", []reply{gone, gone, ok("result")}, nil, 0, 3, []time.Duration{time.Second / 2, time.Second}, ""},
		{"busy for good", []reply{busy}, nil, exitUnavailable, 4, []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second},
			"no worker is there: nothing was done (to send the same again: --key k-1)"},
		{"gone for good", []reply{gone}, nil, exitUnavailable, 4, []time.Duration{time.Second / 2, time.Second, 2 * time.Second},
			"tried 4 times: EOF (to send the same again: --key k-1)"},
		{"with a key of one's own", []reply{busy, ok("result")}, []string{"--key", "mine"}, 0, 2, []time.Duration{2 * time.Second}, ""},
		{"refused", []reply{refuse(409, "conflict", "northgate-2027 is paused already", "")}, nil, exitFailed, 1, nil,
			"northgate-2027 is paused already\n"},
		{"broken", []reply{refuse(500, "internal", "Something went wrong on our side", "")}, nil, exitFailed, 1, nil, "Something went wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string][]reply{pause: tt.answers})
			r := f.run(append(pauses, tt.args...)...)
			calls := f.calls()
			if r.code != tt.code || len(calls) != tt.tries {
				t.Errorf("exit code %d after %d tries, want %d after %d: %s", r.code, len(calls), tt.code, tt.tries, r.err)
			}
			key := "k-1"
			if len(tt.args) > 0 {
				key = tt.args[1]
			}
			for _, c := range calls {
				if c.key != key || c.body != `{"reason":"sold"}` {
					t.Errorf("sent with key %q: %s", c.key, c.body)
				}
			}
			if got, want := len(r.slept), len(tt.slept); got != want {
				t.Fatalf("slept %v, want %v", r.slept, tt.slept)
			}
			for i := range tt.slept {
				if r.slept[i] != tt.slept[i] {
					t.Errorf("slept %v, want %v", r.slept, tt.slept)
				}
			}
			if !strings.Contains(r.err, tt.says) {
				t.Errorf("said %q, not %q", r.err, tt.says)
			}
		})
	}
}

// A revision that was named is sent along, and the key is told to those who ask.
func TestRevisionAndKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	r := f.run("engagement", "resume", "northgate-2027", "--if-revision", "412", "--verbose")
	if c := f.calls()[0]; c.match != `"412"` || c.key != "k-1" {
		t.Errorf("If-Match %q, key %q", c.match, c.key)
	}
	if !strings.Contains(r.err, "with Idempotency-Key k-1") {
		t.Errorf("said %q", r.err)
	}
}

// What is not from Tickmark is not shown raw.
func TestNotTickmark(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{
		"a page":     {status: 200, body: "<html>hello</html>", header: map[string]string{"Content-Type": "text/html"}},
		"an error":   {status: 404, body: "<html>nothing</html>", header: map[string]string{"Content-Type": "text/html"}},
		"a redirect": {status: 302, header: map[string]string{"Content-Type": "text/html", "Location": "https://elsewhere.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFake(t, get("/me", answer)).run("whoami")
			if r.code != exitFailed || !strings.Contains(r.err, "which is not from Tickmark: check TICKMARK_URL") ||
				strings.Contains(r.out+r.err, "html") {
				t.Errorf("exit code %d: %s%s", r.code, r.out, r.err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r := newFake(t, nil).run("whoami", "--url", "http://"+l.Addr().String())
	want := "tickmark: no answer from http://" + l.Addr().String() + ", tried 4 times: connect: connection refused\n"
	if r.code != exitUnavailable || r.err != want {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}

// The token comes from a flag, a variable or a file; where there is none, it is told where one is.
func TestToken(t *testing.T) {
	f := newFake(t, nil)
	dir := t.TempDir()
	t.Chdir(dir)
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		code int
		says string
	}{
		{"variable", map[string]string{"TICKMARK_TOKEN": secret}, nil, 0, ""},
		{"file named by variable", map[string]string{"TICKMARK_TOKEN_FILE": file}, nil, 0, ""},
		{"file named by flag", map[string]string{"TICKMARK_TOKEN": "another"}, []string{"--token-file", file}, 0, ""},
		{"variable before file", map[string]string{"TICKMARK_TOKEN": secret, "TICKMARK_TOKEN_FILE": "nowhere"}, nil, 0, ""},
		{"no such file", nil, []string{"--token-file", "nowhere"}, 2, "the token cannot be read: open nowhere: no such file or directory"},
		{"two words", map[string]string{"TICKMARK_TOKEN": "a b"}, nil, 2, "what TICKMARK_TOKEN holds is not a token"},
		{"none", nil, nil, 2, "Set TICKMARK_TOKEN, or TICKMARK_TOKEN_FILE or --token-file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := f.runWith(tt.env, "", append([]string{"whoami"}, tt.args...)...)
			if r.code != tt.code || !strings.Contains(r.err, tt.says) {
				t.Errorf("exit code %d: %s", r.code, r.err)
			}
		})
	}
	if err := os.Mkdir("data", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(adminToken, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	r := f.runWith(nil, "", "whoami")
	if r.code != 2 || !strings.Contains(r.err, "export TICKMARK_TOKEN=$(cat data/admin-token)") {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}

// Priya tries two installations out and mixes up their tokens: she is told which server does not know hers, where it came from, and which
// files here hold others. No token is shown.
func TestTheTokenOfAnotherDataDirectory(t *testing.T) {
	f := newFake(t, map[string][]reply{"GET /me": {refuse(401, "unauthenticated", "the token is not valid: it has expired", "")}})
	t.Chdir(t.TempDir())
	for dir, token := range map[string]string{"data": "tm_of_data", "demo": secret, "demo-2": "tm_of_demo_2"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "admin-token"), []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		env  map[string]string
		args []string
		says []string
	}{
		{map[string]string{"TICKMARK_TOKEN": secret}, nil, []string{"token of TICKMARK_TOKEN", "in data/admin-token, demo-2/admin-token"}},
		{nil, []string{"--token-file", "demo/admin-token"},
			[]string{"token of demo/admin-token", "has expired", "in data/admin-token, demo-2/admin-token"}},
	} {
		r := f.runWith(tt.env, "", append([]string{"whoami"}, tt.args...)...)
		for _, want := range append(tt.says, "the token is not valid", "the server at "+f.url+" does not know", "another data directory") {
			if r.code != 1 || !strings.Contains(r.err, want) {
				t.Errorf("exit code %d, without %q: %s", r.code, want, r.err)
			}
		}
		if strings.Contains(r.err+r.out, "tm_") {
			t.Errorf("a token is shown: %s%s", r.err, r.out)
		}
	}
}

// Priya's token was cut off when she copied it: she is told that, and where it came from, and neither which headers there are nor of other
// data directories.
func TestATokenThatLooksLikeNone(t *testing.T) {
	refusal := refuse(401, "unauthenticated", "the token is cut off: it has 12 characters", "Authorization")
	f := newFake(t, map[string][]reply{"GET /me": {refusal}})
	r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, "", "whoami")
	if want := "tickmark: the token is cut off: it has 12 characters: it is that of TICKMARK_TOKEN\n"; r.code != 1 || r.err != want {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}
