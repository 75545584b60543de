package post

import (
	"context"
	"slices"
	"strings"
	"time"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/workflows"
)

// lookAfter is after how long somebody who was not found in a workspace is looked for again.
const lookAfter = 24 * time.Hour

// lookups is how many people are looked for in one shift: Slack answers about fifty such questions a minute.
const lookups = 40

// maxRefused is how many look-ups in a row Slack may refuse before the others are left for another shift.
const maxRefused = 3

// bind asks Slack again what is doubted of a workspace, and finds out who the firm's people are there: by their address, and then by asking
// them (slack-and-reliability.md 1.7).
func (sh *shift) bind(ctx context.Context, lane workflows.Lane) error {
	id := strings.TrimPrefix(lane.Lane, string(lane.Firm)+"/")
	if id == "mail" {
		return nil
	}
	if err := sh.askAgain(ctx, id); err != nil {
		return err
	}
	w, due, err := sh.bindingDue(ctx, id)
	if err != nil || !due {
		return err
	}
	if begun, err := sh.s.BeginBinding(ctx, id); err != nil || !begun { // before it is read who is unbound: nobody is missed
		return err
	}
	people, err := sh.s.Unbound(ctx, id, sh.p.Now().Add(-lookAfter), lookups)
	if err != nil {
		return err
	}
	wait, err := sh.lookForAll(ctx, w, people)
	if err != nil {
		return err
	}
	return sh.s.BindAgain(ctx, id, wait)
}

// lookForAll looks for people in a workspace, and returns when to look for others.
func (sh *shift) lookForAll(ctx context.Context, w reminders.Workspace, people []models.Person) (time.Duration, error) {
	refused := 0
	for _, p := range people {
		v, err := sh.lookFor(ctx, w, p)
		switch {
		case err != nil:
			return 0, err
		case v.Class == reminders.AttemptAccepted:
			refused = 0
		case v.Wait > 0:
			return v.Wait, nil
		case v.Lane:
			return sh.pace.Patience, nil
		default:
			if refused++; refused == maxRefused {
				return 5 * sh.pace.Patience, nil
			}
		}
		alive(ctx)
	}
	if len(people) == lookups {
		return time.Minute, nil
	}
	return lookAfter, nil
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

// lookFor looks for one person and notes whom it found. It returns what came of asking Slack. A look-up that Slack refuses, or answers
// oddly, or an account that does not fit, holds up nobody else's: that person is looked for again, later each time.
func (sh *shift) lookFor(ctx context.Context, w reminders.Workspace, p models.Person) (reminders.Verdict, error) {
	a, v := sh.p.Slack.Lookup(ctx, w.Secrets.Token, p.Email)
	switch {
	case v.Class == reminders.AttemptAccepted && a == nil:
		b := reminders.Binding{Person: p.ID, Workspace: w.ID, State: reminders.BindingMissing, Email: p.Email}
		return v, sh.s.Bind(ctx, b, false, sh.p.Now())
	case v.Class == reminders.AttemptAccepted:
		vouched, err := sh.s.Vouched(ctx, w, p)
		if err != nil {
			return v, err
		}
		state, why := fits(w, p, *a, vouched)
		if why != "" {
			_, _, err := sh.s.Doubt(ctx, store.Doubt{Workspace: w.ID, Person: p.ID, Reason: why}, true, sh.pace.Patience)
			if err == nil {
				err = sh.p.warnOfAccount(ctx, sh.s, w, p, why)
			}
			return v, err
		}
		return v, sh.noteBinding(ctx, w, p, reminders.Binding{Person: p.ID, Workspace: w.ID, User: a.ID, State: state, Email: p.Email})
	case v.Disconnected:
		return v, sh.suspect(ctx, w.ID, v)
	case v.Wait > 0 || v.Lane: // it could not be asked now
		return v, nil
	}
	sh.p.Log.WarnContext(ctx, "people cannot be looked up in Slack", "workspace", w.ID, "reason", v.Reason)
	_, _, err := sh.s.Doubt(ctx, store.Doubt{Workspace: w.ID, Person: p.ID, Reason: v.Reason}, true, sh.pace.Patience)
	return v, err
}

// fits says what becomes of an account that Slack has for somebody's address: where it is a plain account of the workspace with that very
// address, they are confirmed in a workspace that is trusted, and asked in any other. Whose address nobody vouches for (Store.Vouched),
// guests, people of other workspaces and accounts that use apps of their own are always asked. Why says why an account is not to be
// believed at all.
func fits(w reminders.Workspace, p models.Person, a wire.Account, vouched bool) (state reminders.BindingState, why string) {
	at := a.Team == w.Team || slices.Contains(a.Teams, w.Team)
	switch {
	case !strings.EqualFold(strings.TrimSpace(a.Email), strings.TrimSpace(p.Email)):
		return "", "the account that Slack has for their address has another address"
	case a.Deleted:
		return "", "the account that Slack has for their address was deactivated"
	case a.Bot:
		return "", "the account that Slack has for their address is an app's"
	case w.Trusted && vouched && at && !a.Guest && !a.Stranger && !a.App:
		return reminders.BindingConfirmed, ""
	}
	return reminders.BindingAsked, ""
}

// noteBinding stores whose account was found, and asks them whether it is theirs where they are to be asked.
func (sh *shift) noteBinding(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding) error {
	now := sh.p.Now()
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
