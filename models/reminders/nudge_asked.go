package reminders

import (
	"tickmark/models"
	"tickmark/models/engagement"
)

// A holder is who is asked for an item at present.
type holder struct {
	id       models.PersonID
	capacity Capacity
	instead  string // the name of whom a stand-in stands in for
	turn     engagement.Turn
}

// asked returns who is asked where it is somebody's turn: they themselves, or who stands in for them.
func (n *nudging) asked(turn engagement.Turn) holder {
	h := holder{id: turn.Asked, capacity: CapacityOwner, turn: turn}
	if !turn.Stands {
		return h
	}
	h.capacity, h.instead = CapacityStandIn, n.f.Whose(turn.Whose)
	if r := n.aud.People[turn.Whose]; r != nil {
		h.instead = r.Name + ", who is away until " + models.Dated(turn.Until)
	}
	return h
}
