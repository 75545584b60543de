package cli

import (
	"context"
	"errors"
	"strings"

	"tickmark/api/client"
	"tickmark/models"
)

// didYouMean adds to the refusal of an engagement that is not there the ids of those that somebody may have meant, as far as they are shown
// to them. Where they cannot be asked for, the refusal stays as it is.
func (a *app) didYouMean(ctx context.Context, args []string, err error) error {
	var refused *refusal
	if len(args) == 0 || !errors.As(err, &refused) || refused.problem.Code != models.NotFound || refused.problem.Field != "engagement" {
		return err
	}
	size := maxPage
	page, _, failure := decode[client.EngagementPage](a.ask(a.api.ListEngagements(ctx, &client.ListEngagementsParams{Limit: &size})))
	if failure != nil {
		return err
	}
	var ids []string
	for _, e := range page.Items {
		ids = append(ids, string(e.ID))
	}
	if near := models.Near(args[0], ids, 3); len(near) > 0 {
		return failed(exitFailed, "%w: did you mean %s?", err, strings.Join(near, " or "))
	}
	return err
}
