package reminders

import (
	"fmt"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// askOf says what exactly a task asks for: what to provide, the control to perform, how many questions there are. It is empty
// where the title says it all.
func askOf(f *engagement.Facts, t *engagement.Task) string {
	if e, ok := f.Catalog.EvidenceRequest(t.Subject); ok {
		return e.Provide
	}
	if c, ok := f.Catalog.Control(engagement.ControlOf(t.Subject)); ok {
		return c.Statement
	}
	if p, ok := f.Catalog.Policy(t.Subject); ok && len(p.Outline) > 0 {
		return "It covers " + strings.ToLower(strings.Join(p.Outline, ", ")) + "."
	}
	if _, ok := f.Catalog.Domain(t.Subject); ok {
		if n := len(f.Scope().QuestionsIn(t.Subject)); n > 0 {
			return models.Count(n, "question") + " to answer."
		}
	}
	if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Deliverable != "" {
		return "Result: " + strings.ToLower(tmpl.Deliverable[:1]) + tmpl.Deliverable[1:] + "."
	}
	return ""
}

// Became says what became of the item of a line since a message spoke of it to somebody; it is empty as long as the line still holds.
// Closed tasks and decisions have to be among the facts: see Need.
func Became(f *engagement.Facts, l engagement.Line, to models.PersonID, now time.Time) string {
	kind, subject := engagement.ParseItem(l.Item)
	asked := len(l.Acts) > 0
	switch kind {
	case engagement.ItemSign, engagement.ItemRefused:
		g := f.Gate(subject)
		switch {
		case g == nil || kind == engagement.ItemSign && g.State == engagement.GateOpen || kind == engagement.ItemRefused && g.State == engagement.GateRefused:
			return ""
		case g.State == engagement.GateOpen:
			return "it waits for a signature again"
		}
		return fmt.Sprintf("%s by %s on %s", g.State, f.Called(g.By, string(g.Approver)), models.DateIn(g.At, f.Location()))
	case engagement.ItemDecide:
		if d := f.DecisionOf(subject); d != nil && d.State != engagement.DecisionPending {
			return map[engagement.DecisionState]string{engagement.DecisionInForce: "approved", engagement.DecisionRefused: "not approved"}[d.State] + " on " + models.DateIn(d.ClosedAt, f.Location()).String()
		}
		return ""
	case engagement.ItemWindow:
		if !f.WindowMissed(f.Today(now)) {
			return "another first day is agreed"
		}
		return ""
	}
	t := f.Task(models.TaskID(subject))
	if t == nil {
		return ""
	}
	done := func(what string) string {
		return what + " by " + f.Called(t.DoneBy, t.OwnerRole) + " on " + models.DateIn(t.DoneAt, f.Location()).String()
	}
	switch {
	case kind == engagement.ItemUnblock && t.State != engagement.TaskBlocked:
		return "it can go on"
	case kind == engagement.ItemAccept && t.State == engagement.TaskDone:
		return "accepted"
	case kind == engagement.ItemAccept && t.State != engagement.TaskSubmitted:
		return "returned to " + f.Called(t.Owner, t.OwnerRole)
	case kind == engagement.ItemStaff && t.Owner != "":
		return f.Called(t.Owner, t.OwnerRole) + " has it now"
	case kind != engagement.ItemDo:
		return ""
	case t.State == engagement.TaskSubmitted, t.State == engagement.TaskDone:
		return done("done")
	case t.State == engagement.TaskWaived:
		return "not needed: " + models.Brief(t.Reason, 120)
	case t.State == engagement.TaskCancelled:
		return "not needed any more"
	case t.State == engagement.TaskBlocked:
		return fmt.Sprintf("blocked by the %s: %s", t.BlockedBy, models.Brief(t.Reason, 120))
	case asked && t.Owner != to && t.Backup != to && !stillOf(f, t, l.For):
		return f.Called(t.Owner, t.OwnerRole) + " has it now"
	case !l.Due.IsZero() && f.DueDay(t) != l.Due:
		return "due " + models.Dated(f.DueDay(t)) + " now"
	case asked && todayOf(f, to, now).Before(t.Snoozed):
		return "put off until " + models.Dated(t.Snoozed)
	}
	for _, d := range f.Decisions {
		if d.Change.Task == t.ID && d.ProposedBy == to && hushes(f, d, now) {
			return map[engagement.Kind]string{engagement.ExtendTask: "you asked for more time, until " + models.Dated(d.Change.Due), engagement.HandOverTask: "you proposed " + f.Called(d.Change.Person, "somebody else")}[d.Kind]
		}
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

// Refresh crosses out the lines of a message about what is settled since, by what became of each item; it reports whether that
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
	return changed
}
