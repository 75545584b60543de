package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A record collects what a write on the firm's level did, for the firm's own list of events.
type record struct {
	once   Once
	now    time.Time
	events []engagement.Event
	reason string // why, for the records of engagements that it changes
	news   []News // of engagements that it changed, to be told once it is committed
}

// FirmEventKinds are the kinds of events that the firm's record has. workspace.broken was what is workspace.disconnected now: records of
// before have it.
var FirmEventKinds = []string{"absence.added", "absence.removed", "client.channel", "client.created", "client.updated", "duty.set",
	"engagement.created", "firm.created", "firm.updated", "message.again", "message.test", "messaging.updated", "person.accepted",
	"person.bound", "person.created", "person.invited", "person.unbound", "person.updated", "preferences.updated", "session.began",
	"session.ended", "token.created", "token.revoked", "workspace.active",
	"workspace.added", "workspace.broken", "workspace.disconnected", "workspace.install_begun", "workspace.pending", "workspace.removed",
	"workspace.updated"}

func (r *record) add(kind, subject, field, from, to string) {
	r.events = append(r.events, engagement.Event{At: r.now, Actor: r.once.Actor, Kind: kind, Subject: subject, Field: field, From: from,
		To: to})
}

// changed adds an event when a field is not what it was.
func (r *record) changed(kind, subject, field, from, to string) {
	if from != to {
		r.add(kind, subject, field, from, to)
	}
}

// recorded runs do, which writes on the firm's level, once per key and with the firm's other such writes kept off. What do
// returns is kept with the key, and returned again when the key comes again.
func recorded[T any](ctx context.Context, s *Store, doing string, once Once, now time.Time,
	do func(tx *gorm.DB, rec *record) (T, error)) (T, error) {
	var result T
	var news []News
	err := s.root.keyed(ctx, once, doing, func(tx *gorm.DB) error {
		var firm firmRow
		news = nil
		err := tx.Clauses(lock).Select("id", "event_seq").Where("id = ?", string(s.firm)).Take(&firm).Error
		switch {
		case missing(err):
			return models.Refuse(models.NotFound, "firm", "there is no firm %.80q", string(s.firm))
		case err != nil:
			return fail("lock the firm", err)
		}
		asks := &pipeline{}
		admitted(asks, s, once)
		known := recalled(asks, s, once, "", &result)
		if err := asks.send(tx); *known || err != nil {
			return err
		}
		rec := &record{once: once, now: now}
		if result, err = do(tx, rec); err != nil {
			return err
		}
		if err := s.file(tx, rec, firm.EventSeq); err != nil {
			return err
		}
		p := &pipeline{}
		news = rec.news
		return firstOf(s.remember(p, once, "", result, now), p.send(tx))
	})
	if err != nil {
		var none T
		return none, err
	}
	for _, n := range news {
		if s.root.Tell != nil {
			s.root.Tell(n)
		}
	}
	return result, nil
}

// file adds the events to the firm's, numbered on after last.
func (s *Store) file(tx *gorm.DB, rec *record, last int64) error {
	if len(rec.events) == 0 {
		return nil
	}
	rows := make([]firmEventRow, len(rec.events))
	for i, e := range rec.events {
		e.Seq, e.Key = last+int64(i)+1, rec.once.Key
		rows[i] = firmEventRow{string(s.firm), columnsOf(e)}
	}
	if err := tx.CreateInBatches(&rows, batch).Error; err != nil {
		return fail("add the firm's events", err)
	}
	return fail("count the firm's events",
		tx.Model(&firmRow{}).Where("id = ?", string(s.firm)).Update("event_seq", last+int64(len(rows))).Error)
}

// taken refuses an id or address that somebody else has.
func taken(err error, field, format string, args ...any) error {
	if duplicate(err) {
		return models.Refuse(models.Conflict, field, format, args...)
	}
	return err
}

func number(n int) string { return strconv.Itoa(n) }

func dates(days []models.Date) string {
	out := make([]string, len(days))
	for i, d := range days {
		out[i] = d.String()
	}
	return strings.Join(out, " ")
}

func weekdays(days []time.Weekday) string { return strings.Trim(fmt.Sprint(days), "[]") }
