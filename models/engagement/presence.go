package engagement

import (
	"cmp"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/planning"
)

// An Absence is a stretch of days on which somebody gets no messages: what is due then is asked of their stand-in.
type Absence struct {
	ID      string
	Person  models.PersonID
	Days    planning.Span   // both inclusive
	StandIn models.PersonID // empty: the backup of each task, else the sponsor or manager
}

// maxAbsence is how many days an absence may last.
const maxAbsence = 366

// Check refuses an absence that cannot be.
func (a Absence) Check() error {
	switch {
	case a.Days.Start.IsZero():
		return models.Refuse(models.Invalid, "from", "from is missing: the first day of the absence")
	case a.Days.End.Before(a.Days.Start):
		return models.Refuse(models.Invalid, "to", "to %s is before from %s", a.Days.End, a.Days.Start)
	case a.Days.Start.DaysUntil(a.Days.End) >= maxAbsence:
		return models.Refuse(models.Invalid, "to", "an absence may last %d days at most: deactivate who has left", maxAbsence)
	case a.StandIn == a.Person:
		return models.Refuse(models.Invalid, "stand_in", "nobody stands in for themselves")
	}
	return nil
}

// A Presence says who is there at an instant, and who is asked while others are not. Status and messages ask it alone. It is of no use once
// anything has changed.
type Presence struct {
	f        *Facts
	now      time.Time
	absences []Absence
	reaches  func(models.PersonID) bool
	actors   map[models.PersonID]Actor
}

// PresenceOf returns who is there now but for some absences. Of several who may be asked those come first whom messages reach.
func (f *Facts) PresenceOf(absences []Absence, reaches func(models.PersonID) bool, now time.Time) *Presence {
	return &Presence{f, now, absences, reaches, map[models.PersonID]Actor{}}
}

// Present returns who is there now by the absences that the facts know.
func (f *Facts) Present(now time.Time) *Presence {
	return f.PresenceOf(f.Absences, func(models.PersonID) bool { return true }, now)
}

// AwayOn returns the absence of somebody that covers a day, if there is one.
func AwayOn(all []Absence, who models.PersonID, day models.Date) (Absence, bool) {
	for _, a := range all {
		if a.Person == who && !day.Before(a.Days.Start) && !day.After(a.Days.End) {
			return a, true
		}
	}
	return Absence{}, false
}

// Away returns the absence of somebody on the present day where they are, if there is one.
func (p *Presence) Away(who models.PersonID) (Absence, bool) {
	x, active := p.f.Person(who)
	if !active {
		return Absence{}, false
	}
	return AwayOn(p.absences, who, models.DateIn(p.now, models.Zone(x.TimeZone)))
}

// Actor returns somebody as they would act now: with those in whose place they act where they are today, by ActsFor. Nobody stands in for
// who has left, and who has left for nobody.
func (p *Presence) Actor(who models.PersonID) Actor {
	if a, known := p.actors[who]; known {
		return a
	}
	a := p.f.Actor(who)
	x, _ := p.f.Person(who)
	day := models.DateIn(p.now, models.Zone(x.TimeZone))
	var away []Away
	for _, o := range p.f.People {
		if gone, is := AwayOn(p.absences, o.ID, day); is {
			if _, active := p.f.Person(gone.StandIn); !active {
				gone.StandIn = ""
			}
			away = append(away, Away{Person: o.ID, StandIn: gone.StandIn})
		}
	}
	slices.SortFunc(away, func(x, y Away) int { return cmp.Compare(x.Person, y.Person) })
	a.For, a.Backs = ActsFor(who, away, p.f.Duties)
	p.actors[who] = a
	return a
}

// First returns the first of some people who is there and whom messages reach, else the first who is there; the first of all when nobody
// is.
func (p *Presence) First(ids ...models.PersonID) models.PersonID {
	first := models.PersonID("")
	for _, id := range ids {
		if _, active := p.f.Person(id); !active {
			continue
		}
		if _, gone := p.Away(id); gone {
			continue
		}
		if p.reaches(id) {
			return id
		}
		first = cmp.Or(first, id)
	}
	return cmp.Or(first, ids[0])
}

// A Turn says for whom something waits, and who is asked for it at present.
type Turn struct {
	Whose  models.PersonID
	Role   string          // in which it is theirs, or of whom nobody is known
	Asked  models.PersonID // Whose, where they are there or nobody else is
	Until  models.Date     // until when Whose is away; zero when they are there, or have left
	Stands bool            // Asked stands in for whose it is; else it is theirs as well
	Told   bool            // Asked can only be told: nobody who may is there
}

// Ask returns who is asked for what is somebody's: they themselves, or their stand-in while they are away or once they have left: the one
// they named, else the backup of the task or of the function that asks, else the sponsor for the client's people and the manager for the
// firm's. Nobody is asked for what they may not do, and for the auditor only whom the auditor named.
func (p *Presence) Ask(it Item, owner models.PersonID, side models.Side, backup ...models.PersonID) Turn {
	f, turn := p.f, Turn{Whose: owner, Asked: owner}
	away, gone := p.Away(owner)
	if _, active := f.Person(owner); active && !gone {
		return turn
	}
	turn.Until = away.Days.End
	last := []models.PersonID{f.Engagement.Manager, f.Engagement.Partner}
	switch {
	case side == models.SideClient:
		last = []models.PersonID{f.Sponsor()}
	case owner == f.Engagement.Auditor:
		last = nil
	}
	function := f.BackupsOf(owner)
	if it.Kind == ItemDo { // whoever is the task's own backup first
		backup, function = append(slices.Clone(backup), function...), nil
	}
	for _, id := range slices.Concat([]models.PersonID{away.StandIn}, function, backup, last) {
		if _, active := f.Person(id); !active || id == owner || !p.helps(id, it) {
			continue
		}
		if _, away := p.Away(id); !away {
			turn.Asked, turn.Stands = id, true
			turn.Told = it.Kind == ItemSign || it.Kind == ItemDecide
			return turn
		}
	}
	return turn // nobody else is there: it waits for their return
}

// helps reports whether somebody can do anything about an item in another's place. Signatures and decisions wait for those whose they are:
// who stands in for them hears of it where it is shown to them.
func (p *Presence) helps(id models.PersonID, it Item) bool {
	a := p.Actor(id)
	switch it.Kind {
	case ItemDo, ItemAccept, ItemUnblock, ItemAnswer:
		return len(p.f.Offers(a, it, p.now)) > 0
	}
	return p.f.SeesItem(a, it.Key(), p.now)
}

// Word returns who is asked for a word that one of some people gives: the first of them who is there, else who stands in for the first.
func (p *Presence) Word(it Item, may ...models.PersonID) Turn {
	first := p.First(may...)
	turn := p.Ask(it, first, p.sideOf(first))
	if away, gone := p.Away(may[0]); gone {
		turn.Whose, turn.Until = may[0], away.Days.End
	}
	return turn
}

func (p *Presence) sideOf(who models.PersonID) models.Side {
	if x, ok := p.f.Person(who); ok {
		return x.Role.Side()
	}
	return models.SideFirm
}

// Task returns for whom a task waits: who does it; of one that is blocked who lets it go on, and of one that was reported as done who
// accepts it.
func (p *Presence) Task(t *Task) Turn {
	it := Item{Engagement: p.f.Engagement.ID, Kind: ItemDo, Subject: string(t.ID)}
	turn := Turn{}
	switch t.State {
	case TaskBlocked:
		it.Kind = ItemUnblock
		turn = p.Word(it, p.f.Unblocker(t))
		turn.Role = string(t.BlockedBy)
		return turn
	case TaskSubmitted:
		it.Kind = ItemAccept
		who := p.f.Acceptors(t)
		turn = p.Ask(it, who[0], p.sideOf(who[0]), who[1:]...)
		turn.Role = t.ApproverRole
		return turn
	}
	if t.Owner != "" {
		turn = p.Ask(it, t.Owner, models.SideOf(t.OwnerRole), t.Backup)
	}
	turn.Role = t.OwnerRole
	return turn
}

// Gate returns for whose signature a gate waits, and false where nobody may give it.
func (p *Presence) Gate(g Gate) (Turn, bool) {
	who := p.f.MayJudge(g.Approver)
	if len(who) == 0 {
		return Turn{}, false
	}
	turn := p.Word(Item{Engagement: p.f.Engagement.ID, Kind: ItemSign, Subject: g.ID}, who...)
	turn.Role = string(g.Approver)
	return turn, true
}

// Decision returns for whose word a pending decision waits: of each role whose approval is missing.
func (p *Presence) Decision(d *Decision) []Turn {
	var out []Turn
	for _, role := range p.f.Missing(d) {
		if who := p.f.MayAnswer(d, role); len(who) > 0 {
			turn := p.Word(Item{Engagement: p.f.Engagement.ID, Kind: ItemDecide, Subject: d.ID}, who...)
			turn.Role = string(role)
			out = append(out, turn)
		}
	}
	return out
}

// Question returns for whose answer a question waits.
func (p *Presence) Question(q *Question) Turn {
	return p.Word(Item{Engagement: p.f.Engagement.ID, Kind: ItemAnswer, Subject: q.ID}, q.To)
}

// AwayFrom says until when who is asked for a task is away, and who is asked instead; of a task that waits for others, until when its owner
// is. It is empty where they are there, and of a task that is closed.
func (p *Presence) AwayFrom(t *Task) string {
	switch away, gone := p.Away(t.Owner); {
	case t.State.Closed():
		return ""
	case t.State != TaskWaiting:
		return p.f.NamedAway(p.Task(t))
	case gone:
		return p.f.Called(t.Owner, t.OwnerRole) + " is away until " + models.Dated(away.Days.End)
	}
	return ""
}

// NamedAway says who is away for whom something waits, until when, and who is asked instead; nothing where they are there.
func (f *Facts) NamedAway(t Turn) string {
	if t.Until.IsZero() {
		return ""
	}
	return f.Called(t.Whose, t.Role) + " is " + f.Instead(t, "")
}

// Instead says to a reader until when somebody is away for whom something waits, and who is asked instead; nothing where they are there.
func (f *Facts) Instead(t Turn, to models.PersonID) string {
	asked := f.Called(t.Asked, "team") + " is"
	if t.Asked == to && to != "" {
		asked = "you are"
	}
	away := "away until " + models.Dated(t.Until)
	switch {
	case t.Asked == t.Whose && t.Until.IsZero():
		return ""
	case t.Until.IsZero(): // they have left, which their name says
		return asked + " asked instead"
	case t.Asked == t.Whose:
		return away + "; nobody else can be asked"
	case t.Told:
		return away + "; " + asked + " told instead, and nobody who may give it is there"
	}
	return away + "; " + asked + " asked instead"
}

// Acceptors returns who may accept what was submitted, the first to ask first: the approver, unless it is their own work, the backup, the
// sponsor, the manager, the partner. Where none of them may it is for the approver.
func (f *Facts) Acceptors(t *Task) []models.PersonID {
	e := f.Engagement
	approver := cmp.Or(t.Approver, e.Manager)
	var out []models.PersonID
	for _, id := range []models.PersonID{approver, t.Backup, f.Sponsor(), e.Manager, e.Partner} {
		if _, active := f.Person(id); active && !slices.Contains(out, id) && f.Accepts(f.Actor(id), t) == nil {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		out = append(out, approver)
	}
	return out
}
