package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/reminders"
)

// Who is who: which account of a Slack workspace is which person's, and whom to look for.

type bindingRow struct {
	FirmID      string `gorm:"primaryKey"`
	PersonID    string `gorm:"primaryKey"`
	WorkspaceID string `gorm:"primaryKey"`
	UserID      string
	Channel     string
	State       string
	EmailKey    string
	StateAt     int64
}

func (bindingRow) TableName() string { return "bindings" }

func (b *bindingRow) model() reminders.Binding {
	return reminders.Binding{Person: models.PersonID(b.PersonID), Workspace: b.WorkspaceID, User: b.UserID, SlackChannel: b.Channel,
		State: reminders.BindingState(b.State),
		Email: b.EmailKey, StateAt: instant(b.StateAt)}
}

// Bindings returns who a person is in the firm's workspaces, as far as anybody has looked.
func (s *Store) Bindings(ctx context.Context, person models.PersonID) ([]reminders.Binding, error) {
	all, err := s.BindingsOf(ctx, []models.PersonID{person})
	return all[person], err
}

// BindingsOf returns who some people are, in all workspaces, in whatever state.
func (s *Store) BindingsOf(ctx context.Context, people []models.PersonID) (map[models.PersonID][]reminders.Binding, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []bindingRow
	if err := db.Where("firm_id = ? AND person_id IN ?", string(s.firm),
		people).Order("person_id, workspace_id").Find(&rows).Error; err != nil {
		return nil, fail("list the bindings", err)
	}
	out := map[models.PersonID][]reminders.Binding{}
	for i := range rows {
		b := rows[i].model()
		out[b.Person] = append(out[b.Person], b)
	}
	return out, nil
}

// account says in the record which account of a workspace is somebody's, and whether they have said so; empty when none is.
func (b *bindingRow) account() string {
	if b.UserID == "" {
		return ""
	}
	return b.UserID + " " + b.State
}

// Bind notes which Slack account of a workspace is a person's, as a look-up found out. It refuses (conflict) an account that somebody else
// of the firm is bound to. It does nothing about a person who has confirmed or refused an account at this address already, unless it is
// sure.
func (s *Store) Bind(ctx context.Context, b reminders.Binding, sure bool, now time.Time) error {
	_, err := s.bind(ctx, Once{}, b, sure, now)
	return err
}

// BindByHand notes which Slack account of a workspace is a person's, as somebody says, and returns which one was theirs before; the zero
// binding when nobody had looked. It refuses (conflict) an account that somebody else of the firm is bound to, and a key that came with
// another request.
func (s *Store) BindByHand(ctx context.Context, once Once, b reminders.Binding, now time.Time) (reminders.Binding, error) {
	return s.bind(ctx, once, b, true, now)
}

func (s *Store) bind(ctx context.Context, once Once, b reminders.Binding, sure bool, now time.Time) (reminders.Binding, error) {
	row := bindingRow{string(s.firm), string(b.Person), b.Workspace, b.User, b.SlackChannel, string(b.State), keyOf(b.Email), micros(now)}
	return recorded(ctx, s, "note who somebody is", once, now, func(tx *gorm.DB, rec *record) (reminders.Binding, error) {
		if _, err := s.readPerson(tx, b.Person); err != nil {
			return reminders.Binding{}, err
		}
		if err := s.hasWorkspace(tx, b.Workspace); err != nil {
			return reminders.Binding{}, err
		}
		var was bindingRow
		err := tx.Where("firm_id = ? AND person_id = ? AND workspace_id = ?", row.FirmID, row.PersonID, row.WorkspaceID).Take(&was).Error
		if err != nil && !missing(err) {
			return reminders.Binding{}, err
		}
		answered := was.State == string(reminders.BindingConfirmed) || was.State == string(reminders.BindingRefused)
		if !sure && answered && was.EmailKey == row.EmailKey {
			return was.model(), nil
		}
		rec.changed("person.bound", row.PersonID, row.WorkspaceID, was.account(), row.account())
		q := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "firm_id"}, {Name: "person_id"}, {Name: "workspace_id"}},
			UpdateAll: true})
		if err := q.Create(&row).Error; err != nil {
			return was.model(), taken(err, "user", "this Slack account belongs to somebody else here")
		}
		if err := s.trust(tx, b.Workspace, b.Person); err != nil {
			return was.model(), err
		}
		return was.model(), s.lookAgain(tx, b.Person)
	})
}

// SetBinding changes what is known of a binding: its channel once direct messages are open, its account when Slack has given it another id,
// its state when the person says whether it is them and when the account goes away. Slack is asked again about an account that becomes
// dead. It refuses (conflict) an account that somebody else of the firm is bound to.
func (s *Store) SetBinding(ctx context.Context, person models.PersonID, workspace string, now time.Time,
	edit func(*reminders.Binding)) error {
	_, err := recorded(ctx, s, "change a binding", Once{}, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		var row bindingRow
		err := tx.Where("firm_id = ? AND person_id = ? AND workspace_id = ?", string(s.firm), string(person), workspace).Take(&row).Error
		switch {
		case missing(err):
			return struct{}{}, models.Refuse(models.NotFound, "binding", "nobody has looked for this person there")
		case err != nil:
			return struct{}{}, err
		}
		was, b := row, row.model()
		edit(&b)
		if row.State != string(b.State) {
			row.StateAt = micros(now)
		}
		row.Channel, row.State, row.UserID = b.SlackChannel, string(b.State), b.User
		rec.changed("person.bound", row.PersonID, row.WorkspaceID, was.account(), row.account())
		err = tx.Model(&row).Select("user_id", "channel", "state", "state_at").Updates(&row).Error
		if err != nil {
			return struct{}{}, taken(err, "user", "this Slack account belongs to somebody else here")
		}
		return struct{}{}, s.doubted(tx, person, was, row)
	})
	return err
}

// doubted has Slack asked again about an account that has become dead, and not any more about one that is not.
func (s *Store) doubted(tx *gorm.DB, person models.PersonID, was, is bindingRow) error {
	const dead = string(reminders.BindingDead)
	switch {
	case was.State == is.State:
		return nil
	case is.State == dead:
		d := Doubt{Workspace: is.WorkspaceID, Person: person, Reason: "it cannot be written to"}
		return fail("note a doubt", s.suspect(tx, d, reminders.BindingState(was.State), firstDoubt))
	}
	return fail("end a doubt", s.trust(tx, is.WorkspaceID, person))
}

// Unbind removes a person's Slack account in a workspace: they are looked up again by their address.
func (s *Store) Unbind(ctx context.Context, once Once, person models.PersonID, workspace string, now time.Time) error {
	_, err := recorded(ctx, s, "forget who somebody is", once, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		done := tx.Where("firm_id = ? AND person_id = ? AND workspace_id = ?", string(s.firm), string(person), workspace).Delete(&bindingRow{})
		switch {
		case done.Error != nil:
			return struct{}{}, done.Error
		case done.RowsAffected == 0:
			return struct{}{}, models.Refuse(models.NotFound, "workspace", "nobody has looked for this person there")
		}
		if err := s.trust(tx, workspace, person); err != nil {
			return struct{}{}, err
		}
		rec.add("person.unbound", string(person), "workspace", workspace, "")
		return struct{}{}, s.lookForPeople(tx)
	})
	return err
}

// Vouched reports whether an account that is found in a workspace by somebody's address may be taken for theirs without asking them: in the
// workspace of their own company, and in another where the firm gave the address. One that a person of a client gave is their word alone.
func (s *Store) Vouched(ctx context.Context, w reminders.Workspace, p models.Person) (bool, error) {
	if p.Client == w.Client {
		return true, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var client string
	err = db.Raw(`SELECT g.client_id FROM firm_events e JOIN people g ON g.firm_id = e.firm_id AND g.id = e.actor
		WHERE e.firm_id = ? AND e.subject = ? AND (e.kind = 'person.created' OR e.kind = 'person.updated' AND e.field = 'email')
		ORDER BY e.seq DESC LIMIT 1`, string(s.firm), string(p.ID)).Row().Scan(&client)
	if missing(err) { // whoever installed the firm
		return true, nil
	}
	return client == "", fail("look who gave an address", err)
}

// PersonIn returns who a Slack account is, when somebody has confirmed it or been asked. It refuses (not found) an account that is
// nobody's.
func (s *Store) PersonIn(ctx context.Context, workspace, user string) (models.Person, reminders.Binding, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return models.Person{}, reminders.Binding{}, err
	}
	var row bindingRow
	err = db.Where("firm_id = ? AND workspace_id = ? AND user_id = ? AND (state = 'confirmed' OR state = 'asked')", string(s.firm),
		workspace, user).Take(&row).Error
	switch {
	case missing(err):
		return models.Person{}, reminders.Binding{}, models.Refuse(models.NotFound, "user", "this Slack account is nobody's here")
	case err != nil:
		return models.Person{}, reminders.Binding{}, fail("look an account up", err)
	}
	p, err := s.readPerson(db, models.PersonID(row.PersonID))
	if err == nil && !p.Active {
		err = models.Refuse(models.NotFound, "user", "this Slack account is nobody's here")
	}
	return p, row.model(), err
}

// Unbound returns up to limit active people with an address who may be somebody in a workspace and whom nobody has looked for there: never,
// not at that address, or not since before when nobody was found. Whose look-up is in doubt is asked for by that. A client's workspace may
// have its own people, the firm's all whose company has none of its own.
func (s *Store) Unbound(ctx context.Context, workspace string, before time.Time, limit int) ([]models.Person, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	w, err := s.readWorkspace(db, workspace)
	if models.CodeOf(err) == models.NotFound {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	q := db.Table("people AS p").Select("p.*").Joins("LEFT JOIN bindings b ON b.firm_id = p.firm_id AND b.person_id = p.id AND "+
		"b.workspace_id = ?", workspace).
		Where("p.firm_id = ? AND p.active AND p.email <> ''", string(s.firm)).
		Where("NOT EXISTS (SELECT 1 FROM doubts d WHERE d.firm_id = p.firm_id AND d.workspace_id = ? AND d.person_id = p.id)", workspace).
		Where("(b.person_id IS NULL OR b.email_key <> p.email_key OR b.state = 'missing' AND b.state_at < ?)",
			micros(before)).Order("p.id").Limit(limit)
	if w.Client != "" {
		q = q.Where("p.client_id = ?", string(w.Client))
	} else {
		q = q.Where("NOT EXISTS (SELECT 1 FROM workspaces w WHERE w.firm_id = p.firm_id AND w.client_id = p.client_id AND w.client_id <> '' " +
			"AND w.state = 'active')")
	}
	var rows []personRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fail("look for people who are not bound", err)
	}
	out, r := make([]models.Person, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, r.err
}

// BindingDue reports whether it is time to look for people who are not bound in a workspace.
func (s *Store) BindingDue(ctx context.Context, workspace string) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var n int
	err = db.Raw("SELECT COUNT(*) FROM workspaces WHERE firm_id = ? AND id = ? AND state = 'active' AND NOT "+
		s.root.waiting("look_at", lookAtMost), string(s.firm), workspace).Row().Scan(&n)
	return n > 0, fail("look whether people are to be looked for", err)
}

// BeginBinding begins a look for people in a workspace, and reports whether it was time for one. Without a BindAgain, as when the program
// ends, it is time again after a minute.
func (s *Store) BeginBinding(ctx context.Context, workspace string) (begun bool, err error) {
	err = s.root.write(ctx, "begin to look for people", func(tx *gorm.DB) error {
		clock := s.root.clock()
		done := tx.Exec("UPDATE workspaces SET look_at = "+clock+" + ? WHERE firm_id = ? AND id = ? AND state = 'active' AND NOT "+
			s.root.waiting("look_at", lookAtMost),
			time.Minute.Microseconds(), string(s.firm), workspace)
		begun = done.RowsAffected > 0
		return done.Error
	})
	return begun, err
}

// BindAgain has people looked for in a workspace again after a while, or at the next sweep when somebody was added since the look began:
// look_at is 0 then.
func (s *Store) BindAgain(ctx context.Context, workspace string, wait time.Duration) error {
	return s.root.write(ctx, "have people looked for", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE workspaces SET look_at = "+s.root.clock()+" + ? WHERE firm_id = ? AND id = ? AND look_at <> 0",
			wait.Microseconds(),
			string(s.firm), workspace).Error
	})
}

// BindSoon has people looked for in a workspace at the next sweep.
func (s *Store) BindSoon(ctx context.Context, workspace string) error {
	return s.root.write(ctx, "have people looked for", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE workspaces SET look_at = 0 WHERE firm_id = ? AND id = ?", string(s.firm), workspace).Error
	})
}

// LookAgain has somebody looked for in a workspace at the next sweep who has not been found there so far: by an address, or everybody when
// it is empty.
func (s *Store) LookAgain(ctx context.Context, workspace, email string) error {
	return s.root.write(ctx, "have people looked for", func(tx *gorm.DB) error {
		q := tx.Model(&bindingRow{}).Where("firm_id = ? AND workspace_id = ? AND state = 'missing'", string(s.firm), workspace)
		if email != "" {
			q = q.Where("email_key = ?", keyOf(email))
		}
		if err := q.Update("state_at", 0).Error; err != nil {
			return err
		}
		if err := tx.Exec("UPDATE workspaces SET look_at = 0 WHERE firm_id = ? AND id = ?", string(s.firm), workspace).Error; err != nil {
			return err
		}
		return s.askSoon(tx, workspace)
	})
}

// lookForPeople has people looked for in all the firm's workspaces at the next sweep: there are new ones, or new addresses.
func (s *Store) lookForPeople(tx *gorm.DB) error {
	if err := tx.Exec("UPDATE workspaces SET look_at = 0 WHERE firm_id = ?", string(s.firm)).Error; err != nil {
		return fail("have people looked for", err)
	}
	return s.askSoon(tx, "")
}

// BoundTo returns whose an account is or was, in whatever state. It refuses (not found) an account that was never anybody's.
func (s *Store) BoundTo(ctx context.Context, workspace, user string) (models.PersonID, reminders.Binding, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return "", reminders.Binding{}, err
	}
	var row bindingRow
	err = db.Where("firm_id = ? AND workspace_id = ? AND user_id = ? AND user_id <> ''", string(s.firm), workspace,
		user).Order("state").Take(&row).Error
	if missing(err) {
		return "", reminders.Binding{}, models.Refuse(models.NotFound, "user", "this Slack account is nobody's here")
	}
	return models.PersonID(row.PersonID), row.model(), fail("look an account up", err)
}
