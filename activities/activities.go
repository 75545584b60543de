// Package activities does what workflows ask for: short transactions on the store, judged by the rules of package models.
package activities

import (
	"context"
	"errors"
	"log/slog"

	"go.temporal.io/sdk/temporal"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
	"tickmark/workflows"
)

// Activities implements workflows.Activities. It is made once per worker.
type Activities struct {
	Root *store.Root
	Log  *slog.Logger
}

var _ workflows.Activities = (*Activities)(nil)

// Look returns what the engagement waits for, and changes nothing. An engagement that is not in the database, as after a
// restore, is closed as far as its workflow goes.
func (a *Activities) Look(ctx context.Context, in workflows.LookInput) (engagement.Agenda, error) {
	f, err := a.Root.For(in.Ref.Firm).Facts(ctx, in.Ref.Engagement, engagement.Need{})
	if models.CodeOf(err) == models.NotFound {
		return engagement.Agenda{Closed: true}, nil
	}
	if err != nil {
		return engagement.Agenda{}, a.outcome(ctx, "look", in.Ref, err)
	}
	return engagement.AgendaOf(f, in.Now), nil
}

// Apply carries out one command in one transaction and returns its result with the agenda after it.
func (a *Activities) Apply(ctx context.Context, in workflows.ApplyInput) (workflows.ApplyOutput, error) {
	c := in.Command
	f, r, err := a.Root.For(in.Ref.Firm).Change(ctx, in.Ref.Engagement, store.OnceOf(c), engagement.NeedOf(c), in.Now,
		func(f *engagement.Facts) (string, error) { return engagement.Decide(f, c, in.Now) })
	if err != nil {
		return workflows.ApplyOutput{}, a.outcome(ctx, "apply "+string(c.Kind), in.Ref, err)
	}
	return workflows.ApplyOutput{
		Result: engagement.Result{Revision: r.Revision, Created: r.Created, Replayed: r.Replayed},
		Agenda: engagement.AgendaOf(f, in.Now),
	}, nil
}

// Advance moves the engagement on as far as it goes, in one transaction, and returns the agenda after it.
func (a *Activities) Advance(ctx context.Context, in workflows.LookInput) (engagement.Agenda, error) {
	f, _, err := a.Root.For(in.Ref.Firm).Change(ctx, in.Ref.Engagement, store.Once{}, engagement.Need{}, in.Now,
		func(f *engagement.Facts) (string, error) { engagement.Advance(f, in.Now); return "", nil })
	if models.CodeOf(err) == models.NotFound {
		return engagement.Agenda{Closed: true}, nil
	}
	if err != nil {
		return engagement.Agenda{}, a.outcome(ctx, "advance", in.Ref, err)
	}
	return engagement.AgendaOf(f, in.Now), nil
}

// outcome is what an activity returns: a refusal is final and nothing to log; all else is retried and logged here.
func (a *Activities) outcome(ctx context.Context, doing string, ref models.Ref, err error) error {
	refusal, ok := errors.AsType[*models.Error](err)
	if ok && refusal.Code != models.Unavailable {
		return temporal.NewApplicationErrorWithOptions(refusal.Message, string(refusal.Code), temporal.ApplicationErrorOptions{
			NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign, Details: []any{refusal.Field}})
	}
	a.Log.WarnContext(ctx, "activity failed", "activity", doing, "firm", ref.Firm, "engagement", ref.Engagement, "error", err)
	return temporal.NewApplicationErrorWithOptions("the database does not answer", string(models.Unavailable),
		temporal.ApplicationErrorOptions{})
}
