package engagement_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Marta's task is due on a day that becomes a holiday where she lives: it is due on her next business day, and late only when that is over,
// in the status as in the record.
func TestLateBeginsAfterTheOwnersOwnBusinessDay(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	task := d.Facts.Task("KO-01")
	due := task.Due
	days := d.Facts.Days(task.OwnerRole)
	holiday := models.Calendar{Closed: map[models.Date]string{due: "a holiday"}}
	d.Facts.PersonDays = map[models.PersonID]models.Calendar{task.Owner: days.And(holiday)}
	p, _ := d.Facts.Person(task.Owner)
	next := days.Add(due, 1)
	d.Advance()
	for _, c := range []struct {
		at   time.Time
		late bool
		days int
	}{{due.At(models.Zone(p.TimeZone), 23, 0), false, -1}, {next.At(models.Zone(p.TimeZone), 9, 0), false, 0},
		{next.At(models.Zone(p.TimeZone), 23, 0), true, 0}, {days.Add(due, 2).At(models.Zone(p.TimeZone), 9, 0), true, 1}} {
		d.Pass(c.at)
		task = d.Facts.Task("KO-01")
		w := d.Facts.When(task, d.Now)
		if w.Late != c.late || task.Late != c.late || w.Days != c.days || w.Due != next {
			t.Errorf("%s: %+v, and by the record late is %t", c.at, w, task.Late)
		}
	}
}

// The document request goes out eight business days late: whoever provides the documents has as many business days from the day on which
// they are asked as the plan gives them, and nobody reads that they are due today.
func TestWhoGetsTheWorkLateKeepsTheTimeItTakes(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", "gap")
	request := d.Facts.Task("GA-01")
	first := *d.CopiesOf("GA-02")[0]
	if first.Span < 2 || first.Planned != first.Due || first.PlannedDue() != first.Due {
		t.Fatalf("the plan gives %s %d business days until %s, its due date is %s", first.ID, first.Span, first.Planned, first.Due)
	}
	d.Pass(d.Facts.FirmDays.Add(request.Due, 8).At(models.Zone("America/New_York"), 10, 0))
	w, want := d.Facts.When(d.Facts.Task(first.ID), d.Now), d.Facts.DaysOf(&first).Add(d.Today(), first.Span)
	if !w.Past || w.Late || !slices.Equal(w.WaitsFor, []models.TaskID{"GA-01"}) || w.Expected != want {
		t.Errorf("while it waits: %+v, want it expected on %s", w, want)
	}
	d.Do(string(request.Owner), engagement.CompleteTask, modelstest.Task("GA-01"))
	got := d.Facts.Task(first.ID)
	if got.State != engagement.TaskOpen || got.Planned != first.Planned || got.Original != got.Due {
		t.Fatalf("%s is %s, planned %s, first due %s, due %s", got.ID, got.State, got.Planned, got.Original, got.Due)
	}
	if want := d.Facts.DaysOf(got).Add(got.OpenedOn, first.Span); got.Due != want {
		t.Errorf("%s opened on %s and is due %s, want %s", got.ID, got.OpenedOn, got.Due, want)
	}
	why := ""
	for _, e := range d.Events {
		if e.Kind == "task.retimed" && e.Subject == string(got.ID) {
			why = e.Reason
		}
	}
	if want := "after GA-01 (" + d.Facts.Called(request.Owner, request.OwnerRole) + ")"; !strings.HasSuffix(why, want) {
		t.Errorf("the record says of the slip %q, want %q", why, want)
	}
}

// Whoever takes the Wednesdays off is given by the plan as many of their own business days as lie before a due date, and who opens it
// late gets as many of those: what a task takes is counted by one calendar, its owner's.
func TestWhatATaskTakesIsCountedByItsOwnersDays(t *testing.T) {
	others := modelstest.Started(t, "soc2_type1")
	wednesdays := map[models.Date]string{}
	for day := others.Today().AddDays(-30); day.Before(others.Today().AddDays(365)); day = day.AddDays(1) {
		if day.Weekday() == time.Wednesday {
			wednesdays[day] = "off"
		}
	}
	d := modelstest.Started(t, "soc2_type1", func(f *engagement.Facts) {
		f.PersonDays = map[models.PersonID]models.Calendar{}
		for _, p := range f.People {
			f.PersonDays[p.ID] = f.Days(string(p.Role)).And(models.Calendar{Closed: wednesdays})
		}
	})
	fewer := 0
	for _, task := range d.Tasks() {
		twin := others.Facts.Task(task.ID)
		if twin == nil || twin.Span == 0 {
			continue
		}
		opens := twin.PlannedDue() // counted back from the plan's due date, by the company's days
		for range twin.Span {
			opens = others.Facts.Days(twin.OwnerRole).Back(opens.AddDays(-1))
		}
		days := d.Facts.DaysOf(task)
		if want := days.Count(opens, task.PlannedDue()); task.Span > twin.Span || task.Span != want && task.Span != want-1 {
			t.Errorf("%s has %d days of its owner's until %s, and opens on %s, want %d", task.ID, task.Span, task.PlannedDue(), opens, want)
		}
		if task.Span < twin.Span {
			fewer++
		}
	}
	if fewer == 0 {
		t.Error("nobody who is off on Wednesdays has fewer days")
	}
}
