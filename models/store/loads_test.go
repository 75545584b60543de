package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
)

// shows reports whether an engagement is one of those that somebody of the firm is shown.
func shows(a engagement.Actor, e engagement.Engagement) bool {
	return a.Role == models.RolePartner || e.Partner == a.Person || e.Manager == a.Person || slices.Contains(e.Consultants, a.Person)
}

// What somebody has to do is what one counts task by task, in the running engagements that who asks is on; nobody but the firm is told.
func TestLoadsAreWhatOneCounts(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all, random, wr := manyEngagements(t, w, 40), rand.New(rand.NewPCG(3, 4)), &writer{}
		before := models.Date{Year: 2026, Month: 1, Day: 6}
		states := []engagement.TaskState{engagement.TaskWaiting, engagement.TaskOpen, engagement.TaskBlocked, engagement.TaskSubmitted,
			engagement.TaskDone, engagement.TaskWaived}
		actors := []engagement.Actor{{Person: "marta", Role: models.RolePartner}, {Person: "ines", Role: models.RoleManager},
			{Person: "ruth", Role: models.RoleSponsor, Client: "northgate"}}
		want := map[models.PersonID]map[string]Load{"marta": {}, "ines": {}, "ruth": {}}
		var rows []taskRow
		for _, e := range all {
			for i := range random.IntN(60) {
				due := e.Kickoff.AddDays(random.IntN(5))
				owner := models.PersonID([]string{"ines", "marta", "ruth", ""}[random.IntN(4)])
				task := engagement.Task{ID: models.TaskID(fmt.Sprintf("T-%d", i)), Title: "A task", State: states[random.IntN(len(states))],
					Owner: owner, Due: due, Minutes: random.IntN(100), Late: random.IntN(3) == 0}
				rows = append(rows, taskOf(wr, models.Ref{Firm: "acme", Engagement: e.ID}, &task))
				if e.Status != engagement.StatusRunning || task.State.Closed() || !due.Before(before) || owner != "ines" && owner != "marta" {
					continue
				}
				for _, a := range actors[:2] {
					if !shows(a, e) {
						continue
					}
					l := want[a.Person][string(owner)+due.String()]
					l.Person, l.Due, l.Tasks, l.Minutes = owner, due, l.Tasks+1, l.Minutes+task.Minutes
					if task.Late {
						l.Late++
					}
					want[a.Person][string(owner)+due.String()] = l
				}
			}
		}
		check(t, wr.err)
		check(t, root.db.CreateInBatches(&rows, 100).Error)
		for _, a := range actors {
			loads, err := w.Loads(t.Context(), a, before)
			check(t, err)
			got := map[string]Load{}
			for _, l := range loads {
				got[string(l.Person)+l.Due.String()] = l
			}
			same(t, "the loads shown to "+string(a.Person), got, want[a.Person])
			if a.Role.Side() == models.SideFirm && len(got) < 4 {
				t.Errorf("%s is shown %d loads only", a.Person, len(got))
			}
		}
	})
}

// A report has moved where it was expected on another day at the end of the day that is named than it is now.
func TestWhatMovedSince(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all, random, wr := manyEngagements(t, w, 40), rand.New(rand.NewPCG(5, 6)), &writer{}
		first := models.Date{Year: 2026, Month: 3, Day: 1}
		partner := engagement.Actor{Person: "marta", Role: models.RolePartner}
		manager := engagement.Actor{Person: "ines", Role: models.RoleManager}
		var rows []forecastRow
		kept := map[models.EngagementID][]forecastRow{}
		for _, e := range all {
			for day := range 10 {
				if random.IntN(3) == 0 {
					continue // it was not reckoned on that day
				}
				late := random.IntN(4)
				row := forecastRow{FirmID: "acme", EngagementID: string(e.ID), Report: string(engagement.ReportType1),
					Day: wr.date(first.AddDays(day)), Expected: wr.date(first.AddDays(100 + late)), Cautious: wr.date(first.AddDays(200)), Late: late}
				rows, kept[e.ID] = append(rows, row), append(kept[e.ID], row)
			}
		}
		check(t, root.db.CreateInBatches(&rows, 100).Error)
		for _, since := range []models.Date{first.AddDays(-1), first.AddDays(3), first.AddDays(9)} {
			for _, a := range []engagement.Actor{partner, manager} {
				want := map[models.EngagementID]int{}
				for _, e := range all {
					if e.Status == engagement.StatusCancelled || e.Status == engagement.StatusCompleted || !shows(a, e) {
						continue
					}
					var was *forecastRow
					for i := range kept[e.ID] {
						if kept[e.ID][i].Day <= since.String() {
							was = &kept[e.ID][i]
						}
					}
					if was == nil {
						continue
					}
					if is := kept[e.ID][len(kept[e.ID])-1]; is.Late != was.Late {
						want[e.ID] = is.Late - was.Late
					}
				}
				moved, err := w.MovedSince(t.Context(), a, since)
				check(t, err)
				got := map[models.EngagementID]int{}
				for _, m := range moved {
					if got[m.Engagement] = m.Days; m.Was.AddDays(m.Days) != m.Is {
						t.Errorf("it moved from %s to %s, by %d", m.Was, m.Is, m.Days)
					}
				}
				same(t, fmt.Sprintf("what moved since %s for %s", since, a.Person), got, want)
			}
		}
		if moved, err := w.MovedSince(t.Context(), engagement.Actor{Person: "hugo", Role: models.RoleAuditor},
			first); err != nil || len(moved) > 0 {
			t.Errorf("the auditor is told that %d moved, %v", len(moved), err)
		}
	})
}
