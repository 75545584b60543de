package post

import (
	"context"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/workflows"
)

// lookAfter is after how long somebody who was not found in a workspace is looked for again.
const lookAfter = 24 * time.Hour

// lookups is how many people are looked for in one shift: Slack answers about fifty such questions a minute.
const lookups = 40

// bind finds out who the firm's people are in a workspace: by their address, and then by asking them (slack-and-reliability.md 1.7).
func (sh *shift) bind(ctx context.Context, lane workflows.Lane) error {
	id := strings.TrimPrefix(lane.Lane, string(lane.Firm)+"/")
	if id == "mail" {
		return nil
	}
	w, due, err := sh.bindingDue(ctx, id)
	if err != nil || !due {
		return err
	}
	if begun, err := sh.s.BeginBinding(ctx, id); err != nil || !begun { // before it is read who is unbound: nobody is missed
		return err
	}
	now := sh.p.Now()
	people, err := sh.s.Unbound(ctx, id, now.Add(-lookAfter), lookups)
	if err != nil {
		return err
	}
	for _, p := range people {
		if held, err := sh.lookFor(ctx, w, p, now); err != nil || held {
			return err
		}
		alive(ctx)
	}
	if len(people) == lookups {
		return sh.s.BindAgain(ctx, id, time.Minute)
	}
	return sh.s.BindAgain(ctx, id, lookAfter)
}

// bindingDue returns a workspace, and whether people are to be looked for in it now.
func (sh *shift) bindingDue(ctx context.Context, id string) (w reminders.Workspace, due bool, err error) {
	if due, err = sh.s.BindingDue(ctx, id); err != nil || !due {
		return w, false, err
	}
	settings, err := sh.s.Messaging(ctx)
	if err != nil || settings.Paused {
		return w, false, err
	}
	w, err = sh.s.Workspace(ctx, id)
	return w, err == nil && w.State == reminders.WorkspaceActive, err
}

// lookFor looks for one person, notes whom it found, and reports whether the lane is held up.
func (sh *shift) lookFor(ctx context.Context, w reminders.Workspace, p models.Person, now time.Time) (held bool, err error) {
	user, v := sh.p.lookUp(ctx, w, p.Email)
	b := reminders.Binding{Person: p.ID, Workspace: w.ID, State: reminders.BindingMissing, Email: p.Email}
	switch {
	case user != "":
		b.User, b.State = user, reminders.BindingAsked
		if w.Trusted {
			b.State = reminders.BindingConfirmed
		}
	case v.Class == reminders.AttemptAccepted, v.Unbound: // nobody, or nobody who can be written to
	case v.Disconnected:
		return true, sh.p.Disconnected(ctx, sh.s, w.ID, v.Reason)
	case v.Class == reminders.AttemptRefused: // it may not look people up: nobody is found until somebody gives it the scope
		sh.p.Log.WarnContext(ctx, "people cannot be looked up in Slack", "workspace", w.ID, "reason", v.Reason)
		return true, sh.s.BindAgain(ctx, w.ID, time.Hour)
	default:
		v.Lane = true
		sh.hold(ctx, v)
		return true, nil
	}
	return false, sh.noteBinding(ctx, w, p, b, now)
}

// lookUp returns the id of the account that has an address in a workspace; empty when there is none, or none that can be written to.
func (pm *Postman) lookUp(ctx context.Context, w reminders.Workspace, email string) (user string, v reminders.Verdict) {
	u, v := pm.Slack.Lookup(ctx, w.Secrets.Token, email)
	if v.Class != reminders.AttemptAccepted || u == nil || u.Deleted || u.IsBot {
		return "", v
	}
	return u.ID, v
}

// noteBinding stores whose account was found, and asks them whether it is theirs where they are to be asked.
func (sh *shift) noteBinding(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding, now time.Time) error {
	if b.State == reminders.BindingAsked { // first: what is noted is not asked again
		if err := sh.p.ask(ctx, sh.s, w, p, b, "", now); err != nil {
			return err
		}
	}
	err := sh.s.Bind(ctx, b, false, now)
	if models.CodeOf(err) == models.Conflict { // two of our people share an address; the first has the account
		b.User, b.State = "", reminders.BindingMissing
		err = sh.s.Bind(ctx, b, false, now)
	}
	return err
}

// ask schedules the question whether an account is somebody's: once, and once more for whatever again says.
func (pm *Postman) ask(ctx context.Context, s *store.Store, w reminders.Workspace, p models.Person, b reminders.Binding, again string,
	now time.Time) error {
	to, err := s.Recipient(ctx, p.ID, now.Year(), pm.Mail != nil)
	if err != nil {
		return err
	}
	firm, err := s.Firm(ctx)
	if err != nil {
		return err
	}
	company := ""
	if p.Client != "" {
		c, err := s.Client(ctx, p.Client)
		if err != nil {
			return err
		}
		company = c.Name
	}
	to.Channel, to.Workspace = reminders.ChannelSlack, w.ID
	m := reminders.IsThisYou(p, firm.Name, company)
	d := pm.delivery(w.Firm, reminders.KindBinding, w.ID+"/"+b.User+again, to, to.Today(now), now)
	d.Message, d.NotAfter = &m, now.AddDate(0, 0, 14)
	_, err = s.Schedule(ctx, []store.NewDelivery{{Delivery: d}}, nil)
	return err
}
