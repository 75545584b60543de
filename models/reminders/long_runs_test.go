package reminders_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// A longRun is an engagement that is lived through from before its kickoff until it is complete, by people who are on time but for two
// stretches of days on which some of them do nothing.
type longRun struct {
	name, example string
	idle          []stretch
	away          map[models.PersonID]reminders.Absence
	// off is by how many business days what a message says of a report may differ from the day on which it is issued, from a week after the
	// last stretch on.
	off int
}

// A stretch is some days on which some people do nothing, without a word to anybody.
type stretch struct {
	days planning.Span
	who  func(engagement.Actor) bool
}

func everybody(engagement.Actor) bool { return true }

// theClient are the people of the client.
func theClient(a engagement.Actor) bool { return a.Role.Side() == models.SideClient }

// The two long runs of the trials (docs/findings.md): a startup from its kickoff to completion, where nobody does anything for the first
// twelve days and two months later the client rests for six weeks; and a Type 1 then Type 2 into renewal, where nobody does anything in the
// first twelve days, and the client's people are away from 2027-04-14 to 06-15, two of them as their absences say. What everybody reads in
// them, and each week what is expected, is kept in testdata/runs.
func TestTheTwoLongRuns(t *testing.T) {
	on := modelstest.On
	for _, run := range []longRun{
		{name: "startup_to_completion", example: "startup-type1", off: 10, idle: []stretch{
			{planning.Span{Start: on("2027-01-04"), End: on("2027-01-15")}, everybody},
			{planning.Span{Start: on("2027-03-15"), End: on("2027-04-23")}, theClient}}},
		{name: "type1_then_type2_into_renewal", example: "saas-type1-type2", off: 10, idle: []stretch{
			{planning.Span{Start: on("2027-01-11"), End: on("2027-01-22")}, everybody},
			{planning.Span{Start: on("2027-04-14"), End: on("2027-06-15")}, theClient}},
			away: map[models.PersonID]reminders.Absence{
				"kenji": {Person: "kenji", StandIn: "olga", Days: planning.Span{Start: on("2027-04-14"), End: on("2027-05-14")}},
				"nils":  {Person: "nils", Days: planning.Span{Start: on("2027-05-03"), End: on("2027-05-28")}}}},
	} {
		t.Run(run.name, func(t *testing.T) {
			t.Parallel()
			run.live(t)
		})
	}
}

// live lives a run through, holds it against the laws, and compares what is read in it with what was read before.
func (run longRun) live(t *testing.T) {
	f, aud := anExample(t, run.example)
	for id, days := range run.away {
		aud.People[id].Away = []reminders.Absence{days}
	}
	w := &weekly{t: t, past: map[models.Date]models.Date{}, issued: map[engagement.ReportKind]models.Date{}}
	idle := func(a engagement.Actor, at time.Time) bool {
		for _, s := range run.idle {
			if day := f.Today(at); s.who(a) && !day.Before(s.days.Start) && !day.After(s.days.End) {
				return true
			}
		}
		return false
	}
	got, err := reminders.RehearseIdle(f, aud, reminders.AssumeOnTime, f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0),
		f.Engagement.Kickoff.AddMonths(30), idle, nil, w.lives)
	if err != nil {
		t.Fatal(err)
	}
	if got.EndedOn.IsZero() {
		t.Fatalf("it does not come to its end: %s", got.Stopped)
	}
	laws(t, got.Messages)
	for _, who := range []models.PersonID{f.Engagement.Manager, f.Engagement.Partner, f.Sponsor()} {
		heardWeekly(t, aud.People[who], got.Messages, w.past)
	}
	run.expectations(t, w, got.Messages)
	modelstest.Golden(t, filepath.Join("runs", run.name+".golden"), w.text(got))
}

// expects finds in what people read on which day a report is expected.
var expects = regexp.MustCompile(`expected (?:[a-z0-9 ]+: )?on [A-Z][a-z]{2} (\d{4}-\d{2}-\d{2})`)

// expectations holds what messages say of the reports against the days on which they are issued: from a week after the last stretch on
// none is further off than it may be, and nothing is expected of an engagement whose last report is out.
func (run longRun) expectations(t *testing.T, w *weekly, all []reminders.Rehearsed) {
	t.Helper()
	last := run.idle[len(run.idle)-1].days.End.AddDays(7)
	over := models.Date{}
	for _, day := range w.issued {
		over = models.Later(over, day)
	}
	worst, said := 0, 0
	for _, m := range all {
		day := m.To.Today(m.At)
		for _, l := range m.Message.Lines() {
			for _, found := range expects.FindAllStringSubmatch(l.Title+" "+l.Text+" "+l.Detail, -1) {
				said++
				if day.After(over) {
					t.Errorf("on %s, after the last report was issued, %s reads: %s: %s", day, m.To.Name, l.Title, l.Text)
				}
				off := w.f.ClientDays.Count(modelstest.On(found[1]), over)
				if day.After(last) {
					worst = max(worst, off, -off)
				}
				if off = max(off, -off); off > run.off && day.After(last) {
					t.Errorf("on %s %s reads that the report is expected on %s; it is issued on %s, %d business days apart", day, m.To.Name,
						found[1], over, off)
				}
			}
		}
	}
	if said == 0 {
		t.Error("nobody reads when a report is expected")
	}
	t.Logf("%d times a day is named on which a report is expected; after %s it is %d business days off at most", said, last, worst)
}

// weekly notes what is expected in each week of a run.
type weekly struct {
	t       *testing.T
	f       *engagement.Facts
	lines   []weekLine
	past    map[models.Date]models.Date
	issued  map[engagement.ReportKind]models.Date
	percent int
	planned int
}

// weekLine is what is expected at the beginning of a week.
type weekLine struct {
	at   time.Time
	text string
}

// lives notes an instant that has been lived: what has passed its date on that day, and on the first of each week what is expected.
func (w *weekly) lives(f *engagement.Facts, at time.Time) {
	w.f = f
	day := f.Today(at)
	w.past[day] = longestPast(f, day)
	if !f.Engagement.Status.Live() {
		return
	}
	if len(w.lines) > 0 && f.Today(w.lines[len(w.lines)-1].at).Monday() == day.Monday() {
		return
	}
	c := modelstest.CopyOf(f)
	c.SkipSummary = false
	engagement.Advance(c, at)
	s, planned := c.Engagement.Summary, 0
	for _, e := range c.Engagement.Outlook.Effort {
		planned += e.Planned
	}
	if s.Percent < w.percent && planned <= w.planned {
		w.t.Errorf("on %s percent falls from %d to %d, and there is no more to do than before", day, w.percent, s.Percent)
	}
	w.percent, w.planned = s.Percent, planned
	text := fmt.Sprintf("%s  == %3d%% %-9s", models.Dated(day), s.Percent, strings.ReplaceAll(string(s.Health), "_", " "))
	for _, p := range c.Forecast(at).Reports {
		switch {
		case !p.Issued.IsZero():
			w.issued[p.Kind] = p.Issued
			text += fmt.Sprintf(" | %s issued %s, promised %s", p.Kind.Name(), p.Issued, p.Promised)
		default:
			text += fmt.Sprintf(" | %s %s, promised %s", p.Kind.Name(), p.Expected, p.Promised)
		}
		if out := c.Engagement.Outlook.Issued[p.Kind]; p.Issued != out {
			w.t.Errorf("on %s the %s is forecast as issued on %s, and it was issued on %s", day, p.Kind.Name(), p.Issued, out)
		}
		text += apart(p.Late)
	}
	w.lines = append(w.lines, weekLine{at, text})
}

// apart says by how many business days a report is late.
func apart(late int) string {
	if late == 0 {
		return ""
	}
	return fmt.Sprintf(" (%+d)", late)
}

// text is what is kept of a run: a line for each week, and between them a line for each message.
func (w *weekly) text(got reminders.Rehearsal) string {
	var b strings.Builder
	i := 0
	for _, line := range w.lines {
		for ; i < len(got.Messages) && got.Messages[i].At.Before(line.at); i++ {
			b.WriteString(brief(got.Messages[i]) + "\n")
		}
		b.WriteString(line.text + "\n")
	}
	for _, m := range got.Messages[i:] {
		b.WriteString(brief(m) + "\n")
	}
	fmt.Fprintf(&b, "It is complete on %s.\n%s", models.Dated(got.EndedOn), count(got.Messages))
	return b.String()
}

// brief is a message in one line: what is told in full, and of what is asked the first of each section and how much more there is.
func brief(m reminders.Rehearsed) string {
	text := m.At.In(m.To.Zone()).Format("Mon 2006-01-02 15:04") + " " + reminders.FirstName(m.To.Name)
	for _, s := range m.Message.Sections {
		shown := 1
		if s.Title == "News" || s.Title == "Stands still" {
			shown = len(s.Lines)
		}
		text += " | " + s.Title + ": "
		for i, l := range s.Lines[:shown] {
			if i > 0 {
				text += "; "
			}
			text += l.Title + ": " + l.Text
		}
		if rest := len(s.Lines) - shown; rest > 0 {
			text += fmt.Sprintf(" (+%d)", rest)
		}
	}
	if m.Message.More > 0 {
		text += fmt.Sprintf(" | and %d more", m.Message.More)
	}
	return text
}
