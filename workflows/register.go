package workflows

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
)

// A Skeleton is what the workflows are registered with: configuration of the process, the same for every run.
type Skeleton struct {
	Clock models.Clock
}

// Register registers the workflows by constant names: renaming a Go function must not rename a type.
func Register(r worker.WorkflowRegistry, s Skeleton) {
	r.RegisterWorkflowWithOptions(s.Engagement, workflow.RegisterOptions{Name: EngagementWorkflow})
	r.RegisterWorkflowWithOptions(s.Post, workflow.RegisterOptions{Name: PostWorkflow})
}

// RegisterPost registers what Post asks of the world, by the constant names.
func RegisterPost(r worker.ActivityRegistry, p Post) {
	r.RegisterActivityWithOptions(p.Schedule, activity.RegisterOptions{Name: ScheduleActivity})
	r.RegisterActivityWithOptions(p.Deliver, activity.RegisterOptions{Name: DeliverActivity})
}
