package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A Notice is an event of which somebody is to be told: at once when it is urgent, else with their next digest.
type Notice struct {
	Engagement models.EngagementID
	Seq        int64 // of the event
	To         models.PersonID
	Kind       NoticeKind
	Subject    string // a task or decision
	Actor      models.PersonID
	From       string
	Value      string // what it became
	Text       string
	At         time.Time
	Urgent     bool
}

// A NoticeKind says of what somebody is told.
type NoticeKind string

// The kinds of notices.
const (
	NoticeReturned NoticeKind = "returned" // work that was not accepted
	NoticeAsked    NoticeKind = "asked"    // a question
	NoticeAssigned NoticeKind = "assigned" // a task that is theirs now
	NoticeTaken    NoticeKind = "taken"    // a task that is not theirs any more
	NoticeMoved    NoticeKind = "moved"    // a date that somebody else moved
	NoticeWord     NoticeKind = "word"     // a decision that waits for their word
	NoticeAnswered NoticeKind = "answered" // what became of what they asked for
)

// notices returns whom the events since the facts were read are told to. Nobody is told what they did themselves. A muted
// engagement tells nobody.
func (f *Facts) notices() []Notice {
	if f.Engagement.Muted || !f.Engagement.Status.Live() {
		return nil
	}
	var out []Notice
	tell := func(e Event, i int, kind NoticeKind, urgent bool, text string, to ...models.PersonID) {
		for n, id := range to {
			if _, active := f.Person(id); active && id != e.Actor && !slices.Contains(to[:n], id) {
				out = append(out, Notice{Engagement: f.Engagement.ID, Seq: int64(i), To: id, Kind: kind, Subject: e.Subject, Actor: e.Actor,
					From: e.From, Value: e.To, Text: text, At: e.At, Urgent: urgent})
			}
		}
	}
	for i, e := range f.events {
		t := f.Task(models.TaskID(e.Subject))
		switch e.Kind {
		case "task.returned":
			if t != nil {
				tell(e, i, NoticeReturned, true, e.Reason, t.Owner)
			}
		case "task.asked":
			tell(e, i, NoticeAsked, true, f.asked(e), models.PersonID(e.To))
		case "task.assigned":
			tell(e, i, NoticeAssigned, true, e.Reason, models.PersonID(e.To))
			tell(e, i, NoticeTaken, false, e.Reason, models.PersonID(e.From))
		case "task.moved":
			if t != nil {
				tell(e, i, NoticeMoved, false, e.Reason, t.Owner)
			}
		case "decision.proposed":
			if d := f.DecisionOf(e.Subject); d != nil && d.State == DecisionPending {
				for _, j := range f.judges(d) {
					tell(e, i, NoticeWord, true, d.Reason, j.person)
				}
			}
		case "decision.in_force", "decision.refused":
			if d := f.DecisionOf(e.Subject); d != nil && d.ProposedAt != d.ClosedAt {
				tell(e, i, NoticeAnswered, false, e.Reason, d.ProposedBy)
			}
		}
	}
	return out
}

// asked returns the question of an event.
func (f *Facts) asked(e Event) string {
	for _, c := range f.Comments {
		if string(c.Task) == e.Subject && string(c.To) == e.To && c.At.Equal(e.At) {
			return c.Text
		}
	}
	return ""
}

// ByWhom returns who changed something and the reason they gave, for people: `Ines Costa: “on leave”`, or `By Ines Costa.` without a reason.
func ByWhom(who, why string) string {
	if why = strings.TrimSpace(why); why == "" {
		return "By " + who + "."
	}
	return who + ": " + models.Quoted(why)
}

// Reasons says why something is proposed.
func Reasons(d *Decision) string {
	parts := []string{models.Quoted(d.Reason)}
	if d.Change.Blocking != "" {
		parts = append(parts, "In the way: "+models.Quoted(d.Change.Blocking))
	}
	return strings.Join(parts, " ")
}
