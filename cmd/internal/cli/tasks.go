package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func (a *app) taskCommands() *cobra.Command {
	return group("task", "One thing asked of one person by a day",
		a.taskList("list"), a.taskShow(), a.taskAdd(), a.taskComplete(), a.taskPerform(), a.taskAccept(), a.taskReturn(), a.taskReopen(),
		a.taskBlock(),
		a.taskUnblock(), a.taskMove(), a.taskSplit(), a.taskAssign(), a.taskWaive(), a.taskComment(), a.taskSnooze(), a.taskExtend(),
		a.taskHandOver(), a.taskAsk(), a.taskAnswer(), a.taskWithdraw(), a.taskUnanswer(), a.taskQuestions())
}

// A taskFilter is what lists of tasks are filtered by.
type taskFilter struct {
	state         engagement.TaskState
	phase         catalog.Phase
	owner         models.PersonID
	company       models.ClientID
	overdue, open bool
	from, to      models.Date
	q             string
}

func (t *taskFilter) flags(f *pflag.FlagSet) {
	wordVar(f, &t.state, "state", "waiting, open, submitted, blocked, done, waived or cancelled")
	wordVar(f, &t.phase, "phase", "only tasks of this phase, as in remediation")
	wordVar(f, &t.owner, "owner", "only tasks of this person")
	wordVar(f, &t.owner, "person", "only tasks of this person: as --owner")
	f.BoolVar(&t.overdue, "overdue", false, "only tasks that are overdue")
	f.BoolVar(&t.open, "open", false, "only tasks that are not closed")
	dateVar(f, &t.from, "due-from", "on which or after which they are due")
	dateVar(f, &t.to, "due-to", "on which or before which they are due")
	f.StringVar(&t.q, "q", "", "part of the title or id")
}

// taskList is both `task list` and `engagement tasks`. Of no engagement it lists the tasks of all that run or are paused.
func (a *app) taskList(name string) *cobra.Command {
	var of taskFilter
	var limit int
	parent := map[string]string{"list": "task", "tasks": "engagement"}[name]
	s := spec{
		use: name + " ENGAGEMENT", short: "List tasks by due date",
		example: parent + " " + name + " northgate-2027 --overdue\n" + parent + " " + name + " northgate-2027 --owner olga --state open",
		flags:   func(f *pflag.FlagSet) { of.flags(f); a.listVars(f, &limit) },
		run: func(ctx context.Context, args []string) error {
			if len(args) == 0 {
				return a.allTasks(ctx, of, limit)
			}
			if of.company != "" {
				return misused("an engagement is for one client: --client is for the list of all engagements")
			}
			q := client.ListTasksParams{State: given(of.state), Phase: given(of.phase), Owner: given(of.owner), Overdue: given(of.overdue),
				Open: given(of.open), DueFrom: given(of.from), DueTo: given(of.to), Q: given(of.q)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				q.Cursor, q.Limit = cursor, size
				return a.api.ListTasks(ctx, models.EngagementID(args[0]), &q)
			}, a.taskTable)
		},
	}
	if name == "list" {
		s.use, s.short = "list [ENGAGEMENT]", "List tasks by due date, of one engagement or of all that run or are paused"
		s.example += "\ntask list --open --person priya --due-to 2027-03-31\ntask list --overdue --csv"
		s.args = optional("ENGAGEMENT")
		flags := s.flags
		s.flags = func(f *pflag.FlagSet) {
			flags(f)
			wordVar(f, &of.company, "client", "only tasks of engagements for this client")
		}
	}
	return a.command(s)
}

// optional returns the check of one argument that may be left out.
func optional(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return misused("%s has an argument too many: %q", cmd.Name(), args[1])
		}
		for _, arg := range args {
			if err := checkArgument(name, arg); err != nil {
				return misused("%w", err)
			}
		}
		return nil
	}
}

func (a *app) allTasks(ctx context.Context, of taskFilter, limit int) error {
	q := client.ListAllTasksParams{State: given(of.state), Phase: given(of.phase), Owner: given(of.owner), Overdue: given(of.overdue),
		Open: given(of.open), DueFrom: given(of.from), DueTo: given(of.to), Q: given(of.q), Client: given(of.company)}
	return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
		q.Cursor, q.Limit = cursor, size
		return a.api.ListAllTasks(ctx, &q)
	}, func(all []client.Task) {
		header := append(slices.Clone(taskHeader), "ENGAGEMENT")
		var rows [][]string
		for _, t := range all {
			rows = append(rows, append(taskRow(t), string(t.Engagement)))
		}
		a.table(header, rows)
	})
}

var taskHeader = []string{"TASK", "TITLE", "STATE", "OWNER", "DUE", "LATE", "PHASE"}

func (a *app) taskTable(all []client.Task) {
	var rows [][]string
	for _, t := range all {
		rows = append(rows, taskRow(t))
	}
	a.table(taskHeader, rows)
}

func taskRow(t client.Task) []string {
	return []string{string(t.ID), t.Title, string(t.State), ownerOf(t), t.Due.String(), lateness(t), string(t.Phase)}
}

// ownerOf says who has to do a task: a person, or the role that nobody holds.
func ownerOf(t client.Task) string {
	if t.Owner == "" {
		return "nobody (" + t.OwnerRole + ")"
	}
	return string(t.Owner)
}

func (a *app) taskShow() *cobra.Command {
	return a.command(spec{
		use: "show ENGAGEMENT TASK", short: "Show a task with what was said about it and what happened to it",
		example: "task show northgate-2027 RE-08",
		run: func(ctx context.Context, args []string) error {
			d, ans, err := decode[client.TaskDetail](a.ask(a.api.GetTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.taskDetail(d) })
		},
	})
}

func (a *app) taskDetail(d client.TaskDetail) {
	a.taskCard(d.Task)
	if len(d.Comments) > 0 {
		fmt.Fprintln(a.out)
	}
	for _, c := range d.Comments {
		who := string(c.By)
		if c.To != "" {
			who += " to " + string(c.To)
		}
		if c.Readers == engagement.ReadersInternal {
			who += " (internal)"
		}
		a.say(instant(c.At)+"  ", "%s: %s", who, c.Text)
	}
	if len(d.History) > 0 {
		fmt.Fprintln(a.out)
		a.eventTable(d.History)
	}
}

// taskCard prints the fields of a task; what is empty is left out.
func (a *app) taskCard(t client.Task) {
	due := t.Due.String()
	if late := lateness(t); late != "" {
		due += ", " + late
	}
	first := ""
	if t.OriginalDue != t.Due {
		first = t.OriginalDue.String()
	}
	planned := t.PlannedDue
	if planned == t.OriginalDue {
		planned = models.Date{}
	}
	done := ""
	if !t.DoneAt.IsZero() {
		done = fmt.Sprintf("%s by %s", instant(t.DoneAt), t.DoneBy)
	}
	effort := ""
	if t.Minutes > 0 {
		effort = hours(t.Minutes)
	}
	owner := ownerOf(t)
	if t.Owner != "" {
		owner = fmt.Sprintf("%s, %s%s", t.Owner, t.OwnerRole, standIn(t.Backup))
	}
	approver := t.ApproverRole
	if t.Approver != "" {
		approver = fmt.Sprintf("%s, %s", t.Approver, t.ApproverRole)
	}
	a.card([2]string{"Task", string(t.ID)}, [2]string{"Title", t.Title}, [2]string{"About", t.Subject}, [2]string{"Phase", string(t.Phase)},
		[2]string{"State", string(t.State)},
		[2]string{"Blocked", blockedBy(t)}, [2]string{"Why", t.Reason}, [2]string{"Owner", owner}, [2]string{"Approver", approver},
		[2]string{"Away", t.Away},
		[2]string{"Due", due}, [2]string{"First due", first}, [2]string{"Planned for", planned.String()},
		[2]string{"Perform by", t.PerformBy.String()}, [2]string{"Send by", t.SendBy.String()}, [2]string{"Performed on", performed(t)},
		[2]string{"No reminders before", t.SnoozedUntil.String()},
		[2]string{"Period", strings.TrimSpace(span(t.Period.Start, t.Period.End))},
		[2]string{"Waits for", strings.Join(t.After, ", ")}, [2]string{"Gate", yesNo(t.Gate)}, [2]string{"Effort", effort},
		[2]string{"Open since", t.OpenedOn.String()}, [2]string{"Done (UTC)", done})
}

// blockedBy says who blocks a task, and since when where that is known; empty when nobody does.
func blockedBy(t client.Task) string {
	switch {
	case t.State != engagement.TaskBlocked:
		return ""
	case t.BlockedOn.IsZero():
		return "by the " + string(t.BlockedBy)
	}
	return fmt.Sprintf("by the %s since %s", t.BlockedBy, t.BlockedOn)
}

// hours shows planned effort.
func hours(minutes int) string {
	if minutes == 60 {
		return "1 hour"
	}
	return fmt.Sprintf("%.4g hours", float64(minutes)/60)
}

func (a *app) taskAdd() *cobra.Command {
	var in client.NewTask
	return a.command(spec{
		use: "add ENGAGEMENT", short: "Add a task, or one more copy of a catalog task",
		long: "Add a task of your own with --title, --phase and --due, or with --from one more copy of a catalog task that is made as\n" +
			"the work brings it: a critical or high gap (RE-06) brings its fix and the verification of the fix (RE-14), a medium or low\n" +
			"one (RE-07) its fix alone. Copies are numbered, as in RE-06.X1; --subject says what they are about.",
		example: "task add northgate-2027 --title 'Agree the carve-out with the host' --phase kickoff --owner kenji --due 2027-01-22\n" +
			"task add northgate-2027 --from RE-06 --subject AC-02 --title 'Turn on MFA for the VPN' --owner olga",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.From, "from", "", "catalog task to copy, as in RE-06")
			f.StringVar(&in.Subject, "subject", "", "what it is about: the id of a control, question or evidence request")
			f.StringVar(&in.Title, "title", "", "what is to be done")
			wordVar(f, &in.Phase, "phase", "the phase it belongs to")
			wordVar(f, &in.Owner, "owner", "who does it")
			dateVar(f, &in.Due, "due", "by when")
			wordsVar(f, &in.After, "after", "tasks that come first")
			wordsVar(f, &in.Before, "before", "tasks that wait for it")
			f.BoolVar(&in.Gate, "gate", false, "its phase is not left while it is open")
			f.IntVar(&in.Minutes, "minutes", 0, "planned effort")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			if in.From == "" && in.Title == "" {
				return misused("say what is to be done: --title TEXT, or --from TASK for a copy of a catalog task")
			}
			return a.doneSay(ctx, "", func(r client.Result) string {
				return "added to " + args[0] + a.nowDue(ctx, ", due ", args[0], r.Created, in.Due, r.Replayed)
			})(a.api.AddTask(ctx, models.EngagementID(args[0]), (*client.AddTaskParams)(a.stamp()), in))
		},
	})
}

// nowDue reads a task back to say when it is due now: nothing falls due on a day off, whatever was asked for. It says nothing
// when the task cannot be read: what was done has been done all the same.
func (a *app) nowDue(ctx context.Context, says, engagement, task string, asked models.Date, replayed bool) string {
	d, _, err := decode[client.TaskDetail](a.ask(a.api.GetTask(ctx, models.EngagementID(engagement), models.TaskID(task))))
	if err != nil {
		a.tell("%s cannot be read: %s", task, err)
		return ""
	}
	if replayed {
		asked = models.Date{}
	}
	return says + rolled(d.Task.Due, asked)
}

// rolled says when something is due that was asked for by a day, which may be a day off.
func rolled(due, asked models.Date) string {
	if !asked.IsZero() && due.After(asked) {
		return fmt.Sprintf("%s, the first business day from %s", due, asked)
	}
	return due.String()
}

// performed says on which day a control was performed, and that it was missed.
func performed(t client.Task) string {
	on := t.PerformedOn.String()
	switch {
	case t.Missed && on == "":
		return "nobody has said: its period is over"
	case t.Missed:
		return on + ", after its period"
	}
	return on
}

func ids(args []string) []models.TaskID {
	out := make([]models.TaskID, len(args))
	for i, arg := range args {
		out[i] = models.TaskID(arg)
	}
	return out
}

// are says what several tasks are.
func are(args []string, what string) string {
	if len(args) == 1 {
		return args[0] + " is " + what
	}
	return strings.Join(args, ", ") + " are " + what
}

func (a *app) taskComplete() *cobra.Command {
	var reason string
	var on models.Date
	return a.command(spec{
		use: "complete ENGAGEMENT TASK...", short: "Report tasks as done, all or none",
		long: "Report tasks as done, all or none. A control that recurs in the window was performed on --on, on the day that was\n" +
			"stated before, or today; once its period has ended the day has to be given.\n" +
			"A report was issued on --on, or today.",
		example: "task complete northgate-2027 KO-04 KO-05\ntask complete northgate-2027 WI-01.IAM-07.2027-Q3 --on 2027-09-24",
		flags: func(f *pflag.FlagSet) {
			reasonVar(f, &reason)
			dateVar(f, &on, "on", "on which day a control that recurs was performed, or a report was issued")
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s", are(args[1:], "reported as done"))(a.api.CompleteTasks(ctx, models.EngagementID(args[0]),
				(*client.CompleteTasksParams)(a.stamp()), client.DoneTasks{Tasks: ids(args[1:]), Reason: reason, On: on}))
		},
	})
}

func (a *app) taskPerform() *cobra.Command {
	var on models.Date
	return a.command(spec{
		use: "perform ENGAGEMENT TASK", short: "State on which day a control was performed",
		long: "State on which day a control that recurs in the window was performed: --on, or today. Its evidence is due after that, and\n" +
			"the day can be corrected until the task is completed.",
		example: "task perform northgate-2027 WI-01.IAM-07.2027-Q3 --on 2027-09-24",
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &on, "on", "on which day it was performed (default today)")
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s", args[1]+" was performed")(a.api.PerformTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.PerformTaskParams)(a.stamp()), client.Performance{On: on}))
		},
	})
}

func (a *app) taskAccept() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "accept ENGAGEMENT TASK...", short: "Accept tasks that were reported as done, all or none",
		example: "task accept northgate-2027 KO-08 KO-15",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s", are(args[1:], "accepted"))(a.api.AcceptTasks(ctx, models.EngagementID(args[0]),
				(*client.AcceptTasksParams)(a.stamp()), client.TaskSelection{Tasks: ids(args[1:]), Reason: reason}))
		},
	})
}

func (a *app) taskReturn() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "return ENGAGEMENT TASK --reason TEXT", short: "Return a task that was reported as done to its owner",
		example: "task return northgate-2027 KO-15 --reason 'the payments product is missing'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is with its owner again", args[1])(a.api.ReturnTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.ReturnTaskParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

func (a *app) taskReopen() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "reopen ENGAGEMENT TASK --reason TEXT", short: "Open a closed task again",
		example: "task reopen northgate-2027 GA-02.EV-001 --reason 'the export was of the wrong system'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is open again", args[1])(a.api.ReopenTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.ReopenTaskParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

func (a *app) taskBlock() *cobra.Command {
	var in client.Block
	return a.command(spec{
		use: "block ENGAGEMENT TASK --by SIDE --reason TEXT", short: "Say that a task cannot go on, and who must act",
		example: "task block northgate-2027 RE-10 --by client --reason 'the tester has no access'",
		need:    []string{"by", "reason"},
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &in.By, "by", "who must act: firm, client, auditor or vendor")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is blocked by the %s", args[1], in.By)(a.api.BlockTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.BlockTaskParams)(a.stamp()), in))
		},
	})
}

func (a *app) taskUnblock() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "unblock ENGAGEMENT TASK", short: "Say that a blocked task can go on",
		example: "task unblock northgate-2027 RE-10",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s goes on", args[1])(a.api.UnblockTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.UnblockTaskParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}

func (a *app) taskSplit() *cobra.Command {
	var second client.Split
	var due string
	return a.command(spec{
		use: "split ENGAGEMENT TASK --title TEXT --reason TEXT", short: "Make two tasks of one",
		long: "Make two tasks of one: the first keeps its title, owner and due date. The second has the first one's owner and due date where\n" +
			"--owner and --due do not say others; once that date has passed --due must. What waits for the task waits for both.",
		example: "task split northgate-2027 RE-10 --title 'Penetration test of the mobile app' --owner olga --due 2027-04-30 --reason 'two " +
			"testers'",
		need: []string{"title", "reason"},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&second.Title, "title", "", "what the second task is about")
			f.StringVar((*string)(&second.Owner), "owner", "", "who owns the second task (default the owner of the first)")
			f.StringVar(&due, "due", "", "when the second task is due, YYYY-MM-DD (default when the first is, if that is to come)")
			reasonVar(f, &second.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) (err error) {
			if due != "" {
				if second.Due, err = models.ParseDate(due); err != nil {
					return err
				}
			}
			return a.doneSay(ctx, "", func(r client.Result) string { return args[1] + " is split: the second task is " + r.Created })(
				a.api.SplitTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]), (*client.SplitTaskParams)(a.stamp()), second))
		},
	})
}

func (a *app) taskAssign() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "assign ENGAGEMENT TASK PERSON", short: "Give a task to somebody",
		example: "task assign northgate-2027 RE-10 olga",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is %s's", args[1], args[2])(a.api.AssignTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.AssignTaskParams)(a.stamp()), client.Assignment{Person: models.PersonID(args[2]), Reason: reason}))
		},
	})
}

func (a *app) taskWaive() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "waive ENGAGEMENT TASK --reason TEXT", short: "Close a task that is not needed",
		example: "task waive northgate-2027 RE-03.POL-09 --reason 'the company has no offices'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is waived", args[1])(a.api.WaiveTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.WaiveTaskParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}
