package engagement

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// How a decision ends without taking effect, besides by a no: who proposed it takes it back or proposes something else in its place, or
// nobody needs to answer any more.

// mayWithdraw refuses to withdraw a decision to anybody but who proposed it.
func (f *Facts) mayWithdraw(a Actor, c Command) error {
	if d := f.DecisionOf(c.Decision); d.ProposedBy != a.Person {
		return models.Refuse(models.Forbidden, "decision", "%s was proposed by %s, who alone withdraws it: refuse it instead, or ask them", d.ID,
			f.Called(d.ProposedBy, "team"))
	}
	return nil
}

// withdraw takes a pending decision back. Those who were asked are told.
func (f *Facts) withdraw(c Command, now time.Time) error {
	d := f.DecisionOf(c.Decision)
	if err := f.pending(d); err != nil {
		return err
	}
	f.takeBackDecision(d, Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Subject: d.ID, Reason: c.Reason})
	return nil
}

// Overtaken returns why a pending decision cannot take effect any more since a day that it names has passed, or more time since it would
// end too late by now; nil as long as it can, and where something else is in its way.
func (f *Facts) Overtaken(d *Decision, now time.Time) error {
	today := f.Today(now)
	if d.State == DecisionPending && d.Kind == ExtendTask { // a newer decision may have left it no room
		return f.checkChange(d, now)
	}
	if d.State != DecisionPending || !slices.ContainsFunc([]models.Date{d.Change.Kickoff, d.Change.AsOf, d.Change.WindowOpen, d.Change.Due},
		func(day models.Date) bool { return !day.IsZero() && day.Before(today) }) {
		return nil
	}
	return f.checkChange(d, now)
}

// Kinds of decisions that can be proposed once more by a form: for another day, or as they were.
var (
	forAnotherDay = []Kind{MoveKickoff, MoveAsOf, MoveWindow}
	asTheyWere    = []Kind{ChangeScope, DropType1, ReturnPhase, AcceptRisk}
)

// MayComeAgain reports whether a decision that came to nothing can be proposed once more, for another day or as it was: it is of a kind for
// which there is a form, and nothing about the same is pending.
func (f *Facts) MayComeAgain(d *Decision) bool {
	if d.State != DecisionRefused || !slices.Contains(forAnotherDay, d.Kind) && !slices.Contains(asTheyWere, d.Kind) {
		return false
	}
	return f.pendingLike(Command{Kind: d.Kind, Change: &d.Change}) == nil
}

// stillPossible reports whether a decision that would be proposed once more as it was can be: nothing in the engagement is in its way.
func (f *Facts) stillPossible(d *Decision, now time.Time) bool {
	return !slices.Contains(asTheyWere, d.Kind) || f.checkChange(d, now) == nil
}

// mayReplace refuses a proposal about the same as a pending one (nil: there is none) of somebody else that can still take effect, and one
// that says nothing new.
func (f *Facts) mayReplace(old *Decision, c Command, now time.Time) error {
	switch {
	case old == nil:
		return nil
	case old.ProposedBy != c.Actor.Person && f.Overtaken(old, now) == nil:
		return models.Refuse(models.Conflict, "decision",
			"%s about the same is still pending: approve or refuse it first, or have %s, who proposed it, withdraw it", old.ID,
			f.Called(old.ProposedBy, "the team"))
	case reflect.DeepEqual(old.Change, *c.Change):
		return models.Refuse(models.Conflict, "decision", "%s proposes the same and is still pending", old.ID)
	}
	return nil
}

// replacedBy begins why a decision was withdrawn in favour of another.
const replacedBy = "replaced by "

// replace withdraws a pending decision in favour of another about the same, by who proposed both.
func (f *Facts) replace(old, by *Decision, now time.Time) {
	f.takeBackDecision(old, Event{At: now, Actor: by.ProposedBy, Kind: events[WithdrawDecision], Subject: old.ID, Field: "decision", To: by.ID,
		Reason: replacedBy + by.ID})
}

func (f *Facts) takeBackDecision(d *Decision, e Event) {
	d.State, d.ClosedAt, d.ClosedBy, d.ClosedWhy = DecisionWithdrawn, e.At, e.Actor, e.Reason
	f.touchDecision(d)
	f.log(e)
}

// lapse ends a pending decision that nobody needs to answer any more.
func (f *Facts) lapse(d *Decision, why string, now time.Time) {
	d.State, d.ClosedAt, d.ClosedWhy = DecisionRefused, now, why
	f.touchDecision(d)
	f.log(Event{At: now, Kind: "decision.refused", Subject: d.ID, Reason: why})
}

// Ending returns for people how a decision ended that did not take effect: in which way, by whom, on which day and why. It is empty for one
// that is pending or in force.
func (f *Facts) Ending(d *Decision) string {
	word := map[DecisionState]string{DecisionRefused: "not approved", DecisionWithdrawn: "withdrawn"}[d.State]
	if word == "" {
		return ""
	}
	text := word
	if d.ClosedBy != "" {
		text += " by " + f.Called(d.ClosedBy, "team")
	}
	text += " on " + models.Dated(models.DateIn(d.ClosedAt, f.Location()))
	switch {
	case d.ClosedWhy == "":
		return text
	case d.ClosedBy == "" || strings.HasPrefix(d.ClosedWhy, replacedBy):
		return text + ": " + d.ClosedWhy
	}
	return text + ": " + models.Quoted(d.ClosedWhy)
}

// withdrawn tells those who were asked for their approval of a decision that it is not asked any more: those who are still waited for and
// those who gave it. Who is asked about the decision in its place hears of that instead.
func (n *noticing) withdrawn() {
	f := n.f
	d := f.DecisionOf(n.event.Subject)
	if d == nil {
		return
	}
	hears := map[models.PersonID]bool{}
	if next := f.DecisionOf(n.event.To); next != nil && next.State == DecisionPending {
		for _, j := range f.judges(next) {
			hears[j.person] = true
		}
	}
	asked := []models.PersonID{d.ProposedBy} // who withdrew it themselves is told nothing
	for _, j := range f.judges(d) {
		asked = append(asked, j.person)
	}
	for _, a := range d.Approvals {
		asked = append(asked, a.By)
	}
	for _, id := range asked {
		if !hears[id] {
			n.tell(NoticeWithdrawn, false, n.event.Reason, id)
		}
	}
}
