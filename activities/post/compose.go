package post

import (
	"context"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A reading is what has been read of engagements at one instant, to be said to people: each is read once, whoever hears of it.
type reading struct {
	root  *store.Root
	mail  bool
	now   time.Time
	known map[models.Ref]*snapshot
	firms map[models.FirmID]reminders.Messaging
	of    map[clientOf][]models.EngagementID
}

// clientOf names a client.
type clientOf struct {
	firm   models.FirmID
	client models.ClientID
}

// A snapshot is one engagement as its people hear of it.
type snapshot struct {
	facts *engagement.Facts
	aud   reminders.Audience
	by    map[models.PersonID][]reminders.Nudge
}

// newReading returns a reading of nothing yet.
func newReading(root *store.Root, mail bool, now time.Time) *reading {
	return &reading{root: root, mail: mail, now: now, known: map[models.Ref]*snapshot{}, firms: map[models.FirmID]reminders.Messaging{},
		of: map[clientOf][]models.EngagementID{}}
}

// settings returns how a firm has its messages.
func (r *reading) settings(ctx context.Context, firm models.FirmID) (reminders.Messaging, error) {
	if m, ok := r.firms[firm]; ok {
		return m, nil
	}
	m, err := r.root.For(firm).Messaging(ctx)
	if err == nil {
		r.firms[firm] = m
	}
	return m, err
}

// engagements returns the live engagements of which a person hears.
func (r *reading) engagements(ctx context.Context, firm models.FirmID, p models.Person) ([]models.EngagementID, error) {
	key := clientOf{firm, p.Client}
	if ids, ok := r.of[key]; ok && p.Client != "" {
		return ids, nil
	}
	ids, err := r.root.For(firm).EngagementsOf(ctx, p, models.DateIn(r.now, models.Zone(p.TimeZone)))
	if err == nil {
		r.of[key] = ids
	}
	return ids, err
}

// snapshot reads an engagement as it is now.
func (r *reading) snapshot(ctx context.Context, ref models.Ref) (*snapshot, error) {
	if o := r.known[ref]; o != nil {
		return o, nil
	}
	s := r.root.For(ref.Firm)
	f, err := s.Facts(ctx, ref.Engagement, engagement.Need{})
	if err != nil {
		return nil, err
	}
	aud, err := s.Audience(ctx, f, r.mail)
	if err != nil {
		return nil, err
	}
	o := &snapshot{facts: f, aud: aud, by: map[models.PersonID][]reminders.Nudge{}}
	for _, n := range reminders.Nudges(f, aud, r.now) {
		o.by[n.To] = append(o.by[n.To], n)
	}
	r.known[ref] = o
	return o, nil
}

// A draft is a message in the making, and from what it was made.
type draft struct {
	reminders.Digesting
	revisions map[models.EngagementID]int64
}

// digest gathers what a person is to hear today over all their engagements. notices are what the digest has taken up, or would.
func (r *reading) digest(ctx context.Context, firm models.FirmID, to *reminders.Recipient, day models.Date,
	notices []engagement.Notice) (draft, error) {
	s := r.root.For(firm)
	d := draft{revisions: map[models.EngagementID]int64{}}
	d.Digesting = reminders.Digesting{To: to, Day: day, Names: map[models.EngagementID]string{}, Ask: reminders.Managers{},
		Limit: r.root.Catalog.Reminders.Defaults.Lines}
	ids, err := r.engagements(ctx, firm, to.Person)
	if err != nil {
		return d, err
	}
	for _, id := range ids {
		o, err := r.snapshot(ctx, models.Ref{Firm: firm, Engagement: id})
		if err != nil {
			return d, err
		}
		d.Names[id], d.revisions[id] = o.facts.Engagement.Name, o.facts.Engagement.Revision
		d.Nudges = append(d.Nudges, o.by[to.ID]...)
		d.Ask.Add(o.facts)
		if to.Client != "" {
			d.Client = o.facts.Client.Name
		}
		if to.Prefs.Summary && to.Role.Side() == models.SideFirm && o.facts.Engagement.Status == engagement.StatusRunning &&
			!o.facts.Engagement.Muted && o.aud.Actor(o.facts, to, r.now).SeesOthers(o.facts.Engagement, r.now) {
			b, err := r.brief(ctx, s, o.facts, to, day)
			if err != nil {
				return d, err
			}
			d.Briefs = append(d.Briefs, b)
		}
	}
	d.News, d.Patient, err = r.news(ctx, firm, notices, d.revisions)
	return d, err
}

// brief says how an engagement stands and what has happened since the recipient's digest of the working day before.
func (r *reading) brief(ctx context.Context, s *store.Store, f *engagement.Facts, to *reminders.Recipient,
	day models.Date) (reminders.Brief, error) {
	before := to.Days.Add(day, -1)
	events, _, err := s.EventsFor(ctx, engagement.Actor{Person: to.ID, Role: to.Role, Client: to.Client}, f.Engagement.ID,
		store.EventFilter{Since: to.DigestAt.On(before, to.Zone())}, "", 500)
	if err != nil {
		return reminders.Brief{}, err
	}
	return reminders.BriefOf(f, events, before, r.now), nil
}

// news says notices as their engagements stand now, leaving out what is not worth saying any more, and how many of them may wait for a
// message that goes out anyway.
func (r *reading) news(ctx context.Context, firm models.FirmID, notices []engagement.Notice,
	revisions map[models.EngagementID]int64) (out []engagement.Line, patient int, err error) {
	for _, n := range notices {
		ref := models.Ref{Firm: firm, Engagement: n.Engagement}
		o, err := r.snapshot(ctx, ref)
		if err != nil {
			return nil, 0, err
		}
		f := o.facts
		need := engagement.Need{}
		switch n.Kind { // it may be about what is done
		case engagement.NoticeAnswered, engagement.NoticeApproval, engagement.NoticeWithdrawn:
			need.Decision = n.Subject
		case engagement.NoticeAsked, engagement.NoticeReplied, engagement.NoticeReopened, engagement.NoticeDropped:
			need.Tasks, need.Questions = []models.TaskID{models.TaskID(n.Subject)}, []string{n.Subject} // of a release before: a task
		case engagement.NoticeSaid:
			need.Tasks = []models.TaskID{models.TaskID(n.Subject)}
		}
		if need.Decision != "" || len(need.Tasks) > 0 && f.Task(need.Tasks[0]) == nil && f.Question(n.Subject) == nil {
			if f, err = r.root.For(firm).Facts(ctx, n.Engagement, need); err != nil {
				return nil, 0, err
			}
		}
		revisions[n.Engagement] = f.Engagement.Revision
		if l, ok := reminders.LineOf(f, n); ok {
			l.Where = f.Engagement.Name
			out = append(out, l)
			if n.Patient(r.now) {
				patient++
			}
		}
	}
	return out, patient, nil
}
