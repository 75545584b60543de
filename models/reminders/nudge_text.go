package reminders

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// askOf says what exactly a task asks for: what to provide, the control to perform, from whom the questions come. It is empty
// where the title says it all.
func askOf(f *engagement.Facts, t *engagement.Task) string {
	if e, ok := f.Catalog.EvidenceRequest(t.Subject); ok {
		return e.Provide
	}
	if c, ok := f.Catalog.Control(engagement.ControlOf(t.Subject)); ok {
		return wanted(f, c)
	}
	if p, ok := f.Catalog.Policy(t.Subject); ok && len(p.Outline) > 0 {
		return "It covers " + strings.ToLower(strings.Join(p.Outline, ", ")) + "."
	}
	if _, ok := f.Catalog.Domain(t.Subject); ok {
		return "The questions come from " + addressOf(f, f.Engagement.Manager) + ". It is done when all of them are answered."
	}
	if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Deliverable != "" {
		return "Result: " + tmpl.Deliverable + "."
	}
	return ""
}

// wanted says what a task about a control wants: what its requests for evidence in the window ask to provide, but for populations, which
// are pulled when it closes. A control without any is stated.
func wanted(f *engagement.Facts, c catalog.Control) string {
	var wants []string
	for _, e := range f.Scope().EvidenceFor(catalog.StageT2) {
		if slices.Contains(e.Controls, c.ID) && e.Kind != "population" {
			wants = append(wants, e.Provide)
		}
	}
	if len(wants) == 0 {
		return "Proof of this: " + c.Statement
	}
	return strings.Join(wants, " ")
}

// sendOf says to whom the documents are sent for which a task of the client asks somebody. It is empty where it asks for none, and for the
// manager, to whom they are sent.
func sendOf(f *engagement.Facts, t *engagement.Task, asked models.PersonID) string {
	_, document := f.Catalog.EvidenceRequest(t.Subject)
	_, control := f.Catalog.Control(engagement.ControlOf(t.Subject))
	tmpl, _ := f.Catalog.Template(t.Template)
	proof := document || control && tmpl.Due.FromCadence || tmpl.Expand == "per_sample_request" || tmpl.Expand == "per_population"
	if !proof || asked == f.Engagement.Manager || models.SideOf(t.OwnerRole) != models.SideClient {
		return ""
	}
	return "Send documents to " + addressOf(f, f.Engagement.Manager) + "; this app cannot take files yet."
}

// addressOf names somebody with their address, where there is one.
func addressOf(f *engagement.Facts, id models.PersonID) string {
	name := f.Called(id, "project manager")
	if p, ok := f.Person(id); ok && p.Email != "" {
		name += ", " + p.Email
	}
	return name
}

// performOf says of a recurring control what is asked for beside its date: the day on which it was performed, and the proof. It is
// empty for every other task.
func performOf(t *engagement.Task, today models.Date) string {
	switch {
	case t.PerformBy.IsZero():
		return ""
	case !t.Performing():
		return "performed on " + models.Dated(t.PerformedOn) + ": the proof is to be sent"
	case today.After(t.Period.End):
		return "its period ended on " + models.Dated(t.Period.End) + " and no performance is known: say on which day it was done, and send the " +
			"proof by " + models.Dated(t.SendBy)
	}
	return "say when it was done, and send the proof by " + models.Dated(t.SendBy)
}

// together joins sentences of which some may be empty.
func together(sentences ...string) string {
	return strings.Join(models.Keep(sentences, func(s string) bool { return s != "" }), " ")
}

// Became returns what became of the item of a line since a message to somebody spoke of it, for people; it is empty as long as the line
// still holds. Closed tasks and decisions have to be among the facts: see Need.
func Became(f *engagement.Facts, l engagement.Line, to models.PersonID, now time.Time) string {
	kind, subject := engagement.ParseItem(l.Item)
	if of := became[kind]; of != nil {
		return of(f, subject, now)
	}
	t := f.Task(models.TaskID(subject))
	if t == nil {
		return ""
	}
	if of := becameOfTask[kind]; of != nil {
		return of(f, t)
	}
	if kind != engagement.ItemDo {
		return ""
	}
	if text := becameOfState(f, t); text != "" {
		return text
	}
	return becameOfAsking(f, t, l, to, now)
}

// became says what became of the items that are no tasks, by their kind.
var became = map[engagement.ItemKind]func(f *engagement.Facts, subject string, now time.Time) string{
	engagement.ItemSign: func(f *engagement.Facts, id string, _ time.Time) string {
		return becameOfGate(f, id, engagement.GateOpen)
	},
	engagement.ItemRefused: func(f *engagement.Facts, id string, _ time.Time) string {
		return becameOfGate(f, id, engagement.GateRefused)
	},
	engagement.ItemDecide: func(f *engagement.Facts, id string, _ time.Time) string {
		d := f.DecisionOf(id)
		if d == nil || d.State == engagement.DecisionPending {
			return ""
		}
		if ended := f.Ending(d); ended != "" {
			return ended
		}
		return "approved on " + models.Dated(models.DateIn(d.ClosedAt, f.Location()))
	},
	engagement.ItemAgain: func(f *engagement.Facts, id string, _ time.Time) string {
		if d := f.DecisionOf(id); d != nil && !f.MayComeAgain(d) {
			return "it is proposed again"
		}
		return ""
	},
	engagement.ItemReach: func(f *engagement.Facts, id string, _ time.Time) string {
		if _, active := f.Person(models.PersonID(id)); !active {
			return "they have left"
		}
		return ""
	},
	engagement.ItemLeft: func(f *engagement.Facts, id string, _ time.Time) string {
		return becameOfLeft(f, models.PersonID(id))
	},
	engagement.ItemAnswer: func(f *engagement.Facts, id string, _ time.Time) string {
		q := f.Question(id)
		if q == nil || q.State == engagement.QuestionOpen {
			return ""
		}
		return BecameOfQuestion(f, q)
	},
	engagement.ItemAnswered: func(f *engagement.Facts, id string, _ time.Time) string {
		if q := f.Question(id); q != nil && q.State == engagement.QuestionOpen {
			return "it waits for an answer again"
		}
		return ""
	},
	engagement.ItemEngagement: becameOfWhole,
	engagement.ItemStall: func(f *engagement.Facts, id string, now time.Time) string {
		if paused := becameOfWhole(f, id, now); paused != "" || len(halts(f, f.Present(now), now)) > 0 {
			return paused
		}
		return "nothing is past its date any more"
	},
	engagement.ItemOutlook: becameOfWhole,
	engagement.ItemPaused: func(f *engagement.Facts, _ string, _ time.Time) string {
		switch e := f.Engagement; e.Status {
		case engagement.StatusPaused:
			return ""
		case engagement.StatusRunning:
			return "it goes on"
		default:
			return "it is " + string(e.Status)
		}
	},
	engagement.ItemWindow: func(f *engagement.Facts, _ string, now time.Time) string {
		if f.WindowMissed(f.Today(now)) {
			return ""
		}
		return "another first day is agreed"
	},
}

// becameOfWhole says that an engagement is paused, where it is.
func becameOfWhole(f *engagement.Facts, _ string, _ time.Time) string {
	if e := f.Engagement; e.Status == engagement.StatusPaused {
		return engagement.PausedSince(e.PausedOn, e.PausedUntil())
	}
	return ""
}

// BecameOfQuestion says what became of a question that is not open.
func BecameOfQuestion(f *engagement.Facts, q *engagement.Question) string {
	who, on := f.Called(q.ClosedBy, "team"), models.Dated(models.DateIn(q.ClosedAt, f.Location()))
	if q.State == engagement.QuestionWithdrawn {
		return "withdrawn by " + who + " on " + on
	}
	return "answered by " + who + " on " + on + ": " + models.Brief(q.Answer, 120)
}

// becameOfGate says what became of a gate since it was in a state.
func becameOfGate(f *engagement.Facts, id string, was engagement.GateState) string {
	g := f.Gate(id)
	switch {
	case g == nil || g.State == was:
		return ""
	case g.State == engagement.GateOpen:
		return "it waits for a signature again"
	}
	return fmt.Sprintf("%s by %s on %s", g.State, f.Called(g.By, string(g.Approver)), models.Dated(models.DateIn(g.At, f.Location())))
}

// becameOfTask says what became of what others than its owner are asked about a task, by the kind of item.
var becameOfTask = map[engagement.ItemKind]func(f *engagement.Facts, t *engagement.Task) string{
	engagement.ItemUnblock: func(_ *engagement.Facts, t *engagement.Task) string {
		if t.State == engagement.TaskBlocked {
			return ""
		}
		return "it can go on"
	},
	engagement.ItemAccept: func(f *engagement.Facts, t *engagement.Task) string {
		switch t.State {
		case engagement.TaskSubmitted:
			return ""
		case engagement.TaskDone:
			return "accepted"
		}
		return "returned to " + f.Called(t.Owner, t.OwnerRole)
	},
	engagement.ItemStaff: func(f *engagement.Facts, t *engagement.Task) string {
		if t.Owner == "" {
			return ""
		}
		return f.Called(t.Owner, t.OwnerRole) + " has it now"
	},
}

// becameOfState says what became of a task that is not its owner's to do any more, or not now.
func becameOfState(f *engagement.Facts, t *engagement.Task) string {
	switch t.State {
	case engagement.TaskSubmitted, engagement.TaskDone:
		return f.Called(t.DoneBy, t.OwnerRole) + " did it on " + models.Dated(models.DateIn(t.DoneAt, f.Location()))
	case engagement.TaskWaived:
		return "not needed: " + models.Brief(t.Reason, 120)
	case engagement.TaskCancelled:
		return "not needed any more"
	case engagement.TaskBlocked:
		return fmt.Sprintf("blocked by the %s: %s", t.BlockedBy, models.Brief(t.Reason, 120))
	}
	return ""
}

// becameOfAsking says why somebody is not asked for an open task any more as a line asked them: another one has it, it has another due
// date, or they have put it off or asked for something about it.
func becameOfAsking(f *engagement.Facts, t *engagement.Task, l engagement.Line, to models.PersonID, now time.Time) string {
	asked := len(l.Acts) > 0 && !l.Above
	switch {
	case l.Above && !stillOf(f, t, l.For):
		return f.Called(t.Owner, t.OwnerRole) + " has it now"
	case asked && t.Owner != to && t.Backup != to && !stillOf(f, t, l.For):
		return f.Called(t.Owner, t.OwnerRole) + " has it now"
	case !l.Due.IsZero() && t.Due != l.Due:
		return "due " + models.Dated(t.Due) + " now"
	case asked && todayOf(f, to, now).Before(t.Snoozed):
		return "put off until " + models.Dated(t.Snoozed)
	}
	return becameOfRequest(f, t, to, now)
}

// becameOfRequest says what somebody has asked for about a task, as long as its reminders rest for that.
func becameOfRequest(f *engagement.Facts, t *engagement.Task, by models.PersonID, now time.Time) string {
	for _, d := range f.Decisions {
		if d.Change.Task != t.ID || d.ProposedBy != by || !hushes(f, d, now) {
			continue
		}
		if d.Kind == engagement.ExtendTask {
			return "you asked for more time, until " + models.Dated(d.Change.Due)
		}
		return "you proposed " + f.Called(d.Change.Person, "somebody else")
	}
	return ""
}

// stillOf reports whether a task is still that of the one for whom somebody was asked.
func stillOf(f *engagement.Facts, t *engagement.Task, whose string) bool {
	name := f.Called(t.Owner, t.OwnerRole)
	_, active := f.Person(t.Owner)
	return whose != "" && (!active || whose == name || strings.HasPrefix(whose, name+", "))
}

// todayOf returns the date where somebody is, as it counts for what they are reminded of.
func todayOf(f *engagement.Facts, who models.PersonID, now time.Time) models.Date {
	if p, ok := f.Person(who); ok {
		return models.DateIn(now, models.Zone(p.TimeZone))
	}
	return f.Today(now)
}

// Refresh crosses out the lines of a message about what is done since, by what became of each item; it reports whether that
// changed anything. A line that was crossed out and holds again is shown as it was, with what can be done about it.
func (m *Message) Refresh(became map[models.EngagementID]map[string]string) bool {
	changed := false
	for _, l := range m.Lines() {
		if l.Item == "" {
			continue
		}
		if is := became[l.Engagement][l.Item]; is != l.Done {
			l.Done, changed = is, true
		}
	}
	for _, l := range m.each() {
		if len(l.All) > 0 {
			l.Done = ""
			if len(l.Waiting()) == 0 {
				l.Done = "none of them waits any more"
			}
		}
	}
	return changed
}
