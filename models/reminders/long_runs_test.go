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
	// off is by how many business days what a message says of a report may differ from the day on which that is issued, from a week after the
	// last stretch on. The aim is 10. The test logs what it is (-v): 1 in the first run and 5 in the second on 2026-11-30, both
	// too late. An absence counts once in somebody's pace, however many things fell due in it.
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
// first twelve days, and the client's people are away from 2027-04-14 to 06-15, two of them as their absences say. From a week after the
// last of these stretches no message names a day for a report that is further from the day of its issue than the aim. What everybody reads
// in them, and each week what is expected, is kept in testdata/runs.
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

// expects finds in what people read on which day which report is expected: "the Type 1 report is expected 11 business days later: on Tue
// 2027-10-19". Of a report that is not named the last one is meant.
var expects = regexp.MustCompile(`(?:(Type [12]) )?report (?:is )?(?:still |now )?expected (?:[a-z0-9 ]+)?on ` +
	`[A-Z][a-z]{2} (\d{4}-\d{2}-\d{2})`)

// expectations holds what messages say of the reports against the days on which they are issued: from a week after the last stretch on
// none is further off than it may be, and nothing is expected of a report that is out.
func (run longRun) expectations(t *testing.T, w *weekly, all []reminders.Rehearsed) {
	t.Helper()
	last := run.idle[len(run.idle)-1].days.End.AddDays(7)
	out := map[string]models.Date{}
	for kind, day := range w.issued {
		out[strings.TrimSuffix(kind.Name(), " report")], out[""] = day, models.Later(out[""], day)
	}
	worst, said := off{}, 0
	for _, m := range all {
		day := m.To.Today(m.At)
		for _, l := range m.Message.Lines() {
			for _, found := range expects.FindAllStringSubmatch(l.Title+" "+l.Text+" "+l.Detail, -1) {
				said++
				x := off{on: day, to: m.To.Name, kind: found[1], says: modelstest.On(found[2])}
				x.days = w.f.ClientDays.Count(x.says, out[x.kind])
				if day.After(out[x.kind]) {
					t.Errorf("%s: that report was issued on %s", x, out[x.kind])
				}
				if x.kind != "Type 1" && !day.After(w.decided) { // nobody knew of the window that was decided upon later
					continue
				}
				if day.After(last) && max(x.days, -x.days) > max(worst.days, -worst.days) {
					worst = x
				}
			}
		}
	}
	if said < 20 {
		t.Errorf("people read %d times when a report is expected", said)
	}
	t.Logf("people read %d times when a report is expected; after %s at worst %s", said, last, worst)
	if max(worst.days, -worst.days) > run.off {
		t.Errorf("%s, where %d may be", worst, run.off)
	}
}

// off is by how many business days a report is issued later than somebody reads that it is expected; negative: earlier.
type off struct {
	on, says models.Date
	to, kind string
	days     int
}

func (x off) String() string {
	return fmt.Sprintf("on %s %s reads that the %s is expected on %s, and it is issued %+d business days from then", x.on, x.to,
		strings.TrimSpace(x.kind+" report"), x.says, x.days)
}

// weekly notes what is expected in each week of a run.
type weekly struct {
	window, decided models.Date // the first day of the window, and the day since which it is that
	t               *testing.T
	f               *engagement.Facts
	lines           []weekLine
	past            map[models.Date]models.Date
	issued          map[engagement.ReportKind]models.Date
	percent         int
	planned         int
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
	if open := f.Engagement.WindowOpen; open != w.window {
		w.window, w.decided = open, day
	}
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
		if s.Title == "News" || s.Title == "Held up" {
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
