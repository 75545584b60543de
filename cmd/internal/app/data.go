package app

import (
	"cmp"

	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// umask keeps the files and directories that a process makes to its owner.
const umask = 0o077

// OwnData makes a data directory, whose files and directories are for their owner only, whatever the process makes from then on. Of one
// that is there it takes from others what they may do with the files that are Tickmark's, and closes it to them, where nothing but those
// is in it. It refuses one that is open to others and holds more: that may be somebody's home.
func OwnData(dir string) error {
	syscall.Umask(umask)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data directory %s cannot be made: choose another with --data", dir)
	}
	strange := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path) // it is below
		switch {
		case err != nil || name == ".":
			return err
		case !isData(filepath.ToSlash(name)):
			strange = cmp.Or(strange, name)
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return closed(path, d)
	})
	if err != nil {
		return fmt.Errorf("the data directory %s cannot be closed to others: it must belong to who runs Tickmark, or choose another with "+
			"--data", dir)
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil || !info.IsDir():
		return fmt.Errorf("the data directory %s is no directory: choose another with --data", dir)
	case info.Mode()&umask == 0:
		return nil
	case strange != "":
		return fmt.Errorf("the data directory %[1]s is open to others and holds what is not Tickmark's (%[2]s): close it with chmod 700, "+
			"or choose another with --data", dir, strange)
	case os.Chmod(dir, 0o700) != nil:
		return fmt.Errorf("the data directory %s is open to others and cannot be closed: it must belong to who runs Tickmark, or choose "+
			"another with --data", dir)
	}
	return nil
}

// closed takes from others what they may do with a file or directory. What is neither, as a link, it lets be.
func closed(path string, d fs.DirEntry) error {
	info, err := d.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Mode()&umask == 0 || !info.IsDir() && !info.Mode().IsRegular() {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()&^umask)
}

// dataFiles are what a data directory holds, by their paths in it. A directory ends in a slash, and * stands for any end of a name.
var dataFiles = []string{"admin-token", clockFile, "sandbox.jsonl", "secret-keys", "tickmark.sqlite*", "temporal/", "temporal/lock",
	"temporal/temporal.sqlite*", ".new-*"}

// isData reports whether a path in a data directory is Tickmark's.
func isData(name string) bool {
	return slices.ContainsFunc(dataFiles, func(known string) bool {
		start, any := strings.CutSuffix(known, "*")
		return name == strings.TrimSuffix(known, "/") || any && strings.HasPrefix(name, start) && !strings.Contains(name[len(start):], "/")
	})
}

// ownDatabase sees to it that only its owner reads a SQLite database, be it new or not: SQLite makes what it lays beside a file as the
// file is. It opens no file that is there, since closing one would end the locks of the whole process on it. Of other databases it says
// nothing.
func ownDatabase(name string) error {
	path, ok := strings.CutPrefix(name, "sqlite:")
	if !ok || strings.HasPrefix(path, ":") { // which is no file, and is refused later
		return nil
	}
	if file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		return file.Close()
	}
	for _, each := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(each)
		if err == nil && info.Mode()&umask != 0 && os.Chmod(each, info.Mode().Perm()&^umask) != nil {
			return errors.New("the database can be read by others, and this cannot be changed: its files must belong to who runs Tickmark")
		}
	}
	return nil // where there is none, opening it says why
}

// day is how long an engagement day lasts in real time when nobody asks otherwise.
const day = 24 * time.Hour

// ClockOf returns the clock of a data directory. The first time it is made from the wished length of an engagement day, for
// KeepClock to write down; from then on the directory has its own time, and another wish is refused: engagements would jump. A wish of 0
// wishes nothing: the clock that is there, or a day of 24 hours. It makes nothing.
func ClockOf(dir string, wish time.Duration, now time.Time) (models.Clock, error) {
	if wish != 0 && (wish < time.Millisecond || wish > day) {
		return models.Clock{}, fmt.Errorf("--day %s must be between 1ms and 24h", wish)
	}
	if err := usable(dir); err != nil {
		return models.Clock{}, err
	}
	text, err := readOwn(filepath.Join(dir, clockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return models.Clock{Origin: now.UTC(), Rate: float64(day) / float64(cmp.Or(wish, day))}, nil
	}
	if err != nil {
		return models.Clock{}, fmt.Errorf("the clock of the data directory cannot be read: %w", err)
	}
	var c models.Clock
	if err := json.Unmarshal(text, &c); err != nil || c.Rate < 1 {
		return c, fmt.Errorf("clock.json in the data directory is damaged: restore it from a backup")
	}
	if is := DayOf(c); wish != 0 && is != wish {
		return c, fmt.Errorf("this data directory lives with --day %s and cannot change to --day %s: start with that, or without --day, "+
			"or with another --data", is, wish)
	}
	return c, nil
}

// usable refuses a data directory that is none, or that is somebody else's with what is in it: to have its clock removed, or made anew,
// would be the wrong advice. One that is not there yet is to be made, and a file of somebody else's in a directory of ours was laid there.
func usable(dir string) error {
	if dir == "" {
		return errors.New("--data must name a directory")
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("the data directory %s is no directory that can be opened: it must belong to who runs Tickmark, or choose another "+
			"with --data", dir)
	case !info.IsDir():
		return fmt.Errorf("the data directory %s is no directory: choose another with --data", dir)
	}
	_, err = os.Lstat(filepath.Join(dir, clockFile))
	if of, ok := info.Sys().(*syscall.Stat_t); ok && int(of.Uid) != os.Geteuid() && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the data directory %s belongs to another user: start Tickmark as that one, or choose another with --data", dir)
	}
	return nil
}

// DayOf returns how long an engagement day lasts by a clock, in real time.
func DayOf(c models.Clock) time.Duration {
	return time.Duration(float64(day) / c.Rate).Round(time.Microsecond)
}

const clockFile = "clock.json"

// KeepClock writes down the clock of a data directory once everything has been opened: a start that failed binds nobody.
func KeepClock(dir string, c models.Clock) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, clockFile), append(text, '\n'))
}

// writeFile writes a file that only its owner reads, whole or not at all.
func writeFile(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("the data directory cannot be written: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when all went well
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("the data directory cannot be written: %w", err)
	}
	return os.Rename(tmp.Name(), path)
}

// SecretKeys returns the keys of a data directory, by which secrets of Slack apps are sealed and links signed. The first time they are
// made and written down.
func SecretKeys(dir string) (string, error) {
	path := filepath.Join(dir, "secret-keys")
	text, err := readOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(seal.NewKey("solo"))
		err = writeFile(path, append(text, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("the file secret-keys in the data directory cannot be used: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// FirstStart gives a new database its firm and administrator, and the data directory the administrator's token in the file
// admin-token. It returns the file's path and whether it was written now. A file that was removed, that is not ours or whose token is not
// valid is written anew with a new token, and the old one is revoked: whoever can write here owns the data anyway.
func (a *App) FirstStart(ctx context.Context, dir string, b Beginning) (path string, fresh bool, err error) {
	path = filepath.Join(dir, "admin-token")
	firm, admin := b.people("firm")
	firms, err := a.Root.Firms(ctx)
	if err != nil {
		return path, false, err
	}
	if len(firms) > 0 {
		firm = firms[0]
	} else if _, _, err := a.Root.CreateFirm(ctx, firm, admin, a.Now()); err != nil {
		return path, false, err
	}
	if a.keeps(ctx, path, firm.ID, admin.ID) {
		return path, false, nil
	}
	old, err := a.firstTokens(ctx, firm.ID, admin.ID)
	if err == nil {
		err = a.revoke(ctx, firm.ID, old)
	}
	if err != nil {
		return path, false, err
	}
	// It does not expire: whoever reads the file owns the data.
	secret, err := a.grant(ctx, firm.ID, admin.ID, time.Time{})
	if err != nil {
		return path, false, err
	}
	return path, true, writeFile(path, []byte(secret+"\n"))
}

// HasEngagements reports whether the first firm has an engagement, of whatever kind.
func (a *App) HasEngagements(ctx context.Context) (bool, error) {
	firms, err := a.Root.Firms(ctx)
	if err != nil || len(firms) == 0 {
		return false, err
	}
	rows, _, err := a.Root.For(firms[0].ID).Portfolio(ctx, store.PortfolioFilter{Scope: store.ScopeAll()}, "", "", 1)
	return len(rows) > 0, err
}

// keeps reports whether the file of the administrator's token stays: it is ours, and its token is valid, or the administrator, who is no
// partner any more, could not be given another.
func (a *App) keeps(ctx context.Context, path string, firm models.FirmID, admin models.PersonID) bool {
	text, err := readOwn(path)
	if err != nil {
		return false
	}
	if a.IsAdministrators(ctx, firm, strings.TrimSpace(string(text))) {
		return true
	}
	p, err := a.Root.For(firm).Person(ctx, admin)
	return err != nil || !p.Active || p.Role != models.RolePartner
}

// errNotOwn is why a file of a data directory is not read.
var errNotOwn = errors.New("it must be a file, and belong to who runs Tickmark: remove it, or restore it from a backup")

// readOwn reads a file of a data directory. It refuses what is no file, as a link, and what belongs to somebody else: whoever could write
// there before the directory was closed may have laid it.
func readOwn(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errNotOwn
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if of, ok := info.Sys().(*syscall.Stat_t); !info.Mode().IsRegular() || !ok || int(of.Uid) != os.Geteuid() {
		return nil, errNotOwn
	}
	return io.ReadAll(file)
}

// firstTokens returns the ids of the tokens that this program granted a person, at the first start or later, and that are not revoked.
func (a *App) firstTokens(ctx context.Context, firm models.FirmID, person models.PersonID) (ids []string, err error) {
	tokens, err := a.Root.For(firm).Tokens(ctx, person)
	for _, t := range tokens {
		if t.Label == firstStart && t.RevokedAt.IsZero() {
			ids = append(ids, t.ID)
		}
	}
	return ids, err
}

// revoke revokes tokens.
func (a *App) revoke(ctx context.Context, firm models.FirmID, ids []string) error {
	for _, id := range ids {
		if _, err := a.Root.For(firm).RevokeToken(ctx, store.Once{}, id, a.Now()); err != nil {
			return err
		}
	}
	return nil
}

// firstStart labels the administrator's first token.
const firstStart = "first start"

// IsAdministrators reports whether a token is one of a firm's partners now, as its administrator is. Where the database does not answer it
// is not.
func (a *App) IsAdministrators(ctx context.Context, firm models.FirmID, token string) bool {
	p, err := a.Root.Token(ctx, session.HashToken(token), a.postman.Real())
	return err == nil && p.Firm == firm && p.Person.Role == models.RolePartner
}

// Setup gives a database one more firm, with its administrator, and returns the administrator's token, which is good for as long as lasts
// says: it is shown once. It refuses (conflict) an id that another firm has.
func (a *App) Setup(ctx context.Context, id models.FirmID, b Beginning, lasts time.Duration) (string, error) {
	firm, admin := b.people(id)
	if _, _, err := a.Root.CreateFirm(ctx, firm, admin, a.Now()); err != nil {
		return "", err
	}
	return a.grant(ctx, firm.ID, admin.ID, a.Now().Add(lasts))
}

// Renew returns a new token for a partner of a firm, which is good for as long as lasts says, and revokes those that Setup and Renew made
// for them before. No person means the administrator whom Setup made. Both stand in the firm's record. It refuses who is no partner of the
// firm, since nobody else could give tokens to others.
func (a *App) Renew(ctx context.Context, id models.FirmID, person models.PersonID, lasts time.Duration) (string, error) {
	person = cmp.Or(person, firstAdmin)
	firm := a.Root.For(id)
	if _, err := firm.Firm(ctx); err != nil {
		if models.CodeOf(err) == models.NotFound {
			return "", models.Refuse(models.NotFound, "--id", "--id %q: there is no such firm; tickmark setup without --new-token makes one", id)
		}
		return "", err
	}
	p, err := firm.Person(ctx, person)
	if err != nil {
		return "", err
	}
	if p.Role != models.RolePartner {
		return "", models.Refuse(models.Invalid, "--person", "--person %q must be a partner", person)
	}
	old, err := a.firstTokens(ctx, id, person)
	if err != nil {
		return "", err
	}
	token, err := a.grant(ctx, id, person, a.Now().Add(lasts))
	if err != nil {
		return "", err
	}
	return token, a.revoke(ctx, id, old)
}

// grant makes a token for a person.
func (a *App) grant(ctx context.Context, firm models.FirmID, person models.PersonID, expires time.Time) (string, error) {
	secret, hash := session.NewToken()
	_, err := a.Root.For(firm).CreateToken(ctx, store.Once{}, person, firstStart, hash, expires, a.Now())
	return secret, err
}
