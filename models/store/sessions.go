package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
)

// How long a session lasts, by the machine's clock: it ends when it was not used for SessionIdle, and SessionLasts after it began however
// much it is used. A link that opens one is good for LinkLasts where it is printed, and for SentLinkLasts where it is sent.
const (
	SessionIdle   = 24 * time.Hour
	SessionLasts  = 14 * 24 * time.Hour
	LinkLasts     = 10 * time.Minute
	SentLinkLasts = 15 * time.Minute
)

// MaxSessions is how many sessions of one person may be open at the same time: one more ends that which began first.
const MaxSessions = 20

// A credential's kind says what it opens.
const (
	kindToken   = "token"   // the API, for a program
	kindSession = "session" // pages and API, for a browser
	kindLink    = "link"    // one session, once
)

// A Way is how somebody signs in.
type Way string

// The ways.
const (
	ByConsole Way = "console" // a link that was made on the machine on which solo runs
	ByMail    Way = "mail"    // a link that was sent by mail
	BySlack   Way = "slack"   // a link that was sent in Slack
)

// A Session is a browser of somebody who is signed in.
type Session struct {
	ID        string
	Person    models.PersonID
	Way       Way
	Browser   string // what it calls itself, in up to 200 characters
	CreatedAt time.Time
	UsedAt    time.Time // to the minute
	ExpiresAt time.Time // however much it is used
}

func (t *tokenRow) session() Session {
	return Session{ID: t.ID, Person: models.PersonID(t.PersonID), Way: Way(t.Way), Browser: t.Label, CreatedAt: instant(t.Created),
		UsedAt: instant(t.UsedAt), ExpiresAt: instant(t.ExpiresAt)}
}

// Session returns whom the session with this hash lets in at now. It refuses (unauthenticated), always in the same words, when there is
// none, it has ended, or its person is not active.
func (r *Root) Session(ctx context.Context, hash string, now time.Time) (Principal, error) {
	return r.principal(ctx, kindSession, hash, now, now.Add(-SessionIdle), errNoSession)
}

var errNoSession = models.Refuse(models.Unauthenticated, "", "you are not signed in, or no longer: sign in again")

// A Link opens a session for somebody, once.
type Link struct {
	Person models.PersonID
	Way    Way
	Hash   string // of its secret, which is nowhere
	Bound  string // a hash of what the browser has that asked for it; empty: any browser may use it
}

// CreateLink keeps a link, which is good until LinkLasts after now. It refuses a person who is not there (not found) or not active
// (conflict).
func (s *Store) CreateLink(ctx context.Context, link Link, now time.Time) error {
	row := s.linkRow(link, now, LinkLasts)
	return s.root.write(ctx, "keep a link", func(tx *gorm.DB) error {
		if err := s.mayEnter(tx, link.Person); err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
}

func (s *Store) linkRow(link Link, now time.Time, lasts time.Duration) tokenRow {
	return tokenRow{FirmID: string(s.firm), ID: newID("l"), PersonID: string(link.Person), Kind: kindLink, Way: string(link.Way),
		Hash: link.Hash, Bound: link.Bound, Created: micros(now), ExpiresAt: micros(now.Add(lasts))}
}

// mayEnter refuses a person who is not there (not found) or not active (conflict).
func (s *Store) mayEnter(tx *gorm.DB, id models.PersonID) error {
	p, err := s.readPerson(tx, id)
	if err == nil && !p.Active {
		err = models.Refuse(models.Conflict, "person", "%q is not active and does not sign in", id)
	}
	return err
}

// LinkOf returns whom a link would sign in at now, who asks for it from the browser with bound. It refuses (not found), always in the same
// words, a link that is none, was used, is too old, is another browser's, or whose person is not active.
func (r *Root) LinkOf(ctx context.Context, hash, bound string, now time.Time) (Principal, error) {
	db, err := r.query(ctx)
	if err != nil {
		return Principal{}, err
	}
	p, row, err := principalOf(db, kindLink, hash, now, time.Time{}, errNoLink)
	if err == nil && row.Bound != "" && row.Bound != bound {
		return Principal{}, errNoLink
	}
	return p, err
}

var errNoLink = models.Refuse(models.NotFound, "", "this link does not work: it was used, is too old, or was asked for in another browser")

// UseLink signs in whom a link is for: it is used up, and a session begins of which hash will be asked. It refuses what LinkOf refuses: of
// two who use a link at the same time one is signed in.
func (r *Root) UseLink(ctx context.Context, link, bound, hash, browser string, now time.Time) (Principal, error) {
	p, err := r.LinkOf(ctx, link, bound, now)
	if err != nil {
		return p, err
	}
	s := r.For(p.Firm)
	return recorded(ctx, s, "sign somebody in", Once{Actor: p.Person.ID}, now, func(tx *gorm.DB, rec *record) (Principal, error) {
		p, row, err := principalOf(tx, kindLink, link, now, time.Time{}, errNoLink)
		if err != nil {
			return p, err
		}
		used := tx.Model(&tokenRow{}).Where("firm_id = ? AND id = ? AND revoked_at = 0", row.FirmID, row.ID).Updates(map[string]any{
			"revoked_at": micros(now), "used_at": micros(now)})
		if used.Error != nil {
			return p, used.Error
		} else if used.RowsAffected == 0 {
			return p, errNoLink
		}
		p.Token, err = s.beginSession(tx, rec, p.Person.ID, Way(row.Way), hash, browser)
		return p, err
	})
}

// beginSession begins a session of somebody, and ends the oldest where there would be too many. It returns its id.
func (s *Store) beginSession(tx *gorm.DB, rec *record, person models.PersonID, way Way, hash, browser string) (string, error) {
	row := tokenRow{FirmID: string(s.firm), ID: newID("s"), PersonID: string(person), Kind: kindSession, Way: string(way), Hash: hash,
		Label: models.Cut(browser, 200), Created: micros(rec.now), UsedAt: micros(rec.now), ExpiresAt: micros(rec.now.Add(SessionLasts))}
	var old []string
	if err := s.sessions(tx, person, rec.now).Order("created_at DESC, id").Offset(MaxSessions-1).Limit(1000).Pluck("id",
		&old).Error; err != nil {
		return "", err
	}
	if err := s.endSessions(tx, rec, person, old); err != nil {
		return "", err
	}
	rec.add("session.began", string(person), "session", "", row.ID)
	return row.ID, tx.Create(&row).Error
}

// sessions chooses the sessions of somebody that are open at now.
func (s *Store) sessions(tx *gorm.DB, person models.PersonID, now time.Time) *gorm.DB {
	return tx.Model(&tokenRow{}).Where("firm_id = ? AND person_id = ? AND kind = ? AND revoked_at = 0 AND expires_at > ? AND used_at > ?",
		string(s.firm), string(person), kindSession, micros(now), micros(now.Add(-SessionIdle)))
}

func (s *Store) endSessions(tx *gorm.DB, rec *record, person models.PersonID, ids []string) error {
	for _, id := range ids {
		done := tx.Model(&tokenRow{}).Where("firm_id = ? AND id = ? AND person_id = ? AND kind = ? AND revoked_at = 0", string(s.firm), id,
			string(person), kindSession).Update("revoked_at", micros(rec.now))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected > 0 {
			rec.add("session.ended", string(person), "session", id, "")
		}
	}
	return nil
}

// Sessions returns the sessions of a person that are open at now, the newest first.
func (s *Store) Sessions(ctx context.Context, person models.PersonID, now time.Time) ([]Session, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []tokenRow
	if err := s.sessions(db, person, now).Order("created_at DESC, id").Limit(MaxSessions).Find(&rows).Error; err != nil {
		return nil, fail("list the sessions", err)
	}
	out := make([]Session, len(rows))
	for i := range rows {
		out[i] = rows[i].session()
	}
	return out, nil
}

// EndSessions signs a person out, of the session with the id, or of all where that is empty. What has ended already stays as it is.
func (s *Store) EndSessions(ctx context.Context, once Once, person models.PersonID, id string, now time.Time) error {
	_, err := recorded(ctx, s, "end sessions", once, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		ids := []string{id}
		if id == "" {
			if err := s.sessions(tx, person, now).Pluck("id", &ids).Error; err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, s.endSessions(tx, rec, person, ids)
	})
	return err
}
