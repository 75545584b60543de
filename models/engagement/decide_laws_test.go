package engagement_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
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
		for _, what := range modelstest.Tried() {
			t.Log(what)
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

// life lets an engagement of some kind be lived through in some way.
func life(t *testing.T, r *rand.Rand, steps int) {
	d := modelstest.SomeLife(t, r)
	d.Twice = true
	for range steps {
		switch r.IntN(6) {
		case 0:
			d.Pass(d.Now.Add(time.Duration(r.IntN(60*24*20)) * time.Minute))
		case 1:
			d.Work()
		case 2, 3:
			somebody(d, r)
		default:
			d.Sensibly(r)
		}
		if r.IntN(2) == 0 {
			d.Agree()
		}
		if r.IntN(4) == 0 {
			checkNudges(d, r)
		}
		if t.Failed() {
			return
		}
	}
	if r.IntN(8) == 0 && d.Facts.Engagement.Status.Live() {
		cutShort(d)
		return
	}
	rescue(d)
}

// cutShort ends an engagement early: nothing in it is left to do or to decide, nobody hears of it, and it can only be talked about.
func cutShort(d *modelstest.Desk) {
	d.T.Helper()
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("the client was bought"),
		modelstest.Confirmed("e1"))
	modelstest.Tally("engagement.cancel true")
	if open := len(d.Facts.Tasks); open > 0 || d.Facts.Engagement.Status != engagement.StatusCancelled {
		d.T.Errorf("%s: it is %s with %d open tasks", d.Today(), d.Facts.Engagement.Status, open)
	}
	if hear := reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now); len(hear) > 0 {
		d.T.Errorf("%s: somebody hears %+v", d.Today(), hear[0])
	}
	if len(d.Closed) > 0 {
		id := slices.Min(slices.Collect(maps.Keys(d.Closed)))
		d.Do("ines", engagement.CommentTask, modelstest.Task(id), modelstest.Because("for the record"))
		d.Refused(models.Conflict, "status", "nothing in it changes any more", "ines", engagement.ReopenTask, modelstest.Task(id),
			modelstest.Because("so it is"))
	}
}

// somebody does something, which may be nonsense.
func somebody(d *modelstest.Desk, r *rand.Rand) {
	d.T.Helper()
	kinds := []engagement.Kind{engagement.PauseEngagement, engagement.ResumeEngagement, engagement.ResumeEngagement,
		engagement.EditEngagement, engagement.AddTask, engagement.AddTask,
		engagement.CompleteTask, engagement.CompleteTask, engagement.CompleteTask, engagement.AcceptTask, engagement.ReturnTask,
		engagement.ReopenTask, engagement.ReopenTask,
		engagement.BlockTask, engagement.UnblockTask, engagement.MoveTask, engagement.AssignTask, engagement.WaiveTask, engagement.CommentTask,
		engagement.SignGate, engagement.RefuseGate, engagement.ReopenGate,
		engagement.MoveAsOf, engagement.MoveWindow, engagement.MoveWindow, engagement.ChangeScope, engagement.ChangeScope, engagement.DropType1,
		engagement.ReturnPhase, engagement.ReturnPhase,
		engagement.AcceptRisk, engagement.ApproveDecision, engagement.ApproveDecision, engagement.ApproveDecision, engagement.RefuseDecision,
		engagement.StartEngagement,
		engagement.SnoozeTask, engagement.SnoozeTask, engagement.ExtendTask, engagement.ExtendTask, engagement.HandOverTask,
		engagement.HandOverTask, engagement.CommentTask,
		engagement.MuteEngagement, engagement.UnmuteEngagement, engagement.UnmuteEngagement}
	who := []string{"marta", "ines", "priya", "tom", "hugo", "ruth", "kenji", "olga", "noor", "nobody"}[r.IntN(10)]
	c := d.Command(who, kinds[r.IntN(len(kinds))])
	if r.IntN(10) > 0 {
		c.Reason = "so it is"
	}
	for range 1 + r.IntN(2) {
		c.Tasks = append(c.Tasks, d.AnyTask(r))
	}
	if len(d.Facts.Gates) > 0 {
		c.Gate = d.Facts.Gates[r.IntN(len(d.Facts.Gates))].ID
	}
	c.Decision = fmt.Sprintf("D-%d", max(0, d.Facts.Engagement.Decided-r.IntN(3)))
	c.Due = d.Today().AddDays(r.IntN(80) - 10)
	if r.IntN(4) > 0 { // a comment without anybody is no question
		c.Person = d.Facts.People[r.IntN(len(d.Facts.People))].ID
	}
	if r.IntN(4) == 0 {
		c.Actor.For = []models.PersonID{d.Facts.People[r.IntN(len(d.Facts.People))].ID, "nobody"}
	}
	c.Readers = []engagement.Readers{"", "", "internal", "shared", "all"}[r.IntN(5)]
	c.Blocking = strings.Repeat("x", []int{0, 9, 2001}[r.IntN(3)])
	c.By = []models.Side{models.SideFirm, models.SideClient, models.SideAuditor, "vendor", "fate"}[r.IntN(5)]
	c.Add, c.Change, c.Edit = d.AnyNewTask(r), d.AnyChange(r), anyEdit(r)
	if r.IntN(30) == 0 {
		c.Add, c.Change, c.Edit = nil, nil, nil
	}
	err := d.Change(engagement.NeedOf(c), func(f *engagement.Facts) error { _, err := engagement.Decide(f, c, d.Now); return err })
	modelstest.Tally(fmt.Sprint(c.Kind, " ", err == nil))
	if refusal := (*models.Error)(nil); err != nil &&
		(!errors.As(err, &refusal) || refusal.Code == "" || len(refusal.Message) < 8 || strings.Contains(refusal.Message, "%!")) {
		d.T.Errorf("%s: %+v is refused with %v", d.Today(), c, err)
	}
	d.Settle()
}

// checkNudges reports what must hold of what people hear who heard of everything yesterday, on a day on which two people are away and
// one of them has named a stand-in.
func checkNudges(d *modelstest.Desk, r *rand.Rand) {
	d.T.Helper()
	aud := modelstest.Audience(d.Facts)
	aud.All = true
	someone := func() *reminders.Recipient { return aud.People[d.Facts.People[r.IntN(len(d.Facts.People))].ID] }
	first, second, in := someone(), someone(), someone()
	first.Away = []reminders.Absence{{Person: first.ID, Days: planning.Span{Start: d.Today().AddDays(-1), End: d.Today().AddDays(1)}}}
	if in != first && in.Role.Side() == first.Role.Side() { // none other can be named
		first.Away[0].StandIn = in.ID
	}
	second.Away = append(second.Away,
		reminders.Absence{Person: second.ID, Days: planning.Span{Start: d.Today().AddDays(-1), End: d.Today().AddDays(1)}})
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		aud.Sent[reminders.SentKey{To: n.To, Engagement: n.Item.Engagement, Item: n.Item.Key()}] = reminders.Sent{Step: n.Step,
			On: aud.People[n.To].Today(d.Now).AddDays(-1)}
	}
	type heard struct {
		who  models.PersonID
		item string
	}
	once := map[heard]bool{}
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		_, active := d.Facts.Person(n.To)
		switch key := (heard{n.To, n.Item.Key()}); {
		case d.Facts.Engagement.Muted || d.Facts.Engagement.Status != engagement.StatusRunning:
			d.T.Fatalf("%s: though it is quiet, %s hears of %s", d.Today(), n.To, n.Item.Key())
		case !active || aud.People[n.To].Away != nil && n.As == reminders.CapacityStandIn:
			d.T.Errorf("%s: %s, who is not there, hears of %s", d.Today(), n.To, n.Item.Key())
		case once[key]:
			d.T.Errorf("%s: %s hears twice of %s", d.Today(), n.To, n.Item.Key())
		case n.Item.Title == "" || n.Item.Due.IsZero():
			d.T.Errorf("%s: %s hears of %+v", d.Today(), n.To, n.Item)
		default:
			once[key] = true
		}
		l := d.Facts.Asking(n.Item.Key())
		l.Acts, l.For = n.Acts, n.For
		if !n.As.Asked() && n.As != reminders.CapacityBackup {
			l.Above, l.For = true, n.Item.OwnerName
		}
		became := reminders.Became(d.Facts, l, n.To, d.Now)
		if became != "" {
			d.T.Errorf("%s: %s hears of %s, of which it is said: %s", d.Today(), n.To, n.Item.Key(), became)
		}
		for _, act := range n.Acts {
			if err := d.Offered(aud, n, act); err != nil {
				d.T.Errorf("%s: %s is offered %s of %s, and then: %v", d.Today(), n.To, act, n.Item.Key(), err)
			}
			if form, err := d.Facts.Form(act, n.Item.Key(), d.ActorIn(aud, n.To), d.Now); err != nil || form.About == "" {
				d.T.Errorf("%s: %s of %s has no form for %s: %v", d.Today(), act, n.Item.Key(), n.To, err)
			}
		}
	}
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
func rescue(d *modelstest.Desk) {
	d.T.Helper()
	if d.Facts.Engagement.Status == engagement.StatusPaused {
		d.Do("marta", engagement.ResumeEngagement)
	}
	for _, x := range slices.Clone(d.Facts.Decisions) {
		for _, who := range []string{"marta", "ruth", "hugo", "ines", "noor"} {
			if _, err := d.Try(who, engagement.RefuseDecision, modelstest.Decision(x.ID), modelstest.Because("let us finish")); err == nil {
				break
			}
		}
	}
	d.Settle()
	last := d.Today().AddDays(4 * 366)
	for d.Facts.Engagement.Status.Live() && d.Today().Before(last) && !d.T.Failed() {
		patient(d)
		if w := d.Facts.Phase(catalog.PhaseWindow); w != nil && w.Standing == engagement.StandingWaiting && len(d.Facts.Active()) == 0 &&
			d.Facts.Engagement.WindowOpen.Before(d.Today()) {
			id := d.Do("marta", engagement.MoveWindow, modelstest.Changed(engagement.Change{WindowOpen: d.Today().AddDays(3)}),
				modelstest.Because("it was missed"))
			d.Do("ruth", engagement.ApproveDecision, modelstest.Decision(id))
		}
		d.GoTo(d.Facts.ClientDays.Add(d.Today(), 2))
	}
	if d.Facts.Engagement.Status == engagement.StatusCompleted || d.T.Failed() {
		return
	}
	for _, g := range d.Report().Gates {
		d.T.Logf("gate %s: %s by %v, %v", g.ID, g.State, g.Who, g.Blockers)
	}
	for i, x := range d.Facts.Tasks {
		if i < 20 {
			d.T.Logf("%s is %s with %q, approver %q, after %v", x.ID, x.State, x.Owner, x.Approver, x.After)
		}
	}
	for _, p := range d.Facts.Phases {
		d.T.Logf("%s is %s: %+v", p.Phase, p.Standing, p)
	}
	d.T.Errorf("%s, %s: it never comes to its close", d.Facts.Engagement.Type, d.Today())
}

// patient people do whatever can be done, one way or another.
func patient(d *modelstest.Desk) {
	d.T.Helper()
	anyone := func(k engagement.Kind, id models.TaskID, first ...models.PersonID) bool {
		for _, who := range append(first, "ruth", "ines", "noor", "marta", "tom", "priya", "hugo", "kenji") {
			if _, err := d.Try(string(who), k, modelstest.Task(id), modelstest.Because("let us finish")); err == nil {
				return true
			}
		}
		return false
	}
	for range 8 {
		did := false
		for _, x := range slices.Clone(d.Facts.Tasks) {
			switch now := d.Facts.Task(x.ID); {
			case now == nil:
			case now.State == engagement.TaskBlocked:
				did = anyone(engagement.UnblockTask, x.ID) || did
			case now.State == engagement.TaskOpen && d.Facts.ClientDays.Count(d.Today(), now.Due) <= 10:
				did = anyone(engagement.CompleteTask, x.ID, d.Doer(now)) || did
			case now.State == engagement.TaskSubmitted:
				if !anyone(engagement.AcceptTask, x.ID, now.Approver) {
					did = anyone(engagement.ReopenTask, x.ID) || did
				} else {
					did = true
				}
			}
		}
		d.Settle()
		for _, g := range d.Signable() {
			for _, who := range g.Who {
				if _, err := d.Try(string(who), engagement.SignGate, modelstest.Gate(g.ID)); err == nil {
					did = true
					break
				}
			}
		}
		d.Settle()
		if !did {
			return
		}
	}
}

// A command costs about the same on the first day and in the middle of a long window.
func BenchmarkDecide(b *testing.B) {
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseRemediation, catalog.PhaseWindow} {
		d := modelstest.In(b, "soc2_type2", p)
		var id models.TaskID
		for _, x := range d.Facts.Tasks {
			if !x.State.Closed() && x.State != engagement.TaskSubmitted {
				id = x.ID
			}
		}
		c := d.Command("ines", engagement.MoveTask, modelstest.Task(id), modelstest.Because("later"),
			func(c *engagement.Command) { c.Due = d.Today().AddDays(10) })
		b.Run(fmt.Sprintf("%s with %d open tasks", p, len(d.Facts.Tasks)), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				f := modelstest.CopyOf(d.Facts)
				b.StartTimer()
				if _, err := engagement.Decide(f, c, d.Now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
