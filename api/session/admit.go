package session

import (
	"context"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Path is what the address of a request names, by their ids; what it does not name is empty. Task, Gate, Decision and Question are those
// of the engagement.
type Path struct {
	Client     models.ClientID
	Person     models.PersonID
	Engagement models.EngagementID
	Task       models.TaskID
	Gate       string
	Decision   string
	Question   string
}

// Admit lets a caller pass who may do an action on what a path names, and reads the engagement and the person that it names. What they may
// not see does not exist for them (not_found); what they see but may not do is forbidden. Whether a command may be sent Decide asks again,
// with all that it names.
func (c *Caller) Admit(ctx context.Context, action engagement.Action, p Path) error {
	var err error
	if c.For, c.Backs, err = c.Store.ActsFor(ctx, c.Person.ID, models.DateIn(c.Now, models.Zone(c.Person.TimeZone))); err != nil {
		return err
	}
	if err := c.sees(ctx, p); err != nil {
		return err
	}
	switch {
	case c.Engagement.ID != "":
		return c.MayIn(action, c.Engagement, c.Now)
	case c.Target.ID != "":
		return c.May(action, &c.Target)
	}
	return c.May(action, nil)
}

// sees refuses what a path names and the caller does not see, and reads the engagement and the person.
func (c *Caller) sees(ctx context.Context, p Path) (err error) {
	if p.Client != "" {
		if err := c.Store.SeesClient(ctx, c.Actor, p.Client); err != nil {
			return err
		}
	}
	if p.Person != "" {
		if c.Target.Person, err = c.Store.SeesPerson(ctx, c.Actor, p.Person); err != nil {
			return err
		}
		if c.Target, err = c.Store.Meet(ctx, c.Actor, c.Target.Person); err != nil {
			return err
		}
	}
	if p.Engagement != "" {
		if c.Engagement, err = c.Store.SeesEngagement(ctx, c.Actor, p.Engagement, c.Now); err != nil {
			return err
		}
	}
	return c.seesInside(ctx, p)
}

// seesInside refuses what a path names inside an engagement and the caller does not see.
func (c *Caller) seesInside(ctx context.Context, p Path) error {
	if c.Engagement.ID == "" && (p.Task != "" || p.Gate != "" || p.Decision != "" || p.Question != "") {
		return models.Refuse(models.NotFound, "engagement", "there is nothing outside an engagement: name one")
	}
	if p.Task != "" {
		if err := c.Store.SeesTask(ctx, c.Actor, c.Engagement, p.Task, c.Now); err != nil {
			return err
		}
	}
	if p.Gate != "" {
		if err := c.Store.SeesGate(ctx, c.Actor, c.Engagement, p.Gate, c.Now); err != nil {
			return err
		}
	}
	if p.Question != "" {
		if err := c.Store.SeesQuestion(ctx, c.Actor, c.Engagement, p.Question, c.Now); err != nil {
			return err
		}
	}
	if p.Decision != "" {
		return c.Store.SeesDecision(ctx, c.Actor, c.Engagement, p.Decision, c.Now)
	}
	return nil
}
