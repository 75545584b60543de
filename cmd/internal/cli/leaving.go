package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

// People leave, and others take over.

// A handing is what the flags of a hand-over say.
type handing struct {
	to                            models.PersonID
	engagements, functions, tasks []string
	reason                        string
	check                         bool
}

// vars adds the flags that say who takes over.
func (h *handing) vars(f *pflag.FlagSet) {
	wordVar(f, &h.to, "to", "who takes over what nothing else is said about")
	wordsVar(f, &h.engagements, "engagement", "who takes over of one engagement, as in e1=ines; e1= leaves it")
	wordsVar(f, &h.functions, "function", "who takes over what belongs to a function or role, as in security_lead=kenji")
	wordsVar(f, &h.tasks, "task", "who takes over a task, as in e1/KO-12=kenji; e1/KO-12= leaves it")
	h.moreVars(f)
}

func (h *handing) moreVars(f *pflag.FlagSet) {
	f.StringVar(&h.reason, "reason", "", "a word for the record")
	f.BoolVar(&h.check, "check", false, "keep nothing: show what they hold, who would take what, and what is in the way")
}

// body returns what is asked for.
func (h *handing) body(leaves bool) (client.PersonHandOver, error) {
	in := client.PersonHandOver{Leaves: leaves, To: h.to, Reason: h.reason, Check: h.check}
	var engagements []client.TakesEngagement
	var functions []client.TakesFunction
	var tasks []client.TakesTask
	for _, s := range h.engagements {
		id, to, err := pair("engagement", s)
		if err != nil {
			return in, err
		}
		engagements = append(engagements, client.TakesEngagement{Engagement: models.EngagementID(id), To: models.PersonID(to)})
	}
	for _, s := range h.functions {
		id, to, err := pair("function", s)
		if err != nil {
			return in, err
		}
		functions = append(functions, client.TakesFunction{Function: id, To: models.PersonID(to)})
	}
	for _, s := range h.tasks {
		id, to, err := pair("task", s)
		e, task, ok := strings.Cut(id, "/")
		if err != nil || !ok {
			return in, misused("--task %q must be as in e1/KO-12=kenji", s)
		}
		tasks = append(tasks, client.TakesTask{Engagement: models.EngagementID(e), Task: models.TaskID(task), To: models.PersonID(to)})
	}
	in.Engagements, in.Functions, in.Tasks = engagements, functions, tasks
	return in, nil
}

// pair cuts what a flag says into a thing and who takes it over.
func pair(flag, s string) (thing, to string, err error) {
	thing, to, ok := strings.Cut(s, "=")
	if !ok || thing == "" {
		return "", "", misused("--%s %q must say who takes over, as in --%s %s=kenji", flag, s, flag, firstOf(thing, "…"))
	}
	return thing, to, nil
}

func (a *app) personDeactivate() *cobra.Command {
	var h handing
	return a.command(spec{
		use: "deactivate PERSON", short: "End somebody's access at once, and say who takes over",
		long: "End somebody's access at once: tokens, links in Slack and mails, and what was scheduled for them. In the same command say who\n" +
			"takes over their tasks, approvals, functions and places; all of it or nothing. Their access ends even where that is refused. What\n" +
			"nobody takes over stands first in the status of its engagement, and its manager and partner hear of it, until somebody has it:\n" +
			"person hand-over gives it later.",
		example: "person deactivate kenji --check\nperson deactivate kenji --to olga --task northgate-2027/KO-12=ruth\nperson deactivate kenji",
		flags: func(f *pflag.FlagSet) {
			h.vars(f)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.handOverPerson(ctx, models.PersonID(args[0]), h, true)
		},
	})
}

func (a *app) personHandOver() *cobra.Command {
	var h handing
	return a.command(spec{
		use: "hand-over PERSON --to PERSON", short: "Give all that is somebody's to others, over all engagements",
		long: "Give somebody's open tasks, what is theirs to accept, their functions, places on teams, and where they are a backup, to\n" +
			"others: all of it or nothing. It is also the way to give what somebody left who has been deactivated.",
		example: "person hand-over ines --to noor --check\nperson hand-over kenji --to olga --function security_lead=ruth",
		flags: func(f *pflag.FlagSet) {
			h.vars(f)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.handOverPerson(ctx, models.PersonID(args[0]), h, false)
		},
	})
}

func (a *app) handOverPerson(ctx context.Context, id models.PersonID, h handing, leaves bool) error {
	in, err := h.body(leaves)
	if err != nil {
		return err
	}
	done, ans, err := decode[client.HandedOver](a.ask(a.api.HandOverPerson(ctx, id, (*client.HandOverPersonParams)(a.stamp()), in)))
	if err != nil {
		return err
	}
	err = a.show(ans, func() {
		switch p := done.Person; {
		case h.check && leaves:
			a.say("", "%s would lose access at once.", p.Name)
		case leaves:
			a.say("", "%s has no access any more.", p.Name)
		}
		a.handedOver(done, h.check)
		if open := openOf(done); open > 0 && !h.check && !done.Person.Active {
			a.hint("person hand-over %s --to PERSON", id)
		}
	})
	if err == nil && leaves && !h.check && len(done.Faults) > 0 {
		return fmt.Errorf("nothing was handed over: their access has ended all the same")
	}
	return err
}

func (a *app) engagementHandOver() *cobra.Command {
	var h handing
	var from models.PersonID
	var function string
	return a.command(spec{
		use: "hand-over ENGAGEMENT --from PERSON --to PERSON", short: "Give all that is somebody's in an engagement to somebody else",
		long: "Give somebody's open tasks, what is theirs to accept, their place on the team, and where they are a backup, to somebody\n" +
			"else; or with --function what belongs to a function, whoever has it. All of it or nothing.",
		example: "engagement hand-over northgate-2027 --from kenji --to olga --check\n" +
			"engagement hand-over northgate-2027 --function security_lead --to olga",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &from, "from", "whose work it is, also when they have left")
			f.StringVar(&function, "function", "", "instead of --from: a function of the client, or a role of the team")
			wordVar(f, &h.to, "to", "who takes over what nothing else is said about")
			wordsVar(f, &h.tasks, "task", "who takes over a task, as in KO-12=kenji; KO-12= leaves it")
			h.moreVars(f)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			in := client.EngagementHandOver{From: from, Function: function, To: h.to, Reason: h.reason,
				Check: h.check}
			var tasks []client.TakesOne
			for _, s := range h.tasks {
				id, to, err := pair("task", s)
				if err != nil {
					return err
				}
				tasks = append(tasks, client.TakesOne{Task: models.TaskID(id), To: models.PersonID(to)})
			}
			in.Tasks = tasks
			done, ans, err := decode[client.HandedOver](a.ask(a.api.HandOverEngagement(ctx, models.EngagementID(args[0]),
				(*client.HandOverEngagementParams)(a.stamp()), in)))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.handedOver(done, h.check) })
		},
	})
}

// openOf returns how many things have nobody, backups aside.
func openOf(done client.HandedOver) int {
	n := 0
	for _, x := range done.Items {
		if x.To == "" && x.Place != engagement.PlaceBackup && x.Place != engagement.PlaceFunctionBackup {
			n++
		}
	}
	return n
}

// places says what somebody is to a thing.
var places = map[engagement.Place]string{engagement.PlaceSeat: "on the team", engagement.PlaceFunction: "function",
	engagement.PlaceGate: "only signer", engagement.PlaceTask: "to do", engagement.PlaceApproval: "to accept",
	engagement.PlaceBackup: "backup", engagement.PlaceFunctionBackup: "backup of function",
	engagement.PlaceQuestion: "to answer"}

// handedOver prints what was somebody's and who has it now, what has nobody, and of a check what is in the way.
func (a *app) handedOver(done client.HandedOver, check bool) {
	if done.Replayed {
		a.say("", "this was done already")
	}
	gone := done.Person.ID != "" && !done.Person.Active
	otherwise := map[bool]string{true: "nobody", false: "(stays)"}[gone]
	var rows [][]string
	for _, x := range done.Items {
		due := ""
		if !x.Due.IsZero() {
			due = x.Due.String()
		}
		rows = append(rows, []string{places[x.Place], x.ID, x.Title, due, firstOf(string(x.Engagement), string(x.Client)),
			firstOf(string(x.To), otherwise)})
	}
	if len(rows) == 0 {
		a.say("", "There is nothing of theirs.")
	} else {
		a.table([]string{"WHAT", "ID", "TITLE", "DUE", "WHERE", "GOES TO"}, rows)
	}
	if open := openOf(done); open > 0 && gone {
		fmt.Fprintln(a.out)
		a.say("", "%s", stands(open, check))
	}
	if done.Elsewhere {
		a.say("", "There is more in engagements that are not shown to you: it stays as it is there.")
	}
	for _, f := range done.Faults {
		a.say("in the way  ", "%s", f.Detail)
	}
}

// stands says what becomes of things that nobody takes over.
func stands(n int, check bool) string {
	switch {
	case check && n == 1:
		return "1 thing would have nobody, and stand first in the status until somebody has it"
	case check:
		return fmt.Sprintf("%d things would have nobody, and stand first in the status until somebody has them", n)
	case n == 1:
		return "1 thing has nobody, and stands first in the status until somebody has it"
	}
	return fmt.Sprintf("%d things have nobody, and stand first in the status until somebody has them", n)
}
