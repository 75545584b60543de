package engagement

import (
	"fmt"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// The route of an engagement is a graph: phases overlap (domain.md 3). A phase is entered when the phases
// before it have been left and its day has come.

// before returns the phases that must have been left before p is entered, among those of the route.
func (f *Facts) before(p catalog.Phase) []catalog.Phase {
	var all []catalog.Phase
	switch p {
	case catalog.PhaseGap:
		all = []catalog.Phase{catalog.PhaseKickoff}
	case catalog.PhaseRemediation:
		all = []catalog.Phase{catalog.PhaseGap}
	case catalog.PhaseT1Prep, catalog.PhaseWindowSetup:
		all = []catalog.Phase{catalog.PhaseRemediation}
	case catalog.PhaseT1Fieldwork:
		all = []catalog.Phase{catalog.PhaseT1Prep}
	case catalog.PhaseT1Report:
		all = []catalog.Phase{catalog.PhaseT1Fieldwork}
	case catalog.PhaseWindow:
		all = []catalog.Phase{catalog.PhaseWindowSetup}
	case catalog.PhaseT2Fieldwork:
		all = []catalog.Phase{catalog.PhaseWindow, catalog.PhaseT2Close}
	case catalog.PhaseT2Report:
		all = []catalog.Phase{catalog.PhaseT2Fieldwork}
	case catalog.PhaseRenewal:
		all = []catalog.Phase{f.beforeRenewal()}
	}
	return slices.DeleteFunc(all, func(q catalog.Phase) bool { return f.Phase(q) == nil })
}

// beforeRenewal returns the phase that lets delivery and renewal begin: with a window its end, since the next one opens
// the day after while fieldwork of the old one goes on (RN-01).
func (f *Facts) beforeRenewal() catalog.Phase {
	switch {
	case f.onRoute(catalog.PhaseWindow):
		return catalog.PhaseWindow
	case f.onRoute(catalog.PhaseT1Report):
		return catalog.PhaseT1Report
	default:
		return catalog.PhaseRemediation
	}
}

func (f *Facts) onRoute(p catalog.Phase) bool {
	st := f.Phase(p)
	return st != nil && st.Standing != StandingDropped
}

// dayOf returns the first local day on which p may be entered; zero when any day will do.
func (f *Facts) dayOf(p catalog.Phase, plan planning.Schedule) models.Date {
	switch p {
	case catalog.PhaseT1Fieldwork:
		return plan.Anchors["t1_fieldwork_start"]
	case catalog.PhaseWindow:
		return f.Engagement.WindowOpen
	case catalog.PhaseT2Close:
		return f.Engagement.Window().End.AddDays(1)
	case catalog.PhaseT2Fieldwork:
		return plan.Anchors["t2_fieldwork_start"]
	default:
		return models.Date{}
	}
}

// mayEnter reports whether p can be entered today.
func (f *Facts) mayEnter(p catalog.Phase, plan planning.Schedule, today models.Date) bool {
	st := f.Phase(p)
	if st == nil || st.Standing != StandingWaiting || today.Before(f.dayOf(p, plan)) {
		return false
	}
	if f.Engagement.Status == StatusPaused && p != catalog.PhaseWindow && p != catalog.PhaseT2Close {
		return false // only what the calendar does goes on in a pause
	}
	if p == catalog.PhaseT2Close {
		w := f.Phase(catalog.PhaseWindow)
		return w.Standing == StandingActive || w.Standing == StandingDone
	}
	return f.leftBefore(p) && (p != catalog.PhaseWindow || !f.WindowMissed(today))
}

// leftBefore reports whether every phase that comes before p has been left or dropped.
func (f *Facts) leftBefore(p catalog.Phase) bool {
	return !slices.ContainsFunc(f.before(p), func(q catalog.Phase) bool {
		s := f.Phase(q).Standing
		return s != StandingDone && s != StandingDropped
	})
}

// lateOpening is for how many business days after its first day a window may still be opened: a first day that falls on a
// weekend is opened on the Monday, but evidence from day one cannot be made up weeks later (domain.md 4.2).
const lateOpening = 5

// WindowMissed reports whether the first day of the window has passed too long ago for it to open without being moved.
func (f *Facts) WindowMissed(today models.Date) bool {
	open := f.Engagement.WindowOpen
	st := f.Phase(catalog.PhaseWindow)
	return st != nil && st.Standing == StandingWaiting && !open.IsZero() && f.ClientDays.Count(open, today) > lateOpening
}

// openedLate says why a window is opened today after the first business day that was agreed for it: the gate before it that was
// signed last. It is empty for a window that opens when it was to, however many days off lie between.
func (f *Facts) openedLate(today models.Date) string {
	late := f.ClientDays.Count(f.ClientDays.Roll(f.Engagement.WindowOpen), today)
	if late == 0 {
		return ""
	}
	var last *Gate
	for i, g := range f.Gates {
		before := slices.Contains(f.before(catalog.PhaseWindow), g.Phase) && g.State == GateSigned
		if before && (last == nil || g.At.After(last.At)) {
			last = &f.Gates[i]
		}
	}
	if last == nil {
		return ""
	}
	on := models.DateIn(last.At, f.Location())
	if on.Before(f.Engagement.WindowOpen) {
		return ""
	}
	return fmt.Sprintf("opened %s after its first day, since “%s” was signed on %s by %s", models.BusinessDays(late), f.GateText(last.ID),
		models.Dated(on), f.Called(last.By, string(last.Approver)))
}

// mayLeave reports whether an active phase can be left today.
func (f *Facts) mayLeave(st *PhaseState, today models.Date) bool {
	return st.Standing == StandingActive && f.Engagement.Status == StatusRunning && len(f.blockers(st, today)) == 0
}

// closesItself reports whether the calendar signs a gate today, since no person does.
func (f *Facts) closesItself(g Gate, today models.Date) bool {
	return g.Approver == models.RoleSystem && g.State == GateOpen && len(f.GateBlockers(g, today)) == 0
}

// blockers returns what keeps an active phase from being left today; nothing when it may be left.
func (f *Facts) blockers(st *PhaseState, today models.Date) []Blocker {
	var out []Blocker
	for _, q := range f.before(st.Phase) {
		if f.Phase(q).Standing == StandingActive { // sent back: the later phase waits
			out = append(out, Blocker{Subject: string(q), Text: f.PhaseName(q) + " has been reopened"})
		}
	}
	out = append(out, f.unsigned(st.Phase)...)
	last := st.Phase == catalog.PhaseRenewal
	for _, t := range f.Tasks {
		if !t.State.Closed() && (last || t.Gate && t.Phase == st.Phase) {
			out = append(out, blockedByTask(t))
		}
	}
	if st.Phase == catalog.PhaseWindow {
		out = append(out, f.openWindow(today)...)
	}
	if last {
		out = append(out, f.otherPhases()...)
	}
	return out
}

// unsigned returns the gates of a phase that it is not left without and that are not signed.
func (f *Facts) unsigned(p catalog.Phase) []Blocker {
	var out []Blocker
	for _, g := range f.Gates {
		if g.Phase == p && g.Blocking && g.State != GateSigned {
			out = append(out, Blocker{Subject: g.ID, Text: "gate not signed: " + f.GateText(g.ID)})
		}
	}
	return out
}

// otherPhases returns the phases beside the last that are not complete.
func (f *Facts) otherPhases() []Blocker {
	var out []Blocker
	for _, q := range f.Phases {
		if q.Phase != catalog.PhaseRenewal && (q.Standing == StandingActive || q.Standing == StandingWaiting) {
			out = append(out, Blocker{Subject: string(q.Phase), Text: f.PhaseName(q.Phase) + " is not complete"})
		}
	}
	return out
}

// openWindow returns the window as a blocker as long as its last day has not passed.
func (f *Facts) openWindow(today models.Date) []Blocker {
	end := f.Engagement.Window().End
	if today.After(end) {
		return nil
	}
	return []Blocker{{Subject: "window_close", Text: "the window's last day has not passed", Due: end}}
}

func blockedByTask(t *Task) Blocker {
	return Blocker{Subject: string(t.ID), Text: t.Heading(), Owner: t.Owner, Due: t.Due}
}

// GateBlockers returns what keeps a gate from being signed today: the tasks that must be closed before, and dates that have not come.
func (f *Facts) GateBlockers(g Gate, today models.Date) []Blocker {
	var out []Blocker
	tmpl := f.gateTemplate(g.ID)
	for _, t := range f.Tasks {
		if !t.State.Closed() && t.Phase == g.Phase && slices.Contains(tmpl.Needs, t.Template) {
			out = append(out, blockedByTask(t))
		}
	}
	for _, id := range tmpl.Needs {
		out = append(out, f.bringing(id, g, tmpl)...)
	}
	if tmpl.NotBefore == "as_of_date" && today.Before(f.Engagement.AsOf) {
		out = append(out, Blocker{Subject: tmpl.NotBefore, Text: "the as-of date has not come", Due: f.Engagement.AsOf})
	}
	if models.Role(tmpl.Approver) == models.RoleSystem || f.needsAll(tmpl) {
		out = append(out, f.openWindow(today)...)
	}
	return out
}

// bringing returns the open tasks that bring copies of a template which a gate needs: a template that is expanded as the work brings it
// may have no copy yet because what brings it is still to be done.
func (f *Facts) bringing(id string, g Gate, tmpl catalog.GateTemplate) []Blocker {
	need, ok := f.Catalog.Template(id)
	if !ok || need.Expand == "" {
		return nil
	}
	var out []Blocker
	for _, t := range f.Tasks {
		if !t.State.Closed() && t.Phase == g.Phase && slices.Contains(need.After, t.Template) && !slices.Contains(tmpl.Needs, t.Template) {
			out = append(out, blockedByTask(t))
		}
	}
	return out
}

// needsAll reports whether a gate rests on every occurrence of a window: as long as it is open there are more to come.
func (f *Facts) needsAll(g catalog.GateTemplate) bool {
	return slices.ContainsFunc(g.Needs, func(id string) bool {
		t, ok := f.Catalog.Template(id)
		return ok && t.Due.FromCadence
	})
}

func (f *Facts) gateTemplate(id string) catalog.GateTemplate {
	for _, p := range f.Catalog.Phases {
		for _, g := range p.Exit {
			if g.ID == id {
				return g
			}
		}
	}
	return catalog.GateTemplate{}
}

// GateText returns what a gate of the catalog is signed for; empty for a gate that the catalog does not have.
func (f *Facts) GateText(id string) string { return f.gateTemplate(id).Text }

// PhaseName returns what the catalog calls a phase; empty for a phase that the catalog does not have.
func (f *Facts) PhaseName(p catalog.Phase) string {
	t, _ := f.Catalog.Phase(p)
	return t.Name
}

// Gate returns the gate of that id in its present round, or nil when its phase has not been entered.
func (f *Facts) Gate(id string) *Gate {
	for i := range f.Gates {
		if f.Gates[i].ID == id {
			return &f.Gates[i]
		}
	}
	return nil
}

// A Blocker is one thing in the way of a gate or phase.
type Blocker struct {
	Subject string // task, gate or date
	Text    string
	Owner   models.PersonID
	Due     models.Date
}
