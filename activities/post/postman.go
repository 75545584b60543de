// Package post schedules, composes, delivers and reconciles messages.
package post

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tickmark/activities/failpoint"
	"tickmark/activities/mail"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/workflows"
)

// A Postman schedules what is to be said to whom, and delivers it. It is made once per worker.
type Postman struct {
	Root *store.Root
	Now  func() time.Time // engagement time
	Real func() time.Time // the machine's, by which others are waited for
	// Wait returns how long so much engagement time lasts, in real time; nil: as long.
	Wait  func(time.Duration) time.Duration
	Log   *slog.Logger
	Slack *wire.Slack
	Mail  *mail.Mailer // nil: this installation sends no mail
	Site  seal.Site
	Here  string // where the pages are where Site does not say so: on this machine alone; empty: nobody knows
	Pace  Pace
	// At is told of every place at which chaos kills a process, and may stop it there; nil: nobody is. It is for tests in one process.
	At func(place string)

	limits sync.Map // of lanes and channels, by name

	waking sync.Mutex
	awake  bool      // this process has noted that the ledger may not know all
	swept  time.Time // the last sweep of this process
}

// wake notes, when this process begins to work, that the ledger may not know what was sent last: the database may be a copy that was put
// back. What may have been sent is looked for before it is sent.
func (p *Postman) wake(ctx context.Context) error {
	p.waking.Lock()
	defer p.waking.Unlock()
	if p.awake {
		return nil
	}
	if err := p.Root.OpenGap(ctx); err != nil {
		return err
	}
	p.awake = true
	return nil
}

// at marks a place at which a process may be killed.
func (p *Postman) at(place string) {
	failpoint.Hit(place)
	if p.At != nil {
		p.At(place)
	}
}

// clocksDiffer is by how much the clocks of two machines may differ.
const clocksDiffer = time.Minute

// sweeping notes that a sweep looks, and returns when the one before did. A database that knows of no sweep as late as one of this
// process is a copy that was put back.
func (p *Postman) sweeping(ctx context.Context, now time.Time) (last time.Time, err error) {
	if err := p.wake(ctx); err != nil {
		return last, err
	}
	p.waking.Lock()
	defer p.waking.Unlock()
	if known, err := p.Root.LastSweep(ctx); err != nil {
		return last, err
	} else if known.Before(p.swept.Add(-clocksDiffer)) {
		if err := p.Root.OpenGap(ctx); err != nil {
			return last, err
		}
	}
	last, err = p.Root.Sweeping(ctx, now)
	if err == nil {
		p.swept = now
	}
	return last, err
}

// A Pace says how patient and how quick the postman is, in real time. The zero Pace is that of production.
type Pace struct {
	PerMinute int           // messages a minute to one workspace; 200 when 0, without limit below 0
	PerSecond float64       // messages a second to one channel; 1 when 0, without limit below 0
	Patience  time.Duration // after which a message without an answer is looked for, and again as long; 60 s when 0
	Shift     time.Duration // how long one Deliver works on a lane; 45 s when 0
	Backoff   time.Duration // after the first failure of a lane, doubling up to a hundred times; 3 s when 0
	Width     int           // deliveries of one lane under way at once; 8 when 0
}

func (p Pace) with() Pace {
	set := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	set(&p.Patience, 60*time.Second)
	set(&p.Shift, 45*time.Second)
	set(&p.Backoff, 3*time.Second)
	if p.PerMinute == 0 {
		p.PerMinute = 200
	}
	if p.PerSecond == 0 {
		p.PerSecond = 1
	}
	if p.Width == 0 {
		p.Width = 8
	}
	return p
}

// batch returns how many deliveries are prepared at once: as many as go out in some seconds, so that what was read of people is fresh.
func (p Pace) batch() int {
	if p.PerMinute > 0 {
		return max(p.Width, p.PerMinute/12)
	}
	return 25 * p.Width
}

// pageSize is how many people one Schedule looks at.
const pageSize = 200

// Schedule looks at the people whose hour has come, a page of them, writes down what is to be said to them and when to look again, and
// returns the lanes in which there is something to do. More says that there are more people to look at.
func (p *Postman) Schedule(ctx context.Context, in workflows.ScheduleInput) (workflows.ScheduleOutput, error) {
	var out workflows.ScheduleOutput
	now := p.Now()
	if in.First {
		if err := p.tidy(ctx, now); err != nil {
			return out, p.failed(ctx, "tidy up", err)
		}
	}
	boxes, err := p.Root.DueMailboxes(ctx, now, pageSize)
	if err != nil {
		return out, p.failed(ctx, "look for mailboxes", err)
	}
	r := newReading(p.Root, p.Mail != nil, now)
	if in.First {
		if err := p.scheduleChannels(ctx, r); err != nil {
			return out, p.failed(ctx, "schedule the channels", err)
		}
	}
	if err := p.scheduleFirms(ctx, r, boxes); err != nil {
		return out, p.failed(ctx, "schedule messages", err)
	}
	out.More = len(boxes) == pageSize
	if !out.More {
		if err := p.scheduleNow(ctx, r); err != nil {
			return out, p.failed(ctx, "schedule what is said at once", err)
		}
		if err := p.Root.CloseGap(ctx, r.now); err != nil {
			return out, p.failed(ctx, "note what the ledger knows again", err)
		}
	}
	if out.Lanes, err = p.lanes(ctx); err != nil {
		return out, p.failed(ctx, "look for lanes", err)
	}
	return out, nil
}

// lanes returns the lanes in which there is something to do.
func (p *Postman) lanes(ctx context.Context) ([]workflows.Lane, error) {
	lanes, err := p.Root.Lanes(ctx)
	var out []workflows.Lane
	for _, l := range lanes {
		out = append(out, workflows.Lane{Firm: l.Firm, Lane: l.Lane})
	}
	return out, err
}

// keepInbound is for how long it is remembered what came from Slack, so that it is not done twice.
const keepInbound = 90 * 24 * time.Hour

// keepTries is for how long links to sign in are kept that are good no more, and tries to sign in.
const keepTries = 24 * time.Hour

// keepKeys is for how long an idempotency key is remembered: whoever sends the same request again within it changes nothing. The
// API document says so to those who send.
const keepKeys = 30 * 24 * time.Hour

// keysAtOnce is how many keys one transaction forgets, so that it keeps nobody waiting.
const keysAtOnce = 200

// tidy settles what is too late, before today's messages are scheduled: they say it. Once a day it forgets what nobody asks for.
func (p *Postman) tidy(ctx context.Context, now time.Time) error {
	last, err := p.sweeping(ctx, now)
	if err != nil {
		return err
	}
	if models.DateIn(last, time.UTC) != models.DateIn(now, time.UTC) {
		if err := p.forget(ctx); err != nil {
			return err
		}
	}
	late, err := p.Root.Late(ctx, now, 10*pageSize)
	if err != nil {
		return err
	}
	for _, d := range late {
		if err := p.Root.For(d.Firm).Suppress(ctx, d.ID, tooLate(d), now); err != nil {
			return err
		}
		alive(ctx)
	}
	return nil
}

// forget removes what is kept for some time only. That is measured in real time, by which others send again: a key on a fast clock
// bears a later time and is kept for longer.
func (p *Postman) forget(ctx context.Context) error {
	if _, err := p.Root.ForgetInbound(ctx, p.Real().Add(-keepInbound), 10000); err != nil {
		return err
	}
	for _, forget := range []func(context.Context, time.Time, int) (int, error){p.Root.ForgetLinks, p.Root.ForgetTries} {
		if _, err := forget(ctx, p.Real().Add(-keepTries), 10000); err != nil {
			return err
		}
	}
	for {
		n, err := p.Root.ForgetKeys(ctx, p.Real().Add(-keepKeys), keysAtOnce)
		if err != nil || n < keysAtOnce {
			return err
		}
		alive(ctx)
	}
}

// failed logs what went wrong: the activity is tried again.
func (p *Postman) failed(ctx context.Context, doing string, err error) error {
	p.Log.WarnContext(ctx, "postman failed", "doing", doing, "error", err)
	return fmt.Errorf("%s: the database does not answer", doing) // details are for the log
}

// scheduleFirms schedules for people who are sorted by firm, firm by firm.
func (p *Postman) scheduleFirms(ctx context.Context, r *reading, boxes []store.Mailbox) error {
	for from := 0; from < len(boxes); {
		to := from
		for to < len(boxes) && boxes[to].Firm == boxes[from].Firm {
			to++
		}
		if err := p.scheduleFirm(ctx, r, boxes[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// scheduleFirm schedules for people of one firm.
func (p *Postman) scheduleFirm(ctx context.Context, r *reading, boxes []store.Mailbox) error {
	firm := boxes[0].Firm
	s := p.Root.For(firm)
	ids := make([]models.PersonID, len(boxes))
	for i, b := range boxes {
		ids[i] = b.Person
	}
	noticed, err := s.HasNotices(ctx, ids)
	if err != nil {
		return err
	}
	people, err := p.recipients(ctx, s, ids)
	if err != nil {
		return err
	}
	awaited, err := s.Awaited(ctx, unreached(people))
	if err != nil {
		return err
	}
	var news []store.NewDelivery
	var looks []store.Look
	for _, b := range boxes {
		fresh, look, err := p.scheduleDigest(ctx, r, b, people[b.Person], noticed[b.Person])
		if fresh != nil && fresh.Delivery.Channel == reminders.ChannelNone {
			fresh, look = unheard(fresh, look, people[b.Person], awaited[b.Person], r.now)
		}
		if err != nil {
			// One person's trouble must not keep everybody's messages: they are looked at again in a while.
			p.Log.ErrorContext(ctx, "cannot schedule somebody's digest", "firm", firm, "person", b.Person, "error", err)
			looks = append(looks, store.Look{Person: b.Person, Next: r.now.Add(15 * time.Minute)})
			continue
		}
		alive(ctx)
		if latest := r.now.Add(store.LookAgain); look.Next.After(latest) {
			look.Next = latest
		}
		looks = append(looks, look)
		if fresh != nil {
			news = append(news, *fresh)
		}
	}
	_, err = s.Schedule(ctx, news, looks)
	return err
}

// awaitFor is how long after their hour, and after their workspace was connected, the day of somebody is not planned whom nothing reaches
// and nobody has looked for there yet; awaitAgain is after how long they are looked at again when nobody has found them before.
const (
	awaitFor   = time.Hour
	awaitAgain = 5 * time.Minute
)

// unheard returns what is scheduled for somebody whom nothing reaches, and when they are looked at again. Whoever is found later today
// hears today; the day of whom nobody has looked for yet, in a workspace that is in use since an instant, is not given up before somebody
// could.
func unheard(fresh *store.NewDelivery, look store.Look, to *reminders.Recipient, inUse, now time.Time) (*store.NewDelivery, store.Look) {
	look.On = models.Date{}
	from := to.DigestAt.On(fresh.Delivery.Day, to.Zone())
	if inUse.After(from) {
		from = inUse
	}
	if !inUse.IsZero() && now.Before(from.Add(awaitFor)) {
		return nil, store.Look{Person: look.Person, Next: now.Add(awaitAgain)}
	}
	return fresh, look
}

// unreached returns those whom nothing reaches.
func unreached(people map[models.PersonID]*reminders.Recipient) []models.PersonID {
	var out []models.PersonID
	for id, to := range people {
		if to.Active && to.Channel == reminders.ChannelNone {
			out = append(out, id)
		}
	}
	return out
}

// recipients returns people as recipients. One who cannot be read must not keep the others' messages, and is left out.
func (p *Postman) recipients(ctx context.Context, s *store.Store, ids []models.PersonID) (map[models.PersonID]*reminders.Recipient, error) {
	year := p.Now().Year()
	all, err := s.Recipients(ctx, ids, year, p.Mail != nil)
	if err == nil || models.CodeOf(err) == models.Unavailable {
		return all, err
	}
	all = map[models.PersonID]*reminders.Recipient{}
	for _, id := range ids {
		to, err := s.Recipient(ctx, id, year, p.Mail != nil)
		if models.CodeOf(err) == models.Unavailable {
			return nil, err
		} else if err != nil {
			p.Log.ErrorContext(ctx, "somebody cannot be read", "person", id, "error", err)
			continue
		}
		all[id] = to
	}
	return all, nil
}

// scheduleDigest schedules a person's digest of today, if their hour has come and there is something to say.
func (p *Postman) scheduleDigest(ctx context.Context, r *reading, b store.Mailbox, to *reminders.Recipient,
	noticed bool) (*store.NewDelivery, store.Look, error) {
	s := p.Root.For(b.Firm)
	if to == nil {
		return nil, store.Look{}, models.Refuse(models.NotFound, "person", "%s cannot be read", b.Person)
	}
	look := store.Look{Person: b.Person, Next: to.NextDigest(r.now)}
	if !to.Active {
		look.Next = r.now.Add(store.LookAgain)
		return nil, look, nil
	}
	today := to.Today(r.now)
	if b.LookedOn == today || !digestHour(to, today, r.now) {
		return nil, look, nil
	}
	look.On = today
	var notices []engagement.Notice
	var err error
	if noticed {
		if notices, err = s.Notices(ctx, b.Person); err != nil {
			return nil, look, err
		}
	}
	d, err := r.digest(ctx, b.Firm, to, today, notices)
	if err != nil || !d.Fresh() {
		return nil, look, err
	}
	del := p.delivery(b.Firm, reminders.KindDigest, today.String(), to, today, r.now)
	del.Missing = missed(to, b.LookedOn, today)
	if del.Status, del.Reason, err = p.withheld(ctx, r, s, b.Firm, to, d, del); err != nil {
		return nil, look, err
	}
	return newDigest(del, d), look, nil
}

// newDigest returns what is written down of a digest: with what it would have said, when it is not to go out.
func newDigest(del reminders.Delivery, d draft) *store.NewDelivery {
	fresh := &store.NewDelivery{Delivery: del, Notices: true}
	if del.Status != reminders.DeliveryScheduled {
		m, said := d.Digest()
		fresh.Would = &store.Frozen{Message: m, Nudges: steps(said)}
	}
	return fresh
}

// digestHour reports whether a person's digest of a day may go out now: on a working day, from their hour until their day ends.
func digestHour(to *reminders.Recipient, day models.Date, now time.Time) bool {
	return to.Works(day) && !now.Before(to.DigestAt.On(day, to.Zone())) && now.Before(to.DayEnds(day))
}

// missed returns the working days between the last one on which a person was looked at and today; the zero Span when there are none, or
// when they were never looked at.
func missed(to *reminders.Recipient, lookedOn, today models.Date) planning.Span {
	before := to.Days.Add(today, -1)
	if lookedOn.IsZero() || !lookedOn.Before(before) || !to.Works(before) {
		return planning.Span{}
	}
	return planning.Span{Start: to.Days.Add(lookedOn, 1), End: before}
}

// withheld says whether a digest is to go out: scheduled, or suppressed for a reason.
func (p *Postman) withheld(ctx context.Context, r *reading, s *store.Store, firm models.FirmID, to *reminders.Recipient, d draft,
	del reminders.Delivery) (reminders.DeliveryStatus, string, error) {
	settings, err := r.settings(ctx, firm)
	if err != nil {
		return "", "", err
	}
	switch {
	case settings.Paused:
		return reminders.DeliverySuppressed, "all messages of the firm are paused", nil
	case to.Channel == reminders.ChannelNone:
		return reminders.DeliverySuppressed, "neither Slack nor mail reaches them", nil
	case d.Mild():
		n, err := s.SentSince(ctx, to.ID, del.Day.Monday())
		if err != nil || n < settings.WeeklyBudget {
			return reminders.DeliveryScheduled, "", err
		}
		return reminders.DeliverySuppressed, models.Count(n, "message") + " this week already, and it only looks ahead", nil
	}
	return reminders.DeliveryScheduled, "", nil
}

// delivery makes a delivery to somebody, by the way that reaches them.
func (p *Postman) delivery(firm models.FirmID, kind reminders.DeliveryKind, slot string, to *reminders.Recipient, day models.Date,
	now time.Time) reminders.Delivery {
	return reminders.Delivery{Firm: firm, ID: reminders.DeliveryID(firm, to.ID, kind, slot, to.Channel), Kind: kind, Slot: slot,
		Person: to.ID, Channel: to.Channel,
		Workspace: to.Workspace, Status: reminders.DeliveryScheduled, ScheduledAt: now, NotAfter: to.DayEnds(day), Day: day}
}

// scheduleNow schedules what is to be said at once to those who may be written to now; for the others it waits for their digest.
func (p *Postman) scheduleNow(ctx context.Context, r *reading) error {
	pending, err := p.Root.UrgentNotices(ctx, r.now.Add(-time.Minute), pageSize)
	if err != nil {
		return err
	}
	for _, x := range pending {
		settings, err := r.settings(ctx, x.Firm)
		if err != nil {
			return err
		}
		if x.Oldest.At.Add(time.Duration(settings.BundleMinutes) * time.Minute).After(r.now) {
			continue // more of the same may come
		}
		if err := p.scheduleUrgent(ctx, r, x, settings); models.CodeOf(err) == models.Unavailable {
			return err
		} else if err != nil { // one person's trouble must not keep everybody's messages
			p.Log.ErrorContext(ctx, "cannot schedule what is said at once", "firm", x.Firm, "person", x.Person, "error", err)
		}
	}
	return nil
}

func (p *Postman) scheduleUrgent(ctx context.Context, r *reading, x store.Pending, settings reminders.Messaging) error {
	s := p.Root.For(x.Firm)
	to, err := s.Recipient(ctx, x.Person, r.now.Year(), p.Mail != nil)
	if err != nil {
		return err
	}
	today := to.Today(r.now)
	n, err := s.SentSince(ctx, x.Person, today.Monday())
	if err != nil {
		return err
	}
	if settings.Paused || !to.Active || !to.Open(r.now) || to.Channel == reminders.ChannelNone || n >= 2*settings.WeeklyBudget {
		return s.DeferToDigest(ctx, x.Person)
	}
	d := p.delivery(x.Firm, reminders.KindNow, fmt.Sprintf("%s/%d", x.Oldest.Engagement, x.Oldest.Seq), to, today, r.now)
	d.NotAfter = to.DayEnds(to.Days.Add(today, 1)) // what cannot be sent today is not to wait for the digest after tomorrow's
	_, err = s.Schedule(ctx, []store.NewDelivery{{Delivery: d, Notices: true}}, nil)
	return err
}

// limiter returns the limit of a name, which is made the first time.
func (p *Postman) limiter(name string, per rate.Limit, burst int) *rate.Limiter {
	if l, ok := p.limits.Load(name); ok {
		return l.(*rate.Limiter)
	}
	l, _ := p.limits.LoadOrStore(name, rate.NewLimiter(per, burst))
	return l.(*rate.Limiter)
}

// wait waits until a message may go to a channel: about one a second to a channel, two hundred a minute to a workspace.
func (p *Postman) wait(ctx context.Context, lane, channel string) error {
	pace := p.Pace.with()
	if pace.PerMinute > 0 {
		if err := p.limiter(lane, rate.Limit(float64(pace.PerMinute)/60), max(1, pace.PerMinute/20)).Wait(ctx); err != nil {
			return err
		}
	}
	if pace.PerSecond > 0 && channel != "" {
		return p.limiter(lane+"/"+channel, rate.Limit(pace.PerSecond), 1).Wait(ctx)
	}
	return nil
}
