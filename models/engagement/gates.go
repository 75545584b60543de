package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Gates are signed by one person, their approver (domain.md 3.3): the end of a phase waits for them.

// toJudge returns the gate that a command names, or refuses when there is nothing to sign about it at present.
func (f *Facts) toJudge(c Command) (*Gate, error) {
	g := f.Gate(c.Gate)
	if st := f.Phase(g.Phase); g.State != GateSigned && st.Standing != StandingActive {
		return nil, models.Refuse(models.Conflict, "gate", "%s is not to be signed: %s is %s", g.ID, f.PhaseName(g.Phase), st.Standing)
	}
	if g.State == GateSigned {
		return nil, models.Refuse(models.Conflict, "gate", "%s was signed already by %s on %s", g.ID, f.Called(g.By, string(g.Approver)),
			models.DateIn(g.At, f.Location()))
	}
	if f.Engagement.Status == StatusPaused {
		return nil, models.Refuse(models.Conflict, "status", "the engagement is paused: resume it before gates are signed")
	}
	return g, nil
}

// sign signs a gate whose blockers are gone.
func (f *Facts) sign(c Command, now time.Time) error {
	g, err := f.toJudge(c)
	if err != nil {
		return err
	}
	if in := f.GateBlockers(*g, f.Today(now)); len(in) > 0 {
		return models.Refuse(models.Conflict, "gate", "%s cannot be signed yet: %s", g.ID, sentence(in))
	}
	f.judged(g, GateSigned, c, now)
	return nil
}

// refuseGate notes that the approver of a gate does not sign it, and why.
func (f *Facts) refuseGate(c Command, now time.Time) error {
	g, err := f.toJudge(c)
	if err != nil {
		return err
	}
	f.judged(g, GateRefused, c, now)
	return nil
}

// reopenGate asks for the signature of a gate that was refused again, with what has been cleared up. It refuses (conflict) one that was
// not refused, and one of which more than the signature is missing.
func (f *Facts) reopenGate(c Command, now time.Time) error {
	g, err := f.toJudge(c)
	if err != nil {
		return err
	}
	if g.State != GateRefused {
		return models.Refuse(models.Conflict, "gate", "%s was not refused: it waits for %s already", g.ID, f.approverName(g.Approver))
	}
	if in := f.GateBlockers(*g, f.Today(now)); len(in) > 0 {
		return models.Refuse(models.Conflict, "gate", "%s cannot be signed yet: %s", g.ID, sentence(in))
	}
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: g.ID, From: string(g.State), To: string(GateOpen), Reason: c.Reason})
	*g = Gate{ID: g.ID, Phase: g.Phase, Round: g.Round + 1, Approver: g.Approver, Blocking: g.Blocking, State: GateOpen, At: now}
	return nil
}

// asksWhatIsClear asks what has been cleared up since a gate was refused.
func (f *Facts) asksWhatIsClear(form *Form, on asked) {
	g := on.gate
	form.Title, form.Submit = "Ask to sign again", "Ask"
	form.Fields = []Field{text("reason", "What has been cleared up?")}
	form.Note = f.Called(g.By, string(g.Approver)) + " refused to sign it: " + models.Quoted(g.Reason) + ". " +
		f.willHear(Event{Actor: on.by.Person, Kind: rowOf[ReopenGate].event, Subject: g.ID})
}

// signsAgain tells who signs a gate that was refused that its signature is asked for again.
func (n *noticing) signsAgain() {
	g := n.f.Gate(n.event.Subject)
	if g == nil || n.event.Actor == "" { // that a task is done again opens a gate by itself
		return
	}
	if who := n.f.MayJudge(g.Approver); len(who) > 0 {
		n.tell(NoticeSign, true, n.event.Reason, who[0])
	}
}

func (f *Facts) judged(g *Gate, to GateState, c Command, now time.Time) {
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: g.ID, From: string(g.State), To: string(to), Reason: c.Reason})
	g.State, g.By, g.At, g.Reason = to, c.Actor.Person, now, c.Reason
}

// signs refuses an actor who may not sign a gate, nor refuse to: anybody but its approver.
func (f *Facts) signs(a Actor, c Command) error {
	g := f.Gate(c.Gate)
	if !slices.Contains(f.MayJudge(g.Approver), a.Person) {
		return models.Refuse(models.Forbidden, "gate", "%s is for %s to sign", g.ID, f.approverName(g.Approver))
	}
	return nil
}

// MayJudge returns the people who hold an approving role on this engagement: partners of the firm, the engagement's manager,
// sponsors of the client, the auditor. Where no auditor has been invited, the manager records what the auditor said.
func (f *Facts) MayJudge(r models.Role) []models.PersonID {
	switch r {
	case models.RoleManager:
		return []models.PersonID{f.Engagement.Manager}
	case models.RoleAuditor:
		if f.Engagement.Auditor != "" {
			return []models.PersonID{f.Engagement.Auditor}
		}
		return []models.PersonID{f.Engagement.Manager}
	}
	var out []models.PersonID
	for _, p := range f.People {
		switch {
		case p.Role != r || r == models.RoleSponsor && p.Client != f.Client.ID:
		case p.ID == f.Engagement.Partner: // the first to ask, though any partner may
			out = slices.Insert(out, 0, p.ID)
		default:
			out = append(out, p.ID)
		}
	}
	return out
}

func (f *Facts) approverName(r models.Role) string {
	switch r {
	case models.RoleSystem:
		return "the calendar alone"
	case models.RoleManager:
		return f.Called(f.Engagement.Manager, "engagement manager")
	case models.RoleAuditor:
		return f.Called(f.Engagement.Auditor, "auditor")
	}
	return "a " + string(r)
}

// sentence names the first few blockers for people.
func sentence(in []Blocker) string {
	const most = 3
	var parts []string
	for _, b := range in[:min(most, len(in))] {
		parts = append(parts, b.Subject+" ("+b.Text+")")
	}
	s := strings.Join(parts, "; ")
	if rest := len(in) - most; rest > 0 {
		s += "; " + models.AndMore(rest, "the list of gates names all of them")
	}
	return s
}

func (f *Facts) openGates(st *PhaseState) {
	tmpl, _ := f.Catalog.Phase(st.Phase)
	for _, g := range tmpl.Exit {
		f.openGate(st, g)
	}
}

// openGate opens a gate, or opens it anew as a new round when it has been signed before.
func (f *Facts) openGate(st *PhaseState, g catalog.GateTemplate) {
	fresh := Gate{ID: g.ID, Phase: st.Phase, Round: st.Round, Approver: models.Role(g.Approver), Blocking: g.Blocking, State: GateOpen}
	if old := f.Gate(g.ID); old != nil {
		fresh.Round = old.Round + 1
		*old = fresh
		return
	}
	f.Gates = append(f.Gates, fresh)
}
