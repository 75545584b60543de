package engagement_test

import (
	"fmt"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// A date is agreed on the last day of a pause (B12): it stays as agreed. One that lies within the pause is the business day after it, and
// what was agreed before moves by the pause.
func TestWhatIsAgreedInAPauseStaysAsAgreed(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.Until(modelstest.On("2027-01-13"), func() bool { return false })
	open := func(d *modelstest.Desk) []*engagement.Task {
		return models.Keep(append([]*engagement.Task{}, d.Facts.Tasks...), func(x *engagement.Task) bool {
			return x.State == engagement.TaskOpen || x.State == engagement.TaskWaiting
		})
	}
	all := open(d)
	first, second, third := all[0], all[1], all[2]
	d.Do("ines", engagement.MoveTask, modelstest.Task(third.ID), modelstest.DueOn("2027-02-08"), modelstest.Because("before the pause"))
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
	d.GoTo(modelstest.On("2027-01-29"))
	d.Do("ines", engagement.MoveTask, modelstest.Task(first.ID), modelstest.DueOn("2027-02-10"), modelstest.Because("for after the pause"))
	d.Do("ines", engagement.MoveTask, modelstest.Task(second.ID), modelstest.DueOn("2027-01-29"), modelstest.Because("in the pause"))
	added := d.Do("ines", engagement.AddTask, modelstest.Added(engagement.NewTask{Title: "Explain the new owner", Owner: "ruth",
		Due: modelstest.On("2027-02-10")}), modelstest.Because("agreed in the pause"))
	d.GoTo(modelstest.On("2027-01-30"))
	d.Do("ines", engagement.ResumeEngagement)
	for id, want := range map[models.TaskID]string{first.ID: "2027-02-10", second.ID: "2027-02-01", models.TaskID(added): "2027-02-10",
		third.ID: d.Facts.ClientDays.Add(modelstest.On("2027-02-08"), d.Facts.ClientDays.Count(modelstest.On("2027-01-13"),
			modelstest.On("2027-01-30"))).String()} {
		if got := d.Task(id); got.Due.String() != want || got.Late || !got.AgreedOn.IsZero() {
			t.Errorf("%s is due %s, late %t, agreed on %s; it is to be due %s", id, got.Due, got.Late, got.AgreedOn, want)
		}
	}
}

// Two equal engagements, one with two things that wait to be accepted when it is paused (B13, B14): the pause of twenty business days moves
// both forecasts by twenty, names nobody who works in it, and what waits has waited for no day of it.
func TestWhatWaitsDoesNotWaitInAPause(t *testing.T) {
	moved := map[bool]int{}
	for _, accepted := range []bool{false, true} {
		d := modelstest.Started(t, "readiness_only")
		d.Until(modelstest.On("2027-01-18"), func() bool { return d.Task("KO-12").State == engagement.TaskOpen })
		var waits []models.TaskID
		for _, id := range []models.TaskID{"KO-08", "KO-12"} {
			if x := d.Facts.Task(id); x != nil && x.State == engagement.TaskOpen {
				d.Do(string(x.Owner), engagement.CompleteTask, modelstest.Task(id))
				if waits = append(waits, id); accepted {
					d.Do(string(d.Task(id).Approver), engagement.AcceptTask, modelstest.Task(id))
				}
			}
		}
		if len(waits) == 0 {
			t.Fatal("nothing was reported as done")
		}
		before := d.Facts.Forecast(d.Now)
		d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
		from, to := d.Today(), d.Facts.ClientDays.Add(d.Today(), 20)
		d.GoTo(to)
		d.Do("marta", engagement.ResumeEngagement)
		after := d.Facts.Forecast(d.Now)
		moved[accepted] = d.Facts.Workdays(before.Report, after.Report)
		if len(after.Drivers) != 1 || after.Drivers[0].Text != fmt.Sprintf("the engagement was paused from %s to %s", from, to) ||
			after.Drivers[0].Owner != "marta" || after.Drivers[0].Days != 20 {
			t.Errorf("accepted %t: it is late because of %+v", accepted, after.Drivers)
		}
		for _, id := range waits {
			done := models.DateIn(d.Task(id).DoneAt, d.Facts.Location())
			for n, day := range []models.Date{to, d.Facts.FirmDays.Add(to, 1), d.Facts.FirmDays.Add(to, 2)} {
				if got := d.Facts.Waited(&d.Facts.FirmDays, done, day); got != n {
					t.Errorf("%s, done on %s, has waited for %d business days on %s, not %d", id, done, got, day, n)
				}
				if got := d.Facts.WaitedBy(&d.Facts.FirmDays, done, n); n > 0 && got != day {
					t.Errorf("%s, done on %s, has waited for %d business days on %s, not on %s", id, done, n, got, day)
				}
			}
		}
	}
	if moved[false] != 20 || moved[true] != 20 {
		t.Errorf("the pause of 20 business days moved the forecast by %v", moved)
	}
}

// Paused in the window (B16): before it is paused it is said how many occurrences fall due, and it takes a yes. When it goes on, those are
// told once to whoever owns them, nobody is late with them, and that a control was not performed in its period is known.
func TestWhatFallsDueUnaskedIsSaidBeforeAndAfter(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	d.Until(modelstest.On("2027-09-20"), func() bool { return false })
	until := d.Facts.ClientDays.Add(d.Today(), 10)
	says := d.Facts.Unasked(until, d.Now)
	if says.Count == 0 {
		t.Fatal("nothing falls due at the end of a quarter")
	}
	d.Refused(models.Invalid, "confirm", says.Text(), "marta", engagement.PauseEngagement, modelstest.Because("not paid"),
		func(c *engagement.Command) { c.Due = until })
	d.Refused(models.Invalid, "confirm", "a week", "marta", engagement.PauseEngagement, modelstest.Because("not paid"))
	d.Refused(models.Invalid, "until", "must lie after today", "marta", engagement.PauseEngagement, modelstest.Because("not paid"),
		func(c *engagement.Command) { c.Due = d.Today() })
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"), modelstest.Confirmed(engagement.UnaskedCode),
		func(c *engagement.Command) { c.Due = until })
	late := map[models.TaskID]bool{}
	for _, x := range d.Facts.Tasks {
		late[x.ID] = x.Late
	}
	d.GoTo(until)
	command := d.Command("marta", engagement.ResumeEngagement)
	f := d.Loaded(engagement.NeedOf(command))
	if _, err := engagement.Decide(f, command, d.Now); err != nil {
		t.Fatal(err)
	}
	asked, told := 0, 0
	for _, x := range f.Tasks {
		if x.Late && !late[x.ID] {
			t.Errorf("%s, due %s, is late though nobody was asked for it", x.ID, x.Due)
		}
		if x.Template == "WI-01" && x.Due == d.Facts.ClientDays.Add(until, 1) {
			asked++
		}
	}
	seen := map[models.PersonID]bool{}
	for _, n := range f.Changes().Notices {
		if seen[n.To] {
			t.Errorf("%s is told twice", n.To)
		}
		if seen[n.To] = true; n.Kind == engagement.NoticeUnasked {
			told++
		}
	}
	if asked < says.Count || told == 0 {
		t.Errorf("%d occurrences were said to fall due unasked, %d are asked for the day after the pause, %d people are told", says.Count, asked,
			told)
	}
}

// What was reported as done before a pause and accepted after it, or done in it, moves by the pause once when it is taken up again: as
// what was open moves, and what was done and accepted before it.
func TestWhatIsTakenUpAgainHasMovedByAPauseOnce(t *testing.T) {
	before := modelstest.Started(t, "readiness_only")
	before.Until(modelstest.On("2027-01-14"), func() bool { return false })
	submits := models.Keep(append([]*engagement.Task{}, before.Facts.Tasks...), func(x *engagement.Task) bool {
		return x.State == engagement.TaskOpen && x.ApproverRole != "" && x.Due.After(before.Today())
	})
	if len(submits) == 0 {
		t.Fatal("nothing that is to be accepted is open")
	}
	task := submits[0]
	for _, when := range []string{"nothing", "submitted, accepted after", "submitted, accepted in it", "done before", "done in it"} {
		d := before.Copy(t)
		do := func(k engagement.Kind) {
			who := task.Owner
			if k == engagement.AcceptTask {
				who = d.Task(task.ID).Approver
			}
			d.Do(string(who), k, modelstest.Task(task.ID))
		}
		if when != "nothing" && when != "done in it" {
			do(engagement.CompleteTask)
		}
		if when == "done before" {
			do(engagement.AcceptTask)
		}
		onTime := func() string { // how late somebody was on a day stays seen
			p := d.Facts.Engagement.Pace
			return fmt.Sprintf("%d of %d on time", p.OnTime, p.Closed)
		}
		was := onTime()
		d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
		from := d.Today()
		d.GoTo(modelstest.On("2027-01-21"))
		switch when {
		case "done in it":
			do(engagement.CompleteTask)
			do(engagement.AcceptTask)
		case "submitted, accepted in it":
			do(engagement.AcceptTask)
		}
		d.GoTo(modelstest.On("2027-01-28"))
		d.Do("marta", engagement.ResumeEngagement)
		if when == "submitted, accepted after" {
			do(engagement.AcceptTask)
		}
		if when != "nothing" {
			d.Do("ines", engagement.ReopenTask, modelstest.Task(task.ID), modelstest.Because("it is wrong"))
		}
		days := d.Facts.DaysOf(task)
		if got, want := d.Task(task.ID).Due, days.Add(task.Due, days.Count(from, d.Today())); got != want {
			t.Errorf("%s: it was due %s before the pause and is due %s after it, not %s", when, task.Due, got, want)
		}
		if got := onTime(); when != "nothing" && when != "done before" && got != was {
			t.Errorf("%s: taken up again it leaves %s, and it was %s", when, got, was)
		}
	}
}

// The owner of a task lives in another country, with holidays in a pause and after it: as many of their business days are left when the
// engagement goes on as were when it was paused, and the record has one new date.
func TestAPauseLeavesAsManyDaysToWhoLivesElsewhere(t *testing.T) {
	for seed := range 6 {
		d := modelstest.Started(t, "soc2_type1")
		d.Until(modelstest.On("2027-01-13"), func() bool { return false })
		off := map[models.Date]string{}
		for i := range 10 {
			off[d.Today().AddDays(2+seed+i*4)] = "a holiday there"
		}
		d.Facts.PersonDays = map[models.PersonID]models.Calendar{}
		for _, p := range d.Facts.People {
			if p.Client != "" {
				d.Facts.PersonDays[p.ID] = d.Facts.ClientDays.And(models.Calendar{Closed: off})
			}
		}
		d.GoTo(d.Today().AddDays(1))
		d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
		left, days := map[models.TaskID]int{}, map[models.TaskID]*models.Calendar{}
		for _, x := range d.Facts.Tasks {
			if x.State == engagement.TaskOpen && x.MovesWithPauses() {
				days[x.ID] = d.Facts.DaysOf(x)
				left[x.ID] = days[x.ID].Count(d.Today(), x.Due)
			}
		}
		logged := len(d.Logged("task.retimed"))
		d.GoTo(d.Today().AddDays(9))
		d.Do("marta", engagement.ResumeEngagement)
		moved, first := d.Logged("task.retimed")[logged:], map[string]bool{}
		for _, line := range moved {
			if first[line] {
				t.Errorf("the record has %s twice", line)
			}
			first[line] = true
		}
		if len(moved) == 0 || len(left) == 0 {
			t.Fatalf("%d dates moved, %d tasks are open", len(moved), len(left))
		}
		for id, n := range left {
			if got := days[id].Count(d.Today(), d.Task(id).Due); got != n {
				t.Errorf("%s: %d business days of its owner's were left when it was paused, %d are when it goes on", id, n, got)
			}
		}
	}
}
