package post

import (
	"context"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Slack is asked again before anybody is given up, and after: one odd answer cuts nobody off, and who was given up comes back by itself.

// sure is how often Slack has to say that it does not take an app's token, or that an account cannot be written to which it knows all the
// same, before that is believed.
const sure = 3

// suspect notes that Slack does not take the app's token, and holds the lane up until it has been asked whose the token is.
func (sh *shift) suspect(ctx context.Context, workspace string, v reminders.Verdict) error {
	ctx = context.WithoutCancel(ctx)
	if err := sh.s.Suspect(ctx, store.Doubt{Workspace: workspace, Reason: v.Reason}, sh.pace.Patience); err != nil {
		return err
	}
	sh.held.Store(true)
	return sh.s.HoldLane(ctx, sh.lane, v.Reason, sh.pace.Patience, sh.p.Now())
}

// askAgain asks Slack what is doubted of a workspace, of its app first.
func (sh *shift) askAgain(ctx context.Context, workspace string) error {
	doubts, err := sh.s.DueDoubts(ctx, workspace, lookups)
	if err != nil || len(doubts) == 0 {
		return err
	}
	w, err := sh.s.Workspace(ctx, workspace)
	if err != nil {
		return err
	}
	for _, d := range doubts {
		ask := sh.askOf
		if d.Person == "" {
			ask = sh.askOfApp
		}
		if goOn, err := ask(ctx, w, d); err != nil || !goOn {
			return err
		}
		alive(ctx)
	}
	return nil
}

// askOfApp asks Slack whose the app's token is. When it has said often enough that it is nobody's the workspace is disconnected; when it
// says that it is the app's, the workspace is connected again, and its lane goes on. It reports whether people may be asked about.
func (sh *shift) askOfApp(ctx context.Context, w reminders.Workspace, d store.Doubt) (goOn bool, err error) {
	if w.Secrets.Token == "" {
		return false, sh.s.Trust(ctx, w.ID, "")
	}
	who, v := sh.p.Slack.WhoAmI(ctx, w.Secrets.Token)
	switch {
	case v.Class == reminders.AttemptAccepted && who.Team == w.Team:
		return true, sh.works(ctx, w)
	case v.Class == reminders.AttemptAccepted:
		v.Reason = "Slack says that the app's token is of another workspace"
	}
	d.Reason = v.Reason
	tries, wait, err := sh.s.Doubt(ctx, d, v.Disconnected, sh.pace.Patience)
	if err != nil || w.State != reminders.WorkspaceActive {
		return false, err
	}
	if v.Disconnected && tries >= sure {
		if err := sh.p.Disconnected(ctx, sh.s, w.ID, v.Reason); err != nil {
			return false, err
		}
		wait = 0 // who was reached there gets mail at once
	}
	return false, sh.s.HoldLane(ctx, sh.lane, v.Reason, wait, sh.p.Now())
}

// works notes that a workspace's app can be used, and lets its lane go on.
func (sh *shift) works(ctx context.Context, w reminders.Workspace) error {
	now := sh.p.Now()
	if w.State == reminders.WorkspaceDisconnected {
		if err := sh.s.Reconnect(ctx, w.ID, now); models.CodeOf(err) == models.Conflict { // another firm has it now
			d := store.Doubt{Workspace: w.ID, Reason: "another firm is connected to this Slack workspace"}
			_, _, err = sh.s.Doubt(ctx, d, true, sh.pace.Patience)
			return err
		} else if err != nil {
			return err
		}
		sh.p.Log.InfoContext(ctx, "a Slack workspace is connected again", "workspace", w.ID)
	}
	if err := sh.s.Trust(ctx, w.ID, ""); err != nil {
		return err
	}
	return sh.s.HoldLane(ctx, sh.lane, "", 0, now)
}

// askOf asks Slack again about somebody: whether their account can be written to, or who they are there. It reports whether others may be
// asked about now.
func (sh *shift) askOf(ctx context.Context, w reminders.Workspace, d store.Doubt) (goOn bool, err error) {
	p, err := sh.s.Person(ctx, d.Person)
	if models.CodeOf(err) == models.NotFound || err == nil && (!p.Active || p.Email == "") {
		return true, sh.s.Trust(ctx, w.ID, d.Person)
	} else if err != nil {
		return false, err
	}
	b, err := sh.binding(ctx, w.ID, p.ID)
	if err != nil {
		return false, err
	}
	switch b.State {
	case reminders.BindingDead:
		return sh.revive(ctx, w, p, b)
	case reminders.BindingConfirmed, reminders.BindingAsked:
		return true, sh.settled(ctx, d)
	case reminders.BindingRefused:
		return true, sh.s.Trust(ctx, w.ID, p.ID)
	}
	v, err := sh.lookFor(ctx, w, p)
	return v.Wait == 0 && !v.Lane, err
}

// settled ends the doubt in an account at which a message was refused that Slack knows all the same, once no message to them waits any
// more: the last one was sent.
func (sh *shift) settled(ctx context.Context, d store.Doubt) error {
	waiting, _, err := sh.s.Deliveries(ctx, store.DeliveryFilter{Person: d.Person,
		Statuses: []reminders.DeliveryStatus{reminders.DeliveryScheduled, reminders.DeliverySending}}, "", 1)
	if err == nil && len(waiting) == 0 {
		return sh.s.Trust(ctx, d.Workspace, d.Person)
	} else if err == nil {
		_, _, err = sh.s.Doubt(ctx, d, false, sh.pace.Patience)
	}
	return err
}

// binding returns who somebody is in a workspace; the zero Binding when nobody has looked.
func (sh *shift) binding(ctx context.Context, workspace string, p models.PersonID) (reminders.Binding, error) {
	all, err := sh.s.Bindings(ctx, p)
	for _, b := range all {
		if b.Workspace == workspace {
			return b, err
		}
	}
	return reminders.Binding{}, err
}

// revive asks whether an account that was given up can be written to again, or has another id by now.
func (sh *shift) revive(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding) (goOn bool, err error) {
	channel, v := sh.p.Slack.Open(ctx, w.Secrets.Token, b.User)
	if v.Class == reminders.AttemptAccepted {
		return true, sh.regain(ctx, w, p, b, func(b *reminders.Binding) { b.SlackChannel = channel })
	}
	if v.Class == reminders.AttemptRefused {
		user, state, lv := sh.renamed(ctx, w, p, b)
		switch state {
		case reminders.BindingConfirmed:
			return true, sh.regain(ctx, w, p, b, func(b *reminders.Binding) { b.User, b.SlackChannel = user, "" })
		case reminders.BindingAsked:
			return true, sh.rename(ctx, w, p, b, user, state)
		}
		if lv.Class != reminders.AttemptAccepted {
			v = lv
		}
	}
	if v.Disconnected {
		return false, sh.suspect(ctx, w.ID, v)
	}
	refused := v.Class == reminders.AttemptRefused
	_, _, err = sh.s.Doubt(ctx, store.Doubt{Workspace: w.ID, Person: p.ID, Reason: v.Reason}, refused, sh.pace.Patience)
	if err == nil && refused {
		err = sh.p.warnOfAccount(ctx, sh.s, w, p, strings.TrimPrefix(v.Reason, "Slack says "))
	}
	return v.Wait == 0 && !v.Lane, err
}

// regain notes that an account is back, as edit says, and asks those anew whether it is theirs who had not said so.
func (sh *shift) regain(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding,
	edit func(*reminders.Binding)) error {
	now := sh.p.Now()
	err := sh.s.SetBinding(ctx, p.ID, w.ID, now, edit)
	if err != nil {
		return err
	}
	state, err := sh.s.Regain(ctx, p.ID, w.ID, now)
	if models.CodeOf(err) == models.Conflict { // it is somebody else's by now
		return sh.s.Trust(ctx, w.ID, p.ID)
	} else if err != nil || state != reminders.BindingAsked {
		return err
	}
	edit(&b)
	return sh.p.ask(ctx, sh.s, w, p, b, "/"+models.DateIn(now, time.UTC).String(), now)
}

// renamed asks Slack whether somebody's account has another id by now: it says so of the former id, or it knows that one no more and has
// another account for their address. The state is that in which the account may be taken for theirs: confirmed where it is a plain account
// of the workspace with their very address, so that they stay what they were, asked where it is a guest's or of another workspace, and
// empty where there is none. The verdict is that of the last call; it is ambiguous where Slack contradicts itself, or answers about
// somebody else.
func (sh *shift) renamed(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding) (user string,
	state reminders.BindingState, v reminders.Verdict) {
	a, v := sh.p.Slack.Account(ctx, w.Secrets.Token, b.User)
	if v.Class == reminders.AttemptAccepted && (a == nil || a.Deleted) {
		a, v = sh.p.Slack.Lookup(ctx, w.Secrets.Token, p.Email)
	}
	if v.Class != reminders.AttemptAccepted || a == nil || a.Deleted {
		return "", "", v
	}
	w.Trusted = true
	vouched, err := sh.s.Vouched(ctx, w, p)
	if err != nil {
		sh.p.Log.WarnContext(ctx, "nobody can tell who gave an address: its account is asked", "person", p.ID, "error", err)
	}
	state, why := fits(w, p, *a, vouched)
	if why == "" && a.ID != b.User {
		return a.ID, state, v
	}
	v.Class, v.Longer, v.Reason = reminders.AttemptAmbiguous, 1, "Slack knows the account and does not let it be written to"
	return "", "", v
}

// rename gives somebody's account another id. In the state asked they are asked whether it is theirs.
func (sh *shift) rename(ctx context.Context, w reminders.Workspace, p models.Person, b reminders.Binding, user string,
	state reminders.BindingState) error {
	now := sh.p.Now()
	b.User, b.SlackChannel = user, ""
	if state == reminders.BindingAsked {
		b.State = state
	}
	if b.State == reminders.BindingAsked {
		if err := sh.p.ask(ctx, sh.s, w, p, b, "", now); err != nil {
			return err
		}
	}
	return sh.s.SetBinding(ctx, p.ID, w.ID, now, func(is *reminders.Binding) { *is = b })
}

// refusedBy says what becomes of a message to somebody when Slack refuses to open their direct messages, or to post there. It asks Slack
// once more, in other words: they may have another channel or another id by now, and then the message waits for a moment. Gone says that
// Slack means it: then the account is given up, the managers are told, and the message goes another way.
func (sh *shift) refusedBy(ctx context.Context, w reminders.Workspace, d reminders.Delivery, said reminders.Verdict,
	posting bool) (gone bool, wait time.Duration, err error) {
	p, err := sh.s.Person(ctx, d.Person)
	if err != nil {
		return false, 0, err
	}
	b, err := sh.binding(ctx, w.ID, p.ID)
	if err != nil || b.User == "" {
		return true, 0, err
	}
	if posting {
		moved, wait, err := sh.reopened(ctx, w, d, b)
		if err != nil || moved || wait > 0 {
			return false, wait, err
		}
	}
	user, state, v := sh.renamed(ctx, w, p, b)
	switch {
	case state != "":
		return state != reminders.BindingConfirmed, 0, sh.rename(ctx, w, p, b, user, state)
	case v.Class == reminders.AttemptAmbiguous: // Slack contradicts itself
		tries, _, err := sh.s.Doubt(ctx, store.Doubt{Workspace: w.ID, Person: p.ID, Reason: said.Reason}, true, sh.pace.Patience)
		if err != nil || tries < sure {
			return false, sh.pace.Patience, err
		}
	case v.Class != reminders.AttemptAccepted:
		if v.Disconnected {
			return false, sh.pause(v), sh.suspect(ctx, w.ID, v)
		}
		return false, max(sh.pause(v), time.Second), nil
	}
	return true, 0, sh.lose(ctx, w, p, said.Reason)
}

// reopened opens somebody's direct messages anew, and reports whether they are another channel now. It returns how long to wait where Slack
// could not be asked.
func (sh *shift) reopened(ctx context.Context, w reminders.Workspace, d reminders.Delivery, b reminders.Binding) (moved bool,
	wait time.Duration, err error) {
	channel, v := sh.p.Slack.Open(ctx, w.Secrets.Token, b.User)
	switch {
	case v.Class == reminders.AttemptAccepted && channel != d.Dest:
		return true, 0, sh.s.SetBinding(ctx, b.Person, w.ID, sh.p.Now(), func(b *reminders.Binding) { b.SlackChannel = channel })
	case v.Class == reminders.AttemptUnsent:
		if v.Disconnected {
			err = sh.suspect(ctx, w.ID, v)
		}
		return false, max(sh.pause(v), time.Second), err
	}
	return false, 0, nil
}

// lose notes that an account cannot be written to, and tells the managers the same day.
func (sh *shift) lose(ctx context.Context, w reminders.Workspace, p models.Person, reason string) error {
	err := sh.s.SetBinding(ctx, p.ID, w.ID, sh.p.Now(), func(b *reminders.Binding) { b.State = reminders.BindingDead })
	if err != nil {
		return err
	}
	return sh.p.warnOfAccount(ctx, sh.s, w, p, strings.TrimPrefix(reason, "Slack says "))
}

// warnOfAccount tells the managers that Slack does not reach somebody: once a week, as long as it is so.
func (p *Postman) warnOfAccount(ctx context.Context, s *store.Store, w reminders.Workspace, who models.Person, reason string) error {
	managers, err := s.ManagersOf(ctx, who.Client)
	if err != nil {
		return err
	}
	week := models.DateIn(p.Now(), models.Zone(who.TimeZone)).Monday().String()
	return p.warn(ctx, s, others(managers, who.ID), "account/"+w.ID+"/"+string(who.ID)+"/"+week,
		reminders.Message{Subject: "Slack does not reach " + who.Name, Urgent: true,
			Intro: "In the Slack workspace " + w.Name + " nothing reaches " + who.Name + ": " + reason + ".",
			Sections: []reminders.Section{{Title: "What happens now", Lines: []engagement.Line{{
				Title:  "Mail goes out instead, if there is an address",
				Text:   "Slack is asked again by itself, up to once an hour.",
				Detail: "If the account is another one by now, bind them to it: see Slack workspaces."}}}}})
}

// others are people but one.
func others(people []models.PersonID, who models.PersonID) []models.PersonID {
	var out []models.PersonID
	for _, id := range people {
		if id != who {
			out = append(out, id)
		}
	}
	return out
}
