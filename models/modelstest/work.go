package modelstest

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// Until lets diligent people work every business morning until done or the day comes.
func (d *Desk) Until(day models.Date, done func() bool) {
	d.T.Helper()
	for d.Facts.Engagement.Status.Live() && !done() && d.Today().Before(day) {
		d.workUntil(done)
		if done() {
			return
		}
		next := d.Facts.ClientDays.Add(d.Today(), 1)
		if day.Before(next) {
			next = day
		}
		d.GoTo(next)
	}
}

// Work lets everybody do what is their turn, until nothing is left to do this morning.
func (d *Desk) Work() { d.workUntil(func() bool { return false }) }

// workUntil is Work, and stops as soon as done says so.
func (d *Desk) workUntil(done func() bool) {
	d.T.Helper()
	for range 12 {
		did := false
		for _, turns := range []func(*engagement.Facts, time.Time) []engagement.Command{Habits{}.onTasks, onGates} {
			for _, c := range turns(d.ready(), d.Now) {
				d.Do(string(c.Actor.Person), c.Kind, Task(c.Tasks...), Gate(c.Gate))
				if did = true; done() {
					return
				}
			}
		}
		if !did {
			return
		}
	}
}

// ready returns the facts with what must be known to say whose turn it is.
func (d *Desk) ready() *engagement.Facts {
	if need := reminders.NeedToRehearse(d.Facts); len(need.Tasks) > 0 {
		return d.Loaded(need)
	}
	return d.Facts
}

// Signable returns the gates of which only the signature is missing.
func (d *Desk) Signable() []engagement.GateReport {
	if !slices.ContainsFunc(d.Facts.Gates, func(g engagement.Gate) bool { return waits(d.Facts, g, d.Now) }) {
		return nil
	}
	return slices.DeleteFunc(d.Report().Gates, func(g engagement.GateReport) bool { return !g.Ready })
}

// Doer returns who does a task by the rules, and nobody when nobody may.
func (d *Desk) Doer(t *engagement.Task) models.PersonID {
	a, _ := d.Loaded(engagement.Need{Tasks: []models.TaskID{t.ID}}).Doer(t, d.Now)
	return a.Person
}
