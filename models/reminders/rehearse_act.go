package reminders

import (
	"fmt"
	"maps"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// act lets everybody do what they do on a day, until nobody has anything more to do: what one does lets another begin.
func (r *rehearsal) act() {
	for did := true; did; {
		did = false
		for _, part := range []func(models.Date) bool{r.complete, r.accept, r.sign, r.moveWindow, r.approve} {
			if r.stuck == "" && r.f.Engagement.Status.Live() {
				did = part(r.f.Today(r.now)) || did
			}
		}
	}
}

// do sends a command of somebody. One that is refused ends the rehearsal: who may do what was asked before it was sent.
func (r *rehearsal) do(c engagement.Command) bool {
	if err := r.send(c); err != nil {
		p, _ := r.f.Person(c.Actor.Person)
		r.stuck = fmt.Sprintf("%s cannot do %s: %s", p.Name, c.Kind, err)
		return false
	}
	return true
}

// acts reports whether somebody does what they are asked. Who is away does nothing until they are back.
func (r *rehearsal) acts(a engagement.Actor) bool {
	if r.idle != nil && r.idle(a, r.now) {
		return false
	}
	if to := r.aud.People[a.Person]; to != nil {
		if _, away := to.AwayOn(to.Today(r.now)); away {
			return false
		}
	}
	return r.assume != AssumeSilent || a.Role.Side() == models.SideFirm
}

// after reports whether a day lies more business days of the firm after another one than people are late by.
func (r *rehearsal) after(since, d models.Date) bool { return r.f.FirmDays.Count(since, d) > r.wait }

// presses reports whether who is on time answers on a day already, since the phase is to end on it: nothing is late by their answer.
func (r *rehearsal) presses(p catalog.Phase, d models.Date) bool {
	st := r.f.Phase(p)
	return r.wait == 0 && st != nil && !st.Plan.End.IsZero() && !st.Plan.End.After(d)
}

// holdsUp reports whether something is due on a day that comes after what waits to be accepted.
func (r *rehearsal) holdsUp(t *engagement.Task, d models.Date) bool {
	return r.wait == 0 && slices.ContainsFunc(r.f.Tasks, func(x *engagement.Task) bool {
		return x.State == engagement.TaskWaiting && !x.Due.After(d) && x.ComesAfter(t)
	})
}

// complete has the tasks done that are due.
func (r *rehearsal) complete(d models.Date) bool {
	var due byActor
	for _, t := range r.f.Tasks {
		if t.State != engagement.TaskOpen || r.f.Days(t.OwnerRole).Add(t.Due, r.wait).After(d) {
			continue
		}
		a, ok := r.with(engagement.NeedOf(engagement.Command{Tasks: []models.TaskID{t.ID}})).Doer(t, r.now)
		r.instead(t.ID, t.Owner, a, "do", "does")
		if ok && r.acts(a) {
			due.add(a, t.ID)
		}
	}
	return r.each(due, engagement.CompleteTask)
}

// accept has accepted what was submitted on a day before, or hours ago where that is needed now.
func (r *rehearsal) accept(d models.Date) bool {
	var submitted byActor
	for _, t := range r.f.Tasks {
		if t.State != engagement.TaskSubmitted ||
			!r.after(models.DateIn(t.DoneAt, r.f.Location()), d) && !r.presses(t.Phase, d) && !r.holdsUp(t, d) {
			continue
		}
		a, ok := r.f.Acceptor(t, r.now)
		r.instead(t.ID, t.Approver, a, "accept", "accepts")
		if ok && r.acts(a) {
			submitted.add(a, t.ID)
		}
	}
	return r.each(submitted, engagement.AcceptTask)
}

// sign has the gates signed of which only the signature has been missing since a day before, or for hours where the phase is to end now.
// What was refused stays so.
func (r *rehearsal) sign(d models.Date) bool {
	did := false
	for _, g := range slices.Clone(r.f.Gates) {
		if st := r.f.Phase(g.Phase); g.State != engagement.GateOpen || g.Approver == models.RoleSystem ||
			st.Standing != engagement.StandingActive || g.At.IsZero() ||
			!r.after(models.DateIn(g.At, r.f.Location()), d) && !r.presses(g.Phase, d) || len(r.f.GateBlockers(g, d)) > 0 {
			continue
		}
		a, ok := r.f.Signer(g, r.now)
		if !ok {
			r.remark("sign "+g.ID, g.ID+" waits for a signature that nobody can give: no "+string(g.Approver)+" is active")
		} else if r.acts(a) {
			did = r.do(engagement.Command{Kind: engagement.SignGate, Gate: g.ID, Actor: a}) || did
		}
	}
	return did
}

// A window that was missed is moved to the day on which the forecast expects it to open, and so many days from then at least. When it is
// missed again it is moved once more, and no more than that.
const (
	movedBy  = 30
	maxMoves = 2
)

// moveWindow has another first day proposed for a window that was missed.
func (r *rehearsal) moveWindow(d models.Date) bool {
	f := r.f
	if !f.WindowMissed(d) || slices.ContainsFunc(f.Decisions, func(x *engagement.Decision) bool { return x.Kind == engagement.MoveWindow }) {
		return false
	}
	if r.moves == maxMoves {
		r.stuck = fmt.Sprintf("the window's first day, %s, was missed though the window had been moved %d times already: "+
			"as long as people act like this it does not open", f.Engagement.WindowOpen, r.moves)
		return false
	}
	to := engagement.Change{WindowOpen: models.Later(d.AddDays(movedBy), f.Forecast(r.now).Window)}
	who, ok := f.Planner()
	if err := f.Possible(engagement.Decision{Kind: engagement.MoveWindow, Change: to}, r.now); err != nil || !ok || !r.acts(who) {
		if err != nil {
			r.remark("window", "The window was missed and does not open by itself: "+err.Error())
		}
		return false
	}
	r.moves++
	return r.do(engagement.Command{Kind: engagement.MoveWindow, Change: &to, Reason: "rehearsed", Actor: who})
}

// approve has pending decisions approved that were proposed on a day before.
func (r *rehearsal) approve(d models.Date) bool {
	did := false
	for _, x := range slices.Clone(r.f.Decisions) {
		if !r.after(models.DateIn(x.ProposedAt, r.f.Location()), d) {
			continue
		}
		for x.State == engagement.DecisionPending {
			who, ok := r.approver(x)
			if !ok || !r.do(engagement.Command{Kind: engagement.ApproveDecision, Decision: x.ID, Reason: "rehearsed", Actor: who}) {
				break
			}
			did = true
		}
	}
	return did
}

// approver returns who approves a pending decision next, if anybody can and does, and it is still possible.
func (r *rehearsal) approver(x *engagement.Decision) (engagement.Actor, bool) {
	all := r.f.Approvers(x, r.now)
	if len(all) == 0 {
		r.remark("approve "+x.ID, x.ID+" waits for "+models.Words(r.f.Missing(x))+", for whom nobody can answer")
	}
	for _, a := range all {
		if !r.acts(a) {
			continue
		}
		if err := r.f.Possible(*x, r.now); err != nil {
			r.remark("approve "+x.ID, x.ID+" is not approved, since it is not possible any more: "+err.Error())
			return a, false
		}
		return a, true
	}
	return engagement.Actor{}, false
}

// byActor is what several people do, those who come first in the order of the tasks first.
type byActor []struct {
	who engagement.Actor
	ids []models.TaskID
}

func (b *byActor) add(a engagement.Actor, id models.TaskID) {
	for i := range *b {
		if x := &(*b)[i]; x.who.Person == a.Person {
			x.ids = append(x.ids, id)
			return
		}
	}
	*b = append(*b, struct {
		who engagement.Actor
		ids []models.TaskID
	}{a, []models.TaskID{id}})
}

// each sends a command of everybody on their tasks and reports whether there was any.
func (r *rehearsal) each(all byActor, k engagement.Kind) bool {
	for _, x := range all {
		for ids := range slices.Chunk(x.ids, engagement.MaxTasks) {
			if r.stuck == "" {
				c := engagement.Command{Kind: k, Tasks: ids, Actor: x.who}
				if k == engagement.CompleteTask { // what is reported as done was performed that day
					c.On = r.f.StatedOn(ids, r.now)
				}
				r.do(c)
			}
		}
	}
	return len(all) > 0 && r.stuck == ""
}

// A remark is something to know of a rehearsal, and what else it is as true of.
type remark struct {
	key, text string
	more      map[string]bool
}

func (m *remark) String() string {
	if len(m.more) == 0 {
		return m.text + "."
	}
	return m.text + "; likewise " + models.Listed(slices.Sorted(maps.Keys(m.more))) + "."
}

// remark notes something once.
func (r *rehearsal) remark(key, text string) *remark {
	for _, m := range r.remarks {
		if m.key == key {
			return m
		}
	}
	m := &remark{key: key, text: text, more: map[string]bool{}}
	r.remarks = append(r.remarks, m)
	return m
}

// instead notes that somebody acts in the place of another one whose a task is, or nobody: do and does say what they would do.
func (r *rehearsal) instead(id models.TaskID, whose models.PersonID, a engagement.Actor, do, does string) {
	if a.Person == whose && whose != "" {
		return
	}
	why := string(id) + " is nobody's to " + do
	if p, active := r.f.Person(whose); active {
		why = fmt.Sprintf("%s is %s's to %s, who may not", id, p.Name, do)
	} else if whose != "" {
		why = string(id) + " is that of somebody who has left"
	}
	what := ": nobody else may " + do + " it"
	if p, ok := r.f.Person(a.Person); ok {
		what = ": " + p.Name + " " + does + " it"
	}
	m := r.remark(does+" "+string(whose)+" "+string(a.Person), why+what)
	if m.text != why+what {
		m.more[string(id)] = true
	}
}
