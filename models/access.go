package models

import (
	"slices"
	"time"
)

// An Action is one operation of the API, by its operationId. Commands on an engagement are actions too: see ActionOf.
type Action string

// A Reach is how far somebody may do an action.
type Reach string

// The reaches, from nothing to everything in the firm.
const (
	ReachNone   Reach = ""       // not at all
	ReachOwn    Reach = "own"    // on what is theirs: see Actor.Owns, and their own person
	ReachClient Reach = "client" // on all of their own company
	ReachTeam   Reach = "team"   // on engagements they are on, by name, and on the clients and people of those
	ReachFirm   Reach = "firm"   // on everything of the firm
)

// Grants is the one table of who may do what (domain.md 7.1). What only the owner of a task, the approver of a gate or
// those a decision needs may do is narrowed further by Decide.
var Grants = func() map[Action]map[Role]Reach {
	const firm, team, company, own, no = ReachFirm, ReachTeam, ReachClient, ReachOwn, ReachNone
	table := map[Action][6]Reach{
		//                   partner, pm, consultant, sponsor, owner, auditor
		"getMe":                 {own, own, own, own, own, own},
		"getCatalog":            {firm, firm, firm, firm, firm, firm},
		"makePlan":              {firm, firm, team, no, no, no},
		"listClients":           {firm, firm, team, company, company, no},
		"getClient":             {firm, firm, team, company, company, no},
		"createClient":          {firm, firm, no, no, no, no},
		"updateClient":          {firm, firm, no, no, no, no},
		"listFunctions":         {firm, firm, team, company, company, no},
		"assignFunction":        {firm, firm, no, company, no, no},
		"listPeople":            {firm, firm, team, company, own, own},
		"getPerson":             {firm, firm, team, company, own, own},
		"invitePerson":          {firm, firm, no, company, no, no}, // see MayLookAfter
		"updatePerson":          {firm, firm, own, company, own, own},
		"listTokens":            {firm, own, own, company, own, own},
		"issueToken":            {firm, own, own, company, own, own},
		"revokeToken":           {firm, own, own, company, own, own},
		"listEngagements":       {firm, team, team, company, company, team},
		"getEngagement":         {firm, team, team, company, company, team},
		"draftEngagement":       {firm, firm, no, no, no, no},
		"editEngagement":        {firm, team, no, no, no, no},
		"startEngagement":       {firm, team, no, no, no, no},
		"pauseEngagement":       {firm, no, no, no, no, no}, // RT-10
		"resumeEngagement":      {firm, team, no, no, no, no},
		"cancelEngagement":      {firm, no, no, no, no, no},
		"muteEngagement":        {firm, team, no, no, no, no},
		"unmuteEngagement":      {firm, team, no, no, no, no},
		"getStatus":             {firm, team, team, company, company, team}, // see Report.SeenBy
		"getPlan":               {firm, team, team, company, company, team}, // owners and the auditor: dates without tasks
		"getTimeline":           {firm, team, team, company, no, no},
		"getCommand":            {firm, team, team, company, company, team},
		"listTasks":             {firm, team, team, company, own, own},
		"getTask":               {firm, team, team, company, own, own},
		"addTask":               {firm, team, team, no, no, team},
		"completeTask":          {firm, team, team, company, own, own},
		"completeTasks":         {firm, team, team, company, own, own},
		"acceptTask":            {firm, team, team, company, own, own},
		"acceptTasks":           {firm, team, team, company, own, own},
		"returnTask":            {firm, team, team, company, own, own},
		"reopenTask":            {firm, team, team, company, own, own},
		"blockTask":             {firm, team, team, company, own, own},
		"unblockTask":           {firm, team, team, company, own, own},
		"moveTask":              {firm, team, team, no, no, no},
		"assignTask":            {firm, team, team, company, no, no},
		"waiveTask":             {firm, team, no, no, no, no},
		"commentTask":           {firm, team, team, company, own, own},
		"snoozeTask":            {firm, team, team, company, own, own},
		"extendTask":            {firm, team, team, company, own, own},
		"handOverTask":          {firm, team, team, company, own, no},
		"getPersonMessaging":    {firm, firm, own, company, own, own},
		"updatePersonMessaging": {firm, firm, own, company, own, own},
		"addAbsence":            {firm, firm, own, company, own, own},
		"removeAbsence":         {firm, firm, own, company, own, own},
		"sendTestMessage":       {own, own, own, own, own, own},
		"bindPerson":            {firm, firm, no, no, no, no},
		"unbindPerson":          {firm, firm, own, company, own, own},
		"getMessaging":          {firm, firm, firm, no, no, no},
		"updateMessaging":       {firm, firm, no, no, no, no},
		"pauseMessaging":        {firm, firm, no, no, no, no},
		"resumeMessaging":       {firm, firm, no, no, no, no},
		"getMessagingHealth":    {firm, firm, no, no, no, no},
		"listMessages":          {firm, firm, own, own, own, own},
		"getMessage":            {firm, firm, own, own, own, own},
		"resendMessage":         {firm, firm, no, no, no, no},
		"listWorkspaces":        {firm, firm, no, no, no, no},
		"getWorkspace":          {firm, firm, no, no, no, no},
		"addWorkspace":          {firm, firm, no, no, no, no},
		"updateWorkspace":       {firm, firm, no, no, no, no},
		"removeWorkspace":       {firm, firm, no, no, no, no},
		"installWorkspace":      {firm, firm, no, no, no, no},
		"getManifest":           {firm, firm, no, no, no, no},
		"getClientChannel":      {firm, firm, team, company, no, no},
		"setClientChannel":      {firm, firm, no, no, no, no},
		"rehearseEngagement":    {firm, team, team, no, no, no},
		"previewMessages":       {firm, team, team, no, no, no},
		"listGates":             {firm, team, team, company, no, own},
		"signGate":              {firm, team, no, company, no, own},
		"refuseGate":            {firm, team, no, company, no, own},
		"listDecisions":         {firm, team, team, company, own, own}, // see SeesDecision
		"moveAsOfDate":          {firm, team, no, company, no, no},
		"moveWindow":            {firm, team, no, company, no, no},
		"changeScope":           {firm, team, team, company, no, no},
		"dropType1":             {firm, team, no, company, no, no},
		"returnPhase":           {firm, team, no, company, no, team},
		"acceptRisk":            {firm, team, no, company, no, no},
		"approveDecision":       {firm, team, no, company, own, own},
		"refuseDecision":        {firm, team, no, company, own, own},
	}
	grants := make(map[Action]map[Role]Reach, len(table))
	for action, row := range table {
		grants[action] = make(map[Role]Reach, len(Roles))
		for i, role := range Roles {
			grants[action][role] = row[i]
		}
	}
	return grants
}()

// ReachOf returns how far somebody in a role may do an action: ReachNone when the table does not say.
func ReachOf(role Role, action Action) Reach { return Grants[action][role] }

// May reports whether somebody in a role may do an action at all.
func May(role Role, action Action) bool { return ReachOf(role, action) != ReachNone }

// ActionOf returns the action that a kind of command is; empty, which nobody may do, when it is none.
func ActionOf(k Kind) Action { return actions[k] }

var actions = map[Kind]Action{
	StartEngagement: "startEngagement", PauseEngagement: "pauseEngagement", ResumeEngagement: "resumeEngagement",
	CancelEngagement: "cancelEngagement", EditEngagement: "editEngagement",
	AddTask: "addTask", CompleteTask: "completeTask", AcceptTask: "acceptTask", ReturnTask: "returnTask", ReopenTask: "reopenTask",
	BlockTask: "blockTask", UnblockTask: "unblockTask", MoveTask: "moveTask", AssignTask: "assignTask", WaiveTask: "waiveTask",
	CommentTask: "commentTask", SnoozeTask: "snoozeTask", ExtendTask: "extendTask", HandOverTask: "handOverTask",
	MuteEngagement: "muteEngagement", UnmuteEngagement: "unmuteEngagement", SignGate: "signGate", RefuseGate: "refuseGate",
	MoveAsOf: "moveAsOfDate", MoveWindow: "moveWindow", ChangeScope: "changeScope", DropType1: "dropType1",
	ReturnPhase: "returnPhase", AcceptRisk: "acceptRisk", ApproveDecision: "approveDecision", RefuseDecision: "refuseDecision",
}

// auditorStays is for how many days after the end of an engagement its auditor still sees it (domain.md 7.2).
const auditorStays = 30

// Covers reports whether an engagement is within a reach at all. Of what is in it, ReachOwn leaves only what Owns says.
func (a Actor) Covers(r Reach, e Engagement, now time.Time) bool {
	switch r {
	case ReachFirm:
		return a.Role.Side() == SideFirm
	case ReachTeam, ReachClient, ReachOwn:
		switch a.Role.Side() {
		case SideClient:
			return a.Client != "" && a.Client == e.Client
		case SideAuditor:
			return e.Auditor == a.Person && (e.EndedAt.IsZero() || now.Before(e.EndedAt.AddDate(0, 0, auditorStays)))
		default:
			return e.Partner == a.Person || e.Manager == a.Person || slices.Contains(e.Consultants, a.Person)
		}
	}
	return false
}

// standsIn reports whether an engagement is within a reach of somebody whom the actor stands in for.
func (a Actor) standsIn(r Reach, e Engagement, now time.Time) bool {
	return slices.ContainsFunc(a.For, func(who PersonID) bool { return Actor{Person: who, Role: a.Role, Client: a.Client}.Covers(r, e, now) })
}

// answersFor reports whether the actor is somebody, or stands in for them.
func (a Actor) answersFor(who PersonID) bool {
	return who != "" && (a.Person == who || slices.Contains(a.For, who))
}

// Owns reports whether a task is somebody's own: theirs to do, to stand in for, for now or always, or to accept. The auditor of an engagement
// owns what is the auditor's, whoever held the seat before.
func (a Actor) Owns(t Task) bool {
	for _, who := range append([]PersonID{a.Person}, a.For...) {
		if t.Owner == who || t.Approver == who || t.Backup == a.Person {
			return true
		}
	}
	return a.Role == RoleAuditor && (t.OwnerRole == string(RoleAuditor) || t.ApproverRole == string(RoleAuditor))
}

// MayLookAfter reports whether somebody may invite people into a role, change them and end their access (domain.md 7.1,
// users and roles). Nobody looks after themselves in this sense, so that a firm never loses its last partner.
func (a Actor) MayLookAfter(p Person) bool {
	if p.ID == a.Person {
		return false
	}
	switch a.Role {
	case RolePartner:
		return true
	case RoleManager:
		return p.Role != RolePartner && p.Role != RoleManager
	case RoleSponsor:
		return p.Role.Side() == SideClient && p.Client == a.Client
	}
	return false
}

// SeesHours reports whether planned and spent hours are shown to the actor: they stay inside the firm (domain.md 7.1).
func (a Actor) SeesHours() bool { return a.Role.Side() == SideFirm }

// SeesGate reports whether a gate is shown to the actor: to the auditor only those the auditor signs, to owners none.
func (a Actor) SeesGate(g Gate) bool {
	switch a.Role {
	case RoleAuditor:
		return g.Approver == RoleAuditor
	case RoleOwner:
		return false
	}
	return true
}

// SeesDecision reports whether a decision is shown to the actor: to the auditor those that need or come from the auditor, to
// owners those they asked for and tasks they shall take over.
func (a Actor) SeesDecision(d Decision) bool {
	switch a.Role {
	case RoleAuditor:
		return slices.Contains(d.Needs, RoleAuditor) || d.ProposedBy == a.Person
	case RoleOwner:
		return d.ProposedBy == a.Person || d.Kind == HandOverTask && d.Change.Person == a.Person
	}
	return true
}

// SeenBy returns the engagement without what is not for the actor: owners are not shown what others are behind with, the
// auditor gets dates and phases only.
func (e Engagement) SeenBy(a Actor) Engagement {
	switch a.Role {
	case RoleAuditor:
		e.Summary.Health, e.Summary.Open, e.Summary.Overdue, e.Summary.Reason = "", 0, 0, ""
	case RoleOwner:
		e.Summary.Reason = ""
	}
	return e
}

// SeenBy returns the report without what is not for the actor.
func (r Report) SeenBy(a Actor) Report {
	r.Engagement = r.Engagement.SeenBy(a)
	if a.Role != RoleOwner && a.Role != RoleAuditor {
		return r
	}
	if a.Role == RoleAuditor {
		r.Health, r.OpenTasks, r.OverdueDays = "", 0, 0
	}
	r.Reasons, r.WaitingFor, r.Forecast.Drivers, r.Wake, r.Why = nil, nil, nil, time.Time{}, ""
	r.Gates = keep(r.Gates, func(g GateReport) bool { return a.SeesGate(g.Gate) })
	r.Decisions = keep(r.Decisions, a.SeesDecision)
	owned := func(l TaskLine) bool { return a.Owns(l.Task) }
	r.Overdue, r.Next = keep(r.Overdue, owned), keep(r.Next, owned)
	return r
}
