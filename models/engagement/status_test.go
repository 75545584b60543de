package engagement_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// What is due within two weeks stands under what is due next also while it waits for others: a list that leaves it out says "nothing"
// beside a chain that is due on Thursday.
func TestWhatWaitsAndIsDueSoonIsDueNext(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.GoTo(d.Facts.ClientDays.Add(d.Today(), 6))
	var waits []models.TaskID
	for _, x := range d.Facts.Tasks {
		if x.State == engagement.TaskWaiting && !x.Due.Before(d.Today()) && x.Due.Before(d.Today().AddDays(14)) {
			waits = append(waits, x.ID)
		}
	}
	if len(waits) == 0 {
		t.Fatal("nothing that waits is due within two weeks")
	}
	next := d.Report().Next
	last := next[len(next)-1].Due // a report has fifty lines at most
	for _, id := range waits {
		if d.Task(id).Due.After(last) && len(next) == 50 {
			continue
		}
		if !slices.ContainsFunc(next, func(l engagement.TaskLine) bool { return l.ID == id }) {
			t.Errorf("%s is due %s and is not among what is due next", id, d.Task(id).Due)
		}
	}
}

// Somebody is known by one role, whichever of their functions has something to do today.
func TestWhoIsWaitedForIsKnownByOneRole(t *testing.T) {
	t.Parallel()
	r, known, changed := rand.New(rand.NewPCG(4, 12)), map[models.PersonID]string{}, 0
	d := modelstest.In(t, "soc2_type1_type2", catalog.PhaseGap)
	firsts := map[models.PersonID]string{}
	for range 40 {
		d.Busily(r)
		d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1))
		for _, w := range d.Report().WaitingFor {
			if w.Person == "" {
				continue
			}
			if was := known[w.Person]; was != "" && was != w.Role {
				t.Errorf("%s is %s on %s and was %s", w.Person, w.Role, d.Today(), was)
			}
			if firsts[w.Person] != "" && firsts[w.Person] != w.First {
				changed++
			}
			known[w.Person], firsts[w.Person] = w.Role, w.First
		}
	}
	if len(known) < 3 || changed < 3 {
		t.Errorf("of %d people what they are waited for changed %d times", len(known), changed)
	}
}

// A status names the first fifty of what is due next, and says how many are.
func TestAStatusSaysHowManyAreDueNext(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	due := d.Today().AddDays(3)
	for i := range 60 {
		d.Do("ines", engagement.AddTask, modelstest.Added(engagement.NewTask{Title: fmt.Sprintf("Question %d", i), Phase: catalog.PhaseGap,
			Owner: "kenji", Due: due}))
	}
	want := 0
	for _, x := range d.Facts.Tasks {
		if !x.State.Closed() && x.State != engagement.TaskSubmitted && !d.Facts.At(d.Now).When(x).Late && !d.Facts.At(d.Now).When(x).Past &&
			x.Due.Before(d.Today().AddDays(14)) {
			want++
		}
	}
	if r := d.Facts.ReportFor(d.Facts.Actor("ines"), d.Now); len(r.Next) != 50 || r.NextTasks != want || want < 60 {
		t.Errorf("of %d that are due next it names %d and counts %d", want, len(r.Next), r.NextTasks)
	}
}
