package reminders

import (
	"cmp"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A holder is who is asked for an item at present.
type holder struct {
	id       models.PersonID
	capacity Capacity
	instead  string // the name of whom a stand-in stands in for
}

// asked returns who is asked for what is somebody's: they themselves, or their stand-in while they are away or once they have
// left: the one they named, else the backup of the task or of the function that asks, else the sponsor for the client's people and
// the manager for the firm's. Nobody is asked for what they may not do, and for the auditor only whom the auditor named.
func (n *nudging) asked(it engagement.Item, owner models.PersonID, side models.Side, backup ...models.PersonID) holder {
	r := n.aud.People[owner]
	var away Absence
	if r != nil {
		var gone bool
		if away, gone = r.AwayOn(r.Today(n.now)); !gone {
			return holder{id: owner, capacity: CapacityOwner}
		}
	}
	name := n.f.Whose(owner)
	if r != nil {
		name = r.Name + ", who is away until " + models.Dated(away.Days.End)
	}
	last := []models.PersonID{n.f.Engagement.Manager, n.f.Engagement.Partner}
	switch {
	case side == models.SideClient:
		last = []models.PersonID{n.sponsor}
	case owner == n.f.Engagement.Auditor:
		last = nil
	}
	function := n.f.BackupsOf(owner)
	if it.Kind == engagement.ItemDo { // whoever is the task's own backup first
		backup, function = append(backup, function...), nil
	}
	for _, id := range slices.Concat([]models.PersonID{away.StandIn}, function, backup, last) {
		if s := n.aud.People[id]; s != nil && id != owner && n.helps(id, it) {
			if _, gone := s.AwayOn(s.Today(n.now)); !gone {
				return holder{id, CapacityStandIn, name}
			}
		}
	}
	return holder{id: owner, capacity: CapacityOwner} // nobody else is there: it waits for their return
}

// present returns the first of some people who is not away and whom something reaches, else the first who is not away; the first of all
// when everybody is.
func (n *nudging) present(ids ...models.PersonID) models.PersonID {
	first := models.PersonID("")
	for _, id := range ids {
		r := n.aud.People[id]
		if r == nil {
			continue
		}
		if _, gone := r.AwayOn(r.Today(n.now)); gone {
			continue
		}
		if r.Channel != ChannelNone {
			return id
		}
		first = cmp.Or(first, id)
	}
	return cmp.Or(first, ids[0])
}
