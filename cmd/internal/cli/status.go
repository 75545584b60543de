package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func (a *app) engagementStatus() *cobra.Command {
	var history, whole bool
	return a.command(spec{
		use: "status ENGAGEMENT", short: "Where it stands: dates, phases, gates, what is late, who is waited for",
		example: "engagement status northgate-2027\nengagement status northgate-2027 --history\n" +
			"engagement status northgate-2027 --all",
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&whole, "all", false, "every reason, gate and decision with all that is in the way, not only a screen of it")
			f.BoolVar(&history, "history", false, "how the forecast of each report has moved, day by day, instead")
		},
		run: func(ctx context.Context, args []string) error {
			r, ans, err := decode[client.Report](a.ask(a.api.GetStatus(ctx, models.EngagementID(args[0]))))
			if err != nil {
				return err
			}
			if history {
				return a.show(ans, func() { a.forecastHistory(r.Forecast.History) })
			}
			return a.show(ans, func() { a.report(r, whole) })
		},
	})
}

// forecastHistory prints how the forecasts have moved: of days on which nothing moved, the first.
func (a *app) forecastHistory(past []client.PastForecast) {
	if len(past) == 0 {
		a.say("", "nothing was forecast yet")
		return
	}
	last := map[engagement.ReportKind]client.PastForecast{}
	for _, p := range past {
		was, ok := last[p.Report]
		if ok && was.Expected == p.Expected && was.Cautious == p.Cautious && was.Percent == p.Percent {
			continue
		}
		last[p.Report] = p
		a.say(fmt.Sprintf("%-11s %-21s ", p.Day, p.Report.Name()), "%s%s, cautiously %s, %d%% done", p.Expected, farFrom(p.Late), p.Cautious,
			p.Percent)
	}
}

// onScreen is how many entries of each list a status has that fits on a screen.
const onScreen = 5

// cutTo returns the first entries of a list as far as a screen has room, or all of them, and how many others there are.
func cutTo[T any](list []T, whole bool) (shown []T, more int) {
	if whole || len(list) <= onScreen {
		return list, 0
	}
	return list[:onScreen], len(list) - onScreen
}

// more says how many others there are, where there are any, and what lists all of them.
func (a *app) more(n int, command string) {
	if n > 0 {
		fmt.Fprintln(a.out, "  … "+models.AndMore(n, "tickmark "+command))
	}
}

// report answers a project manager's questions in the order they are asked: on a screen, or whole.
func (a *app) report(r client.Report, whole bool) {
	e, all := r.Engagement, fmt.Sprintf("engagement status %s --all", r.Engagement.ID)
	a.say("", "%s (%s) for %s: %s", e.Name, e.ID, e.ClientName, strings.ToUpper(standing(e.Status, r.Health)))
	reasons, more := cutTo(r.Reasons, whole)
	for _, why := range reasons {
		a.say("  - ", "%s", why.Text)
	}
	a.more(more, all)
	if e.Status == engagement.StatusPaused {
		a.say("  - ", "%s: reminders stop, an open window runs on; before the pause it was %s",
			engagement.PausedSince(e.PausedOn, e.PausedUntil), healthWord(r.Health))
	}
	if e.Muted {
		a.say("  - ", "muted: nothing is sent about it, its days go on")
	}
	if e.Status == engagement.StatusDraft {
		a.say("  - ", "a plan that nobody is reminded of: no time runs until it is started")
		a.hint("engagement start %s", e.ID)
		return
	}
	if day := endedOn(e); ended(e) {
		a.say("  - ", "%s on %s: nobody is asked for anything any more", e.Status, day)
		a.reportDates(r)
		a.reportPhases(r)
		a.reportMissed(r, all, whole)
		fmt.Fprintf(a.out, "\nAs of %s UTC, revision %d. Days are those of %s.\n", instant(r.At), e.Revision, e.TimeZone)
		return
	}
	a.reportDates(r)
	a.reportPhases(r)
	a.reportGates(r.Gates, e, whole)
	a.reportDecisions(r.Decisions, e, whole)
	a.reportTasks(fmt.Sprintf("Overdue: %d of %s", max(e.OverdueTasks, len(r.Overdue)), count(r.OpenTasks, "open task")), r.Overdue,
		nothingOverdue(r), max(e.OverdueTasks, len(r.Overdue)),
		fmt.Sprintf("engagement tasks %s --overdue", e.ID))
	if len(r.Past) > 0 {
		a.reportTasks(fmt.Sprintf("Past their date and waiting for others: %d", r.PastTasks), r.Past, "",
			r.PastTasks, fmt.Sprintf("engagement tasks %s --state waiting", e.ID))
	}
	a.reportMissed(r, all, whole)
	a.reportTasks("Due next", r.Next, nothingNext(r), max(r.NextTasks, len(r.Next)), fmt.Sprintf("engagement tasks %s --open", e.ID))
	a.reportWaiting(r.WaitingFor, all, whole)
	fmt.Fprintf(a.out, "\nAs of %s UTC, revision %d. Days are those of %s.\n", instant(r.At), e.Revision, e.TimeZone)
}

// nothingNext says that nothing is due soon, besides what is past its date.
func nothingNext(r client.Report) string {
	if len(r.Overdue)+len(r.Past) > 0 {
		return "Due next: nothing else within two weeks"
	}
	return "Due next: nothing within two weeks"
}

// reportMissed prints the controls that were not performed in their period, if there are any: those that a screen has room for, or all.
// What is more than the API lists is in the record.
func (a *app) reportMissed(r client.Report, all string, whole bool) {
	if r.MissedTasks == 0 {
		return
	}
	fmt.Fprintf(a.out, "\nNot performed in their period, which an auditor will find: %s\n", count(r.MissedTasks, "control"))
	shown, more := cutTo(r.Missed, whole)
	var rows [][]string
	for _, m := range shown {
		on := "not reported as performed"
		if !m.PerformedOn.IsZero() {
			on = "performed on " + m.PerformedOn.String()
		}
		rows = append(rows, []string{string(m.Task), m.Title, "until " + m.PeriodEnd.String(), on})
	}
	a.indented("  ", rows)
	a.more(more, all)
	a.more(r.MissedTasks-len(r.Missed), fmt.Sprintf("engagement timeline %s --kind task.missed", r.Engagement.ID))
}

// nothingOverdue says that nobody is late with a task, and what there is all the same of an engagement that is late.
func nothingOverdue(r client.Report) string {
	switch {
	case r.PastTasks > 0:
		return "Overdue: no task that can be done; what is past its date waits for others"
	case r.Health == engagement.HealthLate && len(r.Reasons) == 0:
		return "Overdue: nothing of yours"
	case r.Health == engagement.HealthLate:
		return "Overdue: no task; why it is late all the same stands at the top"
	}
	return "Overdue: nothing"
}

// reportDates prints the report date as agreed, promised and expected, what makes the difference, and the other dates.
func (a *app) reportDates(r client.Report) {
	e, f := r.Engagement, r.Forecast
	line := func(of, what, text string) { a.say(fmt.Sprintf("%-11s %-9s ", of, what), "%s", text) }
	fmt.Fprintln(a.out)
	line("Report", "agreed", r.BaselineReport.String())
	line("", "promised", r.TargetReport.String())
	switch {
	case e.Status == engagement.StatusCompleted:
		if !f.Report.IsZero() {
			line("", "issued", f.Report.String()+farFrom(f.Late))
		}
	case e.Status != engagement.StatusCancelled:
		if f.Issued {
			line("", "issued", f.Report.String()+farFrom(f.Late))
			break
		}
		line("", "forecast", forecastOf(r))
		if !f.Cautious.IsZero() && f.Cautious != f.Report {
			line("", "cautious", f.Cautious.String()+", four times in five not later")
		}
		label := "because"
		for _, d := range f.Drivers {
			if d.Subject == engagement.PaceSubject {
				label = "pace"
			}
			line("", label, count(d.Days, "business day")+": "+d.Text)
			label = ""
		}
		label = "would help"
		for _, d := range f.Helps {
			line("", label, count(d.Days, "business day")+" earlier: "+d.Text)
			label = ""
		}
		for _, n := range f.Notes {
			line("", "note", n)
		}
	}
	for i, p := range f.Reports {
		if i < len(f.Reports)-1 && e.Status != engagement.StatusCancelled {
			a.earlierReport(p)
		}
	}
	if ended(e) { // what could have been held does not matter any more
		f.AsOf, f.WindowOpen = models.Date{}, models.Date{}
	}
	if !e.AsOf.IsZero() {
		line("As-of date", "agreed", e.AsOf.String()+holds(e.AsOf, f.AsOf))
	}
	if w := e.Window; !w.Opens.IsZero() {
		line("Window", "agreed", fmt.Sprintf("%s to %s (%s)%s", w.Opens, w.Closes, count(w.Months, "month"), holds(w.Opens, f.WindowOpen)))
	}
}

// earlierReport prints the dates of a report that comes before the last.
func (a *app) earlierReport(p client.ReportForecast) {
	what, day := "forecast", p.Expected
	if !p.Issued.IsZero() {
		what, day = "issued", p.Issued
	}
	a.say(fmt.Sprintf("%-11s %-9s ", "", models.Upper(p.Name)), "promised %s, %s %s%s", p.Promised, what, day, farFrom(p.Late))
}

// farFrom says how far a day lies from the promised one.
func farFrom(days int) string {
	switch {
	case days > 0:
		return ", " + count(days, "business day") + " late"
	case days < 0:
		return ", " + count(-days, "business day") + " early"
	}
	return ", as promised"
}

// forecastOf says when the report is expected, and how that compares with what was promised.
func forecastOf(r client.Report) string {
	if r.Forecast.Report.IsZero() {
		return "none"
	}
	text := r.Forecast.Report.String() + verdict(r)
	if r.Forecast.Frozen {
		text += ", as of the pause"
	}
	return text
}

func ended(e client.Engagement) bool {
	return e.Status == engagement.StatusCompleted || e.Status == engagement.StatusCancelled
}

// endedOn returns the engagement's local date of its end.
func endedOn(e client.Engagement) models.Date {
	return models.DateIn(e.EndedAt, models.Zone(e.TimeZone))
}

// verdict says how far the forecast is from the promised date.
func verdict(r client.Report) string { return farFrom(r.Forecast.Late) }

// holds says when an agreed date could be held, where that is later.
func holds(agreed, could models.Date) string {
	if could.After(agreed) {
		return fmt.Sprintf(", could be held on %s", could)
	}
	return ""
}

// reportPhases prints the phases that are under way and those to come, and how many come before.
func (a *app) reportPhases(r client.Report) {
	var rows, ahead [][]string
	done, waiting := 0, 0
	for _, p := range r.Phases {
		switch p.Standing {
		case engagement.StandingDone:
			done++
		case engagement.StandingWaiting:
			waiting++
			if !p.Forecast.IsZero() {
				ahead = append(ahead, []string{p.Name, p.ForecastStart.String(), p.Plan.End.String(), p.Forecast.String()})
			}
		case engagement.StandingActive:
			name := p.Name
			if p.Round > 1 {
				name += fmt.Sprintf(" (round %d)", p.Round)
			}
			expected := p.Forecast.String()
			if ended(r.Engagement) {
				expected = ""
			}
			rows = append(rows, []string{name, doneOf(r, p), fmt.Sprintf("%d of %d", p.Closed, p.Tasks),
				p.Actual.Start.String(), p.Plan.End.String(), expected})
		}
	}
	fmt.Fprintf(a.out, "\nPhases: %d done, %d under way, %d to come; %d%% of the planned work is done\n", done, len(rows), waiting,
		r.Percent)
	switch {
	case len(rows) > 0 && ended(r.Engagement):
		a.indented("  ", append([][]string{{"LEFT UNFINISHED", "DONE", "TASKS SO FAR", "SINCE", "PLANNED UNTIL"}}, rows...))
	case len(rows) > 0:
		a.indented("  ", append([][]string{{"UNDER WAY", "DONE", "TASKS SO FAR", "SINCE", "PLANNED UNTIL", "EXPECTED UNTIL"}}, rows...))
	}
	if len(ahead) > 0 {
		a.indented("  ", append([][]string{{"TO COME", "EXPECTED FROM", "PLANNED UNTIL", "EXPECTED UNTIL"}}, ahead...))
	}
}

// doneOf says how far a phase is: the tasks closed of those so far, in the observation window the days that have passed.
func doneOf(r client.Report, p client.PhaseReport) string {
	w := r.Engagement.Window
	if p.Phase != catalog.PhaseWindow || w.Opens.IsZero() || w.Closes.IsZero() {
		return fmt.Sprintf("%3d%%", p.Percent)
	}
	all := w.Opens.DaysUntil(w.Closes) + 1
	passed := w.Opens.DaysUntil(models.DateIn(r.At, models.Zone(r.Engagement.TimeZone)))
	return fmt.Sprintf("%d of %s", min(max(passed, 0), all), count(all, "day"))
}

func (a *app) reportGates(gates []client.Gate, e client.Engagement, whole bool) {
	if len(gates) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\nOpen gates\n")
	shown, more := cutTo(gates, whole)
	for _, g := range shown {
		a.gate(g, e.TimeZone, fmt.Sprintf("gate list %s", e.ID), whole)
	}
	a.more(more, fmt.Sprintf("gate list %s", e.ID))
}

func (a *app) reportDecisions(decisions []client.Decision, e client.Engagement, whole bool) {
	if len(decisions) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\nDecisions to be made\n")
	shown, more := cutTo(decisions, whole)
	for _, d := range shown {
		a.say("  "+d.ID+"  ", "%s, proposed by %s: %s; waits for %s", effect(d), d.ProposedBy, d.Reason, waitsFor(d))
	}
	a.more(more, fmt.Sprintf("decision list %s", e.ID))
}

// reportTasks prints the first tasks of a list of so many, those of one kind, person and day together, and how to see all of them.
func (a *app) reportTasks(title string, tasks []client.Task, none string, of int, all string) {
	if len(tasks) == 0 {
		fmt.Fprintf(a.out, "\n%s\n", none)
		return
	}
	fmt.Fprintf(a.out, "\n%s\n", title)
	groups := alike(tasks, func(t client.Task) any {
		return []string{t.Template, string(t.Owner), t.OwnerName, t.Due.String(), lateness(t)}
	})
	shown, together := 0, false
	var rows [][]string
	for _, g := range groups[:min(onScreen, len(groups))] {
		t := g[0]
		row := []string{string(t.ID), t.Title, firstOf(t.OwnerName, ownerOf(t)), t.Due.String(), lateness(t)}
		if len(g) > 1 {
			row[0], row[1], together = t.Template, engagement.Several(len(g), "", t.Title), true
		}
		rows = append(rows, row)
		shown += len(g)
	}
	a.indented("  ", rows)
	if a.more(of-shown, all); together && of == shown {
		fmt.Fprintf(a.out, "  All of them: tickmark %s\n", all)
	}
}

// likeFrom is from how many things of one kind on a status tells them in one line.
const likeFrom = 3

// alike puts things together that are of one kind, each where the first of them stands: those whose kind is the same and that are likeFrom
// at least. What has no kind of its own is a thing by itself.
func alike[T any](all []T, kind func(T) any) [][]T {
	many := map[string]int{}
	for _, x := range all {
		many[fmt.Sprintf("%q", kind(x))]++
	}
	var out [][]T
	at := map[string]int{}
	for _, x := range all {
		key := fmt.Sprintf("%q", kind(x))
		if i, ok := at[key]; ok && many[key] >= likeFrom {
			out[i] = append(out[i], x)
			continue
		}
		at[key], out = len(out), append(out, []T{x})
	}
	return out
}

func (a *app) reportWaiting(waiting []client.WaitingFor, all string, whole bool) {
	if len(waiting) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\nWaiting for\n")
	var rows [][]string
	var away []string
	shown, more := cutTo(waiting, whole)
	for _, w := range shown {
		who := firstOf(w.Name, string(w.Person), "nobody")
		rows = append(rows, []string{who, w.Role, "since " + w.Since.String(), count(w.Items, "item"), w.First})
		if w.Instead != "" {
			away = append(away, who+", "+w.Instead)
		}
	}
	a.indented("  ", rows)
	for _, line := range away {
		fmt.Fprintln(a.out, "  "+line)
	}
	a.more(more, all)
}
