package reminders_test

import (
	"math/rand/v2"
	"slices"
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

// Where a daily message says that work stands still, or that a report slips, whoever may pause the engagement is offered to, and nobody
// else: over lives that people lead at random. Once it is paused, the line says so, and so long as it is paused who may let it go on is
// offered that on the line that tells of the pause.
func TestAPauseIsOfferedWhereAMessageSaysThatItStandsStill(t *testing.T) {
	offered := map[engagement.ItemKind]int{}
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 83))
		d := modelstest.SomeLife(t, r)
		var line engagement.Line
		for range 12 {
			d.Sensibly(r)
			d.GoTo(d.Today().AddDays(2 + r.IntN(10)))
			for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
				if n.Item.Kind != engagement.ItemStall && n.Item.Kind != engagement.ItemOutlook {
					continue
				}
				may := d.Facts.Permits(d.Facts.Actor(n.To), engagement.Command{Kind: engagement.PauseEngagement}, d.Now) == nil
				has := slices.Contains(n.Acts, engagement.ActPause)
				if has && !may || may && !has && n.Item.Kind == engagement.ItemStall || slices.Contains(n.Acts, engagement.ActResume) {
					t.Errorf("seed %d: %s, who may pause it: %v, reads “%s” and is offered %v", seed, n.To, may, n.Item.Title, n.Acts)
				}
				if has {
					offered[n.Item.Kind]++
					line = d.Facts.Asking(n.Item.Key())
				}
			}
		}
		if line.Item == "" || d.Facts.Engagement.Status != engagement.StatusRunning {
			continue
		}
		pausedByMarta(t, d, line, offered)
	}
	if offered[engagement.ItemStall] < 5 || offered[engagement.ItemOutlook] < 2 || offered[engagement.ItemPaused] < 2 {
		t.Errorf("a pause, or its end, was offered so often: %v", offered)
	}
}

// pausedByMarta has the partner pause an engagement: a line that offered it says so, and who is told of it and may let it go on is offered
// that.
func pausedByMarta(t *testing.T, d *modelstest.Desk, line engagement.Line, offered map[engagement.ItemKind]int) {
	t.Helper()
	paused := d.Command("marta", engagement.PauseEngagement, modelstest.Because("no budget"),
		modelstest.Confirmed(engagement.UnaskedCode))
	if _, err := engagement.Decide(d.Facts, paused, d.Now); err != nil {
		t.Fatal(err)
	}
	if became := reminders.Became(d.Facts, line, "marta", d.Now); !strings.HasPrefix(became, "paused since ") {
		t.Errorf("of %s it is said %q", line.Item, became)
	}
	for _, n := range d.Facts.Changes().Notices {
		if l, ok := reminders.LineOf(d.Facts, n); ok && l.Title == "The engagement is paused" {
			may := d.Facts.Permits(d.Facts.Actor(n.To), engagement.Command{Kind: engagement.ResumeEngagement}, d.Now) == nil
			if may != slices.Equal(l.Acts, []engagement.Act{engagement.ActResume}) {
				t.Errorf("%s, who may let it go on: %v, is offered %v", n.To, may, l.Acts)
			}
			if may {
				offered[engagement.ItemPaused]++
			}
		}
	}
}
