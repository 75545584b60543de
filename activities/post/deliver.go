package post

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"tickmark/activities/mail"
	"tickmark/activities/safely"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/workflows"
)

// Deliveries is what the sending of messages is called where failures are counted.
const Deliveries = "deliveries"

// Deliver works on one lane for a shift: it sends what is scheduled, looks for what a try left in doubt, and edits what is not true any
// more. More says that there is more to do at once. A lane that something holds up is left alone until that is over.
func (p *Postman) Deliver(ctx context.Context, in workflows.DeliverInput) (workflows.DeliverOutput, error) {
	pace := p.Pace.with()
	s := p.Root.For(in.Lane.Firm)
	if err := p.wake(ctx); err != nil {
		return workflows.DeliverOutput{}, p.failed(ctx, "note what the ledger may not know", err)
	}
	if err := p.shiftOn(in.Lane).bind(ctx, in.Lane); err != nil {
		return workflows.DeliverOutput{}, p.failed(ctx, "look for people in Slack", err)
	}
	shift := p.shiftOn(in.Lane)
	end := p.Real().Add(pace.Shift)
	for p.Real().Before(end) && ctx.Err() == nil {
		due, err := s.Due(ctx, in.Lane.Lane, pace.batch())
		if err != nil {
			return workflows.DeliverOutput{}, p.failed(ctx, "look for deliveries", err)
		}
		if len(due) == 0 {
			return p.after(ctx, s, in.Lane, false)
		}
		alive(ctx)
		if err := shift.prepare(ctx, due); err != nil {
			return workflows.DeliverOutput{}, p.failed(ctx, "read for deliveries", err)
		}
		if held := shift.batch(ctx, due); held {
			return p.after(ctx, s, in.Lane, true)
		}
	}
	out, err := p.after(ctx, s, in.Lane, false)
	out.More, out.Again = true, 0
	return out, err
}

// after returns what there is to do after a shift on a lane: in it, in others that it may have given something to, and for people whom it
// has just found. In a lane that is held up there is nothing to do at once.
func (p *Postman) after(ctx context.Context, s *store.Store, lane workflows.Lane, held bool) (out workflows.DeliverOutput, err error) {
	wait, waits, err := s.LaneWaits(ctx, lane.Lane)
	if err != nil {
		return out, p.failed(ctx, "look when a lane is due", err)
	}
	switch {
	case held:
		out.Again = max(wait, p.Pace.with().Backoff)
	case waits && wait == 0:
		out.More = true
	default:
		out.Again = wait
	}
	lanes, err := s.LanesBeside(ctx, lane.Lane)
	if err != nil {
		return out, p.failed(ctx, "look for lanes", err)
	}
	for _, l := range lanes {
		out.Lanes = append(out.Lanes, workflows.Lane{Firm: l.Firm, Lane: l.Lane})
	}
	if out.Sweep, err = s.AnybodyToLookAt(ctx); err != nil {
		return out, p.failed(ctx, "look for mailboxes", err)
	}
	return out, nil
}

// alive gives a sign of life where there is somebody who waits for one.
func alive(ctx context.Context) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx)
	}
}

// batch works on some deliveries of a lane, a few at a time, and reports whether the lane is held up.
func (sh *shift) batch(ctx context.Context, due []reminders.Delivery) bool {
	work := make(chan reminders.Delivery, len(due))
	for _, d := range due {
		work <- d
	}
	close(work)
	var together safely.Group
	width := min(sh.pace.Width, len(due))
	if n, _, err := sh.s.LaneFailures(ctx, sh.lane); err != nil || n > 0 {
		width = 1 // nobody knows whether it works again: one after another, until one of them is sent
	}
	for range width {
		together.Go(func() error {
			for d := range work {
				if sh.held.Load() || ctx.Err() != nil {
					continue
				}
				if err := safely.Do(func() error { return sh.one(ctx, d) }); err != nil && ctx.Err() == nil {
					sh.p.Log.WarnContext(ctx, "delivery failed", "firm", d.Firm, "delivery", d.ID, "error", err)
					safely.Failed(ctx, Deliveries, err)
					// Where the database does not answer nothing more is tried; another trouble must not keep the messages of others.
					if models.CodeOf(err) == models.Unavailable ||
						sh.s.Postpone(ctx, d.ID, "it could not be made: see the log", 5*sh.pace.Patience) != nil {
						sh.held.Store(true)
					}
				}
				alive(ctx)
			}
			return nil
		})
	}
	if err := together.Wait(); err != nil {
		sh.p.Log.ErrorContext(ctx, "deliveries failed", "lane", sh.lane, "error", err)
		safely.Failed(ctx, Deliveries, err)
		sh.held.Store(true)
	}
	return sh.held.Load()
}

// A shift is one going over a lane.
type shift struct {
	p    *Postman
	s    *store.Store
	lane string
	pace Pace
	held atomic.Bool

	people     map[models.PersonID]*reminders.Recipient // of the batch
	workspaces map[string]reminders.Workspace           // of the batch: those in use
	bindings   map[models.PersonID][]reminders.Binding  // of the batch's people
	bearing    map[string]bool                          // which of the batch have taken up notices
	gap        store.Gap                                // of which time the ledger may not know what was sent
	clear      atomic.Bool                              // nothing holds the lane up, as far as is noted

	mu sync.Mutex // reads are shared
	r  *reading
}

// What is read of engagements is good for so many of them and, in engagement time, for so long: what the ledger freezes is checked
// against what is true then.
const (
	keepReading = time.Minute
	mostRead    = 200
)

// prepare reads what a batch has in common.
func (sh *shift) prepare(ctx context.Context, due []reminders.Delivery) error {
	now := sh.p.Now()
	if sh.r == nil || now.Sub(sh.r.now) > keepReading || len(sh.r.known) > mostRead {
		sh.r = newReading(sh.p.Root, sh.p.Mail != nil, now)
	}
	var ids []models.PersonID
	var deliveries []string
	for _, d := range due {
		deliveries = append(deliveries, d.ID)
		if d.Person != "" {
			ids = append(ids, d.Person)
		}
	}
	err := sh.readWorkspaces(ctx, due)
	if err != nil {
		return err
	}
	if sh.people, err = sh.p.recipients(ctx, sh.s, ids); err != nil {
		return err
	}
	if sh.bindings, err = sh.s.BindingsOf(ctx, ids); err != nil {
		return err
	}
	if sh.gap, err = sh.p.Root.Gap(ctx); err != nil {
		return err
	}
	sh.bearing, err = sh.s.Bearing(ctx, deliveries)
	return err
}

// readWorkspaces reads the workspaces that a batch goes to. One that is not there any more is kept as one that is not in use.
func (sh *shift) readWorkspaces(ctx context.Context, due []reminders.Delivery) error {
	sh.workspaces = map[string]reminders.Workspace{}
	for _, d := range due {
		if _, read := sh.workspaces[d.Workspace]; d.Workspace == "" || read {
			continue
		}
		w, err := sh.s.Workspace(ctx, d.Workspace)
		if err != nil && models.CodeOf(err) != models.NotFound {
			return err
		}
		sh.workspaces[d.Workspace] = w
	}
	return nil
}

// workspace returns a workspace as it was when the batch was begun; false when it is not in use.
func (sh *shift) workspace(id string) (reminders.Workspace, bool) {
	w := sh.workspaces[id]
	return w, w.State == reminders.WorkspaceActive
}

func (p *Postman) shiftOn(lane workflows.Lane) *shift {
	return &shift{p: p, s: p.Root.For(lane.Firm), lane: lane.Lane, pace: p.Pace.with()}
}

// one brings one delivery on.
func (sh *shift) one(ctx context.Context, d reminders.Delivery) error {
	switch {
	case d.Status == reminders.DeliverySending:
		return sh.reconcile(ctx, d)
	case d.Status == reminders.DeliverySent && d.EditDue > 0:
		return sh.edit(ctx, d)
	case d.Status == reminders.DeliveryScheduled:
		return sh.send(ctx, d)
	}
	return nil
}

// tooLate is why what was not sent in time is not sent: what says it instead, if anything does.
func tooLate(d reminders.Delivery) store.Suppression {
	why := store.Suppression{Status: reminders.DeliveryExpired, Reason: "too late: it is not said any more"}
	switch d.Kind {
	case reminders.KindDigest, reminders.KindNow:
		why.Reason = "too late for its day: the next digest says it"
	case reminders.KindCounts, reminders.KindPortfolio:
		why.Reason = "too late for its week: the next one says how it stands then"
	}
	return why
}

// tries is how often a message is composed anew because what it is made of has changed meanwhile. After that it says what was true when
// it was read, and is edited where it stands.
const tries = 3

// send composes a message as of now, lets the ledger freeze it, sends it once and notes what came of it.
func (sh *shift) send(ctx context.Context, d reminders.Delivery) error {
	if ok, err := sh.timely(ctx, d, sh.p.Now()); err != nil || !ok {
		return err
	}
	for n := range tries {
		if stale, err := sh.try(ctx, d, n == tries-1); err != nil || !stale {
			return err
		}
	}
	return nil // the last try is never stale
}

// timely reports whether a message may go out at an instant. One that may not has its reason in the ledger: it is too late for its day, or
// waits until they may be written to.
func (sh *shift) timely(ctx context.Context, d reminders.Delivery, now time.Time) (bool, error) {
	switch {
	case d.TooLate(now):
		return false, sh.s.Suppress(ctx, d.ID, tooLate(d), now)
	case sh.outOfHours(d, now):
		wait := sh.p.realWait(sh.people[d.Person].NextOpen(now).Sub(now))
		return false, sh.s.Postpone(ctx, d.ID, "it waits until they may be written to", min(wait, 5*sh.pace.Patience))
	}
	return true, nil
}

// leastWait is how long anything waits at least for engagement time to pass, in real time: a fast clock keeps no lane busy.
const leastWait = 100 * time.Millisecond

// realWait returns for how long to wait, in real time, until so much engagement time has passed.
func (p *Postman) realWait(d time.Duration) time.Duration {
	if p.Wait != nil {
		d = p.Wait(d)
	}
	return max(d, leastWait)
}

// outOfHours reports whether a message that bears no quiet hours would come in those of its recipient.
func (sh *shift) outOfHours(d reminders.Delivery, now time.Time) bool {
	switch d.Kind {
	case reminders.KindNow, reminders.KindTrouble, reminders.KindBinding:
		to := sh.people[d.Person]
		return to != nil && to.Active && !to.Open(now)
	}
	return false
}

// try composes a message, lets the ledger freeze it and sends it. It reports whether what the message was made of has changed
// meanwhile: then nothing was sent, and it is to be composed anew; anyway sends it all the same. Whether it may still go out is asked at
// the gate, when it has waited for its turn.
func (sh *shift) try(ctx context.Context, d reminders.Delivery, anyway bool) (stale bool, err error) {
	z, to, ok, err := sh.write(ctx, d, sh.p.Now())
	if err != nil || !ok {
		return false, err
	}
	if err := sh.turn(ctx, d, to); err != nil || sh.held.Load() {
		return false, err // the lane may have been held up while the message waited for its turn
	}
	z.Dest, z.Anyway = to.channel+to.mail, anyway
	sh.p.at("before_gate")
	opened, now := sh.p.Real(), sh.p.Now()
	if ok, err := sh.timely(ctx, d, now); err != nil || !ok {
		return false, err
	}
	gated, at, err := sh.s.Begin(ctx, d.ID, z, sh.pace.Patience, now)
	if err != nil || at == store.Taken {
		return false, err
	}
	if at == store.Stale {
		sh.forget()
		return true, nil
	}
	sh.p.at("after_gate")
	return false, sh.deliver(ctx, gated, to, opened)
}

// turn waits until a message may go to its channel, and be looked for first where it is to be.
func (sh *shift) turn(ctx context.Context, d reminders.Delivery, to address) error {
	if sh.looksFirst(d.Attempts+1, d) {
		if err := sh.readTurn(ctx); err != nil {
			return err
		}
	}
	return sh.p.wait(ctx, sh.lane, to.channel)
}

// write composes a message and returns it with where it goes. It is not ok when the message is not sent now: why is in the ledger, or
// the lane is held up.
func (sh *shift) write(ctx context.Context, d reminders.Delivery, now time.Time) (z store.Frozen, to address, ok bool, err error) {
	z, not, err := sh.compose(ctx, d, now)
	if err != nil {
		return z, to, false, err
	}
	if not == nil {
		if to, not, err = sh.address(ctx, d); err != nil || sh.held.Load() || not == nil && to == (address{}) {
			return z, to, false, err
		}
	}
	if not == nil && d.Endless() && d.Follows != "" {
		if not, err = sh.stillRefused(ctx, d, to); err != nil {
			return z, to, false, err
		}
	}
	switch {
	case not == nil:
		return z, to, true, nil
	case d.Endless() && not.Fallback == nil && !not.Drop:
		return z, to, false, sh.s.Postpone(ctx, d.ID, not.Reason+": it waits", sh.p.realWait(awaitAgain))
	}
	return z, to, false, sh.s.Suppress(ctx, d.ID, *not, now)
}

// stillRefused returns why a delivery that waits without end is not sent now: what it follows was refused for good there. It is sent by
// another way, or when they are reached at another address.
func (sh *shift) stillRefused(ctx context.Context, d reminders.Delivery, to address) (*store.Suppression, error) {
	was, _, err := sh.s.Delivery(ctx, d.Follows)
	if err != nil || was.Status != reminders.DeliveryFailed || was.Channel != d.Channel || was.Dest != to.channel+to.mail {
		return nil, err
	}
	if who := sh.people[d.Person]; who != nil && who.Channel != d.Channel {
		_, not, err := sh.elsewhere(d, who)
		return not, err
	}
	return suppressed("where they are reached refuses it"), nil
}

// forget lets what was read be read anew.
func (sh *shift) forget() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.r = newReading(sh.p.Root, sh.p.Mail != nil, sh.p.Now())
}

// deliver gives a message that the gate let pass to its provider, once, and notes what came of it. It gives up in good time before
// others look for the message, also when this machine stood still meanwhile: what they do not find must not come later.
func (sh *shift) deliver(ctx context.Context, d reminders.Delivery, to address, opened time.Time) error {
	give, cancel := context.WithDeadline(ctx, opened.Add(sh.pace.Patience/2))
	defer cancel()
	if sh.looksFirst(d.Attempts, d) {
		if done, err := sh.lookBefore(give, d, to); err != nil || done {
			return err
		}
		if now := sh.p.Now(); d.TooLate(now) || sh.outOfHours(d, now) { // the look took its time
			const why = "it became too late while it was looked for"
			return sh.record(ctx, d, reminders.Attempt{Class: reminders.AttemptUnsent, Error: why, At: opened},
				store.Outcome{Status: reminders.DeliveryScheduled, Reason: why})
		}
	}
	began := sh.p.Real()
	receipt, v := sh.give(give, d, to)
	sh.p.at("after_send")
	a := sh.attempt(v, began)
	switch v.Class {
	case reminders.AttemptAccepted:
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySent, Receipt: receipt, Evidence: reminders.EvidenceResponse})
	case reminders.AttemptUnsent:
		return sh.later(ctx, d, a, v)
	case reminders.AttemptRefused:
		return sh.refused(ctx, d, a, v)
	}
	sh.hold(ctx, v)
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliverySending, Reason: v.Reason, Wait: sh.pace.Patience})
}

// give sends a message by its channel.
func (sh *shift) give(ctx context.Context, d reminders.Delivery, to address) (receipt string, v reminders.Verdict) {
	m := *d.Message
	if d.Kind.Keyed() {
		if m.Link, v = sh.keyOf(ctx, d); v.Class != "" {
			return "", v
		}
	}
	if d.Channel == reminders.ChannelSlack {
		return sh.p.Slack.Post(ctx, to.token, to.channel, d.ID, d.Attempts, wire.Render(m))
	}
	act, unsubscribe := mail.Links(sh.p.Site, d)
	text, html, err := mail.LetterOf(m, act, unsubscribe)
	if err != nil {
		return "", reminders.Verdict{Class: reminders.AttemptRefused, Reason: "the mail cannot be written"}
	}
	return sh.p.Mail.MessageID(d.ID),
		sh.p.Mail.Send(ctx, mail.Letter{To: to.mail, Name: to.name, ID: d.ID, Subject: d.Message.Subject, Text: text, HTML: html,
			Unsubscribe: unsubscribe})
}

func (sh *shift) attempt(v reminders.Verdict, began time.Time) reminders.Attempt {
	return reminders.Attempt{Class: v.Class, Status: v.Status, Error: v.Reason, Request: v.Request, At: began, Took: sh.p.Real().Sub(began)}
}

// record notes what became of a delivery, for as long as it takes while there is time: a database that is away for a moment must not
// make a message that was sent one in doubt.
func (sh *shift) record(ctx context.Context, d reminders.Delivery, a reminders.Attempt, o store.Outcome) error {
	o.Attempt = a
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sh.pace.Patience/2)
	defer cancel()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		sh.p.at("before_settle")
		_, err := sh.s.RecordOutcome(ctx, d.ID, d.Fence, o, sh.p.Now())
		if err == nil {
			sh.p.at("after_settle")
			if o.Status == reminders.DeliverySent {
				return sh.release(ctx)
			}
			return nil
		}
		if models.CodeOf(err) != models.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot note what became of a delivery: %w", err)
		case <-time.After(wait):
		}
	}
}

// later leaves a delivery scheduled that was surely not sent.
func (sh *shift) later(ctx context.Context, d reminders.Delivery, a reminders.Attempt, v reminders.Verdict) error {
	sh.hold(ctx, v)
	return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryScheduled, Reason: v.Reason, Wait: sh.pause(v)})
}

// pause returns how long to wait before the next try.
func (sh *shift) pause(v reminders.Verdict) time.Duration {
	switch {
	case v.Wait > 0:
		return v.Wait
	case v.Longer > 0:
		return time.Duration(v.Longer) * sh.pace.Patience
	}
	return sh.pace.Backoff
}

// hold holds the lane up when what happened to one delivery would happen to the next as well: longer each time in a row.
func (sh *shift) hold(ctx context.Context, v reminders.Verdict) {
	if !v.Lane || sh.held.Swap(true) {
		return
	}
	if v.Disconnected {
		sh.clear.Store(false)
		_, workspace, _ := strings.Cut(sh.lane, "/")
		if err := sh.suspect(ctx, workspace, v); err != nil {
			sh.p.Log.WarnContext(ctx, "cannot note what Slack said", "lane", sh.lane, "error", err)
		}
		return
	}
	wait := sh.pause(v)
	if v.Wait == 0 && v.Longer == 0 {
		n, _, err := sh.s.LaneFailures(ctx, sh.lane)
		if err != nil {
			n = 0
		}
		wait = sh.pace.Backoff << min(n, 6)
	}
	sh.clear.Store(false)
	if err := sh.s.HoldLane(context.WithoutCancel(ctx), sh.lane, v.Reason, wait, sh.p.Now()); err != nil {
		sh.p.Log.WarnContext(ctx, "cannot hold a lane up", "lane", sh.lane, "error", err)
	}
}

// release notes that a lane works, when the last thing that was noted of it is that it does not.
func (sh *shift) release(ctx context.Context) error {
	if sh.clear.Load() {
		return nil
	}
	n, _, err := sh.s.LaneFailures(ctx, sh.lane)
	if err != nil || n == 0 {
		sh.clear.Store(err == nil)
		return nil // it is noted with the next message
	}
	return sh.s.HoldLane(ctx, sh.lane, "", 0, sh.p.Now())
}

// maxChannel is how often Slack has to refuse what goes to a channel before that is believed.
const maxChannel = 3

// stays reports whether a delivery that Slack refuses is to be tried again all the same, and after which wait: Slack is asked once more, in
// other words, before an account or a channel is given up.
func (sh *shift) stays(ctx context.Context, d reminders.Delivery, v reminders.Verdict) (stays bool, wait time.Duration, err error) {
	switch {
	case !v.Unbound || d.Channel != reminders.ChannelSlack:
		return false, 0, nil
	case d.Person == "":
		return d.Attempts < maxChannel, sh.pace.Patience, nil
	}
	w, _ := sh.workspace(d.Workspace)
	gone, wait, err := sh.refusedBy(ctx, w, d, v, true)
	return !gone, wait, err
}

// refused records a delivery that its provider refused for good, lets mail say it where there is mail, and notes why it was refused.
func (sh *shift) refused(ctx context.Context, d reminders.Delivery, a reminders.Attempt, v reminders.Verdict) error {
	if stays, wait, err := sh.stays(ctx, d, v); err != nil {
		return err
	} else if stays {
		return sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryScheduled, Reason: v.Reason, Wait: wait})
	}
	next, err := sh.otherWay(ctx, d)
	if err != nil {
		return err
	}
	if to := sh.people[d.Person]; next == nil && to != nil && d.Endless() {
		next = sh.once(d, to) // for which stillRefused waits
		next.Channel, next.Workspace = d.Channel, d.Workspace
	}
	if err := sh.record(ctx, d, a, store.Outcome{Status: reminders.DeliveryFailed, Reason: v.Reason, Fallback: next}); err != nil {
		return err
	}
	switch {
	case d.Person == "" && (d.Kind == reminders.KindTrouble || d.Kind == reminders.KindReply): // where somebody was, they are not any more
		return nil
	case d.Person == "":
		return sh.p.warnOfChannel(ctx, sh.s, d, v.Reason)
	case v.Unbound && d.Channel == reminders.ChannelMail:
		return sh.p.warnOfAddress(ctx, sh.s, d, v.Reason)
	}
	return nil
}

// otherWay returns the delivery that says the same by mail; nil when there is none.
func (sh *shift) otherWay(ctx context.Context, d reminders.Delivery) (*reminders.Delivery, error) {
	bound := d.Kind == reminders.KindBinding || d.Kind == reminders.KindReply // it is said where they were asked, or typed, or nowhere
	if d.Channel != reminders.ChannelSlack || d.Person == "" || bound || sh.p.Mail == nil {
		return nil, nil
	}
	now := sh.p.Now()
	to, err := sh.s.Recipient(ctx, d.Person, now.Year(), true)
	if err != nil || to.Email == "" {
		return nil, err
	}
	to.Channel, to.Workspace = reminders.ChannelMail, ""
	next := sh.p.delivery(d.Firm, d.Kind, d.Slot, to, d.Day, now)
	next.NotAfter, next.Missing = d.NotAfter, d.Missing
	if d.Kind != reminders.KindDigest && d.Kind != reminders.KindNow { // those are made anew, of what is true then
		next.Message = d.Message
	}
	return &next, nil
}
