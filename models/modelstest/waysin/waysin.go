// Package waysin looks at a process, and at what it writes, as somebody does who wants in: at which addresses it listens and which files
// others can read. What it finds is held against the lists in docs/security.md.
package waysin

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Listening returns the addresses at which a process listens, in order: TCP, and UDP where it takes what anybody sends. It skips the test
// on a machine whose kernel does not tell.
func Listening(t testing.TB, pid int) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the sockets of a process are read from /proc, which this machine does not have")
	}
	own := socketsOf(t, pid)
	var found []string
	for _, table := range []struct{ file, state, net string }{{"tcp", "0A", ""}, {"tcp6", "0A", ""}, {"udp", "07", "udp "},
		{"udp6", "07", "udp "}} {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "net", table.file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) { // number, local address, remote address, state, five more, and the inode
			if f := strings.Fields(line); len(f) > 9 && f[3] == table.state && own[f[9]] {
				found = append(found, table.net+address(t, f[1]))
			}
		}
	}
	slices.Sort(found)
	return found
}

// socketsOf returns the inodes of the sockets that a process has open.
func socketsOf(t testing.TB, pid int) map[string]bool {
	t.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	open, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{}
	for _, each := range open {
		to, err := os.Readlink(filepath.Join(dir, each.Name()))
		if err != nil {
			continue // it was closed since
		}
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return own
}

// address reads an address as the kernel writes it: words of four bytes, each the wrong way round, a colon and the port.
func address(t testing.TB, text string) string {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	ip, err := hex.DecodeString(host)
	if err != nil {
		t.Fatalf("%s is no address: %v", text, err)
	}
	for word := range slices.Chunk(ip, 4) {
		slices.Reverse(word)
	}
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		t.Fatalf("%s has no port: %v", text, err)
	}
	return net.JoinHostPort(net.IP(ip).String(), strconv.FormatUint(number, 10))
}

// Readable returns what is below a directory, itself included, that others than its owner may read, write or open, with its mode.
func Readable(t testing.TB, dir string) (found []string) {
	t.Helper()
	for path, mode := range Files(t, dir) {
		if mode.Perm()&0o077 != 0 {
			found = append(found, fmt.Sprintf("%s %s", mode, path))
		}
	}
	slices.Sort(found)
	return found
}

// Files returns the mode of all that is below a directory, itself included as ".", by the path from there.
func Files(t testing.TB, dir string) map[string]fs.FileMode {
	t.Helper()
	all := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) && path != dir { // it was removed since
				return nil
			}
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil // as above
		}
		from, err := filepath.Rel(dir, path)
		all[from] = info.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Table returns the rows of the table below a heading in a document, each as its cells; heading and rule are left out.
func Table(t testing.TB, document, heading string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	for line := range strings.Lines(below) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "|") {
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		} else if len(rows) > 0 || strings.HasPrefix(line, "#") {
			break
		}
	}
	if len(rows) < 3 {
		t.Fatalf("%s has no table below %q", document, heading)
	}
	return rows[2:]
}

// Unsafe returns what is wrong with the headers of an answer, by their names as Go's server writes them. No answer of ours is guessed at,
// framed or kept by a browser, tells another site its address, names what made it, or lets pages of other origins read it.
func Unsafe(h map[string][]string) (wrong []string) {
	for name, allowed := range map[string][]string{"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer", "same-origin"},
		"Cross-Origin-Opener-Policy": {"same-origin"}, "Cross-Origin-Resource-Policy": {"same-origin"}, "Cache-Control": {"no-store"}} {
		if got := h[name]; len(got) != 1 || !slices.Contains(allowed, got[0]) {
			wrong = append(wrong, fmt.Sprintf("%s is %q", name, got))
		}
	}
	policies := h["Content-Security-Policy"]
	if len(policies) != 1 {
		wrong = append(wrong, fmt.Sprintf("Content-Security-Policy is %q", policies))
	} else {
		wrong = append(wrong, lax(policies[0])...)
	}
	for _, name := range []string{"Server", "X-Powered-By", "X-Aspnet-Version", "Via", "Access-Control-Allow-Origin"} {
		if len(h[name]) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s is %q", name, h[name]))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// lax returns what a Content-Security-Policy lets pass that it must not.
func lax(policy string) (wrong []string) {
	has := map[string]bool{}
	for directive := range strings.SplitSeq(policy, ";") {
		directive = strings.TrimSpace(directive)
		has[directive] = true
		for source := range strings.FieldsSeq(directive) {
			if strings.HasPrefix(source, "'unsafe-") || strings.Contains(source, "*") || strings.HasSuffix(source, ":") {
				wrong = append(wrong, fmt.Sprintf("Content-Security-Policy allows %q", directive))
			}
		}
	}
	if !has["frame-ancestors 'none'"] || !has["base-uri 'none'"] || !has["default-src 'none'"] && !has["object-src 'none'"] {
		wrong = append(wrong, fmt.Sprintf("Content-Security-Policy is only %q", policy))
	}
	return wrong
}
