package engagement

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A Notice is an event that is sent to a person: at once when it is urgent, else with their next digest.
type Notice struct {
	Engagement models.EngagementID
	Seq        int64 // of the event
	To         models.PersonID
	Kind       NoticeKind
	Subject    string // a task, decision or question
	Actor      models.PersonID
	From       string
	Value      string // what it became
	Text       string
	At         time.Time
	Urgent     bool
}

// A NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeReturned NoticeKind = "returned" // work that was not accepted
	NoticeAsked    NoticeKind = "asked"    // a question
	NoticeAssigned NoticeKind = "assigned" // a task that is theirs now
	NoticeTaken    NoticeKind = "taken"    // a task that is not theirs any more
	NoticeMoved    NoticeKind = "moved"    // a date that somebody else moved
	NoticeApproval NoticeKind = "approval" // a decision that needs their approval
	NoticeAnswered NoticeKind = "answered" // what became of what they asked for
	NoticeReplied  NoticeKind = "replied"  // the answer to a question of theirs
	NoticeReopened NoticeKind = "reopened" // an answer that was taken back
	NoticeDropped  NoticeKind = "dropped"  // a question to them that was withdrawn
	NoticeSign     NoticeKind = "sign"     // a gate that was refused, whose signature is asked for again
	NoticeSaid     NoticeKind = "said"     // what was said by whom they had asked something

	NoticeWithdrawn NoticeKind = "withdrawn" // a decision that is not asked of them any more
	NoticeKickoff   NoticeKind = "kickoff"   // another day of the kickoff
	NoticePromise   NoticeKind = "promise"   // another date that is promised for the report

	NoticeLeft   NoticeKind = "left"   // an engagement that they are not the auditor of any more
	NoticeHanded NoticeKind = "handed" // what they take over from somebody
	NoticeGiven  NoticeKind = "given"  // what others take over from them
	NoticePhase  NoticeKind = "phase"  // a phase that has ended
	NoticeOpened NoticeKind = "opened" // the window has opened
	NoticeClosed NoticeKind = "closed" // the window has closed
	NoticeAsOf   NoticeKind = "as_of"  // another as-of date was agreed
	NoticeWindow NoticeKind = "window" // another window was agreed
	NoticeIssued NoticeKind = "issued" // a report was issued; Text is which
	NoticeStatus NoticeKind = "status" // the engagement was paused, resumed, cancelled or completed; Value is its status

	NoticeUnasked NoticeKind = "unasked" // it was resumed, and Text is what of theirs fell due meanwhile without being asked for
)

// notices returns who is to hear of the events since the facts were read. Nobody hears of what they did themselves; of a muted engagement
// nobody hears anything.
func (f *Facts) notices() []Notice {
	if f.Engagement.Muted || f.Engagement.Status == StatusDraft {
		return nil
	}
	var out []Notice
	for i, e := range f.events {
		if f.Engagement.Status.Live() || e.Field == "status" || f.issues(e) != "" { // of what has ended its end is told, and its report
			out = append(out, f.hears(e, i)...)
		}
	}
	return out
}

// hears returns who is to hear of one event, which has a place among the others. The forms ask it before, so that they promise what comes.
func (f *Facts) hears(e Event, at int) []Notice {
	n := &noticing{f: f, event: e, at: at}
	if notice := noticed[e.Kind]; notice != nil {
		notice(n)
	}
	return n.out
}

// willHear says in sentences who would hear of an event, and when.
func (f *Facts) willHear(e Event) string {
	if f.Engagement.Muted {
		return "Nobody is told: the engagement is muted."
	}
	var out []string
	for _, n := range f.hears(e, 0) {
		when := "with their next daily message"
		if n.Urgent {
			when = "at once, or with their next daily message when nothing may go out to them now"
		}
		out = append(out, f.Called(n.To, "owner")+" is told "+when+".")
	}
	if len(out) == 0 {
		return "Nobody is told."
	}
	return strings.Join(out, " ")
}

// noticing is one look at an event.
type noticing struct {
	f     *Facts
	event Event
	at    int // the place of the event among them
	out   []Notice
}

// tell notes who of some people is to hear of the event, if they are active and did not cause it. Nobody hears of one event twice, whatever
// makes them hear of it: the first notice stands.
func (n *noticing) tell(kind NoticeKind, urgent bool, text string, to ...models.PersonID) {
	e := n.event
	for _, id := range to {
		told := slices.ContainsFunc(n.out, func(n Notice) bool { return n.To == id })
		if _, active := n.f.Person(id); active && id != e.Actor && !told {
			n.out = append(n.out, Notice{Engagement: n.f.Engagement.ID, Seq: int64(n.at), To: id, Kind: kind, Subject: e.Subject, Actor: e.Actor,
				From: e.From, Value: e.To, Text: text, At: e.At, Urgent: urgent})
		}
	}
}

// owner tells the owner of the event's task.
func (n *noticing) owner(kind NoticeKind, urgent bool) {
	if t := n.f.Task(models.TaskID(n.event.Subject)); t != nil {
		n.tell(kind, urgent, n.event.Reason, t.Owner)
	}
}

// noticed says who hears of an event, by its kind. Nobody hears of the others.
var noticed = map[string]func(n *noticing){
	"task.returned":      func(n *noticing) { n.owner(NoticeReturned, true) },
	"task.moved":         func(n *noticing) { n.owner(NoticeMoved, false) },
	"task.asked":         func(n *noticing) { n.question(NoticeAsked, true) },
	"question.answered":  func(n *noticing) { n.question(NoticeReplied, true) },
	"question.withdrawn": func(n *noticing) { n.question(NoticeDropped, false) },
	"question.reopened":  func(n *noticing) { n.question(NoticeReopened, true) },
	"task.commented":     (*noticing).said,
	"task.assigned": func(n *noticing) {
		n.tell(NoticeAssigned, true, n.event.Reason, models.PersonID(n.event.To))
		n.tell(NoticeTaken, false, n.event.Reason, models.PersonID(n.event.From))
	},
	EventProposed: func(n *noticing) {
		if d := n.f.DecisionOf(n.event.Subject); d != nil && d.State == DecisionPending {
			for _, j := range n.f.judges(d) {
				n.tell(NoticeApproval, true, d.Reason, j.person)
			}
		}
	},
	"engagement.edited": func(n *noticing) { // at once: who is on no engagement has no daily message
		switch n.event.Field {
		case "auditor":
			n.tell(NoticeLeft, true, n.event.Reason, models.PersonID(n.event.From))
		case "kickoff":
			n.toldOfKickoff()
		case "target_report":
			n.toldOfPromise()
		}
	},
	EventHandedOver: func(n *noticing) {
		text := n.f.handed[models.PersonID(n.event.To)]
		n.tell(NoticeHanded, true, text, models.PersonID(n.event.To))
		n.tell(NoticeGiven, false, text, models.PersonID(n.event.From))
	},
	"gate.reopened":     (*noticing).signsAgain,
	"kickoff.moved":     (*noticing).toldOfKickoff,
	"decision.in_force": (*noticing).answered,
	"decision.refused":  (*noticing).answered,

	"decision.withdrawn": (*noticing).withdrawn,
	"phase.left":         (*noticing).phaseLeft,
	"window.opened":      func(n *noticing) { n.tell(NoticeOpened, false, n.event.Reason, n.f.told(true)...) },
	"window.closed":      func(n *noticing) { n.tell(NoticeClosed, false, "", n.f.told(true)...) },
	"date.moved":         func(n *noticing) { n.agreed(NoticeAsOf) },
	"window.moved":       func(n *noticing) { n.agreed(NoticeWindow) },
	"task.completed":     (*noticing).issued,
	"task.accepted":      (*noticing).issued,

	"engagement.paused":    (*noticing).status,
	"engagement.resumed":   (*noticing).status,
	"engagement.cancelled": (*noticing).status,
	"engagement.completed": (*noticing).status,

	"engagement.reinstated": (*noticing).status,
}

// told returns whom it concerns where the engagement stands: its partner, manager, consultants and sponsor, and on request its auditor.
func (f *Facts) told(auditor bool) []models.PersonID {
	e := f.Engagement
	out := append([]models.PersonID{e.Partner, e.Manager, f.Sponsor()}, e.Consultants...)
	if auditor {
		out = append(out, e.Auditor)
	}
	return out
}

// everybody returns those of whom the engagement asks something: see told, and all who hold a function at the client.
func (f *Facts) everybody() []models.PersonID {
	out := f.told(true)
	for _, d := range f.Duties {
		out = append(out, d.Person)
	}
	return out
}

// phaseLeft tells that a phase has ended. That the window has closed and that a report was issued is told by itself, and so is the end of
// the last phase: the engagement is complete.
func (n *noticing) phaseLeft() {
	switch p := catalog.Phase(n.event.Subject); {
	case p == catalog.PhaseWindow, p == catalog.PhaseT1Report, p == catalog.PhaseT2Report, !n.f.Engagement.Status.Live():
	default:
		n.tell(NoticePhase, false, "", n.f.told(false)...)
	}
}

// agreed tells that what was agreed has been moved by a decision: not to who proposed it, who hears what became of it, nor to those who
// approved it.
func (n *noticing) agreed(kind NoticeKind) {
	if d := n.f.DecisionOf(n.event.Subject); d != nil {
		n.tell(kind, false, d.Reason, n.others(n.f.told(true))...)
	}
}

// others returns of some people those who neither proposed nor approved the decision that an event is about: who proposed it hears what
// became of it, and who approved it knows. Of an event about no decision it returns all of them.
func (n *noticing) others(who []models.PersonID) []models.PersonID {
	d := n.f.DecisionOf(n.event.Subject)
	return models.Keep(who, func(id models.PersonID) bool {
		return d == nil || id != d.ProposedBy && !slices.ContainsFunc(d.Approvals, func(a Approval) bool { return a.By == id })
	})
}

// issues returns which report has been issued by an event; empty when none has.
func (f *Facts) issues(e Event) string {
	t := f.Task(models.TaskID(e.Subject))
	if t == nil || t.State != TaskDone || e.Kind != "task.completed" && e.Kind != "task.accepted" || !f.templateOf(t).IssuesReport {
		return ""
	}
	return f.templateOf(t).Deliverable
}

// Issued reports whether the last report of the engagement's route has been issued: nothing is expected any more then.
func (f *Facts) Issued() bool {
	for _, p := range []catalog.Phase{catalog.PhaseT2Report, catalog.PhaseT1Report} {
		if !f.onRoute(p) {
			continue
		}
		return f.isOut(f.Phase(p))
	}
	return false
}

// Patient reports whether a notice may wait at an instant for a message that goes out anyway: that a phase has ended, or the window has
// opened or closed, asks nothing of anybody, and waits for up to five days.
func (n Notice) Patient(now time.Time) bool {
	switch n.Kind {
	case NoticePhase, NoticeOpened, NoticeClosed:
		return now.Sub(n.At) < 5*24*time.Hour
	}
	return false
}

// issued tells that a report has been issued.
func (n *noticing) issued() {
	if which := n.f.issues(n.event); which != "" {
		n.tell(NoticeIssued, false, which, n.f.everybody()...)
	}
}

// status tells that the engagement was paused, resumed, cancelled or completed.
func (n *noticing) status() {
	if n.event.To == string(StatusRunning) {
		n.unasked()
	}
	n.tell(NoticeStatus, false, n.event.Reason, n.f.everybody()...)
}

// unasked tells whoever owns what fell due in the pause that ends what that is, once and together. Of the rest the manager hears.
func (n *noticing) unasked() {
	f, of := n.f, map[models.PersonID][]*Task{}
	var who []models.PersonID
	for _, e := range f.events {
		if t := f.Task(models.TaskID(e.Subject)); e.Reason == unaskedWhy && t != nil {
			to := cmp.Or(t.Owner, f.Engagement.Manager)
			if !slices.Contains(who, to) {
				who = append(who, to)
			}
			of[to] = append(of[to], t)
		}
	}
	for _, to := range who {
		n.tell(NoticeUnasked, false, unaskedText(of[to]), to)
	}
}

// answered tells who proposed a decision what became of it, unless it took effect at once.
func (n *noticing) answered() {
	if d := n.f.DecisionOf(n.event.Subject); d != nil && d.ProposedAt != d.ClosedAt {
		n.tell(NoticeAnswered, false, n.event.Reason, d.ProposedBy)
	}
}

// question tells who is to hear of it what became of the event's question.
func (n *noticing) question(kind NoticeKind, urgent bool) {
	q := n.f.Question(n.event.Field)
	if q == nil {
		return
	}
	n.event.Subject = q.ID
	text := q.Text
	if kind != NoticeAsked {
		text = q.Answer
	}
	n.tell(kind, urgent, text, models.PersonID(n.event.To))
}

// said tells who asked something about the event's task what was said on it by whom they asked: nobody can tell which of several questions
// it answers, if any.
func (n *noticing) said() {
	t := n.f.Task(models.TaskID(n.event.Subject))
	if t == nil || len(n.f.Comments) == 0 {
		return
	}
	for _, q := range n.f.openOn(t, Actor{Person: n.event.Actor}) {
		p, _ := n.f.Person(q.By)
		if !n.event.Internal || p.Role.Side() == models.SideFirm {
			n.tell(NoticeSaid, false, n.f.Comments[len(n.f.Comments)-1].Text, q.By)
		}
	}
}

// ByWhom returns who changed something and the reason they gave, for people: `Ines Costa: “on leave”`, or `By Ines Costa.` without a
// reason.
func ByWhom(who, why string) string {
	if why = strings.TrimSpace(why); why == "" {
		return "By " + who + "."
	}
	return who + ": " + models.Quoted(why)
}

// Reasons returns for people why a decision is proposed, and what is in the way where more time is asked for.
func Reasons(d *Decision) string {
	parts := []string{models.Quoted(d.Reason)}
	if d.Change.Blocking != "" {
		parts = append(parts, "In the way: "+models.Quoted(d.Change.Blocking))
	}
	return strings.Join(parts, " ")
}
