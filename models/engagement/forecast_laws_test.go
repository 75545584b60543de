package engagement_test

import (
	"math/rand/v2"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// sums reports what is wrong with the causes of a forecast: they sum to the delay, the pace is one of them, and there are none in time.
func sums(t *testing.T, d *modelstest.Desk, fc engagement.Forecast) {
	t.Helper()
	if fc.Frozen || d.Facts.Engagement.Status != engagement.StatusRunning {
		return
	}
	for _, p := range fc.Reports {
		total := 0
		for _, x := range p.Drivers {
			total += x.Days
			if x.Days == 0 || x.Text == "" || x.Subject == "" {
				t.Errorf("%s: a cause without a share or a text: %+v", d.Today(), x)
			}
			if x.Subject == engagement.PaceSubject && x.Days != p.Pace {
				t.Errorf("%s: the pace is %d, its line says %d", d.Today(), p.Pace, x.Days)
			}
		}
		if p.Late > 0 && total != p.Late || p.Late <= 0 && len(p.Drivers) > 0 {
			t.Errorf("%s: the %s is %d business days late, its causes sum to %d: %+v", d.Today(), p.Kind.Name(), p.Late, total, p.Drivers)
		}
		if p.Late != d.Facts.LateAfter(p.Promised, p.Expected) {
			t.Errorf("%s: the %s, promised for %s, is expected on %s: %d business days late is said", d.Today(), p.Kind.Name(), p.Promised,
				p.Expected,
				p.Late)
		}
		if !p.Issued.IsZero() && p.Expected != p.Issued {
			t.Errorf("%s: the %s was issued on %s and is expected on %s", d.Today(), p.Kind.Name(), p.Issued, p.Expected)
		}
	}
	if fc.Issued && len(fc.Helps)+len(fc.Notes) > 0 || len(fc.Helps) > 3 {
		t.Errorf("%s: what would help is %+v, %v", d.Today(), fc.Helps, fc.Notes)
	}
}

// In random engagements, whatever people do: causes sum to the delay, on a day on which nothing happens a forecast moves by one
// business day at
// most, and percent falls only when there is more to do.
func TestForecastsKeepTheirLaws(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 61))
		d := modelstest.SomeLife(t, r)
		for range 25 {
			d.Sensibly(r)
			if r.IntN(4) == 0 {
				d.Agree()
			}
			sums(t, d, d.Report().Forecast)
			quiet(t, d, 1+r.IntN(6))
		}
	}
}

// quiet lets days pass on which people do nothing.
func quiet(t *testing.T, d *modelstest.Desk, days int) {
	t.Helper()
	for range days {
		events, was, percent := len(d.Events), d.Report().Forecast, d.Facts.Engagement.Summary.Percent
		day := d.Today()
		d.GoTo(day.AddDays(1))
		is := d.Report().Forecast
		sums(t, d, is)
		if happened(d, events) || d.Facts.Engagement.Status != engagement.StatusRunning {
			continue
		}
		for i, p := range is.Reports {
			if i < len(was.Reports) && p.Issued.IsZero() && was.Reports[i].Kind == p.Kind {
				if n := d.Facts.Workdays(was.Reports[i].Expected, p.Expected); n > 1 || n < -1 {
					t.Errorf("from %s to %s nothing happens, and the %s moves by %d business days from %s to %s: %+v\nbefore: %+v", day, d.Today(),
						p.Kind.Name(), n, was.Reports[i].Expected, p.Expected, p, was.Reports[i])
				}
			}
		}
		if d.Facts.Engagement.Summary.Percent < percent {
			t.Errorf("from %s to %s nothing happens, and percent falls from %d to %d", day, d.Today(), percent, d.Facts.Engagement.Summary.Percent)
		}
	}
}

// happened reports whether anything was recorded since but that tasks have become overdue.
func happened(d *modelstest.Desk, since int) bool {
	for _, e := range d.Events[since:] {
		if e.Kind != "task.overdue" {
			return true
		}
	}
	return false
}

// Whoever finishes something late makes the report no later by more than the pace may move in a day.
func TestFinishingNeverMakesTheForecastJump(t *testing.T) {
	const most = 1
	for _, typ := range []string{"soc2_type1", "soc2_type2", "soc2_type1_type2"} {
		d := modelstest.Started(t, typ)
		d.GoTo(d.Facts.Engagement.Kickoff.AddDays(20))
		for n := 0; n < 60; n++ {
			var open *engagement.Task
			for _, x := range d.Facts.Tasks {
				if x.State == engagement.TaskOpen && d.Doer(x) != "" {
					open = x
					break
				}
			}
			if open == nil {
				break
			}
			was, percent := d.Report().Forecast.Report, d.Facts.Engagement.Summary.Percent
			d.Do(string(d.Doer(open)), engagement.CompleteTask, modelstest.Task(open.ID))
			if x := d.Task(open.ID); x.State == engagement.TaskSubmitted {
				d.Do(string(x.Approver), engagement.AcceptTask, modelstest.Task(open.ID))
			}
			d.Settle()
			if is := d.Report().Forecast.Report; d.Facts.Workdays(was, is) > most {
				t.Errorf("%s: on %s %s is finished, and the report moves from %s to %s: %+v", typ, d.Today(), open.ID, was, is, d.Report().Forecast)
			}
			if got := d.Facts.Engagement.Summary.Percent; got < percent {
				t.Errorf("%s: %s is finished, and percent falls from %d to %d", typ, open.ID, percent, got)
			}
			if n%3 == 0 {
				d.GoTo(d.Today().AddDays(1 + n%4))
			}
			sums(t, d, d.Report().Forecast)
		}
	}
}
