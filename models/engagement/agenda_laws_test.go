package engagement_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
)

// An engagement that is looked at only when its agenda says so has on every day the tasks that it has when it is looked at every day,
// whatever days people work on, wherever they are and whatever they do meanwhile.
func TestWakesMissNoDay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	repeated := map[string]bool{}
	t.Run("lives", func(t *testing.T) {
		for seed := range uint64(16) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed, 23))
				woken := anyCalendar(t, r)
				daily := woken.Copy(t)
				end := woken.Today().AddDays(80)
				for day := woken.Today().Next(); day.Before(end) && !t.Failed(); day = day.Next() {
					morning := day.At(woken.Facts.Location(), 10, 0)
					onDays(daily, morning)
					onWakes(woken, morning)
					compareTasks(t, day, daily, woken)
					if r.IntN(8) == 0 { // the same command to both
						seed := r.Uint64()
						daily.Sensibly(rand.New(rand.NewPCG(seed, 1)))
						woken.Sensibly(rand.New(rand.NewPCG(seed, 1)))
					}
				}
				mu.Lock()
				defer mu.Unlock()
				for _, x := range woken.Tasks() {
					tmpl, _ := woken.Facts.Catalog.Template(x.Template)
					repeated[x.Template] = repeated[x.Template] || tmpl.Repeats != nil || tmpl.Due.FromCadence
				}
			})
		}
	})
	for _, tmpl := range modelstest.Catalog().Tasks {
		if (tmpl.Repeats != nil || tmpl.Due.FromCadence) && !repeated[tmpl.ID] {
			t.Errorf("%s came in none of the lives", tmpl.ID)
		}
	}
}

// anyCalendar returns an engagement of some kind, mostly in a phase with repeated tasks, which began on any day of the week or month, with
// people who are off on any days.
func anyCalendar(t *testing.T, r *rand.Rand) *modelstest.Desk {
	d := modelstest.SomeLife(t, r)
	if in := r.IntN(3); in > 0 {
		phase := []catalog.Phase{catalog.PhaseRemediation, catalog.PhaseWindow}[in-1]
		d = modelstest.In(t, "soc2_type2", phase)
		d.Facts.Engagement.WindowMonths = []int{3, 6, 9, 12}[r.IntN(4)]
		st := d.Facts.Phase(phase)
		st.Began = st.Began.AddDays(-r.IntN(10))
		if phase == catalog.PhaseWindow {
			d.Facts.Engagement.WindowOpen = d.Facts.Engagement.WindowOpen.AddDays(-r.IntN(31))
		}
	}
	weekends := [][]time.Weekday{nil, nil, {time.Friday, time.Saturday}, {time.Sunday}, {time.Sunday, time.Monday, time.Tuesday}}
	for _, days := range []*models.Calendar{&d.Facts.FirmDays, &d.Facts.ClientDays} {
		closed := map[models.Date]string{}
		for range r.IntN(60) {
			closed[d.Today().AddDays(r.IntN(300))] = "off"
		}
		for day := range r.IntN(12) { // a shutdown
			closed[d.Today().AddDays(40+day)] = "shut"
		}
		*days = models.Calendar{Weekend: weekends[r.IntN(len(weekends))], Closed: closed}
	}
	d.Advance()
	return d
}

// onDays lets an engagement be looked at when each local day begins, and at the end.
func onDays(d *modelstest.Desk, until time.Time) {
	for day := d.Today().Next(); !day.Begin(d.Facts.Location()).After(until); day = day.Next() {
		d.Now = day.Begin(d.Facts.Location())
		look(d)
	}
	d.Now = until
	look(d)
}

// onWakes lets an engagement be looked at when its agenda says so, but for the forecast of each day, which would find what nothing else
// woke it for.
func onWakes(d *modelstest.Desk, until time.Time) {
	for {
		a := engagement.AgendaOf(d.Facts, d.Now)
		if a.Closed || a.Wake.IsZero() || a.Wake.After(until) {
			break
		}
		d.Now = a.Wake
		if a.Why != "forecast of the day" {
			look(d)
		}
	}
	d.Now = until
}

// look lets an engagement move on, without its summary, which nobody reads here.
func look(d *modelstest.Desk) {
	d.Facts.SkipSummary = true
	engagement.Advance(d.Facts, d.Now)
	d.Facts = modelstest.CopyOf(d.Facts)
}

// compareTasks reports where two engagements that should be one have other tasks.
func compareTasks(t *testing.T, day models.Date, daily, woken *modelstest.Desk) {
	t.Helper()
	want, got := states(daily), states(woken)
	for x := range want {
		if !got[x] {
			t.Errorf("%s: looked at every day it has %+v", day, x)
		}
	}
	for x := range got {
		if !want[x] {
			t.Errorf("%s: woken it has %+v", day, x)
		}
	}
}

// A taskState is what two engagements that are one agree about.
type taskState struct {
	id          models.TaskID
	state       engagement.TaskState
	due, opened models.Date
	period      planning.Span
	late        bool
}

func states(d *modelstest.Desk) map[taskState]bool {
	out := map[taskState]bool{}
	for _, x := range d.Tasks() {
		out[taskState{x.ID, x.State, x.Due, x.OpenedOn, x.Period, x.Late}] = true
	}
	return out
}
