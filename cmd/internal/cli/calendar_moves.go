package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

// calendarCheck adds the flag that has a change of calendar tried and not made.
func calendarCheck(f *pflag.FlagSet, check *bool) {
	f.BoolVar(check, "check", false, "change nothing: show what would be, and which dates another calendar would move")
}

// datesShown is how many dates of an engagement are printed before they are only counted.
const datesShown = 10

// calendarMoves prints what a change of calendar moves, engagement by engagement, and of a check that nothing was changed.
func (a *app) calendarMoves(moves client.CalendarMoves, check bool) {
	if check {
		fmt.Fprintln(a.out)
		a.say("", "Nothing was changed: this is what it would be")
	}
	for _, m := range moves.Engagements {
		fmt.Fprintln(a.out)
		a.say("", "%s: %s", m.Engagement, strings.Join(movedIn(m), "; "))
		var rows [][]string
		for _, d := range m.Dates[:min(datesShown, len(m.Dates))] {
			what := "due"
			if d.Field == "send_by" {
				what = "send by"
			}
			rows = append(rows, []string{string(d.Task), what, models.Dated(d.From), models.Dated(d.To), d.Title})
		}
		for _, t := range m.TurnLate[:min(datesShown, len(m.TurnLate))] {
			rows = append(rows, []string{string(t.Task), "is", "in time", "late", t.Title})
		}
		if len(rows) > 0 {
			a.table([]string{"TASK", "WHAT", "FROM", "TO", "TITLE"}, rows)
		}
		if more := len(m.Dates) - datesShown; more > 0 {
			a.say("", "%s", models.AndMore(more, "--json has all dates"))
		}
		if more := len(m.TurnLate) - datesShown; more > 0 {
			a.say("", "%s", models.AndMore(more, "--json has all tasks that become late"))
		}
	}
	switch {
	case moves.More > 0:
		fmt.Fprintln(a.out)
		a.say("", "What moves in %s besides was not reckoned: tickmark engagement list has all of them", count(moves.More, "engagement"))
	case check && len(moves.Engagements) == 0:
		a.say("", "It would move no date of an engagement that you see")
	}
}

// movedIn says in parts of a sentence what moves in an engagement.
func movedIn(m client.CalendarMove) []string {
	var out []string
	if n := len(m.Dates); n > 0 {
		out = append(out, count(n, "date")+map[bool]string{true: " moves", false: " move"}[n == 1])
	}
	if m.LateBefore != m.LateAfter {
		out = append(out, fmt.Sprintf("%s late instead of %d", count(m.LateAfter, "task"), m.LateBefore))
	}
	if m.HealthBefore != m.HealthAfter {
		out = append(out, fmt.Sprintf("%s instead of %s", healthWord(m.HealthAfter), healthWord(m.HealthBefore)))
	}
	if m.Type1Before != m.Type1After {
		out = append(out, fmt.Sprintf("the Type 1 report is expected %s instead of %s", models.Dated(m.Type1After), models.Dated(m.Type1Before)))
	}
	if m.ReportBefore != m.ReportAfter {
		out = append(out, fmt.Sprintf("the report is expected %s instead of %s", models.Dated(m.ReportAfter), models.Dated(m.ReportBefore)))
	}
	if !m.KickoffClosed.IsZero() {
		out = append(out, "its kickoff, "+models.Dated(m.KickoffClosed)+", falls on a closed day then, and does not move by itself")
	}
	return out
}
