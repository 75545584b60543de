package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/holiday"
)

// CreateFirm adds a firm with its first person, who is of the firm and active. It refuses (invalid) a firm or person that
// cannot be, and (conflict) a firm whose id is taken.
func (r *Root) CreateFirm(ctx context.Context, firm models.Firm, admin models.Person, now time.Time) (models.Firm, models.Person, error) {
	firm.Revision = 1
	if err := firm.Check(holiday.Countries()); err != nil {
		return models.Firm{}, models.Person{}, err
	}
	admin.Firm, admin.Active, admin.Revision, admin.CreatedAt = firm.ID, true, 1, instant(micros(now))
	if admin.ID == "" {
		admin.ID = models.PersonID(newID("p"))
	}
	if err := admin.Check(); err != nil {
		return models.Firm{}, models.Person{}, err
	}
	if admin.Role.Side() != models.SideFirm {
		return models.Firm{}, models.Person{},
			models.Refuse(models.Invalid, "role", "the first person of a firm works for the firm: a %s does not", admin.Role)
	}
	s := r.For(firm.ID)
	err := r.write(ctx, "add a firm", func(tx *gorm.DB) error {
		w := &writer{}
		row, person := firmOf(w, firm), personOf(w, admin)
		row.Created = micros(now)
		if w.err != nil {
			return w.err
		}
		if err := tx.Create(&row).Error; err != nil {
			return taken(err, "id", "there is a firm %q already", firm.ID)
		}
		if err := addPerson(tx, person); err != nil {
			return err
		}
		rec := &record{now: now}
		rec.add("firm.created", string(firm.ID), "name", "", firm.Name)
		rec.add("person.created", string(admin.ID), "role", "", string(admin.Role))
		return s.file(tx, rec, 0)
	})
	if err != nil {
		return models.Firm{}, models.Person{}, err
	}
	return firm, admin, nil
}

// Firms returns all firms in the order of their ids, demos last. It is for those who run Tickmark, never for those who use it.
func (r *Root) Firms(ctx context.Context) ([]models.Firm, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []firmRow
	if err := db.Order("demo_of <> '', id").Find(&rows).Error; err != nil {
		return nil, fail("list the firms", err)
	}
	out, rd := make([]models.Firm, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(rd)
	}
	return out, rd.err
}

// Firm returns the firm itself.
func (s *Store) Firm(ctx context.Context) (models.Firm, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Firm{}, err
	}
	return s.readFirm(db)
}

func (s *Store) readFirm(tx *gorm.DB) (models.Firm, error) {
	var row firmRow
	err := tx.Where("id = ?", string(s.firm)).Take(&row).Error
	switch {
	case missing(err):
		return models.Firm{}, models.Refuse(models.NotFound, "firm", "there is no firm %.80q", string(s.firm))
	case err != nil:
		return models.Firm{}, fail("read the firm", err)
	}
	r := &reader{}
	return row.model(r), r.err
}

// UpdateFirm changes the firm as edit does; its id stays. Engagements that count with another calendar are looked at
// soon (see wakeNow); when a daily message may come is looked at again by the next sweep. It refuses what edit refuses, a firm that cannot
// be (invalid), a revision that is not once.IfRevision (stale) and a key that came with another request.
func (s *Store) UpdateFirm(ctx context.Context, once Once, now time.Time, edit func(*models.Firm) error) (models.Firm, error) {
	return recorded(ctx, s, "change the firm", once, now, func(tx *gorm.DB, rec *record) (models.Firm, error) {
		was, firm, err := s.editedFirm(tx, once, edit)
		if err != nil {
			return firm, err
		}
		id := string(firm.ID)
		rec.changed("firm.updated", id, "name", was.Name, firm.Name)
		rec.changed("firm.updated", id, "country", was.Country, firm.Country)
		rec.changed("firm.updated", id, "time_zone", was.TimeZone, firm.TimeZone)
		rec.changed("firm.updated", id, "closed_days", dates(was.Closed), dates(firm.Closed))
		rec.changed("firm.updated", id, "open_days", dates(was.Open), dates(firm.Open))
		if len(rec.events) == 0 {
			return firm, nil
		}
		firm.Revision++
		w := &writer{}
		row := firmOf(w, firm)
		if w.err != nil {
			return firm, w.err
		}
		if otherFirmDays(was, firm) {
			if err := firstError(s.lookAgainAt(tx, ""), s.wakeNow(tx, "", now)); err != nil {
				return firm, err
			}
		}
		return firm, tx.Model(&row).Select("name", "country", "time_zone", "closed", "opened", "revision").Updates(&row).Error
	})
}
