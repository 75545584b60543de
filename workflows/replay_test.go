package workflows_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tickmark/models"
	"tickmark/workflows"
)

// recorded returns the histories that `make history` recorded from real engagements on a real server.
func recorded(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "history", "*", "*-[0-9][0-9].json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no recorded histories: make history RELEASE=name records them")
	}
	return files
}

// skeleton returns the workflow as it was registered when a history was recorded: under the clock it ran by.
func skeleton(t *testing.T, file string) workflows.Skeleton {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "clock.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s workflows.Skeleton
	if err := json.Unmarshal(text, &s.Clock); err != nil {
		t.Fatal(err)
	}
	return s
}

// replayer returns one that takes no busy machine for a deadlock.
func replayer(t *testing.T) worker.WorkflowReplayer {
	t.Helper()
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableDeadlockDetection: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every recorded history replays with the workflow as it is: engagements that run when a release comes go on with it.
func TestRecordedHistoriesReplay(t *testing.T) {
	for _, file := range recorded(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := replayer(t)
			workflows.Register(r, skeleton(t, file))
			if err := r.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
		})
	}
}

// The test of the test: a workflow that asks for something else first is found out.
func TestReplayFindsAChangedWorkflow(t *testing.T) {
	file := recorded(t)[0]
	changed := func(ctx workflow.Context, ref models.Ref) error {
		if err := workflow.Sleep(ctx, 1); err != nil { // a command the recorded history does not have
			return err
		}
		return skeleton(t, file).Engagement(ctx, ref)
	}
	r := replayer(t)
	r.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: workflows.EngagementWorkflow})
	err := r.ReplayWorkflowHistoryFromJSONFile(nil, file)
	if err == nil || !strings.Contains(err.Error(), "TMPRL1100") {
		t.Errorf("a changed workflow replays: %v", err)
	}
}
