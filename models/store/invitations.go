package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
)

// InvitationLasts is for how long an invitation is good, by the machine's clock.
const InvitationLasts = 7 * 24 * time.Hour

// kindInvitation is the kind of a credential that signs in, once, whom somebody has invited.
const kindInvitation = "invitation"

// An Invitation asks somebody in: who opens it is signed in, once. Its secret is nowhere but sealed, until it is used or replaced.
type Invitation struct {
	ID         string
	Person     models.PersonID
	By         models.PersonID // who invites; empty: Tickmark itself
	Way        Way
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AcceptedAt time.Time // zero: not yet
	EndedAt    time.Time // replaced by a later one, or its person's access has ended; zero: neither
}

// An InvitationState is what has become of an invitation.
type InvitationState string

// The states.
const (
	InvitationOpen     InvitationState = "open"
	InvitationAccepted InvitationState = "accepted"
	InvitationExpired  InvitationState = "expired"
	InvitationEnded    InvitationState = "ended" // replaced, or withdrawn
)

// StateAt returns what has become of an invitation at an instant.
func (i Invitation) StateAt(now time.Time) InvitationState {
	switch {
	case !i.AcceptedAt.IsZero():
		return InvitationAccepted
	case !i.EndedAt.IsZero():
		return InvitationEnded
	case !i.ExpiresAt.After(now):
		return InvitationExpired
	}
	return InvitationOpen
}

func (t *tokenRow) invitation() Invitation {
	out := Invitation{ID: t.ID, Person: models.PersonID(t.PersonID), By: models.PersonID(t.MadeBy), Way: Way(t.Way),
		CreatedAt: instant(t.Created), ExpiresAt: instant(t.ExpiresAt), AcceptedAt: instant(t.UsedAt)}
	if t.UsedAt == 0 {
		out.EndedAt = instant(t.RevokedAt)
	}
	return out
}

// Invite sends an invitation: it is kept, what bears it is scheduled, and those of before are replaced, together or not at all. It refuses
// what SendLink refuses. A key that is known returns the invitation that was sent then.
func (s *Store) Invite(ctx context.Context, once Once, link SentLink, now time.Time) (Invitation, error) {
	if s.root.Keys == nil {
		return Invitation{}, errNoKeys
	}
	return recorded(ctx, s, "invite somebody", once, now, func(tx *gorm.DB, rec *record) (Invitation, error) {
		if err := s.mayEnter(tx, link.Person); err != nil {
			return Invitation{}, err
		}
		secret, hash := NewSecret()
		row := tokenRow{FirmID: string(s.firm), ID: newID("i"), PersonID: string(link.Person), Kind: kindInvitation, Way: string(link.Way),
			Hash: hash, MadeBy: string(once.Actor), Created: micros(now), ExpiresAt: micros(now.Add(InvitationLasts))}
		row.Sealed = s.root.Keys.SealText(secret, sealedLink(row.FirmID, row.ID))
		if err := s.replaceInvitations(tx, link.Person, now); err != nil {
			return Invitation{}, err
		}
		if err := tx.Create(&row).Error; err != nil {
			return Invitation{}, err
		}
		w := &writer{}
		_, err := s.schedule(tx, w, []NewDelivery{{Delivery: link.Said(row.ID)}})
		rec.add("person.invited", row.PersonID, "invitation", "", row.ID)
		return row.invitation(), firstError(err, w.err)
	})
}

// replaceInvitations ends the invitations of somebody that nobody has used.
func (s *Store) replaceInvitations(tx *gorm.DB, person models.PersonID, now time.Time) error {
	return tx.Model(&tokenRow{}).Where("firm_id = ? AND person_id = ? AND kind = ? AND revoked_at = 0", string(s.firm), string(person),
		kindInvitation).Updates(map[string]any{"revoked_at": micros(now), "sealed": ""}).Error
}

// Invitations returns the invitations of some people, the newest first: 200 at most of all of them together.
func (s *Store) Invitations(ctx context.Context, people ...models.PersonID) ([]Invitation, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	var rows []tokenRow
	err = db.Where("firm_id = ? AND person_id IN ? AND kind = ?", string(s.firm), ids, kindInvitation).Order("created_at DESC, id").
		Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fail("list the invitations", err)
	}
	out := make([]Invitation, len(rows))
	for i := range rows {
		out[i] = rows[i].invitation()
	}
	return out, nil
}

// An Invited is whom an invitation asks in, and who asks. Person and ByNamed are there only where it is open.
type Invited struct {
	Invitation
	Firm    models.FirmID
	Person  models.Person
	ByNamed string // who invites; empty: Tickmark itself
}

// InvitationOf returns the invitation with a secret of this hash, and what has become of it at now. One whose person is not active has
// ended. It refuses (not found) what is no invitation.
func (r *Root) InvitationOf(ctx context.Context, hash string, now time.Time) (Invited, InvitationState, error) {
	db, err := r.query(ctx)
	if err != nil {
		return Invited{}, "", err
	}
	return invitationOf(db, hash, now)
}

var errNoInvitation = models.Refuse(models.NotFound, "", "this invitation does not work: ask who invited you for another")

func invitationOf(db *gorm.DB, hash string, now time.Time) (Invited, InvitationState, error) {
	var row tokenRow
	err := db.Where("hash = ? AND kind = ? AND firm_id <> ''", hash, kindInvitation).Take(&row).Error
	switch {
	case missing(err) || hash == "":
		return Invited{}, "", errNoInvitation
	case err != nil:
		return Invited{}, "", fail("look an invitation up", err)
	}
	out := Invited{Invitation: row.invitation(), Firm: models.FirmID(row.FirmID)}
	state := out.StateAt(now)
	if state != InvitationOpen {
		return out, state, nil
	}
	var people []personRow
	if err := db.Where("firm_id = ? AND id IN ?", row.FirmID, []string{row.PersonID, row.MadeBy}).Find(&people).Error; err != nil {
		return Invited{}, "", fail("look up who is invited", err)
	}
	rd := &reader{}
	for i := range people {
		switch people[i].ID {
		case row.PersonID:
			out.Person = people[i].model(rd)
		case row.MadeBy:
			out.ByNamed = people[i].Name
		}
	}
	if !out.Person.Active {
		return Invited{Invitation: out.Invitation, Firm: out.Firm}, InvitationEnded, rd.err
	}
	return out, state, rd.err
}

// Accept signs in whom an invitation is for: it is used up, and a session begins of which hash will be asked. What is not open it refuses
// (not found): of two who use it at the same time one is signed in.
func (r *Root) Accept(ctx context.Context, invitation, hash, browser string, now time.Time) (Principal, error) {
	in, state, err := r.InvitationOf(ctx, invitation, now)
	if err != nil || state != InvitationOpen {
		return Principal{}, firstError(err, errNoInvitation)
	}
	s := r.For(in.Firm)
	return recorded(ctx, s, "accept an invitation", Once{Actor: in.Person.ID}, now, func(tx *gorm.DB, rec *record) (Principal, error) {
		in, state, err := invitationOf(tx, invitation, now)
		if err != nil || state != InvitationOpen {
			return Principal{}, firstError(err, errNoInvitation)
		}
		used := tx.Model(&tokenRow{}).Where("firm_id = ? AND id = ? AND revoked_at = 0", string(in.Firm), in.ID).Updates(map[string]any{
			"revoked_at": micros(now), "used_at": micros(now), "sealed": ""})
		if used.Error != nil {
			return Principal{}, used.Error
		} else if used.RowsAffected == 0 {
			return Principal{}, errNoInvitation
		}
		rec.add("person.accepted", string(in.Person.ID), "invitation", "", in.ID)
		p := Principal{Firm: in.Firm, Person: in.Person}
		p.Token, err = s.beginSession(tx, rec, in.Person.ID, in.Way, hash, browser)
		return p, err
	})
}
