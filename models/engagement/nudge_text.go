package engagement

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tickmark/models"
)

// askOf says what exactly a task asks for: what to provide, the control to perform, how many questions there are. It is empty
// where the title says it all.
func (f *Facts) askOf(t *Task) string {
	if e, ok := f.Catalog.EvidenceRequest(t.Subject); ok {
		return e.Provide
	}
	if c, ok := f.Catalog.Control(controlOf(t.Subject)); ok {
		return c.Statement
	}
	if p, ok := f.Catalog.Policy(t.Subject); ok && len(p.Outline) > 0 {
		return "It covers " + strings.ToLower(strings.Join(p.Outline, ", ")) + "."
	}
	if _, ok := f.Catalog.Domain(t.Subject); ok {
		if n := len(f.Scope().QuestionsIn(t.Subject)); n > 0 {
			return Count(n, "question") + " to answer."
		}
	}
	if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Deliverable != "" {
		return "Result: " + strings.ToLower(tmpl.Deliverable[:1]) + tmpl.Deliverable[1:] + "."
	}
	return ""
}

// Count says how many there are of something whose plural ends in s.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Sentence makes a sentence of a clause; of nothing it makes nothing.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.TrimSuffix(s[n:], ".") + "."
}

// explain says for people what a pending decision is about.
func (f *Facts) explain(d *Decision) string {
	who := f.called(d.ProposedBy, "team")
	ch := d.Change
	title := string(ch.Task)
	if t := f.Task(ch.Task); t != nil {
		title = t.Title
	}
	switch d.Kind {
	case ExtendTask:
		return fmt.Sprintf("%s asks for more time, until %s: %s", who, ch.Due, title)
	case HandOverTask:
		return fmt.Sprintf("%s proposes that %s takes over: %s", who, f.called(ch.Person, "owner"), title)
	case MoveAsOf:
		return fmt.Sprintf("%s proposes to move the as-of date from %s to %s", who, f.Engagement.AsOf, ch.AsOf)
	case MoveWindow:
		w := f.windowOf(ch)
		return fmt.Sprintf("%s proposes the window %s to %s", who, w.Start, w.End)
	case ChangeScope:
		return fmt.Sprintf("%s proposes another scope: %s", who, models.Words(ch.Categories))
	case DropType1:
		return fmt.Sprintf("%s proposes to drop the Type 1", who)
	case AcceptRisk:
		return fmt.Sprintf("%s proposes to accept the risk: %s", who, title)
	}
	return fmt.Sprintf("%s proposes: %s", who, f.describe(d))
}

// Became says what became of the item of a line since a message spoke of it to somebody; it is empty as long as the line still holds.
// Closed tasks and decisions have to be among the facts: see Need.
func (f *Facts) Became(l Line, to models.PersonID, now time.Time) string {
	kind, subject := ParseItem(l.Item)
	asked := len(l.Acts) > 0
	switch kind {
	case ItemSign, ItemRefused:
		g := f.Gate(subject)
		switch {
		case g == nil || kind == ItemSign && g.State == GateOpen || kind == ItemRefused && g.State == GateRefused:
			return ""
		case g.State == GateOpen:
			return "it waits for a signature again"
		}
		return fmt.Sprintf("%s by %s on %s", g.State, f.called(g.By, string(g.Approver)), models.DateIn(g.At, f.Location()))
	case ItemDecide:
		if d := f.decisionOf(subject); d != nil && d.State != DecisionPending {
			return map[DecisionState]string{DecisionInForce: "approved", DecisionRefused: "not approved"}[d.State] + " on " + models.DateIn(d.ClosedAt, f.Location()).String()
		}
		return ""
	case ItemWindow:
		if !f.windowMissed(f.Today(now)) {
			return "another first day is agreed"
		}
		return ""
	}
	t := f.Task(models.TaskID(subject))
	if t == nil {
		return ""
	}
	done := func(what string) string {
		return what + " by " + f.called(t.DoneBy, t.OwnerRole) + " on " + models.DateIn(t.DoneAt, f.Location()).String()
	}
	switch {
	case kind == ItemUnblock && t.State != TaskBlocked:
		return "it can go on"
	case kind == ItemAccept && t.State == TaskDone:
		return "accepted"
	case kind == ItemAccept && t.State != TaskSubmitted:
		return "returned to " + f.called(t.Owner, t.OwnerRole)
	case kind == ItemStaff && t.Owner != "":
		return f.called(t.Owner, t.OwnerRole) + " has it now"
	case kind != ItemDo:
		return ""
	case t.State == TaskSubmitted, t.State == TaskDone:
		return done("done")
	case t.State == TaskWaived:
		return "not needed: " + brief(t.Reason, 120)
	case t.State == TaskCancelled:
		return "not needed any more"
	case t.State == TaskBlocked:
		return fmt.Sprintf("blocked by the %s: %s", t.BlockedBy, brief(t.Reason, 120))
	case asked && t.Owner != to && t.Backup != to && !f.stillOf(t, l.For):
		return f.called(t.Owner, t.OwnerRole) + " has it now"
	case !l.Due.IsZero() && f.dueDay(t) != l.Due:
		return "due " + dated(f.dueDay(t)) + " now"
	case asked && f.todayOf(to, now).Before(t.Snoozed):
		return "put off until " + dated(t.Snoozed)
	}
	for _, d := range f.Decisions {
		if d.Change.Task == t.ID && d.ProposedBy == to && f.hushes(d, now) {
			return map[Kind]string{ExtendTask: "you asked for more time, until " + dated(d.Change.Due), HandOverTask: "you proposed " + f.called(d.Change.Person, "somebody else")}[d.Kind]
		}
	}
	return ""
}

// stillOf reports whether a task is still that of the one for whom somebody was asked.
func (f *Facts) stillOf(t *Task, whose string) bool {
	name := f.called(t.Owner, t.OwnerRole)
	_, active := f.Person(t.Owner)
	return whose != "" && (!active || whose == name || strings.HasPrefix(whose, name+", "))
}

// todayOf returns the date where somebody is, as it counts for what they are reminded of.
func (f *Facts) todayOf(who models.PersonID, now time.Time) models.Date {
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
