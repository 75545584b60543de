package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// asksFor are the words by which a line of a message asks its reader for something.
var asksFor = []string{": accept it, or", "give it to somebody", "propose another first day", "say who takes over", "your signature",
	"your approval", "asks you", "do it, or ask", "needs your decision", "needs you"}

// A line of anybody's message that asks for something offers what it asks for, whoever reads it, whatever kind of thing it is about, in
// Slack as in mail, which show the same lines; what is told together offers it in its list; and the sections whose titles ask have no line
// without an act. Over lives in which whatever comes to people's minds happens.
func TestALineThatAsksOffersAnAct(t *testing.T) {
	seen := map[engagement.ItemKind]int{}
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 41))
			d := modelstest.SomeLife(t, r)
			for range 12 {
				for range 4 {
					d.Sensibly(r)
				}
				if r.IntN(3) == 0 && len(d.Facts.Gates) > 0 {
					refuses(d, r)
				}
				d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(6)))
				everyMessage(t, d, r.IntN(2) == 0, seen)
			}
		})
	}
	for _, kind := range []engagement.ItemKind{engagement.ItemDo, engagement.ItemAccept, engagement.ItemSign, engagement.ItemDecide,
		engagement.ItemUnblock, engagement.ItemRefused, engagement.ItemAnswer, engagement.ItemStall} {
		if seen[kind] < 5 {
			t.Errorf("%s was in %d lines", kind, seen[kind])
		}
	}
}

// refuses has whoever may sign a gate refuse to, if there is one to sign.
func refuses(d *modelstest.Desk, r *rand.Rand) {
	if ready := d.Signable(); len(ready) > 0 {
		g := ready[r.IntN(len(ready))]
		_, _ = d.Try(string(g.Who[0]), engagement.RefuseGate, modelstest.Gate(g.ID), modelstest.Because("it is not so"))
	}
}

// everyMessage holds every line of everybody's message of the day against the law.
func everyMessage(t *testing.T, d *modelstest.Desk, all bool, seen map[engagement.ItemKind]int) {
	t.Helper()
	aud := modelstest.Audience(d.Facts)
	aud.All = all
	by := map[models.PersonID][]reminders.Nudge{}
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		by[n.To] = append(by[n.To], n)
	}
	for to, nudges := range by {
		for _, n := range nudges { // a refused gate is cleared up outside, unless its reader signs it
			if n.As == reminders.CapacityOwner && len(n.Acts) == 0 && n.Item.Kind != engagement.ItemRefused {
				t.Errorf("%s is asked for %s and is offered nothing: %s", to, n.Item.Key(), n.Item.Title)
			}
		}
		m, _ := reminders.Digesting{To: aud.People[to], Day: d.Today(), Nudges: nudges, Limit: 1000}.Digest()
		for _, s := range m.Sections {
			for _, l := range leavesOf(t, m, s) {
				kind, _ := engagement.ParseItem(l.Item)
				seen[kind]++
				says := l.Title + " " + l.Text + " " + l.Detail
				asks := slices.ContainsFunc(asksFor, func(words string) bool { return strings.Contains(says, words) })
				if len(l.Acts) == 0 && (asks || slices.Contains([]string{"Needs you", "Needs your decision", "Waits for your answer",
					"Waits for your approval", "Late", "Due today", "New to you"}, s.Title)) {
					t.Errorf("%s reads under %q and can do nothing: %s | %s | %s", to, s.Title, l.Title, l.Text, l.Detail)
				}
				for _, act := range l.Acts {
					if act.Label() == "" {
						t.Errorf("%s is offered %q, which says nothing", to, act)
					}
				}
			}
		}
	}
}

// leavesOf returns what the lines of a section stand for: a line that tells several things together offers nothing itself, and opens the
// list of them, in which each can be acted on.
func leavesOf(t *testing.T, m reminders.Message, s reminders.Section) (out []engagement.Line) {
	t.Helper()
	for _, l := range s.Lines {
		if len(l.All) == 0 {
			out = append(out, l)
			continue
		}
		if list, ok := m.Listed(l.List); !ok || len(list.All) != len(l.All) {
			t.Errorf("%q tells %d things together, and behind it %d are listed", l.Title, len(l.All), len(list.All))
		}
		out = append(out, l.All...)
	}
	return out
}
