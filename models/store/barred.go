package store

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tickmark/models"
)

// Barred returns nil when the database can be had, or will be had when somebody starts or migrates it. It refuses (conflict), in a sentence
// for who runs Tickmark, what stays as it is however long one waits: a wrong password or name, a certificate that is not trusted, a role
// without rights, a file that is none, tables of a newer program.
func (r *Root) Barred(ctx context.Context) error {
	v, err := r.Version(ctx)
	if why := barred(err); why != "" {
		return models.Refuse(models.Conflict, "database", "%s", why)
	}
	if err == nil && v.Database > v.Program {
		return v.check()
	}
	return nil
}

// barred says which lasting cause an error has, and "" for one that may pass or says nothing of the database.
func barred(err error) string {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return map[string]string{
			"28000": "the database does not let this program in: look at the user in TICKMARK_DATABASE, and at pg_hba.conf",
			"28P01": "the database does not accept user and password: look at TICKMARK_DATABASE",
			"3D000": "the server has no database of this name: look at TICKMARK_DATABASE, or create it",
			"42501": "the user in TICKMARK_DATABASE has no rights in this database: tickmark migrate --role, run as the owner of the tables, " +
				"gives them",
		}[refusal.Code]
	}
	if refusal, ok := errors.AsType[*sqlite.Error](err); ok {
		return map[int]string{
			sqlite3.SQLITE_CANTOPEN: "the file of the database cannot be opened: the folder in TICKMARK_DATABASE must be there and be writable",
			sqlite3.SQLITE_NOTADB:   "the file in TICKMARK_DATABASE is not a SQLite database",
			sqlite3.SQLITE_PERM:     "the file in TICKMARK_DATABASE may not be opened",
		}[refusal.Code()&0xff]
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of the database is not trusted: sslrootcert in TICKMARK_DATABASE names its authority"
	}
	if err != nil && strings.Contains(err.Error(), "server refused TLS connection") { // pgconn has no name for it
		return "the database offers no TLS, which sslmode in TICKMARK_DATABASE asks for"
	}
	return ""
}
