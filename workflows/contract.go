// Package workflows holds the frozen skeleton of an engagement: it waits, asks and moves on. Whatever may change lives in
// package models behind the activities declared here, where replay does not reach.
package workflows

import (
	"context"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Names that live in histories and schedules: never changed, only added to.
const (
	EngagementWorkflow = "Engagement"
	PostWorkflow       = "Post"
	TaskQueue          = "engagements"
	DeliveryQueue      = "deliveries" // Schedule and Deliver: what waits for others holds no engagement up
	PostSchedule       = "post"       // of releases before: it is deleted where it is found
	PostID             = "sweep"      // of the one run of Post at a time
	ApplyUpdate        = "apply"      // answered in histories of before commands were transactions of the store; refused since
	WaitingForQuery    = "waiting_for"
	PokeSignal         = "poke"
	HurrySignal        = "hurry" // to Post: sweep once more

	LookActivity     = "Look" // the method names of Activities
	AdvanceActivity  = "Advance"
	ScheduleActivity = "Plan" // of Post
	DeliverActivity  = "Deliver"

	FirmAttribute = "TickmarkFirm" // Keyword
)

// ID returns the workflow id of an engagement. There is never a run id anywhere: it changes at every continue-as-new.
func ID(ref models.Ref) string {
	return "engagement/" + string(ref.Firm) + "/" + string(ref.Engagement)
}

// Activities is what an engagement's workflow asks of the world. Package activities implements it, and tests do.
type Activities interface {
	// Look returns the engagement's agenda and changes nothing. It never refuses.
	Look(context.Context, LookInput) (engagement.Agenda, error)
	// Advance moves the engagement as far as it goes and returns the new agenda. It never refuses.
	Advance(context.Context, LookInput) (engagement.Agenda, error)
}

// Post is what the workflow of that name asks of the world.
type Post interface {
	// Schedule writes down what is to be said to a page of the people whose hour has come, and returns the lanes in which there is
	// something to do. It may be run again at any time: what is scheduled stays scheduled.
	Schedule(context.Context, ScheduleInput) (ScheduleOutput, error)
	// Deliver works on one lane for a while. What it had begun when it was cut off is resolved by the next one.
	Deliver(context.Context, DeliverInput) (DeliverOutput, error)
}

// A PostInput says how Post runs. Runs that a schedule of releases before started have none.
type PostInput struct {
	Once bool // it sweeps once, and again only when it is told to
}

// A PlanInput asks for a page of people; First is true for the first page of a sweep.
type ScheduleInput struct {
	First bool
}

// A PlanOutput says what there is to do.
type ScheduleOutput struct {
	Lanes []Lane `json:",omitempty"`
	More  bool   // there are more people to look at
}

// A Lane is a queue of deliveries of one firm: one Slack workspace, or its mail. It holds up no other.
type Lane struct {
	Firm models.FirmID
	Lane string
}

// A DeliverInput names the lane.
type DeliverInput struct {
	Lane Lane
}

// A DeliverOutput says what there is to do after a shift.
type DeliverOutput struct {
	More  bool          // in the lane, at once
	Again time.Duration `json:",omitempty"` // until there is something to do in the lane again, in real time; 0: nothing is waited for
	Lanes []Lane        `json:",omitempty"` // others in which there is something to do at once
	Sweep bool          `json:",omitempty"` // somebody is to be looked at who was not when the day was planned
}

// A LookInput names the engagement. What time it is, the activity knows: nobody can tell it another.
type LookInput struct {
	Ref models.Ref
}
