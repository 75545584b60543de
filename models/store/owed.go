package store

import (
	"context"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// Owed returns what a person is asked for at now, over all their engagements: whatever its date, the worst first, in a number of lines at
// most. mail says whether mail can be sent from here.
func (s *Store) Owed(ctx context.Context, p models.Person, mail bool, lines int, now time.Time) (reminders.Message, error) {
	to, err := s.Recipient(ctx, p.ID, now.Year(), mail)
	if err != nil {
		return reminders.Message{}, err
	}
	g := reminders.Digesting{To: to, Day: to.Today(now), Names: map[models.EngagementID]string{}, Ask: reminders.Managers{}, Limit: lines}
	ids, err := s.EngagementsOf(ctx, p, g.Day)
	if err != nil {
		return reminders.Message{}, err
	}
	for _, id := range ids {
		f, err := s.Facts(ctx, id, engagement.Need{})
		if err != nil {
			return reminders.Message{}, err
		}
		aud, err := s.Audience(ctx, f, mail)
		if err != nil {
			return reminders.Message{}, err
		}
		aud.Only, aud.All = map[models.PersonID]bool{p.ID: true}, true
		f.Engagement.Muted = false // what is not sent can still be looked at
		g.Names[id] = f.Engagement.Name
		g.Ask.Add(f)
		g.Nudges = append(g.Nudges, slices.DeleteFunc(reminders.Nudges(f, aud, now), func(n reminders.Nudge) bool { return len(n.Acts) == 0 })...)
	}
	m, _ := g.Digest()
	if len(g.Nudges) == 0 {
		m.Intro = "Hello " + reminders.FirstName(p.Name) + ". Nothing waits for you."
	}
	return m, nil
}
