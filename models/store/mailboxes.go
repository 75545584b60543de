package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

type mailboxRow struct {
	FirmID   string `gorm:"primaryKey"`
	PersonID string `gorm:"primaryKey"`
	ClientID string
	NextAt   int64
	LookedOn string
}

func (mailboxRow) TableName() string { return "mailboxes" }

// A Mailbox is a person due for a digest.
type Mailbox struct {
	Firm     models.FirmID
	Person   models.PersonID
	Client   models.ClientID
	LookedOn models.Date // the last day of theirs on which somebody looked; zero: never
}

// LookAgain is after how long somebody is looked at again at the latest, in engagement time: whoever looks says so with Look.Next.
const LookAgain = 24 * time.Hour

// clocksDiffer is by how much the clocks of two machines may differ.
const clocksDiffer = time.Minute

// DueMailboxes returns up to limit people whose digest is due, those of one company together. Whoever looks says when to look next
// (Store.Schedule), so that asking again returns the others. A next look further ahead than LookAgain was noted by a clock that was wrong,
// and is due as well. It is called by the sweep and spans firms.
func (r *Root) DueMailboxes(ctx context.Context, now time.Time, limit int) ([]Mailbox, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []mailboxRow
	err = db.Raw("SELECT firm_id, person_id, client_id, next_at, looked_on FROM mailboxes WHERE next_at <= ? OR next_at > ? "+
		"ORDER BY firm_id, client_id, person_id LIMIT ?", micros(now), micros(now.Add(LookAgain+clocksDiffer)), limit).Scan(&rows).Error
	if err != nil {
		return nil, fail("look for mailboxes", err)
	}
	out, rd := make([]Mailbox, len(rows)), &reader{}
	for i, m := range rows {
		out[i] = Mailbox{models.FirmID(m.FirmID), models.PersonID(m.PersonID), models.ClientID(m.ClientID), rd.date(m.LookedOn)}
	}
	return out, rd.err
}

type noticeRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Seq          int64  `gorm:"primaryKey;autoIncrement:false"`
	PersonID     string `gorm:"primaryKey"`
	Kind         string
	Subject      string
	Actor        string
	FromValue    string
	ToValue      string
	Text         string
	At           int64
	Urgent       bool
	DeliveryID   string
}

func (noticeRow) TableName() string { return "notices" }

func (n *noticeRow) model() engagement.Notice {
	return engagement.Notice{Engagement: models.EngagementID(n.EngagementID), Seq: n.Seq, To: models.PersonID(n.PersonID),
		Kind: engagement.NoticeKind(n.Kind), Subject: n.Subject,
		Actor: models.PersonID(n.Actor), From: n.FromValue, Value: n.ToValue, Text: n.Text, At: instant(n.At), Urgent: n.Urgent}
}

func noticeOf(ref models.Ref, n engagement.Notice) noticeRow {
	return noticeRow{string(ref.Firm), string(ref.Engagement), n.Seq, string(n.To), string(n.Kind), n.Subject, string(n.Actor), n.From,
		n.Value, n.Text, micros(n.At), n.Urgent, ""}
}

// Pending is a person with notices that are sent at once, and since when they wait.
type Pending struct {
	Firm   models.FirmID
	Person models.PersonID
	Oldest engagement.Notice
}

// UrgentNotices returns up to limit people with an urgent notice older than an instant, a UTC one, that has not been sent. It is
// called by the sweep and spans firms.
func (r *Root) UrgentNotices(ctx context.Context, before time.Time, limit int) ([]Pending, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []noticeRow
	if err := db.Raw("SELECT * FROM notices WHERE urgent AND delivery_id = '' AND at <= ? AND firm_id <> '' AND "+unmuted+
		" ORDER BY at, engagement_id, seq LIMIT ?", micros(before), 20*limit).Scan(&rows).Error; err != nil {
		return nil, fail("look for urgent notices", err)
	}
	var out []Pending
	seen := map[string]bool{}
	for i := range rows {
		if key := rows[i].FirmID + "/" + rows[i].PersonID; !seen[key] && len(out) < limit {
			seen[key] = true
			out = append(out, Pending{models.FirmID(rows[i].FirmID), models.PersonID(rows[i].PersonID), rows[i].model()})
		}
	}
	return out, nil
}

// Notices returns the notices for a person that no delivery has taken up, the oldest first: 200 at most.
func (s *Store) Notices(ctx context.Context, person models.PersonID) ([]engagement.Notice, error) {
	return s.notices(ctx, "person_id = ? AND delivery_id = '' AND "+unmuted, string(person))
}

// unmuted chooses the notices that may be sent: a muted engagement keeps its own until it is not muted any more.
const unmuted = "NOT EXISTS (SELECT 1 FROM engagements m WHERE m.firm_id = notices.firm_id AND m.id = notices.engagement_id AND m.muted)"

// NoticesOf returns what a delivery has taken up, the oldest first: 200 at most.
func (s *Store) NoticesOf(ctx context.Context, delivery string) ([]engagement.Notice, error) {
	const of = "delivery_id = ? AND delivery_id <> ''"
	all, err := s.notices(ctx, of, delivery)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	told, err := s.notices(ctx, of+" AND "+unmuted, delivery)
	if err != nil || len(told) == len(all) {
		return told, err
	}
	return told, s.root.write(ctx, "keep notices of a muted engagement", func(tx *gorm.DB) error {
		return tx.Model(&noticeRow{}).Where("firm_id = ? AND "+of+" AND NOT ("+unmuted+")", string(s.firm),
			delivery).Updates(map[string]any{"delivery_id": "", "urgent": false}).Error
	})
}

// Bearing returns which of some deliveries have taken up notices.
func (s *Store) Bearing(ctx context.Context, deliveries []string) (map[string]bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	if err := db.Raw("SELECT DISTINCT delivery_id FROM notices WHERE firm_id = ? AND delivery_id IN ? AND delivery_id <> ''", string(s.firm),
		deliveries).Scan(&ids).Error; err != nil {
		return nil, fail("look for notices", err)
	}
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

func (s *Store) notices(ctx context.Context, where string, arg any) ([]engagement.Notice, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []noticeRow
	if err := db.Where("firm_id = ?", string(s.firm)).Where(where,
		arg).Order("at, engagement_id, seq").Limit(200).Find(&rows).Error; err != nil {
		return nil, fail("list notices", err)
	}
	out := make([]engagement.Notice, len(rows))
	for i := range rows {
		out[i] = rows[i].model()
	}
	return out, nil
}

// DeferToDigest lets a person's urgent notices wait for their next digest: they must not be written to now.
func (s *Store) DeferToDigest(ctx context.Context, person models.PersonID) error {
	return s.root.write(ctx, "fold notices", func(tx *gorm.DB) error {
		return tx.Model(&noticeRow{}).Where("firm_id = ? AND person_id = ? AND urgent AND delivery_id = ''", string(s.firm),
			string(person)).Update("urgent", false).Error
	})
}

// HasNotices returns which of some people have notices that no delivery has taken up.
func (s *Store) HasNotices(ctx context.Context, people []models.PersonID) (map[models.PersonID]bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var ids []models.PersonID
	if err := db.Raw("SELECT DISTINCT person_id FROM notices WHERE firm_id = ? AND person_id IN ? AND delivery_id = '' AND "+unmuted,
		string(s.firm), people).Scan(&ids).Error; err != nil {
		return nil, fail("look for notices", err)
	}
	out := make(map[models.PersonID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}
