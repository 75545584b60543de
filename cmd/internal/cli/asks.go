package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

// What people ask for about a task: a rest from reminders, more time, another owner, an answer.

func (a *app) taskSnooze() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "snooze ENGAGEMENT TASK DATE", short: "Rest from reminders about a task until a day",
		long: "Rest from reminders about a task until a day, three business days ahead at most, and twice in all. The due date stays,\n" +
			"and so does the day on which the task goes up to others.",
		example: "task snooze northgate-2027 RE-11 2027-03-24",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			until, err := models.ParseDate(args[2])
			if err != nil {
				return err
			}
			return a.doneSay(ctx, "", func(r client.Result) string {
				return "no reminders about " + args[1] + " before " + args[2] + a.nowDue(ctx, "; it is still due ", args[0], args[1], models.Date{},
					r.Replayed)
			})(a.api.SnoozeTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.SnoozeTaskParams)(a.stamp()), client.Snooze{Until: until, Reason: reason}))
		},
	})
}

func (a *app) taskExtend() *cobra.Command {
	var in client.Extension
	return a.command(spec{
		use: "extend ENGAGEMENT TASK DATE --reason TEXT", short: "Ask for more time",
		long: "Ask for more time: a decision. Two business days off the critical path take effect at once, once; up to ten wait for the\n" +
			"manager; more, or what moves an agreed date, for partner and sponsor. Reminders rest for two business days.",
		example: "task extend northgate-2027 RE-11 2027-04-02 --reason 'the product lead is on leave'\n" +
			"task extend northgate-2027 RE-11 2027-04-02 --reason 'two products are missing' --blocking 'no access to the old wiki'",
		need: []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.Blocking, "blocking", "", "what is in the way")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			var err error
			if in.Due, err = models.ParseDate(args[2]); err != nil {
				return err
			}
			return a.proposedSay(ctx, args[0], func(d client.Decision) string {
				if d.Change.Due.IsZero() {
					return args[1] + " is due " + args[2]
				}
				return args[1] + " is due " + rolled(d.Change.Due, in.Due)
			})(a.api.ExtendTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.ExtendTaskParams)(a.stamp()), in))
		},
	})
}

func (a *app) taskHandOver() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "hand-over ENGAGEMENT TASK PERSON --reason TEXT", short: "Say that a task is not yours, and whose it should be",
		long: "Propose another owner: a decision. It takes effect when that person approves it, or the sponsor (for tasks of the firm\n" +
			"the manager).",
		example: "task hand-over northgate-2027 RE-11 olga --reason 'she runs the platform it describes'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.proposed(ctx, args[0], "%s is %s's", args[1],
				args[2])(a.api.HandOverTask(ctx, models.EngagementID(args[0]), models.TaskID(args[1]),
				(*client.HandOverTaskParams)(a.stamp()), client.HandOver{Person: models.PersonID(args[2]), Reason: reason}))
		},
	})
}

func (a *app) taskComment() *cobra.Command {
	var to models.PersonID
	var readers engagement.Readers
	return a.command(spec{
		use: "comment ENGAGEMENT TASK TEXT", short: "Say something on a task, or ask somebody",
		example: "task comment northgate-2027 RE-10 'the report comes on Friday'\n" +
			"task comment northgate-2027 RE-10 'has the tester got the account?' --to olga\n" +
			"task comment northgate-2027 RE-01 'this takes longer than we planned' --readers internal",
		long: "Say something on a task, or ask somebody, as by task ask. What you say on a task about which one question to you is open is\n" +
			"taken as its answer, and who asked is told. What people of the firm say on the firm's own tasks only the firm reads, unless they\n" +
			"ask somebody who is not of it; everything else is read by everybody who is shown the task. --readers chooses.",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &to, "to", "who is asked: they are told at once")
			wordVar(f, &readers, "readers", "internal: only people of the firm read it; shared: everybody who is shown the task does")
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			says := "said on " + args[1]
			if to != "" {
				says = string(to) + " is asked on " + args[1]
			}
			id, task := models.EngagementID(args[0]), models.TaskID(args[1])
			return a.doneSay(ctx, "", func(r client.Result) string {
				if to == "" && r.Created != "" {
					says += ", and taken as your answer (task unanswer takes it back)"
				}
				return says + a.readBy(ctx, id, task, args[2])
			})(a.api.CommentTask(ctx, id, task,
				(*client.CommentTaskParams)(a.stamp()), client.NewComment{Text: args[2], To: to, Readers: readers}))
		},
	})
}

// readBy says who reads a comment that was just made; nothing when the server does not tell.
func (a *app) readBy(ctx context.Context, id models.EngagementID, task models.TaskID, text string) string {
	d, _, err := decode[client.TaskDetail](a.ask(a.api.GetTask(ctx, id, task)))
	if err != nil {
		return ""
	}
	for _, c := range slices.Backward(d.Comments) {
		if c.Text != strings.TrimSpace(text) {
			continue
		}
		says := d.Commenting.Shared
		if c.Readers == engagement.ReadersInternal {
			says = d.Commenting.Internal
		}
		return ". " + strings.TrimSuffix(says, ".")
	}
	return ""
}
