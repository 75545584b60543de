package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A DeliveryFilter chooses deliveries; empty fields choose all.
type DeliveryFilter struct {
	Statuses   []reminders.DeliveryStatus
	Kinds      []reminders.DeliveryKind
	Person     models.PersonID
	Engagement models.EngagementID // that speak of something in it
	Since      time.Time           // scheduled at or after, in engagement time
	Until      time.Time           // scheduled before

	prefix string           // with which their ids begin
	reader engagement.Actor // whose reach bounds what is chosen, when it is that of a team
}

// speaking are the kinds of messages that say something of engagements.
var speaking = []reminders.DeliveryKind{reminders.KindDigest, reminders.KindNow, reminders.KindCounts, reminders.KindPortfolio,
	reminders.KindAgain, reminders.KindReply}

// within keeps the deliveries that are shown to an actor with the reach of a team: their own, those that say nothing of engagements, and
// those made of engagements all of which they are on by name. A daily message that was not written says nothing, nor does what answers an
// account that nobody has confirmed.
func (s *Store) within(q *gorm.DB, a engagement.Actor) *gorm.DB {
	on := s.root.db.Table("engagements AS e").Select("e.id").Where("e.firm_id = ?", string(s.firm))
	on = ScopeMember(a.Person).where(on, s.firm)
	return q.Where(`(person_id = ? OR kind NOT IN ? OR kind = 'digest' AND message = '' OR kind = 'reply' AND person_id = ''
		OR EXISTS (SELECT 1 FROM delivery_items i WHERE i.firm_id = deliveries.firm_id AND i.delivery_id = deliveries.id AND i.item = '')
			AND NOT EXISTS (SELECT 1 FROM delivery_items i WHERE i.firm_id = deliveries.firm_id AND i.delivery_id = deliveries.id
				AND i.engagement_id NOT IN (?)))`, string(a.Person), speaking, on)
}

// Deliveries returns a page of the ledger, the last scheduled first, and the cursor of the next page; empty when it was the last. It
// refuses (invalid) a cursor that this list did not give.
func (s *Store) Deliveries(ctx context.Context, filter DeliveryFilter, cursor string, limit int) ([]reminders.Delivery, string, error) {
	p := s.pager("deliveries", []string{"scheduled_at", "id"}, true)
	q, err := s.page(ctx, p, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	q = q.Where("firm_id = ?", string(s.firm))
	if len(filter.Statuses) > 0 {
		q = q.Where("status IN ?", filter.Statuses)
	}
	if len(filter.Kinds) > 0 {
		q = q.Where("kind IN ?", filter.Kinds)
	}
	if filter.Person != "" {
		q = q.Where("person_id = ?", string(filter.Person))
	}
	if filter.Engagement != "" {
		q = q.Where("id IN (SELECT i.delivery_id FROM delivery_items i WHERE i.firm_id = ? AND i.engagement_id = ? "+
			"AND i.item <> '')", string(s.firm),
			string(filter.Engagement))
	}
	if filter.prefix != "" {
		q = q.Where("id LIKE ?", filter.prefix+"%")
	}
	if filter.reader.Person != "" {
		q = s.within(q, filter.reader)
	}
	if !filter.Since.IsZero() {
		q = q.Where("scheduled_at >= ?", micros(filter.Since))
	}
	if !filter.Until.IsZero() {
		q = q.Where("scheduled_at < ?", micros(filter.Until))
	}
	var rows []deliveryRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fail("list the messages", err)
	}
	rows, next := turn(p, rows, limit, func(d deliveryRow) []string { return []string{strconv.FormatInt(d.ScheduledAt, 10), d.ID} })
	out, r := make([]reminders.Delivery, len(rows)), &reader{}
	for i := range rows {
		out[i] = rows[i].model(r)
	}
	return out, next, r.err
}

// DeliveredAs returns the message to somebody that stands in a Slack channel under a ts. It refuses (not found) one that is none of the
// ledger's.
func (s *Store) DeliveredAs(ctx context.Context, to models.PersonID, workspace, channel, ts string) (reminders.Delivery, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return reminders.Delivery{}, err
	}
	var row deliveryRow
	err = db.Where("firm_id = ? AND person_id = ? AND channel = 'slack' AND workspace_id = ? AND dest = ? AND receipt = ?", string(s.firm),
		string(to), workspace, channel, ts).Order("scheduled_at DESC").Limit(1).Take(&row).Error
	if missing(err) {
		return reminders.Delivery{}, models.Refuse(models.NotFound, "message", "there is no message of %.60q in the channel", ts)
	} else if err != nil {
		return reminders.Delivery{}, fail("look for a message of Slack", err)
	}
	r := &reader{}
	d := row.model(r)
	return d, r.err
}

// Delivery returns a row of the ledger and every attempt at it, the first one first: the first 200 at most.
func (s *Store) Delivery(ctx context.Context, id string) (reminders.Delivery, []reminders.Attempt, error) {
	var d reminders.Delivery
	var attempts []reminders.Attempt
	err := s.root.read(ctx, "read a message", func(tx *gorm.DB) error {
		var row deliveryRow
		err := tx.Where("firm_id = ? AND id = ?", string(s.firm), id).Take(&row).Error
		if missing(err) {
			return models.Refuse(models.NotFound, "message", "there is no message %.60q", id)
		} else if err != nil {
			return err
		}
		r := &reader{}
		if d = row.model(r); r.err != nil {
			return r.err
		}
		var rows []attemptRow
		if err := tx.Where("firm_id = ? AND delivery_id = ?", row.FirmID, row.ID).Order("no").Limit(200).Find(&rows).Error; err != nil {
			return err
		}
		attempts = nil
		for _, a := range rows {
			attempts = append(attempts, reminders.Attempt{No: a.No, Fence: a.Fence, Class: reminders.AttemptClass(a.Class), Status: a.Status,
				Error: a.Error, Request: a.Request,
				At: instant(a.At), Took: time.Duration(a.Took) * time.Microsecond})
		}
		return nil
	})
	return d, attempts, err
}

// CountDeliveries returns how many deliveries that were scheduled since an instant stand where.
func (s *Store) CountDeliveries(ctx context.Context, since time.Time) (map[reminders.DeliveryStatus]int, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Status reminders.DeliveryStatus
		N      int
	}
	err = db.Raw("SELECT status, COUNT(*) AS n FROM deliveries WHERE firm_id = ? AND scheduled_at >= ? GROUP BY status", string(s.firm),
		micros(since)).Scan(&rows).Error
	out := make(map[reminders.DeliveryStatus]int, len(rows))
	for _, row := range rows {
		out[row.Status] = row.N
	}
	return out, fail("count the messages", err)
}

// ScheduleByHand schedules one delivery that somebody asks for, once for their key, and returns it. It refuses (conflict) while all
// messages of the firm are paused, and a key that came with another request.
func (s *Store) ScheduleByHand(ctx context.Context, once Once, d reminders.Delivery, now time.Time) (reminders.Delivery, error) {
	d.Firm = s.firm
	return recorded(ctx, s, "schedule a message", once, now, func(tx *gorm.DB, rec *record) (reminders.Delivery, error) {
		settings, err := s.messaging(tx)
		if err != nil {
			return d, err
		}
		if settings.Paused {
			return d, models.Refuse(models.Conflict, "", "all messages of the firm are paused: resume them first")
		}
		w := &writer{}
		row := deliveryOf(w, d)
		if w.err != nil {
			return d, w.err
		}
		rec.add("message."+string(d.Kind), d.ID, "person", d.Follows, string(d.Person))
		if err := tx.Create(&row).Error; err != nil || d.Follows == "" {
			return d, err
		}
		return d, tx.Exec(`INSERT INTO delivery_items (firm_id, delivery_id, engagement_id, item, due, step)
			SELECT firm_id, ?, engagement_id, item, due, step FROM delivery_items WHERE firm_id = ? AND delivery_id = ? AND item = ''`,
			row.ID, row.FirmID, d.Follows).Error // it says what that one said
	})
}

// MailedElsewhere reports whether mail was given away for a person to an address that is not theirs now, or they have none.
func (s *Store) MailedElsewhere(ctx context.Context, p models.Person) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var to []string
	err = db.Raw("SELECT DISTINCT dest FROM deliveries WHERE firm_id = ? AND person_id = ? AND channel = 'mail' AND dest <> ''",
		string(s.firm), string(p.ID)).Scan(&to).Error
	return p.Email == "" || slices.ContainsFunc(to, func(dest string) bool { return !strings.EqualFold(dest, p.Email) }),
		fail("look where mail went", err)
}

// Unreachable returns up to limit active people who have a part in a live engagement and whom nothing reaches: they are bound in no
// workspace that works, and have no address, or one for which the last mail was refused for good, or this installation sends no mail.
func (s *Store) Unreachable(ctx context.Context, mail bool, limit int) ([]models.PersonID, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	q := db.Table("people AS p").Select("p.id").Where("p.firm_id = ? AND p.active", string(s.firm)).Order("p.id").Limit(limit).
		Where(`NOT EXISTS (SELECT 1 FROM bindings b JOIN workspaces w ON w.firm_id = b.firm_id AND w.id = b.workspace_id
			WHERE b.firm_id = p.firm_id AND b.person_id = p.id AND b.state = 'confirmed' AND w.state = 'active')`).
		Where(`(p.id IN (SELECT m.person_id FROM engagement_members m JOIN engagements e ON e.firm_id = m.firm_id AND e.id = m.engagement_id
				WHERE m.firm_id = ? AND e.status IN ('running', 'paused'))
			OR p.id IN (SELECT t.owner FROM tasks t JOIN engagements e ON e.firm_id = t.firm_id AND e.id = t.engagement_id
				WHERE t.firm_id = ? AND e.status IN ('running', 'paused') AND `+openStates+`))`, string(s.firm), string(s.firm))
	if mail {
		q = q.Where(`(p.email = '' OR EXISTS (SELECT 1 FROM deliveries d WHERE d.firm_id = p.firm_id AND d.person_id = p.id
			AND d.channel = 'mail' AND d.status = 'failed' AND d.dest = p.email AND NOT EXISTS (SELECT 1 FROM deliveries s
				WHERE s.firm_id = d.firm_id AND s.person_id = d.person_id AND s.channel = 'mail' AND s.status = 'sent' AND s.dest = d.dest
				AND s.scheduled_at > d.scheduled_at)))`)
	}
	var out []models.PersonID
	return out, fail("look for people whom nothing reaches", q.Scan(&out).Error)
}

// A LaneState is what holds a lane up, or held it up last.
type LaneState struct {
	Lane      string
	NotBefore time.Time // by the database's clock; the past: it is not held up
	Failures  int       // in a row; 0: it works
	Error     string
	At        time.Time // engagement time
	Waiting   int       // deliveries that are to be sent, looked for or edited
}

// LaneStates returns the firm's lanes that something has ever held up or in which something waits.
func (s *Store) LaneStates(ctx context.Context) ([]LaneState, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Lane                string
		NotBefore, Failures int64
		Error               string
		At, Waiting         int64
	}
	err = db.Raw(`SELECT n.lane, COALESCE(l.not_before, 0) AS not_before, COALESCE(l.failures, 0) AS failures,
		COALESCE(l.error, '') AS error, COALESCE(l.at, 0) AS at,
			(SELECT COUNT(*) FROM deliveries WHERE firm_id = ? AND lane = n.lane AND `+openDelivery+`) AS waiting
		FROM (SELECT lane FROM lanes WHERE firm_id = ? UNION
			SELECT lane FROM deliveries WHERE firm_id = ? AND `+openDelivery+`) n
		LEFT JOIN lanes l ON l.firm_id = ? AND l.lane = n.lane ORDER BY n.lane`, string(s.firm), string(s.firm), string(s.firm),
		string(s.firm)).Scan(&rows).Error
	out := make([]LaneState, len(rows))
	for i, l := range rows {
		out[i] = LaneState{l.Lane, instant(l.NotBefore), int(l.Failures), l.Error, instant(l.At), int(l.Waiting)}
	}
	return out, fail("list the lanes", err)
}

// SentSince returns how many messages have gone, or are to go, to a person since a day of theirs: tests and questions who they are do
// not count.
func (s *Store) SentSince(ctx context.Context, person models.PersonID, day models.Date) (int, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return 0, err
	}
	var n int
	err = db.Raw(`SELECT COUNT(*) FROM deliveries
		WHERE firm_id = ? AND person_id = ? AND day >= ? AND day <> 'none' AND kind IN ('digest', 'now')
		AND status IN ('scheduled', 'sending', 'sent', 'uncertain')`, string(s.firm), string(person), day.String()).Row().Scan(&n)
	return n, fail("count somebody's messages", err)
}

// ManagersOf returns the managers of the live engagements for a client; of all live engagements when the client is empty.
func (s *Store) ManagersOf(ctx context.Context, client models.ClientID) ([]models.PersonID, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	q := db.Table("engagements").Distinct("manager").Where("firm_id = ? AND status IN ('running', 'paused') AND manager <> ''",
		string(s.firm)).Order("manager")
	if client != "" {
		q = q.Where("client_id = ?", string(client))
	}
	var out []models.PersonID
	return out, fail("list managers", q.Scan(&out).Error)
}

// HasDelivery reports whether a delivery has been scheduled.
func (s *Store) HasDelivery(ctx context.Context, id string) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var n int
	err = db.Raw("SELECT COUNT(*) FROM deliveries WHERE firm_id = ? AND id = ?", string(s.firm), id).Row().Scan(&n)
	return n > 0, fail("look for a delivery", err)
}

// A WeeklyPost names the Slack channel in which something is posted once a week: a client's, or the firm's own when there is no client.
type WeeklyPost struct {
	Firm         models.FirmID
	Client       models.ClientID
	Workspace    string
	SlackChannel string
}

// WeeklyPosts returns the Slack channels of all firms whose workspaces work. It is called by the sweep and spans firms.
func (r *Root) WeeklyPosts(ctx context.Context) ([]WeeklyPost, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var out []WeeklyPost
	err = db.Raw(`SELECT c.firm_id AS firm, c.client_id AS client, c.workspace_id AS workspace, c.channel AS slack_channel
			FROM client_channels c
			JOIN workspaces w ON w.firm_id = c.firm_id AND w.id = c.workspace_id WHERE w.state = 'active'
		UNION ALL SELECT m.firm_id, '', m.workspace_id, m.channel FROM messaging m
			JOIN workspaces w ON w.firm_id = m.firm_id AND w.id = m.workspace_id WHERE w.state = 'active' AND m.channel <> ''
		ORDER BY 1, 2`).Scan(&out).Error
	return out, fail("list Slack channels", err)
}
