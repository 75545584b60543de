package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
)

// A Token lets a person in. Its secret is nowhere: the store knows only a hash of it.
type Token struct {
	ID        string
	Person    models.PersonID
	Label     string // what the person calls it
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // to the minute; zero: never
	RevokedAt time.Time // zero: not revoked
}

// A Principal is who a token lets in.
type Principal struct {
	Firm      models.FirmID
	DemoOf    models.FirmID // whose demo the firm is; empty: it is none
	Person    models.Person
	Token     string // its id
	ExpiresAt time.Time
	UsedAt    time.Time
}

type tokenRow struct {
	FirmID    string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	PersonID  string
	Label     string
	Kind      string
	Way       string
	Bound     string
	Sealed    string
	MadeBy    string
	Hash      string
	Created   int64 `gorm:"column:created_at"`
	ExpiresAt int64
	UsedAt    int64
	RevokedAt int64
}

func (tokenRow) TableName() string { return "tokens" }

func (t *tokenRow) model() Token {
	return Token{ID: t.ID, Person: models.PersonID(t.PersonID), Label: t.Label, CreatedAt: instant(t.Created), ExpiresAt: instant(t.ExpiresAt),
		UsedAt: instant(t.UsedAt), RevokedAt: instant(t.RevokedAt)}
}

// Token returns whom the token with this hash lets in at now. It refuses (unauthenticated), always in the same words, when
// there is none, it is expired or revoked, or its person is not active. It and Session are the only questions across firms that a
// user's request asks.
func (r *Root) Token(ctx context.Context, hash string, now time.Time) (Principal, error) {
	return r.principal(ctx, kindToken, hash, now, time.Time{}, errUnknownToken)
}

// principal returns whom the credential of a kind with this hash lets in at now. One that was not used since idle, which may be zero, lets
// nobody in. What does not is refused as none says.
func (r *Root) principal(ctx context.Context, kind, hash string, now, idle time.Time, none error) (Principal, error) {
	db, err := r.query(ctx)
	if err != nil {
		return Principal{}, err
	}
	p, _, err := principalOf(db, kind, hash, now, idle, none)
	return p, err
}

// principalOf is principal where there is a connection, and returns the credential as well, with what only links have.
func principalOf(db *gorm.DB, kind, hash string, now, idle time.Time, none error) (Principal, tokenRow, error) {
	if hash == "" {
		return Principal{}, tokenRow{}, none
	}
	var t tokenRow
	var p personRow
	demoOf := ""
	err := db.Raw(`SELECT f.demo_of, t.firm_id, t.id, t.expires_at, t.used_at, t.way, t.bound, p.id, p.client_id, p.name, p.email,
		p.role, p.time_zone, p.closed, p.opened, p.created_at, p.revision
		FROM tokens t JOIN people p ON p.firm_id = t.firm_id AND p.id = t.person_id JOIN firms f ON f.id = t.firm_id
		WHERE t.hash = ? AND t.kind = ? AND t.revoked_at = 0 AND (t.expires_at = 0 OR t.expires_at > ?) AND t.used_at >= ? AND p.active`,
		hash, kind, micros(now), micros(idle)).
		Row().Scan(&demoOf, &t.FirmID, &t.ID, &t.ExpiresAt, &t.UsedAt, &t.Way, &t.Bound, &p.ID, &p.ClientID, &p.Name, &p.Email, &p.Role,
		&p.TimeZone, &p.Closed, &p.Opened, &p.Created, &p.Revision)
	switch {
	case missing(err):
		return Principal{}, t, none
	case err != nil:
		return Principal{}, t, fail("look a credential up", err)
	}
	p.FirmID, p.Active = t.FirmID, true
	rd := &reader{}
	return Principal{Firm: models.FirmID(t.FirmID), DemoOf: models.FirmID(demoOf), Person: p.model(rd), Token: t.ID,
		ExpiresAt: instant(t.ExpiresAt), UsedAt: instant(t.UsedAt)}, t, rd.err
}

var errUnknownToken = models.Refuse(models.Unauthenticated, "",
	"the token is not valid: it was mistyped, has expired, was revoked, or is another installation's")

// MaxTokens is how many tokens of one person may be good at the same time.
const MaxTokens = 20

// CreateToken adds a token for a person: hash is what Root.Token will be asked, expires may be zero. It refuses a person who
// is not there (not found) or not active (conflict), a hash that is known (conflict) and a key that came with another request.
// It refuses (conflict) a token more than MaxTokens that are good at now.
// Since the secret is nowhere, a key that is known returns the token that was made, whose secret is lost unless the caller
// derives it anew.
func (s *Store) CreateToken(ctx context.Context, once Once, person models.PersonID, label, hash string, expires, now time.Time) (Token,
	error) {
	row := tokenRow{FirmID: string(s.firm), ID: newID("t"), PersonID: string(person), Kind: kindToken, Label: label, Hash: hash,
		Created:   micros(now),
		ExpiresAt: micros(expires)}
	token := row.model()
	return recorded(ctx, s, "add a token", once, now, func(tx *gorm.DB, rec *record) (Token, error) {
		if hash == "" {
			return token, models.Refuse(models.Invalid, "token", "a token needs the hash of its secret")
		}
		if !expires.IsZero() && !expires.After(now) {
			return token, models.Refuse(models.Invalid, "expires_at", "expires_at must be later than now")
		}
		p, err := s.readPerson(tx, person)
		if err != nil {
			return token, err
		}
		if !p.Active {
			return token, models.Refuse(models.Conflict, "person", "%q is not active and gets no token", person)
		}
		var living int64
		if err := tx.Model(&tokenRow{}).Where("firm_id = ? AND person_id = ? AND kind = ? AND revoked_at = 0 AND "+
			"(expires_at = 0 OR expires_at > ?)",
			row.FirmID, row.PersonID, kindToken, micros(now)).Count(&living).Error; err != nil {
			return token, fail("count the tokens", err)
		}
		if living >= MaxTokens {
			return token, models.Refuse(models.Conflict, "person",
				"%s has %d tokens that are good, and nobody may have more: revoke one that is not needed any more", person, MaxTokens)
		}
		rec.add("token.created", string(person), "token", "", row.ID)
		return token, taken(tx.Create(&row).Error, "token", "this token exists already")
	})
}

// Tokens returns the tokens of a person, the newest first, also those that are expired or revoked: 200 at most.
func (s *Store) Tokens(ctx context.Context, person models.PersonID) ([]Token, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []tokenRow
	if err := db.Where("firm_id = ? AND person_id = ? AND kind = ?", string(s.firm),
		string(person), kindToken).Order("created_at DESC, id").Limit(200).Find(&rows).Error; err != nil {
		return nil, fail("list the tokens", err)
	}
	out := make([]Token, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	return out, nil
}

// RevokeToken ends a token, from this moment. One that is revoked already stays as it is.
func (s *Store) RevokeToken(ctx context.Context, once Once, id string, now time.Time) (Token, error) {
	var token Token
	return recorded(ctx, s, "revoke a token", once, now, func(tx *gorm.DB, rec *record) (Token, error) {
		var row tokenRow
		if err := tx.Where("firm_id = ? AND id = ? AND kind = ?", string(s.firm), id, kindToken).Take(&row).Error; missing(err) {
			return token, models.Refuse(models.NotFound, "token", "there is no token %.80q", id)
		} else if err != nil {
			return token, err
		}
		if row.RevokedAt == 0 {
			row.RevokedAt = micros(now)
			rec.add("token.revoked", row.PersonID, "token", row.ID, "")
			if err := tx.Model(&row).Select("revoked_at").Updates(&row).Error; err != nil {
				return token, err
			}
		}
		token = row.model()
		return token, nil
	})
}

// revokeAll ends all tokens, sessions and links of a person.
func (s *Store) revokeAll(tx *gorm.DB, rec *record, person models.PersonID) error {
	done := tx.Model(&tokenRow{}).Where("firm_id = ? AND person_id = ? AND revoked_at = 0", string(s.firm), string(person)).
		Update("revoked_at", micros(rec.now))
	if done.Error != nil {
		return fail("revoke tokens", done.Error)
	}
	if done.RowsAffected > 0 {
		rec.add("token.revoked", string(person), "tokens", number(int(done.RowsAffected)), "0")
	}
	return nil
}

// TouchToken notes that a token was used, at most once a minute: used says when it was last noted (Principal.UsedAt), so
// that most calls do not ask the database at all.
func (s *Store) TouchToken(ctx context.Context, id string, used, now time.Time) error {
	if now.Sub(used) < time.Minute {
		return nil
	}
	return s.root.write(ctx, "note the use of a token", func(tx *gorm.DB) error {
		return tx.Model(&tokenRow{}).Where("firm_id = ? AND id = ? AND used_at <= ?", string(s.firm), id, micros(now.Add(-time.Minute))).
			Update("used_at", micros(now)).Error
	})
}
