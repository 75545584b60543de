package engagement_test

import (
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// closed has the client close on a day: the workflow is woken for it.
func closed(d *modelstest.Desk, day models.Date) {
	d.T.Helper()
	d.Facts.ClientDays = d.Facts.ClientDays.And(models.Calendar{Closed: map[models.Date]string{day: "closed"}})
	d.Advance()
}

// retimed returns what the record says of the last move of a date of a task.
func retimed(d *modelstest.Desk, id models.TaskID) (out engagement.Event) {
	for _, e := range d.Events {
		if e.Kind == "task.retimed" && e.Subject == string(id) {
			out = e
		}
	}
	return out
}

// Northgate closes on the day on which its people's work is due, one date of which was agreed by hand. All of it is due on the next
// business day, and the record has why.
func TestADueDateMovesOffADayThatIsClosed(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", "gap")
	ours := d.CopiesOf("GA-02")
	agreed, due := ours[0].ID, ours[1].Due
	d.Do("ines", engagement.MoveTask, modelstest.Task(agreed), modelstest.DueOn(due.String()), modelstest.Because("agreed by phone"))
	theirs := map[models.TaskID]bool{}
	for _, x := range d.Facts.Tasks {
		theirs[x.ID] = x.Due == due && models.SideOf(x.OwnerRole) == models.SideClient
	}
	closed(d, due)
	next, moved := d.Facts.ClientDays.Add(due, 1), 0
	for _, x := range d.Facts.Tasks {
		switch e := retimed(d, x.ID); {
		case theirs[x.ID]:
			moved++
			why := models.Dated(due) + " is no business day for " + d.Facts.Called(x.Owner, x.OwnerRole)
			if x.Due != next || e.From != due.String() || e.To != next.String() || e.Reason != why {
				t.Errorf("%s is due %s, want %s; the record says %+v", x.ID, x.Due, next, e)
			}
		case x.Due == due && models.SideOf(x.OwnerRole) == models.SideClient:
			t.Errorf("%s is due %s, when they are closed", x.ID, x.Due)
		}
	}
	if !theirs[agreed] || moved < 2 {
		t.Fatalf("%d were due on that day, %s among them: %t", moved, agreed, theirs[agreed])
	}
	if x := d.Facts.Task(agreed); !x.Moved {
		t.Error("it is not remembered that a date was agreed")
	}
}

// The last day of a quarter becomes a day off for who performs a control: it is to be performed on the business day before, since a
// performance on the one after does not count. The day by which it is sent moves on.
func TestWhatEndsWithItsPeriodMovesToTheDayBefore(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	x := quarterly(t, d)
	last, send := x.PerformBy, x.SendBy
	before, after := d.Facts.ClientDays.Add(last, -1), d.Facts.ClientDays.Add(send, 1)
	if d.Facts.ClientDays.Add(last, 1).After(x.Period.End) != true {
		t.Fatalf("%s is not the last business day to %s", last, x.Period.End)
	}
	closed(d, send)
	if x = d.Facts.Task(x.ID); x.SendBy != after || retimed(d, x.ID).Field != "send_by" {
		t.Errorf("sent by %s, want %s: %+v", x.SendBy, after, retimed(d, x.ID))
	}
	closed(d, last)
	if x = d.Facts.Task(x.ID); x.PerformBy != before || x.Due != before {
		t.Errorf("performed by %s, due %s, want %s", x.PerformBy, x.Due, before)
	}
}

// What is late stays late when the day on which it was due becomes a day off afterwards. What its owner put off rests on when its date
// moves.
func TestWhatIsLateStaysSoAndWhatRestsRestsOn(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	zone, days := d.Facts.Location(), d.Facts.ClientDays
	due := days.Add(d.Today(), 3)
	made, err := d.Try("ines", engagement.AddTask, modelstest.Added(engagement.NewTask{Title: "List of suppliers", Phase: "kickoff",
		Owner: "kenji", Due: due}))
	if err != nil {
		t.Fatal(err)
	}
	id := models.TaskID(made)
	x := d.Facts.Task(id)
	d.Do(string(x.Owner), engagement.SnoozeTask, modelstest.Task(id), modelstest.DueOn(days.Add(d.Today(), 2).String()))
	rests := d.Facts.Task(id).Snoozed
	closed(d, due)
	next := days.Add(due, 1)
	if x = d.Facts.Task(id); x.Due != next || x.Snoozed != rests || x.Snoozes != 1 {
		t.Errorf("%s is due %s, put off until %s, %d times", id, x.Due, x.Snoozed, x.Snoozes)
	}
	if d.Pass(next.At(zone, 16, 59)); d.Facts.Task(id).Late {
		t.Error("late before the next business day is over")
	}
	if d.Pass(next.At(zone, 17, 1)); !d.Facts.Task(id).Late {
		t.Error("not late when the next business day is over")
	}
	closed(d, next)
	if x = d.Facts.Task(id); x.Late || x.Due != days.Add(due, 2) {
		t.Errorf("that day is off as well: %s is due %s, and late is %t", id, x.Due, x.Late)
	}
	d.Pass(days.Add(due, 4).At(zone, 12, 0))
	closed(d, x.Due)
	if y := d.Facts.Task(id); !y.Late || y.Due != x.Due {
		t.Errorf("%s was due %s and late: it is due %s and late is %t", id, x.Due, y.Due, y.Late)
	}
}
