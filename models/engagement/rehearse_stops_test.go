package engagement_test

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
func (d *desk) rehearsed(assume reminders.Assumption) reminders.Rehearsal {
	d.t.Helper()
	f := d.toRehearse()
	got, err := reminders.Rehearse(f, audience(f), reminders.Messaging{}, assume, d.now, d.today().AddMonths(36))
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

// toRehearse returns facts of their own with what a rehearsal needs of what is closed.
func (d *desk) toRehearse() *engagement.Facts {
	f := copyOf(d.f)
	for _, id := range reminders.NeedToRehearse(d.f).Tasks {
		if t := d.closed[id]; t != nil {
			f.Tasks = append(f.Tasks, copyOfTask(t))
		}
	}
	return f
}

// leaves takes somebody from those who are active.
func (d *desk) leaves(who models.PersonID) {
	d.f.People = slices.DeleteFunc(d.f.People, func(p models.Person) bool { return p.ID == who })
}

// says reports whether one of some sentences holds a text.
func says(all []string, text string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, text) })
}

// What people cannot do in a rehearsal somebody else does, and it says who; what nobody can do it says too, and where it stops for that.
func TestARehearsalSaysWhoIsMissing(t *testing.T) {
	for _, x := range []struct {
		name    string
		begins  func(*desk)
		remark  string // empty: none
		stopped string // empty: it comes to the end
	}{
		{"everybody is there", func(*desk) {}, "", ""},
		{"kenji has left: his backup does it", func(d *desk) { d.leaves("kenji") }, "is that of somebody who has left: Olga does it; and ", ""},
		{"kenji and olga have left: the sponsor does it", func(d *desk) { d.leaves("kenji"); d.leaves("olga") },
			"is that of somebody who has left: Ruth does it; and ", ""},
		{"nobody owns a task: the manager does it", func(d *desk) { d.f.Task("GA-04.RSK").Owner, d.f.Task("GA-04.RSK").Backup = "", "" },
			"GA-04.RSK is nobody's to do: Ines does it.", ""},
		{"priya made the fix that she is to verify", func(d *desk) {
			d.until(modelstest.On("2031-01-01"), func() bool { return d.f.Task("RE-01") != nil && d.f.Task("RE-01").State == engagement.TaskOpen })
			d.do("priya", engagement.CompleteTask, task("RE-01"))
			d.do("priya", engagement.AddTask, added(engagement.NewTask{From: "RE-06", Title: "No access reviews", Subject: "IAM-07"}))
			d.do("priya", engagement.CompleteTask, task("RE-06.X1"))
		}, "RE-14.X1 is Priya's to do, who may not: Ines does it.", ""},
		{"the auditor has left", func(d *desk) { d.leaves("hugo") },
			"is that of somebody who has left: nobody else may do it", "it waits for the auditor since "},
		{"no sponsor is left to sign", func(d *desk) { d.leaves("ruth") },
			"G-GA-3 waits for a signature that nobody can give: no sponsor is active.", "it is not complete: it waits for "},
		{"ruth has refused to sign", func(d *desk) {
			d.until(modelstest.On("2031-01-01"), func() bool {
				return slices.ContainsFunc(d.signable(), func(g engagement.GateReport) bool { return g.ID == "G-GA-3" })
			})
			d.do("ruth", engagement.RefuseGate, gate("G-GA-3"), because("not like this"))
		}, "", "it waits for Ruth since "},
		{"the vendor blocks a task", func(d *desk) {
			d.do("kenji", engagement.BlockTask, task("GA-04.RSK"), by("vendor"), because("no answer"))
		}, "", "the vendor since 2027-01-"},
		{"it is paused", func(d *desk) { d.do("marta", engagement.PauseEngagement, because("no budget")) }, "", "It is paused since "},
		{"an as-of date that was proposed has passed", func(d *desk) {
			d.do("ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: d.f.Engagement.AsOf.AddDays(30)}), because("more time"))
			d.f.Decisions[0].Change.AsOf = d.today().AddDays(-1)
		}, "D-1 is not approved, since it is not possible any more: as_of_date ", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			d := in(t, "soc2_type1", catalog.PhaseGap)
			x.begins(d)
			got := d.rehearsed(reminders.AssumeOnTime)
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
	d := in(t, "soc2_type2", catalog.PhaseWindowSetup)
	got := d.rehearsed(reminders.AssumeLate)
	if !strings.Contains(got.Stopped, "was missed though the window had been moved 2 times already") ||
		got.StoppedOn.After(d.today().AddMonths(8)) {
		t.Errorf("it stops on %s: %s", got.StoppedOn, got.Stopped)
	}
	if got := d.rehearsed(reminders.AssumeOnTime); got.EndedOn.IsZero() {
		t.Errorf("on time: %s", got.Stopped)
	}
}

// A mute is lifted first: who rehearses wants to read what it holds back. Nobody can start what has neither manager nor partner.
func TestHowARehearsalBegins(t *testing.T) {
	d := in(t, "soc2_type1", catalog.PhaseGap)
	heard := len(d.rehearsed(reminders.AssumeOnTime).Messages)
	d.do("ines", engagement.MuteEngagement, because("a quiet week"))
	if got := d.rehearsed(reminders.AssumeOnTime); len(got.Messages) != heard || heard == 0 {
		t.Errorf("muted, %d messages go out, else %d", len(got.Messages), heard)
	}
	if !d.f.Engagement.Muted {
		t.Error("the rehearsal has lifted the mute itself")
	}
	d = draft(t, "soc2_type1")
	d.leaves("ines")
	d.leaves("marta")
	_, err := reminders.Rehearse(copyOf(d.f), audience(d.f), reminders.Messaging{}, reminders.AssumeOnTime, d.now, d.today().AddMonths(3))
	if models.CodeOf(err) != models.Conflict || !strings.Contains(err.Error(), "name a manager first") {
		t.Errorf("it is refused with %v", err)
	}
}
