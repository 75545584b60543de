package reminders_test

import (
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// Over the end of a quarter the engagement is paused (B16). On the day after it nobody reads that anything is late which fell due
// meanwhile: whoever owns it reads once, in one line, what it was, that nobody asked, and what was not performed in its period.
func TestWhatFellDueInAPauseIsToldOnceAndLateForNobody(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseWindow)
	d.Until(modelstest.On("2027-09-20"), func() bool { return false })
	was := map[string]bool{}
	for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
		was[n.Item.Key()] = n.Late > 0
	}
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("not paid"), modelstest.Confirmed(engagement.UnaskedCode))
	d.GoTo(modelstest.On("2027-10-08"))
	if got := reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now); len(got) > 0 {
		t.Errorf("in a pause %s hears of %s", got[0].To, got[0].Item.Title)
	}
	command := d.Command("marta", engagement.ResumeEngagement)
	f := d.Loaded(engagement.NeedOf(command))
	if _, err := engagement.Decide(f, command, d.Now); err != nil {
		t.Fatal(err)
	}
	lines := map[models.PersonID][]string{}
	for _, n := range f.Changes().Notices {
		if l, ok := reminders.LineOf(f, n); ok {
			lines[n.To] = append(lines[n.To], l.Detail)
		}
	}
	told := false
	for who, all := range lines {
		if len(all) != 1 {
			t.Errorf("%s reads %q", who, all)
		}
		said := strings.Contains(all[0], "of yours fell due meanwhile, and nobody asked you: ")
		told = told || said && strings.Contains(all[0], "not performed in")
	}
	if !told {
		t.Errorf("nobody reads what was not performed: %q", lines)
	}
	d.Do("marta", engagement.ResumeEngagement)
	d.GoTo(modelstest.On("2027-10-11"))
	for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
		if n.Late > 0 && n.As == reminders.CapacityOwner && n.Item.Kind == engagement.ItemDo && !was[n.Item.Key()] {
			t.Errorf("%s reads that %s, due %s, is %d days late", n.To, n.Item.Title, n.Item.Due, n.Late)
		}
	}
}
