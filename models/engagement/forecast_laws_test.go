package engagement_test

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// lawLives is how many random lives the laws of forecasts are held over.
var lawLives = flag.Uint64("law-lives", 8, "how many random lives the laws of forecasts are held over")

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
			wellSaid(t, d, p, x)
		}
		if p.Late > 0 && total != p.Late || p.Late <= 0 && len(p.Drivers) > 0 {
			t.Errorf("%s: the %s is %d business days late, its causes sum to %d: %+v", d.Today(), p.Kind.Name(), p.Late, total, p.Drivers)
		}
		if p.Late != d.Facts.LateAfter(p.Promised, p.Expected) {
			t.Errorf("%s: the %s, promised for %s, is expected on %s: %d business days late is said", d.Today(), p.Kind.Name(), p.Promised,
				p.Expected, p.Late)
		}
		if !p.Issued.IsZero() && p.Expected != p.Issued {
			t.Errorf("%s: the %s was issued on %s and is expected on %s", d.Today(), p.Kind.Name(), p.Issued, p.Expected)
		}
	}
	if fc.Issued && len(fc.Helps)+len(fc.Notes) > 0 || len(fc.Helps) > 3 {
		t.Errorf("%s: what would help is %+v, %v", d.Today(), fc.Helps, fc.Notes)
	}
}

// wellSaid reports what is wrong with one cause of a promise: it has a share, says something and names somebody.
func wellSaid(t *testing.T, d *modelstest.Desk, p engagement.Promise, x engagement.Driver) {
	t.Helper()
	if x.Days == 0 || x.Text == "" || x.Subject == "" {
		t.Errorf("%s: a cause without a share or a text: %+v", d.Today(), x)
	}
	if x.Owner == "" && !anonymous(x) {
		t.Errorf("%s: a cause that names nobody: %+v", d.Today(), x)
	}
	if fixed := x.Phase == catalog.PhaseT1Prep || x.Phase == catalog.PhaseWindow; fixed && strings.Contains(x.Text, "quicker") {
		t.Errorf("%s: what ends on a date that only a decision moves was quick: %+v", d.Today(), x)
	}
	if x.Subject == engagement.PaceSubject && x.Days != p.Pace {
		t.Errorf("%s: the pace is %d, its line says %d", d.Today(), p.Pace, x.Days)
	}
}

// anonymous reports whether a cause is nobody's: a decision, a pause, a promise that is not the plan's, the pace of many, time that was
// made good, what a phase took longer though nobody in particular is known to be why, and what belongs to a role that nobody holds.
func anonymous(x engagement.Driver) bool {
	switch x.Subject {
	case "pause", "scope", "as_of_date", "window_close", "promise", engagement.PaceSubject, string(x.Phase):
		return true
	}
	decided := strings.Contains(x.Text, " put off until ") || strings.HasSuffix(x.Text, " was added")
	return x.Days < 0 || decided || strings.Contains(x.Text, "(the ") || strings.Contains(x.Text, "waits for the ")
}

// In random engagements, whatever people do: causes sum to the delay, on a day on which nothing happens a forecast moves by one business
// day at most, on the morning after one on which people did something by eleven, and percent falls only when there is more to do.
func TestForecastsKeepTheirLaws(t *testing.T) {
	t.Parallel()
	for seed := range *lawLives {
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

// leap is by how many business days a forecast moves at most on the morning after a day on which people did something.
const leap = 11

// quiet lets days pass on which people do nothing.
func quiet(t *testing.T, d *modelstest.Desk, days int) {
	t.Helper()
	most := leap
	for range days {
		events, was, percent := len(d.Events), d.Report().Forecast, d.Facts.Engagement.Summary.Percent
		day := d.Today()
		d.GoTo(day.AddDays(1))
		is := d.Report().Forecast
		sums(t, d, is)
		if happened(d, events) || d.Facts.Engagement.Status != engagement.StatusRunning {
			most = leap
			continue
		}
		for i, p := range is.Reports {
			if i < len(was.Reports) && p.Issued.IsZero() && was.Reports[i].Kind == p.Kind {
				if n := d.Facts.Workdays(was.Reports[i].Expected, p.Expected); n > most || n < -most {
					t.Errorf("from %s to %s nothing happens, and the %s moves by %d business days from %s to %s: %+v\nbefore: %+v", day, d.Today(),
						p.Kind.Name(), n, was.Reports[i].Expected, p.Expected, p, was.Reports[i])
				}
			}
		}
		if d.Facts.Engagement.Outlook.On == d.Today() { // the morning has seen what was done before
			most = 1
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

// Whoever finishes something, late or early, moves no report later: in random lives of random engagements every task that is done or
// accepted and every gate that is signed leaves each report where it was or brings it forward.
func TestFinishingNeverMovesAReportLater(t *testing.T) {
	t.Parallel()
	finished := 0
	for seed := range *lawLives {
		r := rand.New(rand.NewPCG(seed, 67))
		d := modelstest.SomeLife(t, r)
		for n := 0; n < 60 && d.Facts.Engagement.Status == engagement.StatusRunning; n++ {
			for _, act := range finishing(d, r) {
				was, percent := d.Report().Forecast, d.Facts.Engagement.Summary.Percent
				what := act()
				d.Settle()
				is := d.Report().Forecast
				finished++
				later(t, d, what, was, is)
				if got := d.Facts.Engagement.Summary.Percent; got < percent {
					t.Errorf("seed %d: on %s %s, and percent falls from %d to %d", seed, d.Today(), what, percent, got)
				}
				sums(t, d, is)
			}
			quiet(t, d, 1+r.IntN(4))
		}
	}
	if finished < 1000 {
		t.Errorf("only %d things were finished", finished)
	}
}

// finishing returns what people could finish now: some of the open tasks, what waits to be accepted, and what waits for a signature.
func finishing(d *modelstest.Desk, r *rand.Rand) []func() string {
	var out []func() string
	for _, x := range d.Facts.Tasks {
		switch id := x.ID; {
		case r.IntN(3) == 0:
		case x.State == engagement.TaskOpen && d.Doer(x) != "":
			out = append(out, func() string {
				if y := d.Task(id); y.State == engagement.TaskOpen {
					d.Do(string(d.Doer(y)), engagement.CompleteTask, modelstest.Task(id))
				}
				return string(id) + " is done"
			})
		case x.State == engagement.TaskSubmitted && x.Approver != "" && x.Approver != x.DoneBy:
			out = append(out, func() string {
				if y := d.Task(id); y.State == engagement.TaskSubmitted {
					d.Do(string(y.Approver), engagement.AcceptTask, modelstest.Task(id))
				}
				return string(id) + " is accepted"
			})
		}
	}
	for _, g := range d.Signable() {
		if g.Approver != models.RoleSystem && len(g.Who) > 0 && r.IntN(3) > 0 {
			out = append(out, func() string {
				d.Do(string(g.Who[0]), engagement.SignGate, modelstest.Gate(g.ID))
				return g.ID + " is signed"
			})
		}
	}
	return out[:min(len(out), 12)]
}

// later reports reports that are expected later than before.
func later(t *testing.T, d *modelstest.Desk, what string, was, is engagement.Forecast) {
	t.Helper()
	for i, p := range is.Reports {
		if i < len(was.Reports) && p.Issued.IsZero() && p.Kind == was.Reports[i].Kind &&
			d.Facts.Workdays(was.Reports[i].Expected, p.Expected) > 0 {
			t.Errorf("on %s %s, and the %s moves from %s to %s: %+v\nbefore: %+v", d.Today(), what, p.Kind.Name(), was.Reports[i].Expected,
				p.Expected, p, was.Reports[i])
		}
	}
}

// Lists show what was kept of an engagement, the status is reckoned when it is asked for: at every moment, at night and on closed
// days, in a pause and while a worker is behind, both say the same of health, reason, percent and of each report. From one moment to
// another with no six o'clock of a day between them on which firm and client both work, no report moves by itself.
func TestListAndStatusSayTheSameAtEveryMoment(t *testing.T) {
	t.Parallel()
	closed, paused := 0, 0
	for seed := range *lawLives {
		r := rand.New(rand.NewPCG(seed, 71))
		d := modelstest.SomeLife(t, r)
		for range 20 {
			d.Sensibly(r)
			if r.IntN(4) == 0 {
				d.Agree()
			}
			d.Settle()
			sameAsListed(t, d, d.Now.Add(time.Duration(r.IntN(100))*time.Hour)) // nobody has woken it since
			was, events := d.Facts.Engagement.Outlook, len(d.Events)
			d.Pass(anyMoment(d, r))
			sameAsListed(t, d, d.Now)
			is := d.Facts.Engagement
			if is.Status == engagement.StatusPaused {
				paused++
			}
			if happened(d, events) || is.Status != engagement.StatusRunning || is.Outlook.On != was.On {
				continue
			}
			closed++
			for i, k := range is.Outlook.Last {
				if i < len(was.Last) && was.Last[i].Expected != k.Expected {
					t.Errorf("seed %d: on %s nothing happens, and the %s moves from %s to %s", seed, d.Now.In(d.Facts.Location()), k.Kind.Name(),
						was.Last[i].Expected, k.Expected)
				}
			}
			if d.Facts.Workdays(is.Outlook.On, d.Today()) > 1 {
				t.Errorf("seed %d: on %s the forecast is still that of %s", seed, d.Now.In(d.Facts.Location()), is.Outlook.On)
			}
		}
	}
	if closed < 20 || paused < 5 {
		t.Errorf("only %d moments between two forecasts were looked at, and %d in a pause", closed, paused)
	}
}

// anyMoment returns a moment of the days to come: half past midnight, just before and after six, the afternoon, or the next Saturday.
func anyMoment(d *modelstest.Desk, r *rand.Rand) time.Time {
	day := d.Today().AddDays(1 + r.IntN(5))
	if r.IntN(3) == 0 {
		for day.Weekday() != time.Saturday {
			day = day.Next()
		}
	}
	at := [][2]int{{0, 30}, {5, 59}, {6, 1}, {15, 0}, {23, 59}}[r.IntN(5)]
	return day.At(d.Facts.Location(), at[0], at[1])
}

// sameAsListed holds the status at a moment against what lists show.
func sameAsListed(t *testing.T, d *modelstest.Desk, at time.Time) {
	t.Helper()
	list, r := d.Facts.Engagement.Summary, d.Loaded(engagement.Need{}).Report(at)
	reason := ""
	if len(r.Reasons) > 0 {
		reason = r.Reasons[0].Text
	}
	if e := d.Facts.Engagement; e.Status.Ended() {
		return
	}
	if list.Health != r.Health || list.Reason != reason || list.Percent != r.Percent || list.Forecast != r.Forecast.Report ||
		list.Cautious != r.Forecast.Cautious {
		t.Errorf("at %s the list says %s, %q, %d%%, %s to %s, and the status %s, %q, %d%%, %s to %s", at.In(d.Facts.Location()), list.Health,
			list.Reason, list.Percent, list.Forecast, list.Cautious, r.Health, reason, r.Percent, r.Forecast.Report, r.Forecast.Cautious)
	}
	for i, p := range r.Forecast.Reports {
		if k := list.Reports[i]; k.Expected != p.Expected || k.Cautious != p.Cautious || k.Late != p.Late || k.Promised != p.Promised {
			t.Errorf("at %s the list says %+v, and the status %+v", at.In(d.Facts.Location()), k, p)
		}
	}
}

// What is decided in a pause is in the forecast at once, and nothing else moves it there.
func TestADecisionInAPauseIsInTheForecast(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
	was := d.Report().Forecast
	d.GoTo(d.Today().AddDays(9))
	if is := d.Report().Forecast; is.Report != was.Report || !is.Frozen || is.Late != was.Late {
		t.Errorf("in the pause the report, expected on %s, is expected on %s", was.Report, is.Report)
	}
	asOf := d.Facts.Engagement.AsOf.AddDays(28)
	d.Decided("ines", engagement.MoveAsOf, engagement.Change{AsOf: asOf}, "ruth", "hugo")
	is, says := d.Report().Forecast, d.Facts.Engagement.Summary
	if n := d.Facts.Workdays(was.Report, is.Report); n < 15 || says.Forecast != is.Report || is.AsOf != asOf {
		t.Errorf("four weeks were decided upon: the report moves from %s to %s, the list says %s, the as-of date is %s", was.Report, is.Report,
			says.Forecast, is.AsOf)
	}
}
