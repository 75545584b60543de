package engagement

import (
	"slices"

	"tickmark/models"
)

// Who acts for somebody who is away. There is one answer to it, ActsFor: the lock, what is shown, today's and the week's list, the home in
// Slack and messages all take an actor by it.

// An Away is somebody who is away on a day, and whom they named to stand in, if that person is still active.
type Away struct {
	Person  models.PersonID
	StandIn models.PersonID // empty: nobody
}

// ActsFor returns in whose place somebody acts while others are away: for whom in everything that is theirs to do, since these named them;
// and for whom in what asks for a function of which they are the backup, since these named nobody, or somebody who is away as well.
func ActsFor(who models.PersonID, away []Away, duties []models.Duty) (all, backs []models.PersonID) {
	for _, a := range away {
		switch {
		case a.Person == who || slices.Contains(all, a.Person):
		case a.StandIn == who:
			all = append(all, a.Person)
		case a.StandIn != "" && !slices.ContainsFunc(away, func(b Away) bool { return b.Person == a.StandIn }):
		case slices.ContainsFunc(duties, func(d models.Duty) bool { return d.Person == a.Person && d.Backup == who }):
			backs = append(backs, a.Person)
		}
	}
	return all, models.Keep(backs, func(id models.PersonID) bool { return !slices.Contains(all, id) })
}

// answersFor reports whether the actor is somebody, or stands in for them in everything.
func (a Actor) answersFor(who models.PersonID) bool {
	return who != "" && (a.Person == who || slices.Contains(a.For, who))
}

// speaksFor reports whether the actor is somebody, or acts in their place in whatever way.
func (a Actor) speaksFor(who models.PersonID) bool {
	return a.answersFor(who) || who != "" && slices.Contains(a.Backs, who)
}

// actsIn reports whether the actor is somebody of whom a function or role asks something, or acts in their place in that: as the stand-in
// they named, or as the backup of the function while they are away and nobody whom they named is there.
func (f *Facts) actsIn(a Actor, role string, who models.PersonID) bool {
	if a.answersFor(who) {
		return true
	}
	if who == "" || !slices.Contains(a.Backs, who) {
		return false
	}
	holder, backup := f.holder(role)
	return holder == who && backup == a.Person
}

// BackupsOf returns who is the backup of a function that somebody holds, each once, in the order of the functions.
func (f *Facts) BackupsOf(who models.PersonID) []models.PersonID {
	var out []models.PersonID
	for _, d := range f.Duties {
		if _, active := f.Person(d.Backup); active && d.Person == who && !slices.Contains(out, d.Backup) {
			out = append(out, d.Backup)
		}
	}
	return out
}
