package engagement_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// A decision on scope, on going back, on dropping the Type 1 or on a risk that was not approved is proposed again by its button, as it was,
// once its form has shown what it would move and asked what has changed; while it is pending, and when it cannot be any more, there is no
// button.
func TestWhatWasNotApprovedIsProposedAgain(t *testing.T) {
	t.Parallel()
	for kind, x := range map[engagement.Kind]struct {
		act    engagement.Act
		phase  catalog.Phase
		change engagement.Change
	}{
		engagement.ChangeScope: {engagement.ActScope, catalog.PhaseGap,
			engagement.Change{Categories: []catalog.Category{"security", "availability"}}},
		engagement.DropType1:   {engagement.ActDrop, catalog.PhaseGap, engagement.Change{}},
		engagement.ReturnPhase: {engagement.ActBack, catalog.PhaseWindowSetup, engagement.Change{Rule: "RT-02"}},
		engagement.AcceptRisk:  {engagement.ActRisk, catalog.PhaseRemediation, engagement.Change{}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			d := modelstest.In(t, "soc2_type1_type2", x.phase)
			if kind == engagement.AcceptRisk {
				x.change.Task = "RE-06.X1"
				d.Do("priya", engagement.AddTask, modelstest.Added(engagement.NewTask{From: "RE-06", Title: "No access reviews"}))
			}
			id := d.Do("ines", kind, modelstest.Changed(x.change), modelstest.Because("a customer asks for it"))
			item := "again:" + id
			again := engagement.Item{Engagement: d.Facts.Engagement.ID, Kind: engagement.ItemAgain, Subject: id}
			offered := func() bool {
				return slices.Contains(d.Loaded(engagement.Need{Decision: id}).Offers(d.Actor("ines"), again, d.Now), x.act)
			}
			if offered() {
				t.Error("it is offered while it is pending")
			}
			no := map[bool]string{true: "ruth", false: "marta"}[slices.Contains(d.Missing(id), models.RoleSponsor)]
			d.Do(no, engagement.RefuseDecision, modelstest.Decision(id), modelstest.Because("not this year"))
			if !offered() {
				t.Fatal("it is not offered")
			}
			f := d.Loaded(engagement.Need{Decision: id})
			form, err := f.Form(x.act, item, d.Actor("ines"), d.Now)
			if err != nil || len(form.Fields) != 1 || !strings.Contains(form.Note, "not approved by ") ||
				kind != engagement.AcceptRisk && !strings.Contains(form.Note, "expected on") {
				t.Errorf("the form: %v %+v", err, form)
			}
			cmd, _ := engagement.CommandOn(x.act, item)
			if err := f.Answer(form, &cmd, map[string]string{"reason": "now they agree"}); err != nil {
				t.Fatal(err)
			}
			d.Now = d.Now.Add(1)
			next := d.Do("ines", kind, modelstest.Changed(*cmd.Change), modelstest.Because(cmd.Reason))
			if n := d.Facts.DecisionOf(next); n.Change.Task != x.change.Task || n.Change.Rule != x.change.Rule ||
				!slices.Equal(n.Change.Categories, x.change.Categories) || n.State != engagement.DecisionPending {
				t.Errorf("it is proposed as %+v", n)
			}
			if offered() {
				t.Error("it is offered though it is proposed again already")
			}
			if _, err := d.Try("hugo", kind, modelstest.Changed(x.change), modelstest.Because("x")); models.CodeOf(err) == "" {
				t.Error("it is proposed twice")
			}
		})
	}
}
