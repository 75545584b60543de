package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func TestTasks(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		var all []engagement.Task
		for n := range 40 {
			x := task(n, taskStates[n%len(taskStates)])
			x.Due = x.Due.AddDays(-n % 5)
			if n%6 == 0 {
				x.Due = models.Date{}
			}
			x.Late = n%4 < 2
			x.Phase, x.Owner = []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap}[n%2], []models.PersonID{"olga", "ruth", ""}[n%3]
			x.Title = []string{"Scope 100%", "scope_memo", "Öffnen"}[n%3]
			all = append(all, x)
		}
		w.change(t, Once{}, func(f *engagement.Facts) { put(f, all...) })
		someday := models.Date{Year: 2026, Month: 3, Day: 20}
		for name, c := range map[string]struct {
			filter TaskFilter
			want   func(engagement.Task) bool
		}{
			"all": {TaskFilter{}, func(engagement.Task) bool { return true }},
			"states": {TaskFilter{States: []engagement.TaskState{engagement.TaskOpen, engagement.TaskDone}},
				func(x engagement.Task) bool { return x.State == engagement.TaskOpen || x.State == engagement.TaskDone }},
			"phase":    {TaskFilter{Phase: catalog.PhaseGap}, func(x engagement.Task) bool { return x.Phase == catalog.PhaseGap }},
			"owner":    {TaskFilter{Owner: "ruth"}, func(x engagement.Task) bool { return x.Owner == "ruth" }},
			"overdue":  {TaskFilter{Overdue: true}, func(x engagement.Task) bool { return !x.State.Closed() && x.Late }},
			"open":     {TaskFilter{Open: true}, func(x engagement.Task) bool { return !x.State.Closed() }},
			"due from": {TaskFilter{DueFrom: someday}, func(x engagement.Task) bool { return !x.Due.IsZero() && !x.Due.Before(someday) }},
			"due to":   {TaskFilter{DueTo: someday}, func(x engagement.Task) bool { return !x.Due.IsZero() && !x.Due.After(someday) }},
			"text":     {TaskFilter{Text: "SCOPE"}, func(x engagement.Task) bool { return strings.Contains(strings.ToLower(x.Title), "scope") }},
			"wild":     {TaskFilter{Text: "scope_"}, func(x engagement.Task) bool { return strings.Contains(x.Title, "scope_") }},
			"percent":  {TaskFilter{Text: "%"}, func(x engagement.Task) bool { return strings.Contains(x.Title, "%") }},
			"umlaut":   {TaskFilter{Text: "Öff"}, func(x engagement.Task) bool { return strings.Contains(x.Title, "Öff") }},
			"id":       {TaskFilter{Text: "ko-0013"}, func(x engagement.Task) bool { return x.ID == "KO-0013" }},
			"several": {TaskFilter{Overdue: true, Owner: "ruth", Phase: catalog.PhaseGap}, func(x engagement.Task) bool {
				return !x.State.Closed() && x.Late && x.Owner == "ruth" && x.Phase == catalog.PhaseGap
			}},
		} {
			var want, got []string
			for _, x := range all {
				if c.want(x) {
					want = append(want, orLast(x.Due)+" "+string(x.ID))
				}
			}
			slices.Sort(want)
			for cursor := ""; ; {
				page, next, err := w.Tasks(ctx, "e1", c.filter, cursor, 3)
				check(t, err)
				for _, x := range page {
					got = append(got, orLast(x.Due)+" "+string(x.ID))
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s:\n got %v\nwant %v", name, got, want)
			}
		}
		_, _, err := w.Task(ctx, "e1", "nothing")
		refused(t, err, models.NotFound)
		page, _, err := w.Tasks(ctx, "nowhere", TaskFilter{}, "", 10)
		check(t, err)
		same(t, "the tasks of nowhere", len(page), 0)
	})
}

func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		w.change(t, Once{}, func(f *engagement.Facts) {
			for n := range 20 {
				log(f, engagement.Event{At: noon, Kind: []string{"task.done", "task.late", "gate.signed"}[n%3], Subject: []string{"a", "b"}[n%2]})
			}
		})
		list := func(filter EventFilter, limit int) (out []int64) {
			for cursor := ""; ; {
				page, next, err := w.Events(t.Context(), "e1", filter, cursor, limit)
				check(t, err)
				for _, e := range page {
					out = append(out, e.Seq)
				}
				if cursor = next; cursor == "" {
					return out
				}
			}
		}
		for name, c := range map[string]struct {
			filter EventFilter
			want   []int64
		}{
			"newest": {EventFilter{Kinds: []string{"gate.signed"}, Subject: "a", Newest: true}, []int64{16, 10, 4}},
			"kinds":  {EventFilter{Kinds: []string{"engagement.created", "gate.signed"}}, []int64{1, 4, 7, 10, 13, 16, 19}},
			"both":   {EventFilter{Kinds: []string{"gate.signed"}, Subject: "a"}, []int64{4, 10, 16}},
			"none":   {EventFilter{Subject: "c"}, nil},
		} {
			for _, limit := range []int{1, 2, 100} {
				if got := list(c.filter, limit); !slices.Equal(got, c.want) {
					t.Errorf("%s: got %v, want %v", name, got, c.want)
				}
			}
		}
		if got := list(EventFilter{}, 4); len(got) != 21 {
			t.Errorf("%d events", len(got))
		}
		_, cursor, err := w.Events(t.Context(), "e1", EventFilter{}, "", 4)
		check(t, err)
		_, _, err = w.Events(t.Context(), "e1", EventFilter{Newest: true}, cursor, 4)
		refused(t, err, models.Invalid)
	})
}

// The machinery finds the live engagements of every firm whose hour has passed, the longest overdue first.
func TestOverdue(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		var want []models.Ref
		for day, firm := range []models.FirmID{"bright", "acme"} {
			w := newWorld(t, root, firm)
			for i, status := range statuses {
				id := models.EngagementID(fmt.Sprintf("e%d", i+2))
				w.addEngagement(t, id)
				_, _, err := w.Change(t.Context(), id, Once{}, engagement.Need{}, noon, func(f *engagement.Facts, _ time.Time) (string, error) {
					f.Engagement.Status = status
					f.Engagement.Summary.Wake = noon.AddDate(0, 0, day).Add(time.Duration(i) * time.Minute)
					return "", nil
				})
				check(t, err)
				if status.Live() {
					want = append(want, models.Ref{Firm: firm, Engagement: id})
				}
			}
		}
		late := noon.AddDate(0, 0, 2)
		overdue, err := root.Overdue(t.Context(), late, 100)
		check(t, err)
		same(t, "the overdue engagements", overdue, want)
		overdue, err = root.Overdue(t.Context(), late, 1)
		check(t, err)
		same(t, "the longest overdue", overdue, want[:1])
		overdue, err = root.Overdue(t.Context(), noon.Add(time.Hour), 100)
		check(t, err)
		same(t, "those of the first day", overdue, want[:len(want)/2])
		overdue, err = root.Overdue(t.Context(), noon, 100)
		check(t, err)
		same(t, "how many are overdue before their hour", len(overdue), 0)
	})
}

// The tasks of all engagements are those of each of them, by due date, whatever is asked for and however long the pages are.
func TestTasksOfAllEngagements(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		for i, id := range []models.EngagementID{"e1", "e2", "e3"} {
			if w.engagement = id; id != "e1" {
				w.addEngagement(t, id)
			}
			w.change(t, Once{}, func(f *engagement.Facts) {
				f.Engagement.Status = engagement.StatusRunning
				for n := range 6 {
					x := task(n, taskStates[(n+i)%len(taskStates)])
					x.Due, x.Owner, x.Late = march2.AddDays((5*n+i)%4), []models.PersonID{"olga", "ruth"}[n%2], n%3 == 0
					put(f, x)
				}
			})
		}
		marta, olga := engagement.Actor{Person: "marta", Role: models.RolePartner}, models.PersonID("olga")
		for _, filter := range []TaskFilter{{}, {Open: true}, {Overdue: true}, {Owner: olga}, {Open: true, Owner: olga},
			{DueFrom: march2.AddDays(1), DueTo: march2.AddDays(2)}, {Open: true, DueFrom: march2.AddDays(2)},
			{States: []engagement.TaskState{engagement.TaskOpen, engagement.TaskDone}}, {States: []engagement.TaskState{engagement.TaskBlocked}}} {
			var want []string
			for _, id := range []models.EngagementID{"e1", "e2", "e3"} {
				alone, _, err := w.Tasks(t.Context(), id, filter, "", 50)
				check(t, err)
				for _, x := range alone {
					want = append(want, fmt.Sprint(x.Due, id, x.ID))
				}
			}
			slices.Sort(want)
			for _, client := range []models.ClientID{"", "northgate"} {
				var got []string
				for cursor := ""; ; {
					page, next, err := w.AllTasksFor(t.Context(), marta, client, filter, cursor, 2, noon)
					check(t, err)
					for _, x := range page {
						got = append(got, fmt.Sprint(x.Due, x.Engagement, x.ID))
					}
					if cursor = next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) || len(want) == 0 {
					t.Errorf("%+v, client %q: %q, each alone %q", filter, client, got, want)
				}
			}
		}
	})
}
