package store

import (
	"cmp"
	"slices"
	"sync"

	"gorm.io/gorm"

	"tickmark/models"
)

// A crew is the people of a firm and of one of its clients, by id, those who are active and those who have left, and who holds which
// function there. It is only read.
type crew struct {
	last   string // see head.last
	people []models.Person
	left   []models.Person // whose access has ended
	duties []models.Duty
	// countries are where people live who live elsewhere than their company.
	countries map[models.PersonID]string
}

// crews keeps the crews of the engagements that are being worked on, since reading hundreds of people costs more than the change of a
// task. What is kept is used only while the firm's last event, which is read every time, is still the same: whatever changes people and
// duties is an event of the firm's, in the same transaction. It is told by its time and its key as well as by its number, so that a
// database that was restored or failed over never has the last event of what was lost.
type crews struct {
	mu   sync.Mutex
	kept map[crewOf]*crew
}

type crewOf struct {
	firm   models.FirmID
	client models.ClientID
}

// crew returns the crew of an engagement: as it is kept in memory, where that is what is stored. Who changes rows by hand empties the
// engagement's stamp, see bodies; then it is read.
func (s *Store) crew(tx *gorm.DB, h *head) (*crew, error) {
	of := crewOf{s.firm, models.ClientID(h.engagement.ClientID)}
	keep := h.last != "" && h.engagement.Stamp != ""
	if keep {
		if kept := s.root.crews.get(of); kept != nil && kept.last == h.last {
			return kept, nil
		}
	}
	p := &pipeline{}
	got := s.find(p, peopleSQL, string(s.firm), h.engagement.ClientID)
	if err := p.send(tx); err != nil {
		return nil, err
	}
	c := &crew{last: h.last, duties: got.duties, countries: got.countries}
	for _, p := range got.people {
		if p.Active {
			c.people = append(c.people, p)
		} else {
			c.left = append(c.left, p)
		}
	}
	for _, all := range [][]models.Person{c.people, c.left} {
		slices.SortFunc(all, func(x, y models.Person) int { return cmp.Compare(x.ID, y.ID) })
	}
	slices.SortFunc(c.duties, func(x, y models.Duty) int { return cmp.Compare(x.Function, y.Function) })
	if keep {
		s.root.crews.put(of, c)
	}
	return c, got.r.err
}

func (c *crews) get(of crewOf) *crew {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[of]
}

// put keeps a crew. When there are too many, it forgets any other.
func (c *crews) put(of crewOf, is *crew) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[crewOf]*crew{}
	}
	if c.kept[of] == nil && len(c.kept) >= maxBodies {
		for other := range c.kept {
			delete(c.kept, other)
			break
		}
	}
	c.kept[of] = is
}
