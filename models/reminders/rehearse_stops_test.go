package reminders_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// rehearsed rehearses what is on the desk for three years and leaves the desk as it is.
func rehearsed(d *modelstest.Desk, assume reminders.Assumption) reminders.Rehearsal {
	d.T.Helper()
	f := toRehearse(d)
	got, err := reminders.Rehearse(d.T.Context(), f, modelstest.Audience(f), reminders.Messaging{}, assume, d.Now, d.Today().AddMonths(36))
	if err != nil {
		d.T.Fatal(err)
	}
	return got
}

// toRehearse returns facts of their own with what a rehearsal needs of what is closed.
func toRehearse(d *modelstest.Desk) *engagement.Facts {
	f := modelstest.CopyOf(d.Facts)
	for _, id := range reminders.NeedToRehearse(d.Facts).Tasks {
		if t := d.Closed[id]; t != nil {
			f.Tasks = append(f.Tasks, modelstest.CopyOfTask(t))
		}
	}
	return f
}

// leaves takes somebody from those who are active.
func leaves(d *modelstest.Desk, who models.PersonID) {
	d.Facts.People = slices.DeleteFunc(d.Facts.People, func(p models.Person) bool { return p.ID == who })
}

// says reports whether one of some sentences holds a text.
func says(all []string, text string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, text) })
}

// What people cannot do in a rehearsal somebody else does, and it says who; what nobody can do it says too, and where it stops for that.
func TestARehearsalSaysWhoIsMissing(t *testing.T) {
	for _, x := range []struct {
		name    string
		begins  func(*modelstest.Desk)
		remark  string // empty: none
		stopped string // empty: it comes to the end
	}{
		{"everybody is there", func(*modelstest.Desk) {}, "", ""},
		{"kenji has left: his backup does it", func(d *modelstest.Desk) { leaves(d, "kenji") },
			"is that of somebody who has left: Olga does it; likewise GA-", ""},
		{"kenji and olga have left: the sponsor does it", func(d *modelstest.Desk) { leaves(d, "kenji"); leaves(d, "olga") },
			"is that of somebody who has left: Ruth does it; likewise GA-", ""},
		{"nobody owns a task: the manager does it",
			func(d *modelstest.Desk) { d.Facts.Task("GA-04.RSK").Owner, d.Facts.Task("GA-04.RSK").Backup = "", "" },
			"GA-04.RSK is nobody's to do: Ines does it.", ""},
		{"priya made the fix that she is to verify", func(d *modelstest.Desk) {
			d.Until(modelstest.On("2031-01-01"),
				func() bool { return d.Facts.Task("RE-01") != nil && d.Facts.Task("RE-01").State == engagement.TaskOpen })
			d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
			d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
			d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-06.X1"))
		}, "RE-14.X1 is Priya's to do, who may not: Ines does it.", ""},
		{"the auditor has left", func(d *modelstest.Desk) { leaves(d, "hugo") },
			"is that of somebody who has left: nobody else may do it", "it waits for the auditor since "},
		{"no sponsor is left to sign", func(d *modelstest.Desk) { leaves(d, "ruth") },
			"G-GA-3 waits for a signature that nobody can give: no sponsor is active.", "it is not complete: it waits for "},
		{"ruth has refused to sign", func(d *modelstest.Desk) {
			d.Until(modelstest.On("2031-01-01"), func() bool {
				return slices.ContainsFunc(d.Signable(), func(g engagement.GateReport) bool { return g.ID == "G-GA-3" })
			})
			d.Do("ruth", engagement.RefuseGate, modelstest.Gate("G-GA-3"), modelstest.Because("not like this"))
		}, "", "it waits for Ruth since "},
		{"the vendor blocks a task", func(d *modelstest.Desk) {
			d.Do("kenji", engagement.BlockTask, modelstest.Task("GA-04.RSK"), modelstest.By("vendor"), modelstest.Because("no answer"))
		}, "", "it waits for Ines since Mon 2027-01-25 (unblock GA-04.RSK"},
		{"it is paused", func(d *modelstest.Desk) { d.Do("marta", engagement.PauseEngagement, modelstest.Because("no budget")) }, "",
			"It is paused since "},
		{"an as-of date that was proposed has passed", func(d *modelstest.Desk) {
			d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: d.Facts.Engagement.AsOf.AddDays(30)}),
				modelstest.Because("more time"))
			d.Facts.Decisions[0].Change.AsOf = d.Today().AddDays(-1)
		}, "D-1 is not approved, since it is not possible any more: as_of_date ", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			d := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
			x.begins(d)
			got := rehearsed(d, reminders.AssumeOnTime)
			if x.remark == "" && len(got.Remarks) > 0 || x.remark != "" && !says(got.Remarks, x.remark) {
				t.Errorf("it remarks %q, want %q", got.Remarks, x.remark)
			}
			ends := x.stopped == ""
			if ends == got.EndedOn.IsZero() || ends != got.StoppedOn.IsZero() || ends != (got.Stopped == "") ||
				!strings.Contains(got.Stopped, x.stopped) {
				t.Errorf("it ends on %q and stops on %q: %q, want %q", got.EndedOn, got.StoppedOn, got.Stopped, x.stopped)
			}
		})
	}
}

// A window that nobody opens in time is moved to where it can be expected to open, twice; then the rehearsal says so and stops.
func TestARehearsalStopsBeforeAWindowThatNeverOpens(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindowSetup)
	got := rehearsed(d, reminders.AssumeLate)
	if !strings.Contains(got.Stopped, "was missed though the window had been moved 2 times already") ||
		got.StoppedOn.After(d.Today().AddMonths(8)) {
		t.Errorf("it stops on %s: %s", got.StoppedOn, got.Stopped)
	}
	if got := rehearsed(d, reminders.AssumeOnTime); got.EndedOn.IsZero() {
		t.Errorf("on time: %s", got.Stopped)
	}
}

// A mute is lifted first: who rehearses wants to read what it holds back. Nobody can start what has neither manager nor partner.
func TestHowARehearsalBegins(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
	heard := len(rehearsed(d, reminders.AssumeOnTime).Messages)
	d.Do("ines", engagement.MuteEngagement, modelstest.Because("a quiet week"))
	if got := rehearsed(d, reminders.AssumeOnTime); len(got.Messages) != heard || heard == 0 {
		t.Errorf("muted, %d messages go out, else %d", len(got.Messages), heard)
	}
	if !d.Facts.Engagement.Muted {
		t.Error("the rehearsal has lifted the mute itself")
	}
	d = modelstest.Draft(t, "soc2_type1")
	leaves(d, "ines")
	leaves(d, "marta")
	_, err := reminders.Rehearse(t.Context(), modelstest.CopyOf(d.Facts), modelstest.Audience(d.Facts), reminders.Messaging{},
		reminders.AssumeOnTime, d.Now, d.Today().AddMonths(3))
	if models.CodeOf(err) != models.Conflict || !strings.Contains(err.Error(), "name a manager first") {
		t.Errorf("it is refused with %v", err)
	}
}
