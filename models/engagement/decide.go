package engagement

import (
	"time"

	"tickmark/models"
)

// Decide carries out one command on the facts and returns the id of what it made, if anything. Every rule about commands
// is here or called from here. What a command changes it records: one that records nothing has changed nothing. A refusal leaves the facts
// unusable: whoever asked throws them away.
func Decide(f *Facts, c Command, now time.Time) (created string, err error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	if p, ok := f.Person(c.Actor.Person); !ok || p.Role != c.Actor.Role || p.Client != c.Actor.Client {
		return "", models.Refuse(models.Forbidden, "", "you are not known here as %s any more", c.Actor.Role)
	}
	c = f.Names(c)
	if err := f.Permits(c.Actor, c, now); err != nil {
		return "", err
	}
	if err := f.inTime(c.Kind); err != nil {
		return "", err
	}
	f.newDay(now)
	f.instead = f.standing(c, now)
	said := len(f.events)
	if created, err = rowOf[c.Kind].does(f, c, now); err != nil {
		return "", err
	}
	if f.Engagement.Status.Live() && len(f.events) > said { // what records nothing has changed nothing
		f.bookWork(c.Kind, now)
		f.recompute(now)
	}
	if f.shifted != nil {
		f.expectedAfter(f.shifted, now)
	}
	return created, nil
}

// inTime refuses a command for which it is too early, since the engagement is a draft, or too late, since it has ended.
func (f *Facts) inTime(k Kind) error {
	switch status := f.Engagement.Status; {
	case status == StatusDraft && k != StartEngagement && k != EditEngagement && k != CancelEngagement &&
		k != HandOverWork:
		return models.Refuse(models.Conflict, "status", "the engagement is a draft: start it first")
	case status.Ended() && !afterwards[k]:
		return models.Refuse(models.Conflict, "status",
			"the engagement is %s: nothing in it changes any more, only comments and answers are taken", status)
	}
	return nil
}

// afterwards are the commands that are taken after the end: what people say, the end of what they asked,
// and that it was not the end.
var afterwards = map[Kind]bool{CommentTask: true, AnswerQuestion: true, WithdrawQuestion: true, ReinstateEngagement: true}

// Names returns a command with the ids of those whom it names by the short names of the client's people.
func (f *Facts) Names(c Command) Command {
	means := func(name models.PersonID) models.PersonID {
		there := map[models.PersonID]models.ClientID{}
		for _, id := range []models.PersonID{name, models.PersonIDAt(f.Client.ID, name)} {
			if p, ok := f.anybody(id); ok {
				there[id] = p.Client
			}
		}
		return c.Actor.Means(f.Client.ID, name, there)
	}
	if c.Person != "" {
		c.Person = means(c.Person)
	}
	if c.HandOver != nil {
		c.HandOver = c.HandOver.named(means)
	}
	if c.Add != nil && c.Add.Owner != "" {
		add := *c.Add
		add.Owner = means(add.Owner)
		c.Add = &add
	}
	return c
}
