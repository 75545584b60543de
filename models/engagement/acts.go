package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// Label returns what the button of an act says; empty for what is no act.
func (a Act) Label() string {
	switch a {
	case ActConfirm:
		return "Yes, that is me"
	case ActDeny:
		return "No"
	}
	if r := rowOfAct[a]; r != nil {
		return r.label
	}
	return ""
}

// ActsOn returns the acts that there are about items of a kind, in the order in which buttons stand.
func ActsOn(kind ItemKind) []Act {
	if kind == ItemBind {
		return []Act{ActConfirm, ActDeny}
	}
	var out []Act
	for _, r := range slices.Concat(besides, rows) {
		if slices.Contains(r.items, kind) {
			out = append(out, r.act)
		}
	}
	return out
}

// CommandOn returns the command that an act on an item sends, still without its sender, its key and what its form asks for. It
// returns false for an act that is no command, or that cannot be done about items of that kind.
func CommandOn(act Act, item string) (Command, bool) {
	kind, subject := ParseItem(item)
	r := rowOfAct[act]
	if r == nil || subject == "" || !slices.Contains(r.items, kind) && !slices.Contains(r.above, kind) {
		return Command{}, false
	}
	c := Command{Kind: r.kind}
	if r.event == EventProposed && r.on == onEngagement {
		c.Change = &Change{}
	}
	switch r.on {
	case onTask:
		c.Tasks = []models.TaskID{models.TaskID(subject)}
	case onGate:
		c.Gate = subject
	case onDecision:
		c.Decision = subject
	case onEngagement:
		switch kind {
		case ItemLeft, ItemReach:
			c.HandOver = &HandOver{From: models.PersonID(subject)}
		case ItemDecide, ItemAgain:
			c.Decision = subject // what is proposed anew
		}
	case onQuestion:
		c.Question = subject
	case onPerson:
		c.Person = models.PersonID(subject)
	}
	return c, true
}

// aboveFirst are the acts on what has gone up, in the order in which they are offered.
var aboveFirst = []Act{ActAsk, ActAssign, ActMove, ActMoreTime, ActWaive, ActDone, ActAccept, ActReturn, ActUnblock, ActSign,
	ActSignAgain, ActApprove}

// ActsAbove returns the acts that there are about items of a kind for those to whom they have gone up, in the order in which they are
// offered.
func ActsAbove(kind ItemKind) []Act {
	return models.Keep(aboveFirst, func(act Act) bool { return slices.Contains(rowOfAct[act].above, kind) })
}

// OffersAbove returns what somebody to whom an item has gone up is offered to do about it: what Permits lets them send, and to waive only
// what can be waived. Who may agree another date is not offered to ask for it.
func (f *Facts) OffersAbove(a Actor, it Item, now time.Time) []Act {
	out := models.Keep(ActsAbove(it.Kind), func(act Act) bool {
		c, ok := CommandOn(act, it.Key())
		return ok && f.Permits(a, c, now) == nil && f.suits(act, it.Kind, c, now)
	})
	if slices.Contains(out, ActMove) {
		out = slices.DeleteFunc(out, func(act Act) bool { return act == ActMoreTime })
	}
	return out
}

// Offers returns what somebody is offered to do about an item: what Permits lets them send, no rest from what may not be put off any more,
// and a day of performance to state only as long as none is known.
func (f *Facts) Offers(a Actor, it Item, now time.Time) []Act {
	return models.Keep(ActsOn(it.Kind), func(act Act) bool {
		c, ok := CommandOn(act, it.Key())
		if !ok || f.Permits(a, c, now) != nil {
			return false
		}
		if act == ActPerformed && !f.Task(c.Tasks[0]).Performing() {
			return false
		}
		return (act != ActSnooze || f.mayRest(f.Task(c.Tasks[0]), now)) && f.suits(act, it.Kind, c, now)
	})
}

// suits reports whether an act goes with what it is about as that stands: only what runs is paused, a report is not waived, no decision is
// approved whose day has passed, and only such a one, or one that was not approved, is proposed once more, as long as nothing is in its
// way.
func (f *Facts) suits(act Act, kind ItemKind, c Command, now time.Time) bool {
	d := f.DecisionOf(c.Decision)
	switch {
	case act == ActPause:
		return f.mayPause() == nil
	case act == ActResume:
		return f.mayResume() == nil
	case act == ActWaive && f.waivable(f.Task(c.Tasks[0])) != nil:
		return false
	case kind != ItemDecide && kind != ItemAgain || d == nil:
		return true
	case act == ActApprove:
		return f.Overtaken(d, now) == nil
	case c.Change == nil:
		return true
	case d.Kind != c.Kind:
		return false
	case kind == ItemAgain:
		return f.MayComeAgain(d) && f.stillPossible(d, now)
	}
	return f.Overtaken(d, now) != nil
}

// Form returns what to ask somebody before an act on an item of the engagement, without fields when there is nothing to ask. It
// refuses an act that does not go with the item (invalid) and whatever Permits refuses, which is asked before anything is looked up. An
// item that is not there and one that is not shown to them it refuses (not_found) in the same words.
func (f *Facts) Form(act Act, item string, a Actor, now time.Time) (Form, error) {
	form := Form{Act: act, Engagement: f.Engagement.ID, Item: item, Title: act.Label(), Submit: act.Label()}
	c, ok := CommandOn(act, item)
	if !ok {
		return form, models.Refuse(models.Invalid, "act", "this cannot be done about it")
	}
	if err := f.Permits(a, c, now); models.CodeOf(err) == models.NotFound && a.SeesEngagement(f.Engagement, now) {
		return form, models.Refuse(models.NotFound, "item", "this is not waited for any more")
	} else if err != nil {
		return Form{}, err
	}
	if err := f.pausable(c.Kind); err != nil {
		return form, err
	}
	form.About = f.Engagement.Name
	on := asked{by: a, now: now, today: f.Today(now), here: f.Today(now), gate: f.Gate(c.Gate), decision: f.DecisionOf(c.Decision),
		question: f.Question(c.Question)}
	if len(c.Tasks) > 0 {
		on.task = f.Task(c.Tasks[0])
	}
	if on.task != nil {
		on.today = f.todayOf(on.task, now) // days are counted where its owner is
	}
	if c.HandOver != nil {
		v, still := f.givesAway(item, c.HandOver.From)
		if !still {
			return form, models.Refuse(models.NotFound, "item", "this is not waited for any more")
		}
		on.vacancy, form.About = &v, v.Headline()
	}
	if c.Kind == CorrectAddress {
		on.person, _ = f.Person(c.Person)
	}
	f.about(&form, on, a, c)
	if asks := rowOfAct[act].asks; asks != nil {
		if asks(f, &form, on); len(form.Fields) > 0 && form.Submit == act.Label() {
			form.Submit = "Send"
		}
	}
	return form, nil
}

// about says on a form what its act is about.
func (f *Facts) about(form *Form, on asked, a Actor, c Command) {
	switch {
	case c.Kind == CorrectAddress:
		form.About = on.person.Name
	case on.gate != nil:
		form.About = f.GateText(on.gate.ID)
	case on.decision != nil && c.Change != nil:
		form.About = models.Upper(f.Proposal(on.decision))
	case on.decision != nil:
		form.About = f.Explain(on.decision)
		form.Note = strings.Join(f.Effects(on.decision, on.now).SeenBy(a, f, on.now).Lines(), " ")
		form.Asks = form.Act == ActApprove // others rely on it: not before what it moves was shown
	case on.question != nil:
		form.About = on.question.Title
	case on.task != nil:
		form.About = on.task.Heading()
	case c.Change != nil:
		form.About = f.PhaseName(catalog.PhaseWindow)
	}
}

// Asking returns the line of an item as it is now, by which Became tells what has become of it.
func (f *Facts) Asking(item string) Line {
	kind, subject := ParseItem(item)
	l := Line{Engagement: f.Engagement.ID, Item: item, Acts: ActsOn(kind)}
	if t := f.Task(models.TaskID(subject)); t != nil && kind == ItemDo {
		l.Due, l.For = t.Due, f.Called(t.Owner, t.OwnerRole)
	}
	return l
}
