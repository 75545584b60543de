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
	"your approval", "asks you", "propose another day", "decline it", "hand over what", "do it, or ask", "correct the address",
	"needs your decision", "needs you"}

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
				proposes(d, r)
				d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(6)))
				everyMessage(t, d, r.IntN(2) == 0, seen)
			}
		})
	}
	for _, kind := range []engagement.ItemKind{engagement.ItemDo, engagement.ItemAccept, engagement.ItemSign, engagement.ItemDecide,
		engagement.ItemUnblock, engagement.ItemRefused, engagement.ItemAnswer, engagement.ItemStall, engagement.ItemReach} {
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

// proposes has somebody propose another date for what can be moved, which may have passed before anybody answers, or be declined.
func proposes(d *modelstest.Desk, r *rand.Rand) {
	day := d.Facts.ClientDays.Add(d.Today(), 3+r.IntN(4))
	all := []struct {
		kind   engagement.Kind
		change engagement.Change
	}{{engagement.MoveKickoff, engagement.Change{Kickoff: day}}, {engagement.MoveAsOf, engagement.Change{AsOf: day}},
		{engagement.MoveWindow, engagement.Change{WindowOpen: day}}}
	x := all[r.IntN(len(all))]
	_, _ = d.Try("ines", x.kind, modelstest.Changed(x.change), modelstest.Because("they ask for it"))
}

// everyMessage holds every line of everybody's message of the day against the law.
func everyMessage(t *testing.T, d *modelstest.Desk, all bool, seen map[engagement.ItemKind]int) {
	t.Helper()
	aud := modelstest.Audience(d.Facts)
	aud.All = all
	aud.People["kenji"].Channel = reminders.ChannelNone // of whom the manager hears what cannot be told to him
	by := map[models.PersonID][]reminders.Nudge{}
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		by[n.To] = append(by[n.To], n)
	}
	for to, nudges := range by {
		for _, n := range nudges {
			if len(n.Acts) == 0 && needsActs(n) {
				t.Errorf("%s is to hear of %s as %s and is offered nothing: %s", to, n.Item.Key(), n.As, n.Item.Title)
			}
			if n.Item.Kind == engagement.ItemReach {
				c, _ := engagement.CommandOn(engagement.ActCorrect, n.Item.Key())
				if may := d.Facts.Permits(d.Facts.Actor(to), c, d.Now) == nil; may != slices.Contains(n.Acts, engagement.ActCorrect) {
					t.Errorf("%s, who may correct the address of %s: %v, is offered %v", to, n.Item.Subject, may, n.Acts)
				}
			}
			if decision := d.Facts.DecisionOf(n.Item.Subject); decision != nil && slices.Contains(n.Acts, engagement.ActApprove) &&
				d.Facts.Effects(decision, d.Now).Stopped != "" && d.Facts.Overtaken(decision, d.Now) != nil {
				t.Errorf("%s is offered to approve %s, whose day has passed", to, decision.ID)
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

// needsActs reports whether a nudge has to come with something to do about it: whoever is asked can do what they are asked, and the
// manager, or who is in their place, what is for nobody else. Without an act such a thing would only be told, for their information.
func needsActs(n reminders.Nudge) bool {
	switch n.Item.Kind {
	case engagement.ItemReach, engagement.ItemWindow, engagement.ItemStaff, engagement.ItemLeft, engagement.ItemRefused:
		return n.As == reminders.CapacityOwner || n.As == reminders.CapacityStandIn || n.As == reminders.CapacityManager
	}
	return n.As == reminders.CapacityOwner
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
