package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

type messagingRow struct {
	FirmID        string `gorm:"primaryKey"`
	Paused        bool
	PausedBy      string
	PausedAt      int64
	PausedReason  string
	ClientsAt     int
	TeamAt        int
	QuietFrom     int
	QuietTo       int
	WeeklyBudget  int
	BundleMinutes int
	WorkspaceID   string
	Channel       string
	Revision      int64
}

func (messagingRow) TableName() string { return "messaging" }

func (m *messagingRow) model() reminders.Messaging {
	return reminders.Messaging{Firm: models.FirmID(m.FirmID), Paused: m.Paused, PausedBy: models.PersonID(m.PausedBy),
		PausedAt:     instant(m.PausedAt),
		PausedReason: m.PausedReason, ClientsAt: models.TimeOfDay(m.ClientsAt), TeamAt: models.TimeOfDay(m.TeamAt),
		Quiet:        catalog.QuietHours{From: models.TimeOfDay(m.QuietFrom), To: models.TimeOfDay(m.QuietTo)},
		WeeklyBudget: m.WeeklyBudget, BundleMinutes: m.BundleMinutes, Workspace: m.WorkspaceID, SlackChannel: m.Channel, Revision: m.Revision}
}

func messagingOf(m reminders.Messaging) messagingRow {
	return messagingRow{FirmID: string(m.Firm), Paused: m.Paused, PausedBy: string(m.PausedBy), PausedAt: micros(m.PausedAt),
		PausedReason: m.PausedReason,
		ClientsAt:    int(m.ClientsAt), TeamAt: int(m.TeamAt), QuietFrom: int(m.Quiet.From), QuietTo: int(m.Quiet.To),
		WeeklyBudget:  m.WeeklyBudget,
		BundleMinutes: m.BundleMinutes, WorkspaceID: m.Workspace, Channel: m.SlackChannel, Revision: m.Revision}
}

// Messaging returns the firm's settings for messages. They default to those of the catalog until somebody changes them.
func (s *Store) Messaging(ctx context.Context) (reminders.Messaging, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return reminders.Messaging{}, err
	}
	return s.messaging(db)
}

func (s *Store) messaging(tx *gorm.DB) (reminders.Messaging, error) {
	row := messagingRow{FirmID: string(s.firm), Revision: 1}
	err := tx.Where("firm_id = ?", string(s.firm)).Take(&row).Error
	if err != nil && !missing(err) {
		return reminders.Messaging{}, fail("read how the firm has its messages", err)
	}
	return row.model().With(s.root.Catalog.Reminders.Defaults), nil
}

// UpdateMessaging changes how the firm has its messages as edit does. It refuses what edit refuses, settings that cannot be (invalid),
// a workspace that is not there (invalid), a revision that is not once.IfRevision (stale) and a key that came with another request.
func (s *Store) UpdateMessaging(ctx context.Context, once Once, now time.Time,
	edit func(*reminders.Messaging) error) (reminders.Messaging, error) {
	var m reminders.Messaging
	return recorded(ctx, s, "change how the firm has its messages", once, now, func(tx *gorm.DB, rec *record) (reminders.Messaging, error) {
		was, err := s.messaging(tx)
		if err != nil {
			return m, err
		}
		if err := once.stale("the messaging of the firm", was.Revision); err != nil {
			return m, err
		}
		m = was
		if err := edit(&m); err != nil {
			return m, err
		}
		m.Firm, m.Revision = s.firm, was.Revision
		s.pauseMessaging(rec, was, &m, once.Actor, now)
		if err := m.Check(); err != nil {
			return m, err
		}
		if err := s.checkPortfolio(tx, was, m); err != nil {
			return m, err
		}
		s.recordMessaging(rec, was, m)
		if len(rec.events) == 0 {
			return m, nil
		}
		m.Revision++
		if was.ClientsAt != m.ClientsAt || was.TeamAt != m.TeamAt || was.Quiet != m.Quiet || was.Paused != m.Paused {
			if err := s.lookAgain(tx, ""); err != nil {
				return m, err
			}
		}
		return m, upsert(tx, []messagingRow{messagingOf(m)})
	})
}

// pauseMessaging notes who stopped all messages and when, or why they go out again.
func (s *Store) pauseMessaging(rec *record, was reminders.Messaging, m *reminders.Messaging, by models.PersonID, now time.Time) {
	switch {
	case !m.Paused:
		if was.Paused && m.PausedReason != was.PausedReason {
			rec.changed("messaging.updated", string(s.firm), "resumed_reason", "", m.PausedReason)
		}
		m.PausedBy, m.PausedAt, m.PausedReason = "", time.Time{}, ""
	case !was.Paused:
		m.PausedBy, m.PausedAt = by, instant(micros(now))
	}
}

// checkPortfolio refuses a workspace for the portfolio that is new there and is not the firm's own.
func (s *Store) checkPortfolio(tx *gorm.DB, was, m reminders.Messaging) error {
	if m.Workspace == "" || m.Workspace == was.Workspace {
		return nil
	}
	if w, err := s.readWorkspace(tx, m.Workspace); err != nil || w.Client != "" {
		return orRefuse(err, models.Invalid, "workspace", "workspace %.60q is not the firm's own Slack workspace", m.Workspace)
	}
	return nil
}

// recordMessaging records what has changed, field by field.
func (s *Store) recordMessaging(rec *record, was, m reminders.Messaging) {
	id := string(s.firm)
	rec.changed("messaging.updated", id, "paused", models.YesNo(was.Paused), models.YesNo(m.Paused))
	rec.changed("messaging.updated", id, "paused_reason", was.PausedReason, m.PausedReason)
	rec.changed("messaging.updated", id, "clients_at", was.ClientsAt.String(), m.ClientsAt.String())
	rec.changed("messaging.updated", id, "team_at", was.TeamAt.String(), m.TeamAt.String())
	rec.changed("messaging.updated", id, "quiet_from", was.Quiet.From.String(), m.Quiet.From.String())
	rec.changed("messaging.updated", id, "quiet_to", was.Quiet.To.String(), m.Quiet.To.String())
	rec.changed("messaging.updated", id, "weekly_budget", number(was.WeeklyBudget), number(m.WeeklyBudget))
	rec.changed("messaging.updated", id, "bundle_minutes", number(was.BundleMinutes), number(m.BundleMinutes))
	rec.changed("messaging.updated", id, "portfolio", was.Workspace+" "+was.SlackChannel, m.Workspace+" "+m.SlackChannel)
}

// orRefuse returns err unless it says that something is missing, or is nil: then it refuses.
func orRefuse(err error, code models.Code, field, format string, args ...any) error {
	if err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return models.Refuse(code, field, format, args...)
}

type preferencesRow struct {
	FirmID   string `gorm:"primaryKey"`
	PersonID string `gorm:"primaryKey"`
	DigestAt int
	Channel  string
	Country  string
	Summary  bool
	MailOff  bool
	Revision int64
}

func (preferencesRow) TableName() string { return "preferences" }

func (p *preferencesRow) model() reminders.Preferences {
	return reminders.Preferences{Person: models.PersonID(p.PersonID), DigestAt: models.TimeOfDay(p.DigestAt),
		Channel: reminders.Channel(p.Channel),
		Country: p.Country, Summary: p.Summary, MailOff: p.MailOff, Revision: p.Revision}
}

func (s *Store) preferences(tx *gorm.DB, person models.PersonID) (reminders.Preferences, error) {
	row := preferencesRow{PersonID: string(person), Revision: 1}
	err := tx.Where("firm_id = ? AND person_id = ?", string(s.firm), string(person)).Take(&row).Error
	if err != nil && !missing(err) {
		return reminders.Preferences{}, fail("read somebody's preferences", err)
	}
	return row.model(), nil
}

// UpdatePreferences changes what a person wants of their messages as edit does. It refuses what edit refuses, preferences that cannot
// be (invalid), a revision that is not once.IfRevision (stale), a key that came with another request, and a person who is not there.
func (s *Store) UpdatePreferences(ctx context.Context, once Once, person models.PersonID, now time.Time,
	edit func(*reminders.Preferences) error) (reminders.Preferences, error) {
	return recorded(ctx, s, "change somebody's preferences", once, now, func(tx *gorm.DB, rec *record) (reminders.Preferences, error) {
		was, p, err := s.editedPreferences(tx, once, person, edit)
		if err != nil {
			return p, err
		}
		id := string(person)
		rec.changed("preferences.updated", id, "digest_at", was.DigestAt.String(), p.DigestAt.String())
		rec.changed("preferences.updated", id, "channel", string(was.Channel), string(p.Channel))
		rec.changed("preferences.updated", id, "country", was.Country, p.Country)
		rec.changed("preferences.updated", id, "summary", models.YesNo(was.Summary), models.YesNo(p.Summary))
		rec.changed("preferences.updated", id, "mail_off", models.YesNo(was.MailOff), models.YesNo(p.MailOff))
		if len(rec.events) == 0 {
			return p, nil
		}
		p.Revision++
		if err := s.lookAgain(tx, person); err != nil {
			return p, err
		}
		if was.Country != p.Country { // what is theirs is due on other days
			if err := s.wakeWhere(s.worksIn(tx, person), now); err != nil {
				return p, err
			}
		}
		return p, upsert(tx, []preferencesRow{{string(s.firm), id, int(p.DigestAt), string(p.Channel), p.Country, p.Summary, p.MailOff,
			p.Revision}})
	})
}

type absenceRow struct {
	FirmID   string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	PersonID string
	FromDay  string
	ToDay    string
	StandIn  string
}

func (absenceRow) TableName() string { return "absences" }

func (a *absenceRow) model(r *reader) reminders.Absence {
	return reminders.Absence{ID: a.ID, Person: models.PersonID(a.PersonID), Days: r.span(a.FromDay, a.ToDay),
		StandIn: models.PersonID(a.StandIn)}
}

// maxAbsences is how many absences of a person are kept in sight.
const maxAbsences = 100

// Absences returns a person's absences, the last one first: 100 at most.
func (s *Store) Absences(ctx context.Context, person models.PersonID) ([]reminders.Absence, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []absenceRow
	if err := db.Where("firm_id = ? AND person_id = ?", string(s.firm),
		string(person)).Order("from_day DESC, id").Limit(maxAbsences).Find(&rows).Error; err != nil {
		return nil, fail("list absences", err)
	}
	out, r := make([]reminders.Absence, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, r.err
}

// AddAbsence notes that somebody is away. It refuses an absence that cannot be, that overlaps with another, or whose stand-in is not
// active, works for somebody else, or does not work for the same side (invalid), a person who is not there, and a key that came with
// another request.
func (s *Store) AddAbsence(ctx context.Context, once Once, a reminders.Absence, now time.Time) (reminders.Absence, error) {
	a.ID = newID("a")
	return recorded(ctx, s, "note an absence", once, now, func(tx *gorm.DB, rec *record) (reminders.Absence, error) {
		p, err := s.readPerson(tx, a.Person)
		if err != nil {
			return a, err
		}
		if err := a.Check(); err != nil {
			return a, err
		}
		if err := s.checkStandIn(tx, p, a.StandIn); err != nil {
			return a, err
		}
		w := &writer{}
		row := absenceRow{string(s.firm), a.ID, string(a.Person), w.date(a.Days.Start), w.date(a.Days.End), string(a.StandIn)}
		if w.err != nil {
			return a, w.err
		}
		var n int64
		err = tx.Model(&absenceRow{}).Where("firm_id = ? AND person_id = ? AND from_day <= ? AND to_day >= ?", row.FirmID, row.PersonID,
			row.ToDay, row.FromDay).Count(&n).Error
		if err == nil && n > 0 {
			return a, models.Refuse(models.Conflict, "from", "there is an absence within these days already: remove it first")
		} else if err != nil {
			return a, fail("look for absences", err)
		}
		instead := ""
		if a.StandIn != "" {
			instead = ", " + string(a.StandIn) + " stands in"
		}
		rec.add("absence.added", string(a.Person), "days", "", a.Days.Start.String()+".."+a.Days.End.String()+instead)
		if err := s.lookAgain(tx, a.Person); err != nil {
			return a, err
		}
		return a, tx.Create(&row).Error
	})
}

// checkStandIn refuses a stand-in who is not active or does not work for the same company as a person; nobody is fine.
func (s *Store) checkStandIn(tx *gorm.DB, p models.Person, id models.PersonID) error {
	if id == "" {
		return nil
	}
	in, err := s.readPerson(tx, id)
	if err != nil || !in.Active || in.Client != p.Client || in.Role.Side() != p.Role.Side() {
		return orRefuse(err, models.Invalid, "stand_in", "stand_in %.60q is nobody active who works for the same company", string(id))
	}
	return nil
}

// RemoveAbsence removes an absence of a person: they are back, or never left.
func (s *Store) RemoveAbsence(ctx context.Context, once Once, person models.PersonID, id string, now time.Time) error {
	_, err := recorded(ctx, s, "remove an absence", once, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		var row absenceRow
		err := tx.Where("firm_id = ? AND id = ? AND person_id = ?", string(s.firm), id, string(person)).Take(&row).Error
		switch {
		case missing(err):
			return struct{}{}, models.Refuse(models.NotFound, "absence", "there is no absence %.60q", id)
		case err != nil:
			return struct{}{}, fail("read an absence", err)
		}
		rec.add("absence.removed", string(person), "days", row.FromDay+".."+row.ToDay, "")
		if err := s.lookAgain(tx, person); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.Delete(&row).Error
	})
	return err
}

// present chooses the absences of people who have not left: nobody stands in for who has.
const present = "EXISTS (SELECT 1 FROM people o WHERE o.firm_id = absences.firm_id AND o.id = absences.person_id AND o.active)"

// whoIsAway begins a question for those who are away on a day and have not left, each with whom they named if that person is active.
const whoIsAway = "SELECT person_id, CASE WHEN EXISTS (SELECT 1 FROM people i WHERE i.firm_id = absences.firm_id AND " +
	"i.id = absences.stand_in AND i.active) THEN stand_in ELSE '' END AS stand_in FROM absences WHERE firm_id = ? AND to_day >= ? AND " +
	"from_day <= ? AND " + present

// away returns who is away on a day of those who named somebody as their stand-in (column stand_in), or of some people (person_id).
func (s *Store) away(db *gorm.DB, day models.Date, column string, ids []models.PersonID) (out []engagement.Away, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []absenceRow
	on := day.String()
	err = db.Raw(whoIsAway+" AND "+column+" IN ? ORDER BY person_id", string(s.firm), on, on, ids).Scan(&rows).Error
	for _, r := range rows {
		out = append(out, engagement.Away{Person: models.PersonID(r.PersonID), StandIn: models.PersonID(r.StandIn)})
	}
	return out, fail("look who is away", err)
}

// ActsFor returns in whose place a person acts on a day, as engagement.ActsFor has it of those who are away and have not left: for whom in
// everything, and for whom in the functions of which they are the backup.
func (s *Store) ActsFor(ctx context.Context, person models.PersonID, day models.Date) (all, backs []models.PersonID, err error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, nil, err
	}
	var rows []dutyRow // by the key of duties: they are of the person's own company
	err = db.Where("firm_id = ? AND client_id = (SELECT client_id FROM people WHERE firm_id = ? AND id = ?) AND backup_id = ?", string(s.firm),
		string(s.firm), string(person), string(person)).Order("function").Find(&rows).Error
	if err != nil {
		return nil, nil, fail("look for whom somebody is the backup", err)
	}
	duties := make([]models.Duty, len(rows))
	var holders, named []models.PersonID
	for i := range rows {
		duties[i] = rows[i].model()
		holders = append(holders, duties[i].Person)
	}
	held, err := s.away(db, day, "person_id", holders)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range held {
		if a.StandIn != "" && a.StandIn != person {
			named = append(named, a.StandIn)
		}
	}
	as, err := s.away(db, day, "person_id", named) // who was named, and is away as well
	if err != nil {
		return nil, nil, err
	}
	mine, err := s.away(db, day, "stand_in", []models.PersonID{person})
	if err != nil {
		return nil, nil, err
	}
	all, backs = engagement.ActsFor(person, slices.Concat(mine, held, as), duties)
	return all, backs, nil
}

// Actor returns a person as an actor, now: with those whom they stand in for where they are today.
func (s *Store) Actor(ctx context.Context, p models.Person, now time.Time) (engagement.Actor, error) {
	all, backs, err := s.ActsFor(ctx, p.ID, models.DateIn(now, models.Zone(p.TimeZone)))
	return engagement.Actor{Person: p.ID, Role: p.Role, Client: p.Client, For: all, Backs: backs}, err
}

// lookAgain has the next sweep look at the mailboxes of a person, or of everybody in the firm: what says when they get their messages
// has changed.
func (s *Store) lookAgain(tx *gorm.DB, person models.PersonID) error {
	q := tx.Model(&mailboxRow{}).Where("firm_id = ?", string(s.firm))
	if person != "" {
		q = q.Where("person_id = ?", string(person))
	}
	return fail("have mailboxes looked at again", q.Update("next_at", 0).Error)
}

// lookAgainAt has the next sweep look at the mailboxes of a client's people, or, without a client, of the firm's people and the
// auditors, who have the firm's calendar: the days on which they work have changed.
func (s *Store) lookAgainAt(tx *gorm.DB, client models.ClientID) error {
	q := tx.Model(&mailboxRow{}).Where("firm_id = ? AND client_id = ?", string(s.firm), string(client))
	return fail("have mailboxes looked at again", q.Update("next_at", 0).Error)
}
