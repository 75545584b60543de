package engagement_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Over lives: what is said before a pause, and before it ends, of when each report is expected afterwards is so afterwards, and names the
// day before it. Every report that is to come is named, also where it stays.
func TestWhatAPauseDoesToReportsIsSaid(t *testing.T) {
	t.Parallel()
	moves, stays := 0, 0
	for seed := range *lawLives {
		r := rand.New(rand.NewPCG(seed, 73))
		d := modelstest.SomeLife(t, r)
		for range 6 {
			for range 3 {
				d.Sensibly(r)
			}
			d.Agree()
			d.GoTo(d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(5)))
			if d.Facts.Engagement.Status != engagement.StatusRunning {
				continue
			}
			until := d.Facts.ClientDays.Add(d.Today(), 1+r.IntN(15))
			was := d.Report().Forecast
			says := wouldSay(t, d, engagement.PauseEngagement, func(c *engagement.Command) { c.Due = until })
			named(t, d, says, was.Reports, " if it resumes on "+models.Dated(until))
			d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"), modelstest.Confirmed(engagement.UnaskedCode),
				func(c *engagement.Command) { c.Due = until })
			if is := d.Report().Forecast; is.Report != was.Report {
				t.Errorf("seed %d: it is paused, and the report moves from %s to %s", seed, was.Report, is.Report)
			}
			d.GoTo(until)
			if d.Facts.Engagement.Status != engagement.StatusPaused {
				continue
			}
			before := d.Report().Forecast
			says = wouldSay(t, d, engagement.ResumeEngagement)
			named(t, d, says, before.Reports, "")
			d.Do("marta", engagement.ResumeEngagement)
			for i, p := range d.Report().Forecast.Reports {
				if p.Expected == before.Reports[i].Expected {
					stays++
				} else {
					moves++
				}
				if !p.Issued.IsZero() {
					continue
				}
				if text := strings.Join(says, " "); !strings.Contains(text, "expected on "+models.Dated(p.Expected)) {
					t.Errorf("seed %d: on %s the %s is expected on %s, and it was said: %s", seed, d.Today(), p.Kind.Name(), p.Expected, text)
				}
			}
		}
	}
	if moves == 0 || stays == 0 {
		t.Errorf("%d reports moved by a pause, and %d did not", moves, stays)
	}
}

// wouldSay returns what a command of Marta's would do, which is tried on a copy.
func wouldSay(t *testing.T, d *modelstest.Desk, k engagement.Kind, with ...func(*engagement.Command)) []string {
	t.Helper()
	with = append(with, modelstest.Because("they are being bought"), modelstest.Confirmed(engagement.UnaskedCode))
	c := d.Command("marta", k, with...)
	f := d.Loaded(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		t.Fatal(err)
	}
	return f.Said()
}

// named holds that each report that is to come is named once, with the day on which it was expected.
func named(t *testing.T, d *modelstest.Desk, says []string, all []engagement.Promise, then string) {
	t.Helper()
	for _, p := range all {
		lines := models.Keep(slices.Clone(says), func(s string) bool {
			return strings.HasPrefix(s, "The "+p.Kind.Name()+" ") && strings.Contains(s, models.Dated(p.Expected)) && strings.Contains(s, then+".")
		})
		if p.Issued.IsZero() != (len(lines) == 1) {
			t.Errorf("on %s the %s is expected on %s and issued on %s, and it is said: %q", d.Today(), p.Kind.Name(), p.Expected, p.Issued, says)
		}
	}
}
