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
	agenda, err := a.Root.Look(ctx, in.Ref)
	return agenda, a.outcome(ctx, "look", in.Ref, err)
}

// Advance moves the engagement on as far as it goes, in one transaction, and returns the agenda after it.
func (a *Activities) Advance(ctx context.Context, in workflows.LookInput) (engagement.Agenda, error) {
	agenda, err := a.Root.Advance(ctx, in.Ref)
	return agenda, a.outcome(ctx, "advance", in.Ref, err)
}

// Apply refuses: commands are carried out by the store. It is asked only by a workflow of before, for a command that it had accepted and
// not carried out when the release came.
func (a *Activities) Apply(context.Context, workflows.LookInput) (engagement.Result, error) {
	return engagement.Result{}, temporal.NewNonRetryableApplicationError("it was not done: send the same request again",
		string(models.Unavailable), nil)
}

// outcome is what an activity returns: a refusal is final and nothing to log. All else is retried and logged here: what passes as a
// warning, what does not as the error that it is.
func (a *Activities) outcome(ctx context.Context, doing string, ref models.Ref, err error) error {
	if err == nil {
		return nil
	}
	refusal, ok := errors.AsType[*models.Error](err)
	if ok && refusal.Code != models.Unavailable {
		return temporal.NewApplicationErrorWithOptions(refusal.Message, string(refusal.Code), temporal.ApplicationErrorOptions{
			NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign, Details: []any{refusal.Field}})
	}
	level, said, kind := slog.LevelWarn, "the database does not answer", string(models.Unavailable)
	if !ok {
		level, said, kind = slog.LevelError, "something went wrong on our side: the log says what", "internal"
	}
	a.Log.Log(ctx, level, "activity failed", "activity", doing, "firm", ref.Firm, "engagement", ref.Engagement, "error", err)
	return temporal.NewApplicationErrorWithOptions(said, kind, temporal.ApplicationErrorOptions{})
}
