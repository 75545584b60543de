package engagement_test

import (
	"errors"
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
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// Engagements of every kind, lived through by people who do anything at any time: right and wrong, in order and out of it.
// Whatever they do, what must hold holds (see check, checkOrder and advance), a refusal is a sentence for people, and in the
// end somebody patient brings the engagement to its close: nothing waits for ever.
func TestLawsOfEngagements(t *testing.T) {
	const lives = 10
	t.Cleanup(func() {
		for _, k := range slices.Sorted(maps.Keys(tried)) {
			t.Log(k, tried[k])
		}
	})
	for seed := range lives {
		t.Run(fmt.Sprint("life ", seed), func(t *testing.T) {
			t.Parallel()
			life(t, rand.New(rand.NewPCG(uint64(seed), 7)), 60)
		})
	}
}

func FuzzDecide(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed, uint8(30))
	}
	f.Fuzz(func(t *testing.T, seed uint64, steps uint8) { life(t, rand.New(rand.NewPCG(seed, 11)), int(steps)) })
}

var zones = []string{"America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns", "Pacific/Honolulu", "Europe/Berlin",
	"America/Santiago", "Africa/Cairo", "Pacific/Chatham", "Pacific/Apia"}

// life lets an engagement of some kind be lived through in some way.
func life(t *testing.T, r *rand.Rand, steps int) {
	d := someLife(t, r)
	d.twice = true
	for range steps {
		switch r.IntN(6) {
		case 0:
			d.pass(d.now.Add(time.Duration(r.IntN(60*24*20)) * time.Minute))
		case 1:
			d.work()
		case 2, 3:
			d.somebody(r)
		default:
			d.sensibly(r)
		}
		if r.IntN(2) == 0 {
			d.agree()
		}
		if r.IntN(4) == 0 {
			d.checkNudges(r)
		}
		if t.Failed() {
			return
		}
	}
	if r.IntN(8) == 0 && d.f.Engagement.Status.Live() {
		d.cutShort()
		return
	}
	d.rescue()
}

// cutShort ends an engagement early: nothing in it is left to do or to decide, nobody hears of it, and it can only be talked about.
func (d *desk) cutShort() {
	d.t.Helper()
	d.do("marta", engagement.CancelEngagement, because("the client was bought"))
	tally("engagement.cancel true")
	if open := len(d.f.Tasks); open > 0 || d.f.Engagement.Status != engagement.StatusCancelled {
		d.t.Errorf("%s: it is %s with %d open tasks", d.today(), d.f.Engagement.Status, open)
	}
	if hear := reminders.Nudges(d.f, audience(d.f), d.now); len(hear) > 0 {
		d.t.Errorf("%s: somebody hears %+v", d.today(), hear[0])
	}
	if len(d.closed) > 0 {
		id := slices.Min(slices.Collect(maps.Keys(d.closed)))
		d.do("ines", engagement.CommentTask, task(id), because("for the record"))
		d.refused(models.Conflict, "status", "nothing in it changes any more", "ines", engagement.ReopenTask, task(id), because("so it is"))
	}
}

// someLife begins an engagement of some kind somewhere, or finds one on its way.
func someLife(t *testing.T, r *rand.Rand) *desk {
	typ := allTypes[r.IntN(len(allTypes))]
	if r.IntN(3) > 0 {
		kind, _ := modelstest.Catalog().Type(typ)
		route := modelstest.Catalog().PhasesFor(kind.Flags)
		return in(t, typ, route[r.IntN(len(route))].ID)
	}
	d := aDraft(t, r, typ)
	d.do("ines", engagement.StartEngagement)
	return d
}

// someDraft returns a draft of some kind, somewhere, up to twenty days before its kickoff.
func someDraft(t *testing.T, r *rand.Rand) *desk {
	return aDraft(t, r, allTypes[r.IntN(len(allTypes))])
}

// aDraft returns a draft of a kind, of some size, somewhere, up to twenty days before its kickoff.
func aDraft(t *testing.T, r *rand.Rand, typ string) *desk {
	kickoff := []models.Date{modelstest.On("2027-01-11"), modelstest.On("2027-12-27"), modelstest.On("2028-02-29"), modelstest.On("2027-03-12"), modelstest.On("2026-10-30"), modelstest.On("2027-09-02")}[r.IntN(6)].AddDays(r.IntN(10))
	d := draft(t, typ, func(f *engagement.Facts) {
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
	d.now = kickoff.AddDays(-r.IntN(20)).At(models.Zone(d.f.Client.TimeZone), r.IntN(24), r.IntN(60))
	return d
}

// sensibly lets the right person do something that can be done.
func (d *desk) sensibly(r *rand.Rand) {
	d.t.Helper()
	var open, submitted, blocked, gaps []*engagement.Task
	for _, x := range d.f.Tasks {
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
	say := because("so it is")
	switch r.IntN(29) {
	case 14:
		d.perhaps("ines", engagement.MoveAsOf, changed(engagement.Change{AsOf: later(d.f.Engagement.AsOf, d.today()).AddDays(1 + r.IntN(60))}), say)
	case 15:
		ch := engagement.Change{Months: []int{0, d.f.Engagement.WindowMonths + 3, 12}[r.IntN(3)]}
		if r.IntN(2) == 0 {
			ch.WindowOpen = d.today().AddDays(1 + r.IntN(60))
		}
		d.perhaps("ines", engagement.MoveWindow, changed(ch), say)
	case 16:
		rules := map[catalog.Phase]string{catalog.PhaseT1Prep: "RT-02", catalog.PhaseWindowSetup: "RT-02", catalog.PhaseT1Fieldwork: "RT-04", catalog.PhaseT2Close: "RT-08",
			catalog.PhaseT2Fieldwork: "RT-08", catalog.PhaseT1Report: "RT-12", catalog.PhaseT2Report: "RT-12", catalog.PhaseRenewal: "RT-12"}
		for _, p := range d.f.Active() {
			d.perhaps("ines", engagement.ReturnPhase, changed(engagement.Change{Rule: rules[p]}), say)
		}
	case 17:
		d.perhaps("ruth", engagement.ChangeScope, changed(*d.anyChange(r)), say)
	case 0, 1, 2:
		id, who, _ := any(open)
		d.perhaps(who, engagement.CompleteTask, task(id))
	case 3:
		id, _, who := any(submitted)
		d.perhaps(who, engagement.AcceptTask, task(id))
	case 4:
		id, _, who := any(submitted)
		d.perhaps(who, engagement.ReturnTask, task(id), say)
	case 5:
		id, who, _ := any(open)
		d.perhaps(who, engagement.BlockTask, task(id), say, by([]models.Side{models.SideFirm, models.SideClient, "vendor"}[r.IntN(3)]))
	case 6:
		id, who, _ := any(blocked)
		d.perhaps(who, engagement.UnblockTask, task(id))
	case 7:
		id := d.anyTask(r)
		if x := d.closed[id]; x != nil {
			d.perhaps(string(x.Owner), engagement.ReopenTask, task(id), say)
		}
	case 8, 9:
		if ready := d.signable(); len(ready) > 0 {
			g := ready[r.IntN(len(ready))]
			d.perhaps(string(g.Who[0]), []engagement.Kind{engagement.SignGate, engagement.RefuseGate}[r.IntN(2)], gate(g.ID), say)
		}
	case 10:
		d.perhaps("marta", []engagement.Kind{engagement.PauseEngagement, engagement.ResumeEngagement}[r.IntN(2)], say)
	case 11:
		id, _, _ := any(gaps)
		d.perhaps("ruth", engagement.AcceptRisk, changed(engagement.Change{Task: id}), say)
	case 12:
		n := d.anyNewTask(r)
		n.Due = d.today().AddDays(r.IntN(50))
		d.perhaps("priya", engagement.AddTask, added(*n))
	case 13:
		d.perhaps("ruth", engagement.DropType1, changed(engagement.Change{}), say)
	case 18, 25:
		id, who, _ := any(open)
		for range 1 + r.IntN(3) {
			d.perhaps(who, engagement.SnoozeTask, task(id), dueOn(d.f.ClientDays.Add(d.today(), 1+r.IntN(3)).String()))
		}
	case 19, 26:
		id, who, _ := any(open)
		for range 1 + r.IntN(3) {
			d.perhaps(who, engagement.ExtendTask, task(id), d.moreTime(r, id), say, inTheWay("the vendor"))
		}
	case 27, 28: // something is asked for, and then it is needed no more
		id, who, _ := any(open)
		d.perhaps(who, engagement.ExtendTask, task(id), d.moreTime(r, id), say)
		switch r.IntN(3) {
		case 0:
			d.perhaps("ines", engagement.MoveTask, task(id), d.moreTime(r, id), say)
		case 1:
			d.perhaps(who, engagement.CompleteTask, task(id))
		default:
			d.perhaps("ines", engagement.WaiveTask, task(id), say)
		}
	case 20:
		if id, who, _ := any(open); d.f.Task(id) != nil {
			d.perhaps(who, engagement.HandOverTask, task(id), to(d.colleague(r, d.f.Task(id))), say)
		}
	case 21:
		d.perhaps("ines", []engagement.Kind{engagement.MuteEngagement, engagement.UnmuteEngagement}[r.IntN(2)], say)
	case 22:
		id, who, _ := any(open)
		d.perhaps("priya", engagement.CommentTask, task(id), to(models.PersonID(who)), say)
	case 23:
		if id, who, _ := any(open); d.f.Task(id) != nil {
			d.perhaps(string(d.colleague(r, d.f.Task(id))), engagement.CompleteTask, task(id), standsFor(models.PersonID(who)))
			tally("in another's place")
		}
	case 24:
		if id, _, who := any(submitted); d.f.Task(id) != nil {
			d.perhaps(string(d.colleague(r, d.f.Task(id))), engagement.AcceptTask, task(id), standsFor(models.PersonID(who)))
			tally("in another's place")
		}
	}
}

// moreTime has a command ask for a later due date of a task: a few days, or weeks.
func (d *desk) moreTime(r *rand.Rand, id models.TaskID) func(*engagement.Command) {
	due := d.today()
	if t := d.f.Task(id); t != nil {
		due = later(t.Due, due)
	}
	return dueOn(due.AddDays(1 + r.IntN(3)*r.IntN(12)).String())
}

// colleague returns somebody of the side that does a task.
func (d *desk) colleague(r *rand.Rand, t *engagement.Task) models.PersonID {
	all := map[models.Side][]models.PersonID{models.SideClient: {"ruth", "kenji", "olga"}, models.SideFirm: {"marta", "ines", "priya", "tom"}, models.SideAuditor: {"hugo"}}[models.SideOf(t.OwnerRole)]
	return all[r.IntN(len(all))]
}

// perhaps carries a command out if it may be.
func (d *desk) perhaps(who string, k engagement.Kind, with ...func(*engagement.Command)) {
	d.t.Helper()
	_, err := d.try(who, k, with...)
	tally(fmt.Sprint("sensible ", k, " ", err == nil))
	d.settle()
}

// somebody does something, which may be nonsense.
func (d *desk) somebody(r *rand.Rand) {
	d.t.Helper()
	kinds := []engagement.Kind{engagement.PauseEngagement, engagement.ResumeEngagement, engagement.ResumeEngagement, engagement.EditEngagement, engagement.AddTask, engagement.AddTask,
		engagement.CompleteTask, engagement.CompleteTask, engagement.CompleteTask, engagement.AcceptTask, engagement.ReturnTask, engagement.ReopenTask, engagement.ReopenTask,
		engagement.BlockTask, engagement.UnblockTask, engagement.MoveTask, engagement.AssignTask, engagement.WaiveTask, engagement.CommentTask, engagement.SignGate, engagement.RefuseGate,
		engagement.MoveAsOf, engagement.MoveWindow, engagement.MoveWindow, engagement.ChangeScope, engagement.ChangeScope, engagement.DropType1, engagement.ReturnPhase, engagement.ReturnPhase,
		engagement.AcceptRisk, engagement.ApproveDecision, engagement.ApproveDecision, engagement.ApproveDecision, engagement.RefuseDecision, engagement.StartEngagement,
		engagement.SnoozeTask, engagement.SnoozeTask, engagement.ExtendTask, engagement.ExtendTask, engagement.HandOverTask, engagement.HandOverTask, engagement.CommentTask,
		engagement.MuteEngagement, engagement.UnmuteEngagement, engagement.UnmuteEngagement}
	who := []string{"marta", "ines", "priya", "tom", "hugo", "ruth", "kenji", "olga", "noor", "nobody"}[r.IntN(10)]
	c := d.cmd(who, kinds[r.IntN(len(kinds))])
	if r.IntN(10) > 0 {
		c.Reason = "so it is"
	}
	for range 1 + r.IntN(2) {
		c.Tasks = append(c.Tasks, d.anyTask(r))
	}
	if len(d.f.Gates) > 0 {
		c.Gate = d.f.Gates[r.IntN(len(d.f.Gates))].ID
	}
	c.Decision = fmt.Sprintf("D-%d", max(0, d.f.Engagement.Decided-r.IntN(3)))
	c.Due = d.today().AddDays(r.IntN(80) - 10)
	if r.IntN(4) > 0 { // a comment without anybody is no question
		c.Person = d.f.People[r.IntN(len(d.f.People))].ID
	}
	if r.IntN(4) == 0 {
		c.Actor.For = []models.PersonID{d.f.People[r.IntN(len(d.f.People))].ID, "nobody"}
	}
	c.Blocking = strings.Repeat("x", []int{0, 9, 2001}[r.IntN(3)])
	c.By = []models.Side{models.SideFirm, models.SideClient, models.SideAuditor, "vendor", "fate"}[r.IntN(5)]
	c.Add, c.Change, c.Edit = d.anyNewTask(r), d.anyChange(r), anyEdit(r)
	if r.IntN(30) == 0 {
		c.Add, c.Change, c.Edit = nil, nil, nil
	}
	err := d.change(engagement.NeedOf(c), func(f *engagement.Facts) error { _, err := engagement.Decide(f, c, d.now); return err })
	tally(fmt.Sprint(c.Kind, " ", err == nil))
	if refusal := (*models.Error)(nil); err != nil && (!errors.As(err, &refusal) || refusal.Code == "" || len(refusal.Message) < 8 || strings.Contains(refusal.Message, "%!")) {
		d.t.Errorf("%s: %+v is refused with %v", d.today(), c, err)
	}
	d.settle()
}

// checkRequests reports what must hold of what people ask for about their own tasks.
func (d *desk) checkRequests() {
	d.t.Helper()
	rules := d.f.Catalog.Reminders
	for _, t := range d.f.Tasks {
		if t.Snoozes > rules.Snooze.MaxTimes || t.Snoozed.IsZero() != (t.Snoozes == 0) {
			d.t.Errorf("%s: %s was put off %d times, until %q", d.today(), t.ID, t.Snoozes, t.Snoozed)
		}
		if t.Extended > rules.Extension.AutoApprove.MaxPerTask {
			d.t.Errorf("%s: %s was given more time %d times without anybody's word", d.today(), t.ID, t.Extended)
		}
	}
	asked := map[string]bool{}
	for _, x := range d.f.Decisions {
		if x.Kind != engagement.ExtendTask && x.Kind != engagement.HandOverTask || !d.f.Engagement.Status.Live() {
			continue
		}
		t, about := d.f.Task(x.Change.Task), fmt.Sprint(x.Kind, x.Change.Task)
		switch {
		case t == nil || t.State == engagement.TaskSubmitted:
			d.t.Errorf("%s: %s asks for something about %s, which is not to be done any more", d.today(), x.ID, x.Change.Task)
		case asked[about]:
			d.t.Errorf("%s: %s asks for the same as another", d.today(), x.ID)
		case x.Kind == engagement.ExtendTask && !x.Change.Due.After(t.Due), x.Kind == engagement.HandOverTask && x.Change.Person == t.Owner:
			d.t.Errorf("%s: %s asks for what is already so: %+v", d.today(), x.ID, x.Change)
		case len(d.f.Missing(x)) == 0:
			d.t.Errorf("%s: %s is pending and waits for nobody", d.today(), x.ID)
		}
		asked[about] = true
	}
	for _, x := range d.ended {
		for _, a := range x.Approvals {
			if x.Kind == engagement.ExtendTask && a.By == x.ProposedBy {
				d.t.Errorf("%s: %s says %t to their own request %s for more time", d.today(), a.By, a.Yes, x.ID)
			}
		}
	}
}

// checkNotices reports what must hold of what is to be told to people after a change.
func (d *desk) checkNotices(all []engagement.Notice) {
	d.t.Helper()
	if len(all) > 0 && (d.f.Engagement.Muted || !d.f.Engagement.Status.Live()) {
		d.t.Errorf("%s: though nothing is to be sent, somebody is told: %+v", d.today(), all[0])
	}
	for _, n := range all {
		if _, active := d.f.Person(n.To); !active || n.To == n.Actor {
			d.t.Errorf("%s: told to whom it must not be: %+v", d.today(), n)
		}
	}
}

// checkNudges reports what must hold of what people hear who heard of everything yesterday, on a day on which two people are away and
// one of them has named a stand-in.
func (d *desk) checkNudges(r *rand.Rand) {
	d.t.Helper()
	aud := audience(d.f)
	aud.All = true
	someone := func() *reminders.Recipient { return aud.People[d.f.People[r.IntN(len(d.f.People))].ID] }
	first, second, in := someone(), someone(), someone()
	first.Away = []reminders.Absence{{Person: first.ID, Days: planning.Span{Start: d.today().AddDays(-1), End: d.today().AddDays(1)}}}
	if in != first && in.Role.Side() == first.Role.Side() { // none other can be named
		first.Away[0].StandIn = in.ID
	}
	second.Away = append(second.Away, reminders.Absence{Person: second.ID, Days: planning.Span{Start: d.today().AddDays(-1), End: d.today().AddDays(1)}})
	for _, n := range reminders.Nudges(d.f, aud, d.now) {
		aud.Said[reminders.Saying{To: n.To, Engagement: n.Item.Engagement, Item: n.Item.Key()}] = reminders.Said{Step: n.Step, On: aud.People[n.To].Today(d.now).AddDays(-1)}
	}
	type heard struct {
		who  models.PersonID
		item string
	}
	once := map[heard]bool{}
	for _, n := range reminders.Nudges(d.f, aud, d.now) {
		_, active := d.f.Person(n.To)
		switch key := (heard{n.To, n.Item.Key()}); {
		case d.f.Engagement.Muted || d.f.Engagement.Status != engagement.StatusRunning:
			d.t.Fatalf("%s: though it is quiet, %s hears of %s", d.today(), n.To, n.Item.Key())
		case !active || aud.People[n.To].Away != nil && n.As == reminders.PartStandIn:
			d.t.Errorf("%s: %s, who is not there, hears of %s", d.today(), n.To, n.Item.Key())
		case once[key]:
			d.t.Errorf("%s: %s hears twice of %s", d.today(), n.To, n.Item.Key())
		case n.Item.Title == "" || n.Item.Due.IsZero():
			d.t.Errorf("%s: %s hears of %+v", d.today(), n.To, n.Item)
		default:
			once[key] = true
		}
		l := d.f.Asking(n.Item.Key())
		l.Acts, l.For = n.Acts, n.For
		became := reminders.Became(d.f, l, n.To, d.now)
		if became != "" {
			d.t.Errorf("%s: %s hears of %s, of which it is said: %s", d.today(), n.To, n.Item.Key(), became)
		}
		for _, act := range n.Acts {
			if err := d.offered(aud, n, act); err != nil {
				d.t.Errorf("%s: %s is offered %s of %s, and then: %v", d.today(), n.To, act, n.Item.Key(), err)
			}
			if form, err := d.f.Form(act, n.Item.Key(), d.actorIn(aud, n.To), d.now); err != nil || form.About == "" {
				d.t.Errorf("%s: %s of %s has no form for %s: %v", d.today(), act, n.Item.Key(), n.To, err)
			}
		}
	}
}

// agree lets those approve whom the pending decisions wait for.
func (d *desk) agree() {
	d.t.Helper()
	for _, x := range slices.Clone(d.f.Decisions) {
		for _, who := range []string{string(x.Change.Person), "ruth", "marta", "hugo", "ines", "noor"} {
			if _, err := d.try(who, engagement.ApproveDecision, decision(x.ID)); err == nil {
				tally("agreed " + string(x.Kind))
			}
		}
	}
	d.settle()
}

var (
	tried   = map[string]int{}
	tallied sync.Mutex
)

// tally counts what was tried.
func tally(what string) {
	tallied.Lock()
	defer tallied.Unlock()
	tried[what]++
}

func (d *desk) anyTask(r *rand.Rand) models.TaskID {
	if closed := slices.Sorted(maps.Keys(d.closed)); len(closed) > 0 && (r.IntN(4) == 0 || len(d.f.Tasks) == 0) {
		return closed[r.IntN(len(closed))] // in order: a life can be lived again
	}
	if len(d.f.Tasks) == 0 {
		return "X-0"
	}
	return d.f.Tasks[r.IntN(len(d.f.Tasks))].ID
}

func (d *desk) anyNewTask(r *rand.Rand) *engagement.NewTask {
	from := []string{"", "", "RE-06", "RE-14", "RE-07", "T1-10", "T2-04", "T2-05", "T2-07", "KO-01"}
	n := &engagement.NewTask{From: from[r.IntN(len(from))], Title: "Something more", Subject: []string{"", "IAM-07", "EV-001", "POL-01", "Q-01"}[r.IntN(5)],
		Owner: d.f.People[r.IntN(len(d.f.People))].ID, Due: d.today().AddDays(r.IntN(60) - 5), Gate: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		n.Due = models.Date{}
	}
	if r.IntN(3) == 0 {
		n.Owner = ""
	}
	if r.IntN(3) == 0 {
		n.After = append(n.After, d.anyTask(r))
	}
	if r.IntN(3) == 0 {
		n.Before = append(n.Before, d.anyTask(r))
	}
	return n
}

func (d *desk) anyChange(r *rand.Rand) *engagement.Change {
	ch := &engagement.Change{Rule: []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13", "RT-01"}[r.IntN(6)], Subject: []string{"", "IAM-07"}[r.IntN(2)],
		Task: d.anyTask(r), FromDayOne: r.IntN(2) == 0, Months: []int{0, 3, 6, 9, 12, 7, 30}[r.IntN(7)]}
	if r.IntN(3) > 0 {
		ch.AsOf = d.today().AddDays(r.IntN(200) - 20)
	}
	if r.IntN(2) == 0 {
		ch.WindowOpen = d.today().AddDays(r.IntN(200) - 20)
	}
	if len(d.f.Engagement.Categories) > 0 || r.IntN(9) == 0 {
		ch.Categories = []catalog.Category{catalog.Security}
		for _, more := range []catalog.Category{catalog.Availability, catalog.Confidentiality, catalog.ProcessingIntegrity, catalog.Privacy} {
			if r.IntN(2) == 0 {
				ch.Categories = append(ch.Categories, more)
			}
		}
	}
	return ch
}

func anyEdit(r *rand.Rand) *engagement.Edit {
	id := func(all ...string) *models.PersonID { p := models.PersonID(all[r.IntN(len(all))]); return &p }
	e := &engagement.Edit{}
	switch r.IntN(5) {
	case 0:
		e.Manager = id("ines", "noor", "", "tom")
	case 1:
		e.Auditor = id("hugo", "", "marta")
	case 2:
		e.Consultants = &[]models.PersonID{*id("priya", "tom")}
	case 3:
		e.Target = &models.Date{}
	}
	return e
}

// rescue brings an engagement to its close, whatever state it is in: patient people clear away what is in the way.
func (d *desk) rescue() {
	d.t.Helper()
	if d.f.Engagement.Status == engagement.StatusPaused {
		d.do("marta", engagement.ResumeEngagement)
	}
	for _, x := range slices.Clone(d.f.Decisions) {
		for _, who := range []string{"marta", "ruth", "hugo", "ines", "noor"} {
			if _, err := d.try(who, engagement.RefuseDecision, decision(x.ID), because("let us finish")); err == nil {
				break
			}
		}
	}
	d.settle()
	last := d.today().AddDays(4 * 366)
	for d.f.Engagement.Status.Live() && d.today().Before(last) && !d.t.Failed() {
		d.patient()
		if w := d.f.Phase(catalog.PhaseWindow); w != nil && w.Standing == engagement.StandingWaiting && len(d.f.Active()) == 0 && d.f.Engagement.WindowOpen.Before(d.today()) {
			id := d.do("marta", engagement.MoveWindow, changed(engagement.Change{WindowOpen: d.today().AddDays(3)}), because("it was missed"))
			d.do("ruth", engagement.ApproveDecision, decision(id))
		}
		d.goTo(d.f.ClientDays.Add(d.today(), 2))
	}
	if d.f.Engagement.Status == engagement.StatusCompleted || d.t.Failed() {
		return
	}
	for _, g := range d.report().Gates {
		d.t.Logf("gate %s: %s by %v, %v", g.ID, g.State, g.Who, g.Blockers)
	}
	for i, x := range d.f.Tasks {
		if i < 20 {
			d.t.Logf("%s is %s with %q, approver %q, after %v", x.ID, x.State, x.Owner, x.Approver, x.After)
		}
	}
	for _, p := range d.f.Phases {
		d.t.Logf("%s is %s: %+v", p.Phase, p.Standing, p)
	}
	d.t.Errorf("%s, %s: it never comes to its close", d.f.Engagement.Type, d.today())
}

// patient people do whatever can be done, one way or another.
func (d *desk) patient() {
	d.t.Helper()
	anyone := func(k engagement.Kind, id models.TaskID, first ...models.PersonID) bool {
		for _, who := range append(first, "ruth", "ines", "noor", "marta", "tom", "priya", "hugo", "kenji") {
			if _, err := d.try(string(who), k, task(id), because("let us finish")); err == nil {
				return true
			}
		}
		return false
	}
	for range 8 {
		did := false
		for _, x := range slices.Clone(d.f.Tasks) {
			switch now := d.f.Task(x.ID); {
			case now == nil:
			case now.State == engagement.TaskBlocked:
				did = anyone(engagement.UnblockTask, x.ID) || did
			case now.State == engagement.TaskOpen && d.f.ClientDays.Count(d.today(), now.Due) <= 10:
				did = anyone(engagement.CompleteTask, x.ID, d.doer(now)) || did
			case now.State == engagement.TaskSubmitted:
				if !anyone(engagement.AcceptTask, x.ID, now.Approver) {
					did = anyone(engagement.ReopenTask, x.ID) || did
				} else {
					did = true
				}
			}
		}
		d.settle()
		for _, g := range d.signable() {
			for _, who := range g.Who {
				if _, err := d.try(string(who), engagement.SignGate, gate(g.ID)); err == nil {
					did = true
					break
				}
			}
		}
		d.settle()
		if !did {
			return
		}
	}
}

// A command costs about the same on the first day and in the middle of a long window.
func BenchmarkDecide(b *testing.B) {
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseRemediation, catalog.PhaseWindow} {
		d := in(b, "soc2_type2", p)
		var id models.TaskID
		for _, x := range d.f.Tasks {
			if !x.State.Closed() && x.State != engagement.TaskSubmitted {
				id = x.ID
			}
		}
		c := d.cmd("ines", engagement.MoveTask, task(id), because("later"), func(c *engagement.Command) { c.Due = d.today().AddDays(10) })
		b.Run(fmt.Sprintf("%s with %d open tasks", p, len(d.f.Tasks)), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				f := copyOf(d.f)
				b.StartTimer()
				if _, err := engagement.Decide(f, c, d.now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
