package engagement

import (
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// eventWords says of each kind of event what happened, after the name of who did it: %s is what it is about.
var eventWords = map[string]string{
	"date.moved":             "the date of %s moved",
	"decision.approved":      "approved %s",
	"decision.in_force":      "%s is in force",
	"decision.proposed":      "proposed %s",
	"decision.refused":       "did not approve %s",
	"decision.reinstated":    "put %s back",
	"decision.retimed":       "gave %s another day",
	"decision.withdrawn":     "withdrew %s",
	"engagement.cancelled":   "cancelled the engagement",
	"engagement.completed":   "the engagement is complete",
	"engagement.created":     "drafted the engagement",
	"engagement.edited":      "changed the engagement",
	"engagement.handed_over": "handed work over",
	"engagement.muted":       "stopped its messages",
	"engagement.paused":      "paused the engagement",
	"engagement.reinstated":  "took its end back",
	"engagement.resumed":     "resumed the engagement",
	"engagement.started":     "started the engagement",
	"engagement.unmuted":     "let its messages go out again",
	"gate.refused":           "refused to sign %s",
	"gate.reopened":          "%s is to be signed again",
	"gate.signed":            "signed %s",
	"kickoff.moved":          "moved the kickoff",
	"person.back":            "%s is back",
	"person.left":            "%s has left",
	"phase.dropped":          "%s was dropped",
	"phase.entered":          "%s has begun",
	"phase.left":             "%s is complete",
	"phase.reopened":         "%s was opened again",
	"phase.returned":         "went back to %s",
	"plan.agreed":            "the plan was agreed",
	"question.answered":      "answered a question",
	"question.handed_over":   "handed a question over",
	"question.reopened":      "asked a question again",
	"question.withdrawn":     "withdrew a question",
	"report.issued":          "the report was issued",
	"risk.accepted":          "accepted a risk",
	"scope.changed":          "the scope changed",
	"task.accepted":          "accepted %s",
	"task.added":             "added %s",
	"task.asked":             "asked about %s",
	"task.assigned":          "gave %s to somebody",
	"task.blocked":           "is blocked in %s",
	"task.cancelled":         "%s is not needed any more",
	"task.commented":         "wrote about %s",
	"task.completed":         "reported %s as done",
	"task.handed_over":       "handed %s over",
	"task.missed":            "%s was not performed in its period",
	"task.moved":             "gave %s another date",
	"task.overdue":           "%s is late",
	"task.performed":         "performed %s",
	"task.reinstated":        "put %s back",
	"task.reopened":          "opened %s again",
	"task.retimed":           "%s is due on another day",
	"task.returned":          "sent %s back",
	"task.snoozed":           "put reminders of %s off",
	"task.split":             "split %s",
	"task.unblocked":         "%s can go on",
	"task.waived":            "waived %s",
	"window.closed":          "the window has closed",
	"window.moved":           "the window moved",
	"window.opened":          "the window has opened",
}

// Words says in a sentence without a full stop what an event is, to an actor at an instant: who did what, from what to what, and why. What
// nobody did has no name before it; what the actor is not shown is named by its id alone.
func (f *Facts) Words(e Event, to Actor, now time.Time) string {
	text := strings.Replace(eventWords[e.Kind], "%s", f.eventSubject(e, to, now), 1)
	if e.Actor != "" {
		who := f.Called(e.Actor, "team")
		if e.For != "" {
			who += " for " + f.Called(e.For, "team")
		}
		text = who + " " + passive(text)
	}
	if change := f.eventChange(e); change != "" {
		text += ": " + change
	}
	if e.Reason != "" {
		text += " " + models.Quoted(e.Reason)
	}
	return models.Upper(text)
}

// passive puts who caused it before what just happens: "Ines: Gap analysis has begun".
func passive(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if first == "the" || strings.HasPrefix(text, "“") {
		return "– " + text
	}
	return text
}

// eventSubject names what an event is about.
func (f *Facts) eventSubject(e Event, to Actor, now time.Time) string {
	kind, _, _ := strings.Cut(e.Kind, ".")
	switch kind {
	case "task":
		if t := f.Task(models.TaskID(e.Subject)); t != nil && f.SeesTask(to, t, now) {
			return models.Quoted(t.Heading())
		}
	case "gate":
		if text := f.GateText(e.Subject); text != "" && f.SeesGate(to, e.Subject, now) {
			return models.Quoted(text)
		}
	case "phase":
		return models.Quoted(f.PhaseName(catalog.Phase(e.Subject)))
	case "decision":
		if d := f.DecisionOf(e.Subject); d != nil && f.SeesDecision(to, d, now) {
			return models.Quoted(f.Describe(d))
		}
		return "decision " + e.Subject
	case "person":
		return f.Called(models.PersonID(e.Subject), "team")
	case "date":
		for _, a := range f.Catalog.Anchors {
			if a.ID == e.Subject {
				return models.Quoted(a.Name)
			}
		}
	}
	return e.Subject
}

// eventChange says what changed from what to what, where both are for people.
func (f *Facts) eventChange(e Event) string {
	say := func(s string) string {
		if d, err := models.ParseDate(s); err == nil {
			return models.Dated(d)
		}
		return ""
	}
	from, to := say(e.From), say(e.To)
	switch {
	case to == "":
		return ""
	case from == "":
		return to
	}
	return to + " instead of " + from
}
