package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/reminders"
)

// What Slack said and is asked again before, and after, it is acted on: one odd answer cuts nobody off, and what was given up comes back by
// itself.

type doubtRow struct {
	FirmID      string `gorm:"primaryKey"`
	WorkspaceID string `gorm:"primaryKey"`
	PersonID    string `gorm:"primaryKey"`
	Reason      string
	Was         string
	Tries       int
	NextAt      int64
}

func (doubtRow) TableName() string { return "doubts" }

// firstDoubt is after how long what Slack said for the first time is asked again, where nobody says.
const firstDoubt = time.Minute

// A Doubt is something that Slack said, and that it is asked again.
type Doubt struct {
	Workspace string
	Person    models.PersonID // whose account, or look-up, it is about; empty: the workspace's app
	Reason    string          // what Slack said
	Tries     int             // how often it has said so
}

// Suspect notes a first doubt: Slack is asked again after a pause. It changes nothing where there is one already.
func (s *Store) Suspect(ctx context.Context, d Doubt, pause time.Duration) error {
	return s.root.write(ctx, "note what Slack said", func(tx *gorm.DB) error {
		if err := s.hasWorkspace(tx, d.Workspace); err != nil {
			return err
		}
		return s.suspect(tx, d, "", pause)
	})
}

// suspect notes a first doubt; was is what a binding that is dead now was before.
func (s *Store) suspect(tx *gorm.DB, d Doubt, was reminders.BindingState, pause time.Duration) error {
	return tx.Exec(`INSERT INTO doubts (firm_id, workspace_id, person_id, reason, was, tries, next_at) VALUES (?, ?, ?, ?, ?, 1, `+
		s.root.clock()+` + ?) ON CONFLICT (firm_id, workspace_id, person_id) DO UPDATE
		SET was = CASE WHEN doubts.was = '' THEN excluded.was ELSE doubts.was END`,
		string(s.firm), d.Workspace, string(d.Person), models.Cut(d.Reason, 300), string(was), microsOf(pause)).Error
}

// Doubt notes that Slack was asked again, and returns how often it has said what is doubted. said is false where its answer said nothing:
// then it does not count. The next time is after pause, doubled for each time that Slack has said so, up to 60 times as long and an hour.
func (s *Store) Doubt(ctx context.Context, d Doubt, said bool, pause time.Duration) (tries int, wait time.Duration, err error) {
	err = s.root.write(ctx, "note what Slack said", func(tx *gorm.DB) error {
		if err := s.hasWorkspace(tx, d.Workspace); err != nil {
			return err
		}
		row := doubtRow{FirmID: string(s.firm), WorkspaceID: d.Workspace, PersonID: string(d.Person)}
		err := tx.Clauses(lock).Where("firm_id = ? AND workspace_id = ? AND person_id = ?", row.FirmID, row.WorkspaceID, row.PersonID).
			Take(&row).Error
		if err != nil && !missing(err) {
			return err
		}
		if said || row.Tries == 0 {
			row.Tries++
		}
		row.Reason, tries = models.Cut(d.Reason, 300), row.Tries
		wait = min(pause<<min(row.Tries-1, 6), 60*pause, waitAtMost)
		q := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "firm_id"}, {Name: "workspace_id"}, {Name: "person_id"}},
			UpdateAll: true})
		if err := q.Create(&row).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE doubts SET next_at = "+s.root.clock()+" + ? WHERE firm_id = ? AND workspace_id = ? AND person_id = ?",
			wait.Microseconds(), row.FirmID, row.WorkspaceID, row.PersonID).Error
	})
	return tries, wait, err
}

// askSoon has Slack asked at the next sweep about those whose look-up is in doubt: in a workspace, in all when it is empty.
func (s *Store) askSoon(tx *gorm.DB, workspace string) error {
	return fail("have Slack asked again", tx.Exec("UPDATE doubts SET next_at = 0 WHERE firm_id = ? AND (workspace_id = ? OR ? = '') AND "+
		"person_id <> '' AND was = ''", string(s.firm), workspace, workspace).Error)
}

// dueDoubts chooses the doubts in which Slack is to be asked now: of people only where the app works.
func (r *Root) dueDoubts() string {
	return "NOT " + r.waiting("next_at", waitAtMost) + " AND (person_id = '' OR EXISTS (SELECT 1 FROM workspaces w " +
		"WHERE w.firm_id = doubts.firm_id AND w.id = doubts.workspace_id AND w.state = 'active'))"
}

// DueDoubts returns up to limit doubts of a workspace in which Slack is to be asked now, that in its app first.
func (s *Store) DueDoubts(ctx context.Context, workspace string, limit int) ([]Doubt, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []doubtRow
	err = db.Where("firm_id = ? AND workspace_id = ?", string(s.firm), workspace).Where(s.root.dueDoubts()).
		Order("CASE WHEN person_id = '' THEN 0 ELSE 1 END, next_at, person_id").Limit(limit).Find(&rows).Error
	out := make([]Doubt, len(rows))
	for i, r := range rows {
		out[i] = Doubt{r.WorkspaceID, models.PersonID(r.PersonID), r.Reason, r.Tries}
	}
	return out, fail("look for what Slack is to be asked again", err)
}

// Trust ends a doubt: Slack says otherwise by now, or nobody asks any more.
func (s *Store) Trust(ctx context.Context, workspace string, person models.PersonID) error {
	return s.root.write(ctx, "end a doubt", func(tx *gorm.DB) error { return s.trust(tx, workspace, person) })
}

func (s *Store) trust(tx *gorm.DB, workspace string, person models.PersonID) error {
	return tx.Where("firm_id = ? AND workspace_id = ? AND person_id = ?", string(s.firm), workspace, string(person)).Delete(&doubtRow{}).Error
}

// Regain notes that a dead account can be written to again: it is what it was before, confirmed or asked. It returns that state, and does
// nothing about an account that is not dead. It refuses (conflict) an account that has become somebody else's meanwhile.
func (s *Store) Regain(ctx context.Context, person models.PersonID, workspace string, now time.Time) (reminders.BindingState, error) {
	return recorded(ctx, s, "note that an account is back", Once{}, now, func(tx *gorm.DB, rec *record) (reminders.BindingState, error) {
		var row bindingRow
		err := tx.Where("firm_id = ? AND person_id = ? AND workspace_id = ?", string(s.firm), string(person), workspace).Take(&row).Error
		if missing(err) || err == nil && row.State != string(reminders.BindingDead) {
			return reminders.BindingState(row.State), nil
		} else if err != nil {
			return "", err
		}
		var d doubtRow
		err = tx.Where("firm_id = ? AND person_id = ? AND workspace_id = ?", string(s.firm), string(person), workspace).Take(&d).Error
		if err != nil && !missing(err) {
			return "", err
		}
		was := row
		if row.State, row.StateAt = d.Was, micros(now); row.State == "" {
			row.State = string(reminders.BindingAsked) // nobody knows better
		}
		rec.changed("person.bound", row.PersonID, row.WorkspaceID, was.account(), row.account())
		if err := tx.Model(&row).Select("state", "state_at").Updates(&row).Error; err != nil {
			return "", taken(err, "user", "this Slack account belongs to somebody else here")
		}
		if err := s.trust(tx, workspace, person); err != nil {
			return "", err
		}
		return reminders.BindingState(row.State), s.lookAgain(tx, person)
	})
}
