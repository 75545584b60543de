package engagement_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// standing is what a cancellation undoes: everything but the record, the summary's hours and the revision.
func standing(t *testing.T, d *modelstest.Desk) string {
	t.Helper()
	f := modelstest.CopyOf(d.Facts)
	slices.SortFunc(f.Tasks, func(a, b *engagement.Task) int { return len(a.ID) - len(b.ID) })
	tasks := map[models.TaskID]*engagement.Task{}
	for _, x := range f.Tasks {
		tasks[x.ID] = x
	}
	e := f.Engagement
	e.Revision = 0
	e.Outlook.Last, e.Outlook.Spread, e.Outlook.Played = nil, nil, models.Date{}
	out, err := json.Marshal([]any{e, f.Phases, f.Gates, tasks, f.Decisions})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Marta cancels the wrong engagement, and takes it back in the same minute: whatever was going on in it, running or paused, all is as it
// was. While it is cancelled nothing moves in it.
func TestACancellationIsUndone(t *testing.T) {
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseRemediation, catalog.PhaseT1Fieldwork, catalog.PhaseWindow} {
		for _, paused := range []bool{false, true} {
			d := modelstest.In(t, "soc2_type1_type2", p)
			d.GoTo(d.Facts.ClientDays.Add(d.Today(), 8)) // something is late by now
			open := slices.IndexFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.State == engagement.TaskOpen })
			d.Do("marta", engagement.BlockTask, modelstest.Task(d.Facts.Tasks[open].ID), modelstest.By("vendor"), modelstest.Because("no answer"))
			if p != catalog.PhaseKickoff {
				d.Do("ines", engagement.MoveWindow, modelstest.Changed(engagement.Change{Months: 9}), modelstest.Because("nine months"))
			}
			if paused {
				d.Do("marta", engagement.PauseEngagement, modelstest.Because("a merger"), modelstest.Confirmed("unasked"))
			}
			was := standing(t, d)
			d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"), modelstest.Confirmed("e1"))
			d.Refused(models.Conflict, "status", "is cancelled: nothing in it changes any more", "ines", engagement.ResumeEngagement)
			d.Refused(models.Forbidden, "", "reinstating an engagement is for partner", "ines", engagement.ReinstateEngagement,
				modelstest.Because("x"))
			d.Refused(models.Invalid, "reason", "reason must have", "marta", engagement.ReinstateEngagement)
			if until := d.Facts.Engagement.ReinstateUntil(); !until.Equal(d.Now.Add(24 * time.Hour)) {
				t.Errorf("it can be undone until %s", until)
			}
			d.Do("marta", engagement.ReinstateEngagement, modelstest.Because("it was the wrong one"))
			if is := standing(t, d); is != was {
				t.Errorf("%s, paused %t: it was\n%s\nand is\n%s", p, paused, was, is)
			}
			if !d.Facts.Engagement.ReinstateUntil().IsZero() {
				t.Error("what runs can be reinstated")
			}
			d.Refused(models.Conflict, "status", "the engagement is not cancelled", "marta", engagement.ReinstateEngagement,
				modelstest.Because("x"))
		}
	}
}

// Twenty hours later it is Tuesday: what is open shifts by the business day in between, as by a pause, and it goes on to its end.
func TestTheTimeUntilACancellationIsUndoneCountsAsAPause(t *testing.T) {
	cancelled, paused := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation), modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
	monday := modelstest.On("2027-03-15")
	for _, d := range []*modelstest.Desk{cancelled, paused} {
		d.GoTo(monday)
	}
	cancelled.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"), modelstest.Confirmed("e1"))
	paused.Do("marta", engagement.PauseEngagement, modelstest.Because("the client was bought"))
	for _, d := range []*modelstest.Desk{cancelled, paused} {
		d.Pass(d.Now.Add(20 * time.Hour))
	}
	cancelled.Do("marta", engagement.ReinstateEngagement, modelstest.Because("it was not"))
	paused.Do("marta", engagement.ResumeEngagement)
	due := func(d *modelstest.Desk) map[models.TaskID]models.Date {
		out := map[models.TaskID]models.Date{}
		for _, x := range d.Facts.Tasks {
			out[x.ID] = x.Due
		}
		return out
	}
	if got, want := due(cancelled), due(paused); !reflect.DeepEqual(got, want) {
		t.Errorf("reinstated, due are\n%v\nresumed\n%v", got, want)
	}
	if got, want := cancelled.Facts.Phases, paused.Facts.Phases; !reflect.DeepEqual(got, want) {
		t.Errorf("reinstated, the phases are\n%+v\nresumed\n%+v", got, want)
	}
	cancelled.Until(modelstest.On("2029-01-01"), func() bool { return cancelled.Facts.Engagement.Status.Ended() })
	if got := cancelled.Facts.Engagement.Status; got != engagement.StatusCompleted {
		t.Errorf("in the end it is %s", got)
	}
}

// After a day a cancellation stands, as does one of before it could be undone; a draft comes back as a draft.
func TestACancellationStandsAfterADay(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"), modelstest.Confirmed("e1"))
	old := d.Copy(t)
	old.Facts.Engagement.Undo = nil
	old.Refused(models.Conflict, "status", "which can be undone for 24 hours only", "marta", engagement.ReinstateEngagement,
		modelstest.Because("x"))
	d.Pass(d.Now.Add(24 * time.Hour))
	d.Refused(models.Conflict, "status", "which can be undone for 24 hours only", "marta", engagement.ReinstateEngagement,
		modelstest.Because("x"))

	draft := modelstest.Draft(t, "soc2_type1")
	draft.Do("marta", engagement.CancelEngagement, modelstest.Because("never began"), modelstest.Confirmed("e1"))
	draft.Do("marta", engagement.ReinstateEngagement, modelstest.Because("it does"))
	draft.Do("ines", engagement.StartEngagement)
}
