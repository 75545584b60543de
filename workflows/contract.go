// Package workflows holds the frozen skeleton of an engagement: it waits, asks and moves on. Whatever may change lives in
// package models behind the activities declared here, where replay does not reach.
package workflows

import (
	"context"
	"time"

	"tickmark/models"
)

// Names that live in histories and schedules: never changed, only added to.
const (
	EngagementWorkflow = "Engagement"
	TaskQueue          = "engagements"
	ApplyUpdate        = "apply"
	WaitingForQuery    = "waiting_for"
	PokeSignal         = "poke"

	LookActivity    = "Look" // the method names of Activities
	ApplyActivity   = "Apply"
	AdvanceActivity = "Advance"

	FirmAttribute = "TickmarkFirm" // Keyword
)

// ID returns the workflow id of an engagement. There is never a run id anywhere: it changes at every continue-as-new.
func ID(ref models.Ref) string {
	return "engagement/" + string(ref.Firm) + "/" + string(ref.Engagement)
}

// Activities is what the workflow asks of the world. Package activities implements it, and tests do.
type Activities interface {
	// Look returns the engagement's agenda and changes nothing. It never refuses.
	Look(context.Context, LookInput) (models.Agenda, error)
	// Apply carries out one command, once for its key. A refusal is a non-retryable application error whose type is the
	// refusal's code.
	Apply(context.Context, ApplyInput) (ApplyOutput, error)
	// Advance moves the engagement as far as it goes at Now and returns the new agenda. It never refuses.
	Advance(context.Context, LookInput) (models.Agenda, error)
}

// A LookInput names the engagement and the instant, in engagement time.
type LookInput struct {
	Ref models.Ref
	Now time.Time
}

// An ApplyInput is a command at an instant, in engagement time.
type ApplyInput struct {
	Ref     models.Ref
	Now     time.Time
	Command models.Command
}

// An ApplyOutput is the command's result, and what the engagement waits for after it.
type ApplyOutput struct {
	Result models.Result
	Agenda models.Agenda
}
