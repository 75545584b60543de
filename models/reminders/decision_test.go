package reminders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// hears carries a command out at a desk, and returns the lines in which somebody hears of it.
func hears(t *testing.T, d *modelstest.Desk, to models.PersonID, who string, k engagement.Kind,
	with ...func(*engagement.Command)) []engagement.Line {
	t.Helper()
	c := d.Command(who, k, with...)
	f := d.Loaded(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		t.Fatal(err)
	}
	notices := f.Changes().Notices
	d.Do(who, k, with...)
	var out []engagement.Line
	for _, n := range notices {
		if n.To != to {
			continue
		}
		if l, ok := reminders.LineOf(d.Loaded(engagement.Need{Decision: n.Subject}), n); ok {
			out = append(out, l)
		}
	}
	return out
}

// A decision that was proposed since yesterday stands once in the message of the day, among the news, with what it would move and with its
// buttons; the greeting counts it. On the days after it stands where approvals wait, with the same words.
func TestADecisionStandsOnceInAMessage(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	e := d.Facts.Engagement
	news := hears(t, d, "ruth", "ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: e.WindowOpen.AddDays(7)}),
		modelstest.Because("the training slips"))
	if len(news) != 1 {
		t.Fatalf("ruth hears %+v", news)
	}
	aud := modelstest.Audience(d.Facts)
	mine := models.Keep(reminders.Nudges(d.Facts, aud, d.Now), func(n reminders.Nudge) bool { return n.To == "ruth" })
	digest := func(news []engagement.Line) (reminders.Message, []engagement.Line) {
		m, said := reminders.Digesting{To: aud.People["ruth"], Day: d.Today(), Nudges: mine, News: news, Limit: 50}.Digest()
		if !slices.ContainsFunc(said, func(n reminders.Nudge) bool { return n.Item.Key() == "decide:D-1" }) {
			t.Error("its step does not count as sent")
		}
		var lines []engagement.Line
		for _, l := range m.Lines() {
			if l.Item == "decide:D-1" {
				lines = append(lines, *l)
			}
		}
		return m, lines
	}
	first, lines := digest(news)
	later, again := digest(nil)
	if len(lines) != 1 || len(again) != 1 || first.Intro != later.Intro || !strings.Contains(first.Intro, "waits for your approval") {
		t.Fatalf("it stands %d and %d times: %s / %s", len(lines), len(again), first.Intro, later.Intro)
	}
	if first.Sections[0].Title != "News" || !slices.Contains([]string{later.Sections[0].Title, later.Sections[len(later.Sections)-1].Title},
		"Waits for your approval") {
		t.Errorf("the sections are %v and %v", first.Sections, later.Sections)
	}
	for _, l := range []engagement.Line{lines[0], again[0]} {
		for _, want := range []string{"“the training slips”", "The report ", "Look at: the window opens on " + models.Dated(e.WindowOpen)} {
			if !strings.Contains(l.Detail, want) {
				t.Errorf("it is not said %q: %s", want, l.Detail)
			}
		}
		if fmt.Sprint(l.Acts) != "[approve decline]" {
			t.Errorf("ruth can %v", l.Acts)
		}
	}
}

// Who was asked reads that it was withdrawn, by whom and why, and so does the line that still stands in an older message.
func TestAWithdrawnDecisionInWords(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	to := d.Facts.Engagement.AsOf.AddDays(140)
	line := hears(t, d, "ruth", "ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}),
		modelstest.Because("the training slips"))[0]
	news := hears(t, d, "ruth", "ines", engagement.WithdrawDecision, modelstest.Decision("D-1"), modelstest.Because("a typing error"))
	ended := "withdrawn by Ines on " + models.Dated(d.Today()) + ": “a typing error”"
	if len(news) != 1 || news[0].Text != ended || !strings.HasPrefix(news[0].Title, "Ines proposes to move the as-of date") ||
		len(news[0].Acts) > 0 {
		t.Errorf("ruth reads %+v", news)
	}
	if got := reminders.Became(d.Loaded(engagement.Need{Decision: "D-1"}), line, "ruth", d.Now); got != ended {
		t.Errorf("the line of before became %q", got)
	}

	d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}), modelstest.Because("it does slip"))
	d.Pass(d.Now.Add(time.Hour))
	said := hears(t, d, "ines", "ruth", engagement.RefuseDecision, modelstest.Decision("D-2"), modelstest.Because("we promised June"))
	if len(said) != 1 || said[0].Text != "was not approved by Ruth on "+models.Dated(d.Today())+": “we promised June”" {
		t.Errorf("ines reads %+v", said)
	}
}

// Another kickoff and another promise are told with both days and who wanted it; what was moved once more is not told any more.
func TestMovedDatesInWords(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	to, further := modelstest.On("2027-01-18"), modelstest.On("2027-01-25")
	edit := func(e engagement.Edit) func(*engagement.Command) { return modelstest.Edited(e) }
	got := hears(t, d, "ruth", "ines", engagement.EditEngagement, edit(engagement.Edit{Kickoff: &to}),
		modelstest.Because("Ruth asked for a week"))
	promised := models.Dated(d.Facts.Engagement.Target)
	if len(got) != 1 || got[0].Title != "The kickoff has moved" ||
		got[0].Text != "it is Mon 2027-01-18 now, instead of Mon 2027-01-11; the report is promised for "+promised ||
		got[0].Detail != "Ines: “Ruth asked for a week”" {
		t.Errorf("ruth reads %+v", got)
	}
	later := d.Facts.Engagement.Target.AddDays(28)
	was := d.Facts.Engagement.Target
	got = hears(t, d, "ruth", "marta", engagement.EditEngagement, edit(engagement.Edit{Target: &later}),
		modelstest.Because("the auditor is full"))
	if len(got) != 1 || got[0].Title != "Another date is promised for the report" ||
		got[0].Text != "it is "+models.Dated(later)+" now, instead of "+models.Dated(was) || got[0].Detail != "Marta: “the auditor is full”" {
		t.Errorf("ruth reads %+v", got)
	}
	stale := engagement.Notice{Engagement: "e1", To: "ruth", Kind: engagement.NoticeKickoff, From: "2027-01-11", Value: to.String(), At: d.Now}
	d.Do("ines", engagement.EditEngagement, edit(engagement.Edit{Kickoff: &further}), modelstest.Because("another one"))
	if l, ok := reminders.LineOf(d.Facts, stale); ok {
		t.Errorf("of a kickoff that moved again it is told %+v", l)
	}
}

// Who asked for more time and did not get it reads who said no and why, and can do something about the task right there: ask again, do it,
// say that it is not theirs.
func TestWhoIsRefusedMoreTimeCanDoSomething(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	x := d.Task("GA-04.RSK")
	id := d.Do("kenji", engagement.ExtendTask, modelstest.Task(x.ID), modelstest.DueOn(x.Due.AddDays(90).String()), modelstest.Because("ill"))
	d.Now = d.Now.Add(time.Hour)
	got := hears(t, d, "kenji", "marta", engagement.RefuseDecision, modelstest.Decision(id), modelstest.Because("the auditor waits"))
	if len(got) != 1 || !strings.Contains(got[0].Text, "not approved by Marta") || got[0].Item != "do:GA-04.RSK" {
		t.Fatalf("kenji hears %+v", got)
	}
	for _, act := range []engagement.Act{engagement.ActDone, engagement.ActMoreTime, engagement.ActNotMine} {
		if !slices.Contains(got[0].Acts, act) {
			t.Errorf("he is not offered %s of %v", act, got[0].Acts)
		}
	}
}

// A gate that was refused can be signed by who signs it, from wherever it is listed, once it has been cleared up; the manager, who does not
// sign it, can ask for the signature again, which is told at once to who gives it, with what was cleared up.
func TestARefusedGateCanBeSigned(t *testing.T) {
	it := engagement.Item{Kind: engagement.ItemRefused, Subject: "G-KO-1"}
	d := modelstest.In(t, "soc2_type2", catalog.PhaseKickoff)
	d.Until(modelstest.On("2027-06-01"), func() bool { return d.Task("KO-15").State == engagement.TaskDone })
	d.Do("ruth", engagement.RefuseGate, modelstest.Gate(it.Subject), modelstest.Because("the boundary is wrong"))
	g := d.Facts.Gate(it.Subject)
	signs := map[models.PersonID]bool{}
	for _, id := range d.Facts.MayJudge(g.Approver) {
		signs[id] = true
	}
	for _, p := range d.Facts.People {
		a := d.Facts.Actor(p.ID)
		here, above := d.Facts.Offers(a, it, d.Now), d.Facts.OffersAbove(a, it, d.Now)
		if slices.Contains(here, engagement.ActSign) != signs[p.ID] || slices.Contains(above, engagement.ActSign) != signs[p.ID] {
			t.Errorf("%s may sign: %v; is offered %v, and where it has gone up %v", p.ID, signs[p.ID], here, above)
		}
	}
	if len(signs) == 0 {
		t.Error("nobody signs it")
	}
	if got := asked(d, modelstest.Audience(d.Facts), it.Key()); got != "ines [sign_again]" {
		t.Errorf("asked: %s", got)
	}
	form, err := d.Facts.Form(engagement.ActSignAgain, it.Key(), d.Facts.Actor("ines"), d.Now)
	if err != nil || len(form.Fields) != 1 || !strings.Contains(form.Note, "“the boundary is wrong”. Ruth is told at once") {
		t.Errorf("the form: %v %+v", err, form)
	}
	again := modelstest.Gate(it.Subject)
	if _, err := d.Try("ruth", engagement.ReopenGate, again, modelstest.Because("?")); models.CodeOf(err) != models.Forbidden {
		t.Errorf("the sponsor asks herself: %v", err)
	}
	d.Notices = nil
	d.Do("ines", engagement.ReopenGate, modelstest.Gate(it.Subject), modelstest.Because("the app is in it now"))
	if len(d.Notices) != 1 || d.Notices[0].To != "ruth" || !d.Notices[0].Urgent {
		t.Fatalf("told: %+v", d.Notices)
	}
	l, ok := reminders.LineOf(d.Facts, d.Notices[0])
	if !ok || l.Text != "Ines asks for your signature again" || l.Detail != "“the app is in it now”" || len(l.Acts) != 2 {
		t.Errorf("Ruth reads %+v", l)
	}
	if _, err := d.Try("ines", engagement.ReopenGate, again, modelstest.Because("?")); models.CodeOf(err) != models.Conflict {
		t.Errorf("it is asked for again though nobody refused it: %v", err)
	}
	d.Do("ruth", engagement.SignGate, modelstest.Gate(it.Subject))
	if _, ok := reminders.LineOf(d.Facts, d.Notices[0]); ok {
		t.Error("what is signed is asked for")
	}
}

// overtakenDesk is a desk at which the as-of date that Ines has proposed has passed before anybody has answered, with the decision's id.
func overtakenDesk(t *testing.T) (*modelstest.Desk, string) {
	t.Helper()
	d := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
	d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1))
	passes := d.Facts.ClientDays.Add(d.Today(), 200)
	id := d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: passes}), modelstest.Because("two weeks more"))
	if got := asked(d, modelstest.Audience(d.Facts), "decide:"+id); got != "hugo [approve decline]; ruth [approve decline]" {
		t.Errorf("before: %s", got)
	}
	d.Now = passes.AddDays(1).At(d.Facts.Location(), 12, 0)
	return d, id
}

// A pending decision whose day has passed is not approved any more: who is asked can decline it or propose another day in its place, and so
// can who proposed it.
func TestADecisionWhoseDayHasPassed(t *testing.T) {
	d, id := overtakenDesk(t)
	item := "decide:" + id
	if got := asked(d, modelstest.Audience(d.Facts), item); got != "hugo [decline]; ines [as_of]; ruth [as_of decline]" {
		t.Errorf("after: %s", got)
	}
	for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
		if n.To == "ruth" && n.Item.Key() == item {
			m, _ := reminders.Digesting{To: modelstest.Audience(d.Facts).People["ruth"], Nudges: []reminders.Nudge{n}, Limit: 9}.Digest()
			if l := m.Lines()[0]; !strings.HasPrefix(l.Text, "the day that it names has passed: propose another day, or decline it") ||
				!strings.Contains(l.Detail, "It could not take effect now: the as-of date ") {
				t.Errorf("Ruth reads %q %q", l.Text, l.Detail)
			}
		}
	}
	if _, err := d.Try("ruth", engagement.ApproveDecision, modelstest.Decision(id)); models.CodeOf(err) != models.Conflict ||
		!strings.Contains(err.Error(), "cannot take effect any more") {
		t.Errorf("it is approved: %v", err)
	}
}

// Another day in the place of a decision whose day has passed is proposed by whoever may propose it, and everybody who was asked hears what
// became of it. One that was declined can be proposed for another day by who hears that it was.
func TestAnotherDayIsProposed(t *testing.T) {
	d, id := overtakenDesk(t)
	item := "decide:" + id
	form, err := d.Facts.Form(engagement.ActAsOf, item, d.Facts.Actor("ruth"), d.Now)
	if err != nil || len(form.Fields) != 2 || !strings.Contains(form.Note, "It takes the place of "+id) {
		t.Fatalf("the form: %v %+v", err, form)
	}
	cmd, _ := engagement.CommandOn(engagement.ActAsOf, item)
	answers := map[string]string{"as_of": d.Facts.ClientDays.Add(d.Today(), 30).String(), "reason": "now it can be"}
	if err := d.Facts.Answer(form, &cmd, answers); err != nil {
		t.Fatal(err)
	}
	d.Notices = nil
	next := d.Do("ruth", engagement.MoveAsOf, modelstest.Changed(*cmd.Change), modelstest.Because(cmd.Reason))
	told := map[models.PersonID]engagement.NoticeKind{}
	for _, n := range d.Notices {
		told[n.To] = n.Kind
	}
	if told["ines"] != engagement.NoticeWithdrawn || told["hugo"] != engagement.NoticeApproval || told["ruth"] != "" {
		t.Errorf("told: %v", told)
	}
	d.Notices, d.Now = nil, d.Now.Add(time.Hour)
	d.Do("hugo", engagement.RefuseDecision, modelstest.Decision(next), modelstest.Because("not in August"))
	f := d.Loaded(engagement.Need{Decision: next})
	l, ok := reminders.LineOf(f, d.Notices[0])
	if !ok || d.Notices[0].To != "ruth" || l.Item != "again:"+next || !slices.Equal(l.Acts, []engagement.Act{engagement.ActAsOf}) {
		t.Errorf("Ruth hears %+v of %+v", l, d.Notices)
	}
	if became := reminders.Became(f, l, "ruth", d.Now); became != "" {
		t.Errorf("it became %q", became)
	}
	d.Do("ruth", engagement.MoveAsOf, modelstest.Changed(*cmd.Change), modelstest.Because("in September"))
	if became := reminders.Became(d.Loaded(engagement.Need{Decision: next}), l, "ruth", d.Now); became != "it is proposed again" {
		t.Errorf("it became %q", became)
	}
}
