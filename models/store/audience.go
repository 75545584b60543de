package store

import (
	"context"
	"maps"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// Audience returns everybody on an engagement as recipients, and what has been sent to them about it. mail says whether this
// installation can send mail.
func (s *Store) Audience(ctx context.Context, f *engagement.Facts, mail bool) (reminders.Audience, error) {
	var aud reminders.Audience
	err := s.root.read(ctx, "read the audience of an engagement", func(tx *gorm.DB) error {
		from, to := yearsOf(f.Engagement)
		people, err := s.recipients(tx, f.People, companyDays{workplace{f.FirmDays, f.Firm.Country, f.Firm.Open},
			workplace{f.ClientDays, f.Client.Country, f.Client.Open}, from, to}, mail)
		if err != nil {
			return err
		}
		sent, err := s.sent(tx, f.Engagement.ID)
		if err != nil {
			return err
		}
		failing, err := s.failing(tx, f.People)
		aud = reminders.Audience{People: people, Sent: sent, Failing: failing}
		return err
	})
	return aud, err
}

// companyDays are the business days of a firm and one of its clients, over some years.
type companyDays struct {
	firm, client workplace
	from, to     int
}

// Recipient returns a person as a recipient, active or not, with the business days around a year.
func (s *Store) Recipient(ctx context.Context, id models.PersonID, year int, mail bool) (*reminders.Recipient, error) {
	all, err := s.Recipients(ctx, []models.PersonID{id}, year, mail)
	if err != nil {
		return nil, err
	}
	if all[id] == nil {
		return nil, models.Refuse(models.NotFound, "person", "there is no person %.80q", string(id))
	}
	return all[id], nil
}

// Recipients returns people as Recipient does, those that there are.
func (s *Store) Recipients(ctx context.Context, ids []models.PersonID, year int, mail bool) (map[models.PersonID]*reminders.Recipient,
	error) {
	out := make(map[models.PersonID]*reminders.Recipient, len(ids))
	err := s.root.read(ctx, "read recipients", func(tx *gorm.DB) error {
		clear(out)
		var rows []personRow
		r := &reader{}
		if err := tx.Where("firm_id = ? AND id IN ?", string(s.firm), ids).Order("client_id, id").Find(&rows).Error; err != nil {
			return fail("read people", err)
		}
		firm, err := s.readFirm(tx)
		if err != nil {
			return err
		}
		for from := 0; from < len(rows); { // company by company
			to := from
			var people []models.Person
			for ; to < len(rows) && rows[to].ClientID == rows[from].ClientID; to++ {
				people = append(people, rows[to].model(r))
			}
			days := companyDays{from: year - 1, to: year + 2}
			days.firm = workplace{country: firm.Country, open: firm.Open}
			if days.firm.days, err = s.root.calendars.of(firm.Country, nil, firm.Closed, firm.Open, days.from, days.to); err != nil {
				return err
			}
			if id := people[0].Client; id != "" {
				c, err := s.readClient(tx, id)
				if err != nil {
					return err
				}
				days.client = workplace{country: c.Country, open: c.Open}
				if days.client.days, err = s.root.calendars.of(c.Country, c.Weekend, c.Closed, c.Open, days.from, days.to); err != nil {
					return err
				}
			}
			all, err := s.recipients(tx, people, days, mail)
			if err != nil {
				return err
			}
			maps.Copy(out, all)
			from = to
		}
		return r.err
	})
	return out, err
}

// recipients makes recipients of people: of the firm and the auditors, and of one client. What is in their way is read for all of
// them at once.
func (s *Store) recipients(tx *gorm.DB, people []models.Person, days companyDays, mail bool) (map[models.PersonID]*reminders.Recipient,
	error) {
	settings, err := s.messaging(tx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = string(p.ID)
	}
	prefs, err := s.allPreferences(tx, ids)
	if err != nil {
		return nil, err
	}
	away, err := s.allAbsences(tx, ids)
	if err != nil {
		return nil, err
	}
	bound, err := s.allBound(tx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[models.PersonID]*reminders.Recipient, len(people))
	for _, p := range people {
		r := &reminders.Recipient{Person: p, Away: away[p.ID], Quiet: settings.Quiet, Prefs: prefs[p.ID]}
		at := days.firm
		if p.Client != "" {
			at = days.client
		}
		if r.Days, err = s.root.calendars.living(at, p, r.Prefs.Country, days.from, days.to); err != nil {
			return nil, err
		}
		r.DigestAt = settings.DigestOf(p, r.Prefs, s.root.Catalog.Reminders.Digest)
		r.Workspace = bound[p.ID]
		r.Channel = r.Way(mail)
		out[p.ID] = r
	}
	return out, nil
}

func (s *Store) allPreferences(tx *gorm.DB, people []string) (map[models.PersonID]reminders.Preferences, error) {
	var rows []preferencesRow
	if err := tx.Where("firm_id = ? AND person_id IN ?", string(s.firm), people).Find(&rows).Error; err != nil {
		return nil, fail("read preferences", err)
	}
	out := make(map[models.PersonID]reminders.Preferences, len(rows))
	for i := range rows {
		out[models.PersonID(rows[i].PersonID)] = rows[i].model()
	}
	return out, nil
}

func (s *Store) allAbsences(tx *gorm.DB, people []string) (map[models.PersonID][]reminders.Absence, error) {
	var rows []absenceRow
	if err := tx.Where("firm_id = ? AND person_id IN ?", string(s.firm), people).Order("from_day").Find(&rows).Error; err != nil {
		return nil, fail("read absences", err)
	}
	out, r := map[models.PersonID][]reminders.Absence{}, &reader{}
	for i := range rows {
		id := models.PersonID(rows[i].PersonID)
		out[id] = append(out[id], rows[i].model(r))
	}
	return out, r.err
}

// allBound returns in which workspace people are reached: where they have confirmed who they are and the app works, their own
// company's before the firm's.
func (s *Store) allBound(tx *gorm.DB, people []string) (map[models.PersonID]string, error) {
	rows, err := tx.Raw(`SELECT b.person_id, b.workspace_id FROM bindings b
		JOIN workspaces w ON w.firm_id = b.firm_id AND w.id = b.workspace_id
		WHERE b.firm_id = ? AND b.person_id IN ? AND b.state = 'confirmed' AND w.state = 'active' ORDER BY w.client_id`, string(s.firm),
		people).Rows()
	if err != nil {
		return nil, fail("read bindings", err)
	}
	defer rows.Close()
	out := map[models.PersonID]string{}
	for rows.Next() {
		var person models.PersonID
		var workspace string
		if err := rows.Scan(&person, &workspace); err != nil {
			return nil, fail("read bindings", err)
		}
		out[person] = workspace // the last one is a client's, if there is one
	}
	return out, fail("read bindings", rows.Err())
}

// failing returns the people whose last digest failed: no later one was sent, or may have been.
func (s *Store) failing(tx *gorm.DB, people []models.Person) (map[models.PersonID]bool, error) {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = string(p.ID)
	}
	var failing []models.PersonID
	err := tx.Raw(`SELECT DISTINCT d.person_id FROM deliveries d
		WHERE d.firm_id = ? AND d.status = 'failed' AND d.kind = 'digest' AND d.person_id IN ?
		AND NOT EXISTS (SELECT 1 FROM deliveries s WHERE s.firm_id = d.firm_id AND s.person_id = d.person_id AND s.scheduled_at >= d.scheduled_at
			AND s.kind = 'digest' AND (s.status = 'sent' OR s.status = 'uncertain'))`, string(s.firm), ids).Scan(&failing).Error
	out := make(map[models.PersonID]bool, len(failing))
	for _, id := range failing {
		out[id] = true
	}
	return out, fail("look for messages that do not arrive", err)
}

// A sentRow is what is read of a row of the table sent_steps.
type sentRow struct {
	PersonID string
	Item     string
	Due      string
	Step     int
	OnDay    string
	WasDue   string
	WasStep  int
	Causes   string
}

// sent returns what has been sent to whom about an engagement.
func (s *Store) sent(tx *gorm.DB, id models.EngagementID) (map[reminders.SentKey]reminders.Sent, error) {
	rows, err := tx.Raw("SELECT person_id, item, due, step, on_day, was_due, was_step, causes FROM sent_steps "+
		"WHERE firm_id = ? AND engagement_id = ?", string(s.firm), string(id)).Rows()
	if err != nil {
		return nil, fail("read what has been sent", err)
	}
	defer rows.Close()
	out, r := map[reminders.SentKey]reminders.Sent{}, &reader{}
	for rows.Next() {
		var t sentRow
		if err := rows.Scan(&t.PersonID, &t.Item, &t.Due, &t.Step, &t.OnDay, &t.WasDue, &t.WasStep, &t.Causes); err != nil {
			return nil, fail("read what has been sent", err)
		}
		said := reminders.Sent{Step: reminders.Step{Due: r.date(t.Due), Offset: t.Step}, On: r.date(t.OnDay),
			Was: reminders.Step{Due: r.date(t.WasDue), Offset: t.WasStep}}
		if t.Causes != "" {
			r.json(t.Causes, &said.Causes)
		}
		out[reminders.SentKey{To: models.PersonID(t.PersonID), Engagement: id, Item: t.Item}] = said
	}
	if err := rows.Err(); err != nil {
		return nil, fail("read what has been sent", err)
	}
	return out, r.err
}

// EngagementsOf returns the live engagements that a person is reminded of on a local day of theirs: those of their company, or those in
// which they take part, or somebody who is away and whom they stand in for; of a partner also those whose manager and partner have left.
func (s *Store) EngagementsOf(ctx context.Context, p models.Person, day models.Date) ([]models.EngagementID, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	q := db.Table("engagements AS e").Select("e.id").Where("e.firm_id = ? AND e.status IN ('running', 'paused')", string(s.firm)).Order("e.id")
	if p.Client != "" {
		q = q.Where("e.client_id = ?", string(p.Client))
	} else {
		q = q.Where("(e.id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND (person_id = ? OR person_id IN "+
			"(SELECT person_id FROM absences WHERE firm_id = ? AND stand_in = ? AND to_day >= ? AND from_day <= ? AND "+present+
			"))) OR ? AND NOT EXISTS "+
			"(SELECT 1 FROM people h WHERE h.firm_id = e.firm_id AND h.active AND (h.id = e.partner OR h.id = e.manager)))",
			string(s.firm), string(p.ID), string(s.firm), string(p.ID), day.String(), day.String(), p.Role == models.RolePartner)
	}
	var out []models.EngagementID
	return out, fail("list somebody's engagements", q.Scan(&out).Error)
}
