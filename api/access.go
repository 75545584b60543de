package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"tickmark/models"
	"tickmark/models/engagement"
)

// admit lets a caller pass who may do an action on what the path names. It judges nothing itself: what they may see is asked of the
// store, what they may do of the tables in models. What they may not see does not exist for them; what they see but may not do
// is forbidden. Whether a command may be sent Decide asks again, with all that it names.
func (w *caller) admit(ctx context.Context, action engagement.Action, c echo.Context) error {
	for _, part := range []struct {
		param string
		sees  func(context.Context, string) error
	}{
		{"client", w.seesClient}, {"person", w.seesPerson}, {"engagement", w.seesEngagement},
		{"task", w.seesTask}, {"gate", w.seesGate}, {"decision", w.seesDecision},
	} {
		id, err := pathParam(c, part.param)
		if err != nil {
			return err
		}
		if id == "" {
			continue
		}
		if err := part.sees(ctx, id); err != nil {
			return err
		}
	}
	if w.engagement.ID != "" {
		return w.MayIn(action, w.engagement, w.now)
	}
	if w.subject.ID != "" {
		return w.May(action, &w.subject)
	}
	return w.May(action, nil)
}

func unknown(what, id string) error {
	return models.Refuse(models.NotFound, what, "there is no %s %q", what, clip(id))
}

func (w *caller) seesClient(ctx context.Context, id string) error {
	return w.store.SeesClient(ctx, w.Actor, models.ClientID(id))
}

func (w *caller) seesPerson(ctx context.Context, id string) (err error) {
	w.subject, err = w.store.SeesPerson(ctx, w.Actor, models.PersonID(id))
	return err
}

func (w *caller) seesEngagement(ctx context.Context, id string) (err error) {
	w.engagement, err = w.store.SeesEngagement(ctx, w.Actor, models.EngagementID(id), w.now)
	return err
}

func (w *caller) seesTask(ctx context.Context, id string) error {
	return w.store.SeesTask(ctx, w.Actor, w.engagement, models.TaskID(id), w.now)
}

func (w *caller) seesGate(ctx context.Context, id string) error {
	return w.store.SeesGate(ctx, w.Actor, w.engagement, id, w.now)
}

func (w *caller) seesDecision(ctx context.Context, id string) error {
	return w.store.SeesDecision(ctx, w.Actor, w.engagement, id, w.now)
}
