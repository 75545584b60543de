package modelstest

import (
	"maps"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
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

// Work lets everybody do what is due within three business days, accept what was submitted and sign what waits for them
// only, until nothing is left to do this morning.
func (d *Desk) Work() { d.workUntil(func() bool { return false }) }

// workUntil is Work, and stops as soon as done says so.
func (d *Desk) workUntil(done func() bool) {
	d.T.Helper()
	for range 12 {
		did, enough := d.doTasks(done)
		if enough {
			return
		}
		for _, g := range d.Signable() {
			if g.Approver != models.RoleSystem && d.Facts.Engagement.Status == engagement.StatusRunning {
				d.Do(string(g.Who[0]), engagement.SignGate, Gate(g.ID))
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

// doTasks lets everybody once do and accept what is theirs, all at once. It reports whether somebody did something, and whether it is done.
func (d *Desk) doTasks(done func() bool) (did, enough bool) {
	d.T.Helper()
	mine := map[string][]models.TaskID{}
	for _, t := range d.Facts.Tasks {
		switch {
		case t.State == engagement.TaskOpen && t.Owner != "" && d.Facts.ClientDays.Count(d.Today(), t.Due) <= 3:
			mine["do "+string(d.Doer(t))] = append(mine["do "+string(d.Doer(t))], t.ID)
		case t.State == engagement.TaskSubmitted:
			mine["ok "+string(t.Approver)] = append(mine["ok "+string(t.Approver)], t.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(mine)) {
		kind := map[string]engagement.Kind{"do": engagement.CompleteTask, "ok": engagement.AcceptTask}[key[:2]]
		for ids := range slices.Chunk(mine[key], 200) {
			if _, err := d.Try(key[3:], kind, Task(ids...)); err != nil && d.Twice {
				continue // somebody did before what somebody else should have done
			} else if err != nil {
				d.T.Fatalf("%s: %s %s %v: %v", d.Today(), key[3:], kind, ids, err)
			}
			d.Settle()
			if did = true; done() {
				return true, true
			}
		}
	}
	return did, false
}

// Signable returns the gates of which only the signature is missing.
func (d *Desk) Signable() []engagement.GateReport {
	ready := func(g engagement.Gate) bool {
		return g.State != engagement.GateSigned && d.Facts.Phase(g.Phase).Standing == engagement.StandingActive &&
			len(d.Facts.GateBlockers(g, d.Today())) == 0
	}
	if !slices.ContainsFunc(d.Facts.Gates, ready) {
		return nil
	}
	return slices.DeleteFunc(d.Report().Gates, func(g engagement.GateReport) bool { return !g.Ready })
}

// Doer returns who does a task: its owner, but checks of what the owner may have done go to priya, or to marta where no
// consultant is on the engagement.
func (d *Desk) Doer(t *engagement.Task) models.PersonID {
	switch t.Template {
	case "RE-14", "WC-03", "T2-05", "WI-02", "T1-07":
		if len(d.Facts.Engagement.Consultants) == 0 {
			return "marta"
		}
		return "priya"
	}
	return t.Owner
}
