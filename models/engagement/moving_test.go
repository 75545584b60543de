package engagement_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// moves sends a command that moves due dates and returns what it did.
func moves(t *testing.T, d *modelstest.Desk, who string, with ...func(*engagement.Command)) (*engagement.Shift, error) {
	t.Helper()
	var out *engagement.Shift
	c := d.Command(who, engagement.MoveTask, append(with, modelstest.Because("the vendor is late"))...)
	err := d.Change(engagement.NeedOf(c), func(f *engagement.Facts) error {
		_, err := engagement.Decide(f, c, d.Now)
		out = f.Shifted()
		return err
	})
	return out, err
}

// said says a shift in a few words.
func said(s *engagement.Shift) string {
	var out []string
	for _, m := range s.Moves {
		along := map[bool]string{true: " along"}[m.Along]
		out = append(out, fmt.Sprintf("%s %s->%s%s", m.Task, m.Was, m.Is, along))
	}
	for _, x := range s.Stays {
		out = append(out, x.Line())
	}
	return strings.Join(out, "\n")
}

// What waits for a task that is moved is named with the day on which it could be done, or moves along by as much as it has to.
func TestWhatWaitsForAMovedTaskIsNamedOrMovesAlong(t *testing.T) {
	start := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	to := start.Facts.FirmDays.Add(start.Task("GA-08").Due, 1).String()
	d := start.Copy(t)
	s, err := moves(t, d, "ines", modelstest.Task("GA-07"), modelstest.DueOn(to))
	if err != nil {
		t.Fatal(err)
	}
	waits := d.Task("GA-08")
	if got := said(s); len(s.Moves) != 1 || !strings.Contains(got, "GA-08 (Priya) stays due "+models.Dated(waits.Due)+" and waits for GA-07") {
		t.Errorf("it did:\n%s", got)
	}
	if waits.Due != start.Task("GA-08").Due {
		t.Errorf("what was only named moved to %s", waits.Due)
	}

	d = start.Copy(t)
	s, err = moves(t, d, "ines", modelstest.Task("GA-07"), modelstest.DueOn(to), modelstest.Moving(engagement.Moving{Along: true}))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Stays) > 0 || len(s.Moves) < 2 {
		t.Errorf("it did:\n%s", said(s))
	}
	for _, m := range s.Moves {
		if m.Task == "GA-02.EV-001" {
			t.Errorf("%s does not wait for GA-07", m.Task)
		}
	}
	if x := d.Task("GA-08"); x.Due.Before(d.Task("GA-07").Due) || x.Due != s.Moves[slices.IndexFunc(s.Moves, func(m engagement.Moved) bool {
		return m.Task == "GA-08"
	})].Is {
		t.Errorf("GA-08 is due %s", x.Due)
	}
	if got := len(d.Logged("task.moved")); got != len(s.Moves) {
		t.Errorf("%d dates were recorded of %d", got, len(s.Moves))
	}
	if len(s.Reports) != 1 || s.Reports[0].Kind != engagement.ReportType2 || s.Reports[0].Is != d.Facts.Forecast(d.Now).Report ||
		s.Reports[0].Was != start.Facts.Forecast(start.Now).Report {
		t.Errorf("of the report it says %+v", s.Reports)
	}
}

// Several tasks, or a phase, move by business days of their owners or to a day, all or none; what is late counts from today.
func TestManyTasksMoveTogether(t *testing.T) {
	start := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	three := []models.TaskID{"GA-04.RSK", "GA-04.MON", "GA-03"}
	d := start.Copy(t)
	s, err := moves(t, d, "ines", modelstest.Task(three...), modelstest.Moving(engagement.Moving{Days: 3}))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range three {
		was := start.Task(id)
		if want := d.Facts.Days(was.OwnerRole).Add(models.Later(was.Due, d.Today()), 3); d.Task(id).Due != want || !d.Task(id).Moved {
			t.Errorf("%s is due %s, want %s", id, d.Task(id).Due, want)
		}
	}
	if n := len(s.Moves); n != 3 {
		t.Errorf("moved:\n%s", said(s))
	}

	d = start.Copy(t)
	last := models.Date{}
	for _, x := range start.Facts.Tasks {
		if x.Phase == catalog.PhaseGap && !x.State.Closed() {
			last = models.Later(last, x.Due)
		}
	}
	to := d.Facts.ClientDays.Add(last, 4)
	if s, err = moves(t, d, "ines", modelstest.Moving(engagement.Moving{Phase: catalog.PhaseGap}), modelstest.DueOn(to.String())); err != nil {
		t.Fatal(err)
	}
	for _, x := range d.Facts.Tasks {
		was := start.Task(x.ID)
		if want := d.Facts.Days(x.OwnerRole).Add(was.Due, 4); x.Phase == catalog.PhaseGap && x.Due != want {
			t.Errorf("%s is due %s, want %s", x.ID, x.Due, want)
		}
		if x.Phase != catalog.PhaseGap && x.Due != was.Due {
			t.Errorf("%s is of another phase and is due %s", x.ID, x.Due)
		}
	}
	if len(s.Stays) > 0 || len(s.Phases) == 0 || s.Phases[0].Phase != catalog.PhaseGap || len(s.Anew) == 0 {
		t.Errorf("it did:\n%s\nphases %v, asked anew %v", said(s), s.Phases, s.Anew)
	}
}

// Nobody acts for weeks, and all of a chain is overdue: whoever moves the phase by five business days moves the first of it to five days
// from today, and each other by as much after it as it was before. Before, all of them were due on one day.
func TestAChainThatIsOverdueStaysAChain(t *testing.T) {
	start := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	var last models.Date
	for _, x := range start.Facts.Tasks {
		if x.Phase == catalog.PhaseGap {
			last = models.Later(last, x.Due)
		}
	}
	start.GoTo(start.Facts.ClientDays.Add(last, 3))
	for name, how := range map[string]engagement.Moving{"a phase": {Phase: catalog.PhaseGap, Days: 5}, "two of it": {Days: 5}} {
		d := start.Copy(t)
		with := []func(*engagement.Command){modelstest.Moving(how)}
		if how.Phase == "" {
			with = append(with, modelstest.Task("GA-07", "GA-08"))
		}
		s, err := moves(t, d, "ines", with...)
		if err != nil {
			t.Fatal(err)
		}
		was := func(id models.TaskID) models.Date { return start.Task(id).Due }
		if first, second := was("GA-07"), was("GA-08"); !first.Before(second) || !second.Before(start.Today()) {
			t.Fatalf("GA-07 is due %s and GA-08 %s: not a chain that is overdue on %s", first, second, start.Today())
		}
		days := start.Facts.DaysOf(start.Task("GA-08"))
		apart := days.Count(was("GA-07"), was("GA-08"))
		if got := days.Count(d.Task("GA-07").Due, d.Task("GA-08").Due); got != apart {
			t.Errorf("%s: GA-08 was due %d business days after GA-07 and is %d after it:\n%s", name, apart, got, said(s))
		}
		if on := d.Task("GA-07").Due; how.Phase == "" && on != start.Facts.DaysOf(start.Task("GA-07")).Add(start.Today(), 5) {
			t.Errorf("GA-07 is due %s", on)
		}
	}
}

// The person of a task is away for two days of its five: by five business days of each owner's, GA-08 would be due after GA-09 and GA-10,
// which wait for it. They keep their turn, and the answer says why they move by more; a phase that ends on a day ends on that day; and
// nothing goes to before what it waits for.
func TestAChainKeepsItsOrderOverHolidaysOfOne(t *testing.T) {
	start := modelstest.In(t, "soc2_type1_type2", catalog.PhaseGap)
	f := start.Facts
	first := start.Task("GA-08")
	days := f.DaysOf(first)
	off := map[models.Date]string{}
	for n := 1; n <= 4; n++ {
		off[days.Add(first.Due, n)] = "a holiday there"
	}
	f.PersonDays = map[models.PersonID]models.Calendar{first.Owner: days.And(models.Calendar{Closed: off})}
	second := start.Task("GA-09")
	if second.Owner == first.Owner {
		second.Owner = "tom"
	}
	due := func(d *modelstest.Desk, id models.TaskID) models.Date { return d.Task(id).Due }

	d := start.Copy(t)
	s, err := moves(t, d, "ines", modelstest.Task("GA-08", "GA-09", "GA-10"), modelstest.Moving(engagement.Moving{Days: 2}))
	if err != nil {
		t.Fatal(err)
	}
	if due(d, "GA-09").Before(due(d, "GA-08")) || due(d, "GA-10").Before(due(d, "GA-09")) {
		t.Errorf("the chain is out of order:\n%s", said(s))
	}
	if got := said(s); strings.Contains(got, "stays due") {
		for _, m := range s.Moves {
			if strings.Contains(got, string(m.Task)+" (") {
				t.Errorf("%s moved and is said to stay:\n%s", m.Task, got)
			}
		}
	}
	if i := slices.IndexFunc(s.Moves, func(m engagement.Moved) bool { return m.Task == "GA-09" }); i < 0 ||
		s.Moves[i].Why != "not before GA-08, for which it waits" {
		t.Errorf("of GA-09 it says %+v", s.Moves)
	}

	last := models.Date{}
	for _, x := range f.Tasks {
		if x.Phase == catalog.PhaseGap && !x.State.Closed() {
			last = models.Later(last, x.Due)
		}
	}
	for n := 1; n <= 8; n++ {
		d, to := start.Copy(t), f.ClientDays.Add(last, n)
		s, err := moves(t, d, "ines", modelstest.Moving(engagement.Moving{Phase: catalog.PhaseGap}), modelstest.DueOn(to.String()))
		if err != nil {
			t.Fatal(err)
		}
		ends := models.Date{}
		for _, m := range s.Moves {
			ends = models.Later(ends, m.Is)
		}
		if ends != to {
			t.Errorf("gap assessment was to end on %s and ends on %s", to, ends)
		}
	}
	start.Refused(models.Conflict, "due", "GA-10 would be due "+models.Dated(due(start, "GA-08"))+", before GA-09, for which it waits", "ines",
		engagement.MoveTask, modelstest.Task("GA-10"), modelstest.DueOn(due(start, "GA-08").String()), modelstest.Because("x"))
}

// A phase whose chain is overdue ends no sooner than the chain takes from today: it is said when. On a later day it ends where that was
// asked for, and its chain stays a chain.
func TestAnOverduePhaseEndsWhenItsChainCan(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	var last models.Date
	for _, x := range d.Facts.Tasks {
		if x.Phase == catalog.PhaseGap {
			last = models.Later(last, x.Due)
		}
	}
	d.GoTo(d.Facts.ClientDays.Add(last, 3))
	gap := modelstest.Moving(engagement.Moving{Phase: catalog.PhaseGap})
	d.Refused(models.Conflict, "due", "keeps its distance, so that the last task", "ines", engagement.MoveTask, gap,
		modelstest.DueOn(d.Facts.FirmDays.Add(d.Today(), 2).String()), modelstest.Because("x"))
	to := d.Facts.FirmDays.Add(d.Today(), 40)
	s, err := moves(t, d, "ines", gap, modelstest.DueOn(to.String()))
	if err != nil {
		t.Fatal(err)
	}
	last = models.Date{}
	days := map[models.Date]bool{}
	for _, m := range s.Moves {
		last, days[m.Is] = models.Later(last, m.Is), true
	}
	if last != to || len(days) < 3 {
		t.Errorf("the last of it is due %s, want %s, on %d days:\n%s", last, to, len(days), said(s))
	}
}

// What is refused of one task refuses all, and says of which.
func TestNothingMovesBeyondWhatOnlyADecisionMoves(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseRemediation)
	asOf := d.Facts.Engagement.AsOf
	beyond := d.Facts.FirmDays.Add(asOf, 2).String()
	d.Refused(models.Conflict, "due", "after the as-of date, "+models.Dated(asOf)+", which only a decision moves", "ines", engagement.MoveTask,
		modelstest.Task("RE-08"), modelstest.DueOn(beyond), modelstest.Because("x"))
	d.Refused(models.Conflict, "due", "RE-16 would be due Tue 2027-06-22, after the as-of date", "ines", engagement.MoveTask,
		modelstest.Task("RE-08"),
		modelstest.DueOn(d.Facts.FirmDays.Add(asOf, -1).String()), modelstest.Moving(engagement.Moving{Along: true}), modelstest.Because("x"))
	d.Refused(models.Conflict, "due", "RE-16 the last of them on", "ines", engagement.MoveTask,
		modelstest.Moving(engagement.Moving{Phase: catalog.PhaseRemediation, Days: 60}), modelstest.Because("x"))
	for _, x := range []struct {
		code        models.Code
		field, says string
		with        []func(*engagement.Command)
	}{
		{models.Invalid, "days", "not both", []func(*engagement.Command){modelstest.Task("RE-08"), modelstest.DueOn(beyond),
			modelstest.Moving(engagement.Moving{Days: 2})}},
		{models.Invalid, "phase", "not both", []func(*engagement.Command){modelstest.Task("RE-08"),
			modelstest.Moving(engagement.Moving{Phase: catalog.PhaseRemediation, Days: 2})}},
		{models.Invalid, "days", "between -500 and 500", []func(*engagement.Command){modelstest.Task("RE-08"),
			modelstest.Moving(engagement.Moving{Days: 501})}},
		{models.Invalid, "due", "by how many business days", []func(*engagement.Command){modelstest.Task("RE-08", "RE-09")}},
		{models.Invalid, "tasks", "at least one", []func(*engagement.Command){modelstest.Moving(engagement.Moving{Days: 2})}},
		{models.Conflict, "phase", "has no tasks yet", []func(*engagement.Command){
			modelstest.Moving(engagement.Moving{Phase: catalog.PhaseT2Report, Days: 2})}},
		{models.Invalid, "days", "does not lie between today", []func(*engagement.Command){modelstest.Task("RE-08"),
			modelstest.Moving(engagement.Moving{Days: -400})}},
	} {
		d.Refused(x.code, x.field, x.says, "ines", engagement.MoveTask, append(x.with, modelstest.Because("x"))...)
	}
	if got := d.Logged("task.moved"); len(got) > 0 {
		t.Errorf("refused, it recorded %v", got)
	}
}

// Of a phase the auditor's tasks are left to the auditor, and named.
func TestTheAuditorsTasksOfAPhaseAreTheAuditorsToMove(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Fieldwork)
	s, err := moves(t, d, "ines", modelstest.Moving(engagement.Moving{Phase: catalog.PhaseT1Fieldwork, Days: 1}))
	if err != nil {
		t.Fatal(err)
	}
	if got := said(s); !strings.Contains(got, "T1-09 (Hugo)") || !strings.Contains(got, "the auditor's to move") {
		t.Errorf("it did:\n%s", got)
	}
	for _, m := range s.Moves {
		if d.Task(m.Task).OwnerRole == string(models.RoleAuditor) {
			t.Errorf("%s is the auditor's", m.Task)
		}
	}
}

// After any move nothing that is open and follows what was moved is due before what it waits for, unless the answer names it; what the
// answer says of dates, phases and reports is so, and the same command on a copy says the same.
func TestAMoveSaysAllThatFollows(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 31))
			d := modelstest.SomeLife(t, r)
			for range 10 {
				for range 3 {
					d.Sensibly(r)
				}
				d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(4)))
				anyMove(t, d, r, seen)
			}
		})
	}
	for _, what := range []string{"moved", "along", "named", "refused", "phase", "several", "chain", "why"} {
		if seen[what] < 10 {
			t.Errorf("%s came %d times", what, seen[what])
		}
	}
}

// anyMove moves some due dates and holds what the answer says against what became of them.
func anyMove(t *testing.T, d *modelstest.Desk, r *rand.Rand, seen map[string]int) {
	t.Helper()
	with := anyWay(d, r, seen)
	before, copied := modelstest.CopyOf(d.Facts), d.Copy(t)
	tried, errTried := moves(t, copied, "ines", with...)
	s, err := moves(t, d, "ines", with...)
	if fmt.Sprint(err) != fmt.Sprint(errTried) || err == nil && !reflect.DeepEqual(s, tried) {
		t.Fatalf("the same command does\n%v %v\nand on a copy\n%v %v", s, err, tried, errTried)
	}
	if err != nil {
		seen["refused"]++
		return
	}
	seen["moved"]++
	says := map[models.TaskID]models.Date{}
	for _, m := range s.Moves {
		says[m.Task] = m.Is
		if m.Along {
			seen["along"]++
		}
	}
	for _, x := range d.Facts.Tasks {
		if is, moved := says[x.ID]; moved && x.Due != is || !moved && x.Due != before.Task(x.ID).Due {
			t.Errorf("%s was due %s and is due %s; the answer says %s", x.ID, before.Task(x.ID).Due, x.Due, is)
		}
	}
	inTurn(t, d, before, s, seen)
	asAsked(t, d, before, with, s, seen)
	goesOn(t, d, before, says)
	apart(t, d, before, with, s, seen)
	reportsAre(t, d, before, s)
}

// reportsAre holds that of reports the answer says when they were expected and when they are now.
func reportsAre(t *testing.T, d *modelstest.Desk, before *engagement.Facts, s *engagement.Shift) {
	t.Helper()
	for _, p := range s.Reports {
		if i := slices.IndexFunc(d.Facts.Forecast(d.Now).Reports, func(q engagement.Promise) bool { return q.Kind == p.Kind }); i < 0 ||
			d.Facts.Forecast(d.Now).Reports[i].Expected != p.Is || before.Forecast(d.Now).Reports[i].Expected != p.Was {
			t.Errorf("of the report it says %+v", p)
		}
	}
}

// anyWay returns what is moved, and where to: some tasks or a phase, to a day or by some days, with or without what waits for them.
func anyWay(d *modelstest.Desk, r *rand.Rand, seen map[string]int) []func(*engagement.Command) {
	with := []func(*engagement.Command){}
	how := engagement.Moving{Along: r.IntN(2) == 0}
	if active := d.Facts.Active(); len(active) > 0 && r.IntN(3) == 0 {
		how.Phase = active[r.IntN(len(active))]
		seen["phase"]++
	} else if open := models.Keep(d.Facts.Tasks, func(x *engagement.Task) bool { return x.State != engagement.TaskSubmitted }); len(open) > 0 {
		all := map[models.TaskID]bool{}
		for range 1 + r.IntN(4) {
			all[open[r.IntN(len(open))].ID] = true
		}
		var ids []models.TaskID
		for _, x := range open {
			if all[x.ID] {
				ids = append(ids, x.ID)
			}
		}
		with = append(with, modelstest.Task(ids...))
		if len(ids) > 1 {
			seen["several"]++
		}
	}
	if r.IntN(2) == 0 {
		how.Days = r.IntN(14) - 3
	} else {
		with = append(with, modelstest.DueOn(d.Today().AddDays(r.IntN(40)).String()))
	}
	return append(with, modelstest.Moving(how))
}

// goesOn holds that no date moves but as the answer says, also not once the engagement has gone on on the same day.
func goesOn(t *testing.T, d *modelstest.Desk, before *engagement.Facts, says map[models.TaskID]models.Date) {
	t.Helper()
	d.Advance()
	for _, x := range d.Facts.Tasks {
		was := before.Task(x.ID)
		if was == nil || x.State.Closed() {
			continue
		}
		is, moved := says[x.ID]
		if !moved {
			is = was.Due
		}
		if x.Due != is {
			t.Errorf("%s was due %s and is due %s once the engagement has gone on; the answer says %s", x.ID, was.Due, x.Due, is)
		}
	}
}

// asAsked holds that what was asked moves by exactly what was asked, or says why it cannot; that nothing which moved is due before
// something open that it waits for; and that whatever is said to stay stays, and whatever moves is named with the day on which it was due.
func asAsked(t *testing.T, d *modelstest.Desk, before *engagement.Facts, with []func(*engagement.Command), s *engagement.Shift,
	seen map[string]int) {
	t.Helper()
	var c engagement.Command
	for _, one := range with {
		one(&c)
	}
	for _, m := range s.Moves {
		x := d.Task(m.Task)
		if was := before.Task(m.Task).Due; m.Was != was || x.Due != m.Is {
			t.Errorf("%s was due %s and is due %s: the answer says %+v", m.Task, was, x.Due, m)
		}
		for _, y := range d.Facts.Tasks {
			done := y.State.Closed() || y.State == engagement.TaskSubmitted
			if !done && y.ID != x.ID && x.ComesAfter(y) && y.Due.After(x.Due) {
				t.Errorf("%s was moved and is due %s, before %s, for which it waits and which is due %s:\n%s", x.ID, x.Due, y.ID, y.Due, said(s))
			}
		}
	}
	if c.Moving.Phase != "" && c.Moving.Days == 0 {
		endsThen(t, d, c, s)
	} else {
		exactly(t, d, c, s, seen)
	}
	for _, x := range s.Stays {
		if was, is := before.Task(x.Task).Due, d.Task(x.Task).Due; was != is || x.Due != is {
			t.Errorf("%s was due %s and is due %s; the answer says %s", x.Task, was, is, x.Line())
		}
	}
}

// exactly holds that what was asked moves by exactly what was asked, or later with why.
func exactly(t *testing.T, d *modelstest.Desk, c engagement.Command, s *engagement.Shift, seen map[string]int) {
	t.Helper()
	for _, m := range s.Moves {
		days := d.Facts.DaysOf(d.Task(m.Task))
		want := days.Roll(c.Due)
		if c.Moving.Days != 0 {
			want = days.Add(m.Was, c.Moving.Days)
		}
		if m.Why != "" {
			seen["why"]++
		}
		if !m.Along && m.Is != want && (m.Why == "" || m.Is.Before(want)) {
			t.Errorf("%s was due %s and is due %s, want %s: %+v", m.Task, m.Was, m.Is, want, *c.Moving)
		}
	}
}

// endsThen holds that a phase that is moved to a day ends on it, but for days on which those do not work who are last.
func endsThen(t *testing.T, d *modelstest.Desk, c engagement.Command, s *engagement.Shift) {
	t.Helper()
	last := models.Date{}
	for _, m := range s.Moves {
		if m.Along {
			continue
		}
		if last = models.Later(last, m.Is); m.Is.After(c.Due) && !strings.Contains(m.Why, "not before") {
			t.Errorf("the phase was to end on %s, and %s is due %s", c.Due, m.Task, m.Is)
		}
	}
	if d.Facts.FirmDays.Count(last, c.Due) > 1 {
		t.Errorf("the phase was to end on %s, and ends on %s", c.Due, last)
	}
}

// apart holds that of what was moved by business days nothing came nearer to what it waits for than it was, but for days on which its
// owner does not work.
func apart(t *testing.T, d *modelstest.Desk, before *engagement.Facts, with []func(*engagement.Command), s *engagement.Shift,
	seen map[string]int) {
	t.Helper()
	var c engagement.Command
	for _, one := range with {
		one(&c)
	}
	if c.Moving == nil || c.Moving.Days <= 0 {
		return
	}
	asked := models.Keep(s.Moves, func(m engagement.Moved) bool { return !m.Along })
	for _, m := range asked {
		x := d.Task(m.Task)
		for _, n := range asked {
			y := before.Task(n.Task)
			waits := slices.Contains(x.After, string(y.ID)) || x.Template != "" && y.Template != "" && slices.Contains(x.After, y.Template)
			if n.Task == m.Task || !waits || !m.Was.After(n.Was) || !n.Was.Before(d.Today()) {
				continue
			}
			seen["chain"]++
			days := d.Facts.DaysOf(x)
			if was, is := days.Count(n.Was, m.Was), days.Count(n.Is, m.Is); is < was-1 {
				t.Errorf("%s was due %d business days after %s, for which it waits, and is %d after it:\n%s", m.Task, was, n.Task, is, said(s))
			}
		}
	}
}

// inTurn holds that whatever is due before something that it waits for, and that nobody has reported as done, was so before the move, or is
// named.
func inTurn(t *testing.T, d *modelstest.Desk, before *engagement.Facts, s *engagement.Shift, seen map[string]int) {
	t.Helper()
	early := func(f *engagement.Facts, x *engagement.Task) []models.TaskID {
		var out []models.TaskID
		for _, y := range f.Tasks {
			comes := slices.Contains(x.After, string(y.ID)) || x.Template != "" && y.Template != "" && slices.Contains(x.After, y.Template)
			if done := y.State.Closed() || y.State == engagement.TaskSubmitted; comes && y.ID != x.ID && !done && y.Due.After(x.Due) {
				out = append(out, y.ID)
			}
		}
		return out
	}
	for _, x := range d.Facts.Tasks {
		if x.State.Closed() || x.State == engagement.TaskSubmitted {
			continue
		}
		named := slices.ContainsFunc(s.Stays, func(y engagement.Stays) bool { return y.Task == x.ID && !y.Needs.IsZero() })
		if named {
			seen["named"]++
		}
		was := early(before, before.Task(x.ID))
		for _, id := range early(d.Facts, x) {
			if !named && !slices.Contains(was, id) {
				t.Errorf("%s is due %s before %s, for which it waits and which is due %s; the answer says\n%s", x.ID, x.Due, id,
					d.Facts.Task(id).Due, said(s))
			}
		}
	}
}
