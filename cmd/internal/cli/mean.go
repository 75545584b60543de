package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"tickmark/api/client"
	"tickmark/models"
)

// meant returns those of what is known that somebody may have meant by a word, the nearest first, three at most: what the word is a part
// of, and what differs from it by a few letters.
func meant(word string, known []string) []string {
	type near struct {
		text string
		far  int
	}
	word = strings.ToLower(strings.TrimSpace(word))
	var all []near
	for _, text := range known {
		low := strings.ToLower(text)
		far := models.Distance(word, low)
		switch {
		case len(word) > 2 && strings.Contains(low, word):
			far = 0
		case far > max(1, len(word)/3):
			continue
		}
		all = append(all, near{text, far})
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Or(a.far-b.far, cmp.Compare(a.text, b.text)) })
	var out []string
	for _, n := range all[:min(3, len(all))] {
		out = append(out, n.text)
	}
	return out
}

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
	if near := meant(args[0], ids); len(near) > 0 {
		return failed(exitFailed, "%w: did you mean %s?", err, strings.Join(near, " or "))
	}
	return err
}
