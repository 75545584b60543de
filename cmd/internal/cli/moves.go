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
)

// Due dates are moved: of one task, of several, or of a phase.

func (a *app) phaseCommands() *cobra.Command {
	return group("phase", "All that is open in one phase of an engagement", a.phaseMove())
}

// A shifting is what the flags of a move say.
type shifting struct {
	in   client.MoveTasks
	days int
}

func (s *shifting) flags(a *app) func(f *pflag.FlagSet) {
	return func(f *pflag.FlagSet) {
		f.IntVar(&s.days, "by", 0, "by how many business days of each owner's, instead of to a day; earlier where it is negative")
		f.BoolVar(&s.in.Along, "along", false, "move what waits for it along, by as much as it has to")
		f.BoolVar(&s.in.Check, "check", false, "keep nothing: show each date before and after, what follows, and what is in the way")
		reasonVar(f, &s.in.Reason)
		a.commandFlags(f)
	}
}

const movesLong = "\nNothing moves beyond an as-of date, a window or the period of a control, or to before something open that it\n" +
	"waits for: then all of it is refused. What waits for it and would be due before it can be done is named, or moves\n" +
	"along with --along. Look first with --check."

func (a *app) taskMove() *cobra.Command {
	var s shifting
	return a.command(spec{
		use: "move ENGAGEMENT TASK... DATE --reason TEXT", short: "Move the due dates of tasks, all or none",
		long: "Move the due dates of tasks to a day, or with --by and without a day by business days; what is overdue counts from\n" +
			"today, and what waits for that keeps its distance." + movesLong,
		example: "task move northgate-2027 RE-10 2027-04-16 --reason 'the tester is ill' --check\n" +
			"task move northgate-2027 RE-10 RE-08 --by 5 --along --reason 'the tester is ill'",
		need:  []string{"reason"},
		args:  positional("move ENGAGEMENT TASK..."),
		flags: s.flags(a),
		run: func(ctx context.Context, args []string) error {
			tasks := args[1:]
			last := len(tasks) - 1
			switch due, err := models.ParseDate(tasks[last]); {
			case err == nil && last == 0:
				return misused("move needs TASK before the date")
			case err == nil:
				s.in.Due, tasks = due, tasks[:last]
			case s.days == 0 && last == 0:
				return misused("say to which day, as in 2027-04-16, or by how many business days, as in --by 5")
			case s.days == 0:
				return misused("%w", err)
			}
			s.in.Tasks = ids(tasks)
			return a.move(ctx, args[0], s)
		},
	})
}

func (a *app) phaseMove() *cobra.Command {
	var s shifting
	return a.command(spec{
		use: "move ENGAGEMENT PHASE [DATE] --reason TEXT", short: "Move the due dates of all that is open in a phase, all or none",
		long: "Move all that is open in a phase with --by by business days, or so that the last of it is due on DATE; what is overdue counts\n" +
			"from today, and what waits for that keeps its distance. What is an invited auditor's stays." + movesLong,
		example: "phase move northgate-2027 remediation --by 10 --reason 'the platform team is away' --check\n" +
			"phase move northgate-2027 remediation 2027-05-28 --reason 'the platform team is away'",
		need:  []string{"reason"},
		args:  phaseArgs,
		flags: s.flags(a),
		run: func(ctx context.Context, args []string) error {
			s.in.Phase = catalog.Phase(args[1])
			if len(args) > 2 {
				due, err := models.ParseDate(args[2])
				if err != nil {
					return misused("%w", err)
				}
				s.in.Due = due
			} else if s.days == 0 {
				return misused("say when the last of it is due, as in 2027-05-28, or by how many business days it moves, as in --by 10")
			}
			return a.move(ctx, args[0], s)
		},
	})
}

// phaseArgs takes an engagement, a phase and a day that may be left out.
func phaseArgs(cmd *cobra.Command, args []string) error {
	for i, name := range []string{"ENGAGEMENT", "PHASE"} {
		if len(args) <= i {
			return misused("%s needs %s", cmd.Name(), name)
		}
		if err := checkArgument(name, args[i]); err != nil {
			return misused("%w", err)
		}
	}
	if len(args) > 3 {
		return misused("%s has an argument too many: %q", cmd.Name(), args[3])
	}
	return nil
}

// move sends a move, and shows what it did or would do.
func (a *app) move(ctx context.Context, engagement string, s shifting) error {
	s.in.Days = s.days
	done, ans, err := decode[client.Moves](a.ask(a.api.MoveTasks(ctx, models.EngagementID(engagement), (*client.MoveTasksParams)(a.stamp()),
		s.in)))
	if err != nil {
		return err
	}
	return a.show(ans, func() {
		switch {
		case done.Replayed:
			a.say("", "This was done before, with the same key; revision %d", done.Revision)
		case s.in.Check:
			a.say("", "%s would move; nothing was kept.", count(len(done.Moves), "due date"))
		default:
			a.say("", "%s moved; revision %d", count(len(done.Moves), "due date"), done.Revision)
		}
		a.moved(done)
	})
}

// moved prints what was moved, with why where it is not exactly what was asked for, what follows, and who is asked for another day.
func (a *app) moved(done client.Moves) {
	var rows [][]string
	for _, m := range done.Moves {
		why := m.Why
		if m.Along {
			why = "moves along"
		}
		rows = append(rows, []string{string(m.Task), m.Title, firstOf(string(m.Owner), m.Name), m.Was.String(), m.Is.String(), why})
	}
	a.table([]string{"TASK", "TITLE", "OWNER", "WAS DUE", "IS DUE", ""}, rows)
	for _, line := range done.Text {
		a.say("", "%s", line)
	}
	var anew []string
	for _, who := range done.Anew {
		anew = append(anew, fmt.Sprintf("%s (%s)", who.Name, count(who.Tasks, "task")))
	}
	if len(anew) > 0 {
		a.say("", "Asked for another day: %s.", strings.Join(anew, ", "))
	}
}
