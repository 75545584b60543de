package engagement

import (
	"slices"
	"strings"

	"tickmark/models"
)

// EventKinds are the kinds of events that the record of an engagement has, in order.
var EventKinds = []string{
	"date.moved", "decision.approved", "decision.in_force", "decision.proposed", "decision.refused", "decision.reinstated",
	"decision.retimed", "decision.withdrawn", "engagement.cancelled", "engagement.completed", "engagement.created", "engagement.edited",
	"engagement.handed_over", "engagement.muted", "engagement.paused", "engagement.reinstated", "engagement.resumed",
	"engagement.started", "engagement.unmuted", "gate.refused", "gate.reopened", "gate.signed", "kickoff.moved", "person.back", "person.left",
	"phase.dropped", "phase.entered", "phase.left", "phase.reopened", "phase.returned", "plan.agreed", "question.answered",
	"question.handed_over", "question.reopened", "question.withdrawn", "report.issued", "risk.accepted", "scope.changed", "task.accepted",
	"task.added", "task.asked", "task.assigned", "task.blocked", "task.cancelled", "task.commented", "task.completed",
	"task.handed_over", "task.missed", "task.moved", "task.overdue", "task.performed", "task.reinstated", "task.reopened",
	"task.retimed", "task.returned", "task.snoozed", "task.split", "task.unblocked", "task.waived", "window.closed",
	"window.moved", "window.opened",
}

// CheckEventKind refuses what is neither a kind of event of engagements nor the first word of one, which has all that begin with it.
// Nothing is fine.
func CheckEventKind(kind string) error {
	if kind == "" || slices.Contains(EventKinds, kind) {
		return nil
	}
	var first []string
	for _, k := range EventKinds {
		if word, _, _ := strings.Cut(k, "."); !slices.Contains(first, word) {
			first = append(first, word)
		}
	}
	if slices.Contains(first, kind) {
		return nil
	}
	return models.Refuse(models.Invalid, "kind", "kind %.60q is none of %s%s, and none of %s, which have all that begin so", kind,
		models.Words(EventKinds), models.DidYouMean(kind, EventKinds), models.Words(first))
}
