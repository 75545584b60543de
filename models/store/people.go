package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
)

// CreatePerson adds a person, active; an empty id is made up. Somebody of a client whose id is another's already gets it as a short name:
// see models.PersonIDAt. It refuses a person that cannot be (invalid), an id that is
// taken there or an address that somebody active has at the same client, or in the firm (conflict), and a key that came with
// another request. A key that is known returns the person as they were made.
func (s *Store) CreatePerson(ctx context.Context, once Once, p models.Person, now time.Time) (models.Person, error) {
	p.Firm, p.Active, p.Revision, p.CreatedAt = s.firm, true, 1, instant(micros(now))
	if p.ID == "" {
		p.ID = models.PersonID(newID("p"))
	}
	return recorded(ctx, s, "add a person", once, now, func(tx *gorm.DB, rec *record) (models.Person, error) {
		return s.addSomebody(tx, rec, p)
	})
}

// addSomebody is CreatePerson in a transaction, of a person who is as they will be stored.
func (s *Store) addSomebody(tx *gorm.DB, rec *record, p models.Person) (models.Person, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	if err := s.freeAddress(tx, p); err != nil {
		return p, err
	}
	if p.Client != "" {
		if _, err := s.readClient(tx, p.Client); models.CodeOf(err) == models.NotFound {
			return p, models.Refuse(models.Invalid, "client", "there is no client %.80q", string(p.Client))
		} else if err != nil {
			return p, err
		}
	}
	if err := s.checkOwnDays(tx, models.Person{}, p); err != nil {
		return p, err
	}
	if err := s.callApart(tx, &p); err != nil {
		return p, err
	}
	w := &writer{}
	row := personOf(w, p)
	if w.err != nil {
		return p, w.err
	}
	rec.add("person.created", string(p.ID), "role", "", string(p.Role))
	if err := s.lookForPeople(tx); err != nil {
		return p, err
	}
	return p, taken(addPerson(tx, row), "id", "there is a person %q already", p.ID)
}

// callApart sees to it that nobody at a client can be taken for another: it refuses (conflict) somebody who is called there as another is,
// and makes an id that is taken elsewhere a short name at the client.
func (s *Store) callApart(tx *gorm.DB, p *models.Person) error {
	if p.Client == "" {
		return nil
	}
	short := models.PersonID(strings.TrimPrefix(string(p.ID), string(p.Client)+"."))
	named, err := s.called(tx, p.Client, short)
	if err != nil {
		return err
	}
	for _, other := range named {
		if other.ClientID == string(p.Client) {
			return models.Refuse(models.Conflict, "id", "there is a person %q already", short)
		}
		p.ID = models.PersonIDAt(p.Client, short)
	}
	return nil
}

// called returns who has a name, and who of a client has it as a short name: ids and clients alone.
func (s *Store) called(tx *gorm.DB, client models.ClientID, name models.PersonID) ([]personRow, error) {
	ids := []models.PersonID{name}
	if client != "" {
		ids = append(ids, models.PersonIDAt(client, name))
	}
	var rows []personRow
	err := tx.Select("id", "client_id").Where("firm_id = ? AND id IN ?", string(s.firm), ids).Find(&rows).Error
	return rows, fail("look for a name", err)
}

// addPerson adds a person and their mailbox.
func addPerson(tx *gorm.DB, row personRow) error {
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return tx.Create(&mailboxRow{FirmID: row.FirmID, PersonID: row.ID, ClientID: row.ClientID, LookedOn: noDate}).Error
}

// freeAddress refuses the address of somebody else who is active at the same client, or in the firm.
func (s *Store) freeAddress(tx *gorm.DB, p models.Person) error {
	if p.Email == "" || !p.Active {
		return nil
	}
	var n int64
	err := tx.Model(&personRow{}).Where("firm_id = ? AND client_id = ? AND email_key = ? AND active AND id <> ?",
		string(s.firm), string(p.Client), keyOf(p.Email), string(p.ID)).Count(&n).Error
	if err == nil && n > 0 {
		return models.Refuse(models.Conflict, "email", "somebody else who is active here has this email")
	}
	return fail("look for the address", err)
}

// UpdatePerson changes a person as edit does; id, client and side stay. Who becomes inactive loses all tokens at once, gets nothing of what
// was scheduled for them, and is noted as gone in the records of their engagements; see HandOver for what was theirs. With another
// address what is to be told of it is scheduled in the same transaction. It refuses
// what edit refuses, a person that the change makes impossible (invalid), an address that is taken (conflict), a revision that is not
// once.IfRevision (stale), a key that came with another request, a person who is not there, and (conflict) to leave the firm without a
// partner who is active.
func (s *Store) UpdatePerson(ctx context.Context, once Once, id models.PersonID, now time.Time,
	edit func(*models.Person) error, told ...NewDelivery) (models.Person, error) {
	return recorded(ctx, s, "change a person", once, now, func(tx *gorm.DB, rec *record) (models.Person, error) {
		return s.changeSomebody(tx, rec, once, id, edit, told...)
	})
}

// changeSomebody is UpdatePerson in a transaction.
func (s *Store) changeSomebody(tx *gorm.DB, rec *record, once Once, id models.PersonID, edit func(*models.Person) error,
	told ...NewDelivery) (models.Person, error) {
	was, p, err := s.editedPerson(tx, once, id, edit)
	if err != nil {
		return p, err
	}
	before := len(rec.events)
	rec.changed("person.updated", string(id), "name", was.Name, p.Name)
	rec.changed("person.updated", string(id), "email", was.Email, p.Email)
	rec.changed("person.updated", string(id), "role", string(was.Role), string(p.Role))
	rec.changed("person.updated", string(id), "time_zone", was.TimeZone, p.TimeZone)
	rec.changed("person.updated", string(id), "closed_days", dates(was.Closed), dates(p.Closed))
	rec.changed("person.updated", string(id), "open_days", dates(was.Open), dates(p.Open))
	rec.changed("person.updated", string(id), "active", models.YesNo(was.Active), models.YesNo(p.Active))
	if was.Active && !p.Active {
		if err := s.revokeAll(tx, rec, id); err != nil {
			return p, err
		}
	}
	if len(rec.events) == before {
		return p, nil
	}
	if err := s.reachAnew(tx, was, p, told); err != nil {
		return p, err
	}
	p.LeftAt = was.LeftAt
	switch {
	case was.Active && !p.Active:
		p.LeftAt = instant(micros(rec.now))
	case p.Active:
		p.LeftAt = time.Time{}
	}
	if err := s.wakeFor(tx, was, p, rec.now); err != nil {
		return p, err
	}
	p.Revision++
	w := &writer{}
	row := personOf(w, p)
	if w.err != nil {
		return p, w.err
	}
	if err := tx.Model(&row).Select("*").Omit("firm_id", "id", "client_id", "created_at").Updates(&row).Error; err != nil {
		return p, err
	}
	if was.Active == p.Active {
		return p, nil
	}
	return p, s.comesOrGoes(tx, rec, p)
}

// editedPerson returns a person as they are and as edit leaves them. It refuses what UpdatePerson refuses.
func (s *Store) editedPerson(tx *gorm.DB, once Once, id models.PersonID, edit func(*models.Person) error) (
	was, p models.Person, err error,
) {
	if was, err = s.readPerson(tx, id); err != nil {
		return was, p, err
	}
	if err := once.stale("the person", was.Revision); err != nil {
		return was, p, err
	}
	p = was
	if err := edit(&p); err != nil {
		return was, p, err
	}
	p.Firm, p.ID, p.Client, p.Revision, p.CreatedAt = was.Firm, was.ID, was.Client, was.Revision, was.CreatedAt
	if err := checkChanged(was, p); err != nil {
		return was, p, err
	}
	return was, p, firstError(s.checkOwnDays(tx, was, p), s.freeAddress(tx, p), s.keepAPartner(tx, was, p))
}

// wakeFor has the engagements looked at that count otherwise now that a person was changed: theirs are late at another hour in another
// time zone, and due on other days with other days of their own.
func (s *Store) wakeFor(tx *gorm.DB, was, is models.Person, now time.Time) error {
	if was.TimeZone != is.TimeZone || was.Active != is.Active {
		return s.wakeNow(tx, is.Client, now)
	}
	if otherPersonDays(was, is) {
		return s.wakeWhere(s.worksIn(tx, is.ID), now)
	}
	return nil
}

// checkOwnDays refuses days of a person's own that cannot be. Days that stay are in the way of no other change.
func (s *Store) checkOwnDays(tx *gorm.DB, was, is models.Person) error {
	if !otherPersonDays(was, is) {
		return nil
	}
	var weekend []time.Weekday
	if is.Client != "" {
		c, err := s.readClient(tx, is.Client)
		if err != nil {
			return err
		}
		weekend = c.Weekend
	}
	return models.CheckOwnDays(is.Closed, is.Open, weekend)
}

// checkChanged refuses a person that cannot be, and one who changes sides. An address from before that mail cannot reach is in the way of
// no other change.
func checkChanged(was, is models.Person) error {
	if _, err := models.ParseRole("role", string(is.Role)); err == nil && is.Role.Side() != was.Role.Side() {
		return models.Refuse(models.Invalid, "role",
			"role cannot become %s: nobody changes sides between the firm, its clients and the auditors. Invite the other person", is.Role)
	}
	if is.Email == was.Email {
		is.Email = ""
	}
	return is.Check()
}

// reachAnew has a person who was changed looked at by the next sweep, and looked for in Slack when they have another address or are back.
// What was not sent to them while they were not active was not meant for them. Of another address is told what told says.
func (s *Store) reachAnew(tx *gorm.DB, was, is models.Person, told []NewDelivery) error {
	if was.Email != is.Email {
		if _, err := s.schedule(tx, &writer{}, told); err != nil {
			return err
		}
	}
	if err := s.lookAgain(tx, is.ID); err != nil {
		return err
	}
	if !was.Active {
		err := tx.Model(&mailboxRow{}).Where("firm_id = ? AND person_id = ?", string(s.firm), string(is.ID)).
			Update("looked_on", (&writer{}).date(models.Date{})).Error
		if err != nil {
			return fail("have a mailbox looked at anew", err)
		}
	}
	if was.Email == is.Email && was.Active {
		return nil
	}
	return s.lookForPeople(tx)
}

// Person returns a person, active or not.
func (s *Store) Person(ctx context.Context, id models.PersonID) (models.Person, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Person{}, err
	}
	return s.readPerson(db, id)
}

func (s *Store) readPerson(tx *gorm.DB, id models.PersonID) (models.Person, error) {
	var row personRow
	err := tx.Where("firm_id = ? AND id = ?", string(s.firm), string(id)).Take(&row).Error
	switch {
	case missing(err):
		return models.Person{}, models.Refuse(models.NotFound, "person", "there is no person %.80q", string(id))
	case err != nil:
		return models.Person{}, fail("read a person", err)
	}
	r := &reader{}
	return row.model(r), r.err
}

// A PersonFilter chooses people; empty fields choose all.
type PersonFilter struct {
	Client   *models.ClientID // of this client; of the empty client: the firm's own and the auditors
	Roles    []models.Role
	Also     []models.PersonID // besides those of the client, where one is named
	Only     []models.PersonID // of these people; nil: of all
	Inactive bool              // also those who are not active
	Search   string            // in name, id and address, in any case
}

// People returns a page of people in the order of their names, and the cursor of the next page; empty when it was the last.
// It refuses (invalid) a cursor that this list did not give.
func (s *Store) People(ctx context.Context, filter PersonFilter, cursor string, limit int) ([]models.Person, string, error) {
	p := s.pager("people", []string{"name_key", "id"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Where("firm_id = ?", string(s.firm))
	if filter.Client != nil {
		q = q.Where("(client_id = ? OR id IN ?)", string(*filter.Client), filter.Also)
	}
	if filter.Only != nil {
		q = q.Where("id IN ?", filter.Only)
	}
	if len(filter.Roles) > 0 {
		q = q.Where("role IN ?", filter.Roles)
	}
	if !filter.Inactive {
		q = q.Where("active")
	}
	if filter.Search != "" {
		q = q.Where("(name_key LIKE ? ESCAPE '!' OR email_key LIKE ? ESCAPE '!' OR id LIKE ? ESCAPE '!')", like(filter.Search),
			like(filter.Search), like(filter.Search))
	}
	var rows []personRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the people", err)
	}
	rows, next := turn(p, rows, limit, func(r personRow) []string { return []string{r.NameKey, r.ID} })
	out, r := make([]models.Person, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, next, r.err
}
