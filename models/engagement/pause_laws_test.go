package engagement_test

import (
	"fmt"
	"maps"
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

// A pause is time that does not count: from the day after it an engagement that was paused for some weeks has the dates, ladders and waits
// of its twin that was not, so many weeks later; and a readiness engagement the same forecast. What hangs on the as-of date or the window,
// which only a decision moves, is not looked at.
func TestAPauseIsTimeThatDoesNotCount(t *testing.T) {
	t.Parallel()
	lives := 12
	if testing.Short() {
		lives = 6
	}
	looked, begun := 0, 0
	for seed := range uint64(lives) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			begun++
			r := rand.New(rand.NewPCG(seed, 10))
			d := aLifeToPause(t, r)
			aud := modelstest.Audience(d.Facts)
			aud.Sent = map[reminders.SentKey]reminders.Sent{}
			for range 4 + r.IntN(30) {
				aDayOf(d, aud, r.Uint64(), 0)
			}
			for !d.Facts.ClientDays.IsBusiness(d.Today()) {
				aDayOf(d, aud, r.Uint64(), 0)
			}
			if !pausable(d) {
				return
			}
			looked++
			weeks := 1 + r.IntN(4)
			twin, twins := d.Copy(t), reminders.Audience{People: aud.People, Sent: map[reminders.SentKey]reminders.Sent{}}
			for k, v := range aud.Sent {
				twins.Sent[k] = v
			}
			twin.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"), modelstest.Confirmed(engagement.UnaskedCode))
			twin.GoTo(twin.Today().AddDays(7 * weeks))
			twin.Do("marta", engagement.ResumeEngagement)
			for range 12 {
				seed := r.Uint64()
				was, is := aDayOf(d, aud, seed, 0), aDayOf(twin, twins, seed, 7*weeks)
				if !pausable(d) {
					return
				}
				for i := range max(len(was), len(is)) {
					if i >= len(was) || i >= len(is) || was[i] != is[i] {
						t.Fatalf("%s, and %s after a pause of %d weeks, differ from\n%s\nwhich is\n%s", d.Today(), twin.Today(), weeks,
							strings.Join(was[i:min(i+3, len(was))], "\n"), strings.Join(is[i:min(i+3, len(is))], "\n"))
					}
				}
			}
		})
	}
	if looked*3 < begun {
		t.Errorf("only %d of %d lives could be paused", looked, begun)
	}
}

// aLifeToPause begins a life without holidays and clocks that are put forward, so that weeks are alike.
func aLifeToPause(t *testing.T, r *rand.Rand) *modelstest.Desk {
	types := []string{"readiness_only", "readiness_only", "soc2_type1", "soc2_type1_type2", "soc2_type2"}
	phases := []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRemediation}
	d := modelstest.In(t, types[r.IntN(len(types))], phases[r.IntN(len(phases))])
	f := d.Facts
	f.Engagement.TimeZone, f.Client.TimeZone, f.PersonDays = "Asia/Kolkata", "Asia/Kolkata", nil
	f.FirmDays, f.ClientDays = models.Calendar{}, models.Calendar{}
	for i := range f.People {
		f.People[i].TimeZone = []string{"Asia/Kolkata", "Pacific/Honolulu"}[r.IntN(2)]
	}
	d.GoTo(d.Today().AddDays(1))
	return d
}

// pausable reports whether an engagement is running, in phases that a pause moves alone, and far from the dates that it does not move.
func pausable(d *modelstest.Desk) bool {
	e := d.Facts.Engagement
	far := d.Today().AddDays(70)
	if e.Status != engagement.StatusRunning || e.Muted || !e.AsOf.IsZero() && e.AsOf.Before(far) ||
		!e.WindowOpen.IsZero() && e.WindowOpen.Before(far) {
		return false
	}
	return !slices.ContainsFunc(d.Facts.Active(), func(p catalog.Phase) bool {
		return p != catalog.PhaseKickoff && p != catalog.PhaseGap && p != catalog.PhaseRemediation
	})
}

// aDayOf lets a day pass on which everybody is reminded and somebody does something, and says how everything stood in its morning, with
// days so many days earlier than they are.
func aDayOf(d *modelstest.Desk, aud reminders.Audience, seed uint64, shift int) []string {
	d.T.Helper()
	d.GoTo(d.Today().AddDays(1))
	nudges := reminders.Nudges(d.Facts, aud, d.Now)
	out := stands(d, nudges, shift)
	for _, n := range nudges {
		if to := aud.People[n.To]; n.Fresh && to.Days.IsBusiness(to.Today(d.Now)) {
			key := reminders.SentKey{To: n.To, Engagement: n.Item.Engagement, Item: n.Item.Key()}
			aud.Sent[key] = aud.Sent[key].Then(n.Step, to.Today(d.Now))
		}
	}
	if d.Facts.Engagement.Status == engagement.StatusRunning {
		d.Busily(rand.New(rand.NewPCG(seed, 1)))
	}
	return out
}

// stands says how open tasks and what people are reminded of stand, a line for each, with days so many days earlier than they are. Of what
// waits for a word it says how long it has waited: the day since which it does is what it is.
func stands(d *modelstest.Desk, nudges []reminders.Nudge, shift int) []string {
	var out []string
	f := d.Facts
	on := func(day models.Date) string {
		if day.IsZero() {
			return "no day"
		}
		return day.AddDays(-shift).String()
	}
	for _, x := range f.Tasks {
		if !x.MovesWithPauses() {
			continue
		}
		w, opened := f.When(x, d.Now), x.OpenedOn
		if !opened.IsZero() { // a weekend is as good as the day before it
			opened = f.ClientDays.Back(opened)
		}
		out = append(out, fmt.Sprint("task ", name(f, string(x.ID)), " ", x.State, " of ", x.Owner, " due ", on(w.Due), " first ",
			on(x.Original), " opened ",
			on(opened), " snoozed ", on(x.Snoozed), " late ", w.Late, w.Days, w.Past, " expected ", on(w.Expected)))
	}
	for _, n := range nudges {
		it := n.Item
		if t := f.Task(models.TaskID(it.Subject)); it.Kind == engagement.ItemOutlook || it.Kind == engagement.ItemStall ||
			t != nil && !t.MovesWithPauses() {
			continue
		}
		out = append(out, fmt.Sprint("nudge ", it.Kind, name(f, it.Subject), " to ", n.To, " as ", n.As, " at ", n.Step.Offset, " up ",
			n.Level, " late ", n.Late,
			" fresh ", n.Fresh, " first ", n.First, " goes ", on(n.Goes.On), n.Goes.To))
	}
	slices.Sort(out)
	if f.Engagement.Type == "readiness_only" {
		fc := f.Forecast(d.Now)
		pace := f.Engagement.Pace
		pace.Each = maps.Clone(pace.Each)
		for who, took := range pace.Each { // on which days is in their turns
			took.On, took.Before, took.Seen = models.Date{}, models.Date{}, models.Date{}
			pace.Each[who] = took
		}
		out = append(out, fmt.Sprint("forecast ", on(fc.Report), " pace ", fc.Pace, pace))
	}
	return out
}

// name returns the id of a task without the day that one which comes again and again has in it.
func name(f *engagement.Facts, id string) string {
	what, _, _ := strings.Cut(id, ".")
	if tmpl, ok := f.Catalog.Template(what); ok && tmpl.Repeats != nil {
		return " " + what
	}
	return " " + id
}
