package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/cmd/internal/app"
	"tickmark/models/modelstest/await"
	"tickmark/workflows"
)

// A demo with days of a minute, made by a release that had sweeps started by a schedule of Temporal, is left alone for 40 days, which its
// clock says: it starts, messages go out, and the schedule, which would walk through every sweep that was missed, is gone.
func TestAStartAfterALongStop(t *testing.T) {
	t.Parallel()
	mail, err := mailfake.Start(mailfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	dir := t.TempDir()
	in := openIn(t, dir, time.Minute, setting{mail: mail})
	arrives := func(key string) {
		t.Helper()
		before := len(mail.Messages())
		in.must(in.token(), "POST", "/people/admin/test-message", key, nil, nil)
		await.Until(t, "a test message arrives", func() bool { return len(mail.Messages()) > before })
	}
	arrives("before")
	_, err = in.app.Engine.Temporal.ScheduleClient().Create(t.Context(), client.ScheduleOptions{ID: workflows.PostSchedule,
		Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 15 * time.Second}}}, CatchupWindow: time.Hour,
		Action: &client.ScheduleWorkflowAction{ID: workflows.PostSchedule, Workflow: workflows.PostWorkflow, TaskQueue: workflows.TaskQueue}})
	if err != nil {
		t.Fatal(err)
	}
	in.close()

	clock, err := app.ClockOf(dir, time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	clock.Origin = clock.Origin.AddDate(0, 0, -40)
	if err := app.KeepClock(dir, clock); err != nil {
		t.Fatal(err)
	}
	in = openIn(t, dir, time.Minute, setting{mail: mail})
	arrives("after")
	await.Until(t, "the schedule of the earlier release is deleted", func() bool {
		_, none := errors.AsType[*serviceerror.NotFound](in.scheduled())
		return none
	}, func() string { return fmt.Sprint(in.scheduled()) })
	var health struct {
		LastSweep time.Time `json:"last_sweep"`
	}
	await.Until(t, "a sweep has looked since", func() bool {
		in.must(in.token(), "GET", "/messaging/health", "", nil, &health)
		return in.app.Now().Sub(health.LastSweep) < 24*time.Hour
	}, func() string { return fmt.Sprint(health.LastSweep) })
}

// scheduled returns an error when there is no schedule of sweeps.
func (in *inside) scheduled() error {
	_, err := in.app.Engine.Temporal.ScheduleClient().GetHandle(in.t.Context(), workflows.PostSchedule).Describe(in.t.Context())
	return err
}
