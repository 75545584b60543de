package engagement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// told carries a command out at a copy of the desk, and returns who is told of it: the kind of notice, and to whom.
func told(t *testing.T, d *modelstest.Desk, who string, k engagement.Kind, with ...func(*engagement.Command)) []string {
	t.Helper()
	c := d.Command(who, k, with...)
	f := d.Loaded(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range f.Changes().Notices {
		out = append(out, fmt.Sprintf("%s %s", n.Kind, n.To))
	}
	slices.Sort(out)
	return out
}

// Ines proposes a wrong date, and takes it back. Ruth and Hugo, who were asked, are told; nobody else takes it back, and it stays in the
// record with who, when and why.
func TestAProposalIsWithdrawn(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	was := d.Facts.Engagement.AsOf
	d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: was.AddDays(140)}), modelstest.Because("the training slips"))
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision("D-1"))
	for who, why := range map[string]string{"marta": "was proposed by Ines, who alone withdraws it", "ruth": "was proposed by Ines"} {
		d.Refused(models.Forbidden, "decision", why, who, engagement.WithdrawDecision, modelstest.Decision("D-1"), modelstest.Because("x"))
	}
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.WithdrawDecision, modelstest.Decision("D-1"))
	if got := fmt.Sprint(told(t, d, "ines", engagement.WithdrawDecision, modelstest.Decision("D-1"),
		modelstest.Because("a typing error"))); got != "[withdrawn hugo withdrawn ruth]" {
		t.Errorf("told are %s", got)
	}
	d.Do("ines", engagement.WithdrawDecision, modelstest.Decision("D-1"), modelstest.Because("a typing error"))
	x := d.Ended["D-1"]
	if x == nil || x.State != engagement.DecisionWithdrawn || x.ClosedBy != "ines" || x.ClosedWhy != "a typing error" ||
		!x.ClosedAt.Equal(d.Now) {
		t.Fatalf("withdrawn, it is %+v", x)
	}
	if want := "withdrawn by Ines on " + models.Dated(d.Today()) + ": “a typing error”"; d.Facts.Ending(x) != want {
		t.Errorf("it ended as %q, want %q", d.Facts.Ending(x), want)
	}
	d.Refused(models.Conflict, "decision", "D-1 is withdrawn already", "hugo", engagement.ApproveDecision, modelstest.Decision("D-1"))
	d.Refused(models.Conflict, "decision", "D-1 is withdrawn already", "ines", engagement.WithdrawDecision, modelstest.Decision("D-1"),
		modelstest.Because("x"))
	d.Do("ruth", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: was.AddDays(14)}), modelstest.Because("two weeks are enough"))
}

// Ines proposes the right date without taking the wrong one back: the new one stands in its place, the record has both, and who is asked
// about the new one is not told that the old one is gone as well.
func TestAProposalIsReplaced(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Prep)
	was := d.Facts.Engagement.AsOf
	moved := func(days int) func(*engagement.Command) {
		return modelstest.Changed(engagement.Change{AsOf: was.AddDays(days)})
	}
	d.Do("ines", engagement.MoveAsOf, moved(140), modelstest.Because("the training slips"))
	d.Refused(models.Conflict, "decision", "D-1 proposes the same and is still pending", "ines", engagement.MoveAsOf, moved(140),
		modelstest.Because("x"))
	d.Refused(models.Conflict, "decision", "or have Ines, who proposed it, withdraw it", "ruth", engagement.MoveAsOf, moved(14),
		modelstest.Because("x"))
	d.Refused(models.Invalid, "as_of_date", "must lie between today", "ines", engagement.MoveAsOf, moved(4000), modelstest.Because("x"))
	if d.Facts.DecisionOf("D-1") == nil {
		t.Fatal("a proposal that was refused took the pending one's place")
	}
	if got := fmt.Sprint(told(t, d, "ines", engagement.MoveAsOf, moved(14), modelstest.Because("the training slips"))); got !=
		"[approval hugo approval ruth]" {
		t.Errorf("told are %s", got)
	}
	if id := d.Do("ines", engagement.MoveAsOf, moved(14), modelstest.Because("the training slips")); id != "D-2" {
		t.Fatalf("the second proposal is %s", id)
	}
	if x := d.Ended["D-1"]; x == nil || x.State != engagement.DecisionWithdrawn || d.Facts.Ending(x) !=
		"withdrawn by Ines on "+models.Dated(d.Today())+": replaced by D-2" {
		t.Errorf("replaced, it is %+v", x)
	}
	if got := strings.Join(d.Logged("decision.withdrawn"), "; "); !strings.Contains(got, "D-1") {
		t.Errorf("the record says %q", got)
	}
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision("D-2"))
	d.Do("hugo", engagement.ApproveDecision, modelstest.Decision("D-2"))
	if d.Facts.Engagement.AsOf != was.AddDays(14) {
		t.Errorf("the as-of date is %s", d.Facts.Engagement.AsOf)
	}
}

// Kenji asked for so much time that partner and sponsor would have to agree, and asks for less: they are told that nothing is asked of them
// any more, and Ines is asked.
func TestWhoIsNotAskedAnyMoreIsTold(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	var id models.TaskID
	for _, x := range d.Facts.Tasks { // the last of his: three days more for it move no report
		if x.State == engagement.TaskOpen && x.Owner == "kenji" {
			id = x.ID
		}
	}
	due := func(n int) func(*engagement.Command) {
		return modelstest.DueOn(d.Facts.ClientDays.Add(d.Task(id).Due, n).String())
	}
	const who = "kenji"
	first := d.Do(who, engagement.ExtendTask, modelstest.Task(id), due(40), modelstest.Because("two people are ill"))
	if got := d.Missing(first); !slices.Contains(got, models.RolePartner) || !slices.Contains(got, models.RoleSponsor) {
		t.Fatalf("so much time waits for %v", got)
	}
	got := told(t, d, who, engagement.ExtendTask, modelstest.Task(id), due(3), modelstest.Because("one person is ill"))
	if !slices.Contains(got, "withdrawn marta") || !slices.Contains(got, "withdrawn ruth") || !slices.Contains(got, "approval ines") {
		t.Errorf("told are %v", got)
	}
}
