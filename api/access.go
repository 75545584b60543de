package api

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"tickmark/models"
	"tickmark/models/store"
)

// reachFor lets a caller pass who may do an action on what the path names. What they may not see does not exist for them;
// what they see but may not do is forbidden. How far they may is the one table's to say (models.Grants).
func (w *caller) reachFor(ctx context.Context, action models.Action, c echo.Context) error {
	w.reach = models.ReachOf(w.Role, action)
	for _, part := range []struct {
		param string
		sees  func(context.Context, string) error
	}{
		{"client", w.seesClient}, {"person", w.seesPerson}, {"engagement", w.seesEngagement},
		{"task", w.seesTask}, {"gate", w.seesGate}, {"decision", w.seesDecision},
	} {
		id, err := pathParam(c, part.param)
		if err != nil {
			return err
		}
		if id == "" {
			continue
		}
		if err := part.sees(ctx, id); err != nil {
			return err
		}
	}
	if w.reach == models.ReachNone {
		return notFor(w.Role, action)
	}
	if w.subject.ID != "" && w.reach == models.ReachOwn && w.subject.ID != w.Person {
		return models.Refuse(models.Forbidden, "person", "as %s you may do this for yourself only: %s", w.Role, doing[action])
	}
	return nil
}

// doing says in words what an action is that not everybody may do, or that some may do for themselves only.
var doing = map[models.Action]string{
	"makePlan": "planning", "listClients": "seeing clients", "getClient": "seeing a client", "createClient": "taking on a client",
	"updateClient": "changing a client", "listFunctions": "seeing who holds which function", "assignFunction": "giving somebody a function",
	"invitePerson": "inviting somebody", "updatePerson": "changing a person", "listTokens": "seeing tokens", "issueToken": "issuing a token",
	"revokeToken": "revoking a token", "draftEngagement": "drafting an engagement", "editEngagement": "changing an engagement",
	"startEngagement": "starting an engagement", "pauseEngagement": "pausing an engagement", "resumeEngagement": "resuming an engagement",
	"cancelEngagement": "cancelling an engagement", "getTimeline": "seeing the record", "addTask": "adding a task", "moveTask": "moving a task",
	"assignTask": "giving a task to somebody", "handOverTask": "proposing another owner", "muteEngagement": "muting an engagement",
	"unmuteEngagement": "unmuting an engagement", "waiveTask": "waiving a task",
	"getPersonMessaging": "seeing how messages reach somebody", "updatePersonMessaging": "changing how messages reach somebody",
	"addAbsence": "noting an absence", "removeAbsence": "removing an absence", "sendTestMessage": "a test message",
	"bindPerson": "saying who somebody is in Slack", "unbindPerson": "forgetting who somebody is in Slack",
	"getMessaging": "seeing how the firm has its messages", "updateMessaging": "changing how the firm has its messages",
	"pauseMessaging": "stopping all messages", "resumeMessaging": "letting messages go out", "getMessagingHealth": "seeing whether messages go out",
	"resendMessage": "sending a message again", "listWorkspaces": "seeing the Slack workspaces", "getWorkspace": "seeing a Slack workspace",
	"addWorkspace": "adding a Slack workspace", "updateWorkspace": "changing a Slack workspace", "removeWorkspace": "removing a Slack workspace",
	"installWorkspace": "installing the Slack app", "getManifest": "seeing the manifest of the Slack app",
	"getClientChannel": "seeing the channel of a client", "setClientChannel": "choosing the channel of a client",
	"rehearseEngagement": "rehearsing an engagement", "previewMessages": "foreseeing messages", "listGates": "seeing gates", "signGate": "signing a gate",
	"refuseGate": "refusing a gate", "listDecisions": "seeing decisions", "moveAsOfDate": "moving the as-of date", "moveWindow": "moving the window",
	"changeScope": "changing the scope", "dropType1": "dropping the Type 1", "returnPhase": "sending an engagement back",
	"acceptRisk": "accepting a risk", "approveDecision": "approving a decision", "refuseDecision": "refusing a decision",
}

// notFor refuses an action to a role that may not do it at all, and says which may.
func notFor(role models.Role, action models.Action) error {
	var may []string
	for _, r := range models.Roles {
		if models.May(r, action) {
			may = append(may, string(r))
		}
	}
	return models.Refuse(models.Forbidden, "", "%s is for %s; you are %s", doing[action], either(may), role)
}

// either joins words as in: partner, pm or consultant.
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func unknown(what, id string) error {
	return models.Refuse(models.NotFound, what, "there is no %s %q", what, clip(id))
}

func (w *caller) seesClient(ctx context.Context, id string) error {
	yes, err := w.hasClient(ctx, models.ReachOf(w.Role, "getClient"), models.ClientID(id))
	if err == nil && !yes {
		err = unknown("client", id)
	}
	return err
}

// hasClient reports whether there is a client within a reach.
func (w *caller) hasClient(ctx context.Context, reach models.Reach, id models.ClientID) (bool, error) {
	switch reach {
	case models.ReachFirm:
		_, err := w.store.Client(ctx, id)
		if models.CodeOf(err) == models.NotFound {
			return false, nil
		}
		return err == nil, err
	case models.ReachTeam:
		lines, _, err := w.store.Portfolio(ctx, store.PortfolioFilter{Scope: store.ScopeMember(w.Person), Client: id}, store.SortName, "", 1)
		return len(lines) > 0, err
	case models.ReachClient:
		return w.Client == id, nil
	}
	return false, nil
}

func (w *caller) seesPerson(ctx context.Context, id string) error {
	p, err := w.store.Person(ctx, models.PersonID(id))
	if models.CodeOf(err) == models.NotFound {
		return unknown("person", id)
	} else if err != nil {
		return err
	}
	var yes bool
	switch reach := models.ReachOf(w.Role, "getPerson"); {
	case p.ID == w.Person || reach == models.ReachFirm:
		yes = true
	case reach == models.ReachTeam && p.Client == "":
		yes = true
	case reach == models.ReachTeam || reach == models.ReachClient:
		if yes, err = w.hasClient(ctx, reach, p.Client); err != nil {
			return err
		}
	}
	if !yes {
		return unknown("person", id)
	}
	w.subject = p
	return nil
}

func (w *caller) seesEngagement(ctx context.Context, id string) error {
	e, err := w.store.Engagement(ctx, models.EngagementID(id))
	switch {
	case models.CodeOf(err) == models.NotFound:
		return unknown("engagement", id)
	case err != nil:
		return err
	case !w.Covers(models.ReachOf(w.Role, "getEngagement"), e, w.now):
		return unknown("engagement", id)
	}
	w.engagement = e
	return nil
}

func (w *caller) seesTask(ctx context.Context, id string) error {
	if models.ReachOf(w.Role, "getTask") != models.ReachOwn {
		return nil // all tasks of the engagement
	}
	t, _, err := w.store.Task(ctx, w.engagement.ID, models.TaskID(id))
	switch {
	case models.CodeOf(err) == models.NotFound:
		return unknown("task", id)
	case err != nil:
		return err
	case !w.Owns(t):
		return unknown("task", id)
	}
	return nil
}

func (w *caller) seesGate(_ context.Context, id string) error {
	for _, p := range w.root.Catalog.Phases {
		for _, g := range p.Exit {
			if g.ID == id && w.SeesGate(models.Gate{ID: id, Approver: models.Role(g.Approver)}) {
				return nil
			}
		}
	}
	return unknown("gate", id)
}

func (w *caller) seesDecision(ctx context.Context, id string) error {
	switch models.ReachOf(w.Role, "listDecisions") {
	case models.ReachNone:
		return unknown("decision", id)
	case models.ReachOwn:
		f, err := w.store.Facts(ctx, w.engagement.ID, models.Need{Decision: id})
		if err != nil {
			return err
		}
		for _, d := range f.Decisions {
			if d.ID == id && w.SeesDecision(*d) {
				return nil
			}
		}
		return unknown("decision", id)
	}
	return nil
}
