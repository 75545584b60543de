package reminders

import (
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// left tells the manager and the partner of everybody who has left and whose work has nobody: at once, and again every week until somebody
// else has it. It stands above everything else.
func (n *nudging) left() {
	f := n.f
	for _, v := range f.Vacancies() {
		it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemLeft, Subject: string(v.Person.ID), Title: v.Headline(),
			Ask: v.Text(), Due: v.On, Effect: v.Detail(), Owner: v.Person.ID, OwnerName: v.Person.Name}
		for i, id := range f.StaffedBy() {
			r := n.aud.People[id]
			if r == nil {
				continue
			}
			x := Nudge{As: CapacityManager, Tone: catalog.ToneOverdue, Item: it, Level: loudest,
				Step: Step{Due: models.Later(v.On, r.Today(n.now).Monday())}, Acts: f.Offers(n.actor(r), it, n.now)}
			if i > 0 || id == f.Engagement.Partner {
				x.As = CapacityPartner
			}
			n.add(r, x)
		}
	}
}

// loudest is a level above all ladders.
const loudest = 9

// becameOfLeft says what became of what somebody left: it has somebody, or they are back.
func becameOfLeft(f *engagement.Facts, who models.PersonID) string {
	if _, still := f.Vacancy(who); still {
		return ""
	}
	if p, back := f.Person(who); back {
		return p.Name + " is back"
	}
	return "others have their work now"
}
