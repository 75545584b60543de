package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// suppressed is why a message is not sent after all.
func suppressed(format string, args ...any) *store.Suppression {
	return &store.Suppression{Status: reminders.DeliverySuppressed, Reason: fmt.Sprintf(format, args...)}
}

// dropped is why a message is not sent, nor said by another.
func dropped(format string, args ...any) *store.Suppression {
	s := suppressed(format, args...)
	s.Drop = true
	return s
}

// compose makes the message of a delivery as of now: state is looked at when it is sent, not when it was scheduled (domain.md 6.6). It
// returns why not when there is nothing to say any more, or nobody to say it to.
func (sh *shift) compose(ctx context.Context, d reminders.Delivery, now time.Time) (store.Frozen, *store.Suppression, error) {
	switch d.Kind {
	case reminders.KindCounts:
		return sh.counts(ctx, d)
	case reminders.KindPortfolio:
		return sh.portfolio(ctx, d)
	}
	if d.Person == "" { // it goes to a channel or an account, whoever that is
		return sh.asWritten(ctx, d)
	}
	to := sh.people[d.Person]
	if to == nil {
		return store.Frozen{}, nil, models.Refuse(models.NotFound, "person", "%s cannot be read", d.Person)
	}
	if !to.Active {
		return store.Frozen{}, dropped("%s has left", to.Name), nil
	}
	if d.Kind == reminders.KindDigest || d.Kind == reminders.KindNow {
		return sh.anew(ctx, d, to)
	}
	return sh.asWritten(ctx, d)
}

// anew composes a digest or an urgent message of what is true now.
func (sh *shift) anew(ctx context.Context, d reminders.Delivery, to *reminders.Recipient) (store.Frozen, *store.Suppression, error) {
	if !reaches(d, to) {
		return sh.elsewhere(d, to)
	}
	var notices []engagement.Notice
	if sh.bearing[d.ID] {
		var err error
		if notices, err = sh.s.NoticesOf(ctx, d.ID); err != nil {
			return store.Frozen{}, nil, err
		}
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	compose := sh.digest
	if d.Kind == reminders.KindNow {
		compose = sh.urgently
	}
	z, why, err := compose(ctx, d, to, notices)
	if d.Channel == reminders.ChannelMail && to.Prefs.MailOff {
		z.Message.Footer = strings.TrimSpace(z.Message.Footer + " " + undo)
	}
	return z, why, err
}

// undo says in mails that still come how daily ones come again: whose mail program unsubscribed them has seen no page that says so.
const undo = "You unsubscribed from daily reminders by mail: only what cannot wait comes here. Your project manager can turn them on again."

// reaches reports whether a delivery still goes the way that reaches its recipient. What Slack refused is sent by mail though Slack
// reaches them.
func reaches(d reminders.Delivery, to *reminders.Recipient) bool {
	if d.Follows != "" && d.Channel == reminders.ChannelMail && to.Email != "" {
		return true
	}
	return to.Channel == d.Channel && (to.Workspace == d.Workspace || d.Channel != reminders.ChannelSlack)
}

// asWritten returns the message that was written when the delivery was scheduled. One that is sent again has what is done since
// crossed out.
func (sh *shift) asWritten(ctx context.Context, d reminders.Delivery) (store.Frozen, *store.Suppression, error) {
	if d.Message == nil {
		return store.Frozen{}, dropped("there is nothing to say"), nil
	}
	if to := sh.people[d.Person]; d.Kind == reminders.KindTrouble && to != nil && (to.Channel == reminders.ChannelNone || !reaches(d, to)) {
		return sh.elsewhere(d, to)
	}
	m := *d.Message
	made := d.Kind == reminders.KindAgain || d.Kind == reminders.KindReply
	if made { // what is done since is crossed out
		became, err := sh.s.Became(ctx, d, sh.p.Now())
		if err != nil {
			return store.Frozen{}, nil, err
		}
		m.Refresh(became)
	}
	if d.AtLeastOnce() && d.Attempts > 0 {
		_, tries, err := sh.s.Delivery(ctx, d.ID)
		if err != nil {
			return store.Frozen{}, nil, err
		}
		m.Intro += again(tries)
	}
	return store.Frozen{Message: m, Made: made}, nil, nil
}

// again is what is said besides where an earlier try may have come through.
func again(tries []reminders.Attempt) string {
	if doubtful(tries) {
		return " You may have received this already."
	}
	return ""
}

// elsewhere says that somebody is reached by another way than when the delivery was scheduled: that is tried instead.
func (sh *shift) elsewhere(d reminders.Delivery, to *reminders.Recipient) (store.Frozen, *store.Suppression, error) {
	if to.Channel == reminders.ChannelNone {
		return store.Frozen{}, suppressed("neither Slack nor mail reaches them"), nil
	}
	why := suppressed("they are reached by %s now", to.Channel)
	if d.Kind == reminders.KindTrouble {
		why.Fallback = sh.once(d, to)
		return store.Frozen{}, why, nil
	}
	next := sh.p.delivery(d.Firm, d.Kind, d.Slot, to, d.Day, sh.p.Now())
	next.NotAfter, next.Missing = d.NotAfter, d.Missing
	if next.ID == d.ID { // the same way, by another workspace: with a name of its own
		next.Slot += "/" + to.Workspace
		next.ID = reminders.DeliveryID(next.Firm, next.Person, next.Kind, next.Slot, next.Channel)
	}
	why.Fallback = &next
	return store.Frozen{}, why, nil
}

// once returns the delivery that says what one says as it was written, by the way that reaches its recipient now. It has a name of its own
// for each that it may follow: people go from one way to another and back.
func (sh *shift) once(d reminders.Delivery, to *reminders.Recipient) *reminders.Delivery {
	next := sh.p.delivery(d.Firm, d.Kind, d.Slot, to, d.Day, sh.p.Now())
	next.ID = reminders.DeliveryID(next.Firm, next.Person, next.Kind, next.Slot+"/"+d.ID, next.Channel)
	next.NotAfter, next.Message = d.NotAfter, d.Message
	return &next
}

func (sh *shift) digest(ctx context.Context, d reminders.Delivery, to *reminders.Recipient, notices []engagement.Notice) (store.Frozen,
	*store.Suppression, error) {
	draft, err := sh.r.digest(ctx, d.Firm, to, d.Day, notices)
	if err != nil {
		return store.Frozen{}, nil, err
	}
	if !draft.Fresh() {
		return store.Frozen{}, dropped("nothing is left to say"), nil
	}
	draft.Missing = d.Missing
	m, said := draft.Digest()
	if d.Channel == reminders.ChannelMail && to.Prefs.MailOff && !m.Urgent {
		why := suppressed("they want no reminders by mail")
		why.Would = &store.Frozen{Message: m, Nudges: steps(said)}
		return store.Frozen{}, why, nil
	}
	return store.Frozen{Message: m, Revisions: draft.revisions, Nudges: steps(said)}, nil, nil
}

// steps returns what a digest says that is a step of an item's reminders, and not only shown beside others.
func steps(said []reminders.Nudge) []reminders.Nudge {
	return slices.DeleteFunc(said, func(n reminders.Nudge) bool { return n.Step == (reminders.Step{}) })
}

func (sh *shift) urgently(ctx context.Context, d reminders.Delivery, to *reminders.Recipient, notices []engagement.Notice) (store.Frozen,
	*store.Suppression, error) {
	z := store.Frozen{Revisions: map[models.EngagementID]int64{}}
	lines, _, err := sh.r.news(ctx, d.Firm, notices, z.Revisions)
	if err != nil {
		return z, nil, err
	}
	if len(lines) == 0 {
		return z, dropped("nothing is left to say"), nil
	}
	ask := reminders.Managers{}
	for id := range z.Revisions {
		o, err := sh.r.snapshot(ctx, models.Ref{Firm: d.Firm, Engagement: id})
		if err != nil {
			return z, nil, err
		}
		ask.Add(o.facts)
	}
	client := ""
	if to.Client != "" {
		c, err := sh.s.Client(ctx, to.Client)
		if err != nil {
			return z, nil, err
		}
		client = c.Name
	}
	for _, l := range lines {
		if kind, subject := engagement.ParseItem(l.Item); l.Step != nil { // it counts as said, as in a daily message
			z.Nudges = append(z.Nudges, reminders.Nudge{To: to.ID, Item: engagement.Item{Engagement: l.Engagement, Kind: kind, Subject: subject},
				Step: reminders.Step{Due: l.Due, Offset: *l.Step}})
		}
	}
	z.Message = reminders.Urgently(to, lines, client, ask, sh.p.Root.Catalog.Reminders.Defaults.Lines)
	if d.Attempts > 0 {
		_, tries, err := sh.s.Delivery(ctx, d.ID)
		if err != nil {
			return z, nil, err
		}
		z.Message.Intro += again(tries)
	}
	return z, nil, nil
}

// doubtful reports whether an earlier try may have come through, and nobody could look.
func doubtful(tries []reminders.Attempt) bool {
	doubt := false
	for _, a := range tries {
		switch a.Class {
		case reminders.AttemptAmbiguous, reminders.AttemptUnreadable:
			doubt = true
		case reminders.AttemptAbsent:
			doubt = false
		}
	}
	return doubt
}

// An address is where a message goes.
type address struct {
	token   string // of the workspace
	channel string
	mail    string
	name    string
}

// address returns where a delivery goes, opening somebody's direct messages the first time. It returns why not when that cannot be.
func (sh *shift) address(ctx context.Context, d reminders.Delivery) (address, *store.Suppression, error) {
	if d.Channel == reminders.ChannelMail {
		if d.Person == "" && sh.p.Mail != nil { // where somebody was reached before
			return address{mail: d.Dest}, nil, nil
		}
		to := sh.people[d.Person]
		if to == nil || to.Email == "" || sh.p.Mail == nil {
			return address{}, suppressed("there is no mail to send"), nil
		}
		return address{mail: to.Email, name: to.Name}, nil, nil
	}
	w, active := sh.workspace(d.Workspace)
	if !active {
		why := suppressed("the Slack workspace is not connected any more")
		var err error
		why.Fallback, err = sh.otherWay(ctx, d)
		return address{}, why, err
	}
	if d.Person == "" {
		return address{token: w.Secrets.Token, channel: d.Dest}, nil, nil
	}
	to, not, err := sh.directly(ctx, d, w)
	if d.Kind == reminders.KindReply && to.channel != "" && to.channel != d.Dest {
		return address{}, suppressed("where it was typed is not their account any more"), err
	}
	return to, not, err
}

// directly returns the channel of somebody's direct messages.
func (sh *shift) directly(ctx context.Context, d reminders.Delivery, w reminders.Workspace) (address, *store.Suppression, error) {
	var err error
	for _, b := range sh.bindings[d.Person] {
		if b.Workspace != w.ID || b.User == "" {
			continue
		}
		if b.SlackChannel != "" {
			return address{token: w.Secrets.Token, channel: b.SlackChannel}, nil, nil
		}
		return sh.open(ctx, d, w, b)
	}
	why := suppressed("nobody knows who they are in Slack")
	why.Fallback, err = sh.otherWay(ctx, d)
	return address{}, why, err
}

// open opens somebody's direct messages. Where that cannot be known now, the delivery waits, and the address is empty.
func (sh *shift) open(ctx context.Context, d reminders.Delivery, w reminders.Workspace, b reminders.Binding) (address, *store.Suppression,
	error) {
	channel, v := sh.p.Slack.Open(ctx, w.Secrets.Token, b.User)
	switch v.Class {
	case reminders.AttemptAccepted:
		err := sh.s.SetBinding(ctx, d.Person, w.ID, sh.p.Now(), func(b *reminders.Binding) { b.SlackChannel = channel })
		return address{token: w.Secrets.Token, channel: channel}, nil, err
	case reminders.AttemptUnsent:
		sh.hold(ctx, v)
		return address{}, nil, sh.s.Postpone(ctx, d.ID, v.Reason, sh.pause(v))
	}
	if v.Unbound {
		gone, wait, err := sh.refusedBy(ctx, w, d, v, false)
		if err != nil || !gone {
			return address{}, nil, firstError(err, sh.s.Postpone(ctx, d.ID, v.Reason, wait))
		}
	}
	why := suppressed("%s", v.Reason)
	var err error
	why.Fallback, err = sh.otherWay(ctx, d)
	return address{}, why, err
}

// firstError returns err, or next when there is none.
func firstError(err, next error) error {
	if err != nil {
		return err
	}
	return next
}
