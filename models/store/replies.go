package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// What is said to who typed something to the app goes through the ledger as everything else does: once for what came in, whatever happens
// after it was scheduled.

// confirm schedules, with the change that an answer is, that who typed it is told what it was taken for.
func (s *Store) confirm(tx *gorm.DB, once Once, f *engagement.Facts, now time.Time) error {
	if once.Typed == nil {
		return nil
	}
	q := f.Question(once.Question)
	if q == nil {
		return nil
	}
	m := reminders.AnswerTaken(f, q, once.Typed.Also)
	w := &writer{}
	_, err := s.schedule(tx, w, []NewDelivery{s.reply(*once.Typed, m, []models.EngagementID{f.Engagement.ID}, now)})
	return firstError(err, w.err)
}

// Reply schedules that who typed something is told what became of it, once for what came in, and returns the id of the delivery. about are
// the engagements of which the message is made.
func (s *Store) Reply(ctx context.Context, typed engagement.Typed, m reminders.Message, about []models.EngagementID,
	now time.Time) (string, error) {
	d := s.reply(typed, m, about, now)
	_, err := s.Schedule(ctx, []NewDelivery{d}, nil)
	return d.Delivery.ID, err
}

// reply is what is scheduled to tell who typed something what became of it.
func (s *Store) reply(typed engagement.Typed, m reminders.Message, about []models.EngagementID, now time.Time) NewDelivery {
	d := reminders.ReplyTo(s.firm, typed, m, now)
	return NewDelivery{Delivery: d, Would: &Frozen{Message: *d.Message, About: about}}
}

// DueNow returns a delivery that is to be sent now; nothing when it waits, something holds its lane up, or it is settled.
func (s *Store) DueNow(ctx context.Context, id string) ([]reminders.Delivery, error) {
	return s.root.open(ctx, "look for a due delivery",
		`SELECT * FROM deliveries WHERE firm_id = ? AND id = ? AND status = 'scheduled' AND NOT `+s.root.waiting("next_try", waitAtMost)+`
			AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.firm_id = deliveries.firm_id AND l.lane = deliveries.lane AND `+
			s.root.waiting("l.not_before", waitAtMost)+`)`, string(s.firm), id)
}

// Rewrite has another message stand where one was sent: what somebody did there has made another one of it. It is changed in Slack as soon
// as it can be.
func (s *Store) Rewrite(ctx context.Context, id string, m reminders.Message) error {
	return s.root.write(ctx, "rewrite a message", func(tx *gorm.DB) error {
		row, err := s.lockDelivery(tx, id)
		if err != nil {
			return err
		}
		w := &writer{}
		row.Message = w.json(m)
		if err := firstError(s.keepItems(tx, w, id, Frozen{Message: m, Made: true}), w.err); err != nil {
			return err
		}
		return tx.Exec("UPDATE deliveries SET message = ?, edit_due = "+s.root.clock()+", next_try = 0 WHERE firm_id = ? AND id = ? AND "+
			"status = 'sent'", row.Message, row.FirmID, id).Error
	})
}
