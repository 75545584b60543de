package modelstest

import (
	"fmt"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// check reports what must hold after every change.
func (d *Desk) check() {
	d.T.Helper()
	tasks, closed := map[catalog.Phase]int{}, map[catalog.Phase]int{}
	ids, moment := map[models.TaskID]bool{}, d.Facts.At(d.Now)
	for _, t := range d.Tasks() {
		if ids[t.ID] {
			d.T.Errorf("%s: two tasks are called %s", d.Today(), t.ID)
		}
		ids[t.ID] = true
		if t.State != engagement.TaskCancelled {
			tasks[t.Phase]++
		}
		if t.State == engagement.TaskDone || t.State == engagement.TaskWaived {
			closed[t.Phase]++
		}
		d.checkTask(t, moment)
	}
	for _, p := range d.Facts.Phases {
		if p.Tasks != tasks[p.Phase] || p.Closed != closed[p.Phase] {
			d.T.Errorf("%s: %s says %d of %d tasks are closed, counted are %d of %d", d.Today(), p.Phase, p.Closed, p.Tasks,
				closed[p.Phase], tasks[p.Phase])
		}
		if p.Standing == engagement.StandingActive && (p.Actual.Start.IsZero() || !p.Actual.End.IsZero() || p.Began.IsZero()) {
			d.T.Errorf("%s: %s is active with %+v, counted from %q", d.Today(), p.Phase, p.Actual, p.Began)
		}
	}
	for _, q := range append(slices.Clone(d.Facts.Questions), d.settled()...) {
		d.checkQuestion(q)
	}
	d.checkWake()
}

// checkDates reports a due date that was given and moved off a day on which its owner does not work by one and the same change: whoever
// gives a date knows the owner's calendar.
func (d *Desk) checkDates(all []engagement.Event) {
	d.T.Helper()
	given := map[string]string{}
	for _, e := range all {
		if e.Field != "due" {
			continue
		}
		if given[e.Subject] == e.From && strings.Contains(e.Reason, " is no business day for ") {
			d.T.Errorf("%s: %s was given another date on %s, and then on %s: %s", d.Today(), e.Subject, e.From, e.To, e.Reason)
		}
		given[e.Subject] = e.To
	}
}

// checkQuestion reports what must hold of a question: who asked whom what never changes, and it is open as long as nobody has closed it.
func (d *Desk) checkQuestion(q *engagement.Question) {
	d.T.Helper()
	open := q.State == engagement.QuestionOpen
	if q.ID == "" || q.Task == "" || q.Title == "" || q.By == "" || q.To == "" || q.By == q.To || q.Text == "" || q.OpenAt.Before(q.AskedAt) {
		d.T.Errorf("%s: a question without what makes it one: %+v", d.Today(), q)
	}
	if open != q.ClosedAt.IsZero() || open != (q.ClosedBy == "") || open && q.Answer != "" ||
		q.State == engagement.QuestionAnswered && q.Answer == "" {
		d.T.Errorf("%s: %s is %s and was closed at %s by %q with %q", d.Today(), q.ID, q.State, q.ClosedAt, q.ClosedBy, q.Answer)
	}
}

// checkTask reports what must hold of a task, closed or not.
func (d *Desk) checkTask(t *engagement.Task, moment *engagement.Moment) {
	d.T.Helper()
	if t.Late && (t.State.Closed() || t.State == engagement.TaskWaiting || t.State == engagement.TaskSubmitted) {
		d.T.Errorf("%s: %s is %s and late", d.Today(), t.ID, t.State)
	}
	if !t.State.Closed() { // how late what is closed was counts for nobody, and takes long to count
		if w := moment.When(t); w.Late != t.Late || w.Due != t.Due {
			d.T.Errorf("%s: %s is %s, due %s: late is %t in one place and %t in the other", d.Now, t.ID, t.State, t.Due, t.Late, w.Late)
		}
	}
	if t.State == engagement.TaskOpen && t.OpenedOn.After(t.Due) {
		d.T.Errorf("%s: %s was opened on %s and was due before, on %s", d.Today(), t.ID, t.OpenedOn, t.Due)
	}
	if t.State == engagement.TaskOpen && t.OpenedOn.IsZero() {
		d.T.Errorf("%s: %s is open since no day", d.Today(), t.ID)
	}
	if t.Due.IsZero() || t.Original.IsZero() {
		d.T.Errorf("%s: %s is due on no day", d.Today(), t.ID)
	}
}

// checkWake reports when the engagement wakes in the past, or at another instant than its summary says.
func (d *Desk) checkWake() {
	d.T.Helper()
	a := engagement.AgendaOf(d.Facts, d.Now)
	if !a.Wake.IsZero() && !a.Wake.After(d.Now) {
		d.T.Errorf("%s: wakes at %s, which is past: %s", d.Now, a.Wake, a.Why)
	}
	if next := a.Next(d.Now); !a.Closed && !next.Equal(d.Facts.Engagement.Summary.Wake) {
		d.T.Errorf("%s: to be looked at at %s, the summary says %s", d.Now, next, d.Facts.Engagement.Summary.Wake)
	}
}

// checkOrder reports a new task that can be expected before one it waits for.
func (d *Desk) checkOrder(t *engagement.Task) {
	d.T.Helper()
	moment := d.Facts.At(d.Now)
	w := moment.When(t)
	for _, id := range w.WaitsFor {
		dep := d.Facts.Task(id)
		if t.Template != "" && !t.Moved && moment.Expected(dep).After(w.Expected) {
			d.T.Errorf("%s: %s is expected %s, before %s, which comes first and is expected %s", d.Today(), t.ID, w.Expected, id,
				moment.Expected(dep))
		}
	}
}

// checkRequests reports what must hold of what people ask for about their own tasks.
func (d *Desk) checkRequests() {
	d.T.Helper()
	rules := d.Facts.Catalog.Reminders
	for _, t := range d.Facts.Tasks {
		if t.Snoozes > rules.Snooze.MaxTimes || t.Snoozed.IsZero() != (t.Snoozes == 0) {
			d.T.Errorf("%s: %s was put off %d times, until %q", d.Today(), t.ID, t.Snoozes, t.Snoozed)
		}
		if t.Extended > rules.Extension.AutoApprove.MaxPerTask {
			d.T.Errorf("%s: %s was given more time %d times without anybody's approval", d.Today(), t.ID, t.Extended)
		}
	}
	d.checkPending()
	for _, x := range d.Ended {
		for _, a := range x.Approvals {
			if x.Kind == engagement.ExtendTask && a.By == x.ProposedBy {
				d.T.Errorf("%s: %s says %t to their own request %s for more time", d.Today(), a.By, a.Yes, x.ID)
			}
		}
	}
}

// checkPending reports what must hold of requests that nobody has answered.
func (d *Desk) checkPending() {
	d.T.Helper()
	asked := map[string]bool{}
	for _, x := range d.Facts.Decisions {
		if x.Kind != engagement.ExtendTask && x.Kind != engagement.HandOverTask || !d.Facts.Engagement.Status.Live() {
			continue
		}
		t, about := d.Facts.Task(x.Change.Task), fmt.Sprint(x.Kind, x.Change.Task)
		switch {
		case t == nil || t.State == engagement.TaskSubmitted:
			d.T.Errorf("%s: %s asks for something about %s, which is not to be done any more", d.Today(), x.ID, x.Change.Task)
		case asked[about]:
			d.T.Errorf("%s: %s asks for the same as another", d.Today(), x.ID)
		case x.Kind == engagement.ExtendTask && !x.Change.Due.After(t.Due), x.Kind == engagement.HandOverTask && x.Change.Person == t.Owner:
			d.T.Errorf("%s: %s asks for what is already so: %+v", d.Today(), x.ID, x.Change)
		case len(d.Facts.Missing(x)) == 0:
			d.T.Errorf("%s: %s is pending and waits for nobody", d.Today(), x.ID)
		}
		asked[about] = true
	}
}

// checkNotices reports what must hold of what is to be told to people after a change.
func (d *Desk) checkNotices(ch engagement.Changes) {
	d.T.Helper()
	all := ch.Notices
	silent := func(n engagement.Notice) bool { // of what has ended its end is told, and its report
		e := d.Facts.Engagement
		return e.Muted || !e.Status.Live() && n.Kind != engagement.NoticeStatus && n.Kind != engagement.NoticeIssued
	}
	if slices.ContainsFunc(all, silent) {
		d.T.Errorf("%s: though nothing is to be sent, somebody is told: %+v", d.Today(), all[0])
	}
	told := map[engagement.Notice]bool{}
	for _, c := range ch.Comments {
		if p, _ := d.Facts.Person(c.By); c.Internal && p.Role.Side() != models.SideFirm {
			d.T.Errorf("%s: %s says something that is internal: %+v", d.Today(), c.By, c)
		}
	}
	for _, n := range all {
		of := engagement.Notice{Seq: n.Seq, To: n.To}
		if told[of] {
			d.T.Errorf("%s: %s is told twice of one event: %+v", d.Today(), n.To, n)
		}
		told[of] = true
		if p, _ := d.Facts.Person(n.To); ch.Events[n.Seq].Internal && p.Role.Side() != models.SideFirm {
			d.T.Errorf("%s: %s hears of what is internal: %+v", d.Today(), n.To, n)
		}
		if _, active := d.Facts.Person(n.To); !active || n.To == n.Actor {
			d.T.Errorf("%s: told to whom it must not be: %+v", d.Today(), n)
		}
	}
}
