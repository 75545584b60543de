package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

// What people ask each other about tasks, and how it is answered.

func (a *app) taskAsk() *cobra.Command {
	var in client.NewQuestion
	return a.command(spec{
		use: "ask ENGAGEMENT TASK TEXT --to PERSON", short: "Ask somebody about a task",
		long: "Ask somebody about a task. They are told at once, and the question waits for their answer, whatever becomes of the task: they\n" +
			"answer in the thread of the message, by typing to the app, by a button, by the page behind a mail, or by task answer.",
		example: "task ask northgate-2027 RE-10 'which AWS accounts are in scope?' --to olga",
		need:    []string{"to"},
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &in.To, "to", "who is asked")
			wordVar(f, &in.Readers, "readers", "internal: only people of the firm read it; shared: everybody who is shown the task does")
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			in.Text = args[2]
			id, task := models.EngagementID(args[0]), models.TaskID(args[1])
			return a.doneSay(ctx, "task questions "+args[0], func(client.Result) string {
				return string(in.To) + " is asked on " + args[1] + a.readBy(ctx, id, task, args[2])
			})(a.api.AskTask(ctx, id, task, (*client.AskTaskParams)(a.stamp()), in))
		},
	})
}

func (a *app) taskAnswer() *cobra.Command {
	return a.command(spec{
		use: "answer ENGAGEMENT QUESTION TEXT", short: "Answer a question, or correct an answer",
		long:    "Answer a question that you were asked, or somebody for whom you stand in. Sent again with other words it corrects the answer.",
		example: "task answer northgate-2027 Q-1 'all accounts of the org 1234'",
		flags:   a.commandFlags,
		run: func(ctx context.Context, args []string) error {
			return a.doneSay(ctx, "", func(client.Result) string { return args[1] + " is answered" })(a.api.AnswerQuestion(ctx,
				models.EngagementID(args[0]), args[1], (*client.AnswerQuestionParams)(a.stamp()), client.Answer{Text: args[2]}))
		},
	})
}

func (a *app) taskWithdraw() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "withdraw ENGAGEMENT QUESTION", short: "Withdraw a question: nobody waits for its answer any more",
		example: "task withdraw northgate-2027 Q-1 --reason 'the list was in the wiki'",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.doneSay(ctx, "", func(client.Result) string { return args[1] + " is withdrawn" })(a.api.WithdrawQuestion(ctx,
				models.EngagementID(args[0]), args[1], (*client.WithdrawQuestionParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}

func (a *app) taskUnanswer() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "unanswer ENGAGEMENT QUESTION", short: "Take an answer back: the question waits for one again",
		long:    "Take an answer back that was none: yours, or one to a question of yours. What was said stays on the task.",
		example: "task unanswer northgate-2027 Q-1 --reason 'it says nothing of the test accounts'",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.doneSay(ctx, "", func(client.Result) string { return args[1] + " waits for an answer again" })(a.api.ReopenQuestion(ctx,
				models.EngagementID(args[0]), args[1], (*client.ReopenQuestionParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}

func (a *app) taskQuestions() *cobra.Command {
	var state engagement.QuestionState
	var of struct {
		task   models.TaskID
		to, by models.PersonID
	}
	return a.command(spec{
		use: "questions ENGAGEMENT", short: "List what people asked each other, the newest first",
		example: "task questions northgate-2027 --state open\ntask questions northgate-2027 --to olga",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &state, "state", "open, answered or withdrawn")
			wordVar(f, &of.task, "task", "only about this task")
			wordVar(f, &of.to, "to", "only what this person was asked")
			wordVar(f, &of.by, "by", "only what this person asked")
			a.csvVar(f)
		},
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.QuestionList](a.ask(a.api.ListQuestions(ctx, models.EngagementID(args[0]),
				&client.ListQuestionsParams{State: given(state), Task: given(of.task), To: given(of.to), By: given(of.by)})))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, q := range l.Items {
					rows = append(rows, []string{q.ID, string(q.Task), string(q.By), string(q.To), string(q.State), instant(q.AskedAt), q.Text, q.Answer})
				}
				a.table([]string{"QUESTION", "TASK", "BY", "TO", "STATE", "ASKED (UTC)", "WORDS", "ANSWER"}, rows)
			})
		},
	})
}
