package fault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"tickmark/models/modelstest/pages"
)

var _ = flag.Bool("update", false, "write the tables of docs/reliability.md anew")

const (
	page         = "../../docs/reliability.md"
	writeThePage = "go test ./models/fault -run ThePage"
)

// Each error stands in the table once, in an order in which the narrower wins, with an effect that says everything; and every effect has an
// error that has it, or is what nobody knows of some source.
func TestEachErrorStandsThereOnce(t *testing.T) {
	seen, used := map[string]bool{}, map[Effect]bool{}
	for _, g := range rows {
		for _, code := range g.codes {
			name, _, _ := strings.Cut(code, ": ")
			if id := string(g.source) + " " + name; seen[id] {
				t.Errorf("%s stands there twice", id)
			} else {
				seen[id] = true
			}
		}
		used[g.effect] = true
	}
	for source, effect := range nobodyKnows {
		used[effect] = true
		if row := Of(source, "an error of tomorrow"); row.Verdict != Unknown || row.Undone || row.Effect != effect {
			t.Errorf("what nobody knows of %s is %+v", source, row)
		}
	}
	known := map[Effect]bool{}
	for _, c := range consequences {
		if known[c.effect] {
			t.Errorf("%s is said twice", c.effect)
		}
		known[c.effect] = true
		if !used[c.effect] {
			t.Errorf("no error has the effect %s", c.effect)
		}
		if c.verdict == "" || c.promise == "" || c.retry == "" || c.told == "" {
			t.Errorf("%s does not say everything: %+v", c.effect, c)
		}
	}
	for effect := range used {
		if !known[effect] {
			t.Errorf("nothing says what %s means", effect)
		}
	}
}

// No effect that lasts is answered with 503, none that passes with 500, and what is unknown never promises that nothing was done.
func TestWhatIsPromisedFollowsFromTheVerdict(t *testing.T) {
	for _, c := range consequences {
		unavailable := strings.Contains(strings.ReplaceAll(c.promise, "never 503", ""), "503")
		switch {
		case c.verdict == Lasting && unavailable:
			t.Errorf("%s lasts and is 503: %s", c.effect, c.promise)
		case c.verdict == Passing && strings.Contains(c.promise, "500"):
			t.Errorf("%s passes and is 500: %s", c.effect, c.promise)
		case c.verdict == Unknown && (strings.Contains(c.promise, "nothing was done") || strings.Contains(c.promise, "not sent")):
			t.Errorf("%s is not known and promises: %s", c.effect, c.promise)
		}
	}
}

// A code is judged by its own row, else by that of its class.
func TestTheNarrowerRowWins(t *testing.T) {
	for _, c := range []struct {
		source Source
		code   string
		effect Effect
		undone bool
	}{
		{PostgreSQL, "40001", Away, true}, {PostgreSQL, "40003", InDoubt, false}, {PostgreSQL, "40002", Ours, true},
		{PostgreSQL, "23505", Taken, true}, {PostgreSQL, "23503", Ours, true}, {PostgreSQL, "57P01", Away, false},
		{PostgreSQL, "57P04", Ours, false}, {PostgreSQL, "57P99", InDoubt, false}, {PostgreSQL, "XX000", InDoubt, false},
		{PostgreSQL, "25006", Away, true}, {PostgreSQL, "25001", Ours, true}, {PostgreSQL, "99999", InDoubt, false},
		{PostgreSQL, "0A000", Away, true}, {PostgreSQL, "0A001", Ours, true},
		{PostgreSQL, "", InDoubt, false}, {PostgreSQL, "5", InDoubt, false},
		{SMTP, "recipient 550", Unbound, false}, {SMTP, "recipient 450", Greylisted, false}, {SMTP, "sender 553", MailRefused, false},
		{SMTP, "554", Refused, false}, {SMTP, "greeting 535", WrongPassword, false}, {SMTP, "greeting 421", NoMail, false},
		{SMTP, "250", Perhaps, false}, {SMTP, "", Perhaps, false}, {SMTP, " 5", Perhaps, false},
		{SlackHTTP, "429", Limited, false}, {SlackHTTP, "503", Perhaps, false}, {SlackHTTP, "302", Perhaps, false},
		{Slack, "ratelimited", Limited, false}, {Slack, "", Perhaps, false},
	} {
		if row := Of(c.source, c.code); row.Effect != c.effect || row.Undone != c.undone {
			t.Errorf("%s %q is %+v", c.source, c.code, row)
		}
	}
}

// What Go says of connections and files is judged by what happened, however deep it is wrapped.
func TestGround(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, c := range []struct {
		err     error
		code    string
		verdict Verdict
	}{
		{context.DeadlineExceeded, "no answer in time", Passing}, {context.Canceled, "given up", Unknown},
		{os.ErrDeadlineExceeded, "no answer in time", Passing}, {io.ErrUnexpectedEOF, "hung up", Passing}, {io.EOF, "hung up", Passing},
		{driver.ErrBadConn, "ended", Passing}, {sql.ErrConnDone, "ended", Passing}, {net.ErrClosed, "ended", Passing},
		{sql.ErrTxDone, "rolled back", Passing}, {refused, "not reached", Passing}, {&net.DNSError{Name: "db"}, "not reached", Passing},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "hung up", Passing},
		{errors.New("sql: database is closed"), "going down", Passing},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "certificate", Lasting},
		{&fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, "ENOSPC", Passing},
		{&fs.PathError{Op: "write", Path: "/x", Err: syscall.EROFS}, "EROFS", Passing},
		{&fs.PathError{Op: "write", Path: "/x", Err: syscall.EIO}, "EIO", Unknown},
		{&fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}, "EACCES", Lasting},
		{&fs.PathError{Op: "open", Path: "/x", Err: syscall.ELOOP}, syscall.ELOOP.Error(), Unknown},
	} {
		for _, err := range []error{c.err, fmt.Errorf("write: %w", c.err)} {
			if row, ok := Ground(err); !ok || row.Code != c.code || row.Verdict != c.verdict {
				t.Errorf("%v is %+v, %v", err, row, ok)
			}
		}
	}
	if row, ok := Ground(errors.New("the dog ate it")); ok {
		t.Errorf("what nobody knows is %+v", row)
	}
}

// The page has the table.
func TestThePageHasTheFaults(t *testing.T) {
	var b strings.Builder
	b.WriteString(pages.Head("effect", "verdict", "what is promised to who asked", "what is tried again", "who is told"))
	for _, c := range consequences {
		b.WriteString(pages.Row(string(c.effect), "**"+string(c.verdict)+"**", c.promise, c.retry, c.told))
	}
	pages.Part(t, page, "effects", writeThePage, b.String())
	b.Reset()
	b.WriteString(pages.Head("of", "errors", "effect", "verdict"))
	for _, g := range rows {
		var codes []string
		for _, code := range g.codes {
			name, means, _ := strings.Cut(code, ": ")
			if means != "" {
				means = " (" + means + ")"
			}
			codes = append(codes, "`"+name+"`"+means)
		}
		verdict := string(Of(g.source, strings.SplitN(g.codes[0], ": ", 2)[0]).Verdict)
		if g.undone {
			verdict += ", also of a COMMIT"
		} else if g.source == PostgreSQL || g.source == SQLite || g.source == Connection {
			verdict += "; of a COMMIT unknown"
		}
		b.WriteString(pages.Row(string(g.source), strings.Join(codes, ", "), string(g.effect), verdict))
	}
	pages.Part(t, page, "faults", writeThePage, b.String())
}
