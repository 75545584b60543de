package app

import (
	"cmp"

	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// day is how long an engagement day lasts in real time when nobody asks otherwise.
const day = 24 * time.Hour

// ClockOf returns the clock of a data directory. The first time it is made from the wished length of an engagement day, for
// KeepClock to write down; from then on the directory has its own time, and another wish is refused: engagements would jump. A wish of 0
// wishes nothing: the clock that is there, or a day of 24 hours. It makes nothing.
func ClockOf(dir string, wish time.Duration, now time.Time) (models.Clock, error) {
	if wish != 0 && (wish < time.Millisecond || wish > day) {
		return models.Clock{}, fmt.Errorf("--day %s must be between 1ms and 24h", wish)
	}
	text, err := os.ReadFile(filepath.Join(dir, clockFile))
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
	text, err := os.ReadFile(path)
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
// admin-token. It returns the file's path and whether it was written now. A file that was removed is written anew with a new
// token, and the old one is revoked: whoever can write here owns the data anyway.
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
	if _, err := os.Stat(path); err == nil {
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
