package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) messagingCommands() *cobra.Command {
	return group("messaging", "How the firm has its messages, and the switch that stops them all",
		a.messagingShow(), a.messagingSet(), a.messagingPause(), a.messagingResume())
}

func (a *app) messagingShow() *cobra.Command {
	return a.command(spec{
		use: "show", short: "Show how the firm has its messages",
		example: "messaging show",
		run: func(ctx context.Context, _ []string) error {
			return a.showMessaging(a.ask(a.api.GetMessaging(ctx)))
		},
	})
}

func (a *app) showMessaging(ans answer, err error) error {
	m, ans, err := decode[client.Messaging](ans, err)
	if err != nil {
		return err
	}
	return a.show(ans, func() {
		state := "go out"
		if m.Paused {
			state = fmt.Sprintf("none: all are paused by %s since %s UTC", m.PausedBy, instant(m.PausedAt))
		}
		portfolio := ""
		if m.Channel != "" {
			portfolio = fmt.Sprintf("in the channel %s of %s", m.Channel, m.Workspace)
		}
		a.card([2]string{"Messages", state}, [2]string{"Why", m.PausedReason}, [2]string{"Clients' people", daily(m.ClientsAt)},
			[2]string{"The firm's people", daily(m.TeamAt)},
			[2]string{"Quiet hours", fmt.Sprintf("from %s to %s on the clock of who gets it", m.QuietFrom, m.QuietTo)},
			[2]string{"A person a week", count(m.WeeklyBudget, "message") + ", then what only looks ahead is spared"},
			[2]string{"Said at once", "after a wait of " + count(m.BundleMinutes, "minute") + " for more of the same"},
			[2]string{"Weekly portfolio", firstOf(portfolio, "posted nowhere")}, [2]string{"Revision", fmt.Sprint(m.Revision)})
	})
}

// daily says when people get their daily message.
func daily(at string) string {
	if at == "" {
		return "daily, at the hour of their role"
	}
	return "daily at " + at + " on their clock"
}

func (a *app) messagingSet() *cobra.Command {
	var (
		f                                       *pflag.FlagSet
		clients, team, from, to, space, channel string
		budget, bundle                          int
	)
	return a.command(spec{
		use: "set", short: "Change how the firm has its messages",
		long: "Change how the firm has its messages: what is not named stays. Times are on the clock where each recipient is.",
		example: "messaging set --clients-at 09:30 --quiet-from 18:00 --quiet-to 08:00\n" +
			"messaging set --workspace hq --channel C0123456789",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			timeVar(f, &clients, "clients-at", "at which people of clients get their daily message", false)
			timeVar(f, &team, "team-at", "at which people of the firm get theirs", false)
			timeVar(f, &from, "quiet-from", "from which nobody is written to", false)
			timeVar(f, &to, "quiet-to", "until which nobody is", false)
			f.IntVar(&budget, "weekly-budget", 0, "messages a person gets in a week before those that only look ahead are spared")
			f.IntVar(&bundle, "bundle-minutes", 0, "how long what is said at once waits for more of the same")
			f.StringVar(&space, "workspace", "", "Slack workspace of the weekly portfolio; empty: none")
			f.StringVar(&channel, "channel", "", "Slack channel of it, as in C0123456789; empty: none")
			a.commandFlags(f)
		},
		run: func(ctx context.Context, _ []string) error {
			change := client.MessagingChange{ClientsAt: changed(f, "clients-at", clients), TeamAt: changed(f, "team-at", team),
				QuietFrom: changed(f, "quiet-from", from),
				QuietTo:   changed(f, "quiet-to", to), WeeklyBudget: changed(f, "weekly-budget", budget),
				BundleMinutes: changed(f, "bundle-minutes", bundle),
				Workspace:     changed(f, "workspace", space), Channel: changed(f, "channel", channel)}
			if change == (client.MessagingChange{}) {
				return misused("nothing to change was named")
			}
			return a.showMessaging(a.ask(a.api.UpdateMessaging(ctx, (*client.UpdateMessagingParams)(a.stamp()), change)))
		},
	})
}

func (a *app) messagingPause() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "pause --reason TEXT", short: "Stop all messages of the firm at once",
		long:    "Stop all messages of the firm at once, also those that are scheduled. Days and deadlines go on.",
		example: "messaging pause --reason 'people were written to by the wrong name'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.writeFlags(f) },
		run: func(ctx context.Context, _ []string) error {
			return a.showMessaging(a.ask(a.api.PauseMessaging(ctx, &client.PauseMessagingParams{IdempotencyKey: a.once()},
				client.Reason{Reason: reason})))
		},
	})
}

func (a *app) messagingResume() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "resume", short: "Let messages go out again",
		long:    "Let messages go out again. Everybody hears how things stand with their next daily message, once.",
		example: "messaging resume",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.writeFlags(f) },
		run: func(ctx context.Context, _ []string) error {
			return a.showMessaging(a.ask(a.api.ResumeMessaging(ctx, &client.ResumeMessagingParams{IdempotencyKey: a.once()},
				client.Note{Reason: reason})))
		},
	})
}

func (a *app) personMessagingShow() *cobra.Command {
	return a.command(spec{
		use: "show PERSON", short: "Show how somebody gets their messages, who they are in Slack, and when they are away",
		example: "person messaging show kenji",
		run: func(ctx context.Context, args []string) error {
			return a.showPersonMessaging(args[0], false)(a.ask(a.api.GetPersonMessaging(ctx, models.PersonID(args[0]))))
		},
	})
}

// showPersonMessaging returns what prints how messages reach a person, and what a change of it moves: check says that it was only tried.
func (a *app) showPersonMessaging(person string, check bool) func(answer, error) error {
	return func(ans answer, err error) error {
		m, ans, err := decode[client.PersonMessaging](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			byMail, reached := "", way(m.Channel)
			if reached == "nothing" {
				reached += ": neither Slack nor mail"
			}
			if m.MailOff {
				byMail = "only what was returned to them or has gone up: they unsubscribed"
			}
			a.card([2]string{"Person", person}, [2]string{"Reached by", reached},
				[2]string{"Prefers", firstOf(m.Prefer, "Slack where it reaches them, else mail")},
				[2]string{"Daily message", "at " + m.DigestAt + " on their clock (" + m.TimeZone + ")"}, [2]string{"Next (UTC)", instant(m.Next)},
				[2]string{"Holidays", firstOf(m.Country, "those of their company")}, [2]string{"Summary", summary(m.Summary)},
				[2]string{"By mail", byMail},
				[2]string{"Revision", fmt.Sprint(m.Revision)})
			if len(m.Slack) > 0 {
				var rows [][]string
				for _, b := range m.Slack {
					rows = append(rows, []string{b.Workspace, b.User, explained(b.State, bindingStates), instant(b.Since)})
				}
				fmt.Fprintln(a.out)
				a.table([]string{"WORKSPACE", "ACCOUNT", "STATE", "SINCE (UTC)"}, rows)
			}
			if len(m.Absences) > 0 {
				var rows [][]string
				for _, x := range m.Absences {
					rows = append(rows, []string{x.ID, x.From.String(), x.To.String(), string(x.StandIn)})
				}
				fmt.Fprintln(a.out)
				a.table([]string{"ABSENCE", "FROM", "TO", "STAND-IN"}, rows)
			}
			a.calendarMoves(m.Moves, check)
		})
	}
}

// summary says whether somebody reads every morning how their engagements stand.
func summary(yes bool) string {
	if yes {
		return "every working morning how their engagements stand"
	}
	return ""
}

func (a *app) personMessagingEdit() *cobra.Command {
	var (
		f                *pflag.FlagSet
		at, by, country  string
		morning, mailOff bool
		check            bool
	)
	return a.command(spec{
		use: "edit PERSON", short: "Change how somebody gets their messages",
		long: "Change how somebody gets their messages. With another country the dates of their open tasks move off its holidays; the answer\n" +
			"says what moves, and --check asks before.",
		example: "person messaging edit kenji --digest-at 08:15 --prefer mail\nperson messaging edit kenji --digest-at '' --country DE-BY",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			timeVar(f, &at, "digest-at", "on their clock at which the daily message comes; empty: the usual one", true)
			f.StringVar(&by, "prefer", "", "slack or mail; empty: Slack where it reaches them, else mail")
			f.StringVar(&country, "country", "", "whose public holidays are theirs: ISO 3166, or none; empty: those of their company")
			f.BoolVar(&morning, "summary", false, "for partners, managers and consultants: every working morning how their engagements stand")
			f.BoolVar(&mailOff, "mail-off", false, "by mail only what was returned to them or has gone up")
			calendarCheck(f, &check)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			to := client.PersonMessagingChange{DigestAt: changed(f, "digest-at", at), Prefer: changed(f, "prefer", by),
				Country: changed(f, "country", country),
				Summary: changed(f, "summary", morning), MailOff: changed(f, "mail-off", mailOff)}
			if to == (client.PersonMessagingChange{}) {
				return misused("nothing to change was named")
			}
			to.Check = check
			return a.showPersonMessaging(args[0], check)(a.ask(a.api.UpdatePersonMessaging(ctx, models.PersonID(args[0]),
				(*client.UpdatePersonMessagingParams)(a.stamp()), to)))
		},
	})
}

func (a *app) absenceCommands() *cobra.Command {
	return group("absence", "When somebody is away, and who stands in", a.absenceAdd(), a.absenceRemove())
}

func (a *app) absenceAdd() *cobra.Command {
	var in client.NewAbsence
	return a.command(spec{
		use: "add PERSON --from DATE --to DATE", short: "Note that somebody is away",
		long: "Note that somebody is away. No messages reach them on these days: what is due is asked of their stand-in, else of the\n" +
			"backup of the task, else of the sponsor or the manager. person messaging show lists absences.",
		example: "absence add kenji --from 2027-04-05 --to 2027-04-16 --stand-in olga",
		need:    []string{"from", "to"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &in.From, "from", "that is the first away")
			dateVar(f, &in.To, "to", "that is the last away")
			wordVar(f, &in.StandIn, "stand-in", "who is asked what is due then")
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			x, ans, err := decode[client.Absence](a.ask(a.api.AddAbsence(ctx, models.PersonID(args[0]),
				&client.AddAbsenceParams{IdempotencyKey: a.once()}, in)))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				asked := "the backup of each task is asked, else the sponsor or the manager"
				if x.StandIn != "" {
					asked = string(x.StandIn) + " stands in"
				}
				a.say("", "%s: %s is away from %s to %s, %s", x.ID, args[0], x.From, x.To, asked)
			})
		},
	})
}

func (a *app) absenceRemove() *cobra.Command {
	return a.command(spec{
		use: "remove PERSON ABSENCE", short: "Remove an absence",
		example: "absence remove kenji a-4fzk09qa",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			ans, err := a.ask(a.api.RemoveAbsence(ctx, models.PersonID(args[0]), args[1], &client.RemoveAbsenceParams{IdempotencyKey: a.once()}))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.say("", "absence %s of %s is removed", args[1], args[0]) })
		},
	})
}
