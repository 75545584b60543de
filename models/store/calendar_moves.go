package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/holiday"
	"tickmark/models/reminders"
)

// What another calendar would move is reckoned before it is changed: the engagements that count by it are brought up to date by the one and
// by the other. The change itself has them looked at soon, which moves the same.

// maxReckoned is for how many engagements it is reckoned what another calendar moves.
const maxReckoned = 50

// A CalendarEffect is what another calendar moves.
type CalendarEffect struct {
	Engagements []engagement.CalendarMoves // those that are shown to who asks and in which something moves, by id
	More        int                        // engagements that count by it too, for which it was not reckoned
}

// otherDays changes the facts of an engagement, and where its people live, to what they would be with another calendar.
type otherDays func(f *engagement.Facts, countries map[models.PersonID]string)

// ClientMoves returns a client as edit would leave it, and what that moves: nothing where its calendar stays. It refuses what UpdateClient
// refuses, and changes nothing. Where the key is known it reckons nothing: what was reckoned then is kept with the answer (Once.Moves).
func (s *Store) ClientMoves(ctx context.Context, a engagement.Actor, once Once, id models.ClientID, now time.Time,
	edit func(*models.Client) error) (c models.Client, e CalendarEffect, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return c, e, err
	}
	if known, err := s.answered(db, once); known || err != nil {
		return c, e, err
	}
	was, c, err := s.editedClient(db, once, id, edit)
	if err != nil || !otherClientDays(was, c) {
		return c, e, err
	}
	e, err = s.calendarMoves(ctx, a, db.Where("client_id = ?", string(id)), now,
		func(f *engagement.Facts, _ map[models.PersonID]string) { f.Client = c })
	return c, e, err
}

// FirmMoves returns the firm as edit would leave it, and what that moves, as ClientMoves does.
func (s *Store) FirmMoves(ctx context.Context, a engagement.Actor, once Once, now time.Time,
	edit func(*models.Firm) error) (firm models.Firm, e CalendarEffect, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return firm, e, err
	}
	if known, err := s.answered(db, once); known || err != nil {
		return firm, e, err
	}
	was, firm, err := s.editedFirm(db, once, edit)
	if err != nil || !otherFirmDays(was, firm) {
		return firm, e, err
	}
	e, err = s.calendarMoves(ctx, a, db, now, func(f *engagement.Facts, _ map[models.PersonID]string) { f.Firm = firm })
	return firm, e, err
}

// PersonMoves returns what somebody wants of their messages as edit would leave it, and what that moves, as ClientMoves does: they may live
// in another country.
func (s *Store) PersonMoves(ctx context.Context, a engagement.Actor, once Once, id models.PersonID, now time.Time,
	edit func(*reminders.Preferences) error) (p reminders.Preferences, e CalendarEffect, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return p, e, err
	}
	if known, err := s.answered(db, once); known || err != nil {
		return p, e, err
	}
	was, p, err := s.editedPreferences(db, once, id, edit)
	if err != nil || was.Country == p.Country {
		return p, e, err
	}
	e, err = s.calendarMoves(ctx, a, s.worksIn(db, id), now, func(_ *engagement.Facts, countries map[models.PersonID]string) {
		countries[id] = p.Country
	})
	return p, e, err
}

// OwnTimeMoves returns a person as edit would leave them, and what that moves, as ClientMoves does: they may have another time zone,
// or other days of their own.
func (s *Store) OwnTimeMoves(ctx context.Context, a engagement.Actor, once Once, id models.PersonID, now time.Time,
	edit func(*models.Person) error) (p models.Person, e CalendarEffect, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return p, e, err
	}
	if known, err := s.answered(db, once); known || err != nil {
		return p, e, err
	}
	was, p, err := s.editedPerson(db, once, id, edit)
	if err != nil || !otherPersonDays(was, p) && was.TimeZone == p.TimeZone {
		return p, e, err
	}
	e, err = s.calendarMoves(ctx, a, s.worksIn(db, id), now, func(f *engagement.Facts, _ map[models.PersonID]string) {
		f.People = slices.Clone(f.People)
		for i := range f.People {
			if f.People[i].ID == id {
				f.People[i].Closed, f.People[i].Open, f.People[i].TimeZone = p.Closed, p.Open, p.TimeZone
			}
		}
	})
	return p, e, err
}

// answered reports whether an answer is kept under the key of a write.
func (s *Store) answered(db *gorm.DB, once Once) (bool, error) {
	if once.Key == "" {
		return false, nil
	}
	var n int64
	err := db.Table("requests").Where("firm_id = ? AND actor = ? AND key = ?", string(s.firm), string(once.Actor), once.Key).Count(&n).Error
	return n > 0, fail("look up the idempotency key", err)
}

// worksIn chooses the engagements in which somebody has something to do that is not closed.
func (s *Store) worksIn(db *gorm.DB, id models.PersonID) *gorm.DB {
	return db.Where("id IN (SELECT engagement_id FROM tasks WHERE firm_id = ? AND owner = ? AND "+openStates+")", string(s.firm), string(id))
}

// calendarMoves reckons what moves in those of some engagements that have not ended.
func (s *Store) calendarMoves(ctx context.Context, a engagement.Actor, which *gorm.DB, now time.Time, change otherDays) (CalendarEffect,
	error) {
	var e CalendarEffect
	var ids []models.EngagementID
	err := which.Table("engagements").Where("firm_id = ? AND status IN ('draft', 'running', 'paused')", string(s.firm)).Order("id").
		Pluck("id", &ids).Error
	if err != nil {
		return e, fail("look which engagements count by a calendar", err)
	}
	view, n := s.sightOf(a, now), 0
	for _, id := range ids {
		one, err := view.of(ctx, id)
		if err != nil {
			return e, err
		}
		if !one.shown {
			continue
		}
		if n++; n > maxReckoned {
			e.More++
			continue
		}
		m, err := s.movesIn(ctx, id, now, change)
		if err != nil {
			return e, err
		}
		sees := func(id models.TaskID) bool {
			return one.all || one.facts.Task(id) != nil && one.facts.SeesTask(a, one.facts.Task(id), now)
		}
		m.Dates = models.Keep(m.Dates, func(d engagement.DateMove) bool { return sees(d.Task) })
		m.TurnLate = models.Keep(m.TurnLate, func(t engagement.LateTask) bool { return sees(t.Task) })
		if !m.Nothing() {
			e.Engagements = append(e.Engagements, m)
		}
	}
	return e, nil
}

// movesIn reckons what moves in an engagement.
func (s *Store) movesIn(ctx context.Context, id models.EngagementID, now time.Time, change otherDays) (
	m engagement.CalendarMoves, err error,
) {
	err = s.root.read(ctx, "reckon what another calendar moves", func(tx *gorm.DB) error {
		p := &pipeline{}
		h := s.head(p, id, "")
		if err := p.send(tx); err != nil {
			return err
		}
		f, _, err := s.facts(tx, h, engagement.Need{})
		if err != nil {
			return err
		}
		crew, err := s.crew(tx, h)
		if err != nil {
			return err
		}
		other, countries := *f, maps.Clone(crew.countries)
		if countries == nil {
			countries = map[models.PersonID]string{}
		}
		other.PersonDays = nil
		change(&other, countries)
		if err := s.addCalendars(&other, countries); err != nil {
			return err
		}
		m = f.MovesBy(&other, now)
		return nil
	})
	return m, err
}

// editedClient returns a client as it is and as edit leaves it. It refuses what changeClient refuses.
func (s *Store) editedClient(tx *gorm.DB, once Once, id models.ClientID, edit func(*models.Client) error) (
	was, c models.Client, err error,
) {
	if was, err = s.readClient(tx, id); err != nil {
		return was, c, err
	}
	if err := once.stale("the client", was.Revision); err != nil {
		return was, c, err
	}
	c = was
	if err := edit(&c); err != nil {
		return was, c, err
	}
	c.Firm, c.ID, c.Revision, c.CreatedAt = was.Firm, was.ID, was.Revision, was.CreatedAt
	return was, c, c.Check(holiday.Countries())
}

// otherClientDays reports whether a client works on other days than it did.
func otherClientDays(was, is models.Client) bool {
	return was.Country != is.Country || weekdays(was.Weekend) != weekdays(is.Weekend) || dates(was.Closed) != dates(is.Closed) ||
		dates(was.Open) != dates(is.Open)
}

// editedFirm returns the firm as it is and as edit leaves it.
func (s *Store) editedFirm(tx *gorm.DB, once Once, edit func(*models.Firm) error) (was, firm models.Firm, err error) {
	if was, err = s.readFirm(tx); err != nil {
		return was, firm, err
	}
	if err := once.stale("the firm", was.Revision); err != nil {
		return was, firm, err
	}
	firm = was
	if err := edit(&firm); err != nil {
		return was, firm, err
	}
	firm.ID, firm.Revision = was.ID, was.Revision
	return was, firm, firm.Check(holiday.Countries())
}

// otherFirmDays reports whether the firm works on other days than it did.
func otherFirmDays(was, is models.Firm) bool {
	return was.Country != is.Country || dates(was.Closed) != dates(is.Closed) || dates(was.Open) != dates(is.Open)
}

// otherPersonDays reports whether a person has other days of their own than they had.
func otherPersonDays(was, is models.Person) bool {
	return dates(was.Closed) != dates(is.Closed) || dates(was.Open) != dates(is.Open)
}

// editedPreferences returns what somebody wants of their messages as it is and as edit leaves it.
func (s *Store) editedPreferences(tx *gorm.DB, once Once, person models.PersonID,
	edit func(*reminders.Preferences) error) (was, p reminders.Preferences, err error) {
	if _, err = s.readPerson(tx, person); err != nil {
		return was, p, err
	}
	if was, err = s.preferences(tx, person); err != nil {
		return was, p, err
	}
	if err := once.stale("the preferences", was.Revision); err != nil {
		return was, p, err
	}
	settings, err := s.messaging(tx)
	if err != nil {
		return was, p, err
	}
	p = was
	if err := edit(&p); err != nil {
		return was, p, err
	}
	p.Person, p.Revision = person, was.Revision
	return was, p, p.Check(settings.Quiet, holiday.Countries())
}
