package fault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// Ground returns the row of an error that Go's own packages give of a connection or the disk. It returns false for every other.
func Ground(err error) (Row, bool) {
	if Closed(err) {
		return Of(Connection, "going down"), true
	}
	if row, ok := ofDisk(err); ok {
		return row, true
	}
	for _, known := range []struct {
		code  string
		found func(error) bool
	}{
		{"certificate", untrusted},
		{"rolled back", is(sql.ErrTxDone)},
		{"given up", is(context.Canceled)},
		{"no answer in time", is(context.DeadlineExceeded, os.ErrDeadlineExceeded)},
		{"hung up", is(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE)},
		{"ended", is(driver.ErrBadConn, sql.ErrConnDone, net.ErrClosed)},
		{"no answer in time", late},
		{"not reached", network},
	} {
		if known.found(err) {
			return Of(Connection, known.code), true
		}
	}
	return Row{}, false
}

// Closed reports whether this program itself has closed the database. database/sql has no other sign of it than its words.
func Closed(err error) bool {
	return err != nil && strings.HasSuffix(err.Error(), "sql: database is closed")
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
}

func untrusted(err error) bool {
	_, verified := errors.AsType[*tls.CertificateVerificationError](err)
	_, signed := errors.AsType[x509.UnknownAuthorityError](err)
	_, named := errors.AsType[x509.HostnameError](err)
	_, valid := errors.AsType[x509.CertificateInvalidError](err)
	return verified || signed || named || valid
}

func late(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

func network(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok
}

// errnos are the errors of the disk that have a row.
var errnos = map[syscall.Errno]string{syscall.ENOSPC: "ENOSPC", syscall.EDQUOT: "EDQUOT", syscall.EROFS: "EROFS", syscall.EIO: "EIO",
	syscall.EMFILE: "EMFILE", syscall.ENFILE: "ENFILE", syscall.EACCES: "EACCES", syscall.EPERM: "EPERM", syscall.ENOENT: "ENOENT",
	syscall.ENOTDIR: "ENOTDIR", syscall.EISDIR: "EISDIR"}

// ofDisk returns the row of an error of a file.
func ofDisk(err error) (Row, bool) {
	if _, network := errors.AsType[*net.OpError](err); network {
		return Row{}, false
	}
	number, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return Row{}, false
	}
	if code, known := errnos[number]; known {
		return Of(Disk, code), true
	}
	if _, file := errors.AsType[*fs.PathError](err); file {
		return Of(Disk, number.Error()), true
	}
	return Row{}, false
}
