package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// An Action is one operation of the API, by its operationId. Every command on an engagement is one too: see the table of commands.
type Action string

// A Reach is how far somebody may do an action.
type Reach string

// The reaches, from nothing to everything in the firm.
const (
	ReachNone   Reach = ""       // not at all
	ReachOwn    Reach = "own"    // on what is theirs: see Facts.Owns, and their own person
	ReachClient Reach = "client" // on all of their own company
	ReachTeam   Reach = "team"   // on engagements they are on, by name, and on the clients and people of those
	ReachFirm   Reach = "firm"   // on everything of the firm
)

// An operation is an action that is no command on an engagement: who may do it, and what doing it is called.
type operation struct {
	action Action
	verb   string
	may    reaches
}

// operations says of every action that is no command who may do it (domain.md 7.1). With the table of commands it is the one
// place that says so.
var operations = func() []operation {
	const firm, team, company, own, no = ReachFirm, ReachTeam, ReachClient, ReachOwn, ReachNone
	return []operation{
		// partner, pm, consultant, sponsor, owner, auditor
		{"getMe", "seeing who one is", reaches{own, own, own, own, own, own}},
		{"getCatalog", "seeing the catalog", reaches{firm, firm, firm, firm, firm, firm}},
		{"getFirm", "seeing the firm", reaches{firm, firm, firm, no, no, no}},
		{"updateFirm", "changing the firm", reaches{firm, firm, no, no, no, no}},
		{"getFirmTimeline", "seeing the record of the firm", reaches{firm, firm, no, no, no, no}},
		{"makePlan", "planning", reaches{firm, firm, team, no, no, no}},
		{"listClients", "seeing clients", reaches{firm, firm, team, company, company, no}},
		{"getClient", "seeing a client", reaches{firm, firm, team, company, company, no}},
		{"createClient", "taking on a client", reaches{firm, firm, no, no, no, no}},
		{"updateClient", "changing a client", reaches{firm, firm, no, no, no, no}},
		{"listFunctions", "seeing who holds which function", reaches{firm, firm, team, company, company, no}},
		{"assignFunction", "giving somebody a function", reaches{firm, firm, no, company, no, no}},
		{"listPeople", "seeing people", reaches{firm, firm, team, company, own, own}},
		{"getPerson", "seeing a person", reaches{firm, firm, team, company, own, own}},
		{"getWork", "seeing what is somebody's to do", reaches{firm, firm, team, company, own, own}},
		{"invitePerson", "inviting somebody", reaches{firm, firm, no, company, no, no}}, // see MayLookAfter
		{"listInvitations", "seeing invitations", reaches{firm, firm, no, company, no, no}},
		{"sendInvitation", "sending an invitation", reaches{firm, firm, no, company, no, no}},
		{"updatePerson", "changing a person", reaches{firm, firm, own, company, own, own}},
		{"handOverPerson", "handing over what is somebody's", reaches{firm, firm, no, company, no, no}},
		{"listTokens", "seeing tokens", reaches{firm, own, own, company, own, own}},
		{"issueToken", "issuing a token", reaches{firm, own, own, company, own, own}},
		{"revokeToken", "revoking a token", reaches{firm, own, own, company, own, own}},
		{"listEngagements", "seeing engagements", reaches{firm, team, team, company, company, team}},
		{"getEngagement", "seeing an engagement", reaches{firm, team, team, company, company, team}},
		{"startFromFile", "starting an engagement with all it needs", reaches{firm, firm, no, no, no, no}}, // each part as by its own request
		{"draftEngagement", "drafting an engagement", reaches{firm, firm, no, no, no, no}},
		{"getStatus", "seeing how an engagement stands", reaches{firm, team, team, company, company, team}}, // see Report.SeenBy
		// owners and the auditor: dates without tasks
		{"getPlan", "seeing a plan", reaches{firm, team, team, company, company, team}},
		{"getTimeline", "seeing the record", reaches{firm, team, team, company, no, no}},
		{"listChanges", "seeing what has changed", reaches{firm, team, team, company, no, no}},
		{"getCommand", "asking what became of a command", reaches{firm, team, team, company, company, team}},
		{"listTasks", "seeing tasks", reaches{firm, team, team, company, own, own}},
		{"listAllTasks", "seeing tasks", reaches{firm, team, team, company, own, own}},
		{"getTask", "seeing a task", reaches{firm, team, team, company, own, own}},
		{"getPersonMessaging", "seeing how messages reach somebody", reaches{firm, firm, own, company, own, own}},
		{"updatePersonMessaging", "changing how messages reach somebody", reaches{firm, firm, own, company, own, own}},
		{"addAbsence", "noting an absence", reaches{firm, firm, own, company, own, own}},
		{"removeAbsence", "removing an absence", reaches{firm, firm, own, company, own, own}},
		{"sendTestMessage", "a test message", reaches{own, own, own, own, own, own}},
		{"bindPerson", "saying who somebody is in Slack", reaches{firm, firm, no, no, no, no}},
		{"unbindPerson", "forgetting who somebody is in Slack", reaches{firm, firm, own, company, own, own}},
		{"getMessaging", "seeing how the firm has its messages", reaches{firm, firm, firm, no, no, no}},
		{"updateMessaging", "changing how the firm has its messages", reaches{firm, firm, no, no, no, no}},
		{"pauseMessaging", "stopping all messages", reaches{firm, firm, no, no, no, no}},
		{"resumeMessaging", "letting messages go out", reaches{firm, firm, no, no, no, no}},
		{"getMessagingHealth", "seeing whether messages go out", reaches{firm, firm, no, no, no, no}},
		{"listMessages", "seeing messages", reaches{firm, team, own, own, own, own}},
		{"getMessage", "seeing a message", reaches{firm, team, own, own, own, own}},
		{"resendMessage", "sending a message again", reaches{firm, team, no, no, no, no}},
		{"listWorkspaces", "seeing the Slack workspaces", reaches{firm, firm, no, no, no, no}},
		{"getWorkspace", "seeing a Slack workspace", reaches{firm, firm, no, no, no, no}},
		{"addWorkspace", "adding a Slack workspace", reaches{firm, no, no, no, no, no}},
		{"updateWorkspace", "changing a Slack workspace", reaches{firm, no, no, no, no, no}},
		{"removeWorkspace", "removing a Slack workspace", reaches{firm, no, no, no, no, no}},
		{"installWorkspace", "installing the Slack app", reaches{firm, no, no, no, no, no}},
		{"getManifest", "seeing the manifest of the Slack app", reaches{firm, firm, no, no, no, no}},
		{"getClientChannel", "seeing the channel of a client", reaches{firm, firm, team, company, no, no}},
		{"setClientChannel", "choosing the channel of a client", reaches{firm, firm, no, no, no, no}},
		{"rehearseEngagement", "rehearsing an engagement", reaches{firm, team, team, no, no, no}},
		{"previewMessages", "foreseeing messages", reaches{firm, team, team, no, no, no}},
		{"listGates", "seeing gates", reaches{firm, team, team, company, no, own}},
		{"listDecisions", "seeing decisions", reaches{firm, team, team, company, own, own}}, // see SeesDecision
		{"getDecision", "seeing a decision", reaches{firm, team, team, company, own, own}},
		{"listQuestions", "seeing questions", reaches{firm, team, team, company, own, own}}, // see SeesQuestion
	}
}()

// Grants says of every action how far each role may do it: what the table of commands and the table of operations say.
var Grants = map[Action]map[models.Role]Reach{}

// verbs says what doing an action is called, as in "moving a task is for partner or pm".
var verbs = map[Action]string{}

// ReachOf returns how far somebody in a role may do an action: ReachNone when no table says.
func ReachOf(role models.Role, action Action) Reach { return Grants[action][role] }

// auditorStays is for how many days after the end of an engagement its auditor still sees it (domain.md 7.2).
const auditorStays = 30

// covers reports whether an engagement is within a reach at all. Of what is in it, ReachOwn leaves only what Facts.Owns says.
func (a Actor) covers(r Reach, e Engagement, now time.Time) bool {
	switch r {
	case ReachFirm:
		return a.Role.Side() == models.SideFirm
	case ReachTeam, ReachClient, ReachOwn:
		switch a.Role.Side() {
		case models.SideClient:
			return a.Client != "" && a.Client == e.Client && a.seesSoFar(e)
		case models.SideAuditor:
			return e.Auditor == a.Person && (e.EndedAt.IsZero() || now.Before(e.EndedAt.AddDate(0, 0, auditorStays)))
		default:
			return e.Partner == a.Person || e.Manager == a.Person || slices.Contains(e.Consultants, a.Person)
		}
	}
	return false
}

// seesSoFar reports whether an engagement has come far enough to be shown to somebody of the client: to the sponsor, who agrees its dates,
// from its draft on, to owners from its start. A draft that was cancelled is shown to none of them.
func (a Actor) seesSoFar(e Engagement) bool {
	if e.Status == StatusCancelled && e.StartedAt.IsZero() {
		return false
	}
	return e.Status != StatusDraft || a.Role == models.RoleSponsor
}

// standsIn reports whether an engagement is within a reach of somebody whom the actor stands in for.
func (a Actor) standsIn(r Reach, e Engagement, now time.Time) bool {
	return slices.ContainsFunc(a.For, func(who models.PersonID) bool {
		return Actor{Person: who, Role: a.Role, Client: a.Client}.covers(r, e, now)
	})
}

// SeesEngagement reports whether an engagement is shown to the actor at all: it is within their own reach, or within that of
// somebody who is away and whom they stand in for.
func (a Actor) SeesEngagement(e Engagement, now time.Time) bool {
	sight := ReachOf(a.Role, "getEngagement")
	return a.covers(sight, e, now) || a.standsIn(sight, e, now)
}

// ReachIn returns how far the actor may do an action in an engagement. Who is on it only in the place of somebody who is away is
// in it what an owner of tasks is: what is theirs to do is the stand-in's, nothing else.
func (a Actor) ReachIn(action Action, e Engagement, now time.Time) Reach {
	reach, sight := ReachOf(a.Role, action), ReachOf(a.Role, "getEngagement")
	switch {
	case a.covers(sight, e, now):
		return reach
	case reach != ReachNone && ReachOf(models.RoleOwner, action) != ReachNone && a.standsIn(sight, e, now):
		return ReachOwn
	}
	return ReachNone
}

// Means returns the id of whom the actor names where a client's people are meant, given those who may be meant and whose people they are:
// who has the name as an id, and who of the client has it as a short name. People of the client mean their own, others whose whole id it
// is, unless that is somebody of another client. It returns the name itself where nobody is meant.
func (a Actor) Means(client models.ClientID, name models.PersonID, there map[models.PersonID]models.ClientID) models.PersonID {
	short := models.PersonIDAt(client, name)
	_, own := there[short]
	whose, known := there[name]
	if own && (!known || whose != client && (a.Client == client || whose != "")) {
		return short
	}
	return name
}

// A Target is a person whom an operation is about, as an actor meets them.
type Target struct {
	models.Person
	// Ours reports whether the actor works with them: the actor is by name on an engagement with them, or with their company. One that
	// has not begun counts where none is running. With whom nobody has an engagement everybody works.
	Ours bool
	// Decides reports whether they decide or approve: a sponsor, an auditor, or somebody of a client who holds a function that signs or
	// approves, or is its backup.
	Decides bool
	// Unbegun reports whether no engagement of their company has begun.
	Unbegun bool
}

// caring are the operations that change what is somebody's: their record, their tokens, how messages reach them, who stands in for them
// and which account is theirs. Who does one for somebody else looks after them.
var caring = []Action{"invitePerson", "sendInvitation", "updatePerson", "handOverPerson", "issueToken", "revokeToken",
	"updatePersonMessaging", "addAbsence", "removeAbsence", "bindPerson", "unbindPerson"}

// May refuses an operation that is no command on an engagement to somebody who may not do it (forbidden), and says who may. on is
// the person whom the operation is about, nil when it is about nobody: what somebody may do for themselves only is refused on
// others, and what is somebody's is changed by themselves and by those who look after them. What a change of their record makes of them
// MayChange judges, and who shall stand in for them MayName.
func (a Actor) May(action Action, on *Target) error {
	reach := ReachOf(a.Role, action)
	switch {
	case reach == ReachNone:
		return a.notFor(action)
	case on == nil:
	case action == "sendTestMessage" && on.ID != a.Person:
		return models.Refuse(models.Forbidden, "person", "a test message goes to yourself only")
	case reach == ReachOwn && on.ID != a.Person:
		return models.Refuse(models.Forbidden, "person", "as %s you may do this for yourself only: %s", a.Role, verbs[action])
	case action == "invitePerson" && !a.looksAfter(*on):
		return models.Refuse(models.Forbidden, "role", "as %s you may not invite somebody as %s here", a.Role, on.Role)
	case action == "invitePerson" && on.Role == models.RoleSponsor:
		return a.MaySeat(*on)
	case on.ID != a.Person && slices.Contains(caring, action) && !a.looksAfter(*on):
		return a.notAfter(on.Role, verbs[action])
	case on.ID != a.Person && action == "bindPerson" && on.Decides && !a.mayActAs(*on):
		return models.Refuse(models.Forbidden, "person",
			"as %s you may not say which account is that of somebody who decides or approves: it is for %s, who may make tokens for them",
			a.Role, tokenMakers(on.Role))
	}
	return nil
}

// notAfter refuses what is for those who look after a person in a role.
func (a Actor) notAfter(role models.Role, doing string) error {
	if a.Role == models.RoleManager && role != models.RolePartner && role != models.RoleManager {
		return models.Refuse(models.Forbidden, "person",
			"as pm you may do this for those only with whom you are on an engagement, or who are on none: %s", doing)
	}
	return models.Refuse(models.Forbidden, "role", "as %s you may not do this for somebody who is %s: %s", a.Role, role, doing)
}

// MayName refuses a stand-in whom somebody may not name: whoever notes the absence of somebody else does not take their place.
func (a Actor) MayName(on Target, standIn models.PersonID) error {
	if on.ID != a.Person && standIn == a.Person {
		return models.Refuse(models.Forbidden, "stand_in",
			"nobody makes themselves the stand-in of somebody else: name another person, or ask %s to name you", on.ID)
	}
	return nil
}

// MayIn refuses an action in an engagement to somebody whose role may not do it there, and says who may.
func (a Actor) MayIn(action Action, e Engagement, now time.Time) error {
	switch {
	case a.ReachIn(action, e, now) != ReachNone:
		return nil
	case ReachOf(a.Role, action) != ReachNone:
		return models.Refuse(models.Forbidden, "",
			"you are here in the place of somebody who is away: what is theirs to do is yours, nothing else")
	}
	return a.notFor(action)
}

// notFor refuses an action to a role that may not do it at all, and says which may.
func (a Actor) notFor(action Action) error {
	var may []string
	for _, r := range models.Roles {
		if ReachOf(r, action) != ReachNone {
			may = append(may, string(r))
		}
	}
	if len(may) == 0 {
		return models.Refuse(models.Forbidden, "", "this is nothing that anybody may do")
	}
	return models.Refuse(models.Forbidden, "", "%s is for %s; you are %s", verbs[action], either(may), a.Role)
}

// either joins words as in: partner, pm or consultant.
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// MayChange refuses a change of a person from what they were to what they shall be to somebody who may not make it: nobody changes
// their own role or ends their own access, so that a firm never loses its last partner; only who looks after somebody changes their
// address, and that of somebody who decides only who may make tokens for them; others are changed by those who look after people in both
// roles; and who is a sponsor MaySeat judges.
func (a Actor) MayChange(was Target, is models.Person) error {
	self := was.ID == a.Person
	switch {
	case self && (is.Role != was.Role || is.Active != was.Active):
		return models.Refuse(models.Forbidden, "", "nobody changes their own role or ends their own access: ask somebody else")
	case self && is.Email != was.Email && a.Role != models.RolePartner:
		return models.Refuse(models.Forbidden, "email", "nobody changes their own address: ask who invited you")
	case self:
		return nil
	case !a.looksAfter(was):
		return a.notAfter(was.Role, verbs["updatePerson"])
	case !a.looksAfter(Target{Person: is, Ours: was.Ours}):
		return models.Refuse(models.Forbidden, "role", "as %s you may not make somebody %s", a.Role, is.Role)
	case is.Email != was.Email && was.Decides && !a.mayActAs(was):
		return models.Refuse(models.Forbidden, "email",
			"as %s you may not change the email of somebody who decides or approves: it is for %s, who may make tokens for them", a.Role,
			tokenMakers(was.Role))
	case was.Role == models.RoleSponsor && is.Role != models.RoleSponsor && !a.mayActAs(was):
		return models.Refuse(models.Forbidden, "role", "as %s you may not take from somebody that they are the sponsor: it is for %s", a.Role,
			tokenMakers(was.Role))
	case is.Role == models.RoleSponsor && (was.Role != models.RoleSponsor || is.Active && !was.Active):
		return a.MaySeat(Target{Person: is, Ours: was.Ours, Unbegun: was.Unbegun})
	}
	return nil
}

// MaySeat refuses to make somebody a sponsor, or to give or take the function of the sponsor, to whom may not: it is for those who may make
// tokens for the sponsor, and for a manager until an engagement of the client has begun. Whoever prepares the engagement says who decides
// for the client; who does it chooses nobody else.
func (a Actor) MaySeat(on Target) error {
	if on.Unbegun || a.mayActAs(on) {
		return nil
	}
	return models.Refuse(models.Forbidden, "role",
		"as %s you may not choose who is the sponsor once an engagement of the client has begun: it is for %s", a.Role,
		tokenMakers(models.RoleSponsor))
}

// MayReplace refuses to take a function that approves from who holds it, or is its backup, to whom may not: it is for those who may change
// the address of its holder, and for a manager until an engagement of the client has begun. What nobody holds a manager gives.
func (a Actor) MayReplace(on Target, function string) error {
	if on.Unbegun || a.mayActAs(on) {
		return nil
	}
	return models.Refuse(models.Forbidden, "function",
		"as %s you may not take %s from somebody once an engagement of the client has begun: who holds it approves, and it is for %s", a.Role,
		function, tokenMakers(models.RoleSponsor))
}

// mayActAs reports whether the actor may make a token for somebody, with which one acts as them.
func (a Actor) mayActAs(p Target) bool { return a.May("issueToken", &p) == nil }

// tokenMakers says who may make tokens for somebody in a role.
func tokenMakers(role models.Role) string {
	if role.Side() == models.SideClient {
		return "partner, or a sponsor of the same client"
	}
	return "partner"
}

// looksAfter reports whether somebody may invite people into a role, change them and end their access (domain.md 7.1, users and
// roles): partners everybody, managers the consultants, auditors and clients' people with whom they work, sponsors the people of their
// company. Nobody looks after themselves in this sense, and who stands in for somebody looks after nobody in their place.
func (a Actor) looksAfter(p Target) bool {
	if p.ID == a.Person {
		return false
	}
	switch a.Role {
	case models.RolePartner:
		return true
	case models.RoleManager:
		return p.Ours && p.Role != models.RolePartner && p.Role != models.RoleManager
	case models.RoleSponsor:
		return p.Role.Side() == models.SideClient && p.Client == a.Client
	}
	return false
}

// SeesHours reports whether planned and spent hours are shown to the actor: they stay inside the firm (domain.md 7.1).
func (a Actor) SeesHours() bool { return a.Role.Side() == models.SideFirm }

// SeesInternal reports whether comments that are internal, and the record of them, are shown to the actor: to the firm's people, whatever
// the way in.
func (a Actor) SeesInternal() bool { return a.Role.Side() == models.SideFirm }

// SeesHealth reports whether the health of engagements is shown to the actor: to everybody but the auditor.
func (a Actor) SeesHealth() bool { return a.Role != models.RoleAuditor }

// SeesAllOf reports whether an action reaches everything of its kind in an engagement, not only what is the actor's own.
func (a Actor) SeesAllOf(action Action, e Engagement, now time.Time) bool {
	reach := a.ReachIn(action, e, now)
	return reach != ReachNone && reach != ReachOwn
}

// SeesOthers reports whether it is shown to the actor what others are behind with in an engagement: to the firm's team and the sponsor, who
// are on it themselves. To owners of tasks, to stand-ins and to the auditor it is not.
func (a Actor) SeesOthers(e Engagement, now time.Time) bool { return a.SeesAllOf("listTasks", e, now) }

// SeenBy returns the engagement without what is not for the actor: to whom SeesOthers does not show it is not said what others are behind
// with, and the auditor gets dates and phases only.
func (e Engagement) SeenBy(a Actor, now time.Time) Engagement {
	if !a.SeesHealth() {
		e.Summary.Health, e.Summary.Open, e.Summary.Overdue = "", 0, 0
	}
	if !a.SeesOthers(e, now) {
		e.Summary.Reason = ""
	}
	return e
}

// reaches has a reach for each role, in the order of Roles.
type reaches [6]Reach

// Owns reports whether a task is somebody's own: theirs to do, to stand in for, for now or always, to accept, or to let go on. The
// auditor of an engagement owns what is the auditor's, whoever held the seat before.
func (f *Facts) Owns(a Actor, t *Task) bool {
	if t.Backup == a.Person || f.actsIn(a, t.OwnerRole, t.Owner) || f.actsIn(a, t.ApproverRole, t.Approver) {
		return true
	}
	if t.State == TaskBlocked && f.mayUnblock(a, t) {
		return true
	}
	return a.Role == models.RoleAuditor && (t.OwnerRole == string(models.RoleAuditor) || t.ApproverRole == string(models.RoleAuditor))
}

// SeesTask reports whether a task is shown to the actor: all of the engagement to those whose reach is wider than their own tasks.
func (f *Facts) SeesTask(a Actor, t *Task, now time.Time) bool {
	switch a.ReachIn("getTask", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		return f.Owns(a, t)
	}
	return true
}

// SeesGate reports whether a gate of the catalog is shown to the actor, whether or not it is open: to the auditor only those that the
// auditor signs, to owners of tasks and to stand-ins none.
func (f *Facts) SeesGate(a Actor, id string, now time.Time) bool {
	tmpl := f.gateTemplate(id)
	switch a.ReachIn("listGates", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		return a.Role == models.RoleAuditor && tmpl.Approver == string(models.RoleAuditor)
	}
	return tmpl.ID != ""
}

// SeesItem reports whether what waits for somebody is shown to the actor, by its key: a task, a gate, a decision or a question as SeesTask,
// SeesGate, SeesDecision and SeesQuestion say, and what is about the engagement or its people to whom SeesOthers shows it. What is not
// there is not shown.
func (f *Facts) SeesItem(a Actor, key string, now time.Time) bool {
	switch kind, subject := ParseItem(key); kind {
	case ItemSign, ItemRefused:
		return f.SeesGate(a, subject, now)
	case ItemAnswer, ItemAnswered:
		q := f.Question(subject)
		return q != nil && f.SeesQuestion(a, q, now)
	case ItemDecide, ItemAgain:
		d := f.DecisionOf(subject)
		return d != nil && f.SeesDecision(a, d, now)
	case ItemWindow, ItemReach, ItemLeft, ItemStall, ItemOutlook, ItemPaused, ItemEngagement:
		return a.SeesOthers(f.Engagement, now)
	default:
		t := f.Task(models.TaskID(subject))
		return t != nil && f.SeesTask(a, t, now)
	}
}

// SeesDecision reports whether a decision is shown to the actor: to the auditor those that need or come from the auditor, to
// owners and stand-ins those they asked for and tasks they shall take over.
func (f *Facts) SeesDecision(a Actor, d *Decision, now time.Time) bool {
	switch a.ReachIn("listDecisions", f.Engagement, now) {
	case ReachNone:
		return false
	case ReachOwn:
		if a.Role == models.RoleAuditor && slices.Contains(d.Needs, models.RoleAuditor) {
			return true
		}
		return d.ProposedBy == a.Person || d.Kind == HandOverTask && d.Change.Person == a.Person
	}
	return true
}
