package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/holiday"
)

// CreateClient adds a client; an empty id is made up. It refuses a client that cannot be (invalid), an id that is taken
// (conflict) and a key that came with another request. A key that is known returns the client as it was made.
func (s *Store) CreateClient(ctx context.Context, once Once, c models.Client, now time.Time) (models.Client, error) {
	c.Firm, c.Revision, c.CreatedAt = s.firm, 1, instant(micros(now))
	if c.ID == "" {
		c.ID = models.ClientID(newID("c"))
	}
	return recorded(ctx, s, "add a client", once, now, func(tx *gorm.DB, rec *record) (models.Client, error) {
		return c, s.addClient(tx, rec, c)
	})
}

// addClient is CreateClient in a transaction, of a client who is as they will be stored.
func (s *Store) addClient(tx *gorm.DB, rec *record, c models.Client) error {
	if err := c.Check(holiday.Countries()); err != nil {
		return err
	}
	w := &writer{}
	row := clientOf(w, c)
	if w.err != nil {
		return w.err
	}
	rec.add("client.created", string(c.ID), "name", "", c.Name)
	return taken(tx.Create(&row).Error, "id", "there is a client %q already", c.ID)
}

// UpdateClient changes a client as edit does; its id stays. Engagements that count with another calendar are looked at
// soon (see wakeNow); when a daily message may come is looked at again by the next sweep. It refuses what edit refuses, a client that
// cannot be (invalid), a revision that is not once.IfRevision (stale), a key that came with another request, and a client that
// is not there.
func (s *Store) UpdateClient(ctx context.Context, once Once, id models.ClientID, now time.Time,
	edit func(*models.Client) error) (models.Client, error) {
	return recorded(ctx, s, "change a client", once, now, func(tx *gorm.DB, rec *record) (models.Client, error) {
		return s.changeClient(tx, rec, once, id, edit)
	})
}

// changeClient is UpdateClient in a transaction.
func (s *Store) changeClient(tx *gorm.DB, rec *record, once Once, id models.ClientID,
	edit func(*models.Client) error) (models.Client, error) {
	was, c, err := s.editedClient(tx, once, id, edit)
	if err != nil {
		return c, err
	}
	before := len(rec.events)
	rec.changed("client.updated", string(id), "name", was.Name, c.Name)
	rec.changed("client.updated", string(id), "headcount", number(was.Headcount), number(c.Headcount))
	rec.changed("client.updated", string(id), "country", was.Country, c.Country)
	rec.changed("client.updated", string(id), "time_zone", was.TimeZone, c.TimeZone)
	rec.changed("client.updated", string(id), "weekend", weekdays(was.Weekend), weekdays(c.Weekend))
	rec.changed("client.updated", string(id), "closed_days", dates(was.Closed), dates(c.Closed))
	rec.changed("client.updated", string(id), "open_days", dates(was.Open), dates(c.Open))
	if len(rec.events) == before {
		return c, nil
	}
	c.Revision++
	w := &writer{}
	row := clientOf(w, c)
	if w.err != nil {
		return c, w.err
	}
	if otherClientDays(was, c) {
		if err := firstError(s.lookAgainAt(tx, id), s.wakeNow(tx, id, rec.now)); err != nil {
			return c, err
		}
	} else if was.TimeZone != c.TimeZone {
		if err := s.wakeNow(tx, id, rec.now); err != nil {
			return c, err
		}
	}
	return c, tx.Model(&row).Select("*").Omit("firm_id", "id", "created_at").Updates(&row).Error
}

// Client returns a client.
func (s *Store) Client(ctx context.Context, id models.ClientID) (models.Client, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Client{}, err
	}
	return s.readClient(db, id)
}

func (s *Store) readClient(tx *gorm.DB, id models.ClientID) (models.Client, error) {
	var row clientRow
	err := tx.Where("firm_id = ? AND id = ?", string(s.firm), string(id)).Take(&row).Error
	switch {
	case missing(err):
		return models.Client{}, models.Refuse(models.NotFound, "client", "there is no client %.80q", string(id))
	case err != nil:
		return models.Client{}, fail("read a client", err)
	}
	r := &reader{}
	return row.model(r), r.err
}

// A ClientFilter chooses clients; empty fields choose all.
type ClientFilter struct {
	ID     models.ClientID
	Search string // in name and id, in any case
}

// Clients returns a page of clients in the order of their names, and the cursor of the next page; empty when it was the
// last. It refuses (invalid) a cursor that this list did not give.
func (s *Store) Clients(ctx context.Context, filter ClientFilter, cursor string, limit int) ([]models.Client, string, error) {
	p := s.pager("clients", []string{"name_key", "id"}, false)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Where("firm_id = ?", string(s.firm))
	if filter.ID != "" {
		q = q.Where("id = ?", string(filter.ID))
	}
	if filter.Search != "" {
		q = q.Where("(name_key LIKE ? ESCAPE '!' OR id LIKE ? ESCAPE '!')", like(filter.Search), like(filter.Search))
	}
	var rows []clientRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the clients", err)
	}
	rows, next := turn(p, rows, limit, func(c clientRow) []string { return []string{c.NameKey, c.ID} })
	out, r := make([]models.Client, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, next, r.err
}

// ChangeDuty sets who holds a function at a client and who is their backup, and returns it; without a person nobody holds it any more. was
// is who held it until now: ChangeDuty refuses (conflict) when somebody has changed that since. It refuses (invalid) a function the catalog
// does not have, people who are not active at this client and a backup who is the person, and (not found) a client that is not there. What
// is to be told of it is scheduled in the same transaction.
func (s *Store) ChangeDuty(ctx context.Context, once Once, was, d models.Duty, now time.Time, told ...NewDelivery) (models.Duty, error) {
	return recorded(ctx, s, "set a duty", once, now, func(tx *gorm.DB, rec *record) (models.Duty, error) {
		return s.changeDuty(tx, rec, was, d, told...)
	})
}

// changeDuty is ChangeDuty in a transaction.
func (s *Store) changeDuty(tx *gorm.DB, rec *record, was, d models.Duty, told ...NewDelivery) (models.Duty, error) {
	d.Firm = s.firm
	is, err := s.dutyIn(tx, d.Client, d.Function)
	switch {
	case err != nil:
		return d, err
	case is.Person != was.Person || is.Backup != was.Backup:
		return d, models.Refuse(models.Conflict, "function", "somebody changed who holds this function just now: look again first")
	}
	if _, err := s.schedule(tx, &writer{}, told); err != nil {
		return d, err
	}
	return s.setDuty(tx, rec, d)
}

// Duty returns who holds a function at a client, and who is the backup; nobody where nobody does.
func (s *Store) Duty(ctx context.Context, client models.ClientID, function string) (models.Duty, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Duty{}, err
	}
	return s.dutyIn(db, client, function)
}

func (s *Store) dutyIn(tx *gorm.DB, client models.ClientID, function string) (models.Duty, error) {
	var rows []dutyRow
	err := tx.Where("firm_id = ? AND client_id = ? AND function = ?", string(s.firm), string(client), function).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Duty{Firm: s.firm, Client: client, Function: function}, fail("read a duty", err)
	}
	return rows[0].model(), nil
}

// setDuty is ChangeDuty in a transaction.
func (s *Store) setDuty(tx *gorm.DB, rec *record, d models.Duty) (models.Duty, error) {
	if _, ok := s.root.Catalog.Function(d.Function); !ok {
		return d, models.Refuse(models.Invalid, "function", "there is no client function %.80q", d.Function)
	}
	if _, err := s.readClient(tx, d.Client); err != nil {
		return d, err
	}
	if d.Person == "" {
		d.Backup = ""
	}
	if d.Person != "" && d.Person == d.Backup {
		return d, models.Refuse(models.Invalid, "backup", "backup %q is the person too: nobody stands in for themselves", d.Backup)
	}
	if err := firstError(s.atClient(tx, d.Client, "person", d.Person), s.atClient(tx, d.Client, "backup", d.Backup)); err != nil {
		return d, err
	}
	old, err := s.dutyIn(tx, d.Client, d.Function)
	if err != nil {
		return d, err
	}
	subject := string(d.Client) + "/" + d.Function
	rec.changed("duty.set", subject, "person", string(old.Person), string(d.Person))
	rec.changed("duty.set", subject, "backup", string(old.Backup), string(d.Backup))
	row := dutyRow{string(s.firm), string(d.Client), d.Function, string(d.Person), string(d.Backup)}
	if d.Person == "" {
		return d, tx.Delete(&row).Error
	}
	return d, upsert(tx, []dutyRow{row})
}

// atClient refuses somebody who is not active at a client; nobody is fine.
func (s *Store) atClient(tx *gorm.DB, client models.ClientID, field string, id models.PersonID) error {
	if id == "" {
		return nil
	}
	p, err := s.readPerson(tx, id)
	if models.CodeOf(err) == models.NotFound || err == nil && (!p.Active || p.Client != client) {
		return models.Refuse(models.Invalid, field, "%s %.80q is nobody active at this client", field, string(id))
	}
	return err
}

// Duties returns who holds which function at a client, in the order of the functions' ids.
func (s *Store) Duties(ctx context.Context, client models.ClientID) ([]models.Duty, error) {
	var out []models.Duty
	err := s.root.read(ctx, "read the duties", func(tx *gorm.DB) error {
		if _, err := s.readClient(tx, client); err != nil {
			return err
		}
		var rows []dutyRow
		if err := tx.Where("firm_id = ? AND client_id = ?", string(s.firm), string(client)).Order("function").Find(&rows).Error; err != nil {
			return err
		}
		for i := range rows {
			out = append(out, rows[i].model())
		}
		return nil
	})
	return out, err
}
