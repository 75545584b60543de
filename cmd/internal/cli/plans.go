package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) planCommand() *cobra.Command {
	var in client.PlanRequest
	var tasks bool
	var file string
	var team crew
	return a.command(spec{
		use: "plan --type TYPE", short: "Plan an engagement without keeping anything",
		long: "Plan an engagement without keeping anything: forwards from its kickoff, or backwards from the day the report is needed\n" +
			"by and from today on. The size of the company and its holidays are those of a client, or given.\n" +
			"With --save it becomes an engagement file, with the client's people and functions.",
		example: "plan --type soc2_type1 --categories security --client northgate --kickoff 2027-01-11\n" +
			"plan --type soc1_type2 --headcount 180 --country US --months 6 --report-by 2028-06-30\n" +
			"plan --type soc2_type1 --categories security --client northgate --kickoff 2027-01-11 --partner marta --manager ines --save -",
		need: []string{"type"},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.Type, "type", "", "engagement type, as in soc2_type1_type2")
			wordsVar(f, &in.Categories, "categories", "in scope, as in security,availability")
			wordsVar(f, &in.Addons, "addons", "as in soc3")
			wordVar(f, &in.Client, "client", "whose headcount, country and closed days count")
			f.IntVar(&in.Headcount, "headcount", 0, "people at the client")
			f.StringVar(&in.Country, "country", "", "whose public holidays count: ISO 3166, or none")
			datesVar(f, &in.ClosedDays, "closed-days", "the company's own days off")
			datesVar(f, &in.OpenDays, "open-days", "public holidays on which people work all the same")
			dateVar(f, &in.Kickoff, "kickoff", "of the kickoff meeting")
			dateVar(f, &in.ReportBy, "report-by", "the report is needed by: plans backwards")
			dateVar(f, &in.AsOf, "as-of", "of the Type 1 opinion (default: planned)")
			dateVar(f, &in.WindowOpen, "window-open", "on which the Type 2 window opens (default: planned)")
			f.IntVar(&in.WindowMonths, "months", 0, "length of the window (default: the catalog's)")
			dateVar(f, &in.PreviousClose, "previous-close", "on which the window before closed, for a renewal")
			f.BoolVar(&tasks, "tasks", false, "also the tasks with their due dates")
			saveVar(f, &file)
			team.flags(f)
		},
		run: func(ctx context.Context, _ []string) error {
			if in.Kickoff.IsZero() && in.ReportBy.IsZero() {
				return misused("from when? --kickoff DATE plans forwards, --report-by DATE backwards")
			}
			p, ans, err := decode[client.Plan](a.ask(a.api.MakePlan(ctx, in)))
			if err != nil {
				return err
			}
			if file == "-" {
				return a.savePlan(ctx, file, in, p, team)
			}
			err = a.show(ans, func() { a.planFrom(in.Kickoff, p.Type, p, tasks) })
			if err != nil || file == "" {
				return err
			}
			return a.savePlan(ctx, file, in, p, team)
		},
	})
}

func (a *app) engagementPlan() *cobra.Command {
	var tasks bool
	return a.command(spec{
		use: "plan ENGAGEMENT", short: "The present plan of an engagement",
		example: "engagement plan northgate-2027 --tasks",
		flags:   func(f *pflag.FlagSet) { f.BoolVar(&tasks, "tasks", false, "also the tasks with their due dates") },
		run: func(ctx context.Context, args []string) error {
			p, ans, err := decode[client.Plan](a.ask(a.api.GetPlan(ctx, models.EngagementID(args[0]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.plan(args[0]+" ("+p.Type+")", p, tasks) })
		},
	})
}

// plan prints a plan: what it is of, its phases, its anchors and what people should look at.
func (a *app) plan(title string, p client.Plan, tasks bool) {
	a.planFrom(models.Date{}, title, p, tasks)
}

// planFrom prints a plan for which a kickoff was named, or none.
func (a *app) planFrom(kickoff models.Date, title string, p client.Plan, tasks bool) {
	if p.Kickoff.IsZero() {
		a.say("", "%s", title)
	} else {
		a.say("", "%s: kickoff on %s, report on %s", title, p.Kickoff, p.Report)
	}
	if b := p.Backward; !b.ReportBy.IsZero() {
		a.backward(kickoff, b)
	}
	if len(p.Phases) == 0 {
		return
	}
	a.planPhases(p.Phases)
	a.planAnchors(p.Anchors)
	if tasks {
		a.planTasks(p.Tasks)
	}
	if len(p.Warnings) > 0 {
		fmt.Fprintf(a.out, "\nLook at\n")
		for _, w := range p.Warnings {
			a.say("  - ", "%s", w.Text)
		}
	}
}

func (a *app) planPhases(phases []client.PlanPhase) {
	fmt.Fprintln(a.out)
	rows := [][]string{{"PHASE", "FROM", "TO", "WEEKS"}}
	for _, ph := range phases {
		weeks := ""
		if !ph.Start.IsZero() && !ph.End.IsZero() {
			weeks = fmt.Sprintf("%5.1f", float64(ph.Start.DaysUntil(ph.End)+1)/7)
		}
		rows = append(rows, []string{ph.Name, ph.Start.String(), ph.End.String(), weeks})
	}
	a.indented("", rows)
}

func (a *app) planAnchors(anchors []client.PlanAnchor) {
	fmt.Fprintln(a.out)
	rows := [][]string{{"DATE", "WHAT"}}
	for _, x := range slices.SortedStableFunc(slices.Values(anchors), func(x, y client.PlanAnchor) int { return x.Date.Compare(y.Date) }) {
		rows = append(rows, []string{x.Date.String(), x.Name})
	}
	a.indented("", rows)
}

// backward prints what a wanted report date asks for, with the kickoff that was named as the earliest, else today.
func (a *app) backward(kickoff models.Date, b client.PlanBackward) {
	if !b.Possible {
		even, from := "", "a kickoff on "+kickoff.String()
		if kickoff.IsZero() {
			even, from = ", even if it began today", "today"
		}
		earliest := ""
		if !b.Earliest.IsZero() {
			earliest = fmt.Sprintf("; from %s the report can be had on %s", from, b.Earliest)
		}
		a.say("", "Not possible by %s%s: %s%s.", b.ReportBy, even, b.Binding.Text, earliest)
		return
	}
	a.say("", "Needed by %s: possible from a kickoff on %s at the latest, which brings it on %s.", b.ReportBy, b.Kickoff, b.Report)
	if !b.AsOf.IsZero() {
		a.say("", "The as-of date is %s at the latest.", b.AsOf)
	}
	if !b.WindowOpen.IsZero() {
		a.say("", "The window opens on %s at the latest, and closes on %s.", b.WindowOpen, b.WindowClose)
	}
}

func (a *app) planTasks(tasks []client.PlanTask) {
	rows := [][]string{{"TASK", "TITLE", "OWNER", "DUE", "GATE", "AFTER"}}
	for _, t := range tasks {
		rows = append(rows, []string{t.Task, t.Title, t.OwnerRole, t.Due.String(), yesNo(t.Gate), strings.Join(t.After, ", ")})
	}
	fmt.Fprintln(a.out)
	a.indented("", rows)
}
