package modelstest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

var zones = []string{"America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns", "Pacific/Honolulu", "Europe/Berlin",
	"America/Santiago", "Africa/Cairo", "Pacific/Chatham", "Pacific/Apia"}

// SomeLife begins an engagement of some kind somewhere, or finds one on its way.
func SomeLife(t *testing.T, r *rand.Rand) *Desk {
	typ := oneOf(r, Types())
	if r.IntN(3) > 0 {
		kind, _ := Catalog().Type(typ)
		route := Catalog().PhasesFor(kind.Flags)
		return In(t, typ, route[r.IntN(len(route))].ID)
	}
	d := aDraft(t, r, typ)
	d.Do("ines", engagement.StartEngagement)
	return d
}

// SomeDraft returns a draft of some kind, somewhere, up to twenty days before its kickoff.
func SomeDraft(t *testing.T, r *rand.Rand) *Desk {
	return aDraft(t, r, oneOf(r, Types()))
}

// aDraft returns a draft of a kind, of some size, somewhere, up to twenty days before its kickoff.
func aDraft(t *testing.T, r *rand.Rand, typ string) *Desk {
	kickoff := []models.Date{On("2027-01-11"), On("2027-12-27"), On("2028-02-29"), On("2027-03-12"), On("2026-10-30"), On("2027-09-02")}[r.IntN(6)].AddDays(r.IntN(10))
	d := Draft(t, typ, func(f *engagement.Facts) {
		f.Engagement.Kickoff = kickoff
		f.Client.Headcount = []int{8, 50, 180, 900}[r.IntN(4)]
		f.Client.TimeZone = zones[r.IntN(len(zones))]
		for i := range f.People {
			f.People[i].TimeZone = zones[r.IntN(len(zones))]
		}
		if r.IntN(3) == 0 {
			f.ClientDays.Weekend = []time.Weekday{time.Friday, time.Saturday}
		}
		if r.IntN(3) == 0 {
			f.Engagement.Auditor = ""
		}
		if f.Engagement.PreviousClose != (models.Date{}) {
			f.Engagement.PreviousClose = kickoff.AddMonths(10)
		}
	})
	d.Now = kickoff.AddDays(-r.IntN(20)).At(models.Zone(d.Facts.Client.TimeZone), r.IntN(24), r.IntN(60))
	return d
}

// Sensibly lets the right person do something that can be done.
func (d *Desk) Sensibly(r *rand.Rand) {
	d.T.Helper()
	var open, submitted, blocked, gaps []*engagement.Task
	for _, x := range d.Facts.Tasks {
		switch {
		case strings.HasPrefix(string(x.ID), "RE-06") || strings.HasPrefix(string(x.ID), "RE-07"):
			gaps = append(gaps, x)
		case x.State == engagement.TaskOpen:
			open = append(open, x)
		case x.State == engagement.TaskSubmitted:
			submitted = append(submitted, x)
		case x.State == engagement.TaskBlocked:
			blocked = append(blocked, x)
		}
	}
	any := func(all []*engagement.Task) (models.TaskID, string, string) {
		if len(all) == 0 {
			return "X-0", "ines", "ines"
		}
		x := all[r.IntN(len(all))]
		return x.ID, string(x.Owner), string(x.Approver)
	}
	say := Because("so it is")
	switch r.IntN(29) {
	case 14:
		d.perhaps("ines", engagement.MoveAsOf, Changed(engagement.Change{AsOf: Later(d.Facts.Engagement.AsOf, d.Today()).AddDays(1 + r.IntN(60))}), say)
	case 15:
		ch := engagement.Change{Months: []int{0, d.Facts.Engagement.WindowMonths + 3, 12}[r.IntN(3)]}
		if r.IntN(2) == 0 {
			ch.WindowOpen = d.Today().AddDays(1 + r.IntN(60))
		}
		d.perhaps("ines", engagement.MoveWindow, Changed(ch), say)
	case 16:
		rules := map[catalog.Phase]string{catalog.PhaseT1Prep: "RT-02", catalog.PhaseWindowSetup: "RT-02", catalog.PhaseT1Fieldwork: "RT-04", catalog.PhaseT2Close: "RT-08",
			catalog.PhaseT2Fieldwork: "RT-08", catalog.PhaseT1Report: "RT-12", catalog.PhaseT2Report: "RT-12", catalog.PhaseRenewal: "RT-12"}
		for _, p := range d.Facts.Active() {
			d.perhaps("ines", engagement.ReturnPhase, Changed(engagement.Change{Rule: rules[p]}), say)
		}
	case 17:
		d.perhaps("ruth", engagement.ChangeScope, Changed(*d.AnyChange(r)), say)
	case 0, 1, 2:
		id, who, _ := any(open)
		d.perhaps(who, engagement.CompleteTask, Task(id))
	case 3:
		id, _, who := any(submitted)
		d.perhaps(who, engagement.AcceptTask, Task(id))
	case 4:
		id, _, who := any(submitted)
		d.perhaps(who, engagement.ReturnTask, Task(id), say)
	case 5:
		id, who, _ := any(open)
		d.perhaps(who, engagement.BlockTask, Task(id), say, By([]models.Side{models.SideFirm, models.SideClient, "vendor"}[r.IntN(3)]))
	case 6:
		id, who, _ := any(blocked)
		d.perhaps(who, engagement.UnblockTask, Task(id))
	case 7:
		id := d.AnyTask(r)
		if x := d.Closed[id]; x != nil {
			d.perhaps(string(x.Owner), engagement.ReopenTask, Task(id), say)
		}
	case 8, 9:
		if ready := d.Signable(); len(ready) > 0 {
			g := ready[r.IntN(len(ready))]
			d.perhaps(string(g.Who[0]), []engagement.Kind{engagement.SignGate, engagement.RefuseGate}[r.IntN(2)], Gate(g.ID), say)
		}
	case 10:
		d.perhaps("marta", []engagement.Kind{engagement.PauseEngagement, engagement.ResumeEngagement}[r.IntN(2)], say)
	case 11:
		id, _, _ := any(gaps)
		d.perhaps("ruth", engagement.AcceptRisk, Changed(engagement.Change{Task: id}), say)
	case 12:
		n := d.AnyNewTask(r)
		n.Due = d.Today().AddDays(r.IntN(50))
		d.perhaps("priya", engagement.AddTask, Added(*n))
	case 13:
		d.perhaps("ruth", engagement.DropType1, Changed(engagement.Change{}), say)
	case 18, 25:
		id, who, _ := any(open)
		for range 1 + r.IntN(3) {
			d.perhaps(who, engagement.SnoozeTask, Task(id), DueOn(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(3)).String()))
		}
	case 19, 26:
		id, who, _ := any(open)
		for range 1 + r.IntN(3) {
			d.perhaps(who, engagement.ExtendTask, Task(id), d.moreTime(r, id), say, InTheWay("the vendor"))
		}
	case 27, 28: // something is asked for, and then it is needed no more
		id, who, _ := any(open)
		d.perhaps(who, engagement.ExtendTask, Task(id), d.moreTime(r, id), say)
		switch r.IntN(3) {
		case 0:
			d.perhaps("ines", engagement.MoveTask, Task(id), d.moreTime(r, id), say)
		case 1:
			d.perhaps(who, engagement.CompleteTask, Task(id))
		default:
			d.perhaps("ines", engagement.WaiveTask, Task(id), say)
		}
	case 20:
		if id, who, _ := any(open); d.Facts.Task(id) != nil {
			d.perhaps(who, engagement.HandOverTask, Task(id), To(d.colleague(r, d.Facts.Task(id))), say)
		}
	case 21:
		d.perhaps("ines", []engagement.Kind{engagement.MuteEngagement, engagement.UnmuteEngagement}[r.IntN(2)], say)
	case 22:
		id, who, _ := any(open)
		d.perhaps("priya", engagement.CommentTask, Task(id), To(models.PersonID(who)), say)
	case 23:
		if id, who, _ := any(open); d.Facts.Task(id) != nil {
			d.perhaps(string(d.colleague(r, d.Facts.Task(id))), engagement.CompleteTask, Task(id), StandsFor(models.PersonID(who)))
			Tally("in another's place")
		}
	case 24:
		if id, _, who := any(submitted); d.Facts.Task(id) != nil {
			d.perhaps(string(d.colleague(r, d.Facts.Task(id))), engagement.AcceptTask, Task(id), StandsFor(models.PersonID(who)))
			Tally("in another's place")
		}
	}
}

// moreTime has a command ask for a later due date of a task: a few days, or weeks.
func (d *Desk) moreTime(r *rand.Rand, id models.TaskID) func(*engagement.Command) {
	due := d.Today()
	if t := d.Facts.Task(id); t != nil {
		due = Later(t.Due, due)
	}
	return DueOn(due.AddDays(1 + r.IntN(3)*r.IntN(12)).String())
}

// colleague returns somebody of the side that does a task.
func (d *Desk) colleague(r *rand.Rand, t *engagement.Task) models.PersonID {
	all := map[models.Side][]models.PersonID{models.SideClient: {"ruth", "kenji", "olga"}, models.SideFirm: {"marta", "ines", "priya", "tom"}, models.SideAuditor: {"hugo"}}[models.SideOf(t.OwnerRole)]
	return all[r.IntN(len(all))]
}

// perhaps carries a command out if it may be.
func (d *Desk) perhaps(who string, k engagement.Kind, with ...func(*engagement.Command)) {
	d.T.Helper()
	_, err := d.Try(who, k, with...)
	Tally(fmt.Sprint("sensible ", k, " ", err == nil))
	d.Settle()
}

// Agree lets those approve whom the pending decisions wait for.
func (d *Desk) Agree() {
	d.T.Helper()
	for _, x := range slices.Clone(d.Facts.Decisions) {
		for _, who := range []string{string(x.Change.Person), "ruth", "marta", "hugo", "ines", "noor"} {
			if _, err := d.Try(who, engagement.ApproveDecision, Decision(x.ID)); err == nil {
				Tally("agreed " + string(x.Kind))
			}
		}
	}
	d.Settle()
}

var (
	tried   = map[string]int{}
	tallied sync.Mutex
)

// Tried returns how often what was tried on all desks, a line for each, in order.
func Tried() []string {
	tallied.Lock()
	defer tallied.Unlock()
	var out []string
	for _, what := range slices.Sorted(maps.Keys(tried)) {
		out = append(out, fmt.Sprint(what, " ", tried[what]))
	}
	return out
}

// Tally counts something that was tried.
func Tally(what string) {
	tallied.Lock()
	defer tallied.Unlock()
	tried[what]++
}

// AnyTask returns the id of a task, open or closed; X-0, which is none, when nothing is open.
func (d *Desk) AnyTask(r *rand.Rand) models.TaskID {
	if closed := slices.Sorted(maps.Keys(d.Closed)); len(closed) > 0 && (r.IntN(4) == 0 || len(d.Facts.Tasks) == 0) {
		return closed[r.IntN(len(closed))] // in order: a life can be lived again
	}
	if len(d.Facts.Tasks) == 0 {
		return "X-0"
	}
	return d.Facts.Tasks[r.IntN(len(d.Facts.Tasks))].ID
}

// AnyNewTask returns a task that somebody might add: from a template or not, with or without an owner, due at some time.
func (d *Desk) AnyNewTask(r *rand.Rand) *engagement.NewTask {
	from := []string{"", "", "RE-06", "RE-14", "RE-07", "T1-10", "T2-04", "T2-05", "T2-07", "KO-01"}
	n := &engagement.NewTask{From: from[r.IntN(len(from))], Title: "Something more", Subject: []string{"", "IAM-07", "EV-001", "POL-01", "Q-01"}[r.IntN(5)],
		Owner: d.Facts.People[r.IntN(len(d.Facts.People))].ID, Due: d.Today().AddDays(r.IntN(60) - 5), Gate: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		n.Due = models.Date{}
	}
	if r.IntN(3) == 0 {
		n.Owner = ""
	}
	if r.IntN(3) == 0 {
		n.After = append(n.After, d.AnyTask(r))
	}
	if r.IntN(3) == 0 {
		n.Before = append(n.Before, d.AnyTask(r))
	}
	return n
}

// AnyChange returns something that somebody might propose, possible or not.
func (d *Desk) AnyChange(r *rand.Rand) *engagement.Change {
	ch := &engagement.Change{Rule: []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13", "RT-01"}[r.IntN(6)], Subject: []string{"", "IAM-07"}[r.IntN(2)],
		Task: d.AnyTask(r), FromDayOne: r.IntN(2) == 0, Months: []int{0, 3, 6, 9, 12, 7, 30}[r.IntN(7)]}
	if r.IntN(3) > 0 {
		ch.AsOf = d.Today().AddDays(r.IntN(200) - 20)
	}
	if r.IntN(2) == 0 {
		ch.WindowOpen = d.Today().AddDays(r.IntN(200) - 20)
	}
	if len(d.Facts.Engagement.Categories) > 0 || r.IntN(9) == 0 {
		ch.Categories = []catalog.Category{catalog.Security}
		for _, more := range []catalog.Category{catalog.Availability, catalog.Confidentiality, catalog.ProcessingIntegrity, catalog.Privacy} {
			if r.IntN(2) == 0 {
				ch.Categories = append(ch.Categories, more)
			}
		}
	}
	return ch
}

// oneOf returns one of some texts.
func oneOf(r *rand.Rand, all []string) string { return all[r.IntN(len(all))] }

// Later returns the later of two days.
func Later(a, b models.Date) models.Date {
	if a.Before(b) {
		return b
	}
	return a
}
