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
	"tickmark/models/planning"
)

// What a decision is said to move is what it moves: of every kind of decision that is proposed in any phase, the report that is expected,
// and the tasks that are new, moved or dropped are the same once it is in force, and asking changes nothing.
func TestADecisionMovesWhatItIsSaidToMove(t *testing.T) {
	seen, moved := map[engagement.Kind]int{}, map[engagement.Kind]int{}
	kinds := []engagement.Kind{engagement.MoveKickoff, engagement.MoveAsOf, engagement.MoveWindow, engagement.ChangeScope,
		engagement.DropType1, engagement.ReturnPhase, engagement.ExtendTask}
	for i, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation, catalog.PhaseT1Prep,
		catalog.PhaseT1Fieldwork, catalog.PhaseWindow} {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		start := modelstest.In(t, "soc2_type1_type2", p)
		start.GoTo(start.Facts.ClientDays.Add(start.Today(), 3))
		for n := range 5 * len(kinds) {
			d, k := start.Copy(t), kinds[n%len(kinds)]
			id, ok := proposes(d, r, k)
			if !ok || d.Facts.DecisionOf(id) == nil {
				continue
			}
			seen[k]++
			if holdsTo(t, d, id) {
				moved[k]++
			}
		}
	}
	for _, k := range kinds {
		if seen[k] < 3 || moved[k] == 0 {
			t.Errorf("%s was proposed %d times and moved something %d times", k, seen[k], moved[k])
		}
	}
}

// proposes has somebody propose a decision of a kind, by chance, and reports whether they could.
func proposes(d *modelstest.Desk, r *rand.Rand, k engagement.Kind) (string, bool) {
	day := d.Today().AddDays(20 + r.IntN(200))
	switch k {
	case engagement.ExtendTask:
		i := slices.IndexFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.State == engagement.TaskOpen && x.Owner == "kenji" })
		if i < 0 {
			return "", false
		}
		id, err := d.Try("kenji", k, modelstest.Task(d.Facts.Tasks[i].ID), modelstest.DueOn(day.String()), modelstest.Because("so it is"))
		return id, err == nil
	case engagement.MoveKickoff:
		_, _ = d.Try("ines", engagement.CompleteTask, modelstest.Task("KO-02"))
	}
	rule := []string{"RT-02", "RT-04"}[r.IntN(2)]
	ch := map[engagement.Kind]engagement.Change{engagement.MoveKickoff: {Kickoff: day}, engagement.MoveAsOf: {AsOf: day},
		engagement.MoveWindow: {WindowOpen: day}, engagement.ReturnPhase: {Rule: rule},
		engagement.ChangeScope: {Categories: []catalog.Category{catalog.Security, catalog.Confidentiality}}}[k]
	if k == engagement.MoveWindow && r.IntN(2) == 0 {
		ch = engagement.Change{Months: 9}
	}
	id, err := d.Try("ines", k, modelstest.Changed(ch), modelstest.Because("so it is"))
	return id, err == nil
}

// holdsTo has a decision take effect at the very instant at which its effects were told, and reports whether they were any.
func holdsTo(t *testing.T, d *modelstest.Desk, id string) bool {
	t.Helper()
	before := modelstest.CopyOf(d.Facts)
	x := d.Facts.DecisionOf(id)
	said := d.Facts.Effects(x, d.Now)
	if after := modelstest.CopyOf(d.Facts); !reflect.DeepEqual(after, before) {
		t.Fatalf("asking what %s would move moved something", x.Kind)
	}
	if again := d.Facts.Effects(x, d.Now); !reflect.DeepEqual(again, said) {
		t.Errorf("asked again, %s would move\n%+v\ninstead of\n%+v", x.Kind, again, said)
	}
	was := d.Facts.Forecast(d.Now).Report
	for _, who := range []string{"ruth", "marta", "hugo", "ines"} {
		if d.Facts.DecisionOf(id) != nil {
			_, _ = d.Try(who, engagement.ApproveDecision, modelstest.Decision(id))
		}
	}
	if ended := d.Ended[id]; ended == nil || ended.State != engagement.DecisionInForce {
		if said.Stopped == "" {
			t.Errorf("%s is %+v, and was said to move %+v", x.Kind, ended, said)
		}
		return false
	}
	made, retimed, dropped := differences(before, d)
	asked := 0
	for _, one := range said.Anew {
		asked += one.Tasks
	}
	is := d.Facts.Forecast(d.Now).Report
	if said.Report != is || said.ReportWas != was || asked != made || said.Retimed != retimed || said.Dropped != dropped {
		t.Errorf("%s %+v was said to move %+v\nit moved the report from %s to %s, made %d tasks, moved %d and dropped %d", x.Kind, x.Change, said,
			was, is, made, retimed, dropped)
	}
	return is != was || made+retimed+dropped > 0
}

// differences counts the tasks that are new or come back, have another due date, and are not to be done any more.
func differences(before *engagement.Facts, d *modelstest.Desk) (made, retimed, dropped int) {
	for _, task := range d.Tasks() {
		switch old := before.Task(task.ID); {
		case old == nil && !task.State.Closed():
			made++
		case old == nil || old.State.Closed():
		case task.State == engagement.TaskCancelled:
			dropped++
		case old.State == engagement.TaskSubmitted && task.State != engagement.TaskSubmitted:
			made++
		case old.Due != task.Due:
			retimed++
		}
	}
	return made, retimed, dropped
}

// Before they approve it, those who are asked read what it does to the report, whom it asks anew, and what to look at.
func TestWhatADecisionWouldMoveIsSaid(t *testing.T) {
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseT1Prep)
	e := d.Facts.Engagement
	id := d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: e.WindowOpen.AddDays(7)}),
		modelstest.Because("the training slips"))
	would := d.Facts.Effects(d.Facts.DecisionOf(id), d.Now)
	if !slices.ContainsFunc(would.Warnings, func(w planning.Warning) bool { return w.Code == planning.WarnWindowOverlap }) {
		t.Errorf("the window would open before the as-of date, of which it warns only %+v", would.Warnings)
	}
	if !would.Type1.After(would.Type1Was) || would.Type1Was.IsZero() {
		t.Errorf("the Type 1 report moves from %s to %s", would.Type1Was, would.Type1)
	}
	text := strings.Join(would.Lines(), "\n")
	type1 := "The Type 1 report is expected on " + models.Dated(would.Type1) + " then, instead of " + models.Dated(would.Type1Was) + "."
	for _, want := range []string{"The report ", type1, "Phases that move: Type 1 preparation ends ", "Look at: ",
		"the window opens on " + models.Dated(e.WindowOpen) + ", not after the Type 1 as-of date"} {
		if !strings.Contains(text, want) {
			t.Errorf("it is not said %q:\n%s", want, text)
		}
	}
	form, err := d.Facts.Form(engagement.ActApprove, "decide:"+id, d.Actor("ruth"), d.Now)
	if err != nil || form.Note != strings.Join(would.Lines(), " ") {
		t.Errorf("the form says %q, %v", form.Note, err)
	}
	hugo := would.SeenBy(d.Actor("hugo"), d.Facts, d.Now)
	if len(hugo.Anew)+hugo.Retimed+hugo.Dropped > 0 || hugo.Report != would.Report || len(hugo.Warnings) == 0 {
		t.Errorf("the auditor is told %+v", hugo)
	}
	d.Do("ines", engagement.WithdrawDecision, modelstest.Decision(id), modelstest.Because("typo"))
	if got := d.Facts.Effects(d.Ended[id], d.Now); len(got.Lines()) > 0 {
		t.Errorf("withdrawn, it would move %+v", got)
	}
}

// A scope without confidentiality says what leaves it, and one that has privacy besides what comes into it.
func TestAnotherScopeSaysWhatGoesAndWhatComes(t *testing.T) {
	for add, want := range map[catalog.Category]string{"": "Out of scope then: ", "privacy": "In scope then besides: privacy."} {
		d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
		d.Facts.Engagement.Categories = []catalog.Category{"security", "confidentiality"}
		scope := d.Facts.Engagement.Categories
		if add == "" {
			want += string(scope[len(scope)-1]) + "."
			scope = scope[:len(scope)-1]
		} else {
			scope = append(slices.Clone(scope), add)
		}
		id := d.Do("ines", engagement.ChangeScope, modelstest.Changed(engagement.Change{Categories: scope}), modelstest.Because("so it is"))
		if got := fmt.Sprint(d.Facts.Effects(d.Facts.DecisionOf(id), d.Now).Lines()); !strings.Contains(got, want) {
			t.Errorf("it is not said %q: %s", want, got)
		}
	}
}

// What is asked for is said without who asks, for those who know that.
func TestWhatAProposalIsAbout(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	for k, c := range map[engagement.Kind]engagement.Change{engagement.MoveWindow: {WindowOpen: modelstest.On("2027-09-01"), Months: 6},
		engagement.ExtendTask: {Task: "GA-99", Due: modelstest.On("2027-09-01")}, engagement.DropType1: {}} {
		want := map[engagement.Kind]string{engagement.MoveWindow: "the window Wed 2027-09-01 to Tue 2028-02-29",
			engagement.ExtendTask: "more time, until Wed 2027-09-01: GA-99", engagement.DropType1: "to drop the Type 1"}[k]
		if got := d.Facts.Proposal(&engagement.Decision{Kind: k, Change: c, ProposedBy: "ines"}); got != want {
			t.Errorf("of %s it is said %q, not %q", k, got, want)
		}
	}
}

// What cannot take effect any more says so before somebody approves it.
func TestADecisionThatIsTooLateSaysSo(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	to := d.Facts.Engagement.AsOf.AddDays(2)
	d.Do("ruth", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: to}), modelstest.Because("two days"))
	d.GoTo(to.AddDays(1))
	got := fmt.Sprint(d.Facts.Effects(d.Facts.DecisionOf("D-1"), d.Now).Lines())
	if !strings.Contains(got, "It could not take effect now: the as-of date "+models.Dated(to)+" must lie between today") {
		t.Errorf("it says %s", got)
	}
}
