package waysin_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
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
