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
	kickoffs := []string{"2027-01-11", "2027-12-27", "2028-02-29", "2027-03-12", "2026-10-30", "2027-09-02"}
	kickoff := On(oneOf(r, kickoffs)).AddDays(r.IntN(10))
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
		livesElsewhere(f, kickoff)
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

// livesElsewhere gives everybody in Berlin and Auckland holidays of their own, every third week after a kickoff.
func livesElsewhere(f *engagement.Facts, kickoff models.Date) {
	f.PersonDays = map[models.PersonID]models.Calendar{}
	for _, p := range f.People {
		if p.TimeZone != "Europe/Berlin" && p.TimeZone != "Pacific/Auckland" {
			continue
		}
		days, off := f.FirmDays, map[models.Date]string{}
		if p.Client != "" {
			days = f.ClientDays
		}
		for day := kickoff.AddDays(3); day.Before(kickoff.AddMonths(30)); day = day.AddDays(20) {
			off[day] = "a holiday there"
		}
		f.PersonDays[p.ID] = days.And(models.Calendar{Closed: off})
	}
}

// Sensibly lets the right person do something that can be done.
func (d *Desk) Sensibly(r *rand.Rand) {
	d.T.Helper()
	whims[r.IntN(len(whims))](d.whim(r))
}

// Busily lets the right person do something about a task, a gate or a question that can be done. No date moves that only a decision moves.
func (d *Desk) Busily(r *rand.Rand) {
	d.T.Helper()
	busy := []func(whim){whim.complete, whim.complete, whim.complete, whim.complete, whim.accept, whim.accept, whim.giveBack, whim.block,
		whim.unblock, whim.reopen, whim.sign, whim.add, whim.snooze, whim.askForTime, whim.handOver, whim.comment, whim.doForAnother}
	busy[r.IntN(len(busy))](d.whim(r))
}

// whim returns what may come to somebody's mind now.
func (d *Desk) whim(r *rand.Rand) whim {
	w := whim{Desk: d, r: r}
	for _, x := range d.Facts.Tasks {
		switch {
		case strings.HasPrefix(string(x.ID), "RE-06") || strings.HasPrefix(string(x.ID), "RE-07"):
			w.gaps = append(w.gaps, x)
		case x.State == engagement.TaskOpen:
			w.open = append(w.open, x)
		case x.State == engagement.TaskSubmitted:
			w.submitted = append(w.submitted, x)
		case x.State == engagement.TaskBlocked:
			w.blocked = append(w.blocked, x)
		}
	}
	return w
}

// A whim is what comes to somebody's mind at a desk, and the tasks that it may be about.
type whim struct {
	*Desk
	r                              *rand.Rand
	open, submitted, blocked, gaps []*engagement.Task
}

// whims are what comes to people's minds; what stands here more than once does so more often.
var whims = [...]func(whim){
	0: whim.complete, 1: whim.complete, 2: whim.complete, 3: whim.accept, 4: whim.giveBack, 5: whim.block, 6: whim.unblock, 7: whim.reopen,
	8: whim.sign, 9: whim.sign, 10: whim.pause, 11: whim.acceptRisk, 12: whim.add, 13: whim.dropType1, 14: whim.moveAsOf, 15: whim.moveWindow,
	16: whim.goBack, 17: whim.changeScope, 18: whim.snooze, 19: whim.askForTime, 20: whim.handOver, 21: whim.mute, 22: whim.comment,
	23: whim.doForAnother, 24: whim.acceptForAnother, 25: whim.snooze, 26: whim.askForTime, 27: whim.askInVain, 28: whim.askInVain,
}

var soItIs = Because("so it is")

// any returns one of some tasks with its owner and its approver; a task that is not there, of ines, when there are none.
func (w whim) any(all []*engagement.Task) (id models.TaskID, owner, approver string) {
	if len(all) == 0 {
		return "X-0", "ines", "ines"
	}
	x := all[w.r.IntN(len(all))]
	return x.ID, string(x.Owner), string(x.Approver)
}

func (w whim) complete() {
	id, who, _ := w.any(w.open)
	w.perhaps(who, engagement.CompleteTask, Task(id))
}

func (w whim) accept() {
	id, _, who := w.any(w.submitted)
	w.perhaps(who, engagement.AcceptTask, Task(id))
}

func (w whim) giveBack() {
	id, _, who := w.any(w.submitted)
	w.perhaps(who, engagement.ReturnTask, Task(id), soItIs)
}

func (w whim) block() {
	id, who, _ := w.any(w.open)
	w.perhaps(who, engagement.BlockTask, Task(id), soItIs, By([]models.Side{models.SideFirm, models.SideClient, "vendor"}[w.r.IntN(3)]))
}

func (w whim) unblock() {
	id, who, _ := w.any(w.blocked)
	w.perhaps(who, engagement.UnblockTask, Task(id))
}

func (w whim) reopen() {
	id := w.AnyTask(w.r)
	if x := w.Closed[id]; x != nil {
		w.perhaps(string(x.Owner), engagement.ReopenTask, Task(id), soItIs)
	}
}

func (w whim) sign() {
	if ready := w.Signable(); len(ready) > 0 {
		g := ready[w.r.IntN(len(ready))]
		w.perhaps(string(g.Who[0]), []engagement.Kind{engagement.SignGate, engagement.RefuseGate}[w.r.IntN(2)], Gate(g.ID), soItIs)
	}
}

func (w whim) pause() {
	w.perhaps("marta", []engagement.Kind{engagement.PauseEngagement, engagement.ResumeEngagement}[w.r.IntN(2)], soItIs,
		Confirmed(engagement.UnaskedCode))
}

func (w whim) acceptRisk() {
	id, _, _ := w.any(w.gaps)
	w.perhaps("ruth", engagement.AcceptRisk, Changed(engagement.Change{Task: id}), soItIs)
}

func (w whim) add() {
	n := w.AnyNewTask(w.r)
	n.Due = w.Today().AddDays(w.r.IntN(50))
	w.perhaps("priya", engagement.AddTask, Added(*n))
}

func (w whim) dropType1() {
	w.perhaps("ruth", engagement.DropType1, Changed(engagement.Change{}), soItIs)
}

func (w whim) moveAsOf() {
	day := Later(w.Facts.Engagement.AsOf, w.Today()).AddDays(1 + w.r.IntN(60))
	w.perhaps("ines", engagement.MoveAsOf, Changed(engagement.Change{AsOf: day}), soItIs)
}

func (w whim) moveWindow() {
	ch := engagement.Change{Months: []int{0, w.Facts.Engagement.WindowMonths + 3, 12}[w.r.IntN(3)]}
	if w.r.IntN(2) == 0 {
		ch.WindowOpen = w.Today().AddDays(1 + w.r.IntN(60))
	}
	w.perhaps("ines", engagement.MoveWindow, Changed(ch), soItIs)
}

// goBack asks for a return from every active phase, by the rule that may lead back from there.
func (w whim) goBack() {
	rules := map[catalog.Phase]string{catalog.PhaseT1Prep: "RT-02", catalog.PhaseWindowSetup: "RT-02", catalog.PhaseT1Fieldwork: "RT-04",
		catalog.PhaseT2Close: "RT-08", catalog.PhaseT2Fieldwork: "RT-08", catalog.PhaseT1Report: "RT-12", catalog.PhaseT2Report: "RT-12",
		catalog.PhaseRenewal: "RT-12"}
	for _, p := range w.Facts.Active() {
		w.perhaps("ines", engagement.ReturnPhase, Changed(engagement.Change{Rule: rules[p]}), soItIs)
	}
}

func (w whim) changeScope() {
	w.perhaps("ruth", engagement.ChangeScope, Changed(*w.AnyChange(w.r)), soItIs)
}

func (w whim) snooze() {
	id, who, _ := w.any(w.open)
	for range 1 + w.r.IntN(3) {
		w.perhaps(who, engagement.SnoozeTask, Task(id), DueOn(w.Facts.ClientDays.Add(w.Today(), 1+w.r.IntN(3)).String()))
	}
}

func (w whim) askForTime() {
	id, who, _ := w.any(w.open)
	for range 1 + w.r.IntN(3) {
		w.perhaps(who, engagement.ExtendTask, Task(id), w.moreTime(w.r, id), soItIs, InTheWay("the vendor"))
	}
}

// askInVain asks for more time, which then is needed no more.
func (w whim) askInVain() {
	id, who, _ := w.any(w.open)
	w.perhaps(who, engagement.ExtendTask, Task(id), w.moreTime(w.r, id), soItIs)
	switch w.r.IntN(3) {
	case 0:
		w.perhaps("ines", engagement.MoveTask, Task(id), w.moreTime(w.r, id), soItIs)
	case 1:
		w.perhaps(who, engagement.CompleteTask, Task(id))
	default:
		w.perhaps("ines", engagement.WaiveTask, Task(id), soItIs)
	}
}

func (w whim) handOver() {
	if id, who, _ := w.any(w.open); w.Facts.Task(id) != nil {
		w.perhaps(who, engagement.HandOverTask, Task(id), To(w.colleague(w.r, w.Facts.Task(id))), soItIs)
	}
}

func (w whim) mute() {
	w.perhaps("ines", []engagement.Kind{engagement.MuteEngagement, engagement.UnmuteEngagement}[w.r.IntN(2)], soItIs)
}

// comment asks somebody, or lets what was asked be answered, withdrawn or taken back.
func (w whim) comment() {
	if n := len(w.Facts.Questions); n > 0 && w.r.IntN(2) == 0 {
		q := w.Facts.Questions[w.r.IntN(n)]
		switch w.r.IntN(4) {
		case 0:
			w.perhaps(string(q.By), engagement.WithdrawQuestion, Question(q.ID), soItIs)
		case 1:
			w.perhaps(string(q.To), engagement.CommentTask, Task(q.Task), soItIs)
		default:
			w.perhaps(string(q.To), engagement.AnswerQuestion, Question(q.ID), soItIs)
		}
		return
	}
	if settled := w.settled(); len(settled) > 0 && w.r.IntN(4) == 0 {
		q := settled[w.r.IntN(len(settled))]
		w.perhaps([]string{string(q.By), string(q.To)}[w.r.IntN(2)], engagement.ReopenQuestion, Question(q.ID))
		return
	}
	id, who, _ := w.any(w.open)
	w.perhaps("priya", engagement.CommentTask, Task(id), To(models.PersonID(who)), soItIs)
}

func (w whim) doForAnother() {
	id, who, _ := w.any(w.open)
	w.inPlaceOf(who, engagement.CompleteTask, id)
}

func (w whim) acceptForAnother() {
	id, _, who := w.any(w.submitted)
	w.inPlaceOf(who, engagement.AcceptTask, id)
}

// inPlaceOf lets a colleague do something about a task for somebody, as if they stood in for them.
func (w whim) inPlaceOf(who string, k engagement.Kind, id models.TaskID) {
	if x := w.Facts.Task(id); x != nil {
		w.perhaps(string(w.colleague(w.r, x)), k, Task(id), StandsFor(models.PersonID(who)))
		Tally("in another's place")
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
	all := map[models.Side][]models.PersonID{models.SideClient: {"ruth", "kenji", "olga"}, models.SideFirm: {"marta", "ines", "priya", "tom"},
		models.SideAuditor: {"hugo"}}[models.SideOf(t.OwnerRole)]
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
	n := &engagement.NewTask{From: from[r.IntN(len(from))], Title: "Something more",
		Subject: []string{"", "IAM-07", "EV-001", "POL-01", "Q-01"}[r.IntN(5)],
		Owner:   d.Facts.People[r.IntN(len(d.Facts.People))].ID, Due: d.Today().AddDays(r.IntN(60) - 5), Gate: r.IntN(2) == 0}
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
	ch := &engagement.Change{Rule: []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13", "RT-01"}[r.IntN(6)],
		Subject: []string{"", "IAM-07"}[r.IntN(2)],
		Task:    d.AnyTask(r), FromDayOne: r.IntN(2) == 0, Months: []int{0, 3, 6, 9, 12, 7, 30}[r.IntN(7)]}
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
