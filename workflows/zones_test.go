package workflows_test

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// abroad moves the client and its people to a time zone, with its weekend.
func (w *world) abroad(zone string, weekend ...time.Weekday) {
	f := w.facts
	f.Client.TimeZone, f.Engagement.TimeZone, f.Client.Weekend = zone, zone, weekend
	if weekend != nil {
		f.ClientDays.Weekend = weekend
	}
	for i := range f.People {
		if f.People[i].Role.Side() == models.SideClient {
			f.People[i].TimeZone = zone
		}
	}
}

// Wherever the client is, and though clocks are put forward and back on the way, an engagement runs to its close; its window
// opens and closes as the client's days begin, its phases begin on the client's days, and nobody who is diligent is late.
func TestAroundTheWorld(t *testing.T) {
	for _, c := range []struct {
		zone    string
		weekend []time.Weekday
	}{
		{"Asia/Kolkata", nil}, {"Pacific/Auckland", nil}, {"America/St_Johns", nil}, {"Europe/Berlin", nil}, // across both changes of clocks
		// where a midnight is missing
		{"Pacific/Honolulu", nil}, {"Asia/Riyadh", []time.Weekday{time.Friday, time.Saturday}}, {"America/Santiago", nil},
	} {
		t.Run(c.zone, func(t *testing.T) {
			w := newWorld(t, "soc2_type2")
			w.abroad(c.zone, c.weekend...)
			w.start()
			w.live(diligent, theEnd(t))
			e, loc := w.facts.Engagement, w.facts.Location()
			if e.Status != engagement.StatusCompleted || loc.String() != c.zone {
				t.Fatalf("in %s it is %s", loc, e.Status)
			}
			at := map[string]time.Time{}
			for _, ev := range w.events {
				switch ev.Kind {
				case "window.opened", "window.closed":
					at[ev.Kind] = ev.At
				case "task.overdue":
					t.Errorf("%s is overdue on %s", ev.Subject, models.DateIn(ev.At, loc))
				}
			}
			if want := e.WindowOpen.Begin(loc); !at["window.opened"].Equal(want) {
				t.Errorf("the window of %s opened at %s", e.WindowOpen, at["window.opened"].In(loc))
			}
			if want := e.Window().End.AddDays(1).Begin(loc); !at["window.closed"].Equal(want) {
				t.Errorf("the window to %s closed at %s", e.Window().End, at["window.closed"].In(loc))
			}
			if got := w.facts.Phase(catalog.PhaseWindow).Actual.Start; got != e.WindowOpen {
				t.Errorf("the window was entered on %s, its first day is %s", got, e.WindowOpen)
			}
			for _, x := range w.closed {
				if days := w.facts.Days(x.OwnerRole); !days.IsBusiness(x.Due) {
					t.Errorf("%s is due on %s, a %s", x.ID, x.Due, x.Due.Weekday())
				}
			}
			w.occurrences(1)
		})
	}
}

// Runs are at most a week old, and a new one begins with every phase.
func TestRunsAreShort(t *testing.T) {
	w := newWorld(t, "soc2_type2")
	w.start()
	w.live(diligent, theEnd(t))
	phases, life := 0, w.facts.Engagement.EndedAt.Sub(w.facts.Engagement.StartedAt)
	for _, e := range w.events {
		if e.Kind == "phase.entered" || e.Kind == "phase.left" {
			phases++
		}
	}
	if weeks := int(life / (7 * 24 * time.Hour)); w.runs < weeks || w.runs > weeks+2*phases {
		t.Errorf("%d runs in %d weeks and %d changes of phase", w.runs, weeks, phases)
	}
}

// Nobody acts at all: the engagement wakes no more than a few times a day, notes what is overdue once, and moves nothing.
func TestNobodyActs(t *testing.T) {
	w := newWorld(t, "soc2_type1_type2")
	w.start()
	asOf, window := w.facts.Engagement.AsOf, w.facts.Engagement.Window()
	events := len(w.events)
	w.live(quietly, date(t, "2028-01-04"))
	e := w.facts.Engagement
	if e.AsOf != asOf || e.Window() != window {
		t.Errorf("the as-of date became %s, the window %v", e.AsOf, e.Window())
	}
	overdue := map[string]int{}
	for _, ev := range w.events[events:] {
		if ev.Kind == "task.overdue" {
			overdue[ev.Subject]++
		} else if ev.Kind != "health" {
			t.Errorf("%s: %s %s", models.DateIn(ev.At, w.facts.Location()), ev.Kind, ev.Subject)
		}
	}
	for id, n := range overdue {
		if n != 1 {
			t.Errorf("%s became overdue %d times", id, n)
		}
	}
	if len(overdue) == 0 || e.Summary.Health != engagement.HealthLate || e.Summary.Forecast.Before(date(t, "2028-06-01")) {
		t.Errorf("after a year in which nobody did anything it is %s, forecast %s", e.Summary.Health, e.Summary.Forecast)
	}
}
