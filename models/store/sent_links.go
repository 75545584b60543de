package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/reminders"
)

// A SentLink is a link that is sent to its person.
type SentLink struct {
	Person models.PersonID
	Way    Way
	Bound  string // a hash of what the browser has that asked for it
	Next   string // the page to which it leads once its person is signed in; may be empty
	// Said returns what bears it, given its id: the link is kept, and that is scheduled, together or not at all.
	Said func(id string) reminders.Delivery
}

// NewSecret returns a secret of 260 random bits that nobody has, for a session or a link, and what is to be stored of it.
func NewSecret() (secret, hash string) {
	secret = rand.Text() + rand.Text()
	return secret, HashOf(secret)
}

// HashOf returns what is stored of a secret that lets somebody in: looking it up by that compares nothing secret.
func HashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// sealedLink is what the secret of a link is sealed for.
func sealedLink(firm, id string) string { return "tickmark/link/" + firm + "/" + id }

// SendLink makes a link, which is good until SentLinkLasts after now, and schedules what bears it. What is kept of its secret beside the
// hash is sealed, for who sends it: the ledger does not have it, nor who reads that. It refuses what CreateLink refuses, and (conflict)
// where there are no keys to keep the secret with.
func (s *Store) SendLink(ctx context.Context, link SentLink, now time.Time) error {
	secret, hash := NewSecret()
	row := s.linkRow(Link{link.Person, link.Way, hash, link.Bound}, now, SentLinkLasts)
	row.Label = link.Next
	if s.root.Keys == nil {
		return errNoKeys
	}
	row.Sealed = s.root.Keys.SealText(secret, sealedLink(row.FirmID, row.ID))
	return s.root.write(ctx, "send a link", func(tx *gorm.DB) error {
		if err := s.mayEnter(tx, link.Person); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		w := &writer{}
		_, err := s.schedule(tx, w, []NewDelivery{{Delivery: link.Said(row.ID)}})
		return firstError(err, w.err)
	})
}

// LinkSecret returns the secret of a link that is to be sent, and the page to which it leads. It returns false when the link opens nothing
// any more, so that there is nothing to send.
func (s *Store) LinkSecret(ctx context.Context, id string, now time.Time) (secret, next string, ok bool, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return "", "", false, err
	}
	var row tokenRow
	err = db.Where("firm_id = ? AND id = ? AND revoked_at = 0 AND expires_at > ? AND sealed <> ''", string(s.firm), id,
		micros(now)).Take(&row).Error
	switch {
	case missing(err):
		return "", "", false, nil
	case err != nil:
		return "", "", false, fail("read a link", err)
	case s.root.Keys == nil:
		return "", "", false, errNoKeys
	}
	secret, err = s.root.Keys.OpenText(row.Sealed, sealedLink(row.FirmID, row.ID))
	return secret, row.Label, err == nil, err
}

// Addressed returns everybody who is active and has a mail address, in all firms: 20 at most. Who asks says nothing of it to whoever
// typed the address.
func (r *Root) Addressed(ctx context.Context, address string) ([]Principal, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []personRow
	err = db.Where("email_key = ? AND email_key <> '' AND active AND firm_id <> ''", keyOf(address)).Order("firm_id, id").Limit(20).
		Find(&rows).Error
	if err != nil {
		return nil, fail("look for an address", err)
	}
	out, rd := make([]Principal, len(rows)), &reader{}
	for i := range rows {
		out[i] = Principal{Firm: models.FirmID(rows[i].FirmID), Person: rows[i].model(rd)}
	}
	return out, rd.err
}

// ForgetLinks removes up to limit links of all firms that were good until before an instant, and returns how many.
func (r *Root) ForgetLinks(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := r.write(ctx, "forget links", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM tokens WHERE (firm_id, id) IN (SELECT firm_id, id FROM tokens WHERE kind = 'link' AND expires_at < ? "+
			"LIMIT ?)", micros(before), limit)
		n = done.RowsAffected
		return done.Error
	})
	return int(n), err
}
