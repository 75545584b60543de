package models

import (
	"fmt"
	"strings"
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
			return count(n, "question") + " to answer."
		}
	}
	if tmpl, ok := f.Catalog.Template(t.Template); ok && tmpl.Deliverable != "" {
		return "Result: " + strings.ToLower(tmpl.Deliverable[:1]) + tmpl.Deliverable[1:] + "."
	}
	return ""
}

// count says how many there are of something whose plural ends in s.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
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
		return fmt.Sprintf("%s proposes another scope: %s", who, words(ch.Categories))
	case DropType1:
		return fmt.Sprintf("%s proposes to drop the Type 1", who)
	case AcceptRisk:
		return fmt.Sprintf("%s proposes to accept the risk: %s", who, title)
	}
	return fmt.Sprintf("%s proposes: %s", who, f.describe(d))
}
