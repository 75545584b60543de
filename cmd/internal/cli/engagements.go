package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func (a *app) engagementCommands() *cobra.Command {
	return group("engagement", "The work towards one report, from draft to completion",
		a.engagementStart(), a.engagementDraft(),
		a.engagementCopy(), a.engagementList(), a.engagementStatus(), a.engagementShow(), a.engagementPlan(),
		a.engagementTimeline(), a.taskList("tasks"), a.engagementEdit(), a.engagementPause(), a.engagementResume(), a.engagementCancel(),
		a.engagementReinstate(), a.engagementMute(), a.engagementUnmute(), a.engagementHandOver(), a.engagementRehearse(), a.engagementPreview(),
		a.moveKickoff(), a.moveAsOf(), a.moveWindow(), a.changeScope(), a.dropType1(), a.returnPhase(), a.acceptRisk())
}

func (a *app) engagementList() *cobra.Command {
	var (
		health  engagement.Health
		status  engagement.Status
		phase   catalog.Phase
		manager models.PersonID
		company models.ClientID
		q, sort string
		ended   bool
		limit   int
	)
	return a.command(spec{
		use: "list", short: "The portfolio: how every engagement stands, and why",
		long: "The portfolio: how every engagement stands, and why it is not simply on track. Those that were completed or cancelled are left\n" +
			"out unless --ended or --status asks for them.",
		example: "engagement list --health late\nengagement list --manager ines --status running --sort forecast",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &health, "health", "on_track, at_risk or late")
			wordVar(f, &status, "status", "draft, running, paused, cancelled or completed")
			wordVar(f, &phase, "phase", "a phase that is active, as in remediation")
			wordVar(f, &manager, "manager", "only engagements of this manager")
			wordVar(f, &company, "client", "only engagements of this client")
			f.BoolVar(&ended, "ended", false, "also those that were completed or cancelled")
			f.StringVar(&q, "q", "", "part of the name or id")
			f.StringVar(&sort, "sort", "", "name, client, health, forecast, next_due or kickoff; a minus turns it around: --sort=-forecast")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			of := client.ListEngagementsParams{Health: given(health), Status: given(status), Phase: given(phase), Manager: given(manager),
				Client: given(company), Q: given(q), Sort: given(sort), Live: given(!ended && status == "")}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.ListEngagements(ctx, &of)
			}, a.engagementTable)
		},
	})
}

// engagementTable prints how engagements stand, and under each why it is not simply on track.
func (a *app) engagementTable(all []client.EngagementLine) {
	if len(all) == 0 && !a.asCSV {
		a.table(nil, nil)
		return
	}
	header := []string{"ENGAGEMENT", "CLIENT", "HEALTH", "PHASES", "DONE", "OVERDUE", "MANAGER", "REPORT", "PROMISED", "FORECAST"}
	if a.asCSV {
		header = append(header, "TYPE 1 PROMISED", "TYPE 1 FORECAST")
	}
	rows, notes := [][]string{header}, []string{""}
	for _, e := range all {
		overdue := ""
		if e.OverdueTasks > 0 {
			overdue = fmt.Sprintf("%d of %d", e.OverdueTasks, e.OpenTasks)
		}
		row := []string{string(e.ID), e.ClientName, standing(e.Status, e.Health), names(e.ActivePhases), fmt.Sprintf("%d%%", e.Percent), overdue,
			string(e.Manager)}
		for _, line := range a.reportRows(row, e) {
			rows, notes = append(rows, line), append(notes, "")
		}
		if e.Status.Live() && e.Health != engagement.HealthOnTrack {
			notes[len(notes)-1] = e.Reason
		}
		if e.Status == engagement.StatusPaused {
			notes[len(notes)-1] = strings.TrimSuffix(engagement.PausedSince(e.PausedOn, e.PausedUntil)+"; "+notes[len(notes)-1], "; ")
		}
	}
	a.noted(rows, notes, "WHY")
}

// reportRows returns the row of an engagement with its reports: each on a line of its own, the first on that of the engagement. A
// spreadsheet has one row for each engagement, with its last report and beside it the Type 1.
func (a *app) reportRows(row []string, e client.EngagementLine) [][]string {
	reports := e.Reports
	if len(reports) == 0 { // a draft, or of a server of before
		reports = []client.ReportDates{{Promised: e.TargetReport, Expected: e.ForecastReport}}
	}
	if a.asCSV {
		promised, expected := models.Date{}, models.Date{}
		if first := reports[0]; first.Kind == engagement.ReportType1 {
			promised, expected = first.Promised, first.Expected
		}
		return [][]string{append(append(row, reportCells(reports[len(reports)-1])...), promised.String(), expected.String())}
	}
	out := make([][]string, len(reports))
	for i, r := range reports {
		if out[i] = make([]string, len(row)); i == 0 {
			out[i] = row
		}
		out[i] = append(out[i], reportCells(r)...)
	}
	return out
}

// reportCells returns what a list shows of a report: which it is, for when it is promised, and when it is expected or was issued.
func reportCells(r client.ReportDates) []string {
	name := strings.TrimSuffix(strings.TrimSuffix(r.Name, " report"), " sign-off")
	if !r.Issued.IsZero() {
		name += ", issued"
	}
	return []string{name, r.Promised.String(), r.Expected.String()}
}

func (a *app) engagementShow() *cobra.Command {
	return a.command(spec{
		use: "show ENGAGEMENT", short: "Show scope, dates and team of an engagement",
		example: "engagement show northgate-2027",
		run: func(ctx context.Context, args []string) error {
			e, ans, err := decode[client.Engagement](a.ask(a.api.GetEngagement(ctx, models.EngagementID(args[0]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.engagementCard(e) })
		},
	})
}

func (a *app) engagementCard(e client.Engagement) {
	window := ""
	if !e.Window.Opens.IsZero() {
		window = fmt.Sprintf("%s to %s (%s)", e.Window.Opens, e.Window.Closes, count(e.Window.Months, "month"))
	} else if e.WindowMonths > 0 {
		window = count(e.WindowMonths, "month")
	}
	muted := ""
	if e.Muted {
		muted = "none: it is muted"
	}
	card := [][2]string{{"Engagement", string(e.ID)}, {"Name", e.Name},
		{"Client", fmt.Sprintf("%s (%s), %d people, %s", e.Client, e.ClientName, e.Headcount, e.TimeZone)},
		{"Type", e.Type}, {"Categories", names(e.Categories)}, {"Add-ons", names(e.Addons)},
		{"Status", string(e.Status)}, {"Health", healthWord(e.Health)}, {"Why", models.WithWeekdays(e.Reason)},
		{"Kickoff", e.Kickoff.String()}, {"As-of date", e.AsOf.String()}, {"Window", window},
		{"Previous window", e.PreviousClose.String()},
		{"Predecessor", string(e.Predecessor)}, {"Report agreed", e.BaselineReport.String()}}
	card = append(append(card, reportPairs(e)...), [][2]string{
		{"Partner", string(e.Partner)}, {"Manager", string(e.Manager)}, {"Consultants", names(e.Consultants)},
		{"Auditor", string(e.Auditor)}, {"Paused on", e.PausedOn.String()}, {"Paused until", e.PausedUntil.String()}, {"Messages", muted},
		{"Catalog", e.Catalog},
		{"Started (UTC)", instant(e.StartedAt)},
		{"Ended (UTC)", instant(e.EndedAt)}, {"Can be reinstated until (UTC)", instant(e.ReinstateUntil)},
		{"Revision", fmt.Sprint(e.Revision)}}...)
	a.card(card...)
}

// reportPairs returns the lines of a card about the reports: of several each is named.
func reportPairs(e client.Engagement) [][2]string {
	if len(e.Reports) < 2 {
		return [][2]string{{"Report promised", e.TargetReport.String()}, {"Report forecast", e.ForecastReport.String()}}
	}
	var out [][2]string
	for _, r := range e.Reports {
		stands := "expected " + r.Expected.String()
		if !r.Issued.IsZero() {
			stands = "issued " + r.Issued.String()
		}
		out = append(out, [2]string{r.Name, "promised " + r.Promised.String() + ", " + stands})
	}
	return out
}

func (a *app) engagementTimeline() *cobra.Command {
	var newest bool
	var since, until models.Date
	var kind string
	var limit int
	return a.command(spec{
		use: "timeline ENGAGEMENT", short: "The record: who did what, when and why",
		long:    "The record: who did what, when and why. What one command changed is one line with a count; --csv and --json have every event.",
		example: "engagement timeline northgate-2027 --since 2027-03-15\nengagement timeline northgate-2027 --kind task --newest --limit 20",
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &since, "since", "in UTC on or after which it happened")
			dateVar(f, &until, "until", "in UTC on or before which it happened")
			f.StringVar(&kind, "kind", "", "only events of this kind, as in task.moved; task has all of tasks")
			f.BoolVar(&newest, "newest", false, "newest first")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, args []string) error {
			of := client.GetTimelineParams{Order: given(order(newest)), Since: given(since), Until: given(until), Kind: given(kind)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.GetTimeline(ctx, models.EngagementID(args[0]), &of)
			}, a.eventTable)
		},
	})
}

// order is how a record is asked for.
func order(newest bool) string {
	if newest {
		return "desc"
	}
	return "asc"
}

// change says what an event changed.
func change(e client.Event) string {
	text := e.To
	if e.From != "" {
		text = e.From + " -> " + e.To
	}
	if e.Field != "" && text != "" {
		return e.Field + ": " + text
	}
	return e.Field + text
}

func (a *app) engagementEdit() *cobra.Command {
	var in client.NewEngagement
	var reason string
	var f *pflag.FlagSet
	return a.command(spec{
		use: "edit ENGAGEMENT", short: "Change a draft, or the team of a running engagement",
		long: "Change a draft, or name, promised date and team of a running engagement. Its dates and scope change by decisions:\n" +
			"engagement kickoff, as-of, window, scope, drop-type1. Until the first task is done its kickoff changes here as well, and\n" +
			"all is planned anew. Another kickoff or promise takes a reason, and is told to those whom it concerns.",
		example: "engagement edit northgate-2027 --kickoff 2027-01-18 --reason 'the client asked for a week'\n" +
			"engagement edit northgate-2027 --consultants priya,tom",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			f.StringVar(&in.Name, "name", "", "what the engagement is called")
			f.StringVar(&in.Type, "type", "", "engagement type, as in soc2_type1")
			wordsVar(f, &in.Categories, "categories", "all that shall be in scope, as in security,availability")
			wordsVar(f, &in.Addons, "addons", "all that shall be had, as in soc3")
			dateVar(f, &in.Kickoff, "kickoff", "of the kickoff meeting")
			dateVar(f, &in.AsOf, "as-of", "of the Type 1 opinion")
			dateVar(f, &in.WindowOpen, "window-open", "on which the Type 2 window opens")
			f.IntVar(&in.WindowMonths, "months", 0, "length of the window")
			dateVar(f, &in.PreviousClose, "previous-close", "on which the window before closed")
			dateVar(f, &in.TargetReport, "target", "that is promised for the report")
			wordVar(f, &in.Partner, "partner", "who owns the client relation")
			wordVar(f, &in.Manager, "manager", "who runs the plan")
			wordVar(f, &in.Auditor, "auditor", "who examines")
			wordsVar(f, &in.Consultants, "consultants", "all who do the work")
			reasonVar(f, &reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			to := client.EngagementChange{Name: changed(f, "name", in.Name), Type: changed(f, "type", in.Type),
				Categories: changed(f, "categories", in.Categories), Addons: changed(f, "addons", in.Addons),
				Kickoff: changed(f, "kickoff", in.Kickoff), AsOf: changed(f, "as-of", in.AsOf), WindowOpen: changed(f, "window-open", in.WindowOpen),
				WindowMonths: changed(f, "months", in.WindowMonths), PreviousClose: changed(f, "previous-close", in.PreviousClose),
				TargetReport: changed(f, "target", in.TargetReport), Partner: changed(f, "partner", in.Partner),
				Manager: changed(f, "manager", in.Manager), Auditor: changed(f, "auditor", in.Auditor),
				Consultants: changed(f, "consultants", in.Consultants)}
			if to == (client.EngagementChange{}) {
				return misused("nothing to change was named")
			}
			to.Reason = reason
			return a.done(ctx, "%s is changed", args[0])(
				a.api.EditEngagement(ctx, models.EngagementID(args[0]), (*client.EditEngagementParams)(a.stamp()), to))
		},
	})
}

func (a *app) engagementPause() *cobra.Command {
	var in client.Pausing
	var yes bool
	return a.command(spec{
		use: "pause ENGAGEMENT --reason TEXT", short: "Pause: reminders stop, an open window runs on",
		long: "Pause: nobody is reminded of anything, and the time does not count. When it goes on, dates that were agreed before have moved\n" +
			"by the business days of the pause, and what was agreed in it stays. An open window runs on: where its controls fall due\n" +
			"meanwhile, it says how many of them nobody would be asked for, until the day named or in the next four weeks, and asks.",
		example: "engagement pause northgate-2027 --until 2027-05-03 --reason 'the client is being acquired'",
		need:    []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &in.Until, "until", "on which it is expected to go on; it does not go on by itself")
			f.BoolVar(&in.Check, "check", false, "keep nothing: say what the pause would do, also to the dates of reports")
			f.BoolVar(&yes, "yes", false, "pause it though controls fall due of which nobody is reminded")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.pause(ctx, models.EngagementID(args[0]), in, yes)
		},
	})
}

// pause pauses an engagement. Where the server says that something falls due unasked, it asks whoever sits there.
func (a *app) pause(ctx context.Context, id models.EngagementID, in client.Pausing, yes bool) error {
	if in.Check {
		would, ans, err := decode[client.Result](a.ask(a.api.PauseEngagement(ctx, id, (*client.PauseEngagementParams)(a.stamp()), in)))
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			a.say("", "%s would be paused; nothing was kept.", id)
			a.lines(would.Effect)
		})
	}
	send := func(yes bool) error {
		if yes {
			in.Confirm = []client.PauseDoubt{client.Unasked}
		}
		return a.done(ctx, "%s is paused", id)(a.api.PauseEngagement(ctx, id, (*client.PauseEngagementParams)(a.stamp()), in))
	}
	err := send(yes)
	asks, ok := errors.AsType[*client.Problem](err)
	if !ok || asks.Field != "confirm" {
		return err
	}
	what, _, _ := strings.Cut(strings.TrimSuffix(asks.Detail, "."), ": if that is meant")
	if a.typed("yes", "%s.\nType yes to pause it all the same: ", models.Upper(clean(what))) {
		return send(true)
	}
	return failed(exitFailed, "%s: it is not paused. If that is meant, say --yes", clean(what))
}

func (a *app) engagementResume() *cobra.Command {
	var in client.Resuming
	return a.command(spec{
		use: "resume ENGAGEMENT", short: "Resume a paused engagement",
		long: "Resume a paused engagement. It says how many due dates move by the pause, what fell due in it of which nobody was asked,\n" +
			"and when each report is expected before and after.",
		example: "engagement resume northgate-2027 --check",
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&in.Check, "check", false, "keep nothing: say what would become of due dates and reports")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			id, params := models.EngagementID(args[0]), (*client.ResumeEngagementParams)(a.stamp())
			if !in.Check {
				return a.done(ctx, "%s goes on", id)(a.api.ResumeEngagement(ctx, id, params, in))
			}
			would, ans, err := decode[client.Result](a.ask(a.api.ResumeEngagement(ctx, id, params, in)))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "%s would go on; nothing was kept.", id)
				a.lines(would.Effect)
			})
		},
	})
}

func (a *app) engagementCancel() *cobra.Command {
	var reason string
	var yes bool
	return a.command(spec{
		use: "cancel ENGAGEMENT --reason TEXT", short: "End an engagement early",
		long: "End an engagement early: what is open in it is cancelled, nobody is reminded and nothing runs any more. It asks once more:\n" +
			"type the engagement's id, or say --yes. For a day it can be undone, by engagement reinstate.",
		example: "engagement cancel northgate-2027 --yes --reason 'the client went with another firm'",
		need:    []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&yes, "yes", false, "do not ask once more")
			reasonVar(f, &reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			id := args[0]
			if !yes && !a.typed(id, "This ends %s with all that is open in it.\nType %s to cancel it: ", id, id) {
				return misused("%s is not cancelled: type its id when you are asked, or say --yes", id)
			}
			return a.doneSay(ctx, "", func(client.Result) string { return id + " is cancelled" + a.untilWhen(ctx, id) })(
				a.api.CancelEngagement(ctx, models.EngagementID(id), (*client.CancelEngagementParams)(a.stamp()),
					client.Cancellation{Reason: reason, Confirm: models.EngagementID(id)}))
		},
	})
}

// untilWhen says until when a cancelled engagement can be reinstated, as far as the server tells.
func (a *app) untilWhen(ctx context.Context, id string) string {
	e, _, err := decode[client.Engagement](a.ask(a.api.GetEngagement(ctx, models.EngagementID(id))))
	if err != nil || e.ReinstateUntil.IsZero() {
		return ""
	}
	return "; until " + instant(e.ReinstateUntil) + " UTC, engagement reinstate undoes it"
}

// typed asks somebody at a terminal to type something, and reports whether they did. Where nobody can, they did not.
func (a *app) typed(want, question string, args ...any) bool {
	if f, ok := a.stdin.(*os.File); ok {
		if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			return false
		}
	}
	fmt.Fprintf(a.err, question, args...)
	line, _ := bufio.NewReader(a.stdin).ReadString('\n')
	return strings.TrimSpace(line) == want
}

func (a *app) engagementReinstate() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "reinstate ENGAGEMENT --reason TEXT", short: "Undo the cancellation of an engagement, within a day of it",
		long: "Undo the cancellation of an engagement, within 24 hours of it. All is as it was before, and the time in between is treated as\n" +
			"a pause: open due dates shift, the as-of date and the window do not.",
		example: "engagement reinstate northgate-2027 --reason 'it was the wrong engagement'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.doneSee(ctx, "engagement status "+args[0], "%s is reinstated", args[0])(a.api.ReinstateEngagement(ctx,
				models.EngagementID(args[0]), (*client.ReinstateEngagementParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

func (a *app) engagementMute() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "mute ENGAGEMENT --reason TEXT", short: "Send nothing about an engagement; its days go on",
		example: "engagement mute northgate-2027 --reason 'the client moves house this week'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is muted: nothing is sent about it, its days go on",
				args[0])(a.api.MuteEngagement(ctx, models.EngagementID(args[0]),
				(*client.MuteEngagementParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

func (a *app) engagementUnmute() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "unmute ENGAGEMENT", short: "Send messages about a muted engagement again",
		example: "engagement unmute northgate-2027",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "messages about %s are sent again", args[0])(a.api.UnmuteEngagement(ctx, models.EngagementID(args[0]),
				(*client.UnmuteEngagementParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}
