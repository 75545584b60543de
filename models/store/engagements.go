package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// CreateEngagement adds an engagement as a draft; an empty id is made up. It refuses what Facts.CheckDraft refuses, a client that is not
// there and a predecessor for another one (invalid), an id that is taken (conflict) and a key that came with another request. A key that is
// known returns the engagement as it was made.
func (s *Store) CreateEngagement(ctx context.Context, once Once, e engagement.Engagement, now time.Time) (engagement.Engagement, error) {
	e = s.asDraft(e, now)
	return recorded(ctx, s, "add an engagement", once, now, func(tx *gorm.DB, rec *record) (engagement.Engagement, error) {
		return s.addDraft(tx, rec, e)
	})
}

// asDraft returns an engagement as a draft of this firm that was made just now; an empty id is made up.
func (s *Store) asDraft(e engagement.Engagement, now time.Time) engagement.Engagement {
	e.Firm, e.Status, e.Revision, e.CreatedAt = s.firm, engagement.StatusDraft, 1, instant(micros(now))
	e.StartedAt, e.EndedAt, e.PausedOn, e.Added, e.Decided = time.Time{}, time.Time{}, models.Date{}, 0, 0
	e.Asked, e.Pauses = 0, nil
	e.Baseline, e.Pace, e.Outlook, e.Summary = engagement.Baseline{}, engagement.Pace{}, engagement.Outlook{}, engagement.Summary{}
	if e.ID == "" {
		e.ID = models.EngagementID(newID("e"))
	}
	return e
}

// addDraft is CreateEngagement in a transaction, of an engagement as asDraft returns it.
func (s *Store) addDraft(tx *gorm.DB, rec *record, e engagement.Engagement) (engagement.Engagement, error) {
	if err := models.CheckID("id", string(e.ID)); err != nil {
		return e, err
	}
	f, err := s.draftFacts(tx, e)
	if err != nil {
		return e, err
	}
	if err := f.CheckDraft(); err != nil {
		return e, err
	}
	if err := s.checkPredecessor(tx, e); err != nil {
		return e, err
	}
	e = f.Engagement
	w := &writer{}
	row := engagementOf(w, e)
	if w.err != nil {
		return e, w.err
	}
	row.EventSeq, row.EventAt, row.Stamp = 1, micros(rec.now), newID("s")
	if err := tx.Create(&row).Error; err != nil {
		return e, taken(err, "id", "there is an engagement %q already", e.ID)
	}
	ref := models.Ref{Firm: s.firm, Engagement: e.ID}
	first := eventOf(ref, engagement.Event{Seq: 1, At: rec.now, Actor: rec.once.Actor, Kind: "engagement.created", Subject: string(e.ID),
		To: e.Name, Key: rec.once.Key})
	if err := tx.Create(&first).Error; err != nil {
		return e, fail("add events", err)
	}
	rec.add("engagement.created", string(e.ID), "name", "", e.Name)
	return e, fail("write the team", insert(tx, members(e)))
}

// draftFacts returns the facts about a draft that is not stored yet.
func (s *Store) draftFacts(tx *gorm.DB, e engagement.Engagement) (*engagement.Facts, error) {
	w := &writer{}
	h := &head{engagement: engagementOf(w, e)}
	if w.err != nil {
		return nil, w.err
	}
	if err := tx.Where("firm_id = ? AND id = ?", string(s.firm), string(e.Client)).Take(&h.client).Error; missing(err) {
		return nil, models.Refuse(models.Invalid, "client", "there is no client %.80q", string(e.Client))
	} else if err != nil {
		return nil, err
	}
	if err := tx.Where("id = ?", string(s.firm)).Take(&h.firm).Error; err != nil {
		return nil, err
	}
	f, _, err := s.facts(tx, h, engagement.Need{})
	return f, err
}

// checkPredecessor refuses (invalid) a predecessor that is no engagement for the same client.
func (s *Store) checkPredecessor(tx *gorm.DB, e engagement.Engagement) error {
	if e.Predecessor == "" {
		return nil
	}
	var n int64
	err := tx.Model(&engagementRow{}).Where("firm_id = ? AND id = ? AND client_id = ?", string(s.firm), string(e.Predecessor),
		string(e.Client)).Count(&n).Error
	if err == nil && n == 0 {
		return models.Refuse(models.Invalid, "predecessor", "there is no engagement %.80q for %s", string(e.Predecessor), e.Client)
	}
	return fail("look for the predecessor", err)
}

// Engagement returns an engagement.
func (s *Store) Engagement(ctx context.Context, id models.EngagementID) (engagement.Engagement, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return engagement.Engagement{}, err
	}
	var row engagementRow
	err = db.Where("firm_id = ? AND id = ?", string(s.firm), string(id)).Take(&row).Error
	switch {
	case missing(err):
		return engagement.Engagement{}, unknownEngagement(id)
	case err != nil:
		return engagement.Engagement{}, fail("read the engagement", err)
	}
	r := &reader{}
	return row.model(r), r.err
}

// Overdue returns live engagements, of all firms, that should have been looked at before before and were not: their
// workflows may be missing. The longest overdue come first.
func (r *Root) Overdue(ctx context.Context, before time.Time, limit int) ([]models.Ref, error) {
	return r.refs(ctx, `SELECT firm_id, id FROM engagements
		WHERE status IN ('running', 'paused') AND wake > 0 AND wake < ? ORDER BY wake LIMIT ?`,
		micros(before), limit)
}

// wakeNow has the live engagements of a client, or without a client all of the firm's, looked at as if that were due now: what they wait
// for may come earlier than they know, since days or hours by which they count have changed. Their keeper finds them (see Overdue); the
// look writes when to look next.
func (s *Store) wakeNow(tx *gorm.DB, client models.ClientID, now time.Time) error {
	if client != "" {
		tx = tx.Where("client_id = ?", string(client))
	}
	return s.wakeWhere(tx, now)
}

// wakeWhere is wakeNow for the engagements that a question chooses.
func (s *Store) wakeWhere(which *gorm.DB, now time.Time) error {
	return fail("have engagements looked at", which.Model(&engagementRow{}).
		Where("firm_id = ? AND status IN ('running', 'paused') AND (wake = 0 OR wake > ?)", string(s.firm), micros(now)).
		Update("wake", micros(now)).Error)
}

func (r *Root) refs(ctx context.Context, query string, args ...any) ([]models.Ref, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.Raw(query, args...).Rows()
	if err != nil {
		return nil, fail("list engagements", err)
	}
	defer rows.Close()
	var out []models.Ref
	for rows.Next() {
		var firm, id string
		if err := rows.Scan(&firm, &id); err != nil {
			return nil, fail("list engagements", err)
		}
		out = append(out, models.Ref{Firm: models.FirmID(firm), Engagement: models.EngagementID(id)})
	}
	return out, fail("list engagements", rows.Err())
}
