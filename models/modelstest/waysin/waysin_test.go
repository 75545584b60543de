package waysin_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tickmark/models/modelstest/waysin"
)

// Whatever is opened is found, on either kind of address, and nothing that was closed.
func TestWhatListensIsFound(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{tcp.Addr().String(), all.Addr().String(), "udp " + udp.LocalAddr().String()}
	slices.Sort(want)
	if got := waysin.Listening(t, os.Getpid()); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if err := tcp.Close(); err != nil {
		t.Fatal(err)
	}
	if err := all.Close(); err != nil {
		t.Fatal(err)
	}
	if err := udp.Close(); err != nil {
		t.Fatal(err)
	}
	if got := waysin.Listening(t, os.Getpid()); len(got) > 0 {
		t.Errorf("closed, and found all the same: %q", got)
	}
}

// A file that one other may read is found, and one in a directory that is closed as well.
func TestWhatOthersCanReadIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	write := func(name string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("own", 0o600)
	write("inside/group", 0o640)
	write("inside/written", 0o602)
	want := []string{"-rw-----w- inside/written", "-rw-r----- inside/group"}
	if got := waysin.Readable(t, dir); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := waysin.Readable(t, dir); len(got) != 3 || got[2] != "drwxr-xr-x ." {
		t.Errorf("found %q", got)
	}
}

// An answer as it should be has nothing wrong; each header that is taken away, loosened or too much is named.
func TestWhatIsUnsafeIsNamed(t *testing.T) {
	safe := func() map[string][]string {
		return map[string][]string{"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}, "Cache-Control": {"no-store"},
			"Cross-Origin-Opener-Policy": {"same-origin"}, "Cross-Origin-Resource-Policy": {"same-origin"},
			"Content-Security-Policy": {"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"}}
	}
	if wrong := waysin.Unsafe(safe()); len(wrong) > 0 {
		t.Errorf("as it should be: %q", wrong)
	}
	for name := range safe() {
		h := safe()
		delete(h, name)
		if wrong := waysin.Unsafe(h); len(wrong) != 1 || !strings.HasPrefix(wrong[0], name) {
			t.Errorf("without %s: %q", name, wrong)
		}
	}
	for name, value := range map[string]string{"Server": "tickmark/1", "Cache-Control": "max-age=60", "Referrer-Policy": "unsafe-url",
		"Content-Security-Policy":     "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'",
		"Access-Control-Allow-Origin": "*"} {
		h := safe()
		h[name] = []string{value}
		if wrong := waysin.Unsafe(h); len(wrong) != 1 || !strings.HasPrefix(wrong[0], name) {
			t.Errorf("%s is %s: %q", name, value, wrong)
		}
	}
}
